//! Pools of data: on what terms many contribute to them, and how their income is divided.

use crate::{
	ids::{AssetId, PoolId, VersionId},
	revenue::is_text,
	rights::{AssetStatus, Purpose, Schema, Usage},
	Balance, BlockNumber,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::ConstU32, BoundedVec, DispatchError, DispatchResult, Permill};

/// The most bytes of the name of a pool.
pub const MAX_POOL_NAME: u32 = 64;
/// The highest score that a curator can give.
pub const MAX_SCORE: u32 = 1_000_000;

/// The name of a pool: UTF-8 without control characters.
pub type PoolName = BoundedVec<u8, ConstU32<MAX_POOL_NAME>>;

/// By what the items of a pool are scored. Whoever contributes has agreed to it.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ScoreRule {
	/// Each item alike.
	Equal,
	/// By the bytes that the manifest of the asset declares. Nobody checks that number, so it is a
	/// rule for contributors who know each other.
	Bytes,
	/// By what the curator finds them worth. An item has nothing until it is scored.
	Scored,
}

impl ScoreRule {
	/// The score that an asset of so many bytes starts with.
	///
	/// Sums of these never overflow a [`Balance`]: assets are counted in 32 bits.
	pub fn initial(self, bytes: u64) -> u64 {
		match self {
			ScoreRule::Equal => 1,
			ScoreRule::Bytes => bytes.max(1),
			ScoreRule::Scored => 0,
		}
	}

	/// The name by which people and JSON know the rule.
	pub const fn name(self) -> &'static str {
		match self {
			ScoreRule::Equal => "equal",
			ScoreRule::Bytes => "bytes",
			ScoreRule::Scored => "scored",
		}
	}
}

impl fmt::Display for ScoreRule {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// What a pool is. But for the price, it never changes.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct PoolSpec {
	/// What it is called. Names need not differ.
	pub name: PoolName,
	/// How the data of its items is laid out.
	pub schema: Schema,
	/// By what its items are scored.
	pub rule: ScoreRule,
	/// What each use of an item costs in ASY.
	pub price: Balance,
	/// What its items may be used for.
	pub purpose: Purpose,
	/// Whether somebody may earn by the use.
	pub commercial: bool,
	/// The part of the income that is the curator's.
	pub cut: Permill,
}

/// What is wrong with what a pool is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolSpecError {
	/// The name is empty, or not plain text.
	Name,
	/// The schema is not UTF-8.
	Schema,
	/// There is nothing that its items may be used for.
	Purpose,
}

impl PoolSpec {
	/// Check what the chain asks of pools.
	pub fn validate(&self) -> Result<(), PoolSpecError> {
		let check = |holds: bool, error| holds.then_some(()).ok_or(error);
		check(is_text(&self.name), PoolSpecError::Name)?;
		check(core::str::from_utf8(&self.schema).is_ok(), PoolSpecError::Schema)?;
		check(self.purpose.is_some(), PoolSpecError::Purpose)
	}

	/// Whether a job that runs `version` for `usage` is within what items may be used for.
	pub fn admits(&self, version: VersionId, usage: &Usage) -> bool {
		self.purpose.admits(version, usage) && (self.commercial || !usage.commercial)
	}
}

/// What the owner of an asset signs to have it contributed to a pool: the consent to every use that
/// the pool admits, until it is withdrawn.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Contribution<AccountId> {
	/// The pool.
	pub pool: PoolId,
	/// The asset.
	pub asset: AssetId,
	/// Who owns the asset, has signed this, and earns by it.
	pub contributor: AccountId,
	/// Its number among the permits of the asset, which are those for grants as well: see
	/// [`crate::rights::Permit::nonce`].
	pub nonce: u64,
	/// The first block in which it is not good any more.
	pub expires: BlockNumber,
}

impl<AccountId: Encode> Contribution<AccountId> {
	/// The bytes that are signed for the chain with this genesis. A wallet may wrap them in
	/// `<Bytes>` and `</Bytes>`.
	pub fn signed_bytes(&self, genesis: &[u8]) -> Vec<u8> {
		(b"assay/contribution/1", genesis, self).encode()
	}
}

/// An asset, as far as pools ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemInfo<AccountId> {
	/// Who owns it now; nobody, if the item that it was owned as is burned.
	pub owner: Option<AccountId>,
	/// The bytes that its manifest declares.
	pub bytes: u64,
	/// Where it stands.
	pub status: AssetStatus,
}

/// Reads the assets that are contributed to pools.
pub trait ItemInspect<AccountId> {
	/// An asset; `None` of what does not exist.
	fn item(asset: AssetId) -> Option<ItemInfo<AccountId>>;

	/// Whether the owner lets a version be run over the asset.
	fn admits(asset: AssetId, version: VersionId) -> bool;
}

/// There are no assets.
impl<AccountId> ItemInspect<AccountId> for () {
	fn item(_: AssetId) -> Option<ItemInfo<AccountId>> {
		None
	}

	fn admits(_: AssetId, _: VersionId) -> bool {
		false
	}
}

/// The numbers of what the owners of an asset have signed, each of which is good once. They are
/// kept for as long as the asset is, whoever owns it.
pub trait PermitNumbers {
	/// Use a number up. A number that was used, cancelled or left behind is refused.
	fn take(asset: AssetId, number: u64) -> DispatchResult;

	/// One more than the highest number that was used or cancelled.
	fn next(asset: AssetId) -> u64;
}

/// Nothing was signed.
impl PermitNumbers for () {
	fn take(_: AssetId, _: u64) -> DispatchResult {
		Err(DispatchError::Unavailable)
	}

	fn next(_: AssetId) -> u64 {
		0
	}
}

/// A pool as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct PoolView<AccountId> {
	/// The pool.
	pub id: PoolId,
	/// Who has created it.
	pub curator: AccountId,
	/// What it is, at its present price.
	pub spec: PoolSpec,
	/// The account that is paid for uses of its items.
	pub pot: AccountId,
	/// The block in which it was closed.
	pub closed: Option<BlockNumber>,
	/// How many items it has.
	pub items: u32,
	/// The accounts that have items in it, or something to claim.
	pub contributors: u32,
	/// The scores of all its items together.
	pub score: Balance,
	/// How often its items were used so far, those that it had before as well.
	pub uses: u64,
	/// What all contributors together can claim now, but for fractions of a unit.
	pub claimable: Balance,
	/// What the curator can claim now besides.
	pub cut: Balance,
	/// What is held of the curator for its record.
	pub deposit: Balance,
}

/// An item of a pool as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct PoolItemView<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// Who has contributed it.
	pub contributor: AccountId,
	/// The number of the signature by which that account has consented.
	pub nonce: u64,
	/// Its score.
	pub score: u64,
	/// How often it was used.
	pub uses: u64,
	/// Whether a use would be admitted now, for a purpose and a version that are.
	pub usable: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for its record.
	pub deposit: Balance,
}

/// What an account has of a pool, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ContributorView<AccountId> {
	/// Whose it is.
	pub who: AccountId,
	/// How many items it has in the pool.
	pub items: u32,
	/// Their scores together.
	pub score: Balance,
	/// What it can claim now.
	pub claimable: Balance,
}

/// Sets the scene for benchmarks of pools.
#[cfg(feature = "runtime-benchmarks")]
pub trait PoolScene<AccountId, Signature>:
	crate::rights::RightsScene<AccountId, Signature>
{
	/// Register the largest asset of the signer, over which this version may be run.
	fn asset(version: VersionId) -> AssetId;
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::rights::Tag;
	use std::collections::BTreeSet;

	fn spec() -> PoolSpec {
		PoolSpec {
			name: "Größter Topf".as_bytes().to_vec().try_into().unwrap(),
			schema: b"a:f32".to_vec().try_into().unwrap(),
			rule: ScoreRule::Equal,
			price: 0,
			purpose: Purpose::Any,
			commercial: false,
			cut: Permill::from_percent(100),
		}
	}

	#[test]
	fn a_pool_has_a_name_a_schema_and_a_purpose() {
		assert_eq!(spec().validate(), Ok(()));
		assert_eq!(PoolSpec { schema: Default::default(), ..spec() }.validate(), Ok(()));
		for name in [&b""[..], b"  ", b"a\nb", b"a\0", b"\xff"] {
			let name = name.to_vec().try_into().unwrap();
			assert_eq!(PoolSpec { name, ..spec() }.validate(), Err(PoolSpecError::Name));
		}
		let schema = b"\xff".to_vec().try_into().unwrap();
		assert_eq!(PoolSpec { schema, ..spec() }.validate(), Err(PoolSpecError::Schema));
		for purpose in [Purpose::Tags(Default::default()), Purpose::Versions(Default::default())] {
			let none = PoolSpec { purpose, ..spec() };
			assert_eq!(none.validate(), Err(PoolSpecError::Purpose));
		}
	}

	#[test]
	fn a_use_is_for_what_the_pool_admits() {
		let version = VersionId::default();
		let tag: Tag = b"medicine".to_vec().try_into().unwrap();
		let tags = Purpose::Tags(vec![tag.clone()].try_into().unwrap());
		let usage = |commercial, purpose| Usage { commercial, purpose };
		let pool = PoolSpec { purpose: tags, ..spec() };
		assert!(pool.admits(version, &usage(false, tag.clone())));
		assert!(!pool.admits(version, &usage(true, tag.clone())));
		assert!(!pool.admits(version, &usage(false, Tag::default())));
		let pool = PoolSpec { commercial: true, ..pool };
		assert!(pool.admits(version, &usage(true, tag.clone())));
		assert!(pool.admits(version, &usage(false, tag)));
	}

	#[test]
	fn items_start_with_what_the_rule_says() {
		let initial = |rule: ScoreRule| [0, 1, 2, u64::MAX].map(|bytes| rule.initial(bytes));
		assert_eq!(initial(ScoreRule::Equal), [1; 4]);
		assert_eq!(initial(ScoreRule::Bytes), [1, 1, 2, u64::MAX]);
		assert_eq!(initial(ScoreRule::Scored), [0; 4]);
		let most = Balance::from(u64::MAX).checked_mul(u32::MAX.into());
		assert!(most.is_some());
	}

	#[test]
	fn every_field_of_a_contribution_is_signed() {
		let signed = Contribution {
			pool: PoolId(1),
			asset: AssetId(2),
			contributor: 7u64,
			nonce: 3,
			expires: 9,
		};
		let contributions = [
			signed,
			Contribution { pool: PoolId(2), ..signed },
			Contribution { asset: AssetId(1), ..signed },
			Contribution { contributor: 8, ..signed },
			Contribution { nonce: 4, ..signed },
			Contribution { expires: 10, ..signed },
		];
		let mut bytes: BTreeSet<_> =
			contributions.iter().map(|signed| signed.signed_bytes(&[1; 32])).collect();
		bytes.insert(signed.signed_bytes(&[2; 32]));
		assert_eq!(bytes.len(), contributions.len() + 1);
	}

	#[test]
	fn without_assets_nothing_is_found_or_taken() {
		assert_eq!(<() as ItemInspect<u64>>::item(AssetId(0)), None);
		assert!(!<() as ItemInspect<u64>>::admits(AssetId(0), VersionId::default()));
		assert_eq!(<() as PermitNumbers>::take(AssetId(0), 0), Err(DispatchError::Unavailable));
		assert_eq!(<() as PermitNumbers>::next(AssetId(0)), 0);
	}
}

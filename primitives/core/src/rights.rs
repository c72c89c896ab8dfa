//! Rights to data: what a request says of the data that it uses, and what it is told.

use crate::{
	ids::{AssetId, GrantId, PoolId, VersionId},
	Balance,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, DispatchError};

mod asset;
mod signed;
mod terms;

pub use asset::{
	manifest_root, Algorithms, AssetError, AssetKind, AssetSpec, AssetStatus, AssetView, Consent,
	FileEntry, Licence, Manifest, MediaType, Schema, MAX_ALGORITHMS, MAX_MEDIA_TYPE, MAX_SCHEMA,
};
pub use signed::{is_signed, wrapped};
pub use terms::{
	Currency, GrantTerms, GrantView, OfferKind, OfferTerms, Permit, Purpose, RightsOfferView,
	TermsError, MAX_PURPOSES, PERMIT_WINDOW,
};

/// The longest name of a purpose in bytes.
pub const MAX_TAG: u32 = 32;

/// What something is used for, in a word that its users agree on: `research`, `medicine`.
pub type Tag = BoundedVec<u8, ConstU32<MAX_TAG>>;

/// What a job is for. A licence or a grant can forbid it.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Usage {
	/// Whether somebody earns by it.
	pub commercial: bool,
	/// The purpose; empty for none in particular.
	pub purpose: Tag,
}

/// An asset of a pool.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct PoolItem {
	/// The pool.
	pub pool: PoolId,
	/// The asset that was contributed to it.
	pub asset: AssetId,
}

/// By what right a job uses data. Written `grant:NUMBER`, or `pool:NUMBER/ASSET`.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
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
pub enum DataRef {
	/// The requester holds this grant.
	Grant(GrantId),
	/// The pool lets everybody use what was contributed to it, at its price.
	Pool(PoolItem),
}

impl fmt::Display for DataRef {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			DataRef::Grant(grant) => write!(f, "grant:{grant}"),
			DataRef::Pool(PoolItem { pool, asset }) => write!(f, "pool:{pool}/{asset}"),
		}
	}
}

/// Text that names no right to data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseDataRefError;

impl fmt::Display for ParseDataRefError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected grant:NUMBER or pool:NUMBER/ASSET")
	}
}

impl core::error::Error for ParseDataRefError {}

impl FromStr for DataRef {
	type Err = ParseDataRefError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let pool_item = |text: &str| {
			let (pool, asset) = text.split_once('/')?;
			Some(PoolItem { pool: pool.parse().ok()?, asset: asset.parse().ok()? })
		};
		let found = match text.split_once(':') {
			Some(("grant", number)) => number.parse().map(DataRef::Grant).ok(),
			Some(("pool", item)) => pool_item(item).map(DataRef::Pool),
			_ => None,
		};
		found.ok_or(ParseDataRefError)
	}
}

/// What a job uses of others' data, as it is told at the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataAccess<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// Who is paid for each use.
	pub payee: AccountId,
	/// What each use costs, besides what the grant has cost.
	pub price: Balance,
}

/// Draws on rights to data of one kind.
pub trait DataRights<AccountId, Right> {
	/// Count `uses` of a right by a job of `requester` that runs `version`, and tell what they
	/// cost. A refusal counts nothing.
	fn exercise(
		requester: &AccountId,
		right: &Right,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<DataAccess<AccountId>, DispatchError>;
}

/// There is no data.
impl<AccountId, Right> DataRights<AccountId, Right> for () {
	fn exercise(
		_: &AccountId,
		_: &Right,
		_: VersionId,
		_: &Usage,
		_: u32,
	) -> Result<DataAccess<AccountId>, DispatchError> {
		Err(DispatchError::Unavailable)
	}
}

/// Reads what the owner of data has consented to.
pub trait ConsentInspect<AccountId> {
	/// The owner of an asset that can be used; `None` of what does not exist or is not active.
	fn owner(asset: AssetId) -> Option<AccountId>;

	/// Whether the owner lets models be trained on the asset without being asked.
	fn may_train(asset: AssetId) -> bool;
}

/// There is no data.
impl<AccountId> ConsentInspect<AccountId> for () {
	fn owner(_: AssetId) -> Option<AccountId> {
		None
	}

	fn may_train(_: AssetId) -> bool {
		false
	}
}

/// Sets the scene for benchmarks of the rights to data.
#[cfg(feature = "runtime-benchmarks")]
pub trait RightsScene<AccountId, Signature> {
	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);

	/// The account that [`RightsScene::sign`] signs for.
	fn signer() -> AccountId;

	/// The signature that takes longest to verify.
	fn sign(message: &[u8]) -> Signature;
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rights_to_data_round_trip_through_text() {
		let item = PoolItem { pool: PoolId(7), asset: AssetId(0) };
		for right in [DataRef::Grant(GrantId(9)), DataRef::Pool(item)] {
			assert_eq!(right.to_string().parse(), Ok(right));
		}
		for text in ["", "9", "grant:", "grant:-1", "pool:7", "pool:7/", "pool:/0", "pool:7/0/1"] {
			assert_eq!(text.parse::<DataRef>(), Err(ParseDataRefError), "{text:?}");
		}
	}
}

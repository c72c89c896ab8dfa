//! Rights to data: what a request says of the data that it uses, and what it is told.

use crate::{
	ids::{AssetId, GrantId, VersionId},
	Balance,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, DispatchError, Weight};

mod asset;
mod terms;

pub use asset::{
	manifest_root, Algorithms, AssetError, AssetKind, AssetSpec, AssetStatus, AssetView, Consent,
	FileEntry, Licence, Manifest, MediaType, Schema, MAX_ALGORITHMS, MAX_MEDIA_TYPE, MAX_SCHEMA,
};
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

/// Draws on the rights to data.
pub trait DataRights<AccountId> {
	/// Count `uses` of a grant by a job of `requester` that runs `version`, and tell what they
	/// cost. A refusal counts nothing.
	fn exercise(
		requester: &AccountId,
		grant: GrantId,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<DataAccess<AccountId>, DispatchError>;

	/// What [`DataRights::exercise`] takes at most.
	fn exercise_weight() -> Weight {
		Weight::zero()
	}
}

/// There is no data.
impl<AccountId> DataRights<AccountId> for () {
	fn exercise(
		_: &AccountId,
		_: GrantId,
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

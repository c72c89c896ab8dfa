//! Income: what earns it, whom it goes to, and how it is divided among many for ever without ever
//! counting them.

use crate::{
	ids::{AssetId, ModelId, PoolId, VersionId},
	Balance,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::DispatchError;

/// What earns.
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
pub enum Subject {
	/// A model, with all its versions.
	Model(ModelId),
	/// An asset of data.
	Asset(AssetId),
	/// A pool of data.
	Pool(PoolId),
}

/// Reads who owns what earns.
pub trait SubjectInspect<AccountId> {
	/// The present owner; `None` of what does not exist.
	fn owner(subject: Subject) -> Option<AccountId>;
}

/// Nothing is owned.
impl<AccountId> SubjectInspect<AccountId> for () {
	fn owner(_: Subject) -> Option<AccountId> {
		None
	}
}

/// Reads whom income goes to.
pub trait IncomeInspect<AccountId> {
	/// The account that is paid what the subject earns: where shares in its income exist, the
	/// account that keeps it for their holders; otherwise the owner.
	fn payee(subject: Subject, owner: &AccountId) -> AccountId;
}

impl<AccountId: Clone> IncomeInspect<AccountId> for () {
	fn payee(_: Subject, owner: &AccountId) -> AccountId {
		owner.clone()
	}
}

/// Pays what shares have earned.
pub trait IncomeClaim<AccountId> {
	/// Pay what the shares of `holder` have earned so far to `to`, and tell how much it was.
	fn claim(
		subject: Subject,
		holder: &AccountId,
		to: &AccountId,
	) -> Result<Balance, DispatchError>;
}

/// Counts what is used.
pub trait UsageInspect {
	/// The jobs that used the subject and have settled, since the chain began.
	fn settled(subject: Subject) -> u64;
}

/// Hears of jobs that have settled.
pub trait UsageCount {
	/// So many more jobs of a version have settled.
	fn count(version: VersionId, jobs: u64);
}

impl UsageCount for () {
	fn count(_: VersionId, _: u64) {}
}

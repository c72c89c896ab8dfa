//! Subscriptions: jobs that recur, out of a budget that was set aside.

use crate::{
	ids::{JobId, ModelId, SubscriptionId, VersionId},
	job::Terms,
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::DispatchError;

/// What the jobs of a subscription run.
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
pub enum Target {
	/// This version.
	Version(VersionId),
	/// The newest version of this model that takes jobs, at the time of each run.
	Newest(ModelId),
}

/// What is subscribed to.
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
pub struct SubscriptionSpec<AccountId> {
	/// What is run.
	pub target: Target,
	/// What the subscriber agrees to for each job.
	pub terms: Terms<AccountId>,
	/// The blocks from one run to the next.
	pub period: BlockNumber,
	/// The most runs; `None` for as many as the budget lasts.
	pub runs: Option<u32>,
	/// Who may feed inputs besides the subscriber.
	pub feeder: Option<AccountId>,
	/// Whether the last input is run again when no newer one was fed. Without it, a period
	/// without a new input is left out.
	pub repeat: bool,
}

/// Where a subscription stands.
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
pub enum Status {
	/// It runs in the block in which it is due.
	Scheduled,
	/// There is no input: it goes on when one is fed.
	Waiting,
	/// The budget did not cover a run: it goes on after a top-up, with other terms, or with an
	/// input that costs less.
	Unfunded,
	/// The subscriber has paused it.
	Paused,
}

impl Status {
	/// The name by which people and JSON know the status.
	pub const fn name(self) -> &'static str {
		match self {
			Status::Scheduled => "scheduled",
			Status::Waiting => "waiting",
			Status::Unfunded => "unfunded",
			Status::Paused => "paused",
		}
	}
}

impl fmt::Display for Status {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// A job that a subscription requested.
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
pub struct Run {
	/// The job.
	pub job: JobId,
	/// The block of its request.
	pub at: BlockNumber,
	/// What was taken out of the budget for it.
	pub cost: Balance,
}

/// Why nothing was requested in a period.
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
)]
pub enum SkipReason {
	/// There is no input.
	NoInput,
	/// The job would hold more than is left of the budget.
	InsufficientBudget,
	/// The request was refused.
	Refused(DispatchError),
}

/// Why a subscription ended.
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
)]
pub enum EndReason {
	/// The subscriber ended it.
	Cancelled,
	/// All of its runs were made.
	Completed,
	/// Requests were refused several times in a row, the last one for this reason.
	Refused(DispatchError),
	/// Nothing could be run for a long time, and nobody changed that.
	Lapsed,
}

/// An input that waits for its run, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct FedView<AccountId> {
	/// Who fed it, and has the deposit back when it is gone.
	pub by: AccountId,
	/// The deposit.
	pub deposit: Balance,
	/// The bytes that the chain keeps.
	pub bytes: u32,
}

/// A subscription as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct SubscriptionView<AccountId> {
	/// The subscription.
	pub id: SubscriptionId,
	/// Whose it is.
	pub subscriber: AccountId,
	/// What is subscribed to; of `runs`, those that are left.
	pub spec: SubscriptionSpec<AccountId>,
	/// What is left of the budget.
	pub budget: Balance,
	/// What is held of the subscriber for the record.
	pub deposit: Balance,
	/// Where it stands.
	pub status: Status,
	/// The block of the next run, if it is scheduled.
	pub due: Option<BlockNumber>,
	/// The first block in which anybody may end it, if it is not scheduled.
	pub lapses: Option<BlockNumber>,
	/// The input that waits, or is run again.
	pub input: Option<FedView<AccountId>>,
	/// The most that the next run takes out of the budget: with the input that waits, or with one
	/// like the last; `None` while nothing was fed.
	pub cost: Option<Balance>,
	/// How many such runs the budget lasts, of those that are left.
	pub affords: Option<u32>,
	/// The runs that were made.
	pub made: u32,
	/// The requests that were refused in a row.
	pub failures: u8,
	/// The last run.
	pub last: Option<Run>,
}

//! Jobs: what is asked, what is answered, and how a job can end.

use crate::{
	ids::{JobId, Root, VersionId},
	model::{Artifact, Locator},
	money::FeeShare,
	provider::Tier,
	rights::{DataRef, Usage},
	tensor::{Shape, MAX_TENSORS},
	Balance, BlockNumber,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The largest inline input in bytes.
pub const MAX_INLINE_INPUT: u32 = 64 * 1024;
/// The largest inline output in bytes.
pub const MAX_INLINE_OUTPUT: u32 = 16 * 1024;
/// The largest input or output artifact in bytes.
pub const MAX_JOB_ARTIFACT: u64 = 1024 * 1024 * 1024;

/// The most replicas that one group can have.
pub const MAX_REPLICAS: u8 = 8;
/// The most providers that a request names.
pub const MAX_NAMED: u32 = 8;

/// Bytes of an inline input: the SCALE encoding of `Vec<Tensor>`.
pub type InlineInput = BoundedVec<u8, ConstU32<MAX_INLINE_INPUT>>;
/// Bytes of an inline output: the SCALE encoding of `Vec<Tensor>`.
pub type InlineOutput = BoundedVec<u8, ConstU32<MAX_INLINE_OUTPUT>>;

/// A tensor of an input that is passed by artifact. Its type is the declared one.
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
pub struct TensorHeader {
	/// The lengths along each axis, outermost first.
	pub shape: Shape,
	/// The commitment to the value.
	pub root: Root,
}

/// The input of a job.
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
pub enum Input {
	/// The tensors themselves.
	Inline(InlineInput),
	/// Commitments to the tensors, and the file that holds them.
	Artifact {
		/// The file: the SCALE encoding of `Vec<Tensor>`. A locator; the roots bind.
		artifact: Artifact,
		/// Where the file may be fetched.
		locator: Locator,
		/// The tensors, in declared order.
		tensors: BoundedVec<TensorHeader, ConstU32<MAX_TENSORS>>,
	},
	/// A commitment to the inputs of many items, all of the same shapes, and the file that holds
	/// them (see [`crate::batch`]).
	Batch {
		/// The file. A locator; the root binds.
		artifact: Artifact,
		/// Where the file may be fetched.
		locator: Locator,
		/// The root of the items.
		root: Root,
		/// How many items there are.
		items: u32,
		/// The shapes of the tensors of each item, in declared order.
		shapes: BoundedVec<Shape, ConstU32<MAX_TENSORS>>,
	},
}

/// What a job is, beside others.
#[derive(
	Clone,
	Copy,
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
#[serde(rename_all = "lowercase")]
pub enum JobKind {
	/// One input and one output.
	#[default]
	Single,
	/// Many items under one root, settled as one.
	Batch {
		/// How many items there are.
		items: u32,
	},
	/// An item of a batch whose result was opened to be looked at, and can be disputed.
	Item {
		/// The batch, which waits for it.
		batch: JobId,
		/// The number of the item in the batch.
		index: u32,
	},
}

/// What a requester agrees to.
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
pub struct Terms<AccountId> {
	/// The most that the job may cost, held until it ends.
	pub max_fee: Balance,
	/// What a right answer is worth to the requester: the provider's exposure is at least this.
	pub value: Balance,
	/// The blocks within which a result must be submitted.
	pub deliver_within: BlockNumber,
	/// The largest relative tolerance that the requester accepts: the bits of a float32.
	pub max_relative: Option<u32>,
	/// Whether the job is drawn again when its result is refuted, rather than refunded.
	pub reassign: bool,
	/// Who may be drawn.
	pub choice: Choice<AccountId>,
	/// What the job is for.
	pub usage: Usage,
	/// The right to the data that the job uses; `None` if it uses nobody's.
	pub data: Option<DataRef>,
}

/// Who may be drawn for a job.
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
#[serde(rename_all = "lowercase")]
pub enum Choice<AccountId> {
	/// Anybody who serves the version.
	#[default]
	Any,
	/// Who has proven itself so or better.
	Tier(Tier),
	/// One of these, or nobody.
	Only(BoundedVec<AccountId, ConstU32<MAX_NAMED>>),
	/// One of these if one can be drawn, otherwise anybody.
	Prefer(BoundedVec<AccountId, ConstU32<MAX_NAMED>>),
}

/// How many providers run a request, and how many answers are waited for.
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
pub struct Redundancy {
	/// The jobs that the request makes, each with a provider of its own.
	pub replicas: u8,
	/// The sealed answers after which nobody else is waited for.
	pub answers: u8,
}

impl Redundancy {
	/// Whether a group can be made of so many replicas with so many answers.
	pub const fn is_valid(&self) -> bool {
		2 <= self.replicas
			&& self.replicas <= MAX_REPLICAS
			&& 1 <= self.answers
			&& self.answers <= self.replicas
	}
}

/// What a provider answers.
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
pub enum Output {
	/// The tensors themselves.
	Inline(InlineOutput),
	/// A commitment to the tensors, and the file that its endpoint serves.
	Artifact {
		/// The root of the list of output tensors.
		root: Root,
		/// The file: the SCALE encoding of `Vec<Tensor>`.
		artifact: Artifact,
	},
	/// The input artifact's bytes do not match their roots (PROTOCOL P3.4). Only for inputs by
	/// artifact: the chain checks inline ones itself.
	InputMismatch,
	/// The run ends early: an index is out of range, or the like. A result like any other
	/// (PROTOCOL P1.7).
	Fault {
		/// Number of the slot of the canonical trace in which it ends.
		slot: u32,
		/// Row-major index of the slot's first element without a value.
		element: u64,
	},
}

/// Why a job ended with its requester refunded.
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
#[serde(rename_all = "kebab-case")]
pub enum RefundReason {
	/// The requester cancelled before assignment.
	Cancelled,
	/// Every provider that was assigned missed its deadline.
	Missed,
	/// The input artifact's bytes do not match the roots of the request.
	InputMismatch,
	/// Its dispute ended without a verdict: nobody knows the right result.
	Undecided,
	/// The version's graph is invalid, which somebody has proven.
	InvalidVersion,
	/// Enough other replicas of its group were sealed: nobody waits for this one any more.
	Superseded,
}

/// Why a job expired.
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
#[serde(rename_all = "kebab-case")]
pub enum ExpiryReason {
	/// No provider within the requester's price had free stake before the deadline.
	NoProvider,
}

/// What the chain keeps of an output.
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
pub struct OutputRecord {
	/// The root of the list of output tensors.
	pub root: Root,
	/// The file that holds them; `None` when they are inline.
	pub artifact: Option<Artifact>,
}

/// A result that was proven wrong. It stays so for ever.
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
pub struct Refuted<AccountId> {
	/// Whose result it was.
	pub provider: AccountId,
	/// The root of the list of output tensors that was submitted.
	pub root: Root,
	/// The block of the verdict.
	pub at: BlockNumber,
}

/// Where a job stands.
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
#[serde(tag = "status", rename_all = "lowercase")]
pub enum JobState<AccountId> {
	/// Waiting for a provider.
	Requested,
	/// A provider must submit by `due`.
	Assigned {
		/// Who was drawn.
		provider: AccountId,
		/// The last block in which it may submit; the greatest number while the clock is stopped.
		due: BlockNumber,
	},
	/// A result is provisional until `until`.
	Submitted {
		/// Who submitted it.
		provider: AccountId,
		/// The result.
		output: OutputRecord,
		/// The block in which it was submitted.
		at: BlockNumber,
		/// The first block in which it can be settled; the greatest number while the clock is
		/// stopped.
		until: BlockNumber,
	},
	/// The result is disputed, and final only if it stands.
	Challenged {
		/// Who submitted it.
		provider: AccountId,
		/// The result.
		output: OutputRecord,
		/// The block in which the dispute was opened.
		at: BlockNumber,
	},
	/// The result is final and paid.
	Settled {
		/// Who was paid.
		provider: AccountId,
		/// The result.
		output: OutputRecord,
		/// The block in which it settled.
		at: BlockNumber,
	},
	/// The requester has its fee back.
	Refunded {
		/// Why.
		reason: RefundReason,
		/// The block in which it ended.
		at: BlockNumber,
	},
	/// The result was outside of the version's tolerance, without guilt: the result is what the
	/// canonical function delivers, and whoever showed it has the provider's part of the fee.
	Corrected {
		/// Whose result it was.
		provider: AccountId,
		/// The root of the trace of the canonical run, whose outputs are the result.
		history: Root,
		/// The block of the verdict.
		at: BlockNumber,
	},
	/// The result was proven wrong: the provider has lost its stake, and the requester has its fee
	/// back. The result is kept for those who want to see it.
	Slashed {
		/// Whose result it was.
		provider: AccountId,
		/// The result.
		output: OutputRecord,
		/// The block of the verdict.
		at: BlockNumber,
	},
	/// The requester did not show its input when it was asked to: it has paid the fee, and there is
	/// no result that anybody could check.
	Withheld {
		/// Who was paid.
		provider: AccountId,
		/// The block in which it ended.
		at: BlockNumber,
	},
	/// Nobody could take the job; the requester has its fee back.
	Expired {
		/// Why.
		reason: ExpiryReason,
		/// The block in which it ended.
		at: BlockNumber,
	},
	/// The provider of a replica has sealed its result, and reveals it when its group does.
	Sealed {
		/// Who has sealed it.
		provider: AccountId,
		/// [`crate::commitment::result_seal`] of the result.
		seal: Root,
		/// The last block in which it may be revealed; the greatest number until the group reveals.
		until: BlockNumber,
	},
}

impl<AccountId> JobState<AccountId> {
	/// Whether the job can still change.
	pub const fn is_open(&self) -> bool {
		matches!(
			self,
			JobState::Requested
				| JobState::Assigned { .. }
				| JobState::Sealed { .. }
				| JobState::Submitted { .. }
				| JobState::Challenged { .. }
		)
	}

	/// The name by which people and JSON know the state.
	pub const fn name(&self) -> &'static str {
		match self {
			JobState::Requested => "requested",
			JobState::Assigned { .. } => "assigned",
			JobState::Submitted { .. } => "submitted",
			JobState::Challenged { .. } => "challenged",
			JobState::Settled { .. } => "settled",
			JobState::Corrected { .. } => "corrected",
			JobState::Refunded { .. } => "refunded",
			JobState::Slashed { .. } => "slashed",
			JobState::Withheld { .. } => "withheld",
			JobState::Expired { .. } => "expired",
			JobState::Sealed { .. } => "sealed",
		}
	}

	/// The provider that the job is or was with.
	pub const fn provider(&self) -> Option<&AccountId> {
		match self {
			JobState::Assigned { provider, .. }
			| JobState::Sealed { provider, .. }
			| JobState::Submitted { provider, .. }
			| JobState::Challenged { provider, .. }
			| JobState::Settled { provider, .. }
			| JobState::Corrected { provider, .. }
			| JobState::Slashed { provider, .. }
			| JobState::Withheld { provider, .. } => Some(provider),
			_ => None,
		}
	}

	/// The result: provisional, disputed, final or refuted.
	pub const fn output(&self) -> Option<&OutputRecord> {
		match self {
			JobState::Submitted { output, .. }
			| JobState::Challenged { output, .. }
			| JobState::Settled { output, .. }
			| JobState::Slashed { output, .. } => Some(output),
			_ => None,
		}
	}
}

impl<AccountId> fmt::Display for JobState<AccountId> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// A job as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct JobView<AccountId> {
	/// The job.
	pub id: JobId,
	/// Who asked and pays.
	pub requester: AccountId,
	/// The version that is run.
	pub version: VersionId,
	/// The group that the job is a replica of: its first job.
	pub group: Option<JobId>,
	/// Whether it is a batch, or an item of one.
	pub kind: JobKind,
	/// The root of the list of input tensors; of a batch, that of its items.
	pub input_root: Root,
	/// What the requester agreed to.
	pub terms: Terms<AccountId>,
	/// The block of the request.
	pub requested: BlockNumber,
	/// The last block in which a result may be submitted.
	pub deadline: BlockNumber,
	/// How many providers have been assigned so far.
	pub attempts: u8,
	/// Where it stands.
	pub state: JobState<AccountId>,
	/// The results of this job that were proven wrong, in their order.
	pub refuted: Vec<Refuted<AccountId>>,
	/// How often a result of this job was disputed: the number of its latest dispute.
	pub disputes: u8,
	/// What keeps the clock from running: questions about the job that are open.
	pub stays: u32,
	/// How the fee is to be divided; of a settled job, what was paid. Empty before assignment.
	pub shares: Vec<FeeShare<AccountId>>,
	/// The agreed fee; zero before assignment. A share that its payee's account could not take
	/// went back to the requester and is not among `shares`.
	pub fee: Balance,
}

/// A group of replicas as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct GroupView {
	/// The group: the first of its replicas.
	pub group: JobId,
	/// The replicas, those that are pruned among them.
	pub replicas: Vec<JobId>,
	/// The sealed answers after which nobody else is waited for.
	pub answers: u8,
	/// How many replicas were sealed.
	pub sealed: u8,
	/// Whether sealed results can be revealed.
	pub revealing: bool,
}

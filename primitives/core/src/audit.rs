//! Audits: two providers run a job once more, and say under seal what came out.

use crate::{ids::JobId, Balance, BlockNumber};
use alloc::vec::Vec;
use assay_canon::commitment::Hash;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What a seal of an audit is bound to, besides the account: the job, and which of its results. It
/// differs from that of every dispute.
pub fn subject(job: JobId, attempt: u8) -> Vec<u8> {
	(b"audit", job, attempt).encode()
}

/// The part of an audit that a moment lies in.
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
pub enum Phase {
	/// The auditors seal what they found.
	Commit,
	/// They open their seals.
	Reveal,
}

/// What an auditor has said so far.
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
pub enum Answer {
	/// Nothing. It has no bond in the audit.
	Nothing,
	/// It has sealed the root of a trace.
	Sealed(Hash),
	/// It has revealed the root of its trace.
	Revealed(Hash),
}

impl Answer {
	/// The root of the trace, if it is known.
	pub const fn history(&self) -> Option<Hash> {
		match self {
			Answer::Revealed(history) => Some(*history),
			_ => None,
		}
	}
}

/// One of the two who audit a job.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId> {
	/// Who was drawn.
	pub auditor: AccountId,
	/// What it has said.
	pub answer: Answer,
}

/// How an audit ends.
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
pub enum AuditOutcome {
	/// Both have revealed the same trace.
	Agreed(Hash),
	/// They have revealed two, and play them.
	Disputed,
	/// They have revealed two, but the job cannot be disputed.
	Undisputed,
	/// One of them or both have not revealed anything.
	Incomplete,
	/// The job has ended, or is disputed already: nobody waits for the audit any more.
	Dropped,
}

/// An audit as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AuditView<AccountId> {
	/// The job whose result is audited.
	pub job: JobId,
	/// The attempt that it is the result of: providers drawn for the job so far.
	pub attempt: u8,
	/// Whose result it is.
	pub provider: AccountId,
	/// The whole fee of the job.
	pub fee: Balance,
	/// What is held of an auditor from its seal on.
	pub bond: Balance,
	/// The part that the audit is in. Steps that time alone has brought may not have been taken yet.
	pub phase: Phase,
	/// The first block in which this part is over.
	pub until: BlockNumber,
	/// The blocks of each part.
	pub step: BlockNumber,
	/// The two auditors.
	pub seats: Vec<Seat<AccountId>>,
}

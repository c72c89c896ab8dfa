//! Where a dispute stands, how it ends, and why a call is refused.

use assay_canon::{arbiter::Malformed, commitment::Hash, graph::Invalid};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{clock::Tick, play::Illegal};

/// Why a call is refused. Nothing has changed but what time alone brings.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Fault {
	/// The dispute has ended.
	Ended,
	/// The round is not in the part that the call is for.
	WrongPhase,
	/// The account has a bond in this round already.
	AlreadyBonded,
	/// The account has no sealed history in this round.
	NothingSealed,
	/// The history and the salt are not what the account sealed.
	WrongSeal,
	/// There are as many histories as a round takes; the next round has room.
	TooManyHistories,
	/// The history is posted already.
	AlreadyPosted,
	/// The history is not in this round, or has lost.
	UnknownHistory,
	/// The two histories are one.
	SameHistory,
	/// No move of this history is due against the other.
	NotDue,
	/// The move is not a legal one.
	Illegal(Illegal),
	/// The time for the move is over.
	TooLate,
	/// The time for the move is not over.
	TooEarly,
	/// The two histories have not come down to one element.
	NotOpen,
	/// The proof proves nothing.
	Malformed(Malformed),
	/// The proof does not contradict the history.
	NotRefuted,
	/// Somebody has shown that what was submitted is outside of the tolerance already.
	KnownDeviation,
}

impl From<Illegal> for Fault {
	fn from(reason: Illegal) -> Self {
		Self::Illegal(reason)
	}
}

impl From<Malformed> for Fault {
	fn from(reason: Malformed) -> Self {
		Self::Malformed(reason)
	}
}

/// Where a dispute stands.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Stage {
	/// Histories are posted and play.
	Contest,
	/// D6: one has survived, and what was submitted is compared with it.
	Output {
		/// The history.
		survivor: Hash,
		/// The first tick of this stage.
		since: Tick,
		/// Whether somebody has shown that what was submitted is outside of the tolerance.
		apart: bool,
	},
	/// D7: what was submitted is far outside of the tolerance. The dispute of the probe decides
	/// whether rounding explains that.
	Probe {
		/// The history that has survived.
		survivor: Hash,
	},
	/// It is over.
	Ended(Outcome),
}

/// How a dispute ends.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Outcome {
	/// Nobody showed that what was submitted is wrong. Of a probe: nobody showed that it moves an
	/// output beyond the tolerance, so that the canonical function is stable.
	Accepted {
		/// The history that survived.
		survivor: Hash,
	},
	/// What was submitted is outside of the tolerance, without guilt: what this history delivers is
	/// the result.
	Voided {
		/// The history that survived.
		survivor: Hash,
	},
	/// What was submitted deviates from this history. Of a probe: the canonical function is not
	/// stable.
	Refuted {
		/// The history that survived.
		survivor: Hash,
	},
	/// No history survived any round: nobody knows the right result, nobody is paid or slashed.
	Exhausted,
	/// The graph itself is invalid (PROTOCOL P3.1).
	InvalidGraph {
		/// What is wrong with one of its nodes.
		reason: Invalid,
	},
}

/// How what was submitted deviates from what the survivor delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
	/// In a way that nothing excuses: in its bits where these have to be equal, or in its types.
	Wrong,
	/// It is outside of the tolerance.
	Apart,
	/// It is so far outside that rounding hardly explains it.
	Gross,
}

/// What a call has changed, for those who watch.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Change {
	/// A history lost.
	Removed(Hash),
	/// One history is left.
	Survived(Hash),
	/// D0 opened again.
	Reopened(u8),
	/// What was submitted is outside of the tolerance.
	Apart,
	/// What was submitted is far outside of the tolerance, and is probed.
	Probed,
	/// The dispute ended.
	Ended(Outcome),
}

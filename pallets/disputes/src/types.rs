//! What is kept of a dispute besides the game.

use assay_canon::{arbiter::Rule, arith::F32, commitment::Hash, tolerance::Tolerance as Bounds};
use assay_dispute::{clock::Tick, Dispute};
use assay_primitives::{model::Tolerance, Balance};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many times the tolerance a deviation exceeds that no honest rounding makes, if the canonical
/// function is stable there (PROTOCOL P2.5).
const GROSS: u32 = 64;

/// How far what was put into a dispute is divided.
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
pub enum Closing {
	/// The dispute goes on.
	Running,
	/// Stakes are returned, and what is lost goes to the pot.
	Stakes,
	/// The moves of the winning side are repaid.
	Moves,
	/// All is divided, and the records go from this tick on.
	Records {
		/// The first tick in which they go.
		until: Tick,
	},
}

/// A dispute with its money.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Record<AccountId> {
	/// The game.
	pub dispute: Dispute,
	/// Whose result is disputed.
	pub provider: AccountId,
	/// Who asked for the job.
	pub requester: AccountId,
	/// The stake that the provider loses if the result is refuted.
	pub exposure: Balance,
	/// The root of the list of output tensors that was submitted.
	pub output: Hash,
	/// The number of the version's outputs.
	pub outputs: u32,
	/// How close to the canonical outputs those submitted have to be; `None` for equal bits.
	pub tolerance: Option<Tolerance>,
	/// What decides the probe.
	pub seed: Hash,
	/// The bond for each history, as it was when the dispute was opened.
	pub bond: Balance,
	/// What is repaid at most for each move.
	pub repayment: Balance,
	/// What each winning challenger has of the slashed stake.
	pub reward: Balance,
	/// What the pot holds for this dispute.
	pub pot: Balance,
	/// How far it is divided.
	pub closing: Closing,
	/// The tick of the agenda that the dispute is under.
	pub wake: Tick,
}

impl<AccountId> Record<AccountId> {
	/// How what was submitted is compared with what the survivor delivers.
	pub fn rule(&self) -> Rule {
		self.tolerance.map_or(Rule::Bits, |tolerance| Rule::Near {
			tolerance: Bounds {
				absolute: F32::from_bits(tolerance.absolute),
				relative: F32::from_bits(tolerance.relative),
			},
			axis: tolerance.row_axis,
			gross: GROSS,
		})
	}
}

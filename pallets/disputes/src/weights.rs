//! Weights of the calls and of the sweep's steps.

use frame_support::weights::Weight;

/// Weight functions needed for `pallet_disputes`.
pub trait WeightInfo {
	/// Opening a dispute, or joining it.
	fn challenge() -> Weight;
	/// Revealing a sealed history.
	fn reveal() -> Weight;
	/// Posting a history.
	fn post() -> Weight;
	/// A move.
	fn play() -> Weight;
	/// Recomputing an element from a proof of so many bytes.
	fn open(proof: u32) -> Weight;
	/// A forfeit.
	fn forfeit() -> Weight;
	/// Refuting a history with so many bytes of evidence.
	fn refute(evidence: u32) -> Weight;
	/// Comparing outputs by proofs of so many bytes.
	fn deviate(delivered: u32, submitted: u32) -> Weight;
	/// One step of time, or of dividing.
	fn advance() -> Weight;
	/// The clock.
	fn tick() -> Weight;
}

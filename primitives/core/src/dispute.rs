//! Disputes as clients read them.

use crate::{ids::DisputeId, Balance, Root};
use alloc::vec::Vec;
use assay_dispute::{
	board::{History, Stake},
	clock::Tick,
	memory::Memory,
	Dispute,
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

pub use assay_dispute::memory::Spot;

/// The most spots of histories that are read at once: what is shown at one takes up to 9 KiB.
pub const MAX_SPOTS: usize = 64;

/// What an account has done and has at stake in a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct StakeView<AccountId> {
	/// Who.
	pub account: AccountId,
	/// Its bonds, and what they are for.
	pub stake: Stake,
}

/// A dispute as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct DisputeView<AccountId> {
	/// The dispute.
	pub id: DisputeId,
	/// The game. Steps that time alone has brought may not have been taken yet.
	pub dispute: Dispute,
	/// The present tick of the step clock.
	pub now: Tick,
	/// Whose result is disputed.
	pub provider: AccountId,
	/// Who asked for the job.
	pub requester: AccountId,
	/// The stake that the provider loses if the result is refuted.
	pub exposure: Balance,
	/// The root of the list of output tensors that was submitted.
	pub output: Root,
	/// The bond for each history.
	pub bond: Balance,
	/// What is repaid at most for each move of the winning side.
	pub repayment: Balance,
	/// What each winning challenger has of the slashed stake; zero before the verdict.
	pub reward: Balance,
	/// Whether everything is divided.
	pub divided: bool,
	/// The histories that were posted.
	pub histories: Vec<(Root, History)>,
	/// Who has something at stake still.
	pub stakes: Vec<StakeView<AccountId>>,
}

impl<AccountId: Clone + Ord> DisputeView<AccountId> {
	/// The records of the dispute, without what is shown of its histories.
	pub fn board(&self) -> Memory<AccountId> {
		let mut board = Memory::default();
		board.histories = self.histories.iter().map(|(root, history)| (root.0, *history)).collect();
		board.stakes = self.stakes.iter().map(|view| (view.account.clone(), view.stake)).collect();
		board
	}
}

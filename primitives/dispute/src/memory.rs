//! The records of a dispute in memory: for those who follow one from outside of the chain.

use alloc::collections::{BTreeMap, BTreeSet};
use core::cell::RefCell;

use assay_canon::commitment::Hash;

use crate::{
	board::{Board, History, Stake},
	play::{Place, Shown},
};

/// What one history shows at one place.
pub type Spot = (Hash, Place);

/// Records in memory.
#[derive(Clone, Debug)]
pub struct Memory<AccountId> {
	/// The histories.
	pub histories: BTreeMap<Hash, History>,
	/// What each account has at stake.
	pub stakes: BTreeMap<AccountId, Stake>,
	/// What is shown, as far as it is known.
	pub shown: BTreeMap<Spot, Shown>,
	/// The moves of each account, for a history or for none.
	pub moves: BTreeMap<(AccountId, Option<Hash>), u32>,
	/// What was looked for and is not known to be shown. Whoever reads a dispute over a network
	/// fetches these, until nothing else is missed.
	missed: RefCell<BTreeSet<Spot>>,
}

impl<AccountId> Default for Memory<AccountId> {
	fn default() -> Self {
		Self {
			histories: BTreeMap::new(),
			stakes: BTreeMap::new(),
			shown: BTreeMap::new(),
			moves: BTreeMap::new(),
			missed: RefCell::default(),
		}
	}
}

impl<AccountId> Memory<AccountId> {
	/// What was looked for since the last call and is not known.
	pub fn take_missed(&self) -> BTreeSet<Spot> {
		self.missed.take()
	}
}

impl<AccountId: Clone + Ord> Board for Memory<AccountId> {
	type AccountId = AccountId;

	fn history(&self, root: &Hash) -> Option<History> {
		self.histories.get(root).copied()
	}

	fn set_history(&mut self, root: Hash, history: History) {
		self.histories.insert(root, history);
	}

	fn stake(&self, account: &AccountId) -> Option<Stake> {
		self.stakes.get(account).copied()
	}

	fn set_stake(&mut self, account: AccountId, stake: Stake) {
		self.stakes.insert(account, stake);
	}

	fn shown(&self, history: &Hash, place: &Place) -> Option<Shown> {
		let spot = (*history, *place);
		let known = self.shown.get(&spot).cloned();
		if known.is_none() {
			self.missed.borrow_mut().insert(spot);
		}
		known
	}

	fn set_shown(&mut self, history: Hash, place: Place, shown: Shown) {
		self.shown.insert((history, place), shown);
	}

	fn count_move(&mut self, account: &AccountId, history: Option<&Hash>) {
		let moves = self.moves.entry((account.clone(), history.copied())).or_default();
		*moves = moves.saturating_add(1);
	}
}

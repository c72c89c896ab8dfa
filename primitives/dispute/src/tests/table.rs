//! A board in memory.

use std::collections::BTreeMap;

use assay_canon::commitment::{Blake2b256, Hash};

use crate::{
	board::{Board, History, Stake},
	dispute::{seal, Dispute, Outcome},
	money::{winners as winners_of, Pot, Returns, Slash},
	play::{Place, Shown},
};

pub type Account = u32;

/// Records in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
	pub histories: BTreeMap<Hash, History>,
	pub stakes: BTreeMap<Account, Stake>,
	pub shown: BTreeMap<(Hash, Place), Shown>,
	pub moves: BTreeMap<(Account, Option<Hash>), u32>,
}

impl Board for Memory {
	type AccountId = Account;

	fn history(&self, root: &Hash) -> Option<History> {
		self.histories.get(root).copied()
	}

	fn set_history(&mut self, root: Hash, history: History) {
		self.histories.insert(root, history);
	}

	fn stake(&self, account: &Account) -> Option<Stake> {
		self.stakes.get(account).copied()
	}

	fn set_stake(&mut self, account: Account, stake: Stake) {
		self.stakes.insert(account, stake);
	}

	fn shown(&self, history: &Hash, place: &Place) -> Option<Shown> {
		self.shown.get(&(*history, *place)).cloned()
	}

	fn set_shown(&mut self, history: Hash, place: Place, shown: Shown) {
		self.shown.insert((history, place), shown);
	}

	fn count_move(&mut self, account: &Account, history: Option<&Hash>) {
		*self.moves.entry((*account, history.copied())).or_default() += 1;
	}
}

/// What an account of `salt` seals.
pub fn sealed(account: Account, history: &Hash) -> Hash {
	seal::<Blake2b256>(b"job", &account.to_le_bytes(), history, &[7; 32])
}

pub const BOND: u128 = 1_000_003;
pub const REPAY: u128 = 977;
pub const EXPOSURE: u128 = 123_456_789;

/// Checks that an ended dispute divides exactly what was put into it: D-1 and D-2.
pub fn check_money(dispute: &Dispute, board: &Memory) {
	let (mut lost, mut bonds, mut winners) = (0, 0, 0);
	for stake in board.stakes.values() {
		let returns = Returns::of(dispute, board, stake).unwrap();
		lost += returns.lost;
		bonds += stake.bonds();
		winners += u32::from(returns.wins);
		assert_eq!(returns.lost + returns.returned, stake.bonds());
	}
	assert_eq!(lost, dispute.lost, "{:?}", dispute.stage);
	assert!(lost <= bonds);
	let survivor = dispute.survivor().and_then(|root| board.history(&root));
	let pot = Pot::of(dispute, survivor.as_ref(), BOND, REPAY);
	let repaid: u32 = board
		.moves
		.iter()
		.filter(|((_, history), _)| history.is_none() || *history == dispute.survivor())
		.map(|(_, moves)| *moves)
		.sum();
	let paid = pot.each_move * u128::from(repaid) + pot.provider + pot.burned;
	assert_eq!(paid, BOND * u128::from(lost));
	if let Some(Outcome::Refuted { survivor }) = dispute.outcome() {
		assert_eq!(winners, winners_of(board, &survivor));
		let slash = Slash::of(EXPOSURE, winners);
		let paid = slash.each_challenger * u128::from(winners) + slash.requester + slash.burned;
		assert_eq!(paid, EXPOSURE);
		assert!(slash.burned >= EXPOSURE * 2 / 5);
	}
}

//! A board in memory.

use assay_canon::commitment::{Blake2b256, Hash};

use crate::{
	board::Board,
	dispute::{seal, Dispute, Outcome},
	money::{winners as winners_of, Pot, Returns, Slash},
};

pub type Account = u32;

/// Records in memory.
pub type Memory = crate::memory::Memory<Account>;

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

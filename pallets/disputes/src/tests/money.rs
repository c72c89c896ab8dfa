//! Where the money goes.

use crate::{mock::*, Event};
use assay_dispute::dispute::Outcome;
use assay_primitives::Balance;
use frame_support::assert_ok;

fn free(account: u64) -> Balance {
	Balances::free_balance(account)
}

fn burned() -> Balance {
	let burned = events().into_iter().filter_map(|event| match event {
		Event::Burned { amount, .. } => Some(amount),
		_ => None,
	});
	burned.sum()
}

/// A challenge in vain: the provider has half of what was lost after moves are repaid.
#[test]
fn a_challenge_that_fails_pays_the_provider_and_the_moves() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		let pair = seated();
		play_to_the_element(pair);
		assert_ok!(Dispute::open(by(HELPER), ID, pair[0], pair[1], false, proof(pair)));
		run_to_the_close();
		assert_eq!(outcome(), Some(Outcome::Accepted { survivor: pair[0] }));
		assert_eq!(JobVerdict::get(), Verdict::Upheld);
		// The challenger had the right history, but what was submitted did not deviate from it.
		let lost = 2 * BOND;
		assert_eq!(free(CHALLENGER), ENDOWMENT - BOND);
		assert_eq!(free(LIAR), ENDOWMENT - BOND);
		// The moves of the survivor and the opening are repaid, those of the liar are not.
		let moves = (free(HELPER) - ENDOWMENT) / REPAYMENT;
		assert!((4..=5).contains(&moves), "{moves}");
		let rest = lost - moves * REPAYMENT;
		assert_eq!(free(PROVIDER), ENDOWMENT + rest / 2);
		assert_eq!(burned(), rest - rest / 2);
		assert_eq!(Balances::total_issuance(), issued - burned());
		assert_eq!(free(Dispute::pot()), ED);
	});
}

/// A lie that is proven: the challenger has its bond and its part of the exposure, and the burned
/// part is the largest of all that goes to others.
#[test]
fn a_refuted_provider_pays_the_challenger_the_requester_and_nobody() {
	build_and_execute(|| {
		Wrong::set(true);
		let issued = Balances::total_issuance();
		let pair = seated();
		play_to_the_element(pair);
		assert_ok!(Dispute::open(by(HELPER), ID, pair[0], pair[1], false, proof(pair)));
		let [delivered, submitted] = outputs(0);
		assert_ok!(Dispute::deviate(by(HELPER), ID, 0, delivered, submitted));
		run_to_the_close();
		let (challenger, requester) = (EXPOSURE * 2 / 5, EXPOSURE / 5);
		assert_eq!(free(CHALLENGER), ENDOWMENT + challenger);
		assert_eq!(free(REQUESTER), ENDOWMENT + requester);
		assert_eq!(free(PROVIDER), ENDOWMENT - EXPOSURE);
		assert_eq!(free(LIAR), ENDOWMENT - BOND);
		let repaid = free(HELPER) - ENDOWMENT;
		assert_eq!(burned(), BOND - repaid);
		let slashed = EXPOSURE - challenger - requester;
		assert_eq!(Balances::total_issuance(), issued - burned() - slashed);
		assert_eq!(free(Dispute::pot()), ED);
	});
}

/// A dispute that nobody wins: the bond is burned, and nobody is paid.
#[test]
fn a_dispute_without_an_end_burns_its_bonds() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		assert_ok!(challenge(CHALLENGER, honest()));
		run_to_the_close();
		assert_eq!(burned(), BOND);
		assert_eq!(Balances::total_issuance(), issued - BOND);
		assert_eq!(free(PROVIDER), ENDOWMENT);
	});
}

/// A flood that ends a dispute without a verdict costs several hundred bonds: each is a part of what
/// is at stake.
#[test]
fn a_bond_grows_with_what_is_at_stake() {
	build_and_execute(|| {
		AtStake::set(BOND * 1_000);
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_eq!(held(CHALLENGER), BOND * 1_000 / 256);
		run_to_the_close();
		AtStake::set(EXPOSURE);
	});
}

/// Later parameters do not reach a dispute that was opened under earlier ones.
#[test]
fn the_bond_is_that_of_the_opening() {
	build_and_execute(|| {
		assert_ok!(challenge(CHALLENGER, honest()));
		BondOfHistory::set(BOND / 2);
		assert_ok!(challenge(HELPER, honest()));
		assert_eq!(held(HELPER), BOND);
		run_to_the_close();
		BondOfHistory::set(BOND);
	});
}

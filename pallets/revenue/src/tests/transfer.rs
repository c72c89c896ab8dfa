//! Shares change hands.

use crate::{mock::*, Error, Event, Holdings};
use assay_primitives::Balance;
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn what_was_earned_before_a_transfer_stays_with_the_seller() {
	build_and_execute(|| {
		tokenized();
		earn(1_000);
		assert_ok!(transfer(OWNER, BUYER, 400));
		let (from, to) = (OWNER, BUYER);
		assert_eq!(last_event(), Event::Transferred { subject: SUBJECT, from, to, shares: 400 });
		assert_eq!((shares(OWNER), shares(BUYER)), (600, 400));
		assert_eq!((claimable(OWNER), claimable(BUYER)), (1_000, 0));
		earn(1_000);
		assert_eq!((claimable(OWNER), claimable(BUYER)), (1_600, 400));
		// Nothing moves but shares.
		assert_eq!(free(BUYER), ENDOWMENT);
	});
}

#[test]
fn a_payout_in_the_block_of_a_transfer_is_of_who_has_the_shares_then() {
	build_and_execute(|| {
		tokenized();
		for _ in 0..3 {
			earn(100);
			assert_ok!(transfer(OWNER, BUYER, SUPPLY));
			earn(10);
			assert_ok!(transfer(BUYER, OWNER, SUPPLY));
		}
		assert_eq!((claimable(OWNER), claimable(BUYER)), (300, 30));
		// Who has no shares any more still has what they earned.
		assert_eq!((shares(BUYER), view().holders), (0, 2));
	});
}

#[test]
fn a_transfer_to_oneself_changes_nothing_and_settles_once() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		let before = [OWNER, BUYER, HOLDER].map(|who| holding(who).unwrap());
		for _ in 0..3 {
			assert_ok!(transfer(BUYER, BUYER, 300));
		}
		assert_eq!([OWNER, BUYER, HOLDER].map(|who| holding(who).unwrap()), before);
		assert_noop!(transfer(BUYER, BUYER, 301), Fault::NotEnoughShares);
		assert_noop!(transfer(STRANGER, STRANGER, 1), Fault::NotEnoughShares);
	});
}

#[test]
fn transfer_fails_when_there_are_no_shares_to_give() {
	build_and_execute(|| {
		assert_noop!(transfer(OWNER, BUYER, 1), Fault::UnknownStream);
		shared(0);
		assert_noop!(transfer(OWNER, BUYER, 0), Fault::NoShares);
		assert_noop!(transfer(OWNER, BUYER, 501), Fault::NotEnoughShares);
		assert_noop!(transfer(STRANGER, BUYER, 1), Fault::NotEnoughShares);
		assert_noop!(transfer(OWNER, BUYER, Balance::MAX), Fault::NotEnoughShares);
	});
}

#[test]
fn transfer_fails_when_the_account_cannot_hold() {
	build_and_execute(|| {
		tokenized();
		assert_noop!(transfer(OWNER, NOBODY, 1), Fault::CannotHold);
		// Shares of the pot would earn for nobody.
		assert_noop!(transfer(OWNER, pot(), 1), Fault::CannotHold);
		assert_ok!(transfer(OWNER, PAUPER, 1));
		assert_eq!(System::consumers(&PAUPER), 1);
	});
}

#[test]
fn a_holding_keeps_its_account_alive_until_nothing_is_left_of_it() {
	build_and_execute(|| {
		tokenized();
		assert_ok!(transfer(OWNER, PAUPER, 10));
		earn(100 * ED);
		let all = Balances::transfer_allow_death(by(PAUPER), STRANGER, ED);
		assert!(all.is_err());
		assert_ok!(transfer(PAUPER, OWNER, 10));
		assert_eq!((System::consumers(&PAUPER), claimable(PAUPER)), (1, ED));
		assert_ok!(claim(PAUPER));
		assert_eq!(System::consumers(&PAUPER), 0);
		assert!(!Holdings::<Test>::contains_key(SUBJECT, PAUPER));
		assert_ok!(Balances::transfer_allow_death(by(PAUPER), STRANGER, 2 * ED));
	});
}

#[test]
fn shares_that_are_sent_do_not_take_the_last_reference_of_an_account() {
	build_and_execute(|| {
		tokenized();
		for _ in 0..15 {
			assert_ok!(System::inc_consumers(&PAUPER));
		}
		assert_noop!(transfer(OWNER, PAUPER, 1), Fault::CannotHold);
		System::dec_consumers(&PAUPER);
		assert_ok!(transfer(OWNER, PAUPER, 1));
		// One that is there takes more shares, whatever else there is.
		assert_ok!(System::inc_consumers(&PAUPER));
		assert_ok!(transfer(OWNER, PAUPER, 1));
	});
}

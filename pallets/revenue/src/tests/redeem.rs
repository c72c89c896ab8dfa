//! Shares are burned for their part of what is retained.

use crate::{mock::*, Error, Event};
use assay_primitives::Balance;
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn shares_are_burned_for_their_part_of_the_pool() {
	build_and_execute(|| {
		shared(50);
		earn(1_000);
		assert_eq!(Revenue::redeemable(SUBJECT, 100), Some(50));
		assert_ok!(redeem(BUYER, 100));
		let (holder, shares) = (BUYER, 100);
		let redeemed =
			Event::Redeemed { subject: SUBJECT, holder, shares, amount: 50, claimed: 150 };
		assert_eq!(last_event(), redeemed);
		assert_eq!((free(BUYER), holding(BUYER).unwrap().shares), (ENDOWMENT + 200, 200));
		assert_eq!((view().supply, view().pool, view().claimable), (900, 450, 350));
		// What is left is worth to the others what it was.
		assert_eq!(holding(OWNER).unwrap().redeemable, 250);
		assert_eq!(claimable(OWNER), 250);
	});
}

#[test]
fn the_last_shares_take_all_that_is_left() {
	build_and_execute(|| {
		shared(33);
		earn(1_001);
		for who in [OWNER, BUYER, HOLDER] {
			assert_ok!(redeem(who, shares(who)));
			assert_eq!((holding(who), System::consumers(&who) <= 1), (None, true));
		}
		assert_eq!((view().supply, view().pool, view().holders), (0, 0, 0));
		// Three fractions of a unit at most are left.
		assert!(free(pot()) <= ED + 2);
	});
}

#[test]
fn redeem_fails_when_there_are_fewer_shares() {
	build_and_execute(|| {
		assert_noop!(redeem(OWNER, 1), Fault::UnknownStream);
		shared(10);
		earn(1_000);
		assert_noop!(redeem(BUYER, 301), Fault::NotEnoughShares);
		assert_noop!(redeem(BUYER, Balance::MAX), Fault::NotEnoughShares);
		assert_noop!(redeem(STRANGER, 1), Fault::NotEnoughShares);
		assert_noop!(redeem(BUYER, 0), Fault::NoShares);
	});
}

#[test]
fn without_anything_retained_shares_are_burned_for_nothing() {
	build_and_execute(|| {
		shared(0);
		assert_ok!(redeem(BUYER, 300));
		assert_eq!(free(BUYER), ENDOWMENT);
		earn(700);
		assert_eq!((claimable(OWNER), claimable(HOLDER)), (500, 200));
	});
}

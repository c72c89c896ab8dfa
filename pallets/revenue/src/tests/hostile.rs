//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error, Streams};
use assay_primitives::{revenue::ShareSpec, Balance};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate as _, tokens::Preservation},
};

type Fault = Error<Test>;

#[test]
fn money_in_a_pot_before_its_shares_exist_is_the_first_holders_and_harms_nobody() {
	build_and_execute(|| {
		// More than the existential deposit, or the pot would not exist.
		earn(5 * ED);
		tokenized();
		assert_eq!((free(pot()), claimable(OWNER)), (6 * ED, 5 * ED));
		// Shares that are sold at once do not take it along.
		assert_ok!(transfer(OWNER, BUYER, SUPPLY));
		assert_eq!((claimable(OWNER), claimable(BUYER)), (5 * ED, 0));
		assert_ok!(claim(OWNER));
		assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT - ED + 5 * ED);
	});
}

#[test]
fn income_just_before_a_sale_cannot_be_bought_with_the_shares() {
	build_and_execute(|| {
		shared(0);
		for _ in 0..10 {
			earn(100);
			assert_ok!(transfer(OWNER, STRANGER, 500));
			assert_ok!(transfer(STRANGER, OWNER, 500));
		}
		assert_eq!(claimable(STRANGER), 0);
		assert_eq!((claimable(OWNER), claimable(BUYER), claimable(HOLDER)), (500, 300, 200));
	});
}

#[test]
fn a_claim_cannot_be_made_again_with_the_same_shares_elsewhere() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		assert_ok!(claim(BUYER));
		assert_ok!(transfer(BUYER, STRANGER, 300));
		assert_noop!(claim(STRANGER), Fault::NothingToClaim);
		assert_ok!(transfer(STRANGER, BUYER, 300));
		assert_noop!(claim(BUYER), Fault::NothingToClaim);
		assert_eq!((claimable(OWNER), claimable(HOLDER)), (500, 200));
	});
}

#[test]
fn a_new_owner_of_the_subject_gets_nothing_of_what_the_shares_earn() {
	build_and_execute(|| {
		shared(20);
		earn(1_000);
		set_owner(SUBJECT, STRANGER);
		assert_noop!(claim(STRANGER), Fault::NothingToClaim);
		assert_noop!(collect(), Fault::SharesExist);
		assert_eq!(view().owner, Some(STRANGER));
		assert_ok!(claim(OWNER));
		assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT - ED + 400);
	});
}

#[test]
fn one_unit_among_ten_to_the_eighteenth_is_paid_to_nobody_and_not_lost() {
	build_and_execute(|| {
		let supply = 10u128.pow(18);
		assert_ok!(tokenize(OWNER, ShareSpec { supply, ..spec() }));
		assert_ok!(transfer(OWNER, BUYER, 1));
		earn(1);
		assert_noop!(claim(OWNER), Fault::NothingToClaim);
		assert_noop!(claim(BUYER), Fault::NothingToClaim);
		earn(supply - 1);
		assert_eq!((claimable(OWNER), claimable(BUYER)), (supply - 1, 1));
	});
}

#[test]
fn the_smallest_incomes_one_after_another_are_divided_as_one_would_be() {
	build_and_execute(|| {
		shared(0);
		for _ in 0..100 {
			earn(1);
			// The owner is settled each time, and leaves what is less than a unit to all.
			assert_ok!(transfer(OWNER, OWNER, 1));
		}
		let claims = [OWNER, BUYER, HOLDER].map(claimable);
		assert!(claims.iter().sum::<Balance>() <= 100, "{claims:?}");
		assert!(claims[1] >= 30 && claims[2] >= 20, "{claims:?}");
	});
}

#[test]
fn the_most_shares_and_a_single_one_are_counted() {
	build_and_execute(|| {
		assert_ok!(tokenize(OWNER, ShareSpec { supply: u128::MAX, ..retaining(1) }));
		assert_ok!(transfer(OWNER, BUYER, u128::MAX / 2));
		assert_noop!(transfer(OWNER, BUYER, u128::MAX), Fault::NotEnoughShares);
		earn(ENDOWMENT / 2);
		assert_ok!(claim(OWNER));
		assert_ok!(redeem(BUYER, u128::MAX / 2));
		assert_ok!(redeem(OWNER, u128::MAX - u128::MAX / 2));
		assert_ok!(collect());
		assert_ok!(tokenize(OWNER, ShareSpec { supply: 1, ..retaining(99) }));
		earn(100);
		assert_ok!(redeem(OWNER, 1));
		assert_eq!(free(pot()), ED);
	});
}

#[test]
fn shares_worth_nothing_that_are_sent_to_all_leave_their_claims_alone() {
	build_and_execute(|| {
		shared(0);
		earn(999);
		let before = [BUYER, HOLDER].map(claimable);
		for _ in 0..50 {
			assert_ok!(transfer(OWNER, BUYER, 1));
			assert_ok!(transfer(OWNER, HOLDER, 1));
		}
		let after = [BUYER, HOLDER].map(claimable);
		assert!(after[0].abs_diff(before[0]) <= 1 && after[1].abs_diff(before[1]) <= 1);
	});
}

#[test]
fn what_is_retained_cannot_be_claimed_and_redeemers_take_no_claims() {
	build_and_execute(|| {
		shared(50);
		earn(1_000);
		for who in [OWNER, BUYER, HOLDER] {
			assert_ok!(claim(who));
		}
		assert_eq!((free(pot()), view().pool), (ED + 500, 500));
		earn(200);
		assert_ok!(redeem(OWNER, 500));
		// Half of the pool, and half of what is claimable.
		assert_eq!((view().pool, claimable(BUYER), claimable(HOLDER)), (300, 30, 20));
	});
}

#[test]
fn a_payout_that_nobody_can_be_paid_is_not_written_off() {
	build_and_execute(|| {
		tokenized();
		earn(10);
		let before = Streams::<Test>::get(SUBJECT);
		let claim_for = <Revenue as assay_primitives::revenue::IncomeClaim<u128>>::claim;
		assert_noop!(claim_for(SUBJECT, &OWNER, &NOBODY), Fault::CannotReceive);
		assert_eq!(Streams::<Test>::get(SUBJECT), before);
		// One that is paid into the pot itself is income of all again.
		assert_eq!(claim_for(SUBJECT, &OWNER, &pot()), Ok(10));
		assert_eq!(claimable(OWNER), 10);
	});
}

#[test]
fn the_pot_cannot_be_emptied_below_its_base() {
	build_and_execute(|| {
		tokenized();
		earn(10);
		assert_ok!(claim(OWNER));
		assert_eq!(free(pot()), ED);
		assert_noop!(claim(OWNER), Fault::NothingToClaim);
		// Nor does it matter how it is paid.
		assert_ok!(Balances::transfer(&PAYER, &pot(), 1, Preservation::Preserve));
		assert_ok!(claim(OWNER));
		assert_eq!(free(pot()), ED);
	});
}

//! Several payers.

use crate::{mock::*, Error, Event, HoldReason};
use assay_primitives::{
	lease::{CloseReason, MAX_PAYERS},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_lease_lasts_longer_with_another_payer() {
	build_and_execute(|| {
		// 1,000 pay for 16 blocks at 60, and 40 are left.
		let id = served(open_with(order(), 1_000));
		assert_eq!(lease(id).end(), Some((17, CloseReason::OutOfFunds)));
		assert_ok!(Leases::top_up(by(HELPER), id, 80));
		assert_eq!(lease(id).end(), Some((19, CloseReason::OutOfFunds)));
		let event = Event::ToppedUp { lease: id, payer: HELPER, amount: 80 };
		assert_eq!(events().last(), Some(&event));
		// The first payer is drawn on first.
		run_to(11);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(held(HoldReason::Escrow, TENANT), 400);
		assert_eq!(held(HoldReason::Escrow, HELPER), 80);
		run_to(18);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(held(HoldReason::Escrow, TENANT), 0);
		assert_eq!(held(HoldReason::Escrow, HELPER), 60);
		run_to(19);
		assert_eq!(end(id), (CloseReason::OutOfFunds, 19));
		assert_eq!(total(HELPER), ENDOWMENT - 80);
	});
}

#[test]
fn an_order_and_a_match_can_be_topped_up_and_a_payer_adds_to_its_own() {
	build_and_execute(|| {
		let id = opened();
		assert_ok!(Leases::top_up(by(HELPER), id, 7));
		matched(id);
		assert_ok!(Leases::top_up(by(HELPER), id, 8));
		assert_eq!(lease(id).payers.len(), 2);
		assert_eq!(held(HoldReason::Escrow, HELPER), 15);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(total(HELPER), ENDOWMENT);
		assert_eq!(held(HoldReason::Escrow, HELPER), 0);
	});
}

#[test]
fn a_payer_too_many_and_an_amount_of_nothing_are_refused() {
	build_and_execute(|| {
		let id = opened();
		assert_noop!(Leases::top_up(by(HELPER), LeaseId(9), 1), Error::<Test>::UnknownLease);
		assert_noop!(Leases::top_up(by(HELPER), id, 0), Error::<Test>::ZeroAmount);
		let refused = Leases::top_up(by(HELPER), id, u128::MAX);
		assert_noop!(refused, Error::<Test>::InsufficientFunds);
		for payer in CROWD..CROWD + u64::from(MAX_PAYERS) - 1 {
			fund(payer, 99);
			assert_ok!(Leases::top_up(by(payer), id, 10));
		}
		assert_noop!(Leases::top_up(by(HELPER), id, 10), Error::<Test>::TooManyPayers);
		assert_ok!(Leases::top_up(by(CROWD), id, 10));
	});
}

#[test]
fn what_is_over_is_not_topped_up() {
	build_and_execute(|| {
		let id = served(open_with(order(), 1_000));
		skip_to(17);
		// The sweep is late, and still the deposit has run out.
		assert_noop!(Leases::top_up(by(HELPER), id, 500), Error::<Test>::Over);
		assert_ok!(Leases::expire(by(HELPER), id));
		assert_noop!(Leases::top_up(by(HELPER), id, 500), Error::<Test>::NotLeased);
	});
}

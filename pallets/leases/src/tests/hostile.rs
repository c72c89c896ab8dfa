//! Attacks, each named.

use crate::{mock::*, Error, HoldReason};
use assay_primitives::lease::{CloseReason, LeaseStatus, Offer, OrderSpec};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation, Restriction},
	},
};

/// A provider whose account cannot take the rent keeps nobody from its own.
#[test]
fn a_provider_that_cannot_be_paid_does_not_keep_a_lease_from_ending() {
	build_and_execute(|| {
		let order = OrderSpec { max_price: 1, attributes: Default::default(), ..order() };
		let id = open_with(order, 100);
		let poor = CROWD;
		fund(poor, BID + ED);
		register(poor);
		assert_ok!(bid(poor, id, 1));
		assert_ok!(Leases::accept(by(TENANT), id, poor));
		assert_ok!(deliver(poor, id));
		// Something else takes all that it has: its account is gone.
		let (exact, force) = (Precision::Exact, Fortitude::Force);
		assert_ok!(Balances::transfer_on_hold(
			&HoldReason::Bid.into(),
			&poor,
			&HELPER,
			BID,
			exact,
			Restriction::Free,
			force
		));
		let everything =
			<Balances as Mutate<u64>>::transfer(&poor, &HELPER, ED, Preservation::Expendable);
		assert_ok!(everything);
		crate::Leases::<Test>::mutate(id, |lease| {
			lease.as_mut().unwrap().agreement.as_mut().unwrap().guarantee = 0;
		});
		run_to(3);
		assert_noop!(Leases::withdraw(by(poor), id), Error::<Test>::CannotReceive);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(end(id).0, CloseReason::ByTenant);
		let record = lease(id);
		assert_eq!((record.paid, record.served, record.returned), (0, 2, 100));
		assert_eq!(total(TENANT), ENDOWMENT);
	});
}

/// A provider bids low under a second name to be matched, and lets the lease lapse: it pays the
/// guarantee for it.
#[test]
fn a_match_that_is_not_meant_costs_a_guarantee() {
	build_and_execute(|| {
		let id = with_bids(opened());
		assert_ok!(bid(THIRD, id, 1));
		assert_ok!(Leases::accept(by(TENANT), id, THIRD));
		run_to(2 + DELIVER);
		assert_eq!(total(THIRD), ENDOWMENT - BID);
		assert_eq!(lease(id).agreement.unwrap().provider, PROVIDER);
	});
}

/// A provider in breach comes back for a moment to be paid for its absence: what it is paid for is
/// no more than what its heartbeats allow it to be silent, or it loses the lease.
#[test]
fn a_provider_that_was_silent_for_too_long_cannot_withdraw_for_it() {
	build_and_execute(|| {
		let id = served(open_with(OrderSpec { duration: 200, ..order() }, 20_000));
		run_to(11);
		silence(PROVIDER);
		run_to(100);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 600 - BID);
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
	});
}

/// Anybody pays a little to keep a lease from running out, and it still ends with its duration.
#[test]
fn no_payer_makes_a_lease_longer_than_ordered() {
	build_and_execute(|| {
		let id = served(open_with(order(), 1_000));
		assert_ok!(Leases::top_up(by(HELPER), id, 1_000_000));
		run_to(1 + DURATION);
		assert_eq!(end(id).0, CloseReason::Completed);
		assert_eq!(held(HoldReason::Escrow, HELPER), 0);
		assert_eq!(total(HELPER), ENDOWMENT - (60 * u128::from(DURATION) - 1_000));
	});
}

/// Withdrawing in every block moves the same money as withdrawing once.
#[test]
fn how_often_rent_is_withdrawn_makes_no_difference() {
	for every in [1, 2, 3, 7, 100] {
		build_and_execute(|| {
			let id = served(open_with(order(), 1_000));
			while status(id) != LeaseStatus::Ended {
				pass(1);
				if System::block_number().is_multiple_of(every) {
					let _ = Leases::withdraw(by(HELPER), id);
				}
			}
			assert_eq!(total(PROVIDER), ENDOWMENT + 960);
		});
	}
}

/// What is free of a tenant cannot be spent twice: deposits are held.
#[test]
fn a_deposit_cannot_be_spent_elsewhere() {
	build_and_execute(|| {
		opened();
		let all = ENDOWMENT - ED;
		let spent =
			<Balances as Mutate<u64>>::transfer(&TENANT, &HELPER, all, Preservation::Expendable);
		assert!(spent.is_err());
	});
}

/// The records of a lease cannot be filled with bids that nobody can serve, since they are paid for
/// and the lowest that can be served is found among them.
#[test]
fn bids_of_providers_that_left_do_not_hide_one_that_serves() {
	build_and_execute(|| {
		let id = open_with(OrderSpec { automatic: true, ..order() }, 3_000);
		for index in 0..31 {
			let provider = CROWD + index;
			fund(provider, 9_999);
			register(provider);
			assert_ok!(set_attributes(provider, &["gpu/nvidia"]));
			assert_ok!(bid(provider, id, 1));
			silence(provider);
		}
		assert_ok!(bid(PROVIDER, id, 60));
		run_to(2 + BIDDING);
		assert_eq!(lease(id).agreement.unwrap().provider, PROVIDER);
	});
}

/// A provider takes its offer back and posts it anew, to serve more leases than it has room for: what
/// goes on is counted all the same.
#[test]
fn an_offer_that_is_posted_anew_has_no_more_room() {
	build_and_execute(|| {
		assert_ok!(offered(Offer { capacity: 1, ..offer() }));
		let id = taken();
		assert_ok!(Leases::remove_offer(by(PROVIDER), 0));
		assert_ok!(offered(Offer { capacity: 1, ..offer() }));
		assert_noop!(take_with(wanted(), PRICE * 30), Error::<Test>::OfferFull);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_ok!(take_with(wanted(), PRICE * 30));
	});
}

/// A tenant takes an offer and closes it over and over, so that nobody else finds room: each time
/// holds a deposit of it for as long as records are kept.
#[test]
fn taking_and_closing_again_holds_a_deposit_each_time() {
	build_and_execute(|| {
		assert_ok!(offered(Offer { capacity: 1, ..offer() }));
		for times in 1..=3 {
			assert_ok!(Leases::close(by(TENANT), taken()));
			assert_eq!(held(HoldReason::Deposit, TENANT), times * Leases::lease_deposit());
		}
		assert_eq!(held(HoldReason::Escrow, TENANT), 0);
		assert_eq!((total(PROVIDER), held(HoldReason::Bid, PROVIDER)), (ENDOWMENT, 0));
		run_to(1 + RETENTION);
		assert_eq!(held(HoldReason::Deposit, TENANT), 0);
	});
}

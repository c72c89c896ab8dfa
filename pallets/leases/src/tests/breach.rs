//! A provider that does not serve, and those that stand by.

use crate::{mock::*, BidsFor, Credentials, Error, Event, HoldReason};
use assay_primitives::{
	lease::{CloseReason, LeaseState, LeaseStatus, OrderSpec},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

/// A lease that lasts longer than heartbeats, served from block 1 on.
fn long() -> LeaseId {
	served(open_with(OrderSpec { duration: 200, ..order() }, 20_000))
}

/// The block in which a silence since another is a breach.
const fn breach(since: u32) -> u32 {
	since + PERIOD + PATIENCE + 1
}

/// "A provider that accepts and never serves": it earns nothing and loses its guarantee, and
/// somebody else serves.
#[test]
fn a_provider_that_accepts_and_never_serves_is_replaced_at_its_cost() {
	build_and_execute(|| {
		let id = matched(opened());
		run_to(1 + DELIVER);
		assert_noop!(Leases::report(by(HELPER), id), Error::<Test>::NoBreach);
		assert_noop!(Leases::expire(by(HELPER), id), Error::<Test>::TooEarly);
		run_to(2 + DELIVER);
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT - BID, ENDOWMENT + BID));
		let due = 2 + 2 * DELIVER;
		assert_eq!(lease(id).state, LeaseState::Matched { due });
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
		let events = events();
		assert!(events.contains(&Event::Breached { lease: id, provider: PROVIDER }));
		let matched = Event::Matched { lease: id, provider: RIVAL, price: 70, due };
		assert_eq!(events.last(), Some(&matched));
		// The whole duration is left, at the price of the other.
		assert_ok!(deliver(RIVAL, id));
		let block = System::block_number();
		run_to(block + DURATION);
		assert_eq!(end(id).0, CloseReason::Completed);
		assert_eq!(total(RIVAL), ENDOWMENT + 70 * u128::from(DURATION));
		assert_eq!(total(PROVIDER), ENDOWMENT - BID);
	});
}

#[test]
fn when_nobody_serves_the_lease_ends_and_the_tenant_has_every_guarantee() {
	build_and_execute(|| {
		let id = matched(opened());
		run_to(1 + 3 * (DELIVER + 1));
		assert_eq!(end(id).0, CloseReason::Breached);
		assert_eq!(total(TENANT), ENDOWMENT + 3 * BID);
		assert_eq!(lease(id).matches, 3);
		assert_eq!((lease(id).paid, lease(id).returned), (0, 3_000));
	});
}

#[test]
fn heartbeats_that_stop_are_a_breach_and_rent_is_paid_to_the_last_one() {
	build_and_execute(|| {
		let id = long();
		run_to(21);
		silence(PROVIDER);
		run_to(breach(21) - 1);
		assert_noop!(Leases::report(by(HELPER), id), Error::<Test>::NoBreach);
		run_to(breach(21));
		assert_ok!(Leases::report(by(HELPER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 20 * 60 - BID);
		let record = lease(id);
		assert_eq!((record.agreement.unwrap().provider, record.served), (RIVAL, 20));
		assert_eq!((record.paid, record.earlier), (1_200, 1_200));
		assert!(!Credentials::<Test>::contains_key(id));
		// What is left of the duration is served.
		assert_ok!(deliver(RIVAL, id));
		let block = System::block_number();
		assert_eq!(lease(id).end(), Some((block + 180, CloseReason::Completed)));
		run_to(block + 180);
		assert_eq!(end(id).0, CloseReason::Completed);
		assert_eq!(total(RIVAL), ENDOWMENT + 180 * 70);
	});
}

/// Rent that was withdrawn for blocks after the last heartbeat is not taken back.
#[test]
fn a_withdrawal_before_the_breach_stands() {
	build_and_execute(|| {
		let id = long();
		run_to(21);
		silence(PROVIDER);
		run_to(breach(21) - 1);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		let rent = 60 * u128::from(breach(21) - 2);
		assert_eq!(total(PROVIDER), ENDOWMENT + rent);
		run_to(breach(21));
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + rent - BID);
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
	});
}

#[test]
fn whoever_cannot_serve_is_passed_over_and_goes_on_standing_by() {
	build_and_execute(|| {
		let id = long();
		silence(RIVAL);
		run_to(21);
		silence(PROVIDER);
		run_to(breach(21));
		assert_ok!(Leases::expire(by(HELPER), id));
		assert_eq!(lease(id).agreement.unwrap().provider, THIRD);
		let standing: Vec<u64> = BidsFor::<Test>::get(id).iter().map(|bid| bid.provider).collect();
		assert_eq!(standing, [RIVAL]);
		// It came back, and has its turn.
		register(RIVAL);
		pass(DELIVER + 1);
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
	});
}

#[test]
fn whoever_is_too_dear_for_what_is_left_is_passed_over() {
	build_and_execute(|| {
		let id = served(open_with(order(), 1_025));
		// 960 are paid by a withdrawal: nobody else serves a block for 65.
		skip_to(17);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		Registry::remove(PROVIDER);
		assert_ok!(Leases::report(by(HELPER), id));
		assert_eq!(end(id), (CloseReason::Breached, 17));
		assert_eq!(lease(id).returned, 65);
	});
}

#[test]
fn a_provider_that_is_gone_has_breached() {
	build_and_execute(|| {
		let id = long();
		run_to(11);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		run_to(15);
		Registry::remove(PROVIDER);
		assert_ok!(Leases::report(by(HELPER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 600 - BID);
		assert_eq!(status(id), LeaseStatus::Matched);
		// The same goes for one that has not delivered yet.
		Registry::remove(RIVAL);
		assert_ok!(Leases::report(by(HELPER), id));
		assert_eq!(lease(id).agreement.unwrap().provider, THIRD);
		assert_eq!(held(HoldReason::Bid, RIVAL), 0);
	});
}

/// However late it is found out, a provider that was alive to the end has served.
#[test]
fn a_late_sweep_makes_no_breach() {
	build_and_execute(|| {
		let id = served(opened());
		SweepLimit::set(Default::default());
		run_to(1 + DURATION);
		silence(PROVIDER);
		run_to(300);
		assert_noop!(Leases::report(by(HELPER), id), Error::<Test>::NoBreach);
		assert_ok!(Leases::expire(by(HELPER), id));
		assert_eq!(end(id), (CloseReason::Completed, 300));
		assert_eq!(total(PROVIDER), ENDOWMENT + 60 * u128::from(DURATION));
	});
}

#[test]
fn a_breach_that_nobody_reported_is_noticed_at_the_end() {
	build_and_execute(|| {
		let id = long();
		run_to(21);
		silence(PROVIDER);
		run_to(201);
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
		assert_eq!(total(PROVIDER), ENDOWMENT + 20 * 60 - BID);
		assert_eq!(lease(id).served, 20);
	});
}

#[test]
fn a_breach_during_the_notice_rolls_over_without_it() {
	build_and_execute(|| {
		let notice = 100;
		let id = open_with(OrderSpec { duration: 200, ..order() }, 20_000);
		assert_ok!(Leases::bid(by(PROVIDER), id, 60, notice));
		assert_ok!(bid(RIVAL, id, 70));
		assert_ok!(Leases::accept(by(TENANT), id, PROVIDER));
		assert_ok!(deliver(PROVIDER, id));
		run_to(3);
		assert_ok!(Leases::reclaim(by(PROVIDER), id));
		silence(PROVIDER);
		run_to(breach(3));
		assert_ok!(Leases::report(by(HELPER), id));
		assert_ok!(deliver(RIVAL, id));
		assert_eq!(status(id), LeaseStatus::Active);
		assert_eq!(lease(id).served, 2);
	});
}

#[test]
fn there_is_no_breach_where_nobody_serves() {
	build_and_execute(|| {
		let id = opened();
		assert_noop!(Leases::report(by(HELPER), id), Error::<Test>::NoBreach);
		assert_noop!(Leases::report(by(HELPER), LeaseId(9)), Error::<Test>::UnknownLease);
		assert_noop!(Leases::expire(by(HELPER), LeaseId(9)), Error::<Test>::UnknownLease);
	});
}

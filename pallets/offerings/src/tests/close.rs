//! Offerings are closed.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	offering::{OfferingSpec, OfferingStatus},
	OfferingId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn what_is_wanted_is_sold_and_the_rest_goes_back() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 600));
		assert_ok!(subscribe(OTHER, 200));
		go_to(DEADLINE);
		let before = free(ISSUER);
		assert_ok!(close());
		let closed = Event::Closed { offering: ID, sold: 800, released: 3_200 };
		let returned = Event::Returned { offering: ID, shares: 200 };
		assert_eq!(events().split_off(3), [closed, returned]);
		assert_eq!((free(ISSUER), shares(ISSUER)), (before + 3_200, SUPPLY - 800));
		assert_eq!((escrow(), shares(account())), (4_800, 800));
		let view = view();
		assert_eq!((view.status, view.sold, view.raised), (OfferingStatus::Running, 800, 8_000));
		assert_eq!((view.released, view.closed, view.jobs), (3_200, Some(DEADLINE), 0));
	});
}

#[test]
fn a_target_that_is_missed_by_one_unit_sells_nothing() {
	build_and_execute(|| {
		assert_ok!(open(OfferingSpec { target: 8_001, ..spec() }));
		assert_ok!(subscribe(BUYER, 800));
		go_to(DEADLINE);
		assert_ok!(close());
		let closed = Event::Closed { offering: ID, sold: 0, released: 0 };
		assert_eq!(events()[2], closed);
		assert_eq!((status(), shares(ISSUER), escrow()), (OfferingStatus::Missed, SUPPLY, 8_000));
	});
}

#[test]
fn a_target_that_is_just_reached_is_reached() {
	build_and_execute(|| {
		assert_ok!(open(OfferingSpec { target: 8_000, ..spec() }));
		assert_ok!(subscribe(BUYER, 800));
		go_to(DEADLINE + 7);
		assert_ok!(close());
		assert_eq!((status(), view().closed), (OfferingStatus::Running, Some(DEADLINE + 7)));
	});
}

#[test]
fn close_fails_before_the_deadline_and_a_second_time() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 800));
		go_to(DEADLINE - 1);
		assert_noop!(close(), Fault::DeadlineAhead);
		go_to(DEADLINE);
		assert_ok!(close());
		assert_noop!(close(), Fault::AlreadyClosed);
		let unknown = Offerings::close(by(STRANGER), OfferingId(9));
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn an_offering_without_milestones_is_paid_at_once() {
	build_and_execute(|| {
		let before = free(ISSUER);
		closed_as(all_upfront(), 600, 400);
		assert_eq!((status(), escrow()), (OfferingStatus::Completed, 0));
		assert_eq!(free(ISSUER), before - DEPOSIT - ED + 10_000);
	});
}

#[test]
fn an_offering_that_nobody_wants_is_missed_even_without_a_target() {
	build_and_execute(|| {
		assert_ok!(open(OfferingSpec { target: 0, ..spec() }));
		go_to(DEADLINE);
		assert_ok!(close());
		assert_eq!((status(), shares(ISSUER)), (OfferingStatus::Missed, SUPPLY));
		assert_ok!(remove());
	});
}

//! A provider that takes its capacity back.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	lease::{CloseReason, LeaseState},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_lease_goes_on_until_the_notice_has_run_out() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(5);
		assert_ok!(Leases::reclaim(by(PROVIDER), id));
		let at = 5 + NOTICE;
		assert_eq!(lease(id).state, LeaseState::Reclaiming { since: 1, at });
		let event = Event::NoticeGiven { lease: id, provider: PROVIDER, at };
		assert_eq!(events().last(), Some(&event));
		run_to(7);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(lease(id).state, LeaseState::Reclaiming { since: 7, at });
		run_to(at);
		assert_eq!(end(id), (CloseReason::Reclaimed, at));
		// All rent, and the guarantee back.
		assert_eq!(total(PROVIDER), ENDOWMENT + 12 * 60);
	});
}

#[test]
fn a_provider_that_closes_when_its_notice_has_run_out_forfeits_nothing() {
	build_and_execute(|| {
		let (id, early) = (served(opened()), served(opened()));
		for id in [id, early] {
			assert_ok!(Leases::reclaim(by(PROVIDER), id));
		}
		skip_to(NOTICE);
		assert_ok!(Leases::close(by(PROVIDER), early));
		assert_eq!(end(early).0, CloseReason::ByProvider);
		skip_to(1 + NOTICE);
		assert_ok!(Leases::close(by(PROVIDER), id));
		assert_eq!(end(id).0, CloseReason::Reclaimed);
		let rent = 60 * u128::from(2 * NOTICE - 1);
		assert_eq!(total(PROVIDER), ENDOWMENT + rent - BID);
	});
}

#[test]
fn only_the_provider_of_what_is_served_gives_notice_and_once() {
	build_and_execute(|| {
		let reclaim = |provider, id| Leases::reclaim(by(provider), id);
		assert_noop!(reclaim(PROVIDER, LeaseId(9)), Error::<Test>::UnknownLease);
		let id = opened();
		assert_noop!(reclaim(PROVIDER, id), Error::<Test>::NotLeased);
		matched(id);
		assert_noop!(reclaim(PROVIDER, id), Error::<Test>::NotActive);
		assert_ok!(deliver(PROVIDER, id));
		assert_noop!(reclaim(RIVAL, id), Error::<Test>::NotProvider);
		assert_ok!(reclaim(PROVIDER, id));
		assert_noop!(reclaim(PROVIDER, id), Error::<Test>::AlreadyReclaiming);
		let late = served(opened());
		skip_to(1 + DURATION);
		assert_noop!(reclaim(PROVIDER, late), Error::<Test>::Over);
	});
}

#[test]
fn what_ends_first_counts() {
	build_and_execute(|| {
		let id = served(open_with(order(), 1_000));
		run_to(10);
		assert_ok!(Leases::reclaim(by(PROVIDER), id));
		run_to(17);
		assert_eq!(end(id), (CloseReason::OutOfFunds, 17));
	});
}

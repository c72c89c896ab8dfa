//! Money is released for use.

use crate::{mock::*, Error, Event};
use assay_primitives::{offering::OfferingStatus, OfferingId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn milestones_are_paid_when_so_many_jobs_have_settled_since_the_close() {
	build_and_execute(|| {
		// What was used before does not count.
		use_it(1_000);
		closed(600, 200);
		let before = free(ISSUER);
		assert_noop!(release(), Fault::NothingToRelease);
		use_it(9);
		assert_noop!(release(), Fault::NothingToRelease);
		use_it(1);
		assert_ok!(release());
		assert_eq!(last_event(), Event::Released { offering: ID, reached: 1, amount: 2_000 });
		assert_eq!((free(ISSUER), escrow()), (before + 2_000, 2_800));
		assert_noop!(release(), Fault::NothingToRelease);
		use_it(20);
		go_to(200);
		assert_ok!(release());
		assert_eq!(last_event(), Event::Released { offering: ID, reached: 2, amount: 2_800 });
		assert_eq!((status(), escrow()), (OfferingStatus::Completed, 0));
		assert_noop!(release(), Fault::NotRunning);
	});
}

#[test]
fn milestones_that_are_reached_together_are_paid_together() {
	build_and_execute(|| {
		closed(600, 200);
		use_it(1_000);
		assert_ok!(release());
		assert_eq!(last_event(), Event::Released { offering: ID, reached: 2, amount: 4_800 });
	});
}

/// An issuer could run as many jobs of its own as it likes, at a price of nothing.
#[test]
fn a_milestone_of_paid_use_is_not_reached_by_jobs_that_pay_nothing() {
	build_and_execute(|| {
		let mut spec = spec();
		spec.milestones.iter_mut().for_each(|milestone| milestone.paid = 50);
		closed_as(spec, 600, 200);
		Used::mutate(|used| used.jobs += 1_000_000);
		assert_noop!(release(), Fault::NothingToRelease);
		Used::mutate(|used| used.paid += 49);
		assert_noop!(release(), Fault::NothingToRelease);
		assert_eq!((view().jobs, view().paid), (1_000_000, 49));
		Used::mutate(|used| used.paid += 1);
		assert_ok!(release());
		assert_eq!(last_event(), Event::Released { offering: ID, reached: 2, amount: 4_800 });
	});
}

#[test]
fn release_fails_after_the_last_block_of_a_milestone() {
	build_and_execute(|| {
		closed(600, 200);
		use_it(1_000);
		go_to(101);
		// The second still has time, but the first comes before it.
		assert_noop!(release(), Fault::NothingToRelease);
	});
}

#[test]
fn release_fails_where_no_money_waits() {
	build_and_execute(|| {
		opened();
		use_it(1_000);
		assert_noop!(release(), Fault::NotRunning);
		go_to(DEADLINE);
		assert_ok!(close());
		assert_noop!(release(), Fault::NotRunning);
		let unknown = Offerings::release(by(STRANGER), OfferingId(9));
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

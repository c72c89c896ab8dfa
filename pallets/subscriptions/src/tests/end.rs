//! Subscriptions are ended by their subscriber, or lapse.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	subscription::{EndReason, Status, SubscriptionSpec},
	JobId, SubscriptionId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn the_end_gives_everything_back_to_the_unit() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, BUDGET);
		run_to(2);
		assert_ok!(Subscriptions::end(by(SUBSCRIBER), id));
		let ended = Event::Ended { subscription: id, reason: EndReason::Cancelled };
		assert_eq!(last_event(), ended);
		assert_eq!((held(SUBSCRIBER), held(FEEDER)), ((0, 0), (0, 0)));
		assert_eq!((free(SUBSCRIBER), free(FEEDER)), (ENDOWMENT - COST, ENDOWMENT));
		// Its job goes on.
		assert_eq!(jobs(), 1);
		Market::end(JobId(0), STRANGER, 0);
		assert_eq!(free(SUBSCRIBER), ENDOWMENT);
		run_to(100);
		assert_eq!((jobs(), view(id)), (0, None));
	});
}

#[test]
fn ending_is_the_subscribers_alone() {
	build_and_execute(|| {
		let id = subscribed();
		assert_noop!(Subscriptions::end(by(FEEDER), id), Fault::NotSubscriber);
		let unknown = Subscriptions::end(by(SUBSCRIBER), SubscriptionId(9));
		assert_noop!(unknown, Fault::UnknownSubscription);
	});
}

#[test]
fn anybody_ends_what_has_rested_for_too_long() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), FEE);
		run_to(2);
		assert_eq!(view(id).unwrap().status, Status::Unfunded);
		skip_to(1 + RETENTION);
		assert_noop!(Subscriptions::expire(by(PAUPER), id), Fault::NotLapsed);
		skip_to(2 + RETENTION);
		assert_ok!(Subscriptions::expire(by(PAUPER), id));
		let ended = Event::Ended { subscription: id, reason: EndReason::Lapsed };
		assert_eq!(last_event(), ended);
		assert_eq!((free(SUBSCRIBER), free(FEEDER)), (ENDOWMENT, ENDOWMENT));
		assert_noop!(Subscriptions::expire(by(PAUPER), id), Fault::UnknownSubscription);
	});
}

#[test]
fn nobody_ends_what_is_going_to_run() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		// The sweep is late by far.
		skip_to(10 * RETENTION);
		assert_noop!(Subscriptions::expire(by(PAUPER), id), Fault::NotLapsed);
		run_to(10 * RETENTION + 1);
		assert_eq!(jobs(), 1);
	});
}

#[test]
fn a_top_up_puts_the_lapse_off() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), FEE);
		run_to(40);
		assert_ok!(Subscriptions::top_up(by(SUBSCRIBER), id, 1));
		run_to(42);
		assert_eq!(view(id).unwrap().lapses, Some(42 + RETENTION));
		run_to(42 + RETENTION);
		assert_eq!(view(id), None);
	});
}

#[test]
fn who_feeds_once_in_a_long_period_is_not_cut_off_within_it() {
	build_and_execute(|| {
		let period = 4 * RETENTION;
		let id = fed_subscription(SubscriptionSpec { period, ..spec() }, BUDGET);
		run_to(2 + period);
		assert_eq!(view(id).unwrap().status, Status::Waiting);
		run_to(1 + 2 * period);
		assert_ok!(feed(FEEDER, id));
		run_to(2 + 2 * period);
		assert_eq!(jobs(), 2);
	});
}

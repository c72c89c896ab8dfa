//! Pauses.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	subscription::{EndReason, Status, SubscriptionSpec},
	SubscriptionId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

type Fault = Error<Test>;

fn set_paused(account: u64, id: SubscriptionId, paused: bool) -> DispatchResult {
	Subscriptions::set_paused(by(account), id, paused)
}

#[test]
fn nothing_is_run_during_a_pause() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, BUDGET);
		run_to(2);
		assert_ok!(set_paused(SUBSCRIBER, id, true));
		assert_eq!(last_event(), Event::PauseSet { subscription: id, paused: true });
		run_to(28);
		assert_eq!((jobs(), view(id).unwrap().status), (1, Status::Paused));
		// An input may be fed meanwhile.
		assert_ok!(feed(FEEDER, id));
		assert_eq!(view(id).unwrap().status, Status::Paused);
		assert_ok!(set_paused(SUBSCRIBER, id, false));
		assert_eq!(last_event(), Event::PauseSet { subscription: id, paused: false });
		assert_eq!(view(id).unwrap().due, Some(32));
		run_to(32);
		assert_eq!(jobs(), 2);
	});
}

#[test]
fn a_subscription_that_goes_on_without_an_input_waits_for_one() {
	build_and_execute(|| {
		let id = subscribed();
		assert_ok!(set_paused(SUBSCRIBER, id, true));
		run_to(10);
		assert_ok!(set_paused(SUBSCRIBER, id, false));
		let view = view(id).unwrap();
		assert_eq!((view.status, view.lapses), (Status::Waiting, Some(10 + RETENTION)));
	});
}

#[test]
fn a_pause_that_is_too_long_ends_the_subscription() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		assert_ok!(set_paused(SUBSCRIBER, id, true));
		run_to(RETENTION);
		assert!(view(id).is_some());
		run_to(1 + RETENTION);
		let ended = Event::Ended { subscription: id, reason: EndReason::Lapsed };
		assert_eq!(last_event(), ended);
		assert_eq!((free(SUBSCRIBER), free(FEEDER)), (ENDOWMENT, ENDOWMENT));
	});
}

#[test]
fn pauses_begin_and_end_once_and_are_the_subscribers() {
	build_and_execute(|| {
		let id = subscribed();
		assert_noop!(set_paused(FEEDER, id, true), Fault::NotSubscriber);
		assert_noop!(set_paused(SUBSCRIBER, SubscriptionId(4), true), Fault::UnknownSubscription);
		assert_noop!(set_paused(SUBSCRIBER, id, false), Fault::NotPaused);
		assert_ok!(set_paused(SUBSCRIBER, id, true));
		assert_noop!(set_paused(SUBSCRIBER, id, true), Fault::AlreadyPaused);
	});
}

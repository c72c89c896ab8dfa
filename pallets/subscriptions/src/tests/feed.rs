//! Inputs are fed, replaced and taken back.

use crate::{mock::*, Error, Event, Inputs};
use assay_primitives::{subscription::Status, SubscriptionId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn the_first_input_is_run_in_the_next_block() {
	build_and_execute(|| {
		let id = subscribed();
		run_to(7);
		assert_ok!(feed(FEEDER, id));
		assert_eq!(held(FEEDER), (0, INPUT_DEPOSIT));
		assert_eq!(last_event(), Event::InputFed { subscription: id, by: FEEDER });
		let view = view(id).unwrap();
		assert_eq!((view.status, view.due), (Status::Scheduled, Some(8)));
		run_to(8);
		assert_eq!((jobs(), held(FEEDER)), (1, (0, 0)));
	});
}

#[test]
fn a_newer_input_takes_the_place_of_an_older_whose_deposit_goes_back_to_its_payer() {
	build_and_execute(|| {
		let id = subscribed();
		assert_ok!(feed(FEEDER, id));
		assert_ok!(Subscriptions::feed(by(SUBSCRIBER), id, Box::new(input_of(9, 20))));
		assert_eq!((held(FEEDER).1, held(SUBSCRIBER).1), (0, BASE + 22 * PER_BYTE));
		assert_eq!(Inputs::<Test>::get(id).unwrap().input, input_of(9, 20));
		assert_eq!(Inputs::<Test>::iter_keys().count(), 1);
		run_to(2);
		assert_eq!(market::Jobs::<Test>::iter_values().next().unwrap().2, input_of(9, 20));
		run_to(40);
		assert_eq!(jobs(), 1);
	});
}

#[test]
fn what_an_older_input_frees_pays_for_the_newer() {
	build_and_execute(|| {
		let id = subscribed();
		assert_ok!(feed(FEEDER, id));
		let most = free(FEEDER) - ED;
		assert_ok!(Balances::transfer_allow_death(by(FEEDER), STRANGER, most));
		assert_ok!(feed(FEEDER, id));
		let larger = Subscriptions::feed(by(FEEDER), id, Box::new(input_of(1, 11)));
		assert_noop!(larger, Fault::InsufficientFunds);
		assert_eq!(held(FEEDER), (0, INPUT_DEPOSIT));
	});
}

#[test]
fn feeding_fails_for_strangers_and_without_a_subscription_or_funds() {
	build_and_execute(|| {
		let id = subscribed();
		assert_noop!(feed(STRANGER, id), Fault::NotFeeder);
		assert_noop!(feed(FEEDER, SubscriptionId(1)), Fault::UnknownSubscription);
		let mut spec = spec();
		spec.feeder = Some(PAUPER);
		assert_ok!(subscribe(spec, BUDGET));
		assert_noop!(feed(PAUPER, SubscriptionId(1)), Fault::InsufficientFunds);
	});
}

#[test]
fn an_input_is_taken_back_by_who_has_fed_it_or_by_the_subscriber() {
	build_and_execute(|| {
		let id = subscribed();
		for account in [FEEDER, SUBSCRIBER] {
			assert_ok!(feed(FEEDER, id));
			assert_noop!(Subscriptions::take_back(by(STRANGER), id), Fault::NotPayer);
			assert_ok!(Subscriptions::take_back(by(account), id));
			assert_eq!(last_event(), Event::InputTakenBack { subscription: id });
			assert_eq!((held(FEEDER), free(FEEDER)), ((0, 0), ENDOWMENT));
			assert_noop!(Subscriptions::take_back(by(account), id), Fault::NoInput);
		}
		let unknown = Subscriptions::take_back(by(FEEDER), SubscriptionId(1));
		assert_noop!(unknown, Fault::UnknownSubscription);
		// The feeder may not take what the subscriber has fed.
		assert_ok!(feed(SUBSCRIBER, id));
		assert_noop!(Subscriptions::take_back(by(FEEDER), id), Fault::NotPayer);
		assert_ok!(Subscriptions::take_back(by(SUBSCRIBER), id));
		run_to(20);
		assert_eq!((jobs(), view(id).unwrap().status), (0, Status::Waiting));
	});
}

use crate::{mock::*, Books, Error, Event, ProviderAsks};
use assay_primitives::{provider::Performance, traits::ProviderMarket};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn remove_ask_leaves_both_indexes_and_the_counts() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 1);
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));

		assert_eq!(asked(VERSION, PROVIDER), None);
		assert!(!ProviderAsks::<Test>::contains_key(PROVIDER, VERSION));
		assert_eq!((Providers::count(VERSION), record(PROVIDER).asks), (1, 0));
		assert_eq!(last_event(), Some(Event::AskRemoved { provider: PROVIDER, version: VERSION }));
	});
}

#[test]
fn remove_ask_makes_room_for_another_provider() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 1);
		assert_ok!(Providers::remove_ask(signed(RIVAL), VERSION));
		serving(THIRD, 1);
	});
}

#[test]
fn remove_ask_of_the_last_provider_leaves_no_count_behind() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert!(!Books::<Test>::contains_key(VERSION));
	});
}

#[test]
fn remove_ask_works_for_a_version_that_was_deprecated() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		Active::set(vec![]);
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
	});
}

#[test]
fn remove_ask_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(
			Providers::remove_ask(RuntimeOrigin::none(), VERSION),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn remove_ask_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(
			Providers::remove_ask(signed(PROVIDER), VERSION),
			Error::<Test>::UnknownProvider
		);
	});
}

#[test]
fn remove_ask_fails_when_there_is_no_such_ask() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_noop!(
			Providers::remove_ask(signed(PROVIDER), OTHER_VERSION),
			Error::<Test>::UnknownAsk
		);
		bonded(RIVAL, MIN_BOND);
		assert_noop!(Providers::remove_ask(signed(RIVAL), VERSION), Error::<Test>::UnknownAsk);
	});
}

#[test]
fn an_ask_with_open_jobs_closes_and_goes_with_the_last_of_them() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(10)));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert_eq!(last_event(), Some(Event::AskClosed { provider: PROVIDER, version: VERSION }));
		assert_eq!(Providers::candidate(VERSION, &PROVIDER), None);
		assert_eq!(asked(VERSION, PROVIDER).unwrap().open, 1);
		Providers::answered(&PROVIDER, VERSION);
		assert_eq!(asked(VERSION, PROVIDER), None);
		assert_eq!(last_event(), Some(Event::AskRemoved { provider: PROVIDER, version: VERSION }));
		Providers::finish(&PROVIDER, job(10), Performance::Delivered);
	});
}

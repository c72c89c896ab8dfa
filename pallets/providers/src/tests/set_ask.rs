use crate::{mock::*, Error, Event, ProviderAsks};
use assay_primitives::{provider::Ask, traits::ProviderMarket, VersionId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn set_ask_enters_both_indexes_and_the_counts() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(7)));

		assert_eq!(asked(VERSION, PROVIDER).map(|asked| asked.ask), Some(ask(7)));
		assert!(ProviderAsks::<Test>::contains_key(PROVIDER, VERSION));
		assert_eq!((Providers::count(VERSION), record(PROVIDER).asks), (1, 1));
		assert_eq!(
			last_event(),
			Some(Event::AskSet { provider: PROVIDER, version: VERSION, ask: ask(7) })
		);
	});
}

#[test]
fn set_ask_changes_the_price_without_counting_again() {
	build_and_execute(|| {
		registered();
		for price in [7, 1, 6, u128::MAX] {
			assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(price)));
			assert_eq!(asked(VERSION, PROVIDER).map(|asked| asked.ask.price), Some(price));
		}
		assert_eq!((Providers::count(VERSION), record(PROVIDER).asks), (1, 1));
	});
}

#[test]
fn set_ask_changes_a_price_even_where_every_place_is_taken() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 2);
		assert_ok!(Providers::set_ask(signed(PROVIDER), OTHER_VERSION, ask(3)));
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(4)));
	});
}

#[test]
fn set_ask_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(
			Providers::set_ask(RuntimeOrigin::root(), VERSION, ask(1)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn set_ask_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, ask(1)),
			Error::<Test>::UnknownProvider
		);
	});
}

#[test]
fn set_ask_fails_when_the_version_is_not_active() {
	build_and_execute(|| {
		registered();
		let unknown = VersionId { number: 9, ..VERSION };
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), unknown, ask(1)),
			Error::<Test>::VersionNotActive
		);
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(1)));
		Active::set(vec![]);
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, ask(2)),
			Error::<Test>::VersionNotActive
		);
	});
}

#[test]
fn set_ask_fails_when_the_bond_is_less_than_the_least() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, ask(1)),
			Error::<Test>::BelowMinBond
		);
	});
}

#[test]
fn set_ask_fails_when_the_version_has_its_most_providers() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 1);
		bonded(THIRD, MIN_BOND);
		assert_noop!(
			Providers::set_ask(signed(THIRD), VERSION, ask(1)),
			Error::<Test>::TooManyProviders
		);
	});
}

#[test]
fn set_ask_fails_when_the_provider_has_its_most_asks() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::set_ask(signed(PROVIDER), OTHER_VERSION, ask(1)));
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), THIRD_VERSION, ask(1)),
			Error::<Test>::TooManyAsks
		);
	});
}

#[test]
fn an_ask_that_changes_its_band_leaves_its_place_to_the_last() {
	build_and_execute(|| {
		serving(PROVIDER, 4);
		serving(RIVAL, 5);
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(100)));
		assert_eq!(asked(VERSION, RIVAL).unwrap().place.index, 0);
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(4)));
		assert_eq!(asked(VERSION, PROVIDER).unwrap().place.index, 1);
	});
}

#[test]
fn an_ask_takes_as_many_jobs_as_it_has_capacity() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let two = Ask { capacity: 2, ..ask(7) };
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, two));
		assert_ok!(Providers::assign(&PROVIDER, job(1)));
		assert!(Providers::candidate(VERSION, &PROVIDER).is_some());
		assert_ok!(Providers::assign(&PROVIDER, job(1)));
		assert_eq!(Providers::candidate(VERSION, &PROVIDER), None);
		// What was answered takes no room, though it is not settled.
		Providers::answered(&PROVIDER, VERSION);
		assert!(Providers::candidate(VERSION, &PROVIDER).is_some());
		assert_eq!(record(PROVIDER).open, 2);
	});
}

#[test]
fn an_expired_ask_is_not_drawn() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let until = System::block_number() + 2;
		let brief = Ask { until: Some(until), ..ask(7) };
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, brief));
		pass(1);
		assert_eq!(Providers::candidates(VERSION, 7, 0).len(), 1);
		pass(1);
		assert!(Providers::candidates(VERSION, 7, 0).is_empty());
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, brief),
			Error::<Test>::AskExpired
		);
	});
}

#[test]
fn set_ask_fails_without_capacity() {
	build_and_execute(|| {
		registered();
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, Ask { capacity: 0, ..ask(7) }),
			Error::<Test>::ZeroCapacity
		);
	});
}

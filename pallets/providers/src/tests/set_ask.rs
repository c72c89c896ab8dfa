use crate::{mock::*, AskCounts, Asks, Error, Event, ProviderAsks};
use assay_primitives::VersionId;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn set_ask_enters_both_indexes_and_the_counts() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, 7));

		assert_eq!(Asks::<Test>::get(VERSION, PROVIDER), Some(7));
		assert!(ProviderAsks::<Test>::contains_key(PROVIDER, VERSION));
		assert_eq!((AskCounts::<Test>::get(VERSION), record(PROVIDER).asks), (1, 1));
		assert_eq!(
			last_event(),
			Some(Event::AskSet { provider: PROVIDER, version: VERSION, price: 7 })
		);
	});
}

#[test]
fn set_ask_changes_the_price_without_counting_again() {
	build_and_execute(|| {
		registered();
		for price in [7, 0, u128::MAX] {
			assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, price));
			assert_eq!(Asks::<Test>::get(VERSION, PROVIDER), Some(price));
		}
		assert_eq!((AskCounts::<Test>::get(VERSION), record(PROVIDER).asks), (1, 1));
	});
}

#[test]
fn set_ask_changes_a_price_even_where_every_place_is_taken() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 2);
		assert_ok!(Providers::set_ask(signed(PROVIDER), OTHER_VERSION, 3));
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, 4));
	});
}

#[test]
fn set_ask_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(
			Providers::set_ask(RuntimeOrigin::root(), VERSION, 1),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn set_ask_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, 1),
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
			Providers::set_ask(signed(PROVIDER), unknown, 1),
			Error::<Test>::VersionNotActive
		);
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, 1));
		Active::set(vec![]);
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, 2),
			Error::<Test>::VersionNotActive
		);
	});
}

#[test]
fn set_ask_fails_when_the_bond_is_less_than_the_least() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		assert_noop!(Providers::set_ask(signed(PROVIDER), VERSION, 1), Error::<Test>::BelowMinBond);
	});
}

#[test]
fn set_ask_fails_when_the_version_has_its_most_providers() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		serving(RIVAL, 1);
		bonded(THIRD, MIN_BOND);
		assert_noop!(
			Providers::set_ask(signed(THIRD), VERSION, 1),
			Error::<Test>::TooManyProviders
		);
	});
}

#[test]
fn set_ask_fails_when_the_provider_has_its_most_asks() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::set_ask(signed(PROVIDER), OTHER_VERSION, 1));
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), THIRD_VERSION, 1),
			Error::<Test>::TooManyAsks
		);
	});
}

use crate::{mock::*, types::ProviderRecord, Error, Event, Profiles};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

#[test]
fn register_holds_the_bond_and_starts_offline() {
	build_and_execute(|| {
		assert_ok!(Providers::register(signed(PROVIDER), profile("https://p.example"), 1_500));

		assert_eq!(record(PROVIDER), ProviderRecord::new(1_500, 1));
		assert!(!record(PROVIDER).online);
		assert_eq!(Profiles::<Test>::get(PROVIDER), Some(profile("https://p.example")));
		assert_eq!(held(PROVIDER), 1_500);
		assert_eq!(Balances::free_balance(PROVIDER), ENDOWMENT - 1_500);
		assert_eq!(
			last_event(),
			Some(Event::ProviderRegistered { provider: PROVIDER, bond: 1_500 })
		);
	});
}

#[test]
fn register_admits_exactly_the_least_bond() {
	build_and_execute(|| {
		bonded(PROVIDER, MIN_BOND);
		assert_noop!(
			Providers::register(signed(RIVAL), profile(""), MIN_BOND - 1),
			Error::<Test>::BelowMinBond
		);
	});
}

#[test]
fn register_fails_without_a_bond_even_where_no_least_bond_is_set() {
	build_and_execute(|| {
		LeastBond::set(0);
		assert_noop!(
			Providers::register(signed(PROVIDER), profile(""), 0),
			Error::<Test>::BelowMinBond
		);
	});
}

#[test]
fn register_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(
			Providers::register(RuntimeOrigin::root(), profile(""), MIN_BOND),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn register_fails_when_the_account_is_a_provider_already() {
	build_and_execute(|| {
		registered();
		assert_noop!(
			Providers::register(signed(PROVIDER), profile(""), MIN_BOND),
			Error::<Test>::AlreadyRegistered
		);
	});
}

#[test]
fn register_fails_when_the_profile_is_invalid() {
	build_and_execute(|| {
		for endpoint in ["ftp://p.example", "https://", "p.example"] {
			assert_noop!(
				Providers::register(signed(PROVIDER), profile(endpoint), MIN_BOND),
				Error::<Test>::InvalidProfile
			);
		}
	});
}

#[test]
fn register_fails_when_the_caller_cannot_pay_the_bond() {
	build_and_execute(|| {
		assert_noop!(
			Providers::register(signed(PAUPER), profile(""), MIN_BOND),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			Providers::register(signed(PROVIDER), profile(""), u128::MAX),
			TokenError::FundsUnavailable
		);
	});
}

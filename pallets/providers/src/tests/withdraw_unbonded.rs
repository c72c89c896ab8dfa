use crate::{mock::*, Error, Event, Profiles, Providers as Records};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn withdraw_unbonded_releases_what_was_unbonding() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 400));
		pass(UNBONDING);
		assert_ok!(Providers::withdraw_unbonded(signed(PROVIDER)));

		assert_eq!(record(PROVIDER).unbonding, None);
		assert_eq!(held(PROVIDER), 2 * MIN_BOND - 400);
		assert_eq!(Balances::free_balance(PROVIDER), ENDOWMENT - 2 * MIN_BOND + 400);
		assert_eq!(last_event(), Some(Event::Withdrawn { provider: PROVIDER, amount: 400 }));
	});
}

#[test]
fn withdraw_unbonded_of_the_rest_removes_the_provider() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		pass(UNBONDING);
		assert_ok!(Providers::withdraw_unbonded(signed(PROVIDER)));

		assert!(!Records::<Test>::contains_key(PROVIDER));
		assert!(!Profiles::<Test>::contains_key(PROVIDER));
		assert_eq!(held(PROVIDER), 0);
		assert_eq!(Balances::free_balance(PROVIDER), ENDOWMENT);
		System::assert_has_event(
			Event::Withdrawn { provider: PROVIDER, amount: 2 * MIN_BOND }.into(),
		);
		assert_eq!(last_event(), Some(Event::ProviderRemoved { provider: PROVIDER }));
	});
}

#[test]
fn withdraw_unbonded_keeps_a_provider_that_came_back() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		assert_ok!(Providers::bond_extra(signed(PROVIDER), MIN_BOND));
		pass(UNBONDING);
		assert_ok!(Providers::withdraw_unbonded(signed(PROVIDER)));
		assert_eq!((record(PROVIDER).bond, held(PROVIDER)), (MIN_BOND, MIN_BOND));
	});
}

#[test]
fn withdraw_unbonded_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(Providers::withdraw_unbonded(RuntimeOrigin::root()), DispatchError::BadOrigin);
	});
}

#[test]
fn withdraw_unbonded_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(
			Providers::withdraw_unbonded(signed(PROVIDER)),
			Error::<Test>::UnknownProvider
		);
	});
}

#[test]
fn withdraw_unbonded_fails_when_nothing_is_unbonding() {
	build_and_execute(|| {
		registered();
		assert_noop!(
			Providers::withdraw_unbonded(signed(PROVIDER)),
			Error::<Test>::NothingUnbonding
		);
	});
}

#[test]
fn withdraw_unbonded_fails_before_the_period_is_over() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 400));
		pass(UNBONDING - 1);
		assert_noop!(
			Providers::withdraw_unbonded(signed(PROVIDER)),
			Error::<Test>::UnbondingNotOver
		);
	});
}

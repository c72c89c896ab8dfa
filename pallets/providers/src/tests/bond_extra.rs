use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

#[test]
fn bond_extra_adds_to_the_bond_and_the_hold() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::bond_extra(signed(PROVIDER), 30));

		assert_eq!(record(PROVIDER).bond, 2 * MIN_BOND + 30);
		assert_eq!(held(PROVIDER), 2 * MIN_BOND + 30);
		assert_eq!(last_event(), Some(Event::BondIncreased { provider: PROVIDER, amount: 30 }));
	});
}

#[test]
fn bond_extra_leaves_what_is_unbonding_alone() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 100));
		assert_ok!(Providers::bond_extra(signed(PROVIDER), 30));
		assert_eq!(record(PROVIDER).unbonding, Some((100, 1 + UNBONDING)));
		assert_eq!(held(PROVIDER), 2 * MIN_BOND + 30);
	});
}

#[test]
fn bond_extra_brings_a_leaving_provider_back_with_the_least_bond() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		assert_noop!(
			Providers::bond_extra(signed(PROVIDER), MIN_BOND - 1),
			Error::<Test>::BelowMinBond
		);
		assert_ok!(Providers::bond_extra(signed(PROVIDER), MIN_BOND));
		assert_ok!(Providers::set_online(signed(PROVIDER), true));
	});
}

#[test]
fn bond_extra_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(Providers::bond_extra(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
	});
}

#[test]
fn bond_extra_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(Providers::bond_extra(signed(PROVIDER), 1), Error::<Test>::UnknownProvider);
	});
}

#[test]
fn bond_extra_fails_when_the_amount_is_nothing() {
	build_and_execute(|| {
		registered();
		assert_noop!(Providers::bond_extra(signed(PROVIDER), 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn bond_extra_fails_when_the_caller_cannot_pay() {
	build_and_execute(|| {
		registered();
		for amount in [ENDOWMENT, u128::MAX] {
			assert_noop!(
				Providers::bond_extra(signed(PROVIDER), amount),
				TokenError::FundsUnavailable
			);
		}
	});
}

use crate::{mock::*, Error, Event};
use assay_primitives::{provider::Performance, traits::ProviderMarket};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn unbond_moves_stake_out_of_the_bond_and_keeps_it_held() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 400));

		assert_eq!(record(PROVIDER).bond, 2 * MIN_BOND - 400);
		assert_eq!(record(PROVIDER).unbonding, Some((400, 1 + UNBONDING)));
		assert_eq!(held(PROVIDER), 2 * MIN_BOND);
		assert_eq!(
			last_event(),
			Some(Event::Unbonding { provider: PROVIDER, amount: 400, until: 1 + UNBONDING })
		);
	});
}

#[test]
fn unbond_again_adds_and_restarts_the_delay() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::unbond(signed(PROVIDER), 400));
		pass(UNBONDING - 1);
		assert_ok!(Providers::unbond(signed(PROVIDER), 100));
		assert_eq!(record(PROVIDER).unbonding, Some((500, 2 * UNBONDING)));
	});
}

#[test]
fn unbond_down_to_the_least_bond_or_to_nothing_but_not_between() {
	build_and_execute(|| {
		registered();
		for amount in [MIN_BOND + 1, 2 * MIN_BOND - 1] {
			assert_noop!(Providers::unbond(signed(PROVIDER), amount), Error::<Test>::BelowMinBond);
		}
		assert_ok!(Providers::unbond(signed(PROVIDER), MIN_BOND));
		assert_ok!(Providers::unbond(signed(PROVIDER), MIN_BOND));
		assert_eq!(record(PROVIDER).bond, 0);
	});
}

#[test]
fn unbond_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(Providers::unbond(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
	});
}

#[test]
fn unbond_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(Providers::unbond(signed(PROVIDER), 1), Error::<Test>::UnknownProvider);
	});
}

#[test]
fn unbond_fails_when_the_amount_is_nothing() {
	build_and_execute(|| {
		registered();
		assert_noop!(Providers::unbond(signed(PROVIDER), 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn unbond_fails_when_the_stake_is_not_free() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, job(1_500)));
		assert_noop!(
			Providers::unbond(signed(PROVIDER), 501),
			Error::<Test>::InsufficientFreeStake
		);
		assert_ok!(Providers::unbond(signed(PROVIDER), 500));
		assert_noop!(
			Providers::unbond(signed(PROVIDER), u128::MAX),
			Error::<Test>::InsufficientFreeStake
		);
	});
}

#[test]
fn unbond_of_everything_fails_while_the_provider_is_online() {
	build_and_execute(|| {
		registered();
		assert_ok!(Providers::set_online(signed(PROVIDER), true));
		assert_noop!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND), Error::<Test>::StillOnline);
	});
}

#[test]
fn unbond_of_everything_fails_while_the_provider_has_asks() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		assert_noop!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND), Error::<Test>::StillAsking);
	});
}

#[test]
fn unbond_of_everything_fails_while_a_job_is_open_that_locks_nothing() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		assert_ok!(Providers::assign(&PROVIDER, job(0)));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		Providers::answered(&PROVIDER, VERSION);
		assert_noop!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND), Error::<Test>::JobsOpen);
		Providers::finish(&PROVIDER, job(0), Performance::Delivered);
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
	});
}

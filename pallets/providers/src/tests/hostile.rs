//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error};
use assay_primitives::{provider::Performance, traits::ProviderMarket, Balance, VersionId};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use proptest::prelude::*;

#[test]
fn one_stake_cannot_be_locked_for_two_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, 1_200));
		assert_noop!(Providers::assign(&PROVIDER, 1_200), Error::<Test>::InsufficientFreeStake);
		assert_noop!(
			Providers::assign(&PROVIDER, Balance::MAX),
			Error::<Test>::InsufficientFreeStake
		);
	});
}

#[test]
fn stake_cannot_be_unbonded_under_open_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, 2 * MIN_BOND));
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		for amount in [1, MIN_BOND, 2 * MIN_BOND] {
			assert_noop!(
				Providers::unbond(signed(PROVIDER), amount),
				Error::<Test>::InsufficientFreeStake
			);
		}
		Providers::finish(&PROVIDER, 2 * MIN_BOND, Performance::Missed);
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
	});
}

#[test]
fn stake_that_is_unbonding_cannot_back_a_job() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::unbond(signed(PROVIDER), MIN_BOND));
		assert_noop!(
			Providers::assign(&PROVIDER, MIN_BOND + 1),
			Error::<Test>::InsufficientFreeStake
		);
		assert_ok!(Providers::assign(&PROVIDER, MIN_BOND));
	});
}

#[test]
fn the_unbonding_period_cannot_be_used_up_in_advance() {
	build_and_execute(|| {
		bonded(PROVIDER, 100 * MIN_BOND);
		assert_ok!(Providers::unbond(signed(PROVIDER), 1));
		pass(UNBONDING);
		// A token amount has waited out the period; all the rest has not.
		assert_ok!(Providers::unbond(signed(PROVIDER), 50 * MIN_BOND));
		assert_noop!(
			Providers::withdraw_unbonded(signed(PROVIDER)),
			Error::<Test>::UnbondingNotOver
		);
	});
}

#[test]
fn a_bond_cannot_be_spent_elsewhere() {
	build_and_execute(|| {
		bonded(PROVIDER, ENDOWMENT - 1);
		assert!(Balances::transfer(&PROVIDER, &RIVAL, 1, Preservation::Expendable).is_err());
		assert_ok!(Providers::unbond(signed(PROVIDER), ENDOWMENT - 1));
		assert!(Balances::transfer(&PROVIDER, &RIVAL, 2, Preservation::Expendable).is_err());
	});
}

#[test]
fn a_dead_provider_is_not_drawn_however_long_it_says_it_is_online() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		System::set_block_number(u32::MAX);
		assert!(record(PROVIDER).online);
		assert!(Providers::candidates(VERSION).is_empty());
	});
}

#[test]
fn ask_spam_by_one_provider_ends_at_its_bound() {
	build_and_execute(|| {
		let versions: Vec<_> = (1..=50).map(|number| VersionId { number, ..VERSION }).collect();
		Active::set(versions.clone());
		registered();
		let set = versions
			.iter()
			.filter(|version| Providers::set_ask(signed(PROVIDER), **version, 1).is_ok())
			.count();
		assert_eq!(set, 2);
	});
}

#[test]
fn ask_spam_over_versions_that_do_not_exist_stores_nothing() {
	build_and_execute(|| {
		registered();
		for number in 1_000..1_050 {
			assert_noop!(
				Providers::set_ask(signed(PROVIDER), VersionId { number, ..VERSION }, 1),
				Error::<Test>::VersionNotActive
			);
		}
	});
}

#[test]
fn a_record_of_misses_costs_the_unbonding_period_to_shed() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, 1));
		Providers::finish(&PROVIDER, 1, Performance::Missed);
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
		// Leaving is not over before the period is, and coming back keeps the statistics.
		assert_noop!(
			Providers::register(signed(PROVIDER), profile(""), MIN_BOND),
			Error::<Test>::AlreadyRegistered
		);
		assert_ok!(Providers::bond_extra(signed(PROVIDER), MIN_BOND));
		assert_eq!(record(PROVIDER).statistics.missed, 1);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn no_order_of_calls_breaks_an_invariant(
		calls in proptest::collection::vec((0u8..12, 1u64..=3, 0u128..2_500), 0..60),
	) {
		build_and_execute(|| {
			let mut jobs = Vec::new();
			for (call, who, amount) in calls {
				let version = [VERSION, OTHER_VERSION, THIRD_VERSION][(amount % 3) as usize];
				let origin = signed(who);
				let _ = match call {
					0 => Providers::register(origin, profile(""), amount),
					1 => Providers::bond_extra(origin, amount),
					2 => Providers::set_online(origin, amount % 2 == 0),
					3 => Providers::heartbeat(origin),
					4 => Providers::set_ask(origin, version, amount),
					5 => Providers::remove_ask(origin, version),
					6 => Providers::unbond(origin, amount),
					7 => Providers::unbond(origin, record_or_nothing(who)),
					8 => Providers::withdraw_unbonded(origin),
					9 => Providers::assign(&who, amount).inspect(|()| jobs.push((who, amount))),
					10 => jobs.pop().map_or(Ok(()), |(provider, exposure)| {
						Providers::finish(&provider, exposure, Performance::Delivered);
						Ok(())
					}),
					_ => {
						pass(u32::try_from(amount % 8).unwrap());
						Ok(())
					},
				};
				let locked: Balance = jobs.iter().map(|(_, exposure)| exposure).sum();
				let recorded = crate::Providers::<Test>::iter_values();
				assert_eq!(recorded.map(|record| record.locked).sum::<Balance>(), locked);
			}
		});
	}
}

/// The whole bond of a provider, or nothing.
fn record_or_nothing(account: u64) -> Balance {
	crate::Providers::<Test>::get(account).map_or(0, |record| record.bond)
}

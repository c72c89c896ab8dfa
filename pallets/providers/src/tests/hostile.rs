//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error};
use assay_primitives::{
	provider::{Ask, Engagement, Maintenance, Performance, MAX_CANDIDATES},
	traits::ProviderMarket,
	Balance, VersionId,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use proptest::prelude::*;

#[test]
fn one_stake_cannot_be_locked_for_two_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, job(1_200)));
		assert_noop!(
			Providers::assign(&PROVIDER, job(1_200)),
			Error::<Test>::InsufficientFreeStake
		);
		assert_noop!(
			Providers::assign(&PROVIDER, job(Balance::MAX)),
			Error::<Test>::InsufficientFreeStake
		);
	});
}

#[test]
fn stake_cannot_be_unbonded_under_open_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, job(2 * MIN_BOND)));
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		for amount in [1, MIN_BOND, 2 * MIN_BOND] {
			assert_noop!(
				Providers::unbond(signed(PROVIDER), amount),
				Error::<Test>::InsufficientFreeStake
			);
		}
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(2 * MIN_BOND), Performance::Missed);
		assert_ok!(Providers::unbond(signed(PROVIDER), 2 * MIN_BOND));
	});
}

#[test]
fn stake_that_is_unbonding_cannot_back_a_job() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::unbond(signed(PROVIDER), MIN_BOND));
		assert_noop!(
			Providers::assign(&PROVIDER, job(MIN_BOND + 1)),
			Error::<Test>::InsufficientFreeStake
		);
		assert_ok!(Providers::assign(&PROVIDER, job(MIN_BOND)));
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
		assert!(Providers::candidates(VERSION, Balance::MAX, 0).is_empty());
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
			.filter(|version| Providers::set_ask(signed(PROVIDER), **version, ask(1)).is_ok())
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
				Providers::set_ask(signed(PROVIDER), VersionId { number, ..VERSION }, ask(1)),
				Error::<Test>::VersionNotActive
			);
		}
	});
}

#[test]
fn an_ask_below_the_cost_of_storage_is_refused() {
	build_and_execute(|| {
		registered();
		assert_noop!(
			Providers::set_ask(signed(PROVIDER), VERSION, ask(LEAST_PRICE - 1)),
			Error::<Test>::BelowStorageCost
		);
	});
}

#[test]
fn ten_thousand_asks_on_one_version_cost_a_draw_no_more_than_a_few() {
	build_and_execute(|| {
		MaxAsks::set(10_000);
		let everybody = 10_000..20_000;
		for account in everybody.clone() {
			Balances::set_balance(&account, ENDOWMENT);
			// One in a hundred is cheap.
			serving(account, if account % 100 == 0 { 10 } else { 1_000 });
		}
		assert_eq!(Providers::count(VERSION), 10_000);
		let (mut drawn, draws) = (std::collections::BTreeMap::<u64, u32>::new(), 200);
		for seed in 0..draws {
			let candidates = Providers::candidates(VERSION, Balance::MAX, seed);
			assert_eq!(candidates.len(), MAX_CANDIDATES as usize);
			for candidate in candidates {
				*drawn.entry(candidate.provider).or_default() += 1;
			}
		}
		// Everybody has the same chance: few are left out, and nobody is preferred.
		assert!(drawn.len() > 7_000, "{}", drawn.len());
		assert!(drawn.values().all(|times| *times < 12));
		// Whoever pays little does not have to be lucky to find the cheap ones.
		let cheap = Providers::candidates(VERSION, 15, 7);
		assert_eq!(cheap.len(), MAX_CANDIDATES as usize);
		assert!(cheap.iter().all(|candidate| candidate.ask == 10));
		assert_eq!(Providers::cheapest(VERSION).len(), MAX_CANDIDATES as usize);
		// All leave again, in another order.
		for account in everybody.rev() {
			assert_ok!(Providers::remove_ask(signed(account), VERSION));
		}
		assert_eq!(Providers::count(VERSION), 0);
	});
}

#[test]
fn an_ask_cannot_be_set_anew_to_forget_its_open_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let one = Ask { capacity: 1, ..ask(7) };
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, one));
		assert_ok!(Providers::assign(&PROVIDER, job(1)));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, one));
		assert_eq!(asked(VERSION, PROVIDER).unwrap().open, 1);
		assert_eq!(Providers::candidate(VERSION, &PROVIDER), None);
		Providers::answered(&PROVIDER, VERSION);
		assert!(Providers::candidate(VERSION, &PROVIDER).is_some());
	});
}

#[test]
fn a_record_of_misses_costs_the_unbonding_period_to_shed() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		assert_ok!(Providers::assign(&PROVIDER, job(1)));
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(1), Performance::Missed);
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
		calls in proptest::collection::vec((0u8..15, 1u64..=3, 0u128..2_500), 0..60),
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
					4 => Providers::set_ask(origin, version, Ask {
						price: amount,
						capacity: u32::try_from(amount % 3).unwrap(),
						until: (amount % 5 == 0).then_some(System::block_number() + 3),
					}),
					5 => Providers::remove_ask(origin, version),
					6 => Providers::unbond(origin, amount),
					7 => Providers::unbond(origin, record_or_nothing(who)),
					8 => Providers::withdraw_unbonded(origin),
					9 => {
						let job = Engagement { version, exposure: amount, weight: Some(amount) };
						Providers::assign(&who, job).inspect(|()| jobs.push((who, job)))
					},
					10 => jobs.pop().map_or(Ok(()), |(provider, job)| {
						Providers::answered(&provider, job.version);
						Providers::finish(&provider, job, Performance::Delivered);
						Ok(())
					}),
					11 => jobs.pop().map_or(Ok(()), |(provider, job)| {
						Providers::answered(&provider, job.version);
						Providers::slash(&provider, job, &[]);
						Ok(())
					}),
					12 => Providers::evict(origin, 1 + u64::try_from(amount % 3).unwrap(), version),
					13 => {
						let until = u32::try_from(amount % 40).unwrap();
						let away = (amount % 2 == 0).then_some(Maintenance { from: 3, until });
						Providers::set_maintenance(origin, away)
					},
					_ => {
						pass(u32::try_from(amount % 8).unwrap());
						Ok(())
					},
				};
				let locked: Balance = jobs.iter().map(|(_, job)| job.exposure).sum();
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

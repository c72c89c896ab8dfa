use crate::{mock::*, Error, Event};
use assay_primitives::{
	provider::{Candidate, Engagement, Performance, Statistics, Tier},
	traits::ProviderMarket,
	Balance, ASY,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::Permill;

fn drawn() -> Vec<u64> {
	let mut providers: Vec<u64> = Providers::candidates(VERSION, Balance::MAX, 0)
		.into_iter()
		.map(|candidate| candidate.provider)
		.collect();
	providers.sort();
	providers
}

#[test]
fn candidates_are_the_available_providers_with_an_ask() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		bonded(RIVAL, MIN_BOND);
		assert_ok!(Providers::set_ask(signed(RIVAL), VERSION, ask(3)));
		assert_eq!(drawn(), [PROVIDER]);
		assert_ok!(Providers::set_online(signed(RIVAL), true));
		assert_eq!(drawn(), [PROVIDER, RIVAL]);
		assert!(Providers::candidates(OTHER_VERSION, Balance::MAX, 0).is_empty());
		pass(HEARTBEAT + 1);
		assert!(drawn().is_empty());
	});
}

#[test]
fn a_candidate_shows_its_ask_its_free_stake_and_its_quality() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(500)));
		assert_ok!(Providers::assign(&PROVIDER, job(100)));
		let heavy = Engagement { weight: Some(ASY / 1000), ..job(100) };
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, heavy, Performance::Delivered);
		assert_eq!(
			Providers::candidates(VERSION, Balance::MAX, 0),
			[Candidate {
				provider: PROVIDER,
				ask: 7,
				free_stake: 2 * MIN_BOND - 500,
				quality: Permill::from_rational(2 * ASY, 3 * ASY),
				tier: Tier::New,
			}]
		);
	});
}

#[test]
fn assign_locks_and_finish_unlocks_and_counts() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		for performance in [Performance::Delivered, Performance::Missed, Performance::Excused] {
			assert_ok!(Providers::assign(&PROVIDER, job(500)));
			assert_eq!((record(PROVIDER).locked, record(PROVIDER).open), (500, 1));
			Providers::answered(&PROVIDER, VERSION);
			Providers::finish(&PROVIDER, job(500), performance);
			assert_eq!((record(PROVIDER).locked, record(PROVIDER).open), (0, 0));
		}
		assert_eq!(
			record(PROVIDER).statistics,
			Statistics {
				assigned: 3,
				delivered: 1,
				missed: 1,
				merit: 500,
				demerit: 500,
				..Default::default()
			}
		);
		assert_eq!(held(PROVIDER), 2 * MIN_BOND);
	});
}

#[test]
fn assign_fails_for_whoever_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(Providers::assign(&PROVIDER, job(0)), Error::<Test>::UnknownAsk);
	});
}

#[test]
fn assign_fails_when_the_provider_does_not_ask_for_the_version() {
	build_and_execute(|| {
		registered();
		assert_noop!(Providers::assign(&PROVIDER, job(0)), Error::<Test>::UnknownAsk);
	});
}

#[test]
fn a_job_that_named_its_provider_earns_it_no_quality() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let named = Engagement { weight: None, ..job(10) };
		for performance in [Performance::Delivered, Performance::Missed, Performance::Struck] {
			assert_ok!(Providers::assign(&PROVIDER, named));
			Providers::answered(&PROVIDER, VERSION);
			Providers::finish(&PROVIDER, named, performance);
		}
		let statistics = record(PROVIDER).statistics;
		assert_eq!(statistics, Statistics { assigned: 3, ..Default::default() });
		// A wrong result is one, whoever asked for it.
		assert_ok!(Providers::assign(&PROVIDER, named));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, named, &[]);
		assert_eq!(record(PROVIDER).statistics.refuted, 1);
	});
}

#[test]
fn a_named_provider_is_a_candidate_only_when_it_could_be_drawn() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let found = Providers::candidate(VERSION, &PROVIDER).unwrap();
		assert_eq!(Providers::candidates(VERSION, Balance::MAX, 3), [found]);
		assert_eq!(Providers::candidate(OTHER_VERSION, &PROVIDER), None);
		assert_eq!(Providers::candidate(VERSION, &RIVAL), None);
		pass(HEARTBEAT + 1);
		assert_eq!(Providers::candidate(VERSION, &PROVIDER), None);
	});
}

#[test]
fn candidates_are_no_dearer_than_their_band_allows() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		serving(RIVAL, 8);
		let prices = |most| {
			let found = Providers::candidates(VERSION, most, 1).into_iter();
			found.map(|candidate| candidate.ask).collect::<Vec<_>>()
		};
		assert_eq!(prices(3), []);
		// The caller leaves out those of the last band that are too dear.
		assert_eq!(prices(4), [7]);
		assert_eq!(prices(9), [7, 8]);
		assert_eq!(Providers::cheapest(VERSION).len(), 2);
	});
}

#[test]
fn assign_fails_when_the_free_stake_is_less_than_the_exposure() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(2 * MIN_BOND)));
		assert_noop!(Providers::assign(&PROVIDER, job(1)), Error::<Test>::InsufficientFreeStake);
	});
}

#[test]
fn a_provider_that_went_offline_finishes_its_jobs() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(500)));
		assert_ok!(Providers::set_online(signed(PROVIDER), false));
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(500), Performance::Delivered);
		assert_eq!(record(PROVIDER).statistics.delivered, 1);
	});
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "was not assigned"))]
fn finish_of_what_was_not_assigned_changes_nothing() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let before = record(PROVIDER);
		Providers::finish(&PROVIDER, job(1), Performance::Delivered);
		Providers::finish(&RIVAL, job(1), Performance::Missed);
		assert_eq!(record(PROVIDER), before);
	});
}

#[test]
fn a_slash_takes_exactly_the_exposure_pays_the_shares_and_burns_the_rest() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let issued = Balances::total_issuance();
		assert_ok!(Providers::assign(&PROVIDER, job(500)));
		assert_ok!(Providers::assign(&PROVIDER, job(100)));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, job(500), &[(RIVAL, 200), (THIRD, 100)]);

		assert_eq!((record(PROVIDER).bond, record(PROVIDER).locked), (2 * MIN_BOND - 500, 100));
		assert_eq!(held(PROVIDER), 2 * MIN_BOND - 500);
		assert_eq!(Balances::free_balance(RIVAL), ENDOWMENT + 200);
		assert_eq!(Balances::free_balance(THIRD), ENDOWMENT + 100);
		assert_eq!(Balances::total_issuance(), issued - 200);
		assert_eq!(record(PROVIDER).statistics.refuted, 1);
		assert_eq!(
			last_event(),
			Some(Event::Slashed { provider: PROVIDER, amount: 500, burned: 200 })
		);
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(100), Performance::Delivered);
	});
}

#[test]
fn shares_beyond_the_exposure_are_not_paid() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(500)));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, job(500), &[(RIVAL, 400), (THIRD, 101)]);
		assert_eq!(Balances::free_balance(RIVAL), ENDOWMENT + 400);
		assert_eq!(Balances::free_balance(THIRD), ENDOWMENT);
		assert_eq!(record(PROVIDER).bond, 2 * MIN_BOND - 500);
	});
}

#[test]
fn a_provider_slashed_to_nothing_is_offline_and_goes_with_its_last_ask() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(2 * MIN_BOND)));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, job(2 * MIN_BOND), &[]);
		assert!(drawn().is_empty());
		assert_eq!((record(PROVIDER).bond, record(PROVIDER).online), (0, false));
		assert_noop!(Providers::set_online(signed(PROVIDER), true), Error::<Test>::BelowMinBond);
		assert_ok!(Providers::do_try_state());
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert!(!crate::Providers::<Test>::contains_key(PROVIDER));
		assert_ok!(Providers::register(signed(PROVIDER), profile(""), MIN_BOND));
	});
}

#[test]
fn a_provider_slashed_to_nothing_goes_with_its_last_job() {
	build_and_execute(|| {
		bonded(PROVIDER, MIN_BOND);
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(7)));
		assert_ok!(Providers::assign(&PROVIDER, job(MIN_BOND)));
		assert_ok!(Providers::assign(&PROVIDER, job(0)));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, job(MIN_BOND), &[]);
		assert!(crate::Providers::<Test>::contains_key(PROVIDER));
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(0), Performance::Excused);
		assert!(!crate::Providers::<Test>::contains_key(PROVIDER));
	});
}

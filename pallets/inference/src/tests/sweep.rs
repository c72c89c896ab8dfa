use crate::{mock::*, AgendaCursor, HoldReason, Inputs, Jobs, Outputs, Pallet, WeightInfo};
use assay_primitives::{
	job::{JobState, Terms},
	JobId,
};
use frame_support::{assert_ok, traits::fungible::InspectHold, weights::Weight};
use sp_runtime::Permill;

fn state(job: JobId) -> JobState<u64> {
	Inference::job(job).unwrap().state
}

#[test]
fn a_draw_waits_for_randomness_of_a_later_block() {
	build_and_execute(|| {
		let job = requested_job();
		run_to(3);
		assert_eq!(state(job), JobState::Requested);
		run_to(4);
		assert_eq!(state(job), JobState::Assigned { provider: PROVIDER, due: 4 + RESPONSE });
		assert_eq!(Providers::get()[&PROVIDER].locked, 100 * (ASK + PRICE));
	});
}

#[test]
fn no_draw_without_randomness() {
	build_and_execute(|| {
		Random::set(None);
		let job = requested_job();
		run_to(10);
		assert_eq!(state(job), JobState::Requested);
		Random::set(Some(1));
		run_to(14);
		assert!(matches!(state(job), JobState::Assigned { .. }));
	});
}

#[test]
fn a_declared_value_raises_the_exposure() {
	build_and_execute(|| {
		let terms = Terms { value: 900_000, ..terms() };
		assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), terms));
		run_to(4);
		assert_eq!(Providers::get()[&PROVIDER].locked, 900_000);
	});
}

#[test]
fn providers_that_are_too_dear_or_lack_free_stake_are_not_drawn() {
	build_and_execute(|| {
		Providers::set([(PROVIDER, provider(491)), (RIVAL, provider(ASK))].into());
		Providers::mutate(|all| all.get_mut(&RIVAL).unwrap().free = 100 * (ASK + PRICE) - 1);
		let job = requested_job();
		run_to(20);
		assert_eq!(state(job), JobState::Requested);
		Providers::mutate(|all| all.get_mut(&RIVAL).unwrap().free += 1);
		run_to(23);
		assert_eq!(state(job).provider(), Some(&RIVAL));
	});
}

#[test]
fn draws_follow_stake_and_quality() {
	build_and_execute(|| {
		let strong = MockProvider { free: 300_000_000, ..provider(ASK) };
		let weak = MockProvider { quality: Permill::from_percent(5), ..strong.clone() };
		Providers::set([(PROVIDER, strong), (RIVAL, weak)].into());
		let jobs: Vec<JobId> = (0..440).map(|_| requested_job()).collect();
		run_to(4);
		let drawn = |who| jobs.iter().filter(|job| state(**job).provider() == Some(&who)).count();
		// Weights of 10 to 1: 400 and 40 are expected; the bounds are seven deviations away.
		assert_eq!(drawn(PROVIDER) + drawn(RIVAL), 440);
		assert!((1..=85).contains(&drawn(RIVAL)), "{}", drawn(RIVAL));
	});
}

#[test]
fn records_are_pruned_after_the_retention_and_the_deposit_is_released() {
	build_and_execute(|| {
		let job = submitted_job();
		run_to(4 + CHALLENGE + RETENTION - 1);
		assert!(Jobs::<Test>::contains_key(job) && Outputs::<Test>::contains_key(job));
		assert!(!Inputs::<Test>::contains_key(job));
		run_to(4 + CHALLENGE + RETENTION);
		assert!(!Jobs::<Test>::contains_key(job) && !Outputs::<Test>::contains_key(job));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Deposit.into(), &REQUESTER), 0);
	});
}

#[test]
fn a_flood_of_jobs_is_worked_off_over_blocks_within_the_weight() {
	build_and_execute(|| {
		// Room for about eight draws of one provider after what the dearest step needs.
		let draw = <Test as crate::Config>::WeightInfo::sweep_draw(1);
		let limit = Pallet::<Test>::dearest_step().saturating_add(draw.saturating_mul(8));
		SweepLimit::set(limit);
		Providers::mutate(|all| all.get_mut(&PROVIDER).unwrap().free = 1_000 * STAKE);
		let patient = Terms { deliver_within: 900, ..terms() };
		let requester = RuntimeOrigin::signed(REQUESTER);
		for _ in 0..1_000 {
			let (origin, terms) = (requester.clone(), patient.clone());
			assert_ok!(Inference::request(origin, VERSION, input(), terms));
		}
		let mut blocks = 0;
		while Jobs::<Test>::iter_values().any(|job| job.state.is_open()) {
			System::set_block_number(System::block_number() + 1);
			let used = Pallet::<Test>::sweep();
			assert!(used.all_lte(limit), "{used:?}");
			for job in Inference::assignments(PROVIDER, JobId(0)) {
				// Those whose deadline has passed are for the sweep.
				let _ = Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output());
			}
			blocks += 1;
			assert!(blocks < 3_000, "every job ends");
			if blocks % 50 == 0 {
				Inference::do_try_state().unwrap();
			}
		}
		assert!(blocks > 100, "the meter stopped the sweep");
		let delivered = Providers::get()[&PROVIDER].delivered;
		assert_eq!(delivered, 1_000, "the first are not served at the cost of the last");
	});
}

#[test]
fn a_job_that_waits_long_is_looked_at_less_and_less_often() {
	build_and_execute(|| {
		Providers::set(Default::default());
		let patient = Terms { deliver_within: 1_000, ..terms() };
		assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), patient));
		let mut wakes = std::collections::BTreeSet::new();
		while state(JOB).is_open() {
			run_to(System::block_number() + 1);
			wakes.insert(Jobs::<Test>::get(JOB).unwrap().wake);
		}
		assert!(wakes.len() < 40, "{} looks in 1,000 blocks", wakes.len());
	});
}

#[test]
fn a_late_sweep_does_not_change_who_may_act() {
	build_and_execute(|| {
		let job = assigned_job();
		// The sweep is starved for many blocks.
		SweepLimit::set(Weight::zero());
		run_to(4 + RESPONSE + 5);
		assert!(matches!(state(job), JobState::Assigned { .. }));
		assert_ok!(Inference::expire(RuntimeOrigin::signed(RIVAL), job));
		SweepLimit::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
		run_to(60);
		assert_eq!(Inference::job(job), None, "ended and pruned");
	});
}

#[test]
fn the_cursor_never_leaves_an_entry_behind() {
	build_and_execute(|| {
		run_to(50);
		assert_eq!(AgendaCursor::<Test>::get(), 51);
		let job = requested_job();
		run_to(81 + RETENTION);
		assert_eq!(Inference::job(job), None, "ended and pruned");
	});
}

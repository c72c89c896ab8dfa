//! Which results are audited, when, and by whom.

use crate::{draw::DRAWN_AFTER, mock::*, Agenda, Audits as Open, Results, Seats, Standings};
use assay_primitives::{
	provider::{Candidate, Statistics},
	traits::{OnSubmitted, ProviderMarket},
	JobId,
};
use frame_support::weights::Weight;
use sp_runtime::Permill;

fn open() -> Vec<JobId> {
	let mut jobs: Vec<_> = Open::<Test>::iter_keys().collect();
	jobs.sort();
	jobs
}

/// The author of the block of the submission does not know the randomness, nor does that of the
/// next. Only the author of the second knows it, in time to withhold the block and no earlier.
#[test]
fn a_result_is_drawn_by_the_randomness_of_the_second_block_after_it() {
	build_and_execute(|| {
		submitted(JOB);
		run_to(3);
		assert_eq!(open(), []);
		run_to(4);
		assert_eq!(open(), [JOB]);
		let audit = Open::<Test>::get(JOB).unwrap();
		assert_eq!((audit.until, audit.step, audit.provider), (4 + STEP, STEP, PROVIDER));
	});
}

/// Another replica of the same request says something else: one of them is wrong.
#[test]
fn a_doubted_result_is_audited_whatever_its_chance_is() {
	build_and_execute(|| {
		SampleRate::set(Permill::zero());
		submitted(JOB);
		run_to(5);
		assert_eq!(open(), []);
		Audits::doubted(JOB);
		run_to(7);
		assert_eq!(open(), [], "by auditors whom nobody can know yet");
		run_to(8);
		assert_eq!(open(), [JOB]);
		SampleRate::set(Permill::one());
	});
}

#[test]
fn a_doubted_result_that_is_not_provisional_or_audited_already_changes_nothing() {
	build_and_execute(|| {
		submitted(JOB);
		run_to(4);
		let audit = Open::<Test>::get(JOB);
		Audits::doubted(JOB);
		Audits::doubted(JobId(9));
		assert_eq!((Agenda::<Test>::iter().count(), Open::<Test>::get(JOB)), (1, audit));
		submitted(JobId(1));
		change(JobId(1), |job| job.provisional = false);
		Audits::doubted(JobId(1));
		run_to(7);
		assert_eq!(open(), [JOB]);
	});
}

#[test]
fn of_many_results_so_many_are_audited_as_the_rate_says() {
	build_and_execute(|| {
		SampleRate::set(Permill::from_percent(2));
		for round in 0..20 {
			for job in 0..500 {
				submitted(JobId(round * 500 + job));
			}
			run_to(System::block_number() + 1);
		}
		run_to(System::block_number() + 3);
		let opened = events()
			.into_iter()
			.filter(|event| matches!(event, crate::Event::AuditOpened { .. }))
			.count();
		// 200 are expected, with a standard deviation of 14.
		assert!((150..250).contains(&opened), "{opened}");
		SampleRate::set(Permill::one());
	});
}

/// A value a block and eight bytes a job, for as long as three blocks. The removal of what was
/// drawn and the first result of the block are one write.
#[test]
fn a_job_that_is_not_audited_takes_eight_bytes_for_three_blocks() {
	build_and_execute(|| {
		SampleRate::set(Permill::zero());
		let size = |row: u32| {
			let key = Results::<Test>::hashed_key_for(row);
			sp_io::storage::get(&key).map_or(0, |value| value.len())
		};
		for job in 0..100 {
			submitted(JobId(job));
		}
		// One or two bytes are the length of the list.
		assert_eq!(size(1), 100 * 8 + 2);
		run_to(2);
		submitted(JobId(100));
		run_to(4);
		assert_eq!(size(1), 0, "it has made room for the results of block 4");
		submitted(JobId(101));
		assert_eq!((size(1), size(2)), (9, 9));
		run_to(20);
		assert_eq!(Results::<Test>::iter().count(), 0);
		assert_eq!((Open::<Test>::iter().count(), Agenda::<Test>::iter().count()), (0, 0));
		SampleRate::set(Permill::one());
	});
}

#[test]
fn without_randomness_nothing_is_drawn() {
	build_and_execute(|| {
		submitted(JOB);
		Random::set(None);
		run_to(10);
		assert_eq!((open(), Agenda::<Test>::iter().count()), (vec![], 0));
		Random::set(Some(7));
		// A result that was drawn waits for auditors.
		submitted(JOB);
		run_to(12);
		SweepLimit::set(Weight::zero());
		run_to(13);
		Random::set(None);
		SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
		run_to(20);
		assert_eq!((open(), Agenda::<Test>::iter().count()), (vec![], 1));
		Random::set(Some(7));
		run_to(21);
		assert_eq!(open(), [JOB]);
	});
}

#[test]
fn auditors_are_two_others_with_enough_stake() {
	build_and_execute(|| {
		Free::mutate(|free| {
			free.insert(REQUESTER, STAKE);
			free.insert(RIVALS[0], BOND - 1);
		});
		let mut drawn = std::collections::BTreeMap::<u64, u32>::new();
		for job in 0..600 {
			submitted(JobId(job));
		}
		run_to(4);
		for audit in Open::<Test>::iter_values() {
			let [one, other] = audit.seats.map(|seat| seat.auditor);
			assert_ne!(one, other);
			*drawn.entry(one).or_default() += 1;
			*drawn.entry(other).or_default() += 1;
		}
		assert_eq!(drawn.keys().copied().collect::<Vec<_>>(), RIVALS[1..]);
		// Each is one of two among three, so that 400 are expected of each.
		assert!(drawn.values().all(|count| (340..460).contains(count)), "{drawn:?}");
		Free::take();
	});
}

#[test]
fn more_stake_audits_more() {
	build_and_execute(|| {
		Free::mutate(|free| free.insert(RIVALS[0], 5 * STAKE));
		for job in 0..400 {
			submitted(JobId(job));
		}
		run_to(4);
		let of = |auditor: u64| Seats::<Test>::iter_prefix(auditor).count();
		assert!(of(RIVALS[0]) > 330 && of(RIVALS[1]) < 200);
		let whole = MockMarket::cheapest(VERSION).iter().map(Candidate::weight).sum::<u128>();
		assert!(whole > 0);
		Free::take();
	});
}

#[test]
fn without_two_auditors_there_is_no_audit_and_no_stay() {
	build_and_execute(|| {
		Free::set([(PROVIDER, STAKE), (RIVALS[0], STAKE)].into());
		submitted(JOB);
		run_to(10);
		assert_eq!((open(), stays(JOB)), (vec![], 0));
		assert_eq!(events(), []);
		Free::take();
	});
}

#[test]
fn a_result_whose_clock_cannot_be_stopped_is_not_audited() {
	build_and_execute(|| {
		submitted(JOB);
		Unstayable::set(true);
		run_to(4);
		assert_eq!(open(), []);
		Unstayable::set(false);
		submitted(JOB);
		run_to(6);
		// Meanwhile it is disputed.
		change(JOB, |job| job.provisional = false);
		run_to(7);
		assert_eq!(open(), []);
	});
}

#[test]
fn a_dear_job_leaves_its_auditors_more_time() {
	build_and_execute(|| {
		LeastStep::set(3 * STEP);
		audited();
		assert_eq!(Open::<Test>::get(JOB).unwrap().until, 4 + 3 * STEP);
		LeastStep::set(0);
	});
}

fn statistics(delivered: u64, missed: u64) -> Statistics {
	Statistics { delivered, missed, ..Statistics::default() }
}

/// How many of 10,000 results of a provider with this record are audited at a rate of 2 %.
fn sampled(record: Statistics) -> usize {
	Records::mutate(|all| all.insert(PROVIDER, record));
	let before = events().len();
	for job in 0..4_000 {
		submitted(JobId(job));
	}
	run_to(System::block_number() + 3);
	let opened = events().len() - before;
	for job in open() {
		change(job, |job| job.provisional = false);
		Audits::advance(by(STRANGER), job).unwrap();
	}
	Jobs::set(Default::default());
	opened
}

#[test]
fn sampling_falls_with_a_clean_record_and_rises_after_a_miss() {
	build_and_execute(|| {
		SampleRate::set(Permill::from_percent(2));
		let of_newcomers = sampled(statistics(0, 0));
		let of_veterans = sampled(statistics(5_000, 0));
		let after_a_miss = sampled(statistics(5_000, 1));
		assert!((50..110).contains(&of_newcomers), "{of_newcomers}");
		assert!((8..35).contains(&of_veterans), "{of_veterans}");
		assert!((250..390).contains(&after_a_miss), "{after_a_miss}");
		assert_eq!(Standings::<Test>::get(PROVIDER).since, Some(5_000));
		let redeemed = sampled(statistics(6_000, 1));
		assert!((8..35).contains(&redeemed), "{redeemed}");
		Records::set(Default::default());
		SampleRate::set(Permill::one());
	});
}

#[test]
fn what_the_sweep_cannot_do_in_one_block_it_does_in_the_next() {
	build_and_execute(|| {
		for job in 0..10 {
			submitted(JobId(job));
		}
		SweepLimit::set(Weight::from_parts(4, u64::MAX));
		run_to(4);
		assert!((1..10).contains(&open().len()));
		Audits::do_try_state().unwrap();
		SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
		run_to(5);
		assert_eq!(open().len(), 10);
	});
}

/// A row of results is drawn before its block needs it again.
#[test]
fn rows_take_turns() {
	let rows: Vec<u32> = (0..7).map(Audits::row).collect();
	assert_eq!(rows, [0, 1, 2, 0, 1, 2, 0]);
	assert_eq!(Audits::row(5 + DRAWN_AFTER), Audits::row(5));
}

#[test]
fn more_results_than_a_block_has_room_for_are_not_drawn() {
	build_and_execute(|| {
		SampleRate::set(Permill::zero());
		for job in 0..5_000 {
			Audits::submitted(JobId(job));
		}
		assert_eq!(Results::<Test>::get(1).len(), 4_096);
		run_to(4);
		SampleRate::set(Permill::one());
	});
}

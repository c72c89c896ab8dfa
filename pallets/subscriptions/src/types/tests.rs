//! Each transition, and every order of them.

use super::*;
use assay_primitives::{job::Choice, subscription::Target, JobId, ModelId};
use proptest::prelude::*;

const RETENTION: u32 = 100;

fn terms(max_fee: Balance) -> Terms<u64> {
	Terms {
		max_fee,
		value: 0,
		deliver_within: 20,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	}
}

fn subscription(period: u32, runs: Option<u32>) -> Subscription<u64> {
	let spec = SubscriptionSpec {
		target: Target::Newest(ModelId(0)),
		terms: terms(10),
		period,
		runs,
		feeder: Some(2),
		repeat: false,
	};
	Subscription::new(1, spec, (1_000, 7), RETENTION, 50)
}

fn run(at: u32) -> Run {
	Run { job: JobId(0), at, cost: 30 }
}

#[test]
fn the_whole_way_of_a_good_subscription() {
	let waiting = subscription(10, Some(2));
	assert_eq!((waiting.status, waiting.due, waiting.wake), (Status::Waiting, None, 150));
	let fed = waiting.fed(60);
	assert_eq!((fed.status, fed.due, fed.wake), (Status::Scheduled, Some(61), 61));
	let once = fed.ran(run(61), 61).unwrap();
	assert_eq!((once.due, once.budget, once.made), (Some(71), 970, 1));
	assert_eq!(once.spec.runs, Some(1));
	assert_eq!(once.ran(run(71), 71), None);
}

#[test]
fn who_may_do_what_is_told_by_account() {
	let subscription = subscription(10, None);
	assert_eq!(subscription.ensure_subscriber(&1), Ok(()));
	assert_eq!(subscription.ensure_subscriber(&2), Err(Fault::NotSubscriber));
	assert_eq!((subscription.ensure_feeder(&1), subscription.ensure_feeder(&2)), (Ok(()), Ok(())));
	assert_eq!(subscription.ensure_feeder(&3), Err(Fault::NotFeeder));
}

#[test]
fn a_late_run_moves_no_later_one_and_makes_no_burst() {
	let fed = subscription(10, None).fed(60);
	assert_eq!(fed.clone().ran(run(70), 70).unwrap().due, Some(71));
	assert_eq!(fed.clone().ran(run(71), 71).unwrap().due, Some(81));
	assert_eq!(fed.ran(run(99), 99).unwrap().due, Some(101));
}

#[test]
fn what_waits_goes_on_at_its_own_times() {
	let ran = subscription(10, None).fed(60).ran(run(61), 61).unwrap();
	let waiting = ran.rest(Status::Waiting, RETENTION, 71);
	assert_eq!((waiting.due, waiting.wake), (Some(71), 171));
	assert_eq!(waiting.clone().fed(75).due, Some(81));
	assert_eq!(waiting.fed(81).due, Some(91));
}

#[test]
fn a_long_period_puts_the_lapse_off() {
	let waiting = subscription(5_000, None);
	assert_eq!(waiting.wake, 5_050);
	assert_eq!(waiting.ensure_lapsed(5_049), Err(Fault::NotLapsed));
	assert_eq!(waiting.ensure_lapsed(5_050), Ok(()));
	assert_eq!(waiting.fed(5_050).ensure_lapsed(u32::MAX), Err(Fault::NotLapsed));
}

#[test]
fn a_pause_ends_only_by_a_resumption() {
	let paused = subscription(10, None).fed(60).pause(RETENTION, 60).unwrap();
	assert_eq!(paused.clone().pause(RETENTION, 60), Err(Fault::Paused));
	for still in [
		paused.clone().fed(61),
		paused.clone().topped_up(5, 61).unwrap(),
		paused.clone().with_terms(terms(3), 61),
	] {
		assert_eq!(still.status, Status::Paused);
	}
	let resumed = paused.clone().resume(true, RETENTION, 75).unwrap();
	assert_eq!((resumed.status, resumed.due), (Status::Scheduled, Some(81)));
	assert_eq!(resumed.resume(true, RETENTION, 75), Err(Fault::NotPaused));
	let resumed = paused.resume(false, RETENTION, 75).unwrap();
	assert_eq!((resumed.status, resumed.wake), (Status::Waiting, 175));
}

#[test]
fn a_pause_before_the_time_does_not_move_it() {
	let fed = subscription(10, None).fed(60).ran(run(61), 61).unwrap();
	let paused = fed.pause(RETENTION, 62).unwrap();
	assert_eq!(paused.resume(true, RETENTION, 65).unwrap().due, Some(71));
}

#[test]
fn what_is_unfunded_goes_on_with_more_money_other_terms_or_another_input() {
	let unfunded = subscription(10, None).fed(60).rest(Status::Unfunded, RETENTION, 61);
	let ways = [
		unfunded.clone().fed(65),
		unfunded.clone().topped_up(1, 65).unwrap(),
		unfunded.clone().with_terms(terms(3), 65),
	];
	for way in ways {
		assert_eq!((way.status, way.due), (Status::Scheduled, Some(71)));
	}
	assert_eq!(unfunded.topped_up(Balance::MAX, 65), None);
}

#[test]
fn a_run_forgives_refusals_and_too_many_in_a_row_are_the_end() {
	let fed = subscription(10, None).fed(60);
	let once = fed.refused(3, 61).unwrap();
	let twice = once.refused(3, 71).unwrap();
	assert_eq!((twice.failures, twice.due), (2, Some(81)));
	assert_eq!(twice.clone().refused(3, 81), None);
	assert_eq!(twice.ran(run(81), 81).unwrap().failures, 0);
}

#[test]
fn times_end_where_numbers_do() {
	assert_eq!(next_due(u32::MAX - 1, u32::MAX, u32::MAX), u32::MAX);
	assert_eq!(next_due(0, 0, 5), 6);
}

proptest! {
	/// The next run is in the future, at a whole number of periods, and not later than a period.
	#[test]
	fn the_next_run_is_within_a_period(
		due in 0u32..1 << 30,
		period in 1u32..1 << 20,
		late in 0u32..1 << 30,
	) {
		let now = due + late;
		let next = next_due(due, period, now);
		prop_assert!(next > now && next - now <= period);
		prop_assert_eq!((next - due) % period, 0);
	}

	/// Whatever happens, it is under a later block, and it lapses unless it is scheduled.
	#[test]
	fn every_course_leaves_a_time_at_which_something_happens(
		period in 1u32..30,
		moves in proptest::collection::vec((0u8..9, 0u32..40), 1..80),
	) {
		let (mut subscription, mut now) = (subscription(period, None), 50);
		for (what, passed) in moves {
			now += passed;
			let before = subscription.clone();
			subscription = match what {
				0 => before.fed(now),
				1 => before.topped_up(5, now).unwrap(),
				2 => before.with_terms(terms(3), now),
				3 => before.clone().pause(RETENTION, now).unwrap_or(before),
				4 => before.clone().resume(true, RETENTION, now).unwrap_or(before),
				5 => before.clone().resume(false, RETENTION, now).unwrap_or(before),
				_ if before.status != Status::Scheduled || before.wake > now => before,
				6 => before.ran(run(now), now).unwrap(),
				7 => before.refused(u8::MAX, now).unwrap(),
				_ => before.rest(Status::Unfunded, RETENTION, now),
			};
			if subscription.status == Status::Scheduled {
				prop_assert_eq!(subscription.due, Some(subscription.wake));
			}
			if what == 6 {
				prop_assert!(subscription.wake > now || subscription.status != Status::Scheduled);
			}
		}
	}
}

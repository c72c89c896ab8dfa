//! Each transition, and every order of them.

use super::*;
use assay_primitives::job::Choice;
use proptest::prelude::*;

fn job() -> Job<u64> {
	Job {
		requester: 1,
		version: VersionId::default(),
		group: None,
		kind: JobKind::Single,
		corrected: 0,
		units: 1,
		price: 10,
		input_root: Root::default(),
		inline: true,
		terms: Terms {
			max_fee: 10,
			value: 0,
			deliver_within: 20,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		},
		earners: Earners::only(9),
		handed: None,
		deposit: 1,
		requested: 100,
		deadline: 120,
		disputes: 0,
		stays: Stays::default(),
		refuted: Default::default(),
		missed: Default::default(),
		agreement: None,
		paid: Default::default(),
		state: JobState::Requested,
		wake: 103,
	}
}

fn agreement() -> Agreement {
	Agreement { fee: Fee { work: 5, royalty: 2, data: 0 }, engagement: engagement(), seed: 7 }
}

fn engagement() -> Engagement {
	Engagement { version: VersionId::default(), exposure: 700, weight: Some(3) }
}

fn output() -> OutputRecord {
	OutputRecord { root: Root([1; 32]), artifact: None }
}

fn assigned() -> Job<u64> {
	job().assign(2, agreement(), 103, 10).unwrap()
}

#[test]
fn the_whole_way_of_a_good_job() {
	let job = assigned();
	assert_eq!(job.state, JobState::Assigned { provider: 2, due: 113 });
	assert_eq!(job.wake, 114);
	let job = job.submit(2, output(), 113, 5).unwrap();
	assert_eq!(job.wake, 118);
	assert_eq!(job.clone().settle(117, 50), Err(JobFault::TooEarly));
	let (job, provider) = job.settle(118, 50).unwrap();
	assert_eq!((provider, job.wake), (2, 168));
	assert_eq!(job.attempts(), 1);
}

#[test]
fn a_window_never_outlasts_the_deadline() {
	let job = job().assign(2, agreement(), 115, 10).unwrap();
	assert_eq!(job.state, JobState::Assigned { provider: 2, due: 120 });
}

#[test]
fn a_result_of_somebody_else_twice_or_too_late_is_refused() {
	assert_eq!(assigned().submit(3, output(), 104, 5), Err(JobFault::NotAssigned));
	assert_eq!(assigned().submit(2, output(), 114, 5), Err(JobFault::DeadlinePassed));
	assert_eq!(job().submit(2, output(), 104, 5), Err(JobFault::NotAssigned));
	let submitted = assigned().submit(2, output(), 104, 5).unwrap();
	assert_eq!(submitted.clone().submit(2, output(), 105, 5), Err(JobFault::AlreadySubmitted));
	let (settled, _) = submitted.settle(109, 5).unwrap();
	assert_eq!(settled.submit(2, output(), 110, 5), Err(JobFault::Ended));
}

#[test]
fn a_miss_is_drawn_again_until_attempts_are_used_up() {
	let (job, lapse) = assigned().lapse(114, 2, 117, 50).unwrap();
	assert_eq!(lapse, Lapse::Redraw { provider: 2, engagement: engagement() });
	assert_eq!((job.state.clone(), job.wake), (JobState::Requested, 117));
	assert_eq!(job.missed.to_vec(), vec![2]);
	let job = job.assign(3, agreement(), 117, 1).unwrap();
	assert_eq!(job.attempts(), 2);
	let (job, lapse) = job.lapse(119, 2, 122, 50).unwrap();
	assert_eq!(lapse, Lapse::Refund { provider: 3, engagement: engagement() });
	assert_eq!(job.state, JobState::Refunded { reason: RefundReason::Missed, at: 119 });
}

#[test]
fn a_job_that_nobody_takes_expires_after_its_deadline() {
	assert_eq!(job().lapse(120, 3, 0, 50), Err(JobFault::NotExpired));
	let (job, lapse) = job().lapse(121, 3, 0, 50).unwrap();
	assert_eq!(lapse, Lapse::Expire);
	assert!(!job.state.is_open());
	assert_eq!(job.lapse(500, 3, 0, 50), Err(JobFault::Ended));
}

#[test]
fn a_disputed_result_waits_for_its_verdict() {
	let submitted = assigned().submit(2, output(), 104, 5).unwrap();
	assert_eq!(job().challenge(104), Err(JobFault::NotSubmitted));
	assert_eq!(submitted.clone().challenge(109), Err(JobFault::WindowClosed));
	assert_eq!(submitted.clone().uphold(105, 5, 5), Err(JobFault::NotChallenged));
	assert_eq!(submitted.clone().refute(105, 3, 108, 5), Err(JobFault::NotChallenged));
	let challenged = submitted.challenge(108).unwrap();
	assert_eq!(challenged.clone().challenge(108), Err(JobFault::Challenged));
	assert_eq!(challenged.clone().settle(500, 5), Err(JobFault::Challenged));
	assert_eq!(challenged.clone().lapse(500, 3, 0, 50), Err(JobFault::NotExpired));
	assert_eq!(challenged.clone().cancel(&1, 500, 50), Err(JobFault::TooLate));
	let again = challenged.clone().submit(2, output(), 500, 5);
	assert_eq!(again, Err(JobFault::AlreadySubmitted));
	assert_eq!(challenged.disputes, 1);
	let (settled, upheld) = challenged.uphold(500, 5, 50).unwrap();
	assert_eq!((upheld, settled.wake), (Upheld::Settled(2), 550));
	assert_eq!(settled.challenge(501), Err(JobFault::Ended));
}

#[test]
fn a_refuted_result_is_remembered_whatever_becomes_of_the_job() {
	let challenged = || assigned().submit(2, output(), 104, 5).unwrap().challenge(105).unwrap();
	let refuted = Refuted { provider: 2, root: output().root, at: 130 };
	let (slashed, refutation) = challenged().refute(130, 3, 133, 50).unwrap();
	assert_eq!(refutation, Refutation::End(refuted.clone()));
	assert!(matches!(slashed.state, JobState::Slashed { provider: 2, at: 130, .. }));
	assert_eq!(slashed.refuted.to_vec(), vec![refuted.clone()]);
	let mut chosen = challenged();
	chosen.terms.reassign = true;
	let (last, _) = chosen.clone().refute(130, 1, 133, 50).unwrap();
	assert!(!last.state.is_open(), "nobody else may be drawn");
	let (redrawn, refutation) = chosen.refute(130, 3, 133, 50).unwrap();
	assert_eq!(refutation, Refutation::Redraw(refuted.clone()));
	assert_eq!((redrawn.state.clone(), redrawn.wake), (JobState::Requested, 133));
	assert_eq!((redrawn.deadline, redrawn.missed.to_vec()), (150, vec![2]));
	assert_eq!(redrawn.refuted.to_vec(), vec![refuted]);
}

#[test]
fn a_void_job_excuses_whoever_has_it() {
	let void = |job: Job<u64>| job.void(RefundReason::Undecided, 130, 50).map(|(_, who)| who);
	assert_eq!(void(job()), Ok(None));
	assert_eq!(void(assigned()), Ok(Some((2, engagement()))));
	let challenged = assigned().submit(2, output(), 104, 5).unwrap().challenge(105).unwrap();
	assert_eq!(void(challenged.clone()), Ok(Some((2, engagement()))));
	let (settled, _) = challenged.uphold(130, 5, 50).unwrap();
	assert_eq!(void(settled), Err(JobFault::Ended));
}

#[test]
fn a_stayed_window_goes_on_with_what_was_left_of_it() {
	let submitted = assigned().submit(2, output(), 104, 5).unwrap();
	let stayed = submitted.clone().stay(&9, 106, 20).unwrap().stay(&8, 107, 20).unwrap();
	assert_eq!(stayed.clone().settle(500, 5), Err(JobFault::TooEarly));
	assert!(stayed.clone().challenge(500).is_ok(), "it can be disputed all the while");
	let one = stayed.clone().resume(1, 200);
	assert_eq!((one.stays.open, one.wake), (1, STOPPED));
	assert_eq!(one.clone().resume(2, 200), one, "of another attempt");
	let both = one.resume(1, 210);
	assert_eq!((both.stays.open, both.wake), (0, 213));
	assert_eq!(both.clone().settle(212, 5), Err(JobFault::TooEarly));
	assert_eq!(both.clone().stay(&9, 125, 20), Err(JobFault::StayedEnough));
	assert!(both.settle(213, 5).is_ok());
	assert_eq!(submitted.stay(&9, 109, 20), Err(JobFault::WindowClosed));
}

#[test]
fn a_provider_has_its_clock_stopped_once() {
	assert_eq!(job().stay(&2, 100, 20), Err(JobFault::NotStayable));
	assert_eq!(assigned().stay(&3, 104, 20), Err(JobFault::NotStayable));
	assert_eq!(assigned().stay(&2, 114, 20), Err(JobFault::DeadlinePassed));
	let stayed = assigned().stay(&2, 110, 20).unwrap().stay(&2, 111, 20).unwrap();
	assert_eq!(stayed.clone().lapse(500, 3, 503, 50), Err(JobFault::NotExpired));
	let resumed = stayed.resume(1, 130).resume(1, 130);
	assert_eq!(resumed.state, JobState::Assigned { provider: 2, due: 133 });
	assert_eq!(resumed.wake, 134);
	assert_eq!(resumed.stay(&2, 131, 20), Err(JobFault::StayedEnough));
}

#[test]
fn a_result_that_stands_is_provisional_while_it_is_stayed() {
	let submitted = assigned().submit(2, output(), 104, 5).unwrap();
	let stayed = submitted.challenge(105).unwrap().stay(&9, 106, 20).unwrap();
	let (again, upheld) = stayed.uphold(130, 5, 50).unwrap();
	assert_eq!((upheld, again.wake), (Upheld::Provisional, STOPPED));
	let resumed = again.resume(1, 140);
	assert_eq!(resumed.wake, 145);
	assert_eq!(resumed.challenge(141).unwrap().disputes, 2);
}

#[test]
fn only_what_is_stayed_is_withheld() {
	let submitted = assigned().submit(2, output(), 104, 5).unwrap();
	assert_eq!(submitted.clone().withhold_output(1, 105), None);
	assert_eq!(assigned().withhold_input(1, 105, 50), None);
	let stayed = submitted.stay(&9, 105, 20).unwrap();
	assert_eq!(stayed.clone().withhold_output(2, 106), None, "of another attempt");
	let disputed = stayed.clone().withhold_output(1, 106).unwrap();
	assert!(disputed.refute(106, 3, 109, 50).is_ok());
	let (withheld, provider) = stayed.clone().withhold_input(1, 106, 50).unwrap();
	assert_eq!((provider, withheld.wake, withheld.stays), (2, 156, Stays::default()));
	let challenged = stayed.challenge(106).unwrap();
	assert_eq!(challenged.clone().withhold_output(1, 107), None, "the verdict comes first");
	assert_eq!(challenged.withhold_input(1, 107, 50), None);
}

#[test]
fn only_the_requester_cancels_and_only_before_the_draw() {
	assert_eq!(job().cancel(&2, 101, 50), Err(JobFault::NotRequester));
	assert_eq!(assigned().cancel(&1, 104, 50), Err(JobFault::TooLate));
	assert!(job().cancel(&1, 101, 50).is_ok());
}

proptest! {
	/// No order of moves leaves an open job without a wake block from which it can move on.
	#[test]
	fn every_open_state_has_a_way_out(
		replica in any::<bool>(),
		moves in proptest::collection::vec((0u8..18, 1u32..9), 1..60),
	) {
		let group = replica.then_some(JobId(0));
		let (mut job, mut now) = (Job { group, ..job() }, 100u32);
		for (kind, step) in moves {
			now += step;
			let next = match kind {
				0 => job.clone().assign(2, agreement(), now, step),
				1 => job.clone().submit(2, output(), now, step),
				2 => job.clone().settle(now, step).map(|(job, _)| job),
				3 => job.clone().cancel(&1, now, step),
				4 => job.clone().refuse_input(&2, now, step),
				5 => job.clone().challenge(now),
				6 => job.clone().uphold(now, 5, step).map(|(job, _)| job),
				7 => job.clone().refute(now, 3, now + 3, step).map(|(job, _)| job),
				9 => job.clone().correct(Root([1; 32]), now, step).map(|(job, _)| job),
				8 => job.clone().void(RefundReason::Undecided, now, step).map(|(job, _)| job),
				10 => job.clone().stay(&2, now, 20),
				11 => Ok(job.clone().resume(job.attempts(), now)),
				12 => job.clone().withhold_output(job.attempts(), now).ok_or(JobFault::Ended),
				13 => job
					.clone()
					.withhold_input(job.attempts(), now, step)
					.map(|(job, _)| job)
					.ok_or(JobFault::Ended),
				14 => job.clone().seal(2, Root([5; 32]), now),
				15 if job.wake == STOPPED => Ok(job.clone().open_seal(now, step)),
				16 => job.clone().reveal(2, output(), now, step),
				_ => job.clone().lapse(now, 3, now + 3, step).map(|(job, _)| job),
			};
			if let Ok(next) = next.map(|next| (next != job).then_some(next)) {
				prop_assert!(next.is_none() || job.state.is_open(), "an ended job never moves");
				job = next.unwrap_or(job);
			}
			let waits = matches!(job.state, JobState::Challenged { .. } | JobState::Sealed { .. });
			let stopped = job.wake == STOPPED && !waits;
			prop_assert_eq!(stopped, stopped && job.stays.open > 0, "a clock stands for nothing");
		}
		if job.state.is_open() {
			// Every stay is resumed some time.
			while job.stays.open > 0 {
				job = job.clone().resume(job.attempts(), now);
			}
			// And every group reveals.
			if job.wake == STOPPED {
				job = job.open_seal(now, 1);
			}
			let disputed = matches!(job.state, JobState::Challenged { .. });
			prop_assert!(disputed || job.wake < STOPPED);
			let wake = if disputed { now } else { job.wake };
			let late = now.max(wake).max(job.deadline).saturating_add(1);
			let out = match job.state {
				JobState::Challenged { .. } => job.uphold(late, 5, 1).map(|(job, _)| job),
				JobState::Submitted { .. } => job.settle(late, 1).map(|(job, _)| job),
				_ => job.lapse(late, 3, late, 1).map(|(job, _)| job),
			};
			prop_assert!(!out.unwrap().state.is_open());
		}
	}
}

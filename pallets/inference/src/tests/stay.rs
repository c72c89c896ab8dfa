use crate::{mock::*, Error, Event, HoldReason, Outputs};
use assay_primitives::{
	job::{JobKind, JobState, RefundReason},
	model::VersionStatus,
	traits::{Contestable, Provisional, Stayable, Stayed, VoidReason, Withheld},
	Balance, BlockNumber, JobId,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};

/// What the provider has at stake for a job.
const EXPOSURE: Balance = (ASK + PRICE) * 100;
/// Anybody.
const CURIOUS: u64 = 77;

fn state(job: JobId) -> JobState<u64> {
	Inference::job(job).unwrap().state
}

fn held() -> Balance {
	Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER)
}

fn stay(job: JobId) -> Stayed<u64> {
	Inference::stay(job, &CURIOUS).unwrap()
}

#[test]
fn a_stayed_result_waits_and_then_has_what_was_left_of_its_window() {
	build_and_execute(|| {
		let job = submitted_job();
		let record = crate::Jobs::<Test>::get(job).unwrap();
		let output = record.state.output().copied();
		let stayed = Stayed {
			attempt: 1,
			version: record.version,
			requester: REQUESTER,
			provider: PROVIDER,
			exposure: EXPOSURE,
			fee: ASK + PRICE,
			kind: JobKind::Single,
			input: record.input_root,
			input_inline: true,
			private: false,
			inputs: Vec::new(),
			output,
			least_step: 0,
		};
		assert_eq!(Inference::stay(job, &CURIOUS), Ok(stayed));
		assert_eq!(events().last(), Some(&Event::JobStayed { job, open: 1 }));
		run_to(100);
		assert!(matches!(state(job), JobState::Submitted { until: BlockNumber::MAX, .. }));
		assert_noop!(
			Inference::settle(RuntimeOrigin::signed(PAUPER), job),
			Error::<Test>::TooEarly
		);
		Inference::resume(job, 1);
		assert_eq!(events().last(), Some(&Event::JobResumed { job }));
		run_to(100 + CHALLENGE - 1);
		assert!(matches!(state(job), JobState::Submitted { .. }));
		run_to(100 + CHALLENGE);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_noop!(Inference::stay(job, &CURIOUS), Error::<Test>::JobEnded);
	});
}

/// Whoever asks again and again holds a result up for no more than four windows.
#[test]
fn a_result_is_not_stayed_for_ever() {
	build_and_execute(|| {
		let job = submitted_job();
		stay(job);
		run_to(4 + 4 * CHALLENGE);
		stay(job);
		run_to(4 + 4 * CHALLENGE + 1);
		assert_noop!(Inference::stay(job, &CURIOUS), Error::<Test>::StayedEnough);
	});
}

#[test]
fn only_the_provider_stays_an_answer_that_is_due() {
	build_and_execute(|| {
		assert_noop!(Inference::stay(JobId(7), &PROVIDER), Error::<Test>::UnknownJob);
		let job = requested_job();
		assert_noop!(Inference::stay(job, &PROVIDER), Error::<Test>::NotStayable);
		let job = assigned_job();
		assert_noop!(Inference::stay(job, &CURIOUS), Error::<Test>::NotStayable);
		assert_ok!(Inference::stay(job, &PROVIDER));
		run_to(100);
		assert!(matches!(state(job), JobState::Assigned { due: BlockNumber::MAX, .. }));
		Inference::resume(job, 1);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
	});
}

/// A provider that hides its output behind a dispute of its own is slashed when that is over.
#[test]
fn a_withheld_output_is_slashed_after_the_verdict_of_a_dispute() {
	build_and_execute(|| {
		let job = submitted_job();
		let attempt = stay(job).attempt;
		assert_ok!(Inference::contest(job));
		let shares = [(CURIOUS, EXPOSURE / 2)];
		assert_eq!(Inference::withhold_output(job, attempt, &shares), Withheld::Disputed);
		Inference::uphold(job);
		assert!(matches!(state(job), JobState::Submitted { until: BlockNumber::MAX, .. }));
		assert_eq!(Inference::withhold_output(job, attempt, &shares), Withheld::Done);
		assert!(matches!(state(job), JobState::Slashed { provider: PROVIDER, .. }));
		assert_eq!((Slashed::get(), Providers::get()[&PROVIDER].refuted), (shares.to_vec(), 1));
		assert_eq!(held(), 0);
		assert_eq!(Inference::withhold_output(job, attempt, &shares), Withheld::Over);
		Inference::resume(job, attempt);
		assert!(matches!(state(job), JobState::Slashed { .. }));
	});
}

#[test]
fn a_withheld_input_is_paid_for() {
	build_and_execute(|| {
		let job = submitted_job();
		let attempt = stay(job).attempt;
		assert_eq!(Inference::withhold_input(job, attempt + 1), Withheld::Over);
		assert_eq!(Inference::withhold_input(job, attempt), Withheld::Done);
		assert!(matches!(state(job), JobState::Withheld { provider: PROVIDER, .. }));
		assert_eq!((held(), Outputs::<Test>::get(job)), (0, None));
		assert_eq!(Balances::free_balance(PROVIDER), ED + ASK - SHARE);
		assert_eq!(events().last(), Some(&Event::InputWithheld { job, provider: PROVIDER }));
		assert_eq!(Inference::withhold_input(job, attempt), Withheld::Over);
	});
}

#[test]
fn nobody_pays_for_a_withheld_input_of_an_invalid_graph() {
	build_and_execute(|| {
		let job = submitted_job();
		let attempt = stay(job).attempt;
		Status::set(VersionStatus::Frozen);
		assert_eq!(Inference::withhold_input(job, attempt), Withheld::Done);
		let reason = RefundReason::InvalidVersion;
		assert!(matches!(state(job), JobState::Refunded { reason: found, .. } if found == reason));
	});
}

#[test]
fn a_result_is_provisional_until_it_is_disputed_or_final() {
	build_and_execute(|| {
		assert_eq!(Inference::provisional(JobId(7)), None);
		let job = assigned_job();
		assert_eq!(Inference::provisional(job), None);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
		let provisional = Provisional { attempt: 1, version: VERSION, provider: PROVIDER };
		assert_eq!(Inference::provisional(job), Some(provisional.clone()));
		stay(job);
		assert_eq!(Inference::provisional(job), Some(provisional));
		assert_ok!(Inference::contest(job));
		assert_eq!(Inference::provisional(job), None);
		Inference::void(job, VoidReason::Undecided);
		assert_eq!(Inference::provisional(job), None);
	});
}

use super::{answer, drawn, reveal, seal, seal_of, sealed, state};
use crate::{mock::*, Assignments, Error, Event};
use assay_primitives::{
	job::{JobState, Output, Redundancy, RefundReason},
	traits::{Contestable, Stayable},
	JobId,
};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};

#[test]
fn seal_result_keeps_the_result_hidden() {
	build_and_execute(|| {
		let [(job, who), _] = drawn(2, 2).try_into().unwrap();
		assert_ok!(seal(who, job, 1));
		assert_eq!(events().pop(), Some(Event::ResultSealed { job, provider: who }));
		let until = u32::MAX;
		let seal = seal_of(job, who, 1);
		assert_eq!(state(job), JobState::Sealed { provider: who, seal, until });
		assert!(Assignments::<Test>::contains_key(who, job), "it has to be revealed");
		assert_eq!(Inference::job_output(job), None);
		assert_eq!(Inference::group(job).unwrap().sealed, 1);
		// However long the others take, it is no miss.
		run_to(4 + RESPONSE);
		assert_eq!(Providers::get()[&who].missed, 0);
	});
}

#[test]
fn seal_result_fails_for_others_and_for_jobs_that_cannot_be_sealed() {
	build_and_execute(|| {
		let lone = assigned_job();
		assert_noop!(seal(PROVIDER, lone, 1), Error::<Test>::NotRedundant);
		assert_noop!(seal(PROVIDER, JobId(9), 1), Error::<Test>::UnknownJob);
		let [(job, who), (other, _)] = drawn(2, 2).try_into().unwrap();
		assert_noop!(seal(REQUESTER, job, 1), Error::<Test>::NotAssigned);
		assert_noop!(seal(who, other, 1), Error::<Test>::NotAssigned);
		assert_ok!(seal(who, job, 1));
		assert_noop!(seal(who, job, 2), Error::<Test>::AlreadySealed);
		assert_noop!(seal(REQUESTER, job, 2), Error::<Test>::NotAssigned);
	});
}

#[test]
fn seal_result_fails_too_late_and_after_the_end() {
	build_and_execute(|| {
		Attempts::set(1);
		let [(job, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		System::set_block_number(4 + RESPONSE + 1);
		assert_noop!(seal(who, job, 1), Error::<Test>::DeadlinePassed);
		System::set_block_number(4 + RESPONSE);
		assert_ok!(seal(who, job, 1));
		run_to(4 + RESPONSE + 1);
		assert_noop!(seal(partner, other, 1), Error::<Test>::JobEnded);
	});
}

#[test]
fn a_seal_costs_the_opening_of_the_others_only_if_it_brings_it() {
	build_and_execute(|| {
		let [(one, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		let post = |who, job| {
			let seal = seal_of(job, who, 1);
			Inference::seal_result(RuntimeOrigin::signed(who), job, seal).unwrap()
		};
		assert!(post(who, one).actual_weight.is_some());
		let last = post(partner, other);
		assert_eq!((last.actual_weight, last.pays_fee), (None, Pays::Yes));
	});
}

/// A result that is shown before the others are sealed could be copied.
#[test]
fn submit_result_of_a_replica_is_refused_sealed_or_not() {
	build_and_execute(|| {
		let [(job, who), _] = drawn(2, 2).try_into().unwrap();
		let submit = || {
			let answer = Box::new(answer(1));
			Inference::submit_result(RuntimeOrigin::signed(who), job, answer)
		};
		assert_noop!(submit(), Error::<Test>::NotSealed);
		assert_ok!(seal(who, job, 1));
		assert_noop!(submit(), Error::<Test>::AlreadySealed);
	});
}

#[test]
fn an_input_mismatch_of_a_replica_is_said_at_once_and_the_group_goes_on() {
	build_and_execute(|| {
		super::serve(2);
		let redundancy = Redundancy { replicas: 2, answers: 2 };
		let (origin, input) = (RuntimeOrigin::signed(REQUESTER), Box::new(artifact_input()));
		assert_ok!(Inference::request_redundant(origin, VERSION, input, terms(), redundancy));
		run_to(4);
		let [(job, who), (other, partner)] =
			[0, 1].map(|job| (JobId(job), *state(JobId(job)).provider().unwrap()));
		assert_ok!(seal(partner, other, 1));
		let mismatch = Box::new(Output::InputMismatch);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(who), job, mismatch));
		let refunded = JobState::Refunded { reason: RefundReason::InputMismatch, at: 4 };
		assert_eq!(state(job), refunded);
		assert_eq!(Providers::get()[&who].excused, 1);
		assert_eq!(
			events().pop(),
			Some(Event::JobRefunded { job, reason: RefundReason::InputMismatch })
		);
		assert_ok!(reveal(partner, other, 1));
	});
}

/// It has answered the request: another replica would be its second voice.
#[test]
fn a_provider_that_refuses_the_input_is_not_drawn_for_another_replica() {
	build_and_execute(|| {
		super::serve(1);
		let redundancy = Redundancy { replicas: 2, answers: 1 };
		let (origin, input) = (RuntimeOrigin::signed(REQUESTER), Box::new(artifact_input()));
		assert_ok!(Inference::request_redundant(origin, VERSION, input, terms(), redundancy));
		run_to(4);
		let job = if state(JobId(0)) == JobState::Requested { JobId(1) } else { JobId(0) };
		let mismatch = Box::new(Output::InputMismatch);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, mismatch));
		run_to(12);
		let other = JobId(1 - job.0);
		assert_eq!(state(other), JobState::Requested);
	});
}

#[test]
fn a_sealed_job_is_neither_stayed_disputed_settled_nor_cancelled() {
	build_and_execute(|| {
		let [(job, who), _] = sealed(1, 1);
		assert_noop!(Inference::stay(job, &who), Error::<Test>::NotStayable);
		assert_noop!(Inference::contest(job), Error::<Test>::NotSubmitted);
		let origin = RuntimeOrigin::signed;
		assert_noop!(Inference::settle(origin(who), job), Error::<Test>::NotSubmitted);
		assert_noop!(Inference::cancel(origin(REQUESTER), job), Error::<Test>::TooLate);
		assert_noop!(Inference::expire(origin(REQUESTER), job), Error::<Test>::NotExpired);
		assert!(Inference::provisional(job).is_none());
	});
}

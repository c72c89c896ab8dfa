use super::{answer, drawn, reveal, seal, seal_of, sealed, state, SALT};
use crate::{mock::*, Assignments, Error, Event};
use assay_primitives::{
	commitment::{faulted_root, result_seal, tensors_root},
	job::{JobState, Output, RefundReason},
	tensor::{DType, Tensor},
	JobId, Root,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn reveal_result_opens_the_window_of_each_result() {
	build_and_execute(|| {
		let [(job, provider), (other, partner)] = sealed(1, 1);
		assert_ok!(reveal(provider, job, 1));
		let (root, until) = (faulted_root(1, 0), 4 + CHALLENGE);
		assert_eq!(events().pop(), Some(Event::OutputSubmitted { job, provider, root, until }));
		assert_eq!(Inference::job_output(job), Some(answer(1)));
		assert!(!Assignments::<Test>::contains_key(provider, job));
		run_to(5);
		assert_ok!(reveal(partner, other, 1));
		assert_eq!(Told::get(), [job, other]);
		run_to(5 + CHALLENGE);
		assert!([job, other].iter().all(|job| matches!(state(*job), JobState::Settled { .. })));
	});
}

#[test]
fn reveal_result_takes_tensors() {
	build_and_execute(|| {
		let [(job, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		let tensor = Tensor::new(DType::Float32, vec![3], vec![0; 12]).unwrap();
		let seal_result = |who, job| {
			let seal = result_seal(job, &who, &tensors_root(std::slice::from_ref(&tensor)), &SALT);
			Inference::seal_result(RuntimeOrigin::signed(who), job, seal)
		};
		assert_ok!(seal_result(who, job));
		assert_ok!(seal_result(partner, other));
		let reveal = |bytes: Vec<u8>| {
			let output = Box::new(Output::Inline(bytes.try_into().unwrap()));
			Inference::reveal_result(RuntimeOrigin::signed(who), job, output, SALT)
		};
		assert_noop!(reveal(zeros(&[5])), Error::<Test>::WrongTensorShape);
		assert_noop!(reveal(zeros(&[2])), Error::<Test>::WrongSeal);
		assert_ok!(reveal(zeros(&[3])));
	});
}

/// Who sees the seal of another can send it, but never open it.
#[test]
fn a_copied_seal_is_not_opened_by_what_the_other_reveals() {
	build_and_execute(|| {
		let [(job, who), (other, thief)] = drawn(2, 2).try_into().unwrap();
		let copied = seal_of(job, who, 1);
		assert_ok!(seal(who, job, 1));
		assert_ok!(Inference::seal_result(RuntimeOrigin::signed(thief), other, copied));
		assert_ok!(reveal(who, job, 1));
		assert_noop!(reveal(thief, other, 1), Error::<Test>::WrongSeal);
		run_to(4 + REVEAL + 1);
		assert_eq!(Providers::get()[&thief].missed, 1);
	});
}

#[test]
fn what_was_not_sealed_is_not_revealed() {
	build_and_execute(|| {
		let [(job, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		assert_noop!(reveal(who, job, 1), Error::<Test>::NotSealed);
		assert_noop!(reveal(partner, job, 1), Error::<Test>::NotAssigned);
		assert_ok!(seal(who, job, 1));
		assert_ok!(seal(partner, other, 1));
		assert_noop!(reveal(who, job, 2), Error::<Test>::WrongSeal);
		let with = |output: Output, salt| {
			Inference::reveal_result(RuntimeOrigin::signed(who), job, Box::new(output), salt)
		};
		assert_noop!(with(answer(1), Root::default()), Error::<Test>::WrongSeal);
		assert_noop!(with(Output::InputMismatch, SALT), Error::<Test>::WrongSeal);
	});
}

#[test]
fn nothing_is_revealed_before_enough_is_sealed() {
	build_and_execute(|| {
		let [(job, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		assert_ok!(seal(who, job, 1));
		assert_noop!(reveal(who, job, 1), Error::<Test>::TooEarly);
		assert_ok!(seal(partner, other, 1));
		assert_ok!(reveal(who, job, 1));
	});
}

#[test]
fn reveal_result_fails_for_others_twice_and_for_other_jobs() {
	build_and_execute(|| {
		let lone = assigned_job();
		assert_noop!(reveal(PROVIDER, lone, 1), Error::<Test>::NotRedundant);
		assert_noop!(reveal(PROVIDER, JobId(9), 1), Error::<Test>::UnknownJob);
		let [(job, who), (_, partner)] = sealed(1, 1);
		assert_noop!(reveal(partner, job, 1), Error::<Test>::NotAssigned);
		assert_ok!(reveal(who, job, 1));
		assert_noop!(reveal(who, job, 1), Error::<Test>::AlreadySubmitted);
		assert_noop!(seal(who, job, 2), Error::<Test>::AlreadySubmitted);
		run_to(System::block_number() + CHALLENGE);
		assert_noop!(reveal(who, job, 1), Error::<Test>::JobEnded);
	});
}

#[test]
fn a_result_that_is_revealed_too_late_is_a_miss() {
	build_and_execute(|| {
		let [(job, who), (other, partner)] = sealed(1, 1);
		System::set_block_number(4 + REVEAL + 1);
		assert_noop!(reveal(who, job, 1), Error::<Test>::DeadlinePassed);
		System::set_block_number(4 + REVEAL);
		assert_ok!(reveal(partner, other, 1));
		run_to(4 + REVEAL + 1);
		let at = 4 + REVEAL + 1;
		assert_eq!(state(job), JobState::Refunded { reason: RefundReason::Missed, at });
		let record = Providers::get()[&who].clone();
		assert_eq!((record.missed, record.locked), (1, 0));
		assert!(!Assignments::<Test>::contains_key(who, job));
		assert!(matches!(state(other), JobState::Submitted { .. }));
	});
}

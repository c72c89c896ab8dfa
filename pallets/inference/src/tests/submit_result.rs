use crate::{mock::*, Assignments, Error, Event, HoldReason, Inputs, Outputs};
use assay_primitives::{
	commitment::tensors_root,
	job::{JobState, Output, RefundReason, MAX_JOB_ARTIFACT},
	model::Artifact,
	tensor::{DType, Tensor},
	ArtifactHash, JobId, Root,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::DispatchResult;

fn submit(who: u64, job: JobId, output: Output) -> DispatchResult {
	Inference::submit_result(RuntimeOrigin::signed(who), job, Box::new(output))
}

#[test]
fn submit_result_opens_the_window() {
	build_and_execute(|| {
		let job = assigned_job();
		assert_ok!(submit(PROVIDER, job, *output()));
		let tensor = Tensor::new(DType::Float32, vec![3], vec![0; 12]).unwrap();
		let root = tensors_root(&[tensor]);
		let until = 4 + CHALLENGE;
		assert_eq!(
			events().pop(),
			Some(Event::OutputSubmitted { job, provider: PROVIDER, root, until })
		);
		assert!(matches!(
			Inference::job(job).unwrap().state,
			JobState::Submitted { provider: PROVIDER, at: 4, .. }
		));
		assert_eq!(Inference::job_output(job), Some(*output()));
		assert!(!Assignments::<Test>::contains_key(PROVIDER, job));
		assert_eq!(Told::get(), [job]);
	});
}

#[test]
fn submit_result_takes_an_output_by_root() {
	build_and_execute(|| {
		let job = assigned_job();
		let artifact = Artifact { hash: ArtifactHash([4; 32]), size: 1 << 20 };
		assert_ok!(submit(PROVIDER, job, Output::Artifact { root: Root([5; 32]), artifact }));
		let view = Inference::job(job).unwrap();
		assert_eq!(view.state.output().unwrap().artifact, Some(artifact));
	});
}

#[test]
fn submit_result_fails_when_job_is_unknown() {
	build_and_execute(|| {
		assert_noop!(submit(PROVIDER, JobId(9), *output()), Error::<Test>::UnknownJob);
	});
}

#[test]
fn submit_result_fails_when_caller_is_not_assigned() {
	build_and_execute(|| {
		let waiting = requested_job();
		assert_noop!(submit(PROVIDER, waiting, *output()), Error::<Test>::NotAssigned);
		let job = assigned_job();
		assert_noop!(submit(RIVAL, job, *output()), Error::<Test>::NotAssigned);
		assert_noop!(submit(REQUESTER, job, *output()), Error::<Test>::NotAssigned);
	});
}

#[test]
fn submit_result_fails_the_second_time() {
	build_and_execute(|| {
		let job = submitted_job();
		assert_noop!(submit(PROVIDER, job, *output()), Error::<Test>::AlreadySubmitted);
		assert_noop!(submit(RIVAL, job, *output()), Error::<Test>::NotAssigned);
	});
}

#[test]
fn submit_result_fails_when_too_late_even_before_the_sweep_has_come() {
	build_and_execute(|| {
		let job = assigned_job();
		// The block after the deadline, before any sweep.
		System::set_block_number(4 + RESPONSE + 1);
		assert_noop!(submit(PROVIDER, job, *output()), Error::<Test>::DeadlinePassed);
		System::set_block_number(4 + RESPONSE);
		assert_ok!(submit(PROVIDER, job, *output()));
	});
}

#[test]
fn submit_result_fails_when_job_has_ended() {
	build_and_execute(|| {
		let job = submitted_job();
		run_to(4 + CHALLENGE);
		assert_noop!(submit(PROVIDER, job, *output()), Error::<Test>::JobEnded);
	});
}

#[test]
fn submit_result_fails_when_output_is_not_as_declared() {
	build_and_execute(|| {
		let job = assigned_job();
		let inline = |bytes: Vec<u8>| Output::Inline(bytes.try_into().unwrap());
		let mut short = zeros(&[3]);
		short.pop();
		assert_noop!(submit(PROVIDER, job, inline(short)), Error::<Test>::MalformedTensors);
		assert_noop!(submit(PROVIDER, job, inline(zeros(&[5]))), Error::<Test>::WrongTensorShape);
		assert_noop!(
			submit(PROVIDER, job, inline(zeros(&[1, 1]))),
			Error::<Test>::WrongTensorCount
		);
		for size in [0, MAX_JOB_ARTIFACT + 1] {
			let artifact = Artifact { hash: ArtifactHash::default(), size };
			assert_noop!(
				submit(PROVIDER, job, Output::Artifact { root: Root::default(), artifact }),
				Error::<Test>::InvalidArtifactSize
			);
		}
	});
}

#[test]
fn an_input_mismatch_refunds_and_penalizes_nobody() {
	build_and_execute(|| {
		let job = JOB;
		let requester = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request(requester, VERSION, Box::new(artifact_input()), terms()));
		run_to(4);
		assert_ok!(submit(PROVIDER, job, Output::InputMismatch));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		let reason = RefundReason::InputMismatch;
		assert_eq!(events().pop(), Some(Event::JobRefunded { job, reason }));
		let provider = Providers::get()[&PROVIDER].clone();
		assert_eq!((provider.excused, provider.missed, provider.locked), (1, 0, 0));
		assert!(!Inputs::<Test>::contains_key(job) && !Outputs::<Test>::contains_key(job));
	});
}

#[test]
fn an_input_mismatch_of_an_inline_input_is_refused() {
	build_and_execute(|| {
		let job = assigned_job();
		assert_noop!(submit(PROVIDER, job, Output::InputMismatch), Error::<Test>::InputWasInline);
	});
}

/// An index out of range is no fault of the provider.
#[test]
fn that_a_run_ends_early_is_a_result_like_any_other() {
	build_and_execute(|| {
		let job = assigned_job();
		let fault = Box::new(Output::Fault { slot: 3, element: 7 });
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, fault));
		let root = assay_primitives::commitment::faulted_root(3, 7);
		let view = Inference::job(job).unwrap();
		assert_eq!(view.state.output().map(|output| output.root), Some(root));
		run_to(4 + CHALLENGE);
		assert!(matches!(Inference::job(job).unwrap().state, JobState::Settled { .. }));
		assert_eq!(Balances::free_balance(PROVIDER), ED + ASK - SHARE);
	});
}

use crate::{mock::*, Error, Event, HoldReason, Inputs, Outputs};
use assay_primitives::{
	job::{JobState, Output, RefundReason, Refuted, Terms},
	model::VersionStatus,
	tensor::Tensor,
	traits::{Contest, Contestable, VoidReason},
	Balance, JobId, Root,
};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};

/// What the provider has at stake for a job.
const EXPOSURE: Balance = (ASK + PRICE) * 100;

fn state(job: JobId) -> JobState<u64> {
	Inference::job(job).unwrap().state
}

fn root_of(job: JobId) -> Root {
	state(job).output().unwrap().root
}

fn held() -> Balance {
	Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER)
}

#[test]
fn contest_says_what_the_game_is_about() {
	build_and_execute(|| {
		let job = submitted_job();
		let tensor = Tensor::new(assay_primitives::tensor::DType::Float32, vec![2], vec![0; 8]);
		let Tensor { dtype, shape, data } = tensor.unwrap();
		let input = assay_primitives::commitment::tensor_root(dtype, &shape, &data);
		let root = root_of(job);
		let drawn = crate::Jobs::<Test>::get(job).unwrap().agreement.unwrap().seed;
		let seed = sp_io::hashing::blake2_256(&(b"assay/probe/1", job, drawn).encode());
		assert_eq!(
			Inference::contest(job),
			Ok(Contest {
				number: 1,
				graph: Spec::get().commitments.graph,
				symbols: vec![2],
				inputs: vec![input],
				requester: REQUESTER,
				provider: PROVIDER,
				exposure: EXPOSURE,
				output: root,
				outputs: 1,
				least_step: 0,
				tolerance: Spec::get().tolerance,
				seed: Root(seed),
			})
		);
		assert!(matches!(state(job), JobState::Challenged { provider: PROVIDER, at: 4, .. }));
		let challenged = Event::JobChallenged { job, provider: PROVIDER };
		assert_eq!(events().last(), Some(&challenged));
	});
}

#[test]
fn a_disputed_job_waits_however_long_its_verdict_takes() {
	build_and_execute(|| {
		let job = challenged_job();
		run_to(200);
		assert!(matches!(state(job), JobState::Challenged { .. }));
		assert_noop!(
			Inference::settle(RuntimeOrigin::signed(PAUPER), job),
			Error::<Test>::Challenged
		);
		assert_noop!(
			Inference::expire(RuntimeOrigin::signed(PAUPER), job),
			Error::<Test>::NotExpired
		);
		assert_noop!(
			Inference::cancel(RuntimeOrigin::signed(REQUESTER), job),
			Error::<Test>::TooLate
		);
		assert_noop!(
			Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()),
			Error::<Test>::AlreadySubmitted
		);
		assert_eq!(held(), terms().max_fee);
	});
}

#[test]
fn only_a_provisional_result_is_disputed_and_only_once() {
	build_and_execute(|| {
		assert_noop!(Inference::contest(JobId(7)), Error::<Test>::UnknownJob);
		let job = submitted_job();
		let waiting = requested_job();
		assert_noop!(Inference::contest(waiting), Error::<Test>::NotSubmitted);
		Status::set(VersionStatus::Frozen);
		assert_noop!(Inference::contest(job), Error::<Test>::NotDisputable);
		Status::set(VersionStatus::Active);
		assert_ok!(Inference::contest(job));
		assert_noop!(Inference::contest(job), Error::<Test>::Challenged);
	});
}

#[test]
fn a_result_whose_window_is_over_is_not_disputed_even_if_the_sweep_is_late() {
	build_and_execute(|| {
		let job = submitted_job();
		System::set_block_number(4 + CHALLENGE);
		assert_noop!(Inference::contest(job), Error::<Test>::WindowClosed);
		assert_ok!(Inference::settle(RuntimeOrigin::signed(PAUPER), job));
		assert_noop!(Inference::contest(job), Error::<Test>::JobEnded);
	});
}

#[test]
fn a_result_that_stands_is_paid() {
	build_and_execute(|| {
		let job = challenged_job();
		run_to(50);
		Inference::uphold(job);
		assert!(matches!(state(job), JobState::Settled { at: 50, .. }));
		assert_eq!(Balances::free_balance(PROVIDER), ED + ASK - SHARE);
		assert_eq!(held(), 0);
		assert_eq!(Providers::get()[&PROVIDER].delivered, 1);
		run_to(50 + RETENTION);
		assert_eq!(Inference::job(job), None);
	});
}

#[test]
fn a_refuted_result_is_slashed_refunded_and_shown_as_refuted_until_it_is_pruned() {
	build_and_execute(|| {
		let job = challenged_job();
		let root = root_of(job);
		run_to(50);
		assert!(Inference::refute(job, &[(RIVAL, 40), (REQUESTER, 20)]));
		assert!(matches!(state(job), JobState::Slashed { provider: PROVIDER, at: 50, .. }));
		let refuted = Refuted { provider: PROVIDER, root, at: 50 };
		let view = Inference::job(job).unwrap();
		assert_eq!((view.refuted, view.shares), (vec![refuted], vec![]));
		assert_eq!(Slashed::get(), [(RIVAL, 40), (REQUESTER, 20)]);
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT);
		assert_eq!(held(), 0);
		assert!(Outputs::<Test>::contains_key(job) && !Inputs::<Test>::contains_key(job));
		let event = Event::JobRefuted { job, provider: PROVIDER, root, reassigned: false };
		assert_eq!(events().last(), Some(&event));
		run_to(50 + RETENTION);
		assert_eq!(Inference::job(job), None);
	});
}

#[test]
fn a_refuted_result_is_asked_of_another_provider_if_the_requester_chose_so() {
	build_and_execute(|| {
		let chosen = Terms { reassign: true, ..terms() };
		assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), chosen));
		run_to(4);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), JOB, output()));
		assert_ok!(Inference::contest(JOB));
		// Its first deadline is long over.
		run_to(100);
		Providers::mutate(|all| {
			all.insert(RIVAL, provider(ASK));
		});
		assert!(Inference::refute(JOB, &[]));
		assert_eq!(state(JOB), JobState::Requested);
		assert!(!Outputs::<Test>::contains_key(JOB) && Inputs::<Test>::contains_key(JOB));
		run_to(103);
		assert_eq!(state(JOB).provider(), Some(&RIVAL));
		assert_eq!(Inference::job(JOB).unwrap().refuted.len(), 1);
		let rival = RuntimeOrigin::signed(RIVAL);
		assert_ok!(Inference::submit_result(rival, JOB, output()));
		run_to(103 + CHALLENGE);
		assert!(matches!(state(JOB), JobState::Settled { provider: RIVAL, .. }));
		assert_eq!(Inference::job(JOB).unwrap().refuted.len(), 1);
	});
}

#[test]
fn a_dispute_without_a_verdict_costs_nobody_anything() {
	build_and_execute(|| {
		let job = challenged_job();
		Inference::void(job, VoidReason::Undecided);
		let reason = RefundReason::Undecided;
		assert_eq!(state(job), JobState::Refunded { reason, at: 4 });
		assert_eq!(Providers::get()[&PROVIDER].excused, 1);
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT);
		assert_eq!(Prover::get(), None);
	});
}

#[test]
fn an_invalid_graph_freezes_its_version_and_refunds_all_of_its_jobs() {
	build_and_execute(|| {
		let disputed = challenged_job();
		let other = submitted_job();
		assert_ok!(Inference::contest(other));
		let [submitted, assigned, missed] = [(); 3].map(|()| requested_job());
		run_to(System::block_number() + 3);
		let provider = RuntimeOrigin::signed(PROVIDER);
		assert_ok!(Inference::submit_result(provider, submitted, output()));
		let waiting = requested_job();
		Inference::void(disputed, VoidReason::InvalidVersion { prover: RIVAL });
		assert_eq!((Prover::get(), Status::get()), (Some(RIVAL), VersionStatus::Frozen));
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), assigned, output()));
		assert!(!Inference::refute(other, &[(RIVAL, 1)]), "an invalid graph is nobody's fault");
		run_to(System::block_number() + CHALLENGE);
		for job in [disputed, other, submitted, assigned, missed, waiting] {
			let reason = RefundReason::InvalidVersion;
			let ended = state(job);
			assert!(
				matches!(ended, JobState::Refunded { reason: r, .. } if r == reason),
				"{ended:?}"
			);
		}
		let provider = Providers::get()[&PROVIDER].clone();
		assert_eq!((provider.excused, provider.missed, provider.refuted), (5, 0, 0));
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT);
	});
}

#[test]
fn a_result_that_stands_is_not_paid_for_an_invalid_graph() {
	build_and_execute(|| {
		let job = challenged_job();
		Status::set(VersionStatus::Frozen);
		Inference::uphold(job);
		assert!(matches!(state(job), JobState::Refunded { .. }));
		assert_eq!(Balances::free_balance(PROVIDER), ED);
	});
}

#[test]
fn an_input_by_artifact_is_disputed_by_its_roots() {
	build_and_execute(|| {
		let requester = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request(requester, VERSION, Box::new(artifact_input()), terms()));
		run_to(4);
		let output = Output::Inline(zeros(&[3]).try_into().unwrap());
		let provider = RuntimeOrigin::signed(PROVIDER);
		assert_ok!(Inference::submit_result(provider, JOB, Box::new(output)));
		let contest = Inference::contest(JOB).unwrap();
		assert_eq!((contest.inputs, contest.symbols), (vec![Root([9; 32])], vec![2]));
	});
}

/// Honest rounding that an input amplifies: the fee is paid, the provider's part to those who showed
/// the canonical result, and nothing is slashed.
#[test]
fn a_result_outside_of_the_tolerance_is_corrected_and_paid_to_whoever_showed_it() {
	build_and_execute(|| {
		let job = challenged_job();
		let history = Root([5; 32]);
		assert_eq!(Inference::correct(job, history, &RIVAL), ASK - SHARE);
		assert_eq!(state(job), JobState::Corrected { provider: PROVIDER, history, at: 4 });
		assert_eq!(Balances::free_balance(RIVAL), ED + ASK - SHARE);
		assert_eq!(Balances::free_balance(PROVIDER), ED);
		assert_eq!(Balances::free_balance(OWNER), ED + PRICE);
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT - ASK - PRICE);
		assert_eq!(held(), 0);
		let provider = Providers::get()[&PROVIDER].clone();
		assert_eq!((provider.struck, provider.locked), (1, 0));
		assert!(!Outputs::<Test>::contains_key(job));
		let event = Event::JobCorrected { job, provider: PROVIDER, history };
		assert_eq!(events().last(), Some(&event));
		run_to(4 + RETENTION);
		assert_eq!(Inference::job(job), None);
	});
}

#[test]
fn a_share_that_cannot_be_paid_is_not_counted_as_paid() {
	build_and_execute(|| {
		let job = challenged_job();
		Cut::set(ASK - 1);
		// An account that does not exist cannot take less than the existential deposit.
		assert_eq!(Inference::correct(job, Root([5; 32]), &99), 0);
		assert_eq!(Balances::free_balance(99), 0);
		Cut::set(SHARE);
	});
}

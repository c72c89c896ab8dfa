//! The tasks together, against a fake chain and a fake engine: crashes, retries, deadlines.

use assay_primitives::{
	commitment::tensors_root,
	job::{Input, Output, TensorHeader},
	tensor::{decode_tensors, encode_tensors},
	JobId,
};
use assay_worker::{
	batch::Batches,
	journal::{Journal, JournalError, Progress},
	metrics::Metrics,
	tasks::{listener, Context},
};
use std::{
	sync::{atomic::Ordering, Arc},
	time::Duration,
};
use substrate_prometheus_endpoint::Registry;
use tokio::sync::{mpsc, watch, Semaphore};
use tokio_util::sync::CancellationToken;

#[path = "worker/availability.rs"]
mod availability;
#[path = "worker/batches.rs"]
mod batches;
#[path = "worker/custodian.rs"]
mod custodian;
#[path = "worker/drain.rs"]
mod drain;
#[path = "worker/encrypted.rs"]
mod encrypted;
#[path = "worker/replicas.rs"]
mod replicas;
#[path = "worker/sharing.rs"]
mod sharing;
mod support;
use support::rig::*;

#[tokio::test]
async fn a_job_is_answered_once() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	let job = rig.request(1, &[1, 2, 3]);
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	rig.some_blocks(10).await;
	assert_eq!(rig.chain.state().answers, [(job, doubled(&[1, 2, 3]))]);
	assert_eq!(rig.chain.state().signatures, 1);
	assert_eq!(rig.runs.load(Ordering::SeqCst), 1);
	let entry = rig.stopped(running, job).await.unwrap();
	assert_eq!(entry.progress, Progress::Done);
}

#[tokio::test]
async fn many_jobs_are_all_answered() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	for job in 1..=40 {
		rig.request(job, &[job as u8]);
	}
	rig.until("40 answers", |state| state.answers.len() == 40).await;
	assert_eq!(rig.chain.state().signatures, 40);
	rig.stopped(running, JobId(1)).await;
}

#[tokio::test]
async fn a_crash_between_journal_and_submission_leads_to_one_submission_of_the_same_bytes() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::Unanswered);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("a hand-in", |state| state.handed_in.len() == 1).await;
	crash(running).await;
	assert!(rig.chain.state().answers.is_empty());

	let running = rig.start().await;
	rig.until("an answer", |state| state.answers.len() == 1).await;
	rig.some_blocks(10).await;
	let entry = rig.stopped(running, job).await.unwrap();
	assert_eq!(entry.progress, Progress::Done);
	let state = rig.chain.state();
	assert_eq!((state.signatures, state.handed_in.len(), state.answers.len()), (1, 1, 1));
	assert_eq!(rig.runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_crash_after_submission_leads_to_no_second_one() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::IncludedUnanswered);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("an answer", |state| state.answers.len() == 1).await;
	crash(running).await;

	let running = rig.start().await;
	rig.some_blocks(20).await;
	let entry = rig.stopped(running, job).await.unwrap();
	assert_eq!(entry.progress, Progress::Done);
	let state = rig.chain.state();
	assert_eq!((state.signatures, state.answers.len()), (1, 1));
	assert_eq!(state.handed_in.values().copied().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_crash_while_a_model_runs_leads_to_one_answer() {
	let mut rig = Rig::new().await;
	rig.pause = Duration::from_millis(300);
	let running = rig.start().await;
	rig.request(1, &[5]);
	let runs = rig.runs.clone();
	rig.until("a run", |_| runs.load(Ordering::SeqCst) == 1).await;
	crash(running).await;

	let running = rig.start().await;
	rig.until("an answer", |state| state.answers.len() == 1).await;
	rig.some_blocks(10).await;
	rig.stopped(running, JobId(1)).await;
	assert_eq!(rig.chain.state().signatures, 1);
}

#[tokio::test]
async fn a_retryable_failure_is_retried_with_the_same_bytes() {
	let rig = Rig::new().await;
	rig.chain.state().fates.extend([Fate::Lost, Fate::Lost]);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("an answer", |state| state.answers.len() == 1).await;
	rig.stopped(running, job).await;
	let state = rig.chain.state();
	assert_eq!((state.signatures, state.handed_in.len()), (1, 1));
	assert_eq!(state.handed_in.values().copied().collect::<Vec<_>>(), [3]);
}

#[tokio::test]
async fn a_final_failure_is_not_retried() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::Failed);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("a hand-in", |state| state.handed_in.len() == 1).await;
	rig.some_blocks(20).await;
	let entry = rig.stopped(running, job).await.unwrap();
	assert_eq!(entry.progress, Progress::Done);
	assert_eq!(rig.chain.state().handed_in.values().copied().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_transaction_that_the_pool_refuses_is_signed_anew() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::Refused);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("an answer", |state| state.answers.len() == 1).await;
	rig.stopped(running, job).await;
	let state = rig.chain.state();
	assert_eq!((state.signatures, state.handed_in.len(), state.answers.len()), (2, 2, 1));
}

#[tokio::test]
async fn a_full_queue_holds_jobs_back_but_not_the_clock() {
	let rig = Rig::new().await;
	for job in 1..=10 {
		rig.request(job, &[1]);
	}
	let (best_sender, best) = watch::channel(0);
	let (found, mut assigned) = mpsc::channel(4);
	let stop = CancellationToken::new();
	let context = Arc::new(Context {
		chain: rig.chain.clone(),
		data: Default::default(),
		journal: Arc::new(rig.journal().await),
		models: Arc::new(rig.models().await),
		batches: Batches::new(1),
		items: Semaphore::new(1),
		metrics: Metrics::register(&Registry::default()).unwrap(),
		declines: Default::default(),
		best,
		demand: false,
		drain: stop.child_token(),
		stop: stop.clone(),
		turn: Default::default(),
	});
	let listening = tokio::spawn(listener::run(context.clone(), best_sender, found));
	rig.some_blocks(40).await;
	assert_eq!(assigned.len(), 4);
	assert!(context.now() + 20 >= rig.chain.now(), "the best block is {}", context.now());

	let mut jobs = Vec::new();
	while jobs.len() < 10 {
		let next = tokio::time::timeout(PATIENCE, assigned.recv()).await.unwrap();
		jobs.push(next.unwrap().job.0);
	}
	rig.some_blocks(10).await;
	assert!(assigned.try_recv().is_err());
	assert_eq!(jobs, Vec::from_iter(1..=10));
	stop.cancel();
	listening.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_job_whose_deadline_has_passed_is_dropped() {
	let rig = Rig::new().await;
	let late = rig.request_due(1, &[5], rig.chain.now());
	let running = rig.start().await;
	let good = rig.request(2, &[6]);
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	rig.some_blocks(5).await;
	assert_eq!(rig.chain.state().answers, [(good, doubled(&[6]))]);
	assert_eq!(rig.runs.load(Ordering::SeqCst), 1);
	assert_eq!(rig.declined(), [(Some(1), "deadline")]);
	let entry = rig.stopped(running, late).await.unwrap();
	assert_eq!(entry.progress, Progress::Accepted);
}

#[tokio::test]
async fn an_input_artifact_that_is_not_what_was_committed_to_is_answered_with_a_mismatch() {
	let rig = Rig::new().await;
	let bytes = encode_tensors(&[tensor(&[1, 2])]);
	let artifact = rig.models().await.publish(bytes).await.unwrap();
	let root = tensors_root(&[tensor(&[9, 9])]);
	let header = TensorHeader { shape: vec![2].try_into().unwrap(), root };
	let input = Input::Artifact {
		artifact,
		locator: Default::default(),
		tensors: vec![header].try_into().unwrap(),
	};
	let job = rig.chain.assign(1, input, root, rig.chain.now() + 400);
	let running = rig.start().await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	assert_eq!(rig.chain.state().answers, [(job, Output::InputMismatch)]);
	assert_eq!(rig.declined(), [(Some(1), "input_mismatch")]);
	assert_eq!(rig.runs.load(Ordering::SeqCst), 0);
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_large_output_is_submitted_by_root_and_served() {
	let rig = Rig::new().await;
	let values = vec![3; 20_000];
	let job = rig.request(1, &values);
	let running = rig.start().await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	let (_, output) = rig.chain.state().answers[0].clone();
	let Output::Artifact { root, artifact } = output else { panic!("{output:?}") };
	let bytes = rig.models().await.fetch(artifact, &[]).await.unwrap();
	let tensors = decode_tensors(&bytes, &rig.chain.spec.outputs).unwrap();
	assert_eq!(tensors, [tensor(&[6; 20_000])]);
	assert_eq!(root, tensors_root(&tensors));
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_job_is_never_answered_with_two_outputs() {
	let rig = Rig::new().await;
	let before = Output::Inline(vec![1, 2, 3].try_into().unwrap());
	{
		let journal = rig.journal().await;
		journal.accept(JobId(1), 500).unwrap();
		journal.computed(JobId(1), &before).unwrap();
		let refused = journal.computed(JobId(1), &doubled(&[5]));
		assert!(matches!(refused, Err(JournalError::EquivocationRefused { job: JobId(1) })));
	}
	let job = rig.request(1, &[5]);
	let running = rig.start().await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	assert_eq!(rig.chain.state().answers, [(job, before)]);
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_what_runs() {
	let mut rig = Rig::new().await;
	rig.pause = Duration::from_millis(200);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	let runs = rig.runs.clone();
	rig.until("a run", |_| runs.load(Ordering::SeqCst) == 1).await;
	rig.stopped(running, job).await;
	assert_eq!(rig.chain.state().answers, [(job, doubled(&[5]))]);
}

#[tokio::test]
async fn a_damaged_journal_is_reported() {
	let rig = Rig::new().await;
	drop(rig.journal().await);
	let path = rig.folder.path().join(assay_worker::journal::FILE);
	let length = std::fs::metadata(&path).unwrap().len() as usize;
	std::fs::write(&path, vec![0xa5; length]).unwrap();
	let opened = Journal::open(rig.folder.path(), &[0; 32], &PROVIDER);
	assert!(matches!(opened, Err(JournalError::Unreadable { .. })));
}

//! A worker that is told to stop finishes what it has accepted, takes nothing new, and does not wait
//! for what it cannot finish.

use crate::support::rig::*;
use assay_primitives::{provider::ProviderView, AccountId, JobId};
use std::{
	sync::atomic::Ordering,
	time::{Duration, Instant},
};
use tokio::time::timeout;

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(600);

async fn draining(drain: Duration) -> Rig {
	let mut rig = Rig::new().await;
	rig.drain = drain;
	rig
}

fn provider(online: bool) -> Option<ProviderView<AccountId>> {
	Some(ProviderView {
		account: PROVIDER,
		profile: Default::default(),
		bond: 0,
		locked: 0,
		unbonding: None,
		online,
		available: online,
		heartbeat: 0,
		maintenance: None,
		statistics: Default::default(),
		tier: Default::default(),
		asks: Vec::new(),
	})
}

fn is_online(rig: &Rig) -> bool {
	rig.chain.state().provider.as_ref().is_some_and(|provider| provider.online)
}

/// Tell a worker to stop, and go on at once.
fn told(running: Running) -> tokio::task::JoinHandle<Result<(), assay_worker::Error>> {
	running.stop.send(()).unwrap();
	running.handle
}

#[tokio::test]
async fn a_worker_without_open_work_ends_at_once() {
	let rig = draining(LONG).await;
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	rig.some_blocks(5).await;
	let started = Instant::now();
	rig.stopped(running, job).await;
	assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn queued_and_running_jobs_are_answered_before_the_end() {
	let mut rig = draining(LONG).await;
	rig.pause = Duration::from_millis(100);
	let running = rig.start().await;
	for job in 1..=9 {
		rig.request(job, &[job as u8]);
	}
	let runs = rig.runs.clone();
	rig.until("a run", |_| runs.load(Ordering::SeqCst) > 0).await;
	// All of them have been passed on when the first is run, or a block later.
	rig.some_blocks(2).await;
	rig.stopped(running, JobId(1)).await;
	assert_eq!(rig.chain.state().answers.len(), 9);
}

#[tokio::test]
async fn an_answer_that_gets_lost_is_handed_in_again_before_the_end() {
	let rig = draining(LONG).await;
	rig.chain.state().fates.extend([Fate::Lost, Fate::Lost]);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("a hand-in", |state| state.handed_in.len() == 1).await;
	rig.stopped(running, job).await;
	assert_eq!(rig.chain.state().answers, [(job, doubled(&[5]))]);
}

#[tokio::test]
async fn a_draining_worker_takes_no_new_job_and_says_so() {
	let mut rig = draining(LONG).await;
	rig.pause = Duration::from_secs(1);
	let running = rig.start().await;
	let first = rig.request(1, &[5]);
	let runs = rig.runs.clone();
	rig.until("a run", |_| runs.load(Ordering::SeqCst) == 1).await;
	let handle = told(running);
	rig.some_blocks(4).await;
	rig.request(2, &[6]);
	rig.until("the answer", |state| !state.answers.is_empty()).await;
	timeout(PATIENCE, handle).await.unwrap().unwrap().unwrap();
	assert_eq!(rig.chain.state().answers, [(first, doubled(&[5]))]);
	assert_eq!(rig.declined(), [(Some(2), "draining")]);
}

#[tokio::test]
async fn a_worker_goes_offline_as_it_stops_and_serves_again_after_its_restart() {
	let rig = draining(LONG).await;
	rig.chain.state().provider = provider(false);
	let running = rig.start().await;
	let serves = |state: &State| state.provider.as_ref().is_some_and(|provider| provider.online);
	rig.until("a worker online", serves).await;
	rig.stopped(running, JobId(1)).await;
	assert!(!is_online(&rig));

	let running = rig.start().await;
	rig.until("a worker online", serves).await;
	rig.stopped(running, JobId(1)).await;
}

/// The transaction of the run before may be in a block only after the next run has begun.
#[tokio::test]
async fn a_worker_that_was_taken_offline_late_by_its_last_run_serves_again() {
	let rig = Rig::new().await;
	rig.chain.state().provider = provider(true);
	let running = rig.start().await;
	rig.some_blocks(3).await;
	rig.chain.state().provider = provider(false);
	let serves = |state: &State| state.provider.as_ref().is_some_and(|provider| provider.online);
	rig.until("a worker online", serves).await;
	rig.stopped(running, JobId(1)).await;
}

#[tokio::test]
async fn an_operator_that_is_away_is_not_taken_offline() {
	let rig = draining(LONG).await;
	let away = provider(true).map(|provider| ProviderView { available: false, ..provider });
	rig.chain.state().provider = away;
	let running = rig.start().await;
	rig.some_blocks(3).await;
	rig.stopped(running, JobId(1)).await;
	assert!(is_online(&rig));
}

#[tokio::test]
async fn a_seal_is_revealed_before_the_end() {
	let rig = draining(LONG).await;
	let running = rig.start().await;
	let job = rig.request_replica(1, &[5]);
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	let handle = told(running);
	rig.some_blocks(20).await;
	assert!(!handle.is_finished(), "what is sealed has to be revealed");
	rig.open_seal(job, 400);
	timeout(PATIENCE, handle).await.unwrap().unwrap().unwrap();
	assert_eq!(rig.chain.state().revealed.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_finished_in_time_is_left_to_the_next_start() {
	let rig = draining(Duration::from_millis(500)).await;
	let running = rig.start().await;
	let job = rig.request_replica(1, &[5]);
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	rig.stopped(running, job).await;
	assert!(rig.journal().await.replica(job).unwrap().is_some());
}

#[tokio::test]
async fn a_worker_whose_chain_is_unreachable_does_not_wait_for_it() {
	let rig = draining(LONG).await;
	rig.chain.state().fates.push_back(Fate::Unanswered);
	let running = rig.start().await;
	let job = rig.request(1, &[5]);
	rig.until("a hand-in", |state| state.handed_in.len() == 1).await;
	rig.chain.state().unreachable = true;
	let started = Instant::now();
	let handle = told(running);
	timeout(PATIENCE, handle).await.unwrap().unwrap().unwrap();
	assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
	assert!(rig.journal().await.entry(job).unwrap().unwrap().progress.signed().is_some());
}

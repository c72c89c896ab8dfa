//! The challenger against a fake chain whose dispute is the real game: what it accuses, what it
//! leaves alone, and that it plays to the end whatever happens to it. And how it answers audits.

use assay_client::Call;
use assay_dispute::dispute::Outcome;
use assay_primitives::{
	audit::Answer,
	commitment::tensors_root,
	job::{Input, JobState, Output, TensorHeader},
	tensor::encode_tensors,
	AccountId, Root,
};
use assay_worker::{
	engine::canonical::CanonicalEngine,
	journal::{Journal, JournalError},
	lie::{Lie, Manner},
	metrics::Metrics,
	models::Models,
	store::FileStore,
	tasks::{challenger::Orders, Data},
	worker::{work, Parts},
	Error,
};
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;
use tokio::{sync::oneshot, task::JoinHandle};

#[path = "challenger/batches.rs"]
mod batches;
#[path = "support/court.rs"]
mod court;
#[path = "challenger/encrypted.rs"]
mod encrypted;
use court::{nowhere, Court, Eyes, State, BLOCK, DISPUTE, JOB, PROVIDER, STEP};

const CHALLENGER: AccountId = AccountId::new([9; 32]);
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever checks everything, with room for all.
const EVERYBODY: Orders =
	Orders { everybody: true, concurrency: 2, memory_budget: 1 << 30, lie: None };

/// A folder of a worker's, and what it counts.
struct Worker {
	court: Arc<Court>,
	account: AccountId,
	orders: Orders,
	folder: tempfile::TempDir,
	metrics: Metrics,
	data: Data,
}

struct Running {
	handle: JoinHandle<Result<(), Error>>,
	stop: oneshot::Sender<()>,
}

impl Worker {
	fn new(court: &Arc<Court>, account: AccountId, orders: Orders) -> Self {
		let metrics = Metrics::register(&Registry::default()).unwrap();
		let folder = tempfile::tempdir().unwrap();
		let (court, data) = (court.clone(), Data::default());
		Worker { court, account, orders, folder, metrics, data }
	}

	/// The journal, as soon as a worker that crashed has let go of it.
	async fn journal(&self) -> Journal {
		let opened = async {
			loop {
				match Journal::open(self.folder.path(), &[0; 32], &self.account) {
					Err(JournalError::InUse { .. }) => tokio::time::sleep(BLOCK).await,
					opened => return opened.unwrap(),
				}
			}
		};
		tokio::time::timeout(PATIENCE, opened).await.unwrap()
	}

	async fn models(&self) -> Models {
		let folder = self.folder.path().join("artifacts");
		let store = Arc::new(FileStore::open(folder, 1 << 30, false).unwrap());
		let models = Models::new(Arc::new(CanonicalEngine::new(1)), store, 1 << 30);
		models.publish(self.court.onnx.clone()).await.unwrap();
		let files = self.court.state().files.clone();
		for file in files {
			models.publish(file).await.unwrap();
		}
		models
	}

	async fn start(&self) -> Running {
		let parts = Parts {
			chain: Arc::new(Eyes { court: self.court.clone(), account: self.account.clone() }),
			data: self.data.clone(),
			journal: Arc::new(self.journal().await),
			models: Arc::new(self.models().await),
			metrics: self.metrics.clone(),
			orders: None,
			challenger: self.orders.clone(),
			lessor: None,
			demand: true,
			concurrency: 1,
			batch: 1,
			declines: Default::default(),
			drain: Duration::ZERO,
		};
		let (stop, stopped) = oneshot::channel::<()>();
		let handle = tokio::spawn(work(parts, async {
			let _ = stopped.await;
		}));
		Running { handle, stop }
	}

	fn checked(&self, verdict: &str) -> u64 {
		self.metrics.checked.with_label_values(&[verdict]).get()
	}

	fn unchecked(&self, reason: &str) -> u64 {
		self.metrics.unchecked.with_label_values(&[reason]).get()
	}
}

impl Running {
	/// End a worker as SIGKILL does.
	async fn crash(self) {
		self.handle.abort();
		assert!(self.handle.await.unwrap_err().is_cancelled());
	}

	async fn stop(self) {
		self.stop.send(()).unwrap();
		tokio::time::timeout(PATIENCE, self.handle).await.unwrap().unwrap().unwrap();
	}
}

/// Let blocks come until something holds.
async fn until(court: &Court, what: &str, holds: impl Fn(&State) -> bool) {
	let ticks = async {
		while !holds(&court.state()) {
			tokio::time::sleep(BLOCK).await;
			court.tick();
		}
	};
	let late = tokio::time::timeout(PATIENCE, ticks).await.is_err();
	let state = court.state();
	assert!(!late, "{what}: {:?}, refused {:?}", state.dispute, state.refused);
}

async fn until_over(court: &Court) -> Outcome {
	until(court, "a verdict", |state| state.outcome().is_some()).await;
	let outcome = court.state().outcome();
	outcome.unwrap()
}

async fn until_settled(court: &Court) {
	until(court, "settled", |state| matches!(state.job.state, JobState::Settled { .. })).await;
}

/// The seals of the challenges that were signed.
fn seals(state: &State) -> Vec<[u8; 32]> {
	let seal = |(_, call): &(AccountId, Call)| match call {
		Call::Challenge { seal, .. } => Some(*seal),
		_ => None,
	};
	state.signed.iter().filter_map(seal).collect()
}

#[tokio::test]
async fn a_wrong_result_is_challenged_once_and_refuted() {
	let court = Court::new();
	court.submit_wrong();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(seals(&court.state()).len(), 1);
	assert_eq!(worker.checked("wrong"), 1);
	assert_eq!(worker.metrics.moves.with_label_values(&["commit"]).get(), 1);
	running.stop().await;
}

#[tokio::test]
async fn a_game_is_won_against_liars_who_play_to_the_end() {
	let court = Court::new();
	court.submit_wrong();
	for (slot, byte) in [(0, 0), (1, 1_499), (2, 2_399)] {
		court.seat(slot, byte, false);
	}
	court.seat(1, 0, true);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(seals(&court.state()).len(), 1);
	assert_eq!(court.state().count("open"), 4);
	running.stop().await;
}

#[tokio::test]
async fn a_right_result_is_never_challenged() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!(worker.checked("right"), 1);
	running.stop().await;
}

#[tokio::test]
async fn results_of_others_are_not_checked_unless_told() {
	let court = Court::new();
	court.submit_wrong();
	let orders = Orders { everybody: false, ..EVERYBODY };
	let worker = Worker::new(&court, CHALLENGER, orders);
	let running = worker.start().await;
	until_settled(&court).await;
	assert!(court.state().signed.is_empty());
	running.stop().await;
}

#[tokio::test]
async fn a_crash_before_the_challenge_is_in_a_block_leads_to_the_same_seal() {
	let court = Court::new();
	court.submit_wrong();
	court.state().lost = 1;
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until(&court, "a challenge", |state| !seals(state).is_empty()).await;
	running.crash().await;

	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	let seals = seals(&court.state());
	assert!(seals.len() > 1 && seals.iter().all(|seal| *seal == seals[0]));
	assert_eq!(court.state().count("challenge"), 1);
	running.stop().await;
}

#[tokio::test]
async fn a_crash_between_seal_and_reveal_loses_nothing() {
	let court = Court::new();
	court.submit_wrong();
	court.seat(1, 7, false);
	// The worker that comes back was not told to check anything: its bond is reason enough.
	let mut worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until(&court, "a dispute", |state| state.count("challenge") == 1).await;
	running.crash().await;

	worker.orders.everybody = false;
	let running = worker.start().await;
	until(&court, "a reveal", |state| state.count("reveal") == 1).await;
	running.crash().await;

	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(seals(&court.state()).len(), 1);
	running.stop().await;
}

#[tokio::test]
async fn a_right_result_of_ones_own_is_defended() {
	let court = Court::new();
	court.seat(2, 100, true);
	let orders = Orders { everybody: false, ..EVERYBODY };
	let worker = Worker::new(&court, PROVIDER, orders);
	let running = worker.start().await;
	court.open();
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Accepted { survivor: court.history });
	assert_eq!(court.state().count("post"), 1);
	running.stop().await;
}

#[tokio::test]
async fn a_right_result_that_nobody_defends_is_defended_by_those_who_watch() {
	let court = Court::new();
	court.seat(0, 3, true);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	court.open();
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Accepted { survivor: court.history });
	assert_eq!(court.state().count("post"), 1);
	assert!(seals(&court.state()).is_empty());
	running.stop().await;
}

#[tokio::test]
async fn a_wrong_result_of_ones_own_is_not_defended() {
	let court = Court::new();
	court.submit_wrong();
	let worker = Worker::new(&court, PROVIDER, EVERYBODY);
	let running = worker.start().await;
	court.open();
	until(&court, "a look", |_| worker.unchecked("own-result") == 1).await;
	assert!(court.state().signed.is_empty());
	running.stop().await;
}

#[tokio::test]
async fn a_lie_that_is_defended_is_refuted() {
	let court = Court::new();
	let mut shifted = court.right.clone();
	for element in shifted[0].data.as_chunks_mut::<4>().0 {
		*element = (f32::from_le_bytes(*element) + 1.0).to_le_bytes();
	}
	let root = tensors_root(&shifted);
	court.submit(Output::Inline(encode_tensors(&shifted).try_into().unwrap()), root);
	let lie = Some(Lie { manner: Manner::Shifted, defends: true, item: None });
	let liar = Worker::new(&court, PROVIDER, Orders { everybody: false, lie, ..EVERYBODY });
	let honest = Worker::new(&court, CHALLENGER, EVERYBODY);
	let (liar, honest) = (liar.start().await, honest.start().await);
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(court.state().count("post"), 1);
	assert_eq!(court.state().count("open"), 1);
	liar.stop().await;
	honest.stop().await;
}

#[tokio::test]
async fn a_run_that_is_too_large_for_the_budget_is_skipped_with_a_reason() {
	let court = Court::new();
	court.submit_wrong();
	let worker = Worker::new(&court, CHALLENGER, Orders { memory_budget: 1, ..EVERYBODY });
	let running = worker.start().await;
	until_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!(worker.unchecked("too-large"), 1);
	running.stop().await;
}

#[tokio::test]
async fn an_unreachable_input_is_no_accusation() {
	let court = Court::new();
	court.submit_wrong();
	let root = court.state().job.input_root;
	let header = TensorHeader { shape: vec![600].try_into().unwrap(), root };
	court.set_input(Input::Artifact {
		artifact: nowhere(),
		locator: b"http://127.0.0.1:1/x".to_vec().try_into().unwrap(),
		tensors: vec![header].try_into().unwrap(),
	});
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!((worker.checked("right"), worker.checked("wrong")), (0, 0));
	running.stop().await;
}

#[tokio::test]
async fn a_wrong_result_that_nobody_serves_is_refuted_by_its_root_alone() {
	let court = Court::new();
	for root in [tensors_root(&court.wrong()), Root([7; 32])] {
		let court = Court::new();
		court.submit(Output::Artifact { root, artifact: nowhere() }, root);
		let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
		let running = worker.start().await;
		let outcome = until_over(&court).await;
		assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
		running.stop().await;
	}
}

#[tokio::test]
async fn salts_are_forgotten_when_the_dispute_is_gone() {
	let court = Court::new();
	court.submit_wrong();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_over(&court).await;
	court.close();
	let start = court.now();
	until(&court, "some blocks", |_| court.now() > start + 10).await;
	running.stop().await;
	assert_eq!(worker.journal().await.seals(DISPUTE).unwrap(), []);
}

/// An auditor that checks nothing else.
const AUDITOR: Orders = Orders { everybody: false, ..EVERYBODY };

/// The seals of audits that were signed.
fn sealed_audits(state: &State) -> Vec<[u8; 32]> {
	let seal = |(_, call): &(AccountId, Call)| match call {
		Call::CommitAudit { seal, .. } => Some(*seal),
		_ => None,
	};
	state.signed.iter().filter_map(seal).collect()
}

/// Let blocks come until the audit has ended with these answers.
async fn until_audited(court: &Court, answers: [Answer; 2]) {
	until(court, "the end of the audit", |state| state.audited.is_some()).await;
	assert_eq!(court.state().audited.as_deref(), Some(&answers[..]));
}

#[tokio::test]
async fn an_auditor_seals_and_reveals_the_right_trace() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, false);
	until_audited(&court, [Answer::Revealed(court.history); 2]).await;
	assert_eq!(sealed_audits(&court.state()).len(), 1);
	for made in ["commit", "reveal"] {
		assert_eq!(worker.metrics.audits.with_label_values(&[made]).get(), 1, "{made}");
	}
	until_settled(&court).await;
	let start = court.now();
	until(&court, "some blocks", |_| court.now() > start + 3).await;
	running.stop().await;
	assert_eq!(worker.journal().await.audits().unwrap(), [], "the salt is not needed any more");
}

/// The other auditor never answers: the worker reveals when the time for seals is over.
#[tokio::test]
async fn an_auditor_does_not_depend_on_the_other() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, true);
	until_audited(&court, [Answer::Revealed(court.history), Answer::Nothing]).await;
	assert!(court.now() >= STEP);
	running.stop().await;
}

/// A worker that checks nothing disputes what it finds wrong as an auditor.
#[tokio::test]
async fn a_wrong_result_is_disputed_by_its_auditor() {
	let court = Court::new();
	court.submit_wrong();
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, false);
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(court.state().audit, None);
	running.stop().await;
}

/// An accomplice of the provider opens a weak dispute at once, which ends the audit before anybody
/// has said anything. The auditor plays it all the same, and was not told to check anything else.
#[tokio::test]
async fn an_audit_is_not_evaded_by_a_dispute_of_an_accomplice() {
	let court = Court::new();
	court.submit_wrong();
	court.seat(1, 7, false);
	court.state().lost = 1_000;
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, true);
	until(&court, "a look", |state| !state.signed.is_empty()).await;
	court.open();
	until(&court, "the end of the audit", |state| state.audited.is_some()).await;
	court.state().lost = 0;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	running.stop().await;
}

#[tokio::test]
async fn an_audit_of_others_is_not_answered() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(AccountId::new([77; 32]), true);
	until(&court, "the end of the audit", |state| state.audited.is_some()).await;
	assert!(court.state().signed.is_empty());
	running.stop().await;
}

/// A commit that is in no block is signed anew, with the same seal.
#[tokio::test]
async fn a_commit_that_gets_lost_is_made_again() {
	let court = Court::new();
	court.state().lost = 1;
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, false);
	until_audited(&court, [Answer::Revealed(court.history); 2]).await;
	let seals = sealed_audits(&court.state());
	assert!(seals.len() > 1 && seals.iter().all(|seal| *seal == seals[0]));
	running.stop().await;
}

/// SIGKILL before the commit is in a block, after it, and after the reveal was signed.
#[tokio::test]
async fn an_auditor_that_is_killed_at_any_step_reveals_what_it_has_sealed() {
	let court = Court::new();
	court.state().lost = 1;
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let running = worker.start().await;
	court.audit(CHALLENGER, true);
	until(&court, "a seal", |state| !sealed_audits(state).is_empty()).await;
	running.crash().await;

	let running = worker.start().await;
	until(&court, "a commit", |state| state.count("commit") == 1).await;
	court.state().lost = 1;
	until(&court, "a reveal", |state| {
		state.signed.iter().any(|(_, call)| matches!(call, Call::RevealAudit { .. }))
	})
	.await;
	running.crash().await;

	let running = worker.start().await;
	until_audited(&court, [Answer::Revealed(court.history), Answer::Nothing]).await;
	let seals = sealed_audits(&court.state());
	assert!(seals.iter().all(|seal| *seal == seals[0]));
	running.stop().await;
}

/// Killed when the trace was on disk and nothing signed: what is on disk counts.
#[tokio::test]
async fn what_the_journal_has_is_what_is_sealed() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, AUDITOR);
	let header = Default::default();
	let kept = worker.journal().await.audit(JOB, 1, [3; 32], header).unwrap();
	court.audit(CHALLENGER, true);
	let running = worker.start().await;
	until(&court, "a commit", |state| state.count("commit") == 1).await;
	assert_eq!(sealed_audits(&court.state()), [kept.seal(JOB, &CHALLENGER)]);
	running.crash().await;
}

/// A seal that the journal does not know is not opened, and does not stop the worker.
#[tokio::test]
async fn a_lost_salt_stops_nothing_else() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	court.audit(CHALLENGER, false);
	if let Some(audit) = &mut court.state().audit {
		(audit.seats[0].answer, audit.phase) =
			(Answer::Sealed([1; 32]), assay_primitives::audit::Phase::Reveal);
	}
	let running = worker.start().await;
	until(&court, "a refusal", |_| worker.metrics.audits.with_label_values(&["failed"]).get() > 0)
		.await;
	until_settled(&court).await;
	assert_eq!(worker.checked("right"), 1);
	running.stop().await;
}

#[tokio::test]
async fn an_audit_that_does_not_fit_the_memory_is_given_up_with_a_reason() {
	let court = Court::new();
	let worker = Worker::new(&court, CHALLENGER, Orders { memory_budget: 1, ..AUDITOR });
	let running = worker.start().await;
	court.audit(CHALLENGER, true);
	until(&court, "the end of the audit", |state| state.audited.is_some()).await;
	assert!(court.state().signed.is_empty());
	assert_eq!(worker.metrics.audits.with_label_values(&["failed"]).get(), 1);
	running.stop().await;
}

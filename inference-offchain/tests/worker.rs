//! The tasks together, against a fake chain and a fake engine: crashes, retries, deadlines.

use assay_client::{BlockRef, Call, Error as ChainError, Receipt, SignedCall, Wait};
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{JobFilter, Page, ProtocolNumbers},
	commitment::tensors_root,
	dispute::{DisputeView, Spot},
	job::{Input, JobState, JobView, Output, TensorHeader, Terms},
	model::{Artifact, Class, ModelView, PriceUnit, VersionSpec, VersionStatus, VersionView},
	provider::ProviderView,
	tensor::{decode_tensors, encode_tensors, DType, Dimension, Tensor, TensorSpec},
	AccountId, DisputeId, JobId, ModelId, Root, VersionId,
};
use assay_worker::{
	chain::{ChainClient, Entered, HeadStream},
	journal::{Entry, Journal, JournalError, Progress},
	metrics::Metrics,
	models::Models,
	tasks::{challenger::Orders, listener, Context},
	worker::{work, Parts},
	Error,
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use futures::StreamExt;
use std::{
	collections::{BTreeMap, HashMap, VecDeque},
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, MutexGuard,
	},
	time::Duration,
};
use substrate_prometheus_endpoint::Registry;
use tokio::{
	sync::{mpsc, oneshot, watch},
	task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

mod support;
use support::Doubler;

const PROVIDER: AccountId = AccountId::new([7; 32]);
const REQUESTER: AccountId = AccountId::new([8; 32]);
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const BLOCK: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(20);

/// What the fake chain does with the next transaction that is handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
	/// It is lost before the pool has it.
	Lost,
	/// It is in a block, but the answer never comes.
	IncludedUnanswered,
	/// The pool never gets it, and no answer comes.
	Unanswered,
	/// It is in a block and its call fails.
	Failed,
	/// The pool refuses it.
	Refused,
}

/// A transaction of the fake chain, as its bytes are decoded.
#[derive(Clone, Encode, Decode)]
struct Transaction {
	nonce: u32,
	answer: Option<(JobId, Output)>,
}

#[derive(Default)]
struct State {
	jobs: BTreeMap<JobId, (JobView<AccountId>, Input)>,
	fates: VecDeque<Fate>,
	/// The blocks of transactions that are in one.
	included: HashMap<[u8; 32], u32>,
	/// The answers that the chain took.
	answers: Vec<(JobId, Output)>,
	/// How often each transaction was handed in.
	handed_in: HashMap<[u8; 32], u32>,
	signatures: u32,
}

struct FakeChain {
	state: Mutex<State>,
	best: watch::Sender<u32>,
	spec: VersionSpec,
}

fn block(number: u32) -> BlockRef {
	BlockRef { number, hash: [number as u8; 32] }
}

fn lost() -> ChainError {
	ChainError::Disconnected { reason: "fake".into() }
}

impl FakeChain {
	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	fn now(&self) -> u32 {
		*self.best.borrow()
	}

	fn assign(&self, job: u64, input: Input, input_root: Root, due: u32) -> JobId {
		let id = JobId(job);
		let terms = Terms {
			max_fee: 0,
			value: 0,
			deliver_within: 100,
			max_relative: None,
			reassign: false,
		};
		let view = JobView {
			id,
			requester: REQUESTER,
			version: VERSION,
			input_root,
			terms,
			requested: 0,
			deadline: due,
			attempts: 1,
			state: JobState::Assigned { provider: PROVIDER, due },
			refuted: Vec::new(),
			disputes: 0,
			stays: 0,
			shares: Vec::new(),
			fee: 0,
		};
		self.state().jobs.insert(id, (view, input));
		id
	}

	fn include(&self, signed: &SignedCall) -> u32 {
		let now = self.now();
		let transaction = Transaction::decode(&mut &signed.bytes[..]).unwrap();
		let mut state = self.state();
		if let Some(number) = state.included.get(&signed.hash) {
			return *number;
		}
		state.included.insert(signed.hash, now);
		if let Some((job, output)) = transaction.answer {
			state.jobs.remove(&job);
			state.answers.push((job, output));
		}
		now
	}
}

#[async_trait]
impl ChainClient for FakeChain {
	fn account(&self) -> &AccountId {
		&PROVIDER
	}

	fn genesis(&self) -> [u8; 32] {
		[0; 32]
	}

	async fn heads(&self) -> Result<HeadStream, ChainError> {
		let best = self.best.subscribe();
		let heads = futures::stream::unfold(best, |mut best| async move {
			best.changed().await.ok()?;
			let number = *best.borrow_and_update();
			Some((Ok(block(number)), best))
		});
		Ok(heads.boxed())
	}

	async fn best(&self) -> Result<BlockRef, ChainError> {
		Ok(block(self.now()))
	}

	async fn finalized(&self) -> Result<BlockRef, ChainError> {
		Ok(block(self.now().saturating_sub(2)))
	}

	async fn assignments(&self, start: JobId) -> Result<Vec<JobId>, ChainError> {
		Ok(self.state().jobs.range(start..).map(|(job, _)| *job).collect())
	}

	async fn job(&self, job: JobId) -> Result<Option<JobView<AccountId>>, ChainError> {
		Ok(self.state().jobs.get(&job).map(|(view, _)| view.clone()))
	}

	async fn input(&self, job: JobId) -> Result<Option<Input>, ChainError> {
		Ok(self.state().jobs.get(&job).map(|(_, input)| input.clone()))
	}

	async fn jobs(
		&self,
		_: &JobFilter,
		_: Option<JobId>,
		_: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, ChainError> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn output(&self, _: JobId) -> Result<Option<Output>, ChainError> {
		Ok(None)
	}

	async fn disputes(
		&self,
		_: DisputeId,
		_: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, ChainError> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn dispute(&self, _: DisputeId) -> Result<Option<DisputeView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn shown(&self, _: DisputeId, spots: &[Spot]) -> Result<Vec<Option<Shown>>, ChainError> {
		Ok(vec![None; spots.len()])
	}

	async fn version(&self, id: VersionId) -> Result<Option<VersionView>, ChainError> {
		let view = VersionView {
			id,
			spec: self.spec.clone(),
			status: VersionStatus::Active,
			published: 0,
		};
		Ok((id == VERSION).then_some(view))
	}

	async fn model_by_name(&self, _: &str) -> Result<Option<ModelView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn models(
		&self,
		_: ModelId,
		_: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, ChainError> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn provider(&self, _: &AccountId) -> Result<Option<ProviderView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn numbers(&self) -> Result<ProtocolNumbers, ChainError> {
		Err(lost())
	}

	async fn sign(&self, call: Call) -> Result<SignedCall, ChainError> {
		let mut state = self.state();
		state.signatures += 1;
		let answer = match call {
			Call::SubmitResult { job, output } => Some((job, *output)),
			_ => None,
		};
		let bytes = Transaction { nonce: state.signatures, answer }.encode();
		let born = self.now();
		let hash = *blake3::hash(&bytes).as_bytes();
		Ok(SignedCall { hash, bytes, born, dies: born + 128 })
	}

	async fn send(
		&self,
		signed: &SignedCall,
		_: Wait,
		entered: Entered,
	) -> Result<Receipt, ChainError> {
		let fate = {
			let mut state = self.state();
			*state.handed_in.entry(signed.hash).or_default() += 1;
			state.fates.pop_front()
		};
		entered();
		match fate {
			Some(Fate::Lost) => return Err(lost()),
			Some(Fate::Unanswered) => std::future::pending().await,
			Some(Fate::IncludedUnanswered) => {
				self.include(signed);
				std::future::pending().await
			},
			Some(Fate::Failed) => {
				return Err(ChainError::Dispatch {
					pallet: "Inference".into(),
					error: "NotAssigned".into(),
					docs: String::new(),
				})
			},
			Some(Fate::Refused) => {
				return Err(ChainError::Invalid { reason: "fake".into() });
			},
			None => {},
		}
		let number = self.include(signed);
		self.receipt(signed, &block(number)).await
	}

	async fn find(&self, signed: &SignedCall) -> Result<Option<BlockRef>, ChainError> {
		Ok(self.state().included.get(&signed.hash).map(|number| block(*number)))
	}

	async fn receipt(&self, signed: &SignedCall, at: &BlockRef) -> Result<Receipt, ChainError> {
		Ok(Receipt { extrinsic: signed.hash, block: *at, created: Default::default() })
	}
}

fn tensor(values: &[u8]) -> Tensor {
	Tensor::new(DType::Uint8, vec![values.len() as u32], values.to_vec()).unwrap()
}

fn spec(artifact: Artifact) -> VersionSpec {
	let tensors = |name: &[u8]| {
		let spec = TensorSpec {
			name: name.to_vec().try_into().unwrap(),
			dtype: DType::Uint8,
			shape: vec![Dimension::UpTo(1 << 20)].try_into().unwrap(),
		};
		vec![spec].try_into().unwrap()
	};
	VersionSpec {
		artifact,
		locators: Default::default(),
		inputs: tensors(b"x"),
		outputs: tensors(b"y"),
		class: Class::Exact,
		tolerance: None,
		price: 0,
		unit: PriceUnit::Call,
		spec: Default::default(),
		commitments: Default::default(),
		constants: Default::default(),
		licence: Default::default(),
	}
}

/// A chain, an engine and a folder that outlive a worker.
struct Rig {
	chain: Arc<FakeChain>,
	folder: tempfile::TempDir,
	runs: Arc<AtomicU32>,
	pause: Duration,
	ticker: JoinHandle<()>,
}

struct Running {
	handle: JoinHandle<Result<(), Error>>,
	stop: oneshot::Sender<()>,
}

impl Drop for Rig {
	fn drop(&mut self) {
		self.ticker.abort();
	}
}

impl Rig {
	async fn new() -> Rig {
		let folder = tempfile::tempdir().unwrap();
		let runs = Arc::new(AtomicU32::new(0));
		let models =
			support::models(folder.path(), Doubler::new(runs.clone(), Duration::ZERO)).await;
		let artifact = models.publish(b"a model".to_vec()).await.unwrap();
		let chain = Arc::new(FakeChain {
			state: Default::default(),
			best: watch::channel(1).0,
			spec: spec(artifact),
		});
		let clock = chain.clone();
		let ticker = tokio::spawn(async move {
			loop {
				tokio::time::sleep(BLOCK).await;
				clock.best.send_modify(|best| *best += 1);
			}
		});
		Rig { chain, folder, runs, pause: Duration::ZERO, ticker }
	}

	async fn models(&self) -> Models {
		support::models(self.folder.path(), Doubler::new(self.runs.clone(), self.pause)).await
	}

	/// The journal, as soon as a worker that crashed has let go of it.
	async fn journal(&self) -> Journal {
		let opened = async {
			loop {
				match Journal::open(self.folder.path(), &[0; 32], &PROVIDER) {
					Err(JournalError::InUse { .. }) => tokio::time::sleep(BLOCK).await,
					opened => return opened.unwrap(),
				}
			}
		};
		tokio::time::timeout(PATIENCE, opened).await.unwrap()
	}

	async fn start(&self) -> Running {
		let parts = Parts {
			chain: self.chain.clone(),
			journal: Arc::new(self.journal().await),
			models: Arc::new(self.models().await),
			metrics: Metrics::register(&Registry::default()).unwrap(),
			orders: None,
			challenger: Orders {
				everybody: false,
				concurrency: 1,
				memory_budget: 1 << 20,
				lie: None,
			},
			concurrency: 2,
		};
		let (stop, stopped) = oneshot::channel::<()>();
		let handle = tokio::spawn(work(parts, async {
			let _ = stopped.await;
		}));
		Running { handle, stop }
	}

	/// A job with an inline input.
	fn request(&self, job: u64, values: &[u8]) -> JobId {
		self.request_due(job, values, self.chain.now() + 400)
	}

	fn request_due(&self, job: u64, values: &[u8], due: u32) -> JobId {
		let tensors = [tensor(values)];
		let input = Input::Inline(encode_tensors(&tensors).try_into().unwrap());
		self.chain.assign(job, input, tensors_root(&tensors), due)
	}

	async fn until(&self, what: &str, holds: impl Fn(&State) -> bool) {
		let waited = async {
			while !holds(&self.chain.state()) {
				tokio::time::sleep(BLOCK).await;
			}
		};
		tokio::time::timeout(PATIENCE, waited).await.expect(what);
	}

	/// Stop a worker and read what it noted of a job.
	async fn stopped(&self, running: Running, job: JobId) -> Option<Entry> {
		running.stop.send(()).unwrap();
		tokio::time::timeout(PATIENCE, running.handle).await.unwrap().unwrap().unwrap();
		self.journal().await.entry(job).unwrap()
	}

	async fn some_blocks(&self, count: u32) {
		tokio::time::sleep(BLOCK * count).await;
	}
}

/// End a worker as SIGKILL does: nothing of it runs on.
async fn crash(running: Running) {
	running.handle.abort();
	assert!(running.handle.await.unwrap_err().is_cancelled());
}

fn doubled(values: &[u8]) -> Output {
	let values: Vec<u8> = values.iter().map(|value| value.wrapping_mul(2)).collect();
	Output::Inline(encode_tensors(&[tensor(&values)]).try_into().unwrap())
}

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
		journal: Arc::new(rig.journal().await),
		models: Arc::new(rig.models().await),
		metrics: Metrics::register(&Registry::default()).unwrap(),
		best,
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

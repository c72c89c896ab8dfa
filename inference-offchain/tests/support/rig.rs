//! A chain, an engine and a folder that outlive a worker, and what happens to its transactions.

use assay_client::{BlockRef, Call, Error as ChainError, Receipt, SignedCall, Wait};
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{JobFilter, Page, ProtocolNumbers},
	audit::AuditView,
	availability::{AnswerBytes, DemandFilter, DemandView, Place},
	commitment::tensors_root,
	dispute::{DisputeView, Spot},
	job::{Choice, Input, JobKind, JobState, JobView, Output, Terms},
	model::{Artifact, Class, ModelView, PriceUnit, VersionSpec, VersionStatus, VersionView},
	provider::ProviderView,
	tensor::{encode_tensors, DType, Dimension, Tensor, TensorSpec},
	AccountId, DemandId, DisputeId, JobId, ModelId, Root, VersionId,
};
use assay_worker::{
	chain::{ChainClient, Entered, HeadStream},
	decline::Declines,
	journal::{Entry, Journal, JournalError},
	keys::KeyFolder,
	metrics::Metrics,
	models::Models,
	tasks::{challenger::Orders, Data as DataAndKeys},
	worker::{work, Parts},
	Error,
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use futures::StreamExt;
use std::{
	collections::{BTreeMap, HashMap, VecDeque},
	path::PathBuf,
	sync::{atomic::AtomicU32, Arc, Mutex, MutexGuard},
	time::Duration,
};
use substrate_prometheus_endpoint::Registry;
use tokio::{
	sync::{oneshot, watch},
	task::JoinHandle,
};

use super::{
	custody::{Custody, Data},
	Doubler,
};

pub const PROVIDER: AccountId = AccountId::new([7; 32]);
pub const REQUESTER: AccountId = AccountId::new([8; 32]);
pub const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
pub const BLOCK: Duration = Duration::from_millis(25);
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the fake chain does with the next transaction that is handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
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
pub struct Transaction {
	pub nonce: u32,
	pub answer: Option<(JobId, Output)>,
	pub demand: Option<(JobId, Place)>,
	pub serve: Option<(JobId, DemandId, AnswerBytes)>,
	pub seal: Option<(JobId, Root)>,
	pub reveal: Option<(JobId, Output, Root)>,
	pub online: Option<bool>,
	pub custody: Option<Custody>,
}

#[derive(Default)]
pub struct State {
	pub jobs: BTreeMap<JobId, (JobView<AccountId>, Input)>,
	pub fates: VecDeque<Fate>,
	/// The blocks of transactions that are in one.
	pub included: HashMap<[u8; 32], u32>,
	/// The answers that the chain took.
	pub answers: Vec<(JobId, Output)>,
	/// How often each transaction was handed in.
	pub handed_in: HashMap<[u8; 32], u32>,
	pub signatures: u32,
	/// The outputs of jobs that are answered.
	pub outputs: BTreeMap<JobId, Output>,
	/// The demands that are open.
	pub demands: Vec<DemandView<AccountId>>,
	/// What this account has demanded.
	pub demanded: Vec<(JobId, Place)>,
	/// What it has answered demands with.
	pub served: Vec<(DemandId, AnswerBytes)>,
	/// The seals that the chain took.
	pub seals: Vec<(JobId, Root)>,
	/// What was revealed, with its salt.
	pub revealed: Vec<(JobId, Output, Root)>,
	/// The account as a provider.
	pub provider: Option<ProviderView<AccountId>>,
	/// Whether what is asked is never answered.
	pub unreachable: bool,
	/// Assets, and the custody of their keys.
	pub data: Data,
	/// Whether no more blocks become final.
	pub stalled: bool,
}

pub struct FakeChain {
	pub state: Mutex<State>,
	pub best: watch::Sender<u32>,
	pub spec: VersionSpec,
}

pub fn block(number: u32) -> BlockRef {
	BlockRef { number, hash: [number as u8; 32] }
}

/// A call about custody that the chain refuses.
fn refused(error: &str) -> ChainError {
	let pallet = if error == "NotAssigned" { "Inference" } else { "Custody" };
	ChainError::Dispatch { pallet: pallet.into(), error: error.into(), docs: String::new() }
}

pub fn lost() -> ChainError {
	ChainError::Disconnected { reason: "fake".into() }
}

impl FakeChain {
	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	pub fn now(&self) -> u32 {
		*self.best.borrow()
	}

	/// Never returns where nothing is answered.
	async fn answers(&self) {
		if self.state().unreachable {
			std::future::pending().await
		}
	}

	pub fn assign(&self, job: u64, input: Input, input_root: Root, due: u32) -> JobId {
		let id = JobId(job);
		let terms = Terms {
			max_fee: 0,
			value: 0,
			deliver_within: 100,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		};
		let kind = match &input {
			Input::Batch { items, .. } => JobKind::Batch { items: *items },
			_ => JobKind::Single,
		};
		let view = JobView {
			id,
			requester: REQUESTER,
			version: VERSION,
			group: None,
			kind,
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

	pub fn include(&self, signed: &SignedCall) -> Result<u32, ChainError> {
		let now = self.now();
		let transaction = Transaction::decode(&mut &signed.bytes[..]).unwrap();
		let mut state = self.state();
		if let Some(number) = state.included.get(&signed.hash) {
			return Ok(*number);
		}
		state.included.insert(signed.hash, now);
		if let Some(call) = transaction.custody {
			state.execute(call, now).map_err(refused)?;
		}
		if let Some((job, output)) = transaction.answer {
			state.jobs.remove(&job);
			state.answers.push((job, output));
		}
		if let Some((job, seal)) = transaction.seal {
			let (view, _) = state.jobs.get_mut(&job).unwrap();
			view.state = JobState::Sealed { provider: PROVIDER, seal, until: u32::MAX };
			state.seals.push((job, seal));
		}
		if let Some((job, output, salt)) = transaction.reveal {
			state.jobs.remove(&job);
			state.revealed.push((job, output, salt));
		}
		if let (Some(online), Some(provider)) = (transaction.online, &mut state.provider) {
			(provider.online, provider.available) = (online, online);
		}
		if let Some((_, id, answer)) = transaction.serve {
			state.demands.retain(|demand| demand.id != id);
			state.served.push((id, answer));
		}
		if let Some((job, place)) = transaction.demand {
			state.demanded.push((job, place));
			let (view, _) = state.jobs.get_mut(&job).unwrap();
			if let JobState::Assigned { due, .. } = &mut view.state {
				*due = u32::MAX;
			}
			view.stays += 1;
		}
		Ok(now)
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
		self.answers().await;
		Ok(block(self.now()))
	}

	async fn finalized(&self) -> Result<BlockRef, ChainError> {
		let stalled = self.state().stalled;
		Ok(block(if stalled { 0 } else { self.now().saturating_sub(2) }))
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

	async fn output(&self, job: JobId) -> Result<Option<Output>, ChainError> {
		Ok(self.state().outputs.get(&job).cloned())
	}

	async fn demands(
		&self,
		filter: &DemandFilter<AccountId>,
		start: DemandId,
	) -> Result<Page<DemandView<AccountId>, DemandId>, ChainError> {
		assert_eq!(filter.party, Some(PROVIDER));
		// One a page.
		let mut items: Vec<_> = self.state().demands.clone();
		items.retain(|demand| demand.id >= start);
		let next = items.get(1).map(|demand| demand.id);
		items.truncate(1);
		Ok(Page { items, next })
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

	async fn audits(&self) -> Result<Vec<JobId>, ChainError> {
		Ok(Vec::new())
	}

	async fn audit(&self, _: JobId) -> Result<Option<AuditView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn roots_served(&self, _: JobId, _: u32) -> Result<Vec<AnswerBytes>, ChainError> {
		Ok(Vec::new())
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
		self.answers().await;
		Ok(self.state().provider.clone())
	}

	async fn numbers(&self) -> Result<ProtocolNumbers, ChainError> {
		Ok(ProtocolNumbers {
			assignment_delay: 0,
			response_window: 0,
			challenge_window: 0,
			dispute_step: 0,
			dispute_bond: 0,
			availability_step: 100,
			availability_price: 1,
			retention: 0,
			heartbeat_period: u32::MAX,
			min_bond: 0,
			unbonding_period: 0,
			leases: Default::default(),
		})
	}

	async fn sign(&self, call: Call) -> Result<SignedCall, ChainError> {
		let mut state = self.state();
		state.signatures += 1;
		let nonce = state.signatures;
		let mut transaction = Transaction {
			nonce,
			answer: None,
			demand: None,
			serve: None,
			seal: None,
			reveal: None,
			online: None,
			custody: Custody::of(&call),
		};
		match call {
			Call::SubmitResult { job, output } => transaction.answer = Some((job, *output)),
			Call::SealResult { job, seal } => transaction.seal = Some((job, seal)),
			Call::RevealResult { job, output, salt } => {
				transaction.reveal = Some((job, *output, salt));
			},
			Call::SetOnline { online } => transaction.online = Some(online),
			Call::Demand { job, place } => transaction.demand = Some((job, place)),
			Call::Serve { job, demand, answer } => transaction.serve = Some((job, demand, answer)),
			_ => {},
		}
		let bytes = transaction.encode();
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
				let _ = self.include(signed);
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
		let number = self.include(signed)?;
		self.receipt(signed, &block(number)).await
	}

	async fn find(&self, signed: &SignedCall) -> Result<Option<BlockRef>, ChainError> {
		Ok(self.state().included.get(&signed.hash).map(|number| block(*number)))
	}

	async fn receipt(&self, signed: &SignedCall, at: &BlockRef) -> Result<Receipt, ChainError> {
		Ok(Receipt { extrinsic: signed.hash, block: *at, created: Default::default() })
	}
}

pub fn tensor(values: &[u8]) -> Tensor {
	Tensor::new(DType::Uint8, vec![values.len() as u32], values.to_vec()).unwrap()
}

pub fn spec(artifact: Artifact) -> VersionSpec {
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
		permissions: Default::default(),
	}
}

/// A chain, an engine and a folder that outlive a worker.
pub struct Rig {
	pub chain: Arc<FakeChain>,
	pub folder: tempfile::TempDir,
	pub runs: Arc<AtomicU32>,
	pub pause: Duration,
	/// How long a worker that is told to stop waits for what is open.
	pub drain: Duration,
	pub declines: Arc<Declines>,
	/// The folder of content keys, if the worker has one.
	pub keys: Option<PathBuf>,
	pub ticker: JoinHandle<()>,
}

pub struct Running {
	pub handle: JoinHandle<Result<(), Error>>,
	pub stop: oneshot::Sender<()>,
}

impl Drop for Rig {
	fn drop(&mut self) {
		self.ticker.abort();
	}
}

impl Rig {
	pub async fn new() -> Rig {
		let folder = tempfile::tempdir().unwrap();
		let runs = Arc::new(AtomicU32::new(0));
		let models = super::models(folder.path(), Doubler::new(runs.clone(), Duration::ZERO)).await;
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
				clock.state().data.sweep(clock.now());
			}
		});
		let (pause, drain, declines) = (Duration::ZERO, Duration::ZERO, Default::default());
		Rig { chain, folder, runs, pause, drain, declines, keys: None, ticker }
	}

	pub async fn models(&self) -> Models {
		super::models(self.folder.path(), Doubler::new(self.runs.clone(), self.pause)).await
	}

	/// The journal, as soon as a worker that crashed has let go of it.
	pub async fn journal(&self) -> Journal {
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

	pub async fn start(&self) -> Running {
		let keys = self.keys.as_ref().map(|keys| Arc::new(KeyFolder::open(keys).unwrap()));
		let parts = Parts {
			chain: self.chain.clone(),
			data: DataAndKeys { chain: self.chain.clone(), keys },
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
			lessor: None,
			demand: true,
			concurrency: 2,
			batch: 8,
			declines: self.declines.clone(),
			drain: self.drain,
		};
		let (stop, stopped) = oneshot::channel::<()>();
		let handle = tokio::spawn(work(parts, async {
			let _ = stopped.await;
		}));
		Running { handle, stop }
	}

	/// A job with an inline input.
	pub fn request(&self, job: u64, values: &[u8]) -> JobId {
		self.request_due(job, values, self.chain.now() + 400)
	}

	pub fn request_due(&self, job: u64, values: &[u8], due: u32) -> JobId {
		let tensors = [tensor(values)];
		let input = Input::Inline(encode_tensors(&tensors).try_into().unwrap());
		self.chain.assign(job, input, tensors_root(&tensors), due)
	}

	/// A job that is a replica of a group.
	pub fn request_replica(&self, job: u64, values: &[u8]) -> JobId {
		let id = self.request(job, values);
		self.chain.state().jobs.get_mut(&id).unwrap().0.group = Some(id);
		id
	}

	/// Let a sealed replica be revealed for so many blocks.
	pub fn open_seal(&self, job: JobId, window: u32) {
		let end = self.chain.now() + window;
		match &mut self.chain.state().jobs.get_mut(&job).unwrap().0.state {
			JobState::Sealed { until, .. } => *until = end,
			state => panic!("{state:?} is not sealed"),
		}
	}

	pub async fn until(&self, what: &str, holds: impl Fn(&State) -> bool) {
		let waited = async {
			while !holds(&self.chain.state()) {
				tokio::time::sleep(BLOCK).await;
			}
		};
		tokio::time::timeout(PATIENCE, waited).await.expect(what);
	}

	/// Stop a worker and read what it noted of a job.
	pub async fn stopped(&self, running: Running, job: JobId) -> Option<Entry> {
		running.stop.send(()).unwrap();
		tokio::time::timeout(PATIENCE, running.handle).await.unwrap().unwrap().unwrap();
		self.journal().await.entry(job).unwrap()
	}

	/// Why jobs were left, newest first.
	pub fn declined(&self) -> Vec<(Option<u64>, &'static str)> {
		self.declines.newest_first().iter().map(|left| (left.job, left.reason)).collect()
	}

	pub async fn some_blocks(&self, count: u32) {
		tokio::time::sleep(BLOCK * count).await;
	}
}

/// End a worker as SIGKILL does: nothing of it runs on.
pub async fn crash(running: Running) {
	running.handle.abort();
	assert!(running.handle.await.unwrap_err().is_cancelled());
}

pub fn doubled(values: &[u8]) -> Output {
	let values: Vec<u8> = values.iter().map(|value| value.wrapping_mul(2)).collect();
	Output::Inline(encode_tensors(&[tensor(&values)]).try_into().unwrap())
}

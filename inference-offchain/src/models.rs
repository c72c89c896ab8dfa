//! Runs versions: fetches their models, prepares each once, and keeps as many prepared as the
//! memory budget allows.

use crate::{
	artifact::VerifiedFile,
	canonical::{CanonicalModel, Options},
	config::Config,
	engine::{admit, ByClass, Engine, Runnable, VerifiedModel},
	gateway::Gateway,
	store::{FileStore, ModelStore, StoreError},
	Error,
};
use assay_primitives::{
	model::{Artifact, Locator, VersionSpec},
	tensor::Tensor,
};
use codec::Encode;
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::OnceCell;

/// An engine, a store, and the models that are prepared.
pub struct Models {
	engine: Arc<dyn Engine>,
	store: Arc<dyn ModelStore>,
	sessions: Mutex<Sessions>,
	threads: usize,
}

impl Models {
	/// Models of a store, for an engine, of which prepared ones take `memory_budget` bytes.
	pub fn new(engine: Arc<dyn Engine>, store: Arc<dyn ModelStore>, memory_budget: u64) -> Self {
		let sessions = Sessions { budget: memory_budget, ..Sessions::default() };
		Models { engine, store, sessions: Mutex::new(sessions), threads: 0 }
	}

	/// The engines and store that a configuration asks for, and the gateway that serves the store.
	pub async fn open(config: &Config) -> Result<(Models, Gateway), Error> {
		Self::with_engine(config, Arc::new(engine(config))).await
	}

	/// The same with another engine.
	pub async fn with_engine(
		config: &Config,
		engine: Arc<dyn Engine>,
	) -> Result<(Models, Gateway), Error> {
		let folder = config.base_path.join("artifacts");
		let limits = &config.store;
		let store = FileStore::open(folder, limits.disk_budget, limits.allow_file_locators)?;
		let store = Arc::new(store);
		let gateway = Gateway::start(&config.gateway, store.clone()).await?;
		let models = Models::new(engine, store, config.memory_budget);
		Ok((Models { threads: config.threads, ..models }, gateway))
	}

	/// What the engine calls itself.
	pub fn engine_name(&self) -> String {
		self.engine.name()
	}

	/// Make a version ready to run.
	pub async fn prepare(&self, spec: &VersionSpec) -> Result<(), Error> {
		self.session(spec).await.map(drop)
	}

	/// Run a version on a blocking thread. Runs of one version on ONNX Runtime follow one another.
	pub async fn run(
		&self,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<Vec<Tensor>, Error> {
		let session = self.session(spec).await?;
		tokio::task::spawn_blocking(move || session.run(&inputs)).await?
	}

	/// Run a version for an item of a batch, on a blocking thread.
	pub(crate) async fn run_item(
		&self,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
		index: u32,
	) -> Result<Vec<Tensor>, Error> {
		let session = self.session(spec).await?;
		let run = move || session.runnable.run_item(&inputs, index);
		Ok(tokio::task::spawn_blocking(run).await??)
	}

	/// The bytes of an artifact, checked against its hash.
	pub async fn fetch(&self, artifact: Artifact, locators: &[Locator]) -> Result<Vec<u8>, Error> {
		self.fetch_from(artifact, &texts(locators)).await
	}

	/// The same from URLs.
	pub async fn fetch_from(&self, artifact: Artifact, urls: &[String]) -> Result<Vec<u8>, Error> {
		read(&self.fetch_file(artifact, urls).await?).await
	}

	/// The file of an artifact, which is not in memory.
	pub(crate) async fn fetch_file(
		&self,
		artifact: Artifact,
		urls: &[String],
	) -> Result<VerifiedFile, Error> {
		Ok(self.store.fetch(artifact, urls).await?)
	}

	/// Fetch the file of a version, unless it is here.
	pub(crate) async fn fetch_model(&self, spec: &VersionSpec) -> Result<(), Error> {
		self.verified(spec).await.map(drop)
	}

	/// The bytes that prepared models may take.
	pub(crate) fn memory_budget(&self) -> u64 {
		lock(&self.sessions).budget
	}

	/// Whether the engine is compared with the canonical one before it serves a version.
	pub(crate) fn calibrates(&self) -> bool {
		self.engine.calibrates()
	}

	/// Keep bytes where the gateway serves them.
	pub async fn publish(&self, bytes: Vec<u8>) -> Result<Artifact, Error> {
		Ok(self.store.publish(bytes).await?)
	}

	pub(crate) async fn session(&self, spec: &VersionSpec) -> Result<Arc<Session>, Error> {
		let cell = lock(&self.sessions).cell(spec);
		let session = cell.get_or_try_init(|| self.make(spec)).await?.clone();
		lock(&self.sessions).trim(spec);
		Ok(session)
	}

	/// The model of a version in the canonical arithmetic, which is not kept.
	pub(crate) async fn canonical(&self, spec: &VersionSpec) -> Result<CanonicalModel, Error> {
		let model = self.verified(spec).await?;
		let admitted = tokio::task::spawn_blocking(move || admit(&model)).await?;
		Ok(admitted.map(|(_, canonical)| canonical)?)
	}

	/// How the canonical engine runs.
	pub(crate) const fn options(&self) -> Options<'static> {
		Options { threads: self.threads, progress: None, probe: None }
	}

	async fn verified(&self, spec: &VersionSpec) -> Result<VerifiedModel, Error> {
		let file = self.store.fetch(spec.artifact, &texts(&spec.locators)).await?;
		Ok(VerifiedModel { spec: spec.clone(), file })
	}

	async fn make(&self, spec: &VersionSpec) -> Result<Arc<Session>, Error> {
		let model = self.verified(spec).await?;
		let engine = self.engine.clone();
		let runnable = tokio::task::spawn_blocking(move || engine.prepare(&model)).await??;
		Ok(Arc::new(Session { memory: runnable.memory(), runnable }))
	}
}

/// The bytes of a file, checked again.
pub(crate) async fn read(file: &VerifiedFile) -> Result<Vec<u8>, Error> {
	file.read().await.map_err(|error| Error::Store(StoreError::Io(error)))
}

/// The engines that a configuration asks for.
pub(crate) fn engine(config: &Config) -> ByClass {
	ByClass::new(config.device, config.threads)
}

/// The name of the engines that a configuration asks for, if they can be loaded.
pub fn probe(config: &Config) -> Result<String, Error> {
	let engine = engine(config);
	engine.load()?;
	Ok(engine.name())
}

/// Locators that are no text are left out: they cannot be followed.
pub(crate) fn texts(locators: &[Locator]) -> Vec<String> {
	locators
		.iter()
		.filter_map(|locator| String::from_utf8(locator.to_vec()).ok())
		.filter(|locator| !locator.is_empty())
		.collect()
}

/// A prepared model.
pub struct Session {
	memory: u64,
	runnable: Box<dyn Runnable>,
}

impl Session {
	/// Run the model.
	pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		Ok(self.runnable.run(inputs)?)
	}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Cell = Arc<OnceCell<Arc<Session>>>;
type Key = [u8; 32];

/// Prepared models by what decides how they are prepared, with the time of their last use.
#[derive(Default)]
struct Sessions {
	budget: u64,
	clock: u64,
	cells: HashMap<Key, (u64, Cell)>,
}

impl Sessions {
	fn key(spec: &VersionSpec) -> Key {
		let declared = (&spec.inputs, &spec.outputs, &spec.constants);
		let judged = (&spec.class, &spec.tolerance, &spec.spec, &spec.commitments);
		*blake3::hash(&(&spec.artifact, declared, judged).encode()).as_bytes()
	}

	/// The place of a model, which the first to come fills while others wait.
	fn cell(&mut self, spec: &VersionSpec) -> Cell {
		self.clock = self.clock.saturating_add(1);
		let (used, cell) = self.cells.entry(Self::key(spec)).or_default();
		*used = self.clock;
		cell.clone()
	}

	/// Forget what was used longest ago, until the rest fits the budget. The one in use stays.
	fn trim(&mut self, in_use: &VersionSpec) {
		let in_use = Self::key(in_use);
		while self.memory() > self.budget {
			let oldest = self
				.cells
				.iter()
				.filter(|(key, (_, cell))| **key != in_use && cell.initialized())
				.min_by_key(|(_, (used, _))| *used)
				.map(|(key, _)| *key);
			match oldest {
				Some(key) => drop(self.cells.remove(&key)),
				None => return,
			}
		}
	}

	fn memory(&self) -> u64 {
		let sizes = self.cells.values().filter_map(|(_, cell)| Some(cell.get()?.memory));
		sizes.fold(0, u64::saturating_add)
	}
}

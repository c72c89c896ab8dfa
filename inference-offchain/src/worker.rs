//! The worker put together: its parts, its tasks, and how it stops.

use crate::{
	batch::Batches,
	chain::{data::DataChain, ChainClient, RpcChain},
	config::{Config, KeySource},
	decline::Declines,
	drain::drain,
	gateway::Gateway,
	journal::Journal,
	keys::KeyFolder,
	lie::{Liar, Lie},
	metrics::Metrics,
	models::{self, Models},
	tasks::{
		asker, availability, challenger, custodian, encrypted, executor, heartbeat, items, lessor,
		listener, registrar, registrar::Orders, revealer, scheduler, scheduler::Aside, submitter,
		Backoff, Context, Data,
	},
	Error,
};
use assay_client::{
	keys::{self, Keypair},
	Client,
};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use substrate_prometheus_endpoint::{init_prometheus, Registry};
use tokio::{
	sync::{mpsc, watch, Semaphore},
	task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How long a stopping worker waits for what is under way. What is left goes on at the next
/// start, from the journal.
const GRACE: Duration = Duration::from_secs(20);
/// The same of one that has waited already.
const GRACE_AFTER_DRAIN: Duration = Duration::from_secs(2);

/// What a worker is made of.
pub struct Parts {
	/// The chain.
	pub chain: Arc<dyn ChainClient>,
	/// Data, and the keys to it; those of others are kept if there is a folder for them.
	pub data: Data,
	/// The journal of this chain and account.
	pub journal: Arc<Journal>,
	/// Runs versions.
	pub models: Arc<Models>,
	/// What operators see.
	pub metrics: Metrics,
	/// What to register and serve; nothing is registered or served without.
	pub orders: Option<Orders>,
	/// What to do about wrong results and disputes.
	pub challenger: challenger::Orders,
	/// What is offered for leases; nothing without.
	pub lessor: Option<lessor::Orders>,
	/// Whether what cannot be fetched is demanded on chain.
	pub demand: bool,
	/// The jobs that run at once.
	pub concurrency: usize,
	/// The most jobs that share an engine call.
	pub batch: usize,
	/// Where it is kept which jobs were left.
	pub declines: Arc<Declines>,
	/// How long a worker that is to stop waits for what it has accepted.
	pub drain: Duration,
}

/// Work as a configuration says until `shutdown` ends.
pub async fn run(
	config: Config,
	shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
	let mut shutdown = pin!(shutdown);
	let key = load_key(&config.key)?;
	let client = tokio::select! {
		client = connect(&config.node) => client?,
		() = &mut shutdown => return Ok(()),
	};
	let lessor = match config.leases.clone() {
		Some(offer) => Some(lessor::Orders::new(Arc::new(client.clone()), offer)?),
		None => None,
	};
	let keys = config.keys.as_ref().map(KeyFolder::open).transpose()?.map(Arc::new);
	let rpc = Arc::new(RpcChain::new(client, key));
	let data = Data { chain: rpc.clone() as Arc<dyn DataChain>, keys };
	let chain: Arc<dyn ChainClient> = rpc;
	// The journal comes before all else that touches the folder: it is the lock on it.
	let journal = Journal::open(&config.base_path, &chain.genesis(), chain.account())?;
	let registry = Registry::default();
	let metrics = Metrics::register(&registry)?;
	let lie = Lie::from_environment()?;
	let (models, gateway) = open_models(&config, lie).await?;
	tracing::info!(
		target: "worker",
		account = %keys::to_ss58(chain.account()),
		node = config.node,
		gateway = gateway.url(),
		engine = models.engine_name(),
		base_path = %config.base_path.display(),
		"worker started",
	);
	let orders = Orders::new(&config, gateway.url(), &models.engine_name())?;
	let parts = Parts {
		chain,
		data,
		journal: Arc::new(journal),
		models: Arc::new(models),
		metrics,
		orders: Some(orders),
		challenger: challenger::Orders {
			everybody: config.challenge,
			concurrency: config.concurrency,
			memory_budget: config.memory_budget,
			lie,
		},
		lessor,
		demand: config.demand,
		concurrency: config.concurrency,
		batch: config.engine.batch,
		declines: gateway.declines(),
		drain: Duration::from_secs(config.drain),
	};
	let metrics_server = async {
		match config.metrics {
			Some(address) => init_prometheus(address, registry).await,
			None => std::future::pending().await,
		}
	};
	let worked = tokio::select! {
		worked = work(parts, shutdown) => worked,
		served = metrics_server => Err(Error::Metrics {
			reason: served.err().map_or("the server ended".into(), |error| error.to_string()),
		}),
	};
	gateway.stop().await;
	worked
}

/// The models of a configuration, or of a liar, for tests.
async fn open_models(config: &Config, lie: Option<Lie>) -> Result<(Models, Gateway), Error> {
	let Some(lie) = lie else { return Models::open(config).await };
	tracing::warn!(target: "worker", ?lie, "THIS WORKER LIES: it is a test, and loses its stake");
	let liar = Liar::new(models::engine(config), lie);
	Models::with_engine(config, Arc::new(liar)).await
}

/// Run the tasks until `shutdown` ends and nothing is open, or one of them cannot go on.
pub async fn work(parts: Parts, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
	let (best_sender, best) = watch::channel(0);
	let (found, assigned) = mpsc::channel(256);
	let (next, ready) = mpsc::channel(1);
	let (batch, batches) = mpsc::channel(256);
	let (with_data, about_data) = mpsc::channel(256);
	let (computed, answers) = mpsc::channel(64);
	let (stop, answered) = (CancellationToken::new(), CancellationToken::new());
	let context = Arc::new(Context {
		chain: parts.chain,
		data: parts.data,
		journal: parts.journal,
		models: parts.models,
		batches: Batches::new(parts.batch),
		items: Semaphore::new(parts.concurrency.max(1)),
		metrics: parts.metrics,
		declines: parts.declines,
		best,
		demand: parts.demand,
		drain: stop.child_token(),
		stop: stop.clone(),
		turn: Arc::default(),
	});
	let mut tasks = JoinSet::new();
	tasks.spawn(listener::run(context.clone(), best_sender, found));
	let aside = Aside { batches: batch, with_data };
	tasks.spawn(scheduler::run(context.clone(), assigned, next, aside));
	// Beside the jobs, so that none waits for a batch to end, or for somebody to deliver a key.
	let at_once = items::MOST_BATCHES;
	tasks.spawn(executor::run(context.clone(), at_once, batches, computed.clone()));
	let at_once = encrypted::MOST_AT_ONCE;
	tasks.spawn(executor::run(context.clone(), at_once, about_data, computed.clone()));
	tasks.spawn(executor::run(context.clone(), parts.concurrency, ready, computed));
	let submitted = submitter::run(context.clone(), answers);
	let all_answered = answered.clone();
	tasks.spawn(async move { submitted.await.inspect(|()| all_answered.cancel()) });
	tasks.spawn(revealer::run(context.clone()));
	tasks.spawn(heartbeat::run(context.clone()));
	tasks.spawn(availability::run(context.clone()));
	tasks.spawn(asker::watch::run(context.clone()));
	if let Some(keys) = context.data.keys.clone() {
		tasks.spawn(custodian::run(context.clone(), keys));
	}
	tasks.spawn(challenger::run(context.clone(), parts.challenger));
	if let Some(orders) = parts.lessor {
		tasks.spawn(lessor::run(context.clone(), orders));
	}
	if let Some(orders) = parts.orders {
		tasks.spawn(registrar::run(context.clone(), orders));
	}
	let shutdown = async {
		shutdown.await;
		drain(&context, parts.drain, &answered).await;
	};
	let failure = tokio::select! {
		() = shutdown => None,
		failure = first_failure(&mut tasks) => failure,
	};
	tracing::info!(target: "worker", "stopping");
	stop.cancel();
	let grace = if parts.drain.is_zero() { GRACE } else { GRACE_AFTER_DRAIN };
	match tokio::time::timeout(grace, first_failure(&mut tasks)).await {
		Ok(late) => failure.or(late).map_or(Ok(()), Err),
		Err(_) => {
			tracing::warn!(target: "worker", "jobs under way are left to the next start");
			tasks.shutdown().await;
			failure.map_or(Ok(()), Err)
		},
	}
}

/// Wait for a task to fail; `None` when all have ended.
async fn first_failure(tasks: &mut JoinSet<Result<(), Error>>) -> Option<Error> {
	while let Some(ended) = tasks.join_next().await {
		match ended {
			Ok(Ok(())) => {},
			Ok(Err(error)) => return Some(error),
			Err(error) => return Some(error.into()),
		}
	}
	None
}

/// The key of a source.
pub fn load_key(source: &KeySource) -> Result<Keypair, Error> {
	Ok(match source {
		KeySource::Uri(uri) => keys::from_uri(uri)?,
		KeySource::File(file) => keys::from_file(file)?,
	})
}

/// Connect to a node, however long it takes for it to be there.
async fn connect(url: &str) -> Result<Client, Error> {
	let mut backoff = Backoff::default();
	loop {
		match Client::connect(url).await {
			Err(error) if error.is_retryable() => {
				tracing::warn!(target: "worker", url, %error, "no node yet");
				tokio::time::sleep(backoff.next_pause()).await;
			},
			answer => return Ok(answer?),
		}
	}
}

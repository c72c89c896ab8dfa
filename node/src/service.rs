//! The running node: network, RPC, consensus and, if asked for, the embedded worker.

use crate::{
	consensus::{spawn_author, spawn_voter, Gossip, Shared},
	nodelay,
	partial::{self, BlockHash, Extra, FullBackend, GrandpaLink, Parts, SelectChain},
	rpc, worker,
};
use assay_runtime::opaque::Block;
use futures::FutureExt;
use sc_client_api::Backend;
use sc_consensus_grandpa::{warp_proof, FinalityProofProvider, SharedVoterState};
use sc_network::{
	config::{FullNetworkConfiguration, NetworkBackendType},
	service::traits::NetworkService,
	Litep2pNetworkBackend, NetworkBackend, NetworkWorker, NotificationMetrics, NotificationService,
	ProtocolName,
};
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{
	BuildNetworkParams, Configuration, Error as ServiceError, SpawnTasksParams, TaskManager,
	WarpSyncConfig,
};
use sc_telemetry::Telemetry;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Start a node; with `provider`, also a worker that serves through this node.
pub fn start(
	config: Configuration,
	provider: Option<worker::Settings>,
) -> Result<TaskManager, ServiceError> {
	match config.network.network_backend {
		NetworkBackendType::Litep2p => start_on::<Litep2pNetworkBackend>(config, provider),
		NetworkBackendType::Libp2p => start_on::<NetworkWorker<Block, BlockHash>>(config, provider),
	}
}

fn start_on<N: NetworkBackend<Block, BlockHash>>(
	config: Configuration,
	provider: Option<worker::Settings>,
) -> Result<TaskManager, ServiceError> {
	let mut parts = partial::build(&config)?;
	let voter_state = SharedVoterState::empty();
	let rpc = rpc_deps(&parts, &voter_state);
	let grandpa = GrandpaProtocol::<N>::new(&config, &parts);
	let (network, system_rpc_tx, tx_handler_controller, sync, _bitswap) =
		sc_service::build_network(BuildNetworkParams {
			config: &config,
			net_config: grandpa.net_config,
			client: parts.client.clone(),
			transaction_pool: parts.transaction_pool.clone(),
			spawn_handle: parts.task_manager.spawn_handle(),
			spawn_essential_handle: parts.task_manager.spawn_essential_handle(),
			import_queue: parts.import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(warp_sync(&parts.backend, &parts.other.grandpa_link)),
			block_relay: None,
			metrics: grandpa.metrics,
			gap_sync_body_policy: None,
		})?;
	let shared = Shared {
		client: parts.client,
		pool: parts.transaction_pool,
		keystore: parts.keystore_container.keystore(),
		sync: sync.clone(),
		network: network.clone(),
		prometheus: config.prometheus_registry().cloned(),
		telemetry: parts.other.telemetry.as_ref().map(Telemetry::handle),
	};
	if config.offchain_worker.enabled {
		spawn_offchain_workers(&config, &parts.task_manager, &shared, &parts.backend)?;
	}
	let duties = Duties {
		gossip: Gossip {
			protocol: grandpa.protocol,
			notifications: grandpa.notifications,
			voter_state,
			role: config.role,
			name: config.network.node_name.clone(),
		},
		force_authoring: config.force_authoring,
		votes: !config.disable_grandpa,
	};
	let provider_path = config.data_path.join("provider");
	let handlers = sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client: shared.client.clone(),
		backend: parts.backend,
		task_manager: &mut parts.task_manager,
		keystore: shared.keystore.clone(),
		transaction_pool: shared.pool.clone(),
		rpc_builder: Box::new(move |executor| {
			rpc::build(rpc.clone(), executor).map_err(Into::into)
		}),
		network,
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync,
		telemetry: parts.other.telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	nodelay::send_at_once(handlers.listen_addresses());
	// Only now: `spawn_tasks` has put development keys into the keystore.
	spawn_consensus(&parts.task_manager, &shared, parts.select_chain, parts.other, duties)?;
	if let Some(settings) = provider {
		let guard = worker::spawn(settings, handlers.listen_addresses(), provider_path)?;
		parts.task_manager.keep_alive(guard);
	}
	Ok(parts.task_manager)
}

/// What the node does in consensus.
struct Duties {
	gossip: Gossip,
	force_authoring: bool,
	votes: bool,
}

fn spawn_consensus(
	tasks: &TaskManager,
	shared: &Shared,
	select_chain: SelectChain,
	extra: Extra,
	duties: Duties,
) -> Result<(), ServiceError> {
	if duties.gossip.role.is_authority() {
		let (import, link) = (extra.block_import, extra.babe_link);
		spawn_author(tasks, shared, select_chain, import, link, duties.force_authoring)?;
	}
	if duties.votes {
		spawn_voter(tasks, shared, extra.grandpa_link, duties.gossip)?;
	}
	Ok(())
}

/// The network's configuration with GRANDPA's protocol in it.
struct GrandpaProtocol<N: NetworkBackend<Block, BlockHash>> {
	protocol: ProtocolName,
	notifications: Box<dyn NotificationService>,
	metrics: NotificationMetrics,
	net_config: FullNetworkConfiguration<Block, BlockHash, N>,
}

impl<N: NetworkBackend<Block, BlockHash>> GrandpaProtocol<N> {
	fn new(config: &Configuration, parts: &Parts) -> Self {
		let registry = config.prometheus_registry().cloned();
		let metrics = N::register_notification_metrics(registry.as_ref());
		let mut net_config = FullNetworkConfiguration::new(&config.network, registry);
		let genesis = parts.client.info().genesis_hash;
		let protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
		let (grandpa, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
		net_config.add_notification_protocol(grandpa);
		Self { protocol, notifications, metrics, net_config }
	}
}

fn warp_sync(backend: &Arc<FullBackend>, link: &GrandpaLink) -> WarpSyncConfig<Block> {
	let authorities = link.shared_authority_set().clone();
	let provider = warp_proof::NetworkProvider::new(backend.clone(), authorities, Vec::new());
	WarpSyncConfig::WithProvider(Arc::new(provider))
}

fn rpc_deps(parts: &Parts, voter_state: &SharedVoterState) -> rpc::Deps {
	let authority_set = parts.other.grandpa_link.shared_authority_set().clone();
	rpc::Deps {
		client: parts.client.clone(),
		pool: parts.transaction_pool.clone(),
		select_chain: parts.select_chain.clone(),
		keystore: parts.keystore_container.keystore(),
		babe_worker: parts.other.babe_worker.clone(),
		voter_state: voter_state.clone(),
		justifications: parts.other.grandpa_link.justification_stream(),
		finality_proofs: FinalityProofProvider::new_for_service(
			parts.backend.clone(),
			Some(authority_set.clone()),
		),
		authority_set,
	}
}

fn spawn_offchain_workers(
	config: &Configuration,
	task_manager: &TaskManager,
	shared: &Shared,
	backend: &Arc<FullBackend>,
) -> Result<(), ServiceError> {
	let network: Arc<dyn NetworkService> = shared.network.clone();
	let workers = OffchainWorkers::new(OffchainWorkerOptions {
		runtime_api_provider: shared.client.clone(),
		is_validator: config.role.is_authority(),
		keystore: Some(shared.keystore.clone()),
		offchain_db: backend.offchain_storage(),
		transaction_pool: Some(OffchainTransactionPoolFactory::new(shared.pool.clone())),
		network_provider: Arc::new(network),
		enable_http_requests: false,
		custom_extensions: |_| Vec::new(),
	})?;
	let run = workers.run(shared.client.clone(), task_manager.spawn_handle()).boxed();
	task_manager.spawn_handle().spawn("offchain-workers-runner", Some("offchain-worker"), run);
	Ok(())
}

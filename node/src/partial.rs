//! The parts of a node that its service and the chain commands share.

use assay_runtime::{opaque::Block, BlockNumber, RuntimeApi, FINALIZED_INHERENT};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{GrandpaBlockImport, GrandpaPruningFilter, LinkHalf};
use sc_service::{
	Configuration, Error as ServiceError, PartialComponents, TFullBackend, TFullClient, TaskManager,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use sp_consensus_babe::SlotDuration;
use sp_inherents::{
	CreateInherentDataProviders, InherentData, InherentDataProvider, InherentIdentifier,
};
use sp_runtime::traits::Block as BlockT;
use std::{error::Error, sync::Arc};

/// Runs the runtime with the standard host functions and no others.
pub type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The client of this chain.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;
/// The database of this chain.
pub type FullBackend = TFullBackend<Block>;
/// The rule by which a best chain is chosen among forks.
pub type SelectChain = LongestChain<FullBackend, Block>;
/// The transaction pool of this chain.
pub type Pool = TransactionPoolHandle<Block, FullClient>;
/// The hash of a block.
pub type BlockHash = <Block as BlockT>::Hash;

type GrandpaImport = GrandpaBlockImport<FullBackend, Block, FullClient, SelectChain>;
/// Imports blocks under BABE's rules, then GRANDPA's.
pub type BlockImport = BabeBlockImport<Block, FullClient, GrandpaImport, Inherents, SelectChain>;
/// What GRANDPA's voter shares with the import of blocks.
pub type GrandpaLink = LinkHalf<Block, FullClient, SelectChain>;

/// The shared parts of a node of this chain.
pub type Parts =
	PartialComponents<FullClient, FullBackend, SelectChain, DefaultImportQueue<Block>, Pool, Extra>;

/// GRANDPA keeps a justification at least every so many blocks.
const JUSTIFICATION_PERIOD: u32 = 512;
/// The number of telemetry messages that may wait.
const TELEMETRY_BUFFER: usize = 16;

/// The parts that are particular to this chain's consensus.
pub struct Extra {
	/// Imports blocks.
	pub block_import: BlockImport,
	/// Shared between block import and voter.
	pub grandpa_link: GrandpaLink,
	/// Shared between block import and author.
	pub babe_link: BabeLink<Block>,
	/// Answers questions on BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// Where telemetry goes, if anywhere.
	pub telemetry: Option<Telemetry>,
}

/// Provides a block's inherent data: the time, the slot that it falls into, and the last final block
/// that this node knows.
#[derive(Clone)]
pub struct Inherents {
	slot: SlotDuration,
	client: Arc<FullClient>,
}

/// The number of the last final block.
pub struct Finalized(BlockNumber);

#[async_trait::async_trait]
impl InherentDataProvider for Finalized {
	async fn provide_inherent_data(
		&self,
		data: &mut InherentData,
	) -> Result<(), sp_inherents::Error> {
		data.put_data(FINALIZED_INHERENT, &self.0)
	}

	async fn try_handle_error(
		&self,
		_: &InherentIdentifier,
		_: &[u8],
	) -> Option<Result<(), sp_inherents::Error>> {
		None
	}
}

#[async_trait::async_trait]
impl CreateInherentDataProviders<Block, ()> for Inherents {
	type InherentDataProviders = (
		sp_consensus_babe::inherents::InherentDataProvider,
		sp_timestamp::InherentDataProvider,
		Finalized,
	);

	async fn create_inherent_data_providers(
		&self,
		_parent: BlockHash,
		(): (),
	) -> Result<Self::InherentDataProviders, Box<dyn Error + Send + Sync>> {
		let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
		let slot =
			sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
				*timestamp, self.slot,
			);
		Ok((slot, timestamp, Finalized(self.client.info().finalized_number)))
	}
}

impl Inherents {
	/// The inherents of a chain with the slot duration of `link`.
	pub fn of(link: &BabeLink<Block>, client: Arc<FullClient>) -> Self {
		Self { slot: link.config().slot_duration(), client }
	}
}

/// Build the shared parts of a node.
pub fn build(config: &Configuration) -> Result<Parts, ServiceError> {
	let telemetry = connect_telemetry(config)?;
	let handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());
	let executor = sc_service::new_wasm_executor(&config.executor);
	// Warp sync needs the blocks with justifications: they outlive pruning.
	let kept = vec![Arc::new(GrandpaPruningFilter) as Arc<_>];
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(config, handle, executor, kept)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let select_chain = LongestChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);
	let (import_queue, extra) =
		build_import(config, &client, &select_chain, &transaction_pool, &task_manager, telemetry)?;
	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: extra,
	})
}

fn connect_telemetry(
	config: &Configuration,
) -> Result<Option<(TelemetryWorker, Telemetry)>, ServiceError> {
	let Some(endpoints) = config.telemetry_endpoints.clone().filter(|list| !list.is_empty()) else {
		return Ok(None);
	};
	let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

fn build_import(
	config: &Configuration,
	client: &Arc<FullClient>,
	select_chain: &SelectChain,
	pool: &Arc<Pool>,
	task_manager: &TaskManager,
	telemetry: Option<Telemetry>,
) -> Result<(DefaultImportQueue<Block>, Extra), ServiceError> {
	let handle = telemetry.as_ref().map(Telemetry::handle);
	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&(client.clone() as Arc<_>),
		select_chain.clone(),
		handle.clone(),
	)?;
	let babe = sc_consensus_babe::configuration(&**client)?;
	let slot_duration = babe.slot_duration();
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe,
		grandpa_import.clone(),
		client.clone(),
		Inherents { slot: slot_duration, client: client.clone() },
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(pool.clone()),
	)?;
	let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
		link: babe_link.clone(),
		block_import: block_import.clone(),
		justification_import: Some(Box::new(grandpa_import)),
		client: client.clone(),
		slot_duration,
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		telemetry: handle,
	})?;
	Ok((import_queue, Extra { block_import, grandpa_link, babe_link, babe_worker, telemetry }))
}

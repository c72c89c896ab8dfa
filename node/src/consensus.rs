//! The two tasks of consensus: the author of blocks (BABE) and the voter on them (GRANDPA).

use crate::partial::{BlockImport, FullClient, GrandpaLink, Inherents, Pool, SelectChain};
use assay_runtime::opaque::Block;
use sc_basic_authorship::ProposerFactory;
use sc_consensus_babe::{BabeLink, BabeParams, SlotProportion};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{service::traits::NetworkService, NotificationService, ProtocolName};
use sc_network_sync::SyncingService;
use sc_service::{Error as ServiceError, Role, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// The part of a slot that is spent on filling a block. The rest is for spreading it.
const PROPOSAL_PORTION: f32 = 0.5;
/// How long GRANDPA waits for messages to spread.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);
/// GRANDPA proves finality to light clients at least every so many blocks.
const JUSTIFICATION_GENERATION_PERIOD: u32 = 512;

/// What both tasks need.
pub struct Shared {
	/// The client.
	pub client: Arc<FullClient>,
	/// The transaction pool.
	pub pool: Arc<Pool>,
	/// The keys of this node.
	pub keystore: KeystorePtr,
	/// The state of synchronisation.
	pub sync: Arc<SyncingService<Block>>,
	/// The network.
	pub network: Arc<dyn NetworkService>,
	/// Where metrics are registered.
	pub prometheus: Option<Registry>,
	/// Where telemetry goes.
	pub telemetry: Option<TelemetryHandle>,
}

/// Start authoring blocks with the keys of the keystore.
pub fn spawn_author(
	task_manager: &TaskManager,
	shared: &Shared,
	select_chain: SelectChain,
	block_import: BlockImport,
	babe_link: BabeLink<Block>,
	force_authoring: bool,
) -> Result<(), ServiceError> {
	let env = ProposerFactory::new(
		task_manager.spawn_handle(),
		shared.client.clone(),
		shared.pool.clone(),
		shared.prometheus.as_ref(),
		shared.telemetry.clone(),
	);
	let author = sc_consensus_babe::start_babe(BabeParams {
		keystore: shared.keystore.clone(),
		client: shared.client.clone(),
		select_chain,
		env,
		block_import,
		sync_oracle: shared.sync.clone(),
		justification_sync_link: shared.sync.clone(),
		create_inherent_data_providers: Inherents::of(&babe_link, shared.client.clone()),
		force_authoring,
		backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
		babe_link,
		block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
		max_block_proposal_slot_portion: None,
		telemetry: shared.telemetry.clone(),
	})?;
	task_manager.spawn_essential_handle().spawn_blocking(
		"babe-proposer",
		Some("block-authoring"),
		author,
	);
	Ok(())
}

/// GRANDPA's place in the network.
pub struct Gossip {
	/// The name of its protocol on this chain.
	pub protocol: ProtocolName,
	/// Where its messages arrive.
	pub notifications: Box<dyn NotificationService>,
	/// Where the voter shows its state to the RPC.
	pub voter_state: SharedVoterState,
	/// The name of this node among voters.
	pub name: String,
	/// The role of this node.
	pub role: Role,
}

/// Start voting on blocks, or, without a key in the voter set, following the votes.
pub fn spawn_voter(
	task_manager: &TaskManager,
	shared: &Shared,
	link: GrandpaLink,
	gossip: Gossip,
) -> Result<(), ServiceError> {
	let keystore = gossip.role.is_authority().then(|| shared.keystore.clone());
	let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
		config: sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_GENERATION_PERIOD,
			observer_enabled: false,
			local_role: gossip.role,
			name: Some(gossip.name),
			keystore,
			telemetry: shared.telemetry.clone(),
			protocol_name: gossip.protocol,
		},
		link,
		network: shared.network.clone(),
		sync: shared.sync.clone(),
		notification_service: gossip.notifications,
		voting_rule: VotingRulesBuilder::default().build(),
		prometheus_registry: shared.prometheus.clone(),
		shared_voter_state: gossip.voter_state,
		telemetry: shared.telemetry.clone(),
		offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(shared.pool.clone()),
	})?;
	task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", Some("finality"), voter);
	Ok(())
}

//! The runtime APIs: what the node and clients may ask.

use crate::*;
use assay_canon::arbiter::Verdict;
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{Estimate, EstimateError, JobFilter, Page, ProtocolNumbers},
	audit::AuditView,
	availability::{DemandFilter, DemandView},
	batch::ItemView,
	canonical::Question,
	custody::{AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView},
	dispute::{DisputeView, Spot},
	job::{Choice, GroupView, Input, JobView, Output},
	lease::{Attributes, LeaseFilter, LeaseView, OfferFilter, OfferKey, OfferView},
	model::{LineageView, ModelView, Name, VersionView},
	offering::{OfferingView, TicketView},
	pool::{ContributorView, PoolItemView, PoolView},
	provider::{OrderView, ProviderView},
	revenue::{HoldingView, StreamView, Subject},
	rights::{AssetView, GrantView, PoolItem, RightsOfferView},
	subscription::SubscriptionView,
	tensor::Shape,
	AssetId, DemandId, DisputeId, GrantId, JobId, KeyRequestId, LeaseId, ModelId, OfferingId,
	PoolId, RightsOfferId, Root, SubscriptionId, VersionId,
};
use configs::dynamic_params;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::Get,
	weights::Weight,
};
use pallet_grandpa::AuthorityId as GrandpaId;
use sp_api::impl_runtime_apis;
use sp_core::OpaqueMetadata;
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: frame_support::view_functions::ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch = Babe::epoch_config().unwrap_or(genesis_presets::BABE_GENESIS_CONFIGURATION);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: u64::from(EPOCH_SLOTS),
				c: epoch.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			_slot: sp_consensus_babe::Slot,
			_authority: sp_consensus_babe::AuthorityId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			None
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			_owner: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			None
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
			_owner: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			None
		}

		fn generate_key_ownership_proof(
			_set: sp_consensus_grandpa::SetId,
			_authority: GrandpaId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			None
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, sp_core::crypto::KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(extrinsic, length)
		}

		fn query_fee_details(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			TransactionPayment::query_fee_details(extrinsic, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
		fn query_call_info(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, length)
		}

		fn query_call_fee_details(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis_presets::get_preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			genesis_presets::preset_names()
		}
	}

	impl assay_primitives::api::AssayApi<Block> for Runtime {
		fn model(id: ModelId) -> Option<ModelView<AccountId>> {
			Models::model(id)
		}

		fn model_by_name(name: Name) -> Option<ModelView<AccountId>> {
			Models::model_by_name(name)
		}

		fn models(owner: Option<AccountId>, start: ModelId, limit: u32) -> Page<ModelView<AccountId>, ModelId> {
			Models::models(owner, start, limit)
		}

		fn version(id: VersionId) -> Option<VersionView> {
			Models::version(id)
		}

		fn versions(model: ModelId, start: u32, limit: u32) -> Page<VersionView, u32> {
			Models::versions(model, start, limit)
		}

		fn provider(account: AccountId) -> Option<ProviderView<AccountId>> {
			Providers::provider(account)
		}

		fn providers(
			version: Option<VersionId>,
			start: Option<AccountId>,
			limit: u32,
		) -> Page<ProviderView<AccountId>, AccountId> {
			Providers::providers(version, start, limit)
		}

		fn job(id: JobId) -> Option<JobView<AccountId>> {
			Inference::job(id)
		}

		fn group(id: JobId) -> Option<GroupView> {
			Inference::group(id)
		}

		fn jobs(filter: JobFilter, start: Option<JobId>, limit: u32) -> Page<JobView<AccountId>, JobId> {
			Inference::jobs(filter, start, limit)
		}

		fn assignments(provider: AccountId, start: JobId) -> Vec<JobId> {
			Inference::assignments(provider, start)
		}

		fn job_input(id: JobId) -> Option<Input> {
			Inference::job_input(id)
		}

		fn job_output(id: JobId) -> Option<Output> {
			Inference::job_output(id)
		}

		fn estimate(
			version: VersionId,
			shapes: Vec<Shape>,
			items: u32,
			choice: Choice<AccountId>,
		) -> Result<Estimate, EstimateError> {
			Inference::estimate(version, shapes, items, choice)
		}

		fn items(batch: JobId, start: u32, limit: u32) -> Page<ItemView, u32> {
			Inference::items(batch, start, limit)
		}

		fn answered_by(version: VersionId, input: Root) -> Option<JobId> {
			Inference::answered_by(version, input)
		}

		fn book(
			version: VersionId,
			start: u32,
			limit: u32,
		) -> Page<OrderView<AccountId>, u32> {
			Providers::book(version, start, limit)
		}

		fn arbitrate(question: Question, proof: Vec<u8>) -> Verdict {
			question.answer(&proof)
		}

		fn disputes(start: DisputeId, limit: u32) -> Page<DisputeView<AccountId>, DisputeId> {
			Disputes::disputes(start, limit)
		}

		fn dispute(id: DisputeId) -> Option<DisputeView<AccountId>> {
			Disputes::dispute(id)
		}

		fn shown(id: DisputeId, spots: Vec<Spot>) -> Vec<Option<Shown>> {
			Disputes::shown(id, spots)
		}

		fn audits(start: JobId, limit: u32) -> Page<AuditView<AccountId>, JobId> {
			Audits::audits(start, limit)
		}

		fn audit(id: JobId) -> Option<AuditView<AccountId>> {
			Audits::audit(id)
		}

		fn audits_of(auditor: AccountId, start: JobId) -> Vec<JobId> {
			Audits::audits_of(auditor, start)
		}

		fn demands(
			filter: DemandFilter<AccountId>,
			start: DemandId,
			limit: u32,
		) -> Page<DemandView<AccountId>, DemandId> {
			Availability::demands(filter, start, limit)
		}

		fn subscription(id: SubscriptionId) -> Option<SubscriptionView<AccountId>> {
			Subscriptions::subscription(id)
		}

		fn subscriptions(
			subscriber: Option<AccountId>,
			start: SubscriptionId,
			limit: u32,
		) -> Page<SubscriptionView<AccountId>, SubscriptionId> {
			Subscriptions::subscriptions(subscriber, start, limit)
		}

		fn lease(id: LeaseId) -> Option<LeaseView<AccountId>> {
			Leases::lease(id)
		}

		fn leases(
			filter: LeaseFilter<AccountId>,
			start: Option<LeaseId>,
			limit: u32,
		) -> Page<LeaseView<AccountId>, LeaseId> {
			Leases::leases(filter, start, limit)
		}

		fn attributes(provider: AccountId) -> Attributes {
			Leases::attributes(provider)
		}

		fn numbers() -> ProtocolNumbers {
			ProtocolNumbers {
				assignment_delay: configs::AssignmentDelay::get(),
				response_window: dynamic_params::inference::ResponseWindow::get(),
				challenge_window: dynamic_params::inference::ChallengeWindow::get(),
				dispute_step: dynamic_params::disputes::Step::get(),
				dispute_bond: dynamic_params::disputes::Bond::get(),
				availability_step: dynamic_params::availability::Step::get(),
				availability_price: dynamic_params::availability::Price::get(),
				retention: dynamic_params::inference::Retention::get(),
				heartbeat_period: dynamic_params::providers::HeartbeatPeriod::get(),
				min_bond: dynamic_params::providers::MinBond::get(),
				unbonding_period: dynamic_params::providers::UnbondingPeriod::get(),
				leases: Leases::numbers(),
			}
		}

		fn offers(
			filter: OfferFilter<AccountId>,
			start: Option<OfferKey<AccountId>>,
			limit: u32,
		) -> Page<OfferView<AccountId>, OfferKey<AccountId>> {
			Leases::offers(filter, start, limit)
		}
	}

	impl assay_primitives::api::rights::RightsApi<Block> for Runtime {
		fn lineage(id: VersionId) -> Option<LineageView> {
			Models::lineage(id)
		}

		fn asset(id: AssetId) -> Option<AssetView<AccountId>> {
			DataRights::asset(id)
		}

		fn assets(
			owner: Option<AccountId>,
			start: AssetId,
			limit: u32,
		) -> Page<AssetView<AccountId>, AssetId> {
			DataRights::assets(owner, start, limit)
		}

		fn rights_offer(id: RightsOfferId) -> Option<RightsOfferView<AccountId>> {
			DataRights::rights_offer(id)
		}

		fn rights_offers(
			asset: AssetId,
			start: RightsOfferId,
			limit: u32,
		) -> Page<RightsOfferView<AccountId>, RightsOfferId> {
			DataRights::rights_offers(asset, start, limit)
		}

		fn grant(id: GrantId) -> Option<GrantView<AccountId>> {
			DataRights::grant(id)
		}

		fn grants_of(
			asset: AssetId,
			start: GrantId,
			limit: u32,
		) -> Page<GrantView<AccountId>, GrantId> {
			DataRights::grants_of(asset, start, limit)
		}

		fn grants_held(
			holder: AccountId,
			start: GrantId,
			limit: u32,
		) -> Page<GrantView<AccountId>, GrantId> {
			DataRights::grants_held(holder, start, limit)
		}

		fn custodian(account: AccountId) -> Option<CustodianView<AccountId>> {
			Custody::custodian(account)
		}

		fn custodians(
			start: Option<AccountId>,
			limit: u32,
		) -> Page<CustodianView<AccountId>, AccountId> {
			Custody::custodians(start, limit)
		}

		fn custodians_of(asset: AssetId) -> Vec<AppointmentView<AccountId>> {
			Custody::custodians_of(asset)
		}

		fn appointments(
			custodian: AccountId,
			start: Option<AssetId>,
			limit: u32,
		) -> Page<AssetId, AssetId> {
			Custody::appointments(custodian, start, limit)
		}

		fn key_request(id: KeyRequestId) -> Option<KeyRequestView<AccountId>> {
			Custody::key_request(id)
		}

		fn key_request_by(asker: AccountId, ask: Ask) -> Option<KeyRequestView<AccountId>> {
			Custody::key_request_by(asker, ask)
		}

		fn key_requests(
			custodian: AccountId,
			start: KeyRequestId,
			limit: u32,
		) -> Page<KeyRequestView<AccountId>, KeyRequestId> {
			Custody::key_requests(custodian, start, limit)
		}

		fn custody_numbers() -> CustodyNumbers {
			Custody::numbers()
		}

		fn stream(subject: Subject) -> Option<StreamView<AccountId>> {
			Revenue::stream(subject)
		}

		fn streams(start: Option<Subject>, limit: u32) -> Page<StreamView<AccountId>, Subject> {
			Revenue::streams(start, limit)
		}

		fn holding(subject: Subject, who: AccountId) -> Option<HoldingView<AccountId>> {
			Revenue::holding(subject, who)
		}

		fn holders(
			subject: Subject,
			start: Option<AccountId>,
			limit: u32,
		) -> Page<HoldingView<AccountId>, AccountId> {
			Revenue::holders(subject, start, limit)
		}

		fn redeemable(subject: Subject, shares: Balance) -> Option<Balance> {
			Revenue::redeemable(subject, shares)
		}

		fn pool(id: PoolId) -> Option<PoolView<AccountId>> {
			Pools::pool(id)
		}

		fn pools(start: PoolId, limit: u32) -> Page<PoolView<AccountId>, PoolId> {
			Pools::pools(start, limit)
		}

		fn pool_item(item: PoolItem) -> Option<PoolItemView<AccountId>> {
			Pools::pool_item(item.pool, item.asset)
		}

		fn pool_items(
			pool: PoolId,
			start: AssetId,
			limit: u32,
		) -> Page<PoolItemView<AccountId>, AssetId> {
			Pools::pool_items(pool, start, limit)
		}

		fn contributor(pool: PoolId, who: AccountId) -> Option<ContributorView<AccountId>> {
			Pools::contributor(pool, who)
		}

		fn offering(id: OfferingId) -> Option<OfferingView<AccountId>> {
			Offerings::offering(id)
		}

		fn offerings(
			start: OfferingId,
			limit: u32,
		) -> Page<OfferingView<AccountId>, OfferingId> {
			Offerings::offerings(start, limit)
		}

		fn ticket(id: OfferingId, number: u32) -> Option<TicketView<AccountId>> {
			Offerings::ticket(id, number)
		}

		fn tickets(
			id: OfferingId,
			who: Option<AccountId>,
			start: u32,
			limit: u32,
		) -> Page<TicketView<AccountId>, u32> {
			Offerings::tickets(id, who, start, limit)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(extra: bool) -> (
			Vec<frame_benchmarking::BenchmarkList>,
			Vec<frame_support::traits::StorageInfo>,
		) {
			use frame_benchmarking::BenchmarkList;
			use frame_support::traits::StorageInfoTrait;

			let mut list = Vec::<BenchmarkList>::new();
			list_benchmarks!(list, extra);
			(list, AllPalletsWithSystem::storage_info())
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			use frame_benchmarking::BenchmarkBatch;
			use frame_support::traits::WhitelistedStorageKeys;

			let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
			let mut batches = Vec::<BenchmarkBatch>::new();
			let params = (&config, &whitelist);
			add_benchmarks!(params, batches);
			Ok(batches)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			// A failed check aborts the dry run: that is what `try-runtime` expects.
			let weight = Executive::try_runtime_upgrade(checks).unwrap_or_else(|error| panic!("{error:?}"));
			(weight, configs::BlockWeights::get().max_block)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select)
				.unwrap_or_else(|error| panic!("{error:?}"))
		}
	}
}

#[cfg(feature = "runtime-benchmarks")]
frame_benchmarking::define_benchmarks!(
	[pallet_audits, Audits]
	[pallet_availability, Availability]
	[pallet_finality, Finality]
	[pallet_balances, Balances]
	[pallet_custody, Custody]
	[pallet_data_rights, DataRights]
	[pallet_disputes, Disputes]
	[pallet_inference, Inference]
	[pallet_leases, Leases]
	[pallet_models, Models]
	[pallet_offerings, Offerings]
	[pallet_pools, Pools]
	[pallet_providers, Providers]
	[pallet_revenue, Revenue]
	[pallet_subscriptions, Subscriptions]
);

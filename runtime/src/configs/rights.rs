//! Data, licences and income: who may use what, and who earns by it.

use super::{
	dynamic_params,
	market::{DepositBase, DepositPerByte},
	system::{share_of_block, storage_price},
	ExistentialDeposit,
};
use crate::{
	AccountId, Balance, Balances, DataRights, Inference, Models, Nfts, Pools, Revenue, Runtime,
	RuntimeEvent, RuntimeHoldReason, Signature, System, Tokens, ASY, DAYS,
};
use assay_primitives::{
	custody::{Ask, KeyRights},
	revenue::{Subject, SubjectInspect, UsageInspect, UsageTotal},
	rights::{DataAccess, DataRef, DataRights as Exercise, Usage},
	AssetId, BlockNumber, Root, VersionId,
};
use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU32, Get},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use sp_runtime::{traits::Verify, DispatchError, Permill};

parameter_types! {
	/// A class of tokens: its record, its team and its metadata.
	pub const TokenDeposit: Balance = storage_price(3, 300);
	pub const TokenAccountDeposit: Balance = storage_price(1, 100);
	pub const ItemDeposit: Balance = storage_price(2, 200);
	pub NftFeatures: pallet_nfts::PalletFeatures = pallet_nfts::PalletFeatures::all_enabled();
	pub const DataRightsId: PalletId = PalletId(*b"as/right");
	pub const RevenueId: PalletId = PalletId(*b"as/reven");
	pub const OfferingsId: PalletId = PalletId(*b"as/offer");
	pub const PoolsId: PalletId = PalletId(*b"as/pools");
	/// Assets of data are items of one collection, which everybody may see, and whose items their
	/// owners may give away.
	pub CollectionSettings: pallet_nfts::CollectionConfigFor<Runtime> =
		pallet_nfts::CollectionConfig {
			settings: pallet_nfts::CollectionSettings::all_enabled(),
			max_supply: None,
			mint_settings: Default::default(),
		};
	pub ItemSettings: pallet_nfts::ItemConfig =
		pallet_nfts::ItemConfig { settings: pallet_nfts::ItemSettings::all_enabled() };
	/// The record of a stream, that of its holder, and the references.
	pub const StreamDeposit: Balance = storage_price(2, 400);
	pub const OfferingDeposit: Balance = storage_price(2, 500);
	/// The record of a pool, and its pot.
	pub const PoolDeposit: Balance = storage_price(2, 900);
	/// The record of an item of a pool, and that of its contributor.
	pub const PoolItemDeposit: Balance = storage_price(2, 300);
	/// Longer than a job takes from its request to its settlement, disputes and all.
	pub const PoolRemovalDelay: BlockNumber = 7 * DAYS;
	pub const TicketDeposit: Balance = storage_price(1, 120);
	/// The longest that an offering is open.
	pub const LongestOffering: BlockNumber = 90 * DAYS;
	/// The longest that shares take to vest, and that milestones lie ahead.
	pub const LongestVesting: BlockNumber = 4 * 365 * DAYS;
	pub const MinSubscription: Balance = ASY / 100;
	/// What a custodian's silence or a wrong key costs it goes to the asker by half.
	pub const AskersShare: Permill = Permill::from_percent(50);
	/// Longer than a request for a key can be open.
	pub const CustodyUnbonding: BlockNumber = 7 * DAYS;
	/// The part of a block that the sweep of requests for keys may take.
	pub CustodySweepWeight: Weight = share_of_block(5);
}

/// The account whose collection assets of data are items of, and what it has at genesis: enough to
/// make the collection.
pub fn data_rights_account() -> (AccountId, Balance) {
	(DataRights::account(), ExistentialDeposit::get().saturating_add(TokenDeposit::get()))
}

impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type RemoveItemsLimit = ConstU32<1_000>;
	type AssetId = u32;
	type AssetIdParameter = u32;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = TokenDeposit;
	type AssetAccountDeposit = TokenAccountDeposit;
	type MetadataDepositBase = DepositBase;
	type MetadataDepositPerByte = DepositPerByte;
	type ApprovalDeposit = TokenAccountDeposit;
	type StringLimit = ConstU32<64>;
	type Freezer = ();
	type Holder = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl pallet_nfts::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type CollectionId = u32;
	type ItemId = u32;
	type Currency = Balances;
	type ForceOrigin = EnsureRoot<AccountId>;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type Locker = ();
	type CollectionDeposit = TokenDeposit;
	type ItemDeposit = ItemDeposit;
	type MetadataDepositBase = DepositBase;
	type AttributeDepositBase = DepositBase;
	type DepositPerByte = DepositPerByte;
	type StringLimit = ConstU32<256>;
	type KeyLimit = ConstU32<64>;
	type ValueLimit = ConstU32<256>;
	type ApprovalsLimit = ConstU32<16>;
	type ItemAttributesApprovalsLimit = ConstU32<16>;
	type MaxTips = ConstU32<8>;
	type MaxDeadlineDuration = ConstU32<{ 365 * DAYS }>;
	type MaxAttributesPerCall = ConstU32<8>;
	type Features = NftFeatures;
	type OffchainSignature = Signature;
	type OffchainPublic = <Signature as Verify>::Signer;
	#[cfg(feature = "runtime-benchmarks")]
	type Helper = ();
	type WeightInfo = pallet_nfts::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

impl pallet_data_rights::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Assets = Tokens;
	type Nfts = Nfts;
	type CollectionConfig = pallet_nfts::CollectionConfigFor<Runtime>;
	type ItemConfig = pallet_nfts::ItemConfig;
	type CollectionSettings = CollectionSettings;
	type ItemSettings = ItemSettings;
	type Income = Revenue;
	type OffchainSignature = Signature;
	type OffchainPublic = <Signature as Verify>::Signer;
	type FreezeOrigin = EnsureRoot<AccountId>;
	type PalletId = DataRightsId;
	type DepositBase = DepositBase;
	type DepositPerByte = DepositPerByte;
	type TokenDeposit = TokenDeposit;
	type WeightInfo = pallet_data_rights::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_revenue::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Subjects = Subjects;
	type PalletId = RevenueId;
	type Deposit = StreamDeposit;
	type WeightInfo = pallet_revenue::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_offerings::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Shares = Revenue;
	type Income = Revenue;
	type Usage = Subjects;
	type PalletId = OfferingsId;
	type MaxDuration = LongestOffering;
	type MaxVesting = LongestVesting;
	type MinSubscription = MinSubscription;
	type Deposit = OfferingDeposit;
	type TicketDeposit = TicketDeposit;
	type WeightInfo = pallet_offerings::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_pools::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Assets = DataRights;
	type Permits = DataRights;
	type OffchainSignature = Signature;
	type OffchainPublic = <Signature as Verify>::Signer;
	type PalletId = PoolsId;
	type PoolDeposit = PoolDeposit;
	type ItemDeposit = PoolItemDeposit;
	type RemovalDelay = PoolRemovalDelay;
	type WeightInfo = pallet_pools::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_custody::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Rights = RightsToData;
	type MinBond = dynamic_params::custody::MinBond;
	type Exposure = dynamic_params::custody::Exposure;
	type Fee = dynamic_params::custody::Fee;
	type AskersShare = AskersShare;
	type DeliverWithin = DeliverWithin;
	type ComplaintWindow = dynamic_params::custody::ComplaintWindow;
	type UnbondingPeriod = CustodyUnbonding;
	type MaxOpen = ConstU32<64>;
	type DepositBase = DepositBase;
	type DepositPerByte = DepositPerByte;
	type SweepWeight = CustodySweepWeight;
	type WeightInfo = pallet_custody::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

/// The blocks in which a key has to be delivered: at most a third of what a provider has for its
/// answer, whatever the parameters say, so that a custodian cannot wait until the job has gone to
/// another.
pub struct DeliverWithin;

impl Get<BlockNumber> for DeliverWithin {
	fn get() -> BlockNumber {
		let longest = dynamic_params::inference::ResponseWindow::get() / 3;
		dynamic_params::custody::DeliverWithin::get().min(longest).max(1)
	}
}

/// Whoever has a right to data.
pub struct RightsToData;

impl Exercise<AccountId, DataRef> for RightsToData {
	fn exercise(
		requester: &AccountId,
		right: &DataRef,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<DataAccess<AccountId>, DispatchError> {
		match right {
			DataRef::Grant(grant) => DataRights::exercise(requester, grant, version, usage, uses),
			DataRef::Pool(item) => Pools::exercise(requester, item, version, usage, uses),
		}
	}
}

impl KeyRights<AccountId> for RightsToData {
	fn owner(asset: AssetId) -> Option<AccountId> {
		DataRights::owner_of(asset)
	}

	fn commitment(asset: AssetId) -> Option<Root> {
		DataRights::key_of(asset)
	}

	fn may_have_key(who: &AccountId, ask: &Ask) -> Result<AssetId, DispatchError> {
		match *ask {
			Ask::Grant(grant) => DataRights::readable_by(who, grant),
			Ask::Job(job) => Inference::data_to_run(job, who)
				.ok_or(pallet_inference::Error::<Runtime>::NotAssigned.into()),
		}
	}

	fn handed(who: &AccountId, ask: &Ask) {
		if let Ask::Job(job) = ask {
			Inference::data_handed(*job, who);
		}
	}

	fn not_handed(who: &AccountId, ask: &Ask) {
		if let Ask::Job(job) = ask {
			Inference::data_not_handed(*job, who);
		}
	}
}

/// Whoever owns a model or an asset of data.
pub struct Subjects;

impl SubjectInspect<AccountId> for Subjects {
	fn owner(subject: Subject) -> Option<AccountId> {
		match subject {
			Subject::Model(_) => <Models as SubjectInspect<AccountId>>::owner(subject),
			Subject::Asset(_) => <DataRights as SubjectInspect<AccountId>>::owner(subject),
			Subject::Pool(_) => None,
		}
	}
}

impl UsageInspect for Subjects {
	fn used(subject: Subject) -> UsageTotal {
		match subject {
			Subject::Model(_) => <Models as UsageInspect>::used(subject),
			// The jobs that use data are counted by its grants.
			Subject::Asset(_) | Subject::Pool(_) => UsageTotal::default(),
		}
	}
}

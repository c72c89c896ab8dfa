//! Models, providers, inference, disputes, availability, audits, subscriptions and leases, and how
//! they meet.

use super::{
	dynamic_params,
	parameters::MAX_DELIVER_WITHIN,
	system::{share_of_block, storage_price},
};
use crate::{
	AccountId, Audits, Balance, Balances, BlockNumber, Custody, DataRights, Disputes, Finality,
	Inference, Models, Providers, Revenue, Runtime, RuntimeHoldReason, ASY, DAYS, MINUTES,
};
use alloc::vec::Vec;
use assay_primitives::{
	canonical::Cost,
	lease::BLOCKS_A_DAY,
	money::{split_with_cuts, Cut, Earners, Fee, FeeShare, FeeSplit, Role},
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU8, Get},
	weights::Weight,
	PalletId,
};
use sp_runtime::traits::AccountIdConversion;

const TREASURY: PalletId = PalletId(*b"asy/trsy");
const DISPUTE_POT: PalletId = PalletId(*b"asy/dpot");
const AUDIT_POT: PalletId = PalletId(*b"asy/apot");

/// The account that collects the treasury's part of fees.
pub fn treasury_account() -> AccountId {
	TREASURY.into_account_truncating()
}

/// The account that holds what players of disputes have lost, until it is divided.
pub fn dispute_pot_account() -> AccountId {
	DISPUTE_POT.into_account_truncating()
}

/// The account that collects a part of fees, and pays audits.
pub fn audit_pot_account() -> AccountId {
	AUDIT_POT.into_account_truncating()
}

/// Divides fees between the provider, those who earn by model and data, the treasury, the audits,
/// and what is burned.
pub struct Treasury;

impl FeeSplit<AccountId> for Treasury {
	fn split(
		fee: Fee,
		provider: &AccountId,
		earners: &Earners<AccountId>,
	) -> Vec<FeeShare<AccountId>> {
		let treasury = Cut {
			payee: treasury_account(),
			role: Role::Treasury,
			part: dynamic_params::inference::TreasuryCut::get(),
		};
		let audits = Cut {
			payee: audit_pot_account(),
			role: Role::Audit,
			part: dynamic_params::audits::Cut::get(),
		};
		let burn = Cut {
			payee: treasury_account(),
			role: Role::Burn,
			part: dynamic_params::inference::BurnCut::get(),
		};
		split_with_cuts(fee, provider, earners, [treasury, audits, burn])
	}
}

parameter_types! {
	pub const DepositBase: Balance = storage_price(1, 0);
	pub const DepositPerByte: Balance = storage_price(0, 1);
	/// A billionth of an ASY: an ask or an offer for less would not be worth its transfer.
	pub const LeastPrice: Balance = ASY / 1_000_000_000;
	pub const JobDepositBase: Balance = storage_price(1, 0);
	pub const JobDepositPerByte: Balance = storage_price(0, 1);
	/// The blocks between a request and the block whose randomness draws its provider.
	pub const AssignmentDelay: BlockNumber = 2;
	/// The blocks after which a job that found no provider is drawn again, and after which a demand
	/// that waits for a verdict is looked at again.
	pub const RetryDelay: BlockNumber = 3;
	/// The least blocks that a provider is given for its answer.
	pub const LeastAnswerTime: BlockNumber = 5;
	/// The blocks in which the sealed results of a group can be revealed.
	pub const RevealWindow: BlockNumber = 10;
	pub const MaxDeliverWithin: BlockNumber = MAX_DELIVER_WITHIN;
	/// The part of a block that the sweep of due jobs may take.
	pub SweepWeight: Weight = share_of_block(25);
	/// The account that holds what players of disputes have lost, until it is divided.
	pub const DisputePot: PalletId = DISPUTE_POT;
	/// The account that audits are paid from.
	pub const AuditPot: PalletId = AUDIT_POT;
	/// The part of a block that the sweep of audits may take.
	pub AuditSweepWeight: Weight = share_of_block(10);
	/// The part of a block that the sweep of disputes may take.
	pub DisputeSweepWeight: Weight = share_of_block(10);
	/// The part of a block that the sweep of demands may take.
	pub AvailabilitySweepWeight: Weight = share_of_block(5);
	/// The deposit for a subscription: its record, its place in the agenda and in the index.
	pub const SubscriptionDeposit: Balance = storage_price(3, 0);
	/// The blocks for which a subscription may rest at least.
	pub const SubscriptionRetention: BlockNumber = 30 * DAYS;
	/// The longest period of a subscription.
	pub const MaxPeriod: BlockNumber = 366 * DAYS;
	/// The part of a block that the sweep of subscriptions may take.
	pub SubscriptionSweepWeight: Weight = share_of_block(5);
	/// The blocks at the highest price that the deposit of an order covers at least.
	pub const MinimumCover: BlockNumber = 10;
	pub const MaxLease: BlockNumber = 365 * DAYS;
	pub const MaxBidding: BlockNumber = DAYS;
	/// The blocks after bidding in which a tenant may still accept a bid.
	pub const BidGrace: BlockNumber = 10 * MINUTES;
	pub const MaxReclaim: BlockNumber = 30 * DAYS;
	/// The part of a block that the sweep of leases may take.
	pub LeaseSweepWeight: Weight = share_of_block(5);
}

impl pallet_models::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type DepositBase = DepositBase;
	type DepositPerByte = DepositPerByte;
	type MaxVersions = ConstU32<1_000>;
	type Income = Revenue;
	type Data = DataRights;
	type WeightInfo = pallet_models::weights::SubstrateWeight<Runtime>;
}

impl pallet_providers::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Models = Models;
	type MinBond = dynamic_params::providers::MinBond;
	type HeartbeatPeriod = dynamic_params::providers::HeartbeatPeriod;
	type UnbondingPeriod = dynamic_params::providers::UnbondingPeriod;
	type MaxAsksPerVersion = ConstU32<16_384>;
	type LeastPrice = LeastPrice;
	type MaxMaintenance = ConstU32<{ 30 * DAYS }>;
	type MaxAsksPerProvider = ConstU32<256>;
	type WeightInfo = pallet_providers::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

/// What a reference machine does in the time of one block.
pub struct ReferenceRate;

impl Get<Cost> for ReferenceRate {
	fn get() -> Cost {
		Cost {
			terms: dynamic_params::inference::ReferenceTerms::get(),
			trace_bytes: dynamic_params::inference::ReferenceTrace::get(),
		}
	}
}

impl pallet_inference::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Models = Models;
	type Providers = Providers;
	type Data = super::rights::RightsToData;
	type Keys = Custody;
	type FeeSplit = Treasury;
	type OnSubmitted = Audits;
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type AssignmentDelay = AssignmentDelay;
	type ResponseWindow = dynamic_params::inference::ResponseWindow;
	type ChallengeWindow = dynamic_params::inference::ChallengeWindow;
	type ReferenceRate = ReferenceRate;
	type Retention = dynamic_params::inference::Retention;
	type RetryDelay = RetryDelay;
	type MaxAttempts = dynamic_params::inference::MaxAttempts;
	type ExposureFactor = dynamic_params::inference::ExposureFactor;
	type DepositBase = JobDepositBase;
	type DepositPerByte = JobDepositPerByte;
	type SweepWeight = SweepWeight;
	type RevealWindow = RevealWindow;
	type LeastAnswerTime = LeastAnswerTime;
	type MaxDeliverWithin = MaxDeliverWithin;
	type WeightInfo = pallet_inference::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_disputes::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Jobs = Inference;
	type Pot = DisputePot;
	type Finality = Finality;
	type Step = dynamic_params::disputes::Step;
	type Bond = dynamic_params::disputes::Bond;
	type Repayment = dynamic_params::disputes::Repayment;
	type Retention = dynamic_params::disputes::Retention;
	type SweepWeight = DisputeSweepWeight;
	type WeightInfo = pallet_disputes::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_audits::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Jobs = Inference;
	type Providers = Providers;
	type Disputes = Disputes;
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type Pot = AuditPot;
	type Rate = dynamic_params::audits::Rate;
	type PayShare = dynamic_params::audits::PayShare;
	type Step = dynamic_params::audits::Step;
	type MaxResults = ConstU32<4_096>;
	type SweepWeight = AuditSweepWeight;
	type WeightInfo = pallet_audits::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_availability::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Models = Models;
	type Jobs = Inference;
	type Price = dynamic_params::availability::Price;
	type Step = dynamic_params::availability::Step;
	type RetryDelay = RetryDelay;
	type SweepWeight = AvailabilitySweepWeight;
	type WeightInfo = pallet_availability::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

impl pallet_subscriptions::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Models = Models;
	type Jobs = Inference;
	type MinPeriod = ConstU32<10>;
	type MaxPeriod = MaxPeriod;
	type Retention = SubscriptionRetention;
	type MaxFailures = ConstU8<3>;
	type MaxPerAccount = ConstU32<64>;
	type DepositBase = SubscriptionDeposit;
	type DepositPerByte = JobDepositPerByte;
	type SweepWeight = SubscriptionSweepWeight;
	type WeightInfo = pallet_subscriptions::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

// Clients count a day as the chain does.
const _: () = assert!(BLOCKS_A_DAY == DAYS);

impl pallet_leases::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Providers = Providers;
	type BidDeposit = dynamic_params::leases::BidDeposit;
	type Retention = dynamic_params::inference::Retention;
	type MinimumCover = MinimumCover;
	type MaxDuration = MaxLease;
	type MaxBidding = MaxBidding;
	type Grace = BidGrace;
	type MinReclaim = dynamic_params::leases::MinReclaim;
	type MaxReclaim = MaxReclaim;
	type DeliverWithin = dynamic_params::leases::DeliverWithin;
	type BreachGrace = dynamic_params::leases::BreachGrace;
	type DepositBase = DepositBase;
	type DepositPerByte = DepositPerByte;
	type LeastPrice = LeastPrice;
	type SweepWeight = LeaseSweepWeight;
	type WeightInfo = pallet_leases::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::scene::Scene;
}

//! The system, money, and the general-purpose pallets.

use crate::{
	AccountId, Balance, Balances, Block, BlockNumber, Nonce, OriginCaller, PalletInfo, Preimage,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin,
	RuntimeTask, System, ASY, VERSION,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{
		fungible::{Balanced, Credit, HoldConsideration},
		ConstU128, ConstU32, ConstU8, EqualPrivilegeOnly, Imbalance, InstanceFilter,
		LinearStoragePrice, OnUnbalanced, VariantCountOf,
	},
	weights::{
		constants::{ParityDbWeight, WEIGHT_REF_TIME_PER_SECOND},
		ConstantMultiplier, IdentityFee, Weight,
	},
};
use frame_system::EnsureRoot;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{BlakeTwo256, Bounded},
	FixedPointNumber, Perbill, Perquintill,
};
use sp_version::RuntimeVersion;

/// The longest block in bytes.
const MAX_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;
/// What users' transactions may take of a block.
const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

parameter_types! {
	pub const BlockHashCount: BlockNumber = 2_400;
	pub const Version: RuntimeVersion = VERSION;
	/// One second of computation in a two-second slot; no bound on proofs, which nobody makes.
	pub BlockWeights: frame_system::limits::BlockWeights =
		frame_system::limits::BlockWeights::with_sensible_defaults(
			Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX),
			NORMAL_SHARE,
		);
	pub BlockLength: frame_system::limits::BlockLength =
		frame_system::limits::BlockLength::builder()
			.max_length(MAX_BLOCK_LENGTH)
			.modify_max_length_for_class(DispatchClass::Normal, |length| {
				*length = NORMAL_SHARE.mul_floor(MAX_BLOCK_LENGTH)
			})
			.build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type BlockWeights = BlockWeights;
	type BlockLength = BlockLength;
	type AccountId = AccountId;
	type Nonce = Nonce;
	type BlockHashCount = BlockHashCount;
	type DbWeight = ParityDbWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = crate::Babe;
	type MinimumPeriod = frame_support::traits::ConstU64<{ crate::SLOT_MILLISECONDS / 2 }>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = ASY / 1_000;
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

/// Pays transaction fees and tips to the author of the block, or burns them when it has none.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		debug_assert!(credit.peek() > 0);
		if let Some(author) = pallet_authorship::Pallet::<Runtime>::author() {
			// What the author's account cannot take (less than the existential deposit in an
			// empty account) is dropped, and so burned.
			drop(Balances::resolve(&author, credit));
		}
	}
}

parameter_types! {
	/// Full blocks raise the fee, emptier ones lower it, around a quarter of the normal share.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10u128);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightToFee = IdentityFee<Balance>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<{ ASY / 1_000_000 }>>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

/// A part of the block's weight, in percent of both of its dimensions.
pub fn share_of_block(percent: u64) -> Weight {
	BlockWeights::get().max_block.saturating_div(100).saturating_mul(percent)
}

/// The price of storage: per item and per byte.
pub const fn storage_price(items: u32, bytes: u32) -> Balance {
	// Both factors are constants of this file's callers: the product is far below 2¹²⁸.
	(items as Balance)
		.saturating_mul(ASY / 100)
		.saturating_add((bytes as Balance).saturating_mul(ASY / 100_000))
}

/// What a proxy may do.
#[derive(
	Copy,
	Clone,
	Default,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Anything.
	#[default]
	Any,
	/// Anything but moving money.
	NonTransfer,
	/// What a provider's worker does: heartbeats, asks, going online, submitting, sealing and
	/// revealing results, and showing them; offering and bidding for leases and delivering them.
	Worker,
	/// Asking for inference, once or in subscriptions, ending such jobs and showing their inputs.
	Requester,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		use pallet_availability::Call as Availability;
		use pallet_inference::Call as Inference;
		use pallet_leases::Call as Leases;
		use pallet_providers::Call as Providers;
		match self {
			ProxyType::Any => true,
			ProxyType::NonTransfer => {
				!matches!(call, RuntimeCall::Balances(_) | RuntimeCall::Sudo(_))
			},
			ProxyType::Worker => matches!(
				call,
				RuntimeCall::Providers(
					Providers::heartbeat { .. }
						| Providers::set_online { .. }
						| Providers::set_ask { .. }
						| Providers::remove_ask { .. }
				) | RuntimeCall::Inference(
					Inference::submit_result { .. }
						| Inference::seal_result { .. }
						| Inference::reveal_result { .. }
				) | RuntimeCall::Availability(Availability::serve { .. })
					| RuntimeCall::Leases(
						Leases::set_attributes { .. }
							| Leases::bid { .. } | Leases::withdraw_bid { .. }
							| Leases::deliver { .. }
							| Leases::withdraw { .. }
							| Leases::set_offer { .. }
							| Leases::remove_offer { .. }
					)
			),
			ProxyType::Requester => matches!(
				call,
				RuntimeCall::Inference(
					Inference::request { .. }
						| Inference::request_redundant { .. }
						| Inference::cancel { .. }
						| Inference::settle { .. }
						| Inference::expire { .. }
				) | RuntimeCall::Availability(Availability::serve { .. })
					| RuntimeCall::Subscriptions(_)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			(ProxyType::NonTransfer, _) => true,
			_ => self == other,
		}
	}
}

parameter_types! {
	pub const ProxyDepositBase: Balance = storage_price(1, 8);
	pub const ProxyDepositFactor: Balance = storage_price(0, 33);
	pub const AnnouncementDepositBase: Balance = storage_price(1, 8);
	pub const AnnouncementDepositFactor: Balance = storage_price(0, 66);
	pub const MultisigDepositBase: Balance = storage_price(1, 88);
	pub const MultisigDepositFactor: Balance = storage_price(0, 32);
	pub const PreimageDepositBase: Balance = storage_price(2, 64);
	pub const PreimageDepositFactor: Balance = storage_price(0, 1);
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
	pub MaximumSchedulerWeight: Weight = share_of_block(25);
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageDepositBase, PreimageDepositFactor, Balance>,
	>;
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumSchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = ConstU32<64>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

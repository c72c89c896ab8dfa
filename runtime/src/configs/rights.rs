//! Data, licences and income: who may use what, and who earns by it.

use super::{
	dynamic_params,
	market::{DepositBase, DepositPerByte},
	system::{share_of_block, storage_price},
};
use crate::{
	AccountId, Assets, Balance, Balances, DataRights, Inference, Models, Nfts, Revenue, Runtime,
	RuntimeEvent, RuntimeHoldReason, Signature, System, DAYS,
};
use assay_primitives::{
	revenue::{Subject, SubjectInspect, UsageInspect},
	BlockNumber,
};
use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU32},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use sp_runtime::traits::Verify;

parameter_types! {
	/// A class of tokens: its record, its team and its metadata.
	pub const TokenDeposit: Balance = storage_price(3, 300);
	pub const TokenAccountDeposit: Balance = storage_price(1, 100);
	pub const ItemDeposit: Balance = storage_price(2, 200);
	pub NftFeatures: pallet_nfts::PalletFeatures = pallet_nfts::PalletFeatures::all_enabled();
	pub const DataRightsId: PalletId = PalletId(*b"as/right");
	pub const RevenueId: PalletId = PalletId(*b"as/reven");
	pub const OfferingsId: PalletId = PalletId(*b"as/offer");
	/// The part of a block that the sweep of requests for keys may take.
	pub CustodySweepWeight: Weight = share_of_block(2);
	/// The longest time that an offering is open, and the longest that shares take to vest.
	pub const LongestOffering: BlockNumber = 90 * DAYS;
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
	fn settled(subject: Subject) -> u64 {
		match subject {
			Subject::Model(_) => <Models as UsageInspect>::settled(subject),
			// The jobs that use data are counted by its grants.
			Subject::Asset(_) | Subject::Pool(_) => 0,
		}
	}
}

//! Who makes blocks and who finalizes them.

use crate::{
	opaque, AccountId, Babe, Balance, Balances, Runtime, RuntimeEvent, ASY, EPOCH_SLOTS,
	SLOT_MILLISECONDS,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// The most validators.
pub type MaxAuthorities = ConstU32<1_000>;

impl pallet_babe::Config for Runtime {
	type EpochDuration = ConstU64<{ EPOCH_SLOTS as u64 }>;
	type ExpectedBlockTime = ConstU64<SLOT_MILLISECONDS>;
	// Sessions end with epochs.
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = crate::Session;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	// Equivocations are reported once there is stake to slash.
	type KeyOwnerProof = sp_core::Void;
	type EquivocationReportSystem = ();
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<0>;
	type KeyOwnerProof = sp_core::Void;
	type EquivocationReportSystem = ();
}

impl pallet_finality::Config for Runtime {
	// A minute: GRANDPA takes a few blocks, and the median of the notes a few more.
	type MaxLag = ConstU32<30>;
	type WeightInfo = pallet_finality::weights::SubstrateWeight<Runtime>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = ();
}

parameter_types! {
	pub const KeyDeposit: Balance = ASY;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	// The genesis validators stay until staking elects others.
	type SessionManager = ();
	type SessionHandler = <opaque::SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = opaque::SessionKeys;
	type DisablingStrategy = ();
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

//! The Assay state transition function.
//!
//! Wiring and constants only: which pallets there are, how they are joined (`configs`), what
//! they start with (`genesis_presets`) and what clients may ask (`apis`). Business rules live in
//! the pallets.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The items that `frame_support::runtime` and `impl_runtime_apis` generate have no docs.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
pub mod configs;
pub mod genesis_parameters;
pub mod genesis_presets;
#[cfg(feature = "runtime-benchmarks")]
mod scene;

use alloc::vec::Vec;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::{api, RuntimeApi};
pub use assay_primitives::{AccountId, Balance, BlockNumber, ASY};
pub use pallet_finality::INHERENT_IDENTIFIER as FINALIZED_INHERENT;
pub use pallet_timestamp::Call as TimestampCall;

/// A signature by any of the schemes that wallets use.
pub type Signature = MultiSignature;
/// The number of transactions that an account has sent.
pub type Nonce = u32;
/// The chain's hash.
pub type Hash = sp_core::H256;
/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// A block header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its hash scheme, as imported.
pub type SignedBlock = generic::SignedBlock<Block>;
/// What a signature covers beyond the call.
pub type TxExtension = (
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);
/// A transaction.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What is signed.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// Migrations that the next upgrade runs.
pub type Migrations = ();
/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

// The account identifier of the primitives is the one that the signature scheme yields.
const _: fn(<<Signature as Verify>::Signer as IdentifyAccount>::AccountId) -> AccountId = |id| id;

/// Types that the node needs without knowing the calls.
pub mod opaque {
	use super::*;
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// A block header.
	pub type Header = super::Header;
	/// A block whose extrinsics are bytes.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;

	impl_opaque_keys! {
		/// The keys by which a validator takes part in consensus.
		pub struct SessionKeys {
			/// Authors blocks.
			pub babe: Babe,
			/// Finalizes blocks.
			pub grandpa: Grandpa,
		}
	}
}
pub use opaque::SessionKeys;

macro_rules! declare_version {
	($spec_version:tt) => {
		/// The version of this runtime. `transaction_version` changes with the encoding of any
		/// call.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: alloc::borrow::Cow::Borrowed("assay"),
			impl_name: alloc::borrow::Cow::Borrowed("assay"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}
#[cfg(not(feature = "next-version"))]
declare_version!(1);
#[cfg(feature = "next-version")]
declare_version!(2);

/// Block time in milliseconds.
pub const SLOT_MILLISECONDS: u64 = 2_000;
/// Blocks a minute.
pub const MINUTES: BlockNumber = 60_000 / SLOT_MILLISECONDS as BlockNumber;
/// Blocks an hour.
pub const HOURS: BlockNumber = MINUTES * 60;
/// Blocks a day.
pub const DAYS: BlockNumber = HOURS * 24;
/// Slots of an epoch, fixed at genesis.
pub const EPOCH_SLOTS: BlockNumber = 10 * MINUTES;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
	// Babe comes before Session, so that epochs are known when sessions end.
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship::Pallet<Runtime>;
	#[runtime::pallet_index(4)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(5)]
	pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
	#[runtime::pallet_index(6)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(7)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;
	#[runtime::pallet_index(8)]
	pub type Finality = pallet_finality::Pallet<Runtime>;
	#[runtime::pallet_index(9)]
	pub type Leases = pallet_leases::Pallet<Runtime>;

	#[runtime::pallet_index(10)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(11)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;
	#[runtime::pallet_index(13)]
	pub type Preimage = pallet_preimage::Pallet<Runtime>;
	#[runtime::pallet_index(14)]
	pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
	#[runtime::pallet_index(15)]
	pub type Parameters = pallet_parameters::Pallet<Runtime>;
	#[runtime::pallet_index(16)]
	pub type GenesisParameters = crate::genesis_parameters::Pallet<Runtime>;
	#[runtime::pallet_index(17)]
	pub type Sudo = pallet_sudo::Pallet<Runtime>;

	#[runtime::pallet_index(30)]
	pub type Models = pallet_models::Pallet<Runtime>;
	#[runtime::pallet_index(31)]
	pub type Providers = pallet_providers::Pallet<Runtime>;
	#[runtime::pallet_index(32)]
	pub type Inference = pallet_inference::Pallet<Runtime>;
	#[runtime::pallet_index(33)]
	pub type Disputes = pallet_disputes::Pallet<Runtime>;
	#[runtime::pallet_index(34)]
	pub type Availability = pallet_availability::Pallet<Runtime>;

	#[runtime::pallet_index(35)]
	pub type Audits = pallet_audits::Pallet<Runtime>;
	#[runtime::pallet_index(36)]
	pub type Subscriptions = pallet_subscriptions::Pallet<Runtime>;

	#[runtime::pallet_index(40)]
	pub type Tokens = pallet_assets::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Nfts = pallet_nfts::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type DataRights = pallet_data_rights::Pallet<Runtime>;
	#[runtime::pallet_index(43)]
	pub type Revenue = pallet_revenue::Pallet<Runtime>;
	#[runtime::pallet_index(44)]
	pub type Offerings = pallet_offerings::Pallet<Runtime>;
	#[runtime::pallet_index(45)]
	pub type Custody = pallet_custody::Pallet<Runtime>;
	#[runtime::pallet_index(46)]
	pub type Pools = pallet_pools::Pallet<Runtime>;
}

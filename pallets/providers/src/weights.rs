
//! Weights for `pallet_providers`, estimated by hand from the reads and writes of each call.
//!
//! They stand in until `scripts/weights.sh` has measured them on a reference machine, which
//! replaces this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};
use core::marker::PhantomData;

/// Weight functions needed for `pallet_providers`.
pub trait WeightInfo {
	fn register() -> Weight;
	fn update_profile() -> Weight;
	fn bond_extra() -> Weight;
	fn set_online() -> Weight;
	fn heartbeat() -> Weight;
	fn set_ask() -> Weight;
	fn remove_ask() -> Weight;
	fn unbond() -> Weight;
	fn withdraw_unbonded() -> Weight;
}

/// Weights for `pallet_providers` with the runtime's cost of reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn register() -> Weight {
		Weight::from_parts(75_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn update_profile() -> Weight {
		Weight::from_parts(30_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn bond_extra() -> Weight {
		Weight::from_parts(70_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn set_online() -> Weight {
		Weight::from_parts(28_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn heartbeat() -> Weight {
		Weight::from_parts(26_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Models::Versions` (r:1 w:0)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Providers::Asks` (r:1 w:1)
	/// Storage: `Providers::AskCounts` (r:1 w:1)
	/// Storage: `Providers::ProviderAsks` (r:0 w:1)
	fn set_ask() -> Weight {
		Weight::from_parts(70_000_000, 8300)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Providers::Asks` (r:1 w:1)
	/// Storage: `Providers::AskCounts` (r:1 w:1)
	/// Storage: `Providers::ProviderAsks` (r:0 w:1)
	fn remove_ask() -> Weight {
		Weight::from_parts(40_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn unbond() -> Weight {
		Weight::from_parts(28_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn withdraw_unbonded() -> Weight {
		Weight::from_parts(75_000_000, 4800)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
}

// For backwards compatibility and tests.
impl WeightInfo for () {
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn register() -> Weight {
		Weight::from_parts(75_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn update_profile() -> Weight {
		Weight::from_parts(30_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn bond_extra() -> Weight {
		Weight::from_parts(70_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn set_online() -> Weight {
		Weight::from_parts(28_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn heartbeat() -> Weight {
		Weight::from_parts(26_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Models::Versions` (r:1 w:0)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Providers::Asks` (r:1 w:1)
	/// Storage: `Providers::AskCounts` (r:1 w:1)
	/// Storage: `Providers::ProviderAsks` (r:0 w:1)
	fn set_ask() -> Weight {
		Weight::from_parts(70_000_000, 8300)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Providers::Asks` (r:1 w:1)
	/// Storage: `Providers::AskCounts` (r:1 w:1)
	/// Storage: `Providers::ProviderAsks` (r:0 w:1)
	fn remove_ask() -> Weight {
		Weight::from_parts(40_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	fn unbond() -> Weight {
		Weight::from_parts(28_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Providers::Providers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn withdraw_unbonded() -> Weight {
		Weight::from_parts(75_000_000, 4800)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
}


//! Weights for `pallet_models`, estimated by hand from the reads and writes of each call.
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

/// Weight functions needed for `pallet_models`.
pub trait WeightInfo {
	fn register_model() -> Weight;
	fn publish_version() -> Weight;
	fn deprecate_version() -> Weight;
	fn offer_model() -> Weight;
	fn accept_model() -> Weight;
	fn set_price() -> Weight;
}

/// Weights for `pallet_models` with the runtime's cost of reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Models::Names` (r:1 w:1)
	/// Storage: `Models::NextModel` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Models::OwnedModels` (r:0 w:1)
	/// Storage: `Models::Models` (r:0 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn register_model() -> Weight {
		Weight::from_parts(75_000_000, 3793)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Models::Versions` (r:0 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn publish_version() -> Weight {
		Weight::from_parts(110_000_000, 4167)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Versions` (r:1 w:1)
	fn deprecate_version() -> Weight {
		Weight::from_parts(45_000_000, 8300)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Offers` (r:1 w:1)
	fn offer_model() -> Weight {
		Weight::from_parts(25_000_000, 4167)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models` (r:1 w:1)
	/// Storage: `Models::Offers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Models::OwnedModels` (r:0 w:2)
	fn accept_model() -> Weight {
		Weight::from_parts(140_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Versions` (r:1 w:1)
	fn set_price() -> Weight {
		Weight::from_parts(45_000_000, 8300)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

// For backwards compatibility and tests.
impl WeightInfo for () {
	/// Storage: `Models::Names` (r:1 w:1)
	/// Storage: `Models::NextModel` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Models::OwnedModels` (r:0 w:1)
	/// Storage: `Models::Models` (r:0 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn register_model() -> Weight {
		Weight::from_parts(75_000_000, 3793)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Models::Versions` (r:0 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn publish_version() -> Weight {
		Weight::from_parts(110_000_000, 4167)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Versions` (r:1 w:1)
	fn deprecate_version() -> Weight {
		Weight::from_parts(45_000_000, 8300)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Offers` (r:1 w:1)
	fn offer_model() -> Weight {
		Weight::from_parts(25_000_000, 4167)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models` (r:1 w:1)
	/// Storage: `Models::Offers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Models::OwnedModels` (r:0 w:2)
	fn accept_model() -> Weight {
		Weight::from_parts(140_000_000, 6196)
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Models::Versions` (r:1 w:1)
	fn set_price() -> Weight {
		Weight::from_parts(45_000_000, 8300)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
}

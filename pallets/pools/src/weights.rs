//! Weights of `pallet_pools`.
//!
//! Estimated by hand, until `scripts/weights.sh pools` writes this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};
use core::marker::PhantomData;

/// Weight functions needed for `pallet_pools`.
pub trait WeightInfo {
	fn create() -> Weight;
	fn set_price() -> Weight;
	fn close() -> Weight;
	fn remove() -> Weight;
	fn contribute() -> Weight;
	fn withdraw() -> Weight;
	fn score() -> Weight;
	fn claim() -> Weight;
}

/// Weights for `pallet_pools`, estimated.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn create() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	fn set_price() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn close() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// With income that came in before.
	fn remove() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// In the place of a former owner, with a signature that takes longest to verify.
	fn contribute() -> Weight {
		Weight::from_parts(480_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().writes(12_u64))
	}
	/// By somebody else, with income that came in before.
	fn withdraw() -> Weight {
		Weight::from_parts(170_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// With income that came in before.
	fn score() -> Weight {
		Weight::from_parts(110_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Of a former contributor, who is the curator.
	fn claim() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn create() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn set_price() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	fn close() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// With income that came in before.
	fn remove() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// In the place of a former owner, with a signature that takes longest to verify.
	fn contribute() -> Weight {
		Weight::from_parts(480_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(18_u64))
			.saturating_add(RocksDbWeight::get().writes(12_u64))
	}
	/// By somebody else, with income that came in before.
	fn withdraw() -> Weight {
		Weight::from_parts(170_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(10_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// With income that came in before.
	fn score() -> Weight {
		Weight::from_parts(110_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Of a former contributor, who is the curator.
	fn claim() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
}

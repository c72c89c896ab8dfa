//! Weights of `pallet_subscriptions`.
//!
//! Estimated by hand, until `scripts/weights.sh subscriptions` writes this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};
use core::marker::PhantomData;

/// Weight functions needed for `pallet_subscriptions`.
pub trait WeightInfo {
	fn subscribe() -> Weight;
	fn feed(i: u32, ) -> Weight;
	fn take_back() -> Weight;
	fn top_up() -> Weight;
	fn set_terms() -> Weight;
	fn set_paused() -> Weight;
	fn end() -> Weight;
	fn expire() -> Weight;
	fn sweep_block() -> Weight;
	fn sweep_run(i: u32, ) -> Weight;
	fn sweep_skip() -> Weight;
}

/// Weights for `pallet_subscriptions`, estimated.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn subscribe() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// With the input that it takes the place of.
	fn feed(i: u32, ) -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(Weight::from_parts(1_100, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Of the largest input.
	fn take_back() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	fn top_up() -> Weight {
		Weight::from_parts(110_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	fn set_terms() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	fn set_paused() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// With the largest input.
	fn end() -> Weight {
		Weight::from_parts(240_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// With the largest input.
	fn expire() -> Weight {
		Weight::from_parts(240_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(15_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// With the request of the job.
	fn sweep_run(i: u32, ) -> Weight {
		Weight::from_parts(950_000_000, 0)
			.saturating_add(Weight::from_parts(10_500, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(16_u64))
	}
	/// Of a budget that does not cover a run of the largest input.
	fn sweep_skip() -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn subscribe() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// With the input that it takes the place of.
	fn feed(i: u32, ) -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(Weight::from_parts(1_100, 0).saturating_mul(i.into()))
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Of the largest input.
	fn take_back() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn top_up() -> Weight {
		Weight::from_parts(110_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn set_terms() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	fn set_paused() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// With the largest input.
	fn end() -> Weight {
		Weight::from_parts(240_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// With the largest input.
	fn expire() -> Weight {
		Weight::from_parts(240_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(15_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// With the request of the job.
	fn sweep_run(i: u32, ) -> Weight {
		Weight::from_parts(950_000_000, 0)
			.saturating_add(Weight::from_parts(10_500, 0).saturating_mul(i.into()))
			.saturating_add(RocksDbWeight::get().reads(12_u64))
			.saturating_add(RocksDbWeight::get().writes(16_u64))
	}
	/// Of a budget that does not cover a run of the largest input.
	fn sweep_skip() -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
}

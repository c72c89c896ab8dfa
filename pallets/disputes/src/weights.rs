//! Weights of `pallet_disputes`.
//!
//! Estimated by hand, until `scripts/weights.sh disputes` writes this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use frame_support::{traits::Get, weights::{Weight, constants::RocksDbWeight}};
use core::marker::PhantomData;

/// Weight functions needed for `pallet_disputes`.
pub trait WeightInfo {
	fn challenge() -> Weight;
	fn reveal() -> Weight;
	fn post() -> Weight;
	fn play() -> Weight;
	fn open(p: u32, ) -> Weight;
	fn forfeit() -> Weight;
	fn refute(e: u32, ) -> Weight;
	fn deviate(d: u32, s: u32, ) -> Weight;
	fn advance() -> Weight;
	fn tick() -> Weight;
}

/// Weights for `pallet_disputes`, estimated.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn challenge() -> Weight {
		Weight::from_parts(2_500_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	fn reveal() -> Weight {
		Weight::from_parts(500_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	fn post() -> Weight {
		Weight::from_parts(700_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	fn play() -> Weight {
		Weight::from_parts(5_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(40_u64))
			.saturating_add(T::DbWeight::get().writes(22_u64))
	}
	fn open(p: u32, ) -> Weight {
		Weight::from_parts(60_000_000_000, 0)
			.saturating_add(Weight::from_parts(180_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(44_u64))
			.saturating_add(T::DbWeight::get().writes(24_u64))
	}
	fn forfeit() -> Weight {
		Weight::from_parts(4_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(44_u64))
			.saturating_add(T::DbWeight::get().writes(24_u64))
	}
	fn refute(e: u32, ) -> Weight {
		Weight::from_parts(60_000_000_000, 0)
			.saturating_add(Weight::from_parts(180_000, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(26_u64))
			.saturating_add(T::DbWeight::get().writes(24_u64))
	}
	fn deviate(d: u32, s: u32, ) -> Weight {
		Weight::from_parts(8_000_000_000, 0)
			.saturating_add(Weight::from_parts(120_000, 0).saturating_mul(d.into()))
			.saturating_add(Weight::from_parts(20_000, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(30_u64))
			.saturating_add(T::DbWeight::get().writes(30_u64))
	}
	fn advance() -> Weight {
		Weight::from_parts(4_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().writes(22_u64))
	}
	fn tick() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn challenge() -> Weight {
		Weight::from_parts(2_500_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(12_u64))
			.saturating_add(RocksDbWeight::get().writes(9_u64))
	}
	fn reveal() -> Weight {
		Weight::from_parts(500_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	fn post() -> Weight {
		Weight::from_parts(700_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(10_u64))
			.saturating_add(RocksDbWeight::get().writes(7_u64))
	}
	fn play() -> Weight {
		Weight::from_parts(5_000_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(40_u64))
			.saturating_add(RocksDbWeight::get().writes(22_u64))
	}
	fn open(p: u32, ) -> Weight {
		Weight::from_parts(60_000_000_000, 0)
			.saturating_add(Weight::from_parts(180_000, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(44_u64))
			.saturating_add(RocksDbWeight::get().writes(24_u64))
	}
	fn forfeit() -> Weight {
		Weight::from_parts(4_000_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(44_u64))
			.saturating_add(RocksDbWeight::get().writes(24_u64))
	}
	fn refute(e: u32, ) -> Weight {
		Weight::from_parts(60_000_000_000, 0)
			.saturating_add(Weight::from_parts(180_000, 0).saturating_mul(e.into()))
			.saturating_add(RocksDbWeight::get().reads(26_u64))
			.saturating_add(RocksDbWeight::get().writes(24_u64))
	}
	fn deviate(d: u32, s: u32, ) -> Weight {
		Weight::from_parts(8_000_000_000, 0)
			.saturating_add(Weight::from_parts(120_000, 0).saturating_mul(d.into()))
			.saturating_add(Weight::from_parts(20_000, 0).saturating_mul(s.into()))
			.saturating_add(RocksDbWeight::get().reads(30_u64))
			.saturating_add(RocksDbWeight::get().writes(30_u64))
	}
	fn advance() -> Weight {
		Weight::from_parts(4_000_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(24_u64))
			.saturating_add(RocksDbWeight::get().writes(22_u64))
	}
	fn tick() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(8_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
}

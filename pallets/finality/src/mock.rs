//! A runtime of this pallet alone.

use crate as pallet_finality;
use frame_support::{derive_impl, traits::ConstU32};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

/// The most blocks behind.
pub const MAX_LAG: u32 = 30;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Finality: pallet_finality,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountId = u64;
	type Lookup = IdentityLookup<u64>;
}

impl pallet_finality::Config for Test {
	type MaxLag = ConstU32<MAX_LAG>;
	type WeightInfo = ();
}

/// An empty chain.
pub fn new_test_ext() -> sp_io::TestExternalities {
	frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into()
}

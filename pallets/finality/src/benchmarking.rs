//! The cost of a note.

use crate::{Call, Config, Noted, Notes, Pallet};
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn note() {
		let mut full = Notes::default();
		while full.finalized.try_push(0).is_ok() {}
		Noted::<T>::put(full);
		frame_system::Pallet::<T>::set_block_number(1u32.into());

		#[extrinsic_call]
		_(RawOrigin::None, 0);

		assert_eq!(Noted::<T>::get().at, 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

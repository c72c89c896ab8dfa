//! The cost of a note.

use crate::{Call, Config, Noted, Notes, Pallet, NOTES};
use frame_benchmarking::v2::*;
use frame_support::BoundedVec;
use frame_system::RawOrigin;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn note() {
		let finalized = BoundedVec::truncate_from(vec![0; NOTES as usize]);
		Noted::<T>::put(Notes { finalized, at: 0 });
		frame_system::Pallet::<T>::set_block_number(1u32.into());

		#[extrinsic_call]
		_(RawOrigin::None, 0);

		assert_eq!(Noted::<T>::get().at, 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{types::Demand, AgendaCursor, Call, Config, Demands, NextDemand, Pallet};
use alloc::vec;
use assay_canon::{
	arbiter::{Chunk, Contents, SubmissionProof},
	commitment::{
		chunk_leaf, depth, fold_multiproof, tensor_root_from, tensors_root_of, Hash, CHUNK,
	},
	tensor::DType,
};
use assay_primitives::{
	availability::{AnswerBytes, Committed, Place, Side},
	commitment::HostBlake2b256,
	tensor::MAX_TENSORS,
	traits::AvailabilityScene,
	Balance, DemandId, JobId, Root,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Unbalanced},
	tokens::Precision,
	Hooks,
};
use frame_system::RawOrigin;
use sp_runtime::SaturatedConversion;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// A hash that stands for anything.
const ANY: Hash = [1; 32];
/// Enough for any price.
const FUNDS: Balance = 1 << 64;

fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let account = account(name, 0, 0);
	let added = T::Currency::increase_balance(&account, FUNDS, Precision::BestEffort)
		.expect("an account can be funded; qed");
	T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_add(added));
	account
}

/// Demand the first chunk of a job's input or output.
fn demanded<T: Config>(side: Side) -> (JobId, DemandId) {
	let (job, id) = (Scene::<T>::answered_by_artifact(), NextDemand::<T>::get());
	let origin = RawOrigin::Signed(funded::<T>("demander")).into();
	Pallet::<T>::demand(origin, job, Place { side, tensor: 0, chunk: 0 }).unwrap();
	(job, id)
}

fn record<T: Config>((job, id): (JobId, DemandId)) -> Demand<T::AccountId> {
	Demands::<T>::get(job, id).unwrap()
}

/// Go to the block after the due one.
fn lapse<T: Config>(demand: (JobId, DemandId)) {
	let late = record::<T>(demand).due + 1;
	frame_system::Pallet::<T>::set_block_number(late.saturated_into());
}

/// The first chunk of the largest tensor in the longest list, and what it is committed to by.
fn deepest() -> (Committed, AnswerBytes) {
	let (dtype, extents) = (DType::Float32 as u8, vec![1, 1, 1, 1, 1, 1, 1, u32::MAX]);
	let count = (u64::from(u32::MAX) * 4).div_ceil(CHUNK as u64);
	let chunk = Chunk { index: 0, bytes: vec![1; CHUNK] };
	let siblings = vec![ANY; depth(count) as usize];
	let path = vec![ANY; depth(MAX_TENSORS.into()) as usize];
	let fold = |count, leaf, path: &[Hash]| {
		fold_multiproof::<HostBlake2b256>(count, &[(0, leaf)], path).unwrap()
	};
	let chunks = fold(count, chunk_leaf::<HostBlake2b256>(&chunk.bytes), &siblings);
	let tensor = tensor_root_from::<HostBlake2b256>(dtype, &extents, &chunks);
	let list = fold(MAX_TENSORS.into(), tensor, &path);
	let root = Root(tensors_root_of::<HostBlake2b256>(MAX_TENSORS, &list));
	let contents = Contents::Opened { chunk, siblings };
	let proof = SubmissionProof::Tensor { number: 0, dtype, extents, contents, path };
	let committed = Committed { root, count: MAX_TENSORS, kind: None };
	(committed, proof.encode().try_into().unwrap())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn demand() {
		let job = Scene::<T>::answered_by_artifact();
		let demander = funded::<T>("demander");
		let place = Place { side: Side::Input, tensor: 0, chunk: 0 };

		#[extrinsic_call]
		_(RawOrigin::Signed(demander), job, place);

		assert_eq!(Demands::<T>::iter_key_prefix(job).count(), 1);
	}

	#[benchmark]
	fn serve() {
		let (job, id) = demanded::<T>(Side::Output);
		let server = funded::<T>("server");
		let (committed, answer) = deepest();
		Demands::<T>::insert(job, id, Demand { committed, ..record::<T>((job, id)) });

		#[extrinsic_call]
		_(RawOrigin::Signed(server), job, id, answer);

		assert!(!Demands::<T>::contains_key(job, id));
	}

	#[benchmark]
	fn expire_output() {
		let (job, id) = demanded::<T>(Side::Output);
		lapse::<T>((job, id));
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		expire(anybody, job, id);

		assert!(!Demands::<T>::contains_key(job, id));
	}

	#[benchmark]
	fn expire_input() {
		let (job, id) = demanded::<T>(Side::Input);
		lapse::<T>((job, id));
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		expire(anybody, job, id);

		assert!(!Demands::<T>::contains_key(job, id));
	}

	#[benchmark]
	fn sweep_block() {
		frame_system::Pallet::<T>::set_block_number(10u32.into());
		AgendaCursor::<T>::put(10);

		#[block]
		{
			Pallet::<T>::on_initialize(10u32.into());
		}

		assert_eq!(AgendaCursor::<T>::get(), 11);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

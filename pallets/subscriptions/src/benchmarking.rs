//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{
	Agenda, AgendaCursor, Call, Config, Inputs, NextSubscription, Owned, Pallet, Subscriptions,
};
use alloc::{boxed::Box, vec};
use assay_primitives::{
	job::{Choice, Input, Terms},
	subscription::{Status, SubscriptionSpec, Target},
	tensor::{encode_tensors, DType, Tensor},
	traits::BenchmarkScene,
	Balance, SubscriptionId,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{Get, Hooks};
use frame_system::RawOrigin;
use sp_runtime::SaturatedConversion;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// The largest input of the benchmarks.
const LARGEST: u32 = 64_000;
/// More than any run costs.
const BUDGET: Balance = 1 << 50;

/// An inline input of about so many bytes: one float32 tensor of zeros.
fn input(bytes: u32) -> Box<Input> {
	let length = (bytes / 4).saturating_sub(4).max(1);
	let data = vec![0; length as usize * 4];
	let tensor = Tensor::new(DType::Float32, vec![length], data).unwrap();
	Box::new(Input::Inline(encode_tensors(&[tensor]).try_into().unwrap()))
}

fn terms<T: Config>() -> Terms<T::AccountId> {
	Terms {
		max_fee: Balance::from(u32::MAX),
		value: 1,
		deliver_within: 1_000,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	}
}

fn account_of<T: Config>(name: &'static str) -> T::AccountId {
	let account = account(name, 0, 0);
	Scene::<T>::fund(&account);
	account
}

fn subscriber<T: Config>() -> T::AccountId {
	account_of::<T>("subscriber")
}

fn feeder<T: Config>() -> T::AccountId {
	account_of::<T>("feeder")
}

fn signed<T: Config>(who: T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who).into()
}

fn spec<T: Config>() -> SubscriptionSpec<T::AccountId> {
	SubscriptionSpec {
		target: Target::Newest(Scene::<T>::publish_version().model),
		terms: terms::<T>(),
		period: T::MinPeriod::get(),
		runs: Some(1),
		feeder: Some(feeder::<T>()),
		repeat: false,
	}
}

/// A subscription that is the last of as many as an account can have.
fn subscribed<T: Config>(budget: Balance) -> SubscriptionId {
	let spec = spec::<T>();
	for _ in 0..T::MaxPerAccount::get() {
		let origin = signed::<T>(subscriber::<T>());
		Pallet::<T>::subscribe(origin, spec.clone(), budget).unwrap();
	}
	SubscriptionId(NextSubscription::<T>::get().0 - 1)
}

/// The same with an input of so many bytes.
fn fed<T: Config>(budget: Balance, bytes: u32) -> SubscriptionId {
	let id = subscribed::<T>(budget);
	Pallet::<T>::feed(signed::<T>(feeder::<T>()), id, input(bytes)).unwrap();
	id
}

fn status<T: Config>(id: SubscriptionId) -> Option<Status> {
	Subscriptions::<T>::get(id).map(|record| record.status)
}

/// Let it rest without the means for a run.
fn starve<T: Config>(id: SubscriptionId) {
	go_to_wake::<T>(id);
	let record = Subscriptions::<T>::get(id).unwrap();
	Pallet::<T>::run(id, record);
	assert_eq!(status::<T>(id), Some(Status::Unfunded));
}

/// Go to the block under which it is in the agenda.
fn go_to_wake<T: Config>(id: SubscriptionId) {
	let wake = Subscriptions::<T>::get(id).unwrap().wake;
	frame_system::Pallet::<T>::set_block_number(wake.saturated_into());
}

/// A budget that covers no run.
fn least<T: Config>() -> Balance {
	terms::<T>().max_fee
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn subscribe() {
		let last = subscribed::<T>(least::<T>());
		let who = subscriber::<T>();
		Pallet::<T>::end(signed::<T>(who.clone()), last).unwrap();
		let spec = spec::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), spec, BUDGET);

		assert_eq!(Owned::<T>::get(who).len(), T::MaxPerAccount::get() as usize);
	}

	#[benchmark]
	fn feed(i: Linear<100, LARGEST>) {
		let id = fed::<T>(least::<T>(), LARGEST);
		starve::<T>(id);
		let who = subscriber::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), id, input(i));

		assert_eq!(Inputs::<T>::get(id).unwrap().by, who);
	}

	#[benchmark]
	fn take_back() {
		let id = fed::<T>(least::<T>(), LARGEST);
		let who = subscriber::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(!Inputs::<T>::contains_key(id));
	}

	#[benchmark]
	fn top_up() {
		let id = fed::<T>(least::<T>(), LARGEST);
		starve::<T>(id);
		let who = subscriber::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, BUDGET);

		assert_eq!(status::<T>(id), Some(Status::Scheduled));
	}

	#[benchmark]
	fn set_terms() {
		let id = fed::<T>(least::<T>(), LARGEST);
		starve::<T>(id);
		let who = subscriber::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, terms::<T>());

		assert_eq!(status::<T>(id), Some(Status::Scheduled));
	}

	#[benchmark]
	fn set_paused() {
		let id = fed::<T>(least::<T>(), LARGEST);
		let who = subscriber::<T>();
		Pallet::<T>::set_paused(signed::<T>(who.clone()), id, true).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, false);

		assert_eq!(status::<T>(id), Some(Status::Scheduled));
	}

	#[benchmark]
	fn end() {
		let id = fed::<T>(least::<T>(), LARGEST);
		let who = subscriber::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert_eq!(status::<T>(id), None);
	}

	#[benchmark]
	fn expire() {
		let id = fed::<T>(least::<T>(), LARGEST);
		starve::<T>(id);
		go_to_wake::<T>(id);
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		_(anybody, id);

		assert_eq!(status::<T>(id), None);
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

	/// The last run, which ends the subscription.
	#[benchmark]
	fn sweep_run(i: Linear<100, LARGEST>) {
		let id = fed::<T>(BUDGET, i);
		go_to_wake::<T>(id);

		#[block]
		{
			let record = Subscriptions::<T>::get(id).unwrap();
			Pallet::<T>::run(id, record);
		}

		assert_eq!(status::<T>(id), None);
		assert!(Agenda::<T>::iter_keys().all(|(_, other)| other != id));
	}

	#[benchmark]
	fn sweep_skip() {
		let id = fed::<T>(least::<T>(), LARGEST);
		go_to_wake::<T>(id);

		#[block]
		{
			let record = Subscriptions::<T>::get(id).unwrap();
			Pallet::<T>::run(id, record);
		}

		assert_eq!(status::<T>(id), Some(Status::Unfunded));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

//! Benchmarks: each call at its worst case.

use crate::{Call, Config, HoldReason, Holdings, Pallet, Streams};
use assay_primitives::{
	revenue::{ShareSpec, Subject, SubjectInspect, MAX_SHARE_NAME, MAX_SHARE_SYMBOL},
	traits::BenchmarkScene,
	Balance,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Precision, Preservation},
		Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::Permill;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// The shares of the benchmarks.
const SUPPLY: Balance = 1_000_000_007;
/// The other holders, whose number must not matter.
const OTHERS: u32 = 100;

fn account_of<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let account = account(name, index, 0);
	Scene::<T>::fund(&account);
	account
}

fn signed<T: Config>(who: T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who).into()
}

fn text<S: Get<u32>>(length: u32) -> BoundedVec<u8, S> {
	alloc::vec![b'x'; length as usize].try_into().ok().unwrap()
}

fn spec() -> ShareSpec {
	ShareSpec {
		supply: SUPPLY,
		name: text(MAX_SHARE_NAME),
		symbol: text(MAX_SHARE_SYMBOL),
		decimals: 9,
		retained: Permill::from_percent(33),
	}
}

/// Something that earns, with its owner.
fn subject<T: Config>() -> (Subject, T::AccountId) {
	let subject = Subject::Model(Scene::<T>::publish_version().model);
	let owner = T::Subjects::owner(subject).unwrap();
	Scene::<T>::fund(&owner);
	(subject, owner)
}

/// The pot of a subject earns.
fn earn<T: Config>(subject: Subject) {
	let payer = account_of::<T>("payer", 0);
	let income = T::Currency::minimum_balance() * 1_000 + 1;
	let pot = Pallet::<T>::pot(subject);
	T::Currency::transfer(&payer, &pot, income, Preservation::Preserve).unwrap();
}

/// A stream with many holders, of which one is given, and with income that is not divided yet.
fn shared<T: Config>() -> (Subject, T::AccountId, T::AccountId) {
	let (subject, owner) = subject::<T>();
	Pallet::<T>::tokenize(signed::<T>(owner.clone()), subject, spec()).unwrap();
	let holder = account_of::<T>("holder", 0);
	let give = |to: T::AccountId| {
		earn::<T>(subject);
		Pallet::<T>::transfer(signed::<T>(owner.clone()), subject, to, SUPPLY / 200).unwrap();
	};
	give(holder.clone());
	for index in 0..OTHERS {
		give(account_of::<T>("other", index));
	}
	earn::<T>(subject);
	(subject, owner, holder)
}

/// A stream without shares, which somebody else than the owner has tokenised.
fn burned<T: Config>() -> (Subject, T::AccountId) {
	let (subject, owner) = subject::<T>();
	Pallet::<T>::tokenize(signed::<T>(owner.clone()), subject, spec()).unwrap();
	Pallet::<T>::redeem(signed::<T>(owner.clone()), subject, SUPPLY).unwrap();
	let former = account_of::<T>("former", 0);
	Streams::<T>::mutate_extant(subject, |stream| {
		let reason = HoldReason::Deposit.into();
		T::Currency::release(&reason, &owner, stream.deposit, Precision::Exact).unwrap();
		T::Currency::hold(&reason, &former, stream.deposit).unwrap();
		stream.depositor = former;
	});
	earn::<T>(subject);
	(subject, owner)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn tokenize() {
		let (subject, owner) = burned::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), subject, spec());

		assert_eq!(Holdings::<T>::get(subject, owner).unwrap().weight, SUPPLY);
	}

	#[benchmark]
	fn transfer() {
		let (subject, _, holder) = shared::<T>();
		let to = account_of::<T>("to", 0);
		let shares = Holdings::<T>::get(subject, &holder).unwrap().weight;

		#[extrinsic_call]
		_(RawOrigin::Signed(holder), subject, to.clone(), shares);

		assert_eq!(Holdings::<T>::get(subject, to).unwrap().weight, shares);
	}

	/// Of somebody who has no shares any more, with many other holders.
	#[benchmark]
	fn claim() {
		let (subject, owner, holder) = shared::<T>();
		let shares = Holdings::<T>::get(subject, &holder).unwrap().weight;
		Pallet::<T>::transfer(signed::<T>(holder.clone()), subject, owner, shares).unwrap();
		earn::<T>(subject);

		#[extrinsic_call]
		_(RawOrigin::Signed(holder.clone()), subject);

		assert!(!Holdings::<T>::contains_key(subject, holder));
	}

	#[benchmark]
	fn redeem() {
		let (subject, _, holder) = shared::<T>();
		let shares = Holdings::<T>::get(subject, &holder).unwrap().weight;

		#[extrinsic_call]
		_(RawOrigin::Signed(holder.clone()), subject, shares);

		assert!(!Holdings::<T>::contains_key(subject, holder));
	}

	#[benchmark]
	fn collect() {
		let (subject, _) = burned::<T>();
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		_(anybody, subject);

		assert!(!Streams::<T>::contains_key(subject));
	}

	/// Of a subject whose shares are burned.
	#[benchmark]
	fn ensure_undivided() {
		let (subject, owner) = burned::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), subject);

		assert!(Streams::<T>::contains_key(subject));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

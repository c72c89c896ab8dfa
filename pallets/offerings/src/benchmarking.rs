//! Benchmarks: each call at its worst case.

use crate::{types::Stage, Call, Config, Offerings, Pallet, Tickets};
use assay_primitives::{
	offering::{Milestone, OfferingScene, OfferingSpec, OfferingStatus, MAX_MILESTONES},
	Balance, BlockNumber, OfferingId,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Inspect, fungibles::Inspect as _, Get};
use frame_system::RawOrigin;
use sp_runtime::{Permill, SaturatedConversion};

type Scene<T> = <T as Config>::BenchmarkHelper;

/// The shares for sale in the benchmarks.
const SHARES: Balance = 1_000_003;
/// The offering of the benchmarks.
const ID: OfferingId = OfferingId(0);

fn account_of<T: Config>(name: &'static str) -> T::AccountId {
	let account = account(name, 0, 0);
	Scene::<T>::fund(&account);
	account
}

fn signed<T: Config>(who: T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who).into()
}

fn anybody<T: Config>() -> RawOrigin<T::AccountId> {
	RawOrigin::Signed(account("anybody", 0, 0))
}

fn go_to<T: Config>(block: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(block.saturated_into());
}

/// An offer of shares that an issuer has, whose other shares are another's.
fn spec<T: Config>() -> (OfferingSpec, T::AccountId) {
	let issuer = account_of::<T>("issuer");
	let subject = Scene::<T>::tokenized(&issuer, 2 * SHARES);
	let deadline = T::MaxDuration::get();
	let step = T::MaxVesting::get() / MAX_MILESTONES;
	let milestones = (1..=MAX_MILESTONES).map(|number| Milestone {
		jobs: number.into(),
		paid: 0,
		by: deadline + step * number,
		part: Permill::from_percent(12),
	});
	let spec = OfferingSpec {
		subject,
		shares: SHARES,
		// So dear that there is enough for a subscription in a share.
		price: T::MinSubscription::get().max(1),
		target: 1,
		deadline,
		upfront: Permill::from_percent(4),
		milestones: milestones.collect::<alloc::vec::Vec<_>>().try_into().unwrap(),
		vesting: T::MaxVesting::get(),
	};
	(spec, issuer)
}

/// An offering with two tickets, and with income that its shares have earned.
fn subscribed<T: Config>(each: Balance) -> OfferingSpec {
	let (spec, issuer) = spec::<T>();
	Pallet::<T>::open(signed::<T>(issuer), spec.clone()).unwrap();
	for name in ["buyer", "other"] {
		Pallet::<T>::subscribe(signed::<T>(account_of::<T>(name)), ID, each).unwrap();
	}
	Scene::<T>::earn(spec.subject, T::Currency::minimum_balance() * 1_000_003);
	spec
}

/// The same, closed.
fn closed<T: Config>(each: Balance) -> OfferingSpec {
	let spec = subscribed::<T>(each);
	go_to::<T>(spec.deadline);
	Pallet::<T>::close(anybody::<T>().into(), ID).unwrap();
	spec
}

/// The first ticket votes, with half of what was sold.
fn vote<T: Config>() {
	Pallet::<T>::vote_abort(signed::<T>(account_of::<T>("buyer")), ID, 0).unwrap();
}

fn status<T: Config>() -> OfferingStatus {
	Offerings::<T>::get(ID).unwrap().status()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		let (spec, issuer) = spec::<T>();
		Scene::<T>::earn(spec.subject, T::Currency::minimum_balance() * 1_000_003);

		#[extrinsic_call]
		_(RawOrigin::Signed(issuer), spec);

		assert!(Offerings::<T>::contains_key(ID));
	}

	#[benchmark]
	fn subscribe() {
		subscribed::<T>(SHARES / 3);
		let who = account_of::<T>("third");

		#[extrinsic_call]
		_(RawOrigin::Signed(who), ID, SHARES / 3);

		assert!(Tickets::<T>::contains_key(ID, 2));
	}

	#[benchmark]
	fn close() {
		let spec = subscribed::<T>(SHARES / 3);
		go_to::<T>(spec.deadline);

		#[extrinsic_call]
		_(anybody::<T>(), ID);

		assert_eq!(status::<T>(), OfferingStatus::Running);
	}

	#[benchmark]
	fn collect() {
		let spec = closed::<T>(SHARES);
		go_to::<T>(spec.deadline + spec.vesting / 3);
		vote::<T>();
		Pallet::<T>::vote_abort(signed::<T>(account_of::<T>("other")), ID, 1).unwrap();
		assert_eq!(status::<T>(), OfferingStatus::Aborted);

		#[extrinsic_call]
		_(anybody::<T>(), ID, 0);

		assert!(!Tickets::<T>::contains_key(ID, 0));
	}

	#[benchmark]
	fn release() {
		closed::<T>(SHARES);
		// What would have to be used is not at hand here, so that less is asked for.
		Offerings::<T>::mutate_extant(ID, |record| {
			record.spec.milestones.iter_mut().for_each(|milestone| milestone.jobs = 0);
		});

		#[extrinsic_call]
		_(anybody::<T>(), ID);

		assert_eq!(status::<T>(), OfferingStatus::Completed);
	}

	#[benchmark]
	fn fail() {
		let spec = closed::<T>(SHARES);
		Offerings::<T>::mutate_extant(ID, |record| {
			if let Stage::Sold(sale) = &mut record.stage {
				sale.reached = MAX_MILESTONES - 1;
			}
		});
		go_to::<T>(spec.horizon() + 1);

		#[extrinsic_call]
		_(anybody::<T>(), ID);

		assert_eq!(status::<T>(), OfferingStatus::Aborted);
	}

	#[benchmark]
	fn vote_abort() {
		closed::<T>(SHARES);
		vote::<T>();
		let who = account_of::<T>("other");

		#[extrinsic_call]
		_(RawOrigin::Signed(who), ID, 1);

		assert_eq!(status::<T>(), OfferingStatus::Aborted);
	}

	#[benchmark]
	fn forward() {
		let spec = subscribed::<T>(SHARES);
		let issuer = account_of::<T>("issuer");
		let before = T::Currency::balance(&issuer);

		#[extrinsic_call]
		_(anybody::<T>(), ID);

		assert!(T::Currency::balance(&issuer) > before);
		let account = Pallet::<T>::account(ID, &issuer);
		assert_eq!(T::Shares::balance(spec.subject, &account), SHARES);
	}

	#[benchmark]
	fn remove() {
		let spec = closed::<T>(SHARES);
		go_to::<T>(spec.horizon() + 1);
		Pallet::<T>::fail(anybody::<T>().into(), ID).unwrap();
		for ticket in 0..2 {
			Pallet::<T>::collect(anybody::<T>().into(), ID, ticket).unwrap();
		}

		#[extrinsic_call]
		_(anybody::<T>(), ID);

		assert!(!Offerings::<T>::contains_key(ID));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

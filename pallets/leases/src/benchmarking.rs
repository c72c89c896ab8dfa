//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{
	types::{Bids, Lease},
	AgendaCursor, AttributesOf, BidsFor, Call, Config, Credentials, HoldReason, Leases, NextLease,
	Offers, Pallet,
};
use alloc::{format, vec};
use assay_primitives::{
	lease::{
		Attributes, Bid, CloseReason, Credential, KeyPath, LeaseState, LeaseStatus, Offer,
		OrderSpec, Required, TakeSpec, MAX_ATTRIBUTES, MAX_BIDS, MAX_CREDENTIAL, MAX_PAYERS,
		MAX_REQUIRED,
	},
	provider::Tier,
	traits::LeaseScene,
	Balance, LeaseId,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::MutateHold, Get, Hooks};
use frame_system::RawOrigin;
use sp_runtime::SaturatedConversion;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// The price of every lease.
const PRICE: Balance = 1 << 30;

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let account = account(name, index, 0);
	Scene::<T>::fund(&account);
	account
}

fn signed<T: Config>(account: &T::AccountId) -> RawOrigin<T::AccountId> {
	RawOrigin::Signed(account.clone())
}

/// Key paths as long as they may be, of which none meets another.
fn paths(count: u32) -> alloc::vec::Vec<KeyPath> {
	let path = |index| format!("{index:02}/{}", "a".repeat(61)).into_bytes();
	(0..count).map(|index| path(index).try_into().unwrap()).collect()
}

/// An order that the last of the attributes meet, and that a new provider may serve.
fn order<T: Config>() -> OrderSpec {
	let required = paths(MAX_ATTRIBUTES).split_off((MAX_ATTRIBUTES - MAX_REQUIRED) as usize);
	OrderSpec {
		attributes: Required::try_from(required).unwrap(),
		tier: Tier::New,
		duration: T::MaxDuration::get(),
		max_price: PRICE,
		bidding: T::MaxBidding::get(),
		automatic: true,
		key: [1; 32],
	}
}

/// An available provider with as many attributes as it may have, and funds.
fn provider<T: Config>(index: u32) -> T::AccountId {
	let provider = Scene::<T>::available(index);
	Scene::<T>::fund(&provider);
	let paths = Attributes::try_from(paths(MAX_ATTRIBUTES)).unwrap();
	Pallet::<T>::set_attributes(signed::<T>(&provider).into(), paths).unwrap();
	provider
}

/// An order that was opened.
fn opened<T: Config>() -> LeaseId {
	let (tenant, id) = (funded::<T>("tenant", 0), NextLease::<T>::get());
	let amount = PRICE * Balance::from(T::MinimumCover::get().max(1)) * 10;
	Pallet::<T>::open(signed::<T>(&tenant).into(), order::<T>(), amount).unwrap();
	id
}

/// Other providers bid, as many as may: the first is the lowest.
fn crowd<T: Config>(id: LeaseId, count: u32) {
	for index in 1..=count {
		let provider = provider::<T>(index);
		let price = PRICE - Balance::from(count - index) - 1;
		let notice = T::MaxReclaim::get();
		Pallet::<T>::bid(signed::<T>(&provider).into(), id, price, notice).unwrap();
	}
}

/// An order whose lowest bid is that of the first provider, among `others`.
fn with_bid<T: Config>(others: u32) -> (LeaseId, T::AccountId) {
	let (id, provider) = (opened::<T>(), provider::<T>(0));
	crowd::<T>(id, others);
	Pallet::<T>::bid(signed::<T>(&provider).into(), id, 1 << 20, T::MaxReclaim::get()).unwrap();
	(id, provider)
}

fn tenant<T: Config>() -> T::AccountId {
	account("tenant", 0, 0)
}

/// A lease that is served, with as many payers and bids that stand by as there may be.
fn served<T: Config>() -> (LeaseId, T::AccountId) {
	let (id, provider) = with_bid::<T>(MAX_BIDS - 1);
	Pallet::<T>::accept(signed::<T>(&tenant::<T>()).into(), id, provider.clone()).unwrap();
	Pallet::<T>::deliver(signed::<T>(&provider).into(), id, credential()).unwrap();
	let late = Scene::<T>::available(MAX_BIDS);
	Scene::<T>::fund(&late);
	let deposit = T::BidDeposit::get();
	T::Currency::hold(&HoldReason::Bid.into(), &late, deposit).unwrap();
	let mut bids: Bids<T::AccountId> = BidsFor::<T>::get(id);
	let notice = T::MaxReclaim::get();
	let last = Bid { provider: late, price: PRICE, reclaim: notice, deposit, at: 1 };
	bids.place(last).unwrap();
	BidsFor::<T>::insert(id, bids);
	for index in 1..MAX_PAYERS {
		let payer = funded::<T>("payer", index);
		Pallet::<T>::top_up(signed::<T>(&payer).into(), id, PRICE).unwrap();
	}
	(id, provider)
}

fn credential() -> Credential {
	vec![1; MAX_CREDENTIAL as usize].try_into().unwrap()
}

/// An offer of the class that the last of a provider's attributes are.
fn offer<T: Config>() -> Offer {
	Offer {
		attributes: order::<T>().attributes,
		price: PRICE,
		capacity: 1,
		reclaim: T::MaxReclaim::get(),
		until: Some(Pallet::<T>::now() + 10),
	}
}

/// A provider whose first offer this is.
fn offering<T: Config>(offer: Offer) -> T::AccountId {
	let provider = provider::<T>(0);
	Pallet::<T>::set_offer(signed::<T>(&provider).into(), 0, offer).unwrap();
	provider
}

fn lease<T: Config>(id: LeaseId) -> Lease<T::AccountId> {
	Leases::<T>::get(id).unwrap()
}

fn go_to<T: Config>(block: u32) {
	frame_system::Pallet::<T>::set_block_number(block.saturated_into());
}

fn status<T: Config>(id: LeaseId) -> LeaseStatus {
	lease::<T>(id).state.status()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_attributes() {
		let provider = provider::<T>(0);
		let paths = Attributes::try_from(paths(MAX_ATTRIBUTES)).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), paths);

		assert!(AttributesOf::<T>::contains_key(provider));
	}

	#[benchmark]
	fn open() {
		let (tenant, id) = (funded::<T>("tenant", 0), NextLease::<T>::get());
		let amount = PRICE * Balance::from(T::MinimumCover::get().max(1));

		#[extrinsic_call]
		_(RawOrigin::Signed(tenant), order::<T>(), amount);

		assert_eq!(status::<T>(id), LeaseStatus::Open);
	}

	/// The bid replaces one, and pushes out none; or the other way round, which costs the same.
	#[benchmark]
	fn bid() {
		let id = opened::<T>();
		crowd::<T>(id, MAX_BIDS);
		let provider = provider::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), id, 1, T::MaxReclaim::get());

		assert!(BidsFor::<T>::get(id).of(&provider).is_some());
	}

	#[benchmark]
	fn withdraw_bid() {
		let (id, provider) = with_bid::<T>(MAX_BIDS - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), id);

		assert!(BidsFor::<T>::get(id).of(&provider).is_none());
	}

	#[benchmark]
	fn accept() {
		let (id, provider) = with_bid::<T>(MAX_BIDS - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(tenant::<T>()), id, provider);

		assert_eq!(status::<T>(id), LeaseStatus::Matched);
	}

	/// No bid can be served but the last.
	#[benchmark]
	fn match_lowest() {
		let (id, provider) = with_bid::<T>(MAX_BIDS - 1);
		let last = BidsFor::<T>::get(id).iter().last().unwrap().provider.clone();
		for one in BidsFor::<T>::get(id).iter().filter(|one| one.provider != last) {
			AttributesOf::<T>::mutate(&one.provider, |attributes| attributes.truncate(31));
		}
		let now = Pallet::<T>::now();
		let state = LeaseState::Open { until: now, accept_until: now };
		Leases::<T>::insert(id, Lease { state, ..lease::<T>(id) });
		go_to::<T>(now + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), id);

		assert_eq!(status::<T>(id), LeaseStatus::Matched);
	}

	#[benchmark]
	fn deliver() {
		let (id, provider) = with_bid::<T>(0);
		Pallet::<T>::accept(signed::<T>(&tenant::<T>()).into(), id, provider.clone()).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), id, credential());

		assert!(Credentials::<T>::contains_key(id));
	}

	#[benchmark]
	fn top_up() {
		let id = opened::<T>();
		let payer = funded::<T>("payer", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer), id, PRICE);

		assert_eq!(lease::<T>(id).payers.len(), 2);
	}

	/// All payers but the last have to pay.
	#[benchmark]
	fn withdraw() {
		let (id, provider) = served::<T>();
		let mut record = lease::<T>(id);
		record.payers.iter_mut().for_each(|payer| payer.left = PRICE);
		record.agreement.as_mut().unwrap().price = PRICE;
		Leases::<T>::insert(id, record);
		let now = Pallet::<T>::now();
		go_to::<T>(now + MAX_PAYERS - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), id);

		assert!(lease::<T>(id).paid > 0);
	}

	#[benchmark]
	fn reclaim() {
		let (id, provider) = served::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), id);

		assert_eq!(status::<T>(id), LeaseStatus::Reclaiming);
	}

	#[benchmark]
	fn expire_close() {
		let (id, provider) = served::<T>();
		let now = Pallet::<T>::now();
		go_to::<T>(now + 1);

		#[extrinsic_call]
		close(RawOrigin::Signed(provider), id);

		assert_eq!(status::<T>(id), LeaseStatus::Ended);
	}

	/// No bid that stands by can be served.
	#[benchmark]
	fn expire_breach() {
		let (id, _) = served::<T>();
		let mut record = lease::<T>(id);
		record.order.tier = Tier::Trusted;
		// It was matched, and its provider has not delivered.
		record.state = LeaseState::Matched { due: Pallet::<T>::now() };
		Leases::<T>::insert(id, record);
		let now = Pallet::<T>::now();
		go_to::<T>(now + 1);
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		expire(anybody, id);

		let state = lease::<T>(id).state;
		assert!(matches!(state, LeaseState::Ended { reason: CloseReason::Breached, .. }));
	}

	#[benchmark]
	fn sweep_block() {
		go_to::<T>(10);
		AgendaCursor::<T>::put(10);

		#[block]
		{
			Pallet::<T>::on_initialize(10u32.into());
		}

		assert_eq!(AgendaCursor::<T>::get(), 11);
	}

	/// It replaces another.
	#[benchmark]
	fn set_offer() {
		let provider = offering::<T>(offer::<T>());
		let offer = Offer { capacity: 2, ..offer::<T>() };

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), 0, offer);

		assert_eq!(Offers::<T>::get(provider, 0).unwrap().offer.capacity, 2);
	}

	#[benchmark]
	fn remove_offer() {
		let provider = offering::<T>(offer::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), 0);

		assert!(!Offers::<T>::contains_key(provider, 0));
	}

	#[benchmark]
	fn evict_offer() {
		let provider = offering::<T>(offer::<T>());
		let now = Pallet::<T>::now();
		go_to::<T>(now + 10);
		let anybody: T::AccountId = account("anybody", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), provider.clone(), 0);

		assert!(!Offers::<T>::contains_key(provider, 0));
	}

	#[benchmark]
	fn take() {
		let provider = offering::<T>(offer::<T>());
		let (tenant, id) = (funded::<T>("tenant", 0), NextLease::<T>::get());
		let wanted = TakeSpec {
			attributes: Some(order::<T>().attributes),
			duration: T::MaxDuration::get(),
			max_price: PRICE,
			reclaim: 0,
			key: [1; 32],
		};
		let amount = PRICE * Balance::from(T::MinimumCover::get().max(1));

		#[extrinsic_call]
		_(RawOrigin::Signed(tenant), provider.clone(), 0, wanted, amount);

		assert_eq!(status::<T>(id), LeaseStatus::Matched);
		assert_eq!(Offers::<T>::get(provider, 0).unwrap().open, 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

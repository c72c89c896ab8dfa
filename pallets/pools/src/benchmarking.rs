//! Benchmarks: each call, and a use, at its worst case.

use crate::{types::Item, Call, Config, Contributors, Items, NextPool, Pallet, Pools};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_primitives::{
	pool::{Contribution, PoolScene, PoolSpec, ScoreRule, MAX_POOL_NAME, MAX_SCORE},
	rights::{
		wrapped, PoolItem, Purpose, RightsScene, Tag, Usage, MAX_PURPOSES, MAX_SCHEMA, MAX_TAG,
	},
	AssetId, ModelId, PoolId, VersionId,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::{traits::Zero, Permill};

type Scene<T> = <T as Config>::BenchmarkHelper;

/// A version that is run.
const VERSION: VersionId = VersionId { model: ModelId(1), number: 1 };
/// The other contributors, whose number must not matter.
const OTHERS: u32 = 100;

/// As many equal bytes as a bound admits.
fn bytes<Most: Get<u32>>(count: u32) -> BoundedVec<u8, Most> {
	vec![b'x'; count as usize].try_into().unwrap()
}

/// The longest names of purposes, that differ only in their last byte; the last is the longest to
/// be found.
fn tags() -> BoundedVec<Tag, sp_runtime::traits::ConstU32<MAX_PURPOSES>> {
	let tag = |index: u32| {
		let mut tag = vec![b'x'; MAX_TAG as usize];
		tag[MAX_TAG as usize - 1] = b'a' + index as u8;
		tag.try_into().unwrap()
	};
	(0..MAX_PURPOSES).map(tag).collect::<Vec<Tag>>().try_into().unwrap()
}

/// What a job says that it is for, when it is for the last of them.
fn usage() -> Usage {
	Usage { commercial: true, purpose: tags()[MAX_PURPOSES as usize - 1].clone() }
}

/// The largest declaration.
fn spec() -> Box<PoolSpec> {
	Box::new(PoolSpec {
		name: bytes(MAX_POOL_NAME),
		schema: bytes(MAX_SCHEMA),
		rule: ScoreRule::Scored,
		price: 1,
		purpose: Purpose::Tags(tags()),
		commercial: true,
		cut: Permill::from_percent(33),
	})
}

fn signed<T: Config>(who: &T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who.clone()).into()
}

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let account = account(name, index, 0);
	Scene::<T>::fund(&account);
	account
}

/// Who signs contributions.
fn owner<T: Config>() -> T::AccountId {
	let owner = Scene::<T>::signer();
	Scene::<T>::fund(&owner);
	owner
}

/// The pot of a pool earns.
fn earn<T: Config>(pool: PoolId) {
	let (payer, income) = (funded::<T>("payer", 0), T::Currency::minimum_balance() * 1_000 + 1);
	T::Currency::transfer(&payer, &Pallet::<T>::pot(pool), income, Preservation::Preserve).unwrap();
}

/// Put an asset into a pool, as somebody's who need not own it, at the cost of somebody else.
fn put_in<T: Config>(pool: PoolId, asset: AssetId, contributor: T::AccountId) {
	let mut record = Pallet::<T>::synced(pool).ok().unwrap();
	let (payer, deposit) = (funded::<T>("depositor", asset.0), T::ItemDeposit::get());
	let item = Item { contributor, nonce: u64::from(asset.0), score: 7, uses: 0, payer, deposit };
	Pallet::<T>::put_in(&mut record, pool, asset, item).ok().unwrap();
	Pools::<T>::insert(pool, record);
}

/// A pool with many contributors, and with income that is not divided yet.
fn pool<T: Config>() -> (PoolId, T::AccountId) {
	let (pool, curator) = (NextPool::<T>::get(), funded::<T>("curator", 0));
	Pallet::<T>::create(signed::<T>(&curator), spec()).unwrap();
	for index in 0..OTHERS {
		put_in::<T>(pool, AssetId(u32::MAX - index), funded::<T>("other", index));
	}
	earn::<T>(pool);
	(pool, curator)
}

/// An item of an asset that takes longest to check, of its owner.
fn item<T: Config>(pool: PoolId, version: VersionId) -> AssetId {
	let owner = owner::<T>();
	let asset = Scene::<T>::asset(version);
	put_in::<T>(pool, asset, owner);
	earn::<T>(pool);
	asset
}

impl<T: Config> Pallet<T> {
	/// An item that takes longest to check for a job of this version, and what the job has to be for:
	/// the scene for benchmarks of other pallets.
	pub fn benchmark_item(version: VersionId) -> (PoolItem, Usage) {
		let (pool, _) = pool::<T>();
		(PoolItem { pool, asset: item::<T>(pool, version) }, usage())
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create() {
		let curator = funded::<T>("curator", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(curator.clone()), spec());

		assert_eq!(Pallet::<T>::curator(PoolId(0)), Some(curator));
	}

	#[benchmark]
	fn set_price() {
		let (pool, curator) = pool::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(curator), pool, 9);

		assert_eq!(Pools::<T>::get(pool).unwrap().spec.price, 9);
	}

	#[benchmark]
	fn close() {
		let (pool, curator) = pool::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(curator), pool);

		assert!(Pools::<T>::get(pool).unwrap().closed.is_some());
	}

	#[benchmark]
	fn remove() {
		let (pool, curator) = (NextPool::<T>::get(), funded::<T>("curator", 0));
		Pallet::<T>::create(signed::<T>(&curator), spec()).unwrap();
		earn::<T>(pool);
		Pallet::<T>::close(signed::<T>(&curator), pool).unwrap();
		let over = T::RemovalDelay::get() + 1_000;
		frame_system::Pallet::<T>::set_block_number(over.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(curator), pool);

		assert!(Pools::<T>::get(pool).is_none());
	}

	/// In the place of a former owner, with a signature that takes longest to verify.
	#[benchmark]
	fn contribute() {
		let (pool, _) = pool::<T>();
		let (contributor, submitter) = (owner::<T>(), funded::<T>("submitter", 0));
		let asset = Scene::<T>::asset(VERSION);
		put_in::<T>(pool, asset, funded::<T>("former", 0));
		let expires = 1_000_000_000;
		let contribution =
			Contribution { pool, asset, contributor: contributor.clone(), nonce: 9, expires };
		let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero());
		let bytes = contribution.signed_bytes(genesis.as_ref());
		let signature = Scene::<T>::sign(&wrapped(&bytes));

		#[extrinsic_call]
		_(RawOrigin::Signed(submitter), contribution, signature);

		let item = Items::<T>::get(pool, Pallet::<T>::key(asset)).unwrap();
		assert_eq!(item.contributor, contributor);
	}

	/// By somebody else, because its contributor does not own it.
	#[benchmark]
	fn withdraw() {
		let (pool, _) = pool::<T>();
		owner::<T>();
		let asset = Scene::<T>::asset(VERSION);
		put_in::<T>(pool, asset, funded::<T>("former", 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(account("anybody", 0, 0)), pool, asset);

		assert!(Items::<T>::get(pool, Pallet::<T>::key(asset)).is_none());
	}

	#[benchmark]
	fn score() {
		let (pool, curator) = pool::<T>();
		let asset = item::<T>(pool, VERSION);

		#[extrinsic_call]
		_(RawOrigin::Signed(curator), pool, asset, MAX_SCORE);

		let item = Items::<T>::get(pool, Pallet::<T>::key(asset)).unwrap();
		assert_eq!(item.score, u64::from(MAX_SCORE));
	}

	/// Of the curator, who was a contributor, with many others.
	#[benchmark]
	fn claim() {
		let (pool, curator) = pool::<T>();
		put_in::<T>(pool, AssetId(0), curator.clone());
		earn::<T>(pool);
		Pallet::<T>::withdraw(signed::<T>(&curator), pool, AssetId(0)).unwrap();
		earn::<T>(pool);

		#[extrinsic_call]
		_(RawOrigin::Signed(curator.clone()), pool);

		assert!(!Contributors::<T>::contains_key(pool, curator));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{
	Agenda, AgendaCursor, Appointments, Call, Config, Custodians, NextRequest, OpenRequests,
	Pallet, Requests,
};
use assay_primitives::{
	custody::{
		key_commitment, Ask, CustodyScene, Endpoint, SealedKey, MAX_CUSTODIANS, SEALED_BYTES,
	},
	provider::MAX_ENDPOINT,
	AssetId, Balance, KeyRequestId, Root,
};
use crypto_box::{
	aead::rand_core::{CryptoRng, Error, RngCore},
	PublicKey,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{Get, Hooks};
use frame_system::RawOrigin;
use sp_runtime::SaturatedConversion;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// The key of the assets.
const KEY: [u8; 32] = [7; 32];
/// The secret that askers open boxes with.
const SECRET: [u8; 32] = [9; 32];

/// As random as a benchmark needs it.
struct Fixed;

impl RngCore for Fixed {
	fn next_u32(&mut self) -> u32 {
		5
	}

	fn next_u64(&mut self) -> u64 {
		5
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		bytes.fill(5);
	}

	fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
		self.fill_bytes(bytes);
		Ok(())
	}
}

impl CryptoRng for Fixed {}

/// A key, sealed to the asker.
fn sealed(key: &[u8; 32]) -> SealedKey {
	let recipient = PublicKey::from(crate::sealed::public_of(&SECRET));
	SealedKey(recipient.seal(&mut Fixed, key).unwrap().try_into().unwrap())
}

fn account_of<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let account = account(name, index, 0);
	Scene::<T>::fund(&account);
	account
}

fn owner<T: Config>() -> T::AccountId {
	account_of::<T>("owner", 0)
}

fn asker<T: Config>() -> T::AccountId {
	account_of::<T>("asker", 0)
}

fn custodian<T: Config>(index: u32) -> T::AccountId {
	account_of::<T>("custodian", index)
}

fn signed<T: Config>(who: T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who).into()
}

/// The longest endpoint.
fn endpoint() -> Endpoint {
	let mut url = b"https://".to_vec();
	url.resize(MAX_ENDPOINT as usize, b'a');
	url.try_into().unwrap()
}

/// A bond for more than the most open requests.
fn bond<T: Config>() -> Balance {
	T::MinBond::get() + T::Exposure::get() * Balance::from(T::MaxOpen::get() + 2)
}

fn registered<T: Config>(index: u32) -> T::AccountId {
	let custodian = custodian::<T>(index);
	let origin = signed::<T>(custodian.clone());
	Pallet::<T>::register(origin, endpoint(), bond::<T>()).unwrap();
	custodian
}

fn commitment() -> Root {
	key_commitment(&KEY)
}

/// An asset that has as many custodians as it can have, but for one.
fn kept_asset<T: Config>() -> AssetId {
	let asset = Scene::<T>::asset(&owner::<T>(), commitment());
	for index in 1..MAX_CUSTODIANS {
		let custodian = registered::<T>(index);
		appoint::<T>(asset, &custodian);
		accept::<T>(asset, &custodian);
	}
	asset
}

fn appoint<T: Config>(asset: AssetId, custodian: &T::AccountId) {
	Pallet::<T>::appoint(signed::<T>(owner::<T>()), asset, custodian.clone()).unwrap();
}

fn accept<T: Config>(asset: AssetId, custodian: &T::AccountId) {
	Pallet::<T>::accept(signed::<T>(custodian.clone()), asset, commitment()).unwrap();
}

/// An asset that has as many custodians as it can have, and the last of them.
fn full_asset<T: Config>() -> (AssetId, T::AccountId) {
	let (asset, last) = (kept_asset::<T>(), registered::<T>(0));
	appoint::<T>(asset, &last);
	accept::<T>(asset, &last);
	(asset, last)
}

/// A request to this custodian.
fn ask<T: Config>(asset: AssetId, custodian: &T::AccountId) -> KeyRequestId {
	ask_by::<T>(Scene::<T>::right(asset, &asker::<T>()), custodian)
}

fn ask_by<T: Config>(right: Ask, custodian: &T::AccountId) -> KeyRequestId {
	let (asker, id) = (asker::<T>(), NextRequest::<T>::get());
	let recipient = crate::sealed::public_of(&SECRET);
	let named = Some(custodian.clone());
	Pallet::<T>::request_key(signed::<T>(asker), right, recipient, named).unwrap();
	id
}

fn asked<T: Config>() -> (KeyRequestId, T::AccountId) {
	let (asset, custodian) = full_asset::<T>();
	(ask::<T>(asset, &custodian), custodian)
}

/// The same for a job, which is told of what is delivered.
fn asked_to_run<T: Config>() -> (KeyRequestId, T::AccountId) {
	let (asset, custodian) = full_asset::<T>();
	let right = Scene::<T>::right_to_run(asset, &asker::<T>());
	(ask_by::<T>(right, &custodian), custodian)
}

fn recipient_of<T: Config>(id: KeyRequestId) -> [u8; 32] {
	Requests::<T>::get(id).unwrap().recipient
}

fn delivered<T: Config>(key: &[u8; 32]) -> KeyRequestId {
	let (id, custodian) = asked_to_run::<T>();
	Pallet::<T>::deliver(signed::<T>(custodian), id, recipient_of::<T>(id), sealed(key)).unwrap();
	id
}

/// Go to the block in which a request is due.
fn go_to_due<T: Config>(id: KeyRequestId) {
	let due = Requests::<T>::get(id).unwrap().due;
	frame_system::Pallet::<T>::set_block_number(due.saturated_into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let who = custodian::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), endpoint(), bond::<T>());

		assert!(Custodians::<T>::contains_key(who));
	}

	#[benchmark]
	fn update() {
		let who = registered::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), endpoint(), false);

		assert!(!Custodians::<T>::get(who).unwrap().taking);
	}

	#[benchmark]
	fn bond_more() {
		let who = registered::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), bond::<T>());

		assert_eq!(Custodians::<T>::get(who).unwrap().bond, bond::<T>() * 2);
	}

	#[benchmark]
	fn unbond() {
		let who = registered::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), bond::<T>());

		assert_eq!(Custodians::<T>::get(who).unwrap().bond, 0);
	}

	/// Of all that was bonded.
	#[benchmark]
	fn withdraw() {
		let who = registered::<T>(0);
		Pallet::<T>::unbond(signed::<T>(who.clone()), bond::<T>()).unwrap();
		let (_, until) = Custodians::<T>::get(&who).unwrap().unbonding.unwrap();
		frame_system::Pallet::<T>::set_block_number(until.saturated_into());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Custodians::<T>::contains_key(who));
	}

	#[benchmark]
	fn appoint() {
		let (asset, who) = (kept_asset::<T>(), registered::<T>(0));
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset, who);

		assert_eq!(Appointments::<T>::get(asset).len(), MAX_CUSTODIANS as usize);
	}

	#[benchmark]
	fn accept() {
		let (asset, who) = (kept_asset::<T>(), registered::<T>(0));
		super::appoint::<T>(asset, &who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), asset, commitment());

		assert_eq!(Custodians::<T>::get(who).unwrap().appointments, 1);
	}

	/// Of one that has accepted.
	#[benchmark]
	fn dismiss() {
		let (asset, who) = full_asset::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset, who.clone());

		assert_eq!(Custodians::<T>::get(who).unwrap().appointments, 0);
	}

	/// With as many open requests for other keys as there can be.
	#[benchmark]
	fn resign() {
		let (asset, who) = full_asset::<T>();
		let other = Scene::<T>::asset(&owner::<T>(), commitment());
		super::appoint::<T>(other, &who);
		super::accept::<T>(other, &who);
		for _ in 0..T::MaxOpen::get() {
			ask::<T>(other, &who);
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), asset);

		assert_eq!(Custodians::<T>::get(who).unwrap().appointments, 1);
	}

	/// With as many custodians as there can be.
	#[benchmark]
	fn request_key() {
		let (asset, _) = full_asset::<T>();
		let (who, id) = (asker::<T>(), NextRequest::<T>::get());
		let right = Scene::<T>::right(asset, &who);
		let recipient = crate::sealed::public_of(&SECRET);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), right, recipient, None);

		assert!(Requests::<T>::contains_key(id));
	}

	#[benchmark]
	fn deliver() {
		let (id, who) = asked_to_run::<T>();
		let recipient = recipient_of::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, recipient, SealedKey([1; SEALED_BYTES]));

		assert!(Requests::<T>::get(id).unwrap().sealed.is_some());
	}

	#[benchmark]
	fn close() {
		let id = delivered::<T>(&KEY);
		go_to_due::<T>(id);
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		_(anybody, id);

		assert!(!Requests::<T>::contains_key(id));
	}

	/// With the slash.
	#[benchmark]
	fn expire() {
		let (id, who) = asked::<T>();
		go_to_due::<T>(id);
		let anybody = RawOrigin::Signed(account("anybody", 0, 0));

		#[extrinsic_call]
		_(anybody, id);

		assert_eq!(Custodians::<T>::get(who).unwrap().statistics.silent, 1);
	}

	/// With a box that holds another key.
	#[benchmark]
	fn complain() {
		let id = delivered::<T>(&[8; 32]);
		let asker = asker::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(asker), id, SECRET);

		assert!(!Requests::<T>::contains_key(id));
		assert_eq!(OpenRequests::<T>::iter_keys().count(), 0);
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
		assert_eq!(Agenda::<T>::iter_keys().count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

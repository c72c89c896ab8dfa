//! Benchmarks: each call, and a use, at its worst case.

use crate::{
	Assets, Call, Config, Grants, NextAsset, NextGrant, NextOffer, Offers, Pallet, Permits,
};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_primitives::{
	model::{MAX_LICENCE, MAX_LOCATOR},
	rights::{
		Algorithms, AssetKind, AssetSpec, AssetStatus, Consent, Currency, GrantTerms, Licence,
		Manifest, OfferKind, OfferTerms, Permit, Purpose, RightsScene, Tag, MAX_ALGORITHMS,
		MAX_PURPOSES, MAX_SCHEMA, MAX_TAG,
	},
	AssetId, Balance, GrantId, ModelId, RightsOfferId, Root, VersionId,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungibles::{Create, Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::traits::Zero;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// A token that offers are paid in.
const COIN: u32 = 1 << 30;
/// A token of an offer.
const ACCESS: u32 = COIN + 1;
/// What buyers have of either, besides the native token.
const UNITS: Balance = 1 << 40;

/// A version that is run, the last of each list.
const VERSION: VersionId = VersionId { model: ModelId(1), number: 1 };

/// As many equal bytes as a bound admits.
fn bytes<Most: Get<u32>>(count: u32) -> BoundedVec<u8, Most> {
	vec![b'x'; count as usize].try_into().unwrap()
}

/// As many versions as a bound admits, of which [`VERSION`] is the last.
fn versions<Most: Get<u32>>(count: u32) -> BoundedVec<VersionId, Most> {
	let others = (1..count).map(|number| VersionId { model: ModelId(2), number });
	others.chain([VERSION]).collect::<Vec<_>>().try_into().unwrap()
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

/// The largest record.
fn spec() -> Box<AssetSpec> {
	Box::new(AssetSpec {
		kind: AssetKind::Dataset,
		manifest: Manifest { root: Root([1; 32]), files: 1, bytes: 1, locator: bytes(MAX_LOCATOR) },
		schema: bytes(MAX_SCHEMA),
		licence: bytes(MAX_LICENCE),
		consent: Consent { training: true, inference: true, derivatives: true },
		algorithms: Algorithms::Only(versions(MAX_ALGORITHMS)),
		key: Some(Root([2; 32])),
	})
}

fn offer_terms() -> Box<OfferTerms> {
	Box::new(OfferTerms {
		kind: OfferKind::Period { blocks: 1_000 },
		uses: Some(1_000),
		price: 1,
		currency: Currency::Asset(COIN),
		purpose: Purpose::Tags(tags()),
		transferable: true,
		revocable: true,
		commercial: true,
	})
}

fn grant_terms() -> Box<GrantTerms> {
	Box::new(GrantTerms {
		from: 0,
		until: Some(1_000_000),
		uses: Some(1_000),
		price: 1,
		purpose: Purpose::Tags(tags()),
		commercial: true,
		transferable: true,
		revocable: true,
	})
}

fn signed<T: Config>(who: &T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who.clone()).into()
}

fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let account = account(name, 0, 0);
	Scene::<T>::fund(&account);
	account
}

/// Who owns the assets, and signs permits.
fn owner<T: Config>() -> T::AccountId {
	let owner = Scene::<T>::signer();
	Scene::<T>::fund(&owner);
	owner
}

fn buyer<T: Config>() -> T::AccountId {
	let buyer = funded::<T>("buyer");
	if !T::Assets::asset_exists(COIN) {
		T::Assets::create(COIN, owner::<T>(), false, 1).unwrap();
		T::Assets::mint_into(COIN, &buyer, UNITS).unwrap();
	}
	buyer
}

fn asset<T: Config>() -> AssetId {
	Scene::<T>::fund(&Pallet::<T>::account());
	let asset = NextAsset::<T>::get();
	Pallet::<T>::register_asset(signed::<T>(&owner::<T>()), spec()).unwrap();
	asset
}

/// The offer of an asset that others have offers of, too.
fn offer<T: Config>() -> RightsOfferId {
	buyer::<T>();
	let asset = asset::<T>();
	let origin = || signed::<T>(&owner::<T>());
	Pallet::<T>::post_offer(origin(), asset, offer_terms()).unwrap();
	let offer = NextOffer::<T>::get();
	Pallet::<T>::post_offer(origin(), asset, offer_terms()).unwrap();
	offer
}

/// An offer whose token the buyer has units of.
fn tokenized<T: Config>() -> RightsOfferId {
	let offer = offer::<T>();
	let origin = || signed::<T>(&owner::<T>());
	Pallet::<T>::tokenize_offer(origin(), offer, ACCESS, false).unwrap();
	Pallet::<T>::mint_access(origin(), offer, buyer::<T>(), UNITS).unwrap();
	offer
}

/// A grant that the owner has given to an account.
fn given<T: Config>(holder: &T::AccountId) -> GrantId {
	let (asset, grant) = (asset::<T>(), NextGrant::<T>::get());
	let origin = signed::<T>(&owner::<T>());
	Pallet::<T>::give(origin, asset, holder.clone(), grant_terms()).unwrap();
	grant
}

impl<T: Config> Pallet<T> {
	/// The largest asset, over which this version may be run: the scene for benchmarks of other
	/// pallets.
	pub fn benchmark_asset(version: VersionId) -> AssetId {
		let asset = asset::<T>();
		admit::<T>(asset, version);
		asset
	}
}

/// Let a version be run over an asset, the last of its list.
fn admit<T: Config>(asset: AssetId, version: VersionId) {
	Assets::<T>::mutate(asset, |record| {
		let mut listed = versions::<_>(MAX_ALGORITHMS);
		listed[MAX_ALGORITHMS as usize - 1] = version;
		record.as_mut().unwrap().spec.algorithms = Algorithms::Only(listed);
	});
}

fn status<T: Config>(asset: AssetId) -> Option<AssetStatus> {
	Assets::<T>::get(asset).map(|record| record.status())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// With the collection, which the first asset makes.
	#[benchmark]
	fn register_asset() {
		Scene::<T>::fund(&Pallet::<T>::account());
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), spec());

		assert_eq!(Pallet::<T>::owner_of(AssetId(0)), Some(owner));
	}

	/// By another owner than has paid the deposit.
	#[benchmark]
	fn set_terms() {
		let (asset, owner) = (asset::<T>(), owner::<T>());
		let payer = funded::<T>("payer");
		hand_deposit::<T>(asset, &payer);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), asset, Consent::default(), Licence::default());

		assert_eq!(Assets::<T>::get(asset).unwrap().payer, owner);
	}

	/// By another owner than has paid the deposit.
	#[benchmark]
	fn set_algorithms() {
		let (asset, owner) = (asset::<T>(), owner::<T>());
		let payer = funded::<T>("payer");
		hand_deposit::<T>(asset, &payer);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), asset, Algorithms::Only(versions(MAX_ALGORITHMS)));

		assert_eq!(Assets::<T>::get(asset).unwrap().payer, owner);
	}

	#[benchmark]
	fn retire() {
		let asset = asset::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset);

		assert_eq!(status::<T>(asset), Some(AssetStatus::Retired));
	}

	#[benchmark]
	fn revoke_asset() {
		let asset = asset::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset);

		assert_eq!(status::<T>(asset), Some(AssetStatus::Revoked));
	}

	#[benchmark]
	fn freeze() -> Result<(), BenchmarkError> {
		let asset = asset::<T>();
		let origin =
			T::FreezeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, asset);

		assert_eq!(status::<T>(asset), Some(AssetStatus::Frozen));
		Ok(())
	}

	#[benchmark]
	fn thaw() -> Result<(), BenchmarkError> {
		let asset = asset::<T>();
		let origin =
			|| T::FreezeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless);
		Pallet::<T>::freeze(origin()?, asset)?;

		#[extrinsic_call]
		_(origin()? as T::RuntimeOrigin, asset);

		assert_eq!(status::<T>(asset), Some(AssetStatus::Active));
		Ok(())
	}

	/// One whose deposit somebody else has paid, and of which there were permits.
	#[benchmark]
	fn remove_asset() {
		let (asset, owner) = (asset::<T>(), owner::<T>());
		Pallet::<T>::cancel_permits(signed::<T>(&owner), asset, 1).unwrap();
		Pallet::<T>::revoke_asset(signed::<T>(&owner), asset).unwrap();
		let payer = funded::<T>("payer");
		hand_deposit::<T>(asset, &payer);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset);

		assert_eq!(status::<T>(asset), None);
	}

	#[benchmark]
	fn post_offer() {
		buyer::<T>();
		let asset = asset::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset, offer_terms());

		assert_eq!(NextOffer::<T>::get(), RightsOfferId(1));
	}

	#[benchmark]
	fn reprice() {
		let offer = offer::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), offer, 7);

		assert_eq!(Offers::<T>::get(offer).unwrap().terms.price, 7);
	}

	#[benchmark]
	fn withdraw_offer() {
		let offer = offer::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), offer);

		assert!(Offers::<T>::get(offer).is_none());
	}

	/// A new grant, paid in a token that the owner did not have.
	#[benchmark]
	fn buy() {
		let (offer, buyer) = (offer::<T>(), buyer::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), offer, 3, 3, None);

		assert_eq!(T::Assets::balance(COIN, &owner::<T>()), 3);
	}

	#[benchmark]
	fn tokenize_offer() {
		let offer = offer::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), offer, ACCESS, false);

		assert_eq!(Offers::<T>::get(offer).unwrap().token, Some(ACCESS));
	}

	#[benchmark]
	fn mint_access() {
		let offer = tokenized::<T>();
		let to = funded::<T>("to");
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), offer, to.clone(), 1);

		assert_eq!(T::Assets::balance(ACCESS, &to), 1);
	}

	/// Of the last unit.
	#[benchmark]
	fn redeem_access() {
		let offer = tokenized::<T>();
		let holder = funded::<T>("holder");
		Pallet::<T>::mint_access(signed::<T>(&owner::<T>()), offer, holder.clone(), 1).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(holder.clone()), offer);

		assert_eq!(Grants::<T>::get(GrantId(0)).unwrap().holder, holder);
	}

	#[benchmark]
	fn give() {
		let (asset, to) = (asset::<T>(), funded::<T>("to"));
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset, to.clone(), grant_terms());

		assert_eq!(Grants::<T>::get(GrantId(0)).unwrap().holder, to);
	}

	/// With bytes that a wallet has wrapped.
	#[benchmark]
	fn give_signed() {
		let (asset, owner, to) = (asset::<T>(), owner::<T>(), funded::<T>("to"));
		let submitter = funded::<T>("submitter");
		let permit = Permit { asset, to, terms: *grant_terms(), nonce: 0, expires: 1_000_000 };
		let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero());
		let bytes = permit.signed_bytes(genesis.as_ref());
		let signature = Scene::<T>::sign(&[&b"<Bytes>"[..], &bytes, b"</Bytes>"].concat());

		#[extrinsic_call]
		_(RawOrigin::Signed(submitter.clone()), Box::new(permit), owner, signature);

		assert_eq!(Grants::<T>::get(GrantId(0)).unwrap().payer, submitter);
	}

	#[benchmark]
	fn cancel_permits() {
		let asset = asset::<T>();
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), asset, 1_000);

		assert_eq!(Permits::<T>::get(asset).next, 1_000);
	}

	#[benchmark]
	fn extend() {
		let grant = given::<T>(&funded::<T>("holder"));
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), grant, Some(2_000_000), 1);

		assert_eq!(Grants::<T>::get(grant).unwrap().terms.uses, Some(1_001));
	}

	#[benchmark]
	fn revoke_grant() {
		let grant = given::<T>(&funded::<T>("holder"));
		let owner = owner::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), grant);

		assert!(Grants::<T>::get(grant).unwrap().revoked);
	}

	#[benchmark]
	fn transfer_grant() {
		let (from, to) = (funded::<T>("from"), funded::<T>("to"));
		let grant = given::<T>(&from);

		#[extrinsic_call]
		_(RawOrigin::Signed(from), grant, to.clone());

		assert_eq!(Grants::<T>::get(grant).unwrap().holder, to);
	}

	/// By somebody else, because the asset is revoked.
	#[benchmark]
	fn drop_grant() {
		let grant = given::<T>(&funded::<T>("holder"));
		Pallet::<T>::revoke_asset(signed::<T>(&owner::<T>()), AssetId(0)).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(account("anybody", 0, 0)), grant);

		assert!(Grants::<T>::get(grant).is_none());
	}

	/// Have another account hold the deposit of an asset.
	fn hand_deposit<T: Config>(asset: AssetId, payer: &T::AccountId) {
		let mut record = Assets::<T>::get(asset).unwrap();
		let moved =
			Pallet::<T>::move_deposit((&record.payer, record.deposit), (payer, record.deposit));
		assert!(moved.is_ok());
		record.payer = payer.clone();
		Assets::<T>::insert(asset, record);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

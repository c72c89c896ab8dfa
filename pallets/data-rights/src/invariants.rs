//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	AssetGrants, AssetOffers, Assets, Collection, Config, Grants, HeldGrants, HoldReason,
	NextAsset, NextGrant, NextOffer, Offers, Pallet, Permits, Tokens,
};
use alloc::collections::BTreeMap;
use assay_primitives::{AssetId, Balance};
use frame_support::{
	ensure,
	traits::{
		fungible::InspectHold, fungibles::Inspect as _, tokens::nonfungibles_v2::Inspect as _,
	},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::deposits_are_held()?;
		Self::uses_are_within_grants()?;
		Self::assets_and_items_are_one_to_one()?;
		Self::indexes_match()?;
		Self::rights_are_to_assets()
	}

	/// G-1: what is held of each account equals the deposits of the assets, offers and grants that
	/// it has paid for.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let assets = Assets::<T>::iter_values().map(|record| (record.payer, record.deposit));
		let offers = Offers::<T>::iter_values().map(|record| (record.payer, record.deposit));
		let grants = Grants::<T>::iter_values().map(|record| (record.payer, record.deposit));
		let mut sums: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		for (payer, deposit) in assets.chain(offers).chain(grants) {
			let sum = sums.entry(payer).or_default();
			*sum = sum.checked_add(deposit).ok_or("G-1: deposits overflow")?;
		}
		let reason = HoldReason::Deposit.into();
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&reason, &account);
			let owed = sums.remove(&account).unwrap_or_default();
			ensure!(held == owed, "G-1: a hold differs from the deposits");
		}
		ensure!(sums.into_values().all(|sum| sum == 0), "G-1: a payer without an account");
		Ok(())
	}

	/// G-2: no grant was used more often than it allows.
	fn uses_are_within_grants() -> Result<(), TryRuntimeError> {
		for record in Grants::<T>::iter_values() {
			let within = record.terms.uses.is_none_or(|uses| record.used <= uses);
			ensure!(within, "G-2: a grant was used too often");
		}
		Ok(())
	}

	/// G-3: the collection is the pallet's, and each of its items is an asset's. Each asset has its
	/// item, until its owner burns it, and then it is nobody's.
	fn assets_and_items_are_one_to_one() -> Result<(), TryRuntimeError> {
		let Some(collection) = Collection::<T>::get() else {
			ensure!(NextAsset::<T>::get() == AssetId(0), "G-3: assets without a collection");
			return Ok(());
		};
		let keeper = T::Nfts::collection_owner(&collection);
		ensure!(keeper == Some(Self::account()), "G-3: the collection is somebody else's");
		for asset in (0..NextAsset::<T>::get().0).map(AssetId) {
			let item = T::Nfts::owner(&collection, &asset.0);
			let is_known = Assets::<T>::contains_key(asset);
			ensure!(item.is_none() || is_known, "G-3: an item without an asset");
			ensure!(Self::owner_of(asset) == item, "G-3: an owner that the item does not have");
		}
		Ok(())
	}

	/// G-4: the indexes have each offer and each grant once, under its asset, its holder and its
	/// token, and nothing else.
	fn indexes_match() -> Result<(), TryRuntimeError> {
		for (id, record) in Offers::<T>::iter() {
			let key = id.0.to_be_bytes();
			ensure!(AssetOffers::<T>::contains_key(record.asset, key), "G-4: an offer is missing");
			if let Some(token) = record.token {
				ensure!(Tokens::<T>::get(token) == Some(id), "G-4: a token is missing");
				ensure!(T::Assets::asset_exists(token), "G-4: a token without a class");
			}
		}
		for (id, record) in Grants::<T>::iter() {
			let key = id.0.to_be_bytes();
			ensure!(AssetGrants::<T>::contains_key(record.asset, key), "G-4: a grant is missing");
			ensure!(HeldGrants::<T>::contains_key(record.holder, key), "G-4: a holder has less");
		}
		let (offers, grants) = (Offers::<T>::iter_keys().count(), Grants::<T>::iter_keys().count());
		let tokens = Offers::<T>::iter_values().filter(|record| record.token.is_some()).count();
		ensure!(AssetOffers::<T>::iter_keys().count() == offers, "G-4: an offer too many");
		ensure!(AssetGrants::<T>::iter_keys().count() == grants, "G-4: a grant too many");
		ensure!(HeldGrants::<T>::iter_keys().count() == grants, "G-4: a holder has more");
		ensure!(Tokens::<T>::iter_keys().count() == tokens, "G-4: a token too many");
		Ok(())
	}

	/// G-5: offers, grants and permits are of assets that there are, and every number was given.
	fn rights_are_to_assets() -> Result<(), TryRuntimeError> {
		for id in Assets::<T>::iter_keys() {
			ensure!(id < NextAsset::<T>::get(), "G-5: a number of an asset that was not given");
		}
		for (id, record) in Offers::<T>::iter() {
			ensure!(id < NextOffer::<T>::get(), "G-5: a number of an offer that was not given");
			ensure!(Assets::<T>::contains_key(record.asset), "G-5: an offer of nothing");
		}
		for (id, record) in Grants::<T>::iter() {
			ensure!(id < NextGrant::<T>::get(), "G-5: a number of a grant that was not given");
			ensure!(Assets::<T>::contains_key(record.asset), "G-5: a grant of nothing");
		}
		for asset in Permits::<T>::iter_keys() {
			ensure!(Assets::<T>::contains_key(asset), "G-5: permits of nothing");
		}
		Ok(())
	}
}

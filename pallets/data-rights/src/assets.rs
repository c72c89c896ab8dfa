//! Assets: their registration, what their owners allow, and where they stand.

use crate::{
	types::{AssetRecord, Fault, PermitWindow},
	AssetGrants, AssetOffers, Assets, Collection, Config, Error, Event, NextAsset, Pallet, Permits,
};
use assay_primitives::{
	rights::{Algorithms, AssetError, AssetSpec, AssetStatus, Consent, Licence},
	AssetId, Balance,
};
use codec::MaxEncodedLen;
use frame_support::{
	ensure,
	traits::{
		tokens::nonfungibles_v2::{Create, Inspect, Mutate},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

impl<T: Config> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::AlreadyRetired => Error::AlreadyRetired,
			Fault::AlreadyRevoked => Error::AlreadyRevoked,
			Fault::AlreadyFrozen => Error::AlreadyFrozen,
			Fault::NotFrozen => Error::NotFrozen,
			Fault::OfferClosed => Error::OfferClosed,
			Fault::PriceFixed => Error::PriceFixed,
			Fault::AlreadyTokenized => Error::AlreadyTokenized,
			Fault::InvalidTimes => Error::InvalidTimes,
			Fault::TermsDiffer => Error::TermsDiffer,
			Fault::NotExtended => Error::NotExtended,
			Fault::NotHolder => Error::NotHolder,
			Fault::NotYetValid => Error::NotYetValid,
			Fault::Expired => Error::Expired,
			Fault::Exhausted => Error::Exhausted,
			Fault::Revoked => Error::Revoked,
			Fault::NotTransferable => Error::NotTransferable,
			Fault::NotRevocable => Error::NotRevocable,
			Fault::PermitUsed => Error::PermitUsed,
			Fault::Overflow => Error::Overflow,
		}
	}
}

impl<T: Config> From<AssetError> for Error<T> {
	fn from(error: AssetError) -> Self {
		match error {
			AssetError::Manifest => Error::InvalidManifest,
			AssetError::Text => Error::InvalidText,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The account that owns the collection, and the classes of the tokens. It signs nothing.
	pub fn account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Who owns an asset now; `None` of what does not exist, and where its item is burned.
	pub fn owner_of(asset: AssetId) -> Option<T::AccountId> {
		let collection = Collection::<T>::get()?;
		T::Nfts::owner(&collection, &asset.0).filter(|_| Assets::<T>::contains_key(asset))
	}

	pub(crate) fn do_register_asset(owner: T::AccountId, spec: AssetSpec) -> DispatchResult {
		spec.validate().map_err(Error::<T>::from)?;
		let asset = NextAsset::<T>::get();
		let next = asset.0.checked_add(1).map(AssetId).ok_or(Error::<T>::Overflow)?;
		let (kind, root) = (spec.kind, spec.manifest.root);
		let mut record = AssetRecord::new(spec, owner.clone(), 0);
		record.deposit = Self::asset_deposit(&record);

		Self::hold(&owner, record.deposit)?;
		let (collection, settings) = (Self::collection()?, T::ItemSettings::get());
		T::Nfts::mint_into(&collection, &asset.0, &owner, &settings, false)?;
		NextAsset::<T>::put(next);
		Assets::<T>::insert(asset, record);
		Self::deposit_event(Event::AssetRegistered { asset, owner, kind, root });
		Ok(())
	}

	/// The collection of the pallet, which is made if there is none.
	fn collection() -> Result<u32, DispatchError> {
		if let Some(collection) = Collection::<T>::get() {
			return Ok(collection);
		}
		let (account, settings) = (Self::account(), T::CollectionSettings::get());
		let collection = T::Nfts::create_collection(&account, &account, &settings)?;
		Collection::<T>::put(collection);
		Ok(collection)
	}

	pub(crate) fn do_set_terms(
		owner: T::AccountId,
		asset: AssetId,
		consent: Consent,
		licence: Licence,
	) -> DispatchResult {
		let mut record = Self::owned_asset(&owner, asset)?;
		record.spec.consent = consent;
		record.spec.licence = licence.clone();
		record.spec.validate().map_err(Error::<T>::from)?;

		Self::store_anew(owner, asset, record)?;
		Self::deposit_event(Event::TermsSet { asset, consent, licence });
		Ok(())
	}

	pub(crate) fn do_set_algorithms(
		owner: T::AccountId,
		asset: AssetId,
		algorithms: Algorithms,
	) -> DispatchResult {
		let mut record = Self::owned_asset(&owner, asset)?;
		record.spec.algorithms = algorithms;

		Self::store_anew(owner, asset, record)?;
		Self::deposit_event(Event::AlgorithmsSet { asset });
		Ok(())
	}

	/// Store a record whose size may have changed, at the deposit of its owner.
	fn store_anew(
		owner: T::AccountId,
		asset: AssetId,
		mut record: AssetRecord<T::AccountId>,
	) -> DispatchResult {
		let deposit = Self::asset_deposit(&record);
		Self::move_deposit((&record.payer, record.deposit), (&owner, deposit))?;
		(record.payer, record.deposit) = (owner, deposit);
		Assets::<T>::insert(asset, record);
		Ok(())
	}

	pub(crate) fn do_retire(owner: T::AccountId, asset: AssetId) -> DispatchResult {
		let record = Self::owned_asset(&owner, asset)?;
		let record = record.retire().map_err(Error::<T>::from)?;

		Assets::<T>::insert(asset, record);
		Self::deposit_event(Event::AssetRetired { asset });
		Ok(())
	}

	pub(crate) fn do_revoke_asset(owner: T::AccountId, asset: AssetId) -> DispatchResult {
		let record = Self::owned_asset(&owner, asset)?;
		let record = record.revoke().map_err(Error::<T>::from)?;

		Assets::<T>::insert(asset, record);
		Self::deposit_event(Event::AssetRevoked { asset });
		Ok(())
	}

	pub(crate) fn do_freeze(asset: AssetId) -> DispatchResult {
		let record = Self::asset_record(asset)?.freeze().map_err(Error::<T>::from)?;

		Assets::<T>::insert(asset, record);
		Self::deposit_event(Event::AssetFrozen { asset });
		Ok(())
	}

	pub(crate) fn do_thaw(asset: AssetId) -> DispatchResult {
		let record = Self::asset_record(asset)?.thaw().map_err(Error::<T>::from)?;

		Assets::<T>::insert(asset, record);
		Self::deposit_event(Event::AssetThawed { asset });
		Ok(())
	}

	pub(crate) fn do_remove_asset(who: T::AccountId, asset: AssetId) -> DispatchResult {
		let record = Self::asset_record(asset)?;
		let owner = Self::owner_of(asset);
		if let Some(owner) = &owner {
			ensure!(who == *owner, Error::<T>::NotOwner);
			ensure!(record.revoked, Error::<T>::NotRevoked);
		}
		let offers = AssetOffers::<T>::iter_key_prefix(asset).next();
		let grants = AssetGrants::<T>::iter_key_prefix(asset).next();
		ensure!(offers.is_none() && grants.is_none(), Error::<T>::InUse);

		if let Some((collection, _)) = Collection::<T>::get().zip(owner) {
			T::Nfts::burn(&collection, &asset.0, None)?;
		}
		Assets::<T>::remove(asset);
		Permits::<T>::remove(asset);
		Self::release(&record.payer, record.deposit);
		Self::deposit_event(Event::AssetRemoved { asset });
		Ok(())
	}

	/// The deposit for an asset: for its record, and for the window of its permits.
	pub(crate) fn asset_deposit(record: &AssetRecord<T::AccountId>) -> Balance {
		let window = PermitWindow::max_encoded_len();
		Self::deposit_for(record).saturating_add(Self::deposit_for_bytes(window))
	}

	pub(crate) fn asset_record(asset: AssetId) -> Result<AssetRecord<T::AccountId>, Error<T>> {
		Assets::<T>::get(asset).ok_or(Error::UnknownAsset)
	}

	/// The asset, if the account owns it.
	pub(crate) fn owned_asset(
		who: &T::AccountId,
		asset: AssetId,
	) -> Result<AssetRecord<T::AccountId>, Error<T>> {
		let record = Self::asset_record(asset)?;
		ensure!(Self::owner_of(asset).as_ref() == Some(who), Error::NotOwner);
		Ok(record)
	}

	/// The asset, if the account owns it and new grants are made of it.
	pub(crate) fn active_asset(
		who: &T::AccountId,
		asset: AssetId,
	) -> Result<AssetRecord<T::AccountId>, Error<T>> {
		let record = Self::owned_asset(who, asset)?;
		ensure!(record.status() == AssetStatus::Active, Error::AssetNotActive);
		Ok(record)
	}

	/// Whether an asset is of no use to anybody any more.
	pub(crate) fn is_gone(asset: AssetId) -> bool {
		let revoked = Assets::<T>::get(asset).is_none_or(|record| record.revoked);
		revoked || Self::owner_of(asset).is_none()
	}
}

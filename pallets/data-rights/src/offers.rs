//! Offers: how they are made, and how grants are bought by them.

use crate::{
	types::{granted, price_of, OfferRecord},
	AssetOffers, Config, Error, Event, Grants, NextOffer, Offers, Pallet,
};
use assay_primitives::{
	rights::{AssetStatus, Currency, OfferKind, OfferTerms, TermsError},
	AssetId, Balance, GrantId, RightsOfferId,
};
use frame_support::{ensure, traits::fungibles::Inspect};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> From<TermsError> for Error<T> {
	fn from(error: TermsError) -> Self {
		match error {
			TermsError::PerUseNotNative => Error::PerUseNotNative,
			TermsError::Invalid => Error::InvalidTerms,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_post_offer(
		owner: T::AccountId,
		asset: AssetId,
		terms: OfferTerms,
	) -> DispatchResult {
		terms.validate().map_err(Error::<T>::from)?;
		Self::active_asset(&owner, asset)?;
		if let Currency::Asset(token) = terms.currency {
			ensure!(T::Assets::asset_exists(token), Error::<T>::UnknownCurrency);
		}
		let offer = NextOffer::<T>::get();
		let next = offer.0.checked_add(1).map(RightsOfferId).ok_or(Error::<T>::Overflow)?;
		let mut record = OfferRecord::new(asset, terms, owner.clone(), 0);
		record.deposit = Self::deposit_for(&record);

		Self::hold(&owner, record.deposit)?;
		NextOffer::<T>::put(next);
		AssetOffers::<T>::insert(asset, offer.0.to_be_bytes(), ());
		Offers::<T>::insert(offer, record);
		Self::deposit_event(Event::OfferPosted { offer, asset });
		Ok(())
	}

	pub(crate) fn do_reprice(
		owner: T::AccountId,
		offer: RightsOfferId,
		price: Balance,
	) -> DispatchResult {
		let record = Self::owned_offer(&owner, offer)?;
		let record = record.at_price(price).map_err(Error::<T>::from)?;

		Offers::<T>::insert(offer, record);
		Self::deposit_event(Event::Repriced { offer, price });
		Ok(())
	}

	pub(crate) fn do_withdraw_offer(who: T::AccountId, offer: RightsOfferId) -> DispatchResult {
		let record = Self::offer_record(offer)?;
		let asset = record.asset;
		let is_owner = Self::owner_of(asset).as_ref() == Some(&who);
		ensure!(is_owner || Self::is_gone(asset), Error::<T>::NotOwner);
		let (payer, deposit) = (record.payer.clone(), record.deposit);

		match record.withdraw().map_err(Error::<T>::from)? {
			Some(rest) => Offers::<T>::insert(offer, rest),
			None => {
				Offers::<T>::remove(offer);
				AssetOffers::<T>::remove(asset, offer.0.to_be_bytes());
				Self::release(&payer, deposit);
			},
		}
		Self::deposit_event(Event::OfferWithdrawn { offer });
		Ok(())
	}

	pub(crate) fn do_buy(
		buyer: T::AccountId,
		offer: RightsOfferId,
		times: u32,
		most: Balance,
		extend: Option<GrantId>,
	) -> DispatchResult {
		let OfferRecord { asset, terms, .. } = Self::offer_for_sale(offer)?;
		let owner = Self::owner_of(asset).ok_or(Error::<T>::AssetNotActive)?;
		ensure!(buyer != owner, Error::<T>::OwnAsset);
		let paid = price_of(&terms, times).ok_or(Error::<T>::Overflow)?;
		let asked = if terms.kind == OfferKind::PerUse { terms.price } else { paid };
		ensure!(asked <= most, Error::<T>::PriceExceeded);

		let currency = terms.currency;
		let grant = Self::make_or_extend(&buyer, asset, terms, times, extend)?;
		let payee = Self::pay(currency, &buyer, asset, owner, paid)?;
		Self::deposit_event(Event::Bought { offer, grant, buyer, payee, paid });
		Ok(())
	}

	/// The offer, if grants are bought by it now.
	fn offer_for_sale(offer: RightsOfferId) -> Result<OfferRecord<T::AccountId>, Error<T>> {
		let record = Self::offer_record(offer)?;
		record.ensure_open()?;
		ensure!(record.for_sale, Error::NotForSale);
		let status = Self::asset_record(record.asset)?.status();
		ensure!(status == AssetStatus::Active, Error::AssetNotActive);
		Ok(record)
	}

	/// The grant that a buyer has made, or extends, by terms that are taken so often.
	fn make_or_extend(
		buyer: &T::AccountId,
		asset: AssetId,
		terms: OfferTerms,
		times: u32,
		extend: Option<GrantId>,
	) -> Result<GrantId, DispatchError> {
		let Some(grant) = extend else {
			let terms = granted(terms, times, Self::now()).map_err(Error::<T>::from)?;
			return Ok(Self::store_grant(asset, buyer.clone(), terms, buyer.clone())?);
		};
		let record = Self::grant_record(grant)?;
		record.ensure_holder(buyer).map_err(Error::<T>::from)?;
		ensure!(record.asset == asset, Error::<T>::TermsDiffer);
		let mut record = record.extend_by(&terms, times, Self::now()).map_err(Error::<T>::from)?;
		record.inference |= Self::asset_record(asset)?.spec.consent.inference;
		Grants::<T>::insert(grant, record);
		Ok(grant)
	}

	pub(crate) fn offer_record(
		offer: RightsOfferId,
	) -> Result<OfferRecord<T::AccountId>, Error<T>> {
		Offers::<T>::get(offer).ok_or(Error::UnknownOffer)
	}

	/// The offer, if the account owns its asset.
	pub(crate) fn owned_offer(
		who: &T::AccountId,
		offer: RightsOfferId,
	) -> Result<OfferRecord<T::AccountId>, Error<T>> {
		let record = Self::offer_record(offer)?;
		Self::owned_asset(who, record.asset)?;
		Ok(record)
	}
}

//! Tokens of offers: access that is traded before it is used.

use crate::{types::granted, Config, Error, Event, Offers, Pallet, Tokens};
use assay_primitives::{Balance, RightsOfferId};
use frame_support::{
	ensure,
	traits::{
		fungibles::{Create, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_tokenize_offer(
		owner: T::AccountId,
		offer: RightsOfferId,
		token: u32,
		for_sale: bool,
	) -> DispatchResult {
		let record = Self::owned_offer(&owner, offer)?;
		Self::active_asset(&owner, record.asset)?;
		ensure!(!T::Assets::asset_exists(token), Error::<T>::TokenTaken);
		let (payer, before) = (record.payer.clone(), record.deposit);
		let mut record =
			record.tokenize(token, for_sale, owner.clone(), 0).map_err(Error::<T>::from)?;
		// Saturates as a deposit does.
		record.deposit = Self::deposit_for(&record).saturating_add(T::TokenDeposit::get());

		Self::move_deposit((&payer, before), (&owner, record.deposit))?;
		// An account that exists by units alone would be had for nothing.
		T::Assets::create(token, Self::account(), false, 1)?;
		Tokens::<T>::insert(token, offer);
		Offers::<T>::insert(offer, record);
		Self::deposit_event(Event::OfferTokenized { offer, token });
		Ok(())
	}

	pub(crate) fn do_mint_access(
		owner: T::AccountId,
		offer: RightsOfferId,
		to: T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		let record = Self::owned_offer(&owner, offer)?;
		record.ensure_open().map_err(Error::<T>::from)?;
		let token = record.token.ok_or(Error::<T>::NotTokenized)?;
		Self::active_asset(&owner, record.asset)?;

		T::Assets::mint_into(token, &to, amount)?;
		Self::deposit_event(Event::AccessMinted { offer, to, amount });
		Ok(())
	}

	pub(crate) fn do_redeem_access(holder: T::AccountId, offer: RightsOfferId) -> DispatchResult {
		let record = Self::offer_record(offer)?;
		let token = record.token.ok_or(Error::<T>::NotTokenized)?;
		let asset = Self::asset_record(record.asset)?;
		let is_usable = asset.status().is_usable() && Self::owner_of(record.asset).is_some();
		ensure!(is_usable, Error::<T>::AssetNotActive);
		ensure!(T::Assets::balance(token, &holder) > 0, Error::<T>::NoUnit);
		let terms = granted(record.terms, 1, Self::now()).map_err(Error::<T>::from)?;

		let (all, exact, polite) = (Preservation::Expendable, Precision::Exact, Fortitude::Polite);
		T::Assets::burn_from(token, &holder, 1, all, exact, polite)?;
		let grant = Self::store_grant(record.asset, holder.clone(), terms, holder.clone())?;
		Self::deposit_event(Event::AccessRedeemed { offer, grant, holder });
		Ok(())
	}
}

//! The bodies of the calls about offers. Money moves as it does for orders and bids: by the same
//! calls.

use crate::{
	types::{Lease, OfferRecord},
	AttributesOf, Config, Error, Event, HoldReason, Leases, Offers, Pallet,
};
use assay_primitives::{
	lease::{check_path, meet_all, Offer, TakeSpec, MAX_OFFERS},
	traits::ProviderLiveness,
	Balance,
};
use codec::MaxEncodedLen;
use frame_support::{defensive, ensure, traits::Get};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_offer(provider: T::AccountId, index: u8, offer: Offer) -> DispatchResult {
		ensure!(index < MAX_OFFERS, Error::<T>::TooManyOffers);
		let known = T::Providers::last_heartbeat(&provider).is_some();
		ensure!(known, Error::<T>::UnknownProvider);
		Self::check_offer(&provider, &offer)?;

		let before = Offers::<T>::get(&provider, index);
		let (held, open) = before.map_or((0, 0), |before| (before.deposit, before.open));
		Self::release(HoldReason::Offer, &provider, held);
		let deposit = Self::offer_deposit();
		Self::hold(HoldReason::Offer, &provider, deposit)?;
		Offers::<T>::insert(&provider, index, OfferRecord { offer: offer.clone(), deposit, open });
		Self::deposit_event(Event::OfferSet { provider, index, offer });
		Ok(())
	}

	fn check_offer(provider: &T::AccountId, offer: &Offer) -> Result<(), Error<T>> {
		let valid = offer.attributes.iter().all(|path| check_path(path).is_ok());
		ensure!(valid, Error::<T>::InvalidPath);
		// Nothing is rented for nothing, whatever storage costs.
		ensure!(offer.price >= T::LeastPrice::get().max(1), Error::<T>::BelowStorageCost);
		ensure!(offer.capacity > 0, Error::<T>::ZeroCapacity);
		Self::check_notice(offer.reclaim)?;
		ensure!(!offer.has_expired(Self::now()), Error::<T>::OfferExpired);
		let attributes = AttributesOf::<T>::get(provider);
		ensure!(meet_all(&attributes, &offer.attributes), Error::<T>::AttributesMissing);
		Ok(())
	}

	pub(crate) fn do_remove_offer(provider: T::AccountId, index: u8) -> DispatchResult {
		let record = Self::offer_of(&provider, index)?;
		if record.open > 0 {
			let offer = Offer { until: Some(Self::now()), ..record.offer };
			Offers::<T>::insert(&provider, index, OfferRecord { offer, ..record });
			Self::deposit_event(Event::OfferClosed { provider, index });
		} else {
			Self::drop_offer(provider, index, &record);
		}
		Ok(())
	}

	pub(crate) fn do_evict_offer(provider: T::AccountId, index: u8) -> DispatchResult {
		let record = Self::offer_of(&provider, index)?;
		let gone = T::Providers::last_heartbeat(&provider).is_none();
		ensure!(gone || record.offer.has_expired(Self::now()), Error::<T>::OfferStands);
		ensure!(record.open == 0, Error::<T>::OfferInUse);

		Self::drop_offer(provider, index, &record);
		Ok(())
	}

	/// A lease whose provider has bid the price of its offer, and was accepted.
	pub(crate) fn do_take(
		tenant: T::AccountId,
		provider: T::AccountId,
		index: u8,
		take: TakeSpec,
		amount: Balance,
	) -> DispatchResult {
		let record = Self::offer_of(&provider, index)?;
		let order = record.order(take, Self::now()).map_err(Error::<T>::from)?;
		let Offer { price, reclaim, .. } = record.offer;

		let id = Self::do_open(tenant.clone(), order, amount)?;
		Self::do_bid(provider.clone(), id, price, reclaim)?;
		Self::do_accept(tenant, id, provider.clone())?;
		Leases::<T>::mutate_extant(id, |lease| lease.offer = Some(index));
		// Saturates, but never has to: it is less than the capacity.
		let open = record.open.saturating_add(1);
		Offers::<T>::insert(&provider, index, OfferRecord { open, ..record });
		Self::deposit_event(Event::OfferTaken { lease: id, provider, index });
		Ok(())
	}

	/// The provider of a lease is done with it: the offer that it was taken from has room for
	/// another. One that has expired goes with the last.
	pub(crate) fn vacate(lease: &Lease<T::AccountId>) {
		let (Some(index), Some(agreement)) = (lease.offer, &lease.agreement) else { return };
		let provider = agreement.provider.clone();
		let record = Offers::<T>::get(&provider, index);
		let less = record.and_then(|record| Some((record.open.checked_sub(1)?, record)));
		let Some((open, record)) = less else {
			defensive!("a lease that no offer has counted");
			return;
		};
		if open == 0 && record.offer.has_expired(Self::now()) {
			Self::drop_offer(provider, index, &record);
		} else {
			Offers::<T>::insert(&provider, index, OfferRecord { open, ..record });
		}
	}

	fn drop_offer(provider: T::AccountId, index: u8, record: &OfferRecord) {
		Offers::<T>::remove(&provider, index);
		Self::release(HoldReason::Offer, &provider, record.deposit);
		Self::deposit_event(Event::OfferRemoved { provider, index });
	}

	/// Whether an offer can be taken now.
	pub(crate) fn is_able(provider: &T::AccountId, record: &OfferRecord) -> bool {
		record.takes_leases(Self::now()).is_ok()
			&& T::Providers::is_available(provider)
			&& meet_all(&AttributesOf::<T>::get(provider), &record.offer.attributes)
	}

	fn offer_of(provider: &T::AccountId, index: u8) -> Result<OfferRecord, Error<T>> {
		Offers::<T>::get(provider, index).ok_or(Error::<T>::UnknownOffer)
	}

	/// The deposit for an offer, as long as it may be.
	pub fn offer_deposit() -> Balance {
		let bytes = OfferRecord::max_encoded_len();
		Self::storage_deposit(1, u32::try_from(bytes).unwrap_or(u32::MAX))
	}
}

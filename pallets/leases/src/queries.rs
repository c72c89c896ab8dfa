//! What clients read, through the runtime API.

use crate::{
	types::{Lease, OfferRecord},
	AttributesOf, BidsFor, Config, Credentials, Leases, NextLease, Offers, Pallet,
};
use alloc::{boxed::Box, vec::Vec};
use assay_primitives::{
	api::{Page, MAX_PAGE},
	lease::{
		blocks_paid, cost_a_day, meets, Attributes, KeyPath, LeaseFilter, LeaseNumbers, LeaseState,
		LeaseView, OfferFilter, OfferKey, OfferView, MAX_OFFERS,
	},
	BlockNumber, LeaseId,
};
use frame_support::traits::Get;

/// The most leases or offers that one page looks at.
const MAX_SCAN: usize = 1_000;

/// How many items a page holds: what is asked for, but at least one, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

impl<T: Config> Pallet<T> {
	/// A lease, or the order that it begins as, until it is pruned.
	pub fn lease(id: LeaseId) -> Option<LeaseView<T::AccountId>> {
		Leases::<T>::get(id).map(|lease| Self::view(id, lease))
	}

	/// Leases and orders, newest first, from `start` down. A page looks at a bounded number.
	pub fn leases(
		filter: LeaseFilter<T::AccountId>,
		start: Option<LeaseId>,
		limit: u32,
	) -> Page<LeaseView<T::AccountId>, LeaseId> {
		let limit = page_length(limit);
		let newest = NextLease::<T>::get().0.checked_sub(1).map(LeaseId);
		let Some(newest) = newest.map(|newest| start.unwrap_or(newest).min(newest)) else {
			return Page { items: Vec::new(), next: None };
		};
		let mut ids = (0..=newest.0).rev().map(LeaseId).enumerate().peekable();
		let mut items = Vec::new();
		while items.len() < limit {
			let Some((_, id)) = ids.next_if(|(index, _)| *index < MAX_SCAN) else { break };
			let found = Leases::<T>::get(id).filter(|lease| matches(&filter, lease));
			items.extend(found.map(|lease| Self::view(id, lease)));
		}
		Page { items, next: ids.peek().map(|(_, id)| *id) }
	}

	/// Offers behind `start` in the order of storage; those of one provider in ascending order. The
	/// cursor of the next page is the last key that this one looked at, which are a bounded number.
	pub fn offers(
		filter: OfferFilter<T::AccountId>,
		start: Option<OfferKey<T::AccountId>>,
		limit: u32,
	) -> Page<OfferView<T::AccountId>, OfferKey<T::AccountId>> {
		let limit = page_length(limit);
		let mut keys = Self::offers_behind(filter.provider, start);
		let (mut items, mut last) = (Vec::new(), None);
		for key in keys.by_ref().take(MAX_SCAN) {
			last = Some(key.clone());
			let found = Offers::<T>::get(&key.provider, key.index)
				.filter(|record| has(record, filter.attribute.as_ref()));
			items.extend(found.map(|record| Self::offer_view(key, record)));
			if items.len() >= limit {
				break;
			}
		}
		Page { items, next: keys.next().and(last) }
	}

	fn offers_behind(
		provider: Option<T::AccountId>,
		start: Option<OfferKey<T::AccountId>>,
	) -> Box<dyn Iterator<Item = OfferKey<T::AccountId>>> {
		let key = |(provider, index)| OfferKey { provider, index };
		match (provider, start) {
			(Some(provider), start) => {
				let first = start.map_or(0, |start| start.index.saturating_add(1));
				let known = move |index: u8| {
					Offers::<T>::contains_key(&provider, index)
						.then(|| OfferKey { provider: provider.clone(), index })
				};
				Box::new((first..MAX_OFFERS).filter_map(known))
			},
			(None, Some(OfferKey { provider, index })) => {
				let start = Offers::<T>::hashed_key_for(provider, index);
				Box::new(Offers::<T>::iter_keys_from(start).map(key))
			},
			(None, None) => Box::new(Offers::<T>::iter_keys().map(key)),
		}
	}

	fn offer_view(key: OfferKey<T::AccountId>, record: OfferRecord) -> OfferView<T::AccountId> {
		OfferView {
			able: Self::is_able(&key.provider, &record),
			cost_a_day: cost_a_day(record.offer.price),
			key,
			offer: record.offer,
			open: record.open,
			deposit: record.deposit,
		}
	}

	/// What the machine of a provider is.
	pub fn attributes(provider: T::AccountId) -> Attributes {
		AttributesOf::<T>::get(provider)
	}

	/// The numbers that clients and workers act upon.
	pub fn numbers() -> LeaseNumbers {
		LeaseNumbers {
			storage_deposit: Self::lease_deposit(),
			bid_deposit: T::BidDeposit::get(),
			minimum_cover: T::MinimumCover::get(),
			max_duration: T::MaxDuration::get(),
			max_bidding: T::MaxBidding::get(),
			grace: T::Grace::get(),
			min_reclaim: T::MinReclaim::get(),
			max_reclaim: T::MaxReclaim::get(),
			deliver_within: T::DeliverWithin::get(),
			breach_grace: T::BreachGrace::get(),
			offer_deposit: Self::offer_deposit(),
			least_price: T::LeastPrice::get(),
		}
	}

	fn view(id: LeaseId, lease: Lease<T::AccountId>) -> LeaseView<T::AccountId> {
		let now = Self::now();
		let (accrued, ends) = (lease.accrued(now), lease.end().map(|(end, _)| end));
		let price = lease.agreement.as_ref().map_or(lease.order.max_price, |of| of.price);
		LeaseView {
			id,
			accrued,
			cost_a_day: cost_a_day(price),
			lasts: lasts(&lease, price, now),
			ends,
			bids: BidsFor::<T>::get(id).iter().cloned().collect(),
			credential: Credentials::<T>::get(id),
			tenant: lease.tenant,
			order: lease.order,
			opened: lease.opened,
			state: lease.state,
			agreement: lease.agreement,
			matches: lease.matches,
			payers: lease.payers.into_inner(),
			deposited: lease.deposited,
			paid: lease.paid,
			returned: lease.returned,
			served: lease.served,
			deposit: lease.deposit,
			offer: lease.offer,
		}
	}
}

/// The blocks that deposits last from now on.
fn lasts<AccountId: Clone + PartialEq>(
	lease: &Lease<AccountId>,
	price: u128,
	now: BlockNumber,
) -> BlockNumber {
	let covered = blocks_paid(lease.left(), price);
	match lease.state {
		LeaseState::Active { since } | LeaseState::Reclaiming { since, .. } => {
			since.saturating_add(covered).saturating_sub(now)
		},
		LeaseState::Ended { .. } => 0,
		LeaseState::Open { .. } | LeaseState::Matched { .. } => covered,
	}
}

fn matches<AccountId: PartialEq>(
	filter: &LeaseFilter<AccountId>,
	lease: &Lease<AccountId>,
) -> bool {
	let provider = lease.agreement.as_ref().map(|agreement| &agreement.provider);
	let requires =
		|attribute: &[u8]| lease.order.attributes.iter().any(|required| meets(required, attribute));
	filter.state.is_none_or(|state| lease.state.status() == state)
		&& filter.tenant.as_ref().is_none_or(|tenant| lease.tenant == *tenant)
		&& filter.provider.as_ref().is_none_or(|wanted| provider == Some(wanted))
		&& filter.attribute.as_ref().is_none_or(|attribute| requires(attribute))
}

/// Whether an offer has an attribute, or one that continues it.
fn has(record: &OfferRecord, attribute: Option<&KeyPath>) -> bool {
	let offered = &record.offer.attributes;
	attribute.is_none_or(|wanted| offered.iter().any(|path| meets(path, wanted)))
}

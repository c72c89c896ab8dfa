//! What clients read, through the runtime API.

use crate::{types::Lease, AttributesOf, BidsFor, Config, Credentials, Leases, NextLease, Pallet};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	lease::{
		blocks_paid, cost_a_day, meets, Attributes, LeaseFilter, LeaseNumbers, LeaseState,
		LeaseView,
	},
	BlockNumber, LeaseId,
};
use frame_support::traits::Get;

/// The most leases that one page looks at.
const MAX_SCAN: usize = 1_000;

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
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
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

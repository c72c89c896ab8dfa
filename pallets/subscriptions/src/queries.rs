//! What clients read, through the runtime API.

use crate::{types::Subscription, Config, Inputs, NextSubscription, Owned, Pallet, Subscriptions};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	subscription::{FedView, Status, SubscriptionView},
	traits::JobRequests,
	SubscriptionId,
};
use codec::Encode;

/// The most numbers that one listing looks at.
const MAX_SCAN: usize = 1_000;

impl<T: Config> Pallet<T> {
	/// A subscription, until it ends.
	pub fn subscription(id: SubscriptionId) -> Option<SubscriptionView<T::AccountId>> {
		Subscriptions::<T>::get(id).map(|record| Self::view(id, record))
	}

	/// Subscriptions in ascending order, from `start` on, of one account if given. A page looks at a
	/// bounded number of them.
	pub fn subscriptions(
		subscriber: Option<T::AccountId>,
		start: SubscriptionId,
		limit: u32,
	) -> Page<SubscriptionView<T::AccountId>, SubscriptionId> {
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
		// One more than is looked at: the first of the next page.
		let ids: Vec<SubscriptionId> = match subscriber {
			Some(subscriber) => {
				Owned::<T>::get(subscriber).into_iter().filter(|id| *id >= start).collect()
			},
			None => (start.0..NextSubscription::<T>::get().0)
				.take(MAX_SCAN.saturating_add(1))
				.map(SubscriptionId)
				.collect(),
		};
		let mut ids = ids.into_iter().enumerate().peekable();
		let mut items = Vec::new();
		while items.len() < limit {
			let Some((_, id)) = ids.next_if(|(index, _)| *index < MAX_SCAN) else { break };
			items.extend(Self::subscription(id));
		}
		Page { items, next: ids.peek().map(|(_, id)| *id) }
	}

	fn view(
		id: SubscriptionId,
		record: Subscription<T::AccountId>,
	) -> SubscriptionView<T::AccountId> {
		let fed = Inputs::<T>::get(id);
		let cost = match &fed {
			Some(fed) => T::Jobs::cost(&fed.input, &record.spec.terms).ok(),
			None => record.last.map(|run| run.cost),
		};
		let affords = cost.map(|cost| {
			let times = record.budget.checked_div(cost).unwrap_or(u128::MAX);
			let times = u32::try_from(times).unwrap_or(u32::MAX);
			record.spec.runs.map_or(times, |left| left.min(times))
		});
		let input = fed.map(|fed| FedView {
			by: fed.by,
			deposit: fed.deposit,
			bytes: u32::try_from(fed.input.encoded_size()).unwrap_or(u32::MAX),
		});
		let is_scheduled = record.status == Status::Scheduled;
		SubscriptionView {
			id,
			subscriber: record.subscriber,
			spec: record.spec,
			budget: record.budget,
			deposit: record.deposit,
			status: record.status,
			due: is_scheduled.then_some(record.wake),
			lapses: (!is_scheduled).then_some(record.wake),
			input,
			cost,
			affords,
			made: record.made,
			failures: record.failures,
			last: record.last,
		}
	}
}

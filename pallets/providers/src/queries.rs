//! Reads for the runtime API.

use crate::{Asks, Config, Pallet, Profiles, ProviderAsks, Providers};
use alloc::{boxed::Box, vec::Vec};
use assay_primitives::{
	api::{Page, MAX_PAGE},
	provider::{AskView, OrderView, ProviderView},
	VersionId,
};

/// How many items a page holds: what is asked for, but at least one, so that every page gets
/// ahead, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

impl<T: Config> Pallet<T> {
	/// A provider by its account.
	pub fn provider(account: T::AccountId) -> Option<ProviderView<T::AccountId>> {
		let record = Providers::<T>::get(&account)?;
		let profile = Profiles::<T>::get(&account).unwrap_or_default();
		let available = Self::is_available(&record);
		let asks = Self::asks_of(&account);
		Some(record.into_view(account, profile, available, asks))
	}

	/// The asks of a provider in the order of versions. Bounded by `MaxAsksPerProvider`.
	fn asks_of(account: &T::AccountId) -> Vec<AskView> {
		let mut asks: Vec<AskView> = ProviderAsks::<T>::iter_key_prefix(account)
			.filter_map(|version| Asks::<T>::get(version, account).map(|ask| ask.view(version)))
			.collect();
		asks.sort_by_key(|ask| ask.version);
		asks
	}

	/// The asks for a version in the order of its book, from this place on: by the highest bit of
	/// their price.
	pub fn book(version: VersionId, start: u32, limit: u32) -> Page<OrderView<T::AccountId>, u32> {
		let end = start.saturating_add(limit.clamp(1, MAX_PAGE));
		let items = Self::asks_at(version, start..end).into_iter();
		let order = |(provider, ask, record)| {
			let able = Self::is_able(&ask, &record);
			record.order(provider, &ask, able)
		};
		let next = (end < Self::count(version)).then_some(end);
		Page { items: items.map(order).collect(), next }
	}

	/// Providers behind `start` in the order of storage, of those with an ask for a version if
	/// given. The cursor of the next page is the last account of this one.
	pub fn providers(
		version: Option<VersionId>,
		start: Option<T::AccountId>,
		limit: u32,
	) -> Page<ProviderView<T::AccountId>, T::AccountId> {
		let mut accounts = Self::accounts_behind(version, start);
		let page: Vec<T::AccountId> = accounts.by_ref().take(page_length(limit)).collect();
		let next = accounts.next().and_then(|_| page.last().cloned());
		Page { items: page.into_iter().filter_map(Self::provider).collect(), next }
	}

	fn accounts_behind(
		version: Option<VersionId>,
		start: Option<T::AccountId>,
	) -> Box<dyn Iterator<Item = T::AccountId>> {
		match (version, start) {
			(None, None) => Box::new(Providers::<T>::iter_keys()),
			(None, Some(start)) => {
				let key = Providers::<T>::hashed_key_for(start);
				Box::new(Providers::<T>::iter_keys_from(key))
			},
			(Some(version), None) => Box::new(Asks::<T>::iter_key_prefix(version)),
			(Some(version), Some(start)) => {
				let key = Asks::<T>::hashed_key_for(version, start);
				Box::new(Asks::<T>::iter_key_prefix_from(version, key))
			},
		}
	}
}

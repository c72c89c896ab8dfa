//! What clients read, through the runtime API.

use crate::{
	types::{Contributor, Item, Pool},
	Config, Contributors, Items, NextPool, Pallet, Pools,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	pool::{ContributorView, ItemInspect, PoolItemView, PoolView},
	AssetId, PoolId,
};

/// The most numbers that one listing looks at.
const MAX_SCAN: usize = 1_000;

/// How many items a page holds: what is asked for, but at least one, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

impl<T: Config> Pallet<T> {
	/// A pool with all that has come in by now, until it is removed.
	pub fn pool(id: PoolId) -> Option<PoolView<T::AccountId>> {
		let record = Self::synced(id).ok()?;
		let claimable = record.income.accounted;
		let Pool { curator, spec, deposit, closed, items, contributors, score, uses, cut, .. } =
			record;
		Some(PoolView {
			id,
			curator,
			spec,
			pot: Self::pot(id),
			closed,
			items,
			contributors,
			score,
			uses,
			claimable,
			cut,
			deposit,
		})
	}

	/// Pools in the order of their creation, from `start` on. A page looks at a bounded number of
	/// them.
	pub fn pools(start: PoolId, limit: u32) -> Page<PoolView<T::AccountId>, PoolId> {
		let limit = page_length(limit);
		let mut ids = (start.0..NextPool::<T>::get().0).map(PoolId).enumerate().peekable();
		let mut items = Vec::new();
		while items.len() < limit {
			let Some((_, id)) = ids.next_if(|(index, _)| *index < MAX_SCAN) else { break };
			items.extend(Self::pool(id));
		}
		Page { items, next: ids.peek().map(|(_, id)| *id) }
	}

	/// An item of a pool, until it is withdrawn.
	pub fn pool_item(pool: PoolId, asset: AssetId) -> Option<PoolItemView<T::AccountId>> {
		let (record, item) = (Pools::<T>::get(pool)?, Items::<T>::get(pool, Self::key(asset))?);
		Some(Self::item_view(&record, asset, item))
	}

	/// The items of a pool in the order of their assets, from `start` on.
	pub fn pool_items(
		pool: PoolId,
		start: AssetId,
		limit: u32,
	) -> Page<PoolItemView<T::AccountId>, AssetId> {
		let Some(record) = Pools::<T>::get(pool) else {
			return Page { items: Vec::new(), next: None };
		};
		// An iterator starts behind the key that it is given, so it is given the one before.
		let entries = match start.0.checked_sub(1) {
			Some(before) => {
				let key = Items::<T>::hashed_key_for(pool, before.to_be_bytes());
				Items::<T>::iter_prefix_from(pool, key)
			},
			None => Items::<T>::iter_prefix(pool),
		};
		let mut entries = entries.map(|(key, item)| (AssetId(u32::from_be_bytes(key)), item));
		let items = entries
			.by_ref()
			.take(page_length(limit))
			.map(|(asset, item)| Self::item_view(&record, asset, item))
			.collect();
		Page { items, next: entries.next().map(|(asset, _)| asset) }
	}

	/// What an account has of a pool: `None` if it has neither items nor anything to claim.
	pub fn contributor(pool: PoolId, who: T::AccountId) -> Option<ContributorView<T::AccountId>> {
		let mut record = Self::synced(pool).ok()?;
		let Contributor { items, mut position } = Contributors::<T>::get(pool, &who)?;
		record.income.settle(&mut position);
		Some(ContributorView { who, items, score: position.weight, claimable: position.owed })
	}

	fn item_view(
		record: &Pool<T::AccountId>,
		asset: AssetId,
		item: Item<T::AccountId>,
	) -> PoolItemView<T::AccountId> {
		let usable = record.closed.is_none()
			&& T::Assets::item(asset).is_some_and(|info| {
				info.status.is_usable() && info.owner.as_ref() == Some(&item.contributor)
			});
		let Item { contributor, nonce, score, uses, payer, deposit } = item;
		PoolItemView { asset, contributor, nonce, score, uses, usable, payer, deposit }
	}
}

//! What clients read, through the runtime API.

use crate::{
	types::{AssetRecord, GrantRecord},
	AssetGrants, AssetOffers, Assets, Collection, Config, Grants, HeldGrants, NextAsset, Offers,
	Pallet, Permits,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	rights::{AssetView, GrantView, RightsOfferView},
	AssetId, GrantId, RightsOfferId,
};

/// The most assets that one page looks at.
const MAX_SCAN: usize = 1_000;

/// How many items a page holds: what is asked for, but at least one, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

/// A page of what is listed by number, the first of which is the cursor of the next page.
fn page<Id, Item>(
	ids: impl Iterator<Item = Id>,
	limit: u32,
	view: impl Fn(Id) -> Option<Item>,
) -> Page<Item, Id> {
	let mut ids = ids.peekable();
	let items = ids.by_ref().take(page_length(limit)).filter_map(view).collect();
	Page { items, next: ids.next() }
}

impl<T: Config> Pallet<T> {
	/// An asset, until it is removed.
	pub fn asset(id: AssetId) -> Option<AssetView<T::AccountId>> {
		Assets::<T>::get(id).map(|record| Self::asset_view(id, record))
	}

	/// Assets in the order of registration from `start` on, of one owner if given. A page looks at
	/// a bounded number of them: the index of who owns what is that of the items, and has no order.
	pub fn assets(
		owner: Option<T::AccountId>,
		start: AssetId,
		limit: u32,
	) -> Page<AssetView<T::AccountId>, AssetId> {
		let limit = page_length(limit);
		let mut ids = (start.0..NextAsset::<T>::get().0).map(AssetId).enumerate().peekable();
		let is_theirs = |id| owner.is_none() || Self::owner_of(id).as_ref() == owner.as_ref();
		let mut items = Vec::new();
		while items.len() < limit {
			let Some((_, id)) = ids.next_if(|(index, _)| *index < MAX_SCAN) else { break };
			items.extend(Some(id).filter(|id| is_theirs(*id)).and_then(Self::asset));
		}
		Page { items, next: ids.peek().map(|(_, id)| *id) }
	}

	/// An offer, until it is withdrawn; with a token, for good.
	pub fn rights_offer(id: RightsOfferId) -> Option<RightsOfferView<T::AccountId>> {
		Offers::<T>::get(id).map(|record| record.into_view(id))
	}

	/// The offers of an asset in ascending order, from `start` on.
	pub fn rights_offers(
		asset: AssetId,
		start: RightsOfferId,
		limit: u32,
	) -> Page<RightsOfferView<T::AccountId>, RightsOfferId> {
		// An iterator starts behind the key that it is given, so it is given the one before.
		let keys = match start.0.checked_sub(1) {
			Some(before) => {
				let key = AssetOffers::<T>::hashed_key_for(asset, before.to_be_bytes());
				AssetOffers::<T>::iter_key_prefix_from(asset, key)
			},
			None => AssetOffers::<T>::iter_key_prefix(asset),
		};
		page(keys.map(|key| RightsOfferId(u32::from_be_bytes(key))), limit, Self::rights_offer)
	}

	/// A grant, until it is dropped.
	pub fn grant(id: GrantId) -> Option<GrantView<T::AccountId>> {
		Grants::<T>::get(id).map(|record| Self::grant_view(id, record))
	}

	/// The grants of an asset in ascending order, from `start` on.
	pub fn grants_of(
		asset: AssetId,
		start: GrantId,
		limit: u32,
	) -> Page<GrantView<T::AccountId>, GrantId> {
		let keys = match start.0.checked_sub(1) {
			Some(before) => {
				let key = AssetGrants::<T>::hashed_key_for(asset, before.to_be_bytes());
				AssetGrants::<T>::iter_key_prefix_from(asset, key)
			},
			None => AssetGrants::<T>::iter_key_prefix(asset),
		};
		page(keys.map(|key| GrantId(u64::from_be_bytes(key))), limit, Self::grant)
	}

	/// The grants that an account holds in ascending order, from `start` on.
	pub fn grants_held(
		holder: T::AccountId,
		start: GrantId,
		limit: u32,
	) -> Page<GrantView<T::AccountId>, GrantId> {
		let keys = match start.0.checked_sub(1) {
			Some(before) => {
				let key = HeldGrants::<T>::hashed_key_for(&holder, before.to_be_bytes());
				HeldGrants::<T>::iter_key_prefix_from(&holder, key)
			},
			None => HeldGrants::<T>::iter_key_prefix(&holder),
		};
		page(keys.map(|key| GrantId(u64::from_be_bytes(key))), limit, Self::grant)
	}

	fn asset_view(id: AssetId, record: AssetRecord<T::AccountId>) -> AssetView<T::AccountId> {
		let owner = Self::owner_of(id);
		let item = owner.as_ref().and(Collection::<T>::get()).map(|collection| (collection, id.0));
		let status = record.status();
		let AssetRecord { spec, payer, deposit, .. } = record;
		let next_permit = Permits::<T>::get(id).next;
		AssetView { id, owner, spec, status, item, payer, deposit, next_permit }
	}

	fn grant_view(id: GrantId, record: GrantRecord<T::AccountId>) -> GrantView<T::AccountId> {
		let (left, usable) = (record.left(), Self::is_usable(&record));
		let GrantRecord { asset, holder, terms, used, revoked, payer, deposit, .. } = record;
		GrantView { id, asset, holder, terms, used, left, revoked, usable, payer, deposit }
	}

	/// Whether a use would be admitted now, for a purpose and a version that are.
	fn is_usable(record: &GrantRecord<T::AccountId>) -> bool {
		let now = Self::now();
		let is_good = now >= record.terms.from && !record.is_over(now);
		let allows = |asset: AssetRecord<T::AccountId>| {
			let consented = record.inference || asset.spec.consent.inference;
			asset.status().is_usable() && consented
		};
		is_good
			&& Assets::<T>::get(record.asset).is_some_and(allows)
			&& Self::owner_of(record.asset).is_some()
	}
}

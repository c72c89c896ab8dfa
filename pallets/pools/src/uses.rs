//! Uses of items: what other pallets draw on.

use crate::{Config, Error, Event, Items, Pallet, Pools};
use assay_primitives::{
	pool::ItemInspect,
	rights::{DataAccess, DataRights, PoolItem, Usage},
	VersionId,
};
use frame_support::ensure;
use sp_runtime::DispatchError;

impl<T: Config> DataRights<T::AccountId, PoolItem> for Pallet<T> {
	/// Every check of a use, in this order: the pool, the item, the asset, the consent, the purpose,
	/// the model. Anybody may use an item. A job uses what it asks for at least once.
	fn exercise(
		_: &T::AccountId,
		item: &PoolItem,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<DataAccess<T::AccountId>, DispatchError> {
		let (PoolItem { pool, asset }, uses) = (*item, uses.max(1));
		let mut record = Pools::<T>::get(pool).ok_or(Error::<T>::UnknownPool)?;
		record.ensure_open().map_err(Error::<T>::from)?;
		let mut item = Self::item_record(pool, asset)?;
		let info = T::Assets::item(asset).filter(|info| info.status.is_usable());
		let owner = info.ok_or(Error::<T>::AssetNotActive)?.owner;
		ensure!(owner.as_ref() == Some(&item.contributor), Error::<T>::NotConsented);
		ensure!(record.spec.admits(version, usage), Error::<T>::PurposeForbidden);
		ensure!(T::Assets::admits(asset, version), Error::<T>::AlgorithmForbidden);

		let access = DataAccess { asset, payee: Self::pot(pool), price: record.spec.price };
		// Nothing depends on how often something was used.
		record.uses = record.uses.saturating_add(uses.into());
		item.uses = item.uses.saturating_add(uses.into());
		Pools::<T>::insert(pool, record);
		Items::<T>::insert(pool, Self::key(asset), item);
		Self::deposit_event(Event::Used { pool, asset, version, uses });
		Ok(access)
	}
}

//! What pools of data draw on: whose an asset is, what may be run over it, and the numbers of what
//! its owner has signed.

use crate::{Assets, Config, Error, Pallet, Permits};
use assay_primitives::{
	pool::{ItemInfo, ItemInspect, PermitNumbers},
	AssetId, VersionId,
};
use sp_runtime::DispatchResult;

impl<T: Config> ItemInspect<T::AccountId> for Pallet<T> {
	fn item(asset: AssetId) -> Option<ItemInfo<T::AccountId>> {
		let record = Assets::<T>::get(asset)?;
		let (bytes, status) = (record.spec.manifest.bytes, record.status());
		Some(ItemInfo { owner: Self::owner_of(asset), bytes, status })
	}

	fn admits(asset: AssetId, version: VersionId) -> bool {
		Assets::<T>::get(asset).is_some_and(|record| record.spec.algorithms.admit(version))
	}
}

impl<T: Config> PermitNumbers for Pallet<T> {
	fn take(asset: AssetId, number: u64) -> DispatchResult {
		// Permits are kept of assets alone: G-5.
		Self::asset_record(asset)?;
		let window = Permits::<T>::get(asset).take(number).map_err(Error::<T>::from)?;

		Permits::<T>::insert(asset, window);
		Ok(())
	}

	fn next(asset: AssetId) -> u64 {
		Permits::<T>::get(asset).next
	}
}

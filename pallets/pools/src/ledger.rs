//! What the calls share: the records, the pots, and how items come and go.

use crate::{
	types::{Contributor, Item, Pool},
	Config, Contributors, Error, Event, HoldReason, Items, Pallet, Pools,
};
use assay_primitives::{AssetId, Balance, BlockNumber, PoolId};
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::Precision,
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// The account that is paid for uses of the items of a pool.
	pub fn pot(pool: PoolId) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(pool)
	}

	/// Who has created a pool, until it is removed.
	pub fn curator(pool: PoolId) -> Option<T::AccountId> {
		Pools::<T>::get(pool).map(|record| record.curator)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// What an asset is listed under.
	pub(crate) const fn key(asset: AssetId) -> [u8; 4] {
		asset.0.to_be_bytes()
	}

	/// The pool, with all that has come in divided.
	pub(crate) fn synced(pool: PoolId) -> Result<Pool<T::AccountId>, Error<T>> {
		let mut record = Pools::<T>::get(pool).ok_or(Error::UnknownPool)?;
		record.sync(T::Currency::balance(&Self::pot(pool)));
		Ok(record)
	}

	/// The same, if the account is its curator.
	pub(crate) fn curated(
		who: &T::AccountId,
		pool: PoolId,
	) -> Result<Pool<T::AccountId>, Error<T>> {
		let record = Self::synced(pool)?;
		ensure!(record.curator == *who, Error::NotCurator);
		Ok(record)
	}

	pub(crate) fn item_record(
		pool: PoolId,
		asset: AssetId,
	) -> Result<Item<T::AccountId>, Error<T>> {
		Items::<T>::get(pool, Self::key(asset)).ok_or(Error::UnknownItem)
	}

	/// What an account has, as it was last settled.
	pub(crate) fn contributor_record(pool: PoolId, who: &T::AccountId) -> Contributor {
		Contributors::<T>::get(pool, who).unwrap_or_default()
	}

	/// Whether an account can have something of a pool.
	pub(crate) fn can_hold(pool: PoolId, who: &T::AccountId) -> bool {
		Contributors::<T>::contains_key(pool, who)
			// One is left to what else the account does.
			|| frame_system::Pallet::<T>::can_accrue_consumers(who, 2)
	}

	/// Write what an account has. This is the one place where contributors change.
	pub(crate) fn keep(
		record: &mut Pool<T::AccountId>,
		pool: PoolId,
		who: &T::AccountId,
		contributor: Contributor,
	) {
		let had = Contributors::<T>::contains_key(pool, who);
		// Neither bound is reached: each is of an account that exists, and counted.
		match (had, contributor.is_empty()) {
			(false, false) => {
				record.contributors = record.contributors.saturating_add(1);
				if frame_system::Pallet::<T>::inc_consumers(who).is_err() {
					defensive!("an account that was found able to hold is not");
				}
			},
			(true, true) => {
				record.contributors = record.contributors.saturating_sub(1);
				frame_system::Pallet::<T>::dec_consumers(who);
			},
			_ => {},
		}
		Contributors::<T>::set(pool, who, (!contributor.is_empty()).then_some(contributor));
	}

	/// Put an item into a pool that is synced, at the deposit of its payer.
	pub(crate) fn put_in(
		record: &mut Pool<T::AccountId>,
		pool: PoolId,
		asset: AssetId,
		item: Item<T::AccountId>,
	) -> Result<(), Error<T>> {
		let mut contributor = Self::contributor_record(pool, &item.contributor);
		record.add_item(&mut contributor)?;
		record.rescore(&mut contributor, 0, item.score)?;

		Self::hold(&item.payer, item.deposit)?;
		Self::keep(record, pool, &item.contributor, contributor);
		let (contributor, score) = (item.contributor.clone(), item.score);
		Items::<T>::insert(pool, Self::key(asset), item);
		Self::deposit_event(Event::Contributed { pool, asset, contributor, score });
		Ok(())
	}

	/// Take an item out of a pool that is synced, and give its deposit back.
	pub(crate) fn take_out(
		record: &mut Pool<T::AccountId>,
		pool: PoolId,
		asset: AssetId,
		item: Item<T::AccountId>,
	) -> Result<(), Error<T>> {
		let mut contributor = Self::contributor_record(pool, &item.contributor);
		record.rescore(&mut contributor, item.score, 0)?;
		record.remove_item(&mut contributor);

		Self::keep(record, pool, &item.contributor, contributor);
		Items::<T>::remove(pool, Self::key(asset));
		Self::release(&item.payer, item.deposit);
		let contributor = item.contributor;
		Self::deposit_event(Event::Withdrawn { pool, asset, contributor });
		Ok(())
	}

	pub(crate) fn hold(who: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		let reason = HoldReason::Deposit.into();
		T::Currency::hold(&reason, who, amount).map_err(|_| Error::InsufficientFunds)
	}

	pub(crate) fn release(who: &T::AccountId, amount: Balance) {
		// What is released was held for a record: C-1.
		let reason = HoldReason::Deposit.into();
		if T::Currency::release(&reason, who, amount, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}
}

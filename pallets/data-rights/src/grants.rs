//! Grants: how they are given, extended, taken back, passed on and dropped.

use crate::{
	types::GrantRecord, AssetGrants, Config, Error, Event, Grants, HeldGrants, NextGrant, Pallet,
};
use assay_primitives::{rights::GrantTerms, AssetId, BlockNumber, GrantId};
use frame_support::ensure;
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_give(
		owner: T::AccountId,
		asset: AssetId,
		to: T::AccountId,
		terms: GrantTerms,
	) -> DispatchResult {
		terms.validate(Self::now()).map_err(Error::<T>::from)?;
		Self::active_asset(&owner, asset)?;

		let grant = Self::store_grant(asset, to.clone(), terms, owner)?;
		Self::deposit_event(Event::Granted { grant, asset, holder: to });
		Ok(())
	}

	pub(crate) fn do_extend(
		owner: T::AccountId,
		grant: GrantId,
		until: Option<BlockNumber>,
		more: u32,
	) -> DispatchResult {
		let record = Self::grant_record(grant)?;
		let asset = Self::owned_asset(&owner, record.asset)?;
		ensure!(asset.status().is_usable(), Error::<T>::AssetNotActive);
		let mut record = record.extend(until, more).map_err(Error::<T>::from)?;
		record.inference |= asset.spec.consent.inference;

		Grants::<T>::insert(grant, record);
		Self::deposit_event(Event::GrantExtended { grant });
		Ok(())
	}

	pub(crate) fn do_revoke_grant(owner: T::AccountId, grant: GrantId) -> DispatchResult {
		let record = Self::grant_record(grant)?;
		Self::owned_asset(&owner, record.asset)?;
		let record = record.revoke().map_err(Error::<T>::from)?;

		Grants::<T>::insert(grant, record);
		Self::deposit_event(Event::GrantRevoked { grant });
		Ok(())
	}

	pub(crate) fn do_transfer_grant(
		from: T::AccountId,
		grant: GrantId,
		to: T::AccountId,
	) -> DispatchResult {
		let record = Self::grant_record(grant)?;
		let record = record.transfer(&from, to.clone()).map_err(Error::<T>::from)?;

		HeldGrants::<T>::remove(&from, grant.0.to_be_bytes());
		HeldGrants::<T>::insert(&to, grant.0.to_be_bytes(), ());
		Grants::<T>::insert(grant, record);
		Self::deposit_event(Event::GrantTransferred { grant, from, to });
		Ok(())
	}

	pub(crate) fn do_drop_grant(who: T::AccountId, grant: GrantId) -> DispatchResult {
		let record = Self::grant_record(grant)?;
		let may =
			who == record.holder || record.is_over(Self::now()) || Self::is_gone(record.asset);
		ensure!(may, Error::<T>::NotOver);

		Grants::<T>::remove(grant);
		AssetGrants::<T>::remove(record.asset, grant.0.to_be_bytes());
		HeldGrants::<T>::remove(&record.holder, grant.0.to_be_bytes());
		Self::release(&record.payer, record.deposit);
		Self::deposit_event(Event::GrantDropped { grant });
		Ok(())
	}

	/// Store a new grant, and hold the deposit for it from `payer`.
	pub(crate) fn store_grant(
		asset: AssetId,
		holder: T::AccountId,
		terms: GrantTerms,
		payer: T::AccountId,
	) -> Result<GrantId, Error<T>> {
		let inference = Self::asset_record(asset)?.spec.consent.inference;
		let grant = NextGrant::<T>::get();
		let next = grant.0.checked_add(1).map(GrantId).ok_or(Error::Overflow)?;
		let mut record = GrantRecord::new(asset, holder, terms, inference, payer);
		record.deposit = Self::deposit_for(&record);

		Self::hold(&record.payer, record.deposit)?;
		NextGrant::<T>::put(next);
		AssetGrants::<T>::insert(asset, grant.0.to_be_bytes(), ());
		HeldGrants::<T>::insert(&record.holder, grant.0.to_be_bytes(), ());
		Grants::<T>::insert(grant, record);
		Ok(grant)
	}

	pub(crate) fn grant_record(grant: GrantId) -> Result<GrantRecord<T::AccountId>, Error<T>> {
		Grants::<T>::get(grant).ok_or(Error::UnknownGrant)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

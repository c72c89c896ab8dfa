//! What other pallets draw on: uses of grants, and reads of who owns and allows what.

use crate::{types::GrantRecord, Assets, Config, Error, Event, Grants, Pallet};
use assay_primitives::{
	revenue::{IncomeInspect, Subject, SubjectInspect},
	rights::{Algorithms, AssetStatus, ConsentInspect, DataAccess, DataRights, Purpose, Usage},
	AssetId, GrantId, Root, VersionId,
};
use frame_support::ensure;
use sp_runtime::DispatchError;

/// A grant, and what a use of it is told.
type Used<T> = (
	GrantRecord<<T as frame_system::Config>::AccountId>,
	DataAccess<<T as frame_system::Config>::AccountId>,
);

impl<T: Config> DataRights<T::AccountId, GrantId> for Pallet<T> {
	fn exercise(
		requester: &T::AccountId,
		grant: &GrantId,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<DataAccess<T::AccountId>, DispatchError> {
		let (grant, uses) = (*grant, uses.max(1));
		let (record, access) = Self::used(requester, grant, version, usage, uses)?;
		let left = record.left();
		Grants::<T>::insert(grant, record);
		Self::deposit_event(Event::Used { grant, version, uses, left });
		Ok(access)
	}
}

impl<T: Config> Pallet<T> {
	/// A grant after so many uses more, and what each is told. Every check of a use, in this order:
	/// the grant, the asset, the consent, the purpose, the model.
	pub(crate) fn used(
		requester: &T::AccountId,
		grant: GrantId,
		version: VersionId,
		usage: &Usage,
		uses: u32,
	) -> Result<Used<T>, DispatchError> {
		let record = Self::grant_record(grant)?;
		let record = record.used_by(requester, uses, Self::now()).map_err(Error::<T>::from)?;
		let asset = Self::asset_record(record.asset)?;
		ensure!(asset.status().is_usable(), Error::<T>::AssetNotActive);
		let owner = Self::owner_of(record.asset).ok_or(Error::<T>::AssetNotActive)?;
		let consented = record.inference || asset.spec.consent.inference;
		ensure!(consented, Error::<T>::NotConsented);
		let terms = &record.terms;
		let is_within = terms.purpose.admits(version, usage);
		let may_earn = terms.commercial || !usage.commercial;
		ensure!(is_within && may_earn, Error::<T>::PurposeForbidden);
		ensure!(asset.spec.algorithms.admit(version), Error::<T>::AlgorithmForbidden);

		let payee = T::Income::payee(Subject::Asset(record.asset), &owner);
		let access = DataAccess { asset: record.asset, payee, price: terms.price };
		Ok((record, access))
	}

	/// The asset whose content the holder of a grant may have now. Whoever has the content uses it
	/// as often and for what it likes, so that no grant with a limit of uses, a price of each, a
	/// purpose or listed models gives it: such a grant is one to have jobs done.
	pub fn readable_by(who: &T::AccountId, grant: GrantId) -> Result<AssetId, DispatchError> {
		let record = Self::grant_record(grant)?;
		let record = record.used_by(who, 0, Self::now()).map_err(Error::<T>::from)?;
		let asset = Self::asset_record(record.asset)?;
		ensure!(asset.status().is_usable(), Error::<T>::AssetNotActive);
		Self::owner_of(record.asset).ok_or(Error::<T>::AssetNotActive)?;
		let is_unlimited = record.terms.uses.is_none()
			&& record.terms.price == 0
			&& record.terms.purpose == Purpose::Any
			&& asset.spec.algorithms == Algorithms::Any;
		ensure!(is_unlimited, Error::<T>::ComputeOnly);
		Ok(record.asset)
	}

	/// The commitment to the key that the content of an asset is encrypted with.
	pub fn key_of(asset: AssetId) -> Option<Root> {
		Assets::<T>::get(asset)?.spec.key
	}
}

impl<T: Config> ConsentInspect<T::AccountId> for Pallet<T> {
	fn owner(asset: AssetId) -> Option<T::AccountId> {
		let record = Assets::<T>::get(asset)?;
		Self::owner_of(asset).filter(|_| record.status() == AssetStatus::Active)
	}

	fn may_train(asset: AssetId) -> bool {
		let consented = Assets::<T>::get(asset).is_some_and(|record| record.spec.consent.training);
		consented && <Self as ConsentInspect<T::AccountId>>::owner(asset).is_some()
	}
}

impl<T: Config> SubjectInspect<T::AccountId> for Pallet<T> {
	/// Of assets alone, whatever their status is.
	fn owner(subject: Subject) -> Option<T::AccountId> {
		match subject {
			Subject::Asset(asset) => Self::owner_of(asset),
			Subject::Model(_) | Subject::Pool(_) => None,
		}
	}
}

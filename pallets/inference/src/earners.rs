//! Who earns by a job besides its provider: decided at the request, and written into the job.

use crate::{Config, Error, Jobs, Pallet};
use assay_primitives::{
	job::{JobKind, Terms},
	licence::{Forbidden, MAX_ANCESTORS},
	money::{DataFee, Earners},
	rights::{DataAccess, DataRights},
	traits::{ModelInspect, VersionInfo},
	JobId, VersionId,
};
use sp_runtime::DispatchError;

/// The most shares that a settlement pays besides the provider's and the owner's: those of the
/// ancestors, and that of data.
pub(crate) const MOST_SHARES: u32 = MAX_ANCESTORS + 1;

impl<T: Config> From<Forbidden> for Error<T> {
	fn from(forbidden: Forbidden) -> Self {
		match forbidden {
			Forbidden::Commercial => Error::CommercialUse,
			// What is made from a version is not the market's to judge.
			Forbidden::Purpose | Forbidden::Derivative | Forbidden::Incompatible => {
				Error::PurposeForbidden
			},
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Who earns by each job of a request, after what its licence and its right to data say of it.
	/// The uses of the right are counted: one for each item of each job.
	pub(crate) fn earners(
		requester: &T::AccountId,
		version: VersionId,
		info: &VersionInfo<T::AccountId>,
		kind: JobKind,
		terms: &Terms<T::AccountId>,
		jobs: u8,
	) -> Result<Earners<T::AccountId>, DispatchError> {
		info.licence.admit(&terms.usage).map_err(Error::<T>::from)?;
		let earners = T::Models::earners(version, info).ok_or(Error::<T>::LineagePending)?;
		let Some(right) = &terms.data else { return Ok(earners) };
		let items = Self::items_of(kind);
		let uses = items.checked_mul(jobs.into()).ok_or(Error::<T>::PriceOverflow)?;
		let access = T::Data::exercise(requester, right, version, &terms.usage, uses)?;
		let DataAccess { asset, payee, price } = access;
		let amount = price.checked_mul(items.into()).ok_or(Error::<T>::PriceOverflow)?;
		Ok(Earners { data: Some(DataFee { asset, payee, amount, key: 0 }), ..earners })
	}

	/// A provider was handed the key of the data of its job.
	pub fn data_handed(job: JobId, provider: &T::AccountId) {
		Jobs::<T>::mutate_extant(job, |record| record.handed = Some(provider.clone()));
	}

	/// What a provider was handed for its job was not the key of the data.
	pub fn data_not_handed(job: JobId, provider: &T::AccountId) {
		Jobs::<T>::mutate_extant(job, |record| {
			record.handed = record.handed.take().filter(|handed| handed != provider);
		});
	}

	/// The shares that the settlement of a job pays besides the provider's and the owner's.
	pub(crate) fn shares_of(earners: &Earners<T::AccountId>) -> u32 {
		let ancestors = u32::try_from(earners.ancestors.len()).unwrap_or(MAX_ANCESTORS);
		ancestors.saturating_add(earners.data.is_some().into())
	}
}

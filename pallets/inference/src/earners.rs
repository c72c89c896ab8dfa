//! Who earns by a job besides its provider: decided at the request, and written into the job.

use crate::{Config, Error, Pallet};
use assay_primitives::{
	job::{JobKind, Terms},
	licence::{Forbidden, MAX_ANCESTORS},
	money::{DataFee, Earners},
	rights::{DataAccess, DataRights},
	traits::{ModelInspect, VersionInfo},
	VersionId,
};
use frame_support::{traits::Get, weights::Weight};
use sp_runtime::DispatchError;

/// What a share that is paid takes of the processor, in picoseconds: a transfer of held funds, more
/// than a plain one took when weights were measured on a busy machine (docs/benchmarks.md).
const PAY_TIME: u64 = 600_000_000;

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
		Ok(Earners { data: Some(DataFee { asset, payee, amount }), ..earners })
	}

	/// What a request takes at most besides what was measured, with a version that was made from
	/// nothing and without data: the lineage, the owner and the ledger of shares of each ancestor, and
	/// the use of a grant.
	pub(crate) fn rights_weight() -> Weight {
		let reads = MAX_ANCESTORS.saturating_mul(2).saturating_add(2).into();
		T::DbWeight::get().reads(reads).saturating_add(T::Data::exercise_weight())
	}

	/// What a settlement takes at most besides what was measured, with an owner alone.
	pub(crate) fn shares_weight() -> Weight {
		Self::weight_of_shares(MAX_ANCESTORS.saturating_add(1))
	}

	/// What the settlement of this job takes besides.
	pub(crate) fn shares_weight_of(earners: &Earners<T::AccountId>) -> Weight {
		let ancestors = u32::try_from(earners.ancestors.len()).unwrap_or(MAX_ANCESTORS);
		Self::weight_of_shares(ancestors.saturating_add(earners.data.is_some().into()))
	}

	/// So many transfers more, and what is burned.
	fn weight_of_shares(shares: u32) -> Weight {
		let shares = u64::from(shares).saturating_add(1);
		let transfers = Weight::from_parts(PAY_TIME, 0).saturating_mul(shares);
		T::DbWeight::get().reads_writes(shares, shares).saturating_add(transfers)
	}
}

//! What clients read, through the runtime API.

use crate::{Config, Demands, Pallet, Parties};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	availability::{DemandFilter, DemandView},
	DemandId, JobId,
};

impl<T: Config> Pallet<T> {
	/// Open demands in ascending order, from `start` on.
	pub fn demands(
		filter: DemandFilter<T::AccountId>,
		start: DemandId,
		limit: u32,
	) -> Page<DemandView<T::AccountId>, DemandId> {
		// All keys are read: they lie in the order of hashes. Each has a price behind it.
		let mut found: Vec<(DemandId, JobId)> = match (filter.job, filter.party) {
			(job, Some(party)) => Parties::<T>::iter_prefix(party)
				.filter(|(_, of)| job.is_none_or(|job| job == *of))
				.collect(),
			(Some(job), None) => Demands::<T>::iter_key_prefix(job).map(|id| (id, job)).collect(),
			(None, None) => Demands::<T>::iter_keys().map(|(job, id)| (id, job)).collect(),
		};
		found.retain(|(id, _)| *id >= start);
		found.sort_unstable();
		let mut found = found.into_iter();
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
		let view = |(id, job)| Demands::<T>::get(job, id).map(|demand| demand.view(job, id));
		let items = found.by_ref().take(limit).filter_map(view).collect();
		Page { items, next: found.next().map(|(id, _)| id) }
	}
}

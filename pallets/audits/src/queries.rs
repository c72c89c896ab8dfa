//! What clients read, through the runtime API.

use crate::{Audits, Config, Pallet, Seats};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	audit::AuditView,
	JobId,
};

impl<T: Config> Pallet<T> {
	/// The audit of a job, while it goes on.
	pub fn audit(job: JobId) -> Option<AuditView<T::AccountId>> {
		Audits::<T>::get(job).map(|audit| audit.into_view(job))
	}

	/// Audits in ascending order of their jobs, from `start` on.
	pub fn audits(start: JobId, limit: u32) -> Page<AuditView<T::AccountId>, JobId> {
		// All keys are read: they lie in the order of hashes. They are few, and each goes soon.
		let mut jobs: Vec<JobId> = Audits::<T>::iter_keys().filter(|job| *job >= start).collect();
		jobs.sort_unstable();
		let mut jobs = jobs.into_iter();
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
		let items = jobs.by_ref().take(limit).filter_map(Self::audit).collect();
		Page { items, next: jobs.next() }
	}

	/// The jobs that an account audits, in ascending order, at most [`MAX_PAGE`], from `start` on.
	pub fn audits_of(auditor: T::AccountId, start: JobId) -> Vec<JobId> {
		// As for `audits`.
		let mut jobs: Vec<JobId> =
			Seats::<T>::iter_key_prefix(auditor).filter(|job| *job >= start).collect();
		jobs.sort_unstable();
		jobs.truncate(usize::try_from(MAX_PAGE).unwrap_or(usize::MAX));
		jobs
	}
}

//! What clients read, through the runtime API.

use crate::{
	types::{Closing, Record},
	Config, Disputes, Histories, Pallet, Revealed, Stakes,
};
use alloc::vec::Vec;
use assay_dispute::play::Shown;
use assay_primitives::{
	api::Page,
	dispute::{DisputeView, Spot, StakeView, MAX_SPOTS},
	DisputeId, Root,
};

/// The most disputes of one page: each has up to a hundred histories.
const MOST_DISPUTES: u32 = 16;

impl<T: Config> Pallet<T> {
	/// The dispute of a job, until its records are pruned.
	pub fn dispute(id: DisputeId) -> Option<DisputeView<T::AccountId>> {
		Disputes::<T>::get(id).map(|record| Self::view(id, record))
	}

	/// Disputes in ascending order of their jobs, from `start` on.
	pub fn disputes(start: DisputeId, limit: u32) -> Page<DisputeView<T::AccountId>, DisputeId> {
		// All keys are read: they lie in the order of hashes. Each has a bond behind it.
		let mut ids: Vec<DisputeId> =
			Disputes::<T>::iter_keys().filter(|id| *id >= start).collect();
		ids.sort_unstable();
		let mut ids = ids.into_iter();
		let limit = usize::try_from(limit.clamp(1, MOST_DISPUTES)).unwrap_or(usize::MAX);
		let items = ids.by_ref().take(limit).filter_map(Self::dispute).collect();
		Page { items, next: ids.next() }
	}

	/// What histories of a dispute show at the first [`MAX_SPOTS`] of these spots.
	pub fn shown(id: DisputeId, spots: Vec<Spot>) -> Vec<Option<Shown>> {
		spots.into_iter().take(MAX_SPOTS).map(|spot| Revealed::<T>::get(id, spot)).collect()
	}

	fn view(id: DisputeId, record: Record<T::AccountId>) -> DisputeView<T::AccountId> {
		DisputeView {
			id,
			dispute: record.dispute,
			now: Self::now(),
			provider: record.provider,
			requester: record.requester,
			exposure: record.exposure,
			output: Root(record.output),
			bond: record.bond,
			repayment: record.repayment,
			reward: record.reward,
			divided: matches!(record.closing, Closing::Records { .. }),
			histories: Histories::<T>::iter_prefix(id)
				.map(|(root, history)| (Root(root), history))
				.collect(),
			stakes: Stakes::<T>::iter_prefix(id)
				.map(|(account, stake)| StakeView { account, stake })
				.collect(),
		}
	}
}

//! The records of a dispute as the game sees them.

use crate::{Config, Histories, Moves, Revealed, Stakes};
use assay_canon::commitment::Hash;
use assay_dispute::{
	board::{Board, History, Stake},
	play::{Place, Shown},
};
use assay_primitives::JobId;
use core::marker::PhantomData;

/// The records of the dispute of one job.
pub(crate) struct Records<T> {
	job: JobId,
	config: PhantomData<T>,
}

impl<T> Records<T> {
	pub(crate) const fn of(job: JobId) -> Self {
		Self { job, config: PhantomData }
	}
}

impl<T: Config> Board for Records<T> {
	type AccountId = T::AccountId;

	fn history(&self, root: &Hash) -> Option<History> {
		Histories::<T>::get(self.job, root)
	}

	fn set_history(&mut self, root: Hash, history: History) {
		Histories::<T>::insert(self.job, root, history);
	}

	fn stake(&self, account: &T::AccountId) -> Option<Stake> {
		Stakes::<T>::get(self.job, account)
	}

	fn set_stake(&mut self, account: T::AccountId, stake: Stake) {
		Stakes::<T>::insert(self.job, account, stake);
	}

	fn shown(&self, history: &Hash, place: &Place) -> Option<Shown> {
		Revealed::<T>::get(self.job, (history, place))
	}

	fn set_shown(&mut self, history: Hash, place: Place, shown: Shown) {
		Revealed::<T>::insert(self.job, (history, place), shown);
	}

	fn count_move(&mut self, account: &T::AccountId, history: Option<&Hash>) {
		let key = (account, history);
		let moves = Moves::<T>::get(self.job, key).saturating_add(1);
		Moves::<T>::insert(self.job, key, moves);
	}
}

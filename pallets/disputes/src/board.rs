//! The records of a dispute as the game sees them.

use crate::{Config, Histories, Moves, Revealed, Stakes};
use assay_canon::commitment::Hash;
use assay_dispute::{
	board::{Board, History, Stake},
	play::{Place, Shown},
};
use assay_primitives::DisputeId;
use core::marker::PhantomData;

/// The records of the dispute of one job.
pub(crate) struct Records<T> {
	id: DisputeId,
	config: PhantomData<T>,
}

impl<T> Records<T> {
	pub(crate) const fn of(id: DisputeId) -> Self {
		Self { id, config: PhantomData }
	}
}

impl<T: Config> Board for Records<T> {
	type AccountId = T::AccountId;

	fn history(&self, root: &Hash) -> Option<History> {
		Histories::<T>::get(self.id, root)
	}

	fn set_history(&mut self, root: Hash, history: History) {
		Histories::<T>::insert(self.id, root, history);
	}

	fn stake(&self, account: &T::AccountId) -> Option<Stake> {
		Stakes::<T>::get(self.id, account)
	}

	fn set_stake(&mut self, account: T::AccountId, stake: Stake) {
		Stakes::<T>::insert(self.id, account, stake);
	}

	fn shown(&self, history: &Hash, place: &Place) -> Option<Shown> {
		Revealed::<T>::get(self.id, (history, place))
	}

	fn set_shown(&mut self, history: Hash, place: Place, shown: Shown) {
		Revealed::<T>::insert(self.id, (history, place), shown);
	}

	fn count_move(&mut self, account: &T::AccountId, history: Option<&Hash>) {
		let key = (account, history);
		let moves = Moves::<T>::get(self.id, key).saturating_add(1);
		Moves::<T>::insert(self.id, key, moves);
	}
}

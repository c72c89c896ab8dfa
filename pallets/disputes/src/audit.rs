//! What audits draw on: two histories that were sealed and revealed before play.

use crate::{board::Records, Config, Error, Event, Pallet};
use alloc::vec::Vec;
use assay_canon::commitment::{GraphHeader, Hash};
use assay_primitives::{
	traits::{Disputable, Undisputable},
	Balance, JobId,
};
use frame_support::storage::with_storage_layer;
use sp_runtime::DispatchResult;

impl<T: Config> Disputable<T::AccountId> for Pallet<T> {
	fn bond(exposure: Balance) -> Balance {
		Self::bond_for(exposure)
	}

	fn open(
		job: JobId,
		header: &GraphHeader,
		histories: [(T::AccountId, Hash); 2],
	) -> Result<(), Undisputable> {
		let wrong_header = Error::<T>::WrongHeader.into();
		with_storage_layer(|| Self::open_between(job, header, histories)).map_err(|error| {
			if error == wrong_header {
				Undisputable::WrongHeader
			} else {
				Undisputable::Refused
			}
		})
	}
}

impl<T: Config> Pallet<T> {
	/// Open the dispute of a job with two histories in it.
	fn open_between(
		job: JobId,
		header: &GraphHeader,
		histories: [(T::AccountId, Hash); 2],
	) -> DispatchResult {
		let (id, mut record) = Self::contest(job, header)?;
		for (account, history) in &histories {
			Self::hold(account, record.bond)?;
			let (account, history) = (account.clone(), *history);
			Self::deposit_event(Event::HistoryPosted { id, account, history });
		}
		record.dispute.seat(&mut Records::<T>::of(id), histories);
		Self::store(id, record, Vec::new(), None);
		Ok(())
	}
}

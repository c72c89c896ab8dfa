//! The block hook: works through what is due, within its weight.

use crate::{Agenda, AgendaCursor, Config, Pallet, Requests, WeightInfo};
use assay_primitives::{BlockNumber, KeyRequestId};
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Work through due entries of the agenda, oldest first, until none is left or the meter cannot
	/// take the dearest step.
	pub(crate) fn sweep() -> Weight {
		let mut meter = WeightMeter::with_limit(T::SweepWeight::get());
		let (now, first) = (Self::now(), AgendaCursor::<T>::get());
		let mut cursor = first;
		while cursor <= now && meter.try_consume(T::WeightInfo::sweep_block()).is_ok() {
			if !Self::sweep_block(cursor, &mut meter) {
				break;
			}
			cursor = cursor.saturating_add(1);
		}
		if cursor != first {
			AgendaCursor::<T>::put(cursor);
		}
		meter.consumed()
	}

	/// Work through the entries of one block; false when the meter stopped it.
	///
	/// One iterator serves the block: steps put no entries anywhere.
	fn sweep_block(block: BlockNumber, meter: &mut WeightMeter) -> bool {
		let step = Self::dearest_step();
		let mut due = Agenda::<T>::iter_key_prefix(block);
		while meter.can_consume(step) {
			let Some(id) = due.next() else { return true };
			meter.consume(step);
			Self::step(block, id);
		}
		false
	}

	/// What the dearest step of the sweep weighs.
	pub(crate) fn dearest_step() -> Weight {
		T::WeightInfo::close().max(T::WeightInfo::expire())
	}

	/// End what is due. Afterwards the entry is gone.
	fn step(block: BlockNumber, id: KeyRequestId) {
		match Requests::<T>::get(id) {
			Some(request) if request.sealed.is_some() => Self::finish_served(id, request),
			Some(request) => Self::finish_unserved(id, request),
			None => {
				defensive!("an entry of the agenda without a request");
				Agenda::<T>::remove(block, id);
			},
		}
	}
}

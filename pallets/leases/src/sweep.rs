//! The block hook: works through what is due, within its weight.

use crate::{types::Due, Agenda, AgendaCursor, Config, Leases, Pallet, WeightInfo};
use assay_primitives::{BlockNumber, LeaseId};
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
	/// One iterator serves the block: steps put entries into later blocks only.
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
		T::WeightInfo::expire_close().max(T::WeightInfo::expire_breach())
	}

	/// Carry out what is due, or look at the lease again when it is.
	fn step(block: BlockNumber, id: LeaseId) {
		let Some(lease) = Leases::<T>::get(id) else {
			defensive!("an entry of the agenda without a lease");
			Agenda::<T>::remove(block, id);
			return;
		};
		match Self::due(id, &lease) {
			Due::Nothing => Self::restore(id, lease),
			due => Self::carry_out(id, lease, due),
		}
	}
}

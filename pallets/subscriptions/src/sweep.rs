//! The block hook: works through what is due, within its weight.

use crate::{Agenda, AgendaCursor, Config, Pallet, Subscriptions, WeightInfo};
use assay_primitives::{
	subscription::{EndReason, Status},
	BlockNumber, SubscriptionId,
};
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
		let mut due = Agenda::<T>::iter_key_prefix(block);
		while meter.can_consume(Self::dearest_step()) {
			let Some(id) = due.next() else { return true };
			meter.consume(Self::step(block, id));
		}
		false
	}

	/// Run what is scheduled, and end what has rested for too long. Afterwards the entry is gone or
	/// lies in a later block.
	fn step(block: BlockNumber, id: SubscriptionId) -> Weight {
		let Some(record) = Subscriptions::<T>::get(id) else {
			defensive!("an entry of the agenda without a subscription");
			Agenda::<T>::remove(block, id);
			return T::WeightInfo::sweep_skip();
		};
		match record.status {
			Status::Scheduled => Self::run(id, record),
			Status::Waiting | Status::Unfunded | Status::Paused => {
				Self::finish(id, block, record, EndReason::Lapsed);
				T::WeightInfo::expire()
			},
		}
	}
}

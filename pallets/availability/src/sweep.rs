//! The block hook: works through the demands that are due, within its weight.

use crate::{Agenda, AgendaCursor, Config, Demands, Pallet, WeightInfo};
use assay_primitives::{traits::Withheld, BlockNumber, DemandId, JobId};
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
		let step = T::WeightInfo::expire_output().max(T::WeightInfo::expire_input());
		let mut due = Agenda::<T>::iter_key_prefix(block);
		while meter.can_consume(step) {
			let Some((job, id)) = due.next() else { return true };
			meter.consume(step);
			Self::step(block, job, id);
		}
		false
	}

	/// Let a demand lapse. One that waits for a verdict is looked at again later.
	fn step(block: BlockNumber, job: JobId, id: DemandId) {
		let Some(mut demand) = Demands::<T>::get(job, id) else {
			defensive!("an entry of the agenda without a demand");
			Agenda::<T>::remove(block, (job, id));
			return;
		};
		if Self::lapse(job, id, &demand) == Withheld::Disputed {
			Agenda::<T>::remove(block, (job, id));
			// The longer it has waited, the less often: it costs the sweep little.
			let waited = Self::now().saturating_sub(demand.due);
			let delay = T::RetryDelay::get().max(waited / 4).max(1);
			demand.wake = Self::now().saturating_add(delay);
			Self::store(job, id, demand);
		}
	}
}

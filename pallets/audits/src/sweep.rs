//! The block hook: works through what is due, within its weight.

use crate::{types::Audit, Agenda, AgendaCursor, Audits, Config, Pallet, WeightInfo};
use assay_primitives::{
	provider::MAX_CANDIDATES,
	traits::{ProviderMarket, Provisional, Stayable},
	BlockNumber, JobId,
};
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Work through due entries of the agenda, oldest first, until none is left or the meter
	/// cannot take the dearest step.
	pub(crate) fn sweep() -> Weight {
		let mut meter = WeightMeter::with_limit(T::SweepWeight::get());
		let now = Self::now();
		let first = AgendaCursor::<T>::get();
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
	/// One iterator serves the block: steps put entries into later blocks only, and starting
	/// anew for each would pass all that are gone already.
	fn sweep_block(block: BlockNumber, meter: &mut WeightMeter) -> bool {
		let mut jobs = Agenda::<T>::iter_key_prefix(block);
		while meter.can_consume(Self::dearest_step()) {
			let Some(job) = jobs.next() else { return true };
			meter.consume(Self::step(block, job));
		}
		false
	}

	/// Do what is due for one job. Afterwards its entry is gone or lies in a later block.
	fn step(block: BlockNumber, job: JobId) -> Weight {
		let next = Self::now().saturating_add(1);
		match Audits::<T>::get(job) {
			Some(audit) if audit.until == block => {
				if Self::do_advance(job).is_err() {
					defensive!("nothing is due at the end of a part");
					Self::update(job, block, Audit { until: next, ..audit });
				}
				T::WeightInfo::advance()
			},
			// It was drawn twice, and is audited already.
			Some(_) => {
				Agenda::<T>::remove(block, job);
				T::WeightInfo::sweep_block()
			},
			None => {
				Agenda::<T>::remove(block, job);
				let Some(Provisional { version, .. }) = T::Jobs::provisional(job) else {
					return T::WeightInfo::sweep_block();
				};
				if !Self::open(job) {
					Agenda::<T>::insert(next, job, ());
				}
				T::WeightInfo::sweep_open(T::Providers::count(version).min(MAX_CANDIDATES))
			},
		}
	}

	pub(crate) fn dearest_step() -> Weight {
		T::WeightInfo::sweep_open(MAX_CANDIDATES).max(T::WeightInfo::advance())
	}
}

//! The block hook: works through what is due, within its weight.

use crate::{
	earners::MOST_SHARES, types::Job, Agenda, AgendaCursor, Config, Jobs, Pallet, WeightInfo,
};
use assay_primitives::{
	job::{JobState, RefundReason, MAX_NAMED, MAX_REPLICAS},
	provider::MAX_CANDIDATES,
	traits::{ModelInspect, ProviderMarket},
	BlockNumber, JobId,
};
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};

/// A group and its replicas.
const GROUP_READS: u64 = 1 + MAX_REPLICAS as u64;

/// The asks and the records of providers that are named.
const NAMED_READS: u64 = 2 * MAX_NAMED as u64;

/// The most providers that one draw reads.
pub(crate) const MOST_CANDIDATES: u32 = MAX_CANDIDATES;

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
		let Some(record) = Jobs::<T>::get(job) else {
			defensive!("an entry of the agenda without a job");
			Agenda::<T>::remove(block, job);
			return T::WeightInfo::sweep_prune();
		};
		let weight = Self::advance(job, record);
		if Agenda::<T>::contains_key(block, job) {
			defensive!("a step left its entry in the agenda");
			if let Some(record) = Jobs::<T>::get(job) {
				Self::update(job, block, Job { wake: Self::now().saturating_add(1), ..record });
			}
		}
		weight
	}

	fn advance(job: JobId, record: Job<T::AccountId>) -> Weight {
		// What a look at its group costs, and what its end may bring for the others.
		let (look, end) = match record.group {
			Some(_) => (T::DbWeight::get().reads(GROUP_READS), T::WeightInfo::group()),
			None => Default::default(),
		};
		match record.state {
			JobState::Requested if Self::is_frozen(record.version) => {
				let _ = Self::do_void(job, record, RefundReason::InvalidVersion);
				T::WeightInfo::expire().saturating_add(end)
			},
			JobState::Requested if Self::now() <= record.deadline => {
				// Too late for an answer: it waits for its end, and nobody is set up to miss.
				let least = T::Models::version(record.version)
					.map_or(0, |info| Self::least_time(&info.spec, record.kind));
				if !Self::leaves_time(Self::now(), least, record.deadline) {
					let before = record.wake;
					let end = record.deadline.saturating_add(1);
					Self::update(job, before, record.retry(end));
					return T::WeightInfo::cancel();
				}
				let asks = T::Providers::count(record.version).min(MOST_CANDIDATES);
				Self::draw(job, record);
				T::WeightInfo::sweep_draw(asks).saturating_add(Self::names()).saturating_add(look)
			},
			JobState::Requested | JobState::Assigned { .. } | JobState::Sealed { .. } => {
				// The caller sees to it that an entry which stays behind is put off.
				let _ = Self::do_expire(job);
				T::WeightInfo::expire().saturating_add(end)
			},
			JobState::Submitted { .. } => {
				let shares = Self::shares_of(&record.earners);
				let _ = Self::do_settle(job);
				T::WeightInfo::settle(shares)
			},
			_ if Self::is_needed(&record) => {
				let (before, wake) = (record.wake, Self::now().saturating_add(T::Retention::get()));
				Self::update(job, before, Job { wake, ..record });
				T::WeightInfo::cancel().saturating_add(look)
			},
			_ => {
				Self::prune(job, record);
				T::WeightInfo::sweep_prune().saturating_add(look)
			},
		}
	}

	/// What a look at the providers costs that a requester names, before those of the book.
	fn names() -> Weight {
		T::DbWeight::get().reads(NAMED_READS)
	}

	pub(crate) fn dearest_step() -> Weight {
		T::WeightInfo::sweep_draw(MOST_CANDIDATES)
			.saturating_add(Self::names())
			.max(T::WeightInfo::settle(MOST_SHARES))
			.max(T::WeightInfo::expire())
			.max(T::WeightInfo::sweep_prune())
			.saturating_add(T::WeightInfo::group())
	}
}

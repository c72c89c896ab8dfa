//! Results that are read again: whoever has the input of a result that is final pays the model's
//! owner, and takes the result at once. Nobody runs anything.

use crate::{types::Job, Answers, Config, Error, Event, HoldReason, Jobs, Pallet};
use assay_primitives::{
	job::{JobKind, JobState},
	model::VersionStatus,
	money::{Fee, FeeSplit},
	rights::Usage,
	traits::ModelInspect,
	Balance, JobId, Root, VersionId,
};
use frame_support::{ensure, traits::fungible::MutateHold};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_reuse(
		requester: T::AccountId,
		version: VersionId,
		input: Root,
		max_fee: Balance,
	) -> DispatchResult {
		let info = T::Models::version(version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(info.status == VersionStatus::Active, Error::<T>::VersionDeprecated);
		// Nobody says what it is for.
		info.licence.admit(&Usage::default()).map_err(Error::<T>::from)?;
		let earners = T::Models::earners(version, &info).ok_or(Error::<T>::LineagePending)?;
		let job = Answers::<T>::get(version, input).ok_or(Error::<T>::NotAnswered)?;
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::NotAnswered)?;
		let fee = Fee::of(record.units, 0, info.spec.price).ok_or(Error::<T>::PriceOverflow)?;
		ensure!(fee.total() <= max_fee, Error::<T>::FeeTooLow);
		T::Currency::hold(&HoldReason::Fee.into(), &requester, fee.total())
			.map_err(|_| Error::<T>::InsufficientFunds)?;

		// There is no provider: a share that one would have is the owner's.
		let shares = T::FeeSplit::split(fee, &earners.owner, &earners);
		Self::pay(job, &requester, fee.total(), shares);
		Self::deposit_event(Event::ResultReused { job, requester, fee: fee.total() });
		Ok(())
	}

	/// The job whose result for this input is final, while it is kept.
	pub fn answered_by(version: VersionId, input: Root) -> Option<JobId> {
		Answers::<T>::get(version, input)
	}

	/// Remember that the result of a job is final. The latest one counts: it is kept longest. A batch
	/// is not remembered: the root of its items is that of a tensor as well, which may be an input. Nor
	/// is what was made of others' data: each use of it takes a right of its own.
	pub(crate) fn remember(job: JobId, record: &Job<T::AccountId>) {
		let batch = matches!(record.kind, JobKind::Batch { .. });
		// What was opened out of a batch has no terms of its own, but its earners.
		let free = record.earners.data.is_none();
		if matches!(record.state, JobState::Settled { .. }) && free && !batch {
			Answers::<T>::insert(record.version, record.input_root, job);
		}
	}

	/// Forget the result of a job that is pruned.
	pub(crate) fn forget(job: JobId, record: &Job<T::AccountId>) {
		if Answers::<T>::get(record.version, record.input_root) == Some(job) {
			Answers::<T>::remove(record.version, record.input_root);
		}
	}
}

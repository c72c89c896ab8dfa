//! One run: a job is requested out of the budget, or it is said why not.

use crate::{
	types::{Fed, Subscription},
	Config, Error, Event, HoldReason, Inputs, Pallet, WeightInfo,
};
use assay_primitives::{
	job::Input,
	subscription::{EndReason, Run, SkipReason, Status},
	traits::{JobRequests, NEWEST_READS},
	Balance, JobId, SubscriptionId,
};
use codec::{Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{fungible::MutateHold, tokens::Precision, Get},
	weights::Weight,
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Do what is due for a subscription that is scheduled.
	pub(crate) fn run(id: SubscriptionId, record: Subscription<T::AccountId>) -> Weight {
		let Some(Fed { input, .. }) = Inputs::<T>::get(id) else {
			Self::rest(id, record, Status::Waiting, SkipReason::NoInput);
			return T::WeightInfo::sweep_skip();
		};
		let weight = Self::run_weight(input.encoded_size());
		match T::Jobs::cost(&input, &record.spec.terms) {
			Ok(cost) if cost > record.budget => {
				Self::rest(id, record, Status::Unfunded, SkipReason::InsufficientBudget);
				return T::WeightInfo::sweep_skip();
			},
			Ok(cost) => match Self::request(&record, input, cost) {
				Ok(job) => Self::ran(id, record, job, cost),
				Err(error) => Self::refused(id, record, error),
			},
			Err(error) => Self::refused(id, record, error),
		}
		weight
	}

	/// Request a job with what is released from the budget for it, or leave all as it is.
	fn request(
		record: &Subscription<T::AccountId>,
		input: Input,
		cost: Balance,
	) -> Result<JobId, DispatchError> {
		let version = Self::version_of(record.spec.target).ok_or(Error::<T>::NoActiveVersion)?;
		let (subscriber, terms) = (&record.subscriber, record.spec.terms.clone());
		with_storage_layer(|| {
			let reason = HoldReason::Budget.into();
			T::Currency::release(&reason, subscriber, cost, Precision::Exact)?;
			let (job, held) = T::Jobs::request(subscriber.clone(), version, input, terms)?;
			ensure!(held == cost, Error::<T>::CostDiffers);
			Ok(job)
		})
	}

	fn ran(id: SubscriptionId, record: Subscription<T::AccountId>, job: JobId, cost: Balance) {
		let (before, now) = (record.wake, Self::now());
		if !record.spec.repeat {
			Self::remove_input(id);
		}
		Self::deposit_event(Event::Ran { subscription: id, job });
		let run = Run { job, at: now, cost };
		// The end gives back what is left after this run.
		let budget = record.budget.saturating_sub(cost);
		match record.clone().ran(run, now) {
			Some(next) => Self::update(id, before, next),
			None => {
				let last = Subscription { budget, ..record };
				Self::finish(id, before, last, EndReason::Completed);
			},
		}
	}

	fn refused(id: SubscriptionId, record: Subscription<T::AccountId>, error: DispatchError) {
		let before = record.wake;
		let reason = SkipReason::Refused(error);
		Self::deposit_event(Event::Skipped { subscription: id, reason });
		match record.clone().refused(T::MaxFailures::get(), Self::now()) {
			Some(next) => Self::update(id, before, next),
			None => Self::finish(id, before, record, EndReason::Refused(error)),
		}
	}

	fn rest(
		id: SubscriptionId,
		record: Subscription<T::AccountId>,
		status: Status,
		reason: SkipReason,
	) {
		let before = record.wake;
		Self::update(id, before, record.rest(status, T::Retention::get(), Self::now()));
		Self::deposit_event(Event::Skipped { subscription: id, reason });
	}

	/// What a run takes with an input of this encoded size.
	fn run_weight(size: usize) -> Weight {
		let size = u32::try_from(size).unwrap_or(u32::MAX);
		T::WeightInfo::sweep_run(size).saturating_add(T::DbWeight::get().reads(NEWEST_READS))
	}

	/// What one step of the sweep takes at most.
	pub(crate) fn dearest_step() -> Weight {
		Self::run_weight(Input::max_encoded_len())
			.max(T::Jobs::request_weight())
			.max(T::WeightInfo::sweep_skip())
			.max(T::WeightInfo::expire())
	}
}

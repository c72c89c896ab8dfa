//! The bodies of the calls: read and check everything, then write, then deposit one event.

use crate::{
	types::{Fault, Fed, Subscription},
	Agenda, Config, Error, Event, HoldReason, Inputs, NextSubscription, Owned, Pallet,
	Subscriptions,
};
use assay_primitives::{
	job::{Input, Terms},
	subscription::{EndReason, SubscriptionSpec, Target},
	traits::ModelInspect,
	Balance, BlockNumber, SubscriptionId, VersionId,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::NotSubscriber => Error::NotSubscriber,
			Fault::NotFeeder => Error::NotFeeder,
			Fault::Paused => Error::AlreadyPaused,
			Fault::NotPaused => Error::NotPaused,
			Fault::NotLapsed => Error::NotLapsed,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_subscribe(
		subscriber: T::AccountId,
		spec: SubscriptionSpec<T::AccountId>,
		budget: Balance,
	) -> DispatchResult {
		let periods = T::MinPeriod::get()..=T::MaxPeriod::get();
		ensure!(periods.contains(&spec.period), Error::<T>::InvalidPeriod);
		ensure!(spec.runs != Some(0), Error::<T>::NoRuns);
		ensure!(budget >= spec.terms.max_fee, Error::<T>::BudgetTooSmall);
		let target = spec.target;
		Self::version_of(target).ok_or(Error::<T>::NoActiveVersion)?;
		let id = NextSubscription::<T>::get();
		let next = id.0.checked_add(1).map(SubscriptionId).ok_or(Error::<T>::Overflow)?;
		let mut owned = Owned::<T>::get(&subscriber);
		owned.try_push(id).map_err(|_| Error::<T>::TooManySubscriptions)?;

		let deposit = T::DepositBase::get();
		Self::hold(HoldReason::Budget, &subscriber, budget)?;
		Self::hold(HoldReason::Deposit, &subscriber, deposit)?;
		NextSubscription::<T>::put(next);
		Owned::<T>::insert(&subscriber, owned);
		let money = (budget, deposit);
		let (retention, now) = (T::Retention::get(), Self::now());
		Self::store(id, Subscription::new(subscriber.clone(), spec, money, retention, now));
		Self::deposit_event(Event::Subscribed { subscription: id, subscriber, target, budget });
		Ok(())
	}

	pub(crate) fn do_feed(who: T::AccountId, id: SubscriptionId, input: Input) -> DispatchResult {
		let record = Self::record(id)?;
		record.ensure_feeder(&who).map_err(Error::<T>::from)?;
		let bytes = Balance::try_from(input.encoded_size()).map_err(|_| Error::<T>::Overflow)?;
		let deposit = T::DepositPerByte::get().checked_mul(bytes).ok_or(Error::<T>::Overflow)?;

		// What the older one frees may pay for this one.
		Self::remove_input(id);
		Self::hold(HoldReason::Deposit, &who, deposit)?;
		Inputs::<T>::insert(id, Fed { by: who.clone(), deposit, input });
		Self::update(id, record.wake, record.fed(Self::now()));
		Self::deposit_event(Event::InputFed { subscription: id, by: who });
		Ok(())
	}

	pub(crate) fn do_take_back(who: T::AccountId, id: SubscriptionId) -> DispatchResult {
		let record = Self::record(id)?;
		let fed = Inputs::<T>::get(id).ok_or(Error::<T>::NoInput)?;
		ensure!(who == fed.by || who == record.subscriber, Error::<T>::NotPayer);

		Self::remove_input(id);
		Self::deposit_event(Event::InputTakenBack { subscription: id });
		Ok(())
	}

	pub(crate) fn do_top_up(
		who: T::AccountId,
		id: SubscriptionId,
		amount: Balance,
	) -> DispatchResult {
		let record = Self::record_of(&who, id)?;
		let before = record.wake;
		let record = record.topped_up(amount, Self::now()).ok_or(Error::<T>::Overflow)?;

		Self::hold(HoldReason::Budget, &who, amount)?;
		Self::update(id, before, record);
		Self::deposit_event(Event::ToppedUp { subscription: id, amount });
		Ok(())
	}

	pub(crate) fn do_set_terms(
		who: T::AccountId,
		id: SubscriptionId,
		terms: Terms<T::AccountId>,
	) -> DispatchResult {
		let record = Self::record_of(&who, id)?;

		Self::update(id, record.wake, record.with_terms(terms, Self::now()));
		Self::deposit_event(Event::TermsSet { subscription: id });
		Ok(())
	}

	pub(crate) fn do_set_paused(
		who: T::AccountId,
		id: SubscriptionId,
		paused: bool,
	) -> DispatchResult {
		let record = Self::record_of(&who, id)?;
		let (before, retention, now) = (record.wake, T::Retention::get(), Self::now());
		let record = if paused {
			record.pause(retention, now)
		} else {
			record.resume(Inputs::<T>::contains_key(id), retention, now)
		};
		let record = record.map_err(Error::<T>::from)?;

		Self::update(id, before, record);
		Self::deposit_event(Event::PauseSet { subscription: id, paused });
		Ok(())
	}

	pub(crate) fn do_end(who: T::AccountId, id: SubscriptionId) -> DispatchResult {
		let record = Self::record_of(&who, id)?;
		Self::finish(id, record.wake, record, EndReason::Cancelled);
		Ok(())
	}

	pub(crate) fn do_expire(id: SubscriptionId) -> DispatchResult {
		let record = Self::record(id)?;
		record.ensure_lapsed(Self::now()).map_err(Error::<T>::from)?;
		Self::finish(id, record.wake, record, EndReason::Lapsed);
		Ok(())
	}

	/// The version that a run is of.
	pub(crate) fn version_of(target: Target) -> Option<VersionId> {
		match target {
			Target::Version(version) => T::Models::is_active(version).then_some(version),
			Target::Newest(model) => T::Models::newest_active(model),
		}
	}

	fn record(id: SubscriptionId) -> Result<Subscription<T::AccountId>, Error<T>> {
		Subscriptions::<T>::get(id).ok_or(Error::UnknownSubscription)
	}

	fn record_of(
		who: &T::AccountId,
		id: SubscriptionId,
	) -> Result<Subscription<T::AccountId>, Error<T>> {
		let record = Self::record(id)?;
		record.ensure_subscriber(who)?;
		Ok(record)
	}

	/// Store a subscription with its entry in the agenda. One that changes keeps the block that it is
	/// under, which the sweep has yet to come to, or gets one that is to come.
	fn store(id: SubscriptionId, record: Subscription<T::AccountId>) {
		Agenda::<T>::insert(record.wake, id, ());
		Subscriptions::<T>::insert(id, record);
	}

	/// Store a subscription that changed, and move its entry in the agenda from `before`.
	pub(crate) fn update(
		id: SubscriptionId,
		before: BlockNumber,
		record: Subscription<T::AccountId>,
	) {
		Agenda::<T>::remove(before, id);
		Self::store(id, record);
	}

	/// Remove all that is kept of a subscription, and release all that is held for it.
	pub(crate) fn finish(
		id: SubscriptionId,
		before: BlockNumber,
		record: Subscription<T::AccountId>,
		reason: EndReason,
	) {
		Agenda::<T>::remove(before, id);
		Subscriptions::<T>::remove(id);
		Owned::<T>::mutate_exists(&record.subscriber, |owned| {
			if let Some(ids) = owned {
				ids.retain(|owned| *owned != id);
				if ids.is_empty() {
					*owned = None;
				}
			}
		});
		Self::remove_input(id);
		Self::release(HoldReason::Budget, &record.subscriber, record.budget);
		Self::release(HoldReason::Deposit, &record.subscriber, record.deposit);
		Self::deposit_event(Event::Ended { subscription: id, reason });
	}

	/// Remove the input, if there is one, and give its deposit back.
	pub(crate) fn remove_input(id: SubscriptionId) {
		if let Some(fed) = Inputs::<T>::take(id) {
			Self::release(HoldReason::Deposit, &fed.by, fed.deposit);
		}
	}

	fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		T::Currency::hold(&reason.into(), who, amount).map_err(|_| Error::InsufficientFunds)
	}

	fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		// What is released was held for this subscription: S-1 and S-2.
		if T::Currency::release(&reason.into(), who, amount, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

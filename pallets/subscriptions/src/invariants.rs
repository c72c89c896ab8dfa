//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	Agenda, AgendaCursor, Config, HoldReason, Inputs, NextSubscription, Owned, Pallet,
	Subscriptions,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use assay_primitives::{subscription::Status, Balance, SubscriptionId};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::budgets_are_held()?;
		Self::deposits_are_held()?;
		Self::agenda_has_each_subscription_once()?;
		Self::accounts_know_their_subscriptions()?;
		Self::inputs_have_subscriptions()
	}

	/// S-1: what is held of each account for budgets equals what is left of those of its
	/// subscriptions.
	fn budgets_are_held() -> Result<(), TryRuntimeError> {
		let records = Subscriptions::<T>::iter_values();
		let budgets = records.map(|record| (record.subscriber, record.budget)).collect();
		Self::held_is(HoldReason::Budget, budgets, "S-1: a hold differs from the budgets")
	}

	/// S-2: what is held of each account for deposits equals those of its subscriptions and of the
	/// inputs that it has fed.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let records = Subscriptions::<T>::iter_values();
		let mut deposits: Vec<_> =
			records.map(|record| (record.subscriber, record.deposit)).collect();
		deposits.extend(Inputs::<T>::iter_values().map(|fed| (fed.by, fed.deposit)));
		Self::held_is(HoldReason::Deposit, deposits, "S-2: a hold differs from the deposits")
	}

	fn held_is(
		reason: HoldReason,
		owed: Vec<(T::AccountId, Balance)>,
		fault: &'static str,
	) -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		for (account, amount) in owed {
			let sum = sums.entry(account).or_default();
			*sum = sum.saturating_add(amount);
		}
		let reason = reason.into();
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&reason, &account);
			ensure!(held == sums.remove(&account).unwrap_or(0), fault);
		}
		ensure!(sums.values().all(|sum| *sum == 0), fault);
		Ok(())
	}

	/// S-3: each subscription has exactly one entry in the agenda, under its wake block, which the
	/// sweep has not left behind, and which is when it is due, if it is scheduled.
	fn agenda_has_each_subscription_once() -> Result<(), TryRuntimeError> {
		let cursor = AgendaCursor::<T>::get();
		for (id, record) in Subscriptions::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(record.wake, id), "S-3: no entry");
			ensure!(record.wake >= cursor, "S-3: an entry that the sweep has left behind");
			let is_scheduled = record.status == Status::Scheduled;
			ensure!(!is_scheduled || record.due == Some(record.wake), "S-3: not when it is due");
		}
		let entries = Agenda::<T>::iter_keys().count();
		ensure!(entries == Subscriptions::<T>::iter_keys().count(), "S-3: an entry too many");
		Ok(())
	}

	/// S-4: the index by account lists exactly the subscriptions, in ascending order, and their
	/// numbers were given.
	fn accounts_know_their_subscriptions() -> Result<(), TryRuntimeError> {
		let next = NextSubscription::<T>::get();
		let mut expected: BTreeMap<T::AccountId, BTreeSet<SubscriptionId>> = BTreeMap::new();
		for (id, record) in Subscriptions::<T>::iter() {
			ensure!(id < next, "S-4: a number that was not given");
			expected.entry(record.subscriber).or_default().insert(id);
		}
		let found: BTreeMap<_, Vec<SubscriptionId>> =
			Owned::<T>::iter().map(|(account, ids)| (account, ids.into_inner())).collect();
		let expected = expected
			.into_iter()
			.map(|(account, ids)| (account, ids.into_iter().collect()))
			.collect();
		ensure!(found == expected, "S-4: the index by account differs");
		Ok(())
	}

	/// S-5: inputs are of subscriptions, none of which waits for one; what is left of runs is at
	/// least one, and fewer requests than end a subscription were refused.
	fn inputs_have_subscriptions() -> Result<(), TryRuntimeError> {
		for id in Inputs::<T>::iter_keys() {
			let record = Subscriptions::<T>::get(id).ok_or("S-5: an input of nothing")?;
			ensure!(record.status != Status::Waiting, "S-5: it waits although there is an input");
		}
		for record in Subscriptions::<T>::iter_values() {
			ensure!(record.spec.runs != Some(0), "S-5: no run is left");
			ensure!(record.failures < T::MaxFailures::get(), "S-5: too many refusals");
		}
		Ok(())
	}
}

//! What is always true, numbered as in `docs/protocol.md`.

use crate::{Agenda, AgendaCursor, Config, Demands, HoldReason, NextDemand, Pallet, Parties};
use alloc::{collections::BTreeMap, collections::BTreeSet};
use assay_primitives::Balance;
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holds_are_prices()?;
		Self::agenda_has_each_demand_once()?;
		Self::parties_know_their_demands()
	}

	/// V-1: what is held of each account for demands equals the prices of its open ones.
	fn holds_are_prices() -> Result<(), TryRuntimeError> {
		let mut prices: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		for demand in Demands::<T>::iter_values() {
			let sum = prices.entry(demand.demander).or_default();
			*sum = sum.saturating_add(demand.price);
		}
		let reason = HoldReason::Price.into();
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&reason, &account);
			let due = prices.remove(&account).unwrap_or(0);
			ensure!(held == due, "V-1: a hold differs from the prices");
		}
		ensure!(prices.values().all(|price| *price == 0), "V-1: a price without an account");
		Ok(())
	}

	/// V-2: each demand has exactly one entry in the agenda, under its wake block, which is after
	/// its due block and which the sweep has not left behind. Its number was given.
	fn agenda_has_each_demand_once() -> Result<(), TryRuntimeError> {
		let (cursor, next) = (AgendaCursor::<T>::get(), NextDemand::<T>::get());
		for (job, id, demand) in Demands::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(demand.wake, (job, id)), "V-2: no entry");
			ensure!(demand.wake > demand.due, "V-2: looked at before it is due");
			ensure!(demand.wake >= cursor, "V-2: an entry that the sweep has left behind");
			ensure!(id < next, "V-2: a number that was not given");
		}
		let entries = Agenda::<T>::iter_keys().count();
		ensure!(entries == Demands::<T>::iter_keys().count(), "V-2: an entry too many");
		Ok(())
	}

	/// V-3: the index of parties has exactly those of the open demands.
	fn parties_know_their_demands() -> Result<(), TryRuntimeError> {
		let mut expected = BTreeSet::new();
		for (job, id, demand) in Demands::<T>::iter() {
			expected.extend(demand.parties().map(|party| (party.clone(), id, job)));
		}
		let found: BTreeSet<_> = Parties::<T>::iter().collect();
		ensure!(found == expected, "V-3: the index of parties differs");
		Ok(())
	}
}

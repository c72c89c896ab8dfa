//! What is always true, numbered as in `docs/protocol.md`.

use crate::{Config, HoldReason, Holdings, Pallet, Streams};
use alloc::{collections::BTreeMap, vec::Vec};
use assay_primitives::{accrual::Position, Balance};
use frame_support::{
	ensure,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holdings_add_up_to_the_supply()?;
		Self::pots_have_what_they_owe()?;
		Self::deposits_are_held()?;
		Self::holdings_are_of_streams()?;
		Self::holders_exist()?;
		Self::income_is_divided_exactly()
	}

	/// the shares of all holders of a stream are its supply.
	fn holdings_add_up_to_the_supply() -> Result<(), TryRuntimeError> {
		for (subject, stream) in Streams::<T>::iter() {
			let holdings = Holdings::<T>::iter_prefix_values(subject);
			let sum = holdings.map(|position| position.weight).try_fold(0, Balance::checked_add);
			ensure!(sum == Some(stream.supply), "R-1: holdings differ from the supply");
		}
		Ok(())
	}

	/// a pot has at least its base, what all holders can claim, and what is retained; and
	/// nothing is retained without shares.
	fn pots_have_what_they_owe() -> Result<(), TryRuntimeError> {
		for (subject, stored) in Streams::<T>::iter() {
			let mut stream = Self::synced(subject).map_err(|_| "R-2: a stream that is none")?;
			let holders = Holdings::<T>::iter_key_prefix(subject);
			let claimable = holders
				.map(|who| Self::settled(&mut stream, subject, &who).owed)
				.try_fold(stored.base, Balance::checked_add);
			let owed = claimable.and_then(|owed| owed.checked_add(stream.pool));
			let owed = owed.ok_or("R-2: more is owed than can be counted")?;
			let balance = T::Currency::balance(&Self::pot(subject));
			ensure!(balance >= owed, "R-2: a pot owes more than it has");
			ensure!(stored.supply > 0 || stored.pool == 0, "R-2: a pool without shares");
		}
		Ok(())
	}

	/// what is held of each account equals the deposits of the streams that it has tokenised.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for stream in Streams::<T>::iter_values() {
			let sum = deposits.entry(stream.depositor).or_default();
			*sum = sum.saturating_add(stream.deposit);
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &account);
			let deposit = deposits.remove(&account).unwrap_or_default();
			ensure!(held == deposit, "R-3: the hold differs from the deposits");
		}
		ensure!(deposits.into_values().all(|sum| sum == 0), "R-3: a depositor without an account");
		Ok(())
	}

	/// nobody has anything of a stream that does not exist; holdings are counted, and none is
	/// empty or the pot's.
	fn holdings_are_of_streams() -> Result<(), TryRuntimeError> {
		for (subject, who, position) in Holdings::<T>::iter() {
			ensure!(Streams::<T>::contains_key(subject), "R-4: a holding of no stream");
			ensure!(!position.is_empty(), "R-4: an empty holding");
			ensure!(who != Self::pot(subject), "R-4: the pot holds shares of itself");
		}
		for (subject, stream) in Streams::<T>::iter() {
			let holders = Holdings::<T>::iter_key_prefix(subject).count();
			ensure!(u32::try_from(holders) == Ok(stream.holders), "R-4: holders are miscounted");
		}
		Ok(())
	}

	/// an account refers to each of its holdings, so that it cannot be removed before them.
	fn holders_exist() -> Result<(), TryRuntimeError> {
		let mut holdings = BTreeMap::<T::AccountId, u32>::new();
		for (_, who) in Holdings::<T>::iter_keys() {
			let count = holdings.entry(who).or_default();
			*count = count.saturating_add(1);
		}
		for (who, count) in holdings {
			let account = frame_system::Account::<T>::get(&who);
			ensure!(
				account.consumers >= count,
				"R-5: a holding that its account does not refer to"
			);
			ensure!(account.providers > 0, "R-5: a holder that does not exist");
		}
		Ok(())
	}

	/// what is accounted for is what is owed and what was left over, to the last fraction.
	fn income_is_divided_exactly() -> Result<(), TryRuntimeError> {
		for (subject, stream) in Streams::<T>::iter() {
			let positions: Vec<Position> = Holdings::<T>::iter_prefix_values(subject).collect();
			ensure!(stream.income.is_exact(positions), "R-6: income was lost, or made");
		}
		Ok(())
	}
}

//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	types::{Due, Offering, Stage, Ticket},
	Config, HoldReason, NextOffering, Offerings, Pallet, Tickets,
};
use alloc::{collections::BTreeMap, vec::Vec};
use assay_primitives::{Balance, OfferingId};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, InspectHold},
		fungibles::Inspect as _,
	},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::money_is_held()?;
		Self::shares_are_there()?;
		Self::deposits_are_held()?;
		Self::allotments_are_what_was_sold()?;
		Self::tickets_lie_one_behind_another()
	}

	/// O-1: what is held in the account of an offering is what it owes its tickets and its issuer,
	/// and its base is there.
	fn money_is_held() -> Result<(), TryRuntimeError> {
		for (id, record) in Offerings::<T>::iter() {
			let owed = Self::sum(id, &record, |ticket, due| match &record.stage {
				Stage::Open => ticket.shares.checked_mul(record.spec.price),
				_ => due.money.checked_sub(ticket.repaid),
			})?;
			let owed = owed.checked_add(record.waiting()).ok_or("O-1: money overflows")?;
			let account = Self::account(id, &record.issuer);
			let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &account);
			ensure!(held == owed, "O-1: a hold differs from what is owed");
			let base = T::Currency::balance(&account);
			ensure!(base >= T::Currency::minimum_balance(), "O-1: a base that is gone");
		}
		Ok(())
	}

	/// O-2: the shares in the account of an offering are at least those that it owes its tickets and
	/// its issuer. Somebody may have sent it more.
	fn shares_are_there() -> Result<(), TryRuntimeError> {
		for (id, record) in Offerings::<T>::iter() {
			let owed = match &record.stage {
				Stage::Open => record.spec.shares,
				_ => Self::sum(id, &record, |ticket, _| {
					let given = ticket.taken.checked_add(ticket.returned)?;
					record.allotment(ticket)?.checked_sub(given)
				})?
				.checked_add(record.unsold)
				.ok_or("O-2: shares overflow")?,
			};
			let account = Self::account(id, &record.issuer);
			let shares = T::Shares::balance(record.spec.subject, &account);
			ensure!(shares >= owed, "O-2: fewer shares than are owed");
		}
		Ok(())
	}

	/// O-3: what is held of each account for deposits equals those of its offerings and its tickets.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let offerings = Offerings::<T>::iter_values();
		let mut deposits: Vec<_> =
			offerings.map(|record| (record.issuer, record.deposit)).collect();
		deposits.extend(Tickets::<T>::iter_values().map(|ticket| (ticket.who, ticket.deposit)));
		let mut sums = BTreeMap::<T::AccountId, Balance>::new();
		for (account, deposit) in deposits {
			let sum = sums.entry(account).or_default();
			*sum = sum.saturating_add(deposit);
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &account);
			let deposit = sums.remove(&account).unwrap_or_default();
			ensure!(held == deposit, "O-3: a hold differs from the deposits");
		}
		ensure!(sums.into_values().all(|sum| sum == 0), "O-3: a deposit of no account");
		Ok(())
	}

	/// O-4: what was allotted to all tickets is what was sold, and not more than was offered; the
	/// votes are of those who have voted; and not more was released than was raised.
	fn allotments_are_what_was_sold() -> Result<(), TryRuntimeError> {
		for (id, record) in Offerings::<T>::iter() {
			let Stage::Sold(sale) = &record.stage else { continue };
			let allotted = Self::sum(id, &record, |ticket, _| record.allotment(ticket))?;
			ensure!(allotted.checked_add(sale.done) == Some(sale.sold), "O-4: not what was sold");
			ensure!(sale.sold <= record.spec.shares, "O-4: more sold than offered");
			ensure!(sale.released <= sale.raised, "O-4: more released than raised");
			let voted = Self::sum(id, &record, |ticket, _| {
				if ticket.voted {
					record.allotment(ticket)
				} else {
					Some(0)
				}
			})?;
			ensure!(voted <= sale.votes && sale.votes <= sale.sold, "O-4: other votes");
		}
		Ok(())
	}

	/// O-5: the tickets of an offering are counted, lie one behind another on the line of what is
	/// wanted, and were given no more than they are owed; there are none of other offerings.
	fn tickets_lie_one_behind_another() -> Result<(), TryRuntimeError> {
		for (id, record) in Offerings::<T>::iter() {
			ensure!(id < NextOffering::<T>::get(), "O-5: a number that was not given");
			let mut tickets: Vec<_> = Tickets::<T>::iter_prefix(id).collect();
			tickets.sort_by_key(|(number, _)| *number);
			ensure!(u32::try_from(tickets.len()) == Ok(record.left), "O-5: miscounted");
			let mut end = 0;
			for (number, ticket) in tickets {
				ensure!(number < record.tickets && ticket.start >= end, "O-5: tickets overlap");
				end = ticket.start.checked_add(ticket.shares).ok_or("O-5: demand overflows")?;
			}
			ensure!(end <= record.demand, "O-5: a ticket beyond what is wanted");
		}
		for id in Tickets::<T>::iter_keys().map(|(id, _)| id) {
			ensure!(Offerings::<T>::contains_key(id), "O-5: a ticket of no offering");
		}
		Ok(())
	}

	/// The sum of something over the tickets of an offering.
	fn sum(
		id: OfferingId,
		record: &Offering<T::AccountId>,
		value: impl Fn(&Ticket<T::AccountId>, Due) -> Option<Balance>,
	) -> Result<Balance, TryRuntimeError> {
		Tickets::<T>::iter_prefix_values(id)
			.try_fold(0, |sum: Balance, ticket| {
				let due = record.due(&ticket, Self::now()).unwrap_or_default();
				sum.checked_add(value(&ticket, due)?)
			})
			.ok_or("O: a ticket was given more than it is owed".into())
	}
}

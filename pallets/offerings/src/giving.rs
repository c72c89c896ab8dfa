//! Out of the account of an offering: what is paid, given and given back.

use crate::{
	types::{Due, Offering, Ticket},
	Config, Error, Event, HoldReason, Pallet,
};
use assay_primitives::{revenue::IncomeClaim, Balance, OfferingId};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		fungibles::{Inspect as _, Mutate as _},
		tokens::{Fortitude, Precision, Preservation, Restriction},
	},
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Give a ticket what it is owed beyond what it was given. Each of money and shares is given or
	/// not, whatever becomes of the other, and stays owed if its owner cannot take it.
	pub(crate) fn give(
		id: OfferingId,
		record: &mut Offering<T::AccountId>,
		ticket: &mut Ticket<T::AccountId>,
		due: Due,
	) {
		// What is due only grows, but for an abort, which takes nothing that was given.
		let money = due.money.saturating_sub(ticket.repaid);
		if Self::pay(id, record, &ticket.who, money).is_ok() {
			ticket.repaid = due.money;
		}
		let shares = due.shares.saturating_sub(ticket.taken);
		if Self::hand_over(id, record, &ticket.who, shares).is_ok() {
			ticket.taken = due.shares;
		}
		let returned = due.returned.saturating_sub(ticket.returned);
		if returned > 0 {
			ticket.returned = due.returned;
			// They are a part of what was offered.
			record.unsold = record.unsold.saturating_add(returned);
		}
		Self::give_back(id, record);
	}

	/// Give the issuer the shares back that are its own again, and tell how many. If it cannot take
	/// them, they wait.
	pub(crate) fn give_back(id: OfferingId, record: &mut Offering<T::AccountId>) -> Balance {
		let shares = record.unsold;
		if shares == 0 || Self::hand_over(id, record, &record.issuer, shares).is_err() {
			return 0;
		}
		record.unsold = 0;
		Self::deposit_event(Event::Returned { offering: id, shares });
		shares
	}

	/// Pay out of what is held in the account of an offering.
	pub(crate) fn pay(
		id: OfferingId,
		record: &Offering<T::AccountId>,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let account = Self::account(id, &record.issuer);
		with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::Escrow.into(),
				&account,
				to,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Polite,
			)
		})
		.map_err(|_| Error::<T>::CannotReceive)?;
		Ok(())
	}

	/// Give shares out of the account of an offering.
	fn hand_over(
		id: OfferingId,
		record: &Offering<T::AccountId>,
		to: &T::AccountId,
		shares: Balance,
	) -> DispatchResult {
		if shares == 0 {
			return Ok(());
		}
		let (subject, account) = (record.spec.subject, Self::account(id, &record.issuer));
		with_storage_layer(|| {
			T::Shares::transfer(subject, &account, to, shares, Preservation::Expendable)
		})
		.map_err(|_| Error::<T>::CannotReceive)?;
		Ok(())
	}

	/// Have the issuer paid what the shares in the account have earned, and tell how much that was.
	/// It never passes through the account.
	pub(crate) fn claim(
		id: OfferingId,
		record: &Offering<T::AccountId>,
	) -> Result<Balance, DispatchError> {
		let (subject, account) = (record.spec.subject, Self::account(id, &record.issuer));
		// All shares may be gone, and the stream with them.
		if !T::Shares::asset_exists(subject) {
			return Ok(0);
		}
		T::Income::claim(subject, &account, &record.issuer)
	}

	/// Give the issuer all that the account of an offering still has.
	pub(crate) fn empty(id: OfferingId, record: &Offering<T::AccountId>) -> DispatchResult {
		let (subject, account) = (record.spec.subject, Self::account(id, &record.issuer));
		Self::hand_over(id, record, &record.issuer, T::Shares::balance(subject, &account))?;
		Self::claim(id, record)?;
		let all = Preservation::Expendable;
		// What somebody sent to it may keep the account alive, and then its base stays.
		let rest = T::Currency::reducible_balance(&account, all, Fortitude::Polite);
		T::Currency::transfer(&account, &record.issuer, rest, all)
			.map_err(|_| Error::<T>::CannotReceive)?;
		Ok(())
	}

	/// Release a deposit.
	pub(crate) fn let_go(who: &T::AccountId, deposit: Balance) {
		let reason = HoldReason::Deposit.into();
		// What is released was held for this: O-3.
		if T::Currency::release(&reason, who, deposit, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}
}

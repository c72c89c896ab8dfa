//! The bodies of the calls: read and check everything, then write, then deposit one event.

use crate::{
	types::{Fault, Offering, Stage, Ticket},
	Config, Error, Event, HoldReason, NextOffering, Offerings, Pallet, Tickets,
};
use assay_primitives::{
	offering::{AbortReason, OfferingSpec, OfferingSpecError},
	revenue::UsageInspect,
	Balance, BlockNumber, OfferingId,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		fungibles::Mutate as _,
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchResult, SaturatedConversion};

impl<T: Config> From<OfferingSpecError> for Error<T> {
	fn from(error: OfferingSpecError) -> Self {
		match error {
			OfferingSpecError::Shares | OfferingSpecError::Price => Error::NothingOffered,
			OfferingSpecError::Overflow => Error::Overflow,
			OfferingSpecError::Target => Error::InvalidTarget,
			OfferingSpecError::Parts => Error::InvalidParts,
			OfferingSpecError::Milestones => Error::InvalidMilestones,
		}
	}
}

impl<T: Config> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::DeadlinePassed => Error::DeadlinePassed,
			Fault::DeadlineAhead => Error::DeadlineAhead,
			Fault::AlreadyClosed => Error::AlreadyClosed,
			Fault::NotClosed => Error::NotClosed,
			Fault::NotRunning => Error::NotRunning,
			Fault::NothingToRelease => Error::NothingToRelease,
			Fault::NotFailed => Error::NotFailed,
			Fault::AlreadyVoted => Error::AlreadyVoted,
			Fault::Overflow => Error::Overflow,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(issuer: T::AccountId, spec: OfferingSpec) -> DispatchResult {
		spec.validate().map_err(Error::<T>::from)?;
		let ahead = spec.deadline.saturating_sub(Self::now());
		ensure!((1..=T::MaxDuration::get()).contains(&ahead), Error::<T>::InvalidDeadline);
		let milestones = spec.horizon().saturating_sub(spec.deadline);
		ensure!(spec.vesting.max(milestones) <= T::MaxVesting::get(), Error::<T>::InvalidVesting);
		let id = NextOffering::<T>::get();
		let next = id.0.checked_add(1).map(OfferingId).ok_or(Error::<T>::Overflow)?;
		let (account, deposit) = (Self::account(id, &issuer), T::Deposit::get());
		let (subject, shares) = (spec.subject, spec.shares);

		let base = T::Currency::minimum_balance();
		T::Currency::transfer(&issuer, &account, base, Preservation::Preserve)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Self::hold(&issuer, deposit)?;
		T::Shares::transfer(subject, &issuer, &account, shares, Preservation::Expendable)
			.map_err(|_| Error::<T>::NotEnoughShares)?;
		NextOffering::<T>::put(next);
		Offerings::<T>::insert(id, Offering::new(issuer.clone(), spec, deposit));
		Self::deposit_event(Event::Opened { offering: id, issuer, subject, shares });
		Ok(())
	}

	pub(crate) fn do_subscribe(
		who: T::AccountId,
		id: OfferingId,
		shares: Balance,
	) -> DispatchResult {
		let mut record = Self::record(id)?;
		let (number, deposit) = (record.tickets, T::TicketDeposit::get());
		let (ticket, cost) = record
			.subscribe(who.clone(), shares, deposit, Self::now())
			.map_err(Error::<T>::from)?;
		ensure!(cost >= T::MinSubscription::get().max(1), Error::<T>::SubscriptionTooSmall);

		Self::hold(&who, deposit)?;
		T::Currency::transfer_and_hold(
			&HoldReason::Escrow.into(),
			&who,
			&Self::account(id, &record.issuer),
			cost,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.map_err(|_| Error::<T>::InsufficientFunds)?;
		Tickets::<T>::insert(id, number, ticket);
		Offerings::<T>::insert(id, record);
		Self::deposit_event(Event::Subscribed { offering: id, ticket: number, who, shares });
		Ok(())
	}

	pub(crate) fn do_close(id: OfferingId) -> DispatchResult {
		let mut record = Self::record(id)?;
		let used = T::Usage::used(record.spec.subject);
		let released = record.close(used, Self::now()).map_err(Error::<T>::from)?;
		let sold = match &record.stage {
			Stage::Sold(sale) => sale.sold,
			_ => 0,
		};

		Self::pay(id, &record, &record.issuer, released)?;
		Self::deposit_event(Event::Closed { offering: id, sold, released });
		Self::give_back(id, &mut record);
		Offerings::<T>::insert(id, record);
		Ok(())
	}

	pub(crate) fn do_collect(id: OfferingId, number: u32) -> DispatchResult {
		let mut record = Self::record(id)?;
		let mut ticket = Self::ticket_of(id, number)?;
		let due = record.due(&ticket, Self::now()).map_err(Error::<T>::from)?;
		ensure!(due.is_all || !ticket.has(due), Error::<T>::NothingToCollect);

		let before = ticket.clone();
		Self::give(id, &mut record, &mut ticket, due);
		let is_over = due.is_all && ticket.has(due);
		ensure!(is_over || ticket != before, Error::<T>::CannotReceive);
		// Both only grow.
		let money = ticket.repaid.saturating_sub(before.repaid);
		let shares = ticket.taken.saturating_sub(before.taken);
		let who = ticket.who.clone();
		if is_over {
			record.finish(&ticket);
			Self::let_go(&who, ticket.deposit);
			Tickets::<T>::remove(id, number);
		} else {
			Tickets::<T>::insert(id, number, ticket);
		}
		Offerings::<T>::insert(id, record);
		Self::deposit_event(Event::Collected { offering: id, ticket: number, who, money, shares });
		Ok(())
	}

	pub(crate) fn do_release(id: OfferingId) -> DispatchResult {
		let mut record = Self::record(id)?;
		let used = T::Usage::used(record.spec.subject);
		let amount = record.release(used, Self::now()).map_err(Error::<T>::from)?;
		let reached = record.reached();

		Self::pay(id, &record, &record.issuer, amount)?;
		Offerings::<T>::insert(id, record);
		Self::deposit_event(Event::Released { offering: id, reached, amount });
		Ok(())
	}

	/// Release what milestones have earned that were reached, if the issuer can be paid.
	fn release_reached(id: OfferingId, record: &mut Offering<T::AccountId>) {
		let mut released = record.clone();
		let used = T::Usage::used(record.spec.subject);
		let Ok(amount) = released.release(used, Self::now()) else { return };
		if Self::pay(id, record, &record.issuer, amount).is_ok() {
			let reached = released.reached();
			*record = released;
			Self::deposit_event(Event::Released { offering: id, reached, amount });
		}
	}

	pub(crate) fn do_fail(id: OfferingId) -> DispatchResult {
		let mut record = Self::record(id)?;
		record.fail(Self::now()).map_err(Error::<T>::from)?;

		Offerings::<T>::insert(id, record);
		let reason = AbortReason::MilestoneMissed;
		Self::deposit_event(Event::Aborted { offering: id, reason });
		Ok(())
	}

	pub(crate) fn do_vote_abort(who: T::AccountId, id: OfferingId, number: u32) -> DispatchResult {
		let mut record = Self::record(id)?;
		let mut ticket = Self::ticket_of(id, number)?;
		ensure!(ticket.who == who, Error::<T>::NotTicketOwner);
		Self::release_reached(id, &mut record);
		let (weight, decides) = record.vote(&mut ticket, Self::now()).map_err(Error::<T>::from)?;

		Tickets::<T>::insert(id, number, ticket);
		Offerings::<T>::insert(id, record);
		Self::deposit_event(Event::Voted { offering: id, ticket: number, weight });
		if decides {
			Self::deposit_event(Event::Aborted { offering: id, reason: AbortReason::Voted });
		}
		Ok(())
	}

	pub(crate) fn do_forward(id: OfferingId) -> DispatchResult {
		let mut record = Self::record(id)?;
		let given = Self::give_back(id, &mut record);
		let amount = Self::claim(id, &record)?;
		ensure!(given > 0 || amount > 0, Error::<T>::NothingToForward);

		Offerings::<T>::insert(id, record);
		if amount > 0 {
			Self::deposit_event(Event::Forwarded { offering: id, amount });
		}
		Ok(())
	}

	pub(crate) fn do_remove(id: OfferingId) -> DispatchResult {
		let record = Self::record(id)?;
		ensure!(record.stage != Stage::Open, Error::<T>::NotClosed);
		ensure!(record.left == 0, Error::<T>::TicketsLeft);

		Self::empty(id, &record)?;
		Self::let_go(&record.issuer, record.deposit);
		Offerings::<T>::remove(id);
		Self::deposit_event(Event::Removed { offering: id });
		Ok(())
	}

	/// The account that keeps shares and money of an offering. It depends on the issuer, so that
	/// nobody can prepare it for all who may come next.
	pub fn account(id: OfferingId, issuer: &T::AccountId) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating((id, issuer))
	}

	pub(crate) fn record(id: OfferingId) -> Result<Offering<T::AccountId>, Error<T>> {
		Offerings::<T>::get(id).ok_or(Error::UnknownOffering)
	}

	fn ticket_of(id: OfferingId, number: u32) -> Result<Ticket<T::AccountId>, Error<T>> {
		Tickets::<T>::get(id, number).ok_or(Error::UnknownTicket)
	}

	fn hold(who: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		T::Currency::hold(&HoldReason::Deposit.into(), who, amount)
			.map_err(|_| Error::InsufficientFunds)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

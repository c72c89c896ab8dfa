//! The bodies of the calls: read and check everything, then write, then deposit one event.

use crate::{types::Stream, Config, Error, Event, HoldReason, Holdings, Pallet, Streams};
use assay_primitives::{
	accrual::Position,
	revenue::{ShareSpec, ShareSpecError, Subject, SubjectInspect},
	Balance,
};
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

impl<T: Config> From<ShareSpecError> for Error<T> {
	fn from(error: ShareSpecError) -> Self {
		match error {
			ShareSpecError::Supply => Error::NoShares,
			ShareSpecError::Name => Error::InvalidName,
			ShareSpecError::Symbol => Error::InvalidSymbol,
			ShareSpecError::Decimals => Error::InvalidDecimals,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_tokenize(
		who: T::AccountId,
		subject: Subject,
		spec: ShareSpec,
	) -> DispatchResult {
		spec.validate().map_err(Error::<T>::from)?;
		ensure!(Self::owner(subject)? == who, Error::<T>::NotOwner);
		let former = Streams::<T>::get(subject);
		ensure!(former.as_ref().is_none_or(|former| former.supply == 0), Error::<T>::SharesExist);
		ensure!(Self::can_hold(subject, &who), Error::<T>::CannotHold);
		let (deposit, supply) = (T::Deposit::get(), spec.supply);

		let mut stream = match former {
			Some(former) => {
				Self::relieve(&former, &who)?;
				former.renew(who.clone(), deposit, spec)
			},
			None => {
				let base = T::Currency::minimum_balance();
				Self::give_base(&who, &Self::pot(subject), base)?;
				Stream::new(who.clone(), (deposit, base), spec)
			},
		};
		T::Currency::hold(&HoldReason::Deposit.into(), &who, deposit)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		let mut position = Self::settled(&mut stream, subject, &who);
		position.weight = supply;
		stream.set_supply(supply);
		Self::keep(&mut stream, subject, &who, position);
		Streams::<T>::insert(subject, stream);
		Self::deposit_event(Event::Tokenized { subject, owner: who, supply });
		Ok(())
	}

	/// Take the deposit and the base of a stream over from who has paid them.
	fn relieve(former: &Stream<T::AccountId>, who: &T::AccountId) -> DispatchResult {
		Self::release(former);
		Self::give_base(who, &former.depositor, former.base)
	}

	fn give_base(from: &T::AccountId, to: &T::AccountId, base: Balance) -> DispatchResult {
		T::Currency::transfer(from, to, base, Preservation::Preserve)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Ok(())
	}

	fn release(stream: &Stream<T::AccountId>) {
		let Stream { depositor, deposit, .. } = stream;
		let reason = HoldReason::Deposit.into();
		// What is released was held for this stream: R-3.
		if T::Currency::release(&reason, depositor, *deposit, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}

	pub(crate) fn do_transfer(
		subject: Subject,
		from: &T::AccountId,
		to: &T::AccountId,
		shares: Balance,
	) -> DispatchResult {
		ensure!(shares > 0, Error::<T>::NoShares);
		let mut stream = Self::synced(subject)?;
		let mut giver = Self::settled(&mut stream, subject, from);
		let left = giver.weight.checked_sub(shares).ok_or(Error::<T>::NotEnoughShares)?;
		// Who gives them to itself has them as before, and is settled once.
		if from != to {
			ensure!(Self::can_hold(subject, to), Error::<T>::CannotHold);
			let mut taker = Self::settled(&mut stream, subject, to);
			taker.weight = taker.weight.checked_add(shares).ok_or(Error::<T>::Overflow)?;
			giver.weight = left;
			Self::keep(&mut stream, subject, to, taker);
		}

		Self::keep(&mut stream, subject, from, giver);
		Streams::<T>::insert(subject, stream);
		let (from, to) = (from.clone(), to.clone());
		Self::deposit_event(Event::Transferred { subject, from, to, shares });
		Ok(())
	}

	pub(crate) fn do_claim(who: T::AccountId, subject: Subject) -> DispatchResult {
		let claimed = Self::pay_claim(subject, &who, &who)?;
		ensure!(claimed > 0, Error::<T>::NothingToClaim);
		Ok(())
	}

	/// Pay what the shares of a holder have earned. Nothing is written if that is nothing.
	pub(crate) fn pay_claim(
		subject: Subject,
		holder: &T::AccountId,
		to: &T::AccountId,
	) -> Result<Balance, Error<T>> {
		let mut stream = Self::synced(subject)?;
		let mut position = Self::settled(&mut stream, subject, holder);
		let amount = stream.income.pay(&mut position);
		if amount == 0 {
			return Ok(0);
		}

		Self::pay(subject, to, amount)?;
		Self::keep(&mut stream, subject, holder, position);
		Streams::<T>::insert(subject, stream);
		let (holder, to) = (holder.clone(), to.clone());
		Self::deposit_event(Event::Claimed { subject, holder, to, amount });
		Ok(amount)
	}

	pub(crate) fn do_redeem(
		who: T::AccountId,
		subject: Subject,
		shares: Balance,
	) -> DispatchResult {
		ensure!(shares > 0, Error::<T>::NoShares);
		let mut stream = Self::synced(subject)?;
		let mut position = Self::settled(&mut stream, subject, &who);
		let left = position.weight.checked_sub(shares).ok_or(Error::<T>::NotEnoughShares)?;
		position.weight = left;
		let claimed = stream.income.pay(&mut position);
		let amount = stream.redeem(shares);

		// Both are parts of what the pot has.
		Self::pay(subject, &who, claimed.saturating_add(amount))?;
		Self::keep(&mut stream, subject, &who, position);
		Streams::<T>::insert(subject, stream);
		Self::deposit_event(Event::Redeemed { subject, holder: who, shares, amount, claimed });
		Ok(())
	}

	pub(crate) fn do_collect(subject: Subject) -> DispatchResult {
		let owner = Self::owner(subject);
		let Some(stream) = Streams::<T>::get(subject) else {
			return Self::collect_all(subject, owner?);
		};
		ensure!(stream.supply == 0, Error::<T>::SharesExist);
		let balance = T::Currency::balance(&Self::pot(subject));
		let (amount, ends) = (stream.fresh(balance), stream.holders == 0);
		ensure!(amount > 0 || ends, Error::<T>::NothingToCollect);

		if amount > 0 {
			let owner = owner?;
			Self::pay(subject, &owner, amount)?;
			Self::deposit_event(Event::Collected { subject, owner, amount });
		}
		if ends {
			Self::close(subject, stream)?;
		}
		Ok(())
	}

	/// Pay all that a pot without a stream has.
	fn collect_all(subject: Subject, owner: T::AccountId) -> DispatchResult {
		let amount = Self::drain(subject, &owner, Balance::MAX)?;
		ensure!(amount > 0, Error::<T>::NothingToCollect);
		Self::deposit_event(Event::Collected { subject, owner, amount });
		Ok(())
	}

	/// Take so much out of a pot, or as much as there is, and tell how much. What somebody sent to the
	/// pot, such as shares in another subject, may keep it alive, and then its base stays.
	fn drain(subject: Subject, to: &T::AccountId, most: Balance) -> Result<Balance, DispatchError> {
		let (pot, all) = (Self::pot(subject), Preservation::Expendable);
		let amount = T::Currency::reducible_balance(&pot, all, Fortitude::Polite).min(most);
		T::Currency::transfer(&pot, to, amount, all).map_err(|_| Error::<T>::CannotReceive)?;
		Ok(amount)
	}

	/// Remove a stream that has neither shares nor anything to claim, and whose pot has nothing but
	/// its base.
	fn close(subject: Subject, stream: Stream<T::AccountId>) -> DispatchResult {
		Self::release(&stream);
		Self::drain(subject, &stream.depositor, stream.base)?;
		Streams::<T>::remove(subject);
		Self::deposit_event(Event::Closed { subject });
		Ok(())
	}

	/// The account that is paid the income of a subject while there are shares.
	pub fn pot(subject: Subject) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(subject)
	}

	fn owner(subject: Subject) -> Result<T::AccountId, Error<T>> {
		T::Subjects::owner(subject).ok_or(Error::UnknownSubject)
	}

	/// The stream, with all that has come in divided.
	pub(crate) fn synced(subject: Subject) -> Result<Stream<T::AccountId>, Error<T>> {
		let mut stream = Streams::<T>::get(subject).ok_or(Error::UnknownStream)?;
		stream.sync(T::Currency::balance(&Self::pot(subject)));
		Ok(stream)
	}

	/// What an account has, with all that it has earned by now credited. Nothing is written.
	pub(crate) fn settled(
		stream: &mut Stream<T::AccountId>,
		subject: Subject,
		who: &T::AccountId,
	) -> Position {
		let mut position = Holdings::<T>::get(subject, who).unwrap_or_default();
		stream.income.settle(&mut position);
		position
	}

	/// Whether an account has, or may have, a holding.
	pub(crate) fn can_hold(subject: Subject, who: &T::AccountId) -> bool {
		// Shares that the pot had would earn for nobody.
		*who != Self::pot(subject)
			&& (Holdings::<T>::contains_key(subject, who)
				// One is left to what else the account does.
				|| frame_system::Pallet::<T>::can_accrue_consumers(who, 2))
	}

	/// Write what an account has. This is the one place where holdings change: their positions come
	/// from [`Pallet::settled`], so that nothing is earned for shares that were not there.
	pub(crate) fn keep(
		stream: &mut Stream<T::AccountId>,
		subject: Subject,
		who: &T::AccountId,
		position: Position,
	) {
		let had = Holdings::<T>::contains_key(subject, who);
		// Neither bound is reached: each holding is of an account that exists, and counted.
		match (had, position.is_empty()) {
			(false, false) => {
				stream.holders = stream.holders.saturating_add(1);
				if frame_system::Pallet::<T>::inc_consumers(who).is_err() {
					defensive!("an account that was found able to hold is not");
				}
			},
			(true, true) => {
				stream.holders = stream.holders.saturating_sub(1);
				frame_system::Pallet::<T>::dec_consumers(who);
			},
			_ => {},
		}
		Holdings::<T>::set(subject, who, (!position.is_empty()).then_some(position));
	}

	/// Pay out of a pot, which keeps its base.
	fn pay(subject: Subject, to: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::transfer(&Self::pot(subject), to, amount, Preservation::Preserve)
			.map(|_| ())
			.map_err(|_| Error::CannotReceive)
	}
}

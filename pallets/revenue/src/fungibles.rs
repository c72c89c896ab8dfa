//! Shares as other pallets see them: the `fungibles` traits, with the subject as the identifier. Each
//! mutation settles the holding that it is of.

use crate::{Config, Error, Event, Holdings, Pallet, Streams};
use alloc::vec::Vec;
use assay_primitives::{
	revenue::{IncomeClaim, IncomeInspect, Subject},
	Balance,
};
use frame_support::{
	ensure,
	traits::{
		fungibles::{metadata, Dust, Inspect, Mutate, Unbalanced},
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence},
	},
};
use sp_runtime::DispatchError;

impl<T: Config> Inspect<T::AccountId> for Pallet<T> {
	type AssetId = Subject;
	type Balance = Balance;

	fn total_issuance(subject: Subject) -> Balance {
		Streams::<T>::get(subject).map_or(0, |stream| stream.supply)
	}

	fn minimum_balance(_: Subject) -> Balance {
		1
	}

	fn total_balance(subject: Subject, who: &T::AccountId) -> Balance {
		Self::balance(subject, who)
	}

	fn balance(subject: Subject, who: &T::AccountId) -> Balance {
		Holdings::<T>::get(subject, who).map_or(0, |position| position.weight)
	}

	fn reducible_balance(
		subject: Subject,
		who: &T::AccountId,
		preservation: Preservation,
		_: Fortitude,
	) -> Balance {
		let shares = Self::balance(subject, who);
		match preservation {
			Preservation::Expendable => shares,
			// One share stays, if there is one.
			Preservation::Protect | Preservation::Preserve => shares.saturating_sub(1),
		}
	}

	fn can_deposit(
		subject: Subject,
		who: &T::AccountId,
		shares: Balance,
		provenance: Provenance,
	) -> DepositConsequence {
		let Some(stream) = Streams::<T>::get(subject) else {
			return DepositConsequence::UnknownAsset;
		};
		let minted = provenance == Provenance::Minted;
		if shares == 0 {
			DepositConsequence::Success
		} else if minted && stream.supply.checked_add(shares).is_none()
			|| Self::balance(subject, who).checked_add(shares).is_none()
		{
			DepositConsequence::Overflow
		} else if Self::can_hold(subject, who) {
			DepositConsequence::Success
		} else {
			DepositConsequence::CannotCreate
		}
	}

	fn can_withdraw(
		subject: Subject,
		who: &T::AccountId,
		shares: Balance,
	) -> WithdrawConsequence<Balance> {
		if !Self::asset_exists(subject) {
			return WithdrawConsequence::UnknownAsset;
		}
		match Self::balance(subject, who).checked_sub(shares) {
			None => WithdrawConsequence::BalanceLow,
			Some(0) if shares > 0 => WithdrawConsequence::ReducedToZero(0),
			Some(_) => WithdrawConsequence::Success,
		}
	}

	fn asset_exists(subject: Subject) -> bool {
		Streams::<T>::contains_key(subject)
	}
}

impl<T: Config> metadata::Inspect<T::AccountId> for Pallet<T> {
	fn name(subject: Subject) -> Vec<u8> {
		Streams::<T>::get(subject).map(|stream| stream.name.into_inner()).unwrap_or_default()
	}

	fn symbol(subject: Subject) -> Vec<u8> {
		Streams::<T>::get(subject).map(|stream| stream.symbol.into_inner()).unwrap_or_default()
	}

	fn decimals(subject: Subject) -> u8 {
		Streams::<T>::get(subject).map_or(0, |stream| stream.decimals)
	}
}

impl<T: Config> Unbalanced<T::AccountId> for Pallet<T> {
	fn handle_dust(_: Dust<T::AccountId, Self>) {
		// A single share is not too little to keep, so there is none.
	}

	fn write_balance(
		subject: Subject,
		who: &T::AccountId,
		shares: Balance,
	) -> Result<Option<Balance>, DispatchError> {
		let mut stream = Self::synced(subject)?;
		ensure!(shares == 0 || Self::can_hold(subject, who), Error::<T>::CannotHold);
		let mut position = Self::settled(&mut stream, subject, who);
		position.weight = shares;
		Self::keep(&mut stream, subject, who, position);
		Streams::<T>::insert(subject, stream);
		Ok(None)
	}

	/// Nothing is divided here: holdings add up to the supply only before and after both are written.
	fn set_total_issuance(subject: Subject, supply: Balance) {
		Streams::<T>::mutate_extant(subject, |stream| stream.set_supply(supply));
	}
}

impl<T: Config> Mutate<T::AccountId> for Pallet<T> {
	fn transfer(
		subject: Subject,
		from: &T::AccountId,
		to: &T::AccountId,
		shares: Balance,
		preservation: Preservation,
	) -> Result<Balance, DispatchError> {
		let stays = preservation != Preservation::Expendable;
		Self::can_withdraw(subject, from, shares).into_result(stays)?;
		Self::can_deposit(subject, to, shares, Provenance::Extant).into_result()?;
		if from != to && shares > 0 {
			Self::do_transfer(subject, from, to, shares)?;
		}
		Ok(shares)
	}

	fn done_mint_into(subject: Subject, who: &T::AccountId, shares: Balance) {
		Self::deposit_event(Event::Minted { subject, to: who.clone(), shares });
	}

	fn done_burn_from(subject: Subject, who: &T::AccountId, shares: Balance) {
		Self::deposit_event(Event::Burned { subject, from: who.clone(), shares });
	}
}

impl<T: Config> IncomeInspect<T::AccountId> for Pallet<T> {
	fn pot(subject: Subject) -> Option<T::AccountId> {
		let stream = Streams::<T>::get(subject)?;
		(stream.supply > 0).then(|| Pallet::<T>::pot(subject))
	}
}

impl<T: Config> IncomeClaim<T::AccountId> for Pallet<T> {
	fn claim(
		subject: Subject,
		holder: &T::AccountId,
		to: &T::AccountId,
	) -> Result<Balance, DispatchError> {
		Ok(Self::pay_claim(subject, holder, to)?)
	}
}

//! Deposits for what is stored, and payments for offers.

use crate::{Config, Error, HoldReason, Pallet};
use assay_primitives::{
	revenue::{IncomeInspect, Subject},
	rights::Currency,
	AssetId, Balance,
};
use codec::Encode;
use frame_support::{
	defensive,
	traits::{
		fungible::{Mutate, MutateHold},
		fungibles::Mutate as _,
		tokens::{Precision, Preservation},
		Get,
	},
};
use sp_runtime::{DispatchError, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// The deposit for a record.
	///
	/// Saturates: a deposit that cannot be counted cannot be paid either.
	pub(crate) fn deposit_for(record: &impl Encode) -> Balance {
		T::DepositBase::get().saturating_add(Self::deposit_for_bytes(record.encoded_size()))
	}

	/// The deposit for so many bytes of a record. Saturates as [`Self::deposit_for`].
	pub(crate) fn deposit_for_bytes(bytes: usize) -> Balance {
		T::DepositPerByte::get().saturating_mul(bytes.saturated_into())
	}

	pub(crate) fn hold(who: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
		let reason = HoldReason::Deposit.into();
		T::Currency::hold(&reason, who, amount).map_err(|_| Error::InsufficientFunds)
	}

	pub(crate) fn release(who: &T::AccountId, amount: Balance) {
		// What is released was held for a record: G-1.
		let reason = HoldReason::Deposit.into();
		if T::Currency::release(&reason, who, amount, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}

	/// Have another account hold another deposit for the same record.
	pub(crate) fn move_deposit(
		(from, before): (&T::AccountId, Balance),
		(to, after): (&T::AccountId, Balance),
	) -> Result<(), Error<T>> {
		if from != to {
			Self::hold(to, after)?;
			Self::release(from, before);
		} else if let Some(more) = after.checked_sub(before) {
			Self::hold(to, more)?;
		} else {
			Self::release(from, before.saturating_sub(after));
		}
		Ok(())
	}

	/// Pay for an asset, and tell who was paid.
	pub(crate) fn pay(
		currency: Currency,
		from: &T::AccountId,
		asset: AssetId,
		owner: T::AccountId,
		amount: Balance,
	) -> Result<T::AccountId, DispatchError> {
		let (payee, keep) = (Self::payee(currency, asset, owner), Preservation::Preserve);
		if amount > 0 {
			match currency {
				Currency::Native => T::Currency::transfer(from, &payee, amount, keep)?,
				// An account does not live by what it has of other tokens.
				Currency::Asset(token) => {
					T::Assets::transfer(token, from, &payee, amount, Preservation::Expendable)?
				},
			};
		}
		Ok(payee)
	}

	fn payee(currency: Currency, asset: AssetId, owner: T::AccountId) -> T::AccountId {
		match currency {
			Currency::Native => T::Income::payee(Subject::Asset(asset), &owner),
			Currency::Asset(_) => owner,
		}
	}
}

//! What other pallets draw on.

use crate::{AskCounts, Asks, Config, Error, Event, HoldReason, Pallet, Providers};
use alloc::vec::Vec;
use assay_primitives::{
	provider::{Candidate, Performance, Statistics},
	traits::{ProviderInspect, ProviderMarket},
	Balance, VersionId,
};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use sp_runtime::DispatchResult;

impl<T: Config> ProviderMarket<T::AccountId> for Pallet<T> {
	fn count(version: VersionId) -> u32 {
		AskCounts::<T>::get(version)
	}

	/// Reads at most `MaxProvidersPerVersion` asks, and as many records.
	fn candidates(version: VersionId) -> Vec<Candidate<T::AccountId>> {
		Asks::<T>::iter_prefix(version)
			.filter_map(|(provider, ask)| {
				let record = Providers::<T>::get(&provider)?;
				Self::is_available(&record).then(|| record.candidate(provider, ask))
			})
			.collect()
	}

	fn assign(provider: &T::AccountId, exposure: Balance) -> DispatchResult {
		let record = Providers::<T>::get(provider).ok_or(Error::<T>::UnknownProvider)?;
		let record = record.assign(exposure).ok_or(Error::<T>::InsufficientFreeStake)?;

		Providers::<T>::insert(provider, record);
		Ok(())
	}

	fn finish(provider: &T::AccountId, exposure: Balance, performance: Performance) {
		// An open job keeps its provider's record, and each finish follows one assignment.
		let finished =
			Providers::<T>::get(provider).and_then(|record| record.finish(exposure, performance));
		match finished {
			Some(record) => Self::store(provider, record),
			None => {
				defensive!("a job finished that was not assigned");
			},
		}
	}

	fn slash(provider: &T::AccountId, exposure: Balance, shares: &[(T::AccountId, Balance)]) {
		let least = Self::min_bond();
		let slashed =
			Providers::<T>::get(provider).and_then(|record| record.slash(exposure, least));
		let Some(record) = slashed else {
			defensive!("a job was refuted that was not assigned");
			return;
		};
		let (reason, mut rest) = (HoldReason::Bond.into(), exposure);
		for (payee, amount) in shares {
			// Never more than the exposure of this very job, whatever the shares say.
			let Some(left) = rest.checked_sub(*amount) else { continue };
			let paid = with_storage_layer(|| {
				T::Currency::transfer_on_hold(
					&reason,
					provider,
					payee,
					*amount,
					Precision::Exact,
					Restriction::Free,
					Fortitude::Force,
				)
			});
			// What a payee's account cannot take is burned with the rest.
			if paid.is_ok() {
				rest = left;
			}
		}
		let (precision, force) = (Precision::Exact, Fortitude::Force);
		if T::Currency::burn_held(&reason, provider, rest, precision, force).is_err() {
			defensive!("a bond is not held");
		}
		let slashed = provider.clone();
		Self::deposit_event(Event::Slashed { provider: slashed, amount: exposure, burned: rest });
		Self::store(provider, record);
	}
}

impl<T: Config> ProviderInspect<T::AccountId> for Pallet<T> {
	fn statistics(provider: &T::AccountId) -> Statistics {
		Providers::<T>::get(provider).map(|record| record.statistics).unwrap_or_default()
	}
}

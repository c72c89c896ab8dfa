//! What other pallets draw on.

use crate::{types::AskRecord, Asks, Books, Config, Error, Event, HoldReason, Pallet, Providers};
use alloc::vec::Vec;
use assay_primitives::{
	draw::sample,
	provider::{Candidate, Engagement, Performance, Statistics, MAX_CANDIDATES},
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
		Pallet::<T>::count(version)
	}

	fn candidates(version: VersionId, most: Balance, seed: u128) -> Vec<Candidate<T::AccountId>> {
		let count = Books::<T>::get(version).count(most);
		Self::able(Self::asks_at(version, sample(count, MAX_CANDIDATES, seed)))
	}

	fn cheapest(version: VersionId) -> Vec<Candidate<T::AccountId>> {
		Self::able(Self::asks_at(version, Self::cheapest_numbers(version)))
	}

	fn candidate(version: VersionId, provider: &T::AccountId) -> Option<Candidate<T::AccountId>> {
		let asked = Asks::<T>::get(version, provider)?;
		let record = Providers::<T>::get(provider)?;
		let candidate = record.candidate(provider.clone(), asked.ask.price);
		Self::is_able(&asked, &record).then_some(candidate)
	}

	fn assign(provider: &T::AccountId, engagement: Engagement) -> DispatchResult {
		let Engagement { version, exposure, .. } = engagement;
		let asked = Asks::<T>::get(version, provider).ok_or(Error::<T>::UnknownAsk)?;
		let open = asked.open.checked_add(1).ok_or(Error::<T>::UnknownAsk)?;
		let record = Self::record(provider)?;
		let record = record.assign(exposure).ok_or(Error::<T>::InsufficientFreeStake)?;

		Asks::<T>::insert(version, provider, AskRecord { open, ..asked });
		Providers::<T>::insert(provider, record);
		Ok(())
	}

	fn answered(provider: &T::AccountId, version: VersionId) {
		Self::release_ask(provider, version);
	}

	fn finish(provider: &T::AccountId, engagement: Engagement, performance: Performance) {
		// An open job keeps its provider's record, and each finish follows one assignment.
		let finished =
			Providers::<T>::get(provider).and_then(|record| record.finish(engagement, performance));
		match finished {
			Some(record) => Self::store(provider, record),
			None => {
				defensive!("a job finished that was not assigned");
			},
		}
	}

	fn slash(provider: &T::AccountId, engagement: Engagement, shares: &[(T::AccountId, Balance)]) {
		let (least, exposure) = (Self::min_bond(), engagement.exposure);
		let slashed =
			Providers::<T>::get(provider).and_then(|record| record.slash(engagement, least));
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

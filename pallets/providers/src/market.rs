//! What other pallets draw on.

use crate::{AskCounts, Asks, Config, Error, Pallet, Providers};
use alloc::vec::Vec;
use assay_primitives::{
	provider::{Candidate, Performance},
	traits::ProviderMarket,
	Balance, VersionId,
};
use frame_support::defensive;
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
			Some(record) => Providers::<T>::insert(provider, record),
			None => {
				defensive!("a job finished that was not assigned");
			},
		}
	}
}

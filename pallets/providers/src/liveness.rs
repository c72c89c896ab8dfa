//! Whether providers are alive, for other pallets.

use crate::{Config, Pallet, Providers};
use assay_primitives::{traits::ProviderLiveness, BlockNumber};
use frame_support::traits::Get;
use sp_runtime::SaturatedConversion;

impl<T: Config> ProviderLiveness<T::AccountId> for Pallet<T> {
	fn is_available(provider: &T::AccountId) -> bool {
		Providers::<T>::get(provider).is_some_and(|record| Self::is_available(&record))
	}

	fn last_heartbeat(provider: &T::AccountId) -> Option<BlockNumber> {
		Providers::<T>::get(provider).map(|record| record.heartbeat)
	}

	fn heartbeat_period() -> BlockNumber {
		T::HeartbeatPeriod::get().saturated_into()
	}
}

//! The bodies of the calls: read and check everything, then write, then deposit the event.

use crate::{
	types::{BondFault, ProviderRecord},
	AskCounts, Asks, Config, Error, Event, HoldReason, Pallet, Profiles, ProviderAsks, Providers,
};
use assay_primitives::{provider::Profile, traits::ModelInspect, Balance, BlockNumber, VersionId};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> From<BondFault> for Error<T> {
	fn from(fault: BondFault) -> Self {
		match fault {
			BondFault::ZeroAmount => Error::ZeroAmount,
			BondFault::InsufficientFreeStake => Error::InsufficientFreeStake,
			BondFault::BelowMinBond => Error::BelowMinBond,
			BondFault::StillOnline => Error::StillOnline,
			BondFault::StillAsking => Error::StillAsking,
			BondFault::JobsOpen => Error::JobsOpen,
			BondFault::NothingUnbonding => Error::NothingUnbonding,
			BondFault::UnbondingNotOver => Error::UnbondingNotOver,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		provider: T::AccountId,
		profile: Profile,
		bond: Balance,
	) -> DispatchResult {
		ensure!(!Providers::<T>::contains_key(&provider), Error::<T>::AlreadyRegistered);
		ensure!(profile.is_valid(), Error::<T>::InvalidProfile);
		ensure!(bond >= Self::min_bond(), Error::<T>::BelowMinBond);

		Self::hold(&provider, bond)?;
		Profiles::<T>::insert(&provider, profile);
		Providers::<T>::insert(&provider, ProviderRecord::new(bond, Self::now()));
		Self::deposit_event(Event::ProviderRegistered { provider, bond });
		Ok(())
	}

	pub(crate) fn do_update_profile(provider: T::AccountId, profile: Profile) -> DispatchResult {
		ensure!(Profiles::<T>::contains_key(&provider), Error::<T>::UnknownProvider);
		ensure!(profile.is_valid(), Error::<T>::InvalidProfile);

		Profiles::<T>::insert(&provider, profile);
		Self::deposit_event(Event::ProfileUpdated { provider });
		Ok(())
	}

	pub(crate) fn do_bond_extra(provider: T::AccountId, amount: Balance) -> DispatchResult {
		let record = Self::record(&provider)?;
		let record = record.bond_extra(amount, Self::min_bond()).map_err(Error::<T>::from)?;

		Self::hold(&provider, amount)?;
		Providers::<T>::insert(&provider, record);
		Self::deposit_event(Event::BondIncreased { provider, amount });
		Ok(())
	}

	pub(crate) fn do_set_online(provider: T::AccountId, online: bool) -> DispatchResult {
		let record = Self::record(&provider)?;
		let record = if online {
			ensure!(!record.online, Error::<T>::AlreadyOnline);
			ensure!(record.bond >= Self::min_bond(), Error::<T>::BelowMinBond);
			ProviderRecord { online, heartbeat: Self::now(), ..record }
		} else {
			ensure!(record.online, Error::<T>::AlreadyOffline);
			ProviderRecord { online, ..record }
		};

		Providers::<T>::insert(&provider, record);
		Self::deposit_event(Event::OnlineSet { provider, online });
		Ok(())
	}

	pub(crate) fn do_heartbeat(provider: T::AccountId) -> DispatchResult {
		let record = Self::record(&provider)?;
		ensure!(record.online, Error::<T>::Offline);

		Providers::<T>::insert(&provider, ProviderRecord { heartbeat: Self::now(), ..record });
		Self::deposit_event(Event::HeartbeatReceived { provider });
		Ok(())
	}

	pub(crate) fn do_set_ask(
		provider: T::AccountId,
		version: VersionId,
		price: Balance,
	) -> DispatchResult {
		let record = Self::record(&provider)?;
		ensure!(record.bond >= Self::min_bond(), Error::<T>::BelowMinBond);
		ensure!(T::Models::is_active(version), Error::<T>::VersionNotActive);
		if !Asks::<T>::contains_key(version, &provider) {
			Self::add_ask(&provider, record, version)?;
		}

		Asks::<T>::insert(version, &provider, price);
		Self::deposit_event(Event::AskSet { provider, version, price });
		Ok(())
	}

	/// Count a new ask and enter it into the index by provider.
	fn add_ask(
		provider: &T::AccountId,
		record: ProviderRecord,
		version: VersionId,
	) -> DispatchResult {
		let count = |before: u32, most: u32| before.checked_add(1).filter(|after| *after <= most);
		let of_version = count(AskCounts::<T>::get(version), T::MaxProvidersPerVersion::get())
			.ok_or(Error::<T>::TooManyProviders)?;
		let asks =
			count(record.asks, T::MaxAsksPerProvider::get()).ok_or(Error::<T>::TooManyAsks)?;

		AskCounts::<T>::insert(version, of_version);
		ProviderAsks::<T>::insert(provider, version, ());
		Providers::<T>::insert(provider, ProviderRecord { asks, ..record });
		Ok(())
	}

	pub(crate) fn do_remove_ask(provider: T::AccountId, version: VersionId) -> DispatchResult {
		let record = Self::record(&provider)?;
		ensure!(Asks::<T>::contains_key(version, &provider), Error::<T>::UnknownAsk);

		// The counts saturate, but never have to: P-4.
		let asks = record.asks.saturating_sub(1);
		AskCounts::<T>::mutate_exists(version, |count| {
			*count = count.map(|count| count.saturating_sub(1)).filter(|count| *count > 0);
		});
		Asks::<T>::remove(version, &provider);
		ProviderAsks::<T>::remove(&provider, version);
		Self::deposit_event(Event::AskRemoved { provider: provider.clone(), version });
		Self::store(&provider, ProviderRecord { asks, ..record });
		Ok(())
	}

	pub(crate) fn do_evict(provider: T::AccountId, version: VersionId) -> DispatchResult {
		ensure!(Self::record(&provider)?.bond < Self::min_bond(), Error::<T>::StillBonded);
		Self::do_remove_ask(provider, version)
	}

	pub(crate) fn do_unbond(provider: T::AccountId, amount: Balance) -> DispatchResult {
		let record = Self::record(&provider)?;
		// Saturates: a period past the last block never ends.
		let period: BlockNumber = T::UnbondingPeriod::get().saturated_into();
		let until = Self::now().saturating_add(period);
		let record = record.unbond(amount, Self::min_bond(), until).map_err(Error::<T>::from)?;

		Providers::<T>::insert(&provider, record);
		Self::deposit_event(Event::Unbonding { provider, amount, until });
		Ok(())
	}

	pub(crate) fn do_withdraw_unbonded(provider: T::AccountId) -> DispatchResult {
		let record = Self::record(&provider)?;
		let (record, amount) = record.withdraw(Self::now()).map_err(Error::<T>::from)?;

		let reason = HoldReason::Bond.into();
		T::Currency::release(&reason, &provider, amount, Precision::Exact)?;
		Self::deposit_event(Event::Withdrawn { provider: provider.clone(), amount });
		Self::store(&provider, record);
		Ok(())
	}

	/// Store a provider, or remove it if nothing of it remains.
	pub(crate) fn store(provider: &T::AccountId, record: ProviderRecord) {
		if record.is_gone() {
			Providers::<T>::remove(provider);
			Profiles::<T>::remove(provider);
			Self::deposit_event(Event::ProviderRemoved { provider: provider.clone() });
		} else {
			Providers::<T>::insert(provider, record);
		}
	}

	fn record(provider: &T::AccountId) -> Result<ProviderRecord, Error<T>> {
		Providers::<T>::get(provider).ok_or(Error::<T>::UnknownProvider)
	}

	fn hold(provider: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Bond.into(), provider, amount)
	}

	/// The least bond, but something: a bond of nothing is that of a provider that has left.
	pub(crate) fn min_bond() -> Balance {
		T::MinBond::get().max(1)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// Whether a provider can be drawn now.
	pub(crate) fn is_available(record: &ProviderRecord) -> bool {
		record.is_available(Self::now(), T::HeartbeatPeriod::get().saturated_into())
	}
}

//! The bodies of the calls: read and check everything, then write, then deposit the event.

use crate::{
	types::{BondFault, ProviderRecord},
	Config, Error, Event, HoldReason, Pallet, Profiles, Providers,
};
use assay_primitives::{
	provider::{Maintenance, Profile},
	Balance, BlockNumber,
};
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

	pub(crate) fn do_set_maintenance(
		provider: T::AccountId,
		maintenance: Option<Maintenance>,
	) -> DispatchResult {
		let record = Self::record(&provider)?;
		if let Some(Maintenance { from, until }) = maintenance {
			let (now, most) = (Self::now(), T::MaxMaintenance::get());
			// Saturates: what lies past the last block is too far ahead.
			let valid = from < until
				&& now < until
				&& until.saturating_sub(from) <= most
				&& from <= now.saturating_add(most);
			ensure!(valid, Error::<T>::InvalidMaintenance);
		}

		Providers::<T>::insert(&provider, ProviderRecord { maintenance, ..record });
		Self::deposit_event(Event::MaintenanceSet { provider, maintenance });
		Ok(())
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

	pub(crate) fn record(provider: &T::AccountId) -> Result<ProviderRecord, Error<T>> {
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

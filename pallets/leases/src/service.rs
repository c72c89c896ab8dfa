//! The bodies of the calls about leases that are served, or end.

use crate::{types::Due, Config, Credentials, Error, Event, Pallet};
use assay_primitives::{
	lease::{CloseReason, Credential, LeaseState},
	Balance, LeaseId,
};
use frame_support::ensure;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deliver(
		provider: T::AccountId,
		id: LeaseId,
		credential: Credential,
	) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		ensure!(!credential.is_empty(), Error::<T>::NoCredential);
		let lease = lease.deliver(&provider, Self::now()).map_err(Error::<T>::from)?;

		Credentials::<T>::insert(id, credential);
		Self::store(id, lease, false);
		Self::deposit_event(Event::CredentialDelivered { lease: id, provider });
		Ok(())
	}

	pub(crate) fn do_top_up(payer: T::AccountId, id: LeaseId, amount: Balance) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		let lease = lease.top_up(&payer, amount, Self::now()).map_err(Error::<T>::from)?;

		Self::hold_escrow(&payer, amount)?;
		Self::restore(id, lease);
		Self::deposit_event(Event::ToppedUp { lease: id, payer, amount });
		Ok(())
	}

	/// Pay what has accrued, or carry out what time has brought.
	pub(crate) fn do_withdraw(id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		ensure!(lease.end().is_some(), Error::<T>::NotActive);
		match Self::due(id, &lease) {
			Due::Nothing => {
				let (lease, could) = Self::pay_rent(id, lease, Self::now());
				ensure!(could, Error::<T>::CannotReceive);
				Self::store(id, lease, false);
			},
			due => Self::carry_out(id, lease, due),
		}
		Ok(())
	}

	pub(crate) fn do_close(account: T::AccountId, id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		let is_provider =
			lease.agreement.as_ref().is_some_and(|agreement| agreement.provider == account);
		let is_tenant = account == lease.tenant;
		ensure!(is_tenant || is_provider, Error::<T>::NotParty);
		let now = Self::now();
		match (lease.state, Self::due(id, &lease)) {
			(LeaseState::Ended { .. }, _) => return Err(Error::<T>::NotLeased.into()),
			(LeaseState::Open { .. }, _) => {
				Self::finish(id, lease, CloseReason::Cancelled, now, false);
			},
			(_, Due::End(reason, at)) => Self::finish(id, lease, reason, at, false),
			(_, Due::Breach(proven)) if is_tenant => {
				Self::finish(id, lease, CloseReason::Breached, proven, true);
			},
			(_, Due::Breach(proven)) => {
				Self::finish(id, lease, CloseReason::ByProvider, proven, true);
			},
			_ if is_tenant => Self::finish(id, lease, CloseReason::ByTenant, now, false),
			_ => Self::finish(id, lease, CloseReason::ByProvider, now, true),
		}
		Ok(())
	}

	pub(crate) fn do_reclaim(provider: T::AccountId, id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		let lease = lease.reclaim(&provider, Self::now()).map_err(Error::<T>::from)?;
		let LeaseState::Reclaiming { at, .. } = lease.state else {
			return Err(Error::<T>::NotActive.into());
		};

		Self::store(id, lease, false);
		Self::deposit_event(Event::NoticeGiven { lease: id, provider, at });
		Ok(())
	}

	pub(crate) fn do_expire(id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		match Self::due(id, &lease) {
			Due::Nothing => Err(Error::<T>::TooEarly.into()),
			due => {
				Self::carry_out(id, lease, due);
				Ok(())
			},
		}
	}

	pub(crate) fn do_report(id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		let due = Self::due(id, &lease);
		ensure!(matches!(due, Due::Breach(_)), Error::<T>::NoBreach);
		Self::carry_out(id, lease, due);
		Ok(())
	}
}

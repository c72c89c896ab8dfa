//! What time brings, and the money that moves with it. Nothing here fails: whoever cannot be paid
//! keeps nobody else from its own.

use crate::{
	types::{Due, Lease, Pulse},
	Agenda, BidsFor, Config, Credentials, Event, HoldReason, Leases, Pallet,
};
use assay_primitives::{
	lease::{Agreement, CloseReason, LeaseState, Payer},
	traits::ProviderLiveness,
	Balance, BlockNumber, LeaseId,
};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// What time has brought to a lease.
	pub(crate) fn due(id: LeaseId, lease: &Lease<T::AccountId>) -> Due {
		let serving = match lease.state {
			LeaseState::Open { .. } | LeaseState::Ended { .. } => None,
			_ => lease.agreement.as_ref(),
		};
		let pulse = Pulse {
			last: serving.and_then(|of| T::Providers::last_heartbeat(&of.provider)),
			patience: T::Providers::heartbeat_period().saturating_add(T::BreachGrace::get()),
		};
		lease.due(Self::now(), Self::has_bids(id, lease), &pulse, T::Retention::get())
	}

	/// Carry out what time has brought.
	pub(crate) fn carry_out(id: LeaseId, lease: Lease<T::AccountId>, due: Due) {
		match due {
			Due::Nothing => {},
			Due::Match => match Self::take_lowest(id, &lease) {
				Some(bid) => Self::match_with(id, lease, bid),
				None => Self::finish(id, lease, CloseReason::NoBid, Self::now(), false),
			},
			Due::End(reason, at) => Self::finish(id, lease, reason, at, false),
			Due::Breach(proven) => Self::roll_over(id, lease, proven),
			Due::Prune => {
				Agenda::<T>::remove(lease.wake, id);
				Leases::<T>::remove(id);
				Self::release(HoldReason::Deposit, &lease.tenant, lease.deposit);
				Self::deposit_event(Event::Pruned { lease: id });
			},
		}
	}

	/// The provider has breached: the lowest bid of those that stand by takes its place.
	fn roll_over(id: LeaseId, lease: Lease<T::AccountId>, proven: BlockNumber) {
		let (lease, _) = Self::pay_rent(id, lease, proven);
		let lease = Self::forfeit(id, lease);
		if let Some(agreement) = &lease.agreement {
			let provider = agreement.provider.clone();
			Self::deposit_event(Event::Breached { lease: id, provider });
		}
		match Self::take_lowest(id, &lease) {
			Some(bid) => {
				Credentials::<T>::remove(id);
				Self::vacate(&lease);
				Self::match_with(id, lease, bid);
			},
			None => Self::finish(id, lease, CloseReason::Breached, proven, true),
		}
	}

	/// End a lease: pay its rent up to a block, and give everybody back what is held. The guarantee
	/// goes to the tenant if it is forfeited.
	pub(crate) fn finish(
		id: LeaseId,
		lease: Lease<T::AccountId>,
		reason: CloseReason,
		until: BlockNumber,
		forfeited: bool,
	) {
		let (lease, _) = Self::pay_rent(id, lease, until);
		let lease = if forfeited { Self::forfeit(id, lease) } else { lease };
		Self::vacate(&lease);
		if let Some(Agreement { provider, guarantee, .. }) = &lease.agreement {
			Self::release(HoldReason::Bid, provider, *guarantee);
		}
		for bid in BidsFor::<T>::take(id).iter() {
			Self::release(HoldReason::Bid, &bid.provider, bid.deposit);
		}
		Credentials::<T>::remove(id);
		let (lease, payers) = lease.ended(reason, Self::now());
		for Payer { account, left } in &payers {
			Self::release(HoldReason::Escrow, account, *left);
		}
		let returned = lease.returned;
		Self::store(id, lease, false);
		Self::deposit_event(Event::Closed { lease: id, reason, returned });
	}

	/// Pay the rent of the blocks before `until`, and tell whether the provider could take it. Where
	/// it could not, the lease is settled, and the rent is still with its payers.
	pub(crate) fn pay_rent(
		id: LeaseId,
		lease: Lease<T::AccountId>,
		until: BlockNumber,
	) -> (Lease<T::AccountId>, bool) {
		let Some(settled) = lease.settle(until) else { return (lease, true) };
		let provider = lease.agreement.map(|agreement| agreement.provider);
		let Some(provider) = provider.filter(|_| settled.rent > 0) else {
			return (settled.paid, true);
		};
		let moved = with_storage_layer(|| {
			settled.draws.iter().try_for_each(|Payer { account, left }| {
				Self::transfer(HoldReason::Escrow, account, &provider, *left)
			})
		});
		if moved.is_err() {
			return (settled.unpaid, false);
		}
		Self::deposit_event(Event::RentPaid { lease: id, provider, amount: settled.rent });
		(settled.paid, true)
	}

	/// The guarantee of the provider goes to the tenant.
	fn forfeit(id: LeaseId, mut lease: Lease<T::AccountId>) -> Lease<T::AccountId> {
		let Some(agreement) = lease.agreement.as_mut().filter(|of| of.guarantee > 0) else {
			return lease;
		};
		let (provider, amount) = (agreement.provider.clone(), agreement.guarantee);
		let moved = with_storage_layer(|| {
			Self::transfer(HoldReason::Bid, &provider, &lease.tenant, amount)
		});
		agreement.guarantee = 0;
		// A tenant has an account: its storage deposit is held. What it could not take, the provider
		// keeps.
		if moved.is_ok() {
			Self::deposit_event(Event::GuaranteeForfeited { lease: id, provider, amount });
		} else {
			Self::release(HoldReason::Bid, &provider, amount);
		}
		lease
	}

	fn transfer(
		reason: HoldReason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> Result<(), DispatchError> {
		let (exact, free, force) = (Precision::Exact, Restriction::Free, Fortitude::Force);
		T::Currency::transfer_on_hold(&reason.into(), from, to, amount, exact, free, force)
			.map(|_| ())
	}

	pub(crate) fn release(reason: HoldReason, account: &T::AccountId, amount: Balance) {
		let released: DispatchResult =
			T::Currency::release(&reason.into(), account, amount, Precision::Exact).map(|_| ());
		if released.is_err() {
			defensive!("a hold is smaller than what it is for");
		}
	}

	/// Whether an order has bids. Those of a lease do not matter to its clock.
	fn has_bids(id: LeaseId, lease: &Lease<T::AccountId>) -> bool {
		matches!(lease.state, LeaseState::Open { .. }) && BidsFor::<T>::contains_key(id)
	}

	/// Store a lease, which may have changed its clock, with its entry in the agenda. `bids` tells
	/// whether it is an order with bids.
	pub(crate) fn store(id: LeaseId, mut lease: Lease<T::AccountId>, bids: bool) {
		Agenda::<T>::remove(lease.wake, id);
		lease.wake = lease.next_wake(Self::now(), bids, T::Retention::get());
		Agenda::<T>::insert(lease.wake, id, ());
		Leases::<T>::insert(id, lease);
	}

	/// Store a lease in whatever state it is.
	pub(crate) fn restore(id: LeaseId, lease: Lease<T::AccountId>) {
		let bids = Self::has_bids(id, &lease);
		Self::store(id, lease, bids);
	}
}

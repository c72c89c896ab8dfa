//! The bodies of the calls about attributes, orders and bids: read and check everything, then
//! write, then deposit events.

use crate::{
	types::{Bids, BidsFault, Fault, Lease, Limits},
	AttributeDeposits, AttributesOf, BidsFor, Config, Error, Event, HoldReason, Leases, NextLease,
	Pallet,
};
use assay_primitives::{
	lease::{check_path, meet_all, Attributes, Bid, OrderSpec, MAX_BIDS, MAX_CREDENTIAL},
	provider::Tier,
	traits::{ProviderInspect, ProviderLiveness},
	Balance, BlockNumber, LeaseId,
};
use codec::{Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, Get},
};
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

impl<T> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::InvalidPath => Error::InvalidPath,
			Fault::InvalidDuration => Error::InvalidDuration,
			Fault::InvalidBidding => Error::InvalidBidding,
			Fault::ZeroAmount => Error::ZeroAmount,
			Fault::DepositTooLow => Error::DepositTooLow,
			Fault::NotOpen => Error::NotOpen,
			Fault::BiddingOver => Error::BiddingOver,
			Fault::TooLate => Error::TooLate,
			Fault::NotLeased => Error::NotLeased,
			Fault::NotProvider => Error::NotProvider,
			Fault::NotActive => Error::NotActive,
			Fault::AlreadyReclaiming => Error::AlreadyReclaiming,
			Fault::Over => Error::Over,
			Fault::TooManyPayers => Error::TooManyPayers,
			Fault::OfferExpired => Error::OfferExpired,
			Fault::OfferFull => Error::OfferFull,
			Fault::PriceTooHigh => Error::PriceTooHigh,
			Fault::InvalidReclaim => Error::InvalidReclaim,
			Fault::AttributesMissing => Error::AttributesMissing,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_attributes(provider: T::AccountId, paths: Attributes) -> DispatchResult {
		ensure!(paths.iter().all(|path| check_path(path).is_ok()), Error::<T>::InvalidPath);
		let known = T::Providers::last_heartbeat(&provider).is_some();
		ensure!(known || paths.is_empty(), Error::<T>::UnknownProvider);

		let before = AttributeDeposits::<T>::take(&provider);
		Self::release(HoldReason::Attributes, &provider, before);
		if paths.is_empty() {
			AttributesOf::<T>::remove(&provider);
		} else {
			let bytes = u32::try_from(paths.encoded_size()).unwrap_or(u32::MAX);
			let deposit = Self::storage_deposit(1, bytes);
			Self::hold(HoldReason::Attributes, &provider, deposit)?;
			AttributeDeposits::<T>::insert(&provider, deposit);
			AttributesOf::<T>::insert(&provider, paths);
		}
		Self::deposit_event(Event::AttributesSet { provider });
		Ok(())
	}

	pub(crate) fn do_open(
		tenant: T::AccountId,
		order: OrderSpec,
		amount: Balance,
	) -> Result<LeaseId, DispatchError> {
		let now = Self::now();
		let limits = Self::limits();
		let mut lease =
			Lease::open(tenant.clone(), order, amount, now, &limits).map_err(Error::<T>::from)?;
		lease.deposit = Self::lease_deposit();

		Self::hold(HoldReason::Escrow, &tenant, amount)?;
		Self::hold(HoldReason::Deposit, &tenant, lease.deposit)?;
		let id = NextLease::<T>::get();
		// They are paid for: nobody comes near the end of the numbers.
		NextLease::<T>::put(LeaseId(id.0.saturating_add(1)));
		Self::store(id, lease, false);
		Self::deposit_event(Event::OrderOpened { lease: id, tenant, deposit: amount });
		Ok(id)
	}

	pub(crate) fn do_bid(
		provider: T::AccountId,
		id: LeaseId,
		price: Balance,
		reclaim: BlockNumber,
	) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		let now = Self::now();
		lease.takes_bids(now).map_err(Error::<T>::from)?;
		ensure!(provider != lease.tenant, Error::<T>::OwnOrder);
		ensure!(price > 0, Error::<T>::ZeroAmount);
		ensure!(price <= lease.order.max_price, Error::<T>::PriceTooHigh);
		Self::check_notice(reclaim)?;
		Self::check_eligible(&provider, &lease.order)?;

		let deposit = T::BidDeposit::get();
		let mut bids = BidsFor::<T>::get(id);
		let bid = Bid { provider: provider.clone(), price, reclaim, deposit, at: now };
		let placed = bids.place(bid).map_err(|fault| match fault {
			BidsFault::TooMany => Error::<T>::TooManyBids,
		})?;
		for gone in placed.replaced.iter().chain(&placed.pushed_out) {
			Self::release(HoldReason::Bid, &gone.provider, gone.deposit);
		}
		Self::hold(HoldReason::Bid, &provider, deposit)?;
		Self::store_bids(id, bids);
		Self::deposit_event(Event::BidPlaced { lease: id, provider, price });
		if let Some(gone) = placed.pushed_out {
			Self::deposit_event(Event::BidRemoved { lease: id, provider: gone.provider });
		}
		Ok(())
	}

	pub(crate) fn do_withdraw_bid(provider: T::AccountId, id: LeaseId) -> DispatchResult {
		let mut bids = BidsFor::<T>::get(id);
		let bid = bids.remove(&provider).ok_or(Error::<T>::UnknownBid)?;

		Self::release(HoldReason::Bid, &provider, bid.deposit);
		Self::store_bids(id, bids);
		Self::deposit_event(Event::BidRemoved { lease: id, provider });
		Ok(())
	}

	pub(crate) fn do_accept(
		tenant: T::AccountId,
		id: LeaseId,
		provider: T::AccountId,
	) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		ensure!(tenant == lease.tenant, Error::<T>::NotTenant);
		lease.takes_choice(Self::now()).map_err(Error::<T>::from)?;
		let mut bids = BidsFor::<T>::get(id);
		let bid = bids.remove(&provider).ok_or(Error::<T>::UnknownBid)?;
		Self::check_eligible(&provider, &lease.order)?;

		Self::store_bids(id, bids);
		Self::match_with(id, lease, bid);
		Ok(())
	}

	pub(crate) fn do_match_lowest(id: LeaseId) -> DispatchResult {
		let lease = Self::lease_of(id)?;
		match lease.takes_bids(Self::now()) {
			Ok(()) => return Err(Error::<T>::StillBidding.into()),
			Err(Fault::BiddingOver) => {},
			Err(fault) => return Err(Error::<T>::from(fault).into()),
		}
		ensure!(lease.order.automatic, Error::<T>::NotAutomatic);
		let bid = Self::take_lowest(id, &lease).ok_or(Error::<T>::UnknownBid)?;
		Self::match_with(id, lease, bid);
		Ok(())
	}

	/// Check that a provider may give this notice.
	pub(crate) fn check_notice(reclaim: BlockNumber) -> Result<(), Error<T>> {
		let notice = T::MinReclaim::get()..=T::MaxReclaim::get();
		ensure!(notice.contains(&reclaim), Error::<T>::InvalidReclaim);
		Ok(())
	}

	/// Check that a provider can serve an order now.
	pub(crate) fn check_eligible(
		provider: &T::AccountId,
		order: &OrderSpec,
	) -> Result<(), Error<T>> {
		ensure!(T::Providers::is_available(provider), Error::<T>::Unavailable);
		let attributes = AttributesOf::<T>::get(provider);
		ensure!(meet_all(&attributes, &order.attributes), Error::<T>::AttributesMissing);
		// The least tier is everybody's.
		let tier = match order.tier {
			Tier::New => Tier::New,
			_ => T::Providers::statistics(provider).tier(),
		};
		ensure!(tier >= order.tier, Error::<T>::TierTooLow);
		Ok(())
	}

	/// Take out the lowest bid of a provider that can serve the order now, at a price that the
	/// deposits pay for a block at least.
	pub(crate) fn take_lowest(
		id: LeaseId,
		lease: &Lease<T::AccountId>,
	) -> Option<Bid<T::AccountId>> {
		let mut bids = BidsFor::<T>::get(id);
		let serves = |bid: &&Bid<T::AccountId>| {
			lease.affords(bid.price) && Self::check_eligible(&bid.provider, &lease.order).is_ok()
		};
		let provider = bids.iter().find(serves)?.provider.clone();
		let bid = bids.remove(&provider)?;
		Self::store_bids(id, bids);
		Some(bid)
	}

	/// Let a bid win that is not among those of the order any more.
	pub(crate) fn match_with(id: LeaseId, lease: Lease<T::AccountId>, bid: Bid<T::AccountId>) {
		let (provider, price) = (bid.provider.clone(), bid.price);
		// Block numbers are far from their end.
		let due = Self::now().saturating_add(T::DeliverWithin::get());
		Self::store(id, lease.matched(bid, due), false);
		Self::deposit_event(Event::Matched { lease: id, provider, price, due });
	}

	pub(crate) fn lease_of(id: LeaseId) -> Result<Lease<T::AccountId>, Error<T>> {
		Leases::<T>::get(id).ok_or(Error::<T>::UnknownLease)
	}

	pub(crate) fn store_bids(id: LeaseId, bids: Bids<T::AccountId>) {
		if bids.is_empty() {
			BidsFor::<T>::remove(id);
		} else {
			BidsFor::<T>::insert(id, bids);
		}
	}

	pub(crate) fn limits() -> Limits {
		Limits {
			duration: T::MaxDuration::get(),
			bidding: T::MaxBidding::get(),
			grace: T::Grace::get(),
			cover: T::MinimumCover::get(),
		}
	}

	/// The deposit for the records of a lease: its own, its bids and its credential, as long as they
	/// may be.
	pub fn lease_deposit() -> Balance {
		let bids = Bid::<T::AccountId>::max_encoded_len().saturating_mul(MAX_BIDS as usize);
		let bytes = Lease::<T::AccountId>::max_encoded_len()
			.saturating_add(bids)
			.saturating_add(MAX_CREDENTIAL as usize);
		Self::storage_deposit(3, u32::try_from(bytes).unwrap_or(u32::MAX))
	}

	pub(crate) fn storage_deposit(items: u32, bytes: u32) -> Balance {
		let items = T::DepositBase::get().saturating_mul(items.into());
		// Saturates: a deposit that overflows is more than there is, and cannot be held.
		T::DepositPerByte::get().saturating_mul(bytes.into()).saturating_add(items)
	}

	pub(crate) fn hold(
		reason: HoldReason,
		account: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		T::Currency::hold(&reason.into(), account, amount)
			.map_err(|_| Error::<T>::InsufficientFunds.into())
	}

	pub(crate) fn hold_escrow(payer: &T::AccountId, amount: Balance) -> DispatchResult {
		Self::hold(HoldReason::Escrow, payer, amount)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

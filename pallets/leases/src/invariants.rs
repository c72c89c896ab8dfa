//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	Agenda, AgendaCursor, AttributeDeposits, AttributesOf, BidsFor, Config, Credentials,
	HoldReason, Leases, NextLease, Offers, Pallet,
};
use alloc::collections::{BTreeMap, BTreeSet};
use assay_primitives::{
	lease::{LeaseState, LeaseStatus, MAX_OFFERS},
	Balance,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

/// What is owed to accounts.
type Owed<AccountId> = BTreeMap<AccountId, Balance>;

fn owe<AccountId: Ord>(owed: &mut Owed<AccountId>, account: AccountId, amount: Balance) {
	let sum = owed.entry(account).or_default();
	*sum = sum.saturating_add(amount);
}

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holds_are_obligations()?;
		Self::money_is_kept()?;
		Self::rent_is_whole_blocks()?;
		Self::agenda_has_each_lease_once()?;
		Self::agreements_fit_states()?;
		Self::nothing_outlives_its_lease()?;
		Self::offers_count_their_leases()
	}

	/// L-1: what is held of each account equals, for each reason, what is left of its deposits for
	/// rent, its storage deposits, its bids and guarantees, its deposit for attributes, and those for
	/// its offers.
	fn holds_are_obligations() -> Result<(), TryRuntimeError> {
		let (mut escrow, mut deposit, mut bid) = (Owed::new(), Owed::new(), Owed::new());
		for lease in Leases::<T>::iter_values() {
			owe(&mut deposit, lease.tenant, lease.deposit);
			for payer in lease.payers {
				owe(&mut escrow, payer.account, payer.left);
			}
			if let Some(agreement) = lease.agreement {
				owe(&mut bid, agreement.provider, agreement.guarantee);
			}
		}
		for bids in BidsFor::<T>::iter_values() {
			for one in bids.iter() {
				owe(&mut bid, one.provider.clone(), one.deposit);
			}
		}
		let attributes: Owed<T::AccountId> = AttributeDeposits::<T>::iter().collect();
		let mut offers = Owed::new();
		for (provider, _, record) in Offers::<T>::iter() {
			owe(&mut offers, provider, record.deposit);
		}
		for (reason, mut owed) in [
			(HoldReason::Escrow, escrow),
			(HoldReason::Deposit, deposit),
			(HoldReason::Bid, bid),
			(HoldReason::Attributes, attributes),
			(HoldReason::Offer, offers),
		] {
			let reason = reason.into();
			for account in frame_system::Account::<T>::iter_keys() {
				let held = T::Currency::balance_on_hold(&reason, &account);
				let due = owed.remove(&account).unwrap_or(0);
				ensure!(held == due, "L-1: a hold differs from what it is for");
			}
			ensure!(owed.values().all(|amount| *amount == 0), "L-1: owed to nobody");
		}
		Ok(())
	}

	/// L-2: what was deposited for a lease is what was paid, what went back and what is left. While
	/// it goes on, nothing went back; when it has ended, nothing is left.
	fn money_is_kept() -> Result<(), TryRuntimeError> {
		for lease in Leases::<T>::iter_values() {
			let left = lease.left();
			let sum = lease.paid.checked_add(lease.returned).and_then(|sum| sum.checked_add(left));
			ensure!(sum == Some(lease.deposited), "L-2: money was made or lost");
			let ended = matches!(lease.state, LeaseState::Ended { .. });
			ensure!(if ended { left == 0 } else { lease.returned == 0 }, "L-2: returned too early");
		}
		Ok(())
	}

	/// L-3: the rent that was paid is the price times the blocks that were paid, of each agreement,
	/// and no more blocks were served than were ordered, or paid than were served.
	fn rent_is_whole_blocks() -> Result<(), TryRuntimeError> {
		for lease in Leases::<T>::iter_values() {
			let rent = lease
				.agreement
				.as_ref()
				.map_or(Some(0), |agreement| agreement.price.checked_mul(agreement.blocks.into()));
			let paid = rent.and_then(|rent| rent.checked_add(lease.earlier));
			ensure!(paid == Some(lease.paid), "L-3: rent that is not of whole blocks");
			ensure!(lease.served <= lease.order.duration, "L-3: served longer than ordered");
			let blocks = lease.agreement.map_or(0, |agreement| agreement.blocks);
			ensure!(blocks <= lease.served, "L-3: paid and not served");
		}
		Ok(())
	}

	/// L-4: each lease has exactly one entry in the agenda, under its wake block, which the sweep has
	/// not left behind. Its number was given.
	fn agenda_has_each_lease_once() -> Result<(), TryRuntimeError> {
		let (cursor, next) = (AgendaCursor::<T>::get(), NextLease::<T>::get());
		for (id, lease) in Leases::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(lease.wake, id), "L-4: no entry");
			ensure!(lease.wake >= cursor, "L-4: an entry that the sweep has left behind");
			ensure!(id < next, "L-4: a number that was not given");
		}
		let entries = Agenda::<T>::iter_keys().count();
		ensure!(entries == Leases::<T>::iter_keys().count(), "L-4: an entry too many");
		Ok(())
	}

	/// L-5: a lease that is matched or served has an agreement within its order; an order has none. A
	/// guarantee is held only while it is matched or served. What is served has a credential.
	fn agreements_fit_states() -> Result<(), TryRuntimeError> {
		for (id, lease) in Leases::<T>::iter() {
			let status = lease.state.status();
			let agreed = lease.agreement.is_some();
			match status {
				LeaseStatus::Open => ensure!(!agreed, "L-5: an order with an agreement"),
				LeaseStatus::Ended => {},
				_ => ensure!(agreed, "L-5: a lease without an agreement"),
			}
			ensure!(agreed == (lease.matches > 0), "L-5: matches are miscounted");
			if let Some(agreement) = lease.agreement {
				let within = (1..=lease.order.max_price).contains(&agreement.price);
				ensure!(within, "L-5: a price that was not ordered");
				ensure!(agreement.provider != lease.tenant, "L-5: a tenant of its own");
				let ended = status == LeaseStatus::Ended;
				ensure!(!ended || agreement.guarantee == 0, "L-5: a guarantee for nothing");
			}
			let served = matches!(status, LeaseStatus::Active | LeaseStatus::Reclaiming);
			ensure!(served == Credentials::<T>::contains_key(id), "L-5: a credential misplaced");
		}
		Ok(())
	}

	/// L-6: bids and credentials are of leases that have not ended; the bids for one are in their
	/// order, of one provider each, at prices that it admits. Attributes have a deposit, and the
	/// other way round.
	fn nothing_outlives_its_lease() -> Result<(), TryRuntimeError> {
		for (id, bids) in BidsFor::<T>::iter() {
			let lease = Leases::<T>::get(id).ok_or("L-6: bids for nothing")?;
			let ended = matches!(lease.state, LeaseState::Ended { .. });
			ensure!(!ended && !bids.is_empty(), "L-6: bids for what has ended");
			let mut seen = BTreeSet::new();
			let mut least = 1;
			for bid in bids.iter() {
				ensure!(seen.insert(bid.provider.clone()), "L-6: two bids of one provider");
				ensure!(least <= bid.price, "L-6: bids out of order");
				least = bid.price;
			}
			ensure!(least <= lease.order.max_price, "L-6: a bid that is too high");
		}
		for id in Credentials::<T>::iter_keys() {
			ensure!(Leases::<T>::contains_key(id), "L-6: a credential for nothing");
		}
		let with: BTreeSet<_> = AttributesOf::<T>::iter_keys().collect();
		let held: BTreeSet<_> = AttributeDeposits::<T>::iter_keys().collect();
		ensure!(with == held, "L-6: attributes and deposits differ");
		Ok(())
	}

	/// L-7: an offer counts exactly the leases that were taken from it and have not ended. It has a
	/// number below the most, and a price.
	fn offers_count_their_leases() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::new();
		for lease in Leases::<T>::iter_values() {
			let ended = matches!(lease.state, LeaseState::Ended { .. });
			let Some(index) = lease.offer.filter(|_| !ended) else { continue };
			let agreement =
				lease.agreement.ok_or("L-7: an offer that was taken without a match")?;
			let count: &mut u32 = open.entry((agreement.provider, index)).or_default();
			*count = count.saturating_add(1);
		}
		for (provider, index, record) in Offers::<T>::iter() {
			let counted = open.remove(&(provider, index)).unwrap_or(0);
			ensure!(record.open == counted, "L-7: an offer miscounts its leases");
			ensure!(index < MAX_OFFERS, "L-7: an offer too many");
			ensure!(record.offer.price > 0, "L-7: an offer for nothing");
		}
		ensure!(open.is_empty(), "L-7: a lease from an offer that is gone");
		Ok(())
	}
}

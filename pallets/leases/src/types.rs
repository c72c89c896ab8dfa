//! The state machine of a lease. Nothing here knows of `Config`.
//!
//! Blocks are half-open: a lease that is settled up to block `since` has paid for every block
//! before it. What time has brought is found by [`Lease::due`], from the present block alone, so
//! that whoever is late finds the same as whoever is not.

mod bids;
mod offers;
mod rent;

pub use bids::{Bids, BidsFault, Placed};
pub use offers::OfferRecord;
pub use rent::Settled;

use alloc::vec::Vec;
use assay_primitives::{
	lease::{check_path, Agreement, Bid, CloseReason, LeaseState, OrderSpec, Payer, MAX_PAYERS},
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, BoundedVec};

/// Those who pay for a lease.
pub type Payers<AccountId> = BoundedVec<Payer<AccountId>, ConstU32<MAX_PAYERS>>;

/// A lease, or the order that it begins as.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Lease<AccountId> {
	/// Who ordered it.
	pub tenant: AccountId,
	/// What was ordered.
	pub order: OrderSpec,
	/// The block of the order.
	pub opened: BlockNumber,
	/// The storage deposit of the tenant.
	pub deposit: Balance,
	/// Who pays, in the order in which their deposits are drawn on.
	pub payers: Payers<AccountId>,
	/// All that was deposited for rent.
	pub deposited: Balance,
	/// The rent that was paid.
	pub paid: Balance,
	/// The part of it that was paid under agreements that are over.
	pub earlier: Balance,
	/// What went back to payers.
	pub returned: Balance,
	/// The blocks that were served and settled.
	pub served: BlockNumber,
	/// How many providers it was matched with.
	pub matches: u8,
	/// Who serves or served it last.
	pub agreement: Option<Agreement<AccountId>>,
	/// Where it stands.
	pub state: LeaseState,
	/// The block of the agenda that it is under.
	pub wake: BlockNumber,
	/// The number of the provider's offer, if it was taken from one.
	pub offer: Option<u8>,
}

/// What bounds an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
	/// The most blocks of service.
	pub duration: BlockNumber,
	/// The most blocks of bidding.
	pub bidding: BlockNumber,
	/// The blocks after bidding in which the tenant may still accept.
	pub grace: BlockNumber,
	/// The blocks at the highest price that a deposit covers at least.
	pub cover: BlockNumber,
}

/// Why an order or a step of a lease is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
	/// A required attribute is no key path.
	InvalidPath,
	/// A duration of nothing, or too long.
	InvalidDuration,
	/// Bidding for no block, or for too many.
	InvalidBidding,
	/// A price or an amount of nothing.
	ZeroAmount,
	/// The deposit covers too few blocks, or more than can be counted.
	DepositTooLow,
	/// It is no open order any more.
	NotOpen,
	/// Bids are not taken any more.
	BiddingOver,
	/// A bid can not be accepted any more.
	TooLate,
	/// It is no lease, or has ended.
	NotLeased,
	/// The account is not the provider of the lease.
	NotProvider,
	/// Nothing is served yet.
	NotActive,
	/// The provider has given notice before.
	AlreadyReclaiming,
	/// Its time is over: it has to be expired.
	Over,
	/// As many accounts pay for it as may.
	TooManyPayers,
	/// An offer is not taken any more.
	OfferExpired,
	/// As many leases are served out of an offer as may be.
	OfferFull,
	/// It costs more than the tenant pays.
	PriceTooHigh,
	/// The notice is shorter than the tenant asks for.
	InvalidReclaim,
	/// An offer lacks a required attribute.
	AttributesMissing,
}

/// What heartbeats say of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pulse {
	/// The block of the last one; `None` for an account that is no provider.
	pub last: Option<BlockNumber>,
	/// The blocks after it for which the provider is taken to be alive.
	pub patience: BlockNumber,
}

impl Pulse {
	/// The last block in which the provider is taken to be alive; `None` if it is gone.
	fn alive_until(&self) -> Option<BlockNumber> {
		// Saturates: a patience past the last block never ends.
		self.last.map(|last| last.saturating_add(self.patience))
	}
}

/// What time has brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
	/// Nothing yet.
	Nothing,
	/// Bidding is over, and the lowest bid wins.
	Match,
	/// It ended in this block.
	End(CloseReason, BlockNumber),
	/// The provider does not serve: what is paid is paid up to this block.
	Breach(BlockNumber),
	/// Its records go.
	Prune,
}

impl<AccountId: Clone + PartialEq> Lease<AccountId> {
	/// An order, if it is within the limits.
	pub fn open(
		tenant: AccountId,
		order: OrderSpec,
		amount: Balance,
		now: BlockNumber,
		limits: &Limits,
	) -> Result<Self, Fault> {
		if order.attributes.iter().any(|path| check_path(path).is_err()) {
			return Err(Fault::InvalidPath);
		}
		if order.duration == 0 || order.duration > limits.duration {
			return Err(Fault::InvalidDuration);
		}
		if order.bidding == 0 || order.bidding > limits.bidding {
			return Err(Fault::InvalidBidding);
		}
		if order.max_price == 0 {
			return Err(Fault::ZeroAmount);
		}
		let least = order.max_price.checked_mul(limits.cover.max(1).into());
		if least.is_none_or(|least| amount < least) {
			return Err(Fault::DepositTooLow);
		}
		let payer = Payer { account: tenant.clone(), left: amount };
		// Block numbers are far from their end.
		let until = now.saturating_add(order.bidding);
		let accept_until = until.saturating_add(limits.grace);
		Ok(Lease {
			tenant,
			order,
			opened: now,
			deposit: 0,
			// One is fewer than the most.
			payers: Payers::truncate_from(Vec::from([payer])),
			deposited: amount,
			paid: 0,
			earlier: 0,
			returned: 0,
			served: 0,
			matches: 0,
			agreement: None,
			state: LeaseState::Open { until, accept_until },
			wake: until.saturating_add(1),
			offer: None,
		})
	}

	/// Whether bids are taken.
	pub fn takes_bids(&self, now: BlockNumber) -> Result<(), Fault> {
		match self.state {
			LeaseState::Open { until, .. } if now <= until => Ok(()),
			LeaseState::Open { .. } => Err(Fault::BiddingOver),
			_ => Err(Fault::NotOpen),
		}
	}

	/// Whether the tenant may accept a bid. When the lowest one is to win, only while others may
	/// still bid lower.
	pub fn takes_choice(&self, now: BlockNumber) -> Result<(), Fault> {
		match self.state {
			LeaseState::Open { until, accept_until } => {
				let last = if self.order.automatic { until } else { accept_until };
				if now <= last {
					Ok(())
				} else {
					Err(Fault::TooLate)
				}
			},
			_ => Err(Fault::NotOpen),
		}
	}

	/// Whether the deposits pay for a block at this price.
	pub fn affords(&self, price: Balance) -> bool {
		self.left() >= price
	}

	/// Let a bid win: its provider has to deliver until `due`.
	pub fn matched(self, bid: Bid<AccountId>, due: BlockNumber) -> Self {
		let agreement = Agreement {
			provider: bid.provider,
			price: bid.price,
			reclaim: bid.reclaim,
			guarantee: bid.deposit,
			blocks: 0,
		};
		Lease {
			earlier: self.paid,
			// There are no more matches than bids.
			matches: self.matches.saturating_add(1),
			agreement: Some(agreement),
			state: LeaseState::Matched { due },
			offer: None,
			..self
		}
	}

	/// Deliver the credential, for the first time or once more. Rent begins with the first.
	pub fn deliver(self, provider: &AccountId, now: BlockNumber) -> Result<Self, Fault> {
		let of = self.agreement.as_ref().map(|agreement| &agreement.provider);
		match self.state {
			LeaseState::Open { .. } | LeaseState::Ended { .. } => Err(Fault::NotLeased),
			_ if of != Some(provider) => Err(Fault::NotProvider),
			LeaseState::Matched { due } if now > due => Err(Fault::Over),
			LeaseState::Matched { .. } => {
				Ok(Lease { state: LeaseState::Active { since: now }, ..self })
			},
			_ if self.is_over(now) => Err(Fault::Over),
			_ => Ok(self),
		}
	}

	/// Give notice: the lease ends when it has run out.
	pub fn reclaim(self, provider: &AccountId, now: BlockNumber) -> Result<Self, Fault> {
		let agreement = self.agreement.as_ref().filter(|agreement| agreement.provider == *provider);
		match (self.state, agreement) {
			(LeaseState::Open { .. } | LeaseState::Ended { .. }, _) => Err(Fault::NotLeased),
			(_, None) => Err(Fault::NotProvider),
			(LeaseState::Matched { .. }, _) => Err(Fault::NotActive),
			(LeaseState::Reclaiming { .. }, _) => Err(Fault::AlreadyReclaiming),
			_ if self.is_over(now) => Err(Fault::Over),
			(LeaseState::Active { since }, Some(agreement)) => {
				// Block numbers are far from their end.
				let at = now.saturating_add(agreement.reclaim);
				Ok(Lease { state: LeaseState::Reclaiming { since, at }, ..self })
			},
		}
	}

	/// Add to what pays for it.
	pub fn top_up(
		mut self,
		payer: &AccountId,
		amount: Balance,
		now: BlockNumber,
	) -> Result<Self, Fault> {
		if matches!(self.state, LeaseState::Ended { .. }) {
			return Err(Fault::NotLeased);
		}
		if amount == 0 {
			return Err(Fault::ZeroAmount);
		}
		if self.is_over(now) {
			return Err(Fault::Over);
		}
		// Saturates: an amount that overflows is more than there is, and cannot be held.
		match self.payers.iter_mut().find(|known| known.account == *payer) {
			Some(known) => known.left = known.left.saturating_add(amount),
			None => self
				.payers
				.try_push(Payer { account: payer.clone(), left: amount })
				.map_err(|_| Fault::TooManyPayers)?,
		}
		self.deposited = self.deposited.saturating_add(amount);
		Ok(self)
	}

	/// End it, with nothing left of the deposits and the guarantee. Tells what goes back to whom.
	pub fn ended(mut self, reason: CloseReason, now: BlockNumber) -> (Self, Vec<Payer<AccountId>>) {
		let payers = core::mem::take(&mut self.payers).into_inner();
		let back = payers.iter().fold(0, |sum: Balance, payer| sum.saturating_add(payer.left));
		let agreement = self.agreement.map(|agreement| Agreement { guarantee: 0, ..agreement });
		let state = LeaseState::Ended { reason, at: now };
		(Lease { agreement, state, returned: back, ..self }, payers)
	}

	/// What time has brought. `bids` tells whether there are any.
	pub fn due(&self, now: BlockNumber, bids: bool, pulse: &Pulse, retention: BlockNumber) -> Due {
		match self.state {
			LeaseState::Open { until, .. } if now <= until => Due::Nothing,
			LeaseState::Open { .. } if !bids => Due::End(CloseReason::NoBid, now),
			LeaseState::Open { .. } if self.order.automatic => Due::Match,
			LeaseState::Open { accept_until, .. } if now <= accept_until => Due::Nothing,
			LeaseState::Open { .. } => Due::End(CloseReason::NotAccepted, now),
			LeaseState::Matched { due } => {
				let alive = pulse.alive_until().is_some_and(|until| now <= until);
				if now > due || !alive {
					Due::Breach(now)
				} else {
					Due::Nothing
				}
			},
			LeaseState::Active { since } | LeaseState::Reclaiming { since, .. } => {
				self.due_of_served(since, now, pulse)
			},
			LeaseState::Ended { at, .. } if now < at.saturating_add(retention) => Due::Nothing,
			LeaseState::Ended { .. } => Due::Prune,
		}
	}

	/// A provider whose heartbeats stopped before the end has breached, whenever that is found out.
	fn due_of_served(&self, since: BlockNumber, now: BlockNumber, pulse: &Pulse) -> Due {
		let Some((end, reason)) = self.end() else { return Due::Nothing };
		let last = now.min(end.saturating_sub(1));
		if pulse.alive_until().is_none_or(|until| until < last) {
			let proven = pulse.last.unwrap_or(since);
			return Due::Breach(proven.clamp(since, end.max(since)));
		}
		if now >= end {
			Due::End(reason, end)
		} else {
			Due::Nothing
		}
	}

	/// The block of the agenda that it belongs under. `bids` tells whether there are any.
	pub fn next_wake(&self, now: BlockNumber, bids: bool, retention: BlockNumber) -> BlockNumber {
		let wake = match self.state {
			LeaseState::Open { until, .. } if now <= until => until.saturating_add(1),
			LeaseState::Open { accept_until, .. } if bids => accept_until.saturating_add(1),
			LeaseState::Open { until, .. } => until.saturating_add(1),
			LeaseState::Matched { due } => due.saturating_add(1),
			LeaseState::Active { .. } | LeaseState::Reclaiming { .. } => {
				self.end().map_or(now, |(end, _)| end)
			},
			LeaseState::Ended { at, .. } => at.saturating_add(retention),
		};
		// What is due already is worked through in the next block.
		wake.max(now.saturating_add(1))
	}
}

#[cfg(test)]
mod tests;

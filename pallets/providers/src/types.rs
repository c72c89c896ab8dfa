//! The state of a provider and its transitions. Nothing here knows of `Config`.

use alloc::vec::Vec;
use assay_primitives::{
	provider::{
		Ask, AskView, Candidate, Engagement, Maintenance, OrderView, Performance, Profile,
		ProviderView, Statistics,
	},
	Balance, BlockNumber, VersionId,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

mod book;

pub use book::{Book, Place};

/// What the chain knows of a provider.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ProviderRecord {
	/// Its bond, without what is unbonding.
	pub bond: Balance,
	/// The part of the bond that open jobs have locked.
	pub locked: Balance,
	/// The number of its open jobs.
	pub open: u32,
	/// What is unbonding, with the block from which it can be withdrawn.
	pub unbonding: Option<(Balance, BlockNumber)>,
	/// Whether it says that it takes jobs.
	pub online: bool,
	/// The block of its last heartbeat.
	pub heartbeat: BlockNumber,
	/// When it is not drawn, as it has announced.
	pub maintenance: Option<Maintenance>,
	/// What became of its jobs.
	pub statistics: Statistics,
	/// The number of its asks.
	pub asks: u32,
}

/// An ask with what the chain needs to know of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AskRecord {
	/// What is offered.
	pub ask: Ask,
	/// The jobs that were assigned by it and are to be answered.
	pub open: u32,
	/// Where it is in the order book of its version.
	pub place: Place,
}

impl AskRecord {
	/// Whether it takes one job more.
	pub fn takes_jobs(&self, now: BlockNumber) -> bool {
		self.open < self.ask.capacity && !self.has_expired(now)
	}

	/// Whether it takes no jobs any more.
	pub fn has_expired(&self, now: BlockNumber) -> bool {
		self.ask.until.is_some_and(|until| now >= until)
	}

	/// The ask as clients read it.
	pub const fn view(&self, version: VersionId) -> AskView {
		AskView { version, ask: self.ask, open: self.open }
	}
}

/// Why a bond cannot change so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BondFault {
	/// An amount of nothing.
	ZeroAmount,
	/// The free stake is less than the amount.
	InsufficientFreeStake,
	/// What remains is less than the least bond.
	BelowMinBond,
	/// Nothing would remain of the bond of a provider that is online.
	StillOnline,
	/// Nothing would remain of the bond of a provider with asks.
	StillAsking,
	/// Nothing would remain of the bond of a provider with open jobs.
	JobsOpen,
	/// Nothing is unbonding.
	NothingUnbonding,
	/// The unbonding period is not over.
	UnbondingNotOver,
}

impl ProviderRecord {
	/// A new provider: offline, without asks or jobs.
	pub fn new(bond: Balance, now: BlockNumber) -> Self {
		ProviderRecord {
			bond,
			locked: 0,
			open: 0,
			unbonding: None,
			online: false,
			heartbeat: now,
			maintenance: None,
			statistics: Statistics::default(),
			asks: 0,
		}
	}

	/// The part of the bond that no job has locked. Saturates, but never has to: P-2.
	pub const fn free(&self) -> Balance {
		self.bond.saturating_sub(self.locked)
	}

	/// Whether it can be drawn: online, with a heartbeat at most `period` old, and not announced as
	/// away.
	pub fn is_available(&self, now: BlockNumber, period: BlockNumber) -> bool {
		// Saturates: a period past the last block never ends.
		let alive = self.online && now <= self.heartbeat.saturating_add(period);
		alive && !self.maintenance.is_some_and(|away| away.covers(now))
	}

	/// Whether nothing of it remains, so that its record can go.
	pub const fn is_gone(&self) -> bool {
		self.bond == 0 && self.unbonding.is_none() && self.open == 0 && self.asks == 0
	}

	/// With `amount` more bonded, `least` or more in all.
	pub fn bond_extra(self, amount: Balance, least: Balance) -> Result<Self, BondFault> {
		if amount == 0 {
			return Err(BondFault::ZeroAmount);
		}
		// Saturates: an amount that overflows is more than there is, and cannot be held.
		let bond = self.bond.saturating_add(amount);
		if bond < least {
			return Err(BondFault::BelowMinBond);
		}
		Ok(ProviderRecord { bond, ..self })
	}

	/// With `amount` taken out of the bond, to be withdrawn from `until` on.
	pub fn unbond(
		self,
		amount: Balance,
		least: Balance,
		until: BlockNumber,
	) -> Result<Self, BondFault> {
		if amount == 0 {
			return Err(BondFault::ZeroAmount);
		}
		if amount > self.free() {
			return Err(BondFault::InsufficientFreeStake);
		}
		// Saturates, but never has to: the amount is at most the free part of the bond.
		let bond = self.bond.saturating_sub(amount);
		if bond == 0 {
			self.may_leave()?;
		} else if bond < least {
			return Err(BondFault::BelowMinBond);
		}
		let before = self.unbonding.map_or(0, |(before, _)| before);
		// Saturates, but never has to: both are parts of what is held.
		let unbonding = Some((before.saturating_add(amount), until));
		Ok(ProviderRecord { bond, unbonding, ..self })
	}

	const fn may_leave(&self) -> Result<(), BondFault> {
		if self.online {
			Err(BondFault::StillOnline)
		} else if self.open > 0 {
			Err(BondFault::JobsOpen)
		} else if self.asks > 0 {
			Err(BondFault::StillAsking)
		} else {
			Ok(())
		}
	}

	/// With nothing unbonding, and the amount to be released.
	pub fn withdraw(self, now: BlockNumber) -> Result<(Self, Balance), BondFault> {
		let (amount, until) = self.unbonding.ok_or(BondFault::NothingUnbonding)?;
		if now < until {
			return Err(BondFault::UnbondingNotOver);
		}
		Ok((ProviderRecord { unbonding: None, ..self }, amount))
	}

	/// With one job more that locks `exposure`; `None` where the free stake is less, the
	/// provider is leaving, or its jobs cannot be counted.
	pub fn assign(self, exposure: Balance) -> Option<Self> {
		if self.bond == 0 || exposure > self.free() {
			return None;
		}
		let open = self.open.checked_add(1)?;
		// Saturates, but never has to: the sum is at most the bond.
		let locked = self.locked.saturating_add(exposure);
		let assigned = self.statistics.assigned.saturating_add(1);
		let statistics = Statistics { assigned, ..self.statistics };
		Some(ProviderRecord { locked, open, statistics, ..self })
	}

	/// With one job less; `None` where there is no such job. What becomes of jobs whose provider was
	/// named is not counted.
	pub fn finish(self, engagement: Engagement, performance: Performance) -> Option<Self> {
		let locked = self.locked.checked_sub(engagement.exposure)?;
		let open = self.open.checked_sub(1)?;
		let statistics = match engagement.weight {
			Some(weight) => self.statistics.with(performance, weight),
			None => self.statistics,
		};
		Some(ProviderRecord { locked, open, statistics, ..self })
	}

	/// With one job less, whose exposure is taken out of the bond. With less than `least` left, it
	/// is offline. `None` where there is no such job.
	pub fn slash(self, engagement: Engagement, least: Balance) -> Option<Self> {
		let Engagement { exposure, weight, .. } = engagement;
		let locked = self.locked.checked_sub(exposure)?;
		let open = self.open.checked_sub(1)?;
		let bond = self.bond.checked_sub(exposure)?;
		// A wrong result is one, whoever asked for it.
		let statistics = self.statistics.with(Performance::Refuted, weight.unwrap_or_default());
		let online = self.online && bond >= least;
		Some(ProviderRecord { locked, open, bond, statistics, online, ..self })
	}

	/// The provider as it takes part in a draw.
	pub fn candidate<AccountId>(&self, provider: AccountId, ask: Balance) -> Candidate<AccountId> {
		let (quality, tier) = (self.statistics.quality(), self.statistics.tier());
		Candidate { provider, ask, free_stake: self.free(), quality, tier }
	}

	/// One of its asks as clients read it in the order book.
	pub fn order<AccountId>(
		&self,
		provider: AccountId,
		ask: &AskRecord,
		able: bool,
	) -> OrderView<AccountId> {
		OrderView {
			provider,
			ask: ask.ask,
			open: ask.open,
			able,
			free_stake: self.free(),
			quality: self.statistics.quality(),
			tier: self.statistics.tier(),
		}
	}

	/// The provider as clients read it.
	pub fn into_view<AccountId>(
		self,
		account: AccountId,
		profile: Profile,
		available: bool,
		asks: Vec<AskView>,
	) -> ProviderView<AccountId> {
		ProviderView {
			account,
			profile,
			bond: self.bond,
			locked: self.locked,
			unbonding: self.unbonding,
			online: self.online,
			available,
			heartbeat: self.heartbeat,
			maintenance: self.maintenance,
			tier: self.statistics.tier(),
			statistics: self.statistics,
			asks,
		}
	}
}

#[cfg(test)]
mod tests;

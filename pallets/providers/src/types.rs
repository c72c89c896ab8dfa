//! The state of a provider and its transitions. Nothing here knows of `Config`.

use alloc::vec::Vec;
use assay_primitives::{
	provider::{AskView, Candidate, Performance, Profile, ProviderView, Statistics},
	Balance, BlockNumber,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

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
	/// What became of its jobs.
	pub statistics: Statistics,
	/// The number of its asks.
	pub asks: u32,
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
			statistics: Statistics::default(),
			asks: 0,
		}
	}

	/// The part of the bond that no job has locked. Saturates, but never has to: P-2.
	pub const fn free(&self) -> Balance {
		self.bond.saturating_sub(self.locked)
	}

	/// Whether it can be drawn: online, with a heartbeat at most `period` old.
	pub const fn is_available(&self, now: BlockNumber, period: BlockNumber) -> bool {
		// Saturates: a period past the last block never ends.
		self.online && now <= self.heartbeat.saturating_add(period)
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
		} else if self.asks > 0 {
			Err(BondFault::StillAsking)
		} else if self.open > 0 {
			Err(BondFault::JobsOpen)
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

	/// With one job less, that had locked `exposure`; `None` where there is no such job.
	pub fn finish(self, exposure: Balance, performance: Performance) -> Option<Self> {
		let locked = self.locked.checked_sub(exposure)?;
		let open = self.open.checked_sub(1)?;
		let mut statistics = self.statistics;
		// The counters saturate: no chain assigns 2⁶⁴ jobs.
		match performance {
			Performance::Delivered => {
				statistics.delivered = statistics.delivered.saturating_add(1);
			},
			Performance::Missed => statistics.missed = statistics.missed.saturating_add(1),
			Performance::Excused => {},
			Performance::Struck => statistics.strikes = statistics.strikes.saturating_add(1),
		}
		Some(ProviderRecord { locked, open, statistics, ..self })
	}

	/// With one job less, whose exposure is taken out of the bond. With less than `least` left, it
	/// is offline. `None` where there is no such job.
	pub fn slash(self, exposure: Balance, least: Balance) -> Option<Self> {
		let locked = self.locked.checked_sub(exposure)?;
		let open = self.open.checked_sub(1)?;
		let bond = self.bond.checked_sub(exposure)?;
		let refuted = self.statistics.refuted.saturating_add(1);
		let statistics = Statistics { refuted, ..self.statistics };
		let online = self.online && bond >= least;
		Some(ProviderRecord { locked, open, bond, statistics, online, ..self })
	}

	/// The provider as it takes part in a draw.
	pub fn candidate<AccountId>(&self, provider: AccountId, ask: Balance) -> Candidate<AccountId> {
		let quality = self.statistics.quality();
		Candidate { provider, ask, free_stake: self.free(), quality }
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
			statistics: self.statistics,
			asks,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const LEAST: Balance = 100;

	fn provider(bond: Balance) -> ProviderRecord {
		ProviderRecord::new(bond, 10)
	}

	#[test]
	fn a_heartbeat_lasts_for_the_period_and_no_longer() {
		let online = ProviderRecord { online: true, ..provider(LEAST) };
		assert!(online.is_available(15, 5));
		assert!(!online.is_available(16, 5));
		assert!(online.is_available(u32::MAX, u32::MAX));
		assert!(!provider(LEAST).is_available(10, 5));
	}

	#[test]
	fn a_second_unbonding_joins_the_first_and_restarts_it() {
		let record = provider(300).unbond(50, LEAST, 20).unwrap();
		let record = record.unbond(30, LEAST, 25).unwrap();
		assert_eq!((record.bond, record.unbonding), (220, Some((80, 25))));
		assert_eq!(record.clone().withdraw(24), Err(BondFault::UnbondingNotOver));
		assert_eq!(record.withdraw(25).unwrap().1, 80);
	}

	#[test]
	fn a_job_that_was_not_assigned_cannot_finish() {
		assert_eq!(provider(300).finish(0, Performance::Delivered), None);
		let assigned = provider(300).assign(10).unwrap();
		assert_eq!(assigned.finish(11, Performance::Delivered), None);
	}

	#[test]
	fn a_slash_is_exactly_the_exposure_and_takes_a_poor_provider_offline() {
		let online = ProviderRecord { online: true, ..provider(300) };
		let assigned = online.assign(150).unwrap().assign(60).unwrap();
		assert_eq!(assigned.clone().slash(211, LEAST), None);
		let once = assigned.slash(150, LEAST).unwrap();
		assert_eq!((once.bond, once.locked, once.open, once.online), (150, 60, 1, true));
		let twice = once.slash(60, LEAST).unwrap();
		assert_eq!((twice.bond, twice.locked, twice.open, twice.online), (90, 0, 0, false));
		assert_eq!(twice.statistics.refuted, 2);
		assert_eq!(twice.slash(0, LEAST), None);
	}

	#[test]
	fn a_provider_that_is_leaving_is_assigned_nothing() {
		let leaving = provider(LEAST).unbond(LEAST, LEAST, 20).unwrap();
		assert_eq!(leaving.assign(0), None);
	}

	#[test]
	fn only_what_became_of_a_job_is_counted() {
		let finish = |performance| {
			provider(300).assign(10).unwrap().finish(10, performance).unwrap().statistics
		};
		let counts = |statistics: Statistics| (statistics.delivered, statistics.missed);
		assert_eq!(counts(finish(Performance::Delivered)), (1, 0));
		assert_eq!(counts(finish(Performance::Missed)), (0, 1));
		assert_eq!(counts(finish(Performance::Excused)), (0, 0));
		assert_eq!(counts(finish(Performance::Struck)), (0, 0));
		assert_eq!(finish(Performance::Struck).strikes, 1);
	}

	proptest! {
		#[test]
		fn stake_is_neither_made_nor_lost(
			steps in proptest::collection::vec((0u8..5, 0u128..200), 0..60),
		) {
			let (mut record, mut put_in, mut taken_out) = (provider(500), 500, 0);
			let mut jobs = Vec::new();
			for (now, (step, amount)) in steps.into_iter().enumerate() {
				let now = u32::try_from(now).unwrap();
				let next = match step {
					0 => record.clone().bond_extra(amount, LEAST).ok().inspect(|_| put_in += amount),
					1 => record.clone().unbond(amount, LEAST, now + 3).ok(),
					2 => record.clone().assign(amount).inspect(|_| jobs.push(amount)),
					3 => jobs.pop().map(|exposure| {
						taken_out += exposure;
						record.clone().slash(exposure, LEAST).unwrap()
					}),
					_ if amount % 2 == 0 => jobs.pop().map(|exposure| {
						record.clone().finish(exposure, Performance::Delivered).unwrap()
					}),
					_ => record.clone().withdraw(now).ok().map(|(next, amount)| {
						taken_out += amount;
						next
					}),
				};
				record = next.unwrap_or(record);
				let unbonding = record.unbonding.map_or(0, |(amount, _)| amount);
				prop_assert_eq!(record.bond + unbonding + taken_out, put_in);
				prop_assert_eq!(record.locked, jobs.iter().sum::<u128>());
				prop_assert!(record.locked <= record.bond);
				let slashed = record.statistics.refuted > 0;
				prop_assert!(record.bond == 0 || record.bond >= LEAST || slashed);
			}
		}
	}
}

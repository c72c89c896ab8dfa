//! The state machine of an audit, and how likely one is. Nothing here knows of `Config`.

use assay_canon::commitment::Hash;
use assay_primitives::{
	audit::{Answer, AuditView, Phase, Seat},
	provider::Statistics,
	Balance, BlockNumber, JobId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Permill;

/// The largest factor of the rate, in quarters.
pub const MOST_QUARTERS: u32 = 16;

/// Why a transition is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditFault {
	/// The caller was not drawn.
	NotAuditor,
	/// The caller has sealed a trace already.
	AlreadyCommitted,
	/// The time for the move is over.
	TooLate,
	/// Seals are not opened yet.
	TooEarly,
	/// The caller has sealed nothing.
	NotCommitted,
	/// The caller has opened its seal already.
	AlreadyRevealed,
	/// The trace and the salt are not what the caller sealed.
	WrongSeal,
}

/// An audit.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Audit<AccountId> {
	/// The attempt whose result is audited: providers drawn for the job so far.
	pub attempt: u8,
	/// Whose result it is.
	pub provider: AccountId,
	/// The whole fee of the job.
	pub fee: Balance,
	/// What is held of an auditor from its seal on.
	pub bond: Balance,
	/// The blocks of each part.
	pub step: BlockNumber,
	/// The part that the audit is in.
	pub phase: Phase,
	/// The first block in which this part is over.
	pub until: BlockNumber,
	/// The two auditors.
	pub seats: [Seat<AccountId>; 2],
}

impl<AccountId: PartialEq> Audit<AccountId> {
	/// With what time alone has brought: once the time for seals is over, they are opened. What
	/// follows is dated back to when it was due, however late somebody looks.
	pub fn caught_up(mut self, now: BlockNumber) -> Self {
		let sealed = self.seats.iter().any(|seat| seat.answer != Answer::Nothing);
		if self.phase == Phase::Commit && sealed && now >= self.until {
			self.until = self.until.saturating_add(self.step);
			self.phase = Phase::Reveal;
		}
		self
	}

	/// Put a sealed trace into the audit. With the second one, seals are opened.
	pub fn commit(
		mut self,
		who: &AccountId,
		seal: Hash,
		now: BlockNumber,
	) -> Result<Self, AuditFault> {
		let late = self.phase != Phase::Commit || now >= self.until;
		let seat = self.seat(who)?;
		match seat.answer {
			Answer::Nothing if late => return Err(AuditFault::TooLate),
			Answer::Nothing => seat.answer = Answer::Sealed(seal),
			_ => return Err(AuditFault::AlreadyCommitted),
		}
		if self.seats.iter().all(|seat| seat.answer != Answer::Nothing) {
			self.phase = Phase::Reveal;
			self.until = now.saturating_add(self.step);
		}
		Ok(self)
	}

	/// Open a seal. `expected` is the seal of what the caller says.
	pub fn reveal(
		mut self,
		who: &AccountId,
		history: Hash,
		expected: Hash,
		now: BlockNumber,
	) -> Result<Self, AuditFault> {
		let (early, late) = (self.phase != Phase::Reveal, now >= self.until);
		let seat = self.seat(who)?;
		match seat.answer {
			Answer::Nothing => Err(AuditFault::NotCommitted),
			Answer::Revealed(_) => Err(AuditFault::AlreadyRevealed),
			Answer::Sealed(_) if early => Err(AuditFault::TooEarly),
			Answer::Sealed(_) if late => Err(AuditFault::TooLate),
			Answer::Sealed(seal) if seal != expected => Err(AuditFault::WrongSeal),
			Answer::Sealed(_) => {
				seat.answer = Answer::Revealed(history);
				Ok(self)
			},
		}
	}

	/// Whether nothing more can be said, after [`Self::caught_up`].
	pub fn is_over(&self, now: BlockNumber) -> bool {
		let sealed = self.seats.iter().any(|seat| matches!(seat.answer, Answer::Sealed(_)));
		now >= self.until || self.phase == Phase::Reveal && !sealed
	}

	fn seat(&mut self, who: &AccountId) -> Result<&mut Seat<AccountId>, AuditFault> {
		self.seats.iter_mut().find(|seat| seat.auditor == *who).ok_or(AuditFault::NotAuditor)
	}

	/// The audit as clients read it.
	pub fn into_view(self, job: JobId) -> AuditView<AccountId> {
		AuditView {
			job,
			attempt: self.attempt,
			provider: self.provider,
			fee: self.fee,
			bond: self.bond,
			phase: self.phase,
			until: self.until,
			step: self.step,
			seats: self.seats.into(),
		}
	}
}

/// What is known of a provider's faults. It is brought up to date when it is looked at.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Standing {
	/// The faults of its statistics that were seen.
	pub faults: u32,
	/// What it had delivered when its last fault was seen. An audit that it missed is one, too.
	pub since: Option<u32>,
}

impl Standing {
	/// With what the statistics say now.
	pub fn updated(self, statistics: &Statistics) -> Self {
		let Statistics { missed, refuted, strikes, .. } = statistics;
		let faults = saturated(missed.saturating_add(*refuted).saturating_add(*strikes));
		if faults == self.faults {
			return self;
		}
		Standing { faults, since: Some(saturated(statistics.delivered)) }
	}

	/// With one fault more, which no statistics count.
	pub fn failed(self, statistics: &Statistics) -> Self {
		let Standing { faults, .. } = self.updated(statistics);
		Standing { faults, since: Some(saturated(statistics.delivered)) }
	}

	/// The factor of the rate at which its results are audited, in quarters.
	pub fn quarters(&self, statistics: &Statistics) -> u32 {
		let delivered = saturated(statistics.delivered);
		let clean = delivered.saturating_sub(self.since.unwrap_or(0));
		match clean {
			..100 if self.since.is_some() => MOST_QUARTERS,
			..200 => 4,
			200..1_000 => 2,
			1_000.. => 1,
		}
	}
}

fn saturated(count: u64) -> u32 {
	u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether a random number is among the lowest `rate` times `quarters` / 4 of all.
pub fn is_drawn(number: u64, rate: Permill, quarters: u32) -> bool {
	// Of four million parts: a number below 2⁶⁴ times a constant below 2²² is below 2⁸⁶.
	let part = u128::from(number).saturating_mul(4_000_000) >> 64;
	part < u128::from(rate.deconstruct()).saturating_mul(quarters.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const SEAL: Hash = [5; 32];
	const HISTORY: Hash = [9; 32];

	fn audit() -> Audit<u64> {
		let seat = |auditor| Seat { auditor, answer: Answer::Nothing };
		Audit {
			attempt: 1,
			provider: 1,
			fee: 100,
			bond: 10,
			step: 5,
			phase: Phase::Commit,
			until: 15,
			seats: [seat(2), seat(3)],
		}
	}

	fn sealed() -> Audit<u64> {
		audit().commit(&2, SEAL, 10).unwrap()
	}

	#[test]
	fn the_whole_way_of_a_good_audit() {
		let both = sealed().commit(&3, SEAL, 12).unwrap();
		assert_eq!((both.phase, both.until), (Phase::Reveal, 17));
		assert!(!both.is_over(16));
		let one = both.reveal(&3, HISTORY, SEAL, 12).unwrap();
		assert!(!one.is_over(16) && one.is_over(17));
		let two = one.reveal(&2, HISTORY, SEAL, 16).unwrap();
		assert!(two.is_over(16));
	}

	#[test]
	fn a_move_too_early_too_late_twice_or_by_somebody_else_is_refused() {
		assert_eq!(audit().commit(&1, SEAL, 10), Err(AuditFault::NotAuditor));
		assert_eq!(audit().commit(&2, SEAL, 15), Err(AuditFault::TooLate));
		assert_eq!(sealed().commit(&2, SEAL, 11), Err(AuditFault::AlreadyCommitted));
		assert_eq!(sealed().reveal(&2, HISTORY, SEAL, 11), Err(AuditFault::TooEarly));
		assert_eq!(sealed().reveal(&3, HISTORY, SEAL, 11), Err(AuditFault::NotCommitted));
		assert_eq!(sealed().reveal(&4, HISTORY, SEAL, 11), Err(AuditFault::NotAuditor));
		let later = sealed().caught_up(15);
		assert_eq!(later.clone().commit(&3, SEAL, 15), Err(AuditFault::TooLate));
		assert_eq!(later.clone().reveal(&2, HISTORY, HISTORY, 15), Err(AuditFault::WrongSeal));
		assert_eq!(later.clone().reveal(&2, HISTORY, SEAL, 20), Err(AuditFault::TooLate));
		let revealed = later.reveal(&2, HISTORY, SEAL, 19).unwrap();
		assert_eq!(
			revealed.clone().reveal(&2, HISTORY, SEAL, 19),
			Err(AuditFault::AlreadyRevealed)
		);
		assert!(revealed.is_over(19), "the other has nothing to say");
	}

	/// However late somebody looks: the time for openings began when that for seals ended.
	#[test]
	fn a_late_look_does_not_move_a_deadline() {
		for now in [15, 19, 500] {
			let later = sealed().caught_up(now);
			assert_eq!((later.phase, later.until), (Phase::Reveal, 20));
		}
		assert_eq!(sealed().caught_up(14), sealed());
		assert_eq!(audit().caught_up(500), audit());
		assert!(audit().is_over(15) && !audit().is_over(14));
	}

	fn statistics(delivered: u64, missed: u64) -> Statistics {
		Statistics { delivered, missed, ..Statistics::default() }
	}

	#[test]
	fn sampling_falls_with_a_clean_record_and_rises_after_a_fault() {
		let clean = |delivered| Standing::default().quarters(&statistics(delivered, 0));
		assert_eq!([0, 199, 200, 999, 1_000].map(clean), [4, 4, 2, 2, 1]);
		let fallen = Standing::default().updated(&statistics(5_000, 1));
		assert_eq!(fallen, Standing { faults: 1, since: Some(5_000) });
		let after = |more: u64| fallen.quarters(&statistics(5_000 + more, 1));
		assert_eq!([0, 99, 100, 200, 1_000].map(after), [16, 16, 4, 2, 1]);
		assert_eq!(fallen.updated(&statistics(6_000, 1)), fallen);
	}

	#[test]
	fn an_audit_that_was_missed_counts_although_no_statistics_have_it() {
		let failed = Standing::default().failed(&statistics(2_000, 0));
		assert_eq!(failed.quarters(&statistics(2_000, 0)), MOST_QUARTERS);
		assert_eq!(failed.updated(&statistics(2_050, 0)), failed);
		assert_eq!(failed.quarters(&statistics(2_100, 0)), 4);
	}

	#[test]
	fn all_are_drawn_or_none() {
		for number in [0, 1, u64::MAX] {
			assert!(is_drawn(number, Permill::one(), 4));
			assert!(!is_drawn(number, Permill::zero(), MOST_QUARTERS));
		}
	}

	proptest! {
		/// So many of a hundred thousand evenly spread numbers are drawn as the rate says.
		#[test]
		fn the_rate_is_kept(parts in 0u32..=1_000_000, quarters in 1u32..=MOST_QUARTERS) {
			let rate = Permill::from_parts(parts);
			let count = 100_000u64;
			let drawn = (0..count).filter(|index| is_drawn(index * (u64::MAX / count), rate, quarters));
			let expected = (f64::from(parts) * f64::from(quarters) / 4e6).min(1.0) * count as f64;
			prop_assert!((drawn.count() as f64 - expected).abs() <= 2.0);
		}
	}
}

//! Providers: who runs models, where, and how reliably.

use crate::{ids::VersionId, Balance, BlockNumber, ASY};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, Permill};

/// The longest endpoint URL in bytes.
pub const MAX_ENDPOINT: u32 = 256;
/// The longest text of a runtime profile or a device in bytes.
pub const MAX_LABEL: u32 = 64;
/// The most asks that one draw reads.
pub const MAX_CANDIDATES: u32 = 64;
/// The most devices of a profile.
pub const MAX_DEVICES: u32 = 8;

/// A short UTF-8 text.
pub type Label = BoundedVec<u8, ConstU32<MAX_LABEL>>;

/// What a provider says of itself.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Profile {
	/// The URL of its artifact gateway, from which outputs by root are fetched; may be empty.
	pub endpoint: BoundedVec<u8, ConstU32<MAX_ENDPOINT>>,
	/// The engine and its pinned configuration, for example `ort-1.31.1/cpu`.
	pub runtime: Label,
	/// The devices it runs on, for example `NVIDIA H100`.
	pub devices: BoundedVec<Label, ConstU32<MAX_DEVICES>>,
}

impl Profile {
	/// Whether every text is UTF-8 and the endpoint is empty or an `http` or `https` URL.
	pub fn is_valid(&self) -> bool {
		let is_text = |bytes: &[u8]| core::str::from_utf8(bytes).is_ok();
		let is_url = self.endpoint.is_empty()
			|| core::str::from_utf8(&self.endpoint).is_ok_and(|url| {
				["http://", "https://"]
					.iter()
					.any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
			});
		is_url && is_text(&self.runtime) && self.devices.iter().all(|device| is_text(device))
	}
}

/// What became of the jobs that a provider was assigned.
///
/// Only jobs whose provider was drawn count, except for `assigned` and `refuted`: whoever names its
/// provider says nothing of how it fares among others (PROTOCOL P5.4).
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
	Serialize,
	Deserialize,
)]
pub struct Statistics {
	/// Jobs assigned to it.
	pub assigned: u64,
	/// Jobs it answered whose results settled.
	pub delivered: u64,
	/// Jobs it did not answer in time.
	pub missed: u64,
	/// Jobs whose results were proven wrong.
	pub refuted: u64,
	/// Jobs whose results were outside of the tolerance, without guilt. Honest engines have some
	/// too: to be compared with those of other providers of the same versions.
	pub strikes: u64,
	/// What jobs that it delivered weigh together.
	pub merit: Balance,
	/// What jobs that it missed, or whose results were proven wrong, weigh together.
	pub demerit: Balance,
}

/// What a provider is assumed to have delivered, and to have missed, before its first job.
const QUALITY_PRIOR: Balance = ASY / 1000;

impl Statistics {
	/// The share of what it was drawn for that it delivered, by weight, with the same assumed of
	/// either before the first (Laplace's rule of succession): newcomers start at one half.
	///
	/// A job weighs what was burned or paid to third parties for it, so that nobody improves its
	/// record for less with jobs of its own (PROTOCOL P5.4).
	pub fn quality(&self) -> Permill {
		let good = self.merit.saturating_add(QUALITY_PRIOR);
		let all = good.saturating_add(self.demerit).saturating_add(QUALITY_PRIOR);
		Permill::from_rational(good, all)
	}

	/// How it has proven itself.
	pub fn tier(&self) -> Tier {
		let finished = self.delivered.saturating_add(self.missed).saturating_add(self.refuted);
		let share =
			|percent: u64| self.delivered.saturating_mul(100) >= finished.saturating_mul(percent);
		let at_least = |jobs: u64| {
			let weight = Balance::from(jobs).saturating_mul(QUALITY_PRIOR);
			self.delivered >= jobs && self.merit >= weight
		};
		let refuted = self.refuted.saturating_mul(100);
		if at_least(1_000) && self.refuted == 0 && share(99) {
			Tier::Trusted
		} else if at_least(50) && refuted <= self.delivered && share(95) {
			Tier::Proven
		} else {
			Tier::New
		}
	}

	/// With one job more that became this, and counts for so much.
	pub fn with(mut self, performance: Performance, weight: Balance) -> Self {
		// The counters saturate: no chain assigns 2⁶⁴ jobs, and no token has 2¹²⁸ units.
		let (count, weighed) = match performance {
			Performance::Delivered => (&mut self.delivered, Some(&mut self.merit)),
			Performance::Missed => (&mut self.missed, Some(&mut self.demerit)),
			Performance::Refuted => (&mut self.refuted, Some(&mut self.demerit)),
			Performance::Struck => (&mut self.strikes, None),
			Performance::Excused => return self,
		};
		*count = count.saturating_add(1);
		if let Some(weighed) = weighed {
			*weighed = weighed.saturating_add(weight);
		}
		self
	}
}

/// How a provider has proven itself by the jobs that it was drawn for.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
	/// Less than what follows.
	#[default]
	New,
	/// At least 50 delivered that weigh 0.05 ASY, which are 95 of 100, and at most one refuted for
	/// each 100 delivered.
	Proven,
	/// At least 1,000 delivered that weigh an ASY, which are 99 of 100, and nothing refuted.
	Trusted,
}

impl Tier {
	/// The name by which people and JSON know the tier.
	pub const fn name(&self) -> &'static str {
		match self {
			Tier::New => "new",
			Tier::Proven => "proven",
			Tier::Trusted => "trusted",
		}
	}
}

impl fmt::Display for Tier {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// Text that names no tier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseTierError;

impl fmt::Display for ParseTierError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected new, proven or trusted")
	}
}

impl core::error::Error for ParseTierError {}

impl FromStr for Tier {
	type Err = ParseTierError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		[Tier::New, Tier::Proven, Tier::Trusted]
			.into_iter()
			.find(|tier| tier.name() == text)
			.ok_or(ParseTierError)
	}
}

/// What a provider offers for a version.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Ask {
	/// Its price a unit of the version.
	pub price: Balance,
	/// The most jobs of the version that it has to answer at once.
	pub capacity: u32,
	/// The block from which on it is not drawn any more, if there is one.
	pub until: Option<BlockNumber>,
}

/// Blocks in which a provider is not drawn.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Maintenance {
	/// The first of them.
	pub from: BlockNumber,
	/// The first after them.
	pub until: BlockNumber,
}

impl Maintenance {
	/// Whether this block is one of them.
	pub const fn covers(&self, block: BlockNumber) -> bool {
		self.from <= block && block < self.until
	}
}

/// A provider that can be drawn for a job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Candidate<AccountId> {
	/// The provider.
	pub provider: AccountId,
	/// Its price a unit of the version.
	pub ask: Balance,
	/// The part of its bond that no job has locked.
	pub free_stake: Balance,
	/// How reliably it delivered.
	pub quality: Permill,
	/// How it has proven itself.
	pub tier: Tier,
}

impl<AccountId> Candidate<AccountId> {
	/// The weight of the candidate in a draw: its free stake, lowered by its quality.
	pub fn weight(&self) -> Balance {
		self.quality.mul_floor(self.free_stake)
	}
}

/// What an open job takes of its provider, and counts for when it ends.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Engagement {
	/// The version that is run.
	pub version: VersionId,
	/// The part of the provider's bond that the job locks.
	pub exposure: Balance,
	/// What the job weighs in the record of its provider; `None` if that was named, not drawn.
	pub weight: Option<Balance>,
}

/// What became of one assigned job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Performance {
	/// The result settled.
	Delivered,
	/// No result came in time.
	Missed,
	/// The job ended through no merit or fault of the provider.
	Excused,
	/// The result was outside of the tolerance, without guilt.
	Struck,
	/// The result was proven wrong.
	Refuted,
}

/// An ask as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AskView {
	/// The version it serves.
	pub version: VersionId,
	/// What it offers.
	pub ask: Ask,
	/// The jobs of the version that it has to answer.
	pub open: u32,
}

/// An ask in the order book of a version, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OrderView<AccountId> {
	/// Whose it is.
	pub provider: AccountId,
	/// What it offers.
	pub ask: Ask,
	/// The jobs of the version that it has to answer.
	pub open: u32,
	/// Whether it can be drawn now.
	pub able: bool,
	/// The part of its bond that no job has locked.
	pub free_stake: Balance,
	/// How reliably it delivered.
	pub quality: Permill,
	/// How it has proven itself.
	pub tier: Tier,
}

/// A provider as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ProviderView<AccountId> {
	/// Its account.
	pub account: AccountId,
	/// What it says of itself.
	pub profile: Profile,
	/// Its bond, without what is unbonding.
	pub bond: Balance,
	/// The part of the bond that open jobs have locked.
	pub locked: Balance,
	/// What is unbonding, with the block from which it can be withdrawn.
	pub unbonding: Option<(Balance, BlockNumber)>,
	/// Whether it says that it takes jobs.
	pub online: bool,
	/// Whether it is drawn: online, and its last heartbeat has not expired.
	pub available: bool,
	/// The block of its last heartbeat.
	pub heartbeat: BlockNumber,
	/// When it is not drawn, as it has announced.
	pub maintenance: Option<Maintenance>,
	/// What became of its jobs.
	pub statistics: Statistics,
	/// How it has proven itself.
	pub tier: Tier,
	/// The versions it serves.
	pub asks: Vec<AskView>,
}

#[cfg(test)]
mod tests {
	use super::*;

	const WEIGHT: Balance = QUALITY_PRIOR;

	fn record(delivered: u64, missed: u64, refuted: u64, weight: Balance) -> Statistics {
		let done = |performance, count: u64, statistics: Statistics| {
			(0..count).fold(statistics, |statistics, _| statistics.with(performance, weight))
		};
		let statistics = done(Performance::Delivered, delivered, Statistics::default());
		let statistics = done(Performance::Missed, missed, statistics);
		done(Performance::Refuted, refuted, statistics)
	}

	#[test]
	fn quality_starts_at_one_half_and_follows_the_weights() {
		assert_eq!(Statistics::default().quality(), Permill::from_percent(50));
		assert_eq!(record(1, 0, 0, WEIGHT).quality(), Permill::from_rational(2u32, 3));
		assert_eq!(record(7, 2, 1, WEIGHT).quality(), Permill::from_rational(8u32, 12));
		// A thousand jobs that cost nothing prove nothing.
		assert_eq!(record(1_000, 0, 0, 0).quality(), Permill::from_percent(50));
	}

	#[test]
	fn a_tier_takes_jobs_that_others_were_paid_for() {
		for (delivered, missed, refuted, weight, tier) in [
			(0, 0, 0, WEIGHT, Tier::New),
			(49, 0, 0, WEIGHT, Tier::New),
			(50, 0, 0, WEIGHT, Tier::Proven),
			(50, 0, 0, WEIGHT - 1, Tier::New),
			(95, 5, 0, WEIGHT, Tier::Proven),
			(95, 6, 0, WEIGHT, Tier::New),
			(99, 0, 1, WEIGHT, Tier::New),
			(100, 0, 1, WEIGHT, Tier::Proven),
			(999, 0, 0, WEIGHT, Tier::Proven),
			(1_000, 0, 0, WEIGHT, Tier::Trusted),
			(1_000, 0, 1, WEIGHT, Tier::Proven),
			(1_000, 11, 0, WEIGHT, Tier::Proven),
		] {
			let statistics = record(delivered, missed, refuted, weight);
			assert_eq!(statistics.tier(), tier, "{statistics:?}");
		}
	}

	#[test]
	fn what_was_excused_or_outside_of_the_tolerance_weighs_nothing() {
		let struck = Statistics::default().with(Performance::Struck, WEIGHT);
		assert_eq!(struck, Statistics { strikes: 1, ..Statistics::default() });
		let excused = struck.with(Performance::Excused, WEIGHT);
		assert_eq!(excused, struck);
	}

	#[test]
	fn a_maintenance_covers_its_first_block_and_not_the_one_after_it() {
		let away = Maintenance { from: 3, until: 5 };
		assert_eq!([2, 3, 4, 5].map(|block| away.covers(block)), [false, true, true, false]);
	}

	#[test]
	fn tiers_are_in_order_and_read_by_their_names() {
		assert!(Tier::New < Tier::Proven && Tier::Proven < Tier::Trusted);
		assert_eq!("proven".parse(), Ok(Tier::Proven));
		assert_eq!("Proven".parse::<Tier>(), Err(ParseTierError));
	}
}

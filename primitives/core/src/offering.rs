//! Offerings of shares in income: what is offered, on what terms, and what became of it.

use crate::{ids::OfferingId, revenue::Subject, Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::ConstU32, BoundedVec, Permill};

/// The most milestones of an offering.
pub const MAX_MILESTONES: u32 = 8;

/// Use by which a part of the money is earned.
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
pub struct Milestone {
	/// The jobs that have used the subject since the offering was closed.
	pub jobs: u64,
	/// What those jobs have paid for it at least: by jobs that cost nothing nobody shows anything.
	pub paid: Balance,
	/// The last block in which that can be shown.
	pub by: BlockNumber,
	/// The part of the money that is released for it.
	pub part: Permill,
}

/// What is offered.
#[derive(
	Clone,
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
pub struct OfferingSpec {
	/// In whose income the shares are.
	pub subject: Subject,
	/// How many are for sale.
	pub shares: Balance,
	/// What one costs.
	pub price: Balance,
	/// The least money for which any are sold.
	pub target: Balance,
	/// The first block in which nobody can subscribe any more.
	pub deadline: BlockNumber,
	/// The part of the money that is released when the offering is closed.
	pub upfront: Permill,
	/// For what the rest is released.
	pub milestones: BoundedVec<Milestone, ConstU32<MAX_MILESTONES>>,
	/// The blocks from the close until all shares are the buyers'. They become so one by one.
	pub vesting: BlockNumber,
}

/// What is wrong with an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferingSpecError {
	/// Nothing is offered.
	Shares,
	/// It costs nothing.
	Price,
	/// The shares cost more than can be counted.
	Overflow,
	/// All shares cost less than the target.
	Target,
	/// The parts of the money are not the whole.
	Parts,
	/// The milestones are not each later and more than the one before, and after the deadline.
	Milestones,
}

impl OfferingSpec {
	/// Check what the chain asks of an offer, but for how long it may take.
	pub fn validate(&self) -> Result<(), OfferingSpecError> {
		let check = |holds: bool, error| holds.then_some(()).ok_or(error);
		check(self.shares > 0, OfferingSpecError::Shares)?;
		check(self.price > 0, OfferingSpecError::Price)?;
		let most = self.shares.checked_mul(self.price).ok_or(OfferingSpecError::Overflow)?;
		check(self.target <= most, OfferingSpecError::Target)?;
		let whole = Permill::one().deconstruct();
		check(self.parts(self.milestones.len()) == whole, OfferingSpecError::Parts)?;
		check(self.is_ascending(), OfferingSpecError::Milestones)
	}

	/// The part of the money, in millionths, that is released with so many milestones.
	pub fn parts(&self, reached: usize) -> u32 {
		let parts = self.milestones.iter().take(reached).map(|milestone| milestone.part);
		// A handful of millions at most.
		parts.fold(self.upfront.deconstruct(), |sum, part| sum.saturating_add(part.deconstruct()))
	}

	/// The last block that anything depends on.
	pub fn horizon(&self) -> BlockNumber {
		self.milestones.last().map_or(self.deadline, |last| last.by)
	}

	fn is_ascending(&self) -> bool {
		let mut before = (0, 0, self.deadline);
		self.milestones.iter().all(|milestone| {
			let this = (milestone.jobs, milestone.paid, milestone.by);
			let (jobs, paid, by) = core::mem::replace(&mut before, this);
			milestone.jobs > jobs && milestone.paid >= paid && milestone.by > by
		})
	}
}

/// Where an offering stands.
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
#[serde(rename_all = "lowercase")]
pub enum OfferingStatus {
	/// It can be subscribed to, or waits for its close.
	Open,
	/// Too little was subscribed, and all goes back.
	Missed,
	/// Shares were sold; money waits for milestones.
	Running,
	/// Shares were sold, and all the money is released.
	Completed,
	/// Shares were sold, and what was not released goes back.
	Aborted,
}

impl OfferingStatus {
	/// The name by which people and JSON know the status.
	pub const fn name(self) -> &'static str {
		match self {
			OfferingStatus::Open => "open",
			OfferingStatus::Missed => "missed",
			OfferingStatus::Running => "running",
			OfferingStatus::Completed => "completed",
			OfferingStatus::Aborted => "aborted",
		}
	}
}

impl fmt::Display for OfferingStatus {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// Why an offering was aborted.
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
pub enum AbortReason {
	/// A milestone was not reached in time.
	MilestoneMissed,
	/// The buyers of more than half of what was sold have voted for it.
	Voted,
}

/// An offering as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OfferingView<AccountId> {
	/// The offering.
	pub id: OfferingId,
	/// Who offers.
	pub issuer: AccountId,
	/// What is offered.
	pub spec: OfferingSpec,
	/// The account that keeps shares and money meanwhile.
	pub account: AccountId,
	/// What is held of the issuer for the record.
	pub deposit: Balance,
	/// Where it stands.
	pub status: OfferingStatus,
	/// The shares that were subscribed to.
	pub demand: Balance,
	/// The tickets that were given.
	pub tickets: u32,
	/// The tickets that something is left of.
	pub left: u32,
	/// The shares that were sold.
	pub sold: Balance,
	/// What they cost.
	pub raised: Balance,
	/// What of it was released to the issuer.
	pub released: Balance,
	/// The block of its close.
	pub closed: Option<BlockNumber>,
	/// The milestones that were reached.
	pub reached: u32,
	/// The jobs that have used the subject since the close.
	pub jobs: u64,
	/// What they have paid for it.
	pub paid: Balance,
	/// The shares whose buyers have voted to abort.
	pub votes: Balance,
	/// The block in which it was aborted.
	pub aborted: Option<BlockNumber>,
}

/// A subscription as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct TicketView<AccountId> {
	/// The offering.
	pub offering: OfferingId,
	/// Its number.
	pub number: u32,
	/// Whose it is.
	pub who: AccountId,
	/// The shares that were subscribed to.
	pub shares: Balance,
	/// The shares that it was allotted; `None` before the close.
	pub allotted: Option<Balance>,
	/// What it was paid back.
	pub repaid: Balance,
	/// The shares that it was given.
	pub taken: Balance,
	/// What it would be paid back now.
	pub money_due: Balance,
	/// The shares that it would be given now.
	pub shares_due: Balance,
	/// Whether it has voted to abort.
	pub voted: bool,
}

/// Sets the scene for benchmarks of offerings.
#[cfg(feature = "runtime-benchmarks")]
pub trait OfferingScene<AccountId> {
	/// Make a subject in whose income an account has so many shares.
	fn tokenized(holder: &AccountId, shares: Balance) -> Subject;

	/// Let the shares in the income of a subject earn so much.
	fn earn(subject: Subject, income: Balance);

	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::ModelId;

	fn milestone(jobs: u64, by: BlockNumber, percent: u32) -> Milestone {
		Milestone { jobs, paid: 0, by, part: Permill::from_percent(percent) }
	}

	fn spec(milestones: Vec<Milestone>) -> OfferingSpec {
		OfferingSpec {
			subject: Subject::Model(ModelId(1)),
			shares: 100,
			price: 7,
			target: 700,
			deadline: 10,
			upfront: Permill::from_percent(40),
			milestones: milestones.try_into().unwrap(),
			vesting: 50,
		}
	}

	fn sound() -> OfferingSpec {
		spec(vec![milestone(5, 20, 25), milestone(9, 30, 35)])
	}

	#[test]
	fn the_parts_of_the_money_are_the_whole_exactly() {
		assert_eq!(sound().validate(), Ok(()));
		assert_eq!(
			[0, 1, 2, 9].map(|reached| sound().parts(reached)),
			[400_000, 650_000, 1_000_000, 1_000_000]
		);
		let all = OfferingSpec { upfront: Permill::one(), ..spec(vec![]) };
		assert_eq!(all.validate(), Ok(()));
		let one = Permill::from_parts(1);
		let least = OfferingSpec { upfront: sound().upfront - one, ..sound() };
		let most = OfferingSpec { upfront: sound().upfront + one, ..sound() };
		let whole = spec(vec![milestone(1, 11, 100)]);
		for wrong in [least, most, whole, spec(vec![])] {
			assert_eq!(wrong.validate(), Err(OfferingSpecError::Parts));
		}
	}

	#[test]
	fn milestones_come_one_after_another_and_after_the_deadline() {
		let both = |first: (u64, u32), second: (u64, u32)| {
			spec(vec![milestone(first.0, first.1, 30), milestone(second.0, second.1, 30)])
		};
		assert_eq!(both((5, 20), (6, 21)).validate(), Ok(()));
		let wrong = [
			both((5, 20), (5, 30)),
			both((5, 20), (4, 30)),
			both((5, 20), (6, 20)),
			both((5, 20), (6, 19)),
			both((5, 10), (6, 20)),
			both((0, 20), (6, 30)),
		];
		for wrong in wrong {
			assert_eq!(wrong.validate(), Err(OfferingSpecError::Milestones), "{wrong:?}");
		}
		let mut both = both((5, 20), (6, 21));
		for (first, second, is_right) in [(7, 7, true), (7, 8, true), (7, 6, false)] {
			[both.milestones[0].paid, both.milestones[1].paid] = [first, second];
			assert_eq!(both.validate().is_ok(), is_right);
		}
		assert_eq!((sound().horizon(), spec(vec![]).horizon()), (30, 10));
	}

	#[test]
	fn something_is_offered_for_money_that_can_be_reached() {
		let check = |spec: OfferingSpec, error| assert_eq!(spec.validate(), Err(error));
		check(OfferingSpec { shares: 0, ..sound() }, OfferingSpecError::Shares);
		check(OfferingSpec { price: 0, ..sound() }, OfferingSpecError::Price);
		check(OfferingSpec { target: 701, ..sound() }, OfferingSpecError::Target);
		check(OfferingSpec { price: u128::MAX / 99, ..sound() }, OfferingSpecError::Overflow);
	}
}

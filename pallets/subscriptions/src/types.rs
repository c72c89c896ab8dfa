//! What is kept of a subscription, and how it moves from one status to the next.

use assay_primitives::{
	job::{Input, Terms},
	subscription::{Run, Status, SubscriptionSpec},
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A subscription.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Subscription<AccountId> {
	/// Whose it is.
	pub subscriber: AccountId,
	/// What is subscribed to; of `runs`, those that are left.
	pub spec: SubscriptionSpec<AccountId>,
	/// What is left of the budget.
	pub budget: Balance,
	/// What is held for the record.
	pub deposit: Balance,
	/// The runs that were made.
	pub made: u32,
	/// The requests that were refused in a row.
	pub failures: u8,
	/// The last run.
	pub last: Option<Run>,
	/// The block in which a run is or was due; the others are whole periods from it. `None` before
	/// the first input.
	pub due: Option<BlockNumber>,
	/// Where it stands.
	pub status: Status,
	/// The block of the agenda that it is under: the one in which it is due, or, if it is not
	/// scheduled, the first in which it can be ended by anybody.
	pub wake: BlockNumber,
}

/// An input that waits for its run, or is run again.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fed<AccountId> {
	/// Who fed it.
	pub by: AccountId,
	/// What is held of that account for it.
	pub deposit: Balance,
	/// The input.
	pub input: Input,
}

/// Why something cannot be done to a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
	/// The account is not the subscriber.
	NotSubscriber,
	/// The account is neither the subscriber nor the feeder.
	NotFeeder,
	/// It is paused already.
	Paused,
	/// It is not paused.
	NotPaused,
	/// It still has time, or is going to run.
	NotLapsed,
}

impl<AccountId: PartialEq> Subscription<AccountId> {
	/// A subscription without an input.
	pub fn new(
		subscriber: AccountId,
		spec: SubscriptionSpec<AccountId>,
		(budget, deposit): (Balance, Balance),
		retention: BlockNumber,
		now: BlockNumber,
	) -> Self {
		let subscription = Subscription {
			subscriber,
			spec,
			budget,
			deposit,
			made: 0,
			failures: 0,
			last: None,
			due: None,
			status: Status::Waiting,
			wake: now,
		};
		subscription.rest(Status::Waiting, retention, now)
	}

	/// Fail unless the account is the subscriber.
	pub fn ensure_subscriber(&self, who: &AccountId) -> Result<(), Fault> {
		(self.subscriber == *who).then_some(()).ok_or(Fault::NotSubscriber)
	}

	/// Fail unless the account may feed inputs.
	pub fn ensure_feeder(&self, who: &AccountId) -> Result<(), Fault> {
		let may = self.subscriber == *who || self.spec.feeder.as_ref() == Some(who);
		may.then_some(()).ok_or(Fault::NotFeeder)
	}

	/// Fail unless anybody may end it.
	pub fn ensure_lapsed(&self, now: BlockNumber) -> Result<(), Fault> {
		let lapsed = self.status != Status::Scheduled && now >= self.wake;
		lapsed.then_some(()).ok_or(Fault::NotLapsed)
	}

	/// An input was fed: it goes on if that was what it waited for, or if this one may cost less.
	pub fn fed(self, now: BlockNumber) -> Self {
		match self.status {
			Status::Waiting | Status::Unfunded => self.schedule(now),
			Status::Scheduled | Status::Paused => self,
		}
	}

	/// More was added to the budget; `None` if that is more than can be counted.
	pub fn topped_up(self, amount: Balance, now: BlockNumber) -> Option<Self> {
		let budget = self.budget.checked_add(amount)?;
		Some(Subscription { budget, ..self }.refunded(now))
	}

	/// The subscriber agrees to other terms from now on.
	pub fn with_terms(mut self, terms: Terms<AccountId>, now: BlockNumber) -> Self {
		self.spec.terms = terms;
		self.refunded(now)
	}

	/// Runs may cost less than is left again.
	fn refunded(self, now: BlockNumber) -> Self {
		match self.status {
			Status::Unfunded => self.schedule(now),
			_ => self,
		}
	}

	/// Pause it.
	pub fn pause(self, retention: BlockNumber, now: BlockNumber) -> Result<Self, Fault> {
		match self.status {
			Status::Paused => Err(Fault::Paused),
			_ => Ok(self.rest(Status::Paused, retention, now)),
		}
	}

	/// Let it go on after a pause.
	pub fn resume(
		self,
		has_input: bool,
		retention: BlockNumber,
		now: BlockNumber,
	) -> Result<Self, Fault> {
		match self.status {
			Status::Paused if has_input => Ok(self.schedule(now)),
			Status::Paused => Ok(self.rest(Status::Waiting, retention, now)),
			_ => Err(Fault::NotPaused),
		}
	}

	/// A job was requested; `None` if it was the last.
	pub fn ran(mut self, run: Run, now: BlockNumber) -> Option<Self> {
		// It was not more than the budget.
		self.budget = self.budget.saturating_sub(run.cost);
		self.made = self.made.saturating_add(1);
		self.failures = 0;
		self.last = Some(run);
		if let Some(runs) = self.spec.runs {
			let left = runs.saturating_sub(1);
			self.spec.runs = Some(left);
			if left == 0 {
				return None;
			}
		}
		Some(self.schedule(now))
	}

	/// A request was refused; `None` if that was once too often in a row.
	pub fn refused(mut self, most: u8, now: BlockNumber) -> Option<Self> {
		self.failures = self.failures.saturating_add(1);
		(self.failures < most).then(|| self.schedule(now))
	}

	/// Nothing is run until something changes.
	pub fn rest(mut self, status: Status, retention: BlockNumber, now: BlockNumber) -> Self {
		self.status = status;
		// Whoever feeds once in a long period is not cut off within it.
		self.wake = now.saturating_add(retention.max(self.spec.period).max(1));
		self
	}

	/// Run it at the first time after now that is whole periods from when it was due, or, if
	/// there was no input before, in the next block.
	fn schedule(mut self, now: BlockNumber) -> Self {
		let due = match self.due {
			Some(due) => next_due(due, self.spec.period, now),
			None => now.saturating_add(1),
		};
		self.due = Some(due);
		self.status = Status::Scheduled;
		self.wake = due;
		self
	}
}

/// The first block after `now` that is some periods after `due`, or `due` itself.
fn next_due(due: BlockNumber, period: BlockNumber, now: BlockNumber) -> BlockNumber {
	let period = period.max(1);
	match now.checked_sub(due) {
		None => due,
		Some(late) => {
			let over = late.checked_div(period).unwrap_or(late);
			due.saturating_add(period.saturating_mul(over.saturating_add(1)))
		},
	}
}

#[cfg(test)]
mod tests;

//! A group of replicas, and the steps of a job that only replicas take.

use super::{Job, JobFault, STOPPED};
use assay_primitives::{
	job::{JobState, OutputRecord, Redundancy},
	BlockNumber, Root,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The part that a group is in.
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
pub enum Phase {
	/// Providers are drawn, and seal their results.
	Sealing,
	/// Sealed results are revealed.
	Revealing,
	/// Nothing is sealed any more.
	Over,
}

/// What comes next for a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
	/// Nothing, for now or for ever.
	Wait,
	/// Sealed results are revealed, and nobody waits for the other replicas.
	Reveal,
	/// All that was to be revealed is: the results are compared.
	Compare,
}

/// The replicas of one request.
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
pub struct Group {
	/// How many replicas there are. Their numbers follow that of the group.
	pub replicas: u8,
	/// The seals after which nobody else is waited for.
	pub answers: u8,
	/// The replicas that were sealed: of a group that reveals, those at its beginning.
	pub sealed: u8,
	/// The part that the group is in.
	pub phase: Phase,
}

impl Group {
	/// A group that was requested.
	pub const fn new(redundancy: Redundancy) -> Self {
		let Redundancy { replicas, answers } = redundancy;
		Group { replicas, answers, sealed: 0, phase: Phase::Sealing }
	}

	/// Go on, with so many replicas that may still be sealed and so many that are.
	pub const fn advance(mut self, waiting: u8, sealed: u8) -> (Self, Turn) {
		let turn = match self.phase {
			Phase::Sealing => {
				self.sealed = sealed;
				if waiting > 0 && sealed < self.answers {
					Turn::Wait
				} else if sealed > 0 {
					self.phase = Phase::Revealing;
					Turn::Reveal
				} else {
					self.phase = Phase::Over;
					Turn::Wait
				}
			},
			Phase::Revealing if sealed == 0 => {
				self.phase = Phase::Over;
				Turn::Compare
			},
			Phase::Revealing | Phase::Over => Turn::Wait,
		};
		(self, turn)
	}
}

/// How many of these replicas may still be sealed, and how many are.
pub fn tally<'a, AccountId: 'a>(
	states: impl IntoIterator<Item = &'a JobState<AccountId>>,
) -> (u8, u8) {
	// There are few replicas.
	states.into_iter().fold((0, 0), |(waiting, sealed): (u8, u8), state| match state {
		JobState::Requested | JobState::Assigned { .. } => (waiting.saturating_add(1), sealed),
		JobState::Sealed { .. } => (waiting, sealed.saturating_add(1)),
		_ => (waiting, sealed),
	})
}

impl<AccountId: Clone + PartialEq> Job<AccountId> {
	/// Take the seal of the assigned provider. The job waits for its group.
	pub fn seal(
		mut self,
		caller: AccountId,
		seal: Root,
		now: BlockNumber,
	) -> Result<Self, JobFault> {
		if self.group.is_none() {
			return Err(JobFault::NotRedundant);
		}
		self.ensure_may_submit(&caller, now)?;
		self.state = JobState::Sealed { provider: caller, seal, until: STOPPED };
		// The group moves this entry when it reveals.
		self.wake = STOPPED;
		Ok(self)
	}

	/// Give a sealed job `window` blocks to reveal its result.
	pub fn open_seal(mut self, now: BlockNumber, window: BlockNumber) -> Self {
		if let JobState::Sealed { until, .. } = &mut self.state {
			*until = now.saturating_add(window);
			self.wake = until.saturating_add(1);
		}
		self
	}

	/// Check that `caller` may reveal the result of a replica now, and return its seal.
	pub fn ensure_may_reveal(
		&self,
		caller: &AccountId,
		now: BlockNumber,
	) -> Result<Root, JobFault> {
		if self.group.is_none() {
			return Err(JobFault::NotRedundant);
		}
		match &self.state {
			JobState::Sealed { provider, .. } if provider != caller => Err(JobFault::NotAssigned),
			JobState::Sealed { until: STOPPED, .. } => Err(JobFault::TooEarly),
			JobState::Sealed { until, .. } if now > *until => Err(JobFault::DeadlinePassed),
			JobState::Sealed { seal, .. } => Ok(*seal),
			JobState::Assigned { provider, .. } if provider == caller => Err(JobFault::NotSealed),
			// In all other states the faults are those of a submission.
			_ => Err(self.ensure_may_submit(caller, now).err().unwrap_or(JobFault::NotSealed)),
		}
	}

	/// Take the revealed result, which is what the seal says, and open its window.
	pub fn reveal(
		self,
		caller: AccountId,
		output: OutputRecord,
		now: BlockNumber,
		window: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_may_reveal(&caller, now)?;
		Ok(self.provisional(caller, output, now, window))
	}
}

#[cfg(test)]
mod tests;

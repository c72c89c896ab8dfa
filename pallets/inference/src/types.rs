//! The state machine of a job. It knows nothing of `Config`: each method consumes one state and
//! returns the next, or says why it cannot.

use alloc::vec::Vec;
use assay_primitives::{
	job::{ExpiryReason, JobKind, JobState, JobView, OutputRecord, RefundReason, Refuted, Terms},
	licence::MAX_ANCESTORS,
	money::{Earners, Fee, FeeShare},
	provider::Engagement,
	Balance, BlockNumber, JobId, Root, VersionId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::ConstU32;
use scale_info::TypeInfo;
use sp_runtime::BoundedVec;

mod batch;
mod group;

pub use batch::Item;
pub use group::{tally, Group, Phase, Turn};

/// The most providers that one job can pass through, whatever the parameter says.
pub const MAX_ATTEMPTS: u32 = 8;

/// The end of a clock that is stopped.
const STOPPED: BlockNumber = BlockNumber::MAX;

/// The most accounts that one fee is divided among: the provider, the owner, the ancestors of the
/// model, the owner of the data, and the chain's cuts.
pub const MAX_SHARES: u32 = MAX_ANCESTORS + 8;

/// What was agreed when a provider was drawn. Later prices do not change it.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Agreement {
	/// The fee.
	pub fee: Fee,
	/// What the job takes of its provider.
	pub engagement: Engagement,
	/// What drew the provider: nobody knew it when the input was chosen.
	pub seed: u128,
}

/// A clock that is stopped while something about the job is being found out.
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
pub struct Stays {
	/// How many reasons there are.
	pub open: u32,
	/// The blocks that were left when the first came up.
	pub left: BlockNumber,
	/// Whether the answer of the present provider has been waited for once.
	pub used: bool,
}

/// Why a transition is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobFault {
	/// The job is not in the caller's hands.
	NotAssigned,
	/// The job has a result already.
	AlreadySubmitted,
	/// The job has ended.
	Ended,
	/// The answer is too late.
	DeadlinePassed,
	/// The caller is not the requester.
	NotRequester,
	/// A provider has been drawn already.
	TooLate,
	/// The job has no result to settle.
	NotSubmitted,
	/// The window is open still.
	TooEarly,
	/// The result is disputed: the verdict comes first.
	Challenged,
	/// The result is not disputed.
	NotChallenged,
	/// The window in which the result can be disputed is over.
	WindowClosed,
	/// No deadline of the job has passed.
	NotExpired,
	/// The clock of the job has been stopped for as long as it may be.
	StayedEnough,
	/// The results of the job were disputed as often as can be counted.
	TooManyDisputes,
	/// There is no clock to stop: nobody has the job, or the caller may not.
	NotStayable,
	/// The job is no replica: its result is submitted, not sealed.
	NotRedundant,
	/// The result is sealed: it is revealed, and not submitted.
	AlreadySealed,
	/// The result was not sealed.
	NotSealed,
	/// A requester may not wait for so long.
	TooLong,
}

/// What a missed or passed deadline leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lapse<AccountId> {
	/// The provider missed; the job is drawn again.
	Redraw {
		/// Who missed.
		provider: AccountId,
		/// What the job has taken of it.
		engagement: Engagement,
	},
	/// The provider missed, and the job ends.
	Refund {
		/// Who missed.
		provider: AccountId,
		/// What the job has taken of it.
		engagement: Engagement,
	},
	/// Nobody was found.
	Expire,
}

/// What a result that stands leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Upheld<AccountId> {
	/// It is final.
	Settled(AccountId),
	/// It is provisional as before.
	Provisional,
}

/// What a refuted result leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refutation<AccountId> {
	/// The job is drawn again, without this provider.
	Redraw(Refuted<AccountId>),
	/// The job ends.
	End(Refuted<AccountId>),
}

/// A job.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Job<AccountId> {
	/// Who asked and pays.
	pub requester: AccountId,
	/// The version that is run.
	pub version: VersionId,
	/// The group that the job is a replica of: its first job.
	pub group: Option<JobId>,
	/// Whether it is a batch, or an item of one.
	pub kind: JobKind,
	/// The items of a batch whose results were corrected.
	pub corrected: u32,
	/// The units that the job is charged for.
	pub units: u64,
	/// The model's own price for each of them, as it was at the request.
	pub price: Balance,
	/// The root of the list of input tensors.
	pub input_root: Root,
	/// Whether the input is inline.
	pub inline: bool,
	/// What the requester agreed to.
	pub terms: Terms<AccountId>,
	/// Who earns by the job besides its provider, as it was at the request. Whoever owns what later
	/// has no part of it.
	pub earners: Earners<AccountId>,
	/// The provider that was last handed the key of the data that the job uses.
	pub handed: Option<AccountId>,
	/// What is held for storage until the job is pruned.
	pub deposit: Balance,
	/// The block of the request.
	pub requested: BlockNumber,
	/// The last block in which a result may be submitted.
	pub deadline: BlockNumber,
	/// How often a result was disputed.
	pub disputes: u8,
	/// What keeps the clock from running.
	pub stays: Stays,
	/// The results that were proven wrong.
	pub refuted: BoundedVec<Refuted<AccountId>, ConstU32<MAX_ATTEMPTS>>,
	/// The providers that missed or were refuted, which are not drawn again.
	pub missed: BoundedVec<AccountId, ConstU32<MAX_ATTEMPTS>>,
	/// What was agreed with the present or last provider.
	pub agreement: Option<Agreement>,
	/// What was paid at settlement.
	pub paid: BoundedVec<FeeShare<AccountId>, ConstU32<MAX_SHARES>>,
	/// Where the job stands.
	pub state: JobState<AccountId>,
	/// The block from which the sweep has something to do with the job.
	pub wake: BlockNumber,
}

impl<AccountId: Clone + PartialEq> Job<AccountId> {
	/// The number of providers drawn so far.
	pub fn attempts(&self) -> u8 {
		let drawn = u8::from(self.state.provider().is_some());
		u8::try_from(self.missed.len()).unwrap_or(u8::MAX).saturating_add(drawn)
	}

	/// What the job takes of its present or last provider: of nobody, nothing.
	pub fn engagement(&self) -> Engagement {
		let nothing = Engagement { version: self.version, exposure: 0, weight: None };
		self.agreement.as_ref().map_or(nothing, |agreement| agreement.engagement)
	}

	/// The same, and forget what was agreed.
	fn disengage(&mut self) -> Engagement {
		let engagement = self.engagement();
		self.agreement = None;
		engagement
	}

	/// Hold so much more for a job that waits for a provider, which is looked for at once.
	pub fn top_up(
		mut self,
		caller: &AccountId,
		amount: Balance,
		redraw_at: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_waits_for(caller)?;
		// An amount that overflows is more than there is, and cannot be held.
		self.terms.max_fee = self.terms.max_fee.saturating_add(amount);
		Ok(self.retry(redraw_at))
	}

	/// Give a job that waits for a provider so many blocks more.
	pub fn extend(
		mut self,
		caller: &AccountId,
		blocks: BlockNumber,
		now: BlockNumber,
		most: BlockNumber,
		redraw_at: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_waits_for(caller)?;
		if now > self.deadline {
			return Err(JobFault::DeadlinePassed);
		}
		let deadline = self.deadline.checked_add(blocks).ok_or(JobFault::TooLong)?;
		// A right to data is looked at when it is used: nobody lays in uses for later.
		let from = if self.earners.data.is_some() { self.requested } else { now };
		if deadline > from.saturating_add(most) {
			return Err(JobFault::TooLong);
		}
		self.deadline = deadline;
		Ok(self.retry(redraw_at))
	}

	/// Check that the job is the caller's, and waits for a provider.
	fn ensure_waits_for(&self, caller: &AccountId) -> Result<(), JobFault> {
		match self.state {
			_ if *caller != self.requester => Err(JobFault::NotRequester),
			JobState::Requested => Ok(()),
			_ if self.state.is_open() => Err(JobFault::TooLate),
			_ => Err(JobFault::Ended),
		}
	}

	/// Give the job to a provider, which must answer within `window` blocks and by the deadline.
	pub fn assign(
		mut self,
		provider: AccountId,
		agreement: Agreement,
		now: BlockNumber,
		window: BlockNumber,
	) -> Result<Self, JobFault> {
		if !matches!(self.state, JobState::Requested) {
			return Err(JobFault::TooLate);
		}
		// Block numbers are far from their end; a window beyond it is as good as none.
		let due = now.saturating_add(window).min(self.deadline);
		self.agreement = Some(agreement);
		self.stays = Stays::default();
		self.state = JobState::Assigned { provider, due };
		self.wake = due.saturating_add(1);
		Ok(self)
	}

	/// Check that `caller` may submit or seal a result now.
	pub fn ensure_may_submit(&self, caller: &AccountId, now: BlockNumber) -> Result<(), JobFault> {
		match &self.state {
			JobState::Assigned { provider, .. } if provider != caller => Err(JobFault::NotAssigned),
			JobState::Assigned { due, .. } if now > *due => Err(JobFault::DeadlinePassed),
			JobState::Assigned { .. } => Ok(()),
			JobState::Sealed { provider, .. } => {
				let own = provider == caller;
				Err(if own { JobFault::AlreadySealed } else { JobFault::NotAssigned })
			},
			JobState::Submitted { provider, .. } | JobState::Challenged { provider, .. } => {
				let own = provider == caller;
				Err(if own { JobFault::AlreadySubmitted } else { JobFault::NotAssigned })
			},
			JobState::Requested => Err(JobFault::NotAssigned),
			_ => Err(JobFault::Ended),
		}
	}

	/// Take the result of the assigned provider and open its window.
	pub fn submit(
		self,
		caller: AccountId,
		output: OutputRecord,
		now: BlockNumber,
		window: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_may_submit(&caller, now)?;
		Ok(self.provisional(caller, output, now, window))
	}

	/// A result is provisional for `window` blocks of its clock.
	fn provisional(
		mut self,
		provider: AccountId,
		output: OutputRecord,
		now: BlockNumber,
		window: BlockNumber,
	) -> Self {
		self.stays.left = window;
		let until = if self.stays.open == 0 { now.saturating_add(window) } else { STOPPED };
		self.state = JobState::Submitted { provider, output, at: now, until };
		self.wake = until;
		self
	}

	/// Stop the clock. That of an answer is stopped by its provider, once; that of the challenge
	/// window by anybody, for `most` blocks after the submission.
	pub fn stay(
		mut self,
		by: &AccountId,
		now: BlockNumber,
		most: BlockNumber,
	) -> Result<Self, JobFault> {
		let left = match &mut self.state {
			JobState::Assigned { provider, .. } if provider != by => {
				return Err(JobFault::NotStayable);
			},
			JobState::Assigned { due, .. } if now > *due => return Err(JobFault::DeadlinePassed),
			JobState::Assigned { .. } if self.stays.used && self.stays.open == 0 => {
				return Err(JobFault::StayedEnough);
			},
			JobState::Assigned { due, .. } => {
				self.stays.used = true;
				core::mem::replace(due, STOPPED).saturating_sub(now)
			},
			JobState::Submitted { until, .. } if now >= *until => {
				return Err(JobFault::WindowClosed);
			},
			JobState::Submitted { at, .. } | JobState::Challenged { at, .. }
				if now > at.saturating_add(most) =>
			{
				return Err(JobFault::StayedEnough);
			},
			JobState::Submitted { until, .. } => {
				core::mem::replace(until, STOPPED).saturating_sub(now)
			},
			JobState::Challenged { .. } => 0,
			JobState::Requested | JobState::Sealed { .. } => return Err(JobFault::NotStayable),
			_ => return Err(JobFault::Ended),
		};
		if self.stays.open == 0 {
			self.stays.left = left;
		}
		self.stays.open = self.stays.open.checked_add(1).ok_or(JobFault::StayedEnough)?;
		self.wake = STOPPED;
		Ok(self)
	}

	/// One stay less, of the attempt that was stayed.
	pub fn resume(mut self, attempt: u8, now: BlockNumber) -> Self {
		if self.attempts() != attempt || self.stays.open == 0 {
			return self;
		}
		self.stays.open = self.stays.open.saturating_sub(1);
		let end = now.saturating_add(self.stays.left);
		match &mut self.state {
			_ if self.stays.open > 0 => {},
			JobState::Assigned { due, .. } => {
				*due = end;
				self.wake = end.saturating_add(1);
			},
			JobState::Submitted { until, .. } => {
				*until = end;
				self.wake = end;
			},
			_ => {},
		}
		self
	}

	/// The provider did not show its output: it is as good as a wrong one.
	pub fn withhold_output(mut self, attempt: u8, now: BlockNumber) -> Option<Self> {
		let stayed = self.attempts() == attempt && self.stays.open > 0;
		match self.state {
			JobState::Submitted { provider, output, .. } if stayed => {
				self.state = JobState::Challenged { provider, output, at: now };
				Some(self)
			},
			_ => None,
		}
	}

	/// The requester did not show its input: it pays for nothing.
	pub fn withhold_input(
		mut self,
		attempt: u8,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Option<(Self, AccountId)> {
		let stayed = self.attempts() == attempt && self.stays.open > 0;
		match self.state {
			JobState::Assigned { provider, .. } | JobState::Submitted { provider, .. }
				if stayed =>
			{
				self.state = JobState::Withheld { provider: provider.clone(), at: now };
				Some((self.kept_for(now, retention), provider))
			},
			_ => None,
		}
	}

	/// Keep a provisional result from settling until the verdict of its dispute.
	pub fn challenge(mut self, now: BlockNumber) -> Result<Self, JobFault> {
		match self.state {
			JobState::Submitted { until, .. } if now >= until => Err(JobFault::WindowClosed),
			JobState::Submitted { provider, output, .. } => {
				self.disputes = self.disputes.checked_add(1).ok_or(JobFault::TooManyDisputes)?;
				self.state = JobState::Challenged { provider, output, at: now };
				// Every dispute ends in a verdict, which moves this entry.
				self.wake = BlockNumber::MAX;
				Ok(self)
			},
			JobState::Challenged { .. } => Err(JobFault::Challenged),
			JobState::Requested | JobState::Assigned { .. } | JobState::Sealed { .. } => {
				Err(JobFault::NotSubmitted)
			},
			_ => Err(JobFault::Ended),
		}
	}

	/// The disputed result stands. While something about it is still being found out it is
	/// provisional again, for `window` blocks of its clock.
	pub fn uphold(
		mut self,
		now: BlockNumber,
		window: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, Upheld<AccountId>), JobFault> {
		let JobState::Challenged { provider, output, .. } = self.state.clone() else {
			return Err(JobFault::NotChallenged);
		};
		if self.stays.open > 0 {
			return Ok((self.provisional(provider, output, now, window), Upheld::Provisional));
		}
		self.state = JobState::Settled { provider: provider.clone(), output, at: now };
		Ok((self.kept_for(now, retention), Upheld::Settled(provider)))
	}

	/// The disputed result is outside of the tolerance, without guilt.
	pub fn correct(
		mut self,
		history: Root,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, AccountId), JobFault> {
		let JobState::Challenged { provider, .. } = self.state.clone() else {
			return Err(JobFault::NotChallenged);
		};
		self.state = JobState::Corrected { provider: provider.clone(), history, at: now };
		Ok((self.kept_for(now, retention), provider))
	}

	/// The disputed result is wrong. The job is drawn again if its requester chose so and another
	/// provider may be drawn, with as much time as it had at first. A replica is not: whoever came
	/// next could copy what the others have revealed. Nor is a batch, whose items were shown.
	pub fn refute(
		mut self,
		now: BlockNumber,
		max_attempts: u8,
		redraw_at: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, Refutation<AccountId>), JobFault> {
		let JobState::Challenged { provider, output, .. } = self.state.clone() else {
			return Err(JobFault::NotChallenged);
		};
		let refuted = Refuted { provider: provider.clone(), root: output.root, at: now };
		let attempts = self.attempts();
		// There is room for as many as there are attempts at most.
		let remembered = self.refuted.try_push(refuted.clone()).is_ok();
		let alone = self.group.is_none() && self.kind == JobKind::Single;
		let wished = self.terms.reassign && alone;
		let again = wished && remembered && attempts < max_attempts;
		if again && self.missed.try_push(provider.clone()).is_ok() {
			self.agreement = None;
			self.stays = Stays::default();
			self.state = JobState::Requested;
			self.deadline = now.saturating_add(self.terms.deliver_within);
			self.wake = redraw_at;
			return Ok((self, Refutation::Redraw(refuted)));
		}
		self.state = JobState::Slashed { provider, output, at: now };
		Ok((self.kept_for(now, retention), Refutation::End(refuted)))
	}

	/// End an open job at nobody's cost, whoever has it. Returns the provider that is excused, if
	/// there is one, with what the job has taken of it.
	#[allow(clippy::type_complexity)]
	pub fn void(
		mut self,
		reason: RefundReason,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, Option<(AccountId, Engagement)>), JobFault> {
		if !self.state.is_open() {
			return Err(JobFault::Ended);
		}
		let engagement = self.disengage();
		let excused = self.state.provider().cloned().map(|provider| (provider, engagement));
		self.state = JobState::Refunded { reason, at: now };
		Ok((self.kept_for(now, retention), excused))
	}

	/// What is owed for data although the job ended without a result to pay for: its price, once its
	/// key was handed over for the job, since whoever was given data has it; and what the key has
	/// cost, if the provider that had it is excused.
	pub fn owed_for_data(&self, excused: Option<&AccountId>) -> Fee {
		match (&self.earners.data, &self.handed) {
			(Some(data), Some(handed)) => {
				let key = if excused == Some(handed) { data.key } else { 0 };
				Fee { work: key, royalty: 0, data: data.amount }
			},
			_ => Fee::default(),
		}
	}

	/// Whether the input is somebody's data that is not on the chain: only the provider is given it,
	/// and nobody else is asked to run it again or shown it.
	pub fn is_private(&self) -> bool {
		!self.inline && self.earners.data.is_some()
	}

	/// End the job because its input cannot be had as it was committed to.
	pub fn refuse_input(
		mut self,
		caller: &AccountId,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_may_submit(caller, now)?;
		if self.group.is_some() {
			// It is not drawn for another replica. There is room: it was drawn.
			let _ = self.missed.try_push(caller.clone());
		}
		self.agreement = None;
		self.state = JobState::Refunded { reason: RefundReason::InputMismatch, at: now };
		Ok(self.kept_for(now, retention))
	}

	/// Make a result final whose window is over.
	pub fn settle(
		mut self,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, AccountId), JobFault> {
		match self.state.clone() {
			JobState::Submitted { until, .. } if now < until => Err(JobFault::TooEarly),
			JobState::Submitted { provider, output, .. } => {
				self.state = JobState::Settled { provider: provider.clone(), output, at: now };
				Ok((self.kept_for(now, retention), provider))
			},
			JobState::Challenged { .. } => Err(JobFault::Challenged),
			JobState::Requested | JobState::Assigned { .. } | JobState::Sealed { .. } => {
				Err(JobFault::NotSubmitted)
			},
			_ => Err(JobFault::Ended),
		}
	}

	/// End a job that has no provider yet.
	pub fn cancel(
		mut self,
		caller: &AccountId,
		now: BlockNumber,
		retention: BlockNumber,
	) -> Result<Self, JobFault> {
		self.ensure_waits_for(caller)?;
		self.state = JobState::Refunded { reason: RefundReason::Cancelled, at: now };
		Ok(self.kept_for(now, retention))
	}

	/// Take the way out of a state whose deadline has passed. A replica that was sealed and not
	/// revealed is not drawn again.
	pub fn lapse(
		mut self,
		now: BlockNumber,
		max_attempts: u8,
		redraw_at: BlockNumber,
		retention: BlockNumber,
	) -> Result<(Self, Lapse<AccountId>), JobFault> {
		match self.state.clone() {
			JobState::Requested if now > self.deadline => {
				self.state = JobState::Expired { reason: ExpiryReason::NoProvider, at: now };
				Ok((self.kept_for(now, retention), Lapse::Expire))
			},
			JobState::Assigned { provider, due } if now > due => {
				let (attempts, engagement) = (self.attempts(), self.disengage());
				let remembered = self.missed.try_push(provider.clone()).is_ok();
				if remembered && attempts < max_attempts && now < self.deadline {
					self.state = JobState::Requested;
					self.wake = redraw_at;
					Ok((self, Lapse::Redraw { provider, engagement }))
				} else {
					self.state = JobState::Refunded { reason: RefundReason::Missed, at: now };
					Ok((self.kept_for(now, retention), Lapse::Refund { provider, engagement }))
				}
			},
			JobState::Sealed { provider, until, .. } if now > until => {
				let engagement = self.disengage();
				// There is room: it was drawn.
				let _ = self.missed.try_push(provider.clone());
				self.state = JobState::Refunded { reason: RefundReason::Missed, at: now };
				Ok((self.kept_for(now, retention), Lapse::Refund { provider, engagement }))
			},
			state if state.is_open() => Err(JobFault::NotExpired),
			_ => Err(JobFault::Ended),
		}
	}

	/// Let the sweep look again for a provider at `at`, or at the end of the deadline.
	pub fn retry(mut self, at: BlockNumber) -> Self {
		self.wake = at.min(self.deadline.saturating_add(1));
		self
	}

	fn kept_for(mut self, now: BlockNumber, retention: BlockNumber) -> Self {
		self.stays = Stays::default();
		self.wake = now.saturating_add(retention);
		self
	}

	/// The job as clients read it.
	pub fn view(self, id: JobId, shares: Vec<FeeShare<AccountId>>) -> JobView<AccountId> {
		JobView {
			id,
			attempts: self.attempts(),
			fee: self.agreement.as_ref().map_or(0, |agreement| agreement.fee.total()),
			requester: self.requester,
			version: self.version,
			group: self.group,
			kind: self.kind,
			input_root: self.input_root,
			terms: self.terms,
			requested: self.requested,
			deadline: self.deadline,
			state: self.state,
			refuted: self.refuted.into_inner(),
			disputes: self.disputes,
			stays: self.stays.open,
			shares,
		}
	}
}

#[cfg(test)]
mod tests;

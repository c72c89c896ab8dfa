//! Reveals the results of replicas that this worker has sealed, once their groups do.
//!
//! What to do follows from the chain at its best block and from the journal, which has the output
//! and the salt. So a worker that was killed in between reveals what it has sealed.

use super::Context;
use crate::{journal::replicas::Replica, Error};
use assay_client::{Call, Error as ChainError, Receipt, Wait};
use assay_primitives::{
	job::{JobState, JobView},
	AccountId, BlockNumber, JobId,
};
use std::{collections::HashMap, sync::Arc};
use tokio::task::{AbortHandle, JoinError, JoinSet};

/// Refusals that say no more than that the replica has moved on.
const OVERTAKEN: [&str; 5] =
	["UnknownJob", "AlreadySubmitted", "DeadlinePassed", "JobEnded", "TooEarly"];

/// The blocks after which a transaction that is in none of them is signed anew. If both get in, the
/// second is refused.
const PATIENCE: BlockNumber = 3;

/// Reveal until the worker stops.
pub async fn run(context: Arc<Context>) -> Result<(), Error> {
	let tasks = JoinSet::new();
	let mut revealer = Revealer { context: context.clone(), tasks, under_way: HashMap::new() };
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		revealer.collect()?;
		let looked = tokio::select! {
			looked = revealer.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::revealer", %error, "cannot look at replicas");
			},
		}
	}
	Ok(())
}

struct Revealer {
	context: Arc<Context>,
	/// Each result is revealed by a task of its own, so that none holds up another.
	tasks: JoinSet<Result<(), Error>>,
	under_way: HashMap<JobId, AbortHandle>,
}

/// What is to be done about a replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
	/// Nothing yet, or not any more unless a block is retracted.
	Wait,
	/// Its result is revealed.
	Reveal,
	/// It is over.
	Forget,
}

/// What follows from where a replica of `account` stands, in the block after `now`.
fn turn(view: Option<&JobView<AccountId>>, account: &AccountId, now: BlockNumber) -> Turn {
	let Some(view) = view else { return Turn::Forget };
	match &view.state {
		state if !state.is_open() => Turn::Forget,
		// Somebody else was drawn, so that nothing of this worker was sealed in time.
		state if state.provider().is_some_and(|provider| provider != account) => Turn::Forget,
		JobState::Sealed { until: BlockNumber::MAX, .. } => Turn::Wait,
		JobState::Sealed { until, .. } if now < *until => Turn::Reveal,
		_ => Turn::Wait,
	}
}

impl Revealer {
	/// Look at every replica that was sealed.
	async fn look(&mut self) -> Result<(), Error> {
		for job in self.context.journal.replicas()? {
			if self.under_way.contains_key(&job) {
				continue;
			}
			let view = self.context.chain.job(job).await?;
			match turn(view.as_ref(), self.context.chain.account(), self.context.now()) {
				Turn::Wait => {},
				Turn::Reveal => {
					let task = reveal(self.context.clone(), job);
					self.under_way.insert(job, self.tasks.spawn(task));
				},
				Turn::Forget => self.context.journal.forget_replica(job)?,
			}
		}
		Ok(())
	}

	/// Note how tasks have ended. Only what stops the whole worker is an error: the next block
	/// brings the next attempt of everything else.
	fn collect(&mut self) -> Result<(), Error> {
		while let Some(ended) = self.tasks.try_join_next_with_id() {
			let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
			self.under_way.retain(|_, task| task.id() != id);
			match ended {
				Ok((_, Ok(()) | Err(Error::Stopping))) => {},
				Ok((_, Err(error))) if error.is_fatal() => return Err(error),
				Ok((_, Err(error))) => {
					tracing::warn!(target: "worker::revealer", %error, "not revealed yet");
				},
				Err(error) if error.is_cancelled() => {},
				Err(error) => {
					tracing::error!(target: "worker::revealer", %error, "a task failed");
				},
			}
		}
		Ok(())
	}
}

/// Reveal one result.
async fn reveal(context: Arc<Context>, job: JobId) -> Result<(), Error> {
	let Some(Replica { output, salt }) = context.journal.replica(job)? else { return Ok(()) };
	let call = Call::RevealResult { job, output: Box::new(output), salt };
	tokio::select! {
		sent = context.submit(call, Wait::InBlock, |_| Ok(())) => note(&context, job, sent),
		() = blocks(&context, PATIENCE) => Ok(()),
	}
}

/// Wait for so many blocks.
async fn blocks(context: &Context, count: BlockNumber) {
	let mut best = context.best.clone();
	for _ in 0..count {
		if !context.next_block(&mut best).await {
			return;
		}
	}
}

fn note(context: &Context, job: JobId, sent: Result<Receipt, Error>) -> Result<(), Error> {
	match sent {
		Ok(receipt) => {
			let block = receipt.block.number;
			tracing::info!(target: "worker::revealer", %job, block, "answer is revealed");
			context.metrics.finish("revealed");
			Ok(())
		},
		Err(error) if is_overtaken(&error) => {
			tracing::debug!(target: "worker::revealer", %job, %error, "overtaken");
			Ok(())
		},
		Err(error) => Err(error),
	}
}

fn is_overtaken(error: &Error) -> bool {
	matches!(
		error,
		Error::Chain(ChainError::Dispatch { pallet, error, .. })
			if pallet == "Inference" && OVERTAKEN.contains(&error.as_str())
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::{Choice, JobKind, OutputRecord, RefundReason, Terms},
		Root, VersionId,
	};

	const OWN: AccountId = AccountId::new([1; 32]);
	const OTHER: AccountId = AccountId::new([2; 32]);

	fn view(state: JobState<AccountId>) -> JobView<AccountId> {
		JobView {
			id: JobId(7),
			requester: AccountId::new([3; 32]),
			version: VersionId::default(),
			group: Some(JobId(7)),
			kind: JobKind::Single,
			input_root: Root::default(),
			terms: Terms {
				max_fee: 1,
				value: 0,
				deliver_within: 9,
				max_relative: None,
				reassign: false,
				choice: Choice::Any,
				usage: Default::default(),
				data: None,
			},
			requested: 1,
			deadline: 10,
			attempts: 1,
			state,
			refuted: vec![],
			disputes: 0,
			stays: 0,
			shares: vec![],
			fee: 1,
		}
	}

	fn turn_of(state: JobState<AccountId>) -> Turn {
		turn(Some(&view(state)), &OWN, 20)
	}

	#[test]
	fn a_result_is_revealed_while_its_seal_is_opened_and_no_earlier() {
		let sealed = |provider: &AccountId, until| {
			let (provider, seal) = (provider.clone(), Root::default());
			turn_of(JobState::Sealed { provider, seal, until })
		};
		assert_eq!(sealed(&OWN, BlockNumber::MAX), Turn::Wait);
		assert_eq!(sealed(&OWN, 21), Turn::Reveal);
		assert_eq!(sealed(&OWN, 20), Turn::Wait, "the next block is too late");
		assert_eq!(sealed(&OTHER, 21), Turn::Forget);
	}

	/// A block that is retracted may take the reveal with it.
	#[test]
	fn what_was_revealed_is_kept_until_the_job_is_over() {
		let output = OutputRecord { root: Root::default(), artifact: None };
		let submitted = JobState::Submitted { provider: OWN, output, at: 9, until: 30 };
		assert_eq!(turn_of(submitted), Turn::Wait);
		assert_eq!(turn_of(JobState::Assigned { provider: OWN, due: 25 }), Turn::Wait);
		assert_eq!(turn_of(JobState::Requested), Turn::Wait);
		let refunded = JobState::Refunded { reason: RefundReason::Missed, at: 19 };
		assert_eq!(turn_of(refunded), Turn::Forget);
		assert_eq!(turn(None, &OWN, 20), Turn::Forget);
	}

	#[test]
	fn only_what_has_happened_meanwhile_is_no_failure() {
		let refused = |pallet: &str, error: &str| {
			let (pallet, error) = (pallet.into(), error.into());
			Error::Chain(ChainError::Dispatch { pallet, error, docs: String::new() })
		};
		assert!(is_overtaken(&refused("Inference", "AlreadySubmitted")));
		assert!(!is_overtaken(&refused("Inference", "WrongSeal")));
		assert!(!is_overtaken(&refused("Audits", "TooEarly")));
		assert!(!is_overtaken(&Error::Stopping));
	}
}

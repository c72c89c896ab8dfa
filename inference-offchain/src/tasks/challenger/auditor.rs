//! Answers the audits that this worker's account is drawn for.
//!
//! Nothing is remembered from block to block but what saves work: what to do follows from the chain
//! at its best block and from the journal, which has the trace and the salt. So a worker that was
//! killed goes on where the audit stands.

use super::{
	check::{Checker, Claim},
	error::CheckError,
};
use crate::{decline::Decline, journal::audits::Audited, tasks::Context, Error};
use assay_client::{Call, Error as ChainError, Receipt, Wait};
use assay_primitives::{
	audit::{Answer, AuditView, Phase},
	AccountId, BlockNumber, JobId,
};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
};
use tokio::task::{AbortHandle, JoinError, JoinSet};

/// Refusals that say no more than that the audit has moved on.
const OVERTAKEN: [&str; 6] =
	["UnknownAudit", "JobMoved", "AlreadyCommitted", "AlreadyRevealed", "TooEarly", "TooLate"];

/// The blocks after which a transaction that is in none of them is signed anew. If both get in, the
/// second is refused.
const PATIENCE: BlockNumber = 4;

/// Answer audits until the worker stops.
pub(super) async fn run(context: Arc<Context>, checker: Arc<Checker>) -> Result<(), Error> {
	let mut auditor = Auditor {
		checker,
		context: context.clone(),
		tasks: JoinSet::new(),
		cases: HashMap::new(),
		given_up: HashSet::new(),
	};
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		auditor.collect()?;
		let looked = tokio::select! {
			looked = auditor.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::auditor", %error, "cannot look for audits");
			},
		}
	}
	Ok(())
}

struct Auditor {
	context: Arc<Context>,
	checker: Arc<Checker>,
	/// Each audit is answered by a task of its own, so that none holds up another.
	tasks: JoinSet<(JobId, Result<(), Error>)>,
	cases: HashMap<JobId, AbortHandle>,
	/// What this worker cannot answer.
	given_up: HashSet<JobId>,
}

impl Auditor {
	/// Find audits and begin to answer those that are new.
	async fn look(&mut self) -> Result<(), Error> {
		let jobs: HashSet<JobId> = self.context.chain.audits().await?.into_iter().collect();
		for job in &jobs {
			if self.cases.contains_key(job) || self.given_up.contains(job) {
				continue;
			}
			let (context, checker, job) = (self.context.clone(), self.checker.clone(), *job);
			let attend = async move { (job, attend(&context, &checker, job).await) };
			self.cases.insert(job, self.tasks.spawn(attend));
		}
		self.given_up.retain(|job| jobs.contains(job));
		for job in self.context.journal.audits()? {
			if !jobs.contains(&job) && !self.cases.contains_key(&job) {
				self.forget(job).await?;
			}
		}
		Ok(())
	}

	/// Forget what an audit was answered with, once the result is final: a block that is retracted
	/// may take the end of an audit with it, and a dispute may have ended it.
	async fn forget(&self, job: JobId) -> Result<(), Error> {
		let view = self.context.chain.job(job).await?;
		if view.as_ref().and_then(Claim::of).is_none() {
			self.context.journal.forget_audit(job)?;
		}
		Ok(())
	}

	/// Note how tasks have ended. Only what stops the whole worker is an error.
	fn collect(&mut self) -> Result<(), Error> {
		while let Some(ended) = self.tasks.try_join_next_with_id() {
			let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
			self.cases.retain(|_, task| task.id() != id);
			match ended {
				Ok((_, (_, Ok(()) | Err(Error::Stopping)))) => {},
				Ok((_, (_, Err(error)))) if error.is_fatal() => return Err(error),
				Ok((_, (job, Err(error)))) => self.note(job, &error),
				Err(error) if error.is_cancelled() => {},
				Err(error) => {
					tracing::error!(target: "worker::auditor", %error, "a task failed");
				},
			}
		}
		Ok(())
	}

	fn note(&mut self, job: JobId, error: &Error) {
		self.context.metrics.audits.with_label_values(&["failed"]).inc();
		if error.is_retryable() {
			tracing::warn!(target: "worker::auditor", %job, %error, "not audited yet");
		} else {
			match Decline::of(error) {
				Some(why) => self.context.decline(Some(job), None, &why),
				None => tracing::error!(target: "worker::auditor", %job, %error, "not audited"),
			}
			self.given_up.insert(job);
		}
	}
}

/// Answer one audit until it is over.
async fn attend(context: &Arc<Context>, checker: &Checker, job: JobId) -> Result<(), Error> {
	let mut best = context.best.clone();
	while let Some(view) = context.chain.audit(job).await? {
		if let Some((name, call)) = next_call(context, checker, &view).await? {
			tokio::select! {
				sent = context.submit(call, Wait::InBlock, |_| Ok(())) => note(context, job, name, sent)?,
				() = blocks(context, PATIENCE) => {},
			}
		}
		if !context.next_block(&mut best).await {
			break;
		}
	}
	Ok(())
}

/// What is due in the next block, in which a call is executed at the earliest.
async fn next_call(
	context: &Context,
	checker: &Checker,
	view: &AuditView<AccountId>,
) -> Result<Option<(&'static str, Call)>, Error> {
	let (job, account, next) = (view.job, context.chain.account(), context.now().saturating_add(1));
	let Some(seat) = view.seats.iter().find(|seat| seat.auditor == *account) else {
		return Ok(None);
	};
	// Time may have opened the seals, whether or not the chain has noted it.
	let commits = view.phase == Phase::Commit && next < view.until;
	match seat.answer {
		Answer::Nothing if commits => {
			let audited = run_once(context, checker, view).await?;
			Ok(Some(("commit", Call::CommitAudit { job, seal: audited.seal(job, account) })))
		},
		Answer::Sealed(seal) if !commits => {
			let audited = context.journal.audited(job, view.attempt)?;
			let audited = audited.filter(|audited| audited.seal(job, account) == seal);
			let Audited { history, salt, header, .. } =
				audited.ok_or(CheckError::LostAuditSalt { job })?;
			let header = Box::new(header);
			Ok(Some(("reveal", Call::RevealAudit { job, history, salt, header })))
		},
		_ => Ok(None),
	}
}

/// The trace of the job's run, as the journal has it or as it is made now.
async fn run_once(
	context: &Context,
	checker: &Checker,
	view: &AuditView<AccountId>,
) -> Result<Audited, Error> {
	let (job, attempt) = (view.job, view.attempt);
	if let Some(audited) = context.journal.audited(job, attempt)? {
		return Ok(audited);
	}
	let of_job = context.chain.job(job).await?;
	let mut claim = of_job.as_ref().and_then(Claim::of).ok_or(CheckError::Moved { job })?;
	// The time for seals is over before that for challenges.
	claim.until = Some(view.until);
	let (history, header) = checker.audit(&claim).await?;
	tracing::info!(target: "worker::auditor", %job, history = hex::encode(history), "audited");
	Ok(context.journal.audit(job, attempt, history, header)?)
}

/// Wait for so many blocks.
pub(super) async fn blocks(context: &Context, count: BlockNumber) {
	let mut best = context.best.clone();
	for _ in 0..count {
		if !context.next_block(&mut best).await {
			return;
		}
	}
}

fn note(
	context: &Context,
	job: JobId,
	name: &'static str,
	sent: Result<Receipt, Error>,
) -> Result<(), Error> {
	match sent {
		Ok(receipt) => {
			let block = receipt.block.number;
			tracing::info!(target: "worker::auditor", %job, block, "made a move: {name}");
			context.metrics.audits.with_label_values(&[name]).inc();
			Ok(())
		},
		Err(error) if is_overtaken(&error) => {
			tracing::debug!(target: "worker::auditor", %job, name, %error, "overtaken");
			Ok(())
		},
		Err(error) => Err(error),
	}
}

fn is_overtaken(error: &Error) -> bool {
	matches!(
		error,
		Error::Chain(ChainError::Dispatch { pallet, error, .. })
			if pallet == "Audits" && OVERTAKEN.contains(&error.as_str())
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn refused(pallet: &str, error: &str) -> Error {
		let (pallet, error) = (pallet.into(), error.into());
		Error::Chain(ChainError::Dispatch { pallet, error, docs: String::new() })
	}

	#[test]
	fn only_what_has_happened_meanwhile_is_no_failure() {
		assert!(is_overtaken(&refused("Audits", "JobMoved")));
		assert!(!is_overtaken(&refused("Audits", "WrongSeal")));
		assert!(!is_overtaken(&refused("Disputes", "TooLate")));
		assert!(!is_overtaken(&Error::Stopping));
	}
}

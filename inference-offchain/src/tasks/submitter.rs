//! Signs answers, submits them and watches them to finality.
//!
//! A transaction is in the journal before it is handed in. Another one for the same job is signed
//! only when the first can enter no block any more and the chain still waits for this account.
//!
//! The answer to a replica is sealed here; [the revealer](super::revealer) reveals it.

use super::{Answer, Backoff, Context};
use crate::{decline::Decline, journal::Progress, Error};
use assay_client::{Call, Error as ChainError, Receipt, SignedCall, Wait};
use assay_primitives::{
	custody::Ask,
	job::{JobState, Output},
	BlockNumber, JobId, Root,
};
use std::{collections::HashSet, sync::Arc};
use tokio::{sync::mpsc, task::JoinSet};

/// The most answers that are under way at once.
const MOST_UNDER_WAY: usize = 256;
/// How often one answer is signed.
const MOST_SIGNATURES: u32 = 5;

/// Submit answers until the worker stops, those first that an earlier run left under way.
pub async fn run(context: Arc<Context>, mut answers: mpsc::Receiver<Answer>) -> Result<(), Error> {
	let mut tasks = JoinSet::new();
	let mut under_way = HashSet::new();
	for (job, entry) in context.journal.entries()? {
		if let (Some(output), Some(_)) = (entry.output, entry.progress.signed()) {
			tracing::info!(target: "worker::submitter", %job, "resuming");
			under_way.insert(job);
			tasks.spawn(submit(context.clone(), Answer { job, output, due: entry.due }));
		}
	}
	loop {
		context.metrics.submitting.set(tasks.len() as u64);
		tokio::select! {
			Some(ended) = tasks.join_next() => {
				under_way.remove(&ended??);
			},
			answer = answers.recv(), if tasks.len() < MOST_UNDER_WAY => match answer {
				Some(answer) => if under_way.insert(answer.job) {
					tasks.spawn(submit(context.clone(), answer));
				},
				None => break,
			},
		}
	}
	while let Some(ended) = tasks.join_next().await {
		ended??;
		context.metrics.submitting.set(tasks.len() as u64);
	}
	Ok(())
}

/// Where one step leaves an answer.
enum Step {
	/// Its transaction is final.
	Final(BlockNumber),
	/// The chain does not wait for it, or not any more.
	Closed(&'static str),
	/// Another step is to be taken.
	Again,
	/// Another step is to be taken after a pause.
	Later,
}

/// Bring one answer to its end. Only what stops the whole worker is an error.
async fn submit(context: Arc<Context>, answer: Answer) -> Result<JobId, Error> {
	let job = answer.job;
	let mut submission = Submission { context: &context, answer, signatures: 0 };
	let mut backoff = Backoff::default();
	loop {
		match submission.step().await {
			Ok(Step::Final(block)) => {
				tracing::info!(target: "worker::submitter", %job, block, "answer is final");
				return end(&context, job, "answered");
			},
			Ok(Step::Closed(outcome)) => {
				if outcome == "late" {
					let why = Decline::Deadline { due: submission.answer.due, now: context.now() };
					context.decline(Some(job), None, &why);
				} else {
					tracing::warn!(target: "worker::submitter", %job, outcome, "not answered");
				}
				return end(&context, job, outcome);
			},
			Ok(Step::Again) => {},
			Ok(Step::Later) => {
				context.metrics.retries.with_label_values(&["submit"]).inc();
				if context.pause(&mut backoff).await.is_err() {
					return Ok(job);
				}
			},
			// The journal knows how to go on at the next start.
			Err(Error::Stopping) => return Ok(job),
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) if error.is_retryable() => {
				tracing::debug!(target: "worker::submitter", %job, %error, "trying again");
				context.metrics.retries.with_label_values(&["submit"]).inc();
				if context.pause(&mut backoff).await.is_err() {
					return Ok(job);
				}
			},
			Err(error) => {
				tracing::error!(target: "worker::submitter", %job, %error, "answer refused");
				return end(&context, job, "refused");
			},
		}
	}
}

fn end(context: &Context, job: JobId, outcome: &str) -> Result<JobId, Error> {
	context.journal.done(job)?;
	context.metrics.finish(outcome);
	Ok(job)
}

struct Submission<'a> {
	context: &'a Context,
	answer: Answer,
	signatures: u32,
}

impl Submission<'_> {
	/// Go on from where the journal says that the answer is.
	async fn step(&mut self) -> Result<Step, Error> {
		let progress = self.context.journal.entry(self.answer.job)?.map(|entry| entry.progress);
		match progress {
			Some(Progress::Included { signed, block }) => self.finalize(&signed, block).await,
			Some(Progress::Signed(signed)) => self.resume(&signed).await,
			_ => self.begin(self.answer.output.clone()).await,
		}
	}

	/// Sign and hand in, if the chain waits for this account.
	async fn begin(&mut self, output: Output) -> Result<Step, Error> {
		let job = self.answer.job;
		let chain = &self.context.chain;
		let view = chain.job(job).await?;
		let (due, group) = match view.map(|view| (view.state, view.group)) {
			Some((JobState::Assigned { provider, due }, group)) if provider == *chain.account() => {
				(due, group)
			},
			_ => return Ok(Step::Closed("closed")),
		};
		if self.context.now() >= due {
			return Ok(Step::Closed("late"));
		}
		if matches!(output, Output::InputMismatch) && self.key_is_on_its_way().await? {
			// The chain takes no such answer before the key is there, or its custodian has failed.
			let more = self.context.next_block(&mut self.context.best.clone()).await;
			return more.then_some(Step::Again).ok_or(Error::Stopping);
		}
		if self.signatures >= MOST_SIGNATURES {
			return Ok(Step::Closed("unsubmitted"));
		}
		self.signatures = self.signatures.saturating_add(1);
		let seal = match group {
			Some(_) => self.seal(&output)?,
			None => None,
		};
		let call = match seal {
			Some(seal) => Call::SealResult { job, seal },
			None => Call::SubmitResult { job, output: Box::new(output) },
		};
		let mut kept = None;
		let sent = self
			.context
			.submit(call, Wait::InBlock, |signed| {
				self.context.journal.signed(job, signed)?;
				kept = Some(signed.clone());
				Ok(())
			})
			.await;
		match kept {
			Some(signed) => self.sent(&signed, sent).await,
			None => sent.map(|_| Step::Again),
		}
	}

	/// Whether this account has asked for the key of the job's data, and nothing was delivered yet.
	async fn key_is_on_its_way(&self) -> Result<bool, Error> {
		let ask = Ask::Job(self.answer.job);
		let request = self.context.data.chain.key_request_by(ask).await?;
		Ok(request.is_some_and(|request| request.sealed.is_none()))
	}

	/// The seal of the answer to a replica, unless it says that the input does not match. What opens
	/// it is on disk when this returns.
	fn seal(&self, output: &Output) -> Result<Option<Root>, Error> {
		if matches!(output, Output::InputMismatch) {
			return Ok(None);
		}
		let Context { chain, journal, .. } = self.context;
		let job = self.answer.job;
		Ok(journal.seal_replica(job, output)?.seal(job, chain.account()))
	}

	/// Find out what became of a transaction that was signed, and hand it in again if it is in no
	/// block: to do so twice has the effect of doing so once.
	async fn resume(&mut self, signed: &SignedCall) -> Result<Step, Error> {
		let chain = &self.context.chain;
		if let Some(block) = chain.find(signed).await? {
			let receipt = chain.receipt(signed, &block).await?;
			return self.sent(signed, Ok(receipt)).await;
		}
		if self.context.now() >= self.answer.due {
			return Ok(Step::Closed("late"));
		}
		let sent = chain.send(signed, Wait::InBlock, Box::new(|| ())).await.map_err(Error::from);
		self.sent(signed, sent).await
	}

	async fn sent(
		&mut self,
		signed: &SignedCall,
		sent: Result<Receipt, Error>,
	) -> Result<Step, Error> {
		let job = self.answer.job;
		match sent {
			Ok(receipt) => {
				let block = receipt.block.number;
				tracing::info!(target: "worker::submitter", %job, block, "answer is in a block");
				self.context.journal.included(job, signed, &receipt.block)?;
				Ok(Step::Again)
			},
			// Another transaction has its number, it died, or the chain would not take it any
			// more, as after a runtime upgrade.
			Err(Error::Chain(
				error @ (ChainError::NonceTaken { .. }
				| ChainError::Mortal { .. }
				| ChainError::Invalid { .. }),
			)) => {
				if self.context.chain.find(signed).await?.is_none() {
					tracing::debug!(target: "worker::submitter", %job, %error, "signing anew");
					self.context.journal.void(job)?;
				}
				// What the pool refuses, as without funds for the fee, does not pass at once.
				Ok(match error {
					ChainError::Invalid { .. } => Step::Later,
					_ => Step::Again,
				})
			},
			Err(error) => Err(error),
		}
	}

	/// Wait until the block of a transaction is final. A transaction whose block is retracted is
	/// handed in again as it is.
	async fn finalize(&self, signed: &SignedCall, block: BlockNumber) -> Result<Step, Error> {
		let chain = &self.context.chain;
		let mut best = self.context.best.clone();
		while chain.finalized().await?.number < block {
			// It is in a block: should that be retracted, the next start hands it in again.
			let more = tokio::select! {
				more = self.context.next_block(&mut best) => more,
				() = self.context.drain.cancelled() => false,
			};
			if !more {
				return Err(Error::Stopping);
			}
		}
		match chain.find(signed).await? {
			Some(found) if found.number <= block => Ok(Step::Final(found.number)),
			Some(found) => {
				self.context.journal.included(self.answer.job, signed, &found)?;
				Ok(Step::Again)
			},
			None => {
				self.context.journal.signed(self.answer.job, signed)?;
				Ok(Step::Again)
			},
		}
	}
}

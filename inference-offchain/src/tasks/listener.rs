//! Blocks → jobs: at each best head, the jobs that the chain has assigned to this account.

use super::{Assignment, Backoff, Context};
use crate::{chain::HeadStream, Error};
use assay_primitives::{api::MAX_PAGE, job::JobState, BlockNumber, JobId};
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::{mpsc, watch};

/// Blocks after a job was due for which its record is kept, against reorganizations.
const KEEP_FOR: BlockNumber = 1024;
/// How often the journal is pruned, in blocks.
const PRUNE_EVERY: BlockNumber = 256;

/// Follow the best heads until the worker stops.
pub async fn run(
	context: Arc<Context>,
	best: watch::Sender<BlockNumber>,
	jobs: mpsc::Sender<Assignment>,
) -> Result<(), Error> {
	let mut listener = Listener { context, best, jobs, known: HashMap::new() };
	let mut backoff = Backoff::default();
	loop {
		match listener.subscribe().await {
			Ok(heads) => {
				backoff = Backoff::default();
				listener.follow(heads).await?;
			},
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) => {
				tracing::warn!(target: "worker::listener", %error, "cannot follow the chain");
			},
		}
		if listener.context.pause(&mut backoff).await.is_err() {
			return Ok(());
		}
	}
}

struct Listener {
	context: Arc<Context>,
	best: watch::Sender<BlockNumber>,
	jobs: mpsc::Sender<Assignment>,
	/// The jobs of the last look that were passed on, with their due blocks.
	known: HashMap<JobId, BlockNumber>,
}

impl Listener {
	async fn subscribe(&self) -> Result<HeadStream, Error> {
		tokio::select! {
			heads = self.context.chain.heads() => Ok(heads?),
			() = self.context.stop.cancelled() => Err(Error::Stopping),
		}
	}

	/// Look at each head until the stream ends or the worker stops.
	async fn follow(&mut self, mut heads: HeadStream) -> Result<(), Error> {
		loop {
			let head = tokio::select! {
				head = heads.next() => head,
				() = self.context.stop.cancelled() => None,
			};
			let looked = match head {
				None => return Ok(()),
				Some(Ok(head)) => {
					self.best.send_replace(head.number);
					self.context.metrics.best.set(head.number.into());
					self.look(head.number).await
				},
				Some(Err(error)) => Err(error.into()),
			};
			match looked {
				Ok(()) => {},
				Err(Error::Stopping) => return Ok(()),
				Err(error) if error.is_fatal() => return Err(error),
				// The next head brings the next attempt.
				Err(error) => {
					tracing::warn!(target: "worker::listener", %error, "cannot read a block");
				},
			}
		}
	}

	/// Pass on the jobs that are assigned now and were not at the last look.
	async fn look(&mut self, now: BlockNumber) -> Result<(), Error> {
		let mut present = HashMap::new();
		let mut start = JobId(0);
		loop {
			let page = self.context.chain.assignments(start).await?;
			for job in &page {
				if let Some(due) = self.note(*job, now).await? {
					present.insert(*job, due);
				}
			}
			match page.last() {
				Some(last) if page.len() >= MAX_PAGE as usize => {
					start = JobId(last.0.saturating_add(1));
				},
				_ => break,
			}
		}
		self.known = present;
		if now.is_multiple_of(PRUNE_EVERY) {
			self.context.journal.prune(now.saturating_sub(KEEP_FOR))?;
		}
		Ok(())
	}

	/// The due block of a job, which is passed on if it is new.
	async fn note(&mut self, job: JobId, now: BlockNumber) -> Result<Option<BlockNumber>, Error> {
		// A job whose time has passed may have been assigned to this account once more.
		if let Some(due) = self.known.get(&job).filter(|due| **due > now) {
			return Ok(Some(*due));
		}
		let Some(view) = self.context.chain.job(job).await? else { return Ok(None) };
		let due = match &view.state {
			JobState::Assigned { provider, due } if provider == self.context.chain.account() => {
				*due
			},
			_ => return Ok(None),
		};
		if self.known.get(&job) == Some(&due) {
			return Ok(Some(due));
		}
		self.context.journal.accept(job, due)?;
		self.context.metrics.assigned.inc();
		tracing::info!(target: "worker::listener", %job, version = %view.version, due, "assigned");
		let assignment =
			Assignment { job, version: view.version, input_root: view.input_root, due };
		tokio::select! {
			sent = self.jobs.send(assignment) => sent.map_err(|_| Error::Stopping)?,
			() = self.context.stop.cancelled() => return Err(Error::Stopping),
		}
		// Noted at once, so that a page that fails later does not pass the job on again.
		self.known.insert(job, due);
		Ok(Some(due))
	}
}

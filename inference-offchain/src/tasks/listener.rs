//! Blocks → jobs: at each best head, the jobs that the chain has assigned to this account.

use super::{Assignment, Backoff, Context};
use crate::{chain::HeadStream, decline::Decline, Error};
use assay_primitives::{
	api::MAX_PAGE,
	job::{JobState, JobView},
	BlockNumber, JobId,
};
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// Blocks after a job was due for which its record is kept, against reorganizations.
const KEEP_FOR: BlockNumber = 1024;
/// How often the journal is pruned, in blocks.
const PRUNE_EVERY: BlockNumber = 256;

/// How long a full queue is waited for. The jobs that are left are passed on at a later head: the
/// number of the best block, which all tasks go by, has to keep up.
const WAIT_FOR_QUEUE: Duration = Duration::from_millis(100);

/// Follow the best heads until the worker stops.
pub async fn run(
	context: Arc<Context>,
	best: watch::Sender<BlockNumber>,
	jobs: mpsc::Sender<Assignment>,
) -> Result<(), Error> {
	let mut listener = Listener { context, best, jobs: Some(jobs), known: HashMap::new() };
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
	/// Where new jobs go; nowhere once the worker drains, which ends the tasks behind it.
	jobs: Option<mpsc::Sender<Assignment>>,
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
				() = self.context.drain.cancelled(), if self.jobs.is_some() => {
					self.jobs = None;
					continue;
				},
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

	/// Pass on new jobs, and forget old ones now and then.
	async fn look(&mut self, now: BlockNumber) -> Result<(), Error> {
		if let Some(present) = self.pass_on(now).await? {
			self.known = present;
		}
		if now.is_multiple_of(PRUNE_EVERY) {
			self.context.journal.prune(now.saturating_sub(KEEP_FOR))?;
		}
		Ok(())
	}

	/// Pass on the jobs that are assigned now and were not at the last look. Returns those that
	/// are assigned, or `None` when the queue is full before all are looked at.
	async fn pass_on(
		&mut self,
		now: BlockNumber,
	) -> Result<Option<HashMap<JobId, BlockNumber>>, Error> {
		let mut present = HashMap::new();
		let mut start = JobId(0);
		loop {
			let page = self.context.chain.assignments(start).await?;
			for job in &page {
				match self.note(*job, now).await? {
					Noted::Assigned(due) => drop(present.insert(*job, due)),
					Noted::Elsewhere => {},
					Noted::Full => return Ok(None),
				}
			}
			match page.last() {
				Some(last) if page.len() >= MAX_PAGE as usize => {
					start = JobId(last.0.saturating_add(1));
				},
				_ => return Ok(Some(present)),
			}
		}
	}

	/// Look at one job, and pass it on if it is new.
	async fn note(&mut self, job: JobId, now: BlockNumber) -> Result<Noted, Error> {
		// A job whose time has passed may have been assigned to this account once more.
		if let Some(due) = self.known.get(&job).filter(|due| **due > now) {
			return Ok(Noted::Assigned(*due));
		}
		let Some(view) = self.context.chain.job(job).await? else { return Ok(Noted::Elsewhere) };
		let due = match &view.state {
			JobState::Assigned { provider, due } if provider == self.context.chain.account() => {
				*due
			},
			_ => return Ok(Noted::Elsewhere),
		};
		// Its clock stands: there is nothing to hurry for until it runs again.
		if due == BlockNumber::MAX {
			let known = self.known.contains_key(&job);
			return Ok(if known { Noted::Assigned(due) } else { Noted::Elsewhere });
		}
		if self.known.get(&job) == Some(&due) {
			return Ok(Noted::Assigned(due));
		}
		let version = Some(view.version);
		let Some(jobs) = &self.jobs else {
			self.context.decline(Some(job), version, &Decline::Draining);
			return Ok(Noted::Elsewhere);
		};
		let place = match tokio::time::timeout(WAIT_FOR_QUEUE, jobs.reserve()).await {
			Ok(place) => place.map_err(|_| Error::Stopping)?,
			Err(_) => {
				self.context.decline(Some(job), version, &Decline::FullCapacity);
				return Ok(Noted::Full);
			},
		};
		self.context.journal.accept(job, due)?;
		self.context.metrics.assigned.inc();
		tracing::info!(target: "worker::listener", %job, version = %view.version, due, "assigned");
		let JobView { version, input_root, kind, terms, .. } = view;
		let data = terms.data;
		place.send(Assignment { job, kind, version, input_root, data, due });
		// Noted at once, so that a page that fails later does not pass the job on again.
		self.known.insert(job, due);
		Ok(Noted::Assigned(due))
	}
}

/// What a look at one job found.
enum Noted {
	/// It is assigned to this account, and was passed on.
	Assigned(BlockNumber),
	/// It is not assigned to this account, or need not be answered yet.
	Elsewhere,
	/// It is new, and the queue has no place for it.
	Full,
}

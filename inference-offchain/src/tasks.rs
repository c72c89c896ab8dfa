//! The tasks of the worker, and what they share.

pub mod asker;
pub mod availability;
pub mod challenger;
pub mod custodian;
pub mod encrypted;
pub mod executor;
pub mod heartbeat;
pub mod items;
pub mod lessor;
pub mod listener;
pub mod registrar;
pub mod revealer;
pub mod scheduler;
pub mod submitter;

use crate::{
	batch::Batches,
	chain::{data::DataChain, ChainClient},
	decline::Declines,
	journal::Journal,
	keys::KeyFolder,
	metrics::Metrics,
	models::Models,
	Error,
};
use assay_client::{Call, Receipt, SignedCall, Wait};
use assay_primitives::{
	job::{JobKind, Output},
	rights::DataRef,
	BlockNumber, JobId, Root, VersionId,
};
use std::{
	future::Future,
	hash::{BuildHasher, RandomState},
	sync::Arc,
	time::Duration,
};
use tokio::sync::{watch, Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

/// A job that the chain has assigned to this worker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
	/// The job.
	pub job: JobId,
	/// Whether it is a batch.
	pub kind: JobKind,
	/// The version to run.
	pub version: VersionId,
	/// The commitment to the input.
	pub input_root: Root,
	/// The right to the data that the job uses.
	pub data: Option<DataRef>,
	/// The last block in which a result may be submitted.
	pub due: BlockNumber,
}

/// The answer to a job, kept in the journal already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
	/// The job.
	pub job: JobId,
	/// The answer.
	pub output: Output,
	/// The last block in which it may be submitted.
	pub due: BlockNumber,
}

/// What is known of data that is not everybody's.
#[derive(Clone)]
pub struct Data {
	/// The chain, as far as it is about data.
	pub chain: Arc<dyn DataChain>,
	/// The folder of keys, if there is one.
	pub keys: Option<Arc<KeyFolder>>,
}

impl Default for Data {
	fn default() -> Self {
		Data { chain: Arc::new(()), keys: None }
	}
}

/// What all tasks share.
pub struct Context {
	/// The chain.
	pub chain: Arc<dyn ChainClient>,
	/// Data, and the keys to it.
	pub data: Data,
	/// What was done with each job.
	pub journal: Arc<Journal>,
	/// Runs versions.
	pub models: Arc<Models>,
	/// The versions whose jobs may share an engine call.
	pub batches: Batches,
	/// A place for each item of a batch that is run at once.
	pub items: Semaphore,
	/// What operators see.
	pub metrics: Metrics,
	/// Which jobs were left, and why.
	pub declines: Arc<Declines>,
	/// The number of the best block, told by the listener.
	pub best: watch::Receiver<BlockNumber>,
	/// Whether what cannot be fetched is demanded on chain.
	pub demand: bool,
	/// Cancelled when the worker is to take nothing new, and whenever it is to stop.
	pub drain: CancellationToken,
	/// Cancelled when the worker is to stop.
	pub stop: CancellationToken,
	/// Held from the choice of a transaction's number until the pool has the transaction.
	pub turn: Arc<Mutex<()>>,
}

impl Context {
	/// The number of the best block seen.
	pub fn now(&self) -> BlockNumber {
		*self.best.borrow()
	}

	/// Sign a call, let `keep` note it, hand it in, and wait for it.
	pub async fn submit(
		&self,
		call: Call,
		wait: Wait,
		keep: impl FnOnce(&SignedCall) -> Result<(), Error> + Send,
	) -> Result<Receipt, Error> {
		let turn = self.turn.clone().lock_owned().await;
		let signed = self.chain.sign(call).await?;
		keep(&signed)?;
		Ok(self.chain.send(&signed, wait, Box::new(move || drop(turn))).await?)
	}

	/// Attempt something until it succeeds, fails for good, or `due` has passed.
	pub async fn retry<T, A>(
		&self,
		of: &'static str,
		due: BlockNumber,
		mut attempt: impl FnMut() -> A + Send,
	) -> Result<T, Error>
	where
		A: Future<Output = Result<T, Error>> + Send,
	{
		let mut backoff = Backoff::default();
		loop {
			match attempt().await {
				Err(error) if error.is_retryable() && self.now() < due => {
					tracing::debug!(target: "worker::retry", of, %error, "trying again");
					self.metrics.retries.with_label_values(&[of]).inc();
					self.pause(&mut backoff).await?;
				},
				answer => return answer,
			}
		}
	}

	/// Wait before the next attempt, unless the worker stops.
	pub async fn pause(&self, backoff: &mut Backoff) -> Result<(), Error> {
		tokio::select! {
			() = tokio::time::sleep(backoff.next_pause()) => Ok(()),
			() = self.stop.cancelled() => Err(Error::Stopping),
		}
	}

	/// Wait for a new best block. `false` when the worker stops.
	pub async fn next_block(&self, best: &mut watch::Receiver<BlockNumber>) -> bool {
		tokio::select! {
			changed = best.changed() => changed.is_ok(),
			() = self.stop.cancelled() => false,
		}
	}
}

/// Pauses that double up to a bound, each shortened by chance so that workers spread out.
#[derive(Clone, Debug)]
pub struct Backoff {
	next: Duration,
}

impl Default for Backoff {
	fn default() -> Self {
		Backoff { next: Duration::from_millis(250) }
	}
}

impl Backoff {
	const MOST: Duration = Duration::from_secs(15);

	/// The pause before the next attempt: from half of the full one up to all of it.
	pub fn next_pause(&mut self) -> Duration {
		let full = self.next;
		self.next = full.saturating_mul(2).min(Self::MOST);
		// A fresh hasher is seeded by the system: chance enough to spread workers.
		let chance = RandomState::new().hash_one(0u8) % 1024;
		let half = full / 2;
		half + half.mul_f64(chance as f64 / 1024.0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_up_to_a_bound_and_are_shortened_by_at_most_half() {
		let mut backoff = Backoff::default();
		let mut full = Duration::from_millis(250);
		for _ in 0..10 {
			let pause = backoff.next_pause();
			assert!(pause >= full / 2 && pause <= full, "{pause:?} of {full:?}");
			full = (full * 2).min(Backoff::MOST);
		}
	}
}

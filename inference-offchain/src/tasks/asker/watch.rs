//! Looks after the requests for keys that this worker has made, at each best block.
//!
//! A delivery is opened and kept for as long as the job may have to be run once more. One that holds
//! something else is complained about, once it is final. A request that nobody ends is ended.

use super::{is_refused, open, send};
use crate::{tasks::Context, Error};
use assay_client::{CustodyCall, Error as ChainError, ShownSecret};
use assay_primitives::{
	custody::{Ask, KeyRequestView},
	AccountId, BlockNumber, JobId, KeyRequestId,
};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
};

/// The blocks for which the chain may be late to end a request by itself.
const SWEPT_AFTER: BlockNumber = 2;

/// Refusals that say no more than that a request has moved on.
const OVERTAKEN: [&str; 3] = ["UnknownRequest", "AlreadyDelivered", "DeadlineNotPassed"];

/// Look after requests until the worker stops.
pub async fn run(context: Arc<Context>) -> Result<(), Error> {
	let mut watch = Watch {
		context: context.clone(),
		seen: HashMap::new(),
		given_up: HashSet::new(),
		over: HashMap::new(),
	};
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		let looked = tokio::select! {
			looked = watch.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::keys", %error, "cannot look after requests for keys");
			},
		}
	}
	Ok(())
}

/// Looks after the requests of this worker.
struct Watch {
	context: Arc<Context>,
	/// The wrong deliveries, with the block in which each was seen first.
	seen: HashMap<KeyRequestId, BlockNumber>,
	/// The requests about which nothing can be done.
	given_up: HashSet<KeyRequestId>,
	/// The jobs whose secrets are not needed any more, and since when.
	over: HashMap<JobId, BlockNumber>,
}

impl Watch {
	async fn look(&mut self) -> Result<(), Error> {
		let mut open = HashSet::new();
		for job in self.context.journal.jobs_with_secrets()? {
			// Read before the request, so that the chain that has the request has this block as well.
			let finalized = self.context.chain.finalized().await?.number;
			match self.context.data.chain.key_request_by(Ask::Job(job)).await? {
				Some(view) => {
					open.insert(view.id);
					self.look_at(job, &view, finalized).await?;
				},
				None => self.forget(job, finalized).await?,
			}
		}
		self.seen.retain(|id, _| open.contains(id));
		self.given_up.retain(|id| open.contains(id));
		Ok(())
	}

	async fn look_at(
		&mut self,
		job: JobId,
		view: &KeyRequestView<AccountId>,
		finalized: BlockNumber,
	) -> Result<(), Error> {
		let (id, now) = (view.id, self.context.now());
		let Some(sealed) = &view.sealed else {
			if now > view.due.saturating_add(SWEPT_AFTER) {
				self.end(id, "expired", CustodyCall::Expire { request: id }).await?;
			}
			return Ok(());
		};
		if let Some(Err(error)) = open(&self.context, job, view, sealed)? {
			let seen = *self.seen.entry(id).or_insert_with(|| {
				let custodian = &view.custodian;
				tracing::warn!(target: "worker::keys", %job, request = %id, %custodian, %error, "this is not the key");
				now
			});
			let window = self.context.data.chain.custody_numbers().await?.complaint_window;
			// In another history it may be the right key, which the secret would open to everybody.
			if finalized < view.due.saturating_sub(window).max(seen) {
				return Ok(());
			}
			let secret = self.context.journal.secret_of(job, &view.recipient)?;
			if let Some(secret) = secret.as_ref().map(ShownSecret::from) {
				self.end(id, "complained", CustodyCall::Complain { request: id, secret }).await?;
			}
		}
		Ok(())
	}

	/// End a request.
	async fn end(
		&mut self,
		id: KeyRequestId,
		how: &'static str,
		call: CustodyCall,
	) -> Result<(), Error> {
		if self.given_up.contains(&id) {
			return Ok(());
		}
		match send(&self.context, call).await {
			Ok(Some(receipt)) => {
				let block = receipt.block.number;
				tracing::warn!(target: "worker::keys", request = %id, block, "{how}");
				self.context.metrics.keys.with_label_values(&[how]).inc();
				Ok(())
			},
			Ok(None) => Ok(()),
			Err(error) if is_refused(&error, "Custody", &OVERTAKEN) => Ok(()),
			Err(error @ Error::Chain(ChainError::Dispatch { .. })) => {
				tracing::error!(target: "worker::keys", request = %id, %error, "not {how}");
				self.given_up.insert(id);
				Ok(())
			},
			Err(error) => Err(error),
		}
	}

	/// Forget the secrets of a job that will not be run by this worker once more. A block that is
	/// retracted may bring it back, so that it has to be over in a final one.
	async fn forget(&mut self, job: JobId, finalized: BlockNumber) -> Result<(), Error> {
		let (context, now) = (&self.context, self.context.now());
		let account = context.chain.account();
		let view = context.chain.job(job).await?;
		if view.is_some_and(|view| view.state.is_open() && view.state.provider() == Some(account)) {
			self.over.remove(&job);
			return Ok(());
		}
		if finalized > *self.over.entry(job).or_insert(now) {
			context.journal.forget_secrets(job)?;
			self.over.remove(&job);
		}
		Ok(())
	}
}

//! Asks custodians for the keys to the inputs of jobs, each by the executor that needs it. What becomes
//! of the requests afterwards is looked after ([`watch`]), whether or not somebody still waits.

pub mod watch;

use super::{items, Context};
use crate::Error;
use assay_client::{
	content::{ContentError, ContentKey},
	Call, CustodyCall, Error as ChainError, Receipt, Wait,
};
use assay_primitives::{
	custody::{Ask, KeyRequestView, SealedKey},
	job::JobState,
	AccountId, AssetId, BlockNumber, JobId, Root,
};
use std::{collections::BTreeSet, sync::Arc};

/// The blocks after which a transaction that is in none of them is made anew. If both get in, the
/// second is refused.
const PATIENCE: BlockNumber = 4;

/// Refusals of the chain after which a request may succeed in a later block, or somebody else's.
const FOR_NOW: [&str; 4] = ["AlreadyAsked", "NoCustodian", "NotCustodian", "CustodianBusy"];

/// Why the key to the input of a job is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
	/// No custodian keeps the key.
	#[error("no custodian keeps the key of asset {asset}")]
	NoCustodian {
		/// The asset.
		asset: AssetId,
	},
	/// Nobody has delivered the key in time.
	#[error("none of {asked} custodians has delivered the key of asset {asset} in time")]
	NotDelivered {
		/// The asset.
		asset: AssetId,
		/// How many were asked.
		asked: usize,
	},
	/// The asset has another key by now than the file is for.
	#[error("the key of asset {asset} has changed")]
	Changed {
		/// The asset.
		asset: AssetId,
	},
	/// Nobody knows any more which asset the job uses.
	#[error("the data that job {job} names is not on the chain any more")]
	NoAsset {
		/// The job.
		job: JobId,
	},
	/// The job is with somebody else by now.
	#[error("job {job} is not assigned to this worker any more")]
	RightLost {
		/// The job.
		job: JobId,
	},
	/// The folder of keys does not have the key, and nobody hands it out for this.
	#[error("the input of job {job} is encrypted with a key that this worker does not keep ({commitment})")]
	NotHeld {
		/// The job.
		job: JobId,
		/// The commitment to the key.
		commitment: Root,
	},
}

impl KeyError {
	/// Whether the job can be answered by nobody. Then it is answered so, and its requester refunded.
	pub const fn is_of_the_data(&self) -> bool {
		matches!(
			self,
			KeyError::NoCustodian { .. }
				| KeyError::NotDelivered { .. }
				| KeyError::Changed { .. }
				| KeyError::NoAsset { .. }
		)
	}
}

/// The key of the asset that a job of this worker uses: that with this commitment, of one custodian
/// after the other, before a block.
pub(super) async fn key(
	context: &Arc<Context>,
	job: JobId,
	asset: AssetId,
	commitment: Root,
	until: BlockNumber,
) -> Result<ContentKey, Error> {
	let mut asking = Asking {
		context,
		job,
		asset,
		commitment,
		present: None,
		failed: BTreeSet::new(),
		again: 0,
	};
	let found = tokio::select! {
		found = asking.run() => Some(found?),
		waited = items::until(context, until) => waited.map(|()| None)?,
	};
	Ok(found.ok_or_else(|| asking.failure())?)
}

/// What is known while a key is asked for.
struct Asking<'a> {
	context: &'a Arc<Context>,
	job: JobId,
	asset: AssetId,
	commitment: Root,
	/// Who has to deliver the key now.
	present: Option<AccountId>,
	/// Who has delivered nothing, or something else.
	failed: BTreeSet<AccountId>,
	/// No request is made before this block.
	again: BlockNumber,
}

impl Asking<'_> {
	/// Take a step at each block until there is the key.
	async fn run(&mut self) -> Result<ContentKey, Error> {
		let mut best = self.context.best.clone();
		loop {
			match self.step().await {
				Ok(Some(key)) => return Ok(key),
				Ok(None) => {},
				Err(error) if error.is_retryable() => {
					tracing::debug!(target: "worker::keys", job = %self.job, %error, "trying again");
				},
				Err(error) => return Err(error),
			}
			if !self.context.next_block(&mut best).await {
				return Err(Error::Stopping);
			}
		}
	}

	/// Why there is no key.
	fn failure(&self) -> KeyError {
		let present = self.present.as_ref().filter(|present| !self.failed.contains(*present));
		let asked = self.failed.len().saturating_add(present.into_iter().count());
		match asked {
			0 => KeyError::NoCustodian { asset: self.asset },
			_ => KeyError::NotDelivered { asset: self.asset, asked },
		}
	}

	async fn step(&mut self) -> Result<Option<ContentKey>, Error> {
		if let Some(key) = self.context.journal.content_key(self.job, self.commitment)? {
			return Ok(Some(key));
		}
		match self.context.data.chain.key_request_by(Ask::Job(self.job)).await? {
			Some(view) => self.look(view),
			None => {
				// The request has ended, and there is no key.
				self.failed.extend(self.present.take());
				self.ask().await.map(|()| None)
			},
		}
	}

	/// Open what was delivered. What cannot be opened is left to [`watch`].
	fn look(&mut self, view: KeyRequestView<AccountId>) -> Result<Option<ContentKey>, Error> {
		let asset = self.asset;
		if view.commitment != self.commitment {
			return Err(KeyError::Changed { asset }.into());
		}
		let opened = match &view.sealed {
			Some(sealed) => open(self.context, self.job, &view, sealed)?,
			None => None,
		};
		self.present = Some(view.custodian);
		Ok(opened.and_then(Result::ok))
	}

	/// Ask whoever keeps the key and has not failed, if the job is still this worker's.
	async fn ask(&mut self) -> Result<(), Error> {
		let (context, job) = (self.context, self.job);
		let view = context.chain.job(job).await?;
		let is_own = |state: &JobState<AccountId>| matches!(state, JobState::Assigned { provider, .. } if provider == context.chain.account());
		if !view.is_some_and(|view| is_own(&view.state)) {
			return Err(KeyError::RightLost { job }.into());
		}
		let bench = context.data.chain.custodians_of(self.asset).await?;
		let mut keepers = bench
			.into_iter()
			.filter(|keeper| keeper.accepted == Some(self.commitment))
			.filter(|keeper| !self.failed.contains(&keeper.custodian))
			.peekable();
		if keepers.peek().is_none() {
			return Err(self.failure().into());
		}
		match keepers.find(|keeper| keeper.able) {
			Some(keeper) if context.now() >= self.again => {
				// Whoever has the most to lose, until somebody was found to be of no use.
				let named = (!self.failed.is_empty()).then_some(keeper.custodian);
				self.request(named).await
			},
			_ => Ok(()),
		}
	}

	/// Make a request, with a secret of its own: one that was in use before may be shown to the chain,
	/// and would open what is delivered for this.
	async fn request(&mut self, custodian: Option<AccountId>) -> Result<(), Error> {
		let (context, job) = (self.context, self.job);
		let recipient = context.journal.new_secret(job)?.public();
		let ask = Ask::Job(job);
		self.again = context.now().saturating_add(PATIENCE);
		let call = CustodyCall::RequestKey { ask, recipient, custodian };
		match send(context, call).await {
			Ok(Some(receipt)) => {
				let (block, asset) = (receipt.block.number, self.asset);
				tracing::info!(target: "worker::keys", %job, %asset, block, "asked for the key");
				context.metrics.keys.with_label_values(&["asked"]).inc();
				Ok(())
			},
			Ok(None) => Ok(()),
			Err(error) if is_refused(&error, "Custody", &FOR_NOW) => {
				tracing::debug!(target: "worker::keys", %job, %error, "not asked yet");
				Ok(())
			},
			Err(error) if is_refused(&error, "Inference", &["NotAssigned"]) => {
				Err(KeyError::RightLost { job }.into())
			},
			Err(error) if is_refused(&error, "Custody", &["NoKey"]) => {
				Err(KeyError::Changed { asset: self.asset }.into())
			},
			Err(error) => Err(error),
		}
	}
}

/// Make a call, and wait a few blocks for it; `None` if it is in none of them.
pub(super) async fn send(context: &Context, call: CustodyCall) -> Result<Option<Receipt>, Error> {
	let late = context.now().saturating_add(PATIENCE);
	tokio::select! {
		sent = context.submit(Call::Custody(call), Wait::InBlock, |_| Ok(())) => sent.map(Some),
		waited = items::until(context, late) => waited.map(|()| None),
	}
}

/// Whether the chain has refused a call for one of these reasons.
pub(super) fn is_refused(error: &Error, by: &str, reasons: &[&str]) -> bool {
	matches!(
		error,
		Error::Chain(ChainError::Dispatch { pallet, error, .. })
			if pallet == by && reasons.contains(&error.as_str())
	)
}

/// Open what was delivered, and keep the box if it holds the key. `None` if there is no secret that
/// the request was made with.
fn open(
	context: &Context,
	job: JobId,
	view: &KeyRequestView<AccountId>,
	sealed: &SealedKey,
) -> Result<Option<Result<ContentKey, ContentError>>, Error> {
	let journal = &context.journal;
	let Some(secret) = journal.secret_of(job, &view.recipient)? else { return Ok(None) };
	let opened = secret.open(sealed, view.commitment);
	if opened.is_ok() && journal.content_key(job, view.commitment)?.is_none() {
		journal.keep_box(job, &view.recipient, *sealed, view.commitment)?;
		tracing::info!(target: "worker::keys", %job, request = %view.id, "the key was delivered");
		context.metrics.keys.with_label_values(&["delivered"]).inc();
	}
	Ok(Some(opened))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn refused(pallet: &str, error: &str) -> Error {
		let (pallet, error) = (pallet.into(), error.into());
		Error::Chain(ChainError::Dispatch { pallet, error, docs: String::new() })
	}

	#[test]
	fn a_refusal_is_told_from_that_of_another_pallet() {
		assert!(is_refused(&refused("Custody", "NoCustodian"), "Custody", &FOR_NOW));
		assert!(!is_refused(&refused("Leases", "NoCustodian"), "Custody", &FOR_NOW));
		assert!(!is_refused(&refused("Custody", "InsufficientFunds"), "Custody", &FOR_NOW));
		assert!(!is_refused(&Error::Stopping, "Custody", &FOR_NOW));
	}

	#[test]
	fn what_is_the_workers_own_is_not_answered() {
		let (job, asset) = (JobId(1), AssetId(2));
		assert!(KeyError::NoCustodian { asset }.is_of_the_data());
		assert!(KeyError::NotDelivered { asset, asked: 1 }.is_of_the_data());
		assert!(!KeyError::RightLost { job }.is_of_the_data());
		assert!(!KeyError::NotHeld { job, commitment: Root::default() }.is_of_the_data());
	}
}

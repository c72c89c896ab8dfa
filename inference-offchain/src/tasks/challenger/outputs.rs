//! Fetches what was submitted.

use super::{
	check::{Checker, Claim},
	deviation::Submission,
	error::CheckError,
};
use crate::{
	artifact::VerifiedFile,
	canonical::Fault,
	items::submitted,
	models::read,
	store::StoreError,
	tasks::{availability, items},
	Error,
};
use assay_primitives::{
	availability::Side,
	commitment::tensors_root,
	job::{JobKind, Output},
	model::Artifact,
	JobId, Root,
};
use std::future::Future;

impl Checker {
	/// What was submitted, as it was committed to.
	pub(super) async fn submission(&self, claim: &Claim) -> Result<Submission, Error> {
		let (context, job) = (&self.context, claim.job);
		let bytes = match context.chain.output(job).await? {
			Some(Output::Inline(bytes)) => bytes.into_inner(),
			Some(Output::Artifact { artifact, .. }) => {
				self.fetch_output(claim, || self.bytes(claim, artifact)).await?
			},
			Some(Output::Fault { slot, element }) => return Ok(Err(Fault { slot, element })),
			Some(Output::InputMismatch) | None => {
				return Err(CheckError::Output { job, reason: "the chain has none" }.into())
			},
		};
		let root = claim.output.root;
		let decoded = tokio::task::spawn_blocking(move || {
			submitted(&bytes).filter(|tensors| tensors_root(tensors) == root)
		});
		let reason = "its bytes are not what was committed to";
		Ok(Ok(decoded.await?.ok_or(CheckError::Output { job, reason })?))
	}

	/// Fetch an output. Of one that its provider does not serve a chunk is demanded on chain before
	/// its window is over: an output that nobody can look at is as good as a wrong one.
	pub(super) async fn fetch_output<T, A>(
		&self,
		claim: &Claim,
		fetch: impl Fn() -> A + Send + Sync,
	) -> Result<T, Error>
	where
		A: Future<Output = Result<T, Error>> + Send,
	{
		let (context, due) = (&self.context, claim.due());
		let early = availability::early(context.now(), due);
		match context.retry("output", early, &fetch).await {
			Err(error) if is_unserved(&error) && claim.until.is_some() => {
				let root = claim.output.root;
				availability::demand(context, claim.job, Side::Output, root).await?;
				context.retry("output", due, fetch).await
			},
			fetched => fetched,
		}
	}

	/// The bytes of an output that its provider serves; of an item, alone or with those of its batch.
	async fn bytes(&self, claim: &Claim, artifact: Artifact) -> Result<Vec<u8>, Error> {
		match claim.kind {
			JobKind::Item { batch, index } => self.item_bytes(claim, artifact, batch, index).await,
			_ => read(&self.artifact(claim, artifact).await?).await,
		}
	}

	/// The file of an output that its provider serves.
	pub(super) async fn artifact(
		&self,
		claim: &Claim,
		artifact: Artifact,
	) -> Result<VerifiedFile, Error> {
		let (job, budget) = (claim.job, self.orders.memory_budget);
		if artifact.size > budget {
			return Err(CheckError::TooLarge { job, bytes: artifact.size, budget }.into());
		}
		let provider = self.context.chain.provider(&claim.provider).await?;
		let endpoint = provider.map(|provider| provider.profile.endpoint.into_inner());
		let endpoint = endpoint.and_then(|endpoint| String::from_utf8(endpoint).ok());
		let url = endpoint.filter(|endpoint| !endpoint.is_empty()).map(|endpoint| {
			format!("{}/v1/artifacts/{}", endpoint.trim_end_matches('/'), artifact.hash)
		});
		self.context.models.fetch_file(artifact, url.as_slice()).await
	}

	/// The bytes of the output of an item that was opened, alone or out of the file of its batch: what
	/// whoever opened it names may be anything.
	async fn item_bytes(
		&self,
		claim: &Claim,
		artifact: Artifact,
		batch: JobId,
		index: u32,
	) -> Result<Vec<u8>, Error> {
		let (job, root) = (claim.job, claim.output.root);
		let reason = "its bytes are not what was committed to";
		let nothing = move || CheckError::Output { job, reason };
		let alone = async {
			let bytes = read(&self.artifact(claim, artifact).await?).await?;
			verified(bytes, root).await?.ok_or_else(|| nothing().into())
		};
		let cut = async {
			let file = items::output_file(&self.context, batch).await?;
			let (whole, items) = file.ok_or_else(nothing)?;
			let bytes = read(&self.artifact(claim, whole).await?).await?;
			let bytes = items::cut_output(bytes, items, index).await?.ok_or_else(nothing)?;
			verified(bytes, root).await?.ok_or_else(|| nothing().into())
		};
		items::either(alone, cut).await
	}
}

/// The bytes of tensors, if they have this root.
async fn verified(bytes: Vec<u8>, root: Root) -> Result<Option<Vec<u8>>, Error> {
	let verify = move || {
		let found = submitted(&bytes).map(|tensors| tensors_root(&tensors));
		(found == Some(root)).then_some(bytes)
	};
	Ok(tokio::task::spawn_blocking(verify).await?)
}

/// Whether an output cannot be fetched for what its provider does, or does not.
pub(super) fn is_unserved(error: &Error) -> bool {
	match error {
		Error::Store(StoreError::Io(_) | StoreError::NoRoom { .. }) => false,
		Error::Store(_) => true,
		error => error.is_retryable(),
	}
}

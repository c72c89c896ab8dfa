//! Checks batches, item by item, and opens the first item that is wrong: the job that it then is can
//! be disputed as any other.
//!
//! A file of outputs that is not what was committed to is as good as none. Where equal bits are
//! required, a batch is checked without it all the same ([`roots`](super::roots)).

use super::{
	auditor::blocks,
	check::{unproven, Checker, Claim, Finding},
	deviation::{self, Deviation, Submission},
	error::CheckError,
	outputs::is_unserved,
};
use crate::{
	artifact::{artifact_of, VerifiedFile},
	canonical::Fault,
	items::{submitted, ItemInputs, ItemOutputs},
	models::{read, texts},
	tasks::{availability, items},
	Error,
};
use assay_canon::arbiter::Rule;
use assay_client::{Call, Error as ChainError, Receipt, Wait};
use assay_primitives::{
	availability::{AnswerBytes, Side},
	batch::{ItemOpening, ItemOutput},
	commitment::tensor_root,
	job::{Input, Output, TensorHeader},
	model::{Class, VersionSpec},
	tensor::{decode_tensors, Shape, Tensor},
	BlockNumber, JobId, Root,
};
use futures::StreamExt;
use std::sync::Arc;
use tokio::sync::SemaphorePermit;

/// The blocks after which a transaction that is in none of them is signed anew. If both get in, the
/// second is refused.
const PATIENCE: BlockNumber = 4;

/// The part of the time, and the most blocks, for which a file of outputs is waited for that can be
/// done without.
const PART: BlockNumber = 8;
const MOST_WAITED: BlockNumber = 64;

/// What the request of a batch says of the inputs, and their file.
pub(super) struct Request {
	shapes: Vec<Shape>,
	root: Root,
	items: u32,
	file: VerifiedFile,
}

/// The inputs of a batch, and their place in memory.
pub(super) struct Loaded<'a> {
	pub inputs: ItemInputs,
	_place: SemaphorePermit<'a>,
}

/// Both files of a batch.
struct Files<'a> {
	loaded: Loaded<'a>,
	outputs: ItemOutputs,
}

/// An item of a batch, as a result of its own.
pub(super) struct Item {
	pub claim: Claim,
	pub inputs: Arc<[Tensor]>,
	pub submitted: Submission,
}

/// Who has opened an item.
pub(super) enum Opened {
	/// This worker, now.
	Now,
	/// Somebody, before.
	Before,
}

impl Checker {
	/// Check a batch, and open what is wrong with it. When the job of an item is over and the batch is
	/// not, the items after it are looked at.
	pub(super) async fn check_batch(
		&self,
		mut claim: Claim,
		spec: &VersionSpec,
	) -> Result<Finding, Error> {
		let mut from = 0;
		while let Some((index, opened)) = self.open_wrong(&claim, spec, from).await? {
			from = match opened {
				// A block that is retracted may take it with it: it is looked at once more.
				Opened::Now => index,
				Opened::Before => index.saturating_add(1),
			};
			match self.resumed(&claim).await? {
				Some(resumed) => claim = resumed,
				None => return Ok(Finding::Idle),
			}
		}
		if from == 0 {
			self.count(&claim, true);
		}
		Ok(Finding::Idle)
	}

	/// Find the first wrong item from a number on, and open it. The files are in memory only here, and
	/// nothing is fetched while their place is taken.
	async fn open_wrong(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		from: u32,
	) -> Result<Option<(u32, Opened)>, Error> {
		let request = self.request(claim).await?;
		let output = self.output_file(claim, spec).await?;
		let loaded = self.load(claim, spec, &request).await?;
		if spec.commitments.cost.trace_bytes > self.orders.memory_budget {
			let first = loaded.inputs.tensors_of(0, &spec.inputs);
			let first = first.ok_or_else(|| no_item(claim.job))?;
			self.check_size(claim, spec, &first).await?;
		}
		let outputs = match output {
			Some(file) => self.outputs(claim, &file, request.items).await?,
			None => None,
		};
		match outputs {
			Some(outputs) => self.open_served(claim, spec, Files { loaded, outputs }, from).await,
			None if spec.class == Class::Tolerant => {
				let (job, root) = (claim.job, claim.output.root);
				availability::demand(&self.context, job, Side::Output, root).await?;
				let reason = "its file is not what was committed to";
				Err(CheckError::Output { job, reason }.into())
			},
			None => self.open_unserved(claim, spec, (&request, loaded), from).await,
		}
	}

	/// The same with the outputs of the batch.
	async fn open_served(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		files: Files<'_>,
		mut from: u32,
	) -> Result<Option<(u32, Opened)>, Error> {
		while let Some(index) = self.suspect(claim, spec, &files, from).await? {
			if self.is_wrong(files.item(claim, spec, index)?, spec).await? {
				self.accuse(claim, index);
				let opening = files.opening(spec, index);
				let opening = opening.ok_or_else(|| no_item(claim.job))?;
				drop(files);
				return Ok(Some((index, self.open(claim, index, opening).await?)));
			}
			from = index.saturating_add(1);
		}
		Ok(None)
	}

	pub(super) fn accuse(&self, claim: &Claim, index: u32) {
		let (job, provider) = (claim.job, &claim.provider);
		tracing::warn!(target: "worker::challenger", %job, index, %provider, "an item is wrong");
		self.count(claim, false);
	}

	/// The request of a batch, whose file of inputs is fetched.
	async fn request(&self, claim: &Claim) -> Result<Request, Error> {
		let (context, job, due) = (&self.context, claim.job, claim.due());
		let Input::Batch { artifact, locator, root, items, shapes } =
			items::input(context, job, due).await?
		else {
			return Err(Error::InputGone { job });
		};
		let budget = self.orders.memory_budget;
		if artifact.size > budget {
			return Err(CheckError::TooLarge { job, bytes: artifact.size, budget }.into());
		}
		let urls = texts(&[locator]);
		let fetch = || context.models.fetch_file(artifact, &urls);
		let file = context.retry("input artifact", due, fetch).await?;
		Ok(Request { shapes: shapes.into_inner(), root, items, file })
	}

	/// The file of a batch's outputs. One that can be done without is waited for a little only.
	async fn output_file(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
	) -> Result<Option<VerifiedFile>, Error> {
		let (context, job) = (&self.context, claim.job);
		let Some(Output::Artifact { artifact, .. }) = context.chain.output(job).await? else {
			return Err(CheckError::Output { job, reason: "the chain has none" }.into());
		};
		let fetch = || self.artifact(claim, artifact);
		if spec.class == Class::Tolerant {
			return self.fetch_output(claim, fetch).await.map(Some);
		}
		let left = claim.due().saturating_sub(context.now()) / PART;
		let soon = context.now().saturating_add(left.min(MOST_WAITED));
		tokio::select! {
			fetched = context.retry("output", soon, fetch) => match fetched {
				Ok(file) => Ok(Some(file)),
				Err(Error::Check(CheckError::TooLarge { .. })) => Ok(None),
				Err(error) if is_unserved(&error) => Ok(None),
				Err(error) => Err(error),
			},
			waited = items::until(context, soon) => waited.map(|()| None),
		}
	}

	/// The inputs of a batch in memory, as soon as there is a place for them.
	pub(super) async fn load(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		request: &Request,
	) -> Result<Loaded<'_>, Error> {
		let place = self.batches.acquire().await.map_err(|_| Error::Stopping)?;
		let (bytes, specs) = (read(&request.file).await?, spec.inputs.clone());
		let (shapes, items, root) = (request.shapes.clone(), request.items, request.root);
		let inputs = move || ItemInputs::check(bytes, &specs, &shapes, items, root);
		let inputs = tokio::task::spawn_blocking(inputs).await?;
		let inputs = inputs.ok_or(CheckError::Input { job: claim.job })?;
		Ok(Loaded { inputs, _place: place })
	}

	/// The outputs of a batch; `None` if the file is not what was committed to.
	async fn outputs(
		&self,
		claim: &Claim,
		file: &VerifiedFile,
		items: u32,
	) -> Result<Option<ItemOutputs>, Error> {
		let (bytes, root) = (read(file).await?, claim.output.root);
		let outputs = move || ItemOutputs::check(&bytes, items, root);
		Ok(tokio::task::spawn_blocking(outputs).await?)
	}

	/// The first item from a number on that one run finds wrong.
	async fn suspect(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		files: &Files<'_>,
		from: u32,
	) -> Result<Option<u32>, Error> {
		let look = |index| async move {
			let Item { claim, inputs, submitted } = files.item(claim, spec, index)?;
			let right = match spec.class {
				Class::Tolerant => self.seems_near(&claim, spec, inputs, &submitted).await?,
				_ => claim.is(&self.run(&claim, spec, inputs).await?),
			};
			Ok::<_, Error>((index, right))
		};
		let at_once = self.orders.concurrency.max(1);
		let all = futures::stream::iter(from..files.loaded.inputs.items());
		let mut looks = std::pin::pin!(all.map(look).buffered(at_once));
		while let Some(looked) = looks.next().await {
			let (index, right) = looked?;
			self.context.metrics.items_checked.inc();
			if !right {
				return Ok(Some(index));
			}
		}
		Ok(None)
	}

	/// Whether two runs of the canonical engine agree that an item is wrong, and the chain would see
	/// it.
	pub(super) async fn is_wrong(&self, item: Item, spec: &VersionSpec) -> Result<bool, Error> {
		let Item { claim, inputs, submitted } = item;
		let (job, root, rule) = (claim.job, claim.output.root, deviation::rule(spec));
		let replay = self.kept(&claim, spec, &inputs, None).await?;
		if claim.is(&replay.delivered) {
			return Ok(false);
		}
		let found = if rule == Rule::Bits || replay.delivered.is_err() {
			replay.ask(move |player| Deviation::by_root(player, &root, rule)).await?
		} else {
			replay.ask(move |player| Deviation::find(player, &submitted, &root, rule)).await?
		};
		if found.map_err(unproven)?.is_none() {
			if rule == Rule::Bits {
				let reason = "it is wrong, but the chain would not see it";
				return Err(CheckError::Output { job, reason }.into());
			}
			return Ok(false);
		}
		if self.canonical(&claim, spec, inputs).await? != replay.delivered {
			return Err(CheckError::Unstable { job }.into());
		}
		Ok(true)
	}

	/// Open an item, unless somebody has.
	pub(super) async fn open(
		&self,
		claim: &Claim,
		index: u32,
		opening: ItemOpening,
	) -> Result<Opened, Error> {
		let (context, job) = (&self.context, claim.job);
		// Its clock may have stood meanwhile, so that there is more time than there was.
		while let Some(claim) = self.present(claim).await? {
			if context.now().saturating_add(1) >= claim.due() {
				break;
			}
			let call = Call::OpenItem { job, index, opening: Box::new(opening.clone()) };
			tokio::select! {
				sent = context.submit(call, Wait::InBlock, |_| Ok(())) => {
					return self.opened(&claim, index, sent);
				},
				() = blocks(context, PATIENCE) => {},
			}
		}
		tracing::warn!(target: "worker::challenger", %job, index, "too late to open it");
		Err(CheckError::Moved { job }.into())
	}

	fn opened(
		&self,
		claim: &Claim,
		index: u32,
		sent: Result<Receipt, Error>,
	) -> Result<Opened, Error> {
		let job = claim.job;
		match sent {
			Ok(receipt) => {
				let block = receipt.block.number;
				tracing::info!(target: "worker::challenger", %job, index, block, "opened the item");
				self.context.metrics.moves.with_label_values(&["open-item"]).inc();
				Ok(Opened::Now)
			},
			Err(error) if is_opened(&error) => {
				tracing::debug!(target: "worker::challenger", %job, index, %error, "overtaken");
				Ok(Opened::Before)
			},
			Err(error) => Err(error),
		}
	}

	/// The batch once its clock runs again; `None` if its result is not provisional any more.
	async fn resumed(&self, claim: &Claim) -> Result<Option<Claim>, Error> {
		let mut best = self.context.best.clone();
		while self.context.next_block(&mut best).await {
			match self.present(claim).await {
				Ok(Some(now)) if now.until == Some(BlockNumber::MAX) => {},
				// The next block brings the next attempt.
				Err(error) if error.is_retryable() => {},
				ended => return ended,
			}
		}
		Err(Error::Stopping)
	}

	/// The batch as it is now; `None` if its result is not provisional any more.
	pub(super) async fn present(&self, claim: &Claim) -> Result<Option<Claim>, Error> {
		let view = self.context.chain.job(claim.job).await?;
		let now = view.as_ref().and_then(Claim::of);
		Ok(now.filter(|now| now.dispute == claim.dispute && now.output == claim.output))
	}
}

pub(super) const fn no_item(job: JobId) -> CheckError {
	CheckError::Output { job, reason: "it has no such item" }
}

fn is_opened(error: &Error) -> bool {
	matches!(
		error,
		Error::Chain(ChainError::Dispatch { pallet, error, .. })
			if pallet == "Inference" && error == "ItemOpened"
	)
}

impl Loaded<'_> {
	/// What shows the input of an item to the chain, with its proof.
	pub(super) fn input(&self, spec: &VersionSpec, index: u32) -> Option<(Input, AnswerBytes)> {
		let bytes = self.inputs.bytes_of(index)?;
		let proof = AnswerBytes::try_from(self.inputs.roots().open(index)?).ok()?;
		if let Ok(inline) = bytes.to_vec().try_into() {
			return Some((Input::Inline(inline), proof));
		}
		let header = |Tensor { dtype, shape, data }: Tensor| {
			let root = tensor_root(dtype, &shape, &data);
			TensorHeader { shape, root }
		};
		let tensors: Vec<_> =
			self.inputs.tensors_of(index, &spec.inputs)?.into_iter().map(header).collect();
		let (artifact, locator) = (artifact_of(bytes), Default::default());
		let tensors = tensors.try_into().ok()?;
		Some((Input::Artifact { artifact, locator, tensors }, proof))
	}
}

impl Files<'_> {
	fn item(&self, claim: &Claim, spec: &VersionSpec, index: u32) -> Result<Item, Error> {
		let no_item = || no_item(claim.job);
		let root = self.outputs.roots().get(index).ok_or_else(no_item)?;
		let inputs = self.loaded.inputs.tensors_of(index, &spec.inputs).ok_or_else(no_item)?;
		let submitted = match self.outputs.get(index).ok_or_else(no_item)? {
			ItemOutput::Tensors(bytes) => Ok(submitted(bytes).ok_or_else(no_item)?),
			ItemOutput::Fault { slot, element } => Err(Fault { slot: *slot, element: *element }),
		};
		Ok(Item { claim: claim.of_item(root), inputs: inputs.into(), submitted })
	}

	/// What shows an item to the chain.
	fn opening(&self, spec: &VersionSpec, index: u32) -> Option<ItemOpening> {
		let (input, input_proof) = self.loaded.input(spec, index)?;
		let output_proof = AnswerBytes::try_from(self.outputs.roots().open(index)?).ok()?;
		Some(ItemOpening { input, input_proof, output: self.output(spec, index)?, output_proof })
	}

	fn output(&self, spec: &VersionSpec, index: u32) -> Option<Output> {
		let bytes = match self.outputs.get(index)? {
			ItemOutput::Tensors(bytes) => bytes,
			ItemOutput::Fault { slot, element } => {
				return Some(Output::Fault { slot: *slot, element: *element })
			},
		};
		// The chain takes nothing inline but what the version declares.
		let declared = decode_tensors(bytes, &spec.outputs).is_ok();
		if let Some(inline) = bytes.clone().try_into().ok().filter(|_| declared) {
			return Some(Output::Inline(inline));
		}
		let root = self.outputs.roots().get(index)?;
		Some(Output::Artifact { root, artifact: artifact_of(bytes) })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_an_item_that_somebody_has_opened_is_no_failure() {
		let refused = |pallet: &str, error: &str| {
			let (pallet, error) = (pallet.into(), error.into());
			Error::Chain(ChainError::Dispatch { pallet, error, docs: String::new() })
		};
		assert!(is_opened(&refused("Inference", "ItemOpened")));
		assert!(!is_opened(&refused("Inference", "IsBatch")));
		assert!(!is_opened(&refused("Disputes", "ItemOpened")));
		assert!(!is_opened(&Error::Stopping));
	}
}

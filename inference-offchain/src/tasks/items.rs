//! Batches: many items under one root, each of which is run as a job of its own (PROTOCOL P5.6).
//!
//! What is done of a batch is in memory until all of it is: after a crash it begins again. The
//! answers are the same then, and nothing was promised before.

use super::{availability, executor, Assignment, Context};
use crate::{
	decline::Decline,
	engine::EngineError,
	items::{output_of, ItemInputs, OutputFile},
	store::StoreError,
	tasks::challenger::CheckError,
	Error,
};
use assay_primitives::{
	batch::{item_of, ItemOutput},
	commitment::{faulted_root, tensors_root},
	job::{Input, JobKind, Output, MAX_JOB_ARTIFACT},
	model::{Artifact, VersionSpec},
	tensor::{encode_tensors, Tensor},
	BlockNumber, JobId, Root,
};
use futures::{
	future::{self, Either},
	StreamExt,
};
use std::{
	future::Future,
	pin::pin,
	sync::Arc,
	time::{Duration, Instant},
};

/// The batches that are run at once: their inputs and outputs are in memory, each as a whole.
pub const MOST_BATCHES: usize = 2;
/// The items of a batch that wait for a place to run, or for an earlier one to end.
const MOST_AHEAD: usize = 64;
/// How often the log says how far a batch is.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// What a batch comes to.
pub(super) async fn answer(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
) -> Result<Output, Error> {
	let Assignment { job, version, .. } = *assignment;
	let Some(inputs) = own_inputs(context, assignment, spec).await? else {
		context.decline(Some(job), Some(version), &Decline::InputMismatch);
		return Ok(Output::InputMismatch);
	};
	let (root, file) = run(context, assignment, spec, Arc::new(inputs)).await?;
	let artifact = context.models.publish(file).await?;
	Ok(Output::Artifact { root, artifact })
}

/// The inputs of a batch of this worker; `None` if they are not what was committed to, or cannot be
/// had. They cannot be demanded on chain: whoever cannot get them says so while there is time, and
/// nobody is punished for it.
async fn own_inputs(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
) -> Result<Option<ItemInputs>, Error> {
	let job = assignment.job;
	let early = availability::early(context.now(), assignment.due);
	if early <= context.now() {
		// It may well be there: it was this worker that came too late.
		return Err(Error::Late { due: assignment.due, now: context.now() });
	}
	let fetched = in_time(context, job, early, inputs(context, job, early, spec)).await?;
	Ok(fetched.flatten())
}

/// What comes of a file before a block; `None` if the file cannot be had.
pub(super) async fn in_time<T>(
	context: &Context,
	job: JobId,
	block: BlockNumber,
	fetch: impl Future<Output = Result<T, Error>> + Send,
) -> Result<Option<T>, Error> {
	let fetched = tokio::select! {
		fetched = fetch => fetched,
		waited = until(context, block) => {
			waited?;
			tracing::warn!(target: "worker::items", %job, "the file of the input does not come");
			return Ok(None);
		},
	};
	match fetched {
		// The disk of this worker is nobody else's fault.
		Err(error @ Error::Store(StoreError::Io(_) | StoreError::NoRoom { .. })) => Err(error),
		Err(Error::Store(error)) => {
			tracing::warn!(target: "worker::items", %job, %error, "the file of the input cannot be had");
			Ok(None)
		},
		fetched => fetched.map(Some),
	}
}

/// Wait for a block.
pub(super) async fn until(context: &Context, block: BlockNumber) -> Result<(), Error> {
	let mut best = context.best.clone();
	while context.now() < block {
		if !context.next_block(&mut best).await {
			return Err(Error::Stopping);
		}
	}
	Ok(())
}

/// The inputs of a batch; `None` if the bytes of its file are not what was committed to.
async fn inputs(
	context: &Arc<Context>,
	batch: JobId,
	due: BlockNumber,
	spec: &VersionSpec,
) -> Result<Option<ItemInputs>, Error> {
	let Input::Batch { artifact, locator, root, items, shapes } =
		input(context, batch, due).await?
	else {
		return Err(Error::InputGone { job: batch });
	};
	let fetch = || context.models.fetch(artifact, std::slice::from_ref(&locator));
	let bytes = context.retry("input artifact", due, fetch).await?;
	let specs = spec.inputs.clone();
	let checked = move || ItemInputs::check(bytes, &specs, &shapes, items, root);
	Ok(tokio::task::spawn_blocking(checked).await?)
}

/// What the chain has of the input of a job.
pub(super) async fn input(context: &Context, job: JobId, due: BlockNumber) -> Result<Input, Error> {
	let input = || async { Ok(context.chain.input(job).await?) };
	context.retry("input", due, input).await?.ok_or(Error::InputGone { job })
}

/// Run all items, and make the file of what they come to.
async fn run(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
	inputs: Arc<ItemInputs>,
) -> Result<(Root, Vec<u8>), Error> {
	let (job, items) = (assignment.job, inputs.items());
	let mut file = OutputFile::new(items);
	let mut progress = Progress::new(job, items);
	let run = |index| run_item(context, assignment, spec, inputs.clone(), index);
	let mut runs = futures::stream::iter(0..items).map(run).buffered(MOST_AHEAD);
	while let Some(ended) = runs.next().await {
		let (output, root) = ended?;
		file.push(&output, root);
		if file.length() > MAX_JOB_ARTIFACT {
			return Err(Error::Batch { job, reason: "its outputs are too large for a file" });
		}
		context.metrics.items.inc();
		progress.note();
	}
	file.finish().ok_or(Error::Batch { job, reason: "it has no items" })
}

/// Run one item, as soon as there is a place for it.
async fn run_item(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
	inputs: Arc<ItemInputs>,
	index: u32,
) -> Result<(ItemOutput, Root), Error> {
	let Assignment { job, due, .. } = *assignment;
	let _place = context.items.acquire().await.map_err(|_| Error::Stopping)?;
	// Unlike a job, it has a lot to do when it is too late already.
	if context.now() >= due {
		return Err(Error::Late { due, now: context.now() });
	}
	let tensors: Arc<[Tensor]> = inputs
		.tensors_of(index, &spec.inputs)
		.ok_or(Error::Batch { job, reason: "it has no such item" })?
		.into();
	let started = Instant::now();
	let attempt = || context.models.run_item(spec, tensors.clone(), index);
	let run = context.retry("run", due, attempt).await;
	context.metrics.run_seconds.observe(started.elapsed().as_secs_f64());
	match run {
		// That it ends early is a result like any other.
		Err(Error::Engine(EngineError::Fault { slot, element })) => {
			Ok((ItemOutput::Fault { slot, element }, faulted_root(slot, element)))
		},
		run => {
			let outputs = run?;
			executor::check(spec, &outputs)?;
			let commit = move || (encode_tensors(&outputs), tensors_root(&outputs));
			let (bytes, root) = tokio::task::spawn_blocking(commit).await?;
			Ok((ItemOutput::Tensors(bytes), root))
		},
	}
}

/// How far a batch is, for the log.
struct Progress {
	job: JobId,
	items: u32,
	done: u32,
	started: Instant,
	reported: Instant,
}

impl Progress {
	fn new(job: JobId, items: u32) -> Self {
		tracing::info!(target: "worker::items", %job, items, "running a batch");
		let now = Instant::now();
		Progress { job, items, done: 0, started: now, reported: now }
	}

	/// An item is done.
	fn note(&mut self) {
		self.done = self.done.saturating_add(1);
		if self.reported.elapsed() < REPORT_EVERY && self.done < self.items {
			return;
		}
		self.reported = Instant::now();
		let rate = f64::from(self.done) / self.started.elapsed().as_secs_f64();
		let (job, done, items) = (self.job, self.done, self.items);
		let rate = format!("{rate:.1}");
		tracing::info!(target: "worker::items", %job, done, items, items_a_second = rate, "batch");
	}
}

/// The inputs of an item that was opened: from the chain, from the file that whoever opened it
/// names, or from that of its batch, whichever is there first. Nobody has to serve the former, and
/// it may be anything.
pub(super) async fn item_inputs(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
	(batch, index): (JobId, u32),
) -> Result<Arc<[Tensor]>, Error> {
	let Assignment { job, due, input_root, .. } = *assignment;
	let (own, locator) = match input(context, job, due).await? {
		Input::Inline(bytes) => {
			let verified = executor::verify(&bytes, &spec.inputs, input_root);
			return verified.map_err(|reason| Error::Input { job, reason });
		},
		Input::Artifact { artifact, locator, .. } => (artifact, locator),
		Input::Batch { .. } => return Err(Error::InputGone { job }),
	};
	let Input::Batch { artifact, locator: of_batch, items, .. } =
		input(context, batch, due).await?
	else {
		return Err(Error::InputGone { job: batch });
	};
	let verify = |bytes: Vec<u8>| async move {
		let specs = spec.inputs.clone();
		let verified = move || executor::verify(&bytes, &specs, input_root).ok();
		let verified = tokio::task::spawn_blocking(verified).await?;
		verified.ok_or(Error::Check(CheckError::Input { job }))
	};
	let fetch = |artifact, locator| async move {
		let fetch = || context.models.fetch(artifact, std::slice::from_ref(locator));
		context.retry("input artifact", due, fetch).await
	};
	let alone = async {
		// What is larger is not fetched: it is no item, and would drive out what is.
		if Some(own.size) != artifact.size.checked_div(items.into()) {
			return Err(Error::Check(CheckError::Input { job }));
		}
		verify(fetch(own, &locator).await?).await
	};
	let cut = async {
		let bytes = fetch(artifact, &of_batch).await?;
		let item = item_of(&bytes, items, index).map(<[u8]>::to_vec);
		drop(bytes);
		verify(item.ok_or(CheckError::Input { job })?).await
	};
	either(alone, cut).await
}

/// What the first of two ways brings; if neither brings anything, the failure that may pass.
pub(super) async fn either<T>(
	one: impl Future<Output = Result<T, Error>> + Send,
	other: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
	let (first, last) = match future::select(pin!(one), pin!(other)).await {
		Either::Left((Ok(found), _)) | Either::Right((Ok(found), _)) => return Ok(found),
		Either::Left((Err(first), other)) => (first, other.await),
		Either::Right((Err(first), one)) => (first, one.await),
	};
	last.map_err(|last| if first.is_retryable() { first } else { last })
}

/// The encoded outputs of an item, out of the file of its batch's.
pub(super) async fn cut_output(
	bytes: Vec<u8>,
	items: u32,
	index: u32,
) -> Result<Option<Vec<u8>>, Error> {
	let output = tokio::task::spawn_blocking(move || output_of(&bytes, items, index)).await?;
	Ok(match output {
		Some(ItemOutput::Tensors(bytes)) => Some(bytes),
		Some(ItemOutput::Fault { .. }) | None => None,
	})
}

/// The file of a batch's outputs, and how many items it has.
pub(super) async fn output_file(
	context: &Context,
	batch: JobId,
) -> Result<Option<(Artifact, u32)>, Error> {
	let items = match context.chain.job(batch).await?.map(|view| view.kind) {
		Some(JobKind::Batch { items }) => items,
		_ => return Ok(None),
	};
	Ok(match context.chain.output(batch).await? {
		Some(Output::Artifact { artifact, .. }) => Some((artifact, items)),
		_ => None,
	})
}

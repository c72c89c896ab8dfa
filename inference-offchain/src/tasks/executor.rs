//! Runs jobs: fetches the model and the input, checks the input against what the requester
//! committed to, runs the model on a blocking thread, and notes the answer in the journal.
//!
//! Jobs that come together may share an engine call, and nothing else: each is fetched, noted,
//! answered and given up by itself.

use super::{availability, encrypted, items, Answer, Assignment, Context};
use crate::{decline::Decline, engine::EngineError, models::Models, Error};
use assay_primitives::{
	availability::Side,
	commitment::tensors_root,
	job::{InlineOutput, Input, JobKind, Output},
	model::{Artifact, Locator, VersionSpec},
	tensor::{decode_tensors, encode_tensors, Tensor, TensorError, TensorSpec},
	Root, VersionId,
};
use futures::future::try_join_all;
use std::sync::Arc;
use tokio::{
	sync::{mpsc, SemaphorePermit},
	task::JoinSet,
};

/// Run jobs, `concurrency` at once and those that come together as one, until there are no more.
pub async fn run(
	context: Arc<Context>,
	concurrency: usize,
	mut ready: mpsc::Receiver<Vec<Assignment>>,
	answers: mpsc::Sender<Answer>,
) -> Result<(), Error> {
	let mut running = JoinSet::new();
	loop {
		tokio::select! {
			Some(ended) = running.join_next() => ended??,
			jobs = ready.recv(), if running.len() < concurrency.max(1) => match jobs {
				Some(jobs) => {
					running.spawn(answer_all(context.clone(), jobs, answers.clone()));
				},
				None => break,
			},
		}
	}
	while let Some(ended) = running.join_next().await {
		ended??;
	}
	Ok(())
}

/// Answer jobs, each by itself.
async fn answer_all(
	context: Arc<Context>,
	jobs: Vec<Assignment>,
	answers: mpsc::Sender<Answer>,
) -> Result<(), Error> {
	let count = jobs.len() as u64;
	context.metrics.running.add(count);
	let each = jobs.into_iter().map(|job| answer(context.clone(), job, answers.clone()));
	let answered = try_join_all(each).await;
	context.metrics.running.sub(count);
	answered.map(drop)
}

/// Answer one job. Only what stops the whole worker is an error.
async fn answer(
	context: Arc<Context>,
	assignment: Assignment,
	answers: mpsc::Sender<Answer>,
) -> Result<(), Error> {
	let Assignment { job, version, .. } = assignment;
	match compute(&context, assignment).await {
		Ok(answer) => {
			// The submitter is gone only when the worker stops; the journal has the answer.
			let _ = answers.send(answer).await;
			Ok(())
		},
		Err(Error::Stopping) => Ok(()),
		Err(error) if error.is_fatal() => Err(error),
		Err(error) => {
			context.decline_for(Some(job), Some(version), &error);
			context.metrics.failed.with_label_values(&[error.kind()]).inc();
			context.metrics.finish("failed");
			Ok(())
		},
	}
}

async fn compute(context: &Arc<Context>, mut assignment: Assignment) -> Result<Answer, Error> {
	let Assignment { job, due, version, .. } = assignment;
	if let Some(output) = context.journal.entry(job)?.and_then(|entry| entry.output) {
		tracing::info!(target: "worker::executor", %job, "computed before");
		return Ok(Answer { job, output, due });
	}
	let view = context
		.retry("version", due, || async { Ok(context.chain.version(version).await?) })
		.await?
		.ok_or(Error::UnknownVersion { version })?;
	if let JobKind::Batch { .. } = assignment.kind {
		let output = items::answer(context, &assignment, &view.spec).await?;
		context.journal.computed(job, &output)?;
		tracing::info!(target: "worker::executor", %job, %version, "batch computed");
		return Ok(Answer { job, output, due });
	}
	let (_place, input) = match place_and_input(context, &mut assignment, &view.spec).await {
		// Nobody can answer it, and that is not this worker's fault.
		Err(Error::Key(error)) if error.is_of_the_data() => {
			let why = Decline::Key { reason: error.to_string() };
			context.decline(Some(job), Some(version), &why);
			context.journal.computed(job, &Output::InputMismatch)?;
			return Ok(Answer { job, output: Output::InputMismatch, due });
		},
		found => found?,
	};
	let due = assignment.due;
	let output = match input {
		Some(tensors) => {
			let started = std::time::Instant::now();
			let run = context
				.retry("run", due, || run_model(context, version, &view.spec, &tensors))
				.await;
			context.metrics.run_seconds.observe(started.elapsed().as_secs_f64());
			match run {
				// That it ends early is a result like any other.
				Err(Error::Engine(EngineError::Fault { slot, element })) => {
					Output::Fault { slot, element }
				},
				run => commit(&context.models, &view.spec, run?).await?,
			}
		},
		None => {
			context.decline(Some(job), Some(version), &Decline::InputMismatch);
			Output::InputMismatch
		},
	};
	context.journal.computed(job, &output)?;
	tracing::info!(target: "worker::executor", %job, %version, "computed");
	Ok(Answer { job, output, due })
}

/// Run a version, together with other jobs of it that wait where that may be.
async fn run_model(
	context: &Context,
	version: VersionId,
	spec: &VersionSpec,
	inputs: &Arc<[Tensor]>,
) -> Result<Vec<Tensor>, Error> {
	let (models, calls) = (&context.models, &context.metrics.jobs_per_call);
	match context.batches.line(version) {
		Some(line) => line.run(models, spec, inputs, |jobs| calls.observe(jobs as f64)).await,
		None => {
			calls.observe(1.0);
			models.run(spec, inputs.clone()).await
		},
	}
}

/// The input of a job of this worker. What names data comes with a place to run it.
async fn place_and_input<'a>(
	context: &'a Arc<Context>,
	assignment: &mut Assignment,
	spec: &VersionSpec,
) -> Result<(Option<SemaphorePermit<'a>>, Option<Arc<[Tensor]>>), Error> {
	match assignment.data {
		Some(right) => encrypted::own_input(context, assignment, right, spec).await,
		None => Ok((None, own_input(context, assignment, spec).await?)),
	}
}

/// The input of a job of this worker. One that cannot be fetched is demanded on chain before it is
/// too late for that; while it is, the job's clock stands.
async fn own_input(
	context: &Arc<Context>,
	assignment: &mut Assignment,
	spec: &VersionSpec,
) -> Result<Option<Arc<[Tensor]>>, Error> {
	let Assignment { job, due, input_root, .. } = *assignment;
	let early = Assignment { due: availability::early(context.now(), due), ..assignment.clone() };
	match input(context, &early, spec).await {
		Err(error) if error.is_retryable() => {
			let demanded = availability::demand(context, job, Side::Input, input_root).await;
			if let Some(step) = demanded? {
				assignment.due = due.saturating_add(step);
			}
			input(context, assignment, spec).await
		},
		fetched => fetched,
	}
}

/// The input of a job; `None` when the bytes of its artifact are not what was committed to.
pub(super) async fn input(
	context: &Arc<Context>,
	assignment: &Assignment,
	spec: &VersionSpec,
) -> Result<Option<Arc<[Tensor]>>, Error> {
	let Assignment { job, due, input_root, .. } = *assignment;
	let input = context
		.retry("input", due, || async { Ok(context.chain.input(job).await?) })
		.await?
		.ok_or(Error::InputGone { job })?;
	match input {
		Input::Inline(bytes) => verify(&bytes, &spec.inputs, input_root)
			.map(Some)
			.map_err(|reason| Error::Input { job, reason }),
		Input::Artifact { artifact, locator, .. } => {
			if let Some(right) = assignment.data {
				let file = (artifact, locator);
				return encrypted::held_input(context, assignment, right, spec, file).await;
			}
			let bytes =
				context.retry("input artifact", due, || fetch(context, artifact, &locator)).await?;
			let inputs = spec.inputs.clone();
			let verified =
				tokio::task::spawn_blocking(move || verify(&bytes, &inputs, input_root)).await?;
			Ok(verified.ok())
		},
		// Items are run as jobs, and batches never.
		Input::Batch { .. } => Err(Error::InputGone { job }),
	}
}

async fn fetch(context: &Context, artifact: Artifact, locator: &Locator) -> Result<Vec<u8>, Error> {
	context.models.fetch(artifact, std::slice::from_ref(locator)).await
}

/// Decode tensors and check them against their declarations and the root of their list.
pub fn verify(bytes: &[u8], specs: &[TensorSpec], root: Root) -> Result<Arc<[Tensor]>, String> {
	let tensors = decode_tensors(bytes, specs).map_err(|error| error.to_string())?;
	let found = tensors_root(&tensors);
	if found == root {
		Ok(tensors.into())
	} else {
		Err(format!("its root is {found}, not {root}"))
	}
}

/// Turn outputs into what is submitted: the tensors where they are small, otherwise their root
/// and the file that the gateway serves.
pub async fn commit(
	models: &Models,
	spec: &VersionSpec,
	tensors: Vec<Tensor>,
) -> Result<Output, Error> {
	check(spec, &tensors)?;
	match InlineOutput::try_from(encode_tensors(&tensors)) {
		Ok(inline) => Ok(Output::Inline(inline)),
		Err(bytes) => {
			let root = tokio::task::spawn_blocking(move || tensors_root(&tensors)).await?;
			let artifact = models.publish(bytes).await?;
			Ok(Output::Artifact { root, artifact })
		},
	}
}

/// Check outputs against their declarations.
pub fn check(spec: &VersionSpec, tensors: &[Tensor]) -> Result<(), Error> {
	if tensors.len() != spec.outputs.len() {
		return Err(Error::Output { index: tensors.len(), reason: TensorError::WrongCount });
	}
	for (index, (declared, tensor)) in spec.outputs.iter().zip(tensors).enumerate() {
		declared
			.check(tensor.dtype, &tensor.shape)
			.and_then(|()| tensor.validate())
			.map_err(|reason| Error::Output { index, reason })?;
	}
	Ok(())
}

//! Whether jobs of a version are right and faster in one call of the engine, found by trying it.

use super::{batch_of, join, split, Joint};
use crate::{
	calibration::{compare, Calibration, MOST_TERMS, NARROW, RANGE},
	canonical::{Bindings, Options},
	engine::EngineError,
	models::Models,
	random::halved,
	Error,
};
use assay_primitives::{
	model::{Class, VersionSpec},
	tensor::{Tensor, TensorSpec},
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};

/// The random inputs that are tried: of least lengths, and of the greatest that are run in little time.
const TRIALS: u64 = 2;
/// How often both ways are timed, unless that takes longer than [`ENOUGH`].
const ROUNDS: u32 = 5;
const ENOUGH: Duration = Duration::from_secs(2);
/// Above the seeds of calibration.
const SEEDS: u64 = 1 << 32;

/// How far jobs of a version may share calls of at most `most` jobs; `None` if they are to be run one
/// by one.
pub async fn find(
	models: &Models,
	spec: &VersionSpec,
	most: usize,
) -> Result<Option<Joint>, Error> {
	let calibration = Calibration::of(models, spec).await?;
	Ok(measure(calibration, most, models.memory_budget()).await)
}

/// How far jobs of a version may share calls of at most `most` jobs, which with all that they read and
/// write take no more than `budget` bytes; `None` if they are to be run one by one.
pub(crate) async fn measure(
	calibration: Arc<Calibration>,
	most: usize,
	budget: u64,
) -> Option<Joint> {
	let looked_at = calibration.clone();
	let admissible = move || admissible(&looked_at, most, budget);
	let (batch, joint) = tokio::task::spawn_blocking(admissible).await.ok().flatten()?;
	for trial in 0..TRIALS {
		let calibration = calibration.clone();
		// One blocking task a trial, so that a worker that stops waits for no more than one.
		let tried = tokio::task::spawn_blocking(move || attempt(&calibration, batch, joint, trial));
		match tried.await.map_err(Error::from).and_then(|tried| tried) {
			Ok((apart, together)) if together < apart => {
				tracing::debug!(target: "worker::batch", ?apart, ?together, "measured");
			},
			Ok((apart, together)) => {
				tracing::info!(target: "worker::batch", ?apart, ?together, "not faster together");
				return None;
			},
			Err(error) => {
				tracing::info!(target: "worker::batch", %error, "not right together");
				return None;
			},
		}
	}
	Some(joint)
}

/// The symbol that is the batch, and what a call may have at most so that it takes no more memory than
/// there is, nor more entries than one job may have.
fn admissible(calibration: &Calibration, most: usize, budget: u64) -> Option<(usize, Joint)> {
	let Calibration { spec, model, .. } = calibration;
	if spec.class != Class::Tolerant || most < 2 {
		return None;
	}
	let graph = &model.imported().graph;
	let batch = batch_of(graph)?;
	let greatest: Vec<u32> = graph.symbols.iter().map(|symbol| symbol.maximum).collect();
	let fits = |entries: u32| {
		let bindings = with(&greatest, batch, entries);
		graph.cost(&bindings).is_ok_and(|cost| cost.trace_bytes <= budget)
	};
	// More entries take more.
	let (mut fitting, mut beyond) = (0, greatest.get(batch)?.saturating_add(1));
	while beyond - fitting > 1 {
		let middle = fitting + (beyond - fitting) / 2;
		if fits(middle) {
			fitting = middle;
		} else {
			beyond = middle;
		}
	}
	let sizes = spec.inputs.iter().chain(&spec.outputs).map(TensorSpec::most_bytes);
	let each = sizes.sum::<Option<u64>>()?.max(1);
	let held = usize::try_from(budget / each).unwrap_or(usize::MAX);
	let joint = Joint { jobs: most.min(held).min(fitting as usize), entries: fitting };
	(joint.jobs > 1).then_some((batch, joint))
}

/// Lengths with others along the batch.
fn with(lengths: &[u32], batch: usize, entries: u32) -> Bindings {
	let mut lengths = lengths.to_vec();
	lengths.iter_mut().skip(batch).take(1).for_each(|length| *length = entries);
	Bindings(lengths)
}

/// Run jobs of one entry apart and together, and check what they give together. How long each takes.
fn attempt(
	calibration: &Calibration,
	batch: usize,
	joint: Joint,
	trial: u64,
) -> Result<(Duration, Duration), Error> {
	let Calibration { spec, session, .. } = calibration;
	let lengths = lengths(calibration, batch, joint, trial);
	let jobs = jobs(calibration, &lengths, joint.jobs, trial)?;
	let inputs: Vec<Arc<[Tensor]>> = jobs.iter().map(|(inputs, _)| inputs.clone()).collect();
	let unfit = || EngineError::Run("the outputs have no entry for each job".into());
	let joined = join(&inputs).ok_or_else(unfit)?;

	let parts = split(&session.run(&joined)?, &vec![1; jobs.len()]).ok_or_else(unfit)?;
	for ((inputs, expected), given) in jobs.iter().zip(&parts) {
		let apart = session.run(inputs)?;
		compare(spec, given, expected.as_ref().unwrap_or(&apart))?;
	}
	let started = Instant::now();
	let (mut apart, mut together) = (Duration::MAX, Duration::MAX);
	for _ in 0..ROUNDS {
		apart = apart.min(timed(|| inputs.iter().try_for_each(|job| session.run(job).map(drop)))?);
		together = together.min(timed(|| {
			let joined = join(&inputs).ok_or_else(unfit)?;
			split(&session.run(&joined)?, &vec![1; inputs.len()]).map(drop).ok_or_else(unfit)?;
			Ok(())
		})?);
		if started.elapsed() > ENOUGH {
			break;
		}
	}
	Ok((apart, together))
}

fn timed(run: impl FnOnce() -> Result<(), Error>) -> Result<Duration, Error> {
	let started = Instant::now();
	run().map(|()| started.elapsed())
}

/// Lengths of a job of one entry: the least, or the greatest of which so many jobs take little time.
fn lengths(calibration: &Calibration, batch: usize, joint: Joint, trial: u64) -> Bindings {
	let least = calibration.least();
	let lengths = match trial {
		0 => least,
		_ => {
			let symbols = &calibration.model.imported().graph.symbols;
			let greatest = symbols.iter().map(|symbol| symbol.maximum).collect();
			let entries = joint.jobs as u32;
			halved(greatest, |lengths| {
				calibration.terms(&with(&lengths.0, batch, entries)) <= MOST_TERMS
			})
		},
	};
	with(&lengths.0, batch, 1)
}

/// A job's inputs, and its canonical outputs if they take little time.
type Tried = (Arc<[Tensor]>, Option<Vec<Tensor>>);

fn jobs(
	calibration: &Calibration,
	lengths: &Bindings,
	count: usize,
	trial: u64,
) -> Result<Vec<Tried>, Error> {
	let affordable = calibration.terms(lengths).saturating_mul(count as u64) <= MOST_TERMS;
	let mut jobs = Vec::new();
	for number in 0..count as u64 {
		let seed = SEEDS + trial * SEEDS + number;
		let inputs = |range| calibration.inputs_of(seed, range, lengths);
		if !affordable {
			jobs.push((inputs(&NARROW)?.into(), None));
			continue;
		}
		let (inputs, outputs) = match canonical(calibration, inputs(&RANGE)?) {
			Err(Error::Engine(EngineError::Fault { .. })) => {
				canonical(calibration, inputs(&NARROW)?)?
			},
			computed => computed?,
		};
		jobs.push((inputs.into(), Some(outputs)));
	}
	Ok(jobs)
}

fn canonical(
	calibration: &Calibration,
	inputs: Vec<Tensor>,
) -> Result<(Vec<Tensor>, Vec<Tensor>), Error> {
	let options: &Options = &calibration.options;
	let run = calibration.model.run(&inputs, options).map_err(EngineError::from)?;
	Ok((inputs, run.outputs.map_err(EngineError::from)?))
}

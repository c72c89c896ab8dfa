//! What the worker adds to a run of a model: one job's path up to its answer, notes in the journal
//! included, beside ONNX Runtime's bare run of the same session on the same input.
//!
//! The channels between the tasks are not in it: the job is taken through its steps in one task.
//! The one write to disk that a job waits for comes before its transaction is handed in, while
//! the next job runs; it is measured by itself.

use crate::{
	canonical::{CanonicalError, CanonicalModel},
	config::{Amount, Config},
	engine::{
		ort::{to_value, OrtEngine},
		EngineError,
	},
	journal::Journal,
	models::Models,
	onnx::{self, Declaration, File},
	tasks::executor,
	Error,
};
use assay_client::SignedCall;
use assay_primitives::{
	commitment::tensors_root,
	model::{Artifact, Class, PriceUnit, SpecVersion, VersionSpec},
	tensor::{encode_tensors, Tensor, TensorSpec},
	AccountId, Balance, BlockNumber, JobId,
};
use clap::Args;
use codec::Encode;
use ort::{session::SessionInputValue, value::DynValue};
use serde::Serialize;
use std::{
	hint::black_box,
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct Settings {
	/// The ONNX file
	#[arg(long, value_name = "FILE")]
	pub model: PathBuf,
	/// The length that free dimensions are bound to
	#[arg(long, value_name = "LENGTH", default_value_t = 1)]
	pub length: u32,
	/// The pairs of runs
	#[arg(long, value_name = "COUNT", default_value_t = 200)]
	pub iterations: u32,
	/// What the machine is to earn in an hour of such jobs, in ASY: from it follows what to ask
	#[arg(long, value_name = "ASY", default_value = "1")]
	pub earn: Amount,
	/// The seconds within which a job has to be answered: the chain's response window
	#[arg(long, value_name = "SECONDS", default_value_t = 300)]
	pub answer_within: u32,
}

/// Medians of a measurement, in microseconds.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
	/// The engine.
	pub engine: String,
	/// The pairs of runs.
	pub iterations: u32,
	/// The bytes of the encoded input.
	pub input_bytes: usize,
	/// ONNX Runtime alone: `Session::run` on values that are there already.
	pub direct_us: f64,
	/// The worker's path: accept, decode, verify roots, find the session, run, check, encode,
	/// commit, note the answer.
	pub worker_us: f64,
	/// The worker's path over ONNX Runtime alone.
	pub ratio: f64,
	/// The write to disk before a transaction is handed in, while the next job runs. It costs
	/// what the disk of the folder for temporary files takes.
	pub journal_us: f64,
	/// What to ask for such jobs.
	pub proposal: Option<Proposal>,
}

/// What a provider should ask, by what was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Proposal {
	/// The jobs that the machine answers in a second, one after another.
	pub jobs_per_s: f64,
	/// The multiply-accumulates of the canonical graph that it does in a second.
	pub macs_per_s: f64,
	/// The price of a job in ASY.
	pub price: String,
	/// The price of a million multiply-accumulates in ASY.
	pub price_of_million_macs: String,
	/// The jobs that it should have to answer at once: as many as it answers in half of the time.
	pub capacity: u32,
	/// The flags of `assay-worker` for this.
	pub flags: String,
}

impl Proposal {
	/// For jobs of so many multiply-accumulates that take so many microseconds each.
	fn new(worker_us: f64, macs: u64, settings: &Settings) -> Self {
		let seconds = worker_us.max(1.0) / 1e6;
		let price = |jobs_per_s: f64| {
			let planck = settings.earn.0 as f64 / (jobs_per_s * 3600.0);
			Amount((planck.ceil() as Balance).max(1)).to_string()
		};
		let (jobs_per_s, macs_per_s) = (1.0 / seconds, macs as f64 / seconds);
		let capacity = (f64::from(settings.answer_within) / 2.0 / seconds).clamp(1.0, 1e6) as u32;
		let job = price(jobs_per_s);
		Proposal {
			flags: format!("--serve NAME@NUMBER={job} --capacity {capacity}"),
			jobs_per_s,
			macs_per_s,
			price: job,
			price_of_million_macs: price(macs_per_s / 1e6),
			capacity,
		}
	}
}

/// Measure the worker's path against `direct`, in turns so that both see the same machine.
async fn measure(
	models: &Models,
	journal: &Journal,
	spec: &VersionSpec,
	inputs: Vec<Tensor>,
	iterations: u32,
	mut direct: impl FnMut() -> Result<(), Error>,
) -> Result<Report, Error> {
	let bytes = encode_tensors(&inputs);
	let root = tensors_root(&inputs);
	let session = models.session(spec).await?;
	let (mut alone, mut worker, mut notes) = (Vec::new(), Vec::new(), Vec::new());
	// The first runs of a session allocate what later ones use again.
	for _ in 0..3 {
		direct()?;
		session.run(&inputs)?;
	}
	for round in 0..iterations.max(1) {
		let started = Instant::now();
		direct()?;
		alone.push(started.elapsed());

		let job = JobId(round.into());
		let started = Instant::now();
		journal.accept(job, BlockNumber::MAX)?;
		let verified = executor::verify(&bytes, &spec.inputs, root)
			.map_err(|reason| Error::Input { job, reason })?;
		let outputs = models.run(spec, verified).await?;
		let output = executor::commit(models, spec, outputs).await?;
		journal.computed(job, &output)?;
		worker.push(started.elapsed());

		let transaction =
			SignedCall { hash: [0; 32], bytes: output.encode(), born: 0, dies: u32::MAX };
		let started = Instant::now();
		journal.signed(job, &transaction)?;
		notes.push(started.elapsed());
	}
	let (direct_us, worker_us) = (median(alone), median(worker));
	Ok(Report {
		engine: models.engine_name(),
		iterations,
		input_bytes: bytes.len(),
		direct_us,
		worker_us,
		ratio: worker_us / direct_us,
		journal_us: median(notes),
		proposal: None,
	})
}

/// Prepare the model of the settings and measure it.
pub async fn run(config: &Config, settings: &Settings) -> Result<Report, Error> {
	let unreadable = |error| Error::Engine(EngineError::Unreadable(error));
	let folder = tempfile::tempdir().map_err(unreadable)?;
	let config = Config { base_path: folder.path().into(), ..config.clone() };
	let bytes = std::fs::read(&settings.model).map_err(unreadable)?;
	let model = import(&bytes, settings.length).map_err(EngineError::from)?;
	let engine = OrtEngine::new(config.device, config.threads);
	let mut session = engine.session(&bytes)?;
	let journal = Journal::open(&config.base_path, &[0; 32], &AccountId::new([0; 32]))?;
	let (models, gateway) = Models::with_engine(&config, Arc::new(engine)).await?;
	let spec = declare(&model, models.publish(bytes).await?)?;
	let inputs = spec.inputs.iter().map(zero).collect::<Result<Vec<Tensor>, _>>()?;
	let values = inputs.iter().map(to_value).collect::<Result<Vec<DynValue>, _>>()?;
	let direct = || {
		let views: Vec<SessionInputValue<'_>> = values.iter().map(|value| value.into()).collect();
		let outputs = session.run(views.as_slice());
		black_box(outputs.map_err(|error| EngineError::Run(error.to_string()))?);
		Ok(())
	};
	let report = measure(&models, &journal, &spec, inputs, settings.iterations, direct).await;
	gateway.stop().await;
	let report = report?;
	let proposal = Proposal::new(report.worker_us, spec.commitments.cost.terms, settings);
	Ok(Report { proposal: Some(proposal), ..report })
}

fn malformed(reason: impl ToString) -> Error {
	EngineError::Malformed(reason.to_string()).into()
}

/// Import a model with every free dimension bound.
fn import(bytes: &[u8], length: u32) -> Result<CanonicalModel, CanonicalError> {
	let file = File::decode(bytes)?;
	let axes = file.free_axes()?.into_iter();
	let bound = axes.map(|axis| (axis.dimension, onnx::Dimension::Fixed(length)));
	let declaration = Declaration { dimensions: bound.collect(), ..Declaration::default() };
	Ok(file.import(&declaration)?.into())
}

/// A version of the model.
fn declare(model: &CanonicalModel, artifact: Artifact) -> Result<VersionSpec, EngineError> {
	let too_many = |_| EngineError::Malformed("too many inputs or outputs".into());
	Ok(VersionSpec {
		artifact,
		locators: Default::default(),
		inputs: model.inputs()?.try_into().map_err(too_many)?,
		outputs: model.outputs()?.try_into().map_err(too_many)?,
		// Every model may be of this class. The engine here is ONNX Runtime all the same.
		class: Class::Canonical,
		tolerance: None,
		price: 0,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: model.commitments()?,
		constants: Default::default(),
		licence: Default::default(),
		permissions: Default::default(),
	})
}

fn zero(spec: &TensorSpec) -> Result<Tensor, Error> {
	let shape = spec.shape.iter().map(|dimension| dimension.most()).collect();
	let length = spec.most_bytes().and_then(|length| usize::try_from(length).ok());
	let data = vec![0; length.ok_or_else(|| malformed("an input is too large"))?];
	Tensor::new(spec.dtype, shape, data).map_err(malformed)
}

fn median(mut times: Vec<Duration>) -> f64 {
	times.sort_unstable();
	times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	#[test]
	fn an_hour_of_jobs_at_the_proposed_price_earns_what_was_asked_for() {
		let settings = Settings {
			model: PathBuf::new(),
			length: 1,
			iterations: 1,
			earn: Amount(36 * ASY / 10),
			answer_within: 300,
		};
		// Ten jobs a second of two million terms each.
		let proposal = Proposal::new(100_000.0, 2_000_000, &settings);
		assert_eq!((proposal.price.as_str(), proposal.capacity), ("0.0001", 1_500));
		assert_eq!(proposal.price_of_million_macs, "0.00005");
		assert_eq!(proposal.flags, "--serve NAME@NUMBER=0.0001 --capacity 1500");
		// One that takes longer than there is time.
		assert_eq!(Proposal::new(1e9, 1, &settings).capacity, 1);
	}

	#[test]
	fn the_median_is_the_middle() {
		let times = [3, 1, 2].map(Duration::from_micros).to_vec();
		assert!((median(times) - 2.0).abs() < 1e-9);
	}
}

//! What verification costs where nobody lies.

use crate::fastest;
use anyhow::{Context, Result};
use assay_client::{Client, Wait};
use assay_primitives::{
	commitment::tensors_root,
	job::MAX_INLINE_OUTPUT,
	tensor::{encode_tensors, DType, Dimension, Tensor, TensorSpec},
	VersionId,
};
use assay_tests::{
	chain::{account, key, Node},
	ledger::Ledger,
	market, onnx, storage,
	subjects::{Case, Subject},
};
use assay_worker::{
	artifact::{VerifiedFile, VerifiedModel},
	canonical::{CanonicalModel, Options},
	config::Device,
	engine::{ort::OrtEngine, Engine, Runnable},
};
use serde_json::{json, Map, Value};
use std::{
	hint::black_box,
	time::{Duration, Instant},
};

/// The provider inside a development node.
const PROVIDER: &str = "Charlie";
/// The pallets that keep something of a job.
const PALLETS: [&str; 3] = ["Inference", "Disputes", "Audits"];
/// The map of outputs.
const OUTPUTS: &str = "Inference.Outputs";
/// The canonical runs of which the fastest counts.
const AUDITS: u32 = 5;
/// The threads of each run.
const THREADS: usize = 1;

/// The state that a settled job leaves, then the figures of each model.
pub async fn measure(models: &[Subject], runs: u32) -> Result<Value> {
	eprintln!("settling jobs");
	let mut figures = Map::new();
	figures.insert("settled_job".into(), settled_job().await?);
	for subject in models {
		eprintln!("{}: running it", subject.name());
		figures.insert(subject.name().into(), run(&subject.load()?, runs)?);
	}
	Ok(Value::Object(figures))
}

/// The bytes of state that a settled job adds until it is pruned: keys and values. What was there
/// before is what another settled job has left.
async fn settled_job() -> Result<Value> {
	let node = Node::with_provider()?;
	let (client, ledger) = (node.client().await?, Ledger::of(&node).await?);
	let version = publish(&client).await?;
	settle(&client, version).await?;
	let stored = storage::stored(&ledger, &PALLETS, client.best().await?.number);
	let before = stored.await?;
	settle(&client, version).await?;
	let after = storage::stored(&ledger, &PALLETS, client.best().await?.number).await?;
	let mut added = Map::new();
	let (mut all, mut output) = (0, 0);
	for (name, bytes) in after {
		let bytes = bytes.saturating_sub(before.get(&name).copied().unwrap_or(0));
		if bytes > 0 {
			added.insert(name.clone(), bytes.into());
		}
		all += bytes;
		output += if name == OUTPUTS { bytes } else { 0 };
	}
	Ok(json!({ "bytes": added, "all_bytes": all, "beyond_output_bytes": all - output }))
}

async fn publish(client: &Client) -> Result<VersionId> {
	let bytes = onnx::doubling();
	let gateway = market::gateway(client, &account(PROVIDER)).await?;
	let artifact = market::upload(&gateway, &bytes).await?;
	let url = market::address(&gateway, artifact.hash);
	let row = |name: &str| -> TensorSpec { onnx::float32(name, &[Dimension::UpTo(1024)]) };
	let spec = market::declaration(&bytes, &url, row("x"), row("y"))?;
	let owner = key("Alice");
	let model = market::register(client, &owner, "bench/doubling", "a benchmark").await?;
	let version = market::publish(client, &owner, model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

async fn settle(client: &Client, version: VersionId) -> Result<()> {
	let data = [1.5f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
	let tensor = Tensor::new(DType::Float32, vec![2], data)?;
	let call = market::request_call(client, version, &[tensor]).await?;
	let receipt = client.submit(&key("Bob"), call, Wait::InBlock).await?;
	market::settled(client, receipt.created.job.context("no job was requested")?).await?;
	Ok(())
}

/// A job on ONNX Runtime beside the commitments to its tensors, in turns so that all see the same
/// machine; then its canonical run, alone and with the root of its trace.
fn run(case: &Case, runs: u32) -> Result<Value> {
	let spec = market::canonical_declaration(&case.onnx, "", case.inputs.clone())?;
	let model = CanonicalModel::declared(&case.onnx, &spec)?;
	let folder = tempfile::tempdir()?;
	let path = folder.path().join("model.onnx");
	std::fs::write(&path, &case.onnx)?;
	let file = VerifiedFile::check(&path, spec.artifact)?.context("another file")?;
	let session = OrtEngine::new(Device::Cpu, THREADS).prepare(&VerifiedModel { spec, file })?;
	let (commitments, direct) = commitments(&*session, &case.job, runs)?;

	let options = Options { threads: THREADS, ..Default::default() };
	let canonical = fastest(AUDITS, || Ok(model.run(&case.job, &options)?))?;
	let audit = fastest(AUDITS, || Ok(model.trace(&case.job, &options)?))?;
	Ok(json!({
		"commitments": commitments,
		"audit": {
			"ort_ms": milliseconds(direct),
			"canonical_ms": milliseconds(canonical),
			"canonical_with_root_ms": milliseconds(audit),
			"of_the_job": audit.as_secs_f64() / direct.as_secs_f64(),
		},
	}))
}

/// Medians of a run, and of what it takes to commit to the outputs and to check the inputs; and the
/// fastest run. The chain itself commits to outputs that are inline.
fn commitments(session: &dyn Runnable, job: &[Tensor], runs: u32) -> Result<(Value, Duration)> {
	let (mut run, mut output, mut input) = (Vec::new(), Vec::new(), Vec::new());
	// The first run of a session allocates what later ones use again.
	let outputs = session.run(job)?;
	for _ in 0..runs {
		let started = Instant::now();
		let outputs = session.run(job)?;
		run.push(started.elapsed());
		let started = Instant::now();
		black_box(tensors_root(&outputs));
		output.push(started.elapsed());
		let started = Instant::now();
		black_box(tensors_root(job));
		input.push(started.elapsed());
	}
	let least = run.iter().min().copied().unwrap_or_default();
	let [run, output, input] = [run, output, input].map(|times| milliseconds(median(times)));
	let bytes = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.data.len()).sum::<usize>();
	let inline = encode_tensors(&outputs).len() <= usize::try_from(MAX_INLINE_OUTPUT)?;
	let committed = if inline { 0.0 } else { output };
	let figures = json!({
		"runs": runs,
		"ort_ms": run,
		"output_bytes": bytes(&outputs),
		"output": if inline { "inline" } else { "artifact" },
		"output_root_ms": output,
		"input_bytes": bytes(job),
		"input_root_ms": input,
		"worker_of_the_run": (input + committed) / run,
	});
	Ok((figures, least))
}

fn milliseconds(time: Duration) -> f64 {
	time.as_secs_f64() * 1e3
}

fn median(mut times: Vec<Duration>) -> Duration {
	times.sort_unstable();
	times.get(times.len() / 2).copied().unwrap_or_default()
}

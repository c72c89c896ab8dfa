//! The canonical arithmetic from the command line: ONNX's own vectors, real models beside ONNX
//! Runtime, and a version of class `canonical` from its registration to a settled job.

use anyhow::{ensure, Context, Result};
use assay_tests::{
	chain::{account, Node},
	market, onnx,
	process::{binary, cache},
};
use serde_json::Value;
use std::{
	path::PathBuf,
	process::{Command, Output},
};

/// A model that the tests fetch.
fn model(name: &str) -> Result<String> {
	let path = cache()?.join("models").join(name).join("model.onnx");
	ensure!(path.is_file(), "no {}: run scripts/setup.sh --tests", path.display());
	Ok(path.display().to_string())
}

fn assay(arguments: &[&str]) -> Result<Output> {
	Ok(Command::new(binary("assay")?).args(arguments).output()?)
}

/// What a command prints when it succeeds.
fn text(arguments: &[&str]) -> Result<String> {
	let done = assay(arguments)?;
	let text = String::from_utf8_lossy(&done.stdout).into_owned();
	let said = String::from_utf8_lossy(&done.stderr);
	ensure!(done.status.success(), "{arguments:?}: {text}{said}");
	Ok(text)
}

/// The JSON document that a command prints, whether it succeeds or not.
fn document(arguments: &[&str]) -> Result<Value> {
	let done = assay(&[&["--json"], arguments].concat())?;
	serde_json::from_slice(&done.stdout).with_context(|| format!("{arguments:?}"))
}

/// A number of a line of `name=number` pairs.
fn count(line: &str, name: &str) -> Result<f64> {
	let pair = line.split(' ').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
	Ok(pair.with_context(|| format!("no {name} in `{line}`"))?.parse()?)
}

#[test]
fn the_vectors_of_onnx_pass_and_the_arbiter_upholds_them() -> Result<()> {
	let vectors: PathBuf = cache()?.join("models/onnx/node");
	let vectors = vectors.display().to_string();
	let found = text(&["canon", "vectors", &vectors])?;
	let last = found.lines().last().context("a closing line")?;
	assert_eq!(count(last, "failed")?, 0.0, "{found}");
	assert!(count(last, "passed")? >= 1_173.0, "{last}");
	assert_eq!(count(last, "passed")? + count(last, "unsupported")?, 1_765.0, "{last}");
	let unsupported = found.lines().filter(|line| line.starts_with("unsupported ")).count();
	assert_eq!(unsupported as f64, count(last, "unsupported")?, "each is named");

	// Every element of some; docs/benchmarks.md has what all of them take.
	for only in ["matmul", "softmax", "gather", "top_k", "quantize"] {
		let found = text(&["canon", "vectors", &vectors, "--only", only, "--arbitrate"])?;
		let last = found.lines().last().context("a closing line")?;
		assert_eq!(count(last, "failed")?, 0.0, "{found}");
		assert!(count(last, "arbitrated")? > 20.0, "{last}");
		assert_eq!(count(last, "arbitrated")?, count(last, "flips_rejected")?, "{last}");
	}
	Ok(())
}

#[test]
fn real_models_are_near_onnx_runtime_in_every_configuration() -> Result<()> {
	let (silero, minilm) = (model("silero-vad")?, model("minilm")?);
	let silero: [&str; 9] = [
		"canon",
		"compare",
		&silero,
		"--dim",
		"batch=2",
		"--dim",
		"sequence=576",
		"--set",
		"sr=16000",
	];
	let minilm: [&str; 7] =
		["canon", "compare", &minilm, "--dim", "batch=1", "--dim", "sequence=16"];
	let runs = ["--runs", "2"];
	for arguments in
		[[&silero[..], &runs].concat(), [&minilm[..], &runs, &["--range", "0..2"]].concat()]
	{
		let found = text(&arguments)?;
		let last = found.lines().last().context("a closing line")?;
		assert!(count(last, "max_abs")? < 1e-3, "{last}");
		assert!(count(last, "ratio")? > 0.0, "{last}");
	}
	Ok(())
}

#[test]
fn files_that_no_model_is_made_of_are_explained() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let garbage = folder.path().join("garbage.onnx");
	std::fs::write(&garbage, [0xa5; 4096])?;
	let doubling = folder.path().join("doubling.onnx");
	std::fs::write(&doubling, onnx::doubling())?;
	let (garbage, doubling) = (garbage.display().to_string(), doubling.display().to_string());
	let empty = folder.path().display().to_string();
	for (arguments, said) in [
		(vec!["canon", "run", &garbage], "malformed"),
		(vec!["canon", "run", "/nowhere/model.onnx"], "/nowhere/model.onnx"),
		(vec!["canon", "run", &doubling, "--input", "z=[1.0]"], "no input `z`"),
		(vec!["canon", "run", &doubling, "--dim", "m=4"], "no free dimension `m`"),
		(vec!["canon", "compare", &doubling], "n"),
		(vec!["canon", "vectors", &empty], "no folder"),
	] {
		let answer = document(&arguments)?;
		let message = answer["error"]["message"].as_str().context("an error")?;
		assert!(message.contains(said), "{arguments:?}: {message}");
	}
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canonical_version_is_registered_from_its_file_and_settles_the_canonical_bits(
) -> Result<()> {
	let node = Node::with_provider()?;
	let client = node.client().await?;
	let gateway = market::gateway(&client, &account("Charlie")).await?;
	let folder = tempfile::tempdir()?;
	let file = folder.path().join("doubling.onnx");
	std::fs::write(&file, onnx::doubling())?;
	let file = file.display().to_string();
	let chain = ["--url", node.url().leak(), "--dev-key", "//Alice"];
	let register = ["model", "register", "--name", "test/canonical", "--onnx", &file];
	let flags = ["--gateway", &gateway, "--dim", "n=<=8"];

	// An honest run of ONNX Runtime doubles exactly; a class that the graph may not have is refused.
	let refused = document(&[&chain[..], &register, &flags, &["--class", "exact"]].concat())?;
	assert!(refused["error"]["message"].as_str().is_some_and(|said| said.contains("floats")));
	let version = document(&[&chain[..], &register, &flags, &["--class", "canonical"]].concat())?;
	let version = serde_json::from_value(version["version"].clone())?;
	market::served(&client, version).await?;

	let input = "x=[1.5,-2.0,1e-40]";
	let infer = ["infer", "--model", "test/canonical", "--input", input, "--wait", "final"];
	let settled = document(&[&chain[..], &infer].concat())?;
	assert_eq!(settled["job"]["state"]["status"], "settled", "{settled}");
	let traced = document(&["canon", "trace", &file, "--dim", "n=<=8", "--input", input])?;
	let view = client.version(version).await?.context("the version is published")?;
	assert_eq!(traced["graph"], serde_json::to_value(view.spec.commitments.graph)?);
	let out = folder.path().join("out");
	text(&["canon", "run", &file, "--input", input, "--out", &out.display().to_string()])?;
	let written = std::fs::read(out.join("y.npy"))?;
	let doubled: Vec<u8> =
		[3.0f32, -4.0, 1e-40 + 1e-40].iter().flat_map(|y| y.to_le_bytes()).collect();
	assert!(written.ends_with(&doubled));
	let job = serde_json::from_value(settled["job"]["id"].clone())?;
	assert_eq!(market::output(&client, job).await?[0].data, doubled);
	Ok(())
}

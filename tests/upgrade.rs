//! A running chain is given its next runtime.

use anyhow::{Context, Result};
use assay_client::{Call, Client, Error, Wait};
use assay_dispute::{
	clock::Phase,
	dispute::{Outcome, Stage},
};
use assay_primitives::{
	dispute::DisputeView,
	job::JobState,
	tensor::{DType, Dimension, Tensor},
	AccountId, DisputeId, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	market::{self, until},
	onnx, pictures,
	process::binary,
};
use serde_json::Value;
use std::fs;
use subxt::rpcs::client::{rpc_params, RpcClient};

/// The most bytes of a runtime, decompressed.
const MOST_BYTES: usize = 50 * 1024 * 1024;

/// The runtime with the next `spec_version`, compressed as runtimes are shipped.
fn next_runtime() -> Result<Vec<u8>> {
	let path = match std::env::var_os("ASSAY_NEXT_RUNTIME") {
		Some(path) => path.into(),
		None => {
			let node = binary("assay-node")?;
			let target = node.ancestors().nth(2).context("target/release/assay-node")?;
			target.join("next-runtime/assay_next_runtime.wasm")
		},
	};
	let code = fs::read(&path)
		.with_context(|| format!("{} is not built: run scripts/next-runtime.sh", path.display()))?;
	let code = sp_maybe_compressed_blob::decompress(&code, MOST_BYTES)?;
	sp_maybe_compressed_blob::compress_strongly(&code, MOST_BYTES).context("the blob compresses")
}

async fn spec_version(rpc: &RpcClient) -> Result<u64> {
	let version: Value = rpc.request("state_getRuntimeVersion", rpc_params![]).await?;
	version["specVersion"].as_u64().context("the version has a number")
}

async fn finalizes(client: &Client, blocks: u32) -> Result<()> {
	let goal = client.best().await?.number + blocks;
	until(client, "finality", || async {
		Ok((client.finalized().await?.number >= goal).then_some(()))
	})
	.await
}

/// Publish the doubling model and wait until Charlie serves it.
async fn doubling(client: &Client) -> Result<VersionId> {
	let gateway = market::gateway(client, &account("Charlie")).await?;
	let artifact = market::upload(&gateway, &onnx::doubling()).await?;
	let url = market::address(&gateway, artifact.hash);
	let row = |name| onnx::float32(name, &[Dimension::UpTo(8)]);
	let spec = market::declaration(&onnx::doubling(), &url, row("x"), row("y"))?;
	let model = market::register(client, &key("Alice"), "test/upgrade", "a test").await?;
	let version = market::publish(client, &key("Alice"), model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

async fn double(client: &Client, version: VersionId) -> Result<()> {
	let input = Tensor::new(DType::Float32, vec![1], 1.5f32.to_le_bytes().into())?;
	let job = market::request(client, &key("Bob"), version, &[input]).await?;
	market::settled(client, job).await?;
	assert_eq!(market::output(client, job).await?[0].data, 3f32.to_le_bytes());
	Ok(())
}

async fn only_the_sudo_key_can_replace_the_runtime(client: &Client) -> Result<()> {
	let code = Call::SetCode { code: vec![0; 8] };
	let alone = client.submit(&key("Alice"), code.clone(), Wait::InBlock).await.unwrap_err();
	assert!(matches!(&alone, Error::Dispatch { .. }), "{alone}");
	assert!(alone.to_string().contains("BadOrigin"), "{alone}");
	let stranger = Call::Sudo(Box::new(code));
	let refused = client.submit(&key("Bob"), stranger, Wait::InBlock).await.unwrap_err();
	assert!(!refused.is_retryable(), "{refused}");
	Ok(())
}

/// Give the chain its next runtime, and wait until it runs.
async fn upgrade(node: &Node, client: &Client, code: Vec<u8>) -> Result<()> {
	let rpc = RpcClient::from_url(node.url()).await?;
	let before = spec_version(&rpc).await?;
	let upgrade = Call::Sudo(Box::new(Call::SetCode { code }));
	client.submit(&key("Alice"), upgrade, Wait::Finalized).await?;
	let after = until(client, "the next runtime", || async {
		let found = spec_version(&rpc).await?;
		Ok((found > before).then_some(found))
	})
	.await?;
	assert_eq!(after, before + 1);
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_and_jobs_go_on_after_an_upgrade() -> Result<()> {
	let node = Node::with_provider()?;
	let client = node.client().await?;
	let version = doubling(&client).await?;
	only_the_sudo_key_can_replace_the_runtime(&client).await?;
	upgrade(&node, &client, next_runtime()?).await?;

	// The client and the worker, which were connected before, go on with the new runtime.
	double(&client, version).await?;
	finalizes(&client, 1).await
}

/// A job whose result is wrong, with a provider that defends it and a worker that challenges it.
async fn disputed_job(client: &Client, gateway: &str) -> Result<JobId> {
	let model = market::register(client, &key("Alice"), "test/disputed", "a test").await?;
	let spec = pictures::spec(gateway).await?;
	let version = market::publish(client, &key("Alice"), model, spec).await?;
	market::served(client, version).await?;
	market::request_worth(client, &key("Bob"), version, &[pictures::slope()?], 100 * ASY).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_in_the_middle_of_a_dispute_does_not_change_its_verdict() -> Result<()> {
	// Compressed before the clock runs.
	let code = next_runtime()?;
	let node = Node::start()?;
	let client = node.client().await?;
	let _liar = Worker::lying(&node, "Dave", &["test/disputed@1"], "shifted", true)?;
	let _challenger = Worker::challenging(&node, "Eve")?;
	let gateway = market::gateway(&client, &account("Dave")).await?;
	let job = disputed_job(&client, &gateway).await?;
	let dispute = DisputeId::new(job, 1);
	let sealed = |view: &DisputeView<AccountId>| {
		view.dispute.sealed > 0 && view.dispute.clock.phase(view.now) == Phase::Commit
	};
	let before = market::disputed(&client, dispute, sealed).await?;
	upgrade(&node, &client, code).await?;

	let after = client.dispute(dispute).await?.context("the dispute goes on")?;
	assert_eq!(after.dispute.stage, Stage::Contest);
	assert_eq!(after.dispute.subject, before.dispute.subject);
	assert_eq!(after.dispute.clock, before.dispute.clock);
	let view = market::reached(&client, job, |_| false).await?;
	assert!(matches!(view.state, JobState::Slashed { .. }), "{view:?}");
	let ended = client.dispute(dispute).await?.context("the records are kept")?;
	assert!(matches!(ended.dispute.outcome(), Some(Outcome::Refuted { .. })), "{ended:?}");
	assert_eq!(ended.histories.len(), 2, "the provider has defended its result");
	Ok(())
}

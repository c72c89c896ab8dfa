//! Measures how many jobs one development node sustains: requested, drawn, run by the provider
//! inside it, answered and settled. The model doubles two numbers, so that what is measured is the
//! chain and the worker's path, not the engine.

use anyhow::{ensure, Context, Result};
use assay_client::{Client, Heads, Wait};
use assay_primitives::{
	api::Estimate,
	job::Choice,
	tensor::{DType, Tensor},
	VersionId,
};
use assay_tests::{
	chain::{account, key, Node},
	market,
};
use clap::Parser;
use futures::{future::try_join_all, StreamExt};
use serde_json::json;
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// The provider inside a development node.
const PROVIDER: &str = "Charlie";
/// Who requests, each through a connection of its own.
const REQUESTERS: [&str; 4] = ["Alice", "Bob", "Dave", "Eve"];
/// How long no job may settle before it is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Start a development node, hand it jobs of a trivial model as fast as it takes them, and print
/// how many it settles a second.
#[derive(Parser)]
struct Arguments {
	/// The jobs.
	#[arg(long, value_name = "COUNT", default_value_t = 1000)]
	jobs: u32,
	/// The most jobs that are open at once. A provider that is given more than it answers in a
	/// response window misses the rest.
	#[arg(long, value_name = "COUNT", default_value_t = 400)]
	open: u32,
	/// Print one JSON document.
	#[arg(long)]
	json: bool,
}

/// The jobs that had settled in a block, and when that was seen.
struct Sample {
	block: u32,
	at: Instant,
	settled: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
	let arguments = Arguments::parse();
	ensure!(arguments.jobs > 0, "at least one job");
	let node = Node::with_provider()?;
	let client = node.client().await?;
	eprintln!("publishing the model");
	let version = publish(&client).await?;
	let estimate = client.estimate(version, &[vec![2]], &Choice::Any).await?;
	eprintln!("requesting {} jobs", arguments.jobs);
	let started = Instant::now();
	let places = Arc::new(Semaphore::new(arguments.open as usize));
	let requests = request_all(node.url(), version, arguments.jobs, places.clone());
	let requests = async { tokio::spawn(requests).await? };
	let settled = watch(&client, arguments.jobs.into(), &places);
	let (requested, samples) = tokio::try_join!(requests, settled)?;
	report(&arguments, &estimate, started, requested, &samples)
}

async fn publish(client: &Client) -> Result<VersionId> {
	let gateway = market::gateway(client, &account(PROVIDER)).await?;
	let spec = market::doubling(&gateway).await?;
	let owner = key(REQUESTERS[0]);
	let model = market::register(client, &owner, "bench/doubling", "a benchmark").await?;
	let version = market::publish(client, &owner, model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

/// Request every job, and give the time at which the last one was in a block.
async fn request_all(
	url: String,
	version: VersionId,
	jobs: u32,
	places: Arc<Semaphore>,
) -> Result<Instant> {
	let requesters = REQUESTERS.iter().enumerate().map(|(index, name)| {
		let (url, share, places) = (url.clone(), REQUESTERS.len() as u32, &places);
		let count = jobs / share + u32::from((index as u32) < jobs % share);
		async move {
			let client = Client::connect(&url).await?;
			let data = [1.5f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
			let tensor = Tensor::new(DType::Float32, vec![2], data)?;
			let call = market::request_call(&client, version, &[tensor]).await?;
			let signer = key(name);
			let request = || async {
				places.acquire().await?.forget();
				let receipt = client.submit(&signer, call.clone(), Wait::InBlock).await?;
				receipt.created.job.context("no job was requested")
			};
			try_join_all((0..count).map(|_| request())).await
		}
	});
	try_join_all(requesters).await?;
	Ok(Instant::now())
}

/// Look at every block until as many jobs have settled; each gives its place to another.
async fn watch(client: &Client, jobs: u64, places: &Semaphore) -> Result<Vec<Sample>> {
	let mut blocks = client.blocks(Heads::Best).await?;
	let mut samples: Vec<Sample> = Vec::new();
	let mut moved = Instant::now();
	loop {
		let block = blocks.next().await.context("the stream of blocks ended")??;
		let view = client.provider(&account(PROVIDER)).await?.context("no provider")?;
		let settled = view.statistics.delivered;
		let before = samples.last().map_or(0, |sample| sample.settled);
		places.add_permits(usize::try_from(settled.saturating_sub(before))?);
		if samples.is_empty() || before < settled {
			moved = Instant::now();
			eprintln!("block {}: {settled} of {jobs} settled", block.number);
		}
		ensure!(moved.elapsed() < PATIENCE, "no job settled for {} s", PATIENCE.as_secs());
		samples.push(Sample { block: block.number, at: Instant::now(), settled });
		if settled >= jobs {
			return Ok(samples);
		}
	}
}

fn report(
	arguments: &Arguments,
	estimate: &Estimate,
	started: Instant,
	requested: Instant,
	samples: &[Sample],
) -> Result<()> {
	// What is sustained is seen between the first block in which jobs settle and the last.
	let last = samples.last().context("no block was seen")?;
	let first = samples.iter().rfind(|sample| sample.settled == 0).unwrap_or(last);
	let seconds = last.at.duration_since(first.at).as_secs_f64();
	let rate = last.settled as f64 / seconds;
	let figures = json!({
		"jobs": arguments.jobs,
		"requests_in_blocks_s": requested.duration_since(started).as_secs_f64(),
		"all_settled_s": last.at.duration_since(started).as_secs_f64(),
		"settling_blocks": last.block.saturating_sub(first.block),
		"settling_s": seconds,
		"jobs_per_s": rate,
		"least_blocks_to_settled": estimate.blocks_to_settled,
	});
	if arguments.json {
		println!("{figures:#}");
	} else {
		for (name, value) in figures.as_object().into_iter().flatten() {
			println!("{name:<24} {value}");
		}
	}
	eprintln!("throughput: ok jobs={} jobs_per_s={rate:.1}", arguments.jobs);
	Ok(())
}

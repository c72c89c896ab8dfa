//! Measures what one development node sustains: balance transfers, and jobs that are requested,
//! drawn, run by the provider inside it, answered, settled and pruned.

mod chain;
mod jobs;
mod state;
mod timeline;
mod transfers;

use anyhow::{ensure, Result};
use assay_tests::{chain::Node, figures::print};
use chain::Chain;
use clap::Parser;
use serde_json::json;
use state::State;

/// The blocks for which jobs are kept at least.
const KEPT: u32 = 30;
/// The jobs that settle in a block at least, so that none is pruned before the last has settled.
const LEAST_IN_A_BLOCK: u32 = 20;

/// Measure what one development node sustains.
///
/// Starts a node with a provider inside, and loads it with four requesters, each over a connection
/// of its own. First they hand in as many balance transfers as jobs follow, then requests for a
/// model that doubles two numbers, all signed beforehand and as fast as the node takes them. Then
/// it waits until the jobs are pruned.
///
/// Printed are the transfers and the jobs a second and how many transfers go into one job; what
/// requests waited for a provisional result and until it was final, in blocks and seconds; and the
/// bytes of state before the jobs, with all of them ended, and with all of them pruned. Jobs a
/// second are what is sustained: from the block before the first settlement to the last one. How
/// long a job waits is decided by how many are open at once, not only by the node.
///
/// 1,000 jobs take about five minutes, 10,000 about forty. The node is the binary beside this one.
/// Progress is told on stderr.
#[derive(Parser)]
struct Arguments {
	/// The jobs, and the transfers
	#[arg(long, value_name = "COUNT", default_value_t = 1000)]
	jobs: u32,
	/// The most jobs that are open at once. A provider that is given more than it answers in a
	/// response window misses the rest
	#[arg(long, value_name = "COUNT", default_value_t = 400)]
	open: u32,
	/// Print one JSON document
	#[arg(long)]
	json: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
	let arguments = Arguments::parse();
	ensure!(arguments.jobs > 0 && arguments.open > 0, "at least one job");
	let retention = KEPT + arguments.jobs.div_ceil(LEAST_IN_A_BLOCK);
	let node = Node::with_provider_and_numbers(&[("retention", retention)])?;
	let chain = Chain::of(&node).await?;
	eprintln!("publishing the model");
	let version = jobs::publish(&chain.client).await?;

	eprintln!("handing in {} transfers", arguments.jobs);
	let transfers = transfers::measure(&chain, arguments.jobs).await?;

	eprintln!("requesting {} jobs", arguments.jobs);
	let before = State::at(&chain, chain.client.best().await?.number).await?;
	let jobs = jobs::measure(&chain, version, arguments.jobs, arguments.open).await?;
	let kept = jobs.timeline.ended() - jobs.timeline.pruned();
	let ended = State::at(&chain, jobs.timeline.last()?.block).await?;
	eprintln!("waiting {retention} blocks until the jobs are pruned");
	let pruned = State::at(&chain, jobs.pruned(&chain, retention).await?).await?;

	let rates = [transfers.per_second()?, jobs.per_second()?];
	let figures = json!({
		"transfers": transfers.figures()?,
		"jobs": jobs.figures()?,
		"transfers_for_a_job": rates[0] / rates[1],
		"state": state::figures([&before, &ended, &pruned], kept, jobs.timeline.ended()),
	});
	match arguments.json {
		true => println!("{figures:#}"),
		false => print(&figures),
	}
	let [transfers, jobs_per_s] = rates;
	eprintln!(
		"throughput: ok jobs={} jobs_per_s={jobs_per_s:.1} transfers_per_s={transfers:.1}",
		jobs.timeline.settled()
	);
	Ok(())
}

//! Measures how many inferences a second one provider gives through batches, beside jobs of one
//! inference each. The model doubles two numbers, so that what is measured is the chain and the
//! worker's path, not the engine.

use anyhow::{ensure, Context, Result};
use assay_client::{batch::BatchInputs, Call, Client, Wait};
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	batch::is_batch,
	job::{Choice, JobState},
	tensor::{DType, Tensor},
	AccountId, Balance, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	market,
};
use clap::Parser;
use futures::future::try_join_all;
use serde_json::{json, Value};
use std::time::{Duration, Instant};

const PROVIDER: &str = "Provider";
/// What the provider asks for an item: the largest batch costs less than a tenth of an ASY.
const OFFER: &str = "bench/doubling@1=0.000001";
/// What the provider starts with.
const FUNDS: Balance = 10_000 * ASY;
/// Who requests.
const REQUESTER: &str = "Bob";
/// The batches that are measured below the largest.
const SIZES: [u32; 3] = [1, 100, 10_000];
/// The blocks that a provider has for an answer: the worker's time is measured, not the chain's
/// patience.
const WINDOWS: [(&str, u32); 1] = [("responseWindow", 150)];
/// How long results are waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// Start a development chain and a worker beside it, ask for inferences one by one and in batches of
/// 1, 100, 10,000 and COUNT, and print how many there are a second.
///
/// The time of a batch is from its request to its provisional result, of single jobs from the first
/// request to the last provisional result; to write and to upload the file of a batch is measured
/// apart. The worker's time is what its process has taken of the processor meanwhile.
#[derive(Parser)]
struct Arguments {
	/// The items of the largest batch.
	#[arg(long, value_name = "COUNT", default_value_t = 65_536)]
	items: u32,
	/// The jobs of one inference each, requested all at once.
	#[arg(long, value_name = "COUNT", default_value_t = 200)]
	singles: u32,
	/// Print one JSON document.
	#[arg(long)]
	json: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
	let arguments = Arguments::parse();
	ensure!(is_batch(arguments.items), "no batch has {} items", arguments.items);
	ensure!(arguments.singles > 0, "at least one job");
	let bench = Bench::set_up().await?;
	eprintln!("{} jobs of one inference each", arguments.singles);
	let single = bench.singles(arguments.singles).await?;
	let rate = single["inferences_per_s"].as_f64().context("a rate")?;
	let mut batches = Vec::new();
	let sizes = SIZES.into_iter().filter(|size| *size < arguments.items);
	for items in sizes.chain([arguments.items]) {
		eprintln!("a batch of {items}");
		let mut figures = bench.batch(items).await?;
		let of_batch = figures["inferences_per_s"].as_f64().context("a rate")?;
		figures["of_single"] = json!(of_batch / rate);
		batches.push(figures);
	}
	report(&arguments, single, &batches);
	Ok(())
}

/// A chain with one provider.
struct Bench {
	_node: Node,
	client: Client,
	worker: Worker,
	gateway: String,
	version: VersionId,
}

/// When something began, and what the worker had taken of the processor by then.
struct Start {
	at: Instant,
	worker: Duration,
}

impl Bench {
	async fn set_up() -> Result<Self> {
		let node = Node::with_numbers(&WINDOWS)?;
		let client = node.client().await?;
		let call = Call::Transfer { to: account(PROVIDER), amount: FUNDS };
		client.submit(&key("Alice"), call, Wait::InBlock).await?;
		let worker = Worker::offering(&node, PROVIDER, OFFER, "1000")?;
		let gateway = market::gateway(&client, &account(PROVIDER)).await?;
		eprintln!("publishing the model");
		let spec = market::doubling(&gateway).await?;
		let owner = key("Alice");
		let model = market::register(&client, &owner, "bench/doubling", "a benchmark").await?;
		let version = market::publish(&client, &owner, model, spec).await?;
		market::served(&client, version).await?;
		Ok(Bench { _node: node, client, worker, gateway, version })
	}

	fn start(&self) -> Result<Start> {
		let worker = self.worker.process()?.processor_time()?;
		Ok(Start { at: Instant::now(), worker })
	}

	/// What so many inferences have taken since the start.
	fn figures(&self, start: &Start, items: u32) -> Result<Value> {
		let seconds = start.at.elapsed().as_secs_f64();
		let worker = self.worker.process()?.processor_time()?.saturating_sub(start.worker);
		Ok(json!({
			"items": items,
			"to_provisional_s": seconds,
			"inferences_per_s": f64::from(items) / seconds,
			"worker_s": worker.as_secs_f64(),
			"worker_us_per_item": worker.as_secs_f64() * 1e6 / f64::from(items),
		}))
	}

	/// One job for each inference, all at once.
	async fn singles(&self, count: u32) -> Result<Value> {
		let call = market::request_call(&self.client, self.version, &numbers(0)?).await?;
		let start = self.start()?;
		let signer = key(REQUESTER);
		let request = |_| self.client.submit(&signer, call.clone(), Wait::InBlock);
		try_join_all((0..count).map(request)).await?;
		market::within(&self.client, PATIENCE, "results of all jobs", || async {
			Ok((self.answered().await? >= count).then_some(()))
		})
		.await?;
		self.figures(&start, count)
	}

	/// The jobs that have a result.
	async fn answered(&self) -> Result<u32> {
		let filter = JobFilter { version: Some(self.version), ..JobFilter::default() };
		let (mut answered, mut start) = (0, None);
		loop {
			let page = self.client.jobs(&filter, start, MAX_PAGE).await?;
			answered += page.items.iter().filter(|job| job.state.output().is_some()).count();
			start = page.next;
			if start.is_none() {
				return Ok(u32::try_from(answered)?);
			}
		}
	}

	/// One job for all inferences.
	async fn batch(&self, items: u32) -> Result<Value> {
		let began = Instant::now();
		let tensors: Vec<_> = (0..items).map(numbers).collect::<Result<_>>()?;
		let batch = BatchInputs::new(tensors)?;
		let written = began.elapsed();
		let (client, gateway) = (&self.client, &self.gateway);
		let call = market::batch_call(client, gateway, self.version, &batch, Choice::Any).await?;
		let uploaded = began.elapsed();

		let start = self.start()?;
		let receipt = client.submit(&key(REQUESTER), call, Wait::InBlock).await?;
		let job = receipt.created.job.context("no batch was requested")?;
		let at = self.answer(job).await?;
		let mut figures = self.figures(&start, items)?;
		figures["file_bytes"] = json!(batch.file().len());
		figures["write_s"] = json!(written.as_secs_f64());
		figures["upload_s"] = json!(uploaded.saturating_sub(written).as_secs_f64());
		figures["blocks"] = json!(at.saturating_sub(receipt.block.number));
		Ok(figures)
	}

	/// The block in which a job had its result.
	async fn answer(&self, job: JobId) -> Result<u32> {
		market::within(&self.client, PATIENCE, "the result of a batch", || async {
			let view = self.client.job(job).await?.context("the job is kept")?;
			match view.state {
				JobState::Submitted { at, .. } | JobState::Settled { at, .. } => Ok(Some(at)),
				state if state.is_open() => Ok(None),
				state => ended(job, &state),
			}
		})
		.await
	}
}

fn ended<T>(job: JobId, state: &JobState<AccountId>) -> Result<T> {
	anyhow::bail!("job {job} has no result: {state:?}")
}

/// The input of an item.
fn numbers(index: u32) -> Result<Vec<Tensor>> {
	let values = [index as f32, 0.5];
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Ok(vec![Tensor::new(DType::Float32, vec![2], data)?])
}

fn report(arguments: &Arguments, single: Value, batches: &[Value]) {
	let figures = json!({ "single": single, "batches": batches });
	if arguments.json {
		println!("{figures:#}");
	} else {
		for figures in [&figures["single"]].into_iter().chain(batches) {
			for (name, value) in figures.as_object().into_iter().flatten() {
				println!("{name:<20} {value}");
			}
			println!();
		}
	}
	let ratio = batches.last().map(|largest| &largest["of_single"]);
	eprintln!(
		"batches: ok items={} of_single={:.0}",
		arguments.items,
		ratio.and_then(Value::as_f64).unwrap_or(0.0)
	);
}

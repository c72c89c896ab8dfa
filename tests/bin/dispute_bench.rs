//! Measures what disputes take, and what being able to have them costs where nobody lies.

mod happy;

use anyhow::{bail, ensure, Context, Result};
use assay_client::{Call, Client, Wait};
use assay_dispute::dispute::Outcome;
use assay_primitives::{
	dispute::DisputeView,
	job::{Input, JobState},
	AccountId, Balance, DisputeId, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	ledger::{Flows, Ledger},
	market,
	subjects::{Case, Subject},
	transcript::{Entry, Transcript},
};
use assay_worker::canonical::{CanonicalModel, Options};
use clap::Parser;
use serde_json::{json, Map, Value};
use std::{
	hint::black_box,
	time::{Duration, Instant},
};

/// Who publishes and asks.
const REQUESTER: &str = "Bob";
const LIAR: &str = "Liar";
const CHALLENGER: &str = "Challenger";
/// What liar and challenger start with.
const FUNDS: Balance = 10_000 * ASY;
/// What a right answer is worth, which the provider stakes.
const VALUE: Balance = 100 * ASY;
/// The seconds of a block.
const BLOCK: u64 = 2;
/// How long a dispute may take beyond its windows.
const PATIENCE: Duration = Duration::from_secs(300);
/// The windows of the longest dispute of such models, with that for the challenge.
const WINDOWS: u32 = 12;
/// What a reference machine does in a block, where a chain says nothing else: the development chain
/// says that it does everything.
const REFERENCE: [(&str, u32); 2] =
	[("referenceTerms", 2_000_000_000), ("referenceTrace", 512 * 1024 * 1024)];
/// The canonical runs of which the fastest counts.
const RUNS: u32 = 3;

/// Measure disputes about real models, each on a chain of its own.
///
/// For each model, a development node is started whose disputes have steps of the given length. A
/// provider answers one job wrongly, posts a history that fits its answer and plays it; a worker
/// challenges it. Printed are the blocks and seconds from one event to the next, the transactions
/// of the dispute with their bytes and weights as the blocks have them, the money that everybody
/// has more or less in the end, and what the model's canonical run alone takes on this machine.
///
/// Node and workers are the binaries beside this one. Models come from where scripts/setup.sh
/// --tests puts them.
#[derive(Parser)]
struct Arguments {
	/// The models; all of them if none is named
	#[arg(long = "model", value_enum, value_name = "MODEL")]
	models: Vec<Subject>,
	/// The blocks of each step of a dispute; a block takes 2 seconds
	#[arg(long, value_name = "BLOCKS", default_value_t = 15)]
	step: u32,
	/// The blocks for which a result is provisional. The challenger has to run the model three
	/// times within them
	#[arg(long, value_name = "BLOCKS", default_value_t = 60)]
	window: u32,
	/// Measure no disputes, but what verification costs where nobody lies: the state that a
	/// settled job leaves, the time to commit to a job's tensors, and an audit by a canonical run,
	/// each beside the same job's run on ONNX Runtime
	#[arg(long)]
	happy: bool,
	/// The runs on ONNX Runtime with --happy
	#[arg(long, value_name = "COUNT", default_value_t = 1000)]
	runs: u32,
	/// Print one JSON document
	#[arg(long)]
	json: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
	let mut arguments = Arguments::parse();
	ensure!(arguments.step > 0 && arguments.window > 0, "no step of no block");
	ensure!(arguments.runs > 0, "at least one run");
	if arguments.models.is_empty() {
		arguments.models = Subject::ALL.to_vec();
	}
	let figures = match arguments.happy {
		true => happy::measure(&arguments.models, arguments.runs).await?,
		false => {
			let mut figures = Map::new();
			for subject in &arguments.models {
				figures.insert(subject.name().into(), dispute(&arguments, *subject).await?);
			}
			Value::Object(figures)
		},
	};
	if arguments.json {
		println!("{figures:#}");
	} else {
		print("", &figures);
	}
	Ok(())
}

/// Print each figure on a line, under the names that lead to it.
fn print(name: &str, figures: &Value) {
	let below = |step: &str| if name.is_empty() { step.into() } else { format!("{name}.{step}") };
	match figures {
		Value::Object(fields) => {
			fields.iter().for_each(|(field, figure)| print(&below(field), figure))
		},
		figure => println!("{name:<48} {figure}"),
	}
}

/// A chain on which somebody lies and somebody challenges it.
struct Court {
	client: Client,
	ledger: Ledger,
	gateway: String,
	version: VersionId,
	_challenger: Worker,
	_liar: Worker,
	_node: Node,
}

impl Court {
	async fn set_up(arguments: &Arguments, subject: Subject, case: &Case) -> Result<Self> {
		let windows = [("disputeStep", arguments.step), ("challengeWindow", arguments.window)];
		let node = Node::with_numbers(&[windows, REFERENCE].concat())?;
		let client = node.client().await?;
		for name in [LIAR, CHALLENGER] {
			let call = Call::Transfer { to: account(name), amount: FUNDS };
			client.submit(&key("Alice"), call, Wait::InBlock).await?;
		}
		let model = format!("bench/{}", subject.name());
		let _challenger = Worker::challenging(&node, CHALLENGER)?;
		let _liar = Worker::lying(&node, LIAR, &[&format!("{model}@1")], "shifted", true)?;
		let gateway = market::gateway(&client, &account(LIAR)).await?;
		let artifact = market::upload(&gateway, &case.onnx).await?;
		let url = market::address(&gateway, artifact.hash);
		let spec = market::canonical_declaration(&case.onnx, &url, case.inputs.clone())?;
		let owner = key(REQUESTER);
		let model = market::register(&client, &owner, &model, "a benchmark").await?;
		let version = market::publish(&client, &owner, model, spec).await?;
		market::served(&client, version).await?;
		let ledger = Ledger::of(&node).await?;
		Ok(Court { client, ledger, gateway, version, _challenger, _liar, _node: node })
	}

	/// All that the players have, and all there is.
	async fn books(&self) -> Result<[Balance; 4]> {
		let mut books = [0; 4];
		for (total, name) in books.iter_mut().zip([LIAR, CHALLENGER, REQUESTER]) {
			let balance = self.client.balance(&account(name)).await?;
			*total = balance.free.saturating_add(balance.held);
		}
		books[3] = self.ledger.issuance().await?;
		Ok(books)
	}

	/// Wait until the dispute is over and everything is paid. Gives the window of the result.
	async fn judged(
		&self,
		arguments: &Arguments,
		job: JobId,
	) -> Result<(u32, DisputeView<AccountId>)> {
		let submitted = |state: &JobState<AccountId>| matches!(state, JobState::Submitted { .. });
		let view = market::reached(&self.client, job, submitted).await?;
		let JobState::Submitted { at, until, .. } = view.state else {
			bail!("job {job} was not answered: {view:?}");
		};
		let id = DisputeId::new(job, 1);
		let blocks = arguments.step.saturating_mul(WINDOWS).saturating_add(arguments.window);
		let patience = PATIENCE + Duration::from_secs(BLOCK) * blocks;
		let (client, what) = (&self.client, format!("dispute {id}"));
		let view = market::within(client, patience, &what, || async {
			Ok(client.dispute(id).await?.filter(|view| view.divided))
		});
		Ok((until.saturating_sub(at), view.await?))
	}
}

/// Measure the dispute about one job.
async fn dispute(arguments: &Arguments, subject: Subject) -> Result<Value> {
	let case = subject.load()?;
	eprintln!("{}: running it alone", subject.name());
	let model = figures_of_model(&case)?;
	eprintln!("{}: starting a chain", subject.name());
	let court = Court::set_up(arguments, subject, &case).await?;
	let (client, before) = (&court.client, court.books().await?);
	let began = client.best().await?.number;
	let mut call =
		market::request_call_by(client, &court.gateway, court.version, &case.job).await?;
	let mut inline = false;
	if let Call::Request { terms, input, .. } = &mut call {
		terms.value = VALUE;
		inline = matches!(**input, Input::Inline(_));
	}
	let receipt = client.submit(&key(REQUESTER), call, Wait::InBlock).await?;
	let job = receipt.created.job.context("no job was requested")?;
	eprintln!("{}: job {job} is requested", subject.name());
	let (window, view) = court.judged(arguments, job).await?;
	let outcome = view.dispute.outcome();
	ensure!(matches!(outcome, Some(Outcome::Refuted { .. })), "{outcome:?}");
	let after = court.books().await?;
	let blocks = began + 1..=client.best().await?.number;
	let flows = court.ledger.flows(blocks.clone()).await?;
	let transcript = Transcript::read(&court.ledger, view.id, blocks).await?;
	Ok(json!({
		"model": model,
		"input": if inline { "inline" } else { "artifact" },
		"step_blocks": view.dispute.clock.step,
		"window_blocks": window,
		"time": times(receipt.block.number, &transcript)?,
		"game": {
			"rounds": u32::from(view.dispute.round) + 1,
			"histories": view.histories.len(),
			"moves": view.histories.iter().map(|(_, history)| history.moves).collect::<Vec<_>>(),
		},
		"chain": chain(&transcript),
		"money_asy": money(&view, &flows, before, after)?,
	}))
}

/// What the model is, and what a canonical run of the job takes with nothing else to do.
fn figures_of_model(case: &Case) -> Result<Value> {
	let spec = market::canonical_declaration(&case.onnx, "", case.inputs.clone())?;
	let model = CanonicalModel::declared(&case.onnx, &spec)?;
	let (cost, options) = (model.cost(&case.job)?, Options { threads: 0, ..Default::default() });
	let run = fastest(RUNS, || Ok(model.run(&case.job, &options)?))?;
	let trace = fastest(RUNS, || Ok(model.trace(&case.job, &options)?))?;
	let graph = &model.imported().graph;
	let lengths = case.job.iter().map(|tensor| tensor.data.len());
	Ok(json!({
		"file_bytes": case.onnx.len(),
		"weight_bytes": model.weight_bytes(),
		"input_bytes": lengths.sum::<usize>(),
		"slots": graph.nodes.len(),
		"wrong_slots": graph.outputs.iter().map(|slot| slot.node).collect::<Vec<_>>(),
		"terms": cost.terms,
		"trace_bytes": cost.trace_bytes,
		"run_s": run.as_secs_f64(),
		"run_and_commit_s": trace.as_secs_f64(),
	}))
}

/// The least time that something took, of several.
fn fastest<T>(times: u32, mut run: impl FnMut() -> Result<T>) -> Result<Duration> {
	let mut least = Duration::MAX;
	for _ in 0..times {
		let started = Instant::now();
		black_box(run()?);
		least = least.min(started.elapsed());
	}
	Ok(least)
}

/// Blocks, and seconds of the chain's clock, from one event to the next.
fn times(requested: u32, transcript: &Transcript) -> Result<Value> {
	let block = |at: Option<u32>| at.context("an event is missing");
	let (submitted, opened) = (block(transcript.submitted)?, block(transcript.opened)?);
	let (ended, divided) = (block(transcript.ended)?, block(transcript.divided)?);
	let mut times = Map::new();
	for (name, from, to) in [
		("request_to_result", requested, submitted),
		("result_to_challenge", submitted, opened),
		("challenge_to_verdict", opened, ended),
		("verdict_to_divided", ended, divided),
		("result_to_verdict", submitted, ended),
	] {
		let time = transcript.between(from, to).context("a block has no time")?;
		let seconds = Duration::from_millis(time).as_secs_f64();
		times.insert(name.into(), json!({ "blocks": to.saturating_sub(from), "s": seconds }));
	}
	Ok(Value::Object(times))
}

/// What the dispute's transactions take, of each call and in sum. Weights are shares of what a
/// block has room for.
fn chain(transcript: &Transcript) -> Value {
	let room = transcript.room.ref_time as f64;
	let sum = |entries: &[&Entry]| {
		let ref_time: u64 = entries.iter().map(|entry| entry.weight.ref_time).sum();
		json!({
			"transactions": entries.len(),
			"refused": entries.iter().filter(|entry| !entry.succeeded).count(),
			"bytes": entries.iter().map(|entry| entry.bytes).sum::<usize>(),
			"ref_time_ms": ref_time as f64 / 1e9,
			"proof_bytes": entries.iter().map(|entry| entry.weight.proof_size).sum::<u64>(),
			"blocks_weight": ref_time as f64 / room,
		})
	};
	let mut calls = Map::new();
	for entry in &transcript.entries {
		let alike: Vec<&Entry> =
			transcript.entries.iter().filter(|other| other.call == entry.call).collect();
		calls.entry(&entry.call).or_insert_with(|| sum(&alike));
	}
	let largest = transcript.entries.iter().map(|entry| entry.weight.ref_time).max();
	json!({
		"calls": calls,
		"all": sum(&transcript.entries.iter().collect::<Vec<_>>()),
		"largest_block_weight": largest.unwrap_or(0) as f64 / room,
		"transactions": transcript.entries,
	})
}

/// What everybody has more or less, and what of that is for transactions.
fn money(
	view: &DisputeView<AccountId>,
	flows: &Flows,
	before: [Balance; 4],
	after: [Balance; 4],
) -> Result<Value> {
	let mut money = Map::new();
	let asy = |amount: i128| amount as f64 / ASY as f64;
	for (index, name) in [LIAR, CHALLENGER, REQUESTER].into_iter().enumerate() {
		let change = i128::try_from(after[index])? - i128::try_from(before[index])?;
		let fees = flows.fees.get(&account(name)).copied().unwrap_or(0);
		let repaid = flows.repaid.get(&(view.id, account(name))).copied().unwrap_or(0);
		money.insert(
			name.to_lowercase(),
			json!({
				"change": asy(change),
				"fees": asy(fees.try_into()?),
				"moves_repaid": asy(repaid.try_into()?),
			}),
		);
	}
	let burned = i128::try_from(before[3])? - i128::try_from(after[3])?;
	money.insert("burned".into(), asy(burned).into());
	money.insert("bond".into(), asy(view.bond.try_into()?).into());
	money.insert("exposure".into(), asy(view.exposure.try_into()?).into());
	Ok(Value::Object(money))
}

//! The demo: asks the magika model on a chain for the types of files, and shows what came of it. In
//! a second act, a provider lies.

mod dispute;

use crate::dispute::Cast;
use anyhow::{bail, Context, Result};
use assay_client::{
	keys::{self, Keypair},
	Client,
};
use assay_primitives::{
	api::MAX_PAGE,
	job::{Choice, JobState, JobView},
	model::Class,
	money::FeeShare,
	tensor::Tensor,
	AccountId, Balance, JobId, VersionId, ASY,
};
use assay_tests::{
	magika::{Answer, Magika, Question, NAME},
	market,
};
use clap::Parser;
use comfy_table::{presets, Table};
use futures::future::join_all;
use serde_json::{json, Value};
use std::{fs::File, path::PathBuf, process::ExitCode, time::Instant};
use tokio::signal::{
	ctrl_c,
	unix::{signal, SignalKind},
};

/// Ask the magika model on a development chain for the types of files.
///
/// The model is published first where the chain does not have it. Every file that needs the model
/// is a job of its own; all are requested at once.
#[derive(Parser)]
struct Arguments {
	/// The node to talk to.
	#[arg(long, default_value = assay_client::DEFAULT_URL)]
	url: String,
	/// The artifact gateway that takes the model file; by default that of the first provider.
	#[arg(long, value_name = "URL")]
	gateway: Option<String>,
	/// The development key that publishes the model.
	#[arg(long, value_name = "URI", default_value = "//Alice")]
	owner: String,
	/// The development key that pays for the jobs: not that of a validator, which earns fees.
	#[arg(long, value_name = "URI", default_value = "//Bob")]
	requester: String,
	/// The development key of a provider that lies: with it, there is a second act, in which its
	/// result is disputed. It alone has to serve the version that is published for it.
	#[arg(long, value_name = "URI")]
	liar: Option<String>,
	/// The development key of the worker that challenges results.
	#[arg(long, value_name = "URI", default_value = "//Charlie")]
	challenger: String,
	/// The folder of the model [default: where scripts/setup.sh puts it]
	#[arg(long, value_name = "FOLDER")]
	model_dir: Option<PathBuf>,
	/// Print one JSON document on stdout, and everything else on stderr.
	#[arg(long)]
	json: bool,
	/// The files.
	#[arg(required = true)]
	files: Vec<PathBuf>,
}

/// A file, and what has to be done to tell its type.
struct Task {
	name: String,
	question: Question,
}

/// One file's way through the chain. A file that needs no model has no job.
struct Row {
	name: String,
	answer: Answer,
	job: Option<Outcome>,
}

/// A settled job, with the blocks of its steps as far as they were seen.
struct Outcome {
	job: JobView<AccountId>,
	assigned: Option<u32>,
	submitted: Option<u32>,
}

impl Outcome {
	const fn settled(&self) -> Option<u32> {
		match self.job.state {
			JobState::Settled { at, .. } => Some(at),
			_ => None,
		}
	}
}

struct Demo {
	client: Client,
	magika: Magika,
	requester: Keypair,
	json: bool,
	started: Instant,
}

impl Demo {
	fn say(&self, text: &str) {
		let seconds = self.started.elapsed().as_secs();
		self.print(&format!("[{}:{:02}] {text}", seconds / 60, seconds % 60));
	}

	fn print(&self, text: &str) {
		if self.json {
			eprintln!("{text}");
		} else {
			println!("{text}");
		}
	}

	/// The newest version of the model that is of a class.
	async fn published(&self, class: Class) -> Result<Option<VersionId>> {
		let Some(model) = self.client.model_by_name(NAME).await? else { return Ok(None) };
		let versions = self.client.versions(model.id, 1, MAX_PAGE).await?.items;
		let mut newest = versions.into_iter().rev();
		Ok(newest.find(|version| version.spec.class == class).map(|version| version.id))
	}

	/// The newest version that runs on any engine; published first where the chain has none.
	async fn version(&self, owner: &Keypair, gateway: Option<String>) -> Result<VersionId> {
		if let Some(version) = self.published(Class::Tolerant).await? {
			self.say(&format!("{NAME} is published already"));
			return Ok(version);
		}
		let gateway = match gateway {
			Some(gateway) => gateway,
			None => {
				self.say("waiting for a provider");
				market::first_gateway(&self.client).await?
			},
		};
		let bytes = self.magika.onnx()?;
		self.say(&format!("uploading the model, {} bytes, to {gateway}", bytes.len()));
		let artifact = market::upload(&gateway, &bytes).await?;
		let locator = market::locator(&market::address(&gateway, artifact.hash))?;
		let spec = self.magika.spec(artifact, vec![locator])?;
		let said = "Tells the type of a file from its bytes: https://github.com/google/magika";
		let model = market::register(&self.client, owner, NAME, said).await?;
		let version = market::publish(&self.client, owner, model, spec).await?;
		self.say(&format!("published {NAME} as version {version}"));
		Ok(version)
	}

	/// Say what a job costs before any is requested.
	async fn estimate(&self, version: VersionId, tensor: &Tensor) -> Result<()> {
		let estimate =
			self.client.estimate(version, &[tensor.shape.to_vec()], &Choice::Any).await?;
		let fee = estimate.highest.context("nobody serves the model")?.total();
		self.say(&format!(
			"a job costs at most {} ASY, with a deposit of {}; it settles after about {} blocks",
			asy(fee),
			asy(estimate.deposit),
			estimate.blocks_to_settled
		));
		Ok(())
	}

	async fn run(&self, version: VersionId, task: Task) -> Result<Row> {
		let name = task.name;
		let tensor = match task.question {
			Question::Answered(answer) => return Ok(Row { name, answer, job: None }),
			Question::Model(tensor) => tensor,
		};
		let job = market::request(&self.client, &self.requester, version, &[tensor]).await?;
		self.say(&format!("{name}: requested as job {job}"));
		let outcome = self.follow(job, &name).await?;
		let output = market::output(&self.client, job).await?;
		let answer = self.magika.answer(output.first().context("the output is empty")?)?;
		Ok(Row { name, answer, job: Some(outcome) })
	}

	/// Follow a job until it has settled.
	async fn follow(&self, job: JobId, name: &str) -> Result<Outcome> {
		let window = self.client.numbers().await?.response_window;
		let drawn = |state: &JobState<AccountId>| state.provider().is_some();
		let view = market::reached(&self.client, job, drawn).await?;
		let mut assigned = None;
		if let JobState::Assigned { provider, due } = &view.state {
			// The terms leave time for several providers, so that this one has the whole window.
			assigned = Some(due.saturating_sub(window));
			self.say(&format!("{name}: assigned to {}", short(provider)));
		}
		let answered = |state: &JobState<AccountId>| state.output().is_some();
		let view = market::reached(&self.client, job, answered).await?;
		let mut submitted = None;
		if let JobState::Submitted { at, until, .. } = view.state {
			submitted = Some(at);
			self.say(&format!("{name}: answered, final from block {until} on"));
		}
		let job = market::settled(&self.client, job).await?;
		self.say(&format!("{name}: settled"));
		Ok(Outcome { job, assigned, submitted })
	}
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
	let mut terminated = signal(SignalKind::terminate())?;
	// What is started on the way ends with it. The codes are those of a shell.
	tokio::select! {
		played = play(Arguments::parse()) => played.map(|()| ExitCode::SUCCESS),
		_ = ctrl_c() => Ok(ExitCode::from(130)),
		_ = terminated.recv() => Ok(ExitCode::from(143)),
	}
}

async fn play(arguments: Arguments) -> Result<()> {
	let magika = match &arguments.model_dir {
		Some(folder) => Magika::load_from(folder)?,
		None => Magika::load()?,
	};
	let owner = keys::from_uri(&arguments.owner)?;
	let account = |uri: &str| keys::from_uri(uri).map(|key| keys::account(&key));
	let cast = match &arguments.liar {
		Some(liar) => {
			Some(Cast { liar: account(liar)?, challenger: account(&arguments.challenger)? })
		},
		None => None,
	};
	let tasks = tasks(&magika, &arguments.files)?;
	let demo = Demo {
		client: Client::connect(&arguments.url).await?,
		magika,
		requester: keys::from_uri(&arguments.requester)?,
		json: arguments.json,
		started: Instant::now(),
	};
	let version = demo.version(&owner, arguments.gateway).await?;
	market::served(&demo.client, version).await?;
	demo.say("a provider serves the model");
	let first = tasks.iter().find_map(|task| match &task.question {
		Question::Model(tensor) => Some(tensor),
		Question::Answered(_) => None,
	});
	if let Some(tensor) = first {
		demo.estimate(version, tensor).await?;
	}
	let done = join_all(tasks.into_iter().map(|task| demo.run(version, task))).await;
	let (jobs, files) = report(&demo, done)?;
	let dispute = match &cast {
		Some(cast) => Some(demo.second_act(cast, &owner, version).await?),
		None => None,
	};
	if demo.json {
		println!("{:#}", json!({ "files": files, "dispute": dispute }));
	}
	let refuted = u32::from(cast.is_some());
	demo.print(&format!("demo: ok jobs={jobs} settled={jobs} refuted={refuted}"));
	Ok(())
}

/// Read the files, before anything is paid for.
fn tasks(magika: &Magika, files: &[PathBuf]) -> Result<Vec<Task>> {
	let read = |file: &PathBuf| {
		let name = file.display().to_string();
		let opened = File::open(file).with_context(|| format!("cannot open {name}"))?;
		let question = magika.question(opened).with_context(|| format!("cannot read {name}"))?;
		Ok(Task { name, question })
	};
	files.iter().map(read).collect()
}

/// Tell what came of the files: the number of jobs, and what scripts are told.
fn report(demo: &Demo, done: Vec<Result<Row>>) -> Result<(usize, Vec<Value>)> {
	let (rows, errors): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
	let rows: Vec<Row> = rows.into_iter().flatten().collect();
	if !demo.json {
		println!("\n{}\n", table(&rows));
	}
	for error in errors.iter().filter_map(|error| error.as_ref().err()) {
		eprintln!("error: {error:#}");
	}
	if !errors.is_empty() {
		bail!("{} files got no answer", errors.len());
	}
	let jobs = rows.iter().filter(|row| row.job.is_some()).count();
	Ok((jobs, rows.iter().map(document).collect()))
}

/// What scripts are told of a file.
fn document(row: &Row) -> Value {
	let share = |share: &FeeShare<AccountId>| {
		let (payee, amount) = (keys::to_ss58(&share.payee), asy(share.amount));
		json!({ "role": share.role.name(), "payee": payee, "amount": amount })
	};
	let job = row.job.as_ref().map(|outcome| {
		json!({
			"id": outcome.job.id,
			"provider": outcome.job.state.provider().map(keys::to_ss58),
			"requested": outcome.job.requested,
			"assigned": outcome.assigned,
			"submitted": outcome.submitted,
			"settled": outcome.settled(),
			"fee": asy(outcome.job.fee),
			"shares": outcome.job.shares.iter().map(share).collect::<Vec<_>>(),
		})
	});
	json!({ "file": row.name, "label": row.answer.label, "score": row.answer.score, "job": job })
}

/// What people are told of files.
fn table(rows: &[Row]) -> Table {
	let mut table = Table::new();
	table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header([
		"file",
		"label",
		"score",
		"job",
		"provider",
		"blocks",
		"fee (ASY)",
		"where it went",
	]);
	for row in rows {
		let (label, score) = (row.answer.label.clone(), format!("{:.4}", row.answer.score));
		let cells = match &row.job {
			Some(outcome) => paid(outcome),
			None => ["-", "-", "-", "0", "no job: too short for the model"].map(String::from),
		};
		table.add_row([row.name.clone(), label, score].into_iter().chain(cells));
	}
	table
}

/// What a table says of a job.
fn paid(outcome: &Outcome) -> [String; 5] {
	let job = &outcome.job;
	let block = |number: Option<u32>| number.map_or("?".into(), |number| number.to_string());
	let share = |share: &FeeShare<AccountId>| {
		format!("{} {}: {}", share.role.name(), short(&share.payee), asy(share.amount))
	};
	[
		job.id.to_string(),
		job.state.provider().map_or("-".into(), short),
		format!(
			"requested {}\nassigned {}\nsubmitted {}\nsettled {}",
			job.requested,
			block(outcome.assigned),
			block(outcome.submitted),
			block(outcome.settled())
		),
		asy(job.fee),
		job.shares.iter().map(share).collect::<Vec<_>>().join("\n"),
	]
}

/// An account, shortened as wallets do.
fn short(account: &AccountId) -> String {
	let text = keys::to_ss58(account);
	format!("{}…{}", &text[..6], &text[text.len() - 4..])
}

/// An amount in ASY without trailing zeros.
fn asy(amount: Balance) -> String {
	let text = format!("{}.{:012}", amount / ASY, amount % ASY);
	text.trim_end_matches('0').trim_end_matches('.').into()
}

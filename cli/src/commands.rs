//! The commands, one module for each noun.

mod account;
mod artifact;
mod audit;
mod canon;
mod custody;
pub mod data;
mod demand;
mod dispute;
mod infer;
mod job;
mod lease;
mod market;
mod model;
mod offering;
mod pool;
mod provider;
mod revenue;
mod signing;
mod subscription;

pub use canon::{
	check_tolerance, measure, probe_reach, propose,
	source::{self, parse_dimension},
	InputRange, Measured, Runs,
};

pub use offering::{MilestoneDraft, When};

use crate::{
	cli::{Cli, Command},
	context::Context,
	failure::Failure,
	output::Report,
	views,
};
use assay_client::Call;
use clap::CommandFactory;
use serde_json::json;

/// Run a command.
pub async fn run(context: &Context, command: Command) -> Result<Report, Failure> {
	match command {
		Command::Account(command) => account::run(context, command).await,
		Command::Model(command) => model::run(context, command).await,
		Command::Provider(command) => provider::run(context, command).await,
		Command::Artifact(command) => artifact::run(context, command).await,
		Command::Canon(command) => canon::run(context, command),
		Command::Infer(arguments) => infer::run(context, arguments).await,
		Command::Job(command) => job::run(context, command).await,
		Command::Subscription(command) => subscription::run(context, command).await,
		Command::Dispute(command) => dispute::run(context, command).await,
		Command::Audit(command) => audit::run(context, command).await,
		Command::Demand(command) => demand::run(context, command).await,
		Command::Market(command) => market::run(context, command).await,
		Command::Lease(command) => lease::run(context, command).await,
		Command::Data(command) => data::run(context, command).await,
		Command::Pool(command) => pool::run(context, command).await,
		Command::Custody(command) => custody::run(context, command).await,
		Command::Revenue(command) => revenue::run(context, command).await,
		Command::Offering(command) => offering::run(context, command).await,
		Command::Estimate(arguments) => infer::estimate(context, arguments).await,
		Command::Completions { shell } => Ok(completions(shell)),
	}
}

fn completions(shell: clap_complete::Shell) -> Report {
	let mut script = Vec::new();
	clap_complete::generate(shell, &mut Cli::command(), "assay", &mut script);
	let script = String::from_utf8_lossy(&script).into_owned();
	Report::new(json!({ "shell": shell.to_string(), "script": script }), script)
}

/// Submit a call whose receipt is all there is to say.
async fn submit(context: &Context, call: Call, done: &str) -> Result<Report, Failure> {
	let receipt = context.submit(call).await?;
	let text = format!("{done} in block {}", receipt.block);
	Ok(Report::new(views::receipt(&receipt), text))
}

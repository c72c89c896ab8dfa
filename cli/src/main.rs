//! `assay`: the command line of an Assay chain, for people and scripts.

mod amount;
mod cli;
mod commands;
mod context;
mod failure;
mod file;
mod gateway;
mod manifest;
mod npy;
mod output;
mod percent;
mod tensors;
mod transcript;
mod views;

use crate::{cli::Cli, context::Context, failure::Failure, output::Output};
use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	let Cli { global, command } = match Cli::try_parse() {
		Ok(cli) => cli,
		Err(error) => return refuse(&error),
	};
	let output = Output { json: global.json, quiet: global.quiet };
	match commands::run(&Context::new(global, output), command).await {
		Ok(report) => {
			output.report(&report);
			if report.success {
				ExitCode::SUCCESS
			} else {
				ExitCode::FAILURE
			}
		},
		Err(failure) => {
			output.failure(&failure);
			ExitCode::FAILURE
		},
	}
}

/// Report arguments that cannot be parsed, or print the help that was asked for.
fn refuse(error: &clap::Error) -> ExitCode {
	let wants_json = std::env::args().any(|argument| argument == "--json");
	if wants_json && error.use_stderr() {
		let message = error.render().to_string();
		let failure = Failure::new("usage", message.trim());
		Output { json: true, quiet: true }.failure(&failure);
	} else {
		// A reader that went away is no failure of the command.
		let _ = error.print();
	}
	ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
}

//! The Assay node: a BABE and GRANDPA full node with the `assay_*` JSON-RPC, and optionally an
//! embedded provider worker.

mod chain_spec;
mod cli;
mod command;
mod consensus;
mod nodelay;
mod partial;
mod rpc;
mod service;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("assay-node: {error}");
			ExitCode::FAILURE
		},
	}
}

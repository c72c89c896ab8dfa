//! `assay canon`: models in the canonical arithmetic, without a chain.

mod compare;
mod random;
mod run;
pub mod source;
mod tolerance;
mod vectors;

pub use compare::{measure, Measured};
pub use random::{InputRange, Runs};
pub use tolerance::{check_tolerance, probe_reach, propose};

use crate::{cli::CanonCommand, context::Context, failure::Failure, output::Report};

/// Run a command. All of them compute, so that other tasks get threads of their own.
pub fn run(context: &Context, command: CanonCommand) -> Result<Report, Failure> {
	tokio::task::block_in_place(|| match command {
		CanonCommand::Vectors(arguments) => vectors::run(context, &arguments),
		CanonCommand::Run(arguments) => run::run(context, &arguments),
		CanonCommand::Trace(arguments) => run::trace(context, &arguments),
		CanonCommand::Compare(arguments) => compare::run(context, &arguments),
	})
}

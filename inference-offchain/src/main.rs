//! `assay-worker`: the provider worker as a process of its own.

use anyhow::Context as _;
use assay_worker::{bench, check, config::Overrides, Config};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::signal::unix::{signal, SignalKind};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Answer the inference jobs that an Assay chain assigns to an account.
///
/// Settings are taken from defaults, then the TOML file of --config, then the environment, then
/// flags.
#[derive(Parser)]
#[command(name = "assay-worker", version)]
struct Cli {
	/// The configuration file, in TOML
	#[arg(long, env = "ASSAY_WORKER_CONFIG", value_name = "FILE", global = true)]
	config: Option<PathBuf>,
	/// Log one JSON object a line; RUST_LOG chooses what is logged [default: info]
	#[arg(long, env = "ASSAY_WORKER_LOG_JSON", global = true)]
	log_json: bool,
	#[command(flatten)]
	overrides: Overrides,
	#[command(subcommand)]
	command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
	/// Answer jobs until ctrl-c or SIGTERM, then finish what was accepted (the default)
	Run,
	/// Measure a model on this machine, what the worker adds to a run, and what to ask for it; print
	/// it as JSON
	Bench(bench::Settings),
	/// Check the configuration, the engine and the connection, and print the findings as JSON
	Check,
}

fn main() -> anyhow::Result<ExitCode> {
	let cli = Cli::parse();
	start_logs(cli.log_json);
	let config = cli.overrides.apply(Config::from_file(cli.config.as_deref())?).checked()?;
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
	let status = runtime.block_on(execute(cli.command.unwrap_or(Command::Run), config));
	// A model that still runs on a blocking thread does not hold up the end.
	runtime.shutdown_timeout(Duration::from_secs(1));
	status
}

async fn execute(command: Command, config: Config) -> anyhow::Result<ExitCode> {
	match command {
		Command::Run => {
			let [first, second] = stops()?;
			tokio::select! {
				worked = assay_worker::run(config, first.cancelled_owned()) => worked?,
				() = second.cancelled() => tracing::warn!(target: "worker", "ending at once"),
			}
			Ok(ExitCode::SUCCESS)
		},
		Command::Bench(settings) => {
			let report = bench::run(&config, &settings).await.context("the benchmark failed")?;
			println!("{}", serde_json::to_string_pretty(&report)?);
			Ok(ExitCode::SUCCESS)
		},
		Command::Check => {
			let report = check::run(&config).await;
			println!("{}", serde_json::to_string_pretty(&report)?);
			Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
		},
	}
}

/// Logs go to standard error: standard output is for results.
fn start_logs(json: bool) {
	let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
	let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
	if json {
		logs.json().init();
	} else {
		logs.init();
	}
}

/// Cancelled at the first ctrl-c or SIGTERM, and at the second.
fn stops() -> anyhow::Result<[CancellationToken; 2]> {
	let mut interrupt = signal(SignalKind::interrupt())?;
	let mut terminate = signal(SignalKind::terminate())?;
	let stops = [CancellationToken::new(), CancellationToken::new()];
	let told = stops.clone();
	tokio::spawn(async move {
		for stop in told {
			tokio::select! {
				_ = interrupt.recv() => {},
				_ = terminate.recv() => {},
			}
			stop.cancel();
		}
	});
	Ok(stops)
}

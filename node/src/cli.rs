//! The command line of `assay-node`.

use crate::worker::{Key, Settings};
use clap::{Args, Parser, Subcommand as ClapSubcommand};
use sc_cli::RunCmd;
use sc_service::ChainType;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  assay-node --dev
      A chain of one's own that authors and finalizes blocks alone, in a temporary folder.
  assay-node --dev --provider
      The same with a worker inside that answers inference jobs as //Charlie.
  assay-node --dev --provider --challenge
      The same, and the worker disputes wrong results of other providers.
  assay-node --chain local --alice --base-path /tmp/alice --unsafe-force-node-key-generation
      One of the four validators of a local network (scripts/local-network.sh starts all four).
  assay-node --chain spec.json --provider --provider-key-file provider.key
      A full node of any chain, with a provider that signs with the key in a file.
  assay-node export-chain-spec --chain dev --raw
      The chain's genesis, as other nodes can load it with --chain FILE.

JSON-RPC listens on ws://127.0.0.1:9944 (--rpc-port), metrics on http://127.0.0.1:9615/metrics
(--prometheus-port). Blocks are kept in ParityDB under --base-path.";

/// What the process was asked to do.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,
	/// How to run a node.
	#[clap(flatten)]
	pub run: RunCmd,
	/// How to serve as a provider.
	#[clap(flatten)]
	pub provider: ProviderParams,
}

/// How to serve as a provider from inside the node.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Provider")]
pub struct ProviderParams {
	/// Run a provider worker inside the node.
	///
	/// It connects to this node's own RPC, and stops with the node. In production, run
	/// `assay-worker` as a process of its own: then a model that takes the machine down does not
	/// take the node with it, and the key lies elsewhere.
	#[arg(long)]
	pub provider: bool,

	/// The secret URI by which the provider signs, on a development or local chain.
	///
	/// With --dev it is //Charlie unless said otherwise. Other users of the machine can read
	/// command lines, so other chains refuse it: use --provider-key-file.
	#[arg(long, value_name = "URI", requires = "provider", conflicts_with = "provider_key_file")]
	pub provider_key_uri: Option<String>,

	/// The file with the secret URI, phrase or seed by which the provider signs.
	///
	/// It must be readable by its owner alone.
	#[arg(long, value_name = "FILE", requires = "provider")]
	pub provider_key_file: Option<PathBuf>,

	/// The worker's configuration: engine, devices, budgets and asks, in TOML.
	///
	/// Its node URL, key and base path give way to this node's.
	#[arg(long, value_name = "FILE", requires = "provider")]
	pub provider_config: Option<PathBuf>,

	/// Have the worker check the results of others as well, and dispute those that are wrong.
	///
	/// Its account puts up the bonds.
	#[arg(long, requires = "provider")]
	pub challenge: bool,
}

impl ProviderParams {
	/// The worker's settings on a chain of this type; `None` without `--provider`.
	pub fn settings(self, chain: &ChainType) -> Result<Option<Settings>, String> {
		if !self.provider {
			return Ok(None);
		}
		let key = match (self.provider_key_file, self.provider_key_uri, chain) {
			(Some(file), _, _) => Key::File(file),
			(None, Some(uri), ChainType::Development | ChainType::Local) => Key::Uri(uri),
			(None, Some(_), _) => {
				return Err("--provider-key-uri is for development and local chains: put the \
					secret into a file and pass --provider-key-file"
					.into())
			},
			(None, None, ChainType::Development) => Key::Uri("//Charlie".into()),
			(None, None, _) => {
				return Err("--provider needs the key that it signs with: pass \
					--provider-key-file FILE (only --dev has a default)"
					.into())
			},
		};
		let challenge = self.challenge;
		Ok(Some(Settings { key, config_file: self.provider_config, challenge }))
	}
}

/// What to do instead of running a node.
#[derive(Debug, ClapSubcommand)]
#[allow(clippy::large_enum_variant)] // One value in the process.
pub enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Print a chain's specification, with a boot node. Prefer export-chain-spec.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Print a chain's specification, readable or raw.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Print what the database knows of the chain: best, finalized and genesis block.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Execute a block of the database again and check it.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state at a block as a raw chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file and import them.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Delete the chain's database. Keys stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Take back blocks that are not finalized.
	Revert(sc_cli::RevertCmd),

	/// Measure the weights of calls.
	#[cfg(feature = "benchmark-cli")]
	#[command(subcommand)]
	Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn settings(arguments: &[&str], chain: ChainType) -> Result<Option<Settings>, String> {
		let arguments = ["assay-node"].iter().chain(arguments);
		Cli::try_parse_from(arguments).unwrap().provider.settings(&chain)
	}

	#[test]
	fn the_command_line_is_well_formed() {
		Cli::command().debug_assert();
	}

	#[test]
	fn a_node_is_no_provider_unless_told() {
		assert_eq!(settings(&["--dev"], ChainType::Development), Ok(None));
	}

	#[test]
	fn only_a_development_chain_has_a_default_key() {
		let found = settings(&["--provider"], ChainType::Development).unwrap().unwrap();
		assert_eq!(found.key, Key::Uri("//Charlie".into()));
		for chain in [ChainType::Local, ChainType::Live] {
			let error = settings(&["--provider"], chain).unwrap_err();
			assert!(error.contains("--provider-key-file"), "{error}");
		}
	}

	#[test]
	fn a_secret_on_the_command_line_is_refused_on_a_live_chain() {
		let arguments = ["--provider", "--provider-key-uri", "//Dave"];
		let found = settings(&arguments, ChainType::Local).unwrap().unwrap();
		assert_eq!(found.key, Key::Uri("//Dave".into()));
		assert!(settings(&arguments, ChainType::Live).is_err());
	}

	#[test]
	fn a_key_file_serves_on_every_chain() {
		let arguments = ["--provider", "--provider-key-file", "key"];
		let found = settings(&arguments, ChainType::Live).unwrap().unwrap();
		assert_eq!(found.key, Key::File("key".into()));
	}

	#[test]
	fn provider_options_need_the_provider() {
		for option in ["--provider-key-uri", "--provider-key-file", "--provider-config"] {
			assert!(Cli::try_parse_from(["assay-node", option, "x"]).is_err(), "{option}");
		}
		assert!(Cli::try_parse_from(["assay-node", "--challenge"]).is_err());
	}

	#[test]
	fn results_of_others_are_checked_if_told() {
		let challenges = |arguments: &[&str]| {
			settings(arguments, ChainType::Development).unwrap().unwrap().challenge
		};
		assert!(challenges(&["--provider", "--challenge"]));
		assert!(!challenges(&["--provider"]));
	}
}

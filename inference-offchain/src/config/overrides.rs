//! Flags and the environment, which win over the file.

use super::{Amount, Config, ConfigError, Device, KeySource, Serve};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

/// What flags and the environment override.
#[derive(Args, Clone, Debug, Default)]
pub struct Overrides {
	/// The node's WebSocket URL [default: ws://127.0.0.1:9944]
	#[arg(long, env = "ASSAY_WORKER_NODE", value_name = "URL", global = true)]
	pub node: Option<String>,
	/// The file with the secret that the worker signs with [default: key in the base path]
	#[arg(long, env = "ASSAY_WORKER_KEY_FILE", value_name = "FILE", global = true)]
	pub key_file: Option<PathBuf>,
	/// The secret URI that the worker signs with; other users of the machine see command lines,
	/// so only for development
	#[arg(
		long,
		env = "ASSAY_WORKER_KEY_URI",
		value_name = "URI",
		global = true,
		hide_env_values = true
	)]
	pub key_uri: Option<String>,
	/// The folder of the journal and the artifacts [default: ~/.local/share/assay-worker]
	#[arg(long, env = "ASSAY_WORKER_BASE_PATH", value_name = "FOLDER", global = true)]
	pub base_path: Option<PathBuf>,
	/// Where models run: cpu or cuda:NUMBER [default: cpu]
	#[arg(long, env = "ASSAY_WORKER_DEVICE", global = true)]
	pub device: Option<Device>,
	/// The threads of one run; 0 leaves it to the engine [default: 0]
	#[arg(long, env = "ASSAY_WORKER_THREADS", value_name = "COUNT", global = true)]
	pub threads: Option<usize>,
	/// The jobs that run at once [default: 1]
	#[arg(long, env = "ASSAY_WORKER_CONCURRENCY", value_name = "COUNT", global = true)]
	pub concurrency: Option<usize>,
	/// The bytes that prepared models may take in memory, and the runs of disputes as many again
	/// [default: 4 GiB]
	#[arg(long, env = "ASSAY_WORKER_MEMORY_BUDGET", value_name = "BYTES", global = true)]
	pub memory_budget: Option<u64>,
	/// The most jobs of one version that are run in one call, where that is right and faster; 1 turns
	/// it off [default: 8]
	#[arg(long, env = "ASSAY_WORKER_BATCH", value_name = "JOBS", global = true)]
	pub batch: Option<usize>,
	/// The seconds for which a worker that is told to stop finishes what it has accepted; 0 leaves it
	/// to the next start [default: 60]
	#[arg(long, env = "ASSAY_WORKER_DRAIN", value_name = "SECONDS", global = true)]
	pub drain: Option<u64>,
	/// Where the artifact gateway listens; port 0 is any free one [default: 127.0.0.1:0]
	#[arg(long, env = "ASSAY_WORKER_GATEWAY_LISTEN", value_name = "ADDRESS", global = true)]
	pub gateway_listen: Option<SocketAddr>,
	/// The URL under which others reach the gateway [default: that of its address]
	#[arg(long, env = "ASSAY_WORKER_GATEWAY_PUBLIC_URL", value_name = "URL", global = true)]
	pub gateway_public_url: Option<String>,
	/// The largest artifact that the gateway takes [default: 2 GiB]
	#[arg(long, env = "ASSAY_WORKER_GATEWAY_MAX_ARTIFACT", value_name = "BYTES", global = true)]
	pub gateway_max_artifact: Option<u64>,
	/// The bearer token without which the gateway takes nothing
	#[arg(
		long,
		env = "ASSAY_WORKER_GATEWAY_TOKEN",
		value_name = "TOKEN",
		global = true,
		hide_env_values = true
	)]
	pub gateway_token: Option<String>,
	/// The bytes that artifacts may take on disk [default: 64 GiB]
	#[arg(long, env = "ASSAY_WORKER_STORE_DISK_BUDGET", value_name = "BYTES", global = true)]
	pub store_disk_budget: Option<u64>,
	/// Follow file:// locators, which let a requester name files of this machine
	#[arg(
		long,
		env = "ASSAY_WORKER_STORE_ALLOW_FILE_LOCATORS",
		num_args = 0..=1,
		default_missing_value = "true",
		value_name = "BOOL",
		global = true
	)]
	pub store_allow_file_locators: Option<bool>,
	/// A version to serve and its price a unit in ASY: NAME@NUMBER=PRICE; may be repeated
	#[arg(long, env = "ASSAY_WORKER_SERVE", value_delimiter = ',', global = true)]
	pub serve: Vec<Serve>,
	/// Serve every active version at this price a unit in ASY; for development
	#[arg(long, env = "ASSAY_WORKER_SERVE_ALL", value_name = "PRICE", global = true)]
	pub serve_all: Option<Amount>,
	/// The most jobs of one version that it is assigned at once [default: 64]
	#[arg(long, env = "ASSAY_WORKER_CAPACITY", value_name = "JOBS", global = true)]
	pub capacity: Option<u32>,
	/// Register the account as a provider with this bond in ASY, if it is none
	#[arg(long, env = "ASSAY_WORKER_REGISTER", value_name = "BOND", global = true)]
	pub register: Option<Amount>,
	/// Check the results of others as well, and dispute those that are wrong
	#[arg(
		long,
		env = "ASSAY_WORKER_CHALLENGE",
		num_args = 0..=1,
		require_equals = true,
		default_missing_value = "true",
		value_name = "BOOL",
		global = true
	)]
	pub challenge: Option<bool>,
	/// Demand on chain what cannot be fetched, at a small price [default: true]
	#[arg(
		long,
		env = "ASSAY_WORKER_DEMAND",
		num_args = 0..=1,
		require_equals = true,
		default_missing_value = "true",
		value_name = "BOOL",
		global = true
	)]
	pub demand: Option<bool>,
	/// The folder of content keys, one file each that only its owner may read, named after the asset
	/// that it is for: 7.key. The worker decrypts with them, and hands them to whom the chain says if
	/// the account is a custodian [default: none]
	#[arg(long, env = "ASSAY_WORKER_KEYS", value_name = "FOLDER", global = true)]
	pub keys: Option<PathBuf>,
	/// A device that the provider's profile names; may be repeated [default: the device]
	#[arg(
		long = "profile-device",
		env = "ASSAY_WORKER_DEVICES",
		value_delimiter = ',',
		global = true
	)]
	pub devices: Vec<String>,
	/// Where Prometheus metrics are served [default: nowhere]
	#[arg(long, env = "ASSAY_WORKER_METRICS", value_name = "ADDRESS", global = true)]
	pub metrics: Option<SocketAddr>,
}

impl Overrides {
	/// What the environment alone says.
	pub fn from_environment() -> Result<Self, ConfigError> {
		use clap::FromArgMatches;

		let command = Overrides::augment_args(clap::Command::new("assay-worker"));
		command
			.try_get_matches_from(["assay-worker"])
			.and_then(|matches| Overrides::from_arg_matches(&matches))
			.map_err(|error| ConfigError::Environment(error.to_string().trim().to_owned()))
	}

	/// Put what is said in the place of what was.
	pub fn apply(self, mut config: Config) -> Config {
		fn set<T>(field: &mut T, value: Option<T>) {
			if let Some(value) = value {
				*field = value;
			}
		}
		fn set_option<T>(field: &mut Option<T>, value: Option<T>) {
			if value.is_some() {
				*field = value;
			}
		}
		fn set_list<T>(field: &mut Vec<T>, value: Vec<T>) {
			if !value.is_empty() {
				*field = value;
			}
		}
		let base_path = self.base_path;
		if let (Some(folder), KeySource::File(file)) = (&base_path, &config.key) {
			// The default key lies in the base path, wherever that is.
			if *file == config.base_path.join("key") {
				config.key = KeySource::File(folder.join("key"));
			}
		}
		set(&mut config.base_path, base_path);
		set(&mut config.node, self.node);
		set(&mut config.key, self.key_uri.map(KeySource::Uri));
		set(&mut config.key, self.key_file.map(KeySource::File));
		set(&mut config.device, self.device);
		set(&mut config.threads, self.threads);
		set(&mut config.concurrency, self.concurrency);
		set(&mut config.memory_budget, self.memory_budget);
		set(&mut config.engine.batch, self.batch);
		set(&mut config.drain, self.drain);
		set(&mut config.gateway.listen, self.gateway_listen);
		set_option(&mut config.gateway.public_url, self.gateway_public_url);
		set(&mut config.gateway.max_artifact, self.gateway_max_artifact);
		set_option(&mut config.gateway.token, self.gateway_token);
		set(&mut config.store.disk_budget, self.store_disk_budget);
		set(&mut config.store.allow_file_locators, self.store_allow_file_locators);
		set_list(&mut config.serve, self.serve);
		set_option(&mut config.serve_all, self.serve_all);
		set(&mut config.capacity, self.capacity);
		set_option(&mut config.register, self.register);
		set(&mut config.challenge, self.challenge);
		set(&mut config.demand, self.demand);
		set_option(&mut config.keys, self.keys);
		set_list(&mut config.devices, self.devices);
		set_option(&mut config.metrics, self.metrics);
		config
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn flags_win_over_the_file() {
		let file = Config { threads: 3, concurrency: 5, ..Config::default() };
		let flags = Overrides { threads: Some(4), ..Overrides::default() };
		let config = flags.apply(file);
		assert_eq!((config.threads, config.concurrency), (4, 5));
	}

	#[test]
	fn the_default_key_follows_the_base_path() {
		let flags = Overrides { base_path: Some("/x".into()), ..Overrides::default() };
		assert_eq!(flags.apply(Config::default()).key, KeySource::File("/x/key".into()));
	}
}

//! What the worker is told: defaults, then a TOML file, then the environment, then flags.

mod error;
mod key;
mod overrides;
mod values;

pub use error::ConfigError;
pub use key::KeySource;
pub use overrides::Overrides;
pub use values::{Amount, Device, Lessor, Serve, StandingOffer};

use assay_primitives::ASY;
use serde::Deserialize;
use std::{
	net::SocketAddr,
	path::{Path, PathBuf},
};

const GIB: u64 = 1024 * 1024 * 1024;
/// The most threads of a run, and the most runs at once.
const MOST_THREADS: u64 = 1024;
/// The most jobs of one engine call.
const MOST_BATCH: u64 = 1024;

/// The server of artifacts: model files, and inputs and outputs too large for the chain.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
	/// Where it listens; port 0 is any free one.
	pub listen: SocketAddr,
	/// The URL under which others reach it; that of `listen` if not given.
	pub public_url: Option<String>,
	/// The largest artifact that it takes, in bytes.
	pub max_artifact: u64,
	/// The bearer token without which it takes nothing; anybody may put without one.
	pub token: Option<String>,
}

impl Default for GatewayConfig {
	fn default() -> Self {
		GatewayConfig {
			listen: SocketAddr::from(([127, 0, 0, 1], 0)),
			public_url: None,
			max_artifact: assay_primitives::model::MAX_ARTIFACT,
			token: None,
		}
	}
}

/// The store of artifacts.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
	/// The bytes that artifacts may take on disk.
	pub disk_budget: u64,
	/// Whether `file://` locators are followed. They let a requester name files of this machine.
	pub allow_file_locators: bool,
}

impl Default for StoreConfig {
	fn default() -> Self {
		StoreConfig { disk_budget: 64 * GIB, allow_file_locators: false }
	}
}

/// The engines.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineConfig {
	/// The most jobs of one version that are run in one call, where that is measured to be right and
	/// faster; 1 turns it off.
	pub batch: usize,
}

impl Default for EngineConfig {
	fn default() -> Self {
		EngineConfig { batch: 8 }
	}
}

/// All that the worker is told.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
	/// The node's WebSocket URL.
	pub node: String,
	/// The key that it signs with.
	pub key: KeySource,
	/// The folder of the journal and the artifacts. One worker at a time may use it.
	pub base_path: PathBuf,
	/// Where models run.
	pub device: Device,
	/// The threads of one run; the engine's choice if 0.
	pub threads: usize,
	/// The jobs that run at once.
	pub concurrency: usize,
	/// The bytes that prepared models may take in memory, and the runs of disputes as many again.
	pub memory_budget: u64,
	/// The engines.
	pub engine: EngineConfig,
	/// The seconds for which a worker that is told to stop finishes what it has accepted.
	pub drain: u64,
	/// The server of artifacts.
	pub gateway: GatewayConfig,
	/// The store of artifacts.
	pub store: StoreConfig,
	/// The versions to serve.
	pub serve: Vec<Serve>,
	/// Serve every active version at this price a unit. For development: whoever publishes a
	/// version makes this worker fetch and prepare it.
	pub serve_all: Option<Amount>,
	/// The most jobs of one version that it is assigned at once.
	pub capacity: u32,
	/// Register the account as a provider with this bond, if it is none.
	pub register: Option<Amount>,
	/// Check the results of others as well, and dispute those that are wrong.
	pub challenge: bool,
	/// Demand on chain what cannot be fetched, at a small price: whoever withholds it loses.
	pub demand: bool,
	/// The devices that the provider's profile names.
	pub devices: Vec<String>,
	/// Where Prometheus metrics are served; nowhere if not given.
	pub metrics: Option<SocketAddr>,
	/// The folder of content keys: they are used for what they are for, and handed out to whom the
	/// chain says where the account is a custodian.
	pub keys: Option<PathBuf>,
	/// The capacity that is offered for leases; none if not given.
	pub leases: Option<Lessor>,
}

impl Default for Config {
	fn default() -> Self {
		let base_path = default_base_path();
		Config {
			node: assay_client::DEFAULT_URL.into(),
			key: KeySource::File(base_path.join("key")),
			base_path,
			device: Device::Cpu,
			threads: 0,
			concurrency: 1,
			memory_budget: 4 * GIB,
			engine: EngineConfig::default(),
			drain: 60,
			gateway: GatewayConfig::default(),
			store: StoreConfig::default(),
			serve: Vec::new(),
			serve_all: None,
			capacity: 64,
			register: None,
			challenge: false,
			demand: true,
			devices: Vec::new(),
			metrics: None,
			keys: None,
			leases: None,
		}
	}
}

/// `assay-worker` in the user's data folder, or in the working directory where there is none.
fn default_base_path() -> PathBuf {
	let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
	let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
	data.unwrap_or_default().join("assay-worker")
}

impl Config {
	/// The price of a unit at which a development worker serves everything.
	pub const DEVELOPMENT_PRICE: Amount = Amount(ASY / 1000);
	/// The bond with which a development worker registers.
	pub const DEVELOPMENT_BOND: Amount = Amount(1000 * ASY);

	/// Defaults, then a file, then the environment; checked.
	pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
		let overrides = Overrides::from_environment()?;
		overrides.apply(Self::from_file(file)?).checked()
	}

	/// The configuration, if its sizes are in their ranges.
	pub fn checked(self) -> Result<Config, ConfigError> {
		const MOST_ARTIFACT: u64 = assay_primitives::model::MAX_ARTIFACT;
		let size = |name, value: u64, most, expected| match value {
			0 => Err(ConfigError::Range { name, value: value.to_string(), expected }),
			_ if value > most => {
				Err(ConfigError::Range { name, value: value.to_string(), expected })
			},
			_ => Ok(()),
		};
		let threads = (self.threads as u64).saturating_add(1);
		size("threads", threads, MOST_THREADS + 1, "at most 1024")?;
		size("concurrency", self.concurrency as u64, MOST_THREADS, "from 1 to 1024")?;
		size("engine.batch", self.engine.batch as u64, MOST_BATCH, "from 1 to 1024")?;
		let capacity = u64::from(self.capacity);
		size("capacity", capacity, u32::MAX.into(), "more than 0")?;
		size("memory_budget", self.memory_budget, u64::MAX, "more than 0")?;
		size("gateway.max_artifact", self.gateway.max_artifact, MOST_ARTIFACT, "from 1 to 2 GiB")?;
		size("store.disk_budget", self.store.disk_budget, u64::MAX, "more than 0")?;
		if self.gateway.token.as_deref() == Some("") {
			let (name, expected) = ("gateway.token", "left out, or some text");
			return Err(ConfigError::Range { name, value: "empty".into(), expected });
		}
		Ok(self)
	}

	/// Defaults, then a file.
	pub fn from_file(file: Option<&Path>) -> Result<Config, ConfigError> {
		let Some(path) = file else { return Ok(Config::default()) };
		let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
			path: path.into(),
			reason: error.to_string(),
		})?;
		toml::from_str(&text).map_err(|error| ConfigError::Malformed {
			path: path.into(),
			reason: error.to_string(),
		})
	}

	/// What was not said, as it suits a development chain: register, and serve everything.
	pub fn development(mut self) -> Config {
		if self.serve.is_empty() {
			self.serve_all.get_or_insert(Self::DEVELOPMENT_PRICE);
		}
		self.register.get_or_insert(Self::DEVELOPMENT_BOND);
		self.store.allow_file_locators = true;
		self
	}

	/// The devices that the profile names: the configured ones, or the one that models run on.
	pub fn device_labels(&self) -> Vec<String> {
		if self.devices.is_empty() {
			vec![self.device.to_string()]
		} else {
			self.devices.clone()
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_key_of_a_file_is_read() {
		let config: Config = toml::from_str(
			r#"
			node = "ws://10.0.0.1:9944"
			key = { file = "/etc/assay/key" }
			base_path = "/var/lib/assay"
			device = "cuda:1"
			threads = 8
			concurrency = 2
			memory_budget = 1024
			serve = ["magika@1=0.001"]
			serve_all = "0.5"
			capacity = 7
			register = "100"
			challenge = true
			demand = false
			devices = ["NVIDIA H200"]
			metrics = "127.0.0.1:9616"
			drain = 5
			keys = "/etc/assay/keys"
			[engine]
			batch = 4
			[gateway]
			listen = "0.0.0.0:8080"
			public_url = "https://models.example"
			max_artifact = 7
			token = "secret"
			[store]
			disk_budget = 9
			allow_file_locators = true
			[leases]
			attributes = ["gpu/nvidia/h200"]
			price = "0.008"
			reclaim = 1800
			credential_file = "/etc/assay/access"
			[leases.offer]
			capacity = 2
			"#,
		)
		.unwrap();
		assert_eq!(config.device, Device::Cuda(1));
		assert_eq!(config.key, KeySource::File("/etc/assay/key".into()));
		assert_eq!(config.serve[0].price, Amount(ASY / 1000));
		assert_eq!(config.capacity, 7);
		assert_eq!((config.engine.batch, config.drain), (4, 5));
		assert_eq!(config.keys.as_deref(), Some(Path::new("/etc/assay/keys")));
		assert_eq!(config.gateway.token.as_deref(), Some("secret"));
		assert!(config.store.allow_file_locators && config.challenge && !config.demand);
		let leases = config.leases.unwrap();
		assert_eq!((leases.price, leases.capacity), (Amount(ASY / 125), 1));
		let offer = StandingOffer { attributes: None, capacity: 2, blocks: 43_200 };
		assert_eq!(leases.offer, Some(offer));
	}

	#[test]
	fn unknown_keys_are_refused() {
		let lessor = "[leases]\nattributes = []\nprice = \"1\"\ncredential_file = \"x\"\n";
		assert!(toml::from_str::<Config>(lessor).is_ok());
		let offer = &format!("{lessor}[leases.offer]\nprice = \"2\"");
		let engine = "[engine]\nbatches = 1";
		for text in ["nodes = \"x\"", "[gateway]\nport = 1", "[store]\nbudget = 1", engine, offer] {
			assert!(toml::from_str::<Config>(text).is_err(), "{text}");
		}
	}

	#[test]
	fn sizes_out_of_range_are_refused() {
		assert!(Config::default().checked().is_ok());
		let bad = [
			Config { concurrency: 0, ..Config::default() },
			Config { threads: 1025, ..Config::default() },
			Config { memory_budget: 0, ..Config::default() },
			Config { engine: EngineConfig { batch: 0 }, ..Config::default() },
			Config { engine: EngineConfig { batch: 1025 }, ..Config::default() },
			Config {
				store: StoreConfig { disk_budget: 0, ..Default::default() },
				..Config::default()
			},
			Config {
				gateway: GatewayConfig { max_artifact: u64::MAX, ..Default::default() },
				..Config::default()
			},
			Config {
				gateway: GatewayConfig { token: Some(String::new()), ..Default::default() },
				..Config::default()
			},
		];
		for config in bad {
			assert!(matches!(config.checked(), Err(ConfigError::Range { .. })));
		}
	}

	#[test]
	fn development_fills_in_what_was_not_said() {
		let config = Config { register: Some(Amount(1)), ..Config::default() }.development();
		assert_eq!(config.register, Some(Amount(1)));
		assert_eq!(config.serve_all, Some(Config::DEVELOPMENT_PRICE));
	}
}

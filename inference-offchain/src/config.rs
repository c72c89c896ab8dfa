//! What the worker is told: defaults, then a TOML file, then the environment, then flags.

use assay_primitives::{Balance, ASY};
use clap::Args;
use serde::{Deserialize, Deserializer};
use std::{
	fmt,
	net::SocketAddr,
	path::{Path, PathBuf},
	str::FromStr,
};

const GIB: u64 = 1024 * 1024 * 1024;
/// The most threads of a run, and the most runs at once.
const MOST_THREADS: u64 = 1024;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read {}: {reason}", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// What the system says.
		reason: String,
	},
	/// The file is no configuration.
	#[error("{}: {reason}", path.display())]
	Malformed {
		/// The file.
		path: PathBuf,
		/// What is wrong, and where.
		reason: String,
	},
	/// A setting is out of its range.
	#[error("`{name}` is {value}: it must be {expected}")]
	Range {
		/// The setting.
		name: &'static str,
		/// Its value.
		value: String,
		/// What is allowed.
		expected: &'static str,
	},
	/// A variable of the environment has a bad value.
	#[error("environment: {0}")]
	Environment(String),
	/// A text is not what it should be.
	#[error("`{text}` is no {what}: expected {expected}")]
	Value {
		/// The text.
		text: String,
		/// What was to be read.
		what: &'static str,
		/// How it is written.
		expected: &'static str,
	},
}

/// Where the secret of the worker's account is.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
	/// A secret URI, for development.
	Uri(String),
	/// A file with a secret URI, phrase or seed that only its owner may read.
	File(PathBuf),
}

impl fmt::Debug for KeySource {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			KeySource::Uri(_) => f.write_str("Uri(..)"),
			KeySource::File(path) => f.debug_tuple("File").field(path).finish(),
		}
	}
}

/// An amount of ASY, written with up to twelve decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Amount(pub Balance);

impl FromStr for Amount {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let bad = || ConfigError::Value {
			text: text.into(),
			what: "amount of ASY",
			expected: "a decimal number with up to 12 decimals, for example 0.001",
		};
		let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
		let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
		if !digits(whole) || !digits(fraction) || fraction.len() > 12 {
			return Err(bad());
		}
		let whole: Balance = whole.parse().map_err(|_| bad())?;
		let fraction: Balance = format!("{fraction:0<12}").parse().map_err(|_| bad())?;
		whole
			.checked_mul(ASY)
			.and_then(|smallest| smallest.checked_add(fraction))
			.map(Amount)
			.ok_or_else(bad)
	}
}

/// Where models run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Device {
	/// The processor.
	#[default]
	Cpu,
	/// A CUDA device by its number.
	Cuda(u32),
}

impl fmt::Display for Device {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Device::Cpu => f.write_str("cpu"),
			Device::Cuda(number) => write!(f, "cuda:{number}"),
		}
	}
}

impl FromStr for Device {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let number = || text.strip_prefix("cuda:")?.parse().ok();
		match (text, number()) {
			("cpu", _) => Ok(Device::Cpu),
			("cuda", _) => Ok(Device::Cuda(0)),
			(_, Some(number)) => Ok(Device::Cuda(number)),
			_ => Err(ConfigError::Value {
				text: text.into(),
				what: "device",
				expected: "cpu or cuda:NUMBER",
			}),
		}
	}
}

/// A version to serve, and the price of one unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Serve {
	/// The name of the model.
	pub model: String,
	/// The number of the version.
	pub number: u32,
	/// The price of a unit.
	pub price: Amount,
}

impl FromStr for Serve {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let bad = || ConfigError::Value {
			text: text.into(),
			what: "version to serve",
			expected: "NAME@NUMBER=PRICE, for example magika@1=0.001",
		};
		let (version, price) = text.split_once('=').ok_or_else(bad)?;
		let (model, number) = version.trim().rsplit_once('@').ok_or_else(bad)?;
		if !assay_primitives::model::is_name(model.as_bytes()) {
			return Err(bad());
		}
		let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(bad)?;
		Ok(Serve { model: model.into(), number, price: price.trim().parse()? })
	}
}

macro_rules! deserialize_from_text {
	($($name:ident),*) => {$(
		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
			}
		}
	)*};
}
deserialize_from_text!(Amount, Device, Serve);

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
	/// The bytes that prepared models may take in memory.
	pub memory_budget: u64,
	/// The server of artifacts.
	pub gateway: GatewayConfig,
	/// The store of artifacts.
	pub store: StoreConfig,
	/// The versions to serve.
	pub serve: Vec<Serve>,
	/// Serve every active version at this price a unit. For development: whoever publishes a
	/// version makes this worker fetch and prepare it.
	pub serve_all: Option<Amount>,
	/// Register the account as a provider with this bond, if it is none.
	pub register: Option<Amount>,
	/// The devices that the provider's profile names.
	pub devices: Vec<String>,
	/// Where Prometheus metrics are served; nowhere if not given.
	pub metrics: Option<SocketAddr>,
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
			gateway: GatewayConfig::default(),
			store: StoreConfig::default(),
			serve: Vec::new(),
			serve_all: None,
			register: None,
			devices: Vec::new(),
			metrics: None,
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
	/// The bytes that prepared models may take in memory [default: 4 GiB]
	#[arg(long, env = "ASSAY_WORKER_MEMORY_BUDGET", value_name = "BYTES", global = true)]
	pub memory_budget: Option<u64>,
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
	/// Register the account as a provider with this bond in ASY, if it is none
	#[arg(long, env = "ASSAY_WORKER_REGISTER", value_name = "BOND", global = true)]
	pub register: Option<Amount>,
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
		set(&mut config.gateway.listen, self.gateway_listen);
		set_option(&mut config.gateway.public_url, self.gateway_public_url);
		set(&mut config.gateway.max_artifact, self.gateway_max_artifact);
		set_option(&mut config.gateway.token, self.gateway_token);
		set(&mut config.store.disk_budget, self.store_disk_budget);
		set(&mut config.store.allow_file_locators, self.store_allow_file_locators);
		set_list(&mut config.serve, self.serve);
		set_option(&mut config.serve_all, self.serve_all);
		set_option(&mut config.register, self.register);
		set_list(&mut config.devices, self.devices);
		set_option(&mut config.metrics, self.metrics);
		config
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
			register = "100"
			devices = ["NVIDIA H200"]
			metrics = "127.0.0.1:9616"
			[gateway]
			listen = "0.0.0.0:8080"
			public_url = "https://models.example"
			max_artifact = 7
			token = "secret"
			[store]
			disk_budget = 9
			allow_file_locators = true
			"#,
		)
		.unwrap();
		assert_eq!(config.device, Device::Cuda(1));
		assert_eq!(config.key, KeySource::File("/etc/assay/key".into()));
		assert_eq!(config.serve[0].price, Amount(ASY / 1000));
		assert_eq!(config.gateway.token.as_deref(), Some("secret"));
		assert!(config.store.allow_file_locators);
	}

	#[test]
	fn unknown_keys_are_refused() {
		for text in ["nodes = \"x\"", "[gateway]\nport = 1", "[store]\nbudget = 1"] {
			assert!(toml::from_str::<Config>(text).is_err(), "{text}");
		}
	}

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

	#[test]
	fn a_version_to_serve_has_a_name_a_number_and_a_price() {
		let serve: Serve = "org/model@2=1.5".parse().unwrap();
		assert_eq!((serve.model.as_str(), serve.number), ("org/model", 2));
		assert_eq!(serve.price, Amount(3 * ASY / 2));
		for text in ["magika=1", "magika@1", "magika@0=1", "Magika@1=1", "magika@1=-1"] {
			assert!(text.parse::<Serve>().is_err(), "{text}");
		}
	}

	#[test]
	fn spaces_around_the_parts_of_a_version_to_serve_are_allowed() {
		let spaced: Serve = "magika@1 = 0.01".parse().unwrap();
		assert_eq!(spaced, "magika@1=0.01".parse().unwrap());
	}

	#[test]
	fn sizes_out_of_range_are_refused() {
		assert!(Config::default().checked().is_ok());
		let bad = [
			Config { concurrency: 0, ..Config::default() },
			Config { threads: 1025, ..Config::default() },
			Config { memory_budget: 0, ..Config::default() },
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
	fn amounts_have_at_most_twelve_decimals() {
		assert_eq!("0.000000000001".parse::<Amount>().unwrap(), Amount(1));
		for text in ["", ".", "1.", ".5", "0.0000000000001", "1e3", &"9".repeat(40)] {
			assert!(text.parse::<Amount>().is_err(), "{text}");
		}
	}

	#[test]
	fn development_fills_in_what_was_not_said() {
		let config = Config { register: Some(Amount(1)), ..Config::default() }.development();
		assert_eq!(config.register, Some(Amount(1)));
		assert_eq!(config.serve_all, Some(Config::DEVELOPMENT_PRICE));
	}

	#[test]
	fn secrets_are_not_printed() {
		let text = format!("{:?}", KeySource::Uri("//Secret".into()));
		assert!(!text.contains("Secret"));
	}
}

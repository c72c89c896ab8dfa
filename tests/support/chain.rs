//! A development chain with or without a provider, and a worker beside it.

use crate::process::{binary, workspace, Process, PATIENCE};
use anyhow::{Context, Result};
use assay_client::{keys, keys::Keypair, Client};
use assay_primitives::AccountId;
use serde_json::{Map, Value};
use std::{
	fs,
	path::{Path, PathBuf},
	process::Command,
};
use tempfile::TempDir;

/// The node says nothing of single blocks, so that the rest is not lost among them.
const QUIET: &str = "babe=warn,sc_basic_authorship=warn,slots=warn,substrate=warn";

/// A well-known development key by its name, for example `Alice`.
pub fn key(name: &str) -> Keypair {
	keys::from_uri(&format!("//{name}")).expect("development URIs are well-formed")
}

/// The account of a well-known development key.
pub fn account(name: &str) -> AccountId {
	keys::account(&key(name))
}

/// A node of a development chain that authors and finalizes alone.
pub struct Node {
	process: Option<Process>,
	folder: TempDir,
	/// The chain's specification, where it is not that of `--dev`.
	specification: Option<PathBuf>,
	provider: bool,
	port: u16,
}

impl Node {
	/// Start a chain without a provider.
	pub fn start() -> Result<Self> {
		Self::with(false, &[])
	}

	/// Start a chain whose node has a provider, Charlie, inside.
	pub fn with_provider() -> Result<Self> {
		Self::with(true, &[])
	}

	/// Start a chain without a provider, of whose genesis some numbers are others, each by its
	/// name in `chain-spec/dev.json`.
	pub fn with_numbers(numbers: &[(&str, u32)]) -> Result<Self> {
		Self::with(false, numbers)
	}

	/// The same with a provider, Charlie, inside.
	pub fn with_provider_and_numbers(numbers: &[(&str, u32)]) -> Result<Self> {
		Self::with(true, numbers)
	}

	fn with(provider: bool, numbers: &[(&str, u32)]) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let specification = match numbers {
			[] => None,
			numbers => Some(specification(folder.path(), numbers)?),
		};
		let mut node = Node { process: None, folder, specification, provider, port: 0 };
		node.run()?;
		Ok(node)
	}

	/// Start the process: at first on ports that the system chooses, later on the same RPC port.
	fn run(&mut self) -> Result<()> {
		let base = self.folder.path().join("chain");
		let mut arguments: Vec<String> =
			["--dev", "--no-prometheus", "--port", "0"].map(String::from).to_vec();
		arguments.extend(["--base-path".into(), base.display().to_string()]);
		arguments.extend(["--rpc-port".into(), self.port.to_string()]);
		arguments.extend(["--log".into(), QUIET.into()]);
		if let Some(path) = &self.specification {
			arguments.extend(["--chain".into(), path.display().to_string()]);
		}
		if self.provider {
			arguments.push("--provider".into());
		}
		let process = Process::start("assay-node", &arguments)?;
		let line = process.line("Running JSON-RPC server: addr=127.0.0.1:")?;
		let port = line.split("addr=127.0.0.1:").nth(1).unwrap_or_default();
		let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
		self.port = digits.parse().with_context(|| format!("no port in `{line}`"))?;
		self.process = Some(process);
		Ok(())
	}

	/// Where its files are.
	pub fn folder(&self) -> &Path {
		self.folder.path()
	}

	/// The URL of its RPC.
	pub fn url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.port)
	}

	/// A client of its RPC.
	pub async fn client(&self) -> Result<Client> {
		Ok(Client::connect(&self.url()).await?)
	}

	/// Ask the node to end, and wait until it has.
	pub fn stop(&mut self) -> Result<()> {
		if let Some(mut process) = self.process.take() {
			process.stop()?;
		}
		Ok(())
	}

	/// Start the node again, with its chain and on its port.
	pub fn resume(&mut self) -> Result<()> {
		self.run()
	}
}

/// Write the development chain's specification with other numbers into a folder.
fn specification(folder: &Path, numbers: &[(&str, u32)]) -> Result<PathBuf> {
	const PLACE: &str = "/genesis/runtimeGenesis/patch/genesisParameters/numbers";
	let mut chain: Value =
		serde_json::from_slice(&fs::read(workspace().join("chain-spec/dev.json"))?)?;
	let place = chain.pointer_mut(PLACE).and_then(Value::as_object_mut);
	let place: &mut Map<String, Value> = place.context("dev.json has no numbers")?;
	place.extend(numbers.iter().map(|(name, number)| ((*name).into(), (*number).into())));
	let path = folder.join("chain.json");
	fs::write(&path, serde_json::to_vec(&chain)?)?;
	Ok(path)
}

/// A worker in a process of its own. Its files outlive its process.
pub struct Worker {
	process: Option<Process>,
	folder: TempDir,
	arguments: Vec<String>,
	environment: Vec<(String, String)>,
}

impl Worker {
	/// Start a provider of a node that signs as a development account, for example `Dave`, and
	/// serves everything.
	pub fn start(node: &Node, name: &str) -> Result<Self> {
		Self::with(node, name, &["--serve-all", "0.001", "--register", "1000"], &[])
	}

	/// Start a provider that serves some versions, each as `NAME@NUMBER`.
	pub fn serving(node: &Node, name: &str, versions: &[&str]) -> Result<Self> {
		Self::with(node, name, &serving(versions), &[])
	}

	/// Start a provider that serves a version, `NAME@NUMBER=PRICE`, with a bond in ASY.
	pub fn offering(node: &Node, name: &str, offer: &str, bond: &str) -> Result<Self> {
		Self::with(node, name, &["--serve", offer, "--register", bond], &[])
	}

	/// Start a provider whose results are wrong in this manner (`ASSAY_TEST_LIE`). With `defends`
	/// it posts a false history and plays it.
	pub fn lying(
		node: &Node,
		name: &str,
		versions: &[&str],
		manner: &str,
		defends: bool,
	) -> Result<Self> {
		let defends = if defends { "1" } else { "0" };
		let lie = [("ASSAY_TEST_LIE", manner), ("ASSAY_TEST_LIE_DEFENDS", defends)];
		Self::with(node, name, &serving(versions), &lie)
	}

	/// Start a provider that serves a version, `NAME@NUMBER=PRICE`, with a bond in ASY, and of
	/// batches shifts the result of this item alone (`ASSAY_TEST_LIE_ITEM`).
	pub fn lying_about(
		node: &Node,
		name: &str,
		offer: &str,
		bond: &str,
		item: u32,
	) -> Result<Self> {
		let item = item.to_string();
		let lie = [("ASSAY_TEST_LIE", "shifted"), ("ASSAY_TEST_LIE_ITEM", item.as_str())];
		Self::with(node, name, &["--serve", offer, "--register", bond], &lie)
	}

	/// Start a worker that serves nothing and challenges the wrong results of others.
	pub fn challenging(node: &Node, name: &str) -> Result<Self> {
		Self::with(node, name, &["--challenge"], &[])
	}

	/// Start a worker that serves nothing, and keeps the content keys that `put` puts into its folder
	/// of keys: it hands them out, and challenges wrong results about what they encrypt.
	pub fn keeping(node: &Node, name: &str, put: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let keys = folder.path().join("keys");
		fs::create_dir(&keys)?;
		put(&keys)?;
		let keys = keys.display().to_string();
		Self::within(folder, node, name, &["--challenge", "--keys", &keys], &[])
	}

	/// Start a provider that serves no version, but leases as the `[leases]` part of its file says.
	/// Its tenants are given `credential`.
	pub fn leasing(node: &Node, name: &str, credential: &str, leases: &str) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let (file, access) = (folder.path().join("worker.toml"), folder.path().join("access"));
		fs::write(&access, credential)?;
		fs::write(&file, format!("[leases]\ncredential_file = {access:?}\n{leases}"))?;
		let file = file.display().to_string();
		Self::within(folder, node, name, &["--config", &file, "--register", "1000"], &[])
	}

	fn with<A: AsRef<str>>(
		node: &Node,
		name: &str,
		arguments: &[A],
		environment: &[(&str, &str)],
	) -> Result<Self> {
		Self::within(tempfile::tempdir()?, node, name, arguments, environment)
	}

	fn within<A: AsRef<str>>(
		folder: TempDir,
		node: &Node,
		name: &str,
		arguments: &[A],
		environment: &[(&str, &str)],
	) -> Result<Self> {
		let (url, key, base) = (node.url(), format!("//{name}"), folder.path().display());
		let own = [("--node", url), ("--key-uri", key), ("--base-path", base.to_string())];
		let own = own.into_iter().flat_map(|(flag, value)| [flag.into(), value]);
		let given = arguments.iter().map(|argument| argument.as_ref().into());
		let arguments = own.chain(given).collect();
		let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
		let environment = environment.iter().map(owned).collect();
		let mut worker = Worker { process: None, folder, arguments, environment };
		worker.resume()?;
		Ok(worker)
	}

	/// The running process.
	pub fn process(&self) -> Result<&Process> {
		self.process.as_ref().context("the worker is not running")
	}

	/// Where its files are.
	pub fn folder(&self) -> &Path {
		self.folder.path()
	}

	/// Kill the worker as a crash would.
	pub fn kill(&mut self) -> Result<()> {
		if let Some(mut process) = self.process.take() {
			process.kill()?;
		}
		Ok(())
	}

	/// Ask the worker to end, and wait until it has; true if it ended well.
	pub fn stop(&mut self) -> Result<bool> {
		match self.process.take() {
			Some(mut process) => Ok(process.stop()?.success()),
			None => Ok(true),
		}
	}

	/// Wait until the worker, which was told to end, has; true if it ended well.
	pub fn ended(&mut self) -> Result<bool> {
		let mut process = self.process.take().context("the worker is not running")?;
		Ok(process.wait(PATIENCE)?.success())
	}

	/// Start the worker on what an earlier one left.
	pub fn resume(&mut self) -> Result<()> {
		let name = "assay-worker";
		let mut command = Command::new(binary(name)?);
		command.args(&self.arguments).envs(self.environment.iter().map(|(key, on)| (key, on)));
		self.process = Some(Process::spawn(name, command)?);
		Ok(())
	}
}

/// The arguments of a provider of some versions.
fn serving(versions: &[&str]) -> Vec<String> {
	let served = versions.iter().flat_map(|name| ["--serve".into(), format!("{name}=0.001")]);
	served.chain(["--register", "1000"].map(String::from)).collect()
}

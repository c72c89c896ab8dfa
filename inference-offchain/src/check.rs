//! What an operator wants to know before starting a worker.

use crate::{config::Config, keys::KeyFolder, models, worker::load_key, Error};
use assay_client::{keys, Client};
use serde::Serialize;
use std::path::PathBuf;

/// The findings of a check.
#[derive(Debug, Serialize)]
pub struct Report {
	/// Whether a worker can start.
	pub ok: bool,
	/// What was understood of the configuration, without secrets.
	pub config: Understood,
	/// The engine.
	pub engine: Finding<String>,
	/// The account that signs.
	pub account: Finding<String>,
	/// The chain.
	pub chain: Finding<Chain>,
	/// How many keys the folder of content keys has that can be used.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub keys: Option<Finding<usize>>,
}

/// The settings that decide where a worker runs and what it touches.
#[derive(Debug, Serialize)]
pub struct Understood {
	/// The node's URL.
	pub node: String,
	/// The folder of the journal and the artifacts.
	pub base_path: PathBuf,
	/// Where models run.
	pub device: String,
	/// Where the gateway listens.
	pub gateway: String,
	/// How many versions are to be served by name.
	pub serve: usize,
	/// Whether every version is to be served.
	pub serve_all: bool,
	/// Whether the account is to be registered.
	pub register: bool,
	/// Whether the results of others are checked.
	pub challenge: bool,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding<T> {
	/// As it should be.
	Ok(T),
	/// What is wrong.
	Error(String),
}

impl<T> Finding<T> {
	/// Whether it is as it should be.
	pub const fn is_ok(&self) -> bool {
		matches!(self, Finding::Ok(_))
	}
}

impl<T> From<Result<T, Error>> for Finding<T> {
	fn from(result: Result<T, Error>) -> Self {
		match result {
			Ok(value) => Finding::Ok(value),
			Err(error) => Finding::Error(error.to_string()),
		}
	}
}

/// The chain that a worker would work for.
#[derive(Debug, Serialize)]
pub struct Chain {
	/// The hash of its first block.
	pub genesis: String,
	/// The number of its best block.
	pub best: u32,
	/// Whether the account is a provider there.
	pub provider: bool,
	/// Whether the provider is online.
	pub online: bool,
}

/// Look at everything that a worker needs. Nothing is changed.
pub async fn run(config: &Config) -> Report {
	let account = load_key(&config.key).map(|key| keys::account(&key));
	let chain = chain(config, account.as_ref().ok()).await;
	let engine = Finding::from(models::probe(config));
	let account = Finding::from(account.map(|account| keys::to_ss58(&account)));
	let chain = Finding::from(chain);
	let keys = config.keys.as_ref().map(KeyFolder::open);
	let keys = keys.map(|opened| Finding::from(opened.map(|keys| keys.count())));
	let keys_are_ok = keys.as_ref().is_none_or(Finding::is_ok);
	Report {
		ok: engine.is_ok() && account.is_ok() && chain.is_ok() && keys_are_ok,
		config: Understood {
			node: config.node.clone(),
			base_path: config.base_path.clone(),
			device: config.device.to_string(),
			gateway: config.gateway.listen.to_string(),
			serve: config.serve.len(),
			serve_all: config.serve_all.is_some(),
			register: config.register.is_some(),
			challenge: config.challenge,
		},
		engine,
		account,
		chain,
		keys,
	}
}

async fn chain(
	config: &Config,
	account: Option<&assay_primitives::AccountId>,
) -> Result<Chain, Error> {
	let client = Client::connect(&config.node).await?;
	let provider = match account {
		Some(account) => client.provider(account).await?,
		None => None,
	};
	Ok(Chain {
		genesis: hex::encode(client.genesis()),
		best: client.best().await?.number,
		provider: provider.is_some(),
		online: provider.is_some_and(|provider| provider.online),
	})
}

//! What commands share: the chain, the key, and finding models by name.

use crate::{amount::asy, cli::Global, failure::Failure, output::Output};
use assay_client::{
	keys::{self, Keypair},
	Call, Client, Error, Receipt, Wait,
};
use assay_primitives::{
	model::{ModelView, VersionView},
	AccountId, Balance, ModelId, VersionId,
};
use std::path::PathBuf;
use tokio::sync::OnceCell;

/// The most models that are looked through for a near name.
const MOST_NEAR: u32 = 100;

/// What commands share.
pub struct Context {
	global: Global,
	/// How to print.
	pub output: Output,
	client: OnceCell<Client>,
}

impl Context {
	/// Nothing is connected or read until a command needs it.
	pub fn new(global: Global, output: Output) -> Self {
		Context { global, output, client: OnceCell::new() }
	}

	/// The connection to the chain.
	pub async fn client(&self) -> Result<&Client, Failure> {
		let connect = || async { Client::connect(&self.global.url).await };
		Ok(self.client.get_or_try_init(connect).await?)
	}

	/// The key that signs.
	pub fn key(&self) -> Result<Keypair, Failure> {
		match (&self.global.dev_key, &self.global.key) {
			(Some(uri), _) if !uri.starts_with("//") => {
				Err(Failure::new("key", "--dev-key takes a development path like //Alice")
					.help("write other secrets to a file and name it with --key"))
			},
			(Some(uri), _) => Ok(keys::from_uri(uri)?),
			(None, Some(path)) => Ok(keys::from_file(path)?),
			(None, None) => Err(Failure::new("key", "no key is given").help(
				"make one with `assay account new FILE` and name it with --key or ASSAY_KEY_FILE",
			)),
		}
	}

	/// The file of the account's lease key: the one that is named, or the one beside the key file.
	/// Development keys have none, and share a folder with the account's address in the name.
	pub fn lease_key_file(&self, named: Option<PathBuf>) -> Result<PathBuf, Failure> {
		if let Some(file) = named {
			return Ok(file);
		}
		if let (None, Some(key)) = (&self.global.dev_key, &self.global.key) {
			let mut name = key.clone().into_os_string();
			name.push(".lease");
			return Ok(name.into());
		}
		let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
		let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
		let data = data.ok_or_else(|| {
			Failure::new("lease-key", "there is no home folder").help("name a file by --lease-key")
		})?;
		let account = keys::to_ss58(&keys::account(&self.key()?));
		Ok(data.join("assay/leases").join(account))
	}

	/// The account of a text, or that of the key.
	pub fn account_or_own(&self, text: Option<&str>) -> Result<AccountId, Failure> {
		match text {
			Some(text) => Ok(keys::parse_account(text)?),
			None => Ok(keys::account(&self.key()?)),
		}
	}

	/// Submit a call and wait until it is in a block.
	pub async fn submit(&self, call: Call) -> Result<Receipt, Failure> {
		let key = self.key()?;
		let client = self.client().await?;
		let (pallet, name) = call.names();
		let spinner = self.output.spinner(&format!("submitting {pallet}.{name}"));
		let receipt = client.submit(&key, call, Wait::InBlock).await;
		spinner.finish_and_clear();
		Ok(receipt?)
	}

	/// Fail if the account of the key has less to spend than is needed.
	pub async fn require(&self, needed: Balance, purpose: &str) -> Result<(), Failure> {
		let account = keys::account(&self.key()?);
		let free = self.client().await?.balance(&account).await?.free;
		let missing = needed.saturating_sub(free);
		if missing == 0 {
			return Ok(());
		}
		let (needed, free, missing) = (asy(needed), asy(free), asy(missing));
		let message =
			format!("{purpose} needs {needed}, the account has {free}: {missing} missing");
		let address = keys::to_ss58(&account);
		Err(Failure::new("funds", message)
			.help(format!("transfer ASY to {address}, or offer less")))
	}

	/// The model of a name.
	pub async fn model(&self, name: &str) -> Result<ModelView<AccountId>, Failure> {
		match self.client().await?.model_by_name(name).await? {
			Some(model) => Ok(model),
			None => Err(self.unknown_model(name).await?),
		}
	}

	/// The version of `NAME` or `NAME@NUMBER`.
	pub async fn version(
		&self,
		text: &str,
	) -> Result<(ModelView<AccountId>, VersionView), Failure> {
		let (name, number) = split_version(text)?;
		let model = self.model(name).await?;
		let number = number.unwrap_or(model.latest);
		let id = VersionId { model: model.id, number };
		match self.client().await?.version(id).await? {
			Some(version) => Ok((model, version)),
			None if model.latest == 0 => Err(Failure::new(
				"unknown-version",
				format!("model `{name}` has no published version"),
			)),
			None => {
				Err(Failure::new("unknown-version", format!("`{name}` has no version {number}"))
					.help(format!("its versions are 1 to {}", model.latest)))
			},
		}
	}

	async fn unknown_model(&self, name: &str) -> Result<Failure, Error> {
		let failure = Failure::new("unknown-model", format!("no model is named `{name}`"));
		let Ok(client) = self.client().await else { return Ok(failure) };
		let models = client.models(None, ModelId(0), MOST_NEAR).await?.items;
		let names = models.iter().map(|model| String::from_utf8_lossy(&model.name).into_owned());
		let near = near_names(name, names.collect());
		Ok(match near.is_empty() {
			true => failure.help("`assay model list` shows all models"),
			false => failure.help(format!("did you mean {}?", near.join(", "))),
		})
	}
}

/// A name and the number of its version, if it has one.
pub fn split_version(text: &str) -> Result<(&str, Option<u32>), Failure> {
	let Some((name, number)) = text.split_once('@') else { return Ok((text, None)) };
	let number = number.parse().map_err(|_| {
		Failure::new("usage", format!("`{text}` is no version"))
			.help("write NAME@NUMBER, for example magika@1")
	})?;
	Ok((name, Some(number)))
}

/// The names that are like a name, the likest first, at most five.
fn near_names(name: &str, names: Vec<String>) -> Vec<String> {
	/// The most edits between names that are near.
	const NEAR: usize = 3;

	let mut near: Vec<(usize, String)> = names
		.into_iter()
		.filter_map(|other| {
			let contains = !name.is_empty() && (other.contains(name) || name.contains(&other));
			let edits = if contains { 0 } else { distance(name, &other) };
			(edits <= NEAR).then_some((edits, other))
		})
		.collect();
	near.sort();
	near.into_iter().map(|(_, name)| name).take(5).collect()
}

/// The number of single-byte edits between two names (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
	let mut row: Vec<usize> = (0..=right.len()).collect();
	for (i, a) in left.bytes().enumerate() {
		let mut diagonal = i;
		row[0] = i + 1;
		for (j, b) in right.bytes().enumerate() {
			let replaced = diagonal + usize::from(a != b);
			diagonal = row[j + 1];
			row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
		}
	}
	row[right.len()]
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn versions_are_split_from_names() {
		assert_eq!(split_version("a/b").unwrap(), ("a/b", None));
		assert_eq!(split_version("a@2").unwrap(), ("a", Some(2)));
		assert!(split_version("a@").is_err() && split_version("a@x").is_err());
	}

	#[test]
	fn near_names_are_the_likest_first() {
		let names = ["magika", "magica", "silero-vad", "magika-2"].map(String::from).to_vec();
		assert_eq!(near_names("magika", names.clone()), ["magika", "magika-2", "magica"]);
		assert_eq!(near_names("zzzzzzzz", names), Vec::<String>::new());
	}

	#[test]
	fn the_distance_counts_edits() {
		assert_eq!(distance("kitten", "sitting"), 3);
		assert_eq!(distance("", "abc"), 3);
	}
}

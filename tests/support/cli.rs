//! The command line, as a person of the development chain uses it.

use crate::process::binary;
use anyhow::{ensure, Context, Result};
use assay_client::Client;
use serde_json::Value;
use std::process::Command;

/// What `assay --json` prints with the key of a development account, for example `Bob`, and whether
/// it was a success. It is waited for on a thread of its own.
pub async fn attempt(client: &Client, who: &str, arguments: &[&str]) -> Result<(bool, Value)> {
	let mut command = Command::new(binary("assay")?);
	let key = format!("//{who}");
	command.args(["--url", client.url(), "--json", "--dev-key", &key]).args(arguments);
	let done = tokio::task::spawn_blocking(move || command.output()).await??;
	let printed = serde_json::from_slice(&done.stdout);
	Ok((done.status.success(), printed.with_context(|| format!("{arguments:?}: {done:?}"))?))
}

/// What it prints, if it is a success.
pub async fn assay(client: &Client, who: &str, arguments: &[&str]) -> Result<Value> {
	let (success, printed) = attempt(client, who, arguments).await?;
	ensure!(success, "{arguments:?}: {printed}");
	Ok(printed)
}

/// What it says is wrong, if it is none.
pub async fn refusal(client: &Client, who: &str, arguments: &[&str]) -> Result<String> {
	let (success, printed) = attempt(client, who, arguments).await?;
	ensure!(!success, "{arguments:?} was no failure: {printed}");
	Ok(printed["error"].to_string())
}

//! The second act: a provider answers wrongly, another worker disputes it, and the chain finds out.

use crate::{asy, short, Demo};
use anyhow::{bail, ensure, Context, Result};
use assay_client::keys::{self, Keypair};
use assay_primitives::{
	job::JobState,
	model::{Class, VersionSpec},
	AccountId, Balance, DisputeId, JobId, VersionId, ASY,
};
use assay_tests::{
	ledger::issuance,
	magika::{Question, NAME},
	market,
	process::binary,
};
use comfy_table::{presets, Table};
use serde_json::{json, Value};
use std::{
	io::{stderr, Cursor},
	process::Stdio,
};
use subxt::rpcs::client::RpcClient;
use tokio::process::Command;

/// What a right answer is worth, which the provider stakes.
const VALUE: Balance = 100 * ASY;
/// The file that the provider is asked about.
const FILE: &[u8] = b"import sys\n\nfor line in sys.stdin:\n    print(line.strip().lower())\n";

/// The accounts of the provider that lies and of the worker that challenges it.
pub struct Cast {
	/// The provider.
	pub liar: AccountId,
	/// The challenger.
	pub challenger: AccountId,
}

/// What everybody has, and all money there is.
struct Books {
	accounts: [Balance; 3],
	issuance: Balance,
}

impl Demo {
	/// Ask the provider that lies, and show how its result is refuted. What scripts are told of it.
	pub async fn second_act(
		&self,
		cast: &Cast,
		owner: &Keypair,
		first: VersionId,
	) -> Result<Value> {
		self.say(&format!("the second act: {} lies, and defends it", short(&cast.liar)));
		let version = match self.published(Class::Canonical).await? {
			Some(version) => version,
			None => self.publish_canonical(owner, first).await?,
		};
		market::served(&self.client, version).await?;
		let before = self.books(cast).await?;
		let job = self.ask(version).await?;
		self.watch(job).await?;
		let view = self.client.job(job).await?.context("the job is gone")?;
		match view.state {
			JobState::Slashed { provider, .. } => {
				ensure!(provider == cast.liar, "another provider was slashed: {provider:?}");
			},
			other => bail!("job {job} ended as {other:?}"),
		}
		let after = self.books(cast).await?;
		self.print(&format!("\n{}\n", table(cast, &self.account(), &before, &after)));
		let transcript = self.transcript(job).await?;
		let balances = document(cast, &self.account(), &before, &after);
		Ok(json!({ "job": job, "transcript": transcript, "balances": balances }))
	}

	/// The dispute as `assay` shows it to scripts.
	async fn transcript(&self, job: JobId) -> Result<Value> {
		let mut command = Command::new(binary("assay")?);
		command.args(["--url", self.client.url(), "--json", "dispute", "show", &job.to_string()]);
		let shown = command.kill_on_drop(true).output().await?;
		ensure!(shown.status.success(), "assay dispute show: {}", shown.status);
		serde_json::from_slice(&shown.stdout).context("assay dispute show printed no JSON")
	}

	fn account(&self) -> AccountId {
		keys::account(&self.requester)
	}

	/// Publish a version of the same file, whose results are compared bit by bit.
	async fn publish_canonical(&self, owner: &Keypair, first: VersionId) -> Result<VersionId> {
		let first = self.client.version(first).await?.context("the version is gone")?;
		let VersionSpec { artifact, locators, .. } = first.spec;
		let spec = self.magika.canonical(artifact, locators.into_inner())?;
		let version = market::publish(&self.client, owner, first.id.model, spec).await?;
		self.say(&format!("published {NAME} as version {version}: its results can be disputed"));
		Ok(version)
	}

	/// Request the job, and wait until its answer is disputed.
	async fn ask(&self, version: VersionId) -> Result<JobId> {
		let Question::Model(tensor) = self.magika.question(Cursor::new(FILE))? else {
			bail!("the file needs no model");
		};
		let (client, requester) = (&self.client, &self.requester);
		let job = market::request_worth(client, requester, version, &[tensor], VALUE).await?;
		self.say(&format!("requested as job {job}, worth {} ASY", asy(VALUE)));
		let answered = |state: &JobState<AccountId>| state.output().is_some();
		market::reached(client, job, answered).await?;
		self.say("answered; the challenger runs the model itself");
		let dispute = market::disputed(client, DisputeId::new(job, 1), |_| true).await?;
		self.say(&format!("disputed, with a bond of {} ASY", asy(dispute.bond)));
		Ok(job)
	}

	/// Have `assay` show the dispute as it goes on, and its transcript.
	async fn watch(&self, job: JobId) -> Result<()> {
		let mut command = Command::new(binary("assay")?);
		command.args(["--url", self.client.url(), "dispute", "watch", &job.to_string()]);
		if self.json {
			command.stdout(Stdio::from(stderr()));
		}
		let ended = command.kill_on_drop(true).status().await?;
		ensure!(ended.success(), "assay dispute watch: {ended}");
		Ok(())
	}

	async fn books(&self, cast: &Cast) -> Result<Books> {
		let mut accounts = [0; 3];
		let named = [&cast.liar, &cast.challenger, &self.account()];
		for (total, account) in accounts.iter_mut().zip(named) {
			let balance = self.client.balance(account).await?;
			*total = balance.free.saturating_add(balance.held);
		}
		let rpc = RpcClient::from_insecure_url(self.client.url()).await?;
		Ok(Books { accounts, issuance: issuance(&rpc).await? })
	}
}

/// What everybody had and has.
fn table(cast: &Cast, requester: &AccountId, before: &Books, after: &Books) -> Table {
	let mut table = Table::new();
	table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header([
		"",
		"ASY before",
		"ASY after",
		"change",
	]);
	let names = [("liar", &cast.liar), ("challenger", &cast.challenger), ("requester", requester)];
	let names = names.map(|(name, account)| format!("{name} {}", short(account)));
	let changes = before.accounts.iter().zip(&after.accounts);
	for (name, (before, after)) in names.into_iter().zip(changes) {
		table.add_row([name, asy(*before), asy(*after), change(*before, *after)]);
	}
	let (before, after) = (before.issuance, after.issuance);
	table.add_row(["all there is".into(), asy(before), asy(after), change(before, after)]);
	table
}

/// The same for scripts.
fn document(cast: &Cast, requester: &AccountId, before: &Books, after: &Books) -> Value {
	let names = [("liar", &cast.liar), ("challenger", &cast.challenger), ("requester", requester)];
	let changes = before.accounts.iter().zip(&after.accounts);
	let row = |((name, account), (before, after)): ((&str, &AccountId), (&Balance, &Balance))| {
		let account = keys::to_ss58(account);
		json!({ "who": name, "account": account, "before": asy(*before), "after": asy(*after) })
	};
	let rows: Vec<Value> = names.into_iter().zip(changes).map(row).collect();
	let (before, after) = (asy(before.issuance), asy(after.issuance));
	json!({ "accounts": rows, "issuance": { "before": before, "after": after } })
}

/// The difference of two amounts, with its sign.
fn change(before: Balance, after: Balance) -> String {
	match after.checked_sub(before) {
		Some(gain) => format!("+{}", asy(gain)),
		None => format!("-{}", asy(before - after)),
	}
}

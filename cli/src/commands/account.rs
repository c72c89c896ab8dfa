//! `assay account`.

use crate::{
	amount::{asy, Amount},
	cli::AccountCommand,
	context::Context,
	failure::Failure,
	output::{lines, Report},
};
use assay_client::{keys, Call};
use assay_primitives::AccountId;
use serde_json::json;

/// Run a command on accounts.
pub async fn run(context: &Context, command: AccountCommand) -> Result<Report, Failure> {
	match command {
		AccountCommand::New { file } => {
			let key = keys::create_file(&file)?;
			let text = format!("key written to {}; keep a copy of it", file.display());
			Ok(shown(&keys::account(&key), &text))
		},
		AccountCommand::Show => Ok(shown(&context.account_or_own(None)?, "")),
		AccountCommand::Balance { account } => balance(context, account.as_deref()).await,
		AccountCommand::Transfer { to, amount: Amount(amount) } => {
			let to = keys::parse_account(&to)?;
			context.require(amount, "the transfer").await?;
			let done = format!("{} paid to {}", asy(amount), keys::to_ss58(&to));
			super::submit(context, Call::Transfer { to, amount }, &done).await
		},
	}
}

fn shown(account: &AccountId, text: &str) -> Report {
	let address = keys::to_ss58(account);
	let bytes: &[u8] = account.as_ref();
	let public = format!("0x{}", hex::encode(bytes));
	let text = format!("{address}\n{text}");
	Report::new(json!({ "account": address, "public": public }), text)
}

async fn balance(context: &Context, account: Option<&str>) -> Result<Report, Failure> {
	let account = context.account_or_own(account)?;
	let balance = context.client().await?.balance(&account).await?;
	let address = keys::to_ss58(&account);
	let text = |amount| Amount(amount).to_string();
	let json = json!({
		"account": address,
		"free": text(balance.free),
		"held": text(balance.held),
		"frozen": text(balance.frozen),
		"nonce": balance.nonce,
	});
	let pairs = [
		("account", address),
		("free", asy(balance.free)),
		("held", asy(balance.held)),
		("frozen", asy(balance.frozen)),
	];
	Ok(Report::new(json, lines(&pairs)))
}

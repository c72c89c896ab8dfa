//! `assay custody`.

use super::data::find as find_asset;
use crate::{
	amount::{asy, Amount},
	cli::{AcceptArgs, CustodyCommand},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::{table, Report},
	views::custody as shown,
};
use assay_client::{
	content::ContentKey,
	keys::{parse_account, to_ss58},
	Call, CustodyCall,
};
use assay_primitives::{
	api::MAX_PAGE,
	custody::{AppointmentView, CustodianView, Endpoint, KeyRequestView},
	AccountId, AssetId, KeyRequestId, Root,
};
use serde_json::json;
use std::path::Path;

type Custodian = CustodianView<AccountId>;
type Appointment = AppointmentView<AccountId>;
type Request = KeyRequestView<AccountId>;

/// Run a command on custody.
pub async fn run(context: &Context, command: CustodyCommand) -> Result<Report, Failure> {
	use CustodyCommand as Command;
	let (call, done) = match command {
		Command::Show { account } => return show(context, account.as_deref()).await,
		Command::List { asset: Some(asset), .. } => return list_of(context, asset).await,
		Command::List { asset: None, limit } => return list(context, limit).await,
		Command::Requests { account, limit } => {
			return requests(context, account.as_deref(), limit).await
		},
		Command::Register { endpoint, bond } => {
			(register(context, &endpoint, bond).await?, "registered")
		},
		Command::Update { endpoint, taking } => {
			let present = find(context, &context.account_or_own(None)?).await?;
			let endpoint = endpoint.map_or(Ok(present.endpoint), |text| endpoint_of(&text))?;
			let taking = taking.unwrap_or(present.taking);
			(CustodyCall::Update { endpoint, taking }, "updated")
		},
		Command::Bond { amount: Amount(amount) } => {
			context.require(amount, "the bond").await?;
			(CustodyCall::BondMore { amount }, "bonded")
		},
		Command::Unbond { amount: Amount(amount) } => {
			(CustodyCall::Unbond { amount }, "unbonding begun")
		},
		Command::Withdraw => (CustodyCall::Withdraw, "withdrawn"),
		Command::Appoint { asset, custodian } => {
			(appoint(context, asset, &custodian).await?, "appointed")
		},
		Command::Accept(arguments) => (accept(context, arguments).await?, "accepted"),
		Command::Dismiss { asset, custodian } => {
			(CustodyCall::Dismiss { asset, custodian: parse_account(&custodian)? }, "dismissed")
		},
		Command::Resign { asset } => (CustodyCall::Resign { asset }, "resigned"),
		Command::Deliver { request, key_file } => {
			(deliver(context, request, &key_file).await?, "delivered")
		},
		Command::Close { request } => (CustodyCall::Close { request }, "closed"),
		Command::Expire { request } => (CustodyCall::Expire { request }, "closed"),
	};
	super::submit(context, Call::Custody(call), done).await
}

fn endpoint_of(text: &str) -> Result<Endpoint, Failure> {
	bounded(text.as_bytes().to_vec(), "the endpoint")
}

async fn register(
	context: &Context,
	endpoint: &str,
	bond: Option<Amount>,
) -> Result<CustodyCall, Failure> {
	let endpoint = endpoint_of(endpoint)?;
	let least = context.client().await?.custody_numbers().await?.min_bond;
	let bond = bond.map_or(least, |Amount(bond)| bond);
	if bond < least {
		let message = format!("the bond of a custodian is at least {}", asy(least));
		return Err(Failure::new("bond", message));
	}
	context.require(bond, "the bond").await?;
	Ok(CustodyCall::Register { endpoint, bond })
}

async fn find(context: &Context, account: &AccountId) -> Result<Custodian, Failure> {
	let unknown = || {
		Failure::new("unknown-custodian", format!("{} is no custodian", to_ss58(account)))
			.help("`assay custody register` makes the account of the key one")
	};
	context.client().await?.custodian(account).await?.ok_or_else(unknown)
}

async fn find_request(context: &Context, id: KeyRequestId) -> Result<Request, Failure> {
	let unknown = || {
		Failure::new("unknown-request", format!("the chain has no open request {id} for a key"))
			.help("one that has ended is gone; `assay custody requests` shows the others")
	};
	context.client().await?.key_request(id).await?.ok_or_else(unknown)
}

async fn appoint(
	context: &Context,
	asset: AssetId,
	custodian: &str,
) -> Result<CustodyCall, Failure> {
	let custodian = parse_account(custodian)?;
	key_of(context, asset).await?;
	find(context, &custodian).await?;
	let deposit = context.client().await?.custody_numbers().await?.appointment_deposit;
	context.require(deposit, "the deposit of an appointment").await?;
	Ok(CustodyCall::Appoint { asset, custodian })
}

/// The commitment to the key of an asset.
async fn key_of(context: &Context, asset: AssetId) -> Result<Root, Failure> {
	let open = || {
		let message = format!("asset {asset} is not encrypted: there is no key to keep");
		Failure::new("no-key", message)
	};
	find_asset(context, asset).await?.spec.key.ok_or_else(open)
}

async fn accept(context: &Context, arguments: AcceptArgs) -> Result<CustodyCall, Failure> {
	let AcceptArgs { asset, key_file, commitment } = arguments;
	let kept = kept(key_file.as_deref(), commitment)?;
	ensure_same(key_of(context, asset).await?, kept)?;
	Ok(CustodyCall::Accept { asset, commitment: kept })
}

/// The commitment to the key that is kept.
fn kept(key_file: Option<&Path>, commitment: Option<Root>) -> Result<Root, Failure> {
	let none = || Failure::new("usage", "name the key with --key-file or --commitment");
	match key_file {
		Some(path) => Ok(ContentKey::from_file(path)?.commitment()),
		None => commitment.ok_or_else(none),
	}
}

/// Fail unless the key is the one that is asked for. Who accepts for another, or delivers another,
/// would be slashed.
fn ensure_same(expected: Root, found: Root) -> Result<(), Failure> {
	if expected == found {
		return Ok(());
	}
	let message = format!("the key has the commitment {found}, that of the asset {expected}");
	Err(Failure::new("wrong-key", message).help("ask the owner of the asset for the key"))
}

async fn deliver(
	context: &Context,
	request: KeyRequestId,
	key_file: &Path,
) -> Result<CustodyCall, Failure> {
	let key = ContentKey::from_file(key_file)?;
	let view = find_request(context, request).await?;
	ensure_same(view.commitment, key.commitment())?;
	let recipient = view.recipient;
	Ok(CustodyCall::Deliver { request, recipient, sealed: key.seal_to(&recipient)? })
}

async fn show(context: &Context, account: Option<&str>) -> Result<Report, Failure> {
	let account = context.account_or_own(account)?;
	let custodian = find(context, &account).await?;
	let assets = appointments(context, &account).await?;
	let mut json = shown::custodian(&custodian);
	json["assets"] = json!(assets);
	Ok(Report::new(json, shown::custodian_text(&custodian, &assets)))
}

/// The assets that a custodian was appointed for.
async fn appointments(context: &Context, account: &AccountId) -> Result<Vec<AssetId>, Failure> {
	let client = context.client().await?;
	let (mut assets, mut start) = (Vec::new(), None);
	loop {
		let page = client.appointments(account, start, MAX_PAGE).await?;
		assets.extend(page.items);
		start = page.next;
		if start.is_none() {
			return Ok(assets);
		}
	}
}

async fn list(context: &Context, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut custodians, mut start) = (Vec::new(), None);
	while custodians.len() < limit as usize {
		let rest = limit - u32::try_from(custodians.len()).unwrap_or(limit);
		let page = client.custodians(start.as_ref(), rest).await?;
		custodians.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let row = |custodian: &Custodian| {
		let record = custodian.statistics;
		[
			to_ss58(&custodian.account),
			shown::state_text(custodian).into(),
			asy(custodian.bond),
			custodian.open.to_string(),
			custodian.appointments.to_string(),
			format!("{} / {} / {}", record.served, record.silent, record.wrong),
		]
	};
	let header = ["ACCOUNT", "STATE", "BOND", "OPEN", "ASSETS", "SERVED / SILENT / WRONG"];
	let text = table(header, custodians.iter().map(row).collect());
	let custodians: Vec<_> = custodians.iter().map(shown::custodian).collect();
	Ok(Report::new(json!({ "custodians": custodians }), text))
}

async fn list_of(context: &Context, asset: AssetId) -> Result<Report, Failure> {
	let appointments = context.client().await?.custodians_of(asset).await?;
	let row = |appointment: &Appointment| {
		[
			to_ss58(&appointment.custodian),
			shown::appointment_text(appointment).into(),
			asy(appointment.deposit),
		]
	};
	let header = ["CUSTODIAN", "STATE", "DEPOSIT"];
	let text = table(header, appointments.iter().map(row).collect());
	let appointments: Vec<_> = appointments.iter().map(shown::appointment).collect();
	Ok(Report::new(json!({ "asset": asset, "custodians": appointments }), text))
}

async fn requests(context: &Context, account: Option<&str>, limit: u32) -> Result<Report, Failure> {
	let account = context.account_or_own(account)?;
	let client = context.client().await?;
	let (mut requests, mut start) = (Vec::new(), Some(KeyRequestId(0)));
	while let Some(from) = start.filter(|_| requests.len() < limit as usize) {
		let rest = limit - u32::try_from(requests.len()).unwrap_or(limit);
		let page = client.key_requests(&account, from, rest).await?;
		requests.extend(page.items);
		start = page.next;
	}
	let row = |request: &Request| {
		[
			request.id.to_string(),
			request.asset.to_string(),
			request.ask.to_string(),
			shown::request_text(request),
			asy(request.fee),
			to_ss58(&request.asker),
		]
	};
	let header = ["ID", "ASSET", "BY", "STATE", "FEE", "ASKER"];
	let text = table(header, requests.iter().map(row).collect());
	let requests: Vec<_> = requests.iter().map(shown::request).collect();
	Ok(Report::new(json!({ "custodian": to_ss58(&account), "requests": requests }), text))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::Cli;
	use clap::Parser;

	#[test]
	fn a_key_is_accepted_by_its_file_or_by_its_commitment() {
		let folder = tempfile::tempdir().unwrap();
		let (path, key) = (folder.path().join("key"), ContentKey::generate());
		key.create_file(&path).unwrap();
		assert_eq!(kept(Some(&path), None).unwrap(), key.commitment());
		assert_eq!(kept(None, Some(Root([1; 32]))).unwrap(), Root([1; 32]));
		assert!(kept(None, None).is_err());
		assert!(ensure_same(key.commitment(), key.commitment()).is_ok());
		let text = ensure_same(Root([1; 32]), key.commitment()).unwrap_err().to_text();
		assert!(text.contains(&key.commitment().to_string()), "{text}");
	}

	#[test]
	fn arguments_that_say_nothing_are_refused() {
		let parsed = |line: &str| Cli::try_parse_from(line.split_whitespace()).is_ok();
		assert!(parsed("assay custody register"));
		assert!(parsed("assay custody accept 7 --key-file k"));
		assert!(parsed("assay custody update --taking false"));
		assert!(!parsed("assay custody accept 7"));
		assert!(!parsed("assay custody accept 7 --commitment 12"));
		assert!(!parsed("assay custody update --taking perhaps"));
		assert!(!parsed("assay custody appoint 7"));
	}
}

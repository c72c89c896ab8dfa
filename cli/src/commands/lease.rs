//! `assay lease`.

mod offers;
mod open;

use crate::{
	amount::{asy, Amount},
	cli::{BidArgs, LeaseCommand, ListArgs},
	context::Context,
	failure::Failure,
	file,
	manifest::bounded,
	output::{table, Report},
	views,
};
use assay_client::{keys, Call};
use assay_primitives::{
	lease::{KeyPath, LeaseFilter, LeaseState, LeaseView, MAX_CREDENTIAL},
	AccountId, LeaseId,
};
use assay_worker::sealed::{seal, SealError, TenantKey, SEAL_OVERHEAD};
use serde_json::json;
use std::path::{Path, PathBuf};

type Lease = LeaseView<AccountId>;

impl From<SealError> for Failure {
	fn from(error: SealError) -> Self {
		Failure::new("lease-key", error.to_string())
	}
}

/// Run a command on leases.
pub async fn run(context: &Context, command: LeaseCommand) -> Result<Report, Failure> {
	let (call, done) = match command {
		LeaseCommand::Open(arguments) => return open::run(context, &arguments).await,
		LeaseCommand::Show { lease } => return Ok(shown(&find(context, lease).await?)),
		LeaseCommand::List(arguments) => return list(context, arguments).await,
		LeaseCommand::Bids { lease } => return bids(context, lease).await,
		LeaseCommand::Offers(arguments) => return offers::list(context, arguments).await,
		LeaseCommand::Take(arguments) => return offers::take(context, &arguments).await,
		LeaseCommand::Credential { lease, lease_key } => {
			return credential(context, lease, lease_key).await
		},
		LeaseCommand::Attributes { account, set, clear: false } if set.is_empty() => {
			return attributes(context, account.as_deref()).await
		},
		LeaseCommand::Attributes { set, .. } => {
			let paths = bounded(set, "the list of attributes")?;
			(Call::SetAttributes { paths }, "attributes set")
		},
		LeaseCommand::Accept { lease, provider } => {
			let provider = match provider {
				Some(text) => keys::parse_account(&text)?,
				None => lowest(&find(context, lease).await?)?,
			};
			(Call::AcceptBid { lease, provider }, "accepted")
		},
		LeaseCommand::Bid(BidArgs { lease, price: Amount(price), reclaim }) => {
			let numbers = context.client().await?.numbers().await?.leases;
			context.require(numbers.bid_deposit, "the deposit of a bid").await?;
			let reclaim = reclaim.unwrap_or(numbers.min_reclaim);
			(Call::Bid { lease, price, reclaim }, "bid")
		},
		LeaseCommand::Offer(arguments) => (offers::offer(context, arguments).await?, "offered"),
		LeaseCommand::WithdrawOffer { number } => {
			(Call::RemoveOffer { index: number }, "offer withdrawn")
		},
		LeaseCommand::EvictOffer { provider, number } => {
			let provider = keys::parse_account(&provider)?;
			(Call::EvictOffer { provider, index: number }, "offer removed")
		},
		LeaseCommand::WithdrawBid { lease } => (Call::WithdrawBid { lease }, "bid withdrawn"),
		LeaseCommand::Deliver { lease, credential_file } => {
			(sealed(context, lease, &credential_file).await?, "delivered")
		},
		LeaseCommand::TopUp { lease, amount: Amount(amount) } => {
			context.require(amount, "the deposit").await?;
			(Call::TopUpLease { lease, amount }, "topped up")
		},
		LeaseCommand::Withdraw { lease } => (Call::WithdrawRent { lease }, "rent paid"),
		LeaseCommand::Close { lease } => (Call::CloseLease { lease }, "closed"),
		LeaseCommand::Reclaim { lease } => (Call::ReclaimLease { lease }, "notice given"),
		LeaseCommand::Expire { lease } => (Call::ExpireLease { lease }, "carried out"),
		LeaseCommand::Report { lease } => (Call::ReportLease { lease }, "reported"),
	};
	super::submit(context, call, done).await
}

fn shown(lease: &Lease) -> Report {
	Report::new(views::lease::lease(lease), views::lease::lease_text(lease))
}

async fn find(context: &Context, id: LeaseId) -> Result<Lease, Failure> {
	let unknown = || {
		Failure::new("unknown-lease", format!("the chain has no lease {id}"))
			.help("the records of a lease are pruned some time after it ends")
	};
	context.client().await?.lease(id).await?.ok_or_else(unknown)
}

async fn list(context: &Context, arguments: ListArgs) -> Result<Report, Failure> {
	let ListArgs { state, tenant, provider, attribute, limit } = arguments;
	let account = |text: Option<String>| text.as_deref().map(keys::parse_account).transpose();
	let (tenant, provider) = (account(tenant)?, account(provider)?);
	let filter = LeaseFilter { state, tenant, provider, attribute };
	let client = context.client().await?;
	let (mut leases, mut start) = (Vec::new(), None);
	while leases.len() < limit as usize {
		let rest = limit - u32::try_from(leases.len()).unwrap_or(limit);
		let page = client.leases(&filter, start, rest).await?;
		leases.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let row = |lease: &Lease| {
		let attributes: Vec<_> =
			lease.order.attributes.iter().map(|path| views::text(path)).collect();
		let price = lease.agreement.as_ref().map_or(lease.order.max_price, |of| of.price);
		let state = match &lease.state {
			LeaseState::Ended { reason, .. } => reason.to_string(),
			state => state.status().to_string(),
		};
		[
			lease.id.to_string(),
			state,
			attributes.join(" "),
			asy(price),
			lease.bids.len().to_string(),
			keys::to_ss58(&lease.tenant),
		]
	};
	let header = ["ID", "STATE", "REQUIRES", "PRICE A BLOCK", "BIDS", "TENANT"];
	let text = table(header, leases.iter().map(row).collect());
	let leases: Vec<_> = leases.iter().map(views::lease::lease).collect();
	Ok(Report::new(json!({ "leases": leases }), text))
}

async fn bids(context: &Context, id: LeaseId) -> Result<Report, Failure> {
	let lease = find(context, id).await?;
	let json = views::lease::lease(&lease);
	Ok(Report::new(json!({ "bids": json["bids"] }), views::lease::bids_text(&lease)))
}

/// Whose bid is the lowest.
fn lowest(lease: &Lease) -> Result<AccountId, Failure> {
	let none = || Failure::new("no-bid", format!("there is no bid for order {}", lease.id));
	lease.bids.first().map(|bid| bid.provider.clone()).ok_or_else(none)
}

async fn attributes(context: &Context, account: Option<&str>) -> Result<Report, Failure> {
	let account = context.account_or_own(account)?;
	let paths = context.client().await?.attributes(&account).await?;
	let paths: Vec<String> = paths.iter().map(|path: &KeyPath| views::text(path)).collect();
	let text = if paths.is_empty() { "none".into() } else { paths.join("\n") };
	Ok(Report::new(json!({ "account": keys::to_ss58(&account), "attributes": paths }), text))
}

/// The delivery of a file, sealed to the key of an order.
async fn sealed(context: &Context, lease: LeaseId, path: &Path) -> Result<Call, Failure> {
	let most = u64::from(MAX_CREDENTIAL) - SEAL_OVERHEAD as u64;
	let plain = file::read(path, most).map_err(|reason| Failure::new("file", reason))?;
	let order = find(context, lease).await?.order;
	let credential = bounded(seal(order.key, &plain)?, "the sealed credential")?;
	Ok(Call::DeliverLease { lease, credential })
}

/// Open the credential of a lease with the tenant's key.
async fn credential(
	context: &Context,
	id: LeaseId,
	file: Option<PathBuf>,
) -> Result<Report, Failure> {
	let lease = find(context, id).await?;
	let missing = || {
		Failure::new("no-credential", format!("no credential is delivered for lease {id}"))
			.help("`assay lease show` says where it stands")
	};
	let sealed = lease.credential.as_ref().ok_or_else(missing)?;
	let key = TenantKey::load(&context.lease_key_file(file)?)?;
	let plain = key.open(sealed)?;
	let text = String::from_utf8_lossy(&plain).into_owned();
	let json = json!({ "lease": id, "credential": text, "hex": hex::encode(&plain) });
	Ok(Report::new(json, views::printable(&text)))
}

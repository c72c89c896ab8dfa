//! Leases with real processes: an order that a worker bids for by itself, an offer that is taken, and
//! a worker that dies while another stands by.

use anyhow::{Context, Result};
use assay_client::{keys::to_ss58, Call, Client, Wait};
use assay_primitives::{
	lease::{
		key_path, CloseReason, LeaseFilter, LeaseState, LeaseStatus, LeaseView, OfferFilter,
		OfferView, OrderSpec,
	},
	provider::Tier,
	AccountId, Balance, BlockNumber, LeaseId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	cli,
	ledger::Ledger,
	market,
};
use assay_worker::sealed::TenantKey;
use serde_json::Value;
use std::path::Path;

/// What a block costs.
const PRICE: Balance = ASY / 125;
/// The blocks of the lease that is taken.
const BLOCKS: BlockNumber = 30;
/// What the tenant deposits for the lease that is ordered.
const DEPOSIT: Balance = 5 * ASY;
/// What each worker gives to its tenants.
const SECRETS: [(&str, &str); 2] = [("Dave", "dave:secret"), ("Eve", "eve:secret")];

type Lease = LeaseView<AccountId>;

/// A worker that bids for one lease at a price in ASY, and offers another.
fn lessor(node: &Node, index: usize, price: &str) -> Result<Worker> {
	let (name, secret) = SECRETS[index];
	let leases = format!(
		"attributes = [\"gpu/nvidia/h100\", \"region/eu/de\"]\n\
		price = \"{price}\"\n\
		[leases.offer]\n\
		attributes = [\"gpu/nvidia/h100\"]\n"
	);
	Worker::leasing(node, name, secret, &leases)
}

/// The offer of a worker, once it can be taken.
async fn offer(client: &Client, provider: &AccountId) -> Result<OfferView<AccountId>> {
	let filter = OfferFilter { provider: Some(provider.clone()), attribute: key_path("gpu").ok() };
	market::until(client, "an offer", || async {
		let offers = client.offers(&filter, None, 16).await?.items;
		Ok(offers.into_iter().find(|offer| offer.able))
	})
	.await
}

/// What `assay --json` prints for a command on leases of a tenant.
async fn assay(client: &Client, tenant: &str, arguments: &[&str]) -> Result<Value> {
	cli::assay(client, tenant, &[&["lease"], arguments].concat()).await
}

/// The lease that a command made.
fn made(answer: &Value) -> Result<LeaseId> {
	answer["lease"].as_u64().map(LeaseId).with_context(|| answer.to_string())
}

/// The credential of a lease, opened with its tenant's key.
async fn credential(client: &Client, tenant: &str, id: LeaseId, key: &Path) -> Result<String> {
	let (id, key) = (id.to_string(), key.to_string_lossy());
	let answer = assay(client, tenant, &["credential", &id, "--lease-key", &key]).await?;
	Ok(answer["credential"].as_str().context("a credential")?.into())
}

async fn view(client: &Client, id: LeaseId) -> Result<Lease> {
	client.lease(id).await?.with_context(|| format!("there is no lease {id}"))
}

/// A lease once it is in a state.
async fn reached(client: &Client, id: LeaseId, status: LeaseStatus) -> Result<Lease> {
	market::until(client, &format!("lease {id}, {status}"), || async {
		Ok(Some(view(client, id).await?).filter(|view| view.state.status() == status))
	})
	.await
}

/// The first block that is not settled of a lease that is served.
fn since(lease: &Lease) -> Result<BlockNumber> {
	match lease.state {
		LeaseState::Active { since } | LeaseState::Reclaiming { since, .. } => Ok(since),
		other => anyhow::bail!("nothing is served: {other:?}"),
	}
}

/// What accounts have, free and held.
async fn totals(client: &Client, names: &[&str]) -> Result<Vec<i128>> {
	let mut totals = Vec::new();
	for name in names {
		let balance = client.balance(&account(name)).await?;
		totals.push(i128::try_from(balance.free + balance.held)?);
	}
	Ok(totals)
}

/// Check what accounts have against what they had before the first block: what they earned, less
/// what they paid for transactions.
async fn check_totals(
	client: &Client,
	ledger: &Ledger,
	before: &[i128],
	earned: &[(&str, i128)],
) -> Result<()> {
	// Those who are stopped may have had a transaction on its way.
	let stopped = client.best().await?.number;
	let last = market::until(client, "two blocks", || async {
		Ok(Some(client.best().await?.number).filter(|now| *now >= stopped + 2))
	})
	.await?;
	let names: Vec<&str> = earned.iter().map(|(name, _)| *name).collect();
	let (after, flows) = (totals(client, &names).await?, ledger.flows(1..=last).await?);
	for (((name, earned), before), after) in earned.iter().zip(before).zip(after) {
		assert_eq!(after - before, earned + flows.change(&account(name)), "{name}");
	}
	Ok(())
}

fn signed(amount: Balance) -> Result<i128> {
	Ok(i128::try_from(amount)?)
}

/// Order by the command line, and wait for the credential.
async fn ordered(client: &Client, key: &Path) -> Result<LeaseId> {
	let key = key.to_string_lossy();
	let mut order = vec!["open", "--attribute", "gpu/nvidia", "--max-price", "0.01"];
	order.extend(["--blocks", "500", "--deposit", "5", "--bidding", "10"]);
	order.extend(["--lease-key", &key, "--wait"]);
	made(&assay(client, "Bob", &order).await?)
}

/// Take a worker's offer by the command line, and wait for the credential.
async fn taken(client: &Client, provider: &AccountId, key: &Path) -> Result<LeaseId> {
	let (provider, key, blocks) = (to_ss58(provider), key.to_string_lossy(), BLOCKS.to_string());
	let mut take = vec!["take", &provider, "0", "--attribute", "gpu/nvidia"];
	take.extend(["--blocks", &blocks, "--lease-key", &key, "--wait"]);
	made(&assay(client, "Bob", &take).await?)
}

/// Rent is paid for the blocks from one to the one of the withdrawal, whoever asks for it.
async fn rent_streams(client: &Client, id: LeaseId) -> Result<BlockNumber> {
	let begun = since(&view(client, id).await?)?;
	let call = Call::WithdrawRent { lease: id };
	let block = client.submit(&key("Ferdie"), call, Wait::InBlock).await?.block.number;
	let lease = view(client, id).await?;
	assert_eq!((since(&lease)?, lease.paid), (block, PRICE * Balance::from(block - begun)));
	assert_eq!(lease.payers[0].left, lease.deposited - lease.paid);
	Ok(begun)
}

/// The provider gives notice, and the lease ends when it has run out, paid to that block.
async fn reclaimed(client: &Client, id: LeaseId, begun: BlockNumber) -> Result<Lease> {
	// The worker signs with the same key: of two transactions with one number one is refused.
	let at = market::until(client, "a notice", || async {
		if let LeaseState::Reclaiming { at, .. } = view(client, id).await?.state {
			return Ok(Some(at));
		}
		let _ = client.submit(&key("Dave"), Call::ReclaimLease { lease: id }, Wait::InBlock).await;
		Ok(None)
	})
	.await?;
	let lease = reached(client, id, LeaseStatus::Ended).await?;
	assert_eq!(lease.state, LeaseState::Ended { reason: CloseReason::Reclaimed, at });
	assert_eq!(lease.paid, PRICE * Balance::from(at - begun));
	assert_eq!((lease.served, lease.returned), (at - begun, DEPOSIT - lease.paid));
	Ok(lease)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_bid_for_or_taken_served_and_paid_by_the_block() -> Result<()> {
	let node = Node::start()?;
	let (client, ledger) = (node.client().await?, Ledger::of(&node).await?);
	let folder = tempfile::tempdir()?;
	let keys = ["ordered", "taken"].map(|name| folder.path().join(name));
	let names = ["Bob", "Dave", "Ferdie"];
	let before = totals(&client, &names).await?;
	let mut worker = lessor(&node, 0, "0.008")?;
	let dave = account("Dave");
	let posted = offer(&client, &dave).await?;
	assert_eq!((posted.offer.price, posted.offer.capacity, posted.open), (PRICE, 1, 0));
	let held = client.balance(&dave).await?.held;

	let first = ordered(&client, &keys[0]).await?;
	assert_eq!(credential(&client, "Bob", first, &keys[0]).await?, SECRETS[0].1);
	let second = taken(&client, &dave, &keys[1]).await?;
	assert_eq!(credential(&client, "Bob", second, &keys[1]).await?, SECRETS[0].1);
	// Neither key opens what is sealed to the other.
	assert!(credential(&client, "Bob", second, &keys[0]).await.is_err());
	assert_eq!(view(&client, first).await?.offer, None);
	assert_eq!(view(&client, second).await?.offer, Some(0));
	let filter = OfferFilter { provider: Some(dave.clone()), attribute: None };
	let offers = client.offers(&filter, None, 16).await?.items;
	assert_eq!(offers.iter().map(|of| (of.open, of.able)).collect::<Vec<_>>(), [(1, false)]);

	let begun = rent_streams(&client, first).await?;
	let first = reclaimed(&client, first, begun).await?;
	let second = reached(&client, second, LeaseStatus::Ended).await?;
	let LeaseState::Ended { reason, .. } = second.state else { unreachable!("it has ended") };
	let rent = PRICE * Balance::from(BLOCKS);
	assert_eq!((reason, second.paid, second.returned), (CloseReason::Completed, rent, 0));

	// The place is free again, and nothing but deposits is held.
	assert_eq!(offer(&client, &dave).await?.open, 0);
	assert!(worker.stop()?, "the worker ends well");
	let numbers = client.numbers().await?.leases;
	assert_eq!(client.balance(&dave).await?.held, held);
	assert_eq!(client.balance(&account("Bob")).await?.held, 2 * numbers.storage_deposit);
	let rent = signed(first.paid + second.paid)?;
	let earned = [("Bob", -rent), ("Dave", rent), ("Ferdie", 0)];
	check_totals(&client, &ledger, &before, &earned).await
}

/// Order by a client, and give the lease once the cheaper provider serves it and another stands by.
async fn served_with_stand_by(client: &Client, key_file: &Path) -> Result<Lease> {
	let order = OrderSpec {
		attributes: vec![key_path("gpu/nvidia")?].try_into().ok().context("one fits")?,
		tier: Tier::New,
		duration: 1_000,
		max_price: 2 * PRICE,
		bidding: 10,
		automatic: true,
		key: TenantKey::load_or_create(key_file)?.public(),
	};
	let call = Call::OpenLease { order: Box::new(order), deposit: DEPOSIT };
	let receipt = client.submit(&key("Bob"), call, Wait::InBlock).await?;
	let id = receipt.created.lease.context("an order was made")?;
	let lease = reached(client, id, LeaseStatus::Active).await?;
	let serves = lease.agreement.as_ref().context("it is served")?;
	assert_eq!((&serves.provider, serves.price), (&account("Dave"), PRICE));
	let standing: Vec<_> = lease.bids.iter().map(|bid| &bid.provider).collect();
	assert_eq!(standing, [&account("Eve")]);
	Ok(lease)
}

/// Report a provider once its silence is a breach, and give the block of its last heartbeat.
async fn report_silence(client: &Client, id: LeaseId) -> Result<BlockNumber> {
	let numbers = client.numbers().await?;
	let patience = numbers.heartbeat_period + numbers.leases.breach_grace;
	let last = market::until(client, "a silence", || async {
		let provider = client.provider(&account("Dave")).await?.context("a provider")?;
		let now = client.best().await?.number;
		Ok(Some(provider.heartbeat).filter(|last| now > last + patience))
	})
	.await?;
	client.submit(&key("Ferdie"), Call::ReportLease { lease: id }, Wait::InBlock).await?;
	Ok(last)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_is_replaced_by_the_one_that_stands_by() -> Result<()> {
	let node = Node::start()?;
	let (client, ledger) = (node.client().await?, Ledger::of(&node).await?);
	let folder = tempfile::tempdir()?;
	let key_file = folder.path().join("tenant");
	let names = ["Bob", "Dave", "Eve", "Ferdie"];
	let before = totals(&client, &names).await?;
	let (mut dies, mut lives) = (lessor(&node, 0, "0.008")?, lessor(&node, 1, "0.009")?);
	for (name, _) in SECRETS {
		offer(&client, &account(name)).await?;
	}
	let lease = served_with_stand_by(&client, &key_file).await?;
	let (id, begun) = (lease.id, since(&lease)?);
	dies.kill()?;

	let last = report_silence(&client, id).await?;
	let lease = reached(&client, id, LeaseStatus::Active).await?;
	let serves = lease.agreement.as_ref().context("it is served")?;
	assert_eq!((&serves.provider, serves.price), (&account("Eve"), 9 * PRICE / 8));
	let sealed = lease.credential.as_ref().context("it is delivered anew")?;
	let opened = TenantKey::load(&key_file)?.open(sealed)?;
	assert_eq!(opened, SECRETS[1].1.as_bytes());
	// Rent to the last heartbeat; what was not served is not lost.
	let first = PRICE * Balance::from(last.saturating_sub(begun));
	assert_eq!((lease.paid, lease.served), (first, last.saturating_sub(begun)));

	let begun = since(&lease)?;
	let close = Call::CloseLease { lease: id };
	let closed = client.submit(&key("Bob"), close, Wait::InBlock).await?.block.number;
	let second = 9 * PRICE / 8 * Balance::from(closed - begun);
	let lease = view(&client, id).await?;
	assert_eq!((lease.paid, lease.returned), (first + second, DEPOSIT - first - second));
	assert!(lives.stop()?, "the worker ends well");
	let guarantee = signed(client.numbers().await?.leases.bid_deposit)?;
	let (first, second) = (signed(first)?, signed(second)?);
	let earned = [
		("Bob", guarantee - first - second),
		("Dave", first - guarantee),
		("Eve", second),
		("Ferdie", 0),
	];
	check_totals(&client, &ledger, &before, &earned).await?;
	let open = LeaseFilter { state: Some(LeaseStatus::Active), ..LeaseFilter::default() };
	assert!(client.leases(&open, None, 10).await?.items.is_empty());
	Ok(())
}

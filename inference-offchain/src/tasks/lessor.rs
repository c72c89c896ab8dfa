//! Offers the machine for leases: says what it is, bids for orders that it meets, keeps an offer
//! posted, delivers the credential when it is matched, and withdraws rent now and then.
//!
//! The chain is the only state: whatever a restart forgets is read from it at the next block.

use super::Context;
use crate::{
	config::{Lessor, StandingOffer},
	sealed::seal,
	Error,
};
use assay_client::{Call, Client, Wait};
use assay_primitives::{
	api::MAX_PAGE,
	lease::{
		key_path, meet_all, Attributes, Credential, KeyPath, LeaseFilter, LeaseState, LeaseStatus,
		LeaseView, Offer, OfferFilter, OfferView, Required,
	},
	provider::Tier,
	AccountId, Balance, BlockNumber, LeaseId,
};
use async_trait::async_trait;
use std::{collections::HashMap, sync::Arc};

/// The blocks of rent that are withdrawn at once: an hour of them.
const WITHDRAW_EVERY: BlockNumber = 1_800;
/// The blocks after which a call about a lease is tried again that was refused.
const RETRY_AFTER: BlockNumber = 50;
/// The number of the offer that is kept posted. Those of other numbers are their owner's.
const OFFER: u8 = 0;

type Lease = LeaseView<AccountId>;
type Posted = OfferView<AccountId>;

/// What the task reads of the chain.
#[async_trait]
pub trait LeaseChain: Send + Sync + 'static {
	/// All leases and orders in a state.
	async fn leases(&self, state: LeaseStatus) -> Result<Vec<Lease>, assay_client::Error>;
	/// What the chain knows of the machine of an account.
	async fn attributes(&self, account: &AccountId) -> Result<Attributes, assay_client::Error>;
	/// The offers of an account.
	async fn offers(&self, account: &AccountId) -> Result<Vec<Posted>, assay_client::Error>;
}

#[async_trait]
impl LeaseChain for Client {
	async fn leases(&self, state: LeaseStatus) -> Result<Vec<Lease>, assay_client::Error> {
		let filter = LeaseFilter { state: Some(state), ..Default::default() };
		let (mut leases, mut start) = (Vec::new(), None);
		loop {
			let page = Client::leases(self, &filter, start, MAX_PAGE).await?;
			leases.extend(page.items);
			start = page.next;
			if start.is_none() {
				return Ok(leases);
			}
		}
	}

	async fn attributes(&self, account: &AccountId) -> Result<Attributes, assay_client::Error> {
		Client::attributes(self, account).await
	}

	async fn offers(&self, account: &AccountId) -> Result<Vec<Posted>, assay_client::Error> {
		let filter = OfferFilter { provider: Some(account.clone()), attribute: None };
		// There are fewer than a page holds.
		Ok(Client::offers(self, &filter, None, MAX_PAGE).await?.items)
	}
}

/// What is offered.
pub struct Orders {
	chain: Arc<dyn LeaseChain>,
	attributes: Attributes,
	/// The class of the offer that is kept posted.
	class: Required,
	offer: Lessor,
	secret: Vec<u8>,
}

impl Orders {
	/// Read what an offer names.
	pub fn new(chain: Arc<dyn LeaseChain>, offer: Lessor) -> Result<Self, Error> {
		let bad = |reason: String| Error::Lessor { reason };
		let attributes = Attributes::try_from(key_paths(&offer.attributes)?)
			.map_err(|_| bad("there are more attributes than a provider may have".into()))?;
		let class = match &offer.offer {
			Some(standing) => class(standing, &attributes)?,
			None => Required::default(),
		};
		let path = &offer.credential_file;
		let secret =
			std::fs::read(path).map_err(|error| bad(format!("{}: {error}", path.display())))?;
		Ok(Orders { chain, attributes, class, offer, secret })
	}
}

fn key_paths(texts: &[String]) -> Result<Vec<KeyPath>, Error> {
	let paths: Result<Vec<_>, _> = texts.iter().map(|path| key_path(path)).collect();
	paths.map_err(|error| Error::Lessor { reason: error.to_string() })
}

/// The class of a standing offer of a machine.
fn class(standing: &StandingOffer, attributes: &Attributes) -> Result<Required, Error> {
	let bad = |reason: &str| Error::Lessor { reason: reason.into() };
	if standing.capacity == 0 || standing.blocks == 0 {
		return Err(bad("an offer has a capacity and lasts for some blocks"));
	}
	let paths = match &standing.attributes {
		Some(texts) => key_paths(texts)?,
		None => attributes.to_vec(),
	};
	if !meet_all(attributes, &paths) {
		return Err(bad("the machine lacks an attribute of its offer"));
	}
	Required::try_from(paths)
		.map_err(|_| bad("an offer has at most 8 attributes: name them in [leases.offer]"))
}

/// What the account is, for orders.
struct Standing {
	account: AccountId,
	tier: Tier,
	now: BlockNumber,
	/// The notice of every bid.
	reclaim: BlockNumber,
}

/// Offer the machine until the worker stops.
pub async fn run(context: Arc<Context>, orders: Orders) -> Result<(), Error> {
	let mut best = context.best.clone();
	let mut tried = HashMap::new();
	while context.next_block(&mut best).await {
		let served = tokio::select! {
			served = serve(&context, &orders, &mut tried) => served,
			() = context.stop.cancelled() => return Ok(()),
		};
		match served {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// A later block brings the next attempt.
			Err(error) => tracing::warn!(target: "worker::lessor", %error, "no step"),
		}
	}
	Ok(())
}

/// Do what is to be done now, one call at a time. What was refused waits.
async fn serve(
	context: &Context,
	orders: &Orders,
	tried: &mut HashMap<(Option<LeaseId>, &'static str), BlockNumber>,
) -> Result<(), Error> {
	let account = context.chain.account().clone();
	let Some(provider) = context.chain.provider(&account).await? else { return Ok(()) };
	let numbers = context.chain.numbers().await?.leases;
	let now = context.now();
	let mut leases = Vec::new();
	for state in
		[LeaseStatus::Open, LeaseStatus::Matched, LeaseStatus::Active, LeaseStatus::Reclaiming]
	{
		leases.extend(orders.chain.leases(state).await?);
	}
	let standing = Standing {
		tier: provider.statistics.tier(),
		now,
		reclaim: orders.offer.reclaim.unwrap_or(numbers.min_reclaim),
		account,
	};
	let mut calls = Vec::new();
	if orders.chain.attributes(&standing.account).await? != orders.attributes {
		calls.push((None, Call::SetAttributes { paths: orders.attributes.clone() }));
	} else {
		calls.extend(plan(&leases, orders, &standing, provider.available)?);
		if let Some(kept) = orders.offer.offer.as_ref().filter(|_| provider.available) {
			let posted = orders.chain.offers(&standing.account).await?;
			calls.extend(post(kept, &posted, orders, &standing).map(|call| (None, call)));
		}
	}
	tried.retain(|_, at| now < at.saturating_add(RETRY_AFTER));
	for (lease, call) in calls {
		let (_, name) = call.names();
		if tried.insert((lease, name), now).is_some() {
			continue;
		}
		let id = lease.map(|lease| lease.0);
		context.submit(call, Wait::InBlock, |_| Ok(())).await?;
		tracing::info!(target: "worker::lessor", lease = id, call = name, "done");
	}
	Ok(())
}

/// What is to be done about leases: deliver, withdraw rent, then bid as far as there is room, or
/// take bids back where there is none.
fn plan(
	leases: &[Lease],
	orders: &Orders,
	standing: &Standing,
	available: bool,
) -> Result<Vec<(Option<LeaseId>, Call)>, Error> {
	let is_own =
		|lease: &&Lease| lease.agreement.as_ref().is_some_and(|of| of.provider == standing.account);
	let has_bid = |lease: &&Lease| lease.bids.iter().any(|bid| bid.provider == standing.account);
	let mut calls = Vec::new();
	for lease in leases.iter().filter(is_own) {
		match lease.state {
			LeaseState::Matched { due } if standing.now < due => {
				let credential = sealed(lease, &orders.secret)?;
				calls.push((Some(lease.id), Call::DeliverLease { lease: lease.id, credential }));
			},
			LeaseState::Active { .. } | LeaseState::Reclaiming { .. } if is_worth(lease) => {
				calls.push((Some(lease.id), Call::WithdrawRent { lease: lease.id }));
			},
			_ => {},
		}
	}
	let capacity = usize::try_from(orders.offer.capacity).unwrap_or(usize::MAX);
	// Those out of the offer have a capacity of their own.
	let served = leases.iter().filter(is_own).filter(|lease| lease.offer.is_none()).count();
	let mut bids = leases.iter().filter(has_bid).count();
	if served >= capacity {
		let back = leases.iter().filter(has_bid);
		calls.extend(back.map(|lease| (Some(lease.id), Call::WithdrawBid { lease: lease.id })));
		return Ok(calls);
	}
	for lease in leases.iter().filter(|lease| !has_bid(lease)) {
		if available && served.saturating_add(bids) < capacity && fits(lease, orders, standing) {
			let (price, reclaim) = (orders.offer.price.0, standing.reclaim);
			calls.push((Some(lease.id), Call::Bid { lease: lease.id, price, reclaim }));
			bids = bids.saturating_add(1);
		}
	}
	Ok(calls)
}

/// What keeps the offer posted: it is not there, is not what it should be, or half of its time is
/// over.
fn post(
	kept: &StandingOffer,
	posted: &[Posted],
	orders: &Orders,
	standing: &Standing,
) -> Option<Call> {
	let offer = Offer {
		attributes: orders.class.clone(),
		price: orders.offer.price.0,
		capacity: kept.capacity,
		reclaim: standing.reclaim,
		until: Some(standing.now.saturating_add(kept.blocks)),
	};
	let present = posted.iter().find(|posted| posted.key.index == OFFER);
	let stands = present.is_some_and(|present| {
		let until = present.offer.until.unwrap_or(BlockNumber::MAX);
		let left = until.saturating_sub(standing.now);
		Offer { until: offer.until, ..present.offer.clone() } == offer && left > kept.blocks / 2
	});
	(!stands).then_some(Call::SetOffer { index: OFFER, offer })
}

/// Whether rent has accrued that is worth a transaction.
fn is_worth(lease: &Lease) -> bool {
	let price = lease.agreement.as_ref().map_or(0, |agreement| agreement.price);
	let least = price.saturating_mul(Balance::from(WITHDRAW_EVERY));
	lease.accrued > 0 && lease.accrued >= least
}

/// Whether an order is open for a bid of this machine.
fn fits(lease: &Lease, orders: &Orders, standing: &Standing) -> bool {
	let is_open = match lease.state {
		// A bid takes a block itself.
		LeaseState::Open { until, .. } => standing.now < until,
		_ => false,
	};
	is_open
		&& lease.tenant != standing.account
		&& orders.offer.price.0 <= lease.order.max_price
		&& standing.tier >= lease.order.tier
		&& meet_all(&orders.attributes, &lease.order.attributes)
}

/// What a tenant is given, sealed to the key of its order.
fn sealed(lease: &Lease, secret: &[u8]) -> Result<Credential, Error> {
	let bad = |reason: String| Error::Lessor { reason };
	let sealed = seal(lease.order.key, secret).map_err(|error| bad(error.to_string()))?;
	Credential::try_from(sealed).map_err(|_| bad("the credential is too long to be sealed".into()))
}

#[cfg(test)]
mod tests;

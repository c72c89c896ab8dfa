//! `assay lease open`: what an order or a lease costs, and following it to its credential.

use super::{find, Lease};
use crate::{
	amount::{asy, Amount},
	cli::OrderArgs,
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::Report,
	views,
};
use assay_client::{Call, Heads};
use assay_primitives::{
	lease::{blocks_paid, cost_a_day, LeaseNumbers, LeaseState, OrderSpec, BLOCKS_A_DAY},
	Balance, BlockNumber, LeaseId,
};
use assay_worker::sealed::TenantKey;
use futures::StreamExt;
use serde_json::{json, Value};

/// Order capacity, and say before what it comes to.
pub async fn run(context: &Context, arguments: &OrderArgs) -> Result<Report, Failure> {
	let numbers = context.client().await?.numbers().await?.leases;
	let key = TenantKey::load_or_create(&context.lease_key_file(arguments.lease_key.clone())?)?;
	let (order, deposit) = order(arguments, key.public(), &numbers)?;
	let terms = Terms { price: order.max_price, duration: order.duration, deposit };
	let call = Call::OpenLease { order: Box::new(order), deposit };
	let made = submit(context, call, &terms, "order", &numbers).await?;
	made.follow(context, arguments.wait).await
}

/// What a tenant pays.
pub struct Terms {
	/// The most that a block costs.
	pub price: Balance,
	/// The blocks of service.
	pub duration: BlockNumber,
	/// What is deposited for rent.
	pub deposit: Balance,
}

/// A lease or an order that was made.
pub struct Made {
	id: LeaseId,
	json: Value,
	text: String,
}

/// Say what it comes to, make an order or a lease, and say it again.
pub async fn submit(
	context: &Context,
	call: Call,
	terms: &Terms,
	what: &str,
	numbers: &LeaseNumbers,
) -> Result<Made, Failure> {
	let Terms { price, duration, deposit } = *terms;
	let cost = cost_a_day(price);
	// Nothing is served for longer than was ordered, whatever is deposited.
	let lasts = blocks_paid(deposit, price).min(duration);
	context.output.note(&views::lease::cost_text(cost, lasts));
	let storage = numbers.storage_deposit;
	context.output.note(&format!(
		"{} is held for rent, and {} until the records are pruned",
		asy(deposit),
		asy(storage)
	));
	context.require(deposit.saturating_add(storage), &format!("the {what}")).await?;

	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the order");
	let id = receipt.created.lease.ok_or_else(unseen)?;
	let cost_text = views::lease::cost_text(cost, lasts);
	let text = format!("{what} {id} made in block {}\n{cost_text}", receipt.block);
	let json = json!({
		"lease": id,
		"cost_a_day": Amount(cost).to_string(),
		"lasts": lasts,
		"deposit": Amount(deposit).to_string(),
		"storage_deposit": Amount(storage).to_string(),
		"receipt": views::receipt(&receipt),
	});
	Ok(Made { id, json, text })
}

impl Made {
	/// What there is to say of it: at once, or when its credential is delivered.
	pub async fn follow(self, context: &Context, wait: bool) -> Result<Report, Failure> {
		let Made { id, mut json, text } = self;
		if !wait {
			return Ok(Report::new(json, text));
		}
		let lease = follow(context, id).await?;
		json["state"] = views::lease::lease(&lease);
		let text = format!("{text}\n{}", views::lease::lease_text(&lease));
		let mut report = Report::new(json, text);
		report.success = lease.credential.is_some();
		Ok(report)
	}
}

fn usage(message: String) -> Failure {
	Failure::new("usage", message)
}

/// What is ordered, and what is deposited for it.
fn order(
	arguments: &OrderArgs,
	key: [u8; 32],
	numbers: &LeaseNumbers,
) -> Result<(OrderSpec, Balance), Failure> {
	let duration = duration(arguments.blocks, arguments.days, numbers)?;
	if !(1..=numbers.max_bidding).contains(&arguments.bidding) {
		return Err(usage(format!("bids are taken for 1 to {} blocks", numbers.max_bidding)));
	}
	let Amount(max_price) = arguments.max_price;
	let deposit = deposit(arguments.deposit, [max_price; 2], duration, numbers)?;
	let order = OrderSpec {
		attributes: bounded(arguments.attributes.clone(), "the list of attributes")?,
		tier: arguments.tier,
		duration,
		max_price,
		bidding: arguments.bidding,
		automatic: !arguments.choose,
		key,
	};
	Ok((order, deposit))
}

/// What is deposited, given a price and the most that it may be: enough for the whole time if
/// nothing else is said.
pub fn deposit(
	said: Option<Amount>,
	[price, max_price]: [Balance; 2],
	duration: BlockNumber,
	numbers: &LeaseNumbers,
) -> Result<Balance, Failure> {
	let of = |price: Balance, blocks: BlockNumber| {
		let too_much = || usage("the price is more than can be counted".into());
		price.checked_mul(blocks.into()).ok_or_else(too_much)
	};
	let least = of(max_price, numbers.minimum_cover)?;
	let whole = of(price, duration)?.max(least);
	let deposit = said.map_or(whole, |Amount(deposit)| deposit);
	if max_price == 0 || deposit < least {
		let (least, blocks) = (asy(least), numbers.minimum_cover);
		let message = format!("the deposit covers {blocks} blocks at least, which are {least}");
		return Err(usage(message).help("deposit more, or lower --max-price"));
	}
	Ok(deposit)
}

/// The blocks of service.
pub fn duration(
	blocks: Option<u32>,
	days: Option<f64>,
	numbers: &LeaseNumbers,
) -> Result<BlockNumber, Failure> {
	let of_days = |days: f64| {
		let blocks = (days * f64::from(BLOCKS_A_DAY)).round();
		// The cast is exact within the range that is asked for.
		(1.0..=f64::from(u32::MAX)).contains(&blocks).then_some(blocks as BlockNumber)
	};
	blocks
		.or_else(|| days.and_then(of_days))
		.filter(|blocks| (1..=numbers.max_duration).contains(blocks))
		.ok_or_else(|| usage(format!("a lease has from 1 to {} blocks", numbers.max_duration)))
}

/// Follow an order until its credential is delivered, or it ends.
async fn follow(context: &Context, id: LeaseId) -> Result<Lease, Failure> {
	let client = context.client().await?;
	let mut heads = client.blocks(Heads::Best).await?;
	let spinner = context.output.spinner(&format!("lease {id}"));
	let mut last = None;
	loop {
		// A block that has the order may be retracted for one that does not have it yet.
		if let Some(lease) = client.lease(id).await? {
			if last != Some(lease.state) {
				let state = views::lease::state_text(&lease.state);
				spinner.suspend(|| context.output.note(&format!("lease {id}: {state}")));
				spinner.set_message(format!("lease {id}: {state}"));
				last = Some(lease.state);
			}
			let ended = matches!(lease.state, LeaseState::Ended { .. });
			if lease.credential.is_some() || ended {
				spinner.finish_and_clear();
				return Ok(lease);
			}
		} else if last.is_some() {
			spinner.finish_and_clear();
			return find(context, id).await;
		}
		if heads.next().await.is_none() {
			return Err(Failure::new("disconnected", "the stream of blocks ended"));
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{provider::Tier, ASY};

	fn numbers() -> LeaseNumbers {
		LeaseNumbers {
			minimum_cover: 10,
			max_duration: 100_000,
			max_bidding: 100,
			..Default::default()
		}
	}

	fn arguments() -> OrderArgs {
		OrderArgs {
			attributes: Vec::new(),
			tier: Tier::Proven,
			max_price: Amount(ASY / 100),
			days: Some(2.0),
			blocks: None,
			deposit: Some(Amount(30 * ASY)),
			bidding: 30,
			choose: false,
			lease_key: None,
			wait: false,
		}
	}

	#[test]
	fn days_become_blocks_and_the_deposit_lasts_as_long_as_it_pays() {
		let (order, deposit) = order(&arguments(), [1; 32], &numbers()).unwrap();
		assert_eq!((order.duration, order.automatic), (86_400, true));
		assert_eq!(blocks_paid(deposit, order.max_price), 3_000);
		assert_eq!(cost_a_day(order.max_price), 432 * ASY);
	}

	#[test]
	fn without_a_deposit_the_whole_time_is_paid_for() {
		let arguments = OrderArgs { deposit: None, ..arguments() };
		let (_, deposit) = order(&arguments, [1; 32], &numbers()).unwrap();
		assert_eq!(deposit, 864 * ASY);
	}

	#[test]
	fn what_the_chain_would_refuse_is_refused_before_it_is_signed() {
		let refused = |arguments: OrderArgs| order(&arguments, [1; 32], &numbers()).is_err();
		for days in [0.0, -1.0, 1e9, f64::NAN, 3.0] {
			assert!(refused(OrderArgs { days: Some(days), ..arguments() }), "{days}");
		}
		assert!(refused(OrderArgs { deposit: Some(Amount(1)), ..arguments() }));
		assert!(refused(OrderArgs { max_price: Amount(0), ..arguments() }));
		assert!(refused(OrderArgs { max_price: Amount(u128::MAX), ..arguments() }));
		assert!(refused(OrderArgs { bidding: 0, ..arguments() }));
		assert!(refused(OrderArgs { bidding: 101, ..arguments() }));
	}
}

//! How leases are shown.

use super::{amount, text};
use crate::{
	amount::asy,
	output::{lines, table},
};
use assay_client::keys::to_ss58;
use assay_primitives::{
	lease::{Bid, LeaseState, LeaseView, OfferView, BLOCKS_A_DAY},
	AccountId, Balance, BlockNumber,
};
use serde_json::{json, Value};

/// Blocks as a time: `2.5 days`, `3.0 hours` or `20 minutes`.
pub fn time(blocks: BlockNumber) -> String {
	const HOUR: BlockNumber = BLOCKS_A_DAY / 24;
	const MINUTE: BlockNumber = HOUR / 60;
	let of = |unit: BlockNumber| f64::from(blocks) / f64::from(unit);
	match blocks {
		BlockNumber::MAX => "for ever".into(),
		_ if blocks >= 2 * BLOCKS_A_DAY => format!("{:.1} days", of(BLOCKS_A_DAY)),
		_ if blocks >= 2 * HOUR => format!("{:.1} hours", of(HOUR)),
		_ => format!("{:.0} minutes", of(MINUTE)),
	}
}

/// What an order comes to: what its deposit pays for at most and at least.
pub fn cost_text(cost_a_day: Balance, lasts: BlockNumber) -> String {
	let cost = asy(cost_a_day);
	format!("costs at most {cost} a day; the deposit lasts {lasts} blocks ({})", time(lasts))
}

/// Where a lease stands.
pub fn state_text(state: &LeaseState) -> String {
	match state {
		LeaseState::Open { until, .. } => format!("open for bids until block {until}"),
		LeaseState::Matched { due } => format!("matched, to be delivered by block {due}"),
		LeaseState::Active { .. } => "active".into(),
		LeaseState::Reclaiming { at, .. } => format!("active until it is reclaimed in block {at}"),
		LeaseState::Ended { reason, at } => format!("ended in block {at}: {reason}"),
	}
}

fn bid(bid: &Bid<AccountId>) -> Value {
	json!({
		"provider": to_ss58(&bid.provider),
		"price": amount(bid.price),
		"reclaim": bid.reclaim,
		"deposit": amount(bid.deposit),
		"at": bid.at,
	})
}

/// A lease.
pub fn lease(view: &LeaseView<AccountId>) -> Value {
	let order = &view.order;
	let agreement = view.agreement.as_ref().map(|agreement| {
		json!({
			"provider": to_ss58(&agreement.provider),
			"price": amount(agreement.price),
			"reclaim": agreement.reclaim,
			"guarantee": amount(agreement.guarantee),
			"blocks": agreement.blocks,
		})
	});
	let payers = view
		.payers
		.iter()
		.map(|payer| json!({ "account": to_ss58(&payer.account), "left": amount(payer.left) }));
	json!({
		"id": view.id,
		"tenant": to_ss58(&view.tenant),
		"order": {
			"attributes": order.attributes.iter().map(|path| text(path)).collect::<Vec<_>>(),
			"tier": order.tier,
			"duration": order.duration,
			"max_price": amount(order.max_price),
			"bidding": order.bidding,
			"automatic": order.automatic,
			"key": hex::encode(order.key),
		},
		"opened": view.opened,
		"state": view.state,
		"agreement": agreement,
		"matches": view.matches,
		"bids": view.bids.iter().map(bid).collect::<Vec<_>>(),
		"payers": payers.collect::<Vec<_>>(),
		"deposited": amount(view.deposited),
		"paid": amount(view.paid),
		"accrued": amount(view.accrued),
		"returned": amount(view.returned),
		"served": view.served,
		"cost_a_day": amount(view.cost_a_day),
		"lasts": view.lasts,
		"ends": view.ends,
		"delivered": view.credential.is_some(),
		"deposit": amount(view.deposit),
		"offer": view.offer,
	})
}

/// An offer.
pub fn offer(view: &OfferView<AccountId>) -> Value {
	let offer = &view.offer;
	json!({
		"provider": to_ss58(&view.key.provider),
		"number": view.key.index,
		"attributes": offer.attributes.iter().map(|path| text(path)).collect::<Vec<_>>(),
		"price": amount(offer.price),
		"cost_a_day": amount(view.cost_a_day),
		"capacity": offer.capacity,
		"open": view.open,
		"able": view.able,
		"reclaim": offer.reclaim,
		"until": offer.until,
		"deposit": amount(view.deposit),
	})
}

/// Offers as people read them.
pub fn offers_text(offers: &[OfferView<AccountId>]) -> String {
	let row = |view: &OfferView<AccountId>| {
		let attributes: Vec<_> = view.offer.attributes.iter().map(|path| text(path)).collect();
		[
			to_ss58(&view.key.provider),
			view.key.index.to_string(),
			attributes.join(" "),
			asy(view.offer.price),
			format!("{} of {}", view.open, view.offer.capacity),
			if view.able { "able" } else { "not now" }.into(),
			time(view.offer.reclaim),
			view.offer.until.map_or_else(|| "-".into(), |until| until.to_string()),
		]
	};
	let header = ["PROVIDER", "NUMBER", "HAS", "PRICE A BLOCK", "OPEN", "STATE", "NOTICE", "UNTIL"];
	table(header, offers.iter().map(row).collect())
}

/// The bids of a lease as people read them.
pub fn bids_text(view: &LeaseView<AccountId>) -> String {
	let row = |bid: &Bid<AccountId>| {
		[to_ss58(&bid.provider), asy(bid.price), time(bid.reclaim), bid.at.to_string()]
	};
	table(["PROVIDER", "PRICE A BLOCK", "NOTICE", "BLOCK"], view.bids.iter().map(row).collect())
}

/// A lease as people read it.
pub fn lease_text(view: &LeaseView<AccountId>) -> String {
	let order = &view.order;
	let attributes: Vec<String> = order.attributes.iter().map(|path| text(path)).collect();
	let mut pairs = vec![
		("lease", view.id.to_string()),
		("state", state_text(&view.state)),
		("tenant", to_ss58(&view.tenant)),
		("requires", attributes.join(", ")),
		("tier", order.tier.to_string()),
		("duration", format!("{} blocks ({})", order.duration, time(order.duration))),
		("served", format!("{} blocks ({})", view.served, time(view.served))),
	];
	let cost = asy(view.cost_a_day);
	match &view.agreement {
		Some(agreement) => pairs.extend([
			("provider", to_ss58(&agreement.provider)),
			("price", format!("{} a block, {cost} a day", asy(agreement.price))),
			("notice", format!("{} blocks ({})", agreement.reclaim, time(agreement.reclaim))),
		]),
		None => pairs.extend([
			("price", format!("at most {} a block, {cost} a day", asy(order.max_price))),
			("bids", view.bids.len().to_string()),
		]),
	}
	pairs.push(("paid", format!("{}, and {} due", asy(view.paid), asy(view.accrued))));
	if matches!(view.state, LeaseState::Ended { .. }) {
		pairs.push(("returned", asy(view.returned)));
	} else {
		pairs.push(("lasts", format!("{} blocks ({})", view.lasts, time(view.lasts))));
	}
	pairs.extend(view.ends.map(|end| ("ends", format!("in block {end}"))));
	let payer = |payer: &assay_primitives::lease::Payer<AccountId>| {
		("payer", format!("{} has {} left", to_ss58(&payer.account), asy(payer.left)))
	};
	pairs.extend(view.payers.iter().map(payer));
	lines(&pairs)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn times_have_a_unit_that_fits() {
		assert_eq!(time(600), "20 minutes");
		assert_eq!(time(5_400), "3.0 hours");
		assert_eq!(time(108_000), "2.5 days");
		assert_eq!(time(u32::MAX), "for ever");
	}

	#[test]
	fn an_order_says_what_it_costs_and_how_long_it_lasts() {
		let text = cost_text(432_000_000_000_000, 3_000);
		let expected = "costs at most 432 ASY a day; the deposit lasts 3000 blocks (100 minutes)";
		assert_eq!(text, expected);
	}
}

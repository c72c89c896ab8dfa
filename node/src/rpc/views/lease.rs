//! Leases as the `assay_*` methods give them.

use super::{text, Amount};
use assay_primitives::{
	lease::{Agreement, Bid, LeaseNumbers, LeaseState, LeaseView, OfferView, Payer},
	provider::Tier,
	AccountId, BlockNumber, LeaseId,
};
use serde::Serialize;

/// What was ordered.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderJson {
	attributes: Vec<String>,
	tier: Tier,
	duration: BlockNumber,
	max_price: Amount,
	bidding: BlockNumber,
	automatic: bool,
	key: String,
}

/// A bid.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BidJson {
	provider: AccountId,
	price: Amount,
	reclaim: BlockNumber,
	deposit: Amount,
	at: BlockNumber,
}

impl From<Bid<AccountId>> for BidJson {
	fn from(bid: Bid<AccountId>) -> Self {
		Self {
			provider: bid.provider,
			price: Amount(bid.price),
			reclaim: bid.reclaim,
			deposit: Amount(bid.deposit),
			at: bid.at,
		}
	}
}

/// What tenant and provider have agreed to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AgreementJson {
	provider: AccountId,
	price: Amount,
	reclaim: BlockNumber,
	guarantee: Amount,
	blocks: BlockNumber,
}

impl From<Agreement<AccountId>> for AgreementJson {
	fn from(agreement: Agreement<AccountId>) -> Self {
		Self {
			provider: agreement.provider,
			price: Amount(agreement.price),
			reclaim: agreement.reclaim,
			guarantee: Amount(agreement.guarantee),
			blocks: agreement.blocks,
		}
	}
}

/// Who pays.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PayerJson {
	account: AccountId,
	left: Amount,
}

impl From<Payer<AccountId>> for PayerJson {
	fn from(payer: Payer<AccountId>) -> Self {
		Self { account: payer.account, left: Amount(payer.left) }
	}
}

/// A lease, or the order that it begins as.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseJson {
	id: LeaseId,
	tenant: AccountId,
	order: OrderJson,
	opened: BlockNumber,
	state: LeaseState,
	agreement: Option<AgreementJson>,
	matches: u8,
	bids: Vec<BidJson>,
	payers: Vec<PayerJson>,
	deposited: Amount,
	paid: Amount,
	accrued: Amount,
	returned: Amount,
	served: BlockNumber,
	cost_a_day: Amount,
	lasts: BlockNumber,
	ends: Option<BlockNumber>,
	credential: Option<String>,
	deposit: Amount,
	offer: Option<u8>,
}

impl From<LeaseView<AccountId>> for LeaseJson {
	fn from(view: LeaseView<AccountId>) -> Self {
		let order = OrderJson {
			attributes: view.order.attributes.iter().map(|path| text(path)).collect(),
			tier: view.order.tier,
			duration: view.order.duration,
			max_price: Amount(view.order.max_price),
			bidding: view.order.bidding,
			automatic: view.order.automatic,
			key: hex::encode(view.order.key),
		};
		Self {
			id: view.id,
			tenant: view.tenant,
			order,
			opened: view.opened,
			state: view.state,
			agreement: view.agreement.map(Into::into),
			matches: view.matches,
			bids: view.bids.into_iter().map(Into::into).collect(),
			payers: view.payers.into_iter().map(Into::into).collect(),
			deposited: Amount(view.deposited),
			paid: Amount(view.paid),
			accrued: Amount(view.accrued),
			returned: Amount(view.returned),
			served: view.served,
			cost_a_day: Amount(view.cost_a_day),
			lasts: view.lasts,
			ends: view.ends,
			credential: view.credential.map(hex::encode),
			deposit: Amount(view.deposit),
			offer: view.offer,
		}
	}
}

/// An offer of leases.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferJson {
	provider: AccountId,
	index: u8,
	attributes: Vec<String>,
	price: Amount,
	capacity: u32,
	reclaim: BlockNumber,
	until: Option<BlockNumber>,
	open: u32,
	able: bool,
	cost_a_day: Amount,
	deposit: Amount,
}

impl From<OfferView<AccountId>> for OfferJson {
	fn from(view: OfferView<AccountId>) -> Self {
		Self {
			provider: view.key.provider,
			index: view.key.index,
			attributes: view.offer.attributes.iter().map(|path| text(path)).collect(),
			price: Amount(view.offer.price),
			capacity: view.offer.capacity,
			reclaim: view.offer.reclaim,
			until: view.offer.until,
			open: view.open,
			able: view.able,
			cost_a_day: Amount(view.cost_a_day),
			deposit: Amount(view.deposit),
		}
	}
}

/// The numbers of leases.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseNumbersJson {
	storage_deposit: Amount,
	bid_deposit: Amount,
	minimum_cover: BlockNumber,
	max_duration: BlockNumber,
	max_bidding: BlockNumber,
	grace: BlockNumber,
	min_reclaim: BlockNumber,
	max_reclaim: BlockNumber,
	deliver_within: BlockNumber,
	breach_grace: BlockNumber,
	offer_deposit: Amount,
	least_price: Amount,
}

impl From<LeaseNumbers> for LeaseNumbersJson {
	fn from(numbers: LeaseNumbers) -> Self {
		Self {
			storage_deposit: Amount(numbers.storage_deposit),
			bid_deposit: Amount(numbers.bid_deposit),
			minimum_cover: numbers.minimum_cover,
			max_duration: numbers.max_duration,
			max_bidding: numbers.max_bidding,
			grace: numbers.grace,
			min_reclaim: numbers.min_reclaim,
			max_reclaim: numbers.max_reclaim,
			deliver_within: numbers.deliver_within,
			breach_grace: numbers.breach_grace,
			offer_deposit: Amount(numbers.offer_deposit),
			least_price: Amount(numbers.least_price),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::lease::{key_path, CloseReason, Offer, OfferKey, OrderSpec};
	use serde_json::{json, to_value};

	#[test]
	fn a_lease_has_amounts_as_text_and_bytes_as_digits() {
		let account = AccountId::new([1; 32]);
		let view = LeaseView {
			id: LeaseId(3),
			tenant: account.clone(),
			order: OrderSpec {
				attributes: vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap(),
				tier: Tier::Proven,
				duration: 100,
				max_price: u128::MAX,
				bidding: 4,
				automatic: true,
				key: [7; 32],
			},
			opened: 1,
			state: LeaseState::Ended { reason: CloseReason::OutOfFunds, at: 9 },
			agreement: Some(Agreement {
				provider: account.clone(),
				price: 60,
				reclaim: 5,
				guarantee: 0,
				blocks: 8,
			}),
			matches: 1,
			bids: Vec::new(),
			payers: vec![Payer { account: account.clone(), left: 2 }],
			deposited: 500,
			paid: 480,
			accrued: 0,
			returned: 20,
			served: 8,
			cost_a_day: 2_592_000,
			lasts: 0,
			ends: None,
			credential: Some(vec![0xab].try_into().unwrap()),
			deposit: 1,
			offer: Some(2),
		};
		let json = to_value(LeaseJson::from(view)).unwrap();
		assert_eq!(json["order"]["maxPrice"], u128::MAX.to_string());
		assert_eq!(json["order"]["attributes"], json!(["gpu/nvidia"]));
		assert_eq!(json["order"]["tier"], "proven");
		let state = json!({ "status": "ended", "reason": "out-of-funds", "at": 9 });
		assert_eq!(json["state"], state);
		assert_eq!(json["agreement"]["price"], "60");
		assert_eq!(json["payers"], json!([{ "account": account, "left": "2" }]));
		assert_eq!((&json["costADay"], &json["credential"]), (&json!("2592000"), &json!("ab")));
	}

	#[test]
	fn an_offer_has_amounts_as_text() {
		let account = AccountId::new([1; 32]);
		let view = OfferView {
			key: OfferKey { provider: account.clone(), index: 2 },
			offer: Offer {
				attributes: vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap(),
				price: u128::MAX,
				capacity: 3,
				reclaim: 4,
				until: None,
			},
			open: 1,
			able: true,
			cost_a_day: 5,
			deposit: 6,
		};
		let expected = json!({
			"provider": account,
			"index": 2,
			"attributes": ["gpu/nvidia"],
			"price": u128::MAX.to_string(),
			"capacity": 3,
			"reclaim": 4,
			"until": null,
			"open": 1,
			"able": true,
			"costADay": "5",
			"deposit": "6",
		});
		assert_eq!(to_value(OfferJson::from(view)).unwrap(), expected);
	}
}

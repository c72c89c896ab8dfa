//! What the task does about leases, without a chain.

use super::*;
use crate::{config::Amount, sealed::TenantKey};
use assay_primitives::lease::{Agreement, Bid, OfferKey, OrderSpec};

struct Nothing;

#[async_trait]
impl LeaseChain for Nothing {
	async fn leases(&self, _: LeaseStatus) -> Result<Vec<Lease>, assay_client::Error> {
		Ok(Vec::new())
	}

	async fn attributes(&self, _: &AccountId) -> Result<Attributes, assay_client::Error> {
		Ok(Default::default())
	}

	async fn offers(&self, _: &AccountId) -> Result<Vec<Posted>, assay_client::Error> {
		Ok(Vec::new())
	}
}

fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

fn orders(capacity: u32) -> Orders {
	with_offer(capacity, None).unwrap()
}

fn with_offer(capacity: u32, kept: Option<StandingOffer>) -> Result<Orders, Error> {
	let folder = tempfile::tempdir().unwrap();
	let credential_file = folder.path().join("access");
	std::fs::write(&credential_file, "user:secret").unwrap();
	let attributes = vec!["gpu/nvidia/h100".into()];
	let (price, reclaim) = (Amount(60), None);
	let offer = Lessor { attributes, price, reclaim, capacity, credential_file, offer: kept };
	Orders::new(Arc::new(Nothing), offer)
}

fn standing() -> Standing {
	Standing { account: account(2), tier: Tier::New, now: 10, reclaim: 300 }
}

fn order(id: u64) -> Lease {
	LeaseView {
		id: LeaseId(id),
		tenant: account(1),
		order: OrderSpec {
			attributes: vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap(),
			tier: Tier::New,
			duration: 100,
			max_price: 100,
			bidding: 5,
			automatic: true,
			key: [9; 32],
		},
		opened: 1,
		state: LeaseState::Open { until: 20, accept_until: 25 },
		agreement: None,
		matches: 0,
		bids: Vec::new(),
		payers: Vec::new(),
		deposited: 10_000,
		paid: 0,
		accrued: 0,
		returned: 0,
		served: 0,
		cost_a_day: 0,
		lasts: 100,
		ends: None,
		credential: None,
		deposit: 0,
		offer: None,
	}
}

fn with_bid(id: u64) -> Lease {
	let bid = Bid { provider: account(2), price: 60, reclaim: 300, deposit: 1, at: 1 };
	Lease { bids: vec![bid], ..order(id) }
}

fn served(id: u64, state: LeaseState) -> Lease {
	let provider = account(2);
	let agreement = Agreement { provider, price: 60, reclaim: 300, guarantee: 1, blocks: 0 };
	Lease { state, agreement: Some(agreement), ..order(id) }
}

fn calls(leases: &[Lease], capacity: u32) -> Vec<Call> {
	let planned = plan(leases, &orders(capacity), &standing(), true).unwrap();
	planned.into_iter().map(|(_, call)| call).collect()
}

fn bid(id: u64) -> Call {
	Call::Bid { lease: LeaseId(id), price: 60, reclaim: 300 }
}

#[test]
fn it_bids_for_what_it_meets_as_far_as_there_is_room() {
	assert_eq!(calls(&[order(3), order(2), order(1)], 2), [bid(3), bid(2)]);
	// A bid that stands takes a place.
	assert_eq!(calls(&[with_bid(3), order(2), order(1)], 2), [bid(2)]);
	assert_eq!(calls(&[order(3)], 0), []);
	let away = plan(&[order(3)], &orders(1), &standing(), false).unwrap();
	assert!(away.is_empty());
}

#[test]
fn it_does_not_bid_for_what_it_does_not_meet() {
	let change = |change: fn(&mut Lease)| {
		let mut lease = order(1);
		change(&mut lease);
		calls(&[lease], 1)
	};
	assert_eq!(change(|_| ()), [bid(1)]);
	assert_eq!(change(|lease| lease.order.max_price = 59), []);
	assert_eq!(change(|lease| lease.order.tier = Tier::Proven), []);
	assert_eq!(change(|lease| lease.tenant = account(2)), []);
	assert_eq!(change(|lease| lease.state = LeaseState::Matched { due: 90 }), []);
	let late = LeaseState::Open { until: 10, accept_until: 25 };
	assert_eq!(calls(&[Lease { state: late, ..order(1) }], 1), []);
	let paths = vec![key_path("gpu/amd").unwrap()].try_into().unwrap();
	let mut other = order(1);
	other.order.attributes = paths;
	assert_eq!(calls(&[other], 1), []);
}

#[test]
fn it_delivers_what_only_the_tenant_opens() {
	let folder = tempfile::tempdir().unwrap();
	let key = TenantKey::load_or_create(&folder.path().join("key")).unwrap();
	let mut lease = served(1, LeaseState::Matched { due: 20 });
	lease.order.key = key.public();
	match calls(&[lease.clone()], 1).as_slice() {
		[Call::DeliverLease { lease, credential }] => {
			assert_eq!(*lease, LeaseId(1));
			assert_eq!(key.open(credential).unwrap(), b"user:secret");
		},
		other => panic!("{other:?}"),
	}
	lease.state = LeaseState::Matched { due: 9 };
	assert_eq!(calls(&[lease], 1), []);
}

#[test]
fn it_withdraws_rent_that_is_worth_a_transaction() {
	let active = |accrued| Lease { accrued, ..served(1, LeaseState::Active { since: 2 }) };
	let least = 60 * u128::from(WITHDRAW_EVERY);
	assert_eq!(calls(&[active(least - 1)], 1), []);
	assert_eq!(calls(&[active(least)], 1), [Call::WithdrawRent { lease: LeaseId(1) }]);
}

#[test]
fn bids_are_taken_back_when_there_is_no_room_for_what_they_may_win() {
	let active = served(1, LeaseState::Active { since: 2 });
	let expected = [Call::WithdrawBid { lease: LeaseId(2) }];
	assert_eq!(calls(&[active, with_bid(2), order(3)], 1), expected);
}

#[test]
fn leases_out_of_the_offer_take_no_place_of_those_that_are_bid_for() {
	let out_of_offer =
		|id| Lease { offer: Some(OFFER), ..served(id, LeaseState::Active { since: 2 }) };
	assert_eq!(calls(&[out_of_offer(1), order(2)], 1), [bid(2)]);
	assert_eq!(calls(&[out_of_offer(1), with_bid(2)], 1), []);
}

fn standing_offer() -> StandingOffer {
	StandingOffer { attributes: Some(vec!["gpu/nvidia".into()]), capacity: 2, blocks: 100 }
}

/// What is done about the offer when this one is posted.
fn posting(posted: Option<Offer>) -> Option<Call> {
	let kept = standing_offer();
	let orders = with_offer(1, Some(kept.clone())).unwrap();
	let view = |offer| OfferView {
		key: OfferKey { provider: account(2), index: OFFER },
		offer,
		open: 1,
		able: true,
		cost_a_day: 0,
		deposit: 0,
	};
	let posted: Vec<_> = posted.into_iter().map(view).collect();
	post(&kept, &posted, &orders, &standing())
}

#[test]
fn an_offer_is_posted_and_renewed_at_half_of_its_time() {
	let attributes: Required = vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap();
	let offer = |until| Offer {
		attributes: attributes.clone(),
		price: 60,
		capacity: 2,
		reclaim: 300,
		until,
	};
	let set = Some(Call::SetOffer { index: OFFER, offer: offer(Some(110)) });
	assert_eq!(posting(None), set);
	assert_eq!(posting(Some(offer(Some(61)))), None);
	assert_eq!(posting(Some(offer(Some(60)))), set);
	assert_eq!(posting(Some(offer(Some(5)))), set);
	assert_eq!(posting(Some(offer(None))), None);
	// One that is not as it should be is replaced at once.
	assert_eq!(posting(Some(Offer { price: 61, ..offer(Some(110)) })), set);
	assert_eq!(posting(Some(Offer { attributes: Default::default(), ..offer(None) })), set);
}

#[test]
fn an_offer_that_the_machine_does_not_meet_is_refused_at_the_start() {
	let refused = |kept| with_offer(1, Some(kept)).is_err();
	assert!(!refused(standing_offer()));
	assert!(!refused(StandingOffer { attributes: None, ..standing_offer() }));
	assert!(refused(StandingOffer { capacity: 0, ..standing_offer() }));
	assert!(refused(StandingOffer { blocks: 0, ..standing_offer() }));
	for path in ["gpu/amd", "GPU"] {
		let attributes = Some(vec![path.into()]);
		assert!(refused(StandingOffer { attributes, ..standing_offer() }), "{path}");
	}
}

//! Taking offers.

use crate::{mock::*, BidsFor, Error, Event, HoldReason, Offers};
use assay_primitives::{
	lease::{key_path, CloseReason, LeaseState, LeaseStatus, Offer, Required, TakeSpec},
	Balance, LeaseId,
};
use frame_support::{assert_noop, assert_ok};

/// The deposit of a take that is paid for to the end.
const WHOLE: Balance = PRICE * DURATION as Balance;

fn open() -> u32 {
	Offers::<Test>::get(PROVIDER, 0).unwrap().open
}

fn class(path: &str) -> Required {
	vec![key_path(path).unwrap()].try_into().unwrap()
}

#[test]
fn a_lease_out_of_an_offer_is_matched_at_once_as_if_it_had_been_bid_for() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		assert_ok!(take_with(wanted(), WHOLE));
		let (id, due) = (LeaseId(0), 1 + DELIVER);
		assert_eq!(lease(id).state, LeaseState::Matched { due });
		let agreement = lease(id).agreement.unwrap();
		assert_eq!((agreement.provider, agreement.price), (PROVIDER, PRICE));
		assert_eq!((agreement.reclaim, agreement.guarantee), (NOTICE, BID));
		assert_eq!((lease(id).offer, lease(id).order.attributes), (Some(0), offer().attributes));
		// The same is held as for an order and a bid.
		assert_eq!(held(HoldReason::Escrow, TENANT), WHOLE);
		assert_eq!(held(HoldReason::Deposit, TENANT), Leases::lease_deposit());
		assert_eq!(held(HoldReason::Bid, PROVIDER), BID);
		assert!(!BidsFor::<Test>::contains_key(id));
		let expected = [
			Event::OrderOpened { lease: id, tenant: TENANT, deposit: WHOLE },
			Event::BidPlaced { lease: id, provider: PROVIDER, price: PRICE },
			Event::Matched { lease: id, provider: PROVIDER, price: PRICE, due },
			Event::OfferTaken { lease: id, provider: PROVIDER, index: 0 },
		];
		assert!(events().ends_with(&expected), "{:?}", events());
		assert_eq!(open(), 1);
	});
}

#[test]
fn rent_out_of_an_offer_is_to_the_unit_and_the_place_is_free_at_the_end() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		let id = taken();
		assert_ok!(deliver(PROVIDER, id));
		run_to(11);
		assert_ok!(Leases::withdraw(by(HELPER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 10 * PRICE);
		assert_eq!(open(), 1);
		run_to(1 + DURATION);
		assert_eq!(end(id).0, CloseReason::Completed);
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT + WHOLE, ENDOWMENT - WHOLE));
		assert_eq!((open(), held(HoldReason::Bid, PROVIDER)), (0, 0));
		assert_eq!(lease(id).offer, Some(0));
	});
}

/// "An expired offer taken."
#[test]
fn an_expired_offer_is_not_taken() {
	build_and_execute(|| {
		assert_ok!(offered(Offer { until: Some(5), ..offer() }));
		skip_to(4);
		assert_ok!(take_with(wanted(), WHOLE));
		skip_to(5);
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::OfferExpired);
	});
}

#[test]
fn an_offer_is_taken_as_often_at_once_as_it_has_capacity() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		let (first, _) = (taken(), taken());
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::OfferFull);
		// However a lease ends, there is room for another.
		assert_ok!(Leases::close(by(PROVIDER), first));
		assert_eq!(end(first).0, CloseReason::ByProvider);
		let third = taken();
		// Less capacity than is served takes nothing until enough has ended.
		assert_ok!(offered(Offer { capacity: 1, ..offer() }));
		assert_ok!(Leases::close(by(TENANT), third));
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::OfferFull);
		assert_eq!(open(), 1);
	});
}

#[test]
fn only_an_offer_of_a_provider_that_is_alive_and_has_what_it_offers_is_taken() {
	build_and_execute(|| {
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::UnknownOffer);
		assert_ok!(offered(offer()));
		assert_ok!(set_attributes(PROVIDER, &["gpu/nvidia/a100"]));
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::AttributesMissing);
		assert_ok!(set_attributes(PROVIDER, &["gpu/nvidia/h100"]));
		skip_to(2 + PERIOD);
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::Unavailable);
		register(PROVIDER);
		silence(PROVIDER);
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::Unavailable);
		register(PROVIDER);
		assert_ok!(take_with(wanted(), WHOLE));
	});
}

/// A provider changes what it offers just before it is taken.
#[test]
fn an_offer_that_changed_under_the_tenants_feet_is_not_taken() {
	build_and_execute(|| {
		let take = |take| take_with(take, WHOLE * 2);
		assert_ok!(offered(Offer { price: PRICE + 1, ..offer() }));
		assert_noop!(take(wanted()), Error::<Test>::PriceTooHigh);
		assert_ok!(offered(Offer { reclaim: NOTICE - 1, ..offer() }));
		let noticed = TakeSpec { reclaim: NOTICE, ..wanted() };
		assert_noop!(take(noticed.clone()), Error::<Test>::InvalidReclaim);
		assert_ok!(offered(Offer { attributes: class("region/eu"), ..offer() }));
		let of = |path| TakeSpec { attributes: Some(class(path)), ..noticed.clone() };
		assert_noop!(take(of("gpu/nvidia")), Error::<Test>::AttributesMissing);
		assert_ok!(offered(offer()));
		assert_noop!(take(of("gpu/nvidia/h1")), Error::<Test>::AttributesMissing);
		// What is more special than was asked for will do.
		assert_ok!(take(of("gpu/nvidia")));
	});
}

#[test]
fn what_an_order_would_be_refused_for_a_take_is_refused_for() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		for duration in [0, 1_001] {
			let take = TakeSpec { duration, ..wanted() };
			assert_noop!(take_with(take, WHOLE), Error::<Test>::InvalidDuration);
		}
		let least = PRICE * Balance::from(COVER);
		assert_noop!(take_with(wanted(), least - 1), Error::<Test>::DepositTooLow);
		let own = Leases::take(by(PROVIDER), PROVIDER, 0, wanted(), least);
		assert_noop!(own, Error::<Test>::OwnOrder);
		let poor = Leases::take(by(PAUPER), PROVIDER, 0, wanted(), least);
		assert_noop!(poor, Error::<Test>::InsufficientFunds);
		assert_ok!(take_with(wanted(), least));
	});
}

/// Whoever offers more than it can guarantee is not matched, and holds nothing of the tenant.
#[test]
fn an_offer_whose_guarantee_cannot_be_paid_is_not_taken() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		BidDeposit::set(ENDOWMENT);
		assert_noop!(take_with(wanted(), WHOLE), Error::<Test>::InsufficientFunds);
		assert_eq!((open(), held(HoldReason::Escrow, TENANT)), (0, 0));
	});
}

/// "A provider that accepts and never serves", by an offer: nobody stands by, and the tenant has the
/// guarantee and all of its deposit.
#[test]
fn an_offer_that_is_never_served_costs_its_guarantee() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		let id = taken();
		run_to(2 + DELIVER);
		assert_eq!(end(id).0, CloseReason::Breached);
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT - BID, ENDOWMENT + BID));
		assert_eq!((open(), lease(id).returned), (0, WHOLE));
		// A breach while it is served is counted as well.
		let id = taken();
		assert_ok!(deliver(PROVIDER, id));
		Registry::remove(PROVIDER);
		assert_ok!(Leases::report(by(HELPER), id));
		assert_eq!((status(id), open()), (LeaseStatus::Ended, 0));
	});
}

/// Nobody can bid for what was taken: it has no block of bidding left.
#[test]
fn a_bid_for_a_lease_out_of_an_offer_is_refused() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		let id = taken();
		assert_noop!(bid(RIVAL, id, 1), Error::<Test>::NotOpen);
	});
}

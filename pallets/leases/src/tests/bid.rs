//! Bidding, and taking bids back.

use crate::{mock::*, BidsFor, Error, Event, HoldReason};
use assay_primitives::{
	lease::{Bid, OrderSpec, MAX_BIDS},
	provider::{Statistics, Tier},
	LeaseId, ASY,
};
use frame_support::{assert_noop, assert_ok};

fn prices(id: LeaseId) -> Vec<(u64, u128)> {
	BidsFor::<Test>::get(id).iter().map(|bid| (bid.provider, bid.price)).collect()
}

#[test]
fn bids_are_kept_lowest_first_and_of_equal_ones_the_earliest() {
	build_and_execute(|| {
		let id = with_bids(opened());
		assert_eq!(prices(id), [(PROVIDER, 60), (RIVAL, 70), (THIRD, 80)]);
		assert_eq!(held(HoldReason::Bid, RIVAL), BID);
		// The second bid of a provider takes the place of the first, behind those as low.
		assert_ok!(bid(THIRD, id, 60));
		assert_ok!(bid(RIVAL, id, 60));
		assert_eq!(prices(id), [(PROVIDER, 60), (THIRD, 60), (RIVAL, 60)]);
		assert_eq!(held(HoldReason::Bid, RIVAL), BID);
		let event = Event::BidPlaced { lease: id, provider: RIVAL, price: 60 };
		assert_eq!(events().last(), Some(&event));
	});
}

#[test]
fn a_second_bid_is_held_for_at_the_present_deposit() {
	build_and_execute(|| {
		let id = opened();
		assert_ok!(bid(PROVIDER, id, 50));
		BidDeposit::set(BID / 2);
		assert_ok!(bid(PROVIDER, id, 51));
		assert_eq!(held(HoldReason::Bid, PROVIDER), BID / 2);
	});
}

#[test]
fn a_bid_that_does_not_fit_the_order_is_refused() {
	build_and_execute(|| {
		let id = opened();
		assert_noop!(bid(PROVIDER, LeaseId(9), 50), Error::<Test>::UnknownLease);
		assert_noop!(bid(PROVIDER, id, 0), Error::<Test>::ZeroAmount);
		assert_noop!(bid(PROVIDER, id, MOST + 1), Error::<Test>::PriceTooHigh);
		for notice in [1, 101] {
			let refused = Leases::bid(by(PROVIDER), id, 50, notice);
			assert_noop!(refused, Error::<Test>::InvalidReclaim);
		}
		register(TENANT);
		assert_noop!(bid(TENANT, id, 50), Error::<Test>::OwnOrder);
	});
}

#[test]
fn only_available_providers_with_what_is_required_bid() {
	build_and_execute(|| {
		let id = opened();
		assert_noop!(bid(HELPER, id, 50), Error::<Test>::Unavailable);
		silence(PROVIDER);
		assert_noop!(bid(PROVIDER, id, 50), Error::<Test>::Unavailable);
		assert_ok!(set_attributes(RIVAL, &["gpu/nvidiax", "gpu", "region/eu"]));
		assert_noop!(bid(RIVAL, id, 50), Error::<Test>::AttributesMissing);
		let proven = open_with(OrderSpec { tier: Tier::Proven, ..order() }, MOST * 10);
		assert_noop!(bid(THIRD, proven, 50), Error::<Test>::TierTooLow);
		let statistics = Statistics { delivered: 50, merit: ASY, ..Default::default() };
		Registry::mutate(THIRD, |of| of.as_mut().unwrap().statistics = statistics);
		assert_ok!(bid(THIRD, proven, 50));
	});
}

#[test]
fn a_bid_needs_its_deposit() {
	build_and_execute(|| {
		register(PAUPER);
		let order = OrderSpec { attributes: Default::default(), ..order() };
		let id = open_with(order, MOST * 10);
		assert_noop!(bid(PAUPER, id, 50), Error::<Test>::InsufficientFunds);
	});
}

/// "A bid after the match", and other bids that come too late.
#[test]
fn a_bid_after_the_match_is_refused() {
	build_and_execute(|| {
		let id = matched(opened());
		assert_noop!(bid(HELPER, id, 1), Error::<Test>::NotOpen);
		assert_noop!(bid(RIVAL, id, 1), Error::<Test>::NotOpen);
		let late = opened();
		skip_to(1 + BIDDING);
		assert_ok!(bid(RIVAL, late, 50));
		skip_to(2 + BIDDING);
		assert_noop!(bid(RIVAL, late, 49), Error::<Test>::BiddingOver);
	});
}

#[test]
fn a_bid_is_withdrawn_before_the_match_and_after() {
	build_and_execute(|| {
		let id = with_bids(opened());
		assert_ok!(Leases::withdraw_bid(by(THIRD), id));
		assert_eq!(held(HoldReason::Bid, THIRD), 0);
		let event = Event::BidRemoved { lease: id, provider: THIRD };
		assert_eq!(events().last(), Some(&event));
		assert_ok!(Leases::accept(by(TENANT), id, PROVIDER));
		assert_ok!(Leases::withdraw_bid(by(RIVAL), id));
		assert!(!BidsFor::<Test>::contains_key(id));
		// That of the winner is its guarantee.
		assert_noop!(Leases::withdraw_bid(by(PROVIDER), id), Error::<Test>::UnknownBid);
		assert_noop!(Leases::withdraw_bid(by(THIRD), LeaseId(9)), Error::<Test>::UnknownBid);
	});
}

#[test]
fn a_lower_bid_pushes_the_highest_out_when_there_are_as_many_as_may_be() {
	build_and_execute(|| {
		let id = opened();
		for index in 0..u64::from(MAX_BIDS) {
			let provider = CROWD + index;
			fund(provider, 9_999);
			register(provider);
			assert_ok!(set_attributes(provider, &["gpu/nvidia"]));
			assert_ok!(bid(provider, id, 50 + u128::from(index)));
		}
		let highest = CROWD + u64::from(MAX_BIDS) - 1;
		// As high as the highest is later than it.
		assert_noop!(bid(PROVIDER, id, 81), Error::<Test>::TooManyBids);
		assert_ok!(bid(PROVIDER, id, 80));
		assert_eq!(held(HoldReason::Bid, highest), 0);
		let last: Bid<u64> = BidsFor::<Test>::get(id).iter().last().unwrap().clone();
		assert_eq!((last.provider, last.price), (PROVIDER, 80));
		let event = Event::BidRemoved { lease: id, provider: highest };
		assert_eq!(events().last(), Some(&event));
		// A second bid of one of them needs no room.
		assert_ok!(bid(PROVIDER, id, 90));
		assert_eq!(BidsFor::<Test>::get(id).iter().count(), MAX_BIDS as usize);
	});
}

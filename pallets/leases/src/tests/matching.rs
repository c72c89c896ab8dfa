//! Accepting a bid, and the lowest that wins.

use crate::{mock::*, Error, Event, HoldReason};
use assay_primitives::{
	lease::{CloseReason, LeaseState, LeaseStatus, OrderSpec},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

fn automatic() -> LeaseId {
	open_with(OrderSpec { automatic: true, ..order() }, MOST * 20)
}

#[test]
fn a_tenant_accepts_any_bid() {
	build_and_execute(|| {
		let id = with_bids(opened());
		assert_ok!(Leases::accept(by(TENANT), id, RIVAL));
		let due = 1 + DELIVER;
		assert_eq!(lease(id).state, LeaseState::Matched { due });
		assert_eq!(lease(id).agreement.unwrap().guarantee, BID);
		assert_eq!(held(HoldReason::Bid, RIVAL), BID);
		let event = Event::Matched { lease: id, provider: RIVAL, price: 70, due };
		assert_eq!(events().last(), Some(&event));
		// The others stand by.
		assert_eq!(held(HoldReason::Bid, PROVIDER), BID);
	});
}

#[test]
fn only_the_tenant_accepts_and_only_a_bid_that_can_be_served() {
	build_and_execute(|| {
		let id = with_bids(opened());
		let accept = |by_whom, whom| Leases::accept(by(by_whom), id, whom);
		assert_noop!(accept(HELPER, RIVAL), Error::<Test>::NotTenant);
		assert_noop!(accept(TENANT, HELPER), Error::<Test>::UnknownBid);
		silence(RIVAL);
		assert_noop!(accept(TENANT, RIVAL), Error::<Test>::Unavailable);
		assert_ok!(set_attributes(THIRD, &["cpu"]));
		assert_noop!(accept(TENANT, THIRD), Error::<Test>::AttributesMissing);
		assert_noop!(Leases::accept(by(TENANT), LeaseId(9), RIVAL), Error::<Test>::UnknownLease);
		assert_ok!(accept(TENANT, PROVIDER));
		assert_noop!(accept(TENANT, PROVIDER), Error::<Test>::NotOpen);
	});
}

#[test]
fn a_bid_can_be_accepted_for_some_blocks_after_bidding() {
	build_and_execute(|| {
		let (id, late) = (with_bids(opened()), with_bids(opened()));
		skip_to(1 + BIDDING + GRACE);
		assert_ok!(Leases::accept(by(TENANT), id, PROVIDER));
		skip_to(2 + BIDDING + GRACE);
		assert_noop!(Leases::accept(by(TENANT), late, PROVIDER), Error::<Test>::TooLate);
	});
}

#[test]
fn the_lowest_bid_wins_when_bidding_is_over() {
	build_and_execute(|| {
		let id = with_bids(automatic());
		assert_noop!(Leases::match_lowest(by(HELPER), id), Error::<Test>::StillBidding);
		skip_to(2 + BIDDING);
		// It is not the tenant's choice any more.
		assert_noop!(Leases::accept(by(TENANT), id, RIVAL), Error::<Test>::TooLate);
		assert_ok!(Leases::match_lowest(by(HELPER), id));
		assert_eq!(lease(id).agreement.unwrap().provider, PROVIDER);
		assert_noop!(Leases::match_lowest(by(HELPER), id), Error::<Test>::NotOpen);
	});
}

#[test]
fn of_equal_bids_the_earliest_wins_that_can_be_served() {
	build_and_execute(|| {
		let id = automatic();
		for provider in [THIRD, RIVAL, PROVIDER] {
			assert_ok!(bid(provider, id, 50));
		}
		silence(THIRD);
		run_to(2 + BIDDING);
		// The last heartbeat of the first has not expired, but it takes nothing.
		assert_eq!(lease(id).agreement.unwrap().provider, RIVAL);
	});
}

#[test]
fn nobody_wins_where_the_tenant_chooses_or_nobody_can_serve() {
	build_and_execute(|| {
		let (chosen, none) = (with_bids(opened()), automatic());
		skip_to(2 + BIDDING);
		assert_noop!(Leases::match_lowest(by(HELPER), chosen), Error::<Test>::NotAutomatic);
		assert_noop!(Leases::match_lowest(by(HELPER), none), Error::<Test>::UnknownBid);
		assert_noop!(Leases::match_lowest(by(HELPER), LeaseId(9)), Error::<Test>::UnknownLease);
	});
}

#[test]
fn a_tenant_may_accept_early_where_the_lowest_is_to_win() {
	build_and_execute(|| {
		let id = with_bids(automatic());
		assert_ok!(Leases::accept(by(TENANT), id, THIRD));
		assert_eq!(status(id), LeaseStatus::Matched);
	});
}

#[test]
fn an_order_without_a_match_ends_and_all_goes_back() {
	build_and_execute(|| {
		let (none, unserved, unaccepted) = (opened(), with_bids(automatic()), with_bids(opened()));
		[PROVIDER, RIVAL, THIRD].into_iter().for_each(silence);
		assert_noop!(Leases::expire(by(HELPER), none), Error::<Test>::TooEarly);
		run_to(2 + BIDDING);
		assert_eq!(end(none), (CloseReason::NoBid, 2 + BIDDING));
		assert_eq!(end(unserved), (CloseReason::NoBid, 2 + BIDDING));
		run_to(2 + BIDDING + GRACE);
		assert_eq!(end(unaccepted), (CloseReason::NotAccepted, 2 + BIDDING + GRACE));
		assert_eq!(held(HoldReason::Escrow, TENANT), 0);
		for provider in [PROVIDER, RIVAL, THIRD] {
			assert_eq!(held(HoldReason::Bid, provider), 0);
		}
	});
}

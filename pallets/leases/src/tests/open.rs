//! Ordering.

use crate::{mock::*, Error, Event, HoldReason, Leases as Records};
use assay_primitives::{
	lease::{KeyPath, LeaseState, OrderSpec},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

const LEAST: u128 = MOST * COVER as u128;

#[test]
fn an_order_holds_its_deposits() {
	build_and_execute(|| {
		assert_ok!(Leases::open(by(TENANT), order(), LEAST));
		let id = LeaseId(0);
		assert_eq!(held(HoldReason::Escrow, TENANT), LEAST);
		assert_eq!(held(HoldReason::Deposit, TENANT), Leases::lease_deposit());
		let until = 1 + BIDDING;
		let state = LeaseState::Open { until, accept_until: until + GRACE };
		assert_eq!(lease(id).state, state);
		let event = Event::OrderOpened { lease: id, tenant: TENANT, deposit: LEAST };
		assert_eq!(events().last(), Some(&event));
		assert_eq!(opened(), LeaseId(1));
	});
}

#[test]
fn an_order_beyond_the_limits_is_refused() {
	build_and_execute(|| {
		let refused = |order, error: Error<Test>| {
			assert_noop!(Leases::open(by(TENANT), order, ENDOWMENT), error);
		};
		for duration in [0, 1_001] {
			refused(OrderSpec { duration, ..order() }, Error::InvalidDuration);
		}
		for bidding in [0, 21, u32::MAX] {
			refused(OrderSpec { bidding, ..order() }, Error::InvalidBidding);
		}
		refused(OrderSpec { max_price: 0, ..order() }, Error::ZeroAmount);
		let path = KeyPath::try_from(b"gpu/".to_vec()).unwrap();
		let attributes = vec![path].try_into().unwrap();
		refused(OrderSpec { attributes, ..order() }, Error::InvalidPath);
	});
}

#[test]
fn a_deposit_covers_the_least_number_of_blocks_at_the_highest_price() {
	build_and_execute(|| {
		let open = |max_price, amount| {
			Leases::open(by(TENANT), OrderSpec { max_price, ..order() }, amount)
		};
		assert_noop!(open(MOST, LEAST - 1), Error::<Test>::DepositTooLow);
		assert_noop!(open(u128::MAX, u128::MAX), Error::<Test>::DepositTooLow);
		assert_noop!(open(MOST, ENDOWMENT), Error::<Test>::InsufficientFunds);
		assert_noop!(Leases::open(by(PAUPER), order(), LEAST), Error::<Test>::InsufficientFunds);
		assert_ok!(open(MOST, LEAST));
		assert_eq!(Records::<Test>::iter().count(), 1);
	});
}

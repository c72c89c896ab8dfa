//! Ending a lease, and cancelling an order.

use crate::{mock::*, Credentials, Error, Event, HoldReason};
use assay_primitives::{
	lease::{CloseReason, OrderSpec},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

/// Nothing is held of anybody but the tenant's storage deposit.
fn all_released() {
	for account in [TENANT, PROVIDER, RIVAL, THIRD, HELPER] {
		assert_eq!(held(HoldReason::Escrow, account), 0, "{account}");
		assert_eq!(held(HoldReason::Bid, account), 0, "{account}");
	}
	assert_eq!(held(HoldReason::Deposit, TENANT), Leases::lease_deposit());
}

#[test]
fn a_tenant_cancels_an_order() {
	build_and_execute(|| {
		let id = with_bids(opened());
		assert_noop!(Leases::close(by(PROVIDER), id), Error::<Test>::NotParty);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(end(id), (CloseReason::Cancelled, 1));
		all_released();
	});
}

#[test]
fn a_tenant_closes_a_lease_and_pays_for_what_was_served() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(11);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(end(id), (CloseReason::ByTenant, 11));
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT + 600, ENDOWMENT - 600));
		assert!(!Credentials::<Test>::contains_key(id));
		all_released();
		assert_noop!(Leases::close(by(TENANT), id), Error::<Test>::NotLeased);
	});
}

#[test]
fn a_tenant_closes_before_the_delivery() {
	build_and_execute(|| {
		let id = matched(opened());
		run_to(3);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(end(id), (CloseReason::ByTenant, 3));
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT, ENDOWMENT));
		all_released();
	});
}

#[test]
fn a_provider_that_closes_forfeits_its_guarantee() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(11);
		assert_ok!(Leases::close(by(PROVIDER), id));
		assert_eq!(end(id), (CloseReason::ByProvider, 11));
		assert_eq!(total(PROVIDER), ENDOWMENT + 600 - BID);
		assert_eq!(total(TENANT), ENDOWMENT - 600 + BID);
		let event = Event::GuaranteeForfeited { lease: id, provider: PROVIDER, amount: BID };
		assert!(events().contains(&event));
		all_released();
	});
}

#[test]
fn only_the_parties_close() {
	build_and_execute(|| {
		let id = served(opened());
		for account in [HELPER, RIVAL] {
			assert_noop!(Leases::close(by(account), id), Error::<Test>::NotParty);
		}
		assert_noop!(Leases::close(by(TENANT), LeaseId(9)), Error::<Test>::UnknownLease);
	});
}

#[test]
fn what_time_has_ended_ends_for_that_reason_whoever_closes_it() {
	build_and_execute(|| {
		let (id, other) = (served(opened()), served(open_with(order(), 1_000)));
		skip_to(1 + DURATION);
		assert_ok!(Leases::close(by(PROVIDER), id));
		assert_eq!(end(id).0, CloseReason::Completed);
		assert_ok!(Leases::close(by(TENANT), other));
		assert_eq!(end(other).0, CloseReason::OutOfFunds);
		assert_eq!(total(PROVIDER), ENDOWMENT + 60 * u128::from(DURATION) + 960);
		assert_eq!(held(HoldReason::Escrow, TENANT), 0);
	});
}

#[test]
fn a_tenant_that_closes_after_a_breach_has_the_guarantee_and_no_other_provider() {
	build_and_execute(|| {
		let id = served(open_with(OrderSpec { duration: 200, ..order() }, 20_000));
		run_to(21);
		silence(PROVIDER);
		let block = 21 + PERIOD + PATIENCE + 1;
		run_to(block);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(end(id), (CloseReason::Breached, block));
		// Rent is paid up to the last heartbeat.
		assert_eq!(total(PROVIDER), ENDOWMENT + 20 * 60 - BID);
		all_released();
	});
}

//! Shares are paid for.

use crate::{mock::*, Error, Event};
use assay_primitives::{offering::OfferingSpec, Balance, OfferingId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn what_is_paid_is_held_in_the_account_of_the_offering() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 30));
		let (who, shares) = (BUYER, 30);
		assert_eq!(last_event(), Event::Subscribed { offering: ID, ticket: 0, who, shares });
		assert_eq!((free(BUYER), held(BUYER)), (ENDOWMENT - 300 - TICKET, TICKET));
		assert_eq!((escrow(), free(account())), (300, ED));
		assert_ok!(subscribe(OTHER, 50));
		assert_ok!(subscribe(BUYER, 20));
		assert_eq!((escrow(), view().demand, view().tickets), (1_000, 100, 3));
		assert_eq!((ticket(2).unwrap().who, ticket(2).unwrap().allotted), (BUYER, None));
	});
}

#[test]
fn more_can_be_subscribed_to_than_there_is() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, SHARES));
		assert_ok!(subscribe(OTHER, 10u128.pow(18)));
		assert_eq!(view().demand, SHARES + 10u128.pow(18));
	});
}

#[test]
fn subscribe_fails_from_the_deadline_on() {
	build_and_execute(|| {
		opened();
		go_to(DEADLINE - 1);
		assert_ok!(subscribe(BUYER, 600));
		go_to(DEADLINE);
		assert_noop!(subscribe(OTHER, 1_000), Fault::DeadlinePassed);
		assert_ok!(close());
		assert_noop!(subscribe(OTHER, 1_000), Fault::DeadlinePassed);
		let unknown = Offerings::subscribe(by(BUYER), OfferingId(9), 10);
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn subscribe_fails_when_it_is_too_little() {
	build_and_execute(|| {
		opened();
		assert_noop!(subscribe(BUYER, 0), Fault::SubscriptionTooSmall);
		assert_noop!(subscribe(BUYER, LEAST / PRICE - 1), Fault::SubscriptionTooSmall);
		assert_ok!(subscribe(BUYER, LEAST / PRICE));
	});
}

#[test]
fn subscribe_fails_when_it_cannot_be_counted_or_paid() {
	build_and_execute(|| {
		opened();
		assert_noop!(subscribe(BUYER, Balance::MAX), Fault::Overflow);
		assert_noop!(subscribe(BUYER, Balance::MAX / PRICE + 1), Fault::Overflow);
		assert_noop!(subscribe(BUYER, ENDOWMENT / PRICE), Fault::InsufficientFunds);
		assert_noop!(subscribe(PAUPER, 2), Fault::InsufficientFunds);
		assert_ok!(subscribe(BUYER, (ENDOWMENT - ED - TICKET) / PRICE));
	});
}

#[test]
fn a_subscription_cannot_be_paid_out_of_what_keeps_its_account_alive() {
	build_and_execute(|| {
		assert_ok!(open(OfferingSpec { price: 1, target: 0, ..spec() }));
		let all = ENDOWMENT - TICKET;
		assert_noop!(subscribe(BUYER, all - ED + 1), Fault::InsufficientFunds);
		assert_ok!(subscribe(BUYER, all - ED));
		assert_eq!(free(BUYER), ED);
	});
}

//! Nothing is left of an offering.

use crate::{mock::*, Error, Event};
use assay_primitives::{revenue::Subject, ModelId, OfferingId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

/// One whose tickets have all ended, after the shares in escrow have earned 500.
fn over() {
	opened();
	earn(5_000);
	for who in [BUYER, OTHER] {
		assert_ok!(subscribe(who, 200));
	}
	go_to(DEADLINE);
	assert_ok!(close());
	for ticket in [0, 1] {
		assert_ok!(collect(ticket));
	}
}

#[test]
fn the_issuer_has_the_deposit_the_base_and_the_income_back() {
	build_and_execute(|| {
		let before = free(ISSUER);
		over();
		assert_ok!(remove());
		assert_eq!(last_event(), Event::Removed { offering: ID });
		assert_eq!((free(ISSUER), held(ISSUER), shares(ISSUER)), (before + 500, 0, SUPPLY));
		assert_eq!((free(account()), System::consumers(&account())), (0, 0));
		assert_eq!(Offerings::offering(ID), None);
		assert_noop!(remove(), Fault::UnknownOffering);
	});
}

#[test]
fn income_of_the_last_blocks_is_not_left_behind() {
	build_and_execute(|| {
		let before = free(ISSUER);
		closed_as(all_upfront(), 600, 400);
		earn(5_000);
		go_to(DEADLINE + VESTING);
		for ticket in [0, 1] {
			assert_ok!(collect(ticket));
		}
		assert_ok!(remove());
		assert_eq!(free(ISSUER), before + 10_000 + 500);
		assert!(Revenue::holding(SUBJECT, account()).is_none());
	});
}

#[test]
fn remove_fails_while_something_is_owed() {
	build_and_execute(|| {
		opened();
		assert_noop!(remove(), Fault::NotClosed);
		assert_ok!(subscribe(BUYER, 200));
		go_to(DEADLINE);
		assert_noop!(remove(), Fault::NotClosed);
		assert_ok!(close());
		assert_noop!(remove(), Fault::TicketsLeft);
		assert_ok!(collect(0));
		assert_ok!(remove());
		let unknown = Offerings::remove(by(STRANGER), OfferingId(9));
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn what_somebody_sent_to_the_account_goes_to_the_issuer() {
	build_and_execute(|| {
		let before = free(ISSUER);
		assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, OTHER, 5));
		over();
		assert_ok!(Balances::transfer_allow_death(by(STRANGER), account(), 77));
		assert_ok!(Revenue::transfer(by(OTHER), SUBJECT, account(), 5));
		assert_ok!(remove());
		assert_eq!((free(ISSUER), shares(ISSUER)), (before + 500 + 77, SUPPLY));
	});
}

#[test]
fn an_account_that_somebody_has_sent_other_shares_to_is_no_obstacle() {
	build_and_execute(|| {
		let other = Subject::Model(ModelId(8));
		let before = free(ISSUER);
		assert_ok!(Revenue::tokenize(by(ISSUER), other, share_spec()));
		over();
		assert_ok!(Revenue::transfer(by(ISSUER), other, account(), 1));
		assert_ok!(remove());
		// Its base stays with them: that, the other stream's and its deposit are missing.
		assert_eq!((free(ISSUER), free(account())), (before + 500 - ED - (ED + 1), ED));
	});
}

#[test]
fn remove_fails_when_the_issuer_cannot_take_its_shares() {
	build_and_execute(|| {
		assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, STRANGER, SUPPLY - SHARES));
		opened();
		while System::inc_consumers(&ISSUER).is_ok() {}
		go_to(DEADLINE);
		assert_ok!(close());
		assert_noop!(remove(), Fault::CannotReceive);
		for _ in 0..2 {
			System::dec_consumers(&ISSUER);
		}
		assert_ok!(remove());
		assert_eq!(shares(ISSUER), SHARES);
	});
}

#[test]
fn an_offering_can_be_removed_when_all_its_shares_are_burned() {
	build_and_execute(|| {
		let before = free(ISSUER);
		assert_ok!(Revenue::redeem(by(ISSUER), SUBJECT, SUPPLY - SHARES));
		closed_as(all_upfront(), 600, 400);
		go_to(DEADLINE + VESTING);
		for (ticket, who, shares) in [(0, BUYER, 600), (1, OTHER, 400)] {
			assert_ok!(collect(ticket));
			assert_ok!(Revenue::redeem(by(who), SUBJECT, shares));
		}
		assert_ok!(Revenue::collect(by(STRANGER), SUBJECT));
		assert_ok!(remove());
		// The base and the deposit of the stream came back as well.
		assert_eq!(free(ISSUER), before + 10_000 + ED + 1);
	});
}

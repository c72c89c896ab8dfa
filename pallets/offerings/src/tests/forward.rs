//! What the shares earn meanwhile is the issuer's.

use crate::{mock::*, Error, Event};
use assay_primitives::OfferingId;
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn what_shares_in_escrow_earn_goes_to_the_issuer_and_not_through_the_account() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 600));
		assert_noop!(forward(), Fault::NothingToForward);
		earn(5_000);
		let (issuer, base) = (free(ISSUER), free(account()));
		assert_ok!(forward());
		assert_eq!(last_event(), Event::Forwarded { offering: ID, amount: 500 });
		assert_eq!((free(ISSUER), free(account()), escrow()), (issuer + 500, base, 6_000));
		assert_noop!(forward(), Fault::NothingToForward);
		let unknown = Offerings::forward(by(STRANGER), OfferingId(9));
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn a_buyer_earns_from_when_it_has_the_shares() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(DEADLINE + 50);
		earn(10_000);
		assert_ok!(collect(0));
		earn(10_000);
		let claimable = |who| Revenue::holding(SUBJECT, who).unwrap().claimable;
		assert_eq!((claimable(BUYER), claimable(account())), (240, 1_760));
		let issuer = free(ISSUER);
		assert_ok!(forward());
		assert_eq!(free(ISSUER), issuer + 1_760);
	});
}

#[test]
fn shares_that_the_issuer_could_not_take_wait_for_it() {
	build_and_execute(|| {
		// It has no other shares, and refers to as much as it can.
		assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, STRANGER, SUPPLY - SHARES));
		opened();
		assert_ok!(subscribe(BUYER, 600));
		while System::inc_consumers(&ISSUER).is_ok() {}
		go_to(DEADLINE);
		assert_ok!(close());
		assert_eq!((shares(ISSUER), shares(account())), (0, SHARES));
		assert_noop!(forward(), Fault::NothingToForward);
		for _ in 0..2 {
			System::dec_consumers(&ISSUER);
		}
		assert_ok!(forward());
		assert_eq!(last_event(), Event::Returned { offering: ID, shares: 400 });
		assert_eq!((shares(ISSUER), shares(account())), (400, 600));
	});
}

//! Shares are offered.

use crate::{mock::*, Error, Event, NextOffering};
use assay_primitives::{
	offering::{OfferingSpec, OfferingStatus},
	Balance, OfferingId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::Permill;

type Fault = Error<Test>;

#[test]
fn an_offering_takes_its_shares_and_a_deposit() {
	build_and_execute(|| {
		let before = free(ISSUER);
		opened();
		let opened =
			Event::Opened { offering: ID, issuer: ISSUER, subject: SUBJECT, shares: SHARES };
		assert_eq!(events(), [opened]);
		assert_eq!((shares(ISSUER), shares(account())), (SUPPLY - SHARES, SHARES));
		assert_eq!((held(ISSUER), free(ISSUER)), (DEPOSIT, before - DEPOSIT - ED));
		assert_eq!((free(account()), escrow(), status()), (ED, 0, OfferingStatus::Open));
	});
}

#[test]
fn each_offering_has_an_account_of_its_own() {
	build_and_execute(|| {
		opened();
		opened();
		let second = Offerings::account(OfferingId(1), &ISSUER);
		assert_ne!(second, account());
		assert_eq!((shares(account()), shares(second)), (SHARES, SHARES));
	});
}

#[test]
fn open_fails_when_nothing_is_offered_or_the_target_is_out_of_reach() {
	build_and_execute(|| {
		let refused = |spec, fault: Fault| {
			assert_noop!(open(spec), fault);
		};
		refused(OfferingSpec { shares: 0, ..spec() }, Fault::NothingOffered);
		refused(OfferingSpec { price: 0, ..spec() }, Fault::NothingOffered);
		refused(OfferingSpec { target: SHARES * PRICE + 1, ..spec() }, Fault::InvalidTarget);
		refused(OfferingSpec { price: Balance::MAX, ..spec() }, Fault::Overflow);
		assert_ok!(open(OfferingSpec { target: SHARES * PRICE, ..spec() }));
	});
}

#[test]
fn open_fails_when_the_parts_or_the_milestones_do_not_fit() {
	build_and_execute(|| {
		let milestones = |list: Vec<_>| OfferingSpec {
			milestones: list.try_into().unwrap(),
			upfront: Permill::from_percent(40),
			..spec()
		};
		let more = milestones(vec![milestone(10, 100, 25), milestone(30, 200, 36)]);
		assert_noop!(open(more), Fault::InvalidParts);
		assert_noop!(open(milestones(vec![milestone(1, 100, 59)])), Fault::InvalidParts);
		let disorder = milestones(vec![milestone(30, 100, 25), milestone(10, 200, 35)]);
		assert_noop!(open(disorder), Fault::InvalidMilestones);
		let earlier = milestones(vec![milestone(10, 200, 25), milestone(30, 200, 35)]);
		assert_noop!(open(earlier), Fault::InvalidMilestones);
		let before = milestones(vec![milestone(10, DEADLINE, 60)]);
		assert_noop!(open(before), Fault::InvalidMilestones);
	});
}

#[test]
fn open_fails_when_it_takes_too_long() {
	build_and_execute(|| {
		go_to(10);
		for deadline in [0, 9, 10, 10 + MAX_DURATION + 1, u32::MAX] {
			let refused = open(OfferingSpec { deadline, ..all_upfront() });
			assert_noop!(refused, Fault::InvalidDeadline);
		}
		let vesting = MAX_VESTING + 1;
		assert_noop!(open(OfferingSpec { vesting, ..spec() }), Fault::InvalidVesting);
		let late = vec![milestone(10, DEADLINE + MAX_VESTING + 1, 60)];
		let late = OfferingSpec { milestones: late.try_into().unwrap(), ..spec() };
		assert_noop!(open(late), Fault::InvalidVesting);
		let deadline = 10 + MAX_DURATION;
		assert_ok!(open(OfferingSpec { deadline, vesting: MAX_VESTING, ..all_upfront() }));
	});
}

#[test]
fn open_fails_when_the_issuer_has_too_little() {
	build_and_execute(|| {
		let by_another = |who| dispatched(|| Offerings::open(by(who), spec()));
		assert_noop!(by_another(BUYER), Fault::NotEnoughShares);
		assert_noop!(by_another(PAUPER), Fault::InsufficientFunds);
		let shares = SUPPLY + 1;
		assert_noop!(open(OfferingSpec { shares, ..spec() }), Fault::NotEnoughShares);
		// Anybody who has shares may offer them.
		assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, BUYER, SHARES));
		assert_ok!(by_another(BUYER));
		assert_eq!(Offerings::offering(ID).unwrap().issuer, BUYER);
	});
}

#[test]
fn open_fails_when_no_number_is_left() {
	build_and_execute(|| {
		NextOffering::<Test>::put(OfferingId(u32::MAX));
		assert_noop!(open(spec()), Fault::Overflow);
	});
}

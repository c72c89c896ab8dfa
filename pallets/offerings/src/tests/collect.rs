//! Tickets are given what they are owed.

use crate::{mock::*, Error, Event};
use assay_primitives::{offering::OfferingSpec, Balance, OfferingId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn collected(ticket: u32, who: u128, money: Balance, shares: Balance) -> Event<Test> {
	Event::Collected { offering: ID, ticket, who, money, shares }
}

#[test]
fn shares_are_given_as_they_vest() {
	build_and_execute(|| {
		closed(600, 200);
		assert_noop!(collect(0), Fault::NothingToCollect);
		go_to(DEADLINE + 25);
		assert_ok!(collect(0));
		assert_eq!(last_event(), collected(0, BUYER, 0, 150));
		assert_noop!(collect(0), Fault::NothingToCollect);
		go_to(DEADLINE + 26);
		assert_ok!(collect(0));
		assert_eq!((shares(BUYER), shares(OTHER)), (156, 0));
		go_to(DEADLINE + VESTING);
		assert_ok!(collect(0));
		// Money still waits for milestones: 40 % are paid for.
		assert_eq!((shares(BUYER), shares(account())), (240, 560));
		go_to(DEADLINE + 2 * VESTING);
		assert_noop!(collect(0), Fault::NothingToCollect);
		assert_ok!(collect(1));
		assert_eq!(shares(OTHER), 80);
		assert_eq!((view().left, held(BUYER)), (2, TICKET));
	});
}

#[test]
fn what_exceeds_the_allotment_is_paid_back_first() {
	build_and_execute(|| {
		closed(1_500, 500);
		assert_eq!(ticket(0).unwrap().allotted, Some(750));
		assert_ok!(collect(0));
		assert_eq!(last_event(), collected(0, BUYER, 7_500, 0));
		assert_eq!(free(BUYER), ENDOWMENT - TICKET - 7_500);
		assert_noop!(collect(0), Fault::NothingToCollect);
		go_to(DEADLINE + 50);
		assert_ok!(collect(1));
		assert_eq!(last_event(), collected(1, OTHER, 2_500, 100));
		assert_eq!(escrow(), 6_000);
	});
}

#[test]
fn all_is_paid_back_if_the_target_was_missed() {
	build_and_execute(|| {
		closed(200, 299);
		assert_ok!(collect(0));
		assert_eq!(last_event(), collected(0, BUYER, 2_000, 0));
		assert_eq!((free(BUYER), held(BUYER)), (ENDOWMENT, 0));
		assert_noop!(collect(0), Fault::UnknownTicket);
		assert_ok!(collect(1));
		assert_eq!((free(OTHER), escrow(), view().left), (ENDOWMENT, 0, 0));
	});
}

#[test]
fn a_ticket_ends_when_nothing_more_can_come() {
	build_and_execute(|| {
		closed(600, 400);
		use_it(30);
		go_to(DEADLINE + 50);
		assert_ok!(collect(0));
		assert_ok!(release());
		assert_ok!(collect(1));
		assert_eq!(view().left, 2);
		go_to(DEADLINE + VESTING);
		for number in [0, 1] {
			assert_ok!(collect(number));
			assert_noop!(collect(number), Fault::UnknownTicket);
		}
		assert_eq!((shares(BUYER), shares(OTHER), view().left), (600, 400, 0));
		assert_eq!((held(BUYER), held(OTHER)), (0, 0));
	});
}

#[test]
fn the_rest_is_given_when_the_money_is_released_and_the_ticket_ends() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(DEADLINE + VESTING);
		assert_ok!(collect(0));
		use_it(30);
		go_to(100);
		assert_ok!(release());
		go_to(DEADLINE + VESTING);
		assert_ok!(collect(0));
		assert_eq!(last_event(), collected(0, BUYER, 0, 360));
		assert_eq!((held(BUYER), view().left), (0, 1));
	});
}

#[test]
fn a_ticket_that_was_allotted_nothing_ends_at_once() {
	build_and_execute(|| {
		closed(2, 10u128.pow(18));
		assert_eq!(ticket(0).unwrap().allotted, Some(0));
		assert_ok!(collect(0));
		assert_eq!((free(BUYER), view().left), (ENDOWMENT, 1));
		assert_eq!(ticket(1).unwrap().allotted, Some(SHARES));
		assert_ok!(collect(1));
		assert_eq!(free(OTHER), ENDOWMENT - TICKET - SHARES * PRICE);
	});
}

#[test]
fn collect_fails_before_the_close_and_for_no_ticket() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 600));
		assert_noop!(collect(0), Fault::NotClosed);
		go_to(DEADLINE);
		assert_noop!(collect(0), Fault::NotClosed);
		assert_ok!(close());
		assert_noop!(collect(1), Fault::UnknownTicket);
		let unknown = Offerings::collect(by(STRANGER), OfferingId(9), 0);
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn an_account_that_cannot_take_shares_has_its_money_and_keeps_nobody_waiting() {
	build_and_execute(|| {
		closed_as(OfferingSpec { vesting: 0, ..all_upfront() }, 1_000, 1_000);
		// It refers to as much as it can.
		while System::inc_consumers(&BUYER).is_ok() {}
		assert_ok!(collect(0));
		assert_eq!(last_event(), collected(0, BUYER, 5_000, 0));
		assert_noop!(collect(0), Fault::CannotReceive);
		assert_ok!(collect(1));
		assert_eq!((shares(OTHER), view().left), (500, 1));
		assert_eq!(ticket(0).unwrap().shares_due, 500);
		for _ in 0..2 {
			System::dec_consumers(&BUYER);
		}
		assert_ok!(collect(0));
		assert_eq!((shares(BUYER), view().left), (500, 0));
	});
}

#[test]
fn the_deposit_of_a_ticket_keeps_an_account_that_it_owes_dust() {
	build_and_execute(|| {
		assert_ok!(open(OfferingSpec { price: 20, ..spec() }));
		// All that it has, but for the existential deposit.
		assert_ok!(Balances::transfer_allow_death(by(PAYER), PAUPER, TICKET + 20));
		assert_ok!(subscribe(PAUPER, 1));
		assert_eq!(free(PAUPER), ED);
		assert!(Balances::transfer_allow_death(by(PAUPER), STRANGER, ED).is_err());
		go_to(DEADLINE);
		assert_ok!(close());
		// Less than the existential deposit.
		assert_ok!(collect(0));
		assert_eq!(free(PAUPER), ED + TICKET + 20);
	});
}

//! Offerings are aborted.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	offering::{AbortReason, OfferingStatus},
	OfferingId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn aborted(reason: AbortReason) -> Event<Test> {
	Event::Aborted { offering: ID, reason }
}

#[test]
fn after_an_abort_what_was_paid_for_stays_and_what_was_not_released_goes_back() {
	build_and_execute(|| {
		closed(1_500, 500);
		assert_ok!(collect(0));
		use_it(10);
		go_to(100);
		assert_ok!(release());
		assert_ok!(collect(0));
		assert_eq!(shares(BUYER), 375);
		// Of 10,000, 6,500 were released.
		go_to(201);
		assert_ok!(fail());
		assert_eq!(last_event(), aborted(AbortReason::MilestoneMissed));
		assert_eq!((status(), view().aborted), (OfferingStatus::Aborted, Some(201)));
		let issuer = free(ISSUER);
		assert_ok!(collect(0));
		assert_ok!(collect(1));
		// All had vested by then, of which 65 % were paid for.
		assert_eq!((shares(BUYER), shares(OTHER), shares(account())), (487, 162, 0));
		assert_eq!(free(BUYER), ENDOWMENT - 7_500 + 2_625);
		assert_eq!(free(OTHER), ENDOWMENT - 2_500 + 875);
		assert_eq!((free(ISSUER), escrow(), view().left), (issuer, 0, 0));
	});
}

#[test]
fn shares_that_are_not_paid_for_go_back_to_the_issuer() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(101);
		assert_ok!(fail());
		// Later blocks change nothing.
		go_to(500);
		assert_ok!(collect(0));
		assert_eq!((shares(BUYER), shares(ISSUER)), (240, SUPPLY - SHARES + 360));
		let returned = Event::Returned { offering: ID, shares: 360 };
		assert!(events().contains(&returned));
		assert_ok!(collect(1));
		assert_eq!((shares(OTHER), shares(account())), (160, 0));
		assert_eq!(free(BUYER), ENDOWMENT - 6_000 + 3_600);
		assert_noop!(collect(0), Fault::UnknownTicket);
	});
}

#[test]
fn fail_fails_while_the_milestone_has_time() {
	build_and_execute(|| {
		opened();
		assert_noop!(fail(), Fault::NotRunning);
		assert_ok!(subscribe(BUYER, 600));
		go_to(DEADLINE);
		assert_ok!(close());
		assert_noop!(fail(), Fault::NotFailed);
		go_to(100);
		assert_noop!(fail(), Fault::NotFailed);
		use_it(10);
		assert_ok!(release());
		go_to(200);
		assert_noop!(fail(), Fault::NotFailed);
		go_to(201);
		assert_ok!(fail());
		assert_noop!(fail(), Fault::NotRunning);
		let unknown = Offerings::fail(by(STRANGER), OfferingId(9));
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn more_than_half_of_what_was_sold_aborts() {
	build_and_execute(|| {
		opened();
		for (who, shares) in [(BUYER, 500), (OTHER, 499), (STRANGER, 2)] {
			assert_ok!(subscribe(who, shares));
		}
		assert_noop!(vote(BUYER, 0), Fault::NotRunning);
		go_to(DEADLINE);
		assert_ok!(close());
		// 1,001 are wanted and 1,000 sold.
		go_to(DEADLINE + 10);
		assert_ok!(vote(BUYER, 0));
		assert_eq!(last_event(), Event::Voted { offering: ID, ticket: 0, weight: 499 });
		assert_eq!((status(), view().votes), (OfferingStatus::Running, 499));
		assert_ok!(vote(STRANGER, 2));
		assert_eq!(last_event(), aborted(AbortReason::Voted));
		assert_eq!((view().votes, view().aborted), (501, Some(DEADLINE + 10)));
		assert_noop!(vote(OTHER, 1), Fault::NotRunning);
		assert_noop!(release(), Fault::NotRunning);
	});
}

#[test]
fn half_of_what_was_sold_does_not_abort() {
	build_and_execute(|| {
		closed(500, 500);
		assert_ok!(vote(BUYER, 0));
		assert_eq!(status(), OfferingStatus::Running);
		assert_ok!(vote(OTHER, 1));
		assert_eq!(status(), OfferingStatus::Aborted);
	});
}

#[test]
fn a_vote_fails_with_anothers_ticket_twice_and_after_the_end() {
	build_and_execute(|| {
		closed(400, 600);
		assert_noop!(vote(BUYER, 1), Fault::NotTicketOwner);
		assert_noop!(vote(STRANGER, 0), Fault::NotTicketOwner);
		assert_noop!(vote(BUYER, 2), Fault::UnknownTicket);
		assert_ok!(vote(BUYER, 0));
		assert_noop!(vote(BUYER, 0), Fault::AlreadyVoted);
		use_it(30);
		assert_ok!(release());
		// All the money is the issuer's, and nothing would go back but shares.
		assert_noop!(vote(OTHER, 1), Fault::NotRunning);
		let unknown = Offerings::vote_abort(by(BUYER), OfferingId(9), 0);
		assert_noop!(unknown, Fault::UnknownOffering);
	});
}

#[test]
fn a_vote_fails_when_the_target_was_missed() {
	build_and_execute(|| {
		closed(100, 100);
		assert_noop!(vote(BUYER, 0), Fault::NotRunning);
	});
}

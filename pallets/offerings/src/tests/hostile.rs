//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error};
use assay_primitives::{
	offering::{OfferingSpec, OfferingStatus},
	Balance, OfferingId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn shares_that_are_offered_cannot_be_sold_elsewhere() {
	build_and_execute(|| {
		opened();
		let elsewhere = Revenue::transfer(by(ISSUER), SUBJECT, STRANGER, SUPPLY - SHARES + 1);
		assert!(elsewhere.is_err());
		let burned = Revenue::redeem(by(ISSUER), SUBJECT, SUPPLY - SHARES + 1);
		assert!(burned.is_err());
	});
}

#[test]
fn an_enormous_subscription_does_not_take_more_than_its_part() {
	build_and_execute(|| {
		let enormous = 10u128.pow(18);
		closed(1_000, enormous);
		assert_ok!(collect(0));
		assert_ok!(collect(1));
		// The part of the small one is less than a share, for which nothing is paid.
		assert_eq!(free(BUYER), ENDOWMENT);
		assert_eq!(free(OTHER), ENDOWMENT - TICKET - SHARES * PRICE);
		assert_eq!(view().raised, SHARES * PRICE);
	});
}

#[test]
fn a_subscription_cut_into_pieces_is_allotted_what_the_whole_would_be() {
	let allotted = |pieces: &[Balance]| {
		let mut sum = 0;
		build_and_execute(|| {
			opened();
			assert_ok!(subscribe(OTHER, 777));
			for piece in pieces {
				assert_ok!(subscribe(BUYER, *piece));
			}
			assert_ok!(subscribe(OTHER, 555));
			go_to(DEADLINE);
			assert_ok!(close());
			sum = (1..=pieces.len() as u32).map(|n| ticket(n).unwrap().allotted.unwrap()).sum();
		});
		sum
	};
	assert_eq!(allotted(&[600]), allotted(&[200, 3, 397]));
	assert_eq!(allotted(&[600]), allotted(&[100; 6]));
}

#[test]
fn one_share_too_many_is_paid_back_to_one() {
	build_and_execute(|| {
		closed(600, 401);
		let allotted = [0, 1].map(|n| ticket(n).unwrap().allotted.unwrap());
		assert_eq!(allotted.iter().sum::<Balance>(), SHARES);
		assert_ok!(collect(0).or(collect(1)));
		assert_eq!(escrow(), 6_000);
	});
}

#[test]
fn an_offering_is_not_paid_for_twice() {
	build_and_execute(|| {
		closed(600, 400);
		use_it(30);
		assert_ok!(release());
		assert_noop!(release(), Fault::NotRunning);
		assert_noop!(close(), Fault::AlreadyClosed);
		assert_noop!(fail(), Fault::NotRunning);
		go_to(DEADLINE + VESTING);
		assert_ok!(collect(0));
		assert_noop!(collect(0), Fault::UnknownTicket);
		assert_noop!(subscribe(BUYER, 10), Fault::DeadlinePassed);
	});
}

#[test]
fn one_offering_cannot_be_paid_out_of_another() {
	build_and_execute(|| {
		closed(600, 400);
		let second = OfferingId(1);
		assert_ok!(open(OfferingSpec { deadline: 90, ..spec() }));
		assert_ok!(Offerings::subscribe(by(STRANGER), second, 700));
		use_it(30);
		assert_ok!(release());
		go_to(DEADLINE + VESTING);
		for number in [0, 1] {
			assert_ok!(collect(number));
		}
		assert_ok!(remove());
		let view = Offerings::offering(second).unwrap();
		assert_eq!((view.demand, view.status), (700, OfferingStatus::Open));
		assert_ok!(Offerings::close(by(BUYER), second));
		assert_ok!(Offerings::vote_abort(by(STRANGER), second, 0));
		assert_ok!(Offerings::collect(by(BUYER), second, 0));
		assert_eq!(free(STRANGER), ENDOWMENT - 7_000 * 2 / 5);
	});
}

#[test]
fn jobs_before_the_close_reach_no_milestone() {
	build_and_execute(|| {
		opened();
		assert_ok!(subscribe(BUYER, 1_000));
		use_it(10_000);
		go_to(DEADLINE);
		assert_ok!(close());
		assert_noop!(release(), Fault::NothingToRelease);
	});
}

/// Nothing on chain tells an issuer's own jobs from others. They cost what jobs cost.
#[test]
fn an_issuer_that_uses_its_own_model_reaches_its_milestone() {
	build_and_execute(|| {
		closed(600, 400);
		use_it(10);
		assert_ok!(release());
		assert_eq!(view().reached, 1);
	});
}

#[test]
fn the_vote_of_shares_that_were_sold_on_is_that_of_the_ticket() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(DEADLINE + 50);
		assert_ok!(collect(0));
		assert_ok!(Revenue::transfer(by(BUYER), SUBJECT, STRANGER, 240));
		assert_noop!(vote(STRANGER, 0), Fault::NotTicketOwner);
		assert_ok!(vote(BUYER, 0));
		assert_eq!(status(), OfferingStatus::Aborted);
		// What was given stays with who has it.
		assert_eq!(shares(STRANGER), 240);
	});
}

/// An issuer subscribes to more than half from a second account, and aborts right after the close, to
/// keep what was released at once and have all the shares back.
#[test]
fn an_issuer_that_aborts_its_own_offering_gives_the_shares_that_it_was_paid_for() {
	build_and_execute(|| {
		closed(600, 400);
		assert_ok!(vote(BUYER, 0));
		assert_eq!(status(), OfferingStatus::Aborted);
		for number in [0, 1] {
			assert_ok!(collect(number));
		}
		assert_eq!((shares(OTHER), free(OTHER)), (160, ENDOWMENT - 1_600));
		assert_eq!((shares(BUYER), shares(ISSUER)), (240, SUPPLY - 400));
		assert_ok!(remove());
	});
}

/// Buyers wait until all has vested and abort then, to have the shares and their money.
#[test]
fn buyers_that_abort_late_have_the_shares_or_the_money() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(DEADLINE + VESTING);
		assert_ok!(collect(0));
		assert_eq!(shares(BUYER), 240);
		assert_ok!(vote(BUYER, 0));
		assert_ok!(collect(0));
		assert_eq!((shares(BUYER), free(BUYER)), (240, ENDOWMENT - 2_400));
	});
}

/// Buyers see that a milestone is reached, and abort before anybody has it released.
#[test]
fn a_vote_does_not_overtake_a_milestone_that_was_reached() {
	build_and_execute(|| {
		closed(600, 400);
		go_to(60);
		use_it(10);
		let before = free(ISSUER);
		assert_ok!(vote(BUYER, 0));
		assert_eq!((status(), view().reached), (OfferingStatus::Aborted, 1));
		assert_eq!(free(ISSUER), before + 2_500);
		assert_ok!(collect(0));
		assert_eq!((shares(BUYER), free(BUYER)), (390, ENDOWMENT - 3_900));
	});
}

#[test]
fn who_has_no_account_for_what_is_owed_does_not_exist() {
	build_and_execute(|| {
		closed(100, 100);
		// All but what keeps the account alive.
		let rest = free(BUYER) - ED;
		assert_ok!(Balances::transfer_allow_death(by(BUYER), STRANGER, rest));
		assert!(Balances::transfer_allow_death(by(BUYER), STRANGER, ED).is_err());
		assert_ok!(collect(0));
		assert_eq!(free(BUYER), ED + 1_000 + TICKET);
	});
}

#[test]
fn an_account_that_is_prepared_with_references_still_takes_subscriptions() {
	build_and_execute(|| {
		opened();
		// As many as shares of others can take.
		while System::can_accrue_consumers(&account(), 2) {
			assert_ok!(System::inc_consumers(&account()));
		}
		assert_ok!(subscribe(BUYER, 600));
	});
}

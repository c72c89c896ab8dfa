//! Holders are paid what their shares have earned.

use crate::{mock::*, Error, Event};
use assay_primitives::revenue::IncomeClaim;
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn a_holder_is_paid_what_its_shares_have_earned() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		assert_ok!(claim(BUYER));
		let paid = Event::Claimed { subject: SUBJECT, holder: BUYER, to: BUYER, amount: 300 };
		assert_eq!(last_event(), paid);
		assert_eq!((free(BUYER), free(pot())), (ENDOWMENT + 300, ED + 700));
		assert_eq!((claimable(BUYER), claimable(OWNER), claimable(HOLDER)), (0, 500, 200));
		// Income between two claims.
		earn(100);
		assert_ok!(claim(BUYER));
		assert_eq!(free(BUYER), ENDOWMENT + 330);
		assert_eq!((claimable(OWNER), claimable(HOLDER)), (550, 220));
	});
}

#[test]
fn nothing_is_paid_twice() {
	build_and_execute(|| {
		shared(0);
		assert_noop!(claim(BUYER), Fault::NothingToClaim);
		earn(1_000);
		assert_ok!(claim(BUYER));
		assert_noop!(claim(BUYER), Fault::NothingToClaim);
		assert_noop!(claim(STRANGER), Fault::NothingToClaim);
	});
}

#[test]
fn claim_fails_when_there_is_no_stream() {
	build_and_execute(|| {
		assert_noop!(claim(OWNER), Fault::UnknownStream);
	});
}

#[test]
fn a_part_of_the_income_is_retained() {
	build_and_execute(|| {
		shared(40);
		earn(1_000);
		assert_eq!((claimable(OWNER), claimable(BUYER), view().pool), (300, 180, 400));
		assert_ok!(claim(OWNER));
		assert_eq!((free(pot()), view().pool, view().claimable), (ED + 700, 400, 300));
	});
}

#[test]
fn all_of_the_income_can_be_retained() {
	build_and_execute(|| {
		shared(100);
		earn(1_000);
		assert_noop!(claim(OWNER), Fault::NothingToClaim);
		assert_eq!(view().pool, 1_000);
	});
}

#[test]
fn another_pallet_can_have_a_claim_paid_to_another_account() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		assert_eq!(<Revenue as IncomeClaim<u128>>::claim(SUBJECT, &BUYER, &STRANGER), Ok(300));
		assert_eq!((free(STRANGER), free(BUYER)), (ENDOWMENT + 300, ENDOWMENT));
		let paid = Event::Claimed { subject: SUBJECT, holder: BUYER, to: STRANGER, amount: 300 };
		assert_eq!(last_event(), paid);
		// Nothing is no fault.
		assert_eq!(<Revenue as IncomeClaim<u128>>::claim(SUBJECT, &BUYER, &STRANGER), Ok(0));
		assert_eq!(<Revenue as IncomeClaim<u128>>::claim(SUBJECT, &NOBODY, &STRANGER), Ok(0));
		let unknown = <Revenue as IncomeClaim<u128>>::claim(OTHERS[0], &BUYER, &STRANGER);
		assert_eq!(unknown, Err(Fault::UnknownStream.into()));
	});
}

#[test]
fn dust_to_an_account_that_does_not_exist_is_refused_and_stays_claimable() {
	build_and_execute(|| {
		shared(0);
		earn(ED);
		let claim = || <Revenue as IncomeClaim<u128>>::claim(SUBJECT, &BUYER, &NOBODY);
		assert_noop!(claim(), Fault::CannotReceive);
		assert_eq!(claimable(BUYER), 30);
		earn(3 * ED);
		assert_ok!(claim());
		assert_eq!(free(NOBODY), 120);
	});
}

#[test]
fn a_holder_that_has_nothing_else_is_paid_even_dust() {
	build_and_execute(|| {
		tokenized();
		assert_ok!(transfer(OWNER, PAUPER, 1));
		earn(SUPPLY);
		assert_ok!(claim(PAUPER));
		assert_eq!(free(PAUPER), ED + 1);
	});
}

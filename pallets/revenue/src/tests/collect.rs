//! What comes without any shares goes to the owner.

use crate::{mock::*, Error, Event, Streams};
use assay_primitives::{
	revenue::{IncomeInspect, Subject},
	ModelId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

/// A stream whose shares are all burned.
fn burned() {
	tokenized();
	assert_ok!(redeem(OWNER, SUPPLY));
}

#[test]
fn income_goes_to_the_pot_while_there_are_shares_and_else_to_the_owner() {
	build_and_execute(|| {
		let payee = || <Revenue as IncomeInspect<u128>>::payee(SUBJECT, &OWNER);
		assert_eq!(payee(), OWNER);
		tokenized();
		assert_eq!(payee(), pot());
		assert_ok!(redeem(OWNER, SUPPLY));
		assert_eq!(payee(), OWNER);
	});
}

#[test]
fn what_still_comes_without_shares_is_collected_and_the_stream_ends() {
	build_and_execute(|| {
		burned();
		earn(700);
		set_owner(SUBJECT, BUYER);
		assert_ok!(collect());
		let collected = Event::Collected { subject: SUBJECT, owner: BUYER, amount: 700 };
		let closed = Event::Closed { subject: SUBJECT };
		assert_eq!(events().split_off(2), [collected, closed]);
		assert_eq!((free(BUYER), free(pot())), (ENDOWMENT + 700, 0));
		// Who paid the deposit and the base has them back.
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
		assert!(!Streams::<Test>::contains_key(SUBJECT));
		assert_noop!(collect(), Fault::NothingToCollect);
	});
}

/// Somebody sends a share in another subject to the pot, which refers to the account and keeps its
/// base there for good.
#[test]
fn a_pot_that_somebody_has_sent_other_shares_to_is_no_obstacle() {
	build_and_execute(|| {
		burned();
		earn(700);
		assert_ok!(System::inc_consumers(&pot()));
		assert_ok!(collect());
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT - ED + 700));
		assert!(!Streams::<Test>::contains_key(SUBJECT));
		assert_eq!(free(pot()), ED);
		// The same without a stream.
		earn(900);
		assert_ok!(collect());
		assert_eq!((free(OWNER), free(pot())), (ENDOWMENT - ED + 1_600, ED));
		assert_noop!(collect(), Fault::NothingToCollect);
	});
}

/// An asset is burned while its income has no shares any more.
#[test]
fn the_stream_of_what_nobody_owns_ends_too() {
	build_and_execute(|| {
		burned();
		unset_owner(SUBJECT);
		assert_ok!(collect());
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
		assert_noop!(collect(), Fault::UnknownSubject);
	});
}

#[test]
fn a_stream_without_income_ends_as_well() {
	build_and_execute(|| {
		burned();
		assert_ok!(collect());
		assert_eq!(last_event(), Event::Closed { subject: SUBJECT });
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
	});
}

#[test]
fn a_stream_does_not_end_before_what_was_earned_is_claimed() {
	build_and_execute(|| {
		tokenized();
		earn(1_000);
		assert_ok!(transfer(OWNER, BUYER, SUPPLY));
		assert_ok!(redeem(BUYER, SUPPLY));
		assert_noop!(collect(), Fault::NothingToCollect);
		earn(50);
		assert_ok!(collect());
		assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT - ED + 50);
		assert_eq!((claimable(OWNER), view().holders), (1_000, 1));
		assert_ok!(claim(OWNER));
		assert_ok!(collect());
		assert_eq!((free(OWNER), Revenue::stream(SUBJECT)), (ENDOWMENT + 1_050, None));
	});
}

#[test]
fn what_was_sent_to_a_pot_without_a_stream_is_collected() {
	build_and_execute(|| {
		assert_noop!(collect(), Fault::NothingToCollect);
		earn(900);
		assert_ok!(collect());
		assert_eq!((free(OWNER), free(pot())), (ENDOWMENT + 900, 0));
		assert_eq!(events(), [Event::Collected { subject: SUBJECT, owner: OWNER, amount: 900 }]);
	});
}

#[test]
fn collect_fails_when_there_are_shares_or_no_subject() {
	build_and_execute(|| {
		tokenized();
		earn(900);
		assert_noop!(collect(), Fault::SharesExist);
		let unknown = Revenue::collect(by(STRANGER), Subject::Model(ModelId(9)));
		assert_noop!(unknown, Fault::UnknownSubject);
	});
}

#[test]
fn collect_fails_when_the_owner_cannot_be_paid_so_little() {
	build_and_execute(|| {
		burned();
		earn(ED - 1);
		set_owner(SUBJECT, NOBODY);
		assert_noop!(collect(), Fault::CannotReceive);
		earn(1);
		assert_ok!(collect());
		assert_eq!(free(NOBODY), ED);
		// Nor of a pot without a stream, which has at least the existential deposit.
		earn(ED);
		set_owner(SUBJECT, BUYER);
		assert_ok!(collect());
		assert_eq!(free(BUYER), ENDOWMENT + ED);
	});
}

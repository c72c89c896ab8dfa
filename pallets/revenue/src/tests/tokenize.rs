//! Income is divided into shares.

use crate::{mock::*, Error, Event, Streams};
use assay_primitives::{
	revenue::{ShareSpec, Subject},
	ModelId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn the_owner_has_all_the_shares_and_pays_a_deposit_and_the_base() {
	build_and_execute(|| {
		assert_ok!(tokenize(OWNER, retaining(25)));
		assert_eq!(events(), [Event::Tokenized { subject: SUBJECT, owner: OWNER, supply: SUPPLY }]);
		assert_eq!((held(OWNER), free(OWNER)), (DEPOSIT, ENDOWMENT - DEPOSIT - ED));
		assert_eq!((shares(OWNER), free(pot())), (SUPPLY, ED));
		// The base is no income.
		assert_eq!((claimable(OWNER), view().pool, view().claimable), (0, 0, 0));
		assert_eq!(System::consumers(&OWNER), 2);
	});
}

#[test]
fn tokenize_fails_when_the_subject_is_unknown_or_anothers() {
	build_and_execute(|| {
		let unknown = Subject::Model(ModelId(9));
		assert_noop!(Revenue::tokenize(by(OWNER), unknown, spec()), Fault::UnknownSubject);
		assert_noop!(tokenize(STRANGER, spec()), Fault::NotOwner);
	});
}

#[test]
fn ensure_undivided_fails_while_there_are_shares() {
	build_and_execute(|| {
		let ensure = || Revenue::ensure_undivided(by(STRANGER), SUBJECT);
		assert_ok!(ensure());
		tokenized();
		assert_noop!(ensure(), Fault::SharesExist);
		assert_ok!(redeem(OWNER, SUPPLY - 1));
		assert_noop!(ensure(), Fault::SharesExist);
		assert_ok!(redeem(OWNER, 1));
		assert_ok!(ensure());
		let unsigned = Revenue::ensure_undivided(RuntimeOrigin::none(), SUBJECT);
		assert_noop!(unsigned, DispatchError::BadOrigin);
	});
}

#[test]
fn tokenize_fails_when_there_are_shares() {
	build_and_execute(|| {
		tokenized();
		assert_noop!(tokenize(OWNER, spec()), Fault::SharesExist);
		// Neither does a new owner make more of them.
		set_owner(SUBJECT, STRANGER);
		assert_noop!(tokenize(STRANGER, spec()), Fault::SharesExist);
		assert_ok!(redeem(OWNER, SUPPLY - 1));
		assert_noop!(tokenize(STRANGER, spec()), Fault::SharesExist);
	});
}

#[test]
fn tokenize_fails_when_the_declaration_cannot_be() {
	build_and_execute(|| {
		assert_noop!(tokenize(OWNER, ShareSpec { supply: 0, ..spec() }), Fault::NoShares);
		let name = Default::default();
		assert_noop!(tokenize(OWNER, ShareSpec { name, ..spec() }), Fault::InvalidName);
		let symbol = b"A B".to_vec().try_into().unwrap();
		assert_noop!(tokenize(OWNER, ShareSpec { symbol, ..spec() }), Fault::InvalidSymbol);
		assert_noop!(tokenize(OWNER, ShareSpec { decimals: 39, ..spec() }), Fault::InvalidDecimals);
	});
}

#[test]
fn tokenize_fails_when_the_account_cannot_pay() {
	build_and_execute(|| {
		set_owner(SUBJECT, PAUPER);
		assert_noop!(tokenize(PAUPER, spec()), Fault::InsufficientFunds);
		set_owner(SUBJECT, NOBODY);
		assert_noop!(tokenize(NOBODY, spec()), Fault::CannotHold);
	});
}

#[test]
fn each_subject_has_a_stream_and_a_pot_of_its_own() {
	build_and_execute(|| {
		tokenized();
		for subject in OTHERS {
			assert_ok!(Revenue::tokenize(by(OWNER), subject, spec()));
		}
		earn(500);
		for subject in OTHERS {
			assert_eq!(free(Revenue::pot(subject)), ED);
			assert_eq!(Revenue::holding(subject, OWNER).unwrap().claimable, 0);
		}
		assert_eq!((claimable(OWNER), held(OWNER)), (500, 4 * DEPOSIT));
	});
}

#[test]
fn income_can_be_divided_anew_after_all_shares_are_burned() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		for who in [OWNER, BUYER] {
			assert_ok!(redeem(who, shares(who)));
		}
		// One has given its shares away without a claim, and still has it.
		assert_ok!(transfer(HOLDER, BUYER, shares(HOLDER)));
		assert_ok!(redeem(BUYER, shares(BUYER)));
		assert_eq!((view().supply, claimable(HOLDER)), (0, 200));
		earn(77);
		set_owner(SUBJECT, STRANGER);
		assert_ok!(tokenize(STRANGER, ShareSpec { supply: 9, decimals: 0, ..retaining(10) }));
		// The base and the deposit of the first went back.
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT + 500));
		assert_eq!((held(STRANGER), free(STRANGER)), (DEPOSIT, ENDOWMENT - DEPOSIT - ED));
		// What came in between is income under the new declaration.
		assert_eq!((claimable(STRANGER), view().pool, claimable(HOLDER)), (70, 7, 200));
		assert_eq!((view().decimals, view().supply, view().holders), (0, 9, 2));
		assert_ok!(claim(HOLDER));
		assert_eq!(Streams::<Test>::get(SUBJECT).unwrap().holders, 1);
	});
}

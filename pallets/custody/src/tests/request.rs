//! Keys are asked for, and refused.

use crate::{mock::*, Agenda, Asked, Error, Event, HoldReason, NextRequest, OpenRequests};
use assay_primitives::{
	custody::{key_commitment, Ask, KeyRequestView},
	AssetId, GrantId, KeyRequestId, Root,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

/// Another asker with funds and a right.
fn another(number: u64) -> (u64, Ask) {
	let account = CROWD + number;
	fund(account, 1_000);
	(account, right(account))
}

#[test]
fn a_request_holds_its_fee_and_locks_an_exposure() {
	build_and_execute(|| {
		keeper();
		let ask = right(ASKER);
		assert_ok!(request(ASKER, ask, None));
		let due = 1 + DELIVER;
		assert_eq!(
			last_event(),
			Event::KeyRequested {
				request: ID,
				asker: ASKER,
				ask,
				asset: ASSET,
				custodian: KEEPER,
				due
			}
		);
		let deposit = Custody::request_deposit();
		assert_eq!(held(HoldReason::Fee, ASKER), FEE);
		assert_eq!((held(HoldReason::Deposit, ASKER), deposit > 0), (deposit, true));
		let record = custodian(KEEPER);
		assert_eq!((record.open, record.locked, record.bond), (1, EXPOSURE, BOND));
		let expected = KeyRequestView {
			id: ID,
			asker: ASKER,
			ask,
			stands: true,
			asset: ASSET,
			custodian: KEEPER,
			commitment: key_commitment(&KEY),
			recipient: public(ASKER),
			fee: FEE,
			deposit,
			exposure: EXPOSURE,
			sealed: None,
			due,
		};
		assert_eq!(view(ID), Some(expected));
		assert!(Agenda::<Test>::contains_key(due, ID));
		assert_eq!(OpenRequests::<Test>::get(KEEPER, ID), Some(ASSET));
		assert_eq!(Asked::<Test>::get(ASKER, ask), Some(ID));
	});
}

#[test]
fn a_request_fails_without_a_right_or_with_anothers() {
	build_and_execute(|| {
		keeper();
		let ask = right(ASKER);
		assert_noop!(request(STRANGER, ask, None), NOT_HOLDER);
		assert_noop!(request(ASKER, Ask::Grant(GrantId(99)), None), NO_RIGHT);
		Held::remove(ask);
		assert_noop!(request(ASKER, ask, None), NO_RIGHT);
	});
}

#[test]
fn a_request_fails_when_the_asset_has_no_key() {
	build_and_execute(|| {
		keeper();
		let ask = right(ASKER);
		Assets::insert(ASSET, (OWNER, None::<Root>));
		assert_noop!(request(ASKER, ask, None), Fault::NoKey);
		Assets::remove(ASSET);
		assert_noop!(request(ASKER, ask, None), Fault::NoKey);
	});
}

#[test]
fn a_request_fails_when_nobody_keeps_the_key() {
	build_and_execute(|| {
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(appoint(KEEPER));
		// Nobody is liable before it has accepted.
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::NotCustodian);
		assert_noop!(request(ASKER, ask, Some(STRANGER)), Fault::NotCustodian);
		assert_ok!(accept(KEEPER));
		assert_ok!(request(ASKER, ask, Some(KEEPER)));
	});
}

#[test]
fn a_request_fails_when_the_custodian_is_busy() {
	build_and_execute(|| {
		keeper();
		for number in 0..u64::from(MOST) {
			let (account, ask) = another(number);
			assert_ok!(request(account, ask, None));
		}
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::CustodianBusy);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		// What is delivered is still open.
		assert_ok!(deliver(ID, sealed(&KEY, CROWD)));
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		run_to(1 + WINDOW);
		assert_ok!(request(ASKER, ask, None));
	});
}

#[test]
fn a_request_fails_when_the_free_bond_is_too_small_or_none_are_taken() {
	build_and_execute(|| {
		keeper();
		let ask = right(ASKER);
		Stake::set(BOND + 1);
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::CustodianBusy);
		Stake::set(EXPOSURE);
		assert_ok!(Custody::update(by(KEEPER), Default::default(), false));
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::CustodianBusy);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
	});
}

#[test]
fn the_custodian_with_the_most_free_bond_is_chosen() {
	build_and_execute(|| {
		keeper_with(KEEPER, BOND);
		keeper_with(SECOND, BOND + 1);
		let chosen = |number| {
			let (account, ask) = another(number);
			assert_ok!(request(account, ask, None));
			view(KeyRequestId(number)).unwrap().custodian
		};
		assert_eq!((chosen(0), chosen(1), chosen(2)), (SECOND, KEEPER, SECOND));
		// The one that is named is asked all the same.
		assert_ok!(request(ASKER, right(ASKER), Some(SECOND)));
		// It has as many as it can have, however much is free.
		assert_ok!(Custody::bond_more(by(SECOND), BOND));
		assert_eq!(chosen(4), KEEPER);
	});
}

#[test]
fn of_equals_the_one_that_was_appointed_first_is_chosen() {
	build_and_execute(|| {
		keeper_with(SECOND, BOND);
		keeper_with(KEEPER, BOND);
		assert_ok!(request(ASKER, right(ASKER), None));
		assert_eq!(view(ID).unwrap().custodian, SECOND);
	});
}

#[test]
fn an_account_asks_by_a_right_once_at_a_time() {
	build_and_execute(|| {
		let id = asked();
		let ask = right_of(id);
		assert_noop!(request(ASKER, ask, None), Fault::AlreadyAsked);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		assert_noop!(request(ASKER, ask, None), Fault::AlreadyAsked);
		// By another right, and later again.
		assert_ok!(request(ASKER, right(ASKER), None));
		run_to(1 + WINDOW);
		assert_ok!(request(ASKER, ask, None));
	});
}

#[test]
fn a_request_fails_when_it_cannot_be_paid() {
	build_and_execute(|| {
		keeper();
		let (poor, deposit) = (CROWD, Custody::request_deposit());
		fund(poor, deposit + FEE + ED - 1);
		let ask = right(poor);
		assert_noop!(request(poor, ask, None), Fault::InsufficientFunds);
		fund(poor, 1);
		assert_ok!(request(poor, ask, None));
		let ask = right(PAUPER);
		assert_noop!(request(PAUPER, ask, None), Fault::InsufficientFunds);
	});
}

#[test]
fn a_request_fails_when_no_number_is_left() {
	build_and_execute(|| {
		keeper();
		NextRequest::<Test>::put(KeyRequestId(u64::MAX));
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, None), Fault::Overflow);
	});
}

#[test]
fn a_request_goes_to_the_custodians_of_its_own_asset() {
	build_and_execute(|| {
		keeper();
		let other = AssetId(12);
		Assets::insert(other, (OWNER, Some(key_commitment(&KEY))));
		let ask = new_right(ASKER, other);
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::NotCustodian);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
	});
}

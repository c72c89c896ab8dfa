//! Custodians are silent.

use crate::{mock::*, Custodians, Error, Event, HoldReason};
use assay_primitives::{
	custody::{CustodyStatistics, Failure},
	KeyRequestId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn silence_costs_the_exposure() {
	build_and_execute(|| {
		let id = asked();
		skip_to(1 + DELIVER);
		assert_ok!(Custody::expire(by(STRANGER), id));
		let (paid, burned) = (SHARE, EXPOSURE - SHARE);
		let failure = Failure::Silent;
		assert_eq!(
			last_event(),
			Event::CustodianSlashed { request: id, custodian: KEEPER, failure, paid, burned }
		);
		// The asker has its fee and its deposit back.
		assert_eq!((free(ASKER), held(HoldReason::Fee, ASKER)), (ENDOWMENT + SHARE, 0));
		assert_eq!(total(KEEPER), ENDOWMENT - EXPOSURE);
		let record = custodian(KEEPER);
		assert_eq!((record.open, record.locked, record.bond), (0, 0, BOND - EXPOSURE));
		assert_eq!(record.statistics, CustodyStatistics { served: 0, silent: 1, wrong: 0 });
		assert_noop!(Custody::expire(by(STRANGER), id), Fault::UnknownRequest);
	});
}

#[test]
fn a_request_does_not_expire_before_its_deadline_or_when_it_was_served() {
	build_and_execute(|| {
		let id = asked();
		assert_noop!(Custody::expire(by(ASKER), KeyRequestId(3)), Fault::UnknownRequest);
		skip_to(DELIVER);
		assert_noop!(Custody::expire(by(ASKER), id), Fault::DeadlineNotPassed);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		skip_to(1_000);
		assert_noop!(Custody::expire(by(ASKER), id), Fault::AlreadyDelivered);
	});
}

#[test]
fn nobody_is_slashed_for_keeping_a_key_from_who_has_lost_its_right() {
	build_and_execute(|| {
		let id = asked();
		assert_noop!(Custody::expire(by(KEEPER), id), Fault::DeadlineNotPassed);
		Held::remove(right_of(id));
		assert_ok!(Custody::expire(by(KEEPER), id));
		assert_eq!(last_event(), Event::RequestLapsed { request: id });
		assert_eq!((free(ASKER), total(KEEPER)), (ENDOWMENT, ENDOWMENT));
		let record = custodian(KEEPER);
		assert_eq!((record.open, record.locked, record.bond), (0, 0, BOND));
		assert_eq!(record.statistics, CustodyStatistics::default());
	});
}

#[test]
fn a_custodian_that_is_left_with_too_little_is_asked_nothing() {
	build_and_execute(|| {
		keeper_with(KEEPER, MIN_BOND);
		assert_ok!(request(ASKER, right(ASKER), None));
		run_to(1 + DELIVER);
		assert!(!custodian(KEEPER).able);
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, Some(KEEPER)), Fault::CustodianBusy);
		assert_ok!(Custody::bond_more(by(KEEPER), EXPOSURE));
		assert_ok!(request(ASKER, ask, None));
	});
}

#[test]
fn a_custodian_that_has_lost_everything_is_gone_when_it_resigns() {
	build_and_execute(|| {
		Stake::set(MIN_BOND);
		keeper_with(KEEPER, MIN_BOND);
		assert_ok!(request(ASKER, right(ASKER), None));
		run_to(1 + DELIVER);
		assert_eq!(custodian(KEEPER).bond, 0);
		assert_ok!(Custody::resign(by(KEEPER), ASSET));
		assert_eq!(last_event(), Event::CustodianRemoved { custodian: KEEPER });
		assert!(!Custodians::<Test>::contains_key(KEEPER));
	});
}

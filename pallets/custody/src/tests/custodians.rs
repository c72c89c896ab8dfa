//! Custodians come, change their bonds, and go.

use crate::{mock::*, Custodians, Error, Event, HoldReason};
use assay_primitives::{custody::Endpoint, Balance};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn endpoint(text: &str) -> Endpoint {
	text.as_bytes().to_vec().try_into().unwrap()
}

#[test]
fn a_custodian_registers_with_a_bond() {
	build_and_execute(|| {
		let url = endpoint("https://keys.example");
		assert_ok!(Custody::register(by(KEEPER), url.clone(), BOND));
		assert_eq!((held(HoldReason::Bond, KEEPER), free(KEEPER)), (BOND, ENDOWMENT - BOND));
		assert_eq!(events(), [Event::CustodianRegistered { custodian: KEEPER, bond: BOND }]);
		let view = custodian(KEEPER);
		assert_eq!((view.endpoint, view.bond, view.locked), (url, BOND, 0));
		assert_eq!((view.taking, view.able, view.open, view.appointments), (true, true, 0, 0));
	});
}

#[test]
fn a_registration_fails_when_it_is_the_second_or_badly_bonded() {
	build_and_execute(|| {
		assert_noop!(register(KEEPER, MIN_BOND - 1), Fault::BelowMinBond);
		assert_noop!(register(KEEPER, 0), Fault::BelowMinBond);
		assert_noop!(register(KEEPER, ENDOWMENT), Fault::InsufficientFunds);
		assert_noop!(register(PAUPER, MIN_BOND), Fault::InsufficientFunds);
		for text in ["ftp://keys.example", "https://", "keys"] {
			let refused = Custody::register(by(KEEPER), endpoint(text), BOND);
			assert_noop!(refused, Fault::InvalidEndpoint);
		}
		assert_ok!(register(KEEPER, MIN_BOND));
		assert_noop!(register(KEEPER, MIN_BOND), Fault::AlreadyRegistered);
	});
}

#[test]
fn a_custodian_says_where_it_is_and_whether_it_takes_requests() {
	build_and_execute(|| {
		keeper();
		let url = endpoint("http://10.0.0.7:8080");
		assert_ok!(Custody::update(by(KEEPER), url.clone(), false));
		assert_eq!(last_event(), Event::CustodianUpdated { custodian: KEEPER, taking: false });
		let view = custodian(KEEPER);
		assert_eq!((view.endpoint, view.taking, view.able), (url, false, false));
		assert_noop!(
			Custody::update(by(KEEPER), endpoint("nowhere"), true),
			Fault::InvalidEndpoint
		);
		let refused = Custody::update(by(STRANGER), Endpoint::default(), true);
		assert_noop!(refused, Fault::UnknownCustodian);
	});
}

#[test]
fn a_bond_grows() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, MIN_BOND));
		assert_ok!(Custody::bond_more(by(KEEPER), 7));
		assert_eq!(last_event(), Event::BondIncreased { custodian: KEEPER, amount: 7 });
		assert_eq!(held(HoldReason::Bond, KEEPER), MIN_BOND + 7);
		assert_noop!(Custody::bond_more(by(KEEPER), 0), Fault::ZeroAmount);
		assert_noop!(Custody::bond_more(by(KEEPER), ENDOWMENT), Fault::InsufficientFunds);
		assert_noop!(Custody::bond_more(by(KEEPER), Balance::MAX), Fault::Overflow);
		assert_noop!(Custody::bond_more(by(STRANGER), 7), Fault::UnknownCustodian);
		// What was taken out does not come back by a little.
		assert_ok!(Custody::unbond(by(KEEPER), MIN_BOND + 7));
		assert_noop!(Custody::bond_more(by(KEEPER), MIN_BOND - 1), Fault::BelowMinBond);
		assert_ok!(Custody::bond_more(by(KEEPER), MIN_BOND));
	});
}

#[test]
fn what_is_unbonded_is_held_until_the_period_is_over() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(Custody::unbond(by(KEEPER), 300));
		let until = 1 + UNBONDING;
		assert_eq!(last_event(), Event::Unbonding { custodian: KEEPER, amount: 300, until });
		assert_eq!(custodian(KEEPER).unbonding, Some((300, until)));
		assert_eq!(held(HoldReason::Bond, KEEPER), BOND);
		// More that is unbonded makes all of it wait.
		run_to(5);
		assert_ok!(Custody::unbond(by(KEEPER), 100));
		run_to(until);
		assert_noop!(Custody::withdraw(by(KEEPER)), Fault::UnbondingNotOver);
		run_to(5 + UNBONDING);
		assert_ok!(Custody::withdraw(by(KEEPER)));
		assert_eq!(last_event(), Event::Withdrawn { custodian: KEEPER, amount: 400 });
		assert_eq!(held(HoldReason::Bond, KEEPER), BOND - 400);
		assert_noop!(Custody::withdraw(by(KEEPER)), Fault::NothingUnbonding);
		assert_noop!(Custody::withdraw(by(STRANGER)), Fault::UnknownCustodian);
	});
}

#[test]
fn a_custodian_takes_out_no_more_than_it_can() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_noop!(Custody::unbond(by(STRANGER), 1), Fault::UnknownCustodian);
		assert_noop!(Custody::unbond(by(KEEPER), 0), Fault::ZeroAmount);
		assert_noop!(Custody::unbond(by(KEEPER), BOND + 1), Fault::BondInUse);
		assert_noop!(Custody::unbond(by(KEEPER), BOND - 1), Fault::BelowMinBond);
		assert_ok!(Custody::unbond(by(KEEPER), BOND - MIN_BOND));
		assert_ok!(Custody::unbond(by(KEEPER), MIN_BOND));
	});
}

#[test]
fn a_bond_covers_what_appointments_need() {
	build_and_execute(|| {
		keeper();
		assert_noop!(Custody::unbond(by(KEEPER), BOND), Fault::BondInUse);
		// Even when nothing is at stake.
		Stake::set(0);
		assert_noop!(Custody::unbond(by(KEEPER), BOND), Fault::BondInUse);
		Stake::set(1_500);
		assert_noop!(Custody::unbond(by(KEEPER), 501), Fault::BondInUse);
		assert_ok!(Custody::unbond(by(KEEPER), 500));
		Stake::set(Balance::MAX);
		assert_noop!(Custody::unbond(by(KEEPER), 1), Fault::BondInUse);
	});
}

#[test]
fn who_takes_everything_out_has_left() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(Custody::unbond(by(KEEPER), BOND));
		assert!(Custodians::<Test>::contains_key(KEEPER));
		run_to(1 + UNBONDING);
		assert_ok!(Custody::withdraw(by(KEEPER)));
		assert_eq!(last_event(), Event::CustodianRemoved { custodian: KEEPER });
		assert!(!Custodians::<Test>::contains_key(KEEPER));
		assert_eq!(free(KEEPER), ENDOWMENT);
		assert_ok!(register(KEEPER, BOND));
	});
}

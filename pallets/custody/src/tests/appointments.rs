//! Owners appoint, custodians accept, and both may end it.

use crate::{mock::*, Appointments, Error, Event, HoldReason};
use assay_primitives::{
	custody::{key_commitment, MAX_CUSTODIANS},
	AssetId, Balance, Root,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn deposit() -> Balance {
	Custody::appointment_deposit()
}

fn change_key(commitment: Option<Root>) {
	Assets::insert(ASSET, (OWNER, commitment));
}

#[test]
fn a_custodian_is_appointed_and_accepts() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(appoint(KEEPER));
		assert_eq!(last_event(), Event::CustodianAppointed { asset: ASSET, custodian: KEEPER });
		assert_eq!((held(HoldReason::Deposit, OWNER), deposit() > 0), (deposit(), true));
		assert_eq!(custodian(KEEPER).appointments, 0);
		assert_ok!(accept(KEEPER));
		let commitment = key_commitment(&KEY);
		let accepted = Event::AppointmentAccepted { asset: ASSET, custodian: KEEPER, commitment };
		assert_eq!(last_event(), accepted);
		assert_eq!(custodian(KEEPER).appointments, 1);
		let appointment = Custody::custodians_of(ASSET).pop().unwrap();
		assert_eq!((appointment.accepted, appointment.able), (Some(commitment), true));
	});
}

#[test]
fn an_appointment_fails_when_it_is_not_the_owners_or_of_nobody() {
	build_and_execute(|| {
		assert_noop!(appoint(KEEPER), Fault::UnknownCustodian);
		assert_ok!(register(KEEPER, BOND));
		assert_noop!(Custody::appoint(by(STRANGER), ASSET, KEEPER), Fault::NotOwner);
		assert_noop!(Custody::appoint(by(OWNER), AssetId(12), KEEPER), Fault::UnknownAsset);
		Assets::insert(ASSET, (PAUPER, Some(key_commitment(&KEY))));
		let refused = Custody::appoint(by(PAUPER), ASSET, KEEPER);
		assert_noop!(refused, Fault::InsufficientFunds);
		assert_noop!(appoint(KEEPER), Fault::NotOwner);
	});
}

#[test]
fn an_asset_has_each_custodian_once_and_only_so_many() {
	build_and_execute(|| {
		for account in CROWD..=CROWD + u64::from(MAX_CUSTODIANS) {
			fund(account, BOND + ED);
			assert_ok!(register(account, BOND));
		}
		for account in CROWD..CROWD + u64::from(MAX_CUSTODIANS) {
			assert_ok!(appoint(account));
		}
		assert_noop!(appoint(CROWD), Fault::AlreadyAppointed);
		assert_noop!(appoint(CROWD + u64::from(MAX_CUSTODIANS)), Fault::TooManyCustodians);
		assert_ok!(Custody::dismiss(by(OWNER), ASSET, CROWD + 1));
		assert_ok!(appoint(CROWD + u64::from(MAX_CUSTODIANS)));
	});
}

#[test]
fn only_who_is_appointed_and_has_the_key_accepts() {
	build_and_execute(|| {
		assert_noop!(accept(KEEPER), Fault::UnknownCustodian);
		assert_ok!(register(KEEPER, BOND));
		assert_noop!(accept(KEEPER), Fault::NotAppointed);
		assert_ok!(appoint(KEEPER));
		let refused = Custody::accept(by(KEEPER), ASSET, key_commitment(&OTHER_KEY));
		assert_noop!(refused, Fault::WrongCommitment);
		change_key(None);
		assert_noop!(accept(KEEPER), Fault::WrongCommitment);
		change_key(Some(key_commitment(&KEY)));
		assert_ok!(accept(KEEPER));
		assert_noop!(accept(KEEPER), Fault::AlreadyAccepted);
	});
}

#[test]
fn a_bond_bears_so_many_appointments_and_no_more() {
	build_and_execute(|| {
		let (bond, assets) = (2 * EXPOSURE + 400, [AssetId(1), AssetId(2), AssetId(3)]);
		assert_ok!(register(KEEPER, bond));
		let agree = |asset| Custody::accept(by(KEEPER), asset, key_commitment(&KEY));
		for asset in assets {
			Assets::insert(asset, (OWNER, Some(key_commitment(&KEY))));
			assert_ok!(Custody::appoint(by(OWNER), asset, KEEPER));
		}
		assert_ok!(agree(assets[0]));
		assert_ok!(agree(assets[1]));
		assert_noop!(agree(assets[2]), Fault::BondInUse);
		assert_ok!(Custody::bond_more(by(KEEPER), 1));
		assert_ok!(agree(assets[2]));
		// Who has left keeps no keys.
		assert_ok!(register(SECOND, BOND));
		assert_ok!(Custody::unbond(by(SECOND), BOND));
		assert_ok!(appoint(SECOND));
		assert_noop!(accept(SECOND), Fault::BelowMinBond);
	});
}

#[test]
fn a_new_key_is_accepted_anew() {
	build_and_execute(|| {
		keeper();
		let commitment = key_commitment(&OTHER_KEY);
		change_key(Some(commitment));
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		assert!(!Custody::custodians_of(ASSET)[0].able);
		assert_ok!(Custody::accept(by(KEEPER), ASSET, commitment));
		assert_eq!(custodian(KEEPER).appointments, 1);
		assert_ok!(request(ASKER, right(ASKER), None));
		assert_eq!(view(ID).unwrap().commitment, commitment);
	});
}

#[test]
fn the_owner_dismisses_whom_it_likes() {
	build_and_execute(|| {
		keeper();
		assert_noop!(Custody::dismiss(by(STRANGER), ASSET, KEEPER), Fault::NotOwner);
		assert_noop!(Custody::dismiss(by(OWNER), AssetId(12), KEEPER), Fault::NotAppointed);
		assert_noop!(Custody::dismiss(by(OWNER), ASSET, SECOND), Fault::NotAppointed);
		assert_ok!(Custody::dismiss(by(OWNER), ASSET, KEEPER));
		assert_eq!(last_event(), Event::CustodianDismissed { asset: ASSET, custodian: KEEPER });
		assert_eq!((held(HoldReason::Deposit, OWNER), custodian(KEEPER).appointments), (0, 0));
		assert!(!Appointments::<Test>::contains_key(ASSET));
		assert_ok!(Custody::unbond(by(KEEPER), BOND));
	});
}

/// A custodian does not resign from an asset that is gone, so that the deposit stays held.
#[test]
fn anybody_ends_the_appointments_of_what_nobody_owns() {
	build_and_execute(|| {
		keeper();
		Assets::remove(ASSET);
		assert_ok!(Custody::dismiss(by(STRANGER), ASSET, KEEPER));
		assert_eq!((free(OWNER), custodian(KEEPER).appointments), (ENDOWMENT, 0));
	});
}

#[test]
fn a_new_owner_dismisses_and_the_old_one_has_its_deposit_back() {
	build_and_execute(|| {
		keeper();
		Assets::insert(ASSET, (STRANGER, Some(key_commitment(&KEY))));
		assert_noop!(Custody::dismiss(by(OWNER), ASSET, KEEPER), Fault::NotOwner);
		assert_ok!(Custody::dismiss(by(STRANGER), ASSET, KEEPER));
		assert_eq!((free(OWNER), free(STRANGER)), (ENDOWMENT, ENDOWMENT));
	});
}

#[test]
fn a_custodian_resigns_when_no_request_is_open() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		assert_noop!(Custody::resign(by(KEEPER), ASSET), Fault::RequestsOpen);
		assert_noop!(Custody::resign(by(SECOND), ASSET), Fault::NotAppointed);
		assert_noop!(Custody::resign(by(KEEPER), AssetId(12)), Fault::NotAppointed);
		run_to(1 + WINDOW);
		assert_eq!(view(id), None);
		assert_ok!(Custody::resign(by(KEEPER), ASSET));
		assert_eq!(last_event(), Event::CustodianResigned { asset: ASSET, custodian: KEEPER });
		assert_eq!((free(OWNER), custodian(KEEPER).appointments), (ENDOWMENT, 0));
	});
}

#[test]
fn requests_for_another_key_keep_nobody_from_resigning() {
	build_and_execute(|| {
		asked();
		let other = AssetId(12);
		Assets::insert(other, (OWNER, Some(key_commitment(&OTHER_KEY))));
		assert_ok!(Custody::appoint(by(OWNER), other, KEEPER));
		assert_ok!(Custody::accept(by(KEEPER), other, key_commitment(&OTHER_KEY)));
		assert_ok!(Custody::resign(by(KEEPER), other));
	});
}

#[test]
fn an_appointment_is_declined() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(appoint(KEEPER));
		assert_ok!(Custody::resign(by(KEEPER), ASSET));
		assert_eq!(free(OWNER), ENDOWMENT);
	});
}

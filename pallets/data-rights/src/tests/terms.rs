use crate::{mock::*, Assets, Error, Event};
use assay_primitives::{
	rights::{Algorithms, Consent, ConsentInspect, Licence},
	AssetId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

const NOTHING: Consent = Consent { training: false, inference: false, derivatives: false };

fn licence(text: &str) -> Licence {
	text.as_bytes().to_vec().try_into().unwrap()
}

#[test]
fn set_terms_changes_what_is_allowed_from_now_on() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		assert!(<DataRights as ConsentInspect<AccountId>>::may_train(asset));
		assert_ok!(DataRights::set_terms(by(OWNER), asset, NOTHING, licence("MIT")));

		let spec = DataRights::asset(asset).unwrap().spec;
		assert_eq!((spec.consent, spec.licence), (NOTHING, licence("MIT")));
		assert!(!<DataRights as ConsentInspect<AccountId>>::may_train(asset));
		// The licence is six bytes shorter.
		assert_eq!(held(OWNER), before - 6 * PER_BYTE);
		let event = Event::TermsSet { asset, consent: NOTHING, licence: licence("MIT") };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn a_grant_keeps_the_consent_that_it_was_made_with() {
	build_and_execute(|| {
		let asset = asset();
		let before = given(asset, grant_terms());
		assert_ok!(DataRights::set_terms(by(OWNER), asset, NOTHING, licence("MIT")));
		let after = given(asset, grant_terms());
		assert_ok!(exercise(BUYER, before, 1));
		assert_noop!(exercise(BUYER, after, 1), Error::<Test>::NotConsented);
		// What is consented to later is for all.
		assert_ok!(DataRights::set_terms(by(OWNER), asset, spec().consent, licence("MIT")));
		assert_ok!(exercise(BUYER, after, 1));
	});
}

#[test]
fn an_extension_is_made_with_the_consent_of_its_time() {
	build_and_execute(|| {
		let asset = asset();
		assert_ok!(DataRights::set_terms(by(OWNER), asset, NOTHING, licence("MIT")));
		let grant = given(asset, grant_terms());
		assert_ok!(DataRights::set_terms(by(OWNER), asset, spec().consent, licence("MIT")));
		assert_ok!(DataRights::extend(by(OWNER), grant, None, 1));
		assert_ok!(DataRights::set_terms(by(OWNER), asset, NOTHING, licence("MIT")));
		assert_ok!(exercise(BUYER, grant, 3));
	});
}

#[test]
fn who_sets_terms_pays_the_deposit_from_then_on() {
	build_and_execute(|| {
		let asset = asset();
		sell(asset, OTHER);
		assert_ok!(DataRights::set_terms(by(OTHER), asset, NOTHING, licence("CC-BY-4.0")));
		let record = Assets::<Test>::get(asset).unwrap();
		assert_eq!((record.payer, held(OWNER), held(OTHER)), (OTHER, 0, record.deposit));
	});
}

#[test]
fn set_terms_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let set = |origin, asset| DataRights::set_terms(origin, asset, NOTHING, licence("MIT"));
		assert_noop!(set(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(set(by(STRANGER), asset), Error::<Test>::NotOwner);
		assert_noop!(set(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
	});
}

#[test]
fn set_terms_fails_when_the_licence_is_no_text() {
	build_and_execute(|| {
		let asset = asset();
		let licence: Licence = vec![0xff].try_into().unwrap();
		let set = DataRights::set_terms(by(OWNER), asset, NOTHING, licence);
		assert_noop!(set, Error::<Test>::InvalidText);
	});
}

#[test]
fn set_terms_fails_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let asset = asset();
		sell(asset, PAUPER);
		let set = DataRights::set_terms(by(PAUPER), asset, NOTHING, licence("MIT"));
		assert_noop!(set, Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn set_algorithms_decides_every_use_from_then_on() {
	build_and_execute(|| {
		let asset = asset();
		let grant = given(asset, grant_terms());
		let use_of = |version| exercise_for(BUYER, grant, version, usage(), 1);
		assert_noop!(use_of(RIVAL), Error::<Test>::AlgorithmForbidden);
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, only(&[RIVAL])));
		assert_eq!(last_event(), Some(Event::AlgorithmsSet { asset }));
		assert_noop!(use_of(VERSION), Error::<Test>::AlgorithmForbidden);
		assert_ok!(use_of(RIVAL));
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, Algorithms::Any));
		assert_ok!(use_of(VERSION));
	});
}

#[test]
fn set_algorithms_moves_the_deposit_with_the_size() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, only(&[VERSION, RIVAL])));
		assert_eq!(held(OWNER), before + 8 * PER_BYTE);
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, only(&[])));
		assert_eq!(held(OWNER), before - 8 * PER_BYTE);
	});
}

#[test]
fn set_algorithms_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let set = |origin, asset| DataRights::set_algorithms(origin, asset, Algorithms::Any);
		assert_noop!(set(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(set(by(STRANGER), asset), Error::<Test>::NotOwner);
		assert_noop!(set(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
	});
}

#[test]
fn set_algorithms_fails_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let asset = asset();
		sell(asset, PAUPER);
		let set = DataRights::set_algorithms(by(PAUPER), asset, Algorithms::Any);
		assert_noop!(set, Error::<Test>::InsufficientFunds);
	});
}

use crate::{mock::*, Error, Event, Offers};
use assay_primitives::ModelId;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn offer_model_moves_nothing_yet() {
	build_and_execute(|| {
		let model = registered_model();
		let before = held(OWNER);
		assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));

		assert_eq!(Offers::<Test>::get(model), Some(BUYER));
		assert_eq!(Models::model(model).unwrap().owner, OWNER);
		assert_eq!((held(OWNER), held(BUYER)), (before, 0));
		assert_eq!(last_event(), Some(Event::ModelOffered { model, to: BUYER }));
	});
}

#[test]
fn offer_model_replaces_an_earlier_offer() {
	build_and_execute(|| {
		let model = registered_model();
		assert_ok!(Models::offer_model(signed(OWNER), model, STRANGER));
		assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));
		assert_eq!(Offers::<Test>::get(model), Some(BUYER));
	});
}

#[test]
fn offer_model_to_oneself_withdraws_the_offer() {
	build_and_execute(|| {
		let model = registered_model();
		assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));
		assert_ok!(Models::offer_model(signed(OWNER), model, OWNER));

		assert_eq!(Offers::<Test>::get(model), None);
		assert_eq!(last_event(), Some(Event::OfferWithdrawn { model }));
		assert_noop!(Models::accept_model(signed(BUYER), model), Error::<Test>::NotOffered);
	});
}

#[test]
fn offer_model_to_oneself_fails_when_there_is_no_offer() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(Models::offer_model(signed(OWNER), model, OWNER), Error::<Test>::NotOffered);
	});
}

#[test]
fn offer_model_fails_when_unsigned() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(
			Models::offer_model(RuntimeOrigin::root(), model, BUYER),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn offer_model_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(
			Models::offer_model(signed(OWNER), ModelId(0), BUYER),
			Error::<Test>::UnknownModel
		);
	});
}

#[test]
fn offer_model_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(
			Models::offer_model(signed(STRANGER), model, STRANGER),
			Error::<Test>::NotOwner
		);
	});
}

use crate::{mock::*, types::SortedId, Error, Event, Models as Records, Offers, OwnedModels};
use assay_primitives::{traits::ModelInspect, ModelId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

/// A model with two versions, offered to an account.
fn offered_model(to: u64) -> ModelId {
	let model = registered_model();
	publish(model);
	publish(model);
	assert_ok!(Models::offer_model(signed(OWNER), model, to));
	model
}

#[test]
fn accept_model_moves_the_model_and_every_deposit() {
	build_and_execute(|| {
		let model = offered_model(BUYER);
		let deposit = held(OWNER);
		assert_eq!(Records::<Test>::get(model).unwrap().total_deposit(), deposit);
		assert_ok!(Models::accept_model(signed(BUYER), model));

		assert_eq!((held(OWNER), held(BUYER)), (0, deposit));
		assert_eq!(Balances::free_balance(OWNER), ENDOWMENT);
		assert_eq!(Balances::free_balance(BUYER), ENDOWMENT - deposit);
		assert_eq!(Records::<Test>::get(model).unwrap().owner, BUYER);
		assert!(!OwnedModels::<Test>::contains_key(OWNER, SortedId::from(model)));
		assert!(OwnedModels::<Test>::contains_key(BUYER, SortedId::from(model)));
		assert_eq!(Offers::<Test>::get(model), None);
		assert_eq!(last_event(), Some(Event::ModelTransferred { model, from: OWNER, to: BUYER }));
	});
}

#[test]
fn accept_model_hands_over_every_right() {
	build_and_execute(|| {
		let version = published_version();
		assert_ok!(Models::offer_model(signed(OWNER), version.model, BUYER));
		assert_ok!(Models::accept_model(signed(BUYER), version.model));

		let info = <Models as ModelInspect<u64>>::version(version).unwrap();
		assert_eq!(info.owner, BUYER);
		assert_noop!(Models::set_price(signed(OWNER), version, 9), Error::<Test>::NotOwner);
		assert_ok!(Models::set_price(signed(BUYER), version, 9));
	});
}

#[test]
fn accept_model_keeps_the_deposits_of_the_old_owner_s_other_models() {
	build_and_execute(|| {
		let other = model_named("other");
		publish(other);
		let kept = held(OWNER);
		let model = offered_model(BUYER);
		assert_ok!(Models::accept_model(signed(BUYER), model));
		assert_eq!(held(OWNER), kept);
	});
}

#[test]
fn accept_model_fails_when_unsigned() {
	build_and_execute(|| {
		let model = offered_model(BUYER);
		assert_noop!(Models::accept_model(RuntimeOrigin::none(), model), DispatchError::BadOrigin);
	});
}

#[test]
fn accept_model_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(Models::accept_model(signed(BUYER), ModelId(0)), Error::<Test>::UnknownModel);
	});
}

#[test]
fn accept_model_fails_when_it_is_not_offered_to_the_caller() {
	build_and_execute(|| {
		let model = offered_model(BUYER);
		for account in [STRANGER, OWNER] {
			assert_noop!(Models::accept_model(signed(account), model), Error::<Test>::NotOffered);
		}
	});
}

#[test]
fn accept_model_fails_a_second_time() {
	build_and_execute(|| {
		let model = offered_model(BUYER);
		assert_ok!(Models::accept_model(signed(BUYER), model));
		assert_noop!(Models::accept_model(signed(BUYER), model), Error::<Test>::NotOffered);
	});
}

#[test]
fn accept_model_fails_when_the_caller_cannot_pay_the_deposits() {
	build_and_execute(|| {
		let model = offered_model(PAUPER);
		assert_noop!(Models::accept_model(signed(PAUPER), model), TokenError::FundsUnavailable);
	});
}

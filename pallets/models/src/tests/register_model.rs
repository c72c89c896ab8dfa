use crate::{
	mock::*, types::SortedId, Error, Event, Models as Records, Names, NextModel, OwnedModels,
};
use assay_primitives::ModelId;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

#[test]
fn register_model_stores_the_model_and_holds_its_deposit() {
	build_and_execute(|| {
		let metadata = b"https://models.example".to_vec();
		assert_ok!(Models::register_model(
			signed(OWNER),
			name("magika/v3_3"),
			metadata.clone().try_into().unwrap()
		));

		let record = Records::<Test>::get(ModelId(0)).unwrap();
		assert_eq!((record.owner, record.latest), (OWNER, 0));
		assert_eq!(record.metadata.to_vec(), metadata);
		// A base of 100, and 2 a byte; each text carries one byte of length.
		assert_eq!(record.deposit, 100 + 2 * (1 + 11 + 1 + 22));
		assert_eq!(held(OWNER), record.deposit);
		assert_eq!(Balances::free_balance(OWNER), ENDOWMENT - record.deposit);
		assert_eq!(Names::<Test>::get(name("magika/v3_3")), Some(ModelId(0)));
		assert!(OwnedModels::<Test>::contains_key(OWNER, SortedId::from(ModelId(0))));
		assert_eq!(
			last_event(),
			Some(Event::ModelRegistered {
				model: ModelId(0),
				owner: OWNER,
				name: name("magika/v3_3")
			})
		);
	});
}

#[test]
fn register_model_gives_ids_in_order() {
	build_and_execute(|| {
		assert_eq!(model_named("a"), ModelId(0));
		assert_eq!(model_named("b"), ModelId(1));
		assert_eq!(NextModel::<Test>::get(), ModelId(2));
	});
}

#[test]
fn register_model_fails_when_unsigned() {
	build_and_execute(|| {
		let call = Models::register_model(RuntimeOrigin::root(), name("model"), Default::default());
		assert_noop!(call, DispatchError::BadOrigin);
	});
}

#[test]
fn register_model_fails_when_the_name_is_invalid() {
	build_and_execute(|| {
		for bad in ["", "-model", "/model", "Model", "mo del", "modèl"] {
			assert_noop!(
				Models::register_model(signed(OWNER), name(bad), Default::default()),
				Error::<Test>::InvalidName
			);
		}
	});
}

#[test]
fn register_model_fails_when_the_metadata_is_not_utf8() {
	build_and_execute(|| {
		assert_noop!(
			Models::register_model(
				signed(OWNER),
				name("model"),
				vec![0xff, 0xfe].try_into().unwrap()
			),
			Error::<Test>::InvalidMetadata
		);
	});
}

#[test]
fn register_model_fails_when_the_name_is_taken() {
	build_and_execute(|| {
		registered_model();
		for account in [OWNER, STRANGER] {
			assert_noop!(
				Models::register_model(signed(account), name("model"), Default::default()),
				Error::<Test>::NameTaken
			);
		}
	});
}

#[test]
fn register_model_fails_when_the_caller_cannot_pay_the_deposit() {
	build_and_execute(|| {
		assert_noop!(
			Models::register_model(signed(PAUPER), name("model"), Default::default()),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn register_model_fails_when_ids_are_used_up() {
	// The id is moved by hand, which the invariant on ids would object to.
	new_test_ext().execute_with(|| {
		NextModel::<Test>::put(ModelId(u32::MAX));
		assert_noop!(
			Models::register_model(signed(OWNER), name("model"), Default::default()),
			Error::<Test>::TooManyModels
		);
	});
}

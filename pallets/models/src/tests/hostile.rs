//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error, Models as Records, Versions};
use assay_primitives::{
	model::{Metadata, VersionSpec},
	ModelId,
};
use frame_support::{assert_noop, assert_ok};
use proptest::prelude::*;
use sp_runtime::TokenError;

#[test]
fn name_squatting_by_look_alike_bytes_fails() {
	build_and_execute(|| {
		model_named("magika");
		// Upper case, a Cyrillic letter, blanks, a zero, an invisible joiner, a trailing newline.
		let look_alikes: [&[u8]; 7] = [
			b"Magika",
			"mаgika".as_bytes(),
			b" magika",
			b"magika ",
			b"magika\0",
			"magi\u{200d}ka".as_bytes(),
			b"magika\n",
		];
		for bytes in look_alikes {
			assert_noop!(
				Models::register_model(
					signed(STRANGER),
					bytes.to_vec().try_into().unwrap(),
					Metadata::default()
				),
				Error::<Test>::InvalidName
			);
		}
	});
}

#[test]
fn a_deposit_cannot_be_forced_upon_another_account() {
	build_and_execute(|| {
		let model = registered_model();
		assert_ok!(Models::offer_model(signed(OWNER), model, STRANGER));
		for _ in 0..3 {
			publish(model);
		}
		assert_eq!(held(STRANGER), 0);
		assert_eq!(Balances::free_balance(STRANGER), ENDOWMENT);
	});
}

#[test]
fn a_deposit_cannot_be_shed_onto_an_account_that_cannot_pay() {
	build_and_execute(|| {
		let model = registered_model();
		let before = held(OWNER);
		assert_ok!(Models::offer_model(signed(OWNER), model, PAUPER));
		assert_noop!(Models::accept_model(signed(PAUPER), model), TokenError::FundsUnavailable);
		assert_eq!(held(OWNER), before);
	});
}

#[test]
fn a_model_cannot_be_taken_by_an_offer_that_was_replaced() {
	build_and_execute(|| {
		let model = registered_model();
		assert_ok!(Models::offer_model(signed(OWNER), model, STRANGER));
		assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));
		assert_noop!(Models::accept_model(signed(STRANGER), model), Error::<Test>::NotOffered);
	});
}

#[test]
fn an_old_owner_cannot_give_a_sold_model_away_again() {
	build_and_execute(|| {
		let model = registered_model();
		assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));
		assert_ok!(Models::accept_model(signed(BUYER), model));
		assert_noop!(Models::offer_model(signed(OWNER), model, STRANGER), Error::<Test>::NotOwner);
	});
}

#[test]
fn a_declaration_cannot_be_swapped_under_its_number() {
	build_and_execute(|| {
		let version = published_version();
		let other = VersionSpec { price: 1, ..spec() };
		assert_ok!(Models::publish_version(signed(OWNER), version.model, Box::new(other)));
		assert_eq!(Versions::<Test>::get(version).unwrap().spec, spec());
	});
}

#[test]
fn spam_is_paid_for_model_by_model_until_the_spammer_is_broke() {
	build_and_execute(|| {
		DepositPerByte::set(1_000);
		let mut registered = 0u32;
		while Models::register_model(
			signed(STRANGER),
			name(&format!("spam-{registered:04}")),
			Metadata::default(),
		)
		.is_ok()
		{
			registered += 1;
		}
		// Each costs 100 + 1,000 * (1 + 9 + 1).
		assert_eq!(u128::from(registered), (ENDOWMENT - 1) / 11_100);
		assert_eq!(Records::<Test>::iter_keys().count(), registered as usize);
	});
}

#[test]
fn version_spam_ends_at_the_bound_and_leaves_other_models_alone() {
	build_and_execute(|| {
		let (spammed, other) = (model_named("spammed"), model_named("other"));
		for _ in 0..3 {
			publish(spammed);
		}
		assert_noop!(
			Models::publish_version(signed(OWNER), spammed, Box::new(spec())),
			Error::<Test>::TooManyVersions
		);
		assert_eq!(publish(other).number, 1);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn no_order_of_calls_breaks_an_invariant(
		calls in proptest::collection::vec((0u8..6, 1u64..=4, 1u64..=4, 0u32..3), 0..40),
	) {
		build_and_execute(|| {
			for (call, who, whom, number) in calls {
				let model = ModelId(number);
				let version = assay_primitives::VersionId { model, number: number + 1 };
				let _ = match call {
					0 => Models::register_model(
						signed(who),
						name(&format!("m{number}")),
						Metadata::default(),
					),
					1 => Models::publish_version(signed(who), model, Box::new(spec())),
					2 => Models::deprecate_version(signed(who), version),
					3 => Models::offer_model(signed(who), model, whom),
					4 => Models::accept_model(signed(who), model),
					_ => Models::set_price(signed(who), version, 3),
				};
			}
		});
	}
}

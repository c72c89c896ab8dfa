//! Saying what a machine is.

use crate::{mock::*, AttributesOf, Error, Event, HoldReason};
use assay_primitives::lease::{key_path, KeyPath};
use frame_support::{assert_noop, assert_ok};

#[test]
fn attributes_are_stored_with_a_deposit_for_their_bytes() {
	build_and_execute(|| {
		register(HELPER);
		assert_ok!(set_attributes(HELPER, &["cpu/epyc"]));
		// One item, and the bytes with the two lengths before them.
		assert_eq!(held(HoldReason::Attributes, HELPER), 10 + 8 + 2);
		assert_eq!(events().last(), Some(&Event::AttributesSet { provider: HELPER }));
		assert_ok!(set_attributes(HELPER, &["cpu"]));
		assert_eq!(held(HoldReason::Attributes, HELPER), 10 + 3 + 2);
		assert_eq!(Leases::attributes(HELPER).to_vec(), [key_path("cpu").unwrap()]);
	});
}

#[test]
fn nothing_takes_attributes_back() {
	build_and_execute(|| {
		assert_ok!(set_attributes(PROVIDER, &[]));
		assert_eq!(held(HoldReason::Attributes, PROVIDER), 0);
		assert!(!AttributesOf::<Test>::contains_key(PROVIDER));
		// Whoever has left may do so as well.
		Registry::remove(RIVAL);
		assert_ok!(set_attributes(RIVAL, &[]));
		assert_eq!(total(RIVAL), ENDOWMENT);
	});
}

#[test]
fn what_is_no_path_is_refused() {
	build_and_execute(|| {
		for path in ["", "GPU", "gpu//h100", "a/b/c/d/e/f/g"] {
			let path = KeyPath::try_from(path.as_bytes().to_vec()).unwrap();
			let paths = vec![path].try_into().unwrap();
			let refused = Leases::set_attributes(by(PROVIDER), paths);
			assert_noop!(refused, Error::<Test>::InvalidPath);
		}
	});
}

#[test]
fn only_providers_have_attributes() {
	build_and_execute(|| {
		assert_noop!(set_attributes(HELPER, &["cpu"]), Error::<Test>::UnknownProvider);
		register(PAUPER);
		assert_noop!(set_attributes(PAUPER, &["cpu"]), Error::<Test>::InsufficientFunds);
	});
}

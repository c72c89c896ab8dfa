use crate::{mock::*, Error, Event, Versions};
use assay_primitives::{
	model::VersionStatus,
	traits::{ModelFreeze, ModelInspect},
	VersionId,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn freeze_gives_the_deposit_to_the_prover_and_takes_no_jobs_any_more() {
	build_and_execute(|| {
		let version = published_version();
		let (before, deposit) = (held(OWNER), Versions::<Test>::get(version).unwrap().deposit);
		let had = Balances::free_balance(BUYER);
		Models::freeze(version, &BUYER);

		assert_eq!(Versions::<Test>::get(version).unwrap().status, VersionStatus::Frozen);
		assert!(!Models::is_active(version));
		assert_eq!(held(OWNER), before - deposit);
		assert_eq!(Balances::free_balance(BUYER), had + deposit);
		assert_eq!(last_event(), Some(Event::VersionFrozen { version, prover: BUYER, deposit }));
	});
}

#[test]
fn a_frozen_version_is_frozen_once_and_stays_so() {
	build_and_execute(|| {
		let version = published_version();
		Models::freeze(version, &BUYER);
		let had = Balances::free_balance(BUYER);
		Models::freeze(version, &BUYER);
		assert_eq!(Balances::free_balance(BUYER), had);
		assert_noop!(
			Models::deprecate_version(signed(OWNER), version),
			Error::<Test>::AlreadyDeprecated
		);
		Models::freeze(VersionId::default(), &BUYER);
	});
}

#[test]
fn a_model_with_a_frozen_version_is_transferred_with_the_rest_of_its_deposits() {
	build_and_execute(|| {
		let version = published_version();
		Models::freeze(version, &BUYER);
		let rest = held(OWNER);
		assert_ok!(Models::offer_model(signed(OWNER), version.model, BUYER));
		assert_ok!(Models::accept_model(signed(BUYER), version.model));
		assert_eq!((held(OWNER), held(BUYER)), (0, rest));
	});
}

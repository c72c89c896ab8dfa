use crate::{mock::*, Descendants, Error, Event, Lineages, Models as Records};
use assay_primitives::{
	licence::{Licence, Parent},
	traits::ModelFreeze,
	VersionId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

/// A version of the owner that was made from one whose owner is asked, that one, and both as parents.
fn pending() -> (VersionId, VersionId, [Parent; 2]) {
	let (made_from, version) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
	let parents = [tuned(made_from, 1), trained(ASKED, 1)];
	assert_ok!(declare(OWNER, version, &parents));
	(version, made_from, parents)
}

#[test]
fn withdraw_lineage_leaves_nothing_and_releases_the_deposit() {
	build_and_execute(|| {
		let (version, made_from, parents) = pending();
		let (before, lineage) = (held(OWNER), Lineages::<Test>::get(version).unwrap());
		assert_ok!(Models::consent(signed(AUTHOR), version, parents[0]));
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));

		assert_eq!(Lineages::<Test>::get(version), None);
		assert!(!Descendants::<Test>::contains_key(made_from));
		assert_eq!(held(OWNER), before - lineage.deposit);
		assert_eq!(Balances::free_balance(OWNER), ENDOWMENT - held(OWNER));
		let record = Records::<Test>::get(version.model).unwrap();
		assert_eq!(record.total_deposit(), held(OWNER));
		assert_eq!(last_event(), Some(Event::LineageWithdrawn { version }));
	});
}

#[test]
fn withdraw_lineage_leaves_the_other_descendants_of_its_parents() {
	build_and_execute(|| {
		let (version, made_from, _) = pending();
		let other = version_of(STRANGER, asking());
		assert_ok!(declare(STRANGER, other, &[tuned(made_from, 1)]));
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));
		assert_eq!(Descendants::<Test>::get(made_from), 1);
	});
}

#[test]
fn withdraw_lineage_opens_the_way_to_another_declaration_that_asks_anew() {
	build_and_execute(|| {
		let (version, _, parents) = pending();
		assert_ok!(Models::consent(signed(AUTHOR), version, parents[0]));
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));
		assert_ok!(declare(OWNER, version, &parents));
		assert_eq!(Models::lineage(version).unwrap().awaits, 2);
	});
}

#[test]
fn withdraw_lineage_releases_to_whoever_owns_the_model_by_now() {
	build_and_execute(|| {
		let (version, ..) = pending();
		transfer(version.model, OWNER, BUYER);
		let (before, lineage) = (held(BUYER), Lineages::<Test>::get(version).unwrap());
		assert_noop!(Models::withdraw_lineage(signed(OWNER), version), Error::<Test>::NotOwner);
		assert_ok!(Models::withdraw_lineage(signed(BUYER), version));
		assert_eq!((held(OWNER), held(BUYER)), (0, before - lineage.deposit));
	});
}

#[test]
fn a_frozen_version_keeps_its_lineage_and_can_withdraw_it() {
	build_and_execute(|| {
		let (version, ..) = pending();
		let lineage = Lineages::<Test>::get(version).unwrap();
		Models::freeze(version, &BUYER);
		let rest = held(OWNER);
		assert_eq!(Lineages::<Test>::get(version).as_ref(), Some(&lineage));
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));
		assert_eq!(held(OWNER), rest - lineage.deposit);
	});
}

#[test]
fn withdraw_lineage_fails_when_unsigned() {
	build_and_execute(|| {
		let (version, ..) = pending();
		assert_noop!(
			Models::withdraw_lineage(RuntimeOrigin::none(), version),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn withdraw_lineage_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(
			Models::withdraw_lineage(signed(OWNER), VersionId::default()),
			Error::<Test>::UnknownModel
		);
	});
}

#[test]
fn withdraw_lineage_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let (version, ..) = pending();
		for account in [AUTHOR, STRANGER] {
			assert_noop!(
				Models::withdraw_lineage(signed(account), version),
				Error::<Test>::NotOwner
			);
		}
	});
}

#[test]
fn withdraw_lineage_fails_when_there_is_none() {
	build_and_execute(|| {
		let (version, ..) = pending();
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));
		for version in [version, version_of(OWNER, Licence::default())] {
			assert_noop!(
				Models::withdraw_lineage(signed(OWNER), version),
				Error::<Test>::NoLineage
			);
		}
	});
}

#[test]
fn withdraw_lineage_fails_after_the_last_consent() {
	build_and_execute(|| {
		let (version, _, parents) = pending();
		for parent in parents {
			assert_ok!(Models::consent(signed(AUTHOR), version, parent));
		}
		assert_noop!(Models::withdraw_lineage(signed(OWNER), version), Error::<Test>::LineageHolds);
	});
}

#[test]
fn withdraw_lineage_fails_when_nobody_was_asked() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(OPEN, 1)]));
		assert_noop!(Models::withdraw_lineage(signed(OWNER), version), Error::<Test>::LineageHolds);
	});
}

use crate::{mock::*, Error, Event, Lineages};
use assay_primitives::{
	licence::{Licence, Parent, Relation, Source},
	ModelId, VersionId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

/// A version of the owner that was made from one of the author and from its data, and those two
/// parents. The author is asked for both.
fn pending() -> (VersionId, [Parent; 2]) {
	let parents = [tuned(version_of(AUTHOR, asking()), 100_000), trained(ASKED, 50_000)];
	let version = version_of(OWNER, asking());
	assert_ok!(declare(OWNER, version, &parents));
	(version, parents)
}

#[test]
fn consent_of_every_owner_makes_the_lineage_hold() {
	build_and_execute(|| {
		let (version, [parent, data]) = pending();
		let (deposit, had) = (held(OWNER), Balances::free_balance(AUTHOR));
		assert_ok!(Models::consent(signed(AUTHOR), version, data));
		let event = Event::LineageConsented { version, source: data.source, awaits: 1 };
		assert_eq!(last_event(), Some(event));
		assert!(!Lineages::<Test>::get(version).unwrap().holds());

		assert_ok!(Models::consent(signed(AUTHOR), version, parent));
		let event = Event::LineageConsented { version, source: parent.source, awaits: 0 };
		assert_eq!(last_event(), Some(event));
		assert!(Lineages::<Test>::get(version).unwrap().holds());
		assert_eq!((held(OWNER), Balances::free_balance(AUTHOR)), (deposit, had));
	});
}

#[test]
fn consent_is_the_present_owners() {
	build_and_execute(|| {
		let (version, [parent, _]) = pending();
		let Source::Version(made_from) = parent.source else { unreachable!() };
		transfer(made_from.model, AUTHOR, BUYER);
		assert_noop!(Models::consent(signed(AUTHOR), version, parent), Error::<Test>::NotOwner);
		assert_ok!(Models::consent(signed(BUYER), version, parent));
	});
}

#[test]
fn consent_fails_when_unsigned() {
	build_and_execute(|| {
		let (version, [parent, _]) = pending();
		assert_noop!(
			Models::consent(RuntimeOrigin::root(), version, parent),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn consent_fails_when_the_version_has_no_lineage() {
	build_and_execute(|| {
		let (_, [parent, _]) = pending();
		for version in [version_of(OWNER, Licence::default()), VersionId::default()] {
			assert_noop!(
				Models::consent(signed(AUTHOR), version, parent),
				Error::<Test>::NoLineage
			);
		}
	});
}

#[test]
fn consent_fails_when_the_caller_owns_something_else() {
	build_and_execute(|| {
		let (version, [parent, data]) = pending();
		// The version itself, and a version that was not used.
		let other = tuned(version_of(STRANGER, asking()), 100_000);
		for account in [OWNER, STRANGER] {
			for parent in [parent, data] {
				assert_noop!(
					Models::consent(signed(account), version, parent),
					Error::<Test>::NotOwner
				);
			}
		}
		assert_noop!(Models::consent(signed(STRANGER), version, other), Error::<Test>::NotAwaited);
	});
}

#[test]
fn consent_fails_when_the_parent_is_unknown() {
	build_and_execute(|| {
		let (version, [_, data]) = pending();
		let unknown = tuned(VersionId { model: ModelId(99), number: 1 }, 1);
		assert_noop!(
			Models::consent(signed(AUTHOR), version, unknown),
			Error::<Test>::UnknownParent
		);
		Assets::set(vec![(ASKED, Asset { owner: AUTHOR, active: false, open: false })]);
		assert_noop!(Models::consent(signed(AUTHOR), version, data), Error::<Test>::UnknownParent);
	});
}

#[test]
fn consent_fails_a_second_time() {
	build_and_execute(|| {
		let (version, [parent, data]) = pending();
		for parent in [parent, data] {
			assert_ok!(Models::consent(signed(AUTHOR), version, parent));
			assert_noop!(
				Models::consent(signed(AUTHOR), version, parent),
				Error::<Test>::NotAwaited
			);
		}
	});
}

#[test]
fn consent_fails_when_nobody_is_asked() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(OPEN, 1)]));
		assert_noop!(
			Models::consent(signed(AUTHOR), version, trained(OPEN, 1)),
			Error::<Test>::NotAwaited
		);
	});
}

/// Otherwise an owner could agree to one share and get another.
#[test]
fn consent_fails_when_the_parent_is_declared_otherwise_by_now() {
	build_and_execute(|| {
		let (version, [parent, data]) = pending();
		assert_ok!(Models::withdraw_lineage(signed(OWNER), version));
		assert_ok!(declare(OWNER, version, &[parent, trained(ASKED, 0)]));
		assert_noop!(Models::consent(signed(AUTHOR), version, data), Error::<Test>::NotAwaited);
		let distilled = Parent { relation: Relation::Distilled, ..parent };
		assert_noop!(
			Models::consent(signed(AUTHOR), version, distilled),
			Error::<Test>::NotAwaited
		);
	});
}

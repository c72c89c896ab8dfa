use crate::{mock::*, Error, Event, Versions};
use assay_primitives::{model::VersionStatus, traits::ModelInspect, VersionId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn deprecate_version_retires_the_version_and_keeps_its_deposit() {
	build_and_execute(|| {
		let version = published_version();
		let before = held(OWNER);
		assert!(Models::is_active(version));
		assert_ok!(Models::deprecate_version(signed(OWNER), version));

		assert_eq!(Versions::<Test>::get(version).unwrap().status, VersionStatus::Deprecated);
		assert!(!Models::is_active(version));
		assert_eq!(held(OWNER), before);
		assert_eq!(last_event(), Some(Event::VersionDeprecated { version }));
	});
}

#[test]
fn deprecate_version_fails_when_unsigned() {
	build_and_execute(|| {
		let version = published_version();
		assert_noop!(
			Models::deprecate_version(RuntimeOrigin::none(), version),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn deprecate_version_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(
			Models::deprecate_version(signed(OWNER), VersionId::default()),
			Error::<Test>::UnknownModel
		);
	});
}

#[test]
fn deprecate_version_fails_when_the_version_is_unknown() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(
			Models::deprecate_version(signed(OWNER), VersionId { model, number: 1 }),
			Error::<Test>::UnknownVersion
		);
	});
}

#[test]
fn deprecate_version_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let version = published_version();
		assert_noop!(Models::deprecate_version(signed(STRANGER), version), Error::<Test>::NotOwner);
	});
}

#[test]
fn deprecate_version_fails_when_it_is_deprecated_already() {
	build_and_execute(|| {
		let version = published_version();
		assert_ok!(Models::deprecate_version(signed(OWNER), version));
		assert_noop!(
			Models::deprecate_version(signed(OWNER), version),
			Error::<Test>::AlreadyDeprecated
		);
	});
}

use crate::{mock::*, Error, Event, Versions};
use assay_primitives::{
	model::{VersionSpec, VersionStatus},
	traits::{ModelInspect, NEWEST_OF},
	ModelId, VersionId,
};
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

#[test]
fn the_newest_active_version_is_looked_for_from_the_last_one_down() {
	build_and_execute(|| {
		let model = published_version().model;
		let number = |number| VersionId { model, number };
		assert_ok!(Models::publish_version(signed(OWNER), model, Box::new(spec())));
		for retired in [2, 1] {
			assert_eq!(Models::newest_active(model), Some(number(retired)));
			assert_ok!(Models::deprecate_version(signed(OWNER), number(retired)));
		}
		assert_eq!(Models::newest_active(model), None);
		assert_eq!(Models::newest_active(ModelId(99)), None);
	});
}

/// It would end the subscriptions to the newest version, which takes no jobs yet.
#[test]
fn a_version_that_waits_for_consent_is_not_the_newest() {
	build_and_execute(|| {
		let first = published_version();
		let parent = version_of(AUTHOR, asking());
		let spec = VersionSpec { permissions: asking(), ..spec() };
		assert_ok!(Models::publish_version(signed(OWNER), first.model, Box::new(spec)));
		let second = VersionId { number: 2, ..first };
		let made_from = tuned(parent, 1);
		assert_ok!(declare(OWNER, second, &[made_from]));
		assert_eq!(Models::newest_active(first.model), Some(first));
		assert_ok!(Models::consent(signed(AUTHOR), second, made_from));
		assert_eq!(Models::newest_active(first.model), Some(second));
	});
}

/// Neither the calls nor their limits are what is tested, so the records are written as they are.
#[test]
fn a_version_that_is_too_old_is_not_found() {
	new_test_ext().execute_with(|| {
		let first = published_version();
		let record = Versions::<Test>::get(first).unwrap();
		let latest = 1 + NEWEST_OF;
		crate::Models::<Test>::mutate(first.model, |model| model.as_mut().unwrap().latest = latest);
		assert_eq!(Models::newest_active(first.model), None);
		let last = VersionId { number: 2, ..first };
		Versions::<Test>::insert(last, record);
		assert_eq!(Models::newest_active(first.model), Some(last));
	});
}

use crate::{mock::*, Error, Event, Profiles};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn update_profile_replaces_the_profile_and_nothing_else() {
	build_and_execute(|| {
		let before = record(registered());
		assert_ok!(Providers::update_profile(signed(PROVIDER), profile("http://new.example")));

		assert_eq!(Profiles::<Test>::get(PROVIDER), Some(profile("http://new.example")));
		assert_eq!(record(PROVIDER), before);
		assert_eq!(last_event(), Some(Event::ProfileUpdated { provider: PROVIDER }));
	});
}

#[test]
fn update_profile_fails_when_unsigned() {
	build_and_execute(|| {
		registered();
		assert_noop!(
			Providers::update_profile(RuntimeOrigin::none(), profile("")),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn update_profile_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(
			Providers::update_profile(signed(PROVIDER), profile("")),
			Error::<Test>::UnknownProvider
		);
	});
}

#[test]
fn update_profile_fails_when_the_profile_is_invalid() {
	build_and_execute(|| {
		registered();
		let mut bad = profile("");
		bad.runtime = vec![0xff].try_into().unwrap();
		assert_noop!(
			Providers::update_profile(signed(PROVIDER), bad),
			Error::<Test>::InvalidProfile
		);
	});
}

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn is_available() -> bool {
	Providers::provider(PROVIDER).unwrap().available
}

#[test]
fn heartbeat_keeps_a_provider_available() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		pass(HEARTBEAT);
		assert!(is_available());
		assert_ok!(Providers::heartbeat(signed(PROVIDER)));
		assert_eq!(last_event(), Some(Event::HeartbeatReceived { provider: PROVIDER }));
		pass(HEARTBEAT);
		assert!(is_available());
		pass(1);
		assert!(!is_available());
	});
}

#[test]
fn heartbeat_brings_back_a_provider_that_was_silent() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		pass(10 * HEARTBEAT);
		assert!(!is_available());
		assert_ok!(Providers::heartbeat(signed(PROVIDER)));
		assert!(is_available());
	});
}

#[test]
fn heartbeat_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(Providers::heartbeat(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}

#[test]
fn heartbeat_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		assert_noop!(Providers::heartbeat(signed(PROVIDER)), Error::<Test>::UnknownProvider);
	});
}

#[test]
fn heartbeat_fails_when_the_provider_is_offline() {
	build_and_execute(|| {
		registered();
		assert_noop!(Providers::heartbeat(signed(PROVIDER)), Error::<Test>::Offline);
	});
}

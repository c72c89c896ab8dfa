use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn set_online_counts_as_a_heartbeat() {
	build_and_execute(|| {
		registered();
		pass(20);
		assert_ok!(Providers::set_online(signed(PROVIDER), true));

		assert!(record(PROVIDER).online);
		assert_eq!(record(PROVIDER).heartbeat, 21);
		assert!(Providers::provider(PROVIDER).unwrap().available);
		assert_eq!(last_event(), Some(Event::OnlineSet { provider: PROVIDER, online: true }));
	});
}

#[test]
fn set_online_off_makes_the_provider_unavailable_at_once() {
	build_and_execute(|| {
		serving(PROVIDER, 1);
		pass(2);
		assert_ok!(Providers::set_online(signed(PROVIDER), false));

		assert!(!record(PROVIDER).online);
		assert_eq!(record(PROVIDER).heartbeat, 1);
		assert!(!Providers::provider(PROVIDER).unwrap().available);
		assert_eq!(last_event(), Some(Event::OnlineSet { provider: PROVIDER, online: false }));
	});
}

#[test]
fn set_online_fails_when_unsigned() {
	build_and_execute(|| {
		assert_noop!(Providers::set_online(RuntimeOrigin::root(), true), DispatchError::BadOrigin);
	});
}

#[test]
fn set_online_fails_when_the_caller_is_no_provider() {
	build_and_execute(|| {
		for online in [true, false] {
			assert_noop!(
				Providers::set_online(signed(PROVIDER), online),
				Error::<Test>::UnknownProvider
			);
		}
	});
}

#[test]
fn set_online_fails_when_nothing_would_change() {
	build_and_execute(|| {
		registered();
		assert_noop!(Providers::set_online(signed(PROVIDER), false), Error::<Test>::AlreadyOffline);
		assert_ok!(Providers::set_online(signed(PROVIDER), true));
		assert_noop!(Providers::set_online(signed(PROVIDER), true), Error::<Test>::AlreadyOnline);
	});
}

#[test]
fn set_online_fails_when_the_bond_is_less_than_the_least() {
	build_and_execute(|| {
		registered();
		LeastBond::set(2 * MIN_BOND + 1);
		assert_noop!(Providers::set_online(signed(PROVIDER), true), Error::<Test>::BelowMinBond);
	});
}

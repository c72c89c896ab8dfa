use crate::{mock::*, Asks, Error, Event};
use assay_primitives::traits::ProviderMarket;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn anybody_evicts_the_asks_of_a_provider_that_was_slashed() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, MIN_BOND + 1));
		Providers::slash(&PROVIDER, MIN_BOND + 1, &[]);
		assert_ok!(Providers::evict(signed(RIVAL), PROVIDER, VERSION));
		assert_eq!(Asks::<Test>::get(VERSION, PROVIDER), None);
		assert_eq!(last_event(), Some(Event::AskRemoved { provider: PROVIDER, version: VERSION }));
	});
}

#[test]
fn evict_fails_when_the_provider_has_the_least_bond() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_noop!(
			Providers::evict(signed(RIVAL), PROVIDER, VERSION),
			Error::<Test>::StillBonded
		);
	});
}

#[test]
fn evict_fails_when_there_is_no_such_provider_or_ask() {
	build_and_execute(|| {
		assert_noop!(
			Providers::evict(signed(RIVAL), PROVIDER, VERSION),
			Error::<Test>::UnknownProvider
		);
		serving(PROVIDER, 7);
		LeastBond::set(3 * MIN_BOND);
		assert_noop!(
			Providers::evict(signed(RIVAL), PROVIDER, OTHER_VERSION),
			Error::<Test>::UnknownAsk
		);
	});
}

#[test]
fn evict_fails_when_it_is_not_signed() {
	build_and_execute(|| {
		assert_noop!(
			Providers::evict(RuntimeOrigin::none(), PROVIDER, VERSION),
			DispatchError::BadOrigin
		);
	});
}

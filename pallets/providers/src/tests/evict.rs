use crate::{mock::*, Error, Event};
use assay_primitives::{
	provider::{Ask, Performance},
	traits::ProviderMarket,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn anybody_evicts_the_asks_of_a_provider_that_was_slashed() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(MIN_BOND + 1)));
		Providers::answered(&PROVIDER, VERSION);
		Providers::slash(&PROVIDER, job(MIN_BOND + 1), &[]);
		assert_ok!(Providers::evict(signed(RIVAL), PROVIDER, VERSION));
		assert_eq!(asked(VERSION, PROVIDER), None);
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

#[test]
fn anybody_evicts_an_ask_that_has_expired() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		let until = System::block_number() + 1;
		let brief = Ask { until: Some(until), ..ask(7) };
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, brief));
		pass(1);
		assert_ok!(Providers::evict(signed(RIVAL), PROVIDER, VERSION));
		assert_eq!(asked(VERSION, PROVIDER), None);
	});
}

#[test]
fn evict_fails_while_jobs_of_the_ask_are_open() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::assign(&PROVIDER, job(1)));
		LeastBond::set(3 * MIN_BOND);
		assert_noop!(Providers::evict(signed(RIVAL), PROVIDER, VERSION), Error::<Test>::AskInUse);
		Providers::answered(&PROVIDER, VERSION);
		Providers::finish(&PROVIDER, job(1), Performance::Missed);
		assert_ok!(Providers::evict(signed(RIVAL), PROVIDER, VERSION));
	});
}

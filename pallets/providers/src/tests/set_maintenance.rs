use crate::{mock::*, Error, Event};
use assay_primitives::{provider::Maintenance, traits::ProviderMarket};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn away(from: u32, until: u32) -> Option<Maintenance> {
	Some(Maintenance { from, until })
}

fn is_drawn() -> bool {
	Providers::candidate(VERSION, &PROVIDER).is_some()
}

#[test]
fn a_provider_is_not_drawn_while_it_is_away() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::set_maintenance(signed(PROVIDER), away(3, 5)));
		let maintenance = away(3, 5);
		let event = Event::MaintenanceSet { provider: PROVIDER, maintenance };
		assert_eq!(last_event(), Some(event));
		let drawn: Vec<bool> = (1..6).map(|_| (is_drawn(), pass(1)).0).collect();
		assert_eq!(drawn, [true, true, false, false, true]);
	});
}

#[test]
fn a_provider_that_is_back_early_is_drawn_again() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		assert_ok!(Providers::set_maintenance(signed(PROVIDER), away(1, 50)));
		assert!(!is_drawn());
		assert_ok!(Providers::set_maintenance(signed(PROVIDER), None));
		assert!(is_drawn());
	});
}

#[test]
fn set_maintenance_fails_when_it_makes_no_sense() {
	build_and_execute(|| {
		registered();
		pass(9);
		let (now, most) = (System::block_number(), MOST_MAINTENANCE);
		for (from, until) in [
			(20, 20),
			(21, 20),
			(now - 2, now),
			(now, now + most + 1),
			(now + most + 1, now + most + 2),
			(u32::MAX - 1, u32::MAX),
		] {
			assert_noop!(
				Providers::set_maintenance(signed(PROVIDER), away(from, until)),
				Error::<Test>::InvalidMaintenance
			);
		}
		assert_ok!(Providers::set_maintenance(signed(PROVIDER), away(now, now + most)));
	});
}

#[test]
fn set_maintenance_fails_for_whoever_is_no_provider() {
	build_and_execute(|| {
		let call = Providers::set_maintenance(signed(PROVIDER), None);
		assert_noop!(call, Error::<Test>::UnknownProvider);
		let call = Providers::set_maintenance(RuntimeOrigin::none(), None);
		assert_noop!(call, DispatchError::BadOrigin);
	});
}

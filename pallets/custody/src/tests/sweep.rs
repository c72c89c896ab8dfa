//! The block hook ends what is due.

use crate::{mock::*, AgendaCursor, Event, Pallet, Requests};
use frame_support::{assert_ok, traits::Hooks, weights::Weight};

/// Three requests of different askers in block 1.
fn three_requests() {
	keeper();
	for account in CROWD..CROWD + 3 {
		fund(account, 1_000);
		assert_ok!(request(account, right(account), None));
	}
}

#[test]
fn what_is_due_ends_by_itself() {
	build_and_execute(|| {
		keeper();
		let asks = [right(ASKER), right(ASKER), right(ASKER)];
		for ask in asks {
			assert_ok!(request(ASKER, ask, None));
		}
		assert_ok!(deliver(ID, sealed(&KEY, ASKER)));
		Held::remove(asks[2]);
		run_to(WINDOW);
		assert_eq!(Requests::<Test>::iter_keys().count(), 3);
		run_to(1 + WINDOW);
		assert!(matches!(last_event(), Event::RequestClosed { .. }));
		run_to(1 + DELIVER);
		assert_eq!(Requests::<Test>::iter_keys().count(), 0);
		let ends = events().into_iter().rev().take(2).collect::<Vec<_>>();
		assert!(ends.iter().any(|event| matches!(event, Event::CustodianSlashed { .. })));
		assert!(ends.iter().any(|event| matches!(event, Event::RequestLapsed { .. })));
		assert_eq!(total(KEEPER), ENDOWMENT + FEE - EXPOSURE);
	});
}

#[test]
fn a_sweep_stops_cleanly_and_goes_on_in_the_next_block() {
	build_and_execute(|| {
		three_requests();
		run_to(DELIVER);
		// Room for the block and two steps.
		SweepLimit::set(Weight::from_parts(3, u64::MAX));
		run_to(1 + DELIVER);
		assert_eq!(Requests::<Test>::iter_keys().count(), 1);
		assert_eq!(AgendaCursor::<Test>::get(), 1 + DELIVER);
		Custody::do_try_state().unwrap();
		run_to(2 + DELIVER);
		assert_eq!(Requests::<Test>::iter_keys().count(), 0);
		run_to(4 + DELIVER);
		assert_eq!(AgendaCursor::<Test>::get(), 5 + DELIVER);
	});
}

#[test]
fn a_sweep_takes_no_more_than_it_may() {
	build_and_execute(|| {
		three_requests();
		for limit in 0..6 {
			SweepLimit::set(Weight::from_parts(limit, u64::MAX));
			let next = System::block_number() + 1;
			System::set_block_number(next);
			let used = Custody::on_initialize(next);
			assert!(used.all_lte(<Test as crate::Config>::SweepWeight::get()));
		}
	});
}

#[test]
fn a_late_sweep_changes_nothing_but_the_time() {
	build_and_execute(|| {
		let id = asked();
		skip_to(500);
		assert!(deliver(id, sealed(&KEY, ASKER)).is_err());
		run_to(501);
		assert_eq!((view(id), custodian(KEEPER).statistics.silent), (None, 1));
	});
}

#[test]
fn the_numbers_of_the_tests_are_sound() {
	build_and_execute(|| {
		<Pallet<Test> as Hooks<u32>>::integrity_test();
	});
}

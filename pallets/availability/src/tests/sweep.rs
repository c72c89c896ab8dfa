//! The block hook.

use crate::{mock::*, Agenda, AgendaCursor, Demands};
use assay_primitives::DemandId;
use frame_support::{assert_ok, traits::Hooks, weights::Weight};

#[test]
fn the_sweep_lets_demands_lapse_when_they_are_due() {
	build_and_execute(|| {
		assert_ok!(demand(DEMANDER, output_place(0, 0)));
		run_to(1 + STEP);
		assert_eq!(job().status, Status::Provisional);
		run_to(2 + STEP);
		assert_eq!(job().status, Status::OutputWithheld);
		assert_eq!(held(DEMANDER), 0);
	});
}

#[test]
fn the_sweep_stops_at_its_weight_and_goes_on_later() {
	build_and_execute(|| {
		for _ in 0..10 {
			assert_ok!(Availability::demand(by(DEMANDER), OTHER, output_place(0, 0)));
		}
		skip_to(1 + STEP);
		AgendaCursor::<Test>::put(2 + STEP);
		// One for the block, three for demands.
		SweepLimit::set(Weight::from_parts(4, u64::MAX));
		for left in [7, 4, 1, 0] {
			let next = System::block_number() + 1;
			System::set_block_number(next);
			let used = Availability::on_initialize(next);
			assert!(used.all_lte(SweepLimit::get()), "{used:?}");
			assert_eq!(Demands::<Test>::iter().count(), left);
			Availability::do_try_state().unwrap();
		}
		run_to(20);
		assert_eq!(AgendaCursor::<Test>::get(), 21);
	});
}

/// An attacker keeps the sweep busy; a demand behind it expires by a call.
#[test]
fn a_late_sweep_changes_nothing() {
	build_and_execute(|| {
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		SweepLimit::set(Weight::zero());
		run_to(10 + STEP);
		assert!(serve(PROVIDER, id, output_place(0, 0)).is_err());
		assert_ok!(Availability::expire(by(HELPER), JOB, id));
		SweepLimit::set(Weight::from_parts(100, u64::MAX));
		run_to(11 + STEP);
		assert_eq!(job().status, Status::OutputWithheld);
	});
}

#[test]
fn a_demand_that_waits_for_a_verdict_is_looked_at_less_and_less_often() {
	build_and_execute(|| {
		assert_ok!(demand(DEMANDER, output_place(0, 0)));
		change(|job| job.status = Status::Disputed);
		let wake = || Demands::<Test>::get(JOB, DemandId(0)).unwrap().wake;
		let mut looks = vec![wake()];
		while looks.len() < 8 {
			run_to(System::block_number() + 1);
			if looks.last() != Some(&wake()) {
				looks.push(wake());
			}
			assert_eq!(Agenda::<Test>::iter().count(), 1);
		}
		let first = 2 + STEP;
		assert_eq!(looks[..4], [first, first + RETRY, first + 2 * RETRY, first + 3 * RETRY]);
		assert!(looks[7] - looks[6] > RETRY);
		// The result stood: now the demand lapses.
		change(|job| job.status = Status::Provisional);
		run_to(looks[7]);
		assert_eq!(job().status, Status::OutputWithheld);
	});
}

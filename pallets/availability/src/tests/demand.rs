//! Demands are made, and refused.

use crate::{mock::*, Demands, Error, Event};
use assay_primitives::{DemandId, JobId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

type Fault = Error<Test>;

#[test]
fn a_demand_holds_its_price_and_stops_the_clock() {
	build_and_execute(|| {
		let place = output_place(0, 1);
		assert_ok!(demand(DEMANDER, place));
		assert_eq!((held(DEMANDER), job().stays), (PRICE, 1));
		let (id, due) = (DemandId(0), 1 + STEP);
		let (demander, respondent) = (DEMANDER, PROVIDER);
		let demanded =
			Event::ChunkDemanded { job: JOB, demand: id, demander, respondent, place, due };
		assert_eq!(events(), [demanded]);
		assert_eq!(Demands::<Test>::get(JOB, id).unwrap().due, due);
	});
}

#[test]
fn a_demand_about_the_input_is_at_the_cost_of_the_requester() {
	build_and_execute(|| {
		let id = demand(DEMANDER, input_place(0, 2)).unwrap();
		assert_eq!(*Demands::<Test>::get(JOB, id).unwrap().respondent(), REQUESTER);
	});
}

#[test]
fn the_provider_demands_the_input_that_it_is_to_run() {
	build_and_execute(|| {
		change(|job| *job = by_artifact(Status::Assigned));
		assert_ok!(demand(PROVIDER, input_place(0, 0)));
		let refused = demand(DEMANDER, input_place(0, 0));
		assert_noop!(refused, DispatchError::Other("no clock"));
	});
}

/// A demand would have somebody's data shown to everybody.
#[test]
fn a_demand_for_private_data_fails_whoever_makes_it() {
	build_and_execute(|| {
		for status in [Status::Assigned, Status::Provisional] {
			change(|job| *job = MockJob { private: true, ..by_artifact(status) });
			assert_noop!(demand(PROVIDER, input_place(0, 0)), Fault::PrivateInput);
		}
		assert_noop!(demand(DEMANDER, input_place(0, 0)), Fault::PrivateInput);
		// The result is nobody's data.
		assert_ok!(demand(DEMANDER, output_place(0, 0)));
	});
}

#[test]
fn demands_are_made_while_the_verdict_is_waited_for() {
	build_and_execute(|| {
		change(|job| job.status = Status::Disputed);
		assert_ok!(demand(DEMANDER, output_place(1, 0)));
	});
}

#[test]
fn numbers_count_over_all_jobs_and_are_never_used_again() {
	build_and_execute(|| {
		assert_eq!(demand(DEMANDER, output_place(0, 0)), Ok(DemandId(0)));
		assert_ok!(serve(PROVIDER, DemandId(0), output_place(0, 0)));
		assert_ok!(Availability::demand(by(DEMANDER), OTHER, output_place(0, 0)));
		assert_eq!(demand(DEMANDER, output_place(0, 0)), Ok(DemandId(2)));
		assert!(Demands::<Test>::contains_key(OTHER, DemandId(1)));
	});
}

#[test]
fn a_demand_fails_when_there_is_no_such_job_or_version() {
	build_and_execute(|| {
		let unknown = Availability::demand(by(DEMANDER), JobId(99), output_place(0, 0));
		assert_noop!(unknown, DispatchError::Unavailable);
		Published::set(false);
		assert_noop!(demand(DEMANDER, output_place(0, 0)), Fault::UnknownVersion);
	});
}

#[test]
fn a_demand_fails_when_the_job_is_over() {
	build_and_execute(|| {
		change(|job| job.status = Status::Over);
		let refused = demand(DEMANDER, output_place(0, 0));
		assert_noop!(refused, DispatchError::Other("no clock"));
	});
}

#[test]
fn a_demand_fails_when_there_is_no_result_yet() {
	build_and_execute(|| {
		change(|job| *job = by_artifact(Status::Assigned));
		assert_noop!(demand(PROVIDER, output_place(0, 0)), Fault::NoResult);
	});
}

#[test]
fn a_demand_fails_when_the_chain_has_what_is_demanded() {
	build_and_execute(|| {
		change(|job| {
			job.inline = true;
			job.inputs.clear();
			job.output.as_mut().unwrap().artifact = None;
		});
		assert_noop!(demand(DEMANDER, output_place(0, 0)), Fault::OnChain);
		assert_noop!(demand(DEMANDER, input_place(0, 0)), Fault::OnChain);
	});
}

#[test]
fn a_demand_fails_when_there_is_no_such_place() {
	build_and_execute(|| {
		// An output may have a fourth chunk by its declaration: what was submitted decides.
		assert_ok!(demand(DEMANDER, output_place(0, 3)));
		for place in [
			output_place(0, 4),
			output_place(1, 1),
			output_place(2, 0),
			output_place(u32::MAX, u32::MAX),
			input_place(0, 3),
			input_place(1, 1),
			input_place(2, 0),
		] {
			assert_noop!(demand(DEMANDER, place), Fault::UnknownPlace);
		}
	});
}

#[test]
fn a_demand_fails_when_its_price_cannot_be_held() {
	build_and_execute(|| {
		assert_noop!(demand(PAUPER, output_place(0, 0)), Fault::InsufficientFunds);
		let all = (ENDOWMENT - ED) / PRICE;
		for _ in 0..all {
			assert_ok!(demand(DEMANDER, output_place(0, 0)));
		}
		assert_noop!(demand(DEMANDER, output_place(0, 0)), Fault::InsufficientFunds);
		// What is held cannot be spent meanwhile.
		let spent = Balances::transfer_allow_death(by(DEMANDER), HELPER, PRICE * 2);
		assert_noop!(spent, TokenError::FundsUnavailable);
	});
}

//! Demands that nobody answers.

use crate::{mock::*, Demands, Error, Event};
use assay_primitives::DemandId;
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn expire(id: DemandId) -> sp_runtime::DispatchResult {
	Availability::expire(by(HELPER), JOB, id)
}

#[test]
fn an_output_that_is_not_shown_costs_the_provider_its_exposure() {
	build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		skip_to(2 + STEP);
		assert_ok!(expire(id));
		assert_eq!(job().status, Status::OutputWithheld);
		let (challenger, requester) = (EXPOSURE * 40 / 100, EXPOSURE * 20 / 100);
		assert_eq!(total(DEMANDER), ENDOWMENT + challenger);
		assert_eq!(total(REQUESTER), ENDOWMENT + requester);
		assert_eq!(total(PROVIDER), ENDOWMENT - EXPOSURE);
		assert_eq!(Balances::total_issuance(), issuance - (EXPOSURE - challenger - requester));
		assert_eq!(held(DEMANDER), 0);
		let lapsed = Event::DemandLapsed { job: JOB, demand: id, respondent: PROVIDER };
		assert_eq!(events().last(), Some(&lapsed));
	});
}

#[test]
fn for_an_input_that_is_not_shown_the_requester_pays() {
	build_and_execute(|| {
		change(|job| *job = by_artifact(Status::Assigned));
		let id = demand(PROVIDER, input_place(1, 0)).unwrap();
		skip_to(2 + STEP);
		assert_ok!(expire(id));
		assert_eq!(job().status, Status::InputWithheld);
		assert_eq!((held(PROVIDER), total(PROVIDER)), (0, ENDOWMENT));
		let lapsed = Event::DemandLapsed { job: JOB, demand: id, respondent: REQUESTER };
		assert_eq!(events().last(), Some(&lapsed));
	});
}

#[test]
fn the_first_lapse_ends_the_job_and_the_other_demands_are_dropped() {
	build_and_execute(|| {
		let first = demand(DEMANDER, output_place(0, 0)).unwrap();
		let second = demand(HELPER, output_place(0, 1)).unwrap();
		let third = demand(HELPER, input_place(0, 1)).unwrap();
		skip_to(2 + STEP);
		assert_ok!(expire(first));
		assert_ok!(expire(second));
		assert_ok!(expire(third));
		assert_eq!((held(HELPER), total(HELPER)), (0, ENDOWMENT));
		let dropped = |demand| Event::DemandDropped { job: JOB, demand };
		assert!(events().ends_with(&[dropped(second), dropped(third)]));
	});
}

#[test]
fn a_demand_is_dropped_when_its_job_went_another_way() {
	build_and_execute(|| {
		let over = demand(DEMANDER, output_place(0, 0)).unwrap();
		change(|job| (job.status, job.stays) = (Status::Over, 0));
		skip_to(2 + STEP);
		assert_ok!(expire(over));
		// Drawn again, answered again: the demand was about another attempt.
		change(|job| *job = by_artifact(Status::Provisional));
		let earlier = demand(DEMANDER, output_place(0, 0)).unwrap();
		change(|job| (job.attempt, job.stays) = (2, 0));
		let later = demand(DEMANDER, output_place(0, 0)).unwrap();
		skip_to(3 + 2 * STEP);
		assert_ok!(expire(earlier));
		assert_eq!((job().status, job().stays), (Status::Provisional, 1));
		assert_ok!(expire(later));
		assert_eq!((job().status, held(DEMANDER)), (Status::OutputWithheld, 0));
		// The record of the job is gone.
		Market::insert(JOB, by_artifact(Status::Provisional));
		let last = demand(DEMANDER, output_place(0, 0)).unwrap();
		Market::remove(JOB);
		skip_to(4 + 3 * STEP);
		assert_ok!(expire(last));
	});
}

#[test]
fn the_verdict_comes_first() {
	build_and_execute(|| {
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		change(|job| job.status = Status::Disputed);
		skip_to(2 + STEP);
		assert_noop!(expire(id), Fault::Disputed);
		// Upheld, it is provisional still, and the demand is what decides.
		change(|job| job.status = Status::Provisional);
		assert_ok!(expire(id));
		assert_eq!(job().status, Status::OutputWithheld);
	});
}

#[test]
fn a_demand_expires_once_and_after_its_due_block() {
	build_and_execute(|| {
		assert_noop!(expire(DemandId(0)), Fault::UnknownDemand);
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		skip_to(1 + STEP);
		assert_noop!(expire(id), Fault::TooEarly);
		skip_to(2 + STEP);
		let other = Availability::expire(by(HELPER), OTHER, id);
		assert_noop!(other, Fault::UnknownDemand);
		assert_ok!(expire(id));
		assert_noop!(expire(id), Fault::UnknownDemand);
		assert_eq!(Demands::<Test>::iter().count(), 0);
	});
}

//! What the sweep does when something is due.

use crate::{mock::*, Error, Event, Inputs};
use assay_primitives::{
	subscription::{EndReason, SkipReason, Status, SubscriptionSpec, Target},
	JobId, VersionId,
};
use frame_support::{assert_ok, weights::Weight};
use sp_runtime::DispatchError;

fn skipped(reason: SkipReason) -> Event<Test> {
	Event::Skipped { subscription: ID, reason }
}

#[test]
fn a_run_takes_exactly_what_its_job_holds_out_of_the_budget() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		let before = free(SUBSCRIBER);
		run_to(2);
		assert_eq!(last_event(), Event::Ran { subscription: id, job: JobId(0) });
		assert_eq!((held(SUBSCRIBER), free(SUBSCRIBER)), ((BUDGET - COST, BASE), before));
		let job = market::Jobs::<Test>::get(JobId(0)).unwrap();
		assert_eq!(job, (SUBSCRIBER, VERSION, input_of(1, 10), COST));
		let view = view(id).unwrap();
		assert_eq!((view.budget, view.made, view.due), (BUDGET - COST, 1, Some(2 + PERIOD)));
		assert_eq!(view.last.unwrap().job, JobId(0));
	});
}

#[test]
fn what_a_job_gives_back_is_free_and_not_in_the_budget() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		let before = free(SUBSCRIBER);
		run_to(2);
		Market::end(JobId(0), STRANGER, 100);
		assert_eq!(view(id).unwrap().budget, BUDGET - COST);
		assert_eq!(free(SUBSCRIBER), before + COST - 100);
	});
}

#[test]
fn without_a_new_input_a_period_is_left_out_at_no_cost() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		run_to(2 + PERIOD);
		assert_eq!(last_event(), skipped(SkipReason::NoInput));
		// It is said once, and not for each period.
		run_to(35);
		assert_eq!(last_event(), skipped(SkipReason::NoInput));
		let resting = view(id).unwrap();
		assert_eq!((resting.status, resting.budget), (Status::Waiting, BUDGET - COST));
		assert_eq!(resting.lapses, Some(2 + PERIOD + RETENTION));
		assert_eq!(events().len(), 4);
		// It goes on at its own times.
		assert_ok!(feed(FEEDER, id));
		assert_eq!(view(id).unwrap().due, Some(42));
		run_to(42);
		assert_eq!(jobs(), 2);
	});
}

#[test]
fn a_subscription_that_repeats_runs_its_input_again() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, 3 * COST);
		run_to(2 + PERIOD);
		assert_eq!((jobs(), held(FEEDER).1), (2, INPUT_DEPOSIT));
		assert_ok!(Subscriptions::feed(by(SUBSCRIBER), id, Box::new(input_of(2, 10))));
		run_to(2 + 2 * PERIOD);
		let inputs: Vec<_> =
			(0..3).map(|id| market::Jobs::<Test>::get(JobId(id)).unwrap().2).collect();
		assert_eq!(inputs, [input_of(1, 10), input_of(1, 10), input_of(2, 10)]);
		run_to(2 + 3 * PERIOD);
		assert_eq!(last_event(), skipped(SkipReason::InsufficientBudget));
		assert_eq!(view(id).unwrap().status, Status::Unfunded);
	});
}

#[test]
fn a_budget_that_is_one_unit_short_makes_no_job() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), COST - 1);
		run_to(2);
		assert_eq!(last_event(), skipped(SkipReason::InsufficientBudget));
		assert_eq!((jobs(), view(id).unwrap().lapses), (0, Some(2 + RETENTION)));
		assert!(Inputs::<Test>::contains_key(id));
	});
}

#[test]
fn the_last_run_ends_the_subscription_and_gives_the_rest_back() {
	build_and_execute(|| {
		let id =
			fed_subscription(SubscriptionSpec { runs: Some(2), repeat: true, ..spec() }, BUDGET);
		run_to(2);
		assert_eq!(view(id).unwrap().spec.runs, Some(1));
		run_to(2 + PERIOD);
		let ended = Event::Ended { subscription: id, reason: EndReason::Completed };
		assert_eq!(last_event(), ended);
		assert_eq!((view(id), jobs()), (None, 2));
		assert_eq!((held(SUBSCRIBER), held(FEEDER)), ((0, 0), (0, 0)));
		assert_eq!(free(SUBSCRIBER), ENDOWMENT - 2 * COST);
	});
}

#[test]
fn the_newest_version_is_that_of_each_run() {
	build_and_execute(|| {
		let target = Target::Newest(VERSION.model);
		let id = fed_subscription(SubscriptionSpec { target, repeat: true, ..spec() }, BUDGET);
		run_to(2);
		Newest::set(Some(3));
		run_to(2 + PERIOD);
		let version = |id| market::Jobs::<Test>::get(JobId(id)).unwrap().1;
		assert_eq!((version(0), version(1)), (VERSION, VersionId { number: 3, ..VERSION }));
		Newest::set(None);
		run_to(2 + 2 * PERIOD);
		let none = SkipReason::Refused(Error::<Test>::NoActiveVersion.into());
		assert_eq!(last_event(), Event::Skipped { subscription: id, reason: none });
	});
}

#[test]
fn a_refusal_leaves_all_as_it_was_and_three_in_a_row_are_the_end() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		let error = DispatchError::Unavailable;
		Refusal::set(Some(error));
		run_to(2);
		assert_eq!(last_event(), skipped(SkipReason::Refused(error)));
		assert_eq!((held(SUBSCRIBER), jobs()), ((BUDGET, BASE), 0));
		assert_eq!(held(FEEDER).1, INPUT_DEPOSIT);
		run_to(2 + PERIOD);
		assert_eq!(view(id).unwrap().failures, 2);
		// One that is taken in between starts the count again.
		Refusal::set(None);
		run_to(2 + 2 * PERIOD);
		assert_eq!((view(id).unwrap().failures, jobs()), (0, 1));
		assert_ok!(feed(FEEDER, id));
		Refusal::set(Some(error));
		run_to(2 + 5 * PERIOD);
		let ended = Event::Ended { subscription: id, reason: EndReason::Refused(error) };
		assert_eq!(last_event(), ended);
		assert_eq!((held(SUBSCRIBER), held(FEEDER)), ((0, 0), (0, 0)));
		assert_eq!(free(SUBSCRIBER), ENDOWMENT - COST);
	});
}

#[test]
fn a_job_that_holds_another_sum_than_was_said_is_undone() {
	build_and_execute(|| {
		fed_subscription(spec(), BUDGET);
		Surcharge::set(1);
		run_to(2);
		let differs = SkipReason::Refused(Error::<Test>::CostDiffers.into());
		assert_eq!(last_event(), skipped(differs));
		assert_eq!((jobs(), held(SUBSCRIBER)), (0, (BUDGET, BASE)));
	});
}

#[test]
fn a_cost_that_cannot_be_counted_is_a_refusal() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		let endless = assay_primitives::job::Terms { max_fee: u128::MAX, ..terms() };
		assert_ok!(Subscriptions::set_terms(by(SUBSCRIBER), id, endless));
		run_to(2);
		let reason = SkipReason::Refused(OVERFLOW);
		assert_eq!(last_event(), skipped(reason));
	});
}

#[test]
fn a_sweep_that_is_late_makes_one_run_of_several() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, BUDGET);
		skip_to(2 + 3 * PERIOD);
		run_to(3 + 3 * PERIOD);
		assert_eq!((jobs(), view(id).unwrap().due), (1, Some(2 + 4 * PERIOD)));
		run_to(2 + 4 * PERIOD);
		assert_eq!(jobs(), 2);
	});
}

#[test]
fn the_sweep_stops_at_its_limit_and_goes_on_in_the_next_block() {
	build_and_execute(|| {
		for _ in 0..MOST {
			fed_subscription(spec(), COST);
		}
		// The first two blocks, and then one step of one entry after another.
		SweepLimit::set(Weight::from_parts(5, u64::MAX));
		run_to(2);
		assert_eq!(jobs(), 2);
		run_to(3);
		assert_eq!(jobs(), 4);
	});
}

use crate::{mock::*, Error, Event, HoldReason, Jobs};
use assay_primitives::{
	job::{JobState, Terms},
	Balance, JobId,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::DispatchResult;

fn top_up(who: u64, job: JobId, amount: Balance) -> DispatchResult {
	Inference::top_up(RuntimeOrigin::signed(who), job, amount)
}

/// A job that pays less than anybody asks.
fn too_cheap() -> JobId {
	let terms = Terms { max_fee: PRICE + ASK - 1, ..terms() };
	assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), terms));
	run_to(10);
	assert_eq!(Jobs::<Test>::get(JOB).unwrap().state, JobState::Requested);
	JOB
}

#[test]
fn a_job_that_pays_enough_is_drawn_soon() {
	build_and_execute(|| {
		let job = too_cheap();
		assert_ok!(top_up(REQUESTER, job, 1));
		assert_eq!(events().pop(), Some(Event::JobToppedUp { job, max_fee: PRICE + ASK }));
		let held = Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER);
		assert_eq!(held, PRICE + ASK);
		run_to(13);
		assert_eq!(Jobs::<Test>::get(job).unwrap().state.provider(), Some(&PROVIDER));
	});
}

#[test]
fn top_up_fails_for_others_for_unknown_jobs_and_without_funds() {
	build_and_execute(|| {
		assert_noop!(top_up(REQUESTER, JOB, 1), Error::<Test>::UnknownJob);
		let job = too_cheap();
		assert_noop!(top_up(RIVAL, job, 1), Error::<Test>::NotRequester);
		for amount in [ENDOWMENT, Balance::MAX] {
			assert_noop!(top_up(REQUESTER, job, amount), Error::<Test>::InsufficientFunds);
		}
	});
}

#[test]
fn top_up_fails_from_the_draw_on() {
	build_and_execute(|| {
		let job = assigned_job();
		assert_noop!(top_up(REQUESTER, job, 1), Error::<Test>::TooLate);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
		assert_noop!(top_up(REQUESTER, job, 1), Error::<Test>::TooLate);
		run_to(20);
		assert_noop!(top_up(REQUESTER, job, 1), Error::<Test>::JobEnded);
	});
}

use crate::{mock::*, Error, Event, Jobs};
use assay_primitives::{
	job::{JobState, Terms},
	BlockNumber, JobId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

fn extend(who: u64, job: JobId, blocks: BlockNumber) -> DispatchResult {
	Inference::extend(RuntimeOrigin::signed(who), job, blocks)
}

/// A job that nobody takes.
fn waiting() -> JobId {
	Providers::set(Default::default());
	requested_job()
}

#[test]
fn a_job_waits_as_long_as_it_is_extended() {
	build_and_execute(|| {
		let job = waiting();
		let deadline = 1 + terms().deliver_within;
		run_to(deadline);
		assert_ok!(extend(REQUESTER, job, 50));
		assert_eq!(events().pop(), Some(Event::JobExtended { job, deadline: deadline + 50 }));
		run_to(deadline + 50);
		assert_eq!(Jobs::<Test>::get(job).unwrap().state, JobState::Requested);
		run_to(deadline + 52);
		let state = Jobs::<Test>::get(job).unwrap().state;
		assert!(matches!(state, JobState::Expired { .. }), "{state:?}");
	});
}

#[test]
fn extend_fails_for_others_and_for_unknown_jobs() {
	build_and_execute(|| {
		assert_noop!(extend(REQUESTER, JOB, 1), Error::<Test>::UnknownJob);
		let job = waiting();
		assert_noop!(extend(RIVAL, job, 1), Error::<Test>::NotRequester);
	});
}

#[test]
fn extend_fails_beyond_what_a_requester_may_wait() {
	build_and_execute(|| {
		let job = waiting();
		for blocks in [971, BlockNumber::MAX] {
			assert_noop!(extend(REQUESTER, job, blocks), Error::<Test>::InvalidDeadline);
		}
		assert_ok!(extend(REQUESTER, job, 970));
	});
}

/// Somebody lays in jobs on data before it is withdrawn, to have them run when it is forbidden.
#[test]
fn a_job_that_uses_data_waits_no_longer_than_it_could_have_asked_for() {
	build_and_execute(|| {
		Providers::set(Default::default());
		let terms = Terms { data: Some(GRANT), max_fee: 1_000, ..terms() };
		let origin = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request(origin, VERSION, input(), terms));
		run_to(30);
		assert_noop!(extend(REQUESTER, JOB, 971), Error::<Test>::InvalidDeadline);
		assert_ok!(extend(REQUESTER, JOB, 970));
		assert_noop!(extend(REQUESTER, JOB, 1), Error::<Test>::InvalidDeadline);
	});
}

#[test]
fn extend_fails_from_the_draw_on() {
	build_and_execute(|| {
		let job = assigned_job();
		assert_noop!(extend(REQUESTER, job, 1), Error::<Test>::TooLate);
	});
}

#[test]
fn extend_fails_after_the_deadline() {
	build_and_execute(|| {
		let job = waiting();
		// The sweep is late.
		System::set_block_number(100);
		assert_noop!(extend(REQUESTER, job, 1), Error::<Test>::DeadlinePassed);
		run_to(102);
		assert_noop!(extend(REQUESTER, job, 1), Error::<Test>::JobEnded);
	});
}

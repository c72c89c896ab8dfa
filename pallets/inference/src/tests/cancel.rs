use crate::{mock::*, Config, Error, Event, HoldReason, WeightInfo};
use assay_primitives::{job::RefundReason, JobId};
use frame_support::{
	assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::InspectHold,
};

fn cancel(who: u64, job: JobId) -> DispatchResultWithPostInfo {
	Inference::cancel(RuntimeOrigin::signed(who), job)
}

#[test]
fn cancel_refunds_before_the_draw() {
	build_and_execute(|| {
		let job = requested_job();
		let cost = cancel(REQUESTER, job).unwrap().actual_weight;
		assert_eq!(cost, Some(<Test as Config>::WeightInfo::cancel()), "it has no group");
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		let reason = RefundReason::Cancelled;
		assert_eq!(events().pop(), Some(Event::JobRefunded { job, reason }));
		// The sweep passes the block of the draw that does not come.
		run_to(10);
		assert_eq!(Providers::get()[&PROVIDER].locked, 0);
	});
}

#[test]
fn cancel_fails_for_others_and_for_unknown_jobs() {
	build_and_execute(|| {
		let job = requested_job();
		assert_noop!(cancel(RIVAL, job), Error::<Test>::NotRequester);
		assert_noop!(cancel(REQUESTER, JobId(5)), Error::<Test>::UnknownJob);
	});
}

#[test]
fn cancel_fails_after_the_draw_and_after_the_end() {
	build_and_execute(|| {
		let job = assigned_job();
		assert_noop!(cancel(REQUESTER, job), Error::<Test>::TooLate);
		let other = requested_job();
		assert_ok!(cancel(REQUESTER, other));
		assert_noop!(cancel(REQUESTER, other), Error::<Test>::JobEnded);
	});
}

/// Whoever has read a result in the pool would rather not pay for it.
#[test]
fn a_requester_that_cancels_in_the_block_of_the_result_pays_all_the_same() {
	for first in [true, false] {
		reset_market();
		build_and_execute(|| {
			let job = assigned_job();
			if first {
				assert_noop!(cancel(REQUESTER, job), Error::<Test>::TooLate);
			}
			let provider = RuntimeOrigin::signed(PROVIDER);
			assert_ok!(Inference::submit_result(provider, job, output()));
			assert_noop!(cancel(REQUESTER, job), Error::<Test>::TooLate);
			run_to(System::block_number() + CHALLENGE);
			assert_noop!(cancel(REQUESTER, job), Error::<Test>::JobEnded);
			assert_eq!(Balances::free_balance(OWNER), ED + PRICE);
		});
	}
}

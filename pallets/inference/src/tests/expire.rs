use crate::{mock::*, Config, Error, Event, HoldReason, WeightInfo};
use assay_primitives::{
	job::{ExpiryReason, JobState, RefundReason},
	JobId,
};
use frame_support::{
	assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::InspectHold,
};

fn expire(job: JobId) -> DispatchResultWithPostInfo {
	Inference::expire(RuntimeOrigin::signed(PAUPER), job)
}

#[test]
fn anybody_expires_a_missed_job_and_it_is_drawn_again() {
	build_and_execute(|| {
		Providers::mutate(|all| all.insert(RIVAL, provider(ASK)));
		let job = requested_job();
		run_to(4);
		let first = *Inference::job(job).unwrap().state.provider().unwrap();
		let second = if first == PROVIDER { RIVAL } else { PROVIDER };
		System::set_block_number(4 + RESPONSE + 1);
		let cost = expire(job).unwrap().actual_weight;
		assert_eq!(cost, Some(<Test as Config>::WeightInfo::expire()), "it has no group");
		assert_eq!(events().pop(), Some(Event::JobMissed { job, provider: first }));
		assert_eq!(Providers::get()[&first].missed, 1);
		assert_eq!(Providers::get()[&first].locked, 0);
		run_to(4 + RESPONSE + 1 + 3);
		let view = Inference::job(job).unwrap();
		assert_eq!((view.state.provider(), view.attempts), (Some(&second), 2));
	});
}

#[test]
fn a_job_that_every_provider_misses_is_refunded() {
	build_and_execute(|| {
		Attempts::set(1);
		let job = assigned_job();
		run_to(4 + RESPONSE + 1);
		let state = Inference::job(job).unwrap().state;
		assert_eq!(state, JobState::Refunded { reason: RefundReason::Missed, at: 9 });
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		assert_noop!(expire(job), Error::<Test>::JobEnded);
	});
}

#[test]
fn a_job_that_nobody_can_take_expires() {
	build_and_execute(|| {
		Providers::set(Default::default());
		let job = requested_job();
		System::set_block_number(31);
		assert_noop!(expire(job), Error::<Test>::NotExpired);
		System::set_block_number(32);
		assert_ok!(expire(job));
		let reason = ExpiryReason::NoProvider;
		assert_eq!(events().pop(), Some(Event::JobExpired { job, reason }));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
	});
}

#[test]
fn expire_fails_when_nothing_is_overdue() {
	build_and_execute(|| {
		assert_noop!(expire(JobId(3)), Error::<Test>::UnknownJob);
		let job = assigned_job();
		assert_noop!(expire(job), Error::<Test>::NotExpired);
		System::set_block_number(4 + RESPONSE);
		assert_noop!(expire(job), Error::<Test>::NotExpired);
	});
}

use super::{drawn, request, serve, state};
use crate::{mock::*, Error, Event, HoldReason, Jobs, NextJob};
use assay_primitives::{
	job::{JobState, Redundancy, Terms},
	model::VersionStatus,
	JobId, VersionId,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::DispatchResult;

fn request_with(who: u64, version: VersionId, terms: Terms<u64>) -> DispatchResult {
	let redundancy = Redundancy { replicas: 3, answers: 2 };
	Inference::request_redundant(RuntimeOrigin::signed(who), version, input(), terms, redundancy)
}

#[test]
fn request_redundant_makes_jobs_that_follow_each_other_and_holds_for_each() {
	build_and_execute(|| {
		let lone = requested_job();
		assert_ok!(request(3, 2));
		let group = JobId(1);
		let (requester, replicas, answers) = (REQUESTER, 3, 2);
		let requested = Event::GroupRequested { group, requester, replicas, answers };
		assert_eq!(events().pop(), Some(requested));
		assert_eq!(NextJob::<Test>::get(), JobId(4));
		let of = |job| Inference::job(job).unwrap().group;
		assert_eq!(
			[0, 1, 2, 3].map(|job| of(JobId(job))),
			[None, Some(group), Some(group), Some(group)]
		);
		let held = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &REQUESTER);
		assert_eq!(held(HoldReason::Fee), 4 * terms().max_fee);
		let deposit = Jobs::<Test>::get(lone).unwrap().deposit;
		assert_eq!(held(HoldReason::Deposit), 4 * deposit);
		let view = Inference::group(JobId(2)).unwrap();
		assert_eq!((view.group, view.replicas.len(), view.sealed), (group, 3, 0));
		assert!(!view.revealing);
		assert_eq!(Inference::group(lone), None);
	});
}

#[test]
fn request_redundant_fails_for_numbers_that_make_no_group() {
	build_and_execute(|| {
		for (replicas, answers) in [(0, 0), (1, 1), (2, 0), (2, 3), (9, 1), (255, 255)] {
			assert_noop!(request(replicas, answers), Error::<Test>::InvalidRedundancy);
		}
		assert_ok!(request(2, 1));
		assert_ok!(request(8, 8));
	});
}

#[test]
fn request_redundant_fails_as_a_request_does() {
	build_and_execute(|| {
		let unknown = VersionId { number: 9, ..VERSION };
		assert_noop!(request_with(REQUESTER, unknown, terms()), Error::<Test>::UnknownVersion);
		let late = Terms { deliver_within: 4, ..terms() };
		assert_noop!(request_with(REQUESTER, VERSION, late), Error::<Test>::InvalidDeadline);
		let strict = Terms { max_relative: Some(0), ..terms() };
		assert_noop!(request_with(REQUESTER, VERSION, strict), Error::<Test>::ToleranceTooLoose);
		let cheap = Terms { max_fee: PRICE - 1, ..terms() };
		assert_noop!(request_with(REQUESTER, VERSION, cheap), Error::<Test>::FeeTooLow);
		let input = Box::new(assay_primitives::job::Input::Inline(Default::default()));
		let redundancy = Redundancy { replicas: 2, answers: 1 };
		let origin = RuntimeOrigin::signed(REQUESTER);
		assert_noop!(
			Inference::request_redundant(origin, VERSION, input, terms(), redundancy),
			Error::<Test>::MalformedTensors
		);
		Status::set(VersionStatus::Deprecated);
		assert_noop!(request(2, 1), Error::<Test>::VersionDeprecated);
	});
}

#[test]
fn a_requester_that_can_pay_for_some_replicas_alone_gets_none() {
	build_and_execute(|| {
		let third = Terms { max_fee: ENDOWMENT / 3, ..terms() };
		assert_noop!(request_with(REQUESTER, VERSION, third), Error::<Test>::InsufficientFunds);
		assert_noop!(request_with(PAUPER, VERSION, terms()), Error::<Test>::InsufficientFunds);
		let overflow = Terms { max_fee: u128::MAX / 2, ..terms() };
		assert_noop!(request_with(REQUESTER, VERSION, overflow), Error::<Test>::PriceOverflow);
	});
}

#[test]
fn request_redundant_fails_when_numbers_are_left_for_some_replicas_alone() {
	build_and_execute(|| {
		NextJob::<Test>::put(JobId(u64::MAX - 2));
		assert_noop!(request(3, 1), Error::<Test>::TooManyJobs);
		NextJob::<Test>::put(JobId(u64::MAX - 3));
		assert_ok!(request(3, 1));
	});
}

#[test]
fn no_two_replicas_have_one_provider() {
	for random in 0..16 {
		build_and_execute(|| {
			Random::set(Some(random));
			Providers::set(Default::default());
			let mut drawn: Vec<u64> = drawn(4, 4).into_iter().map(|(_, who)| who).collect();
			drawn.sort_unstable();
			assert_eq!(drawn, super::ALL);
		});
	}
}

#[test]
fn a_replica_waits_while_all_providers_have_another() {
	build_and_execute(|| {
		serve(2);
		assert_ok!(request(3, 3));
		run_to(4);
		let waiting = || (0..3).filter(|job| state(JobId(*job)) == JobState::Requested).count();
		assert_eq!(waiting(), 1);
		Providers::mutate(|all| all.insert(8, provider(ASK)));
		run_to(7);
		assert_eq!(waiting(), 0);
	});
}

/// It would have seen how the others answer.
#[test]
fn a_provider_that_missed_a_replica_is_not_drawn_for_another() {
	build_and_execute(|| {
		serve(1);
		assert_ok!(request(2, 2));
		run_to(4 + RESPONSE + 1);
		assert_eq!(Providers::get()[&PROVIDER].missed, 1);
		run_to(31);
		assert!([0, 1].iter().all(|job| state(JobId(*job)) == JobState::Requested));
		assert_eq!(Providers::get()[&PROVIDER].missed, 1);
	});
}

use crate::{mock::*, Answers, Error, Event, HoldReason, Jobs};
use assay_primitives::{
	model::VersionStatus, money::Role, Balance, JobId, ModelId, Root, VersionId,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::{DispatchError, DispatchResult};

/// A job whose result is final, and the root of its input.
fn settled() -> (JobId, Root) {
	let job = submitted_job();
	run_to(System::block_number() + CHALLENGE);
	(job, Jobs::<Test>::get(job).unwrap().input_root)
}

fn reuse(who: u64, input: Root, max_fee: Balance) -> DispatchResult {
	Inference::reuse(RuntimeOrigin::signed(who), VERSION, input, max_fee)
}

#[test]
fn a_final_result_is_paid_to_the_owner_alone() {
	build_and_execute(|| {
		let (job, input) = settled();
		assert_eq!(Inference::answered_by(VERSION, input), Some(job));
		let before = [PROVIDER, OWNER, REQUESTER].map(|account| Balances::total_balance(&account));
		assert_ok!(reuse(REQUESTER, input, PRICE));
		let after = [PROVIDER, OWNER, REQUESTER].map(|account| Balances::total_balance(&account));
		assert_eq!(after, [before[0], before[1] + PRICE, before[2] - PRICE]);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		let tail = [
			Event::FeePaid { job, payee: OWNER, role: Role::Owner, amount: PRICE },
			Event::ResultReused { job, requester: REQUESTER, fee: PRICE },
		];
		assert!(events().ends_with(&tail));
	});
}

#[test]
fn reuse_fails_before_the_result_is_final_and_after_it_is_pruned() {
	build_and_execute(|| {
		let job = submitted_job();
		let input = Jobs::<Test>::get(job).unwrap().input_root;
		assert_noop!(reuse(REQUESTER, input, PRICE), Error::<Test>::NotAnswered);
		run_to(System::block_number() + CHALLENGE);
		assert_ok!(reuse(REQUESTER, input, PRICE));
		run_to(System::block_number() + RETENTION);
		assert_noop!(reuse(REQUESTER, input, PRICE), Error::<Test>::NotAnswered);
		assert_eq!(Answers::<Test>::iter().count(), 0);
	});
}

#[test]
fn the_latest_result_is_the_one_that_is_kept() {
	build_and_execute(|| {
		let (_, input) = settled();
		let (second, same) = settled();
		assert_eq!(input, same);
		assert_eq!(Inference::answered_by(VERSION, input), Some(second));
		// The first is pruned, the second is not.
		run_to(9 + RETENTION);
		assert_eq!(Inference::answered_by(VERSION, input), Some(second));
	});
}

#[test]
fn a_result_that_was_refunded_or_refuted_is_not_reused() {
	build_and_execute(|| {
		use assay_primitives::traits::Contestable;
		let job = challenged_job();
		let input = Jobs::<Test>::get(job).unwrap().input_root;
		assert!(Inference::refute(job, &[]));
		assert_noop!(reuse(REQUESTER, input, PRICE), Error::<Test>::NotAnswered);
	});
}

#[test]
fn reuse_fails_without_funds_and_for_less_than_the_price() {
	build_and_execute(|| {
		let (_, input) = settled();
		assert_noop!(reuse(REQUESTER, input, PRICE - 1), Error::<Test>::FeeTooLow);
		assert_noop!(reuse(PAUPER, input, PRICE), Error::<Test>::InsufficientFunds);
		Spec::mutate(|spec| spec.price = Balance::MAX);
		assert_noop!(reuse(REQUESTER, input, Balance::MAX), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn reuse_fails_for_versions_that_take_no_jobs() {
	build_and_execute(|| {
		let (_, input) = settled();
		for status in [VersionStatus::Deprecated, VersionStatus::Frozen] {
			Status::set(status);
			assert_noop!(reuse(REQUESTER, input, PRICE), Error::<Test>::VersionDeprecated);
		}
		let unknown = VersionId { model: ModelId(9), number: 1 };
		let origin = RuntimeOrigin::signed(REQUESTER);
		assert_noop!(
			Inference::reuse(origin, unknown, input, PRICE),
			Error::<Test>::UnknownVersion
		);
		let call = Inference::reuse(RuntimeOrigin::none(), VERSION, input, PRICE);
		assert_noop!(call, DispatchError::BadOrigin);
	});
}

use crate::{mock::*, Error, Event, HoldReason};
use assay_primitives::{job::JobState, money::Role, Balance, JobId};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};

fn settle(job: JobId) -> sp_runtime::DispatchResult {
	Inference::settle(RuntimeOrigin::signed(PAUPER), job)
}

#[test]
fn settle_pays_every_share_and_returns_the_rest() {
	build_and_execute(|| {
		let job = submitted_job();
		let issuance = Balances::total_issuance();
		System::set_block_number(4 + CHALLENGE);
		assert_ok!(settle(job));
		assert_eq!(Balances::balance(&PROVIDER), ED + ASK - SHARE);
		assert_eq!(Balances::balance(&OWNER), ED + PRICE);
		assert_eq!(Balances::balance(&TREASURY), SHARE);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT - ASK - PRICE);
		assert_eq!(Balances::total_issuance(), issuance);
		let paid = |payee, role, amount| Event::FeePaid { job, payee, role, amount };
		let tail = vec![
			paid(PROVIDER, Role::Provider, ASK - SHARE),
			paid(OWNER, Role::Owner, PRICE),
			paid(TREASURY, Role::Treasury, SHARE),
			Event::JobSettled { job, provider: PROVIDER, fee: ASK + PRICE },
		];
		assert!(events().ends_with(&tail));
		let provider = Providers::get()[&PROVIDER].clone();
		assert_eq!((provider.delivered, provider.locked), (1, 0));
	});
}

#[test]
fn the_sweep_settles_by_itself() {
	build_and_execute(|| {
		let job = submitted_job();
		run_to(4 + CHALLENGE - 1);
		assert!(matches!(Inference::job(job).unwrap().state, JobState::Submitted { .. }));
		run_to(4 + CHALLENGE);
		assert!(matches!(Inference::job(job).unwrap().state, JobState::Settled { at: 9, .. }));
		assert_noop!(settle(job), Error::<Test>::JobEnded);
	});
}

/// A version that takes long to check leaves its challengers more time.
#[test]
fn the_window_of_a_dear_version_is_longer() {
	build_and_execute(|| {
		Spec::mutate(|spec| spec.commitments.cost.terms = 10_000_000_000);
		let job = submitted_job();
		System::set_block_number(4 + 19);
		assert_noop!(settle(job), Error::<Test>::TooEarly);
		System::set_block_number(4 + 20);
		assert_ok!(settle(job));
	});
}

#[test]
fn settle_fails_too_early_or_without_result() {
	build_and_execute(|| {
		assert_noop!(settle(JobId(7)), Error::<Test>::UnknownJob);
		let job = assigned_job();
		assert_noop!(settle(job), Error::<Test>::NotSubmitted);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
		System::set_block_number(4 + CHALLENGE - 1);
		assert_noop!(settle(job), Error::<Test>::TooEarly);
	});
}

/// An owner who sees a request could take whatever is left of the most that it may cost.
#[test]
fn a_price_that_is_raised_before_the_draw_is_not_that_of_the_job() {
	build_and_execute(|| {
		let job = requested_job();
		Spec::mutate(|spec| spec.price = terms().max_fee - ASK);
		run_to(4);
		assert_eq!(Inference::job(job).unwrap().fee, ASK + PRICE);
		// The most that is asked for the work is what the old price leaves.
		assert_eq!(Limit::get(), terms().max_fee - PRICE);
	});
}

#[test]
fn prices_that_change_after_the_draw_change_nothing() {
	build_and_execute(|| {
		let job = submitted_job();
		Spec::mutate(|spec| spec.price = 400);
		Providers::mutate(|all| all.get_mut(&PROVIDER).unwrap().ask = 400);
		System::set_block_number(4 + CHALLENGE);
		assert_ok!(settle(job));
		assert_eq!(Balances::balance(&OWNER), ED + PRICE);
	});
}

#[test]
fn a_share_that_an_empty_account_cannot_take_goes_back_and_stops_nobody() {
	build_and_execute(|| {
		let job = submitted_job();
		// The treasury's account is empty, and this is below the existential deposit.
		Cut::set(ED - 1);
		System::set_block_number(4 + CHALLENGE);
		assert_ok!(settle(job));
		let returned =
			Event::FeeReturned { job, payee: TREASURY, role: Role::Treasury, amount: ED - 1 };
		assert!(events().contains(&returned));
		assert_eq!(Balances::balance(&PROVIDER), ED + ASK - (ED - 1));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
		let paid = ASK - (ED - 1) + PRICE;
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT - paid);
		let shares = Inference::job(job).unwrap().shares;
		assert!(shares.iter().all(|share| share.role != Role::Treasury));
		assert_eq!(shares.iter().map(|share| share.amount).sum::<Balance>(), paid);
	});
}

#[test]
fn a_cut_that_changes_after_settlement_does_not_change_what_was_paid() {
	build_and_execute(|| {
		let job = submitted_job();
		System::set_block_number(4 + CHALLENGE);
		assert_ok!(settle(job));
		let shares = Inference::job(job).unwrap().shares;
		Cut::mutate(|cut| *cut += 1);
		assert_eq!(Inference::job(job).unwrap().shares, shares);
	});
}

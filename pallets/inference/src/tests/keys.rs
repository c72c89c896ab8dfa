//! Data that was handed to a provider is paid for, however the job ends.

use crate::{mock::*, Error, Event, HoldReason, Jobs};
use assay_primitives::{
	job::{JobState, Output, RefundReason, Terms},
	money::{FeeShare, Role},
	traits::{Contestable, VoidReason},
	Balance, JobId, Root,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::DispatchResult;

/// What a key costs its provider.
const KEY: Balance = 40;

fn private_terms() -> Terms<u64> {
	Terms { data: Some(GRANT), ..terms() }
}

/// Request a job over data that only its provider is given.
fn requested() -> JobId {
	KeyPrice::set(KEY);
	let job = crate::NextJob::<Test>::get();
	let origin = RuntimeOrigin::signed(REQUESTER);
	assert_ok!(Inference::request(origin, VERSION, Box::new(artifact_input()), private_terms()));
	job
}

/// The same, assigned in block 4.
fn drawn() -> JobId {
	let job = requested();
	run_to(4);
	job
}

/// The same, and its provider was handed the key.
fn handed() -> JobId {
	let job = drawn();
	Inference::data_handed(job, &PROVIDER);
	job
}

/// The same, and its result is disputed.
fn disputed() -> JobId {
	let job = handed();
	assert_ok!(answer(job, *output()));
	assert_ok!(Inference::contest(job));
	job
}

fn answer(job: JobId, output: Output) -> DispatchResult {
	Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, Box::new(output))
}

/// What the owner of the data, the provider and the requester gained.
fn gains() -> [i128; 3] {
	let gain = |account, at_first: Balance| {
		let now = Balances::balance(&account) + Balances::total_balance_on_hold(&account);
		now as i128 - at_first as i128
	};
	[gain(DATA_OWNER, ED), gain(PROVIDER, ED), gain(REQUESTER, ENDOWMENT)]
}

/// Nothing is held for the fee any more, and the data alone was paid.
fn only_the_data_was_paid(job: JobId) {
	let share = FeeShare { payee: DATA_OWNER, role: Role::Data, amount: DATA_PRICE };
	assert_eq!(Inference::job(job).unwrap().shares, [share]);
	assert_eq!(gains(), [DATA_PRICE as i128, 0, -(DATA_PRICE as i128)]);
	assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
}

/// The data and the key were paid, of whose price the treasury has its cut.
fn the_data_and_the_key_were_paid() {
	let key = (KEY - SHARE) as i128;
	assert_eq!(gains(), [DATA_PRICE as i128, key, -((DATA_PRICE + KEY) as i128)]);
	assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 0);
}

#[test]
fn the_key_of_the_data_is_a_part_of_the_fee_that_goes_to_the_provider() {
	build_and_execute(|| {
		let job = handed();
		assert_ok!(answer(job, *output()));
		run_to(4 + CHALLENGE);
		let fee = ASK + KEY + PRICE + DATA_PRICE;
		System::assert_has_event(Event::JobSettled { job, provider: PROVIDER, fee }.into());
		assert_eq!(gains()[1], (ASK + KEY - SHARE) as i128);
	});
}

#[test]
fn a_key_that_nobody_needs_is_not_paid() {
	build_and_execute(|| {
		KeyPrice::set(KEY);
		let origin = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request(origin, VERSION, input(), private_terms()));
		run_to(4);
		assert_eq!(Inference::job(JOB).unwrap().fee, ASK + PRICE + DATA_PRICE);
		assert_eq!(Inference::data_to_run(JOB, &PROVIDER), None);
	});
}

#[test]
fn what_the_key_costs_has_to_be_within_the_most_that_the_job_may_cost() {
	build_and_execute(|| {
		KeyPrice::set(KEY);
		let request = |max_fee| {
			let (input, terms) = (Box::new(artifact_input()), private_terms());
			let terms = Terms { max_fee, ..terms };
			Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input, terms)
		};
		let least = PRICE + DATA_PRICE + KEY;
		assert!(request(least - 1).is_err());
		assert_ok!(request(least + 3));
		run_to(4);
		assert_eq!(Limit::get(), 3);
	});
}

/// A requester that is its own provider would read the data and have everything back.
#[test]
fn an_input_that_does_not_match_does_not_give_back_what_the_data_costs() {
	build_and_execute(|| {
		let job = handed();
		assert_ok!(answer(job, Output::InputMismatch));
		the_data_and_the_key_were_paid();
	});
}

#[test]
fn silence_does_not_give_back_what_the_data_costs() {
	build_and_execute(|| {
		Attempts::set(1);
		let job = handed();
		run_to(4 + RESPONSE + 1);
		let reason = RefundReason::Missed;
		assert_eq!(Inference::job(job).unwrap().state, JobState::Refunded { reason, at: 9 });
		only_the_data_was_paid(job);
	});
}

#[test]
fn a_job_that_is_cancelled_after_a_miss_has_used_the_data() {
	build_and_execute(|| {
		let job = handed();
		run_to(4 + RESPONSE + 1);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(REQUESTER), job));
		only_the_data_was_paid(job);
	});
}

#[test]
fn a_job_that_expires_after_a_miss_has_used_the_data() {
	build_and_execute(|| {
		// Nobody else can be drawn.
		let job = handed();
		run_to(40);
		assert!(matches!(Inference::job(job).unwrap().state, JobState::Expired { .. }));
		only_the_data_was_paid(job);
	});
}

/// Whoever was handed the key and missed has its own loss; the next one is not paid for it.
#[test]
fn the_key_is_paid_to_whoever_was_handed_it_and_nobody_else() {
	build_and_execute(|| {
		Providers::mutate(|all| all.insert(RIVAL, provider(ASK)));
		let job = drawn();
		let first = *Inference::job(job).unwrap().state.provider().unwrap();
		Inference::data_handed(job, &first);
		run_to(4 + RESPONSE + 1 + 3);
		let second = *Inference::job(job).unwrap().state.provider().unwrap();
		assert_ne!(first, second);
		let mismatch = Box::new(Output::InputMismatch);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(second), job, mismatch));
		only_the_data_was_paid(job);
	});
}

#[test]
fn a_refuted_provider_is_not_paid_for_the_key() {
	build_and_execute(|| {
		let job = disputed();
		Inference::refute(job, &[]);
		assert!(matches!(Inference::job(job).unwrap().state, JobState::Slashed { .. }));
		only_the_data_was_paid(job);
	});
}

#[test]
fn a_dispute_without_a_verdict_does_not_give_back_what_the_data_costs() {
	build_and_execute(|| {
		let job = disputed();
		Inference::void(job, VoidReason::Undecided);
		the_data_and_the_key_were_paid();
	});
}

#[test]
fn data_that_nobody_was_handed_costs_nothing() {
	build_and_execute(|| {
		let job = drawn();
		assert_ok!(answer(job, Output::InputMismatch));
		assert_eq!(gains(), [0; 3]);
		assert!(Inference::job(job).unwrap().shares.is_empty());
	});
}

#[test]
fn a_wrong_key_costs_nothing() {
	build_and_execute(|| {
		let job = handed();
		Inference::data_not_handed(job, &RIVAL);
		assert_eq!(Jobs::<Test>::get(job).unwrap().handed, Some(PROVIDER));
		Inference::data_not_handed(job, &PROVIDER);
		assert_ok!(answer(job, Output::InputMismatch));
		assert_eq!(gains(), [0; 3]);
	});
}

/// Its box may lie among the transactions already, for everybody to see.
#[test]
fn a_job_does_not_end_at_no_cost_while_its_key_is_on_its_way() {
	build_and_execute(|| {
		let job = drawn();
		Awaited::set(true);
		assert_noop!(answer(job, Output::InputMismatch), Error::<Test>::KeyAwaited);
		Awaited::set(false);
		assert_ok!(answer(job, Output::InputMismatch));
	});
}

/// A part of what the data costs was paid with each item that was corrected.
#[test]
fn the_data_of_a_batch_is_not_paid_twice() {
	const ITEMS: u32 = 20;
	build_and_execute(|| {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(&RIVAL, RIVALS);
		Uses::set(ITEMS);
		let origin = || RuntimeOrigin::signed(REQUESTER);
		let terms = Terms { data: Some(GRANT), ..batch_terms(ITEMS) };
		assert_ok!(Inference::request(origin(), VERSION, Box::new(batch_input(ITEMS)), terms));
		run_to(4);
		Inference::data_handed(JOB, &PROVIDER);
		assert_ok!(answer(JOB, batch_output(ITEMS)));
		let [corrected, refuted] = [3, 4].map(|index| opened_item(JOB, ITEMS, index));
		assert_ok!(Inference::contest(corrected));
		Inference::correct(corrected, Root([8; 32]), &RIVAL);
		assert_eq!(gains()[0], DATA_PRICE as i128);
		assert_ok!(Inference::contest(refuted));
		assert!(Inference::refute(refuted, &[]));
		assert!(matches!(Inference::job(JOB).unwrap().state, JobState::Slashed { .. }));
		assert_eq!(gains()[0], (DATA_PRICE * Balance::from(ITEMS)) as i128);
	});
}

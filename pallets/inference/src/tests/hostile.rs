//! Attacks, and random play.

use crate::{earners::MOST_SHARES, mock::*, Config, Error, Jobs, NextJob, Pallet, WeightInfo};
use assay_primitives::{
	job::{Choice, Input, Output, Terms, MAX_INLINE_INPUT},
	licence::MAX_ANCESTORS,
	money::Beneficiary,
	tensor::{DType, Tensor},
	Balance, JobId,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, Mutate},
};
use proptest::prelude::*;
use sp_runtime::Permill;

#[test]
fn a_tensor_that_claims_more_than_it_carries_allocates_nothing() {
	build_and_execute(|| {
		// One float32 tensor of rank 1 whose data claims a length of 2³⁰−1.
		let bytes = vec![4, 0, 4, 1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff];
		let input = Box::new(Input::Inline(bytes.try_into().unwrap()));
		assert_noop!(
			Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input, terms()),
			Error::<Test>::MalformedTensors
		);
	});
}

#[test]
fn the_largest_inline_input_is_taken_and_one_byte_more_cannot_be_expressed() {
	build_and_execute(|| {
		Spec::mutate(|spec| spec.inputs[0] = tensor_spec("x", 16_000));
		let tensor = Tensor::new(DType::Float32, vec![16_000], vec![0; 64_000]).unwrap();
		let bytes = assay_primitives::tensor::encode_tensors(&[tensor]);
		let input = Box::new(Input::Inline(bytes.try_into().unwrap()));
		assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input, terms()));
		let over = vec![0u8; MAX_INLINE_INPUT as usize + 1];
		assert!(assay_primitives::job::InlineInput::try_from(over).is_err());
	});
}

#[test]
fn a_requester_that_spends_all_else_still_pays() {
	build_and_execute(|| {
		let job = submitted_job();
		let free = Balances::reducible_balance(
			&REQUESTER,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Fortitude::Polite,
		);
		assert_ok!(<Balances as Mutate<_>>::transfer(
			&REQUESTER,
			&PAUPER,
			free,
			frame_support::traits::tokens::Preservation::Preserve
		));
		run_to(4 + CHALLENGE);
		assert_eq!(Balances::balance(&OWNER), ED + PRICE);
		assert!(!Inference::job(job).unwrap().state.is_open());
	});
}

#[test]
fn a_provider_that_missed_cannot_take_the_job_again_to_stall_it() {
	build_and_execute(|| {
		let job = assigned_job();
		// The only provider misses; nobody else serves, so the job expires at its deadline.
		run_to(40);
		let view = Inference::job(job).unwrap();
		assert!(!view.state.is_open());
		assert_eq!(Providers::get()[&PROVIDER].missed, 1);
	});
}

#[test]
fn nobody_is_drawn_with_too_little_time_left_to_be_made_to_miss() {
	build_and_execute(|| {
		// There is no provider until the job has but one block left.
		let all = Providers::get();
		Providers::set(Default::default());
		let short = Terms { deliver_within: 7, ..terms() };
		let requester = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request(requester, VERSION, input(), short));
		run_to(6);
		Providers::set(all);
		run_to(12);
		assert!(!Inference::job(JOB).unwrap().state.is_open());
		assert_eq!(Providers::get()[&PROVIDER].missed, 0);
	});
}

/// Each settlement pays as many as can be paid, and all of them fall due in one block.
#[test]
fn settlements_of_the_largest_waterfall_in_one_block_are_paid_within_the_weight() {
	const JOBS: u32 = 100;
	build_and_execute(|| {
		let payees: Vec<u64> = (200..).take(MAX_ANCESTORS as usize).collect();
		let share = Permill::from_percent(5);
		let ancestors = payees.iter().map(|payee| Beneficiary { payee: *payee, share });
		Ancestors::set(Some(ancestors.collect()));
		Spec::mutate(|spec| spec.price = 1_000);
		Providers::mutate(|all| all.get_mut(&PROVIDER).unwrap().free = 1_000 * STAKE);
		Uses::set(JOBS);
		let terms = Terms { max_fee: 1_200, data: Some(GRANT), ..terms() };
		for _ in 0..JOBS {
			let requester = RuntimeOrigin::signed(REQUESTER);
			assert_ok!(Inference::request(requester, VERSION, input(), terms.clone()));
		}
		run_to(4);
		for job in 0..JOBS {
			let provider = RuntimeOrigin::signed(PROVIDER);
			assert_ok!(Inference::submit_result(provider, JobId(job.into()), output()));
		}
		// Room for some ten of them.
		let each = <Test as Config>::WeightInfo::settle(MOST_SHARES);
		let limit = each.saturating_mul(10).saturating_add(Pallet::<Test>::dearest_step());
		SweepLimit::set(limit);
		System::set_block_number(4 + CHALLENGE);
		let open = || Jobs::<Test>::iter_values().filter(|job| job.state.is_open()).count();
		let mut blocks = 0;
		while open() > 0 {
			let before = open();
			let used = Pallet::<Test>::sweep();
			assert!(used.all_lte(limit), "{used:?}");
			assert!((5..20).contains(&(before - open())) || open() == 0);
			System::set_block_number(System::block_number() + 1);
			blocks += 1;
		}
		assert!(blocks > 5, "they are not all paid in one");
		let jobs = Balance::from(JOBS);
		assert!(payees.iter().all(|payee| Balances::balance(payee) == jobs * 50));
		assert_eq!(Balances::balance(&OWNER), ED + jobs * 600);
		assert_eq!(Balances::balance(&DATA_OWNER), ED + jobs * DATA_PRICE);
	});
}

#[derive(Clone, Debug)]
enum Move {
	Request { max_fee: u128, value: u128, within: u32, artifact: bool },
	Submit { who: u64, job: u64, mismatch: bool },
	Settle(u64),
	Cancel { who: u64, job: u64 },
	Expire(u64),
	Ask { who: u64, ask: u128 },
	Blocks(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
	let job = 0u64..6;
	let who = 1u64..5;
	let one = prop_oneof![
		3 => (0u128..400, 0u128..2_000_000, 0u32..20, any::<bool>()).prop_map(
			|(max_fee, value, within, artifact)| Move::Request { max_fee, value, within, artifact }
		),
		3 => (who.clone(), job.clone(), any::<bool>())
			.prop_map(|(who, job, mismatch)| Move::Submit { who, job, mismatch }),
		1 => job.clone().prop_map(Move::Settle),
		1 => (who.clone(), job.clone()).prop_map(|(who, job)| Move::Cancel { who, job }),
		1 => job.prop_map(Move::Expire),
		1 => (2u64..4, 0u128..500).prop_map(|(who, ask)| Move::Ask { who, ask }),
		3 => (1u32..6).prop_map(Move::Blocks),
	];
	proptest::collection::vec(one, 1..80)
}

fn play(step: Move) {
	let origin = RuntimeOrigin::signed;
	// Moves that the pallet refuses are part of the play.
	let _ = match step {
		Move::Request { max_fee, value, within, artifact } => {
			let input = if artifact { Box::new(artifact_input()) } else { input() };
			let terms = Terms {
				max_fee,
				value,
				deliver_within: within,
				max_relative: None,
				reassign: false,
				choice: Choice::Any,
				usage: Default::default(),
				data: None,
			};
			Inference::request(origin(REQUESTER), VERSION, input, terms)
		},
		Move::Submit { who, job, mismatch } => {
			let answer = if mismatch { Box::new(Output::InputMismatch) } else { output() };
			Inference::submit_result(origin(who), JobId(job), answer)
		},
		Move::Settle(job) => Inference::settle(origin(PAUPER), JobId(job)),
		Move::Cancel { who, job } => without_cost(Inference::cancel(origin(who), JobId(job))),
		Move::Expire(job) => without_cost(Inference::expire(origin(PAUPER), JobId(job))),
		Move::Ask { who, ask } => {
			Providers::mutate(|all| all.entry(who).or_insert_with(|| provider(ask)).ask = ask);
			Ok(())
		},
		Move::Blocks(count) => {
			run_to(System::block_number() + count);
			Ok(())
		},
	};
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever is played in whatever order: the invariants hold after every move, no unit is
	/// made or lost, and in the end every job is gone and every hold released.
	#[test]
	fn random_play_conserves_money_and_leaves_nothing_behind(moves in moves()) {
		new_test_ext().execute_with(|| {
			Providers::set([(PROVIDER, provider(ASK))].into());
			let issuance = Balances::total_issuance();
			for step in moves {
				play(step);
				Inference::do_try_state().unwrap();
				exposures_match();
				assert_eq!(Balances::total_issuance(), issuance);
			}
			run_to(System::block_number() + 20 + 3 * (RESPONSE + 4) + CHALLENGE + RETENTION);
			assert_eq!(Jobs::<Test>::iter().count(), 0);
			let paid = Balances::total_balance(&REQUESTER) <= ENDOWMENT;
			assert!(paid && NextJob::<Test>::get().0 < 81);
			assert_eq!(Balances::reserved_balance(REQUESTER), 0);
			assert!(Providers::get().values().all(|provider| provider.locked == 0));
		});
	}
}

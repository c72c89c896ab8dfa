use super::{drawn, exact, groups, request, reveal, seal, sealed, serve, state};
use crate::{mock::*, Event, HoldReason, Jobs, NextJob};
use assay_primitives::{
	commitment::faulted_root,
	job::{ExpiryReason, JobState, RefundReason},
	model::VersionStatus,
	money::DataFee,
	traits::Contestable,
	AssetId, Balance, JobId,
};
use frame_support::{assert_ok, traits::fungible::Inspect, traits::fungible::InspectHold};
use proptest::prelude::*;

fn held(reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), &REQUESTER)
}

#[test]
fn enough_answers_end_the_other_replicas_at_nobodys_cost() {
	build_and_execute(|| {
		let replicas = drawn(4, 2);
		let [(one, who), (two, partner), rest @ ..] = replicas.as_slice() else { panic!() };
		assert_ok!(seal(*who, *one, 1));
		assert_ok!(seal(*partner, *two, 1));
		for (job, provider) in rest {
			let superseded = JobState::Refunded { reason: RefundReason::Superseded, at: 4 };
			assert_eq!(state(*job), superseded);
			let record = Providers::get()[provider].clone();
			assert_eq!((record.excused, record.missed, record.locked), (1, 0, 0));
		}
		assert_eq!(held(HoldReason::Fee), 2 * terms().max_fee);
		assert_eq!(events().pop(), Some(Event::GroupRevealing { group: *one }));
		let until = 4 + REVEAL;
		assert!(matches!(state(*one), JobState::Sealed { until: end, .. } if end == until));
		let view = Inference::group(*one).unwrap();
		assert_eq!((view.sealed, view.answers, view.revealing), (2, 2, true));
	});
}

#[test]
fn a_replica_without_a_provider_is_superseded_as_well() {
	build_and_execute(|| {
		serve(1);
		assert_ok!(request(2, 1));
		run_to(4);
		let drawn = |job| matches!(state(JobId(job)), JobState::Assigned { .. });
		let (with, without) = if drawn(0) { (JobId(0), JobId(1)) } else { (JobId(1), JobId(0)) };
		assert_ok!(seal(PROVIDER, with, 1));
		let superseded = JobState::Refunded { reason: RefundReason::Superseded, at: 4 };
		assert_eq!(state(without), superseded);
		assert_ok!(reveal(PROVIDER, with, 1));
		let compared = |event: &Event<Test>| {
			matches!(event, Event::GroupAgreed { .. } | Event::GroupDiffers { .. })
		};
		assert!(!events().iter().any(compared), "one answer agrees with nothing");
	});
}

#[test]
fn seals_are_opened_when_nobody_is_left_to_seal() {
	build_and_execute(|| {
		Attempts::set(1);
		let [(job, who), (other, partner)] = drawn(2, 2).try_into().unwrap();
		assert_ok!(seal(who, job, 1));
		run_to(4 + RESPONSE + 1);
		assert_eq!(Providers::get()[&partner].missed, 1);
		let at = 4 + RESPONSE + 1;
		assert_eq!(state(other), JobState::Refunded { reason: RefundReason::Missed, at });
		assert_ok!(reveal(who, job, 1));
		run_to(at + CHALLENGE);
		assert!(matches!(state(job), JobState::Settled { .. }));
	});
}

#[test]
fn a_cancelled_replica_is_not_waited_for() {
	build_and_execute(|| {
		serve(1);
		assert_ok!(request(2, 2));
		run_to(4);
		let first = matches!(state(JobId(0)), JobState::Assigned { .. });
		let (job, other) = if first { (JobId(0), JobId(1)) } else { (JobId(1), JobId(0)) };
		assert_ok!(seal(PROVIDER, job, 1));
		assert!(!Inference::group(job).unwrap().revealing);
		let cancelled = Inference::cancel(RuntimeOrigin::signed(REQUESTER), other).unwrap();
		assert_eq!(cancelled.actual_weight, None, "it has looked after the group");
		assert!(Inference::group(job).unwrap().revealing);
		assert_ok!(reveal(PROVIDER, job, 1));
	});
}

#[test]
fn a_group_that_nobody_seals_ends_with_its_replicas() {
	build_and_execute(|| {
		Providers::set(Default::default());
		assert_ok!(request(3, 2));
		run_to(32);
		let expired = JobState::Expired { reason: ExpiryReason::NoProvider, at: 32 };
		assert!((0..3).all(|job| state(JobId(job)) == expired));
		assert_eq!(held(HoldReason::Fee), 0);
		assert_eq!(groups(), 1);
		run_to(32 + RETENTION);
		assert_eq!((groups(), held(HoldReason::Deposit)), (0, 0));
	});
}

#[test]
fn a_requester_pays_for_what_is_revealed_and_for_nothing_else() {
	build_and_execute(|| {
		let [(one, who), (two, partner), (_, third)] = drawn(3, 2).try_into().unwrap();
		assert_ok!(seal(who, one, 1));
		assert_ok!(seal(partner, two, 1));
		// The second does not reveal, and the third was not waited for.
		assert_ok!(reveal(who, one, 1));
		run_to(60);
		assert_eq!(Balances::total_balance(&REQUESTER), ENDOWMENT - ASK - PRICE);
		assert_eq!(Balances::balance(&REQUESTER), ENDOWMENT - ASK - PRICE);
		let earned = |who| if who < 6 { ED } else { 0 };
		assert_eq!(Balances::balance(&who), earned(who) + ASK - SHARE);
		assert_eq!(Balances::balance(&partner), earned(partner));
		assert_eq!(Balances::balance(&third), earned(third));
		assert_eq!((Jobs::<Test>::iter().count(), groups()), (0, 0));
	});
}

#[test]
fn sealed_replicas_of_a_frozen_version_are_refunded_at_nobodys_cost() {
	build_and_execute(|| {
		let [(one, who), (two, partner)] = sealed(1, 2);
		Status::set(VersionStatus::Frozen);
		assert_ok!(reveal(who, one, 1));
		let refunded = |at| JobState::Refunded { reason: RefundReason::InvalidVersion, at };
		assert_eq!(state(one), refunded(4));
		run_to(4 + REVEAL + 1);
		assert_eq!(state(two), refunded(4 + REVEAL + 1));
		let all = Providers::get();
		assert!([who, partner].iter().all(|who| all[who].missed == 0 && all[who].excused == 1));
		assert_eq!(held(HoldReason::Fee), 0);
	});
}

#[test]
fn a_seal_for_a_frozen_version_refunds_the_job() {
	build_and_execute(|| {
		let [(one, who), (two, _)] = drawn(2, 1).try_into().unwrap();
		Status::set(VersionStatus::Frozen);
		assert_ok!(seal(who, one, 1));
		let reason = RefundReason::InvalidVersion;
		assert_eq!(state(one), JobState::Refunded { reason, at: 4 });
		run_to(4 + RESPONSE + 1);
		assert_eq!(state(two), JobState::Refunded { reason, at: 4 + RESPONSE + 1 });
		run_to(60);
		assert_eq!(groups(), 0);
	});
}

#[test]
fn results_that_are_the_same_agree() {
	build_and_execute(|| {
		let [(group, who), (other, partner)] = sealed(1, 1);
		assert_ok!(reveal(who, group, 1));
		assert_ok!(reveal(partner, other, 1));
		let root = faulted_root(1, 0);
		assert_eq!(events().pop(), Some(Event::GroupAgreed { group, root }));
		assert_eq!(Doubted::get(), []);
		assert!(!Inference::group(group).unwrap().revealing);
	});
}

#[test]
fn results_that_differ_within_a_tolerance_prove_nothing() {
	build_and_execute(|| {
		let [(group, who), (other, partner)] = sealed(1, 2);
		assert_ok!(reveal(who, group, 1));
		assert_ok!(reveal(partner, other, 2));
		assert_eq!(events().pop(), Some(Event::GroupDiffers { group }));
		assert_eq!(Doubted::get(), []);
	});
}

#[test]
fn where_equal_bits_are_required_all_results_that_differ_are_doubted() {
	build_and_execute(|| {
		exact();
		let [(one, a), (two, b), (three, c)] = drawn(3, 3).try_into().unwrap();
		// That two of them say the same shows nothing.
		let said = [(one, a, 1), (two, b, 1), (three, c, 2)];
		assert!(said.iter().all(|(job, who, number)| seal(*who, *job, *number).is_ok()));
		assert!(said.iter().all(|(job, who, number)| reveal(*who, *job, *number).is_ok()));
		assert_eq!(events().pop(), Some(Event::GroupDiffers { group: one }));
		assert_eq!(Doubted::get(), [one, two, three]);
	});
}

/// Nobody else could run them again.
#[test]
fn results_about_private_data_are_not_doubted() {
	build_and_execute(|| {
		exact();
		let [(one, a), (two, b)] = drawn(2, 2).try_into().unwrap();
		let fee = DataFee { asset: AssetId(0), payee: DATA_OWNER, amount: 0, key: 0 };
		for job in [one, two] {
			Jobs::<Test>::mutate(job, |record| {
				let record = record.as_mut().unwrap();
				(record.inline, record.earners.data) = (false, Some(fee.clone()));
			});
		}
		let said = [(one, a, 1), (two, b, 2)];
		assert!(said.iter().all(|(job, who, number)| seal(*who, *job, *number).is_ok()));
		assert!(said.iter().all(|(job, who, number)| reveal(*who, *job, *number).is_ok()));
		assert_eq!(events().pop(), Some(Event::GroupDiffers { group: one }));
		assert_eq!(Doubted::get(), []);
	});
}

#[test]
fn what_was_sealed_and_not_revealed_is_not_compared_but_waited_for() {
	build_and_execute(|| {
		exact();
		let [(one, a), (two, b), (three, c)] = drawn(3, 3).try_into().unwrap();
		let said = [(one, a, 1), (two, b, 1), (three, c, 2)];
		assert!(said.iter().all(|(job, who, number)| seal(*who, *job, *number).is_ok()));
		assert_ok!(reveal(a, one, 1));
		assert_ok!(reveal(b, two, 1));
		let agreed = |event: &Event<Test>| matches!(event, Event::GroupAgreed { .. });
		assert!(!events().iter().any(agreed));
		run_to(4 + REVEAL + 1);
		assert!(events().iter().any(agreed));
	});
}

/// Whoever was drawn next could copy what the other has revealed.
#[test]
fn a_refuted_replica_is_not_drawn_again() {
	build_and_execute(|| {
		serve(3);
		let terms = assay_primitives::job::Terms { reassign: true, ..terms() };
		let redundancy = assay_primitives::job::Redundancy { replicas: 2, answers: 2 };
		let origin = RuntimeOrigin::signed(REQUESTER);
		assert_ok!(Inference::request_redundant(origin, VERSION, input(), terms, redundancy));
		run_to(4);
		let replicas = [0, 1].map(|job| (JobId(job), *state(JobId(job)).provider().unwrap()));
		for (job, who) in replicas {
			assert_ok!(seal(who, job, 1));
		}
		for (job, who) in replicas {
			assert_ok!(reveal(who, job, 1));
		}
		let (job, _) = replicas[0];
		assert_ok!(Inference::contest(job));
		assert!(Inference::refute(job, &[]));
		assert!(matches!(state(job), JobState::Slashed { .. }));
	});
}

/// What ended long ago still says who has had it, and is compared.
#[test]
fn a_replica_is_kept_while_its_group_goes_on() {
	build_and_execute(|| {
		serve(1);
		let terms = assay_primitives::job::Terms { deliver_within: 100, ..terms() };
		let redundancy = assay_primitives::job::Redundancy { replicas: 2, answers: 2 };
		let origin = RuntimeOrigin::signed(REQUESTER);
		Attempts::set(1);
		assert_ok!(Inference::request_redundant(origin, VERSION, input(), terms, redundancy));
		run_to(4 + RESPONSE + 1 + 3 * RETENTION);
		let ended = [0, 1].map(|job| !state(JobId(job)).is_open());
		assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
		assert_eq!(Providers::get()[&PROVIDER].missed, 1, "it is remembered");
		run_to(102 + 3 * RETENTION);
		assert_eq!((groups(), Jobs::<Test>::iter().count()), (0, 0));
	});
}

#[derive(Clone, Debug)]
enum Move {
	Request { replicas: u8, answers: u8 },
	Lone,
	Seal { job: u64, number: u32 },
	Reveal { job: u64, number: u32 },
	Submit(u64),
	Cancel(u64),
	Settle(u64),
	Freeze,
	Blocks(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
	let (job, number) = (0u64..8, 0u32..2);
	let one = prop_oneof![
		2 => (1u8..5, 0u8..4).prop_map(|(replicas, answers)| Move::Request { replicas, answers }),
		1 => Just(Move::Lone),
		8 => (job.clone(), number.clone()).prop_map(|(job, number)| Move::Seal { job, number }),
		8 => (job.clone(), number).prop_map(|(job, number)| Move::Reveal { job, number }),
		1 => job.clone().prop_map(Move::Submit),
		1 => job.clone().prop_map(Move::Cancel),
		1 => job.prop_map(Move::Settle),
		4 => (1u32..5).prop_map(Move::Blocks),
	];
	let freeze = prop_oneof![19 => Just(None), 1 => Just(Some(Move::Freeze))];
	let one = (one, freeze).prop_map(|(one, freeze)| freeze.unwrap_or(one));
	proptest::collection::vec(one, 1..80)
}

fn play(step: Move) {
	let origin = RuntimeOrigin::signed;
	let provider = |job| Some(*Inference::job(JobId(job))?.state.provider()?);
	// Moves that the pallet refuses are part of the play.
	let _ = match step {
		Move::Request { replicas, answers } => request(replicas, answers),
		Move::Lone => Inference::request(origin(REQUESTER), VERSION, input(), terms()),
		Move::Seal { job, number } => seal(provider(job).unwrap_or(RIVAL), JobId(job), number),
		Move::Reveal { job, number } => reveal(provider(job).unwrap_or(RIVAL), JobId(job), number),
		Move::Submit(job) => {
			let who = origin(provider(job).unwrap_or(RIVAL));
			Inference::submit_result(who, JobId(job), output())
		},
		Move::Cancel(job) => without_cost(Inference::cancel(origin(REQUESTER), JobId(job))),
		Move::Settle(job) => Inference::settle(origin(PAUPER), JobId(job)),
		Move::Freeze => {
			Status::set(VersionStatus::Frozen);
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

	/// Whatever is played in whatever order: the invariants hold after every move, no unit is made
	/// or lost, and in the end every job and every group is gone and every hold released.
	#[test]
	fn random_groups_conserve_money_and_leave_nothing_behind(moves in moves()) {
		new_test_ext().execute_with(|| {
			serve(4);
			Status::set(VersionStatus::Active);
			let issuance = Balances::total_issuance();
			for step in moves {
				play(step);
				Inference::do_try_state().unwrap();
				exposures_match();
				assert_eq!(Balances::total_issuance(), issuance);
			}
			run_to(System::block_number() + 60 + REVEAL + CHALLENGE + 3 * RETENTION);
			assert_eq!((Jobs::<Test>::iter().count(), groups()), (0, 0));
			assert!(NextJob::<Test>::get().0 < 321);
			assert_eq!(Balances::reserved_balance(REQUESTER), 0);
			assert!(Providers::get().values().all(|provider| provider.locked == 0));
		});
	}
}

use crate::{mock::*, Error, Event, HoldReason, Inputs, Items, Jobs, NextJob, Outputs};
use assay_primitives::{
	api::Page,
	batch::{ItemOpening, ItemView, MAX_ITEMS},
	canonical::Cost,
	job::{Input, JobKind, JobState, Output, Redundancy, RefundReason, Terms},
	model::Artifact,
	traits::{Contestable, Stayable, VoidReason, Withheld},
	Balance, BlockNumber, JobId, Root,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold, Mutate},
};

/// The items of the tests' batches: their roots fill more than one chunk.
const ITEMS: u32 = 40;
/// The fee of a batch, of which the treasury has its cut once.
const FEE: Balance = (ASK + PRICE) * ITEMS as Balance;
/// What the provider has at stake for a batch.
const EXPOSURE: Balance = FEE * 100;

/// What is changed of a batch's file, of the number of its items, and of their shapes.
type Change = dyn Fn(&mut Artifact, &mut u32, &mut Vec<Vec<u32>>);

fn state(job: JobId) -> JobState<u64> {
	Inference::job(job).unwrap().state
}

fn is_settled(job: JobId) -> bool {
	matches!(state(job), JobState::Settled { provider: PROVIDER, .. })
}

fn held(account: u64, reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account)
}

fn request(input: Input, terms: Terms<u64>) -> sp_runtime::DispatchResult {
	Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, Box::new(input), terms)
}

fn open_as(
	account: u64,
	batch: JobId,
	index: u32,
	opening: ItemOpening,
) -> Result<(), Error<Test>> {
	let opened =
		Inference::open_item(RuntimeOrigin::signed(account), batch, index, Box::new(opening));
	opened.map_err(|error| match error {
		sp_runtime::DispatchError::Module(error) => error_of(error.error),
		other => panic!("{other:?}"),
	})
}

fn error_of(bytes: [u8; 4]) -> Error<Test> {
	codec::Decode::decode(&mut &bytes[..]).unwrap()
}

#[test]
fn a_batch_is_charged_for_every_item_and_settles_as_one() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let record = Jobs::<Test>::get(batch).unwrap();
		assert_eq!(record.kind, JobKind::Batch { items: ITEMS });
		assert_eq!((record.units, record.engagement().exposure), (ITEMS.into(), EXPOSURE));
		// Neither audits nor anybody else can look at it as a whole.
		assert_eq!(Told::get(), []);
		run_to(4 + CHALLENGE);
		assert!(is_settled(batch));
		assert_eq!(Balances::balance(&OWNER), ED + PRICE * Balance::from(ITEMS));
		assert_eq!(Balances::balance(&PROVIDER), ED + ASK * Balance::from(ITEMS) - SHARE);
		assert_eq!(held(REQUESTER, HoldReason::Fee), 0);
		assert_eq!(Providers::get()[&PROVIDER].delivered, 1);
	});
}

#[test]
fn time_and_windows_are_as_of_all_items() {
	build_and_execute(|| {
		Balances::set_balance(&RIVAL, RIVALS);
		// The reference machine takes an eighth of a block for an item.
		Spec::mutate(|spec| {
			spec.commitments.cost = Cost { terms: Rate::get().terms / 8, trace_bytes: 0 };
		});
		let terms = Terms { deliver_within: 100, ..batch_terms(ITEMS) };
		assert_ok!(request(batch_input(ITEMS), terms));
		run_to(4);
		assert_eq!(state(JOB), JobState::Assigned { provider: PROVIDER, due: 4 + 5 });
		let output = Box::new(batch_output(ITEMS));
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), JOB, output));
		assert!(matches!(state(JOB), JobState::Submitted { until: 24, .. }));
		// The window of an item is that of a single job.
		let item = opened_item(JOB, ITEMS, 3);
		assert!(matches!(state(item), JobState::Submitted { until: 9, .. }));
		let estimate = |items| {
			let shapes = vec![vec![1].try_into().unwrap()];
			Inference::estimate(VERSION, shapes, items, Default::default()).unwrap()
		};
		let (one, all) = (estimate(1), estimate(ITEMS));
		assert_eq!(all.units, one.units * u64::from(ITEMS));
		assert_eq!(all.blocks_to_provisional, one.blocks_to_provisional + 5);
		assert_eq!(all.blocks_to_settled, all.blocks_to_provisional + 20);
	});
}

#[test]
fn a_batch_that_nobody_has_the_time_for_is_refused() {
	build_and_execute(|| {
		Spec::mutate(|spec| {
			spec.commitments.cost = Cost { terms: Rate::get().terms, trace_bytes: 0 };
		});
		assert_noop!(
			request(batch_input(ITEMS), batch_terms(ITEMS)),
			Error::<Test>::InvalidDeadline
		);
		assert_ok!(request(batch_input(20), batch_terms(20)));
	});
}

/// The time for a batch is gone: nobody is set up to miss.
#[test]
fn a_batch_is_not_drawn_with_less_time_than_it_takes() {
	build_and_execute(|| {
		Spec::mutate(|spec| {
			spec.commitments.cost = Cost { terms: Rate::get().terms, trace_bytes: 0 };
		});
		Providers::set(Default::default());
		let terms = Terms { deliver_within: 30, ..batch_terms(20) };
		assert_ok!(request(batch_input(20), terms));
		run_to(14);
		Providers::set([(PROVIDER, provider(ASK))].into());
		run_to(32);
		assert!(matches!(state(JOB), JobState::Expired { .. }));
		assert_eq!(Providers::get()[&PROVIDER].missed, 0);
	});
}

#[test]
fn an_item_is_looked_at_while_its_batch_waits() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		run_to(7);
		let item = opened_item(batch, ITEMS, 33);
		let root = match opening(ITEMS, 33).output {
			Output::Inline(_) => roots((33..34).map(super::super::mock::item)).get(0).unwrap(),
			_ => Root::default(),
		};
		let expected = [
			Event::JobStayed { job: batch, open: 1 },
			Event::ItemOpened { batch, index: 33, job: item },
			Event::OutputSubmitted { job: item, provider: PROVIDER, root, until: 12 },
		];
		assert_eq!(events()[events().len() - 3..], expected);
		let view = Inference::job(item).unwrap();
		assert_eq!(view.kind, JobKind::Item { batch, index: 33 });
		assert_eq!((view.requester, view.fee, view.attempts), (RIVAL, 0, 1));
		let page = Page { items: vec![ItemView { index: 33, job: item }], next: None };
		assert_eq!(Inference::items(batch, 0, 10), page);
		assert!(held(RIVAL, HoldReason::Deposit) > 1_000);
		assert_eq!(held(RIVAL, HoldReason::Fee), 0);
		assert!(matches!(state(batch), JobState::Submitted { until: BlockNumber::MAX, .. }));

		run_to(12);
		assert!(is_settled(item));
		// Two blocks of the window of the batch were left.
		assert!(matches!(state(batch), JobState::Submitted { until: 14, .. }));
		run_to(14);
		assert!(is_settled(batch));
		assert_eq!(Providers::get()[&PROVIDER].delivered, 1);
		run_to(14 + RETENTION);
		assert_eq!(Balances::balance(&RIVAL), RIVALS);
		assert_eq!(Items::<Test>::iter().count(), 0);
	});
}

/// The root of a batch is that of a tensor of roots, which a version may take as an input.
#[test]
fn a_batch_is_no_answer_to_the_input_that_has_its_root() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let opened = opened_item(batch, ITEMS, 3);
		run_to(20);
		assert!(is_settled(batch) && is_settled(opened));
		let root = |job| Inference::job(job).unwrap().input_root;
		assert_eq!(Inference::answered_by(VERSION, root(batch)), None);
		assert_eq!(Inference::answered_by(VERSION, root(opened)), Some(opened));
	});
}

#[test]
fn pages_of_items_are_in_their_order() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let jobs: Vec<ItemView> = [30, 2, 17]
			.map(|index| ItemView { index, job: opened_item(batch, ITEMS, index) })
			.to_vec();
		let page = |start, limit| Inference::items(batch, start, limit);
		assert_eq!(page(0, 2), Page { items: vec![jobs[1], jobs[2]], next: Some(30) });
		assert_eq!(page(30, 2), Page { items: vec![jobs[0]], next: None });
		assert_eq!(page(31, 2).items, []);
	});
}

#[test]
fn a_refuted_item_slashes_the_whole_exposure_and_refunds_the_whole_fee() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 7);
		let contest = Inference::contest(item).unwrap();
		assert_eq!((contest.requester, contest.provider), (REQUESTER, PROVIDER));
		assert_eq!(contest.exposure, EXPOSURE);
		let shares = [(RIVAL, 400), (REQUESTER, 200)];
		assert!(Inference::refute(item, &shares));
		assert_eq!(Slashed::get(), shares);
		assert!(matches!(state(item), JobState::Slashed { provider: PROVIDER, .. }));
		assert!(matches!(state(batch), JobState::Slashed { provider: PROVIDER, .. }));
		assert_eq!(held(REQUESTER, HoldReason::Fee), 0);
		assert_eq!(Balances::balance(&OWNER), ED);
		let refuted = |job| {
			events().iter().any(
				|event| matches!(event, Event::JobRefuted { job: of, reassigned: false, .. } if *of == job),
			)
		};
		assert!(refuted(item) && refuted(batch));
	});
}

/// Its items were shown, so that whoever came next could copy them.
#[test]
fn a_refuted_batch_is_not_drawn_again() {
	build_and_execute(|| {
		Balances::set_balance(&RIVAL, RIVALS);
		Providers::mutate(|all| all.insert(9, provider(ASK + 1)));
		let terms = Terms { reassign: true, ..batch_terms(ITEMS) };
		assert_ok!(request(batch_input(ITEMS), terms));
		run_to(4);
		let provider = *state(JOB).provider().unwrap();
		let output = Box::new(batch_output(ITEMS));
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(provider), JOB, output));
		let item = opened_item(JOB, ITEMS, 7);
		assert_ok!(Inference::contest(item));
		assert!(Inference::refute(item, &[]));
		assert!(matches!(state(JOB), JobState::Slashed { .. }));
	});
}

/// An accomplice disputes a right item, over and over, so that nobody gets to a wrong one.
#[test]
fn sham_disputes_of_items_do_not_shut_out_a_true_one() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let shams: Vec<JobId> = (0..5).map(|index| opened_item(batch, ITEMS, index)).collect();
		for sham in &shams {
			assert_ok!(Inference::contest(*sham));
		}
		let wrong = opened_item(batch, ITEMS, 39);
		assert_ok!(Inference::contest(wrong));
		Inference::uphold(shams[0]);
		assert!(matches!(state(batch), JobState::Submitted { until: BlockNumber::MAX, .. }));
		assert!(Inference::refute(wrong, &[(RIVAL, 1)]));
		assert!(matches!(state(batch), JobState::Slashed { .. }));
		// What is left is about nothing any more.
		Inference::uphold(shams[1]);
		assert!(is_settled(shams[1]));
		Slashed::set(Vec::new());
		assert!(!Inference::refute(shams[2], &[(RIVAL, 1)]));
		assert_eq!(Slashed::get(), []);
		<Inference as Contestable<u64>>::void(shams[3], VoidReason::Undecided);
		assert_eq!(Inference::correct(shams[4], Root([8; 32]), &RIVAL), 0);
		assert_eq!(Providers::get()[&PROVIDER].refuted, 1);
	});
}

#[test]
fn nothing_is_disputed_of_a_batch_that_has_ended() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let (wrong, other) = (opened_item(batch, ITEMS, 1), opened_item(batch, ITEMS, 2));
		assert_ok!(Inference::contest(wrong));
		assert!(Inference::refute(wrong, &[]));
		assert_noop!(Inference::contest(other), Error::<Test>::JobEnded);
		run_to(4 + CHALLENGE);
		assert!(is_settled(other));
	});
}

#[test]
fn a_corrected_item_takes_its_part_of_the_fee_with_it() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 7);
		assert_ok!(Inference::contest(item));
		// The part of the provider, less what the treasury has of it.
		assert_eq!(Inference::correct(item, Root([8; 32]), &RIVAL), ASK - SHARE);
		assert!(matches!(state(item), JobState::Corrected { provider: PROVIDER, .. }));
		assert_eq!(Balances::balance(&OWNER), ED + PRICE);
		let record = Jobs::<Test>::get(batch).unwrap();
		assert_eq!(record.agreement.unwrap().fee.total(), FEE - ASK - PRICE);
		assert_eq!(held(REQUESTER, HoldReason::Fee), 500 * Balance::from(ITEMS) - ASK - PRICE);
		Inference::do_try_state().unwrap();
		run_to(20);
		assert!(is_settled(batch));
		let spent = FEE + held(REQUESTER, HoldReason::Deposit);
		assert_eq!(Balances::balance(&REQUESTER), ENDOWMENT - spent);
		assert_eq!(Balances::balance(&OWNER), ED + PRICE * Balance::from(ITEMS));
		assert_eq!(
			(Providers::get()[&PROVIDER].struck, Providers::get()[&PROVIDER].delivered),
			(1, 0)
		);
	});
}

#[test]
fn an_item_without_a_verdict_ends_its_batch_at_nobodys_cost() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 7);
		assert_ok!(Inference::contest(item));
		<Inference as Contestable<u64>>::void(item, VoidReason::Undecided);
		for job in [item, batch] {
			let reason = RefundReason::Undecided;
			assert_eq!(state(job), JobState::Refunded { reason, at: 4 });
		}
		assert_eq!(held(REQUESTER, HoldReason::Fee), 0);
		assert_eq!(Providers::get()[&PROVIDER].excused, 1);
	});
}

#[test]
fn a_version_that_is_frozen_ends_items_and_batches() {
	build_and_execute(|| {
		let (batch, other) = (answered_batch(ITEMS), answered_batch(ITEMS));
		let items = [opened_item(batch, ITEMS, 7), opened_item(batch, ITEMS, 8)];
		assert_ok!(Inference::contest(items[0]));
		let invalid = VoidReason::InvalidVersion { prover: PAUPER };
		<Inference as Contestable<u64>>::void(items[0], invalid);
		let refused = open_as(RIVAL, other, 1, opening(ITEMS, 1));
		assert_eq!(refused, Err(Error::NotDisputable));
		run_to(60);
		assert!(Jobs::<Test>::iter_values().all(|job| matches!(
			job.state,
			JobState::Refunded { reason: RefundReason::InvalidVersion, .. }
		)));
		assert_eq!(held(REQUESTER, HoldReason::Fee), 0);
	});
}

/// Somebody opens an item whose output nobody has, and the provider does not show it.
#[test]
fn an_output_that_is_withheld_of_an_item_costs_the_whole_exposure() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let root = roots((5..6).map(item)).get(0).unwrap();
		let artifact = Artifact { hash: Default::default(), size: 1 };
		let opening =
			ItemOpening { output: Output::Artifact { root, artifact }, ..opening(ITEMS, 5) };
		let job = NextJob::<Test>::get();
		assert_eq!(open_as(RIVAL, batch, 5, opening), Ok(()));
		let stayed = Inference::stay(job, &77).unwrap();
		assert_eq!((stayed.kind, stayed.exposure), (JobKind::Item { batch, index: 5 }, EXPOSURE));
		assert_eq!(Inference::withhold_output(job, 1, &[(77, 9)]), Withheld::Done);
		assert!(matches!(state(batch), JobState::Slashed { .. }));
		assert_eq!(Slashed::get(), [(77, 9)]);
	});
}

#[test]
fn an_output_that_is_withheld_of_a_batch_costs_the_whole_exposure() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 5);
		assert_eq!(Inference::stay(batch, &77).unwrap().kind, JobKind::Batch { items: ITEMS });
		assert_eq!(Inference::withhold_output(batch, 1, &[(77, 9)]), Withheld::Done);
		assert!(matches!(state(batch), JobState::Slashed { .. }));
		run_to(9);
		assert!(is_settled(item));
	});
}

#[test]
fn only_what_is_a_batch_has_items() {
	build_and_execute(|| {
		Balances::set_balance(&RIVAL, RIVALS);
		let open = |job, index| open_as(RIVAL, job, index, opening(ITEMS, index));
		assert_eq!(open(JobId(99), 0), Err(Error::UnknownJob));
		let single = submitted_job();
		assert_eq!(open(single, 0), Err(Error::NotBatch));
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 0);
		assert_eq!(open(item, 0), Err(Error::NotBatch));
	});
}

#[test]
fn each_item_is_opened_once_and_only_one_that_is_there() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let item = opened_item(batch, ITEMS, 3);
		assert_eq!(open_as(RIVAL, batch, 3, opening(ITEMS, 3)), Err(Error::ItemOpened));
		run_to(9);
		assert!(is_settled(item));
		assert_eq!(open_as(RIVAL, batch, 3, opening(ITEMS, 3)), Err(Error::ItemOpened));
		for index in [ITEMS, ITEMS + 1, u32::MAX] {
			assert_eq!(open_as(RIVAL, batch, index, opening(ITEMS, 4)), Err(Error::UnknownItem));
		}
	});
}

#[test]
fn an_item_is_opened_while_its_batch_is_provisional_only() {
	build_and_execute(|| {
		Balances::set_balance(&RIVAL, RIVALS);
		let open = || open_as(RIVAL, JOB, 3, opening(ITEMS, 3));
		assert_ok!(request(batch_input(ITEMS), batch_terms(ITEMS)));
		assert_eq!(open(), Err(Error::NotSubmitted));
		run_to(4);
		// Not even by its provider, who could stop its own clock by it.
		let own = open_as(PROVIDER, JOB, 3, opening(ITEMS, 3));
		assert_eq!(own, Err(Error::NotSubmitted));
		let output = Box::new(batch_output(ITEMS));
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), JOB, output));
		System::set_block_number(4 + CHALLENGE);
		assert_eq!(open(), Err(Error::WindowClosed));
		run_to(5 + CHALLENGE);
		assert!(is_settled(JOB));
		assert_eq!(open(), Err(Error::JobEnded));
	});
}

/// Items are opened one after another, so that a batch never settles.
#[test]
fn a_batch_is_held_up_for_a_few_windows_at_most() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		for round in 0..4 {
			opened_item(batch, ITEMS, round);
			run_to(4 + CHALLENGE * (round + 1));
		}
		opened_item(batch, ITEMS, 4);
		run_to(4 + CHALLENGE * 5);
		let refused = open_as(RIVAL, batch, 5, opening(ITEMS, 5));
		assert_eq!(refused, Err(Error::StayedEnough));
		run_to(4 + CHALLENGE * 6);
		assert!(is_settled(batch));
	});
}

#[test]
fn what_is_not_the_item_is_not_opened() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		let (right, other) = (opening(ITEMS, 3), opening(ITEMS, 35));
		let swapped = Input::Inline(zeros(&[2]).try_into().unwrap());
		let mut altered = right.clone();
		if let Some(byte) = altered.output_proof.iter_mut().last() {
			*byte ^= 1;
		}
		let wrong = [
			other.clone(),
			ItemOpening { input: other.input.clone(), ..right.clone() },
			ItemOpening { output: other.output.clone(), ..right.clone() },
			ItemOpening { input_proof: other.input_proof.clone(), ..right.clone() },
			ItemOpening { output_proof: other.output_proof, ..right.clone() },
			ItemOpening { input: swapped, ..right.clone() },
			ItemOpening { input: batch_input(ITEMS), ..right.clone() },
			ItemOpening { output: Output::InputMismatch, ..right.clone() },
			ItemOpening { output: Output::Fault { slot: 0, element: 0 }, ..right.clone() },
			ItemOpening { input_proof: Default::default(), ..right.clone() },
			altered,
		];
		for (number, opening) in wrong.into_iter().enumerate() {
			let found = open_as(RIVAL, batch, 3, opening);
			assert_eq!(found, Err(Error::WrongItem), "{number}");
		}
		let malformed = ItemOpening { input: Input::Inline(Default::default()), ..right.clone() };
		assert_eq!(open_as(RIVAL, batch, 3, malformed), Err(Error::MalformedTensors));
		assert_eq!(open_as(PAUPER, batch, 3, right.clone()), Err(Error::InsufficientFunds));
		assert_eq!(Inputs::<Test>::iter().count(), 1);
		assert_eq!(open_as(RIVAL, batch, 3, right), Ok(()));
	});
}

#[test]
fn an_item_that_faulted_is_opened_as_one() {
	build_and_execute(|| {
		Balances::set_balance(&RIVAL, RIVALS);
		assert_ok!(request(batch_input(2), batch_terms(2)));
		run_to(4);
		let faulted = assay_primitives::commitment::faulted_root(4, 9);
		let first = roots((0..1).map(item)).get(0).unwrap();
		let all = assay_primitives::batch::ItemRoots::new(&[first, faulted]).unwrap();
		let artifact = Artifact { hash: Default::default(), size: 1 };
		let output = Box::new(Output::Artifact { root: all.root(), artifact });
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), JOB, output));
		let opening = ItemOpening {
			output: Output::Fault { slot: 4, element: 9 },
			output_proof: all.open(1).unwrap().try_into().unwrap(),
			..opening(2, 1)
		};
		assert_eq!(open_as(RIVAL, JOB, 1, opening), Ok(()));
		assert_eq!(state(JobId(1)).output().unwrap().root, faulted);
	});
}

#[test]
fn a_batch_is_neither_disputed_nor_answered_nor_sealed_as_a_whole() {
	build_and_execute(|| {
		let batch = answered_batch(ITEMS);
		assert_noop!(Inference::contest(batch), Error::<Test>::IsBatch);
		assert_ok!(request(batch_input(ITEMS), batch_terms(ITEMS)));
		let second = JobId(1);
		run_to(7);
		for output in [*output(), Output::Fault { slot: 0, element: 0 }] {
			assert_noop!(
				Inference::submit_result(RuntimeOrigin::signed(PROVIDER), second, Box::new(output)),
				Error::<Test>::IsBatch
			);
		}
		assert_noop!(
			Inference::request_redundant(
				RuntimeOrigin::signed(REQUESTER),
				VERSION,
				Box::new(batch_input(ITEMS)),
				batch_terms(ITEMS),
				Redundancy { replicas: 2, answers: 1 },
			),
			Error::<Test>::IsBatch
		);
	});
}

/// A file that has not what the root is said to be over costs nobody anything.
#[test]
fn a_batch_whose_file_does_not_match_is_refunded() {
	build_and_execute(|| {
		assert_ok!(request(batch_input(ITEMS), batch_terms(ITEMS)));
		run_to(4);
		let output = Box::new(Output::InputMismatch);
		assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), JOB, output));
		let reason = RefundReason::InputMismatch;
		assert_eq!(state(JOB), JobState::Refunded { reason, at: 4 });
		assert_eq!(Providers::get()[&PROVIDER].excused, 1);
	});
}

#[test]
fn a_batch_root_over_wrong_lengths_is_refused() {
	build_and_execute(|| {
		let with = |change: &Change| {
			let Input::Batch { mut artifact, locator, root, mut items, shapes } =
				batch_input(ITEMS)
			else {
				panic!("no batch")
			};
			let mut shapes = shapes.into_iter().map(|shape| shape.to_vec()).collect();
			change(&mut artifact, &mut items, &mut shapes);
			let shapes: Vec<_> =
				shapes.into_iter().map(|shape| shape.try_into().unwrap()).collect();
			let shapes = shapes.try_into().unwrap();
			request(Input::Batch { artifact, locator, root, items, shapes }, batch_terms(ITEMS))
		};
		assert_noop!(
			with(&|artifact, _, _| artifact.size += 1),
			Error::<Test>::InvalidArtifactSize
		);
		assert_noop!(with(&|_, items, _| *items -= 1), Error::<Test>::InvalidArtifactSize);
		assert_noop!(with(&|_, _, shapes| shapes[0] = vec![2]), Error::<Test>::InvalidArtifactSize);
		assert_noop!(with(&|_, _, shapes| shapes[0] = vec![5]), Error::<Test>::WrongTensorShape);
		assert_noop!(with(&|_, _, shapes| shapes.clear()), Error::<Test>::WrongTensorCount);
		assert_noop!(with(&|_, items, _| *items = 0), Error::<Test>::WrongItems);
		assert_noop!(with(&|_, items, _| *items = MAX_ITEMS + 1), Error::<Test>::WrongItems);
	});
}

/// Whatever happens to a batch and its items, in whatever order.
#[test]
fn every_order_of_what_becomes_of_items_keeps_the_books() {
	for seed in 0..60u64 {
		reset_market();
		build_and_execute(|| {
			let mut random = seed;
			let mut draw = |most: u64| {
				random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
				(random >> 33) % most
			};
			let batch = answered_batch(ITEMS);
			let issued = Balances::total_issuance();
			for _ in 0..40 {
				let jobs: Vec<JobId> = Items::<Test>::iter_values().collect();
				let any = draw(jobs.len().max(1) as u64) as usize;
				let Some(job) = jobs.get(any).copied() else {
					let index = draw(ITEMS.into()) as u32;
					let _ = open_as(RIVAL, batch, index, opening(ITEMS, index));
					continue;
				};
				let challenged = matches!(state(job), JobState::Challenged { .. });
				match draw(9) {
					0 | 1 => {
						let index = draw(ITEMS.into()) as u32;
						let _ = open_as(RIVAL, batch, index, opening(ITEMS, index));
					},
					2 | 3 => drop(Inference::contest(job)),
					4 if challenged => Inference::uphold(job),
					5 if challenged => drop(Inference::refute(job, &[(RIVAL, 3)])),
					6 if challenged => drop(Inference::correct(job, Root([8; 32]), &RIVAL)),
					7 if challenged && draw(4) == 0 => {
						<Inference as Contestable<u64>>::void(job, VoidReason::Undecided);
					},
					_ => run_to(System::block_number() + 1 + draw(3) as u32),
				}
				Inference::do_try_state().unwrap();
				exposures_match();
			}
			for job in Items::<Test>::iter_values().collect::<Vec<_>>() {
				if matches!(state(job), JobState::Challenged { .. }) {
					Inference::uphold(job);
				}
			}
			run_to(System::block_number() + 100);
			assert_eq!(Jobs::<Test>::iter().count(), 0, "nothing waits for ever");
			assert_eq!(Outputs::<Test>::iter().count() + Items::<Test>::iter().count(), 0);
			assert_eq!(Balances::total_issuance(), issued);
		});
	}
}

//! Each call, and each error that it can return.

use crate::{mock::*, Disputes, Error, Event, Stakes};
use assay_canon::arbiter::Claim;
use assay_dispute::{
	dispute::{Change, Evidence, Outcome, Stage, MAX_HISTORIES},
	play::Move,
	position::Position,
	testing::Random,
};
use assay_primitives::{DisputeId, JobId};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn a_challenge_contests_the_job_and_holds_a_bond() {
	build_and_execute(|| {
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_eq!(JobVerdict::get(), Verdict::Contested);
		assert_eq!(held(CHALLENGER), BOND);
		let opened = Event::DisputeOpened { id: ID, provider: PROVIDER };
		let sealed = Event::HistorySealed { id: ID, challenger: CHALLENGER };
		assert_eq!(events(), [opened, sealed]);
		// A second one joins the first.
		assert_ok!(challenge(HELPER, honest()));
		assert_eq!(Stakes::<Test>::iter_prefix(ID).count(), 2);
	});
}

#[test]
fn a_challenge_is_refused_without_a_result_funds_or_the_right_header() {
	build_and_execute(|| {
		let header = Box::new(with_world(|world| world.header.clone()));
		let other = DisputeId::new(JobId(8), 1);
		let unknown = Dispute::challenge(by(CHALLENGER), other, header.clone(), [0; 32]);
		assert_noop!(unknown, DispatchError::Unavailable);
		let mut forged = header;
		forged.nodes.count += 1;
		let refused = Dispute::challenge(by(CHALLENGER), ID, forged, [0; 32]);
		assert_noop!(refused, Fault::WrongHeader);
		JobVerdict::set(Verdict::Provisional);
		Symbols::set(vec![1]);
		assert_noop!(challenge(CHALLENGER, honest()), Fault::Undecidable);
		Symbols::set(Vec::new());
		// The mock keeps its verdict in a static, which a refused call does not turn back.
		JobVerdict::set(Verdict::Provisional);
		assert_noop!(challenge(PAUPER, honest()), Fault::InsufficientFunds);
		JobVerdict::set(Verdict::Provisional);
		Balances::set_balance(&Dispute::pot(), 0);
		assert_noop!(challenge(CHALLENGER, honest()), Fault::NoPot);
		Balances::set_balance(&Dispute::pot(), ED);
		JobVerdict::set(Verdict::Provisional);
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_noop!(challenge(CHALLENGER, honest()), Fault::AlreadyBonded);
		run_to(began() + STEP);
		assert_noop!(challenge(HELPER, honest()), Fault::WrongPhase);
	});
}

#[test]
fn a_history_is_revealed_by_whoever_sealed_it() {
	build_and_execute(|| {
		assert_noop!(reveal(CHALLENGER, honest()), Fault::UnknownDispute);
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_noop!(reveal(CHALLENGER, honest()), Fault::WrongPhase);
		run_to(began() + STEP);
		assert_noop!(reveal(HELPER, honest()), Fault::NothingSealed);
		assert_noop!(reveal(CHALLENGER, liar(0)), Fault::WrongSeal);
		assert_ok!(reveal(CHALLENGER, honest()));
		assert_noop!(reveal(CHALLENGER, honest()), Fault::NothingSealed);
	});
}

#[test]
fn anybody_with_a_bond_posts_a_new_history_in_d1() {
	build_and_execute(|| {
		assert_noop!(Dispute::post(by(LIAR), ID, liar(0)), Fault::UnknownDispute);
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_noop!(Dispute::post(by(LIAR), ID, liar(0)), Fault::WrongPhase);
		run_to(began() + STEP);
		assert_ok!(reveal(CHALLENGER, honest()));
		run_to(began() + 2 * STEP);
		assert_noop!(Dispute::post(by(PAUPER), ID, liar(0)), Fault::InsufficientFunds);
		assert_noop!(Dispute::post(by(LIAR), ID, honest()), Fault::AlreadyPosted);
		assert_noop!(Dispute::post(by(CHALLENGER), ID, liar(0)), Fault::AlreadyBonded);
		assert_ok!(Dispute::post(by(LIAR), ID, liar(0)));
		assert_eq!(held(LIAR), BOND);
		for number in 2..MAX_HISTORIES {
			let account = 100 + u64::from(number);
			assert_ok!(Dispute::post(by(account), ID, [number as u8; 32]));
		}
		assert_noop!(Dispute::post(by(HELPER), ID, [200; 32]), Fault::TooManyHistories);
	});
}

#[test]
fn moves_are_made_where_they_are_due_and_nowhere_else() {
	build_and_execute(|| {
		let pair = seated();
		let back = [pair[1], pair[0]];
		let made = due(pair);
		let play = |[history, against]: [[u8; 32]; 2], made| {
			Dispute::play(by(HELPER), ID, history, against, made)
		};
		assert_noop!(play([pair[0], pair[0]], made.clone()), Fault::SameHistory);
		assert_noop!(play([pair[0], [9; 32]], made.clone()), Fault::UnknownHistory);
		assert_noop!(play(back, made.clone()), Fault::WrongHash);
		let chunk = Box::new(Move::Chunk { bytes: Vec::new(), path: Vec::new() });
		assert_noop!(play(pair, chunk), Fault::WrongKind);
		assert_noop!(play(pair, Box::new(Move::Nodes(Vec::new()))), Fault::WrongCount);
		assert_ok!(play(pair, made.clone()));
		assert_noop!(play(pair, made), Fault::NotDue);
		run_to(began() + 4 * STEP);
		assert_noop!(play(back, due(back)), Fault::TooLate);
	});
}

/// What no player needs, but anybody may send: a slot's node that is of another slot.
#[test]
fn a_slot_with_the_node_of_another_is_refused() {
	build_and_execute(|| {
		let pair = seated();
		while !matches!(*due(pair), Move::Tensor { .. }) {
			for pair in [pair, [pair[1], pair[0]]] {
				assert_ok!(Dispute::play(by(HELPER), ID, pair[0], pair[1], due(pair)));
			}
		}
		let mut forged = due(pair);
		if let Move::Tensor { node, .. } = forged.as_mut() {
			node.number += 1;
		}
		let played = Dispute::play(by(HELPER), ID, pair[0], pair[1], forged);
		assert_noop!(played, Fault::WrongNode);
	});
}

#[test]
fn the_recomputed_element_removes_the_liar() {
	build_and_execute(|| {
		let pair = seated();
		let empty = crate::ProofBytes::default();
		let open = |proof| Dispute::open(by(HELPER), ID, pair[0], pair[1], false, proof);
		assert_noop!(open(empty.clone()), Fault::NotOpen);
		play_to_the_element(pair);
		assert_noop!(open(empty), Fault::MalformedProof);
		assert_noop!(Dispute::forfeit(by(HELPER), ID, pair[0], pair[1]), Fault::TooEarly);
		assert_ok!(open(proof(pair)));
		let changes = [Change::Removed(pair[1]), Change::Survived(pair[0])];
		let told = changes.map(|change| Event::Changed { id: ID, change });
		assert!(events().ends_with(&told), "{:?}", events());
		assert!(matches!(stage(), Stage::Output { survivor, .. } if survivor == pair[0]));
	});
}

#[test]
fn an_element_that_is_opened_too_late_removes_both() {
	build_and_execute(|| {
		let pair = seated();
		play_to_the_element(pair);
		let proof = proof(pair);
		let Position::Open { step, .. } = stands(pair) else { panic!() };
		run_to(began() + (4 + step) * STEP);
		let opened = Dispute::open(by(HELPER), ID, pair[0], pair[1], false, proof);
		assert_noop!(opened, Fault::TooLate);
		assert_ok!(Dispute::forfeit(by(HELPER), ID, pair[0], pair[1]));
		let reopened = Event::Changed { id: ID, change: Change::Reopened(1) };
		assert_eq!(events().last(), Some(&reopened));
	});
}

#[test]
fn who_does_not_move_in_time_is_out() {
	build_and_execute(|| {
		let pair = seated();
		assert_ok!(Dispute::play(by(HELPER), ID, pair[0], pair[1], due(pair)));
		assert_noop!(Dispute::forfeit(by(HELPER), ID, pair[0], pair[1]), Fault::TooEarly);
		run_to(began() + 4 * STEP);
		assert_ok!(Dispute::forfeit(by(HELPER), ID, pair[0], pair[1]));
		assert!(matches!(stage(), Stage::Output { survivor, .. } if survivor == pair[0]));
		assert_noop!(Dispute::forfeit(by(HELPER), ID, pair[0], pair[1]), Fault::WrongPhase);
	});
}

/// What a liar's history says of its first wrong element, and what shows that it is wrong.
fn evidence(number: usize) -> Evidence {
	with_world(|world| {
		let (lie, truth) = (world.liars[number].prover(), world.honest.prover());
		let (lies, truths) = (&lie.material().run.slots, &truth.material().run.slots);
		let slot = lies.iter().zip(truths).position(|(lie, truth)| lie != truth).unwrap();
		let differs = |at: &u64| lies[slot].at(*at) != truths[slot].at(*at);
		let element = (0..truths[slot].shape().count()).find(differs).unwrap();
		let claims = [&lies[slot], &truths[slot]].map(|own| Claim::Value(own.at(element).unwrap()));
		let op = &lie.material().graph.nodes[slot].op;
		let slot = slot as u32;
		Evidence {
			element,
			claim: lie.claim(slot, element).unwrap(),
			proof: lie.prove(slot, element, &claims).unwrap(),
			witness: op.is_order_statistic().then_some(claims[1]),
		}
	})
}

/// The first liar that changed an element.
fn of_an_element() -> usize {
	with_world(|world| {
		let truth = &world.honest.prover().material().run;
		let changed = world.liars.iter().position(|liar| {
			let run = &liar.prover().material().run;
			run.fault.is_none() && run.slots != truth.slots
		});
		changed.unwrap()
	})
}

#[test]
fn a_history_that_contradicts_itself_falls_to_anybody() {
	build_and_execute(|| {
		let number = of_an_element();
		let (history, evidence) = (liar(number), Box::new(evidence(number)));
		let refute = |history, evidence| Dispute::refute(by(HELPER), ID, history, evidence);
		assert_ok!(challenge(LIAR, history));
		assert_noop!(refute(history, evidence.clone()), Fault::WrongPhase);
		run_to(began() + STEP);
		assert_ok!(reveal(LIAR, history));
		run_to(began() + 2 * STEP);
		assert_noop!(refute(honest(), evidence.clone()), Fault::UnknownHistory);
		let mut broken = evidence.clone();
		let at = Random(1).below(broken.proof.len());
		broken.proof[at] ^= 1;
		assert_noop!(refute(history, broken), Fault::MalformedProof);
		let mut same = evidence.clone();
		same.witness = None;
		// What the history says, and the same as its better candidate, contradict nothing.
		if evidence.witness.is_none() {
			assert_ok!(refute(history, evidence));
		} else {
			assert_noop!(refute(history, same), Fault::MalformedProof);
			assert_ok!(refute(history, evidence));
		}
		let removed = Event::Changed { id: ID, change: Change::Removed(history) };
		assert_eq!(events().last(), Some(&removed));
	});
}

#[test]
fn what_is_true_refutes_nothing() {
	build_and_execute(|| {
		let _ = seated();
		let evidence = with_world(|world| {
			let prover = world.honest.prover();
			let (claim, proof) = (prover.claim(0, 1).unwrap(), prover.prove(0, 1, &[]).unwrap());
			Box::new(Evidence { element: 1, claim, proof, witness: None })
		});
		let refuted = Dispute::refute(by(HELPER), ID, honest(), evidence);
		assert_noop!(refuted, Fault::NotRefuted);
	});
}

#[test]
fn a_deviation_from_the_survivor_refutes_the_result() {
	build_and_execute(|| {
		Wrong::set(true);
		let pair = seated();
		let deviate = |element, [delivered, submitted]: [crate::ProofBytes; 2]| {
			Dispute::deviate(by(HELPER), ID, element, delivered, submitted)
		};
		assert_noop!(deviate(0, outputs(0)), Fault::WrongPhase);
		play_to_the_element(pair);
		assert_ok!(Dispute::open(by(HELPER), ID, pair[0], pair[1], false, proof(pair)));
		let [delivered, submitted] = outputs(0);
		assert_noop!(deviate(0, [delivered, Default::default()]), Fault::MalformedProof);
		assert_noop!(deviate(0, [Default::default(), submitted]), Fault::MalformedProof);
		// The other element is right.
		assert_noop!(deviate(1, outputs(1)), Fault::NoDeviation);
		assert_ok!(deviate(0, outputs(0)));
		assert_eq!(outcome(), Some(Outcome::Refuted { survivor: pair[0] }));
		assert_eq!(JobVerdict::get(), Verdict::Refuted);
		assert_noop!(deviate(0, outputs(0)), Fault::Ended);
		run_to_the_close();
		let unknown = deviate(0, outputs(0));
		assert_noop!(unknown, Fault::UnknownDispute);
	});
}

#[test]
fn time_is_taken_when_it_has_come_and_only_once() {
	build_and_execute(|| {
		assert_noop!(Dispute::advance(by(HELPER), ID), Fault::UnknownDispute);
		// No sweep: all is left to the calls.
		SweepLimit::set(Default::default());
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_noop!(Dispute::advance(by(HELPER), ID), Fault::NothingToDo);
		run_to(began() + STEP);
		assert_ok!(reveal(CHALLENGER, honest()));
		run_to(began() + 3 * STEP);
		assert_ok!(Dispute::advance(by(HELPER), ID));
		assert_noop!(Dispute::advance(by(HELPER), ID), Fault::NothingToDo);
		run_to(began() + 4 * STEP);
		assert_ok!(Dispute::advance(by(HELPER), ID));
		assert_eq!(outcome(), Some(Outcome::Accepted { survivor: honest() }));
		let late = Dispute::post(by(LIAR), ID, liar(0));
		assert_noop!(late, Fault::Ended);
		// One call a step, whoever makes it, and all is divided.
		while !Dispute::dispute(ID).unwrap().divided {
			assert_ok!(Dispute::advance(by(HELPER), ID));
		}
		// The records are kept for a while, and go then.
		assert_noop!(Dispute::advance(by(HELPER), ID), Fault::NothingToDo);
		run_to(Dispute::now() + KEPT);
		while Disputes::<Test>::contains_key(ID) {
			assert_ok!(Dispute::advance(by(HELPER), ID));
		}
		SweepLimit::set(frame_support::weights::Weight::from_parts(1_000_000, u64::MAX));
		assert_eq!(events().last(), Some(&Event::DisputeClosed { id: ID }));
	});
}

//! Versions with a tolerance: accepted, void, or slashed through the probe (PROTOCOL P2.3 to P2.5).

use crate::{mock::*, Disputes, Error as Fault, ProofBytes};
use assay_canon::commitment::Hash;
use assay_dispute::{
	dispute::{Outcome, Stage},
	testing::TestPlayer,
};
use assay_primitives::{model::Tolerance, Balance, DisputeId, Root};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

/// Half a unit, whatever the row: the right outputs are tens.
const HALF: Tolerance = Tolerance { absolute: 0x3f00_0000, relative: 0, row_axis: 0 };
/// 2⁻²⁰, which is less than the probe moves anything.
const CLOSE: Tolerance = Tolerance { absolute: 0x3580_0000, ..HALF };

/// What is submitted lies so far from the right outputs, and the right history has survived.
fn survived(shift: f32) {
	survived_within(HALF, shift);
}

fn survived_within(tolerance: Tolerance, shift: f32) {
	Near::set(Some(tolerance));
	Shift::set(shift);
	assert_ok!(challenge(CHALLENGER, honest()));
	run_to(began() + STEP);
	assert_ok!(reveal(CHALLENGER, honest()));
	run_to(began() + 3 * STEP);
	assert!(matches!(stage(), Stage::Output { .. }));
}

fn deviate(element: u64) -> DispatchResult {
	let [delivered, submitted] = outputs(element);
	Dispute::deviate(by(HELPER), ID, element, delivered, submitted)
}

fn probe() -> DisputeId {
	ID.of_probe()
}

fn probe_began() -> u32 {
	Disputes::<Test>::get(probe()).unwrap().dispute.clock.began
}

/// The right history of the probe is posted, and survives.
fn probe_survived() -> Hash {
	let history = with_probe(|player| player.history());
	run_to(probe_began() + 2 * STEP);
	assert_ok!(Dispute::post(by(LIAR), probe(), history));
	run_to(probe_began() + 3 * STEP);
	history
}

/// Opens an element of the probe's output, and the same of the canonical run with its row.
fn moved(element: u64) -> [ProofBytes; 2] {
	let moved = with_probe(|player| player.prover().output(0, element, None).unwrap());
	let right = |player: &TestPlayer| player.prover().output(0, element, Some(0)).unwrap();
	[moved, with_player(&honest(), right)].map(|proof| proof.try_into().unwrap())
}

/// Shows that the probe moves an element beyond the tolerance.
fn show_moved(element: u64) -> DispatchResult {
	let [moved, right] = moved(element);
	Dispute::deviate(by(HELPER), probe(), element, moved, right)
}

fn free(account: u64) -> Balance {
	Balances::free_balance(account)
}

fn run_to_the_end() {
	run_to_the_close();
	for _ in 0..1_000 {
		next_block();
	}
	assert_eq!(Disputes::<Test>::iter_keys().count(), 0);
}

#[test]
fn what_is_within_the_tolerance_stands() {
	build_and_execute(|| {
		survived(0.5);
		assert_noop!(deviate(0), Fault::<Test>::NoDeviation);
		run_to_the_end();
		assert_eq!(JobVerdict::get(), Verdict::Upheld);
		assert_eq!(free(CHALLENGER), ENDOWMENT - BOND);
	});
}

/// Crafted inputs that amplify honest rounding: the provider's part of the fee goes to whoever
/// showed the canonical result, and no stake is lost.
#[test]
fn what_is_outside_is_void_and_pays_the_challengers() {
	build_and_execute(|| {
		survived(0.75);
		assert_ok!(deviate(0));
		assert_noop!(deviate(0), Fault::<Test>::KnownDeviation);
		assert_eq!(JobVerdict::get(), Verdict::Contested);
		run_to_the_end();
		assert_eq!(JobVerdict::get(), Verdict::Corrected(Root(honest())));
		assert_eq!(free(CHALLENGER), ENDOWMENT + FEE);
		assert_eq!(free(REQUESTER), ENDOWMENT - FEE);
		assert_eq!(free(PROVIDER), ENDOWMENT);
		assert_eq!(free(Dispute::pot()), ED);
	});
}

/// A foreign model: far off where the canonical function is stable.
#[test]
fn a_gross_deviation_where_the_function_is_stable_is_slashed() {
	build_and_execute(|| {
		survived(0.75);
		assert_ok!(deviate(0));
		Shift::set(100.0);
		// What was submitted is what the dispute was opened with.
		assert_noop!(deviate(0), Fault::<Test>::MalformedProof);
	});
	build_and_execute(|| {
		survived(100.0);
		assert_ok!(deviate(0));
		assert_eq!(stage(), Stage::Probe { survivor: honest() });
		let survivor = probe_survived();
		// No element is moved beyond the tolerance, and nothing else shows one.
		assert_noop!(show_moved(0), Fault::<Test>::NoDeviation);
		let [element, right] = moved(0);
		let swapped = [right, element.clone()];
		for [moved, right] in [[element, ProofBytes::default()], swapped] {
			assert_noop!(
				Dispute::deviate(by(HELPER), probe(), 0, moved, right),
				Fault::<Test>::MalformedProof
			);
		}
		run_to(probe_began() + 4 * STEP + 1);
		let decided = |id, outcome| crate::Event::<Test>::DisputeEnded { id, outcome };
		assert!(events().contains(&decided(probe(), Outcome::Accepted { survivor })));
		assert!(events().contains(&decided(ID, Outcome::Refuted { survivor: honest() })));
		run_to_the_end();
		assert_eq!(JobVerdict::get(), Verdict::Refuted);
		assert_eq!(free(CHALLENGER), ENDOWMENT + EXPOSURE * 2 / 5);
		assert_eq!(free(LIAR), ENDOWMENT, "who posted the probe has its bond back");
		assert_eq!(free(Dispute::pot()), ED);
	});
}

/// Where the function is not stable, rounding may explain the deviation: one element of the output
/// that the probe moves is enough, be it another than the one that deviates.
#[test]
fn a_gross_deviation_where_the_function_is_not_stable_is_void() {
	for element in [0, 1] {
		build_and_execute(|| {
			survived_within(CLOSE, 100.0);
			assert_ok!(deviate(0));
			let survivor = probe_survived();
			assert_ok!(show_moved(element));
			let outcome = Outcome::Refuted { survivor };
			let decided = crate::Event::<Test>::DisputeEnded { id: probe(), outcome };
			assert!(events().contains(&decided));
			run_to_the_end();
			assert_eq!(JobVerdict::get(), Verdict::Corrected(Root(honest())));
			assert_eq!(free(PROVIDER), ENDOWMENT);
			assert_eq!(free(LIAR), ENDOWMENT, "who posted the probe has its bond back");
			assert_eq!(free(Dispute::pot()), ED);
		});
	}
}

/// A probe of which nobody posts a history shows nothing.
#[test]
fn a_gross_deviation_without_a_probe_is_void() {
	build_and_execute(|| {
		survived(100.0);
		assert_ok!(deviate(0));
		run_to_the_end();
		assert_eq!(JobVerdict::get(), Verdict::Corrected(Root(honest())));
	});
}

/// A lie about the probe is a lie like any other: whoever has run it refutes it.
#[test]
fn a_probe_is_disputed_like_any_history() {
	build_and_execute(|| {
		survived(100.0);
		assert_ok!(deviate(0));
		let (truth, lie) = (with_probe(|player| player.history()), honest());
		assert_ne!(truth, lie);
		run_to(probe_began() + 2 * STEP);
		assert_ok!(Dispute::post(by(LIAR), probe(), lie));
		assert_ok!(Dispute::post(by(HELPER), probe(), truth));
		run_to(probe_began() + 3 * STEP);
		let view = Dispute::dispute(probe()).unwrap();
		assert_eq!(view.dispute.alive.len(), 2);
		// The liar does not move, and is late.
		let top = assay_dispute::play::Place::top(view.dispute.subject.slots);
		let made = Box::new(with_probe(|player| player.reveal(&top).unwrap()));
		assert_ok!(Dispute::play(by(HELPER), probe(), truth, lie, made));
		run_to(probe_began() + 4 * STEP);
		assert_ok!(Dispute::forfeit(by(HELPER), probe(), truth, lie));
		assert_noop!(show_moved(0), Fault::<Test>::NoDeviation);
		run_to_the_end();
		assert_eq!(JobVerdict::get(), Verdict::Refuted);
		assert_eq!(free(LIAR), ENDOWMENT - BOND);
	});
}

/// A seal of the job's dispute is none of its probe's.
#[test]
fn a_probe_has_a_number_of_its_own() {
	assert_eq!(probe().main(), ID);
	assert_ne!(probe().encode(), ID.encode());
}

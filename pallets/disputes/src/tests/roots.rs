//! What was submitted is refuted by its root alone where bits are to be equal.

use crate::{mock::*, Error, ProofBytes};
use assay_dispute::dispute::{Outcome, Stage};
use assay_primitives::{commitment::faulted_root, model::Tolerance, Root};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

type Fault = Error<Test>;

/// The right history has survived.
fn survived() {
	assert_ok!(challenge(CHALLENGER, honest()));
	run_to(began() + STEP);
	assert_ok!(reveal(CHALLENGER, honest()));
	run_to(began() + 3 * STEP);
	assert!(matches!(stage(), Stage::Output { .. }));
}

fn deviate([delivered, submitted]: [ProofBytes; 2]) -> DispatchResult {
	Dispute::deviate(by(HELPER), ID, 0, delivered, submitted)
}

/// A provider that serves its output to nobody, or submits a root that commits to nothing.
#[test]
fn an_output_that_nobody_can_open_is_refuted_by_its_root_alone() {
	for root in [Root([7; 32]), Root::default(), faulted_root(0, 0)] {
		build_and_execute(|| {
			Unopened::set(Some(root));
			survived();
			assert_noop!(deviate(outputs(0)), Fault::MalformedProof);
			assert_ok!(deviate(roots()));
			assert_eq!(outcome(), Some(Outcome::Refuted { survivor: honest() }));
			assert_eq!(JobVerdict::get(), Verdict::Refuted);
			run_to_the_close();
			assert_eq!(Balances::free_balance(CHALLENGER), ENDOWMENT + EXPOSURE * 2 / 5);
		});
	}
}

#[test]
fn a_wrong_output_that_is_served_is_refuted_by_its_root_too() {
	build_and_execute(|| {
		Wrong::set(true);
		survived();
		assert_ok!(deviate(roots()));
		assert_eq!(JobVerdict::get(), Verdict::Refuted);
	});
}

#[test]
fn the_root_of_right_outputs_refutes_nothing() {
	build_and_execute(|| {
		survived();
		assert_noop!(deviate(roots()), Fault::NoDeviation);
		run_to_the_close();
		assert_eq!(JobVerdict::get(), Verdict::Upheld);
	});
}

/// Another root says nothing of how far the tensors under it lie from the right ones.
#[test]
fn no_root_alone_is_outside_of_a_tolerance() {
	build_and_execute(|| {
		Near::set(Some(Tolerance { absolute: 0x3f00_0000, relative: 0, row_axis: 0 }));
		Unopened::set(Some(Root([7; 32])));
		survived();
		assert_noop!(deviate(roots()), Fault::MalformedProof);
		run_to_the_close();
		assert_eq!(JobVerdict::get(), Verdict::Upheld);
	});
}

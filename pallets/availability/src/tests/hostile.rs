//! Attacks, each named.

use crate::{mock::*, Demands, Error};
use assay_canon::arbiter::{Chunk, Contents, SubmissionProof};
use assay_primitives::{availability::MAX_ANSWER, commitment::tensors_root, Root};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::ConstU32, BoundedVec};

/// The provider fills the job with demands of its own, which all end with the first of anybody.
#[test]
fn a_crowd_of_demands_takes_as_long_as_one() {
	build_and_execute(|| {
		for _ in 0..500 {
			assert_ok!(demand(PROVIDER, output_place(0, 0)));
		}
		assert_ok!(demand(DEMANDER, output_place(0, 1)));
		for id in 0..500 {
			let id = assay_primitives::DemandId(id);
			assert_ok!(serve(PROVIDER, id, output_place(0, 0)));
		}
		// Each cost what is burned.
		assert_eq!(total(PROVIDER), ENDOWMENT - 500 * (PRICE - PRICE / 2));
		run_to(2 + STEP);
		assert_eq!(job().status, Status::OutputWithheld);
	});
}

/// A provider submits a root that nothing hashes to.
#[test]
fn an_output_that_does_not_exist_cannot_be_answered_for() {
	build_and_execute(|| {
		change(|job| job.output.as_mut().unwrap().root = Root([9; 32]));
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		let refused = serve(PROVIDER, id, output_place(0, 0));
		assert_noop!(refused, Error::<Test>::MalformedAnswer);
		run_to(2 + STEP);
		assert_eq!(job().status, Status::OutputWithheld);
	});
}

/// A provider commits to a tensor with chunks beyond its last one, to answer with any of them.
#[test]
fn bytes_beyond_a_tensor_answer_nothing() {
	build_and_execute(|| {
		let id = demand(DEMANDER, output_place(0, 3)).unwrap();
		let shape = outputs()[0].shape.to_vec();
		let chunk = Chunk { index: 3, bytes: Vec::new() };
		let contents = Contents::Opened { chunk, siblings: Vec::new() };
		let (number, dtype, path) = (0, 0, Vec::new());
		let forged = SubmissionProof::Tensor { number, dtype, extents: shape, contents, path };
		let forged = forged.encode().try_into().unwrap();
		let refused = Availability::serve(by(PROVIDER), JOB, id, forged);
		assert_noop!(refused, Error::<Test>::MalformedAnswer);
	});
}

/// An answer that claims a list of billions.
#[test]
fn lengths_that_lie_cost_no_memory() {
	build_and_execute(|| {
		let id = demand(DEMANDER, output_place(0, 0)).unwrap();
		for kind in 0..=255_u8 {
			let mut bytes = vec![kind];
			bytes.extend([0xff; 64]);
			let bytes: BoundedVec<u8, ConstU32<MAX_ANSWER>> = bytes.try_into().unwrap();
			let refused = Availability::serve(by(PROVIDER), JOB, id, bytes);
			assert_noop!(refused, Error::<Test>::MalformedAnswer);
		}
	});
}

/// The answer to a demand about one attempt does not start the clock of another.
#[test]
fn an_answer_about_an_earlier_attempt_leaves_the_clock_alone() {
	build_and_execute(|| {
		let (place, id) = (output_place(0, 0), demand(DEMANDER, output_place(0, 0)).unwrap());
		change(|job| {
			(job.attempt, job.stays) = (2, 0);
			let output = job.output.as_mut().unwrap();
			output.root = tensors_root(&inputs());
		});
		assert_ok!(demand(HELPER, place));
		assert_ok!(serve(PROVIDER, id, place));
		assert_eq!(job().stays, 1);
	});
}

/// Demanding and answering again and again is no way to keep a result from settling for nothing.
#[test]
fn each_turn_of_a_delay_costs() {
	build_and_execute(|| {
		for turn in 1..=50 {
			let place = output_place(0, turn % 3);
			let id = demand(HELPER, place).unwrap();
			run_to(System::block_number() + STEP);
			assert_ok!(serve(HELPER, id, place));
			let spent = u128::from(turn) * (PRICE - PRICE / 2);
			assert_eq!(total(HELPER), ENDOWMENT - spent);
		}
		assert_eq!(Demands::<Test>::iter().count(), 0);
	});
}

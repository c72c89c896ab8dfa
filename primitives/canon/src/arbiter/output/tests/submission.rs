//! What is submitted is read as it is, and compared with what is delivered.

use codec::{Decode, Encode};

use super::{flips, model, with_prover};
use crate::{
	arbiter::{
		output::{
			delivered, submitted, Agreement, Contents, Delivered, RawTensor, Rule, SubmissionProof,
			Submitted, SubmittedTensor,
		},
		prove_count, prove_submitted, Chunk, Malformed,
	},
	arith::F32,
	commitment::{faulted_root, tensor_root, tensors_root, tensors_root_of, Blake2b256, Hash},
	exact::{run, Fault},
	shape::Shape,
	symbol::Bindings,
	tensor::{DType, Element, Tensor},
	testing::{floats, integers},
	tolerance::Tolerance,
};

/// The first byte that is no type of this arithmetic: float64.
const FLOAT64: u8 = 6;

pub(super) fn raw(tensor: &Tensor) -> RawTensor<'_> {
	let (extents, data) = (tensor.shape().extents(), tensor.data());
	RawTensor { dtype: tensor.dtype() as u8, extents, data }
}

pub(super) fn root_of(tensors: &[RawTensor]) -> Hash {
	let SubmissionProof::Count { count, tensors } =
		SubmissionProof::decode(&mut &prove_count::<Blake2b256>(tensors)[..]).unwrap()
	else {
		panic!("no count");
	};
	tensors_root_of::<Blake2b256>(count, &tensors)
}

fn tensors() -> Vec<Tensor> {
	let values: Vec<f32> = (0..900).map(|value| value as f32).collect();
	let bytes = vec![1, 2, 0];
	vec![
		floats(&[30, 30], &values),
		integers(DType::Int64, &[2, 2], &[-1, 2, i64::MIN, 4]),
		Tensor::new(DType::Bool, Shape::new(&[3]).unwrap(), bytes).unwrap(),
		integers(DType::Int8, &[0], &[]),
		floats(&[], &[f32::NAN]),
	]
}

#[test]
fn every_submitted_element_is_read_with_the_bits_that_it_has() {
	let tensors = tensors();
	let list: Vec<RawTensor> = tensors.iter().map(raw).collect();
	let roots: Vec<Hash> = tensors.iter().map(tensor_root::<Blake2b256>).collect();
	let root = tensors_root::<Blake2b256>(&roots);
	assert_eq!(root_of(&list), root);
	for (number, whole) in (0_u32..).zip(&tensors) {
		for element in (0..whole.shape().count()).map(Some).chain([None]) {
			let proof = prove_submitted::<Blake2b256>(&list, number, element).unwrap();
			let found = submitted::<Blake2b256>(&root, 5, &proof);
			let Ok(Submitted::Tensor(found)) = found else { panic!("{found:?}") };
			assert_eq!((found.number(), found.kind()), (number, Some(whole.kind())));
			assert_eq!(found.bits(whole.shape().count()), Err(Malformed::NoSuchElement));
			let Some(element) = element else { continue };
			let size = whole.dtype().size();
			let start = element as usize * size;
			let mut bits = [0; 8];
			bits[..size].copy_from_slice(&whole.data()[start..start + size]);
			assert_eq!(found.bits(element), Ok(u64::from_le_bytes(bits)));
			let known = SubmittedTensor::new(number, &list[number as usize]);
			assert_eq!(known.bits(element), found.bits(element));
		}
	}
	let proof = prove_submitted::<Blake2b256>(&list, 0, Some(899)).unwrap();
	let Ok(Submitted::Tensor(found)) = submitted::<Blake2b256>(&root, 5, &proof) else {
		panic!("no tensor");
	};
	assert_eq!(found.bits(0), Err(Malformed::MissingChunk));
	assert!(prove_submitted::<Blake2b256>(&list, 0, Some(900)).is_err());
	assert!(prove_submitted::<Blake2b256>(&list, 5, None).is_err());
}

#[test]
fn every_changed_byte_of_what_was_submitted_is_refused() {
	let tensors = tensors();
	let list: Vec<RawTensor> = tensors.iter().map(raw).collect();
	let root = root_of(&list);
	let mut proofs = vec![prove_count::<Blake2b256>(&list)];
	for number in 0..5 {
		proofs.push(prove_submitted::<Blake2b256>(&list, number, None).unwrap());
	}
	for (number, element) in [(0, 899), (0, 3), (1, 2), (2, 1), (4, 0)] {
		proofs.push(prove_submitted::<Blake2b256>(&list, number, Some(element)).unwrap());
	}
	for (at, proof) in proofs.iter().enumerate() {
		let count = if at == 0 { 4 } else { 5 };
		assert!(submitted::<Blake2b256>(&root, count, proof).is_ok());
		for changed in flips(proof) {
			assert!(submitted::<Blake2b256>(&root, count, &changed).is_err());
		}
	}
}

#[test]
fn a_list_of_another_length_is_shown_to_be_one() {
	let tensors = tensors();
	let list: Vec<RawTensor> = tensors.iter().map(raw).collect();
	for length in 0..5 {
		let root = root_of(&list[..length]);
		let proof = prove_count::<Blake2b256>(&list[..length]);
		let found = submitted::<Blake2b256>(&root, 5, &proof);
		assert_eq!(found, Ok(Submitted::OtherCount));
		let found = submitted::<Blake2b256>(&root, length as u32, &proof);
		assert_eq!(found, Err(Malformed::WrongTensor));
		// Its tensors are none of a list of five.
		if length > 0 {
			let proof = prove_submitted::<Blake2b256>(&list[..length], 0, None).unwrap();
			assert!(submitted::<Blake2b256>(&root, 5, &proof).is_err());
		}
	}
}

#[test]
fn a_chunk_of_another_length_than_its_type_asks_for_is_refused() {
	for length in [4, 12] {
		let data = vec![0; length];
		let list = [RawTensor { dtype: 0, extents: &[2], data: &data }];
		let proof = prove_submitted::<Blake2b256>(&list, 0, Some(0)).unwrap();
		let found = submitted::<Blake2b256>(&root_of(&list), 1, &proof);
		assert_eq!(found, Err(Malformed::WrongChunkLength));
	}
}

#[test]
fn types_without_arithmetic_and_shapes_beyond_limits_are_shown_and_have_no_kind() {
	let data = [0; 16];
	let ranks = [1; 9];
	let strange = [
		RawTensor { dtype: FLOAT64, extents: &[2], data: &data },
		RawTensor { dtype: 255, extents: &[2], data: &data },
		RawTensor { dtype: 0, extents: &ranks, data: &data[..4] },
		RawTensor { dtype: 0, extents: &[1 << 16, 1 << 16], data: &data },
	];
	let root = root_of(&strange);
	for number in 0..4 {
		let proof = prove_submitted::<Blake2b256>(&strange, number, None).unwrap();
		let Ok(Submitted::Tensor(found)) = submitted::<Blake2b256>(&root, 4, &proof) else {
			panic!("no tensor");
		};
		assert_eq!(found.kind(), None);
		assert_eq!(found.bits(0), Err(Malformed::NoSuchElement));
		assert!(prove_submitted::<Blake2b256>(&strange, number, Some(0)).is_err());

		let SubmissionProof::Tensor { number, dtype, extents, path, .. } =
			SubmissionProof::decode(&mut &proof[..]).unwrap()
		else {
			panic!("no tensor");
		};
		let chunk = Chunk { index: 0, bytes: data.to_vec() };
		let contents = Contents::Opened { chunk, siblings: Vec::new() };
		let proof = SubmissionProof::Tensor { number, dtype, extents, contents, path }.encode();
		let found = submitted::<Blake2b256>(&root, 4, &proof);
		assert_eq!(found, Err(Malformed::WrongOpening));
	}
}

pub(super) const NEAR: Rule = Rule::Near {
	tolerance: Tolerance { absolute: F32::ZERO, relative: F32::from_bits(0x3a80_0000) },
	axis: 1,
	gross: 64,
};

/// How what was submitted as output `number` of the model compares.
fn compared(rule: Rule, number: u32, element: u64, given: &Tensor) -> Agreement {
	with_prover(model(), |prover, known, _| {
		let proof = prover.output(number, element, Some(1)).unwrap();
		let mut right = delivered::<Blake2b256>(&known.context(), &proof).unwrap();
		let given = Submitted::Tensor(SubmittedTensor::new(number, &raw(given)));
		rule.compare::<Blake2b256>(&mut right, &given, element).unwrap()
	})
}

/// The first output of the model with one element replaced.
fn changed(element: usize, value: f32) -> Tensor {
	let (graph, inputs) = model();
	let run = run(&graph, &Bindings::default(), &inputs, &[]).unwrap();
	let right = &run.slots[0];
	let mut data = right.data().to_vec();
	data[element * 4..][..4].copy_from_slice(&value.to_le_bytes());
	Tensor::new(DType::Float32, right.shape().clone(), data).unwrap()
}

#[test]
fn bits_that_differ_are_outside_and_a_tolerance_admits_what_is_near() {
	let (_, inputs) = model();
	// The greatest of the second row is below 2,100, so that the tolerance is almost 2.05.
	let right = -f32::from_bits(inputs[0].at(710).unwrap().bits() as u32);
	let cases = [
		(right, Agreement::Within, Agreement::Within),
		(right + 0.5, Agreement::Outside, Agreement::Within),
		(right - 2.0, Agreement::Outside, Agreement::Within),
		(right + 2.5, Agreement::Outside, Agreement::Outside),
		(right - 125.0, Agreement::Outside, Agreement::Outside),
		(right - 140.0, Agreement::Outside, Agreement::Gross),
		(f32::NAN, Agreement::Outside, Agreement::Outside),
	];
	for (given, bits, near) in cases {
		let given = changed(710, given);
		assert_eq!(compared(Rule::Bits, 0, 710, &given), bits);
		assert_eq!(compared(NEAR, 0, 710, &given), near);
		// The element next to it is as it should be.
		assert_eq!(compared(Rule::Bits, 0, 711, &given), Agreement::Within);
	}
}

#[test]
fn another_nan_has_other_bits_and_is_within_tolerance() {
	let other = changed(3, f32::from_bits(0xffc0_0001));
	assert_eq!(compared(Rule::Bits, 0, 3, &other), Agreement::Outside);
	assert_eq!(compared(NEAR, 0, 3, &other), Agreement::Within);
	let same = changed(3, f32::NAN);
	assert_eq!(compared(Rule::Bits, 0, 3, &same), Agreement::Within);
}

#[test]
fn elements_that_are_no_floats_are_compared_by_their_bits() {
	let (one, scale) = (Element::int64(1), F32::from_bits(0x447a_0000));
	for (given, agreement) in [(1, Agreement::Within), (2, Agreement::Outside)] {
		assert_eq!(NEAR.elements(one, given, scale), agreement);
		assert_eq!(Rule::Bits.elements(one, given, scale), agreement);
	}
	let yes = Element::bool(true);
	assert_eq!(Rule::Bits.elements(yes, 2, F32::ZERO), Agreement::Outside);
}

#[test]
fn another_type_or_shape_deviates_whatever_it_holds() {
	let plain = changed(0, 0.0);
	let data = plain.data().to_vec();
	let turned = Shape::new(&[700, 3]).unwrap();
	let turned = Tensor::new(DType::Float32, turned, data.clone()).unwrap();
	let typed = Tensor::new(DType::Int32, plain.shape().clone(), data).unwrap();
	for other in [turned, typed] {
		assert_eq!(compared(Rule::Bits, 0, 700, &other), Agreement::Outside);
		assert_eq!(compared(NEAR, 0, 700, &other), Agreement::Gross);
	}
}

#[test]
fn where_a_run_ends_is_compared_as_a_result() {
	let fault = Fault { slot: 1, element: 1 };
	let given = changed(0, 0.0);
	let given = Submitted::Tensor(SubmittedTensor::new(0, &raw(&given)));
	for rule in [Rule::Bits, NEAR] {
		let mut ended = Delivered::Fault(fault);
		let other = Submitted::Fault(Fault { slot: 1, element: 0 });
		let mut compare = |given: &Submitted| rule.compare::<Blake2b256>(&mut ended, given, 0);
		assert_eq!(compare(&Submitted::Fault(fault)), Ok(Agreement::Within));
		assert_eq!(compare(&other), Ok(Agreement::Outside));
		assert_eq!(compare(&given), Ok(Agreement::Outside));
		assert_eq!(compare(&Submitted::OtherCount), Ok(Agreement::Outside));

		let mut complete = Delivered::Complete;
		let mut compare = |given: &Submitted| rule.compare::<Blake2b256>(&mut complete, given, 0);
		assert_eq!(compare(&other), Ok(Agreement::Outside));
		assert_eq!(compare(&given), Err(Malformed::Incomparable));
		let count = if rule == NEAR { Agreement::Gross } else { Agreement::Outside };
		assert_eq!(compare(&Submitted::OtherCount), Ok(count));
	}
	with_prover(model(), |prover, known, _| {
		let proof = prover.output(1, 0, None).unwrap();
		let mut right = delivered::<Blake2b256>(&known.context(), &proof).unwrap();
		let mut compare =
			|given: &Submitted| Rule::Bits.compare::<Blake2b256>(&mut right, given, 0);
		// Another output, and a run that may yet have ended in another slot.
		assert_eq!(compare(&given), Err(Malformed::Incomparable));
		assert_eq!(compare(&Submitted::Fault(fault)), Err(Malformed::Incomparable));
	});
}

#[test]
fn a_fault_is_submitted_by_a_root_of_its_own() {
	let fault = Fault { slot: 3, element: 7 };
	let root = faulted_root::<Blake2b256>(3, 7);
	let proof = SubmissionProof::Fault { slot: 3, element: 7 }.encode();
	assert_eq!(submitted::<Blake2b256>(&root, 2, &proof), Ok(Submitted::Fault(fault)));
	for wrong in [faulted_root::<Blake2b256>(7, 3), tensors_root::<Blake2b256>(&[])] {
		assert_eq!(submitted::<Blake2b256>(&wrong, 2, &proof), Err(Malformed::WrongTensor));
	}
}

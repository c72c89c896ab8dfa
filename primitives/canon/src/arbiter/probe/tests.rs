//! The arbiter reads what an engine computes a probe from.

use proptest::prelude::*;

use super::*;
use crate::{
	arbiter::{
		arbitrate,
		tests::{check_graph, Known, TestProver},
		Verdict,
	},
	commitment::{tensor_root, Blake2b256},
	exact::run,
	graph::Builder,
	op::Op,
	symbol::{Bindings, Dim},
	testing::{floats, integers},
};

const SEED: Hash = [7; 32];

/// Whether an element goes down, by the written format.
fn goes_down(number: u32, element: usize) -> bool {
	let (block, bit) = ((element / 256) as u32, element % 256);
	let parts: [&[u8]; 3] = [&SEED, &number.to_le_bytes(), &block.to_le_bytes()];
	digest::<Blake2b256>(b"probe", &parts)[bit / 8] & 1 << (bit % 8) != 0
}

fn values(tensor: &Tensor) -> Vec<f32> {
	let bits = tensor.data().chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
	bits.map(f32::from_bits).collect()
}

#[test]
fn each_float_is_moved_by_a_millionth_and_rounded_once() {
	let plain: Vec<f32> = (1..=700).map(|value| value as f32 * 1.1 - 300.0).collect();
	for number in [0, 1, 70_000] {
		let moved = perturbed::<Blake2b256>(&floats(&[7, 100], &plain), &SEED, number);
		let mut downs = 0;
		for (element, (was, is)) in plain.iter().zip(values(&moved)).enumerate() {
			let down = goes_down(number, element);
			downs += usize::from(down);
			let step = f64::from_bits(0x3eb0_0000_0000_0000);
			let factor = if down { 1.0 - step } else { 1.0 + step };
			// The product has 45 bits: it is exact in float64.
			assert_eq!(is.to_bits(), ((f64::from(*was) * factor) as f32).to_bits());
		}
		assert!((250..450).contains(&downs), "{downs} of 700 go down");
	}
}

#[test]
fn what_has_no_neighbors_stays_and_the_greatest_may_become_infinite() {
	let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e-45, -1e-40];
	let moved = perturbed::<Blake2b256>(&floats(&[7], &special), &SEED, 0);
	assert_eq!(moved, floats(&[7], &special));
	let moved = perturbed::<Blake2b256>(&floats(&[256], &[f32::MAX; 256]), &SEED, 0);
	for (element, value) in values(&moved).into_iter().enumerate() {
		assert_eq!(value == f32::INFINITY, !goes_down(0, element));
	}
}

#[test]
fn inputs_that_are_no_floats_are_read_as_they_are() {
	let tensor = integers(DType::Int32, &[3], &[1, -2, 3]);
	assert_eq!(perturbed::<Blake2b256>(&tensor, &SEED, 0), tensor);
}

#[test]
fn a_probe_has_the_inputs_of_its_job_and_another_trace() {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(2), Dim::from(300)]);
	let w = builder.input(DType::Float32, &[Dim::from(300), Dim::from(2)]);
	let y = builder.push(Op::MatMul, &[x, w]).unwrap();
	let graph = builder.finish(&[y]).unwrap();
	let numbers: Vec<f32> = (0..600).map(|value| (value * 31 % 97) as f32 - 40.0).collect();
	let inputs = vec![floats(&[2, 300], &numbers), floats(&[300, 2], &numbers)];
	let read: Vec<Tensor> = (0_u32..)
		.zip(&inputs)
		.map(|(number, input)| perturbed::<Blake2b256>(input, &SEED, number))
		.collect();
	let bindings = Bindings::default();
	let (plain, moved) = (
		run(&graph, &bindings, &inputs, &[]).unwrap(),
		run(&graph, &bindings, &read, &[]).unwrap(),
	);
	assert_ne!(plain, moved);
	let prover = TestProver::new(&graph, &bindings, &inputs, &[], &moved).unwrap().probing(&SEED);
	let roots: Vec<Hash> = inputs.iter().map(tensor_root::<Blake2b256>).collect();
	assert_eq!(prover.input_roots(), roots);

	let mut known = Known::of(&prover, &inputs);
	let proof = prover.prove(0, 3, &[]).unwrap();
	// Without its seed, the same openings give what the job computes.
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_eq!(found, Verdict::Value(plain.slots[0].at(3).unwrap()));
	known.probe = Some(SEED);
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_eq!(found, Verdict::Value(moved.slots[0].at(3).unwrap()));
	known.probe = Some([8; 32]);
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_ne!(found, Verdict::Value(moved.slots[0].at(3).unwrap()));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(12))]

	#[test]
	fn every_element_of_a_probe_is_judged_as_the_engine_has_it(seed: u64) {
		check_graph(seed, 6, Some(SEED));
	}
}

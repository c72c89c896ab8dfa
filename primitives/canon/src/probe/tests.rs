//! What a probe reads, by the written format, and that all engines and the arbiter read the same.

use proptest::prelude::*;

use super::*;
use crate::{
	arbiter::{
		arbitrate,
		tests::{check_graph, Known, TestProver},
		Verdict,
	},
	commitment::{tensor_root, Blake2b256, Hash},
	exact::{run, run_probe},
	graph::Builder,
	symbol::{Bindings, Dim},
	testing::{floats, integers},
};

const MOVES: Moves = Moves { seed: [7; 32], amplitude: 16 };

/// The odd number of parts of 128 of the amplitude by which an element of an operand moves, by the
/// written format.
fn odds(source: &Source, element: usize) -> i32 {
	let (block, at) = ((element / 32) as u32, element % 32);
	let parts: [&[u8]; 3] = [&MOVES.seed, &source.encode(), &block.to_le_bytes()];
	let byte = i32::from(digest::<Blake2b256>(b"probe", &parts)[at]);
	let size = byte % 128 / 2 * 2 + 1;
	if byte < 128 {
		size
	} else {
		-size
	}
}

fn values(tensor: &Tensor) -> Vec<f32> {
	let bits = tensor.data().chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
	bits.map(f32::from_bits).collect()
}

/// What an operator reads of an input.
fn read(reader: &Op, source: &Source, maker: Option<&Op>, numbers: &[f32]) -> Vec<f32> {
	let reading = Reading { moves: &MOVES, source, maker, reader };
	values(&reading.tensor::<Blake2b256>(&floats(&[numbers.len() as u32], numbers)))
}

const FIRST: Source = Source::Input(0);

#[test]
fn each_element_is_moved_by_its_own_amount() {
	let plain: Vec<f32> = (1..=700).map(|value| value as f32 * 1.1 - 300.0).collect();
	for source in [FIRST, Source::Input(70_000), Source::Initializer(0), Source::node(3)] {
		let (mut downs, mut sizes) = (0, [false; 128]);
		let moved = read(&Op::Relu, &source, Some(&Op::Relu), &plain);
		for (element, (was, is)) in plain.iter().zip(moved).enumerate() {
			let odds = odds(&source, element);
			downs += usize::from(odds < 0);
			sizes[odds.unsigned_abs() as usize] = true;
			let by = was * (odds as f32 * 2f32.powi(-23));
			assert_eq!(is.to_bits(), (was + by).to_bits());
		}
		assert!((250..450).contains(&downs), "{downs} of 700 go down");
		assert!(sizes.iter().filter(|seen| **seen).count() > 56, "of 64 sizes");
	}
}

#[test]
fn moves_grow_with_the_tolerance() {
	let power = |power: i32| F32::from_bits(2f32.powi(power).to_bits());
	let amplitude =
		|absolute, relative| Moves::of([1; 32], &Tolerance { absolute, relative }).amplitude;
	for (relative, expected) in [(-10, 16), (-12, 17), (-13, 18), (-17, 20), (-24, 20)] {
		assert_eq!(amplitude(F32::ZERO, power(relative)), expected, "{relative}");
		assert_eq!(amplitude(power(relative), F32::ZERO), expected, "{relative}");
	}
	assert_eq!(amplitude(F32::ZERO, F32::ZERO), 20);
	assert_eq!(amplitude(F32::MAX, power(-17)), 16);
	assert_eq!(amplitude(F32::NAN, F32::NEG_INFINITY), 16);

	let moves = Moves { amplitude: 20, ..MOVES };
	let reading = Reading { moves: &moves, source: &FIRST, maker: None, reader: &Op::Relu };
	let small = values(&reading.tensor::<Blake2b256>(&floats(&[256], &[1.0; 256])));
	let large = read(&Op::Relu, &FIRST, None, &[1.0; 256]);
	for (small, large) in small.into_iter().zip(large) {
		assert!(((large - 1.0) / 16.0 - (small - 1.0)).abs() <= 2f32.powi(-23));
	}
}

#[test]
fn what_has_no_other_way_stays() {
	let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0];
	let stayed = read(&Op::Relu, &FIRST, None, &special);
	assert!(stayed.iter().zip(special).all(|(is, was)| is.to_bits() == was.to_bits()));
	// Masks of transformers are the greatest number, and stay finite.
	for moved in read(&Op::Add, &FIRST, None, &[f32::MIN; 256]) {
		assert!(moved.is_finite() && moved < -3.4e38, "{moved}");
	}
}

/// Products of tiny numbers underflow in float32, and a graph can multiply what is left of them.
#[test]
fn what_is_tiny_becomes_nothing_or_its_double() {
	let (tiny, small) = (2f32.powi(-64), 2f32.powi(-63));
	let moved = read(&Op::MatMul, &FIRST, None, &[-tiny; 256]);
	for (element, value) in moved.into_iter().enumerate() {
		assert_eq!(value, if odds(&FIRST, element) > 0 { -2.0 * tiny } else { 0.0 });
	}
	let moved = read(&Op::MatMul, &FIRST, None, &[small; 256]);
	assert!(moved.into_iter().all(|value| (value / small - 1.0).abs() < 2e-5));
}

/// Squares of large numbers overflow in the sum of an engine although the exact mean does not.
#[test]
fn what_a_sum_reads_of_the_huge_is_nan() {
	let axes = || alloc::vec![0];
	let huge = [2f32.powi(48), -2f32.powi(48), f32::INFINITY, f32::MAX];
	for sum in [
		Op::MatMul,
		Op::Gemm { transpose_a: false, transpose_b: false },
		Op::ReduceMean { axes: axes(), keep: false },
		Op::ReduceSumPartial { axes: axes() },
	] {
		assert!(read(&sum, &FIRST, None, &huge).iter().all(|value| value.is_nan()));
		assert!(read(&sum, &FIRST, None, &[2f32.powi(47)]).iter().all(|value| !value.is_nan()));
	}
	assert!(read(&Op::Mul, &FIRST, None, &huge).iter().all(|value| !value.is_nan()));
}

/// Engines cut the sigmoid off where its exponential is below the precision of 1.
#[test]
fn what_an_exponential_has_made_is_moved_by_a_constant_besides() {
	let moved = read(&Op::Div, &FIRST, Some(&Op::Exp), &[1e-20; 256]);
	for (element, value) in moved.into_iter().enumerate() {
		let step = odds(&FIRST, element) as f32 * 2f32.powi(-29);
		assert!((value - step).abs() < 1e-19, "{value}");
	}
	assert_eq!(read(&Op::Div, &FIRST, Some(&Op::Exp), &[f32::INFINITY]), [f32::INFINITY]);
}

#[test]
fn what_is_no_float_is_read_as_it_is() {
	let tensor = integers(DType::Int32, &[3], &[1, -2, 3]);
	let reading = Reading { moves: &MOVES, source: &FIRST, maker: None, reader: &Op::MatMul };
	assert_eq!(reading.tensor::<Blake2b256>(&tensor), tensor);
}

/// A version may add up the same numbers twice, which gives an exact zero in the canonical
/// arithmetic and anything but that in float32.
#[test]
fn sums_that_cancel_exactly_do_not_cancel_in_a_probe() {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(40)]);
	let sum = |builder: &mut Builder, x| {
		builder.push(Op::ReduceSum { axes: alloc::vec![0], keep: true }, &[x]).unwrap()
	};
	let reversed = builder.push(Op::Reverse { axes: alloc::vec![0] }, &[x]).unwrap();
	let (one, other) = (sum(&mut builder, x), sum(&mut builder, reversed));
	let zero = builder.push(Op::Sub, &[one, other]).unwrap();
	let graph = builder.finish(&[zero]).unwrap();
	let numbers: Vec<f32> = (0..40).map(|value| value as f32 * 0.37 + 1.0).collect();
	let (inputs, bindings) = ([floats(&[40], &numbers)], Bindings::default());
	let plain = run(&graph, &bindings, &inputs, &[]).unwrap();
	assert_eq!(values(&plain.slots[3]), [0.0]);
	let moved = run_probe(&graph, &bindings, &inputs, &[], &MOVES).unwrap();
	assert!(values(&moved.slots[3])[0].abs() > 1e-4, "{moved:?}");
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
	let bindings = Bindings::default();
	let (plain, moved) = (
		run(&graph, &bindings, &inputs, &[]).unwrap(),
		run_probe(&graph, &bindings, &inputs, &[], &MOVES).unwrap(),
	);
	assert_ne!(plain, moved);
	let prover = TestProver::new(&graph, &bindings, &inputs, &[], &moved).unwrap().probing(MOVES);
	let roots: Vec<Hash> = inputs.iter().map(tensor_root::<Blake2b256>).collect();
	assert_eq!(prover.input_roots(), roots);

	let mut known = Known::of(&prover, &inputs);
	let proof = prover.prove(0, 3, &[]).unwrap();
	// Without its seed, the same openings give what the job computes.
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_eq!(found, Verdict::Value(plain.slots[0].at(3).unwrap()));
	known.probe = Some(MOVES);
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_eq!(found, Verdict::Value(moved.slots[0].at(3).unwrap()));
	known.probe = Some(Moves { seed: [8; 32], ..MOVES });
	let found = arbitrate::<Blake2b256>(&known.context(), 3, &proof);
	assert_ne!(found, Verdict::Value(moved.slots[0].at(3).unwrap()));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(12))]

	#[test]
	fn every_element_of_a_probe_is_judged_as_the_engine_has_it(seed: u64) {
		check_graph(seed, 6, Some(MOVES));
	}
}

//! The canonical arithmetic inside the runtime's blob gives the bits that it gives natively.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod wasm;

use assay_canon::{
	arbiter::{Malformed, Verdict},
	graph::{Builder, Source},
	op::{Op, WindowAxis},
	shape::Shape,
	symbol::{Bindings, Dim},
	tensor::{DType, Tensor},
};
use wasm::{Blob, Scene};

/// Values at which arithmetic goes wrong: specials, ends of ranges, halves, cancellation.
const HARD: [u32; 24] = [
	0x0000_0000, // 0
	0x8000_0000, // −0
	0x7f80_0000, // ∞
	0xff80_0000, // −∞
	0x7fc0_0000, // NaN
	0xffff_ffff, // a NaN with a payload
	0x0000_0001, // the least subnormal
	0x807f_ffff, // the greatest negative subnormal
	0x0080_0000, // the least normal
	0x7f7f_ffff, // the greatest
	0xff7f_ffff,
	0x3f80_0000, // 1
	0x3f80_0001, // the next
	0x3f7f_ffff, // the one before
	0xbf80_0000,
	0x4000_0000,
	0x3300_0000, // 2⁻²⁵: half a step below 1
	0x42b1_7218, // where exp overflows
	0xc2ce_ed00, // where exp is subnormal
	0x4049_0fdb, // π
	0x4b80_0001,
	0x3eaa_aaab, // a third
	0xc0a0_0000,
	0x5f00_0000, // 2⁶³
];

fn floats(extents: &[u32], bits: impl Iterator<Item = u32>) -> Tensor {
	let shape = Shape::new(extents).unwrap();
	let count = shape.count() as usize;
	let data = bits.take(count).flat_map(u32::to_le_bytes).collect();
	Tensor::new(DType::Float32, shape, data).unwrap()
}

/// Hard values, started at another place for each `seed`.
fn hard(extents: &[u32], seed: usize) -> Tensor {
	floats(extents, HARD.into_iter().cycle().skip(seed))
}

/// Finite values whose sums cancel and stagnate.
fn cancelling(extents: &[u32], seed: u32) -> Tensor {
	let bits = (0u32..).map(move |at| {
		let word = at.wrapping_add(seed).wrapping_mul(0x9e37_79b9);
		let exponent = 100 + (word >> 27) * 2;
		(word & 0x807f_ffff) | (exponent << 23)
	});
	floats(extents, bits)
}

/// One node over float32 operands.
fn node(op: Op, operands: Vec<Tensor>) -> Scene {
	let mut builder = Builder::new(&[]).unwrap();
	let sources: Vec<Source> = operands
		.iter()
		.map(|tensor| {
			let extents = tensor.kind().shape.extents();
			let dims: Vec<Dim> = extents.iter().map(|extent| Dim::from(*extent)).collect();
			builder.input(tensor.dtype(), &dims)
		})
		.collect();
	let output = builder.push(op, &sources).unwrap();
	Scene::new(builder.finish(&[output]).unwrap(), operands, vec![])
}

/// Every element of every node of a scene, natively and in the blob.
fn compare(blob: &Blob, scene: &Scene) -> u64 {
	let bindings = Bindings::default();
	let prover = scene.prover(&bindings);
	let mut compared = 0;
	for (number, tensor) in (0..).zip(&scene.run.slots) {
		for element in 0..tensor.kind().shape.count() {
			let proof = prover.prove(number, element, &[]).unwrap();
			let question = scene.question(&prover, element);
			let native = question.answer(&proof);
			assert_eq!(native, Verdict::Value(tensor.at(element).unwrap()), "{number} {element}");
			assert_eq!(blob.arbitrate(&question, &proof), native, "node {number} {element}");
			compared += 1;
		}
	}
	compared
}

#[test]
fn every_bit_is_the_same_in_the_blob() {
	let blob = Blob::new();
	let window = WindowAxis { stride: 1, dilation: 1, before: 1, after: 1 };
	let conv = Op::Conv { group: 1, axes: vec![window; 2] };
	let pair = |op| node(op, vec![hard(&[24, 1], 0), hard(&[1, 24], 0)]);
	let single = |op| node(op, vec![hard(&[24], 0)]);
	let cases = [
		pair(Op::Add),
		pair(Op::Mul),
		pair(Op::Div),
		pair(Op::Min),
		pair(Op::Less),
		single(Op::Sqrt),
		single(Op::Round),
		single(Op::Exp),
		single(Op::Log),
		single(Op::Erf),
		single(Op::Tanh),
		single(Op::Sin),
		single(Op::Cos),
		single(Op::Cast { to: DType::Int64 }),
		single(Op::ReduceMean { axes: vec![0], keep: false }),
		node(Op::MatMul, vec![cancelling(&[3, 700], 1), cancelling(&[700, 3], 2)]),
		node(Op::MatMul, vec![hard(&[4, 5], 3), hard(&[5, 4], 9)]),
		node(conv, vec![cancelling(&[1, 2, 4, 4], 5), cancelling(&[2, 2, 3, 3], 6)]),
	];
	let compared: u64 = cases.iter().map(|case| compare(&blob, case)).sum();
	assert!(compared > 2_900, "{compared} elements");
}

#[test]
fn a_flipped_bit_anywhere_in_a_proof_proves_nothing_else_in_the_blob() {
	let blob = Blob::new();
	let scene = node(Op::MatMul, vec![cancelling(&[1, 40], 1), cancelling(&[40, 1], 2)]);
	let bindings = Bindings::default();
	let prover = scene.prover(&bindings);
	let honest = scene.run.slots[0].at(0).unwrap();
	let proof = prover.prove(0, 0, &[]).unwrap();
	let question = scene.question(&prover, 0);
	assert_eq!(blob.arbitrate(&question, &proof), Verdict::Value(honest));
	for at in 0..proof.len() * 8 {
		let mut changed = proof.clone();
		changed[at / 8] ^= 1 << (at % 8);
		let verdict = blob.arbitrate(&question, &changed);
		let refused = matches!(verdict, Verdict::Malformed(_) | Verdict::InvalidNode(_));
		assert!(refused, "bit {at}: {verdict:?}");
	}
}

#[test]
fn a_proof_beyond_the_limit_is_refused_before_it_is_read() {
	let scene = node(Op::Neg, vec![hard(&[2], 0)]);
	let bindings = Bindings::default();
	let prover = scene.prover(&bindings);
	let question = scene.question(&prover, 0);
	let endless = vec![0xff; assay_canon::arbiter::MAX_PROOF_BYTES + 1];
	let verdict = Blob::new().arbitrate(&question, &endless);
	assert_eq!(verdict, Verdict::Malformed(Malformed::TooLong));
}

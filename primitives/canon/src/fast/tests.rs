//! The fast engine against the exact one.

use std::sync::OnceLock;

use proptest::prelude::*;
use rayon::ThreadPool;

use super::{
	job::Counters,
	node::{self, kernel_exists},
};
use crate::{
	exact,
	graph::{Node, Source},
	op::Op,
	ops,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim, SymbolicType},
	tensor::{DType, Tensor, TensorType},
	testing::reversed,
};

mod graphs;
mod moves;
mod products;
mod scalars;
mod windows;

/// Runs one primitive in both engines, with each operand and the output in two layouts and on one
/// thread and on three, and returns how many elements were undecided and how many went to the
/// definition in the first of the runs.
fn agree(op: &Op, operands: &[Tensor]) -> (u64, u64) {
	let kinds: Vec<TensorType> = operands.iter().map(|operand| operand.kind().clone()).collect();
	let output = ops::infer(op, &kinds, &Bindings::default()).unwrap();
	let turn = |tensor: &Tensor| tensor.relaid(&reversed(tensor.shape().rank())).unwrap();
	let turned: Vec<Tensor> = operands.iter().map(turn).collect();
	let other = reversed(output.shape.rank());
	agree_in(op, &turned, &output, other);
	if operands.iter().all(|operand| (1..=5).contains(&operand.shape().rank())) {
		let last = |tensor: &Tensor| tensor.relaid(&channels_last(tensor.shape().rank())).unwrap();
		let turned: Vec<Tensor> = operands.iter().map(last).collect();
		agree_in(op, &turned, &output, channels_last(output.shape.rank()));
	}
	agree_in(op, operands, &output, Layout::row_major())
}

fn agree_in(op: &Op, operands: &[Tensor], output: &TensorType, layout: Layout) -> (u64, u64) {
	let dims = output.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
	let node = Node {
		op: op.clone(),
		inputs: (0..operands.len() as u32).map(Source::Input).collect(),
		layout,
		output: SymbolicType { dtype: output.dtype, dims },
	};
	let operands: Vec<&Tensor> = operands.iter().collect();
	let bindings = Bindings::default();
	let expected = exact::run_node(&node, output, &bindings, &operands);
	let counted = [1, 3].map(|threads| {
		let counters = Counters::default();
		let got =
			pool(threads).install(|| node::run(&node, output, &bindings, &operands, &counters));
		assert_same(&got, &expected, op);
		(counters.undecided.into_inner(), counters.exact.into_inner())
	});
	// What stops is not run to its end, and how far it came is a matter of threads.
	if expected.is_ok() {
		assert_eq!(counted[0], counted[1], "threads change what is decided");
	}
	counted[0]
}

/// Names the first element in which two results differ.
fn assert_same(
	got: &Result<Tensor, (u64, ops::Stop)>,
	expected: &Result<Tensor, (u64, ops::Stop)>,
	op: &Op,
) {
	if let (Ok(got), Ok(expected)) = (got, expected) {
		for index in 0..expected.shape().count() {
			assert_eq!(got.at(index), expected.at(index), "element {index} of {op:?}");
		}
	}
	assert_eq!(got, expected, "{op:?}");
}

/// As [`agree`], for operands that a kernel takes.
fn agree_in_kernel(op: &Op, operands: &[Tensor]) -> (u64, u64) {
	let kinds: Vec<TensorType> = operands.iter().map(|operand| operand.kind().clone()).collect();
	let output = ops::infer(op, &kinds, &Bindings::default()).unwrap();
	let dims = output.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
	let node = Node {
		op: op.clone(),
		inputs: (0..operands.len() as u32).map(Source::Input).collect(),
		layout: Layout::row_major(),
		output: SymbolicType { dtype: output.dtype, dims },
	};
	let all: Vec<&Tensor> = operands.iter().collect();
	assert!(kernel_exists(&node, &output, &Bindings::default(), &all), "no kernel for {op:?}");
	agree(op, operands)
}

/// The layout whose last axis is the second.
fn channels_last(rank: usize) -> Layout {
	let mut axes: Vec<u8> = (0..rank as u8).collect();
	if rank > 1 {
		let channels = axes.remove(1);
		axes.push(channels);
	}
	Layout::new(&axes).unwrap()
}

/// A pool of one or three threads.
fn pool(threads: usize) -> &'static ThreadPool {
	static POOLS: [OnceLock<ThreadPool>; 4] = [const { OnceLock::new() }; 4];
	POOLS[threads]
		.get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

/// A tensor of bytes, which need not be canonical.
fn raw(dtype: DType, extents: &[u32], data: Vec<u8>) -> Tensor {
	Tensor::new(dtype, Shape::new(extents).unwrap(), data).unwrap()
}

/// A float32 tensor of these bits.
fn of_bits(extents: &[u32], bits: &[u32]) -> Tensor {
	raw(DType::Float32, extents, bits.iter().flat_map(|bits| bits.to_le_bytes()).collect())
}

/// Bits that make trouble: zeros, infinities, NaNs, the ends of the ranges, powers of two and their
/// neighbors.
fn troublesome() -> impl Strategy<Value = u32> {
	let special = prop::sample::select(vec![
		0,
		1,
		2,
		0x007f_ffff,
		0x0080_0000,
		0x0080_0001,
		0x3f80_0000,
		0x3f80_0001,
		0x3f7f_ffff,
		0x3300_0000,
		0x3380_0000,
		0x3380_0001,
		0x4b00_0000,
		0x4b80_0000,
		0x7f7f_ffff,
		0x7f00_0000,
		0x7300_0000,
		0x7f80_0000,
		0x7fc0_0000,
		0x7f80_0001,
	]);
	(special, any::<bool>())
		.prop_map(|(bits, negative): (u32, bool)| bits | u32::from(negative) << 31)
}

/// Values of the sizes that models have.
fn ordinary() -> impl Strategy<Value = u32> {
	(-4.0_f32..4.0).prop_map(f32::to_bits)
}

/// Values with few bits, whose sums often lie half way between float32s.
fn coarse() -> impl Strategy<Value = u32> {
	let scale = prop::sample::select(vec![0, -12, -24, -25, 12, 23]);
	(-8_i32..9, scale)
		.prop_map(|(value, scale): (i32, i32)| (value as f32 * 2_f32.powi(scale)).to_bits())
}

/// Bits of one of several characters, the same for a whole tensor so that finite ones stay so.
fn bits(count: usize) -> BoxedStrategy<Vec<u32>> {
	let of = move |one: BoxedStrategy<u32>| prop::collection::vec(one, count);
	let mostly = prop_oneof![20 => ordinary(), 1 => troublesome()];
	prop_oneof![
		4 => of(ordinary().boxed()),
		4 => of(coarse().boxed()),
		2 => of(any::<u32>().boxed()),
		2 => of(troublesome().boxed()),
		3 => of(mostly.boxed()),
		1 => of(Just(0).boxed()),
		1 => of(prop::sample::select(vec![0, 1 << 31]).boxed()),
		2 => of((0_u32..0x0100_0000).boxed()),
		2 => of((0x7e00_0000_u32..0x7f80_0000).boxed()),
	]
	.boxed()
}

/// A float32 tensor of any character.
fn floats(extents: &[u32]) -> BoxedStrategy<Tensor> {
	let extents = extents.to_vec();
	let count = extents.iter().product::<u32>() as usize;
	bits(count).prop_map(move |bits| of_bits(&extents, &bits)).boxed()
}

/// A tensor of any bytes.
fn bytes(dtype: DType, extents: &[u32]) -> BoxedStrategy<Tensor> {
	let extents = extents.to_vec();
	let count = extents.iter().product::<u32>() as usize * dtype.size();
	let data = prop::collection::vec(any::<u8>(), count);
	data.prop_map(move |data| raw(dtype, &extents, data)).boxed()
}

/// Repeatable numbers from −1 to 1, about normal.
fn noise(count: usize, seed: u64) -> Vec<f32> {
	let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
	let mut next = || {
		state =
			state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(state >> 33) as f32 / (1_u64 << 31) as f32 - 0.5
	};
	(0..count).map(|_| next() + next() + next() + next()).map(|sum| sum / 2.0).collect()
}

/// A float32 tensor of these values.
fn of(extents: &[u32], values: &[f32]) -> Tensor {
	of_bits(extents, &values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>())
}

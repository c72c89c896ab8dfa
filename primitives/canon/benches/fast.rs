//! Figures of the exact and the fast engine, printed: `cargo bench -p assay-canon --bench fast`.
//!
//! Each figure is the best of several runs on one thread. The library's own float32 product stands
//! beside the fast engine's, measured in the same run, because machines differ and are shared.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used)]

use std::time::Instant;

use assay_canon::{
	exact, fast,
	graph::{Builder, Graph},
	op::{Op, WindowAxis},
	shape::{Layout, Shape},
	symbol::Bindings,
	tensor::{DType, Tensor},
};

const RUNS: usize = 5;

fn main() {
	println!("ns per term");
	for inner in [64, 1024, 4096, 32_768] {
		let (few, many) = (product(4, inner, 4), product(128, inner, 128));
		let exact = best(1, || run_exact(&few)) / f64::from(16 * inner);
		let fast = best(RUNS, || run_fast(&many)) / f64::from(128 * 128 * inner);
		let statistics = run_fast(&many);
		println!(
			"  K = {inner}: exact {:.2}, fast {:.3}, undecided {} of {}, by the definition {}",
			exact * 1e9,
			fast * 1e9,
			statistics.undecided,
			statistics.elements,
			statistics.exact
		);
	}
	println!("GFLOP/s");
	for size in [256, 512, 1024] {
		let case = product(size, size, size);
		let fast = best(RUNS, || run_fast(&case));
		let single = raw(size as usize, 1.0_f32, 0.0);
		let double = raw(size as usize, 1.0_f64, 0.0);
		let rate = |seconds: f64| 2.0 * f64::from(size).powi(3) / seconds / 1e9;
		println!(
			"  MatMul {size}³: fast {:.1}, gemm float32 {:.1}, gemm float64 {:.1}, share {:.0} %",
			rate(fast),
			rate(single),
			rate(double),
			single / fast * 100.0
		);
	}
	for (channels, outputs, edge, kernel, group) in
		[(64, 64, 56, 3, 1), (256, 64, 56, 1, 1), (512, 512, 7, 3, 1), (96, 96, 56, 3, 96)]
	{
		let case = convolution(channels, outputs, edge, kernel, group);
		let seconds = best(RUNS, || run_fast(&case));
		let terms = f64::from(channels / group * outputs * edge * edge * kernel * kernel);
		println!(
			"  Conv {channels} → {outputs}, {edge}², {kernel}×{kernel}, {group} groups: {:.1}",
			2.0 * terms / seconds / 1e9
		);
	}
	for rows in [1, 4, 16] {
		let case = product(rows, 768, 3072);
		let seconds = best(RUNS, || run_fast(&case));
		let rate = f64::from(2 * rows * 768 * 3072) / seconds / 1e9;
		println!("  MatMul {rows} × 768 × 3072: {rate:.1}");
	}
	println!("ns per element");
	for op in [Op::Exp, Op::Log, Op::Erf, Op::Tanh, Op::Sin, Op::Relu, Op::Floor] {
		let (few, many) = (map(op.clone(), 1000), map(op.clone(), 1_000_000));
		let exact = best(2, || run_exact(&few)) / 1e3;
		let fast = best(RUNS, || run_fast(&many)) / 1e6;
		println!("  {op:?}: exact {:.1}, fast {:.2}", exact * 1e9, fast * 1e9);
	}
	let case = sum(1_000_000);
	println!("  Add: fast {:.2}", best(RUNS, || run_fast(&case)) * 1e3);
}

/// A graph with its initializers, of which it has no inputs besides.
struct Case {
	graph: Graph,
	initializers: Vec<Tensor>,
}

fn case(op: Op, operands: Vec<Tensor>) -> Case {
	let mut builder = Builder::new(&[]).expect("no symbols");
	let sources: Vec<_> = operands.iter().map(|operand| builder.initializer(operand)).collect();
	let output = builder.push(op, &sources).expect("the operands fit");
	Case { graph: builder.finish(&[output]).expect("row-major"), initializers: operands }
}

fn product(rows: u32, inner: u32, columns: u32) -> Case {
	// The right operand is transposed, so that the terms of an element fit an opening.
	let op = Op::Gemm { transpose_a: false, transpose_b: true };
	case(op, vec![noise(&[rows, inner], 1), noise(&[columns, inner], 2)])
}

fn convolution(channels: u32, outputs: u32, edge: u32, kernel: u32, group: u32) -> Case {
	let pad = kernel / 2;
	let axis = WindowAxis { before: pad, after: pad, ..WindowAxis::default() };
	// Channels last, so that the terms of an element fit an opening.
	let layout = Layout::new(&[0, 2, 3, 1]).expect("a permutation");
	let image = |extents: &[u32], seed| noise(extents, seed).relaid(&layout).expect("four axes");
	case(
		Op::Conv { group, axes: vec![axis; 2] },
		vec![
			image(&[1, channels, edge, edge], 3),
			image(&[outputs, channels / group, kernel, kernel], 4),
			noise(&[outputs], 5),
		],
	)
}

fn map(op: Op, count: u32) -> Case {
	case(op, vec![noise(&[count], 6)])
}

fn sum(count: u32) -> Case {
	case(Op::Add, vec![noise(&[count], 7), noise(&[count], 8)])
}

/// Repeatable numbers from −1 to 1.
fn noise(extents: &[u32], seed: u64) -> Tensor {
	let mut state = seed;
	let mut next = || {
		state =
			state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(state >> 32) as f32 / (1_u64 << 31) as f32 - 1.0
	};
	let count = extents.iter().product::<u32>();
	let data = (0..count).flat_map(|_| next().to_le_bytes()).collect();
	let shape = Shape::new(extents).expect("small");
	Tensor::new(DType::Float32, shape, data).expect("as many bytes")
}

fn run_exact(case: &Case) {
	let run = exact::run(&case.graph, &Bindings::default(), &[], &case.initializers);
	assert!(run.expect("valid").fault.is_none());
}

fn run_fast(case: &Case) -> fast::Statistics {
	let options = fast::Options { threads: 1, ..Default::default() };
	let run = fast::run(&case.graph, &Bindings::default(), &[], &case.initializers, &options);
	run.expect("valid").statistics
}

/// Seconds of the best of several runs.
fn best<R>(runs: usize, mut run: impl FnMut() -> R) -> f64 {
	let time = |_| {
		let start = Instant::now();
		std::hint::black_box(run());
		start.elapsed().as_secs_f64()
	};
	(0..runs).map(time).fold(f64::INFINITY, f64::min)
}

/// Seconds of the library's product of square matrices.
fn raw<T: Copy + 'static>(size: usize, one: T, zero: T) -> f64 {
	let (left, right) = (vec![one; size * size], vec![one; size * size]);
	let mut product = vec![zero; size * size];
	let row = size as isize;
	best(RUNS, || {
		// SAFETY: three matrices of `size` rows of `size` values, none overlapping.
		unsafe {
			gemm::gemm(
				size,
				size,
				size,
				product.as_mut_ptr(),
				1,
				row,
				false,
				left.as_ptr(),
				1,
				row,
				right.as_ptr(),
				row,
				1,
				zero,
				one,
				false,
				false,
				false,
				gemm::Parallelism::None,
			);
		}
	})
}

//! Matrix products, reductions, and the interval they are decided by.

use proptest::prelude::*;

use super::{super::rounding::*, *};
use crate::arith::{Accumulator, F32};

const SMALL: f32 = 1.0 / (1 << 25) as f32;

fn transposes() -> impl Strategy<Value = (bool, bool)> {
	(any::<bool>(), any::<bool>())
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn products_of_any_matrices_agree(
		(a, b) in (1_u32..9, 0_u32..40, 1_u32..9, 1_u32..4).prop_flat_map(|(rows, inner, columns, batch)| {
			let right = if batch == 3 { vec![inner, columns] } else { vec![batch, inner, columns] };
			(floats(&[batch, rows, inner]), floats(&right))
		}),
	) {
		agree_in_kernel(&Op::MatMul, &[a, b]);
	}

	#[test]
	fn general_products_with_any_bias_agree(
		(op, operands) in (1_u32..9, 1_u32..30, 1_u32..9, 0_usize..5, transposes()).prop_flat_map(
			|(rows, inner, columns, bias, (transpose_a, transpose_b))| {
				let a = if transpose_a { [inner, rows] } else { [rows, inner] };
				let b = if transpose_b { [columns, inner] } else { [inner, columns] };
				let c = [vec![], vec![columns], vec![rows, 1], vec![rows, columns], vec![1, columns]];
				let op = Just(Op::Gemm { transpose_a, transpose_b });
				let operands = (floats(&a), floats(&b), floats(&c[bias]), any::<bool>());
				(op, operands.prop_map(|(a, b, c, some)| if some { vec![a, b, c] } else { vec![a, b] }))
			},
		),
	) {
		agree_in_kernel(&op, &operands);
	}

	#[test]
	fn reductions_of_any_values_agree(
		x in floats(&[3, 7, 2, 5]),
		axes in prop::sample::subsequence(vec![0_u8, 1, 2, 3], 0..=4),
		keep in any::<bool>(),
	) {
		let axes = || axes.clone();
		agree_in_kernel(&Op::ReduceSum { axes: axes(), keep }, std::slice::from_ref(&x));
		agree_in_kernel(&Op::ReduceMean { axes: axes(), keep }, std::slice::from_ref(&x));
		agree_in_kernel(&Op::ReduceSumSquare { axes: axes(), keep }, &[x]);
	}

	#[test]
	fn compensated_sums_never_decide_wrongly(
		values in (1_usize..40).prop_flat_map(bits),
		extra in (1_usize..4).prop_flat_map(bits),
	) {
		let finite = |bits: &u32| f32::from_bits(*bits).is_finite();
		let values: Vec<u32> = values.into_iter().filter(finite).collect();
		// What mostly cancels makes the rest matter.
		let opposite: Vec<u32> = values.iter().map(|bits| bits ^ 1 << 31).collect();
		let extra: Vec<u32> = extra.into_iter().filter(finite).collect();
		// As does a tie.
		let tie = vec![0x3f80_0000, 0x3380_0000];
		let tiny: Vec<u32> = extra.iter().map(|bits| bits % 0x1000_0000 + 0x1000_0000).collect();
		let tied = [tie, tiny].concat();
		for terms in [values.clone(), [values, opposite, extra].concat(), tied] {
			let (mut sum, mut exact) = (Compensated::default(), Accumulator::new());
			for bits in &terms {
				sum.add(f32::from_bits(*bits).into());
				exact.add(F32::from_bits(*bits));
			}
			if let Some(decided) = sum.decide(terms.len()) {
				prop_assert_eq!(decided.to_bits(), exact.round().to_bits());
			}
		}
	}
}

#[test]
fn an_interval_decides_only_what_rounds_to_one_float32() {
	let half = 1.0 + f64::from(f32::EPSILON) / 2.0;
	let tiny = f64::EPSILON;
	assert_eq!(decide(1.0, tiny), Some(1.0));
	assert_eq!(decide(half, tiny), None);
	assert_eq!(decide(half + 4.0 * tiny, tiny), Some(1.0 + f32::EPSILON));
	assert_eq!(decide(half - 4.0 * tiny, tiny), Some(1.0));
	assert_eq!(decide(1e39, 1.0), Some(f32::INFINITY));
	assert_eq!(decide(f64::from(f32::MAX), 1.0), Some(f32::MAX));
	let limit = f64::from(f32::MAX) + 2_f64.powi(103);
	assert_eq!(decide(limit, 2_f64.powi(80)), None);
	assert_eq!(decide(0.0, 1e-60), None);
	assert_eq!(decide(0.0, 0.0), None);
	assert_eq!(decide(1e-60, 1e-70).map(f32::to_bits), Some(0));
	assert_eq!(decide(-1e-60, 1e-70).map(f32::to_bits), Some(1 << 31));
	for odd in [f64::NAN, f64::INFINITY, -1.0] {
		assert_eq!(decide(1.0, odd), None);
	}
	assert_eq!(decide(f64::NAN, 1.0), None);
}

#[test]
fn a_compensated_sum_decides_next_to_a_tie_but_not_on_it() {
	let half = f64::from(f32::EPSILON) / 2.0;
	let sum = |last: f64| {
		let mut sum = Compensated::default();
		[1.0, half, last].into_iter().for_each(|term| sum.add(term));
		sum.decide(3)
	};
	assert_eq!(sum(0.0), None);
	assert_eq!(sum(1e-25), Some(1.0 + f32::EPSILON));
	assert_eq!(sum(-1e-25), Some(1.0));
	// Nearer to the neighbor of the tie than to the tie: the neighbor is not on the wrong side.
	for part in [0.45, 0.55, 0.95, 1.05, 1.45, 1.55] {
		assert_eq!(sum(part * f64::EPSILON), Some(1.0 + f32::EPSILON));
		assert_eq!(sum(-part * f64::EPSILON / 2.0), Some(1.0));
	}
}

#[test]
fn float64_decides_nearly_all_elements_of_ordinary_products() {
	let (rows, inner, columns) = (40, 700, 50);
	let a = of(&[rows, inner], &noise((rows * inner) as usize, 1));
	let b = of(&[inner, columns], &noise((inner * columns) as usize, 2));
	let (undecided, exact) = agree_in_kernel(&Op::MatMul, &[a, b]);
	assert!(undecided < 20, "{undecided}");
	assert_eq!(exact, 0);
}

#[test]
fn blocks_of_a_large_product_agree() {
	let (rows, inner, columns) = (530, 3, 1030);
	let a = of(&[rows, inner], &noise((rows * inner) as usize, 3));
	let b = of(&[inner, columns], &noise((inner * columns) as usize, 4));
	agree_in_kernel(&Op::MatMul, &[a, b]);
	let (rows, inner, columns) = (3, 2100, 2);
	let a = of(&[rows, inner], &noise((rows * inner) as usize, 5));
	let b = of(&[inner, columns], &noise((inner * columns) as usize, 6));
	agree_in_kernel(&Op::MatMul, &[a, b]);
}

#[test]
fn terms_too_small_for_a_running_sum_count() {
	// 1 + k·2⁻²⁵: a float32 sum would stay at 1.
	for count in [1, 2, 3, 4, 5, 1000, 4096] {
		let mut row = vec![SMALL; count];
		row.insert(count / 2, 1.0);
		let length = row.len() as u32;
		let (row, ones) = (of(&[1, length], &row), of(&[length, 1], &vec![1.0; count + 1]));
		agree_in_kernel(&Op::MatMul, &[row.clone(), ones]);
		agree_in_kernel(&Op::ReduceSum { axes: vec![1], keep: false }, std::slice::from_ref(&row));
		agree_in_kernel(&Op::ReduceMean { axes: vec![1], keep: false }, &[row]);
	}
}

#[test]
fn sums_that_cancel_keep_what_remains() {
	let noise = noise(600, 7);
	let mut row: Vec<f32> = noise.iter().map(|value| value * 1e18).collect();
	row.extend(noise.iter().map(|value| value * -1e18));
	row.extend([1e-18, 3e-20, f32::MIN_POSITIVE, 1e-45]);
	let length = row.len() as u32;
	let ones = of(&[length, 1], &vec![1.0; row.len()]);
	for kept in 0..4 {
		let row: Vec<f32> = row
			.iter()
			.enumerate()
			.map(|(at, value)| if at < 1200 + kept { *value } else { 0.0 })
			.collect();
		agree_in_kernel(&Op::MatMul, &[of(&[1, length], &row), ones.clone()]);
	}
}

#[test]
fn ties_are_broken_by_what_float64_cannot_hold() {
	let tie = [1.0, 1.0 / (1 << 24) as f32];
	for exponent in 40..70 {
		for factor in [1.0, 1.1, 1.5, 1.9, -1.0, -1.1, -1.5, -1.9] {
			let row = of(&[1, 3], &[tie[0], tie[1], factor * 2_f32.powi(-exponent)]);
			agree_in_kernel(&Op::MatMul, &[row, of(&[3, 1], &[1.0; 3])]);
		}
	}
	let row = of(&[1, 2], &tie);
	let (undecided, exact) = agree_in_kernel(&Op::MatMul, &[row, of(&[2, 1], &[1.0; 2])]);
	assert_eq!((undecided, exact), (1, 1));
}

#[test]
fn partial_sums_beyond_the_range_do_no_harm() {
	let max = f32::MAX;
	for row in [
		vec![max, max, -max, -max],
		vec![max, max, max, -max, -max],
		vec![max, 2_f32.powi(103)],
		vec![max, 2_f32.powi(103), -1e-45],
		vec![max, 2_f32.powi(102)],
		vec![-max, -max],
	] {
		let length = row.len() as u32;
		let ones = of(&[length, 1], &vec![1.0; row.len()]);
		agree_in_kernel(&Op::MatMul, &[of(&[1, length], &row), ones]);
	}
	let squares = of(&[1, 2], &[max, max]);
	agree_in_kernel(&Op::ReduceSumSquare { axes: vec![1], keep: false }, &[squares]);
}

#[test]
fn zero_rows_keep_their_sign_and_are_decided_early() {
	let zeros = of(&[3, 200], &[vec![0.0; 200], vec![-0.0; 200], vec![0.0; 200]].concat());
	let positive = of(&[200, 1], &[1.0; 200]);
	let (_, exact) = agree_in_kernel(&Op::MatMul, &[zeros.clone(), positive]);
	assert_eq!(exact, 1, "the row of −0 alone");
	let negative = of(&[200, 1], &[-1.0; 200]);
	agree_in_kernel(&Op::MatMul, &[zeros, negative]);
}

#[test]
fn the_order_of_terms_changes_nothing() {
	let (rows, inner, columns) = (6, 500, 7);
	let (a, b) = (noise(rows * inner, 8), noise(inner * columns, 9));
	let turned = |at: usize| (at * 301 + 17) % inner;
	let a_turned: Vec<f32> =
		(0..rows * inner).map(|at| a[at / inner * inner + turned(at % inner)]).collect();
	let b_turned: Vec<f32> =
		(0..inner * columns).map(|at| b[turned(at / columns) * columns + at % columns]).collect();
	let extents = ([rows as u32, inner as u32], [inner as u32, columns as u32]);
	let product =
		|a: &[f32], b: &[f32]| output(&Op::MatMul, &[of(&extents.0, a), of(&extents.1, b)]);
	assert_eq!(product(&a, &b), product(&a_turned, &b_turned));
}

#[test]
fn a_batch_is_each_of_its_parts() {
	let (a, b) = (noise(4 * 5 * 300, 10), of(&[300, 6], &noise(300 * 6, 11)));
	let whole = output(&Op::MatMul, &[of(&[4, 5, 300], &a), b.clone()]);
	let parts = a
		.chunks(5 * 300)
		.flat_map(|part| output(&Op::MatMul, &[of(&[1, 5, 300], part), b.clone()]).into_data());
	assert_eq!(whole.data(), parts.collect::<Vec<u8>>());
}

/// The output of the fast engine alone.
fn output(op: &Op, operands: &[Tensor]) -> Tensor {
	let kinds: Vec<TensorType> = operands.iter().map(|operand| operand.kind().clone()).collect();
	let output = ops::infer(op, &kinds, &Bindings::default()).unwrap();
	let node = Node {
		op: op.clone(),
		inputs: (0..operands.len() as u32).map(Source::Input).collect(),
		layout: Layout::row_major(),
		output: SymbolicType { dtype: output.dtype, dims: Vec::new() },
	};
	let operands: Vec<&Tensor> = operands.iter().collect();
	node::run(&node, &output, &Bindings::default(), &operands, &Counters::default()).unwrap()
}

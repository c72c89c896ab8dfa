use crate::{
	graph::Invalid,
	op::{Op, PoolAxis, WindowAxis},
	tensor::{
		DType::{Int32, Uint8},
		Tensor,
	},
	testing::{eval, floats, integers, Outcome},
};
use proptest::prelude::*;

fn counting(extents: &[u32]) -> Tensor {
	let count: u32 = extents.iter().product();
	floats(extents, &(0..count).map(|value| value as f32 - 3.0).collect::<Vec<_>>())
}

#[test]
fn matrix_products_are_exact_and_rounded_once() {
	let a = floats(&[1, 3], &[1e30, 1.0, -1e30]);
	let b = floats(&[3, 1], &[1e30, 0.5, 1e30]);
	assert_eq!(eval(Op::MatMul, &[a, b]).floats(), [0.5]);
}

#[test]
fn an_exact_zero_is_negative_only_if_every_term_is() {
	let product = |a: &[f32], b: &[f32]| {
		let count = a.len() as u32;
		let outcome = eval(Op::MatMul, &[floats(&[1, count], a), floats(&[count, 1], b)]);
		outcome.floats()[0].to_bits()
	};
	assert_eq!(product(&[-0.0, 1.0], &[1.0, -0.0]), 0x8000_0000);
	assert_eq!(product(&[-0.0, 1.0], &[1.0, 0.0]), 0);
	assert_eq!(product(&[1.0, -1.0], &[1.0, 1.0]), 0);
	assert_eq!(product(&[], &[]), 0);
	assert_eq!(product(&[f32::INFINITY], &[0.0]), 0x7FC0_0000);
	assert_eq!(product(&[f32::MAX, f32::MAX], &[2.0, -2.0]), 0);
}

#[test]
fn leading_axes_of_a_matrix_product_broadcast() {
	let outcome = eval(Op::MatMul, &[counting(&[2, 1, 2, 3]), counting(&[2, 3, 2])]);
	assert_eq!(outcome.extents(), [2, 2, 2, 2]);
	let wrong = eval(Op::MatMul, &[counting(&[2, 3]), counting(&[2, 3])]);
	assert_eq!(wrong, Outcome::Invalid(Invalid::OperandShape));
}

#[test]
fn gemm_transposes_and_adds_its_bias_before_rounding() {
	let plain = eval(Op::MatMul, &[counting(&[2, 3]), counting(&[3, 2])]).floats();
	let turned = |x: Tensor| match eval(Op::Transpose { order: vec![1, 0] }, &[x]) {
		Outcome::Tensor(tensor) => tensor,
		_ => panic!(),
	};
	let op = Op::Gemm { transpose_a: true, transpose_b: true };
	let operands = [turned(counting(&[2, 3])), turned(counting(&[3, 2]))];
	assert_eq!(eval(op, &operands).floats(), plain);

	let op = Op::Gemm { transpose_a: false, transpose_b: false };
	let operands = [floats(&[1, 1], &[1e20]), floats(&[1, 1], &[1e20]), floats(&[], &[-1e38])];
	let alone = eval(op.clone(), &operands[..2]).floats();
	assert_eq!(alone, [f32::INFINITY]);
	assert_eq!(eval(op, &operands).floats(), [f32::INFINITY]);
	let op = Op::Gemm { transpose_a: false, transpose_b: false };
	let operands = [floats(&[1, 1], &[3e38]), floats(&[1, 1], &[2.0]), floats(&[1], &[-3e38])];
	assert_eq!(eval(op, &operands).floats(), [3e38]);
}

#[test]
fn reductions_keep_or_drop_their_axes() {
	let x = counting(&[2, 2, 2]);
	let sum = |axes: &[u8], keep| Op::ReduceSum { axes: axes.to_vec(), keep };
	let outcome = eval(sum(&[0, 2], true), std::slice::from_ref(&x));
	assert_eq!(outcome.extents(), [1, 2, 1]);
	assert_eq!(outcome.floats(), [-2.0, 6.0]);
	assert_eq!(eval(sum(&[1], false), std::slice::from_ref(&x)).floats(), [-4.0, -2.0, 4.0, 6.0]);
	let mean = Op::ReduceMean { axes: vec![0, 1, 2], keep: false };
	assert_eq!(eval(mean, std::slice::from_ref(&x)).floats(), [0.5]);
	let squares = Op::ReduceSumSquare { axes: vec![2], keep: false };
	assert_eq!(eval(squares, std::slice::from_ref(&x)).floats(), [13.0, 1.0, 5.0, 25.0]);
	assert_eq!(eval(sum(&[], false), &[x]).floats().len(), 8);
	let whole = integers(Uint8, &[3], &[200, 100, 1]);
	assert_eq!(eval(sum(&[0], false), &[whole]).integers(), [45]);
}

#[test]
fn means_round_the_exact_quotient() {
	let mean = Op::ReduceMean { axes: vec![0], keep: false };
	let x = floats(&[3], &[1.0, 1.0, f32::from_bits(1)]);
	assert_eq!(eval(mean, &[x]).floats(), [2.0_f32 / 3.0]);
}

#[test]
fn running_sums_start_from_either_end() {
	let x = integers(Int32, &[4], &[1, 2, 3, 4]);
	let op = |exclusive, reverse| Op::CumSum { axis: 0, exclusive, reverse };
	assert_eq!(eval(op(false, false), std::slice::from_ref(&x)).integers(), [1, 3, 6, 10]);
	assert_eq!(eval(op(true, false), std::slice::from_ref(&x)).integers(), [0, 1, 3, 6]);
	assert_eq!(eval(op(false, true), std::slice::from_ref(&x)).integers(), [10, 9, 7, 4]);
	assert_eq!(eval(op(true, true), &[x]).integers(), [9, 7, 4, 0]);
}

#[test]
fn partial_sums_join_to_the_exact_sum() {
	let parts = [
		(floats(&[1, 2], &[1e30, 1.0]), floats(&[2, 1], &[1e30, 1.0])),
		(floats(&[1, 1], &[-1e30]), floats(&[1, 1], &[1e30])),
	];
	let partial: Vec<Tensor> = parts
		.into_iter()
		.map(|(a, b)| match eval(Op::MatMulPartial, &[a, b]) {
			Outcome::Tensor(tensor) => tensor,
			_ => panic!(),
		})
		.collect();
	assert_eq!(partial[0].shape().extents(), [1, 1, 80]);
	assert_eq!(eval(Op::RoundSums { divisor: 1 }, &partial).floats(), [1.0]);
	assert_eq!(eval(Op::RoundSums { divisor: 4 }, &partial).floats(), [0.25]);
	let sums = eval(Op::ReduceSumPartial { axes: vec![0] }, &[floats(&[2, 1], &[1.0, 2.0])]);
	let Outcome::Tensor(sums) = sums else { panic!() };
	assert_eq!(eval(Op::RoundSums { divisor: 1 }, &[sums]).floats(), [3.0]);
	let no_sum = integers(Uint8, &[80], &[255; 80]);
	assert_eq!(eval(Op::RoundSums { divisor: 1 }, &[no_sum]), Outcome::Fault(0));
}

fn axis(stride: u32, dilation: u32, before: u32, after: u32) -> WindowAxis {
	WindowAxis { stride, dilation, before, after }
}

#[test]
fn convolutions_skip_padding() {
	let x = floats(&[1, 1, 4], &[1.0, 2.0, 3.0, f32::INFINITY]);
	let w = floats(&[1, 1, 3], &[1.0, 10.0, 100.0]);
	let op = Op::Conv { group: 1, axes: vec![axis(2, 1, 1, 0)] };
	assert_eq!(eval(op, &[x, w]).floats(), [210.0, f32::INFINITY]);
	// A window over padding alone has no term at all.
	let x = floats(&[1, 1, 1], &[5.0]);
	let w = floats(&[1, 1, 1], &[f32::NAN]);
	let op = Op::Conv { group: 1, axes: vec![axis(1, 1, 1, 0)] };
	let outcome = eval(op, &[x, w]).floats();
	assert_eq!((outcome[0].to_bits(), outcome[1].is_nan()), (0, true));
}

#[test]
fn convolutions_have_groups_and_bias() {
	let x = counting(&[1, 2, 2, 2]);
	let w = floats(&[2, 1, 1, 1], &[2.0, 3.0]);
	let bias = floats(&[2], &[0.5, -0.5]);
	let op = Op::Conv { group: 2, axes: vec![axis(1, 1, 0, 0); 2] };
	let expected = [-5.5, -3.5, -1.5, 0.5, 2.5, 5.5, 8.5, 11.5];
	assert_eq!(eval(op, &[x, w, bias]).floats(), expected);
}

/// A convolution and its transpose by their textbook loops, in float64 of small integers.
fn textbook(
	x: &[f64],
	w: &[f64],
	[inputs, outputs, length, kernel]: [usize; 4],
	axis: &WindowAxis,
	transposed: bool,
	size: usize,
) -> Vec<f64> {
	let mut y = vec![0.0; outputs * size];
	for (o, i, k) in itertools(outputs, inputs, kernel) {
		for small in 0..if transposed { length } else { size } {
			let large = (small * axis.stride as usize + k * axis.dilation as usize)
				.wrapping_sub(axis.before as usize);
			if transposed && large < size {
				y[o * size + large] += x[i * length + small] * w[(i * outputs + o) * kernel + k];
			} else if !transposed && large < length {
				y[o * size + small] += x[i * length + large] * w[(o * inputs + i) * kernel + k];
			}
		}
	}
	y
}

fn itertools(a: usize, b: usize, c: usize) -> Vec<(usize, usize, usize)> {
	(0..a).flat_map(|x| (0..b).flat_map(move |y| (0..c).map(move |z| (x, y, z)))).collect()
}

proptest! {
	#[test]
	fn convolutions_equal_the_textbook(
		values in proptest::collection::vec(-9_i8..9, 64),
		[inputs, outputs, length, kernel] in [1_usize..4, 1..4, 1..7, 1..5],
		[stride, dilation, before, after] in [1_u32..4, 1..4, 0..4, 0..4],
		transposed: bool,
	) {
		let axis = axis(stride, dilation, before, after);
		let take = |count: usize, from: usize| -> Vec<f64> {
			(0..count).map(|at| f64::from(values[(at + from) % values.len()])).collect()
		};
		let as_floats = |values: &[f64]| values.iter().map(|v| *v as f32).collect::<Vec<_>>();
		let (x, w) = (take(inputs * length, 0), take(inputs * outputs * kernel, 7));
		let first = if transposed { [inputs, outputs] } else { [outputs, inputs] };
		let operands = [
			floats(&[1, inputs as u32, length as u32], &as_floats(&x)),
			floats(&[first[0] as u32, first[1] as u32, kernel as u32], &as_floats(&w)),
		];
		let op = if transposed {
			Op::ConvTranspose { group: 1, axes: vec![axis], output_padding: vec![0] }
		} else {
			Op::Conv { group: 1, axes: vec![axis] }
		};
		let outcome = eval(op, &operands);
		if let Outcome::Tensor(tensor) = &outcome {
			let size = tensor.shape().extents()[2] as usize;
			let sizes = [inputs, outputs, length, kernel];
			let expected = textbook(&x, &w, sizes, &axis, transposed, size);
			prop_assert_eq!(outcome.floats(), as_floats(&expected));
		}
	}
}

#[test]
fn transposed_convolutions_have_groups_bias_and_output_padding() {
	let x = floats(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
	let w = floats(&[2, 1, 2], &[1.0, 10.0, 100.0, 1000.0]);
	let op = Op::ConvTranspose { group: 2, axes: vec![axis(3, 1, 0, 0)], output_padding: vec![1] };
	let outcome = eval(op, &[x, w, floats(&[2], &[0.0, 1.0])]);
	assert_eq!(outcome.extents(), [1, 2, 6]);
	let expected = [1.0, 10.0, 0.0, 2.0, 20.0, 0.0, 301.0, 3001.0, 1.0, 401.0, 4001.0, 1.0];
	assert_eq!(outcome.floats(), expected);
}

#[test]
fn average_pools_count_padding_if_asked() {
	let x = floats(&[1, 1, 3], &[1.0, 2.0, 6.0]);
	let pool = |ceil, include_pad| Op::AveragePool {
		axes: vec![PoolAxis { kernel: 2, window: axis(2, 1, 1, 0) }],
		ceil,
		include_pad,
	};
	assert_eq!(eval(pool(false, false), std::slice::from_ref(&x)).floats(), [1.0, 4.0]);
	assert_eq!(eval(pool(false, true), std::slice::from_ref(&x)).floats(), [0.5, 4.0]);
	// Rounded up, the last window reaches beyond the padding; what is there never counts.
	let longer = Op::AveragePool {
		axes: vec![PoolAxis { kernel: 3, window: axis(2, 1, 0, 0) }],
		ceil: true,
		include_pad: true,
	};
	let x = floats(&[1, 1, 4], &[1.0, 2.0, 6.0, 8.0]);
	assert_eq!(eval(longer, &[x]).floats(), [3.0, 7.0]);
}

/// A sum over no elements whose axes are as long as can be: it takes no time, on chain neither.
#[test]
fn an_empty_sum_over_long_axes_takes_no_time() {
	let long = floats(&[u32::MAX, 0], &[]);
	let whole = Op::ReduceSum { axes: vec![0, 1], keep: false };
	assert_eq!(eval(whole, &[long]).floats(), [0.0]);
}

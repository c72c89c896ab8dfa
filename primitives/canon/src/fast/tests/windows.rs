//! Convolutions and pooling, float32 and quantized.

use proptest::prelude::*;

use super::*;
use crate::op::{PoolAxis, WindowAxis};

prop_compose! {
	fn window()(stride in 1_u32..4, dilation in 1_u32..3, before in 0_u32..3, after in 0_u32..3) -> WindowAxis {
		WindowAxis { stride, dilation, before, after }
	}
}

/// Extents of a convolution: group, channels and outputs of each, and for each spatial axis the
/// window, the kernel and the operand's extent.
fn sizes() -> impl Strategy<Value = (u32, u32, u32, Vec<(WindowAxis, u32, u32)>)> {
	let axis = (window(), 1_u32..4).prop_flat_map(|(window, kernel)| {
		let span = (kernel - 1) * window.dilation + 1;
		(Just(window), Just(kernel), span..span + 6)
	});
	(1_u32..4, 1_u32..7, 1_u32..4, prop::collection::vec(axis, 1..4))
}

fn shape(lead: [u32; 2], spatial: impl Iterator<Item = u32>) -> Vec<u32> {
	lead.into_iter().chain(spatial).collect()
}

type Convolution = (Op, Vec<Tensor>);

fn convolution() -> impl Strategy<Value = Convolution> {
	(sizes(), any::<bool>()).prop_flat_map(|((group, channels, outputs, axes), biased)| {
		let x = shape([2, group * channels], axes.iter().map(|axis| axis.2));
		let w = shape([group * outputs, channels], axes.iter().map(|axis| axis.1));
		let op = Op::Conv { group, axes: axes.iter().map(|axis| axis.0).collect() };
		(Just(op), floats(&x), floats(&w), floats(&[group * outputs]))
			.prop_map(move |(op, x, w, b)| (op, if biased { vec![x, w, b] } else { vec![x, w] }))
	})
}

fn transposed() -> impl Strategy<Value = Convolution> {
	(sizes(), any::<bool>()).prop_flat_map(|((group, channels, outputs, axes), biased)| {
		let x = shape([2, group * channels], axes.iter().map(|axis| axis.2));
		let w = shape([group * channels, outputs], axes.iter().map(|axis| axis.1));
		let op = Op::ConvTranspose {
			group,
			axes: axes
				.iter()
				.map(|axis| WindowAxis { after: 0, before: axis.0.before.min(1), ..axis.0 })
				.collect(),
			output_padding: axes.iter().map(|axis| axis.0.after.min(axis.0.stride - 1)).collect(),
		};
		(Just(op), floats(&x), floats(&w), floats(&[group * outputs]))
			.prop_map(move |(op, x, w, b)| (op, if biased { vec![x, w, b] } else { vec![x, w] }))
	})
}

/// Whether a primitive takes these operands.
fn valid(op: &Op, operands: &[Tensor]) -> bool {
	let kinds: Vec<TensorType> = operands.iter().map(|operand| operand.kind().clone()).collect();
	ops::infer(op, &kinds, &Bindings::default()).is_ok()
}

fn byte_type() -> impl Strategy<Value = DType> {
	prop::sample::select(vec![DType::Int8, DType::Uint8])
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(150))]

	#[test]
	fn convolutions_agree((op, operands) in convolution()) {
		agree(&op, &operands);
	}

	#[test]
	fn transposed_convolutions_agree((op, operands) in transposed()) {
		prop_assume!(valid(&op, &operands));
		agree(&op, &operands);
	}

	#[test]
	fn pooling_agrees(
		(_, _, channels, axes) in sizes(),
		seed in any::<u64>(),
		ceil in any::<bool>(),
		include_pad in any::<bool>(),
		coarse in any::<bool>(),
	) {
		let extents = shape([2, channels], axes.iter().map(|axis| axis.2));
		let values = noise(extents.iter().product::<u32>() as usize, seed);
		let cut = |value: &f32| if coarse { (value * 2.0).round() } else { *value };
		let x = of(&extents, &values.iter().map(cut).collect::<Vec<f32>>());
		let axes: Vec<PoolAxis> =
			axes.iter().map(|axis| PoolAxis { kernel: axis.1, window: axis.0 }).collect();
		let mean = Op::AveragePool { axes: axes.clone(), ceil, include_pad };
		agree(&mean, std::slice::from_ref(&x));
		agree(&Op::MaxPool { axes, ceil }, &[x]);
	}

	#[test]
	fn the_greatest_of_any_values_agrees(x in floats(&[1, 2, 6, 6]), axis in window()) {
		let axes = vec![PoolAxis { kernel: 3, window: WindowAxis { before: 1, after: 1, ..axis } }; 2];
		prop_assume!(axis.dilation == 1);
		agree_in_kernel(&Op::MaxPool { axes, ceil: false }, &[x]);
	}

	#[test]
	fn integer_convolutions_agree(
		(group, channels, outputs, axes) in sizes(),
		(x_type, w_type) in (byte_type(), byte_type()),
		vector in any::<bool>(),
		seed in any::<u64>(),
	) {
		let data = |extents: &[u32], seed: u64| -> Vec<u8> {
			let count = extents.iter().product::<u32>() as usize;
			noise(count, seed).iter().map(|value| (value * 200.0) as i32 as u8).collect()
		};
		let x = shape([2, group * channels], axes.iter().map(|axis| axis.2));
		let w = shape([group * outputs, channels], axes.iter().map(|axis| axis.1));
		let zeros = if vector { vec![group * outputs] } else { vec![] };
		let tensor = |dtype, extents: &[u32], seed| raw(dtype, extents, data(extents, seed));
		let operands = [
			tensor(x_type, &x, seed),
			tensor(w_type, &w, !seed),
			tensor(x_type, &[], seed ^ 5),
			tensor(w_type, &zeros, seed ^ 6),
		];
		let axes: Vec<WindowAxis> = axes.iter().map(|axis| axis.0).collect();
		agree_in_kernel(&Op::ConvInteger { group, axes: axes.clone() }, &operands);
		let [x, w, x_zero, w_zero] = operands;
		let scale = |extents: &[u32], seed| {
			let values = noise(extents.iter().product::<u32>() as usize, seed);
			of(extents, &values.iter().map(|value| value.abs() / 64.0 + 1e-3).collect::<Vec<f32>>())
		};
		let bias = of(&[group * outputs], &noise((group * outputs) as usize, seed ^ 8));
		let bias = raw(DType::Int32, &[group * outputs], bias.into_data());
		let quantized = [
			x, scale(&[], seed), x_zero, w, scale(&zeros, seed ^ 3), w_zero, scale(&[], seed ^ 4),
			tensor(x_type, &[], seed ^ 9), bias,
		];
		agree_in_kernel(&Op::QLinearConv { group, axes }, &quantized);
	}

	#[test]
	fn integer_products_agree(
		(a_type, b_type) in (byte_type(), byte_type()),
		vectors in any::<bool>(),
		operands in (1_u32..5, 1_u32..40, 1_u32..5).prop_flat_map(|(rows, inner, columns)| {
			let x = |extents: &[u32]| bytes(DType::Uint8, extents);
			(x(&[2, rows, inner]), x(&[inner, columns]), x(&[rows]), x(&[columns]), floats(&[rows]), floats(&[columns]))
		}),
	) {
		let (a, b, a_zero, b_zero, a_scale, b_scale) = operands;
		let scalar = |tensor: Tensor| {
			if vectors {
				return tensor;
			}
			let size = tensor.dtype().size();
			raw(tensor.dtype(), &[], tensor.data()[..size].to_vec())
		};
		let typed = |tensor: Tensor, dtype| raw(dtype, tensor.shape().extents(), tensor.data().to_vec());
		let (a, a_zero) = (typed(a, a_type), scalar(typed(a_zero, a_type)));
		let (b, b_zero) = (typed(b, b_type), scalar(typed(b_zero, b_type)));
		let plain = [a.clone(), b.clone(), a_zero.clone(), b_zero.clone()];
		agree_in_kernel(&Op::MatMulInteger, &plain);
		let (a_scale, b_scale) = (scalar(a_scale), scalar(b_scale));
		let y = (a_scale.clone(), a_zero.clone());
		agree_in_kernel(&Op::QLinearMatMul, &[a, a_scale, a_zero, b, b_scale, b_zero, y.0, y.1]);
	}

	#[test]
	fn quantization_agrees(
		x in floats(&[2, 3, 20]),
		wide in bytes(DType::Uint8, &[2, 3, 20]),
		scale in floats(&[3]),
		zero in bytes(DType::Uint8, &[3]),
		dtype in byte_type(),
		axis in any::<bool>(),
	) {
		let (axis, count, extents) = if axis { (1, 3, vec![3]) } else { (0, 1, vec![]) };
		let scale = raw(DType::Float32, &extents, scale.data()[..count * 4].to_vec());
		let zero = raw(dtype, &extents, zero.data()[..count].to_vec());
		let parameters = [scale, zero];
		agree_in_kernel(&Op::QuantizeLinear { axis }, &[&[x][..], &parameters].concat());
		let wide = raw(dtype, &[2, 3, 20], wide.into_data());
		agree_in_kernel(&Op::DequantizeLinear { axis }, &[&[wide][..], &parameters].concat());
	}
}

#[test]
fn quotients_half_way_between_integers_go_to_the_even_one() {
	let x = of(&[6], &[0.5, 1.5, 2.5, -0.5, -1.5, 0.75]);
	let zero = raw(DType::Int8, &[], vec![0]);
	for scale in [1.0, 0.5, 1.0 / 3.0, 0.1] {
		agree_in_kernel(
			&Op::QuantizeLinear { axis: 0 },
			&[x.clone(), of(&[], &[scale]), zero.clone()],
		);
	}
}

#[test]
fn a_window_of_padding_alone_is_a_fault() {
	let axes =
		vec![PoolAxis { kernel: 1, window: WindowAxis { before: 1, ..WindowAxis::default() } }];
	agree(&Op::MaxPool { axes, ceil: false }, &[of(&[1, 1, 3], &[1.0, 2.0, 3.0])]);
}

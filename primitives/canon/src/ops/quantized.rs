//! Quantized primitives: exact integer sums, and exact scales rounded half to even.

use super::{
	axis_of, exactly, is, make, reduction, require, view,
	walk::{walk, Loop},
	window, Inputs, Reach, Stop, Terms, ONE,
};
use crate::{
	arith::{float::requantize, F32},
	graph::Invalid,
	limits::TWO_OPERAND_TERMS,
	op::Op,
	shape::{Coordinates, Shape},
	tensor::{DType, Element, TensorType},
};

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	match op {
		Op::MatMulInteger => {
			let [a, b, a_zero, b_zero] = exactly(operands)?;
			let shape = infer_product([a, a_zero], [b, b_zero])?;
			Ok(TensorType::new(DType::Int32, shape))
		},
		Op::QLinearMatMul => {
			let [a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero] = exactly(operands)?;
			let shape = infer_product([a, a_zero], [b, b_zero])?;
			let rows = shape.extent(shape.rank().wrapping_sub(2));
			let columns = shape.extent(shape.rank().wrapping_sub(1));
			check_scale(a_scale, rows)?;
			check_scale(b_scale, columns)?;
			check_scale(y_scale, rows)?;
			check_zero(y_zero, y_zero.dtype, rows)?;
			Ok(TensorType::new(y_zero.dtype, shape))
		},
		Op::ConvInteger { group, axes } => {
			let [x, w, x_zero, w_zero] = exactly(operands)?;
			let shape = window::convolved(&x.shape, &w.shape, *group, axes)?;
			check_zero(x_zero, x.dtype, 0)?;
			check_zero(w_zero, w.dtype, shape.extent(1))?;
			Ok(TensorType::new(DType::Int32, shape))
		},
		Op::QLinearConv { group, axes } => {
			let (first, bias) = super::with_optional(operands)?;
			let [x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero] = first;
			let shape = window::convolved(&x.shape, &w.shape, *group, axes)?;
			check_zero(x_zero, x.dtype, 0)?;
			check_zero(w_zero, w.dtype, shape.extent(1))?;
			check_zero(y_zero, y_zero.dtype, 0)?;
			check_scale(x_scale, 0)?;
			check_scale(w_scale, shape.extent(1))?;
			check_scale(y_scale, 0)?;
			window::check_bias(bias, DType::Int32, shape.extent(1))?;
			Ok(TensorType::new(y_zero.dtype, shape))
		},
		Op::QuantizeLinear { axis } => {
			let [x, scale, zero] = exactly(operands)?;
			require(matches!(x.dtype, DType::Float32 | DType::Int32), Invalid::OperandType)?;
			check_per_axis(x, scale, zero, *axis)?;
			check_zero(zero, zero.dtype, zero.shape.extent(0))?;
			Ok(TensorType::new(zero.dtype, x.shape.clone()))
		},
		Op::DequantizeLinear { axis } => {
			let [x, scale, zero] = exactly(operands)?;
			let quantized = x.dtype.is_byte_integer() || x.dtype == DType::Int32;
			require(quantized, Invalid::OperandType)?;
			is(zero, x.dtype)?;
			check_per_axis(x, scale, zero, *axis)?;
			make(DType::Float32, x.shape.iter())
		},
		_ => Err(Invalid::BadAttribute),
	}
}

/// Operands with their zero points, and the shape of their product.
fn infer_product(
	[a, a_zero]: [&TensorType; 2],
	[b, b_zero]: [&TensorType; 2],
) -> Result<Shape, Invalid> {
	let shape = reduction::product_shape(&a.shape, &b.shape)?;
	check_zero(a_zero, a.dtype, shape.extent(shape.rank().wrapping_sub(2)))?;
	check_zero(b_zero, b.dtype, shape.extent(shape.rank().wrapping_sub(1)))?;
	Ok(shape)
}

/// Whether a parameter is a scalar or a vector of this length. Length 0 allows a scalar alone.
fn check_parameter(parameter: &TensorType, length: u64) -> Result<(), Invalid> {
	let vector = length > 0 && parameter.shape.rank() == 1 && parameter.shape.extent(0) == length;
	require(parameter.shape.rank() == 0 || vector, Invalid::OperandShape)
}

/// Whether a zero point fits an 8-bit type.
fn check_zero(zero: &TensorType, dtype: DType, length: u64) -> Result<(), Invalid> {
	require(dtype.is_byte_integer(), Invalid::OperandType)?;
	is(zero, dtype)?;
	check_parameter(zero, length)
}

fn check_scale(scale: &TensorType, length: u64) -> Result<(), Invalid> {
	is(scale, DType::Float32)?;
	check_parameter(scale, length)
}

/// Whether scale and zero point are both scalars, or both vectors along the axis.
fn check_per_axis(
	x: &TensorType,
	scale: &TensorType,
	zero: &TensorType,
	axis: u8,
) -> Result<(), Invalid> {
	let length = if scale.shape.rank() == 0 {
		require(axis == 0, Invalid::BadAttribute)?;
		0
	} else {
		x.shape.extent(axis_of(&x.shape, axis)?)
	};
	check_scale(scale, length)?;
	require(zero.shape == scale.shape, Invalid::OperandShape)
}

/// See [`super::terms`].
pub fn terms(op: &Op, operands: &[TensorType]) -> Terms {
	match op {
		Op::MatMulInteger | Op::QLinearMatMul => {
			let inner = operands.first().map_or(1, |a| a.shape.iter().next_back().unwrap_or(1));
			Terms { count: inner, limit: TWO_OPERAND_TERMS }
		},
		Op::ConvInteger { .. } => window::convolution_terms(operands, 1, 4),
		Op::QLinearConv { .. } => window::convolution_terms(operands, 3, 8),
		_ => Terms { count: 1, limit: u64::MAX },
	}
}

/// See [`super::reach`].
pub fn reach(op: &Op, operands: &[TensorType], operand: usize) -> Reach {
	let factor = |kernel: usize| match operand {
		0 => Some(false),
		_ if operand == kernel => Some(true),
		_ => None,
	};
	let kernel = if matches!(op, Op::QLinearMatMul | Op::QLinearConv { .. }) { 3 } else { 1 };
	match (op, factor(kernel)) {
		(Op::MatMulInteger | Op::QLinearMatMul, Some(second)) => {
			let mut reach = ONE;
			let Some(shape) = operands.get(operand).map(|kind| &kind.shape) else { return reach };
			let inner = shape.rank().wrapping_sub(if second { 2 } else { 1 });
			if let Some(span) = reach.get_mut(inner) {
				*span = shape.extent(inner);
			}
			reach
		},
		(Op::ConvInteger { axes, .. } | Op::QLinearConv { axes, .. }, Some(of_kernel)) => {
			window::convolution_reach(axes, operands, 0, kernel, of_kernel)
		},
		_ => ONE,
	}
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	op: &Op,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let (row, column) = (at.get(at.rank().wrapping_sub(2)), at.get(at.rank().wrapping_sub(1)));
	match op {
		Op::MatMulInteger => {
			let sum = product([0, 1], [(2, row), (3, column)], at, inputs)?;
			Ok(Element::integer(DType::Int32, sum))
		},
		Op::QLinearMatMul => {
			let sum = product([0, 3], [(2, row), (5, column)], at, inputs)?;
			requantized(sum, [(1, row), (4, column), (6, row), (7, row)], inputs)
		},
		Op::ConvInteger { group, axes } => {
			let (loops, start) =
				window::convolution_walk(*group, axes, at, view(inputs, 0)?, view(inputs, 1)?)?;
			let sum = sum(&loops, start, [0, 1], [(2, 0), (3, at.get(1))], inputs)?;
			Ok(Element::integer(DType::Int32, sum))
		},
		Op::QLinearConv { group, axes } => {
			let (loops, start) =
				window::convolution_walk(*group, axes, at, view(inputs, 0)?, view(inputs, 3)?)?;
			let channel = at.get(1);
			let mut sum = sum(&loops, start, [0, 3], [(2, 0), (5, channel)], inputs)?;
			if inputs.count() > 8 {
				sum = sum.wrapping_add(parameter(inputs, 8, channel)?.to_i64());
			}
			requantized(sum, [(1, 0), (4, channel), (6, 0), (7, 0)], inputs)
		},
		Op::QuantizeLinear { axis } => {
			let x = super::read_at(inputs, 0, at)?;
			let scale = parameter(inputs, 1, at.get(usize::from(*axis)))?.to_f32();
			let zero = parameter(inputs, 2, at.get(usize::from(*axis)))?;
			let steps = if x.dtype() == DType::Float32 {
				x.to_f32().quantize(scale)
			} else {
				requantize(x.to_i64(), F32::ONE, F32::ONE, scale)
			};
			Ok(Element::saturated(zero.dtype(), steps.saturating_add(zero.to_i64())))
		},
		Op::DequantizeLinear { axis } => {
			let x = super::read_at(inputs, 0, at)?.to_i64();
			let scale = parameter(inputs, 1, at.get(usize::from(*axis)))?.to_f32();
			let zero = parameter(inputs, 2, at.get(usize::from(*axis)))?.to_i64();
			// Both are 32 bits at most.
			Ok(Element::float(F32::dequantize(x.wrapping_sub(zero), scale)))
		},
		_ => Err(Stop::Malformed),
	}
}

/// A parameter that is a scalar or a vector.
fn parameter<I: Inputs + ?Sized>(
	inputs: &mut I,
	operand: usize,
	index: u64,
) -> Result<Element, Stop> {
	let place = view(inputs, operand)?.stride(0).wrapping_mul(index);
	inputs.read(operand, place)
}

fn product<I: Inputs + ?Sized>(
	[left, right]: [usize; 2],
	zeros: [(usize, u64); 2],
	at: &Coordinates,
	inputs: &mut I,
) -> Result<i64, Stop> {
	let (along, start) = reduction::matrix_walk(at, view(inputs, left)?, view(inputs, right)?);
	sum(&[along], start, [left, right], zeros, inputs)
}

/// The sum of products of differences to the zero points. At most 2^15 terms below 2^17 in
/// magnitude: it never wraps.
fn sum<I: Inputs + ?Sized>(
	loops: &[Loop],
	start: [u64; 2],
	[left, right]: [usize; 2],
	[(left_zero, left_index), (right_zero, right_index)]: [(usize, u64); 2],
	inputs: &mut I,
) -> Result<i64, Stop> {
	let left_zero = parameter(inputs, left_zero, left_index)?.to_i64();
	let right_zero = parameter(inputs, right_zero, right_index)?.to_i64();
	let mut sum = 0_i64;
	walk(loops, start, &mut |a, b| {
		let a = inputs.read(left, a)?.to_i64().wrapping_sub(left_zero);
		let b = inputs.read(right, b)?.to_i64().wrapping_sub(right_zero);
		sum = sum.wrapping_add(a.wrapping_mul(b));
		Ok(())
	})?;
	Ok(sum)
}

/// The sum on the output's scale. Parameters: the scales of both operands and the output, and the
/// zero point of the output.
fn requantized<I: Inputs + ?Sized>(
	sum: i64,
	[left, right, output, zero]: [(usize, u64); 4],
	inputs: &mut I,
) -> Result<Element, Stop> {
	let mut read = |(operand, index)| parameter(inputs, operand, index);
	let (left, right) = (read(left)?.to_f32(), read(right)?.to_f32());
	let (output, zero) = (read(output)?.to_f32(), read(zero)?);
	let steps = requantize(sum, left, right, output);
	Ok(Element::saturated(zero.dtype(), steps.saturating_add(zero.to_i64())))
}

//! Quantized operators: mostly primitives, their parameters completed.

use assay_canon::{op::Op, symbol::Dim, tensor::DType};

use super::{
	linear::{group, kernel_of, window},
	reduce::{reduce, Kind},
	Call,
};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let value = match call.operator {
		"QuantizeLinear" => quantize(e, call)?,
		"DequantizeLinear" => dequantize(e, call)?,
		"DynamicQuantizeLinear" => return dynamic_quantize(e, call).map(Some),
		"MatMulInteger" => mat_mul_integer(e, call)?,
		"ConvInteger" => conv_integer(e, call)?,
		"QLinearMatMul" => qlinear_mat_mul(e, call)?,
		"QLinearConv" => qlinear_conv(e, call)?,
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// A scalar, if there is but one element; else as it is.
fn parameter(e: &mut Emitter, value: Value) -> Made {
	let one = e.dims(value)?.iter().all(|dim| *dim == Dim::constant(1));
	if one {
		e.reshape(value, &[])
	} else {
		Ok(value)
	}
}

/// The zero point that is given, or 0.
fn zero_point(e: &mut Emitter, given: Option<Value>, dtype: DType) -> Made {
	match given {
		Some(value) => parameter(e, value),
		None => e.integer(dtype, 0),
	}
}

/// Scale and zero point of one length, and the axis they lie along.
fn scaling(e: &mut Emitter, call: &Call, dtype: DType) -> Result<(Value, Value, u8), Refusal> {
	if call.attributes.int("block_size", 0)? != 0 {
		return Err(Refusal::Unsupported("quantization in blocks"));
	}
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let axis = call.attributes.int("axis", 1)?;
	let scale = parameter(e, call.input(1)?)?;
	if e.dtype(scale)? != DType::Float32 {
		return Err(Refusal::Unsupported("a scale that is not float32"));
	}
	let mut zero = zero_point(e, call.maybe(2), dtype)?;
	if e.rank(scale)? == 0 {
		return Ok((scale, zero, 0));
	}
	if e.rank(scale)? != 1 {
		return Err(Refusal::Unsupported("quantization in blocks"));
	}
	let dims = e.dims(scale)?;
	zero = e.expand(zero, &dims)?;
	Ok((scale, zero, small(super::axis_of(axis, rank)?)?))
}

fn quantize(e: &mut Emitter, call: &Call) -> Made {
	call.attributes.ignore("saturate");
	let output = call.attributes.int("output_dtype", 0)?;
	if call.attributes.int("precision", 0)? > 1 {
		return Err(Refusal::Unsupported("precision"));
	}
	let dtype = match (call.maybe(2), output) {
		(Some(zero), _) => e.dtype(zero)?,
		(None, 0) => DType::Uint8,
		(None, number) => {
			let number = i32::try_from(number).unwrap_or(0);
			crate::onnx::tensor::dtype_of(number).map_err(Refusal::ElementType)?
		},
	};
	let (scale, zero, axis) = scaling(e, call, dtype)?;
	e.push(Op::QuantizeLinear { axis }, &[call.input(0)?, scale, zero])
}

fn dequantize(e: &mut Emitter, call: &Call) -> Made {
	if !matches!(call.attributes.int("output_dtype", 0)?, 0 | 1) {
		return Err(Refusal::Unsupported("output_dtype"));
	}
	let x = call.input(0)?;
	let dtype = e.dtype(x)?;
	let (scale, zero, axis) = scaling(e, call, dtype)?;
	e.push(Op::DequantizeLinear { axis }, &[x, scale, zero])
}

/// Scale and zero point from the least and the greatest element, 0 among them; then x / scale, a
/// float32, to even, plus the zero point, saturated.
fn dynamic_quantize(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let x = call.input(0)?;
	let axes: Vec<usize> = (0..e.rank(x)?).collect();
	let zero = e.float(0.0)?;
	let least = reduce(e, x, Kind::Min, &axes, false)?;
	let least = e.min(least, zero)?;
	let greatest = reduce(e, x, Kind::Max, &axes, false)?;
	let greatest = e.max(greatest, zero)?;
	let span = e.sub(greatest, least)?;
	let steps = e.float(255.0)?;
	let scale = e.div(span, steps)?;
	// Where every element is 0 any scale will do; the quotient must not be 0 / 0.
	let flat = e.equal(span, zero)?;
	let one = e.float(1.0)?;
	let divisor = e.choose(flat, one, scale)?;
	let quotient = e.div(least, divisor)?;
	let negated = e.neg(quotient)?;
	let clipped = e.push(Op::Clip, &[negated, zero, steps])?;
	let rounded = e.round(clipped)?;
	let zero_point = e.cast(rounded, DType::Uint8)?;
	let quotient = e.div(x, divisor)?;
	let steps = e.round(quotient)?;
	let shifted = e.add(steps, rounded)?;
	let y = e.cast(shifted, DType::Uint8)?;
	Ok(vec![y, scale, zero_point])
}

fn mat_mul_integer(e: &mut Emitter, call: &Call) -> Made {
	let (a, b) = (call.input(0)?, call.input(1)?);
	let (type_a, type_b) = (e.dtype(a)?, e.dtype(b)?);
	let a_zero = zero_point(e, call.maybe(2), type_a)?;
	let b_zero = zero_point(e, call.maybe(3), type_b)?;
	matrices(e, a, b, |e, a, b| e.push(Op::MatMulInteger, &[a, b, a_zero, b_zero]))
}

/// A product of operands of which vectors are made matrices.
fn matrices(
	e: &mut Emitter,
	a: Value,
	b: Value,
	product: impl FnOnce(&mut Emitter, Value, Value) -> Made,
) -> Made {
	let (row, column) = (e.rank(a)? == 1, e.rank(b)? == 1);
	let left = if row { e.unsqueeze(a, &[0])? } else { a };
	let right = if column { e.unsqueeze(b, &[1])? } else { b };
	let result = product(e, left, right)?;
	let rank = e.rank(result)?;
	let mut gone = Vec::new();
	if row {
		gone.push(rank.saturating_sub(2));
	}
	if column {
		gone.push(rank.saturating_sub(1));
	}
	e.squeeze(result, &gone)
}

fn conv_integer(e: &mut Emitter, call: &Call) -> Made {
	let (x, w) = (call.input(0)?, call.input(1)?);
	let kernel = kernel_of(e, call, w)?;
	let axes = window(e, call, x, kernel)?.axes;
	let (type_x, type_w) = (e.dtype(x)?, e.dtype(w)?);
	let x_zero = zero_point(e, call.maybe(2), type_x)?;
	let w_zero = zero_point(e, call.maybe(3), type_w)?;
	e.push(Op::ConvInteger { group: group(call)?, axes }, &[x, w, x_zero, w_zero])
}

/// The parameters of `count` operands from `start` on, single ones made scalars.
fn parameters(e: &mut Emitter, call: &Call, numbers: &[usize]) -> Result<Vec<Value>, Refusal> {
	let mut operands = Vec::new();
	for number in 0..8 {
		let value = call.input(number)?;
		operands.push(if numbers.contains(&number) { parameter(e, value)? } else { value });
	}
	for scale in [1, 4, 6] {
		if e.dtype(call.input(scale)?)? != DType::Float32 {
			return Err(Refusal::Unsupported("a scale that is not float32"));
		}
	}
	Ok(operands)
}

fn qlinear_mat_mul(e: &mut Emitter, call: &Call) -> Made {
	let operands = parameters(e, call, &[1, 2, 4, 5, 6, 7])?;
	let (a, b) = (call.input(0)?, call.input(3)?);
	matrices(e, a, b, |e, a, b| {
		let replaced = |(at, value): (usize, &Value)| match at {
			0 => a,
			3 => b,
			_ => *value,
		};
		let operands: Vec<Value> = operands.iter().enumerate().map(replaced).collect();
		e.push(Op::QLinearMatMul, &operands)
	})
}

fn qlinear_conv(e: &mut Emitter, call: &Call) -> Made {
	let mut operands = parameters(e, call, &[1, 2, 4, 5, 6, 7])?;
	let (x, w) = (call.input(0)?, call.input(3)?);
	let kernel = kernel_of(e, call, w)?;
	let axes = window(e, call, x, kernel)?.axes;
	operands.extend(call.maybe(8));
	e.push(Op::QLinearConv { group: group(call)?, axes }, &operands)
}

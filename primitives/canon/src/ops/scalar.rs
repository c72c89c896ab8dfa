//! Primitives that compute one element from one element of each operand.

use core::cmp::Ordering;

use super::{exactly, is, read_broadcast, require, Inputs, Stop};
use crate::{
	arith::{elementary, F32},
	graph::Invalid,
	op::Op,
	shape::Coordinates,
	tensor::{DType, Element, TensorType},
};

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	match op {
		Op::Clip => {
			let [x, low, high] = exactly(operands)?;
			require(is_number(x.dtype), Invalid::OperandType)?;
			for bound in [low, high] {
				is(bound, x.dtype)?;
				require(bound.shape.rank() == 0, Invalid::OperandShape)?;
			}
			Ok(x.clone())
		},
		Op::PRelu => {
			let [x, slope] = exactly(operands)?;
			require(is_number(x.dtype), Invalid::OperandType)?;
			is(slope, x.dtype)?;
			require(slope.shape.broadcasts_to(&x.shape), Invalid::OperandShape)?;
			Ok(x.clone())
		},
		_ if operand_count(op) == 1 => {
			let [x] = exactly(operands)?;
			require(takes(op, x.dtype), Invalid::OperandType)?;
			Ok(TensorType::new(output_type(op, x.dtype), x.shape.clone()))
		},
		_ => {
			let [a, b] = exactly(operands)?;
			require(takes(op, a.dtype), Invalid::OperandType)?;
			is(b, a.dtype)?;
			let shape = a.shape.broadcast(&b.shape).ok_or(Invalid::OperandShape)?;
			Ok(TensorType::new(output_type(op, a.dtype), shape))
		},
	}
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	op: &Op,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let a = read_broadcast(inputs, 0, at)?;
	match op {
		Op::Clip => {
			let (low, high) = (inputs.read(1, 0)?, inputs.read(2, 0)?);
			Ok(lesser(high, greater(low, a)))
		},
		Op::PRelu => {
			let slope = read_broadcast(inputs, 1, at)?;
			if compare(a, Element::zero(a.dtype())) == Some(Ordering::Less) {
				binary(&Op::Mul, a, slope)
			} else {
				Ok(a)
			}
		},
		_ if operand_count(op) == 1 => unary(op, a),
		_ => {
			let b = read_broadcast(inputs, 1, at)?;
			binary(op, a, b)
		},
	}
}

/// Number of operands of a primitive other than Clip and PRelu.
const fn operand_count(op: &Op) -> usize {
	match op {
		Op::Add
		| Op::Sub
		| Op::Mul
		| Op::Div
		| Op::Mod { .. }
		| Op::Min
		| Op::Max
		| Op::Equal
		| Op::Less
		| Op::LessOrEqual
		| Op::Greater
		| Op::GreaterOrEqual
		| Op::And
		| Op::Or
		| Op::Xor
		| Op::BitAnd
		| Op::BitOr
		| Op::BitXor
		| Op::ShiftLeft
		| Op::ShiftRight => 2,
		_ => 1,
	}
}

/// Every type but bool.
fn is_number(dtype: DType) -> bool {
	dtype != DType::Bool
}

/// Whether the primitive takes operands of this type.
fn takes(op: &Op, dtype: DType) -> bool {
	match op {
		Op::Cast { .. } | Op::Equal => true,
		Op::And | Op::Or | Op::Xor | Op::Not => dtype == DType::Bool,
		Op::BitAnd | Op::BitOr | Op::BitXor | Op::BitNot | Op::ShiftLeft | Op::ShiftRight => {
			dtype.is_integer()
		},
		Op::Mod { truncated } => dtype.is_integer() || *truncated && dtype == DType::Float32,
		Op::Sqrt
		| Op::Reciprocal
		| Op::LeakyRelu { .. }
		| Op::Floor
		| Op::Ceil
		| Op::Round
		| Op::IsNaN
		| Op::IsInf { .. }
		| Op::Exp
		| Op::Log
		| Op::Erf
		| Op::Tanh
		| Op::Sin
		| Op::Cos => dtype == DType::Float32,
		_ => is_number(dtype),
	}
}

fn output_type(op: &Op, dtype: DType) -> DType {
	match op {
		Op::Cast { to } => *to,
		Op::Equal
		| Op::Less
		| Op::LessOrEqual
		| Op::Greater
		| Op::GreaterOrEqual
		| Op::IsNaN
		| Op::IsInf { .. } => DType::Bool,
		_ => dtype,
	}
}

fn unary(op: &Op, x: Element) -> Result<Element, Stop> {
	match op {
		Op::Cast { to } => Ok(cast(x, *to)),
		Op::Not => Ok(Element::bool(!x.is_true())),
		Op::BitNot => Ok(Element::from_bits(x.dtype(), !x.bits())),
		_ if x.dtype() == DType::Float32 => unary_float(op, x.to_f32()),
		_ => unary_integer(op, x),
	}
}

fn unary_float(op: &Op, x: F32) -> Result<Element, Stop> {
	let value = match op {
		Op::Neg => x.neg(),
		Op::Abs => x.abs(),
		Op::Sqrt => x.sqrt(),
		Op::Reciprocal => F32::ONE.div(x),
		Op::Relu => x.max(F32::ZERO),
		Op::LeakyRelu { alpha } if x.compare(F32::ZERO) == Some(Ordering::Less) => {
			x.mul(F32::from_bits(*alpha))
		},
		Op::LeakyRelu { .. } => x,
		Op::Floor => x.floor(),
		Op::Ceil => x.ceil(),
		Op::Round => x.round_half_even(),
		Op::Sign => x.sign(),
		Op::IsNaN => return Ok(Element::bool(x.is_nan())),
		Op::IsInf { negative, positive } => {
			let counted = if x.is_negative() { *negative } else { *positive };
			return Ok(Element::bool(x.is_infinite() && counted));
		},
		Op::Exp => elementary::exp(x),
		Op::Log => elementary::log(x),
		Op::Erf => elementary::erf(x),
		Op::Tanh => elementary::tanh(x),
		Op::Sin => elementary::sin(x),
		Op::Cos => elementary::cos(x),
		_ => return Err(Stop::Malformed),
	};
	Ok(Element::float(value))
}

fn unary_integer(op: &Op, x: Element) -> Result<Element, Stop> {
	let value = x.to_i64();
	let result = match op {
		Op::Neg => value.wrapping_neg(),
		Op::Abs => value.wrapping_abs(),
		Op::Relu => value.max(0),
		Op::Sign => value.signum(),
		_ => return Err(Stop::Malformed),
	};
	Ok(Element::integer(x.dtype(), result))
}

/// A primitive of two operands of one type.
pub(super) fn binary(op: &Op, a: Element, b: Element) -> Result<Element, Stop> {
	let ordering = || compare(a, b);
	match op {
		Op::Min => Ok(lesser(a, b)),
		Op::Max => Ok(greater(a, b)),
		Op::Equal => Ok(Element::bool(ordering() == Some(Ordering::Equal))),
		Op::Less => Ok(Element::bool(ordering() == Some(Ordering::Less))),
		Op::LessOrEqual => Ok(Element::bool(ordering().is_some_and(Ordering::is_le))),
		Op::Greater => Ok(Element::bool(ordering() == Some(Ordering::Greater))),
		Op::GreaterOrEqual => Ok(Element::bool(ordering().is_some_and(Ordering::is_ge))),
		_ if a.dtype() == DType::Float32 => binary_float(op, a.to_f32(), b.to_f32()),
		_ => binary_integer(op, a, b),
	}
}

fn binary_float(op: &Op, a: F32, b: F32) -> Result<Element, Stop> {
	let value = match op {
		Op::Add => a.add(b),
		Op::Sub => a.sub(b),
		Op::Mul => a.mul(b),
		Op::Div => a.div(b),
		Op::Mod { truncated: true } => a.rem(b),
		_ => return Err(Stop::Malformed),
	};
	Ok(Element::float(value))
}

/// Integers wrap: arithmetic modulo 2^64, then modulo the type's range. Bools are bits.
fn binary_integer(op: &Op, a: Element, b: Element) -> Result<Element, Stop> {
	let dtype = a.dtype();
	let (left, right) = (a.to_i64(), b.to_i64());
	let value = match op {
		Op::Add => left.wrapping_add(right),
		Op::Sub => left.wrapping_sub(right),
		Op::Mul => left.wrapping_mul(right),
		Op::Div | Op::Mod { .. } if right == 0 => return Err(Stop::Fault),
		Op::Div => left.checked_div(right).unwrap_or(left.wrapping_neg()),
		Op::Mod { truncated: true } => left.checked_rem(right).unwrap_or(0),
		Op::Mod { truncated: false } => floored_remainder(left, right),
		Op::And | Op::BitAnd => left & right,
		Op::Or | Op::BitOr => left | right,
		Op::Xor | Op::BitXor => left ^ right,
		Op::ShiftLeft => return Ok(shift(a, b, u64::checked_shl)),
		Op::ShiftRight => return Ok(shift(a, b, u64::checked_shr)),
		_ => return Err(Stop::Malformed),
	};
	Ok(Element::integer(dtype, value))
}

/// The remainder whose sign is the divisor's. `right` is not 0.
fn floored_remainder(left: i64, right: i64) -> i64 {
	let rest = left.checked_rem(right).unwrap_or(0);
	if rest != 0 && (rest < 0) != (right < 0) {
		// Opposite signs: no overflow.
		rest.wrapping_add(right)
	} else {
		rest
	}
}

/// The zero-extended bits moved; 0 if the distance is negative or not below the width.
fn shift(a: Element, b: Element, by: fn(u64, u32) -> Option<u64>) -> Element {
	let width = (a.dtype().size() as u64).saturating_mul(8);
	let distance = u64::try_from(b.to_i64()).ok().filter(|distance| *distance < width);
	let moved = distance.and_then(|distance| by(a.bits(), distance as u32));
	Element::from_bits(a.dtype(), moved.unwrap_or(0))
}

/// The IEEE or integer comparison of elements of one type.
fn compare(a: Element, b: Element) -> Option<Ordering> {
	if a.dtype() == DType::Float32 {
		a.to_f32().compare(b.to_f32())
	} else {
		Some(a.to_i64().cmp(&b.to_i64()))
	}
}

/// The lesser of elements of one type (PROTOCOL P1.6).
pub(super) fn lesser(a: Element, b: Element) -> Element {
	if a.dtype() == DType::Float32 {
		Element::float(a.to_f32().min(b.to_f32()))
	} else if a.to_i64() <= b.to_i64() {
		a
	} else {
		b
	}
}

/// The greater of elements of one type (PROTOCOL P1.6).
pub(super) fn greater(a: Element, b: Element) -> Element {
	if a.dtype() == DType::Float32 {
		Element::float(a.to_f32().max(b.to_f32()))
	} else if a.to_i64() >= b.to_i64() {
		a
	} else {
		b
	}
}

/// The element as another type: float32 to integer saturates toward zero, NaN to 0; integer to
/// integer keeps the low bits; to bool is whether it is not zero.
fn cast(x: Element, to: DType) -> Element {
	match (x.dtype(), to) {
		(DType::Float32, DType::Float32) => x,
		(DType::Float32, DType::Bool) => Element::bool(!x.to_f32().is_zero()),
		(DType::Float32, _) => Element::saturated(to, x.to_f32().to_i64_saturating()),
		_ => Element::integer(to, x.to_i64()),
	}
}

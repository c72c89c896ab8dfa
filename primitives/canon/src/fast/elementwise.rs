//! Scalar primitives.

use super::{
	elementary,
	job::Job,
	scalar::{binary, elements, unary, Number},
};
use crate::{op::Op, tensor::DType};

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	match &job.node.op {
		Op::Cast { to } => cast(job, *to),
		Op::And => binary(job, |a: bool, b: bool| a & b),
		Op::Or => binary(job, |a: bool, b: bool| a | b),
		Op::Xor => binary(job, |a: bool, b: bool| a ^ b),
		Op::Not => unary(job, |x: bool| !x),
		op => match job.operands.first()?.dtype() {
			DType::Float32 => float(op, job),
			DType::Int8 => integer::<i8>(op, job),
			DType::Uint8 => integer::<u8>(op, job),
			DType::Int32 => integer::<i32>(op, job),
			DType::Int64 => integer::<i64>(op, job),
			DType::Bool => match op {
				Op::Equal => binary(job, |a: bool, b: bool| a == b),
				_ => None,
			},
		},
	}
}

fn float(op: &Op, job: &Job) -> Option<Vec<u8>> {
	match op {
		Op::Add => binary(job, |a: f32, b: f32| a + b),
		Op::Sub => binary(job, |a: f32, b: f32| a - b),
		Op::Mul => binary(job, |a: f32, b: f32| a * b),
		Op::Div => binary(job, |a: f32, b: f32| a / b),
		Op::Mod { truncated: true } => binary(job, |a: f32, b: f32| a % b),
		Op::Min => binary(job, lesser),
		Op::Max => binary(job, greater),
		Op::Equal => binary(job, |a: f32, b: f32| a == b),
		Op::Less => binary(job, |a: f32, b: f32| a < b),
		Op::LessOrEqual => binary(job, |a: f32, b: f32| a <= b),
		Op::Greater => binary(job, |a: f32, b: f32| a > b),
		Op::GreaterOrEqual => binary(job, |a: f32, b: f32| a >= b),
		Op::PRelu => binary(job, |x: f32, slope: f32| if x < 0.0 { x * slope } else { x }),
		Op::Neg => unary(job, |x: f32| -x),
		Op::Abs => unary(job, f32::abs),
		Op::Sqrt => unary(job, f32::sqrt),
		Op::Reciprocal => unary(job, |x: f32| 1.0 / x),
		Op::Relu => unary(job, |x: f32| greater(x, 0.0)),
		Op::LeakyRelu { alpha } => {
			let alpha = f32::from_bits(*alpha);
			unary(job, move |x: f32| if x < 0.0 { x * alpha } else { x })
		},
		Op::Clip => {
			let bound = |operand: usize| {
				Some(f32::read(elements::<f32>(job.operands.get(operand)?)?.first()?))
			};
			let (low, high) = (bound(1)?, bound(2)?);
			unary(job, move |x: f32| lesser(high, greater(low, x)))
		},
		Op::Floor => unary(job, f32::floor),
		Op::Ceil => unary(job, f32::ceil),
		Op::Round => unary(job, f32::round_ties_even),
		Op::Sign => unary(job, |x: f32| {
			if x > 0.0 {
				1.0
			} else if x < 0.0 {
				-1.0
			} else if x.is_nan() {
				x
			} else {
				0.0_f32
			}
		}),
		Op::IsNaN => unary(job, f32::is_nan),
		Op::IsInf { negative, positive } => {
			let (negative, positive) = (*negative, *positive);
			unary(job, move |x: f32| {
				x == f32::INFINITY && positive || x == f32::NEG_INFINITY && negative
			})
		},
		_ => elementary::run(op, job),
	}
}

/// The greater of two values: NaN if either is, +0 above −0.
#[inline]
pub(super) fn greater(a: f32, b: f32) -> f32 {
	if a.is_nan() | b.is_nan() {
		f32::NAN
	} else if a > b {
		a
	} else if b > a {
		b
	} else {
		// The same bits, or zeros of which one may be +0.
		f32::from_bits(a.to_bits() & b.to_bits())
	}
}

/// The lesser of two values: NaN if either is, −0 below +0.
#[inline]
pub(super) fn lesser(a: f32, b: f32) -> f32 {
	if a.is_nan() | b.is_nan() {
		f32::NAN
	} else if a < b {
		a
	} else if b < a {
		b
	} else {
		// The same bits, or zeros of which one may be −0.
		f32::from_bits(a.to_bits() | b.to_bits())
	}
}

/// An integer type that wraps.
pub(super) trait Integer: Number + Ord + Default {
	/// The sum.
	fn plus(self, other: Self) -> Self;
	/// The difference.
	fn minus(self, other: Self) -> Self;
	/// The product.
	fn times(self, other: Self) -> Self;
}

macro_rules! integer {
	($($native:ty),*) => {
		$(impl Integer for $native {
			#[inline]
			fn plus(self, other: Self) -> Self {
				self.wrapping_add(other)
			}

			#[inline]
			fn minus(self, other: Self) -> Self {
				self.wrapping_sub(other)
			}

			#[inline]
			fn times(self, other: Self) -> Self {
				self.wrapping_mul(other)
			}
		})*
	};
}

integer!(i8, u8, i32, i64);

fn integer<T: Integer>(op: &Op, job: &Job) -> Option<Vec<u8>> {
	match op {
		Op::Add => binary(job, T::plus),
		Op::Sub => binary(job, T::minus),
		Op::Mul => binary(job, T::times),
		Op::Min => binary(job, |a: T, b: T| a.min(b)),
		Op::Max => binary(job, |a: T, b: T| a.max(b)),
		Op::Equal => binary(job, |a: T, b: T| a == b),
		Op::Less => binary(job, |a: T, b: T| a < b),
		Op::LessOrEqual => binary(job, |a: T, b: T| a <= b),
		Op::Greater => binary(job, |a: T, b: T| a > b),
		Op::GreaterOrEqual => binary(job, |a: T, b: T| a >= b),
		Op::Relu => unary(job, |x: T| x.max(T::default())),
		_ => None,
	}
}

fn cast(job: &Job, to: DType) -> Option<Vec<u8>> {
	macro_rules! from {
		($from:ty, $zero:expr) => {
			match to {
				DType::Float32 => unary(job, |x: $from| x as f32),
				DType::Int8 => unary(job, |x: $from| x as i8),
				DType::Uint8 => unary(job, |x: $from| x as u8),
				DType::Int32 => unary(job, |x: $from| x as i32),
				DType::Int64 => unary(job, |x: $from| x as i64),
				DType::Bool => unary(job, |x: $from| x != $zero),
			}
		};
	}
	match job.operands.first()?.dtype() {
		DType::Float32 => from!(f32, 0.0),
		DType::Int8 => from!(i8, 0),
		DType::Uint8 => from!(u8, 0),
		DType::Int32 => from!(i32, 0),
		DType::Int64 => from!(i64, 0),
		DType::Bool => None,
	}
}

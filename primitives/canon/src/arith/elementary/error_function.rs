//! erf, by its series near zero and by Taylor polynomials around the middles of eighths.

use crate::arith::F32;

use super::{
	enclosure::{Enclosure, Value},
	fixed::parts,
	hyperbolic::odd,
	tables::{erf::TAYLOR, ERROR_FUNCTION},
};

/// 1/2.
const SMALL: u32 = 0x3f00_0000;
/// 4, from which 1 − erf is below 2⁻²⁵, half of the distance to the float32 below one.
const LIMIT: u32 = 0x4080_0000;

pub(super) fn erf(value: F32) -> Value {
	let magnitude = value.abs().to_bits();
	if value.is_nan() || value.is_zero() {
		return Value::Known(value);
	}
	if magnitude >= LIMIT {
		return Value::Known(if value.is_negative() { F32::ONE.neg() } else { F32::ONE });
	}
	// Below 1/2 by x·2/√π·(1 − x²/3 + x⁴/10 − …), 21 terms: the rest is below 2⁻¹¹², and the
	// error of the sum, which is above 1, below 2⁻¹²⁴.
	let enclosure =
		if magnitude < SMALL { odd(parts(value), &ERROR_FUNCTION) } else { taylor(value) };
	Value::Within(enclosure.with_sign(value.is_negative()))
}

/// From 1/2 to 4, where erf is above 1/2.
///
/// x is a multiple of 2⁻²⁴, and t, its distance from the middle of its eighth, at most 2⁻⁴. The
/// polynomial ends with t²¹. By Cramér's inequality for Hermite polynomials the coefficient of tⁿ
/// is at most 1.23·√(2ⁿ⁻¹·(n − 1)!)/n!, so what is left out is below 2⁻¹¹³. Each step of the sum
/// has an error below 2⁻¹⁰⁴·2⁻⁴, from the 22 bits dropped so that the product with at most 2²⁰
/// fits, and 2⁻⁴ times that of the step before: below 2⁻¹⁰⁷ in all.
fn taylor(value: F32) -> Enclosure {
	let argument = parts(value);
	// In units of 2⁻²⁴, below 2²⁶.
	let scaled = super::fixed::shift(argument.significand, argument.exponent.wrapping_sub(104));
	let scaled = scaled as i64;
	let eighth = scaled >> 21;
	let offset = (scaled & 0x1f_ffff).wrapping_sub(1 << 20);
	let row = eighth.wrapping_sub(4) as usize;
	let coefficients = TAYLOR.get(row).map(|row| row.as_slice()).unwrap_or_default();
	// No coefficient or sum is above 1.1 in magnitude, which 2¹²⁷ is 2 of.
	let sum = coefficients.iter().rev().fold(0_i128, |sum, coefficient| {
		((sum >> 22).wrapping_mul(offset.into()) >> 2).wrapping_add(*coefficient)
	});
	Enclosure::positive(sum.unsigned_abs(), -126)
}

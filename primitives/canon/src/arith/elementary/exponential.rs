//! exp, as a power of two times 2^(i/64) times the exponential of less than 1/64 ln 2.

use crate::arith::F32;

use super::{
	enclosure::{Enclosure, Value},
	fixed::{multiply_high, parts, shift, sum, Parts},
	tables::{EXPONENTIAL, POWERS, STEP, STEPS},
};

/// 104: above 104 the result is infinite, below −104 it is less than half of the least subnormal.
const LIMIT: u32 = 0x42d0_0000;

pub(super) fn exp(value: F32) -> Value {
	let magnitude = value.abs().to_bits();
	if value.is_nan() {
		Value::Known(F32::NAN)
	} else if value.is_zero() {
		Value::Known(F32::ONE)
	} else if magnitude < LIMIT {
		let Power { fraction, exponent } = power(parts(value));
		// 2⁻¹²⁶ being the fraction's unit.
		Value::Within(Enclosure::positive(fraction, exponent.wrapping_sub(126)))
	} else if value.is_negative() {
		Value::Known(F32::ZERO)
	} else {
		Value::Known(F32::INFINITY)
	}
}

/// `fraction`·2^(`exponent` − 126), the fraction lying from 2¹²⁶ to 1.02 times 2¹²⁷.
pub(super) struct Power {
	pub fraction: u128,
	pub exponent: i32,
}

/// e to the power of a number below 128 in magnitude, with a relative error below 2⁻¹¹⁴.
///
/// With k the whole number of times that ln 2/64 goes into x, and r the rest, x = k·ln 2/64 + r
/// and exp(x) = 2^(k/64)·exp(r). Estimating k slightly too small keeps r above zero:
///
/// - x·64/ln 2 is computed in units of 2⁻⁹⁶ from x in units of 2⁻⁴⁸. Its error is below 100·2⁻⁴⁸
///   from x, below 2⁻⁴² from the constant, and 2⁻²⁰ is subtracted.
/// - r is computed modulo one, in units of 2⁻¹²⁸. |k| is below 2¹⁴, so the error is below 2¹³
///   units from the constant and one from x: 2⁻¹¹⁴·⁹ in all.
/// - The polynomial ends with r¹³/13!; r is below 2⁻⁶·⁵, so what is left out is below 2⁻¹²⁶.
/// - Two products, by the table and within the polynomial, add less than 2⁻¹²².
pub(super) fn power(argument: Parts) -> Power {
	let Parts { negative, significand, exponent } = argument;
	// In units of 2⁻⁴⁸ at most 2⁵⁵, so that neither this nor the product below overflows.
	let coarse = shift(significand, exponent.wrapping_sub(80)) as i128;
	let fine = shift(significand, exponent);
	let (coarse, fine) =
		if negative { (coarse.wrapping_neg(), fine.wrapping_neg()) } else { (coarse, fine) };
	let steps = coarse.wrapping_mul(STEPS).wrapping_sub(1 << 76) >> 96;
	let rest = fine.wrapping_sub(steps.cast_unsigned().wrapping_mul(STEP));
	let index = steps & 63;
	let table = POWERS.get(index as usize).copied().unwrap_or_default();
	Power { fraction: multiply_high(sum(&EXPONENTIAL, rest), table), exponent: (steps >> 6) as i32 }
}

//! tanh, by its series near zero and as (1 − u)/(1 + u) with u = exp(−2x) elsewhere.

use crate::arith::F32;

use super::{
	enclosure::{Enclosure, Value},
	exponential::power,
	fixed::{alternating_sum, multiply_high, parts, reciprocal, shift, Parts},
	tables::TANGENT,
};

/// 1/16.
const SMALL: u32 = 0x3d80_0000;
/// 10, from which 1 − tanh is below 2⁻²⁷, a quarter of the distance to the next float32.
const LIMIT: u32 = 0x4120_0000;
/// One in units of 2⁻¹²⁷.
const ONE: u128 = 1 << 127;

pub(super) fn tanh(value: F32) -> Value {
	let magnitude = value.abs().to_bits();
	if value.is_nan() || value.is_zero() {
		return Value::Known(value);
	}
	if magnitude >= LIMIT {
		return Value::Known(if value.is_negative() { F32::ONE.neg() } else { F32::ONE });
	}
	let argument = parts(value);
	let enclosure = if magnitude < SMALL { series(argument) } else { quotient(argument) };
	Value::Within(enclosure.with_sign(value.is_negative()))
}

/// Below 1/16: thirteen terms of x·(1 − x²/3 + 2x⁴/15 − …), whose coefficients fall by (2/π)², so
/// that the rest is below 2⁻¹²⁰. The error of the sum, which is near one, is below 2⁻¹²⁴.
fn series(argument: Parts) -> Enclosure {
	odd(argument, &TANGENT)
}

/// x times the alternating sum of the coefficients, which are in units of 2⁻¹²⁷, at x², for x from
/// 0 to 1. Adds a relative error below 2⁻¹²³ to that of a sum of at least 1/2.
pub(super) fn odd(argument: Parts, coefficients: &[u128]) -> Enclosure {
	let Parts { significand, exponent, .. } = argument;
	let square = shift(multiply_high(significand, significand), exponent.wrapping_mul(2));
	let sum = alternating_sum(coefficients, square);
	// 2⁻¹²⁸ times 2⁻¹²⁷ is the unit of the full product.
	Enclosure::positive(multiply_high(significand, sum), exponent.wrapping_sub(127))
}

/// From 1/16 to 10. u is at most exp(−1/8) = 0.88 and known to within 2⁻¹¹⁴ of itself, so the
/// numerator is known to within 2⁻¹¹¹ of itself; the denominator and the quotient add less than
/// 2⁻¹¹³.
fn quotient(argument: Parts) -> Enclosure {
	let doubled = Parts { negative: true, exponent: argument.exponent.wrapping_add(1), ..argument };
	let power = power(doubled);
	// In units of 2⁻¹²⁷, below one.
	let exponential = shift(power.fraction, power.exponent.wrapping_add(1));
	let numerator = ONE.wrapping_sub(exponential);
	let denominator = ONE.wrapping_add(exponential);
	// At least 2¹²⁶·0.06.
	Enclosure::positive(multiply_high(numerator, reciprocal(denominator)), -126)
}

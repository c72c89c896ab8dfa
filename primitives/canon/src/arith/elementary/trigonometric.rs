//! sin and cos, reduced modulo π/2 by the method of Payne and Hanek, then by their series.

use crate::arith::F32;

use super::{
	enclosure::{Enclosure, Value},
	fixed::{alternating_sum, multiply_high, parts, shift, Parts},
	hyperbolic::odd,
	tables::{COSINE, QUARTER_PI, SINE, TWO_OVER_PI},
};

/// The greatest float32 below π/4.
const SMALL: u32 = 0x3f49_0fda;

pub(super) fn sin(value: F32) -> Value {
	if value.is_zero() {
		return Value::Known(value);
	}
	if !value.is_finite() {
		return Value::Known(F32::NAN);
	}
	// sin(−x) = −sin(x), so the sign of the argument turns that of the result.
	let Angle { quadrant, rest } = reduce(value);
	let enclosure = if quadrant & 1 == 0 { sine(rest) } else { cosine(rest) };
	Value::Within(
		enclosure.with_sign(enclosure.negative ^ (quadrant & 2 != 0) ^ value.is_negative()),
	)
}

pub(super) fn cos(value: F32) -> Value {
	if value.is_zero() {
		return Value::Known(F32::ONE);
	}
	if !value.is_finite() {
		return Value::Known(F32::NAN);
	}
	let Angle { quadrant, rest } = reduce(value);
	// cos(q·π/2 + r) = sin((q + 1)·π/2 + r).
	let quadrant = quadrant.wrapping_add(1);
	let enclosure = if quadrant & 1 == 0 { sine(rest) } else { cosine(rest) };
	Value::Within(enclosure.with_sign(enclosure.negative ^ (quadrant & 2 != 0)))
}

/// A magnitude as `quadrant`·π/2 + `rest` modulo 2π, the rest being at most π/4 in magnitude.
struct Angle {
	/// Modulo four.
	quadrant: u64,
	/// With a relative error below 2⁻¹²⁰.
	rest: Parts,
}

/// Reduces the magnitude of a finite value other than zero.
///
/// With x = m·2ᵉ, m below 2²⁴, the bits of 2/π of weight 2^(2−e) and more add multiples of four
/// to x·2/π and are left out. The 192 bits after those, times m, are x·2/π modulo four in units of
/// 2⁻¹⁹⁰, with an error below m units: 2⁻¹⁶⁶. By the continued fractions of 2/π·2ᵉ, for each e,
/// x·2/π comes no nearer to an integer than 2⁻³⁰, so that the rest's relative error is below
/// 2⁻¹³⁶, to which 128 bits of it and the product by π/4 add less than 2⁻¹²⁴.
fn reduce(value: F32) -> Angle {
	let argument = Parts { negative: false, ..parts(value) };
	if value.abs().to_bits() <= SMALL {
		return Angle { quadrant: 0, rest: argument };
	}
	let [high, middle, low] = fraction(argument);
	let quadrant = high >> 62;
	let words = u128::from(high) << 64 | u128::from(middle);
	let (upper, lower) = (words << 2 | u128::from(low >> 62), low << 2);
	// Above one half, from the next quadrant back. The complement is one unit of 2⁻¹⁹² too small.
	let negative = upper >> 127 == 1;
	let (upper, lower) = if negative { (!upper, !lower) } else { (upper, lower) };
	let zeros = upper.leading_zeros();
	let filled = u128::from(lower).wrapping_shl(zeros) >> 64;
	let normal = upper.wrapping_shl(zeros) | filled;
	// π/2 is two times π/4.
	let significand = multiply_high(normal, QUARTER_PI);
	let exponent = 1_i32.wrapping_sub(zeros.cast_signed());
	Angle {
		quadrant: quadrant.wrapping_add(negative.into()),
		rest: Parts { negative, significand, exponent },
	}
}

/// x·2/π modulo four, as 192 bits of which two are before the point, for x from π/4 up.
fn fraction(argument: Parts) -> [u64; 3] {
	let significand = argument.significand >> 104;
	// e + 62: the bit of the table, which begins with 64 zeros, that weighs two when times 2ᵉ.
	// From 38 to 166, as e, which is 24 less than the exponent, goes from −24 to 104.
	let bit = argument.exponent.wrapping_add(38).cast_unsigned();
	let word = |index: usize| {
		let at = (bit >> 6) as usize;
		u128::from(TWO_OVER_PI.get(at.wrapping_add(index)).copied().unwrap_or_default())
	};
	let window = |index: usize| {
		let pair = word(index) << 64 | word(index.wrapping_add(1));
		pair.wrapping_shl(bit & 63) >> 64
	};
	// A significand of 24 bits leaves room for the carries.
	let low = window(2).wrapping_mul(significand);
	let middle = window(1).wrapping_mul(significand).wrapping_add(low >> 64);
	let high = window(0).wrapping_mul(significand).wrapping_add(middle >> 64);
	[high as u64, middle as u64, low as u64]
}

/// The sine of at most π/4 in magnitude: fourteen terms, which leaves out less than 2⁻¹¹² of it.
fn sine(rest: Parts) -> Enclosure {
	odd(rest, &SINE).with_sign(rest.negative)
}

/// The cosine of at most π/4 in magnitude: fifteen terms, which leaves out less than 2⁻¹¹⁷.
fn cosine(rest: Parts) -> Enclosure {
	let Parts { significand, exponent, .. } = rest;
	let square = shift(multiply_high(significand, significand), exponent.wrapping_mul(2));
	// At least 0.7 in units of 2⁻¹²⁷.
	Enclosure::positive(alternating_sum(&COSINE, square), -127)
}

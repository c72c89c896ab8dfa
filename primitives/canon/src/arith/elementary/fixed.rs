//! Fixed-point arithmetic on 128 bits, and float32 taken apart for it.
//!
//! A "unit" is one in the last place of the number spoken of.

use crate::arith::F32;

/// The high half of a product, at most three units too small and never too large.
#[inline]
pub(super) const fn multiply_high(left: u128, right: u128) -> u128 {
	let (left_high, left_low) = (left >> 64, left & u64::MAX as u128);
	let (right_high, right_low) = (right >> 64, right & u64::MAX as u128);
	// Products of 64-bit halves fit, and the sum is at most the exact high half. Left out are the
	// product of the low halves and the low halves of two products: each less than one unit.
	left_high
		.wrapping_mul(right_high)
		.wrapping_add(left_high.wrapping_mul(right_low) >> 64)
		.wrapping_add(left_low.wrapping_mul(right_high) >> 64)
}

/// c₀ − c₁·z + c₂·z² − …, for coefficients that do not grow and `argument` z in units of 2⁻¹²⁸.
///
/// In units of the coefficients. Each step adds at most four units of error, its coefficient's
/// rounding included, and takes those of the step before times z: at most 4/(1 − z) in all.
#[inline]
pub(super) fn alternating_sum(coefficients: &[u128], argument: u128) -> u128 {
	// No step goes below zero, for the partial sum is at most its first coefficient.
	coefficients
		.iter()
		.rev()
		.fold(0, |sum, coefficient| coefficient.wrapping_sub(multiply_high(sum, argument)))
}

/// c₀ + c₁·z + c₂·z² + …, for a sum below 2¹²⁸ and `argument` z in units of 2⁻¹²⁸.
///
/// In units of the coefficients, with an error of at most 4/(1 − z).
#[inline]
pub(super) fn sum(coefficients: &[u128], argument: u128) -> u128 {
	coefficients
		.iter()
		.rev()
		.fold(0, |sum, coefficient| coefficient.wrapping_add(multiply_high(sum, argument)))
}

/// 1/`divisor` in units of 2⁻¹²⁷, for a divisor from 1 to 2 in the same units.
///
/// Relative error below 2⁻¹²⁰.
pub(super) const fn reciprocal(divisor: u128) -> u128 {
	// The divisor's high half, rounded up, gives a reciprocal that is too small by at most 2⁻⁶².
	let high = (divisor >> 64).wrapping_add(1);
	// `high` is at least 2⁶³ + 1, so this is below 2⁶⁵.
	let rough = match u128::MAX.checked_div(high) {
		Some(quotient) => quotient << 62,
		None => 0,
	};
	// One step of Newton squares the relative error. Products of two numbers in units of 2⁻¹²⁷
	// have units of 2⁻¹²⁶, in which one is 2¹²⁶; the error is below 2⁶⁴ + 3 of them.
	let error = (1_u128 << 126).wrapping_sub(multiply_high(divisor, rough));
	rough.wrapping_add(multiply_high(rough, error) << 2)
}

/// A finite value as ±`significand`·2^(`exponent` − 128), the significand's top bit being set.
#[derive(Clone, Copy)]
pub(super) struct Parts {
	/// Whether the sign bit is set.
	pub negative: bool,
	/// From 2¹²⁷ up, with 24 bits that are not zero, unless the value is zero.
	pub significand: u128,
	/// The value is below 2^exponent in magnitude, and not below half of that.
	pub exponent: i32,
}

/// The parts of a finite value.
pub(super) const fn parts(value: F32) -> Parts {
	let bits = value.to_bits();
	let field = bits >> 23 & 0xff;
	let fraction = (bits & 0x007f_ffff) as u128;
	// The field has eight bits and leading zeros are at most 128: no sum overflows.
	let (significand, scale) =
		if field == 0 { (fraction, 1) } else { (fraction | 0x0080_0000, field.cast_signed()) };
	let zeros = significand.leading_zeros();
	Parts {
		negative: value.is_negative(),
		significand: significand.wrapping_shl(zeros),
		exponent: scale.wrapping_add(-150 + 128).wrapping_sub(zeros.cast_signed()),
	}
}

/// `value`·2^`places`, rounded down and with the bits from 2¹²⁸ up dropped.
#[inline]
pub(super) const fn shift(value: u128, places: i32) -> u128 {
	let shifted = if places < 0 {
		value.checked_shr(places.unsigned_abs())
	} else {
		value.checked_shl(places.unsigned_abs())
	};
	match shifted {
		Some(shifted) => shifted,
		None => 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The high half of a product, exactly.
	fn exact_high(left: u128, right: u128) -> u128 {
		let (a, b) = (left >> 64, left & u128::from(u64::MAX));
		let (c, d) = (right >> 64, right & u128::from(u64::MAX));
		let low_half = |product: u128| product & u128::from(u64::MAX);
		let carries = ((b * d) >> 64) + low_half(a * d) + low_half(b * c);
		a * c + ((a * d) >> 64) + ((b * c) >> 64) + (carries >> 64)
	}

	/// Numbers without a pattern.
	fn numbers() -> impl Iterator<Item = u128> {
		(1..2_000_u128).map(|index| {
			let mixed = index.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
			mixed ^ (mixed >> 71)
		})
	}

	#[test]
	fn the_high_half_is_at_most_three_units_too_small() {
		let pairs = numbers().zip(numbers().skip(7)).chain([(u128::MAX, u128::MAX), (0, 5)]);
		for (left, right) in pairs {
			let exact = exact_high(left, right);
			let result = multiply_high(left, right);
			assert!(result <= exact && exact - result < 3, "{left:x} {right:x}");
		}
	}

	#[test]
	fn a_reciprocal_times_its_number_is_one() {
		let one = 1_u128 << 127;
		for divisor in numbers().map(|number| number | one).chain([one, one + 1, u128::MAX]) {
			// In units of 2⁻¹²⁶.
			let product = exact_high(divisor, reciprocal(divisor));
			assert!(product.abs_diff(1 << 126) < 1 << 6, "{divisor:x}");
		}
	}

	#[test]
	fn parts_make_up_their_value() {
		for bits in [1, 2, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0x7f7f_ffff, 0x8000_0001] {
			let value = F32::from_bits(bits);
			let Parts { negative, significand, exponent } = parts(value);
			assert!(significand >> 127 == 1);
			assert_eq!(F32::round_wide(negative, significand, exponent - 128, false), value);
		}
	}

	#[test]
	fn shifts_of_any_distance_are_total() {
		for places in [i32::MIN, -128, 128, i32::MAX] {
			assert_eq!(shift(u128::MAX, places), 0);
		}
		assert_eq!((shift(6, -1), shift(6, 0), shift(u128::MAX, 127)), (3, 6, 1 << 127));
	}
}

//! Products and quotients with float32 scales: the arithmetic of quantisation.
//!
//! All but [`F32::quantize`] round the exact real number once, half to even, and saturate. Where IEEE
//! arithmetic would give NaN (a NaN operand, 0/0, 0·∞, ∞/∞) the result is zero.

use super::F32;

impl F32 {
	/// The float32 quotient `self / scale` rounded to an integer, half to even and saturated; NaN
	/// is 0. QuantizeLinear before its zero point: ONNX divides in the type of the scale.
	pub const fn quantize(self, scale: Self) -> i64 {
		self.div(scale).round_half_even().to_i64_saturating()
	}

	/// The exact product `value · scale` rounded once: DequantizeLinear after its zero point.
	pub fn dequantize(value: i64, scale: Self) -> Self {
		if !scale.is_finite() {
			return Self::from_i64(value).mul(scale);
		}
		let parts = scale.parts();
		let product = u128::from(value.unsigned_abs()).wrapping_mul(u128::from(parts.significand));
		Self::round_wide((value < 0) != parts.negative, product, parts.exponent, false)
	}

	/// The exact quotient of two integers rounded once; as in IEEE 754 a zero divisor gives an
	/// infinity, or NaN if the dividend is zero too.
	pub fn from_ratio(numerator: i64, denominator: i64) -> Self {
		let negative = (numerator < 0) != (denominator < 0);
		let magnitude = numerator.unsigned_abs();
		let spare = magnitude.leading_zeros();
		// 127 bits over at most 64: the quotient has at least 63.
		let dividend = u128::from(magnitude.wrapping_shl(spare)) << 63;
		let divisor = u128::from(denominator.unsigned_abs());
		match (dividend.checked_div(divisor), dividend.checked_rem(divisor)) {
			_ if numerator == 0 && denominator != 0 => Self::ZERO,
			(Some(quotient), Some(rest)) => {
				let exponent = spare.cast_signed().wrapping_neg().wrapping_sub(63);
				Self::round_wide(negative, quotient, exponent, rest != 0)
			},
			_ if numerator == 0 => Self::NAN,
			_ => Self::infinity(negative),
		}
	}
}

/// `value · left · right / output` rounded to an integer, half to even and saturated: the integer
/// sum of a quantised product on the scale of its output, before the zero point.
pub fn requantize(value: i64, left: F32, right: F32, output: F32) -> i64 {
	let negative = [value < 0, left.is_negative(), right.is_negative(), output.is_negative()]
		.into_iter()
		.fold(false, |odd, next| odd != next);
	let limit = if negative { i64::MIN } else { i64::MAX };
	if left.is_nan() || right.is_nan() || output.is_nan() {
		return 0;
	}
	let vanishes = value == 0 || left.is_zero() || right.is_zero();
	if left.is_infinite() || right.is_infinite() {
		return if vanishes || output.is_infinite() { 0 } else { limit };
	}
	if vanishes || output.is_infinite() {
		return 0;
	}
	if output.is_zero() {
		return limit;
	}
	let magnitude = rounded_quotient(value.unsigned_abs(), left, right, output);
	match (negative, i64::try_from(magnitude)) {
		(_, Err(_)) => limit,
		(true, Ok(integer)) => integer.wrapping_neg(),
		(false, Ok(integer)) => integer,
	}
}

/// |`value · left · right / output`| rounded half to even, or `u128::MAX` where it is at least 2⁶⁴,
/// for finite scales and a divisor that is not zero.
fn rounded_quotient(value: u64, left: F32, right: F32, output: F32) -> u128 {
	let (left, right, output) = (left.parts(), right.parts(), output.parts());
	// At most 2⁶³·2²⁴·2²⁴ = 2¹¹¹, over less than 2²⁴.
	let numerator = u128::from(value)
		.wrapping_mul(left.significand.into())
		.wrapping_mul(right.significand.into());
	let divisor = u128::from(output.significand);
	let exponent = left.exponent.wrapping_add(right.exponent).wrapping_sub(output.exponent);
	let shift = exponent.unsigned_abs();
	if exponent >= 0 {
		// Shifted to 2¹²⁷ or more, the numerator is over 2¹⁰³ divisors.
		shift_within(numerator, shift).map_or(u128::MAX, |scaled| divide(scaled, divisor))
	} else {
		// Shifted to 2¹²⁷ or more, the divisor is over 2¹⁵ numerators.
		shift_within(divisor, shift).map_or(0, |scaled| divide(numerator, scaled))
	}
}

/// `value`·2^`shift` if it is below 2¹²⁷.
fn shift_within(value: u128, shift: u32) -> Option<u128> {
	(shift < value.leading_zeros()).then(|| value.wrapping_shl(shift))
}

/// The quotient rounded half to even, of a divisor that is not zero and below 2¹²⁷.
fn divide(numerator: u128, divisor: u128) -> u128 {
	let (Some(quotient), Some(rest)) =
		(numerator.checked_div(divisor), numerator.checked_rem(divisor))
	else {
		return u128::MAX;
	};
	let doubled = rest << 1;
	if doubled > divisor || doubled == divisor && quotient & 1 == 1 {
		// The quotient and the divisor cannot both be large: a rest means a divisor over one.
		quotient.wrapping_add(1)
	} else {
		quotient
	}
}

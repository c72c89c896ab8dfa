//! Between float32 and integers.

use super::{F32, SIGN};

/// How a value that lies between two integers becomes one.
#[derive(Clone, Copy)]
enum Toward {
	/// The integer nearer to zero.
	Zero,
	/// The lesser integer.
	Below,
	/// The greater integer.
	Above,
	/// The nearer integer, of two equally near ones the even.
	Nearest,
}

impl F32 {
	/// The integer rounded to nearest, ties to even.
	pub const fn from_i64(value: i64) -> Self {
		Self::round(value < 0, value.unsigned_abs(), 0, false)
	}

	/// The integer rounded to nearest, ties to even.
	pub const fn from_u64(value: u64) -> Self {
		Self::round(false, value, 0, false)
	}

	/// The greatest integer that is not greater.
	pub const fn floor(self) -> Self {
		self.to_integral(Toward::Below)
	}

	/// The least integer that is not less.
	pub const fn ceil(self) -> Self {
		self.to_integral(Toward::Above)
	}

	/// The integer part.
	pub const fn trunc(self) -> Self {
		self.to_integral(Toward::Zero)
	}

	/// The nearest integer, of two equally near ones the even.
	pub const fn round_half_even(self) -> Self {
		self.to_integral(Toward::Nearest)
	}

	/// The integer part, saturated; zero for NaN.
	pub const fn to_i64_saturating(self) -> i64 {
		if self.is_nan() {
			return 0;
		}
		let limit = if self.is_negative() { i64::MIN } else { i64::MAX };
		if self.is_infinite() {
			return limit;
		}
		let parts = self.parts();
		let magnitude = match parts.exponent {
			// At least 2²³·2⁴⁰.
			40.. => return limit,
			exponent @ 0..40 => (parts.significand as i64).wrapping_shl(exponent.cast_unsigned()),
			exponent => {
				match parts.significand.checked_shr(exponent.wrapping_neg().cast_unsigned()) {
					Some(integer) => integer as i64,
					None => 0,
				}
			},
		};
		if parts.negative {
			magnitude.wrapping_neg()
		} else {
			magnitude
		}
	}

	/// The integer part, saturated; zero for NaN.
	pub fn to_i32_saturating(self) -> i32 {
		self.to_i64_saturating().clamp(i32::MIN.into(), i32::MAX.into()) as i32
	}

	/// The integer part, saturated; zero for NaN.
	pub fn to_i8_saturating(self) -> i8 {
		self.to_i64_saturating().clamp(i8::MIN.into(), i8::MAX.into()) as i8
	}

	/// The integer part, saturated; zero for NaN.
	pub fn to_u8_saturating(self) -> u8 {
		self.to_i64_saturating().clamp(u8::MIN.into(), u8::MAX.into()) as u8
	}

	/// The integral value in the given direction; a zero keeps the sign, as do infinities and NaN.
	const fn to_integral(self, toward: Toward) -> Self {
		// From 2²³ on every value is integral.
		if self.abs().0 >= Self::from_u64(1 << 23).0 {
			return self;
		}
		let parts = self.parts();
		// Bits below the point: from 1 to 149.
		let places = parts.exponent.wrapping_neg().cast_unsigned();
		let significand = parts.significand as u64;
		// With two bits of fraction, the second for everything below the half.
		let quarters = match (significand << 2).checked_shr(places) {
			Some(shifted) => shifted | (shifted.wrapping_shl(places) != significand << 2) as u64,
			None => (significand != 0) as u64,
		};
		let integer = quarters >> 2;
		let up = match (toward, quarters & 3) {
			(_, 0) | (Toward::Zero, _) => false,
			(Toward::Below, _) => parts.negative,
			(Toward::Above, _) => !parts.negative,
			(Toward::Nearest, fraction) => fraction > 2 || fraction == 2 && integer & 1 == 1,
		};
		// Below 2²³ before the addition.
		let magnitude = Self::from_u64(integer.wrapping_add(up as u64));
		Self(self.0 & SIGN | magnitude.0)
	}
}

//! float32 as a canonical bit pattern, computed with in integers.
//!
//! This file says what the values are and how they compare; the children compute: `rounding` takes
//! values apart and puts them together, `operations` has the IEEE operations, `conversion` goes to
//! and from integers, `scaling` has the exact quotients of quantisation.

use core::{cmp::Ordering, fmt};

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input};
use scale_info::TypeInfo;

mod conversion;
mod operations;
mod rounding;
mod scaling;
#[cfg(test)]
mod tests;

pub use scaling::requantize;

/// The sign bit.
const SIGN: u32 = 0x8000_0000;
/// The bits of positive infinity: an exponent field of ones.
const INFINITY: u32 = 0x7f80_0000;
/// The bits of the one NaN.
const NAN: u32 = 0x7fc0_0000;

/// A float32 as its bits, in which NaN is always `0x7fc00000`.
///
/// Equality is equality of bits: NaN equals itself, and −0 differs from +0. [`F32::compare`] is
/// the comparison of IEEE 754.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Encode, TypeInfo)]
pub struct F32(u32);

impl F32 {
	/// +0.
	pub const ZERO: Self = Self(0);
	/// −0.
	pub const NEG_ZERO: Self = Self(SIGN);
	/// One.
	pub const ONE: Self = Self(0x3f80_0000);
	/// +∞.
	pub const INFINITY: Self = Self(INFINITY);
	/// −∞.
	pub const NEG_INFINITY: Self = Self(SIGN | INFINITY);
	/// The one NaN.
	pub const NAN: Self = Self(NAN);
	/// The largest finite value, (2 − 2⁻²³)·2¹²⁷.
	pub const MAX: Self = Self(0x7f7f_ffff);

	/// The value with these bits; every NaN becomes the one NaN.
	pub const fn from_bits(bits: u32) -> Self {
		if bits & !SIGN > INFINITY {
			Self::NAN
		} else {
			Self(bits)
		}
	}

	/// The bits, which for NaN are always `0x7fc00000`.
	pub const fn to_bits(self) -> u32 {
		self.0
	}

	/// Whether this is NaN.
	pub const fn is_nan(self) -> bool {
		self.0 == NAN
	}

	/// Whether this is +∞ or −∞.
	pub const fn is_infinite(self) -> bool {
		self.0 & !SIGN == INFINITY
	}

	/// Whether this is neither infinite nor NaN.
	pub const fn is_finite(self) -> bool {
		self.0 & !SIGN < INFINITY
	}

	/// Whether this is +0 or −0.
	pub const fn is_zero(self) -> bool {
		self.0 & !SIGN == 0
	}

	/// Whether the sign bit is set, as it is for −0 and never for NaN.
	pub const fn is_negative(self) -> bool {
		self.0 & SIGN != 0
	}

	/// The value with the sign reversed; NaN stays NaN.
	#[allow(clippy::should_implement_trait)]
	pub const fn neg(self) -> Self {
		if self.is_nan() {
			self
		} else {
			Self(self.0 ^ SIGN)
		}
	}

	/// The value without its sign.
	pub const fn abs(self) -> Self {
		Self(self.0 & !SIGN)
	}

	/// −1, +0 or 1 by the sign of a value, +0 for either zero and NaN for NaN.
	pub const fn sign(self) -> Self {
		if self.is_nan() {
			self
		} else if self.is_zero() {
			Self::ZERO
		} else {
			Self(self.0 & SIGN | Self::ONE.0)
		}
	}

	/// The IEEE comparison: the zeros are equal, and NaN compares with nothing.
	pub fn compare(self, other: Self) -> Option<Ordering> {
		if self.is_nan() || other.is_nan() {
			None
		} else if self.is_zero() && other.is_zero() {
			Some(Ordering::Equal)
		} else {
			Some(self.rank().cmp(&other.rank()))
		}
	}

	/// The total order for the least elements: NaN first, then by value upwards, −0 before +0.
	pub fn order(self, other: Self) -> Ordering {
		other.is_nan().cmp(&self.is_nan()).then(self.rank().cmp(&other.rank()))
	}

	/// The total order for the greatest elements: NaN first, then by value downwards, +0 before −0.
	pub fn order_descending(self, other: Self) -> Ordering {
		other.is_nan().cmp(&self.is_nan()).then(other.rank().cmp(&self.rank()))
	}

	/// The lesser of two values, −0 being less than +0; NaN if either is.
	pub fn min(self, other: Self) -> Self {
		if self.order(other).is_le() {
			self
		} else {
			other
		}
	}

	/// The greater of two values, +0 being greater than −0; NaN if either is.
	pub fn max(self, other: Self) -> Self {
		if self.order_descending(other).is_le() {
			self
		} else {
			other
		}
	}

	/// An integer that grows with the value, and from −0 to +0.
	fn rank(self) -> i32 {
		let bits = self.0.cast_signed();
		if self.is_negative() {
			// The magnitude's bits inverted below the sign: −0 is −1, −∞ the least.
			bits ^ i32::MAX
		} else {
			bits
		}
	}
}

impl fmt::Debug for F32 {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "F32({:#010x})", self.0)
	}
}

/// Refuses the NaNs that encoding never produces, so that a value has one encoding.
impl Decode for F32 {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		let bits = u32::decode(input)?;
		let value = Self::from_bits(bits);
		if value.0 == bits {
			Ok(value)
		} else {
			Err("a NaN other than the canonical one".into())
		}
	}
}

impl DecodeWithMemTracking for F32 {}

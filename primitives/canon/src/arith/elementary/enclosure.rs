//! Values known to within 2⁻¹⁰⁰, and their rounding.

use crate::arith::F32;

/// The bits to which an enclosure is accurate.
const ACCURACY: u32 = 100;

/// A function's value: a float32, or an interval around a value that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
	/// The value is this, or everything that is as near to it rounds to this.
	Known(F32),
	/// The value lies strictly within this.
	Within(Enclosure),
}

impl Value {
	/// The nearest float32.
	pub fn round(self) -> F32 {
		match self {
			Self::Known(value) => value,
			Self::Within(enclosure) => enclosure.round(),
		}
	}

	/// Whether the nearest float32 is known: true for every argument of every function here.
	pub fn is_decided(self) -> bool {
		match self {
			Self::Known(_) => true,
			Self::Within(enclosure) => enclosure.is_decided(),
		}
	}
}

/// The numbers within a relative distance of 2⁻¹⁰⁰ of ±`significand`·2^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enclosure {
	/// Whether the numbers are below zero.
	pub negative: bool,
	/// At least 2¹²⁰, so that the distance is at least one unit.
	pub significand: u128,
	/// The exponent of the significand's unit, within ±2¹⁰.
	pub exponent: i32,
}

impl Enclosure {
	/// An enclosure above zero.
	pub(super) const fn positive(significand: u128, exponent: i32) -> Self {
		Self { negative: false, significand, exponent }
	}

	/// The same interval on the side of zero given by a sign.
	pub(super) const fn with_sign(self, negative: bool) -> Self {
		Self { negative, ..self }
	}

	/// The float32 nearest to the center, and so to every number within if this is decided.
	pub fn round(self) -> F32 {
		// A center is an approximation of an irrational number: no tie is ever exact.
		F32::round_wide(self.negative, self.significand, self.exponent, true)
	}

	/// Whether all numbers within round to one float32.
	pub fn is_decided(self) -> bool {
		let (negative, exponent) = (self.negative, self.exponent);
		// One unit more, for the bits shifted out.
		let distance = (self.significand >> ACCURACY).wrapping_add(1);
		// Rounding to 24 bits does not tell 2¹²⁸ − 1 from 2¹²⁸ and a little more.
		let below = self.significand.saturating_sub(distance);
		let above = self.significand.saturating_add(distance);
		F32::round_wide(negative, below, exponent, true)
			== F32::round_wide(negative, above, exponent, true)
	}
}

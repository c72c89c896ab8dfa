//! Taking a float32 apart and rounding an exact value to one.

use super::{F32, INFINITY, SIGN};

/// The bits of the fraction field.
const FRACTION: u32 = 0x007f_ffff;
/// The leading bit that the fraction field leaves out.
const HIDDEN: u32 = 0x0080_0000;
/// The exponent of the last bit of a subnormal, and of the least normals.
const LEAST: i32 = -149;

/// A finite value as ±`significand`·2^`exponent`.
#[derive(Clone, Copy)]
pub(super) struct Parts {
	/// Whether the sign bit is set.
	pub negative: bool,
	/// Below 2²⁴.
	pub significand: u32,
	/// From −149 to 104.
	pub exponent: i32,
}

impl F32 {
	/// The parts of a finite value.
	pub(super) const fn parts(self) -> Parts {
		let field = self.0 >> 23 & 0xff;
		let fraction = self.0 & FRACTION;
		// A field has eight bits, so the sums below stay far within an i32.
		let (significand, scale) =
			if field == 0 { (fraction, 1) } else { (fraction | HIDDEN, field.cast_signed()) };
		Parts { negative: self.is_negative(), significand, exponent: scale.wrapping_add(-150) }
	}

	/// The parts of a finite value with the significand shifted up to at least 2²³, unless zero.
	pub(super) const fn normal_parts(self) -> Parts {
		let parts = self.parts();
		// A significand below 2²⁴ has at least eight leading zeros.
		let shift = parts.significand.leading_zeros().wrapping_sub(8);
		Parts {
			negative: parts.negative,
			significand: parts.significand.wrapping_shl(shift),
			exponent: parts.exponent.wrapping_sub(shift.cast_signed()),
		}
	}

	/// Zero with a sign.
	pub(super) const fn zero(negative: bool) -> Self {
		if negative {
			Self::NEG_ZERO
		} else {
			Self::ZERO
		}
	}

	/// Infinity with a sign.
	pub(super) const fn infinity(negative: bool) -> Self {
		if negative {
			Self::NEG_INFINITY
		} else {
			Self::INFINITY
		}
	}

	/// The value ±(`significand` + t)·2^`exponent` rounded to nearest, ties to even, where t is
	/// zero or, if `inexact`, some value strictly between zero and one.
	///
	/// An inexact significand must have at least 25 bits, so that t only breaks ties; an exponent
	/// must lie within ±2²⁰. A zero significand gives the zero of the sign.
	pub(crate) const fn round(
		negative: bool,
		significand: u64,
		exponent: i32,
		inexact: bool,
	) -> Self {
		if significand == 0 {
			return Self::zero(negative);
		}
		let width = 64_u32.wrapping_sub(significand.leading_zeros()).cast_signed();
		let (natural, sign) =
			(exponent.wrapping_add(width).wrapping_sub(24), if negative { SIGN } else { 0 });
		// The exponent of the result's last bit, before rounding.
		let last = if natural < LEAST { LEAST } else { natural };
		let steps = last.wrapping_sub(LEAST).cast_unsigned();
		if steps > 253 {
			return Self::infinity(negative);
		}
		let kept = match last.wrapping_sub(exponent) {
			// Exact: the result has as many bits as it needs, or more.
			shift @ ..=0 => significand.wrapping_shl(shift.wrapping_neg().cast_unsigned()),
			shift @ 1..=64 => halve_to_even(significand, shift.cast_unsigned(), inexact),
			// Below half of the least subnormal.
			_ => 0,
		};
		// `kept` has at most 24 bits, or is 2²⁴ after a carry. Its leading bit, if there is one,
		// adds one to the exponent field, and so does a carry, up to infinity.
		let magnitude = (steps << 23).wrapping_add(kept as u32);
		debug_assert!(magnitude <= INFINITY);
		Self(sign | magnitude)
	}

	/// [`F32::round`] for a significand of up to 128 bits.
	pub(crate) const fn round_wide(
		negative: bool,
		significand: u128,
		exponent: i32,
		inexact: bool,
	) -> Self {
		let spare = significand.leading_zeros();
		if spare >= 64 {
			return Self::round(negative, significand as u64, exponent, inexact);
		}
		let shift = 64_u32.wrapping_sub(spare);
		let high = significand.wrapping_shr(shift);
		let inexact = inexact || high.wrapping_shl(shift) != significand;
		Self::round(negative, high as u64, exponent.wrapping_add(shift.cast_signed()), inexact)
	}
}

/// `value`·2^−`shift`, for a shift from 1 to 64, rounded to nearest, ties to even unless `inexact`.
const fn halve_to_even(value: u64, shift: u32, inexact: bool) -> u64 {
	let below = shift.wrapping_sub(1);
	let doubled = value.wrapping_shr(below);
	let inexact = inexact || doubled.wrapping_shl(below) != value;
	let kept = doubled >> 1;
	if doubled & 1 == 1 && (inexact || kept & 1 == 1) {
		// At most 2⁶³ before the addition.
		kept.wrapping_add(1)
	} else {
		kept
	}
}

//! The IEEE operations: one rounding to nearest even each, subnormals kept.

use super::F32;

/// By how much the significands of a sum are shifted up, so that the smaller may move down.
const GUARD: u32 = 32;

impl F32 {
	/// The sum.
	#[allow(clippy::should_implement_trait)]
	pub const fn add(self, other: Self) -> Self {
		if !self.is_finite() || !other.is_finite() {
			return add_special(self, other);
		}
		let (large, small) =
			if self.abs().0 >= other.abs().0 { (self, other) } else { (other, self) };
		let (large, small) = (large.parts(), small.parts());
		let distance = large.exponent.wrapping_sub(small.exponent).cast_unsigned();
		let base = (large.significand as u64) << GUARD;
		let term = (small.significand as u64) << GUARD;
		// Bits are lost only of a term below 2⁻⁸ of the larger one's last bit, of which a sum is
		// the larger one in any case.
		let aligned = match term.checked_shr(distance) {
			Some(shifted) => shifted,
			None => 0,
		};
		// Both are below 2⁵⁶, and the larger comes first.
		let same = large.negative == small.negative;
		let sum = if same { base.wrapping_add(aligned) } else { base.wrapping_sub(aligned) };
		// Opposite terms cancel to +0.
		let negative = large.negative && (same || sum != 0);
		Self::round(negative, sum, large.exponent.wrapping_sub(GUARD.cast_signed()), false)
	}

	/// The difference.
	#[allow(clippy::should_implement_trait)]
	pub const fn sub(self, other: Self) -> Self {
		self.add(other.neg())
	}

	/// The product.
	#[allow(clippy::should_implement_trait)]
	pub const fn mul(self, other: Self) -> Self {
		let negative = self.is_negative() != other.is_negative();
		if !self.is_finite() || !other.is_finite() {
			let undefined = self.is_nan() || other.is_nan() || self.is_zero() || other.is_zero();
			return if undefined { Self::NAN } else { Self::infinity(negative) };
		}
		let (left, right) = (self.parts(), other.parts());
		let product = (left.significand as u64).wrapping_mul(right.significand as u64);
		Self::round(negative, product, left.exponent.wrapping_add(right.exponent), false)
	}

	/// The quotient.
	#[allow(clippy::should_implement_trait)]
	pub const fn div(self, other: Self) -> Self {
		let negative = self.is_negative() != other.is_negative();
		if self.is_nan()
			|| other.is_nan()
			|| self.is_zero() && other.is_zero()
			|| self.is_infinite() && other.is_infinite()
		{
			return Self::NAN;
		}
		if self.is_infinite() || other.is_zero() {
			return Self::infinity(negative);
		}
		if self.is_zero() || other.is_infinite() {
			return Self::zero(negative);
		}
		let (left, right) = (self.normal_parts(), other.normal_parts());
		// Both significands have 24 bits, so the quotient has 40 or 41.
		let (dividend, divisor) = ((left.significand as u64) << 40, right.significand as u64);
		let exponent = left.exponent.wrapping_sub(right.exponent).wrapping_sub(40);
		let (Some(quotient), Some(rest)) =
			(dividend.checked_div(divisor), dividend.checked_rem(divisor))
		else {
			// The divisor is not zero.
			return Self::NAN;
		};
		Self::round(negative, quotient, exponent, rest != 0)
	}

	/// The square root; of −0 it is −0, and of other negative values NaN.
	pub const fn sqrt(self) -> Self {
		if self.is_zero() || self.is_nan() {
			return self;
		}
		if self.is_negative() {
			return Self::NAN;
		}
		if self.is_infinite() {
			return self;
		}
		let parts = self.normal_parts();
		// 62 or 63 bits with an even exponent, so that the root has 31 or 32.
		let odd = parts.exponent & 1;
		let radicand =
			(parts.significand as u64).wrapping_shl(odd.wrapping_add(38).cast_unsigned());
		let exponent = parts.exponent.wrapping_sub(odd).wrapping_sub(38) >> 1;
		let root = radicand.isqrt();
		Self::round(false, root, exponent, root.wrapping_mul(root) != radicand)
	}

	/// The remainder of the division truncated towards zero, which is exact and has the sign of the
	/// dividend: `fmod` of C.
	#[allow(clippy::should_implement_trait)]
	pub const fn rem(self, divisor: Self) -> Self {
		if !self.is_finite() || divisor.is_nan() || divisor.is_zero() {
			return Self::NAN;
		}
		if divisor.abs().0 > self.abs().0 {
			return self;
		}
		let (left, right) = (self.parts(), divisor.parts());
		let modulus = right.significand as u64;
		let mut rest = left.significand as u64;
		// The dividend is not the smaller, so its exponent is not either.
		let mut distance = left.exponent.wrapping_sub(right.exponent).cast_unsigned();
		while distance > 0 {
			// A remainder is below 2²⁴, so shifted it is below 2⁶⁴.
			let step = if distance < 40 { distance } else { 40 };
			rest = remainder(rest, modulus).wrapping_shl(step);
			distance = distance.wrapping_sub(step);
		}
		Self::round(left.negative, remainder(rest, modulus), right.exponent, false)
	}

	/// The remainder of the division rounded down, rounded once more where it is not a float32: it
	/// has the sign of the divisor.
	pub const fn modulo(self, divisor: Self) -> Self {
		let rest = self.rem(divisor);
		if rest.is_nan() {
			rest
		} else if rest.is_zero() {
			Self::zero(divisor.is_negative())
		} else if rest.is_negative() == divisor.is_negative() {
			rest
		} else {
			rest.add(divisor)
		}
	}
}

/// A sum in which at least one term is not finite.
const fn add_special(left: F32, right: F32) -> F32 {
	if left.is_nan() || right.is_nan() {
		F32::NAN
	} else if left.is_finite() {
		right
	} else if right.is_finite() || left.is_negative() == right.is_negative() {
		left
	} else {
		F32::NAN
	}
}

/// `value` mod `modulus`, which is not zero.
const fn remainder(value: u64, modulus: u64) -> u64 {
	match value.checked_rem(modulus) {
		Some(rest) => rest,
		None => 0,
	}
}

//! Exact sums of float32 products, rounded once.
//!
//! Every product of two finite float32 is an integer multiple of 2⁻²⁹⁸ of magnitude below 2²⁵⁶,
//! so a sum of them is one wide integer, whatever the order of its terms. The integer is held as
//! sixteen words of weight 2³²ⁱ, each of 128 bits: a term changes one word, which has room for
//! 2⁴⁷ terms, and carries are moved up only when the sum is read.

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, Output};

use super::F32;

mod magnitude;
#[cfg(test)]
mod tests;

use magnitude::{Magnitude, DIGITS};

/// Words of an accumulator. The greatest product starts at bit 506.
const WORDS: usize = 16;
/// Bytes of an encoded accumulator.
const ENCODED: usize = 80;

/// Seen: a term that is −0.
const NEGATIVE_ZERO: u8 = 1;
/// Seen: a finite term other than −0.
const OTHER: u8 = 1 << 1;
/// Seen: a term that is +∞.
const POSITIVE_INFINITY: u8 = 1 << 2;
/// Seen: a term that is −∞.
const NEGATIVE_INFINITY: u8 = 1 << 3;
/// Seen: a term that is NaN.
const UNDEFINED: u8 = 1 << 4;

/// An exact sum of float32 products, of any number of terms up to 2³².
///
/// The order of terms never matters. Two accumulators are equal if they are the same partial sum:
/// no further terms make their results differ.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
	/// The finite terms' sum in units of 2⁻²⁹⁸, modulo 2⁶⁰⁸: word i weighs 2³²ⁱ.
	words: [i128; WORDS],
	/// Which kinds of terms were seen.
	seen: u8,
}

/// What a partial sum is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
	/// A sum of finite terms, not all of them −0.
	Finite,
	/// No terms at all.
	Empty,
	/// A sum of −0 alone.
	NegativeZero,
	/// +∞.
	Infinity,
	/// −∞.
	NegativeInfinity,
	/// NaN.
	Undefined,
}

impl Accumulator {
	/// The empty sum, which is +0.
	pub fn new() -> Self {
		Self::default()
	}

	/// Adds a value.
	pub fn add(&mut self, value: F32) {
		self.add_product(value, F32::ONE);
	}

	/// Adds the exact product of two values.
	#[inline]
	pub fn add_product(&mut self, left: F32, right: F32) {
		let (left_field, left_significand) = split(left);
		let (right_field, right_significand) = split(right);
		if left_field == 255 || right_field == 255 {
			return self.add_special(left, right);
		}
		let negative = left.is_negative() != right.is_negative();
		// At most 48 bits, in units of 2^(position − 298).
		let product = left_significand.wrapping_mul(right_significand);
		let position = left_field.wrapping_add(right_field).wrapping_sub(2);
		self.seen |= if negative && product == 0 { NEGATIVE_ZERO } else { OTHER };

		let term = if negative { product.wrapping_neg() } else { product };
		let shift = position & 31;
		// The term shifted up as 128 bits, in halves because not every target has such a shift.
		let low = term.wrapping_shl(shift).cast_unsigned();
		let high = (term >> 32).wrapping_shr(32_u32.wrapping_sub(shift));
		let shifted = i128::from(high) << 64 | i128::from(low);
		// Fields are at most 254, so the index is at most 15.
		if let Some(word) = self.words.get_mut((position >> 5) as usize & (WORDS - 1)) {
			*word = word.wrapping_add(shifted);
		}
	}

	/// Adds the terms of another sum.
	pub fn add_accumulator(&mut self, other: &Self) {
		self.seen |= other.seen;
		// Carried words have 32 bits below the top one, so that merging takes hardly any room.
		for (word, carried) in self.words.iter_mut().zip(other.carried()) {
			*word = word.wrapping_add(carried);
		}
	}

	/// The sum rounded once to nearest, ties to even.
	///
	/// NaN if a term is NaN or infinities of both signs meet; otherwise an infinity if a term is;
	/// an exact zero is +0 unless there are terms and every one is −0.
	pub fn round(&self) -> F32 {
		self.round_quotient(1)
	}

	/// The sum divided by an integer and rounded once: a mean.
	///
	/// As in IEEE 754, a zero divisor gives an infinity, or NaN if the sum is zero too.
	pub fn round_quotient(&self, divisor: u32) -> F32 {
		match self.kind() {
			Kind::Undefined => F32::NAN,
			Kind::Infinity => F32::INFINITY,
			Kind::NegativeInfinity => F32::NEG_INFINITY,
			Kind::Empty | Kind::NegativeZero if divisor == 0 => F32::NAN,
			Kind::Empty => F32::ZERO,
			Kind::NegativeZero => F32::NEG_ZERO,
			Kind::Finite => Magnitude::from_words(&self.carried()).round_quotient(divisor),
		}
	}

	/// The 80 bytes that stand for this partial sum alone: 76 of the finite sum in units of 2⁻²⁹⁸,
	/// two's complement and least first, zero unless the kind is finite; then the kind, one byte,
	/// and three zeros.
	pub fn to_bytes(&self) -> [u8; ENCODED] {
		let kind = self.kind();
		let mut bytes = [0; ENCODED];
		let (sum, tail) = bytes.split_at_mut(DIGITS * 4);
		if kind == Kind::Finite {
			for (place, digit) in sum.chunks_exact_mut(4).zip(magnitude::digits(&self.carried())) {
				place.copy_from_slice(&digit.to_le_bytes());
			}
		}
		if let Some(place) = tail.first_mut() {
			*place = kind as u8;
		}
		bytes
	}

	/// The partial sum that these bytes stand for, unless no partial sum has them.
	pub fn from_bytes(bytes: &[u8; ENCODED]) -> Option<Self> {
		let (sum, tail) = bytes.split_at(DIGITS * 4);
		let (&kind, zeros) = tail.split_first()?;
		let seen = match kind {
			0 => OTHER,
			1 => 0,
			2 => NEGATIVE_ZERO,
			3 => POSITIVE_INFINITY,
			4 => NEGATIVE_INFINITY,
			5 => UNDEFINED,
			_ => return None,
		};
		let clean = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
		if !clean(zeros) || kind != 0 && !clean(sum) {
			return None;
		}
		// All words but the top one take four bytes, and that one the sixteen that remain.
		let (low, high) = sum.split_at((WORDS - 1) * 4);
		let mut words = [0; WORDS];
		for (word, digit) in words.iter_mut().zip(low.chunks_exact(4)) {
			*word = u32::from_le_bytes(digit.try_into().ok()?).into();
		}
		*words.last_mut()? = i128::from_le_bytes(high.try_into().ok()?);
		Some(Self { words, seen })
	}

	/// Adds a product of which a factor is infinite or NaN.
	#[cold]
	fn add_special(&mut self, left: F32, right: F32) {
		let product = left.mul(right);
		self.seen |= if product.is_nan() {
			UNDEFINED
		} else if product.is_negative() {
			NEGATIVE_INFINITY
		} else {
			POSITIVE_INFINITY
		};
	}

	/// What the terms so far make of the sum.
	fn kind(&self) -> Kind {
		let has = |kinds| self.seen & kinds != 0;
		if has(UNDEFINED) || has(POSITIVE_INFINITY) && has(NEGATIVE_INFINITY) {
			Kind::Undefined
		} else if has(POSITIVE_INFINITY) {
			Kind::Infinity
		} else if has(NEGATIVE_INFINITY) {
			Kind::NegativeInfinity
		} else if has(OTHER) {
			Kind::Finite
		} else if has(NEGATIVE_ZERO) {
			Kind::NegativeZero
		} else {
			Kind::Empty
		}
	}

	/// The words with carries moved up: all but the top one from 0 to 2³² − 1.
	fn carried(&self) -> [i128; WORDS] {
		let mut words = self.words;
		let mut carry: i128 = 0;
		let last = WORDS - 1;
		for (place, word) in words.iter_mut().enumerate() {
			let total = word.wrapping_add(carry);
			carry = total >> 32;
			*word = if place == last { total } else { total & 0xffff_ffff };
		}
		words
	}
}

/// The exponent field, at least 1, and the significand of a finite value.
#[inline]
fn split(value: F32) -> (u32, i64) {
	let bits = value.to_bits();
	let field = bits >> 23 & 0xff;
	let hidden = u32::from(field != 0);
	// A subnormal has the exponent of the least normals and no leading bit.
	(field | (hidden ^ 1), i64::from(bits & 0x7f_ffff | hidden << 23))
}

impl PartialEq for Accumulator {
	fn eq(&self, other: &Self) -> bool {
		self.to_bytes() == other.to_bytes()
	}
}

impl Eq for Accumulator {}

impl Encode for Accumulator {
	fn size_hint(&self) -> usize {
		ENCODED
	}

	fn encode_to<T: Output + ?Sized>(&self, output: &mut T) {
		output.write(&self.to_bytes());
	}
}

impl Decode for Accumulator {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		let bytes = <[u8; ENCODED]>::decode(input)?;
		Self::from_bytes(&bytes).ok_or_else(|| "not the bytes of a partial sum".into())
	}
}

impl DecodeWithMemTracking for Accumulator {}

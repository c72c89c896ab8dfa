//! The sum of an accumulator as sign and magnitude, and its rounding.

use super::WORDS;
use crate::arith::F32;

/// Digits of 32 bits in a sum: one for each word but the top one, which makes four.
pub(super) const DIGITS: usize = WORDS + 3;

/// The exponent of the last bit of a sum.
const UNIT: i32 = -298;

/// A sum as sign and magnitude.
pub(super) struct Magnitude {
	/// Whether the sum is below zero.
	negative: bool,
	/// The digits, least first.
	digits: [u32; DIGITS],
}

impl Magnitude {
	/// The sum that carried words stand for.
	pub(super) fn from_words(words: &[i128; WORDS]) -> Self {
		let negative = words.last().is_some_and(|word| *word < 0);
		let mut all = [0; DIGITS];
		// Two's complement: a negative number's magnitude is its digits inverted, plus one.
		let mut carry = negative;
		for (place, digit) in all.iter_mut().zip(digits(words)) {
			let digit = if negative { !digit } else { digit };
			(*place, carry) = digit.overflowing_add(carry.into());
		}
		Self { negative, digits: all }
	}

	/// The magnitude divided and rounded once, half to even.
	pub(super) fn round_quotient(mut self, divisor: u32) -> F32 {
		if self.digits.iter().all(|digit| *digit == 0) {
			return if divisor == 0 { F32::NAN } else { F32::ZERO };
		}
		let Some(rest) = self.divide(divisor) else {
			return if self.negative { F32::NEG_INFINITY } else { F32::INFINITY };
		};
		// The three leading digits have at least 65 bits, of which the first 64 decide with what
		// lies below them. A quotient with fewer digits is shorter than 2⁻²³⁴, and rounds to zero
		// with any rest.
		let top = self.digits.iter().rposition(|digit| *digit != 0).unwrap_or(0).max(2);
		let (below, leading) = self.digits.split_at(top.saturating_sub(2));
		let window = leading
			.iter()
			.take(3)
			.rev()
			.fold(0_u128, |window, digit| window << 32 | u128::from(*digit));
		let inexact = rest != 0 || below.iter().any(|digit| *digit != 0);
		// At most sixteen digits lie below.
		let exponent = UNIT.wrapping_add((below.len() as i32).wrapping_mul(32));
		F32::round_wide(self.negative, window, exponent, inexact)
	}

	/// Divides the digits in place and returns the rest, unless the divisor is zero.
	fn divide(&mut self, divisor: u32) -> Option<u32> {
		if divisor == 1 {
			return Some(0);
		}
		let divisor = u64::from(divisor);
		let mut rest = 0_u64;
		for digit in self.digits.iter_mut().rev() {
			let dividend = rest << 32 | u64::from(*digit);
			// The rest is below the divisor, so the quotient is one digit.
			*digit = dividend.checked_div(divisor)? as u32;
			rest = dividend.checked_rem(divisor)?;
		}
		Some(rest as u32)
	}
}

/// The digits of carried words, least first: two's complement.
pub(super) fn digits(words: &[i128; WORDS]) -> impl Iterator<Item = u32> + '_ {
	let top = words.last().copied().unwrap_or_default();
	let upper = [top >> 32, top >> 64, top >> 96];
	words.iter().copied().chain(upper).map(|word| word as u32)
}

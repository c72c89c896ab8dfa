//! Within tolerance: whether a float32 is close enough to the canonical one (PROTOCOL P2.3, P2.5).
//!
//! The comparison is exact: its two sides are one exact sum, of which the sign decides.

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::arith::{Accumulator, F32};

#[cfg(test)]
mod tests;

/// How far from its canonical value an element may lie: `absolute + relative × scale`.
///
/// A constant that is NaN, infinite or has its sign bit set makes no tolerance: then only equal
/// bits are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Tolerance {
	/// The absolute term.
	pub absolute: F32,
	/// The relative term, a share of the row's scale.
	pub relative: F32,
}

/// The scale of a canonical row: the greatest |c| of its finite elements, +0 where there is none.
///
/// Infinite elements do not count: with one of them in the row the tolerance would be infinite,
/// and admit anything.
pub fn scale(row: impl IntoIterator<Item = F32>) -> F32 {
	row.into_iter().filter(|element| element.is_finite()).map(F32::abs).fold(F32::ZERO, F32::max)
}

impl Tolerance {
	/// Whether an element is within tolerance of its canonical value, in a row of this scale.
	///
	/// A NaN admits NaN alone, and an infinity itself alone; a finite value admits what is finite
	/// and at most `absolute + relative × scale` away. A scale that [`scale()`] never returns
	/// admits only equal bits.
	pub fn admits(&self, given: F32, canonical: F32, scale: F32) -> bool {
		!self.exceeds(given, canonical, scale, 1)
	}

	/// Whether an element lies further from its canonical value than `times` the tolerance.
	///
	/// Where one of the two is not finite, whatever is not admitted exceeds any multiple.
	pub fn exceeds(&self, given: F32, canonical: F32, scale: F32, times: u32) -> bool {
		if given == canonical {
			return false;
		}
		let bounds = [self.absolute, self.relative, scale];
		let is_bound = |bound: &F32| bound.is_finite() && !bound.is_negative();
		if !given.is_finite() || !canonical.is_finite() || !bounds.iter().all(is_bound) {
			return true;
		}
		let mut tolerance = Accumulator::new();
		tolerance.add(self.absolute);
		tolerance.add_product(self.relative, scale);
		let is_less = given.compare(canonical).is_some_and(|order| order.is_lt());
		let (low, high) = if is_less { (given, canonical) } else { (canonical, given) };
		let mut left = multiple(&tolerance, times);
		left.add(low);
		left.add(high.neg());
		// Rounding keeps the sign of what is not zero; zero is positive, since one term is +0.
		left.add(F32::ZERO);
		left.round().is_negative()
	}
}

/// A sum taken so many times, by doubling.
fn multiple(sum: &Accumulator, times: u32) -> Accumulator {
	let mut product = Accumulator::new();
	let mut doubled = sum.clone();
	let mut left = times;
	while left != 0 {
		if left & 1 == 1 {
			product.add_accumulator(&doubled);
		}
		let copy = doubled.clone();
		doubled.add_accumulator(&copy);
		left >>= 1;
	}
	product
}

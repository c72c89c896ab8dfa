//! Deciding which float32 a real number rounds to, from an interval around it.
//!
//! Conversion from float64 to float32 rounds to nearest even, keeps subnormals and grows with its
//! operand. So if both ends of an interval become the same bits, every number between them does,
//! be it subnormal or beyond the greatest finite value.

/// Twice the least normal float32, above which float32 keeps 24 bits of each value near by.
const LEAST: f64 = 2.0 * f32::MIN_POSITIVE as f64;

/// The bits of a float64's significand that float32 does not have.
const BELOW_FLOAT32: u64 = (1 << 29) - 1;

/// What these bits are half way between two float32, or between the greatest and what overflows.
const HALF_WAY: u64 = 1 << 28;

/// Half the distance from 1 to the next float64: the relative error of one operation.
const UNIT: f64 = f64::EPSILON / 2.0;

/// Covers what computing an error bound in float64 itself loses, with a large margin.
const SLACK: f64 = 1.0 + 1.0 / 1_048_576.0;

/// Radii from here on, which no finite operands reach, decide nothing.
const UNBOUNDED: f64 = 1e300;

/// The relative error of a float64 sum of `terms` exact terms in any order, with a few operations
/// more: times the sum of the terms' magnitudes it bounds the absolute error.
///
/// A sum of n terms errs by at most γ(n − 1)·Σ|term| with γ(n) = n·u / (1 − n·u), whatever the
/// order, and whether additions are fused with the products, which are exact anyway. Eight more
/// operations cover a bias, a division and the ends of the interval. Sums of float32 products are
/// multiples of 2⁻²⁹⁸ and below 2³⁰⁰, so that nothing underflows or overflows.
pub(super) fn sum_error(terms: usize) -> f64 {
	// Below 2³³ terms, γ(n) / (n·u) is within the slack.
	(terms as f64 + 8.0) * UNIT * SLACK
}

/// An upper bound of the square root of a float64 sum of exact squares.
pub(super) fn norm(sum_of_squares: f64) -> f64 {
	sum_of_squares.sqrt() * SLACK
}

/// The float32 to which each real number within `radius` of `center` rounds, if there is one.
///
/// `radius` includes the rounding of the interval's ends. A radius of zero decides nothing, because
/// the sign of an exact zero is not the interval's to know; nor does NaN.
#[inline]
pub(super) fn decide(center: f64, radius: f64) -> Option<f32> {
	let (value, sure) = guess(center, radius);
	sure.then_some(value)
}

/// As [`decide`], without a branch: what it would be, and whether it is.
#[inline]
pub(super) fn guess(center: f64, radius: f64) -> (f32, bool) {
	let (low, high) = ((center - radius) as f32, (center + radius) as f32);
	let same = (low.to_bits() == high.to_bits()) & !low.is_nan();
	(low, same & bounds(radius))
}

/// Whether a radius can decide anything.
#[inline]
fn bounds(radius: f64) -> bool {
	(radius > 0.0) & (radius < UNBOUNDED)
}

/// Two float64 whose sum is exactly that of the operands, the first being the rounded sum.
#[inline]
fn two_sum(left: f64, right: f64) -> (f64, f64) {
	let sum = left + right;
	let part = sum - left;
	(sum, (left - (sum - part)) + (right - part))
}

/// A sum of exact terms to about twice the precision of float64.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compensated {
	high: f64,
	low: f64,
	magnitude: f64,
}

impl Compensated {
	/// Adds a term.
	#[inline]
	pub(super) fn add(&mut self, term: f64) {
		let (sum, error) = two_sum(self.high, term);
		self.high = sum;
		self.low += error;
		self.magnitude += term.abs();
	}

	/// Adds the terms of another sum.
	pub(super) fn merge(&mut self, other: Self) {
		let (sum, error) = two_sum(self.high, other.high);
		self.high = sum;
		self.low += error + other.low;
		self.magnitude += other.magnitude;
	}

	/// What the sum of `terms` terms rounds to, if that is certain.
	///
	/// `high` and the errors of its additions make up the sum exactly; `low` is the float64 sum of
	/// those errors, off by at most (n·u)²·Σ|term|.
	pub(super) fn decide(self, terms: usize) -> Option<f32> {
		let (center, offset) = two_sum(self.high, self.low);
		let radius = sum_error(terms) * sum_error(terms) * self.magnitude * SLACK;
		let (below, above) = (center.next_down(), center.next_up());
		// The sum lies strictly between the neighbors of `center`: `offset` is at most half way to
		// either, and the radius less than the rest.
		let room = (center - below).min(above - center) / 4.0;
		if !bounds(radius) || radius >= room || center.abs() < LEAST {
			return None;
		}
		// Where rounding to float32 changes is a float64, so between the neighbors only `center`
		// can be such a place; then the neighbors are none.
		if center.to_bits() & BELOW_FLOAT32 != HALF_WAY {
			Some(center as f32)
		} else if offset > radius {
			Some(above as f32)
		} else if offset < -radius {
			Some(below as f32)
		} else {
			None
		}
	}
}

/// The one NaN for every NaN, as bytes.
#[inline]
pub(super) fn canonical(value: f32) -> [u8; 4] {
	canonical_bits(value.to_bits()).to_le_bytes()
}

/// The one NaN for every NaN, as bits.
#[inline]
pub(super) const fn canonical_bits(bits: u32) -> u32 {
	if bits & 0x7fff_ffff > 0x7f80_0000 {
		0x7fc0_0000
	} else {
		bits
	}
}

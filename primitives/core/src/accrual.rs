//! Income divided by weight, for ever, without ever counting those that it is divided among.
//!
//! An [`Accumulator`] knows what a unit of weight has earned since the beginning. A [`Position`]
//! remembers where that stood when it was last touched: the difference, times its weight, is what it
//! has earned since. So an income costs one division, whoever shares in it, and a position earns
//! only from what comes while it is there.
//!
//! Whenever a weight changes, the income that is there is divided first, by
//! [`Accumulator::sync`] with the weights as they were, and then the position is credited, by
//! [`Accumulator::settle`].
//!
//! ## Rounding
//!
//! The index is in parts of 2⁻¹²⁸. Both divisions round down, and what they leave over is carried on
//! and divided with the next income, so that nothing is lost and nothing is paid twice. Of a share
//! that is a whole number of units, the index is short by less than its weight in parts, which what
//! is carried makes up:
//!
//! > accounted × 2¹²⁸ = Σ (owed × 2¹²⁸ + weight × (index − index of the position)) + carry
//!
//! That holds to the last part, as [`Accumulator::is_exact`] checks, for as long as the weights of
//! the positions add up to the total that is given. Each time that a position is settled, less than
//! a unit of what it earned goes back to all.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

/// What is known of all positions together.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Accumulator {
	/// What a unit of weight has earned, in parts of 2⁻¹²⁸.
	///
	/// It wraps, and so do differences: what a position earned is at most what is accounted for, so
	/// that the true difference always fits.
	pub index: U256,
	/// What was divided and is not paid yet.
	pub accounted: Balance,
	/// What division left over, in parts of 2⁻¹²⁸. It is a part of what is accounted for.
	pub carry: Balance,
}

/// A part in the income.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Position {
	/// Its weight.
	pub weight: Balance,
	/// The index when it was last settled.
	pub index: U256,
	/// What it had earned by then and was not paid.
	pub owed: Balance,
}

impl Position {
	/// Whether nothing is lost with it.
	pub const fn is_empty(&self) -> bool {
		self.weight == 0 && self.owed == 0
	}
}

impl Accumulator {
	/// What is new of all that was received and is not paid yet.
	pub const fn fresh(&self, received: Balance) -> Balance {
		// It is never less than what is accounted for, and if it were, nothing would be new.
		received.saturating_sub(self.accounted)
	}

	/// Divide what is new of all that was received and is not paid yet, among a total of weight.
	///
	/// Without any weight it waits for some.
	pub fn sync(&mut self, received: Balance, total_weight: Balance) {
		let (income, total) = (wide(self.fresh(received), self.carry), U256::from(total_weight));
		let divided = income.checked_div(total).zip(income.checked_rem(total));
		let Some((gain, rest)) = divided else { return };
		self.index = self.index.overflowing_add(gain).0;
		// It is less than the total.
		self.carry = narrow(rest).1;
		self.accounted = self.accounted.max(received);
	}

	/// Credit a position with what it has earned since it was last settled.
	pub fn settle(&mut self, position: &mut Position) {
		let gain = self.index.overflowing_sub(position.index).0;
		position.index = self.index;
		// What a position earned is at most what is accounted for, so that it fits. If the weights
		// did not add up, nothing would be paid rather than too much.
		let Some(earned) = gain.checked_mul(U256::from(position.weight)) else { return };
		let (units, parts) = narrow(earned);
		// What is missing of the next unit.
		let short = parts.wrapping_neg();
		if short > 0 && short <= position.weight.min(self.carry) {
			// The rounding of the index made it short, and what that left over makes it up.
			self.carry = self.carry.saturating_sub(short);
			position.owed = position.owed.saturating_add(units).saturating_add(1);
			return;
		}
		position.owed = position.owed.saturating_add(units);
		let (carry, is_unit) = self.carry.overflowing_add(parts);
		self.carry = carry;
		if is_unit {
			// What was carried has come to a whole unit, which is divided as if it were new.
			self.accounted = self.accounted.saturating_sub(1);
		}
	}

	/// Take what a position is owed, to pay it.
	pub fn pay(&mut self, position: &mut Position) -> Balance {
		let owed = core::mem::take(&mut position.owed);
		// What is owed is accounted for.
		self.accounted = self.accounted.saturating_sub(owed);
		owed
	}

	/// Whether all that is accounted for belongs to these positions, to the last part.
	pub fn is_exact(&self, positions: impl IntoIterator<Item = Position>) -> bool {
		let sum = positions.into_iter().try_fold(U256::from(self.carry), |sum, position| {
			let gain = self.index.overflowing_sub(position.index).0;
			let earned = gain.checked_mul(U256::from(position.weight))?;
			sum.checked_add(earned)?.checked_add(wide(position.owed, 0))
		});
		sum == Some(wide(self.accounted, 0))
	}
}

/// The floor of `amount` × `part` / `whole`; `None` of no whole, or if it is more than can be counted.
pub fn portion(amount: Balance, part: Balance, whole: Balance) -> Option<Balance> {
	let product = U256::from(amount).checked_mul(U256::from(part))?;
	product.checked_div(U256::from(whole))?.try_into().ok()
}

/// What of `amount` falls to the stretch of a length from `start` on, on a line as long as `whole`.
///
/// Stretches that make up the line have portions that add up to the amount: each begins where the one
/// before ends. `None` of no line, or of a stretch that goes beyond what can be counted.
pub fn stretch(
	amount: Balance,
	(start, length): (Balance, Balance),
	whole: Balance,
) -> Option<Balance> {
	let end = portion(amount, start.checked_add(length)?, whole)?;
	end.checked_sub(portion(amount, start, whole)?)
}

/// So many units and parts of 2⁻¹²⁸.
const fn wide(units: Balance, parts: Balance) -> U256 {
	U256([parts as u64, (parts >> 64) as u64, units as u64, (units >> 64) as u64])
}

/// The units and the parts of 2⁻¹²⁸.
fn narrow(value: U256) -> (Balance, Balance) {
	let U256([low, high, units, more]) = value;
	let join = |high: u64, low: u64| (Balance::from(high) << 64) | Balance::from(low);
	(join(more, units), join(high, low))
}

#[cfg(test)]
mod tests;

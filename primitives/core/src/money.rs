//! How a fee is divided. One trait is the only way by which money leaves a job.

use crate::Balance;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Permill;

/// Why somebody is paid.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
	/// It ran the model.
	Provider,
	/// It owns the model.
	Owner,
	/// The chain's treasury.
	Treasury,
}

/// One part of a fee.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct FeeShare<AccountId> {
	/// Who is paid.
	pub payee: AccountId,
	/// Why.
	pub role: Role,
	/// How much.
	pub amount: Balance,
}

/// The fee of a job, as agreed at its assignment.
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
	Serialize,
	Deserialize,
)]
pub struct Fee {
	/// The provider's part: its ask times the units.
	pub work: Balance,
	/// The model owner's part: the version's price times the units.
	pub royalty: Balance,
}

impl Fee {
	/// The fee of `units` at these prices a unit; `None` on overflow.
	pub fn of(units: u64, ask: Balance, price: Balance) -> Option<Fee> {
		let units = Balance::from(units);
		let fee = Fee { work: units.checked_mul(ask)?, royalty: units.checked_mul(price)? };
		fee.work.checked_add(fee.royalty).map(|_| fee)
	}

	/// The whole fee. `Fee::of` has checked that the sum does not overflow.
	pub const fn total(&self) -> Balance {
		self.work.saturating_add(self.royalty)
	}
}

/// Divides a fee. The shares add up to the fee exactly.
pub trait FeeSplit<AccountId> {
	/// The shares of a fee that `provider` earned with a model of `owner`.
	fn split(fee: Fee, provider: &AccountId, owner: &AccountId) -> Vec<FeeShare<AccountId>>;
}

/// The plain split: `cut` of each part goes to the treasury, rounded down, the rest to the
/// provider and the model's owner.
pub fn split_with_cut<AccountId: Clone>(
	fee: Fee,
	cut: Permill,
	provider: &AccountId,
	owner: &AccountId,
	treasury: &AccountId,
) -> Vec<FeeShare<AccountId>> {
	let (work_cut, royalty_cut) = (cut.mul_floor(fee.work), cut.mul_floor(fee.royalty));
	let share = |payee: &AccountId, role, amount| FeeShare { payee: payee.clone(), role, amount };
	[
		// `mul_floor` never exceeds its operand, and the cuts together never exceed the fee.
		share(provider, Role::Provider, fee.work.saturating_sub(work_cut)),
		share(owner, Role::Owner, fee.royalty.saturating_sub(royalty_cut)),
		share(treasury, Role::Treasury, work_cut.saturating_add(royalty_cut)),
	]
	.into_iter()
	.filter(|share| share.amount > 0)
	.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn shares_add_up_to_the_fee(work in 0..u128::MAX / 2, royalty in 0..u128::MAX / 2, cut in 0u32..=1_000_000) {
			let fee = Fee { work, royalty };
			let shares = split_with_cut(fee, Permill::from_parts(cut), &1, &2, &3);
			prop_assert_eq!(shares.iter().map(|share| share.amount).sum::<u128>(), fee.total());
		}
	}

	#[test]
	fn a_fee_that_overflows_is_none() {
		assert_eq!(Fee::of(2, u128::MAX, 0), None);
		assert_eq!(Fee::of(1, u128::MAX, 1), None);
		assert_eq!(Fee::of(3, 5, 2), Some(Fee { work: 15, royalty: 6 }));
	}
}

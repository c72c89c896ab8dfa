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
	/// The pot that audits are paid from.
	Audit,
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

	/// One of so many equal parts, rounded down, and what is left without it; `None` of no parts.
	pub fn part(self, parts: u32) -> Option<(Fee, Fee)> {
		let parts = Balance::from(parts);
		let part =
			Fee { work: self.work.checked_div(parts)?, royalty: self.royalty.checked_div(parts)? };
		let rest = Fee {
			work: self.work.checked_sub(part.work)?,
			royalty: self.royalty.checked_sub(part.royalty)?,
		};
		Some((part, rest))
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

/// A part of every fee that goes to an account of the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut<AccountId> {
	/// The account.
	pub payee: AccountId,
	/// What it is for.
	pub role: Role,
	/// How much.
	pub part: Permill,
}

/// The plain split: of each part of the fee, the cuts are taken, rounded down, in their order, as
/// far as there is something left; the rest goes to the provider and the model's owner.
pub fn split_with_cuts<AccountId: Clone, const N: usize>(
	fee: Fee,
	provider: &AccountId,
	owner: &AccountId,
	cuts: [Cut<AccountId>; N],
) -> Vec<FeeShare<AccountId>> {
	let Fee { mut work, mut royalty } = fee;
	let cuts = cuts.map(|Cut { payee, role, part }| {
		let (of_work, of_royalty) = (part.mul_floor(fee.work), part.mul_floor(fee.royalty));
		let (of_work, of_royalty) = (of_work.min(work), of_royalty.min(royalty));
		// Each is at most what is left, and together they never exceed the fee.
		work = work.saturating_sub(of_work);
		royalty = royalty.saturating_sub(of_royalty);
		FeeShare { payee, role, amount: of_work.saturating_add(of_royalty) }
	});
	let share = |payee: &AccountId, role, amount| FeeShare { payee: payee.clone(), role, amount };
	[share(provider, Role::Provider, work), share(owner, Role::Owner, royalty)]
		.into_iter()
		.chain(cuts)
		.filter(|share| share.amount > 0)
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn cuts(treasury: u32, audit: u32) -> [Cut<u8>; 2] {
		let part = Permill::from_parts;
		[
			Cut { payee: 3, role: Role::Treasury, part: part(treasury) },
			Cut { payee: 4, role: Role::Audit, part: part(audit) },
		]
	}

	proptest! {
		/// Whatever the cuts are, and even if they are more than the fee together.
		#[test]
		fn shares_add_up_to_the_fee(
			work in 0..u128::MAX / 2,
			royalty in 0..u128::MAX / 2,
			treasury in 0u32..=1_000_000,
			audit in 0u32..=1_000_000,
		) {
			let fee = Fee { work, royalty };
			let shares = split_with_cuts(fee, &1, &2, cuts(treasury, audit));
			prop_assert_eq!(shares.iter().map(|share| share.amount).sum::<u128>(), fee.total());
		}
	}

	#[test]
	fn cuts_are_taken_of_both_parts() {
		let fee = Fee { work: 1_000, royalty: 150 };
		let shares = split_with_cuts(fee, &1, &2, cuts(50_000, 20_000));
		let amounts: Vec<_> = shares.iter().map(|share| (share.payee, share.amount)).collect();
		assert_eq!(amounts, [(1, 930), (2, 140), (3, 57), (4, 23)]);
		let shares = split_with_cuts(fee, &1, &2, cuts(1_000_000, 20_000));
		assert_eq!(shares.len(), 1);
	}

	#[test]
	fn a_part_and_what_is_left_are_the_fee() {
		let fee = Fee { work: 1_000, royalty: 5 };
		let part = Fee { work: 333, royalty: 1 };
		assert_eq!(fee.part(3), Some((part, Fee { work: 667, royalty: 4 })));
		assert_eq!(fee.part(1), Some((fee, Fee::default())));
		assert_eq!(fee.part(0), None);
	}

	#[test]
	fn a_fee_that_overflows_is_none() {
		assert_eq!(Fee::of(2, u128::MAX, 0), None);
		assert_eq!(Fee::of(1, u128::MAX, 1), None);
		assert_eq!(Fee::of(3, 5, 2), Some(Fee { work: 15, royalty: 6 }));
	}
}

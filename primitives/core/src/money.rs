//! How a fee is divided. One trait is the only way by which money leaves a job.

use crate::{ids::AssetId, licence::MAX_ANCESTORS, Balance};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, Permill, Saturating};

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
	/// The model was made from what it owns.
	Ancestor,
	/// The job used its data.
	Data,
	/// Nobody: it ceases to exist.
	Burn,
}

impl Role {
	/// The name that people read.
	pub const fn name(self) -> &'static str {
		match self {
			Role::Provider => "provider",
			Role::Owner => "owner",
			Role::Treasury => "treasury",
			Role::Audit => "audit",
			Role::Ancestor => "ancestor",
			Role::Data => "data",
			Role::Burn => "burn",
		}
	}
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
	/// Who is paid; of what is burned, who would have the rest.
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
	/// The provider's part: its ask times the units, and what the key of the data costs it.
	pub work: Balance,
	/// The model owner's part: the version's price times the units.
	pub royalty: Balance,
	/// The part of the owner of the data that the job uses: what its grant asks for each use.
	pub data: Balance,
}

impl Fee {
	/// The fee of `units` at these prices a unit; `None` on overflow.
	pub fn of(units: u64, ask: Balance, price: Balance) -> Option<Fee> {
		let units = Balance::from(units);
		let (work, royalty) = (units.checked_mul(ask)?, units.checked_mul(price)?);
		Fee { work, royalty, data: 0 }.with_data(0, 0)
	}

	/// The fee with so much for data, and for its key; `None` on overflow.
	pub fn with_data(self, data: Balance, key: Balance) -> Option<Fee> {
		let work = self.work.checked_add(key)?;
		work.checked_add(self.royalty)?.checked_add(data)?;
		Some(Fee { work, data, ..self })
	}

	/// One of so many equal parts, rounded down, and what is left without it; `None` of no parts.
	pub fn part(self, parts: u32) -> Option<(Fee, Fee)> {
		let parts = Balance::from(parts);
		let part = Fee {
			work: self.work.checked_div(parts)?,
			royalty: self.royalty.checked_div(parts)?,
			data: self.data.checked_div(parts)?,
		};
		let rest = Fee {
			work: self.work.checked_sub(part.work)?,
			royalty: self.royalty.checked_sub(part.royalty)?,
			data: self.data.checked_sub(part.data)?,
		};
		Some((part, rest))
	}

	/// The whole fee. `Fee::with_data` has checked that the sum does not overflow.
	pub const fn total(&self) -> Balance {
		self.work.saturating_add(self.royalty).saturating_add(self.data)
	}
}

/// Who has a part of what the owner of a version would have.
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
pub struct Beneficiary<AccountId> {
	/// Who is paid.
	pub payee: AccountId,
	/// The part.
	pub share: Permill,
}

/// Who earns by a job besides its provider, as it was at the request.
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
pub struct Earners<AccountId> {
	/// Whom the model's owner has its part paid to.
	pub owner: AccountId,
	/// Who has parts of that, which are all of it at most.
	pub ancestors: BoundedVec<Beneficiary<AccountId>, ConstU32<MAX_ANCESTORS>>,
	/// Who is paid for the data that the job uses, and how much.
	pub data: Option<DataFee<AccountId>>,
}

/// What a job pays for data.
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
pub struct DataFee<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// Who is paid.
	pub payee: AccountId,
	/// How much, for all uses.
	pub amount: Balance,
	/// What the key of the data costs the provider, which has it back.
	pub key: Balance,
}

impl<AccountId> Earners<AccountId> {
	/// The owner alone.
	pub fn only(owner: AccountId) -> Self {
		Earners { owner, ancestors: BoundedVec::new(), data: None }
	}

	/// A fee with what the job pays for data and its key; `None` on overflow.
	pub fn charge(&self, fee: Fee) -> Option<Fee> {
		match &self.data {
			Some(data) => fee.with_data(data.amount, data.key),
			None => Some(fee),
		}
	}
}

/// Divides a fee. The shares add up to the fee exactly.
pub trait FeeSplit<AccountId> {
	/// The shares of a fee that `provider` earned with a model and data of `earners`.
	fn split(
		fee: Fee,
		provider: &AccountId,
		earners: &Earners<AccountId>,
	) -> Vec<FeeShare<AccountId>>;
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
/// far as there is something left. The rest goes to the provider, to the owner of the data, and to
/// the owner of the model, of whose part its ancestors first have theirs, rounded down; what this
/// rounding leaves goes to the treasury, if that is among the cuts, otherwise to the owner.
///
/// A fee with a part for data has somebody who is paid for it.
pub fn split_with_cuts<AccountId: Clone, const N: usize>(
	fee: Fee,
	provider: &AccountId,
	earners: &Earners<AccountId>,
	cuts: [Cut<AccountId>; N],
) -> Vec<FeeShare<AccountId>> {
	let mut left = fee;
	let mut cuts = cuts.map(|Cut { payee, role, part }| {
		// Each is at most what is left, and together they never exceed the fee.
		let take = |whole: Balance, left: &mut Balance| {
			let cut = part.mul_floor(whole).min(*left);
			*left = left.saturating_sub(cut);
			cut
		};
		let amount = take(fee.work, &mut left.work)
			.saturating_add(take(fee.royalty, &mut left.royalty))
			.saturating_add(take(fee.data, &mut left.data));
		FeeShare { payee, role, amount }
	});
	let (mut owner, ancestors, dust) = divide(left.royalty, earners);
	match cuts.iter_mut().find(|cut| cut.role == Role::Treasury) {
		// No part of the fee is in both.
		Some(treasury) => treasury.amount = treasury.amount.saturating_add(dust),
		None => owner = owner.saturating_add(dust),
	}
	let share = |payee: &AccountId, role, amount| FeeShare { payee: payee.clone(), role, amount };
	let data = earners.data.as_ref().map(|data| share(&data.payee, Role::Data, left.data));
	[share(provider, Role::Provider, left.work), share(&earners.owner, Role::Owner, owner)]
		.into_iter()
		.chain(ancestors)
		.chain(data)
		.chain(cuts)
		.filter(|share| share.amount > 0)
		.collect()
}

/// Divide a royalty: the owner's part, the shares of the ancestors, and what rounding leaves.
fn divide<AccountId: Clone>(
	royalty: Balance,
	earners: &Earners<AccountId>,
) -> (Balance, Vec<FeeShare<AccountId>>, Balance) {
	let mut left = royalty;
	let mut own = Permill::one();
	let ancestors: Vec<_> = earners
		.ancestors
		.iter()
		.map(|Beneficiary { payee, share }| {
			// Shares above everything together get what there is.
			let amount = share.mul_floor(royalty).min(left);
			left = left.saturating_sub(amount);
			own = own.saturating_sub(*share);
			FeeShare { payee: payee.clone(), role: Role::Ancestor, amount }
		})
		.collect();
	let owner = own.mul_floor(royalty).min(left);
	(owner, ancestors, left.saturating_sub(owner))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Ancestors 10, 11, … with these shares of the owner 2, and data of 4.
	fn earners(ancestors: &[u32], data: Option<Balance>) -> Earners<u8> {
		let ancestors = ancestors.iter().enumerate().map(|(index, share)| Beneficiary {
			payee: 10 + index as u8,
			share: Permill::from_parts(*share),
		});
		let data = data.map(|amount| DataFee { asset: AssetId(6), payee: 4, amount, key: 0 });
		Earners { owner: 2, ancestors: ancestors.collect::<Vec<_>>().try_into().unwrap(), data }
	}

	fn cuts(treasury: u32, audit: u32) -> [Cut<u8>; 2] {
		let part = Permill::from_parts;
		[
			Cut { payee: 3, role: Role::Treasury, part: part(treasury) },
			Cut { payee: 5, role: Role::Audit, part: part(audit) },
		]
	}

	proptest! {
		/// Whatever the cuts are, and even if they are more than the fee together.
		#[test]
		fn shares_add_up_to_the_fee(
			work in 0..u128::MAX / 3,
			royalty in 0..u128::MAX / 3,
			data in 0..u128::MAX / 3,
			ancestors in proptest::collection::vec(0u32..=1_000_000, 0..=8),
			treasury in 0u32..=1_000_000,
			audit in 0u32..=1_000_000,
		) {
			let earners = earners(&ancestors, Some(data));
			let fee = Fee { work, royalty, data };
			let shares = split_with_cuts(fee, &1, &earners, cuts(treasury, audit));
			prop_assert_eq!(shares.iter().map(|share| share.amount).sum::<u128>(), fee.total());
		}

		/// Each has its part of what is left without the cuts, less than one unit short of it.
		#[test]
		fn ancestors_have_their_parts(
			royalty in 0..u128::MAX / 1_000_000,
			ancestors in proptest::collection::vec(0u32..=125_000, 0..=8),
		) {
			let fee = Fee { work: 0, royalty, data: 0 };
			let shares = split_with_cuts(fee, &1, &earners(&ancestors, None), cuts(0, 0));
			let paid = |payee| -> u128 {
				shares.iter().filter(|share| share.payee == payee).map(|share| share.amount).sum()
			};
			for (index, share) in ancestors.iter().enumerate() {
				prop_assert_eq!(paid(10 + index as u8), royalty * u128::from(*share) / 1_000_000);
			}
			let own = 1_000_000 - u128::from(ancestors.iter().sum::<u32>());
			prop_assert_eq!(paid(2), royalty * own / 1_000_000);
			prop_assert!(paid(3) <= ancestors.len() as u128);
		}
	}

	#[test]
	fn ancestors_of_more_than_everything_get_what_there_is() {
		let fee = Fee { work: 0, royalty: 10, data: 0 };
		let shares = split_with_cuts(fee, &1, &earners(&[700_000, 700_000], None), []);
		let amounts: Vec<_> = shares.iter().map(|share| (share.payee, share.amount)).collect();
		assert_eq!(amounts, [(10, 7), (11, 3)]);
	}

	#[test]
	fn what_rounding_leaves_is_the_treasurys() {
		let fee = Fee { work: 100, royalty: 101, data: 7 };
		let shares = split_with_cuts(fee, &1, &earners(&[333_333; 3], Some(7)), cuts(0, 0));
		let amounts: Vec<_> =
			shares.iter().map(|share| (share.payee, share.role, share.amount)).collect();
		assert_eq!(
			amounts,
			[
				(1, Role::Provider, 100),
				(10, Role::Ancestor, 33),
				(11, Role::Ancestor, 33),
				(12, Role::Ancestor, 33),
				(4, Role::Data, 7),
				(3, Role::Treasury, 2)
			]
		);
	}

	#[test]
	fn cuts_are_taken_of_both_parts() {
		let fee = Fee { work: 1_000, royalty: 150, data: 0 };
		let only = Earners::only(2);
		let shares = split_with_cuts(fee, &1, &only, cuts(50_000, 20_000));
		let amounts: Vec<_> = shares.iter().map(|share| (share.payee, share.amount)).collect();
		assert_eq!(amounts, [(1, 930), (2, 140), (3, 57), (5, 23)]);
		let shares = split_with_cuts(fee, &1, &only, cuts(1_000_000, 20_000));
		assert_eq!(shares.len(), 1);
	}

	#[test]
	fn a_part_and_what_is_left_are_the_fee() {
		let fee = Fee { work: 1_000, royalty: 5, data: 2 };
		let part = Fee { work: 333, royalty: 1, data: 0 };
		assert_eq!(fee.part(3), Some((part, Fee { work: 667, royalty: 4, data: 2 })));
		assert_eq!(fee.part(1), Some((fee, Fee::default())));
		assert_eq!(fee.part(0), None);
	}

	#[test]
	fn a_fee_that_overflows_is_none() {
		assert_eq!(Fee::of(2, u128::MAX, 0), None);
		assert_eq!(Fee::of(1, u128::MAX, 1), None);
		let fee = Fee { work: 15, royalty: 6, data: 0 };
		assert_eq!(Fee::of(3, 5, 2), Some(fee));
		assert_eq!(fee.with_data(u128::MAX - 20, 0), None);
		assert_eq!(fee.with_data(1, u128::MAX - 21), None);
		assert_eq!(fee.with_data(0, u128::MAX), None);
		assert_eq!(fee.with_data(9, 4), Some(Fee { work: 19, royalty: 6, data: 9 }));
	}

	#[test]
	fn a_job_pays_for_the_data_and_the_key_that_it_was_told_of() {
		let fee = Fee { work: 15, royalty: 6, data: 0 };
		assert_eq!(earners(&[], None).charge(fee), Some(fee));
		let mut earners = earners(&[], Some(9));
		earners.data.as_mut().unwrap().key = 4;
		assert_eq!(earners.charge(fee), Some(Fee { work: 19, royalty: 6, data: 9 }));
	}
}

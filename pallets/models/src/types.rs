//! What is stored. Nothing here knows of `Config`.

use assay_primitives::{
	model::{Metadata, ModelView, Name, VersionSpec, VersionStatus, VersionView},
	Balance, BlockNumber, ModelId, VersionId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A registered model.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ModelRecord<AccountId> {
	/// Who owns it and is paid its price.
	pub owner: AccountId,
	/// Its unique name.
	pub name: Name,
	/// What the owner says about it.
	pub metadata: Metadata,
	/// The deposit for the name and the metadata.
	pub deposit: Balance,
	/// The deposits for all its versions together, so that a transfer need not read them.
	pub version_deposits: Balance,
	/// The number of the newest version, which is how many there are.
	pub latest: u32,
}

impl<AccountId> ModelRecord<AccountId> {
	/// A model without versions.
	pub const fn new(
		owner: AccountId,
		name: Name,
		metadata: Metadata,
		deposit: Balance,
	) -> ModelRecord<AccountId> {
		ModelRecord { owner, name, metadata, deposit, version_deposits: 0, latest: 0 }
	}

	/// What is held from the owner for the model and its versions.
	///
	/// Saturates where it cannot be reached: every part of the sum was held from an account.
	pub const fn total_deposit(&self) -> Balance {
		self.deposit.saturating_add(self.version_deposits)
	}

	/// The model with one version more; `None` when there are `most` of them already.
	pub fn add_version(self, deposit: Balance, most: u32) -> Option<Self> {
		let latest = self.latest.checked_add(1).filter(|latest| *latest <= most)?;
		let version_deposits = self.version_deposits.saturating_add(deposit);
		Some(ModelRecord { version_deposits, latest, ..self })
	}

	/// The model without a version's deposit, which was taken from its owner.
	pub fn forfeit(self, deposit: Balance) -> Self {
		// Saturates, but never has to: M-4.
		let version_deposits = self.version_deposits.saturating_sub(deposit);
		ModelRecord { version_deposits, ..self }
	}

	/// The model with another owner.
	pub fn transfer(self, to: AccountId) -> Self {
		ModelRecord { owner: to, ..self }
	}

	/// The model as clients read it.
	pub fn into_view(self, id: ModelId) -> ModelView<AccountId> {
		let deposit = self.total_deposit();
		let ModelRecord { owner, name, metadata, latest, .. } = self;
		ModelView { id, name, owner, metadata, latest, deposit }
	}
}

/// A published version.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct VersionRecord {
	/// What the publisher declared, with the present price.
	pub spec: VersionSpec,
	/// Whether it takes new jobs.
	pub status: VersionStatus,
	/// The block in which it was published.
	pub published: BlockNumber,
	/// The deposit for the declaration.
	pub deposit: Balance,
}

impl VersionRecord {
	/// A version that takes jobs.
	pub const fn new(spec: VersionSpec, published: BlockNumber, deposit: Balance) -> Self {
		VersionRecord { spec, status: VersionStatus::Active, published, deposit }
	}

	/// The version, retired; `None` when it is retired already.
	pub fn deprecate(self) -> Option<Self> {
		match self.status {
			VersionStatus::Active => {
				Some(VersionRecord { status: VersionStatus::Deprecated, ..self })
			},
			VersionStatus::Deprecated | VersionStatus::Frozen => None,
		}
	}

	/// The version, frozen, and its deposit, which is not its owner's any more; `None` when it is
	/// frozen already.
	pub fn freeze(self) -> Option<(Self, Balance)> {
		let VersionRecord { status, deposit, .. } = self;
		let frozen = VersionRecord { status: VersionStatus::Frozen, deposit: 0, ..self };
		(status != VersionStatus::Frozen).then_some((frozen, deposit))
	}

	/// The version at another price.
	pub fn at_price(self, price: Balance) -> Self {
		VersionRecord { spec: VersionSpec { price, ..self.spec }, ..self }
	}

	/// The version as clients read it.
	pub fn into_view(self, id: VersionId) -> VersionView {
		VersionView { id, spec: self.spec, status: self.status, published: self.published }
	}
}

/// A model's id whose encoding sorts as its number does: big-endian.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct SortedId([u8; 4]);

impl From<ModelId> for SortedId {
	fn from(id: ModelId) -> Self {
		SortedId(id.0.to_be_bytes())
	}
}

impl From<SortedId> for ModelId {
	fn from(id: SortedId) -> Self {
		ModelId(u32::from_be_bytes(id.0))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn model(latest: u32) -> ModelRecord<u64> {
		ModelRecord { latest, ..ModelRecord::new(1, Name::default(), Metadata::default(), 7) }
	}

	proptest! {
		#[test]
		fn sorted_ids_sort_as_numbers_do(a: u32, b: u32) {
			let (left, right) = (SortedId::from(ModelId(a)), SortedId::from(ModelId(b)));
			prop_assert_eq!(left.encode().cmp(&right.encode()), a.cmp(&b));
			prop_assert_eq!(ModelId::from(left), ModelId(a));
		}

		#[test]
		fn the_total_counts_every_version(deposits in proptest::collection::vec(0u64.., 0..20)) {
			let record = deposits.iter().try_fold(model(0), |record, deposit| {
				record.add_version(Balance::from(*deposit), 20)
			});
			let sum: Balance = deposits.iter().map(|deposit| Balance::from(*deposit)).sum();
			prop_assert_eq!(record.map(|record| record.total_deposit()), Some(sum + 7));
		}
	}

	#[test]
	fn a_version_beyond_the_most_is_refused() {
		assert!(model(2).add_version(1, 3).is_some());
		assert!(model(3).add_version(1, 3).is_none());
		assert!(model(u32::MAX).add_version(1, u32::MAX).is_none());
	}
}

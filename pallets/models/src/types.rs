//! What is stored. Nothing here knows of `Config`.

use assay_primitives::{
	licence::{Consent, DeclaredParent, Parent, Source, Waterfall, MAX_PARENTS},
	model::{LineageView, Metadata, ModelView, Name, VersionSpec, VersionStatus, VersionView},
	Balance, BlockNumber, ModelId, VersionId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, BoundedVec};

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
	/// The deposits for all its versions and their lineages together, so that a transfer need not
	/// read them.
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

	/// What is held from the owner for the model, its versions and their lineages.
	///
	/// Saturates where it cannot be reached: every part of the sum was held from an account.
	pub const fn total_deposit(&self) -> Balance {
		self.deposit.saturating_add(self.version_deposits)
	}

	/// The model with one version more; `None` when there are `most` of them already.
	pub fn add_version(self, deposit: Balance, most: u32) -> Option<Self> {
		let latest = self.latest.checked_add(1).filter(|latest| *latest <= most)?;
		Some(ModelRecord { latest, ..self.add_deposit(deposit) })
	}

	/// The model with one more deposit for something of a version.
	pub fn add_deposit(self, deposit: Balance) -> Self {
		// Saturates where it cannot be reached: every part of the sum was held from an account.
		let version_deposits = self.version_deposits.saturating_add(deposit);
		ModelRecord { version_deposits, ..self }
	}

	/// The model without a deposit for something of a version.
	pub fn remove_deposit(self, deposit: Balance) -> Self {
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

/// The parents of a version, as they are stored.
pub type Parents = BoundedVec<DeclaredParent, ConstU32<MAX_PARENTS>>;

/// What a version was made from.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Lineage {
	/// What it was made from directly, and whether the owners agree.
	pub parents: Parents,
	/// What all its ancestors earn by it.
	pub waterfall: Waterfall,
	/// The deposit for the declaration.
	pub deposit: Balance,
}

impl Lineage {
	/// How many owners of parents have still to agree.
	pub fn awaits(&self) -> u8 {
		let awaited = self.parents.iter().filter(|declared| declared.consent == Consent::Awaited);
		// Saturates where it cannot be reached: there are at most `MAX_PARENTS`.
		u8::try_from(awaited.count()).unwrap_or(u8::MAX)
	}

	/// Whether nobody has to agree any more. It never changes then.
	pub fn holds(&self) -> bool {
		self.awaits() == 0
	}

	/// The lineage with the consent of the owner of a parent, exactly as it is declared; `None` when
	/// that is not awaited.
	pub fn consent(mut self, parent: &Parent) -> Option<Self> {
		let awaited = DeclaredParent { parent: *parent, consent: Consent::Awaited };
		let declared = self.parents.iter_mut().find(|declared| **declared == awaited)?;
		declared.consent = Consent::Given;
		Some(self)
	}

	/// The versions that it was made from directly.
	pub fn versions(&self) -> impl Iterator<Item = VersionId> + '_ {
		self.parents.iter().filter_map(|declared| match declared.parent.source {
			Source::Version(version) => Some(version),
			Source::Asset(_) => None,
		})
	}

	/// The lineage as clients read it.
	pub fn into_view(self, id: VersionId) -> LineageView {
		let awaits = self.awaits();
		let Lineage { parents, waterfall, deposit } = self;
		LineageView { id, parents, waterfall, awaits, deposit }
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
	use assay_primitives::{
		licence::{Permill, Relation},
		AssetId,
	};
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

	fn parent(source: Source, parts: u32) -> Parent {
		let relation = match source {
			Source::Version(_) => Relation::FineTuned,
			Source::Asset(_) => Relation::TrainedOn,
		};
		Parent { source, relation, share: Permill::from_parts(parts) }
	}

	/// Made from a version and an asset, whose owners are asked.
	fn lineage() -> Lineage {
		let sources = [Source::Version(VersionId::default()), Source::Asset(AssetId(0))];
		let declared = sources
			.map(|source| DeclaredParent { parent: parent(source, 5), consent: Consent::Awaited });
		let parents = declared.to_vec().try_into().unwrap();
		Lineage { parents, waterfall: Default::default(), deposit: 3 }
	}

	#[test]
	fn a_lineage_holds_when_every_owner_has_agreed_once() {
		let [first, second] = [0, 1].map(|index| lineage().parents[index].parent);
		assert_eq!((lineage().awaits(), lineage().holds()), (2, false));
		let once = lineage().consent(&first).unwrap();
		assert_eq!((once.awaits(), once.holds()), (1, false));
		assert_eq!(once.clone().consent(&first), None);
		let twice = once.consent(&second).unwrap();
		assert!(twice.holds());
		assert_eq!(twice.clone().consent(&second), None);
		assert_eq!(twice.versions().collect::<Vec<_>>(), [VersionId::default()]);
	}

	#[test]
	fn consent_is_to_a_parent_as_it_is_declared() {
		let declared = lineage().parents[0].parent;
		for other in [
			parent(declared.source, 4),
			parent(Source::Asset(AssetId(1)), 5),
			Parent { relation: Relation::Distilled, ..declared },
		] {
			assert_eq!(lineage().consent(&other), None);
		}
	}
}

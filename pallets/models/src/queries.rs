//! Reads: for the runtime API, and for other pallets.

use crate::{
	types::SortedId, Config, Lineages, Models, Names, NextModel, OwnedModels, Pallet, Used,
	Versions,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	model::{LineageView, ModelView, Name, VersionStatus, VersionView},
	money::Earners,
	revenue::{Subject, SubjectInspect, UsageCount, UsageInspect, UsageTotal},
	traits::{ModelFreeze, ModelInspect, VersionInfo, NEWEST_OF},
	Balance, ModelId, VersionId,
};

/// How many items a page holds: what is asked for, but at least one, so that every page gets
/// ahead, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

impl<T: Config> Pallet<T> {
	/// A model by its id.
	pub fn model(id: ModelId) -> Option<ModelView<T::AccountId>> {
		Models::<T>::get(id).map(|record| record.into_view(id))
	}

	/// A model by its name.
	pub fn model_by_name(name: Name) -> Option<ModelView<T::AccountId>> {
		Names::<T>::get(name).and_then(Self::model)
	}

	/// Models from `start` on in the order of registration, of one owner if given.
	pub fn models(
		owner: Option<T::AccountId>,
		start: ModelId,
		limit: u32,
	) -> Page<ModelView<T::AccountId>, ModelId> {
		let length = page_length(limit);
		let mut ids: Vec<ModelId> = match owner {
			Some(owner) => Self::owned_from(&owner, start).take(length.saturating_add(1)).collect(),
			None => (start.0..NextModel::<T>::get().0)
				.take(length.saturating_add(1))
				.map(ModelId)
				.collect(),
		};
		let next = ids.get(length).copied();
		ids.truncate(length);
		Page { items: ids.into_iter().filter_map(Self::model).collect(), next }
	}

	/// The models of an owner from `start` on, in order.
	fn owned_from(owner: &T::AccountId, start: ModelId) -> impl Iterator<Item = ModelId> {
		// An iterator starts behind the key that it is given, so it is given the one before.
		let keys = match start.0.checked_sub(1) {
			Some(before) => {
				let before = SortedId::from(ModelId(before));
				let key = OwnedModels::<T>::hashed_key_for(owner, before);
				OwnedModels::<T>::iter_key_prefix_from(owner, key)
			},
			None => OwnedModels::<T>::iter_key_prefix(owner),
		};
		keys.map(ModelId::from)
	}

	/// A version of a model.
	pub fn version(id: VersionId) -> Option<VersionView> {
		Versions::<T>::get(id).map(|record| record.into_view(id))
	}

	/// Versions of a model from the number `start` on, in the order of publication.
	pub fn versions(model: ModelId, start: u32, limit: u32) -> Page<VersionView, u32> {
		let length = page_length(limit);
		let latest = Models::<T>::get(model).map_or(0, |record| record.latest);
		// Versions are counted from one.
		let mut numbers = start.max(1)..=latest;
		let items = numbers
			.by_ref()
			.take(length)
			.filter_map(|number| Self::version(VersionId { model, number }))
			.collect();
		Page { items, next: numbers.next() }
	}

	/// What a version was made from, if it says so.
	pub fn lineage(id: VersionId) -> Option<LineageView> {
		Lineages::<T>::get(id).map(|lineage| lineage.into_view(id))
	}
}

impl<T: Config> ModelInspect<T::AccountId> for Pallet<T> {
	fn version(version: VersionId) -> Option<VersionInfo<T::AccountId>> {
		let record = Versions::<T>::get(version)?;
		let owner = Models::<T>::get(version.model)?.owner;
		let licence = record.spec.permissions.clone();
		Some(VersionInfo { owner, spec: record.spec, status: record.status, licence })
	}

	fn earners(
		version: VersionId,
		info: &VersionInfo<T::AccountId>,
	) -> Option<Earners<T::AccountId>> {
		Self::earners_of(version, &info.owner)
	}

	fn newest_active(model: ModelId) -> Option<VersionId> {
		let latest = Models::<T>::get(model)?.latest;
		let newest = (1..=latest).rev().take(usize::try_from(NEWEST_OF).unwrap_or(1));
		newest.map(|number| VersionId { model, number }).find(|id| {
			let record = Versions::<T>::get(id);
			let active = record.is_some_and(|record| record.status == VersionStatus::Active);
			// One that waits for a consent takes no jobs yet.
			active && Lineages::<T>::get(id).is_none_or(|lineage| lineage.holds())
		})
	}
}

impl<T: Config> ModelFreeze<T::AccountId> for Pallet<T> {
	fn freeze(version: VersionId, prover: &T::AccountId) {
		Self::do_freeze(version, prover);
	}
}

/// Models alone: of what else earns, other pallets know.
impl<T: Config> SubjectInspect<T::AccountId> for Pallet<T> {
	fn owner(subject: Subject) -> Option<T::AccountId> {
		match subject {
			Subject::Model(model) => Models::<T>::get(model).map(|record| record.owner),
			Subject::Asset(_) | Subject::Pool(_) => None,
		}
	}
}

impl<T: Config> UsageCount for Pallet<T> {
	fn count(version: VersionId, paid: Balance) {
		Used::<T>::mutate(version.model, |used| *used = used.with(paid));
	}
}

/// Models alone, as above.
impl<T: Config> UsageInspect for Pallet<T> {
	fn used(subject: Subject) -> UsageTotal {
		match subject {
			Subject::Model(model) => Used::<T>::get(model),
			Subject::Asset(_) | Subject::Pool(_) => UsageTotal::default(),
		}
	}
}

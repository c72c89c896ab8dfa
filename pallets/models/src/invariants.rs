//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	types::{Lineage, ModelRecord, SortedId},
	Config, Descendants, HoldReason, Lineages, Models, Names, NextModel, Offers, OwnedModels,
	Pallet, Used, Versions,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use assay_primitives::{
	licence::{is_within_everything, waterfall, Royalty, Source, Waterfall},
	Balance, ModelId, VersionId,
};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::deposits_are_held()?;
		Self::names_and_models_are_one_to_one()?;
		Self::owners_are_indexed()?;
		Self::versions_are_counted()?;
		Self::ids_are_contiguous()?;
		Self::offers_are_open()?;
		Self::lineages_are_of_versions()?;
		Self::waterfalls_are_those_of_the_parents()?;
		Self::descendants_are_counted()?;
		Self::settled_jobs_are_of_models()
	}

	/// M-1: what is held from each account equals the deposits of its models, their versions and
	/// lineages.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for record in Models::<T>::iter_values() {
			let total = record.total_deposit();
			let sum = deposits.entry(record.owner).or_default();
			*sum = sum.checked_add(total).ok_or("M-1: deposits overflow")?;
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &account);
			let deposit = deposits.remove(&account).unwrap_or_default();
			ensure!(held == deposit, "M-1: the hold differs from the deposits");
		}
		ensure!(deposits.into_values().all(|sum| sum == 0), "M-1: an owner without an account");
		Ok(())
	}

	/// M-2: names and models are one to one.
	fn names_and_models_are_one_to_one() -> Result<(), TryRuntimeError> {
		for (name, model) in Names::<T>::iter() {
			let named = Models::<T>::get(model).is_some_and(|record| record.name == name);
			ensure!(named, "M-2: a name whose model has another");
		}
		ensure!(
			Names::<T>::iter_keys().count() == Models::<T>::iter_keys().count(),
			"M-2: a model without its name"
		);
		Ok(())
	}

	/// M-3: the index by owner has each model once, under its owner.
	fn owners_are_indexed() -> Result<(), TryRuntimeError> {
		for (model, record) in Models::<T>::iter() {
			ensure!(
				OwnedModels::<T>::contains_key(&record.owner, SortedId::from(model)),
				"M-3: a model that its owner's index lacks"
			);
		}
		ensure!(
			OwnedModels::<T>::iter_keys().count() == Models::<T>::iter_keys().count(),
			"M-3: an index entry without a model"
		);
		Ok(())
	}

	/// M-4: a model's versions are numbered from one to its latest, at most `MaxVersions`, and
	/// their deposits and those of their lineages add up to its total.
	fn versions_are_counted() -> Result<(), TryRuntimeError> {
		let mut published = 0usize;
		for (model, record) in Models::<T>::iter() {
			ensure!(record.latest <= T::MaxVersions::get(), "M-4: too many versions");
			Self::check_versions(model, &record)?;
			let latest = usize::try_from(record.latest).map_err(|_| "M-4: versions overflow")?;
			published = published.checked_add(latest).ok_or("M-4: versions overflow")?;
		}
		ensure!(
			Versions::<T>::iter_keys().count() == published,
			"M-4: a version that its model does not count"
		);
		Ok(())
	}

	fn check_versions(
		model: ModelId,
		record: &ModelRecord<T::AccountId>,
	) -> Result<(), TryRuntimeError> {
		let mut deposits: Balance = 0;
		for number in 1..=record.latest {
			let id = VersionId { model, number };
			let version = Versions::<T>::get(id).ok_or("M-4: a number without a version")?;
			let lineage = Lineages::<T>::get(id).map_or(0, |lineage| lineage.deposit);
			for deposit in [version.deposit, lineage] {
				deposits = deposits.checked_add(deposit).ok_or("M-4: deposits overflow")?;
			}
		}
		ensure!(deposits == record.version_deposits, "M-4: the running total differs");
		Ok(())
	}

	/// M-5: the models are those below the next id, without a gap.
	fn ids_are_contiguous() -> Result<(), TryRuntimeError> {
		let next = NextModel::<T>::get();
		ensure!(
			Models::<T>::iter_keys().all(|model| model < next),
			"M-5: a model with an id that is still to be given"
		);
		ensure!(
			usize::try_from(next.0) == Ok(Models::<T>::iter_keys().count()),
			"M-5: an id without a model"
		);
		Ok(())
	}

	/// M-6: an offer is of a model, to another account than its owner.
	fn offers_are_open() -> Result<(), TryRuntimeError> {
		for (model, to) in Offers::<T>::iter() {
			let open = Models::<T>::get(model).is_some_and(|record| record.owner != to);
			ensure!(open, "M-6: an offer of no model, or to its owner");
		}
		Ok(())
	}

	/// M-7: a lineage is of a published version and has parents, each once, of which versions are
	/// published and wait for no consent themselves.
	fn lineages_are_of_versions() -> Result<(), TryRuntimeError> {
		for (version, lineage) in Lineages::<T>::iter() {
			ensure!(Versions::<T>::contains_key(version), "M-7: a lineage without its version");
			let sources: BTreeSet<_> =
				lineage.parents.iter().map(|declared| declared.parent.source).collect();
			ensure!(!sources.is_empty(), "M-7: a lineage without parents");
			ensure!(sources.len() == lineage.parents.len(), "M-7: a parent twice");
			for parent in lineage.versions() {
				ensure!(Versions::<T>::contains_key(parent), "M-7: a parent without its version");
				let holds = Lineages::<T>::get(parent).is_none_or(|lineage| lineage.holds());
				ensure!(holds, "M-7: a parent that waits for consent");
			}
		}
		Ok(())
	}

	/// M-8: the waterfall of a lineage is what its parents and their waterfalls make, at most
	/// everything together and without the version itself.
	fn waterfalls_are_those_of_the_parents() -> Result<(), TryRuntimeError> {
		for (version, lineage) in Lineages::<T>::iter() {
			let expected = Self::waterfall_anew(&lineage).ok_or("M-8: too much is shared")?;
			ensure!(lineage.waterfall == expected, "M-8: a waterfall unlike what its parents say");
			ensure!(is_within_everything(&expected), "M-8: more than everything is shared");
			let itself = Source::Version(version);
			ensure!(
				expected.iter().all(|royalty| royalty.source != itself),
				"M-8: a version that is made from itself"
			);
		}
		Ok(())
	}

	fn waterfall_anew(lineage: &Lineage) -> Option<Waterfall> {
		let line = |source| match source {
			Source::Version(version) => Lineages::<T>::get(version).map(|line| line.waterfall),
			Source::Asset(_) => None,
		};
		let lines: Vec<_> = lineage
			.parents
			.iter()
			.map(|declared| {
				let (source, share) = (declared.parent.source, declared.parent.share);
				(Royalty { source, share }, line(source).unwrap_or_default())
			})
			.collect();
		waterfall(lines.iter().map(|(parent, line)| (*parent, line.as_slice()))).ok()
	}

	/// M-9: the descendants of a version are the lineages that name it, and none are not counted.
	fn descendants_are_counted() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<VersionId, u64>::new();
		for lineage in Lineages::<T>::iter_values() {
			for parent in lineage.versions() {
				let count = counts.entry(parent).or_default();
				*count = count.checked_add(1).ok_or("M-9: descendants overflow")?;
			}
		}
		let counted: BTreeMap<_, _> = Descendants::<T>::iter().collect();
		ensure!(counted == counts, "M-9: a count unlike the lineages");
		Ok(())
	}

	/// M-10: jobs that have settled are of models that exist.
	fn settled_jobs_are_of_models() -> Result<(), TryRuntimeError> {
		ensure!(Used::<T>::iter_keys().all(Models::<T>::contains_key), "M-10: jobs of no model");
		Ok(())
	}
}

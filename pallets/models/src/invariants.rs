//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	types::{ModelRecord, SortedId},
	Config, HoldReason, Models, Names, NextModel, Offers, OwnedModels, Pallet, Versions,
};
use alloc::collections::BTreeMap;
use assay_primitives::{Balance, ModelId, VersionId};
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
		Self::offers_are_open()
	}

	/// M-1: what is held from each account equals the deposits of its models and their versions.
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
	/// their deposits add up to its total.
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
			let version = Versions::<T>::get(VersionId { model, number })
				.ok_or("M-4: a number without a version")?;
			deposits = deposits.checked_add(version.deposit).ok_or("M-4: deposits overflow")?;
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
}

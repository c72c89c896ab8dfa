//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	types::Book, Asks, Books, Config, HoldReason, Pallet, Places, Profiles, ProviderAsks, Providers,
};
use alloc::collections::BTreeMap;
use assay_primitives::VersionId;
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::bonds_are_held()?;
		Self::locks_are_within_bonds()?;
		Self::asks_mirror_each_other()?;
		Self::asks_are_counted()?;
		Self::leavers_serve_nothing()?;
		Self::books_are_the_asks()?;
		Self::profiles_have_providers()
	}

	/// P-1: what is held from each account equals its bond and what is unbonding.
	fn bonds_are_held() -> Result<(), TryRuntimeError> {
		for account in frame_system::Account::<T>::iter_keys() {
			let owed = Providers::<T>::get(&account).map_or(Some(0), |record| {
				let unbonding = record.unbonding.map_or(0, |(amount, _)| amount);
				record.bond.checked_add(unbonding)
			});
			let held = T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account);
			ensure!(owed == Some(held), "P-1: the hold differs from bond and unbonding");
		}
		ensure!(
			Providers::<T>::iter_keys().all(frame_system::Account::<T>::contains_key),
			"P-1: a provider without an account"
		);
		Ok(())
	}

	/// P-2: no more is locked than is bonded, and nothing without an open job.
	fn locks_are_within_bonds() -> Result<(), TryRuntimeError> {
		for record in Providers::<T>::iter_values() {
			ensure!(record.locked <= record.bond, "P-2: more is locked than bonded");
			ensure!(record.open > 0 || record.locked == 0, "P-2: a lock without a job");
		}
		Ok(())
	}

	/// P-3: the two indexes of asks mirror each other.
	fn asks_mirror_each_other() -> Result<(), TryRuntimeError> {
		for (version, provider) in Asks::<T>::iter_keys() {
			ensure!(
				ProviderAsks::<T>::contains_key(provider, version),
				"P-3: an ask that its provider's index lacks"
			);
		}
		ensure!(
			Asks::<T>::iter_keys().count() == ProviderAsks::<T>::iter_keys().count(),
			"P-3: an index entry without an ask"
		);
		Ok(())
	}

	/// P-4: the asks of each version and of each provider are as many as counted, and no more
	/// than allowed.
	fn asks_are_counted() -> Result<(), TryRuntimeError> {
		let mut of_versions = BTreeMap::<VersionId, u32>::new();
		let mut of_providers = BTreeMap::<T::AccountId, u32>::new();
		for (version, provider) in Asks::<T>::iter_keys() {
			for count in
				[of_versions.entry(version).or_default(), of_providers.entry(provider).or_default()]
			{
				*count = count.checked_add(1).ok_or("P-4: asks overflow")?;
			}
		}
		let most = T::MaxAsksPerVersion::get();
		ensure!(of_versions.values().all(|count| *count <= most), "P-4: too many asks");
		let counted = Books::<T>::iter_keys().map(|version| (version, Self::count(version)));
		let counted: BTreeMap<_, _> = counted.collect();
		ensure!(counted == of_versions, "P-4: the asks of a version are miscounted");
		for (provider, record) in Providers::<T>::iter() {
			ensure!(record.asks <= T::MaxAsksPerProvider::get(), "P-4: too many asks");
			let asks = of_providers.remove(&provider).unwrap_or_default();
			ensure!(record.asks == asks, "P-4: the asks of a provider are miscounted");
		}
		ensure!(of_providers.is_empty(), "P-4: an ask of no provider");
		Ok(())
	}

	/// P-7: each ask has the place in its version's book that it says, in the band of its price, and
	/// each place its ask. The jobs that asks have to answer are open ones.
	fn books_are_the_asks() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<T::AccountId, u32>::new();
		for (version, provider, asked) in Asks::<T>::iter() {
			ensure!(Book::is_at(&asked.place, asked.ask.price), "P-7: an ask in a wrong band");
			let at = Places::<T>::get(version, asked.place);
			ensure!(at.as_ref() == Some(&provider), "P-7: an ask that is not at its place");
			let jobs = open.entry(provider).or_default();
			*jobs = jobs.checked_add(asked.open).ok_or("P-7: jobs overflow")?;
		}
		for (version, book) in Books::<T>::iter() {
			let places = (0..Self::count(version)).filter_map(|number| book.place(number));
			let all = places.into_iter().all(|place| Places::<T>::contains_key(version, place));
			ensure!(all, "P-7: a place without an ask");
		}
		ensure!(
			Places::<T>::iter_keys().count() == Asks::<T>::iter_keys().count(),
			"P-7: a place that no ask has"
		);
		for (provider, record) in Providers::<T>::iter() {
			let jobs = open.remove(&provider).unwrap_or_default();
			ensure!(jobs <= record.open, "P-7: asks have more to answer than there are jobs");
		}
		Ok(())
	}

	/// P-5: a provider without a bond is offline. If it was never slashed, it is leaving: it is
	/// unbonding, and without asks and jobs.
	fn leavers_serve_nothing() -> Result<(), TryRuntimeError> {
		for record in Providers::<T>::iter_values().filter(|record| record.bond == 0) {
			ensure!(!record.online, "P-5: a provider that is online without a bond");
			ensure!(!record.is_gone(), "P-5: a provider of which nothing remains");
			if record.statistics.refuted == 0 {
				ensure!(record.unbonding.is_some(), "P-5: a provider with nothing at stake");
				ensure!(
					record.asks == 0 && record.open == 0,
					"P-5: a provider that serves without a bond"
				);
			}
		}
		Ok(())
	}

	/// P-6: providers and profiles are one to one.
	fn profiles_have_providers() -> Result<(), TryRuntimeError> {
		ensure!(
			Providers::<T>::iter_keys().all(Profiles::<T>::contains_key)
				&& Profiles::<T>::iter_keys().count() == Providers::<T>::iter_keys().count(),
			"P-6: a profile without its provider, or a provider without its profile"
		);
		Ok(())
	}
}

//! Asks, and the book of each version.

use crate::{
	types::{AskRecord, Book, Place, ProviderRecord},
	Asks, Books, Config, Error, Event, Pallet, Places, ProviderAsks, Providers,
};
use alloc::vec::Vec;
use assay_primitives::{
	provider::{Ask, Candidate, MAX_CANDIDATES},
	traits::ModelInspect,
	Balance, VersionId,
};
use frame_support::{defensive, ensure, traits::Get};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_ask(
		provider: T::AccountId,
		version: VersionId,
		ask: Ask,
	) -> DispatchResult {
		let record = Self::record(&provider)?;
		ensure!(record.bond >= Self::min_bond(), Error::<T>::BelowMinBond);
		ensure!(T::Models::is_active(version), Error::<T>::VersionNotActive);
		ensure!(ask.price >= T::LeastPrice::get(), Error::<T>::BelowStorageCost);
		ensure!(ask.capacity > 0, Error::<T>::ZeroCapacity);
		ensure!(ask.until.is_none_or(|until| until > Self::now()), Error::<T>::AskExpired);
		let asked = match Asks::<T>::get(version, &provider) {
			Some(before) => Self::change_ask(&provider, version, before, ask)?,
			None => Self::add_ask(&provider, record, version, ask)?,
		};

		Asks::<T>::insert(version, &provider, asked);
		Self::deposit_event(Event::AskSet { provider, version, ask });
		Ok(())
	}

	/// Count a new ask, and enter it into the book and into the index by provider.
	fn add_ask(
		provider: &T::AccountId,
		record: ProviderRecord,
		version: VersionId,
		ask: Ask,
	) -> Result<AskRecord, Error<T>> {
		let asks = record.asks.checked_add(1).filter(|asks| *asks <= T::MaxAsksPerProvider::get());
		let asks = asks.ok_or(Error::<T>::TooManyAsks)?;
		ensure!(Self::count(version) < T::MaxAsksPerVersion::get(), Error::<T>::TooManyProviders);
		let place = Self::enter(provider, version, ask.price)?;

		ProviderAsks::<T>::insert(provider, version, ());
		Providers::<T>::insert(provider, ProviderRecord { asks, ..record });
		Ok(AskRecord { ask, open: 0, place })
	}

	/// Change an ask, which may move it in the book.
	fn change_ask(
		provider: &T::AccountId,
		version: VersionId,
		before: AskRecord,
		ask: Ask,
	) -> Result<AskRecord, Error<T>> {
		let place = if Book::is_at(&before.place, ask.price) {
			before.place
		} else {
			Self::leave(version, before.place);
			Self::enter(provider, version, ask.price)?
		};
		Ok(AskRecord { ask, place, ..before })
	}

	fn enter(
		provider: &T::AccountId,
		version: VersionId,
		price: Balance,
	) -> Result<Place, Error<T>> {
		let mut book = Books::<T>::get(version);
		let place = book.enter(price).ok_or(Error::<T>::TooManyProviders)?;
		Books::<T>::insert(version, book);
		Places::<T>::insert(version, place, provider);
		Ok(place)
	}

	/// Free a place. Whoever has the last one of its band gets it.
	fn leave(version: VersionId, place: Place) {
		let mut book = Books::<T>::get(version);
		let last = book.leave(place.band);
		if book.is_empty() {
			Books::<T>::remove(version);
		} else {
			Books::<T>::insert(version, book);
		}
		let moved = last.and_then(|last| Places::<T>::take(version, last));
		let Some(moved) = moved else {
			defensive!("a book that counts other places than there are");
			return;
		};
		if last != Some(place) {
			Asks::<T>::mutate(version, &moved, |ask| {
				if let Some(ask) = ask {
					ask.place = place;
				}
			});
			Places::<T>::insert(version, place, moved);
		}
	}

	pub(crate) fn do_remove_ask(provider: T::AccountId, version: VersionId) -> DispatchResult {
		let record = Self::record(&provider)?;
		let asked = Asks::<T>::get(version, &provider).ok_or(Error::<T>::UnknownAsk)?;
		if asked.open > 0 {
			let ask = Ask { until: Some(Self::now()), ..asked.ask };
			Asks::<T>::insert(version, &provider, AskRecord { ask, ..asked });
			Self::deposit_event(Event::AskClosed { provider, version });
		} else {
			let record = Self::drop_ask(&provider, record, version, asked.place);
			Self::store(&provider, record);
		}
		Ok(())
	}

	pub(crate) fn do_evict(provider: T::AccountId, version: VersionId) -> DispatchResult {
		let record = Self::record(&provider)?;
		let asked = Asks::<T>::get(version, &provider).ok_or(Error::<T>::UnknownAsk)?;
		let useless = record.bond < Self::min_bond() || asked.has_expired(Self::now());
		ensure!(useless, Error::<T>::StillBonded);
		ensure!(asked.open == 0, Error::<T>::AskInUse);

		let record = Self::drop_ask(&provider, record, version, asked.place);
		Self::store(&provider, record);
		Ok(())
	}

	/// Take an ask out of the book and the indexes. The record is left to the caller.
	fn drop_ask(
		provider: &T::AccountId,
		record: ProviderRecord,
		version: VersionId,
		place: Place,
	) -> ProviderRecord {
		Asks::<T>::remove(version, provider);
		Self::leave(version, place);
		ProviderAsks::<T>::remove(provider, version);
		Self::deposit_event(Event::AskRemoved { provider: provider.clone(), version });
		// Saturates, but never has to: P-4.
		ProviderRecord { asks: record.asks.saturating_sub(1), ..record }
	}

	/// Count one job less that is to be answered. An ask that has expired goes with the last.
	pub(crate) fn release_ask(provider: &T::AccountId, version: VersionId) {
		let asked = Asks::<T>::get(version, provider);
		let Some((asked, open)) = asked.and_then(|ask| Some((ask, ask.open.checked_sub(1)?)))
		else {
			defensive!("a job was answered that no ask has counted");
			return;
		};
		let expired = open == 0 && asked.has_expired(Self::now());
		match Providers::<T>::get(provider).filter(|_| expired) {
			Some(record) => {
				let record = Self::drop_ask(provider, record, version, asked.place);
				Self::store(provider, record);
			},
			None => Asks::<T>::insert(version, provider, AskRecord { open, ..asked }),
		}
	}

	/// The number of asks for a version.
	pub(crate) fn count(version: VersionId) -> u32 {
		Books::<T>::get(version).count(Balance::MAX)
	}

	/// The asks at so many places of a version's book.
	pub(crate) fn asks_at(
		version: VersionId,
		numbers: impl IntoIterator<Item = u32>,
	) -> Vec<(T::AccountId, AskRecord, ProviderRecord)> {
		let book = Books::<T>::get(version);
		let ask = |number| {
			let provider = Places::<T>::get(version, book.place(number)?)?;
			let asked = Asks::<T>::get(version, &provider)?;
			let record = Providers::<T>::get(&provider)?;
			Some((provider, asked, record))
		};
		numbers.into_iter().filter_map(ask).collect()
	}

	/// Whether a provider can be drawn by an ask.
	pub(crate) fn is_able(ask: &AskRecord, record: &ProviderRecord) -> bool {
		ask.takes_jobs(Self::now()) && Self::is_available(record)
	}

	/// Those of some asks whose providers can be drawn.
	pub(crate) fn able(
		asks: Vec<(T::AccountId, AskRecord, ProviderRecord)>,
	) -> Vec<Candidate<T::AccountId>> {
		asks.into_iter()
			.filter(|(_, ask, record)| Self::is_able(ask, record))
			.map(|(provider, ask, record)| record.candidate(provider, ask.ask.price))
			.collect()
	}

	/// The numbers of the cheapest asks for a version, as many as a draw reads.
	pub(crate) fn cheapest_numbers(version: VersionId) -> core::ops::Range<u32> {
		0..Self::count(version).min(MAX_CANDIDATES)
	}
}

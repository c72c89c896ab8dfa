//! What clients read, through the runtime API.

use crate::{types::Stream, Config, Holdings, Pallet, Streams};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	revenue::{HoldingView, StreamView, Subject, SubjectInspect},
	Balance,
};

/// How many items a page holds: what is asked for, but at least one, so that every page gets
/// ahead, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

/// A page of keys: the one to start with, if it is still there, and those that follow it.
fn page_of<Key>(
	start: Option<Key>,
	following: impl Iterator<Item = Key>,
	limit: u32,
) -> Page<Key, Key> {
	let length = page_length(limit);
	let mut keys = start.into_iter().chain(following);
	let items = keys.by_ref().take(length).collect();
	Page { items, next: keys.next() }
}

impl<T: Config> Pallet<T> {
	/// The shares in the income of a subject, with all that has come in by now.
	pub fn stream(subject: Subject) -> Option<StreamView<T::AccountId>> {
		let stream = Self::synced(subject).ok()?;
		Some(StreamView {
			subject,
			owner: T::Subjects::owner(subject),
			pot: Self::pot(subject),
			supply: stream.supply,
			name: stream.name,
			symbol: stream.symbol,
			decimals: stream.decimals,
			retained: stream.retained,
			claimable: stream.income.accounted,
			pool: stream.pool,
			holders: stream.holders,
			depositor: stream.depositor,
			deposit: stream.deposit,
		})
	}

	/// What an account has of a stream: `None` if it has neither shares nor anything to claim.
	/// `claimableRevenue` of ERC-7641.
	pub fn holding(subject: Subject, who: T::AccountId) -> Option<HoldingView<T::AccountId>> {
		let mut stream = Self::synced(subject).ok()?;
		Holdings::<T>::contains_key(subject, &who).then(|| Self::view(&mut stream, subject, who))
	}

	/// What is paid out of the pool of a stream for so many shares now. `redeemableOnBurn` of
	/// ERC-7641.
	pub fn redeemable(subject: Subject, shares: Balance) -> Option<Balance> {
		Some(Self::synced(subject).ok()?.redeemable(shares))
	}

	/// The streams, in the order of their keys, from one on.
	pub fn streams(start: Option<Subject>, limit: u32) -> Page<StreamView<T::AccountId>, Subject> {
		let following = match start {
			Some(start) => Streams::<T>::iter_keys_from(Streams::<T>::hashed_key_for(start)),
			None => Streams::<T>::iter_keys(),
		};
		let first = start.filter(|start| Streams::<T>::contains_key(start));
		let Page { items, next } = page_of(first, following, limit);
		Page { items: items.into_iter().filter_map(Self::stream).collect(), next }
	}

	/// Who has something of a stream, in the order of their keys, from one on.
	pub fn holders(
		subject: Subject,
		start: Option<T::AccountId>,
		limit: u32,
	) -> Page<HoldingView<T::AccountId>, T::AccountId> {
		let Ok(mut stream) = Self::synced(subject) else {
			return Page { items: Vec::new(), next: None };
		};
		let following = match &start {
			Some(start) => {
				let key = Holdings::<T>::hashed_key_for(subject, start);
				Holdings::<T>::iter_key_prefix_from(subject, key)
			},
			None => Holdings::<T>::iter_key_prefix(subject),
		};
		let first = start.filter(|start| Holdings::<T>::contains_key(subject, start));
		let Page { items, next } = page_of(first, following, limit);
		let items = items.into_iter().map(|who| Self::view(&mut stream, subject, who)).collect();
		Page { items, next }
	}

	/// A holding, of a stream that nothing is written of.
	fn view(
		stream: &mut Stream<T::AccountId>,
		subject: Subject,
		who: T::AccountId,
	) -> HoldingView<T::AccountId> {
		let position = Self::settled(stream, subject, &who);
		HoldingView {
			who,
			shares: position.weight,
			claimable: position.owed,
			redeemable: stream.redeemable(position.weight),
		}
	}
}

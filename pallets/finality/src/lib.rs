//! Finality: what the chain itself knows of how far its finalized blocks are behind the best one.
//!
//! A runtime does not see finality. So each author notes, as an inherent of its block, the last block
//! that its node knows as final, and the median of the latest notes counts: fewer than half of the
//! authors move it neither way. While that lies more than [`Config::MaxLag`] blocks behind, finality
//! *lags*, and the step clock of disputes stands (PROTOCOL P4.8): whoever builds on one fork must not
//! run out of time on another. Authors that note nothing let it lag in the end, which they could do
//! as well by leaving out the moves.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	test,
	allow(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::unwrap_used
	)
)]

#[cfg(feature = "runtime-benchmarks")]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

use assay_primitives::{traits::Finality, BlockNumber};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec};
use scale_info::TypeInfo;
use sp_inherents::InherentIdentifier;
use sp_runtime::{traits::ConstU32, SaturatedConversion};

pub use pallet::*;
pub use weights::WeightInfo;

/// Under which an author's node says which block is the last final one: a [`BlockNumber`].
pub const INHERENT_IDENTIFIER: InherentIdentifier = *b"finalnum";

/// The notes that count: those of so many blocks.
pub const NOTES: u32 = 11;

/// The latest notes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Notes {
	/// The numbers noted, oldest first.
	pub finalized: BoundedVec<BlockNumber, ConstU32<NOTES>>,
	/// The block of the last note.
	pub at: BlockNumber,
}

impl Notes {
	/// One note more, of which the oldest goes.
	fn push(&mut self, finalized: BlockNumber, at: BlockNumber) {
		if self.finalized.is_full() {
			self.finalized.remove(0);
		}
		// There is room now.
		let _ = self.finalized.try_push(finalized);
		self.at = at;
	}

	/// The upper median.
	fn median(&self) -> Option<BlockNumber> {
		let mut sorted = self.finalized.clone().into_inner();
		sorted.sort_unstable();
		sorted.get(sorted.len() / 2).copied()
	}
}

// `expect` stands in what FRAME's macros expand to.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{inherent::ProvideInherent, pallet_prelude::*};
	use frame_system::pallet_prelude::*;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The most blocks that the finalized chain is behind before finality lags.
		#[pallet::constant]
		type MaxLag: Get<BlockNumber>;

		/// The weight of the call.
		type WeightInfo: WeightInfo;
	}

	/// The latest notes of authors.
	#[pallet::storage]
	pub type Noted<T: Config> = StorageValue<_, Notes, ValueQuery>;

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The block has a note already.
		AlreadyNoted,
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Note the last final block that the author of this block knows. One that cannot be final
		/// yet counts as the parent.
		///
		/// ## Dispatch Origin
		/// None: it is an inherent.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::note(), DispatchClass::Mandatory))]
		pub fn note(
			origin: OriginFor<T>,
			#[pallet::compact] finalized: BlockNumber,
		) -> DispatchResult {
			ensure_none(origin)?;
			let now = Self::now();
			let mut notes = Noted::<T>::get();
			let is_first = notes.finalized.is_empty() || notes.at < now;
			ensure!(is_first, Error::<T>::AlreadyNoted);
			notes.push(finalized.min(now.saturating_sub(1)), now);
			Noted::<T>::put(notes);
			Ok(())
		}
	}

	#[pallet::inherent]
	impl<T: Config> ProvideInherent for Pallet<T> {
		type Call = Call<T>;
		type Error = sp_inherents::MakeFatalError<()>;
		const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

		fn create_inherent(data: &InherentData) -> Option<Self::Call> {
			let finalized = data.get_data::<BlockNumber>(&INHERENT_IDENTIFIER).ok().flatten()?;
			Some(Call::note { finalized })
		}

		fn is_inherent(call: &Self::Call) -> bool {
			matches!(call, Call::note { .. })
		}
	}
}

impl<T: Config> Pallet<T> {
	fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

impl<T: Config> Finality for Pallet<T> {
	fn lags() -> bool {
		let known = Noted::<T>::get().median();
		// A chain that has noted nothing yet has nothing to be behind of.
		known.is_some_and(|known| Self::now().saturating_sub(known) > T::MaxLag::get())
	}
}

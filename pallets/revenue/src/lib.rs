//! Shares in income: a ledger of holders and what they can claim.
//!
//! ## Goals
//!
//! Whoever owns a model, or anything else that earns, can divide its income into shares that can be
//! sold. Holders are paid what their shares earn while they have them. Nobody has to be trusted with
//! it, nobody has to do anything at a certain time, and what it costs does not depend on how many
//! holders there are.
//!
//! ## The way of an income
//!
//! The tokenised income of a [`Subject`](assay_primitives::revenue::Subject) is a *stream*. It has a
//! *pot*, an account of this pallet. While there are shares, the pot is whom the subject's income is
//! paid to, by plain transfer: see [`IncomeInspect`](assay_primitives::revenue::IncomeInspect). So
//! income is what the pot has beyond what is accounted for. It is divided whenever somebody touches
//! the stream, before anything else is done: see [`assay_primitives::accrual`].
//!
//! 1. [`Pallet::tokenize`]: the owner divides the income, and has all the shares.
//! 2. [`Pallet::transfer`]: shares change hands. What they have earned stays with who had them.
//! 3. [`Pallet::claim`]: a holder is paid what its shares have earned.
//! 4. [`Pallet::redeem`]: a holder burns shares for their part of what is retained.
//! 5. [`Pallet::collect`]: where no shares are left, what still comes goes to the owner.
//!
//! Those are the functions of ERC-7641 without its snapshots: `claimableRevenue` is
//! [`Pallet::holding`], `claim` is [`Pallet::claim`], `redeemableOnBurn` is [`Pallet::redeemable`],
//! and `burn` is [`Pallet::redeem`]. Other pallets see shares through the `fungibles` traits, with
//! the subject as the identifier: whatever they do to a holding settles it as well.
//!
//! ## What is kept
//!
//! The deposit for a stream is held of who tokenised it, who also gives the pot the existential
//! deposit, its *base*. Both go back when all shares are burned, nobody has anything to claim, and
//! somebody collects. A holding has no deposit: it needs an account that exists and keeps it alive by
//! a consumer reference, one for each stream, as the assets of the SDK do. The last but one of an
//! account's references is left to others, so that shares that somebody sends cannot take it.
//!
//! ## What is not here
//!
//! Shares cannot be held or frozen, there are no approvals, and the name of a stream is not unique:
//! what identifies it is its subject.
//!
//! The invariants are in `invariants.rs`, numbered as in `docs/protocol.md`.

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

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
mod benchmarking;
mod calls;
mod fungibles;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod queries;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are in `calls`.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{types::Stream, weights::WeightInfo};
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::traits::BenchmarkScene;
	use assay_primitives::{
		accrual::Position,
		revenue::{ShareSpec, Subject, SubjectInspect},
		Balance,
	};
	use frame_support::{pallet_prelude::*, traits::fungible, PalletId};
	use frame_system::pallet_prelude::*;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The native token.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who owns what earns.
		type Subjects: SubjectInspect<Self::AccountId>;

		/// What the accounts of the pots are derived from.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The deposit for the record of a stream.
		#[pallet::constant]
		type Deposit: Get<Balance>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// Makes subjects for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of a stream.
		#[codec(index = 0)]
		Deposit,
	}

	/// The streams, from their first shares until all is burned, claimed and collected.
	///
	/// Hasher: the chain counts what subjects name, nobody chooses it.
	#[pallet::storage]
	pub type Streams<T: Config> =
		StorageMap<_, Twox64Concat, Subject, Stream<T::AccountId>, OptionQuery>;

	/// What accounts have of streams: shares, or something to claim. Never neither.
	///
	/// Hasher: subjects as for [`Streams`]; accounts are chosen by anybody, so their hash is a
	/// cryptographic one.
	#[pallet::storage]
	pub type Holdings<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		Subject,
		Blake2_128Concat,
		T::AccountId,
		Position,
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The income of a subject was divided into shares.
		Tokenized {
			/// What earns.
			subject: Subject,
			/// Who has all the shares.
			owner: T::AccountId,
			/// How many.
			supply: Balance,
		},
		/// Shares changed hands.
		Transferred {
			/// What earns.
			subject: Subject,
			/// Who had them.
			from: T::AccountId,
			/// Who has them.
			to: T::AccountId,
			/// How many.
			shares: Balance,
		},
		/// What shares have earned was paid.
		Claimed {
			/// What earns.
			subject: Subject,
			/// Whose shares they are.
			holder: T::AccountId,
			/// Who was paid.
			to: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Shares were burned for their part of what was retained.
		Redeemed {
			/// What earns.
			subject: Subject,
			/// Whose shares they were.
			holder: T::AccountId,
			/// How many.
			shares: Balance,
			/// What was paid for them.
			amount: Balance,
			/// What was paid besides, which all shares of the holder had earned.
			claimed: Balance,
		},
		/// What had come without any shares was paid to the owner.
		Collected {
			/// What earns.
			subject: Subject,
			/// Its owner.
			owner: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Nothing is left of a stream, and its deposit and its base went back.
		Closed {
			/// What earns.
			subject: Subject,
		},
		/// Another pallet has made shares.
		Minted {
			/// What earns.
			subject: Subject,
			/// Who has them.
			to: T::AccountId,
			/// How many.
			shares: Balance,
		},
		/// Another pallet has burned shares.
		Burned {
			/// What earns.
			subject: Subject,
			/// Who had them.
			from: T::AccountId,
			/// How many.
			shares: Balance,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such subject.
		UnknownSubject,
		/// There are no shares in the income of the subject.
		UnknownStream,
		/// The caller does not own the subject.
		NotOwner,
		/// There are shares in the income of the subject.
		SharesExist,
		/// No shares at all.
		NoShares,
		/// The name is empty, or not plain text.
		InvalidName,
		/// The symbol is empty, or not plain ASCII.
		InvalidSymbol,
		/// There are more decimals than can be.
		InvalidDecimals,
		/// The account cannot pay the deposit and the base.
		InsufficientFunds,
		/// The account has fewer shares.
		NotEnoughShares,
		/// The account does not exist, or refers to as much as it can, or is the pot itself.
		CannotHold,
		/// The account cannot be paid so little, or so much.
		CannotReceive,
		/// The shares have earned nothing since they were paid.
		NothingToClaim,
		/// There is nothing to collect.
		NothingToCollect,
		/// More than can be counted.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What the shares of an account in the income of a subject could be paid now.
		/// `claimableRevenue` of ERC-7641.
		pub fn claimable(subject: Subject, holder: T::AccountId) -> Balance {
			Self::holding(subject, holder).map_or(0, |holding| holding.claimable)
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Divide the income of a subject into shares.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the subject, who has all the shares.
		///
		/// ## Details
		/// Holds a deposit, and gives the pot its base. What the pot has before is income of the
		/// first holder. After all shares are burned, the income can be divided anew.
		///
		/// ## Events
		/// [`Event::Tokenized`].
		#[pallet::call_index(0)]
		pub fn tokenize(origin: OriginFor<T>, subject: Subject, spec: ShareSpec) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_tokenize(who, subject, spec)
		}

		/// Give shares to another account.
		///
		/// ## Dispatch Origin
		/// Signed by the holder.
		///
		/// ## Details
		/// What they have earned until now stays with the caller. The account that they go to has to
		/// exist.
		///
		/// ## Events
		/// [`Event::Transferred`].
		#[pallet::call_index(1)]
		pub fn transfer(
			origin: OriginFor<T>,
			subject: Subject,
			to: T::AccountId,
			shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_transfer(subject, &who, &to, shares)
		}

		/// Be paid what one's shares have earned.
		///
		/// ## Dispatch Origin
		/// Signed by the holder, or who was one.
		///
		/// ## Events
		/// [`Event::Claimed`].
		#[pallet::call_index(2)]
		pub fn claim(origin: OriginFor<T>, subject: Subject) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, subject)
		}

		/// Burn shares for their part of what is retained.
		///
		/// ## Dispatch Origin
		/// Signed by the holder.
		///
		/// ## Details
		/// Pays besides what all shares of the holder have earned.
		///
		/// ## Events
		/// [`Event::Redeemed`].
		#[pallet::call_index(3)]
		pub fn redeem(origin: OriginFor<T>, subject: Subject, shares: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_redeem(who, subject, shares)
		}

		/// Have what comes without any shares paid to the owner of the subject.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// When nobody has anything to claim any more, this ends the stream: the deposit and the base
		/// go back to who has paid them.
		///
		/// ## Events
		/// [`Event::Collected`] if there was something, and [`Event::Closed`] at the end.
		#[pallet::call_index(4)]
		pub fn collect(origin: OriginFor<T>, subject: Subject) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_collect(subject)
		}

		/// Fail if others than its owner have the income of a subject. Changes nothing.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Whoever buys a model or an asset calls it in one batch with the payment
		/// (`utility.batchAll`), after it: a seller who divides the income before the batch is in a
		/// block sells nothing.
		#[pallet::call_index(5)]
		pub fn ensure_undivided(origin: OriginFor<T>, subject: Subject) -> DispatchResult {
			ensure_signed(origin)?;
			let divided = Streams::<T>::get(subject).is_some_and(|stream| stream.supply > 0);
			ensure!(!divided, Error::<T>::SharesExist);
			Ok(())
		}
	}
}

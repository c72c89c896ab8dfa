//! Pools of data: what many contribute, and how they share in what it earns.
//!
//! ## Goals
//!
//! Whoever has data that is worth little alone contributes it to a pool, on terms that are known
//! before and do not change: for what it may be used, what a use costs, by what rule the income is
//! divided. Requesters use any item of a pool without asking anybody. Whoever has contributed an
//! item can take it out at any time, and from then on no new job can use it.
//!
//! ## Items and consent
//!
//! An *item* is an asset of [`Config::Assets`]. Its owner signs a
//! [`Contribution`](assay_primitives::pool::Contribution), off chain, and anybody submits it and
//! pays the deposit. The signature is the consent to every use that the pool admits. Its number is
//! one of those of the asset's permits ([`Config::Permits`]), so that it is good once, after a
//! withdrawal as well, and is cancelled as permits are.
//!
//! A use asks again, every time: whether the asset is usable, whether its present owner is who has
//! consented, and whether its list admits the version. An asset that was sold waits for its new
//! owner to contribute it, who takes the place of the one before. An asset is in a pool once, and in
//! as many pools as its owner likes.
//!
//! [`Pallet`] implements [`DataRights`](assay_primitives::rights::DataRights) for items of pools:
//! what it tells at the request is written into the job. So a job that was requested before a
//! withdrawal goes on, and pays as it would have.
//!
//! ## The way of an income
//!
//! A pool has a *pot*, an account of this pallet, to which uses are paid by plain transfer. Income is
//! what the pot has beyond what is accounted for. It is divided whenever somebody touches the pool,
//! before anything else is done: see [`assay_primitives::accrual`]. A part, the *cut*, is the
//! curator's; the rest is the contributors', by the scores of their items at that time. While no
//! item has a score, all of it is the curator's. What is in a pool earns by every use of the pool,
//! and not by its own alone; so whoever takes an item out keeps what it has earned, and gets nothing
//! of what comes later.
//!
//! An item that its contributor has sold or revoked still has its score, until somebody takes it
//! out. Anybody can.
//!
//! ## What is kept
//!
//! The curator pays a deposit for the pool, and gives the pot the existential deposit, its *base*.
//! Who submits a contribution pays for the item. What an account has of a pool needs no deposit of
//! its own, but an account that exists, and keeps it alive by a consumer reference, as shares in
//! income do.
//!
//! A pool that is closed takes no new items and uses. [`Config::RemovalDelay`] later, when the jobs
//! that were requested before have ended, and when everybody has withdrawn and claimed, it can be
//! removed. What is sent to its pot after that is lost.
//!
//! ## What is not here
//!
//! Shares in the income of pools, and curators other than who has created the pool. A pool whose
//! contributors do not come back stays closed and stored.
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
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod ledger;
#[cfg(test)]
mod mock;
mod queries;
#[cfg(test)]
mod tests;
pub mod types;
mod uses;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are in `calls`.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{Contributor, Item, Pool},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::pool::PoolScene;
	use assay_primitives::{
		pool::{Contribution, ItemInspect, PermitNumbers, PoolSpec, ScoreRule},
		AssetId, Balance, BlockNumber, PoolId, VersionId,
	};
	use frame_support::{pallet_prelude::*, traits::fungible, PalletId};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::{IdentifyAccount, Verify};

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

		/// What is contributed.
		type Assets: ItemInspect<Self::AccountId>;

		/// The numbers of what the owners of assets have signed.
		type Permits: PermitNumbers;

		/// What contributions are signed with.
		type OffchainSignature: Verify<Signer = Self::OffchainPublic> + Parameter;

		/// Whose signatures these are.
		type OffchainPublic: IdentifyAccount<AccountId = Self::AccountId>;

		/// What the accounts of the pots are derived from.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The deposit for the record of a pool.
		#[pallet::constant]
		type PoolDeposit: Get<Balance>;

		/// The deposit for the record of an item, and for that of its contributor.
		#[pallet::constant]
		type ItemDeposit: Get<Balance>;

		/// How long after its closing a pool can be removed. Jobs take less from their request to
		/// their settlement.
		#[pallet::constant]
		type RemovalDelay: Get<BlockNumber>;

		/// The weights of the calls, and of a use.
		type WeightInfo: WeightInfo;

		/// Makes assets for the benchmarks, and signs.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: PoolScene<Self::AccountId, Self::OffchainSignature>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of a pool or an item.
		#[codec(index = 0)]
		Deposit,
	}

	/// The number of the next pool. None is ever given twice.
	#[pallet::storage]
	pub type NextPool<T: Config> = StorageValue<_, PoolId, ValueQuery>;

	/// The pools, until they are removed.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Pools<T: Config> =
		StorageMap<_, Twox64Concat, PoolId, Pool<T::AccountId>, OptionQuery>;

	/// The items of each pool, by the numbers of their assets.
	///
	/// Hashers: as for [`Pools`]. The numbers of the assets are kept as they are, big-endian, so
	/// that they are listed in their order.
	#[pallet::storage]
	pub type Items<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		PoolId,
		Identity,
		[u8; 4],
		Item<T::AccountId>,
		OptionQuery,
	>;

	/// What accounts have of pools: items, or something to claim. Never neither.
	///
	/// Hashers: pools as for [`Pools`]; accounts are chosen by anybody, so their hash is a
	/// cryptographic one.
	#[pallet::storage]
	pub type Contributors<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		PoolId,
		Blake2_128Concat,
		T::AccountId,
		Contributor,
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A pool was created.
		PoolCreated {
			/// The pool.
			pool: PoolId,
			/// Who has created it.
			curator: T::AccountId,
			/// By what its items are scored.
			rule: ScoreRule,
		},
		/// A use of an item costs something else from now on.
		Repriced {
			/// The pool.
			pool: PoolId,
			/// The price.
			price: Balance,
		},
		/// A pool takes no new items and uses any more.
		PoolClosed {
			/// The pool.
			pool: PoolId,
		},
		/// Nothing is left of a pool, and its deposit and its base went back.
		PoolRemoved {
			/// The pool.
			pool: PoolId,
			/// What was left for the curator besides.
			cut: Balance,
		},
		/// An asset is in a pool from now on.
		Contributed {
			/// The pool.
			pool: PoolId,
			/// The asset.
			asset: AssetId,
			/// Who has consented, and earns by it.
			contributor: T::AccountId,
			/// The score that it starts with.
			score: u64,
		},
		/// No new job can use an asset by a pool any more.
		Withdrawn {
			/// The pool.
			pool: PoolId,
			/// The asset.
			asset: AssetId,
			/// Who had contributed it.
			contributor: T::AccountId,
		},
		/// The curator has scored an item.
		Scored {
			/// The pool.
			pool: PoolId,
			/// The asset.
			asset: AssetId,
			/// The score.
			score: u32,
		},
		/// What an account has earned was paid.
		Claimed {
			/// The pool.
			pool: PoolId,
			/// Who was paid.
			who: T::AccountId,
			/// What its items have earned.
			earned: Balance,
			/// What it was paid besides, as the curator.
			cut: Balance,
		},
		/// An item was used.
		Used {
			/// The pool.
			pool: PoolId,
			/// The asset.
			asset: AssetId,
			/// What is run.
			version: VersionId,
			/// How often.
			uses: u32,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such pool.
		UnknownPool,
		/// The asset is not in the pool.
		UnknownItem,
		/// No such asset.
		UnknownAsset,
		/// Only the curator may do this.
		NotCurator,
		/// Only who has contributed the item may do this, for as long as it is that account's and
		/// not revoked.
		NotContributor,
		/// The contributor does not own the asset.
		NotOwner,
		/// The asset is not in a state in which this can be done.
		AssetNotActive,
		/// The contributor has the asset in the pool already.
		AlreadyContributed,
		/// The name is empty, or not plain text.
		InvalidName,
		/// The schema is not UTF-8.
		InvalidSchema,
		/// There is nothing that items may be used for.
		InvalidPurpose,
		/// The score is higher than can be given.
		InvalidScore,
		/// The rule of the pool gives the scores, and not its curator.
		NotScored,
		/// The pool is closed.
		PoolClosed,
		/// The pool is not closed, or not for long enough.
		NotClosed,
		/// The pool has items, or somebody has something to claim.
		NotEmpty,
		/// What was signed has expired.
		ContributionExpired,
		/// The contributor has not signed this, or not for this chain.
		WrongSignature,
		/// The present owner of the asset has not consented to its use by the pool.
		NotConsented,
		/// The pool is for another purpose.
		PurposeForbidden,
		/// The owner of the asset does not let this model be run over it.
		AlgorithmForbidden,
		/// There is nothing to claim.
		NothingToClaim,
		/// The account cannot pay the deposit, or the base.
		InsufficientFunds,
		/// The account of the contributor does not exist, or refers to as much as it can.
		CannotHold,
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
		/// What a contributor of a pool could be paid now.
		pub fn claimable(pool: PoolId, contributor: T::AccountId) -> Balance {
			Self::contributor(pool, contributor).map_or(0, |view| view.claimable)
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Create a pool.
		///
		/// ## Dispatch Origin
		/// Signed by the future curator.
		///
		/// ## Details
		/// Holds a deposit, and gives the pot its base. What the pot has before is the curator's.
		///
		/// ## Events
		/// [`Event::PoolCreated`].
		#[pallet::call_index(0)]
		pub fn create(origin: OriginFor<T>, spec: Box<PoolSpec>) -> DispatchResult {
			let curator = ensure_signed(origin)?;
			Self::do_create(curator, *spec)
		}

		/// Set what a use of an item costs.
		///
		/// ## Dispatch Origin
		/// Signed by the curator.
		///
		/// ## Details
		/// Jobs that were requested before pay what it was then.
		///
		/// ## Events
		/// [`Event::Repriced`].
		#[pallet::call_index(1)]
		pub fn set_price(origin: OriginFor<T>, pool: PoolId, price: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_price(who, pool, price)
		}

		/// Take no new items and uses any more.
		///
		/// ## Dispatch Origin
		/// Signed by the curator.
		///
		/// ## Details
		/// There is no way back. Scores stay as they are. Contributors withdraw and claim as before.
		///
		/// ## Events
		/// [`Event::PoolClosed`].
		#[pallet::call_index(2)]
		pub fn close(origin: OriginFor<T>, pool: PoolId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(who, pool)
		}

		/// Remove what is stored of a pool.
		///
		/// ## Dispatch Origin
		/// Signed by the curator.
		///
		/// ## Details
		/// The pool has been closed for [`Config::RemovalDelay`], and nobody else has an item in it,
		/// or anything to claim. All that the pot has goes to the curator, and so does the deposit.
		///
		/// ## Events
		/// [`Event::PoolRemoved`].
		#[pallet::call_index(3)]
		pub fn remove(origin: OriginFor<T>, pool: PoolId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove(who, pool)
		}

		/// Contribute an asset to a pool.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, who pays the deposit.
		///
		/// ## Details
		/// The owner of the asset has signed [`Contribution::signed_bytes`] for the genesis of this
		/// chain, as they are or in `<Bytes>` and `</Bytes>`. If a former owner has the asset in the
		/// pool, it is withdrawn before.
		///
		/// ## Events
		/// [`Event::Contributed`], after [`Event::Withdrawn`] of a former owner.
		#[pallet::call_index(4)]
		pub fn contribute(
			origin: OriginFor<T>,
			contribution: Contribution<T::AccountId>,
			signature: T::OffchainSignature,
		) -> DispatchResult {
			let submitter = ensure_signed(origin)?;
			Self::do_contribute(submitter, contribution, signature)
		}

		/// Take an asset out of a pool. From now on, no new job can use it by the pool.
		///
		/// ## Dispatch Origin
		/// Signed by who has contributed it, or by anybody if that account does not own the asset any
		/// more, or the asset is revoked.
		///
		/// ## Details
		/// What was earned by now stays the contributor's, to be claimed. Whoever paid the deposit
		/// has it back. A new signature is needed to contribute the asset again.
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(5)]
		pub fn withdraw(origin: OriginFor<T>, pool: PoolId, asset: AssetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, pool, asset)
		}

		/// Say what an item is worth.
		///
		/// ## Dispatch Origin
		/// Signed by the curator of a pool whose rule is [`ScoreRule::Scored`].
		///
		/// ## Details
		/// From 0 to [`MAX_SCORE`](assay_primitives::pool::MAX_SCORE). What came in by now is divided
		/// by the scores as they were.
		///
		/// ## Events
		/// [`Event::Scored`].
		#[pallet::call_index(6)]
		pub fn score(
			origin: OriginFor<T>,
			pool: PoolId,
			asset: AssetId,
			score: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_score(who, pool, asset, score)
		}

		/// Be paid what one's items have earned, and the cut, as the curator.
		///
		/// ## Dispatch Origin
		/// Signed by a contributor, or who was one, or the curator.
		///
		/// ## Events
		/// [`Event::Claimed`].
		#[pallet::call_index(7)]
		pub fn claim(origin: OriginFor<T>, pool: PoolId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, pool)
		}
	}
}

//! Providers: bonds, profiles, liveness, asks and statistics.
//!
//! A *provider* is an account that runs models for pay. It bonds stake, says where and on what it
//! runs, and *asks* a price a unit for each version that it serves.
//!
//! ## Stake
//!
//! The bond is held under [`HoldReason::Bond`]. A job that is assigned *locks* a part of it until
//! it ends; the rest is *free*. Only free stake can be unbonded, and what is unbonding stays held
//! until [`Config::UnbondingPeriod`] is over. What remains bonded is at least
//! [`Config::MinBond`], or nothing: a provider that leaves is offline, without asks and without
//! open jobs. An account has one bond, so no stake answers for two providers.
//!
//! A result that is proven wrong costs its provider exactly what the job had locked. A provider
//! that is left with less than the least bond is offline until it bonds more, and anybody may
//! [`Pallet::evict`] its asks.
//!
//! ## Liveness
//!
//! A provider is *available* while it is online and its last heartbeat is at most
//! [`Config::HeartbeatPeriod`] old. Availability is computed when it is asked for: no hook walks
//! over providers.
//!
//! ## Bounds
//!
//! ## Asks
//!
//! An ask is a price a unit, a capacity, and perhaps a block in which it expires. The asks for a
//! version are its *book*, in bands by the highest bit of their price: a draw reads at most
//! [`assay_primitives::provider::MAX_CANDIDATES`] of those that may be cheap enough, chosen by the
//! draw's seed, however many there are. [`Config::MaxAsksPerProvider`] bounds what one bond can
//! occupy, and [`Config::LeastPrice`] keeps an ask from promising work for less than its records
//! cost the chain.
//!
//! A provider announces when it will be away with [`Pallet::set_maintenance`], and is not drawn then.
//!
//! ## For other pallets
//!
//! [`Pallet`] implements [`assay_primitives::traits::ProviderMarket`].

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

mod asks;
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
mod benchmarking;
mod calls;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod liveness;
mod market;
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
	use crate::{
		types::{AskRecord, Book, Place, ProviderRecord},
		weights::WeightInfo,
	};
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::traits::BenchmarkScene;
	use assay_primitives::{
		provider::{Ask, Maintenance, Profile},
		traits::ModelInspect,
		Balance, BlockNumber, VersionId,
	};
	use frame_support::{pallet_prelude::*, traits::fungible};
	use frame_system::pallet_prelude::*;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The native token, from which bonds are held.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// The registry of models.
		type Models: ModelInspect<Self::AccountId>;

		/// The least bond of a provider.
		type MinBond: Get<Balance>;

		/// How long an unbonded amount stays held.
		type UnbondingPeriod: Get<BlockNumberFor<Self>>;

		/// How old the last heartbeat of an available provider may be.
		type HeartbeatPeriod: Get<BlockNumberFor<Self>>;

		/// The most asks for one version.
		#[pallet::constant]
		type MaxAsksPerVersion: Get<u32>;

		/// The least price a unit: what the records of a job cost the chain.
		#[pallet::constant]
		type LeastPrice: Get<Balance>;

		/// The longest maintenance, and how far ahead it can be announced.
		#[pallet::constant]
		type MaxMaintenance: Get<BlockNumber>;

		/// The most asks of one provider.
		#[pallet::constant]
		type MaxAsksPerProvider: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// Publishes the version that the benchmarks ask for.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For what a provider has bonded and what is unbonding.
		#[codec(index = 0)]
		Bond,
	}

	/// The providers.
	///
	/// Hasher: accounts are chosen by anybody, so the hash is a cryptographic one.
	#[pallet::storage]
	pub type Providers<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, ProviderRecord, OptionQuery>;

	/// What each provider says of itself, apart from its record, so that draws need not read it.
	///
	/// Hasher: accounts are chosen by anybody.
	#[pallet::storage]
	pub type Profiles<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Profile, OptionQuery>;

	/// What a provider asks for a version.
	///
	/// Hashers: a version has to be published, and the registry counts its ids, so nobody can
	/// choose keys that collide. Accounts are chosen by anybody.
	#[pallet::storage]
	pub type Asks<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		VersionId,
		Blake2_128Concat,
		T::AccountId,
		AskRecord,
		OptionQuery,
	>;

	/// How many asks for each version there are in each band of prices, at most
	/// [`Config::MaxAsksPerVersion`] in all.
	///
	/// Hasher: a version has to be published, and the registry counts its ids.
	#[pallet::storage]
	pub type Books<T: Config> = StorageMap<_, Twox64Concat, VersionId, Book, ValueQuery>;

	/// Whose ask is at each place of a version's book.
	///
	/// Hashers: a version has to be published, and places are counted.
	#[pallet::storage]
	pub type Places<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		VersionId,
		Twox64Concat,
		Place,
		T::AccountId,
		OptionQuery,
	>;

	/// The versions that a provider has an ask for.
	///
	/// Hashers: accounts are chosen by anybody; a version has to be published.
	#[pallet::storage]
	pub type ProviderAsks<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		VersionId,
		(),
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A provider registered.
		ProviderRegistered {
			/// The provider.
			provider: T::AccountId,
			/// What it bonded.
			bond: Balance,
		},
		/// A provider said something new of itself.
		ProfileUpdated {
			/// The provider.
			provider: T::AccountId,
		},
		/// A provider bonded more.
		BondIncreased {
			/// The provider.
			provider: T::AccountId,
			/// What it added.
			amount: Balance,
		},
		/// A provider came online or went offline.
		OnlineSet {
			/// The provider.
			provider: T::AccountId,
			/// Whether it takes jobs.
			online: bool,
		},
		/// A provider is alive.
		HeartbeatReceived {
			/// The provider.
			provider: T::AccountId,
		},
		/// A provider offers this from now on.
		AskSet {
			/// The provider.
			provider: T::AccountId,
			/// What it serves.
			version: VersionId,
			/// What it offers.
			ask: Ask,
		},
		/// A provider is drawn for a version no more. Its ask is kept while jobs of it are to be answered.
		AskClosed {
			/// The provider.
			provider: T::AccountId,
			/// What it served.
			version: VersionId,
		},
		/// A provider announced when it will be away, or that it will not be.
		MaintenanceSet {
			/// The provider.
			provider: T::AccountId,
			/// When it is not drawn.
			maintenance: Option<Maintenance>,
		},
		/// An ask is gone.
		AskRemoved {
			/// The provider.
			provider: T::AccountId,
			/// What it served.
			version: VersionId,
		},
		/// A provider takes stake out of its bond.
		Unbonding {
			/// The provider.
			provider: T::AccountId,
			/// What it takes out now.
			amount: Balance,
			/// From when on it can withdraw this and all that was unbonding before.
			until: BlockNumber,
		},
		/// A provider withdrew what was unbonding.
		Withdrawn {
			/// The provider.
			provider: T::AccountId,
			/// What it withdrew.
			amount: Balance,
		},
		/// A result of a provider was proven wrong.
		Slashed {
			/// The provider.
			provider: T::AccountId,
			/// What was taken out of its bond.
			amount: Balance,
			/// The part of it that was burned.
			burned: Balance,
		},
		/// A provider left: nothing of its bond remained.
		ProviderRemoved {
			/// Who was a provider.
			provider: T::AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is a provider already.
		AlreadyRegistered,
		/// The account is no provider.
		UnknownProvider,
		/// A text of the profile is not UTF-8, or the endpoint is no `http` or `https` URL.
		InvalidProfile,
		/// The bond would be, or is, less than the least bond.
		BelowMinBond,
		/// An amount of nothing.
		ZeroAmount,
		/// The free stake is less than the amount.
		InsufficientFreeStake,
		/// The provider is online already.
		AlreadyOnline,
		/// The provider is offline already.
		AlreadyOffline,
		/// Only a provider that is online has a heartbeat.
		Offline,
		/// A provider that is online cannot take out its whole bond.
		StillOnline,
		/// A provider with asks cannot take out its whole bond.
		StillAsking,
		/// A provider with open jobs cannot take out its whole bond.
		JobsOpen,
		/// The version is not published, or takes no new jobs.
		VersionNotActive,
		/// There are as many asks for the version as may be.
		TooManyProviders,
		/// The provider has as many asks as it may have.
		TooManyAsks,
		/// The provider has no ask for the version.
		UnknownAsk,
		/// The provider has the least bond and the ask has not expired: it stays.
		StillBonded,
		/// Jobs of the ask are to be answered: it goes with the last of them.
		AskInUse,
		/// The price is less than what the records of a job cost the chain.
		BelowStorageCost,
		/// An ask for no job at a time.
		ZeroCapacity,
		/// The ask would have expired already.
		AskExpired,
		/// The maintenance would end before it begins or be over already, is too long, or too far
		/// ahead.
		InvalidMaintenance,
		/// Nothing is unbonding.
		NothingUnbonding,
		/// The unbonding period is not over.
		UnbondingNotOver,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Become a provider.
		///
		/// ## Dispatch Origin
		/// Signed by the future provider.
		///
		/// ## Details
		/// Holds the bond. The provider starts offline and without asks.
		///
		/// ## Events
		/// [`Event::ProviderRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(origin: OriginFor<T>, profile: Profile, bond: Balance) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_register(provider, profile, bond)
		}

		/// Replace what the caller says of itself.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Events
		/// [`Event::ProfileUpdated`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_profile())]
		pub fn update_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_update_profile(provider, profile)
		}

		/// Add to the bond.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Details
		/// Holds the amount in addition; what is unbonding goes on unbonding. The bond is at
		/// least the least bond afterwards.
		///
		/// ## Events
		/// [`Event::BondIncreased`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_bond_extra(provider, amount)
		}

		/// Come online or go offline.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Details
		/// To come online takes the least bond, and counts as a heartbeat. A provider that goes
		/// offline still has to answer the jobs that it was assigned.
		///
		/// ## Events
		/// [`Event::OnlineSet`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_online())]
		pub fn set_online(origin: OriginFor<T>, online: bool) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_online(provider, online)
		}

		/// Show that the caller is alive.
		///
		/// ## Dispatch Origin
		/// Signed by a provider that is online.
		///
		/// ## Events
		/// [`Event::HeartbeatReceived`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::heartbeat())]
		pub fn heartbeat(origin: OriginFor<T>) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_heartbeat(provider)
		}

		/// Serve a version, or change what is offered for it.
		///
		/// ## Dispatch Origin
		/// Signed by a provider with at least the least bond.
		///
		/// ## Details
		/// The version takes new jobs. Jobs that are assigned already keep their price.
		///
		/// ## Events
		/// [`Event::AskSet`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_ask())]
		pub fn set_ask(origin: OriginFor<T>, version: VersionId, ask: Ask) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_ask(provider, version, ask)
		}

		/// Serve a version no more.
		///
		/// ## Dispatch Origin
		/// Signed by a provider with an ask for the version.
		///
		/// ## Details
		/// Jobs that are assigned already still have to be answered: the ask expires now, and goes
		/// with the last of them.
		///
		/// ## Events
		/// [`Event::AskRemoved`], or [`Event::AskClosed`] while there are such jobs.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::remove_ask())]
		pub fn remove_ask(origin: OriginFor<T>, version: VersionId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_remove_ask(provider, version)
		}

		/// Remove an ask that has expired, or whose provider's bond was slashed to less than the
		/// least bond, so that it takes no place from others.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::AskRemoved`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::evict())]
		pub fn evict(
			origin: OriginFor<T>,
			provider: T::AccountId,
			version: VersionId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_evict(provider, version)
		}

		/// Announce when the caller will be away, or, with `None`, that it will not be.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Details
		/// It is not drawn in these blocks. Jobs that it was assigned before still have to be
		/// answered.
		///
		/// ## Events
		/// [`Event::MaintenanceSet`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_maintenance())]
		pub fn set_maintenance(
			origin: OriginFor<T>,
			maintenance: Option<Maintenance>,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_maintenance(provider, maintenance)
		}

		/// Take free stake out of the bond.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Details
		/// What remains is at least the least bond, or nothing; nothing takes a provider that is
		/// offline, without asks and without open jobs. The amount joins what is unbonding
		/// already, and the period starts anew for all of it.
		///
		/// ## Events
		/// [`Event::Unbonding`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_unbond(provider, amount)
		}

		/// Get back what was unbonding for the whole period.
		///
		/// ## Dispatch Origin
		/// Signed by a provider.
		///
		/// ## Details
		/// A provider without a bond is removed.
		///
		/// ## Events
		/// [`Event::Withdrawn`], and [`Event::ProviderRemoved`] where it was the rest.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(provider)
		}
	}
}

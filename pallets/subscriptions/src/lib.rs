//! Subscriptions: jobs that recur, out of a budget that was set aside.
//!
//! The result of a job is determined by its version and its input, and so there is little to be
//! had from repeating one. What recurs is the request: for an input that somebody feeds.
//!
//! ## The way of a subscription
//!
//! With [`Pallet::subscribe`] an account sets a budget aside and says what is run, on what terms,
//! how often, and who else may feed inputs. With [`Pallet::feed`] the subscriber or the feeder
//! leaves an input; a newer one takes the place of an older. In the block after the first input,
//! and then once a *period*, the sweep requests a job for the input that is there, in the name of
//! the subscriber, through [`assay_primitives::traits::JobRequests`]. An input is run once, or, if
//! the subscription *repeats*, until there is a newer one.
//!
//! A subscription that cannot run rests: while there is no input, while the budget does not cover
//! a run, and while it is paused. Nothing is done for it meanwhile, whatever its period is, and
//! when it goes on, it does so at its own times: whole periods from its last run. A sweep that is
//! late makes one run of several that were missed. One that has rested for
//! [`Config::Retention`] blocks, and for a period, lapses.
//!
//! A request that is refused counts: [`Config::MaxFailures`] in a row end the subscription.
//!
//! ## Money
//!
//! The budget is held. For each run, exactly what the job holds is released and held again by the
//! job, or neither happens. From then on it is the job's: what it gives back, of the fee and of the
//! deposit, goes to the free balance of the subscriber, and not into the budget. The subscriber pays
//! a deposit for the record, and whoever feeds an input one for its bytes, until it has run or there
//! is a newer one.
//!
//! Ended subscriptions leave nothing behind but their events. The invariants are in
//! `invariants.rs`, numbered as in `docs/protocol.md`.

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
#[cfg(test)]
mod mock;
mod queries;
mod run;
mod sweep;
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
		types::{Fed, Subscription},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::traits::BenchmarkScene;
	use assay_primitives::{
		job::{Input, Terms},
		subscription::{EndReason, SkipReason, SubscriptionSpec, Target},
		traits::{JobRequests, ModelInspect, NEWEST_READS},
		Balance, BlockNumber, JobId, SubscriptionId,
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
		/// The native token.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// The registry of models.
		type Models: ModelInspect<Self::AccountId>;

		/// Where jobs are requested.
		type Jobs: JobRequests<Self::AccountId>;

		/// The shortest period.
		#[pallet::constant]
		type MinPeriod: Get<BlockNumber>;

		/// The longest period.
		#[pallet::constant]
		type MaxPeriod: Get<BlockNumber>;

		/// The blocks for which a subscription may rest at least.
		#[pallet::constant]
		type Retention: Get<BlockNumber>;

		/// The requests in a row whose refusal ends a subscription.
		#[pallet::constant]
		type MaxFailures: Get<u8>;

		/// The most subscriptions of one account.
		#[pallet::constant]
		type MaxPerAccount: Get<u32>;

		/// The deposit for the record of a subscription.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The deposit for each byte of an input.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Publishes versions for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// What is left of the budget of a subscription.
		#[codec(index = 0)]
		Budget,
		/// For the storage of a subscription, or of an input.
		#[codec(index = 1)]
		Deposit,
	}

	/// The number of the next subscription.
	#[pallet::storage]
	pub type NextSubscription<T: Config> = StorageValue<_, SubscriptionId, ValueQuery>;

	/// The subscriptions, until they end.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Subscriptions<T: Config> =
		StorageMap<_, Twox64Concat, SubscriptionId, Subscription<T::AccountId>, OptionQuery>;

	/// The inputs that wait for their run, or are run again: at most one a subscription.
	///
	/// Hasher: as for [`Subscriptions`].
	#[pallet::storage]
	pub type Inputs<T: Config> =
		StorageMap<_, Twox64Concat, SubscriptionId, Fed<T::AccountId>, OptionQuery>;

	/// The subscriptions of each account, in ascending order.
	///
	/// Hasher: accounts are chosen by anybody, so their hash is a cryptographic one.
	#[pallet::storage]
	pub type Owned<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<SubscriptionId, T::MaxPerAccount>,
		ValueQuery,
	>;

	/// What is due, by block: one entry a subscription, under [`Subscription::wake`].
	///
	/// Hasher: block numbers and identifiers are counted, nobody chooses them.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumber,
		Twox64Concat,
		SubscriptionId,
		(),
		OptionQuery,
	>;

	/// The first block whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A budget was set aside for jobs that recur.
		Subscribed {
			/// The subscription.
			subscription: SubscriptionId,
			/// Whose it is.
			subscriber: T::AccountId,
			/// What is run.
			target: Target,
			/// What was set aside.
			budget: Balance,
		},
		/// There is a new input.
		InputFed {
			/// The subscription.
			subscription: SubscriptionId,
			/// Who fed it.
			by: T::AccountId,
		},
		/// The input was taken back before it was run, or run again.
		InputTakenBack {
			/// The subscription.
			subscription: SubscriptionId,
		},
		/// More was added to a budget.
		ToppedUp {
			/// The subscription.
			subscription: SubscriptionId,
			/// How much.
			amount: Balance,
		},
		/// The subscriber agreed to other terms.
		TermsSet {
			/// The subscription.
			subscription: SubscriptionId,
		},
		/// A subscription was paused, or goes on after a pause.
		PauseSet {
			/// The subscription.
			subscription: SubscriptionId,
			/// Whether it is paused.
			paused: bool,
		},
		/// A job was requested.
		Ran {
			/// The subscription.
			subscription: SubscriptionId,
			/// The job.
			job: JobId,
		},
		/// Nothing was requested when it was due.
		Skipped {
			/// The subscription.
			subscription: SubscriptionId,
			/// Why.
			reason: SkipReason,
		},
		/// A subscription ended, and all that was held for it is released.
		Ended {
			/// The subscription.
			subscription: SubscriptionId,
			/// Why.
			reason: EndReason,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such subscription, or it has ended.
		UnknownSubscription,
		/// The version, or no recent version of the model, takes jobs.
		NoActiveVersion,
		/// A period that is shorter or longer than periods can be.
		InvalidPeriod,
		/// A subscription to nothing.
		NoRuns,
		/// The budget does not cover the fee of one run.
		BudgetTooSmall,
		/// The account cannot have the budget or the deposit held.
		InsufficientFunds,
		/// More than can be counted.
		Overflow,
		/// The account has as many subscriptions as it can have.
		TooManySubscriptions,
		/// The caller is not the subscriber.
		NotSubscriber,
		/// The caller is neither the subscriber nor the feeder.
		NotFeeder,
		/// The caller is neither the subscriber nor who has fed the input.
		NotPayer,
		/// There is no input.
		NoInput,
		/// It is paused already.
		AlreadyPaused,
		/// It is not paused.
		NotPaused,
		/// It still has time, or is going to run.
		NotLapsed,
		/// A job would hold another sum than was said before.
		CostDiffers,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::sweep()
		}

		fn integrity_test() {
			let least = Self::dearest_step().saturating_add(T::WeightInfo::sweep_block());
			assert!(least.all_lte(T::SweepWeight::get()), "the sweep can afford its dearest step");
			assert!(T::MinPeriod::get() > 0, "a period has a length");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Set a budget aside for jobs that recur.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber.
		///
		/// ## Details
		/// Holds the budget, and a deposit for the record. The first run is in the block after the
		/// first input was fed.
		///
		/// ## Events
		/// [`Event::Subscribed`].
		#[pallet::call_index(0)]
		#[pallet::weight(
			T::WeightInfo::subscribe().saturating_add(T::DbWeight::get().reads(NEWEST_READS))
		)]
		pub fn subscribe(
			origin: OriginFor<T>,
			spec: SubscriptionSpec<T::AccountId>,
			budget: Balance,
		) -> DispatchResult {
			let subscriber = ensure_signed(origin)?;
			Self::do_subscribe(subscriber, spec, budget)
		}

		/// Leave an input for the next run, in place of one that is there.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber or the feeder.
		///
		/// ## Details
		/// Holds a deposit for the bytes of the input, until it has run or there is a newer one; that
		/// of the one that was there goes back to whoever paid it. The input is checked against the
		/// version's declarations when it is run.
		///
		/// ## Events
		/// [`Event::InputFed`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::feed(input.encoded_size() as u32))]
		pub fn feed(
			origin: OriginFor<T>,
			subscription: SubscriptionId,
			input: Box<Input>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_feed(who, subscription, *input)
		}

		/// Take an input back that waits for its run, or is run again.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber or by who has fed it, who has the deposit back.
		///
		/// ## Events
		/// [`Event::InputTakenBack`].
		#[pallet::call_index(2)]
		pub fn take_back(origin: OriginFor<T>, subscription: SubscriptionId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_take_back(who, subscription)
		}

		/// Add to the budget.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber.
		///
		/// ## Events
		/// [`Event::ToppedUp`].
		#[pallet::call_index(3)]
		pub fn top_up(
			origin: OriginFor<T>,
			subscription: SubscriptionId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(who, subscription, amount)
		}

		/// Agree to other terms for the jobs to come.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber.
		///
		/// ## Events
		/// [`Event::TermsSet`].
		#[pallet::call_index(4)]
		pub fn set_terms(
			origin: OriginFor<T>,
			subscription: SubscriptionId,
			terms: Terms<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_terms(who, subscription, terms)
		}

		/// Pause a subscription, or let it go on.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber.
		///
		/// ## Details
		/// It goes on at its own times. A pause that is too long lets it lapse.
		///
		/// ## Events
		/// [`Event::PauseSet`].
		#[pallet::call_index(5)]
		pub fn set_paused(
			origin: OriginFor<T>,
			subscription: SubscriptionId,
			paused: bool,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_paused(who, subscription, paused)
		}

		/// End a subscription. Its jobs go on.
		///
		/// ## Dispatch Origin
		/// Signed by the subscriber.
		///
		/// ## Events
		/// [`Event::Ended`].
		#[pallet::call_index(6)]
		pub fn end(origin: OriginFor<T>, subscription: SubscriptionId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_end(who, subscription)
		}

		/// End a subscription that has rested for too long.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::Ended`].
		#[pallet::call_index(7)]
		pub fn expire(origin: OriginFor<T>, subscription: SubscriptionId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(subscription)
		}
	}
}

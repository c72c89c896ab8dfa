//! Audits: providers that are drawn run jobs once more, and say under seal what came out.
//!
//! So verification does not depend on charity: whoever answers must expect that somebody is paid to
//! look, whatever others do.
//!
//! ## The way of an audit
//!
//! Whether a result is audited is drawn in the third block after its submission, with the VRF
//! output of the second. The rate is [`Config::Rate`], times a factor for the record of the
//! provider: a quarter after a thousand results without a fault, four after a miss, a strike or a
//! refutation.
//!
//! Two *auditors* are drawn among the other providers of the version. Both *commit*: each seals the
//! root of the canonical trace, with a bond. Both *reveal*. If the roots are equal, they are paid.
//! If they differ, the job is disputed with both histories; the seals were its D0. Whoever has
//! sealed and does not reveal loses its bond; whoever misses an audit is audited more itself.
//!
//! What the auditors reveal decides nothing about the result. An auditor that finds it wrong
//! disputes it like anybody, and earns what a challenger earns.
//!
//! While an audit goes on, the job's clock stands still. Every way of it ends in two steps at the
//! most, by the sweep or by anybody with [`Pallet::advance`].
//!
//! ## Money
//!
//! A part of every fee goes to the pot, an account of this pallet. Whoever reveals is paid out of
//! it, and as much is burned, so that nobody gains by auditing himself: what audits pay never
//! exceeds what they burn, and both together never exceed what fees have paid for them. The
//! invariants are in `invariants.rs`, numbered as in `docs/protocol.md`.

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
mod draw;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod queries;
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
		types::{Audit, Standing},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	use assay_canon::commitment::{GraphHeader, Hash};
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::traits::AuditScene;
	use assay_primitives::{
		audit::AuditOutcome,
		traits::{Disputable, ProviderInspect, ProviderMarket, Stayable},
		Balance, BlockNumber, JobId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Randomness},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::Permill;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The native token.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// The jobs whose results are audited.
		type Jobs: Stayable<Self::AccountId>;

		/// The registry of providers, of whom auditors are drawn.
		type Providers: ProviderMarket<Self::AccountId> + ProviderInspect<Self::AccountId>;

		/// Where auditors play who disagree.
		type Disputes: Disputable<Self::AccountId>;

		/// The VRF output of the parent block.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// The account of the pot.
		#[pallet::constant]
		type Pot: Get<PalletId>;

		/// The part of results that is audited, of providers of whom little is known.
		type Rate: Get<Permill>;

		/// The part of a job's fee that each of its auditors is paid at most.
		type PayShare: Get<Permill>;

		/// The blocks of each part of an audit, at least.
		type Step: Get<BlockNumber>;

		/// The most results of one block that can be drawn. More than a block has room for.
		#[pallet::constant]
		type MaxResults: Get<u32>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Has jobs answered for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: AuditScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Of auditors for the trace that they have sealed.
		#[codec(index = 0)]
		Bond,
	}

	/// The results of the last three blocks, by the block's number modulo three: what is drawn in a
	/// block makes room for its own results, so that one value a block is written.
	///
	/// Hasher: three keys.
	#[pallet::storage]
	pub type Results<T: Config> =
		StorageMap<_, Twox64Concat, u32, BoundedVec<JobId, T::MaxResults>, ValueQuery>;

	/// The audits that go on.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Audits<T: Config> =
		StorageMap<_, Twox64Concat, JobId, Audit<T::AccountId>, OptionQuery>;

	/// The audits that each account was drawn for.
	///
	/// Hasher: accounts are chosen by anybody, so their hash is a cryptographic one; identifiers
	/// are counted.
	#[pallet::storage]
	pub type Seats<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, (), OptionQuery>;

	/// What is known of the faults of each provider that had any.
	///
	/// Hasher: as for [`Seats`].
	#[pallet::storage]
	pub type Standings<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Standing, ValueQuery>;

	/// What is due, by block: an audit when its present part is over, or a result that was drawn
	/// and has no audit yet.
	///
	/// Hasher: block numbers and identifiers are counted, nobody chooses them.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// The first block whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A result is audited.
		AuditOpened {
			/// The job.
			job: JobId,
			/// Who was drawn.
			auditors: [T::AccountId; 2],
			/// The first block in which nothing can be sealed any more.
			until: BlockNumber,
		},
		/// An auditor has sealed what it found.
		AuditCommitted {
			/// The job.
			job: JobId,
			/// Who.
			auditor: T::AccountId,
		},
		/// An auditor has opened its seal.
		AuditRevealed {
			/// The job.
			job: JobId,
			/// Who.
			auditor: T::AccountId,
			/// The root of the trace.
			history: Hash,
		},
		/// An auditor was paid.
		AuditorPaid {
			/// The job.
			job: JobId,
			/// Who.
			auditor: T::AccountId,
			/// How much. As much was burned.
			amount: Balance,
		},
		/// An auditor has not said anything, or not opened what it has sealed.
		AuditMissed {
			/// The job.
			job: JobId,
			/// Who.
			auditor: T::AccountId,
			/// What was burned of its bond.
			burned: Balance,
		},
		/// An audit is over.
		AuditEnded {
			/// The job.
			job: JobId,
			/// How.
			outcome: AuditOutcome,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The job is not audited.
		UnknownAudit,
		/// The result is disputed, or the job has ended: nobody waits for the audit.
		JobMoved,
		/// The caller was not drawn.
		NotAuditor,
		/// The caller has sealed a trace already.
		AlreadyCommitted,
		/// The time for the move is over.
		TooLate,
		/// Seals are not opened yet.
		TooEarly,
		/// The caller has sealed nothing.
		NotCommitted,
		/// The caller has opened its seal already.
		AlreadyRevealed,
		/// The trace and the salt are not what the caller has sealed.
		WrongSeal,
		/// The header is not that of the version's graph.
		WrongHeader,
		/// The account cannot pay the bond.
		InsufficientFunds,
		/// Nothing is to be done with the audit now.
		NothingToDo,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::draw().saturating_add(Self::sweep())
		}

		fn integrity_test() {
			use frame_support::traits::Get;
			let least = Self::dearest_step().saturating_add(T::WeightInfo::sweep_block());
			assert!(least.all_lte(T::SweepWeight::get()), "the sweep can afford its dearest step");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Seal the trace of a job that the caller audits.
		///
		/// ## Dispatch Origin
		/// Signed by an auditor of the job.
		///
		/// ## Details
		/// `seal` is [`assay_dispute::dispute::seal`] of [`assay_primitives::audit::subject`], the
		/// account's bytes, the root of the trace and a salt. Holds the bond of the audit.
		///
		/// ## Events
		/// [`Event::AuditCommitted`].
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::commit(), DispatchClass::Operational))]
		pub fn commit(origin: OriginFor<T>, job: JobId, seal: Hash) -> DispatchResult {
			let auditor = ensure_signed(origin)?;
			Self::do_commit(auditor, job, seal)
		}

		/// Open the seal of the caller.
		///
		/// ## Dispatch Origin
		/// Signed by an auditor of the job that has sealed a trace.
		///
		/// ## Details
		/// From the second seal on, or when the time for seals is over. `header` is that of the
		/// version's graph. It is needed of the second auditor if the two disagree, which it
		/// cannot know before.
		///
		/// ## Events
		/// [`Event::AuditRevealed`]; and of the last one [`Event::AuditorPaid`] for each that is
		/// paid, and [`Event::AuditEnded`].
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::reveal(), DispatchClass::Operational))]
		pub fn reveal(
			origin: OriginFor<T>,
			job: JobId,
			history: Hash,
			salt: Hash,
			header: Box<GraphHeader>,
		) -> DispatchResult {
			let auditor = ensure_signed(origin)?;
			Self::do_reveal(auditor, job, history, salt, &header)
		}

		/// Take the step that time has brought, or end an audit that nobody waits for.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::AuditorPaid`], [`Event::AuditMissed`] and [`Event::AuditEnded`], unless it
		/// only begins to open seals.
		#[pallet::call_index(2)]
		pub fn advance(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_advance(job)
		}
	}
}

//! Availability: whoever does not show what it committed to loses.
//!
//! Large inputs and outputs are passed by artifact: the chain knows their root, and whoever wants
//! the bytes fetches them elsewhere. What cannot be fetched can be *demanded* here, chunk by chunk.
//!
//! ## The way of a demand
//!
//! With [`Pallet::demand`] an account names a *place*: a chunk of a tensor of a job's input or
//! output. Through [`assay_primitives::traits::Stayable`] the job's clock stops. Anybody answers
//! with [`Pallet::serve`], which shows under the root that these bytes are that chunk, and leaves
//! them in an event, or that what was submitted has no such chunk. When the last answer is there,
//! the clock goes on with what was left of it.
//!
//! Without an answer until its due block a demand *lapses*. An output that is not shown is as good
//! as a wrong one: the provider loses the job's exposure, of which the demander has the
//! challenger's part. For an input that is not shown the requester pays the fee. While the result
//! is disputed, the verdict comes first, and the demand waits for it.
//!
//! Answers are operational transactions: demands, which are ordinary ones, cannot crowd them out.
//! Due blocks are compared in the calls, so that a late sweep never changes who may answer.
//!
//! Of a batch, the output is the tensor of its items' roots: who has demanded the chunk of an item's
//! root can open the item, and demand its output.
//!
//! ## Money
//!
//! A demander has the price held. Half of it goes to whoever answers, and the rest is burned: who
//! answers his own demand pays too. When a demand lapses, or its job went another way, all of it
//! goes back.
//!
//! ## How many
//!
//! Nothing limits how many demands are open, of one job or in all: each is paid for. A limit would
//! be a number of places that a provider could fill itself. All demands of a job run at the same
//! time, so that a crowd of them takes as long as one, and the market for jobs takes none later
//! than a few challenge windows after a result. The invariants are in `invariants.rs`, numbered as in
//! `docs/protocol.md`.

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
	use crate::{types::Demand, weights::WeightInfo};
	use assay_primitives::{
		availability::{AnswerBytes, ChunkBytes, Place},
		traits::{ModelInspect, Stayable},
		Balance, BlockNumber, DemandId, JobId,
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

		/// The jobs whose inputs and outputs are demanded.
		type Jobs: Stayable<Self::AccountId>;

		/// What a demand costs: half of it covers what an answer costs.
		type Price: Get<Balance>;

		/// The blocks in which a demand can be answered.
		type Step: Get<BlockNumber>;

		/// The blocks after which a demand that waits for a verdict is looked at again.
		#[pallet::constant]
		type RetryDelay: Get<BlockNumber>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Has jobs answered for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: assay_primitives::traits::AvailabilityScene;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The price of an open demand.
		#[codec(index = 0)]
		Price,
	}

	/// The number of the next demand.
	#[pallet::storage]
	pub type NextDemand<T: Config> = StorageValue<_, DemandId, ValueQuery>;

	/// The demands that are open, of each job.
	///
	/// Hasher: the chain counts both identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Demands<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		JobId,
		Twox64Concat,
		DemandId,
		Demand<T::AccountId>,
		OptionQuery,
	>;

	/// The demands that each account is to have an answer for, with their jobs.
	///
	/// Hasher: accounts are chosen by anybody, so their hash is a cryptographic one.
	#[pallet::storage]
	pub type Parties<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		DemandId,
		JobId,
		OptionQuery,
	>;

	/// What is due, by block: one entry a demand, under [`Demand::wake`].
	///
	/// Hasher: block numbers and identifiers are counted.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumber,
		Twox64Concat,
		(JobId, DemandId),
		(),
		OptionQuery,
	>;

	/// The first block whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A chunk is demanded.
		ChunkDemanded {
			/// The job.
			job: JobId,
			/// The demand.
			demand: DemandId,
			/// Who demands.
			demander: T::AccountId,
			/// At whose cost it is if nobody answers.
			respondent: T::AccountId,
			/// What is demanded.
			place: Place,
			/// The last block for an answer.
			due: BlockNumber,
		},
		/// A chunk was shown.
		ChunkServed {
			/// The job.
			job: JobId,
			/// The demand.
			demand: DemandId,
			/// The chunk.
			bytes: ChunkBytes,
		},
		/// Roots of a batch's items were shown.
		RootsServed {
			/// The batch.
			job: JobId,
			/// The demand.
			demand: DemandId,
			/// What opens them, as of [`assay_primitives::batch::opened`].
			opening: AnswerBytes,
		},
		/// It was shown that what was submitted has no such chunk.
		NothingThere {
			/// The job.
			job: JobId,
			/// The demand.
			demand: DemandId,
		},
		/// The price of a demand went to whoever answered, and was burned.
		AnswerPaid {
			/// The demand.
			demand: DemandId,
			/// Who demanded.
			demander: T::AccountId,
			/// Who answered.
			server: T::AccountId,
			/// What that account got.
			paid: Balance,
			/// What was burned.
			burned: Balance,
		},
		/// Nobody answered, at the cost of the respondent.
		DemandLapsed {
			/// The job.
			job: JobId,
			/// The demand.
			demand: DemandId,
			/// At whose cost.
			respondent: T::AccountId,
		},
		/// The job went another way before an answer was due, and so nothing came of the demand.
		DemandDropped {
			/// The job.
			job: JobId,
			/// The demand.
			demand: DemandId,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such version.
		UnknownVersion,
		/// No such demand is open.
		UnknownDemand,
		/// The chain has it, or nothing of it was passed by artifact.
		OnChain,
		/// There is no result yet.
		NoResult,
		/// There is no such tensor or chunk.
		UnknownPlace,
		/// The account cannot pay the price.
		InsufficientFunds,
		/// The time for an answer is over.
		TooLate,
		/// The time for an answer is not over.
		TooEarly,
		/// The answer shows nothing that was committed to.
		MalformedAnswer,
		/// The answer shows another place.
		WrongPlace,
		/// The answer shows an input that is not as the request states it.
		WrongKind,
		/// The result is disputed: the verdict comes first.
		Disputed,
		/// The input is that of a batch or of its item: a provider that cannot get it says so, at no
		/// cost.
		OfBatch,
		/// The input is somebody's data, which only its provider is given.
		PrivateInput,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::sweep()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Demand a chunk of a job's input or output that was passed by artifact.
		///
		/// ## Dispatch Origin
		/// Signed by anybody while the result is provisional or disputed; about the input also by
		/// the provider that the job is assigned to.
		///
		/// ## Details
		/// Stops the job's clock and holds the price. Of an input the place must exist; of an
		/// output it must be one that the version's declaration admits.
		///
		/// ## Events
		/// [`Event::ChunkDemanded`].
		#[pallet::call_index(0)]
		pub fn demand(origin: OriginFor<T>, job: JobId, place: Place) -> DispatchResult {
			let demander = ensure_signed(origin)?;
			Self::do_demand(demander, job, place)
		}

		/// Answer a demand.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// `answer` is an encoded [`assay_canon::arbiter::SubmissionProof`]: it opens the chunk
		/// under the root of the list of tensors. Of an output it may show instead that there is no
		/// such chunk.
		///
		/// ## Events
		/// [`Event::ChunkServed`] or [`Event::NothingThere`], and [`Event::AnswerPaid`].
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::serve(), DispatchClass::Operational))]
		pub fn serve(
			origin: OriginFor<T>,
			job: JobId,
			demand: DemandId,
			answer: AnswerBytes,
		) -> DispatchResult {
			let server = ensure_signed(origin)?;
			Self::do_serve(server, job, demand, &answer)
		}

		/// Carry out what becomes of a demand that nobody has answered in time.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::DemandLapsed`] or [`Event::DemandDropped`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::expire_output().max(T::WeightInfo::expire_input()))]
		pub fn expire(origin: OriginFor<T>, job: JobId, demand: DemandId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(job, demand)
		}
	}
}

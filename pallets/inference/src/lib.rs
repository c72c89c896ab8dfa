//! The market for inference jobs: request, assign, submit, settle.
//!
//! ## The way of a job
//!
//! A *requester* calls [`Pallet::request`] with a version, an input and terms: the most that it
//! pays is held, with a deposit for storage. From the third block on, the sweep draws a
//! *provider* among those that are available, ask no more than the requester pays, and have
//! free stake for the job's *exposure*. The provider submits a result in time; the result is
//! *provisional* for [`Config::ChallengeWindow`] blocks, and then *settles*: the fee is divided
//! by [`Config::FeeSplit`], and the rest of what was held goes back. A provider that misses is
//! counted so, and the job is drawn again or refunded. The records of an ended job are kept for
//! [`Config::Retention`] blocks and pruned; then the deposit goes back.
//!
//! While a result is provisional, anybody may dispute it: through
//! [`assay_primitives::traits::Contestable`] it waits for the verdict, and then settles, or is
//! refuted at the cost of the provider's exposure. Through [`assay_primitives::traits::Stayable`]
//! its clock stops while something about it is being found out.
//!
//! ## Groups
//!
//! [`Pallet::request_redundant`] makes several jobs of one request, each with a provider of its own.
//! Their results are sealed with [`Pallet::seal_result`] and shown with [`Pallet::reveal_result`]
//! when enough are sealed, so that nobody copies one. See `group.rs`.
//!
//! ## Batches
//!
//! A job may have many items under one root, which are settled as one. Any of them is opened with
//! [`Pallet::open_item`], and disputed. See `batch.rs`.
//!
//! ## The draw
//!
//! [`Config::Randomness`] is the VRF output of the parent block. A job is drawn
//! [`Config::AssignmentDelay`] blocks and one after its request or its last miss, so the
//! randomness is of a block that nobody knew when the request was made. The author of that block
//! knows its output first, and can withhold the block, at the price of what it earns: that is the
//! bias which remains (see `docs/adr`).
//!
//! ## The sweep
//!
//! Each job has exactly one entry in the [`Agenda`], under the block in which something is due.
//! `on_initialize` works through due entries within [`Config::SweepWeight`] and goes on in the
//! next block. Deadlines are compared in the calls: a late sweep never changes who may act, and
//! anybody may [`Pallet::settle`] or [`Pallet::expire`] a job that is due.
//!
//! ## Money
//!
//! Fees and deposits are held, never moved, until a job ends. The invariants are in
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

mod batch;
#[cfg(feature = "runtime-benchmarks")]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
mod benchmarking;
mod calls;
mod contest;
mod draw;
mod earners;
mod group;
mod input;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod queries;
mod requests;
mod reuse;
mod stay;
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
		types::{Group, Job},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::traits::BenchmarkScene;
	use assay_primitives::{
		batch::ItemOpening,
		canonical::Cost,
		custody::KeyInspect,
		job::{ExpiryReason, Input, Output, Redundancy, RefundReason, Terms},
		money::{FeeSplit, Role},
		revenue::UsageCount,
		rights::{DataRef, DataRights},
		traits::{ModelFreeze, ModelInspect, OnSubmitted, ProviderMarket},
		Balance, BlockNumber, JobId, Root, VersionId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Randomness},
	};
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
		type Models: ModelInspect<Self::AccountId> + ModelFreeze<Self::AccountId> + UsageCount;

		/// The registry of providers.
		type Providers: ProviderMarket<Self::AccountId>;

		/// The rights to others' data.
		type Data: DataRights<Self::AccountId, DataRef>;

		/// The keys of others' data.
		type Keys: KeyInspect<Self::AccountId>;

		/// How fees are divided.
		type FeeSplit: FeeSplit<Self::AccountId>;

		/// Hears of results.
		type OnSubmitted: OnSubmitted;

		/// The VRF output of the parent block.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// The blocks between a request and the block whose randomness draws its provider.
		#[pallet::constant]
		type AssignmentDelay: Get<BlockNumber>;

		/// The blocks that an assigned provider has for its answer.
		type ResponseWindow: Get<BlockNumber>;

		/// The blocks during which a result is provisional.
		type ChallengeWindow: Get<BlockNumber>;

		/// The blocks in which sealed results can be revealed.
		#[pallet::constant]
		type RevealWindow: Get<BlockNumber>;

		/// What a reference machine computes and commits to in the time of one block: a slow one, so
		/// that whoever wants to check a job needs no better.
		type ReferenceRate: Get<Cost>;

		/// The blocks for which the records of an ended job are kept.
		type Retention: Get<BlockNumber>;

		/// The blocks after which a job that found no provider is drawn again.
		#[pallet::constant]
		type RetryDelay: Get<BlockNumber>;

		/// The most providers that one job passes through.
		type MaxAttempts: Get<u8>;

		/// How many times the fee a provider's exposure is at least (PROTOCOL P5.1).
		type ExposureFactor: Get<u32>;

		/// The deposit for a job's record.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The deposit for each byte of a job's input.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The least blocks that a provider is given for an answer: with fewer left, nobody is
		/// drawn.
		#[pallet::constant]
		type LeastAnswerTime: Get<BlockNumber>;

		/// The longest time that a requester may give for an answer.
		#[pallet::constant]
		type MaxDeliverWithin: Get<BlockNumber>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Publishes versions and registers providers for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The most that an open job may cost.
		#[codec(index = 0)]
		Fee,
		/// For the storage of a job's records.
		#[codec(index = 1)]
		Deposit,
	}

	/// The number of the next job.
	#[pallet::storage]
	pub type NextJob<T: Config> = StorageValue<_, JobId, ValueQuery>;

	/// The jobs, until they are pruned.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Jobs<T: Config> = StorageMap<_, Twox64Concat, JobId, Job<T::AccountId>, OptionQuery>;

	/// The groups of replicas, by their first job, until the last replica is pruned.
	///
	/// Hasher: as for [`Jobs`].
	#[pallet::storage]
	pub type Groups<T: Config> = StorageMap<_, Twox64Concat, JobId, Group, OptionQuery>;

	/// The items of each batch that were opened, with their jobs, until those are pruned.
	///
	/// Hasher: the chain counts the identifiers, and an item is opened that a provider has answered.
	#[pallet::storage]
	pub type Items<T: Config> =
		StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, u32, JobId, OptionQuery>;

	/// The inputs of open jobs.
	///
	/// Hasher: as for [`Jobs`].
	#[pallet::storage]
	pub type Inputs<T: Config> = StorageMap<_, Twox64Concat, JobId, Input, OptionQuery>;

	/// The results, provisional or final.
	///
	/// Hasher: as for [`Jobs`].
	#[pallet::storage]
	pub type Outputs<T: Config> = StorageMap<_, Twox64Concat, JobId, Output, OptionQuery>;

	/// The job whose result for an input of a version is final, while it is kept: the latest.
	///
	/// Hashers: a version has to be published, and the registry counts its ids; roots are of
	/// whatever somebody chooses.
	#[pallet::storage]
	pub type Answers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Blake2_128Concat, Root, JobId, OptionQuery>;

	/// The jobs of each requester, until they are pruned.
	///
	/// Hasher: accounts are chosen by anybody, so their hash is a cryptographic one; identifiers
	/// are counted.
	#[pallet::storage]
	pub type RequesterJobs<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, (), OptionQuery>;

	/// The jobs that each provider has to answer.
	///
	/// Hasher: as for [`RequesterJobs`].
	#[pallet::storage]
	pub type Assignments<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, (), OptionQuery>;

	/// What is due, by block: one entry a job, under [`Job::wake`].
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
		/// A job was requested.
		JobRequested {
			/// The job.
			job: JobId,
			/// Who asked.
			requester: T::AccountId,
			/// The version that is run.
			version: VersionId,
			/// The most that it may cost.
			max_fee: Balance,
		},
		/// A requester pays more for a job that waits for a provider.
		JobToppedUp {
			/// The job.
			job: JobId,
			/// The most that it may cost now.
			max_fee: Balance,
		},
		/// A requester waits longer for a job.
		JobExtended {
			/// The job.
			job: JobId,
			/// The last block in which a result may be submitted now.
			deadline: BlockNumber,
		},
		/// A provider was drawn.
		JobAssigned {
			/// The job.
			job: JobId,
			/// Who was drawn.
			provider: T::AccountId,
			/// The last block in which it may submit.
			due: BlockNumber,
			/// The whole fee that was agreed.
			fee: Balance,
		},
		/// A provider did not answer in time.
		JobMissed {
			/// The job.
			job: JobId,
			/// Who missed.
			provider: T::AccountId,
		},
		/// A result is provisional.
		OutputSubmitted {
			/// The job.
			job: JobId,
			/// Who submitted it.
			provider: T::AccountId,
			/// The root of the list of output tensors.
			root: Root,
			/// The first block in which it can be settled.
			until: BlockNumber,
		},
		/// A result is final and paid.
		JobSettled {
			/// The job.
			job: JobId,
			/// Who answered.
			provider: T::AccountId,
			/// The whole fee.
			fee: Balance,
		},
		/// A final result was paid for and read again.
		ResultReused {
			/// The job whose result it is.
			job: JobId,
			/// Who pays.
			requester: T::AccountId,
			/// The whole fee.
			fee: Balance,
		},
		/// A part of a fee was paid.
		FeePaid {
			/// The job.
			job: JobId,
			/// Who was paid.
			payee: T::AccountId,
			/// Why.
			role: Role,
			/// How much.
			amount: Balance,
		},
		/// A part of a fee could not be paid to its payee's account, and stayed with the
		/// requester.
		FeeReturned {
			/// The job.
			job: JobId,
			/// Who could not be paid.
			payee: T::AccountId,
			/// Why it should have been.
			role: Role,
			/// How much.
			amount: Balance,
		},
		/// A result is disputed.
		JobChallenged {
			/// The job.
			job: JobId,
			/// Whose result it is.
			provider: T::AccountId,
		},
		/// A result was proven wrong. The requester has its fee back, or the job is drawn again.
		JobRefuted {
			/// The job.
			job: JobId,
			/// Whose result it was.
			provider: T::AccountId,
			/// The root of the list of output tensors.
			root: Root,
			/// Whether the job is drawn again.
			reassigned: bool,
		},
		/// A result was outside of the tolerance, without guilt: the result is what this history
		/// delivers.
		JobCorrected {
			/// The job.
			job: JobId,
			/// Whose result it was.
			provider: T::AccountId,
			/// The root of the trace of the canonical run.
			history: Root,
		},
		/// The clock of a job stopped: something about it is being found out.
		JobStayed {
			/// The job.
			job: JobId,
			/// How many reasons there are now.
			open: u32,
		},
		/// The clock of a job goes on.
		JobResumed {
			/// The job.
			job: JobId,
		},
		/// A requester did not show its input, and has paid the fee.
		InputWithheld {
			/// The job.
			job: JobId,
			/// Who was paid.
			provider: T::AccountId,
		},
		/// A job ended and its requester has its fee back, but for data that was handed over.
		JobRefunded {
			/// The job.
			job: JobId,
			/// Why.
			reason: RefundReason,
		},
		/// Nobody could take a job; its requester has its fee back, but for data that was handed over.
		JobExpired {
			/// The job.
			job: JobId,
			/// Why.
			reason: ExpiryReason,
		},
		/// The records of an ended job are gone, and its deposit is released.
		JobPruned {
			/// The job.
			job: JobId,
		},
		/// An item of a batch can be disputed from now on; the batch waits for it.
		ItemOpened {
			/// The batch.
			batch: JobId,
			/// The number of the item.
			index: u32,
			/// The job that it is looked at as.
			job: JobId,
		},
		/// Several jobs were requested as the replicas of one group.
		GroupRequested {
			/// The group: its first job. The others follow.
			group: JobId,
			/// Who asked.
			requester: T::AccountId,
			/// How many jobs there are.
			replicas: u8,
			/// How many sealed answers are waited for.
			answers: u8,
		},
		/// A provider has sealed the result of a replica.
		ResultSealed {
			/// The job.
			job: JobId,
			/// Who has sealed it.
			provider: T::AccountId,
		},
		/// Sealed results of a group can be revealed; its other replicas have ended.
		GroupRevealing {
			/// The group.
			group: JobId,
		},
		/// All results of a group that were revealed are the same.
		GroupAgreed {
			/// The group.
			group: JobId,
			/// The root of the list of output tensors.
			root: Root,
		},
		/// Not all results of a group that were revealed are the same. Within a tolerance that proves
		/// nothing; where equal bits are required, they are audited.
		GroupDiffers {
			/// The group.
			group: JobId,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such job, or it has been pruned.
		UnknownJob,
		/// No such model version.
		UnknownVersion,
		/// The version is deprecated and takes no new jobs.
		VersionDeprecated,
		/// The time for an answer is shorter than a draw and an answer take, or longer than the
		/// chain admits.
		InvalidDeadline,
		/// The version's tolerance is looser than the requester accepts.
		ToleranceTooLoose,
		/// The most that the requester pays is less than the model's own price.
		FeeTooLow,
		/// The price is more than can be counted.
		PriceOverflow,
		/// The version's licence forbids jobs that somebody earns by.
		CommercialUse,
		/// The version's licence forbids this purpose.
		PurposeForbidden,
		/// The version was made from something whose owner has not consented yet.
		LineagePending,
		/// The bytes are no encoding of tensors.
		MalformedTensors,
		/// Not as many tensors as the version declares.
		WrongTensorCount,
		/// A tensor of another element type than declared.
		WrongTensorType,
		/// A tensor of a shape that the declaration does not admit.
		WrongTensorShape,
		/// Axes of the inputs that are one symbol of the graph and differ.
		UnequalAxes,
		/// A tensor with more or fewer bytes than its shape asks for.
		WrongTensorLength,
		/// A boolean other than 0 or 1.
		InvalidBool,
		/// An artifact that is empty, too large, or not as large as its tensors.
		InvalidArtifactSize,
		/// A locator that is not UTF-8.
		InvalidLocator,
		/// The requester cannot pay the fee and the deposit.
		InsufficientFunds,
		/// The chain has no number left for a job.
		TooManyJobs,
		/// The job is not the caller's to answer.
		NotAssigned,
		/// The job has a result already.
		AlreadySubmitted,
		/// The answer is too late.
		DeadlinePassed,
		/// The job has ended.
		JobEnded,
		/// The input was inline: the chain checked it.
		InputWasInline,
		/// The caller has asked for the key of the data: it waits for that before it says that the
		/// input does not match.
		KeyAwaited,
		/// The caller is not the requester.
		NotRequester,
		/// A provider has been drawn already.
		TooLate,
		/// The job has no result to settle.
		NotSubmitted,
		/// The window is open still.
		TooEarly,
		/// The result is disputed: the verdict comes first.
		Challenged,
		/// The result is not disputed.
		NotChallenged,
		/// The window in which the result can be disputed is over.
		WindowClosed,
		/// The version is frozen: its jobs are refunded.
		NotDisputable,
		/// No deadline of the job has passed.
		NotExpired,
		/// The clock of the job has been stopped for as long as it may be.
		StayedEnough,
		/// Nobody has the job, or its clock is not the caller's to stop.
		NotStayable,
		/// The results of the job were disputed as often as can be counted.
		TooManyDisputes,
		/// No group has so many replicas, or waits for so many answers.
		InvalidRedundancy,
		/// The job is no replica of a group: its result is submitted, not sealed.
		NotRedundant,
		/// The result is sealed: it is revealed, and not submitted.
		AlreadySealed,
		/// The job is a replica of a group: its result is sealed before it is shown.
		NotSealed,
		/// The output and the salt are not what the caller has sealed.
		WrongSeal,
		/// No result for this input is final and kept.
		NotAnswered,
		/// No batch has so many items, or their outputs could be more than a file holds.
		WrongItems,
		/// The job is a batch: its items are disputed, not the whole; it has no replicas, and its
		/// outputs are submitted by artifact.
		IsBatch,
		/// The job is no batch: it has no items.
		NotBatch,
		/// The batch has no such item.
		UnknownItem,
		/// The item was opened already.
		ItemOpened,
		/// What is shown is not the item that was asked for, or not what was answered to it.
		WrongItem,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::sweep()
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
		/// Request the output of a model version for an input.
		///
		/// ## Dispatch Origin
		/// Signed by the requester.
		///
		/// ## Details
		/// Holds `terms.max_fee` until the job ends and a deposit until it is pruned. The input
		/// is checked against the version's declarations.
		///
		/// ## Events
		/// [`Event::JobRequested`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request(input.encoded_size() as u32))]
		pub fn request(
			origin: OriginFor<T>,
			version: VersionId,
			input: Box<Input>,
			terms: Terms<T::AccountId>,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_request(requester, version, *input, terms)
		}

		/// Submit the result of a job that is assigned to the caller.
		///
		/// ## Dispatch Origin
		/// Signed by the assigned provider.
		///
		/// ## Details
		/// Opens the window during which the result is provisional. `InputMismatch` refunds the
		/// requester, but for data whose key was handed over, and is never penalized; whoever has
		/// asked for that key waits for it first. Of a replica of a group nothing else is taken: its
		/// result is sealed with [`Pallet::seal_result`].
		///
		/// ## Events
		/// [`Event::OutputSubmitted`] or [`Event::JobRefunded`].
		#[pallet::call_index(1)]
		#[pallet::weight(match **output {
			// The group of a replica may have waited for it alone.
			Output::InputMismatch => T::WeightInfo::submit_result(0)
				.saturating_add(T::WeightInfo::group()),
			_ => T::WeightInfo::submit_result(output.encoded_size() as u32),
		})]
		pub fn submit_result(
			origin: OriginFor<T>,
			job: JobId,
			output: Box<Output>,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_submit_result(provider, job, *output)
		}

		/// Make a result final whose window is over, and pay for it.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::FeePaid`] for each share and [`Event::JobSettled`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::settle(crate::earners::MOST_SHARES))]
		pub fn settle(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_settle(job)
		}

		/// Cancel a job that has no provider yet.
		///
		/// ## Dispatch Origin
		/// Signed by the requester.
		///
		/// ## Events
		/// [`Event::JobRefunded`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::cancel().saturating_add(T::WeightInfo::group()))]
		pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			let requester = ensure_signed(origin)?;
			Self::do_cancel(requester, job)?;
			Ok(Self::cost_of(job, T::WeightInfo::cancel()).into())
		}

		/// Take a job out of a state whose deadline has passed.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::JobMissed`] and, when the job ends, [`Event::JobRefunded`]; or
		/// [`Event::JobExpired`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::expire().saturating_add(T::WeightInfo::group()))]
		pub fn expire(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_expire(job)?;
			Ok(Self::cost_of(job, T::WeightInfo::expire()).into())
		}

		/// Request the output of a model version for an input of several providers.
		///
		/// ## Dispatch Origin
		/// Signed by the requester.
		///
		/// ## Details
		/// Makes `redundancy.replicas` jobs with consecutive numbers, each as [`Pallet::request`]
		/// does, and no two with one provider. They are the replicas of a group, which is named by
		/// the first. Their results are sealed, and revealed when `redundancy.answers` are sealed or
		/// nobody else can seal one; what has no result by then is refunded.
		///
		/// ## Events
		/// [`Event::JobRequested`] for each replica and [`Event::GroupRequested`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::request_redundant(
			input.encoded_size() as u32,
			redundancy.replicas.into(),
		))]
		pub fn request_redundant(
			origin: OriginFor<T>,
			version: VersionId,
			input: Box<Input>,
			terms: Terms<T::AccountId>,
			redundancy: Redundancy,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_request_redundant(requester, version, *input, terms, redundancy)
		}

		/// Seal the result of a replica that is assigned to the caller.
		///
		/// ## Dispatch Origin
		/// Signed by the assigned provider.
		///
		/// ## Details
		/// `seal` is [`assay_primitives::commitment::result_seal`] of the job, the account, the root
		/// of the output and a salt. With the last seal that is waited for, all are opened.
		///
		/// ## Events
		/// [`Event::ResultSealed`]; of the last one [`Event::JobRefunded`] for each replica that was
		/// not sealed, and [`Event::GroupRevealing`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::seal_result().saturating_add(T::WeightInfo::group()))]
		pub fn seal_result(
			origin: OriginFor<T>,
			job: JobId,
			seal: Root,
		) -> DispatchResultWithPostInfo {
			let provider = ensure_signed(origin)?;
			let last = Self::do_seal_result(provider, job, seal)?;
			Ok((!last).then(T::WeightInfo::seal_result).into())
		}

		/// Reveal the result that the caller has sealed.
		///
		/// ## Dispatch Origin
		/// Signed by the provider of the replica.
		///
		/// ## Details
		/// Possible for [`Config::RevealWindow`] blocks. The result is provisional from then on, as
		/// after [`Pallet::submit_result`]. Who does not reveal has missed the job.
		///
		/// ## Events
		/// [`Event::OutputSubmitted`]; of the last one [`Event::GroupAgreed`] or
		/// [`Event::GroupDiffers`], if there is another.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::reveal_result(output.encoded_size() as u32))]
		pub fn reveal_result(
			origin: OriginFor<T>,
			job: JobId,
			output: Box<Output>,
			salt: Root,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_reveal_result(provider, job, *output, salt)
		}

		/// Pay so much more for a job that waits for a provider.
		///
		/// ## Dispatch Origin
		/// Signed by the requester.
		///
		/// ## Details
		/// Holds the amount in addition. The job is drawn soon.
		///
		/// ## Events
		/// [`Event::JobToppedUp`].
		#[pallet::call_index(8)]
		pub fn top_up(origin: OriginFor<T>, job: JobId, amount: Balance) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_top_up(requester, job, amount)
		}

		/// Wait so many blocks longer for a job that has no provider.
		///
		/// ## Dispatch Origin
		/// Signed by the requester.
		///
		/// ## Details
		/// The deadline is at most [`Config::MaxDeliverWithin`] blocks away afterwards. The job is
		/// drawn soon.
		///
		/// ## Events
		/// [`Event::JobExtended`].
		#[pallet::call_index(9)]
		pub fn extend(origin: OriginFor<T>, job: JobId, blocks: BlockNumber) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_extend(requester, job, blocks)
		}

		/// Pay for a result that is final already, of the job that is kept in [`Answers`] for an
		/// input with this root.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Costs the model's own price, `max_fee` at most: nobody runs anything. The result can be
		/// read at once.
		///
		/// ## Events
		/// [`Event::FeePaid`] for each share and [`Event::ResultReused`].
		#[pallet::call_index(10)]
		pub fn reuse(
			origin: OriginFor<T>,
			version: VersionId,
			input: Root,
			max_fee: Balance,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_reuse(requester, version, input, max_fee)
		}

		/// Show an item of a batch, so that its result can be disputed as that of any job.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Possible while the result of the batch is provisional, once for each item. The item becomes
		/// a job, whose result is provisional for [`Config::ChallengeWindow`] blocks, or longer for
		/// what it costs to check; until it has ended, the clock of the batch stands. If the item is
		/// refuted, so is the batch. Holds a deposit of the caller until the item is pruned.
		///
		/// ## Events
		/// [`Event::JobStayed`] of the batch, [`Event::ItemOpened`], and [`Event::OutputSubmitted`] of
		/// the item.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::open_item(
			opening.input.encoded_size() as u32,
			opening.output.encoded_size() as u32,
		))]
		pub fn open_item(
			origin: OriginFor<T>,
			batch: JobId,
			index: u32,
			opening: Box<ItemOpening>,
		) -> DispatchResult {
			let opener = ensure_signed(origin)?;
			Self::do_open_item(opener, batch, index, *opening)
		}
	}
}

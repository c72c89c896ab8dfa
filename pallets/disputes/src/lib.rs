//! Disputes: the game that decides on chain which result of a job is right.
//!
//! The rules are those of [`assay_dispute`], which knows nothing of FRAME. This pallet keeps its
//! records, its clock and its money.
//!
//! ## The way of a dispute
//!
//! A *challenger* seals a history of the job's run with [`Pallet::challenge`] while the result is
//! provisional; from then on the job waits for the verdict. Histories are revealed, others are
//! posted, and all pairs of them play until one is left. Then anybody may show that the submitted
//! output deviates from it; if nobody does, the result stands.
//!
//! Where a version has a tolerance, a deviation alone proves no guilt. One that is many times larger
//! than the tolerance opens a second dispute of the same kind, under
//! [`assay_primitives::DisputeId::of_probe`]: about a run of the same model in which everything that is
//! read is moved a little ([`assay_canon::probe`]). If anybody shows an output that this moves beyond
//! the tolerance, rounding may explain the deviation, and the canonical result takes the place of the
//! one submitted; if nobody can, the provider is slashed.
//!
//! ## The clock
//!
//! Steps are counted in ticks: one a block, except after a block in which the share that is
//! reserved for dispute moves was full, and while finality lags. Moves are operational transactions, which have that share
//! to themselves. Deadlines are compared in the calls: a late sweep never changes who may move.
//!
//! ## Money
//!
//! A bond is held of each account for each history that it stands behind. When a dispute has
//! ended, what is lost goes to the pot, an account of this pallet, on hold; the moves of the
//! winning side are repaid from it, and the rest is divided or burned. This happens in steps that
//! are metered and resume, by the sweep or by anybody with [`Pallet::advance`]. The records stay for
//! [`Config::Retention`] ticks more, for those who want to read them. The invariants are
//! in `invariants.rs`, numbered as in `docs/protocol.md`.

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

mod audit;
#[cfg(feature = "runtime-benchmarks")]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
mod benchmarking;
mod board;
mod calls;
mod closing;
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
	use crate::{types::Record, weights::WeightInfo};
	use alloc::boxed::Box;
	use assay_canon::{
		arbiter::MAX_PROOF_BYTES,
		commitment::{GraphHeader, Hash},
	};
	use assay_dispute::{
		board::{History, Stake},
		clock::Tick,
		dispute::{Change, Evidence, Outcome},
		play::{Move, Place, Shown},
	};
	use assay_primitives::{
		traits::{Contestable, Finality},
		Balance, DisputeId,
	};
	use frame_support::{pallet_prelude::*, traits::fungible, PalletId};
	use frame_system::pallet_prelude::*;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// An encoded proof for the arbiter.
	pub type ProofBytes = BoundedVec<u8, ConstU32<{ MAX_PROOF_BYTES as u32 }>>;

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

		/// The jobs whose results are disputed.
		type Jobs: Contestable<Self::AccountId>;

		/// What the chain knows of its finality.
		type Finality: Finality;

		/// The account of the pot.
		#[pallet::constant]
		type Pot: Get<PalletId>;

		/// The ticks of each step of a dispute.
		type Step: Get<Tick>;

		/// The least bond for each history; it is at least 1/256 of what is at stake. It covers what the other side's moves cost in a full block.
		type Bond: Get<Balance>;

		/// What is repaid at most for each move of the winning side.
		type Repayment: Get<Balance>;

		/// The ticks for which the records of a dispute are kept when all is divided.
		type Retention: Get<Tick>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Has jobs answered for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: assay_primitives::traits::DisputeScene;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Of players for the histories that they stand behind; of the pot for what they lost.
		#[codec(index = 0)]
		Bond,
	}

	/// The step clock.
	#[pallet::storage]
	pub type Clock<T: Config> = StorageValue<_, Tick, ValueQuery>;

	/// Whether the share for disputes was full in the last block.
	#[pallet::storage]
	pub type Full<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// The disputes, until all that was put into them is divided.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Disputes<T: Config> =
		StorageMap<_, Twox64Concat, DisputeId, Record<T::AccountId>, OptionQuery>;

	/// The histories of each dispute.
	///
	/// Hasher: roots are chosen by anybody, so their hash is a cryptographic one.
	#[pallet::storage]
	pub type Histories<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DisputeId, Blake2_128Concat, Hash, History, OptionQuery>;

	/// What each account has at stake in each dispute.
	///
	/// Hasher: accounts are chosen by anybody.
	#[pallet::storage]
	pub type Stakes<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DisputeId,
		Blake2_128Concat,
		T::AccountId,
		Stake,
		OptionQuery,
	>;

	/// What is shown of histories.
	///
	/// Hasher: as for [`Histories`].
	#[pallet::storage]
	pub type Revealed<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DisputeId,
		Blake2_128Concat,
		(Hash, Place),
		Shown,
		OptionQuery,
	>;

	/// The moves of each account, for one history or for none.
	///
	/// Hasher: as for [`Stakes`].
	#[pallet::storage]
	pub type Moves<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DisputeId,
		Blake2_128Concat,
		(T::AccountId, Option<Hash>),
		u32,
		ValueQuery,
	>;

	/// The disputes that the sweep looks at, by tick: one entry each, under [`Record::wake`].
	///
	/// Hasher: ticks and identifiers are counted.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, Tick, Twox64Concat, DisputeId, (), OptionQuery>;

	/// The first tick whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, Tick, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A result is disputed.
		DisputeOpened {
			/// The dispute.
			id: DisputeId,
			/// Whose result it is.
			provider: T::AccountId,
		},
		/// Somebody has put a bond on a history that is sealed.
		HistorySealed {
			/// The dispute.
			id: DisputeId,
			/// Who.
			challenger: T::AccountId,
		},
		/// A history is revealed or posted.
		HistoryPosted {
			/// The dispute.
			id: DisputeId,
			/// Who stands behind it.
			account: T::AccountId,
			/// The root of the trace.
			history: Hash,
		},
		/// A move was made for a history.
		Played {
			/// The dispute.
			id: DisputeId,
			/// Who made it.
			account: T::AccountId,
			/// The history.
			history: Hash,
		},
		/// The game went on.
		Changed {
			/// The dispute.
			id: DisputeId,
			/// How.
			change: Change,
		},
		/// The dispute is decided.
		DisputeEnded {
			/// The dispute.
			id: DisputeId,
			/// How.
			outcome: Outcome,
		},
		/// An account has back what it had at stake, and lost the rest.
		StakeReturned {
			/// The dispute.
			id: DisputeId,
			/// Who.
			account: T::AccountId,
			/// What it has back.
			returned: Balance,
			/// What it lost.
			lost: Balance,
			/// What it won.
			won: Balance,
		},
		/// The moves of an account were repaid.
		MovesRepaid {
			/// The dispute.
			id: DisputeId,
			/// Who.
			account: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// What was lost and not paid to anybody was burned.
		Burned {
			/// The dispute.
			id: DisputeId,
			/// How much.
			amount: Balance,
		},
		/// All is divided, and the records are gone.
		DisputeClosed {
			/// The dispute.
			id: DisputeId,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// There is no such dispute.
		UnknownDispute,
		/// The job's next dispute has another number.
		WrongNumber,
		/// The header is not that of the version's graph.
		WrongHeader,
		/// Nothing could be shown of the job's run: its inputs, outputs or symbols are not those
		/// of the version's graph, or its arithmetic is not the runtime's.
		Undecidable,
		/// The pot has no account to hold anything.
		NoPot,
		/// The account cannot pay the bond.
		InsufficientFunds,
		/// The dispute has ended.
		Ended,
		/// The round is not in the part that the call is for.
		WrongPhase,
		/// The account has a bond in this round already.
		AlreadyBonded,
		/// The account has no sealed history in this round.
		NothingSealed,
		/// The history and the salt are not what the account sealed.
		WrongSeal,
		/// There are as many histories as a round takes; the next round has room.
		TooManyHistories,
		/// The history is posted already.
		AlreadyPosted,
		/// The history is not in this round, or has lost.
		UnknownHistory,
		/// The two histories are one.
		SameHistory,
		/// No move of this history is due against the other.
		NotDue,
		/// The move is of another kind than what is due.
		WrongKind,
		/// What lies above the place is not shown yet.
		TooDeep,
		/// There are not as many hashes as the place has.
		WrongCount,
		/// The move does not lead to what is known of the history.
		WrongHash,
		/// The node is not shown to be at its place, or its output is no tensor.
		WrongNode,
		/// The time for the move is over.
		TooLate,
		/// The time for the move is not over.
		TooEarly,
		/// The two histories have not come down to one element.
		NotOpen,
		/// The proof proves nothing.
		MalformedProof,
		/// The proof does not contradict the history.
		NotRefuted,
		/// What was submitted is what the surviving history delivers there. Of a probe: the element
		/// is not moved beyond the tolerance.
		NoDeviation,
		/// Somebody has shown that what was submitted is outside of the tolerance already.
		KnownDeviation,
		/// Nothing is to be done with the dispute now.
		NothingToDo,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::tick();
			Self::sweep().saturating_add(T::WeightInfo::tick())
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Full::<T>::put(Self::is_full());
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Dispute the provisional result of a job with a history that is revealed later.
		///
		/// ## Dispatch Origin
		/// Signed by the challenger.
		///
		/// ## Details
		/// The first challenge opens the dispute, with the header of the version's graph; later
		/// ones join it while D0 lasts. `seal` is [`assay_dispute::dispute::seal`] of the job's
		/// id, the account's bytes, the root of the trace and a salt. Holds one bond.
		///
		/// ## Events
		/// [`Event::DisputeOpened`] for the first, [`Event::HistorySealed`].
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::challenge(), DispatchClass::Operational))]
		pub fn challenge(
			origin: OriginFor<T>,
			id: DisputeId,
			header: Box<GraphHeader>,
			seal: Hash,
		) -> DispatchResult {
			let challenger = ensure_signed(origin)?;
			Self::do_challenge(challenger, id, &header, seal)
		}

		/// Reveal the history that the caller has sealed.
		///
		/// ## Dispatch Origin
		/// Signed by the challenger.
		///
		/// ## Events
		/// [`Event::HistoryPosted`].
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::reveal(), DispatchClass::Operational))]
		pub fn reveal(
			origin: OriginFor<T>,
			id: DisputeId,
			history: Hash,
			salt: Hash,
		) -> DispatchResult {
			let challenger = ensure_signed(origin)?;
			Self::do_reveal(challenger, id, history, salt)
		}

		/// Post a history that nobody has posted yet.
		///
		/// ## Dispatch Origin
		/// Signed by anybody; the provider defends its result so.
		///
		/// ## Details
		/// Holds one bond.
		///
		/// ## Events
		/// [`Event::HistoryPosted`].
		#[pallet::call_index(2)]
		#[pallet::weight((T::WeightInfo::post(), DispatchClass::Operational))]
		pub fn post(origin: OriginFor<T>, id: DisputeId, history: Hash) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_post(account, id, history)
		}

		/// Make the move of a history that is due in its game against another.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::Played`], and [`Event::Changed`] if the move refutes its own history.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::play(), DispatchClass::Operational))]
		pub fn play(
			origin: OriginFor<T>,
			id: DisputeId,
			history: Hash,
			against: Hash,
			made: Box<Move>,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_play(account, id, [history, against], *made)
		}

		/// Have the element recomputed that two histories have come down to.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// The proof opens slots of the first history, or `of_second`.
		///
		/// ## Events
		/// [`Event::Changed`] for each history that is wrong.
		#[pallet::call_index(4)]
		#[pallet::weight((T::WeightInfo::open(proof.len() as u32), DispatchClass::Operational))]
		pub fn open(
			origin: OriginFor<T>,
			id: DisputeId,
			first: Hash,
			second: Hash,
			of_second: bool,
			proof: ProofBytes,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_open(account, id, [first, second], of_second, &proof)
		}

		/// Remove those of two histories that owe the other a move whose time is over.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::Changed`] for each.
		#[pallet::call_index(5)]
		#[pallet::weight((T::WeightInfo::forfeit(), DispatchClass::Operational))]
		pub fn forfeit(
			origin: OriginFor<T>,
			id: DisputeId,
			first: Hash,
			second: Hash,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_forfeit(account, id, [first, second])
		}

		/// Show that a history contradicts itself.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, from D1 on.
		///
		/// ## Events
		/// [`Event::Changed`].
		#[pallet::call_index(6)]
		#[pallet::weight((
			T::WeightInfo::refute(evidence.encoded_size() as u32),
			DispatchClass::Operational,
		))]
		pub fn refute(
			origin: OriginFor<T>,
			id: DisputeId,
			history: Hash,
			evidence: Box<Evidence>,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_refute(account, id, history, &evidence)
		}

		/// Take the step that time has brought, or the next step of dividing what was put into a
		/// dispute that has ended.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::Changed`], [`Event::StakeReturned`], [`Event::MovesRepaid`],
		/// [`Event::Burned`] or [`Event::DisputeClosed`].
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::advance(), DispatchClass::Operational))]
		pub fn advance(origin: OriginFor<T>, id: DisputeId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_advance(id)
		}

		/// End a dispute by showing that what was submitted deviates from the history that survived.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, in D6.
		///
		/// ## Details
		/// `delivered` is an encoded [`assay_canon::arbiter::OutputProof`], and `submitted` an
		/// encoded [`assay_canon::arbiter::SubmissionProof`], both of the element of one output at
		/// this row-major index. Where types differ, or the run ends early, the index plays no part.
		///
		/// Where bits are to be equal, or the run ends early, roots suffice: `delivered` shows those of
		/// all outputs, or the end of the run, and `submitted` nothing at all. So an output that its
		/// provider serves to nobody is refuted like any other.
		///
		/// Of a version with a tolerance, a deviation beyond it voids the result when D6 is over,
		/// and a gross one opens the dispute of the probe, under
		/// [`assay_primitives::DisputeId::of_probe`]. In that one, `delivered` shows an element that the
		/// probe moves, and `submitted` is an encoded [`assay_canon::arbiter::OutputProof`] too: of the
		/// same element and its row in the canonical run, from which it is moved beyond the tolerance.
		///
		/// ## Events
		/// [`Event::DisputeEnded`], or [`Event::Changed`].
		#[pallet::call_index(8)]
		#[pallet::weight((
			T::WeightInfo::deviate(delivered.len() as u32, submitted.len() as u32),
			DispatchClass::Operational,
		))]
		pub fn deviate(
			origin: OriginFor<T>,
			id: DisputeId,
			element: u64,
			delivered: ProofBytes,
			submitted: ProofBytes,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_deviate(account, id, element, &delivered, &submitted)
		}
	}
}

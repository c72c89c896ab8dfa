//! Offerings of shares in income: sold, vested, released by milestones, aborted by their holders.
//!
//! ## Goals
//!
//! Who owns a model, or anything else that earns, sells a part of what it will earn, and is paid for
//! it as the model comes to be used. Buyers know what they get before they pay, nobody decides whom
//! shares are given to, and no money waits for anybody's goodwill: each stage has a block in which it
//! ends, and a way on that anybody may take.
//!
//! ## The way of an offering
//!
//! 1. [`Pallet::open`]: the issuer says how many shares cost how much, until when, at least what must
//!    come together, and what the money is released for. The shares move to the account of the
//!    offering.
//! 2. [`Pallet::subscribe`]: until the deadline, anybody pays for shares. Each subscription is a
//!    *ticket*.
//! 3. [`Pallet::close`]: from the deadline on. If less than the target was subscribed, the offering
//!    is *missed*, and all goes back. Otherwise as many shares are sold as are wanted and there are,
//!    the rest goes back to the issuer, and the first part of the money is released.
//! 4. [`Pallet::collect`]: a ticket is paid back what exceeds its allotment, and given its shares as
//!    they vest, linearly from the close on, but no more of them than the money that was released
//!    has paid for.
//! 5. [`Pallet::release`]: the other parts of the money are released when so many jobs that use the
//!    subject have settled since the close.
//! 6. [`Pallet::fail`] and [`Pallet::vote_abort`]: if a milestone is not shown in time, or the buyers
//!    of more than half of what was sold want it, the offering is *aborted*. The issuer keeps the
//!    money that was released, and each ticket has the shares that this has paid for, vested or not;
//!    all other shares go back to the issuer, and all other money to the tickets.
//! 7. [`Pallet::remove`]: when nothing is left of any ticket.
//!
//! There is no way back out of a subscription before the deadline. Otherwise a large one could be
//! made and taken back in the last block: nobody could know how much is wanted, and who was at it
//! would decide whether the target is reached. And tickets lie one behind another on the line of what
//! is wanted, which has no gaps.
//!
//! ## Allotment
//!
//! On the line of all that is wanted, a ticket is a stretch. What is sold is laid out along the line,
//! and what falls to the stretch is allotted: `floor(end × sold / demand) − floor(start × sold /
//! demand)`. So allotments add up to what is sold, exactly, and each is within a share of its part.
//! Money that goes back after an abort is divided in the same way along the line of what is sold.
//!
//! ## Money and shares
//!
//! Each offering has an account of its own. Money is held in it from the moment that it is paid, and
//! is never released in it: it goes from the hold to whom it is owed. The only money there that is
//! not held is the existential deposit, which the issuer gives and has back. What the shares earn
//! meanwhile is the issuer's, and is paid to it directly by [`Pallet::forward`].
//!
//! The issuer pays a deposit for the record, and each subscriber one for the ticket, which also keeps
//! its account alive, so that it can be paid whatever it is owed. An account that cannot take shares,
//! because it refers to too much already, keeps nobody waiting but itself: money and shares are given
//! independently of one another, and what cannot be given stays owed.
//!
//! ## Limits
//!
//! An issuer can use its own model to reach a milestone. That costs the cuts of the fees of as many
//! jobs, what the providers are paid, and the part of [`Milestone::paid`] that is others': those who
//! have shares and those whom the model was made from. Buyers look for milestones that are dearer to
//! fake than what they release. An issuer can also subscribe to its own offering, to reach the target: it then pays as others do. Use is counted
//! when somebody asks, so a milestone counts only if [`Pallet::release`] was called in time, and the
//! close, from which on it counts, is when somebody asks for it as well. Voting weighs what was
//! allotted, whoever has the shares now.
//!
//! The invariants are in `invariants.rs`, numbered as in `docs/protocol.md`.
//!
//! [`Milestone::paid`]: assay_primitives::offering::Milestone::paid

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
mod giving;
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
	use crate::{
		types::{Offering, Ticket},
		weights::WeightInfo,
	};
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::offering::OfferingScene;
	use assay_primitives::{
		offering::{AbortReason, OfferingSpec},
		revenue::{IncomeClaim, Subject, UsageInspect},
		Balance, BlockNumber, OfferingId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles},
		PalletId,
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
			+ fungible::Mutate<Self::AccountId>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// The shares.
		type Shares: fungibles::Inspect<Self::AccountId, AssetId = Subject, Balance = Balance>
			+ fungibles::Mutate<Self::AccountId>;

		/// What shares earn.
		type Income: IncomeClaim<Self::AccountId>;

		/// What milestones are measured by.
		type Usage: UsageInspect;

		/// What the accounts of the offerings are derived from.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The most blocks from the opening to the deadline.
		#[pallet::constant]
		type MaxDuration: Get<BlockNumber>;

		/// The most blocks of vesting, and from the deadline to the last milestone.
		#[pallet::constant]
		type MaxVesting: Get<BlockNumber>;

		/// The least that a subscription costs, which bounds their number.
		#[pallet::constant]
		type MinSubscription: Get<Balance>;

		/// The deposit for the record of an offering.
		#[pallet::constant]
		type Deposit: Get<Balance>;

		/// The deposit for a ticket.
		#[pallet::constant]
		type TicketDeposit: Get<Balance>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// Makes shares for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: OfferingScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// What was paid for shares, in the account of the offering.
		#[codec(index = 0)]
		Escrow,
		/// For the storage of an offering or a ticket.
		#[codec(index = 1)]
		Deposit,
	}

	/// The number of the next offering.
	#[pallet::storage]
	pub type NextOffering<T: Config> = StorageValue<_, OfferingId, ValueQuery>;

	/// The offerings, until they are removed.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Offerings<T: Config> =
		StorageMap<_, Twox64Concat, OfferingId, Offering<T::AccountId>, OptionQuery>;

	/// The tickets of each offering, until nothing is left of them.
	///
	/// Hasher: as for [`Offerings`]; tickets are counted as well.
	#[pallet::storage]
	pub type Tickets<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		OfferingId,
		Twox64Concat,
		u32,
		Ticket<T::AccountId>,
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Shares are offered.
		Opened {
			/// The offering.
			offering: OfferingId,
			/// Who offers.
			issuer: T::AccountId,
			/// In whose income the shares are.
			subject: Subject,
			/// How many.
			shares: Balance,
		},
		/// Somebody has paid for shares.
		Subscribed {
			/// The offering.
			offering: OfferingId,
			/// The ticket.
			ticket: u32,
			/// Whose it is.
			who: T::AccountId,
			/// How many shares.
			shares: Balance,
		},
		/// An offering was closed.
		Closed {
			/// The offering.
			offering: OfferingId,
			/// The shares that were sold; none if too little was subscribed.
			sold: Balance,
			/// What was released to the issuer.
			released: Balance,
		},
		/// A ticket was given what it is owed by now.
		Collected {
			/// The offering.
			offering: OfferingId,
			/// The ticket.
			ticket: u32,
			/// Whose it is.
			who: T::AccountId,
			/// What was paid back.
			money: Balance,
			/// The shares that were given.
			shares: Balance,
		},
		/// Milestones were reached, and their parts of the money released.
		Released {
			/// The offering.
			offering: OfferingId,
			/// The milestones that were reached by now.
			reached: u32,
			/// How much.
			amount: Balance,
		},
		/// A ticket has voted to abort.
		Voted {
			/// The offering.
			offering: OfferingId,
			/// The ticket.
			ticket: u32,
			/// The shares that it was allotted.
			weight: Balance,
		},
		/// An offering was aborted.
		Aborted {
			/// The offering.
			offering: OfferingId,
			/// Why.
			reason: AbortReason,
		},
		/// Shares went back to the issuer.
		Returned {
			/// The offering.
			offering: OfferingId,
			/// How many.
			shares: Balance,
		},
		/// What the shares have earned meanwhile was paid to the issuer.
		Forwarded {
			/// The offering.
			offering: OfferingId,
			/// How much.
			amount: Balance,
		},
		/// Nothing is left of an offering, and its deposit went back.
		Removed {
			/// The offering.
			offering: OfferingId,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such offering.
		UnknownOffering,
		/// No such ticket, or nothing is left of it.
		UnknownTicket,
		/// The ticket is another's.
		NotTicketOwner,
		/// No shares at all, or they cost nothing.
		NothingOffered,
		/// All shares cost less than the target.
		InvalidTarget,
		/// The parts of the money are not the whole.
		InvalidParts,
		/// The milestones are not each later and more than the one before.
		InvalidMilestones,
		/// The deadline has passed, or is too far away.
		InvalidDeadline,
		/// Vesting or the milestones take too long.
		InvalidVesting,
		/// More than can be counted.
		Overflow,
		/// The issuer has fewer shares.
		NotEnoughShares,
		/// The account cannot pay what it has to.
		InsufficientFunds,
		/// Fewer shares than one can subscribe to.
		SubscriptionTooSmall,
		/// The deadline has passed.
		DeadlinePassed,
		/// The deadline is yet to come.
		DeadlineAhead,
		/// The offering is closed already.
		AlreadyClosed,
		/// The offering is not closed yet.
		NotClosed,
		/// No money waits for milestones.
		NotRunning,
		/// The next milestone is not reached, or not in time.
		NothingToRelease,
		/// The next milestone still has time.
		NotFailed,
		/// The ticket has voted already.
		AlreadyVoted,
		/// Nothing is owed to the ticket by now.
		NothingToCollect,
		/// The shares have earned nothing, and none wait to go back.
		NothingToForward,
		/// The account cannot take what it is owed.
		CannotReceive,
		/// Something is left of tickets.
		TicketsLeft,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::TicketDeposit::get() > 0, "what is held keeps a subscriber's account alive");
			assert!(T::Deposit::get() > 0, "what is held keeps an issuer's account alive");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The money and the shares that a ticket of an offering would be given now.
		pub fn due(offering: OfferingId, ticket: u32) -> (Balance, Balance) {
			let view = Self::ticket(offering, ticket);
			view.map_or((0, 0), |view| (view.money_due, view.shares_due))
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Offer shares.
		///
		/// ## Dispatch Origin
		/// Signed by the issuer, who has the shares.
		///
		/// ## Details
		/// The shares move to the account of the offering, with the existential deposit. Holds a
		/// deposit for the record.
		///
		/// ## Events
		/// [`Event::Opened`].
		#[pallet::call_index(0)]
		pub fn open(origin: OriginFor<T>, spec: OfferingSpec) -> DispatchResult {
			let issuer = ensure_signed(origin)?;
			Self::do_open(issuer, spec)
		}

		/// Pay for shares.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Moves what they cost to the account of the offering, where it is held, and holds a deposit
		/// for the ticket. More can be subscribed to than there is: see the allotment above.
		///
		/// ## Events
		/// [`Event::Subscribed`].
		#[pallet::call_index(1)]
		pub fn subscribe(
			origin: OriginFor<T>,
			offering: OfferingId,
			shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_subscribe(who, offering, shares)
		}

		/// Close an offering.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, from the deadline on.
		///
		/// ## Events
		/// [`Event::Closed`], and [`Event::Returned`] of shares that were not sold.
		#[pallet::call_index(2)]
		pub fn close(origin: OriginFor<T>, offering: OfferingId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(offering)
		}

		/// Give a ticket what it is owed by now.
		///
		/// ## Dispatch Origin
		/// Signed by anybody; it goes to whose ticket it is.
		///
		/// ## Details
		/// Money: what exceeds the allotment, or all if the offering was missed, and after an abort the
		/// ticket's part of what was not released. Shares: those that have vested and are paid for by
		/// what was released. After an abort, those that are paid for; the others go back to the
		/// issuer. When nothing more can come, the ticket ends, and its deposit is released.
		///
		/// ## Events
		/// [`Event::Collected`].
		#[pallet::call_index(3)]
		pub fn collect(origin: OriginFor<T>, offering: OfferingId, ticket: u32) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_collect(offering, ticket)
		}

		/// Release what milestones have earned.
		///
		/// ## Dispatch Origin
		/// Signed by anybody; it goes to the issuer.
		///
		/// ## Events
		/// [`Event::Released`].
		#[pallet::call_index(4)]
		pub fn release(origin: OriginFor<T>, offering: OfferingId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release(offering)
		}

		/// Abort an offering whose next milestone was not shown in time.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::Aborted`].
		#[pallet::call_index(5)]
		pub fn fail(origin: OriginFor<T>, offering: OfferingId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_fail(offering)
		}

		/// Vote to abort, while money waits for milestones.
		///
		/// ## Dispatch Origin
		/// Signed by whose ticket it is.
		///
		/// ## Details
		/// Each ticket votes once, with the shares that it was allotted. It is aborted at more than
		/// half of what was sold. Milestones that were reached are released before.
		///
		/// ## Events
		/// [`Event::Released`], [`Event::Voted`], and [`Event::Aborted`] with the vote that decides.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::vote_abort().saturating_add(T::WeightInfo::release()))]
		pub fn vote_abort(
			origin: OriginFor<T>,
			offering: OfferingId,
			ticket: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote_abort(who, offering, ticket)
		}

		/// Pay the issuer what the shares in the account of the offering have earned.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Tries again as well to give shares back that the issuer could not take before.
		///
		/// ## Events
		/// [`Event::Forwarded`], and [`Event::Returned`] if there were such shares.
		#[pallet::call_index(7)]
		pub fn forward(origin: OriginFor<T>, offering: OfferingId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_forward(offering)
		}

		/// Remove an offering of whose tickets nothing is left.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// All that its account still has goes to the issuer, whose deposit is released.
		///
		/// ## Events
		/// [`Event::Removed`].
		#[pallet::call_index(8)]
		pub fn remove(origin: OriginFor<T>, offering: OfferingId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove(offering)
		}
	}
}

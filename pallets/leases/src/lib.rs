//! Leases: dedicated capacity for a time, paid by the block.
//!
//! A *tenant* orders a machine: what it has to be, for how long, and the most that a block may
//! cost. *Providers* bid; a *match* makes the order a *lease*. One number names the order and then
//! the lease.
//!
//! ## The way of a lease
//!
//! ```text
//! open ──bid──► match ──deliver──► active ──────────────► completed, out of funds, closed
//!  │              │  ▲               │  └─reclaim─► notice ─► reclaimed
//!  │              │  └── stand-by ◄──┤
//!  └ cancelled,   └────── breach ────┘ no stand-by ─► breached
//!    no bid, not accepted
//! ```
//!
//! With [`Pallet::open`] a tenant deposits what pays for the first blocks at least. Providers bid
//! with [`Pallet::bid`]; the tenant chooses with [`Pallet::accept`], or the lowest bid wins when
//! bidding is over. The provider *delivers* the credential, sealed to the tenant's key, and from
//! that block on rent streams: nothing is moved until somebody asks for it, and then exactly the
//! price for each block. Bids that did not win stand by until they are withdrawn.
//!
//! ## Offers
//!
//! A provider may offer leases of a class of devices at a fixed price with [`Pallet::set_offer`].
//! Whoever takes one with [`Pallet::take`] has ordered, been bid to at that price and accepted the
//! bid, in one call and by the same code. An offer counts the leases out of it that have not ended.
//!
//! ## Breach
//!
//! A provider that does not deliver in time, or whose heartbeats stop, has breached. Its rent is
//! paid up to its last heartbeat, its guarantee goes to the tenant, and the lease rolls over to the
//! lowest bid that stands by, for the blocks that were not served. Without one it ends.
//!
//! ## Time
//!
//! Each lease has one entry in the agenda, under the block in which time brings the next thing, and
//! a sweep in [`Hooks::on_initialize`](frame_support::traits::Hooks::on_initialize) works through
//! what is due. Blocks are compared in the calls, so that a late sweep never changes what becomes
//! of a lease, and whatever the sweep does anybody can have done with [`Pallet::expire`]. Heartbeats
//! that stop are not looked for: anybody reports them with [`Pallet::report`], and they are noticed
//! when the lease is settled or ends.
//!
//! ## Money
//!
//! Deposits for rent stay with their payers, held, until they are paid or go back: of several
//! payers, that of the first is drawn on first. What does not pay for a whole block goes back.
//! Nobody that cannot be paid keeps a lease from ending. The invariants are in `invariants.rs`,
//! numbered as in `docs/protocol.md`.

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
mod offers;
mod queries;
mod service;
mod settle;
mod sweep;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are in `calls` and
// `service`.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{Bids, Lease, OfferRecord},
		weights::WeightInfo,
	};
	use assay_primitives::{
		lease::{Attributes, CloseReason, Credential, Offer, OrderSpec, TakeSpec},
		traits::{ProviderInspect, ProviderLiveness},
		Balance, BlockNumber, LeaseId,
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

		/// The registry of providers.
		type Providers: ProviderLiveness<Self::AccountId> + ProviderInspect<Self::AccountId>;

		/// What is held for a bid, and as the guarantee of who serves.
		type BidDeposit: Get<Balance>;

		/// The blocks for which the records of an ended lease are kept.
		type Retention: Get<BlockNumber>;

		/// The blocks at the highest price that the deposit of an order covers at least.
		#[pallet::constant]
		type MinimumCover: Get<BlockNumber>;

		/// The most blocks of a lease.
		#[pallet::constant]
		type MaxDuration: Get<BlockNumber>;

		/// The most blocks in which bids are taken.
		#[pallet::constant]
		type MaxBidding: Get<BlockNumber>;

		/// The blocks after bidding in which the tenant may still accept.
		#[pallet::constant]
		type Grace: Get<BlockNumber>;

		/// The least notice of a provider.
		type MinReclaim: Get<BlockNumber>;

		/// The longest notice of a provider.
		#[pallet::constant]
		type MaxReclaim: Get<BlockNumber>;

		/// The blocks after a match in which the credential has to be delivered.
		type DeliverWithin: Get<BlockNumber>;

		/// The blocks after which an expired heartbeat is a breach.
		type BreachGrace: Get<BlockNumber>;

		/// The part of a storage deposit that each item has.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The part of a storage deposit that each byte has.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// The least price a block of an offer: what the records of a lease cost the chain.
		#[pallet::constant]
		type LeastPrice: Get<Balance>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Brings providers online for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: assay_primitives::traits::LeaseScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposits for rent.
		#[codec(index = 0)]
		Escrow,
		/// The deposit of a tenant for the records of a lease.
		#[codec(index = 1)]
		Deposit,
		/// The deposit of a bid, and the guarantee of who serves.
		#[codec(index = 2)]
		Bid,
		/// The deposit of a provider for its attributes.
		#[codec(index = 3)]
		Attributes,
		/// The deposits of a provider for its offers.
		#[codec(index = 4)]
		Offer,
	}

	/// The number of the next lease.
	#[pallet::storage]
	pub type NextLease<T: Config> = StorageValue<_, LeaseId, ValueQuery>;

	/// The leases, and the orders that they begin as.
	///
	/// Hasher: the chain counts them, nobody chooses a number.
	#[pallet::storage]
	pub type Leases<T: Config> =
		StorageMap<_, Twox64Concat, LeaseId, Lease<T::AccountId>, OptionQuery>;

	/// The bids for orders, and those that stand by for leases.
	///
	/// Hasher: the chain counts leases.
	#[pallet::storage]
	pub type BidsFor<T: Config> =
		StorageMap<_, Twox64Concat, LeaseId, Bids<T::AccountId>, ValueQuery>;

	/// The credentials that were delivered, sealed to the keys of their orders.
	///
	/// Hasher: the chain counts leases.
	#[pallet::storage]
	pub type Credentials<T: Config> = StorageMap<_, Twox64Concat, LeaseId, Credential, OptionQuery>;

	/// What the machine of each provider is.
	///
	/// Hasher: accounts are chosen by anybody, so the hash is a cryptographic one.
	#[pallet::storage]
	pub type AttributesOf<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Attributes, ValueQuery>;

	/// What is held of each provider for its attributes.
	///
	/// Hasher: accounts are chosen by anybody.
	#[pallet::storage]
	pub type AttributeDeposits<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// The offers of each provider, by number.
	///
	/// Hasher: accounts are chosen by anybody; there are few numbers.
	#[pallet::storage]
	pub type Offers<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		u8,
		OfferRecord,
		OptionQuery,
	>;

	/// What is due, by block: one entry a lease, under [`Lease::wake`].
	///
	/// Hasher: block numbers and leases are counted.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, LeaseId, (), OptionQuery>;

	/// The first block whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A provider said what its machine is.
		AttributesSet {
			/// The provider.
			provider: T::AccountId,
		},
		/// A tenant ordered.
		OrderOpened {
			/// The order.
			lease: LeaseId,
			/// Who ordered.
			tenant: T::AccountId,
			/// What it deposited for rent.
			deposit: Balance,
		},
		/// A provider bid.
		BidPlaced {
			/// The order.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
			/// Its price a block.
			price: Balance,
		},
		/// A bid was withdrawn, or pushed out by a lower one.
		BidRemoved {
			/// The order or lease.
			lease: LeaseId,
			/// Whose bid it was.
			provider: T::AccountId,
		},
		/// A provider has to serve.
		Matched {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
			/// The rent a block.
			price: Balance,
			/// The last block in which it may deliver.
			due: BlockNumber,
		},
		/// A credential was delivered.
		CredentialDelivered {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
		},
		/// Somebody added to what pays for a lease.
		ToppedUp {
			/// The lease.
			lease: LeaseId,
			/// Who pays.
			payer: T::AccountId,
			/// How much was added.
			amount: Balance,
		},
		/// Rent was paid.
		RentPaid {
			/// The lease.
			lease: LeaseId,
			/// Who was paid.
			provider: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A provider takes its capacity back.
		NoticeGiven {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
			/// The first block that is not served any more.
			at: BlockNumber,
		},
		/// A provider did not serve.
		Breached {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
		},
		/// The guarantee of a provider went to the tenant.
		GuaranteeForfeited {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// An order or a lease ended.
		Closed {
			/// The lease.
			lease: LeaseId,
			/// Why.
			reason: CloseReason,
			/// What went back to payers.
			returned: Balance,
		},
		/// The records of a lease are gone, and their deposit went back.
		Pruned {
			/// The lease.
			lease: LeaseId,
		},
		/// A provider offers leases, or has changed what it offers.
		OfferSet {
			/// The provider.
			provider: T::AccountId,
			/// The number of the offer.
			index: u8,
			/// What is offered.
			offer: Offer,
		},
		/// An offer was taken: the lease is matched.
		OfferTaken {
			/// The lease.
			lease: LeaseId,
			/// The provider.
			provider: T::AccountId,
			/// The number of the offer.
			index: u8,
		},
		/// An offer is not taken any more, and goes with the last lease out of it.
		OfferClosed {
			/// The provider.
			provider: T::AccountId,
			/// The number of the offer.
			index: u8,
		},
		/// An offer is gone, and its deposit went back.
		OfferRemoved {
			/// The provider.
			provider: T::AccountId,
			/// The number of the offer.
			index: u8,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such order or lease.
		UnknownLease,
		/// An attribute is no key path.
		InvalidPath,
		/// A duration of nothing, or longer than leases are.
		InvalidDuration,
		/// Bidding for no block, or for longer than bids are taken.
		InvalidBidding,
		/// A price or an amount of nothing.
		ZeroAmount,
		/// The deposit covers too few blocks at the highest price.
		DepositTooLow,
		/// The account cannot pay the deposit.
		InsufficientFunds,
		/// The account is no provider.
		UnknownProvider,
		/// It is no open order any more.
		NotOpen,
		/// The blocks in which bids are taken are over.
		BiddingOver,
		/// The blocks in which bids are taken are not over.
		StillBidding,
		/// The blocks in which a bid can be accepted are over.
		TooLate,
		/// The tenant bids for its own order.
		OwnOrder,
		/// The price is higher than the order admits, or than whoever takes an offer pays.
		PriceTooHigh,
		/// The notice is shorter or longer than it may be, or shorter than whoever takes an offer asks
		/// for.
		InvalidReclaim,
		/// The provider is offline, or its heartbeat has expired.
		Unavailable,
		/// The provider lacks a required attribute, or its offer does.
		AttributesMissing,
		/// The provider has proven less than the order asks for.
		TierTooLow,
		/// There are as many bids as may be, and none is higher.
		TooManyBids,
		/// The provider has no bid for it, or nobody who can serve has.
		UnknownBid,
		/// The account is not the tenant.
		NotTenant,
		/// The tenant chooses among the bids.
		NotAutomatic,
		/// It was not matched, or has ended.
		NotLeased,
		/// The account is not the provider of the lease.
		NotProvider,
		/// The account is neither the tenant nor the provider.
		NotParty,
		/// A credential of nothing.
		NoCredential,
		/// Nothing is served.
		NotActive,
		/// The provider has given notice before.
		AlreadyReclaiming,
		/// Its time is over: expire it.
		Over,
		/// As many accounts pay for it as may.
		TooManyPayers,
		/// The provider's account cannot take the rent.
		CannotReceive,
		/// Time has brought nothing yet.
		TooEarly,
		/// The provider serves.
		NoBreach,
		/// The provider has no offer of this number.
		UnknownOffer,
		/// The number is beyond those of offers.
		TooManyOffers,
		/// The price is less than what the records of a lease cost.
		BelowStorageCost,
		/// An offer of no lease.
		ZeroCapacity,
		/// The offer is not taken any more.
		OfferExpired,
		/// As many leases are served out of the offer as may be.
		OfferFull,
		/// The offer has not expired, and its provider is there.
		OfferStands,
		/// Leases out of the offer have not ended.
		OfferInUse,
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
		/// Say what the caller's machine is, in place of what was said before.
		///
		/// ## Dispatch Origin
		/// Signed by a provider; by anybody to take everything back.
		///
		/// ## Details
		/// Holds a storage deposit. Nothing given takes the attributes back and releases it.
		///
		/// ## Events
		/// [`Event::AttributesSet`].
		#[pallet::call_index(0)]
		pub fn set_attributes(origin: OriginFor<T>, paths: Attributes) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_attributes(provider, paths)
		}

		/// Order capacity.
		///
		/// ## Dispatch Origin
		/// Signed by the future tenant.
		///
		/// ## Details
		/// Holds `deposit`, which covers the least number of blocks at the highest price, and a
		/// storage deposit, which is released when the records are pruned.
		///
		/// ## Events
		/// [`Event::OrderOpened`].
		#[pallet::call_index(1)]
		pub fn open(origin: OriginFor<T>, order: OrderSpec, deposit: Balance) -> DispatchResult {
			let tenant = ensure_signed(origin)?;
			Self::do_open(tenant, order, deposit)?;
			Ok(())
		}

		/// Offer to serve an order for a price a block.
		///
		/// ## Dispatch Origin
		/// Signed by an available provider that has what the order requires, and is not its tenant.
		///
		/// ## Details
		/// `reclaim` is the notice in blocks that the provider gives before it takes the capacity
		/// back. Holds the bid deposit. A second bid takes the place of the first. When there are as
		/// many bids as may be, a lower one pushes the highest out.
		///
		/// ## Events
		/// [`Event::BidPlaced`], and [`Event::BidRemoved`] for a bid that was pushed out.
		#[pallet::call_index(2)]
		pub fn bid(
			origin: OriginFor<T>,
			lease: LeaseId,
			price: Balance,
			reclaim: BlockNumber,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_bid(provider, lease, price, reclaim)
		}

		/// Take a bid back, of an order or of those that stand by for a lease.
		///
		/// ## Dispatch Origin
		/// Signed by the provider that bid.
		///
		/// ## Events
		/// [`Event::BidRemoved`].
		#[pallet::call_index(3)]
		pub fn withdraw_bid(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_withdraw_bid(provider, lease)
		}

		/// Accept a bid.
		///
		/// ## Dispatch Origin
		/// Signed by the tenant, while bids are taken or for some blocks after; when the lowest bid
		/// is to win, only while bids are taken.
		///
		/// ## Events
		/// [`Event::Matched`].
		#[pallet::call_index(4)]
		pub fn accept(
			origin: OriginFor<T>,
			lease: LeaseId,
			provider: T::AccountId,
		) -> DispatchResult {
			let tenant = ensure_signed(origin)?;
			Self::do_accept(tenant, lease, provider)
		}

		/// Let the lowest bid win that can be served now; of equal ones the earliest.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, when bidding is over. The sweep does the same.
		///
		/// ## Events
		/// [`Event::Matched`].
		#[pallet::call_index(5)]
		pub fn match_lowest(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_match_lowest(lease)
		}

		/// Deliver the credential, sealed to the tenant's key.
		///
		/// ## Dispatch Origin
		/// Signed by the provider of the lease.
		///
		/// ## Details
		/// The first delivery begins the service and its rent. A later one takes its place.
		///
		/// ## Events
		/// [`Event::CredentialDelivered`].
		#[pallet::call_index(6)]
		pub fn deliver(
			origin: OriginFor<T>,
			lease: LeaseId,
			credential: Credential,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_deliver(provider, lease, credential)
		}

		/// Add to what pays for an order or a lease.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::ToppedUp`].
		#[pallet::call_index(7)]
		pub fn top_up(origin: OriginFor<T>, lease: LeaseId, amount: Balance) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_top_up(payer, lease, amount)
		}

		/// Pay the provider the rent that has accrued.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// If the time of the lease is over or its provider has breached, that is carried out.
		///
		/// ## Events
		/// [`Event::RentPaid`], and those of [`Pallet::expire`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::withdraw().max(Pallet::<T>::dearest_step()))]
		pub fn withdraw(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(lease)
		}

		/// End a lease, or cancel an order.
		///
		/// ## Dispatch Origin
		/// Signed by the tenant, or by the provider of the lease.
		///
		/// ## Details
		/// The rent is paid and all deposits go back. A provider that did not give notice forfeits
		/// its guarantee to the tenant. If the time of the lease is over, it ends for that reason.
		///
		/// ## Events
		/// [`Event::Closed`], with [`Event::RentPaid`] and [`Event::GuaranteeForfeited`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::expire_close())]
		pub fn close(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_close(account, lease)
		}

		/// Give notice: the lease ends when it has run out.
		///
		/// ## Dispatch Origin
		/// Signed by the provider of a lease that it serves.
		///
		/// ## Events
		/// [`Event::NoticeGiven`].
		#[pallet::call_index(10)]
		pub fn reclaim(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_reclaim(provider, lease)
		}

		/// Carry out what time has brought: a match, an end, a breach, or that records are pruned.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::Matched`], [`Event::Closed`] or [`Event::Pruned`], with [`Event::RentPaid`],
		/// [`Event::Breached`] and [`Event::GuaranteeForfeited`].
		#[pallet::call_index(11)]
		#[pallet::weight(Pallet::<T>::dearest_step())]
		pub fn expire(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(lease)
		}

		/// Report that the provider of a lease does not serve.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// The provider has not delivered in time, or its last heartbeat expired some time ago. The
		/// lease rolls over to the lowest bid that stands by, or ends.
		///
		/// ## Events
		/// [`Event::Breached`] and [`Event::GuaranteeForfeited`], and [`Event::Matched`] or
		/// [`Event::Closed`].
		#[pallet::call_index(12)]
		#[pallet::weight(Pallet::<T>::dearest_step())]
		pub fn report(origin: OriginFor<T>, lease: LeaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_report(lease)
		}

		/// Offer leases of a class of devices, in place of an offer of the same number.
		///
		/// ## Dispatch Origin
		/// Signed by a provider that has the attributes of the class.
		///
		/// ## Details
		/// Holds a storage deposit. What is replaced goes on being served, and counts against the new
		/// capacity.
		///
		/// ## Events
		/// [`Event::OfferSet`].
		#[pallet::call_index(13)]
		pub fn set_offer(origin: OriginFor<T>, index: u8, offer: Offer) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_offer(provider, index, offer)
		}

		/// Take an offer back.
		///
		/// ## Dispatch Origin
		/// Signed by the provider.
		///
		/// ## Details
		/// Releases the deposit. While leases out of it have not ended, it expires, and goes with the
		/// last of them.
		///
		/// ## Events
		/// [`Event::OfferRemoved`] or [`Event::OfferClosed`].
		#[pallet::call_index(14)]
		pub fn remove_offer(origin: OriginFor<T>, index: u8) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_remove_offer(provider, index)
		}

		/// Remove an offer that has expired, or whose provider is none any more. Its deposit goes
		/// back.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Events
		/// [`Event::OfferRemoved`].
		#[pallet::call_index(15)]
		pub fn evict_offer(
			origin: OriginFor<T>,
			provider: T::AccountId,
			index: u8,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_evict_offer(provider, index)
		}

		/// Take an offer: the lease is matched at once, at the offer's price and with its notice.
		///
		/// ## Dispatch Origin
		/// Signed by the future tenant.
		///
		/// ## Details
		/// As if the caller had ordered with this deposit, the provider had bid and the bid had been
		/// accepted: the same is held of both, and the same is refused. What is wanted of the offer
		/// guards against one that has changed since it was read.
		///
		/// ## Events
		/// [`Event::OrderOpened`], [`Event::BidPlaced`], [`Event::Matched`] and
		/// [`Event::OfferTaken`].
		#[pallet::call_index(16)]
		pub fn take(
			origin: OriginFor<T>,
			provider: T::AccountId,
			index: u8,
			take: TakeSpec,
			deposit: Balance,
		) -> DispatchResult {
			let tenant = ensure_signed(origin)?;
			Self::do_take(tenant, provider, index, take, deposit)
		}
	}
}

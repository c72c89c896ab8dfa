//! Custodians of content keys: bonded, asked on chain, slashed for silence and for wrong keys.
//!
//! Content is encrypted by its owner, and the chain knows a commitment to the key. A *custodian* is
//! a bonded account that keeps the keys of assets and hands each out to whom the chain says. What
//! crosses the chain is the key in a sealed box; the key itself and the content never do.
//!
//! ## Custodians
//!
//! An account becomes a custodian by [`Pallet::register`] with a bond. The owner of an asset
//! *appoints* up to [`MAX_CUSTODIANS`] of them and gives them the key, off chain; nobody is liable
//! before it has *accepted*, and it accepts for one commitment: of another key, it is not asked.
//! The bond covers one exposure for each appointment, besides what open requests have locked. What
//! is taken out of a bond is held for [`Config::UnbondingPeriod`], which is longer than a request
//! can be open.
//!
//! ## The way of a request
//!
//! ```text
//! asked ──deliver──► delivered ──window over──► closed: the fee is paid
//!   │                    └──complaint: wrong key──► slashed
//!   └──deadline passed──► slashed, or lapsed where the asker has lost its right
//! ```
//!
//! With [`Pallet::request_key`] somebody that may have the key, by a grant or because a job is
//! assigned to it, asks one custodian for it, sealed to a public key. The custodian is the one that
//! it names, or the one with the most free bond. A custodian has to answer at most
//! [`Config::MaxOpen`] requests at a time, each of them is paid for and locks an exposure of its
//! own, and it can stop taking them: nobody can ask for more than a custodian has agreed to. The
//! right is checked again at the delivery and at the deadline: who has lost it gets no key, and
//! nobody is slashed for not delivering one.
//!
//! Each request has one entry in the agenda, and a sweep in `on_initialize` works through what is
//! due. Blocks are compared in the calls, so that a late sweep never changes who may move, and
//! whatever the sweep does anybody can have done with [`Pallet::close`] and [`Pallet::expire`].
//!
//! ## Wrong keys
//!
//! The asker of a wrong key reveals the secret of the public key that it asked with. The chain
//! opens the box with it and compares what it holds with the commitment: what cannot be opened, or
//! holds another key, costs the custodian its exposure. What holds the right key costs nothing, and
//! the complaint is refused.
//!
//! The secret is made for one request only, which clients do. Revealing it opens this one box, which
//! holds something that is not the key, and so it reveals nothing. Three things follow for clients:
//!
//! - Open the box and compare before complaining. A complaint about the right key is refused, but it
//!   is in a block all the same, and then everybody can open the box.
//! - Complain about a delivery that is final. If another history of the chain wins, in which the
//!   custodian delivers the right key to the same public key, everybody can open that.
//! - Open with the arithmetic of the crate `crypto_box`, as the chain does. For boxes that no honest
//!   sealer makes, libraries differ.
//!
//! A public key that nothing can be sealed to is refused, so that no request is unanswerable.
//!
//! What this does not prevent: whoever was given a key can give it away, a custodian its owner's
//! keys as well as an asker its own. The chain decides who is handed a key, and cannot take one
//! back: a grant that is revoked after the delivery is that of somebody who has the key. A delivery
//! that fails, because the right was lost in the same block, is still public in that block.
//!
//! ## Money
//!
//! The fee and a deposit for the record are held of the asker, and a deposit for each appointment of
//! the owner. An exposure that is slashed goes in part to the asker, as [`Config::AskersShare`]
//! says; the rest is burned. The invariants are in `invariants.rs`, numbered as in
//! `docs/protocol.md`.
//!
//! [`MAX_CUSTODIANS`]: assay_primitives::custody::MAX_CUSTODIANS

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
mod requests;
pub mod sealed;
mod sweep;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are in `calls` and
// `requests`.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{Appointment, Custodian, KeyRequest},
		weights::WeightInfo,
	};
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::custody::CustodyScene;
	use assay_primitives::{
		custody::{
			Ask, Endpoint, Failure, KeyRights, PublicKey, SealedKey, KEY_BYTES, MAX_CUSTODIANS,
		},
		AssetId, Balance, BlockNumber, KeyRequestId, Root,
	};
	use frame_support::{pallet_prelude::*, traits::fungible};
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
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who may have the keys of assets.
		type Rights: KeyRights<Self::AccountId>;

		/// The least bond of a custodian.
		type MinBond: Get<Balance>;

		/// The part of a bond that a request locks, and that each appointment needs.
		type Exposure: Get<Balance>;

		/// What a request costs.
		type Fee: Get<Balance>;

		/// The part of a slashed exposure that the asker has. The rest is burned.
		type AskersShare: Get<Permill>;

		/// The blocks in which a key has to be delivered: fewer than the provider of a job has for its
		/// answer, so that a custodian cannot wait until the job has gone to another.
		type DeliverWithin: Get<BlockNumber>;

		/// The blocks in which a delivery can be complained about.
		type ComplaintWindow: Get<BlockNumber>;

		/// How long an unbonded amount stays held: longer than a request can be open.
		type UnbondingPeriod: Get<BlockNumber>;

		/// The most open requests of one custodian.
		#[pallet::constant]
		type MaxOpen: Get<u32>;

		/// The deposit for any record.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The deposit for each byte of a record.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// What the sweep may take of a block.
		#[pallet::constant]
		type SweepWeight: Get<Weight>;

		/// The weights of the calls and of the sweep's steps.
		type WeightInfo: WeightInfo;

		/// Registers assets and gives rights for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: CustodyScene<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For what a custodian has bonded and what is unbonding.
		#[codec(index = 0)]
		Bond,
		/// For the fees of open requests.
		#[codec(index = 1)]
		Fee,
		/// For the storage of appointments and requests.
		#[codec(index = 2)]
		Deposit,
	}

	/// The custodians.
	///
	/// Hasher: accounts are chosen by anybody, so the hash is a cryptographic one.
	#[pallet::storage]
	pub type Custodians<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Custodian, OptionQuery>;

	/// The custodians of each asset, in the order in which they were appointed.
	///
	/// Hasher: the chain counts the identifiers, and an asset has to exist.
	#[pallet::storage]
	pub type Appointments<T: Config> = StorageMap<
		_,
		Twox64Concat,
		AssetId,
		BoundedVec<Appointment<T::AccountId>, ConstU32<MAX_CUSTODIANS>>,
		ValueQuery,
	>;

	/// The number of the next request.
	#[pallet::storage]
	pub type NextRequest<T: Config> = StorageValue<_, KeyRequestId, ValueQuery>;

	/// The requests, until they end.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Requests<T: Config> =
		StorageMap<_, Twox64Concat, KeyRequestId, KeyRequest<T::AccountId>, OptionQuery>;

	/// The open requests of each custodian, at most [`Config::MaxOpen`] each, with their assets.
	///
	/// Hashers: accounts are chosen by anybody; identifiers are counted.
	#[pallet::storage]
	pub type OpenRequests<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		KeyRequestId,
		AssetId,
		OptionQuery,
	>;

	/// The open request of each asker by each right.
	///
	/// Hashers: accounts are chosen by anybody, and what is asked by as well.
	#[pallet::storage]
	pub type Asked<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		Ask,
		KeyRequestId,
		OptionQuery,
	>;

	/// What is due, by block: one entry a request, under [`KeyRequest::due`].
	///
	/// Hashers: block numbers and identifiers are counted, nobody chooses them.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, KeyRequestId, (), OptionQuery>;

	/// The first block whose agenda may have entries left.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account became a custodian.
		CustodianRegistered {
			/// The custodian.
			custodian: T::AccountId,
			/// What it bonded.
			bond: Balance,
		},
		/// A custodian said something new of itself.
		CustodianUpdated {
			/// The custodian.
			custodian: T::AccountId,
			/// Whether it takes requests.
			taking: bool,
		},
		/// A custodian bonded more.
		BondIncreased {
			/// The custodian.
			custodian: T::AccountId,
			/// What it added.
			amount: Balance,
		},
		/// A custodian takes stake out of its bond.
		Unbonding {
			/// The custodian.
			custodian: T::AccountId,
			/// What it takes out now.
			amount: Balance,
			/// From when on it can withdraw this and all that was unbonding before.
			until: BlockNumber,
		},
		/// A custodian withdrew what was unbonding.
		Withdrawn {
			/// The custodian.
			custodian: T::AccountId,
			/// What it withdrew.
			amount: Balance,
		},
		/// A custodian left: nothing of its bond remained.
		CustodianRemoved {
			/// Who was a custodian.
			custodian: T::AccountId,
		},
		/// The owner of an asset wants a custodian to keep its key.
		CustodianAppointed {
			/// The asset.
			asset: AssetId,
			/// The custodian.
			custodian: T::AccountId,
		},
		/// A custodian agreed to keep the key of an asset.
		AppointmentAccepted {
			/// The asset.
			asset: AssetId,
			/// The custodian.
			custodian: T::AccountId,
			/// The commitment to the key that it keeps.
			commitment: Root,
		},
		/// The owner of an asset does not want a custodian any more.
		CustodianDismissed {
			/// The asset.
			asset: AssetId,
			/// The custodian.
			custodian: T::AccountId,
		},
		/// A custodian does not keep the key of an asset any more.
		CustodianResigned {
			/// The asset.
			asset: AssetId,
			/// The custodian.
			custodian: T::AccountId,
		},
		/// Somebody asked for a key.
		KeyRequested {
			/// The request.
			request: KeyRequestId,
			/// Who asks.
			asker: T::AccountId,
			/// By what right.
			ask: Ask,
			/// The asset.
			asset: AssetId,
			/// Who has to deliver the key.
			custodian: T::AccountId,
			/// The first block in which it is too late for that.
			due: BlockNumber,
		},
		/// A custodian delivered what it says is the key. It is in [`Requests`] until the request
		/// ends.
		KeyDelivered {
			/// The request.
			request: KeyRequestId,
			/// The first block in which it is too late for a complaint.
			due: BlockNumber,
		},
		/// Nobody has shown that a key was wrong: the custodian is paid.
		RequestClosed {
			/// The request.
			request: KeyRequestId,
			/// Who delivered the key.
			custodian: T::AccountId,
			/// What it was paid.
			fee: Balance,
		},
		/// The asker lost its right before the key was delivered. The fee went back.
		RequestLapsed {
			/// The request.
			request: KeyRequestId,
		},
		/// A custodian was silent or delivered a wrong key. The fee went back.
		CustodianSlashed {
			/// The request.
			request: KeyRequestId,
			/// The custodian.
			custodian: T::AccountId,
			/// How it failed.
			failure: Failure,
			/// What the asker was paid of the custodian's bond.
			paid: Balance,
			/// What was burned of it.
			burned: Balance,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The account is a custodian already.
		AlreadyRegistered,
		/// The account is no custodian.
		UnknownCustodian,
		/// The endpoint is no `http` or `https` URL.
		InvalidEndpoint,
		/// The bond would be, or is, less than the least bond.
		BelowMinBond,
		/// An amount of nothing.
		ZeroAmount,
		/// Open requests or appointments need more of the bond than there would be.
		BondInUse,
		/// Nothing is unbonding.
		NothingUnbonding,
		/// The unbonding period is not over.
		UnbondingNotOver,
		/// More than can be counted.
		Overflow,
		/// The account cannot have the amount held.
		InsufficientFunds,
		/// No such asset.
		UnknownAsset,
		/// Only the owner of the asset may do this.
		NotOwner,
		/// The account is appointed already.
		AlreadyAppointed,
		/// The account is not appointed.
		NotAppointed,
		/// The asset has as many custodians as it may have.
		TooManyCustodians,
		/// The caller has accepted for this key already.
		AlreadyAccepted,
		/// The key of the asset has another commitment, or there is none.
		WrongCommitment,
		/// Requests for the key of the asset are open.
		RequestsOpen,
		/// There is no key: the asset is not encrypted.
		NoKey,
		/// Nothing can be sealed to the public key.
		InvalidRecipient,
		/// The caller has an open request by this right.
		AlreadyAsked,
		/// No custodian keeps the present key of the asset and can take a request.
		NoCustodian,
		/// The custodian does not keep the present key of the asset.
		NotCustodian,
		/// The custodian takes no request now: it has as many as it can have, too little free
		/// bond, or takes none.
		CustodianBusy,
		/// No such request, or it has ended.
		UnknownRequest,
		/// The request was not made to the caller.
		NotAsked,
		/// The request has another public key.
		WrongRecipient,
		/// The request is not the caller's.
		NotAsker,
		/// Something was delivered already.
		AlreadyDelivered,
		/// Nothing was delivered yet.
		NotDelivered,
		/// It is too late for the delivery.
		DeadlinePassed,
		/// The custodian still has time.
		DeadlineNotPassed,
		/// It is too late for a complaint.
		WindowOver,
		/// There may still be a complaint.
		WindowOpen,
		/// The secret is not that of the public key that was asked with.
		WrongSecret,
		/// The right key was delivered.
		KeyIsRight,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::sweep()
		}

		fn integrity_test() {
			let least = Self::dearest_step().saturating_add(T::WeightInfo::sweep_block());
			assert!(least.all_lte(T::SweepWeight::get()), "the sweep can afford its dearest step");
			let longest = T::DeliverWithin::get().saturating_add(T::ComplaintWindow::get());
			assert!(T::UnbondingPeriod::get() > longest, "unbonding outlasts every request");
			assert!(T::MaxOpen::get() > 0, "a custodian can be asked");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Become a custodian.
		///
		/// ## Dispatch Origin
		/// Signed by the future custodian.
		///
		/// ## Details
		/// Holds the bond.
		///
		/// ## Events
		/// [`Event::CustodianRegistered`].
		#[pallet::call_index(0)]
		pub fn register(origin: OriginFor<T>, endpoint: Endpoint, bond: Balance) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_register(custodian, endpoint, bond)
		}

		/// Replace what the caller says of itself: where it is reached, and whether it takes
		/// requests.
		///
		/// ## Dispatch Origin
		/// Signed by a custodian.
		///
		/// ## Details
		/// Open requests go on. Who takes none any more can resign once those have ended.
		///
		/// ## Events
		/// [`Event::CustodianUpdated`].
		#[pallet::call_index(1)]
		pub fn update(origin: OriginFor<T>, endpoint: Endpoint, taking: bool) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_update(custodian, endpoint, taking)
		}

		/// Add to the bond.
		///
		/// ## Dispatch Origin
		/// Signed by a custodian.
		///
		/// ## Details
		/// Holds the amount in addition; what is unbonding goes on unbonding. The bond is at least
		/// the least bond afterwards.
		///
		/// ## Events
		/// [`Event::BondIncreased`].
		#[pallet::call_index(2)]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_bond_more(custodian, amount)
		}

		/// Take stake out of the bond, to be withdrawn after the unbonding period.
		///
		/// ## Dispatch Origin
		/// Signed by a custodian.
		///
		/// ## Details
		/// What remains covers what open requests have locked and one exposure for each
		/// appointment, and is at least the least bond, or nothing. What was unbonding before waits
		/// as long.
		///
		/// ## Events
		/// [`Event::Unbonding`].
		#[pallet::call_index(3)]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_unbond(custodian, amount)
		}

		/// Withdraw what was unbonding for long enough.
		///
		/// ## Dispatch Origin
		/// Signed by a custodian.
		///
		/// ## Events
		/// [`Event::Withdrawn`], and [`Event::CustodianRemoved`] if nothing of it remains.
		#[pallet::call_index(4)]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_withdraw(custodian)
		}

		/// Ask a custodian to keep the key of an asset.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Holds a deposit for the record. The key is handed over off chain, and nothing is asked
		/// of the custodian before it has accepted.
		///
		/// ## Events
		/// [`Event::CustodianAppointed`].
		#[pallet::call_index(5)]
		pub fn appoint(
			origin: OriginFor<T>,
			asset: AssetId,
			custodian: T::AccountId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_appoint(owner, asset, custodian)
		}

		/// Agree to keep the key of an asset that has this commitment, and to hand it out.
		///
		/// ## Dispatch Origin
		/// Signed by a custodian that the owner has appointed.
		///
		/// ## Details
		/// The custodian says which key it has, so that it is liable for no other. When the key of
		/// an asset has changed, it accepts again.
		///
		/// ## Events
		/// [`Event::AppointmentAccepted`].
		#[pallet::call_index(6)]
		pub fn accept(origin: OriginFor<T>, asset: AssetId, commitment: Root) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_accept(custodian, asset, commitment)
		}

		/// End an appointment, accepted or not.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Requests that are open go on: the custodian has to answer them, and is paid for it. The
		/// deposit goes back to whoever has paid it.
		///
		/// ## Events
		/// [`Event::CustodianDismissed`].
		#[pallet::call_index(7)]
		pub fn dismiss(
			origin: OriginFor<T>,
			asset: AssetId,
			custodian: T::AccountId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_dismiss(owner, asset, custodian)
		}

		/// Keep the key of an asset no longer, or decline to.
		///
		/// ## Dispatch Origin
		/// Signed by the custodian.
		///
		/// ## Details
		/// Not while requests for this key are open. See [`Pallet::update`] to have no new ones.
		///
		/// ## Events
		/// [`Event::CustodianResigned`].
		#[pallet::call_index(8)]
		pub fn resign(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_resign(custodian, asset)
		}

		/// Ask for a key, sealed to a public key.
		///
		/// ## Dispatch Origin
		/// Signed by an account that may have the key by the right that it names.
		///
		/// ## Details
		/// Holds the fee and a deposit for the record, and locks an exposure of the custodian: the
		/// one that is named, or the one with the most free bond. The public key is made for this
		/// request and used for nothing else.
		///
		/// ## Events
		/// [`Event::KeyRequested`].
		#[pallet::call_index(9)]
		pub fn request_key(
			origin: OriginFor<T>,
			ask: Ask,
			recipient: PublicKey,
			custodian: Option<T::AccountId>,
		) -> DispatchResult {
			let asker = ensure_signed(origin)?;
			Self::do_request_key(asker, ask, recipient, custodian)
		}

		/// Deliver a key, sealed to the public key of the request.
		///
		/// ## Dispatch Origin
		/// Signed by the custodian that was asked.
		///
		/// ## Details
		/// The chain cannot look into the box: the asker can, and has the complaint window to
		/// complain. The public key is named because another history may have another request under
		/// the same number, for which the box would be a wrong one. Full blocks keep no custodian from
		/// delivering: the call is operational. If the asker has lost its right, the request ends and
		/// nothing is stored; the box lies in the block all the same, so that a custodian who sees it
		/// beforehand calls [`Pallet::expire`]. Otherwise whoever keeps the right is told that the key
		/// was handed over: a job pays for its data from now on, however it ends.
		///
		/// ## Events
		/// [`Event::KeyDelivered`] or [`Event::RequestLapsed`].
		#[pallet::call_index(10)]
		#[pallet::weight((
			T::WeightInfo::deliver().max(T::WeightInfo::expire()),
			DispatchClass::Operational
		))]
		pub fn deliver(
			origin: OriginFor<T>,
			request: KeyRequestId,
			recipient: PublicKey,
			sealed: SealedKey,
		) -> DispatchResult {
			let custodian = ensure_signed(origin)?;
			Self::do_deliver(custodian, request, recipient, sealed)
		}

		/// End a request that was served: the custodian is paid.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Events
		/// [`Event::RequestClosed`].
		#[pallet::call_index(11)]
		pub fn close(origin: OriginFor<T>, request: KeyRequestId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(request)
		}

		/// End a request that was not served in time, or whose asker has lost its right.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. The sweep does the same.
		///
		/// ## Details
		/// The custodian is slashed, unless the asker has lost its right.
		///
		/// ## Events
		/// [`Event::CustodianSlashed`] or [`Event::RequestLapsed`].
		#[pallet::call_index(12)]
		pub fn expire(origin: OriginFor<T>, request: KeyRequestId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(request)
		}

		/// Show that what was delivered is not the key, by the secret that opens it.
		///
		/// ## Dispatch Origin
		/// Signed by the asker.
		///
		/// ## Details
		/// The secret is public from then on. A complaint about the right key gives the key away:
		/// open the box first, and wait until the delivery is final.
		///
		/// ## Events
		/// [`Event::CustodianSlashed`].
		#[pallet::call_index(13)]
		#[pallet::weight((T::WeightInfo::complain(), DispatchClass::Operational))]
		pub fn complain(
			origin: OriginFor<T>,
			request: KeyRequestId,
			secret: [u8; KEY_BYTES],
		) -> DispatchResult {
			let asker = ensure_signed(origin)?;
			Self::do_complain(asker, request, secret)
		}
	}
}

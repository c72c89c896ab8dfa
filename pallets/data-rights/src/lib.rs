//! Rights to data: assets, offers, and grants that are counted at every use.
//!
//! An *asset* is data of which the chain knows commitments and never a byte: the root over its
//! files, and the commitment to the key that they are encrypted with. A *grant* is the right of an
//! account to have models run over it: from when until when, how often, for what. An *offer* is
//! what grants are bought by.
//!
//! ## Who owns an asset
//!
//! An asset is owned as an item of [`Config::Nfts`], in the one collection of this pallet, under
//! its own number. The owner is never stored here but read from the item, so that whatever moves
//! items moves assets: with the item go the rights of the owner, the offers as they stand, and the
//! income from then on. Grants and units of tokens that are out stay as they are; whoever buys an
//! asset looks at them first. An item that its owner has burned leaves the asset to nobody: no
//! grant of it can be used, and anybody may clear away what is stored.
//!
//! The collection is made with the first asset, owned by [`Pallet::account`]. That account needs
//! what [`Config::Nfts`] asks as a deposit for a collection.
//!
//! ## What an owner allows
//!
//! Consent and licence are for grants to come: one that there is keeps the consent to inference
//! that it was made with. Which models may be run over the asset is for every use: the list is
//! named at the registration, and there is no default. A *retired* asset makes no new grants. A
//! *revoked* one is of no use any more, for good. Governance can *freeze* an asset and thaw it.
//!
//! ## Offers and grants
//!
//! A grant is bought with [`Pallet::buy`], which pays at once, or is charged with the fee of each
//! job. The income goes where [`Config::Income`] says, if it is in the native token, and otherwise
//! to the owner. An offer can have a *token*, whose units anybody trades by [`Config::Assets`]
//! itself, and each of which is good for one grant. An owner gives grants with [`Pallet::give`], or
//! signs a *permit* that anybody can have made one of: for this chain alone, once, and until it
//! expires.
//!
//! Pools of data draw on the same numbers: what an owner signs to contribute an asset is numbered
//! with its permits, and cancelled with them. See [`assay_primitives::pool`].
//!
//! ## Uses
//!
//! [`Pallet`] implements [`DataRights`](assay_primitives::rights::DataRights): every check of a use
//! is in one place. Uses are counted when a job is requested, and are not given back when it fails:
//! the data may have been opened by then.
//!
//! ## Deposits
//!
//! Whoever has something stored pays a deposit for it, by size: who registers an asset, or later
//! sets its terms; who posts an offer; who buys or redeems a grant, gives one, or submits a permit.
//! Nobody is made to hold a deposit for somebody else. The record says who paid, and that account
//! has it back, whoever drops the record. An offer with a token stays stored, because the units and
//! their class do.
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

mod assets;
#[cfg(feature = "runtime-benchmarks")]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
mod benchmarking;
mod contributions;
mod deposits;
mod grants;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod offers;
mod permits;
mod queries;
#[cfg(test)]
mod tests;
mod tokens;
pub mod types;
mod uses;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are beside this file.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{AssetRecord, GrantRecord, OfferRecord, PermitWindow},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	#[cfg(feature = "runtime-benchmarks")]
	use assay_primitives::rights::RightsScene;
	use assay_primitives::{
		revenue::IncomeInspect,
		rights::{
			Algorithms, AssetKind, AssetSpec, Consent, GrantTerms, Licence, OfferTerms, Permit,
			Usage,
		},
		AssetId, Balance, BlockNumber, GrantId, RightsOfferId, Root, VersionId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible, fungibles,
			tokens::nonfungibles_v2::{self as nonfungibles},
		},
		PalletId,
	};
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

		/// Other tokens: what offers can be paid in, and what access is traded as.
		type Assets: fungibles::Inspect<Self::AccountId, AssetId = u32, Balance = Balance>
			+ fungibles::Create<Self::AccountId>
			+ fungibles::Mutate<Self::AccountId>;

		/// The items that assets are owned as.
		type Nfts: nonfungibles::Inspect<Self::AccountId, CollectionId = u32, ItemId = u32>
			+ nonfungibles::Create<Self::AccountId, Self::CollectionConfig>
			+ nonfungibles::Mutate<Self::AccountId, Self::ItemConfig>;

		/// How collections of [`Config::Nfts`] are configured.
		type CollectionConfig;

		/// How items of [`Config::Nfts`] are configured.
		type ItemConfig;

		/// The configuration of this pallet's collection: only its owner mints, and items can be
		/// transferred.
		type CollectionSettings: Get<Self::CollectionConfig>;

		/// The configuration of this pallet's items: they can be transferred.
		type ItemSettings: Get<Self::ItemConfig>;

		/// Whom the income of assets goes to.
		type Income: IncomeInspect<Self::AccountId>;

		/// What permits are signed with.
		type OffchainSignature: Verify<Signer = Self::OffchainPublic> + Parameter;

		/// Whose signatures these are.
		type OffchainPublic: IdentifyAccount<AccountId = Self::AccountId>;

		/// Who may freeze assets, and thaw them.
		type FreezeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What the account of this pallet is derived from.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The deposit for any asset, offer or grant, however small.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The deposit for a byte of what is stored.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// What a token of an offer adds to its deposit.
		#[pallet::constant]
		type TokenDeposit: Get<Balance>;

		/// The weights of the calls, and of a use.
		type WeightInfo: WeightInfo;

		/// Signs for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: RightsScene<Self::AccountId, Self::OffchainSignature>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of an asset, an offer or a grant.
		#[codec(index = 0)]
		Deposit,
	}

	/// The collection that the items of the assets are in, from the first asset on.
	#[pallet::storage]
	pub type Collection<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// The number of the next asset. None is ever given twice.
	#[pallet::storage]
	pub type NextAsset<T: Config> = StorageValue<_, AssetId, ValueQuery>;

	/// The assets.
	///
	/// Hasher: the chain counts the identifiers, nobody chooses them.
	#[pallet::storage]
	pub type Assets<T: Config> =
		StorageMap<_, Twox64Concat, AssetId, AssetRecord<T::AccountId>, OptionQuery>;

	/// Which permits of each asset were used.
	///
	/// Hasher: as for [`Assets`].
	#[pallet::storage]
	pub type Permits<T: Config> = StorageMap<_, Twox64Concat, AssetId, PermitWindow, ValueQuery>;

	/// The number of the next offer.
	#[pallet::storage]
	pub type NextOffer<T: Config> = StorageValue<_, RightsOfferId, ValueQuery>;

	/// The offers, until they are withdrawn, and those with a token for good.
	///
	/// Hasher: as for [`Assets`].
	#[pallet::storage]
	pub type Offers<T: Config> =
		StorageMap<_, Twox64Concat, RightsOfferId, OfferRecord<T::AccountId>, OptionQuery>;

	/// The offers of each asset.
	///
	/// Hashers: as for [`Assets`]. The numbers of the offers are kept as they are, big-endian, so
	/// that they are listed in their order.
	#[pallet::storage]
	pub type AssetOffers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, AssetId, Identity, [u8; 4], (), OptionQuery>;

	/// The offer that the units of a token are redeemed for grants of.
	///
	/// Hasher: numbers of tokens are chosen by anybody, so their hash is a cryptographic one.
	#[pallet::storage]
	pub type Tokens<T: Config> = StorageMap<_, Blake2_128Concat, u32, RightsOfferId, OptionQuery>;

	/// The number of the next grant.
	#[pallet::storage]
	pub type NextGrant<T: Config> = StorageValue<_, GrantId, ValueQuery>;

	/// The grants, until they are dropped.
	///
	/// Hasher: as for [`Assets`].
	#[pallet::storage]
	pub type Grants<T: Config> =
		StorageMap<_, Twox64Concat, GrantId, GrantRecord<T::AccountId>, OptionQuery>;

	/// The grants of each asset.
	///
	/// Hashers: as for [`AssetOffers`].
	#[pallet::storage]
	pub type AssetGrants<T: Config> =
		StorageDoubleMap<_, Twox64Concat, AssetId, Identity, [u8; 8], (), OptionQuery>;

	/// The grants of each holder.
	///
	/// Hashers: accounts are chosen by anybody, so theirs is a cryptographic one; the numbers of
	/// the grants as for [`AssetOffers`].
	#[pallet::storage]
	pub type HeldGrants<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, [u8; 8], (), OptionQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An asset was registered, and its item was minted.
		AssetRegistered {
			/// The asset, and the number of its item.
			asset: AssetId,
			/// Who owns it.
			owner: T::AccountId,
			/// What kind of thing it is.
			kind: AssetKind,
			/// The root over its files.
			root: Root,
		},
		/// The owner of an asset allows something else from now on.
		TermsSet {
			/// The asset.
			asset: AssetId,
			/// What others may do with it.
			consent: Consent,
			/// Under which licence.
			licence: Licence,
		},
		/// Other models may be run over an asset.
		AlgorithmsSet {
			/// The asset.
			asset: AssetId,
		},
		/// No new grants are made of an asset.
		AssetRetired {
			/// The asset.
			asset: AssetId,
		},
		/// An asset is of no use any more.
		AssetRevoked {
			/// The asset.
			asset: AssetId,
		},
		/// Nobody may use an asset for now.
		AssetFrozen {
			/// The asset.
			asset: AssetId,
		},
		/// An asset is what it was before it was frozen.
		AssetThawed {
			/// The asset.
			asset: AssetId,
		},
		/// Nothing is stored of an asset any more, and its item is burned.
		AssetRemoved {
			/// The asset.
			asset: AssetId,
		},
		/// Grants of an asset are offered.
		OfferPosted {
			/// The offer.
			offer: RightsOfferId,
			/// The asset.
			asset: AssetId,
		},
		/// An offer has another price.
		Repriced {
			/// The offer.
			offer: RightsOfferId,
			/// The price.
			price: Balance,
		},
		/// An offer was withdrawn.
		OfferWithdrawn {
			/// The offer.
			offer: RightsOfferId,
		},
		/// A grant was bought or taken, or one was extended.
		Bought {
			/// The offer.
			offer: RightsOfferId,
			/// The grant.
			grant: GrantId,
			/// Whose it is.
			buyer: T::AccountId,
			/// Who was paid.
			payee: T::AccountId,
			/// How much was paid, in what the offer says.
			paid: Balance,
		},
		/// An offer has a token.
		OfferTokenized {
			/// The offer.
			offer: RightsOfferId,
			/// The token.
			token: u32,
		},
		/// Units of the token of an offer were made.
		AccessMinted {
			/// The offer.
			offer: RightsOfferId,
			/// Who has them.
			to: T::AccountId,
			/// How many.
			amount: Balance,
		},
		/// A unit of the token of an offer became a grant.
		AccessRedeemed {
			/// The offer.
			offer: RightsOfferId,
			/// The grant.
			grant: GrantId,
			/// Whose it is.
			holder: T::AccountId,
		},
		/// The owner of an asset gave a grant, by a call or by a permit.
		Granted {
			/// The grant.
			grant: GrantId,
			/// The asset.
			asset: AssetId,
			/// Whose it is.
			holder: T::AccountId,
		},
		/// Permits that were not used are not good any more.
		PermitsCancelled {
			/// The asset.
			asset: AssetId,
			/// Those with lower numbers.
			below: u64,
		},
		/// A grant lasts longer, or has more uses.
		GrantExtended {
			/// The grant.
			grant: GrantId,
		},
		/// A grant was taken back.
		GrantRevoked {
			/// The grant.
			grant: GrantId,
		},
		/// A grant was passed on.
		GrantTransferred {
			/// The grant.
			grant: GrantId,
			/// Whose it was.
			from: T::AccountId,
			/// Whose it is now.
			to: T::AccountId,
		},
		/// Nothing is stored of a grant any more.
		GrantDropped {
			/// The grant.
			grant: GrantId,
		},
		/// A grant was used.
		Used {
			/// The grant.
			grant: GrantId,
			/// What is run.
			version: VersionId,
			/// How often.
			uses: u32,
			/// The uses that are left; `None` for any number.
			left: Option<u32>,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such asset.
		UnknownAsset,
		/// No such offer.
		UnknownOffer,
		/// No such grant.
		UnknownGrant,
		/// Only the owner of the asset may do this.
		NotOwner,
		/// The grant is not the account's.
		NotHolder,
		/// The grant is not good yet.
		NotYetValid,
		/// The grant is not good any more.
		Expired,
		/// Fewer uses are left.
		Exhausted,
		/// The grant was taken back.
		Revoked,
		/// The asset is not in a state in which this can be done.
		AssetNotActive,
		/// The owner does not let models be run over the asset.
		NotConsented,
		/// The grant is for another purpose.
		PurposeForbidden,
		/// The owner does not let this model be run over the asset.
		AlgorithmForbidden,
		/// An asset without files.
		InvalidManifest,
		/// A locator, a schema or a licence that is not UTF-8.
		InvalidText,
		/// Terms that allow nothing, or are free and have a price.
		InvalidTerms,
		/// A price by use that is not in the native token: it is charged with the fee of each job.
		PerUseNotNative,
		/// No such token to be paid in.
		UnknownCurrency,
		/// The asset is retired already, or revoked.
		AlreadyRetired,
		/// The asset is revoked already.
		AlreadyRevoked,
		/// The asset is frozen already.
		AlreadyFrozen,
		/// The asset is not frozen.
		NotFrozen,
		/// The asset has an owner who has not revoked it.
		NotRevoked,
		/// There are offers or grants of the asset.
		InUse,
		/// The offer was withdrawn.
		OfferClosed,
		/// Grants are not bought by this offer, but with its token.
		NotForSale,
		/// The offer is free, or what was sold of it refers to its price.
		PriceFixed,
		/// The price is higher than the buyer accepts.
		PriceExceeded,
		/// No offer is taken so often.
		InvalidTimes,
		/// The owner of an asset gives grants and does not buy them.
		OwnAsset,
		/// The grant is another one than the offer makes.
		TermsDiffer,
		/// The extension leaves the grant as it is, or takes something away.
		NotExtended,
		/// The offer has a token already.
		AlreadyTokenized,
		/// The offer has no token.
		NotTokenized,
		/// There is a token with this number.
		TokenTaken,
		/// The account has no unit of the token.
		NoUnit,
		/// The permit has expired.
		PermitExpired,
		/// The number of the permit was used, cancelled, or left behind.
		PermitUsed,
		/// The owner has not signed this permit, or not for this chain.
		WrongSignature,
		/// The grant cannot be passed on.
		NotTransferable,
		/// The grant cannot be taken back.
		NotRevocable,
		/// The grant can still be used, and the caller does not hold it.
		NotOver,
		/// The account cannot have the deposit held.
		InsufficientFunds,
		/// More than can be counted.
		Overflow,
		/// The right is one to have jobs done over the asset, not to have its content.
		ComputeOnly,
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
		/// What so many uses of a grant, by a job of an account that runs a version, would cost now
		/// besides what the grant has cost; or why they would be refused.
		pub fn price_of_uses(
			who: T::AccountId,
			grant: GrantId,
			version: VersionId,
			usage: Usage,
			uses: u32,
		) -> Result<Balance, DispatchError> {
			let (_, access) = Self::used(&who, grant, version, &usage, uses.max(1))?;
			let price = access.price.checked_mul(uses.max(1).into());
			price.ok_or_else(|| Error::<T>::Overflow.into())
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Register an asset, and own it.
		///
		/// ## Dispatch Origin
		/// Signed by the future owner.
		///
		/// ## Details
		/// Holds a deposit for the record. The item is minted to the caller, who pays what
		/// [`Config::Nfts`] asks as a deposit for it.
		///
		/// ## Events
		/// [`Event::AssetRegistered`].
		#[pallet::call_index(0)]
		pub fn register_asset(origin: OriginFor<T>, spec: Box<AssetSpec>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_asset(owner, *spec)
		}

		/// Allow something else from now on.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Grants that there are keep the consent that they were made with. The deposit for the
		/// record is the caller's from now on.
		///
		/// ## Events
		/// [`Event::TermsSet`].
		#[pallet::call_index(1)]
		pub fn set_terms(
			origin: OriginFor<T>,
			asset: AssetId,
			consent: Consent,
			licence: Licence,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_terms(owner, asset, consent, licence)
		}

		/// Name the models that may be run over an asset.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Every use is checked against the list as it is then, whatever was sold. The deposit for
		/// the record is the caller's from now on.
		///
		/// ## Events
		/// [`Event::AlgorithmsSet`].
		#[pallet::call_index(2)]
		pub fn set_algorithms(
			origin: OriginFor<T>,
			asset: AssetId,
			algorithms: Algorithms,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_algorithms(owner, asset, algorithms)
		}

		/// Make no new grants of an asset. Those that there are go on.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// There is no way back. Units of tokens that are out are redeemed all the same.
		///
		/// ## Events
		/// [`Event::AssetRetired`].
		#[pallet::call_index(3)]
		pub fn retire(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_retire(owner, asset)
		}

		/// Let nobody use an asset any more.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// There is no way back, and nothing that was paid is paid back.
		///
		/// ## Events
		/// [`Event::AssetRevoked`].
		#[pallet::call_index(4)]
		pub fn revoke_asset(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_revoke_asset(owner, asset)
		}

		/// Let nobody use an asset for now.
		///
		/// ## Dispatch Origin
		/// [`Config::FreezeOrigin`].
		///
		/// ## Events
		/// [`Event::AssetFrozen`].
		#[pallet::call_index(5)]
		pub fn freeze(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			T::FreezeOrigin::ensure_origin(origin)?;
			Self::do_freeze(asset)
		}

		/// Let an asset be what it was before it was frozen.
		///
		/// ## Dispatch Origin
		/// [`Config::FreezeOrigin`].
		///
		/// ## Events
		/// [`Event::AssetThawed`].
		#[pallet::call_index(6)]
		pub fn thaw(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			T::FreezeOrigin::ensure_origin(origin)?;
			Self::do_thaw(asset)
		}

		/// Remove what is stored of an asset, and burn its item.
		///
		/// ## Dispatch Origin
		/// Signed by the owner, who has revoked it, or by anybody if its item is burned.
		///
		/// ## Details
		/// There must be neither offers nor grants of it. Whoever paid the deposit has it back.
		///
		/// ## Events
		/// [`Event::AssetRemoved`].
		#[pallet::call_index(7)]
		pub fn remove_asset(origin: OriginFor<T>, asset: AssetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_asset(who, asset)
		}

		/// Offer grants of an asset.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Holds a deposit for the record.
		///
		/// ## Events
		/// [`Event::OfferPosted`].
		#[pallet::call_index(8)]
		pub fn post_offer(
			origin: OriginFor<T>,
			asset: AssetId,
			terms: Box<OfferTerms>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_post_offer(owner, asset, *terms)
		}

		/// Set the price of an offer.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Grants that were bought keep the price of each use. An offer with a token keeps its
		/// price: what its units are good for does not change.
		///
		/// ## Events
		/// [`Event::Repriced`].
		#[pallet::call_index(9)]
		pub fn reprice(
			origin: OriginFor<T>,
			offer: RightsOfferId,
			price: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_reprice(owner, offer, price)
		}

		/// Withdraw an offer. What was bought of it goes on.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset, or by anybody if the asset is revoked or nobody's.
		///
		/// ## Details
		/// Whoever paid the deposit has it back. An offer with a token stays stored, with its
		/// deposit: no units are made any more, and those that are out are redeemed.
		///
		/// ## Events
		/// [`Event::OfferWithdrawn`].
		#[pallet::call_index(10)]
		pub fn withdraw_offer(origin: OriginFor<T>, offer: RightsOfferId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_offer(who, offer)
		}

		/// Buy a grant, or extend one.
		///
		/// ## Dispatch Origin
		/// Signed by the buyer.
		///
		/// ## Details
		/// The offer is taken `times` at once: for so many times the price, the blocks and the
		/// uses. `most` is what the buyer pays at most altogether, or, if it is paid by use, for a
		/// use. Holds a deposit for a new grant. With `extend`, a grant of the buyer that this
		/// offer could have made goes on longer or has more uses; one that has expired goes on from
		/// now.
		///
		/// ## Events
		/// [`Event::Bought`].
		#[pallet::call_index(11)]
		pub fn buy(
			origin: OriginFor<T>,
			offer: RightsOfferId,
			times: u32,
			most: Balance,
			extend: Option<GrantId>,
		) -> DispatchResult {
			let buyer = ensure_signed(origin)?;
			Self::do_buy(buyer, offer, times, most, extend)
		}

		/// Give an offer a token, each of whose units is good for one grant.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Makes the class in [`Config::Assets`], under a number that is not taken; nobody but this
		/// pallet can make or freeze units of it. `for_sale` is whether the offer is bought as
		/// before, besides. The deposit for the offer rises by [`Config::TokenDeposit`], and is the
		/// caller's from now on, for good.
		///
		/// ## Events
		/// [`Event::OfferTokenized`].
		#[pallet::call_index(12)]
		pub fn tokenize_offer(
			origin: OriginFor<T>,
			offer: RightsOfferId,
			token: u32,
			for_sale: bool,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_tokenize_offer(owner, offer, token, for_sale)
		}

		/// Make units of the token of an offer.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Events
		/// [`Event::AccessMinted`].
		#[pallet::call_index(13)]
		pub fn mint_access(
			origin: OriginFor<T>,
			offer: RightsOfferId,
			to: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_mint_access(owner, offer, to, amount)
		}

		/// Turn a unit of the token of an offer into a grant.
		///
		/// ## Dispatch Origin
		/// Signed by who has the unit.
		///
		/// ## Details
		/// Burns the unit, and holds a deposit for the grant. Its price is not paid again; that of
		/// each use is.
		///
		/// ## Events
		/// [`Event::AccessRedeemed`].
		#[pallet::call_index(14)]
		pub fn redeem_access(origin: OriginFor<T>, offer: RightsOfferId) -> DispatchResult {
			let holder = ensure_signed(origin)?;
			Self::do_redeem_access(holder, offer)
		}

		/// Give a grant.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset, who pays the deposit.
		///
		/// ## Events
		/// [`Event::Granted`].
		#[pallet::call_index(15)]
		pub fn give(
			origin: OriginFor<T>,
			asset: AssetId,
			to: T::AccountId,
			terms: Box<GrantTerms>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_give(owner, asset, to, *terms)
		}

		/// Have a grant made that the owner of the asset has signed a permit for.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, who pays the deposit.
		///
		/// ## Details
		/// What is signed is [`Permit::signed_bytes`] for the genesis of this chain, as it is or in
		/// `<Bytes>` and `</Bytes>`. `owner` is who has signed, and has to own the asset now.
		///
		/// ## Events
		/// [`Event::Granted`].
		#[pallet::call_index(16)]
		pub fn give_signed(
			origin: OriginFor<T>,
			permit: Box<Permit<T::AccountId>>,
			owner: T::AccountId,
			signature: T::OffchainSignature,
		) -> DispatchResult {
			let submitter = ensure_signed(origin)?;
			Self::do_give_signed(submitter, *permit, owner, signature)
		}

		/// Cancel the permits of an asset with numbers below `below` that were not used.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Events
		/// [`Event::PermitsCancelled`].
		#[pallet::call_index(17)]
		pub fn cancel_permits(origin: OriginFor<T>, asset: AssetId, below: u64) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_cancel_permits(owner, asset, below)
		}

		/// Let a grant last until a later block, or have more uses.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Events
		/// [`Event::GrantExtended`].
		#[pallet::call_index(18)]
		pub fn extend(
			origin: OriginFor<T>,
			grant: GrantId,
			until: Option<BlockNumber>,
			more: u32,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_extend(owner, grant, until, more)
		}

		/// Take a grant back.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Only if the terms of the grant say that it can be. Nothing that was paid is paid back.
		///
		/// ## Events
		/// [`Event::GrantRevoked`].
		#[pallet::call_index(19)]
		pub fn revoke_grant(origin: OriginFor<T>, grant: GrantId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_revoke_grant(owner, grant)
		}

		/// Pass a grant on.
		///
		/// ## Dispatch Origin
		/// Signed by the holder.
		///
		/// ## Details
		/// Only if the terms of the grant say that it can be. The deposit stays with whoever paid
		/// it.
		///
		/// ## Events
		/// [`Event::GrantTransferred`].
		#[pallet::call_index(20)]
		pub fn transfer_grant(
			origin: OriginFor<T>,
			grant: GrantId,
			to: T::AccountId,
		) -> DispatchResult {
			let from = ensure_signed(origin)?;
			Self::do_transfer_grant(from, grant, to)
		}

		/// Remove what is stored of a grant.
		///
		/// ## Dispatch Origin
		/// Signed by the holder, or by anybody if the grant has expired, is exhausted or was taken
		/// back, or its asset is revoked or nobody's.
		///
		/// ## Details
		/// Whoever paid the deposit has it back.
		///
		/// ## Events
		/// [`Event::GrantDropped`].
		#[pallet::call_index(21)]
		pub fn drop_grant(origin: OriginFor<T>, grant: GrantId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_drop_grant(who, grant)
		}
	}
}

//! The registry of models and their immutable versions.
//!
//! A *model* is a unique name with an owner. Under it the owner publishes *versions*, numbered
//! from one. What a version declares never changes but its price, so that a job, a verdict and a
//! download always speak of the same bytes.
//!
//! ## Deposits
//!
//! What is stored is paid for by a deposit, held from the owner under [`HoldReason::Deposit`]: a
//! base and an amount a byte, for the model, each version and each lineage. The owner of a model
//! holds the deposits of all its versions. Ownership moves in two steps, offer and acceptance, so that
//! nobody can be made to hold a deposit: the acceptance holds the new owner's and releases the
//! old one's.
//!
//! ## Prices
//!
//! [`Call::set_price`] moves the price that later requests see. A job carries the price of the
//! moment it was agreed at, so no change reaches it.
//!
//! ## Lineage
//!
//! With [`Call::declare_lineage`] an owner says what a version was made from: other versions, and
//! data. Each of these *parents* gets the share of the version's income that is declared, at least
//! what its licence asks for, and so does everything that the parents were made from, as much as it
//! gets by them: the *waterfall* is flat, and each share in it is a part of the whole income. An
//! ancestor that is reached twice counts once, with its greatest share.
//!
//! Where a licence says so, and for data whose owner does not let everybody train on it, the owner
//! of the parent is asked: while its *consent* is awaited the version takes no jobs, nothing can be
//! made from it, and the declaration can be withdrawn. Then it holds for ever. It is made once, and
//! not any more when something was made from the version: what descendants pay never changes.
//! Whoever publishes a version that others may want to build upon declares its lineage in the same
//! batch.
//!
//! ## For other pallets
//!
//! [`Pallet`] implements [`assay_primitives::traits::ModelInspect`], and for models
//! [`assay_primitives::revenue::SubjectInspect`] and [`assay_primitives::revenue::UsageInspect`].
//! The market tells it of jobs that have settled through
//! [`assay_primitives::revenue::UsageCount`].

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
#[allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
mod benchmarking;
mod calls;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod lineage;
#[cfg(test)]
mod mock;
mod queries;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::scene_spec;
pub use pallet::*;
pub use weights::WeightInfo;

// `expect` stands in what FRAME's macros expand to; the bodies of the calls are in `calls`.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{Lineage, ModelRecord, SortedId, VersionRecord},
		weights::WeightInfo,
	};
	use alloc::boxed::Box;
	use assay_primitives::{
		licence::{Parent, Source, Waterfall, MAX_PARENTS},
		model::{Metadata, Name, VersionSpec},
		revenue::{IncomeInspect, SubjectInspect, UsageTotal},
		rights::ConsentInspect,
		Balance, ModelId, VersionId,
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
		/// The native token, from which deposits are held.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The reasons for holds of the whole runtime.
		type RuntimeHoldReason: From<HoldReason>;

		/// The deposit for any model or version, however small.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// The deposit for a byte of what an owner says of a model or version.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// The most versions of a model.
		#[pallet::constant]
		type MaxVersions: Get<u32>;

		/// Whom income goes to.
		type Income: IncomeInspect<Self::AccountId>;

		/// The data that versions are trained on.
		type Data: ConsentInspect<Self::AccountId> + SubjectInspect<Self::AccountId>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of models, versions and lineages.
		#[codec(index = 0)]
		Deposit,
	}

	/// The models.
	///
	/// Hasher: ids are counted by the chain, so nobody can choose keys that collide.
	#[pallet::storage]
	pub type Models<T: Config> =
		StorageMap<_, Twox64Concat, ModelId, ModelRecord<T::AccountId>, OptionQuery>;

	/// The model of each name.
	///
	/// Hasher: names are chosen by anybody, so the hash is a cryptographic one.
	#[pallet::storage]
	pub type Names<T: Config> = StorageMap<_, Blake2_128Concat, Name, ModelId, OptionQuery>;

	/// The versions.
	///
	/// Hasher: both parts of an id are counted by the chain.
	#[pallet::storage]
	pub type Versions<T: Config> =
		StorageMap<_, Twox64Concat, VersionId, VersionRecord, OptionQuery>;

	/// The id that the next model gets. Every smaller one is in use: models are never removed.
	#[pallet::storage]
	pub type NextModel<T: Config> = StorageValue<_, ModelId, ValueQuery>;

	/// To whom a model is offered. At most one offer a model, paid for by the model's deposit.
	///
	/// Hasher: ids are counted by the chain.
	#[pallet::storage]
	pub type Offers<T: Config> = StorageMap<_, Twox64Concat, ModelId, T::AccountId, OptionQuery>;

	/// The models of each owner.
	///
	/// Hashers: accounts are chosen by anybody, so theirs is a cryptographic one. Ids are counted
	/// by the chain and kept as they are, so that an owner's models are listed in their order.
	#[pallet::storage]
	pub type OwnedModels<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, SortedId, (), OptionQuery>;

	/// What versions were made from.
	///
	/// Hasher: both parts of an id are counted by the chain.
	#[pallet::storage]
	pub type Lineages<T: Config> = StorageMap<_, Twox64Concat, VersionId, Lineage, OptionQuery>;

	/// How many lineages name a version as a parent; nothing of one that none does.
	///
	/// Hasher: both parts of an id are counted by the chain.
	#[pallet::storage]
	pub type Descendants<T: Config> = StorageMap<_, Twox64Concat, VersionId, u64, ValueQuery>;

	/// How much each model was used by jobs that have settled.
	///
	/// Hasher: ids are counted by the chain.
	#[pallet::storage]
	pub type Used<T: Config> = StorageMap<_, Twox64Concat, ModelId, UsageTotal, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered.
		ModelRegistered {
			/// The model.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// Its unique name.
			name: Name,
		},
		/// A version was published and takes jobs.
		VersionPublished {
			/// The version.
			version: VersionId,
		},
		/// A version takes no new jobs any more.
		VersionDeprecated {
			/// The version.
			version: VersionId,
		},
		/// A version's graph was proven invalid: none of its jobs goes on.
		VersionFrozen {
			/// The version.
			version: VersionId,
			/// Who has proven it.
			prover: T::AccountId,
			/// The version's deposit, which the prover has.
			deposit: Balance,
		},
		/// A model was offered to another account.
		ModelOffered {
			/// The model.
			model: ModelId,
			/// Who may accept it.
			to: T::AccountId,
		},
		/// The offer of a model was withdrawn.
		OfferWithdrawn {
			/// The model.
			model: ModelId,
		},
		/// A model changed its owner.
		ModelTransferred {
			/// The model.
			model: ModelId,
			/// Who owned it.
			from: T::AccountId,
			/// Who owns it now.
			to: T::AccountId,
		},
		/// The price of a version changed for later requests.
		PriceSet {
			/// The version.
			version: VersionId,
			/// The price a unit.
			price: Balance,
		},
		/// A version's owner said what it was made from.
		LineageDeclared {
			/// The version.
			version: VersionId,
			/// How many owners have to agree before it takes jobs.
			awaits: u8,
		},
		/// The owner of a parent agreed that a version was made from it.
		LineageConsented {
			/// The version.
			version: VersionId,
			/// The parent.
			source: Source,
			/// How many owners have still to agree.
			awaits: u8,
		},
		/// A version's owner took back what it said that the version was made from.
		LineageWithdrawn {
			/// The version.
			version: VersionId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The name is empty, has a byte other than a-z, 0-9 and `-_./`, or starts with neither
		/// letter nor digit.
		InvalidName,
		/// The metadata is not UTF-8.
		InvalidMetadata,
		/// Another model has the name.
		NameTaken,
		/// Every model id is in use.
		TooManyModels,
		/// No such model.
		UnknownModel,
		/// Only the owner of the model, or of the data, may do this.
		NotOwner,
		/// The model has as many versions as it may have.
		TooManyVersions,
		/// No such version.
		UnknownVersion,
		/// The version is deprecated already.
		AlreadyDeprecated,
		/// The model is not offered, or not to this account.
		NotOffered,
		/// The artifact has no bytes, or more than the chain admits.
		InvalidArtifactSize,
		/// No output, an empty or repeated tensor name, a name that is not UTF-8, or a dimension
		/// of zero.
		InvalidTensors,
		/// A tolerance where there is none, none where there is one, or a term out of range.
		InvalidTolerance,
		/// Rows of a tolerance along an axis that an output lacks, or longer than the chain reads.
		InvalidRows,
		/// A tolerant version with an output that is not float32, or an exact one with a float.
		InvalidClass,
		/// An element type that the canonical arithmetic does not have.
		UnsupportedType,
		/// A version of the canonical arithmetic, or a lowering, that this runtime does not know.
		UnknownSpec,
		/// Axes that jobs choose and symbols of the graph that do not match one another.
		InvalidSymbols,
		/// An input that the version sets without a name of its own or without all its bytes.
		InvalidConstants,
		/// No canonical cost, or one beyond what the chain admits.
		InvalidCost,
		/// A locator that is not an `http`, `https` or `file` URL.
		InvalidLocator,
		/// A purpose that is empty, no word of UTF-8 or repeated, or a royalty of more than
		/// everything.
		InvalidPermissions,
		/// The price is below the least one that the version's licence says.
		PriceTooLow,
		/// The version's lineage is declared already.
		LineageDeclared,
		/// Something was made from the version, so that its lineage cannot change any more.
		HasDescendants,
		/// A lineage without parents.
		NoParents,
		/// A parent is named twice.
		RepeatedParent,
		/// A parent is not published, or frozen, or data that is not active.
		UnknownParent,
		/// The version would be made from itself.
		CyclicLineage,
		/// Trained on something that is no data, or something else than that with data.
		WrongRelation,
		/// A parent's licence asks for a greater share.
		ShareTooLow,
		/// A parent's licence lets nothing be made from it.
		DerivativesForbidden,
		/// The version's licence allows more than that of a parent, or its unit is another than that
		/// of a parent's least price.
		IncompatibleLicence,
		/// A parent's own lineage waits for consent.
		ParentPending,
		/// The ancestors would have more than everything together.
		StackTooHigh,
		/// The version has more ancestors than can earn by it.
		TooManyAncestors,
		/// The version has no lineage.
		NoLineage,
		/// No consent is awaited to such a parent, with this relation and this share.
		NotAwaited,
		/// The lineage holds: no consent is awaited any more.
		LineageHolds,
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
		/// Who earns by a version besides its owner, at any remove, and which part of its royalty
		/// each has; nothing of one that does not say what it was made from.
		pub fn royalties(version: VersionId) -> Waterfall {
			Self::lineage(version).map_or_else(Waterfall::default, |lineage| lineage.waterfall)
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a model under a unique name.
		///
		/// ## Dispatch Origin
		/// Signed by the future owner.
		///
		/// ## Details
		/// Holds the deposit for the name and the metadata.
		///
		/// ## Events
		/// [`Event::ModelRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_model())]
		pub fn register_model(
			origin: OriginFor<T>,
			name: Name,
			metadata: Metadata,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_model(owner, name, metadata)
		}

		/// Publish the next version of a model.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// Holds the deposit for the declaration. Nothing of it can be changed afterwards but
		/// the price.
		///
		/// ## Events
		/// [`Event::VersionPublished`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::publish_version())]
		pub fn publish_version(
			origin: OriginFor<T>,
			model: ModelId,
			spec: Box<VersionSpec>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_publish_version(owner, model, *spec)
		}

		/// Retire a version: jobs that run are finished, new ones are refused.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// There is no way back, and the declaration and its deposit stay: past results refer
		/// to it.
		///
		/// ## Events
		/// [`Event::VersionDeprecated`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::deprecate_version())]
		pub fn deprecate_version(origin: OriginFor<T>, version: VersionId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_deprecate_version(owner, version)
		}

		/// Offer a model to another account, or withdraw the offer by naming oneself.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// Nothing moves before the other account accepts. A later offer replaces an earlier
		/// one.
		///
		/// ## Events
		/// [`Event::ModelOffered`] or [`Event::OfferWithdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::offer_model())]
		pub fn offer_model(
			origin: OriginFor<T>,
			model: ModelId,
			to: T::AccountId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_offer_model(owner, model, to)
		}

		/// Become the owner of a model that is offered to the caller.
		///
		/// ## Dispatch Origin
		/// Signed by the account that the model is offered to.
		///
		/// ## Details
		/// Holds from the caller the deposits of the model and all its versions, and releases
		/// those of the old owner.
		///
		/// ## Events
		/// [`Event::ModelTransferred`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::accept_model())]
		pub fn accept_model(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let to = ensure_signed(origin)?;
			Self::do_accept_model(to, model)
		}

		/// Set the price of a version.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// It is that of jobs that are requested from now on, and at least what the version's licence
		/// says.
		///
		/// ## Events
		/// [`Event::PriceSet`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(
			origin: OriginFor<T>,
			version: VersionId,
			price: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_price(owner, version, price)
		}

		/// Say what a version was made from.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// Once, while no lineage names the version as a parent. Holds a deposit for what is stored.
		/// If owners of parents have to agree, the version takes no jobs until they all do.
		///
		/// ## Events
		/// [`Event::LineageDeclared`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::declare_lineage())]
		pub fn declare_lineage(
			origin: OriginFor<T>,
			version: VersionId,
			parents: BoundedVec<Parent, ConstU32<MAX_PARENTS>>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_declare_lineage(owner, version, parents)
		}

		/// Agree that a version was made from something of the caller's.
		///
		/// ## Dispatch Origin
		/// Signed by the present owner of the parent: of a version's model, or of an asset.
		///
		/// ## Details
		/// Names the parent as it is declared, with its relation and its share, so that nobody
		/// agrees to another share than it has seen. There is no way back.
		///
		/// ## Events
		/// [`Event::LineageConsented`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::consent())]
		pub fn consent(origin: OriginFor<T>, version: VersionId, parent: Parent) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_consent(owner, version, parent)
		}

		/// Take back what was said of a version that still waits for consent.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the model.
		///
		/// ## Details
		/// Releases the deposit. The version has no lineage any more, and one can be declared again.
		///
		/// ## Events
		/// [`Event::LineageWithdrawn`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::withdraw_lineage())]
		pub fn withdraw_lineage(origin: OriginFor<T>, version: VersionId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw_lineage(owner, version)
		}
	}
}

//! The runtime API: all that clients need to read, paged and bounded.

use crate::{
	audit::AuditView,
	availability::{DemandFilter, DemandView},
	batch::ItemView,
	canonical::Question,
	dispute::{DisputeView, Spot},
	ids::{DemandId, DisputeId, JobId, LeaseId, ModelId, Root, SubscriptionId, VersionId},
	job::{Choice, GroupView, Input, JobView, Output},
	lease::{Attributes, LeaseFilter, LeaseNumbers, LeaseView, OfferFilter, OfferKey, OfferView},
	model::{ModelView, Name, VersionView},
	money::Fee,
	provider::{OrderView, ProviderView},
	subscription::SubscriptionView,
	tensor::Shape,
	AccountId, Balance, BlockNumber,
};
use alloc::vec::Vec;
use assay_canon::arbiter::Verdict;
use assay_dispute::play::Shown;
use codec::{Decode, Encode};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

pub mod rights;

/// The most items of one page. More are asked for, so many are given.
pub const MAX_PAGE: u32 = 100;

/// A page of a list. `next` is the cursor that the following page starts with.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Page<Item, Cursor> {
	/// The items.
	pub items: Vec<Item>,
	/// Where the list goes on; `None` at its end.
	pub next: Option<Cursor>,
}

/// Which jobs to list, newest first.
#[derive(
	Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
#[serde(default)]
pub struct JobFilter {
	/// Only jobs of this requester.
	pub requester: Option<AccountId>,
	/// Only jobs that are or were last with this provider.
	pub provider: Option<AccountId>,
	/// Only jobs of this version.
	pub version: Option<VersionId>,
	/// Only jobs that can still change.
	pub open: bool,
}

/// What a request would cost.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Estimate {
	/// The units that the inputs are charged for.
	pub units: u64,
	/// The fee with the cheapest able provider.
	pub lowest: Option<Fee>,
	/// The fee with the dearest of `providers`: a `max_fee` that all of them accept.
	pub highest: Option<Fee>,
	/// The number of providers that could be drawn now, of the
	/// [`crate::provider::MAX_CANDIDATES`] cheapest asks.
	pub providers: u32,
	/// The number of asks for the version, whoever is able.
	pub asks: u32,
	/// The storage deposit, given back after the job's records are pruned.
	pub deposit: Balance,
	/// The blocks from request to a provisional result, when the provider answers at once.
	pub blocks_to_provisional: BlockNumber,
	/// The blocks from request to a settled result, when the provider answers at once.
	pub blocks_to_settled: BlockNumber,
}

/// Why no estimate can be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub enum EstimateError {
	/// No such version.
	UnknownVersion,
	/// The version takes no new jobs.
	Deprecated,
	/// The shapes are not as the version declares its inputs.
	WrongShapes,
	/// No batch has so many items, or nobody has the time that so many take.
	WrongItems,
	/// The fee is more than can be counted.
	Overflow,
}

impl fmt::Display for EstimateError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			EstimateError::UnknownVersion => "no such model version",
			EstimateError::Deprecated => "the version is deprecated and takes no new jobs",
			EstimateError::WrongShapes => "the shapes are not as the version declares its inputs",
			EstimateError::WrongItems => {
				"no batch has so many items, or nobody has the time that so many take"
			},
			EstimateError::Overflow => "the fee is more than can be counted",
		})
	}
}

impl core::error::Error for EstimateError {}

/// The numbers of the protocol that clients and workers act upon.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ProtocolNumbers {
	/// Blocks from a request to its draw.
	pub assignment_delay: BlockNumber,
	/// Blocks that an assigned provider has for its answer.
	pub response_window: BlockNumber,
	/// Blocks during which a result is provisional.
	pub challenge_window: BlockNumber,
	/// Ticks of each step of a dispute: blocks, if moves find room in them.
	pub dispute_step: BlockNumber,
	/// The least bond for a history in a dispute.
	pub dispute_bond: Balance,
	/// Blocks in which a demand can be answered.
	pub availability_step: BlockNumber,
	/// What a demand costs.
	pub availability_price: Balance,
	/// Blocks for which the records of an ended job are kept.
	pub retention: BlockNumber,
	/// Blocks after which a heartbeat expires.
	pub heartbeat_period: BlockNumber,
	/// The least bond of a provider.
	pub min_bond: Balance,
	/// Blocks until an unbonded amount can be withdrawn.
	pub unbonding_period: BlockNumber,
	/// Those of leases.
	pub leases: LeaseNumbers,
}

sp_api::decl_runtime_apis! {
	/// Reads of the models, providers, inference, disputes, availability, audits, subscriptions and
	/// leases pallets.
	#[api_version(7)]
	pub trait AssayApi {
		/// A model by its id.
		fn model(id: ModelId) -> Option<ModelView<AccountId>>;
		/// A model by its name.
		fn model_by_name(name: Name) -> Option<ModelView<AccountId>>;
		/// Models in the order of registration, of one owner if given.
		fn models(owner: Option<AccountId>, start: ModelId, limit: u32) -> Page<ModelView<AccountId>, ModelId>;
		/// A version of a model.
		fn version(id: VersionId) -> Option<VersionView>;
		/// Versions of a model in the order of publication.
		fn versions(model: ModelId, start: u32, limit: u32) -> Page<VersionView, u32>;
		/// A provider by its account.
		fn provider(account: AccountId) -> Option<ProviderView<AccountId>>;
		/// Providers in the order of storage, of those with an ask for a version if given.
		/// `start` is the last account of the page before.
		fn providers(version: Option<VersionId>, start: Option<AccountId>, limit: u32) -> Page<ProviderView<AccountId>, AccountId>;
		/// A job by its id, until it is pruned.
		fn job(id: JobId) -> Option<JobView<AccountId>>;
		/// The group that a job is a replica of, until its last replica is pruned.
		fn group(id: JobId) -> Option<GroupView>;
		/// Jobs, newest first. `start` is the highest id to look at. A page may hold fewer items
		/// than `limit` and still have a next one: the number of jobs looked at is bounded.
		fn jobs(filter: JobFilter, start: Option<JobId>, limit: u32) -> Page<JobView<AccountId>, JobId>;
		/// The jobs that a provider has to answer now, in ascending order, at most `MAX_PAGE`,
		/// from `start` on.
		fn assignments(provider: AccountId, start: JobId) -> Vec<JobId>;
		/// The items of a batch that were opened and are kept, in ascending order, from the item
		/// `start` on.
		fn items(batch: JobId, start: u32, limit: u32) -> Page<ItemView, u32>;
		/// The input of an open job.
		fn job_input(id: JobId) -> Option<Input>;
		/// The output of a job, provisional or final.
		fn job_output(id: JobId) -> Option<Output>;
		/// The job whose result for an input with this root is final, while it is kept.
		fn answered_by(version: VersionId, input: Root) -> Option<JobId>;
		/// What a request with inputs of these shapes would cost with whom the choice admits; `items`
		/// is their number in a batch, and one of a single job.
		fn estimate(version: VersionId, shapes: Vec<Shape>, items: u32, choice: Choice<AccountId>) -> Result<Estimate, EstimateError>;
		/// The asks for a version in the order of its book: by the highest bit of their price.
		/// `start` is the place in it.
		fn book(version: VersionId, start: u32, limit: u32) -> Page<OrderView<AccountId>, u32>;
		/// What the chain finds when it recomputes an element from an encoded proof.
		fn arbitrate(question: Question, proof: Vec<u8>) -> Verdict;
		/// Disputes in ascending order of their jobs, until their records are pruned. `start` is
		/// the lowest to look at.
		fn disputes(start: DisputeId, limit: u32) -> Page<DisputeView<AccountId>, DisputeId>;
		/// A dispute, until its records are pruned.
		fn dispute(id: DisputeId) -> Option<DisputeView<AccountId>>;
		/// What histories of a dispute show at these spots, at most `MAX_SPOTS` of them.
		fn shown(id: DisputeId, spots: Vec<Spot>) -> Vec<Option<Shown>>;
		/// Audits that go on, in ascending order of their jobs. `start` is the lowest job to look at.
		fn audits(start: JobId, limit: u32) -> Page<AuditView<AccountId>, JobId>;
		/// The audit of a job, while it goes on.
		fn audit(id: JobId) -> Option<AuditView<AccountId>>;
		/// The jobs that an account audits, in ascending order, at most `MAX_PAGE`, from `start` on.
		fn audits_of(auditor: AccountId, start: JobId) -> Vec<JobId>;
		/// Open demands in ascending order, from `start` on.
		fn demands(filter: DemandFilter<AccountId>, start: DemandId, limit: u32) -> Page<DemandView<AccountId>, DemandId>;
		/// A subscription, until it ends.
		fn subscription(id: SubscriptionId) -> Option<SubscriptionView<AccountId>>;
		/// Subscriptions in ascending order, from `start` on, of one account if given. A page may
		/// hold fewer items than `limit` and still have a next one.
		fn subscriptions(subscriber: Option<AccountId>, start: SubscriptionId, limit: u32) -> Page<SubscriptionView<AccountId>, SubscriptionId>;
		/// A lease, or the order that it begins as, until it is pruned.
		fn lease(id: LeaseId) -> Option<LeaseView<AccountId>>;
		/// Leases and orders, newest first. `start` is the highest id to look at. A page may hold
		/// fewer items than `limit` and still have a next one: the number of leases looked at is
		/// bounded.
		fn leases(filter: LeaseFilter<AccountId>, start: Option<LeaseId>, limit: u32) -> Page<LeaseView<AccountId>, LeaseId>;
		/// What the machine of a provider is.
		fn attributes(provider: AccountId) -> Attributes;
		/// The numbers of the protocol.
		fn numbers() -> ProtocolNumbers;
		/// Offers of leases in the order of storage; those of one provider in ascending order.
		/// `start` is the last key of the page before. A page may hold fewer items than `limit` and
		/// still have a next one: the number of offers looked at is bounded.
		fn offers(filter: OfferFilter<AccountId>, start: Option<OfferKey<AccountId>>, limit: u32) -> Page<OfferView<AccountId>, OfferKey<AccountId>>;
	}
}

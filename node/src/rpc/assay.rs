//! The `assay_*` methods (docs/rpc.md): estimates, jobs, subscriptions, demands, disputes, audits,
//! leases, models and providers, each read from the state of one block.

use super::{
	error::Error,
	params::{
		self, DemandFilterParam, JobFilterParam, LeaseFilterParam, ModelKey, OfferFilterParam,
		VersionText,
	},
	views::{
		AuditJson, DemandJson, DisputeJson, EstimateJson, JobJson, LeaseJson, ModelJson,
		NumbersJson, OfferJson, OrderJson, PageJson, ProviderJson, SubscriptionJson, VersionJson,
	},
};
use crate::partial::BlockHash;
use assay_primitives::{
	api::AssayApi,
	batch::ItemView,
	job::{Choice, GroupView, JobView},
	lease::OfferKey,
	AccountId, DemandId, DisputeId, DisputeKey, JobId, LeaseId, ModelId, Root, SubscriptionId,
};
use assay_runtime::opaque::Block;
use futures::{stream, Stream, StreamExt};
use jsonrpsee::{core::async_trait, proc_macros::rpc, PendingSubscriptionSink};
use sc_client_api::BlockchainEvents;
use sc_rpc::{
	utils::{spawn_subscription_task, BoundedVecDeque, PendingSubscription},
	SubscriptionTaskExecutor,
};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::{future, sync::Arc};

/// Reads of models, providers, jobs, demands and disputes. `at` is the hash of a block; the best
/// one without it.
#[rpc(server)]
pub trait AssayRpc {
	/// What a request with inputs of these shapes would cost.
	#[method(name = "assay_estimate", blocking)]
	fn estimate(
		&self,
		version: VersionText,
		shapes: Vec<Vec<u32>>,
		choice: Option<Choice<AccountId>>,
		items: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<EstimateJson, Error>;

	/// The items of a batch that were opened and are kept, from the item `start` on.
	#[method(name = "assay_items", blocking)]
	fn items(
		&self,
		batch: JobId,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ItemView, u32>, Error>;

	/// The job whose result for an input with this root is final, while it is kept.
	#[method(name = "assay_answeredBy", blocking)]
	fn answered_by(
		&self,
		version: VersionText,
		input: Root,
		at: Option<BlockHash>,
	) -> Result<Option<JobId>, Error>;

	/// The asks for a version, in the order of its book.
	#[method(name = "assay_book", blocking)]
	fn book(
		&self,
		version: VersionText,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OrderJson, u32>, Error>;

	/// A job, until it is pruned.
	#[method(name = "assay_job", blocking)]
	fn job(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<JobJson>, Error>;

	/// The group that a job is a replica of, until its last replica is pruned.
	#[method(name = "assay_group", blocking)]
	fn group(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<GroupView>, Error>;

	/// Jobs, newest first.
	#[method(name = "assay_jobs", blocking)]
	fn jobs(
		&self,
		filter: Option<JobFilterParam>,
		start: Option<JobId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<JobJson, JobId>, Error>;

	/// A job now, and at each best block in which it has changed, until it has ended.
	#[subscription(
		name = "assay_subscribeJob" => "assay_jobChanged",
		unsubscribe = "assay_unsubscribeJob",
		item = JobJson
	)]
	fn subscribe_job(&self, id: JobId);

	/// The latest dispute about a job's result, or the one that is named in full, until its records
	/// are pruned.
	#[method(name = "assay_dispute", blocking)]
	fn dispute(&self, key: DisputeKey, at: Option<BlockHash>)
		-> Result<Option<DisputeJson>, Error>;

	/// Disputes, oldest job first.
	#[method(name = "assay_disputes", blocking)]
	fn disputes(
		&self,
		start: Option<DisputeId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<DisputeJson, DisputeId>, Error>;

	/// The audit of a job, while it goes on.
	#[method(name = "assay_audit", blocking)]
	fn audit(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<AuditJson>, Error>;

	/// Audits that go on, oldest job first.
	#[method(name = "assay_audits", blocking)]
	fn audits(
		&self,
		start: Option<JobId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<AuditJson, JobId>, Error>;
	/// Open demands to show a part of a job's input or output.
	#[method(name = "assay_demands", blocking)]
	fn demands(
		&self,
		filter: Option<DemandFilterParam>,
		start: Option<DemandId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<DemandJson, DemandId>, Error>;

	/// A subscription, until it ends.
	#[method(name = "assay_subscription", blocking)]
	fn subscription(
		&self,
		id: SubscriptionId,
		at: Option<BlockHash>,
	) -> Result<Option<SubscriptionJson>, Error>;

	/// Subscriptions in ascending order, of one account if given.
	#[method(name = "assay_subscriptions", blocking)]
	fn subscriptions(
		&self,
		subscriber: Option<AccountId>,
		start: Option<SubscriptionId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<SubscriptionJson, SubscriptionId>, Error>;

	/// A lease, or the order that it begins as, until it is pruned.
	#[method(name = "assay_lease", blocking)]
	fn lease(&self, id: LeaseId, at: Option<BlockHash>) -> Result<Option<LeaseJson>, Error>;

	/// Leases and orders, newest first.
	#[method(name = "assay_leases", blocking)]
	fn leases(
		&self,
		filter: Option<LeaseFilterParam>,
		start: Option<LeaseId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<LeaseJson, LeaseId>, Error>;

	/// Offers of leases. `start` is the last key of the page before.
	#[method(name = "assay_offers", blocking)]
	fn offers(
		&self,
		filter: Option<OfferFilterParam>,
		start: Option<OfferKey<AccountId>>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OfferJson, OfferKey<AccountId>>, Error>;

	/// What the machine of a provider is, as key paths.
	#[method(name = "assay_attributes", blocking)]
	fn attributes(&self, provider: AccountId, at: Option<BlockHash>) -> Result<Vec<String>, Error>;

	/// A model by its id or name.
	#[method(name = "assay_model", blocking)]
	fn model(&self, key: ModelKey, at: Option<BlockHash>) -> Result<Option<ModelJson>, Error>;

	/// Models in the order of registration, of one owner if given.
	#[method(name = "assay_models", blocking)]
	fn models(
		&self,
		owner: Option<AccountId>,
		start: Option<ModelId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ModelJson, ModelId>, Error>;

	/// A version of a model.
	#[method(name = "assay_version", blocking)]
	fn version(
		&self,
		version: VersionText,
		at: Option<BlockHash>,
	) -> Result<Option<VersionJson>, Error>;

	/// Versions of a model in the order of publication.
	#[method(name = "assay_versions", blocking)]
	fn versions(
		&self,
		model: ModelId,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<VersionJson, u32>, Error>;

	/// A provider by its account.
	#[method(name = "assay_provider", blocking)]
	fn provider(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<ProviderJson>, Error>;

	/// Providers, of those with an ask for a version if given.
	#[method(name = "assay_providers", blocking)]
	fn providers(
		&self,
		version: Option<VersionText>,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ProviderJson, AccountId>, Error>;

	/// The numbers of the protocol.
	#[method(name = "assay_numbers", blocking)]
	fn numbers(&self, at: Option<BlockHash>) -> Result<NumbersJson, Error>;
}

/// Answers the `assay_*` methods from the client's state.
pub struct Assay<C> {
	client: Arc<C>,
	executor: SubscriptionTaskExecutor,
}

impl<C: HeaderBackend<Block>> Assay<C> {
	/// Answer from `client`; subscriptions run on `executor`.
	pub fn new(client: Arc<C>, executor: SubscriptionTaskExecutor) -> Self {
		Self { client, executor }
	}

	/// The block to read.
	fn block(&self, at: Option<BlockHash>) -> Result<BlockHash, Error> {
		block(&*self.client, at)
	}
}

/// The block to read: it must be known, so that a wrong hash is not taken for a failure.
pub(super) fn block(
	client: &impl HeaderBackend<Block>,
	at: Option<BlockHash>,
) -> Result<BlockHash, Error> {
	let Some(hash) = at else { return Ok(client.info().best_hash) };
	match client.header(hash) {
		Ok(Some(_)) => Ok(hash),
		Ok(None) => Err(Error::UnknownBlock(format!("{hash:?}"))),
		Err(error) => Err(Error::Runtime(error.to_string())),
	}
}

#[async_trait]
impl<C> AssayRpcServer for Assay<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + BlockchainEvents<Block> + 'static,
	C::Api: AssayApi<Block>,
{
	fn estimate(
		&self,
		version: VersionText,
		shapes: Vec<Vec<u32>>,
		choice: Option<Choice<AccountId>>,
		items: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<EstimateJson, Error> {
		let (shapes, choice) = (params::shapes(shapes)?, choice.unwrap_or_default());
		let (block, items) = (self.block(at)?, items.unwrap_or(1));
		let api = self.client.runtime_api();
		let estimate = api.estimate(block, version.0, shapes, items, choice)?;
		estimate.map(Into::into).map_err(Error::Estimate)
	}

	fn items(
		&self,
		batch: JobId,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ItemView, u32>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().items(self.block(at)?, batch, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn answered_by(
		&self,
		version: VersionText,
		input: Root,
		at: Option<BlockHash>,
	) -> Result<Option<JobId>, Error> {
		Ok(self.client.runtime_api().answered_by(self.block(at)?, version.0, input)?)
	}

	fn book(
		&self,
		version: VersionText,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OrderJson, u32>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().book(self.block(at)?, version.0, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn job(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<JobJson>, Error> {
		let job = self.client.runtime_api().job(self.block(at)?, id)?;
		Ok(job.map(Into::into))
	}

	fn group(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<GroupView>, Error> {
		Ok(self.client.runtime_api().group(self.block(at)?, id)?)
	}

	fn jobs(
		&self,
		filter: Option<JobFilterParam>,
		start: Option<JobId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<JobJson, JobId>, Error> {
		let filter = filter.unwrap_or_default().into();
		let limit = params::page_size(limit)?;
		let page = self.client.runtime_api().jobs(self.block(at)?, filter, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn subscribe_job(&self, pending: PendingSubscriptionSink, id: JobId) {
		let client = self.client.clone();
		spawn_subscription_task(&self.executor, async move {
			match job_changes(client, id) {
				Ok(changes) => {
					let changes = changes.map(JobJson::from).boxed();
					PendingSubscription::from(pending)
						.pipe_from_stream(changes, BoundedVecDeque::default())
						.await
				},
				Err(error) => pending.reject(error).await,
			}
		});
	}

	fn dispute(
		&self,
		key: DisputeKey,
		at: Option<BlockHash>,
	) -> Result<Option<DisputeJson>, Error> {
		let (api, at) = (self.client.runtime_api(), self.block(at)?);
		let disputes = api.job(at, key.job())?.map_or(0, |job| job.disputes);
		Ok(api.dispute(at, key.of(disputes))?.map(Into::into))
	}

	fn disputes(
		&self,
		start: Option<DisputeId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<DisputeJson, DisputeId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().disputes(self.block(at)?, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn audit(&self, id: JobId, at: Option<BlockHash>) -> Result<Option<AuditJson>, Error> {
		let audit = self.client.runtime_api().audit(self.block(at)?, id)?;
		Ok(audit.map(Into::into))
	}

	fn audits(
		&self,
		start: Option<JobId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<AuditJson, JobId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().audits(self.block(at)?, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn demands(
		&self,
		filter: Option<DemandFilterParam>,
		start: Option<DemandId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<DemandJson, DemandId>, Error> {
		let filter = filter.unwrap_or_default().into();
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().demands(self.block(at)?, filter, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn subscription(
		&self,
		id: SubscriptionId,
		at: Option<BlockHash>,
	) -> Result<Option<SubscriptionJson>, Error> {
		let subscription = self.client.runtime_api().subscription(self.block(at)?, id)?;
		Ok(subscription.map(Into::into))
	}

	fn subscriptions(
		&self,
		subscriber: Option<AccountId>,
		start: Option<SubscriptionId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<SubscriptionJson, SubscriptionId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let (api, at) = (self.client.runtime_api(), self.block(at)?);
		Ok(PageJson::of(api.subscriptions(at, subscriber, start, limit)?))
	}

	fn lease(&self, id: LeaseId, at: Option<BlockHash>) -> Result<Option<LeaseJson>, Error> {
		let lease = self.client.runtime_api().lease(self.block(at)?, id)?;
		Ok(lease.map(Into::into))
	}

	fn leases(
		&self,
		filter: Option<LeaseFilterParam>,
		start: Option<LeaseId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<LeaseJson, LeaseId>, Error> {
		let filter = filter.unwrap_or_default().try_into()?;
		let limit = params::page_size(limit)?;
		let page = self.client.runtime_api().leases(self.block(at)?, filter, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn offers(
		&self,
		filter: Option<OfferFilterParam>,
		start: Option<OfferKey<AccountId>>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OfferJson, OfferKey<AccountId>>, Error> {
		let filter = filter.unwrap_or_default().try_into()?;
		let limit = params::page_size(limit)?;
		let page = self.client.runtime_api().offers(self.block(at)?, filter, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn attributes(&self, provider: AccountId, at: Option<BlockHash>) -> Result<Vec<String>, Error> {
		let paths = self.client.runtime_api().attributes(self.block(at)?, provider)?;
		Ok(paths.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect())
	}

	fn model(&self, key: ModelKey, at: Option<BlockHash>) -> Result<Option<ModelJson>, Error> {
		let (api, at) = (self.client.runtime_api(), self.block(at)?);
		let model = match key {
			ModelKey::Id(id) => api.model(at, id)?,
			ModelKey::Name(text) => api.model_by_name(at, params::name(&text)?)?,
		};
		Ok(model.map(Into::into))
	}

	fn models(
		&self,
		owner: Option<AccountId>,
		start: Option<ModelId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ModelJson, ModelId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().models(self.block(at)?, owner, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn version(
		&self,
		version: VersionText,
		at: Option<BlockHash>,
	) -> Result<Option<VersionJson>, Error> {
		let version = self.client.runtime_api().version(self.block(at)?, version.0)?;
		Ok(version.map(Into::into))
	}

	fn versions(
		&self,
		model: ModelId,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<VersionJson, u32>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().versions(self.block(at)?, model, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn provider(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<ProviderJson>, Error> {
		let provider = self.client.runtime_api().provider(self.block(at)?, account)?;
		Ok(provider.map(Into::into))
	}

	fn providers(
		&self,
		version: Option<VersionText>,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<ProviderJson, AccountId>, Error> {
		let (version, limit) = (version.map(|version| version.0), params::page_size(limit)?);
		let page = self.client.runtime_api().providers(self.block(at)?, version, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn numbers(&self, at: Option<BlockHash>) -> Result<NumbersJson, Error> {
		Ok(self.client.runtime_api().numbers(self.block(at)?)?.into())
	}
}

/// A job at the best block, then at each best block in which it differs from what was given
/// before, up to and with its end.
fn job_changes<C>(
	client: Arc<C>,
	id: JobId,
) -> Result<impl Stream<Item = JobView<AccountId>> + Send, Error>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + BlockchainEvents<Block> + 'static,
	C::Api: AssayApi<Block>,
{
	// Taken before the first read, so that no block falls between the two.
	let blocks = client.import_notification_stream();
	let first = client.runtime_api().job(client.info().best_hash, id)?;
	let first = first.ok_or(Error::UnknownJob(id))?;
	let later = blocks.filter(|block| future::ready(block.is_new_best)).filter_map(move |block| {
		// A job that a reorganisation has taken back for now, or a state that is already gone,
		// gives nothing: a later block does.
		future::ready(client.runtime_api().job(block.hash, id).ok().flatten())
	});
	Ok(until_ended(stream::iter([first]).chain(later)))
}

/// The views without repetitions, up to and with the first in which the job has ended.
fn until_ended(
	views: impl Stream<Item = JobView<AccountId>> + Send,
) -> impl Stream<Item = JobView<AccountId>> + Send {
	let mut last: Option<JobView<AccountId>> = None;
	views
		.scan(false, |ended, view| {
			let was_ended = std::mem::replace(ended, !view.state.is_open());
			future::ready((!was_ended).then_some(view))
		})
		.filter(move |view| {
			let is_new = last.as_ref() != Some(view);
			last = Some(view.clone());
			future::ready(is_new)
		})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::rpc::views::tests::sample_job;
	use assay_primitives::job::{JobState, RefundReason};
	use futures::executor::block_on;

	#[test]
	fn a_subscription_gives_each_change_once_and_ends_with_the_job() {
		let requested = sample_job(JobState::Requested);
		let assigned = sample_job(JobState::Assigned { provider: AccountId::new([3; 32]), due: 9 });
		let ended = sample_job(JobState::Refunded { reason: RefundReason::Missed, at: 20 });
		let views = [&requested, &requested, &assigned, &assigned, &ended, &requested];
		let given: Vec<_> =
			block_on(until_ended(stream::iter(views.map(Clone::clone))).collect::<Vec<_>>());
		assert_eq!(given, [requested, assigned, ended]);
	}
}

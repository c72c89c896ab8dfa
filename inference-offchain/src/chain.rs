//! The edge to the chain: what the worker asks of it and hands in to it.

use assay_client::{
	keys::Keypair, BlockRef, Call, Client, Error, Heads, Receipt, SignedCall, Wait,
};
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{JobFilter, Page, ProtocolNumbers, MAX_PAGE},
	audit::AuditView,
	availability::{AnswerBytes, DemandFilter, DemandView},
	dispute::{DisputeView, Spot},
	job::{Input, JobView, Output},
	model::{ModelView, VersionView},
	provider::ProviderView,
	AccountId, BlockNumber, DemandId, DisputeId, JobId, ModelId, VersionId,
};
use async_trait::async_trait;
use futures::stream::BoxStream;

pub mod data;

/// The heads of the chain as they come.
pub type HeadStream = BoxStream<'static, Result<BlockRef, Error>>;

/// What is done once the pool has a transaction.
pub type Entered = Box<dyn FnOnce() + Send>;

/// A chain, seen with the eyes of one account.
#[async_trait]
pub trait ChainClient: Send + Sync + 'static {
	/// The account that signs.
	fn account(&self) -> &AccountId;
	/// What tells this chain from others.
	fn genesis(&self) -> [u8; 32];
	/// The best heads, from the present one on. Lost connections are restored inside.
	async fn heads(&self) -> Result<HeadStream, Error>;
	/// The best block.
	async fn best(&self) -> Result<BlockRef, Error>;
	/// The newest finalized block.
	async fn finalized(&self) -> Result<BlockRef, Error>;
	/// The jobs that the account has to answer, in ascending order, a page from `start` on.
	async fn assignments(&self, start: JobId) -> Result<Vec<JobId>, Error>;
	/// A job.
	async fn job(&self, job: JobId) -> Result<Option<JobView<AccountId>>, Error>;
	/// The input of an open job.
	async fn input(&self, job: JobId) -> Result<Option<Input>, Error>;
	/// Jobs, newest first. `start` is the highest to look at.
	async fn jobs(
		&self,
		filter: &JobFilter,
		start: Option<JobId>,
		limit: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, Error>;
	/// The output of a job, provisional or final.
	async fn output(&self, job: JobId) -> Result<Option<Output>, Error>;
	/// Disputes in ascending order of their jobs, a page from `start` on.
	async fn disputes(
		&self,
		start: DisputeId,
		limit: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, Error>;
	/// The dispute of a job.
	async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView<AccountId>>, Error>;
	/// What histories of a dispute show at spots, at most
	/// [`MAX_SPOTS`](assay_primitives::dispute::MAX_SPOTS) of them.
	async fn shown(&self, id: DisputeId, spots: &[Spot]) -> Result<Vec<Option<Shown>>, Error>;
	/// The jobs that the account audits, in ascending order.
	async fn audits(&self) -> Result<Vec<JobId>, Error>;
	/// The audit of a job, while it goes on.
	async fn audit(&self, job: JobId) -> Result<Option<AuditView<AccountId>>, Error>;
	/// Open demands in ascending order, a page from `start` on.
	async fn demands(
		&self,
		filter: &DemandFilter<AccountId>,
		start: DemandId,
	) -> Result<Page<DemandView<AccountId>, DemandId>, Error>;
	/// What opens the roots of items of a batch that were shown in a block of the best chain, as of
	/// [`assay_primitives::batch::opened`].
	async fn roots_served(
		&self,
		batch: JobId,
		block: BlockNumber,
	) -> Result<Vec<AnswerBytes>, Error>;
	/// A version of a model.
	async fn version(&self, version: VersionId) -> Result<Option<VersionView>, Error>;
	/// The model of a name.
	async fn model_by_name(&self, name: &str) -> Result<Option<ModelView<AccountId>>, Error>;
	/// Models in the order of registration.
	async fn models(
		&self,
		start: ModelId,
		limit: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, Error>;
	/// An account as a provider.
	async fn provider(&self, account: &AccountId)
		-> Result<Option<ProviderView<AccountId>>, Error>;
	/// The numbers of the protocol.
	async fn numbers(&self) -> Result<ProtocolNumbers, Error>;
	/// Sign a call with the account's next number. Nothing is handed in.
	async fn sign(&self, call: Call) -> Result<SignedCall, Error>;
	/// Hand in a transaction and wait for it. To hand it in again has no further effect.
	/// `entered` is called once the pool has it.
	async fn send(
		&self,
		signed: &SignedCall,
		wait: Wait,
		entered: Entered,
	) -> Result<Receipt, Error>;
	/// The block of the best chain that a transaction is in.
	async fn find(&self, signed: &SignedCall) -> Result<Option<BlockRef>, Error>;
	/// What became of a transaction in a block that has it.
	async fn receipt(&self, signed: &SignedCall, block: &BlockRef) -> Result<Receipt, Error>;
}

/// The chain behind a node's JSON-RPC.
pub struct RpcChain {
	client: Client,
	key: Keypair,
	account: AccountId,
}

impl RpcChain {
	/// A chain for the account of a key.
	pub fn new(client: Client, key: Keypair) -> Self {
		let account = assay_client::keys::account(&key);
		RpcChain { client, key, account }
	}
}

#[async_trait]
impl ChainClient for RpcChain {
	fn account(&self) -> &AccountId {
		&self.account
	}

	fn genesis(&self) -> [u8; 32] {
		self.client.genesis()
	}

	async fn heads(&self) -> Result<HeadStream, Error> {
		self.client.blocks(Heads::Best).await
	}

	async fn best(&self) -> Result<BlockRef, Error> {
		self.client.best().await
	}

	async fn finalized(&self) -> Result<BlockRef, Error> {
		self.client.finalized().await
	}

	async fn assignments(&self, start: JobId) -> Result<Vec<JobId>, Error> {
		self.client.assignments(&self.account, start).await
	}

	async fn job(&self, job: JobId) -> Result<Option<JobView<AccountId>>, Error> {
		self.client.job(job).await
	}

	async fn input(&self, job: JobId) -> Result<Option<Input>, Error> {
		self.client.job_input(job).await
	}

	async fn jobs(
		&self,
		filter: &JobFilter,
		start: Option<JobId>,
		limit: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, Error> {
		self.client.jobs(filter, start, limit).await
	}

	async fn output(&self, job: JobId) -> Result<Option<Output>, Error> {
		self.client.job_output(job).await
	}

	async fn disputes(
		&self,
		start: DisputeId,
		limit: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, Error> {
		self.client.disputes(start, limit).await
	}

	async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView<AccountId>>, Error> {
		self.client.dispute(id).await
	}

	async fn shown(&self, id: DisputeId, spots: &[Spot]) -> Result<Vec<Option<Shown>>, Error> {
		self.client.shown(id, spots).await
	}

	async fn audits(&self) -> Result<Vec<JobId>, Error> {
		self.client.audits_of(&self.account, JobId(0)).await
	}

	async fn audit(&self, job: JobId) -> Result<Option<AuditView<AccountId>>, Error> {
		self.client.audit(job).await
	}

	async fn demands(
		&self,
		filter: &DemandFilter<AccountId>,
		start: DemandId,
	) -> Result<Page<DemandView<AccountId>, DemandId>, Error> {
		self.client.demands(filter, start, MAX_PAGE).await
	}

	async fn roots_served(
		&self,
		batch: JobId,
		block: BlockNumber,
	) -> Result<Vec<AnswerBytes>, Error> {
		match self.client.block(block).await? {
			Some(block) => self.client.roots_served(&block, batch).await,
			None => Ok(Vec::new()),
		}
	}

	async fn version(&self, version: VersionId) -> Result<Option<VersionView>, Error> {
		self.client.version(version).await
	}

	async fn model_by_name(&self, name: &str) -> Result<Option<ModelView<AccountId>>, Error> {
		self.client.model_by_name(name).await
	}

	async fn models(
		&self,
		start: ModelId,
		limit: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, Error> {
		self.client.models(None, start, limit).await
	}

	async fn provider(
		&self,
		account: &AccountId,
	) -> Result<Option<ProviderView<AccountId>>, Error> {
		self.client.provider(account).await
	}

	async fn numbers(&self) -> Result<ProtocolNumbers, Error> {
		self.client.numbers().await
	}

	async fn sign(&self, call: Call) -> Result<SignedCall, Error> {
		self.client.sign(&self.key, call).await
	}

	async fn send(
		&self,
		signed: &SignedCall,
		wait: Wait,
		entered: Entered,
	) -> Result<Receipt, Error> {
		self.client.send(signed, wait, entered).await
	}

	async fn find(&self, signed: &SignedCall) -> Result<Option<BlockRef>, Error> {
		self.client.find(signed).await
	}

	async fn receipt(&self, signed: &SignedCall, block: &BlockRef) -> Result<Receipt, Error> {
		self.client.receipt(signed, block).await
	}
}

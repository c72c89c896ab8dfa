//! The registrar against a fake chain: it asks for what its engine computes as demanded, and for
//! nothing else.

use assay_client::{BlockRef, Call, Error as ChainError, Receipt, SignedCall, Wait};
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{JobFilter, Page, ProtocolNumbers},
	audit::AuditView,
	availability::{AnswerBytes, DemandFilter, DemandView},
	dispute::{DisputeView, Spot},
	job::{Input, JobView, Output},
	model::{ModelView, VersionSpec, VersionStatus, VersionView},
	provider::{Ask, AskView, ProviderView},
	tensor::{DType, Dimension, Tensor},
	AccountId, DemandId, DisputeId, JobId, ModelId, VersionId,
};
use assay_worker::{
	batch::Batches,
	chain::{ChainClient, Entered, HeadStream},
	config::{Amount, Serve},
	engine::{canonical::CanonicalEngine, Engine, EngineError, Runnable, VerifiedModel},
	journal::Journal,
	metrics::Metrics,
	models::Models,
	onnx::proto::{
		DimensionProto, GraphProto, Length, ModelProto, NodeProto, OperatorSetIdProto,
		TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
	},
	store::FileStore,
	tasks::{
		registrar::{self, Orders},
		Context,
	},
};
use async_trait::async_trait;
use prost::Message;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;
use tokio::sync::{watch, Semaphore};
use tokio_util::sync::CancellationToken;

#[path = "support/versions.rs"]
mod versions;

const PROVIDER: AccountId = AccountId::new([7; 32]);
const VERSION: VersionId = VersionId { model: ModelId(3), number: 1 };
const PRICE: u128 = 5;
const PATIENCE: Duration = Duration::from_secs(20);

/// Computes as the canonical engine does, and then one more.
struct OneMore;

struct Prepared(Box<dyn Runnable>);

impl Engine for OneMore {
	fn name(&self) -> String {
		"one more".into()
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		Ok(Box::new(Prepared(CanonicalEngine::new(1).prepare(model)?)))
	}
}

impl Runnable for Prepared {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let mut outputs = self.0.run(inputs)?;
		for byte in outputs.iter_mut().flat_map(|tensor| &mut tensor.data) {
			*byte = byte.wrapping_add(1);
		}
		Ok(outputs)
	}

	fn memory(&self) -> u64 {
		self.0.memory()
	}
}

/// A chain with one version and one provider, which keeps the calls that are signed.
struct FakeChain {
	spec: VersionSpec,
	asks: Vec<AskView>,
	calls: watch::Sender<Vec<Call>>,
}

fn absent<T>() -> Result<T, ChainError> {
	Err(ChainError::Disconnected { reason: "fake".into() })
}

const BLOCK: BlockRef = BlockRef { number: 1, hash: [1; 32] };

#[async_trait]
impl ChainClient for FakeChain {
	fn account(&self) -> &AccountId {
		&PROVIDER
	}

	fn genesis(&self) -> [u8; 32] {
		[0; 32]
	}

	async fn heads(&self) -> Result<HeadStream, ChainError> {
		absent()
	}

	async fn best(&self) -> Result<BlockRef, ChainError> {
		Ok(BLOCK)
	}

	async fn finalized(&self) -> Result<BlockRef, ChainError> {
		Ok(BLOCK)
	}

	async fn assignments(&self, _: JobId) -> Result<Vec<JobId>, ChainError> {
		Ok(Vec::new())
	}

	async fn job(&self, _: JobId) -> Result<Option<JobView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn input(&self, _: JobId) -> Result<Option<Input>, ChainError> {
		Ok(None)
	}

	async fn jobs(
		&self,
		_: &JobFilter,
		_: Option<JobId>,
		_: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, ChainError> {
		absent()
	}

	async fn output(&self, _: JobId) -> Result<Option<Output>, ChainError> {
		absent()
	}

	async fn disputes(
		&self,
		_: DisputeId,
		_: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, ChainError> {
		absent()
	}

	async fn dispute(&self, _: DisputeId) -> Result<Option<DisputeView<AccountId>>, ChainError> {
		absent()
	}

	async fn shown(&self, _: DisputeId, _: &[Spot]) -> Result<Vec<Option<Shown>>, ChainError> {
		absent()
	}

	async fn audits(&self) -> Result<Vec<JobId>, ChainError> {
		Ok(Vec::new())
	}

	async fn audit(&self, _: JobId) -> Result<Option<AuditView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn demands(
		&self,
		_: &DemandFilter<AccountId>,
		_: DemandId,
	) -> Result<Page<DemandView<AccountId>, DemandId>, ChainError> {
		absent()
	}

	async fn roots_served(&self, _: JobId, _: u32) -> Result<Vec<AnswerBytes>, ChainError> {
		Ok(Vec::new())
	}

	async fn version(&self, id: VersionId) -> Result<Option<VersionView>, ChainError> {
		let (spec, status) = (self.spec.clone(), VersionStatus::Active);
		Ok((id == VERSION).then_some(VersionView { id, spec, status, published: 0 }))
	}

	async fn model_by_name(&self, name: &str) -> Result<Option<ModelView<AccountId>>, ChainError> {
		Ok(Some(ModelView {
			id: VERSION.model,
			name: name.as_bytes().to_vec().try_into().unwrap(),
			owner: PROVIDER,
			metadata: Default::default(),
			latest: VERSION.number,
			deposit: 0,
		}))
	}

	async fn models(
		&self,
		_: ModelId,
		_: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, ChainError> {
		absent()
	}

	async fn provider(&self, _: &AccountId) -> Result<Option<ProviderView<AccountId>>, ChainError> {
		Ok(Some(ProviderView {
			account: PROVIDER,
			profile: Default::default(),
			bond: 0,
			locked: 0,
			unbonding: None,
			online: true,
			available: true,
			heartbeat: 0,
			maintenance: None,
			statistics: Default::default(),
			tier: Default::default(),
			asks: self.asks.clone(),
		}))
	}

	async fn numbers(&self) -> Result<ProtocolNumbers, ChainError> {
		Ok(ProtocolNumbers {
			assignment_delay: 2,
			response_window: 150,
			challenge_window: 300,
			dispute_step: 300,
			dispute_bond: 0,
			availability_step: 300,
			availability_price: 0,
			retention: 100,
			heartbeat_period: 300,
			min_bond: 0,
			unbonding_period: 100,
			leases: Default::default(),
		})
	}

	async fn sign(&self, call: Call) -> Result<SignedCall, ChainError> {
		self.calls.send_modify(|calls| calls.push(call));
		Ok(SignedCall { hash: [0; 32], bytes: Vec::new(), born: 1, dies: 100 })
	}

	async fn send(
		&self,
		signed: &SignedCall,
		_: Wait,
		entered: Entered,
	) -> Result<Receipt, ChainError> {
		entered();
		self.receipt(signed, &BLOCK).await
	}

	async fn find(&self, _: &SignedCall) -> Result<Option<BlockRef>, ChainError> {
		Ok(None)
	}

	async fn receipt(&self, signed: &SignedCall, at: &BlockRef) -> Result<Receipt, ChainError> {
		Ok(Receipt { extrinsic: signed.hash, block: *at, created: Default::default() })
	}
}

/// `y = x` for bytes.
fn identity() -> Vec<u8> {
	let value = |name: &str| {
		let dim = vec![DimensionProto { value: Some(Length::Symbol("n".into())) }];
		let shape = Some(TensorShapeProto { dim });
		let tensor_type = Some(TensorTypeProto { elem_type: 2, shape });
		ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
	};
	let node = NodeProto {
		input: vec!["x".into()],
		output: vec!["y".into()],
		op_type: "Identity".into(),
		..NodeProto::default()
	};
	let graph = GraphProto {
		node: vec![node],
		input: vec![value("x")],
		output: vec![value("y")],
		..GraphProto::default()
	};
	ModelProto {
		ir_version: 8,
		graph: Some(graph),
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
		..ModelProto::default()
	}
	.encode_to_vec()
}

/// What the registrar offers at this price.
fn ask(price: u128) -> Ask {
	Ask { price, capacity: 9, until: None }
}

/// The first call of a registrar that is told to serve the identity on an engine, and was asked
/// for it before at this price.
async fn first_call(engine: impl Engine, asked: Option<u128>) -> Call {
	let bytes = identity();
	let input = versions::tensor_spec("x", DType::Uint8, &[Dimension::UpTo(4)]);
	let chain = Arc::new(FakeChain {
		spec: versions::version(&bytes, vec![input], vec![]),
		asks: asked
			.map(|price| AskView { version: VERSION, ask: ask(price), open: 0 })
			.into_iter()
			.collect(),
		calls: watch::channel(Vec::new()).0,
	});
	let folder = tempfile::tempdir().unwrap();
	let store = FileStore::open(folder.path().join("artifacts"), 1 << 30, false).unwrap();
	let models = Models::new(Arc::new(engine), Arc::new(store), 1 << 30);
	models.publish(bytes).await.unwrap();
	let (blocks, best) = watch::channel(0);
	let stop = CancellationToken::new();
	let context = Arc::new(Context {
		chain: chain.clone(),
		data: Default::default(),
		journal: Arc::new(Journal::open(folder.path(), &[0; 32], &PROVIDER).unwrap()),
		models: Arc::new(models),
		batches: Batches::new(8),
		items: Semaphore::new(1),
		metrics: Metrics::register(&Registry::default()).unwrap(),
		declines: Default::default(),
		best,
		demand: false,
		drain: stop.child_token(),
		stop: stop.clone(),
		turn: Default::default(),
	});
	let serve = Serve { model: "identity".into(), number: VERSION.number, price: Amount(PRICE) };
	let orders = Orders {
		profile: Default::default(),
		register: None,
		serve: vec![serve],
		serve_all: None,
		capacity: 9,
		concurrency: 1,
	};
	let registrar = tokio::spawn(registrar::run(context, orders));
	blocks.send(1).unwrap();
	let mut calls = chain.calls.subscribe();
	let called = calls.wait_for(|calls| !calls.is_empty());
	let call = tokio::time::timeout(PATIENCE, called).await.unwrap().unwrap()[0].clone();
	stop.cancel();
	registrar.await.unwrap().unwrap();
	call
}

#[tokio::test]
async fn a_version_that_is_computed_as_demanded_is_asked_for() {
	let call = first_call(CanonicalEngine::new(1), None).await;
	assert_eq!(call, Call::SetAsk { version: VERSION, ask: ask(PRICE) });
}

#[tokio::test]
async fn an_ask_for_a_version_that_is_computed_otherwise_is_taken_back() {
	let call = first_call(OneMore, Some(PRICE)).await;
	assert!(matches!(call, Call::RemoveAsk { version: VERSION }), "{call:?}");
}

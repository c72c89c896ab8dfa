//! A chain with one job, whose dispute is the game itself over records in memory, and liars who
//! play it.

use assay_canon::{
	arbiter::{self, Agreement, Material, Rule},
	commitment::{Blake2b256, CommittedGraph, GraphHeader, Hash},
	exact::Run,
	tensor,
};
use assay_client::{
	content::ContentKey, BlockRef, Call, Error as ChainError, Receipt, SignedCall, Wait,
};
use assay_dispute::{
	clock::Phase,
	dispute::{seal, Change, Fault, Finding, Outcome},
	memory::Memory,
	play::Shown,
	player,
	position::{position, Position},
	Dispute, Subject,
};
use assay_primitives::{
	api::{JobFilter, Page, ProtocolNumbers},
	audit::{subject, Answer, AuditView, Phase as Part, Seat},
	availability::{AnswerBytes, DemandFilter, DemandView},
	batch::{self, ItemOpening, ItemOutput, ItemRoots},
	commitment::{tensor_root, tensors_root},
	dispute::{DisputeView, Spot, StakeView, MAX_SPOTS},
	job::{Choice, Input, JobKind, JobState, JobView, Output, OutputRecord, TensorHeader, Terms},
	model::{Artifact, ModelView, VersionSpec, VersionStatus, VersionView},
	provider::ProviderView,
	rights::{DataRef, PoolItem},
	tensor::{encode_tensors, DType, Dimension, Tensor},
	AccountId, AssetId, DemandId, DisputeId, JobId, ModelId, PoolId, Root, VersionId,
};
use assay_worker::{
	artifact::artifact_of,
	canonical::{CanonicalModel, Options, Prover},
	chain::{ChainClient, Entered, HeadStream},
	onnx::proto::{
		DimensionProto, GraphProto, Length, ModelProto, NodeProto, OperatorSetIdProto,
		TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
	},
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use futures::StreamExt;
use prost::Message;
use std::{
	borrow::Cow,
	sync::{Arc, Mutex, MutexGuard},
	time::Duration,
};
use tokio::sync::watch;

#[path = "versions.rs"]
mod versions;

pub const JOB: JobId = JobId(7);
/// The batch that there is if it is asked for; the job is an item of it, once it is opened.
pub const BATCH: JobId = JobId(6);
/// How many items it has: the roots of more than fit into a chunk.
pub const ITEMS: u32 = 40;
/// The item whose input is that of the job.
pub const ITEM: u32 = 33;
/// The first dispute of its result.
pub const DISPUTE: DisputeId = DisputeId::new(JOB, 1);
pub const PROVIDER: AccountId = AccountId::new([7; 32]);
pub const REQUESTER: AccountId = AccountId::new([8; 32]);
/// The other auditor of the result.
pub const PARTNER: AccountId = AccountId::new([6; 32]);
pub const BLOCK: Duration = Duration::from_millis(40);
/// The ticks of a step; a tick is a block.
pub const STEP: u32 = 10;
/// The blocks for which a result is provisional.
pub const WINDOW: u32 = 60;
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
/// The elements of each tensor: three chunks.
const LENGTH: u32 = 600;
const SALT: Hash = [5; 32];

type Player = player::Player<'static, Blake2b256>;

/// `y = (x + x) · x - x` for 600 floats.
fn onnx() -> Vec<u8> {
	let value = |name: &str| {
		let dim = vec![DimensionProto { value: Some(Length::Fixed(LENGTH.into())) }];
		let shape = Some(TensorShapeProto { dim });
		let tensor_type = Some(TensorTypeProto { elem_type: 1, shape });
		ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
	};
	let node = |op_type: &str, input: [&str; 2], output: &str| NodeProto {
		input: input.map(String::from).to_vec(),
		output: vec![output.into()],
		op_type: op_type.into(),
		..NodeProto::default()
	};
	let graph = GraphProto {
		node: vec![
			node("Add", ["x", "x"], "double"),
			node("Mul", ["double", "x"], "square"),
			node("Sub", ["square", "x"], "y"),
		],
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

fn input() -> Tensor {
	let data = (0..LENGTH).flat_map(|at| (at as f32 / 7.0).to_le_bytes()).collect();
	Tensor::new(DType::Float32, vec![LENGTH], data).unwrap()
}

/// The input of an item of the batch.
fn item(index: u32) -> Tensor {
	if index == ITEM {
		return input();
	}
	let data = (0..LENGTH).flat_map(|at| ((at + index) as f32 / 9.0).to_le_bytes()).collect();
	Tensor::new(DType::Float32, vec![LENGTH], data).unwrap()
}

/// An artifact that no server has.
pub fn nowhere() -> Artifact {
	artifact_of(b"nowhere")
}

/// A batch, and what is known of its items.
pub struct Batch {
	pub view: JobView<AccountId>,
	input: Input,
	output: Output,
	/// The items that were opened.
	pub opened: Vec<u32>,
	/// The roots of the results, if its provider shows them when they are demanded.
	pub shows: Option<ItemRoots>,
	/// Whether the chain has the input of an opened item by artifact, and nobody serves it.
	pub by_artifact: bool,
}

impl Batch {
	fn set_until(&mut self, end: u32) {
		if let JobState::Submitted { until, .. } = &mut self.view.state {
			*until = end;
		}
	}
}

/// Plays a wrong history.
pub struct Liar {
	pub account: AccountId,
	player: Player,
	/// Whether it challenges in D0, or posts in D1.
	challenges: bool,
}

pub struct State {
	pub job: JobView<AccountId>,
	pub batch: Option<Batch>,
	/// What gateways serve.
	pub files: Vec<Vec<u8>>,
	/// What the provider shows of the batch on chain, and in which block.
	served: Vec<(u32, AnswerBytes)>,
	input: Input,
	output: Output,
	pub dispute: Option<Dispute>,
	/// The audit of the job's result.
	pub audit: Option<AuditView<AccountId>>,
	/// What the auditors had said when it ended.
	pub audited: Option<Vec<Answer>>,
	board: Memory<AccountId>,
	liars: Vec<Liar>,
	/// The calls that were signed.
	pub signed: Vec<(AccountId, Call)>,
	/// The calls that succeeded.
	pub made: Vec<(AccountId, Call)>,
	/// Why the others failed.
	pub refused: Vec<String>,
	/// The transactions that no block gets, from now on.
	pub lost: u32,
}

impl State {
	/// Whether the chain has the job: if there is a batch, one of its items is opened.
	fn has_job(&self) -> bool {
		self.batch.as_ref().is_none_or(|batch| !batch.opened.is_empty())
	}

	pub fn outcome(&self) -> Option<Outcome> {
		self.dispute.as_ref()?.outcome()
	}

	/// The calls of a name that succeeded.
	pub fn count(&self, name: &str) -> usize {
		self.made.iter().filter(|(_, call)| call.names().1 == name).count()
	}
}

/// The chain.
pub struct Court {
	state: Mutex<State>,
	best: watch::Sender<u32>,
	pub onnx: Vec<u8>,
	pub spec: VersionSpec,
	model: &'static CanonicalModel,
	subject: Subject,
	header: GraphHeader,
	/// The right outputs.
	pub right: Vec<Tensor>,
	/// The right history.
	pub history: Hash,
}

fn block(number: u32) -> BlockRef {
	BlockRef { number, hash: [number as u8; 32] }
}

fn inline(tensors: &[Tensor]) -> Output {
	Output::Inline(encode_tensors(tensors).try_into().unwrap())
}

impl Court {
	/// A chain whose job has the right result, submitted now.
	pub fn new() -> Arc<Self> {
		let onnx = onnx();
		let declared = versions::tensor_spec("x", DType::Float32, &[Dimension::Fixed(LENGTH)]);
		let spec = versions::version(&onnx, vec![declared], vec![]);
		let model = CanonicalModel::of_version(&onnx, &spec).unwrap();
		let model: &'static CanonicalModel = Box::leak(Box::new(model));
		let run = model.run(&[input()], &Options::default()).unwrap();
		let honest = Self::player_of(model, |_| {});
		let graph = &model.imported().graph;
		let committed = CommittedGraph::<Blake2b256>::new(graph);
		let subject = Subject {
			graph: committed.root(),
			slots: graph.nodes.len() as u32,
			bindings: Default::default(),
			inputs: honest.prover().input_roots(),
			probe: None,
		};
		let inputs = [input()];
		let right = run.outputs.unwrap();
		let terms = Terms {
			max_fee: 0,
			value: 0,
			deliver_within: 100,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		};
		let output = OutputRecord { root: tensors_root(&right), artifact: None };
		let job = JobView {
			id: JOB,
			requester: REQUESTER,
			version: VERSION,
			group: None,
			kind: JobKind::Single,
			input_root: tensors_root(&inputs),
			terms,
			requested: 0,
			deadline: 100,
			attempts: 1,
			state: JobState::Submitted { provider: PROVIDER, output, at: 1, until: WINDOW },
			refuted: Vec::new(),
			disputes: 0,
			stays: 0,
			shares: Vec::new(),
			fee: 0,
		};
		let state = State {
			job,
			input: Input::Inline(encode_tensors(&inputs).try_into().unwrap()),
			output: inline(&right),
			batch: None,
			files: Vec::new(),
			served: Vec::new(),
			dispute: None,
			audit: None,
			audited: None,
			board: Memory::default(),
			liars: Vec::new(),
			signed: Vec::new(),
			made: Vec::new(),
			refused: Vec::new(),
			lost: 0,
		};
		Arc::new(Court {
			state: Mutex::new(state),
			best: watch::channel(1).0,
			onnx,
			spec,
			model,
			subject,
			header: committed.header().clone(),
			right,
			history: honest.history(),
		})
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	pub fn now(&self) -> u32 {
		*self.best.borrow()
	}

	/// Have another output submitted.
	pub fn submit(&self, output: Output, root: Root) {
		let mut state = self.state();
		let artifact = match &output {
			Output::Artifact { artifact, .. } => Some(*artifact),
			_ => None,
		};
		let record = OutputRecord { root, artifact };
		state.output = output;
		if let JobState::Submitted { output, .. } = &mut state.job.state {
			*output = record;
		}
	}

	/// Have a result submitted in which one element is wrong.
	pub fn submit_wrong(&self) {
		let wrong = self.wrong();
		self.submit(inline(&wrong), tensors_root(&wrong));
	}

	/// Outputs in which one element is wrong.
	pub fn wrong(&self) -> Vec<Tensor> {
		let mut wrong = self.right.clone();
		wrong[0].data[1_501] ^= 4;
		wrong
	}

	/// Have a batch submitted, with these results where they are not the right ones. Both of its files
	/// are served.
	pub fn submit_batch(&self, wrong: &[(u32, Vec<Tensor>)]) {
		let result = |index| {
			let right = || self.model.run(&[item(index)], &Options::default()).unwrap().outputs;
			let wrong = wrong.iter().find(|(of, _)| *of == index).map(|(_, wrong)| wrong.clone());
			wrong.unwrap_or_else(|| right().unwrap())
		};
		let results: Vec<_> = (0..ITEMS).map(result).collect();
		let outputs: Vec<_> =
			results.iter().map(|tensors| ItemOutput::Tensors(encode_tensors(tensors))).collect();
		let outputs = outputs.encode();
		let inputs: Vec<u8> = (0..ITEMS).flat_map(|index| encode_tensors(&[item(index)])).collect();
		let root = |roots: Vec<Root>| ItemRoots::new(&roots).unwrap().root();
		let input_root = root((0..ITEMS).map(|index| tensors_root(&[item(index)])).collect());
		let roots: Vec<Root> = results.iter().map(|tensors| tensors_root(tensors)).collect();
		let roots = ItemRoots::new(&roots).unwrap();
		let output_root = roots.root();
		let input = Input::Batch {
			artifact: artifact_of(&inputs),
			locator: Default::default(),
			root: input_root,
			items: ITEMS,
			shapes: vec![vec![LENGTH].try_into().unwrap()].try_into().unwrap(),
		};
		let artifact = artifact_of(&outputs);
		let output = Output::Artifact { root: output_root, artifact };
		let record = OutputRecord { root: output_root, artifact: Some(artifact) };
		let mut state = self.state();
		let view = JobView {
			id: BATCH,
			kind: JobKind::Batch { items: ITEMS },
			input_root,
			state: JobState::Submitted { provider: PROVIDER, output: record, at: 1, until: WINDOW },
			..state.job.clone()
		};
		let (opened, shows, by_artifact) = (Vec::new(), Some(roots), false);
		state.batch = Some(Batch { view, input, output, opened, shows, by_artifact });
		state.files = vec![inputs, outputs];
	}

	/// Have the provider serve another file for the outputs of its batch.
	pub fn swap_outputs(&self, file: Vec<u8>) {
		let mut state = self.state();
		let batch = state.batch.as_mut().unwrap();
		if let Output::Artifact { artifact, .. } = &mut batch.output {
			*artifact = artifact_of(&file);
		}
		state.files[1] = file;
	}

	/// Have somebody open an item of the batch.
	pub fn open_item(&self, index: u32, results: &[Tensor]) {
		let now = self.now();
		let mut state = self.state();
		let opened =
			(Input::Inline(encode_tensors(&[item(index)]).try_into().unwrap()), inline(results));
		let roots = [tensors_root(&[item(index)]), tensors_root(results)];
		state.become_item(index, opened, roots, now);
	}

	/// Have the input of the job in an artifact.
	pub fn set_input(&self, input: Input) {
		self.state().input = input;
	}

	/// Have the input of the job in an encrypted file, that of an asset.
	pub fn encrypt_input(&self, key: &ContentKey, asset: AssetId) {
		let (tensor, mut file) = (input(), Vec::new());
		key.encrypt(&encode_tensors(std::slice::from_ref(&tensor))[..], &mut file).unwrap();
		let root = tensor_root(tensor.dtype, &tensor.shape, &tensor.data);
		let tensors = vec![TensorHeader { shape: tensor.shape, root }].try_into().unwrap();
		let (artifact, locator) = (artifact_of(&file), Default::default());
		let mut state = self.state();
		state.input = Input::Artifact { artifact, locator, tensors };
		state.job.terms.data = Some(DataRef::Pool(PoolItem { pool: PoolId(0), asset }));
		state.files.push(file);
	}

	fn player_of(model: &'static CanonicalModel, alter: impl FnOnce(&mut Run)) -> Player {
		let prover: Prover<'static> = model.prover(&[input()], &Options::default()).unwrap();
		let mut material: Material<'static> = prover.material().clone();
		let mut run = material.run.into_owned();
		alter(&mut run);
		material.run = Cow::Owned(run);
		Player::new(Prover::of(material, None).unwrap())
	}

	/// Seat a liar whose history differs from the right one in a byte of a slot.
	pub fn seat(&self, slot: usize, byte: usize, challenges: bool) {
		let player = Self::player_of(self.model, |run| {
			let tensor = run.slots[slot].clone();
			let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
			let mut data = tensor.into_data();
			data[byte] ^= 1;
			run.slots[slot] = tensor::Tensor::with_layout(kind, layout, data).unwrap();
		});
		let mut state = self.state();
		let account = AccountId::new([100 + state.liars.len() as u8; 32]);
		state.liars.push(Liar { account, player, challenges });
	}

	/// Have the result audited by an account and by a partner. That one has sealed a trace already
	/// and reveals it when it can, or is silent.
	pub fn audit(&self, auditor: AccountId, silent: bool) {
		let answer = if silent { Answer::Nothing } else { Answer::Sealed(SALT) };
		let seats =
			vec![Seat { auditor, answer: Answer::Nothing }, Seat { auditor: PARTNER, answer }];
		let until = self.now() + STEP;
		let mut state = self.state();
		state.audit = Some(AuditView {
			job: JOB,
			attempt: 1,
			provider: PROVIDER,
			fee: 0,
			bond: 1,
			phase: Part::Commit,
			until,
			step: STEP,
			seats,
		});
		if let JobState::Submitted { until, .. } = &mut state.job.state {
			*until = u32::MAX;
		}
	}

	/// Open a dispute in which nobody has a bond yet.
	pub fn open(&self) {
		let now = self.now();
		self.state().contest(&self.subject, now).unwrap();
	}

	/// Remove the records of the dispute, whose job has ended.
	pub fn close(&self) {
		let now = self.now();
		let mut state = self.state();
		state.dispute = None;
		if let JobState::Challenged { provider, output, .. } = state.job.state.clone() {
			state.job.state = JobState::Slashed { provider, output, at: now };
		}
	}

	/// Go to the next block, and let the liars move.
	pub fn tick(&self) {
		self.best.send_modify(|best| *best += 1);
		let now = self.now();
		let mut state = self.state();
		let State { dispute, board, liars, .. } = &mut *state;
		match dispute {
			Some(dispute) => {
				dispute.catch_up(board, now);
				for liar in liars.iter() {
					liar.act(dispute, board, now);
				}
			},
			None => state.settle(now),
		}
		state.go_on_with_audit(self.history, now);
	}

	fn execute(&self, account: &AccountId, call: Call, now: u32) -> Result<(), ChainError> {
		let mut state = self.state();
		let before = (state.job.clone(), state.dispute.clone(), state.board.clone());
		match self.apply(&mut state, account, &call, now) {
			Ok(()) => {
				state.made.push((account.clone(), call));
				Ok(())
			},
			Err(error) => {
				(state.job, state.dispute, state.board) = before;
				state.refused.push(format!("{}: {error}", call.names().1));
				let pallet = call.names().0.into();
				Err(ChainError::Dispatch { pallet, error, docs: String::new() })
			},
		}
	}

	fn apply(
		&self,
		state: &mut State,
		account: &AccountId,
		call: &Call,
		now: u32,
	) -> Result<(), String> {
		if let Call::Demand { job, place } = call {
			let batch = state.batch.as_ref().filter(|_| *job == BATCH);
			if let Some(roots) = batch.and_then(|batch| batch.shows.as_ref()) {
				let opening = roots.about(place).unwrap().try_into().unwrap();
				state.served.push((now, opening));
			}
			return Ok(());
		}
		if let Call::OpenItem { job: BATCH, index, opening } = call {
			return state.open_item(*index, opening, now);
		}
		if let Call::Challenge { header, .. } = call {
			assert_eq!(**header, self.header);
			if state.dispute.is_none() {
				state.contest(&self.subject, now)?;
			}
		}
		if matches!(call, Call::CommitAudit { .. } | Call::RevealAudit { .. }) {
			return self.answer_audit(state, account, call, now);
		}
		let State { dispute, board, job, .. } = state;
		let dispute = dispute.as_mut().ok_or("UnknownDispute")?;
		let changed = match call.clone() {
			Call::Challenge { seal, .. } => dispute.commit(board, now, account.clone(), seal),
			Call::RevealHistory { id, history, salt } => {
				let sealed = sealed(id, account, &history, &salt);
				dispute.reveal(board, now, account.clone(), history, sealed)
			},
			Call::PostHistory { history, .. } => dispute.post(board, now, account.clone(), history),
			Call::PlayMove { history, against, made, .. } => {
				let pair = [history, against];
				dispute.play::<Blake2b256, _>(board, now, account, pair, *made)
			},
			Call::OpenElement { pair, proof, .. } => {
				dispute.open::<Blake2b256, _>(board, now, account, pair, false, &proof)
			},
			Call::Forfeit { pair, .. } => dispute.forfeit(board, now, account, pair),
			Call::Deviate { element, delivered, submitted, .. } => {
				let root = job.state.output().unwrap().root;
				deviates(dispute, &root, element, &delivered, &submitted)?;
				dispute.deviates(board, now, account, Finding::Wrong)
			},
			other => panic!("{other:?}"),
		};
		changed.map(drop).map_err(variant)
	}
}

impl Court {
	/// What the pallet of audits does.
	fn answer_audit(
		&self,
		state: &mut State,
		account: &AccountId,
		call: &Call,
		now: u32,
	) -> Result<(), String> {
		state.go_on_with_audit(self.history, now);
		let audit = state.audit.as_mut().ok_or("UnknownAudit")?;
		let (phase, attempt) = (audit.phase, audit.attempt);
		let seat = audit.seats.iter_mut().find(|seat| seat.auditor == *account);
		let seat = seat.ok_or("NotAuditor")?;
		match (call.clone(), seat.answer) {
			(Call::CommitAudit { seal, .. }, Answer::Nothing) if phase == Part::Commit => {
				seat.answer = Answer::Sealed(seal);
			},
			(Call::CommitAudit { .. }, Answer::Nothing) => return Err("TooLate".into()),
			(Call::CommitAudit { .. }, _) => return Err("AlreadyCommitted".into()),
			(Call::RevealAudit { history, salt, header, .. }, Answer::Sealed(sealed)) => {
				assert_eq!(*header, self.header);
				let (subject, account) = (subject(JOB, attempt), account.encode());
				if phase == Part::Commit {
					return Err("TooEarly".into());
				}
				if seal::<Blake2b256>(&subject, &account, &history, &salt) != sealed {
					return Err("WrongSeal".into());
				}
				seat.answer = Answer::Revealed(history);
			},
			(_, Answer::Revealed(_)) => return Err("AlreadyRevealed".into()),
			_ => return Err("NotCommitted".into()),
		}
		if phase == Part::Commit && audit.seats.iter().all(|seat| seat.answer != Answer::Nothing) {
			(audit.phase, audit.until) = (Part::Reveal, now + STEP);
		}
		Ok(())
	}
}

/// The name of a fault as the pallet has it.
fn variant(fault: Fault) -> String {
	let text = format!("{fault:?}");
	text.split('(').next().unwrap().into()
}

fn sealed(id: DisputeId, account: &AccountId, history: &Hash, salt: &Hash) -> Hash {
	seal::<Blake2b256>(&id.encode(), &account.encode(), history, salt)
}

/// What the pallet checks of a deviation.
fn deviates(
	dispute: &Dispute,
	root: &Root,
	element: u64,
	delivered: &[u8],
	submitted: &[u8],
) -> Result<(), String> {
	let survivor = dispute.survivor().ok_or("WrongPhase")?;
	let context = dispute.subject.context(survivor);
	let malformed = |_| "MalformedProof".to_string();
	let mut right = arbiter::delivered::<Blake2b256>(&context, delivered).map_err(malformed)?;
	let given = arbiter::submitted::<Blake2b256>(&root.0, 1, submitted).map_err(malformed)?;
	match Rule::Bits.compare::<Blake2b256>(&mut right, &given, element).map_err(malformed)? {
		Agreement::Within => Err("NoDeviation".into()),
		_ => Ok(()),
	}
}

impl State {
	/// What the pallet checks of an opening.
	fn open_item(&mut self, index: u32, opening: &ItemOpening, now: u32) -> Result<(), String> {
		let batch = self.batch.as_ref().ok_or("UnknownJob")?;
		let JobState::Submitted { output, until, .. } = &batch.view.state else {
			return Err("NotSubmitted".into());
		};
		if batch.opened.contains(&index) {
			return Err("ItemOpened".into());
		}
		if now >= *until {
			return Err("TooLate".into());
		}
		let of = |bytes: &[u8]| tensors_root(&Vec::<Tensor>::decode(&mut &*bytes).unwrap());
		let given = match (&opening.input, &opening.output) {
			(Input::Inline(input), Output::Inline(output)) => [of(input), of(output)],
			(Input::Inline(input), Output::Artifact { root, .. }) => [of(input), *root],
			other => panic!("{other:?}"),
		};
		let shown = [
			batch::opened(batch.view.input_root, ITEMS, index, &opening.input_proof),
			batch::opened(output.root, ITEMS, index, &opening.output_proof),
		];
		if shown != given.map(Ok) {
			return Err("WrongItem".into());
		}
		self.become_item(index, (opening.input.clone(), opening.output.clone()), given, now);
		Ok(())
	}

	fn become_item(
		&mut self,
		index: u32,
		(input, result): (Input, Output),
		[input_root, root]: [Root; 2],
		now: u32,
	) {
		let batch = self.batch.as_mut().unwrap();
		batch.opened.push(index);
		batch.set_until(u32::MAX);
		let header = || TensorHeader {
			shape: vec![LENGTH].try_into().unwrap(),
			root: tensor_root(DType::Float32, &[LENGTH], &item(index).data),
		};
		self.input = if batch.by_artifact {
			let tensors = vec![header()].try_into().unwrap();
			Input::Artifact { artifact: nowhere(), locator: Default::default(), tensors }
		} else {
			input
		};
		self.output = result;
		self.job.kind = JobKind::Item { batch: BATCH, index };
		self.job.input_root = input_root;
		let output = OutputRecord { root, artifact: None };
		let until = now + WINDOW;
		self.job.state = JobState::Submitted { provider: PROVIDER, output, at: now, until };
	}

	/// Retract the block in which an item was opened.
	pub fn close_item(&mut self, now: u32) {
		let batch = self.batch.as_mut().unwrap();
		batch.opened.clear();
		batch.set_until(now + WINDOW);
		self.dispute = None;
		self.job.disputes = 0;
	}

	fn contest(&mut self, subject: &Subject, now: u32) -> Result<(), String> {
		let JobState::Submitted { provider, output, until, .. } = self.job.state.clone() else {
			return Err("NotSubmitted".into());
		};
		if now >= until {
			return Err("TooLate".into());
		}
		self.job.state = JobState::Challenged { provider, output, at: now };
		self.job.disputes += 1;
		self.dispute = Some(Dispute::new(subject.clone(), now, STEP));
		Ok(())
	}

	/// What time brings to an audit, and what the partner does.
	fn go_on_with_audit(&mut self, truth: Hash, now: u32) {
		let Some(audit) = &mut self.audit else { return };
		let sealed = audit.seats.iter().any(|seat| seat.answer != Answer::Nothing);
		if audit.phase == Part::Commit && sealed && now >= audit.until {
			(audit.phase, audit.until) = (Part::Reveal, audit.until + STEP);
		}
		let partner = &mut audit.seats[1].answer;
		if audit.phase == Part::Reveal && *partner == Answer::Sealed(SALT) {
			*partner = Answer::Revealed(truth);
		}
		let open = audit.seats.iter().any(|seat| matches!(seat.answer, Answer::Sealed(_)));
		let waited_for = matches!(self.job.state, JobState::Submitted { .. });
		if now >= audit.until || audit.phase == Part::Reveal && !open || !waited_for {
			self.audited = Some(audit.seats.iter().map(|seat| seat.answer).collect());
			self.audit = None;
			if let JobState::Submitted { until, .. } = &mut self.job.state {
				*until = now + WINDOW;
			}
		}
	}

	fn settle(&mut self, now: u32) {
		if let Some(batch) = &mut self.batch {
			match batch.view.state.clone() {
				JobState::Submitted { provider, output, until, .. } if now >= until => {
					batch.view.state = JobState::Settled { provider, output, at: now };
				},
				_ => {},
			}
		}
		if !self.has_job() {
			return;
		}
		match self.job.state.clone() {
			JobState::Submitted { provider, output, until, .. } if now >= until => {
				self.job.state = JobState::Settled { provider, output, at: now };
			},
			_ => {},
		}
	}

	fn view(&self, now: u32) -> Option<DisputeView<AccountId>> {
		let histories = self.board.histories.iter().map(|(root, history)| (Root(*root), *history));
		let stake = |(account, stake): (&AccountId, &_)| StakeView {
			account: account.clone(),
			stake: *stake,
		};
		Some(DisputeView {
			id: DISPUTE,
			dispute: self.dispute.clone()?,
			now,
			provider: self.job.state.provider()?.clone(),
			requester: REQUESTER,
			exposure: 0,
			output: self.job.state.output()?.root,
			bond: 1,
			repayment: 0,
			reward: 0,
			divided: false,
			histories: histories.collect(),
			stakes: self.board.stakes.iter().map(stake).collect(),
		})
	}
}

impl Liar {
	/// Does what is due now. What is not due is refused.
	fn act(&self, dispute: &mut Dispute, board: &mut Memory<AccountId>, now: u32) {
		let (account, history) = (self.account.clone(), self.player.history());
		let seal = sealed(DISPUTE, &account, &history, &SALT);
		let _: Result<Vec<Change>, Fault> = match dispute.clock.phase(now) {
			Phase::Commit if self.challenges => dispute.commit(board, now, account, seal),
			Phase::Reveal if self.challenges => dispute.reveal(board, now, account, history, seal),
			Phase::Post if !self.challenges => dispute.post(board, now, account, history),
			_ => Ok(Vec::new()),
		};
		if dispute.clock.phase(now) != Phase::Play || !dispute.alive.contains(&history) {
			return;
		}
		for other in dispute.alive.clone().iter().filter(|other| **other != history) {
			let stands = position(board, &dispute.subject, [&history, other]);
			if let Position::Due { place, missing: [true, _], .. } = stands {
				let made = self.player.reveal(&place).unwrap();
				let pair = [history, *other];
				let _ = dispute.play::<Blake2b256, _>(board, now, &self.account, pair, made);
			}
		}
	}
}

/// The chain with the eyes of one account.
pub struct Eyes {
	pub court: Arc<Court>,
	pub account: AccountId,
}

#[async_trait]
impl ChainClient for Eyes {
	fn account(&self) -> &AccountId {
		&self.account
	}

	fn genesis(&self) -> [u8; 32] {
		[0; 32]
	}

	async fn heads(&self) -> Result<HeadStream, ChainError> {
		let best = self.court.best.subscribe();
		let heads = futures::stream::unfold(best, |mut best| async move {
			best.changed().await.ok()?;
			let number = *best.borrow_and_update();
			Some((Ok(block(number)), best))
		});
		Ok(heads.boxed())
	}

	async fn best(&self) -> Result<BlockRef, ChainError> {
		Ok(block(self.court.now()))
	}

	async fn finalized(&self) -> Result<BlockRef, ChainError> {
		Ok(block(self.court.now().saturating_sub(2)))
	}

	async fn assignments(&self, _: JobId) -> Result<Vec<JobId>, ChainError> {
		Ok(Vec::new())
	}

	async fn job(&self, job: JobId) -> Result<Option<JobView<AccountId>>, ChainError> {
		let state = self.court.state();
		Ok(match job {
			BATCH => state.batch.as_ref().map(|batch| batch.view.clone()),
			JOB => state.has_job().then(|| state.job.clone()),
			_ => None,
		})
	}

	async fn input(&self, job: JobId) -> Result<Option<Input>, ChainError> {
		let state = self.court.state();
		Ok(match job {
			BATCH => state.batch.as_ref().map(|batch| batch.input.clone()),
			_ => Some(state.input.clone()),
		})
	}

	async fn jobs(
		&self,
		filter: &JobFilter,
		_: Option<JobId>,
		_: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, ChainError> {
		let state = self.court.state();
		let job = state.has_job().then(|| state.job.clone());
		let batch = state.batch.as_ref().map(|batch| batch.view.clone());
		let mut items: Vec<_> = job.into_iter().chain(batch).collect();
		items.retain(|job| !filter.open || job.state.is_open());
		Ok(Page { items, next: None })
	}

	async fn output(&self, job: JobId) -> Result<Option<Output>, ChainError> {
		let state = self.court.state();
		Ok(match job {
			BATCH => state.batch.as_ref().map(|batch| batch.output.clone()),
			_ => Some(state.output.clone()),
		})
	}

	async fn disputes(
		&self,
		_: DisputeId,
		_: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, ChainError> {
		let items = self.dispute(DISPUTE).await?.into_iter().collect();
		Ok(Page { items, next: None })
	}

	async fn dispute(&self, _: DisputeId) -> Result<Option<DisputeView<AccountId>>, ChainError> {
		Ok(self.court.state().view(self.court.now()))
	}

	async fn shown(&self, _: DisputeId, spots: &[Spot]) -> Result<Vec<Option<Shown>>, ChainError> {
		assert!(spots.len() <= MAX_SPOTS);
		let state = self.court.state();
		Ok(spots.iter().map(|spot| state.board.shown.get(spot).cloned()).collect())
	}

	async fn audits(&self) -> Result<Vec<JobId>, ChainError> {
		let state = self.court.state();
		let seats = state.audit.iter().flat_map(|audit| &audit.seats);
		let mine = seats.into_iter().any(|seat| seat.auditor == self.account);
		Ok(if mine { vec![JOB] } else { Vec::new() })
	}

	async fn audit(&self, _: JobId) -> Result<Option<AuditView<AccountId>>, ChainError> {
		Ok(self.court.state().audit.clone())
	}

	async fn demands(
		&self,
		_: &DemandFilter<AccountId>,
		_: DemandId,
	) -> Result<Page<DemandView<AccountId>, DemandId>, ChainError> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn roots_served(&self, _: JobId, block: u32) -> Result<Vec<AnswerBytes>, ChainError> {
		let state = self.court.state();
		let at = state.served.iter().filter(|(at, _)| *at == block);
		Ok(at.map(|(_, opening)| opening.clone()).collect())
	}

	async fn version(&self, id: VersionId) -> Result<Option<VersionView>, ChainError> {
		let (spec, status) = (self.court.spec.clone(), VersionStatus::Active);
		Ok((id == VERSION).then_some(VersionView { id, spec, status, published: 0 }))
	}

	async fn model_by_name(&self, _: &str) -> Result<Option<ModelView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn models(
		&self,
		_: ModelId,
		_: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, ChainError> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn provider(&self, _: &AccountId) -> Result<Option<ProviderView<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn numbers(&self) -> Result<ProtocolNumbers, ChainError> {
		Ok(ProtocolNumbers {
			assignment_delay: 0,
			response_window: 0,
			challenge_window: 0,
			dispute_step: 0,
			dispute_bond: 0,
			availability_step: 100,
			availability_price: 1,
			retention: 0,
			heartbeat_period: 0,
			min_bond: 0,
			unbonding_period: 0,
			leases: Default::default(),
		})
	}

	async fn sign(&self, call: Call) -> Result<SignedCall, ChainError> {
		let mut state = self.court.state();
		let bytes = Encode::encode(&(state.signed.len() as u32));
		state.signed.push((self.account.clone(), call));
		let hash = *blake3::hash(&bytes).as_bytes();
		Ok(SignedCall { hash, bytes, born: 0, dies: u32::MAX })
	}

	async fn send(
		&self,
		signed: &SignedCall,
		_: Wait,
		entered: Entered,
	) -> Result<Receipt, ChainError> {
		entered();
		let number = <u32 as Decode>::decode(&mut &signed.bytes[..]).unwrap();
		let (lost, call) = {
			let mut state = self.court.state();
			let lost = state.lost > 0;
			state.lost = state.lost.saturating_sub(1);
			(lost, state.signed[number as usize].1.clone())
		};
		if lost {
			std::future::pending::<()>().await;
		}
		let mut best = self.court.best.subscribe();
		best.changed().await.unwrap();
		let now = *best.borrow_and_update();
		self.court.execute(&self.account, call, now)?;
		self.receipt(signed, &block(now)).await
	}

	async fn find(&self, _: &SignedCall) -> Result<Option<BlockRef>, ChainError> {
		Ok(None)
	}

	async fn receipt(&self, signed: &SignedCall, at: &BlockRef) -> Result<Receipt, ChainError> {
		Ok(Receipt { extrinsic: signed.hash, block: *at, created: Default::default() })
	}
}

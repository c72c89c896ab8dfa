//! Benchmarks: each call and each step of the sweep at its worst case.
//!
//! What histories show is written to storage, as deep as trees can be: no run of that size fits a
//! benchmark. Nothing but what a call checks is made to hold: hashes that lead from a leaf to its
//! root are zeros, and a history is what its opened leaves are under.
//!
//! The dispute is that of a probe, in its last round, which was full: calls that can end it do, and
//! then they end the dispute of the job as well, and pay for the job.

use crate::{
	types::{Closing, Record},
	AgendaCursor, Call, Clock, Config, Disputes, Full, Histories, Pallet, ProofBytes, Revealed,
	Stakes,
};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_canon::{
	arbiter::{
		Chunk, ClaimProof, Contents, NodeProof, Opening, OperandProof, OutputProof, Proof,
		SlotProof, SubmissionProof,
	},
	commitment::{
		chunk_count, chunk_leaf, chunk_length, chunk_root, depth, descendant_count, digest,
		fault_leaf, fold_multiproof, slot_leaf, tensor_root_from, tensor_root_of, tensors_root,
		trace_root_of, GraphHeader, Hash, List, Tree, CHUNK, REVEAL_LEVELS,
	},
	graph::{Initializer, Node, Slot, Source, MAX_ENTRIES, SPEC},
	op::Op,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim, Symbol, SymbolicType},
	tensor::{DType, TensorType},
};
use assay_dispute::{
	board::{Entry, History, Stake},
	dispute::{seal, Evidence, Outcome, Stage, MAX_HISTORIES, MAX_ROUNDS},
	play::{Move, Place, Shown},
	subject::{Probe, Subject, MAX_INPUTS},
	Dispute,
};
use assay_primitives::{
	commitment::HostBlake2b256,
	model::Tolerance,
	traits::{Contest, Contestable, DisputeScene},
	Balance, JobId, Root,
};
use codec::Encode;
use core::iter::successors;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Unbalanced},
	tokens::Precision,
	Get, Hooks,
};
use frame_system::RawOrigin;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// Two histories that play.
const PAIR: [Hash; 2] = [[1; 32], [2; 32]];
/// A hash that stands for anything.
const ANY: Hash = [0; 32];
/// Enough for any bond.
const FUNDS: Balance = 1 << 64;

fn fund<T: Config>(account: &T::AccountId) {
	let added = T::Currency::increase_balance(account, FUNDS, Precision::BestEffort)
		.expect("an account can be funded; qed");
	T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_add(added));
}

fn funded<T: Config>() -> T::AccountId {
	let account = account("player", 0, 0);
	fund::<T>(&account);
	account
}

fn anybody<T: Config>() -> RawOrigin<T::AccountId> {
	RawOrigin::Signed(account("anybody", 0, 0))
}

/// A run of the graph with this root, which is as large as can be.
fn subject(graph: Hash) -> Subject {
	let (slots, bindings) = (MAX_ENTRIES, Bindings::default());
	Subject { graph, slots, bindings, inputs: vec![ANY; MAX_INPUTS], probe: None }
}

/// A job whose result waits for the verdict.
fn contested<T: Config>() -> (JobId, Contest<T::AccountId>) {
	fund::<T>(&Pallet::<T>::pot());
	let job = Scene::<T>::submitted_job(Root::default());
	(job, T::Jobs::contest(job).expect("the result is provisional; qed"))
}

/// Begin a dispute between histories with a challenger each, at the first tick of play.
fn begin<T: Config>(
	job: JobId,
	contest: &Contest<T::AccountId>,
	subject: Subject,
	alive: &[Hash],
	stage: Stage,
) {
	let since = MAX_ROUNDS - 1;
	for root in alive {
		let history = History { since, alive: true, challengers: 1, bonds: 1, moves: 0 };
		Histories::<T>::insert(job, root, history);
	}
	let fresh = Dispute::new(subject, Pallet::<T>::now(), T::Step::get());
	let alive = alive.to_vec();
	let dispute = Dispute { round: since, stage, alive, listed: MAX_HISTORIES, ..fresh };
	Clock::<T>::put(dispute.clock.play());
	let record = Record {
		dispute,
		provider: contest.provider.clone(),
		requester: contest.requester.clone(),
		exposure: contest.exposure,
		output: ANY,
		outputs: 1,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 7 }),
		seed: ANY,
		bond: T::Bond::get(),
		repayment: T::Repayment::get(),
		reward: 0,
		pot: 0,
		closing: Closing::Running,
		wake: 0,
	};
	Pallet::<T>::store(job, record, Vec::new(), None);
}

/// The dispute of a probe between these histories, for which that of its job waits.
fn probed<T: Config>(subject: Subject, alive: &[Hash]) -> JobId {
	let ((job, contest), [survivor, _]) = (contested::<T>(), PAIR);
	begin::<T>(job, &contest, subject.clone(), &[survivor], Stage::Probe { survivor });
	let probe = Probe { seed: ANY, output: 0, element: 0, canonical: 0, scale: 0 };
	let subject = Subject { probe: Some(probe), ..subject };
	begin::<T>(job.probe(), &contest, subject, alive, Stage::Contest);
	job.probe()
}

/// Whether a probe has ended the dispute that waits for it.
fn has_ended<T: Config>(probe: JobId) -> bool {
	let ((job, _), [survivor, _]) = (probe.disputed(), PAIR);
	outcome::<T>(job) == Some(Outcome::Voided { survivor })
}

fn change<T: Config>(job: JobId, change: impl FnOnce(&mut Record<T::AccountId>)) {
	Disputes::<T>::mutate(job, |record| change(record.as_mut().unwrap()));
}

fn outcome<T: Config>(job: JobId) -> Option<Outcome> {
	Disputes::<T>::get(job).unwrap().dispute.outcome()
}

/// A round with room for one more history.
fn almost_full<T: Config>() -> JobId {
	let others: Vec<Hash> = (1..MAX_HISTORIES).map(|number| [number as u8; 32]).collect();
	let job = probed::<T>(subject(ANY), &others);
	change::<T>(job, |record| record.dispute.listed -= 1);
	job
}

/// Go to the tick in which a part of the round begins, a step after the one before.
fn go_to_part<T: Config>(job: JobId, part: u32) {
	let clock = Disputes::<T>::get(job).unwrap().dispute.clock;
	Clock::<T>::put(clock.began + part * clock.step);
}

/// The levels of a tree from which its nodes are revealed, the top first.
fn reveals(leaves: u64) -> impl Iterator<Item = u32> {
	successors(Some(depth(leaves)), |level| level.checked_sub(REVEAL_LEVELS))
		.take_while(|level| *level > 0)
}

/// What a reveal from a level shows, if this is the first hash.
fn revealed(level: u32, first: Hash) -> Vec<Hash> {
	let mut hashes = vec![ANY; descendant_count(level) as usize];
	hashes[0] = first;
	hashes
}

/// The type of a tensor with as many elements as can be.
fn vast(dtype: DType) -> TensorType {
	TensorType::new(dtype, Shape::new(&[u32::MAX]).unwrap())
}

/// Show all of a history that lies above the first chunk of its first slot. It differs from other
/// histories in the first of all places, and `top` is the first hash that the slot shows.
fn show<T: Config>(job: JobId, history: Hash, dtype: DType, top: Hash) {
	let insert = |place, shown| Revealed::<T>::insert(job, (history, place), shown);
	for level in reveals(MAX_ENTRIES.into()) {
		let place = Place::Trace { level, index: 0 };
		insert(place, Shown::Nodes(revealed(level, history)));
	}
	let kind = vast(dtype);
	let chunks = chunk_count(&kind);
	for level in reveals(chunks).skip(1) {
		let place = Place::Tensor { slot: 0, level, index: 0 };
		insert(place, Shown::Nodes(revealed(level, history)));
	}
	let (layout, top) = (Layout::row_major(), revealed(depth(chunks), top));
	insert(Place::Slot(0), Shown::Tensor { operator: 0, kind, layout, top });
}

/// Two histories that have come down to one element. Of all types, this has the deepest tree.
fn opposed<T: Config>(graph: Hash) -> JobId {
	let job = probed::<T>(subject(graph), &PAIR);
	for history in PAIR {
		show::<T>(job, history, DType::Int64, history);
		let place = Place::Chunk { slot: 0, index: 0 };
		Revealed::<T>::insert(job, (history, place), Shown::Chunk(vec![history[0]; CHUNK]));
	}
	job
}

/// The siblings of the first of so many leaves, and the root.
fn first(count: u64, leaf: Hash) -> (Vec<Hash>, Hash) {
	let path = vec![ANY; depth(count) as usize];
	let root = fold_multiproof::<HostBlake2b256>(count, &[(0, leaf)], &path).unwrap();
	(path, root)
}

/// The path of the first entry of a graph's list, and the list. The tag is that of its kind.
fn listed(tag: &[u8], entry: &[u8]) -> (Vec<Hash>, List) {
	let (path, root) = first(MAX_ENTRIES.into(), digest::<HostBlake2b256>(tag, &[entry]));
	(path, List { count: MAX_ENTRIES, root })
}

/// The siblings of the first slot of a trace, and the history.
fn history(leaf: Hash) -> (Vec<Hash>, Hash) {
	let (path, root) = first(MAX_ENTRIES.into(), leaf);
	(path, trace_root_of::<HostBlake2b256>(MAX_ENTRIES, &root))
}

/// A node at the first place of a graph.
fn placed(node: Node, rest: GraphHeader) -> NodeProof {
	let node = node.encode();
	let (path, nodes) = listed(b"node", &node);
	NodeProof { header: GraphHeader { spec: SPEC, nodes, ..rest }, number: 0, node, path }
}

fn root_of(proof: &NodeProof) -> Hash {
	proof.header.root::<HostBlake2b256>()
}

fn numbered(data: &[u8]) -> Vec<Chunk> {
	let chunks = (0..).zip(data.chunks(CHUNK));
	chunks.map(|(index, bytes)| Chunk { index, bytes: bytes.to_vec() }).collect()
}

/// The proof of the dearest element for its bytes.
fn dearest(bytes: u32) -> Proof {
	let chunks = bytes.div_ceil(CHUNK as u32);
	let shape = Shape::new(&[CHUNK as u32, chunks, 1, 1, 1, 1, 1, 1]).unwrap();
	let kind = TensorType::new(DType::Int8, shape);
	let layout = Layout::new(&[1, 0, 2, 3, 4, 5, 6, 7]).unwrap();
	let data = vec![1; kind.bytes() as usize];
	let root = tensor_root_of::<HostBlake2b256>(&kind, &chunk_root::<HostBlake2b256>(&data));
	let entry = Initializer { kind, layout, root }.encode();
	let (entry_path, initializers) = listed(b"initializer", &entry);
	let node = Node {
		op: Op::ReduceSum { axes: (0..8).collect(), keep: false },
		inputs: vec![Source::Initializer(0)],
		layout: Layout::row_major(),
		output: SymbolicType { dtype: DType::Int8, dims: Vec::new() },
	};
	let opening = Opening { chunks: numbered(&data), ..Default::default() };
	Proof {
		node: placed(node, GraphHeader { initializers, ..Default::default() }),
		operands: vec![OperandProof { entry, entry_path, opening }],
		own: Opening::default(),
	}
}

/// A history that delivers one row of so many bytes, all of them zero, which is opened.
fn delivered(bytes: u32) -> (TensorType, GraphHeader, Hash, ProofBytes) {
	let shape = Shape::new(&[1, 1, 1, 1, 1, 1, 1, bytes.div_ceil(4)]).unwrap();
	let kind = TensorType::new(DType::Float32, shape);
	let dims = kind.shape.extents().iter().copied().map(Dim::from).collect();
	let output = SymbolicType { dtype: kind.dtype, dims };
	let node = Node { op: Op::Identity, inputs: Vec::new(), layout: Layout::row_major(), output };
	let (path, outputs) = listed(b"output", &Slot { node: 0, output: 0 }.encode());
	let node = placed(node, GraphHeader { outputs, ..Default::default() });
	let header = node.header.clone();
	let data = vec![0; kind.bytes() as usize];
	let chunks = chunk_root::<HostBlake2b256>(&data);
	let tensor = tensor_root_of::<HostBlake2b256>(&kind, &chunks);
	let (trace_path, history) = history(slot_leaf::<HostBlake2b256>(&tensor));
	let opening = Opening { chunks: numbered(&data), trace_path, ..Default::default() };
	let proof = OutputProof::Tensor { node, number: 0, path, opening }.encode();
	(kind, header, history, proof.try_into().unwrap())
}

/// A list of one submitted tensor of this type, whose first chunk is not zero and is opened.
fn submitted(kind: &TensorType) -> (Hash, ProofBytes) {
	let bytes = vec![1; chunk_length(kind, 0) as usize];
	let (siblings, chunks) = first(chunk_count(kind), chunk_leaf::<HostBlake2b256>(&bytes));
	let contents = Contents::Opened { chunk: Chunk { index: 0, bytes }, siblings };
	listed_alone(kind.dtype as u8, kind.shape.extents(), chunks, contents)
}

/// A list of one submitted tensor with so many bytes of extents, which no tensor has.
fn monstrous(bytes: u32) -> (Hash, ProofBytes) {
	listed_alone(0, &vec![1; bytes.div_ceil(4) as usize], ANY, Contents::Root(ANY))
}

fn listed_alone(
	dtype: u8,
	extents: &[u32],
	chunks: Hash,
	contents: Contents,
) -> (Hash, ProofBytes) {
	let tensor = tensor_root_from::<HostBlake2b256>(dtype, extents, &chunks);
	let (number, extents, path) = (0, extents.to_vec(), Vec::new());
	let proof = SubmissionProof::Tensor { number, dtype, extents, contents, path }.encode();
	(tensors_root::<HostBlake2b256>(&[tensor]), proof.try_into().unwrap())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Opening a dispute: the job's input is hashed.
	#[benchmark]
	fn challenge() {
		let one = List { count: 1, root: ANY };
		let header = GraphHeader {
			spec: SPEC,
			symbols: vec![Symbol { minimum: 0, maximum: u32::MAX }],
			inputs: one,
			outputs: one,
			..Default::default()
		};
		let job = Scene::<T>::submitted_job(Root(header.root::<HostBlake2b256>()));
		fund::<T>(&Pallet::<T>::pot());
		let challenger = funded::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger.clone()), job, Box::new(header), ANY);

		assert!(Stakes::<T>::contains_key(job, challenger));
	}

	#[benchmark]
	fn reveal() {
		let job = almost_full::<T>();
		go_to_part::<T>(job, 1);
		let challenger = funded::<T>();
		let seal = seal::<HostBlake2b256>(&job.encode(), &challenger.encode(), &ANY, &ANY);
		let entry = Entry::Sealed(seal);
		let stake = Stake { lost: 0, kept: 0, round: MAX_ROUNDS - 1, entry };
		Stakes::<T>::insert(job, &challenger, stake);

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger), job, ANY, ANY);

		assert!(Histories::<T>::contains_key(job, ANY));
	}

	/// By an account with a bond behind a history that has lost.
	#[benchmark]
	fn post() {
		let job = almost_full::<T>();
		go_to_part::<T>(job, 2);
		let (account, lost) = (funded::<T>(), [255; 32]);
		let history = History { since: 0, alive: false, challengers: 0, bonds: 1, moves: 0 };
		Histories::<T>::insert(job, lost, history);
		let stake = Stake { lost: 0, kept: 0, round: 0, entry: Entry::Poster(lost) };
		Stakes::<T>::insert(job, &account, stake);

		#[extrinsic_call]
		_(RawOrigin::Signed(account), job, ANY);

		assert!(Histories::<T>::contains_key(job, ANY));
	}

	/// The deepest move, a chunk, which refutes its own history with its last byte and so ends the
	/// dispute. The refund takes longer than the hashes that a node of a tree has more.
	#[benchmark]
	fn play() {
		let (dtype, [own, other]) = (DType::Bool, PAIR);
		let count = chunk_count(&vast(dtype));
		let mut bytes = vec![0; CHUNK];
		bytes[CHUNK - 1] = 2;
		let leaf = [(0, chunk_leaf::<HostBlake2b256>(&bytes))];
		let below = depth(count) - REVEAL_LEVELS;
		let mut path = vec![ANY; below as usize];
		let top = fold_multiproof::<HostBlake2b256>(1 << below, &leaf, &path).unwrap();
		path.extend(
			Tree::<HostBlake2b256>::new(revealed(below + REVEAL_LEVELS, top)).multiproof(&[0]),
		);
		let job = probed::<T>(subject(ANY), &PAIR);
		show::<T>(job, own, dtype, top);
		show::<T>(job, other, dtype, other);

		#[extrinsic_call]
		_(anybody::<T>(), job, own, other, Box::new(Move::Chunk { bytes, path }));

		assert!(has_ended::<T>(job));
	}

	/// Both histories are wrong, which ends the dispute.
	#[benchmark]
	fn open(p: Linear<1_024, 65_536>) {
		let proof = dearest(p);
		let job = opposed::<T>(root_of(&proof.node));
		let proof: ProofBytes = proof.encode().try_into().unwrap();
		assert!(proof.len() as u32 >= p);
		let [one, other] = PAIR;

		#[extrinsic_call]
		_(anybody::<T>(), job, one, other, false, proof);

		assert!(has_ended::<T>(job));
	}

	/// Nobody opened the element, which ends the dispute.
	#[benchmark]
	fn forfeit() {
		let job = opposed::<T>(ANY);
		// More steps than any game has.
		go_to_part::<T>(job, 100);
		let [one, other] = PAIR;

		#[extrinsic_call]
		_(anybody::<T>(), job, one, other);

		assert!(has_ended::<T>(job));
	}

	/// The history says that the run ended in an element that has a value.
	#[benchmark]
	fn refute(e: Linear<1_024, 65_536>) {
		let proof = dearest(e);
		let (trace_path, wrong) = history(fault_leaf::<HostBlake2b256>(0));
		let slot = SlotProof::Fault { element: 0, trace_path };
		let claim = ClaimProof { node: proof.node.clone(), slot }.encode();
		let job = probed::<T>(subject(root_of(&proof.node)), &[wrong, ANY]);
		let proof = proof.encode();
		assert!(proof.len() as u32 >= e);
		let evidence = Box::new(Evidence { element: 0, claim, proof, witness: None });

		#[extrinsic_call]
		_(anybody::<T>(), job, wrong, evidence);

		assert!(has_ended::<T>(job));
	}

	/// Two calls, which together are dearer than any one: in the first, a row of `d` bytes is read
	/// and a probe begins; in the second, the result is no tensor, its type takes `s` bytes, and
	/// the provider is slashed.
	#[benchmark]
	fn deviate(d: Linear<1_024, 300_000>, s: Linear<1_024, 500_000>) {
		let (job, contest) = contested::<T>();
		let (far, since) = (JobId(job.0 + 1), Pallet::<T>::now());
		let calls = [(far, d, None), (job, 1, Some(s))].map(|(job, row, extents)| {
			let (kind, header, survivor, right) = delivered(row);
			let (output, given) = extents.map_or_else(|| submitted(&kind), monstrous);
			let graph = header.root::<HostBlake2b256>();
			let stage = Stage::Output { survivor, since, apart: false };
			begin::<T>(job, &contest, subject(graph), &[survivor], stage);
			change::<T>(job, |record| record.output = output);
			(job, right, given)
		});
		Clock::<T>::put(since);

		#[block]
		{
			for (job, right, given) in calls {
				Pallet::<T>::deviate(anybody::<T>().into(), job, 0, right, given).unwrap();
			}
		}

		assert!(Disputes::<T>::contains_key(far.probe()));
		assert!(matches!(outcome::<T>(job), Some(Outcome::Refuted { .. })));
	}

	/// One history is left, nobody shows anything of it, and the dispute ends.
	#[benchmark]
	fn advance() {
		let job = probed::<T>(subject(ANY), &[ANY]);
		change::<T>(job, |record| record.dispute.listed = 1);
		go_to_part::<T>(job, 4);

		#[extrinsic_call]
		_(anybody::<T>(), job);

		assert!(has_ended::<T>(job));
	}

	#[benchmark]
	fn tick() {
		Full::<T>::put(false);
		let (block, next) = (Default::default(), Pallet::<T>::now() + 1);
		AgendaCursor::<T>::put(next);

		#[block]
		{
			Pallet::<T>::on_initialize(block);
			Pallet::<T>::on_finalize(block);
		}

		assert_eq!(AgendaCursor::<T>::get(), next + 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

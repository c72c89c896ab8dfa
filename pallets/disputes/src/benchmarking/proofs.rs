//! Proofs of elements and outputs at their worst case, in graphs and traces as long as can be.
//!
//! Hashes that lead from what is opened to its root are zeros.

use crate::ProofBytes;
use alloc::{vec, vec::Vec};
use assay_canon::{
	arbiter::{
		Chunk, ClaimProof, Contents, NodeProof, Opening, OperandProof, OutputProof, OutputRoot,
		Proof, SlotProof, SubmissionProof,
	},
	commitment::{
		chunk_count, chunk_leaf, chunk_root, depth, digest, fold_multiproof, slot_leaf,
		tensor_root_from, tensor_root_of, tensors_root, trace_root_of, GraphHeader, Hash, List,
		Tree, CHUNK,
	},
	graph::{Node, Slot, Source, MAX_ENTRIES, MAX_OPERANDS, SPEC},
	op::Op,
	shape::{Layout, Shape},
	symbol::{Dim, SymbolicType},
	tensor::{DType, TensorType},
};
use assay_primitives::{commitment::HostBlake2b256, tensor::MAX_TENSORS};
use codec::Encode;

use super::{ANY, SLOT};

/// The number of the type of floats.
const FLOAT: u8 = DType::Float32 as u8;

/// The paths of the first two leaves of a list that is as long as can be, and its root.
fn both(leaves: [Hash; 2]) -> ([Vec<Hash>; 2], Hash) {
	let above = vec![ANY; depth(MAX_ENTRIES.into()) as usize - 1];
	let [first, second] = leaves;
	let opened = [(0, first), (1, second)];
	let root = fold_multiproof::<HostBlake2b256>(MAX_ENTRIES.into(), &opened, &above).unwrap();
	([second, first].map(|sibling| [vec![sibling], above.clone()].concat()), root)
}

/// A graph that begins with these nodes, shown with the second; the path of the first.
fn placed(nodes: [&Node; 2], outputs: List) -> (NodeProof, Vec<Hash>) {
	// The tags are those of the format.
	let leaves = nodes.map(|node| digest::<HostBlake2b256>(b"node", &[&node.encode()]));
	let ([before, path], root) = both(leaves);
	let nodes_of = List { count: MAX_ENTRIES, root };
	let header = GraphHeader { spec: SPEC, nodes: nodes_of, outputs, ..Default::default() };
	let [_, node] = nodes;
	(NodeProof { header, number: SLOT, node: node.encode(), path }, before)
}

/// The paths of a history's first two slots, which have tensors with these roots; the history.
fn traced(tensors: [Hash; 2]) -> ([Vec<Hash>; 2], Hash) {
	let (paths, root) = both(tensors.map(|tensor| slot_leaf::<HostBlake2b256>(&tensor)));
	(paths, trace_root_of::<HostBlake2b256>(MAX_ENTRIES, &root))
}

fn node(op: Op, inputs: Vec<Source>, kind: &TensorType) -> Node {
	let dims = kind.shape.extents().iter().copied().map(Dim::from).collect();
	let output = SymbolicType { dtype: kind.dtype, dims };
	Node { op, inputs, layout: Layout::row_major(), output }
}

/// The first of so many equal chunks of a tensor, as far from one another as can be; the tensor's
/// root. The tree over the tensor's chunks has to be full if there is more than one.
pub fn apart(kind: &TensorType, byte: u8, number: u32, opened: u32) -> (Opening, Hash) {
	let (bytes, parts) = (vec![byte; CHUNK], number.next_power_of_two());
	let below = depth(chunk_count(kind)) - depth(parts.into());
	let path = vec![ANY; below as usize];
	let leaf = [(0, chunk_leaf::<HostBlake2b256>(&bytes))];
	let part = fold_multiproof::<HostBlake2b256>(1 << below, &leaf, &path).unwrap();
	let mut tops = vec![part; number as usize];
	tops.resize(parts as usize, ANY);
	let tops = Tree::<HostBlake2b256>::new(tops);
	let numbers: Vec<u64> = (0..opened.into()).collect();
	let siblings = [path.repeat(numbers.len()), tops.multiproof(&numbers)].concat();
	let chunk = |number: u32| Chunk { index: number << below, bytes: bytes.clone() };
	let opening =
		Opening { chunks: (0..opened).map(chunk).collect(), siblings, ..Default::default() };
	(opening, tensor_root_of::<HostBlake2b256>(kind, &tops.root()))
}

/// What a history says wrongly of an element, and the element's proof.
pub struct Judged {
	/// The root of the graph.
	pub graph: Hash,
	/// The history.
	pub history: Hash,
	/// What it says.
	pub claim: ClaimProof,
	/// What the element is recomputed from.
	pub proof: Proof,
}

/// The dearest element, with so many bytes of chunks that it does not need: it has as many operands
/// as can be, each a chunk deep in a tensor deep in the trace, of floats, which a probe moves.
///
/// In the runtime's blob it took 50 ms without a probe, since there a hash takes longer than many
/// terms: a sum of 65,536 bytes over eight axes took 7 ms, a product of 32,768 terms 8 ms, 32,768
/// updates of `ScatterND` on one element 15 ms, and a transcendental function less than one.
pub fn judged(spare: u32) -> Judged {
	let rows = 1 << 25;
	let [part, whole] = [rows, rows * MAX_OPERANDS as u32]
		.map(|rows| TensorType::new(DType::Float32, Shape::new(&[rows]).unwrap()));
	let operand = node(Op::Identity, Vec::new(), &part);
	let inputs = vec![Source::node(0); MAX_OPERANDS];
	let all = node(Op::Concat { axis: 0 }, inputs, &whole);
	let (node, entry_path) = placed([&operand, &all], List::default());
	let chunks = spare.div_ceil(CHUNK as u32) + 1;
	let [(mut spared, tensor), (mut opening, _)] =
		[chunks, 1].map(|opened| apart(&part, 0, chunks, opened));
	let (mut own, own_tensor) = apart(&whole, 1, 1, 1);
	let ([operand_path, own_path], history) = traced([tensor, own_tensor]);
	(spared.trace_path, opening.trace_path) = (operand_path.clone(), operand_path);
	own.trace_path = own_path;
	let operand = OperandProof { entry: operand.encode(), entry_path, opening };
	let spared = OperandProof { opening: spared, ..operand.clone() };
	let claim = ClaimProof { node: node.clone(), slot: SlotProof::Value(own.clone()) };
	let graph = node.header.root::<HostBlake2b256>();
	let mut operands = vec![operand; MAX_OPERANDS];
	operands[0] = spared;
	Judged { graph, history, claim, proof: Proof { node, operands, own } }
}

/// A history of a graph that delivers a tensor of this type, opened so.
pub fn delivered(kind: &TensorType, opened: (Opening, Hash)) -> (Hash, Hash, ProofBytes) {
	let node = node(Op::Identity, Vec::new(), kind);
	let entry = Slot { node: SLOT, output: 0 }.encode();
	let ([path, _], root) = both([digest::<HostBlake2b256>(b"output", &[&entry]), ANY]);
	let (node, _) = placed([&node, &node], List { count: MAX_ENTRIES, root });
	let (mut opening, tensor) = opened;
	let ([_, trace_path], history) = traced([ANY, tensor]);
	opening.trace_path = trace_path;
	let graph = node.header.root::<HostBlake2b256>();
	let proof = OutputProof::Tensor { node, number: 0, path, opening }.encode();
	(graph, history, proof.try_into().unwrap())
}

/// The paths of [`SLOT`] and of the last slot of a history, which have tensors with these roots; the
/// history.
fn ended(tensor: Hash, last: Hash) -> ([Vec<Hash>; 2], Hash) {
	let half = u64::from(MAX_ENTRIES) / 2;
	let path = vec![ANY; depth(half) as usize];
	let tops = [(SLOT.into(), tensor), (half - 1, last)].map(|(index, tensor)| {
		let leaf = [(index, slot_leaf::<HostBlake2b256>(&tensor))];
		fold_multiproof::<HostBlake2b256>(half, &leaf, &path).unwrap()
	});
	let [left, right] = tops;
	let root = fold_multiproof::<HostBlake2b256>(2, &[(0, left), (1, right)], &[]).unwrap();
	let paths = [right, left].map(|top| [path.clone(), vec![top]].concat());
	(paths, trace_root_of::<HostBlake2b256>(MAX_ENTRIES, &root))
}

/// A history of a graph that delivers as many tensors as there can be, by their roots; the root of
/// their list.
pub fn rooted() -> ((Hash, Hash, ProofBytes), (Hash, ProofBytes)) {
	let (count, kind) = (MAX_TENSORS as usize, TensorType::new(DType::Int8, Shape::scalar()));
	let node = node(Op::Identity, Vec::new(), &kind);
	let entry = Slot { node: SLOT, output: 0 }.encode();
	let entry = digest::<HostBlake2b256>(b"output", &[&entry]);
	let root = Tree::<HostBlake2b256>::new(vec![entry; count]).root();
	let (node, _) = placed([&node, &node], List { count: MAX_TENSORS, root });
	let NodeProof { header, number, node, path } = node;
	let tensor = tensor_root_of::<HostBlake2b256>(&kind, &ANY);
	let ([trace_path, last_path], history) = ended(tensor, ANY);
	let graph = header.root::<HostBlake2b256>();
	let outputs = vec![OutputRoot { number, node, path, chunks: ANY, trace_path }; count];
	let proof = OutputProof::Tensors { header, last: ANY, trace_path: last_path, outputs }.encode();
	let list = tensors_root::<HostBlake2b256>(&vec![tensor; count]);
	let submitted = SubmissionProof::Root.encode().try_into().unwrap();
	((graph, history, proof.try_into().unwrap()), (list, submitted))
}

/// A row of zeros of so many bytes, all of it opened.
pub fn row(bytes: u32) -> (TensorType, (Opening, Hash)) {
	let shape = Shape::new(&[1, 1, 1, 1, 1, 1, 1, bytes.div_ceil(4)]).unwrap();
	let kind = TensorType::new(DType::Float32, shape);
	let data = vec![0; kind.bytes() as usize];
	let root = chunk_root::<HostBlake2b256>(&data);
	let chunks = (0..).zip(data.chunks(CHUNK));
	let chunks = chunks.map(|(index, bytes)| Chunk { index, bytes: bytes.to_vec() }).collect();
	let tensor = tensor_root_of::<HostBlake2b256>(&kind, &root);
	(kind, (Opening { chunks, ..Default::default() }, tensor))
}

/// A submitted tensor of this type, whose first chunk is opened and not zero.
pub fn deviating(kind: &TensorType) -> (Hash, ProofBytes) {
	let (Opening { mut chunks, siblings, .. }, tensor) = apart(kind, 1, 1, 1);
	let contents = Contents::Opened { chunk: chunks.remove(0), siblings };
	submitted(tensor, kind.shape.extents().to_vec(), contents)
}

/// What is submitted as a tensor and is none: its extents take so many bytes.
pub fn monstrous(bytes: u32) -> (Hash, ProofBytes) {
	let extents = vec![1; bytes.div_ceil(4) as usize];
	let tensor = tensor_root_from::<HostBlake2b256>(FLOAT, &extents, &ANY);
	submitted(tensor, extents, Contents::Root(ANY))
}

/// The only tensor of a list, and the root of the list.
fn submitted(tensor: Hash, extents: Vec<u32>, contents: Contents) -> (Hash, ProofBytes) {
	let (number, dtype, path) = (0, FLOAT, Vec::new());
	let proof = SubmissionProof::Tensor { number, dtype, extents, contents, path }.encode();
	(tensors_root::<HostBlake2b256>(&[tensor]), proof.try_into().unwrap())
}

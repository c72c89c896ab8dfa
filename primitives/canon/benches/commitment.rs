//! What commitments cost the arbiter, printed: `cargo bench -p assay-canon --bench commitment`.
//!
//! Each figure is the best of several runs on one thread.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used)]

use std::{hint::black_box, time::Instant};

use assay_canon::{
	arbiter::{arbitrate, Chunk, Context, NodeProof, Opening, OperandProof, Proof, Verdict},
	commitment::{
		chunk_count, chunk_leaf, depth, digest, fold_multiproof, slot_leaf, tensor_root_of,
		trace_root_of, verify_descendants, Blake2b256, GraphHeader, Hash, List, Tree, CHUNK,
	},
	graph::{Node, Source, MAX_ENTRIES, MAX_OPERANDS, SPEC},
	op::Op,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim, SymbolicType},
	tensor::{DType, TensorType},
};
use codec::Encode;

const RUNS: usize = 50;
/// Bytes of chunks and hashes that the element does not need, as many as a proof may have.
const SPARE: usize = 210 * 1024;

fn main() {
	let leaves = [[1; 32], [2; 32]];
	let pair = best(|| {
		for _ in 0..1000 {
			black_box(fold_multiproof::<Blake2b256>(2, &[(0, leaves[0]), (1, leaves[1])], &[]));
		}
	});
	println!("a hash of two neighbors: {:.0} ns", pair * 1e3);

	let tree = Tree::<Blake2b256>::new(vec![[3; 32]; 256]);
	let (root, shown) = (tree.root(), tree.descendants(8, 0));
	let reveal = best(|| assert!(verify_descendants::<Blake2b256>(&root, 256, 8, 0, &shown)));
	println!("a reveal of 256 descendants: {reveal:.3} ms");

	for last in [false, true] {
		let Largest { graph, history, proof } = Largest::new(last);
		let context = Context {
			graph_root: graph,
			bindings: &Bindings::default(),
			inputs: &[],
			trace_root: history,
			probe: None,
		};
		let judged = best(|| {
			let verdict = arbitrate::<Blake2b256>(&context, 0, &proof);
			assert!(matches!(verdict, Verdict::Value(_)), "{verdict:?}");
		});
		let (place, size) = (if last { "last" } else { "first" }, proof.len() / 1024);
		println!("the largest element, {place} in its lists: {judged:.3} ms, {size} KiB");
	}
}

/// The least of several times in milliseconds.
fn best(mut run: impl FnMut()) -> f64 {
	let time = |_| {
		let started = Instant::now();
		run();
		started.elapsed().as_secs_f64() * 1e3
	};
	(0..RUNS).map(time).fold(f64::INFINITY, f64::min)
}

/// The proof of the dearest element: as many operands as can be, each a chunk deep in a tensor deep
/// in the trace.
struct Largest {
	graph: Hash,
	history: Hash,
	proof: Vec<u8>,
}

/// The first two leaves of a list as long as can be, or the last two of one as deep that is empty on
/// most levels to their right: the siblings that lead from each to the list, and the list.
struct Neighbors {
	paths: [Vec<Hash>; 2],
	numbers: [u32; 2],
	list: List,
}

impl Neighbors {
	fn new(leaves: [Hash; 2], last: bool) -> Self {
		let count = if last { MAX_ENTRIES / 2 + 2 } else { MAX_ENTRIES };
		let (first, [left, right]) = (if last { count - 2 } else { 0 }, leaves);
		let opened = [(first.into(), left), (u64::from(first) + 1, right)];
		let above = vec![[0; 32]; if last { 1 } else { depth(count.into()) as usize - 1 }];
		let root = fold_multiproof::<Blake2b256>(count.into(), &opened, &above).expect("a root");
		let paths = [right, left].map(|sibling| [vec![sibling], above.clone()].concat());
		Neighbors { paths, numbers: [first, first + 1], list: List { count, root } }
	}
}

impl Largest {
	fn new(last: bool) -> Self {
		let rows = 1 << 25;
		let kind =
			|dtype, extents: &[u32]| TensorType::new(dtype, Shape::new(extents).expect("a shape"));
		let (sums, sum) = (kind(DType::Uint8, &[rows, 80]), kind(DType::Float32, &[rows]));
		let (opening, operand_root) = apart(&sums, 1);
		let (own, own_root) = apart(&sum, SPARE / (CHUNK + 17 * 32));
		let trace = Neighbors::new(
			[operand_root, own_root].map(|root| slot_leaf::<Blake2b256>(&root)),
			last,
		);
		let [from, number] = trace.numbers;
		let history = trace_root_of::<Blake2b256>(trace.list.count, &trace.list.root);
		let [trace_path, own_path] = trace.paths;
		let (opening, own) =
			(Opening { trace_path, ..opening }, Opening { trace_path: own_path, ..own });

		let operand = node(Op::Identity, Vec::new(), &sums).encode();
		let inputs = vec![Source::node(from); MAX_OPERANDS];
		let total = node(Op::RoundSums { divisor: 1 }, inputs, &sum).encode();
		let leaves = [&operand, &total].map(|node| digest::<Blake2b256>(b"node", &[node]));
		let Neighbors { paths: [entry_path, path], list: nodes, .. } = Neighbors::new(leaves, last);
		let header = GraphHeader { spec: SPEC, nodes, ..Default::default() };
		let graph = header.root::<Blake2b256>();
		let operand = OperandProof { entry: operand, entry_path, opening };
		let node = NodeProof { header, number, node: total, path };
		let proof = Proof { node, operands: vec![operand; MAX_OPERANDS], own }.encode();
		Largest { graph, history, proof }
	}
}

fn node(op: Op, inputs: Vec<Source>, kind: &TensorType) -> Node {
	let dims = kind.shape.extents().iter().copied().map(Dim::from).collect();
	let output = SymbolicType { dtype: kind.dtype, dims };
	Node { op, inputs, layout: Layout::row_major(), output }
}

/// So many chunks of zeros, as far from one another as can be in a tensor whose other nodes are
/// zeros; the tensor's root.
fn apart(kind: &TensorType, number: usize) -> (Opening, Hash) {
	let count = chunk_count(kind);
	let parts = Tree::<Blake2b256>::new(vec![[0; 32]; number.next_power_of_two()]);
	let below = depth(count) - depth(parts.count());
	let numbers: Vec<u64> = (0..number as u64).collect();
	let shared = parts.multiproof(&numbers).len();
	let siblings = vec![[0; 32]; below as usize * number + shared];
	let leaf = chunk_leaf::<Blake2b256>(&[0; CHUNK]);
	let leaves: Vec<(u64, Hash)> = numbers.iter().map(|number| (number << below, leaf)).collect();
	let root = fold_multiproof::<Blake2b256>(count, &leaves, &siblings).expect("a root");
	let chunk = |(index, _): &(u64, Hash)| Chunk { index: *index as u32, bytes: vec![0; CHUNK] };
	let chunks = leaves.iter().map(chunk).collect();
	let opening = Opening { chunks, siblings, trace_path: Vec::new() };
	(opening, tensor_root_of::<Blake2b256>(kind, &root))
}

use proptest::prelude::*;

use super::*;
use crate::{
	arbiter::Prover,
	exact::run,
	graph::{Builder, Graph},
	op::Op,
	symbol::{Bindings, Dim, Symbol},
	tensor::DType,
	testing::{floats, integers},
};

type TestTree = Tree<Blake2b256>;

fn hex(hash: &Hash) -> String {
	hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn leaves(count: usize) -> Vec<Hash> {
	(0..count).map(|at| chunk_leaf::<Blake2b256>(&(at as u32).to_le_bytes())).collect()
}

fn small_graph() -> Graph {
	let mut builder = Builder::new(&[Symbol { minimum: 1, maximum: 8 }]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::symbol(0), Dim::from(2)]);
	let w = builder.initializer(&floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
	let y = builder.push(Op::MatMul, &[x, w]).unwrap();
	let z = builder.push(Op::Relu, &[y]).unwrap();
	builder.finish(&[z]).unwrap()
}

/// The first bytes of 0, 1, … 250, 0, 1, ….
fn bytes(count: usize) -> Vec<u8> {
	(0..=250).cycle().take(count).collect()
}

/// A graph of three nodes, of which the second may pick what is not there.
fn picking() -> Graph {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(400)]);
	let at = builder.input(DType::Int64, &[Dim::from(2)]);
	let y = builder.push(Op::Neg, &[x]).unwrap();
	let picked = builder.push(Op::Gather { axis: 0 }, &[y, at]).unwrap();
	let z = builder.push(Op::Relu, &[picked]).unwrap();
	builder.finish(&[z]).unwrap()
}

/// The root of the trace of [`picking`] on 0, 1, … 399.
fn trace(picked: [i64; 2]) -> Hash {
	let (graph, bindings) = (picking(), Bindings::default());
	let x: Vec<f32> = (0..400).map(|at| at as f32).collect();
	let inputs = [floats(&[400], &x), integers(DType::Int64, &[2], &picked)];
	let run = run(&graph, &bindings, &inputs, &[]).unwrap();
	let prover = Prover::<Blake2b256>::new(&graph, &bindings, &inputs, &[], &run);
	prover.unwrap().trace_root()
}

/// The root of a list of `count` leaves, of which one is sevens and the siblings are [`leaves`].
fn deep(count: u64, index: u64) -> Hash {
	let filled = |level: &u32| (index >> level) ^ 1 < tree::nodes_on(count, *level);
	let proof = leaves((0..depth(count)).filter(filled).count());
	fold_multiproof::<Blake2b256>(count, &[(index, [7; 32])], &proof).unwrap()
}

/// What the lines of `golden.txt` are the hashes of, in order.
fn golden() -> Vec<Hash> {
	let shown: Vec<i64> = bytes(2500).into_iter().map(i64::from).collect();
	let tensor = integers(DType::Uint8, &[50, 50], &shown);
	let roots = [leaves(0), leaves(1), leaves(3), leaves(300)].map(|all| TestTree::new(all).root());
	let picks = TestTree::new(leaves(300)).multiproof(&[3, 77, 298]);
	vec![
		Blake2b256::hash(b"abc"),
		empty::<Blake2b256>(0),
		empty::<Blake2b256>(3),
		chunk_leaf::<Blake2b256>(b"abc"),
		roots[0],
		roots[1],
		roots[2],
		roots[3],
		tensor_root::<Blake2b256>(&tensor),
		tensor_root::<Blake2b256>(&floats(&[], &[1.0])),
		tensor_root::<Blake2b256>(&floats(&[0, 3], &[])),
		tensors_root::<Blake2b256>(&[]),
		tensors_root::<Blake2b256>(&[[1; 32], [2; 32], [3; 32]]),
		slot_leaf::<Blake2b256>(&[7; 32]),
		fault_leaf::<Blake2b256>(9),
		unreached_leaf::<Blake2b256>(),
		trace_root_of::<Blake2b256>(3, &roots[2]),
		CommittedGraph::<Blake2b256>::new(&small_graph()).root(),
		chunk_root::<Blake2b256>(&bytes(0)),
		chunk_root::<Blake2b256>(&bytes(1023)),
		chunk_root::<Blake2b256>(&bytes(1024)),
		chunk_root::<Blake2b256>(&bytes(1025)),
		chunk_root::<Blake2b256>(&bytes(5120)),
		chunk_root::<Blake2b256>(&bytes(5_000_000)),
		deep(MAX_LEAVES, 0),
		deep((1 << 24) + 1, 1 << 24),
		digest::<Blake2b256>(b"multiproof", &[&picks.concat()]),
		faulted_root::<Blake2b256>(1, 1),
		trace([0, 399]),
		trace([7, 400]),
	]
}

#[test]
fn golden_vectors_stay_as_they_are() {
	let golden: Vec<&str> = include_str!("golden.txt").lines().collect();
	assert_eq!(self::golden().iter().map(hex).collect::<Vec<_>>(), golden);
}

#[test]
fn a_multiproof_folds_to_the_root_that_is_written_down() {
	let tree = TestTree::new(leaves(300));
	let opened = [3, 77, 298].map(|at| (at, tree.node(0, at)));
	let root = fold_multiproof::<Blake2b256>(300, &opened, &tree.multiproof(&[3, 77, 298]));
	assert_eq!(root, Some(golden()[7]));
}

#[test]
fn parts_of_any_length_are_hashed_one_after_the_other() {
	for length in (0..200).chain(900..1200).chain([2048, 300_000]) {
		let part = bytes(length);
		let mut all = b"\x03tag".to_vec();
		for part in [&part[..], b"", &part] {
			all.extend((part.len() as u32).to_le_bytes());
			all.extend(part);
		}
		assert_eq!(digest::<Blake2b256>(b"tag", &[&part, b"", &part]), Blake2b256::hash(&all));
	}
}

#[test]
fn kinds_of_hashes_do_not_meet() {
	let both = [[1; 32], [2; 32]];
	let inner = TestTree::new(both.to_vec()).root();
	let bytes: Vec<u8> = both.concat();
	assert_ne!(inner, chunk_leaf::<Blake2b256>(&bytes));
	assert_ne!(inner, Blake2b256::hash(&bytes));
	assert_ne!(slot_leaf::<Blake2b256>(&[1; 32]), chunk_leaf::<Blake2b256>(&[1; 32]));
	// A part does not run into the next.
	let parts = digest::<Blake2b256>(b"t", &[b"ab", b"c"]);
	assert_ne!(parts, digest::<Blake2b256>(b"t", &[b"a", b"bc"]));
}

#[test]
fn depths_follow_counts() {
	let depths: Vec<u32> = [0, 1, 2, 3, 4, 5, 1 << 20].iter().map(|count| depth(*count)).collect();
	assert_eq!(depths, [0, 0, 1, 2, 2, 3, 20]);
}

#[test]
fn multiproofs_are_refused_unless_exact() {
	let tree = TestTree::new(leaves(11));
	let proof = tree.multiproof(&[2, 3, 9]);
	let opened = |indices: &[u64]| -> Vec<(u64, Hash)> {
		indices.iter().map(|at| (*at, tree.node(0, *at))).collect()
	};
	let fold = |count, leaves: &[(u64, Hash)], proof: &[Hash]| {
		fold_multiproof::<Blake2b256>(count, leaves, proof)
	};
	let root = Some(tree.root());
	assert_eq!(fold(11, &opened(&[2, 3, 9]), &proof), root);
	assert_ne!(fold(11, &opened(&[2, 3, 8]), &proof), root);
	assert_eq!(fold(11, &opened(&[3, 2, 9]), &proof), None);
	assert_eq!(fold(11, &opened(&[2, 2, 3, 9]), &proof), None);
	assert_eq!(fold(11, &opened(&[]), &proof), None);
	assert_eq!(fold(9, &opened(&[2, 3, 9]), &proof), None);
	assert_eq!(fold(11, &opened(&[2, 3, 9]), &proof[1..]), None);
	let longer = [proof.clone(), vec![[0; 32]]].concat();
	assert_eq!(fold(11, &opened(&[2, 3, 9]), &longer), None);
	// A node of the tree is no leaf of it.
	let inner = [(0, tree.node(1, 0))];
	assert_ne!(fold(11, &inner, &tree.multiproof(&[0])), root);
}

#[test]
fn reveals_show_descendants_and_refuse_filled_padding() {
	let tree = TestTree::new(leaves(700));
	let (count, top) = (700, depth(700));
	let shown = tree.descendants(top, 0);
	assert_eq!((top, shown.len()), (10, 256));
	let verify = |parent: &Hash, level, index, hashes: &[Hash]| {
		verify_descendants::<Blake2b256>(parent, count, level, index, hashes)
	};
	assert!(verify(&tree.root(), top, 0, &shown));
	assert!(!verify(&tree.root(), top, 0, &shown[1..]));
	let below = tree.descendants(2, 174);
	assert_eq!(below.len(), 4);
	assert!(verify(&shown[174], 2, 174, &below));
	assert!(!verify(&shown[173], 2, 174, &below));

	let mut forged = leaves(701);
	forged[700] = [9; 32];
	let forged = TestTree::new(forged);
	assert!(!verify(&forged.node(2, 175), 2, 175, &forged.descendants(2, 175)));
	assert!(!verify(&forged.root(), top, 0, &forged.descendants(top, 0)));
}

proptest! {
	#[test]
	fn any_set_of_leaves_opens(count in 1_usize..70, picks in proptest::collection::btree_set(0_u64..70, 1..9)) {
		let tree = TestTree::new(leaves(count));
		let indices: Vec<u64> = picks.into_iter().filter(|at| *at < count as u64).collect();
		prop_assume!(!indices.is_empty());
		let opened: Vec<(u64, Hash)> = indices.iter().map(|at| (*at, tree.node(0, *at))).collect();
		let proof = tree.multiproof(&indices);
		let root = fold_multiproof::<Blake2b256>(count as u64, &opened, &proof);
		prop_assert_eq!(root, Some(tree.root()));
	}
}

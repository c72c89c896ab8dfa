use proptest::prelude::*;

use super::*;
use crate::{
	graph::{Builder, Graph},
	op::Op,
	symbol::{Dim, Symbol},
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

#[test]
fn golden_vectors_stay_as_they_are() {
	let bytes: Vec<i64> = (0..2500).map(|at| at % 251).collect();
	let tensor = integers(DType::Uint8, &[50, 50], &bytes);
	let roots = [leaves(0), leaves(1), leaves(3), leaves(300)].map(|all| TestTree::new(all).root());
	let found = [
		Blake2b256::hash(&[b"abc"]),
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
	];
	let golden: Vec<&str> = include_str!("golden.txt").lines().collect();
	assert_eq!(found.iter().map(hex).collect::<Vec<_>>(), golden);
}

#[test]
fn kinds_of_hashes_do_not_meet() {
	let both = [[1; 32], [2; 32]];
	let inner = TestTree::new(both.to_vec()).root();
	let bytes: Vec<u8> = both.concat();
	assert_ne!(inner, chunk_leaf::<Blake2b256>(&bytes));
	assert_ne!(inner, Blake2b256::hash(&[&bytes]));
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

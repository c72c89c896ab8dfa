//! The root of a graph: a header over four lists, so that one entry is opened by a path.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use super::{digest, fold_multiproof, tag, tree::Tree, Hash, Hasher};
use crate::{graph::Graph, symbol::Symbol};

/// A list of entries: how many, and the root of the tree over them.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub struct List {
	/// Number of entries.
	pub count: u32,
	/// Root of the tree over their leaves.
	pub root: Hash,
}

/// What `graph_root` is the hash of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct GraphHeader {
	/// See [`Graph::spec`].
	pub spec: u32,
	/// See [`Graph::symbols`].
	pub symbols: Vec<Symbol>,
	/// See [`Graph::inputs`].
	pub inputs: List,
	/// See [`Graph::initializers`].
	pub initializers: List,
	/// See [`Graph::nodes`].
	pub nodes: List,
	/// See [`Graph::outputs`].
	pub outputs: List,
}

impl GraphHeader {
	/// The commitment to the graph.
	pub fn root<H: Hasher>(&self) -> Hash {
		digest::<H>(tag::GRAPH, &[&self.encode()])
	}
}

/// The leaf of an encoded entry: its tag separates it from entries of other lists.
pub(crate) fn entry_leaf<H: Hasher>(tag: &[u8], entry: &[u8]) -> Hash {
	digest::<H>(tag, &[entry])
}

impl List {
	/// Whether an entry is at `index` of this list, its path being a multiproof of one leaf.
	pub(crate) fn holds<H: Hasher>(&self, index: u32, leaf: Hash, path: &[Hash]) -> bool {
		fold_multiproof::<H>(self.count.into(), &[(index.into(), leaf)], path) == Some(self.root)
	}
}

/// A graph with the trees over its entries.
#[derive(Clone, Debug)]
pub struct CommittedGraph<H> {
	header: GraphHeader,
	inputs: Tree<H>,
	initializers: Tree<H>,
	nodes: Tree<H>,
	outputs: Tree<H>,
}

impl<H: Hasher> CommittedGraph<H> {
	/// The commitment to a graph.
	pub fn new(graph: &Graph) -> Self {
		let inputs = tree(tag::INPUT, &graph.inputs);
		let initializers = tree(tag::INITIALIZER, &graph.initializers);
		let nodes = tree(tag::NODE, &graph.nodes);
		let outputs = tree(tag::OUTPUT, &graph.outputs);
		// A graph beyond `u32` entries does not validate.
		let list = |tree: &Tree<H>| List { count: tree.count() as u32, root: tree.root() };
		let header = GraphHeader {
			spec: graph.spec,
			symbols: graph.symbols.clone(),
			inputs: list(&inputs),
			initializers: list(&initializers),
			nodes: list(&nodes),
			outputs: list(&outputs),
		};
		Self { header, inputs, initializers, nodes, outputs }
	}

	/// What the root is the hash of.
	pub const fn header(&self) -> &GraphHeader {
		&self.header
	}

	/// The commitment.
	pub fn root(&self) -> Hash {
		self.header.root::<H>()
	}

	/// The path of an input.
	pub fn input_path(&self, index: u32) -> Vec<Hash> {
		self.inputs.multiproof(&[index.into()])
	}

	/// The path of an initializer.
	pub fn initializer_path(&self, index: u32) -> Vec<Hash> {
		self.initializers.multiproof(&[index.into()])
	}

	/// The path of a node.
	pub fn node_path(&self, index: u32) -> Vec<Hash> {
		self.nodes.multiproof(&[index.into()])
	}

	/// The path of an output.
	pub fn output_path(&self, index: u32) -> Vec<Hash> {
		self.outputs.multiproof(&[index.into()])
	}
}

fn tree<H: Hasher>(tag: &[u8], entries: &[impl Encode]) -> Tree<H> {
	Tree::new(entries.iter().map(|entry| entry_leaf::<H>(tag, &entry.encode())).collect())
}

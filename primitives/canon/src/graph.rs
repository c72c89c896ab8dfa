//! The graph: what a model version computes, and what `graph_root` commits to.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	commitment::Hash,
	op::Op,
	shape::Layout,
	symbol::{Bindings, Symbol, SymbolicType},
	tensor::TensorType,
};

mod builder;
mod check;
mod cost;
mod invalid;
#[cfg(test)]
mod tests;

pub use builder::{BuildError, Builder};
pub(crate) use check::check_references;
pub use check::{check_node, Plan};
pub use cost::Cost;
pub use invalid::{Invalid, InvalidGraph};

/// The arithmetic that this crate defines.
pub const SPEC: u32 = 1;

/// The most inputs, initializers, nodes or outputs that a graph has, each.
pub const MAX_ENTRIES: u32 = 1 << 20;

/// The most bytes of an encoded node.
pub const MAX_NODE_BYTES: usize = 2048;

/// The most operands that a node has.
pub const MAX_OPERANDS: usize = 64;

/// The output of a node: what the trace has one leaf for. Every primitive has the one output 0,
/// so the number of a slot in the trace is that of its node.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Slot {
	/// Number of the node.
	pub node: u32,
	/// Number of its output, 0.
	pub output: u8,
}

/// Where an operand comes from.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Source {
	/// An input of the graph.
	#[codec(index = 0)]
	Input(u32),
	/// An initializer of the graph.
	#[codec(index = 1)]
	Initializer(u32),
	/// The output of an earlier node.
	#[codec(index = 2)]
	Slot(Slot),
}

impl Source {
	/// The output of a node.
	pub const fn node(node: u32) -> Self {
		Self::Slot(Slot { node, output: 0 })
	}
}

/// A constant tensor of the model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Initializer {
	/// Type and shape.
	pub kind: TensorType,
	/// Physical order of the axes.
	pub layout: Layout,
	/// The tensor's commitment.
	pub root: Hash,
}

/// One application of a primitive.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Node {
	/// The primitive.
	pub op: Op,
	/// Its operands.
	pub inputs: Vec<Source>,
	/// Physical order of the output's axes.
	pub layout: Layout,
	/// What the primitive makes of its operands, stated so that one opened node says what its
	/// output is. A node that states it wrongly is invalid.
	pub output: SymbolicType,
}

/// A graph. Graph inputs and outputs are row-major.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Graph {
	/// The arithmetic, [`SPEC`].
	pub spec: u32,
	/// At most four sizes that a job chooses.
	pub symbols: Vec<Symbol>,
	/// What a job supplies.
	pub inputs: Vec<SymbolicType>,
	/// What the model supplies.
	pub initializers: Vec<Initializer>,
	/// The computation, each node after its operands.
	pub nodes: Vec<Node>,
	/// What a job delivers.
	pub outputs: Vec<Slot>,
}

impl Graph {
	/// The type and layout of every slot for a job, or what is wrong with the graph there.
	pub fn validate(&self, bindings: &Bindings) -> Result<Plan, InvalidGraph> {
		check::validate(self, bindings)
	}

	/// What running the graph takes, or what is wrong with it.
	pub fn cost(&self, bindings: &Bindings) -> Result<Cost, InvalidGraph> {
		cost::of(self, bindings)
	}
}

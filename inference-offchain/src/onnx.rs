//! Imports ONNX files into the canonical graph (PROTOCOL P1, P2).
//!
//! A file is read within bounds, its nodes are lowered one by one to primitives, and what
//! is known before any input is (constants, shapes, conditions) is folded on the way. What has no
//! exact meaning here is refused by name. Equal bytes and declarations give equal graphs.
//!
//! The lowerings are written down in `docs/canonical.md`.

use std::collections::BTreeMap;

use assay_canon::{
	graph::Graph,
	symbol::{Symbol, SymbolicType},
	tensor::{DType, Tensor},
};

mod attributes;
mod class;
mod emit;
mod error;
mod fold;
mod lower;
pub mod proto;
mod read;
mod shorthand;
pub mod tensor;
#[cfg(test)]
mod tests;
mod wire;

pub use class::Class;
pub use error::{ImportError, Refusal};
pub use read::File;

/// The operator sets of ONNX that are read, first and last.
pub const OPERATOR_SETS: (i64, i64) = (7, 27);

/// What a version declares about a file beyond its bytes.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
	/// The free dimensions by name; one without a name is called `input:axis`.
	pub dimensions: BTreeMap<String, Dimension>,
	/// Inputs that are the same for every job, and so no inputs of the graph.
	pub fixed: BTreeMap<String, Tensor>,
}

/// What a free dimension of a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
	/// The same for every job.
	Fixed(u32),
	/// Chosen by the job: a symbol of the graph.
	Free(Symbol),
}

/// An axis of an input whose length the file leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeAxis {
	/// The input.
	pub input: String,
	/// The axis, counted from the outermost.
	pub axis: usize,
	/// The name of the dimension, as in [`Declaration::dimensions`].
	pub dimension: String,
}

/// A named input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
	/// Its name in the file.
	pub name: String,
	/// Its type.
	pub kind: SymbolicType,
}

/// What a file means.
#[derive(Clone, Debug)]
pub struct Imported {
	/// The graph.
	pub graph: Graph,
	/// The tensors of the graph's initializers, in order.
	pub initializers: Vec<Tensor>,
	/// The name of each symbol of the graph.
	pub symbols: Vec<String>,
	/// The inputs, in the order of the graph.
	pub inputs: Vec<Port>,
	/// The outputs, in the order of the graph.
	pub outputs: Vec<Port>,
	/// The strictest class that a version with this graph may have.
	pub class: Class,
}

/// Imports an ONNX file.
pub fn import(bytes: &[u8], declaration: &Declaration) -> Result<Imported, ImportError> {
	File::decode(bytes)?.import(declaration)
}

impl File {
	/// The axes of inputs whose length the file leaves open, in its order. Inputs with a default
	/// are none that a job supplies.
	pub fn free_axes(&self) -> Result<Vec<FreeAxis>, ImportError> {
		lower::free_axes(&self.graph)
	}

	/// The inputs without a default, in the order of the file, with their element types.
	pub fn inputs(&self) -> Result<Vec<(String, DType)>, ImportError> {
		lower::inputs(&self.graph)
	}

	/// Imports the file.
	pub fn import(&self, declaration: &Declaration) -> Result<Imported, ImportError> {
		let mut import = lower::Import::new(self, declaration)?;
		import.lower(&self.graph)?;
		import.finish(&self.graph)
	}
}

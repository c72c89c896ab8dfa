//! Why a model is not one of the canonical arithmetic, or not the one that a version declares.

use crate::onnx::ImportError;
use assay_canon::{arbiter::ProveError, exact::RunError, graph::InvalidGraph};
use assay_primitives::{
	canonical::{Cost, SymbolAxes},
	model::{Class, SpecVersion},
	tensor::{Dimension, TensorError, TensorSpec},
	Root,
};

/// Why a model has no canonical function, is not what its version declares, or does not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
	/// The file is not imported.
	#[error("the file cannot be imported: {0}")]
	Import(#[from] ImportError),
	/// A version declares different lengths where the file has one dimension.
	#[error("the version declares different lengths for {dimension:?}, which is one dimension")]
	OneDimension {
		/// The dimension's name.
		dimension: String,
	},
	/// What a version sets is no tensor of the canonical arithmetic.
	#[error("the constant {name:?} is no tensor of the canonical arithmetic: {reason}")]
	Constant {
		/// Its name.
		name: String,
		/// What is wrong.
		reason: TensorError,
	},
	/// An axis that the chain cannot declare.
	#[error("the chain cannot declare axis {axis} of {name:?}")]
	Undeclarable {
		/// The input or output.
		name: String,
		/// The axis, counted from the outermost.
		axis: usize,
	},
	/// A name that is too long for the chain.
	#[error("the name {name:?} is too long for the chain")]
	Name {
		/// The name.
		name: String,
	},
	/// More of something than the chain stores.
	#[error("the model has more {0} than the chain stores")]
	TooMany(&'static str),
	/// The version names another arithmetic.
	#[error("the arithmetic is spec {}, the version names {}", computed.0, declared.0)]
	Spec {
		/// The one that this program has.
		computed: SpecVersion,
		/// The one that the version names.
		declared: SpecVersion,
	},
	/// The version declares other inputs.
	#[error("the model takes [{}], its version declares [{}]", list(computed), list(declared))]
	Inputs {
		/// The model's.
		computed: Vec<TensorSpec>,
		/// The version's.
		declared: Vec<TensorSpec>,
	},
	/// The version declares other outputs.
	#[error("the model gives [{}], its version declares [{}]", list(computed), list(declared))]
	Outputs {
		/// The model's.
		computed: Vec<TensorSpec>,
		/// The version's.
		declared: Vec<TensorSpec>,
	},
	/// The version declares a class that its graph may not have.
	#[error("the graph may be {strictest:?} or Canonical, its version declares {declared:?}")]
	Class {
		/// The graph's.
		strictest: Class,
		/// The version's.
		declared: Class,
	},
	/// The version commits to another lowering.
	#[error("the lowering is {computed}, the version commits to {declared}")]
	Lowering {
		/// The one that this program has.
		computed: u16,
		/// The version's.
		declared: u16,
	},
	/// The version commits to another graph.
	#[error("the graph's root is {computed}, the version commits to {declared}")]
	Graph {
		/// The model's.
		computed: Root,
		/// The version's.
		declared: Root,
	},
	/// The version reads the symbols elsewhere.
	#[error("the symbols are the axes {computed:?}, the version commits to {declared:?}")]
	Symbols {
		/// The model's.
		computed: Vec<SymbolAxes>,
		/// The version's.
		declared: Vec<SymbolAxes>,
	},
	/// The version states another cost.
	#[error("the cost is {computed:?}, the version commits to {declared:?}")]
	Cost {
		/// The model's.
		computed: Cost,
		/// The version's.
		declared: Cost,
	},
	/// The graph is invalid for the largest job.
	#[error("the graph is invalid: {0:?}")]
	Invalid(InvalidGraph),
	/// As many inputs as declared were not given.
	#[error("{given} inputs were given where {declared} are declared")]
	InputCount {
		/// The number given.
		given: usize,
		/// The number declared.
		declared: usize,
	},
	/// An input is not as declared.
	#[error("input {name:?}: {reason}")]
	Input {
		/// Its name.
		name: String,
		/// What is wrong.
		reason: TensorError,
	},
	/// A symbol is the length of no input's axis.
	#[error("a symbol of the graph is the length of no input's axis")]
	UnboundSymbol,
	/// An output is no tensor that jobs can carry.
	#[error("an output cannot be carried: {0}")]
	Output(TensorError),
	/// The run failed.
	#[error("the run failed: {0:?}")]
	Run(RunError),
	/// An element cannot be opened.
	#[error("the element cannot be opened: {0:?}")]
	Prove(ProveError),
}

impl From<InvalidGraph> for CanonicalError {
	fn from(invalid: InvalidGraph) -> Self {
		CanonicalError::Invalid(invalid)
	}
}

impl From<RunError> for CanonicalError {
	fn from(error: RunError) -> Self {
		CanonicalError::Run(error)
	}
}

impl From<ProveError> for CanonicalError {
	fn from(error: ProveError) -> Self {
		CanonicalError::Prove(error)
	}
}

/// Declarations as people write them: `x: float32[<=8, 3]`.
fn list(specs: &[TensorSpec]) -> String {
	let length = |dimension: &Dimension| match dimension {
		Dimension::Fixed(length) => length.to_string(),
		Dimension::UpTo(most) => format!("<={most}"),
	};
	let one = |spec: &TensorSpec| {
		let lengths: Vec<String> = spec.shape.iter().map(length).collect();
		let name = String::from_utf8_lossy(&spec.name);
		format!("{name}: {}[{}]", spec.dtype, lengths.join(", "))
	};
	specs.iter().map(one).collect::<Vec<_>>().join(", ")
}

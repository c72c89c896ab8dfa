//! Why a file is not imported.

use assay_canon::graph::BuildError;

/// Why a file is not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
	/// The bytes are no ONNX file, or nest too deep.
	#[error("malformed file: {0}")]
	Malformed(String),
	/// The file has more of something than a model may have.
	#[error("{what}: {count} is more than {limit}")]
	TooMuch {
		/// Of what.
		what: &'static str,
		/// How much there is.
		count: usize,
		/// How much there may be.
		limit: usize,
	},
	/// The file imports an operator set of a version outside the range that is read.
	#[error("operator set {domain:?} version {version} is not read")]
	OperatorSet {
		/// The domain of the set.
		domain: String,
		/// Its version; 0 if it is not imported at all.
		version: i64,
	},
	/// The file uses a feature of the format that is refused.
	#[error("{what} ({name:?}) is not supported")]
	Unsupported {
		/// The feature.
		what: &'static str,
		/// Where it is used.
		name: String,
	},
	/// A value has elements of a type that is refused.
	#[error("{value:?} has elements of type {dtype}, which is not supported")]
	ElementType {
		/// Name of the value.
		value: String,
		/// ONNX's name of the type.
		dtype: &'static str,
	},
	/// Two values have one name.
	#[error("{0:?} is defined twice")]
	DuplicateName(String),
	/// A value is used that no earlier node defines: it is missing, later, or part of a cycle.
	#[error("{node} uses {value:?} before it is defined")]
	UndefinedValue {
		/// The node, or "output".
		node: String,
		/// Name of the value.
		value: String,
	},
	/// A dimension of an input is free, and the declaration does not say between which bounds.
	#[error("dimension {dimension:?} of input {input:?} is not declared")]
	UndeclaredDimension {
		/// The input.
		input: String,
		/// The dimension's name; `input:axis` if it has none.
		dimension: String,
	},
	/// The declaration does not fit the file.
	#[error("the declaration of {0:?} does not fit the model")]
	BadDeclaration(String),
	/// A node is refused.
	#[error("node {node:?} ({operator}): {refusal}")]
	Node {
		/// Its name, or its number if it has none.
		node: String,
		/// Its operator.
		operator: String,
		/// Why.
		refusal: Refusal,
	},
}

/// Why a node is not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// No lowering is written for the operator.
	#[error("unknown operator")]
	UnknownOperator,
	/// The output's shape depends on data.
	#[error("the shape of its output depends on data")]
	DataDependentShape,
	/// A shape, axis or condition is computed from data, or is an input that is not fixed.
	#[error("{what} is not fixed{}", input.as_ref().map(|name| format!(": declare input {name:?}")).unwrap_or_default())]
	NotFixed {
		/// What must be fixed.
		what: &'static str,
		/// The input that would have to be declared, if it is one.
		input: Option<String>,
	},
	/// A size is not affine in the symbols.
	#[error("{0} is not affine in the free dimensions")]
	NotAffine(&'static str),
	/// An element type is not supported.
	#[error("element type {0} is not supported")]
	ElementType(&'static str),
	/// An attribute or operand is missing, of the wrong kind, or outside its range.
	#[error("bad {0}")]
	Bad(&'static str),
	/// A variant of the operator has no lowering.
	#[error("{0} is not supported")]
	Unsupported(&'static str),
	/// An attribute that the operator does not have, or that its lowering does not heed.
	#[error("unknown attribute {0:?}")]
	UnknownAttribute(String),
	/// A primitive does not take the operands.
	#[error("primitive {op}: {error:?}")]
	Primitive {
		/// The primitive.
		op: &'static str,
		/// What the graph's builder says.
		error: BuildError,
	},
}

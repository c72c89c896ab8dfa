//! Decodes a file and refuses what is not read, before anything is made of it.

use std::collections::BTreeSet;

use prost::Message;

use super::{
	proto::{GraphProto, ModelProto},
	wire, ImportError, OPERATOR_SETS,
};

/// A decoded file.
#[derive(Clone, Debug)]
pub struct File {
	/// The graph.
	pub(super) graph: GraphProto,
	/// The version of ONNX's own operator set.
	pub(super) opset: i64,
}

impl File {
	/// Decodes a file.
	pub fn decode(bytes: &[u8]) -> Result<Self, ImportError> {
		wire::check(bytes)?;
		let model =
			ModelProto::decode(bytes).map_err(|error| ImportError::Malformed(error.to_string()))?;
		if !model.training_info.is_empty() {
			return Err(unsupported("training information", ""));
		}
		if let Some(function) = model.functions.first() {
			return Err(unsupported("functions of the model's own", &function.name));
		}
		let opset = opset_of(&model)?;
		let graph =
			model.graph.ok_or_else(|| ImportError::Malformed("there is no graph".into()))?;
		check_names(&graph)?;
		Ok(Self { graph, opset })
	}
}

fn unsupported(what: &'static str, name: &str) -> ImportError {
	ImportError::Unsupported { what, name: name.into() }
}

/// The version of ONNX's own operators. Other sets may be imported as long as no node uses them.
fn opset_of(model: &ModelProto) -> Result<i64, ImportError> {
	let own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
	let versions: BTreeSet<i64> =
		model.opset_import.iter().filter(|set| own(&set.domain)).map(|set| set.version).collect();
	let refusal = |version| ImportError::OperatorSet { domain: "ai.onnx".into(), version };
	let version = match (versions.first(), versions.len()) {
		(Some(version), 1) => *version,
		_ => return Err(refusal(0)),
	};
	let (first, last) = OPERATOR_SETS;
	if (first..=last).contains(&version) {
		Ok(version)
	} else {
		Err(refusal(version))
	}
}

/// Each value is defined once. An initializer may stand beside an input of its name: its default.
fn check_names(graph: &GraphProto) -> Result<(), ImportError> {
	if !graph.sparse_initializer.is_empty() {
		return Err(unsupported("sparse initializers", ""));
	}
	let mut inputs = BTreeSet::new();
	for input in &graph.input {
		define(&mut inputs, &input.name)?;
	}
	let mut initializers = BTreeSet::new();
	for initializer in &graph.initializer {
		define(&mut initializers, &initializer.name)?;
	}
	let mut values: BTreeSet<&str> = inputs.union(&initializers).copied().collect();
	for node in &graph.node {
		for output in node.output.iter().filter(|name| !name.is_empty()) {
			define(&mut values, output)?;
		}
	}
	Ok(())
}

fn define<'a>(names: &mut BTreeSet<&'a str>, name: &'a str) -> Result<(), ImportError> {
	if names.insert(name) {
		Ok(())
	} else {
		Err(ImportError::DuplicateName(name.into()))
	}
}

//! A model file with what is said of it: free dimensions, constants and inputs.

use crate::{
	cli::{ModelArgs, Named},
	failure::Failure,
	file,
	manifest::{bounded, Length},
	tensors::{from_json, parse, read_file, MOST_FILE},
};
use assay_canon::symbol::Symbol;
use assay_primitives::{
	canonical::Constant,
	model::{Artifact, Class, PriceUnit, SpecVersion, VersionSpec, MAX_ARTIFACT},
	tensor::{DType, Dimension, Tensor},
	ArtifactHash,
};
use assay_worker::{
	canonical::{to_canonical, CanonicalError, CanonicalModel},
	onnx::{self, Declaration, File, ImportError},
};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
};

/// The shape of an input that is given.
type Lengths = BTreeMap<String, Vec<u32>>;

/// An imported model.
pub struct Source {
	/// The file.
	pub bytes: Vec<u8>,
	/// What it means.
	pub model: CanonicalModel,
	/// What is set for every job.
	pub constants: Vec<Constant>,
}

impl Source {
	/// Import the file of the arguments. A free dimension that they do not bound has the length
	/// that it has in `inputs`.
	pub fn open(arguments: &ModelArgs, inputs: &[Named]) -> Result<Self, Failure> {
		let bytes = read_model(&arguments.file)?;
		let file = File::decode(&bytes).map_err(refused)?;
		let known = file.inputs().map_err(refused)?;
		let is_known = |named: &&Named| known.iter().any(|(name, _)| *name == named.name);
		if let Some(unknown) = inputs.iter().find(|named| !is_known(named)) {
			let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
			let message = format!("the model has no input `{}`", unknown.name);
			return Err(Failure::new("input", message)
				.help(format!("its inputs are: {}", names.join(", "))));
		}
		let constants = constants(&file, &arguments.constants)?;
		let shapes = inputs.iter().map(shape_of).collect::<Result<Lengths, _>>()?;
		let dimensions = dimensions(&file, arguments, &shapes, &constants)?;
		Source::import(bytes, &file, dimensions, constants)
	}

	/// Import a file under these dimensions and constants.
	pub fn import(
		bytes: Vec<u8>,
		file: &File,
		dimensions: BTreeMap<String, onnx::Dimension>,
		constants: Vec<Constant>,
	) -> Result<Self, Failure> {
		let mut declaration = Declaration { dimensions, ..Declaration::default() };
		for constant in &constants {
			let name = String::from_utf8_lossy(&constant.name).into_owned();
			let tensor = to_canonical(&tensor_of(constant))
				.map_err(|error| Failure::new("input", format!("constant `{name}`: {error}")))?;
			declaration.fixed.insert(name, tensor);
		}
		let model = file.import(&declaration).map_err(refused)?.into();
		Ok(Source { bytes, model, constants })
	}

	/// The inputs of the arguments in the order of the model.
	pub fn inputs(&self, given: &[Named]) -> Result<Vec<Tensor>, Failure> {
		let specs = self.model.inputs().map_err(|error| refusal(&error))?;
		let mut tensors = Vec::new();
		for spec in &specs {
			let name = String::from_utf8_lossy(&spec.name).into_owned();
			let named = given.iter().find(|named| named.name == name).ok_or_else(|| {
				Failure::new("input", format!("input `{name}` is missing"))
					.help(format!("give it with --input {name}=@file.npy"))
			})?;
			tensors.push(parse(&named.value, spec)?);
		}
		Ok(tensors)
	}

	/// A version of the model as engines need it: nothing of it reaches a chain.
	pub fn version(&self) -> Result<VersionSpec, Failure> {
		let model = &self.model;
		let fail = |error: CanonicalError| refusal(&error);
		Ok(VersionSpec {
			artifact: artifact_of(&self.bytes),
			locators: Default::default(),
			inputs: bounded(model.inputs().map_err(fail)?, "the list of inputs")?,
			outputs: bounded(model.outputs().map_err(fail)?, "the list of outputs")?,
			class: Class::Canonical,
			tolerance: None,
			price: 0,
			unit: PriceUnit::Call,
			spec: SpecVersion(1),
			commitments: model.commitments().map_err(fail)?,
			constants: bounded(self.constants.clone(), "the list of constants")?,
			licence: Default::default(),
			permissions: Default::default(),
		})
	}
}

/// The name of a file by its content.
pub fn artifact_of(bytes: &[u8]) -> Artifact {
	Artifact { hash: ArtifactHash(*blake3::hash(bytes).as_bytes()), size: bytes.len() as u64 }
}

/// Why a file is not imported, and what can be done about it.
pub fn refused(error: ImportError) -> Failure {
	let help = match &error {
		ImportError::UndeclaredDimension { dimension, .. } => Some(format!(
			"bound it with --dim '{dimension}=4', or --dim '{dimension}=<=64' if jobs choose it"
		)),
		ImportError::Node {
			refusal: onnx::Refusal::NotFixed { input: Some(name), .. }, ..
		} => Some(format!("set it for every job with --set '{name}=VALUE'")),
		_ => None,
	};
	let failure = Failure::new("model", error.to_string());
	match help {
		Some(help) => failure.help(help),
		None => failure,
	}
}

/// A failure of the canonical engine.
pub fn refusal(error: &CanonicalError) -> Failure {
	Failure::new("model", error.to_string())
}

/// Read a model file, no larger than the chain admits.
pub fn read_model(path: &Path) -> Result<Vec<u8>, Failure> {
	file::read(path, MAX_ARTIFACT).map_err(|error| Failure::new("file", error))
}

/// What is set for every job.
pub fn constants(file: &File, given: &[Named]) -> Result<Vec<Constant>, Failure> {
	let types = file.inputs().map_err(refused)?;
	let constant = |named: &Named| {
		let fail = |message: String| {
			Failure::new("input", format!("constant `{}`: {message}", named.name))
		};
		let known = types.iter().find(|(name, _)| *name == named.name);
		let (_, dtype) = known.ok_or_else(|| fail("the model has no such input".into()))?;
		let tensor = read_tensor(&named.value, (*dtype).into()).map_err(fail)?;
		Ok(Constant {
			name: bounded(named.name.as_bytes().to_vec(), "the name of a constant")?,
			dtype: tensor.dtype,
			shape: tensor.shape,
			data: bounded(tensor.data, "a constant")?,
		})
	};
	given.iter().map(constant).collect()
}

fn tensor_of(constant: &Constant) -> Tensor {
	let Constant { dtype, shape, data, .. } = constant;
	Tensor { dtype: *dtype, shape: shape.clone(), data: data.to_vec() }
}

/// A value of a known type, in JSON or as `@file`.
fn read_tensor(text: &str, dtype: DType) -> Result<Tensor, String> {
	match text.strip_prefix('@') {
		Some(path) => read_file(Path::new(path), dtype),
		None => {
			let value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
			from_json(&value, dtype)
		},
	}
}

/// The name and the shape of an input, whatever its type.
fn shape_of(named: &Named) -> Result<(String, Vec<u32>), Failure> {
	let fail =
		|message: String| Failure::new("input", format!("input `{}`: {message}", named.name));
	let shape = match named.value.strip_prefix('@') {
		Some(path) if path.ends_with(".npy") => {
			read_tensor(&named.value, DType::Float32).map_err(fail)?.shape.into_inner()
		},
		Some(path) => {
			let text = file::read(Path::new(path), MOST_FILE).map_err(fail)?;
			lengths(&text).map_err(|error| fail(format!("{path}: {error}")))?
		},
		None => lengths(named.value.as_bytes()).map_err(fail)?,
	};
	Ok((named.name.clone(), shape))
}

/// The lengths of nested JSON arrays.
fn lengths(text: &[u8]) -> Result<Vec<u32>, String> {
	let value: serde_json::Value =
		serde_json::from_slice(text).map_err(|error| format!("not JSON: {error}"))?;
	let (mut level, mut lengths) = (&value, Vec::new());
	while let serde_json::Value::Array(items) = level {
		lengths.push(u32::try_from(items.len()).map_err(|_| "an array is too long")?);
		let Some(first) = items.first() else { break };
		level = first;
	}
	Ok(lengths)
}

/// What each free dimension of the file may be.
fn dimensions(
	file: &File,
	arguments: &ModelArgs,
	shapes: &Lengths,
	constants: &[Constant],
) -> Result<BTreeMap<String, onnx::Dimension>, Failure> {
	let mut dimensions = BTreeMap::new();
	let free = file.free_axes().map_err(refused)?;
	known(&free, arguments.dimensions.iter().map(|(name, _)| name))?;
	for (name, length) in &arguments.dimensions {
		dimensions.insert(name.clone(), dimension(length.dimension()?));
	}
	for axis in free {
		let constant = constants.iter().find(|one| one.name.as_slice() == axis.input.as_bytes());
		let given = match constant {
			Some(constant) => Some(constant.shape.as_slice()),
			None => shapes.get(&axis.input).map(Vec::as_slice),
		};
		if let Some(length) = given.and_then(|shape| shape.get(axis.axis)) {
			dimensions.entry(axis.dimension).or_insert(onnx::Dimension::Fixed(*length));
		}
	}
	Ok(dimensions)
}

/// Refuse the name of a dimension that a file does not leave free.
pub fn known<'a>(
	free: &[onnx::FreeAxis],
	names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Failure> {
	let unknown = |name: &&String| free.iter().all(|axis| axis.dimension != **name);
	let Some(name) = names.into_iter().find(unknown) else { return Ok(()) };
	let known: BTreeSet<&str> = free.iter().map(|axis| axis.dimension.as_str()).collect();
	let known = match known.into_iter().collect::<Vec<_>>() {
		none if none.is_empty() => "none".into(),
		known => known.join(", "),
	};
	Err(Failure::new("model", format!("the model has no free dimension `{name}`"))
		.help(format!("its free dimensions are: {known}")))
}

/// A declared dimension as the importer takes it.
pub fn dimension(declared: Dimension) -> onnx::Dimension {
	match declared {
		Dimension::Fixed(length) => onnx::Dimension::Fixed(length),
		Dimension::UpTo(maximum) => onnx::Dimension::Free(Symbol { minimum: 1, maximum }),
	}
}

/// A dimension on the command line, `NAME=4` or `NAME=<=64`.
pub fn parse_dimension(text: &str) -> Result<(String, Length), String> {
	let (name, length) =
		text.split_once('=').ok_or("expected NAME=LENGTH, for example batch=4 or batch=<=64")?;
	Ok((name.into(), Length::Text(length.into())))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_dimension_is_a_number_or_a_bound() {
		let (name, length) = parse_dimension("batch=<=64").unwrap();
		assert_eq!((name.as_str(), length.dimension().unwrap()), ("batch", Dimension::UpTo(64)));
		let (_, length) = parse_dimension("x:0=7").unwrap();
		assert_eq!(length.dimension().unwrap(), Dimension::Fixed(7));
		assert!(parse_dimension("batch").is_err());
	}

	#[test]
	fn the_shape_of_json_is_that_of_its_first_elements() {
		assert_eq!(lengths(b"[[1, 2], [3, 4], [5, 6]]"), Ok(vec![3, 2]));
		assert_eq!(lengths(b"7"), Ok(vec![]));
		assert_eq!(lengths(b"[]"), Ok(vec![0]));
		assert!(lengths(b"[1,").is_err());
	}
}

//! What a publisher declares of a version: a TOML manifest, flags, or both.

use crate::{
	amount::Amount,
	cli::{Named, NamedParent},
	commands::source::{constants, dimension, known, refusal, refused, Source},
	failure::Failure,
	file,
	tensors::describe,
};
use assay_primitives::{
	model::{Artifact, Class, PriceUnit, SpecError, Tolerance, VersionSpec},
	tensor::{DType, Dimension, TensorSpec},
};
use assay_worker::{canonical::CanonicalModel, onnx::File};
use serde::Deserialize;
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};

mod asset;
mod permissions;

pub use asset::{AlgorithmNames, AssetManifest};
pub use permissions::Permissions;

/// The most bytes of a manifest.
const MOST_MANIFEST: u64 = 1024 * 1024;

/// A manifest. Flags take the place of what they name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
	/// The model's name.
	pub name: Option<String>,
	/// What is said about the model.
	pub metadata: Option<String>,
	/// The ONNX file; relative to the manifest's folder.
	pub artifact: Option<PathBuf>,
	/// Where workers may fetch the file.
	pub locators: Vec<String>,
	/// How results are judged.
	pub class: Option<Class>,
	/// The accepted distance of a tolerant version.
	pub tolerance: Option<Distance>,
	/// The owner's price a unit, in ASY.
	pub price: Option<String>,
	/// What the price is multiplied with.
	pub unit: Option<PriceUnit>,
	/// The licence, an SPDX expression.
	pub licence: Option<String>,
	/// What of the licence the chain holds jobs and descendants to.
	pub permissions: Permissions,
	/// What the version was made from.
	pub parents: Vec<NamedParent>,
	/// What free dimensions of the file may be.
	pub dimensions: BTreeMap<String, Length>,
	/// Inputs of the file that are the same for every job: JSON, or `"@FILE"` relative to the
	/// manifest's folder.
	pub constants: BTreeMap<String, serde_json::Value>,
	/// What the file's inputs have to be, in its order. They bound free dimensions, too.
	pub inputs: Vec<Declaration>,
	/// What the file's outputs have to be.
	pub outputs: Vec<Declaration>,
}

/// A tolerance in plain numbers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Distance {
	/// The absolute term.
	pub absolute: f32,
	/// The relative term, at most 2⁻¹⁰.
	pub relative: f32,
	/// The axis along which a row runs; the outputs' last by default.
	pub row_axis: Option<u8>,
}

/// A declared tensor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
	/// Its name in the ONNX graph.
	pub name: String,
	/// The type of its elements.
	pub dtype: DType,
	/// Its dimensions: a number, or `"<=4096"`.
	pub shape: Vec<Length>,
}

/// A dimension as people write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Length {
	/// Exactly this many.
	Number(u32),
	/// The same as text, or `<=` and the most.
	Text(String),
}

impl Length {
	/// The dimension that is meant.
	pub fn dimension(&self) -> Result<Dimension, Failure> {
		let text = match self {
			Length::Number(length) => return Ok(Dimension::Fixed(*length)),
			Length::Text(text) => text.trim(),
		};
		let fail = |_| invalid(format!("`{text}` is no dimension: write 4096 or <=4096"));
		match text.strip_prefix("<=") {
			Some(most) => most.trim().parse().map(Dimension::UpTo).map_err(fail),
			None => text.parse().map(Dimension::Fixed).map_err(fail),
		}
	}
}

impl std::str::FromStr for Declaration {
	type Err = String;

	/// `NAME:DTYPE:DIMENSIONS`, for example `bytes:int32:1,<=2048`. Names may hold colons.
	fn from_str(text: &str) -> Result<Self, String> {
		let mut parts = text.rsplitn(3, ':');
		let (dimensions, dtype, name) = (parts.next(), parts.next(), parts.next());
		let (Some(dimensions), Some(dtype), Some(name)) = (dimensions, dtype, name) else {
			return Err("expected NAME:DTYPE:DIMENSIONS, for example bytes:int32:1,<=2048".into());
		};
		let known = DType::ALL.into_iter().find(|known| known.name() == dtype);
		let shape = dimensions.split(',').filter(|length| !length.trim().is_empty());
		Ok(Declaration {
			name: name.into(),
			dtype: known.ok_or_else(|| format!("`{dtype}` is no element type"))?,
			shape: shape.map(|length| Length::Text(length.into())).collect(),
		})
	}
}

impl Declaration {
	fn spec(&self) -> Result<TensorSpec, Failure> {
		let dimensions: Vec<Dimension> =
			self.shape.iter().map(Length::dimension).collect::<Result<_, _>>()?;
		Ok(TensorSpec {
			name: bounded(self.name.as_bytes().to_vec(), "a tensor's name")?,
			dtype: self.dtype,
			shape: bounded(dimensions, "a tensor's shape")?,
		})
	}
}

impl Manifest {
	/// Read a manifest. Paths in it are taken from its own folder.
	pub fn read(path: &Path) -> Result<Self, Failure> {
		let bytes = file::read(path, MOST_MANIFEST).map_err(invalid)?;
		let mut manifest: Manifest = toml::from_slice(&bytes)
			.map_err(|error| invalid(format!("{}: {error}", path.display())))?;
		let Some(folder) = path.parent() else { return Ok(manifest) };
		manifest.artifact = manifest.artifact.map(|artifact| folder.join(artifact));
		for value in manifest.constants.values_mut() {
			let Some(file) = value.as_str().and_then(|text| text.strip_prefix('@')) else {
				continue;
			};
			let file = folder.join(file);
			let text = file
				.to_str()
				.ok_or_else(|| invalid(format!("the path {} is no UTF-8", file.display())))?;
			*value = format!("@{text}").into();
		}
		Ok(manifest)
	}

	/// The file as it is declared here.
	pub fn source(&self, bytes: Vec<u8>) -> Result<Source, Failure> {
		let file = File::decode(&bytes).map_err(refused)?;
		let named = |(name, value): (&String, &serde_json::Value)| Named {
			name: name.clone(),
			value: match value {
				// A file, as on the command line.
				serde_json::Value::String(text) => text.clone(),
				value => value.to_string(),
			},
		};
		let given: Vec<Named> = self.constants.iter().map(named).collect();
		let constants = constants(&file, &given)?;
		let mut dimensions = BTreeMap::new();
		let free = file.free_axes().map_err(refused)?;
		known(&free, self.dimensions.keys())?;
		for axis in free {
			let declared = self.inputs.iter().find(|input| input.name == axis.input);
			let length = self
				.dimensions
				.get(&axis.dimension)
				.or_else(|| declared.and_then(|input| input.shape.get(axis.axis)));
			if let Some(length) = length {
				dimensions.insert(axis.dimension, dimension(length.dimension()?));
			}
		}
		let source = Source::import(bytes, &file, dimensions, constants)?;
		let fail = |error| refusal(&error);
		agree("inputs", &self.inputs, &source.model.inputs().map_err(fail)?)?;
		agree("outputs", &self.outputs, &source.model.outputs().map_err(fail)?)?;
		Ok(source)
	}

	/// The class of a version with this model.
	pub fn class_of(&self, model: &CanonicalModel) -> Result<Class, Failure> {
		let strictest = model.strictest();
		let class = self.class.unwrap_or(strictest);
		if model.admits(class) {
			return Ok(class);
		}
		let reason = match (class, strictest) {
			(Class::Exact, _) => "it computes with floats".into(),
			(_, Class::Canonical) => "a small change of a float can make its outputs jump".into(),
			(_, strictest) => format!("its graph is {strictest:?}").to_lowercase(),
		};
		Err(invalid(format!("the model may not be of class {class:?}: {reason}").to_lowercase())
			.help("class canonical suits every model; the default is the laxest that is allowed"))
	}

	/// The declaration of a version with this model, for which a tolerance was found if its class
	/// has one.
	pub fn version_spec(
		&self,
		artifact: Artifact,
		source: &Source,
		tolerance: Option<Tolerance>,
	) -> Result<VersionSpec, Failure> {
		let price: Amount = self
			.price
			.as_deref()
			.unwrap_or("0")
			.parse()
			.map_err(|error| invalid(format!("price: {error}")))?;
		let locators = self
			.locators
			.iter()
			.map(|locator| bounded(locator.as_bytes().to_vec(), "a locator"))
			.collect::<Result<Vec<_>, _>>()?;
		let licence = self.licence.clone().unwrap_or_else(|| "NOASSERTION".into());
		let spec = VersionSpec {
			artifact,
			locators: bounded(locators, "the list of locators")?,
			class: self.class_of(&source.model)?,
			tolerance,
			price: price.0,
			unit: self.unit.unwrap_or(PriceUnit::Call),
			licence: bounded(licence.into_bytes(), "the licence")?,
			permissions: self.permissions.licence()?,
			..source.version()?
		};
		spec.validate().map_err(explain).map(|()| spec)
	}
}

/// Whether what is declared is what the file has, where anything is declared.
fn agree(what: &str, declared: &[Declaration], found: &[TensorSpec]) -> Result<(), Failure> {
	if declared.is_empty() {
		return Ok(());
	}
	let declared = declared.iter().map(Declaration::spec).collect::<Result<Vec<_>, _>>()?;
	if declared == found {
		return Ok(());
	}
	let list = |specs: &[TensorSpec]| -> String {
		let one = |spec: &TensorSpec| {
			format!("{} {}", String::from_utf8_lossy(&spec.name), describe(spec))
		};
		specs.iter().map(one).collect::<Vec<_>>().join("; ")
	};
	Err(invalid(format!("the {what} are declared as {}", list(&declared)))
		.help(format!("those of the file are {}", list(found))))
}

fn invalid(message: String) -> Failure {
	Failure::new("manifest", message)
}

/// Fit a list into its bound on chain.
pub fn bounded<T, B: TryFrom<Vec<T>>>(items: Vec<T>, what: &str) -> Result<B, Failure> {
	B::try_from(items).map_err(|_| invalid(format!("{what} is longer than the chain admits")))
}

fn explain(error: SpecError) -> Failure {
	let message = match error {
		SpecError::ArtifactSize => "the artifact is empty or larger than 2 GiB",
		SpecError::Tensors => {
			"no output is declared, or a tensor's name is empty or repeated, or a dimension is zero"
		},
		SpecError::Tolerance => {
			"a tolerance belongs to class `tolerant` alone; its terms are finite and not negative, \
			 the relative one at most 2^-10"
		},
		SpecError::Rows => {
			"the tolerance's row axis is no axis of an output, or a row is longer than 320 KiB"
		},
		SpecError::Class => {
			"class `tolerant` needs float32 outputs; class `exact` admits no float at all"
		},
		SpecError::UnsupportedType => {
			"a tensor has a type that the canonical arithmetic lacks: it has float32, int8, uint8, \
			 int32, int64 and bool"
		},
		SpecError::UnknownSpec => "the version of the canonical arithmetic is unknown",
		SpecError::Symbols => "the free dimensions are not those of the graph",
		SpecError::Constants => {
			"a constant has the name of an input, or of another, or more than 64 bytes"
		},
		SpecError::Cost => {
			"the largest job takes more than 2^44 terms or 64 GiB of trace: bound its dimensions"
		},
		SpecError::Locator => "a locator is no http, https or file URL",
		SpecError::Permissions => {
			"a purpose is empty, repeated or no single word, or the royalty is more than 100%"
		},
		SpecError::Price => "the price is below the least_price of the permissions",
	};
	invalid(message.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Licence, ArtifactHash};
	use assay_worker::onnx::proto::{
		DimensionProto, GraphProto, Length as Proto, ModelProto, NodeProto, OperatorSetIdProto,
		TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
	};
	use prost::Message;
	use std::fs;

	const ARTIFACT: Artifact = Artifact { hash: ArtifactHash([1; 32]), size: 10 };

	const TOLERANCE: Tolerance = Tolerance { absolute: 0, relative: 0, row_axis: 0 };

	const TEXT: &str = r#"
		name = "test/doubling"
		artifact = "model.onnx"
		locators = ["file:///model.onnx"]
		class = "tolerant"
		price = "0.001"
		unit = "call"
		licence = "Apache-2.0"
		tolerance = { absolute = 1e-6, relative = 1e-5, row_axis = 0 }
		[[inputs]]
		name = "x"
		dtype = "float32"
		shape = ["<=2048"]
		[[outputs]]
		name = "y"
		dtype = "float32"
		shape = ["<=2048"]
	"#;

	/// `y = x + x` for rows of any length.
	fn doubling() -> Vec<u8> {
		let value = |name: &str| ValueInfoProto {
			name: name.into(),
			r#type: Some(TypeProto {
				tensor_type: Some(TensorTypeProto {
					elem_type: 1,
					shape: Some(TensorShapeProto {
						dim: vec![DimensionProto { value: Some(Proto::Symbol("n".into())) }],
					}),
				}),
			}),
		};
		let node = NodeProto {
			input: vec!["x".into(), "x".into()],
			output: vec!["y".into()],
			op_type: "Add".into(),
			..NodeProto::default()
		};
		let graph = GraphProto {
			node: vec![node],
			input: vec![value("x")],
			output: vec![value("y")],
			..GraphProto::default()
		};
		ModelProto {
			ir_version: 8,
			graph: Some(graph),
			opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
			..ModelProto::default()
		}
		.encode_to_vec()
	}

	fn manifest(text: &str) -> Manifest {
		toml::from_str(text).unwrap()
	}

	fn failure(text: &str) -> String {
		let manifest = manifest(text);
		let spec = manifest
			.source(doubling())
			.and_then(|source| manifest.version_spec(ARTIFACT, &source, Some(TOLERANCE)));
		spec.unwrap_err().to_text()
	}

	#[test]
	fn a_manifest_becomes_a_declaration() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("model.toml");
		fs::write(&path, TEXT).unwrap();
		let manifest = Manifest::read(&path).unwrap();
		assert_eq!(manifest.artifact, Some(folder.path().join("model.onnx")));
		assert_eq!(manifest.tolerance.unwrap().row_axis, Some(0));
		let source = manifest.source(doubling()).unwrap();
		let spec = manifest.version_spec(ARTIFACT, &source, Some(TOLERANCE)).unwrap();
		assert_eq!((spec.price, spec.class), (1_000_000_000, Class::Tolerant));
		assert_eq!(spec.inputs[0].shape.to_vec(), [Dimension::UpTo(2048)]);
		assert_eq!(spec.outputs[0].shape.to_vec(), [Dimension::UpTo(2048)]);
		assert_eq!(spec.commitments.symbols.len(), 1);
		assert_eq!(spec.commitments.graph, source.model.graph_root());
		assert_eq!(spec.permissions, Licence::default());
	}

	#[test]
	fn a_manifest_says_what_others_may_do() {
		let text = format!("{TEXT}\n[permissions]\ncommercial = false\npurposes = [\"research\"]");
		let manifest = manifest(&text);
		let source = manifest.source(doubling()).unwrap();
		let spec = manifest.version_spec(ARTIFACT, &source, Some(TOLERANCE)).unwrap();
		assert_eq!((spec.permissions.commercial, spec.permissions.purposes.len()), (false, 1));
		assert!(failure(&text.replace("\"research\"", "\"a b\"")).contains("purpose"));
	}

	#[test]
	fn files_of_constants_are_those_of_the_manifests_folder() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("model.toml");
		fs::write(folder.path().join("x.json"), "[1.5, 2.5]").unwrap();
		fs::write(&path, "constants = { x = \"@x.json\" }").unwrap();
		let manifest = Manifest::read(&path).unwrap();
		let file = folder.path().join("x.json");
		assert_eq!(manifest.constants["x"], format!("@{}", file.display()));
		let text = "constants = { x = \"@/elsewhere/x.json\", y = 16000, z = \"text\" }";
		fs::write(&path, text).unwrap();
		let other = Manifest::read(&path).unwrap();
		assert_eq!(other.constants["x"], "@/elsewhere/x.json");
		assert_eq!((&other.constants["y"], &other.constants["z"]), (&16000.into(), &"text".into()));

		let types = File::decode(&doubling()).unwrap();
		let x = Named { name: "x".into(), value: manifest.constants["x"].as_str().unwrap().into() };
		let read = constants(&types, &[x]).unwrap();
		assert_eq!(read[0].data.to_vec(), [1.5f32, 2.5].map(f32::to_le_bytes).concat());
	}

	#[test]
	fn a_file_alone_is_enough_once_its_dimensions_are_bounded() {
		assert!(failure("").contains("--dim 'n=<=64'"));
		let manifest = manifest("dimensions = { n = \"<=8\" }\nclass = \"canonical\"");
		let source = manifest.source(doubling()).unwrap();
		let spec = manifest.version_spec(ARTIFACT, &source, None).unwrap();
		assert_eq!(spec.inputs[0].shape.to_vec(), [Dimension::UpTo(8)]);
	}

	#[test]
	fn a_dimension_that_the_file_does_not_leave_free_is_refused() {
		let text = failure("dimensions = { n = \"<=8\", m = 4 }");
		assert!(text.contains("no free dimension `m`") && text.contains("are: n"), "{text}");
	}

	#[test]
	fn flags_declare_tensors_whose_names_hold_colons() {
		let declared: Declaration = "x:0:float32:1,<=8".parse().unwrap();
		assert_eq!((declared.name.as_str(), declared.shape.len()), ("x:0", 2));
		let scalar: Declaration = "x:bool:".parse().unwrap();
		assert!(scalar.shape.is_empty());
		for text in ["x", "x:float32", "x:float99:1"] {
			assert!(text.parse::<Declaration>().is_err(), "{text}");
		}
	}

	#[test]
	fn a_bad_manifest_says_what_is_wrong() {
		assert!(failure(&TEXT.replace("0.001", "cheap")).contains("price"));
		assert!(failure(&TEXT.replace("<=2048", "<2048")).contains("<2048"));
		assert!(failure(&TEXT.replace("\"tolerant\"", "\"exact\"")).contains("floats"));
		assert!(failure(&TEXT.replace("name = \"y\"", "name = \"z\"")).contains("outputs"));
		assert!(toml::from_str::<Manifest>("nmae = \"x\"").is_err());
	}
}

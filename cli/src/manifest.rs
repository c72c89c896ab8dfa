//! What a publisher declares of a version: a TOML manifest, flags, or both.

use crate::{amount::Amount, failure::Failure};
use assay_primitives::{
	model::{Artifact, Class, PriceUnit, SpecError, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, TensorSpec},
};
use serde::Deserialize;
use std::{fs, path::Path, path::PathBuf};

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
	/// The inputs, in the order in which jobs pass them.
	pub inputs: Vec<Declaration>,
	/// The outputs.
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
	/// The axis along which a row runs.
	pub row_axis: u8,
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
	fn dimension(&self) -> Result<Dimension, Failure> {
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
		let text = fs::read_to_string(path)
			.map_err(|error| invalid(format!("cannot read {}: {error}", path.display())))?;
		let mut manifest: Manifest = toml::from_str(&text)
			.map_err(|error| invalid(format!("{}: {error}", path.display())))?;
		if let (Some(artifact), Some(folder)) = (&manifest.artifact, path.parent()) {
			manifest.artifact = Some(folder.join(artifact));
		}
		Ok(manifest)
	}

	/// The declaration of a version with this file.
	pub fn version_spec(&self, artifact: Artifact) -> Result<VersionSpec, Failure> {
		let price: Amount = self
			.price
			.as_deref()
			.unwrap_or("0")
			.parse()
			.map_err(|error| invalid(format!("price: {error}")))?;
		let specs = |declarations: &[Declaration]| -> Result<Vec<TensorSpec>, Failure> {
			declarations.iter().map(Declaration::spec).collect()
		};
		let locators = self
			.locators
			.iter()
			.map(|locator| bounded(locator.as_bytes().to_vec(), "a locator"))
			.collect::<Result<Vec<_>, _>>()?;
		let licence = self.licence.clone().unwrap_or_else(|| "NOASSERTION".into());
		let spec = VersionSpec {
			artifact,
			locators: bounded(locators, "the list of locators")?,
			inputs: bounded(specs(&self.inputs)?, "the list of inputs")?,
			outputs: bounded(specs(&self.outputs)?, "the list of outputs")?,
			class: self.class.unwrap_or(Class::Tolerant),
			tolerance: self.tolerance(),
			price: price.0,
			unit: self.unit.unwrap_or(PriceUnit::Call),
			spec: SpecVersion(1),
			commitments: None,
			licence: bounded(licence.into_bytes(), "the licence")?,
		};
		spec.validate().map_err(explain).map(|()| spec)
	}

	fn tolerance(&self) -> Option<Tolerance> {
		/// What a tolerant version accepts when its publisher says nothing: the reach of float32
		/// rounding in networks of moderate depth.
		const USUAL: Distance = Distance { absolute: 1e-5, relative: 1e-4, row_axis: 0 };

		let is_tolerant = self.class.unwrap_or(Class::Tolerant) == Class::Tolerant;
		let distance = self.tolerance.or(is_tolerant.then_some(USUAL))?;
		Some(Tolerance {
			absolute: distance.absolute.to_bits(),
			relative: distance.relative.to_bits(),
			row_axis: distance.row_axis,
		})
	}
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
		SpecError::Class => {
			"class `tolerant` needs float32 outputs; class `exact` admits no float at all"
		},
		SpecError::UnknownSpec => "the version of the canonical arithmetic is unknown",
		SpecError::Locator => "a locator is no http, https or file URL",
	};
	invalid(message.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ArtifactHash;

	const ARTIFACT: Artifact = Artifact { hash: ArtifactHash([1; 32]), size: 10 };

	const TEXT: &str = r#"
		name = "magika"
		artifact = "model.onnx"
		locators = ["file:///model.onnx"]
		class = "tolerant"
		price = "0.001"
		unit = "call"
		licence = "Apache-2.0"
		tolerance = { absolute = 1e-6, relative = 1e-5, row_axis = 1 }
		[[inputs]]
		name = "bytes"
		dtype = "int32"
		shape = [1, "<=2048"]
		[[outputs]]
		name = "target_label"
		dtype = "float32"
		shape = [1, 214]
	"#;

	#[test]
	fn a_manifest_becomes_a_declaration() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("model.toml");
		fs::write(&path, TEXT).unwrap();
		let manifest = Manifest::read(&path).unwrap();
		assert_eq!(manifest.artifact, Some(folder.path().join("model.onnx")));
		let spec = manifest.version_spec(ARTIFACT).unwrap();
		assert_eq!(spec.price, 1_000_000_000);
		assert_eq!(spec.inputs[0].shape.to_vec(), [Dimension::Fixed(1), Dimension::UpTo(2048)]);
		assert_eq!(spec.tolerance.unwrap().absolute, 1e-6f32.to_bits());
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
		let failure = |text: &str| {
			let manifest: Manifest = toml::from_str(text).unwrap();
			manifest.version_spec(ARTIFACT).unwrap_err().to_text()
		};
		assert!(failure("").contains("no output is declared"));
		assert!(failure(&TEXT.replace("0.001", "cheap")).contains("price"));
		assert!(failure(&TEXT.replace("<=2048", "<2048")).contains("<2048"));
		assert!(failure(&TEXT.replace("\"tolerant\"", "\"exact\"")).contains("tolerance belongs"));
		assert!(toml::from_str::<Manifest>("nmae = \"x\"").is_err());
	}
}

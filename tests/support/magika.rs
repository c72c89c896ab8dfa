//! What surrounds the magika model: how a file becomes its input, and how its output becomes a
//! label, exactly as in magika 1.0.3's Python package in its default mode (high confidence).

use crate::process::cache;
use anyhow::{bail, Context, Result};
use assay_primitives::{
	model::{Artifact, Class, Locator, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor, TensorSpec},
	ASY,
};
use assay_worker::canonical::CanonicalModel;
use serde::Deserialize;
use std::{
	collections::HashMap,
	fs,
	io::{Read, Seek, SeekFrom},
	path::{Path, PathBuf},
};

/// The name under which the model is registered.
pub const NAME: &str = "magika";
/// The most files of one job that the registered version admits.
const MOST_FILES: u32 = 64;

#[derive(Deserialize)]
struct Config {
	beg_size: usize,
	end_size: usize,
	medium_confidence_threshold: f64,
	min_file_size_for_dl: u64,
	padding_token: i32,
	block_size: u64,
	target_labels_space: Vec<String>,
	thresholds: HashMap<String, f64>,
	overwrite_map: HashMap<String, String>,
}

#[derive(Deserialize)]
struct ContentType {
	is_text: bool,
}

/// What the model, or a rule that needs no model, says of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
	/// The type.
	pub label: String,
	/// How sure the model is, from 0 to 1.
	pub score: f64,
}

/// What has to be done to tell a file's type.
#[derive(Debug)]
pub enum Question {
	/// Nothing: the file is empty or too short for the model.
	Answered(Answer),
	/// Ask the model about this input.
	Model(Tensor),
}

/// The model's configuration and its file.
pub struct Magika {
	config: Config,
	types: HashMap<String, ContentType>,
	folder: PathBuf,
}

impl Magika {
	/// Read the model from the folder that `scripts/setup.sh` fetches it to: ASSAY_MAGIKA, or the
	/// usual place.
	pub fn load() -> Result<Self> {
		Self::load_from(&folder()?)
	}

	/// Read the model from a folder.
	pub fn load_from(folder: &Path) -> Result<Self> {
		let config = read(folder, "config.min.json")?;
		let types = read(folder, "content_types_kb.min.json")?;
		Ok(Magika {
			config: serde_json::from_str(&config).context("config.min.json")?,
			types: serde_json::from_str(&types).context("content_types_kb.min.json")?,
			folder: folder.into(),
		})
	}

	/// The bytes of the ONNX file.
	pub fn onnx(&self) -> Result<Vec<u8>> {
		let path = self.folder.join("model.onnx");
		fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
	}

	/// The declaration under which the model is published: for many files at once, on any engine.
	pub fn spec(&self, artifact: Artifact, locators: Vec<Locator>) -> Result<VersionSpec> {
		let tolerance =
			Tolerance { absolute: 1e-5f32.to_bits(), relative: 1e-4f32.to_bits(), row_axis: 1 };
		self.declaration(artifact, locators, Dimension::UpTo(MOST_FILES), Some(tolerance))
	}

	/// The declaration of a version for one file, whose results are compared bit by bit.
	pub fn canonical(&self, artifact: Artifact, locators: Vec<Locator>) -> Result<VersionSpec> {
		self.declaration(artifact, locators, Dimension::Fixed(1), None)
	}

	fn declaration(
		&self,
		artifact: Artifact,
		locators: Vec<Locator>,
		files: Dimension,
		tolerance: Option<Tolerance>,
	) -> Result<VersionSpec> {
		let width = u32::try_from(self.config.beg_size + self.config.end_size)?;
		let labels = u32::try_from(self.config.target_labels_space.len())?;
		let tensor = |name: &[u8], dtype, width| {
			let shape = vec![files, Dimension::Fixed(width)];
			let name = name.to_vec().try_into().expect("the name is short");
			TensorSpec { name, dtype, shape: shape.try_into().expect("the rank is two") }
		};
		let mut spec = VersionSpec {
			artifact,
			locators: locators.try_into().ok().context("too many locators")?,
			inputs: vec![tensor(b"bytes", DType::Int32, width)].try_into().expect("one input"),
			outputs: vec![tensor(b"target_label", DType::Float32, labels)]
				.try_into()
				.expect("one output"),
			class: if tolerance.is_some() { Class::Tolerant } else { Class::Canonical },
			tolerance,
			price: ASY / 1000,
			unit: PriceUnit::Call,
			spec: SpecVersion(1),
			commitments: Default::default(),
			constants: Default::default(),
			licence: b"Apache-2.0".to_vec().try_into().expect("the licence is short"),
			permissions: Default::default(),
		};
		spec.commitments = CanonicalModel::declared(&self.onnx()?, &spec)?.commitments()?;
		match spec.validate() {
			Ok(()) => Ok(spec),
			Err(error) => bail!("the declaration is invalid: {error:?}"),
		}
	}

	/// Turn a file into a question.
	pub fn question(&self, mut file: impl Read + Seek) -> Result<Question> {
		let size = file.seek(SeekFrom::End(0))?;
		let answered =
			|label: &str| Ok(Question::Answered(Answer { label: label.into(), score: 1.0 }));
		if size == 0 {
			return answered("empty");
		}
		let block = size.min(self.config.block_size);
		let beginning = read_at(&mut file, 0, block)?;
		let by_encoding = |bytes: &[u8]| match std::str::from_utf8(bytes) {
			Ok(_) => answered("txt"),
			Err(_) => answered("unknown"),
		};
		let padding = self.config.padding_token;
		let head = head(strip_start(&beginning), self.config.beg_size, padding);
		// Too short, or nothing but white space up to where a meaningful byte is required.
		let least = self.config.min_file_size_for_dl;
		let last_required = head.get(usize::try_from(least)?.saturating_sub(1));
		if size < least || last_required == Some(&padding) {
			return by_encoding(&beginning);
		}
		let ending = read_at(&mut file, size - block, block)?;
		let mut tokens = head;
		tokens.extend(tail(strip_end(&ending), self.config.end_size, padding));
		let shape = vec![1, u32::try_from(tokens.len())?];
		let data = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
		Ok(Question::Model(Tensor::new(DType::Int32, shape, data)?))
	}

	/// Turn the model's output for one file into an answer.
	pub fn answer(&self, output: &Tensor) -> Result<Answer> {
		let labels = &self.config.target_labels_space;
		let scores: Vec<f32> = output
			.data
			.chunks_exact(4)
			.map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")))
			.collect();
		if output.dtype != DType::Float32 || scores.len() != labels.len() {
			bail!("the output is {} of {:?}", output.dtype, output.shape);
		}
		// The first of equal scores, as Python's `max` gives.
		let best = |best: usize, next: usize| if scores[next] > scores[best] { next } else { best };
		let index = (1..scores.len()).fold(0, best);
		// Python compares in float64.
		let score = f64::from(scores[index]);
		Ok(Answer { label: self.label(&labels[index], score)?, score })
	}

	/// The label for what the model says: renamed where the configuration says so, and generic
	/// where the score is low.
	fn label(&self, said: &str, score: f64) -> Result<String> {
		let renamed = self.config.overwrite_map.get(said).map_or(said, String::as_str);
		let threshold = self.config.thresholds.get(said);
		if score >= *threshold.unwrap_or(&self.config.medium_confidence_threshold) {
			return Ok(renamed.into());
		}
		let kind = self.types.get(renamed).with_context(|| format!("unknown label {renamed}"))?;
		Ok(if kind.is_text { "txt" } else { "unknown" }.into())
	}
}

fn folder() -> Result<PathBuf> {
	match std::env::var_os("ASSAY_MAGIKA") {
		Some(folder) => Ok(folder.into()),
		None => Ok(cache()?.join("models/magika")),
	}
}

fn read(folder: &Path, name: &str) -> Result<String> {
	let path = folder.join(name);
	fs::read_to_string(&path)
		.with_context(|| format!("cannot read {}: run scripts/setup.sh", path.display()))
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> Result<Vec<u8>> {
	file.seek(SeekFrom::Start(offset))?;
	let mut bytes = Vec::new();
	file.take(length).read_to_end(&mut bytes)?;
	Ok(bytes)
}

/// What Python's `bytes.strip` takes for white space: also the vertical tab, unlike Rust.
fn is_space(byte: &u8) -> bool {
	byte.is_ascii_whitespace() || *byte == 0x0b
}

fn strip_start(bytes: &[u8]) -> &[u8] {
	let start = bytes.iter().position(|byte| !is_space(byte)).unwrap_or(bytes.len());
	&bytes[start..]
}

fn strip_end(bytes: &[u8]) -> &[u8] {
	let end = bytes.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1);
	&bytes[..end]
}

/// The first `count` bytes, padded at the end.
fn head(bytes: &[u8], count: usize, padding: i32) -> Vec<i32> {
	let mut tokens: Vec<i32> = bytes.iter().take(count).copied().map(i32::from).collect();
	tokens.resize(count, padding);
	tokens
}

/// The last `count` bytes, padded at the beginning.
fn tail(bytes: &[u8], count: usize, padding: i32) -> Vec<i32> {
	let kept = &bytes[bytes.len().saturating_sub(count)..];
	let mut tokens = vec![padding; count - kept.len()];
	tokens.extend(kept.iter().copied().map(i32::from));
	tokens
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io::Cursor;

	fn magika() -> Magika {
		let text = r#"{"beg_size":16,"end_size":16,"medium_confidence_threshold":0.5,
			"min_file_size_for_dl":8,"padding_token":256,"block_size":64,
			"target_labels_space":["python","randombytes","markdown"],
			"thresholds":{"markdown":0.75},"overwrite_map":{"randombytes":"unknown"}}"#;
		let types = [("python", true), ("unknown", false), ("markdown", true)];
		Magika {
			config: serde_json::from_str(text).unwrap(),
			types: types
				.into_iter()
				.map(|(name, is_text)| (name.into(), ContentType { is_text }))
				.collect(),
			folder: PathBuf::new(),
		}
	}

	fn tokens(bytes: &[u8]) -> Vec<i32> {
		match magika().question(Cursor::new(bytes)).unwrap() {
			Question::Model(tensor) => tensor
				.data
				.chunks_exact(4)
				.map(|token| i32::from_le_bytes(token.try_into().unwrap()))
				.collect(),
			Question::Answered(answer) => panic!("{answer:?}"),
		}
	}

	fn rule(bytes: &[u8]) -> String {
		match magika().question(Cursor::new(bytes)).unwrap() {
			Question::Answered(answer) => answer.label,
			Question::Model(_) => "model".into(),
		}
	}

	#[test]
	fn short_files_never_reach_the_model() {
		assert_eq!(rule(b""), "empty");
		assert_eq!(rule(b"short"), "txt");
		assert_eq!(rule(b"\xff\xfe"), "unknown");
		assert_eq!(rule(b" \t\x0b\r\n   x"), "txt");
		assert_eq!(rule(b"longenough"), "model");
	}

	#[test]
	fn both_ends_are_stripped_cut_and_padded() {
		let found = tokens(b"  abcdefgh\n");
		let text: Vec<i32> = b"abcdefgh".iter().copied().map(i32::from).collect();
		assert_eq!(found[..8], text);
		assert_eq!(found[8], i32::from(b'\n'));
		assert_eq!(found[9..16], [256; 7]);
		assert_eq!(found[16..22], [256; 6]);
		assert_eq!(found[22..], [&[32, 32], &text[..]].concat());
	}

	#[test]
	fn long_files_are_read_at_their_ends_only() {
		let bytes: Vec<u8> = (0..200).map(|index| 40 + (index / 10) as u8).collect();
		let found = tokens(&bytes);
		assert_eq!((found[0], found[31]), (40, 59));
	}

	#[test]
	fn low_scores_give_generic_labels() {
		let answer = |scores: [f32; 3]| {
			let data = scores.iter().flat_map(|score| score.to_le_bytes()).collect();
			magika().answer(&Tensor::new(DType::Float32, vec![1, 3], data).unwrap()).unwrap().label
		};
		assert_eq!(answer([0.9, 0.0, 0.1]), "python");
		assert_eq!(answer([0.4, 0.3, 0.3]), "txt");
		assert_eq!(answer([0.1, 0.9, 0.0]), "unknown");
		assert_eq!(answer([0.1, 0.2, 0.7]), "txt");
		assert_eq!(answer([0.5, 0.0, 0.5]), "python");
	}

	#[test]
	fn an_output_of_another_shape_is_refused() {
		let output = Tensor::new(DType::Float32, vec![1, 2], vec![0; 8]).unwrap();
		assert!(magika().answer(&output).is_err());
	}
}

//! The models of benchmarks, each with a job: one that tells the types of files, one that embeds
//! sentences, and one that classifies pictures.

use crate::{
	magika::{Magika, Question},
	onnx::mobilenet,
	process::{cache, workspace},
};
use anyhow::{bail, Context, Result};
use assay_primitives::tensor::{DType, Dimension, Tensor, TensorSpec};
use clap::ValueEnum;
use std::{env, fs, path::PathBuf};

/// The words of the sentence, and the most of one job.
const WORDS: u32 = 64;
const MOST_WORDS: u32 = 128;

/// A model to measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Subject {
	/// magika 1.0.3 on examples-data/hello.py
	Magika,
	/// MiniLM-L6 with weights of 8 bits, on 64 words
	Minilm,
	/// The shape of MobileNetV1 with made-up weights, on a picture of 224 × 224
	Mobilenet,
}

/// A model with one job.
pub struct Case {
	/// The ONNX file.
	pub onnx: Vec<u8>,
	/// What is declared of its inputs.
	pub inputs: Vec<TensorSpec>,
	/// The inputs of the job.
	pub job: Vec<Tensor>,
}

impl Subject {
	/// All of them.
	pub const ALL: [Subject; 3] = [Subject::Magika, Subject::Minilm, Subject::Mobilenet];

	/// Its name, which is that of its folder where it is fetched.
	pub const fn name(self) -> &'static str {
		match self {
			Subject::Magika => "magika",
			Subject::Minilm => "minilm",
			Subject::Mobilenet => "mobilenet",
		}
	}

	/// Read or make the model, and a job for it.
	pub fn load(self) -> Result<Case> {
		match self {
			Subject::Magika => magika(),
			Subject::Minilm => minilm(),
			Subject::Mobilenet => Ok(Case {
				onnx: mobilenet::file(),
				inputs: vec![mobilenet::input()],
				job: vec![mobilenet::picture()],
			}),
		}
	}
}

fn magika() -> Result<Case> {
	let magika = Magika::load()?;
	let file = fs::File::open(workspace().join("examples-data/hello.py"))?;
	let Question::Model(tensor) = magika.question(file)? else {
		bail!("the file needs no model");
	};
	let shape: Vec<Dimension> =
		tensor.shape.iter().map(|length| Dimension::Fixed(*length)).collect();
	let inputs = vec![declared("bytes", tensor.dtype, &shape)?];
	Ok(Case { onnx: magika.onnx()?, inputs, job: vec![tensor] })
}

/// The numbers of words are made up. The model's work does not depend on them.
fn minilm() -> Result<Case> {
	let path = models()?.join("minilm/model.onnx");
	let onnx = fs::read(&path)
		.with_context(|| format!("cannot read {}: run scripts/setup.sh --tests", path.display()))?;
	let shape = [Dimension::Fixed(1), Dimension::UpTo(MOST_WORDS)];
	// Each input is a line of numbers: where it begins, and how far it is from one to the next.
	let words = [("input_ids", 1000, 97), ("attention_mask", 1, 0), ("token_type_ids", 0, 0)];
	let inputs = words.iter().map(|(name, ..)| declared(name, DType::Int64, &shape));
	let tensor = |(_, first, step): &(&str, i64, i64)| {
		let data =
			(0..WORDS.into()).flat_map(|at: i64| (first + at * step).to_le_bytes()).collect();
		Ok(Tensor::new(DType::Int64, vec![1, WORDS], data)?)
	};
	let job = words.iter().map(tensor).collect::<Result<_>>()?;
	Ok(Case { onnx, inputs: inputs.collect::<Result<_>>()?, job })
}

fn declared(name: &str, dtype: DType, shape: &[Dimension]) -> Result<TensorSpec> {
	let name = name.as_bytes().to_vec().try_into().ok().context("a long name")?;
	let shape = shape.to_vec().try_into().ok().context("too many axes")?;
	Ok(TensorSpec { name, dtype, shape })
}

/// The folder of the models that only tests need.
fn models() -> Result<PathBuf> {
	match env::var_os("ASSAY_MODELS") {
		Some(folder) => Ok(folder.into()),
		None => Ok(cache()?.join("models")),
	}
}

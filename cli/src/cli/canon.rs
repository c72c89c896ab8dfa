//! The arguments of `assay canon`, and of what else computes with a model file.

use crate::{
	commands::{parse_dimension, InputRange, Runs},
	manifest::Length,
};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on models in the canonical arithmetic. None of them needs a node or a key.
#[derive(Debug, Subcommand)]
pub enum CanonCommand {
	/// Run ONNX's own test vectors, and have the arbiter judge them.
	Vectors(VectorsArgs),
	/// Run a model: the one exact result that a dispute would be judged by.
	Run(RunArgs),
	/// Print the roots that commit to a model, an input and the whole run.
	Trace(TraceArgs),
	/// Measure how far ONNX Runtime is from the canonical results, and how much faster.
	Compare(CompareArgs),
}

/// A model file and what is said of it.
#[derive(Debug, Args)]
pub struct ModelArgs {
	/// The ONNX file.
	#[arg(value_name = "MODEL")]
	pub file: PathBuf,
	/// A free dimension of the file: batch=4, or 'batch=<=64' where jobs choose it. Repeat for
	/// each; one that is not given has the length that it has in the inputs.
	#[arg(long = "dim", value_name = "NAME=LENGTH", value_parser = parse_dimension)]
	pub dimensions: Vec<(String, Length)>,
	/// An input that is the same for every job, in JSON or as a file: sr=16000, sr=@rate.npy.
	#[arg(long = "set", value_name = "NAME=VALUE")]
	pub constants: Vec<Named>,
	/// Threads of the canonical engine; all processors by default. The result is the same.
	#[arg(long, default_value_t = 0)]
	pub threads: usize,
}

/// `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
	/// The name.
	pub name: String,
	/// The value: JSON, or `@` and a file.
	pub value: String,
}

impl std::str::FromStr for Named {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let (name, value) = text
			.split_once('=')
			.ok_or("expected NAME=VALUE, for example x=@x.npy or x=[[1.0,2.0]]")?;
		Ok(Named { name: name.into(), value: value.into() })
	}
}

/// Test vectors.
#[derive(Debug, Args)]
pub struct VectorsArgs {
	/// A folder in the layout of onnx/backend/test/data/node: NAME/model.onnx and
	/// NAME/test_data_set_N/{input,output}_N.pb.
	#[arg(value_name = "DIR")]
	pub folder: PathBuf,
	/// Only models whose name holds this text.
	#[arg(long, value_name = "TEXT", default_value = "")]
	pub only: String,
	/// Also prove every element of every primitive's output to the arbiter, and have it refuse
	/// each with one bit flipped.
	#[arg(long)]
	pub arbitrate: bool,
}

/// A run.
#[derive(Debug, Args)]
pub struct RunArgs {
	/// The model.
	#[command(flatten)]
	pub model: ModelArgs,
	/// An input: NAME=@file.npy, NAME=@file.json or NAME=JSON. Repeat for each.
	#[arg(long = "input", value_name = "NAME=VALUE")]
	pub inputs: Vec<Named>,
	/// Write each output into this folder as an .npy file.
	#[arg(long, value_name = "FOLDER")]
	pub out: Option<PathBuf>,
}

/// A traced run.
#[derive(Debug, Args)]
pub struct TraceArgs {
	/// The model.
	#[command(flatten)]
	pub model: ModelArgs,
	/// An input: NAME=@file.npy, NAME=@file.json or NAME=JSON. Repeat for each.
	#[arg(long = "input", value_name = "NAME=VALUE")]
	pub inputs: Vec<Named>,
}

/// A comparison.
#[derive(Debug, Args)]
pub struct CompareArgs {
	/// The model.
	#[command(flatten)]
	pub model: ModelArgs,
	/// An input, as for `run`; random ones by default.
	#[arg(long = "input", value_name = "NAME=VALUE")]
	pub inputs: Vec<Named>,
	/// The random inputs.
	#[command(flatten)]
	pub runs: RunsArgs,
}

/// Random inputs and how their results are compared.
#[derive(Debug, Args)]
pub struct RunsArgs {
	/// How many random inputs to run.
	#[arg(long, value_name = "COUNT", default_value_t = 4)]
	pub runs: u32,
	/// What the random numbers begin with.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// The integers of random inputs, first to one past the last: 0..30522, or ids=0..30522 for
	/// one input; 0..256 by default. Floats are about normal. Repeat for each.
	#[arg(
		long = "range",
		value_name = "LOW..HIGH",
		allow_hyphen_values = true,
		value_parser = parse_range
	)]
	pub ranges: Vec<InputRange>,
	/// The axis along which a row of outputs runs; the last by default.
	#[arg(long)]
	pub row_axis: Option<u8>,
}

impl RunsArgs {
	/// The runs that these arguments ask for.
	pub fn runs(&self) -> Runs {
		Runs {
			count: self.runs,
			seed: self.seed,
			ranges: self.ranges.clone(),
			row_axis: self.row_axis,
		}
	}
}

/// What is calibrated.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
	/// The model.
	#[command(flatten)]
	pub model: ModelArgs,
	/// The random inputs.
	#[command(flatten)]
	pub runs: RunsArgs,
	/// Check this absolute term instead of proposing one.
	#[arg(long)]
	pub absolute: Option<f32>,
	/// Check this relative term instead of proposing one; at most 2^-10.
	#[arg(long)]
	pub relative: Option<f32>,
}

fn parse_range(text: &str) -> Result<InputRange, String> {
	let expected = || format!("`{text}` is no range: write 0..256 or NAME=0..256");
	let (input, range) = match text.rsplit_once('=') {
		Some((input, range)) => (Some(input.to_owned()), range),
		None => (None, text),
	};
	let (low, high) = range.split_once("..").ok_or_else(expected)?;
	let (low, high) = (low.parse().map_err(|_| expected())?, high.parse().map_err(|_| expected())?);
	if low < high {
		Ok(InputRange { input, range: low..high })
	} else {
		Err(format!("`{text}` is empty"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_range_is_low_to_high() {
		assert_eq!(parse_range("-3..4"), Ok(InputRange { input: None, range: -3..4 }));
		let named = InputRange { input: Some("ids".into()), range: 0..9 };
		assert_eq!(parse_range("ids=0..9"), Ok(named));
		for text in ["3", "4..4", "a..b", "5..1", "ids=9", "ids="] {
			assert!(parse_range(text).is_err(), "{text}");
		}
	}

	#[test]
	fn an_input_is_a_name_and_a_value() {
		let named: Named = "x=@a=b.npy".parse().unwrap();
		assert_eq!((named.name.as_str(), named.value.as_str()), ("x", "@a=b.npy"));
		assert!("x".parse::<Named>().is_err());
	}
}

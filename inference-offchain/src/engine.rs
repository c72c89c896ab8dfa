//! Engines run models.

mod external;
pub mod ort;

pub use crate::artifact::VerifiedModel;

use assay_primitives::tensor::Tensor;
use std::path::PathBuf;

/// Runs models. Equal `(model, input)` give equal output bytes on one machine under one
/// configuration.
pub trait Engine: Send + Sync + 'static {
	/// The engine and its pinned configuration, for the provider's profile.
	fn name(&self) -> String;

	/// Load a model and check it against what its version declares.
	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError>;
}

/// A prepared model.
pub trait Runnable: Send + Sync {
	/// Run the model. Inputs and outputs are in the order of the version's declarations.
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError>;

	/// An estimate of the memory that the prepared model takes, in bytes.
	fn memory(&self) -> u64;
}

/// Why a model cannot be prepared or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
	/// The runtime library cannot be loaded.
	#[error(
		"cannot load ONNX Runtime from {}: {reason}; run scripts/setup.sh, or set ORT_DYLIB_PATH",
		path.display()
	)]
	Library {
		/// Where it was looked for.
		path: PathBuf,
		/// What the loader says.
		reason: String,
	},
	/// The model's file cannot be read.
	#[error("cannot read the model: {0}")]
	Unreadable(#[from] std::io::Error),
	/// The file is another version's.
	#[error("the file is not the artifact of the version")]
	WrongFile,
	/// The file is no model that the engine can run.
	#[error("not a model that can be run: {0}")]
	Malformed(String),
	/// The model is not what its version declares.
	#[error("the model's {what} `{name}` is not as its version declares it: {reason}")]
	Undeclared {
		/// `input` or `output`.
		what: &'static str,
		/// Its name.
		name: String,
		/// The difference.
		reason: String,
	},
	/// As many inputs as declared were not given.
	#[error("{given} inputs were given where {declared} are declared")]
	InputCount {
		/// The number given.
		given: usize,
		/// The number declared.
		declared: usize,
	},
	/// The run failed.
	#[error("the run failed: {0}")]
	Run(String),
}

impl EngineError {
	/// Whether the same may succeed later with nothing changed.
	pub fn is_retryable(&self) -> bool {
		matches!(self, EngineError::Unreadable(_))
	}
}

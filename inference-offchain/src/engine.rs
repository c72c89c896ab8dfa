//! Engines run models.

pub mod canonical;
mod external;
pub mod ort;

pub use crate::artifact::VerifiedModel;

use self::{canonical::CanonicalEngine, ort::OrtEngine};
use crate::{
	canonical::{CanonicalError, CanonicalModel, Fault},
	config::Device,
};
use assay_primitives::{model::Class, tensor::Tensor};
use std::path::PathBuf;

/// Runs models. Equal `(model, input)` give equal output bytes on one machine under one
/// configuration.
pub trait Engine: Send + Sync + 'static {
	/// The engine and its pinned configuration, for the provider's profile.
	fn name(&self) -> String;

	/// Load a model and check it against what its version declares.
	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError>;

	/// Whether it is compared with the canonical engine before it serves a version. All are but
	/// those of [`lie`](crate::lie).
	fn calibrates(&self) -> bool {
		true
	}
}

/// A prepared model.
pub trait Runnable: Send + Sync {
	/// Run the model. Inputs and outputs are in the order of the version's declarations.
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError>;

	/// Run the model for an item of a batch: a job of its own, which only those of
	/// [`lie`](crate::lie) tell from others.
	fn run_item(&self, inputs: &[Tensor], _index: u32) -> Result<Vec<Tensor>, EngineError> {
		self.run(inputs)
	}

	/// An estimate of the memory that the prepared model takes, in bytes.
	fn memory(&self) -> u64;
}

/// The file of a model and what it means, once everything that its version says of it is found
/// true (PROTOCOL P3.2). Every engine that serves versions admits them here.
pub(crate) fn admit(model: &VerifiedModel) -> Result<(Vec<u8>, CanonicalModel), EngineError> {
	if model.file.artifact() != model.spec.artifact {
		return Err(EngineError::WrongFile);
	}
	let bytes = model.file.read_blocking()?;
	let canonical = CanonicalModel::of_version(&bytes, &model.spec)?;
	Ok((bytes, canonical))
}

/// Runs each version on the engine that its class asks for: what must be equal bit by bit is run
/// by the canonical engine, the rest by ONNX Runtime.
pub struct ByClass {
	tolerant: OrtEngine,
	canonical: CanonicalEngine,
}

impl ByClass {
	/// Both engines with this many threads a run; zero leaves them to the engine.
	pub fn new(device: Device, threads: usize) -> Self {
		ByClass {
			tolerant: OrtEngine::new(device, threads),
			canonical: CanonicalEngine::new(threads),
		}
	}

	/// The same with the library of a path.
	pub fn with_library(self, library: PathBuf) -> Self {
		ByClass { tolerant: self.tolerant.with_library(library), ..self }
	}

	/// Load what has to be loaded now, to find out early whether it is there.
	pub fn load(&self) -> Result<(), EngineError> {
		self.tolerant.load()
	}
}

impl Engine for ByClass {
	fn name(&self) -> String {
		format!("{}, {}", self.tolerant.name(), self.canonical.name())
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		match model.spec.class {
			Class::Tolerant => self.tolerant.prepare(model),
			Class::Canonical | Class::Exact => self.canonical.prepare(model),
		}
	}
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
	/// The model has no canonical function, or is not what its version says, or refuses its inputs.
	#[error(transparent)]
	Canonical(#[from] CanonicalError),
	/// The run ended in an element that has no value.
	#[error("the run ended in a fault in slot {slot} at element {element}")]
	Fault {
		/// The slot.
		slot: u32,
		/// The row-major index of its first element without a value.
		element: u64,
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

impl From<Fault> for EngineError {
	fn from(Fault { slot, element }: Fault) -> Self {
		EngineError::Fault { slot, element }
	}
}

impl EngineError {
	/// Whether the same may succeed later with nothing changed.
	pub fn is_retryable(&self) -> bool {
		matches!(self, EngineError::Unreadable(_))
	}
}

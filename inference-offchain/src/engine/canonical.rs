//! The canonical engine: bits that are the same on every machine, on the processor alone.

use super::{admit, Engine, EngineError, Runnable, VerifiedModel};
use crate::canonical::{CanonicalModel, Options};
use assay_canon::graph::SPEC;
use assay_primitives::tensor::Tensor;

/// What a prepared model takes beside its initializers, by estimate.
const OVERHEAD: u64 = 1024 * 1024;

/// The canonical engine.
#[derive(Clone, Copy, Debug)]
pub struct CanonicalEngine {
	threads: usize,
}

impl CanonicalEngine {
	/// An engine with this many threads a run; with zero, runs share one thread a processor.
	pub const fn new(threads: usize) -> Self {
		CanonicalEngine { threads }
	}
}

impl Engine for CanonicalEngine {
	fn name(&self) -> String {
		format!("canonical-{SPEC}")
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		let (_, model) = admit(model)?;
		Ok(self.prepared(model))
	}
}

impl CanonicalEngine {
	/// A model that is admitted already.
	pub(crate) fn prepared(&self, model: CanonicalModel) -> Box<dyn Runnable> {
		let memory = model.weight_bytes().saturating_add(OVERHEAD);
		Box::new(Prepared { model, threads: self.threads, memory })
	}
}

struct Prepared {
	model: CanonicalModel,
	threads: usize,
	memory: u64,
}

impl Runnable for Prepared {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let declared = self.model.imported().inputs.len();
		if inputs.len() != declared {
			return Err(EngineError::InputCount { given: inputs.len(), declared });
		}
		let options = Options { threads: self.threads, ..Default::default() };
		let run = self.model.run(inputs, &options)?;
		run.outputs.map_err(EngineError::from)
	}

	fn memory(&self) -> u64 {
		self.memory
	}
}

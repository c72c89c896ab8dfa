//! An engine that doubles every byte, and a store in a folder.

pub mod custody;
pub mod rig;

use assay_primitives::tensor::Tensor;
use assay_worker::{
	engine::{Engine, EngineError, Runnable, VerifiedModel},
	models::Models,
	store::FileStore,
};
use std::{
	path::Path,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::Duration,
};

/// Doubles every byte of its input, slowly if told so, and counts its runs. What begins with 255 has
/// no result.
#[derive(Clone)]
pub struct Doubler {
	runs: Arc<AtomicU32>,
	pause: Duration,
}

impl Doubler {
	pub fn new(runs: Arc<AtomicU32>, pause: Duration) -> Self {
		Doubler { runs, pause }
	}
}

impl Engine for Doubler {
	fn name(&self) -> String {
		"doubler".into()
	}

	fn prepare(&self, _: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		Ok(Box::new(self.clone()))
	}
}

impl Runnable for Doubler {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		self.runs.fetch_add(1, Ordering::SeqCst);
		std::thread::sleep(self.pause);
		if inputs.iter().any(|tensor| tensor.data.first() == Some(&255)) {
			return Err(EngineError::Fault { slot: 3, element: 0 });
		}
		let mut outputs = inputs.to_vec();
		for byte in outputs.iter_mut().flat_map(|tensor| &mut tensor.data) {
			*byte = byte.wrapping_mul(2);
		}
		Ok(outputs)
	}

	fn memory(&self) -> u64 {
		1
	}
}

pub async fn models(folder: &Path, engine: Doubler) -> Models {
	let store = FileStore::open(folder.join("artifacts"), 1 << 30, false).unwrap();
	Models::new(Arc::new(engine), Arc::new(store), 1024)
}

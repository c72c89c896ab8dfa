//! What can go wrong in the worker.

use crate::{
	calibration::CalibrationError,
	config::ConfigError,
	engine::EngineError,
	gateway::GatewayError,
	journal::JournalError,
	store::StoreError,
	tasks::{asker::KeyError, challenger::CheckError},
};
use assay_primitives::{tensor::TensorError, BlockNumber, DemandId, JobId, VersionId};
use std::path::PathBuf;

/// Why the worker, or one job of it, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
	/// The chain refused or did not answer.
	#[error("chain: {0}")]
	Chain(#[from] assay_client::Error),
	/// The journal failed or refused.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The configuration cannot be used.
	#[error(transparent)]
	Config(#[from] ConfigError),
	/// A model cannot be prepared or run.
	#[error("engine: {0}")]
	Engine(#[from] EngineError),
	/// An artifact cannot be fetched or kept.
	#[error("store: {0}")]
	Store(#[from] StoreError),
	/// The gateway cannot serve.
	#[error("gateway: {0}")]
	Gateway(#[from] GatewayError),
	/// The metrics cannot be registered or served.
	#[error("metrics: {reason}")]
	Metrics {
		/// What failed.
		reason: String,
	},
	/// What is offered for leases cannot be offered.
	#[error("leases: {reason}")]
	Lessor {
		/// What is wrong with it.
		reason: String,
	},
	/// The chain has no such version.
	#[error("no version {version} on the chain")]
	UnknownVersion {
		/// The version.
		version: VersionId,
	},
	/// The chain has no input for the job: it has ended.
	#[error("job {job} has no input any more")]
	InputGone {
		/// The job.
		job: JobId,
	},
	/// A batch cannot be answered.
	#[error("the batch {job} is not answered: {reason}")]
	Batch {
		/// The batch.
		job: JobId,
		/// Why.
		reason: &'static str,
	},
	/// No answer would be in a block in time.
	#[error("it is due in block {due}, and the best block is {now}")]
	Late {
		/// The last block for an answer.
		due: BlockNumber,
		/// The best block.
		now: BlockNumber,
	},
	/// What was demanded is not this worker's to show, or not any more.
	#[error("job {job} has nothing to show for the demand {demand}")]
	NothingToShow {
		/// The job.
		job: JobId,
		/// The demand.
		demand: DemandId,
	},
	/// The chain admitted an inline input that is not what its request committed to.
	#[error("the inline input of job {job} is not what was committed to: {reason}")]
	Input {
		/// The job.
		job: JobId,
		/// What is wrong.
		reason: String,
	},
	/// The model's outputs are not as its version declares them.
	#[error("output {index} is not as the version declares it: {reason}")]
	Output {
		/// Which output.
		index: usize,
		/// What is wrong.
		reason: TensorError,
	},
	/// The engine does not compute what the version demands.
	#[error("calibration: {0}")]
	Calibration(#[from] CalibrationError),
	/// A result cannot be checked, or a dispute not played.
	#[error("check: {0}")]
	Check(#[from] CheckError),
	/// The key to an input is not there.
	#[error("key: {0}")]
	Key(#[from] KeyError),
	/// The folder of content keys cannot be read.
	#[error("the folder of keys {}: {reason}", path.display())]
	KeyFolder {
		/// The folder.
		path: PathBuf,
		/// What the system says.
		reason: String,
	},
	/// The profile has a text that is too long for the chain.
	#[error("`{text}` is too long for the provider's profile")]
	Profile {
		/// The text.
		text: String,
	},
	/// The worker is stopping.
	#[error("the worker is stopping")]
	Stopping,
	/// The chain takes too long to answer a worker that is about to stop.
	#[error("the chain does not answer")]
	Unreached,
	/// A task of the worker panicked.
	#[error("a task failed: {reason}")]
	Task {
		/// What it left behind.
		reason: String,
	},
}

impl Error {
	/// Whether the same may succeed later with nothing changed.
	pub fn is_retryable(&self) -> bool {
		match self {
			Error::Chain(error) => error.is_retryable(),
			Error::Engine(error) => error.is_retryable(),
			Error::Store(error) => error.is_retryable(),
			Error::Check(error) => error.is_retryable(),
			_ => false,
		}
	}

	/// A short name of the kind of error, for metrics.
	pub const fn kind(&self) -> &'static str {
		match self {
			Error::Chain(error) => error.kind(),
			Error::Journal(_) => "journal",
			Error::Config(_) => "config",
			Error::Engine(_) => "engine",
			Error::Store(_) => "store",
			Error::Gateway(_) => "gateway",
			Error::Metrics { .. } => "metrics",
			Error::UnknownVersion { .. } => "unknown-version",
			Error::InputGone { .. } => "input-gone",
			Error::Batch { .. } => "batch",
			Error::Late { .. } => "late",
			Error::NothingToShow { .. } => "nothing-to-show",
			Error::Input { .. } => "input",
			Error::Output { .. } => "output",
			Error::Calibration(_) => "calibration",
			Error::Check(error) => error.reason(),
			Error::Key(_) => "key",
			Error::KeyFolder { .. } => "key-folder",
			Error::Profile { .. } => "profile",
			Error::Stopping => "stopping",
			Error::Unreached => "unreached",
			Error::Lessor { .. } => "lessor",
			Error::Task { .. } => "task",
		}
	}

	/// Whether the worker cannot go on at all, not merely with one job.
	pub fn is_fatal(&self) -> bool {
		match self {
			Error::Journal(JournalError::EquivocationRefused { .. }) => false,
			Error::Journal(_) => true,
			Error::Chain(error) => {
				matches!(error, assay_client::Error::UnsupportedRuntime { .. })
			},
			_ => false,
		}
	}
}

impl From<tokio::task::JoinError> for Error {
	fn from(error: tokio::task::JoinError) -> Self {
		Error::Task { reason: error.to_string() }
	}
}

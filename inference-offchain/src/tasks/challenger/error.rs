//! Why a result is not checked, or a dispute not played.

use assay_primitives::{DisputeId, JobId};

/// Why a result is not checked, or a dispute not played.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
	/// The bytes of the input are not what the request committed to: nothing can be shown of it.
	#[error("the input of job {job} is not what its request committed to")]
	Input {
		/// The job.
		job: JobId,
	},
	/// The trace would take more memory than the worker may use for it.
	#[error(
		"the run of job {job} takes {bytes} bytes to be disputed, and the memory budget has \
		 {budget}: raise `memory_budget`"
	)]
	TooLarge {
		/// The job.
		job: JobId,
		/// The bytes that it takes.
		bytes: u64,
		/// The budget.
		budget: u64,
	},
	/// The runs of other disputes take the memory now.
	#[error("the run of job {job} takes {bytes} bytes, which other disputes leave no room for")]
	NoRoom {
		/// The job.
		job: JobId,
		/// The bytes that it takes.
		bytes: u64,
	},
	/// What was submitted is not there to be compared.
	#[error("the submitted output of job {job} cannot be compared: {reason}")]
	Output {
		/// The job.
		job: JobId,
		/// What is wrong with it.
		reason: &'static str,
	},
	/// Two runs of this machine differ. It must not accuse anybody.
	#[error("two runs of job {job} differ on this machine: its memory or processor is faulty")]
	Unstable {
		/// The job.
		job: JobId,
	},
	/// The worker's own result is wrong, so that nothing could defend it.
	#[error("the result of job {job} that this worker submitted is wrong")]
	OwnResult {
		/// The job.
		job: JobId,
	},
	/// The chain has a seal of this account that the journal knows nothing of.
	#[error("the salt of the seal in dispute {dispute} is lost, and its bond with it")]
	LostSalt {
		/// The dispute.
		dispute: DisputeId,
	},
}

impl CheckError {
	/// Whether the same may succeed later with nothing changed.
	pub const fn is_retryable(&self) -> bool {
		matches!(self, CheckError::NoRoom { .. })
	}

	/// A short name, for metrics.
	pub const fn reason(&self) -> &'static str {
		match self {
			CheckError::Input { .. } => "input",
			CheckError::TooLarge { .. } => "too-large",
			CheckError::NoRoom { .. } => "no-room",
			CheckError::Output { .. } => "output",
			CheckError::Unstable { .. } => "unstable",
			CheckError::OwnResult { .. } => "own-result",
			CheckError::LostSalt { .. } => "lost-salt",
		}
	}
}

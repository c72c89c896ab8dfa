//! Why the worker leaves a job that it was assigned or could see, told in one place: a line of the log,
//! a counter, and the list that the gateway serves.

use crate::{
	canonical::CanonicalError,
	engine::EngineError,
	tasks::{challenger::CheckError, Context},
	Error,
};
use assay_primitives::{BlockNumber, JobId, VersionId};
use serde::Serialize;
use std::{
	collections::VecDeque,
	sync::{Mutex, MutexGuard, PoisonError},
};

/// How many declines are kept.
const MOST_KEPT: usize = 256;

/// Why a job, or every job of a version, is left.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Decline {
	/// The run would take more memory than the worker may use for it.
	#[error("it takes {bytes} bytes of memory, and the budget has {budget}")]
	MemoryBudget {
		/// The bytes that it takes.
		bytes: u64,
		/// The budget.
		budget: u64,
	},
	/// The model or the input cannot be had.
	#[error("an artifact cannot be had: {reason}")]
	Artifact {
		/// What the store says.
		reason: String,
	},
	/// The bytes of the input are not what the request committed to.
	#[error("the input is not what its request committed to")]
	InputMismatch,
	/// The input is encrypted, and its key cannot be had.
	#[error("no key: {reason}")]
	Key {
		/// Why not.
		reason: String,
	},
	/// The version cannot be prepared, or its calibration failed.
	#[error("the version is not prepared: {reason}")]
	NotPrepared {
		/// What failed.
		reason: String,
	},
	/// The model is not what its version commits to.
	#[error("the version commits to something else: {reason}")]
	CommitmentsDiffer {
		/// What differs.
		reason: String,
	},
	/// No answer would be in a block in time.
	#[error("it is due in block {due}, and the best block is {now}")]
	Deadline {
		/// The last block for an answer.
		due: BlockNumber,
		/// The best block.
		now: BlockNumber,
	},
	/// As many jobs wait as may.
	#[error("as many jobs wait as may")]
	FullCapacity,
	/// The worker is about to stop.
	#[error("the worker is about to stop")]
	Draining,
	/// The engine failed.
	#[error("the engine failed: {reason}")]
	Engine {
		/// What failed.
		reason: String,
	},
	/// The chain does not answer, or has no such job any more.
	#[error("chain: {reason}")]
	Chain {
		/// What failed.
		reason: String,
	},
}

impl Decline {
	/// A short name that stays the same, for metrics and scripts.
	pub const fn label(&self) -> &'static str {
		match self {
			Decline::MemoryBudget { .. } => "memory_budget",
			Decline::Artifact { .. } => "artifact",
			Decline::InputMismatch => "input_mismatch",
			Decline::Key { .. } => "key",
			Decline::NotPrepared { .. } => "not_prepared",
			Decline::CommitmentsDiffer { .. } => "commitments_differ",
			Decline::Deadline { .. } => "deadline",
			Decline::FullCapacity => "full_capacity",
			Decline::Draining => "draining",
			Decline::Engine { .. } => "engine",
			Decline::Chain { .. } => "chain",
		}
	}

	/// Why a job is left that ended in an error; `None` if the error is about something else.
	pub fn of(error: &Error) -> Option<Self> {
		let reason = error.to_string();
		Some(match error {
			Error::Check(CheckError::TooLarge { bytes, budget, .. }) => {
				Decline::MemoryBudget { bytes: *bytes, budget: *budget }
			},
			Error::Store(_) => Decline::Artifact { reason },
			Error::Late { due, now } => Decline::Deadline { due: *due, now: *now },
			Error::Check(CheckError::Input { .. }) | Error::Input { .. } => Decline::InputMismatch,
			Error::Key(_) => Decline::Key { reason },
			Error::Engine(error) => Self::of_engine(error, reason),
			Error::Calibration(_) => Decline::NotPrepared { reason },
			Error::Output { .. } | Error::Task { .. } => Decline::Engine { reason },
			Error::Check(CheckError::Unstable { .. }) => Decline::Engine { reason },
			Error::Chain(_) | Error::UnknownVersion { .. } | Error::InputGone { .. } => {
				Decline::Chain { reason }
			},
			_ => return None,
		})
	}

	fn of_engine(error: &EngineError, reason: String) -> Self {
		use CanonicalError as Canonical;
		match error {
			EngineError::Canonical(
				Canonical::Spec { .. }
				| Canonical::Inputs { .. }
				| Canonical::Outputs { .. }
				| Canonical::Class { .. }
				| Canonical::Lowering { .. }
				| Canonical::Graph { .. }
				| Canonical::Symbols { .. }
				| Canonical::Cost { .. },
			)
			| EngineError::WrongFile => Decline::CommitmentsDiffer { reason },
			EngineError::Canonical(
				Canonical::InputCount { .. }
				| Canonical::Input { .. }
				| Canonical::Output(_)
				| Canonical::Run(_)
				| Canonical::Prove(_),
			)
			| EngineError::Fault { .. }
			| EngineError::InputCount { .. }
			| EngineError::Run(_) => Decline::Engine { reason },
			_ => Decline::NotPrepared { reason },
		}
	}
}

/// What was declined, as the gateway shows it. Causes name servers and files, and stay in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Declined {
	/// The job; none if it is the whole version.
	pub job: Option<u64>,
	/// The version, if it is known.
	pub version: Option<String>,
	/// [`Decline::label`].
	pub reason: &'static str,
	/// The best block at that time.
	pub block: BlockNumber,
}

/// The last declines.
#[derive(Debug, Default)]
pub struct Declines {
	kept: Mutex<VecDeque<Declined>>,
}

impl Declines {
	/// The declines that are kept, newest first.
	pub fn newest_first(&self) -> Vec<Declined> {
		self.lock().iter().rev().cloned().collect()
	}

	/// Keep a decline; `false` if the same was kept already, in whatever block.
	pub(crate) fn keep(&self, declined: Declined) -> bool {
		let mut kept = self.lock();
		let is_same =
			|other: &Declined| Declined { block: declined.block, ..other.clone() } == declined;
		if kept.iter().any(is_same) {
			return false;
		}
		if kept.len() >= MOST_KEPT {
			kept.pop_front();
		}
		kept.push_back(declined);
		true
	}

	fn lock(&self) -> MutexGuard<'_, VecDeque<Declined>> {
		self.kept.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Context {
	/// Tell why a job is left, or without a job every one of a version. What is tried at each block
	/// is told once.
	pub fn decline(&self, job: Option<JobId>, version: Option<VersionId>, why: &Decline) {
		let (job, reason) = (job.map(|job| job.0), why.label());
		let shown = version.map(|version| version.to_string());
		if self.declines.keep(Declined { job, version: shown, reason, block: self.now() }) {
			let version = version.map(tracing::field::display);
			tracing::warn!(target: "worker::declined", job, version, reason, %why, "declined");
			self.metrics.declined.with_label_values(&[reason]).inc();
		}
	}

	/// The same of something that ended in an error.
	pub fn decline_for(&self, job: Option<JobId>, version: Option<VersionId>, error: &Error) {
		let unnamed = || Decline::Engine { reason: error.to_string() };
		self.decline(job, version, &Decline::of(error).unwrap_or_else(unnamed));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{store::StoreError, tasks::asker::KeyError};
	use assay_primitives::ArtifactHash;

	fn declined(job: u64, reason: &'static str, block: BlockNumber) -> Declined {
		Declined { job: Some(job), version: Some("0@1".into()), reason, block }
	}

	#[test]
	fn the_newest_declines_are_kept_and_come_first() {
		let declines = Declines::default();
		for job in 0..MOST_KEPT as u64 + 3 {
			assert!(declines.keep(declined(job, "deadline", 1)));
		}
		let kept = declines.newest_first();
		assert_eq!(kept.len(), MOST_KEPT);
		assert_eq!((kept[0].job, kept[MOST_KEPT - 1].job), (Some(MOST_KEPT as u64 + 2), Some(3)));
	}

	#[test]
	fn what_is_declined_at_every_block_is_told_once() {
		let declines = Declines::default();
		assert!(declines.keep(declined(1, "draining", 5)));
		assert!(!declines.keep(declined(1, "draining", 6)));
		assert!(declines.keep(declined(1, "deadline", 6)));
		assert!(declines.keep(declined(2, "draining", 6)));
	}

	#[test]
	fn an_error_has_the_label_of_its_cause() {
		let job = JobId(1);
		let label = |error: Error| Decline::of(&error).map(|why| why.label());
		let graph =
			CanonicalError::Graph { computed: Default::default(), declared: Default::default() };
		for (error, expected) in [
			(CheckError::TooLarge { job, bytes: 2, budget: 1 }.into(), "memory_budget"),
			(StoreError::NoLocator(ArtifactHash([0; 32])).into(), "artifact"),
			(Error::Input { job, reason: String::new() }, "input_mismatch"),
			(EngineError::Canonical(graph).into(), "commitments_differ"),
			(EngineError::Malformed(String::new()).into(), "not_prepared"),
			(EngineError::Run(String::new()).into(), "engine"),
			(Error::InputGone { job }, "chain"),
			(KeyError::NotHeld { job, commitment: Default::default() }.into(), "key"),
		] {
			assert_eq!(label(error), Some(expected));
		}
		assert_eq!(label(CheckError::OwnResult { job }.into()), None);
		assert_eq!(label(Error::Stopping), None);
	}

	#[test]
	fn labels_are_in_snake_case_and_differ() {
		let reason = String::new;
		let labels: std::collections::BTreeSet<&str> = [
			Decline::MemoryBudget { bytes: 0, budget: 0 },
			Decline::Artifact { reason: reason() },
			Decline::InputMismatch,
			Decline::Key { reason: reason() },
			Decline::NotPrepared { reason: reason() },
			Decline::CommitmentsDiffer { reason: reason() },
			Decline::Deadline { due: 0, now: 0 },
			Decline::FullCapacity,
			Decline::Draining,
			Decline::Engine { reason: reason() },
			Decline::Chain { reason: reason() },
		]
		.iter()
		.map(Decline::label)
		.collect();
		assert_eq!(labels.len(), 11);
		assert!(labels
			.iter()
			.all(|label| label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
	}
}

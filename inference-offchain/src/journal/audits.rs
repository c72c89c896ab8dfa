//! What opens the seals of audits.
//!
//! As with [the seals of challenges](super::seals): whatever is needed to open a seal is on disk
//! before the seal is signed, and stays until the audit is over. With it lies the header of the
//! graph, so that a worker that was killed reveals without a second run.

use super::{definition, seals::salt, Journal, JournalError};
use assay_canon::commitment::{Blake2b256, GraphHeader, Hash};
use assay_dispute::dispute;
use assay_primitives::{audit, AccountId, JobId};
use codec::{Decode, Encode};
use redb::{Durability, ReadableDatabase, ReadableTable};

/// A trace that was sealed in an audit, or is about to be.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Audited {
	/// The attempt of the job that is audited.
	pub attempt: u8,
	/// The root of the trace.
	pub history: Hash,
	/// What it was sealed with.
	pub salt: Hash,
	/// The header of the version's graph.
	pub header: GraphHeader,
}

impl Audited {
	/// The seal, as the chain has it.
	pub fn seal(&self, job: JobId, account: &AccountId) -> Hash {
		let subject = audit::subject(job, self.attempt);
		dispute::seal::<Blake2b256>(&subject, &account.encode(), &self.history, &self.salt)
	}
}

impl Journal {
	/// Keep what an audit of a job is answered with, under a new salt. It is on disk when this
	/// returns. What was kept of the same attempt before is what counts: a seal of it may be under
	/// way.
	pub fn audit(
		&self,
		job: JobId,
		attempt: u8,
		history: Hash,
		header: GraphHeader,
	) -> Result<Audited, JournalError> {
		if let Some(before) = self.audited(job, attempt)? {
			return Ok(before);
		}
		let audited = Audited { attempt, history, salt: salt()?, header };
		self.write(&self.audits, Durability::Immediate, |table| {
			table.insert(job.0, audited.encode().as_slice()).map_err(JournalError::storage)?;
			Ok(())
		})?;
		Ok(audited)
	}

	/// What an audit of this attempt is answered with.
	pub fn audited(&self, job: JobId, attempt: u8) -> Result<Option<Audited>, JournalError> {
		let audited: Option<Audited> = self.read(&self.audits, job)?;
		Ok(audited.filter(|audited| audited.attempt == attempt))
	}

	/// The jobs of which an audit is answered.
	pub fn audits(&self) -> Result<Vec<JobId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.audits)).map_err(JournalError::storage)?;
		let mut jobs = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, _) = row.map_err(JournalError::storage)?;
			jobs.push(JobId(job.value()));
		}
		Ok(jobs)
	}

	/// Forget the audit of a job, which is over.
	pub fn forget_audit(&self, job: JobId) -> Result<(), JournalError> {
		self.write(&self.audits, Durability::Immediate, |table| {
			table.remove(job.0).map_err(JournalError::storage)?;
			Ok(())
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::path::Path;

	const JOB: JobId = JobId(7);
	const HISTORY: Hash = [3; 32];

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	fn header() -> GraphHeader {
		let mut header = GraphHeader::default();
		header.nodes.count = 5;
		header
	}

	#[test]
	fn a_reopened_journal_answers_an_audit_as_before() {
		let folder = tempfile::tempdir().unwrap();
		let before = journal(folder.path()).audit(JOB, 1, HISTORY, header()).unwrap();
		let journal = journal(folder.path());
		assert_eq!(journal.audited(JOB, 1).unwrap(), Some(before.clone()));
		assert_eq!(journal.audits().unwrap(), [JOB]);
		let other = journal.audit(JOB, 1, [4; 32], header()).unwrap();
		assert_eq!(other, before, "one attempt has one answer");
		assert_eq!(before.header, header());
	}

	#[test]
	fn another_attempt_has_another_answer() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		let first = journal.audit(JOB, 1, HISTORY, header()).unwrap();
		assert_eq!(journal.audited(JOB, 2).unwrap(), None);
		let second = journal.audit(JOB, 2, HISTORY, header()).unwrap();
		assert_ne!(first.salt, second.salt);
		journal.forget_audit(JOB).unwrap();
		assert_eq!((journal.audited(JOB, 2).unwrap(), journal.audits().unwrap()), (None, vec![]));
	}

	#[test]
	fn a_seal_is_bound_to_job_attempt_and_account() {
		let of = |job, attempt, account| {
			let audited = Audited { attempt, history: HISTORY, salt: [9; 32], header: header() };
			audited.seal(JobId(job), &AccountId::new([account; 32]))
		};
		assert_eq!(of(1, 1, 1), of(1, 1, 1));
		let others = [of(2, 1, 1), of(1, 2, 1), of(1, 1, 2)];
		assert!(others.iter().all(|other| *other != of(1, 1, 1)));
	}
}

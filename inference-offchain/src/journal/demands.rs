//! What this worker has demanded on chain, so that it pays for it once.

use super::{definition, Journal, JournalError};
use assay_primitives::{availability::Side, JobId, Root};
use codec::Encode;
use redb::{Durability, ReadableDatabase, ReadableTable};

impl Journal {
	/// Whether a part of what has this root was demanded.
	pub fn was_demanded(&self, job: JobId, side: Side, root: Root) -> Result<bool, JournalError> {
		Ok(self.demands(job)?.contains(&(side, root)))
	}

	/// Note a demand. It is on disk when this returns.
	pub fn demanded(&self, job: JobId, side: Side, root: Root) -> Result<(), JournalError> {
		let mut demands = self.demands(job)?;
		demands.push((side, root));
		self.write(&self.demands, Durability::Immediate, |table| {
			table.insert(job.0, demands.encode().as_slice()).map_err(JournalError::storage)?;
			Ok(())
		})
	}

	/// The jobs of which something was demanded.
	pub fn jobs_with_demands(&self) -> Result<Vec<JobId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.demands)).map_err(JournalError::storage)?;
		let mut jobs = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, _) = row.map_err(JournalError::storage)?;
			jobs.push(JobId(job.value()));
		}
		Ok(jobs)
	}

	/// Forget the demands about a job that is over.
	pub fn forget_demands(&self, job: JobId) -> Result<(), JournalError> {
		self.write(&self.demands, Durability::Immediate, |table| {
			table.remove(job.0).map_err(JournalError::storage)?;
			Ok(())
		})
	}

	fn demands(&self, job: JobId) -> Result<Vec<(Side, Root)>, JournalError> {
		Ok(self.read(&self.demands, job)?.unwrap_or_default())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::AccountId;
	use std::path::Path;

	const JOB: JobId = JobId(7);
	const ROOT: Root = Root([3; 32]);

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	#[test]
	fn a_reopened_journal_knows_what_was_demanded() {
		let folder = tempfile::tempdir().unwrap();
		journal(folder.path()).demanded(JOB, Side::Output, ROOT).unwrap();
		let journal = journal(folder.path());
		assert!(journal.was_demanded(JOB, Side::Output, ROOT).unwrap());
		assert!(!journal.was_demanded(JOB, Side::Input, ROOT).unwrap());
		assert!(!journal.was_demanded(JOB, Side::Output, Root([4; 32])).unwrap());
		assert_eq!(journal.jobs_with_demands().unwrap(), [JOB]);
	}

	#[test]
	fn demands_are_forgotten_by_job() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.demanded(JOB, Side::Output, ROOT).unwrap();
		journal.demanded(JOB, Side::Input, ROOT).unwrap();
		journal.demanded(JobId(8), Side::Input, ROOT).unwrap();
		journal.forget_demands(JOB).unwrap();
		assert_eq!(journal.jobs_with_demands().unwrap(), [JobId(8)]);
		assert!(!journal.was_demanded(JOB, Side::Input, ROOT).unwrap());
	}
}

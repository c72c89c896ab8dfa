//! What opens the seals of challenges.
//!
//! A seal whose salt is lost can never be opened, and its bond is lost with it. So the salt is on
//! disk before the challenge is signed, and stays until the dispute is over.

use super::{definition, Journal, JournalError};
use assay_canon::commitment::{Blake2b256, Hash};
use assay_dispute::dispute;
use assay_primitives::{AccountId, JobId};
use codec::{Decode, Encode};
use redb::{Durability, ReadableDatabase, ReadableTable};

/// A history that was sealed, or is about to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Sealed {
	/// The round of the dispute that it was sealed for.
	pub round: u8,
	/// The root of the trace.
	pub history: Hash,
	/// What it was sealed with.
	pub salt: Hash,
}

impl Sealed {
	/// The seal, as the chain has it.
	pub fn seal(&self, job: JobId, account: &AccountId) -> Hash {
		let (job, account) = (job.encode(), account.encode());
		dispute::seal::<Blake2b256>(&job, &account, &self.history, &self.salt)
	}
}

impl Journal {
	/// What to seal a history with in a round: the same as before, or a new salt, which is on disk
	/// when this returns.
	pub fn seal(&self, job: JobId, round: u8, history: Hash) -> Result<Sealed, JournalError> {
		let mut seals = self.seals(job)?;
		let same = |sealed: &&Sealed| sealed.round == round && sealed.history == history;
		if let Some(sealed) = seals.iter().find(same) {
			return Ok(*sealed);
		}
		let sealed = Sealed { round, history, salt: salt()? };
		seals.push(sealed);
		self.write(&self.disputes, Durability::Immediate, |table| {
			table.insert(job.0, seals.encode().as_slice()).map_err(JournalError::storage)?;
			Ok(())
		})?;
		Ok(sealed)
	}

	/// All that was sealed in the dispute of a job. A seal may enter the chain in a later round
	/// than the one that it was made for.
	pub fn seals(&self, job: JobId) -> Result<Vec<Sealed>, JournalError> {
		Ok(self.read(&self.disputes, job)?.unwrap_or_default())
	}

	/// The jobs of which something was sealed.
	pub fn sealed(&self) -> Result<Vec<JobId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.disputes)).map_err(JournalError::storage)?;
		let mut jobs = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, _) = row.map_err(JournalError::storage)?;
			jobs.push(JobId(job.value()));
		}
		Ok(jobs)
	}

	/// Forget the seals of a job, whose dispute is over.
	pub fn forget_seals(&self, job: JobId) -> Result<(), JournalError> {
		self.write(&self.disputes, Durability::Immediate, |table| {
			table.remove(job.0).map_err(JournalError::storage)?;
			Ok(())
		})
	}
}

/// Random bytes of the system: whoever could guess them could read a seal.
fn salt() -> Result<Hash, JournalError> {
	let mut salt = Hash::default();
	getrandom::fill(&mut salt)
		.map_err(|error| JournalError::Random { reason: error.to_string() })?;
	Ok(salt)
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

	#[test]
	fn a_reopened_journal_seals_a_round_with_the_same_salt() {
		let folder = tempfile::tempdir().unwrap();
		let before = journal(folder.path()).seal(JOB, 0, HISTORY).unwrap();
		let journal = journal(folder.path());
		assert_eq!(journal.seal(JOB, 0, HISTORY).unwrap(), before);
		assert_eq!(journal.seals(JOB).unwrap(), [before]);
		assert_eq!(journal.sealed().unwrap(), [JOB]);
	}

	#[test]
	fn every_round_has_a_salt_of_its_own() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		let first = journal.seal(JOB, 0, HISTORY).unwrap();
		let second = journal.seal(JOB, 1, HISTORY).unwrap();
		assert_ne!(first.salt, second.salt);
		assert_eq!(journal.seals(JOB).unwrap(), [first, second]);
	}

	#[test]
	fn a_seal_is_bound_to_job_and_account() {
		let sealed = Sealed { round: 0, history: HISTORY, salt: [9; 32] };
		let of = |job, account| sealed.seal(JobId(job), &AccountId::new([account; 32]));
		assert_eq!(of(1, 1), of(1, 1));
		assert!(of(1, 1) != of(2, 1) && of(1, 1) != of(1, 2));
	}

	#[test]
	fn seals_are_forgotten_by_job() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.seal(JOB, 0, HISTORY).unwrap();
		let kept = journal.seal(JobId(8), 0, HISTORY).unwrap();
		journal.forget_seals(JOB).unwrap();
		assert_eq!(journal.seals(JOB).unwrap(), []);
		assert_eq!(journal.seals(JobId(8)).unwrap(), [kept]);
	}
}

//! What the worker has done with each job, on disk before it is done on chain.
//!
//! A job goes `Accepted → Computed → Signed → Included → Done`. A signed transaction is on disk,
//! and with it the output that it commits to, before it is handed in. The two steps before it
//! reach the disk with the next one that must: after a crash the chain still names the job, and
//! nothing that was promised is lost. One process at a time holds the journal, which makes it the
//! lock on the worker's folder.
//!
//! Beside the jobs lie the [seals] of disputes, those of [replicas], the [demands] that were made, the
//! [secrets] of requests for keys, and what [audits] are answered with. Nobody but its owner may read it.

pub mod audits;
pub mod demands;
pub mod replicas;
pub mod seals;
pub mod secrets;

use assay_client::{BlockRef, SignedCall};
use assay_primitives::{job::Output, AccountId, BlockNumber, JobId};
use codec::{Decode, DecodeAll, Encode};
use redb::{Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::{Path, PathBuf};

/// The name of the journal in the worker's folder.
pub const FILE: &str = "journal.redb";

/// Why the journal failed or refused.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
	/// Another process has the journal open.
	#[error("{} is in use: another worker runs on this folder", path.display())]
	InUse {
		/// The journal.
		path: PathBuf,
	},
	/// The file is no journal, or is damaged.
	#[error("{} cannot be opened as a journal: {reason}", path.display())]
	Unreadable {
		/// The journal.
		path: PathBuf,
		/// What the database says.
		reason: String,
	},
	/// The record of a job is damaged.
	#[error("the journal's record of job {job} is damaged: {reason}")]
	Corrupt {
		/// The job.
		job: JobId,
		/// Where the decoder stopped.
		reason: String,
	},
	/// The job was answered with another output before. To sign a second one is what providers
	/// are punished for.
	#[error("job {job} was computed before with another output: refusing to answer it again")]
	EquivocationRefused {
		/// The job.
		job: JobId,
	},
	/// A step that does not follow from the one before it.
	#[error("job {job} cannot be recorded as {step}: it has no output")]
	OutOfOrder {
		/// The job.
		job: JobId,
		/// The step.
		step: &'static str,
	},
	/// The system gives no random bytes.
	#[error("no random bytes for a seal: {reason}")]
	Random {
		/// What the system says.
		reason: String,
	},
	/// The database failed.
	#[error("the journal cannot be used: {reason}")]
	Storage {
		/// What the database says.
		reason: String,
	},
}

impl JournalError {
	fn storage(error: impl Into<redb::Error>) -> Self {
		JournalError::Storage { reason: error.into().to_string() }
	}
}

/// How far a job has come.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Progress {
	/// The job is known.
	Accepted,
	/// Its output is known.
	Computed,
	/// A transaction is signed, and perhaps handed in.
	Signed(SignedCall),
	/// The transaction is in a block that is not final yet.
	Included {
		/// The transaction.
		signed: SignedCall,
		/// The number of the block.
		block: BlockNumber,
	},
	/// Nothing is left to do.
	Done,
}

impl Progress {
	/// The transaction that may be under way.
	pub const fn signed(&self) -> Option<&SignedCall> {
		match self {
			Progress::Signed(signed) | Progress::Included { signed, .. } => Some(signed),
			_ => None,
		}
	}
}

/// What the journal keeps of a job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Entry {
	/// The last block in which a result may be submitted.
	pub due: BlockNumber,
	/// The answer, once it is computed.
	pub output: Option<Output>,
	/// How far the job has come.
	pub progress: Progress,
}

/// The durable record of a worker's jobs on one chain for one account.
pub struct Journal {
	database: Database,
	/// The table of jobs of this chain and account, so that the jobs of two chains are never mixed.
	jobs: String,
	/// The table of seals, likewise.
	disputes: String,
	/// The table of audits, likewise.
	audits: String,
	/// The table of demands, likewise.
	demands: String,
	/// The table of replicas, likewise.
	replicas: String,
	/// The table of secrets, likewise.
	secrets: String,
}

impl Journal {
	/// Open the journal in a folder, which is made if it is not there.
	pub fn open(
		folder: &Path,
		genesis: &[u8; 32],
		account: &AccountId,
	) -> Result<Self, JournalError> {
		let path = folder.join(FILE);
		let unreadable = |reason: String| JournalError::Unreadable { path: path.clone(), reason };
		std::fs::create_dir_all(folder).map_err(|error| unreadable(error.to_string()))?;
		let database = Database::create(&path).map_err(|error| match error {
			DatabaseError::DatabaseAlreadyOpen => JournalError::InUse { path: path.clone() },
			other => unreadable(other.to_string()),
		})?;
		close_to_others(&path).map_err(|error| unreadable(error.to_string()))?;
		let account: &[u8] = account.as_ref();
		let table = |of| format!("{of}/{}/{}", hex::encode(genesis), hex::encode(account));
		let [jobs, disputes, audits, demands, replicas, secrets] =
			["jobs", "disputes", "audits", "demands", "replicas", "secrets"].map(table);
		let journal = Journal { database, jobs, disputes, audits, demands, replicas, secrets };
		let Journal { jobs, disputes, audits, demands, replicas, secrets, .. } = &journal;
		// From here on all tables are there to be read.
		for table in [jobs, disputes, audits, demands, replicas, secrets] {
			journal.write(table, Durability::Immediate, |_| Ok(()))?;
		}
		Ok(journal)
	}

	/// What is known of a job.
	pub fn entry(&self, job: JobId) -> Result<Option<Entry>, JournalError> {
		self.read(&self.jobs, job)
	}

	/// Every job of the journal, in ascending order.
	pub fn entries(&self) -> Result<Vec<(JobId, Entry)>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.jobs)).map_err(JournalError::storage)?;
		let mut entries = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, bytes) = row.map_err(JournalError::storage)?;
			let job = JobId(job.value());
			entries.push((job, decode(job, bytes.value())?));
		}
		Ok(entries)
	}

	/// Note a job, or its new due block when it was assigned again. What is known of it stays.
	pub fn accept(&self, job: JobId, due: BlockNumber) -> Result<Entry, JournalError> {
		self.update(job, Durability::None, |entry| {
			Ok(match entry {
				Some(mut entry) => {
					entry.due = due;
					entry
				},
				None => Entry { due, output: None, progress: Progress::Accepted },
			})
		})
	}

	/// Note the output of a job. Another output than before is refused.
	pub fn computed(&self, job: JobId, output: &Output) -> Result<Entry, JournalError> {
		self.update(job, Durability::None, |entry| {
			let mut entry = entry.ok_or(JournalError::OutOfOrder { job, step: "computed" })?;
			match &entry.output {
				Some(before) if before != output => {
					return Err(JournalError::EquivocationRefused { job })
				},
				Some(_) => {},
				None => {
					entry.output = Some(output.clone());
					entry.progress = Progress::Computed;
				},
			}
			Ok(entry)
		})
	}

	/// Note a transaction before it is handed in.
	pub fn signed(&self, job: JobId, signed: &SignedCall) -> Result<Entry, JournalError> {
		self.advance(job, "signed", Progress::Signed(signed.clone()))
	}

	/// Note the block that a transaction is in.
	pub fn included(
		&self,
		job: JobId,
		signed: &SignedCall,
		block: &BlockRef,
	) -> Result<Entry, JournalError> {
		let progress = Progress::Included { signed: signed.clone(), block: block.number };
		self.advance(job, "included", progress)
	}

	/// Note that a transaction can enter no block any more, so that another may be signed.
	pub fn void(&self, job: JobId) -> Result<Entry, JournalError> {
		self.advance(job, "void", Progress::Computed)
	}

	/// Note that nothing is left to do for a job.
	pub fn done(&self, job: JobId) -> Result<(), JournalError> {
		self.update(job, Durability::Immediate, |entry| {
			let mut entry = entry.ok_or(JournalError::OutOfOrder { job, step: "done" })?;
			entry.progress = Progress::Done;
			Ok(entry)
		})
		.map(drop)
	}

	/// Forget jobs that were due before a block and have nothing under way. Returns how many.
	pub fn prune(&self, before: BlockNumber) -> Result<usize, JournalError> {
		let stale: Vec<JobId> = self
			.entries()?
			.into_iter()
			.filter(|(_, entry)| entry.due < before && entry.progress.signed().is_none())
			.map(|(job, _)| job)
			.collect();
		if !stale.is_empty() {
			self.write(&self.jobs, Durability::Immediate, |table| {
				for job in &stale {
					table.remove(job.0).map_err(JournalError::storage)?;
				}
				Ok(())
			})?;
		}
		Ok(stale.len())
	}

	fn advance(
		&self,
		job: JobId,
		step: &'static str,
		progress: Progress,
	) -> Result<Entry, JournalError> {
		self.update(job, Durability::Immediate, |entry| match entry {
			Some(mut entry) if entry.output.is_some() => {
				entry.progress = progress;
				Ok(entry)
			},
			_ => Err(JournalError::OutOfOrder { job, step }),
		})
	}

	/// Change one record in one transaction.
	fn update(
		&self,
		job: JobId,
		durability: Durability,
		change: impl FnOnce(Option<Entry>) -> Result<Entry, JournalError>,
	) -> Result<Entry, JournalError> {
		self.write(&self.jobs, durability, |table| {
			let before = table
				.get(job.0)
				.map_err(JournalError::storage)?
				.map(|bytes| decode(job, bytes.value()))
				.transpose()?;
			let after = change(before.clone())?;
			if before.as_ref() != Some(&after) {
				table.insert(job.0, after.encode().as_slice()).map_err(JournalError::storage)?;
			}
			Ok(after)
		})
	}

	/// The record of a job in a table.
	fn read<T: Decode>(&self, table: &str, job: JobId) -> Result<Option<T>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(table)).map_err(JournalError::storage)?;
		let bytes = table.get(job.0).map_err(JournalError::storage)?;
		bytes.map(|bytes| decode(job, bytes.value())).transpose()
	}

	/// Run `change` in a transaction. When this returns it is on disk, with all before it, or will
	/// be with the next one that asks for that.
	fn write<T>(
		&self,
		table: &str,
		durability: Durability,
		change: impl FnOnce(&mut redb::Table<'_, u64, &'static [u8]>) -> Result<T, JournalError>,
	) -> Result<T, JournalError> {
		let mut write = self.database.begin_write().map_err(JournalError::storage)?;
		write.set_durability(durability).map_err(JournalError::storage)?;
		let value = {
			let mut table = write.open_table(definition(table)).map_err(JournalError::storage)?;
			change(&mut table)?
		};
		write.commit().map_err(JournalError::storage)?;
		Ok(value)
	}
}

/// Whoever can read the journal can open the keys that were delivered to this worker.
#[cfg(unix)]
fn close_to_others(path: &Path) -> std::io::Result<()> {
	use std::os::unix::fs::PermissionsExt;

	std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> std::io::Result<()> {
	Ok(())
}

const fn definition(table: &str) -> TableDefinition<'_, u64, &'static [u8]> {
	TableDefinition::new(table)
}

fn decode<T: Decode>(job: JobId, bytes: &[u8]) -> Result<T, JournalError> {
	T::decode_all(&mut &*bytes)
		.map_err(|error| JournalError::Corrupt { job, reason: error.to_string() })
}

#[cfg(test)]
mod tests {
	use super::*;

	const JOB: JobId = JobId(7);

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	fn output(byte: u8) -> Output {
		Output::Inline(vec![byte].try_into().unwrap())
	}

	fn signed() -> SignedCall {
		SignedCall { hash: [3; 32], bytes: vec![1, 2], born: 5, dies: 133 }
	}

	#[test]
	fn a_reopened_journal_knows_what_was_signed() {
		let folder = tempfile::tempdir().unwrap();
		{
			let journal = journal(folder.path());
			journal.accept(JOB, 20).unwrap();
			journal.computed(JOB, &output(1)).unwrap();
			journal.signed(JOB, &signed()).unwrap();
		}
		let entry = journal(folder.path()).entry(JOB).unwrap().unwrap();
		assert_eq!(entry.progress, Progress::Signed(signed()));
		assert_eq!(entry.output, Some(output(1)));
	}

	#[test]
	fn a_second_worker_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let _first = journal(folder.path());
		let second = Journal::open(folder.path(), &[0; 32], &AccountId::new([1; 32]));
		assert!(matches!(second, Err(JournalError::InUse { .. })));
	}

	#[test]
	fn another_output_for_the_same_job_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.accept(JOB, 20).unwrap();
		journal.computed(JOB, &output(1)).unwrap();
		journal.computed(JOB, &output(1)).unwrap();
		let refused = journal.computed(JOB, &output(2));
		assert!(matches!(refused, Err(JournalError::EquivocationRefused { job: JOB })));
	}

	#[test]
	fn nothing_is_signed_without_an_output() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.accept(JOB, 20).unwrap();
		assert!(matches!(journal.signed(JOB, &signed()), Err(JournalError::OutOfOrder { .. })));
	}

	#[test]
	fn the_jobs_of_two_chains_are_not_mixed() {
		let folder = tempfile::tempdir().unwrap();
		journal(folder.path()).accept(JOB, 20).unwrap();
		let other = Journal::open(folder.path(), &[9; 32], &AccountId::new([1; 32])).unwrap();
		assert_eq!(other.entry(JOB).unwrap(), None);
	}

	#[test]
	fn old_jobs_are_pruned_unless_a_transaction_is_under_way() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		for (job, due) in [(1, 10), (2, 10), (3, 30)] {
			journal.accept(JobId(job), due).unwrap();
		}
		journal.computed(JobId(2), &output(1)).unwrap();
		journal.signed(JobId(2), &signed()).unwrap();
		assert_eq!(journal.prune(20).unwrap(), 1);
		let left: Vec<u64> = journal.entries().unwrap().iter().map(|(job, _)| job.0).collect();
		assert_eq!(left, [2, 3]);
	}

	#[test]
	fn a_file_that_is_no_journal_is_reported() {
		let folder = tempfile::tempdir().unwrap();
		std::fs::write(folder.path().join(FILE), [0x5a; 4096]).unwrap();
		let opened = Journal::open(folder.path(), &[0; 32], &AccountId::new([1; 32]));
		assert!(matches!(opened, Err(JournalError::Unreadable { .. })));
	}

	#[test]
	fn a_damaged_record_is_reported_with_its_job() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal
			.write(&journal.jobs, Durability::Immediate, |table| {
				table.insert(JOB.0, [0xffu8; 3].as_slice()).map_err(JournalError::storage)?;
				Ok(())
			})
			.unwrap();
		assert!(matches!(journal.entry(JOB), Err(JournalError::Corrupt { job: JOB, .. })));
		assert!(matches!(journal.entries(), Err(JournalError::Corrupt { job: JOB, .. })));
	}
}

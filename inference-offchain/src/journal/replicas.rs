//! What opens the seals of replicas.
//!
//! As with [the seals of challenges](super::seals): the output and the salt are on disk before the
//! seal is signed, and stay until the job is over, however long its group takes.

use super::{definition, seals::salt, Journal, JournalError};
use assay_primitives::{
	commitment::{faulted_root, result_seal, tensors_root},
	job::Output,
	tensor::Tensor,
	AccountId, JobId, Root,
};
use codec::{Decode, DecodeAll, Encode};
use redb::{Durability, ReadableDatabase, ReadableTable};

/// A result that was sealed, or is about to be.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Replica {
	/// The answer.
	pub output: Output,
	/// What it was sealed with.
	pub salt: Root,
}

impl Replica {
	/// The seal, as the chain has it; `None` of an output that is not sealed.
	pub fn seal(&self, job: JobId, account: &AccountId) -> Option<Root> {
		let root = match &self.output {
			Output::Inline(bytes) => {
				tensors_root(&Vec::<Tensor>::decode_all(&mut &bytes[..]).ok()?)
			},
			Output::Artifact { root, .. } => *root,
			Output::Fault { slot, element } => faulted_root(*slot, *element),
			Output::InputMismatch => return None,
		};
		Some(result_seal(job, account, &root, &self.salt))
	}
}

impl Journal {
	/// What to seal a replica with: what was sealed before, or this output with a new salt, which is
	/// on disk when this returns.
	pub fn seal_replica(&self, job: JobId, output: &Output) -> Result<Replica, JournalError> {
		match self.replica(job)? {
			Some(replica) if replica.output == *output => return Ok(replica),
			Some(_) => return Err(JournalError::EquivocationRefused { job }),
			None => {},
		}
		let replica = Replica { output: output.clone(), salt: Root(salt()?) };
		self.write(&self.replicas, Durability::Immediate, |table| {
			table.insert(job.0, replica.encode().as_slice()).map_err(JournalError::storage)?;
			Ok(())
		})?;
		Ok(replica)
	}

	/// What a replica was sealed with.
	pub fn replica(&self, job: JobId) -> Result<Option<Replica>, JournalError> {
		self.read(&self.replicas, job)
	}

	/// The replicas that were sealed, in ascending order.
	pub fn replicas(&self) -> Result<Vec<JobId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.replicas)).map_err(JournalError::storage)?;
		let mut jobs = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, _) = row.map_err(JournalError::storage)?;
			jobs.push(JobId(job.value()));
		}
		Ok(jobs)
	}

	/// Forget a replica that is over.
	pub fn forget_replica(&self, job: JobId) -> Result<(), JournalError> {
		self.write(&self.replicas, Durability::Immediate, |table| {
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

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	fn output(slot: u32) -> Output {
		Output::Fault { slot, element: 0 }
	}

	#[test]
	fn a_reopened_journal_opens_the_same_seal() {
		let folder = tempfile::tempdir().unwrap();
		let before = journal(folder.path()).seal_replica(JOB, &output(1)).unwrap();
		let journal = journal(folder.path());
		assert_eq!(journal.replica(JOB).unwrap(), Some(before.clone()));
		assert_eq!(journal.seal_replica(JOB, &output(1)).unwrap(), before);
		assert_eq!(journal.replicas().unwrap(), [JOB]);
		journal.forget_replica(JOB).unwrap();
		assert_eq!(journal.replica(JOB).unwrap(), None);
	}

	#[test]
	fn another_output_is_not_sealed_after_the_first() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.seal_replica(JOB, &output(1)).unwrap();
		let refused = journal.seal_replica(JOB, &output(2));
		assert!(matches!(refused, Err(JournalError::EquivocationRefused { job: JOB })));
	}

	/// Its output would be lost with it, and could never be revealed.
	#[test]
	fn a_replica_is_kept_when_its_job_is_pruned() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.accept(JOB, 10).unwrap();
		journal.computed(JOB, &output(1)).unwrap();
		let replica = journal.seal_replica(JOB, &output(1)).unwrap();
		assert_eq!(journal.prune(20).unwrap(), 1);
		assert_eq!(journal.replica(JOB).unwrap(), Some(replica));
	}

	#[test]
	fn a_seal_is_bound_to_job_account_output_and_salt() {
		let of = |job, account, slot, salt| {
			let replica = Replica { output: output(slot), salt: Root([salt; 32]) };
			replica.seal(JobId(job), &AccountId::new([account; 32]))
		};
		assert_eq!(of(1, 1, 1, 1), of(1, 1, 1, 1));
		let others = [of(2, 1, 1, 1), of(1, 2, 1, 1), of(1, 1, 2, 1), of(1, 1, 1, 2)];
		assert!(others.iter().all(|other| *other != of(1, 1, 1, 1)));
	}

	#[test]
	fn what_says_that_the_input_does_not_match_is_not_sealed() {
		let replica = Replica { output: Output::InputMismatch, salt: Root::default() };
		assert_eq!(replica.seal(JOB, &AccountId::new([1; 32])), None);
	}
}

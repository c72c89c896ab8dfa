//! What opens the keys that this worker has asked for.
//!
//! A secret is made for one request and on disk before that is signed: with the secret lost, what is
//! delivered cannot be opened, and nobody can complain about it. It stays until its job is over, with
//! the box that it opens, which the chain forgets earlier: who has answered a job may have to run it
//! once more to defend the answer. The key itself is never written.

use super::{decode, definition, Journal, JournalError};
use assay_client::content::{ContentKey, RequestSecret};
use assay_primitives::{
	custody::{PublicKey, SealedKey, KEY_BYTES},
	JobId, Root,
};
use codec::{Decode, Encode};
use redb::{Durability, ReadableDatabase, ReadableTable};
use zeroize::{Zeroize, Zeroizing};

/// The secret of a request, and the box that it opens.
#[derive(Encode, Decode)]
struct Kept {
	secret: [u8; KEY_BYTES],
	/// What was delivered, and the commitment to the key in it.
	delivered: Option<(SealedKey, Root)>,
}

impl Drop for Kept {
	fn drop(&mut self) {
		self.secret.zeroize();
	}
}

impl Kept {
	fn secret(&self) -> RequestSecret {
		RequestSecret::from_bytes(self.secret)
	}
}

impl Journal {
	/// A secret for a new request about a job. It is on disk when this returns.
	pub fn new_secret(&self, job: JobId) -> Result<RequestSecret, JournalError> {
		let secret = RequestSecret::generate();
		let kept = Kept { secret: *secret.expose(), delivered: None };
		self.change_secrets(job, |all| all.push(kept))?;
		Ok(secret)
	}

	/// The secret to a public key that a key was asked for with.
	pub fn secret_of(
		&self,
		job: JobId,
		public: &PublicKey,
	) -> Result<Option<RequestSecret>, JournalError> {
		let secrets = self.secrets(job)?;
		Ok(secrets.iter().map(Kept::secret).find(|secret| secret.public() == *public))
	}

	/// Keep a box that the secret to a public key opens. It is on disk when this returns.
	pub fn keep_box(
		&self,
		job: JobId,
		public: &PublicKey,
		sealed: SealedKey,
		commitment: Root,
	) -> Result<(), JournalError> {
		let delivered = Some((sealed, commitment));
		let is_new =
			|kept: &&mut Kept| kept.delivered != delivered && kept.secret().public() == *public;
		self.change_secrets(job, |all| {
			all.iter_mut().filter(is_new).for_each(|kept| kept.delivered = delivered);
		})
	}

	/// The key with this commitment, if a box of the job holds it.
	pub fn content_key(
		&self,
		job: JobId,
		commitment: Root,
	) -> Result<Option<ContentKey>, JournalError> {
		let secrets = self.secrets(job)?;
		let opened = secrets.iter().find_map(|kept| {
			let (sealed, _) = kept.delivered.filter(|(_, found)| *found == commitment)?;
			kept.secret().open(&sealed, commitment).ok()
		});
		Ok(opened)
	}

	/// The jobs whose keys were asked for, in ascending order.
	pub fn jobs_with_secrets(&self) -> Result<Vec<JobId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.secrets)).map_err(JournalError::storage)?;
		let mut jobs = Vec::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, _) = row.map_err(JournalError::storage)?;
			jobs.push(JobId(job.value()));
		}
		Ok(jobs)
	}

	/// Forget the secrets of a job that is over.
	pub fn forget_secrets(&self, job: JobId) -> Result<(), JournalError> {
		self.write(&self.secrets, Durability::Immediate, |table| {
			table.remove(job.0).map_err(JournalError::storage)?;
			Ok(())
		})
	}

	fn secrets(&self, job: JobId) -> Result<Vec<Kept>, JournalError> {
		Ok(self.read(&self.secrets, job)?.unwrap_or_default())
	}

	/// Change the secrets of a job in one transaction: a job may be asked for and followed at once.
	fn change_secrets(
		&self,
		job: JobId,
		change: impl FnOnce(&mut Vec<Kept>),
	) -> Result<(), JournalError> {
		self.write(&self.secrets, Durability::Immediate, |table| {
			let before = table
				.get(job.0)
				.map_err(JournalError::storage)?
				.map(|bytes| decode(job, bytes.value()))
				.transpose()?;
			let mut all: Vec<Kept> = before.unwrap_or_default();
			change(&mut all);
			let bytes = Zeroizing::new(all.encode());
			table.insert(job.0, bytes.as_slice()).map_err(JournalError::storage)?;
			Ok(())
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::AccountId;
	use std::path::Path;

	const JOB: JobId = JobId(7);

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	#[test]
	fn a_reopened_journal_has_the_secret_of_each_request() {
		let folder = tempfile::tempdir().unwrap();
		let publics = {
			let journal = journal(folder.path());
			[(); 2].map(|()| journal.new_secret(JOB).unwrap().public())
		};
		assert_ne!(publics[0], publics[1]);
		let journal = journal(folder.path());
		for public in publics {
			assert_eq!(journal.secret_of(JOB, &public).unwrap().unwrap().public(), public);
		}
		assert!(journal.secret_of(JOB, &[9; 32]).unwrap().is_none());
		assert!(journal.secret_of(JobId(8), &publics[0]).unwrap().is_none());
		assert_eq!(journal.jobs_with_secrets().unwrap(), [JOB]);
	}

	#[test]
	fn a_box_is_opened_again_when_the_chain_has_forgotten_it() {
		let folder = tempfile::tempdir().unwrap();
		let (key, other) = (ContentKey::generate(), ContentKey::generate());
		{
			let journal = journal(folder.path());
			journal.new_secret(JOB).unwrap();
			let public = journal.new_secret(JOB).unwrap().public();
			let sealed = key.seal_to(&public).unwrap();
			journal.keep_box(JOB, &public, sealed, key.commitment()).unwrap();
		}
		let journal = journal(folder.path());
		let found = journal.content_key(JOB, key.commitment()).unwrap().unwrap();
		assert_eq!(found.expose(), key.expose());
		assert!(journal.content_key(JOB, other.commitment()).unwrap().is_none());
		assert!(journal.content_key(JobId(8), key.commitment()).unwrap().is_none());
		journal.forget_secrets(JOB).unwrap();
		assert!(journal.content_key(JOB, key.commitment()).unwrap().is_none());
		assert!(journal.jobs_with_secrets().unwrap().is_empty());
	}

	/// A box with another key is not kept as if it were the right one.
	#[test]
	fn a_box_that_holds_another_key_opens_nothing() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		let (key, other) = (ContentKey::generate(), ContentKey::generate());
		let public = journal.new_secret(JOB).unwrap().public();
		let sealed = other.seal_to(&public).unwrap();
		journal.keep_box(JOB, &public, sealed, key.commitment()).unwrap();
		assert!(journal.content_key(JOB, key.commitment()).unwrap().is_none());
	}

	#[cfg(unix)]
	#[test]
	fn nobody_else_may_read_the_journal() {
		use std::os::unix::fs::PermissionsExt;

		let folder = tempfile::tempdir().unwrap();
		drop(journal(folder.path()));
		let path = folder.path().join(super::super::FILE);
		std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
		drop(journal(folder.path()));
		let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode, 0o600);
	}
}

//! What opens the seals of challenges.
//!
//! A seal whose salt is lost can never be opened, and its bond is lost with it. So the salt is on
//! disk before the challenge is signed, and stays until the dispute is over.

use super::{decode, definition, Journal, JournalError};
use assay_canon::commitment::{Blake2b256, Hash};
use assay_dispute::dispute;
use assay_primitives::{AccountId, DisputeId, JobId};
use codec::{Decode, Encode};
use redb::{Durability, ReadableDatabase, ReadableTable};
use std::collections::BTreeSet;

/// A history that was sealed, or is about to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Sealed {
	/// The dispute that it was sealed in.
	pub dispute: DisputeId,
	/// The round of the dispute that it was sealed for.
	pub round: u8,
	/// The root of the trace.
	pub history: Hash,
	/// What it was sealed with.
	pub salt: Hash,
}

impl Sealed {
	/// The seal, as the chain has it.
	pub fn seal(&self, account: &AccountId) -> Hash {
		let (id, account) = (self.dispute.encode(), account.encode());
		dispute::seal::<Blake2b256>(&id, &account, &self.history, &self.salt)
	}
}

impl Journal {
	/// What to seal a history with in a round: the same as before, or a new salt, which is on disk
	/// when this returns.
	pub fn seal(
		&self,
		dispute: DisputeId,
		round: u8,
		history: Hash,
	) -> Result<Sealed, JournalError> {
		let mut seals = self.seals_of_job(dispute)?;
		let same = |sealed: &&Sealed| {
			sealed.dispute == dispute && sealed.round == round && sealed.history == history
		};
		if let Some(sealed) = seals.iter().find(same) {
			return Ok(*sealed);
		}
		let sealed = Sealed { dispute, round, history, salt: salt()? };
		seals.push(sealed);
		self.keep_seals(dispute, &seals)?;
		Ok(sealed)
	}

	/// All that was sealed in a dispute. A seal may enter the chain in a later round than the one
	/// that it was made for.
	pub fn seals(&self, dispute: DisputeId) -> Result<Vec<Sealed>, JournalError> {
		let mut seals = self.seals_of_job(dispute)?;
		seals.retain(|sealed| sealed.dispute == dispute);
		Ok(seals)
	}

	fn seals_of_job(&self, dispute: DisputeId) -> Result<Vec<Sealed>, JournalError> {
		Ok(self.read(&self.disputes, dispute.job)?.unwrap_or_default())
	}

	fn keep_seals(&self, dispute: DisputeId, seals: &[Sealed]) -> Result<(), JournalError> {
		let job = dispute.job.0;
		self.write(&self.disputes, Durability::Immediate, |table| {
			if seals.is_empty() {
				table.remove(job).map_err(JournalError::storage)?;
			} else {
				table.insert(job, seals.encode().as_slice()).map_err(JournalError::storage)?;
			}
			Ok(())
		})
	}

	/// The disputes in which something was sealed.
	pub fn sealed(&self) -> Result<BTreeSet<DisputeId>, JournalError> {
		let read = self.database.begin_read().map_err(JournalError::storage)?;
		let table = read.open_table(definition(&self.disputes)).map_err(JournalError::storage)?;
		let mut disputes = BTreeSet::new();
		for row in table.iter().map_err(JournalError::storage)? {
			let (job, seals) = row.map_err(JournalError::storage)?;
			let seals: Vec<Sealed> = decode(JobId(job.value()), seals.value())?;
			disputes.extend(seals.into_iter().map(|sealed| sealed.dispute));
		}
		Ok(disputes)
	}

	/// Forget the seals of a dispute that is over.
	pub fn forget_seals(&self, dispute: DisputeId) -> Result<(), JournalError> {
		let mut seals = self.seals_of_job(dispute)?;
		seals.retain(|sealed| sealed.dispute != dispute);
		self.keep_seals(dispute, &seals)
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

	const DISPUTE: DisputeId = DisputeId::new(JobId(7), 1);
	const HISTORY: Hash = [3; 32];

	fn journal(folder: &Path) -> Journal {
		Journal::open(folder, &[0; 32], &AccountId::new([1; 32])).unwrap()
	}

	#[test]
	fn a_reopened_journal_seals_a_round_with_the_same_salt() {
		let folder = tempfile::tempdir().unwrap();
		let before = journal(folder.path()).seal(DISPUTE, 0, HISTORY).unwrap();
		let journal = journal(folder.path());
		assert_eq!(journal.seal(DISPUTE, 0, HISTORY).unwrap(), before);
		assert_eq!(journal.seals(DISPUTE).unwrap(), [before]);
		assert_eq!(journal.sealed().unwrap(), BTreeSet::from([DISPUTE]));
	}

	#[test]
	fn every_round_has_a_salt_of_its_own() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		let first = journal.seal(DISPUTE, 0, HISTORY).unwrap();
		let second = journal.seal(DISPUTE, 1, HISTORY).unwrap();
		assert_ne!(first.salt, second.salt);
		assert_eq!(journal.seals(DISPUTE).unwrap(), [first, second]);
	}

	#[test]
	fn a_seal_is_bound_to_dispute_and_account() {
		let of = |dispute, account| {
			let sealed = Sealed { dispute, round: 0, history: HISTORY, salt: [9; 32] };
			sealed.seal(&AccountId::new([account; 32]))
		};
		let seal = of(DISPUTE, 1);
		assert_eq!(of(DISPUTE, 1), seal);
		let others =
			[DISPUTE.of_probe(), DisputeId::new(DISPUTE.job, 2), DisputeId::new(JobId(8), 1)];
		assert!(others.into_iter().all(|other| of(other, 1) != seal));
		assert_ne!(of(DISPUTE, 2), seal);
	}

	#[test]
	fn seals_are_forgotten_by_dispute() {
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path());
		journal.seal(DISPUTE, 0, HISTORY).unwrap();
		let second = DisputeId::new(DISPUTE.job, 2);
		let kept = journal.seal(second, 0, HISTORY).unwrap();
		journal.forget_seals(DISPUTE).unwrap();
		assert_eq!(journal.seals(DISPUTE).unwrap(), []);
		assert_eq!(journal.seals(second).unwrap(), [kept]);
		journal.forget_seals(second).unwrap();
		assert_eq!(journal.sealed().unwrap(), BTreeSet::new());
	}
}

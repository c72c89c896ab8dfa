//! What is kept of a demand.

use assay_dispute::money::Slash;
use assay_primitives::{
	availability::{Committed, DemandView, Place, Side},
	Balance, BlockNumber, DemandId, JobId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A demand to show a chunk of a job's input or output.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Demand<AccountId> {
	/// Who demands, and has the price held.
	pub demander: AccountId,
	/// Who has the job or has answered it.
	pub provider: AccountId,
	/// Who asked for the job.
	pub requester: AccountId,
	/// The attempt of the job that it is about.
	pub attempt: u8,
	/// What is demanded.
	pub place: Place,
	/// Whether it is about the roots of a batch's items.
	pub of_batch: bool,
	/// What an answer is checked against.
	pub committed: Committed,
	/// The part of the provider's stake that the job locks.
	pub exposure: Balance,
	/// What is held.
	pub price: Balance,
	/// The last block in which it can be answered.
	pub due: BlockNumber,
	/// The block of the agenda that the demand is under.
	pub wake: BlockNumber,
}

impl<AccountId: Clone> Demand<AccountId> {
	/// At whose cost it is if nobody answers.
	pub const fn respondent(&self) -> &AccountId {
		match self.place.side {
			Side::Input => &self.requester,
			Side::Output => &self.provider,
		}
	}

	/// Those that may be expected to have an answer: the provider needs the input as well.
	pub const fn parties(&self) -> [&AccountId; 2] {
		[&self.provider, self.respondent()]
	}

	/// What is paid out of the provider's stake if it shows no output: the demander is the one
	/// challenger.
	pub fn shares(&self) -> [(AccountId, Balance); 2] {
		let slash = Slash::of(self.exposure, 1);
		[(self.demander.clone(), slash.each_challenger), (self.requester.clone(), slash.requester)]
	}

	/// The demand as clients read it.
	pub fn view(self, job: JobId, id: DemandId) -> DemandView<AccountId> {
		DemandView {
			id,
			job,
			respondent: self.respondent().clone(),
			demander: self.demander,
			place: self.place,
			price: self.price,
			due: self.due,
		}
	}
}

//! What is shown on chain because it was demanded.

use crate::{submit::first_fields, timed, BlockRef, Client, Error};
use assay_primitives::{availability::AnswerBytes, DemandId, JobId};

impl Client {
	/// What opens the roots of items of a batch that were shown in a block, as of
	/// [`assay_primitives::batch::opened`].
	pub async fn roots_served(
		&self,
		block: &BlockRef,
		batch: JobId,
	) -> Result<Vec<AnswerBytes>, Error> {
		let events = timed("events", self.at(block).await?.events().fetch())
			.await?
			.map_err(|error| Error::subxt("events", error))?;
		let mut served = Vec::new();
		for event in events.iter() {
			let event = event.map_err(|error| Error::subxt("events", error))?;
			if (event.pallet_name(), event.event_name()) != ("Availability", "RootsServed") {
				continue;
			}
			let (job, _, opening): (JobId, DemandId, AnswerBytes) =
				first_fields(&event, &mut event.field_bytes())?;
			if job == batch {
				served.push(opening);
			}
		}
		Ok(served)
	}
}

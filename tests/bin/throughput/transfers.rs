//! How many balance transfers the node takes, beside which the jobs are seen.

use crate::chain::{Chain, Goal, Seen, REQUESTERS};
use anyhow::{Context, Result};
use assay_tests::{chain::account, flood::EncodedCall};
use codec::{Compact, Encode};
use serde_json::{json, Value};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// The most transfers that wait for a block at once: two blocks of them. With 4,000, the blocks of a
/// node on two cores had none for a minute.
const WAITING: usize = 1_500;
const PATIENCE: Duration = Duration::from_secs(60);

/// The transfers, as the blocks had them.
pub struct Transfers {
	count: u32,
	started: Instant,
	/// The blocks, and how many each had.
	blocks: Vec<(Seen, usize)>,
}

/// Hand in so many transfers as fast as the node takes them, each of one unit from one requester to
/// the next, and wait until all are in blocks.
pub async fn measure(chain: &Chain, count: u32) -> Result<Transfers> {
	let to = |requester: usize| account(REQUESTERS[(requester + 1) % REQUESTERS.len()]);
	// An address by the account itself.
	let arguments = |requester| (0u8, to(requester), Compact(1u128)).encode();
	let call = |requester, _| {
		let arguments = arguments(requester);
		Ok(EncodedCall { pallet: "Balances", call: "transfer_keep_alive", arguments })
	};
	let signed = chain.sign(count, call).await?;
	let first = chain.client.best().await?.number + 1;
	let places = Arc::new(Semaphore::new(WAITING));
	let (started, mut blocks, mut included) = (Instant::now(), Vec::new(), 0);
	let goal =
		Goal { pallet: "Balances", what: "transferred", count: count.into(), patience: PATIENCE };
	let followed = chain.follow(first, &goal, |seen, said| {
		let new = said.iter().filter(|(name, _)| name == "Transfer").count();
		places.add_permits(new);
		blocks.push((seen, new));
		included += new as u64;
		Ok(included)
	});
	tokio::try_join!(chain.hand_in(signed, &places), followed)?;
	Ok(Transfers { count, started, blocks })
}

impl Transfers {
	/// From the first that was handed in to the last that was in a block.
	fn seconds(&self) -> Result<f64> {
		let (last, _) = self.blocks.last().context("no block was seen")?;
		Ok(last.at.duration_since(self.started).as_secs_f64())
	}

	pub fn per_second(&self) -> Result<f64> {
		Ok(f64::from(self.count) / self.seconds()?)
	}

	pub fn figures(&self) -> Result<Value> {
		Ok(json!({
			"count": self.count,
			"seconds": self.seconds()?,
			"per_s": self.per_second()?,
			"blocks": self.blocks.iter().filter(|(_, new)| *new > 0).count(),
			"most_in_a_block": self.blocks.iter().map(|(_, new)| new).max(),
		}))
	}
}

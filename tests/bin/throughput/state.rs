//! How much state jobs leave behind, and how much of it stays.

use crate::chain::Chain;
use anyhow::Result;
use assay_tests::storage;
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// The pallets that know something of jobs and of those who take part in them. What is left out,
/// as hashes of blocks, grows with time and not with jobs.
const PALLETS: [&str; 9] = [
	"Audits",
	"Availability",
	"Balances",
	"Disputes",
	"Inference",
	"Leases",
	"Models",
	"Providers",
	"Subscriptions",
];

/// The bytes of keys and values of each pallet.
pub struct State(BTreeMap<String, usize>);

impl State {
	/// The state after a block.
	pub async fn at(chain: &Chain, block: u32) -> Result<Self> {
		Ok(State(storage::sizes(&chain.ledger, &PALLETS, block).await?))
	}

	fn all(&self) -> usize {
		self.0.values().sum()
	}

	fn of(&self, pallet: &str) -> usize {
		self.0.get(pallet).copied().unwrap_or(0)
	}
}

/// What jobs have added to the state: before the first, after the last has ended, when so many of
/// them were kept, and after all are pruned.
pub fn figures([before, ended, pruned]: [&State; 3], kept: u64, jobs: u64) -> Value {
	let mut pallets = Map::new();
	for name in before.0.keys() {
		let bytes = [before, ended, pruned].map(|state| state.of(name));
		if bytes[0] != bytes[1] || bytes[0] != bytes[2] {
			let [before, ended, pruned] = bytes;
			pallets.insert(
				name.clone(),
				json!({ "before": before, "ended": ended, "pruned": pruned }),
			);
		}
	}
	let each = |state: &State, jobs: u64| {
		// A job that is gone can have taken less room than what was there before.
		(state.all() as f64 - before.all() as f64) / jobs as f64
	};
	json!({
		"before_bytes": before.all(),
		"ended_bytes": ended.all(),
		"pruned_bytes": pruned.all(),
		"kept_jobs": kept,
		"bytes_of_a_kept_job": each(ended, kept),
		"bytes_of_a_pruned_job": each(pruned, jobs),
		"pallets": pallets,
	})
}

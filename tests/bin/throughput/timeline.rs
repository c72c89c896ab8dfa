//! When each job was where, as the events of the blocks tell.

use crate::chain::{Said, Seen, REQUESTERS};
use anyhow::{Context, Result};
use assay_primitives::{AccountId, JobId};
use assay_tests::{chain::account, figures::percentile};
use codec::Decode;
use serde_json::{json, Value};
use std::{collections::BTreeMap, time::Instant};

/// One job. Blocks that it has not reached are missing.
struct Stations {
	requester: AccountId,
	requested: Seen,
	provisional: Option<Seen>,
	settled: Option<Seen>,
}

/// All jobs.
#[derive(Default)]
pub struct Timeline {
	jobs: BTreeMap<JobId, Stations>,
	/// The blocks, and how many jobs had settled after each.
	blocks: Vec<(Seen, u64)>,
	settled: u64,
	/// Jobs that ended otherwise.
	lost: u64,
	pruned: u64,
}

impl Timeline {
	/// Take in what was said of jobs in the next block.
	pub fn take(&mut self, seen: Seen, said: Vec<Said>) -> Result<()> {
		for (name, fields) in said {
			self.take_event(seen, &name, &mut &fields[..])?;
		}
		self.blocks.push((seen, self.settled));
		Ok(())
	}

	fn take_event(&mut self, seen: Seen, name: &str, fields: &mut &[u8]) -> Result<()> {
		match name {
			"JobRequested" => {
				let (id, requester) = <(JobId, AccountId)>::decode(fields)?;
				let stations =
					Stations { requester, requested: seen, provisional: None, settled: None };
				self.jobs.insert(id, stations);
			},
			"OutputSubmitted" => {
				self.job(fields)?.provisional.get_or_insert(seen);
			},
			"JobSettled" => {
				self.job(fields)?.settled = Some(seen);
				self.settled += 1;
			},
			"JobRefunded" | "JobExpired" => self.lost += 1,
			"JobPruned" => self.pruned += 1,
			_ => {},
		}
		Ok(())
	}

	/// The job that an event is about: the first of its fields.
	fn job(&mut self, fields: &mut &[u8]) -> Result<&mut Stations> {
		let id = JobId::decode(fields)?;
		self.jobs.get_mut(&id).with_context(|| format!("job {id} was never requested"))
	}

	/// How many jobs have settled.
	pub fn settled(&self) -> u64 {
		self.settled
	}

	/// How many jobs have ended without a result.
	pub fn lost(&self) -> u64 {
		self.lost
	}

	/// How many jobs have ended, one way or another.
	pub fn ended(&self) -> u64 {
		self.settled + self.lost
	}

	/// How many jobs have been pruned.
	pub fn pruned(&self) -> u64 {
		self.pruned
	}

	/// The last block.
	pub fn last(&self) -> Result<Seen> {
		Ok(self.blocks.last().context("no block was seen")?.0)
	}

	/// What is sustained: the blocks from the last one before any job settles to the last one, and
	/// the seconds between them.
	pub fn settling(&self) -> Result<(u32, f64)> {
		let last = self.last()?;
		let first = self.blocks.iter().rfind(|(_, settled)| *settled == 0);
		let first = first.map_or(last, |(seen, _)| *seen);
		Ok((last.block - first.block, last.at.duration_since(first.at).as_secs_f64()))
	}

	/// The most jobs that settled in one block.
	pub fn most_in_a_block(&self) -> u64 {
		let pairs = self.blocks.windows(2).map(|pair| pair[1].1 - pair[0].1);
		pairs.max().unwrap_or(self.settled)
	}

	/// How long requests waited, of which each requester handed in its own at these times: for a
	/// provisional result, and until it was final. Blocks count from the one that has the request,
	/// seconds from when it was handed in.
	pub fn delays(&self, handed_in: &[Vec<Instant>]) -> Value {
		json!({
			"provisional": self.delay(handed_in, |job| job.provisional),
			"settled": self.delay(handed_in, |job| job.settled),
		})
	}

	fn delay(
		&self,
		handed_in: &[Vec<Instant>],
		station: impl Fn(&Stations) -> Option<Seen>,
	) -> Value {
		let own = REQUESTERS.iter().zip(handed_in);
		// The transactions of an account are in blocks in the order in which they were handed in.
		let mut queues: BTreeMap<AccountId, _> =
			own.map(|(name, times)| (account(name), times.iter())).collect();
		let (mut blocks, mut seconds) = (Vec::new(), Vec::new());
		for job in self.jobs.values() {
			let handed_in = queues.get_mut(&job.requester).and_then(Iterator::next);
			if let (Some(handed_in), Some(seen)) = (handed_in, station(job)) {
				blocks.push(f64::from(seen.block - job.requested.block));
				seconds.push(seen.at.duration_since(*handed_in).as_secs_f64());
			}
		}
		json!({
			"median_blocks": percentile(blocks.clone(), 50),
			"p99_blocks": percentile(blocks, 99),
			"median_s": percentile(seconds.clone(), 50),
			"p99_s": percentile(seconds, 99),
		})
	}
}

//! Which job next: the one that is due first, and with it others of its version that may share its
//! engine call. Jobs that cannot be answered in time are dropped.

use super::{Assignment, Context};
use crate::{decline::Decline, Error};
use assay_primitives::{job::JobKind, BlockNumber, JobId, VersionId};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::mpsc;

/// The most jobs that wait. Beyond, the listener waits.
const MOST_QUEUED: usize = 4096;

/// Where jobs go that nothing is to wait behind.
pub struct Aside {
	/// Batches, which may take hours.
	pub batches: mpsc::Sender<Vec<Assignment>>,
	/// Jobs that use data, whose key may have to be delivered.
	pub with_data: mpsc::Sender<Vec<Assignment>>,
}

impl Aside {
	/// The other way that a job goes.
	fn of(&self, job: &Assignment) -> Option<&mpsc::Sender<Vec<Assignment>>> {
		match (job.kind, job.data) {
			(JobKind::Batch { .. }, _) => Some(&self.batches),
			(_, Some(_)) => Some(&self.with_data),
			(_, None) => None,
		}
	}
}

/// Pass jobs on by deadline until the worker stops, or there will be no more. Those that nothing is to
/// wait behind go another way at once.
pub async fn run(
	context: Arc<Context>,
	mut jobs: mpsc::Receiver<Assignment>,
	ready: mpsc::Sender<Vec<Assignment>>,
	aside: Aside,
) -> Result<(), Error> {
	let mut queue = Queue::default();
	let mut best = context.best.clone();
	let mut open = true;
	while open || !queue.waiting.is_empty() {
		for late in queue.drop_late(context.now()) {
			let why = Decline::Deadline { due: late.due, now: context.now() };
			context.decline(Some(late.job), Some(late.version), &why);
			context.metrics.finish("late");
		}
		context.metrics.queued.set(queue.waiting.len() as u64);
		tokio::select! {
			biased;
			() = context.stop.cancelled() => return Ok(()),
			job = jobs.recv(), if open && queue.waiting.len() < MOST_QUEUED => match job {
				Some(job) => match aside.of(&job) {
					Some(way) => {
						let (id, version) = (Some(job.job), Some(job.version));
						if way.try_send(vec![job]).is_err() {
							context.decline(id, version, &Decline::FullCapacity);
						}
					},
					None => queue.insert(job),
				},
				None => open = false,
			},
			permit = ready.reserve(), if !queue.waiting.is_empty() => match permit {
				Ok(permit) => permit.send(queue.take(|version| context.batches.jobs(version))),
				Err(_) => return Ok(()),
			},
			changed = best.changed() => if changed.is_err() {
				return Ok(());
			},
		}
	}
	Ok(())
}

/// Jobs in the order in which they are due, each once.
#[derive(Default)]
struct Queue {
	waiting: BTreeMap<(BlockNumber, JobId), Assignment>,
}

impl Queue {
	fn insert(&mut self, job: Assignment) {
		self.waiting.retain(|(_, waiting), _| *waiting != job.job);
		self.waiting.insert((job.due, job.job), job);
	}

	/// Take out the job that is due first, and of its version as many as are taken at once.
	fn take(&mut self, at_once: impl Fn(VersionId) -> usize) -> Vec<Assignment> {
		let Some((_, first)) = self.waiting.pop_first() else { return Vec::new() };
		let more = at_once(first.version).saturating_sub(1);
		let alike = self.waiting.iter().filter(|(_, job)| job.version == first.version);
		let keys: Vec<_> = alike.map(|(key, _)| *key).take(more).collect();
		let others = keys.iter().filter_map(|key| self.waiting.remove(key));
		std::iter::once(first).chain(others).collect()
	}

	/// Take out the jobs whose results could at best be in a block after they are due.
	fn drop_late(&mut self, now: BlockNumber) -> Vec<Assignment> {
		let in_time = self.waiting.split_off(&(now.saturating_add(1), JobId(0)));
		std::mem::replace(&mut self.waiting, in_time).into_values().collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{rights::DataRef, GrantId};

	fn assignment(job: u64, due: BlockNumber) -> Assignment {
		Assignment {
			job: JobId(job),
			kind: JobKind::Single,
			version: Default::default(),
			input_root: Default::default(),
			data: None,
			due,
		}
	}

	#[test]
	fn batches_and_jobs_that_use_data_go_ways_of_their_own() {
		let [(batches, mut first), (with_data, mut second)] = [(); 2].map(|()| mpsc::channel(1));
		let aside = Aside { batches, with_data };
		let data = Some(DataRef::Grant(GrantId(1)));
		let batch = Assignment { kind: JobKind::Batch { items: 2 }, data, ..assignment(1, 10) };
		let with_data = Assignment { data, ..assignment(2, 10) };
		for job in [&batch, &with_data] {
			aside.of(job).unwrap().try_send(vec![job.clone()]).unwrap();
		}
		assert_eq!(first.try_recv().unwrap(), [batch]);
		assert_eq!(second.try_recv().unwrap(), [with_data]);
		assert!(aside.of(&assignment(3, 10)).is_none());
	}

	#[test]
	fn the_job_that_is_due_first_is_next() {
		let mut queue = Queue::default();
		for (job, due) in [(1, 30), (2, 10), (3, 20)] {
			queue.insert(assignment(job, due));
		}
		let order: Vec<u64> = queue.waiting.values().map(|job| job.job.0).collect();
		assert_eq!(order, [2, 3, 1]);
	}

	#[test]
	fn a_job_waits_once_with_its_newest_deadline() {
		let mut queue = Queue::default();
		queue.insert(assignment(1, 10));
		queue.insert(assignment(1, 40));
		let left: Vec<_> = queue.waiting.into_values().collect();
		assert_eq!(left, [assignment(1, 40)]);
	}

	#[test]
	fn of_one_version_as_many_jobs_are_taken_as_may_share_a_call() {
		let other = VersionId { number: 2, ..Default::default() };
		let mut queue = Queue::default();
		queue.insert(Assignment { version: other, ..assignment(9, 20) });
		for (job, due) in [(1, 10), (2, 30), (3, 40), (4, 50)] {
			queue.insert(assignment(job, due));
		}
		let mut taken = |most: usize| -> Vec<u64> {
			let at_once = |version| if version == other { 1 } else { most };
			queue.take(at_once).iter().map(|job| job.job.0).collect()
		};
		assert_eq!(taken(3), [1, 2, 3], "the others of the version overtake");
		assert_eq!(taken(3), [9]);
		assert_eq!(taken(1), [4]);
		assert!(taken(1).is_empty());
	}

	#[test]
	fn a_job_that_is_due_in_the_present_block_is_too_late() {
		let mut queue = Queue::default();
		queue.insert(assignment(1, 10));
		queue.insert(assignment(2, 11));
		assert_eq!(queue.drop_late(10), [assignment(1, 10)]);
		assert_eq!(queue.waiting.len(), 1);
	}
}

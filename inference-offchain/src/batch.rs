//! Several jobs of one version in one engine call.
//!
//! That is for versions of class `Tolerant` alone, whose results may differ by rounding: for those whose
//! graph keeps the entries of a batch apart (`separate`) and that were measured to be right and faster
//! together (`measure`). Nobody waits for others to come: what waits while the engine is busy is run
//! together next, and each job alone if that fails.

mod measure;
mod separate;

pub use measure::find;
pub(crate) use measure::measure;
pub use separate::batch_of;

use crate::{engine::EngineError, models::Models, Error};
use assay_primitives::{model::VersionSpec, tensor::Tensor, VersionId};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// How far jobs of a version may share an engine call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Joint {
	/// The most jobs.
	pub jobs: usize,
	/// The most entries of the batch that they have in all.
	pub entries: u32,
}

/// The versions whose jobs may share engine calls.
pub struct Batches {
	most: usize,
	lines: Mutex<HashMap<VersionId, Arc<Line>>>,
}

impl Batches {
	/// For calls of at most so many jobs; with one, no call is shared.
	pub fn new(most: usize) -> Self {
		Batches { most, lines: Mutex::default() }
	}

	/// The most jobs of a call.
	pub fn most(&self) -> usize {
		self.most
	}

	/// Let jobs of a version share calls from now on.
	pub fn share(&self, version: VersionId, joint: Joint) {
		let joint = Joint { jobs: joint.jobs.min(self.most), ..joint };
		if joint.jobs > 1 {
			lock(&self.lines).insert(version, Arc::new(Line::new(joint)));
		}
	}

	/// How many jobs of a version are taken at once.
	pub fn jobs(&self, version: VersionId) -> usize {
		self.line(version).map_or(1, |line| line.joint.jobs)
	}

	/// Where the jobs of a version meet, if they may.
	pub fn line(&self, version: VersionId) -> Option<Arc<Line>> {
		lock(&self.lines).get(&version).cloned()
	}
}

/// Where jobs of one version wait for the engine, which is called for one or several at a time.
pub struct Line {
	joint: Joint,
	/// Held while the engine is called.
	turn: tokio::sync::Mutex<()>,
	waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
	/// The number of the next job.
	next: u64,
	jobs: Vec<Job>,
}

/// A job that waits.
struct Job {
	number: u64,
	entries: u32,
	inputs: Arc<[Tensor]>,
	/// Takes its outputs. One that is dropped has the job run alone.
	outputs: oneshot::Sender<Vec<Tensor>>,
}

impl Line {
	fn new(joint: Joint) -> Self {
		Line { joint, turn: Default::default(), waiting: Default::default() }
	}

	/// Run a job, together with others that wait if there are. `called` is told of how many jobs each
	/// call of the engine was for.
	pub async fn run(
		&self,
		models: &Models,
		spec: &VersionSpec,
		inputs: &Arc<[Tensor]>,
		called: impl Fn(usize),
	) -> Result<Vec<Tensor>, Error> {
		let (number, mut outputs) = self.enter(inputs);
		let (outputs, turn) = tokio::select! {
			biased;
			outputs = &mut outputs => (outputs, None),
			turn = self.turn.lock() => {
				self.serve(number, models, spec, &called).await;
				// They were sent before the turn was given up, or will never be.
				(outputs.await, Some(turn))
			},
		};
		if let Ok(outputs) = outputs {
			return Ok(outputs);
		}
		let _turn = match turn {
			Some(turn) => turn,
			None => self.turn.lock().await,
		};
		called(1);
		models.run(spec, inputs.clone()).await
	}

	/// Wait in the line, if the job can share a call.
	fn enter(&self, inputs: &Arc<[Tensor]>) -> (u64, oneshot::Receiver<Vec<Tensor>>) {
		let (sender, receiver) = oneshot::channel();
		let mut waiting = lock(&self.waiting);
		let number = waiting.next;
		waiting.next += 1;
		if let Some(entries) = entries(inputs) {
			waiting.jobs.push(Job { number, entries, inputs: inputs.clone(), outputs: sender });
		}
		(number, receiver)
	}

	/// Run a job and those that go with it in one call, unless it is alone. To be called by whoever has
	/// the turn.
	async fn serve(
		&self,
		number: u64,
		models: &Models,
		spec: &VersionSpec,
		called: &impl Fn(usize),
	) {
		let jobs = self.take(number);
		if jobs.len() < 2 {
			return;
		}
		called(jobs.len());
		match run_together(models, spec, &jobs).await {
			Ok(outputs) => {
				for (job, outputs) in jobs.into_iter().zip(outputs) {
					// Whoever does not want them any more has stopped.
					let _ = job.outputs.send(outputs);
				}
			},
			Err(error) => {
				tracing::debug!(target: "worker::batch", jobs = jobs.len(), %error, "each alone");
			},
		}
	}

	/// Take a job out of the line, and those that may share its call.
	fn take(&self, number: u64) -> Vec<Job> {
		let mut waiting = lock(&self.waiting);
		let Some(at) = waiting.jobs.iter().position(|job| job.number == number) else {
			return Vec::new();
		};
		let mut taken = vec![waiting.jobs.remove(at)];
		let mut entries = taken[0].entries;
		for job in std::mem::take(&mut waiting.jobs) {
			let sum = entries.saturating_add(job.entries);
			let fits = taken.len() < self.joint.jobs && sum <= self.joint.entries;
			if fits && alike(&job.inputs, &taken[0].inputs) {
				entries = sum;
				taken.push(job);
			} else {
				waiting.jobs.push(job);
			}
		}
		taken
	}
}

/// The entries of a job: the first length of all of its inputs. A job whose inputs differ there would
/// move the entries of its neighbors.
fn entries(inputs: &[Tensor]) -> Option<u32> {
	let first = *inputs.first()?.shape.first()?;
	inputs.iter().all(|input| input.shape.first() == Some(&first)).then_some(first)
}

/// Whether inputs are the same but for their entries.
fn alike(one: &[Tensor], other: &[Tensor]) -> bool {
	let same = |(one, other): (&Tensor, &Tensor)| {
		one.dtype == other.dtype && one.shape.get(1..) == other.shape.get(1..)
	};
	one.len() == other.len() && one.iter().zip(other).all(same)
}

async fn run_together(
	models: &Models,
	spec: &VersionSpec,
	jobs: &[Job],
) -> Result<Vec<Vec<Tensor>>, Error> {
	let inputs: Vec<Arc<[Tensor]>> = jobs.iter().map(|job| job.inputs.clone()).collect();
	let lengths: Vec<u32> = jobs.iter().map(|job| job.entries).collect();
	let unfit = || Error::Engine(EngineError::Run("the jobs cannot share a call".into()));
	let joined = tokio::task::spawn_blocking(move || join(&inputs)).await?.ok_or_else(unfit)?;
	let outputs = models.run(spec, joined.into()).await?;
	let split = tokio::task::spawn_blocking(move || split(&outputs, &lengths));
	split.await?.ok_or_else(unfit)
}

/// The inputs of jobs one after the other along the first axis; `None` if they do not fit.
pub(crate) fn join(jobs: &[Arc<[Tensor]>]) -> Option<Vec<Tensor>> {
	let first = jobs.first()?;
	let joined = |(at, first): (usize, &Tensor)| {
		let parts: Vec<&Tensor> = jobs.iter().map(|job| job.get(at)).collect::<Option<_>>()?;
		let lengths = parts.iter().map(|part| part.shape.first().copied());
		let length = lengths.sum::<Option<u32>>()?;
		let mut shape = first.shape.to_vec();
		*shape.first_mut()? = length;
		let data: Vec<&[u8]> = parts.iter().map(|part| part.data.as_slice()).collect();
		Tensor::new(first.dtype, shape, data.concat()).ok()
	};
	first.iter().enumerate().map(joined).collect()
}

/// The part of each job, which has so many entries along the first axis; `None` if that is not what
/// the outputs have.
pub(crate) fn split(outputs: &[Tensor], lengths: &[u32]) -> Option<Vec<Vec<Tensor>>> {
	let total: u32 = lengths.iter().sum();
	let is_whole = |output: &Tensor| output.shape.first() == Some(&total) && total > 0;
	if !outputs.iter().all(is_whole) {
		return None;
	}
	let mut before = 0;
	let mut part = |length: &u32| {
		let (from, to) = (before, before + *length as usize);
		before = to;
		let cut = |output: &Tensor| {
			let entry = output.data.len() / total as usize;
			let mut shape = output.shape.to_vec();
			*shape.first_mut()? = *length;
			Tensor::new(output.dtype, shape, output.data.get(from * entry..to * entry)?.to_vec())
				.ok()
		};
		outputs.iter().map(cut).collect()
	};
	lengths.iter().map(&mut part).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::tensor::DType;

	fn bytes(shape: &[u32], from: u8) -> Tensor {
		let count = shape.iter().product::<u32>() as u8;
		Tensor::new(DType::Uint8, shape.to_vec(), (from..from + count).collect()).unwrap()
	}

	fn job(tensors: Vec<Tensor>) -> Arc<[Tensor]> {
		tensors.into()
	}

	fn line(jobs: usize, entries: u32) -> Line {
		Line::new(Joint { jobs, entries })
	}

	/// Whom the job of a number is run with.
	fn taken(line: &Line, number: u64) -> Vec<u64> {
		line.take(number).iter().map(|job| job.number).collect()
	}

	#[test]
	fn what_is_joined_is_split_into_the_same_again() {
		let jobs = [
			job(vec![bytes(&[1, 3], 0), bytes(&[1], 50)]),
			job(vec![bytes(&[2, 3], 10), bytes(&[2], 60)]),
		];
		let joined = join(&jobs).unwrap();
		assert_eq!(joined[0].shape.to_vec(), [3, 3]);
		assert_eq!(joined[0].data, [0, 1, 2, 10, 11, 12, 13, 14, 15]);
		assert_eq!(joined[1].data, [50, 60, 61]);
		let split = split(&joined, &[1, 2]).unwrap();
		assert_eq!(split, jobs.map(|job| job.to_vec()));
	}

	#[test]
	fn outputs_that_have_not_all_entries_are_nobodys() {
		assert_eq!(split(&[bytes(&[2, 3], 0)], &[1, 2]), None);
		assert_eq!(split(&[bytes(&[], 0)], &[1]), None);
	}

	#[test]
	fn jobs_share_a_call_that_bind_all_other_lengths_alike_and_fit() {
		let line = line(3, 8);
		for shape in [[1, 3], [1, 4], [5, 3], [4, 3], [1, 3], [1, 3]] {
			line.enter(&job(vec![bytes(&shape, 0)]));
		}
		// Not the one of another length, nor the one that is too many, nor a fourth.
		assert_eq!(taken(&line, 0), [0, 2, 4]);
		assert_eq!(taken(&line, 2), [0; 0], "it has been taken");
		assert_eq!(taken(&line, 1), [1]);
		assert_eq!(taken(&line, 5), [5, 3], "nobody is passed over for good");
	}

	/// The sums of both lengths agree, so that the engine would take what is out of step.
	#[test]
	fn jobs_that_would_move_the_entries_of_their_neighbors_are_run_alone() {
		let line = line(8, 8);
		for lengths in [[2, 1], [1, 1], [1, 2]] {
			line.enter(&job(lengths.map(|length| bytes(&[length, 3], 0)).to_vec()));
		}
		assert_eq!(taken(&line, 0), [0; 0]);
		assert_eq!(taken(&line, 1), [1]);
		assert_eq!(taken(&line, 2), [0; 0]);
	}

	#[test]
	fn a_version_is_taken_one_by_one_unless_its_jobs_may_share_calls() {
		let [one, other] = [1, 2].map(|number| VersionId { number, ..Default::default() });
		let batches = Batches::new(4);
		batches.share(one, Joint { jobs: 9, entries: 64 });
		assert_eq!((batches.jobs(one), batches.jobs(other)), (4, 1));
		let off = Batches::new(1);
		off.share(one, Joint { jobs: 9, entries: 64 });
		assert!(off.line(one).is_none());
	}
}

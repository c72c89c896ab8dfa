//! Decides whether a submitted result is right, by the worker's own runs.
//!
//! Nobody is accused by one run. A result that a first run finds wrong is computed once more, from
//! the bytes of the model anew and with another number of threads, and both runs have to agree.
//! What cannot be fetched or does not fit the memory shows nothing and accuses nobody.

use super::{
	deviation::{self, Deviation, Submission},
	error::CheckError,
	replay::{Delivered, Order, Replay},
	Orders,
};
use crate::{
	calibration::compare,
	canonical::{CanonicalModel, Fault, Options},
	engine::EngineError,
	tasks::{executor, items, Assignment, Context},
	Error,
};
use assay_canon::{
	arbiter::{ProveError, Rule},
	commitment::{GraphHeader, Hash},
	probe::Moves,
};
use assay_dispute::{strategy::Role, subject::Probe};
use assay_primitives::{
	commitment::{faulted_root, tensors_root},
	job::{JobKind, JobState, JobView, OutputRecord},
	model::{Class, VersionSpec},
	rights::DataRef,
	tensor::Tensor,
	AccountId, BlockNumber, DisputeId, JobId, Root, VersionId,
};
use std::{sync::Arc, thread};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The unit in which memory is shared out.
const MIB: u64 = 1024 * 1024;
/// The part of a run that the trees over it take beside it: two hashes for each chunk of 1 KiB.
const TREES: u64 = 16;
/// The batches that are checked at once: both of their files are in memory, each as a whole.
const MOST_BATCHES: usize = 2;

/// A result that somebody has submitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Claim {
	/// The job.
	pub job: JobId,
	/// Its dispute, or that which would be opened next.
	pub dispute: DisputeId,
	/// Whose result it is.
	pub provider: AccountId,
	/// The result.
	pub output: OutputRecord,
	/// The first block in which it can be disputed no more; `None` when it is disputed.
	pub until: Option<BlockNumber>,
	/// Whether it is that of a batch, or of an item of one.
	pub kind: JobKind,
	version: VersionId,
	input_root: Root,
	data: Option<DataRef>,
}

impl Claim {
	/// The result of a job, if it has one that is not final.
	pub(super) fn of(view: &JobView<AccountId>) -> Option<Self> {
		let (provider, output, until) = match &view.state {
			JobState::Submitted { provider, output, until, .. } => (provider, output, Some(*until)),
			JobState::Challenged { provider, output, .. } => (provider, output, None),
			_ => return None,
		};
		let number = view.disputes.saturating_add(u8::from(until.is_some()));
		Some(Claim {
			job: view.id,
			dispute: DisputeId::new(view.id, number),
			provider: provider.clone(),
			output: *output,
			until,
			kind: view.kind,
			version: view.version,
			input_root: view.input_root,
			data: view.terms.data,
		})
	}

	/// What was answered to an item of this batch.
	pub(super) fn of_item(&self, root: Root) -> Self {
		Claim { output: OutputRecord { root, artifact: None }, ..self.clone() }
	}

	/// Whether this is what a run delivers.
	pub(super) fn is(&self, delivered: &Delivered) -> bool {
		self.output.root
			== match delivered {
				Ok(root) => *root,
				Err(Fault { slot, element }) => faulted_root(*slot, *element),
			}
	}

	/// The last block in which it is worth while to try again.
	pub(super) fn due(&self) -> BlockNumber {
		self.until.unwrap_or(BlockNumber::MAX)
	}
}

/// What a check has found.
pub(super) enum Finding {
	/// Nothing is to be done: the result is right, and nobody disputes it.
	Idle,
	/// There is something to play.
	Play(Box<Stand>),
}

/// What somebody who has checked a result brings to its dispute.
pub(super) struct Stand {
	/// The result.
	pub claim: Claim,
	/// The dispute that is played: that of the result, or of its probe.
	pub dispute: DisputeId,
	/// What is done about it.
	pub role: Role,
	/// The worker's own run.
	pub replay: Replay,
	/// What shows that the result is wrong, if it is.
	pub deviation: Option<Deviation>,
	/// Whether the run is made to fit a lie.
	pub lies: bool,
}

impl Stand {
	/// The root of the trace that is played.
	pub(super) fn history(&self) -> Hash {
		self.replay.history
	}
}

/// Checks results.
pub(super) struct Checker {
	pub(super) context: Arc<Context>,
	pub(super) orders: Orders,
	/// A place for each batch that is in memory to be checked.
	pub(super) batches: Semaphore,
	/// A place for each run of a check that is made at once.
	checks: Semaphore,
	/// The same for disputes, which have no time to wait for checks.
	disputes: Semaphore,
	/// The memory for runs that are kept, in [`MIB`].
	memory: Arc<Semaphore>,
}

impl Checker {
	pub(super) fn new(context: Arc<Context>, orders: Orders) -> Self {
		let places = || Semaphore::new(orders.concurrency.max(1));
		let (checks, disputes) = (places(), places());
		let memory = usize::try_from(orders.memory_budget / MIB).unwrap_or(usize::MAX);
		let memory = Arc::new(Semaphore::new(memory.min(Semaphore::MAX_PERMITS)));
		let batches = Semaphore::new(MOST_BATCHES);
		Checker { context, orders, batches, checks, disputes, memory }
	}

	/// Check a result, or prepare to play the probe of its dispute.
	pub(super) async fn check(&self, claim: Claim, probe: Option<Probe>) -> Result<Finding, Error> {
		let context = &self.context;
		let spec = self.version(&claim).await?;
		// Nothing is fetched while a place is taken: servers may be as slow as they like.
		context.retry("model", claim.due(), || context.models.fetch_model(&spec)).await?;
		if let JobKind::Batch { .. } = claim.kind {
			return self.check_batch(claim, &spec).await;
		}
		let inputs = self.inputs(&claim, &spec).await?;
		if spec.commitments.cost.trace_bytes > self.orders.memory_budget {
			self.check_size(&claim, &spec, &inputs).await?;
		}
		match (claim.until, probe) {
			(_, Some(probe)) => self.probe(claim, &spec, inputs, probe).await,
			(Some(_), None) => self.check_provisional(claim, &spec, inputs).await,
			(None, None) => self.judge(claim, &spec, inputs).await,
		}
	}

	/// The root of the trace of a job's run, and the header of its version's graph. Both bonds of an
	/// audit depend on it, so it is run twice.
	pub(super) async fn audit(&self, claim: &Claim) -> Result<(Hash, GraphHeader), Error> {
		let context = &self.context;
		let spec = self.version(claim).await?;
		context.retry("model", claim.due(), || context.models.fetch_model(&spec)).await?;
		let inputs = self.inputs(claim, &spec).await?;
		let replay = self.kept(claim, &spec, &inputs, None).await?;
		if self.canonical(claim, &spec, inputs).await? != replay.delivered {
			return Err(CheckError::Unstable { job: claim.job }.into());
		}
		Ok((replay.history, replay.header))
	}

	/// The probe of a dispute, and the canonical run that it is compared with, are run one after the
	/// other: whoever has memory for one can play.
	async fn probe(
		&self,
		claim: Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
		probe: Probe,
	) -> Result<Finding, Error> {
		let rule = deviation::rule(spec);
		let probed = self.canonical_run(&claim, spec, inputs.clone(), Some(probe.moves)).await?;
		let canonical = self.kept(&claim, spec, &inputs, None).await?;
		let moved = canonical.ask(move |player| Deviation::moved(player, &probed, rule)).await?;
		drop(canonical);
		let replay = self.kept(&claim, spec, &inputs, Some(probe.moves)).await?;
		let deviation = match moved.map_err(unproven)? {
			Some(moved) => {
				let shown = replay.ask(move |player| Deviation::of_probe(player, &moved)).await?;
				Some(shown.map_err(unproven)?)
			},
			None => None,
		};
		let role = match &deviation {
			Some(deviation) => Role::Challenges(deviation.finding),
			// Without a history the probe shows nothing, which is all that is left to hope for.
			None if self.is_own(&claim) => return Ok(Finding::Idle),
			None => Role::Watches,
		};
		let dispute = claim.dispute.of_probe();
		let stand = Stand { claim, dispute, role, replay, deviation, lies: false };
		Ok(Finding::Play(Box::new(stand)))
	}

	/// A result that nobody disputes is run once. Only one that seems wrong is run again.
	async fn check_provisional(
		&self,
		claim: Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<Finding, Error> {
		if self.seems_right(&claim, spec, inputs.clone()).await? {
			self.count(&claim, true);
			return Ok(Finding::Idle);
		}
		self.judge(claim, spec, inputs).await
	}

	/// Whether one run finds nothing wrong with a result: of a version with a tolerance, a run on
	/// the engine that providers use, which is cheap.
	async fn seems_right(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<bool, Error> {
		if spec.class != Class::Tolerant {
			return Ok(claim.is(&self.run(claim, spec, inputs).await?));
		}
		let submitted = self.submission(claim).await?;
		self.seems_near(claim, spec, inputs, &submitted).await
	}

	/// Whether one run on the engine that providers use is as near to what was submitted as the
	/// version demands.
	pub(super) async fn seems_near(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
		submitted: &Submission,
	) -> Result<bool, Error> {
		let Ok(submitted) = submitted else { return Ok(false) };
		let _place = self.place(claim).await?;
		match self.context.models.run(spec, inputs).await {
			Ok(own) => {
				let type_of = |tensor: &Tensor| tensor.dtype;
				let typed = submitted.iter().map(type_of).eq(own.iter().map(type_of));
				Ok(typed && compare(spec, submitted, &own).is_ok())
			},
			Err(error) if error.is_retryable() => Err(error),
			// What this engine cannot run, the canonical one may.
			Err(_) => Ok(false),
		}
	}

	/// Decide about a result by runs of the canonical engine. If it is disputed, the run is kept to
	/// be played.
	async fn judge(
		&self,
		claim: Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<Finding, Error> {
		let replay = self.kept(&claim, spec, &inputs, None).await?;
		if claim.is(&replay.delivered) {
			self.count(&claim, true);
			return Ok(self.stand_by(claim, replay));
		}
		let (root, rule) = (claim.output.root, deviation::rule(spec));
		let found = if rule == Rule::Bits || replay.delivered.is_err() {
			// What was submitted is not needed, and its provider need not serve it.
			replay.ask(move |player| Deviation::by_root(player, &root, rule)).await?
		} else {
			let submitted = match self.submission(&claim).await {
				Ok(submitted) => submitted,
				// The right history is played all the same.
				Err(error) if claim.until.is_none() && !error.is_retryable() => {
					tracing::warn!(target: "worker::challenger", job = %claim.job, %error, "cannot compare");
					return Ok(self.stand_by(claim, replay));
				},
				Err(error) => return Err(error),
			};
			replay.ask(move |player| Deviation::find(player, &submitted, &root, rule)).await?
		};
		let Some(deviation) = found.map_err(unproven)? else {
			if rule == Rule::Bits {
				let reason = "it is wrong, but the chain would not see it";
				return Err(CheckError::Output { job: claim.job, reason }.into());
			}
			self.count(&claim, true);
			return Ok(self.stand_by(claim, replay));
		};
		if self.canonical(&claim, spec, inputs).await? != replay.delivered {
			return Err(CheckError::Unstable { job: claim.job }.into());
		}
		// Rounding may explain what this worker's engine has answered, if nothing false survives.
		if self.is_own(&claim) && rule != Rule::Bits && claim.until.is_none() {
			self.count(&claim, false);
			return Ok(self.stand_by(claim, replay));
		}
		self.wrong(claim, replay, deviation)
	}

	/// Play the run if the result is disputed; otherwise there is nothing to do.
	fn stand_by(&self, claim: Claim, replay: Replay) -> Finding {
		if claim.until.is_some() {
			return Finding::Idle;
		}
		let role = if self.is_own(&claim) { Role::Defends } else { Role::Watches };
		let (dispute, deviation, lies) = (claim.dispute, None, self.lies(&claim));
		Finding::Play(Box::new(Stand { claim, dispute, role, replay, deviation, lies }))
	}

	/// The result is wrong.
	fn wrong(&self, claim: Claim, replay: Replay, deviation: Deviation) -> Result<Finding, Error> {
		self.count(&claim, false);
		let (job, finding) = (claim.job, deviation.finding);
		if self.is_own(&claim) {
			return Err(CheckError::OwnResult { job }.into());
		}
		tracing::warn!(
			target: "worker::challenger",
			%job,
			provider = %claim.provider,
			submitted = %claim.output.root,
			?finding,
			"the result is wrong",
		);
		let (role, deviation, lies) = (Role::Challenges(finding), Some(deviation), false);
		let dispute = claim.dispute;
		let stand = Stand { claim, dispute, role, replay, deviation, lies };
		Ok(Finding::Play(Box::new(stand)))
	}

	pub(super) fn count(&self, claim: &Claim, right: bool) {
		let verdict = if right { "right" } else { "wrong" };
		tracing::debug!(target: "worker::challenger", job = %claim.job, verdict, "checked");
		self.context.metrics.checked.with_label_values(&[verdict]).inc();
	}

	fn is_own(&self, claim: &Claim) -> bool {
		claim.provider == *self.context.chain.account()
	}

	/// Whether a lie of this worker is defended.
	fn lies(&self, claim: &Claim) -> bool {
		let defends = self.orders.lie.is_some_and(|lie| lie.defends && lie.is_about(claim.kind));
		defends && self.is_own(claim)
	}

	async fn version(&self, claim: &Claim) -> Result<VersionSpec, Error> {
		let version = claim.version;
		let view = self.context.chain.version(version).await?;
		Ok(view.ok_or(Error::UnknownVersion { version })?.spec)
	}

	async fn inputs(&self, claim: &Claim, spec: &VersionSpec) -> Result<Arc<[Tensor]>, Error> {
		let Claim { job, kind, version, input_root, data, .. } = *claim;
		let due = claim.due();
		let assignment = Assignment { job, kind, version, input_root, data, due };
		if let JobKind::Item { batch, index } = kind {
			return items::item_inputs(&self.context, &assignment, spec, (batch, index)).await;
		}
		let inputs = executor::input(&self.context, &assignment, spec).await?;
		Ok(inputs.ok_or(CheckError::Input { job })?)
	}

	/// Run a version, and keep nothing but the root of what it delivers.
	pub(super) async fn run(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<Delivered, Error> {
		let _place = self.place(claim).await?;
		match self.context.models.run(spec, inputs).await {
			Ok(outputs) => {
				let root = tokio::task::spawn_blocking(move || tensors_root(&outputs)).await?;
				Ok(Ok(root))
			},
			Err(Error::Engine(EngineError::Fault { slot, element })) => {
				Ok(Err(Fault { slot, element }))
			},
			Err(error) => Err(error),
		}
	}

	/// Run a version on the canonical engine once more, and keep nothing but the root of what it
	/// delivers.
	pub(super) async fn canonical(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
	) -> Result<Delivered, Error> {
		if spec.class != Class::Tolerant {
			return self.run(claim, spec, inputs).await;
		}
		let outputs = self.canonical_run(claim, spec, inputs, None).await?;
		let rooted = move || outputs.map(|outputs| tensors_root(&outputs));
		Ok(tokio::task::spawn_blocking(rooted).await?)
	}

	/// What a version delivers on the canonical engine, or its probe.
	async fn canonical_run(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
		probe: Option<Moves>,
	) -> Result<Submission, Error> {
		let _place = self.place(claim).await?;
		let model = self.context.models.canonical(spec).await?;
		let options = self.context.models.options();
		let run = tokio::task::spawn_blocking(move || {
			let options = Options { probe: probe.as_ref(), ..options };
			Ok::<_, Error>(model.run(&inputs, &options).map_err(EngineError::from)?.outputs)
		});
		run.await?
	}

	/// Run a version once more, and keep the run as soon as there is room for it.
	pub(super) async fn kept(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: &Arc<[Tensor]>,
		probe: Option<Moves>,
	) -> Result<Replay, Error> {
		let replay = || self.replay(claim, spec, inputs.clone(), probe);
		self.context.retry("replay", claim.due(), replay).await
	}

	/// Run a version from the bytes of its model anew, and keep the run.
	async fn replay(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: Arc<[Tensor]>,
		probe: Option<Moves>,
	) -> Result<Replay, Error> {
		let _place = self.place(claim).await?;
		let (job, model) = (claim.job, self.context.models.canonical(spec).await?);
		let bytes = self.size(job, &model, &inputs)?;
		let units = u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX);
		let memory = self.memory.clone().try_acquire_many_owned(units);
		let memory = memory.map_err(|_| CheckError::NoRoom { job, bytes })?;
		let threads = other_number(self.context.models.options().threads);
		let false_history = self.lies(claim) && probe.is_none();
		Replay::start(Order { job, model, inputs, threads, false_history, probe, memory }).await
	}

	async fn place(&self, claim: &Claim) -> Result<SemaphorePermit<'_>, Error> {
		let places = match claim.until {
			Some(_) => &self.checks,
			None => &self.disputes,
		};
		places.acquire().await.map_err(|_| Error::Stopping)
	}

	/// Check that a job fits the budget, of a version whose largest job does not.
	pub(super) async fn check_size(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		inputs: &[Tensor],
	) -> Result<(), Error> {
		let _place = self.place(claim).await?;
		let model = self.context.models.canonical(spec).await?;
		self.size(claim.job, &model, inputs).map(drop)
	}

	/// The bytes that the run of a job takes while it is kept, if they are within the budget.
	fn size(&self, job: JobId, model: &CanonicalModel, inputs: &[Tensor]) -> Result<u64, Error> {
		let cost = model.cost(inputs).map_err(EngineError::from)?;
		let tensors = cost.trace_bytes.saturating_add(model.weight_bytes());
		let bytes = tensors.saturating_add(tensors / TREES);
		// Memory is shared out in whole units.
		let budget = self.orders.memory_budget / MIB * MIB;
		if bytes > budget {
			return Err(CheckError::TooLarge { job, bytes, budget }.into());
		}
		Ok(bytes)
	}
}

/// An element of a run cannot be opened.
pub(super) fn unproven(error: ProveError) -> Error {
	Error::Engine(EngineError::Canonical(error.into()))
}

/// Another number of threads than this, for which zero is one a processor.
fn other_number(threads: usize) -> usize {
	match threads {
		0 => thread::available_parallelism().map_or(1, |all| all.get().saturating_sub(1).max(1)),
		1 => 2,
		more => more - 1,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_second_run_has_another_number_of_threads() {
		for threads in 1..9 {
			assert!(other_number(threads) > 0 && other_number(threads) != threads);
		}
		assert!(other_number(0) > 0);
	}
}

//! Keeps results right: defends those of this worker, answers the audits that it is drawn for, and if
//! told so disputes wrong ones of others. Of batches it opens an item that is wrong (`items`).
//!
//! At each best block, new results that are provisional are checked (`check`), and disputes are
//! followed (`follow`). Results that this worker audits (`auditor`) are checked whether or not it was
//! told so. Each job is looked after by a task of its own, so that neither a slow server
//! nor an error in one dispute holds up the others. What fails is tried again at the next block.

mod auditor;
mod check;
mod deviation;
mod error;
mod follow;
mod items;
mod outputs;
mod replay;
mod roots;
mod sight;

pub use error::CheckError;

use self::check::{Checker, Claim, Finding};
use super::Context;
use crate::{decline::Decline, lie::Lie, Error};
use assay_dispute::subject::Probe;
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	dispute::DisputeView,
	AccountId, BlockNumber, DisputeId, JobId, Root,
};
use std::{
	collections::{BTreeMap, HashMap, HashSet},
	sync::Arc,
};
use tokio::task::{AbortHandle, JoinError, JoinSet};

/// The most jobs that are looked after at once, disputes not counted.
const MOST_CASES: usize = 1024;
/// The blocks for which a job is looked after that the chain does not list any more: a block that
/// is retracted may take a dispute with it and bring it back.
const LINGER: BlockNumber = 16;

/// What the challenger is told.
#[derive(Clone, Debug)]
pub struct Orders {
	/// Whether the results of others are checked.
	pub everybody: bool,
	/// The runs that are made at once.
	pub concurrency: usize,
	/// The bytes that runs may take for as long as they are disputed.
	pub memory_budget: u64,
	/// How this worker lies.
	pub lie: Option<Lie>,
}

/// Look after results and audits until the worker stops.
pub async fn run(context: Arc<Context>, orders: Orders) -> Result<(), Error> {
	let everybody = orders.everybody;
	let checker = Arc::new(Checker::new(context.clone(), orders));
	let audits = auditor::run(context.clone(), checker.clone());
	tokio::try_join!(audits, look_after(context, checker, everybody)).map(drop)
}

async fn look_after(
	context: Arc<Context>,
	checker: Arc<Checker>,
	everybody: bool,
) -> Result<(), Error> {
	let mut challenger = Challenger {
		checker,
		context: context.clone(),
		everybody,
		audited: HashSet::new(),
		floor: JobId(0),
		tasks: JoinSet::new(),
		cases: HashMap::new(),
		done: HashSet::new(),
		failed: HashSet::new(),
	};
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		challenger.collect()?;
		let looked = tokio::select! {
			looked = challenger.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::challenger", %error, "cannot look for results");
			},
		}
	}
	Ok(())
}

/// A result to look after.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Concern {
	/// Its dispute, which may never be opened.
	id: DisputeId,
	/// The root of the outputs.
	output: Root,
	/// Whether it is disputed already.
	disputed: bool,
	/// If the dispute is that of a probe.
	probe: Option<Probe>,
}

/// The task that looks after a result.
struct Case {
	task: AbortHandle,
	/// The last block in which the chain listed it.
	seen: BlockNumber,
}

/// What the chain lists at a look.
#[derive(Default)]
struct Listed {
	/// The disputes of results that are not final, open or not.
	disputes: HashSet<DisputeId>,
	/// What of them is to be looked after, by when it has to be.
	concerns: BTreeMap<(BlockNumber, DisputeId), Concern>,
}

struct Challenger {
	context: Arc<Context>,
	checker: Arc<Checker>,
	everybody: bool,
	/// The jobs that this worker was drawn to audit and that have results which are not final.
	audited: HashSet<JobId>,
	/// No job below is open.
	floor: JobId,
	tasks: JoinSet<(Concern, Result<Ended, Error>)>,
	cases: HashMap<DisputeId, Case>,
	/// What needs no second look.
	done: HashSet<Concern>,
	/// What has failed and is tried again.
	failed: HashSet<Concern>,
}

/// How a task has ended that did not fail.
enum Ended {
	/// Nothing is to be done about the result as it is.
	Done,
	/// It is not as it was.
	Changed,
}

impl Challenger {
	/// Find results and begin to look after those that are new.
	async fn look(&mut self) -> Result<(), Error> {
		let now = self.context.now();
		let mut listed = Listed::default();
		self.note_audits().await?;
		self.list_disputes(&mut listed).await?;
		let all = match self.everybody {
			true => self.list_results(&mut listed, now).await,
			false => self.list_audited(&mut listed, now).await,
		};
		for concern in listed.concerns.values() {
			self.begin(*concern, now);
		}
		// Whatever is forgotten below must not merely have been out of sight.
		all?;
		self.forget_ended(&listed, now);
		self.forget_seals(&listed).await
	}

	/// Note which results this worker is drawn to audit. Whoever has lied may have an accomplice open
	/// a weak dispute, which ends the audit: who was drawn looks after the result all the same.
	async fn note_audits(&mut self) -> Result<(), Error> {
		self.audited.extend(self.context.chain.audits().await?);
		self.audited.extend(self.context.journal.audits()?);
		let mut gone = Vec::new();
		for job in &self.audited {
			let view = self.context.chain.job(*job).await?;
			if view.as_ref().and_then(Claim::of).is_none() {
				gone.push(*job);
			}
		}
		for job in &gone {
			self.audited.remove(job);
		}
		Ok(())
	}

	/// Forget what the chain does not list any more.
	fn forget_ended(&mut self, listed: &Listed, now: BlockNumber) {
		let concerns: HashSet<Concern> = listed.concerns.values().copied().collect();
		self.done.retain(|concern| concerns.contains(concern));
		self.failed.retain(|concern| concerns.contains(concern));
		self.cases.retain(|id, case| {
			if listed.disputes.contains(id) {
				case.seen = now;
			}
			let lingers = now.saturating_sub(case.seen) <= LINGER;
			if !lingers {
				case.task.abort();
			}
			lingers
		});
	}

	/// Begin to look after a result, unless that is done or being done.
	fn begin(&mut self, concern: Concern, now: BlockNumber) {
		let known = self.done.contains(&concern) || self.cases.contains_key(&concern.id);
		// Disputes cost those who open them; results that nobody disputes are as many as they are.
		if known || !concern.disputed && self.cases.len() >= MOST_CASES {
			return;
		}
		let (context, checker) = (self.context.clone(), self.checker.clone());
		let attend = async move { (concern, attend(context, checker, concern).await) };
		let task = self.tasks.spawn(attend);
		self.cases.insert(concern.id, Case { task, seen: now });
	}

	/// List the disputes, and which of them concern this worker.
	async fn list_disputes(&self, listed: &mut Listed) -> Result<(), Error> {
		let sealed = self.context.journal.sealed()?;
		let (mut next, mut open) = (Some(DisputeId::default()), 0);
		while let Some(start) = next {
			let page = self.context.chain.disputes(start, MAX_PAGE).await?;
			for view in page.items {
				listed.disputes.insert(view.id);
				let concerned = self.concerns(&view) || sealed.contains(&view.id);
				if !concerned || view.dispute.outcome().is_some() {
					continue;
				}
				open += 1;
				let (output, probe) = (view.output, view.dispute.subject.probe);
				let concern = Concern { id: view.id, output, disputed: true, probe };
				// A dispute that goes on comes before every result that may never be disputed.
				listed.concerns.insert((0, view.id), concern);
			}
			next = page.next;
		}
		self.context.metrics.disputes.set(open);
		Ok(())
	}

	fn concerns(&self, view: &DisputeView<AccountId>) -> bool {
		let account = self.context.chain.account();
		let stakes = || view.stakes.iter().any(|stake| stake.account == *account);
		let audited = self.audited.contains(&view.id.job);
		self.everybody || audited || view.provider == *account || stakes()
	}

	/// List the results of others that may still be disputed.
	async fn list_results(&mut self, listed: &mut Listed, now: BlockNumber) -> Result<(), Error> {
		let filter = JobFilter { open: true, ..JobFilter::default() };
		let (mut cursor, mut lowest) = (None, None);
		let mut looked_at = None;
		loop {
			let page = self.context.chain.jobs(&filter, cursor, MAX_PAGE).await?;
			looked_at = looked_at.or(page.next.map(|next| JobId(next.0.saturating_add(1))));
			for view in page.items {
				lowest = Some(view.id);
				let Some(claim) = Claim::of(&view) else { continue };
				self.list_claim(listed, &claim, now);
			}
			match page.next {
				Some(next) if next >= self.floor => cursor = Some(next),
				_ => break,
			}
		}
		// Jobs end for good, and new ones have higher numbers. Where none is open, the first page
		// says how far they go.
		self.floor = lowest.or(looked_at).unwrap_or(self.floor);
		Ok(())
	}

	/// List the results of others that this worker audits: whoever runs them anyway disputes them if
	/// they are wrong.
	async fn list_audited(&self, listed: &mut Listed, now: BlockNumber) -> Result<(), Error> {
		for job in &self.audited {
			let view = self.context.chain.job(*job).await?;
			if let Some(claim) = view.as_ref().and_then(Claim::of) {
				self.list_claim(listed, &claim, now);
			}
		}
		Ok(())
	}

	/// List a result, if there is time to dispute it.
	fn list_claim(&self, listed: &mut Listed, claim: &Claim, now: BlockNumber) {
		let id = claim.dispute;
		listed.disputes.insert(id);
		let own = claim.provider == *self.context.chain.account();
		// A challenge is in the next block at the earliest.
		let until = claim.until.filter(|until| now.saturating_add(1) < *until && !own);
		if let Some(until) = until {
			let output = claim.output.root;
			let concern = Concern { id, output, disputed: false, probe: None };
			listed.concerns.insert((until, id), concern);
		}
	}

	/// Forget the salts of disputes that are over.
	async fn forget_seals(&self, listed: &Listed) -> Result<(), Error> {
		for id in self.context.journal.sealed()? {
			if listed.disputes.contains(&id) || self.cases.contains_key(&id) {
				continue;
			}
			let view = self.context.chain.job(id.job).await?;
			let claim = view.as_ref().and_then(Claim::of);
			if claim.is_none_or(|claim| claim.dispute != id.main()) {
				self.context.journal.forget_seals(id)?;
			}
		}
		Ok(())
	}

	/// Note how tasks have ended. Only what stops the whole worker is an error.
	fn collect(&mut self) -> Result<(), Error> {
		while let Some(ended) = self.tasks.try_join_next_with_id() {
			let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
			self.cases.retain(|_, case| case.task.id() != id);
			match ended {
				Ok((_, (concern, ended))) => self.note(concern, ended)?,
				Err(error) if error.is_cancelled() => {},
				Err(error) => {
					tracing::error!(target: "worker::challenger", %error, "a task failed");
					self.context.metrics.dispute_failures.with_label_values(&["task"]).inc();
				},
			}
		}
		Ok(())
	}

	fn note(&mut self, concern: Concern, ended: Result<Ended, Error>) -> Result<(), Error> {
		let (dispute, metrics) = (concern.id, &self.context.metrics);
		match ended {
			Ok(Ended::Done) => drop(self.done.insert(concern)),
			Ok(Ended::Changed) | Err(Error::Stopping) => {},
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) if error.is_retryable() => {
				metrics.dispute_failures.with_label_values(&[error.kind()]).inc();
				// Once a result: the operator may want to know, but not at every block.
				if self.failed.insert(concern) {
					tracing::warn!(target: "worker::challenger", %dispute, %error, "not checked yet");
				}
			},
			Err(error) => {
				metrics.unchecked.with_label_values(&[error.kind()]).inc();
				let disputed = concern.disputed;
				match Decline::of(&error) {
					Some(why) if !disputed => self.context.decline(Some(dispute.job), None, &why),
					_ => {
						tracing::error!(target: "worker::challenger", %dispute, disputed, %error, "not checked");
					},
				}
				self.done.insert(concern);
			},
		}
		Ok(())
	}
}

/// Check a result and do what is to be done about it.
async fn attend(
	context: Arc<Context>,
	checker: Arc<Checker>,
	concern: Concern,
) -> Result<Ended, Error> {
	let view = context.chain.job(concern.id.job).await?;
	let claim = view.as_ref().and_then(Claim::of);
	let unchanged = |claim: &Claim| {
		claim.dispute == concern.id.main()
			&& claim.output.root == concern.output
			&& claim.until.is_none() == concern.disputed
	};
	let Some(claim) = claim.filter(unchanged) else { return Ok(Ended::Changed) };
	match checker.check(claim, concern.probe).await? {
		Finding::Idle => Ok(Ended::Done),
		Finding::Play(stand) => {
			follow::follow(context, *stand).await?;
			Ok(Ended::Changed)
		},
	}
}

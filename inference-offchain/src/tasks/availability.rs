//! Shows on chain what others demand of this worker, and demands what it cannot fetch.
//!
//! At each best block the open demands are listed that this account is to have an answer for: about
//! the outputs that it has submitted, and about the inputs that it has run. What fails is tried
//! again at the next block, until the demand is due. An answer given twice is refused by the chain,
//! so that nothing of it has to be kept.

use super::{executor, items, Context};
use crate::{items::ItemOutputs, Error};
use assay_client::{Call, Wait};
use assay_primitives::{
	availability::{AnswerBytes, Answers, DemandFilter, DemandView, Place, Side},
	job::{Input, JobKind, Output},
	AccountId, BlockNumber, DemandId, JobId, Root,
};
use futures::StreamExt;
use std::{
	collections::{BTreeMap, HashSet},
	sync::Arc,
};
use tokio::{sync::Semaphore, task::JoinSet};

/// The inputs and outputs that are looked after at once.
const MOST_SHOWN: usize = 64;
/// The inputs, and the outputs, that are in memory at once, each as a whole.
const MOST_LOADED: usize = 2;
/// The answers about one of them that are under way at once.
const MOST_UNDER_WAY: usize = 64;
/// The least blocks before its end in which a demand is made.
const LEAST_EARLY: BlockNumber = 4;
/// How often the journal is pruned, in blocks.
const PRUNE_EVERY: BlockNumber = 256;

type Demand = DemandView<AccountId>;

/// Answer demands until the worker stops.
pub async fn run(context: Arc<Context>) -> Result<(), Error> {
	let mut witness = Witness {
		context: context.clone(),
		outputs: Arc::new(Semaphore::new(MOST_LOADED)),
		inputs: Arc::new(Semaphore::new(MOST_LOADED)),
		tasks: JoinSet::new(),
		shown: HashSet::new(),
		given_up: HashSet::new(),
	};
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		witness.collect()?;
		let looked = tokio::select! {
			looked = witness.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::availability", %error, "cannot look for demands");
			},
		}
	}
	Ok(())
}

/// What is shown of a job.
type Part = (JobId, Side);

struct Witness {
	context: Arc<Context>,
	/// A place in memory for each output that is loaded.
	outputs: Arc<Semaphore>,
	/// The same for inputs, whose servers may be as slow as they like: the stake is in outputs.
	inputs: Arc<Semaphore>,
	tasks: JoinSet<(Part, Result<Vec<DemandId>, Error>)>,
	/// What a task is at.
	shown: HashSet<Part>,
	/// The demands that this worker cannot answer.
	given_up: HashSet<DemandId>,
}

impl Witness {
	/// Find demands and begin to answer them.
	async fn look(&mut self) -> Result<(), Error> {
		let (context, now) = (self.context.clone(), self.context.now());
		let account = context.chain.account();
		let filter = DemandFilter { job: None, party: Some(account.clone()) };
		let (mut next, mut listed) = (Some(DemandId(0)), HashSet::new());
		let mut parts: BTreeMap<(BlockNumber, Part), Vec<Demand>> = BTreeMap::new();
		while let Some(start) = next {
			let page = context.chain.demands(&filter, start).await?;
			for view in page.items {
				listed.insert(view.id);
				// An answer is in the next block at the earliest. What this worker demands itself,
				// it has not.
				let late = view.due <= now;
				if late || view.demander == *account || self.given_up.contains(&view.id) {
					continue;
				}
				let part = (view.job, view.place.side);
				parts.entry((view.due, part)).or_default().push(view);
			}
			next = page.next;
		}
		self.given_up.retain(|id| listed.contains(id));
		for demands in parts.into_values() {
			self.begin(demands);
		}
		if now.is_multiple_of(PRUNE_EVERY) {
			self.prune().await?;
		}
		Ok(())
	}

	/// Begin to answer demands about one input or output, unless that is being done.
	fn begin(&mut self, demands: Vec<Demand>) {
		let Some(first) = demands.first() else { return };
		let part = (first.job, first.place.side);
		if self.tasks.len() < MOST_SHOWN && self.shown.insert(part) {
			let context = self.context.clone();
			let places = match part.1 {
				Side::Output => self.outputs.clone(),
				Side::Input => self.inputs.clone(),
			};
			self.tasks.spawn(async move { (part, show(context, places, part, demands).await) });
		}
	}

	/// Note how tasks have ended. Only what stops the whole worker is an error.
	fn collect(&mut self) -> Result<(), Error> {
		while let Some(ended) = self.tasks.try_join_next() {
			let (part, ended) = ended?;
			self.shown.remove(&part);
			let (job, side) = part;
			match ended {
				Ok(given_up) => self.given_up.extend(given_up),
				Err(Error::Stopping) => {},
				Err(error) if error.is_fatal() => return Err(error),
				Err(error) => {
					tracing::warn!(target: "worker::availability", %job, %side, %error, "not shown yet");
					let unshown = &self.context.metrics.unshown;
					unshown.with_label_values(&[error.kind()]).inc();
				},
			}
		}
		Ok(())
	}

	/// Forget the demands that were made about jobs that are over.
	async fn prune(&self) -> Result<(), Error> {
		for job in self.context.journal.jobs_with_demands()? {
			let view = self.context.chain.job(job).await?;
			if !view.is_some_and(|view| view.state.is_open()) {
				self.context.journal.forget_demands(job)?;
			}
		}
		Ok(())
	}
}

/// Answer demands about one input or output. Those that cannot be answered ever are returned.
async fn show(
	context: Arc<Context>,
	places: Arc<Semaphore>,
	(job, side): Part,
	demands: Vec<Demand>,
) -> Result<Vec<DemandId>, Error> {
	let ids: Vec<DemandId> = demands.iter().map(|demand| demand.id).collect();
	let answers = match answers(&context, &places, demands).await {
		Ok(answers) => answers,
		Err(error) if error.is_retryable() || error.is_fatal() => return Err(error),
		Err(error) => {
			tracing::error!(target: "worker::availability", %job, %side, %error, "cannot be shown");
			context.metrics.unshown.with_label_values(&[error.kind()]).inc();
			return Ok(ids);
		},
	};
	let served = answers.into_iter().map(|(id, answer)| {
		let call = Call::Serve { job, demand: id, answer };
		let context = context.clone();
		async move { (id, context.submit(call, Wait::InBlock, |_| Ok(())).await) }
	});
	let mut served = futures::stream::iter(served).buffer_unordered(MOST_UNDER_WAY);
	let mut given_up = Vec::new();
	while let Some((id, served)) = served.next().await {
		match served {
			Ok(_) => {
				tracing::info!(target: "worker::availability", %job, demand = %id, %side, "shown");
				context.metrics.shown.with_label_values(&[&side.to_string()]).inc();
			},
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) if error.is_retryable() => {
				tracing::debug!(target: "worker::availability", %job, demand = %id, %error, "again");
			},
			// Somebody else was faster, or it is too late.
			Err(error) => {
				tracing::warn!(target: "worker::availability", %job, demand = %id, %error, "refused");
				given_up.push(id);
			},
		}
	}
	Ok(given_up)
}

/// The answers to demands about one input or output, which is in memory only here.
async fn answers(
	context: &Context,
	places: &Semaphore,
	demands: Vec<Demand>,
) -> Result<Vec<(DemandId, AnswerBytes)>, Error> {
	let Some(DemandView { id: demand, job, place, .. }) = demands.first() else {
		return Ok(Vec::new());
	};
	let (job, nothing) = (*job, Error::NothingToShow { job: *job, demand: *demand });
	let Some(view) = context.chain.job(job).await? else { return Err(nothing) };
	let version = view.version;
	let spec = context.chain.version(version).await?;
	let spec = spec.ok_or(Error::UnknownVersion { version })?.spec;
	let (artifact, locators, root, declared) = match place.side {
		Side::Input => match context.chain.input(job).await? {
			Some(Input::Artifact { artifact, locator, .. }) => {
				(artifact, vec![locator], view.input_root, spec.inputs)
			},
			_ => return Err(nothing),
		},
		Side::Output => match context.chain.output(job).await? {
			Some(Output::Artifact { artifact, root }) => (artifact, vec![], root, spec.outputs),
			_ => return Err(nothing),
		},
	};
	let _place = places.acquire().await.map_err(|_| Error::Stopping)?;
	let bytes = match (view.kind, place.side) {
		(JobKind::Item { batch, index }, Side::Output) => own_item(context, batch, index).await?,
		_ => Some(context.models.fetch(artifact, &locators).await?),
	};
	let Some(bytes) = bytes else { return Err(nothing) };
	let answered = tokio::task::spawn_blocking(move || match view.kind {
		JobKind::Batch { items } => {
			let outputs = ItemOutputs::check(&bytes, items, root)?;
			about_all(demands, |place| outputs.roots().about(place))
		},
		JobKind::Single | JobKind::Item { .. } => {
			let tensors = executor::verify(&bytes, &declared, root).ok()?;
			let answers = Answers::new(&tensors, declared.len() as u32);
			about_all(demands, |place| answers.about(place))
		},
	});
	answered.await?.ok_or(nothing)
}

fn about_all(
	demands: Vec<Demand>,
	about: impl Fn(&Place) -> Option<Vec<u8>>,
) -> Option<Vec<(DemandId, AnswerBytes)>> {
	let answer = |demand: Demand| {
		let answer = AnswerBytes::try_from(about(&demand.place)?).ok()?;
		Some((demand.id, answer))
	};
	demands.into_iter().map(answer).collect()
}

/// The encoded outputs of an item of a batch, out of the file that this worker has published.
async fn own_item(context: &Context, batch: JobId, index: u32) -> Result<Option<Vec<u8>>, Error> {
	let Some((artifact, items)) = items::output_file(context, batch).await? else {
		return Ok(None);
	};
	let bytes = context.models.fetch(artifact, &[]).await?;
	items::cut_output(bytes, items, index).await
}

/// The block before which something is to be fetched that is needed before `due`: later there is
/// still time for a demand.
pub(super) fn early(now: BlockNumber, due: BlockNumber) -> BlockNumber {
	let quarter = due.saturating_sub(now) / 4;
	due.saturating_sub(quarter.max(LEAST_EARLY))
}

/// Demand the first chunk of a job's input or output, once. Returns for how many blocks an answer is
/// waited for, if it was demanded; a demand that fails is no reason to give up the job.
pub(super) async fn demand(
	context: &Context,
	job: JobId,
	side: Side,
	root: Root,
) -> Result<Option<BlockNumber>, Error> {
	if !context.demand {
		return Ok(None);
	}
	match try_demand(context, job, side, root).await {
		Ok(step) => Ok(Some(step)),
		Err(error) if error.is_fatal() || matches!(error, Error::Stopping) => Err(error),
		Err(error) => {
			tracing::warn!(target: "worker::availability", %job, %side, %error, "not demanded");
			Ok(None)
		},
	}
}

async fn try_demand(
	context: &Context,
	job: JobId,
	side: Side,
	root: Root,
) -> Result<BlockNumber, Error> {
	let step = context.chain.numbers().await?.availability_step;
	if context.journal.was_demanded(job, side, root)? {
		return Ok(step);
	}
	let call = Call::Demand { job, place: Place { side, tensor: 0, chunk: 0 } };
	let keep = |_: &_| Ok(context.journal.demanded(job, side, root)?);
	context.submit(call, Wait::InBlock, keep).await?;
	tracing::warn!(target: "worker::availability", %job, %side, "demanded, as it cannot be fetched");
	context.metrics.demanded.with_label_values(&[&side.to_string()]).inc();
	Ok(step)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_demand_is_made_in_the_last_quarter_but_not_in_the_last_blocks() {
		assert_eq!(early(100, 500), 400);
		assert_eq!(early(100, 108), 104);
		assert_eq!(early(100, 102), 98);
	}
}

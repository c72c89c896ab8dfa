//! The run of a job, made again and kept for as long as its dispute goes on.
//!
//! What opens a run borrows the model, so that both live on the stack of a thread. The others send
//! it questions.

use crate::{
	canonical::{from_canonical, CanonicalError, CanonicalModel, Fault, Options, Prover},
	engine::EngineError,
	lie, Error,
};
use assay_canon::{
	arbiter::{Material, ProveError},
	commitment::{Blake2b256, CommittedGraph, GraphHeader, Hash},
	probe::Moves,
};
use assay_dispute::player;
use assay_primitives::{
	commitment::{roots_root, tensor_root},
	tensor::Tensor,
	JobId, Root,
};
use std::{
	borrow::Cow,
	sync::{mpsc, Arc},
	thread,
};
use tokio::sync::{oneshot, OwnedSemaphorePermit};

/// The moves of a run.
pub(super) type Player<'a> = player::Player<'a, Blake2b256>;

/// What a run delivers: the root of the list of its outputs, or where it ended early.
pub(super) type Delivered = Result<Root, Fault>;

type Question = Box<dyn FnOnce(&Player<'_>) + Send>;

/// What a run is made from.
pub(super) struct Order {
	/// The job.
	pub job: JobId,
	/// The model.
	pub model: CanonicalModel,
	/// The inputs.
	pub inputs: Arc<[Tensor]>,
	/// The threads of the run.
	pub threads: usize,
	/// Whether the run is made to fit a lie.
	pub false_history: bool,
	/// How the probe moves what is read, if the run is one.
	pub probe: Option<Moves>,
	/// The memory that it takes.
	pub memory: OwnedSemaphorePermit,
}

/// A run on a thread of its own, which ends when this is dropped.
pub(super) struct Replay {
	/// The root of the trace.
	pub history: Hash,
	/// The header of the version's graph.
	pub header: GraphHeader,
	/// What the run delivers.
	pub delivered: Delivered,
	questions: mpsc::Sender<Question>,
}

/// What is known of a run once it is made.
type Facts = (Hash, GraphHeader, Delivered);

impl Replay {
	/// Make a run.
	pub(super) async fn start(order: Order) -> Result<Self, Error> {
		let (ready, started) = oneshot::channel();
		let (questions, asked) = mpsc::channel();
		thread::Builder::new()
			.name(format!("dispute-{}", order.job))
			.spawn(move || serve(order, ready, asked))
			.map_err(|error| Error::Task { reason: error.to_string() })?;
		let (history, header, delivered) = started.await.map_err(|_| gone())??;
		Ok(Replay { history, header, delivered, questions })
	}

	/// Ask something of the run.
	pub(super) async fn ask<T: Send + 'static>(
		&self,
		question: impl FnOnce(&Player<'_>) -> T + Send + 'static,
	) -> Result<T, Error> {
		let (reply, answer) = oneshot::channel();
		let question: Question = Box::new(move |player: &Player<'_>| {
			// Who asked may have gone.
			let _ = reply.send(question(player));
		});
		self.questions.send(question).map_err(|_| gone())?;
		answer.await.map_err(|_| gone())
	}
}

fn gone() -> Error {
	Error::Task { reason: "the thread of a run ended".into() }
}

/// Make the run and answer questions until nobody can ask any more.
fn serve(
	order: Order,
	ready: oneshot::Sender<Result<Facts, Error>>,
	asked: mpsc::Receiver<Question>,
) {
	let Order { model, inputs, threads, false_history, probe, memory, .. } = order;
	match make(&model, &inputs, threads, (false_history, probe)) {
		Ok((player, facts)) => {
			// Nobody asks anything of a run that nobody waits for.
			if ready.send(Ok(facts)).is_ok() {
				asked.iter().for_each(|question| question(&player));
			}
		},
		Err(error) => drop(ready.send(Err(error))),
	}
	drop(memory);
}

fn make<'a>(
	model: &'a CanonicalModel,
	inputs: &[Tensor],
	threads: usize,
	(false_history, probe): (bool, Option<Moves>),
) -> Result<(Player<'a>, Facts), Error> {
	let options = Options { threads, progress: None, probe: probe.as_ref() };
	let mut prover = model.prover(inputs, &options).map_err(EngineError::from)?;
	if false_history {
		prover = falsify(prover).map_err(EngineError::from)?;
	}
	let delivered = delivered(&prover).map_err(EngineError::from)?;
	let header = CommittedGraph::<Blake2b256>::new(prover.material().graph).header().clone();
	let player = Player::new(prover);
	let facts = (player.history(), header, delivered);
	Ok((player, facts))
}

/// The run with other outputs, for demonstrations.
fn falsify(prover: Prover<'_>) -> Result<Prover<'_>, CanonicalError> {
	let mut material: Material<'_> = prover.material().clone();
	drop(prover);
	let mut run = material.run.into_owned();
	lie::falsify(material.graph, &mut run);
	material.run = Cow::Owned(run);
	Ok(Prover::of(material, None)?)
}

/// The outputs of a run as they are submitted, by their roots.
fn delivered(prover: &Prover<'_>) -> Result<Delivered, CanonicalError> {
	let Material { graph, run, .. } = prover.material();
	if let Some(fault) = run.fault {
		return Ok(Err(fault));
	}
	let mut roots = Vec::new();
	for slot in &graph.outputs {
		let tensor = run.slots.get(slot.node as usize).cloned();
		let tensor = tensor.ok_or(ProveError::NoSuchNode)?;
		let output = from_canonical(tensor).map_err(CanonicalError::Output)?;
		roots.push(tensor_root(output.dtype, &output.shape, &output.data));
	}
	Ok(Ok(roots_root(&roots)))
}

//! The fast engine: what [`crate::exact`] gives, bit for bit, in a fraction of the time.
//!
//! - **Sums of products.** The product of two float32 is exact in float64. Blocks are accumulated in
//!   float64 by a library, in any order, and the error is bounded: by the number of terms times
//!   2⁻⁵³ times Σ|a·b|, which by Cauchy and Schwarz is at most the product of a row's and a column's
//!   norm. If the whole interval rounds to one float32, that is the result. Otherwise the element is
//!   summed again to twice the precision, and what that leaves open (ties, exact zeros, operands that
//!   are not finite) goes to the element function of [`crate::ops`].
//! - **Transcendental functions.** float64, with an interval of many times the error of any library
//!   in use; the definition where it does not decide.
//! - **IEEE operations** are the machine's. **Integers** are native. **Copies** are maps of runs.
//! - **Everything else**, and whatever ends in a fault, is the element function on all threads.
//!
//! Nothing depends on the order of computation, the number of threads or the machine's instructions:
//! a result is decided or it is computed by the definition.
#![allow(clippy::float_arithmetic)]

use core::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::{
	commitment::{
		chunk_leaf, tensor_root_of, trace_leaf_of, trace_root_of, Blake2b256, Hash, Hasher, Tree,
		CHUNK,
	},
	exact::{Fault, Run, RunError},
	graph::{Graph, Node, Plan, Source},
	ops::Stop,
	probe::{self, Moves},
	symbol::Bindings,
	tensor::{Tensor, TensorType},
};

mod block;
mod convolution;
mod copy;
mod elementary;
mod elementwise;
mod grid;
mod job;
mod matrix;
mod node;
mod order;
mod panel;
mod pool;
mod product;
mod quantized;
mod reduction;
mod rounding;
mod scalar;
#[cfg(test)]
mod tests;

use job::Counters;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
	/// Nodes that are done.
	pub done: u32,
	/// Nodes of the graph.
	pub nodes: u32,
}

/// How a graph is run. But for the probe, none of it changes a result.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
	/// The number of threads; 0 for the current pool of rayon.
	pub threads: usize,
	/// Called after each node.
	pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
	/// How everything that is read is moved, if the run is to be that of a probe.
	pub probe: Option<&'a Moves>,
}

/// How many elements were computed, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
	/// Elements of all slots.
	pub elements: u64,
	/// Elements that float64 left undecided.
	pub undecided: u64,
	/// Those of them that were computed by the definition.
	pub exact: u64,
}

/// What a run delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
	/// The outputs of the graph, or where the run ended early.
	pub result: Result<Vec<Tensor>, Fault>,
	/// How the elements were computed. This alone may differ from machine to machine.
	pub statistics: Statistics,
}

/// The commitment to every slot of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
	/// The root of each slot's tensor, as far as the run came.
	pub roots: Vec<Hash>,
	/// The root of the trace.
	pub root: Hash,
	/// What the run delivers.
	pub outcome: Outcome,
}

/// Runs a graph on inputs, with the tensors of its initializers. Does not check their roots. Frees
/// each tensor after its last use.
pub fn run(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	options: &Options,
) -> Result<Outcome, RunError> {
	visit(graph, bindings, inputs, initializers, options, |_, _| ())
}

/// Runs a graph and computes the root of every slot, and of the trace.
pub fn trace<H: Hasher>(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	options: &Options,
) -> Result<Trace, RunError> {
	let mut roots = Vec::new();
	let keep = |_: u32, tensor: &Tensor| roots.push(tensor_root::<H>(tensor));
	let outcome = visit(graph, bindings, inputs, initializers, options, keep)?;
	let fault = outcome.result.as_ref().err().map(|fault| fault.element);
	let leaf = |number| trace_leaf_of::<H>(&roots, fault, number);
	let leaves = Tree::<H>::new((0..graph.nodes.len()).map(leaf).collect());
	// A valid graph has at most 2²⁰ nodes.
	let root = trace_root_of::<H>(graph.nodes.len() as u32, &leaves.root());
	Ok(Trace { roots, root, outcome })
}

/// Runs a graph and keeps the tensor of every slot.
pub fn slots(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	options: &Options,
) -> Result<(Run, Statistics), RunError> {
	let mut slots = Vec::new();
	let keep = |_: u32, tensor: &Tensor| slots.push(tensor.clone());
	let outcome = visit(graph, bindings, inputs, initializers, options, keep)?;
	Ok((Run { slots, fault: outcome.result.err() }, outcome.statistics))
}

/// Runs a graph and shows each slot's tensor once it is there.
pub fn visit(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	options: &Options,
	mut show: impl FnMut(u32, &Tensor) + Send,
) -> Result<Outcome, RunError> {
	let plan = graph.validate(bindings).map_err(RunError::Invalid)?;
	check_operands(graph, &plan, inputs, initializers)?;
	let mut engine = Engine {
		graph,
		plan: &plan,
		bindings,
		inputs,
		initializers,
		uses: uses(graph),
		slots: Vec::new(),
		counters: Counters::default(),
	};
	let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads);
	let pool = (options.threads > 0).then(|| pool.build().ok()).flatten();
	let fault = match pool {
		Some(pool) => pool.install(|| engine.run(options, &mut show)),
		// No threads of its own, be it as asked or because there are none to be had.
		None => engine.run(options, &mut show),
	}?;
	let result = match fault {
		Some(fault) => Err(fault),
		None => Ok(engine.outputs().ok_or(RunError::Undefined { node: 0, element: 0 })?),
	};
	let count = |counter: &core::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
	let Counters { elements, undecided, exact } = &engine.counters;
	let statistics =
		Statistics { elements: count(elements), undecided: count(undecided), exact: count(exact) };
	Ok(Outcome { result, statistics })
}

/// Runs one valid node whose output has the type `kind`, or says at which element it stopped: as
/// [`crate::exact::run_node`].
pub fn run_node(
	node: &Node,
	kind: &TensorType,
	bindings: &Bindings,
	operands: &[&Tensor],
) -> Result<Tensor, (u64, Stop)> {
	node::run(node, kind, bindings, operands, &Counters::default())
}

/// The commitment to a tensor, its chunks hashed on all threads.
pub fn tensor_root<H: Hasher>(tensor: &Tensor) -> Hash {
	let leaves = tensor.data().par_chunks(CHUNK).with_min_len(64).map(chunk_leaf::<H>).collect();
	tensor_root_of::<H>(tensor.kind(), &Tree::<H>::new(leaves).root())
}

/// Whether inputs and initializers are of the declared types and layouts.
fn check_operands(
	graph: &Graph,
	plan: &Plan,
	inputs: &[Tensor],
	initializers: &[Tensor],
) -> Result<(), RunError> {
	for (number, declared) in (0_u32..).zip(&plan.inputs) {
		let given = inputs.get(number as usize);
		let fits = |input: &Tensor| input.kind() == declared && input.layout().is_row_major();
		given.filter(|input| fits(input)).ok_or(RunError::WrongInput(number))?;
	}
	for (number, declared) in (0_u32..).zip(&graph.initializers) {
		let given = initializers.get(number as usize);
		let fits = |tensor: &Tensor| {
			*tensor.kind() == declared.kind && *tensor.layout() == declared.layout
		};
		given.filter(|tensor| fits(tensor)).ok_or(RunError::WrongInitializer(number))?;
	}
	Ok(())
}

/// How often each slot is read, by nodes and as an output.
fn uses(graph: &Graph) -> Vec<u32> {
	let mut uses = vec![0_u32; graph.nodes.len()];
	let read = graph.nodes.iter().flat_map(|node| &node.inputs).filter_map(|source| match source {
		Source::Slot(slot) => Some(slot.node),
		_ => None,
	});
	for number in read.chain(graph.outputs.iter().map(|slot| slot.node)) {
		if let Some(count) = uses.get_mut(number as usize) {
			*count = count.saturating_add(1);
		}
	}
	uses
}

/// A run in progress.
struct Engine<'a> {
	graph: &'a Graph,
	plan: &'a Plan,
	bindings: &'a Bindings,
	inputs: &'a [Tensor],
	initializers: &'a [Tensor],
	/// How often each slot is still to be read.
	uses: Vec<u32>,
	/// The tensors of slots that are still to be read.
	slots: Vec<Option<Tensor>>,
	counters: Counters,
}

impl Engine<'_> {
	/// Runs all nodes in order, until one faults.
	fn run(
		&mut self,
		options: &Options,
		show: &mut (impl FnMut(u32, &Tensor) + Send),
	) -> Result<Option<Fault>, RunError> {
		let nodes = self.graph.nodes.len() as u32;
		for (slot, (node, (kind, _))) in
			(0_u32..).zip(self.graph.nodes.iter().zip(&self.plan.slots))
		{
			let undefined = RunError::Undefined { node: slot, element: 0 };
			let operands: Option<Vec<&Tensor>> =
				node.inputs.iter().map(|source| self.find(source)).collect();
			let operands = operands.ok_or(undefined)?;
			let run = |operands: &[&Tensor]| {
				node::run(node, kind, self.bindings, operands, &self.counters)
			};
			let ran = match options.probe {
				Some(moves) => {
					let moved = probe::operands::<Blake2b256>(self.graph, node, &operands, moves);
					run(&moved.iter().collect::<Vec<_>>())
				},
				None => run(&operands),
			};
			let tensor = match ran {
				Ok(tensor) => tensor,
				Err((element, Stop::Fault)) => return Ok(Some(Fault { slot, element })),
				Err((element, _)) => return Err(RunError::Undefined { node: slot, element }),
			};
			self.counters.elements.fetch_add(kind.shape.count(), Ordering::Relaxed);
			show(slot, &tensor);
			let wanted = self.uses.get(slot as usize).is_some_and(|uses| *uses > 0);
			self.slots.push(wanted.then_some(tensor));
			self.release(&node.inputs);
			if let Some(progress) = options.progress {
				progress(Progress { done: slot.saturating_add(1), nodes });
			}
		}
		Ok(None)
	}

	/// The tensor that an operand is.
	fn find(&self, source: &Source) -> Option<&Tensor> {
		match source {
			Source::Input(at) => self.inputs.get(*at as usize),
			Source::Initializer(at) => self.initializers.get(*at as usize),
			Source::Slot(slot) => self.slots.get(slot.node as usize)?.as_ref(),
		}
	}

	/// Frees tensors that were just read for the last time.
	fn release(&mut self, sources: &[Source]) {
		for source in sources {
			let Source::Slot(slot) = source else { continue };
			let Some(uses) = self.uses.get_mut(slot.node as usize) else { continue };
			*uses = uses.saturating_sub(1);
			if *uses == 0 {
				self.slots
					.iter_mut()
					.skip(slot.node as usize)
					.take(1)
					.for_each(|slot| *slot = None);
			}
		}
	}

	/// The outputs of the graph, each taken where it is used last.
	fn outputs(&mut self) -> Option<Vec<Tensor>> {
		let mut outputs = Vec::new();
		for slot in &self.graph.outputs {
			let uses = self.uses.get_mut(slot.node as usize)?;
			*uses = uses.saturating_sub(1);
			let kept = self.slots.get_mut(slot.node as usize)?;
			outputs.push(if *uses == 0 { kept.take()? } else { kept.clone()? });
		}
		Some(outputs)
	}
}

//! Building proofs: runs the element function on whole tensors and records what it reads.

use alloc::{borrow::Cow, vec::Vec};
use codec::Encode;

use super::{
	claim::{ClaimProof, SlotProof},
	proof::{Chunk, NodeProof, Opening, OperandProof, Proof},
	Claim,
};
use crate::{
	commitment::{
		tensor_root_of, trace_leaf_of, trace_root_of, CommittedGraph, Hash, Hasher, Tree, CHUNK,
	},
	exact::{operands_of, Run},
	graph::{Graph, InvalidGraph, Node, Plan, Source},
	ops::{self, Inputs, Stop, Task, OWN_OUTPUT},
	probe::{self, Moves},
	shape::Coordinates,
	symbol::Bindings,
	tensor::{Element, Tensor, View},
};

mod output;
#[cfg(feature = "fast")]
mod parallel;

#[cfg(not(feature = "fast"))]
use crate::commitment::chunk_tree;
pub use output::{prove_count, prove_submitted, SubmittedList};
#[cfg(feature = "fast")]
use parallel::chunk_tree;
#[cfg(feature = "fast")]
pub use parallel::{Request, Shown};

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProveError {
	/// The graph is invalid for these symbols.
	Invalid(InvalidGraph),
	/// There is no such node, or the run did not come to its operands.
	NoSuchNode,
	/// The output has no such element.
	NoSuchElement,
	/// The tensors are not those of the graph.
	WrongTensors,
}

/// A run, and what it was computed from.
#[derive(Clone, Debug)]
pub struct Material<'a> {
	/// The graph.
	pub graph: &'a Graph,
	/// The values of its symbols.
	pub bindings: Cow<'a, Bindings>,
	/// The tensors of its inputs.
	pub inputs: Cow<'a, [Tensor]>,
	/// The tensors of its initializers.
	pub initializers: Cow<'a, [Tensor]>,
	/// What [`crate::exact::run`] made of them.
	pub run: Cow<'a, Run>,
}

/// A run with the trees that openings come from, each built once.
pub struct Prover<'a, H> {
	material: Material<'a>,
	plan: Plan,
	committed: CommittedGraph<H>,
	/// How the probe moves what is read, if the run is that of one.
	probe: Option<Moves>,
	inputs: Vec<Tree<H>>,
	initializers: Vec<Tree<H>>,
	slots: Vec<Tree<H>>,
	trace: Tree<H>,
}

impl<'a, H: Hasher> Prover<'a, H> {
	/// A prover for what [`crate::exact::run`] computed from these tensors.
	pub fn new(
		graph: &'a Graph,
		bindings: &'a Bindings,
		inputs: &'a [Tensor],
		initializers: &'a [Tensor],
		run: &'a Run,
	) -> Result<Self, ProveError> {
		let material = Material {
			graph,
			bindings: Cow::Borrowed(bindings),
			inputs: Cow::Borrowed(inputs),
			initializers: Cow::Borrowed(initializers),
			run: Cow::Borrowed(run),
		};
		Self::of(material, None)
	}

	/// The same of tensors that the prover may own. `hashed` is called with the number of slots
	/// that are done, after each.
	pub fn of(material: Material<'a>, hashed: Option<&dyn Fn(u32)>) -> Result<Self, ProveError> {
		let Material { graph, bindings, inputs, initializers, run } = &material;
		let plan = graph.validate(bindings).map_err(ProveError::Invalid)?;
		let (mut slots, mut roots) = (Vec::new(), Vec::new());
		for (done, tensor) in (1_u32..).zip(&run.slots) {
			let tree = chunk_tree::<H>(tensor);
			roots.push(tensor_root_of::<H>(tensor.kind(), &tree.root()));
			slots.push(tree);
			if let Some(hashed) = hashed {
				hashed(done);
			}
		}
		let fault = run.fault.map(|fault| fault.element);
		let leaves = (0..graph.nodes.len()).map(|number| trace_leaf_of::<H>(&roots, fault, number));
		Ok(Self {
			plan,
			committed: CommittedGraph::new(graph),
			probe: None,
			inputs: inputs.iter().map(chunk_tree).collect(),
			initializers: initializers.iter().map(chunk_tree).collect(),
			slots,
			trace: Tree::new(leaves.collect()),
			material,
		})
	}

	/// The same for a run that is a probe ([`crate::exact::run_probe`]).
	#[must_use]
	pub const fn probing(mut self, moves: Moves) -> Self {
		self.probe = Some(moves);
		self
	}

	/// The run and what it was computed from.
	pub const fn material(&self) -> &Material<'a> {
		&self.material
	}

	/// The commitment to the graph.
	pub fn graph_root(&self) -> Hash {
		self.committed.root()
	}

	/// The commitment to each input tensor.
	pub fn input_roots(&self) -> Vec<Hash> {
		let inputs = self.material.inputs.iter().zip(&self.inputs);
		inputs.map(|(tensor, tree)| tensor_root_of::<H>(tensor.kind(), &tree.root())).collect()
	}

	/// The commitment to the trace.
	pub fn trace_root(&self) -> Hash {
		// A graph beyond `u32` nodes does not validate.
		trace_root_of::<H>(self.material.graph.nodes.len() as u32, &self.trace.root())
	}

	/// The tree over the chunks of a slot's tensor, if the run came to it.
	pub fn slot(&self, number: u32) -> Option<&Tree<H>> {
		self.slots.get(number as usize)
	}

	/// The tree over the trace's slots.
	pub const fn trace(&self) -> &Tree<H> {
		&self.trace
	}

	/// The encoded [`Proof`] of an element. `claims` are what [`super::judge`] is to compare if the
	/// node is an order statistic, and otherwise nothing.
	pub fn prove(
		&self,
		number: u32,
		element: u64,
		claims: &[Claim],
	) -> Result<Vec<u8>, ProveError> {
		let node = self.node(number)?;
		let (kind, _) = self.plan.slots.get(number as usize).ok_or(ProveError::NoSuchNode)?;
		if element >= kind.shape.count() {
			return Err(ProveError::NoSuchElement);
		}
		let Material { bindings, inputs, initializers, run, .. } = &self.material;
		let committed =
			operands_of(node, inputs, initializers, &run.slots).ok_or(ProveError::NoSuchNode)?;
		let moved = match &self.probe {
			Some(moves) => probe::operands::<H>(self.material.graph, node, &committed, moves),
			None => Vec::new(),
		};
		let operands = match &self.probe {
			Some(_) => moved.iter().collect(),
			None => committed.clone(),
		};
		let mut recorder = Recorder::new(&operands, run.slots.get(number as usize));
		let task = Task { op: &node.op, bindings, output: kind };
		record(&task, element, claims, &mut recorder).map_err(|_| ProveError::WrongTensors)?;

		let mut proofs = Vec::with_capacity(operands.len());
		let opened = recorder.operands.into_iter().zip(committed);
		for (source, (opened, tensor)) in node.inputs.iter().zip(opened) {
			// As it is committed to, whatever a probe reads.
			proofs.push(self.operand(source, Opened { tensor, ..opened })?);
		}
		let own = match recorder.own {
			Some(own) => self.opening(&Source::node(number), own)?,
			None => Opening::default(),
		};
		let node = self.node_proof(number)?;
		Ok(Proof { node, operands: proofs, own }.encode())
	}

	/// The encoded [`ClaimProof`] of what this run says of an element.
	pub fn claim(&self, number: u32, element: u64) -> Result<Vec<u8>, ProveError> {
		let run = &self.material.run;
		let trace_path = self.trace.multiproof(&[number.into()]);
		let slot = match (run.slots.get(number as usize), run.fault) {
			(Some(tensor), _) => {
				let mut opened = Opened::new(tensor);
				let offset = opened.view.offset_of_index(element);
				opened.read(offset).map_err(|_| ProveError::NoSuchElement)?;
				SlotProof::Value(self.opening(&Source::node(number), opened)?)
			},
			(None, Some(fault)) if fault.slot == number => {
				SlotProof::Fault { element: fault.element, trace_path }
			},
			_ => SlotProof::Unreached { trace_path },
		};
		Ok(ClaimProof { node: self.node_proof(number)?, slot }.encode())
	}

	/// A node at its place in the graph.
	pub fn node_proof(&self, number: u32) -> Result<NodeProof, ProveError> {
		Ok(NodeProof {
			header: self.committed.header().clone(),
			number,
			node: self.node(number)?.encode(),
			path: self.committed.node_path(number),
		})
	}

	fn node(&self, number: u32) -> Result<&'a Node, ProveError> {
		self.material.graph.nodes.get(number as usize).ok_or(ProveError::NoSuchNode)
	}

	fn operand(&self, source: &Source, opened: Opened) -> Result<OperandProof, ProveError> {
		let missing = ProveError::NoSuchNode;
		let graph = self.material.graph;
		let (entry, entry_path) = match source {
			Source::Input(at) => {
				let input = graph.inputs.get(*at as usize).ok_or(missing)?;
				(input.encode(), self.committed.input_path(*at))
			},
			Source::Initializer(at) => {
				let initializer = graph.initializers.get(*at as usize).ok_or(missing)?;
				(initializer.encode(), self.committed.initializer_path(*at))
			},
			Source::Slot(slot) => {
				(self.node(slot.node)?.encode(), self.committed.node_path(slot.node))
			},
		};
		Ok(OperandProof { entry, entry_path, opening: self.opening(source, opened)? })
	}

	/// The chunks of a tensor that were read, with their multiproof.
	fn opening(&self, source: &Source, opened: Opened) -> Result<Opening, ProveError> {
		let Opened { tensor, chunks: mut numbers, .. } = opened;
		if numbers.is_empty() {
			return Ok(Opening::default());
		}
		numbers.sort_unstable();
		numbers.dedup();
		let (tree, slot) = match source {
			Source::Input(at) => (self.inputs.get(*at as usize), None),
			Source::Initializer(at) => (self.initializers.get(*at as usize), None),
			Source::Slot(slot) => (self.slots.get(slot.node as usize), Some(slot.node)),
		};
		let chunk = |number: &u64| {
			let bytes = tensor.data().chunks(CHUNK).nth(usize::try_from(*number).ok()?)?;
			Some(Chunk { index: u32::try_from(*number).ok()?, bytes: bytes.to_vec() })
		};
		Ok(Opening {
			chunks: numbers.iter().filter_map(chunk).collect(),
			siblings: tree.ok_or(ProveError::NoSuchNode)?.multiproof(&numbers),
			trace_path: slot.map(|slot| self.trace.multiproof(&[slot.into()])).unwrap_or_default(),
		})
	}
}

/// Makes the reads that the arbiter will make.
fn record(
	task: &Task,
	element: u64,
	claims: &[Claim],
	recorder: &mut Recorder,
) -> Result<(), Stop> {
	if !task.op.is_order_statistic() {
		return match ops::element(task, element, recorder) {
			Ok(_) | Err(Stop::Fault) => Ok(()),
			Err(stop) => Err(stop),
		};
	}
	let at = Coordinates::of(element, &task.output.shape);
	for claim in claims {
		if let Claim::Value(value) = claim {
			ops::order::candidate(task, &at, value.to_i64(), recorder)?;
		}
	}
	Ok(())
}

/// A tensor that is read, and the chunks that were, in any order and perhaps repeated.
struct Opened<'a> {
	view: View,
	tensor: &'a Tensor,
	chunks: Vec<u64>,
}

impl<'a> Opened<'a> {
	fn new(tensor: &'a Tensor) -> Self {
		Self { view: tensor.view(), tensor, chunks: Vec::new() }
	}

	fn read(&mut self, offset: u64) -> Result<Element, Stop> {
		let element = self.tensor.at_offset(offset).ok_or(Stop::Missing)?;
		// No element lies in two chunks.
		let start = offset.saturating_mul(self.tensor.dtype().size() as u64);
		let chunk = start.checked_div(CHUNK as u64).ok_or(Stop::Missing)?;
		if self.chunks.last() != Some(&chunk) {
			self.chunks.push(chunk);
		}
		Ok(element)
	}
}

/// Reads whole tensors and remembers which chunks.
struct Recorder<'a> {
	operands: Vec<Opened<'a>>,
	own: Option<Opened<'a>>,
}

impl<'a> Recorder<'a> {
	fn new(operands: &[&'a Tensor], own: Option<&'a Tensor>) -> Self {
		Self {
			operands: operands.iter().copied().map(Opened::new).collect(),
			own: own.map(Opened::new),
		}
	}
}

impl Inputs for Recorder<'_> {
	fn count(&self) -> usize {
		self.operands.len()
	}

	fn view(&self, operand: usize) -> Option<&View> {
		let found =
			if operand == OWN_OUTPUT { self.own.as_ref() } else { self.operands.get(operand) };
		found.map(|opened| &opened.view)
	}

	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop> {
		let found =
			if operand == OWN_OUTPUT { self.own.as_mut() } else { self.operands.get_mut(operand) };
		found.ok_or(Stop::Missing)?.read(offset)
	}
}

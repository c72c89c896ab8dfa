//! Building proofs: runs the element function on whole tensors and records what it reads.

use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;

use super::{
	claim::{ClaimProof, SlotProof},
	proof::{Chunk, Opening, OperandProof, Proof},
	Claim,
};
use crate::{
	commitment::{
		chunk_tree, tensor_root, trace_leaf_of, trace_root_of, CommittedGraph, Hash, Hasher, Tree,
		CHUNK,
	},
	exact::{operands_of, Run},
	graph::{Graph, InvalidGraph, Node, Plan, Source},
	ops::{self, Inputs, Stop, Task, OWN_OUTPUT},
	shape::Coordinates,
	symbol::Bindings,
	tensor::{Element, Tensor, View},
};

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

/// A run with the trees that openings come from.
pub struct Prover<'a, H> {
	graph: &'a Graph,
	bindings: &'a Bindings,
	inputs: &'a [Tensor],
	initializers: &'a [Tensor],
	run: &'a Run,
	plan: Plan,
	committed: CommittedGraph<H>,
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
		let plan = graph.validate(bindings).map_err(ProveError::Invalid)?;
		let roots: Vec<Hash> = run.slots.iter().map(tensor_root::<H>).collect();
		let fault = run.fault.map(|fault| fault.element);
		let leaves = (0..graph.nodes.len()).map(|number| trace_leaf_of::<H>(&roots, fault, number));
		let trace = Tree::new(leaves.collect());
		let committed = CommittedGraph::new(graph);
		Ok(Self { graph, bindings, inputs, initializers, run, plan, committed, trace })
	}

	/// The commitment to the graph.
	pub fn graph_root(&self) -> Hash {
		self.committed.root()
	}

	/// The commitment to the trace.
	pub fn trace_root(&self) -> Hash {
		// A graph beyond `u32` nodes does not validate.
		trace_root_of::<H>(self.graph.nodes.len() as u32, &self.trace.root())
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
		let operands = operands_of(node, self.inputs, self.initializers, &self.run.slots)
			.ok_or(ProveError::NoSuchNode)?;
		let own = self.run.slots.get(number as usize);
		let mut recorder = Recorder::new(&operands, own);
		let task = Task { op: &node.op, bindings: self.bindings, output: kind };
		record(&task, element, claims, &mut recorder).map_err(|_| ProveError::WrongTensors)?;

		let Recorder { read, read_own, .. } = recorder;
		let mut proofs = Vec::with_capacity(operands.len());
		for ((source, tensor), offsets) in node.inputs.iter().zip(&operands).zip(&read) {
			proofs.push(self.operand(source, tensor, offsets)?);
		}
		let own = own.map(|own| self.opening(own, &read_own, Some(number))).unwrap_or_default();
		let proof = Proof {
			header: self.committed.header().clone(),
			number,
			node: node.encode(),
			node_path: self.committed.node_path(number),
			operands: proofs,
			own,
		};
		Ok(proof.encode())
	}

	/// The encoded [`ClaimProof`] of what this run says of an element.
	pub fn claim(&self, number: u32, element: u64) -> Result<Vec<u8>, ProveError> {
		let node = self.node(number)?;
		let trace_path = self.trace.multiproof(&[number.into()]);
		let slot = match (self.run.slots.get(number as usize), self.run.fault) {
			(Some(tensor), _) => {
				let offsets = BTreeSet::from([tensor.view().offset_of_index(element)]);
				SlotProof::Value(self.opening(tensor, &offsets, Some(number)))
			},
			(None, Some(fault)) if fault.slot == number => {
				SlotProof::Fault { element: fault.element, trace_path }
			},
			_ => SlotProof::Unreached { trace_path },
		};
		let proof = ClaimProof {
			header: self.committed.header().clone(),
			number,
			node: node.encode(),
			node_path: self.committed.node_path(number),
			slot,
		};
		Ok(proof.encode())
	}

	fn node(&self, number: u32) -> Result<&'a Node, ProveError> {
		self.graph.nodes.get(number as usize).ok_or(ProveError::NoSuchNode)
	}

	fn operand(
		&self,
		source: &Source,
		tensor: &Tensor,
		offsets: &BTreeSet<u64>,
	) -> Result<OperandProof, ProveError> {
		let missing = ProveError::NoSuchNode;
		let (entry, entry_path, slot) = match source {
			Source::Input(at) => {
				let input = self.graph.inputs.get(*at as usize).ok_or(missing)?;
				(input.encode(), self.committed.input_path(*at), None)
			},
			Source::Initializer(at) => {
				let initializer = self.graph.initializers.get(*at as usize).ok_or(missing)?;
				let path = self.committed.initializer_path(*at);
				(initializer.encode(), path, None)
			},
			Source::Slot(slot) => {
				let node = self.node(slot.node)?;
				(node.encode(), self.committed.node_path(slot.node), Some(slot.node))
			},
		};
		Ok(OperandProof { entry, entry_path, opening: self.opening(tensor, offsets, slot) })
	}

	/// The chunks of a tensor that hold the elements at these offsets.
	fn opening(&self, tensor: &Tensor, offsets: &BTreeSet<u64>, slot: Option<u32>) -> Opening {
		if offsets.is_empty() {
			return Opening::default();
		}
		let in_chunk = (CHUNK as u64).checked_div(tensor.dtype().size() as u64).unwrap_or(1);
		let numbers: BTreeSet<u64> =
			offsets.iter().filter_map(|offset| offset.checked_div(in_chunk)).collect();
		let numbers: Vec<u64> = numbers.into_iter().collect();
		let chunk = |number: &u64| {
			let bytes = tensor.data().chunks(CHUNK).nth(usize::try_from(*number).ok()?)?;
			Some(Chunk { index: u32::try_from(*number).ok()?, bytes: bytes.to_vec() })
		};
		Opening {
			chunks: numbers.iter().filter_map(chunk).collect(),
			siblings: chunk_tree::<H>(tensor).multiproof(&numbers),
			trace_path: slot.map(|slot| self.trace.multiproof(&[slot.into()])).unwrap_or_default(),
		}
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

/// Reads whole tensors and remembers the offsets.
struct Recorder<'a> {
	operands: Vec<(View, &'a Tensor)>,
	own: Option<(View, &'a Tensor)>,
	read: Vec<BTreeSet<u64>>,
	read_own: BTreeSet<u64>,
}

impl<'a> Recorder<'a> {
	fn new(operands: &[&'a Tensor], own: Option<&'a Tensor>) -> Self {
		let with_view = |tensor: &'a Tensor| (tensor.view(), tensor);
		Self {
			operands: operands.iter().copied().map(with_view).collect(),
			own: own.map(with_view),
			read: alloc::vec![BTreeSet::new(); operands.len()],
			read_own: BTreeSet::new(),
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
		found.map(|(view, _)| view)
	}

	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop> {
		let (tensor, read) = if operand == OWN_OUTPUT {
			(self.own.as_ref(), Some(&mut self.read_own))
		} else {
			(self.operands.get(operand), self.read.get_mut(operand))
		};
		let (_, tensor) = tensor.ok_or(Stop::Missing)?;
		let element = tensor.at_offset(offset).ok_or(Stop::Missing)?;
		read.ok_or(Stop::Missing)?.insert(offset);
		Ok(element)
	}
}

//! Deriving every slot of a graph, and finding what is wrong with it.

use alloc::vec::Vec;
use codec::Encode;

use super::{
	Graph, Invalid, InvalidGraph, Node, Source, MAX_ENTRIES, MAX_NODE_BYTES, MAX_OPERANDS, SPEC,
};
use crate::{
	limits,
	op::Op,
	ops,
	shape::Layout,
	symbol::{Bindings, Symbol, MAX_SYMBOLS},
	tensor::TensorType,
};

/// Everything structural about a graph for one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
	/// Type of each graph input.
	pub inputs: Vec<TensorType>,
	/// Type and layout of each slot, in topological order.
	pub slots: Vec<(TensorType, Layout)>,
}

impl Plan {
	/// Type and layout of an operand.
	pub fn operand(&self, graph: &Graph, source: Source) -> Option<(TensorType, Layout)> {
		match source {
			Source::Input(at) => Some((self.inputs.get(at as usize)?.clone(), Layout::row_major())),
			Source::Initializer(at) => {
				let initializer = graph.initializers.get(at as usize)?;
				Some((initializer.kind.clone(), initializer.layout.clone()))
			},
			Source::Slot(slot) if slot.output == 0 => self.slots.get(slot.node as usize).cloned(),
			Source::Slot(_) => None,
		}
	}
}

/// Whether there are at most four symbols, each with some value.
pub(super) fn symbols_are_valid(symbols: &[Symbol]) -> bool {
	symbols.len() <= MAX_SYMBOLS && symbols.iter().all(|symbol| symbol.minimum <= symbol.maximum)
}

/// Physical order of an operand.
pub(super) fn layout_of(graph: &Graph, source: Source) -> Option<&Layout> {
	static ROW_MAJOR: Layout = Layout::row_major();
	match source {
		Source::Input(_) => Some(&ROW_MAJOR),
		Source::Initializer(at) => Some(&graph.initializers.get(at as usize)?.layout),
		Source::Slot(slot) => Some(&graph.nodes.get(slot.node as usize)?.layout),
	}
}

/// See [`Graph::validate`].
pub(super) fn validate(graph: &Graph, bindings: &Bindings) -> Result<Plan, InvalidGraph> {
	if graph.spec != SPEC {
		return Err(InvalidGraph::UnknownSpec);
	}
	if !symbols_are_valid(&graph.symbols) {
		return Err(InvalidGraph::BadSymbol);
	}
	if !bindings.fit(&graph.symbols) {
		return Err(InvalidGraph::BadBindings);
	}
	check_counts(graph)?;
	let inputs = check_inputs(graph, bindings)?;
	check_initializers(graph)?;

	let mut plan = Plan { inputs, slots: Vec::with_capacity(graph.nodes.len()) };
	for (number, node) in (0_u32..).zip(&graph.nodes) {
		let kind = check_in_plan(graph, &plan, number, node, bindings)
			.map_err(|reason| InvalidGraph::Node { node: number, reason })?;
		plan.slots.push((kind, node.layout.clone()));
	}
	for (number, slot) in (0_u32..).zip(&graph.outputs) {
		let kept = plan.slots.get(slot.node as usize).filter(|_| slot.output == 0);
		if !kept.is_some_and(|(_, layout)| layout.is_row_major()) {
			return Err(InvalidGraph::BadOutput(number));
		}
	}
	Ok(plan)
}

fn check_counts(graph: &Graph) -> Result<(), InvalidGraph> {
	let counts =
		[graph.inputs.len(), graph.initializers.len(), graph.nodes.len(), graph.outputs.len()];
	let bounded = counts.iter().all(|count| *count <= MAX_ENTRIES as usize);
	(bounded && !graph.outputs.is_empty()).then_some(()).ok_or(InvalidGraph::BadEntryCount)
}

fn check_inputs(graph: &Graph, bindings: &Bindings) -> Result<Vec<TensorType>, InvalidGraph> {
	let bind = |(number, input): (u32, &crate::symbol::SymbolicType)| {
		input.bind(bindings).ok_or(InvalidGraph::BadInput(number))
	};
	(0_u32..).zip(&graph.inputs).map(bind).collect()
}

fn check_initializers(graph: &Graph) -> Result<(), InvalidGraph> {
	for (number, initializer) in (0_u32..).zip(&graph.initializers) {
		if !initializer.layout.fits(initializer.kind.shape.rank()) {
			return Err(InvalidGraph::BadInitializer(number));
		}
	}
	Ok(())
}

fn check_in_plan(
	graph: &Graph,
	plan: &Plan,
	number: u32,
	node: &Node,
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	check_references(node, number, graph.inputs.len(), graph.initializers.len())?;
	let operands: Option<Vec<_>> =
		node.inputs.iter().map(|source| plan.operand(graph, *source)).collect();
	check_node(node, &operands.ok_or(Invalid::UnknownOperand)?, bindings)
}

/// Whether every operand of node `number` exists before it.
pub(crate) fn check_references(
	node: &Node,
	number: u32,
	inputs: usize,
	initializers: usize,
) -> Result<(), Invalid> {
	if node.inputs.len() > MAX_OPERANDS {
		return Err(Invalid::OperandCount);
	}
	for source in &node.inputs {
		let (exists, error) = match source {
			Source::Input(at) => ((*at as usize) < inputs, Invalid::UnknownOperand),
			Source::Initializer(at) => ((*at as usize) < initializers, Invalid::UnknownOperand),
			Source::Slot(slot) if slot.output == 0 => {
				(slot.node < number, Invalid::ForwardReference)
			},
			Source::Slot(_) => (false, Invalid::UnknownOperand),
		};
		if !exists {
			return Err(error);
		}
	}
	Ok(())
}

/// The type of a node's output given its operands, or why the node is invalid.
pub fn check_node(
	node: &Node,
	operands: &[(TensorType, Layout)],
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	if node.encoded_size() > MAX_NODE_BYTES {
		return Err(Invalid::TooLarge);
	}
	let derived = derive(&node.op, operands, &node.layout, bindings)?;
	let stated = node.output.bind(bindings);
	(stated.as_ref() == Some(&derived)).then_some(derived).ok_or(Invalid::WrongOutput)
}

/// What a primitive makes of its operands, all limits checked.
pub(super) fn derive(
	op: &Op,
	operands: &[(TensorType, Layout)],
	layout: &Layout,
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	let kinds: Vec<TensorType> = operands.iter().map(|(kind, _)| kind.clone()).collect();
	let output = ops::infer(op, &kinds, bindings)?;
	if !layout.fits(output.shape.rank()) {
		return Err(Invalid::BadLayout);
	}
	limits::check(op, operands, &output)?;
	Ok(output)
}

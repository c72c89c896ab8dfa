//! The exact engine: runs a graph element by element, by the definition alone.

use alloc::vec::Vec;

use crate::{
	arith::F32,
	commitment::Blake2b256,
	graph::{Graph, InvalidGraph, Node, Source},
	ops::{self, Inputs, Stop, Task, OWN_OUTPUT},
	probe::{self, Moves},
	shape::Layout,
	symbol::Bindings,
	tensor::{DType, Element, Tensor, TensorType, View},
};

/// Why a graph did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
	/// The graph is invalid for these symbols.
	Invalid(InvalidGraph),
	/// There is not one input of the declared type for each that the graph declares.
	WrongInput(u32),
	/// There is not one initializer of the declared type and layout for each of the graph.
	WrongInitializer(u32),
	/// An element has neither a value nor a fault: a defect of this crate.
	Undefined {
		/// Number of the node.
		node: u32,
		/// Row-major index of the element.
		element: u64,
	},
}

/// Where a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
	/// Number of the slot.
	pub slot: u32,
	/// Row-major index of its first element without a value.
	pub element: u64,
}

/// What a run computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
	/// The tensor of each slot, as far as the run came.
	pub slots: Vec<Tensor>,
	/// Where it ended, if it did not reach the end.
	pub fault: Option<Fault>,
}

/// Runs a graph on inputs, with the tensors of its initializers. Does not check their roots.
pub fn run(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
) -> Result<Run, RunError> {
	run_as(graph, bindings, inputs, initializers, None)
}

/// Runs a graph as the probe with these moves.
pub fn run_probe(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	moves: &Moves,
) -> Result<Run, RunError> {
	run_as(graph, bindings, inputs, initializers, Some(moves))
}

fn run_as(
	graph: &Graph,
	bindings: &Bindings,
	inputs: &[Tensor],
	initializers: &[Tensor],
	moves: Option<&Moves>,
) -> Result<Run, RunError> {
	let plan = graph.validate(bindings).map_err(RunError::Invalid)?;
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
	let mut run = Run { slots: Vec::with_capacity(graph.nodes.len()), fault: None };
	for (slot, (node, (kind, _))) in (0_u32..).zip(graph.nodes.iter().zip(&plan.slots)) {
		let operands = operands_of(node, inputs, initializers, &run.slots);
		let operands = operands.ok_or(RunError::Undefined { node: slot, element: 0 })?;
		let ran = match moves {
			Some(moves) => {
				let moved = probe::operands::<Blake2b256>(graph, node, &operands, moves);
				run_node(node, kind, bindings, &moved.iter().collect::<Vec<_>>())
			},
			None => run_node(node, kind, bindings, &operands),
		};
		match ran {
			Ok(tensor) => run.slots.push(tensor),
			Err((element, Stop::Fault)) => {
				run.fault = Some(Fault { slot, element });
				return Ok(run);
			},
			Err((element, _)) => return Err(RunError::Undefined { node: slot, element }),
		}
	}
	Ok(run)
}

/// The tensors that a node reads.
pub fn operands_of<'a>(
	node: &Node,
	inputs: &'a [Tensor],
	initializers: &'a [Tensor],
	slots: &'a [Tensor],
) -> Option<Vec<&'a Tensor>> {
	let find = |source: &Source| match source {
		Source::Input(at) => inputs.get(*at as usize),
		Source::Initializer(at) => initializers.get(*at as usize),
		Source::Slot(slot) => slots.get(slot.node as usize),
	};
	node.inputs.iter().map(find).collect()
}

/// Runs one valid node whose output has the type `kind`, or says at which element it stopped.
pub fn run_node(
	node: &Node,
	kind: &TensorType,
	bindings: &Bindings,
	operands: &[&Tensor],
) -> Result<Tensor, (u64, Stop)> {
	let task = Task { op: &node.op, bindings, output: kind };
	let broken = (0, Stop::Malformed);
	let length = usize::try_from(kind.bytes()).map_err(|_| broken)?;
	let own = Tensor::with_layout(kind.clone(), node.layout.clone(), alloc::vec![0; length]);
	let mut whole = Whole::new(operands, own.ok_or(broken)?);
	for index in 0..kind.shape.count() {
		let element = ops::element(&task, index, &mut whole).map_err(|stop| (index, stop))?;
		whole.write(index, element).ok_or((index, Stop::Malformed))?;
	}
	let Whole { output, .. } = whole;
	Tensor::with_layout(kind.clone(), node.layout.clone(), output).ok_or(broken)
}

/// A tensor that is read.
struct Operand<'a> {
	view: View,
	data: &'a [u8],
	/// The same if the type is float32, for [`Inputs::read_float`].
	floats: &'a [[u8; 4]],
}

/// Reads whole tensors, and the part of the output that is already there.
struct Whole<'a> {
	operands: Vec<Operand<'a>>,
	own: View,
	output: Vec<u8>,
}

impl<'a> Whole<'a> {
	fn new(operands: &[&'a Tensor], own: Tensor) -> Self {
		let operand = |tensor: &&'a Tensor| {
			let (data, float) = (tensor.data(), tensor.dtype() == DType::Float32);
			let floats = if float { data.as_chunks().0 } else { &[] };
			Operand { view: tensor.view(), data, floats }
		};
		Self {
			operands: operands.iter().map(operand).collect(),
			own: own.view(),
			output: own.into_data(),
		}
	}

	fn write(&mut self, index: u64, element: Element) -> Option<()> {
		let size = self.own.kind.dtype.size();
		if element.dtype() != self.own.kind.dtype {
			return None;
		}
		let start = usize::try_from(self.own.offset_of_index(index)).ok()?.checked_mul(size)?;
		let place = self.output.get_mut(start..start.checked_add(size)?)?;
		place.iter_mut().zip(element.bits().to_le_bytes()).for_each(|(to, from)| *to = from);
		Some(())
	}
}

impl Inputs for Whole<'_> {
	fn count(&self) -> usize {
		self.operands.len()
	}

	fn view(&self, operand: usize) -> Option<&View> {
		if operand == OWN_OUTPUT {
			return Some(&self.own);
		}
		self.operands.get(operand).map(|operand| &operand.view)
	}

	#[inline]
	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop> {
		if operand == OWN_OUTPUT {
			return element_of(&self.own, &self.output, offset).ok_or(Stop::Missing);
		}
		let operand = self.operands.get(operand).ok_or(Stop::Missing)?;
		element_of(&operand.view, operand.data, offset).ok_or(Stop::Missing)
	}

	#[inline]
	fn read_float(&mut self, operand: usize, offset: u64) -> Result<F32, Stop> {
		let at = usize::try_from(offset).map_err(|_| Stop::Missing)?;
		let operand = self.operands.get(operand).ok_or(Stop::Missing)?;
		let bytes = operand.floats.get(at).ok_or(Stop::Missing)?;
		Ok(F32::from_bits(u32::from_le_bytes(*bytes)))
	}
}

/// The element at a physical offset of bytes.
#[inline]
fn element_of(view: &View, data: &[u8], offset: u64) -> Option<Element> {
	let size = view.kind.dtype.size();
	let start = usize::try_from(offset).ok()?.checked_mul(size)?;
	Element::from_bytes(view.kind.dtype, data.get(start..start.checked_add(size)?)?)
}

/// The row-major copy of a tensor: how graph outputs are delivered.
pub fn row_major(tensor: &Tensor) -> Option<Tensor> {
	tensor.relaid(&Layout::row_major())
}

//! D6: what the job delivers by the history that survived, and whether what was submitted is that.
//!
//! The canonical outputs are slots of the surviving history; what was submitted is a list of
//! tensors of which the chain may know the root alone. Each side is opened by a proof of its own,
//! [`delivered`] and [`submitted`], and [`Rule::compare`] decides.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use super::{
	claim::{stated, stated_by},
	opened::{check_header, check_size, History, OpenedTensor, Place},
	proof::decode,
	Context, Malformed, NodeProof, Opening,
};
use crate::{
	arith::F32,
	commitment::{
		entry_leaf, fault_leaf, slot_leaf, tag, tensor_root_of, tensors_root, GraphHeader, Hash,
		Hasher, Tree,
	},
	exact::Fault,
	graph::Slot,
	limits::{opening_bytes, MAX_OPENING},
	ops,
	shape::{Coordinates, Layout},
	tensor::{Element, TensorType},
	tolerance,
};

mod agreement;
mod submitted;
#[cfg(test)]
mod tests;

pub use agreement::{Agreement, Rule};
pub use submitted::{submitted, Contents, RawTensor, SubmissionProof, Submitted, SubmittedTensor};

/// Shows what a history delivers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum OutputProof {
	/// A declared output.
	#[codec(index = 0)]
	Tensor {
		/// The node whose output it is.
		node: NodeProof,
		/// Number of the declared output.
		number: u32,
		/// The siblings that lead from the slot to the root of the list of outputs.
		path: Vec<Hash>,
		/// What is read of it: nothing if its type is enough.
		opening: Opening,
	},
	/// The run ended early.
	#[codec(index = 1)]
	Fault {
		/// The header of the graph.
		header: GraphHeader,
		/// Number of the slot in which it ended.
		slot: u32,
		/// Row-major index of its first element without a value.
		element: u64,
		/// The siblings that lead from the slot to the trace root.
		trace_path: Vec<Hash>,
	},
	/// The run came to the end: its last slot has a tensor.
	#[codec(index = 2)]
	Complete {
		/// The header of the graph.
		header: GraphHeader,
		/// The root of that tensor.
		tensor: Hash,
		/// The siblings that lead from the slot to the trace root.
		trace_path: Vec<Hash>,
	},
	/// The same, and all declared outputs.
	#[codec(index = 3)]
	Tensors {
		/// The header of the graph.
		header: GraphHeader,
		/// The root of the last slot's tensor.
		last: Hash,
		/// The siblings that lead from the slot to the trace root.
		trace_path: Vec<Hash>,
		/// The outputs, in order.
		outputs: Vec<OutputRoot>,
	},
}

/// A declared output at its place in the graph and in the history, by its root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct OutputRoot {
	/// Number of the node whose output it is.
	pub number: u32,
	/// The encoded node.
	pub node: Vec<u8>,
	/// The siblings that lead from the node to the root of the list of nodes.
	pub path: Vec<Hash>,
	/// The root of the tensor's chunks.
	pub chunks: Hash,
	/// The siblings that lead from the slot to the trace root.
	pub trace_path: Vec<Hash>,
}

/// What a history delivers.
#[derive(Clone, Debug)]
pub enum Delivered {
	/// This tensor, unless the run ended early.
	Tensor(DeliveredTensor),
	/// No tensors: that the run ended there is the result.
	Fault(Fault),
	/// Tensors, whichever they are.
	Complete,
	/// Tensors of which the list has this root, if they are submitted with the same bits.
	Tensors(Hash),
}

/// An output of the graph, and what was opened of it.
#[derive(Clone, Debug)]
pub struct DeliveredTensor {
	number: u32,
	opened: OpenedTensor,
}

impl DeliveredTensor {
	/// Number of the declared output.
	pub const fn number(&self) -> u32 {
		self.number
	}

	/// Type and shape, which the graph and the symbols alone decide.
	pub const fn kind(&self) -> &TensorType {
		&self.opened.view().kind
	}

	/// The element at a row-major index.
	pub fn element(&mut self, element: u64) -> Result<Element, Malformed> {
		let at = self.coordinates(element)?;
		self.read(&at)
	}

	/// The scale of the row that runs along `axis` through an element of a float32 tensor: of all
	/// the row's elements, which are to be opened. Without such an axis the element is a row of its
	/// own.
	pub fn scale(&mut self, element: u64, axis: u8) -> Result<F32, Malformed> {
		let (mut at, axis) = (self.coordinates(element)?, usize::from(axis));
		let mut row = Vec::new();
		for along in 0..self.kind().shape.extent(axis) {
			at.set(axis, along);
			row.push(self.read(&at)?.to_f32());
		}
		Ok(tolerance::scale(row))
	}

	fn coordinates(&self, element: u64) -> Result<Coordinates, Malformed> {
		let shape = &self.kind().shape;
		let inside = element < shape.count();
		inside.then(|| Coordinates::of(element, shape)).ok_or(Malformed::NoSuchElement)
	}

	fn read(&mut self, at: &Coordinates) -> Result<Element, Malformed> {
		let offset = self.opened.view().offset(at);
		self.opened.read(offset).ok_or(Malformed::MissingChunk)
	}
}

/// Whether every row of an output fits an opening: where one does not, nobody can show its scale, so
/// that a version with a tolerance must not have such outputs.
pub fn row_fits(kind: &TensorType, axis: u8) -> bool {
	let mut reach = ops::ONE;
	if let Some(extent) = reach.get_mut(usize::from(axis)) {
		*extent = kind.shape.extent(axis.into());
	}
	opening_bytes(kind, &Layout::row_major(), &reach) <= MAX_OPENING
}

/// What the history of `context` delivers, shown by `proof`, an encoded [`OutputProof`].
pub fn delivered<H: Hasher>(context: &Context, proof: &[u8]) -> Result<Delivered, Malformed> {
	match decode(proof)? {
		OutputProof::Tensor { node, number, path, opening } => {
			open_output::<H>(context, node, number, &path, opening).map(Delivered::Tensor)
		},
		OutputProof::Fault { header, slot, element, trace_path } => {
			check_header::<H>(context, &header)?;
			let history = History { context, slots: header.nodes.count };
			let holds = history.holds::<H>(slot, fault_leaf::<H>(element), &trace_path);
			let fault = Delivered::Fault(Fault { slot, element });
			holds.then_some(fault).ok_or(Malformed::WrongOpening)
		},
		OutputProof::Complete { header, tensor, trace_path } => {
			check_complete::<H>(context, &header, &tensor, &trace_path)?;
			Ok(Delivered::Complete)
		},
		OutputProof::Tensors { header, last, trace_path, outputs } => {
			// Outputs may have tensors in a run that ends early, in a slot after theirs.
			check_complete::<H>(context, &header, &last, &trace_path)?;
			list_outputs::<H>(context, &header, &outputs).map(Delivered::Tensors)
		},
	}
}

/// Whether the run came to the end: its last slot has the tensor with this root.
fn check_complete<H: Hasher>(
	context: &Context,
	header: &GraphHeader,
	tensor: &Hash,
	trace_path: &[Hash],
) -> Result<(), Malformed> {
	check_header::<H>(context, header)?;
	let history = History { context, slots: header.nodes.count };
	let last = history.slots.checked_sub(1).ok_or(Malformed::WrongOpening)?;
	let holds = history.holds::<H>(last, slot_leaf::<H>(tensor), trace_path);
	holds.then_some(()).ok_or(Malformed::WrongOpening)
}

/// The root of the list of all declared outputs as they are submitted: with the same bits, and
/// row-major. Slots have the same roots if their nodes are laid out so, as in every valid graph.
fn list_outputs<H: Hasher>(
	context: &Context,
	header: &GraphHeader,
	outputs: &[OutputRoot],
) -> Result<Hash, Malformed> {
	// Before anything is hashed of them.
	if outputs.len() as u64 != u64::from(header.outputs.count) {
		return Err(Malformed::WrongOutput);
	}
	let entry = |output: &OutputRoot| Slot { node: output.number, output: 0 }.encode();
	let entries = outputs.iter().map(|output| entry_leaf::<H>(tag::OUTPUT, &entry(output)));
	if Tree::<H>::new(entries.collect()).root() != header.outputs.root {
		return Err(Malformed::WrongOutput);
	}
	let history = History { context, slots: header.nodes.count };
	let mut roots = Vec::with_capacity(outputs.len());
	for OutputRoot { number, node, path, chunks, trace_path } in outputs {
		if !header.nodes.holds::<H>(*number, entry_leaf::<H>(tag::NODE, node), path) {
			return Err(Malformed::WrongNode);
		}
		let (kind, layout) = stated_by(context, node)?;
		if !layout.is_row_major() {
			return Err(Malformed::Incomparable);
		}
		let root = tensor_root_of::<H>(&kind, chunks);
		if !history.holds::<H>(*number, slot_leaf::<H>(&root), trace_path) {
			return Err(Malformed::WrongOpening);
		}
		roots.push(root);
	}
	Ok(tensors_root::<H>(&roots))
}

fn open_output<H: Hasher>(
	context: &Context,
	node: NodeProof,
	number: u32,
	path: &[Hash],
	opening: Opening,
) -> Result<DeliveredTensor, Malformed> {
	let (kind, layout) = stated::<H>(context, &node)?;
	// A declared output other than the first of its node makes no valid graph.
	let entry = Slot { node: node.number, output: 0 }.encode();
	if !node.header.outputs.holds::<H>(number, entry_leaf::<H>(tag::OUTPUT, &entry), path) {
		return Err(Malformed::WrongOutput);
	}
	check_size([&opening])?;
	let history = History { context, slots: node.header.nodes.count };
	history.check::<H>(&kind, Place::Slot(node.number), &opening)?;
	Ok(DeliveredTensor { number, opened: OpenedTensor::new(&kind, &layout, opening) })
}

//! Reading what a history says of an element.

use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use super::{
	opened::{check_place, History, OpenedTensor, Place},
	proof::decode,
	Claim, Context, Malformed, NodeProof, Opening,
};
use crate::{
	commitment::{fault_leaf, unreached_leaf, Hash, Hasher},
	graph::Node,
	shape::Layout,
	tensor::{TensorType, View},
};
use alloc::vec::Vec;

/// What a slot of a history is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum SlotProof {
	/// It has a tensor, of which the chunk with the element is opened.
	#[codec(index = 0)]
	Value(Opening),
	/// The run ended in it, at this element.
	#[codec(index = 1)]
	Fault {
		/// Row-major index of the first element without a value.
		element: u64,
		/// The siblings that lead to the trace root.
		trace_path: Vec<Hash>,
	},
	/// The run ended before it.
	#[codec(index = 2)]
	Unreached {
		/// The siblings that lead to the trace root.
		trace_path: Vec<Hash>,
	},
}

/// Shows what a history says of an element of a node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ClaimProof {
	/// The node.
	pub node: NodeProof,
	/// The slot.
	pub slot: SlotProof,
}

/// The type and layout of a slot, as its node states them. Histories have nothing to say of them.
pub fn stated<H: Hasher>(
	context: &Context,
	proof: &NodeProof,
) -> Result<(TensorType, Layout), Malformed> {
	check_place::<H>(context, proof)?;
	stated_by(context, &proof.node)
}

/// The same of an encoded node that is at its place.
pub(super) fn stated_by(
	context: &Context,
	mut encoded: &[u8],
) -> Result<(TensorType, Layout), Malformed> {
	let node = Node::decode_all(&mut encoded).map_err(|_| Malformed::WrongNode)?;
	let kind = node.output.bind(context.bindings).ok_or(Malformed::WrongNode)?;
	let fits = node.layout.fits(kind.shape.rank());
	fits.then_some((kind, node.layout)).ok_or(Malformed::WrongNode)
}

/// What the history of `context` says of the element at a row-major index, shown by `proof`, an
/// encoded [`ClaimProof`]: `None` if it says nothing, because its run ended before.
///
/// In a slot with a fault, elements before the one in which the run ended have values that the
/// history does not state.
pub fn claimed<H: Hasher>(
	context: &Context,
	element: u64,
	proof: &[u8],
) -> Result<Option<Claim>, Malformed> {
	let proof: ClaimProof = decode(proof)?;
	let (kind, layout) = stated::<H>(context, &proof.node)?;
	if element >= kind.shape.count() {
		return Err(Malformed::NoSuchElement);
	}
	let (number, slots) = (proof.node.number, proof.node.header.nodes.count);
	let history = History { context, slots };
	match proof.slot {
		SlotProof::Value(opening) => {
			history.check::<H>(&kind, Place::Slot(number), &opening)?;
			let offset = View::new(&kind, &layout).offset_of_index(element);
			let mut tensor = OpenedTensor::new(&kind, &layout, opening);
			let value = tensor.read(offset).ok_or(Malformed::MissingChunk)?;
			Ok(Some(Claim::Value(value)))
		},
		SlotProof::Fault { element: at, trace_path } => {
			let holds = history.holds::<H>(number, fault_leaf::<H>(at), &trace_path);
			let claim = (at == element).then_some(Claim::Fault);
			holds.then_some(claim).ok_or(Malformed::WrongOpening)
		},
		SlotProof::Unreached { trace_path } => {
			let holds = history.holds::<H>(number, unreached_leaf::<H>(), &trace_path);
			holds.then_some(None).ok_or(Malformed::WrongOpening)
		},
	}
}

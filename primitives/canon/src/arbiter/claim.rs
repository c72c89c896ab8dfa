//! Reading what a history says of an element.

use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use super::{
	opened::{check_header, History, OpenedTensor, Place},
	Claim, Context, Malformed, Opening, MAX_PROOF_BYTES,
};
use crate::{
	commitment::{entry_leaf, fault_leaf, tag, unreached_leaf, GraphHeader, Hash, Hasher},
	graph::Node,
	tensor::View,
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
	/// The header of the graph.
	pub header: GraphHeader,
	/// Number of the node.
	pub number: u32,
	/// The encoded node.
	pub node: Vec<u8>,
	/// The siblings that lead from the node to the root of the list of nodes.
	pub node_path: Vec<Hash>,
	/// The slot.
	pub slot: SlotProof,
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
	if proof.len() > MAX_PROOF_BYTES {
		return Err(Malformed::TooLong);
	}
	let mut bytes = proof;
	let proof = ClaimProof::decode_all(&mut bytes).map_err(|_| Malformed::Undecodable)?;
	check_header::<H>(context, &proof.header)?;
	let leaf = entry_leaf::<H>(tag::NODE, &proof.node);
	if !proof.header.nodes.holds::<H>(proof.number, leaf, &proof.node_path) {
		return Err(Malformed::WrongNode);
	}
	let mut encoded = proof.node.as_slice();
	let node = Node::decode_all(&mut encoded).map_err(|_| Malformed::WrongNode)?;
	let kind = node.output.bind(context.bindings).ok_or(Malformed::NoSuchElement)?;
	let fits = element < kind.shape.count() && node.layout.fits(kind.shape.rank());
	if !fits {
		return Err(Malformed::NoSuchElement);
	}
	let history = History { context, slots: proof.header.nodes.count };
	match proof.slot {
		SlotProof::Value(opening) => {
			history.check::<H>(&kind, Place::Slot(proof.number), &opening)?;
			let offset = View::new(&kind, &node.layout).offset_of_index(element);
			let mut tensor = OpenedTensor::new(&kind, &node.layout, opening);
			let value = tensor.read(offset).ok_or(Malformed::MissingChunk)?;
			Ok(Some(Claim::Value(value)))
		},
		SlotProof::Fault { element: at, trace_path } => {
			let holds = history.holds::<H>(proof.number, fault_leaf::<H>(at), &trace_path);
			let claim = (at == element).then_some(Claim::Fault);
			holds.then_some(claim).ok_or(Malformed::WrongOpening)
		},
		SlotProof::Unreached { trace_path } => {
			let holds = history.holds::<H>(proof.number, unreached_leaf::<H>(), &trace_path);
			holds.then_some(None).ok_or(Malformed::WrongOpening)
		},
	}
}

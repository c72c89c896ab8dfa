//! What a prover supplies.

use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use super::{Malformed, MAX_PROOF_BYTES};
use crate::commitment::{GraphHeader, Hash};

/// One chunk of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Chunk {
	/// Its number.
	pub index: u32,
	/// Its bytes.
	pub bytes: Vec<u8>,
}

/// Chunks of one tensor by ascending number, with their multiproof. Both are empty if nothing of
/// the tensor is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Opening {
	/// The chunks.
	pub chunks: Vec<Chunk>,
	/// The siblings that lead from them to the chunk root.
	pub siblings: Vec<Hash>,
	/// If the tensor is a slot: the siblings that lead from it to the trace root.
	pub trace_path: Vec<Hash>,
}

/// What an operand is, and what of it is read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct OperandProof {
	/// Its encoded entry in the graph: a [`crate::symbol::SymbolicType`] of an input, an
	/// [`crate::graph::Initializer`], or the [`crate::graph::Node`] whose output it is.
	pub entry: Vec<u8>,
	/// The siblings that lead from the entry to the root of its list.
	pub entry_path: Vec<Hash>,
	/// What is read of it.
	pub opening: Opening,
}

/// A node at its place in the graph.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct NodeProof {
	/// The header of the graph.
	pub header: GraphHeader,
	/// Number of the node.
	pub number: u32,
	/// The encoded node.
	pub node: Vec<u8>,
	/// The siblings that lead from the node to the root of the list of nodes.
	pub path: Vec<Hash>,
}

/// Everything that one element is recomputed from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Proof {
	/// The node.
	pub node: NodeProof,
	/// One for each operand.
	pub operands: Vec<OperandProof>,
	/// What is read of the node's own output: for TopK, the element just before.
	pub own: Opening,
}

/// The number of the node that an encoded [`Proof`] or [`super::ClaimProof`] is about.
pub fn node_number(proof: &[u8]) -> Option<u32> {
	let mut bytes = proof.get(..proof.len().min(MAX_PROOF_BYTES))?;
	let (_, number) = <(GraphHeader, u32)>::decode(&mut bytes).ok()?;
	Some(number)
}

/// The proof that bytes are, all of them.
pub(super) fn decode<P: Decode>(bytes: &[u8]) -> Result<P, Malformed> {
	if bytes.len() > MAX_PROOF_BYTES {
		return Err(Malformed::TooLong);
	}
	let mut bytes = bytes;
	P::decode_all(&mut bytes).map_err(|_| Malformed::Undecodable)
}

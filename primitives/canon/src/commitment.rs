//! Commitments: BLAKE2b-256 with domain separation, chunks of 1 KiB, binary trees.
//!
//! Every hash is [`digest`] of a tag that says what is hashed and of parts with their lengths, so
//! that nothing hashed as one kind is ever read as another.

use core::mem;

use crate::tensor::Tensor;

mod empty;
mod graph;
mod hasher;
mod multiproof;
mod roots;
#[cfg(test)]
mod tests;
mod tree;

pub use empty::empty;
pub(crate) use graph::entry_leaf;
pub use graph::{CommittedGraph, GraphHeader, List};
pub use hasher::{Blake2b256, Hash, Hasher};
pub use multiproof::{fold_multiproof, MAX_LEAVES};
pub use roots::{
	chunk_count, chunk_leaf, chunk_length, chunk_root, fault_leaf, faulted_root, slot_leaf,
	tensor_root_from, tensor_root_of, tensors_root, tensors_root_of, trace_leaf_of, trace_root_of,
	unreached_leaf,
};
pub use tree::{depth, descendant_count, fold_descendants, verify_descendants, Tree};

/// Bytes of a chunk; the last one of a tensor may be shorter.
pub const CHUNK: usize = 1024;

/// Levels between a node and the descendants that one reveal shows.
pub const REVEAL_LEVELS: u32 = 8;

/// Bytes within which everything is hashed but chunks and entries. Those are put together on the
/// heap, for which a runtime has to ask its host.
const SHORT: usize = 128;

/// Separates what is hashed. The bytes are part of the format.
pub(crate) mod tag {
	/// Two neighbors of a tree.
	pub const PAIR: &[u8] = b"pair";
	/// A chunk of a tensor.
	pub const CHUNK: &[u8] = b"chunk";
	/// A tensor.
	pub const TENSOR: &[u8] = b"tensor";
	/// A list of tensors.
	pub const TENSORS: &[u8] = b"tensors";
	/// A slot that has a value.
	pub const SLOT: &[u8] = b"slot";
	/// A slot in which the run ended.
	pub const FAULT: &[u8] = b"fault";
	/// A slot after the one in which the run ended.
	pub const UNREACHED: &[u8] = b"unreached";
	/// What was submitted of a run that ended early.
	pub const FAULTED: &[u8] = b"faulted";
	/// A trace.
	pub const TRACE: &[u8] = b"trace";
	/// A declared input of a graph.
	pub const INPUT: &[u8] = b"input";
	/// An initializer of a graph.
	pub const INITIALIZER: &[u8] = b"initializer";
	/// A node of a graph.
	pub const NODE: &[u8] = b"node";
	/// An output of a graph.
	pub const OUTPUT: &[u8] = b"output";
	/// A graph.
	pub const GRAPH: &[u8] = b"graph";
	/// How a probe moves part of what an operator reads.
	pub const PROBE: &[u8] = b"probe";
}

/// The hash of parts under a tag: `H(len(tag): u8, tag, len(part): u32, part, ...)`.
#[inline]
pub fn digest<H: Hasher>(tag: &[u8], parts: &[&[u8]]) -> Hash {
	let length = parts.iter().fold(tag.len().saturating_add(1), |length, part| {
		length.saturating_add(4).saturating_add(part.len())
	});
	let mut short = [0; SHORT];
	match short.get_mut(..length) {
		Some(bytes) => {
			write(bytes, tag, parts);
			H::hash(bytes)
		},
		None => {
			let mut bytes = alloc::vec![0; length];
			write(&mut bytes, tag, parts);
			H::hash(&bytes)
		},
	}
}

/// Writes what [`digest`] hashes to as many bytes as it has.
#[inline]
fn write(mut bytes: &mut [u8], tag: &[u8], parts: &[&[u8]]) {
	let mut put = |part: &[u8]| {
		if let Some((place, rest)) = mem::take(&mut bytes).split_at_mut_checked(part.len()) {
			place.copy_from_slice(part);
			bytes = rest;
		}
	};
	// Tags are a few bytes; parts are at most as long as a proof.
	put(&[tag.len() as u8]);
	put(tag);
	for part in parts {
		put(&(part.len() as u32).to_le_bytes());
		put(part);
	}
}

/// The tree over a tensor's chunks, in the order of its layout.
pub fn chunk_tree<H: Hasher>(tensor: &Tensor) -> Tree<H> {
	Tree::new(tensor.data().chunks(CHUNK).map(chunk_leaf::<H>).collect())
}

/// The commitment to a tensor: its type, shape and chunks.
pub fn tensor_root<H: Hasher>(tensor: &Tensor) -> Hash {
	tensor_root_of::<H>(tensor.kind(), &chunk_tree::<H>(tensor).root())
}

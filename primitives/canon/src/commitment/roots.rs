//! Roots of tensors and traces.

use super::{digest, tag, tree::Tree, Hash, Hasher, CHUNK};
use crate::tensor::TensorType;
use alloc::vec::Vec;

/// Chunks of a tensor.
pub fn chunk_count(kind: &TensorType) -> u64 {
	kind.bytes().div_ceil(CHUNK as u64)
}

/// Bytes of a tensor's chunk; 0 beyond the last.
pub fn chunk_length(kind: &TensorType, index: u64) -> u64 {
	kind.bytes().saturating_sub(index.saturating_mul(CHUNK as u64)).min(CHUNK as u64)
}

/// The leaf that a chunk is.
pub fn chunk_leaf<H: Hasher>(bytes: &[u8]) -> Hash {
	digest::<H>(tag::CHUNK, &[bytes])
}

/// The root of the tree over the chunks of bytes.
pub fn chunk_root<H: Hasher>(bytes: &[u8]) -> Hash {
	Tree::<H>::new(bytes.chunks(CHUNK).map(chunk_leaf::<H>).collect()).root()
}

/// The commitment to a tensor of this type whose chunks have this root.
pub fn tensor_root_of<H: Hasher>(kind: &TensorType, chunks: &Hash) -> Hash {
	tensor_root_from::<H>(kind.dtype as u8, kind.shape.extents(), chunks)
}

/// The same of a type that is given by its number: types that have no arithmetic here have
/// commitments too.
pub fn tensor_root_from<H: Hasher>(dtype: u8, extents: &[u32], chunks: &Hash) -> Hash {
	let extents: Vec<u8> = extents.iter().flat_map(|extent| extent.to_le_bytes()).collect();
	digest::<H>(tag::TENSOR, &[&[dtype], &extents, chunks])
}

/// The commitment to a list of tensors with these roots: a job's inputs, or its outputs.
pub fn tensors_root<H: Hasher>(roots: &[Hash]) -> Hash {
	// A list has as many tensors as a version declares.
	tensors_root_of::<H>(roots.len() as u32, &Tree::<H>::new(roots.to_vec()).root())
}

/// The commitment to a list of `count` tensors whose roots have this root.
pub fn tensors_root_of<H: Hasher>(count: u32, tensors: &Hash) -> Hash {
	digest::<H>(tag::TENSORS, &[&count.to_le_bytes(), tensors])
}

/// The leaf of a slot whose tensor has this root.
pub fn slot_leaf<H: Hasher>(tensor: &Hash) -> Hash {
	digest::<H>(tag::SLOT, &[tensor])
}

/// The leaf of the slot in which a run ended: the row-major index of its first element without a
/// value.
pub fn fault_leaf<H: Hasher>(element: u64) -> Hash {
	digest::<H>(tag::FAULT, &[&element.to_le_bytes()])
}

/// The leaf of a slot after the one in which a run ended.
pub fn unreached_leaf<H: Hasher>() -> Hash {
	digest::<H>(tag::UNREACHED, &[])
}

/// What is submitted in place of the root of a list of tensors, of a run that ended in this slot
/// before this element had a value.
pub fn faulted_root<H: Hasher>(slot: u32, element: u64) -> Hash {
	digest::<H>(tag::FAULTED, &[&slot.to_le_bytes(), &element.to_le_bytes()])
}

/// The leaf of slot `number`, given the roots of all slots before the fault, if there is one.
pub fn trace_leaf_of<H: Hasher>(roots: &[Hash], fault: Option<u64>, number: usize) -> Hash {
	match (roots.get(number), fault) {
		(Some(root), _) => slot_leaf::<H>(root),
		(None, Some(element)) if number == roots.len() => fault_leaf::<H>(element),
		_ => unreached_leaf::<H>(),
	}
}

/// The commitment to a trace of `count` slots whose leaves have this root.
pub fn trace_root_of<H: Hasher>(count: u32, leaves: &Hash) -> Hash {
	digest::<H>(tag::TRACE, &[&count.to_le_bytes(), leaves])
}

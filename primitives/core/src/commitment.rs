//! Commitments to tensors: BLAKE2b-256, domain-separated, length-prefixed, over binary trees of
//! 1 KiB chunks (DESIGN §3).
//!
//! `tensor_root = H(dtype, shape, chunk root)`; a list of tensors has the root of the tree over
//! their roots. A tree over no leaf is the hash of its domain alone; an odd node is carried up
//! as it is, and the number of leaves is hashed into the root.

use crate::{
	ids::Root,
	tensor::{DType, Tensor},
};
use alloc::vec::Vec;
use codec::Encode;

/// The size of a chunk in bytes.
pub const CHUNK: usize = 1024;

/// What is hashed: each kind has its own prefix, so that none can be passed for another.
#[derive(Clone, Copy)]
enum Domain {
	Chunk,
	Node,
	Tree,
	Tensor,
	TensorList,
}

impl Domain {
	const fn tag(self) -> &'static [u8] {
		match self {
			Domain::Chunk => b"assay/chunk/1",
			Domain::Node => b"assay/node/1",
			Domain::Tree => b"assay/tree/1",
			Domain::Tensor => b"assay/tensor/1",
			Domain::TensorList => b"assay/tensors/1",
		}
	}
}

/// Hash of a domain and parts, each preceded by its SCALE compact length.
fn hash(domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
	let mut bytes = domain.tag().encode();
	for part in parts {
		part.encode_to(&mut bytes);
	}
	sp_io::hashing::blake2_256(&bytes)
}

/// The root of a binary tree over `leaves`.
fn tree_root(leaves: Vec<[u8; 32]>) -> [u8; 32] {
	let count = u64::try_from(leaves.len()).unwrap_or(u64::MAX).to_le_bytes();
	let mut level = leaves;
	while level.len() > 1 {
		level = level
			.chunks(2)
			.map(|pair| match pair {
				[left, right] => hash(Domain::Node, &[left, right]),
				[alone] => *alone,
				_ => [0; 32],
			})
			.collect();
	}
	match level.first() {
		Some(top) => hash(Domain::Tree, &[&count, top]),
		None => hash(Domain::Tree, &[&count]),
	}
}

/// The root of a tensor: its type, its shape and the tree over its chunks.
pub fn tensor_root(dtype: DType, shape: &[u32], data: &[u8]) -> Root {
	let chunks = data.chunks(CHUNK).map(|chunk| hash(Domain::Chunk, &[chunk])).collect();
	Root(hash(Domain::Tensor, &[&dtype.encode(), &shape.encode(), &tree_root(chunks)]))
}

/// The root of a list of tensor roots.
pub fn roots_root(roots: &[Root]) -> Root {
	let leaves = roots.iter().map(|root| root.0).collect();
	Root(hash(Domain::TensorList, &[&tree_root(leaves)]))
}

/// The root of a list of tensors.
pub fn tensors_root(tensors: &[Tensor]) -> Root {
	let roots: Vec<Root> = tensors
		.iter()
		.map(|tensor| tensor_root(tensor.dtype, &tensor.shape, &tensor.data))
		.collect();
	roots_root(&roots)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn type_shape_and_value_are_all_committed() {
		let roots = [
			tensor_root(DType::Int8, &[4], &[0; 4]),
			tensor_root(DType::Uint8, &[4], &[0; 4]),
			tensor_root(DType::Int8, &[2, 2], &[0; 4]),
			tensor_root(DType::Int8, &[4], &[0, 0, 0, 1]),
			tensor_root(DType::Int8, &[0], &[]),
			tensor_root(DType::Int8, &[2048], &[0; 2048]),
			tensor_root(DType::Int8, &[3072], &[0; 3072]),
		];
		assert_eq!(roots.iter().collect::<BTreeSet<_>>().len(), roots.len());
	}

	#[test]
	fn a_list_is_not_its_only_member() {
		let root = tensor_root(DType::Bool, &[1], &[1]);
		assert_ne!(roots_root(&[root]), root);
		assert_ne!(roots_root(&[root]), roots_root(&[root, root]));
	}
}

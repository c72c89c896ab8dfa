//! Commitments to what jobs carry, in the format of the canonical arithmetic
//! (`docs/canonical.md`), hashed by the host.

use crate::{
	ids::{JobId, Root},
	tensor::{DType, Tensor},
};
use alloc::vec::Vec;
use assay_canon::commitment::{self, Hash, Hasher};
use codec::Encode;

/// BLAKE2b-256 by the host function of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostBlake2b256;

impl Hasher for HostBlake2b256 {
	fn hash(bytes: &[u8]) -> Hash {
		sp_io::hashing::blake2_256(bytes)
	}
}

/// The root of a tensor: its type, its shape and the tree over its chunks.
pub fn tensor_root(dtype: DType, shape: &[u32], data: &[u8]) -> Root {
	let chunks = commitment::chunk_root::<HostBlake2b256>(data);
	Root(commitment::tensor_root_from::<HostBlake2b256>(dtype as u8, shape, &chunks))
}

/// The root of a list of tensor roots.
pub fn roots_root(roots: &[Root]) -> Root {
	let roots: Vec<Hash> = roots.iter().map(|root| root.0).collect();
	Root(commitment::tensors_root::<HostBlake2b256>(&roots))
}

/// What stands for the root of a list of tensors, of a run that ended in this slot before this
/// element had a value.
pub fn faulted_root(slot: u32, element: u64) -> Root {
	Root(commitment::faulted_root::<HostBlake2b256>(slot, element))
}

/// The root of a list of tensors.
pub fn tensors_root(tensors: &[Tensor]) -> Root {
	let roots: Vec<Root> = tensors
		.iter()
		.map(|tensor| tensor_root(tensor.dtype, &tensor.shape, &tensor.data))
		.collect();
	roots_root(&roots)
}

/// What the provider of a replica seals: the root of its output under a salt, bound to the job and
/// to its account, so that a copied seal cannot be opened.
pub fn result_seal<AccountId: Encode>(
	job: JobId,
	provider: &AccountId,
	output: &Root,
	salt: &Root,
) -> Root {
	let sealed = (b"assay/seal/1", job, provider, output, salt).encode();
	Root(sp_io::hashing::blake2_256(&sealed))
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
	fn roots_are_those_of_the_canonical_arithmetic() {
		use assay_canon::{commitment::Blake2b256, shape::Shape, tensor};
		let types = DType::ALL.into_iter().filter_map(|dtype| Some((dtype, dtype.canonical()?)));
		let mut count = 0;
		for (dtype, canonical) in types {
			let shape = Shape::new(&[9, 50]).unwrap();
			let data = vec![1; 450 * canonical.size()];
			let tensor = tensor::Tensor::new(canonical, shape, data.clone()).unwrap();
			let root = commitment::tensor_root::<Blake2b256>(&tensor);
			assert_eq!(tensor_root(dtype, &[9, 50], &data), Root(root));
			assert_eq!(DType::from(canonical), dtype);
			count += 1;
		}
		assert_eq!(count, 6);
	}

	#[test]
	fn a_seal_binds_job_account_output_and_salt() {
		let (root, other) = (Root([1; 32]), Root([2; 32]));
		let seals = [
			result_seal(JobId(1), &1u64, &root, &root),
			result_seal(JobId(2), &1u64, &root, &root),
			result_seal(JobId(1), &2u64, &root, &root),
			result_seal(JobId(1), &1u64, &other, &root),
			result_seal(JobId(1), &1u64, &root, &other),
		];
		assert_eq!(seals.iter().collect::<BTreeSet<_>>().len(), seals.len());
	}

	#[test]
	fn a_list_is_not_its_only_member() {
		let root = tensor_root(DType::Bool, &[1], &[1]);
		assert_ne!(roots_root(&[root]), root);
		assert_ne!(roots_root(&[root]), roots_root(&[root, root]));
	}
}

//! Trees and proofs on all threads.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{Claim, ProveError, Prover};
use crate::{
	commitment::{chunk_leaf, Hasher, Tree, CHUNK},
	tensor::Tensor,
};

/// The tree over a tensor's chunks.
pub(super) fn chunk_tree<H: Hasher>(tensor: &Tensor) -> Tree<H> {
	Tree::new(tensor.data().par_chunks(CHUNK).with_min_len(64).map(chunk_leaf::<H>).collect())
}

/// An element that is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
	/// Number of the node.
	pub number: u32,
	/// Row-major index of the element.
	pub element: u64,
	/// What is compared if the node is an order statistic, as for [`Prover::prove`].
	pub claims: Vec<Claim>,
}

/// What is shown of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
	/// What the history says of it: [`Prover::claim`].
	pub claim: Vec<u8>,
	/// What it is computed from: [`Prover::prove`].
	pub proof: Vec<u8>,
}

impl<H: Hasher + Sync> Prover<'_, H> {
	/// The claim and the proof of each element, in order. `shown` is called with the number of
	/// elements that are done, after each.
	pub fn show(
		&self,
		requests: &[Request],
		shown: Option<&(dyn Fn(u64) + Sync)>,
	) -> Result<Vec<Shown>, ProveError> {
		let done = AtomicU64::new(0);
		let show = |request: &Request| {
			let Request { number, element, claims } = request;
			let proof = self.prove(*number, *element, claims)?;
			let claim = self.claim(*number, *element)?;
			let before = done.fetch_add(1, Ordering::Relaxed);
			if let Some(shown) = shown {
				shown(before.saturating_add(1));
			}
			Ok(Shown { claim, proof })
		};
		requests.par_iter().map(show).collect()
	}
}

//! Binary trees over a list of leaves, all at the same depth.
//!
//! A list of n leaves has depth ⌈log₂ n⌉; places beyond the last leaf are [`empty`]. The number of
//! leaves is never taken from a prover: it follows from a shape or a header.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::{digest, empty, tag, Hash, Hasher, REVEAL_LEVELS};

/// Levels between the root and the leaves of a list.
pub fn depth(count: u64) -> u32 {
	count.max(1).checked_next_power_of_two().map_or(64, u64::trailing_zeros)
}

/// The hash of two neighbors.
pub fn pair<H: Hasher>(left: &Hash, right: &Hash) -> Hash {
	digest::<H>(tag::PAIR, &[left, right])
}

/// Nodes on a level, counted from the leaves, that have a leaf below them.
pub(super) fn nodes_on(count: u64, level: u32) -> u64 {
	count.div_ceil(1_u64.checked_shl(level).unwrap_or(u64::MAX))
}

/// A tree with all its nodes.
#[derive(Clone, Debug)]
pub struct Tree<H> {
	/// From the leaves to the root, without empty places.
	levels: Vec<Vec<Hash>>,
	hasher: PhantomData<H>,
}

impl<H: Hasher> Tree<H> {
	/// The tree over these leaves.
	pub fn new(leaves: Vec<Hash>) -> Self {
		let depth = depth(leaves.len() as u64);
		let mut levels = alloc::vec![leaves];
		for level in 0..depth {
			let parent = |children: &[Hash]| match children {
				[left, right] => pair::<H>(left, right),
				[left] => pair::<H>(left, &empty::<H>(level)),
				_ => empty::<H>(level),
			};
			let above = levels.last().map(|below| below.chunks(2).map(parent).collect());
			levels.extend(above);
		}
		Self { levels, hasher: PhantomData }
	}

	/// Number of leaves.
	pub fn count(&self) -> u64 {
		self.levels.first().map_or(0, |leaves| leaves.len() as u64)
	}

	/// The root; of a list without leaves the empty place.
	pub fn root(&self) -> Hash {
		self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(|| empty::<H>(0))
	}

	/// The node at a place of a level, counted from the leaves.
	pub fn node(&self, level: u32, index: u64) -> Hash {
		let nodes = self.levels.get(level as usize);
		let at = usize::try_from(index).ok();
		nodes
			.zip(at)
			.and_then(|(nodes, at)| nodes.get(at))
			.copied()
			.unwrap_or_else(|| empty::<H>(level))
	}

	/// The multiproof of the leaves at `indices`, strictly ascending: on each level from the leaves
	/// up and from left to right, each sibling that neither follows from the level below nor is
	/// empty.
	pub fn multiproof(&self, indices: &[u64]) -> Vec<Hash> {
		let mut proof = Vec::new();
		let mut known = indices.to_vec();
		for level in 0..depth(self.count()) {
			let on_level = nodes_on(self.count(), level);
			for index in &known {
				let sibling = index ^ 1;
				if known.binary_search(&sibling).is_err() && sibling < on_level {
					proof.push(self.node(level, sibling));
				}
			}
			known.iter_mut().for_each(|index| *index >>= 1);
			known.dedup();
		}
		proof
	}

	/// What a reveal of a node shows: its descendants eight levels down, or its leaves if they are
	/// nearer.
	pub fn descendants(&self, level: u32, index: u64) -> Vec<Hash> {
		let down = level.min(REVEAL_LEVELS);
		let first = index.checked_shl(down).unwrap_or(u64::MAX);
		(0..descendant_count(level))
			.map(|at| self.node(level.saturating_sub(down), first.saturating_add(at)))
			.collect()
	}
}

/// How many hashes a reveal of a node shows.
pub fn descendant_count(level: u32) -> u64 {
	1_u64.wrapping_shl(level.min(REVEAL_LEVELS))
}

/// The node above hashes whose number is a power of two.
pub fn fold_descendants<H: Hasher>(hashes: &[Hash]) -> Option<Hash> {
	let mut nodes = hashes.to_vec();
	while nodes.len() > 1 {
		let join = |both: &[Hash]| match both {
			[left, right] => Some(pair::<H>(left, right)),
			_ => None,
		};
		nodes = nodes.chunks(2).map(join).collect::<Option<Vec<_>>>()?;
	}
	nodes.first().copied()
}

/// Whether hashes are what a reveal of `parent` shows, in a tree of `count` leaves: their number,
/// their fold, and that places beyond the last leaf are empty.
pub fn verify_descendants<H: Hasher>(
	parent: &Hash,
	count: u64,
	level: u32,
	index: u64,
	hashes: &[Hash],
) -> bool {
	if level > depth(count) || hashes.len() as u64 != descendant_count(level) {
		return false;
	}
	let down = level.min(REVEAL_LEVELS);
	let below = level.saturating_sub(down);
	let first = index.checked_shl(down).unwrap_or(u64::MAX);
	let filled = nodes_on(count, below).saturating_sub(first);
	let beyond = empty::<H>(below);
	let padded = hashes.iter().skip(usize::try_from(filled).unwrap_or(usize::MAX));
	padded.into_iter().all(|hash| *hash == beyond)
		&& fold_descendants::<H>(hashes).as_ref() == Some(parent)
}

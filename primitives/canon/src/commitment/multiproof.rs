//! Verification of binary multiproofs.

use alloc::vec::Vec;

use super::{
	tree::{depth, empty, nodes_on, pair},
	Hash, Hasher,
};

/// The most leaves of a list: those of the largest tensor in bytes.
pub const MAX_LEAVES: u64 = 1 << 25;

/// The root of a list of `count` leaves that has these at their indices, given a multiproof.
///
/// `None` unless the indices strictly ascend below `count`, there is at least one, and the proof
/// has exactly the hashes that are needed.
pub fn fold_multiproof<H: Hasher>(
	count: u64,
	leaves: &[(u64, Hash)],
	proof: &[Hash],
) -> Option<Hash> {
	let ascend = leaves.iter().zip(leaves.iter().skip(1)).all(|(left, right)| left.0 < right.0);
	let inside = leaves.last().is_some_and(|(index, _)| *index < count);
	if !ascend || !inside || count > MAX_LEAVES {
		return None;
	}
	let mut proof = proof.iter();
	let mut nodes = leaves.to_vec();
	let mut beyond = empty::<H>(0);
	for level in 0..depth(count) {
		nodes = fold_level::<H>(&nodes, nodes_on(count, level), &beyond, &mut proof)?;
		beyond = pair::<H>(&beyond, &beyond);
	}
	match (nodes.as_slice(), proof.next()) {
		([(0, root)], None) => Some(*root),
		_ => None,
	}
}

/// The parents of nodes on one level of `on_level` nodes.
fn fold_level<'a, H: Hasher>(
	nodes: &[(u64, Hash)],
	on_level: u64,
	beyond: &Hash,
	proof: &mut impl Iterator<Item = &'a Hash>,
) -> Option<Vec<(u64, Hash)>> {
	let mut parents = Vec::with_capacity(nodes.len());
	let mut nodes = nodes.iter().peekable();
	while let Some((index, hash)) = nodes.next() {
		let sibling = index ^ 1;
		let other = if nodes.peek().is_some_and(|(next, _)| *next == sibling) {
			nodes.next().map(|(_, hash)| hash)?
		} else if sibling < on_level {
			proof.next()?
		} else {
			beyond
		};
		let parent = if index & 1 == 0 { pair::<H>(hash, other) } else { pair::<H>(other, hash) };
		parents.push((index >> 1, parent));
	}
	Some(parents)
}

//! Verification of binary multiproofs.

use alloc::vec::Vec;
use core::mem;

use super::{
	empty,
	tree::{depth, nodes_on, pair},
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
	let mut parents = Vec::with_capacity(nodes.len());
	for level in 0..depth(count) {
		let on_level = nodes_on(count, level);
		for siblings in nodes.chunk_by(|(left, _), (right, _)| left ^ 1 == *right) {
			parents.push(parent::<H>(siblings, level, on_level, &mut proof)?);
		}
		mem::swap(&mut nodes, &mut parents);
		parents.clear();
	}
	match (nodes.as_slice(), proof.next()) {
		([(0, root)], None) => Some(*root),
		_ => None,
	}
}

/// The parent of a node, or of two siblings, on a level of `on_level` nodes.
fn parent<'a, H: Hasher>(
	siblings: &[(u64, Hash)],
	level: u32,
	on_level: u64,
	proof: &mut impl Iterator<Item = &'a Hash>,
) -> Option<(u64, Hash)> {
	let (index, pair) = match siblings {
		[(index, left), (_, right)] => (index, pair::<H>(left, right)),
		[(index, hash)] => {
			let sibling = index ^ 1;
			let other = if sibling < on_level { *proof.next()? } else { empty::<H>(level) };
			let is_left = index < &sibling;
			(index, if is_left { pair::<H>(hash, &other) } else { pair::<H>(&other, hash) })
		},
		_ => return None,
	};
	Some((index >> 1, pair))
}

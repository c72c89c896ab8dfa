//! What may be revealed of a history, and how it is checked against the history alone.

use alloc::vec::Vec;
use assay_canon::{
	arbiter::{stated, NodeProof},
	commitment::{
		chunk_count, chunk_leaf, chunk_length, depth, descendant_count, fault_leaf,
		fold_descendants, fold_multiproof, slot_leaf, tensor_root_of, trace_root_of,
		unreached_leaf, verify_descendants, Hash, Hasher, CHUNK, REVEAL_LEVELS,
	},
	graph::MAX_NODE_BYTES,
	shape::Layout,
	symbol::MAX_SYMBOLS,
	tensor::{Element, TensorType},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{board::Board, subject::Subject};

/// The most hashes that one reveal shows.
pub const MAX_REVEAL: usize = 1 << REVEAL_LEVELS;

/// A place of a history at which something may be shown.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Place {
	/// A node of the tree over the slots: level from the leaves, and number on the level.
	#[codec(index = 0)]
	Trace {
		/// The level, counted from the leaves.
		level: u32,
		/// The number on the level.
		index: u64,
	},
	/// What a slot is, and the top of its tensor's tree.
	#[codec(index = 1)]
	Slot(u32),
	/// A node of the tree over a tensor's chunks.
	#[codec(index = 2)]
	Tensor {
		/// The slot.
		slot: u32,
		/// The level, counted from the leaves.
		level: u32,
		/// The number on the level.
		index: u64,
	},
	/// A chunk.
	#[codec(index = 3)]
	Chunk {
		/// The slot.
		slot: u32,
		/// Its number.
		index: u32,
	},
}

impl Place {
	/// The top of the tree over `slots` slots.
	pub fn top(slots: u32) -> Self {
		Self::Trace { level: depth(slots.into()), index: 0 }
	}
}

/// A move: what somebody reveals at a place. Anybody may make the moves of any history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Move {
	/// The descendants of a node of a tree, eight levels down.
	#[codec(index = 0)]
	Nodes(Vec<Hash>),
	/// A slot whose tensor's tree has these descendants at its top.
	#[codec(index = 1)]
	Tensor {
		/// The node whose output it is.
		node: NodeProof,
		/// The descendants.
		top: Vec<Hash>,
	},
	/// A slot in which the run ended.
	#[codec(index = 2)]
	Fault {
		/// The node whose output it is.
		node: NodeProof,
		/// Row-major index of the first element without a value.
		element: u64,
	},
	/// A slot after the one in which the run ended, which is shown.
	#[codec(index = 3)]
	Unreached {
		/// The slot in which the run ended.
		slot: u32,
		/// Row-major index of the first element without a value.
		element: u64,
		/// The siblings that lead from that slot to the root.
		path: Vec<Hash>,
	},
	/// A chunk, with the siblings that lead to the root of its tensor's tree.
	#[codec(index = 4)]
	Chunk {
		/// Its bytes.
		bytes: Vec<u8>,
		/// The siblings.
		path: Vec<Hash>,
	},
}

/// What was revealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Shown {
	/// The descendants of a node of a tree.
	#[codec(index = 0)]
	Nodes(Vec<Hash>),
	/// A slot that has a tensor of this type, in this layout.
	#[codec(index = 1)]
	Tensor {
		/// The primitive that made it: the index of its [`assay_canon::op::Op`].
		operator: u8,
		/// The type.
		kind: TensorType,
		/// The layout.
		layout: Layout,
		/// The top of its tree.
		top: Vec<Hash>,
	},
	/// A slot in which the run ended, at this element.
	#[codec(index = 2)]
	Fault(u64),
	/// A slot after that.
	#[codec(index = 3)]
	Unreached,
	/// A chunk.
	#[codec(index = 4)]
	Chunk(Vec<u8>),
}

impl MaxEncodedLen for Shown {
	fn max_encoded_len() -> usize {
		// The type, its shape and layout take less than a chunk besides the hashes.
		MAX_REVEAL.saturating_mul(size_of::<Hash>()).saturating_add(CHUNK)
	}
}

/// Why a move shows nothing. The history is none the worse: anybody may have made it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Illegal {
	/// The move is of another kind than the place.
	WrongKind,
	/// What lies above the place is not shown yet.
	TooDeep,
	/// There are not as many hashes as the place has.
	WrongCount,
	/// It does not lead to what is known of the history.
	WrongHash,
	/// The node is not shown to be at its place, or its output is no tensor.
	WrongNode,
}

/// What a move that belongs to its history does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Legal {
	/// It shows this.
	Shows(Shown),
	/// It shows that the history is none of any run: it names leaves beyond the last, or holds
	/// bytes that no engine writes (PROTOCOL P4.4).
	Refutes,
}

impl Shown {
	/// The hashes of the places below, if this is of a tree.
	pub fn hashes(&self) -> Option<&[Hash]> {
		match self {
			Self::Nodes(hashes) | Self::Tensor { top: hashes, .. } => Some(hashes),
			_ => None,
		}
	}
}

/// Checks a move at a place of a history.
pub fn check<H: Hasher, B: Board>(
	board: &B,
	subject: &Subject,
	history: &Hash,
	place: &Place,
	made: Move,
) -> Result<Legal, Illegal> {
	let above = |place: Place| board.shown(history, &place).ok_or(Illegal::TooDeep);
	match (*place, made) {
		(Place::Trace { level, index }, Move::Nodes(hashes)) => {
			let count = u64::from(subject.slots);
			let folded = fold::<H>(&hashes, level)?;
			let holds = if level == depth(count) {
				index == 0 && trace_root_of::<H>(subject.slots, &folded) == *history
			} else {
				let parent = above(Place::Trace { level: up(level), index: over(index) })?;
				child(&parent, index) == Some(folded)
			};
			nodes::<H>(holds, &folded, (count, level, index), hashes)
		},
		(Place::Tensor { slot, level, index }, Move::Nodes(hashes)) => {
			let Shown::Tensor { kind, top, .. } = above(Place::Slot(slot))? else {
				return Err(Illegal::WrongKind);
			};
			let count = chunk_count(&kind);
			let folded = fold::<H>(&hashes, level)?;
			let parent = if up(level) == depth(count) {
				Shown::Nodes(top)
			} else {
				above(Place::Tensor { slot, level: up(level), index: over(index) })?
			};
			nodes::<H>(
				child(&parent, index) == Some(folded),
				&folded,
				(count, level, index),
				hashes,
			)
		},
		(Place::Slot(slot), made) => check_slot::<H, B>(board, subject, history, slot, made),
		(Place::Chunk { slot, index }, Move::Chunk { bytes, path }) => {
			let Shown::Tensor { kind, top, .. } = above(Place::Slot(slot))? else {
				return Err(Illegal::WrongKind);
			};
			if bytes.len() > CHUNK {
				return Err(Illegal::WrongCount);
			}
			let leaf = [(u64::from(index), chunk_leaf::<H>(&bytes))];
			let root = fold_descendants::<H>(&top);
			if root.is_none() || fold_multiproof::<H>(chunk_count(&kind), &leaf, &path) != root {
				return Err(Illegal::WrongHash);
			}
			let whole = bytes.len() as u64 == chunk_length(&kind, index.into());
			if whole && is_canonical(&kind, &bytes) {
				Ok(Legal::Shows(Shown::Chunk(bytes)))
			} else {
				Ok(Legal::Refutes)
			}
		},
		_ => Err(Illegal::WrongKind),
	}
}

/// Checks what a slot is said to be against its leaf, which the trace's tree shows.
fn check_slot<H: Hasher, B: Board>(
	board: &B,
	subject: &Subject,
	history: &Hash,
	slot: u32,
	made: Move,
) -> Result<Legal, Illegal> {
	let leaf = leaf_of(board, subject, history, slot).ok_or(Illegal::TooDeep)?;
	let context = subject.context(*history);
	let stated = |node: &NodeProof| {
		// Hashing is paid for by the move, whatever a transaction can carry.
		let bounded = node.path.len() <= MAX_REVEAL
			&& node.node.len() <= MAX_NODE_BYTES
			&& node.header.symbols.len() <= MAX_SYMBOLS;
		let of_slot = bounded && node.number == slot;
		let stated = of_slot.then(|| stated::<H>(&context, node).ok()).flatten();
		stated.ok_or(Illegal::WrongNode)
	};
	match made {
		Move::Tensor { node, top } => {
			let (kind, layout) = stated(&node)?;
			let operator = node.node.first().copied().ok_or(Illegal::WrongNode)?;
			let count = chunk_count(&kind);
			let folded = fold::<H>(&top, depth(count))?;
			if slot_leaf::<H>(&tensor_root_of::<H>(&kind, &folded)) != leaf {
				return Err(Illegal::WrongHash);
			}
			if !verify_descendants::<H>(&folded, count, depth(count), 0, &top) {
				return Ok(Legal::Refutes);
			}
			Ok(Legal::Shows(Shown::Tensor { operator, kind, layout, top }))
		},
		Move::Fault { node, element } => {
			let (kind, _) = stated(&node)?;
			if fault_leaf::<H>(element) != leaf {
				return Err(Illegal::WrongHash);
			}
			let exists = element < kind.shape.count();
			Ok(if exists { Legal::Shows(Shown::Fault(element)) } else { Legal::Refutes })
		},
		Move::Unreached { slot: ended, element, path } => {
			if unreached_leaf::<H>() != leaf || ended >= slot {
				return Err(Illegal::WrongHash);
			}
			let fault = [(u64::from(ended), fault_leaf::<H>(element))];
			let root = fold_multiproof::<H>(subject.slots.into(), &fault, &path)
				.map(|leaves| trace_root_of::<H>(subject.slots, &leaves));
			if root != Some(*history) {
				return Err(Illegal::WrongHash);
			}
			Ok(Legal::Shows(Shown::Unreached))
		},
		Move::Nodes(_) | Move::Chunk { .. } => Err(Illegal::WrongKind),
	}
}

/// The leaf of a slot, as the trace's tree shows it.
fn leaf_of<B: Board>(board: &B, subject: &Subject, history: &Hash, slot: u32) -> Option<Hash> {
	let index = u64::from(slot);
	// The last reveal on the way is of the lowest level that is a whole number of reveals below
	// the top; a tree that is less than one reveal high is shown by its top.
	let deep = depth(subject.slots.into());
	let level = match deep.checked_rem(REVEAL_LEVELS)? {
		0 => deep.min(REVEAL_LEVELS),
		rest => rest,
	};
	let place = Place::Trace { level, index: index.checked_shr(level)? };
	let below = index.checked_rem(1_u64.checked_shl(level)?)?;
	board.shown(history, &place)?.hashes()?.get(usize::try_from(below).ok()?).copied()
}

/// The hashes shown of a node of a tree, if they lead to it.
fn nodes<H: Hasher>(
	holds: bool,
	folded: &Hash,
	(count, level, index): (u64, u32, u64),
	hashes: Vec<Hash>,
) -> Result<Legal, Illegal> {
	if !holds {
		return Err(Illegal::WrongHash);
	}
	if verify_descendants::<H>(folded, count, level, index, &hashes) {
		Ok(Legal::Shows(Shown::Nodes(hashes)))
	} else {
		Ok(Legal::Refutes)
	}
}

/// The node on `level` above its descendants.
fn fold<H: Hasher>(hashes: &[Hash], level: u32) -> Result<Hash, Illegal> {
	if hashes.len() as u64 != descendant_count(level) {
		return Err(Illegal::WrongCount);
	}
	fold_descendants::<H>(hashes).ok_or(Illegal::WrongCount)
}

/// The level of the reveal that shows nodes of `level`.
const fn up(level: u32) -> u32 {
	level.saturating_add(REVEAL_LEVELS)
}

/// The number of the node above the one of this number, one reveal higher.
const fn over(index: u64) -> u64 {
	index >> REVEAL_LEVELS
}

/// What a reveal shows of the node of this number.
fn child(parent: &Shown, index: u64) -> Option<Hash> {
	let below = index.checked_rem(MAX_REVEAL as u64)?;
	parent.hashes()?.get(usize::try_from(below).ok()?).copied()
}

/// Whether all elements of a chunk are written as engines write them.
fn is_canonical(kind: &TensorType, bytes: &[u8]) -> bool {
	bytes.chunks(kind.dtype.size()).all(|element| {
		let mut written = Vec::with_capacity(element.len());
		Element::from_bytes(kind.dtype, element).is_some_and(|read| {
			read.write_to(&mut written);
			written == element
		})
	})
}

//! How far two histories have come apart.
//!
//! Nothing of a game is stored but what was revealed: where two histories stand follows from it,
//! so that one reveal serves all games of its history (PROTOCOL P4.3).

use assay_canon::{
	arbiter::Claim,
	commitment::{chunk_count, depth, Hash, CHUNK, REVEAL_LEVELS},
	tensor::{Element, TensorType, View},
};

use crate::{
	board::Board,
	play::{Place, Shown},
	subject::Subject,
};

/// What the two histories disagree in, once it is one element of the output of one node whose
/// operands they agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
	/// Number of the node.
	pub slot: u32,
	/// Row-major index of the element.
	pub element: u64,
	/// What each says of it.
	pub claims: Claims,
}

/// What two histories say of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claims {
	/// Both say what it is.
	Both([Claim; 2]),
	/// This one, 0 or 1, says that the run ends in it; the other that it ends later in the same
	/// slot, and so that the element has some value.
	Ends(usize),
}

/// Where the game of two histories stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
	/// A move at this place is due in this step, of each history that lacks it.
	Due {
		/// The place.
		place: Place,
		/// The step, from 0.
		step: u32,
		/// Which of the two lack it.
		missing: [bool; 2],
	},
	/// The element is due to be recomputed in this step.
	Open {
		/// What is asked.
		question: Question,
		/// The step, from 0.
		step: u32,
	},
	/// This one, 0 or 1, says that there is something after the end of the run, and is wrong.
	Lost(usize),
	/// They are one history, or hashes collide.
	Same,
}

/// Where the game of two histories stands.
pub fn position<B: Board>(board: &B, subject: &Subject, pair: [&Hash; 2]) -> Position {
	let mut walk = Walk { board, pair, step: 0 };
	match walk.slot(subject).and_then(|slot| walk.within(slot)) {
		Ok(question) => Position::Open { question, step: walk.step },
		Err(stands) => stands,
	}
}

/// Follows what two histories have revealed. What ends the walk early is an `Err`.
struct Walk<'a, B> {
	board: &'a B,
	pair: [&'a Hash; 2],
	/// The step of the next move.
	step: u32,
}

impl<B: Board> Walk<'_, B> {
	/// What both show at a place, which takes one step.
	fn both(&mut self, place: Place) -> Result<[Shown; 2], Position> {
		let [first, second] = self.pair;
		match (self.board.shown(first, &place), self.board.shown(second, &place)) {
			(Some(first), Some(second)) => {
				self.step = self.step.saturating_add(1);
				Ok([first, second])
			},
			(first, second) => {
				let missing = [first.is_none(), second.is_none()];
				Err(Position::Due { place, step: self.step, missing })
			},
		}
	}

	/// The number of the first leaf that differs below a node of a tree.
	fn leaf(
		&mut self,
		(mut level, mut index): (u32, u64),
		place: impl Fn(u32, u64) -> Place,
	) -> Result<u64, Position> {
		while level > 0 {
			let both = self.both(place(level, index))?;
			(level, index) = below(&both, level, index)?;
		}
		Ok(index)
	}

	/// The first slot that differs.
	fn slot(&mut self, subject: &Subject) -> Result<u32, Position> {
		let top = Place::top(subject.slots);
		let first = self.both(top)?;
		let (level, index) = below(&first, depth(subject.slots.into()), 0)?;
		let slot = self.leaf((level, index), |level, index| Place::Trace { level, index })?;
		u32::try_from(slot).map_err(|_| Position::Same)
	}

	/// The first element that differs in a slot.
	fn within(&mut self, slot: u32) -> Result<Question, Position> {
		let both = self.both(Place::Slot(slot))?;
		let (element, claims) = match &both {
			[Shown::Tensor { kind, layout, .. }, Shown::Tensor { .. }] => {
				let top = below(&both, depth(chunk_count(kind)), 0)?;
				let tree = |level, index| Place::Tensor { slot, level, index };
				let index = self.leaf(top, tree)?;
				let index = u32::try_from(index).map_err(|_| Position::Same)?;
				let chunks = self.both(Place::Chunk { slot, index })?;
				let view = View::new(kind, layout);
				differing(&view, index, &chunks).ok_or(Position::Same)?
			},
			[Shown::Fault(first), Shown::Fault(second)] if first != second => {
				(*first.min(second), Claims::Ends(usize::from(second < first)))
			},
			[Shown::Fault(element), Shown::Tensor { kind, layout, .. }] => {
				let value = self.value(1, slot, &View::new(kind, layout), *element)?;
				(*element, Claims::Both([Claim::Fault, Claim::Value(value)]))
			},
			[Shown::Tensor { kind, layout, .. }, Shown::Fault(element)] => {
				let value = self.value(0, slot, &View::new(kind, layout), *element)?;
				(*element, Claims::Both([Claim::Value(value), Claim::Fault]))
			},
			// Before the slot they agree, and one has shown that the run ends there.
			[Shown::Unreached, Shown::Tensor { .. } | Shown::Fault(_)] => {
				return Err(Position::Lost(1));
			},
			[Shown::Tensor { .. } | Shown::Fault(_), Shown::Unreached] => {
				return Err(Position::Lost(0));
			},
			_ => return Err(Position::Same),
		};
		Ok(Question { slot, element, claims })
	}

	/// The element of one history's tensor, whose chunk it alone has to show.
	fn value(
		&mut self,
		side: usize,
		slot: u32,
		view: &View,
		element: u64,
	) -> Result<Element, Position> {
		// A chunk is due in the same step whatever the history plays against: a second deadline
		// would let it be late in one game and on time in another.
		let reveals = depth(chunk_count(&view.kind)).saturating_sub(REVEAL_LEVELS);
		self.step = self.step.saturating_add(reveals.div_ceil(REVEAL_LEVELS));
		let offset = view.offset_of_index(element);
		let start = offset.saturating_mul(view.kind.dtype.size() as u64);
		let chunk = start.checked_div(CHUNK as u64).and_then(|chunk| u32::try_from(chunk).ok());
		let place = Place::Chunk { slot, index: chunk.ok_or(Position::Same)? };
		let history = self.pair.get(side).ok_or(Position::Same)?;
		let Some(Shown::Chunk(bytes)) = self.board.shown(history, &place) else {
			let missing = [side == 0, side == 1];
			return Err(Position::Due { place, step: self.step, missing });
		};
		self.step = self.step.saturating_add(1);
		let within = start.checked_rem(CHUNK as u64).and_then(|from| usize::try_from(from).ok());
		let bytes = within.and_then(|from| bytes.get(from..));
		bytes.and_then(|bytes| element_at(&view.kind, bytes)).ok_or(Position::Same)
	}
}

/// The first node that differs among those that a reveal of `(level, index)` shows.
fn below([first, second]: &[Shown; 2], level: u32, index: u64) -> Result<(u32, u64), Position> {
	let down = level.min(REVEAL_LEVELS);
	let (first, second) = first.hashes().zip(second.hashes()).ok_or(Position::Same)?;
	let at = first.iter().zip(second).position(|(first, second)| first != second);
	let at = at.and_then(|at| u64::try_from(at).ok()).ok_or(Position::Same)?;
	let start = index.checked_shl(down).ok_or(Position::Same)?;
	Ok((level.saturating_sub(down), start.saturating_add(at)))
}

/// The first element that differs in a chunk, by its row-major index.
fn differing(view: &View, chunk: u32, both: &[Shown; 2]) -> Option<(u64, Claims)> {
	let [Shown::Chunk(first), Shown::Chunk(second)] = both else { return None };
	let size = view.kind.dtype.size();
	let differs = |(first, second): (&[u8], &[u8])| first != second;
	let at = first.chunks(size).zip(second.chunks(size)).position(differs)?;
	let per_chunk = (CHUNK as u64).checked_div(size as u64)?;
	let offset = u64::from(chunk).checked_mul(per_chunk)?.checked_add(at as u64)?;
	let from = at.checked_mul(size)?;
	let claim = |bytes: &[u8]| element_at(&view.kind, bytes.get(from..)?).map(Claim::Value);
	let claims = [claim(first)?, claim(second)?];
	Some((view.index_of_offset(offset), Claims::Both(claims)))
}

/// The element that bytes start with.
fn element_at(kind: &TensorType, bytes: &[u8]) -> Option<Element> {
	Element::from_bytes(kind.dtype, bytes.get(..kind.dtype.size())?)
}

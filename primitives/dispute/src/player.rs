//! The moves of whoever has run the model.

use alloc::vec::Vec;
use assay_canon::{
	arbiter::{Claim, ProveError, Prover},
	commitment::{depth, Hash, Hasher, CHUNK},
};

use crate::{
	play::{Move, Place},
	position::{Claims, Question},
};

/// Plays the history of one run.
pub struct Player<'a, H> {
	prover: Prover<'a, H>,
}

impl<'a, H: Hasher> Player<'a, H> {
	/// The player of this run.
	pub const fn new(prover: Prover<'a, H>) -> Self {
		Self { prover }
	}

	/// The run, and openings of its elements.
	pub const fn prover(&self) -> &Prover<'a, H> {
		&self.prover
	}

	/// The history.
	pub fn history(&self) -> Hash {
		self.prover.trace_root()
	}

	/// The move at a place of the history; `None` where it has no such place.
	pub fn reveal(&self, place: &Place) -> Option<Move> {
		match *place {
			Place::Trace { level, index } => {
				Some(Move::Nodes(self.prover.trace().descendants(level, index)))
			},
			Place::Slot(slot) => self.slot(slot),
			Place::Tensor { slot, level, index } => {
				Some(Move::Nodes(self.prover.slot(slot)?.descendants(level, index)))
			},
			Place::Chunk { slot, index } => {
				let tensor = self.prover.material().run.slots.get(slot as usize)?;
				let bytes = tensor.data().chunks(CHUNK).nth(index as usize)?.to_vec();
				let path = self.prover.slot(slot)?.multiproof(&[index.into()]);
				Some(Move::Chunk { bytes, path })
			},
		}
	}

	fn slot(&self, slot: u32) -> Option<Move> {
		let fault = self.prover.material().run.fault;
		match (self.prover.slot(slot), fault) {
			(Some(tree), _) => {
				let node = self.prover.node_proof(slot).ok()?;
				let top = tree.descendants(depth(tree.count()), 0);
				Some(Move::Tensor { node, top })
			},
			(None, Some(fault)) if fault.slot == slot => {
				let node = self.prover.node_proof(slot).ok()?;
				Some(Move::Fault { node, element: fault.element })
			},
			(None, Some(fault)) => {
				let path = self.prover.trace().multiproof(&[fault.slot.into()]);
				Some(Move::Unreached { slot: fault.slot, element: fault.element, path })
			},
			(None, None) => None,
		}
	}

	/// What the element of a question is recomputed from.
	pub fn open(&self, question: &Question) -> Result<Vec<u8>, ProveError> {
		let claims: &[Claim] = match &question.claims {
			Claims::Both(claims) => claims,
			Claims::Ends(_) => &[],
		};
		self.prover.prove(question.slot, question.element, claims)
	}
}

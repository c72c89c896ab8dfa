//! What a dispute stores, wherever that is.

use assay_canon::commitment::Hash;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::play::{Place, Shown};

/// A history that somebody stands behind.
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
pub struct History {
	/// The round in which it was posted last: of older stakes it is not theirs any more.
	pub since: u8,
	/// Whether it has not lost.
	pub alive: bool,
	/// The challengers that committed to it and revealed it in that round.
	pub challengers: u32,
	/// All bonds behind it, those of its challengers included.
	pub bonds: u32,
	/// The moves that were made for it.
	pub moves: u32,
}

/// What an account has at stake in the present round.
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
pub enum Entry {
	/// It committed to a history that it has not revealed.
	Sealed(Hash),
	/// It committed to this history and revealed it.
	Challenger(Hash),
	/// It posted this history.
	Poster(Hash),
	/// It sealed a history and found no room to reveal it.
	KeptOut,
}

impl Entry {
	/// The history, if it is known.
	pub const fn history(&self) -> Option<&Hash> {
		match self {
			Self::Sealed(_) | Self::KeptOut => None,
			Self::Challenger(history) | Self::Poster(history) => Some(history),
		}
	}
}

impl History {
	/// Whether a stake is behind this history, which is the one of its entry.
	pub const fn has(&self, stake: &Stake) -> bool {
		self.alive && stake.round >= self.since
	}
}

/// What an account has put into a dispute.
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
pub struct Stake {
	/// Bonds lost in earlier rounds.
	pub lost: u32,
	/// Bonds of earlier rounds that are given back in the end.
	pub kept: u32,
	/// The round of the entry.
	pub round: u8,
	/// What the last bond is for.
	pub entry: Entry,
}

impl Stake {
	/// All bonds that are held for it.
	pub const fn bonds(&self) -> u32 {
		self.lost.saturating_add(self.kept).saturating_add(1)
	}
}

/// The records of one dispute.
///
/// Every bond in [`Stake`]s is held from its account when the stake is written. What is shown of
/// a history is proven by its root alone and stays true, so it is kept from round to round.
pub trait Board {
	/// Who plays.
	type AccountId: Clone + Eq;

	/// A history.
	fn history(&self, root: &Hash) -> Option<History>;
	/// Writes a history.
	fn set_history(&mut self, root: Hash, history: History);
	/// What an account has at stake.
	fn stake(&self, account: &Self::AccountId) -> Option<Stake>;
	/// Writes what an account has at stake.
	fn set_stake(&mut self, account: Self::AccountId, stake: Stake);
	/// What is shown at a place of a history.
	fn shown(&self, history: &Hash, place: &Place) -> Option<Shown>;
	/// Writes what is shown.
	fn set_shown(&mut self, history: Hash, place: Place, shown: Shown);
	/// Counts a move of an account: for a history, which is repaid if that survives, or for nobody,
	/// which is repaid.
	fn count_move(&mut self, account: &Self::AccountId, history: Option<&Hash>);
}

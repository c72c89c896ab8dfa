//! When who may move.
//!
//! Time is counted in ticks of the chain's step clock: one a block, except blocks in which the
//! share that is reserved for disputes was full (PROTOCOL P4.8). All games of a round run on the
//! same clock, so that a hundred histories take as long as two.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A moment of the step clock.
pub type Tick = u32;

/// The part of a round that a moment lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
	/// D0: challengers commit to histories.
	Commit,
	/// D0: they reveal them.
	Reveal,
	/// D1: anybody posts other histories.
	Post,
	/// D2 to D5: games between histories.
	Play,
}

/// The clock of one round.
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
pub struct Clock {
	/// The first tick of D0.
	pub began: Tick,
	/// The ticks of every step.
	pub step: Tick,
}

impl Clock {
	/// The part of the round that `now` lies in.
	pub const fn phase(&self, now: Tick) -> Phase {
		if now < self.after(1) {
			Phase::Commit
		} else if now < self.after(2) {
			Phase::Reveal
		} else if now < self.after(3) {
			Phase::Post
		} else {
			Phase::Play
		}
	}

	/// The first tick of D2.
	pub const fn play(&self) -> Tick {
		self.after(3)
	}

	/// The first tick in which a move of this step of a game is too late. A move at the last
	/// moment leaves the other side all of the next step.
	pub const fn due(&self, step: u32) -> Tick {
		self.after(step.saturating_add(4))
	}

	/// The tick after so many steps. Saturates: a clock past the last tick never runs out.
	const fn after(&self, steps: u32) -> Tick {
		self.began.saturating_add(self.step.saturating_mul(steps))
	}
}

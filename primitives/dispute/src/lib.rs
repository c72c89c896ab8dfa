//! The dispute game: which history of a run is the right one.
//!
//! Histories compete in pairs: both reveal their trees from the top until the first difference is
//! one element, and the arbiter of [`assay_canon`] recomputes that element. What is here knows
//! nothing of FRAME: a pallet and a simulation play the same game over their own [`Board`].
//!
//! - [`clock`]: the phases of a round, and when each step of a game is due.
//! - [`play`]: what may be revealed of a history, and how it is checked.
//! - [`position`]: how far two histories have come apart.
//! - [`dispute`]: who may do what, and how it ends.
//! - [`money`]: who gets what.
//! - [`player`]: the moves of whoever has run the model, and [`strategy`]: when it makes them.
//! - [`memory`]: the records of a dispute outside of the chain.
//!
//! `docs/protocol.md` has the rules; those that close an attack are named there.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	test,
	allow(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod board;
pub mod clock;
pub mod dispute;
pub mod memory;
pub mod money;
pub mod play;
pub mod player;
pub mod position;
pub mod strategy;
pub mod subject;
#[cfg(any(test, feature = "testing"))]
#[allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use board::Board;
pub use dispute::Dispute;
pub use subject::Subject;

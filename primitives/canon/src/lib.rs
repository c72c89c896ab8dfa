//! Canonical arithmetic: one exact answer for every graph, on any hardware.
//!
//! What is computed here decides disputes, so it is integers only, in one place, and total: no
//! input makes it panic. `docs/canonical.md` is the written format.
//!
//! - [`arith`]: float32 and exact sums, in integers.
//! - [`tensor`], [`shape`], [`symbol`]: what a graph's values are.
//! - [`op`], [`ops`]: the primitives, and the element function that defines each.
//! - [`graph`], [`limits`]: graphs, what is wrong with one, and what one costs.
//! - [`commitment`]: roots of tensors, traces and graphs, and openings of them.
//! - [`exact`]: runs a graph element by element.
//! - `fast`: the same bits, as fast as float64 hardware allows (feature `fast`).
//! - [`arbiter`]: recomputes one element from what was opened.
//! - [`probe`]: a second run that shows where rounding explains a deviation.
//! - [`tolerance`]: whether an element is close enough to the canonical one.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	test,
	allow(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::float_arithmetic,
		clippy::indexing_slicing,
		clippy::unwrap_used
	)
)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

pub mod arbiter;
pub mod arith;
pub mod commitment;
pub mod exact;
#[cfg(feature = "fast")]
pub mod fast;
pub mod graph;
pub mod limits;
pub mod op;
pub mod ops;
pub mod probe;
pub mod shape;
pub mod symbol;
pub mod tensor;
#[cfg(test)]
mod testing;
pub mod tolerance;

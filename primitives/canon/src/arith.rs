//! The arithmetic of spec 1, in integers only (PROTOCOL P1.3 to P1.7).
//!
//! A float32 is handled as its bits, so that no result depends on what a machine or a compiler
//! makes of floating point.

pub mod accumulator;
pub mod elementary;
pub mod float;

pub use accumulator::Accumulator;
pub use float::F32;

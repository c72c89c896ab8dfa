//! The primitives family by family. Every case runs in two layouts, and is arbitrated
//! ([`crate::testing::eval`]).

mod dot;
mod index;
mod order;
mod quantized;
mod scalar;

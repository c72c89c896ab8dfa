//! Tests of the import: what is refused, what is folded, and what lowerings compute.

mod build;
mod classes;
mod folding;
mod lowerings;
mod refusals;

//! Tests, one module a topic. Each ends with every invariant checked.

mod claim;
mod close;
mod contribute;
mod create;
mod hostile;
mod queries;
mod random;
mod score;
mod uses;
mod withdraw;

//! Tests, one module a topic. Each ends with every invariant checked.

mod calls;
mod draw;
mod hostile;
mod money;
mod queries;
mod random;

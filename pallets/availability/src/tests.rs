//! Tests, one module a topic. Each ends with every invariant checked.

mod batch;
mod demand;
mod expire;
mod hostile;
mod queries;
mod random;
mod serve;
mod sweep;

//! Tests, one module a topic. Each ends with every invariant checked.

mod abort;
mod close;
mod collect;
mod forward;
mod hostile;
mod open;
mod queries;
mod random;
mod release;
mod remove;
mod subscribe;

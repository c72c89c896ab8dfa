//! Tests, one module a topic. Each ends with every invariant checked.

mod claim;
mod collect;
mod conformance;
mod fungibles;
mod hostile;
mod queries;
mod random;
mod redeem;
mod tokenize;
mod transfer;

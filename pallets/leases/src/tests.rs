//! Tests, one module a topic. Each ends with every invariant checked.

mod attributes;
mod bid;
mod breach;
mod close;
mod deliver;
mod hostile;
mod matching;
mod offers;
mod open;
mod queries;
mod random;
mod reclaim;
mod sweep;
mod take;
mod top_up;
mod withdraw;

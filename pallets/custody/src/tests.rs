//! Tests, one module a topic. Each ends with every invariant checked.

mod appointments;
mod complain;
mod custodians;
mod deliver;
mod expire;
mod hostile;
mod queries;
mod random;
mod request;
mod sweep;

//! Tests, one module a topic. Each ends with every invariant checked.

mod buy;
mod contributions;
mod grants;
mod hostile;
mod offers;
mod owners;
mod permits;
mod queries;
mod random;
mod register;
mod status;
mod terms;
mod tokens;
mod uses;

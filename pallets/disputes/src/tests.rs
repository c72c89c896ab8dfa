//! Tests, one module a topic. Each ends with every invariant checked.

mod audit;
mod calls;
mod clock;
mod money;
mod queries;
mod random;
mod roots;
mod tolerant;

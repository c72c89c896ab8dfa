//! Tests, one module a topic. Each ends with every invariant checked.

mod end;
mod feed;
mod hostile;
mod queries;
mod random;
mod run;
mod set_paused;
mod subscribe;
mod top_up;

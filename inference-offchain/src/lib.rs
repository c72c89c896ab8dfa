//! The provider worker: takes the jobs that a chain assigns to its account, runs them, and
//! submits the results.
//!
//! A few tasks are joined by bounded channels: the listener turns blocks into jobs, the scheduler
//! decides which is next, executors run models on blocking threads, and the submitter signs,
//! submits and watches finality. Beside them, the registrar makes the account a provider of the
//! versions that it is told to serve, the heartbeat keeps it available, the challenger disputes wrong
//! results and defends right ones, and the custodian hands out the keys that it keeps for others. A
//! [journal] is written before anything is signed, so that a crash never submits twice.
//!
//! [journal]: crate::journal

pub mod artifact;
pub mod batch;
pub mod bench;
pub mod calibration;
pub mod canonical;
pub mod chain;
pub mod check;
pub mod config;
pub mod decline;
mod drain;
pub mod engine;
pub mod error;
pub mod gateway;
pub mod items;
pub mod journal;
pub mod keys;
pub mod lie;
pub mod metrics;
pub mod models;
pub mod onnx;
pub mod random;
pub mod sealed;
pub mod store;
pub mod tasks;
pub mod worker;

pub use config::{Config, ConfigError, KeySource};
pub use error::Error;
pub use worker::run;

//! What the end-to-end tests and the demo share: processes that end with their owner, a chain and
//! its market of models, and the magika model.

pub mod chain;
pub mod ledger;
pub mod magika;
pub mod market;
pub mod onnx;
pub mod pictures;
pub mod process;
pub mod server;

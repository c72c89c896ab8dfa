//! What the end-to-end tests, the demo and the benchmarks share: processes that end with their
//! owner, a chain and its market of models, what its blocks say, and models.

pub mod chain;
pub mod cli;
pub mod figures;
pub mod flood;
pub mod ledger;
pub mod magika;
pub mod market;
pub mod npy;
pub mod onnx;
pub mod pictures;
pub mod process;
pub mod server;
pub mod storage;
pub mod subjects;
pub mod transcript;

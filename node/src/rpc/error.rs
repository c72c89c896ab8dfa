//! The errors of the `assay_*` methods, each with a code of its own (docs/rpc.md).

use assay_primitives::{api::EstimateError, JobId};
use jsonrpsee::types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned};
use sp_api::ApiError;

/// Why an `assay_*` method failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A parameter is not what the method takes.
	#[error("{0}")]
	Parameter(String),
	/// The block is unknown, or its state is pruned.
	#[error("the block is unknown or its state is pruned: {0}")]
	UnknownBlock(String),
	/// The call into the runtime failed.
	#[error("the runtime failed: {0}")]
	Runtime(String),
	/// No estimate can be given.
	#[error("{0}")]
	Estimate(EstimateError),
	/// No such job at this block.
	#[error("no job {0} at this block: never requested here, or pruned")]
	UnknownJob(JobId),
}

impl Error {
	/// The code by which clients tell errors apart.
	pub const fn code(&self) -> i32 {
		match self {
			Error::Parameter(_) => INVALID_PARAMS_CODE,
			Error::UnknownBlock(_) => 12001,
			Error::Runtime(_) => 12002,
			Error::Estimate(EstimateError::UnknownVersion) => 12010,
			Error::Estimate(EstimateError::Deprecated) => 12011,
			Error::Estimate(EstimateError::WrongShapes) => 12012,
			Error::Estimate(EstimateError::Overflow) => 12013,
			Error::Estimate(EstimateError::WrongItems) => 12014,
			Error::UnknownJob(_) => 12020,
		}
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObjectOwned::owned(error.code(), error.to_string(), None::<()>)
	}
}

impl From<ApiError> for Error {
	fn from(error: ApiError) -> Self {
		match error {
			ApiError::UnknownBlock(detail) => Error::UnknownBlock(detail),
			other => Error::Runtime(other.to_string()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn every_error_has_a_code_of_its_own() {
		let errors = [
			Error::Parameter(String::new()),
			Error::UnknownBlock(String::new()),
			Error::Runtime(String::new()),
			Error::Estimate(EstimateError::UnknownVersion),
			Error::Estimate(EstimateError::Deprecated),
			Error::Estimate(EstimateError::WrongShapes),
			Error::Estimate(EstimateError::Overflow),
			Error::Estimate(EstimateError::WrongItems),
			Error::UnknownJob(JobId(1)),
		];
		let codes: BTreeSet<i32> = errors.iter().map(Error::code).collect();
		assert_eq!(codes.len(), errors.len());
	}
}

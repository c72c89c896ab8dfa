//! Vocabulary that the chain and its clients share: identifiers, tensors, models, providers,
//! jobs, leases, the traits by which pallets meet, and the runtime API.
//!
//! Nothing here knows FRAME or a `Config`, so every type can be used off chain as it is.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	test,
	allow(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod accrual;
pub mod api;
pub mod audit;
pub mod availability;
pub mod batch;
pub mod canonical;
pub mod commitment;
pub mod custody;
pub mod dispute;
pub mod draw;
pub mod ids;
pub mod job;
pub mod lease;
pub mod licence;
pub mod model;
pub mod money;
pub mod offering;
pub mod pool;
pub mod provider;
pub mod revenue;
pub mod rights;
pub mod subscription;
pub mod tensor;
pub mod traits;

pub use ids::{
	ArtifactHash, AssetId, DemandId, DisputeId, DisputeKey, GrantId, JobId, KeyRequestId, LeaseId,
	ModelId, OfferingId, PoolId, RightsOfferId, Root, SubscriptionId, VersionId,
};

/// The chain's account identifier: a 32-byte public key.
pub type AccountId = sp_runtime::AccountId32;
/// An amount of ASY in its smallest unit, 10⁻¹² ASY.
pub type Balance = u128;
/// A block number.
pub type BlockNumber = u32;

/// One ASY in the smallest unit.
pub const ASY: Balance = 1_000_000_000_000;

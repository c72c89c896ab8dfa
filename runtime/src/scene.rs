//! Sets the scene for benchmarks of pallets that draw on other pallets.

use crate::{AccountId, Balances, Models, Providers, Runtime, ASY};
use assay_primitives::{traits::BenchmarkScene, VersionId};
use frame_support::traits::{fungible::Mutate, Get};

/// The real pallets, filled through their own calls.
pub struct Scene;

const FUNDS: u128 = 1_000_000 * ASY;
const BOND: u128 = 100_000 * ASY;

impl BenchmarkScene<AccountId> for Scene {
	fn publish_version() -> VersionId {
		let owner = frame_benchmarking::account("owner", 0, 0);
		Self::fund(&owner);
		Models::benchmark_publish(&owner, pallet_models::scene_spec())
	}

	fn serve(version: VersionId, count: u32) -> AccountId {
		Providers::benchmark_serve(version, count, BOND)
	}

	fn most_providers() -> u32 {
		<Runtime as pallet_providers::Config>::MaxProvidersPerVersion::get()
	}

	fn fund(account: &AccountId) {
		Balances::set_balance(account, FUNDS);
	}
}

//! Sets the scene for benchmarks of pallets that draw on other pallets.

use crate::{AccountId, Balances, Inference, Models, Providers, RuntimeOrigin, ASY};
use assay_primitives::{
	model::{Class, VersionSpec},
	provider::{Profile, MAX_CANDIDATES},
	traits::{AuditScene, AvailabilityScene, BenchmarkScene, DisputeScene, LeaseScene},
	JobId, Root, VersionId,
};
use frame_support::traits::fungible::Mutate;

/// The real pallets, filled through their own calls.
pub struct Scene;

const FUNDS: u128 = 1_000_000 * ASY;
const BOND: u128 = 100_000 * ASY;

impl BenchmarkScene<AccountId> for Scene {
	fn publish_version() -> VersionId {
		publish(pallet_models::scene_spec())
	}

	fn serve(version: VersionId, count: u32) -> AccountId {
		Providers::benchmark_serve(version, count, BOND)
	}

	fn most_providers() -> u32 {
		MAX_CANDIDATES
	}

	fn fund(account: &AccountId) {
		Balances::set_balance(account, FUNDS);
	}
}

impl DisputeScene for Scene {
	fn submitted_job(graph: Root) -> JobId {
		Inference::benchmark_item(served(graph, 1))
	}
}

impl AuditScene<AccountId> for Scene {
	fn audited_job(graph: Root, providers: u32) -> JobId {
		Inference::benchmark_submitted(served(graph, providers))
	}

	fn fund(account: &AccountId) {
		<Self as BenchmarkScene<AccountId>>::fund(account);
	}
}

/// A canonical version with this graph, and so many providers.
fn served(graph: Root, providers: u32) -> VersionId {
	let mut spec = pallet_models::scene_spec();
	(spec.class, spec.tolerance) = (Class::Canonical, None);
	spec.commitments.graph = graph;
	let version = publish(spec);
	Scene::serve(version, providers);
	version
}

impl AvailabilityScene for Scene {
	fn answered_by_artifact() -> JobId {
		let version = Self::publish_version();
		Self::serve(version, 1);
		Inference::benchmark_by_artifact(version)
	}
}

impl LeaseScene<AccountId> for Scene {
	fn available(index: u32) -> AccountId {
		let provider: AccountId = frame_benchmarking::account("lessor", index, 0);
		<Self as LeaseScene<AccountId>>::fund(&provider);
		let origin = || RuntimeOrigin::signed(provider.clone());
		let registered = Providers::register(origin(), Profile::default(), BOND);
		debug_assert!(registered.is_ok(), "a new account with funds becomes a provider");
		let online = Providers::set_online(origin(), true);
		debug_assert!(online.is_ok(), "a provider with a bond comes online");
		provider
	}

	fn fund(account: &AccountId) {
		<Self as BenchmarkScene<AccountId>>::fund(account);
	}
}

fn publish(spec: VersionSpec) -> VersionId {
	let owner = frame_benchmarking::account("owner", 0, 0);
	<Scene as BenchmarkScene<AccountId>>::fund(&owner);
	Models::benchmark_publish(&owner, spec)
}

//! Sets the scene for benchmarks of pallets that draw on other pallets.

use crate::{
	AccountId, Balance, Balances, DataRights, Inference, Models, Pools, Providers, Revenue,
	Runtime, RuntimeOrigin, Signature, ASY,
};
use alloc::{boxed::Box, vec::Vec};
use assay_primitives::{
	custody::{Ask, CustodyScene},
	licence::{Parent, Relation, Source, MAX_ANCESTORS, MAX_PARENTS},
	model::{Class, VersionSpec},
	offering::OfferingScene,
	pool::PoolScene,
	provider::{Profile, MAX_CANDIDATES},
	revenue::{IncomeInspect, ShareSpec, Subject},
	rights::{
		Algorithms, AssetKind, AssetSpec, Consent, DataRef, GrantTerms, Manifest, Purpose,
		RightsScene, Usage,
	},
	traits::{AuditScene, AvailabilityScene, BenchmarkScene, DisputeScene, LeaseScene},
	AssetId, JobId, Root, VersionId,
};
use frame_support::traits::fungible::Mutate;
use sp_core::{crypto::KeyTypeId, ecdsa};
use sp_runtime::{traits::IdentifyAccount, MultiSigner, Permill};

/// The real pallets, filled through their own calls.
pub struct Scene;

const FUNDS: u128 = 1_000_000 * ASY;
const BOND: u128 = 100_000 * ASY;
/// The kind of the key that signs.
const KEY: KeyTypeId = KeyTypeId(*b"scen");

impl BenchmarkScene<AccountId> for Scene {
	fn publish_with(ancestors: u32) -> VersionId {
		publish_from(pallet_models::scene_spec(), ancestors)
	}

	// A grant writes less.
	fn right(_: &AccountId, version: VersionId) -> Option<(DataRef, Usage)> {
		let (item, usage) = Pools::benchmark_item(version);
		Some((DataRef::Pool(item), usage))
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

impl RightsScene<AccountId, Signature> for Scene {
	fn fund(account: &AccountId) {
		<Self as BenchmarkScene<AccountId>>::fund(account);
	}

	fn signer() -> AccountId {
		MultiSigner::Ecdsa(signing_key()).into_account()
	}

	#[allow(clippy::expect_used)]
	fn sign(message: &[u8]) -> Signature {
		let signature = sp_io::crypto::ecdsa_sign(KEY, &signing_key(), message);
		Signature::Ecdsa(signature.expect("the key was generated; qed"))
	}
}

/// The same key at each call.
fn signing_key() -> ecdsa::Public {
	sp_io::crypto::ecdsa_generate(KEY, Some(b"//Scene".to_vec()))
}

impl OfferingScene<AccountId> for Scene {
	fn tokenized(holder: &AccountId, shares: Balance) -> Subject {
		let version = <Self as BenchmarkScene<AccountId>>::publish_version();
		let subject = Subject::Model(version.model);
		let owner: AccountId = frame_benchmarking::account("owner", 0, 0);
		tokenize(&owner, subject, shares);
		let origin = RuntimeOrigin::signed(owner);
		let given = Revenue::transfer(origin, subject, holder.clone(), shares);
		debug_assert!(given.is_ok(), "whoever has funds can hold shares");
		subject
	}

	fn earn(subject: Subject, income: Balance) {
		let owner = frame_benchmarking::account("owner", 0, 0);
		let pot = <Revenue as IncomeInspect<AccountId>>::payee(subject, &owner);
		let _ = Balances::mint_into(&pot, income);
	}

	fn fund(account: &AccountId) {
		<Self as BenchmarkScene<AccountId>>::fund(account);
	}
}

impl PoolScene<AccountId, Signature> for Scene {
	fn asset(version: VersionId) -> AssetId {
		DataRights::benchmark_asset(version)
	}
}

impl CustodyScene<AccountId> for Scene {
	fn asset(owner: &AccountId, commitment: Root) -> AssetId {
		<Self as BenchmarkScene<AccountId>>::fund(owner);
		let asset = pallet_data_rights::NextAsset::<Runtime>::get();
		let manifest =
			Manifest { root: Root::default(), files: 1, bytes: 1, locator: Default::default() };
		let spec = AssetSpec {
			kind: AssetKind::Dataset,
			manifest,
			schema: Default::default(),
			licence: Default::default(),
			consent: Consent { inference: true, ..Default::default() },
			algorithms: Algorithms::Any,
			key: Some(commitment),
		};
		let origin = RuntimeOrigin::signed(owner.clone());
		let registered = DataRights::register_asset(origin, Box::new(spec));
		debug_assert!(registered.is_ok(), "whoever has funds registers an asset");
		asset
	}

	fn right(asset: AssetId, to: &AccountId) -> Ask {
		let grant = pallet_data_rights::NextGrant::<Runtime>::get();
		let terms = GrantTerms {
			from: 0,
			until: None,
			uses: None,
			price: 0,
			purpose: Purpose::Any,
			commercial: true,
			transferable: true,
			revocable: true,
		};
		let owner = DataRights::owner_of(asset).map(RuntimeOrigin::signed);
		let given = owner.map(|owner| DataRights::give(owner, asset, to.clone(), Box::new(terms)));
		debug_assert!(given.is_some_and(|given| given.is_ok()), "an owner gives what it likes");
		Ask::Grant(grant)
	}

	fn right_to_run(asset: AssetId, by: &AccountId) -> Ask {
		let requester: AccountId = frame_benchmarking::account("requester", 0, 0);
		<Self as BenchmarkScene<AccountId>>::fund(&requester);
		let version = <Self as BenchmarkScene<AccountId>>::publish_version();
		let Ask::Grant(grant) = <Self as CustodyScene<AccountId>>::right(asset, &requester) else {
			unreachable!("the right to read is a grant")
		};
		let right = DataRef::Grant(grant);
		Ask::Job(Inference::benchmark_private(&requester, version, right, by.clone()))
	}

	fn fund(account: &AccountId) {
		<Self as BenchmarkScene<AccountId>>::fund(account);
	}
}

/// A version from as many ancestors as there can be: whatever settles its jobs pays all of them.
fn publish(spec: VersionSpec) -> VersionId {
	publish_from(spec, MAX_ANCESTORS)
}

/// A version from so many ancestors, each of which has an owner and holders of shares of its own.
fn publish_from(spec: VersionSpec, ancestors: u32) -> VersionId {
	let owner = frame_benchmarking::account("owner", 0, 0);
	// As many as there can be parents are left to the version itself; the others are those of its
	// first parent.
	let direct = ancestors.min(MAX_PARENTS);
	let indirect = ancestors.saturating_sub(direct);
	let ancestor = |index, parents: Vec<VersionId>| {
		let owner = frame_benchmarking::account("ancestor", index, 0);
		let version = Models::benchmark_publish(&owner, pallet_models::scene_spec());
		made_from(&owner, version, parents);
		tokenize(&owner, Subject::Model(version.model), 1);
		version
	};
	let mut parents: Vec<_> = (1..direct).map(|index| ancestor(index, Vec::new())).collect();
	if direct > 0 {
		let theirs = direct..direct.saturating_add(indirect);
		let theirs = theirs.map(|index| ancestor(index, Vec::new())).collect();
		parents.push(ancestor(0, theirs));
	}
	let version = Models::benchmark_publish(&owner, spec);
	made_from(&owner, version, parents);
	version
}

/// Declare what a version was made from. The parents' licences let anybody.
fn made_from(owner: &AccountId, version: VersionId, parents: Vec<VersionId>) {
	if parents.is_empty() {
		return;
	}
	let share = Permill::from_percent(5);
	let parent =
		|parent| Parent { source: Source::Version(parent), relation: Relation::FineTuned, share };
	let parents: Vec<_> = parents.into_iter().map(parent).collect();
	let origin = RuntimeOrigin::signed(owner.clone());
	let declared = Models::declare_lineage(origin, version, parents.try_into().unwrap_or_default());
	debug_assert!(declared.is_ok(), "whatever lets anybody is a parent");
}

/// Make so many shares in the income of what an account owns.
fn tokenize(owner: &AccountId, subject: Subject, supply: Balance) {
	let spec = ShareSpec {
		supply,
		name: b"shares".to_vec().try_into().unwrap_or_default(),
		symbol: b"S".to_vec().try_into().unwrap_or_default(),
		decimals: 0,
		retained: Permill::from_percent(50),
	};
	let tokenized = Revenue::tokenize(RuntimeOrigin::signed(owner.clone()), subject, spec);
	debug_assert!(tokenized.is_ok(), "the owner of a model with funds makes shares");
}

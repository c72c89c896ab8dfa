//! A runtime of this pallet and what it stands on.

use crate::{
	self as pallet_providers,
	types::{AskRecord, ProviderRecord},
	weights::SubstrateWeight,
};
#[cfg(feature = "runtime-benchmarks")]
use assay_primitives::traits::BenchmarkScene;
use assay_primitives::{
	provider::{Ask, Engagement, Profile},
	traits::{ModelInspect, VersionInfo},
	Balance, ModelId, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::InspectHold, ConstU128, ConstU32},
};
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Providers: pallet_providers,
	}
);

/// Runs models.
pub const PROVIDER: u64 = 1;
/// Runs models, too.
pub const RIVAL: u64 = 2;
/// Runs models, as a third.
pub const THIRD: u64 = 3;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 4;
/// What each account but the pauper has at the start.
pub const ENDOWMENT: Balance = 1_000_000;
/// The least bond.
pub const MIN_BOND: Balance = 1_000;
/// The blocks until an unbonded amount can be withdrawn.
pub const UNBONDING: u32 = 10;
/// The blocks after which a heartbeat expires.
pub const HEARTBEAT: u32 = 5;
/// The most asks for a version.
pub const MOST_ASKS: u32 = 2;
/// The least price a unit.
pub const LEAST_PRICE: Balance = 1;
/// The longest maintenance.
pub const MOST_MAINTENANCE: u32 = 100;
/// A version that takes jobs.
pub const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
/// Another version that takes jobs.
pub const OTHER_VERSION: VersionId = VersionId { model: ModelId(0), number: 2 };
/// A third version that takes jobs.
pub const THIRD_VERSION: VersionId = VersionId { model: ModelId(1), number: 1 };

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
}

parameter_types! {
	/// The versions that take jobs; tests retire some.
	pub static Active: Vec<VersionId> = vec![VERSION, OTHER_VERSION, THIRD_VERSION];
	/// The most asks for a version; tests raise it.
	pub static MaxAsks: u32 = MOST_ASKS;
	/// The least bond; tests raise it.
	pub static LeastBond: Balance = MIN_BOND;
}

/// A registry of models of which only the states are known.
pub struct MockModels;

impl ModelInspect<u64> for MockModels {
	fn version(_: VersionId) -> Option<VersionInfo<u64>> {
		None
	}

	fn is_active(version: VersionId) -> bool {
		Active::get().contains(&version)
	}
}

impl pallet_providers::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = MockModels;
	type MinBond = LeastBond;
	type UnbondingPeriod = ConstU32<UNBONDING>;
	type HeartbeatPeriod = ConstU32<HEARTBEAT>;
	type MaxAsksPerVersion = MaxAsks;
	type LeastPrice = ConstU128<LEAST_PRICE>;
	type MaxMaintenance = ConstU32<MOST_MAINTENANCE>;
	type MaxAsksPerProvider = ConstU32<2>;
	type WeightInfo = SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkScene<u64> for Scene {
	fn publish_with(_: u32) -> VersionId {
		VERSION
	}

	fn serve(version: VersionId, count: u32) -> u64 {
		Providers::benchmark_serve(version, count, 2 * MIN_BOND)
	}

	fn most_providers() -> u32 {
		MOST_ASKS
	}

	fn fund(account: &u64) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, ENDOWMENT);
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [PROVIDER, RIVAL, THIRD].map(|account| (account, ENDOWMENT));
	pallet_balances::GenesisConfig::<Test> {
		balances: rich.into_iter().chain([(PAUPER, 1)]).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		assert_ok!(Providers::do_try_state());
	});
}

pub fn signed(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

/// Go `blocks` blocks ahead.
pub fn pass(blocks: u32) {
	System::set_block_number(System::block_number() + blocks);
}

pub fn profile(endpoint: &str) -> Profile {
	Profile {
		endpoint: endpoint.as_bytes().to_vec().try_into().unwrap(),
		runtime: b"ort-1.31.1/cpu".to_vec().try_into().unwrap(),
		devices: Default::default(),
	}
}

/// A provider that is offline, with this bond.
pub fn bonded(account: u64, bond: Balance) -> u64 {
	assert_ok!(Providers::register(signed(account), profile(""), bond));
	account
}

/// A provider that is offline, with twice the least bond.
pub fn registered() -> u64 {
	bonded(PROVIDER, 2 * MIN_BOND)
}

/// A provider that is online and serves the version.
pub fn serving(account: u64, price: Balance) -> u64 {
	bonded(account, 2 * MIN_BOND);
	assert_ok!(Providers::set_online(signed(account), true));
	assert_ok!(Providers::set_ask(signed(account), VERSION, ask(price)));
	account
}

/// An ask for as many jobs as there are, that does not expire.
pub fn ask(price: Balance) -> Ask {
	Ask { price, capacity: u32::MAX, until: None }
}

/// A job of the version that locks so much and weighs as much.
pub fn job(exposure: Balance) -> Engagement {
	Engagement { version: VERSION, exposure, weight: Some(exposure) }
}

/// What an account asks for a version.
pub fn asked(version: VersionId, account: u64) -> Option<AskRecord> {
	crate::Asks::<Test>::get(version, account)
}

pub fn record(account: u64) -> ProviderRecord {
	crate::Providers::<Test>::get(account).unwrap()
}

pub fn held(account: u64) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Bond.into(), &account)
}

/// The last event, if it is one of this pallet.
pub fn last_event() -> Option<crate::Event<Test>> {
	match System::events().pop()?.event {
		RuntimeEvent::Providers(event) => Some(event),
		_ => None,
	}
}

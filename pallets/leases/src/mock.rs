//! A runtime of this pallet and what it stands on. Providers are kept in storage of the mock.

use crate::{self as pallet_leases, types::Lease, Event, HoldReason, WeightInfo};
use assay_primitives::{
	lease::{
		key_path, CloseReason, Credential, LeaseState, LeaseStatus, Offer, OrderSpec, TakeSpec,
	},
	provider::{Statistics, Tier},
	traits::{ProviderInspect, ProviderLiveness},
	Balance, LeaseId,
};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{InspectHold, Mutate},
		tokens::Preservation,
		ConstU128, ConstU32, Hooks,
	},
	weights::Weight,
	Twox64Concat,
};
use sp_runtime::{BuildStorage, DispatchResult};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Leases: pallet_leases,
	}
);

/// Orders.
pub const TENANT: u64 = 1;
/// Serves, and is cheap.
pub const PROVIDER: u64 = 2;
/// Serves as well, and is dearer.
pub const RIVAL: u64 = 3;
/// Serves as well, and is the dearest.
pub const THIRD: u64 = 4;
/// Pays for others, or calls what anybody may.
pub const HELPER: u64 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 6;
/// Has what others are given by [`fund`].
pub const BANK: u64 = 7;
/// The first of a crowd of providers.
pub const CROWD: u64 = 100;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 10_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// What is held for a bid.
pub const BID: Balance = 1_000;
/// The blocks for which records are kept.
pub const RETENTION: u32 = 50;
/// The blocks that a deposit covers at least.
pub const COVER: u32 = 10;
/// The blocks after bidding in which a bid may be accepted.
pub const GRACE: u32 = 5;
/// The blocks in which a credential has to be delivered.
pub const DELIVER: u32 = 6;
/// The blocks after which a heartbeat expires.
pub const PERIOD: u32 = 40;
/// The blocks after which an expired heartbeat is a breach.
pub const PATIENCE: u32 = 4;
/// The most that a block of an order of the tests may cost.
pub const MOST: Balance = 100;
/// The blocks of bidding of an order of the tests.
pub const BIDDING: u32 = 4;
/// The blocks of service of an order of the tests.
pub const DURATION: u32 = 30;
/// The notice in the bids of the tests.
pub const NOTICE: u32 = 8;
/// The least price a block of an offer.
pub const LEAST_PRICE: Balance = 3;
/// The price of the offer of the tests.
pub const PRICE: Balance = 65;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
}

/// A provider of the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct MockProvider {
	pub online: bool,
	pub heartbeat: u32,
	pub statistics: Statistics,
}

/// The registry.
#[storage_alias]
pub type Registry = StorageMap<MockProviders, Twox64Concat, u64, MockProvider>;

pub struct MockProviders;

impl ProviderLiveness<u64> for MockProviders {
	fn is_available(provider: &u64) -> bool {
		Registry::get(provider)
			.is_some_and(|of| of.online && System::block_number() <= of.heartbeat + PERIOD)
	}

	fn last_heartbeat(provider: &u64) -> Option<u32> {
		Registry::get(provider).map(|of| of.heartbeat)
	}

	fn heartbeat_period() -> u32 {
		PERIOD
	}
}

impl ProviderInspect<u64> for MockProviders {
	fn statistics(provider: &u64) -> Statistics {
		Registry::get(provider).map(|of| of.statistics).unwrap_or_default()
	}
}

/// One unit for everything.
pub struct OneEach;

macro_rules! one_each {
	($($name:ident),* $(,)?) => {
		impl WeightInfo for OneEach {
			$(fn $name() -> Weight {
				Weight::from_parts(1, 0)
			})*
		}
	};
}

one_each!(
	set_attributes,
	open,
	bid,
	withdraw_bid,
	accept,
	match_lowest,
	deliver,
	top_up,
	withdraw,
	reclaim,
	expire_close,
	expire_breach,
	sweep_block,
	set_offer,
	remove_offer,
	evict_offer,
	take,
);

parameter_types! {
	pub static BidDeposit: Balance = BID;
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
}

impl pallet_leases::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Providers = MockProviders;
	type BidDeposit = BidDeposit;
	type Retention = ConstU32<RETENTION>;
	type MinimumCover = ConstU32<COVER>;
	type MaxDuration = ConstU32<1_000>;
	type MaxBidding = ConstU32<20>;
	type Grace = ConstU32<GRACE>;
	type MinReclaim = ConstU32<2>;
	type MaxReclaim = ConstU32<100>;
	type DeliverWithin = ConstU32<DELIVER>;
	type BreachGrace = ConstU32<PATIENCE>;
	type DepositBase = ConstU128<10>;
	type DepositPerByte = ConstU128<1>;
	type LeastPrice = ConstU128<LEAST_PRICE>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::LeaseScene<u64> for Scene {
	fn available(index: u32) -> u64 {
		let provider = CROWD + u64::from(index);
		Self::fund(&provider);
		register(provider);
		provider
	}

	fn fund(account: &u64) {
		Balances::set_balance(account, 1 << 80);
	}
}

/// The state at the start of a test: three providers are online, with the same machine.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [TENANT, PROVIDER, RIVAL, THIRD, HELPER, BANK];
	let balances =
		rich.map(|account| (account, ENDOWMENT)).into_iter().chain([(PAUPER, ED)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| {
		// Events are recorded from the first block on.
		System::set_block_number(1);
		for provider in [PROVIDER, RIVAL, THIRD] {
			register(provider);
			set_attributes(provider, &["gpu/nvidia/h100", "region/eu/de"]).unwrap();
		}
	});
	ext
}

/// Run a test, then check every invariant.
pub fn build_and_execute(test: impl FnOnce()) {
	BidDeposit::set(BID);
	SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
	new_test_ext().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		Leases::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued, "leases neither make nor burn");
	});
}

/// Go to a block; every provider that is online has heartbeats.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		for provider in Registry::iter_keys().collect::<Vec<_>>() {
			if Registry::get(provider).unwrap().online {
				Registry::mutate(provider, |of| of.as_mut().unwrap().heartbeat = next);
			}
		}
		Leases::on_initialize(next);
	}
}

/// Go some blocks on.
pub fn pass(blocks: u32) {
	run_to(System::block_number() + blocks);
}

/// Go to a block without the sweep and without heartbeats.
pub fn skip_to(block: u32) {
	System::set_block_number(block);
}

/// A provider comes online.
pub fn register(provider: u64) {
	let heartbeat = System::block_number();
	Registry::insert(provider, MockProvider { online: true, heartbeat, ..Default::default() });
}

/// A provider has no heartbeats any more.
pub fn silence(provider: u64) {
	Registry::mutate(provider, |of| of.as_mut().unwrap().online = false);
}

/// Give an account something.
pub fn fund(account: u64, amount: Balance) {
	let keep = Preservation::Preserve;
	<Balances as Mutate<u64>>::transfer(&BANK, &account, amount, keep).unwrap();
}

/// The origin of an account.
pub fn by(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn set_attributes(provider: u64, paths: &[&str]) -> DispatchResult {
	let paths: Vec<_> = paths.iter().map(|path| key_path(path).unwrap()).collect();
	Leases::set_attributes(by(provider), paths.try_into().unwrap())
}

/// What the tenant of the tests orders.
pub fn order() -> OrderSpec {
	OrderSpec {
		attributes: vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap(),
		tier: Tier::New,
		duration: DURATION,
		max_price: MOST,
		bidding: BIDDING,
		automatic: false,
		key: [7; 32],
	}
}

/// Order, with a deposit.
pub fn open_with(order: OrderSpec, deposit: Balance) -> LeaseId {
	let id = crate::NextLease::<Test>::get();
	Leases::open(by(TENANT), order, deposit).unwrap();
	id
}

/// An order that is paid for at its highest price to the end.
pub fn opened() -> LeaseId {
	open_with(order(), MOST * Balance::from(DURATION))
}

pub fn bid(provider: u64, id: LeaseId, price: Balance) -> DispatchResult {
	Leases::bid(by(provider), id, price, NOTICE)
}

/// An order with bids of 60, 70 and 80 a block.
pub fn with_bids(id: LeaseId) -> LeaseId {
	for (provider, price) in [(RIVAL, 70), (PROVIDER, 60), (THIRD, 80)] {
		bid(provider, id, price).unwrap();
	}
	id
}

/// An order whose lowest bid was accepted.
pub fn matched(id: LeaseId) -> LeaseId {
	with_bids(id);
	Leases::accept(by(TENANT), id, PROVIDER).unwrap();
	id
}

pub fn credential() -> Credential {
	vec![9; 80].try_into().unwrap()
}

pub fn deliver(provider: u64, id: LeaseId) -> DispatchResult {
	Leases::deliver(by(provider), id, credential())
}

/// A lease that is served from block 1 on, at 60 a block; others stand by.
pub fn served(id: LeaseId) -> LeaseId {
	matched(id);
	deliver(PROVIDER, id).unwrap();
	id
}

/// What the provider of the tests offers.
pub fn offer() -> Offer {
	Offer {
		attributes: vec![key_path("gpu/nvidia/h100").unwrap()].try_into().unwrap(),
		price: PRICE,
		capacity: 2,
		reclaim: NOTICE,
		until: Some(100),
	}
}

/// The first offer of the provider.
pub fn offered(offer: Offer) -> DispatchResult {
	Leases::set_offer(by(PROVIDER), 0, offer)
}

/// What the tenant of the tests takes of it.
pub fn wanted() -> TakeSpec {
	TakeSpec { attributes: None, duration: DURATION, max_price: PRICE, reclaim: 0, key: [7; 32] }
}

/// Take the first offer of the provider, with a deposit.
pub fn take_with(take: TakeSpec, deposit: Balance) -> DispatchResult {
	Leases::take(by(TENANT), PROVIDER, 0, take, deposit)
}

/// A lease out of the first offer of the provider, paid for to the end.
pub fn taken() -> LeaseId {
	let id = crate::NextLease::<Test>::get();
	take_with(wanted(), PRICE * Balance::from(DURATION)).unwrap();
	id
}

pub fn lease(id: LeaseId) -> Lease<u64> {
	crate::Leases::<Test>::get(id).unwrap()
}

pub fn status(id: LeaseId) -> LeaseStatus {
	lease(id).state.status()
}

/// Why a lease ended, and when.
pub fn end(id: LeaseId) -> (CloseReason, u32) {
	match lease(id).state {
		LeaseState::Ended { reason, at } => (reason, at),
		state => panic!("it goes on: {state:?}"),
	}
}

/// What is held of an account.
pub fn held(reason: HoldReason, account: u64) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account)
}

/// What an account has, whether held or not.
pub fn total(account: u64) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account)
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Leases(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

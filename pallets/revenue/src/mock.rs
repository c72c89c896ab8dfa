//! A runtime of this pallet and what it stands on. Accounts are long enough for one of each subject.

use crate::{self as pallet_revenue, Event, HoldReason};
use assay_primitives::{
	revenue::{HoldingView, ShareSpec, StreamView, Subject, SubjectInspect},
	AssetId, Balance, ModelId, PoolId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::Preservation,
		ConstU128,
	},
	PalletId,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult, Permill};
use std::collections::BTreeMap;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Revenue: pallet_revenue,
	}
);

/// Owns the model of the tests.
pub const OWNER: u128 = 1;
/// Buys shares.
pub const BUYER: u128 = 2;
/// Buys others.
pub const HOLDER: u128 = 3;
/// Has no business here.
pub const STRANGER: u128 = 4;
/// Pays for jobs.
pub const PAYER: u128 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u128 = 6;
/// Does not exist.
pub const NOBODY: u128 = 7;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 1 << 100;
/// The existential deposit.
pub const ED: Balance = 100;
/// The deposit for a stream.
pub const DEPOSIT: Balance = 1_000;
/// The shares of most tests.
pub const SUPPLY: Balance = 1_000;
/// What most tests are about.
pub const SUBJECT: Subject = Subject::Model(ModelId(7));
/// Others of the same owner.
pub const OTHERS: [Subject; 3] =
	[Subject::Asset(AssetId(7)), Subject::Pool(PoolId(7)), Subject::Model(ModelId(8))];

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = u128;
	type Lookup = IdentityLookup<u128>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
}

parameter_types! {
	pub const RevenuePalletId: PalletId = PalletId(*b"py/reven");
	/// Who owns what.
	pub static Owners: BTreeMap<Subject, u128> = BTreeMap::new();
}

pub struct MockSubjects;

impl SubjectInspect<u128> for MockSubjects {
	fn owner(subject: Subject) -> Option<u128> {
		Owners::get().get(&subject).copied()
	}
}

impl pallet_revenue::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Subjects = MockSubjects;
	type PalletId = RevenuePalletId;
	type Deposit = ConstU128<DEPOSIT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::BenchmarkScene<u128> for Scene {
	fn publish_with(_: u32) -> assay_primitives::VersionId {
		set_owner(SUBJECT, OWNER);
		assay_primitives::VersionId { model: ModelId(7), number: 1 }
	}

	fn serve(_: assay_primitives::VersionId, _: u32) -> u128 {
		unimplemented!("nobody serves anything here")
	}

	fn most_providers() -> u32 {
		0
	}

	fn fund(account: &u128) {
		Balances::set_balance(account, Balance::from(u64::MAX));
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [OWNER, BUYER, HOLDER, STRANGER, PAYER].map(|account| (account, ENDOWMENT));
	let balances = rich.into_iter().chain([(PAUPER, ED)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant, and that no unit was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	Owners::set([SUBJECT].into_iter().chain(OTHERS).map(|subject| (subject, OWNER)).collect());
	new_test_ext().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		Revenue::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued);
	});
}

/// The origin of an account.
pub fn by(account: u128) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

/// What is dispatched changes nothing when it fails.
pub fn dispatched(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
	with_storage_layer(call)
}

pub fn set_owner(subject: Subject, owner: u128) {
	Owners::mutate(|owners| owners.insert(subject, owner));
}

/// Nobody owns a subject any more.
pub fn unset_owner(subject: Subject) {
	Owners::mutate(|owners| owners.remove(&subject));
}

/// The shares of most tests: nothing is retained.
pub fn spec() -> ShareSpec {
	ShareSpec {
		supply: SUPPLY,
		name: b"Shares of a model".to_vec().try_into().unwrap(),
		symbol: b"SHARE".to_vec().try_into().unwrap(),
		decimals: 2,
		retained: Permill::zero(),
	}
}

/// The same with a part of the income, in percent, that is retained.
pub fn retaining(percent: u32) -> ShareSpec {
	ShareSpec { retained: Permill::from_percent(percent), ..spec() }
}

pub fn tokenize(account: u128, spec: ShareSpec) -> DispatchResult {
	dispatched(|| Revenue::tokenize(by(account), SUBJECT, spec))
}

pub fn transfer(from: u128, to: u128, shares: Balance) -> DispatchResult {
	dispatched(|| Revenue::transfer(by(from), SUBJECT, to, shares))
}

pub fn claim(account: u128) -> DispatchResult {
	dispatched(|| Revenue::claim(by(account), SUBJECT))
}

pub fn redeem(account: u128, shares: Balance) -> DispatchResult {
	dispatched(|| Revenue::redeem(by(account), SUBJECT, shares))
}

pub fn collect() -> DispatchResult {
	dispatched(|| Revenue::collect(by(STRANGER), SUBJECT))
}

/// A stream whose owner has all the shares.
pub fn tokenized() {
	assert_ok!(tokenize(OWNER, spec()));
}

/// One of which the owner has half, the buyer three tenths and the holder a fifth.
pub fn shared(percent: u32) {
	assert_ok!(tokenize(OWNER, retaining(percent)));
	assert_ok!(transfer(OWNER, BUYER, SUPPLY * 3 / 10));
	assert_ok!(transfer(OWNER, HOLDER, SUPPLY / 5));
}

pub fn pot() -> u128 {
	Revenue::pot(SUBJECT)
}

/// The subject earns.
pub fn earn(income: Balance) {
	assert_ok!(Balances::transfer(&PAYER, &pot(), income, Preservation::Preserve));
}

pub fn view() -> StreamView<u128> {
	Revenue::stream(SUBJECT).unwrap()
}

pub fn holding(who: u128) -> Option<HoldingView<u128>> {
	Revenue::holding(SUBJECT, who)
}

pub fn shares(who: u128) -> Balance {
	holding(who).map_or(0, |holding| holding.shares)
}

pub fn claimable(who: u128) -> Balance {
	holding(who).map_or(0, |holding| holding.claimable)
}

/// What is held of an account.
pub fn held(account: u128) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), &account)
}

/// What an account can spend.
pub fn free(account: u128) -> Balance {
	Balances::balance(&account)
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Revenue(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().unwrap()
}

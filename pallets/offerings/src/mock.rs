//! A runtime of this pallet and what it stands on, with the real ledger of shares. Accounts are long
//! enough for one of each offering.

use crate::{self as pallet_offerings, Event, HoldReason};
use assay_primitives::{
	offering::{Milestone, OfferingSpec, OfferingStatus, OfferingView, TicketView},
	revenue::{ShareSpec, Subject, SubjectInspect, UsageInspect, UsageTotal},
	Balance, ModelId, OfferingId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		fungibles::Inspect as _,
		tokens::Preservation,
		ConstU128, ConstU32,
	},
	PalletId,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult, Permill};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Revenue: pallet_revenue,
		Offerings: pallet_offerings,
	}
);

/// Owns the model of the tests and offers shares of it.
pub const ISSUER: u128 = 1;
/// Buys shares.
pub const BUYER: u128 = 2;
/// Buys others.
pub const OTHER: u128 = 3;
/// Has no business here.
pub const STRANGER: u128 = 4;
/// Pays for jobs.
pub const PAYER: u128 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u128 = 6;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 1 << 100;
/// The existential deposit.
pub const ED: Balance = 100;
/// The deposit for an offering.
pub const DEPOSIT: Balance = 1_000;
/// The deposit for a ticket.
pub const TICKET: Balance = 150;
/// The least that a subscription costs.
pub const LEAST: Balance = 20;
/// The most blocks to a deadline.
pub const MAX_DURATION: u32 = 200;
/// The most blocks of vesting.
pub const MAX_VESTING: u32 = 1_000;
/// All shares in the income of the model.
pub const SUPPLY: Balance = 10_000;
/// Those for sale.
pub const SHARES: Balance = 1_000;
/// What one costs.
pub const PRICE: Balance = 10;
/// The least money for which any are sold.
pub const TARGET: Balance = 5_000;
/// The first block in which nobody can subscribe any more.
pub const DEADLINE: u32 = 50;
/// The blocks of vesting.
pub const VESTING: u32 = 100;
/// What earns.
pub const SUBJECT: Subject = Subject::Model(ModelId(7));
/// The first offering.
pub const ID: OfferingId = OfferingId(0);

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
	pub const OfferingsPalletId: PalletId = PalletId(*b"py/offer");
	/// How much the model was used: each job has paid one unit for it.
	pub static Used: UsageTotal = UsageTotal { jobs: 40, paid: 40 };
}

/// All that earns is the issuer's.
pub struct MockSubjects;

impl SubjectInspect<u128> for MockSubjects {
	fn owner(_: Subject) -> Option<u128> {
		Some(ISSUER)
	}
}

pub struct MockUsage;

impl UsageInspect for MockUsage {
	fn used(_: Subject) -> UsageTotal {
		Used::get()
	}
}

impl pallet_revenue::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Subjects = MockSubjects;
	type PalletId = RevenuePalletId;
	type Deposit = ConstU128<1>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

impl pallet_offerings::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Shares = Revenue;
	type Income = Revenue;
	type Usage = MockUsage;
	type PalletId = OfferingsPalletId;
	type MaxDuration = ConstU32<MAX_DURATION>;
	type MaxVesting = ConstU32<MAX_VESTING>;
	type MinSubscription = ConstU128<LEAST>;
	type Deposit = ConstU128<DEPOSIT>;
	type TicketDeposit = ConstU128<TICKET>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::offering::OfferingScene<u128> for Scene {
	fn tokenized(holder: &u128, shares: Balance) -> Subject {
		fund(&ISSUER);
		let spec = ShareSpec { supply: shares, ..share_spec() };
		assert_ok!(Revenue::tokenize(by(ISSUER), SUBJECT, spec));
		assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, *holder, shares));
		SUBJECT
	}

	fn earn(_: Subject, income: Balance) {
		fund(&PAYER);
		earn(income);
	}

	fn fund(account: &u128) {
		fund(account);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::BenchmarkScene<u128> for Scene {
	fn publish_with(_: u32) -> assay_primitives::VersionId {
		unimplemented!("the ledger of shares has benchmarks of its own")
	}

	fn serve(_: assay_primitives::VersionId, _: u32) -> u128 {
		unimplemented!("nobody serves anything here")
	}

	fn most_providers() -> u32 {
		0
	}

	fn fund(account: &u128) {
		fund(account);
	}
}

/// Give an account enough for anything.
#[cfg(feature = "runtime-benchmarks")]
fn fund(account: &u128) {
	Balances::set_balance(account, Balance::from(u64::MAX));
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [ISSUER, BUYER, OTHER, STRANGER, PAYER].map(|account| (account, ENDOWMENT));
	let balances = rich.into_iter().chain([(PAUPER, ED)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test with shares that the issuer has, then check every invariant, and that no unit was made
/// or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	Used::set(UsageTotal { jobs: 40, paid: 40 });
	new_test_ext().execute_with(|| {
		assert_ok!(Revenue::tokenize(by(ISSUER), SUBJECT, share_spec()));
		let issued = Balances::total_issuance();
		test();
		Offerings::do_try_state().unwrap();
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

/// Go to a block.
pub fn go_to(block: u32) {
	System::set_block_number(block);
}

/// The model is used so often more, and one unit is paid for each job.
pub fn use_it(jobs: u64) {
	Used::mutate(|used| {
		used.jobs += jobs;
		used.paid += Balance::from(jobs);
	});
}

/// The shares in the income of the model earn.
pub fn earn(income: Balance) {
	let pot = Revenue::pot(SUBJECT);
	assert_ok!(Balances::transfer(&PAYER, &pot, income, Preservation::Preserve));
}

pub fn share_spec() -> ShareSpec {
	ShareSpec {
		supply: SUPPLY,
		name: b"Shares of a model".to_vec().try_into().unwrap(),
		symbol: b"SHARE".to_vec().try_into().unwrap(),
		decimals: 2,
		retained: Permill::zero(),
	}
}

pub fn milestone(jobs: u64, by: u32, percent: u32) -> Milestone {
	Milestone { jobs, paid: 0, by, part: Permill::from_percent(percent) }
}

/// What most tests offer.
pub fn spec() -> OfferingSpec {
	OfferingSpec {
		subject: SUBJECT,
		shares: SHARES,
		price: PRICE,
		target: TARGET,
		deadline: DEADLINE,
		upfront: Permill::from_percent(40),
		milestones: vec![milestone(10, 100, 25), milestone(30, 200, 35)].try_into().unwrap(),
		vesting: VESTING,
	}
}

/// The same without milestones.
pub fn all_upfront() -> OfferingSpec {
	OfferingSpec { upfront: Permill::one(), milestones: Default::default(), ..spec() }
}

pub fn open(spec: OfferingSpec) -> DispatchResult {
	dispatched(|| Offerings::open(by(ISSUER), spec))
}

pub fn subscribe(who: u128, shares: Balance) -> DispatchResult {
	dispatched(|| Offerings::subscribe(by(who), ID, shares))
}

pub fn close() -> DispatchResult {
	dispatched(|| Offerings::close(by(STRANGER), ID))
}

pub fn collect(ticket: u32) -> DispatchResult {
	dispatched(|| Offerings::collect(by(STRANGER), ID, ticket))
}

pub fn release() -> DispatchResult {
	dispatched(|| Offerings::release(by(STRANGER), ID))
}

pub fn fail() -> DispatchResult {
	dispatched(|| Offerings::fail(by(STRANGER), ID))
}

pub fn vote(who: u128, ticket: u32) -> DispatchResult {
	dispatched(|| Offerings::vote_abort(by(who), ID, ticket))
}

pub fn forward() -> DispatchResult {
	dispatched(|| Offerings::forward(by(STRANGER), ID))
}

pub fn remove() -> DispatchResult {
	dispatched(|| Offerings::remove(by(STRANGER), ID))
}

/// An offering that nobody has subscribed to.
pub fn opened() {
	assert_ok!(open(spec()));
}

/// One to which the buyer and the other have subscribed so much, each with a ticket, that is closed in
/// the block of its deadline.
pub fn closed(buyer: Balance, other: Balance) {
	closed_as(spec(), buyer, other);
}

pub fn closed_as(spec: OfferingSpec, buyer: Balance, other: Balance) {
	assert_ok!(open(spec));
	assert_ok!(subscribe(BUYER, buyer));
	assert_ok!(subscribe(OTHER, other));
	go_to(DEADLINE);
	assert_ok!(close());
}

/// The account of the offering.
pub fn account() -> u128 {
	Offerings::account(ID, &ISSUER)
}

pub fn view() -> OfferingView<u128> {
	Offerings::offering(ID).unwrap()
}

pub fn status() -> OfferingStatus {
	view().status
}

pub fn ticket(number: u32) -> Option<TicketView<u128>> {
	Offerings::ticket(ID, number)
}

/// What an account can spend.
pub fn free(account: u128) -> Balance {
	Balances::balance(&account)
}

/// The shares that an account has.
pub fn shares(account: u128) -> Balance {
	Revenue::balance(SUBJECT, &account)
}

/// What is held of an account for deposits.
pub fn held(account: u128) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), &account)
}

/// What is held in the account of the offering.
pub fn escrow() -> Balance {
	Balances::balance_on_hold(&HoldReason::Escrow.into(), &account())
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Offerings(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().unwrap()
}

//! A runtime of this pallet and what it stands on. The market for jobs is a pallet of its own, which
//! holds what jobs cost.

use crate::{self as pallet_subscriptions, Event, HoldReason, WeightInfo};
use assay_primitives::{
	job::{Choice, Input, Terms},
	subscription::{SubscriptionSpec, SubscriptionView, Target},
	traits::{ModelInspect, VersionInfo},
	Balance, ModelId, SubscriptionId, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold},
		ConstU128, ConstU32, ConstU8, Hooks,
	},
	weights::Weight,
};
use sp_runtime::{ArithmeticError, BuildStorage, DispatchError, DispatchResult};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Market: market,
		Subscriptions: pallet_subscriptions,
	}
);

/// Has the subscriptions.
pub const SUBSCRIBER: u64 = 1;
/// May feed inputs.
pub const FEEDER: u64 = 2;
/// May not.
pub const STRANGER: u64 = 3;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 4;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 10_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The deposit for a subscription.
pub const BASE: Balance = 1_000;
/// The deposit for a byte of an input.
pub const PER_BYTE: Balance = 3;
/// The most that a job of the tests may cost.
pub const FEE: Balance = 500;
/// The deposit of a job, besides its bytes.
pub const JOB_DEPOSIT: Balance = 40;
/// What is set aside.
pub const BUDGET: Balance = 10_000;
/// The blocks from run to run.
pub const PERIOD: u32 = 10;
/// The shortest period.
pub const MIN_PERIOD: u32 = 5;
/// The longest.
pub const MAX_PERIOD: u32 = 1_000;
/// The blocks for which a subscription may rest.
pub const RETENTION: u32 = 50;
/// The most subscriptions of an account.
pub const MOST: u32 = 4;
/// What the market says of sums that it cannot count.
pub const OVERFLOW: DispatchError = DispatchError::Arithmetic(ArithmeticError::Overflow);
/// The version of the tests.
pub const VERSION: VersionId = VersionId { model: ModelId(7), number: 2 };
/// The first subscription.
pub const ID: SubscriptionId = SubscriptionId(0);

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

/// Jobs: what is held for them, and nothing else.
#[frame_support::pallet]
pub mod market {
	use super::{Refusal, Surcharge, JOB_DEPOSIT, OVERFLOW};
	use assay_primitives::{
		job::{Input, Terms},
		traits::JobRequests,
		Balance, JobId, VersionId,
	};
	use codec::Encode;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::MutateHold,
			tokens::{Fortitude, Precision, Restriction},
		},
	};

	#[pallet::pallet]
	#[pallet::without_storage_info]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = u64> {
		type Currency: MutateHold<u64, Reason = Self::RuntimeHoldReason, Balance = Balance>;
		type RuntimeHoldReason: From<HoldReason>;
	}

	#[pallet::composite_enum]
	pub enum HoldReason {
		#[codec(index = 0)]
		Job,
	}

	#[pallet::storage]
	pub type Next<T> = StorageValue<_, JobId, ValueQuery>;

	/// The jobs with who asked, what is run, for which input, and what is held.
	#[pallet::storage]
	pub type Jobs<T> =
		StorageMap<_, Twox64Concat, JobId, (u64, VersionId, Input, Balance), OptionQuery>;

	impl<T: Config> JobRequests<u64> for Pallet<T> {
		fn request(
			requester: u64,
			version: VersionId,
			input: Input,
			terms: Terms<u64>,
		) -> Result<(JobId, Balance), DispatchError> {
			let (job, cost) = (Next::<T>::get(), Self::cost(&input, &terms)?);
			Next::<T>::put(JobId(job.0 + 1));
			T::Currency::hold(&HoldReason::Job.into(), &requester, cost)?;
			Jobs::<T>::insert(job, (requester, version, input, cost));
			match Refusal::get() {
				Some(error) => Err(error),
				None => Ok((job, cost + Surcharge::get())),
			}
		}

		fn cost(input: &Input, terms: &Terms<u64>) -> Result<Balance, DispatchError> {
			let deposit = JOB_DEPOSIT + input.encoded_size() as Balance;
			terms.max_fee.checked_add(deposit).ok_or(OVERFLOW)
		}

		fn request_weight() -> Weight {
			Weight::from_parts(1, 0)
		}
	}

	impl<T: Config> Pallet<T> {
		/// End a job: a part of what is held is paid, the rest goes back.
		pub fn end(job: JobId, to: u64, paid: Balance) {
			let (requester, _, _, held) = Jobs::<T>::take(job).unwrap();
			let reason = HoldReason::Job.into();
			let (exact, free, force) = (Precision::Exact, Restriction::Free, Fortitude::Force);
			T::Currency::transfer_on_hold(&reason, &requester, &to, paid, exact, free, force)
				.unwrap();
			T::Currency::release(&reason, &requester, held - paid, exact).unwrap();
		}
	}
}

impl market::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
	/// Why the market refuses jobs.
	pub static Refusal: Option<DispatchError> = None;
	/// What the market says that it holds beyond what it does.
	pub static Surcharge: Balance = 0;
	/// The newest active version of the model of the tests.
	pub static Newest: Option<u32> = Some(2);
}

/// A registry of one model, of whose versions the newest is active.
pub struct MockModels;

impl ModelInspect<u64> for MockModels {
	fn version(_: VersionId) -> Option<VersionInfo<u64>> {
		None
	}

	fn is_active(version: VersionId) -> bool {
		version.model == VERSION.model && Some(version.number) == Newest::get()
	}

	fn newest_active(model: ModelId) -> Option<VersionId> {
		let newest = Newest::get().filter(|_| model == VERSION.model);
		newest.map(|number| VersionId { model, number })
	}
}

/// One unit for everything.
pub struct OneEach;

macro_rules! one_each {
	($($name:ident($($argument:ident)?)),*) => {
		impl WeightInfo for OneEach {
			$(fn $name($($argument: u32)?) -> Weight {
				$(let _ = $argument;)?
				Weight::from_parts(1, 0)
			})*
		}
	};
}

one_each!(
	subscribe(),
	feed(i),
	take_back(),
	top_up(),
	set_terms(),
	set_paused(),
	end(),
	expire(),
	sweep_block(),
	sweep_run(i),
	sweep_skip()
);

impl pallet_subscriptions::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = MockModels;
	type Jobs = Market;
	type MinPeriod = ConstU32<MIN_PERIOD>;
	type MaxPeriod = ConstU32<MAX_PERIOD>;
	type Retention = ConstU32<RETENTION>;
	type MaxFailures = ConstU8<3>;
	type MaxPerAccount = ConstU32<MOST>;
	type DepositBase = ConstU128<BASE>;
	type DepositPerByte = ConstU128<PER_BYTE>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::BenchmarkScene<u64> for Scene {
	fn publish_with(_: u32) -> VersionId {
		VERSION
	}

	fn serve(_: VersionId, _: u32) -> u64 {
		unimplemented!("nobody serves anything here")
	}

	fn most_providers() -> u32 {
		0
	}

	fn fund(account: &u64) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, Balance::from(u64::MAX));
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [SUBSCRIBER, FEEDER, STRANGER];
	let balances =
		rich.map(|account| (account, ENDOWMENT)).into_iter().chain([(PAUPER, ED)]).collect();
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
	SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
	Refusal::set(None);
	Surcharge::set(0);
	Newest::set(Some(VERSION.number));
	new_test_ext().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		Subscriptions::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued);
	});
}

/// Go to a block.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Subscriptions::on_initialize(next);
	}
}

/// Go to a block without the sweep.
pub fn skip_to(block: u32) {
	System::set_block_number(block);
}

/// The origin of an account.
pub fn by(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn terms() -> Terms<u64> {
	Terms {
		max_fee: FEE,
		value: 0,
		deliver_within: 20,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	}
}

/// What the subscriptions of the tests are to.
pub fn spec() -> SubscriptionSpec<u64> {
	SubscriptionSpec {
		target: Target::Version(VERSION),
		terms: terms(),
		period: PERIOD,
		runs: None,
		feeder: Some(FEEDER),
		repeat: false,
	}
}

pub fn subscribe(spec: SubscriptionSpec<u64>, budget: Balance) -> DispatchResult {
	Subscriptions::subscribe(by(SUBSCRIBER), spec, budget)
}

/// A subscription without an input, in block 1.
pub fn subscribed() -> SubscriptionId {
	let id = crate::NextSubscription::<Test>::get();
	assert_ok!(subscribe(spec(), BUDGET));
	id
}

/// A subscription whose first run is due in block 2.
pub fn fed_subscription(spec: SubscriptionSpec<u64>, budget: Balance) -> SubscriptionId {
	let id = crate::NextSubscription::<Test>::get();
	assert_ok!(subscribe(spec, budget));
	assert_ok!(feed(FEEDER, id));
	id
}

/// An input of so many bytes, all of them this one.
pub fn input_of(byte: u8, bytes: usize) -> Input {
	Input::Inline(vec![byte; bytes].try_into().unwrap())
}

/// Feed the input of most tests.
pub fn feed(account: u64, id: SubscriptionId) -> DispatchResult {
	Subscriptions::feed(by(account), id, Box::new(input_of(1, 10)))
}

/// What a run of that input costs: the fee, and a deposit for 12 bytes of encoding.
pub const COST: Balance = FEE + JOB_DEPOSIT + 12;
/// What is held for that input.
pub const INPUT_DEPOSIT: Balance = 12 * PER_BYTE;

pub fn view(id: SubscriptionId) -> Option<SubscriptionView<u64>> {
	Subscriptions::subscription(id)
}

/// What is held of an account for budgets and for deposits.
pub fn held(account: u64) -> (Balance, Balance) {
	let of = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &account);
	(of(HoldReason::Budget), of(HoldReason::Deposit))
}

/// What an account can spend.
pub fn free(account: u64) -> Balance {
	Balances::balance(&account)
}

/// The jobs so far.
pub fn jobs() -> usize {
	market::Jobs::<Test>::iter_keys().count()
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Subscriptions(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().unwrap()
}

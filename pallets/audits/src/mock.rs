//! A runtime of this pallet and what it stands on. The market and the disputes are kept in statics.

use crate::{self as pallet_audits, weights::WeightInfo};
use assay_canon::commitment::{GraphHeader, Hash};
use assay_dispute::dispute::seal;
use assay_primitives::{
	audit::{subject, AuditOutcome},
	commitment::HostBlake2b256,
	job::JobKind,
	provider::{Candidate, Engagement, Performance, Statistics, Tier},
	traits::{
		Disputable, OnSubmitted, ProviderInspect, ProviderMarket, Provisional, Stayable, Stayed,
		Undisputable, Withheld,
	},
	Balance, JobId, ModelId, Root, VersionId,
};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::Precision,
		ConstU128, ConstU32, Hooks, Randomness,
	},
	weights::Weight,
	PalletId,
};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};
use std::collections::BTreeMap;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Audits: pallet_audits,
	}
);

/// Asks and pays.
pub const REQUESTER: u64 = 1;
/// Answers.
pub const PROVIDER: u64 = 2;
/// Serve the version, too.
pub const RIVALS: [u64; 4] = [10, 11, 12, 13];
/// Serves nothing.
pub const STRANGER: u64 = 4;
/// What everybody has at the start.
pub const ENDOWMENT: Balance = 100_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The bond of a history in a dispute, and so of an auditor.
pub const BOND: Balance = 1_000_003;
/// The fee of a job.
pub const FEE: Balance = 100_000;
/// What the pot has at the start beyond the existential deposit.
pub const POT: Balance = 1_000_000;
/// What each auditor is paid while the pot lasts: a fifth of the fee.
pub const PAY: Balance = FEE / 5;
/// The free stake of a provider.
pub const STAKE: Balance = 10_000_000;
/// The blocks of each part of an audit.
pub const STEP: u32 = 6;
/// The version of the tests.
pub const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
/// The job of most tests.
pub const JOB: JobId = JobId(7);
/// The right trace of its run.
pub const TRUTH: Hash = [1; 32];
/// A wrong one.
pub const LIE: Hash = [2; 32];
/// A salt.
pub const SALT: Hash = [7; 32];

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

/// A job of the mock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockJob {
	pub attempt: u8,
	pub provider: u64,
	pub fee: Balance,
	pub provisional: bool,
}

parameter_types! {
	pub static Jobs: BTreeMap<JobId, MockJob> = BTreeMap::new();
	/// Whether clocks cannot be stopped any more.
	pub static Unstayable: bool = false;
	/// The least blocks that checking a job takes.
	pub static LeastStep: u32 = 0;
	pub static Free: BTreeMap<u64, Balance> = everybody();
	pub static Records: BTreeMap<u64, Statistics> = BTreeMap::new();
	pub static Random: Option<u8> = Some(7);
	pub static SampleRate: Permill = Permill::one();
	pub static Share: Permill = Permill::from_percent(20);
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
	/// What the disputes make of auditors who disagree.
	pub static Answer: Result<(), Undisputable> = Ok(());
	/// What was disputed.
	pub static Disputed: Option<(JobId, [(u64, Hash); 2])> = None;
	pub const PotId: PalletId = PalletId(*b"test/aud");
}

fn everybody() -> BTreeMap<u64, Balance> {
	RIVALS.into_iter().chain([PROVIDER]).map(|account| (account, STAKE)).collect()
}

/// The jobs of the static.
pub struct MockJobs;

impl Stayable<u64> for MockJobs {
	fn stay(job: JobId, _: &u64) -> Result<Stayed<u64>, DispatchError> {
		let record = Jobs::get().get(&job).cloned().ok_or(DispatchError::CannotLookup)?;
		if Unstayable::get() || !record.provisional {
			return Err(DispatchError::Unavailable);
		}
		let MockJob { attempt, provider, fee, .. } = record;
		set_stays(job, stays(job) + 1);
		Ok(Stayed {
			attempt,
			version: VERSION,
			requester: REQUESTER,
			provider,
			exposure: 100 * fee,
			fee,
			kind: JobKind::Single,
			input: Root::default(),
			input_inline: true,
			private: false,
			inputs: Vec::new(),
			output: None,
			least_step: LeastStep::get(),
		})
	}

	fn provisional(job: JobId) -> Option<Provisional<u64>> {
		let MockJob { attempt, provider, provisional, .. } = Jobs::get().get(&job)?.clone();
		provisional.then_some(Provisional { attempt, version: VERSION, provider })
	}

	fn resume(job: JobId, attempt: u8) {
		if Jobs::get().get(&job).is_some_and(|record| record.attempt == attempt) {
			set_stays(job, stays(job).checked_sub(1).expect("each resume follows a stay; qed"));
		}
	}

	fn withhold_output(_: JobId, _: u8, _: &[(u64, Balance)]) -> Withheld {
		unreachable!("audits ask for no output")
	}

	fn withhold_input(_: JobId, _: u8) -> Withheld {
		unreachable!("audits ask for no input")
	}
}

/// The providers of the statics.
pub struct MockMarket;

impl ProviderMarket<u64> for MockMarket {
	fn count(_: VersionId) -> u32 {
		Free::get().len() as u32
	}

	fn candidates(_: VersionId, _: Balance, _: u128) -> Vec<Candidate<u64>> {
		let (quality, tier) = (Permill::from_percent(50), Tier::New);
		let candidate =
			|(provider, free_stake)| Candidate { provider, ask: 1, free_stake, quality, tier };
		Free::get().into_iter().map(candidate).collect()
	}

	fn cheapest(version: VersionId) -> Vec<Candidate<u64>> {
		Self::candidates(version, Balance::MAX, 0)
	}

	fn candidate(version: VersionId, provider: &u64) -> Option<Candidate<u64>> {
		Self::cheapest(version).into_iter().find(|candidate| candidate.provider == *provider)
	}

	fn assign(_: &u64, _: Engagement) -> DispatchResult {
		unreachable!("audits lock no stake")
	}

	fn answered(_: &u64, _: VersionId) {
		unreachable!("audits lock no stake")
	}

	fn finish(_: &u64, _: Engagement, _: Performance) {
		unreachable!("audits lock no stake")
	}

	fn slash(_: &u64, _: Engagement, _: &[(u64, Balance)]) {
		unreachable!("audits lock no stake")
	}
}

impl ProviderInspect<u64> for MockMarket {
	fn statistics(provider: &u64) -> Statistics {
		Records::get().get(provider).copied().unwrap_or_default()
	}
}

/// Disputes that are as `Answer` says. A bond is taken as the real ones do.
pub struct MockDisputes;

impl Disputable<u64> for MockDisputes {
	fn bond(_: Balance) -> Balance {
		BOND
	}

	fn open(
		job: JobId,
		header: &GraphHeader,
		histories: [(u64, Hash); 2],
	) -> Result<(), Undisputable> {
		if header.nodes.count > 0 {
			return Err(Undisputable::WrongHeader);
		}
		Answer::get()?;
		for (account, _) in &histories {
			let free = Balances::free_balance(account);
			assert!(free >= BOND + ED, "the bonds are given back before");
		}
		Disputed::set(Some((job, histories)));
		change(job, |record| record.provisional = false);
		Ok(())
	}
}

/// A hash of the subject and the static's byte.
pub struct MockRandomness;

impl Randomness<Option<H256>, u32> for MockRandomness {
	fn random(subject: &[u8]) -> (Option<H256>, u32) {
		let block = System::block_number();
		let hash = |byte| {
			let parts = (subject, byte, block).encode();
			sp_io::hashing::blake2_256(&parts).into()
		};
		(Random::get().map(hash), block.saturating_sub(1))
	}
}

/// One unit for everything.
pub struct OneEach;

impl WeightInfo for OneEach {
	fn commit() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn reveal() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn advance() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn draw(_: u32) -> Weight {
		Weight::from_parts(1, 0)
	}

	fn look() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn sweep_block() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn sweep_open(_: u32) -> Weight {
		Weight::from_parts(1, 0)
	}
}

impl pallet_audits::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Jobs = MockJobs;
	type Providers = MockMarket;
	type Disputes = MockDisputes;
	type Randomness = MockRandomness;
	type Pot = PotId;
	type Rate = SampleRate;
	type PayShare = Share;
	type Step = ConstU32<STEP>;
	type MaxResults = ConstU32<4_096>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::AuditScene<u64> for Scene {
	fn audited_job(_: Root, providers: u32) -> JobId {
		let all =
			(0..providers).map(|index| (frame_benchmarking::account("provider", index, 0), STAKE));
		Free::set(all.collect());
		Jobs::mutate(|jobs| jobs.insert(JOB, job()));
		JOB
	}

	fn fund(account: &u64) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, Balance::from(u64::MAX));
	}
}

/// A job with a provisional result.
pub fn job() -> MockJob {
	MockJob { attempt: 1, provider: PROVIDER, fee: FEE, provisional: true }
}

/// How often the clock of a job is stopped. In storage, since a draw without auditors is turned
/// back.
pub fn stays(job: JobId) -> u32 {
	frame_support::storage::unhashed::get_or(&(b"stays", job).encode(), 0)
}

pub fn set_stays(job: JobId, count: u32) {
	frame_support::storage::unhashed::put(&(b"stays", job).encode(), &count);
}

/// Change a job of the static.
pub fn change(job: JobId, change: impl FnOnce(&mut MockJob)) {
	Jobs::mutate(|jobs| jobs.get_mut(&job).map(change));
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = RIVALS.into_iter().chain([REQUESTER, PROVIDER, STRANGER]);
	let balances =
		rich.map(|account| (account, ENDOWMENT)).chain([(Audits::pot(), ED + POT)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
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
		Audits::do_try_state().unwrap();
		clocks_match();
	});
}

/// Exactly the jobs that are audited are stayed.
pub fn clocks_match() {
	for id in Jobs::get().into_keys() {
		assert_eq!(stays(id), u32::from(crate::Audits::<Test>::contains_key(id)), "{id}");
	}
}

/// Go to a block, with the hook of each on the way.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Audits::on_initialize(next);
	}
}

/// Submit a result now.
pub fn submitted(id: JobId) {
	Jobs::mutate(|jobs| jobs.insert(id, job()));
	Audits::submitted(id);
}

/// A job whose result was submitted in block 1 and is audited from block 4 on; its auditors.
pub fn audited() -> [u64; 2] {
	submitted(JOB);
	run_to(4);
	auditors()
}

/// The auditors of the job.
pub fn auditors() -> [u64; 2] {
	let seats = crate::Audits::<Test>::get(JOB).expect("the job is audited; qed").seats;
	seats.map(|seat| seat.auditor)
}

/// The origin of an account.
pub fn by(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn sealed(account: u64, history: Hash) -> Hash {
	seal::<HostBlake2b256>(&subject(JOB, 1), &account.encode(), &history, &SALT)
}

pub fn commit(account: u64, history: Hash) -> DispatchResult {
	Audits::commit(by(account), JOB, sealed(account, history))
}

pub fn reveal(account: u64, history: Hash) -> DispatchResult {
	Audits::reveal(by(account), JOB, history, SALT, Box::default())
}

/// What is held of an account.
pub fn held(account: u64) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Bond.into(), &account)
}

/// Have an account hold all that it can spend.
pub fn spend_all(account: u64) {
	let all = Balances::free_balance(account) - ED;
	let reason = crate::HoldReason::Bond.into();
	Balances::hold(&reason, &account, all).unwrap();
}

/// Undo [`spend_all`].
pub fn unspend(account: u64) {
	let (reason, all) = (crate::HoldReason::Bond.into(), held(account));
	Balances::release(&reason, &account, all, Precision::Exact).unwrap();
}

/// The events of this pallet so far.
pub fn events() -> Vec<crate::Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Audits(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

/// How the audit ended, as an event tells.
pub fn outcome() -> Option<AuditOutcome> {
	events().into_iter().find_map(|event| match event {
		crate::Event::AuditEnded { outcome, .. } => Some(outcome),
		_ => None,
	})
}

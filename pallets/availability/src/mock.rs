//! A runtime of this pallet and what it stands on. The market for jobs is kept in storage of its
//! own, so that a refused call leaves it as it was.

use crate::{self as pallet_availability, Event, HoldReason, WeightInfo};
use assay_primitives::{
	availability::{answer, AnswerBytes, Place, Side},
	commitment::{tensor_root, tensors_root},
	job::{JobKind, OutputRecord, TensorHeader},
	model::{Artifact, Class, PriceUnit, SpecVersion, VersionSpec, VersionStatus},
	tensor::{DType, Dimension, Tensor, TensorSpec},
	traits::{ModelInspect, Provisional, Stayable, Stayed, VersionInfo, Withheld},
	ArtifactHash, Balance, DemandId, JobId, VersionId,
};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{InspectHold, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, Hooks,
	},
	weights::Weight,
	Twox64Concat,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Availability: pallet_availability,
	}
);

/// Asked for the jobs.
pub const REQUESTER: u64 = 1;
/// Has or answered them.
pub const PROVIDER: u64 = 2;
/// Demands.
pub const DEMANDER: u64 = 3;
/// Demands as well, or answers for others.
pub const HELPER: u64 = 4;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 5;
/// Does not exist before something is paid to it.
pub const NOBODY: u64 = 6;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 10_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The price of a demand, which is odd.
pub const PRICE: Balance = 1_001;
/// The blocks for an answer.
pub const STEP: u32 = 4;
/// The blocks after which a demand that waits for a verdict is looked at again.
pub const RETRY: u32 = 3;
/// What the provider has at stake.
pub const EXPOSURE: Balance = 1_000_019;
/// A file.
pub const ARTIFACT: Artifact = Artifact { hash: ArtifactHash([7; 32]), size: 100 };
/// The job of the tests.
pub const JOB: JobId = JobId(7);
/// Another one.
pub const OTHER: JobId = JobId(8);

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

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Status {
	Assigned,
	Provisional,
	Disputed,
	OutputWithheld,
	InputWithheld,
	Over,
}

/// A job of the market.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MockJob {
	pub status: Status,
	pub attempt: u8,
	pub stays: u32,
	pub kind: JobKind,
	pub inline: bool,
	pub private: bool,
	pub inputs: Vec<TensorHeader>,
	pub output: Option<OutputRecord>,
}

/// The market.
#[storage_alias]
pub type Market = StorageMap<MockJobs, Twox64Concat, JobId, MockJob>;

parameter_types! {
	pub static PriceOfDemand: Balance = PRICE;
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
	pub static Published: bool = true;
}

pub struct MockJobs;

impl Stayable<u64> for MockJobs {
	fn stay(job: JobId, by: &u64) -> Result<Stayed<u64>, DispatchError> {
		let mut record = Market::get(job).ok_or(DispatchError::Unavailable)?;
		match record.status {
			Status::Assigned if *by == PROVIDER => {},
			Status::Provisional | Status::Disputed => {},
			_ => return Err(DispatchError::Other("no clock")),
		}
		record.stays += 1;
		Market::insert(job, &record);
		Ok(Stayed {
			attempt: record.attempt,
			version: VersionId::default(),
			requester: REQUESTER,
			provider: PROVIDER,
			exposure: EXPOSURE,
			fee: 1,
			kind: record.kind,
			input: tensors_root(&inputs()),
			input_inline: record.inline,
			private: record.private,
			inputs: record.inputs,
			output: record.output,
			least_step: 0,
		})
	}

	fn provisional(job: JobId) -> Option<Provisional<u64>> {
		let MockJob { attempt, status, .. } = Market::get(job)?;
		let version = VersionId::default();
		(status == Status::Provisional).then_some(Provisional {
			attempt,
			version,
			provider: PROVIDER,
		})
	}

	fn resume(job: JobId, attempt: u8) {
		Market::mutate(job, |record| {
			let record = record.as_mut().filter(|record| record.attempt == attempt);
			if let Some(record) = record {
				record.stays = record.stays.saturating_sub(1);
			}
		});
	}

	fn withhold_output(job: JobId, attempt: u8, shares: &[(u64, Balance)]) -> Withheld {
		let withheld = withhold(job, attempt, Status::OutputWithheld);
		if withheld == Withheld::Done {
			let keep = Preservation::Preserve;
			let mut left = EXPOSURE;
			for (account, amount) in shares {
				<Balances as Mutate<u64>>::transfer(&PROVIDER, account, *amount, keep).unwrap();
				left -= amount;
			}
			let (exact, force) = (Precision::Exact, Fortitude::Force);
			<Balances as Mutate<u64>>::burn_from(&PROVIDER, left, keep, exact, force).unwrap();
		}
		withheld
	}

	fn withhold_input(job: JobId, attempt: u8) -> Withheld {
		withhold(job, attempt, Status::InputWithheld)
	}
}

fn withhold(job: JobId, attempt: u8, end: Status) -> Withheld {
	let Some(record) = Market::get(job).filter(|record| record.attempt == attempt) else {
		return Withheld::Over;
	};
	match record.status {
		Status::Disputed => Withheld::Disputed,
		Status::Assigned | Status::Provisional => {
			assert!(record.stays > 0, "withheld without a stay");
			Market::insert(job, MockJob { status: end, stays: 0, ..record });
			Withheld::Done
		},
		_ => Withheld::Over,
	}
}

/// A registry of one version.
pub struct MockModels;

impl ModelInspect<u64> for MockModels {
	fn version(_: VersionId) -> Option<VersionInfo<u64>> {
		let tensor = |name: &str, dtype, length| TensorSpec {
			name: name.as_bytes().to_vec().try_into().unwrap(),
			dtype,
			shape: vec![length].try_into().unwrap(),
		};
		let spec = VersionSpec {
			artifact: ARTIFACT,
			locators: Default::default(),
			inputs: vec![
				tensor("bytes", DType::Uint8, Dimension::UpTo(4_000)),
				tensor("one", DType::Float32, Dimension::Fixed(1)),
			]
			.try_into()
			.unwrap(),
			outputs: vec![
				tensor("floats", DType::Float32, Dimension::UpTo(1_000)),
				tensor("one", DType::Int64, Dimension::Fixed(1)),
			]
			.try_into()
			.unwrap(),
			class: Class::Canonical,
			tolerance: None,
			price: 0,
			unit: PriceUnit::Call,
			spec: SpecVersion(1),
			commitments: Default::default(),
			constants: Default::default(),
			licence: Default::default(),
			permissions: Default::default(),
		};
		Published::get().then_some(VersionInfo {
			owner: 0,
			spec,
			status: VersionStatus::Active,
			licence: Default::default(),
		})
	}
}

fn tensor(dtype: DType, length: u32) -> Tensor {
	let bytes = u64::from(length) * dtype.size();
	Tensor::new(dtype, vec![length], (0..bytes).map(|at| (at % 251) as u8).collect()).unwrap()
}

/// The input of every job: the first tensor has three chunks.
pub fn inputs() -> Vec<Tensor> {
	vec![tensor(DType::Uint8, 3_000), tensor(DType::Float32, 1)]
}

/// What every job is answered with: the first tensor has three chunks, of four that it may have.
pub fn outputs() -> Vec<Tensor> {
	vec![tensor(DType::Float32, 600), tensor(DType::Int64, 1)]
}

/// A job whose input and output came by artifact.
pub fn by_artifact(status: Status) -> MockJob {
	let header = |tensor: &Tensor| TensorHeader {
		shape: tensor.shape.clone(),
		root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
	};
	let artifact = Some(ARTIFACT);
	let output = OutputRecord { root: tensors_root(&outputs()), artifact };
	MockJob {
		status,
		attempt: 1,
		stays: 0,
		kind: JobKind::Single,
		inline: false,
		private: false,
		inputs: inputs().iter().map(header).collect(),
		output: (status != Status::Assigned).then_some(output),
	}
}

/// Change the job of the tests.
pub fn change(to: impl FnOnce(&mut MockJob)) {
	Market::mutate(JOB, |job| to(job.as_mut().unwrap()));
}

/// One unit for everything.
pub struct OneEach;

impl WeightInfo for OneEach {
	fn demand() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn serve() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn expire_output() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn expire_input() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn sweep_block() -> Weight {
		Weight::from_parts(1, 0)
	}
}

impl pallet_availability::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = MockModels;
	type Jobs = MockJobs;
	type Price = PriceOfDemand;
	type Step = ConstU32<STEP>;
	type RetryDelay = ConstU32<RETRY>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::AvailabilityScene for Scene {
	fn answered_by_artifact() -> JobId {
		Market::insert(JOB, by_artifact(Status::Provisional));
		JOB
	}
}

/// The state at the start of a test: the result of the job is provisional.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [REQUESTER, PROVIDER, DEMANDER, HELPER];
	let balances =
		rich.map(|account| (account, ENDOWMENT)).into_iter().chain([(PAUPER, ED)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| {
		// Events are recorded from the first block on.
		System::set_block_number(1);
		Market::insert(JOB, by_artifact(Status::Provisional));
		Market::insert(OTHER, by_artifact(Status::Provisional));
	});
	ext
}

/// Run a test, then check every invariant, and that stays are those of open demands.
pub fn build_and_execute(test: impl FnOnce()) {
	PriceOfDemand::set(PRICE);
	SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
	Published::set(true);
	new_test_ext().execute_with(|| {
		test();
		Availability::do_try_state().unwrap();
		for (id, job) in Market::iter() {
			let of = crate::Demands::<Test>::iter_prefix_values(id)
				.filter(|demand| demand.attempt == job.attempt);
			let waits =
				matches!(job.status, Status::Assigned | Status::Provisional | Status::Disputed);
			let stays = if waits { of.count() } else { 0 };
			assert_eq!(job.stays as usize, stays, "{id}");
		}
	});
}

/// Go to a block.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Availability::on_initialize(next);
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

pub const fn output_place(tensor: u32, chunk: u32) -> Place {
	Place { side: Side::Output, tensor, chunk }
}

pub const fn input_place(tensor: u32, chunk: u32) -> Place {
	Place { side: Side::Input, tensor, chunk }
}

/// Demand, and tell the number.
pub fn demand(account: u64, place: Place) -> Result<DemandId, DispatchError> {
	let id = crate::NextDemand::<Test>::get();
	Availability::demand(by(account), JOB, place).map(|()| id)
}

/// What answers a place.
pub fn answer_for(place: &Place) -> AnswerBytes {
	let tensors = if place.side == Side::Input { inputs() } else { outputs() };
	answer(&tensors, 2, place).unwrap().try_into().unwrap()
}

pub fn serve(account: u64, id: DemandId, place: Place) -> DispatchResult {
	Availability::serve(by(account), JOB, id, answer_for(&place))
}

/// Give another answer.
pub fn serve_with(account: u64, id: DemandId, answer: Vec<u8>) -> DispatchResult {
	Availability::serve(by(account), JOB, id, answer.try_into().unwrap())
}

/// What is held of an account.
pub fn held(account: u64) -> Balance {
	Balances::balance_on_hold(&HoldReason::Price.into(), &account)
}

/// What an account has, whether held or not.
pub fn total(account: u64) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account)
}

/// The job of the tests.
pub fn job() -> MockJob {
	Market::get(JOB).unwrap()
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Availability(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

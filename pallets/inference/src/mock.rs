//! A runtime of this pallet and what it stands on. Models and providers are kept in statics.

use crate::{self as pallet_inference, types::Job, weights::SubstrateWeight};
#[cfg(feature = "runtime-benchmarks")]
use assay_primitives::traits::BenchmarkScene;
use assay_primitives::{
	availability::AnswerBytes,
	batch::{ItemOpening, ItemRoots},
	canonical::{Commitments, Cost, InputAxis},
	commitment::tensors_root,
	custody::{Ask, KeyInspect},
	job::{Choice, Input, Output, TensorHeader, Terms},
	licence::Licence,
	model::{Artifact, Class, PriceUnit, SpecVersion, Tolerance, VersionSpec, VersionStatus},
	money::{split_with_cuts, Beneficiary, Earners, Fee, FeeShare, FeeSplit, Role},
	provider::{Candidate, Engagement, Performance, Tier},
	revenue::UsageCount,
	rights::{DataAccess, DataRef, DataRights, Usage},
	tensor::{encode_tensors, DType, Dimension, Tensor, TensorSpec},
	traits::{Contestable, ModelFreeze, ModelInspect, OnSubmitted, ProviderMarket, VersionInfo},
	ArtifactHash, AssetId, Balance, GrantId, JobId, ModelId, Root, VersionId,
};
use codec::Decode;
use frame_support::{
	assert_ok, derive_impl,
	dispatch::DispatchResultWithPostInfo,
	parameter_types,
	traits::{ConstU128, ConstU32, Hooks, Randomness},
	weights::Weight,
};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};
use std::collections::BTreeMap;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Inference: pallet_inference,
	}
);

/// Asks and pays.
pub const REQUESTER: u64 = 1;
/// Runs models.
pub const PROVIDER: u64 = 2;
/// Runs models, too.
pub const RIVAL: u64 = 3;
/// Owns the model.
pub const OWNER: u64 = 4;
/// Collects a part of the fees.
pub const TREASURY: u64 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 6;
/// Owns what the model was made from.
pub const ANCESTOR: u64 = 70;
/// Owns data.
pub const DATA_OWNER: u64 = 80;
/// What the owner of the data asks for a use.
pub const DATA_PRICE: Balance = 30;
/// The right of the requester to the data.
pub const GRANT: DataRef = DataRef::Grant(GrantId(11));
/// What the rival has that opens items.
pub const RIVALS: Balance = 1_000_000;
/// What the requester has at the start.
pub const ENDOWMENT: Balance = 100_000_000;
/// The version of the tests: one float32 input `x`, one float32 output `y`, up to four elements.
pub const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
/// What the provider asks for a job.
pub const ASK: Balance = 100;
/// What the model's owner asks for a job.
pub const PRICE: Balance = 10;
/// What the treasury gets of a job.
pub const SHARE: Balance = 8;
/// The existential deposit.
pub const ED: Balance = 5;
/// The free stake of a provider at the start.
pub const STAKE: Balance = 1_000_000;
/// The blocks of the windows.
pub const RESPONSE: u32 = 4;
pub const CHALLENGE: u32 = 5;
pub const REVEAL: u32 = 3;
pub const RETENTION: u32 = 20;

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

/// A provider of the mock.
#[derive(Clone)]
pub struct MockProvider {
	pub ask: Balance,
	pub free: Balance,
	pub locked: Balance,
	pub quality: Permill,
	pub tier: Tier,
	pub delivered: u32,
	pub missed: u32,
	pub excused: u32,
	pub refuted: u32,
	pub struck: u32,
}

parameter_types! {
	pub static Spec: VersionSpec = spec();
	pub static Status: VersionStatus = VersionStatus::Active;
	pub static ModelOwner: u64 = OWNER;
	pub static Licensed: Licence = Licence::default();
	/// Who earns by the version besides its owner; nothing while a consent is waited for.
	pub static Ancestors: Option<Vec<Beneficiary<u64>>> = Some(Vec::new());
	/// What the jobs paid for the model that were counted as uses of it.
	pub static Counted: Vec<Balance> = Vec::new();
	/// The uses that are left of the grant.
	pub static Uses: u32 = 2;
	/// What the key of the data costs.
	pub static KeyPrice: Balance = 0;
	/// Whether the provider waits for it.
	pub static Awaited: bool = false;
	pub static Providers: BTreeMap<u64, MockProvider> = [(PROVIDER, provider(ASK))].into();
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
	pub static Random: Option<u8> = Some(7);
	pub static Attempts: u8 = 3;
	pub static Factor: u32 = 100;
	pub static Cut: Balance = SHARE;
	pub static Burn: Balance = 0;
	pub const Rate: Cost = Cost { terms: 2_000_000_000, trace_bytes: 512 * 1024 * 1024 };
	/// Who has proven the version invalid.
	pub static Prover: Option<u64> = None;
	/// The most that candidates were asked for at.
	pub static Limit: Balance = 0;
	/// Whose jobs were not to be answered any more, one after another.
	pub static Answered: Vec<u64> = Vec::new();
	/// What jobs weighed that finished.
	pub static Weights: Vec<Option<Balance>> = Vec::new();
	/// The results that were told of.
	pub static Told: Vec<JobId> = Vec::new();
	/// The results that were doubted.
	pub static Doubted: Vec<JobId> = Vec::new();
	/// The shares of what was slashed last.
	pub static Slashed: Vec<(u64, Balance)> = Vec::new();
}

/// A provider with the usual stake.
pub fn provider(ask: Balance) -> MockProvider {
	MockProvider {
		ask,
		free: STAKE,
		locked: 0,
		quality: Permill::from_percent(50),
		tier: Tier::New,
		delivered: 0,
		missed: 0,
		excused: 0,
		refuted: 0,
		struck: 0,
	}
}

/// A declared float32 tensor of up to `most` elements.
pub fn tensor_spec(name: &str, most: u32) -> TensorSpec {
	TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype: DType::Float32,
		shape: vec![Dimension::UpTo(most)].try_into().unwrap(),
	}
}

fn spec() -> VersionSpec {
	VersionSpec {
		artifact: Artifact { hash: ArtifactHash([1; 32]), size: 1 },
		locators: Default::default(),
		inputs: vec![tensor_spec("x", 4)].try_into().unwrap(),
		outputs: vec![tensor_spec("y", 4)].try_into().unwrap(),
		class: Class::Tolerant,
		tolerance: Some(Tolerance { absolute: 0, relative: 0x3700_0000, row_axis: 0 }),
		price: PRICE,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Commitments {
			symbols: vec![vec![InputAxis { input: 0, axis: 0 }].try_into().unwrap()]
				.try_into()
				.unwrap(),
			..Default::default()
		},
		constants: Default::default(),
		licence: Default::default(),
		permissions: Default::default(),
	}
}

/// One version.
pub struct MockModels;

impl ModelInspect<u64> for MockModels {
	fn version(version: VersionId) -> Option<VersionInfo<u64>> {
		(version == VERSION).then(|| VersionInfo {
			owner: ModelOwner::get(),
			spec: Spec::get(),
			status: Status::get(),
			licence: Licensed::get(),
		})
	}

	fn earners(version: VersionId, info: &VersionInfo<u64>) -> Option<Earners<u64>> {
		assert_eq!(version, VERSION);
		let ancestors = Ancestors::get()?;
		Some(Earners { ancestors: ancestors.try_into().unwrap(), ..Earners::only(info.owner) })
	}
}

impl UsageCount for MockModels {
	fn count(version: VersionId, paid: Balance) {
		assert_eq!(version, VERSION);
		Counted::mutate(|counted| counted.push(paid));
	}
}

/// The right of the static.
pub struct MockData;

impl DataRights<u64, DataRef> for MockData {
	fn exercise(
		requester: &u64,
		right: &DataRef,
		version: VersionId,
		_: &Usage,
		uses: u32,
	) -> Result<DataAccess<u64>, DispatchError> {
		assert_eq!((requester, version), (&REQUESTER, VERSION));
		let left = Uses::get().checked_sub(uses).filter(|_| *right == GRANT);
		Uses::set(left.ok_or(DispatchError::Other("no such use"))?);
		Ok(DataAccess { asset: AssetId(0), payee: DATA_OWNER, price: DATA_PRICE })
	}
}

/// The keys of the statics.
pub struct MockKeys;

impl KeyInspect<u64> for MockKeys {
	fn fee(_: AssetId) -> Balance {
		KeyPrice::get()
	}

	fn is_awaited(who: &u64, _: &Ask) -> bool {
		*who == PROVIDER && Awaited::get()
	}
}

impl ModelFreeze<u64> for MockModels {
	fn freeze(version: VersionId, prover: &u64) {
		assert_eq!(version, VERSION);
		Status::set(VersionStatus::Frozen);
		Prover::set(Some(*prover));
	}
}

/// The providers of the static.
pub struct MockMarket;

impl ProviderMarket<u64> for MockMarket {
	fn count(_: VersionId) -> u32 {
		Providers::get().len() as u32
	}

	fn candidates(_: VersionId, most: Balance, _: u128) -> Vec<Candidate<u64>> {
		Limit::set(most);
		Self::cheapest(VERSION)
	}

	fn cheapest(_: VersionId) -> Vec<Candidate<u64>> {
		let candidate = |(provider, record): (u64, MockProvider)| Candidate {
			provider,
			ask: record.ask,
			free_stake: record.free,
			quality: record.quality,
			tier: record.tier,
		};
		Providers::get().into_iter().map(candidate).collect()
	}

	fn candidate(version: VersionId, provider: &u64) -> Option<Candidate<u64>> {
		Self::cheapest(version).into_iter().find(|candidate| candidate.provider == *provider)
	}

	fn assign(provider: &u64, Engagement { exposure, .. }: Engagement) -> DispatchResult {
		Providers::mutate(|all| {
			let record = all.get_mut(provider).ok_or(DispatchError::CannotLookup)?;
			record.free = record.free.checked_sub(exposure).ok_or(DispatchError::CannotLookup)?;
			record.locked += exposure;
			Ok(())
		})
	}

	fn answered(provider: &u64, version: VersionId) {
		assert_eq!(version, VERSION);
		Answered::mutate(|answered| answered.push(*provider));
	}

	fn finish(provider: &u64, engagement: Engagement, performance: Performance) {
		let Engagement { exposure, weight, .. } = engagement;
		Weights::mutate(|weights| weights.push(weight));
		Providers::mutate(|all| {
			let record = all.get_mut(provider).unwrap();
			record.locked = record.locked.checked_sub(exposure).unwrap();
			record.free += exposure;
			match performance {
				Performance::Delivered => record.delivered += 1,
				Performance::Missed => record.missed += 1,
				Performance::Excused => record.excused += 1,
				Performance::Struck => record.struck += 1,
				Performance::Refuted => record.refuted += 1,
			}
		})
	}

	fn slash(provider: &u64, engagement: Engagement, shares: &[(u64, Balance)]) {
		let exposure = engagement.exposure;
		Slashed::set(shares.to_vec());
		Providers::mutate(|all| {
			let record = all.get_mut(provider).unwrap();
			record.locked = record.locked.checked_sub(exposure).unwrap();
			record.refuted += 1;
		})
	}
}

/// Whoever hears of results.
pub struct Heard;

impl OnSubmitted for Heard {
	fn submitted(job: JobId) {
		Told::mutate(|told| told.push(job));
	}

	fn doubted(job: JobId) {
		Doubted::mutate(|doubted| doubted.push(job));
	}
}

/// A fixed cut for the treasury, the rest to provider and owner.
pub struct MockSplit;

impl FeeSplit<u64> for MockSplit {
	fn split(fee: Fee, provider: &u64, earners: &Earners<u64>) -> Vec<FeeShare<u64>> {
		let (cut, burn) = (Cut::get().min(fee.work), Burn::get());
		let fee = Fee { work: fee.work - cut, ..fee };
		let share = |payee, role, amount| FeeShare { payee, role, amount };
		let cuts = [share(TREASURY, Role::Treasury, cut), share(TREASURY, Role::Burn, burn)];
		split_with_cuts(Fee { work: fee.work - burn, ..fee }, provider, earners, [])
			.into_iter()
			.chain(cuts)
			.filter(|share| share.amount > 0)
			.collect()
	}
}

/// A hash of the subject and the static's byte.
pub struct MockRandomness;

impl Randomness<Option<H256>, u32> for MockRandomness {
	fn random(subject: &[u8]) -> (Option<H256>, u32) {
		let hash = |byte| sp_io::hashing::blake2_256(&[subject, &[byte]].concat()).into();
		(Random::get().map(hash), System::block_number().saturating_sub(1))
	}
}

impl pallet_inference::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = MockModels;
	type Providers = MockMarket;
	type Data = MockData;
	type Keys = MockKeys;
	type FeeSplit = MockSplit;
	type OnSubmitted = Heard;
	type Randomness = MockRandomness;
	type AssignmentDelay = ConstU32<2>;
	type ResponseWindow = ConstU32<RESPONSE>;
	type ChallengeWindow = ConstU32<CHALLENGE>;
	type ReferenceRate = Rate;
	type Retention = ConstU32<RETENTION>;
	type RetryDelay = ConstU32<3>;
	type MaxAttempts = Attempts;
	type ExposureFactor = Factor;
	type DepositBase = ConstU128<1_000>;
	type DepositPerByte = ConstU128<1>;
	type SweepWeight = SweepLimit;
	type RevealWindow = ConstU32<REVEAL>;
	type LeastAnswerTime = ConstU32<2>;
	type MaxDeliverWithin = ConstU32<1_000>;
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
		let with = |most| vec![tensor_spec("x", most)].try_into().unwrap();
		Spec::mutate(|spec| {
			spec.inputs = with(16_000);
			spec.outputs = with(4_000);
		});
		VERSION
	}

	fn serve(_: VersionId, count: u32) -> u64 {
		let first = frame_benchmarking::account("provider", 0, 0);
		let all = (0..count)
			.map(|index| (frame_benchmarking::account::<u64>("provider", index, 0), provider(1)));
		Providers::set(all.collect());
		first
	}

	fn most_providers() -> u32 {
		64
	}

	fn fund(account: &u64) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, Balance::from(u64::MAX));
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: [(REQUESTER, ENDOWMENT)]
			.into_iter()
			.chain(
				[PROVIDER, RIVAL, OWNER, PAUPER, ANCESTOR, DATA_OWNER].map(|account| (account, ED)),
			)
			.collect(),
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
		Inference::do_try_state().unwrap();
		exposures_match();
		answers_match();
	});
}

/// Forget what a test before has left in the statics, for one that begins anew.
pub fn reset_market() {
	Providers::set([(PROVIDER, provider(ASK))].into());
	Answered::set(Vec::new());
}

/// What the market has locked is what open jobs lock.
pub fn exposures_match() {
	let mut owed = BTreeMap::<u64, Balance>::new();
	let locks = |job: &Job<u64>| job.state.is_open() && job.engages();
	for job in crate::Jobs::<Test>::iter_values().filter(locks) {
		if let (Some(provider), Some(agreement)) = (job.state.provider(), &job.agreement) {
			*owed.entry(*provider).or_default() += agreement.engagement.exposure;
		}
	}
	for (provider, record) in Providers::get() {
		assert_eq!(record.locked, owed.remove(&provider).unwrap_or(0));
	}
	assert!(owed.is_empty());
}

/// Of each job that was assigned, the market was told once that it is not to be answered any more.
pub fn answers_match() {
	let is_assigned =
		|event: &crate::Event<Test>| matches!(event, crate::Event::JobAssigned { .. });
	let assigned = events().iter().filter(|event| is_assigned(event)).count();
	let open = crate::Assignments::<Test>::iter().count();
	assert_eq!(Answered::get().len() + open, assigned);
}

/// The result of a call that says what it has cost.
pub fn without_cost(result: DispatchResultWithPostInfo) -> DispatchResult {
	result.map(drop).map_err(|error| error.error)
}

/// Go to a block, running the sweep of each on the way.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Inference::on_initialize(next);
	}
}

/// Tensors of float32 zeros, as many as `lengths`.
pub fn zeros(lengths: &[u32]) -> Vec<u8> {
	let tensor = |length: &u32| {
		Tensor::new(DType::Float32, vec![*length], vec![0; *length as usize * 4]).unwrap()
	};
	encode_tensors(&lengths.iter().map(tensor).collect::<Vec<_>>())
}

/// A good inline input.
pub fn input() -> Box<Input> {
	Box::new(Input::Inline(zeros(&[2]).try_into().unwrap()))
}

/// A good input by artifact.
pub fn artifact_input() -> Input {
	let tensor = TensorHeader { shape: vec![2].try_into().unwrap(), root: Root([9; 32]) };
	Input::Artifact {
		artifact: Artifact { hash: ArtifactHash([3; 32]), size: zeros(&[2]).len() as u64 },
		locator: b"http://example.org/x".to_vec().try_into().unwrap(),
		tensors: vec![tensor].try_into().unwrap(),
	}
}

/// A good inline output.
pub fn output() -> Box<Output> {
	Box::new(Output::Inline(zeros(&[3]).try_into().unwrap()))
}

/// The encoded input of an item of [`batch_input`]: one element, which is the number of the item.
pub fn item(index: u32) -> Vec<u8> {
	let data = (index as f32).to_le_bytes().to_vec();
	encode_tensors(&[Tensor::new(DType::Float32, vec![1], data).unwrap()])
}

/// The roots of items with these encodings.
pub fn roots(items: impl Iterator<Item = Vec<u8>>) -> ItemRoots {
	let root = |bytes: Vec<u8>| tensors_root(&Vec::<Tensor>::decode(&mut &bytes[..]).unwrap());
	ItemRoots::new(&items.map(root).collect::<Vec<_>>()).unwrap()
}

/// A good input of so many items.
pub fn batch_input(items: u32) -> Input {
	Input::Batch {
		artifact: Artifact {
			hash: ArtifactHash([3; 32]),
			size: item(0).len() as u64 * u64::from(items),
		},
		locator: b"http://example.org/x".to_vec().try_into().unwrap(),
		root: roots((0..items).map(item)).root(),
		items,
		shapes: vec![vec![1].try_into().unwrap()].try_into().unwrap(),
	}
}

/// The answer to [`batch_input`]: each output is the input.
pub fn batch_output(items: u32) -> Output {
	let artifact = Artifact { hash: ArtifactHash([4; 32]), size: 1 };
	Output::Artifact { root: roots((0..items).map(item)).root(), artifact }
}

/// What shows an item of a batch that was answered so.
pub fn opening(items: u32, index: u32) -> ItemOpening {
	let proof = roots((0..items).map(item)).open(index).unwrap();
	let proof: AnswerBytes = proof.try_into().unwrap();
	ItemOpening {
		input: Input::Inline(item(index).try_into().unwrap()),
		input_proof: proof.clone(),
		output: Output::Inline(item(index).try_into().unwrap()),
		output_proof: proof,
	}
}

/// Terms that the provider accepts.
pub fn terms() -> Terms<u64> {
	Terms {
		max_fee: 500,
		value: 0,
		deliver_within: 30,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	}
}

/// The first job.
pub const JOB: JobId = JobId(0);

/// Request a job in block 1.
pub fn requested_job() -> JobId {
	let job = crate::NextJob::<Test>::get();
	assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), terms()));
	job
}

/// A job that is assigned to `PROVIDER`, in block 4 when it is the first.
pub fn assigned_job() -> JobId {
	let job = requested_job();
	run_to(System::block_number() + 3);
	assert_eq!(Inference::job(job).unwrap().state.provider(), Some(&PROVIDER));
	job
}

/// A job with a provisional result.
pub fn submitted_job() -> JobId {
	let job = assigned_job();
	assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
	job
}

/// A job whose result is disputed.
pub fn challenged_job() -> JobId {
	let job = submitted_job();
	assert_ok!(Inference::contest(job));
	job
}

/// A batch that `PROVIDER` has answered, in block 4 when it is the first job.
pub fn answered_batch(items: u32) -> JobId {
	use frame_support::traits::fungible::Mutate;
	Balances::set_balance(&RIVAL, RIVALS);
	let job = crate::NextJob::<Test>::get();
	let (input, terms) = (Box::new(batch_input(items)), batch_terms(items));
	assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input, terms));
	run_to(System::block_number() + 3);
	let output = Box::new(batch_output(items));
	assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output));
	job
}

/// Terms that the provider accepts for so many items.
pub fn batch_terms(items: u32) -> Terms<u64> {
	Terms { max_fee: 500 * Balance::from(items), ..terms() }
}

/// Open an item of a batch that was answered; the job that it is looked at as.
pub fn opened_item(batch: JobId, items: u32, index: u32) -> JobId {
	let job = crate::NextJob::<Test>::get();
	let opening = Box::new(opening(items, index));
	assert_ok!(Inference::open_item(RuntimeOrigin::signed(RIVAL), batch, index, opening));
	job
}

/// The events of this pallet so far.
pub fn events() -> Vec<crate::Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Inference(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

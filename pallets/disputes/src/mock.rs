//! A runtime of this pallet and what it stands on. The market is kept in statics, and the players
//! are those of a small world.

use crate::{self as pallet_disputes, Clock, Disputes, Event, WeightInfo};
use assay_canon::{
	arbiter::{prove_submitted, Material, Prover, RawTensor, SubmissionProof},
	arith::F32,
	commitment::{chunk_root, tensor_root_from, tensors_root, Hash},
	exact::run_probe,
	graph::Slot,
	probe::Moves,
	tensor::Tensor,
};
use assay_dispute::{
	dispute::{seal, Outcome, Stage},
	play::Move,
	position::{position, Position},
	testing::{Random, TestPlayer, World},
};
use assay_primitives::{
	commitment::HostBlake2b256,
	model::Tolerance,
	traits::{Contest, Contestable, Finality, VoidReason},
	Balance, DisputeId, JobId, Root,
};
use codec::Encode;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{InspectHold, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, Hooks,
	},
	weights::Weight,
	PalletId,
};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};
use std::{borrow::Cow, cell::OnceCell};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Dispute: pallet_disputes,
	}
);

/// Asked for the job.
pub const REQUESTER: u64 = 1;
/// Answered it.
pub const PROVIDER: u64 = 2;
/// Disputes the answer, with the right history.
pub const CHALLENGER: u64 = 3;
/// Defends it, with a wrong one.
pub const LIAR: u64 = 4;
/// Moves for others.
pub const HELPER: u64 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 6;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 100_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The bond of a history.
pub const BOND: Balance = 1_000_003;
/// What a move is repaid with at most.
pub const REPAYMENT: Balance = 977;
/// What the provider has at stake.
pub const EXPOSURE: Balance = 1_000_019;
/// The ticks of a step.
pub const STEP: u32 = 4;
/// The ticks for which the records of a dispute are kept.
pub const KEPT: u32 = 10;
/// The provider's part of the job's fee.
pub const FEE: Balance = 100_003;
/// What decides the probe.
pub const SEED: Hash = [3; 32];
/// The job of the tests.
pub const JOB: JobId = JobId(7);
/// The first dispute of its result.
pub const ID: DisputeId = DisputeId::new(JOB, 1);
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

/// What became of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	Provisional,
	Contested,
	Upheld,
	Refuted,
	Corrected(Root),
	Voided,
}

parameter_types! {
	pub static JobVerdict: Verdict = Verdict::Provisional;
	pub static Wrong: bool = false;
	/// The values of the job's symbols, of which the world's graph has none.
	pub static Symbols: Vec<u32> = Vec::new();
	/// What the submitted outputs may differ from those of the right run by.
	pub static Near: Option<Tolerance> = None;
	/// What is added to the first element of the first output before it is submitted.
	pub static Shift: f32 = 0.0;
	/// The root that was submitted, if it commits to nothing that anybody knows.
	pub static Unopened: Option<Root> = None;
	/// The least ticks of a step for the job.
	pub static LeastStep: u32 = 0;
	/// Whether finality lags.
	pub static Lags: bool = false;
	/// Why the job was voided.
	pub static VoidedFor: Option<VoidReason<u64>> = None;
	pub static AtStake: Balance = EXPOSURE;
	pub static BondOfHistory: Balance = BOND;
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
	pub const PotId: PalletId = PalletId(*b"test/pot");
}

#[cfg(feature = "runtime-benchmarks")]
parameter_types! {
	/// The graph of the job of the benchmarks.
	pub static BenchmarkGraph: Option<Root> = None;
}

thread_local! {
	static WORLD: OnceCell<World> = const { OnceCell::new() };
}

/// Looks at the world: 300 floats, whose right run ends well, and 40 liars.
pub fn with_world<R>(look: impl FnOnce(&World) -> R) -> R {
	WORLD.with(|world| look(world.get_or_init(|| World::new(&mut Random(5), 300, 0, false, 40))))
}

pub struct MockJobs;

impl Contestable<u64> for MockJobs {
	fn contest(job: JobId) -> Result<Contest<u64>, DispatchError> {
		if job != JOB || JobVerdict::get() != Verdict::Provisional {
			return Err(DispatchError::Unavailable);
		}
		JobVerdict::set(Verdict::Contested);
		let contest = with_world(|world| Contest {
			number: 1,
			graph: Root(world.subject.graph),
			symbols: Symbols::get(),
			inputs: world.subject.inputs.iter().copied().map(Root).collect(),
			requester: REQUESTER,
			provider: PROVIDER,
			exposure: AtStake::get(),
			output: Unopened::get().unwrap_or_else(|| Root(tensors_root_of(&submission()))),
			outputs: 2,
			least_step: LeastStep::get(),
			tolerance: Near::get(),
			seed: Root(SEED),
		});
		#[cfg(feature = "runtime-benchmarks")]
		let contest = match BenchmarkGraph::get() {
			Some(graph) => {
				Contest { graph, symbols: vec![1], inputs: vec![graph], outputs: 1, ..contest }
			},
			None => contest,
		};
		Ok(contest)
	}

	fn uphold(_: JobId) {
		decide(Verdict::Upheld);
	}

	fn refute(_: JobId, shares: &[(u64, Balance)]) -> bool {
		decide(Verdict::Refuted);
		let mut left = EXPOSURE;
		for (account, amount) in shares {
			<Balances as Mutate<u64>>::transfer(
				&PROVIDER,
				account,
				*amount,
				Preservation::Preserve,
			)
			.unwrap();
			left -= amount;
		}
		let (precision, force) = (Precision::Exact, Fortitude::Force);
		<Balances as Mutate<u64>>::burn_from(
			&PROVIDER,
			left,
			Preservation::Preserve,
			precision,
			force,
		)
		.unwrap();
		true
	}

	fn correct(_: JobId, history: Root, payee: &u64) -> Balance {
		decide(Verdict::Corrected(history));
		let keep = Preservation::Preserve;
		<Balances as Mutate<u64>>::transfer(&REQUESTER, payee, FEE, keep).unwrap();
		FEE
	}

	fn void(_: JobId, reason: VoidReason<u64>) {
		decide(Verdict::Voided);
		VoidedFor::set(Some(reason));
	}
}

/// The outputs that were submitted: those of the right run, but for a bit if `Wrong` is set.
pub fn submission() -> Vec<(Tensor, Vec<u8>)> {
	with_world(|world| {
		let material = world.honest.prover().material();
		let output = |slot: &Slot| material.run.slots[slot.node as usize].clone();
		let mut outputs: Vec<_> = material
			.graph
			.outputs
			.iter()
			.map(output)
			.map(|own| (own.clone(), own.into_data()))
			.collect();
		if Wrong::get() {
			outputs[0].1[0] ^= 1;
		}
		let first = &mut outputs[0].1[..4];
		let shifted = f32::from_le_bytes(first.try_into().unwrap()) + Shift::get();
		first.copy_from_slice(&shifted.to_le_bytes());
		outputs
	})
}

/// A list of tensors as it is submitted.
fn raw(outputs: &[(Tensor, Vec<u8>)]) -> Vec<RawTensor<'_>> {
	outputs
		.iter()
		.map(|(tensor, data)| RawTensor {
			dtype: tensor.dtype() as u8,
			extents: tensor.shape().extents(),
			data,
		})
		.collect()
}

fn tensors_root_of(outputs: &[(Tensor, Vec<u8>)]) -> Hash {
	let root = |tensor: RawTensor| {
		let chunks = chunk_root::<HostBlake2b256>(tensor.data);
		tensor_root_from::<HostBlake2b256>(tensor.dtype, tensor.extents, &chunks)
	};
	tensors_root::<HostBlake2b256>(&raw(outputs).into_iter().map(root).collect::<Vec<_>>())
}

/// Opens the element of output 0 that the right run delivers, and the one that was submitted.
pub fn outputs(element: u64) -> [crate::ProofBytes; 2] {
	let submission = submission();
	let submitted = prove_submitted::<HostBlake2b256>(&raw(&submission), 0, Some(element)).unwrap();
	let delivered = with_world(|world| world.honest.prover().output(0, element, None).unwrap());
	[delivered, submitted].map(|proof| proof.try_into().unwrap())
}

/// Shows the roots of all outputs that the right run delivers, and nothing of what was submitted.
pub fn roots() -> [crate::ProofBytes; 2] {
	let delivered = with_world(|world| world.honest.prover().outputs().unwrap());
	[delivered, SubmissionProof::Root.encode()].map(|proof| proof.try_into().unwrap())
}

/// Every contest has exactly one verdict.
fn decide(verdict: Verdict) {
	assert_eq!(JobVerdict::get(), Verdict::Contested);
	JobVerdict::set(verdict);
}

/// One unit for everything.
pub struct OneEach;

impl WeightInfo for OneEach {
	fn challenge() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn reveal() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn post() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn play() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn open(_: u32) -> Weight {
		Weight::from_parts(1, 0)
	}

	fn forfeit() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn refute(_: u32) -> Weight {
		Weight::from_parts(1, 0)
	}

	fn deviate(_: u32, _: u32) -> Weight {
		Weight::from_parts(1, 0)
	}

	fn advance() -> Weight {
		Weight::from_parts(1, 0)
	}

	fn tick() -> Weight {
		Weight::from_parts(1, 0)
	}
}

/// A chain of which the tests say whether its finality lags.
pub struct Behind;

impl Finality for Behind {
	fn lags() -> bool {
		Lags::get()
	}
}

impl pallet_disputes::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Finality = Behind;
	type Jobs = MockJobs;
	type Pot = PotId;
	type Step = ConstU32<STEP>;
	type Bond = BondOfHistory;
	type Repayment = ConstU128<REPAYMENT>;
	type Retention = ConstU32<KEPT>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::traits::DisputeScene for Scene {
	fn submitted_job(graph: Root) -> JobId {
		JobVerdict::set(Verdict::Provisional);
		BenchmarkGraph::set(Some(graph));
		JOB
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [REQUESTER, PROVIDER, CHALLENGER, LIAR, HELPER].into_iter().chain(100..300);
	let balances = rich
		.map(|account| (account, ENDOWMENT))
		.chain([(PAUPER, ED), (Dispute::pot(), ED)])
		.collect();
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
	JobVerdict::set(Verdict::Provisional);
	Wrong::set(false);
	Near::set(None);
	Shift::set(0.0);
	Unopened::set(None);
	new_test_ext().execute_with(|| {
		test();
		Dispute::do_try_state().unwrap();
	});
}

/// End the block and begin the next.
pub fn next_block() {
	Dispute::on_finalize(System::block_number());
	let next = System::block_number() + 1;
	System::set_block_number(next);
	Dispute::on_initialize(next);
}

/// Go to a tick of the step clock.
pub fn run_to(tick: u32) {
	while Clock::<Test>::get() < tick {
		next_block();
	}
}

/// The first tick of a phase, after a dispute that was opened now.
pub fn began() -> u32 {
	Disputes::<Test>::get(ID).unwrap().dispute.clock.began
}

pub fn honest() -> Hash {
	with_world(|world| world.honest.history())
}

pub fn liar(number: usize) -> Hash {
	with_world(|world| world.liars[number].history())
}

/// The origin of an account.
pub fn by(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn challenge(account: u64, history: Hash) -> DispatchResult {
	let header = Box::new(with_world(|world| world.header.clone()));
	let sealed = seal::<HostBlake2b256>(&ID.encode(), &account.encode(), &history, &SALT);
	Dispute::challenge(by(account), ID, header, sealed)
}

pub fn reveal(account: u64, history: Hash) -> DispatchResult {
	Dispute::reveal(by(account), ID, history, SALT)
}

/// The right history was challenged with, a wrong one posted, and play begins.
pub fn seated() -> [Hash; 2] {
	let pair = [honest(), liar(0)];
	assert_ok!(challenge(CHALLENGER, pair[0]));
	run_to(began() + STEP);
	assert_ok!(reveal(CHALLENGER, pair[0]));
	run_to(began() + 2 * STEP);
	assert_ok!(Dispute::post(by(LIAR), ID, pair[1]));
	run_to(began() + 3 * STEP);
	pair
}

/// The player of a history.
pub fn with_player<R>(history: &Hash, look: impl FnOnce(&TestPlayer) -> R) -> R {
	with_world(|world| {
		let mut all = std::iter::once(&world.honest).chain(&world.liars);
		look(all.find(|player| player.history() == *history).unwrap())
	})
}

/// Where two histories stand.
pub fn stands(pair: [Hash; 2]) -> Position {
	let board = crate::board::Records::<Test>::of(ID);
	let dispute = Disputes::<Test>::get(ID).unwrap().dispute;
	position(&board, &dispute.subject, [&pair[0], &pair[1]])
}

/// The move that is due of the first.
pub fn due(pair: [Hash; 2]) -> Box<Move> {
	let Position::Due { place, .. } = stands(pair) else { panic!("{:?}", stands(pair)) };
	Box::new(with_player(&pair[0], |player| player.reveal(&place).unwrap()))
}

/// Plays both sides until an element is due.
pub fn play_to_the_element(pair: [Hash; 2]) {
	while let Position::Due { missing, step, .. } = stands(pair) {
		run_to(began() + (3 + step) * STEP);
		for (missing, pair) in missing.into_iter().zip([pair, [pair[1], pair[0]]]) {
			if missing {
				assert_ok!(Dispute::play(by(HELPER), ID, pair[0], pair[1], due(pair)));
			}
		}
	}
}

/// The player of the probe of the right run.
pub fn with_probe<R>(look: impl FnOnce(&TestPlayer) -> R) -> R {
	with_world(|world| {
		let right = world.honest.prover().material();
		let tolerance = Near::get().unwrap();
		let tolerance = assay_canon::tolerance::Tolerance {
			absolute: F32::from_bits(tolerance.absolute),
			relative: F32::from_bits(tolerance.relative),
		};
		let moves = Moves::of(SEED, &tolerance);
		let run =
			run_probe(right.graph, &right.bindings, &right.inputs, &right.initializers, &moves)
				.unwrap();
		let material = Material { run: Cow::Owned(run), ..right.clone() };
		look(&TestPlayer::new(Prover::of(material, None).unwrap().probing(moves)))
	})
}

/// What the element is recomputed from.
pub fn proof(pair: [Hash; 2]) -> crate::ProofBytes {
	let Position::Open { question, .. } = stands(pair) else { panic!("{:?}", stands(pair)) };
	with_player(&pair[0], |player| player.open(&question).unwrap()).try_into().unwrap()
}

/// Lets the sweep divide everything.
pub fn run_to_the_close() {
	for _ in 0..10_000 {
		if !Disputes::<Test>::contains_key(ID) {
			return;
		}
		next_block();
	}
	panic!("a dispute that does not close: {:?}", Disputes::<Test>::get(ID));
}

pub fn stage() -> Stage {
	Disputes::<Test>::get(ID).unwrap().dispute.stage
}

/// What is held of an account.
pub fn held(account: u64) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Bond.into(), &account)
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Dispute(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

/// How the dispute ended, as an event tells.
pub fn outcome() -> Option<Outcome> {
	events().into_iter().find_map(|event| match event {
		Event::DisputeEnded { outcome, .. } => Some(outcome),
		_ => None,
	})
}

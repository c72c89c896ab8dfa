//! Benchmarks: each call and each step of the sweep at its worst case.
//!
//! What histories show is written to storage, as deep as trees can be: no run of that size fits a
//! benchmark. Nothing is made to hold but what a call checks.
//!
//! The dispute is that of a probe, in its last round, which was full: calls that can end it do, and
//! then they end the dispute of the job as well, and pay for the job.

use crate::{
	types::{Closing, Record},
	AgendaCursor, Call, Clock, Config, Disputes, Error, Full, Histories, Pallet, ProofBytes,
	Revealed, Stakes,
};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_canon::{
	commitment::{
		chunk_count, chunk_leaf, depth, descendant_count, fold_multiproof, GraphHeader, Hash, List,
		Tree, CHUNK, REVEAL_LEVELS,
	},
	graph::{MAX_ENTRIES, SPEC},
	shape::{Layout, Shape},
	symbol::{Bindings, Symbol},
	tensor::{DType, TensorType},
};
use assay_dispute::{
	board::{Entry, History, Stake},
	dispute::{seal, Evidence, Outcome, Stage, MAX_HISTORIES, MAX_ROUNDS},
	play::{Move, Place, Shown},
	subject::{Probe, Subject, MAX_INPUTS},
	Dispute,
};
use assay_primitives::{
	commitment::HostBlake2b256,
	model::Tolerance,
	traits::{Contest, Contestable, DisputeScene},
	Balance, DisputeId, Root,
};
use codec::Encode;
use core::iter::successors;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Unbalanced},
	tokens::Precision,
	Get, Hooks,
};
use frame_system::RawOrigin;

mod proofs;

use proofs::{apart, delivered, deviating, judged, monstrous, rooted, row, Judged};

type Scene<T> = <T as Config>::BenchmarkHelper;

/// Two histories that play.
const PAIR: [Hash; 2] = [[1; 32], [2; 32]];
/// A hash that stands for anything.
const ANY: Hash = [0; 32];
/// The slot in which histories differ: the second, which may have the first for an operand.
const SLOT: u32 = 1;
/// Enough for any bond.
const FUNDS: Balance = 1 << 64;

fn fund<T: Config>(account: &T::AccountId) {
	let added = T::Currency::increase_balance(account, FUNDS, Precision::BestEffort)
		.expect("an account can be funded; qed");
	T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_add(added));
}

fn funded<T: Config>() -> T::AccountId {
	let account = account("player", 0, 0);
	fund::<T>(&account);
	account
}

fn anybody<T: Config>() -> RawOrigin<T::AccountId> {
	RawOrigin::Signed(account("anybody", 0, 0))
}

/// A run of the graph with this root, which is as large as can be.
fn subject(graph: Hash) -> Subject {
	let (slots, bindings) = (MAX_ENTRIES, Bindings::default());
	Subject { graph, slots, bindings, inputs: vec![ANY; MAX_INPUTS], probe: None }
}

/// A job whose result waits for the verdict.
fn contested<T: Config>() -> (DisputeId, Contest<T::AccountId>) {
	fund::<T>(&Pallet::<T>::pot());
	let job = Scene::<T>::submitted_job(Root::default());
	(DisputeId::new(job, 1), T::Jobs::contest(job).expect("the result is provisional; qed"))
}

/// Begin a dispute between histories with a challenger each, at the first tick of play.
fn begin<T: Config>(
	id: DisputeId,
	contest: &Contest<T::AccountId>,
	subject: Subject,
	alive: &[Hash],
	stage: Stage,
) {
	let since = MAX_ROUNDS - 1;
	for root in alive {
		let history = History { since, alive: true, challengers: 1, bonds: 1, moves: 0 };
		Histories::<T>::insert(id, root, history);
	}
	let fresh = Dispute::new(subject, Pallet::<T>::now(), T::Step::get());
	let alive = alive.to_vec();
	let dispute = Dispute { round: since, stage, alive, listed: MAX_HISTORIES, ..fresh };
	Clock::<T>::put(dispute.clock.play());
	let record = Record {
		dispute,
		provider: contest.provider.clone(),
		requester: contest.requester.clone(),
		exposure: contest.exposure,
		output: ANY,
		outputs: 1,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 7 }),
		seed: ANY,
		bond: T::Bond::get(),
		repayment: T::Repayment::get(),
		reward: 0,
		pot: 0,
		closing: Closing::Running,
		wake: 0,
	};
	Pallet::<T>::store(id, record, Vec::new(), None);
}

/// The dispute of a probe between these histories, for which that of its job waits.
fn probed<T: Config>(subject: Subject, alive: &[Hash]) -> DisputeId {
	let ((id, contest), [survivor, _]) = (contested::<T>(), PAIR);
	begin::<T>(id, &contest, subject.clone(), &[survivor], Stage::Probe { survivor });
	let moves = assay_canon::probe::Moves { seed: ANY, amplitude: 16 };
	let probe = Probe { moves, canonical: survivor };
	let subject = Subject { probe: Some(probe), ..subject };
	begin::<T>(id.of_probe(), &contest, subject, alive, Stage::Contest);
	id.of_probe()
}

/// Whether a probe has ended the dispute that waits for it.
fn has_ended<T: Config>(probe: DisputeId) -> bool {
	let (id, [survivor, _]) = (probe.main(), PAIR);
	let ended = outcome::<T>(id);
	ended == Some(Outcome::Voided { survivor }) || ended == Some(Outcome::Refuted { survivor })
}

fn change<T: Config>(id: DisputeId, change: impl FnOnce(&mut Record<T::AccountId>)) {
	Disputes::<T>::mutate(id, |record| change(record.as_mut().unwrap()));
}

fn outcome<T: Config>(id: DisputeId) -> Option<Outcome> {
	Disputes::<T>::get(id).unwrap().dispute.outcome()
}

/// A round with room for one more history.
fn almost_full<T: Config>() -> DisputeId {
	let others: Vec<Hash> = (1..MAX_HISTORIES).map(|number| [number as u8; 32]).collect();
	let id = probed::<T>(subject(ANY), &others);
	change::<T>(id, |record| record.dispute.listed -= 1);
	id
}

/// Go to the tick in which a part of the round begins, a step after the one before.
fn go_to_part<T: Config>(id: DisputeId, part: u32) {
	let clock = Disputes::<T>::get(id).unwrap().dispute.clock;
	Clock::<T>::put(clock.began + part * clock.step);
}

/// The levels of a tree from which its nodes are revealed, the top first.
fn reveals(leaves: u64) -> impl Iterator<Item = u32> {
	successors(Some(depth(leaves)), |level| level.checked_sub(REVEAL_LEVELS))
		.take_while(|level| *level > 0)
}

/// What a reveal from a level shows, if this is one of its hashes.
fn revealed(level: u32, at: u32, hash: Hash) -> Vec<Hash> {
	let mut hashes = vec![ANY; descendant_count(level) as usize];
	hashes[at as usize] = hash;
	hashes
}

/// The type of a tensor with as many elements as can be.
fn vast(dtype: DType) -> TensorType {
	TensorType::new(dtype, Shape::new(&[u32::MAX]).unwrap())
}

/// Show all of a history that lies above the first chunk of [`SLOT`]. It differs from any other as
/// early as it can; `top` is the first hash that the slot shows.
fn show<T: Config>(id: DisputeId, history: Hash, dtype: DType, top: Hash) {
	let insert = |place, shown| Revealed::<T>::insert(id, (history, place), shown);
	for level in reveals(MAX_ENTRIES.into()) {
		let at = if level > REVEAL_LEVELS { 0 } else { SLOT };
		let place = Place::Trace { level, index: 0 };
		insert(place, Shown::Nodes(revealed(level, at, history)));
	}
	let kind = vast(dtype);
	let chunks = chunk_count(&kind);
	for level in reveals(chunks).skip(1) {
		let place = Place::Tensor { slot: SLOT, level, index: 0 };
		insert(place, Shown::Nodes(revealed(level, 0, history)));
	}
	let (layout, top) = (Layout::row_major(), revealed(depth(chunks), 0, top));
	insert(Place::Slot(SLOT), Shown::Tensor { operator: 0, kind, layout, top });
}

/// Two histories that have come down to one element. Of all types, this has the deepest tree.
fn opposed<T: Config>(graph: Hash, pair: [Hash; 2]) -> DisputeId {
	let id = probed::<T>(subject(graph), &pair);
	for (byte, history) in (1..).zip(pair) {
		show::<T>(id, history, DType::Int64, history);
		let place = Place::Chunk { slot: SLOT, index: 0 };
		Revealed::<T>::insert(id, (history, place), Shown::Chunk(vec![byte; CHUNK]));
	}
	id
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Opening a dispute: the job's input is hashed.
	#[benchmark]
	fn challenge() {
		let one = List { count: 1, root: ANY };
		let header = GraphHeader {
			spec: SPEC,
			symbols: vec![Symbol { minimum: 0, maximum: u32::MAX }],
			inputs: one,
			outputs: one,
			..Default::default()
		};
		let job = Scene::<T>::submitted_job(Root(header.root::<HostBlake2b256>()));
		let id = DisputeId::new(job, 1);
		fund::<T>(&Pallet::<T>::pot());
		let challenger = funded::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger.clone()), id, Box::new(header), ANY);

		assert!(Stakes::<T>::contains_key(id, challenger));
	}

	#[benchmark]
	fn reveal() {
		let id = almost_full::<T>();
		go_to_part::<T>(id, 1);
		let challenger = funded::<T>();
		let seal = seal::<HostBlake2b256>(&id.encode(), &challenger.encode(), &ANY, &ANY);
		let entry = Entry::Sealed(seal);
		let stake = Stake { lost: 0, kept: 0, round: MAX_ROUNDS - 1, entry };
		Stakes::<T>::insert(id, &challenger, stake);

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger), id, ANY, ANY);

		assert!(Histories::<T>::contains_key(id, ANY));
	}

	/// By an account with a bond behind a history that has lost.
	#[benchmark]
	fn post() {
		let id = almost_full::<T>();
		go_to_part::<T>(id, 2);
		let (account, lost) = (funded::<T>(), [255; 32]);
		let history = History { since: 0, alive: false, challengers: 0, bonds: 1, moves: 0 };
		Histories::<T>::insert(id, lost, history);
		let stake = Stake { lost: 0, kept: 0, round: 0, entry: Entry::Poster(lost) };
		Stakes::<T>::insert(id, &account, stake);

		#[extrinsic_call]
		_(RawOrigin::Signed(account), id, ANY);

		assert!(Histories::<T>::contains_key(id, ANY));
	}

	/// The deepest move, a chunk, which refutes its own history with its last byte and so ends the
	/// dispute. The refund takes longer than the hashes that a node of a tree has more.
	#[benchmark]
	fn play() {
		let (dtype, [own, other]) = (DType::Bool, PAIR);
		let count = chunk_count(&vast(dtype));
		let mut bytes = vec![0; CHUNK];
		bytes[CHUNK - 1] = 2;
		let leaf = [(0, chunk_leaf::<HostBlake2b256>(&bytes))];
		let below = depth(count) - REVEAL_LEVELS;
		let mut path = vec![ANY; below as usize];
		let top = fold_multiproof::<HostBlake2b256>(1 << below, &leaf, &path).unwrap();
		let shown = revealed(below + REVEAL_LEVELS, 0, top);
		path.extend(Tree::<HostBlake2b256>::new(shown).multiproof(&[0]));
		let id = probed::<T>(subject(ANY), &PAIR);
		show::<T>(id, own, dtype, top);
		show::<T>(id, other, dtype, other);

		#[extrinsic_call]
		_(anybody::<T>(), id, own, other, Box::new(Move::Chunk { bytes, path }));

		assert!(has_ended::<T>(id));
	}

	/// Both histories are wrong, which ends the dispute.
	#[benchmark]
	fn open(p: Linear<1_024, 160_000>) {
		let Judged { graph, history, proof, .. } = judged(p);
		let [_, other] = PAIR;
		let id = opposed::<T>(graph, [history, other]);
		let proof: ProofBytes = proof.encode().try_into().unwrap();
		assert!(proof.len() as u32 >= p);

		#[extrinsic_call]
		_(anybody::<T>(), id, history, other, false, proof);

		assert!(has_ended::<T>(id));
	}

	/// Nobody opened the element, which ends the dispute.
	#[benchmark]
	fn forfeit() {
		let id = opposed::<T>(ANY, PAIR);
		// More steps than any game has.
		go_to_part::<T>(id, 100);
		let [one, other] = PAIR;

		#[extrinsic_call]
		_(anybody::<T>(), id, one, other);

		assert!(has_ended::<T>(id));
	}

	/// One other history is left, which may not be the right one, and so the dispute ends.
	#[benchmark]
	fn refute(e: Linear<1_024, 160_000>) {
		let Judged { graph, history, claim, proof } = judged(e);
		let id = probed::<T>(subject(graph), &[history, ANY]);
		let (element, claim, proof) = (0, claim.encode(), proof.encode());
		let evidence = Box::new(Evidence { element, claim, proof, witness: None });
		assert!(evidence.encoded_size() as u32 >= e);

		#[extrinsic_call]
		_(anybody::<T>(), id, history, evidence);

		assert!(has_ended::<T>(id));
	}

	/// Three calls, which together are dearer than any one. In the first, a row of `d` bytes is read,
	/// and a probe begins. In the second, `d` bytes of chunks lie far apart, the type of what was
	/// submitted takes `s` bytes, and the provider is slashed. In the third, outputs have the roots
	/// that were submitted.
	#[benchmark]
	fn deviate(d: Linear<1_024, 300_000>, s: Linear<1_024, 500_000>) {
		let ((kind, opened), vast) = (row(d), vast(DType::Int64));
		// No more than an opening may have, with the 17 siblings of each.
		let number = d.div_ceil(CHUNK as u32 + 17 * 32);
		let far_apart = apart(&vast, 0, number, number);
		let found = [
			(delivered(&kind, opened), deviating(&kind)),
			(delivered(&vast, far_apart), monstrous(s)),
			rooted(),
		];
		let ((id, contest), since) = (contested::<T>(), Pallet::<T>::now());
		let [gross, right] = [1, 2].map(|more| DisputeId { number: id.number + more, ..id.main() });
		let calls: Vec<_> = [gross, id, right]
			.into_iter()
			.zip(found)
			.map(|(id, ((graph, survivor, right), (output, given)))| {
				let stage = Stage::Output { survivor, since, apart: false };
				begin::<T>(id, &contest, subject(graph), &[survivor], stage);
				change::<T>(id, |record| record.output = output);
				(id, right, given)
			})
			.collect();
		let (_, shown, given) = &calls[1];
		assert!(shown.len() as u32 >= d && given.len() as u32 >= s);
		change::<T>(right, |record| record.tolerance = None);
		Clock::<T>::put(since);

		#[block]
		{
			for (id, shown, given) in calls {
				let made = Pallet::<T>::deviate(anybody::<T>().into(), id, 0, shown, given);
				let expected = (id == right).then(|| Error::<T>::NoDeviation.into());
				assert_eq!(made.err(), expected);
			}
		}

		assert!(Disputes::<T>::contains_key(gross.of_probe()));
		assert!(matches!(outcome::<T>(id), Some(Outcome::Refuted { .. })));
	}

	/// One history is left, nobody shows anything of it, and the dispute ends.
	#[benchmark]
	fn advance() {
		let id = probed::<T>(subject(ANY), &[ANY]);
		change::<T>(id, |record| record.dispute.listed = 1);
		go_to_part::<T>(id, 4);

		#[extrinsic_call]
		_(anybody::<T>(), id);

		assert!(has_ended::<T>(id));
	}

	#[benchmark]
	fn tick() {
		Full::<T>::put(false);
		let (block, next) = (Default::default(), Pallet::<T>::now() + 1);
		AgendaCursor::<T>::put(next);

		#[block]
		{
			Pallet::<T>::on_initialize(block);
			Pallet::<T>::on_finalize(block);
		}

		assert_eq!(AgendaCursor::<T>::get(), next + 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

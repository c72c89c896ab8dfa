//! The rules one by one, each with the attack that it closes.

use assay_canon::{
	arbiter::{node_number, Claim, NodeProof},
	commitment::{
		chunk_leaf, depth, fault_leaf, fold_descendants, tensor_root_of, trace_root_of,
		unreached_leaf, Blake2b256, Hash, Tree, CHUNK,
	},
	graph::Invalid,
	probe::Moves,
	shape::{Layout, Shape},
	tensor::{DType, Element, TensorType},
};

use super::table::{check_money, sealed, Account, Memory};
use crate::{
	board::{Board, Entry, Stake},
	dispute::{
		Change, Dispute, Evidence, Fault, Finding, Outcome, Stage, MAX_HISTORIES, MAX_ROUNDS,
	},
	money::{Pot, Returns, Slash},
	play::{check, Illegal, Legal, Move, Place, Shown},
	position::{position, Position},
	subject::{Probe, Subject},
	testing::{Random, TestPlayer, World},
};

const STEP: u32 = 10;
/// The first tick of each phase.
const REVEAL: u32 = STEP;
const POST: u32 = 2 * STEP;
const PLAY: u32 = 3 * STEP;

const HONEST: Account = 1;
const LIAR: Account = 2;

struct Table {
	world: World,
	dispute: Dispute,
	board: Memory,
}

impl Table {
	fn new() -> Self {
		Self::of(World::new(&mut Random(5), 300, 0, false, 3))
	}

	fn of(world: World) -> Self {
		let dispute = Dispute::new(world.subject.clone(), 0, STEP);
		Self { world, dispute, board: Memory::default() }
	}

	fn commit(&mut self, now: u32, account: Account, history: Hash) -> Result<Vec<Change>, Fault> {
		self.dispute.commit(&mut self.board, now, account, sealed(account, &history))
	}

	fn reveal(&mut self, now: u32, account: Account, history: Hash) -> Result<Vec<Change>, Fault> {
		let seal = sealed(account, &history);
		self.dispute.reveal(&mut self.board, now, account, history, seal)
	}

	fn post(&mut self, now: u32, account: Account, history: Hash) -> Result<Vec<Change>, Fault> {
		self.dispute.post(&mut self.board, now, account, history)
	}

	/// The honest one challenges in D0, the first liar posts in D1.
	fn seated() -> Self {
		let mut table = Self::new();
		let (honest, liar) = (table.honest(), table.liar());
		table.commit(0, HONEST, honest).unwrap();
		table.reveal(REVEAL, HONEST, honest).unwrap();
		table.post(POST, LIAR, liar).unwrap();
		table
	}

	fn honest(&self) -> Hash {
		self.world.honest.history()
	}

	fn liar(&self) -> Hash {
		self.world.liars[0].history()
	}

	fn player(&self, history: Hash) -> &TestPlayer {
		let all = std::iter::once(&self.world.honest).chain(&self.world.liars);
		all.into_iter().find(|player| player.history() == history).unwrap()
	}

	/// Makes the move that is due of the first.
	fn play(&mut self, now: u32, pair: [Hash; 2]) -> Result<Vec<Change>, Fault> {
		let stands = position(&self.board, &self.dispute.subject, [&pair[0], &pair[1]]);
		let Position::Due { place, .. } = stands else { panic!("{stands:?}") };
		let made = self.player(pair[0]).reveal(&place).unwrap();
		self.dispute.play::<Blake2b256, _>(&mut self.board, now, &9, pair, made)
	}

	/// Plays both sides until an element is due, and says in which step.
	fn play_to_the_element(&mut self) -> u32 {
		let pair = [self.honest(), self.liar()];
		loop {
			match position(&self.board, &self.dispute.subject, [&pair[0], &pair[1]]) {
				Position::Due { step, missing, .. } => {
					let now = PLAY + step * STEP;
					if missing[0] {
						self.play(now, pair).unwrap();
					}
					if missing[1] {
						self.play(now, [pair[1], pair[0]]).unwrap();
					}
				},
				Position::Open { step, .. } => return step,
				other => panic!("{other:?}"),
			}
		}
	}

	fn proof(&self) -> Vec<u8> {
		let pair = [self.honest(), self.liar()];
		match position(&self.board, &self.dispute.subject, [&pair[0], &pair[1]]) {
			Position::Open { question, .. } => self.world.honest.open(&question).unwrap(),
			other => panic!("{other:?}"),
		}
	}

	fn open(&mut self, now: u32, proof: &[u8]) -> Result<Vec<Change>, Fault> {
		let pair = [self.honest(), self.liar()];
		self.dispute.open::<Blake2b256, _>(&mut self.board, now, &HONEST, pair, false, proof)
	}
}

#[test]
fn the_whole_way_of_a_lie() {
	let mut table = Table::seated();
	let step = table.play_to_the_element();
	let proof = table.proof();
	let (honest, liar) = (table.honest(), table.liar());
	let now = PLAY + step * STEP;
	let changes = table.open(now, &proof).unwrap();
	assert_eq!(changes, [Change::Removed(liar), Change::Survived(honest)]);
	let ended = table.dispute.deviates(&mut table.board, now + 1, &HONEST, Finding::Wrong).unwrap();
	let outcome = Outcome::Refuted { survivor: honest };
	assert_eq!(ended, [Change::Ended(outcome)]);
	check_money(&table.dispute, &table.board);
}

/// A dispute whose survivor is the honest history, and the tick in which it has survived.
fn survived() -> (Table, u32) {
	let mut table = Table::seated();
	let now = PLAY + table.play_to_the_element() * STEP;
	let proof = table.proof();
	table.open(now, &proof).unwrap();
	(table, now)
}

impl Table {
	fn deviates(&mut self, now: u32, finding: Finding) -> Result<Vec<Change>, Fault> {
		self.dispute.deviates(&mut self.board, now, &HONEST, finding)
	}

	fn returns(&self, account: Account) -> Returns {
		Returns::of(&self.dispute, &self.board, &self.board.stakes[&account]).unwrap()
	}
}

/// Two auditors disagree. Nobody copies in D0 what they have revealed, and whoever of them is right
/// keeps its bond although the result stands: it has not challenged anything.
#[test]
fn auditors_who_disagree_play_and_the_right_one_loses_nothing() {
	for wrong in [false, true] {
		let mut table = Table::new();
		let (survivor, liar) = (table.honest(), table.liar());
		table.dispute = Dispute::new(table.world.subject.clone(), STEP, STEP);
		table.dispute.seat(&mut table.board, [(HONEST, survivor), (LIAR, liar)]);
		assert_eq!(table.commit(STEP, 3, survivor), Err(Fault::WrongPhase));
		assert_eq!(table.post(2 * STEP - 1, 3, [3; 32]), Err(Fault::WrongPhase));
		assert_eq!(table.post(2 * STEP, 3, survivor), Err(Fault::AlreadyPosted));
		let now = PLAY + table.play_to_the_element() * STEP;
		let proof = table.proof();
		table.open(now, &proof).unwrap();
		if wrong {
			table.deviates(now, Finding::Wrong).unwrap();
		}
		table.dispute.catch_up(&mut table.board, now + STEP);
		let honest = table.returns(HONEST);
		assert_eq!((honest.lost, honest.returned, honest.wins), (0, 1, wrong));
		assert_eq!((table.returns(LIAR).lost, table.returns(LIAR).wins), (1, false));
		check_money(&table.dispute, &table.board);
	}
}

/// Crafted inputs that amplify honest rounding: the result is replaced, and nobody is slashed.
#[test]
fn what_is_outside_of_the_tolerance_is_void_when_the_window_is_over() {
	let (mut table, now) = survived();
	let survivor = table.honest();
	assert_eq!(table.deviates(now, Finding::Apart), Ok(vec![Change::Apart]));
	assert_eq!(table.deviates(now, Finding::Apart), Err(Fault::KnownDeviation));
	assert_eq!(table.dispute.catch_up(&mut table.board, now + STEP - 1), []);
	let ended = table.dispute.catch_up(&mut table.board, now + STEP);
	assert_eq!(ended, [Change::Ended(Outcome::Voided { survivor })]);
	let honest = table.returns(HONEST);
	assert_eq!((honest.lost, honest.returned, honest.wins), (0, 1, true));
	assert_eq!((table.returns(LIAR).lost, table.returns(LIAR).wins), (1, false));
	check_money(&table.dispute, &table.board);
}

/// Whoever is guilty shows a small deviation of his first, to be excused for the large one.
#[test]
fn a_small_deviation_does_not_hide_a_large_one() {
	let (mut table, now) = survived();
	let survivor = table.honest();
	table.deviates(now, Finding::Apart).unwrap();
	assert_eq!(table.deviates(now + STEP - 1, Finding::Gross), Ok(vec![Change::Probed]));
	assert_eq!(table.dispute.stage, Stage::Probe { survivor });
	assert_eq!(table.deviates(now + STEP - 1, Finding::Wrong), Err(Fault::WrongPhase));
}

/// The probe alone ends what waits for it, and only once.
#[test]
fn a_gross_deviation_waits_for_its_probe() {
	let moved = [9; 32];
	let reason = Invalid::BadAttribute;
	for probe in [
		Outcome::Refuted { survivor: moved },
		Outcome::Accepted { survivor: moved },
		Outcome::Exhausted,
		Outcome::InvalidGraph { reason },
	] {
		let (mut table, now) = survived();
		let survivor = table.honest();
		assert_eq!(table.dispute.probed(probe), [], "there is none");
		table.deviates(now, Finding::Gross).unwrap();
		assert_eq!(table.dispute.catch_up(&mut table.board, now + 1_000 * STEP), []);
		assert_eq!(table.dispute.wake(), None);
		let outcome = match probe {
			Outcome::Accepted { .. } => Outcome::Refuted { survivor },
			Outcome::InvalidGraph { .. } => Outcome::InvalidGraph { reason },
			_ => Outcome::Voided { survivor },
		};
		assert_eq!(table.dispute.probed(probe), [Change::Ended(outcome)]);
		assert_eq!(table.dispute.probed(Outcome::Exhausted), []);
		let decided = !matches!(probe, Outcome::InvalidGraph { .. });
		assert_eq!(table.returns(HONEST).wins, decided);
		assert_eq!(table.returns(HONEST).lost, 0);
		check_money(&table.dispute, &table.board);
	}
}

/// Nobody challenges anything in a probe: whoever shows what it is has its bond back, whether it is
/// stable or not, and wins nothing there.
#[test]
fn a_probe_costs_only_those_who_lie_in_it() {
	let moves = Moves { seed: [3; 32], amplitude: 20 };
	let probe = Probe { moves, canonical: [4; 32] };
	for stable in [true, false] {
		let mut table = Table::new();
		table.dispute.subject.probe = Some(probe);
		let survivor = table.honest();
		table.commit(0, HONEST, survivor).unwrap();
		table.reveal(REVEAL, HONEST, survivor).unwrap();
		if stable {
			table.dispute.catch_up(&mut table.board, PLAY + STEP);
		} else {
			table.deviates(PLAY, Finding::Wrong).unwrap();
		}
		let outcome = match stable {
			true => Outcome::Accepted { survivor },
			false => Outcome::Refuted { survivor },
		};
		assert_eq!(table.dispute.outcome(), Some(outcome));
		let honest = table.returns(HONEST);
		assert_eq!((honest.lost, honest.returned, honest.wins), (0, 1, false));
		assert_eq!(table.dispute.lost, 0);
	}
}

/// A copied challenge: who sees a seal cannot open it, and who sees a history revealed is too late
/// to seal it.
#[test]
fn a_challenge_cannot_be_copied() {
	let mut table = Table::new();
	let honest = table.honest();
	table.commit(0, HONEST, honest).unwrap();
	let seal = sealed(HONEST, &honest);
	table.dispute.commit(&mut table.board, 1, LIAR, seal).unwrap();
	assert_eq!(table.reveal(REVEAL, LIAR, honest), Err(Fault::WrongSeal));
	table.reveal(REVEAL, HONEST, honest).unwrap();
	assert_eq!(table.commit(REVEAL, 3, honest), Err(Fault::WrongPhase));
	assert_eq!(table.post(POST, 3, honest), Err(Fault::AlreadyPosted));
}

#[test]
fn each_part_of_a_round_is_for_its_calls_alone() {
	let mut table = Table::new();
	let honest = table.honest();
	assert_eq!(table.reveal(0, HONEST, honest), Err(Fault::WrongPhase));
	assert_eq!(table.post(0, HONEST, honest), Err(Fault::WrongPhase));
	table.commit(STEP - 1, HONEST, honest).unwrap();
	assert_eq!(table.commit(STEP - 1, HONEST, honest), Err(Fault::AlreadyBonded));
	assert_eq!(table.reveal(REVEAL, LIAR, honest), Err(Fault::NothingSealed));
	table.reveal(POST - 1, HONEST, honest).unwrap();
	assert_eq!(table.reveal(POST - 1, HONEST, honest), Err(Fault::NothingSealed));
	assert_eq!(table.post(POST, HONEST, table.liar()), Err(Fault::AlreadyBonded));
}

/// A move after resolution: nothing of an ended dispute can be moved or frozen.
#[test]
fn nothing_moves_after_the_end() {
	let mut table = Table::seated();
	let step = table.play_to_the_element();
	let proof = table.proof();
	let now = PLAY + step * STEP;
	table.open(now, &proof).unwrap();
	let ended = now + STEP;
	let changes = table.dispute.catch_up(&mut table.board, ended);
	assert_eq!(changes, [Change::Ended(Outcome::Accepted { survivor: table.honest() })]);
	assert_eq!(table.open(ended, &proof), Err(Fault::Ended));
	let pair = [table.honest(), table.liar()];
	assert_eq!(table.dispute.forfeit(&mut table.board, ended, &9, pair), Err(Fault::Ended));
	let late = table.dispute.deviates(&mut table.board, ended, &HONEST, Finding::Wrong);
	assert_eq!(late, Err(Fault::Ended));
	assert_eq!(table.commit(ended, 7, [1; 32]), Err(Fault::Ended));
	assert_eq!(table.dispute.wake(), None);
	check_money(&table.dispute, &table.board);
}

/// A last-block move: it leaves the other side the whole of the next step, and one block later it
/// is refused.
#[test]
fn a_last_block_move_leaves_the_other_side_its_step() {
	let mut table = Table::seated();
	let pair = [table.honest(), table.liar()];
	let due = table.dispute.clock.due(0);
	table.play(due - 1, pair).unwrap();
	table.play(due - 1, [pair[1], pair[0]]).unwrap();
	let stands = position(&table.board, &table.dispute.subject, [&pair[0], &pair[1]]);
	let Position::Due { step: 1, .. } = stands else { panic!("{stands:?}") };
	assert_eq!(table.dispute.clock.due(1), due + STEP);
	table.play(due + STEP - 1, pair).unwrap();
	assert_eq!(table.play(due + STEP, [pair[1], pair[0]]), Err(Fault::TooLate));
}

/// Clock gaming by sub-challenges: games with others do not stop or stretch the clock of one.
#[test]
fn games_with_others_do_not_move_the_clock() {
	let mut table = Table::seated();
	let other = table.world.liars[1].history();
	table.post(POST + 1, 3, other).unwrap();
	let pair = [table.honest(), table.liar()];
	let due = table.dispute.clock.due(0);
	table.play(PLAY, [other, pair[0]]).unwrap();
	table.play(due - 1, pair).unwrap();
	assert_eq!(table.dispute.clock.due(0), due);
	// The liar is silent: it is out in the first block after its step, whatever others do.
	let early = table.dispute.forfeit(&mut table.board, due - 1, &9, pair);
	assert_eq!(early, Err(Fault::TooEarly));
	let changes = table.dispute.forfeit(&mut table.board, due, &9, pair).unwrap();
	assert_eq!(changes, [Change::Removed(pair[1])]);
	// The game of the two that are left goes on where it was, on the same clock.
	let stands = position(&table.board, &table.dispute.subject, [&pair[0], &other]);
	let Position::Due { step: 1, .. } = stands else { panic!("{stands:?}") };
}

/// An uploader without a bond: who plays no history of its own may move, but not post.
#[test]
fn every_history_has_a_bond_and_anybody_plays_it() {
	let mut table = Table::seated();
	let pair = [table.honest(), table.liar()];
	// Account 9 has no stake.
	assert!(table.board.stake(&9).is_none());
	table.play(PLAY, pair).unwrap();
	for root in [pair[0], pair[1]] {
		assert_eq!(table.board.history(&root).unwrap().bonds, 1);
	}
	assert_eq!(table.board.stake(&LIAR).unwrap().entry, Entry::Poster(pair[1]));
}

#[test]
fn a_history_that_nobody_plays_is_out_and_both_if_nobody_plays_either() {
	let mut table = Table::seated();
	let pair = [table.honest(), table.liar()];
	let changes = table.dispute.forfeit(&mut table.board, PLAY + STEP, &9, pair).unwrap();
	let removed = [Change::Removed(pair[0]), Change::Removed(pair[1])];
	assert_eq!(changes, [removed[0], removed[1], Change::Reopened(1)]);
	// What was removed by silence may be posted anew: it was not shown to be wrong.
	let began = PLAY + STEP;
	table.commit(began, 5, pair[0]).unwrap();
	table.reveal(began + STEP, 5, pair[0]).unwrap();
	let changes = table.dispute.catch_up(&mut table.board, began + 3 * STEP);
	assert_eq!(changes, [Change::Survived(pair[0])]);
	// The bond of the first round stays lost.
	table.dispute.deviates(&mut table.board, began + 3 * STEP, &5, Finding::Wrong).unwrap();
	assert_eq!(table.dispute.lost, 2);
	check_money(&table.dispute, &table.board);
}

#[test]
fn an_element_that_nobody_opens_removes_both() {
	let mut table = Table::seated();
	let step = table.play_to_the_element();
	let pair = [table.honest(), table.liar()];
	let due = table.dispute.clock.due(step);
	let proof = table.proof();
	assert_eq!(table.dispute.forfeit(&mut table.board, due - 1, &9, pair), Err(Fault::TooEarly));
	assert_eq!(table.open(due, &proof), Err(Fault::TooLate));
	let changes = table.dispute.forfeit(&mut table.board, due, &9, pair).unwrap();
	assert_eq!(changes.last(), Some(&Change::Reopened(1)));
}

#[test]
fn a_dispute_without_histories_reopens_three_times_and_is_never_accepted() {
	let mut table = Table::new();
	let honest = table.honest();
	table.commit(0, HONEST, honest).unwrap();
	// Nobody reveals anything, and nobody even looks until all is over.
	let changes = table.dispute.catch_up(&mut table.board, 1_000);
	let reopened = (1..MAX_ROUNDS).map(Change::Reopened);
	let expected: Vec<Change> = reopened.chain([Change::Ended(Outcome::Exhausted)]).collect();
	assert_eq!(changes, expected);
	assert_eq!(table.dispute.lost, 1);
	check_money(&table.dispute, &table.board);
}

/// A late sweep: the windows of a reopened round are where they would have been.
#[test]
fn a_late_sweep_changes_nothing_about_who_may_move() {
	let mut table = Table::new();
	let honest = table.honest();
	table.commit(0, HONEST, honest).unwrap();
	let began = PLAY;
	let changes = table.commit(began + STEP - 1, 4, honest).unwrap();
	assert_eq!(changes, [Change::Reopened(1)]);
	assert_eq!(table.commit(began + STEP, 5, honest), Err(Fault::WrongPhase));
	assert_eq!(table.dispute.clock.began, began);
}

/// A flood of histories that keeps the right one out never decides anything.
#[test]
fn a_full_round_reopens_and_keeps_its_survivor() {
	let mut table = Table::new();
	let (honest, liar) = (table.honest(), table.liar());
	table.commit(0, LIAR, liar).unwrap();
	table.commit(0, HONEST, honest).unwrap();
	table.reveal(REVEAL, LIAR, liar).unwrap();
	for number in 1..MAX_HISTORIES {
		let mut root = [0; 32];
		root[..4].copy_from_slice(&number.to_le_bytes());
		table.post(POST, 1_000 + number, root).unwrap();
	}
	assert_eq!(table.post(POST, 5, honest), Err(Fault::TooManyHistories));
	table
		.play(
			PLAY,
			[liar, {
				let mut root = [0; 32];
				root[0] = 1;
				root
			}],
		)
		.unwrap();
	for history in table.dispute.alive.clone() {
		if history != liar {
			let pair = [liar, history];
			table.dispute.forfeit(&mut table.board, PLAY + STEP, &9, pair).unwrap();
		}
	}
	// The liar is alone, and yet nothing is decided.
	assert_eq!((table.dispute.round, table.dispute.stage), (1, Stage::Contest));
	assert_eq!(table.dispute.alive, [liar]);
	let began = PLAY + STEP;
	assert_eq!(table.commit(began, LIAR, liar), Err(Fault::AlreadyBonded));
	table.commit(began, 5, honest).unwrap();
	table.reveal(began + STEP, 5, honest).unwrap();
	assert_eq!(table.dispute.alive, [liar, honest]);
}

/// A flood in the reveals: whoever is kept out has its bond back, and the round decides nothing.
#[test]
fn who_is_kept_out_by_a_flood_loses_nothing() {
	let mut table = Table::new();
	let honest = table.honest();
	let sybil = |number: u32| {
		let mut root = [0; 32];
		root[..4].copy_from_slice(&(number + 1).to_le_bytes());
		(1_000 + number, root)
	};
	table.commit(0, HONEST, honest).unwrap();
	for (account, root) in (0..MAX_HISTORIES).map(sybil) {
		table.commit(0, account, root).unwrap();
	}
	for (account, root) in (0..MAX_HISTORIES).map(sybil) {
		table.reveal(REVEAL, account, root).unwrap();
	}
	table.reveal(REVEAL, HONEST, honest).unwrap();
	assert_eq!(table.board.stake(&HONEST).unwrap().entry, Entry::KeptOut);
	// The sybils stay silent against one another, and all of them are out.
	let roots: Vec<Hash> = (0..MAX_HISTORIES).map(|number| sybil(number).1).collect();
	for two in roots.chunks(2) {
		let pair = [two[0], two[1]];
		table.dispute.forfeit(&mut table.board, PLAY + STEP, &9, pair).unwrap();
	}
	assert_eq!(table.dispute.round, 1);
	// It seals again; the first bond is given back in the end, with the second.
	let began = PLAY + STEP;
	table.commit(began, HONEST, honest).unwrap();
	assert_eq!(table.board.stake(&HONEST).unwrap().bonds(), 2);
	table.reveal(began + STEP, HONEST, honest).unwrap();
	table.dispute.catch_up(&mut table.board, began + 3 * STEP);
	table.dispute.deviates(&mut table.board, began + 3 * STEP, &HONEST, Finding::Wrong).unwrap();
	let stake = table.board.stake(&HONEST).unwrap();
	let returns = Returns::of(&table.dispute, &table.board, &stake).unwrap();
	assert_eq!(returns, Returns { lost: 0, returned: 2, wins: true });
	check_money(&table.dispute, &table.board);
}

/// A chunk with two deadlines: a history that was too late against one could show it in a game with
/// another, and leave the first no time to have the element recomputed.
#[test]
fn every_place_has_one_deadline_in_all_games() {
	let world = World::new(&mut Random(1), 2, 0, false, 0);
	let subject = Subject { slots: 1, ..world.subject };
	let kind = TensorType::new(DType::Float32, Shape::new(&[1 << 24]).unwrap());
	let (faulty, first, second) = ([1; 32], [2; 32], [3; 32]);
	let mut board = Memory::default();
	for root in [faulty, first, second] {
		board.set_shown(root, Place::top(1), Shown::Nodes(vec![root]));
		let (layout, top) = (Layout::row_major(), vec![root; 256]);
		let shown = match root == faulty {
			true => Shown::Fault(0),
			false => Shown::Tensor { operator: 0, kind: kind.clone(), layout, top },
		};
		board.set_shown(root, Place::Slot(0), shown);
	}
	let due = |board: &Memory, pair: [&Hash; 2]| match position(board, &subject, pair) {
		Position::Due { place, step, .. } => (place, step),
		other => panic!("{other:?}"),
	};
	// 2^16 chunks: one reveal between the top of the tensor and its chunks.
	let (chunk, step) = due(&board, [&faulty, &first]);
	assert_eq!(chunk, Place::Chunk { slot: 0, index: 0 });
	let (reveal, before) = due(&board, [&first, &second]);
	assert_eq!((reveal, before), (Place::Tensor { slot: 0, level: 8, index: 0 }, step - 1));
	for root in [first, second] {
		board.set_shown(root, reveal, Shown::Nodes(vec![root; 256]));
	}
	assert_eq!(due(&board, [&first, &second]), (chunk, step));
}

/// What shows that a liar contradicts itself in its first wrong element.
fn evidence(lie: &TestPlayer, honest: &TestPlayer) -> Option<Evidence> {
	let (lie, truth) = (lie.prover(), &honest.prover().material().run.slots);
	let lies = &lie.material().run.slots;
	let slot = lies.iter().zip(truth).position(|(lie, truth)| lie != truth)?;
	let differs = |at: &u64| lies[slot].at(*at) != truth[slot].at(*at);
	let element = (0..truth[slot].shape().count()).find(differs)?;
	let claims = [&lies[slot], &truth[slot]].map(|own| Claim::Value(own.at(element).unwrap()));
	let op = &lie.material().graph.nodes[slot].op;
	Some(Evidence {
		element,
		claim: lie.claim(slot as u32, element).unwrap(),
		proof: lie.prove(slot as u32, element, &claims).unwrap(),
		witness: op.is_order_statistic().then_some(claims[1]),
	})
}

/// A kept survivor that is refuted: who posts it again would make its old backers win.
#[test]
fn what_is_refuted_is_not_posted_again_in_its_round() {
	let mut table = Table::new();
	let liar = table.liar();
	table.commit(0, LIAR, liar).unwrap();
	table.reveal(REVEAL, LIAR, liar).unwrap();
	// As a full round leaves its survivor: of an earlier round, and still there.
	table.dispute.round = 1;
	let evidence = evidence(&table.world.liars[0], &table.world.honest).unwrap();
	let board = &mut table.board;
	let refuted = table.dispute.refute::<Blake2b256, _>(board, POST, &9, liar, &evidence);
	assert_eq!(refuted, Ok(vec![Change::Removed(liar)]));
	assert_eq!(table.post(POST, 8, liar), Err(Fault::AlreadyPosted));
}

/// One history that contradicts itself falls to anybody, without a game.
#[test]
fn a_single_history_is_refuted_by_what_it_opens() {
	let mut refuted = 0;
	for seed in 0..20 {
		let mut table = Table::of(World::new(&mut Random(seed), 300, 0, false, 1));
		let liar = table.liar();
		let World { honest, liars, .. } = &table.world;
		let Some(evidence) = evidence(&liars[0], honest) else { continue };
		// Of another element of the same node, which is right: the first before the wrong one.
		let right = evidence.element.checked_sub(1).filter(|_| evidence.witness.is_none());
		let right = right.map(|element| {
			let prover = liars[0].prover();
			let number = node_number(&evidence.proof).unwrap();
			let claim = prover.claim(number, element).unwrap();
			let proof = prover.prove(number, element, &[]).unwrap();
			Evidence { element, claim, proof, witness: None }
		});
		table.commit(0, LIAR, liar).unwrap();
		table.reveal(REVEAL, LIAR, liar).unwrap();
		let mut refute = |now, evidence: &Evidence| {
			let board = &mut table.board;
			table.dispute.refute::<Blake2b256, _>(board, now, &9, liar, evidence)
		};
		assert_eq!(refute(POST - 1, &evidence), Err(Fault::WrongPhase));
		if let Some(right) = right {
			assert_eq!(refute(POST, &right), Err(Fault::NotRefuted));
		}
		assert_eq!(refute(POST, &evidence), Ok(vec![Change::Removed(liar)]));
		assert_eq!(table.post(POST, 8, liar), Err(Fault::AlreadyPosted));
		refuted += 1;
	}
	assert!(refuted >= 5, "only {refuted} liars changed an element");
}

/// A claim about one node with a proof of another.
#[test]
fn a_proof_of_another_node_decides_nothing() {
	let mut table = Table::seated();
	table.play_to_the_element();
	let pair = [table.honest(), table.liar()];
	let Position::Open { question, step } =
		position(&table.board, &table.dispute.subject, [&pair[0], &pair[1]])
	else {
		panic!();
	};
	let prover = table.world.honest.prover();
	let other = if question.slot == 0 { 1 } else { 0 };
	let proof = prover.prove(other, 0, &[]).unwrap();
	let refused = table.open(PLAY + step * STEP, &proof);
	assert!(matches!(refused, Err(Fault::Malformed(_))), "{refused:?}");
	let claim = table.world.liars[0].prover().claim(question.slot, question.element).unwrap();
	let evidence = Evidence { element: 0, claim, proof, witness: None };
	let board = &mut table.board;
	let refused = table.dispute.refute::<Blake2b256, _>(board, PLAY, &9, pair[1], &evidence);
	assert!(matches!(refused, Err(Fault::Malformed(_))), "{refused:?}");
}

#[test]
fn a_move_that_does_not_lead_to_its_history_is_refused_and_harms_nobody() {
	let mut table = Table::seated();
	let pair = [table.honest(), table.liar()];
	let place = Place::top(table.dispute.subject.slots);
	let Some(Move::Nodes(good)) = table.world.honest.reveal(&place) else { panic!() };
	let mut changed = good.clone();
	changed[0][0] ^= 1;
	let short = good[..good.len() / 2].to_vec();
	for (made, reason) in [
		(Move::Nodes(changed), Illegal::WrongHash),
		(Move::Nodes(short), Illegal::WrongCount),
		(Move::Nodes(Vec::new()), Illegal::WrongCount),
		(Move::Chunk { bytes: Vec::new(), path: Vec::new() }, Illegal::WrongKind),
	] {
		let board = &mut table.board;
		let played = table.dispute.play::<Blake2b256, _>(board, PLAY, &9, pair, made);
		assert_eq!(played, Err(Fault::Illegal(reason)));
	}
	assert_eq!(table.dispute.alive.len(), 2);
}

/// A trace of three slots of which the leaves are given, with a fourth place that has to be empty.
fn trace(leaves: [Hash; 4]) -> (Hash, Vec<Hash>) {
	let root = fold_descendants::<Blake2b256>(&leaves).unwrap();
	(trace_root_of::<Blake2b256>(3, &root), leaves.to_vec())
}

#[test]
fn a_history_with_something_beyond_its_last_leaf_is_refuted() {
	let mut subject = World::new(&mut Random(1), 2, 0, false, 0).subject;
	subject.slots = 3;
	let (root, leaves) = trace([[1; 32], [2; 32], [3; 32], [4; 32]]);
	let top = Place::top(3);
	let board = Memory::default();
	let found = check::<Blake2b256, _>(&board, &subject, &root, &top, Move::Nodes(leaves));
	assert_eq!(found, Ok(Legal::Refutes));
}

#[test]
fn there_is_nothing_after_a_fault() {
	let mut subject = World::new(&mut Random(1), 2, 0, false, 0).subject;
	subject.slots = 3;
	let (fault, unreached) = (fault_leaf::<Blake2b256>(0), unreached_leaf::<Blake2b256>());
	let empty = assay_canon::commitment::empty::<Blake2b256>(0);
	let (right, leaves) = trace([fault, unreached, unreached, empty]);
	let (wrong, other) = trace([fault, [5; 32], unreached, empty]);
	let mut board = Memory::default();
	let top = Place::top(3);
	for (root, leaves) in [(right, &leaves), (wrong, &other)] {
		let made = Move::Nodes(leaves.clone());
		let found = check::<Blake2b256, _>(&board, &subject, &root, &top, made).unwrap();
		let Legal::Shows(shown) = found else { panic!() };
		board.set_shown(root, top, shown);
	}
	// The right one shows the fault before the slot; to say so without one is refused.
	let tree = Tree::<Blake2b256>::new(leaves[..3].to_vec());
	let made = |slot, element| Move::Unreached { slot, element, path: tree.multiproof(&[0]) };
	let place = Place::Slot(1);
	for (slot, element) in [(0, 1), (1, 0), (2, 0)] {
		let made = made(slot, element);
		let found = check::<Blake2b256, _>(&board, &subject, &right, &place, made);
		assert_eq!(found, Err(Illegal::WrongHash));
	}
	let found = check::<Blake2b256, _>(&board, &subject, &right, &place, made(0, 0));
	assert_eq!(found, Ok(Legal::Shows(Shown::Unreached)));
	board.set_shown(right, place, Shown::Unreached);
	board.set_shown(wrong, place, Shown::Fault(0));
	assert_eq!(position(&board, &subject, [&right, &wrong]), Position::Lost(1));
	assert_eq!(position(&board, &subject, [&wrong, &right]), Position::Lost(0));
}

/// Bytes that no engine writes: another NaN, a bool of 2, a chunk that is too short.
#[test]
fn a_chunk_that_no_engine_writes_refutes_its_history() {
	let world = World::new(&mut Random(3), 300, 0, false, 0);
	let tensor = world.honest.prover().material().run.slots[0].clone();
	let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
	let nan = 0x7FC0_0001_u32.to_le_bytes();
	let mut bytes = tensor.into_data();
	bytes[..4].copy_from_slice(&nan);
	let short = bytes[..CHUNK - 4].to_vec();
	let root = [9; 32];
	for first in [bytes[..CHUNK].to_vec(), short] {
		let leaves = [chunk_leaf::<Blake2b256>(&first), chunk_leaf::<Blake2b256>(&bytes[CHUNK..])];
		let tree = Tree::<Blake2b256>::new(leaves.to_vec());
		let mut board = Memory::default();
		let shown = Shown::Tensor {
			operator: 0,
			kind: kind.clone(),
			layout: layout.clone(),
			top: tree.descendants(depth(2), 0),
		};
		board.set_shown(root, Place::Slot(0), shown);
		let made = Move::Chunk { bytes: first, path: tree.multiproof(&[0]) };
		let place = Place::Chunk { slot: 0, index: 0 };
		let found = check::<Blake2b256, _>(&board, &world.subject, &root, &place, made);
		assert_eq!(found, Ok(Legal::Refutes));
	}
	assert_ne!(tensor_root_of::<Blake2b256>(&kind, &root), root);
}

/// A slot's node that is not the one of the graph says nothing of the slot.
#[test]
fn a_slot_is_of_the_type_that_the_graph_says() {
	let world = World::new(&mut Random(3), 300, 0, false, 0);
	let (root, prover) = (world.honest.history(), world.honest.prover());
	let mut board = Memory::default();
	let top = Place::top(world.subject.slots);
	let Some(Move::Nodes(leaves)) = world.honest.reveal(&top) else { panic!() };
	board.set_shown(root, top, Shown::Nodes(leaves));
	let Some(Move::Tensor { top, .. }) = world.honest.reveal(&Place::Slot(1)) else { panic!() };
	let forged = {
		let honest = prover.node_proof(1).unwrap();
		NodeProof { node: prover.node_proof(0).unwrap().node, ..honest }
	};
	for node in [prover.node_proof(0).unwrap(), forged] {
		let made = Move::Tensor { node, top: top.clone() };
		let place = Place::Slot(1);
		let found = check::<Blake2b256, _>(&board, &world.subject, &root, &place, made);
		assert_eq!(found, Err(Illegal::WrongNode));
	}
}

/// An underflow that freezes a side: no number of bonds, moves or winners makes a division fail.
#[test]
fn divisions_add_up_at_every_extreme() {
	for exposure in [0, 1, 99, 100, 101, u128::MAX] {
		for challengers in [0, 1, 3, u32::MAX] {
			let slash = Slash::of(exposure, challengers);
			let paid = slash.each_challenger * u128::from(challengers) + slash.requester;
			assert_eq!(paid + slash.burned, exposure);
		}
	}
	let mut table = Table::new();
	table.dispute.lost = u32::MAX;
	for moves in [0, 1, u32::MAX] {
		table.dispute.moves = moves;
		for bond in [0, 1, u128::MAX / u128::from(u32::MAX)] {
			let pot = Pot::of(&table.dispute, None, bond, 10);
			let paid = pot.each_move * u128::from(moves) + pot.provider + pot.burned;
			assert_eq!(paid, bond * u128::from(u32::MAX));
		}
	}
}

/// Challenging oneself: whatever a provider gets back as its own challenger, it loses more.
#[test]
fn a_challenge_of_oneself_never_profits() {
	for exposure in [100_u128, 1_000_000, 123_456_789_012] {
		for challengers in 1..10 {
			let slash = Slash::of(exposure, challengers);
			// All challengers and the requester are the provider itself.
			let back = slash.each_challenger * u128::from(challengers) + slash.requester;
			assert!(exposure - back >= exposure * 2 / 5);
		}
	}
}

#[test]
fn an_account_cannot_leave_its_bond_behind_a_history_for_another() {
	let mut table = Table::seated();
	let stake = table.board.stake(&HONEST).unwrap();
	assert_eq!(
		stake,
		Stake { lost: 0, kept: 0, round: 0, entry: Entry::Challenger(table.honest()) }
	);
	assert_eq!(table.post(POST, HONEST, [8; 32]), Err(Fault::AlreadyBonded));
	let value = Claim::Value(Element::int64(1));
	let evidence =
		Evidence { element: 0, claim: Vec::new(), proof: Vec::new(), witness: Some(value) };
	let board = &mut table.board;
	let unknown = table.dispute.refute::<Blake2b256, _>(board, POST, &9, [8; 32], &evidence);
	assert_eq!(unknown, Err(Fault::UnknownHistory));
}

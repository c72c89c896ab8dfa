//! Random games: liars who move, stall or flood, against one who is honest and may be late.
//!
//! The number of games is `ASSAY_GAMES` (2,000 without); `scripts/games.sh` plays a million.

use std::collections::BTreeSet;

use assay_canon::{
	arbiter::Claim,
	commitment::{Blake2b256, Hash},
};

use super::table::{check_money, sealed, Account, Memory};
use crate::{
	clock::Phase,
	dispute::{Dispute, Finding, Outcome, Stage, MAX_ROUNDS},
	play::Place,
	position::{position, Claims, Position},
	strategy::{actions, Action, Role},
	testing::{Random, TestPlayer, World},
};

const STEP: u32 = 3;
const HONEST: Account = 0;

/// The most steps of a game on the graphs here: two for a trace of more than 256 slots, the slot,
/// three of a tensor, the chunk and the opening.
const MOST_STEPS: u32 = 8;

/// How a player behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
	/// Moves as soon as it can.
	Eager,
	/// Moves in the last tick.
	Late,
	/// Stops moving at random.
	Flaky,
	/// Never moves after it has posted.
	Silent,
}

struct Seat<'a> {
	account: Account,
	player: &'a TestPlayer,
	manner: Manner,
	/// Whether it commits in D0, or posts in D1.
	challenges: bool,
}

impl Seat<'_> {
	/// Whether it makes a move that is due at `due`.
	fn moves(&self, random: &mut Random, now: u32, due: u32) -> bool {
		match self.manner {
			Manner::Eager => true,
			Manner::Late => now + 1 == due,
			Manner::Flaky => random.chance(40),
			Manner::Silent => false,
		}
	}
}

struct Game<'a> {
	dispute: Dispute,
	board: Memory,
	seats: Vec<Seat<'a>>,
	random: Random,
	/// Whether what was submitted is wrong.
	wrong: bool,
	/// Whether the honest one plays at all.
	honest: bool,
	/// What the honest one came upon.
	seen: BTreeSet<&'static str>,
}

/// Everything that liars can bring a game to.
const KINDS: [&str; 5] =
	["chunk", "elements", "fault for a value", "value for a fault", "earlier fault"];

impl Game<'_> {
	fn enter(&mut self, now: u32) {
		let first = self.dispute.clock.began;
		for at in 0..self.seats.len() {
			let (account, history, challenges) = {
				let seat = &self.seats[at];
				(seat.account, seat.player.history(), seat.challenges)
			};
			if account == HONEST {
				continue;
			}
			let late = account % STEP;
			let board = &mut self.board;
			let _ = match self.dispute.clock.phase(now) {
				Phase::Commit if challenges && now >= first + late => {
					let seal = sealed(account, &history);
					self.dispute.commit(board, now, account, seal)
				},
				Phase::Reveal if challenges => {
					let seal = sealed(account, &history);
					self.dispute.reveal(board, now, account, history, seal)
				},
				Phase::Post if !challenges => self.dispute.post(board, now, account, history),
				_ => Ok(Vec::new()),
			};
		}
	}

	/// All pairs in which a history plays: those with the honest one, and some of the others.
	fn pairs(&mut self) -> Vec<[Hash; 2]> {
		let alive = self.dispute.alive.clone();
		let mut pairs = BTreeSet::new();
		for first in &alive {
			for second in &alive {
				let honest =
					[first, second].iter().any(|one| **one == self.seats[0].player.history());
				if first != second && (alive.len() < 6 || honest || self.random.chance(5)) {
					pairs.insert([*first, *second]);
				}
			}
		}
		pairs.into_iter().collect()
	}

	fn play(&mut self, now: u32) {
		if self.dispute.clock.phase(now) != Phase::Play {
			return;
		}
		for pair in self.pairs() {
			let Some(at) = self.seats.iter().position(|seat| seat.player.history() == pair[0])
			else {
				continue;
			};
			let seat = &self.seats[at];
			if !self.dispute.alive.contains(&pair[0]) || !self.dispute.alive.contains(&pair[1]) {
				continue;
			}
			let stands = position(&self.board, &self.dispute.subject, [&pair[0], &pair[1]]);
			let (account, board) = (seat.account, &mut self.board);
			if account == HONEST {
				self.seen.extend(kind(&stands));
				continue;
			}
			if let Position::Due { place, step, missing: [true, _] } = stands {
				let due = self.dispute.clock.due(step);
				if seat.moves(&mut self.random, now, due) {
					let made = seat.player.reveal(&place).expect("every place is in the run");
					let played =
						self.dispute.play::<Blake2b256, _>(board, now, &account, pair, made);
					assert!(played.is_ok() || now >= due, "{played:?}");
				}
			}
		}
	}

	/// What the honest one does, who decides nothing by itself: see [`crate::strategy`].
	fn act(&mut self, now: u32) {
		let Some(seat) = self.seats.first().filter(|seat| seat.account == HONEST) else { return };
		let since = match self.dispute.stage {
			Stage::Output { since, .. } => since,
			_ => self.dispute.clock.began,
		};
		let last = (now - since) % STEP == STEP - 1;
		if seat.manner == Manner::Late && !last {
			return;
		}
		let role = match (self.wrong, seat.challenges) {
			(true, _) => Role::Challenges(Finding::Wrong),
			(false, true) => Role::Defends,
			(false, false) => Role::Watches,
		};
		let (player, history) = (seat.player, seat.player.history());
		let seal = sealed(HONEST, &history);
		let due = actions(&self.dispute, &self.board, now, &HONEST, player, role);
		for action in due.expect("the truth can be proven") {
			let (dispute, board) = (&mut self.dispute, &mut self.board);
			let made = match action {
				Action::Commit => dispute.commit(board, now, HONEST, seal),
				Action::Reveal => dispute.reveal(board, now, HONEST, history, seal),
				Action::Post => dispute.post(board, now, HONEST, history),
				Action::Play { against, made } => {
					let pair = [history, against];
					dispute.play::<Blake2b256, _>(board, now, &HONEST, pair, *made)
				},
				Action::Open { against, proof } => {
					let pair = [history, against];
					dispute.open::<Blake2b256, _>(board, now, &HONEST, pair, false, &proof)
				},
				Action::Forfeit { against } => {
					dispute.forfeit(board, now, &HONEST, [history, against])
				},
				Action::Deviate => dispute.deviates(board, now, &HONEST, Finding::Wrong),
			};
			made.expect("what the strategy says is taken");
		}
	}

	/// Forfeits what is late, in every pair of liars.
	fn sweep(&mut self, now: u32) {
		let honest = self.honest.then(|| self.seats[0].player.history());
		for pair in self.pairs() {
			if honest.is_some_and(|honest| pair.contains(&honest)) {
				continue;
			}
			let _ = self.dispute.forfeit(&mut self.board, now, &99, pair);
		}
	}

	/// Play to the end; the ticks that it took.
	fn run(&mut self) -> u32 {
		let most = u32::from(MAX_ROUNDS) * STEP * (MOST_STEPS + 5);
		for now in 0..=most {
			self.dispute.catch_up(&mut self.board, now);
			self.enter(now);
			self.play(now);
			self.act(now);
			if now % STEP == 0 {
				self.sweep(now);
			}
			if let Stage::Ended(_) = self.dispute.stage {
				return now;
			}
		}
		panic!("stuck: {:?}", self.dispute);
	}
}

/// What a game has come to.
fn kind(stands: &Position) -> Option<&'static str> {
	match stands {
		Position::Due { place: Place::Chunk { .. }, .. } => Some("chunk"),
		Position::Due { .. } | Position::Same | Position::Lost(_) => None,
		Position::Open { question, .. } => Some(match question.claims {
			Claims::Ends(_) => "earlier fault",
			Claims::Both([Claim::Fault, _]) => "value for a fault",
			Claims::Both([_, Claim::Fault]) => "fault for a value",
			Claims::Both(_) => "elements",
		}),
	}
}

fn manner(random: &mut Random) -> Manner {
	[Manner::Eager, Manner::Late, Manner::Flaky, Manner::Silent][random.below(4)]
}

/// One game of a world.
fn game<'a>(world: &'a World, random: &mut Random, liars: usize, honest: bool) -> Game<'a> {
	let mut seats = Vec::new();
	let eager = random.chance(50);
	let manner_of_honest = if !honest {
		Manner::Silent
	} else if eager {
		Manner::Eager
	} else {
		Manner::Late
	};
	seats.push(Seat {
		account: HONEST,
		player: &world.honest,
		manner: manner_of_honest,
		challenges: honest && random.chance(50),
	});
	for at in 0..liars {
		let player = &world.liars[(at + random.below(3)) % world.liars.len()];
		let (manner, challenges) = (manner(random), random.chance(50));
		seats.push(Seat { account: 1 + at as Account, player, manner, challenges });
	}
	let dispute = Dispute::new(world.subject.clone(), 0, STEP);
	let (random, wrong, seen) = (Random(random.draw()), random.chance(50), BTreeSet::new());
	let mut game = Game { dispute, board: Memory::default(), seats, random, wrong, honest, seen };
	if !honest {
		game.seats.remove(0);
	}
	game
}

/// Plays a game and checks what has to be true of every one.
fn check(game: &mut Game) -> u32 {
	let ticks = game.run();
	let outcome = game.dispute.outcome().unwrap();
	if game.honest {
		let survivor = game.seats[0].player.history();
		let expected = match game.wrong {
			true => Outcome::Refuted { survivor },
			false => Outcome::Accepted { survivor },
		};
		assert_eq!(outcome, expected, "the honest history survives");
	}
	check_money(&game.dispute, &game.board);
	ticks
}

fn count() -> u64 {
	std::env::var("ASSAY_GAMES").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000)
}

/// Games with up to eight liars on random worlds, a new one every five hundred games.
#[test]
fn an_honest_history_survives_every_game_and_nothing_is_lost() {
	let mut random = Random(2026);
	let (mut world, mut seen) = (None, BTreeSet::new());
	for number in 0..count() {
		if number % 500 == 0 {
			let length = [2, 5, 300, 700][random.below(4)];
			let copies = [0, 3][random.below(2)];
			let fault = random.chance(40);
			world = Some(World::new(&mut random, length, copies, fault, 12));
		}
		let liars = random.below(9);
		let mut game = game(world.as_ref().unwrap(), &mut random, liars, true);
		check(&mut game);
		seen.append(&mut game.seen);
	}
	assert_eq!(seen, KINDS.into(), "the games reach everything that liars can do");
}

/// Without anybody honest, no game is stuck and no bond is lost track of.
#[test]
fn games_of_liars_alone_end() {
	let mut random = Random(7);
	let world = World::new(&mut random, 300, 0, false, 12);
	for _ in 0..count() / 4 {
		let liars = random.below(7);
		check(&mut game(&world, &mut random, liars, false));
	}
}

/// A hundred histories take no longer than one (PROTOCOL P4.3).
#[test]
fn a_hundred_sybils_delay_no_more_than_one() {
	let mut random = Random(11);
	let world = World::new(&mut random, 300, 0, false, 100);
	let ticks = |liars: &[TestPlayer], random: &mut Random| {
		let mut table = game(&world, random, 0, true);
		table.seats[0].manner = Manner::Late;
		for (at, player) in liars.iter().enumerate() {
			let (account, manner) = (1 + at as Account, Manner::Late);
			table.seats.push(Seat { account, player, manner, challenges: true });
		}
		check(&mut table)
	};
	let longest =
		world.liars.iter().take(20).map(|liar| ticks(std::slice::from_ref(liar), &mut random));
	let longest = longest.max().unwrap();
	let hundred = ticks(&world.liars, &mut random);
	assert!(hundred <= longest + STEP, "{hundred} ticks, but {longest} for the slowest alone");
}

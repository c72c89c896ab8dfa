//! What whoever has run the model does, at every moment of a dispute: the one way to play that
//! cannot lose.
//!
//! Nothing is remembered between moments but the salt of a seal: what is to be done follows from
//! the records of the dispute and from the run. Whoever stops and comes back goes on where the
//! dispute stands.

use alloc::{boxed::Box, collections::BTreeSet, vec::Vec};
use assay_canon::{
	arbiter::ProveError,
	commitment::{Hash, Hasher},
};

use crate::{
	board::{Board, Entry},
	clock::{Phase, Tick},
	dispute::{Dispute, Finding, Stage},
	play::{Move, Place},
	player::Player,
	position::{position, Position},
};

/// Why somebody plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
	/// The result is its own, and right: it posts its history at once.
	Defends,
	/// The result is another's, and deviates so: it puts a bond on its history in D0, and shows it.
	/// In a probe that moves an output beyond the tolerance, whoever knows of it, as `Wrong`.
	Challenges(Finding),
	/// The result is another's, and right, or the probe moves nothing: it posts its history only if
	/// nobody else does.
	Watches,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Put a bond on a seal of one's history.
	Commit,
	/// Reveal it.
	Reveal,
	/// Post one's history.
	Post,
	/// Make a move of one's history.
	Play {
		/// The history that it plays against.
		against: Hash,
		/// The move.
		made: Box<Move>,
	},
	/// Have an element recomputed.
	Open {
		/// The history that says something else of it.
		against: Hash,
		/// What it is recomputed from.
		proof: Vec<u8>,
	},
	/// Remove a history that is late, or shown to be wrong.
	Forfeit {
		/// The history.
		against: Hash,
	},
	/// Show that what was submitted deviates.
	Deviate,
}

/// What to do now. `dispute` and `board` are as [`Dispute::catch_up`] leaves them.
pub fn actions<H: Hasher, B: Board>(
	dispute: &Dispute,
	board: &B,
	now: Tick,
	account: &B::AccountId,
	player: &Player<'_, H>,
	role: Role,
) -> Result<Vec<Action>, ProveError> {
	let history = player.history();
	let alive = dispute.alive.contains(&history);
	let stake = board.stake(account).filter(|stake| stake.round == dispute.round);
	let entry = stake.map(|stake| stake.entry);
	match dispute.stage {
		Stage::Probe { .. } | Stage::Ended(_) => Ok(Vec::new()),
		Stage::Output { survivor, apart, .. } => {
			let deviates = match role {
				Role::Challenges(Finding::Apart) => !apart,
				Role::Challenges(Finding::Wrong | Finding::Gross) => true,
				Role::Defends | Role::Watches => false,
			};
			let shows = deviates && survivor == history;
			Ok(shows.then_some(Action::Deviate).into_iter().collect())
		},
		Stage::Contest => match (dispute.clock.phase(now), entry) {
			(Phase::Commit, None) if matches!(role, Role::Challenges(_)) => {
				Ok(alloc::vec![Action::Commit])
			},
			(Phase::Reveal, Some(Entry::Sealed(_))) => Ok(alloc::vec![Action::Reveal]),
			(Phase::Post, None) if !alive && posts(dispute, now, role) => {
				Ok(alloc::vec![Action::Post])
			},
			(Phase::Play, _) if alive => play(dispute, board, now, player),
			_ => Ok(Vec::new()),
		},
	}
}

/// Whether a history that nobody has posted is posted now: at once by whoever has something at
/// stake, by others when half of the time is over.
fn posts(dispute: &Dispute, now: Tick, role: Role) -> bool {
	let half = dispute.clock.step / 2;
	role != Role::Watches || now.saturating_add(half) >= dispute.clock.play()
}

/// The moves against every other history.
fn play<H: Hasher, B: Board>(
	dispute: &Dispute,
	board: &B,
	now: Tick,
	player: &Player<'_, H>,
) -> Result<Vec<Action>, ProveError> {
	let history = player.history();
	let mut made = BTreeSet::<Place>::new();
	let mut actions = Vec::new();
	for other in dispute.alive.iter().filter(|other| **other != history) {
		let against = *other;
		match position(board, &dispute.subject, [&history, other]) {
			// One reveal serves all games of the history.
			Position::Due { place, step, missing: [true, _] } if now < dispute.clock.due(step) => {
				if made.insert(place) {
					let reveal = player.reveal(&place);
					let play = |made| Action::Play { against, made: Box::new(made) };
					actions.extend(reveal.map(play));
				}
			},
			Position::Due { step, missing: [false, true], .. }
				if now >= dispute.clock.due(step) =>
			{
				actions.push(Action::Forfeit { against });
			},
			Position::Open { question, step } if now < dispute.clock.due(step) => {
				actions.push(Action::Open { against, proof: player.open(&question)? });
			},
			Position::Lost(1) => actions.push(Action::Forfeit { against }),
			_ => {},
		}
	}
	Ok(actions)
}

//! The state machine of a dispute: who may do what, when, and how it ends.

use alloc::vec::Vec;
use assay_canon::{
	arbiter::{self, claimed, Claim, Malformed, Refusal, Ruling, Verdict},
	commitment::{digest, Hash, Hasher},
	graph::Invalid,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

mod state;

pub use state::{Change, Fault, Finding, Outcome, Stage};

use crate::{
	board::{Board, Entry, History, Stake},
	clock::{Clock, Phase, Tick},
	play::{self, Legal, Move},
	position::{position, Claims, Position},
	subject::Subject,
};

/// The most histories of one round. A round that had as many never decides, because it may have
/// kept the right one out: D0 reopens with the survivor.
pub const MAX_HISTORIES: u32 = 128;

/// The most rounds, the first included (PROTOCOL P4.5).
pub const MAX_ROUNDS: u8 = 4;

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Dispute {
	/// What it is about.
	pub subject: Subject,
	/// The clock of the present round.
	pub clock: Clock,
	/// The number of the round, from 0.
	pub round: u8,
	/// Where it stands.
	pub stage: Stage,
	/// The histories of the round that have not lost, at most [`MAX_HISTORIES`].
	pub alive: Vec<Hash>,
	/// The histories that the round has had.
	pub listed: u32,
	/// The histories of this round that are sealed still.
	pub sealed: u32,
	/// The bonds that are lost.
	pub lost: u32,
	/// The moves for no history in particular, which are repaid.
	pub moves: u32,
}

impl MaxEncodedLen for Dispute {
	fn max_encoded_len() -> usize {
		let histories = (MAX_HISTORIES as usize).saturating_mul(size_of::<Hash>());
		// The fields that are neither the subject nor the list, and the length of that.
		let rest = Clock::max_encoded_len()
			.saturating_add(Stage::max_encoded_len())
			.saturating_add(size_of::<[u32; 6]>());
		Subject::max_encoded_len().saturating_add(histories).saturating_add(rest)
	}
}

/// What a challenger seals: a history, bound to the dispute and the account, so that nobody can
/// copy a challenge that is not revealed yet (PROTOCOL P4.7).
pub fn seal<H: Hasher>(dispute: &[u8], account: &[u8], history: &Hash, salt: &Hash) -> Hash {
	digest::<H>(b"challenge", &[dispute, account, history, salt])
}

impl Dispute {
	/// A dispute whose D0 begins now. Nobody has a bond in it yet.
	pub fn new(subject: Subject, now: Tick, step: Tick) -> Self {
		Self {
			subject,
			clock: Clock { began: now, step: step.max(1) },
			round: 0,
			stage: Stage::Contest,
			alive: Vec::new(),
			listed: 0,
			sealed: 0,
			lost: 0,
			moves: 0,
		}
	}

	/// Begin with two histories that their auditors have sealed and revealed elsewhere: nobody seals
	/// anything in D0 any more, but there is a step until D1 in which others can run the job. The
	/// two are posted like others: nobody has challenged anything, so nobody loses a bond only
	/// because the result stands.
	pub fn seat<B: Board>(&mut self, board: &mut B, histories: [(B::AccountId, Hash); 2]) {
		// In the first step of a chain, D0 is as long as the chain is old.
		self.clock.began = self.clock.began.saturating_sub(self.clock.step);
		for (account, history) in histories {
			// A round has room for two.
			if self.list(board, history, 0).is_ok() {
				let entry = Entry::Poster(history);
				board.set_stake(account, Stake { lost: 0, kept: 0, round: self.round, entry });
			}
		}
	}

	/// D0: put a bond on a history that is revealed later.
	pub fn commit<B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: B::AccountId,
		sealed: Hash,
	) -> Result<Vec<Change>, Fault> {
		let changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Commit)?;
		let stake = self.enter(board, &account, Entry::Sealed(sealed))?;
		board.set_stake(account, stake);
		self.sealed = self.sealed.saturating_add(1);
		Ok(changes)
	}

	/// D0: reveal the history that the caller has sealed. `expected` is the seal of what it says.
	pub fn reveal<B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: B::AccountId,
		history: Hash,
		expected: Hash,
	) -> Result<Vec<Change>, Fault> {
		let changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Reveal)?;
		let stake = board.stake(&account).filter(|stake| stake.round == self.round);
		let stake = stake.ok_or(Fault::NothingSealed)?;
		match stake.entry {
			Entry::Sealed(sealed) if sealed == expected => {},
			Entry::Sealed(_) => return Err(Fault::WrongSeal),
			_ => return Err(Fault::NothingSealed),
		}
		// Whoever is kept out by a flood loses nothing: the round decides nothing either.
		let entry = match self.list(board, history, 1) {
			Ok(()) => Entry::Challenger(history),
			Err(_) => Entry::KeptOut,
		};
		self.sealed = self.sealed.saturating_sub(1);
		board.set_stake(account, Stake { entry, ..stake });
		Ok(changes)
	}

	/// D1: put a bond on a history that nobody has posted.
	pub fn post<B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: B::AccountId,
		history: Hash,
	) -> Result<Vec<Change>, Fault> {
		let changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Post)?;
		let posted = board.history(&history).is_some_and(|record| record.since == self.round);
		if posted || self.alive.contains(&history) {
			return Err(Fault::AlreadyPosted);
		}
		let stake = self.enter(board, &account, Entry::Poster(history))?;
		self.list(board, history, 0)?;
		board.set_stake(account, stake);
		Ok(changes)
	}

	/// D2 to D4: make the move of a history that is due in its game against another. Anybody may.
	pub fn play<H: Hasher, B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: &B::AccountId,
		pair: [Hash; 2],
		made: Move,
	) -> Result<Vec<Change>, Fault> {
		let mut changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Play)?;
		let [history, _] = self.playing(&pair)?;
		let Position::Due { place, step, missing: [true, _] } =
			position(board, &self.subject, [&pair[0], &pair[1]])
		else {
			return Err(Fault::NotDue);
		};
		if now >= self.clock.due(step) {
			return Err(Fault::TooLate);
		}
		let legal = play::check::<H, B>(board, &self.subject, history, &place, made)?;
		board.count_move(account, Some(history));
		if let Some(record) = board.history(history) {
			let moves = record.moves.saturating_add(1);
			board.set_history(*history, History { moves, ..record });
		}
		match legal {
			Legal::Shows(shown) => board.set_shown(*history, place, shown),
			Legal::Refutes => changes.extend(self.remove(board, now, &[*history])),
		}
		Ok(changes)
	}

	/// D5: have the element recomputed that two histories have come down to. Anybody may. The proof
	/// opens slots of the first history, or `of_second`.
	pub fn open<H: Hasher, B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: &B::AccountId,
		pair: [Hash; 2],
		of_second: bool,
		proof: &[u8],
	) -> Result<Vec<Change>, Fault> {
		let mut changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Play)?;
		let [first, second] = self.playing(&pair)?;
		let Position::Open { question, step } = position(board, &self.subject, [first, second])
		else {
			return Err(Fault::NotOpen);
		};
		if now >= self.clock.due(step) {
			return Err(Fault::TooLate);
		}
		let context = self.subject.context(if of_second { *second } else { *first });
		if arbiter::node_number(proof) != Some(question.slot) {
			return Err(Malformed::WrongNode.into());
		}
		let losers = match question.claims {
			Claims::Both([one, other]) => {
				match arbiter::judge::<H>(&context, question.element, one, other, proof) {
					Ruling::First => Ok((false, true)),
					Ruling::Second => Ok((true, false)),
					Ruling::Neither => Ok((true, true)),
					Ruling::InvalidNode(reason) => Err(Refusal::Invalid(reason)),
					Ruling::Malformed(reason) => Err(Refusal::Malformed(reason)),
				}
			},
			Claims::Ends(earlier) => {
				arbiter::faults::<H>(&context, question.element, proof).map(|faults| {
					// If the run does not end there, the history that says so loses.
					let first_says = earlier == 0;
					(first_says != faults, first_says == faults)
				})
			},
		};
		let losers = match losers {
			Ok((true, true)) => [Some(*first), Some(*second)],
			Ok((true, false)) => [Some(*first), None],
			Ok((false, _)) => [None, Some(*second)],
			Err(Refusal::Malformed(reason)) => return Err(reason.into()),
			Err(Refusal::Invalid(reason)) => {
				self.count_move(board, account);
				changes.push(self.invalid(reason));
				return Ok(changes);
			},
		};
		self.count_move(board, account);
		let losers: Vec<Hash> = losers.into_iter().flatten().collect();
		changes.extend(self.remove(board, now, &losers));
		Ok(changes)
	}

	/// Remove those of two histories that owe the other a move whose time is over. Anybody may.
	pub fn forfeit<B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: &B::AccountId,
		pair: [Hash; 2],
	) -> Result<Vec<Change>, Fault> {
		let mut changes = self.catch_up(board, now);
		self.in_phase(now, Phase::Play)?;
		let [first, second] = self.playing(&pair)?;
		let losers = match position(board, &self.subject, [first, second]) {
			Position::Lost(0) => alloc::vec![*first],
			Position::Lost(_) => alloc::vec![*second],
			Position::Same => return Err(Fault::SameHistory),
			Position::Due { step, missing, .. } if now >= self.clock.due(step) => {
				let owes = pair.iter().zip(missing).filter(|(_, missing)| *missing);
				owes.map(|(history, _)| *history).collect()
			},
			// Nobody opened what anybody might have: neither is shown to be right.
			Position::Open { step, .. } if now >= self.clock.due(step) => pair.to_vec(),
			Position::Due { .. } | Position::Open { .. } => return Err(Fault::TooEarly),
		};
		self.count_move(board, account);
		changes.extend(self.remove(board, now, &losers));
		Ok(changes)
	}

	/// Show that one history contradicts itself: `claim` opens what it says of an element, and
	/// `proof` what the element is computed from. For an order statistic, `witness` names a better
	/// candidate. From D1 on, by anybody, against anybody (PROTOCOL P4.6).
	pub fn refute<H: Hasher, B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: &B::AccountId,
		history: Hash,
		evidence: &Evidence,
	) -> Result<Vec<Change>, Fault> {
		let mut changes = self.catch_up(board, now);
		self.running()?;
		// The probe is compared with this survivor.
		let probed = matches!(self.stage, Stage::Probe { .. });
		if probed || matches!(self.clock.phase(now), Phase::Commit | Phase::Reveal) {
			return Err(Fault::WrongPhase);
		}
		if !self.alive.contains(&history) {
			return Err(Fault::UnknownHistory);
		}
		let context = self.subject.context(history);
		let Evidence { element, claim, proof, witness } = evidence;
		if arbiter::node_number(claim) != arbiter::node_number(proof) {
			return Err(Malformed::WrongNode.into());
		}
		let claim = claimed::<H>(&context, *element, claim)?.ok_or(Fault::NotRefuted)?;
		let contradicted = match witness {
			Some(witness) => {
				match arbiter::judge::<H>(&context, *element, claim, *witness, proof) {
					Ruling::Second | Ruling::Neither => true,
					Ruling::First => false,
					Ruling::InvalidNode(reason) => {
						self.count_move(board, account);
						changes.push(self.invalid(reason));
						return Ok(changes);
					},
					Ruling::Malformed(reason) => return Err(reason.into()),
				}
			},
			None => match arbiter::arbitrate::<H>(&context, *element, proof) {
				Verdict::Value(value) => Claim::Value(value) != claim,
				Verdict::Fault => Claim::Fault != claim,
				Verdict::InvalidNode(reason) => {
					self.count_move(board, account);
					changes.push(self.invalid(reason));
					return Ok(changes);
				},
				Verdict::Malformed(reason) => return Err(reason.into()),
			},
		};
		if !contradicted {
			return Err(Fault::NotRefuted);
		}
		self.count_move(board, account);
		changes.extend(self.remove(board, now, &[history]));
		Ok(changes)
	}

	/// D6: what was submitted deviates from the survivor, which the caller has checked. Of a probe:
	/// an element of what it delivers is beyond the tolerance, which is `Wrong`.
	///
	/// That it is outside of the tolerance ends nothing at once: otherwise whoever is guilty could
	/// show a small deviation of his, and be excused for a large one.
	pub fn deviates<B: Board>(
		&mut self,
		board: &mut B,
		now: Tick,
		account: &B::AccountId,
		finding: Finding,
	) -> Result<Vec<Change>, Fault> {
		let mut changes = self.catch_up(board, now);
		let Stage::Output { survivor, since, apart } = self.stage else {
			return Err(self.running().err().unwrap_or(Fault::WrongPhase));
		};
		match finding {
			Finding::Wrong => changes.push(self.end(Outcome::Refuted { survivor })),
			Finding::Apart if apart => return Err(Fault::KnownDeviation),
			Finding::Apart => {
				self.stage = Stage::Output { survivor, since, apart: true };
				changes.push(Change::Apart);
			},
			Finding::Gross => {
				self.stage = Stage::Probe { survivor };
				changes.push(Change::Probed);
			},
		}
		self.count_move(board, account);
		Ok(changes)
	}

	/// D7: the dispute of the probe has ended.
	pub fn probed(&mut self, probe: Outcome) -> Vec<Change> {
		let Stage::Probe { survivor } = self.stage else { return Vec::new() };
		let outcome = match probe {
			// Nothing is beyond the tolerance: rounding does not explain what was submitted.
			Outcome::Accepted { .. } => Outcome::Refuted { survivor },
			Outcome::InvalidGraph { reason } => Outcome::InvalidGraph { reason },
			Outcome::Refuted { .. } | Outcome::Voided { .. } | Outcome::Exhausted => {
				Outcome::Voided { survivor }
			},
		};
		alloc::vec![self.end(outcome)]
	}

	/// Take all steps that time alone brings. Every call does so first: whoever comes, and however
	/// late, what follows is dated back to when it was due (PROTOCOL P4.8).
	pub fn catch_up<B: Board>(&mut self, board: &mut B, now: Tick) -> Vec<Change> {
		let mut changes = Vec::new();
		while let Some(change) = self.advance(board, now) {
			changes.push(change);
		}
		changes
	}

	fn advance<B: Board>(&mut self, board: &mut B, now: Tick) -> Option<Change> {
		match self.stage {
			Stage::Contest if now >= self.clock.play() => self.settle_contest(self.clock.play()),
			Stage::Output { survivor, since, apart } if now >= self.output_ends(since) => {
				if apart {
					return Some(self.end(Outcome::Voided { survivor }));
				}
				if self.subject.probe.is_none() {
					self.lose_challenges(board, &survivor);
				}
				Some(self.end(Outcome::Accepted { survivor }))
			},
			_ => None,
		}
	}

	/// How it ended, if it did.
	pub const fn outcome(&self) -> Option<Outcome> {
		match self.stage {
			Stage::Ended(outcome) => Some(outcome),
			_ => None,
		}
	}

	/// The history that has survived, if one has.
	pub const fn survivor(&self) -> Option<Hash> {
		match self.stage {
			Stage::Output { survivor, .. }
			| Stage::Probe { survivor }
			| Stage::Ended(
				Outcome::Accepted { survivor }
				| Outcome::Voided { survivor }
				| Outcome::Refuted { survivor },
			) => Some(survivor),
			_ => None,
		}
	}

	/// The tick in which [`Self::catch_up`] has something to do, or in which it is worth while to
	/// look for moves that nobody made.
	pub fn wake(&self) -> Option<Tick> {
		match self.stage {
			Stage::Contest => Some(self.clock.play()),
			Stage::Output { since, .. } => Some(self.output_ends(since)),
			Stage::Probe { .. } | Stage::Ended(_) => None,
		}
	}

	fn settle_contest(&mut self, at: Tick) -> Option<Change> {
		// What is sealed still was not revealed in time.
		self.lost = self.lost.saturating_add(self.sealed);
		self.sealed = 0;
		match self.alive.as_slice() {
			[] => Some(self.reopen(at, None)),
			// The right history may have been kept out: nothing is decided by the one that is left.
			[survivor] if self.listed >= MAX_HISTORIES => {
				let survivor = *survivor;
				Some(self.reopen(at, Some(survivor)))
			},
			[survivor] => {
				let survivor = *survivor;
				self.stage = Stage::Output { survivor, since: at, apart: false };
				Some(Change::Survived(survivor))
			},
			_ => None,
		}
	}

	fn remove<B: Board>(&mut self, board: &mut B, now: Tick, losers: &[Hash]) -> Vec<Change> {
		for loser in losers {
			if let Some(history) = board.history(loser) {
				self.lost = self.lost.saturating_add(history.bonds);
				// A kept one counts as of this round, in which it cannot be posted again.
				let since = self.round;
				board.set_history(*loser, History { alive: false, since, ..history });
			}
		}
		self.alive.retain(|history| !losers.contains(history));
		let mut changes: Vec<Change> = losers.iter().copied().map(Change::Removed).collect();
		// Before, others may still be posted.
		if self.clock.phase(now) == Phase::Play {
			self.stage = Stage::Contest;
			changes.extend(self.settle_contest(now));
		}
		changes
	}

	/// Open D0 again. Every bond behind a history that is not kept is lost already. After the last
	/// round, those behind one that is kept are given back: it has not lost to anybody.
	fn reopen(&mut self, at: Tick, kept: Option<Hash>) -> Change {
		let next = self.round.saturating_add(1);
		if next >= MAX_ROUNDS {
			return self.end(Outcome::Exhausted);
		}
		self.round = next;
		self.clock.began = at;
		self.stage = Stage::Contest;
		self.alive = kept.into_iter().collect();
		self.listed = u32::from(kept.is_some());
		Change::Reopened(next)
	}

	/// A challenge that ends in acceptance has failed, whoever's history survived.
	fn lose_challenges<B: Board>(&mut self, board: &mut B, survivor: &Hash) {
		if let Some(history) = board.history(survivor) {
			self.lost = self.lost.saturating_add(history.challengers);
		}
	}

	fn invalid(&mut self, reason: Invalid) -> Change {
		self.end(Outcome::InvalidGraph { reason })
	}

	fn end(&mut self, outcome: Outcome) -> Change {
		self.stage = Stage::Ended(outcome);
		Change::Ended(outcome)
	}

	/// The stake of an account with one bond more in this round.
	fn enter<B: Board>(
		&self,
		board: &B,
		account: &B::AccountId,
		entry: Entry,
	) -> Result<Stake, Fault> {
		let (lost, kept) = match board.stake(account) {
			None => (0, 0),
			Some(stake) if stake.round == self.round => return Err(Fault::AlreadyBonded),
			Some(stake) => {
				let history = stake.entry.history().and_then(|root| board.history(root));
				if history.is_some_and(|history| history.has(&stake)) {
					return Err(Fault::AlreadyBonded);
				}
				match stake.entry {
					Entry::KeptOut => (stake.lost, stake.kept.saturating_add(1)),
					_ => (stake.lost.saturating_add(1), stake.kept),
				}
			},
		};
		Ok(Stake { lost, kept, round: self.round, entry })
	}

	/// Put one bond behind a history.
	fn list<B: Board>(&mut self, board: &mut B, root: Hash, challengers: u32) -> Result<(), Fault> {
		if self.alive.contains(&root) {
			if let Some(history) = board.history(&root) {
				let bonds = history.bonds.saturating_add(1);
				let challengers = history.challengers.saturating_add(challengers);
				board.set_history(root, History { bonds, challengers, ..history });
			}
			return Ok(());
		}
		if self.listed >= MAX_HISTORIES {
			return Err(Fault::TooManyHistories);
		}
		self.listed = self.listed.saturating_add(1);
		self.alive.push(root);
		// Moves of earlier rounds still count: what they showed stays shown.
		let moves = board.history(&root).map_or(0, |history| history.moves);
		let (since, alive, bonds) = (self.round, true, 1);
		board.set_history(root, History { since, alive, challengers, bonds, moves });
		Ok(())
	}

	fn count_move<B: Board>(&mut self, board: &mut B, account: &B::AccountId) {
		self.moves = self.moves.saturating_add(1);
		board.count_move(account, None);
	}

	fn playing<'a>(&self, pair: &'a [Hash; 2]) -> Result<[&'a Hash; 2], Fault> {
		let [first, second] = pair;
		if first == second {
			return Err(Fault::SameHistory);
		}
		let both = self.alive.contains(first) && self.alive.contains(second);
		both.then_some([first, second]).ok_or(Fault::UnknownHistory)
	}

	fn in_phase(&self, now: Tick, phase: Phase) -> Result<(), Fault> {
		self.running()?;
		let fits = self.stage == Stage::Contest && self.clock.phase(now) == phase;
		fits.then_some(()).ok_or(Fault::WrongPhase)
	}

	fn running(&self) -> Result<(), Fault> {
		match self.stage {
			Stage::Ended(_) => Err(Fault::Ended),
			_ => Ok(()),
		}
	}

	/// The first tick in which D6 is over.
	fn output_ends(&self, since: Tick) -> Tick {
		since.saturating_add(self.clock.step)
	}
}

/// What shows that a history contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Evidence {
	/// Row-major index of the element.
	pub element: u64,
	/// An encoded [`assay_canon::arbiter::ClaimProof`].
	pub claim: Vec<u8>,
	/// An encoded [`assay_canon::arbiter::Proof`].
	pub proof: Vec<u8>,
	/// A better candidate, if the node is an order statistic.
	pub witness: Option<Claim>,
}

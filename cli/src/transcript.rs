//! A dispute as it was read from the chain, and how far the games of its histories have come.

use assay_canon::{
	commitment::{Hash, CHUNK},
	op::Op,
	shape::Layout,
	tensor::{TensorType, View},
};
use assay_dispute::{
	board::{Board, Stake},
	clock::{Phase, Tick},
	dispute::{Outcome, Stage},
	memory::{Memory, Spot},
	money::{winners, Pot, Returns, Slash},
	play::{Place, Shown},
	position::{position, Position},
	Dispute,
};
use assay_primitives::{dispute::DisputeView, AccountId, Balance, VersionId};
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeSet;

/// The most games that are followed: a round may have thousands.
const MOST_GAMES: usize = 32;

/// A dispute as it was read from the chain.
pub struct Transcript {
	/// What the chain has of it.
	pub view: DisputeView<AccountId>,
	/// The version whose result is disputed, if the chain still has the job.
	pub version: Option<VersionId>,
	/// The game, with the steps that time has brought.
	pub dispute: Dispute,
	/// Its records.
	pub board: Memory<AccountId>,
	/// What was asked for and is not shown.
	absent: BTreeSet<Spot>,
}

/// How far two histories have come apart.
pub struct Game {
	/// The histories.
	pub pair: [Hash; 2],
	/// Whether both live.
	pub open: bool,
	/// Where they stand.
	pub position: Position,
	/// The slot that they have come down to.
	pub slot: Option<u32>,
	/// What that slot is, once it is shown.
	pub kind: Option<SlotKind>,
	/// The chunk that they have come down to.
	pub chunk: Option<u32>,
}

/// What a slot is.
pub struct SlotKind {
	/// The primitive that made it.
	pub operator: &'static str,
	/// The type.
	pub kind: TensorType,
	/// The layout.
	pub layout: Layout,
}

/// What an account has at stake, or had.
pub struct Account<'a> {
	/// Who.
	pub account: &'a AccountId,
	/// Its bonds, and what they are for.
	pub stake: Stake,
	/// What becomes of it once the dispute has ended.
	pub share: Option<Share>,
}

/// What an account has of a dispute that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// Bonds that it has back.
	pub returned: Balance,
	/// Bonds that it has lost.
	pub lost: Balance,
	/// Its part of what was slashed.
	pub won: Balance,
	/// Whether all of this is paid.
	pub paid: bool,
}

/// How what was at stake in a dispute that has ended is divided.
pub struct Money {
	/// The division of the provider's exposure, if its result is wrong.
	pub slash: Option<Slash>,
	/// Who was right, each of whom has a reward: of what was slashed, or of the fee.
	pub winners: u32,
	/// The division of the bonds that are lost.
	pub pot: Pot,
	/// The moves that are repaid.
	pub moves: u32,
}

impl Transcript {
	/// The transcript of what was read now, and of what `earlier` still tells: what histories show,
	/// and stakes that are returned by now.
	pub fn new(
		view: DisputeView<AccountId>,
		version: Option<VersionId>,
		earlier: Option<Self>,
	) -> Self {
		let mut board = view.board();
		let mut dispute = view.dispute.clone();
		dispute.catch_up(&mut board, view.now);
		if let Some(earlier) = earlier {
			board.shown = earlier.board.shown;
			if dispute.outcome().is_some() {
				for (account, stake) in earlier.board.stakes {
					board.stakes.entry(account).or_insert(stake);
				}
			}
		}
		Self { view, version, dispute, board, absent: BTreeSet::new() }
	}

	/// What has to be asked for to know how far the games have come.
	pub fn missed(&self) -> Vec<Spot> {
		self.games();
		let missed = self.board.take_missed().into_iter();
		missed.filter(|spot| !self.absent.contains(spot)).collect()
	}

	/// Take in what a history shows at a spot that was asked for.
	pub fn learn(&mut self, spot: Spot, shown: Option<Shown>) {
		match shown {
			Some(shown) => self.board.set_shown(spot.0, spot.1, shown),
			None => {
				self.absent.insert(spot);
			},
		}
	}

	/// The name of the part that the dispute is in.
	pub fn phase(&self) -> &'static str {
		match self.dispute.stage {
			Stage::Contest => match self.dispute.clock.phase(self.view.now) {
				Phase::Commit => "commit",
				Phase::Reveal => "reveal",
				Phase::Post => "post",
				Phase::Play => "play",
			},
			Stage::Output { .. } => "output",
			Stage::Probe { .. } => "probe",
			Stage::Ended(_) => "ended",
		}
	}

	/// The first tick after this part; while histories play, after the step that is due next.
	pub fn until(&self) -> Option<Tick> {
		let clock = self.dispute.clock;
		let after = |steps: Tick| clock.began.saturating_add(clock.step.saturating_mul(steps));
		match self.dispute.stage {
			Stage::Contest => match clock.phase(self.view.now) {
				Phase::Commit => Some(after(1)),
				Phase::Reveal => Some(after(2)),
				Phase::Post => Some(after(3)),
				Phase::Play => {
					let open = self.games().into_iter().filter(|game| game.open);
					open.filter_map(|game| game.due(self)).min()
				},
			},
			Stage::Output { .. } => self.dispute.wake(),
			Stage::Probe { .. } | Stage::Ended(_) => None,
		}
	}

	/// The games: of the survivor with all others, of histories that live among one another and
	/// with all others, or of all where none lives. At most [`MOST_GAMES`].
	pub fn games(&self) -> Vec<Game> {
		let all = || self.view.histories.iter().map(|(root, _)| root.0);
		let firsts: Vec<Hash> = match self.dispute.survivor() {
			Some(survivor) => vec![survivor],
			None if self.dispute.alive.is_empty() => all().collect(),
			None => self.dispute.alive.clone(),
		};
		let before = |at: usize, other: &Hash| {
			firsts.get(..=at).is_some_and(|firsts| firsts.contains(other))
		};
		let pairs = firsts.iter().enumerate().flat_map(|(at, first)| {
			all().filter(move |other| !before(at, other)).map(move |other| [*first, other])
		});
		pairs.take(MOST_GAMES).map(|pair| self.game(pair)).collect()
	}

	fn game(&self, pair: [Hash; 2]) -> Game {
		let position = position(&self.board, &self.dispute.subject, [&pair[0], &pair[1]]);
		let (slot, element, place) = match &position {
			Position::Due { place, .. } => (slot_of(place), None, Some(*place)),
			Position::Open { question, .. } => (Some(question.slot), Some(question.element), None),
			Position::Lost(_) | Position::Same => (None, None, None),
		};
		let kind = slot.and_then(|slot| pair.iter().find_map(|root| self.slot_kind(root, slot)));
		let chunk = match (place, element, &kind) {
			(Some(Place::Chunk { index, .. }), _, _) => Some(index),
			(_, Some(element), Some(kind)) => kind.chunk(element),
			_ => None,
		};
		let open = pair.iter().all(|root| self.dispute.alive.contains(root));
		Game { pair, open, position, slot, kind, chunk }
	}

	fn slot_kind(&self, history: &Hash, slot: u32) -> Option<SlotKind> {
		match self.board.shown(history, &Place::Slot(slot))? {
			Shown::Tensor { operator, kind, layout, .. } => {
				Some(SlotKind { operator: operator_name(operator), kind, layout })
			},
			_ => None,
		}
	}

	/// Everybody who has or had something at stake, as far as it was read.
	pub fn accounts(&self) -> Vec<Account<'_>> {
		let bond = self.view.bond;
		let share = |account: &AccountId, stake: &Stake| {
			let Returns { lost, returned, wins } = Returns::of(&self.dispute, &self.board, stake)?;
			Some(Share {
				returned: bond.saturating_mul(returned.into()),
				lost: bond.saturating_mul(lost.into()),
				won: if wins { self.view.reward } else { 0 },
				paid: self.view.stakes.iter().all(|open| open.account != *account),
			})
		};
		let stakes = self.board.stakes.iter();
		stakes
			.map(|(account, stake)| Account {
				account,
				stake: *stake,
				share: share(account, stake),
			})
			.collect()
	}

	/// How what was at stake is divided, once the dispute has ended.
	pub fn money(&self) -> Option<Money> {
		let outcome = self.dispute.outcome()?;
		// Without a reward nothing was slashed: the version is frozen, or this is a probe.
		let rewarded = self.dispute.survivor().filter(|_| self.view.reward > 0);
		let winners = rewarded.map_or(0, |survivor| winners(&self.board, &survivor));
		let refuted = matches!(outcome, Outcome::Refuted { .. }) && winners > 0;
		let slash = refuted.then(|| Slash::of(self.view.exposure, winners));
		let survivor = self.dispute.survivor().and_then(|root| self.board.history(&root));
		let pot = Pot::of(&self.dispute, survivor.as_ref(), self.view.bond, self.view.repayment);
		let moves = survivor.map_or(0, |history| history.moves);
		Some(Money { slash, winners, pot, moves: self.dispute.moves.saturating_add(moves) })
	}
}

impl Game {
	/// The first tick in which what is due is late.
	pub fn due(&self, transcript: &Transcript) -> Option<Tick> {
		match self.position {
			Position::Due { step, .. } | Position::Open { step, .. } => {
				Some(transcript.dispute.clock.due(step))
			},
			Position::Lost(_) | Position::Same => None,
		}
	}
}

impl SlotKind {
	/// The chunk that an element lies in.
	fn chunk(&self, element: u64) -> Option<u32> {
		let offset = View::new(&self.kind, &self.layout).offset_of_index(element);
		let start = offset.checked_mul(self.kind.dtype.size() as u64)?;
		u32::try_from(start / CHUNK as u64).ok()
	}
}

/// The slot that a place is of.
const fn slot_of(place: &Place) -> Option<u32> {
	match place {
		Place::Trace { .. } => None,
		Place::Slot(slot) | Place::Tensor { slot, .. } | Place::Chunk { slot, .. } => Some(*slot),
	}
}

/// The name of the primitive of this index.
fn operator_name(index: u8) -> &'static str {
	let TypeDef::Variant(primitives) = Op::type_info().type_def else { return "unknown" };
	let named = primitives.variants.iter().find(|variant| variant.index == index);
	named.map_or("unknown", |variant| variant.name)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use assay_canon::{shape::Shape, symbol::Bindings, tensor::DType};
	use assay_dispute::{
		board::{Entry, History},
		clock::Clock,
		position::Claims,
		Subject,
	};
	use assay_primitives::{dispute::StakeView, DisputeId, JobId, ModelId, Root, ASY};
	use std::collections::BTreeMap;

	/// The history of a challenger that is right.
	pub const RIGHT: Hash = [0xaa; 32];
	/// The history of the provider, which is wrong.
	pub const WRONG: Hash = [0xbb; 32];
	pub const PROVIDER: AccountId = AccountId::new([1; 32]);
	pub const REQUESTER: AccountId = AccountId::new([2; 32]);
	pub const CHALLENGER: AccountId = AccountId::new([3; 32]);

	/// The codec index of `Op::Mul`.
	const MUL: u8 = 42;
	/// The extent of the axis that is stored outermost, and of the other.
	const EXTENTS: [u32; 2] = [300, 2];

	fn history(bonds: u32, challengers: u32) -> History {
		History { since: 0, alive: true, challengers, bonds, moves: 4 }
	}

	fn stake(account: AccountId, entry: Entry) -> StakeView<AccountId> {
		StakeView { account, stake: Stake { lost: 0, kept: 0, round: 0, entry } }
	}

	/// A dispute of two histories at a tick: it began at 100, and a step takes 6.
	pub fn view(now: Tick) -> DisputeView<AccountId> {
		let subject = Subject {
			graph: [7; 32],
			slots: 2,
			bindings: Bindings::default(),
			inputs: vec![],
			probe: None,
		};
		DisputeView {
			id: DisputeId::new(JobId(9), 1),
			dispute: Dispute {
				subject,
				clock: Clock { began: 100, step: 6 },
				round: 0,
				stage: Stage::Contest,
				alive: vec![RIGHT, WRONG],
				listed: 2,
				sealed: 0,
				lost: 0,
				moves: 1,
			},
			now,
			provider: PROVIDER,
			requester: REQUESTER,
			exposure: 100 * ASY,
			output: Root([5; 32]),
			bond: ASY,
			repayment: ASY / 100,
			reward: 0,
			divided: false,
			histories: vec![(Root(RIGHT), history(1, 1)), (Root(WRONG), history(1, 0))],
			stakes: vec![
				stake(PROVIDER, Entry::Poster(WRONG)),
				stake(CHALLENGER, Entry::Challenger(RIGHT)),
			],
		}
	}

	/// The same after the verdict.
	pub fn refuted() -> DisputeView<AccountId> {
		let mut view = view(130);
		view.dispute.stage = Stage::Ended(Outcome::Refuted { survivor: RIGHT });
		view.dispute.alive = vec![RIGHT];
		view.dispute.lost = 1;
		view.histories[1].1.alive = false;
		view.reward = 40 * ASY;
		view
	}

	/// What both histories show on the way down to element 5 of slot 1.
	pub fn shown() -> BTreeMap<Spot, Shown> {
		let kind = TensorType::new(DType::Float32, Shape::new(&EXTENTS).unwrap());
		let layout = Layout::new(&[1, 0]).unwrap();
		let tensor = |last: u8| {
			let top = vec![[1; 32], [last; 32], [2; 32], [0; 32]];
			Shown::Tensor { operator: MUL, kind: kind.clone(), layout: layout.clone(), top }
		};
		let value = |value: f32| {
			let mut chunk = vec![0; 1024];
			// Element 5 is row 2 of column 1: number 302 in this order.
			chunk[184..188].copy_from_slice(&value.to_le_bytes());
			Shown::Chunk(chunk)
		};
		let mut shown = BTreeMap::new();
		for (root, mark, number) in [(RIGHT, 3, 0.25), (WRONG, 4, 0.5)] {
			let nodes = Shown::Nodes(vec![[0; 32], [mark; 32]]);
			shown.insert((root, Place::top(2)), nodes);
			shown.insert((root, Place::Slot(1)), tensor(mark));
			shown.insert((root, Place::Chunk { slot: 1, index: 1 }), value(number));
		}
		shown
	}

	/// A transcript for which everything was asked for.
	pub fn transcript(view: DisputeView<AccountId>) -> Transcript {
		let version = VersionId { model: ModelId(0), number: 1 };
		let mut transcript = Transcript::new(view, Some(version), None);
		let known = shown();
		loop {
			let missed = transcript.missed();
			if missed.is_empty() {
				return transcript;
			}
			for spot in missed {
				transcript.learn(spot, known.get(&spot).cloned());
			}
		}
	}

	#[test]
	fn what_is_missed_is_asked_for_until_the_element_is_found() {
		let transcript = transcript(view(118));
		let games = transcript.games();
		let [game] = &games[..] else { panic!("one game") };
		let Position::Open { question, step } = &game.position else { panic!("not open") };
		assert_eq!((question.slot, question.element, *step), (1, 5, 3));
		assert!(matches!(question.claims, Claims::Both(_)));
		assert_eq!((game.slot, game.chunk), (Some(1), Some(1)));
		assert_eq!(game.kind.as_ref().unwrap().operator, "Mul");
		assert_eq!(transcript.until(), Some(142));
	}

	#[test]
	fn what_nobody_shows_is_asked_for_once() {
		let mut transcript = Transcript::new(view(118), None, None);
		let missed = transcript.missed();
		assert_eq!(missed, [(RIGHT, Place::top(2)), (WRONG, Place::top(2))]);
		for spot in missed {
			transcript.learn(spot, None);
		}
		assert!(transcript.missed().is_empty());
		let [game] = &transcript.games()[..] else { panic!("one game") };
		assert!(matches!(game.position, Position::Due { missing: [true, true], .. }));
	}

	#[test]
	fn phases_end_when_the_clock_says() {
		for (now, phase, until) in
			[(100, "commit", 106), (106, "reveal", 112), (117, "post", 118), (118, "play", 124)]
		{
			let transcript = Transcript::new(view(now), None, None);
			assert_eq!((transcript.phase(), transcript.until()), (phase, Some(until)));
		}
	}

	#[test]
	fn steps_that_time_has_brought_are_taken() {
		let mut view = view(118);
		view.dispute.alive = vec![RIGHT];
		view.histories.pop();
		let transcript = Transcript::new(view, None, None);
		assert_eq!((transcript.phase(), transcript.until()), ("output", Some(124)));
	}

	#[test]
	fn a_slash_is_divided_among_those_who_were_right() {
		let transcript = transcript(refuted());
		let money = transcript.money().unwrap();
		let slash = money.slash.unwrap();
		assert_eq!((slash.each_challenger, slash.requester), (40 * ASY, 20 * ASY));
		assert_eq!(money.winners, 1);
		assert_eq!((money.moves, money.pot.each_move), (5, ASY / 100));
		let shares: Vec<Share> =
			transcript.accounts().iter().filter_map(|account| account.share).collect();
		let lost = Share { returned: 0, lost: ASY, won: 0, paid: false };
		let won = Share { returned: ASY, lost: 0, won: 40 * ASY, paid: false };
		assert_eq!(shares, [lost, won]);
	}

	#[test]
	fn stakes_that_are_returned_are_remembered_once_the_dispute_has_ended() {
		let earlier = transcript(refuted());
		let mut later = refuted();
		later.stakes.clear();
		let transcript = Transcript::new(later, None, Some(earlier));
		let paid = |account: &Account<'_>| account.share.is_some_and(|share| share.paid);
		assert_eq!(transcript.accounts().iter().filter(|account| paid(account)).count(), 2);
		assert!(transcript.missed().is_empty());
	}

	#[test]
	fn all_histories_are_compared_with_the_survivor_or_with_one_another() {
		let third = [0xcc; 32];
		let mut running = view(118);
		running.dispute.alive.push(third);
		running.histories.push((Root(third), history(1, 0)));
		let pairs = |view| {
			let games = Transcript::new(view, None, None).games();
			games.into_iter().map(|game| game.pair).collect::<Vec<_>>()
		};
		assert_eq!(pairs(running.clone()), [[RIGHT, WRONG], [RIGHT, third], [WRONG, third]]);
		running.dispute.stage = Stage::Ended(Outcome::Accepted { survivor: WRONG });
		assert_eq!(pairs(running), [[WRONG, RIGHT], [WRONG, third]]);
	}

	#[test]
	fn primitives_have_their_names() {
		assert_eq!((operator_name(MUL), operator_name(0)), ("Mul", "Identity"));
		assert_eq!(operator_name(255), "unknown");
	}
}

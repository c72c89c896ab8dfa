//! Who gets what when a dispute has ended. All divisions round down, and what remains is burned
//! (PROTOCOL P5.7).

use crate::{
	board::{Board, Entry, History, Stake},
	dispute::{Dispute, Outcome},
};
use assay_canon::commitment::Hash;

/// An amount of the native token, in its smallest unit.
pub type Balance = u128;

/// What the challengers of the surviving history get of a slashed exposure, in hundredths.
const CHALLENGERS: Balance = 40;
/// What the requester gets of it, in hundredths.
const REQUESTER: Balance = 20;

/// How a slashed exposure is divided. The rest is burned, so that nobody gains by challenging
/// himself (PROTOCOL P5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
	/// What each of the challengers gets.
	pub each_challenger: Balance,
	/// What the requester gets.
	pub requester: Balance,
	/// What is burned.
	pub burned: Balance,
}

impl Slash {
	/// The division of `exposure` among so many challengers.
	pub fn of(exposure: Balance, challengers: u32) -> Self {
		let part = |hundredths: Balance| {
			// Without overflow: of the whole hundreds, and of the rest.
			let (whole, rest) = (exposure / 100, exposure % 100);
			whole.saturating_mul(hundredths).saturating_add(rest.saturating_mul(hundredths) / 100)
		};
		let each_challenger = part(CHALLENGERS).checked_div(challengers.into()).unwrap_or(0);
		let requester = part(REQUESTER);
		let paid = each_challenger.saturating_mul(challengers.into()).saturating_add(requester);
		Self { each_challenger, requester, burned: exposure.saturating_sub(paid) }
	}
}

/// How the lost bonds of a dispute are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pot {
	/// What is repaid for each move that counts.
	pub each_move: Balance,
	/// What the provider gets whose result was disputed in vain.
	pub provider: Balance,
	/// What is burned.
	pub burned: Balance,
}

impl Pot {
	/// The division of the lost bonds: moves are repaid first (PROTOCOL P4.7), half of the rest
	/// goes to a provider whose result stands, and the other half is burned.
	pub fn of(
		dispute: &Dispute,
		survivor: Option<&History>,
		bond: Balance,
		repay: Balance,
	) -> Self {
		let pot = bond.saturating_mul(dispute.lost.into());
		let moves = dispute.moves.saturating_add(survivor.map_or(0, |history| history.moves));
		let each_move = pot.checked_div(moves.into()).unwrap_or(0).min(repay);
		let rest = pot.saturating_sub(each_move.saturating_mul(moves.into()));
		let provider = match dispute.outcome() {
			Some(Outcome::Accepted { .. }) if dispute.subject.probe.is_none() => rest / 2,
			_ => 0,
		};
		Self { each_move, provider, burned: rest.saturating_sub(provider) }
	}
}

/// What becomes of an account's bonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returns {
	/// Bonds that are lost.
	pub lost: u32,
	/// Bonds that are given back.
	pub returned: u32,
	/// Whether it has a challenger's part of what was slashed.
	pub wins: bool,
}

impl Returns {
	/// What becomes of a stake; `None` while the dispute goes on.
	pub fn of<B: Board>(dispute: &Dispute, board: &B, stake: &Stake) -> Option<Self> {
		let record = stake.entry.history().and_then(|root| board.history(root));
		let behind = record.is_some_and(|history| history.has(stake));
		let challenger = matches!(stake.entry, Entry::Challenger(_));
		let outcome = dispute.outcome()?;
		let kept = match outcome {
			_ if stake.entry == Entry::KeptOut => true,
			// In a probe nobody challenges anything: it is opened by what was found before.
			Outcome::Accepted { .. } => behind && (!challenger || dispute.subject.probe.is_some()),
			Outcome::Voided { survivor } | Outcome::Refuted { survivor } => {
				behind && stake.entry.history() == Some(&survivor)
			},
			// What a full round kept has not lost to anybody.
			Outcome::Exhausted => behind,
			// In D1, what is sealed still is not counted as lost yet.
			Outcome::InvalidGraph { .. } => {
				let sealed = matches!(stake.entry, Entry::Sealed(_)) && dispute.sealed > 0;
				behind || sealed && stake.round == dispute.round
			},
		};
		let wins = kept
			&& match outcome {
				Outcome::Voided { survivor } | Outcome::Refuted { survivor }
					if stake.entry != Entry::KeptOut && dispute.subject.probe.is_none() =>
				{
					let alone = board.history(&survivor).is_some_and(|one| one.challengers == 0);
					challenger || alone
				},
				_ => false,
			};
		let (returned, lost) = if kept { (1, 0) } else { (0, 1) };
		Some(Self {
			lost: stake.lost.saturating_add(lost),
			returned: stake.kept.saturating_add(returned),
			wins,
		})
	}
}

/// The number of those who share what was slashed: the challengers that committed to the survivor,
/// or without any, who posted it.
pub fn winners<B: Board>(board: &B, survivor: &Hash) -> u32 {
	board.history(survivor).map_or(0, |history| match history.challengers {
		0 => history.bonds,
		challengers => challengers,
	})
}

//! Plays one dispute, from the challenge to the verdict.
//!
//! Nothing is remembered from block to block but what saves work: what to do follows from the chain
//! at its best block, from the worker's own run, and from the journal, which has the salts. So a
//! worker that was killed goes on where the dispute stands.

use super::{
	check::{unproven, Claim, Stand},
	error::CheckError,
	sight::Sight,
};
use crate::{tasks::Context, Error};
use assay_client::{Call, Error as ChainError, Receipt, Wait};
use assay_dispute::{
	board::Entry,
	dispute::Outcome,
	strategy::{self, Action, Role},
};
use assay_primitives::{
	dispute::{DisputeView, Spot, MAX_SPOTS},
	AccountId, BlockNumber, Root,
};
use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
};
use tokio::task::{Id, JoinSet};

/// Refusals that say no more than that the dispute has moved on: somebody else was faster, or a
/// block was full.
const OVERTAKEN: [&str; 14] = [
	"UnknownDispute",
	"WrongNumber",
	"Ended",
	"WrongPhase",
	"AlreadyBonded",
	"NothingSealed",
	"TooManyHistories",
	"AlreadyPosted",
	"UnknownHistory",
	"NotDue",
	"TooLate",
	"TooEarly",
	"NotOpen",
	"KnownDeviation",
];

/// The blocks after which a transaction that is in none of them is signed anew. If both get in, the
/// second is refused.
const PATIENCE: BlockNumber = 4;

/// Play until the dispute is decided, there can be none any more, or the worker stops.
pub(super) async fn follow(context: Arc<Context>, stand: Stand) -> Result<(), Error> {
	let (dispute, role, history) = (stand.dispute, stand.role, Root(stand.history()));
	tracing::info!(target: "worker::challenger", %dispute, ?role, %history, "ready to play");
	let mut best = context.best.clone();
	let mut game = Game {
		context: context.clone(),
		stand,
		sight: Sight::default(),
		sent: JoinSet::new(),
		under_way: HashMap::new(),
	};
	loop {
		match game.step().await {
			Ok(Step::Over) => return Ok(()),
			Ok(Step::Next) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::challenger", %dispute, %error, "cannot play");
				context.metrics.dispute_failures.with_label_values(&[error.kind()]).inc();
			},
		}
		if !context.next_block(&mut best).await {
			return Ok(());
		}
	}
}

/// Where a look at the dispute leaves it.
enum Step {
	/// There is more to do.
	Next,
	/// There is nothing more to do.
	Over,
}

struct Game {
	context: Arc<Context>,
	stand: Stand,
	sight: Sight,
	/// What was handed in, until it is in a block.
	sent: JoinSet<Result<Receipt, Error>>,
	/// What each of those does, and the block in which it was handed in.
	under_way: HashMap<Id, (BlockNumber, Action)>,
}

impl Game {
	/// Look at the best block and do what is due in the next one.
	async fn step(&mut self) -> Result<Step, Error> {
		// Before the look: whatever is in a block by now is in what is looked at.
		self.collect();
		let Some(view) = self.context.chain.dispute(self.stand.dispute).await? else {
			return self.challenge().await;
		};
		if let Some(outcome) = view.dispute.outcome() {
			self.report(outcome);
			return Ok(Step::Over);
		}
		for action in self.actions(&view).await? {
			let call = self.call(&action, &view)?;
			self.submit(action, call);
		}
		Ok(Step::Next)
	}

	/// Open a dispute, if the result is wrong and still provisional.
	async fn challenge(&mut self) -> Result<Step, Error> {
		let Claim { job, dispute, output, .. } = &self.stand.claim;
		if !matches!(self.stand.role, Role::Challenges(_)) {
			// The dispute may come back with another block.
			return Ok(Step::Next);
		}
		let view = self.context.chain.job(*job).await?;
		let claim = view.as_ref().and_then(Claim::of);
		match claim.filter(|claim| claim.dispute == *dispute && claim.output == *output) {
			Some(Claim { until: Some(until), .. }) => {
				if self.context.now().saturating_add(1) >= until {
					tracing::warn!(target: "worker::challenger", %dispute, "too late to dispute it");
					return Ok(Step::Over);
				}
				let call = self.seal(0)?;
				self.submit(Action::Commit, call);
				Ok(Step::Next)
			},
			_ => Ok(Step::Next),
		}
	}

	/// What is due in the next block, in which a call is executed at the earliest. If the clock
	/// stands still there, what is early is refused and done again; what would be late is not sent.
	async fn actions(&mut self, view: &DisputeView<AccountId>) -> Result<Vec<Action>, Error> {
		let (now, role) = (view.now.saturating_add(1), self.stand.role);
		let finalized = self.context.chain.finalized().await?.number;
		let mut board = view.board();
		board.shown = self.sight.settled(finalized);
		let mut asked = BTreeSet::new();
		loop {
			let (mut dispute, account) =
				(view.dispute.clone(), self.context.chain.account().clone());
			let decide = self.stand.replay.ask(move |player| {
				dispute.catch_up(&mut board, now);
				let actions = strategy::actions(&dispute, &board, now, &account, player, role);
				(actions, board)
			});
			let (actions, used) = decide.await?;
			board = used;
			let missed = board.take_missed();
			let missed: Vec<Spot> = missed.into_iter().filter(|spot| asked.insert(*spot)).collect();
			if missed.is_empty() {
				let mut actions = actions.map_err(unproven)?;
				if self.stand.lies {
					// What is recomputed shows the lie.
					actions.retain(|action| !matches!(action, Action::Open { .. }));
				}
				return Ok(actions);
			}
			for spots in missed.chunks(MAX_SPOTS) {
				let shown = self.context.chain.shown(view.id, spots).await?;
				for (spot, shown) in spots.iter().zip(shown) {
					self.sight.note(*spot, shown.as_ref(), self.context.now());
					board.shown.extend(shown.map(|shown| (*spot, shown)));
				}
			}
		}
	}

	/// The call that does something.
	fn call(&self, action: &Action, view: &DisputeView<AccountId>) -> Result<Call, Error> {
		let (id, history) = (view.id, self.stand.history());
		Ok(match action.clone() {
			Action::Commit => self.seal(view.dispute.round)?,
			Action::Reveal => self.reveal(view)?,
			Action::Post => Call::PostHistory { id, history },
			Action::Play { against, made } => Call::PlayMove { id, history, against, made },
			Action::Open { against, proof } => {
				Call::OpenElement { id, pair: [history, against], proof }
			},
			Action::Forfeit { against } => Call::Forfeit { id, pair: [history, against] },
			Action::Deviate => {
				let reason = "nothing shows that it deviates";
				let deviation = self.stand.deviation.clone();
				let deviation = deviation.ok_or(CheckError::Output { job: id.job, reason })?;
				Call::Deviate {
					id,
					element: deviation.element,
					delivered: deviation.delivered,
					submitted: deviation.submitted,
				}
			},
		})
	}

	/// The call that seals the history for a round. Its salt is on disk when this returns.
	fn seal(&self, round: u8) -> Result<Call, Error> {
		let (id, account) = (self.stand.dispute, self.context.chain.account());
		let sealed = self.context.journal.seal(id, round, self.stand.history())?;
		let header = Box::new(self.stand.replay.header.clone());
		Ok(Call::Challenge { id, header, seal: sealed.seal(account) })
	}

	/// The call that opens the seal which the chain has of this account.
	fn reveal(&self, view: &DisputeView<AccountId>) -> Result<Call, Error> {
		let (id, account) = (view.id, self.context.chain.account());
		let entry = view.stakes.iter().find(|stake| stake.account == *account);
		let entry = entry.map(|stake| stake.stake.entry);
		let seals = self.context.journal.seals(id)?;
		let opens = seals.iter().find(|sealed| entry == Some(Entry::Sealed(sealed.seal(account))));
		let sealed = opens.ok_or(CheckError::LostSalt { dispute: id })?;
		Ok(Call::RevealHistory { id, history: sealed.history, salt: sealed.salt })
	}

	/// Hand a call in, unless the same is under way. Nothing waits for it: a step may have as many
	/// moves as there are other histories.
	fn submit(&mut self, action: Action, call: Call) {
		let now = self.context.now();
		let fresh = |since: BlockNumber| now.saturating_sub(since) < PATIENCE;
		if self.under_way.values().any(|(since, other)| *other == action && fresh(*since)) {
			return;
		}
		let context = self.context.clone();
		let submit = async move { context.submit(call, Wait::InBlock, |_| Ok(())).await };
		self.under_way.insert(self.sent.spawn(submit).id(), (now, action));
	}

	/// Find out what became of what was handed in.
	fn collect(&mut self) {
		while let Some(ended) = self.sent.try_join_next_with_id() {
			let (id, sent) = match ended {
				Ok((id, sent)) => (id, sent),
				Err(error) => (error.id(), Err(Error::from(error))),
			};
			if let Some((_, action)) = self.under_way.remove(&id) {
				self.note(name(&action), sent);
			}
		}
	}

	fn note(&self, made: &'static str, sent: Result<Receipt, Error>) {
		let (dispute, metrics) = (self.stand.dispute, &self.context.metrics);
		match sent {
			Ok(receipt) => {
				let block = receipt.block.number;
				tracing::info!(target: "worker::challenger", %dispute, block, "made a move: {made}");
				metrics.moves.with_label_values(&[made]).inc();
			},
			Err(error) if is_overtaken(&error) => {
				tracing::debug!(target: "worker::challenger", %dispute, made, %error, "overtaken");
			},
			Err(error) => {
				tracing::warn!(target: "worker::challenger", %dispute, made, %error, "not made");
				metrics.dispute_failures.with_label_values(&[error.kind()]).inc();
			},
		}
	}

	fn report(&self, outcome: Outcome) {
		let (dispute, own) = (self.stand.dispute, self.stand.history());
		match outcome {
			Outcome::Accepted { survivor }
			| Outcome::Voided { survivor }
			| Outcome::Refuted { survivor }
				if survivor != own =>
			{
				tracing::error!(target: "worker::challenger", %dispute, ?outcome, "dispute is lost");
			},
			Outcome::Accepted { .. } => {
				tracing::info!(target: "worker::challenger", %dispute, "dispute over: the result stands");
			},
			Outcome::Voided { .. } => {
				tracing::info!(target: "worker::challenger", %dispute, "dispute over: corrected");
			},
			Outcome::Refuted { .. } => {
				tracing::info!(target: "worker::challenger", %dispute, "dispute over: refuted");
			},
			Outcome::Exhausted | Outcome::InvalidGraph { .. } => {
				tracing::warn!(target: "worker::challenger", %dispute, ?outcome, "no verdict");
			},
		}
	}
}

/// The name of what is done, for logs and metrics.
const fn name(action: &Action) -> &'static str {
	match action {
		Action::Commit => "commit",
		Action::Reveal => "reveal",
		Action::Post => "post",
		Action::Play { .. } => "play",
		Action::Open { .. } => "open",
		Action::Forfeit { .. } => "forfeit",
		Action::Deviate => "deviate",
	}
}

fn is_overtaken(error: &Error) -> bool {
	matches!(
		error,
		Error::Chain(ChainError::Dispatch { pallet, error, .. })
			if pallet == "Disputes" && OVERTAKEN.contains(&error.as_str())
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn refused(pallet: &str, error: &str) -> Error {
		let (pallet, error) = (pallet.into(), error.into());
		Error::Chain(ChainError::Dispatch { pallet, error, docs: String::new() })
	}

	#[test]
	fn only_what_others_may_have_done_first_is_no_failure() {
		assert!(is_overtaken(&refused("Disputes", "AlreadyPosted")));
		assert!(!is_overtaken(&refused("Disputes", "MalformedProof")));
		assert!(!is_overtaken(&refused("Balances", "Ended")));
		assert!(!is_overtaken(&Error::Stopping));
	}
}

//! Disputes as the `assay_*` methods give them.

use super::Amount;
use assay_dispute::{
	board::History,
	clock::{Phase, Tick},
	dispute::{Outcome, Stage},
};
use assay_primitives::{dispute::DisputeView, AccountId, DisputeId, JobId, Root};
use serde::Serialize;

/// A dispute.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DisputeJson {
	id: DisputeId,
	job: JobId,
	probe: bool,
	provider: AccountId,
	requester: AccountId,
	output: Root,
	exposure: Amount,
	bond: Amount,
	round: u8,
	phase: &'static str,
	tick: Tick,
	began: Tick,
	step: Tick,
	histories: Vec<HistoryJson>,
	outcome: Option<OutcomeJson>,
	divided: bool,
}

/// A history that was posted.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryJson {
	root: Root,
	alive: bool,
	round: u8,
	challengers: u32,
	bonds: u32,
	moves: u32,
}

/// How a dispute ended.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeJson {
	verdict: &'static str,
	survivor: Option<Root>,
}

impl From<DisputeView<AccountId>> for DisputeJson {
	fn from(view: DisputeView<AccountId>) -> Self {
		let (mut board, mut dispute) = (view.board(), view.dispute);
		// Only what time has brought already: nobody can act before that any more.
		dispute.catch_up(&mut board, view.now);
		let phase = match dispute.stage {
			Stage::Contest => match dispute.clock.phase(view.now) {
				Phase::Commit => "commit",
				Phase::Reveal => "reveal",
				Phase::Post => "post",
				Phase::Play => "play",
			},
			Stage::Output { .. } => "output",
			Stage::Probe { .. } => "probe",
			Stage::Ended(_) => "ended",
		};
		Self {
			id: view.id,
			job: view.id.job,
			probe: view.id.probe,
			provider: view.provider,
			requester: view.requester,
			output: view.output,
			exposure: Amount(view.exposure),
			bond: Amount(view.bond),
			round: dispute.round,
			phase,
			tick: view.now,
			began: dispute.clock.began,
			step: dispute.clock.step,
			histories: view.histories.into_iter().map(Into::into).collect(),
			outcome: dispute.outcome().map(Into::into),
			divided: view.divided,
		}
	}
}

impl From<(Root, History)> for HistoryJson {
	fn from((root, history): (Root, History)) -> Self {
		let History { since, alive, challengers, bonds, moves } = history;
		Self { root, alive, round: since, challengers, bonds, moves }
	}
}

impl From<Outcome> for OutcomeJson {
	fn from(outcome: Outcome) -> Self {
		let (verdict, survivor) = match outcome {
			Outcome::Accepted { survivor } => ("accepted", Some(Root(survivor))),
			Outcome::Voided { survivor } => ("void", Some(Root(survivor))),
			Outcome::Refuted { survivor } => ("refuted", Some(Root(survivor))),
			Outcome::Exhausted => ("exhausted", None),
			Outcome::InvalidGraph { .. } => ("invalid-graph", None),
		};
		Self { verdict, survivor }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_dispute::{Dispute, Subject};
	use serde_json::{json, to_value};

	const SURVIVOR: [u8; 32] = [0xaa; 32];

	fn view(now: Tick) -> DisputeView<AccountId> {
		let subject = Subject {
			graph: [7; 32],
			slots: 2,
			bindings: Default::default(),
			inputs: Vec::new(),
			probe: None,
		};
		let mut dispute = Dispute::new(subject, 100, 6);
		dispute.alive.push(SURVIVOR);
		dispute.listed = 1;
		let history = History { since: 0, alive: true, challengers: 1, bonds: 2, moves: 3 };
		DisputeView {
			id: DisputeId::new(JobId(9), 1),
			dispute,
			now,
			provider: AccountId::new([1; 32]),
			requester: AccountId::new([2; 32]),
			exposure: 50,
			output: Root([5; 32]),
			bond: 7,
			repayment: 1,
			reward: 0,
			divided: false,
			histories: vec![(Root(SURVIVOR), history)],
			stakes: Vec::new(),
		}
	}

	fn phase(now: Tick) -> serde_json::Value {
		to_value(DisputeJson::from(view(now))).unwrap()["phase"].clone()
	}

	#[test]
	fn a_dispute_has_its_clock_its_histories_and_its_money() {
		let found = to_value(DisputeJson::from(view(106))).unwrap();
		assert_eq!(
			found,
			json!({
				"id": "9.1",
				"job": 9,
				"probe": false,
				"provider": AccountId::new([1; 32]),
				"requester": AccountId::new([2; 32]),
				"output": "05".repeat(32),
				"exposure": "50",
				"bond": "7",
				"round": 0,
				"phase": "reveal",
				"tick": 106,
				"began": 100,
				"step": 6,
				"histories": [{
					"root": "aa".repeat(32),
					"alive": true,
					"round": 0,
					"challengers": 1,
					"bonds": 2,
					"moves": 3,
				}],
				"outcome": null,
				"divided": false,
			})
		);
	}

	#[test]
	fn steps_that_time_has_brought_are_taken() {
		let phases = [100, 106, 112, 118].map(phase);
		assert_eq!(phases, ["commit", "reveal", "post", "output"]);
		let ended = to_value(DisputeJson::from(view(124))).unwrap();
		let outcome = json!({ "verdict": "accepted", "survivor": "aa".repeat(32) });
		assert_eq!((&ended["phase"], &ended["outcome"]), (&json!("ended"), &outcome));
	}
}

//! Audits as the `assay_*` methods give them.

use super::Amount;
use assay_primitives::{
	audit::{Answer, AuditView, Phase, Seat},
	AccountId, BlockNumber, JobId, Root,
};
use serde::Serialize;

/// An audit.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditJson {
	job: JobId,
	attempt: u8,
	provider: AccountId,
	fee: Amount,
	bond: Amount,
	phase: &'static str,
	until: BlockNumber,
	step: BlockNumber,
	auditors: Vec<AuditorJson>,
}

/// One of the two who audit a job.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditorJson {
	account: AccountId,
	answer: &'static str,
	history: Option<Root>,
}

impl From<AuditView<AccountId>> for AuditJson {
	fn from(view: AuditView<AccountId>) -> Self {
		Self {
			job: view.job,
			attempt: view.attempt,
			provider: view.provider,
			fee: Amount(view.fee),
			bond: Amount(view.bond),
			phase: match view.phase {
				Phase::Commit => "commit",
				Phase::Reveal => "reveal",
			},
			until: view.until,
			step: view.step,
			auditors: view.seats.into_iter().map(Into::into).collect(),
		}
	}
}

impl From<Seat<AccountId>> for AuditorJson {
	fn from(Seat { auditor, answer }: Seat<AccountId>) -> Self {
		let name = match answer {
			Answer::Nothing => "nothing",
			Answer::Sealed(_) => "sealed",
			Answer::Revealed(_) => "revealed",
		};
		Self { account: auditor, answer: name, history: answer.history().map(Root) }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value};

	#[test]
	fn an_audit_has_its_clock_its_auditors_and_its_money() {
		let seat = |byte, answer| Seat { auditor: AccountId::new([byte; 32]), answer };
		let view = AuditView {
			job: JobId(9),
			attempt: 1,
			provider: AccountId::new([1; 32]),
			fee: 50,
			bond: 7,
			phase: Phase::Reveal,
			until: 30,
			step: 10,
			seats: vec![seat(2, Answer::Revealed([0xaa; 32])), seat(3, Answer::Sealed([5; 32]))],
		};
		assert_eq!(
			to_value(AuditJson::from(view)).unwrap(),
			json!({
				"job": 9,
				"attempt": 1,
				"provider": AccountId::new([1; 32]),
				"fee": "50",
				"bond": "7",
				"phase": "reveal",
				"until": 30,
				"step": 10,
				"auditors": [
					{
						"account": AccountId::new([2; 32]),
						"answer": "revealed",
						"history": "aa".repeat(32),
					},
					{ "account": AccountId::new([3; 32]), "answer": "sealed", "history": null },
				],
			})
		);
	}
}

//! How an audit is shown: in a list, and by itself.

use super::amount;
use crate::{amount::asy, output::lines};
use assay_client::keys::to_ss58;
use assay_primitives::{
	audit::{Answer, AuditView, Phase, Seat},
	AccountId,
};
use serde_json::{json, Value};

const fn phase(view: &AuditView<AccountId>) -> &'static str {
	match view.phase {
		Phase::Commit => "commit",
		Phase::Reveal => "reveal",
	}
}

const fn answer(answer: &Answer) -> &'static str {
	match answer {
		Answer::Nothing => "nothing",
		Answer::Sealed(_) => "sealed",
		Answer::Revealed(_) => "revealed",
	}
}

/// An audit for scripts.
pub fn audit(view: &AuditView<AccountId>) -> Value {
	let seat = |seat: &Seat<AccountId>| {
		json!({
			"account": to_ss58(&seat.auditor),
			"answer": answer(&seat.answer),
			"history": seat.answer.history().map(hex::encode),
		})
	};
	json!({
		"job": view.job,
		"attempt": view.attempt,
		"provider": to_ss58(&view.provider),
		"fee": amount(view.fee),
		"bond": amount(view.bond),
		"phase": phase(view),
		"until": view.until,
		"step": view.step,
		"auditors": view.seats.iter().map(seat).collect::<Vec<_>>(),
	})
}

/// An audit as people read it in a list.
pub fn row(view: &AuditView<AccountId>) -> [String; 6] {
	let count = |wanted: fn(&Answer) -> bool| {
		let seats = view.seats.iter().filter(|seat| wanted(&seat.answer));
		seats.count().to_string()
	};
	[
		view.job.to_string(),
		to_ss58(&view.provider),
		phase(view).into(),
		view.until.to_string(),
		count(|answer| *answer != Answer::Nothing),
		count(|answer| matches!(answer, Answer::Revealed(_))),
	]
}

/// An audit as people read it.
pub fn audit_text(view: &AuditView<AccountId>) -> String {
	let seat = |seat: &Seat<AccountId>| {
		let auditor = to_ss58(&seat.auditor);
		match seat.answer {
			Answer::Nothing => format!("{auditor} has said nothing yet"),
			Answer::Sealed(_) => format!("{auditor} has sealed a trace"),
			Answer::Revealed(history) => format!("{auditor} has revealed {}", hex::encode(history)),
		}
	};
	let mut pairs = vec![
		("job", view.job.to_string()),
		("provider", to_ss58(&view.provider)),
		("fee", asy(view.fee)),
		("bond", asy(view.bond)),
		("phase", format!("{} until block {}", phase(view), view.until)),
	];
	pairs.extend(view.seats.iter().map(|one| ("auditor", seat(one))));
	lines(&pairs)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::JobId;

	#[test]
	fn an_audit_says_who_has_said_what() {
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
			seats: vec![seat(2, Answer::Revealed([0xaa; 32])), seat(3, Answer::Nothing)],
		};
		let [job, _, phase, until, sealed, revealed] = row(&view);
		assert_eq!([job, phase, until, sealed, revealed], ["9", "reveal", "30", "1", "1"]);
		let found = audit(&view);
		assert_eq!(found["auditors"][0]["history"], "aa".repeat(32));
		assert_eq!(found["auditors"][1]["answer"], "nothing");
		assert!(audit_text(&view).contains("has said nothing yet"));
	}
}

//! How a subscription is shown: in a list, and by itself.

use super::{amount, terms};
use crate::{amount::asy, output::lines};
use assay_client::keys::to_ss58;
use assay_primitives::{
	subscription::{Status, SubscriptionView, Target},
	AccountId,
};
use serde_json::{json, Value};

type Subscription = SubscriptionView<AccountId>;

/// A subscription for scripts.
pub fn subscription(view: &Subscription) -> Value {
	let spec = &view.spec;
	let input = view.input.as_ref().map(|input| {
		json!({
			"by": to_ss58(&input.by),
			"deposit": amount(input.deposit),
			"bytes": input.bytes,
		})
	});
	let last =
		view.last.map(|run| json!({ "job": run.job, "at": run.at, "cost": amount(run.cost) }));
	json!({
		"id": view.id,
		"subscriber": to_ss58(&view.subscriber),
		"target": spec.target,
		"terms": terms(&spec.terms),
		"period": spec.period,
		"runs": spec.runs,
		"feeder": spec.feeder.as_ref().map(to_ss58),
		"repeat": spec.repeat,
		"budget": amount(view.budget),
		"deposit": amount(view.deposit),
		"status": view.status,
		"due": view.due,
		"lapses": view.lapses,
		"input": input,
		"cost": view.cost.map(amount),
		"affords": view.affords,
		"made": view.made,
		"failures": view.failures,
		"last": last,
	})
}

fn target(target: Target) -> String {
	match target {
		Target::Version(version) => version.to_string(),
		Target::Newest(model) => format!("{model}, the newest version"),
	}
}

/// Where a subscription stands, as people read it.
pub fn status_text(view: &Subscription) -> String {
	let due = view.due.map(|block| format!(": the next run is in block {block}"));
	let lapses = view.lapses.map(|block| format!(", and ends in block {block} if nothing changes"));
	let (due, lapses) = (due.unwrap_or_default(), lapses.unwrap_or_default());
	match view.status {
		Status::Scheduled => format!("scheduled{due}"),
		Status::Waiting => format!("waits for an input{lapses}"),
		Status::Unfunded => format!("the budget does not cover a run{lapses}"),
		Status::Paused => format!("paused{lapses}"),
	}
}

/// A subscription as people read it in a list.
pub fn row(view: &Subscription) -> [String; 7] {
	[
		view.id.to_string(),
		target(view.spec.target),
		view.status.to_string(),
		view.due.map(|block| block.to_string()).unwrap_or_default(),
		asy(view.budget),
		view.made.to_string(),
		to_ss58(&view.subscriber),
	]
}

/// A subscription as people read it.
pub fn subscription_text(view: &Subscription) -> String {
	let spec = &view.spec;
	let affords = view.affords.map(|runs| format!(", enough for {runs} runs"));
	let cost = view.cost.map_or_else(|| "not known before an input is fed".into(), asy);
	let left = spec.runs.map(|runs| format!(", {runs} left")).unwrap_or_default();
	let mut pairs = vec![
		("subscription", view.id.to_string()),
		("subscriber", to_ss58(&view.subscriber)),
		("runs", target(spec.target)),
		("state", status_text(view)),
		("period", format!("{} blocks", spec.period)),
		("budget", format!("{}{}", asy(view.budget), affords.unwrap_or_default())),
		("a run", cost),
		("made", format!("{} runs{left}", view.made)),
		("largest fee", asy(spec.terms.max_fee)),
	];
	pairs.extend(spec.feeder.as_ref().map(|feeder| ("feeder", to_ss58(feeder))));
	pairs.extend(view.input.as_ref().map(|input| {
		let again = if spec.repeat { ", run again until there is another" } else { "" };
		("input", format!("{} bytes, fed by {}{again}", input.bytes, to_ss58(&input.by)))
	}));
	pairs.extend(view.last.map(|run| {
		("last job", format!("{} in block {}, at most {}", run.job, run.at, asy(run.cost)))
	}));
	if view.failures > 0 {
		pairs.push(("refused", format!("{} in a row", view.failures)));
	}
	lines(&pairs)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::Terms,
		subscription::{Run, SubscriptionSpec},
		JobId, ModelId, SubscriptionId, ASY,
	};

	fn view(status: Status) -> Subscription {
		let terms = Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 9,
			max_relative: None,
			reassign: false,
			choice: Default::default(),
			usage: Default::default(),
			data: None,
		};
		SubscriptionView {
			id: SubscriptionId(3),
			subscriber: AccountId::new([1; 32]),
			spec: SubscriptionSpec {
				target: Target::Newest(ModelId(2)),
				terms,
				period: 300,
				runs: Some(4),
				feeder: None,
				repeat: false,
			},
			budget: 5 * ASY,
			deposit: 7,
			status,
			due: (status == Status::Scheduled).then_some(40),
			lapses: (status != Status::Scheduled).then_some(90),
			input: None,
			cost: Some(2 * ASY),
			affords: Some(2),
			made: 1,
			failures: 0,
			last: Some(Run { job: JobId(7), at: 10, cost: 2 * ASY }),
		}
	}

	#[test]
	fn a_subscription_says_when_it_runs_and_how_long_it_lasts() {
		let scheduled = view(Status::Scheduled);
		let text = subscription_text(&scheduled);
		for said in ["the next run is in block 40", "enough for 2 runs", "1 runs, 4 left"] {
			assert!(text.contains(said), "{text}");
		}
		let json = subscription(&scheduled);
		assert_eq!((&json["budget"], &json["last"]["job"]), (&json!("5"), &json!(7)));
		assert_eq!((&json["target"]["newest"], &json["status"]), (&json!(2), &json!("scheduled")));
	}

	#[test]
	fn what_rests_says_why_and_until_when() {
		let text = |status| status_text(&view(status));
		assert!(text(Status::Waiting).contains("input, and ends in block 90"));
		assert!(text(Status::Unfunded).starts_with("the budget"));
		assert!(text(Status::Paused).contains("block 90"));
	}
}

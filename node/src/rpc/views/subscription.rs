//! Subscriptions as the `assay_*` methods give them.

use super::{Amount, TermsJson};
use crate::rpc::params::VersionText;
use assay_primitives::{
	subscription::{FedView, Run, Status, SubscriptionView, Target},
	AccountId, BlockNumber, JobId, ModelId, SubscriptionId,
};
use serde::Serialize;

/// What the jobs of a subscription run.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TargetJson {
	/// This version.
	Version(VersionText),
	/// The newest version of this model that takes jobs.
	Newest(ModelId),
}

/// An input that waits for its run, or is run again.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FedJson {
	by: AccountId,
	deposit: Amount,
	bytes: u32,
}

impl From<FedView<AccountId>> for FedJson {
	fn from(view: FedView<AccountId>) -> Self {
		Self { by: view.by, deposit: Amount(view.deposit), bytes: view.bytes }
	}
}

/// A job that was requested.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RunJson {
	job: JobId,
	at: BlockNumber,
	cost: Amount,
}

impl From<Run> for RunJson {
	fn from(run: Run) -> Self {
		Self { job: run.job, at: run.at, cost: Amount(run.cost) }
	}
}

/// A subscription.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SubscriptionJson {
	id: SubscriptionId,
	subscriber: AccountId,
	target: TargetJson,
	terms: TermsJson,
	period: BlockNumber,
	runs: Option<u32>,
	feeder: Option<AccountId>,
	repeat: bool,
	budget: Amount,
	deposit: Amount,
	status: Status,
	due: Option<BlockNumber>,
	lapses: Option<BlockNumber>,
	input: Option<FedJson>,
	cost: Option<Amount>,
	affords: Option<u32>,
	made: u32,
	failures: u8,
	last: Option<RunJson>,
}

impl From<SubscriptionView<AccountId>> for SubscriptionJson {
	fn from(view: SubscriptionView<AccountId>) -> Self {
		let spec = view.spec;
		let target = match spec.target {
			Target::Version(version) => TargetJson::Version(VersionText(version)),
			Target::Newest(model) => TargetJson::Newest(model),
		};
		Self {
			id: view.id,
			subscriber: view.subscriber,
			target,
			terms: spec.terms.into(),
			period: spec.period,
			runs: spec.runs,
			feeder: spec.feeder,
			repeat: spec.repeat,
			budget: Amount(view.budget),
			deposit: Amount(view.deposit),
			status: view.status,
			due: view.due,
			lapses: view.lapses,
			input: view.input.map(Into::into),
			cost: view.cost.map(Amount),
			affords: view.affords,
			made: view.made,
			failures: view.failures,
			last: view.last.map(Into::into),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::Terms, subscription::SubscriptionSpec, ModelId, SubscriptionId, VersionId,
	};
	use serde_json::{json, to_value};

	fn view(target: Target) -> SubscriptionView<AccountId> {
		let account = AccountId::new([1; 32]);
		SubscriptionView {
			id: SubscriptionId(3),
			subscriber: account.clone(),
			spec: SubscriptionSpec {
				target,
				terms: Terms {
					max_fee: u128::MAX,
					value: 0,
					deliver_within: 9,
					max_relative: None,
					reassign: true,
					choice: Default::default(),
					usage: Default::default(),
					data: None,
				},
				period: 300,
				runs: None,
				feeder: Some(account.clone()),
				repeat: false,
			},
			budget: 50,
			deposit: 7,
			status: Status::Scheduled,
			due: Some(40),
			lapses: None,
			input: Some(FedView { by: account, deposit: 12, bytes: 4 }),
			cost: Some(20),
			affords: Some(2),
			made: 1,
			failures: 0,
			last: Some(Run { job: JobId(7), at: 10, cost: 21 }),
		}
	}

	#[test]
	fn a_subscription_says_what_it_runs_and_how_long_it_lasts() {
		let account = AccountId::new([1; 32]);
		let expected = json!({
			"id": 3,
			"subscriber": account,
			"target": { "newest": 2 },
			"terms": {
				"maxFee": u128::MAX.to_string(),
				"value": "0",
				"deliverWithin": 9,
				"maxRelative": null,
				"reassign": true,
				"choice": "any",
				"commercial": false,
				"purpose": "",
				"data": null,
			},
			"period": 300,
			"runs": null,
			"feeder": account,
			"repeat": false,
			"budget": "50",
			"deposit": "7",
			"status": "scheduled",
			"due": 40,
			"lapses": null,
			"input": { "by": account, "deposit": "12", "bytes": 4 },
			"cost": "20",
			"affords": 2,
			"made": 1,
			"failures": 0,
			"last": { "job": 7, "at": 10, "cost": "21" },
		});
		let given = view(Target::Newest(ModelId(2)));
		assert_eq!(to_value(SubscriptionJson::from(given)).unwrap(), expected);
		let version = Target::Version(VersionId { model: ModelId(2), number: 5 });
		let given = to_value(SubscriptionJson::from(view(version))).unwrap();
		assert_eq!(given["target"], json!({ "version": "2@5" }));
	}
}

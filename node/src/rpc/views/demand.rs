//! Demands as the `assay_*` methods give them.

use super::Amount;
use assay_primitives::{
	availability::{DemandView, Place},
	AccountId, BlockNumber, DemandId, JobId,
};
use serde::Serialize;

/// A demand to show a chunk of a job's input or output.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DemandJson {
	id: DemandId,
	job: JobId,
	demander: AccountId,
	respondent: AccountId,
	place: Place,
	price: Amount,
	due: BlockNumber,
}

impl From<DemandView<AccountId>> for DemandJson {
	fn from(view: DemandView<AccountId>) -> Self {
		Self {
			id: view.id,
			job: view.job,
			demander: view.demander,
			respondent: view.respondent,
			place: view.place,
			price: Amount(view.price),
			due: view.due,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::availability::Side;
	use serde_json::{json, to_value};

	#[test]
	fn a_demand_says_what_is_demanded_of_whom() {
		let account = AccountId::new([1; 32]);
		let view = DemandView {
			id: DemandId(3),
			job: JobId(7),
			demander: account.clone(),
			respondent: account.clone(),
			place: Place { side: Side::Output, tensor: 1, chunk: 2 },
			price: u128::MAX,
			due: 40,
		};
		let expected = json!({
			"id": 3,
			"job": 7,
			"demander": account,
			"respondent": account,
			"place": { "side": "output", "tensor": 1, "chunk": 2 },
			"price": u128::MAX.to_string(),
			"due": 40,
		});
		assert_eq!(to_value(DemandJson::from(view)).unwrap(), expected);
	}
}

//! Shares in income, and offerings of them, as the `assay_*` methods give them. Numbers of shares are
//! amounts as well: a share has as many decimals as its stream says.

use super::{text, Amount};
use crate::rpc::params::SubjectText;
use assay_primitives::{
	offering::{Milestone, OfferingSpec, OfferingStatus, OfferingView, TicketView},
	revenue::{HoldingView, StreamView},
	AccountId, BlockNumber, OfferingId,
};
use serde::Serialize;

/// The shares in the income of a subject.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StreamJson {
	subject: SubjectText,
	owner: Option<AccountId>,
	pot: AccountId,
	supply: Amount,
	name: String,
	symbol: String,
	decimals: u8,
	retained: u32,
	claimable: Amount,
	pool: Amount,
	holders: u32,
	depositor: AccountId,
	deposit: Amount,
}

impl From<StreamView<AccountId>> for StreamJson {
	fn from(view: StreamView<AccountId>) -> Self {
		Self {
			subject: SubjectText(view.subject),
			owner: view.owner,
			pot: view.pot,
			supply: Amount(view.supply),
			name: text(&view.name),
			symbol: text(&view.symbol),
			decimals: view.decimals,
			retained: view.retained.deconstruct(),
			claimable: Amount(view.claimable),
			pool: Amount(view.pool),
			holders: view.holders,
			depositor: view.depositor,
			deposit: Amount(view.deposit),
		}
	}
}

/// What an account has of a stream.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct HoldingJson {
	account: AccountId,
	shares: Amount,
	claimable: Amount,
	redeemable: Amount,
}

impl From<HoldingView<AccountId>> for HoldingJson {
	fn from(view: HoldingView<AccountId>) -> Self {
		Self {
			account: view.who,
			shares: Amount(view.shares),
			claimable: Amount(view.claimable),
			redeemable: Amount(view.redeemable),
		}
	}
}

/// Use by which a part of the money is earned.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MilestoneJson {
	jobs: u64,
	paid: Amount,
	by: BlockNumber,
	part: u32,
}

impl From<Milestone> for MilestoneJson {
	fn from(Milestone { jobs, paid, by, part }: Milestone) -> Self {
		Self { jobs, paid: Amount(paid), by, part: part.deconstruct() }
	}
}

/// What is offered.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfferingSpecJson {
	subject: SubjectText,
	shares: Amount,
	price: Amount,
	target: Amount,
	deadline: BlockNumber,
	upfront: u32,
	milestones: Vec<MilestoneJson>,
	vesting: BlockNumber,
}

impl From<OfferingSpec> for OfferingSpecJson {
	fn from(spec: OfferingSpec) -> Self {
		Self {
			subject: SubjectText(spec.subject),
			shares: Amount(spec.shares),
			price: Amount(spec.price),
			target: Amount(spec.target),
			deadline: spec.deadline,
			upfront: spec.upfront.deconstruct(),
			milestones: spec.milestones.into_iter().map(Into::into).collect(),
			vesting: spec.vesting,
		}
	}
}

/// An offering of shares.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfferingJson {
	id: OfferingId,
	issuer: AccountId,
	spec: OfferingSpecJson,
	account: AccountId,
	deposit: Amount,
	status: OfferingStatus,
	demand: Amount,
	tickets: u32,
	left: u32,
	sold: Amount,
	raised: Amount,
	released: Amount,
	closed: Option<BlockNumber>,
	reached: u32,
	jobs: u64,
	paid: Amount,
	votes: Amount,
	aborted: Option<BlockNumber>,
}

impl From<OfferingView<AccountId>> for OfferingJson {
	fn from(view: OfferingView<AccountId>) -> Self {
		Self {
			id: view.id,
			issuer: view.issuer,
			spec: view.spec.into(),
			account: view.account,
			deposit: Amount(view.deposit),
			status: view.status,
			demand: Amount(view.demand),
			tickets: view.tickets,
			left: view.left,
			sold: Amount(view.sold),
			raised: Amount(view.raised),
			released: Amount(view.released),
			closed: view.closed,
			reached: view.reached,
			jobs: view.jobs,
			paid: Amount(view.paid),
			votes: Amount(view.votes),
			aborted: view.aborted,
		}
	}
}

/// A ticket.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketJson {
	offering: OfferingId,
	number: u32,
	account: AccountId,
	shares: Amount,
	allotted: Option<Amount>,
	repaid: Amount,
	taken: Amount,
	money_due: Amount,
	shares_due: Amount,
	voted: bool,
}

impl From<TicketView<AccountId>> for TicketJson {
	fn from(view: TicketView<AccountId>) -> Self {
		Self {
			offering: view.offering,
			number: view.number,
			account: view.who,
			shares: Amount(view.shares),
			allotted: view.allotted.map(Amount),
			repaid: Amount(view.repaid),
			taken: Amount(view.taken),
			money_due: Amount(view.money_due),
			shares_due: Amount(view.shares_due),
			voted: view.voted,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Permill, revenue::Subject, AssetId, ModelId};
	use serde_json::{json, to_value};

	fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	#[test]
	fn a_stream_has_shares_and_money_as_text() {
		let view = StreamView {
			subject: Subject::Asset(AssetId(3)),
			owner: None,
			pot: account(2),
			supply: u128::MAX,
			name: "Größte".as_bytes().to_vec().try_into().unwrap(),
			symbol: b"GR".to_vec().try_into().unwrap(),
			decimals: 6,
			retained: Permill::from_percent(5),
			claimable: 4,
			pool: 5,
			holders: 2,
			depositor: account(1),
			deposit: 7,
		};
		let expected = json!({
			"subject": "asset:3",
			"owner": null,
			"pot": account(2),
			"supply": u128::MAX.to_string(),
			"name": "Größte",
			"symbol": "GR",
			"decimals": 6,
			"retained": 50_000,
			"claimable": "4",
			"pool": "5",
			"holders": 2,
			"depositor": account(1),
			"deposit": "7",
		});
		assert_eq!(to_value(StreamJson::from(view)).unwrap(), expected);
		let view = HoldingView { who: account(1), shares: 1, claimable: 2, redeemable: 3 };
		let expected =
			json!({ "account": account(1), "shares": "1", "claimable": "2", "redeemable": "3" });
		assert_eq!(to_value(HoldingJson::from(view)).unwrap(), expected);
	}

	#[test]
	fn an_offering_says_what_it_is_and_what_became_of_it() {
		let part = Permill::from_percent(60);
		let view = OfferingView {
			id: OfferingId(3),
			issuer: account(1),
			spec: OfferingSpec {
				subject: Subject::Model(ModelId(7)),
				shares: 100,
				price: u128::MAX,
				target: 9,
				deadline: 50,
				upfront: Permill::from_percent(40),
				milestones: vec![Milestone { jobs: 5, paid: 6, by: 80, part }].try_into().unwrap(),
				vesting: 10,
			},
			account: account(2),
			deposit: 11,
			status: OfferingStatus::Running,
			demand: 60,
			tickets: 4,
			left: 3,
			sold: 60,
			raised: 12,
			released: 13,
			closed: Some(51),
			reached: 0,
			jobs: 2,
			paid: 7,
			votes: 14,
			aborted: None,
		};
		let expected = json!({
			"id": 3,
			"issuer": account(1),
			"spec": {
				"subject": "model:7",
				"shares": "100",
				"price": u128::MAX.to_string(),
				"target": "9",
				"deadline": 50,
				"upfront": 400_000,
				"milestones": [{ "jobs": 5, "paid": "6", "by": 80, "part": 600_000 }],
				"vesting": 10,
			},
			"account": account(2),
			"deposit": "11",
			"status": "running",
			"demand": "60",
			"tickets": 4,
			"left": 3,
			"sold": "60",
			"raised": "12",
			"released": "13",
			"closed": 51,
			"reached": 0,
			"jobs": 2,
			"paid": "7",
			"votes": "14",
			"aborted": null,
		});
		assert_eq!(to_value(OfferingJson::from(view)).unwrap(), expected);
	}

	#[test]
	fn a_ticket_is_allotted_nothing_before_the_close() {
		let view = |allotted| TicketView {
			offering: OfferingId(3),
			number: 2,
			who: account(1),
			shares: 10,
			allotted,
			repaid: 1,
			taken: 2,
			money_due: 3,
			shares_due: 4,
			voted: false,
		};
		let expected = json!({
			"offering": 3,
			"number": 2,
			"account": account(1),
			"shares": "10",
			"allotted": "6",
			"repaid": "1",
			"taken": "2",
			"moneyDue": "3",
			"sharesDue": "4",
			"voted": false,
		});
		assert_eq!(to_value(TicketJson::from(view(Some(6)))).unwrap(), expected);
		assert_eq!(to_value(TicketJson::from(view(None))).unwrap()["allotted"], json!(null));
	}
}

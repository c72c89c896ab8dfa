//! Pools of data as the `assay_*` methods give them. Scores are amounts as well: the sums of a pool
//! are more than JSON numbers of JavaScript can be.

use super::{data::PurposeJson, text, Amount};
use assay_primitives::{
	pool::{ContributorView, PoolItemView, PoolSpec, PoolView, ScoreRule},
	AccountId, AssetId, BlockNumber, PoolId,
};
use serde::Serialize;

/// What a pool is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PoolSpecJson {
	name: String,
	schema: String,
	rule: ScoreRule,
	price: Amount,
	purpose: PurposeJson,
	commercial: bool,
	cut: u32,
}

impl From<PoolSpec> for PoolSpecJson {
	fn from(spec: PoolSpec) -> Self {
		Self {
			name: text(&spec.name),
			schema: text(&spec.schema),
			rule: spec.rule,
			price: Amount(spec.price),
			purpose: spec.purpose.into(),
			commercial: spec.commercial,
			cut: spec.cut.deconstruct(),
		}
	}
}

/// A pool.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PoolJson {
	id: PoolId,
	curator: AccountId,
	spec: PoolSpecJson,
	pot: AccountId,
	closed: Option<BlockNumber>,
	items: u32,
	contributors: u32,
	score: Amount,
	uses: u64,
	claimable: Amount,
	cut: Amount,
	deposit: Amount,
}

impl From<PoolView<AccountId>> for PoolJson {
	fn from(view: PoolView<AccountId>) -> Self {
		Self {
			id: view.id,
			curator: view.curator,
			spec: view.spec.into(),
			pot: view.pot,
			closed: view.closed,
			items: view.items,
			contributors: view.contributors,
			score: Amount(view.score),
			uses: view.uses,
			claimable: Amount(view.claimable),
			cut: Amount(view.cut),
			deposit: Amount(view.deposit),
		}
	}
}

/// An item of a pool.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PoolItemJson {
	asset: AssetId,
	contributor: AccountId,
	number: u64,
	score: Amount,
	uses: u64,
	usable: bool,
	payer: AccountId,
	deposit: Amount,
}

impl From<PoolItemView<AccountId>> for PoolItemJson {
	fn from(view: PoolItemView<AccountId>) -> Self {
		Self {
			asset: view.asset,
			contributor: view.contributor,
			number: view.nonce,
			score: Amount(view.score.into()),
			uses: view.uses,
			usable: view.usable,
			payer: view.payer,
			deposit: Amount(view.deposit),
		}
	}
}

/// What an account has of a pool.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ContributorJson {
	account: AccountId,
	items: u32,
	score: Amount,
	claimable: Amount,
}

impl From<ContributorView<AccountId>> for ContributorJson {
	fn from(view: ContributorView<AccountId>) -> Self {
		Self {
			account: view.who,
			items: view.items,
			score: Amount(view.score),
			claimable: Amount(view.claimable),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Permill, rights::Purpose};
	use serde_json::{json, to_value};

	fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	#[test]
	fn a_pool_has_texts_and_its_sums_as_text() {
		let tag = b"research".to_vec().try_into().unwrap();
		let view = PoolView {
			id: PoolId(3),
			curator: account(1),
			spec: PoolSpec {
				name: "Größter Topf".as_bytes().to_vec().try_into().unwrap(),
				schema: b"a:f32".to_vec().try_into().unwrap(),
				rule: ScoreRule::Scored,
				price: u128::MAX,
				purpose: Purpose::Tags(vec![tag].try_into().unwrap()),
				commercial: true,
				cut: Permill::from_percent(5),
			},
			pot: account(2),
			closed: Some(9),
			items: 4,
			contributors: 2,
			score: u128::MAX,
			uses: 7,
			claimable: 5,
			cut: 6,
			deposit: 8,
		};
		let expected = json!({
			"id": 3,
			"curator": account(1),
			"spec": {
				"name": "Größter Topf",
				"schema": "a:f32",
				"rule": "scored",
				"price": u128::MAX.to_string(),
				"purpose": { "tags": ["research"] },
				"commercial": true,
				"cut": 50_000,
			},
			"pot": account(2),
			"closed": 9,
			"items": 4,
			"contributors": 2,
			"score": u128::MAX.to_string(),
			"uses": 7,
			"claimable": "5",
			"cut": "6",
			"deposit": "8",
		});
		assert_eq!(to_value(PoolJson::from(view.clone())).unwrap(), expected);
		let open = PoolView { closed: None, ..view };
		assert_eq!(to_value(PoolJson::from(open)).unwrap()["closed"], json!(null));
	}

	#[test]
	fn an_item_says_whose_it_is_and_whether_it_can_be_used() {
		let view = PoolItemView {
			asset: AssetId(7),
			contributor: account(1),
			nonce: 5,
			score: u64::MAX,
			uses: 3,
			usable: true,
			payer: account(2),
			deposit: 8,
		};
		let expected = json!({
			"asset": 7,
			"contributor": account(1),
			"number": 5,
			"score": u64::MAX.to_string(),
			"uses": 3,
			"usable": true,
			"payer": account(2),
			"deposit": "8",
		});
		assert_eq!(to_value(PoolItemJson::from(view)).unwrap(), expected);
	}

	#[test]
	fn what_an_account_has_of_a_pool_is_in_texts() {
		let view = ContributorView { who: account(1), items: 2, score: 4, claimable: 5 };
		assert_eq!(
			to_value(ContributorJson::from(view)).unwrap(),
			json!({ "account": account(1), "items": 2, "score": "4", "claimable": "5" })
		);
	}
}

//! How pools of data are shown.

use super::{
	amount,
	data::{purpose, purpose_text},
	text,
};
use crate::{
	amount::asy,
	output::{lines, table},
	percent::Percent,
};
use assay_client::{keys::to_ss58, SignedContribution};
use assay_primitives::{
	pool::{ContributorView, PoolItemView, PoolSpec, PoolView, ScoreRule},
	AccountId,
};
use serde_json::{json, Value};

type Pool = PoolView<AccountId>;
type Item = PoolItemView<AccountId>;
type Contributor = ContributorView<AccountId>;

/// What a pool is.
pub fn spec(spec: &PoolSpec) -> Value {
	json!({
		"name": text(&spec.name),
		"schema": text(&spec.schema),
		"rule": spec.rule,
		"price": amount(spec.price),
		"purpose": purpose(&spec.purpose),
		"commercial": spec.commercial,
		"cut": Percent(spec.cut).to_string(),
	})
}

/// What a use costs and is for, as people read it.
fn use_text(spec: &PoolSpec) -> String {
	let gain = if spec.commercial { "commercial or not" } else { "not commercial" };
	format!("{} each, for {}, {gain}", asy(spec.price), purpose_text(&spec.purpose))
}

/// By what items are scored, as people read it.
const fn rule_text(rule: ScoreRule) -> &'static str {
	match rule {
		ScoreRule::Equal => "all alike",
		ScoreRule::Bytes => "by the bytes that their manifests declare, which nobody checks",
		ScoreRule::Scored => "by the curator; an item has nothing until it is scored",
	}
}

/// What a pool is, as people read it before they sign.
pub fn terms_text(spec: &PoolSpec) -> String {
	[
		format!("uses: {}", use_text(spec)),
		format!("items are scored {}", rule_text(spec.rule)),
		format!("{} of the income is the curator's", Percent(spec.cut)),
		"the curator can change the price, and nothing else".into(),
	]
	.join("\n")
}

/// A pool.
pub fn pool(view: &Pool) -> Value {
	json!({
		"id": view.id,
		"curator": to_ss58(&view.curator),
		"spec": spec(&view.spec),
		"pot": to_ss58(&view.pot),
		"closed": view.closed,
		"items": view.items,
		"contributors": view.contributors,
		"score": view.score.to_string(),
		"uses": view.uses,
		"claimable": amount(view.claimable),
		"cut": amount(view.cut),
		"deposit": amount(view.deposit),
	})
}

/// A pool as people read it, with what an account has of it.
pub fn pool_text(view: &Pool, own: Option<&Contributor>) -> String {
	let spec = &view.spec;
	let state = match view.closed {
		None => "open".into(),
		Some(block) => format!("closed in block {block}: it takes no items and uses"),
	};
	let mut pairs = vec![
		("pool", format!("{}: {}", view.id, text(&spec.name))),
		("curator", to_ss58(&view.curator)),
		("state", state),
		("uses", use_text(spec)),
		("scored", rule_text(spec.rule).into()),
		("cut", format!("{} of the income is the curator's", Percent(spec.cut))),
		("items", format!("{} of {} contributors", view.items, view.contributors)),
		("score", format!("{} of all items together", view.score)),
		("used", format!("{} times", view.uses)),
		("claimable", format!("{} by all contributors together", asy(view.claimable))),
		("for the curator", asy(view.cut)),
		("paid to", to_ss58(&view.pot)),
		("deposit", asy(view.deposit)),
	];
	if !spec.schema.is_empty() {
		pairs.insert(3, ("schema", text(&spec.schema)));
	}
	pairs.extend(own.map(|own| ("own part", contributor_text(own))));
	lines(&pairs)
}

/// Pools as people read them.
pub fn pools_text(pools: &[Pool]) -> String {
	let row = |view: &Pool| {
		let state = if view.closed.is_some() { "closed" } else { "open" };
		[
			view.id.to_string(),
			text(&view.spec.name),
			state.into(),
			view.spec.rule.to_string(),
			asy(view.spec.price),
			purpose_text(&view.spec.purpose),
			Percent(view.spec.cut).to_string(),
			view.items.to_string(),
			view.uses.to_string(),
		]
	};
	let header = ["ID", "NAME", "STATE", "RULE", "A USE", "GOOD FOR", "CUT", "ITEMS", "USES"];
	table(header, pools.iter().map(row).collect())
}

/// What an account has of a pool.
pub fn contributor(view: &Contributor) -> Value {
	json!({
		"account": to_ss58(&view.who),
		"items": view.items,
		"score": view.score.to_string(),
		"claimable": amount(view.claimable),
	})
}

/// The same as people read it.
fn contributor_text(view: &Contributor) -> String {
	let Contributor { items, score, .. } = view;
	format!("{items} items with a score of {score}, {} to claim", asy(view.claimable))
}

/// An item.
pub fn item(view: &Item) -> Value {
	json!({
		"asset": view.asset,
		"contributor": to_ss58(&view.contributor),
		"number": view.nonce,
		"score": view.score.to_string(),
		"uses": view.uses,
		"usable": view.usable,
		"payer": to_ss58(&view.payer),
		"deposit": amount(view.deposit),
	})
}

/// Items as people read them.
pub fn items_text(items: &[Item]) -> String {
	let row = |view: &Item| {
		[
			view.asset.to_string(),
			to_ss58(&view.contributor),
			view.score.to_string(),
			view.uses.to_string(),
			if view.usable { "usable" } else { "not usable" }.into(),
			asy(view.deposit),
		]
	};
	let header = ["ASSET", "CONTRIBUTOR", "SCORE", "USES", "STATE", "DEPOSIT"];
	table(header, items.iter().map(row).collect())
}

/// A contribution that is signed.
pub fn contribution(signed: &SignedContribution) -> Value {
	let contribution = &signed.contribution;
	json!({
		"pool": contribution.pool,
		"asset": contribution.asset,
		"contributor": to_ss58(&contribution.contributor),
		"number": contribution.nonce,
		"expires": contribution.expires,
		"genesis": hex::encode(signed.genesis),
	})
}

/// The same as people read it.
pub fn contribution_text(signed: &SignedContribution) -> String {
	let contribution = &signed.contribution;
	lines(&[
		("contribution", format!("of asset {} to pool {}", contribution.asset, contribution.pool)),
		("signed by", to_ss58(&contribution.contributor)),
		("number", contribution.nonce.to_string()),
		("chain", format!("0x{}", hex::encode(signed.genesis))),
		("expires", format!("in block {}", contribution.expires)),
	])
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_client::keys;
	use assay_primitives::{
		licence::Permill, pool::Contribution, rights::Purpose, AssetId, Balance, PoolId, ASY,
	};

	fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	fn view() -> Pool {
		let tags = vec![b"research\x1b".to_vec().try_into().unwrap()].try_into().unwrap();
		PoolView {
			id: PoolId(3),
			curator: account(1),
			spec: PoolSpec {
				name: b"Images\x1b".to_vec().try_into().unwrap(),
				schema: b"a:f32\x1b".to_vec().try_into().unwrap(),
				rule: ScoreRule::Scored,
				price: ASY / 2,
				purpose: Purpose::Tags(tags),
				commercial: false,
				cut: Permill::from_percent(5),
			},
			pot: account(2),
			closed: None,
			items: 4,
			contributors: 2,
			score: Balance::MAX,
			uses: 7,
			claimable: 3 * ASY,
			cut: ASY,
			deposit: 2 * ASY,
		}
	}

	#[test]
	fn a_pool_has_money_in_asy_and_scores_as_text() {
		let expected = json!({
			"id": 3,
			"curator": to_ss58(&account(1)),
			"spec": {
				"name": "Images\u{fffd}",
				"schema": "a:f32\u{fffd}",
				"rule": "scored",
				"price": "0.5",
				"purpose": { "tags": ["research\u{fffd}"] },
				"commercial": false,
				"cut": "5%",
			},
			"pot": to_ss58(&account(2)),
			"closed": null,
			"items": 4,
			"contributors": 2,
			"score": "340282366920938463463374607431768211455",
			"uses": 7,
			"claimable": "3",
			"cut": "1",
			"deposit": "2",
		});
		assert_eq!(pool(&view()), expected);
	}

	#[test]
	fn control_characters_of_a_pool_do_not_reach_the_terminal() {
		let shown = [pool_text(&view(), None), pools_text(&[view()]), terms_text(&view().spec)];
		for text in shown {
			assert!(text.contains("research") && !text.contains('\x1b'), "{text}");
		}
	}

	#[test]
	fn whoever_signs_is_told_the_terms() {
		let text = terms_text(&view().spec);
		for said in ["0.5 ASY each", "not commercial", "scored by the curator", "5% of the income"]
		{
			assert!(text.contains(said), "{text}");
		}
		let spec = PoolSpec {
			rule: ScoreRule::Bytes,
			purpose: Purpose::Any,
			commercial: true,
			..view().spec
		};
		let text = terms_text(&spec);
		assert!(text.contains("for anything, commercial or not"), "{text}");
		assert!(text.contains("which nobody checks"), "{text}");
	}

	#[test]
	fn a_pool_says_whether_it_is_closed_and_what_is_ones_own() {
		let text = pool_text(&view(), None);
		assert!(text.contains("open") && !text.contains("own part"), "{text}");
		let own = ContributorView { who: account(4), items: 2, score: 9, claimable: ASY / 4 };
		let closed = PoolView { closed: Some(9), ..view() };
		let text = pool_text(&closed, Some(&own));
		assert!(text.contains("closed in block 9"), "{text}");
		assert!(text.contains("2 items with a score of 9, 0.25 ASY to claim"), "{text}");
		assert!(pools_text(&[closed]).contains("closed"));
		let expected = json!({
			"account": to_ss58(&account(4)),
			"items": 2,
			"score": "9",
			"claimable": "0.25",
		});
		assert_eq!(contributor(&own), expected);
	}

	#[test]
	fn an_item_says_whether_it_can_be_used() {
		let view = PoolItemView {
			asset: AssetId(7),
			contributor: account(1),
			nonce: 5,
			score: u64::MAX,
			uses: 3,
			usable: false,
			payer: account(2),
			deposit: ASY,
		};
		let expected = json!({
			"asset": 7,
			"contributor": to_ss58(&account(1)),
			"number": 5,
			"score": "18446744073709551615",
			"uses": 3,
			"usable": false,
			"payer": to_ss58(&account(2)),
			"deposit": "1",
		});
		assert_eq!(item(&view), expected);
		assert!(items_text(std::slice::from_ref(&view)).contains("not usable"));
		assert!(!items_text(&[PoolItemView { usable: true, ..view }]).contains("not usable"));
	}

	#[test]
	fn a_contribution_is_shown_without_its_signature() {
		let key = keys::from_uri("//Alice").unwrap();
		let signed = Contribution {
			pool: PoolId(3),
			asset: AssetId(7),
			contributor: keys::account(&key),
			nonce: 5,
			expires: 50,
		};
		let signed = SignedContribution::sign(&key, signed, [1; 32]);
		let expected = json!({
			"pool": 3,
			"asset": 7,
			"contributor": to_ss58(&keys::account(&key)),
			"number": 5,
			"expires": 50,
			"genesis": "01".repeat(32),
		});
		assert_eq!(contribution(&signed), expected);
		let text = contribution_text(&signed);
		assert!(text.contains("of asset 7 to pool 3") && text.contains("in block 50"), "{text}");
	}
}

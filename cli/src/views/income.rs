//! How shares in income are shown, and offerings of them.

mod offering;

pub use offering::{
	offering, offering_text, offerings_text, spec, terms_text, ticket, tickets_text,
};

use super::{amount, text};
use crate::{
	amount::asy,
	output::{lines, table},
	percent::Percent,
	shares::Unit,
};
use assay_client::keys::to_ss58;
use assay_primitives::{
	revenue::{HoldingView, StreamView},
	AccountId, Balance,
};
use serde_json::{json, Value};

/// The shares in the income of a subject.
pub fn stream(view: &StreamView<AccountId>) -> Value {
	let unit = Unit::from(view);
	json!({
		"subject": view.subject.to_string(),
		"owner": view.owner.as_ref().map(to_ss58),
		"pot": to_ss58(&view.pot),
		"supply": unit.number(view.supply),
		"name": text(&view.name),
		"symbol": unit.symbol,
		"decimals": view.decimals,
		"retained": Percent(view.retained).to_string(),
		"claimable": amount(view.claimable),
		"pool": amount(view.pool),
		"holders": view.holders,
		"depositor": to_ss58(&view.depositor),
		"deposit": amount(view.deposit),
	})
}

/// The same as people read it.
pub fn stream_text(view: &StreamView<AccountId>) -> String {
	let unit = Unit::from(view);
	let owner = view.owner.as_ref().map_or_else(|| "nobody".into(), to_ss58);
	let retained = format!("{} of the income", Percent(view.retained));
	lines(&[
		("subject", view.subject.to_string()),
		("owner", owner),
		("name", text(&view.name)),
		("supply", format!("{}, of {} decimals", unit.text(view.supply), view.decimals)),
		("holders", view.holders.to_string()),
		("claimable", format!("{} by all holders together", asy(view.claimable))),
		("pool", format!("{} for all shares, to which {retained} goes", asy(view.pool))),
		("paid to", to_ss58(&view.pot)),
		("deposit", format!("{} of {}", asy(view.deposit), to_ss58(&view.depositor))),
	])
}

/// What has shares in its income, as people read it.
pub fn streams_text(streams: &[StreamView<AccountId>]) -> String {
	let row = |view: &StreamView<AccountId>| {
		[
			view.subject.to_string(),
			text(&view.name),
			Unit::from(view).text(view.supply),
			view.holders.to_string(),
			asy(view.claimable),
			asy(view.pool),
		]
	};
	let header = ["SUBJECT", "NAME", "SUPPLY", "HOLDERS", "CLAIMABLE", "POOL"];
	table(header, streams.iter().map(row).collect())
}

/// What an account has of a stream.
pub fn holding(view: &HoldingView<AccountId>, unit: &Unit) -> Value {
	json!({
		"account": to_ss58(&view.who),
		"shares": unit.number(view.shares),
		"symbol": unit.symbol,
		"claimable": amount(view.claimable),
		"redeemable": amount(view.redeemable),
	})
}

/// The same as people read it.
pub fn holding_text(view: &HoldingView<AccountId>, unit: &Unit) -> String {
	lines(&[
		("account", to_ss58(&view.who)),
		("shares", unit.text(view.shares)),
		("claimable", asy(view.claimable)),
		("redeemable", format!("{} for all of them", asy(view.redeemable))),
	])
}

/// Who has something of a stream, as people read it.
pub fn holders_text(holders: &[HoldingView<AccountId>], unit: &Unit) -> String {
	let row = |view: &HoldingView<AccountId>| {
		let shares = unit.text(view.shares);
		[to_ss58(&view.who), shares, asy(view.claimable), asy(view.redeemable)]
	};
	let header = ["ACCOUNT", "SHARES", "CLAIMABLE", "REDEEMABLE"];
	table(header, holders.iter().map(row).collect())
}

/// What burning shares pays.
pub fn redeem_text(shares: &str, pool: Balance, claimable: Balance) -> String {
	let (pool, claimable) = (asy(pool), asy(claimable));
	format!("{shares} are burned for {pool}; besides, {claimable} that was earned is paid")
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Permill, revenue::Subject, ModelId, ASY};

	pub(super) fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	fn view() -> StreamView<AccountId> {
		StreamView {
			subject: Subject::Model(ModelId(3)),
			owner: Some(account(1)),
			pot: account(2),
			supply: 1_000_500_000,
			name: b"Magika\x1b".to_vec().try_into().unwrap(),
			symbol: b"MGK".to_vec().try_into().unwrap(),
			decimals: 6,
			retained: Permill::from_percent(5),
			claimable: ASY / 2,
			pool: 3 * ASY,
			holders: 2,
			depositor: account(1),
			deposit: ASY,
		}
	}

	#[test]
	fn shares_have_their_decimals_and_money_is_in_asy() {
		let expected = json!({
			"subject": "model:3",
			"owner": to_ss58(&account(1)),
			"pot": to_ss58(&account(2)),
			"supply": "1000.5",
			"name": "Magika\u{fffd}",
			"symbol": "MGK",
			"decimals": 6,
			"retained": "5%",
			"claimable": "0.5",
			"pool": "3",
			"holders": 2,
			"depositor": to_ss58(&account(1)),
			"deposit": "1",
		});
		assert_eq!(stream(&view()), expected);
		let text = stream_text(&view());
		for said in ["1000.5 MGK, of 6 decimals", "0.5 ASY by all", "5% of the income"] {
			assert!(text.contains(said), "{text}");
		}
		assert!(!text.contains('\x1b') && !streams_text(&[view()]).contains('\x1b'));
	}

	#[test]
	fn a_subject_without_an_owner_has_none() {
		let view = StreamView { owner: None, ..view() };
		assert_eq!(stream(&view)["owner"], Value::Null);
		assert!(stream_text(&view).contains("nobody"));
	}

	#[test]
	fn a_holding_says_what_it_can_claim_and_what_it_would_be_paid() {
		let unit = Unit::from(&view());
		let view = HoldingView { who: account(1), shares: 1, claimable: ASY, redeemable: 2 * ASY };
		let expected = json!({
			"account": to_ss58(&account(1)),
			"shares": "0.000001",
			"symbol": "MGK",
			"claimable": "1",
			"redeemable": "2",
		});
		assert_eq!(holding(&view, &unit), expected);
		assert!(holding_text(&view, &unit).contains("2 ASY for all of them"));
		assert!(holders_text(&[view], &unit).contains("0.000001 MGK"));
	}

	#[test]
	fn who_burns_shares_is_told_both_sums() {
		let text = redeem_text("5 MGK", 2 * ASY, ASY / 2);
		assert!(text.contains("burned for 2 ASY") && text.contains("0.5 ASY that was earned"));
	}
}

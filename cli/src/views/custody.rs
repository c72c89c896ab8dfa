//! How custodians are shown, and what is asked of them.

use super::{amount, text};
use crate::{amount::asy, output::lines};
use assay_client::keys::to_ss58;
use assay_primitives::{
	custody::{AppointmentView, CustodianView, KeyRequestView},
	AccountId, AssetId,
};
use serde_json::{json, Value};

/// A custodian.
pub fn custodian(view: &CustodianView<AccountId>) -> Value {
	json!({
		"account": to_ss58(&view.account),
		"endpoint": text(&view.endpoint),
		"taking": view.taking,
		"bond": amount(view.bond),
		"locked": amount(view.locked),
		"unbonding": view.unbonding.map(|(unbonding, until)| {
			json!({ "amount": amount(unbonding), "until": until })
		}),
		"open": view.open,
		"appointments": view.appointments,
		"able": view.able,
		"served": view.statistics.served,
		"silent": view.statistics.silent,
		"wrong": view.statistics.wrong,
	})
}

/// Whether a custodian can be asked.
pub const fn state_text(view: &CustodianView<AccountId>) -> &'static str {
	match (view.taking, view.able) {
		(false, _) => "takes no requests",
		(true, true) => "able",
		(true, false) => "busy, or its bond is in use",
	}
}

/// A custodian as people read it, with the assets that it was appointed for.
pub fn custodian_text(view: &CustodianView<AccountId>, assets: &[AssetId]) -> String {
	let record = view.statistics;
	let assets: Vec<_> = assets.iter().map(AssetId::to_string).collect();
	let mut pairs = vec![
		("account", to_ss58(&view.account)),
		("state", state_text(view).into()),
		("endpoint", text(&view.endpoint)),
		("bond", format!("{}, {} locked", asy(view.bond), asy(view.locked))),
		("requests", format!("{} open, {} served", view.open, record.served)),
		("failed", format!("{} silent, {} wrong keys", record.silent, record.wrong)),
		("assets", format!("{} accepted; appointed for {}", view.appointments, or_none(&assets))),
	];
	pairs.extend(
		view.unbonding.map(|(unbonding, until)| {
			("unbonding", format!("{} at block {until}", asy(unbonding)))
		}),
	);
	lines(&pairs)
}

fn or_none(items: &[String]) -> String {
	if items.is_empty() {
		"none".into()
	} else {
		items.join(", ")
	}
}

/// A custodian of an asset.
pub fn appointment(view: &AppointmentView<AccountId>) -> Value {
	json!({
		"custodian": to_ss58(&view.custodian),
		"accepted": view.accepted,
		"able": view.able,
		"payer": to_ss58(&view.payer),
		"deposit": amount(view.deposit),
	})
}

/// Where an appointment stands, as people read it.
pub const fn appointment_text(view: &AppointmentView<AccountId>) -> &'static str {
	match (view.accepted, view.able) {
		(None, _) => "has not accepted",
		(Some(_), true) => "able",
		(Some(_), false) => "busy, or keeps another key",
	}
}

/// A request for a key.
pub fn request(view: &KeyRequestView<AccountId>) -> Value {
	json!({
		"id": view.id,
		"asker": to_ss58(&view.asker),
		"ask": view.ask.to_string(),
		"stands": view.stands,
		"asset": view.asset,
		"custodian": to_ss58(&view.custodian),
		"commitment": view.commitment,
		"recipient": hex::encode(view.recipient),
		"fee": amount(view.fee),
		"deposit": amount(view.deposit),
		"exposure": amount(view.exposure),
		"delivered": view.sealed.is_some(),
		"due": view.due,
	})
}

/// Where a request stands, as people read it.
pub fn request_text(view: &KeyRequestView<AccountId>) -> String {
	let due = view.due;
	match view.sealed {
		None => format!("due before block {due}"),
		Some(_) => format!("delivered, paid in block {due}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		custody::{Ask, CustodyStatistics, SealedKey, SEALED_BYTES},
		GrantId, KeyRequestId, Root, ASY,
	};

	fn view() -> CustodianView<AccountId> {
		CustodianView {
			account: AccountId::new([1; 32]),
			endpoint: b"https://x\x1b".to_vec().try_into().unwrap(),
			taking: true,
			bond: 3 * ASY,
			locked: ASY,
			unbonding: Some((ASY / 2, 9)),
			open: 1,
			appointments: 2,
			able: true,
			statistics: CustodyStatistics { served: 5, silent: 1, wrong: 0 },
		}
	}

	#[test]
	fn a_custodian_is_shown_with_what_became_of_its_requests() {
		let json = custodian(&view());
		assert_eq!(json["bond"], "3");
		assert_eq!(json["unbonding"], json!({ "amount": "0.5", "until": 9 }));
		assert_eq!(
			(&json["served"], &json["silent"], &json["wrong"]),
			(&json!(5), &json!(1), &json!(0))
		);
		assert_eq!(json["endpoint"], "https://x\u{fffd}");
		let shown = custodian_text(&view(), &[AssetId(3), AssetId(7)]);
		assert!(shown.contains("appointed for 3, 7"), "{shown}");
		assert!(!shown.contains('\x1b'), "{shown:?}");
	}

	#[test]
	fn the_state_says_why_nobody_can_be_asked() {
		assert_eq!(state_text(&view()), "able");
		assert_eq!(state_text(&CustodianView { taking: false, ..view() }), "takes no requests");
		assert!(state_text(&CustodianView { able: false, ..view() }).contains("busy"));
	}

	#[test]
	fn a_request_is_shown_without_the_box() {
		let request = |sealed| KeyRequestView {
			id: KeyRequestId(9),
			asker: AccountId::new([1; 32]),
			ask: Ask::Grant(GrantId(7)),
			stands: true,
			asset: AssetId(3),
			custodian: AccountId::new([2; 32]),
			commitment: Root([4; 32]),
			recipient: [5; 32],
			fee: ASY,
			deposit: 2 * ASY,
			exposure: 3 * ASY,
			sealed,
			due: 77,
		};
		let open = self::request(&request(None));
		assert_eq!((&open["ask"], &open["delivered"]), (&json!("grant:7"), &json!(false)));
		assert_eq!((&open["fee"], &open["recipient"]), (&json!("1"), &json!("05".repeat(32))));
		let delivered = request(Some(SealedKey([6; SEALED_BYTES])));
		assert_eq!(self::request(&delivered)["delivered"], true);
		assert!(request_text(&delivered).contains("paid in block 77"));
		assert_eq!(request_text(&request(None)), "due before block 77");
	}
}

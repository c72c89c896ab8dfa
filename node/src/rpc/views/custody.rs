//! Custodians and requests for keys as the `assay_*` methods give them.

use super::{text, Amount, UnbondingJson};
use assay_primitives::{
	custody::{AppointmentView, CustodianView, CustodyStatistics, KeyRequestView, SealedKey},
	AccountId, AssetId, BlockNumber, KeyRequestId, Root,
};
use serde::Serialize;

/// A custodian.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CustodianJson {
	account: AccountId,
	endpoint: String,
	taking: bool,
	able: bool,
	bond: Amount,
	locked: Amount,
	unbonding: Option<UnbondingJson>,
	open: u32,
	appointments: u32,
	statistics: CustodyStatistics,
}

impl From<CustodianView<AccountId>> for CustodianJson {
	fn from(view: CustodianView<AccountId>) -> Self {
		let unbonding = |(amount, until)| UnbondingJson { amount: Amount(amount), until };
		Self {
			account: view.account,
			endpoint: text(&view.endpoint),
			taking: view.taking,
			able: view.able,
			bond: Amount(view.bond),
			locked: Amount(view.locked),
			unbonding: view.unbonding.map(unbonding),
			open: view.open,
			appointments: view.appointments,
			statistics: view.statistics,
		}
	}
}

/// A custodian of an asset.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AppointmentJson {
	custodian: AccountId,
	accepted: Option<Root>,
	able: bool,
	payer: AccountId,
	deposit: Amount,
}

impl From<AppointmentView<AccountId>> for AppointmentJson {
	fn from(view: AppointmentView<AccountId>) -> Self {
		Self {
			custodian: view.custodian,
			accepted: view.accepted,
			able: view.able,
			payer: view.payer,
			deposit: Amount(view.deposit),
		}
	}
}

/// A request for a key.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct KeyRequestJson {
	id: KeyRequestId,
	asker: AccountId,
	ask: String,
	stands: bool,
	asset: AssetId,
	custodian: AccountId,
	commitment: Root,
	recipient: String,
	fee: Amount,
	deposit: Amount,
	exposure: Amount,
	sealed: Option<SealedKey>,
	due: BlockNumber,
}

impl From<KeyRequestView<AccountId>> for KeyRequestJson {
	fn from(view: KeyRequestView<AccountId>) -> Self {
		Self {
			id: view.id,
			asker: view.asker,
			ask: view.ask.to_string(),
			stands: view.stands,
			asset: view.asset,
			custodian: view.custodian,
			commitment: view.commitment,
			recipient: hex::encode(view.recipient),
			fee: Amount(view.fee),
			deposit: Amount(view.deposit),
			exposure: Amount(view.exposure),
			sealed: view.sealed,
			due: view.due,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		custody::{Ask, SEALED_BYTES},
		GrantId,
	};
	use serde_json::{json, to_value};

	fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	#[test]
	fn a_custodian_has_its_bond_and_its_record() {
		let view = CustodianView {
			account: account(1),
			endpoint: b"https://keys".to_vec().try_into().unwrap(),
			taking: true,
			bond: u128::MAX,
			locked: 4,
			unbonding: Some((7, 99)),
			open: 2,
			appointments: 3,
			able: false,
			statistics: CustodyStatistics { served: 5, silent: 1, wrong: 0 },
		};
		let expected = json!({
			"account": account(1),
			"endpoint": "https://keys",
			"taking": true,
			"able": false,
			"bond": u128::MAX.to_string(),
			"locked": "4",
			"unbonding": { "amount": "7", "until": 99 },
			"open": 2,
			"appointments": 3,
			"statistics": { "served": 5, "silent": 1, "wrong": 0 },
		});
		assert_eq!(to_value(CustodianJson::from(view)).unwrap(), expected);
	}

	#[test]
	fn an_appointment_says_which_key_is_kept() {
		let view = AppointmentView {
			custodian: account(1),
			accepted: Some(Root([0xab; 32])),
			able: true,
			payer: account(2),
			deposit: 7,
		};
		let expected = json!({
			"custodian": account(1),
			"accepted": "ab".repeat(32),
			"able": true,
			"payer": account(2),
			"deposit": "7",
		});
		assert_eq!(to_value(AppointmentJson::from(view)).unwrap(), expected);
	}

	#[test]
	fn a_request_for_a_key_shows_the_box_once_it_is_delivered() {
		let view = |sealed| KeyRequestView {
			id: KeyRequestId(8),
			asker: account(1),
			ask: Ask::Grant(GrantId(3)),
			stands: true,
			asset: AssetId(4),
			custodian: account(2),
			commitment: Root([0xab; 32]),
			recipient: [9; 32],
			fee: 5,
			deposit: 6,
			exposure: u128::MAX,
			sealed,
			due: 70,
		};
		let expected = json!({
			"id": 8,
			"asker": account(1),
			"ask": "grant:3",
			"stands": true,
			"asset": 4,
			"custodian": account(2),
			"commitment": "ab".repeat(32),
			"recipient": "09".repeat(32),
			"fee": "5",
			"deposit": "6",
			"exposure": u128::MAX.to_string(),
			"sealed": "07".repeat(SEALED_BYTES),
			"due": 70,
		});
		let delivered = view(Some(SealedKey([7; SEALED_BYTES])));
		assert_eq!(to_value(KeyRequestJson::from(delivered)).unwrap(), expected);
		assert_eq!(to_value(KeyRequestJson::from(view(None))).unwrap()["sealed"], json!(null));
	}
}

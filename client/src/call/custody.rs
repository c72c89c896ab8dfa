//! The calls of the pallet that keeps the keys of encrypted content.

use crate::content::RequestSecret;
use assay_primitives::{
	custody::{Ask, Endpoint, PublicKey, SealedKey, KEY_BYTES},
	AccountId, AssetId, Balance, KeyRequestId, Root,
};
use codec::Encode;
use std::fmt;

/// A call about the custody of content keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustodyCall {
	/// Become a custodian.
	Register {
		/// The URL at which it is reached; may be empty.
		endpoint: Endpoint,
		/// The bond.
		bond: Balance,
	},
	/// Replace what a custodian says of itself.
	Update {
		/// The URL at which it is reached; may be empty.
		endpoint: Endpoint,
		/// Whether it takes requests.
		taking: bool,
	},
	/// Add to the bond.
	BondMore {
		/// How much.
		amount: Balance,
	},
	/// Begin to take out bond.
	Unbond {
		/// How much.
		amount: Balance,
	},
	/// Take out what is unbonded.
	Withdraw,
	/// Ask a custodian to keep the key of an asset.
	Appoint {
		/// The asset.
		asset: AssetId,
		/// The custodian.
		custodian: AccountId,
	},
	/// Agree to keep the key of an asset.
	Accept {
		/// The asset.
		asset: AssetId,
		/// The commitment to the key.
		commitment: Root,
	},
	/// End an appointment as the owner of the asset.
	Dismiss {
		/// The asset.
		asset: AssetId,
		/// The custodian.
		custodian: AccountId,
	},
	/// End an appointment as the custodian.
	Resign {
		/// The asset.
		asset: AssetId,
	},
	/// Ask for a key.
	RequestKey {
		/// By what right.
		ask: Ask,
		/// What the key has to be sealed to: made for this request, and used for no other.
		recipient: PublicKey,
		/// Who is asked; the custodian with the most free bond if nobody is named.
		custodian: Option<AccountId>,
	},
	/// Deliver a key.
	Deliver {
		/// The request.
		request: KeyRequestId,
		/// The public key of the request.
		recipient: PublicKey,
		/// The key, sealed to the recipient of the request.
		sealed: SealedKey,
	},
	/// End a request that was served.
	Close {
		/// The request.
		request: KeyRequestId,
	},
	/// End a request that was not served in time.
	Expire {
		/// The request.
		request: KeyRequestId,
	},
	/// Show that what was delivered is not the key.
	Complain {
		/// The request.
		request: KeyRequestId,
		/// What opens the box.
		secret: ShownSecret,
	},
}

/// The secret of a request, shown to the chain. It is public once the call is in a block, and not
/// before that: nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownSecret([u8; KEY_BYTES]);

impl From<&RequestSecret> for ShownSecret {
	fn from(secret: &RequestSecret) -> Self {
		ShownSecret(*secret.expose())
	}
}

impl ShownSecret {
	/// The bytes of the secret.
	pub const fn expose(&self) -> &[u8; KEY_BYTES] {
		&self.0
	}
}

impl fmt::Debug for ShownSecret {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("ShownSecret").finish_non_exhaustive()
	}
}

impl CustodyCall {
	/// The name of the call.
	pub(super) const fn name(&self) -> &'static str {
		match self {
			CustodyCall::Register { .. } => "register",
			CustodyCall::Update { .. } => "update",
			CustodyCall::BondMore { .. } => "bond_more",
			CustodyCall::Unbond { .. } => "unbond",
			CustodyCall::Withdraw => "withdraw",
			CustodyCall::Appoint { .. } => "appoint",
			CustodyCall::Accept { .. } => "accept",
			CustodyCall::Dismiss { .. } => "dismiss",
			CustodyCall::Resign { .. } => "resign",
			CustodyCall::RequestKey { .. } => "request_key",
			CustodyCall::Deliver { .. } => "deliver",
			CustodyCall::Close { .. } => "close",
			CustodyCall::Expire { .. } => "expire",
			CustodyCall::Complain { .. } => "complain",
		}
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			CustodyCall::Register { endpoint, bond } => (endpoint, bond).encode(),
			CustodyCall::Update { endpoint, taking } => (endpoint, taking).encode(),
			CustodyCall::BondMore { amount } | CustodyCall::Unbond { amount } => amount.encode(),
			CustodyCall::Withdraw => Vec::new(),
			CustodyCall::Appoint { asset, custodian }
			| CustodyCall::Dismiss { asset, custodian } => (asset, custodian).encode(),
			CustodyCall::Accept { asset, commitment } => (asset, commitment).encode(),
			CustodyCall::Resign { asset } => asset.encode(),
			CustodyCall::RequestKey { ask, recipient, custodian } => {
				(ask, recipient, custodian).encode()
			},
			CustodyCall::Deliver { request, recipient, sealed } => {
				(request, recipient, sealed).encode()
			},
			CustodyCall::Close { request } | CustodyCall::Expire { request } => request.encode(),
			CustodyCall::Complain { request, secret } => (request, secret.0).encode(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::call::{Call, CallIndices};
	use assay_primitives::{
		custody::SEALED_BYTES,
		ids::{GrantId, JobId},
	};

	/// A chain whose custody has the number 48, and the calls their order in the pallet.
	struct Fixed;

	impl CallIndices for Fixed {
		fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
			const CALLS: [&str; 14] = [
				"register",
				"update",
				"bond_more",
				"unbond",
				"withdraw",
				"appoint",
				"accept",
				"dismiss",
				"resign",
				"request_key",
				"deliver",
				"close",
				"expire",
				"complain",
			];
			let index = CALLS.iter().position(|name| *name == call)?;
			(pallet == "Custody").then_some([48, index as u8])
		}
	}

	fn hex_of(call: CustodyCall) -> String {
		hex::encode(Call::Custody(call).encode(&Fixed).unwrap())
	}

	const FIVE: &str = "05000000000000000000000000000000";
	const REQUEST: &str = "0201000000000000";

	fn account() -> (AccountId, String) {
		(AccountId::new([7; 32]), "07".repeat(32))
	}

	#[test]
	fn the_life_of_a_custodian_is_encoded_field_by_field() {
		let endpoint = Endpoint::try_from(b"http://a".to_vec()).unwrap();
		let url = "20687474703a2f2f61";
		let register = CustodyCall::Register { endpoint: endpoint.clone(), bond: 5 };
		assert_eq!(hex_of(register), format!("3000{url}{FIVE}"));
		assert_eq!(hex_of(CustodyCall::Update { endpoint, taking: true }), format!("3001{url}01"));
		assert_eq!(hex_of(CustodyCall::BondMore { amount: 5 }), format!("3002{FIVE}"));
		assert_eq!(hex_of(CustodyCall::Unbond { amount: 5 }), format!("3003{FIVE}"));
		assert_eq!(hex_of(CustodyCall::Withdraw), "3004");
	}

	#[test]
	fn an_appointment_is_encoded_field_by_field() {
		let (custodian, digits) = account();
		let (asset, number) = (AssetId(258), "02010000");
		let appoint = CustodyCall::Appoint { asset, custodian: custodian.clone() };
		assert_eq!(hex_of(appoint), format!("3005{number}{digits}"));
		let accept = CustodyCall::Accept { asset, commitment: Root([9; 32]) };
		assert_eq!(hex_of(accept), format!("3006{number}{}", "09".repeat(32)));
		let dismiss = CustodyCall::Dismiss { asset, custodian };
		assert_eq!(hex_of(dismiss), format!("3007{number}{digits}"));
		assert_eq!(hex_of(CustodyCall::Resign { asset }), format!("3008{number}"));
	}

	#[test]
	fn a_request_is_encoded_field_by_field() {
		let (custodian, digits) = account();
		let recipient = [3; KEY_BYTES];
		let ask = Ask::Job(JobId(258));
		let anybody = CustodyCall::RequestKey { ask, recipient, custodian: None };
		assert_eq!(hex_of(anybody), format!("300901{REQUEST}{}00", "03".repeat(32)));
		let ask = Ask::Grant(GrantId(258));
		let named = CustodyCall::RequestKey { ask, recipient, custodian: Some(custodian) };
		assert_eq!(hex_of(named), format!("300900{REQUEST}{}01{digits}", "03".repeat(32)));
	}

	#[test]
	fn what_ends_a_request_is_encoded_field_by_field() {
		let request = KeyRequestId(258);
		let deliver = CustodyCall::Deliver {
			request,
			recipient: [3; 32],
			sealed: SealedKey([4; SEALED_BYTES]),
		};
		assert_eq!(hex_of(deliver), format!("300a{REQUEST}{}{}", "03".repeat(32), "04".repeat(80)));
		assert_eq!(hex_of(CustodyCall::Close { request }), format!("300b{REQUEST}"));
		assert_eq!(hex_of(CustodyCall::Expire { request }), format!("300c{REQUEST}"));
		let secret = ShownSecret::from(&RequestSecret::from_bytes([6; KEY_BYTES]));
		let complain = CustodyCall::Complain { request, secret };
		assert_eq!(hex_of(complain), format!("300d{REQUEST}{}", "06".repeat(32)));
	}

	#[test]
	fn a_secret_that_is_shown_to_the_chain_is_not_printed() {
		let secret = ShownSecret::from(&RequestSecret::from_bytes([6; KEY_BYTES]));
		let complain = CustodyCall::Complain { request: KeyRequestId(1), secret };
		let printed = format!("{:?}", Call::Custody(complain));
		assert!(printed.contains("ShownSecret"), "{printed}");
		for bytes in ["06", "6, 6"] {
			assert!(!printed.contains(bytes), "{printed}");
		}
	}
}

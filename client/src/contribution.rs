//! Contributions to pools: what the owner of an asset signs off chain, so that anybody has it put
//! into a pool.

use crate::{
	keys::Keypair,
	signed::{self, scale_hex},
};
use assay_primitives::{pool::Contribution, AccountId};
use codec::Encode;
use serde::{Deserialize, Serialize};
use subxt::config::substrate::MultiSignature;

/// A contribution with the signature of its contributor.
///
/// In JSON the contribution is the hexadecimal digits of its SCALE encoding, as a permit is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedContribution {
	/// The first block of the chain that it is good on.
	#[serde(with = "scale_hex")]
	pub genesis: [u8; 32],
	/// What was signed, and by whom.
	#[serde(with = "scale_hex")]
	pub contribution: Contribution<AccountId>,
	/// The signature, of any scheme that the chain knows.
	#[serde(with = "scale_hex")]
	pub signature: MultiSignature,
}

impl SignedContribution {
	/// Sign a contribution for the chain with this genesis, by the key of its contributor.
	pub fn sign(key: &Keypair, contribution: Contribution<AccountId>, genesis: [u8; 32]) -> Self {
		let signature = signed::sign(key, &contribution.signed_bytes(&genesis));
		SignedContribution { genesis, contribution, signature }
	}

	/// Whether the contributor has signed it: the bytes as they are, or as wallets wrap what is no
	/// transaction.
	pub fn is_signed(&self) -> bool {
		let bytes = self.contribution.signed_bytes(&self.genesis);
		signed::is_signed(&bytes, &self.contribution.contributor, &self.signature)
	}

	/// The arguments of the call that submits it.
	pub(crate) fn arguments(&self) -> Vec<u8> {
		(&self.contribution, &self.signature).encode()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::keys;
	use assay_primitives::{rights::wrapped, AssetId, PoolId};

	const GENESIS: [u8; 32] = [1; 32];

	fn alice() -> Keypair {
		keys::from_uri("//Alice").unwrap()
	}

	fn contribution() -> Contribution<AccountId> {
		Contribution {
			pool: PoolId(2),
			asset: AssetId(3),
			contributor: keys::account(&alice()),
			nonce: 5,
			expires: 50,
		}
	}

	fn signed() -> SignedContribution {
		SignedContribution::sign(&alice(), contribution(), GENESIS)
	}

	#[test]
	fn a_contribution_is_signed_by_its_contributor_for_one_chain() {
		assert!(signed().is_signed());
		assert!(!SignedContribution { genesis: [2; 32], ..signed() }.is_signed());
		let bob = keys::from_uri("//Bob").unwrap();
		assert!(!SignedContribution::sign(&bob, contribution(), GENESIS).is_signed());
	}

	#[test]
	fn a_contribution_that_a_wallet_has_signed_is_signed() {
		let bytes = wrapped(&contribution().signed_bytes(&GENESIS));
		let signature = signed::sign(&alice(), &bytes);
		assert!(SignedContribution { signature, ..signed() }.is_signed());
	}

	#[test]
	fn a_contribution_that_was_altered_is_not_signed() {
		let is_signed = |contribution| SignedContribution { contribution, ..signed() }.is_signed();
		assert!(is_signed(contribution()));
		let bob = keys::account(&keys::from_uri("//Bob").unwrap());
		for altered in [
			Contribution { pool: PoolId(1), ..contribution() },
			Contribution { asset: AssetId(4), ..contribution() },
			Contribution { contributor: bob, ..contribution() },
			Contribution { nonce: 6, ..contribution() },
			Contribution { expires: 51, ..contribution() },
		] {
			assert!(!is_signed(altered.clone()), "{altered:?}");
		}
	}

	#[test]
	fn a_signed_contribution_round_trips_through_json() {
		let signed = signed();
		let json = serde_json::to_string(&signed).unwrap();
		assert_eq!(serde_json::from_str::<SignedContribution>(&json).unwrap(), signed);
	}

	#[test]
	fn a_contribution_with_bytes_left_over_or_fields_of_a_permit_is_refused() {
		let json = serde_json::to_value(signed()).unwrap();
		let with = |name: &str, value: &str| {
			let mut json = json.clone();
			json[name] = value.into();
			serde_json::from_value::<SignedContribution>(json)
		};
		let text = json["contribution"].as_str().unwrap();
		assert!(with("contribution", text).is_ok());
		for bad in [&format!("{text}00"), &text[..text.len() - 2], "", "0xzz"] {
			assert!(with("contribution", bad).is_err(), "{bad}");
		}
		assert!(with("owner", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY").is_err());
	}
}

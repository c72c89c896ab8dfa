//! Permits: what the owner of an asset signs off chain, so that somebody else has a grant made.

use crate::keys::{self, Keypair};
use assay_primitives::{rights::Permit, AccountId};
use codec::Encode;
use serde::{Deserialize, Serialize};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use subxt::config::substrate::MultiSignature;

/// A permit with the signature of the owner of its asset.
///
/// In JSON the permit is the hexadecimal digits of its SCALE encoding, the very bytes that are
/// signed, so that nothing written beside them can say something else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedPermit {
	/// The first block of the chain that it is good on.
	#[serde(with = "scale_hex")]
	pub genesis: [u8; 32],
	/// Who has signed.
	pub owner: AccountId,
	/// What was signed.
	#[serde(with = "scale_hex")]
	pub permit: Permit<AccountId>,
	/// The signature, of any scheme that the chain knows.
	#[serde(with = "scale_hex")]
	pub signature: MultiSignature,
}

impl SignedPermit {
	/// Sign a permit for the chain with this genesis.
	pub fn sign(key: &Keypair, permit: Permit<AccountId>, genesis: [u8; 32]) -> Self {
		let signature = key.sign(&permit.signed_bytes(&genesis));
		let signature = MultiSignature::Sr25519(signature.0);
		SignedPermit { genesis, owner: keys::account(key), permit, signature }
	}

	/// Whether the owner has signed it: the bytes as they are, or as wallets wrap what is no
	/// transaction.
	pub fn is_signed(&self) -> bool {
		let bytes = self.permit.signed_bytes(&self.genesis);
		let wrapped = [&b"<Bytes>"[..], &bytes, b"</Bytes>"].concat();
		self.is_signature_of(&bytes) || self.is_signature_of(&wrapped)
	}

	fn is_signature_of(&self, message: &[u8]) -> bool {
		let owner: [u8; 32] = self.owner.clone().into();
		match self.signature {
			MultiSignature::Sr25519(bytes) => {
				let (signature, public) = (bytes.into(), sr25519::Public::from_raw(owner));
				sr25519::Pair::verify(&signature, message, &public)
			},
			MultiSignature::Ed25519(bytes) => {
				let (signature, public) = (bytes.into(), ed25519::Public::from_raw(owner));
				ed25519::Pair::verify(&signature, message, &public)
			},
			MultiSignature::Ecdsa(bytes) => {
				// The account of such a key is the hash of the key, which the signature tells.
				let public = ecdsa::Signature::from(bytes).recover(message);
				public.is_some_and(|public| sp_io::hashing::blake2_256(public.as_ref()) == owner)
			},
		}
	}

	/// The arguments of the call that submits it.
	pub(crate) fn arguments(&self) -> Vec<u8> {
		(&self.permit, &self.owner, &self.signature).encode()
	}
}

/// The SCALE encoding of a value as `0x` and hexadecimal digits.
mod scale_hex {
	use codec::{DecodeAll, Encode};
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<T: Encode, S: Serializer>(
		value: &T,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&format!("0x{}", hex::encode(value.encode())))
	}

	pub fn deserialize<'de, T: DecodeAll, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<T, D::Error> {
		let text = String::deserialize(deserializer)?;
		let digits = text.strip_prefix("0x").unwrap_or(&text);
		let bytes = hex::decode(digits).map_err(D::Error::custom)?;
		T::decode_all(&mut &bytes[..]).map_err(D::Error::custom)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		rights::{GrantTerms, Purpose},
		AssetId,
	};

	const GENESIS: [u8; 32] = [1; 32];

	fn permit() -> Permit<AccountId> {
		let terms = GrantTerms {
			from: 0,
			until: Some(100),
			uses: Some(2),
			price: u128::MAX,
			purpose: Purpose::Tags(
				vec![b"research".to_vec().try_into().unwrap()].try_into().unwrap(),
			),
			commercial: false,
			transferable: false,
			revocable: true,
		};
		Permit { asset: AssetId(3), to: AccountId::new([7; 32]), terms, nonce: 5, expires: 50 }
	}

	fn alice() -> Keypair {
		keys::from_uri("//Alice").unwrap()
	}

	fn signed() -> SignedPermit {
		SignedPermit::sign(&alice(), permit(), GENESIS)
	}

	#[test]
	fn a_permit_is_signed_by_its_owner_for_one_chain() {
		assert!(signed().is_signed());
		assert_eq!(signed().owner, keys::account(&alice()));
		let bob = keys::account(&keys::from_uri("//Bob").unwrap());
		assert!(!SignedPermit { owner: bob, ..signed() }.is_signed());
		assert!(!SignedPermit { genesis: [2; 32], ..signed() }.is_signed());
	}

	#[test]
	fn a_permit_that_was_altered_is_not_signed() {
		let mut longer = signed();
		longer.permit.terms.until = None;
		assert!(!longer.is_signed());
		let mut other = signed();
		other.permit.nonce = 6;
		assert!(!other.is_signed());
	}

	#[test]
	fn every_scheme_and_the_form_of_wallets_are_known() {
		let bytes = permit().signed_bytes(&GENESIS);
		let wrapped = [&b"<Bytes>"[..], &bytes, b"</Bytes>"].concat();
		let of = |owner: [u8; 32], signature| SignedPermit {
			owner: owner.into(),
			signature,
			..signed()
		};
		let edwards = ed25519::Pair::from_seed(&[1; 32]);
		let koblitz = ecdsa::Pair::from_seed(&[1; 32]);
		let address = sp_io::hashing::blake2_256(koblitz.public().as_ref());
		for message in [&bytes, &wrapped] {
			let signature = MultiSignature::Sr25519(alice().sign(message).0);
			assert!(SignedPermit { signature, ..signed() }.is_signed());
			let signature = MultiSignature::Ed25519(edwards.sign(message).into());
			assert!(of(edwards.public().into(), signature.clone()).is_signed());
			assert!(!of([9; 32], signature).is_signed());
			let signature = MultiSignature::Ecdsa(koblitz.sign(message).into());
			assert!(of(address, signature.clone()).is_signed());
			assert!(!of([9; 32], signature).is_signed());
		}
	}

	#[test]
	fn a_signed_permit_round_trips_through_json() {
		let json = serde_json::to_string(&signed()).unwrap();
		assert_eq!(serde_json::from_str::<SignedPermit>(&json).unwrap(), signed());
	}

	#[test]
	fn a_permit_with_bytes_left_over_or_cut_off_is_refused() {
		let json = serde_json::to_value(signed()).unwrap();
		let with = |permit: &str| {
			let mut json = json.clone();
			json["permit"] = permit.into();
			serde_json::from_value::<SignedPermit>(json)
		};
		let text = json["permit"].as_str().unwrap();
		assert!(with(text).is_ok());
		for bad in [&format!("{text}00"), &text[..text.len() - 2], "", "0xzz"] {
			assert!(with(bad).is_err(), "{bad}");
		}
	}
}

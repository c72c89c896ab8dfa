//! What accounts sign off chain, so that somebody else submits it.

use crate::keys::Keypair;
use assay_primitives::{rights::wrapped, AccountId};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use subxt::config::substrate::MultiSignature;

/// The signature of these bytes.
pub(crate) fn sign(key: &Keypair, bytes: &[u8]) -> MultiSignature {
	MultiSignature::Sr25519(key.sign(bytes).0)
}

/// Whether an account has signed these bytes: as they are, or as wallets wrap what is no
/// transaction.
pub(crate) fn is_signed(bytes: &[u8], signer: &AccountId, signature: &MultiSignature) -> bool {
	is_signature_of(bytes, signer, signature) || is_signature_of(&wrapped(bytes), signer, signature)
}

fn is_signature_of(message: &[u8], signer: &AccountId, signature: &MultiSignature) -> bool {
	let signer: [u8; 32] = signer.clone().into();
	match *signature {
		MultiSignature::Sr25519(bytes) => {
			let (signature, public) = (bytes.into(), sr25519::Public::from_raw(signer));
			sr25519::Pair::verify(&signature, message, &public)
		},
		MultiSignature::Ed25519(bytes) => {
			let (signature, public) = (bytes.into(), ed25519::Public::from_raw(signer));
			ed25519::Pair::verify(&signature, message, &public)
		},
		MultiSignature::Ecdsa(bytes) => {
			// The account of such a key is the hash of the key, which the signature tells.
			let public = ecdsa::Signature::from(bytes).recover(message);
			public.is_some_and(|public| sp_io::hashing::blake2_256(public.as_ref()) == signer)
		},
	}
}

/// The SCALE encoding of a value as `0x` and hexadecimal digits, so that what is written is the very
/// bytes that are signed.
pub(crate) mod scale_hex {
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
	use crate::keys;

	#[test]
	fn every_scheme_and_the_form_of_wallets_are_known() {
		let bytes = b"what is signed";
		let alice = keys::from_uri("//Alice").unwrap();
		let edwards = ed25519::Pair::from_seed(&[1; 32]);
		let koblitz = ecdsa::Pair::from_seed(&[1; 32]);
		let address = sp_io::hashing::blake2_256(koblitz.public().as_ref());
		let edwards_account = AccountId::new(edwards.public().into());
		for message in [bytes.to_vec(), wrapped(bytes)] {
			let schemes = [
				(keys::account(&alice), sign(&alice, &message)),
				(edwards_account.clone(), MultiSignature::Ed25519(edwards.sign(&message).into())),
				(AccountId::new(address), MultiSignature::Ecdsa(koblitz.sign(&message).into())),
			];
			for (signer, signature) in schemes {
				assert!(is_signed(bytes, &signer, &signature), "{signature:?}");
				assert!(!is_signed(bytes, &AccountId::new([9; 32]), &signature), "{signature:?}");
				assert!(!is_signed(b"something else", &signer, &signature), "{signature:?}");
			}
		}
	}

	#[test]
	fn what_is_wrapped_twice_is_not_signed() {
		let alice = keys::from_uri("//Alice").unwrap();
		let twice = wrapped(&wrapped(b"bytes"));
		assert!(!is_signed(b"bytes", &keys::account(&alice), &sign(&alice, &twice)));
	}
}

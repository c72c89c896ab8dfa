//! What is signed outside of transactions.

use alloc::vec::Vec;
use sp_runtime::traits::{IdentifyAccount, Verify};

/// What wallets put around bytes that are no transaction.
const WRAP: [&[u8]; 2] = [b"<Bytes>", b"</Bytes>"];

/// Bytes as wallets sign them when they are no transaction.
pub fn wrapped(bytes: &[u8]) -> Vec<u8> {
	let [before, after] = WRAP;
	[before, bytes, after].concat()
}

/// Whether an account has signed these bytes: as they are, or as wallets wrap them.
pub fn is_signed<Signature: Verify>(
	bytes: &[u8],
	signer: &<Signature::Signer as IdentifyAccount>::AccountId,
	signature: &Signature,
) -> bool {
	signature.verify(bytes, signer) || signature.verify(&wrapped(bytes)[..], signer)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{sr25519, Pair};
	use sp_runtime::{MultiSignature, MultiSigner};

	#[test]
	fn bytes_are_signed_bare_or_wrapped_once_by_the_signer_alone() {
		let [key, other] = [1, 2].map(|seed| sr25519::Pair::from_seed(&[seed; 32]));
		let [signer, stranger] =
			[&key, &other].map(|key| MultiSigner::from(key.public()).into_account());
		let sign = |bytes: &[u8]| MultiSignature::from(key.sign(bytes));
		let bytes = b"what is signed";
		for signed in [bytes.to_vec(), wrapped(bytes)] {
			assert!(is_signed(bytes, &signer, &sign(&signed)));
			assert!(!is_signed(bytes, &stranger, &sign(&signed)));
		}
		for other in [&wrapped(&wrapped(bytes))[..], b"what is not signed", b""] {
			assert!(!is_signed(bytes, &signer, &sign(other)));
		}
	}
}

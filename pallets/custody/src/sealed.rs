//! Sealed boxes as the chain judges them: X25519 and XSalsa20-Poly1305, in the format of
//! libsodium's `crypto_box_seal`. Pure functions.

use alloc::vec::Vec;
use assay_primitives::custody::{PublicKey, SealedKey, KEY_BYTES};
use crypto_box::SecretKey;
use curve25519_dalek::{traits::IsIdentity, MontgomeryPoint};

/// Whether the shared secret with this public key is zero whatever the other secret is, so that
/// nothing can be sealed to it.
pub fn is_low_order(public: &PublicKey) -> bool {
	// Any clamped scalar is a multiple of the cofactor, and of no other order of a point.
	MontgomeryPoint(*public).mul_clamped([0; KEY_BYTES]).is_identity()
}

/// The public key of a secret.
pub fn public_of(secret: &[u8; KEY_BYTES]) -> PublicKey {
	SecretKey::from(*secret).public_key().to_bytes()
}

/// What a box holds; `None` if it is not sealed to this secret's public key, was changed, is made
/// with a key that nothing can be sealed with, or holds something else than 32 bytes.
pub fn open(secret: &[u8; KEY_BYTES], sealed: &SealedKey) -> Option<[u8; KEY_BYTES]> {
	let ephemeral: PublicKey = sealed.0.first_chunk().copied()?;
	if is_low_order(&ephemeral) {
		return None;
	}
	let opened: Vec<u8> = SecretKey::from(*secret).unseal(&sealed.0).ok()?;
	opened.try_into().ok()
}

#[cfg(test)]
mod tests;

//! Boxes of libsodium, and of nobody honest.

use super::*;
use crate::mock::Dice;
use proptest::prelude::*;

/// The secret of the recipient of the known answers: the bytes 1 to 32.
fn known_secret() -> [u8; 32] {
	core::array::from_fn(|index| index as u8 + 1)
}

/// The key in the known answers: the bytes 64 to 95.
fn known_key() -> [u8; 32] {
	core::array::from_fn(|index| index as u8 + 64)
}

fn seal(key: &[u8], to: &PublicKey, seed: u64) -> SealedKey {
	let recipient = crypto_box::PublicKey::from(*to);
	SealedKey(recipient.seal(&mut Dice(seed), key).unwrap().try_into().unwrap())
}

/// The points whose order divides eight, in every encoding: 0, 1, the two of order eight, and p - 1,
/// with what is the same modulo p, with and without the bit that is ignored.
fn low_order() -> Vec<PublicKey> {
	let hex = [
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	];
	let parse = |text: &str| text.parse::<assay_primitives::Root>().unwrap().0;
	hex.into_iter()
		.map(parse)
		.flat_map(|key| {
			let mut high = key;
			high[31] |= 0x80;
			[key, high]
		})
		.collect()
}

/// Computed with libsodium, by PyNaCl: the first with an ephemeral key of the bytes 101 to 132, the
/// second by `crypto_box_seal` itself.
#[test]
fn boxes_of_libsodium_are_opened() {
	let public = "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c";
	assert_eq!(assay_primitives::Root(public_of(&known_secret())).to_string(), public);
	for text in [
		"5714769d116bf76436ae74bc793d2c30ad1903c59ac5273805c7e2698b410c36\
		 79881e19cb9467d1a0e82567823bca5761df61214740da4152b571f8853af0bc\
		 a63ca9c0d2c6d5fbd7c54a8adbf086a0",
		"8905ddaaa46f8b989e43a8995acb3d1bc317a8963a08457cf114cf52b9ebf422\
		 9e43aed579bcdcfe9bca027752ef0e8196f43f5ff4b305ef66b37ff99e011402\
		 585bec67e9c43a6fc5bc8d5c567cae49",
	] {
		let sealed = text.parse().unwrap();
		assert_eq!(open(&known_secret(), &sealed), Some(known_key()));
	}
}

#[test]
fn nothing_can_be_sealed_to_points_of_low_order() {
	for key in low_order() {
		assert!(is_low_order(&key), "{key:?}");
	}
}

#[test]
fn boxes_with_an_ephemeral_key_of_low_order_hold_nothing() {
	let mut sealed = seal(&known_key(), &public_of(&known_secret()), 1);
	for key in low_order() {
		sealed.0[..32].copy_from_slice(&key);
		assert_eq!(open(&known_secret(), &sealed), None);
	}
}

proptest! {
	/// A public key that somebody has the secret of is one that can be sealed to.
	#[test]
	fn an_honest_recipient_is_never_refused_and_opens_its_box(
		secret: [u8; 32],
		key: [u8; 32],
		seed: u32,
	) {
		let public = public_of(&secret);
		prop_assert!(!is_low_order(&public));
		prop_assert_eq!(open(&secret, &seal(&key, &public, seed.into())), Some(key));
	}

	#[test]
	fn nobody_else_opens_a_box(secret: [u8; 32], other: [u8; 32], key: [u8; 32], seed: u32) {
		let public = public_of(&secret);
		prop_assume!(public != public_of(&other));
		prop_assert_eq!(open(&other, &seal(&key, &public, seed.into())), None);
	}

	/// The bit of the ephemeral key that X25519 ignores is bound by the nonce.
	#[test]
	fn a_box_that_was_changed_holds_nothing(
		secret: [u8; 32],
		key: [u8; 32],
		bit in 0usize..640,
	) {
		let mut sealed = seal(&key, &public_of(&secret), 9);
		sealed.0[bit / 8] ^= 1 << (bit % 8);
		prop_assert_eq!(open(&secret, &sealed), None);
	}

	#[test]
	fn any_bytes_are_answered(secret: [u8; 32], bytes in prop::collection::vec(any::<u8>(), 80)) {
		prop_assert_eq!(open(&secret, &SealedKey(bytes.try_into().unwrap())), None);
	}
}

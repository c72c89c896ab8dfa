//! The hash function, which a host may provide itself.

/// A 256-bit hash.
pub type Hash = [u8; 32];

/// BLAKE2b with 32 bytes of output, no key, salt or personalization.
pub trait Hasher {
	/// The hash of these bytes.
	fn hash(bytes: &[u8]) -> Hash;
}

/// The same, computed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blake2b256;

impl Hasher for Blake2b256 {
	fn hash(bytes: &[u8]) -> Hash {
		let found = blake2b_simd::Params::new().hash_length(32).hash(bytes);
		let mut hash = [0; 32];
		hash.iter_mut().zip(found.as_bytes()).for_each(|(to, from)| *to = *from);
		hash
	}
}

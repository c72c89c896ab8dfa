//! The hash function, which a host may provide itself.

/// A 256-bit hash.
pub type Hash = [u8; 32];

/// A hash function with 256 bits of output.
pub trait Hasher {
	/// The hash of the parts one after the other.
	fn hash(parts: &[&[u8]]) -> Hash;
}

/// BLAKE2b with 32 bytes of output, no key, salt or personalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blake2b256;

impl Hasher for Blake2b256 {
	fn hash(parts: &[&[u8]]) -> Hash {
		let mut state = blake2b_simd::Params::new().hash_length(32).to_state();
		parts.iter().for_each(|part| {
			state.update(part);
		});
		let mut hash = [0; 32];
		hash.iter_mut().zip(state.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
		hash
	}
}

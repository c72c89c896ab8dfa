//! Content that only its readers can read: it is encrypted here, under a key that the chain knows a
//! commitment to, and the key is handed out in sealed boxes. Nothing here talks to a chain.
//!
//! An encrypted file is a header and chunks, each of 65,536 bytes of content and a tag of 16; the
//! last is shorter, or empty:
//!
//! ```text
//! magic (8) · version (1) · bytes a chunk (4, little-endian) · nonce (19) · commitment (32) · chunks
//! ```
//!
//! Chunks are encrypted with XChaCha20-Poly1305 in the STREAM construction, which binds each to its
//! place and to whether it is the last, and the header is the associated data of all of them. So
//! what is changed, moved, cut or appended is found, and content of any size is read and written in
//! the memory of two chunks. The commitment says which key a file is for before anything is
//! decrypted, and binds the file to that one key.

use assay_primitives::{
	custody::{key_commitment, PublicKey, SealedKey, KEY_BYTES, SEALED_BYTES},
	Root,
};
use chacha20poly1305::{
	aead::stream::{NewStream, Nonce, StreamBE32, StreamPrimitive},
	Key, XChaCha20Poly1305,
};
use crypto_box::{
	aead::{rand_core::RngCore, OsRng},
	SecretKey,
};
use curve25519_dalek::{traits::IsIdentity, MontgomeryPoint};
use std::{
	fmt,
	io::{self, ErrorKind, Read, Write},
};
use zeroize::{Zeroize, Zeroizing};

mod file;

/// What an encrypted file starts with.
const MAGIC: [u8; 8] = *b"ASSAYENC";
/// The version of the format.
const VERSION: u8 = 1;
/// The bytes of content in each chunk but the last.
const CHUNK: usize = 65_536;
/// The bytes by which an encrypted chunk is longer.
const TAG: usize = 16;
/// The bytes of the nonce that all chunks of a file share.
const NONCE: usize = 19;
/// The bytes of the header.
const HEADER: usize = 64;

type Stream = StreamBE32<XChaCha20Poly1305>;

/// Why content cannot be encrypted or decrypted, or a key not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
	/// What is read from fails.
	#[error("cannot read: {0}")]
	Read(#[source] io::Error),
	/// What is written to fails.
	#[error("cannot write: {0}")]
	Write(#[source] io::Error),
	/// The file does not start as encrypted files do.
	#[error("this is no encrypted file")]
	NotEncrypted,
	/// The file is of a format that this client does not know.
	#[error("the file has format {found}, this client knows {VERSION}: use another release")]
	UnknownFormat {
		/// The version of the format.
		found: u8,
	},
	/// No file has chunks of this size.
	#[error("the header says that chunks have {found} bytes, not {CHUNK}")]
	ChunkSize {
		/// What the header says.
		found: u32,
	},
	/// The file is for another key.
	#[error("the file is for the key with the commitment {expected}")]
	WrongKey {
		/// The commitment in the header.
		expected: Root,
	},
	/// The file ends before its end.
	#[error("the file is cut off after {chunks} chunks")]
	Truncated {
		/// The chunks that are there, and whole.
		chunks: u32,
	},
	/// Something stands behind the end of the file.
	#[error("something was appended to the file after chunk {last}")]
	Appended {
		/// The number of the last chunk.
		last: u32,
	},
	/// The chunk at some place, or the header, is not what was written there.
	#[error("chunk {chunk} or the header was changed, moved, cut or appended to")]
	Altered {
		/// The number of the chunk.
		chunk: u32,
	},
	/// The content has more chunks than can be counted.
	#[error("the content is too long")]
	TooLong,
	/// Nothing can be sealed to the public key.
	#[error("nothing can be sealed to this public key")]
	InvalidRecipient,
	/// The box is not sealed to this key, or was changed.
	#[error("the box is sealed to another key, or was changed")]
	NotForUs,
	/// The box holds another key than was asked for.
	#[error("the box holds the key with the commitment {found}, not {expected}")]
	OtherKey {
		/// The commitment to the key that was asked for.
		expected: Root,
		/// That to the key in the box.
		found: Root,
	},
}

/// The key that content is encrypted with. It is wiped from memory when it is dropped, and nothing
/// prints it.
#[derive(Clone)]
pub struct ContentKey(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for ContentKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("ContentKey").field("commitment", &self.commitment()).finish_non_exhaustive()
	}
}

impl ContentKey {
	/// A new key.
	pub fn generate() -> Self {
		ContentKey(random())
	}

	/// The key with these bytes.
	pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
		ContentKey(Zeroizing::new(bytes))
	}

	/// The bytes of the key, to be kept secret.
	pub fn expose(&self) -> &[u8; KEY_BYTES] {
		&self.0
	}

	/// What the chain knows of the key.
	pub fn commitment(&self) -> Root {
		key_commitment(&self.0)
	}

	/// Encrypt all that is read.
	pub fn encrypt(
		&self,
		mut content: impl Read,
		mut encrypted: impl Write,
	) -> Result<(), ContentError> {
		let header = Header { nonce: *random(), commitment: self.commitment() }.encode();
		let stream = self.stream(&header);
		encrypted.write_all(&header).map_err(ContentError::Write)?;
		let (mut chunk, mut next) = (Vec::with_capacity(CHUNK + TAG), Vec::new());
		read_chunk(&mut content, &mut chunk, CHUNK)?;
		for number in 0..u32::MAX {
			// Whether a chunk is the last is known only when nothing follows.
			read_chunk(&mut content, &mut next, CHUNK)?;
			let last = next.is_empty();
			stream
				.encrypt_in_place(number, last, &header, &mut chunk)
				.map_err(|_| ContentError::TooLong)?;
			encrypted.write_all(&chunk).map_err(ContentError::Write)?;
			if last {
				return encrypted.flush().map_err(ContentError::Write);
			}
			std::mem::swap(&mut chunk, &mut next);
		}
		Err(ContentError::TooLong)
	}

	/// Decrypt a file. Each chunk is checked before a byte of it is written; what was written when
	/// a later one fails is part of the content, and not all of it.
	pub fn decrypt(
		&self,
		mut encrypted: impl Read,
		mut content: impl Write,
	) -> Result<(), ContentError> {
		let header = read_header(&mut encrypted)?;
		let Header { commitment, .. } = Header::decode(&header)?;
		if commitment != self.commitment() {
			return Err(ContentError::WrongKey { expected: commitment });
		}
		let stream = self.stream(&header);
		let (mut chunk, mut next) = (Vec::with_capacity(CHUNK + TAG), Vec::new());
		read_chunk(&mut encrypted, &mut chunk, CHUNK + TAG)?;
		for number in 0..u32::MAX {
			read_chunk(&mut encrypted, &mut next, CHUNK + TAG)?;
			let last = next.is_empty();
			if stream.decrypt_in_place(number, last, &header, &mut chunk).is_err() {
				return Err(fault(&stream, &header, number, last, chunk));
			}
			content.write_all(&chunk).map_err(ContentError::Write)?;
			if last {
				return content.flush().map_err(ContentError::Write);
			}
			std::mem::swap(&mut chunk, &mut next);
		}
		Err(ContentError::TooLong)
	}

	fn stream(&self, header: &[u8; HEADER]) -> Stream {
		let nonce = Nonce::<XChaCha20Poly1305, Stream>::from_slice(&header[13..13 + NONCE]);
		Stream::new(Key::from_slice(&self.0[..]), nonce)
	}

	/// Seal the key so that only whoever has the secret to a public key can open it.
	pub fn seal_to(&self, recipient: &PublicKey) -> Result<SealedKey, ContentError> {
		// To such a key, everybody could open it.
		if MontgomeryPoint(*recipient).mul_clamped([0; KEY_BYTES]).is_identity() {
			return Err(ContentError::InvalidRecipient);
		}
		let recipient = crypto_box::PublicKey::from(*recipient);
		let sealed = recipient.seal(&mut OsRng, &*self.0).ok();
		let sealed: Option<[u8; SEALED_BYTES]> = sealed.and_then(|bytes| bytes.try_into().ok());
		sealed.map(SealedKey).ok_or(ContentError::InvalidRecipient)
	}
}

/// The secret of one request for a key. It is made for this request and used for no other: if a
/// custodian delivers something else than the key, the secret is revealed to show it. It is wiped
/// from memory when it is dropped, and nothing prints it.
pub struct RequestSecret(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for RequestSecret {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("RequestSecret").finish_non_exhaustive()
	}
}

impl RequestSecret {
	/// A new secret.
	pub fn generate() -> Self {
		RequestSecret(random())
	}

	/// The secret with these bytes.
	pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
		RequestSecret(Zeroizing::new(bytes))
	}

	/// The bytes of the secret: to be kept until the request has ended, and to be shown to the chain
	/// only with a complaint that [`RequestSecret::open`] is the reason for.
	pub fn expose(&self) -> &[u8; KEY_BYTES] {
		&self.0
	}

	/// What a key is sealed to.
	pub fn public(&self) -> PublicKey {
		SecretKey::from(*self.0).public_key().to_bytes()
	}

	/// Open what was delivered for a request for the key with this commitment.
	///
	/// Both errors, [`ContentError::NotForUs`] and [`ContentError::OtherKey`], are reasons to
	/// complain, once the delivery is final.
	pub fn open(&self, sealed: &SealedKey, commitment: Root) -> Result<ContentKey, ContentError> {
		let mut opened =
			SecretKey::from(*self.0).unseal(&sealed.0).map_err(|_| ContentError::NotForUs)?;
		let key = <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map(ContentKey::from_bytes);
		opened.zeroize();
		let key = key.map_err(|_| ContentError::NotForUs)?;
		match key.commitment() {
			found if found == commitment => Ok(key),
			found => Err(ContentError::OtherKey { expected: commitment, found }),
		}
	}
}

/// What the header says besides what is always the same.
struct Header {
	nonce: [u8; NONCE],
	commitment: Root,
}

impl Header {
	fn encode(&self) -> [u8; HEADER] {
		let mut header = [0; HEADER];
		header[..8].copy_from_slice(&MAGIC);
		header[8] = VERSION;
		header[9..13].copy_from_slice(&(CHUNK as u32).to_le_bytes());
		header[13..32].copy_from_slice(&self.nonce);
		header[32..].copy_from_slice(&self.commitment.0);
		header
	}

	fn decode(header: &[u8; HEADER]) -> Result<Self, ContentError> {
		if header[..8] != MAGIC {
			return Err(ContentError::NotEncrypted);
		}
		if header[8] != VERSION {
			return Err(ContentError::UnknownFormat { found: header[8] });
		}
		let mut size = [0; 4];
		size.copy_from_slice(&header[9..13]);
		let found = u32::from_le_bytes(size);
		if found as usize != CHUNK {
			return Err(ContentError::ChunkSize { found });
		}
		let (mut nonce, mut commitment) = ([0; NONCE], [0; 32]);
		nonce.copy_from_slice(&header[13..32]);
		commitment.copy_from_slice(&header[32..]);
		Ok(Header { nonce, commitment: Root(commitment) })
	}
}

/// The commitment to the key that an encrypted file is for. Only its header is read.
pub fn commitment_of(mut encrypted: impl Read) -> Result<Root, ContentError> {
	Ok(Header::decode(&read_header(&mut encrypted)?)?.commitment)
}

fn random<const N: usize>() -> Zeroizing<[u8; N]> {
	let mut bytes = Zeroizing::new([0; N]);
	OsRng.fill_bytes(&mut bytes[..]);
	bytes
}

fn read_header(encrypted: &mut impl Read) -> Result<[u8; HEADER], ContentError> {
	let mut bytes = Vec::with_capacity(HEADER);
	read_chunk(encrypted, &mut bytes, HEADER)?;
	let starts_well = bytes.iter().zip(&MAGIC).all(|(found, expected)| found == expected);
	match <[u8; HEADER]>::try_from(bytes) {
		Ok(header) => Ok(header),
		Err(bytes) if starts_well && bytes.len() >= MAGIC.len() => {
			Err(ContentError::Truncated { chunks: 0 })
		},
		Err(_) => Err(ContentError::NotEncrypted),
	}
}

/// Read so many bytes in place of what was there, or as many as there are.
fn read_chunk(from: &mut impl Read, chunk: &mut Vec<u8>, bytes: usize) -> Result<(), ContentError> {
	chunk.resize(bytes, 0);
	let mut filled = 0;
	while filled < bytes {
		match from.read(&mut chunk[filled..]) {
			Ok(0) => break,
			Ok(count) => filled += count,
			Err(error) if error.kind() == ErrorKind::Interrupted => {},
			Err(error) => return Err(ContentError::Read(error)),
		}
	}
	chunk.truncate(filled);
	Ok(())
}

/// Why a chunk does not open at the place where it stands. A chunk that is whole opens with the other
/// answer to whether it is the last: if it should be and is not, the rest is missing; if it is and
/// should not be, there is too much.
fn fault(
	stream: &Stream,
	header: &[u8; HEADER],
	number: u32,
	last: bool,
	mut chunk: Vec<u8>,
) -> ContentError {
	if chunk.len() < TAG {
		return ContentError::Truncated { chunks: number };
	}
	let whole = stream.decrypt_in_place(number, !last, header, &mut chunk).is_ok();
	chunk.zeroize();
	match (whole, last) {
		(true, true) => ContentError::Truncated { chunks: number.saturating_add(1) },
		(true, false) => ContentError::Appended { last: number },
		(false, _) => ContentError::Altered { chunk: number },
	}
}

#[cfg(test)]
mod tests;

//! Keys and secrets in files: 64 hexadecimal digits, in a file that is its owner's alone.

use super::{ContentKey, RequestSecret};
use crate::{
	keys::{read_private, write_private},
	Error,
};
use assay_primitives::custody::KEY_BYTES;
use std::path::Path;
use zeroize::Zeroizing;

impl ContentKey {
	/// The key in a file. The file must be its owner's alone.
	pub fn from_file(path: &Path) -> Result<Self, Error> {
		read(path).map(ContentKey)
	}

	/// Write the key to a new file that only its owner may read.
	///
	/// An existing file is never overwritten.
	pub fn create_file(&self, path: &Path) -> Result<(), Error> {
		write(path, &self.0)
	}
}

impl RequestSecret {
	/// The secret in a file. The file must be its owner's alone.
	pub fn from_file(path: &Path) -> Result<Self, Error> {
		read(path).map(RequestSecret)
	}

	/// Write the secret to a new file that only its owner may read.
	///
	/// An existing file is never overwritten.
	pub fn create_file(&self, path: &Path) -> Result<(), Error> {
		write(path, &self.0)
	}
}

fn read(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>, Error> {
	let text = read_private(path)?;
	let mut bytes = Zeroizing::new([0; KEY_BYTES]);
	hex::decode_to_slice(text.trim(), &mut bytes[..]).map_err(|_| Error::KeyFile {
		path: path.into(),
		// What the decoder says would repeat a part of what may be a secret of another kind.
		reason: "it holds no key of 64 hexadecimal digits".into(),
	})?;
	Ok(bytes)
}

fn write(path: &Path, bytes: &[u8; KEY_BYTES]) -> Result<(), Error> {
	let mut digits = Zeroizing::new([0; 2 * KEY_BYTES]);
	let encoded = hex::encode_to_slice(bytes, &mut digits[..]);
	debug_assert_eq!(encoded, Ok(()), "a byte has two digits");
	write_private(path, &digits[..])
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::{fs, path::PathBuf};

	fn scratch(name: &str) -> PathBuf {
		std::env::temp_dir().join(format!("assay-content-{}-{name}", std::process::id()))
	}

	#[test]
	fn a_key_is_written_once_and_read_again() {
		let (path, key) = (scratch("key"), ContentKey::from_bytes([0xa5; KEY_BYTES]));
		key.create_file(&path).unwrap();
		assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", "a5".repeat(32)));
		assert_eq!(ContentKey::from_file(&path).unwrap().expose(), key.expose());
		let again = ContentKey::generate().create_file(&path);
		assert!(matches!(again, Err(Error::KeyFile { .. })));
		assert_eq!(ContentKey::from_file(&path).unwrap().expose(), key.expose());
		fs::remove_file(path).unwrap();
	}

	#[test]
	fn the_secret_of_a_request_outlives_the_process_that_made_it() {
		let (path, secret) = (scratch("secret"), RequestSecret::generate());
		secret.create_file(&path).unwrap();
		assert_eq!(RequestSecret::from_file(&path).unwrap().public(), secret.public());
		fs::remove_file(path).unwrap();
	}

	#[cfg(unix)]
	#[test]
	fn a_key_that_others_may_read_is_neither_written_nor_read() {
		use std::os::unix::fs::PermissionsExt;

		let path = scratch("mode");
		ContentKey::generate().create_file(&path).unwrap();
		let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode, 0o600);
		fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
		let read = ContentKey::from_file(&path);
		assert!(matches!(read, Err(Error::KeyFileExposed { mode: 0o604, .. })));
		fs::remove_file(path).unwrap();
	}

	#[test]
	fn a_file_that_holds_something_else_is_refused_without_being_repeated() {
		let path = scratch("other");
		for text in ["my secret words", "", &"ab".repeat(31), &"zz".repeat(32)] {
			crate::keys::write_private(&path, text.as_bytes()).unwrap();
			let error = ContentKey::from_file(&path).unwrap_err();
			let said = format!("{error} {error:?}");
			assert!(said.contains("64 hexadecimal digits"), "{said}");
			assert!(text.is_empty() || !said.contains(text), "{said}");
			fs::remove_file(&path).unwrap();
		}
	}
}

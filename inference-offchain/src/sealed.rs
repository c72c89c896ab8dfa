//! Credentials of leases, sealed to the key of a tenant: X25519 sealed boxes, as libsodium's.
//!
//! A tenant's key is a file of 64 hexadecimal digits that only its owner may read. Nothing here
//! prints a secret.

use crypto_box::{aead::OsRng, PublicKey, SecretKey};
use std::{fs, io::Write, path::Path};

/// Why something cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
	/// The file of a key cannot be made or used.
	#[error("{path}: {reason}")]
	KeyFile {
		/// The file.
		path: String,
		/// What is wrong with it.
		reason: String,
	},
	/// Nothing can be sealed to a key.
	#[error("nothing can be sealed to this key")]
	BadKey,
	/// What is sealed is not sealed to this key, or was changed.
	#[error("it is sealed to another key, or was changed")]
	NotForUs,
}

/// The key of a tenant.
pub struct TenantKey(SecretKey);

impl TenantKey {
	/// The key in a file; a new one, written there, if there is no file.
	pub fn load_or_create(path: &Path) -> Result<Self, SealError> {
		if path.exists() {
			return Self::load(path);
		}
		let fail = |error: std::io::Error| key_file(path, error.to_string());
		if let Some(folder) = path.parent() {
			fs::create_dir_all(folder).map_err(fail)?;
		}
		let key = SecretKey::generate(&mut OsRng);
		let mut options = fs::OpenOptions::new();
		options.write(true).create_new(true);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let mut file = options.open(path).map_err(fail)?;
		writeln!(file, "{}", hex::encode(key.to_bytes())).map_err(fail)?;
		file.sync_all().map_err(fail)?;
		Ok(TenantKey(key))
	}

	/// The key in a file.
	pub fn load(path: &Path) -> Result<Self, SealError> {
		let fail = |reason: String| key_file(path, reason);
		let metadata = fs::metadata(path).map_err(|error| fail(error.to_string()))?;
		check_mode(&metadata).map_err(&fail)?;
		let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
		let mut bytes = [0; 32];
		hex::decode_to_slice(text.trim(), &mut bytes)
			.map_err(|_| fail("it holds no key of 64 hexadecimal digits".into()))?;
		Ok(TenantKey(SecretKey::from(bytes)))
	}

	/// What others seal to.
	pub fn public(&self) -> [u8; 32] {
		*self.0.public_key().as_bytes()
	}

	/// Open what is sealed to this key.
	pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
		self.0.unseal(sealed).map_err(|_| SealError::NotForUs)
	}
}

/// Seal something so that only whoever has the secret to a public key can open it.
pub fn seal(public: [u8; 32], plain: &[u8]) -> Result<Vec<u8>, SealError> {
	PublicKey::from(public).seal(&mut OsRng, plain).map_err(|_| SealError::BadKey)
}

/// The bytes by which what is sealed is longer.
pub const SEAL_OVERHEAD: usize = crypto_box::SEALBYTES;

fn key_file(path: &Path, reason: String) -> SealError {
	SealError::KeyFile { path: path.display().to_string(), reason }
}

#[cfg(unix)]
fn check_mode(metadata: &fs::Metadata) -> Result<(), String> {
	use std::os::unix::fs::PermissionsExt;

	match metadata.permissions().mode() & 0o777 {
		mode if mode & 0o077 == 0 => Ok(()),
		mode => Err(format!("others may read it (mode {mode:o}): chmod 600")),
	}
}

#[cfg(not(unix))]
fn check_mode(_: &fs::Metadata) -> Result<(), String> {
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn key(folder: &tempfile::TempDir, name: &str) -> TenantKey {
		TenantKey::load_or_create(&folder.path().join(name)).unwrap()
	}

	#[test]
	fn only_the_tenant_opens_what_is_sealed_to_it() {
		let folder = tempfile::tempdir().unwrap();
		let (tenant, other) = (key(&folder, "keys/a"), key(&folder, "keys/b"));
		let mut sealed = seal(tenant.public(), b"user:secret").unwrap();
		assert_eq!(sealed.len(), b"user:secret".len() + SEAL_OVERHEAD);
		assert_eq!(tenant.open(&sealed).unwrap(), b"user:secret");
		assert!(matches!(other.open(&sealed), Err(SealError::NotForUs)));
		sealed[40] ^= 1;
		assert!(matches!(tenant.open(&sealed), Err(SealError::NotForUs)));
		assert!(tenant.open(&sealed[..20]).is_err());
	}

	#[test]
	fn a_key_is_made_once_and_read_again() {
		let folder = tempfile::tempdir().unwrap();
		let first = key(&folder, "tenant").public();
		assert_eq!(key(&folder, "tenant").public(), first);
	}

	#[cfg(unix)]
	#[test]
	fn a_key_that_others_may_read_is_refused() {
		use std::os::unix::fs::PermissionsExt;

		let folder = tempfile::tempdir().unwrap();
		key(&folder, "tenant");
		let path = folder.path().join("tenant");
		let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode, 0o600);
		fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
		assert!(matches!(TenantKey::load(&path), Err(SealError::KeyFile { .. })));
	}

	#[test]
	fn a_file_without_a_key_is_refused_without_being_repeated() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("tenant");
		fs::write(&path, "my secret words").unwrap();
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		}
		let error = TenantKey::load(&path).err().unwrap().to_string();
		assert!(!error.contains("my secret"), "{error}");
	}
}

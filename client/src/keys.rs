//! Keys and accounts: where secrets come from, and how accounts are written.

use crate::Error;
use assay_primitives::AccountId;
use sp_core::crypto::{Ss58AddressFormat, Ss58Codec};
use std::{
	fs,
	io::{self, Write},
	path::Path,
	str::FromStr,
};
use subxt_signer::{ExposeSecret, SecretString, SecretUri};
use zeroize::Zeroizing;

pub use subxt_signer::sr25519::Keypair;

/// The SS58 prefix in which accounts are written.
pub const SS58_PREFIX: u16 = 42;

/// The most bytes of a key file. A phrase of 24 words with a path stays far below.
const MOST_KEY_BYTES: u64 = 4096;

/// The key of a secret URI: a phrase, a `0x` seed or a development path like `//Alice`, with
/// derivations.
pub fn from_uri(uri: &str) -> Result<Keypair, Error> {
	let uri = SecretUri::from_str(uri.trim())
		.map_err(|error| Error::Key { reason: error.to_string() })?;
	Keypair::from_uri(&uri).map_err(|error| Error::Key { reason: error.to_string() })
}

/// The key of a file that holds a secret URI, as it is or in double quotes as in a node's
/// keystore. The file must be its owner's alone.
pub fn from_file(path: &Path) -> Result<Keypair, Error> {
	let text = read_private(path)?;
	let uri = text.trim();
	let quoted = uri.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
	let fail = |error: Error| Error::KeyFile { path: path.into(), reason: error.to_string() };
	from_uri(quoted.unwrap_or(uri)).map_err(fail)
}

/// The text of a file that holds one secret and is its owner's alone.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<String>, Error> {
	let fail = |reason: String| Error::KeyFile { path: path.into(), reason };
	let metadata = fs::metadata(path).map_err(|error| fail(error.to_string()))?;
	check_mode(path, &metadata)?;
	if !metadata.is_file() || metadata.len() > MOST_KEY_BYTES {
		return Err(fail("not a file that holds one secret".into()));
	}
	fs::read_to_string(path).map(Zeroizing::new).map_err(|error| fail(error.to_string()))
}

/// Write a secret to a new file that only its owner may read, and end it with the end of a line. If
/// that fails, there is no file.
pub(crate) fn write_private(path: &Path, secret: &[u8]) -> Result<(), Error> {
	let fail = |error: io::Error| Error::KeyFile { path: path.into(), reason: error.to_string() };
	let mut options = fs::OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(path).map_err(fail)?;
	let written =
		file.write_all(secret).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all());
	written.map_err(|error| {
		// What is there of it is of no use, and would be in the way of the next attempt.
		let _ = fs::remove_file(path);
		fail(error)
	})
}

/// Make a new key and write its phrase to a file that only its owner may read.
///
/// An existing file is never overwritten.
pub fn create_file(path: &Path) -> Result<Keypair, Error> {
	use sp_core::Pair;

	let (_, phrase, _) = sp_core::sr25519::Pair::generate_with_phrase(None);
	let phrase = SecretString::from(phrase);
	write_private(path, phrase.expose_secret().as_bytes())?;
	from_uri(phrase.expose_secret())
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), Error> {
	use std::os::unix::fs::PermissionsExt;

	let mode = metadata.permissions().mode() & 0o777;
	if mode & 0o077 == 0 {
		Ok(())
	} else {
		Err(Error::KeyFileExposed { path: path.into(), mode })
	}
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), Error> {
	Ok(())
}

/// The account that a key signs for.
pub fn account(key: &Keypair) -> AccountId {
	AccountId::new(key.public_key().0)
}

/// An account as people write it.
pub fn to_ss58(account: &AccountId) -> String {
	account.to_ss58check_with_version(Ss58AddressFormat::custom(SS58_PREFIX))
}

/// The account of an SS58 address with the chain's prefix or of `0x` and 64 hexadecimal digits.
pub fn parse_account(text: &str) -> Result<AccountId, Error> {
	let fail = |reason: String| Error::Account { text: text.into(), reason };
	if let Some(digits) = text.strip_prefix("0x") {
		let mut bytes = [0; 32];
		hex::decode_to_slice(digits, &mut bytes).map_err(|error| fail(error.to_string()))?;
		return Ok(AccountId::new(bytes));
	}
	let (account, prefix) = AccountId::from_ss58check_with_version(text)
		.map_err(|error| fail(format!("no SS58 address ({error:?})")))?;
	if prefix != Ss58AddressFormat::custom(SS58_PREFIX) {
		let found = u16::from(prefix);
		return Err(fail(format!("of another network (prefix {found}, not {SS58_PREFIX})")));
	}
	Ok(account)
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	const ALICE_HEX: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

	fn scratch(name: &str) -> std::path::PathBuf {
		std::env::temp_dir().join(format!("assay-keys-{}-{name}", std::process::id()))
	}

	#[test]
	fn development_uris_give_the_known_accounts() {
		assert_eq!(to_ss58(&account(&from_uri("//Alice").unwrap())), ALICE);
	}

	#[test]
	fn accounts_are_parsed_from_both_forms() {
		assert_eq!(parse_account(ALICE).unwrap(), parse_account(ALICE_HEX).unwrap());
	}

	#[test]
	fn text_that_is_no_account_is_refused() {
		// The last is Alice's on Polkadot, prefix 0.
		for text in [
			"",
			"0x",
			"0xzz",
			"alice",
			&ALICE[1..],
			"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
		] {
			assert!(matches!(parse_account(text), Err(Error::Account { .. })), "{text:?}");
		}
	}

	#[test]
	fn a_bad_secret_is_refused_without_being_repeated() {
		let error = from_uri("my secret words").unwrap_err();
		assert!(matches!(error, Error::Key { .. }));
		assert!(!error.to_string().contains("my secret"));
	}

	#[cfg(unix)]
	#[test]
	fn a_key_file_that_others_may_read_is_refused() {
		use std::os::unix::fs::PermissionsExt;

		let path = scratch("mode");
		fs::write(&path, "//Bob\n").unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
		assert!(matches!(from_file(&path), Err(Error::KeyFileExposed { mode: 0o640, .. })));
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		assert_eq!(account(&from_file(&path).unwrap()), account(&from_uri("//Bob").unwrap()));
		fs::remove_file(path).unwrap();
	}

	#[cfg(unix)]
	#[test]
	fn a_file_of_a_keystore_is_read() {
		use std::os::unix::fs::PermissionsExt;

		let path = scratch("keystore");
		fs::write(&path, "\"//Bob\"").unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		assert_eq!(account(&from_file(&path).unwrap()), account(&from_uri("//Bob").unwrap()));
		fs::remove_file(path).unwrap();
	}

	#[test]
	fn a_created_key_file_can_be_read_and_is_not_overwritten() {
		let path = scratch("new");
		let key = create_file(&path).unwrap();
		assert_eq!(account(&from_file(&path).unwrap()), account(&key));
		assert!(matches!(create_file(&path), Err(Error::KeyFile { .. })));
		fs::remove_file(path).unwrap();
	}
}

//! What is in the folder, and what is not used of it.

use super::*;
use tempfile::TempDir;

const ASSET: AssetId = AssetId(7);

/// A folder with a key for the asset.
fn folder() -> (TempDir, ContentKey) {
	let folder = tempfile::tempdir().unwrap();
	let key = ContentKey::generate();
	key.create_file(&folder.path().join("7-meters.key")).unwrap();
	(folder, key)
}

fn is(found: Option<ContentKey>, key: &ContentKey) -> bool {
	found.is_some_and(|found| found.expose() == key.expose())
}

#[test]
fn a_file_is_for_the_asset_that_it_is_named_after() {
	let named = |name: &str| asset_of(Path::new("/keys").join(name).as_path());
	for name in ["7", "7.key", "7-meters.key", "7-2025.key", "7."] {
		assert_eq!(named(name), Some(ASSET), "{name}");
	}
	let commitment = "7".repeat(64);
	for name in ["", "key", "key-7", "07", "+7", "-7", "7meters", "99999999999", &commitment] {
		assert_eq!(named(name), None, "{name}");
	}
}

#[test]
fn a_key_is_found_by_its_commitment() {
	let (folder, key) = folder();
	let keys = KeyFolder::open(folder.path()).unwrap();
	assert!(is(keys.key_of(ASSET, key.commitment()), &key));
	assert!(is(keys.key(key.commitment()), &key));
	assert!(keys.key_of(ASSET, ContentKey::generate().commitment()).is_none());
	assert!(keys.key(ContentKey::generate().commitment()).is_none());
}

/// Somebody registers an asset under the commitment of another's.
#[test]
fn a_key_is_not_used_for_another_asset_with_the_same_commitment() {
	let (folder, key) = folder();
	let keys = KeyFolder::open(folder.path()).unwrap();
	assert!(keys.key_of(AssetId(8), key.commitment()).is_none());
	let unnamed = ContentKey::generate();
	unnamed.create_file(&folder.path().join(unnamed.commitment().to_string())).unwrap();
	keys.refresh().unwrap();
	assert!(is(keys.key(unnamed.commitment()), &unnamed));
	for asset in [AssetId(0), ASSET] {
		assert!(keys.key_of(asset, unnamed.commitment()).is_none());
	}
}

#[test]
fn files_that_come_change_and_go_are_noticed() {
	let (folder, first) = folder();
	let keys = KeyFolder::open(folder.path()).unwrap();
	let (second, path) = (ContentKey::generate(), folder.path().join("8"));
	second.create_file(&path).unwrap();
	assert!(keys.key(second.commitment()).is_none());
	keys.refresh().unwrap();
	assert!(is(keys.key_of(AssetId(8), second.commitment()), &second));
	// What lies there is another key before the folder is looked at again.
	fs::remove_file(&path).unwrap();
	first.create_file(&path).unwrap();
	assert!(keys.key(second.commitment()).is_none());
	fs::remove_file(&path).unwrap();
	keys.refresh().unwrap();
	assert!(keys.key_of(AssetId(8), first.commitment()).is_none());
	assert!(is(keys.key_of(ASSET, first.commitment()), &first));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_not_used_until_they_may_not() {
	use std::os::unix::fs::PermissionsExt;

	let (folder, key) = folder();
	let path = folder.path().join("7-meters.key");
	let set = |mode| fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
	set(0o640);
	let keys = KeyFolder::open(folder.path()).unwrap();
	assert!(keys.key_of(ASSET, key.commitment()).is_none());
	assert!(keys.key(key.commitment()).is_none());
	set(0o600);
	keys.refresh().unwrap();
	assert!(is(keys.key_of(ASSET, key.commitment()), &key));
	// From the moment on that others may read it, and not from the next look on.
	set(0o604);
	assert!(keys.key(key.commitment()).is_none());
}

#[test]
fn what_is_no_key_is_left_out() {
	let (folder, key) = folder();
	fs::create_dir(folder.path().join("8")).unwrap();
	key.create_file(&folder.path().join(".9")).unwrap();
	fs::write(folder.path().join("10"), "my secret words").unwrap();
	let keys = KeyFolder::open(folder.path()).unwrap();
	assert_eq!(keys.count(), 1);
	for asset in [8, 9, 10] {
		assert!(keys.key_of(AssetId(asset), key.commitment()).is_none());
	}
	assert!(is(keys.key_of(ASSET, key.commitment()), &key));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
	let (folder, _) = folder();
	let opened = KeyFolder::open(folder.path().join("none"));
	assert!(matches!(opened, Err(Error::KeyFolder { .. })));
}

#[test]
fn a_folder_is_printed_without_its_keys() {
	let (folder, key) = folder();
	let printed = format!("{:?}", KeyFolder::open(folder.path()).unwrap());
	assert!(printed.contains("7-meters.key"), "{printed}");
	for secret in [hex::encode(key.expose()), format!("{:?}", key.expose())] {
		assert!(!printed.contains(&secret), "{printed}");
	}
}

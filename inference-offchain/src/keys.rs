//! The folder of content keys: one key a file, which only its owner may read.
//!
//! What the chain knows of a key is a commitment, which is public: anybody can register an asset under
//! the commitment of somebody else's, and appoint the same custodian. So a key is used of its own
//! accord only for the asset that its file is named after: `7`, `7.key` and `7-meters.key` are for the
//! asset 7. The key of a file with another name is handed out where the operator has accepted by hand
//! to keep it, and used for nothing else.
//!
//! Only commitments are kept in memory. A key is read when it is needed, and forgotten.

use crate::Error;
use assay_client::content::ContentKey;
use assay_primitives::{AssetId, Root};
use std::{
	collections::BTreeMap,
	fs::{self, Metadata, Permissions},
	io,
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
	time::SystemTime,
};

/// The keys of a folder.
#[derive(Debug)]
pub struct KeyFolder {
	folder: PathBuf,
	files: Mutex<BTreeMap<PathBuf, KeyFile>>,
}

/// What is known of a file.
#[derive(Debug)]
struct KeyFile {
	stamp: Stamp,
	/// The asset that it is named after.
	asset: Option<AssetId>,
	/// The commitment to its key; `None` if it cannot be used.
	commitment: Option<Root>,
}

/// What changes when a file does.
#[derive(PartialEq, Eq, Debug)]
struct Stamp {
	modified: Option<SystemTime>,
	length: u64,
	permissions: Permissions,
}

impl Stamp {
	fn of(metadata: &Metadata) -> Self {
		Stamp {
			modified: metadata.modified().ok(),
			length: metadata.len(),
			permissions: metadata.permissions(),
		}
	}
}

impl KeyFolder {
	/// Open a folder, and see what is in it.
	pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
		let keys = KeyFolder { folder: folder.into(), files: Mutex::default() };
		keys.refresh().map_err(|error| Error::KeyFolder {
			path: keys.folder.clone(),
			reason: error.to_string(),
		})?;
		Ok(keys)
	}

	/// See what is new in the folder. A file that cannot be used is told of once.
	pub fn refresh(&self) -> io::Result<()> {
		let mut found = BTreeMap::new();
		let mut files = self.files();
		for entry in fs::read_dir(&self.folder)? {
			let path = entry?.path();
			// What was removed meanwhile is not there.
			let Ok(metadata) = fs::metadata(&path) else { continue };
			if metadata.is_file() && !is_hidden(&path) {
				let stamp = Stamp::of(&metadata);
				let known = files.remove(&path).filter(|known| known.stamp == stamp);
				found.insert(path.clone(), known.unwrap_or_else(|| KeyFile::read(&path, stamp)));
			}
		}
		*files = found;
		Ok(())
	}

	/// How many of the files can be used.
	pub fn count(&self) -> usize {
		self.files().values().filter(|file| file.commitment.is_some()).count()
	}

	/// The key with this commitment, if the folder has it for this very asset.
	pub fn key_of(&self, asset: AssetId, commitment: Root) -> Option<ContentKey> {
		self.find(commitment, |file| file.asset == Some(asset))
	}

	/// The key with this commitment, for whoever may have it by what the chain says.
	pub fn key(&self, commitment: Root) -> Option<ContentKey> {
		self.find(commitment, |_| true)
	}

	fn find(&self, commitment: Root, admits: impl Fn(&KeyFile) -> bool) -> Option<ContentKey> {
		let files = self.files();
		let wanted = files.iter().filter(|(_, file)| file.commitment == Some(commitment));
		let mut paths = wanted.filter(|(_, file)| admits(file)).map(|(path, _)| path);
		// It may be another one by now.
		paths.find_map(|path| read(path).filter(|key| key.commitment() == commitment))
	}

	/// The map is whole at any time, so a poisoned lock is as good as any.
	fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, KeyFile>> {
		self.files.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl KeyFile {
	fn read(path: &Path, stamp: Stamp) -> Self {
		let asset = asset_of(path);
		let commitment = read(path).map(|key| key.commitment());
		if let Some(commitment) = commitment {
			let (file, asset) = (path.display(), asset.map(|asset| asset.0));
			tracing::info!(target: "worker::keys", %file, asset, %commitment, "there is a key");
		}
		KeyFile { stamp, asset, commitment }
	}
}

/// The key in a file. The error names the file, and nothing that is in it.
fn read(path: &Path) -> Option<ContentKey> {
	ContentKey::from_file(path)
		.inspect_err(|error| tracing::error!(target: "worker::keys", %error, "a key is not used"))
		.ok()
}

fn is_hidden(path: &Path) -> bool {
	path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The asset that a file is named after: its number, alone or before a dot or a hyphen.
fn asset_of(path: &Path) -> Option<AssetId> {
	let name = path.file_name()?.to_str()?;
	let number = name.split(['.', '-']).next()?;
	let asset: AssetId = number.parse().ok()?;
	// A commitment in hexadecimal digits may begin like a number, and `+7` and `07` are none.
	(asset.to_string() == number).then_some(asset)
}

#[cfg(test)]
mod tests;

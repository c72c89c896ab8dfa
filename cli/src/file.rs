//! Files that others may have made, whose size is bounded before they are read, and files that are
//! written whole or not at all.

use crate::failure::Failure;
use std::{
	fs::{self, File},
	io::Read,
	path::{Path, PathBuf},
};

/// The bytes of a regular file of at most `most` bytes, or what is wrong with which file.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
	let fail = |error| format!("cannot read {}: {error}", path.display());
	let large = |size| format!("{} has {size} bytes, more than {most}", path.display());
	// Asked of the path: opening a pipe would wait for its other end.
	let metadata = fs::metadata(path).map_err(fail)?;
	if !metadata.is_file() {
		return Err(format!("{} is no file", path.display()));
	}
	if metadata.len() > most {
		return Err(large(metadata.len()));
	}
	// It may have grown since, and some files have no size.
	let mut bytes = Vec::new();
	let file = File::open(path).map_err(fail)?;
	let size = file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)? as u64;
	if size > most {
		return Err(large(size));
	}
	Ok(bytes)
}

/// Fail if there is a file already.
pub fn ensure_new(path: &Path) -> Result<(), Failure> {
	// A link that leads nowhere is something, too.
	if fs::symlink_metadata(path).is_err() {
		return Ok(());
	}
	Err(Failure::new("file", format!("{} exists already", path.display()))
		.help("name another file: none is overwritten"))
}

/// Write a new file, which its owner alone may read if it is private. If that fails, there is no
/// file.
pub fn create(
	path: &Path,
	private: bool,
	write: impl FnOnce(&File) -> Result<(), Failure>,
) -> Result<(), Failure> {
	let fail = |error| Failure::new("file", format!("cannot write {}: {error}", path.display()));
	ensure_new(path)?;
	let mut options = fs::OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, if private { 0o600 } else { 0o666 });
	let file = options.open(path).map_err(fail)?;
	let written = write(&file).and_then(|()| file.sync_all().map_err(fail));
	if written.is_err() {
		// What is there of it is of no use, and would be in the way of the next attempt.
		let _ = fs::remove_file(path);
	}
	written
}

/// A file beside another, with an ending more.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
	let mut name = path.as_os_str().to_owned();
	name.push(ending);
	name.into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io::Write;

	#[test]
	fn a_file_is_read_up_to_its_bound() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("x");
		fs::write(&path, [1, 2, 3]).unwrap();
		assert_eq!(read(&path, 3), Ok(vec![1, 2, 3]));
		let error = read(&path, 2).unwrap_err();
		assert!(error.contains("x has 3 bytes, more than 2"), "{error}");
	}

	#[test]
	fn a_file_is_made_whole_or_not_at_all_and_never_overwritten() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("x");
		let fails = |mut file: &File| {
			file.write_all(b"half").unwrap();
			Err(Failure::new("file", "no room"))
		};
		assert!(create(&path, false, fails).is_err() && !path.exists());
		let whole = |text: &'static [u8]| {
			move |mut file: &File| {
				file.write_all(text).unwrap();
				Ok(())
			}
		};
		create(&path, true, whole(b"one")).unwrap();
		let text = create(&path, true, whole(b"two")).unwrap_err().to_text();
		assert!(text.contains("exists already"), "{text}");
		assert_eq!(fs::read(&path).unwrap(), b"one");
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		}
		assert_eq!(beside(&path, ".request"), folder.path().join("x.request"));
	}

	#[test]
	fn what_is_no_file_is_refused_by_its_name() {
		let folder = tempfile::tempdir().unwrap();
		assert!(read(folder.path(), 9).unwrap_err().ends_with("is no file"));
		assert!(read(&folder.path().join("absent"), 9).unwrap_err().contains("absent"));
		#[cfg(unix)]
		assert!(read(Path::new("/dev/zero"), 9).unwrap_err().contains("/dev/zero is no file"));
	}
}

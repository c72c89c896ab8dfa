//! Files that others may have made: their size is bounded before they are read.

use std::{
	fs::{self, File},
	io::Read,
	path::Path,
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

#[cfg(test)]
mod tests {
	use super::*;

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
	fn what_is_no_file_is_refused_by_its_name() {
		let folder = tempfile::tempdir().unwrap();
		assert!(read(folder.path(), 9).unwrap_err().ends_with("is no file"));
		assert!(read(&folder.path().join("absent"), 9).unwrap_err().contains("absent"));
		#[cfg(unix)]
		assert!(read(Path::new("/dev/zero"), 9).unwrap_err().contains("/dev/zero is no file"));
	}
}

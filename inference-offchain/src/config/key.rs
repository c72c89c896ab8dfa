//! The secret that the worker signs with.

use serde::Deserialize;
use std::{fmt, path::PathBuf};

/// Where the secret of the worker's account is.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
	/// A secret URI, for development.
	Uri(String),
	/// A file with a secret URI, phrase or seed that only its owner may read.
	File(PathBuf),
}

impl fmt::Debug for KeySource {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			KeySource::Uri(_) => f.write_str("Uri(..)"),
			KeySource::File(path) => f.debug_tuple("File").field(path).finish(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn secrets_are_not_printed() {
		let text = format!("{:?}", KeySource::Uri("//Secret".into()));
		assert!(!text.contains("Secret"));
	}
}

//! Why a configuration cannot be used.

use std::path::PathBuf;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read {}: {reason}", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// What the system says.
		reason: String,
	},
	/// The file is no configuration.
	#[error("{}: {reason}", path.display())]
	Malformed {
		/// The file.
		path: PathBuf,
		/// What is wrong, and where.
		reason: String,
	},
	/// A setting is out of its range.
	#[error("`{name}` is {value}: it must be {expected}")]
	Range {
		/// The setting.
		name: &'static str,
		/// Its value.
		value: String,
		/// What is allowed.
		expected: &'static str,
	},
	/// A variable of the environment has a bad value.
	#[error("environment: {0}")]
	Environment(String),
	/// A text is not what it should be.
	#[error("`{text}` is no {what}: expected {expected}")]
	Value {
		/// The text.
		text: String,
		/// What was to be read.
		what: &'static str,
		/// How it is written.
		expected: &'static str,
	},
}

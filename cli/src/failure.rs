//! What the command line reports when it cannot do what it was asked.

use assay_client::{content::ContentError, Error};
use serde_json::{json, Value};
use std::path::Path;

/// A failure: what went wrong, and what can be done about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
	kind: &'static str,
	message: String,
	help: Option<String>,
}

impl Failure {
	/// A failure of a kind that scripts can tell apart.
	pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
		Failure { kind, message: message.into(), help: None }
	}

	/// Add what can be done about it.
	pub fn help(mut self, help: impl Into<String>) -> Self {
		self.help = Some(help.into());
		self
	}

	/// Name the file that it is about.
	pub fn about(mut self, path: &Path) -> Self {
		self.message = format!("{}: {}", path.display(), self.message);
		self
	}

	/// The kind of failure.
	pub const fn kind(&self) -> &'static str {
		self.kind
	}

	/// The failure as one JSON document.
	pub fn to_json(&self) -> Value {
		json!({ "error": { "kind": self.kind, "message": self.message, "help": self.help } })
	}

	/// The failure as people read it.
	pub fn to_text(&self) -> String {
		match &self.help {
			Some(help) => format!("error: {}\n  help: {help}", self.message),
			None => format!("error: {}", self.message),
		}
	}
}

impl From<Error> for Failure {
	fn from(error: Error) -> Self {
		let failure = Failure::new(error.kind(), error.to_string());
		match help(&error) {
			Some(help) => failure.help(help),
			None => failure,
		}
	}
}

impl From<ContentError> for Failure {
	fn from(error: ContentError) -> Self {
		let failure = Failure::new("content", error.to_string());
		match error {
			ContentError::WrongKey { .. } => {
				failure.help("`assay data key show FILE` prints the commitment to a key")
			},
			ContentError::Truncated { .. }
			| ContentError::Appended { .. }
			| ContentError::Altered { .. } => failure.help("fetch the file again"),
			_ => failure,
		}
	}
}

/// What can be done about an error of the client.
fn help(error: &Error) -> Option<&'static str> {
	match error {
		Error::Unreachable { .. } => Some(
			"is the node running? `assay-node --dev` starts one; --url or ASSAY_URL names another",
		),
		Error::Disconnected { .. } | Error::Timeout { .. } => Some(
			"the node may be restarting; what was submitted is not submitted twice by trying again",
		),
		Error::Invalid { reason } if reason.contains("pay some fees") => Some(
			"the account cannot pay the transaction's fee; `assay account balance` shows its funds",
		),
		Error::Dispatch { pallet, .. } if pallet == "Token" => {
			Some("`assay account balance` shows what the account has and what is held")
		},
		Error::Dispatch { error, .. } if error.contains("Balance") || error.contains("Funds") => {
			Some("`assay account balance` shows what the account has and what is held")
		},
		Error::UnsupportedRuntime { .. } => {
			Some("install the release of `assay` made for this chain")
		},
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_unreachable_node_comes_with_advice() {
		let error = Error::Unreachable { url: "ws://x".into(), reason: "refused".into() };
		let failure = Failure::from(error);
		assert!(failure.to_text().contains("is the node running?"));
		assert_eq!(failure.to_json()["error"]["kind"], "unreachable");
	}
}

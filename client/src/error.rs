//! What can go wrong between a client and a chain.

use std::path::PathBuf;
use subxt::{
	error::{DispatchError, ExtrinsicError, OnlineClientAtBlockError},
	rpcs,
};

/// Why a call of the client failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
	/// No node answers at the URL.
	#[error("no node answers at {url}: {reason}")]
	Unreachable {
		/// Where a node was looked for.
		url: String,
		/// What the connection attempt met.
		reason: String,
	},
	/// The text is no URL of a node.
	#[error("`{url}` is no ws:// or wss:// URL: {reason}")]
	Url {
		/// The text.
		url: String,
		/// What is wrong with it.
		reason: String,
	},
	/// The connection broke; the client reconnects by itself.
	#[error("the connection to the node was lost: {reason}")]
	Disconnected {
		/// What the connection met.
		reason: String,
	},
	/// The node did not answer in time.
	#[error("no answer to `{what}` within {seconds} s")]
	Timeout {
		/// What was asked.
		what: String,
		/// How long the client waited.
		seconds: u64,
	},
	/// The node refused a request.
	#[error("the node refused `{what}` (code {code}): {message}")]
	Rpc {
		/// What was asked.
		what: String,
		/// The JSON-RPC error code.
		code: i32,
		/// What the node says.
		message: String,
	},
	/// The chain speaks a version of an interface that this client does not know.
	#[error(
		"the chain has {what} version {found}, this client knows {known}: use another release"
	)]
	UnsupportedRuntime {
		/// The interface.
		what: &'static str,
		/// The version that the client knows.
		known: u32,
		/// The version of the chain.
		found: u32,
	},
	/// The answer is not what was asked for.
	#[error("cannot decode the answer to `{what}`: {reason}")]
	Decode {
		/// What was asked.
		what: String,
		/// Where the decoder stopped.
		reason: String,
	},
	/// The transaction could not be built for this chain.
	#[error("cannot build the transaction: {reason}")]
	Build {
		/// What is missing.
		reason: String,
	},
	/// The pool refused the transaction.
	#[error("the transaction is refused: {reason}")]
	Invalid {
		/// What the pool says.
		reason: String,
	},
	/// The pool has another transaction of the account with the same number.
	#[error("another transaction of the account came first: {reason}")]
	NonceTaken {
		/// What the pool says.
		reason: String,
	},
	/// The pool holds this very transaction, or has dropped it for the moment.
	#[error("the transaction waits in the pool: {reason}")]
	Pending {
		/// What the pool says.
		reason: String,
	},
	/// The transaction can enter no block any more, and is in none.
	#[error("the transaction 0x{} was in no block up to {dies}", hex::encode(extrinsic))]
	Mortal {
		/// The hash of the transaction.
		extrinsic: [u8; 32],
		/// The block at which it died.
		dies: u32,
	},
	/// The transaction is in a block, but its call failed.
	#[error("{pallet}.{error}: {docs}")]
	Dispatch {
		/// The pallet, or the group of errors that belong to none.
		pallet: String,
		/// The name of the error.
		error: String,
		/// What the chain's metadata says about it.
		docs: String,
	},
	/// No estimate can be given.
	#[error(transparent)]
	Estimate(#[from] assay_primitives::api::EstimateError),
	/// The node does not have the block.
	#[error("the node does not have block {block}")]
	UnknownBlock {
		/// The number or hash of the block.
		block: String,
	},
	/// Text that is no secret URI, phrase or seed. The text itself is never repeated.
	#[error("no valid secret URI, phrase or seed: {reason}")]
	Key {
		/// What is wrong.
		reason: String,
	},
	/// A key file that cannot be read or written.
	#[error("key file {}: {reason}", path.display())]
	KeyFile {
		/// The file.
		path: PathBuf,
		/// What the system says.
		reason: String,
	},
	/// A key file that others may read.
	#[error(
		"key file {path} has mode {mode:03o}: others may read it; run `chmod 600 {path}`",
		path = path.display()
	)]
	KeyFileExposed {
		/// The file.
		path: PathBuf,
		/// Its permission bits.
		mode: u32,
	},
	/// Text that is no account.
	#[error("`{text}` is no account: {reason}")]
	Account {
		/// The text.
		text: String,
		/// What is wrong.
		reason: String,
	},
}

impl Error {
	/// Whether the same call may succeed later with nothing changed by the caller.
	pub fn is_retryable(&self) -> bool {
		matches!(
			self,
			Error::Unreachable { .. }
				| Error::Disconnected { .. }
				| Error::Timeout { .. }
				| Error::NonceTaken { .. }
				| Error::Pending { .. }
				| Error::UnknownBlock { .. }
		)
	}

	/// A short name of the kind of error, for scripts.
	pub const fn kind(&self) -> &'static str {
		match self {
			Error::Unreachable { .. } => "unreachable",
			Error::Url { .. } => "url",
			Error::Disconnected { .. } => "disconnected",
			Error::Timeout { .. } => "timeout",
			Error::Rpc { .. } => "rpc",
			Error::UnsupportedRuntime { .. } => "unsupported-runtime",
			Error::Decode { .. } => "decode",
			Error::Build { .. } => "build",
			Error::Invalid { .. } => "invalid-transaction",
			Error::NonceTaken { .. } => "nonce-taken",
			Error::Pending { .. } => "pending",
			Error::Mortal { .. } => "transaction-died",
			Error::Dispatch { .. } => "dispatch",
			Error::Estimate(_) => "estimate",
			Error::UnknownBlock { .. } => "unknown-block",
			Error::Key { .. } => "key",
			Error::KeyFile { .. } => "key-file",
			Error::KeyFileExposed { .. } => "key-file-exposed",
			Error::Account { .. } => "account",
		}
	}

	/// An error of the RPC layer in answer to `what`.
	pub(crate) fn rpc(what: &str, error: rpcs::Error) -> Self {
		match error {
			rpcs::Error::DisconnectedWillReconnect(reason) => Error::Disconnected { reason },
			rpcs::Error::User(user) => {
				let data = user.data.as_ref().map(|data| data.get().trim_matches('"').to_owned());
				refusal(what, user.code, user.message, data)
			},
			rpcs::Error::Deserialization(reason) => {
				Error::Decode { what: what.into(), reason: reason.to_string() }
			},
			rpcs::Error::Decode(reason) => {
				Error::Decode { what: what.into(), reason: reason.to_string() }
			},
			// The transport: a request that timed out, a client whose task has ended.
			other => Error::Disconnected { reason: other.to_string() },
		}
	}

	/// An error of subxt in answer to `what`. Its enums wrap the RPC errors deeply, so that the
	/// chain of sources is searched for one.
	pub(crate) fn subxt(what: &str, error: impl Into<subxt::Error>) -> Self {
		let error: subxt::Error = error.into();
		if error.is_disconnected_will_reconnect() {
			return Error::Disconnected { reason: error.to_string() };
		}
		match &error {
			subxt::Error::OnlineClientAtBlockError(
				OnlineClientAtBlockError::BlockNotFound { .. }
				| OnlineClientAtBlockError::BlockHeaderNotFound { .. },
			) => Error::UnknownBlock { block: error.to_string() },
			subxt::Error::ExtrinsicError(ExtrinsicError::ErrorSubmittingTransaction(_)) => {
				Error::Invalid { reason: error.to_string() }
			},
			subxt::Error::ExtrinsicError(_) => Error::Build { reason: error.to_string() },
			_ => Error::Decode { what: what.into(), reason: error.to_string() },
		}
	}

	/// A dispatch error, with its names and documentation.
	pub(crate) fn dispatch(error: DispatchError) -> Self {
		let (pallet, name) = match &error {
			DispatchError::Module(module) => {
				if let Ok(details) = module.details() {
					return Error::Dispatch {
						pallet: details.pallet.name().to_owned(),
						error: details.variant.name.clone(),
						docs: details.variant.docs.join(" ").trim().to_owned(),
					};
				}
				("Module", format!("{:?}", module.bytes()))
			},
			DispatchError::Token(token) => ("Token", format!("{token:?}")),
			DispatchError::Arithmetic(arithmetic) => ("Arithmetic", format!("{arithmetic:?}")),
			DispatchError::Transactional(layers) => ("Transactional", format!("{layers:?}")),
			other => ("Dispatch", format!("{other:?}")),
		};
		Error::Dispatch { pallet: pallet.into(), error: name, docs: error.to_string() }
	}
}

/// What a refusal of the node means. The codes from 1001 on are those of the author RPC.
fn refusal(what: &str, code: i32, message: String, data: Option<String>) -> Error {
	let text = match data {
		Some(data) if !data.is_empty() => format!("{message}: {data}"),
		_ => message,
	};
	match code {
		1010 if text.contains("outdated") => Error::NonceTaken { reason: text },
		1001..=1003 | 1010 | 1011 | 1018 | 1019 => Error::Invalid { reason: text },
		1014 => Error::NonceTaken { reason: text },
		1012 | 1013 | 1016 | 1021 => Error::Pending { reason: text },
		_ => Error::Rpc { what: what.into(), code, message: text },
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn refused(code: i32, data: &str) -> Error {
		refusal("author_submitExtrinsic", code, "Refused".into(), Some(data.into()))
	}

	#[test]
	fn a_stale_number_is_told_from_a_bad_transaction() {
		assert!(matches!(refused(1010, "Transaction is outdated"), Error::NonceTaken { .. }));
		assert!(matches!(refused(1014, "priority"), Error::NonceTaken { .. }));
		assert!(matches!(refused(1010, "Inability to pay some fees"), Error::Invalid { .. }));
	}

	#[test]
	fn only_what_may_pass_by_itself_is_retryable() {
		assert!(refused(1013, "").is_retryable());
		assert!(Error::Disconnected { reason: String::new() }.is_retryable());
		assert!(!refused(1010, "bad signature").is_retryable());
		assert!(!refused(-32601, "").is_retryable());
	}

	#[test]
	fn a_lost_connection_is_disconnected() {
		let lost = rpcs::Error::DisconnectedWillReconnect("closed".into());
		assert!(matches!(Error::rpc("x", lost), Error::Disconnected { .. }));
	}

	#[test]
	fn the_advice_for_an_exposed_key_file_names_the_file() {
		let error = Error::KeyFileExposed { path: "/tmp/key".into(), mode: 0o644 };
		assert_eq!(
			error.to_string(),
			"key file /tmp/key has mode 644: others may read it; run `chmod 600 /tmp/key`"
		);
	}
}

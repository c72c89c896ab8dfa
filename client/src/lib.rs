//! Typed client of an Assay chain over JSON-RPC, shared by the worker, the command line and the
//! tests.
//!
//! A [`Client`] is cheap to clone and reconnects by itself when its node restarts: reads are
//! asked again, streams of heads subscribe again, and a transaction is looked for in the chain
//! before it is handed in once more. Calls are typed by [`Call`] and encoded with the runtime's
//! own types; no code is generated from metadata. A chain whose interfaces are of another version
//! is refused with [`Error::UnsupportedRuntime`] instead of being misread.

pub mod batch;
mod blocks;
mod call;
pub mod content;
mod error;
pub mod keys;
mod permit;
mod reads;
mod served;
mod submit;

pub use blocks::{BlockRef, Heads};
pub use call::{
	Call, CustodyCall, DataCall, LineageCall, OfferingCall, Parents, RevenueCall, ShownSecret,
};
pub use error::Error;
pub use permit::SignedPermit;
pub use reads::AccountBalance;
pub use submit::{Created, Receipt, SignedCall, Wait};

use std::{
	collections::BTreeMap,
	future::Future,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use subxt::{
	backend::LegacyBackend,
	config::RpcConfigFor,
	rpcs::{
		self,
		client::{ReconnectingRpcClient, RpcClient},
		LegacyRpcMethods,
	},
	OnlineClient, SubstrateConfig,
};

/// Where a node of one's own listens.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// The version of call encodings that this client writes.
const TRANSACTION_VERSION: u32 = 1;
/// How long an answer is waited for, a restart of the node included.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the first connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// The pause before a read that was cut off is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(200);

pub(crate) type Rpc = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// A connection to a chain.
#[derive(Clone)]
pub struct Client {
	inner: Arc<Inner>,
}

struct Inner {
	url: String,
	rpc: Rpc,
	online: OnlineClient<SubstrateConfig>,
	/// Held from the choice of a transaction's number until the pool has the transaction, so that
	/// concurrent submissions of one account get numbers of their own.
	signing: tokio::sync::Mutex<()>,
	/// The blocks that transactions are signed at, read a moment ago.
	anchor: std::sync::Mutex<Option<submit::Anchor>>,
	/// When the version of each runtime API was last seen to be the known one.
	checked: std::sync::Mutex<BTreeMap<&'static str, Instant>>,
}

impl std::fmt::Debug for Client {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Client").field("url", &self.inner.url).finish_non_exhaustive()
	}
}

/// The pauses between attempts to reconnect. Before the first connection there is none, so that
/// a node that is not there is reported at once.
#[derive(Clone)]
struct Backoff {
	connected: Arc<AtomicBool>,
	next: Duration,
}

impl Iterator for Backoff {
	type Item = Duration;

	fn next(&mut self) -> Option<Duration> {
		const MOST: Duration = Duration::from_secs(2);
		let pause = self.next;
		self.next = pause.saturating_mul(2).min(MOST);
		self.connected.load(Ordering::Relaxed).then_some(pause)
	}
}

impl Client {
	/// Connect to a node, for example at `ws://127.0.0.1:9944`.
	///
	/// One attempt is made; see [`Error::is_retryable`]. Once connected, the client reconnects by
	/// itself.
	pub async fn connect(url: &str) -> Result<Client, Error> {
		if !["ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme)) {
			return Err(Error::Url { url: url.into(), reason: "unknown scheme".into() });
		}
		let fail = |reason: String| Error::Unreachable { url: url.into(), reason };
		let connected = Arc::new(AtomicBool::new(false));
		let backoff = Backoff { connected: connected.clone(), next: Duration::from_millis(50) };
		let builder =
			ReconnectingRpcClient::builder().retry_policy(backoff).request_timeout(PATIENCE);
		let transport = tokio::time::timeout(CONNECT_PATIENCE, builder.build(url))
			.await
			.map_err(|_| fail(format!("no answer within {} s", CONNECT_PATIENCE.as_secs())))?
			.map_err(|error| fail(error.to_string()))?;
		connected.store(true, Ordering::Relaxed);
		Self::over(url, RpcClient::new(transport)).await
	}

	async fn over(url: &str, rpc: RpcClient) -> Result<Client, Error> {
		let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc.clone());
		let online =
			OnlineClient::from_backend_with_config(SubstrateConfig::new(), Arc::new(backend));
		let online = timed("chain_getBlockHash", online)
			.await?
			.map_err(|error| Error::subxt("chain_getBlockHash", error))?;
		let inner = Inner {
			url: url.into(),
			rpc: LegacyRpcMethods::new(rpc),
			online,
			signing: Default::default(),
			anchor: Default::default(),
			checked: Default::default(),
		};
		Ok(Client { inner: Arc::new(inner) })
	}

	/// The URL of the node.
	pub fn url(&self) -> &str {
		&self.inner.url
	}

	/// The hash of the chain's first block, which tells chains apart.
	pub fn genesis(&self) -> [u8; 32] {
		self.inner.online.genesis_hash().0
	}

	pub(crate) fn rpc(&self) -> &Rpc {
		&self.inner.rpc
	}

	/// Ask something that changes nothing, again and again while the connection is being restored.
	pub(crate) async fn ask<T, F, A>(&self, what: &str, question: F) -> Result<T, Error>
	where
		F: Fn() -> A,
		A: Future<Output = Result<T, rpcs::Error>>,
	{
		let started = Instant::now();
		loop {
			match timed(what, question()).await?.map_err(|error| Error::rpc(what, error)) {
				Err(Error::Disconnected { .. }) if started.elapsed() < PATIENCE => {
					tokio::time::sleep(ASK_AGAIN_AFTER).await;
				},
				answer => return answer,
			}
		}
	}
}

/// Wait for an answer, but not for ever.
pub(crate) async fn timed<T>(what: &str, answer: impl Future<Output = T>) -> Result<T, Error> {
	let late = || Error::Timeout { what: what.into(), seconds: PATIENCE.as_secs() };
	tokio::time::timeout(PATIENCE, answer).await.map_err(|_| late())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn a_node_that_is_not_there_is_reported_at_once() {
		// Port 1 is reserved and nothing listens on it.
		let started = Instant::now();
		let error = Client::connect("ws://127.0.0.1:1").await.unwrap_err();
		assert!(matches!(error, Error::Unreachable { .. }), "{error}");
		assert!(error.is_retryable());
		assert!(started.elapsed() < CONNECT_PATIENCE);
	}

	#[tokio::test]
	async fn a_url_of_another_scheme_is_refused() {
		let error = Client::connect("http://127.0.0.1:9944").await.unwrap_err();
		assert!(matches!(error, Error::Url { .. }) && !error.is_retryable());
	}

	#[test]
	fn pauses_grow_up_to_a_bound_once_connected() {
		let connected = Arc::new(AtomicBool::new(false));
		let mut backoff = Backoff { connected: connected.clone(), next: Duration::from_secs(1) };
		assert_eq!(backoff.clone().next(), None);
		connected.store(true, Ordering::Relaxed);
		let pauses: Vec<u64> = backoff.by_ref().take(3).map(|pause| pause.as_secs()).collect();
		assert_eq!(pauses, [1, 2, 2]);
	}
}

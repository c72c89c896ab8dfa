//! The provider worker inside the node: the same library as `assay-worker`, on threads of its
//! own, a client of this node's RPC like any other.

use futures::channel::oneshot;
use sc_network::multiaddr::Protocol;
use sc_service::{config::Multiaddr, Error as ServiceError};
use std::{
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
	path::PathBuf,
	sync::mpsc,
	thread,
	time::Duration,
};

/// How long the node waits for its worker when both stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the provider's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
	/// A secret URI. Only for chains without value.
	Uri(String),
	/// A file with a secret.
	File(PathBuf),
}

/// What the node was told of its worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
	/// The key that it signs with.
	pub key: Key,
	/// Its configuration file.
	pub config_file: Option<PathBuf>,
	/// Whether it disputes wrong results of others, whatever the file says.
	pub challenge: bool,
}

impl Settings {
	fn config(
		self,
		node: String,
		base_path: PathBuf,
	) -> Result<assay_worker::Config, ServiceError> {
		let mut config = assay_worker::Config::load(self.config_file.as_deref())
			.map_err(|error| ServiceError::Other(format!("provider configuration: {error}")))?;
		config.node = node;
		config.base_path = base_path;
		config.challenge |= self.challenge;
		config.key = match self.key {
			Key::Uri(uri) => assay_worker::KeySource::Uri(uri),
			Key::File(file) => assay_worker::KeySource::File(file),
		};
		// Only chains without value take a key by URI; there the worker serves all by itself.
		Ok(match config.key {
			assay_worker::KeySource::Uri(_) => config.development(),
			assay_worker::KeySource::File(_) => config,
		})
	}
}

/// Stops the worker when dropped, and waits for it.
pub struct Guard {
	stop: Option<oneshot::Sender<()>>,
	stopped: mpsc::Receiver<()>,
}

impl Drop for Guard {
	fn drop(&mut self) {
		// A worker that has already ended has dropped its end of both channels.
		let _ = self.stop.take().map(|stop| stop.send(()));
		if self.stopped.recv_timeout(STOP_TIMEOUT) == Err(mpsc::RecvTimeoutError::Timeout) {
			tracing::warn!(target: "provider", timeout = ?STOP_TIMEOUT, "worker did not stop");
		}
	}
}

/// Start the worker against the RPC that listens on one of `addresses`. A worker that fails is
/// logged; the node goes on.
pub fn spawn(
	settings: Settings,
	addresses: &[Multiaddr],
	base_path: PathBuf,
) -> Result<Guard, ServiceError> {
	let node = addresses.iter().find_map(url).ok_or_else(|| {
		ServiceError::Other("--provider needs the RPC, which listens nowhere".into())
	})?;
	let config = settings.config(node, base_path)?;
	let runtime =
		tokio::runtime::Builder::new_multi_thread().thread_name("provider").enable_all().build()?;
	let (stop, shutdown) = oneshot::channel();
	let (ended, stopped) = mpsc::channel();
	thread::Builder::new().name("provider-main".into()).spawn(move || {
		let shutdown = async move {
			// A dropped sender means the same as a message: the node is gone.
			let _ = shutdown.await;
		};
		match runtime.block_on(assay_worker::run(config, shutdown)) {
			Ok(()) => tracing::info!(target: "provider", "worker stopped"),
			Err(error) => tracing::error!(target: "provider", %error, "worker failed"),
		}
		runtime.shutdown_timeout(Duration::from_secs(1));
		drop(ended);
	})?;
	Ok(Guard { stop: Some(stop), stopped })
}

/// The WebSocket URL of a listening address. One that listens everywhere is reached by loopback.
fn url(address: &Multiaddr) -> Option<String> {
	let mut protocols = address.iter();
	let ip = match protocols.next()? {
		Protocol::Ip4(ip) => IpAddr::V4(ip),
		Protocol::Ip6(ip) => IpAddr::V6(ip),
		_ => return None,
	};
	let ip = match ip {
		IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
		IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
		other => other,
	};
	match protocols.next()? {
		Protocol::Tcp(port) => Some(format!("ws://{}", SocketAddr::new(ip, port))),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_worker_connects_to_where_the_rpc_listens() {
		for (address, expected) in [
			("/ip4/127.0.0.1/tcp/9944", "ws://127.0.0.1:9944"),
			("/ip4/0.0.0.0/tcp/1", "ws://127.0.0.1:1"),
			("/ip4/10.0.0.7/tcp/9944", "ws://10.0.0.7:9944"),
			("/ip6/::1/tcp/9944", "ws://[::1]:9944"),
			("/ip6/::/tcp/9944", "ws://[::1]:9944"),
		] {
			assert_eq!(url(&address.parse().unwrap()).as_deref(), Some(expected));
		}
	}

	#[test]
	fn an_address_without_a_port_is_no_url() {
		assert_eq!(url(&"/ip4/127.0.0.1".parse().unwrap()), None);
		assert_eq!(url(&"/dns/localhost/tcp/9944".parse().unwrap()), None);
	}
}

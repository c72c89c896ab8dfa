//! The artifact gateway: an HTTP server by which requesters and providers exchange files.
//!
//! | Request | Answer |
//! | --- | --- |
//! | `PUT /v1/artifacts/{hash}` | 201 stored, 200 there already, 400 other bytes, 413 too large, 507 no room |
//! | `GET`, `HEAD /v1/artifacts/{hash}` | 200, 206 with `Range`, 404, 416 |
//! | `GET /v1/declined` | 200, the jobs that the worker has left of late and why, in JSON |
//! | `GET /health` | 200 |
//!
//! `{hash}` is the BLAKE3 hash of the bytes in hexadecimal. Bytes are checked as they come, and
//! nothing is served under a hash that it does not have.

use crate::{
	config::GatewayConfig,
	decline::Declines,
	store::{FileStore, Part, StoreError},
};
use assay_primitives::{model::Artifact, ArtifactHash};
use axum::{
	body::Body,
	extract::{Path, State},
	http::{header, HeaderMap, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Router,
};
use futures::StreamExt;
use std::{io::SeekFrom, io::Write, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncSeekExt},
	net::TcpListener,
	sync::Semaphore,
	task::JoinHandle,
};
use tokio_util::{io::ReaderStream, sync::CancellationToken};

/// How long a client may stand still while it sends.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// The requests that are served at once; the next are answered 503.
const CONCURRENCY: usize = 64;
/// How long a stopping gateway waits for requests under way.
const GRACE: Duration = Duration::from_secs(5);

/// Why the gateway cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
	/// The address cannot be listened on.
	#[error("cannot listen on {address}: {reason}")]
	Listen {
		/// The address.
		address: SocketAddr,
		/// What the system says.
		reason: std::io::Error,
	},
}

struct Shared {
	store: Arc<FileStore>,
	max_artifact: u64,
	token: Option<String>,
	places: Semaphore,
	declines: Arc<Declines>,
}

/// A running gateway.
pub struct Gateway {
	url: String,
	declines: Arc<Declines>,
	stop: CancellationToken,
	served: JoinHandle<std::io::Result<()>>,
}

impl Gateway {
	/// Serve a store.
	pub async fn start(
		config: &GatewayConfig,
		store: Arc<FileStore>,
	) -> Result<Gateway, GatewayError> {
		let address = config.listen;
		let failed = |reason| GatewayError::Listen { address, reason };
		let listener = TcpListener::bind(address).await.map_err(failed)?;
		let bound = listener.local_addr().map_err(failed)?;
		let url = config.public_url.clone().unwrap_or_else(|| format!("http://{bound}"));
		let declines = Arc::<Declines>::default();
		let shared = Arc::new(Shared {
			store,
			max_artifact: config.max_artifact,
			token: config.token.clone(),
			places: Semaphore::new(CONCURRENCY),
			declines: declines.clone(),
		});
		let stop = CancellationToken::new();
		let stopped = stop.clone().cancelled_owned();
		let server = axum::serve(listener, router(shared)).with_graceful_shutdown(stopped);
		let served = tokio::spawn(async move { server.await });
		Ok(Gateway { url: url.trim_end_matches('/').into(), declines, stop, served })
	}

	/// The URL under which others reach it.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// What it shows of the jobs that the worker leaves.
	pub fn declines(&self) -> Arc<Declines> {
		self.declines.clone()
	}

	/// Stop, after the requests under way.
	pub async fn stop(self) {
		self.stop.cancel();
		let abort = self.served.abort_handle();
		if tokio::time::timeout(GRACE, self.served).await.is_err() {
			abort.abort();
		}
	}
}

fn router(shared: Arc<Shared>) -> Router {
	Router::new()
		.route("/v1/artifacts/{hash}", get(serve).put(take))
		.route("/v1/declined", get(declined))
		.route("/health", get(|| async { "ok" }))
		.with_state(shared)
}

/// A refusal: a status and a sentence.
type Refusal = (StatusCode, String);

fn refuse(status: StatusCode, text: impl Into<String>) -> Refusal {
	(status, text.into() + "\n")
}

fn internal(error: impl std::fmt::Display) -> Refusal {
	tracing::error!(target: "worker::gateway", %error, "request failed");
	refuse(StatusCode::INTERNAL_SERVER_ERROR, "the gateway's disk failed")
}

fn parse(hash: &str) -> Result<ArtifactHash, Refusal> {
	hash.parse().map_err(|_| refuse(StatusCode::BAD_REQUEST, "a hash is 64 hexadecimal digits"))
}

async fn declined(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
	let body = serde_json::to_vec(&shared.declines.newest_first()).map_err(internal)?;
	Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn serve(
	State(shared): State<Arc<Shared>>,
	Path(hash): Path<String>,
	headers: HeaderMap,
) -> Result<Response, Refusal> {
	let hash = parse(&hash)?;
	let path = shared
		.store
		.find(hash)
		.ok_or_else(|| refuse(StatusCode::NOT_FOUND, format!("no artifact {hash} here")))?;
	let mut file = tokio::fs::File::open(path).await.map_err(internal)?;
	let size = file.metadata().await.map_err(internal)?.len();
	let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
	let (status, first, length) = match range.map(|range| parse_range(range, size)) {
		None | Some(Range::Whole) => (StatusCode::OK, 0, size),
		Some(Range::Part { first, length }) => (StatusCode::PARTIAL_CONTENT, first, length),
		Some(Range::Outside) => {
			let whole = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
			return Ok((StatusCode::RANGE_NOT_SATISFIABLE, whole).into_response());
		},
	};
	file.seek(SeekFrom::Start(first)).await.map_err(internal)?;
	let mut response = Response::builder()
		.status(status)
		.header(header::CONTENT_TYPE, "application/octet-stream")
		.header(header::CONTENT_LENGTH, length)
		.header(header::ACCEPT_RANGES, "bytes")
		.header(header::ETAG, format!("\"{hash}\""));
	if status == StatusCode::PARTIAL_CONTENT {
		let last = first.saturating_add(length).saturating_sub(1);
		response = response.header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"));
	}
	response.body(Body::from_stream(ReaderStream::new(file.take(length)))).map_err(internal)
}

/// What a `Range` header asks for.
#[derive(PartialEq, Eq, Debug)]
enum Range {
	/// All of it: no range that is understood (RFC 9110, 14.2).
	Whole,
	/// A part.
	Part { first: u64, length: u64 },
	/// Beyond the end.
	Outside,
}

/// One range of bytes: `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-SUFFIX`.
fn parse_range(header: &str, size: u64) -> Range {
	let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
	else {
		return Range::Whole;
	};
	let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
		(Ok(first), Ok(last)) => (first, last.min(size.saturating_sub(1))),
		(Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
		(Err(_), Ok(suffix)) if first.is_empty() && suffix > 0 => {
			(size.saturating_sub(suffix), size.saturating_sub(1))
		},
		_ => return Range::Whole,
	};
	match last.checked_sub(first) {
		Some(more) if first < size => Range::Part { first, length: more.saturating_add(1) },
		_ => Range::Outside,
	}
}

async fn take(
	State(shared): State<Arc<Shared>>,
	Path(hash): Path<String>,
	headers: HeaderMap,
	body: Body,
) -> Result<StatusCode, Refusal> {
	let hash = parse(&hash)?;
	authorize(&shared, &headers)?;
	let Ok(_place) = shared.places.try_acquire() else {
		return Err(refuse(StatusCode::SERVICE_UNAVAILABLE, "too many uploads; try again"));
	};
	if shared.store.find(hash).is_some() {
		return Ok(StatusCode::OK);
	}
	let most = shared.max_artifact.min(shared.store.room(Part::Uploaded));
	let too_large = || {
		refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("an artifact has at most {most} bytes here"))
	};
	let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
	if declared.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > most) {
		return Err(too_large());
	}
	let mut file = shared.store.new_file().map_err(internal)?;
	let mut hasher = blake3::Hasher::new();
	let mut size = 0u64;
	let mut chunks = body.into_data_stream();
	loop {
		let chunk = tokio::time::timeout(IDLE_TIMEOUT, chunks.next())
			.await
			.map_err(|_| refuse(StatusCode::REQUEST_TIMEOUT, "nothing came for too long"))?;
		let Some(chunk) = chunk else { break };
		let chunk = chunk.map_err(|error| refuse(StatusCode::BAD_REQUEST, error.to_string()))?;
		size = size.saturating_add(chunk.len() as u64);
		if size > most {
			return Err(too_large());
		}
		hasher.update(&chunk);
		file.write_all(&chunk).map_err(internal)?;
	}
	let found = ArtifactHash(*hasher.finalize().as_bytes());
	if found != hash {
		return Err(refuse(StatusCode::BAD_REQUEST, format!("the bytes have the hash {found}")));
	}
	match shared.store.adopt(Part::Uploaded, file, Artifact { hash, size }) {
		Ok(()) => Ok(StatusCode::CREATED),
		Err(StoreError::NoRoom { .. }) => {
			Err(refuse(StatusCode::INSUFFICIENT_STORAGE, "there is no room for it"))
		},
		Err(error) => Err(internal(error)),
	}
}

/// Whether the request has the bearer token, if one is asked for. Compared by hash, so that the
/// time that it takes says nothing of the token.
fn authorize(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
	let Some(token) = &shared.token else { return Ok(()) };
	let given = headers
		.get(header::AUTHORIZATION)
		.and_then(|value| value.to_str().ok())
		.and_then(|value| value.strip_prefix("Bearer "))
		.unwrap_or_default();
	if blake3::hash(given.as_bytes()) == blake3::hash(token.as_bytes()) {
		Ok(())
	} else {
		Err(refuse(StatusCode::UNAUTHORIZED, "a bearer token is needed to put artifacts here"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::decline::Declined;

	#[tokio::test]
	async fn what_was_declined_is_shown_without_its_cause() {
		let folder = tempfile::tempdir().unwrap();
		let store = Arc::new(FileStore::open(folder.path(), 1 << 20, false).unwrap());
		let gateway = Gateway::start(&GatewayConfig::default(), store).await.unwrap();
		let url = format!("{}/v1/declined", gateway.url());
		let shown = || async { reqwest::get(&url).await.unwrap().text().await.unwrap() };
		assert_eq!(shown().await, "[]");
		let version = Some("3@1".into());
		for (job, reason) in [(Some(7), "draining"), (None, "artifact")] {
			gateway.declines().keep(Declined { job, version: version.clone(), reason, block: 5 });
		}
		let expected = r#"[{"job":null,"version":"3@1","reason":"artifact","block":5},"#.to_owned()
			+ r#"{"job":7,"version":"3@1","reason":"draining","block":5}]"#;
		assert_eq!(shown().await, expected);
		gateway.stop().await;
	}

	#[test]
	fn ranges_are_read_as_rfc_9110_says() {
		let part = |first, length| Range::Part { first, length };
		assert_eq!(parse_range("bytes=0-0", 10), part(0, 1));
		assert_eq!(parse_range("bytes=4-", 10), part(4, 6));
		assert_eq!(parse_range("bytes=4-99", 10), part(4, 6));
		assert_eq!(parse_range("bytes=-3", 10), part(7, 3));
		assert_eq!(parse_range("bytes=-99", 10), part(0, 10));
		assert_eq!(parse_range("bytes=10-", 10), Range::Outside);
		assert_eq!(parse_range("bytes=5-4", 10), Range::Outside);
		assert_eq!(parse_range("bytes=0-", 0), Range::Outside);
		for odd in ["", "bytes", "bytes=", "bytes=-", "bytes=-0", "lines=1-2", "bytes=1-2,4-5"] {
			assert_eq!(parse_range(odd, 10), Range::Whole, "{odd}");
		}
	}
}

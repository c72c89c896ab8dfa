//! The store against servers that serve well, badly, and not at all.

use assay_primitives::model::Artifact;
use assay_worker::{
	artifact::{artifact_of, VerifiedFile},
	store::{FileStore, ModelStore, StoreError},
};
use std::{
	path::Path,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	time::Duration,
};
use tempfile::TempDir;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
};

/// What a server does with a request.
#[derive(Clone)]
enum Conduct {
	/// It serves these bytes, with ranges.
	Honest(Vec<u8>),
	/// It serves these bytes, whatever range is asked for.
	Lies(Vec<u8>),
	/// It breaks the first answer off after so many bytes, and is honest then.
	Stops(Vec<u8>, usize),
	/// It serves zeros without end.
	NeverEnds,
	/// It has nothing.
	Missing,
	/// It takes the connection and closes it.
	HangsUp,
}

/// A server on a port that the system chose.
struct Server {
	url: String,
	requests: Arc<AtomicUsize>,
}

impl Server {
	async fn start(conduct: Conduct) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/file", listener.local_addr().unwrap());
		let requests = Arc::new(AtomicUsize::new(0));
		let count = requests.clone();
		tokio::spawn(async move {
			while let Ok((stream, _)) = listener.accept().await {
				let earlier = count.fetch_add(1, Ordering::SeqCst);
				tokio::spawn(serve(stream, conduct.clone(), earlier));
			}
		});
		Server { url, requests }
	}

	fn locators(&self) -> Vec<String> {
		vec![self.url.clone()]
	}
}

/// Answer one request. A client that hangs up is what is hoped for.
async fn serve(mut stream: TcpStream, conduct: Conduct, earlier: usize) {
	let mut request = vec![0; 4096];
	let length = stream.read(&mut request).await.unwrap_or(0);
	let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
	let start: usize = request
		.lines()
		.find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok())
		.unwrap_or(0);
	let head = |status: &str, length: usize| {
		format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
	};
	let (head, body) = match conduct {
		Conduct::Stops(bytes, most) if earlier == 0 => {
			(head("200 OK", bytes.len()), bytes[..most].to_vec())
		},
		Conduct::Honest(bytes) | Conduct::Stops(bytes, _) => {
			let status = if start > 0 { "206 Partial Content" } else { "200 OK" };
			(head(status, bytes.len() - start), bytes[start..].to_vec())
		},
		Conduct::Lies(bytes) => (head("200 OK", bytes.len()), bytes),
		Conduct::Missing => (head("404 Not Found", 0), Vec::new()),
		Conduct::HangsUp => return,
		Conduct::NeverEnds => {
			let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
			while stream.write_all(&[0; 65536]).await.is_ok() {}
			return;
		},
	};
	let _ = stream.write_all(head.as_bytes()).await;
	let _ = stream.write_all(&body).await;
	let _ = stream.shutdown().await;
}

fn bytes(length: usize) -> Vec<u8> {
	(0..length).map(|index| (index * 31 % 251) as u8).collect()
}

fn store(folder: &TempDir, budget: u64) -> FileStore {
	FileStore::open(folder.path().join("store"), budget, false).unwrap()
}

fn files(folder: &Path) -> usize {
	std::fs::read_dir(folder).unwrap().count()
}

fn content(file: &VerifiedFile) -> Vec<u8> {
	file.read_blocking().unwrap()
}

#[tokio::test]
async fn an_artifact_is_fetched_once_and_kept() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(300_000);
	let server = Server::start(Conduct::Honest(wanted.clone())).await;
	let store = store(&folder, 1 << 20);
	for _ in 0..3 {
		let file = store.fetch(artifact_of(&wanted), &server.locators()).await.unwrap();
		assert_eq!(content(&file), wanted);
	}
	assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn those_who_want_one_artifact_at_once_share_one_download() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(300_000);
	let server = Server::start(Conduct::Honest(wanted.clone())).await;
	let (store, locators) = (store(&folder, 1 << 20), server.locators());
	let fetches = (0..8).map(|_| store.fetch(artifact_of(&wanted), &locators));
	for file in futures::future::join_all(fetches).await {
		assert_eq!(content(&file.unwrap()), wanted);
	}
	assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_stopped() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(300_000);
	let server = Server::start(Conduct::Stops(wanted.clone(), 100_000)).await;
	let store = store(&folder, 1 << 20);
	let broken = store.fetch(artifact_of(&wanted), &server.locators()).await.unwrap_err();
	assert!(matches!(broken, StoreError::Broken { .. }), "{broken}");
	assert!(broken.is_retryable());
	let part = std::fs::read_dir(folder.path().join("store/partial")).unwrap().next().unwrap();
	assert_eq!(part.unwrap().metadata().unwrap().len(), 100_000);
	let file = store.fetch(artifact_of(&wanted), &server.locators()).await.unwrap();
	assert_eq!(content(&file), wanted);
	assert_eq!(files(&folder.path().join("store/partial")), 0);
}

#[tokio::test]
async fn what_a_liar_began_an_honest_server_sets_right() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(300_000);
	let liar = Server::start(Conduct::Stops(vec![9; 300_000], 100_000)).await;
	let honest = Server::start(Conduct::Honest(wanted.clone())).await;
	let locators = [liar.url, honest.url.clone()];
	let file = store(&folder, 1 << 20).fetch(artifact_of(&wanted), &locators).await.unwrap();
	assert_eq!(content(&file), wanted);
	// From where the liar stopped, and again from the start.
	assert_eq!(honest.requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn bad_servers_have_each_their_error_and_leave_nothing() {
	let wanted = bytes(100_000);
	type IsRight = fn(&StoreError) -> bool;
	let cases: [(Conduct, bool, IsRight); 4] = [
		(Conduct::Lies(vec![1; 100_000]), false, |e| matches!(e, StoreError::WrongBytes { .. })),
		(Conduct::NeverEnds, false, |e| matches!(e, StoreError::TooLong { size: 100_000, .. })),
		(Conduct::Missing, true, |e| matches!(e, StoreError::Status { status: 404, .. })),
		(Conduct::HangsUp, true, |e| matches!(e, StoreError::Broken { .. })),
	];
	for (conduct, retryable, is_right) in cases {
		let folder = TempDir::new().unwrap();
		let server = Server::start(conduct).await;
		let store = store(&folder, 1 << 20);
		let fetched = store.fetch(artifact_of(&wanted), &server.locators()).await;
		let error = fetched.unwrap_err();
		assert!(is_right(&error), "{error}");
		assert_eq!(error.is_retryable(), retryable, "{error}");
		assert_eq!(files(&folder.path().join("store/partial")), 0, "{error}");
		assert_eq!(store.used(), 0);
	}
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
	let folder = TempDir::new().unwrap();
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}/file", listener.local_addr().unwrap());
	let store = store(&folder, 1 << 20).with_patience(Duration::from_millis(50));
	let error = store.fetch(artifact_of(b"x"), &[url]).await.unwrap_err();
	assert!(matches!(error, StoreError::Broken { .. }) && error.is_retryable(), "{error}");
}

#[tokio::test]
async fn the_first_locator_that_works_is_enough() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(1000);
	let missing = Server::start(Conduct::Missing).await;
	let liar = Server::start(Conduct::Lies(bytes(999))).await;
	let honest = Server::start(Conduct::Honest(wanted.clone())).await;
	let locators = ["no URL".into(), missing.url, liar.url, honest.url];
	let file = store(&folder, 1 << 20).fetch(artifact_of(&wanted), &locators).await.unwrap();
	assert_eq!(content(&file), wanted);
}

#[tokio::test]
async fn locators_that_are_not_followed_say_why() {
	let folder = TempDir::new().unwrap();
	let store = store(&folder, 1 << 20);
	for url in ["ftp://example.com/x", "file:///etc/passwd", "x"] {
		let error = store.fetch(artifact_of(b"x"), &[url.into()]).await.unwrap_err();
		assert!(matches!(error, StoreError::Refused { .. }) && !error.is_retryable(), "{error}");
	}
	let error = store.fetch(artifact_of(b"x"), &[]).await.unwrap_err();
	assert!(matches!(error, StoreError::NoLocator(_)), "{error}");
}

#[tokio::test]
async fn local_files_are_copied_where_that_is_allowed() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(1000);
	let path = folder.path().join("model");
	std::fs::write(&path, &wanted).unwrap();
	let url = format!("file://{}", path.display());
	let store = FileStore::open(folder.path().join("store"), 1 << 20, true).unwrap();
	let other = Artifact { size: 1000, ..artifact_of(b"another file") };
	let error = store.fetch(other, std::slice::from_ref(&url)).await.unwrap_err();
	assert!(matches!(error, StoreError::WrongBytes { .. }), "{error}");
	let file = store.fetch(artifact_of(&wanted), &[url]).await.unwrap();
	assert_eq!(content(&file), wanted);
	assert_ne!(file.path(), path);
}

#[tokio::test]
async fn what_was_used_longest_ago_goes_first() {
	let folder = TempDir::new().unwrap();
	// Three quarters of the budget are for what is kept: two of these files.
	let store = store(&folder, 4000);
	let file = |seed| vec![seed; 1400];
	let first = store.publish(file(1)).await.unwrap();
	tokio::time::sleep(Duration::from_millis(20)).await;
	let second = store.publish(file(2)).await.unwrap();
	tokio::time::sleep(Duration::from_millis(20)).await;
	store.fetch(first, &[]).await.unwrap();
	let third = store.publish(file(3)).await.unwrap();
	let here = [first, second, third].map(|artifact| store.find(artifact.hash).is_some());
	assert_eq!(here, [true, false, true]);
	assert!(store.used() <= 4000);
	let error = store.publish(vec![0; 3001]).await.unwrap_err();
	assert!(matches!(error, StoreError::NoRoom { size: 3001, .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_was_damaged_on_disk_is_fetched_again() {
	let folder = TempDir::new().unwrap();
	let wanted = bytes(1000);
	let store = store(&folder, 1 << 20);
	let artifact = store.publish(wanted.clone()).await.unwrap();
	let path = store.find(artifact.hash).unwrap();
	std::fs::write(&path, vec![0; 1000]).unwrap();
	let server = Server::start(Conduct::Honest(wanted.clone())).await;
	let file = store.fetch(artifact, &server.locators()).await.unwrap();
	assert_eq!(content(&file), wanted);
}

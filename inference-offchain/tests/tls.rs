//! Downloads over TLS. A binary of its own, because it sets what the process trusts.

use assay_worker::{
	artifact::artifact_of,
	store::{FileStore, ModelStore, StoreError},
};
use std::{
	net::TcpListener,
	path::Path,
	process::{Child, Command, Stdio},
	time::Duration,
};
use tempfile::TempDir;

/// The server, gone when dropped.
struct Server(Child);

impl Drop for Server {
	fn drop(&mut self) {
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

fn openssl(folder: &Path) -> Command {
	let mut command = Command::new("openssl");
	command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
	command
}

/// OpenSSL's own server, on a certificate for this machine that it signed itself.
fn serve(folder: &Path, port: u16) -> Server {
	let made = openssl(folder)
		.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
		.args(["-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost"])
		.args(["-addext", "subjectAltName=DNS:localhost"])
		.args(["-addext", "basicConstraints=critical,CA:FALSE"])
		.status()
		.unwrap();
	assert!(made.success(), "openssl makes a certificate");
	let port = port.to_string();
	let files = ["-cert", "certificate.pem", "-key", "key.pem"];
	let server = openssl(folder).args(["s_server", "-HTTP", "-accept", &port]).args(files).spawn();
	Server(server.unwrap())
}

#[tokio::test]
async fn a_server_is_trusted_by_its_certificate_and_by_nothing_else() {
	let folder = TempDir::new().unwrap();
	let wanted = vec![7; 100_000];
	// `s_server -HTTP` sends a file as it is, so the file carries the answer's head.
	let mut answer = b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
	answer.extend(&wanted);
	std::fs::write(folder.path().join("model"), answer).unwrap();
	let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
	let _server = serve(folder.path(), port);
	while std::net::TcpStream::connect(("localhost", port)).is_err() {
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
	let locators = [format!("https://localhost:{port}/model")];
	let artifact = artifact_of(&wanted);

	// The machine's own roots do not know this certificate.
	let store = FileStore::open(folder.path().join("distrustful"), 1 << 20, false).unwrap();
	let error = store.fetch(artifact, &locators).await.unwrap_err();
	assert!(matches!(error, StoreError::Broken { .. }), "{error}");
	assert!(error.to_string().contains("certificate"), "{error}");

	std::env::set_var("SSL_CERT_FILE", folder.path().join("certificate.pem"));
	let store = FileStore::open(folder.path().join("trustful"), 1 << 20, false).unwrap();
	let file = store.fetch(artifact, &locators).await.unwrap();
	assert_eq!(file.read_blocking().unwrap(), wanted);
}

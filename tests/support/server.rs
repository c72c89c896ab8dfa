//! An artifact server that misbehaves.

use anyhow::Result;
use std::time::Duration;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	task::JoinHandle,
};

/// How a server misbehaves.
#[derive(Clone, Debug)]
pub enum Conduct {
	/// It serves these bytes, whatever is asked for.
	Lies(Vec<u8>),
	/// It accepts connections and never answers.
	Hangs,
	/// It serves zeros without end.
	NeverEnds,
	/// It promises more bytes than it sends.
	Stops(Vec<u8>),
}

/// A server on a port that the system chose. It ends when dropped.
pub struct Server {
	url: String,
	task: JoinHandle<()>,
}

impl Server {
	/// Start a server.
	pub async fn start(conduct: Conduct) -> Result<Self> {
		let listener = TcpListener::bind("127.0.0.1:0").await?;
		let url = format!("http://{}/model.onnx", listener.local_addr()?);
		let task = tokio::spawn(async move {
			while let Ok((stream, _)) = listener.accept().await {
				tokio::spawn(serve(stream, conduct.clone()));
			}
		});
		Ok(Server { url, task })
	}

	/// Where it claims to keep the artifact.
	pub fn url(&self) -> &str {
		&self.url
	}
}

impl Drop for Server {
	fn drop(&mut self) {
		self.task.abort();
	}
}

/// Answer one request. A client that hangs up is what is hoped for.
async fn serve(mut stream: TcpStream, conduct: Conduct) {
	let mut request = [0; 4096];
	let _ = stream.read(&mut request).await;
	let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
	match conduct {
		Conduct::Lies(bytes) => {
			let _ = stream.write_all(head(bytes.len()).as_bytes()).await;
			let _ = stream.write_all(&bytes).await;
		},
		Conduct::Stops(bytes) => {
			let _ = stream.write_all(head(bytes.len() * 2).as_bytes()).await;
			let _ = stream.write_all(&bytes).await;
		},
		Conduct::Hangs => tokio::time::sleep(Duration::from_secs(3600)).await,
		Conduct::NeverEnds => {
			let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
			while stream.write_all(&[0; 65536]).await.is_ok() {}
		},
	}
}

//! Downloads artifacts, whole or what is missing of them, and checks every byte.

use super::{FileStore, Part, StoreError};
use crate::artifact::VerifiedFile;
use assay_primitives::model::Artifact;
use reqwest::{header, StatusCode, Url};
use std::{io::Read, path::PathBuf, time::Duration};
use tokio::io::AsyncWriteExt;

/// How long a server may take to take a connection.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may stand still.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// The bytes a second that a server must give over a whole download.
const LEAST_RATE: u64 = 64 * 1024;

impl FileStore {
	/// Fetch an artifact from one locator.
	pub(super) async fn download(
		&self,
		artifact: Artifact,
		url: &str,
	) -> Result<VerifiedFile, StoreError> {
		let refused = |reason| StoreError::Refused { url: url.into(), reason };
		let parsed = Url::parse(url).map_err(|_| refused("not a URL"))?;
		match parsed.scheme() {
			"http" | "https" => {
				let resumed = self.get_in_time(artifact, url, parsed.clone()).await?;
				match self.accept(artifact, url) {
					// What was there before may have come from a liar: once more from the start.
					Err(StoreError::WrongBytes { .. }) if resumed => {},
					accepted => return accepted,
				}
				self.get_in_time(artifact, url, parsed).await?;
			},
			"file" if self.allow_file_locators => {
				let path = parsed.to_file_path().map_err(|()| refused("not a local path"))?;
				self.copy(artifact, url, path)?;
			},
			"file" => return Err(refused("file locators are not allowed here")),
			_ => return Err(refused("not an http, https or file URL")),
		}
		self.accept(artifact, url)
	}

	/// Check what has come, and put it in its place.
	fn accept(&self, artifact: Artifact, url: &str) -> Result<VerifiedFile, StoreError> {
		let partial = self.partial(artifact.hash);
		if VerifiedFile::check(&partial, artifact)?.is_none() {
			std::fs::remove_file(&partial)?;
			return Err(StoreError::WrongBytes { url: url.into(), hash: artifact.hash });
		}
		self.make_room(Part::Kept, artifact.size)?;
		let path = self.path(Part::Kept, artifact.hash);
		std::fs::File::open(&partial)?.sync_all()?;
		std::fs::rename(&partial, &path)?;
		let file = VerifiedFile::check(&path, artifact)?;
		file.ok_or_else(|| StoreError::WrongBytes { url: url.into(), hash: artifact.hash })
	}

	/// Get what is missing by HTTP, at no less than a least rate over all.
	async fn get_in_time(
		&self,
		artifact: Artifact,
		text: &str,
		url: Url,
	) -> Result<bool, StoreError> {
		let longest = self.patience + Duration::from_secs(artifact.size / LEAST_RATE);
		tokio::time::timeout(longest, self.get(artifact, text, url)).await.map_err(|_| {
			let reason = "the server is too slow".into();
			StoreError::Broken { url: text.into(), reason }
		})?
	}

	/// Get what is missing of an artifact by HTTP; returns whether there was a part already.
	async fn get(&self, artifact: Artifact, text: &str, url: Url) -> Result<bool, StoreError> {
		let broken = |reason: String| StoreError::Broken { url: text.into(), reason };
		let partial = self.partial(artifact.hash);
		let have = std::fs::metadata(&partial).map_or(0, |data| data.len());
		if have == artifact.size && have > 0 {
			return Ok(true);
		}
		let mut request = self.client.get(url);
		if have > 0 && have < artifact.size {
			request = request.header(header::RANGE, format!("bytes={have}-"));
		}
		let mut response = tokio::time::timeout(self.patience, request.send())
			.await
			.map_err(|_| broken("the server stands still".into()))?
			.map_err(|error| broken(chain(&error)))?;
		let (append, mut length) = match response.status() {
			StatusCode::PARTIAL_CONTENT => (true, have),
			StatusCode::OK => (false, 0),
			status => return Err(StoreError::Status { url: text.into(), status: status.as_u16() }),
		};
		let mut options = tokio::fs::OpenOptions::new();
		options.create(true).write(true).append(append).truncate(!append);
		let mut file = options.open(&partial).await?;
		let ended = loop {
			match tokio::time::timeout(self.patience, response.chunk()).await {
				Err(_) => break Err(broken("the server stands still".into())),
				Ok(Err(error)) => break Err(broken(chain(&error))),
				Ok(Ok(None)) => break Ok(()),
				Ok(Ok(Some(chunk))) => {
					length = length.saturating_add(chunk.len() as u64);
					if length > artifact.size {
						drop(file);
						std::fs::remove_file(&partial)?;
						return Err(StoreError::TooLong { url: text.into(), size: artifact.size });
					}
					file.write_all(&chunk).await?;
				},
			}
		};
		// What came before the connection broke is kept for the next attempt.
		file.flush().await?;
		ended?;
		if length < artifact.size {
			return Err(broken(format!("only {length} of {} bytes came", artifact.size)));
		}
		Ok(append)
	}

	/// Copy a local file, no more of it than the artifact has.
	fn copy(&self, artifact: Artifact, url: &str, path: PathBuf) -> Result<(), StoreError> {
		let source = std::fs::File::open(path)?;
		if !source.metadata()?.is_file() || source.metadata()?.len() != artifact.size {
			return Err(StoreError::WrongBytes { url: url.into(), hash: artifact.hash });
		}
		let mut target = std::fs::File::create(self.partial(artifact.hash))?;
		std::io::copy(&mut source.take(artifact.size), &mut target)?;
		Ok(())
	}
}

/// An error with what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(error) = cause {
		text.push_str(&format!(": {error}"));
		cause = error.source();
	}
	text
}

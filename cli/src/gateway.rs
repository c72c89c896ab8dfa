//! Moves artifacts to and from a gateway over HTTP. What arrives is believed by its hash alone.

use crate::{failure::Failure, output::Output};
use assay_primitives::{model::Artifact, ArtifactHash};
use futures::{stream, StreamExt};
use reqwest::{
	header::{CONTENT_LENGTH, RANGE},
	Body, Client, Response, StatusCode,
};
use std::{
	convert::Infallible,
	io::Read,
	path::{Path, PathBuf},
	time::Duration,
};
use tokio::{fs, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;

/// How long a gateway may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// The bytes that are sent at once.
const PIECE: usize = 1 << 16;

/// The URL of an artifact at a gateway.
pub fn artifact_url(gateway: &str, hash: &ArtifactHash) -> String {
	format!("{}/v1/artifacts/{hash}", gateway.trim_end_matches('/'))
}

fn client() -> Result<Client, Failure> {
	let builder = Client::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE);
	builder.build().map_err(|error| failed(&error))
}

fn failed(error: &reqwest::Error) -> Failure {
	// reqwest's own text names the URL but not the cause.
	let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
	Failure::new("gateway", format!("{error}{}", cause.unwrap_or_default()))
		.help("is the gateway running? a worker serves one; --gateway names its URL")
}

fn refused(url: &str, status: StatusCode) -> Failure {
	let meaning = match status {
		StatusCode::BAD_REQUEST => "the bytes do not match the hash",
		StatusCode::NOT_FOUND => "the gateway does not have the artifact",
		StatusCode::PAYLOAD_TOO_LARGE => "the artifact is larger than the gateway takes",
		_ => "unexpected status",
	};
	Failure::new("gateway", format!("{url}: {meaning} ({status})"))
}

fn file_failed(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
	move |error| Failure::new("file", format!("{}: {error}", path.display()))
}

/// The hash and size of a file.
pub fn hash_file(path: &Path, output: &Output) -> Result<Artifact, Failure> {
	let mut file = std::fs::File::open(path).map_err(file_failed(path))?;
	let size = file.metadata().map_err(file_failed(path))?.len();
	let bar = output.transfer("hashing", Some(size));
	let (mut hasher, mut read) = (blake3::Hasher::new(), 0u64);
	let mut buffer = vec![0; 1 << 16];
	loop {
		let count = file.read(&mut buffer).map_err(file_failed(path))?;
		if count == 0 {
			break;
		}
		hasher.update(&buffer[..count]);
		read += count as u64;
		bar.inc(count as u64);
	}
	bar.finish_and_clear();
	Ok(Artifact { hash: ArtifactHash(hasher.finalize().into()), size: read })
}

/// The hash and size of bytes.
pub fn hash_bytes(bytes: &[u8]) -> Artifact {
	Artifact { hash: ArtifactHash(blake3::hash(bytes).into()), size: bytes.len() as u64 }
}

/// Upload a file. Says whether it was new to the gateway.
pub async fn put_file(
	gateway: &str,
	artifact: &Artifact,
	path: &Path,
	output: &Output,
) -> Result<bool, Failure> {
	let file = fs::File::open(path).await.map_err(file_failed(path))?;
	let bar = output.transfer("uploading", Some(artifact.size));
	let progress = bar.clone();
	let stream = ReaderStream::new(file).inspect(move |chunk| {
		progress.inc(chunk.as_ref().map_or(0, |chunk| chunk.len() as u64));
	});
	let created = put(gateway, artifact, Body::wrap_stream(stream)).await;
	bar.finish_and_clear();
	created
}

/// Upload bytes. Says whether they were new to the gateway.
pub async fn put_bytes(
	gateway: &str,
	artifact: &Artifact,
	bytes: Vec<u8>,
	output: &Output,
) -> Result<bool, Failure> {
	let bar = output.transfer("uploading", Some(artifact.size));
	let progress = bar.clone();
	let pieces = (0..bytes.len()).step_by(PIECE).map(move |start| {
		let end = start.saturating_add(PIECE).min(bytes.len());
		progress.inc((end - start) as u64);
		Ok::<_, Infallible>(bytes[start..end].to_vec())
	});
	let created = put(gateway, artifact, Body::wrap_stream(stream::iter(pieces))).await;
	bar.finish_and_clear();
	created
}

async fn put(gateway: &str, artifact: &Artifact, body: Body) -> Result<bool, Failure> {
	let url = artifact_url(gateway, &artifact.hash);
	let client = client()?;
	// Asked first, so that a large file that is there is not sent in vain.
	let known = client.head(&url).send().await.map_err(|error| failed(&error))?;
	if known.status() == StatusCode::OK {
		return Ok(false);
	}
	let request = client.put(&url).header(CONTENT_LENGTH, artifact.size).body(body);
	let answer = request.send().await.map_err(|error| failed(&error))?;
	match answer.status() {
		StatusCode::CREATED => Ok(true),
		StatusCode::OK => Ok(false),
		status => Err(refused(&url, status)),
	}
}

/// Fetch an artifact of known size into memory.
pub async fn get_bytes(
	gateway: &str,
	artifact: &Artifact,
	output: &Output,
) -> Result<Vec<u8>, Failure> {
	get_bytes_at(&artifact_url(gateway, &artifact.hash), artifact, output).await
}

/// Fetch it from wherever somebody says that it lies.
pub async fn get_bytes_at(
	url: &str,
	artifact: &Artifact,
	output: &Output,
) -> Result<Vec<u8>, Failure> {
	let answer = client()?.get(url).send().await.map_err(|error| failed(&error))?;
	if answer.status() != StatusCode::OK {
		return Err(refused(url, answer.status()));
	}
	let bar = output.transfer("fetching", Some(artifact.size));
	let mut bytes = Vec::new();
	let mut stream = answer.bytes_stream();
	while let Some(chunk) = stream.next().await {
		let chunk = chunk.map_err(|error| failed(&error))?;
		if (bytes.len() + chunk.len()) as u64 > artifact.size {
			return Err(endless(url, artifact.size));
		}
		bar.inc(chunk.len() as u64);
		bytes.extend_from_slice(&chunk);
	}
	bar.finish_and_clear();
	if hash_bytes(&bytes) == *artifact {
		Ok(bytes)
	} else {
		Err(mismatch(url))
	}
}

fn endless(url: &str, most: u64) -> Failure {
	Failure::new("gateway", format!("{url}: more than {most} bytes are sent"))
}

fn mismatch(url: &str) -> Failure {
	Failure::new("gateway", format!("{url}: the bytes that were sent do not match the hash"))
		.help("the gateway lies or is damaged; fetch the artifact from another one")
}

/// Fetch an artifact into a file, going on where an earlier attempt was cut off.
pub async fn get_file(
	gateway: &str,
	hash: &ArtifactHash,
	path: &Path,
	most: u64,
	output: &Output,
) -> Result<Artifact, Failure> {
	let url = artifact_url(gateway, hash);
	let part = part_path(path);
	let have = fs::metadata(&part).await.map_or(0, |metadata| metadata.len());
	let mut answer = request_from(&url, have).await?;
	if answer.status() == StatusCode::RANGE_NOT_SATISFIABLE {
		answer = request_from(&url, 0).await?;
	}
	let resumed = match answer.status() {
		StatusCode::OK => 0,
		StatusCode::PARTIAL_CONTENT => have,
		status => return Err(refused(&url, status)),
	};
	receive(answer, &url, &part, resumed, most, output).await?;
	let artifact = hash_file(&part, output)?;
	if artifact.hash != *hash {
		fs::remove_file(&part).await.map_err(file_failed(&part))?;
		return Err(mismatch(&url));
	}
	fs::rename(&part, path).await.map_err(file_failed(path))?;
	Ok(artifact)
}

fn part_path(path: &Path) -> PathBuf {
	let mut name = path.as_os_str().to_owned();
	name.push(".part");
	name.into()
}

async fn request_from(url: &str, start: u64) -> Result<Response, Failure> {
	let mut request = client()?.get(url);
	if start > 0 {
		request = request.header(RANGE, format!("bytes={start}-"));
	}
	request.send().await.map_err(|error| failed(&error))
}

async fn receive(
	answer: Response,
	url: &str,
	part: &Path,
	start: u64,
	most: u64,
	output: &Output,
) -> Result<(), Failure> {
	let total = answer.content_length().map(|length| length.saturating_add(start));
	let mut options = fs::OpenOptions::new();
	let options = options.create(true).write(true).append(start > 0).truncate(start == 0);
	let mut file = options.open(part).await.map_err(file_failed(part))?;
	let bar = output.transfer("fetching", total);
	bar.inc(start);
	let (mut stream, mut length) = (answer.bytes_stream(), start);
	while let Some(chunk) = stream.next().await {
		let chunk = chunk.map_err(|error| {
			failed(&error).help("run the command again: it goes on where it was cut off")
		})?;
		length += chunk.len() as u64;
		if length > most {
			return Err(endless(url, most));
		}
		file.write_all(&chunk).await.map_err(file_failed(part))?;
		bar.inc(chunk.len() as u64);
	}
	file.sync_all().await.map_err(file_failed(part))?;
	bar.finish_and_clear();
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn artifact_urls_have_one_slash() {
		let hash = ArtifactHash([0xab; 32]);
		let expected = format!("http://x:1/v1/artifacts/{}", "ab".repeat(32));
		assert_eq!(artifact_url("http://x:1/", &hash), expected);
		assert_eq!(artifact_url("http://x:1", &hash), expected);
	}

	#[test]
	fn a_file_and_its_bytes_have_one_hash() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("file");
		std::fs::write(&path, vec![7; 200_000]).unwrap();
		let output = Output { json: false, quiet: true };
		assert_eq!(hash_file(&path, &output).unwrap(), hash_bytes(&[7; 200_000]));
	}
}

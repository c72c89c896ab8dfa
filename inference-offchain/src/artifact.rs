//! Files that are known by what they contain. Bytes that were not checked cannot be used.

use assay_primitives::{
	model::{Artifact, VersionSpec},
	ArtifactHash,
};
use std::{
	io::{self, Read},
	path::{Path, PathBuf},
};

/// The artifact of some bytes.
pub fn artifact_of(bytes: &[u8]) -> Artifact {
	Artifact { hash: ArtifactHash(*blake3::hash(bytes).as_bytes()), size: bytes.len() as u64 }
}

/// A file whose size and BLAKE3 hash were found to be its artifact's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedFile {
	artifact: Artifact,
	path: PathBuf,
}

impl VerifiedFile {
	/// Check the file at `path`; `Ok(None)` when it is not the artifact. Blocks.
	pub fn check(path: &Path, artifact: Artifact) -> io::Result<Option<Self>> {
		let file = std::fs::File::open(path)?;
		if file.metadata()?.len() != artifact.size {
			return Ok(None);
		}
		let mut hasher = blake3::Hasher::new();
		// A file that grows meanwhile is not read beyond its size.
		hasher.update_reader(file.take(artifact.size))?;
		let found = ArtifactHash(*hasher.finalize().as_bytes());
		Ok((found == artifact.hash).then(|| VerifiedFile { artifact, path: path.into() }))
	}

	/// What the file contains.
	pub fn artifact(&self) -> Artifact {
		self.artifact
	}

	/// Where the file lies.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Read the file, checking it again: what is used is what was verified. Blocks.
	pub fn read_blocking(&self) -> io::Result<Vec<u8>> {
		let mut bytes = Vec::new();
		std::fs::File::open(&self.path)?.take(self.artifact.size).read_to_end(&mut bytes)?;
		if artifact_of(&bytes) == self.artifact {
			Ok(bytes)
		} else {
			Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not what was verified"))
		}
	}

	/// Read the file, checking it again.
	pub async fn read(&self) -> io::Result<Vec<u8>> {
		let file = self.clone();
		tokio::task::spawn_blocking(move || file.read_blocking()).await.map_err(io::Error::other)?
	}
}

/// A model version with its verified file.
#[derive(Clone, Debug)]
pub struct VerifiedModel {
	/// What the publisher declared.
	pub spec: VersionSpec,
	/// Its file.
	pub file: VerifiedFile,
}

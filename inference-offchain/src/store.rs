//! A folder of artifacts, named by their hashes.
//!
//! What the worker fetched or made itself is `kept`; what others handed to the gateway is
//! `uploaded`, within a quarter of the budget, so that uploads never drive out what the worker
//! owes to requesters. In each part, what was used longest ago goes first when room is needed.

mod download;

use crate::artifact::{artifact_of, VerifiedFile};
use assay_primitives::{model::Artifact, ArtifactHash};
use async_trait::async_trait;
use std::{
	collections::HashMap,
	io::{self, Write},
	path::{Path, PathBuf},
	sync::{Arc, Mutex, PoisonError, Weak},
	time::{Duration, SystemTime},
};
use tempfile::NamedTempFile;

/// Fetches and keeps artifacts.
#[async_trait]
pub trait ModelStore: Send + Sync + 'static {
	/// The artifact's file, from the folder or from the first locator that has it.
	async fn fetch(
		&self,
		artifact: Artifact,
		locators: &[String],
	) -> Result<VerifiedFile, StoreError>;

	/// Keep bytes.
	async fn publish(&self, bytes: Vec<u8>) -> Result<Artifact, StoreError>;
}

/// Why an artifact cannot be fetched or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
	/// The disk failed.
	#[error("disk: {0}")]
	Io(#[from] io::Error),
	/// The artifact is larger than all the room there is.
	#[error("an artifact of {size} bytes does not fit into {budget}")]
	NoRoom {
		/// The artifact's size.
		size: u64,
		/// The room.
		budget: u64,
	},
	/// Nobody says where the artifact is.
	#[error("artifact {0} is not here, and has no locator")]
	NoLocator(ArtifactHash),
	/// The locator is of a kind that is not followed.
	#[error("{url}: {reason}")]
	Refused {
		/// The locator.
		url: String,
		/// Why.
		reason: &'static str,
	},
	/// The server has no such thing.
	#[error("{url}: the server answers {status}")]
	Status {
		/// The locator.
		url: String,
		/// The HTTP status.
		status: u16,
	},
	/// The bytes are not the artifact's.
	#[error("{url}: the bytes are not those of artifact {hash}")]
	WrongBytes {
		/// The locator.
		url: String,
		/// The artifact's hash.
		hash: ArtifactHash,
	},
	/// The server sends more than the artifact has.
	#[error("{url}: more than the artifact's {size} bytes")]
	TooLong {
		/// The locator.
		url: String,
		/// The artifact's size.
		size: u64,
	},
	/// The connection broke or stood still; what came is kept.
	#[error("{url}: {reason}")]
	Broken {
		/// The locator.
		url: String,
		/// What happened.
		reason: String,
	},
}

impl StoreError {
	/// Whether the same may succeed later with nothing changed.
	pub fn is_retryable(&self) -> bool {
		match self {
			StoreError::Io(error) => error.kind() != io::ErrorKind::InvalidData,
			StoreError::Broken { .. } => true,
			StoreError::Status { status, .. } => {
				*status >= 500 || matches!(status, 404 | 408 | 429)
			},
			_ => false,
		}
	}
}

/// The two parts of the folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
	Kept,
	Uploaded,
}

/// A store in a folder.
pub struct FileStore {
	folder: PathBuf,
	budget: u64,
	allow_file_locators: bool,
	client: reqwest::Client,
	/// How long a server may stand still.
	patience: Duration,
	/// One fetch of an artifact at a time; those who come later find its file.
	fetching: Mutex<HashMap<ArtifactHash, Weak<tokio::sync::Mutex<()>>>>,
}

impl FileStore {
	/// Open a folder, of which at most `budget` bytes are used.
	pub fn open(
		folder: impl Into<PathBuf>,
		budget: u64,
		allow_file_locators: bool,
	) -> Result<Self, StoreError> {
		let folder = folder.into();
		for part in ["kept", "uploaded", "partial"] {
			std::fs::create_dir_all(folder.join(part))?;
		}
		let client = reqwest::Client::builder()
			.connect_timeout(download::CONNECT_TIMEOUT)
			.redirect(reqwest::redirect::Policy::limited(3))
			.build()
			.map_err(io::Error::other)?;
		let fetching = Mutex::default();
		let patience = download::IDLE_TIMEOUT;
		Ok(FileStore { folder, budget, allow_file_locators, client, patience, fetching })
	}

	/// Give up on a server that stands still for this long, instead of the usual 20 seconds.
	pub fn with_patience(self, patience: Duration) -> Self {
		FileStore { patience, ..self }
	}

	/// Where an artifact is, if it is here.
	pub fn find(&self, hash: ArtifactHash) -> Option<PathBuf> {
		[Part::Kept, Part::Uploaded]
			.into_iter()
			.map(|part| self.path(part, hash))
			.find(|path| path.is_file())
	}

	pub(crate) fn path(&self, part: Part, hash: ArtifactHash) -> PathBuf {
		let folder = match part {
			Part::Kept => "kept",
			Part::Uploaded => "uploaded",
		};
		self.folder.join(folder).join(hash.to_string())
	}

	pub(crate) fn partial(&self, hash: ArtifactHash) -> PathBuf {
		self.folder.join("partial").join(hash.to_string())
	}

	/// The bytes that a part may have.
	pub(crate) fn room(&self, part: Part) -> u64 {
		let uploads = self.budget / 4;
		match part {
			Part::Kept => self.budget.saturating_sub(uploads),
			Part::Uploaded => uploads,
		}
	}

	/// The bytes that are used.
	pub fn used(&self) -> u64 {
		[Part::Kept, Part::Uploaded]
			.into_iter()
			.flat_map(|part| files(&self.part_folder(part)))
			.map(|(_, _, size)| size)
			.sum()
	}

	fn part_folder(&self, part: Part) -> PathBuf {
		self.folder.join(match part {
			Part::Kept => "kept",
			Part::Uploaded => "uploaded",
		})
	}

	/// Remove what was used longest ago until `size` more bytes fit. Blocks.
	pub(crate) fn make_room(&self, part: Part, size: u64) -> Result<(), StoreError> {
		let budget = self.room(part);
		if size > budget {
			return Err(StoreError::NoRoom { size, budget });
		}
		let mut files = files(&self.part_folder(part));
		files.sort_unstable_by_key(|(_, used, _)| *used);
		let mut total: u64 = files.iter().map(|(_, _, size)| size).sum();
		for (path, _, old) in files {
			if total.saturating_add(size) <= budget {
				break;
			}
			std::fs::remove_file(path)?;
			total = total.saturating_sub(old);
		}
		Ok(())
	}

	/// A file to write an artifact to, which becomes the artifact's by [`FileStore::adopt`].
	pub(crate) fn new_file(&self) -> Result<NamedTempFile, StoreError> {
		Ok(NamedTempFile::new_in(self.folder.join("partial"))?)
	}

	/// Put a whole and checked file in its place. Blocks.
	pub(crate) fn adopt(
		&self,
		part: Part,
		file: NamedTempFile,
		artifact: Artifact,
	) -> Result<(), StoreError> {
		self.make_room(part, artifact.size)?;
		file.as_file().sync_all()?;
		file.persist(self.path(part, artifact.hash)).map_err(|error| error.error)?;
		Ok(())
	}

	fn lookup(&self, artifact: Artifact) -> Result<Option<VerifiedFile>, StoreError> {
		for part in [Part::Kept, Part::Uploaded] {
			let path = self.path(part, artifact.hash);
			match VerifiedFile::check(&path, artifact) {
				Ok(Some(file)) => {
					touch(&path);
					return Ok(Some(file));
				},
				// Damaged on disk: it is fetched again.
				Ok(None) => std::fs::remove_file(&path)?,
				Err(error) if error.kind() == io::ErrorKind::NotFound => {},
				Err(error) => return Err(error.into()),
			}
		}
		Ok(None)
	}

	/// The lock on the fetch of one artifact.
	fn turn(&self, hash: ArtifactHash) -> Arc<tokio::sync::Mutex<()>> {
		let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
		fetching.retain(|_, turn| turn.strong_count() > 0);
		if let Some(turn) = fetching.get(&hash).and_then(Weak::upgrade) {
			return turn;
		}
		let turn = Arc::new(tokio::sync::Mutex::new(()));
		fetching.insert(hash, Arc::downgrade(&turn));
		turn
	}
}

#[async_trait]
impl ModelStore for FileStore {
	async fn fetch(
		&self,
		artifact: Artifact,
		locators: &[String],
	) -> Result<VerifiedFile, StoreError> {
		let turn = self.turn(artifact.hash);
		let _turn = turn.lock().await;
		if let Some(file) = self.lookup(artifact)? {
			return Ok(file);
		}
		self.make_room(Part::Kept, artifact.size)?;
		let mut failure = StoreError::NoLocator(artifact.hash);
		for url in locators {
			match self.download(artifact, url).await {
				Ok(file) => return Ok(file),
				Err(error) => {
					tracing::warn!(target: "worker::store", hash = %artifact.hash, %error, "not fetched");
					// One locator that may work later makes the whole worth another try.
					if !failure.is_retryable() {
						failure = error;
					}
				},
			}
		}
		Err(failure)
	}

	async fn publish(&self, bytes: Vec<u8>) -> Result<Artifact, StoreError> {
		let artifact = artifact_of(&bytes);
		let mut file = self.new_file()?;
		file.write_all(&bytes)?;
		self.adopt(Part::Kept, file, artifact)?;
		Ok(artifact)
	}
}

/// The files of a folder with the time of their last use and their size.
fn files(folder: &Path) -> Vec<(PathBuf, SystemTime, u64)> {
	let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
	entries
		.flatten()
		.filter_map(|entry| {
			let data = entry.metadata().ok().filter(|data| data.is_file())?;
			Some((entry.path(), data.modified().unwrap_or(SystemTime::UNIX_EPOCH), data.len()))
		})
		.collect()
}

/// Note that a file was used. That it cannot be noted only makes it go earlier.
fn touch(path: &Path) {
	if let Ok(file) = std::fs::File::options().append(true).open(path) {
		let _ = file.set_modified(SystemTime::now());
	}
}

//! Lists of the files of an asset: what the chain is told is their root, and the list itself is
//! passed on by the owner.

use crate::{failure::Failure, file, gateway::hash_file, manifest::bounded, output::Output, views};
use assay_client::content;
use assay_primitives::{
	model::Artifact,
	rights::{manifest_root, FileEntry, Manifest},
	ArtifactHash, Root,
};
use serde::{Deserialize, Serialize};
use std::{
	collections::{BTreeMap, BTreeSet},
	fs::File,
	path::{Path, PathBuf},
};

/// The most bytes of a list.
const MOST_LIST: u64 = 256 * 1024 * 1024;
/// The ending of encrypted files.
pub const ENCRYPTED: &str = ".enc";
/// What a file is of which nothing else is known.
const UNKNOWN: &str = "application/octet-stream";
/// What files with an ending are.
const MEDIA_TYPES: [(&str, &str); 22] = [
	("avi", "video/x-msvideo"),
	("bmp", "image/bmp"),
	("csv", "text/csv"),
	("flac", "audio/flac"),
	("gif", "image/gif"),
	("gz", "application/gzip"),
	("html", "text/html"),
	("jpeg", "image/jpeg"),
	("jpg", "image/jpeg"),
	("json", "application/json"),
	("jsonl", "application/jsonl"),
	("md", "text/markdown"),
	("mp3", "audio/mpeg"),
	("mp4", "video/mp4"),
	("parquet", "application/vnd.apache.parquet"),
	("pdf", "application/pdf"),
	("png", "image/png"),
	("tsv", "text/tab-separated-values"),
	("txt", "text/plain"),
	("wav", "audio/wav"),
	("xml", "application/xml"),
	("zip", "application/zip"),
];

/// What files with other endings are.
pub type MediaTypes = BTreeMap<String, String>;

/// The files of an asset, in the order in which the root is over them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileList {
	/// What the chain is told.
	pub root: Root,
	/// The commitment to the key that the files are encrypted with.
	#[serde(default)]
	pub key: Option<Root>,
	/// The files.
	pub files: Vec<ListedFile>,
}

/// A file of a list. Of an encrypted one, hash and size are those of the encrypted bytes, which are
/// what is passed on, and the type is that of its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
	/// Its name, which the root does not cover.
	pub name: String,
	/// The BLAKE3 hash of its bytes.
	pub hash: ArtifactHash,
	/// The number of its bytes.
	pub size: u64,
	/// What it is.
	pub media_type: String,
}

impl FileList {
	/// The list of these files. If they are said to be encrypted, each is checked to be, with the
	/// very key.
	pub fn of(
		paths: &[PathBuf],
		media_types: &MediaTypes,
		key: Option<Root>,
		output: &Output,
	) -> Result<Self, Failure> {
		let mut names = BTreeSet::new();
		let mut files = Vec::with_capacity(paths.len());
		for path in paths {
			let name = name_of(path)?;
			if !names.insert(name.clone()) {
				return Err(Failure::new("file", format!("two files are named `{name}`"))
					.help("the names are what readers tell the files of a list by"));
			}
			if let Some(key) = key {
				ensure_encrypted(path, key)?;
			}
			let Artifact { hash, size } = hash_file(path, output)?;
			let media_type = media_type(&name, media_types);
			files.push(ListedFile { name, hash, size, media_type });
		}
		Ok(FileList { root: root_of(&files)?, key, files })
	}

	/// Read a list, whose root is checked.
	pub fn read(path: &Path) -> Result<Self, Failure> {
		let fail =
			|reason: String| Failure::new("file-list", format!("{}: {reason}", path.display()));
		let bytes = file::read(path, MOST_LIST).map_err(|reason| Failure::new("file", reason))?;
		let list: FileList =
			serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
		let root = root_of(&list.files)?;
		if root == list.root {
			return Ok(list);
		}
		Err(fail(format!("the root of its files is {root}, not {}", list.root))
			.help("it was changed, or is incomplete: `assay data manifest` makes a list anew"))
	}

	/// What the chain is told.
	pub fn manifest(&self, locator: &str) -> Result<Manifest, Failure> {
		let sizes = self.files.iter().map(|file| file.size);
		let bytes = sizes.fold(0, u64::saturating_add);
		let many = |_| Failure::new("file-list", "there are more files than the chain can count");
		Ok(Manifest {
			root: self.root,
			files: u32::try_from(self.files.len()).map_err(many)?,
			bytes,
			locator: bounded(locator.as_bytes().to_vec(), "the locator")?,
		})
	}

	/// Check the files of the list in a folder.
	pub fn check(&self, folder: &Path, output: &Output) -> Result<(), Failure> {
		for file in &self.files {
			let name = views::text(file.name.as_bytes());
			let wrong = |what: &str| Failure::new("file-list", format!("`{name}` {what}"));
			// Whoever made the list chose the names: none may lead out of the folder.
			if Path::new(&file.name).file_name() != Some(file.name.as_ref()) {
				return Err(wrong("is no name of a file"));
			}
			let found = hash_file(&folder.join(&file.name), output)?;
			if found != (Artifact { hash: file.hash, size: file.size }) {
				return Err(wrong("is not the file of the list").help("fetch it again"));
			}
		}
		Ok(())
	}
}

fn root_of(files: &[ListedFile]) -> Result<Root, Failure> {
	let entry = |file: &ListedFile| {
		let media_type = bounded(file.media_type.as_bytes().to_vec(), "a media type")?;
		Ok(FileEntry { hash: file.hash, size: file.size, media_type })
	};
	let entries = files.iter().map(entry).collect::<Result<Vec<_>, Failure>>()?;
	Ok(manifest_root(&entries))
}

/// The name of a file, without its folder.
pub fn name_of(path: &Path) -> Result<String, Failure> {
	let name = path.file_name().and_then(|name| name.to_str());
	let none = || Failure::new("file", format!("{} has no name in UTF-8", path.display()));
	name.map(str::to_owned).ok_or_else(none)
}

/// Fail unless a file is encrypted with the key that has this commitment.
fn ensure_encrypted(path: &Path, key: Root) -> Result<(), Failure> {
	let shown = path.display();
	let opened = File::open(path)
		.map_err(|error| Failure::new("file", format!("cannot read {shown}: {error}")))?;
	let help = "`assay data encrypt` encrypts it; what is published openly stays open";
	match content::commitment_of(opened) {
		Ok(found) if found == key => Ok(()),
		Ok(found) => {
			let message = format!("{shown} is for the key with the commitment {found}, not {key}");
			Err(Failure::new("content", message))
		},
		Err(error) => Err(Failure::new("content", format!("{shown}: {error}")).help(help)),
	}
}

/// What the content of a file is, by its ending.
fn media_type(name: &str, others: &MediaTypes) -> String {
	let name = name.strip_suffix(ENCRYPTED).unwrap_or(name);
	let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
	let ending = ending.unwrap_or_default();
	let known = || MEDIA_TYPES.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind);
	others.get(&ending).map(String::as_str).or_else(known).unwrap_or(UNKNOWN).to_owned()
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_client::content::ContentKey;
	use std::fs;

	const OUTPUT: Output = Output { json: false, quiet: true };

	fn folder() -> tempfile::TempDir {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("a.csv"), "1,2").unwrap();
		fs::write(folder.path().join("b.PNG"), "png").unwrap();
		folder
	}

	fn listed(
		folder: &tempfile::TempDir,
		names: &[&str],
		key: Option<Root>,
	) -> Result<FileList, Failure> {
		let paths: Vec<_> = names.iter().map(|name| folder.path().join(name)).collect();
		FileList::of(&paths, &MediaTypes::new(), key, &OUTPUT)
	}

	#[test]
	fn a_list_has_the_root_that_the_chain_is_told() {
		let list = listed(&folder(), &["a.csv", "b.PNG"], None).unwrap();
		let entry = |bytes: &[u8], media_type: &[u8]| FileEntry {
			hash: ArtifactHash(blake3::hash(bytes).into()),
			size: 3,
			media_type: media_type.to_vec().try_into().unwrap(),
		};
		let entries = [entry(b"1,2", b"text/csv"), entry(b"png", b"image/png")];
		assert_eq!(list.root, manifest_root(&entries));
		let manifest = list.manifest("https://x").unwrap();
		assert_eq!((manifest.root, manifest.files, manifest.bytes), (list.root, 2, 6));
	}

	#[test]
	fn media_types_are_known_by_the_ending_of_the_content() {
		let others = MediaTypes::from([("dcm".to_owned(), "application/dicom".to_owned())]);
		for (name, kind) in [
			("x.csv", "text/csv"),
			("x.csv.enc", "text/csv"),
			("x.JPG", "image/jpeg"),
			("x.dcm", "application/dicom"),
			("x.unheard", UNKNOWN),
			("csv", UNKNOWN),
			("", UNKNOWN),
		] {
			assert_eq!(media_type(name, &others), kind, "{name}");
		}
		let sorted = MEDIA_TYPES.windows(2).all(|pair| pair[0].0 < pair[1].0);
		assert!(sorted, "so that no ending is there twice");
	}

	#[test]
	fn a_list_that_was_changed_is_refused() {
		let folder = folder();
		let list = listed(&folder, &["a.csv", "b.PNG"], None).unwrap();
		let path = folder.path().join("files.json");
		let written = |list: &FileList| {
			fs::write(&path, serde_json::to_vec(list).unwrap()).unwrap();
			FileList::read(&path)
		};
		assert_eq!(written(&list).unwrap(), list);
		let changes: [fn(&mut FileList); 4] = [
			|list| list.files[0].size = 4,
			|list| list.files[0].media_type = "text/plain".into(),
			|list| list.files.reverse(),
			|list| list.files.truncate(1),
		];
		for change in changes {
			let mut changed = list.clone();
			change(&mut changed);
			let text = written(&changed).unwrap_err().to_text();
			assert!(text.contains("the root of its files is"), "{text}");
		}
	}

	#[test]
	fn files_are_checked_against_their_list() {
		let folder = folder();
		let list = listed(&folder, &["a.csv", "b.PNG"], None).unwrap();
		assert!(list.check(folder.path(), &OUTPUT).is_ok());
		fs::write(folder.path().join("b.PNG"), "pmg").unwrap();
		let text = list.check(folder.path(), &OUTPUT).unwrap_err().to_text();
		assert!(text.contains("`b.PNG` is not the file of the list"), "{text}");
	}

	#[test]
	fn a_list_names_no_files_outside_of_the_folder() {
		let folder = folder();
		let mut list = listed(&folder, &["a.csv"], None).unwrap();
		for name in ["../a.csv", "/etc/passwd", "..", "", "x/a.csv"] {
			list.files[0].name = name.into();
			let text = list.check(folder.path(), &OUTPUT).unwrap_err().to_text();
			assert!(text.contains("is no name of a file"), "{text}");
		}
	}

	#[test]
	fn files_that_are_said_to_be_encrypted_are() {
		let (folder, key) = (folder(), ContentKey::generate());
		let open = listed(&folder, &["a.csv"], Some(key.commitment())).unwrap_err().to_text();
		assert!(open.contains("no encrypted file") && open.contains("data encrypt"), "{open}");
		let file = File::create(folder.path().join("a.csv.enc")).unwrap();
		key.encrypt(&b"1,2"[..], file).unwrap();
		let list = listed(&folder, &["a.csv.enc"], Some(key.commitment())).unwrap();
		assert_eq!(
			(list.key, list.files[0].media_type.as_str()),
			(Some(key.commitment()), "text/csv")
		);
		let other = listed(&folder, &["a.csv.enc"], Some(Root([1; 32]))).unwrap_err().to_text();
		assert!(other.contains("is for the key with the commitment"), "{other}");
	}

	#[test]
	fn two_files_of_one_name_are_refused() {
		let text = listed(&folder(), &["a.csv", "a.csv"], None).unwrap_err().to_text();
		assert!(text.contains("two files are named `a.csv`"), "{text}");
	}
}

//! The files of assets: they are encrypted, listed and checked here, and never sent to the chain.

use super::{
	find,
	list::{name_of, FileList, MediaTypes, ENCRYPTED},
};
use crate::{
	cli::{CipherArgs, ManifestArgs},
	context::Context,
	failure::Failure,
	file,
	output::{lines, Report},
};
use assay_client::content::{ContentError, ContentKey};
use assay_primitives::AssetId;
use serde_json::json;
use std::{
	fs::{self, File},
	io::Write,
	path::{Path, PathBuf},
};

/// Encrypt a file.
pub fn encrypt(arguments: &CipherArgs) -> Result<Report, Failure> {
	let CipherArgs { key_file, input, output } = arguments;
	let key = ContentKey::from_file(key_file)?;
	write_encrypted(&key, input, output)?;
	Ok(written(&key, output))
}

/// Decrypt a file, for its owner's eyes alone.
pub fn decrypt(arguments: &CipherArgs) -> Result<Report, Failure> {
	let CipherArgs { key_file, input, output } = arguments;
	let key = ContentKey::from_file(key_file)?;
	let encrypted = open(input)?;
	file::create(output, true, |content| {
		key.decrypt(&encrypted, content).map_err(|error| named(error, input, output))
	})?;
	Ok(written(&key, output))
}

fn write_encrypted(key: &ContentKey, input: &Path, output: &Path) -> Result<(), Failure> {
	let content = open(input)?;
	file::create(output, false, |encrypted| {
		key.encrypt(&content, encrypted).map_err(|error| named(error, input, output))
	})
}

fn open(path: &Path) -> Result<File, Failure> {
	File::open(path)
		.map_err(|error| Failure::new("file", format!("cannot read {}: {error}", path.display())))
}

/// An error with the file that it is about.
fn named(error: ContentError, input: &Path, output: &Path) -> Failure {
	let file = if matches!(error, ContentError::Write(_)) { output } else { input };
	Failure::from(error).about(file)
}

fn written(key: &ContentKey, output: &Path) -> Report {
	let (commitment, path) = (key.commitment(), output.display().to_string());
	let text = format!("{path} written\ncommitment of the key: {commitment}");
	Report::new(json!({ "file": path, "commitment": commitment }), text)
}

/// Make the list of files, encrypted first if a key is given.
pub fn manifest(context: &Context, arguments: &ManifestArgs) -> Result<Report, Failure> {
	let ManifestArgs { files, output, media_types, key_file, into } = arguments;
	if let Some(output) = output {
		file::ensure_new(output)?;
	}
	let media_types: MediaTypes =
		media_types.iter().map(|named| (named.name.clone(), named.value.clone())).collect();
	let key = key_file.as_deref().map(ContentKey::from_file).transpose()?;
	let files = match (&key, into) {
		(Some(key), Some(folder)) => encrypt_into(key, files, folder)?,
		_ => files.clone(),
	};
	let key = key.map(|key| key.commitment());
	let list = FileList::of(&files, &media_types, key, &context.output)?;
	if let Some(output) = output {
		write_list(&list, output)?;
	}
	Ok(shown(&list))
}

/// The files, encrypted into a folder.
fn encrypt_into(
	key: &ContentKey,
	files: &[PathBuf],
	folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
	fs::create_dir_all(folder)
		.map_err(|error| Failure::new("file", format!("{}: {error}", folder.display())))?;
	let mut encrypted = Vec::with_capacity(files.len());
	for path in files {
		let output = folder.join(format!("{}{ENCRYPTED}", name_of(path)?));
		write_encrypted(key, path, &output)?;
		encrypted.push(output);
	}
	Ok(encrypted)
}

fn write_list(list: &FileList, path: &Path) -> Result<(), Failure> {
	file::create(path, false, |mut file| {
		let text = format!("{:#}\n", json!(list));
		file.write_all(text.as_bytes())
			.map_err(|error| Failure::new("file", format!("{}: {error}", path.display())))
	})
}

fn shown(list: &FileList) -> Report {
	let bytes = list.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
	let mut pairs = vec![
		("root", list.root.to_string()),
		("files", format!("{}, {bytes} bytes", list.files.len())),
	];
	pairs.extend(list.key.map(|key| ("key", key.to_string())));
	pairs.extend(list.files.iter().map(|file| {
		("file", format!("{} {} {} bytes, {}", file.name, file.hash, file.size, file.media_type))
	}));
	Report::new(json!(list), lines(&pairs))
}

/// Check a list against an asset, and files against the list.
pub async fn verify(
	context: &Context,
	asset: AssetId,
	path: &Path,
	folder: Option<&Path>,
) -> Result<Report, Failure> {
	let list = FileList::read(path)?;
	let spec = find(context, asset).await?.spec;
	if list.root != spec.manifest.root {
		let (found, expected) = (list.root, spec.manifest.root);
		let message = format!("the root of the list is {found}, that of asset {asset} {expected}");
		return Err(Failure::new("file-list", message).help("it is the list of something else"));
	}
	if let Some(folder) = folder {
		list.check(folder, &context.output)?;
	}
	let what = if folder.is_some() { "the list and its files are" } else { "the list is" };
	let files = list.files.len();
	let json =
		json!({ "asset": asset, "root": list.root, "files": files, "checked": folder.is_some() });
	Ok(Report::new(json, format!("{what} that of asset {asset}, files: {files}")))
}

#[cfg(test)]
mod tests {
	use super::*;

	struct Scene {
		folder: tempfile::TempDir,
		key: ContentKey,
	}

	impl Scene {
		fn new() -> Self {
			let (folder, key) = (tempfile::tempdir().unwrap(), ContentKey::generate());
			key.create_file(&folder.path().join("key")).unwrap();
			fs::write(folder.path().join("a.csv"), "secret,words").unwrap();
			Scene { folder, key }
		}

		fn path(&self, name: &str) -> PathBuf {
			self.folder.path().join(name)
		}

		fn arguments(&self, input: &str, output: &str) -> CipherArgs {
			CipherArgs {
				key_file: self.path("key"),
				input: self.path(input),
				output: self.path(output),
			}
		}

		/// Fail if a report or failure has the key in it.
		fn hides_the_key(&self, said: &str) {
			let digits: String =
				self.key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
			assert!(!said.to_lowercase().contains(&digits), "{said}");
		}
	}

	#[test]
	fn a_file_is_encrypted_and_decrypted_by_its_key_alone() {
		let scene = Scene::new();
		let report = encrypt(&scene.arguments("a.csv", "a.enc")).unwrap();
		assert_eq!(report.json["commitment"], json!(scene.key.commitment()));
		scene.hides_the_key(&format!("{} {}", report.text, report.json));
		let encrypted = fs::read(scene.path("a.enc")).unwrap();
		assert!(!encrypted.windows(6).any(|bytes| bytes == b"secret"));
		decrypt(&scene.arguments("a.enc", "b.csv")).unwrap();
		assert_eq!(fs::read_to_string(scene.path("b.csv")).unwrap(), "secret,words");

		ContentKey::generate().create_file(&scene.path("other")).unwrap();
		let other =
			CipherArgs { key_file: scene.path("other"), ..scene.arguments("a.enc", "c.csv") };
		let text = decrypt(&other).err().unwrap().to_text();
		assert!(text.contains("a.enc") && text.contains("is for the key with"), "{text}");
		scene.hides_the_key(&text);
		assert!(!scene.path("c.csv").exists());
	}

	#[cfg(unix)]
	#[test]
	fn what_is_decrypted_is_its_owners_alone() {
		use std::os::unix::fs::PermissionsExt;

		let scene = Scene::new();
		encrypt(&scene.arguments("a.csv", "a.enc")).unwrap();
		decrypt(&scene.arguments("a.enc", "b.csv")).unwrap();
		let mode = fs::metadata(scene.path("b.csv")).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode, 0o600);
	}

	#[test]
	fn nothing_is_left_of_a_file_that_was_tampered_with_and_none_is_overwritten() {
		let scene = Scene::new();
		encrypt(&scene.arguments("a.csv", "a.enc")).unwrap();
		let mut bytes = fs::read(scene.path("a.enc")).unwrap();
		*bytes.last_mut().unwrap() ^= 1;
		fs::write(scene.path("bad.enc"), bytes).unwrap();
		let text = decrypt(&scene.arguments("bad.enc", "b.csv")).err().unwrap().to_text();
		assert!(text.contains("bad.enc") && text.contains("was changed"), "{text}");
		assert!(!scene.path("b.csv").exists());
		let text = decrypt(&scene.arguments("a.enc", "a.csv")).err().unwrap().to_text();
		assert!(text.contains("exists already"), "{text}");
		assert!(encrypt(&scene.arguments("absent", "x.enc")).is_err());
		assert!(!scene.path("x.enc").exists());
	}

	#[test]
	fn files_are_encrypted_into_a_folder_and_listed_there() {
		let scene = Scene::new();
		let files = [scene.path("a.csv")];
		let encrypted = encrypt_into(&scene.key, &files, &scene.path("out")).unwrap();
		assert_eq!(encrypted, [scene.path("out/a.csv.enc")]);
		let output = crate::output::Output { json: false, quiet: true };
		let key = Some(scene.key.commitment());
		let list = FileList::of(&encrypted, &MediaTypes::new(), key, &output).unwrap();
		write_list(&list, &scene.path("files.json")).unwrap();
		assert_eq!(FileList::read(&scene.path("files.json")).unwrap(), list);
		let report = shown(&list);
		assert_eq!(report.json["key"], json!(scene.key.commitment()));
		scene.hides_the_key(&format!("{} {}", report.text, report.json));
		assert!(
			encrypt_into(&scene.key, &files, &scene.path("out")).is_err(),
			"none is overwritten"
		);
	}
}

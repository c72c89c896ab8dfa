//! What an owner says of an asset: a TOML manifest.

use super::{bounded, invalid, MOST_MANIFEST};
use crate::{
	commands::data::{FileList, MediaTypes},
	failure::Failure,
	file,
	output::Output,
};
use assay_client::content::ContentKey;
use assay_primitives::{
	rights::{Algorithms, AssetError, AssetKind, AssetSpec, Consent},
	Root,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A manifest of an asset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetManifest {
	/// What kind of thing it is.
	kind: AssetKind,
	/// Which models may be run over it. There is no default: it is what the owner has to decide.
	pub algorithms: AlgorithmNames,
	/// The files, relative to the manifest's folder.
	#[serde(default)]
	files: Vec<PathBuf>,
	/// The list of the files in their place, relative to the manifest's folder.
	list: Option<PathBuf>,
	/// What files with an ending are.
	#[serde(default)]
	media_types: MediaTypes,
	/// Where the list of the files may be fetched.
	#[serde(default)]
	locator: String,
	/// How the data is laid out: a short text, a URI, or a hash.
	#[serde(default)]
	schema: String,
	/// The licence, an SPDX expression.
	licence: Option<String>,
	/// What others may do with it.
	#[serde(default)]
	consent: ConsentTable,
	/// The commitment to the key that the files are encrypted with.
	key: Option<Root>,
	/// The file with that key, relative to the manifest's folder.
	key_file: Option<PathBuf>,
}

/// Which models may be run over an asset.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, expecting = "expected \"any\" or a list of versions, for example [\"magika@1\"]")]
pub enum AlgorithmNames {
	/// Any model that a grant admits.
	Any(Any),
	/// These versions.
	Only(Vec<String>),
}

/// The word `any`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Any {
	/// It.
	Any,
}

/// What others may do with an asset: nothing that is not said.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConsentTable {
	training: bool,
	inference: bool,
	derivatives: bool,
}

impl AssetManifest {
	/// Read a manifest. Paths in it are taken from its own folder.
	pub fn read(path: &Path) -> Result<Self, Failure> {
		let bytes = file::read(path, MOST_MANIFEST).map_err(invalid)?;
		let mut manifest: AssetManifest = toml::from_slice(&bytes)
			.map_err(|error| invalid(format!("{}: {error}", path.display())))?;
		let Some(folder) = path.parent() else { return Ok(manifest) };
		for file in &mut manifest.files {
			*file = folder.join(&*file);
		}
		manifest.list = manifest.list.map(|list| folder.join(list));
		manifest.key_file = manifest.key_file.map(|key| folder.join(key));
		Ok(manifest)
	}

	/// What the chain is told, with the models that were looked up.
	pub fn spec(&self, algorithms: Algorithms, output: &Output) -> Result<AssetSpec, Failure> {
		let key = self.key()?;
		let list = self.list(key, output)?;
		let licence = self.licence.clone().unwrap_or_else(|| "NOASSERTION".into());
		let ConsentTable { training, inference, derivatives } = self.consent;
		let spec = AssetSpec {
			kind: self.kind,
			manifest: list.manifest(&self.locator)?,
			schema: bounded(self.schema.as_bytes().to_vec(), "the schema")?,
			licence: bounded(licence.into_bytes(), "the licence")?,
			consent: Consent { training, inference, derivatives },
			algorithms,
			key: list.key,
		};
		spec.validate().map_err(explain).map(|()| spec)
	}

	/// The commitment to the key, by whichever it is named.
	fn key(&self) -> Result<Option<Root>, Failure> {
		let of_file = self.key_file.as_deref().map(ContentKey::from_file).transpose()?;
		agree(self.key, of_file.map(|key| key.commitment()))
	}

	/// The files, and the key that they are encrypted with.
	fn list(&self, key: Option<Root>, output: &Output) -> Result<FileList, Failure> {
		match &self.list {
			Some(_) if !self.files.is_empty() => {
				Err(invalid("it has both `files` and `list`: the list names the files".into()))
			},
			Some(path) => {
				let list = FileList::read(path)?;
				Ok(FileList { key: agree(key, list.key)?, ..list })
			},
			None if self.files.is_empty() => Err(invalid("it names no files".into()).help(
				"files = [\"a.csv\"], or list = \"files.json\" that `assay data manifest` made",
			)),
			None => FileList::of(&self.files, &self.media_types, key, output),
		}
	}
}

/// The one key that is named, however often it is.
fn agree(one: Option<Root>, other: Option<Root>) -> Result<Option<Root>, Failure> {
	match (one, other) {
		(Some(one), Some(other)) if one != other => {
			Err(invalid(format!("it names two keys, with the commitments {one} and {other}")))
		},
		(one, other) => Ok(one.or(other)),
	}
}

fn explain(error: AssetError) -> Failure {
	invalid(match error {
		AssetError::Manifest => "the list has no files".into(),
		AssetError::Text => "the locator, the schema or the licence is no UTF-8".into(),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::rights::AssetKind;
	use std::fs;

	const OUTPUT: Output = Output { json: false, quiet: true };

	/// A folder with two files, and a manifest of this text.
	fn manifest(text: &str) -> (tempfile::TempDir, Result<AssetManifest, Failure>) {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("a.csv"), "1,2").unwrap();
		let path = folder.path().join("asset.toml");
		fs::write(&path, text).unwrap();
		(folder, AssetManifest::read(&path))
	}

	fn spec(text: &str) -> Result<AssetSpec, Failure> {
		let (_folder, manifest) = manifest(text);
		manifest?.spec(Algorithms::Any, &OUTPUT)
	}

	const LEAST: &str = "kind = \"dataset\"\nalgorithms = \"any\"\nfiles = [\"a.csv\"]\n";

	#[test]
	fn what_is_not_said_is_not_allowed() {
		let spec = spec(LEAST).unwrap();
		assert_eq!(
			(spec.kind, spec.consent, spec.key),
			(AssetKind::Dataset, Consent::default(), None)
		);
		assert_eq!((spec.manifest.files, spec.manifest.bytes), (1, 3));
		assert_eq!(spec.licence.as_slice(), b"NOASSERTION");
	}

	#[test]
	fn a_whole_manifest_becomes_what_the_chain_is_told() {
		let text = r#"
			kind = "labels"
			algorithms = ["magika@1", "other"]
			files = ["a.csv"]
			locator = "https://x/files.json"
			schema = "https://x/schema"
			licence = "CC-BY-4.0"
			media_types = { csv = "text/x-csv" }
			[consent]
			inference = true
		"#;
		let (_folder, manifest) = manifest(text);
		let manifest = manifest.unwrap();
		let names = ["magika@1", "other"].map(String::from).to_vec();
		assert_eq!(manifest.algorithms, AlgorithmNames::Only(names));
		let spec = manifest.spec(Algorithms::Any, &OUTPUT).unwrap();
		assert_eq!(spec.kind, AssetKind::Labels);
		assert_eq!(spec.manifest.locator.as_slice(), b"https://x/files.json");
		assert_eq!(spec.schema.as_slice(), b"https://x/schema");
		assert_eq!(spec.licence.as_slice(), b"CC-BY-4.0");
		assert!(spec.consent.inference && !spec.consent.training && !spec.consent.derivatives);
		let plain = self::spec(LEAST).unwrap().manifest.root;
		assert_ne!(spec.manifest.root, plain, "the media type is another");
	}

	#[test]
	fn the_models_that_may_be_run_are_decided_by_the_owner() {
		for algorithms in ["", "algorithms = \"all\"\n", "algorithms = 1\n"] {
			let text = format!("kind = \"dataset\"\nfiles = [\"a.csv\"]\n{algorithms}");
			let said = spec(&text).unwrap_err().to_text();
			assert!(said.contains("algorithms"), "{said}");
		}
	}

	#[test]
	fn what_the_chain_does_not_know_is_refused() {
		for (line, said) in [
			("colour = 1\n", "unknown field"),
			("list = \"x.json\"\n", "both `files` and `list`"),
			("key = \"12\"\n", "64 hexadecimal digits"),
			("[consent]\ntraning = true\n", "unknown field"),
		] {
			let text = spec(&format!("{LEAST}{line}")).unwrap_err().to_text();
			assert!(text.contains(said), "{text}");
		}
		let text = spec("kind = \"dataset\"\nalgorithms = \"any\"\n").unwrap_err().to_text();
		assert!(text.contains("names no files"), "{text}");
		let text = spec(&LEAST.replace("dataset", "picture")).unwrap_err().to_text();
		assert!(text.contains("picture"), "{text}");
		let long = format!("{LEAST}schema = \"{}\"\n", "x".repeat(257));
		assert!(spec(&long).unwrap_err().to_text().contains("the schema is longer"));
	}

	#[test]
	fn open_files_are_not_registered_as_encrypted() {
		let key = format!("{LEAST}key = \"{}\"\n", "ab".repeat(32));
		let text = spec(&key).unwrap_err().to_text();
		assert!(text.contains("a.csv") && text.contains("no encrypted file"), "{text}");
	}

	#[test]
	fn an_asset_has_one_key_by_whatever_it_is_named() {
		let (folder, made) = manifest(&format!("{LEAST}key_file = \"key\"\n"));
		let (key, other) = (ContentKey::generate(), ContentKey::generate());
		key.create_file(&folder.path().join("key")).unwrap();
		let mut made = made.unwrap();
		assert_eq!(made.key().unwrap(), Some(key.commitment()));
		made.key = Some(key.commitment());
		assert_eq!(made.key().unwrap(), Some(key.commitment()));
		made.key = Some(other.commitment());
		let text = made.key().unwrap_err().to_text();
		assert!(text.contains("names two keys"), "{text}");
		let secret = key.expose();
		assert!(!text.contains(&secret.iter().map(|b| format!("{b:02x}")).collect::<String>()));
	}

	#[test]
	fn a_list_brings_its_key_along() {
		let folder = tempfile::tempdir().unwrap();
		let (key, file) = (ContentKey::generate(), folder.path().join("a.csv.enc"));
		key.encrypt(&b"1,2"[..], fs::File::create(&file).unwrap()).unwrap();
		let list = FileList::of(&[file], &MediaTypes::new(), Some(key.commitment()), &OUTPUT);
		let list = serde_json::to_vec(&list.unwrap()).unwrap();
		fs::write(folder.path().join("files.json"), list).unwrap();
		let path = folder.path().join("asset.toml");
		fs::write(&path, LEAST.replace("files = [\"a.csv\"]", "list = \"files.json\"")).unwrap();
		let manifest = AssetManifest::read(&path).unwrap();
		let spec = manifest.spec(Algorithms::Any, &OUTPUT).unwrap();
		assert_eq!(spec.key, Some(key.commitment()));
	}
}

//! Assets: what there is to be used, by what it is known, and what its owner allows.

use crate::{
	commitment::HostBlake2b256,
	ids::{ArtifactHash, AssetId, Root, VersionId},
	model::{Locator, MAX_LICENCE},
	Balance,
};
use alloc::vec::Vec;
use assay_canon::commitment::{digest, Tree};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The longest media type of a file in bytes.
pub const MAX_MEDIA_TYPE: u32 = 64;
/// The longest schema of an asset in bytes.
pub const MAX_SCHEMA: u32 = 256;
/// The most versions that the owner of an asset can name.
pub const MAX_ALGORITHMS: u32 = 64;

/// What a file is, as `text/csv`.
pub type MediaType = BoundedVec<u8, ConstU32<MAX_MEDIA_TYPE>>;
/// How the data is laid out: UTF-8, a short text, a URI, or a hash in hexadecimal digits.
pub type Schema = BoundedVec<u8, ConstU32<MAX_SCHEMA>>;
/// A licence expression as SPDX writes them.
pub type Licence = BoundedVec<u8, ConstU32<MAX_LICENCE>>;

/// What kind of thing an asset is.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AssetKind {
	/// Files that do not change.
	Dataset,
	/// Data that goes on; the manifest says what there was at the registration.
	Stream,
	/// A procedure that is run over data.
	Algorithm,
	/// What people or models say of the data of another asset.
	Labels,
}

impl AssetKind {
	/// The name by which people and JSON know the kind.
	pub const fn name(self) -> &'static str {
		match self {
			AssetKind::Dataset => "dataset",
			AssetKind::Stream => "stream",
			AssetKind::Algorithm => "algorithm",
			AssetKind::Labels => "labels",
		}
	}
}

impl fmt::Display for AssetKind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// A file of an asset.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct FileEntry {
	/// The BLAKE3 hash of the bytes.
	pub hash: ArtifactHash,
	/// The number of bytes.
	pub size: u64,
	/// What the bytes are.
	pub media_type: MediaType,
}

/// The root of a list of files: the binary tree over them in their order, and their number.
///
/// A file is `H("file", hash, size, media type)` and the list `H("files", count, tree)`, with the
/// tags, lengths and trees of the project's commitments, so that neither is ever read as another.
pub fn manifest_root(files: &[FileEntry]) -> Root {
	let leaf = |file: &FileEntry| {
		let size = file.size.to_le_bytes();
		digest::<HostBlake2b256>(b"file", &[&file.hash.0, &size, &file.media_type])
	};
	let tree = Tree::<HostBlake2b256>::new(files.iter().map(leaf).collect::<Vec<_>>());
	Root(digest::<HostBlake2b256>(b"files", &[&tree.count().to_le_bytes(), &tree.root()]))
}

/// The files of an asset, as the chain knows them.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Manifest {
	/// What [`manifest_root`] says of the files.
	pub root: Root,
	/// How many they are.
	pub files: u32,
	/// How many bytes they have together.
	pub bytes: u64,
	/// Where the list of the files may be fetched; empty where it is passed on otherwise. Never
	/// trusted: it is checked against the root.
	pub locator: Locator,
}

/// What the owner lets others do with an asset.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Consent {
	/// Models may be trained on it.
	pub training: bool,
	/// Models may be run over it.
	pub inference: bool,
	/// What is made of it may be passed on.
	pub derivatives: bool,
}

/// Which models may be run over an asset: whoever has a grant names one of them, and never sees
/// more of the data than the model lets out.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Algorithms {
	/// Any model that a grant admits.
	Any,
	/// These versions, and no others.
	Only(BoundedVec<VersionId, ConstU32<MAX_ALGORITHMS>>),
}

impl Algorithms {
	/// Whether a version may be run.
	pub fn admit(&self, version: VersionId) -> bool {
		match self {
			Algorithms::Any => true,
			Algorithms::Only(versions) => versions.contains(&version),
		}
	}
}

/// What is said of an asset when it is registered.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct AssetSpec {
	/// What kind of thing it is.
	pub kind: AssetKind,
	/// Its files.
	pub manifest: Manifest,
	/// How the data is laid out.
	pub schema: Schema,
	/// Under which licence it may be used.
	pub licence: Licence,
	/// What its owner lets others do with it.
	pub consent: Consent,
	/// Which models may be run over it.
	pub algorithms: Algorithms,
	/// The commitment to the key that the content is encrypted with; `None` where it is not.
	pub key: Option<Root>,
}

impl AssetSpec {
	/// Fail unless all of it is in order by itself.
	pub fn validate(&self) -> Result<(), AssetError> {
		let texts = [&self.manifest.locator[..], &self.schema, &self.licence];
		if texts.iter().any(|text| core::str::from_utf8(text).is_err()) {
			return Err(AssetError::Text);
		}
		if self.manifest.files == 0 {
			return Err(AssetError::Manifest);
		}
		Ok(())
	}
}

/// What is wrong with what is said of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssetError {
	/// No files.
	Manifest,
	/// A locator, a schema or a licence that is not UTF-8.
	Text,
}

/// Where an asset stands.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AssetStatus {
	/// It can be offered, granted and used.
	Active,
	/// It can be used by grants that there are, and by nobody else.
	Retired,
	/// Its owner lets nobody use it any more, for good.
	Revoked,
	/// Governance lets nobody use it for now.
	Frozen,
}

impl AssetStatus {
	/// The name by which people and JSON know the status.
	pub const fn name(self) -> &'static str {
		match self {
			AssetStatus::Active => "active",
			AssetStatus::Retired => "retired",
			AssetStatus::Revoked => "revoked",
			AssetStatus::Frozen => "frozen",
		}
	}

	/// Whether grants that there are can be used.
	pub const fn is_usable(self) -> bool {
		matches!(self, AssetStatus::Active | AssetStatus::Retired)
	}
}

impl fmt::Display for AssetStatus {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// An asset as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AssetView<AccountId> {
	/// The asset.
	pub id: AssetId,
	/// Who owns it now; nobody, if the item that it was owned as is burned.
	pub owner: Option<AccountId>,
	/// What is said of it, as it is now.
	pub spec: AssetSpec,
	/// Where it stands.
	pub status: AssetStatus,
	/// The item that it is owned as: its collection, and its number there.
	pub item: Option<(u32, u32)>,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for its record.
	pub deposit: Balance,
	/// The number that the next permit of its owner should have: no permit with this number or a
	/// higher one was used or cancelled.
	pub next_permit: u64,
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::{collections::BTreeSet, slice::from_ref};

	fn file(hash: u8, size: u64, media_type: &[u8]) -> FileEntry {
		let media_type = media_type.to_vec().try_into().unwrap();
		FileEntry { hash: ArtifactHash([hash; 32]), size, media_type }
	}

	fn spec() -> AssetSpec {
		AssetSpec {
			kind: AssetKind::Dataset,
			manifest: Manifest {
				root: manifest_root(&[file(1, 1, b"text/csv")]),
				files: 1,
				bytes: 1,
				locator: Default::default(),
			},
			schema: Default::default(),
			licence: Default::default(),
			consent: Consent::default(),
			algorithms: Algorithms::Any,
			key: None,
		}
	}

	#[test]
	fn hash_size_type_order_and_number_are_all_committed() {
		let (a, b) = (file(1, 2, b"text/csv"), file(2, 2, b"text/csv"));
		let lists: [&[FileEntry]; 9] = [
			&[],
			from_ref(&a),
			from_ref(&b),
			&[file(1, 3, b"text/csv")],
			&[file(1, 2, b"text/tsv")],
			&[file(1, 2, b"")],
			&[a.clone(), b.clone()],
			&[b.clone(), a.clone()],
			&[a.clone(), a.clone()],
		];
		let roots: BTreeSet<Root> = lists.iter().map(|files| manifest_root(files)).collect();
		assert_eq!(roots.len(), lists.len());
	}

	/// Places that the list lacks are no files, and a subtree is no list.
	#[test]
	fn neither_padding_nor_a_subtree_stands_for_files() {
		let files: Vec<FileEntry> = (0..4).map(|at| file(at, 1, b"x")).collect();
		let roots: BTreeSet<Root> = (0..=4).map(|most| manifest_root(&files[..most])).collect();
		assert_eq!(roots.len(), 5);
		let leaves = files.iter().map(|file| manifest_root(from_ref(file)).0).collect();
		let tree = Tree::<HostBlake2b256>::new(leaves);
		assert!(!roots.contains(&Root(tree.root())));
	}

	#[test]
	fn the_root_is_part_of_the_format() {
		let root = manifest_root(&[file(1, 2, b"text/csv"), file(3, 4, b"image/png")]);
		let leaf = |hash: u8, size: u64, media: &[u8]| {
			let mut bytes = vec![4];
			bytes.extend(b"file");
			for part in [&[hash; 32][..], &size.to_le_bytes(), media] {
				bytes.extend((part.len() as u32).to_le_bytes());
				bytes.extend(part);
			}
			sp_io::hashing::blake2_256(&bytes)
		};
		let (left, right) = (leaf(1, 2, b"text/csv"), leaf(3, 4, b"image/png"));
		let pair = digest::<HostBlake2b256>(b"pair", &[&left, &right]);
		let list = digest::<HostBlake2b256>(b"files", &[&2u64.to_le_bytes(), &pair]);
		assert_eq!(root, Root(list));
	}

	proptest! {
		/// A media type that takes over bytes of its neighbors makes another file.
		#[test]
		fn equal_roots_are_of_equal_lists(
			one in proptest::collection::vec((0u8..3, 0u64..3, "[a-c]{0,3}"), 0..6),
			two in proptest::collection::vec((0u8..3, 0u64..3, "[a-c]{0,3}"), 0..6),
		) {
			let list = |files: &[(u8, u64, String)]| -> Vec<FileEntry> {
				files.iter().map(|(hash, size, kind)| file(*hash, *size, kind.as_bytes())).collect()
			};
			let same = manifest_root(&list(&one)) == manifest_root(&list(&two));
			prop_assert_eq!(same, one == two);
		}
	}

	#[test]
	fn what_is_said_of_an_asset_is_text_and_has_files() {
		let bad = || b"\xff".to_vec();
		let with = |change: fn(&mut AssetSpec, Vec<u8>)| {
			let mut spec = spec();
			change(&mut spec, bad());
			spec.validate()
		};
		assert_eq!(spec().validate(), Ok(()));
		assert_eq!(with(|spec, _| spec.manifest.files = 0), Err(AssetError::Manifest));
		for result in [
			with(|spec, bad| spec.manifest.locator = bad.try_into().unwrap()),
			with(|spec, bad| spec.schema = bad.try_into().unwrap()),
			with(|spec, bad| spec.licence = bad.try_into().unwrap()),
		] {
			assert_eq!(result, Err(AssetError::Text));
		}
	}

	#[test]
	fn a_version_is_run_only_where_it_is_listed() {
		let version = VersionId { number: 1, ..VersionId::default() };
		let only = |versions: Vec<VersionId>| Algorithms::Only(versions.try_into().unwrap());
		assert!(Algorithms::Any.admit(version));
		assert!(only(vec![VersionId::default(), version]).admit(version));
		assert!(!only(vec![VersionId::default()]).admit(version));
		assert!(!only(vec![]).admit(version));
	}
}

//! Models and their immutable versions.

use crate::{
	canonical::{validate_constants, Commitments, Constant, MAX_CONSTANTS},
	ids::{ArtifactHash, ModelId, VersionId},
	licence::{DeclaredParent, Licence, Waterfall, MAX_PARENTS},
	tensor::{TensorSpec, MAX_TENSORS},
	Balance, BlockNumber,
};
use alloc::vec::Vec;
use assay_canon::{
	arbiter::row_fits,
	shape::Shape as Extents,
	tensor::{DType as Element, TensorType},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The longest name of a model in bytes.
pub const MAX_NAME: u32 = 48;
/// The longest metadata (a URI or short text) of a model in bytes.
pub const MAX_METADATA: u32 = 512;
/// The longest locator of an artifact in bytes.
pub const MAX_LOCATOR: u32 = 256;
/// The most locators of a version.
pub const MAX_LOCATORS: u32 = 4;
/// The longest licence expression (SPDX) in bytes.
pub const MAX_LICENCE: u32 = 64;

/// A model's name: lower-case letters, digits, `-`, `_`, `.` and `/`, starting with a letter or
/// digit. Unique on the chain.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// What the owner says about a model: UTF-8, a URI or a short text.
pub type Metadata = BoundedVec<u8, ConstU32<MAX_METADATA>>;
/// Where an artifact may be fetched: an `http`, `https` or `file` URL. Never trusted: the bytes
/// are checked against the artifact's hash.
pub type Locator = BoundedVec<u8, ConstU32<MAX_LOCATOR>>;

/// Whether bytes are a well-formed model name.
pub fn is_name(bytes: &[u8]) -> bool {
	let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
	bytes.first().is_some_and(plain)
		&& bytes.iter().all(|byte| plain(byte) || b"-_./".contains(byte))
}

/// A file, named by what it contains.
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
pub struct Artifact {
	/// The BLAKE3 hash of the bytes.
	pub hash: ArtifactHash,
	/// The number of bytes.
	pub size: u64,
}

/// How a result of the version is judged (PROTOCOL P2).
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
pub enum Class {
	/// No float anywhere; equal bits.
	Exact,
	/// Run by the canonical engine; equal bits.
	Canonical,
	/// Run by any ONNX Runtime execution provider; close to the canonical output.
	Tolerant,
}

/// The distance from the canonical output that a `Tolerant` version accepts:
/// `|y − c| ≤ absolute + relative · max|c|` over the row (PROTOCOL P2.3).
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
pub struct Tolerance {
	/// The absolute term: the bits of a float32, finite and not negative.
	pub absolute: u32,
	/// The relative term: the bits of a float32, from 0 to 2⁻¹⁰.
	pub relative: u32,
	/// The axis along which a row runs, counted from the outermost.
	pub row_axis: u8,
}

impl Tolerance {
	/// The bits of 2⁻¹⁰, the largest relative term.
	pub const MOST_RELATIVE: u32 = 0x3a80_0000;
	/// The bits of float32's positive infinity; finite non-negative values have smaller bits.
	const INFINITY: u32 = 0x7f80_0000;

	/// Whether both terms are in their range. Non-negative float32 values are ordered as their
	/// bits are, so integers suffice.
	pub const fn is_valid(&self) -> bool {
		self.absolute < Self::INFINITY && self.relative <= Self::MOST_RELATIVE
	}
}

/// What a price is multiplied with.
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
pub enum PriceUnit {
	/// One job.
	Call,
	/// One element of the job's inputs, all counted together.
	Element,
	/// One element of the job's first input: a token, of a model that takes their numbers.
	Token,
	/// A million multiply-accumulates of the dearest job of the version, begun ones counted whole.
	Mac,
}

/// The multiply-accumulates of one [`PriceUnit::Mac`].
const MACS_OF_UNIT: u64 = 1_000_000;

/// The version of the canonical arithmetic.
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
#[serde(transparent)]
pub struct SpecVersion(pub u16);

/// The canonical arithmetic versions that this runtime knows.
pub const SUPPORTED_SPECS: [SpecVersion; 1] = [SpecVersion(1)];

/// What a publisher says of a version. Nothing of it ever changes but the price.
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
pub struct VersionSpec {
	/// The ONNX file.
	pub artifact: Artifact,
	/// Where the file may be fetched.
	pub locators: BoundedVec<Locator, ConstU32<MAX_LOCATORS>>,
	/// The declared inputs, in the order in which jobs pass them.
	pub inputs: BoundedVec<TensorSpec, ConstU32<MAX_TENSORS>>,
	/// The declared outputs, in the order in which results carry them.
	pub outputs: BoundedVec<TensorSpec, ConstU32<MAX_TENSORS>>,
	/// How results are judged.
	pub class: Class,
	/// The accepted distance; there if and only if the class is `Tolerant`.
	pub tolerance: Option<Tolerance>,
	/// The owner's price a unit, on top of the provider's ask.
	pub price: Balance,
	/// The unit of this price and of asks.
	pub unit: PriceUnit,
	/// The version of the canonical arithmetic.
	pub spec: SpecVersion,
	/// What the canonical function is committed to by.
	pub commitments: Commitments,
	/// Inputs of the ONNX graph that are the same for every job.
	pub constants: BoundedVec<Constant, ConstU32<MAX_CONSTANTS>>,
	/// The licence of the model, an SPDX expression.
	pub licence: BoundedVec<u8, ConstU32<MAX_LICENCE>>,
	/// What of that licence the chain knows and holds jobs and descendants to.
	pub permissions: Licence,
}

impl VersionSpec {
	/// The units that inputs of these element counts are charged for; `None` on overflow.
	pub fn units(&self, elements: impl IntoIterator<Item = u64>) -> Option<u64> {
		match self.unit {
			PriceUnit::Call => Some(1),
			PriceUnit::Element => {
				elements.into_iter().try_fold(0u64, |sum, count| sum.checked_add(count))
			},
			PriceUnit::Token => elements.into_iter().next(),
			PriceUnit::Mac => Some(self.commitments.cost.terms.div_ceil(MACS_OF_UNIT).max(1)),
		}
	}
}

/// Why a version's declaration was refused.
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
pub enum SpecError {
	/// The artifact has no bytes, or more than the chain admits.
	ArtifactSize,
	/// No output, an empty or repeated tensor name, a name that is not UTF-8, or a dimension of
	/// zero.
	Tensors,
	/// A tolerance where there is none, none where there is one, or a term out of range.
	Tolerance,
	/// Rows of a tolerance along an axis that an output lacks, or longer than the chain reads.
	Rows,
	/// A `Tolerant` version with an output that is not float32, or an `Exact` one with a float.
	Class,
	/// An element type that the canonical arithmetic does not have.
	UnsupportedType,
	/// A version of the canonical arithmetic, or a lowering, that this runtime does not know.
	UnknownSpec,
	/// Axes that jobs choose and symbols that do not match one another.
	Symbols,
	/// An input that the version sets without a name of its own or without all its bytes.
	Constants,
	/// No canonical cost, or one beyond what the chain admits.
	Cost,
	/// A locator that is not an `http`, `https` or `file` URL.
	Locator,
	/// A purpose that is no word or repeated, or a royalty of more than everything.
	Permissions,
	/// A price below the least one that the licence says.
	Price,
}

/// The largest model file that can be registered: 2 GiB, the limit of one ONNX protobuf.
pub const MAX_ARTIFACT: u64 = 2 * 1024 * 1024 * 1024;

impl VersionSpec {
	/// Check the declaration in itself.
	pub fn validate(&self) -> Result<(), SpecError> {
		if self.artifact.size == 0 || self.artifact.size > MAX_ARTIFACT {
			return Err(SpecError::ArtifactSize);
		}
		if !SUPPORTED_SPECS.contains(&self.spec) {
			return Err(SpecError::UnknownSpec);
		}
		if self.outputs.is_empty() || !are_distinct(&self.inputs) || !are_distinct(&self.outputs) {
			return Err(SpecError::Tensors);
		}
		let typed = |spec: &TensorSpec| spec.dtype.canonical().is_some();
		if !self.inputs.iter().chain(&self.outputs).all(typed) {
			return Err(SpecError::UnsupportedType);
		}
		if !self.locators.iter().all(|locator| is_locator(locator)) {
			return Err(SpecError::Locator);
		}
		if !self.permissions.is_valid() {
			return Err(SpecError::Permissions);
		}
		if self.price < self.permissions.least_price {
			return Err(SpecError::Price);
		}
		validate_constants(self)?;
		self.commitments.validate(&self.inputs)?;
		self.validate_class()
	}

	fn validate_class(&self) -> Result<(), SpecError> {
		use crate::tensor::DType::Float32;
		let is_float = |spec: &TensorSpec| spec.dtype == Float32;
		match (self.class, self.tolerance) {
			(Class::Tolerant, Some(tolerance)) if tolerance.is_valid() => {
				if !self.outputs.iter().all(is_float) {
					return Err(SpecError::Class);
				}
				let readable = |output| has_readable_rows(output, tolerance.row_axis);
				self.outputs.iter().all(readable).then_some(()).ok_or(SpecError::Rows)
			},
			(Class::Tolerant, _) | (_, Some(_)) => Err(SpecError::Tolerance),
			(Class::Exact, None) if self.inputs.iter().chain(&self.outputs).any(is_float) => {
				Err(SpecError::Class)
			},
			(_, None) => Ok(()),
		}
	}
}

/// Whether the chain can read any row of a float32 output, to know its scale. A scalar is a row of
/// its own.
fn has_readable_rows(output: &TensorSpec, axis: u8) -> bool {
	let extents: Vec<u32> = output.shape.iter().map(|dimension| dimension.most()).collect();
	let exists = extents.is_empty() || usize::from(axis) < extents.len();
	let largest = Extents::new(&extents).map(|shape| TensorType::new(Element::Float32, shape));
	exists && largest.is_some_and(|largest| row_fits(&largest, axis))
}

/// Whether the declarations have distinct, non-empty UTF-8 names and no dimension of zero.
fn are_distinct(specs: &[TensorSpec]) -> bool {
	specs.iter().enumerate().all(|(index, spec)| {
		!spec.name.is_empty()
			&& core::str::from_utf8(&spec.name).is_ok()
			&& spec.shape.iter().all(|dimension| dimension.most() > 0)
			&& specs.iter().take(index).all(|earlier| earlier.name != spec.name)
	})
}

/// Whether a locator is a URL of a scheme that workers fetch.
fn is_locator(locator: &[u8]) -> bool {
	core::str::from_utf8(locator).is_ok_and(|url| {
		["http://", "https://", "file://"]
			.iter()
			.any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
	})
}

/// Whether a version takes new jobs.
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
pub enum VersionStatus {
	/// It takes jobs.
	Active,
	/// Its owner retired it: jobs that run are finished, new ones are refused.
	Deprecated,
	/// Its graph was proven invalid: its jobs are refunded, new ones are refused.
	Frozen,
}

/// A model as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ModelView<AccountId> {
	/// The model.
	pub id: ModelId,
	/// Its unique name.
	pub name: Name,
	/// Who owns it and is paid its price.
	pub owner: AccountId,
	/// What the owner says about it.
	pub metadata: Metadata,
	/// The number of the newest version; zero when none is published.
	pub latest: u32,
	/// What the owner deposited for it.
	pub deposit: Balance,
}

/// A version as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct VersionView {
	/// The version.
	pub id: VersionId,
	/// What its publisher declared, with the present price.
	pub spec: VersionSpec,
	/// Whether it takes new jobs.
	pub status: VersionStatus,
	/// The block in which it was published.
	pub published: BlockNumber,
}

/// What a version was made from, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct LineageView {
	/// The version.
	pub id: VersionId,
	/// What it was made from directly, and whether the owners agree.
	pub parents: BoundedVec<DeclaredParent, ConstU32<MAX_PARENTS>>,
	/// What all its ancestors earn by it.
	pub waterfall: Waterfall,
	/// How many owners have still to agree. Until then the version takes no jobs, and nothing can
	/// be made from it.
	pub awaits: u8,
	/// What the owner deposited for it.
	pub deposit: Balance,
}

//! What was submitted, by the root of its list of tensors.

use alloc::{borrow::Cow, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{
	arbiter::{proof::decode, Chunk, Malformed},
	commitment::{
		chunk_count, chunk_leaf, chunk_length, faulted_root, fold_multiproof, tensor_root_from,
		tensors_root_of, Hash, Hasher, CHUNK,
	},
	exact::Fault,
	shape::Shape,
	tensor::{DType, TensorType},
};

/// Shows what a list of tensors is that was submitted by its root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum SubmissionProof {
	/// It has another number of tensors than the version has outputs.
	#[codec(index = 0)]
	Count {
		/// How many it has.
		count: u32,
		/// The root of the tree over them.
		tensors: Hash,
	},
	/// A tensor of the list.
	#[codec(index = 1)]
	Tensor {
		/// Its number.
		number: u32,
		/// The number of its type, which may be one without arithmetic here.
		dtype: u8,
		/// Its extents, of which there may be more than a shape has.
		extents: Vec<u32>,
		/// What it holds.
		contents: Contents,
		/// The siblings that lead from it to the root of the tree over the list.
		path: Vec<Hash>,
	},
	/// It is no list: the run is said to end early.
	#[codec(index = 2)]
	Fault {
		/// Number of the slot in which it is said to end.
		slot: u32,
		/// Row-major index of the slot's first element without a value.
		element: u64,
	},
	/// Nothing is shown of it but its root, which may commit to nothing at all.
	#[codec(index = 3)]
	Root,
}

/// What a submitted tensor holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Contents {
	/// Chunks with this root: the tensor's type is enough.
	#[codec(index = 0)]
	Root(Hash),
	/// One chunk that is opened.
	#[codec(index = 1)]
	Opened {
		/// The chunk.
		chunk: Chunk,
		/// The siblings that lead from it to the chunk root.
		siblings: Vec<Hash>,
	},
}

/// A row-major tensor as it is submitted, of any type that has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawTensor<'a> {
	/// The number of the type; that of a [`DType`] is its codec index.
	pub dtype: u8,
	/// Extent of each axis.
	pub extents: &'a [u32],
	/// The elements, little-endian.
	pub data: &'a [u8],
}

impl RawTensor<'_> {
	/// Type and shape; `None` if no tensor of the canonical arithmetic has them.
	pub fn kind(&self) -> Option<TensorType> {
		kind_of(self.dtype, self.extents)
	}
}

/// What was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted<'a> {
	/// This tensor among as many as the version has outputs.
	Tensor(SubmittedTensor<'a>),
	/// Another number of tensors.
	OtherCount,
	/// That the run ends early.
	Fault(Fault),
	/// Whatever has this root.
	Root(Hash),
}

/// A submitted tensor, and what is known of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedTensor<'a> {
	number: u32,
	kind: Option<TensorType>,
	/// Where in the tensor the bytes begin.
	from: u64,
	bytes: Cow<'a, [u8]>,
}

impl<'a> SubmittedTensor<'a> {
	/// A tensor that is known whole, at its place in the list.
	pub fn new(number: u32, tensor: &RawTensor<'a>) -> Self {
		Self { number, kind: tensor.kind(), from: 0, bytes: Cow::Borrowed(tensor.data) }
	}

	/// Number of the output that it is submitted as.
	pub const fn number(&self) -> u32 {
		self.number
	}

	/// Type and shape; `None` if no tensor of the canonical arithmetic has them.
	pub const fn kind(&self) -> Option<&TensorType> {
		self.kind.as_ref()
	}

	/// The bytes of a chunk; `None` unless all of them are known.
	pub fn chunk(&self, index: u64) -> Option<&[u8]> {
		let length = chunk_length(self.kind.as_ref()?, index);
		let start = index.checked_mul(CHUNK as u64)?.checked_sub(self.from)?;
		let start = usize::try_from(start).ok()?;
		let end = start.checked_add(usize::try_from(length).ok()?)?;
		self.bytes.get(start..end).filter(|bytes| !bytes.is_empty())
	}

	/// The bits of the element at a row-major index as they were submitted, zero-extended. They
	/// need not be canonical.
	pub fn bits(&self, element: u64) -> Result<u64, Malformed> {
		let kind = self.kind.as_ref().filter(|kind| element < kind.shape.count());
		let size = kind.ok_or(Malformed::NoSuchElement)?.dtype.size();
		let start = element.checked_mul(size as u64).and_then(|at| at.checked_sub(self.from));
		let start = start.and_then(|start| usize::try_from(start).ok());
		let bytes = start
			.and_then(|start| self.bytes.get(start..start.checked_add(size)?))
			.ok_or(Malformed::MissingChunk)?;
		Ok(bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
	}
}

/// What the list with this root is, of which the version asks for `count` tensors, shown by `proof`,
/// an encoded [`SubmissionProof`].
pub fn submitted<H: Hasher>(
	root: &Hash,
	count: u32,
	proof: &[u8],
) -> Result<Submitted<'static>, Malformed> {
	match decode(proof)? {
		SubmissionProof::Count { count: shown, tensors } => {
			let holds = shown != count && tensors_root_of::<H>(shown, &tensors) == *root;
			holds.then_some(Submitted::OtherCount).ok_or(Malformed::WrongTensor)
		},
		SubmissionProof::Tensor { number, dtype, extents, contents, path } => {
			let kind = kind_of(dtype, &extents);
			let (chunks, from, bytes) = open_contents::<H>(kind.as_ref(), contents)?;
			let tensor = tensor_root_from::<H>(dtype, &extents, &chunks);
			let list = fold_multiproof::<H>(count.into(), &[(number.into(), tensor)], &path);
			if list.map(|list| tensors_root_of::<H>(count, &list)) != Some(*root) {
				return Err(Malformed::WrongTensor);
			}
			let tensor = SubmittedTensor { number, kind, from, bytes: Cow::Owned(bytes) };
			Ok(Submitted::Tensor(tensor))
		},
		SubmissionProof::Fault { slot, element } => {
			let holds = faulted_root::<H>(slot, element) == *root;
			let fault = Submitted::Fault(Fault { slot, element });
			holds.then_some(fault).ok_or(Malformed::WrongTensor)
		},
		SubmissionProof::Root => Ok(Submitted::Root(*root)),
	}
}

/// The root of a tensor's chunks, and what bytes of it are known from where.
fn open_contents<H: Hasher>(
	kind: Option<&TensorType>,
	contents: Contents,
) -> Result<(Hash, u64, Vec<u8>), Malformed> {
	let (chunk, siblings) = match contents {
		Contents::Root(chunks) => return Ok((chunks, 0, Vec::new())),
		Contents::Opened { chunk, siblings } => (chunk, siblings),
	};
	let (kind, index) = (kind.ok_or(Malformed::WrongOpening)?, u64::from(chunk.index));
	if chunk.bytes.len() as u64 != chunk_length(kind, index) {
		return Err(Malformed::WrongChunkLength);
	}
	let leaf = chunk_leaf::<H>(&chunk.bytes);
	let chunks = fold_multiproof::<H>(chunk_count(kind), &[(index, leaf)], &siblings);
	let from = index.saturating_mul(CHUNK as u64);
	Ok((chunks.ok_or(Malformed::WrongOpening)?, from, chunk.bytes))
}

/// The type that a number and extents stand for, if the canonical arithmetic has it.
fn kind_of(dtype: u8, extents: &[u32]) -> Option<TensorType> {
	let dtype = DType::decode(&mut [dtype].as_slice()).ok()?;
	Some(TensorType::new(dtype, Shape::new(extents)?))
}

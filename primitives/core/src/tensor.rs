//! Tensors as they travel: element types, declared shapes, and the bytes of a value.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The largest number of dimensions of a tensor.
pub const MAX_RANK: u32 = 8;
/// The largest number of inputs, and of outputs, of a model version.
pub const MAX_TENSORS: u32 = 16;
/// The longest name of a tensor in bytes.
pub const MAX_TENSOR_NAME: u32 = 64;

/// The type of a tensor's elements. All are stored little-endian. The first six are those of the
/// canonical arithmetic, numbered as [`assay_canon::tensor::DType`] numbers them.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Hash,
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
pub enum DType {
	/// IEEE 754 binary32.
	Float32,
	/// Signed 8-bit integer.
	Int8,
	/// Unsigned 8-bit integer.
	Uint8,
	/// Signed 32-bit integer.
	Int32,
	/// Signed 64-bit integer.
	Int64,
	/// One byte, 0 or 1.
	Bool,
	/// IEEE 754 binary64.
	Float64,
	/// IEEE 754 binary16.
	Float16,
	/// Signed 16-bit integer.
	Int16,
	/// Unsigned 16-bit integer.
	Uint16,
	/// Unsigned 32-bit integer.
	Uint32,
	/// Unsigned 64-bit integer.
	Uint64,
}

impl DType {
	/// Every element type.
	pub const ALL: [DType; 12] = [
		DType::Float32,
		DType::Int8,
		DType::Uint8,
		DType::Int32,
		DType::Int64,
		DType::Bool,
		DType::Float64,
		DType::Float16,
		DType::Int16,
		DType::Uint16,
		DType::Uint32,
		DType::Uint64,
	];

	/// The type in the canonical arithmetic, which has six.
	pub const fn canonical(self) -> Option<assay_canon::tensor::DType> {
		use assay_canon::tensor::DType as Canonical;
		match self {
			DType::Float32 => Some(Canonical::Float32),
			DType::Int8 => Some(Canonical::Int8),
			DType::Uint8 => Some(Canonical::Uint8),
			DType::Int32 => Some(Canonical::Int32),
			DType::Int64 => Some(Canonical::Int64),
			DType::Bool => Some(Canonical::Bool),
			_ => None,
		}
	}

	/// The size of one element in bytes.
	pub const fn size(self) -> u64 {
		match self {
			DType::Int8 | DType::Uint8 | DType::Bool => 1,
			DType::Float16 | DType::Int16 | DType::Uint16 => 2,
			DType::Float32 | DType::Int32 | DType::Uint32 => 4,
			DType::Float64 | DType::Int64 | DType::Uint64 => 8,
		}
	}

	/// The name by which people and JSON know the type.
	pub const fn name(self) -> &'static str {
		match self {
			DType::Float32 => "float32",
			DType::Float64 => "float64",
			DType::Float16 => "float16",
			DType::Int8 => "int8",
			DType::Int16 => "int16",
			DType::Int32 => "int32",
			DType::Int64 => "int64",
			DType::Uint8 => "uint8",
			DType::Uint16 => "uint16",
			DType::Uint32 => "uint32",
			DType::Uint64 => "uint64",
			DType::Bool => "bool",
		}
	}
}

impl From<assay_canon::tensor::DType> for DType {
	fn from(dtype: assay_canon::tensor::DType) -> Self {
		use assay_canon::tensor::DType as Canonical;
		match dtype {
			Canonical::Float32 => DType::Float32,
			Canonical::Int8 => DType::Int8,
			Canonical::Uint8 => DType::Uint8,
			Canonical::Int32 => DType::Int32,
			Canonical::Int64 => DType::Int64,
			Canonical::Bool => DType::Bool,
		}
	}
}

impl fmt::Display for DType {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// One declared dimension.
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
pub enum Dimension {
	/// Exactly this many.
	Fixed(u32),
	/// From one to this many, chosen by each job.
	UpTo(u32),
}

impl Dimension {
	/// Whether a job may bind the dimension to `length`.
	pub const fn admits(self, length: u32) -> bool {
		match self {
			Dimension::Fixed(exact) => length == exact,
			Dimension::UpTo(most) => length >= 1 && length <= most,
		}
	}

	/// The largest length that the dimension admits.
	pub const fn most(self) -> u32 {
		match self {
			Dimension::Fixed(length) | Dimension::UpTo(length) => length,
		}
	}
}

/// A tensor's lengths along each axis, outermost first.
pub type Shape = BoundedVec<u32, ConstU32<MAX_RANK>>;

/// A declared input or output of a model version.
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
pub struct TensorSpec {
	/// The name in the ONNX graph, UTF-8.
	pub name: BoundedVec<u8, ConstU32<MAX_TENSOR_NAME>>,
	/// The type of the elements.
	pub dtype: DType,
	/// The dimensions, outermost first; none for a scalar.
	pub shape: BoundedVec<Dimension, ConstU32<MAX_RANK>>,
}

impl TensorSpec {
	/// Whether a value of this type and shape is what was declared.
	pub fn check(&self, dtype: DType, shape: &[u32]) -> Result<(), TensorError> {
		if dtype != self.dtype {
			return Err(TensorError::WrongType);
		}
		let fits = shape.len() == self.shape.len()
			&& self.shape.iter().zip(shape).all(|(declared, length)| declared.admits(*length));
		if fits {
			Ok(())
		} else {
			Err(TensorError::WrongShape)
		}
	}

	/// The most bytes that an admitted value has; `None` beyond 2⁶⁴.
	pub fn most_bytes(&self) -> Option<u64> {
		let lengths: Vec<u32> = self.shape.iter().map(|dimension| dimension.most()).collect();
		byte_length(self.dtype, &lengths)
	}
}

/// A tensor with its value.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Tensor {
	/// The type of the elements.
	pub dtype: DType,
	/// The lengths along each axis, outermost first.
	pub shape: Shape,
	/// The elements, little-endian, in row-major order.
	pub data: Vec<u8>,
}

impl Tensor {
	/// Make a tensor, checking that the bytes are as many as the shape asks for.
	pub fn new(dtype: DType, shape: Vec<u32>, data: Vec<u8>) -> Result<Self, TensorError> {
		let shape = Shape::try_from(shape).map_err(|_| TensorError::WrongShape)?;
		let tensor = Tensor { dtype, shape, data };
		tensor.validate().map(|()| tensor)
	}

	/// Check that the bytes are as many as the shape asks for, and that booleans are 0 or 1.
	pub fn validate(&self) -> Result<(), TensorError> {
		let length = byte_length(self.dtype, &self.shape).ok_or(TensorError::TooLarge)?;
		if u64::try_from(self.data.len()) != Ok(length) {
			return Err(TensorError::WrongLength);
		}
		if self.dtype == DType::Bool && self.data.iter().any(|byte| *byte > 1) {
			return Err(TensorError::NotABool);
		}
		Ok(())
	}

	/// The number of elements.
	pub fn elements(&self) -> Option<u64> {
		elements(&self.shape)
	}
}

/// The number of elements of a shape; `None` beyond 2⁶⁴.
pub fn elements(shape: &[u32]) -> Option<u64> {
	shape.iter().try_fold(1u64, |product, length| product.checked_mul(u64::from(*length)))
}

/// The number of bytes of a value of this type and shape; `None` beyond 2⁶⁴.
pub fn byte_length(dtype: DType, shape: &[u32]) -> Option<u64> {
	elements(shape)?.checked_mul(dtype.size())
}

/// Encode tensors as they are passed inline and stored as artifacts: the SCALE encoding of
/// `Vec<Tensor>`.
pub fn encode_tensors(tensors: &[Tensor]) -> Vec<u8> {
	tensors.encode()
}

/// Decode and check tensors against the declarations they are meant for.
///
/// Total over bytes: what is allocated is bounded by the length of `bytes`.
pub fn decode_tensors(bytes: &[u8], specs: &[TensorSpec]) -> Result<Vec<Tensor>, TensorError> {
	let mut rest = bytes;
	let count = codec::Compact::<u32>::decode(&mut rest).map_err(|_| TensorError::Malformed)?;
	if usize::try_from(count.0) != Ok(specs.len()) {
		return Err(TensorError::WrongCount);
	}
	let mut tensors = Vec::with_capacity(specs.len());
	for spec in specs {
		let tensor = Tensor::decode(&mut rest).map_err(|_| TensorError::Malformed)?;
		spec.check(tensor.dtype, &tensor.shape)?;
		tensor.validate()?;
		tensors.push(tensor);
	}
	if rest.is_empty() {
		Ok(tensors)
	} else {
		Err(TensorError::Malformed)
	}
}

/// Why tensors were refused.
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
pub enum TensorError {
	/// The bytes are no SCALE encoding of tensors, or bytes are left over.
	Malformed,
	/// Not as many tensors as were declared.
	WrongCount,
	/// An element type other than the declared one.
	WrongType,
	/// A shape that the declaration does not admit.
	WrongShape,
	/// Axes of different lengths that have to be equal.
	UnequalAxes,
	/// More or fewer bytes than the shape asks for.
	WrongLength,
	/// A boolean other than 0 or 1.
	NotABool,
	/// More elements than can be counted.
	TooLarge,
}

impl fmt::Display for TensorError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			TensorError::Malformed => "the bytes are no encoding of tensors",
			TensorError::WrongCount => "not as many tensors as the version declares",
			TensorError::WrongType => "an element type other than the declared one",
			TensorError::WrongShape => "a shape that the declaration does not admit",
			TensorError::UnequalAxes => "axes of different lengths that have to be equal",
			TensorError::WrongLength => "more or fewer bytes than the shape asks for",
			TensorError::NotABool => "a boolean other than 0 or 1",
			TensorError::TooLarge => "more elements than can be counted",
		})
	}
}

impl core::error::Error for TensorError {}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn spec(dtype: DType, shape: &[Dimension]) -> TensorSpec {
		TensorSpec {
			name: b"x".to_vec().try_into().unwrap(),
			dtype,
			shape: shape.to_vec().try_into().unwrap(),
		}
	}

	#[test]
	fn declared_tensors_are_decoded() {
		let specs = [spec(DType::Float32, &[Dimension::UpTo(4), Dimension::Fixed(2)])];
		let tensor = Tensor::new(DType::Float32, vec![3, 2], vec![7; 24]).unwrap();
		let tensors = vec![tensor];
		assert_eq!(decode_tensors(&encode_tensors(&tensors), &specs), Ok(tensors));
	}

	#[test]
	fn each_kind_of_bad_tensor_has_its_error() {
		let specs = [spec(DType::Bool, &[Dimension::UpTo(4)])];
		let check = |tensors: &[Tensor]| decode_tensors(&encode_tensors(tensors), &specs);
		let tensor =
			|dtype, shape: Vec<u32>, data| Tensor { dtype, shape: shape.try_into().unwrap(), data };
		assert_eq!(check(&[]), Err(TensorError::WrongCount));
		assert_eq!(check(&[tensor(DType::Int8, vec![1], vec![0])]), Err(TensorError::WrongType));
		assert_eq!(
			check(&[tensor(DType::Bool, vec![5], vec![0; 5])]),
			Err(TensorError::WrongShape)
		);
		assert_eq!(check(&[tensor(DType::Bool, vec![0], vec![])]), Err(TensorError::WrongShape));
		assert_eq!(check(&[tensor(DType::Bool, vec![2], vec![0])]), Err(TensorError::WrongLength));
		assert_eq!(check(&[tensor(DType::Bool, vec![1], vec![2])]), Err(TensorError::NotABool));
		assert_eq!(decode_tensors(&[4, 99], &specs), Err(TensorError::Malformed));
		let mut trailing = encode_tensors(&[tensor(DType::Bool, vec![1], vec![1])]);
		trailing.push(0);
		assert_eq!(decode_tensors(&trailing, &specs), Err(TensorError::Malformed));
	}

	#[test]
	fn lengths_that_overflow_are_refused_not_wrapped() {
		let tensor = Tensor {
			dtype: DType::Float64,
			shape: vec![u32::MAX; 8].try_into().unwrap(),
			data: vec![],
		};
		assert_eq!(tensor.validate(), Err(TensorError::TooLarge));
	}

	proptest! {
		#[test]
		fn decoding_is_total_over_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
			let specs = [spec(DType::Int64, &[Dimension::UpTo(9)])];
			let _ = decode_tensors(&bytes, &specs);
		}
	}
}

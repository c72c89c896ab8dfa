//! Tensors of the canonical function: types, scalars and whole tensors as bytes.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	arith::F32,
	shape::{Layout, Shape, MAX_RANK},
};

/// The type of a tensor's elements. The codec index is also the type's byte in a commitment.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum DType {
	/// IEEE binary32, its one NaN being `0x7FC0_0000`.
	#[codec(index = 0)]
	Float32,
	/// Two's complement, one byte.
	#[codec(index = 1)]
	Int8,
	/// Unsigned, one byte.
	#[codec(index = 2)]
	Uint8,
	/// Two's complement, four bytes.
	#[codec(index = 3)]
	Int32,
	/// Two's complement, eight bytes.
	#[codec(index = 4)]
	Int64,
	/// One byte, 0 or 1.
	#[codec(index = 5)]
	Bool,
}

impl DType {
	/// Bytes that one element occupies.
	pub const fn size(self) -> usize {
		match self {
			Self::Float32 | Self::Int32 => 4,
			Self::Int8 | Self::Uint8 | Self::Bool => 1,
			Self::Int64 => 8,
		}
	}

	/// Whether elements are numbers that wrap: every type but float32 and bool.
	pub const fn is_integer(self) -> bool {
		!matches!(self, Self::Float32 | Self::Bool)
	}

	/// Whether elements may index an axis.
	pub const fn is_index(self) -> bool {
		matches!(self, Self::Int32 | Self::Int64)
	}

	/// Whether elements are 8-bit integers, the operands of quantized primitives.
	pub const fn is_byte_integer(self) -> bool {
		matches!(self, Self::Int8 | Self::Uint8)
	}
}

/// One scalar: its type and its canonical bits, zero-extended.
///
/// The constructors canonicalize, so that two elements are the same value of the canonical
/// function exactly when they are equal.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Element {
	dtype: DType,
	bits: u64,
}

impl Decode for Element {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		let dtype = DType::decode(input)?;
		let bits = u64::decode(input)?;
		let element = Self::from_bits(dtype, bits);
		if element.bits == bits {
			Ok(element)
		} else {
			Err("element is not canonical".into())
		}
	}
}

impl Element {
	/// The element that the low bits of `bits` stand for: NaN becomes the one NaN, a nonzero bool
	/// becomes 1, bits above the type's width are dropped.
	#[inline]
	pub const fn from_bits(dtype: DType, bits: u64) -> Self {
		let bits = match dtype {
			DType::Float32 => F32::from_bits(bits as u32).to_bits() as u64,
			DType::Int8 | DType::Uint8 => bits & 0xFF,
			DType::Int32 => bits & 0xFFFF_FFFF,
			DType::Int64 => bits,
			DType::Bool => (bits & 0xFF != 0) as u64,
		};
		Self { dtype, bits }
	}

	/// The element stored in `bytes`, little-endian; `None` unless their number is the type's size.
	#[inline]
	pub fn from_bytes(dtype: DType, bytes: &[u8]) -> Option<Self> {
		// One read of known width for each type: this is where exact sums get their terms.
		let bits = match dtype {
			DType::Float32 | DType::Int32 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
			DType::Int64 => u64::from_le_bytes(bytes.try_into().ok()?),
			DType::Int8 | DType::Uint8 | DType::Bool => {
				u8::from_le_bytes(bytes.try_into().ok()?).into()
			},
		};
		Some(Self::from_bits(dtype, bits))
	}

	/// A float32.
	pub const fn float(value: F32) -> Self {
		Self { dtype: DType::Float32, bits: value.to_bits() as u64 }
	}

	/// A bool.
	pub const fn bool(value: bool) -> Self {
		Self { dtype: DType::Bool, bits: value as u64 }
	}

	/// An int64.
	pub const fn int64(value: i64) -> Self {
		Self { dtype: DType::Int64, bits: value as u64 }
	}

	/// The integer `value` modulo two to the width of `dtype`; for bool, whether it is not zero;
	/// for float32, rounded to nearest, ties to even.
	pub fn integer(dtype: DType, value: i64) -> Self {
		match dtype {
			DType::Float32 => Self::float(F32::from_i64(value)),
			DType::Bool => Self::bool(value != 0),
			_ => Self::from_bits(dtype, value as u64),
		}
	}

	/// The integer nearest to `value` that `dtype` holds; bool and float32 as in
	/// [`Element::integer`].
	pub fn saturated(dtype: DType, value: i64) -> Self {
		let clamped = match dtype {
			DType::Int8 => value.clamp(i8::MIN.into(), i8::MAX.into()),
			DType::Uint8 => value.clamp(0, u8::MAX.into()),
			DType::Int32 => value.clamp(i32::MIN.into(), i32::MAX.into()),
			_ => value,
		};
		Self::integer(dtype, clamped)
	}

	/// The zero of a type: +0, 0 or false.
	pub const fn zero(dtype: DType) -> Self {
		Self { dtype, bits: 0 }
	}

	/// The element's type.
	pub const fn dtype(self) -> DType {
		self.dtype
	}

	/// The canonical bits, zero-extended.
	pub const fn bits(self) -> u64 {
		self.bits
	}

	/// The float32 that the low bits are; the value itself if the type is float32.
	pub const fn to_f32(self) -> F32 {
		F32::from_bits(self.bits as u32)
	}

	/// The value of an integer or bool, sign-extended as its type demands.
	pub const fn to_i64(self) -> i64 {
		match self.dtype {
			DType::Int8 => self.bits as u8 as i8 as i64,
			DType::Int32 => self.bits as u32 as i32 as i64,
			_ => self.bits as i64,
		}
	}

	/// Whether a bool is true.
	pub const fn is_true(self) -> bool {
		self.bits != 0
	}

	/// The little-endian bytes, appended to `out`.
	pub fn write_to(self, out: &mut Vec<u8>) {
		out.extend(self.bits.to_le_bytes().iter().take(self.dtype.size()));
	}
}

/// The type of a whole tensor once symbols are bound.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TensorType {
	/// Type of the elements.
	pub dtype: DType,
	/// Extent of each axis.
	pub shape: Shape,
}

impl TensorType {
	/// The type of these elements in this shape.
	pub const fn new(dtype: DType, shape: Shape) -> Self {
		Self { dtype, shape }
	}

	/// Bytes of the tensor.
	pub fn bytes(&self) -> u64 {
		// At most 2^32 elements of at most eight bytes.
		self.shape.count().saturating_mul(self.dtype.size() as u64)
	}
}

/// A tensor in the physical order of its layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
	kind: TensorType,
	layout: Layout,
	data: Vec<u8>,
}

impl Tensor {
	/// The row-major tensor of these bytes; `None` if their number is not what the type says.
	pub fn new(dtype: DType, shape: Shape, data: Vec<u8>) -> Option<Self> {
		Self::with_layout(TensorType::new(dtype, shape), Layout::default(), data)
	}

	/// The tensor of these bytes, already in the order of `layout`; `None` if the layout or the
	/// number of bytes is not what the type says.
	pub fn with_layout(kind: TensorType, layout: Layout, data: Vec<u8>) -> Option<Self> {
		let fits = kind.bytes() == data.len() as u64 && layout.fits(kind.shape.rank());
		fits.then_some(Self { kind, layout, data })
	}

	/// The row-major tensor of these elements, which must have the type `dtype`.
	pub fn from_elements(dtype: DType, shape: Shape, elements: &[Element]) -> Option<Self> {
		let mut data = Vec::new();
		for element in elements {
			(element.dtype() == dtype).then(|| element.write_to(&mut data))?;
		}
		Self::new(dtype, shape, data)
	}

	/// Type and shape.
	pub const fn kind(&self) -> &TensorType {
		&self.kind
	}

	/// Type of the elements.
	pub const fn dtype(&self) -> DType {
		self.kind.dtype
	}

	/// Extent of each axis.
	pub const fn shape(&self) -> &Shape {
		&self.kind.shape
	}

	/// Physical order of the axes.
	pub const fn layout(&self) -> &Layout {
		&self.layout
	}

	/// The bytes, in the order of the layout.
	pub fn data(&self) -> &[u8] {
		&self.data
	}

	/// The bytes, in the order of the layout.
	pub fn into_data(self) -> Vec<u8> {
		self.data
	}

	/// Where each element lies.
	pub fn view(&self) -> View {
		View::new(&self.kind, &self.layout)
	}

	/// The element at a physical offset, in elements; `None` beyond the end.
	pub fn at_offset(&self, offset: u64) -> Option<Element> {
		let size = self.kind.dtype.size();
		let start = usize::try_from(offset).ok()?.checked_mul(size)?;
		Element::from_bytes(self.kind.dtype, self.data.get(start..start.checked_add(size)?)?)
	}

	/// The element at a row-major index, whatever the layout; `None` beyond the end.
	pub fn at(&self, index: u64) -> Option<Element> {
		let inside = index < self.kind.shape.count();
		inside.then(|| self.at_offset(self.view().offset_of_index(index)))?
	}

	/// The same tensor in another physical order; `None` if the layout does not fit the rank.
	pub fn relaid(&self, layout: &Layout) -> Option<Self> {
		if !layout.fits(self.kind.shape.rank()) {
			return None;
		}
		let (from, to) = (self.view(), View::new(&self.kind, layout));
		let size = self.kind.dtype.size();
		let mut data = alloc::vec![0; self.data.len()];
		for index in 0..self.kind.shape.count() {
			let start = usize::try_from(to.offset_of_index(index)).ok()?.checked_mul(size)?;
			let source = usize::try_from(from.offset_of_index(index)).ok()?.checked_mul(size)?;
			let target = data.get_mut(start..start.checked_add(size)?)?;
			target.copy_from_slice(self.data.get(source..source.checked_add(size)?)?);
		}
		Some(Self { kind: self.kind.clone(), layout: layout.clone(), data })
	}
}

/// A tensor's type with the physical stride of each axis: where an element lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
	/// Type and shape.
	pub kind: TensorType,
	strides: [u64; MAX_RANK],
}

impl View {
	/// The view of a tensor of this type in this layout.
	pub fn new(kind: &TensorType, layout: &Layout) -> Self {
		Self { strides: layout.strides(&kind.shape), kind: kind.clone() }
	}

	/// Elements between neighbors along `axis`; 0 beyond the rank.
	pub fn stride(&self, axis: usize) -> u64 {
		self.strides.get(axis).copied().unwrap_or(0)
	}

	/// Physical offset of the element at `coordinates`, in elements.
	pub fn offset(&self, coordinates: &crate::shape::Coordinates) -> u64 {
		// Inside the shape the sum is below 2^32; outside, wrapping keeps this total and the
		// reader refuses the offset.
		coordinates
			.iter()
			.zip(self.strides)
			.fold(0, |sum: u64, (at, stride)| sum.wrapping_add(at.wrapping_mul(stride)))
	}

	/// Physical offset of the element at a row-major index, in elements.
	pub fn offset_of_index(&self, index: u64) -> u64 {
		self.offset(&crate::shape::Coordinates::of(index, &self.kind.shape))
	}

	/// The row-major index of the element at a physical offset, in elements; of an offset beyond
	/// the last, that of some element.
	pub fn index_of_offset(&self, offset: u64) -> u64 {
		let shape = &self.kind.shape;
		let mut position = crate::shape::Coordinates::zero(shape.rank());
		for (axis, extent) in shape.iter().enumerate() {
			// Layouts have no gaps, so that an axis repeats every stride times extent elements.
			let along = offset.checked_div(self.stride(axis)).unwrap_or(0);
			position.set(axis, along.checked_rem(extent).unwrap_or(0));
		}
		position.index(shape)
	}

	/// Physical offset of the element that broadcasting aligns with `coordinates`.
	pub fn broadcast_offset(&self, coordinates: &crate::shape::Coordinates) -> u64 {
		let lead = coordinates.rank().saturating_sub(self.kind.shape.rank());
		let aligned = coordinates.iter().skip(lead).zip(self.kind.shape.iter()).zip(self.strides);
		aligned.fold(0, |sum: u64, ((at, extent), stride)| {
			let at = if extent == 1 { 0 } else { at };
			sum.wrapping_add(at.wrapping_mul(stride))
		})
	}
}

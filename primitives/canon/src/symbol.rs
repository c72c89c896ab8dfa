//! Dimensions affine in at most four symbols, bound to concrete extents for a job.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	shape::Shape,
	tensor::{DType, TensorType},
};

/// The most symbols a graph has.
pub const MAX_SYMBOLS: usize = 4;

/// A symbol of a graph: a size that the job chooses, within bounds.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Symbol {
	/// The least value a job may bind.
	pub minimum: u32,
	/// The greatest value a job may bind.
	pub maximum: u32,
}

/// The values that a job binds to the symbols of its graph, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Bindings(pub Vec<u32>);

impl Bindings {
	/// Whether there is one value within bounds for each symbol.
	pub fn fit(&self, symbols: &[Symbol]) -> bool {
		let within =
			|(value, symbol): (&u32, &Symbol)| (symbol.minimum..=symbol.maximum).contains(value);
		symbols.len() <= MAX_SYMBOLS
			&& self.0.len() == symbols.len()
			&& self.0.iter().zip(symbols).all(within)
	}
}

/// A size affine in the symbols: `constant + Σ coefficients[i] × symbol i`.
///
/// The coefficients end with a nonzero one, so that each size has one encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Dim {
	/// The part that no symbol changes.
	pub constant: i64,
	/// The factor of each symbol; missing ones are 0.
	pub coefficients: Vec<i64>,
}

impl From<u32> for Dim {
	fn from(constant: u32) -> Self {
		Self::constant(constant.into())
	}
}

impl Dim {
	/// A size that no symbol changes.
	pub const fn constant(constant: i64) -> Self {
		Self { constant, coefficients: Vec::new() }
	}

	/// The size `constant + Σ coefficients[i] × symbol i`.
	pub fn affine(constant: i64, coefficients: &[i64]) -> Self {
		let mut coefficients = coefficients.to_vec();
		while coefficients.last() == Some(&0) {
			coefficients.pop();
		}
		Self { constant, coefficients }
	}

	/// The size that a symbol is.
	pub fn symbol(index: usize) -> Self {
		let mut coefficients = alloc::vec![0; index];
		coefficients.push(1);
		Self { constant: 0, coefficients }
	}

	/// Whether no symbol changes the size.
	pub fn is_constant(&self) -> bool {
		self.coefficients.is_empty()
	}

	/// Whether this is the one encoding of a size in `symbols` symbols.
	pub fn is_canonical(&self, symbols: usize) -> bool {
		self.coefficients.len() <= symbols && self.coefficients.last() != Some(&0)
	}

	/// The value once symbols are bound, possibly negative; `None` if it overflows or a symbol is
	/// not bound.
	pub fn value(&self, bindings: &Bindings) -> Option<i64> {
		if !self.is_canonical(bindings.0.len()) {
			return None;
		}
		self.coefficients.iter().zip(&bindings.0).try_fold(self.constant, |sum, (factor, value)| {
			sum.checked_add(factor.checked_mul((*value).into())?)
		})
	}

	/// The extent once symbols are bound; `None` if it is not one.
	pub fn extent(&self, bindings: &Bindings) -> Option<u32> {
		u32::try_from(self.value(bindings)?).ok()
	}

	/// The sum of two sizes; `None` if a coefficient overflows.
	pub fn checked_add(&self, other: &Self) -> Option<Self> {
		self.combine(other, i64::checked_add)
	}

	/// The difference of two sizes; `None` if a coefficient overflows.
	pub fn checked_sub(&self, other: &Self) -> Option<Self> {
		self.combine(other, i64::checked_sub)
	}

	/// The size times a constant; `None` if a coefficient overflows.
	pub fn checked_scale(&self, factor: i64) -> Option<Self> {
		let scaled: Option<Vec<i64>> =
			self.coefficients.iter().map(|value| value.checked_mul(factor)).collect();
		Some(Self::affine(self.constant.checked_mul(factor)?, &scaled?))
	}

	/// The size divided by a constant; `None` unless every part divides.
	pub fn checked_divide(&self, divisor: i64) -> Option<Self> {
		let exact = |value: i64| {
			(value.checked_rem(divisor)? == 0).then(|| value.checked_div(divisor)).flatten()
		};
		let divided: Option<Vec<i64>> =
			self.coefficients.iter().map(|value| exact(*value)).collect();
		Some(Self::affine(exact(self.constant)?, &divided?))
	}

	/// The product of two sizes; `None` unless one is constant, or if a coefficient overflows.
	pub fn checked_mul(&self, other: &Self) -> Option<Self> {
		match (self.is_constant(), other.is_constant()) {
			(_, true) => self.checked_scale(other.constant),
			(true, _) => other.checked_scale(self.constant),
			_ => None,
		}
	}

	fn combine(&self, other: &Self, join: fn(i64, i64) -> Option<i64>) -> Option<Self> {
		let length = self.coefficients.len().max(other.coefficients.len());
		let part = |dim: &Self, at: usize| dim.coefficients.get(at).copied().unwrap_or(0);
		let joined: Option<Vec<i64>> =
			(0..length).map(|at| join(part(self, at), part(other, at))).collect();
		Some(Self::affine(join(self.constant, other.constant)?, &joined?))
	}
}

/// The extents once symbols are bound; `None` if any is not an extent or a limit is exceeded.
pub fn bind(dims: &[Dim], bindings: &Bindings) -> Option<Shape> {
	let extents: Option<Vec<u32>> = dims.iter().map(|dim| dim.extent(bindings)).collect();
	Shape::new(&extents?)
}

/// The type of a tensor before symbols are bound.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SymbolicType {
	/// Type of the elements.
	pub dtype: DType,
	/// Extent of each axis.
	pub dims: Vec<Dim>,
}

impl SymbolicType {
	/// The type once symbols are bound; `None` if the dimensions do not make a shape.
	pub fn bind(&self, bindings: &Bindings) -> Option<TensorType> {
		Some(TensorType::new(self.dtype, bind(&self.dims, bindings)?))
	}
}

//! Elements in memory as native numbers, and functions of one or two of them over whole tensors.
//!
//! float32 operations of Rust are those of IEEE 754, each rounded once and never fused; only the
//! bits of NaN are not fixed, and every float32 that is written becomes the one NaN if it is NaN.

use super::{
	grid::{fill, order, Elements, Grid},
	job::Job,
	rounding::canonical,
};
use crate::tensor::{DType, Tensor};

/// A native number.
pub(super) trait Number: Copy + Send + Sync {
	/// The type of such elements.
	const DTYPE: DType;
	/// The bytes of one.
	type Bytes: Copy + Default + Send + Sync;

	/// The elements that bytes are.
	fn elements(data: &[u8]) -> &[Self::Bytes];

	/// The bytes that elements are.
	fn flatten(elements: Vec<Self::Bytes>) -> Vec<u8>;

	/// From memory.
	fn read(bytes: &Self::Bytes) -> Self;

	/// To memory, canonical.
	fn write(self) -> Self::Bytes;
}

macro_rules! number {
	($native:ty, $dtype:ident, $size:literal, $write:expr) => {
		impl Number for $native {
			const DTYPE: DType = DType::$dtype;
			type Bytes = [u8; $size];

			fn elements(data: &[u8]) -> &[Self::Bytes] {
				data.as_chunks().0
			}

			fn flatten(elements: Vec<Self::Bytes>) -> Vec<u8> {
				elements.into_flattened()
			}

			#[inline]
			fn read(bytes: &Self::Bytes) -> Self {
				Self::from_le_bytes(*bytes)
			}

			#[inline]
			fn write(self) -> Self::Bytes {
				$write(self)
			}
		}
	};
}

number!(f32, Float32, 4, canonical);
number!(i8, Int8, 1, i8::to_le_bytes);
number!(u8, Uint8, 1, u8::to_le_bytes);
number!(i32, Int32, 4, i32::to_le_bytes);
number!(i64, Int64, 8, i64::to_le_bytes);

impl Number for bool {
	const DTYPE: DType = DType::Bool;
	type Bytes = [u8; 1];

	fn elements(data: &[u8]) -> &[Self::Bytes] {
		data.as_chunks().0
	}

	fn flatten(elements: Vec<Self::Bytes>) -> Vec<u8> {
		elements.into_flattened()
	}

	#[inline]
	fn read(bytes: &Self::Bytes) -> Self {
		*bytes != [0]
	}

	#[inline]
	fn write(self) -> Self::Bytes {
		[self.into()]
	}
}

/// The elements of a tensor of this type.
pub(super) fn elements<T: Number>(tensor: &Tensor) -> Option<&[T::Bytes]> {
	(tensor.dtype() == T::DTYPE).then(|| T::elements(tensor.data()))
}

/// A function of one element.
pub(super) fn unary<T: Number, U: Number>(
	job: &Job,
	function: impl Fn(T) -> U + Sync,
) -> Option<Vec<u8>> {
	let data = elements::<T>(job.operands.first()?)?;
	let grid = Grid::broadcast(&job.target(), &order(job), [job.view(0)?]);
	let apply = |[run]: [_; 1], to: &mut [U::Bytes]| unary_run(run, data, to, &function);
	Some(U::flatten(fill(&grid, job.output.shape.count(), apply)?))
}

/// A function of the elements of one run.
pub(super) fn unary_run<T: Number, U: Number>(
	run: super::grid::Run,
	data: &[T::Bytes],
	to: &mut [U::Bytes],
	function: &impl Fn(T) -> U,
) -> Option<()> {
	match run.of(data, to.len())? {
		Elements::Row(from) => {
			to.iter_mut().zip(from).for_each(|(to, from)| *to = function(T::read(from)).write());
		},
		Elements::One(only) => to.fill(function(T::read(only)).write()),
		apart @ Elements::Apart(..) => {
			for (number, to) in to.iter_mut().enumerate() {
				*to = function(T::read(apart.get(number)?)).write();
			}
		},
	}
	Some(())
}

/// A function of two elements of one type.
pub(super) fn binary<T: Number, U: Number>(
	job: &Job,
	function: impl Fn(T, T) -> U + Sync,
) -> Option<Vec<u8>> {
	let left = elements::<T>(job.operands.first()?)?;
	let right = elements::<T>(job.operands.get(1)?)?;
	let grid = Grid::broadcast(&job.target(), &order(job), [job.view(0)?, job.view(1)?]);
	let apply = |[a, b]: [super::grid::Run; 2], to: &mut [U::Bytes]| {
		match (a.of(left, to.len())?, b.of(right, to.len())?) {
			(Elements::Row(a), Elements::Row(b)) => {
				for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
					*to = function(T::read(a), T::read(b)).write();
				}
			},
			(Elements::Row(a), Elements::One(b)) => {
				let b = T::read(b);
				to.iter_mut().zip(a).for_each(|(to, a)| *to = function(T::read(a), b).write());
			},
			(Elements::One(a), Elements::Row(b)) => {
				let a = T::read(a);
				to.iter_mut().zip(b).for_each(|(to, b)| *to = function(a, T::read(b)).write());
			},
			(a, b) => {
				for (number, to) in to.iter_mut().enumerate() {
					*to = function(T::read(a.get(number)?), T::read(b.get(number)?)).write();
				}
			},
		}
		Some(())
	};
	Some(U::flatten(fill(&grid, job.output.shape.count(), apply)?))
}

//! Concrete shapes, physical layouts, and coordinates.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The most axes a tensor has.
pub const MAX_RANK: usize = 8;

/// The most elements a tensor has: one fewer than 2^32, so that offsets fit everywhere.
pub const MAX_ELEMENTS: u64 = u32::MAX as u64;

/// The extent of each axis: at most [`MAX_RANK`] axes and [`MAX_ELEMENTS`] elements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, DecodeWithMemTracking, TypeInfo)]
pub struct Shape(Vec<u32>);

impl Decode for Shape {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		Self::new(&Vec::<u32>::decode(input)?).ok_or_else(|| "shape is too large".into())
	}
}

impl Shape {
	/// The shape of these extents; `None` above a limit.
	pub fn new(extents: &[u32]) -> Option<Self> {
		// The product without zeros is bounded too, so that strides never overflow.
		let mut product = 1_u64;
		for extent in extents {
			product = product.checked_mul(u64::from(*extent).max(1))?;
			if product > MAX_ELEMENTS {
				return None;
			}
		}
		(extents.len() <= MAX_RANK).then(|| Self(extents.to_vec()))
	}

	/// The shape of these extents; `None` above a limit.
	pub fn from_extents(extents: impl IntoIterator<Item = u64>) -> Option<Self> {
		let extents: Option<Vec<u32>> =
			extents.into_iter().map(|extent| u32::try_from(extent).ok()).collect();
		Self::new(&extents?)
	}

	/// The shape without axes, of one element.
	pub const fn scalar() -> Self {
		Self(Vec::new())
	}

	/// Number of axes.
	pub fn rank(&self) -> usize {
		self.0.len()
	}

	/// The extents, outermost first.
	pub fn extents(&self) -> &[u32] {
		&self.0
	}

	/// The extents, outermost first.
	pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + '_ {
		self.0.iter().map(|extent| u64::from(*extent))
	}

	/// Extent of an axis; `None` beyond the rank.
	pub fn get(&self, axis: usize) -> Option<u64> {
		self.0.get(axis).map(|extent| u64::from(*extent))
	}

	/// Extent of an axis; 1 beyond the rank.
	pub fn extent(&self, axis: usize) -> u64 {
		self.get(axis).unwrap_or(1)
	}

	/// Number of elements.
	pub fn count(&self) -> u64 {
		// Bounded by the constructor.
		self.iter().fold(1, u64::saturating_mul)
	}

	/// The shape that two shapes broadcast to, by the rule of ONNX; `None` if they do not.
	pub fn broadcast(&self, other: &Self) -> Option<Self> {
		let rank = self.rank().max(other.rank());
		let mut extents = Vec::with_capacity(rank);
		for axis in 0..rank {
			let (left, right) = (self.aligned(axis, rank), other.aligned(axis, rank));
			extents.push(match (left, right) {
				(left, right) if left == right => left,
				(1, right) => right,
				(left, 1) => left,
				_ => return None,
			});
		}
		Self::from_extents(extents)
	}

	/// Extent of an axis once the shape is aligned at the right with a shape of `rank` axes.
	fn aligned(&self, axis: usize, rank: usize) -> u64 {
		match axis.checked_sub(rank.saturating_sub(self.rank())) {
			Some(axis) => self.extent(axis),
			None => 1,
		}
	}

	/// Whether the shape broadcasts to `target` without changing it.
	pub fn broadcasts_to(&self, target: &Self) -> bool {
		self.broadcast(target).as_ref() == Some(target)
	}
}

/// The physical order of a tensor's axes, outermost first. The empty list is row-major order and
/// its only encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Layout(Vec<u8>);

impl Layout {
	/// Row-major order.
	pub const fn row_major() -> Self {
		Self(Vec::new())
	}

	/// The layout that stores `axes` in this order, outermost first; `None` unless they are a
	/// permutation of at most [`MAX_RANK`] axes.
	pub fn new(axes: &[u8]) -> Option<Self> {
		if axes.iter().enumerate().all(|(at, axis)| at == usize::from(*axis)) {
			return (axes.len() <= MAX_RANK).then(Self::row_major);
		}
		let layout = Self(axes.to_vec());
		layout.fits(axes.len()).then_some(layout)
	}

	/// Whether the order is row-major.
	pub fn is_row_major(&self) -> bool {
		self.0.is_empty()
	}

	/// Whether this is the one encoding of an order of `rank` axes.
	pub fn fits(&self, rank: usize) -> bool {
		self.0.is_empty()
			|| (self.0.len() == rank && is_permutation(&self.0) && !self.is_identity())
	}

	fn is_identity(&self) -> bool {
		self.0.iter().enumerate().all(|(at, axis)| at == usize::from(*axis))
	}

	/// The axes, outermost first.
	pub fn order(&self, rank: usize) -> Vec<usize> {
		if self.0.is_empty() {
			(0..rank).collect()
		} else {
			self.0.iter().map(|axis| usize::from(*axis)).collect()
		}
	}

	/// Elements between neighbors along each axis.
	pub fn strides(&self, shape: &Shape) -> [u64; MAX_RANK] {
		let mut strides = [0; MAX_RANK];
		let mut step = 1_u64;
		for axis in self.order(shape.rank()).into_iter().rev() {
			if let Some(stride) = strides.get_mut(axis) {
				*stride = step;
			}
			// Bounded by the shape's constructor.
			step = step.saturating_mul(shape.extent(axis).max(1));
		}
		strides
	}
}

/// Whether `axes` holds each of 0 to its length, at most [`MAX_RANK`], once.
pub fn is_permutation(axes: &[u8]) -> bool {
	let seen =
		axes.iter().fold(0_u64, |seen, axis| seen | 1_u64.checked_shl((*axis).into()).unwrap_or(0));
	let all = 1_u64.checked_shl(axes.len() as u32).map_or(0, |bit| bit.wrapping_sub(1));
	axes.len() <= MAX_RANK && seen == all
}

/// The position of one element: an index along each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinates {
	values: [u64; MAX_RANK],
	rank: usize,
}

impl Coordinates {
	/// The position without axes.
	pub const fn empty() -> Self {
		Self { values: [0; MAX_RANK], rank: 0 }
	}

	/// The position at 0 along each of `rank` axes.
	pub fn zero(rank: usize) -> Self {
		Self { values: [0; MAX_RANK], rank: rank.min(MAX_RANK) }
	}

	/// The position of a row-major index.
	pub fn of(index: u64, shape: &Shape) -> Self {
		let mut position = Self::zero(shape.rank());
		let mut rest = index;
		for (value, extent) in position.values.iter_mut().take(shape.rank()).zip(shape.iter()).rev()
		{
			*value = rest.checked_rem(extent).unwrap_or(0);
			rest = rest.checked_div(extent).unwrap_or(0);
		}
		position
	}

	/// The row-major index of the position.
	pub fn index(&self, shape: &Shape) -> u64 {
		// Inside the shape the result is below 2^32.
		self.iter()
			.zip(shape.iter())
			.fold(0, |index: u64, (at, extent)| index.wrapping_mul(extent).wrapping_add(at))
	}

	/// Number of axes.
	pub const fn rank(&self) -> usize {
		self.rank
	}

	/// The index along each axis, outermost first.
	pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + '_ {
		self.values.iter().copied().take(self.rank)
	}

	/// The index along `axis`; 0 beyond the rank.
	pub fn get(&self, axis: usize) -> u64 {
		self.values.get(axis).copied().unwrap_or(0)
	}

	/// Sets the index along `axis`; nothing beyond the rank.
	pub fn set(&mut self, axis: usize, value: u64) {
		if let Some(at) = self.values.get_mut(..self.rank).and_then(|all| all.get_mut(axis)) {
			*at = value;
		}
	}

	/// Adds an innermost axis; nothing at [`MAX_RANK`].
	pub fn push(&mut self, value: u64) {
		if let Some(at) = self.values.get_mut(self.rank) {
			*at = value;
			self.rank = self.rank.saturating_add(1);
		}
	}
}

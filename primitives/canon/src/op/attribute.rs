//! The attributes of primitives that have a type of their own.

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::symbol::Dim;

/// What [`super::Op::Pad`] puts outside its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum PadMode {
	/// The second operand, or zero without one.
	#[codec(index = 0)]
	Constant,
	/// The nearest element.
	#[codec(index = 1)]
	Edge,
	/// The mirror image about the outermost element, which is not repeated.
	#[codec(index = 2)]
	Reflect,
	/// The operand again, periodically.
	#[codec(index = 3)]
	Wrap,
}

/// How [`super::Op::ScatterElements`] and [`super::Op::ScatterND`] join an update to what it falls on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Reduction {
	/// The last update in row-major order replaces.
	#[codec(index = 0)]
	Replace,
	/// The exact sum, rounded once; integers wrap.
	#[codec(index = 1)]
	Add,
	/// The product, rounded after each update in row-major order; integers wrap.
	#[codec(index = 2)]
	Mul,
	/// The greater, as [`super::Op::Max`].
	#[codec(index = 3)]
	Max,
	/// The lesser, as [`super::Op::Min`].
	#[codec(index = 4)]
	Min,
}

/// Which part of the depth a block takes in [`super::Op::DepthToSpace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum DepthOrder {
	/// Depth is block row, block column, channel.
	#[codec(index = 0)]
	BlockFirst,
	/// Depth is channel, block row, block column.
	#[codec(index = 1)]
	ChannelFirst,
}

/// What [`super::Op::Slice`] keeps of one axis: `count` indices from `start`, `step` apart.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SliceAxis {
	/// The axis.
	pub axis: u8,
	/// The first index.
	pub start: Dim,
	/// How many indices.
	pub count: Dim,
	/// The distance between indices, not 0, possibly negative.
	pub step: i32,
}

/// Elements added before and after an axis, or removed if negative.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub struct Padding {
	/// Before the first element.
	pub before: i32,
	/// After the last element.
	pub after: i32,
}

/// How a window moves along one spatial axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct WindowAxis {
	/// Operand elements between windows, not 0.
	pub stride: u32,
	/// Operand elements between neighbors of a window, not 0.
	pub dilation: u32,
	/// Absent elements before the first.
	pub before: u32,
	/// Absent elements after the last.
	pub after: u32,
}

impl Default for WindowAxis {
	fn default() -> Self {
		Self { stride: 1, dilation: 1, before: 0, after: 0 }
	}
}

/// One spatial axis of a pooling window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct PoolAxis {
	/// Elements of the window, not 0.
	pub kernel: u32,
	/// How the window moves.
	pub window: WindowAxis,
}

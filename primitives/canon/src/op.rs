//! The primitives: what a node may compute. The codec index of a variant is part of the format.
//!
//! Each primitive has one output. Its definition, the element function, is in [`crate::ops`].

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{symbol::Dim, tensor::DType};

mod attribute;

pub use attribute::{DepthOrder, PadMode, Padding, PoolAxis, Reduction, SliceAxis, WindowAxis};

/// What a node computes.
///
/// Operands are named in the order of [`crate::graph::Node::inputs`]; `[c]` is optional. An axis is
/// never negative. An operand that *broadcasts* follows ONNX's multidirectional rule.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Op {
	// ---- Index and copy ----
	/// `x`.
	#[codec(index = 0)]
	Identity,
	/// `x`, in this node's layout.
	#[codec(index = 1)]
	LayoutCopy,
	/// `x` in another shape of as many elements, in row-major order.
	#[codec(index = 2)]
	Reshape {
		/// The new shape.
		dims: Vec<Dim>,
	},
	/// `x` with its axes permuted: output axis i is operand axis `order[i]`.
	#[codec(index = 3)]
	Transpose {
		/// The operand axis of each output axis.
		order: Vec<u8>,
	},
	/// All operands (at least one), one after the other.
	#[codec(index = 4)]
	Concat {
		/// The axis along which they follow one another.
		axis: u8,
	},
	/// Part of `x`; axes that are not named are kept whole.
	#[codec(index = 5)]
	Slice {
		/// What is kept, by strictly ascending axis.
		axes: Vec<SliceAxis>,
	},
	/// `x, indices`: the slices of `x` at the indices.
	#[codec(index = 6)]
	Gather {
		/// The axis that is indexed.
		axis: u8,
	},
	/// `x, indices`: the elements of `x` at the indices along an axis.
	#[codec(index = 7)]
	GatherElements {
		/// The axis that is indexed.
		axis: u8,
	},
	/// `x, indices`: the slices of `x` at the index tuples in the last axis of `indices`.
	#[codec(index = 8)]
	GatherND {
		/// Leading axes that both operands share.
		batch: u8,
	},
	/// `x, indices, updates`: `x` with updates at the indices along an axis.
	#[codec(index = 9)]
	ScatterElements {
		/// The axis that is indexed.
		axis: u8,
		/// How updates join.
		reduction: Reduction,
	},
	/// `x, indices, updates`: `x` with updates at the index tuples.
	#[codec(index = 10)]
	ScatterND {
		/// How updates join.
		reduction: Reduction,
	},
	/// `x, [value]`: `x` with each axis extended.
	#[codec(index = 11)]
	Pad {
		/// What is put outside.
		mode: PadMode,
		/// One for each axis.
		pads: Vec<Padding>,
	},
	/// `x` broadcast to a shape.
	#[codec(index = 12)]
	Expand {
		/// The new shape.
		dims: Vec<Dim>,
	},
	/// `x` repeated along each axis.
	#[codec(index = 13)]
	Tile {
		/// One for each axis.
		repeats: Vec<Dim>,
	},
	/// `condition, x, y`: `x` where the bool is true, else `y`; all broadcast.
	#[codec(index = 14)]
	Where,
	/// `x` of `N, C, H, W`: depth moved into blocks of the plane.
	#[codec(index = 15)]
	DepthToSpace {
		/// Edge of a block.
		block: u32,
		/// Which depth is where.
		order: DepthOrder,
	},
	/// `x` of `N, C, H, W`: blocks of the plane moved into depth (block row, block column,
	/// channel).
	#[codec(index = 16)]
	SpaceToDepth {
		/// Edge of a block.
		block: u32,
	},
	/// `x` with the elements of its last two axes on one side of a diagonal made zero.
	#[codec(index = 17)]
	Trilu {
		/// Keep the part on and above the diagonal, else on and below.
		upper: bool,
		/// The diagonal: 0 is the main one, 1 the one above.
		diagonal: i64,
	},
	/// `indices, values`: `values[1]` where the new axis equals the index, else `values[0]`.
	#[codec(index = 18)]
	OneHot {
		/// The new axis of the output.
		axis: u8,
		/// Its extent.
		depth: Dim,
	},
	/// No operand: a matrix, one on a diagonal and zero elsewhere.
	#[codec(index = 19)]
	EyeLike {
		/// Type of the elements.
		dtype: DType,
		/// Extent of the first axis.
		rows: Dim,
		/// Extent of the second axis.
		columns: Dim,
		/// The diagonal: 0 is the main one, 1 the one above.
		diagonal: i64,
	},
	/// `x` with the order along axes reversed.
	#[codec(index = 20)]
	Reverse {
		/// The axes, strictly ascending.
		axes: Vec<u8>,
	},
	/// No operand: int64 indices along one axis of a shape.
	#[codec(index = 21)]
	Iota {
		/// The shape.
		dims: Vec<Dim>,
		/// The axis whose index each element is.
		axis: u8,
	},
	/// No operand: sizes as an int64 vector.
	#[codec(index = 22)]
	Extents {
		/// The sizes.
		dims: Vec<Dim>,
	},
	/// `x, lengths`: the first `lengths[b]` entries along `time` of each batch entry reversed.
	#[codec(index = 23)]
	ReverseSequence {
		/// The axis that is reversed.
		time: u8,
		/// The axis along which `lengths` lie.
		batch: u8,
	},

	// ---- Scalar ----
	/// `a, b`: the sum. Integers wrap.
	#[codec(index = 40)]
	Add,
	/// `a, b`: the difference. Integers wrap.
	#[codec(index = 41)]
	Sub,
	/// `a, b`: the product. Integers wrap.
	#[codec(index = 42)]
	Mul,
	/// `a, b`: the quotient; of integers toward zero, a fault if `b` is 0.
	#[codec(index = 43)]
	Div,
	/// `a, b`: the remainder, a fault if an integer `b` is 0.
	#[codec(index = 44)]
	Mod {
		/// The sign is that of `a`, as in C, else that of `b`; demanded for float32.
		truncated: bool,
	},
	/// `x`: the sign inverted. Integers wrap.
	#[codec(index = 45)]
	Neg,
	/// `x`: the magnitude. Integers wrap.
	#[codec(index = 46)]
	Abs,
	/// `x`: the square root.
	#[codec(index = 47)]
	Sqrt,
	/// `x`: one divided by it.
	#[codec(index = 48)]
	Reciprocal,
	/// `x`: the greater of it and +0.
	#[codec(index = 49)]
	Relu,
	/// `x`: times `alpha` where it is below zero.
	#[codec(index = 50)]
	LeakyRelu {
		/// Bits of the float32 factor.
		alpha: u32,
	},
	/// `x, slope`: times the slope, which broadcasts to `x`, where it is below zero.
	#[codec(index = 51)]
	PRelu,
	/// `x, low, high`: the lesser of `high` and the greater of `low` and `x`; bounds are scalars.
	#[codec(index = 52)]
	Clip,
	/// `a, b`: the lesser.
	#[codec(index = 53)]
	Min,
	/// `a, b`: the greater.
	#[codec(index = 54)]
	Max,
	/// `x`: the next integer below.
	#[codec(index = 55)]
	Floor,
	/// `x`: the next integer above.
	#[codec(index = 56)]
	Ceil,
	/// `x`: the nearest integer, the even one of two.
	#[codec(index = 57)]
	Round,
	/// `x`: −1, 0 or 1.
	#[codec(index = 58)]
	Sign,
	/// `a, b`: whether they are equal.
	#[codec(index = 59)]
	Equal,
	/// `a, b`: whether the first is less.
	#[codec(index = 60)]
	Less,
	/// `a, b`: whether the first is less or equal.
	#[codec(index = 61)]
	LessOrEqual,
	/// `a, b`: whether the first is greater.
	#[codec(index = 62)]
	Greater,
	/// `a, b`: whether the first is greater or equal.
	#[codec(index = 63)]
	GreaterOrEqual,
	/// `a, b`: whether both bools are true.
	#[codec(index = 64)]
	And,
	/// `a, b`: whether either bool is true.
	#[codec(index = 65)]
	Or,
	/// `a, b`: whether one bool is true.
	#[codec(index = 66)]
	Xor,
	/// `x`: whether the bool is false.
	#[codec(index = 67)]
	Not,
	/// `a, b`: the bits set in both integers.
	#[codec(index = 68)]
	BitAnd,
	/// `a, b`: the bits set in either integer.
	#[codec(index = 69)]
	BitOr,
	/// `a, b`: the bits set in one integer.
	#[codec(index = 70)]
	BitXor,
	/// `x`: the bits that are not set.
	#[codec(index = 71)]
	BitNot,
	/// `a, b`: the bits of `a` moved up by `b`; 0 if `b` is not below the width.
	#[codec(index = 72)]
	ShiftLeft,
	/// `a, b`: the bits of `a` moved down by `b`, zeros following; 0 if `b` is not below the
	/// width.
	#[codec(index = 73)]
	ShiftRight,
	/// `x` as another type.
	#[codec(index = 74)]
	Cast {
		/// The type.
		to: DType,
	},
	/// `x`: whether it is NaN.
	#[codec(index = 75)]
	IsNaN,
	/// `x`: whether it is an infinity.
	#[codec(index = 76)]
	IsInf {
		/// −∞ counts.
		negative: bool,
		/// +∞ counts.
		positive: bool,
	},

	// ---- Exact dot and reduction ----
	/// `a, b`: the products of matrices in the last two axes; leading axes broadcast. float32.
	#[codec(index = 100)]
	MatMul,
	/// `a, b, [c]`: the product of two matrices plus `c`, which broadcasts to it.
	#[codec(index = 101)]
	Gemm {
		/// Transpose the first matrix.
		transpose_a: bool,
		/// Transpose the second matrix.
		transpose_b: bool,
	},
	/// `x` of `N, C, D…`, `w` of `M, C / group, K…`, `[b]` of `M`: the convolution.
	#[codec(index = 102)]
	Conv {
		/// Number of groups of channels.
		group: u32,
		/// One for each of one to three spatial axes.
		axes: Vec<WindowAxis>,
	},
	/// `x` of `N, C, D…`, `w` of `C, M / group, K…`, `[b]` of `M`: the transposed convolution.
	#[codec(index = 103)]
	ConvTranspose {
		/// Number of groups of channels.
		group: u32,
		/// One for each of one to three spatial axes.
		axes: Vec<WindowAxis>,
		/// Elements added after each spatial axis of the output, fewer than stride or dilation.
		output_padding: Vec<u32>,
	},
	/// `x`: the sum over axes; integers wrap.
	#[codec(index = 104)]
	ReduceSum {
		/// The axes, strictly ascending.
		axes: Vec<u8>,
		/// Keep them with extent 1.
		keep: bool,
	},
	/// `x`: the mean over axes. float32.
	#[codec(index = 105)]
	ReduceMean {
		/// The axes, strictly ascending.
		axes: Vec<u8>,
		/// Keep them with extent 1.
		keep: bool,
	},
	/// `x`: the sum of squares over axes; integers wrap.
	#[codec(index = 106)]
	ReduceSumSquare {
		/// The axes, strictly ascending.
		axes: Vec<u8>,
		/// Keep them with extent 1.
		keep: bool,
	},
	/// `x` of `N, C, D…`: the mean of each window. float32.
	#[codec(index = 107)]
	AveragePool {
		/// One for each of one to three spatial axes.
		axes: Vec<PoolAxis>,
		/// Round the number of windows up.
		ceil: bool,
		/// Divide by the size of the window with its padding, else by the elements present.
		include_pad: bool,
	},
	/// `x`: the sum of all elements up to each along an axis; integers wrap.
	#[codec(index = 108)]
	CumSum {
		/// The axis.
		axis: u8,
		/// Leave out the element itself.
		exclusive: bool,
		/// Sum from the end.
		reverse: bool,
	},
	/// `a, b, a_zero, b_zero`: the product of 8-bit matrices less their zero points, int32.
	///
	/// A zero point is a scalar, or a vector along the rows of `a` or columns of `b`.
	#[codec(index = 109)]
	MatMulInteger,
	/// `x, w, x_zero, w_zero`: the convolution of 8-bit tensors less their zero points, int32.
	///
	/// `x_zero` is a scalar, `w_zero` a scalar or a vector along the output channels.
	#[codec(index = 110)]
	ConvInteger {
		/// Number of groups of channels.
		group: u32,
		/// One for each of one to three spatial axes.
		axes: Vec<WindowAxis>,
	},
	/// `a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero`: the quantized product.
	///
	/// Scales and zero points as the zero points of [`Op::MatMulInteger`]; those of `y` as of `a`.
	#[codec(index = 111)]
	QLinearMatMul,
	/// `x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, [b]`: the quantized convolution.
	///
	/// `w_scale` and `w_zero` are scalars or vectors along the output channels, `b` an int32 vector
	/// along them, all others scalars.
	#[codec(index = 112)]
	QLinearConv {
		/// Number of groups of channels.
		group: u32,
		/// One for each of one to three spatial axes.
		axes: Vec<WindowAxis>,
	},
	/// `x, scale, zero`: `x` divided by the scale, to even, plus the zero point, saturated to the
	/// type of the latter. `x` is float32 or int32.
	#[codec(index = 113)]
	QuantizeLinear {
		/// The axis along which scale and zero point lie if they are vectors.
		axis: u8,
	},
	/// `x, scale, zero`: `x` less the zero point, times the scale, rounded once.
	#[codec(index = 114)]
	DequantizeLinear {
		/// The axis along which scale and zero point lie if they are vectors.
		axis: u8,
	},

	/// `a, b`: as [`Op::MatMul`], but the exact sums: a last axis of 80 bytes, uint8, is added.
	#[codec(index = 115)]
	MatMulPartial,
	/// `x`: as [`Op::ReduceSum`] of float32 without `keep`, but the exact sums as above.
	#[codec(index = 116)]
	ReduceSumPartial {
		/// The axes, strictly ascending.
		axes: Vec<u8>,
	},
	/// Exact sums (at least one operand), added, divided, and rounded once to float32.
	#[codec(index = 117)]
	RoundSums {
		/// The divisor, not 0: 1 for a sum, the number of terms for a mean.
		divisor: u32,
	},

	// ---- Transcendental, correctly rounded ----
	/// `x`: the exponential.
	#[codec(index = 140)]
	Exp,
	/// `x`: the natural logarithm.
	#[codec(index = 141)]
	Log,
	/// `x`: the error function.
	#[codec(index = 142)]
	Erf,
	/// `x`: the hyperbolic tangent.
	#[codec(index = 143)]
	Tanh,
	/// `x`: the sine.
	#[codec(index = 144)]
	Sin,
	/// `x`: the cosine.
	#[codec(index = 145)]
	Cos,

	// ---- Order statistics: int64 indices, judged by witness ----
	/// `x`: the index along an axis of the first greatest element.
	#[codec(index = 160)]
	ArgMax {
		/// The axis.
		axis: u8,
		/// Keep it with extent 1.
		keep: bool,
	},
	/// `x`: the index along an axis of the first least element.
	#[codec(index = 161)]
	ArgMin {
		/// The axis.
		axis: u8,
		/// Keep it with extent 1.
		keep: bool,
	},
	/// `x`: the indices along an axis of its first `count` elements in order.
	#[codec(index = 162)]
	TopK {
		/// The axis.
		axis: u8,
		/// How many, at most its extent.
		count: Dim,
		/// Greatest first, else least first.
		largest: bool,
	},
	/// `x` of `N, C, D…`: the row-major index in `x` of the greatest element of each window.
	#[codec(index = 163)]
	MaxPool {
		/// One for each of one to three spatial axes.
		axes: Vec<PoolAxis>,
		/// Round the number of windows up.
		ceil: bool,
	},
}

impl Op {
	/// Whether elements of an operand are added up, which engines do in any order.
	pub const fn adds_up(&self) -> bool {
		matches!(
			self,
			Self::MatMul
				| Self::Gemm { .. }
				| Self::Conv { .. }
				| Self::ConvTranspose { .. }
				| Self::ReduceSum { .. }
				| Self::ReduceMean { .. }
				| Self::ReduceSumSquare { .. }
				| Self::AveragePool { .. }
				| Self::CumSum { .. }
				| Self::MatMulPartial
				| Self::ReduceSumPartial { .. }
		)
	}

	/// Whether the output is an index judged by comparing witnesses.
	pub const fn is_order_statistic(&self) -> bool {
		matches!(
			self,
			Self::ArgMax { .. } | Self::ArgMin { .. } | Self::TopK { .. } | Self::MaxPool { .. }
		)
	}
}

//! The definition of each primitive: which output it has, and what each element of it is.
//!
//! [`element`] is the one definition. The exact engine and the arbiter call the same function; they
//! differ only in where [`Inputs`] reads from. It is total: whatever the operands hold, it ends in a
//! value or a fault, and for operands of the wrong type or shape in [`Stop::Malformed`].

use crate::{
	arith::F32,
	graph::Invalid,
	op::Op,
	shape::{Coordinates, Shape, MAX_RANK},
	symbol::Bindings,
	tensor::{DType, Element, TensorType, View},
};

pub mod index;
pub mod order;
pub mod quantized;
pub mod reduction;
pub mod scalar;
pub mod scatter;
#[cfg(test)]
mod tests;
pub mod walk;
pub mod window;

/// Where the element function reads from.
pub trait Inputs {
	/// Number of operands.
	fn count(&self) -> usize;

	/// Type of an operand and where its elements lie.
	fn view(&self, operand: usize) -> Option<&View>;

	/// The element of an operand at a physical offset.
	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop>;

	/// The element of a float32 operand at a physical offset: [`Inputs::read`], which a reader of
	/// whole tensors does faster.
	fn read_float(&mut self, operand: usize, offset: u64) -> Result<F32, Stop> {
		Ok(self.read(operand, offset)?.to_f32())
	}
}

/// The operand number under which [`Inputs`] shows the output itself, whose elements before the one
/// in question [`Op::TopK`] reads.
pub const OWN_OUTPUT: usize = usize::MAX;

/// Why an element has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
	/// The primitive is undefined there (PROTOCOL P1.7).
	Fault,
	/// The reader has no such element.
	Missing,
	/// The operands are not of the types and shapes that the primitive takes.
	Malformed,
}

/// One node for one job: what [`element`] is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
	/// The primitive.
	pub op: &'a Op,
	/// The values of the symbols.
	pub bindings: &'a Bindings,
	/// Type and shape of the output.
	pub output: &'a TensorType,
}

/// How many terms one element has, and how many it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
	/// Terms of one element at most.
	pub count: u64,
	/// The limit for terms of that kind.
	pub limit: u64,
}

/// The extents of the box of coordinates that one element reads of an operand at most.
pub type Reach = [u64; MAX_RANK];

/// The output that a primitive makes of operands of these types.
pub fn infer(op: &Op, operands: &[TensorType], bindings: &Bindings) -> Result<TensorType, Invalid> {
	match family(op) {
		Family::Index => index::infer(op, operands, bindings),
		Family::Scatter => scatter::infer(op, operands),
		Family::Scalar => scalar::infer(op, operands),
		Family::Reduction => reduction::infer(op, operands),
		Family::Window => window::infer(op, operands),
		Family::Quantized => quantized::infer(op, operands),
		Family::Order => order::infer(op, operands, bindings),
	}
}

/// The element of a node's output at a row-major index: the definition of the primitive.
pub fn element<I: Inputs + ?Sized>(
	task: &Task,
	index: u64,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let at = Coordinates::of(index, &task.output.shape);
	match family(task.op) {
		Family::Index => index::element(task, index, &at, inputs),
		Family::Scatter => scatter::element(task.op, &at, inputs),
		Family::Scalar => scalar::element(task.op, &at, inputs),
		Family::Reduction => reduction::element(task.op, &at, inputs),
		Family::Window => window::element(task.op, &at, inputs),
		Family::Quantized => quantized::element(task.op, &at, inputs),
		Family::Order => order::element(task, &at, inputs),
	}
}

/// The terms of one element of a valid node.
pub fn terms(op: &Op, operands: &[TensorType], output: &TensorType) -> Terms {
	match family(op) {
		Family::Index | Family::Scalar => Terms { count: 1, limit: u64::MAX },
		Family::Scatter => scatter::terms(op, operands),
		Family::Reduction => reduction::terms(op, operands),
		Family::Window => window::terms(op, operands),
		Family::Quantized => quantized::terms(op, operands),
		Family::Order => order::terms(op, operands, output),
	}
}

/// What one element of a valid node reads of an operand at most.
pub fn reach(op: &Op, operands: &[TensorType], operand: usize) -> Reach {
	match family(op) {
		Family::Index | Family::Scalar | Family::Order => ONE,
		Family::Scatter => scatter::reach(op, operands, operand),
		Family::Reduction => reduction::reach(op, operands, operand),
		Family::Window => window::reach(op, operands, operand),
		Family::Quantized => quantized::reach(op, operands, operand),
	}
}

/// The reach of a single element.
pub(crate) const ONE: Reach = [1; MAX_RANK];

enum Family {
	Index,
	Scatter,
	Scalar,
	Reduction,
	Window,
	Quantized,
	Order,
}

const fn family(op: &Op) -> Family {
	match op {
		Op::Identity
		| Op::LayoutCopy
		| Op::Reshape { .. }
		| Op::Transpose { .. }
		| Op::Concat { .. }
		| Op::Slice { .. }
		| Op::Gather { .. }
		| Op::GatherElements { .. }
		| Op::GatherND { .. }
		| Op::Pad { .. }
		| Op::Expand { .. }
		| Op::Tile { .. }
		| Op::Where
		| Op::DepthToSpace { .. }
		| Op::SpaceToDepth { .. }
		| Op::Trilu { .. }
		| Op::OneHot { .. }
		| Op::EyeLike { .. }
		| Op::Reverse { .. }
		| Op::Iota { .. }
		| Op::Extents { .. }
		| Op::ReverseSequence { .. } => Family::Index,
		Op::ScatterElements { .. } | Op::ScatterND { .. } => Family::Scatter,
		Op::MatMul
		| Op::Gemm { .. }
		| Op::ReduceSum { .. }
		| Op::ReduceMean { .. }
		| Op::ReduceSumSquare { .. }
		| Op::CumSum { .. }
		| Op::MatMulPartial
		| Op::ReduceSumPartial { .. }
		| Op::RoundSums { .. } => Family::Reduction,
		Op::Conv { .. } | Op::ConvTranspose { .. } | Op::AveragePool { .. } => Family::Window,
		Op::MatMulInteger
		| Op::ConvInteger { .. }
		| Op::QLinearMatMul
		| Op::QLinearConv { .. }
		| Op::QuantizeLinear { .. }
		| Op::DequantizeLinear { .. } => Family::Quantized,
		Op::ArgMax { .. } | Op::ArgMin { .. } | Op::TopK { .. } | Op::MaxPool { .. } => {
			Family::Order
		},
		_ => Family::Scalar,
	}
}

/// `Ok` if `condition` holds.
pub(crate) fn require(condition: bool, otherwise: Invalid) -> Result<(), Invalid> {
	condition.then_some(()).ok_or(otherwise)
}

/// Exactly `N` operands.
pub(crate) fn exactly<const N: usize>(
	operands: &[TensorType],
) -> Result<&[TensorType; N], Invalid> {
	operands.try_into().map_err(|_| Invalid::OperandCount)
}

/// `N` operands and perhaps one more.
pub(crate) fn with_optional<const N: usize>(
	operands: &[TensorType],
) -> Result<(&[TensorType; N], Option<&TensorType>), Invalid> {
	let (first, rest) = operands.split_first_chunk().ok_or(Invalid::OperandCount)?;
	match rest {
		[] => Ok((first, None)),
		[last] => Ok((first, Some(last))),
		_ => Err(Invalid::OperandCount),
	}
}

/// Whether an operand has this type.
pub(crate) fn is(operand: &TensorType, dtype: DType) -> Result<(), Invalid> {
	require(operand.dtype == dtype, Invalid::OperandType)
}

/// The output of these extents.
pub(crate) fn make(
	dtype: DType,
	extents: impl IntoIterator<Item = u64>,
) -> Result<TensorType, Invalid> {
	Ok(TensorType::new(dtype, Shape::from_extents(extents).ok_or(Invalid::TooLarge)?))
}

/// An axis that exists.
pub(crate) fn axis_of(shape: &Shape, axis: u8) -> Result<usize, Invalid> {
	let axis = usize::from(axis);
	require(axis < shape.rank(), Invalid::BadAttribute)?;
	Ok(axis)
}

/// Whether axes exist and strictly ascend.
pub(crate) fn check_axes(shape: &Shape, axes: &[u8]) -> Result<(), Invalid> {
	let ascend = axes.iter().zip(axes.iter().skip(1)).all(|(left, right)| left < right);
	let exist = axes.iter().all(|axis| usize::from(*axis) < shape.rank());
	require(ascend && exist, Invalid::BadAttribute)
}

/// Type and place of an operand that is there.
pub(crate) fn view<I: Inputs + ?Sized>(inputs: &I, operand: usize) -> Result<&View, Stop> {
	inputs.view(operand).ok_or(Stop::Malformed)
}

/// The element of an operand at coordinates.
pub(crate) fn read_at<I: Inputs + ?Sized>(
	inputs: &mut I,
	operand: usize,
	at: &Coordinates,
) -> Result<Element, Stop> {
	let offset = view(inputs, operand)?.offset(at);
	inputs.read(operand, offset)
}

/// The element of an operand that broadcasting aligns with coordinates.
pub(crate) fn read_broadcast<I: Inputs + ?Sized>(
	inputs: &mut I,
	operand: usize,
	at: &Coordinates,
) -> Result<Element, Stop> {
	let offset = view(inputs, operand)?.broadcast_offset(at);
	inputs.read(operand, offset)
}

/// An index that may count from the end; a fault outside the axis.
pub(crate) fn index_into(value: i64, extent: u64) -> Result<u64, Stop> {
	let signed = i64::try_from(extent).map_err(|_| Stop::Malformed)?;
	let index = if value < 0 { value.wrapping_add(signed) } else { value };
	u64::try_from(index).ok().filter(|index| *index < extent).ok_or(Stop::Fault)
}

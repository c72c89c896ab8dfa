//! One node: its kernel, and the definition where there is none.

use super::{
	convolution, copy, elementwise,
	job::{Counters, Job},
	matrix, order, pool, quantized, reduction,
};
use crate::{
	exact,
	graph::Node,
	op::Op,
	ops::Stop,
	symbol::Bindings,
	tensor::{Tensor, TensorType},
};

/// Runs one valid node whose output has the type `kind`, or says at which element it stopped: as
/// [`exact::run_node`].
pub(super) fn run(
	node: &Node,
	kind: &TensorType,
	bindings: &Bindings,
	operands: &[&Tensor],
	counters: &Counters,
) -> Result<Tensor, (u64, Stop)> {
	let views = operands.iter().map(|tensor| tensor.view()).collect();
	let job = Job { node, bindings, output: kind, operands, views, counters };
	let data = match kernel(&job) {
		Some(data) => data,
		// Its elements depend on one another, which the reader of single elements does not show.
		None if matches!(node.op, Op::TopK { .. }) => {
			return exact::run_node(node, kind, bindings, operands);
		},
		None => job.by_definition()?,
	};
	Tensor::with_layout(kind.clone(), node.layout.clone(), data).ok_or((0, Stop::Malformed))
}

/// The output's bytes, if a kernel computes them: each returns what the definition says, or nothing
/// where the definition is to say it, faults among that.
fn kernel(job: &Job) -> Option<Vec<u8>> {
	match &job.node.op {
		Op::Identity
		| Op::LayoutCopy
		| Op::Reshape { .. }
		| Op::Transpose { .. }
		| Op::Concat { .. }
		| Op::Slice { .. }
		| Op::Gather { .. }
		| Op::Expand { .. }
		| Op::Where
		| Op::Reverse { .. } => copy::run(job),
		Op::MatMul | Op::Gemm { .. } => matrix::run(job),
		Op::Conv { .. } | Op::ConvTranspose { .. } => convolution::run(job),
		Op::ReduceSum { .. } | Op::ReduceMean { .. } | Op::ReduceSumSquare { .. } => {
			reduction::run(job)
		},
		Op::AveragePool { axes, include_pad, .. } => pool::average(job, axes, *include_pad),
		Op::MatMulInteger
		| Op::ConvInteger { .. }
		| Op::QLinearMatMul
		| Op::QLinearConv { .. }
		| Op::QuantizeLinear { .. }
		| Op::DequantizeLinear { .. } => quantized::run(job),
		Op::ArgMax { .. } | Op::ArgMin { .. } | Op::TopK { .. } | Op::MaxPool { .. } => {
			order::run(job)
		},
		_ if is_elementwise(&job.node.op) => elementwise::run(job),
		_ => None,
	}
}

/// Whether the primitive computes an element from one element of each operand.
const fn is_elementwise(op: &Op) -> bool {
	matches!(
		op,
		Op::Add
			| Op::Sub | Op::Mul
			| Op::Div | Op::Mod { .. }
			| Op::Neg | Op::Abs
			| Op::Sqrt
			| Op::Reciprocal
			| Op::Relu
			| Op::LeakyRelu { .. }
			| Op::PRelu
			| Op::Clip
			| Op::Min | Op::Max
			| Op::Floor
			| Op::Ceil
			| Op::Round
			| Op::Sign
			| Op::Equal
			| Op::Less
			| Op::LessOrEqual
			| Op::Greater
			| Op::GreaterOrEqual
			| Op::And | Op::Or
			| Op::Xor | Op::Not
			| Op::Cast { .. }
			| Op::IsNaN
			| Op::IsInf { .. }
			| Op::Exp | Op::Log
			| Op::Erf | Op::Tanh
			| Op::Sin | Op::Cos
	)
}

/// Whether a kernel computes a node.
#[cfg(test)]
pub(super) fn kernel_exists(
	node: &Node,
	kind: &TensorType,
	bindings: &Bindings,
	operands: &[&Tensor],
) -> bool {
	let views = operands.iter().map(|tensor| tensor.view()).collect();
	let counters = Counters::default();
	kernel(&Job { node, bindings, output: kind, operands, views, counters: &counters }).is_some()
}

//! MatMul and Gemm as products of strided matrices.

use super::{
	job::Job,
	panel::Matrix,
	product::{floats, Bias, Place, Product, Size},
};
use crate::{
	op::Op,
	shape::{Coordinates, Shape},
	tensor::View,
};

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	match job.node.op {
		Op::MatMul => matmul(job),
		Op::Gemm { transpose_a, transpose_b } => gemm(job, transpose_a, transpose_b),
		_ => None,
	}
}

/// An extent or distance as an index.
fn at(value: u64) -> Option<usize> {
	usize::try_from(value).ok()
}

/// Where the products of a batch are: their starts in both operands, and in the output.
pub(super) struct Batch {
	/// Size of each product.
	pub(super) size: Size,
	/// Elements between rows of the left operand, and along its inner axis.
	pub(super) left: [usize; 2],
	/// Elements between columns of the right operand, and along its inner axis.
	pub(super) right: [usize; 2],
	/// The start in each operand, and the place in the output.
	pub(super) starts: Vec<([usize; 2], Place)>,
}

/// The products that make up a product of matrices in the last two axes. With `merge`, the rows of
/// several may be taken for those of one.
pub(super) fn batch(a: &View, b: &View, output: &View, merge: bool) -> Option<Batch> {
	let shape = &output.kind.shape;
	let lead = shape.rank().checked_sub(2)?;
	let a_row = a.kind.shape.rank().checked_sub(2)?;
	let b_step = b.kind.shape.rank().checked_sub(2)?;
	let (a_step, b_column, column) =
		(a_row.checked_add(1)?, b_step.checked_add(1)?, lead.checked_add(1)?);
	let mut size = Size {
		rows: at(shape.extent(lead))?,
		columns: at(shape.extent(column))?,
		inner: at(a.kind.shape.extent(a_step))?,
		padded: false,
	};
	let (row, left) = (at(output.stride(lead))?, [at(a.stride(a_row))?, at(a.stride(a_step))?]);
	let right = [at(b.stride(b_column))?, at(b.stride(b_step))?];
	let mut batches = Shape::from_extents(shape.iter().take(lead))?;
	// With one right operand for all, rows that follow one another evenly are one matrix.
	let shared = b.kind.shape.iter().take(b_step).all(|extent| extent == 1);
	if merge && shared && follow(a, a_row) && follow(output, lead) && a_row == lead {
		size.rows = size.rows.checked_mul(at(batches.count())?)?;
		batches = Shape::scalar();
	}
	let column = at(output.stride(column))?;
	let mut starts = Vec::new();
	for number in 0..batches.count() {
		let mut place = Coordinates::zero(shape.rank());
		let outer = Coordinates::of(number, &batches);
		outer.iter().enumerate().for_each(|(axis, value)| place.set(axis, value));
		let in_operands = [at(a.broadcast_offset(&place))?, at(b.broadcast_offset(&place))?];
		let start = at(output.offset(&place))?;
		starts.push((in_operands, Place { index: place.index(shape), start, row, column }));
	}
	Some(Batch { size, left, right, starts })
}

/// Whether stepping along all axes up to `row` in order is stepping evenly.
fn follow(view: &View, row: usize) -> bool {
	let shape = &view.kind.shape;
	(0..row).all(|axis| {
		let inner = axis.saturating_add(1);
		view.stride(axis) == view.stride(inner).saturating_mul(shape.extent(inner))
	})
}

fn matmul(job: &Job) -> Option<Vec<u8>> {
	let (a, b) = (job.floats(0)?, job.floats(1)?);
	let batch = batch(job.view(0)?, job.view(1)?, &job.target(), true)?;
	let ([row, a_step], [column, b_step]) = (batch.left, batch.right);
	let product = |([left, right], place): &([usize; 2], Place)| Product {
		left: Matrix { data: a, start: *left, line: row, step: a_step },
		right: Matrix { data: b, start: *right, line: column, step: b_step },
		bias: None,
		place: *place,
	};
	let products: Vec<_> = batch.starts.iter().map(product).collect();
	floats(job, batch.size, &products)
}

fn gemm(job: &Job, transpose_a: bool, transpose_b: bool) -> Option<Vec<u8>> {
	let (a, b, output) = (job.view(0)?, job.view(1)?, job.target());
	let (row_axis, inner_a) = (usize::from(transpose_a), usize::from(!transpose_a));
	let (inner_b, column_axis) = (usize::from(transpose_b), usize::from(!transpose_b));
	let size = Size {
		rows: at(a.kind.shape.extent(row_axis))?,
		columns: at(b.kind.shape.extent(column_axis))?,
		inner: at(a.kind.shape.extent(inner_a))?,
		padded: false,
	};
	let matrix = |operand: usize, view: &View, line: usize, step: usize| {
		let (line, step) = (at(view.stride(line))?, at(view.stride(step))?);
		Some(Matrix { data: job.floats(operand)?, start: 0, line, step })
	};
	let bias = match job.view(2) {
		Some(c) => {
			// Distances of a broadcast operand: its offsets at the first row and the first column.
			let distance = |axis: usize| {
				let mut place = Coordinates::zero(2);
				place.set(axis, 1);
				at(c.broadcast_offset(&place))
			};
			Some(Bias { data: job.floats(2)?, start: 0, row: distance(0)?, column: distance(1)? })
		},
		None => None,
	};
	let place =
		Place { index: 0, start: 0, row: at(output.stride(0))?, column: at(output.stride(1))? };
	let left = matrix(0, a, row_axis, inner_a)?;
	let right = matrix(1, b, column_axis, inner_b)?;
	floats(job, size, &[Product { left, right, bias, place }])
}

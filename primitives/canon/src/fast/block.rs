//! Blocks of float64 matrix products, and the norms that bound their error.

use core::ops::Range;
use std::cell::RefCell;

use gemm::Parallelism;

/// Terms that are multiplied at a time, so that a block's operands stay in cache.
const DEPTH: usize = 1024;

/// Lanes in which a sum is kept, for the sake of vector registers.
const LANES: usize = 8;

/// How a panel is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
	/// A run is part of one line: neighbors follow one another along the inner axis.
	Lines,
	/// A run is one step of the inner axis: neighbors are of neighboring lines.
	Steps,
}

/// An operand of a product: lines (rows on the left, columns on the right) along an inner axis.
pub(super) trait Panel: Sync {
	/// How [`Panel::run`] fills.
	fn order(&self) -> Order;

	/// Writes a run: `outer` is a line or a step by the order, `to` has the length of `range`, which
	/// counts the other one.
	fn run(&self, outer: usize, range: Range<usize>, to: &mut [f64]) -> Option<()>;
}

/// Memory of a thread for the block it works at.
#[derive(Default)]
pub(super) struct Buffers {
	left: Vec<f64>,
	right: Vec<f64>,
	/// The products, row by row.
	pub(super) product: Vec<f64>,
	/// The sum of squares of each row of the left operand.
	pub(super) rows: Vec<f64>,
	/// The sum of squares of each column of the right operand.
	pub(super) columns: Vec<f64>,
}

thread_local! {
	static BUFFERS: RefCell<Buffers> = RefCell::default();
}

/// Calls with this thread's buffers, or with new ones if they are in use.
pub(super) fn with_buffers<R>(work: impl FnOnce(&mut Buffers) -> R) -> R {
	BUFFERS.with(|buffers| match buffers.try_borrow_mut() {
		Ok(mut buffers) => work(&mut buffers),
		Err(_) => work(&mut Buffers::default()),
	})
}

impl Buffers {
	/// Multiplies a block of rows by a block of columns along `inner` terms.
	pub(super) fn multiply(
		&mut self,
		left: &impl Panel,
		right: &impl Panel,
		rows: &Range<usize>,
		columns: &Range<usize>,
		inner: usize,
	) -> Option<()> {
		let area = rows.len().checked_mul(columns.len())?;
		self.product.clear();
		self.product.resize(area, 0.0);
		for (norms, lines) in [(&mut self.rows, rows), (&mut self.columns, columns)] {
			norms.clear();
			norms.resize(lines.len(), 0.0);
		}
		let mut first = 0;
		while first < inner && area > 0 {
			let steps = first..first.saturating_add(DEPTH).min(inner);
			let depth = steps.len();
			let [row_step, left_step] = fill(left, rows, &steps, &mut self.left, &mut self.rows)?;
			let [column_step, right_step] =
				fill(right, columns, &steps, &mut self.right, &mut self.columns)?;
			let a = Strided { data: &self.left, line: row_step, step: left_step };
			let b = Strided { data: &self.right, line: column_step, step: right_step };
			accumulate([rows.len(), columns.len(), depth], a, b, &mut self.product)?;
			first = steps.end;
		}
		Some(())
	}
}

/// Fills a buffer with part of a panel, adding to the sum of squares of each line, and returns the
/// distances between neighbors: of lines and of steps.
fn fill(
	panel: &impl Panel,
	lines: &Range<usize>,
	steps: &Range<usize>,
	buffer: &mut Vec<f64>,
	norms: &mut [f64],
) -> Option<[usize; 2]> {
	let length = lines.len().checked_mul(steps.len())?;
	if buffer.len() < length {
		buffer.resize(length, 0.0);
	}
	let buffer = buffer.get_mut(..length)?;
	match panel.order() {
		Order::Lines => {
			let runs = buffer.chunks_exact_mut(steps.len().max(1));
			for ((line, run), norm) in lines.clone().zip(runs).zip(norms) {
				panel.run(line, steps.clone(), run)?;
				*norm += sum_of_squares(run);
			}
			Some([steps.len(), 1])
		},
		Order::Steps => {
			let runs = buffer.chunks_exact_mut(lines.len().max(1));
			for (step, run) in steps.clone().zip(runs) {
				panel.run(step, lines.clone(), run)?;
				norms.iter_mut().zip(run).for_each(|(norm, value)| *norm += *value * *value);
			}
			Some([1, lines.len()])
		},
	}
}

/// The sum of the squares of values.
fn sum_of_squares(values: &[f64]) -> f64 {
	let (groups, rest) = values.as_chunks::<LANES>();
	let mut lanes = [0.0; LANES];
	for group in groups {
		lanes.iter_mut().zip(group).for_each(|(lane, value)| *lane += *value * *value);
	}
	let rest = rest.iter().map(|value| *value * *value);
	lanes.iter().copied().chain(rest).sum()
}

/// A filled panel.
#[derive(Clone, Copy)]
struct Strided<'a> {
	data: &'a [f64],
	line: usize,
	step: usize,
}

impl Strided<'_> {
	/// The pointer and distances, if `lines` × `steps` values lie inside the data.
	fn check(&self, lines: usize, steps: usize) -> Option<(*const f64, isize, isize)> {
		let last_line = lines.checked_sub(1)?.checked_mul(self.line)?;
		let last = steps.checked_sub(1)?.checked_mul(self.step)?.checked_add(last_line)?;
		let distance = |step: usize| isize::try_from(step).ok();
		let parts = (self.data.as_ptr(), distance(self.line)?, distance(self.step)?);
		(last < self.data.len()).then_some(parts)
	}
}

/// Adds the product of two panels to `product`, row by row. `None` if anything is empty or too short.
fn accumulate(
	[rows, columns, depth]: [usize; 3],
	left: Strided,
	right: Strided,
	product: &mut [f64],
) -> Option<()> {
	let (lhs, lhs_row, lhs_step) = left.check(rows, depth)?;
	let (rhs, rhs_column, rhs_step) = right.check(columns, depth)?;
	let row_step = isize::try_from(columns).ok()?;
	if rows.checked_mul(columns)? != product.len() {
		return None;
	}
	// SAFETY: the greatest offset that the distances reach lies inside each slice, as `check` and
	// the comparison above showed; `product` is borrowed mutably and overlaps neither operand.
	unsafe {
		gemm::gemm(
			rows,
			columns,
			depth,
			product.as_mut_ptr(),
			1,
			row_step,
			true,
			lhs,
			lhs_step,
			lhs_row,
			rhs,
			rhs_column,
			rhs_step,
			1.0,
			1.0,
			false,
			false,
			false,
			Parallelism::None,
		);
	}
	Some(())
}

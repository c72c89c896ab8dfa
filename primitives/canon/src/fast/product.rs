//! Matrix products: float64 blocks with a bound, each element decided, recomputed more precisely, or
//! left to the definition.

use core::ops::Range;

use rayon::prelude::*;

use super::{
	block::{with_buffers, Buffers, Panel},
	job::{Counters, Job, Word},
	panel::read,
	rounding::{canonical, decide, guess, norm, sum_error, Compensated},
};

/// Rows and columns of a block at most.
const ROWS: usize = 512;
const COLUMNS: usize = 1024;

/// Products of a block at least, so that splitting pays.
const LEAST_WORK: usize = 1 << 18;

/// Elements decided together.
const GROUP: usize = 16;

/// A term added to each element: a bias.
#[derive(Clone, Copy)]
pub(super) struct Bias<'a> {
	/// The tensor.
	pub(super) data: &'a [Word],
	/// Where the first element is.
	pub(super) start: usize,
	/// Elements between rows of the product.
	pub(super) row: usize,
	/// Elements between columns of the product.
	pub(super) column: usize,
}

impl Bias<'_> {
	fn get(&self, row: usize, column: usize) -> Option<f64> {
		let place = row.checked_mul(self.row)?.checked_add(column.checked_mul(self.column)?)?;
		Some(read(self.data.get(self.start.checked_add(place)?)?).into())
	}
}

/// Where the elements of a product are in the output.
#[derive(Clone, Copy)]
pub(super) struct Place {
	/// Row-major index of the first.
	pub(super) index: u64,
	/// Physical offset of the first.
	pub(super) start: usize,
	/// Elements between rows in memory.
	pub(super) row: usize,
	/// Elements between columns in memory.
	pub(super) column: usize,
}

/// One of several products of the same size that make up an output.
pub(super) struct Product<'a, A, B> {
	/// The rows.
	pub(super) left: A,
	/// The columns.
	pub(super) right: B,
	/// What is added.
	pub(super) bias: Option<Bias<'a>>,
	/// Where the result belongs.
	pub(super) place: Place,
}

/// Size of a product.
#[derive(Clone, Copy)]
pub(super) struct Size {
	/// Rows of the left operand.
	pub(super) rows: usize,
	/// Columns of the right operand.
	pub(super) columns: usize,
	/// Terms of one element.
	pub(super) inner: usize,
	/// Whether some terms are padding, which the definition does not have.
	pub(super) padded: bool,
}

impl Size {
	/// The blocks that the product is cut into, so that each of several threads has some.
	fn blocks(self, products: usize) -> Vec<(Range<usize>, Range<usize>)> {
		let threads = rayon::current_num_threads();
		let wanted =
			if threads > 1 { threads.saturating_mul(2).div_ceil(products.max(1)) } else { 1 };
		let (mut rows, mut columns) = (self.rows.min(ROWS), self.columns.min(COLUMNS));
		let number = |rows: usize, columns: usize| {
			self.rows.div_ceil(rows.max(1)).saturating_mul(self.columns.div_ceil(columns.max(1)))
		};
		let work = |rows: usize, columns: usize| {
			rows.saturating_mul(columns).saturating_mul(self.inner.max(1))
		};
		while number(rows, columns) < wanted && work(rows, columns) > LEAST_WORK {
			if columns >= rows {
				columns = columns.div_ceil(2);
			} else {
				rows = rows.div_ceil(2);
			}
		}
		let cut = |total: usize, length: usize| {
			let starts = (0..total).step_by(length.max(1));
			starts.map(move |start| start..start.saturating_add(length).min(total))
		};
		let columns: Vec<Range<usize>> = cut(self.columns, columns).collect();
		let across =
			|rows: Range<usize>| columns.iter().map(move |part| (rows.clone(), part.clone()));
		cut(self.rows, rows).flat_map(across).collect()
	}
}

/// A computed block: the number of its product, its rows and columns, and its elements.
type Done<T> = (usize, Range<usize>, Range<usize>, Vec<T>);

/// Computes products in blocks on all threads, and writes what `finish` makes of each block.
pub(super) fn compute<A: Panel, B: Panel, T: Copy + Default + Send>(
	size: Size,
	products: &[Product<A, B>],
	count: usize,
	finish: impl Fn(&Product<A, B>, &Range<usize>, &Range<usize>, &Buffers) -> Option<Vec<T>> + Sync,
) -> Option<Vec<T>> {
	let blocks = size.blocks(products.len());
	let tasks = products.len().checked_mul(blocks.len())?;
	let done = (0..tasks).into_par_iter().map(|task| -> Option<Done<T>> {
		let number = task.checked_div(blocks.len())?;
		let (rows, columns) = blocks.get(task.checked_rem(blocks.len())?)?.clone();
		let product = products.get(number)?;
		let elements = with_buffers(|buffers| {
			buffers.multiply(&product.left, &product.right, &rows, &columns, size.inner)?;
			finish(product, &rows, &columns, buffers)
		})?;
		Some((number, rows, columns, elements))
	});
	let done: Vec<Done<T>> = done.collect::<Option<_>>()?;
	let mut output = vec![T::default(); count];
	for (number, rows, columns, elements) in &done {
		let place = products.get(*number)?.place;
		for (row, elements) in rows.clone().zip(elements.chunks_exact(columns.len().max(1))) {
			let start = place.start.checked_add(row.checked_mul(place.row)?)?;
			let start = start.checked_add(columns.start.checked_mul(place.column)?)?;
			let to = output.get_mut(start..)?;
			if place.column == 1 {
				to.get_mut(..elements.len())?.copy_from_slice(elements);
			} else {
				let mut places = to.iter_mut().step_by(place.column.max(1));
				for element in elements {
					*places.next()? = *element;
				}
			}
		}
	}
	Some(output)
}

/// Computes float32 products.
pub(super) fn floats<A: Panel, B: Panel>(
	job: &Job,
	size: Size,
	products: &[Product<A, B>],
) -> Option<Vec<u8>> {
	let count = usize::try_from(job.output.shape.count()).ok()?;
	let words: Vec<Word> = compute(size, products, count, |product, rows, columns, buffers| {
		finish(job, size, product, rows, columns, buffers)
	})?;
	Some(words.into_flattened())
}

/// Rounds a block.
fn finish<A: Panel, B: Panel>(
	job: &Job,
	size: Size,
	product: &Product<A, B>,
	rows: &Range<usize>,
	columns: &Range<usize>,
	buffers: &Buffers,
) -> Option<Vec<Word>> {
	let factor = sum_error(size.inner);
	let column_norms: Vec<f64> = buffers.columns.iter().map(|sum| norm(*sum)).collect();
	let mut words = Vec::with_capacity(buffers.product.len());
	let mut centers = vec![0.0; columns.len()];
	let mut radii = vec![0.0; columns.len()];
	let lines = buffers.product.chunks_exact(columns.len().max(1));
	for ((row, line), squares) in rows.clone().zip(lines).zip(&buffers.rows) {
		let scale = norm(*squares) * factor;
		centers.copy_from_slice(line);
		radii.iter_mut().zip(&column_norms).for_each(|(radius, norm)| *radius = scale * *norm);
		if let Some(bias) = product.bias {
			let values = columns.clone().zip(centers.iter_mut().zip(radii.iter_mut()));
			for (column, (center, radius)) in values {
				let bias = bias.get(row, column)?;
				*center += bias;
				*radius += factor * bias.abs();
			}
		}
		decide_line(&centers, &radii, &mut words, |at| {
			let column = columns.start.checked_add(at)?;
			undecided(job, size, product, row, column, radii.get(at).copied()?)
		})?;
	}
	Some(words)
}

/// Decides a line of elements, most of them in groups; `other` computes those that are not.
fn decide_line(
	centers: &[f64],
	radii: &[f64],
	words: &mut Vec<Word>,
	mut other: impl FnMut(usize) -> Option<f32>,
) -> Option<()> {
	for (group, (centers, radii)) in centers.chunks(GROUP).zip(radii.chunks(GROUP)).enumerate() {
		let first = words.len();
		let mut sure = true;
		for (center, radius) in centers.iter().zip(radii) {
			let (value, is_sure) = guess(*center, *radius);
			sure &= is_sure;
			words.push(value.to_le_bytes());
		}
		if sure {
			continue;
		}
		let places = words.get_mut(first..)?.iter_mut().zip(centers.iter().zip(radii));
		for (number, (word, (center, radius))) in places.enumerate() {
			if decide(*center, *radius).is_none() {
				*word = canonical(other(group.wrapping_mul(GROUP).wrapping_add(number))?);
			}
		}
	}
	Some(())
}

/// An element that float64 left undecided.
#[cold]
fn undecided<A: Panel, B: Panel>(
	job: &Job,
	size: Size,
	product: &Product<A, B>,
	row: usize,
	column: usize,
	radius: f64,
) -> Option<f32> {
	let index = (row as u64).checked_mul(size.columns as u64)?.checked_add(column as u64)?;
	let index = product.place.index.checked_add(index)?;
	let bias = match product.bias {
		Some(bias) => Some(bias.get(row, column)?),
		None => None,
	};
	let mut again = Again { size, left: [0.0; RUN], right: [0.0; RUN] };
	let value = if !radius.is_finite() {
		None
	} else if radius > 0.0 {
		again.compensated(product, row, column, bias)?
	} else {
		again.zero(product, row, column, bias)?
	};
	match value {
		Some(value) => {
			Counters::count(&job.counters.undecided);
			Some(value)
		},
		None => job.undecided(index),
	}
}

/// Terms that are read at a time.
const RUN: usize = 256;

/// Recomputes one element.
struct Again {
	size: Size,
	left: [f64; RUN],
	right: [f64; RUN],
}

impl Again {
	/// Visits the operands of all terms, run by run, until `visit` has an answer.
	fn terms<A: Panel, B: Panel, R>(
		&mut self,
		product: &Product<A, B>,
		row: usize,
		column: usize,
		mut visit: impl FnMut(&[f64], &[f64]) -> Option<R>,
	) -> Option<Option<R>> {
		let mut first = 0;
		while first < self.size.inner {
			let steps = first..first.saturating_add(RUN).min(self.size.inner);
			let (left, right) =
				(self.left.get_mut(..steps.len())?, self.right.get_mut(..steps.len())?);
			line(&product.left, row, &steps, left)?;
			line(&product.right, column, &steps, right)?;
			let answer = visit(left, right);
			if answer.is_some() {
				return Some(answer);
			}
			first = steps.end;
		}
		Some(None)
	}

	/// The sum to twice the precision, if that decides.
	fn compensated<A: Panel, B: Panel>(
		&mut self,
		product: &Product<A, B>,
		row: usize,
		column: usize,
		bias: Option<f64>,
	) -> Option<Option<f32>> {
		let mut lanes = [Compensated::default(); 4];
		let nothing: Option<()> = self.terms(product, row, column, |left, right| {
			let (left, left_rest) = left.as_chunks::<4>();
			let (right, right_rest) = right.as_chunks::<4>();
			for (left, right) in left.iter().zip(right) {
				let pairs = left.iter().zip(right);
				lanes
					.iter_mut()
					.zip(pairs)
					.for_each(|(lane, (left, right))| lane.add(left * right));
			}
			let pairs = left_rest.iter().zip(right_rest);
			lanes.iter_mut().zip(pairs).for_each(|(lane, (left, right))| lane.add(left * right));
			None
		})?;
		debug_assert!(nothing.is_none());
		let mut sum = Compensated::default();
		bias.into_iter().for_each(|bias| sum.add(bias));
		lanes.into_iter().for_each(|lane| sum.merge(lane));
		Some(sum.decide(self.size.inner))
	}

	/// The zero that terms which are all zeros make: −0 if each is, unless that takes the definition.
	fn zero<A: Panel, B: Panel>(
		&mut self,
		product: &Product<A, B>,
		row: usize,
		column: usize,
		bias: Option<f64>,
	) -> Option<Option<f32>> {
		if bias.is_some_and(|bias| bias.is_sign_positive()) {
			return Some(Some(0.0));
		}
		if self.size.padded {
			return Some(None);
		}
		self.terms(product, row, column, |left, right| {
			let mut pairs = left.iter().zip(right);
			let positive = pairs.any(|(left, right)| (left * right).is_sign_positive());
			positive.then_some(0.0)
		})
	}
}

/// Part of one line of a panel.
fn line(panel: &impl Panel, line: usize, steps: &Range<usize>, to: &mut [f64]) -> Option<()> {
	match panel.order() {
		super::block::Order::Lines => panel.run(line, steps.clone(), to),
		super::block::Order::Steps => {
			let one = line..line.checked_add(1)?;
			for (step, to) in steps.clone().zip(to) {
				panel.run(step, one.clone(), core::slice::from_mut(to))?;
			}
			Some(())
		},
	}
}

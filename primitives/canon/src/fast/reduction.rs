//! Sums, means and sums of squares over axes.

use rayon::prelude::*;

use super::{
	grid::{Grid, Run},
	job::{Job, Word},
	panel::read,
	rounding::{canonical, decide, sum_error},
};
use crate::{
	op::Op,
	shape::{Coordinates, Shape},
	tensor::View,
};

/// Lanes in which a sum is kept, for the sake of vector registers.
const LANES: usize = 8;

/// Terms that one thread adds at a time, at least.
const LEAST_TERMS: usize = 1 << 14;

/// What is summed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
	Sum,
	Mean,
	Squares,
}

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	let (axes, keep, kind) = match &job.node.op {
		Op::ReduceSum { axes, keep } => (axes, keep, Kind::Sum),
		Op::ReduceMean { axes, keep } => (axes, keep, Kind::Mean),
		Op::ReduceSumSquare { axes, keep } => (axes, keep, Kind::Squares),
		_ => return None,
	};
	let (x, data) = (job.view(0)?, job.floats(0)?);
	let reduced = |axis: usize| axes.iter().any(|gone| usize::from(*gone) == axis);
	let grid = reduced_grid(job, x, &reduced);
	let terms = box_count(x, &reduced);
	let target = job.target();
	let kept: Vec<usize> = (0..x.kind.shape.rank()).filter(|axis| !reduced(*axis)).collect();
	let count = usize::try_from(job.output.shape.count()).ok()?;
	let mut words = vec![Word::default(); count];
	let several = LEAST_TERMS.div_ceil(terms.max(1));
	let order = super::grid::order(job);
	let element = |(offset, word): (usize, &mut Word)| {
		let at = coordinates(offset as u64, &order, &target.kind.shape);
		let start = start(x, &kept, &at, *keep);
		let value = match sum(&grid, data, start, terms, kind)? {
			Some(value) => value,
			None => job.undecided(at.index(&target.kind.shape))?,
		};
		*word = canonical(value);
		Some(())
	};
	let words_of = words.par_iter_mut().enumerate().with_min_len(several);
	words_of.map(element).collect::<Option<()>>()?;
	Some(words.into_flattened())
}

/// The position of a physical offset.
pub(super) fn coordinates(offset: u64, order: &[usize], shape: &Shape) -> Coordinates {
	let mut at = Coordinates::zero(shape.rank());
	let mut rest = offset;
	for axis in order.iter().rev() {
		at.set(*axis, rest.checked_rem(shape.extent(*axis)).unwrap_or(0));
		rest = rest.checked_div(shape.extent(*axis)).unwrap_or(0);
	}
	at
}

/// Where the terms of the element at a position start.
fn start(x: &View, kept: &[usize], at: &Coordinates, keep: bool) -> u64 {
	let offset = |(number, axis): (usize, &usize)| {
		x.stride(*axis).wrapping_mul(at.get(if keep { *axis } else { number }))
	};
	kept.iter().enumerate().map(offset).fold(0, u64::wrapping_add)
}

/// The terms of one element, in physical order.
fn reduced_grid(job: &Job, x: &View, reduced: &impl Fn(usize) -> bool) -> Grid<1> {
	let rank = x.kind.shape.rank();
	let order = job.operands.first().map_or(Vec::new(), |operand| operand.layout().order(rank));
	let axes = order.into_iter().filter(|axis| reduced(*axis));
	Grid::new(axes.map(|axis| (x.kind.shape.extent(axis), [x.stride(axis) as i64])), [0])
}

/// Number of terms of one element.
fn box_count(x: &View, reduced: &impl Fn(usize) -> bool) -> usize {
	let extents = x.kind.shape.iter().enumerate().filter(|(axis, _)| reduced(*axis));
	let count = extents.fold(1_u64, |count, (_, extent)| count.saturating_mul(extent));
	usize::try_from(count).unwrap_or(usize::MAX)
}

/// A float64 sum, and the sum of the terms' magnitudes.
#[derive(Default)]
pub(super) struct Sum {
	lanes: [f64; LANES],
	magnitudes: [f64; LANES],
}

impl Sum {
	/// Adds the terms of a run.
	pub(super) fn add(
		&mut self,
		data: &[Word],
		run: Run,
		length: usize,
		term: impl Fn(f64) -> f64,
	) -> Option<()> {
		let Some(row) =
			(run.step == 1).then(|| data.get(run.start..run.start.checked_add(length)?))
		else {
			let all = run.of(data, length)?;
			for number in 0..length {
				let value = term(read(all.get(number)?).into());
				let [lane, ..] = &mut self.lanes;
				let [magnitude, ..] = &mut self.magnitudes;
				*lane += value;
				*magnitude += value.abs();
			}
			return Some(());
		};
		let (groups, rest) = row?.as_chunks::<LANES>();
		let rest = core::iter::once(rest);
		for group in groups.iter().map(|group| group.as_slice()).chain(rest) {
			let lanes = self.lanes.iter_mut().zip(&mut self.magnitudes);
			for ((lane, magnitude), word) in lanes.zip(group) {
				let value = term(read(word).into());
				*lane += value;
				*magnitude += value.abs();
			}
		}
		Some(())
	}

	/// What the sum of `terms` terms, divided, rounds to, if that is certain.
	pub(super) fn decide(&self, terms: usize, divisor: f64) -> Option<f32> {
		let sum: f64 = self.lanes.iter().sum();
		let magnitude: f64 = self.magnitudes.iter().sum();
		// The magnitudes' sum errs by as much as the sum, which is within the slack.
		decide(sum / divisor, magnitude / divisor * sum_error(terms))
	}
}

/// What one element is, if float64 decides.
fn sum(grid: &Grid<1>, data: &[Word], start: u64, terms: usize, kind: Kind) -> Option<Option<f32>> {
	let mut sum = Sum::default();
	let start = usize::try_from(start).ok()?;
	grid.walk(0, terms, |[run], length| {
		let run = Run { start: run.start.checked_add(start)?, ..run };
		match kind {
			Kind::Squares => sum.add(data, run, length, |value| value * value),
			_ => sum.add(data, run, length, |value| value),
		}
	})?;
	let divisor = if kind == Kind::Mean { terms as f64 } else { 1.0 };
	Some(sum.decide(terms, divisor))
}

//! Pooling: the mean of each window, or the index of its greatest element.

use rayon::prelude::*;

use super::{
	grid::{self, Run},
	job::{Job, Word},
	order::Key,
	reduction::{coordinates, Sum},
	rounding::canonical,
	scalar::{elements, Number},
};
use crate::{
	op::PoolAxis,
	shape::{Coordinates, Layout},
	tensor::{DType, View},
};

/// Windows that one thread takes at a time, at least.
const LEAST: usize = 256;

/// What a window covers of one axis: the first operand index, how many, and the elements of the
/// window as far as they lie inside the axis and its padding.
#[derive(Clone, Copy)]
struct Cover {
	first: u64,
	count: u64,
	padded: u64,
}

/// For each spatial axis the cover of each output index.
fn covers(axes: &[PoolAxis], x: &View, job: &Job) -> Option<Vec<Vec<Cover>>> {
	let axis = |(number, axis): (usize, &PoolAxis)| {
		let extent = x.kind.shape.extent(number);
		let outputs = job.output.shape.extent(number);
		(0..outputs).map(|output| cover(axis, output, extent)).collect::<Option<Vec<_>>>()
	};
	(2..).zip(axes).map(axis).collect()
}

fn cover(axis: &PoolAxis, output: u64, extent: u64) -> Option<Cover> {
	let (dilation, before) = (u64::from(axis.window.dilation), u64::from(axis.window.before));
	let begin = output.checked_mul(axis.window.stride.into())?;
	// Tap k reads the operand index begin + k × dilation − before.
	let skipped = before.saturating_sub(begin).div_ceil(dilation.max(1));
	let until =
		|end: u64| end.saturating_sub(begin).div_ceil(dilation.max(1)).min(axis.kernel.into());
	let end = until(extent.checked_add(before)?);
	let padded = until(extent.checked_add(before)?.checked_add(axis.window.after.into())?);
	let first = begin.checked_add(skipped.checked_mul(dilation)?)?.saturating_sub(before);
	Some(Cover { first, count: end.saturating_sub(skipped), padded })
}

/// The window of one output: its cover along each of three axes, of which missing ones have one
/// element, with the distances between covered elements in a view.
struct Window {
	start: u64,
	counts: [u64; 3],
	steps: [u64; 3],
	padded: u64,
}

impl Window {
	fn new(
		axes: &[PoolAxis],
		covers: &[Vec<Cover>],
		at: &Coordinates,
		view: &View,
	) -> Option<Self> {
		let start = view.stride(0).checked_mul(at.get(0))?;
		let start = start.checked_add(view.stride(1).checked_mul(at.get(1))?)?;
		let mut window = Self { start, counts: [1; 3], steps: [0; 3], padded: 1 };
		let lead = 3_usize.checked_sub(axes.len())?;
		let places = window.counts.iter_mut().zip(&mut window.steps).skip(lead);
		for (((number, axis), covers), (count, step)) in (2..).zip(axes).zip(covers).zip(places) {
			let cover = covers.get(usize::try_from(at.get(number)).ok()?)?;
			*count = cover.count;
			*step = view.stride(number).checked_mul(axis.window.dilation.into())?;
			window.start =
				window.start.checked_add(cover.first.checked_mul(view.stride(number))?)?;
			window.padded = window.padded.checked_mul(cover.padded)?;
		}
		Some(window)
	}

	/// Visits the offset of the first element of each innermost run.
	fn lines(&self, mut visit: impl FnMut(u64, u64, u64) -> Option<()>) -> Option<()> {
		let ([planes, rows, _], [plane_step, row_step, _]) = (self.counts, self.steps);
		for plane in 0..planes {
			for row in 0..rows {
				let ahead =
					plane.checked_mul(plane_step)?.checked_add(row.checked_mul(row_step)?)?;
				visit(self.start.checked_add(ahead)?, plane, row)?;
			}
		}
		Some(())
	}

	/// The sum of the covered elements.
	fn sum(&self, data: &[Word]) -> Option<Sum> {
		let mut sum = Sum::default();
		let ([.., count], [.., step]) = (self.counts, self.steps);
		self.lines(|start, _, _| {
			let run =
				Run { start: usize::try_from(start).ok()?, step: isize::try_from(step).ok()? };
			sum.add(data, run, usize::try_from(count).ok()?, |value| value)
		})?;
		Some(sum)
	}

	/// Number of covered elements.
	fn covered(&self) -> u64 {
		self.counts.iter().fold(1, |all, count| all.saturating_mul(*count))
	}
}

/// The means of windows. See [`super::node::run`].
pub(super) fn average(job: &Job, axes: &[PoolAxis], include_pad: bool) -> Option<Vec<u8>> {
	let (x, data) = (job.view(0)?, job.floats(0)?);
	let covers = covers(axes, x, job)?;
	let order = grid::order(job);
	let mut words = vec![Word::default(); usize::try_from(job.output.shape.count()).ok()?];
	let element = |(offset, word): (usize, &mut Word)| {
		let at = coordinates(offset as u64, &order, &job.output.shape);
		let window = Window::new(axes, &covers, &at, x)?;
		let divisor = if include_pad { window.padded } else { window.covered() };
		let decided = match usize::try_from(window.covered()).ok()? {
			// It lies in the padding alone, and begins nowhere.
			0 => None,
			terms => window.sum(data)?.decide(terms, divisor as f64),
		};
		let value = match decided {
			Some(value) => value,
			None => job.undecided(at.index(&job.output.shape))?,
		};
		*word = canonical(value);
		Some(())
	};
	let all = words.par_iter_mut().enumerate().with_min_len(LEAST);
	all.map(element).collect::<Option<()>>()?;
	Some(words.into_flattened())
}

/// The indices of the greatest elements of windows. See [`super::node::run`].
pub(super) fn greatest(job: &Job, axes: &[PoolAxis]) -> Option<Vec<u8>> {
	match job.operands.first()?.dtype() {
		DType::Float32 => greatest_of::<f32>(job, axes),
		DType::Int8 => greatest_of::<i8>(job, axes),
		DType::Uint8 => greatest_of::<u8>(job, axes),
		_ => None,
	}
}

/// A window without elements is left to the definition, which finds the fault.
fn greatest_of<T: Number + Key>(job: &Job, axes: &[PoolAxis]) -> Option<Vec<u8>> {
	let (x, data) = (job.view(0)?, elements::<T>(job.operands.first()?)?);
	let logical = View::new(&x.kind, &Layout::row_major());
	let covers = covers(axes, x, job)?;
	let order = grid::order(job);
	let mut words = vec![[0; 8]; usize::try_from(job.output.shape.count()).ok()?];
	let element = |(offset, word): (usize, &mut [u8; 8])| {
		let at = coordinates(offset as u64, &order, &job.output.shape);
		let window = Window::new(axes, &covers, &at, x)?;
		let indices = Window::new(axes, &covers, &at, &logical)?;
		let [.., count] = window.counts;
		let ([.., step], [plane_step, row_step, index_step]) = (window.steps, indices.steps);
		let mut best: Option<(i64, u64)> = None;
		window.lines(|start, plane, row| {
			let (mut from, ahead) = (start, plane.checked_mul(plane_step)?);
			let mut index =
				indices.start.checked_add(ahead)?.checked_add(row.checked_mul(row_step)?)?;
			for _ in 0..count {
				let key = T::read(data.get(usize::try_from(from).ok()?)?).greatest();
				// Indices rise, so that of equals the first one stays.
				if best.is_none_or(|(best, _)| key > best) {
					best = Some((key, index));
				}
				from = from.wrapping_add(step);
				index = index.wrapping_add(index_step);
			}
			Some(())
		})?;
		*word = best?.1.to_le_bytes();
		Some(())
	};
	let all = words.par_iter_mut().enumerate().with_min_len(LEAST);
	all.map(element).collect::<Option<()>>()?;
	Some(words.into_flattened())
}

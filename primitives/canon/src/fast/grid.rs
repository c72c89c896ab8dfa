//! Walking an output in physical order together with the elements of operands that it is made of.

use rayon::prelude::*;

use super::job::{Job, CHUNK};
use crate::tensor::View;

/// One axis: its extent, and how far each operand's offset moves along it.
type Axis<const N: usize> = (u64, [i64; N]);

/// The offsets that each output element reads, of `N` operands.
pub(super) struct Grid<const N: usize> {
	axes: Vec<Axis<N>>,
	starts: [i64; N],
}

/// Evenly spaced elements of one operand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
	/// Offset of the first.
	pub(super) start: usize,
	/// Distance between neighbors.
	pub(super) step: isize,
}

impl Run {
	/// The elements of the run, which are `length`; `None` unless all are there.
	#[inline]
	pub(super) fn of<T>(self, data: &[T], length: usize) -> Option<Elements<'_, T>> {
		match self.step {
			1 => Some(Elements::Row(data.get(self.start..self.start.checked_add(length)?)?)),
			0 => Some(Elements::One(data.get(self.start)?)),
			step => Some(Elements::Apart(data, self.start, step)),
		}
	}
}

/// What a run shows.
#[derive(Clone, Copy)]
pub(super) enum Elements<'a, T> {
	/// Neighbors in memory.
	Row(&'a [T]),
	/// The same element again and again.
	One(&'a T),
	/// Elements that are apart: all data, the first offset, the distance.
	Apart(&'a [T], usize, isize),
}

impl<'a, T> Elements<'a, T> {
	/// The element of a number within the run.
	#[inline]
	pub(super) fn get(&self, number: usize) -> Option<&'a T> {
		match *self {
			Self::Row(all) => all.get(number),
			Self::One(only) => Some(only),
			Self::Apart(data, start, step) => {
				// Offsets are below 2^32; those that leave the data are not found.
				data.get(start.wrapping_add_signed(step.wrapping_mul(number as isize)))
			},
		}
	}
}

impl<const N: usize> Grid<N> {
	/// The grid of these axes, outermost first.
	pub(super) fn new(axes: impl IntoIterator<Item = Axis<N>>, starts: [i64; N]) -> Self {
		let mut kept: Vec<Axis<N>> = Vec::new();
		for (extent, steps) in axes.into_iter().filter(|(extent, _)| *extent != 1) {
			let even = |(outer, inner): (&i64, &i64)| {
				inner.checked_mul(extent as i64).is_some_and(|whole| whole == *outer)
			};
			match kept.last_mut() {
				// Stepping along both is stepping evenly: they are one axis.
				Some((outer, outer_steps)) if outer_steps.iter().zip(&steps).all(even) => {
					*outer = outer.saturating_mul(extent);
					*outer_steps = steps;
				},
				_ => kept.push((extent, steps)),
			}
		}
		Self { axes: kept, starts }
	}

	/// The grid of an output whose operands broadcast to it.
	pub(super) fn broadcast(output: &View, order: &[usize], operands: [&View; N]) -> Self {
		let rank = output.kind.shape.rank();
		let step = |view: &View, axis: usize| {
			let lead = rank.saturating_sub(view.kind.shape.rank());
			match axis.checked_sub(lead) {
				Some(axis) if view.kind.shape.extent(axis) != 1 => view.stride(axis) as i64,
				_ => 0,
			}
		};
		let axes = order
			.iter()
			.map(|axis| (output.kind.shape.extent(*axis), operands.map(|view| step(view, *axis))));
		Self::new(axes, [0; N])
	}

	/// Visits `length` elements from the one numbered `first` in runs: where each operand's elements
	/// are, and how many.
	pub(super) fn walk(
		&self,
		first: u64,
		length: usize,
		mut visit: impl FnMut([Run; N], usize) -> Option<()>,
	) -> Option<()> {
		if length == 0 {
			return Some(());
		}
		let (extent, steps) = self.axes.last().copied().unwrap_or((1, [0; N]));
		let outer = self.axes.split_last().map_or(&[] as &[Axis<N>], |(_, outer)| outer);
		let (mut line, mut inside) = (first.checked_div(extent)?, first.checked_rem(extent)?);
		let mut left = length;
		while left > 0 {
			let mut offsets = self.starts;
			let mut rest = line;
			for (extent, steps) in outer.iter().rev() {
				advance(&mut offsets, steps, rest.checked_rem(*extent)?);
				rest = rest.checked_div(*extent)?;
			}
			advance(&mut offsets, &steps, inside);
			let count = usize::try_from(extent.checked_sub(inside)?).ok()?.min(left);
			let mut runs = [Run { start: 0, step: 0 }; N];
			for ((run, offset), step) in runs.iter_mut().zip(offsets).zip(steps) {
				*run = Run { start: usize::try_from(offset).ok()?, step: step as isize };
			}
			visit(runs, count)?;
			left = left.checked_sub(count)?;
			line = line.checked_add(1)?;
			inside = 0;
		}
		Some(())
	}
}

/// Moves offsets, which stay below 2^32 in magnitude inside tensors.
fn advance<const N: usize>(offsets: &mut [i64; N], steps: &[i64; N], times: u64) {
	for (offset, step) in offsets.iter_mut().zip(steps) {
		*offset = offset.wrapping_add(step.wrapping_mul(times as i64));
	}
}

/// The physical order of the output's axes.
pub(super) fn order(job: &Job) -> Vec<usize> {
	job.node.layout.order(job.output.shape.rank())
}

/// Fills an output of `count` elements on all threads: `fill` writes the elements of a run to a
/// slice of its length.
pub(super) fn fill<const N: usize, T: Copy + Default + Send>(
	grid: &Grid<N>,
	count: u64,
	fill: impl Fn([Run; N], &mut [T]) -> Option<()> + Sync,
) -> Option<Vec<T>> {
	let mut output = vec![T::default(); usize::try_from(count).ok()?];
	let piece = |(number, mut piece): (usize, &mut [T])| {
		let first = number.checked_mul(CHUNK)? as u64;
		let length = piece.len();
		grid.walk(first, length, |runs, count| {
			let (here, rest) = core::mem::take(&mut piece).split_at_mut_checked(count)?;
			piece = rest;
			fill(runs, here)
		})
	};
	if output.len() <= CHUNK {
		piece((0, &mut output))?;
	} else {
		let pieces = output.par_chunks_mut(CHUNK).enumerate();
		pieces.map(piece).collect::<Option<()>>()?;
	}
	Some(output)
}

//! Primitives that move elements, as maps between evenly spaced runs.

use rayon::prelude::*;

use super::{
	grid::{fill, order, Grid, Run},
	job::{Job, CHUNK},
	scalar::{elements, unary_run, Number},
};
use crate::{
	op::{Op, SliceAxis},
	tensor::{DType, View},
};

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	match job.output.dtype {
		DType::Float32 => run_as::<f32>(job),
		DType::Int8 => run_as::<i8>(job),
		DType::Uint8 => run_as::<u8>(job),
		DType::Int32 => run_as::<i32>(job),
		DType::Int64 => run_as::<i64>(job),
		DType::Bool => run_as::<bool>(job),
	}
}

fn run_as<T: Number>(job: &Job) -> Option<Vec<u8>> {
	match &job.node.op {
		Op::Concat { axis } => concat::<T>(job, usize::from(*axis)),
		Op::Gather { axis } => gather::<T>(job, usize::from(*axis)),
		Op::Where => choose::<T>(job),
		op => copy::<T>(job, &source(op, job)?),
	}
}

/// Where the output's elements come from, for primitives that step evenly.
fn source(op: &Op, job: &Job) -> Option<Grid<1>> {
	let x = job.view(0)?;
	let shape = &job.output.shape;
	let stride = |axis: usize| x.stride(axis) as i64;
	let mut steps: Vec<i64> = (0..shape.rank()).map(stride).collect();
	let mut start = 0_i64;
	match op {
		Op::Identity | Op::LayoutCopy => {},
		Op::Reshape { .. } => {
			let row_major = job.operands.first()?.layout().is_row_major();
			if !row_major || !job.node.layout.is_row_major() {
				return None;
			}
			return Some(Grid::new([(shape.count(), [1])], [0]));
		},
		Op::Expand { .. } => {
			return Some(Grid::broadcast(&job.target(), &order(job), [x]));
		},
		Op::Transpose { order } => {
			steps = order.iter().map(|axis| stride(usize::from(*axis))).collect();
		},
		Op::Slice { axes } => slice(axes, job, &mut steps, &mut start)?,
		Op::Reverse { axes } => {
			for axis in axes {
				let axis = usize::from(*axis);
				let last = x.kind.shape.extent(axis).saturating_sub(1) as i64;
				let step = steps.get_mut(axis)?;
				start = start.checked_add(last.checked_mul(*step)?)?;
				*step = step.checked_neg()?;
			}
		},
		_ => return None,
	}
	let order = order(job);
	let axes = order.iter().map(|axis| Some((shape.extent(*axis), [*steps.get(*axis)?])));
	Some(Grid::new(axes.collect::<Option<Vec<_>>>()?, [start]))
}

fn slice(axes: &[SliceAxis], job: &Job, steps: &mut [i64], start: &mut i64) -> Option<()> {
	for slice in axes {
		let step = steps.get_mut(usize::from(slice.axis))?;
		let first = slice.start.value(job.bindings)?.checked_mul(*step)?;
		*start = start.checked_add(first)?;
		*step = step.checked_mul(slice.step.into())?;
	}
	// What begins outside is empty.
	*start = if job.output.shape.count() == 0 { 0 } else { *start };
	Some(())
}

fn copy<T: Number>(job: &Job, grid: &Grid<1>) -> Option<Vec<u8>> {
	let data = elements::<T>(job.operands.first()?)?;
	let same = |value: T| value;
	let apply = |[run]: [Run; 1], to: &mut [T::Bytes]| unary_run(run, data, to, &same);
	Some(T::flatten(fill(grid, job.output.shape.count(), apply)?))
}

fn choose<T: Number>(job: &Job) -> Option<Vec<u8>> {
	let condition = elements::<bool>(job.operands.first()?)?;
	let (x, y) = (elements::<T>(job.operands.get(1)?)?, elements::<T>(job.operands.get(2)?)?);
	let views = [job.view(0)?, job.view(1)?, job.view(2)?];
	let grid = Grid::broadcast(&job.target(), &order(job), views);
	let apply = |[when, then, otherwise]: [Run; 3], to: &mut [T::Bytes]| {
		let length = to.len();
		let when = when.of(condition, length)?;
		let (then, otherwise) = (then.of(x, length)?, otherwise.of(y, length)?);
		for (number, to) in to.iter_mut().enumerate() {
			let chosen = if bool::read(when.get(number)?) { then } else { otherwise };
			*to = T::read(chosen.get(number)?).write();
		}
		Some(())
	};
	Some(T::flatten(fill(&grid, job.output.shape.count(), apply)?))
}

/// Whether all operands and the output are row-major.
fn row_major(job: &Job) -> bool {
	let all = job.operands.iter().all(|operand| operand.layout().is_row_major());
	all && job.node.layout.is_row_major()
}

/// Elements of one step along all axes before or after `axis`.
fn product(view: &View, axes: impl Iterator<Item = usize>) -> Option<usize> {
	let shape = &view.kind.shape;
	let count = axes.fold(1_u64, |count, axis| count.saturating_mul(shape.extent(axis)));
	usize::try_from(count).ok()
}

/// Copies elements, canonically.
fn write<T: Number>(from: &[T::Bytes], to: &mut [T::Bytes]) -> Option<()> {
	if from.len() != to.len() {
		return None;
	}
	to.iter_mut().zip(from).for_each(|(to, from)| *to = T::read(from).write());
	Some(())
}

fn concat<T: Number>(job: &Job, axis: usize) -> Option<Vec<u8>> {
	if !row_major(job) {
		return None;
	}
	let target = job.target();
	let line = product(&target, axis..target.kind.shape.rank())?;
	let mut parts = Vec::new();
	for (operand, view) in job.operands.iter().zip(&job.views) {
		parts.push((elements::<T>(operand)?, product(view, axis..view.kind.shape.rank())?));
	}
	let mut output = vec![T::Bytes::default(); usize::try_from(job.output.shape.count()).ok()?];
	let lines =
		output.par_chunks_mut(line.max(1)).enumerate().with_min_len(CHUNK.div_ceil(line.max(1)));
	lines
		.map(|(number, mut line)| {
			for (data, length) in &parts {
				let (to, rest) = line.split_at_mut_checked(*length)?;
				line = rest;
				let from = number.checked_mul(*length)?;
				write::<T>(data.get(from..from.checked_add(*length)?)?, to)?;
			}
			Some(())
		})
		.collect::<Option<()>>()?;
	Some(T::flatten(output))
}

/// Slices at indices. An index outside the axis is left to the definition, which finds the fault.
fn gather<T: Number>(job: &Job, axis: usize) -> Option<Vec<u8>> {
	if !row_major(job) {
		return None;
	}
	let x = job.view(0)?;
	let data = elements::<T>(job.operands.first()?)?;
	let extent = x.kind.shape.extent(axis) as i64;
	let inner = product(x, axis.checked_add(1)?..x.kind.shape.rank())?;
	let step = usize::try_from(extent).ok()?.checked_mul(inner)?;
	let mut places = Vec::new();
	for index in job.integers(1)?.iter() {
		let index = if *index < 0 { index.checked_add(extent)? } else { *index };
		let inside = (0..extent).contains(&index);
		places.push(inside.then(|| usize::try_from(index).ok())??.checked_mul(inner)?);
	}
	let mut output = vec![T::Bytes::default(); usize::try_from(job.output.shape.count()).ok()?];
	if output.is_empty() {
		return Some(Vec::new());
	}
	let lines = CHUNK.div_ceil(inner);
	let pieces = output.par_chunks_mut(lines.checked_mul(inner)?).enumerate();
	pieces
		.map(|(piece, to)| {
			let first = piece.checked_mul(lines)?;
			for (number, to) in (first..).zip(to.chunks_exact_mut(inner)) {
				let place = places.get(number.checked_rem(places.len())?)?;
				let outer = number.checked_div(places.len())?.checked_mul(step)?;
				let from = outer.checked_add(*place)?;
				write::<T>(data.get(from..from.checked_add(inner)?)?, to)?;
			}
			Some(())
		})
		.collect::<Option<()>>()?;
	Some(T::flatten(output))
}

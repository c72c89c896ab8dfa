//! Order statistics: index primitives whose answers are compared by witness (PROTOCOL P1.6).
//!
//! One total order decides: NaN first, then value (+0 above −0), then the lower index. An element
//! is the first of its *candidates* in that order: those on a line, those in a window, or for
//! [`Op::TopK`] those on a line after the one that the output names just before.

use core::cmp::Ordering;

use super::{
	axis_of, exactly, make, require, view, walk::walk, window, Inputs, Stop, Task, Terms,
	OWN_OUTPUT,
};
use crate::{
	graph::Invalid,
	op::{Op, PoolAxis},
	shape::Coordinates,
	symbol::Bindings,
	tensor::{DType, Element, TensorType, View},
};

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType], bindings: &Bindings) -> Result<TensorType, Invalid> {
	let [x] = exactly(operands)?;
	require(x.dtype != DType::Bool, Invalid::OperandType)?;
	match op {
		Op::ArgMax { axis, keep } | Op::ArgMin { axis, keep } => {
			let axis = axis_of(&x.shape, *axis)?;
			require(x.shape.extent(axis) > 0, Invalid::OperandShape)?;
			make(
				DType::Int64,
				x.shape.iter().enumerate().filter_map(|(at, extent)| {
					if at != axis {
						Some(extent)
					} else {
						keep.then_some(1)
					}
				}),
			)
		},
		Op::TopK { axis, count, .. } => {
			let axis = axis_of(&x.shape, *axis)?;
			let count = count.extent(bindings).ok_or(Invalid::BadAttribute)?.into();
			require(count <= x.shape.extent(axis), Invalid::OperandShape)?;
			let kept = |(at, extent)| if at == axis { count } else { extent };
			make(DType::Int64, x.shape.iter().enumerate().map(kept))
		},
		Op::MaxPool { axes, ceil } => {
			Ok(TensorType::new(DType::Int64, window::pooled(&x.shape, axes, *ceil)?))
		},
		_ => Err(Invalid::BadAttribute),
	}
}

/// See [`super::terms`]: the candidates, which have no limit, because two are compared.
pub fn terms(op: &Op, operands: &[TensorType], _output: &TensorType) -> Terms {
	let line = |axis: &u8| operands.first().map_or(1, |x| x.shape.extent(usize::from(*axis)));
	let count = match op {
		Op::ArgMax { axis, .. } | Op::ArgMin { axis, .. } | Op::TopK { axis, .. } => line(axis),
		Op::MaxPool { axes, .. } => {
			axes.iter().fold(1, |area: u64, axis| area.saturating_mul(axis.kernel.into()))
		},
		_ => 1,
	};
	Terms { count, limit: u64::MAX }
}

/// An element of the operand with the index that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
	/// The index, as the output has it.
	pub index: i64,
	/// The element.
	pub value: Element,
}

impl Candidate {
	/// Whether this candidate comes before another, or after it.
	pub fn order(&self, other: &Self, op: &Op) -> Ordering {
		let descending = !matches!(op, Op::ArgMin { .. } | Op::TopK { largest: false, .. });
		let values = if self.value.dtype() == DType::Float32 {
			let (left, right) = (self.value.to_f32(), other.value.to_f32());
			if descending {
				left.order_descending(right)
			} else {
				left.order(right)
			}
		} else if descending {
			other.value.to_i64().cmp(&self.value.to_i64())
		} else {
			self.value.to_i64().cmp(&other.value.to_i64())
		};
		values.then(self.index.cmp(&other.index))
	}
}

/// The candidate of this index for an element, opened; `None` if it is none.
///
/// For [`Op::TopK`] this reads the output's element just before, too.
pub fn candidate<I: Inputs + ?Sized>(
	task: &Task,
	at: &Coordinates,
	index: i64,
	inputs: &mut I,
) -> Result<Option<Candidate>, Stop> {
	let Some(offset) = offset_of(task.op, at, index, view(inputs, 0)?) else { return Ok(None) };
	let found = Candidate { index, value: inputs.read(0, offset)? };
	match previous(task, at, inputs)? {
		Previous::None => Ok(Some(found)),
		Previous::Some(before) => {
			Ok((before.order(&found, task.op) == Ordering::Less).then_some(found))
		},
		Previous::Invalid => Ok(None),
	}
}

/// Whether an element has any candidate; only a window may have none. Reads nothing.
pub fn has_candidates<I: Inputs + ?Sized>(task: &Task, at: &Coordinates, inputs: &I) -> bool {
	let (Op::MaxPool { axes, .. }, Some(x)) = (task.op, inputs.view(0)) else { return true };
	window::pool_walk(axes, at, x).0.iter().all(|each| each.count > 0)
}

/// What the output names just before an element.
enum Previous {
	/// There is none before.
	None,
	/// This candidate.
	Some(Candidate),
	/// Something that is no index of the line.
	Invalid,
}

fn previous<I: Inputs + ?Sized>(
	task: &Task,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Previous, Stop> {
	let Op::TopK { axis, .. } = task.op else { return Ok(Previous::None) };
	let axis = usize::from(*axis);
	let Some(rank) = at.get(axis).checked_sub(1) else { return Ok(Previous::None) };
	let mut before = *at;
	before.set(axis, rank);
	let index = super::read_at(inputs, OWN_OUTPUT, &before)?.to_i64();
	let Some(offset) = offset_of(task.op, at, index, view(inputs, 0)?) else {
		return Ok(Previous::Invalid);
	};
	Ok(Previous::Some(Candidate { index, value: inputs.read(0, offset)? }))
}

/// Where the operand's element of this index lies, if it is on the line or in the window.
fn offset_of(op: &Op, at: &Coordinates, index: i64, x: &View) -> Option<u64> {
	let index = u64::try_from(index).ok()?;
	match op {
		Op::ArgMax { axis, keep } | Op::ArgMin { axis, keep } => {
			let axis = usize::from(*axis);
			let from = on_line(axis, *keep, at, index, x);
			(index < x.kind.shape.extent(axis)).then(|| x.offset(&from))
		},
		Op::TopK { axis, .. } => {
			let axis = usize::from(*axis);
			let from = on_line(axis, true, at, index, x);
			(index < x.kind.shape.extent(axis)).then(|| x.offset(&from))
		},
		Op::MaxPool { axes, .. } => {
			let from =
				(index < x.kind.shape.count()).then(|| Coordinates::of(index, &x.kind.shape))?;
			in_window(axes, at, &from).then(|| x.offset(&from))
		},
		_ => None,
	}
}

/// The operand's coordinates at `index` along the line of an output element.
fn on_line(axis: usize, keep: bool, at: &Coordinates, index: u64, x: &View) -> Coordinates {
	let mut from = Coordinates::zero(x.kind.shape.rank());
	let mut others = at.iter().enumerate().filter(|(at, _)| !keep || *at != axis);
	for other in (0..x.kind.shape.rank()).filter(|other| *other != axis) {
		from.set(other, others.next().map_or(0, |(_, value)| value));
	}
	from.set(axis, index);
	from
}

/// Whether the operand's element at `from` is in the window of the output element at `at`.
fn in_window(axes: &[PoolAxis], at: &Coordinates, from: &Coordinates) -> bool {
	let same = at.get(0) == from.get(0) && at.get(1) == from.get(1);
	same && (2..).zip(axes).all(|(number, axis)| {
		let begin = at.get(number).wrapping_mul(axis.window.stride.into());
		let position = from.get(number).wrapping_add(axis.window.before.into());
		position.checked_sub(begin).is_some_and(|ahead| {
			ahead.checked_rem(axis.window.dilation.into()) == Some(0)
				&& ahead
					.checked_div(axis.window.dilation.into())
					.is_some_and(|tap| tap < axis.kernel.into())
		})
	})
}

/// See [`super::element`]. A window that covers no element at all is a fault.
pub fn element<I: Inputs + ?Sized>(
	task: &Task,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let before = match previous(task, at, inputs)? {
		Previous::None => None,
		Previous::Some(before) => Some(before),
		Previous::Invalid => return Err(Stop::Malformed),
	};
	let mut best: Option<Candidate> = None;
	let mut consider = |found: Candidate| {
		let after = |before: &Candidate| before.order(&found, task.op) == Ordering::Less;
		let eligible = before.as_ref().is_none_or(after);
		let better = best.as_ref().is_none_or(|best| found.order(best, task.op) == Ordering::Less);
		if eligible && better {
			best = Some(found);
		}
	};
	let x = view(inputs, 0)?;
	match task.op {
		Op::MaxPool { axes, .. } => {
			// Two offsets move together: the physical one, and the row-major index.
			let rows = View::new(&x.kind, &crate::shape::Layout::row_major());
			let (physical, start, _) = window::pool_walk(axes, at, x);
			let (logical, first, _) = window::pool_walk(axes, at, &rows);
			let pair = |(mut each, other): (super::walk::Loop, &super::walk::Loop)| {
				let ([step, _], [index, _]) = (each.steps, other.steps);
				each.steps = [step, index];
				each
			};
			let loops: alloc::vec::Vec<_> = physical.into_iter().zip(&logical).map(pair).collect();
			walk(&loops, [start, first], &mut |offset, index| {
				consider(Candidate { index: index as i64, value: inputs.read(0, offset)? });
				Ok(())
			})?;
		},
		Op::ArgMax { axis, .. } | Op::ArgMin { axis, .. } | Op::TopK { axis, .. } => {
			let axis = usize::from(*axis);
			let (extent, step) = (x.kind.shape.extent(axis), x.stride(axis));
			let mut offset = offset_of(task.op, at, 0, x).ok_or(Stop::Malformed)?;
			for index in 0..extent {
				consider(Candidate { index: index as i64, value: inputs.read(0, offset)? });
				offset = offset.wrapping_add(step);
			}
		},
		_ => return Err(Stop::Malformed),
	}
	best.map(|best| Element::int64(best.index)).ok_or(Stop::Fault)
}

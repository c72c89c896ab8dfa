//! Primitives that move elements without computing with them.

use alloc::vec::Vec;

use super::{
	axis_of, check_axes, exactly, index_into, is, make, read_at, read_broadcast, require, view,
	with_optional, Inputs, Stop, Task,
};
use crate::{
	graph::Invalid,
	op::{DepthOrder, Op, PadMode, Padding, SliceAxis},
	shape::{is_permutation, Coordinates},
	symbol::{bind, Bindings, Dim},
	tensor::{DType, Element, TensorType},
};

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType], bindings: &Bindings) -> Result<TensorType, Invalid> {
	match op {
		Op::Concat { axis } => infer_concat(operands, *axis),
		Op::Gather { .. } | Op::GatherElements { .. } | Op::GatherND { .. } => {
			infer_gather(op, operands)
		},
		Op::Pad { mode, pads } => infer_pad(operands, *mode, pads),
		Op::Where => {
			let [condition, x, y] = exactly(operands)?;
			is(condition, DType::Bool)?;
			is(y, x.dtype)?;
			let shape = x.shape.broadcast(&y.shape).ok_or(Invalid::OperandShape)?;
			let shape = shape.broadcast(&condition.shape).ok_or(Invalid::OperandShape)?;
			Ok(TensorType::new(x.dtype, shape))
		},
		Op::OneHot { axis, depth } => infer_one_hot(operands, *axis, depth, bindings),
		Op::EyeLike { .. } | Op::Iota { .. } | Op::Extents { .. } => {
			infer_made(op, operands, bindings)
		},
		Op::ReverseSequence { time, batch } => {
			let [x, lengths] = exactly(operands)?;
			axis_of(&x.shape, *time)?;
			let batch_axis = axis_of(&x.shape, *batch)?;
			require(time != batch, Invalid::BadAttribute)?;
			require(lengths.dtype.is_index(), Invalid::OperandType)?;
			let along =
				lengths.shape.rank() == 1 && lengths.shape.get(0) == x.shape.get(batch_axis);
			require(along, Invalid::OperandShape)?;
			Ok(x.clone())
		},
		_ => infer_unary(op, operands, bindings),
	}
}

/// Primitives of one operand.
fn infer_unary(
	op: &Op,
	operands: &[TensorType],
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	let [x] = exactly(operands)?;
	match op {
		Op::Identity | Op::LayoutCopy => Ok(x.clone()),
		Op::Reshape { dims } => {
			let shape = bind(dims, bindings).ok_or(Invalid::BadAttribute)?;
			require(shape.count() == x.shape.count(), Invalid::OperandShape)?;
			Ok(TensorType::new(x.dtype, shape))
		},
		Op::Expand { dims } => {
			let shape = bind(dims, bindings).ok_or(Invalid::BadAttribute)?;
			require(x.shape.broadcasts_to(&shape), Invalid::OperandShape)?;
			Ok(TensorType::new(x.dtype, shape))
		},
		Op::Transpose { order } => {
			let fits = order.len() == x.shape.rank() && is_permutation(order);
			require(fits, Invalid::BadAttribute)?;
			make(x.dtype, order.iter().map(|axis| x.shape.extent(usize::from(*axis))))
		},
		Op::Slice { axes } => infer_slice(x, axes, bindings),
		Op::Tile { repeats } => {
			require(repeats.len() == x.shape.rank(), Invalid::BadAttribute)?;
			let repeats = bind(repeats, bindings).ok_or(Invalid::BadAttribute)?;
			let extents = x.shape.iter().zip(repeats.iter());
			make(x.dtype, extents.map(|(extent, times)| extent.saturating_mul(times)))
		},
		Op::DepthToSpace { block, .. } => infer_blocks(x, *block, true),
		Op::SpaceToDepth { block } => infer_blocks(x, *block, false),
		Op::Trilu { .. } => {
			require(x.shape.rank() >= 2, Invalid::OperandShape)?;
			Ok(x.clone())
		},
		Op::Reverse { axes } => {
			check_axes(&x.shape, axes)?;
			Ok(x.clone())
		},
		_ => Err(Invalid::BadAttribute),
	}
}

fn infer_concat(operands: &[TensorType], axis: u8) -> Result<TensorType, Invalid> {
	let first = operands.first().ok_or(Invalid::OperandCount)?;
	let axis = axis_of(&first.shape, axis)?;
	let mut length = 0_u64;
	for operand in operands {
		is(operand, first.dtype)?;
		let same = |(at, (left, right))| at == axis || left == right;
		let fits = operand.shape.rank() == first.shape.rank()
			&& operand.shape.iter().zip(first.shape.iter()).enumerate().all(same);
		require(fits, Invalid::OperandShape)?;
		length = length.saturating_add(operand.shape.extent(axis));
	}
	let joined = |(at, extent)| if at == axis { length } else { extent };
	make(first.dtype, first.shape.iter().enumerate().map(joined))
}

fn infer_slice(
	x: &TensorType,
	axes: &[SliceAxis],
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	let named: Vec<u8> = axes.iter().map(|slice| slice.axis).collect();
	check_axes(&x.shape, &named)?;
	let mut extents: Vec<u64> = x.shape.iter().collect();
	for slice in axes {
		let extent = extents.get_mut(usize::from(slice.axis)).ok_or(Invalid::BadAttribute)?;
		let count = slice.count.extent(bindings).ok_or(Invalid::BadAttribute)?;
		let start = slice.start.value(bindings).ok_or(Invalid::BadAttribute)?;
		require(slice.step != 0, Invalid::BadAttribute)?;
		let reach = i64::from(count).saturating_sub(1).saturating_mul(slice.step.into());
		let last = start.checked_add(reach).ok_or(Invalid::BadAttribute)?;
		let inside = |at: i64| u64::try_from(at).is_ok_and(|at| at < *extent);
		require(count == 0 || inside(start) && inside(last), Invalid::OperandShape)?;
		*extent = count.into();
	}
	make(x.dtype, extents)
}

fn infer_gather(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	let [x, indices] = exactly(operands)?;
	require(indices.dtype.is_index(), Invalid::OperandType)?;
	match op {
		Op::Gather { axis } => {
			let axis = axis_of(&x.shape, *axis)?;
			let before = x.shape.iter().take(axis);
			let after = x.shape.iter().skip(axis.saturating_add(1));
			make(x.dtype, before.chain(indices.shape.iter()).chain(after))
		},
		Op::GatherElements { axis } => {
			let axis = axis_of(&x.shape, *axis)?;
			let within = |(at, (index, extent))| at == axis || index <= extent;
			let fits = indices.shape.rank() == x.shape.rank()
				&& indices.shape.iter().zip(x.shape.iter()).enumerate().all(within);
			require(fits, Invalid::OperandShape)?;
			Ok(TensorType::new(x.dtype, indices.shape.clone()))
		},
		Op::GatherND { batch } => {
			let batch = usize::from(*batch);
			let last = indices.shape.rank().checked_sub(1).ok_or(Invalid::OperandShape)?;
			let tuple = usize::try_from(indices.shape.extent(last)).unwrap_or(usize::MAX);
			let used = batch.saturating_add(tuple);
			let shared =
				batch <= last
					&& used <= x.shape.rank()
					&& tuple > 0 && x.shape.iter().take(batch).eq(indices.shape.iter().take(batch));
			require(shared, Invalid::OperandShape)?;
			make(x.dtype, indices.shape.iter().take(last).chain(x.shape.iter().skip(used)))
		},
		_ => Err(Invalid::BadAttribute),
	}
}

fn infer_pad(
	operands: &[TensorType],
	mode: PadMode,
	pads: &[Padding],
) -> Result<TensorType, Invalid> {
	let ([x], value) = with_optional(operands)?;
	if let Some(value) = value {
		is(value, x.dtype)?;
		require(mode == PadMode::Constant, Invalid::OperandCount)?;
		require(value.shape.count() == 1, Invalid::OperandShape)?;
	}
	require(pads.len() == x.shape.rank(), Invalid::BadAttribute)?;
	let mut extents = Vec::new();
	for (extent, pad) in x.shape.iter().zip(pads) {
		let signed = i64::try_from(extent).map_err(|_| Invalid::TooLarge)?;
		let padded = signed.saturating_add(pad.before.into()).saturating_add(pad.after.into());
		let padded = u64::try_from(padded).map_err(|_| Invalid::BadAttribute)?;
		// Only a constant can fill an axis of nothing.
		require(mode == PadMode::Constant || extent > 0 || padded == 0, Invalid::OperandShape)?;
		extents.push(padded);
	}
	make(x.dtype, extents)
}

fn infer_blocks(x: &TensorType, block: u32, to_space: bool) -> Result<TensorType, Invalid> {
	let extents: Vec<u64> = x.shape.iter().collect();
	let [batch, depth, height, width] = extents.as_slice() else {
		return Err(Invalid::OperandShape);
	};
	let block = u64::from(block);
	let area = block.saturating_mul(block);
	require(block > 0, Invalid::BadAttribute)?;
	let divide = |value: &u64, by: u64| match value.checked_rem(by) {
		Some(0) => value.checked_div(by).ok_or(Invalid::OperandShape),
		_ => Err(Invalid::OperandShape),
	};
	if to_space {
		let plane = [height.saturating_mul(block), width.saturating_mul(block)];
		make(x.dtype, [*batch, divide(depth, area)?].into_iter().chain(plane))
	} else {
		let plane = [divide(height, block)?, divide(width, block)?];
		make(x.dtype, [*batch, depth.saturating_mul(area)].into_iter().chain(plane))
	}
}

fn infer_one_hot(
	operands: &[TensorType],
	axis: u8,
	depth: &Dim,
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	let [indices, values] = exactly(operands)?;
	require(indices.dtype.is_index(), Invalid::OperandType)?;
	require(values.shape.extents() == [2], Invalid::OperandShape)?;
	let axis = usize::from(axis);
	require(axis <= indices.shape.rank(), Invalid::BadAttribute)?;
	let depth = depth.extent(bindings).ok_or(Invalid::BadAttribute)?.into();
	let (before, after) = (indices.shape.iter().take(axis), indices.shape.iter().skip(axis));
	make(values.dtype, before.chain([depth]).chain(after))
}

/// Primitives without operands.
fn infer_made(
	op: &Op,
	operands: &[TensorType],
	bindings: &Bindings,
) -> Result<TensorType, Invalid> {
	let [] = exactly(operands)?;
	match op {
		Op::EyeLike { dtype, rows, columns, .. } => {
			let extent = |dim: &Dim| dim.extent(bindings).ok_or(Invalid::BadAttribute);
			make(*dtype, [extent(rows)?.into(), extent(columns)?.into()])
		},
		Op::Iota { dims, axis } => {
			let shape = bind(dims, bindings).ok_or(Invalid::BadAttribute)?;
			axis_of(&shape, *axis)?;
			Ok(TensorType::new(DType::Int64, shape))
		},
		Op::Extents { dims } => {
			let bound = dims.iter().all(|dim| dim.value(bindings).is_some());
			require(bound, Invalid::BadAttribute)?;
			make(DType::Int64, [dims.len() as u64])
		},
		_ => Err(Invalid::BadAttribute),
	}
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	task: &Task,
	index: u64,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let dtype = task.output.dtype;
	match task.op {
		Op::Identity | Op::LayoutCopy => read_at(inputs, 0, at),
		Op::Reshape { .. } => {
			let offset = view(inputs, 0)?.offset_of_index(index);
			inputs.read(0, offset)
		},
		Op::Transpose { order } => {
			let mut from = Coordinates::zero(at.rank());
			order.iter().zip(at.iter()).for_each(|(axis, at)| from.set((*axis).into(), at));
			read_at(inputs, 0, &from)
		},
		Op::Concat { axis } => concat(usize::from(*axis), at, inputs),
		Op::Slice { axes } => slice(axes, task.bindings, at, inputs),
		Op::Gather { .. } | Op::GatherElements { .. } | Op::GatherND { .. } => {
			gather(task.op, at, inputs)
		},
		Op::Pad { mode, pads } => pad(*mode, pads, dtype, at, inputs),
		Op::Expand { .. } => read_broadcast(inputs, 0, at),
		Op::Where => {
			let chosen = if read_broadcast(inputs, 0, at)?.is_true() { 1 } else { 2 };
			read_broadcast(inputs, chosen, at)
		},
		Op::OneHot { axis, .. } => one_hot(usize::from(*axis), task, at, inputs),
		Op::EyeLike { diagonal, .. } => {
			let on = distance(at, 0, 1) == *diagonal;
			Ok(Element::integer(dtype, on.into()))
		},
		Op::Iota { axis, .. } => Ok(Element::int64(at.get(usize::from(*axis)) as i64)),
		Op::Extents { dims } => {
			let dim = usize::try_from(index).ok().and_then(|index| dims.get(index));
			let value = dim.and_then(|dim| dim.value(task.bindings)).ok_or(Stop::Malformed)?;
			Ok(Element::int64(value))
		},
		Op::Trilu { upper, diagonal } => {
			let columns = at.rank().saturating_sub(1);
			let ahead = distance(at, columns.saturating_sub(1), columns);
			let kept = if *upper { ahead >= *diagonal } else { ahead <= *diagonal };
			if kept {
				read_at(inputs, 0, at)
			} else {
				Ok(Element::zero(dtype))
			}
		},
		_ => moved(task.op, at, inputs),
	}
}

/// How far the index along `column` is ahead of that along `row`. Both are below 2^32.
fn distance(at: &Coordinates, row: usize, column: usize) -> i64 {
	(at.get(column) as i64).wrapping_sub(at.get(row) as i64)
}

/// Primitives that read at coordinates which depend on the shape alone, or on one length.
fn moved<I: Inputs + ?Sized>(op: &Op, at: &Coordinates, inputs: &mut I) -> Result<Element, Stop> {
	let shape = view(inputs, 0)?.kind.shape.clone();
	let mut from = *at;
	let mirrored = |at: u64, extent: u64| extent.wrapping_sub(1).wrapping_sub(at);
	match op {
		Op::Tile { .. } => {
			for (axis, extent) in shape.iter().enumerate() {
				from.set(axis, at.get(axis).checked_rem(extent).ok_or(Stop::Malformed)?);
			}
		},
		Op::Reverse { axes } => {
			for axis in axes.iter().map(|axis| usize::from(*axis)) {
				from.set(axis, mirrored(at.get(axis), shape.extent(axis)));
			}
		},
		Op::ReverseSequence { time, batch } => {
			let time = usize::from(*time);
			let lengths = view(inputs, 1)?;
			let place = lengths.stride(0).wrapping_mul(at.get(usize::from(*batch)));
			let length = u64::try_from(inputs.read(1, place)?.to_i64()).map_err(|_| Stop::Fault)?;
			if length > shape.extent(time) {
				return Err(Stop::Fault);
			}
			if at.get(time) < length {
				from.set(time, mirrored(at.get(time), length));
			}
		},
		Op::DepthToSpace { block, order } => {
			let block = u64::from(*block);
			let split = |value: u64| {
				value.checked_div(block).zip(value.checked_rem(block)).ok_or(Stop::Malformed)
			};
			let ((row, in_row), (column, in_column)) = (split(at.get(2))?, split(at.get(3))?);
			let area = block.wrapping_mul(block);
			let inner = in_row.wrapping_mul(block).wrapping_add(in_column);
			let channels = shape.extent(1).checked_div(area).ok_or(Stop::Malformed)?;
			let depth = match order {
				DepthOrder::BlockFirst => inner.wrapping_mul(channels).wrapping_add(at.get(1)),
				DepthOrder::ChannelFirst => at.get(1).wrapping_mul(area).wrapping_add(inner),
			};
			[depth, row, column].iter().zip(1..).for_each(|(value, axis)| from.set(axis, *value));
		},
		Op::SpaceToDepth { block } => {
			let (block, channels) = (u64::from(*block), shape.extent(1));
			let depth = at.get(1);
			let inner = depth.checked_div(channels).ok_or(Stop::Malformed)?;
			let in_row = inner.checked_div(block).ok_or(Stop::Malformed)?;
			let in_column = inner.checked_rem(block).ok_or(Stop::Malformed)?;
			from.set(1, depth.checked_rem(channels).ok_or(Stop::Malformed)?);
			from.set(2, at.get(2).wrapping_mul(block).wrapping_add(in_row));
			from.set(3, at.get(3).wrapping_mul(block).wrapping_add(in_column));
		},
		_ => return Err(Stop::Malformed),
	}
	read_at(inputs, 0, &from)
}

fn concat<I: Inputs + ?Sized>(
	axis: usize,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let mut rest = at.get(axis);
	for operand in 0..inputs.count() {
		let extent = view(inputs, operand)?.kind.shape.extent(axis);
		match rest.checked_sub(extent) {
			Some(beyond) => rest = beyond,
			None => {
				let mut from = *at;
				from.set(axis, rest);
				return read_at(inputs, operand, &from);
			},
		}
	}
	Err(Stop::Malformed)
}

fn slice<I: Inputs + ?Sized>(
	axes: &[SliceAxis],
	bindings: &Bindings,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let mut from = *at;
	for slice in axes {
		let axis = usize::from(slice.axis);
		let start = slice.start.value(bindings).ok_or(Stop::Malformed)?;
		// Inside the axis, as the check of the node showed for the first and the last index.
		let index = (at.get(axis) as i64).wrapping_mul(slice.step.into()).wrapping_add(start);
		from.set(axis, index as u64);
	}
	read_at(inputs, 0, &from)
}

fn gather<I: Inputs + ?Sized>(op: &Op, at: &Coordinates, inputs: &mut I) -> Result<Element, Stop> {
	let shape = view(inputs, 0)?.kind.shape.clone();
	let indices = view(inputs, 1)?.kind.shape.clone();
	let mut from = Coordinates::empty();
	match op {
		Op::Gather { axis } => {
			let axis = usize::from(*axis);
			let mut place = Coordinates::empty();
			at.iter().skip(axis).take(indices.rank()).for_each(|value| place.push(value));
			let value = read_at(inputs, 1, &place)?.to_i64();
			at.iter().take(axis).for_each(|value| from.push(value));
			from.push(index_into(value, shape.extent(axis))?);
			at.iter().skip(axis.saturating_add(indices.rank())).for_each(|value| from.push(value));
		},
		Op::GatherElements { axis } => {
			let axis = usize::from(*axis);
			let value = read_at(inputs, 1, at)?.to_i64();
			from = *at;
			from.set(axis, index_into(value, shape.extent(axis))?);
		},
		Op::GatherND { batch } => {
			let lead = indices.rank().saturating_sub(1);
			at.iter().take(usize::from(*batch)).for_each(|value| from.push(value));
			for part in 0..indices.extent(lead) {
				let mut place = Coordinates::empty();
				at.iter().take(lead).for_each(|value| place.push(value));
				place.push(part);
				let value = read_at(inputs, 1, &place)?.to_i64();
				from.push(index_into(value, shape.extent(from.rank()))?);
			}
			at.iter().skip(lead).for_each(|value| from.push(value));
		},
		_ => return Err(Stop::Malformed),
	}
	read_at(inputs, 0, &from)
}

fn pad<I: Inputs + ?Sized>(
	mode: PadMode,
	pads: &[Padding],
	dtype: DType,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let shape = view(inputs, 0)?.kind.shape.clone();
	let mut from = *at;
	for ((axis, extent), pad) in shape.iter().enumerate().zip(pads) {
		// Both are below 2^32 in magnitude.
		let position = (at.get(axis) as i64).wrapping_sub(pad.before.into());
		match source_index(mode, position, extent as i64) {
			Some(index) => from.set(axis, index as u64),
			None if inputs.count() > 1 => return inputs.read(1, 0),
			None => return Ok(Element::zero(dtype)),
		}
	}
	read_at(inputs, 0, &from)
}

/// The index that a position, possibly outside, shows; `None` for the constant.
fn source_index(mode: PadMode, position: i64, extent: i64) -> Option<i64> {
	let last = extent.wrapping_sub(1);
	match mode {
		PadMode::Constant => (0..extent).contains(&position).then_some(position),
		PadMode::Edge => Some(position.min(last).max(0)),
		PadMode::Wrap => position.checked_rem_euclid(extent),
		PadMode::Reflect => {
			let period = last.wrapping_mul(2);
			let phase = position.checked_rem_euclid(period).unwrap_or(0);
			Some(phase.min(period.wrapping_sub(phase)))
		},
	}
}

fn one_hot<I: Inputs + ?Sized>(
	axis: usize,
	task: &Task,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let mut place = Coordinates::empty();
	let others = at.iter().enumerate().filter(|(at, _)| *at != axis);
	others.for_each(|(_, value)| place.push(value));
	let value = read_at(inputs, 0, &place)?.to_i64();
	// An index outside the axis is nowhere hot; it is no fault.
	let hot = index_into(value, task.output.shape.extent(axis)) == Ok(at.get(axis));
	inputs.read(1, hot.into())
}

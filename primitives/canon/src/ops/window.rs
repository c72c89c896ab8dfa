//! Convolutions and means of windows: exact sums over the elements that a window covers.

use alloc::vec::Vec;

use super::{
	is, make, require, view,
	walk::{walk, Loop},
	with_optional, Inputs, Reach, Stop, Terms, ONE,
};
use crate::{
	arith::Accumulator,
	graph::Invalid,
	limits::{ONE_OPERAND_TERMS, TWO_OPERAND_TERMS},
	op::{Op, PoolAxis, WindowAxis},
	shape::{Coordinates, Shape},
	tensor::{DType, Element, TensorType, View},
};

/// The most spatial axes.
const MAX_SPATIAL: usize = 3;

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	match op {
		Op::Conv { group, axes } => {
			let ([x, w], bias) = with_optional(operands)?;
			is(x, DType::Float32)?;
			is(w, DType::Float32)?;
			let output = convolved(&x.shape, &w.shape, *group, axes)?;
			check_bias(bias, DType::Float32, output.extent(1))?;
			Ok(TensorType::new(DType::Float32, output))
		},
		Op::ConvTranspose { group, axes, output_padding } => {
			infer_transposed(operands, *group, axes, output_padding)
		},
		Op::AveragePool { axes, ceil, .. } => {
			let [x] = super::exactly(operands)?;
			is(x, DType::Float32)?;
			Ok(TensorType::new(DType::Float32, pooled(&x.shape, axes, *ceil)?))
		},
		_ => Err(Invalid::BadAttribute),
	}
}

/// Whether a bias is missing or a vector along the output channels.
pub(super) fn check_bias(
	bias: Option<&TensorType>,
	dtype: DType,
	channels: u64,
) -> Result<(), Invalid> {
	let Some(bias) = bias else { return Ok(()) };
	is(bias, dtype)?;
	let along = bias.shape.rank() == 1 && bias.shape.extent(0) == channels;
	require(along, Invalid::OperandShape)
}

/// Whether there are one to three spatial axes, the operands having two more.
fn check_rank(count: usize, ranks: &[usize]) -> Result<(), Invalid> {
	require((1..=MAX_SPATIAL).contains(&count), Invalid::BadAttribute)?;
	let expected = count.saturating_add(2);
	require(ranks.iter().all(|rank| *rank == expected), Invalid::OperandShape)
}

/// The output shape of a convolution of `x` with `w`.
pub(super) fn convolved(
	x: &Shape,
	w: &Shape,
	group: u32,
	axes: &[WindowAxis],
) -> Result<Shape, Invalid> {
	check_rank(axes.len(), &[x.rank(), w.rank()])?;
	let group = u64::from(group);
	let grouped = w.extent(1).saturating_mul(group) == x.extent(1)
		&& w.extent(0).checked_rem(group) == Some(0);
	require(grouped, Invalid::OperandShape)?;
	let mut extents = alloc::vec![x.extent(0), w.extent(0)];
	for ((axis, extent), kernel) in axes.iter().zip(x.iter().skip(2)).zip(w.iter().skip(2)) {
		extents.push(windows(axis, extent, kernel, false)?);
	}
	Shape::from_extents(extents).ok_or(Invalid::TooLarge)
}

/// The output shape of pooling `x`.
pub(super) fn pooled(x: &Shape, axes: &[PoolAxis], ceil: bool) -> Result<Shape, Invalid> {
	check_rank(axes.len(), &[x.rank()])?;
	let mut extents = alloc::vec![x.extent(0), x.extent(1)];
	for (axis, extent) in axes.iter().zip(x.iter().skip(2)) {
		extents.push(windows(&axis.window, extent, axis.kernel.into(), ceil)?);
	}
	Shape::from_extents(extents).ok_or(Invalid::TooLarge)
}

/// The operand elements from the first to the last of a window.
fn span(axis: &WindowAxis, kernel: u64) -> u64 {
	kernel.saturating_sub(1).saturating_mul(axis.dilation.into()).saturating_add(1)
}

/// How many windows fit an axis. If rounded up, the last one must begin before the padding after
/// the axis.
fn windows(axis: &WindowAxis, extent: u64, kernel: u64, ceil: bool) -> Result<u64, Invalid> {
	let valid = axis.stride > 0 && axis.dilation > 0 && kernel > 0;
	require(valid, Invalid::BadAttribute)?;
	let (stride, before) = (u64::from(axis.stride), u64::from(axis.before));
	let padded = extent.saturating_add(before).saturating_add(axis.after.into());
	let room = padded.checked_sub(span(axis, kernel)).ok_or(Invalid::OperandShape)?;
	let steps = if ceil { room.div_ceil(stride) } else { room.checked_div(stride).unwrap_or(0) };
	if ceil && steps.saturating_mul(stride) >= extent.saturating_add(before) {
		return Ok(steps);
	}
	Ok(steps.saturating_add(1))
}

fn infer_transposed(
	operands: &[TensorType],
	group: u32,
	axes: &[WindowAxis],
	output_padding: &[u32],
) -> Result<TensorType, Invalid> {
	let ([x, w], bias) = with_optional(operands)?;
	is(x, DType::Float32)?;
	is(w, DType::Float32)?;
	check_rank(axes.len(), &[x.shape.rank(), w.shape.rank()])?;
	require(output_padding.len() == axes.len(), Invalid::BadAttribute)?;
	let group = u64::from(group);
	let grouped =
		x.shape.extent(1) == w.shape.extent(0) && w.shape.extent(0).checked_rem(group) == Some(0);
	require(grouped, Invalid::OperandShape)?;
	let channels = w.shape.extent(1).saturating_mul(group);
	let mut extents = alloc::vec![x.shape.extent(0), channels];
	let spatial = x.shape.iter().skip(2).zip(w.shape.iter().skip(2));
	for ((axis, extra), (extent, kernel)) in axes.iter().zip(output_padding).zip(spatial) {
		let valid = axis.stride > 0
			&& axis.dilation > 0
			&& kernel > 0
			&& extent > 0
			&& kernel <= TWO_OPERAND_TERMS
			&& *extra < axis.stride.max(axis.dilation);
		require(valid, Invalid::BadAttribute)?;
		let whole = extent
			.saturating_sub(1)
			.saturating_mul(axis.stride.into())
			.saturating_add(span(axis, kernel))
			.saturating_add((*extra).into());
		let cut = u64::from(axis.before).saturating_add(axis.after.into());
		extents.push(whole.checked_sub(cut).ok_or(Invalid::BadAttribute)?);
	}
	check_bias(bias, DType::Float32, channels)?;
	make(DType::Float32, extents)
}

/// See [`super::terms`].
pub fn terms(op: &Op, operands: &[TensorType]) -> Terms {
	match op {
		Op::AveragePool { axes, .. } => {
			let kernels = axes.iter().map(|axis| u64::from(axis.kernel));
			Terms { count: kernels.fold(1, u64::saturating_mul), limit: ONE_OPERAND_TERMS }
		},
		Op::ConvTranspose { axes, .. } => {
			let w = operands.get(1).map(|w| &w.shape);
			let taps = w.map_or(1, |w| taps_each(axes, w).fold(1, u64::saturating_mul));
			let reach = reach(op, operands, 0);
			let channels = reach.get(1).copied().unwrap_or(1);
			let count = channels.saturating_mul(taps).saturating_add(operands.len() as u64 / 3);
			Terms { count, limit: TWO_OPERAND_TERMS }
		},
		_ => convolution_terms(operands, 1, 2),
	}
}

/// The terms of a convolution whose kernel and bias are these operands.
pub(super) fn convolution_terms(operands: &[TensorType], kernel: usize, bias: usize) -> Terms {
	let taps =
		operands.get(kernel).map_or(1, |w| w.shape.iter().skip(1).fold(1_u64, u64::saturating_mul));
	let count = taps.saturating_add((operands.len() > bias).into());
	Terms { count, limit: TWO_OPERAND_TERMS }
}

/// How many elements of a transposed kernel fall on one output along each axis, at most.
fn taps_each<'a>(axes: &'a [WindowAxis], w: &'a Shape) -> impl Iterator<Item = u64> + 'a {
	axes.iter().zip(w.iter().skip(2)).map(|(axis, kernel)| {
		let apart = span(axis, kernel).saturating_sub(1).checked_div(axis.stride.into());
		apart.unwrap_or(0).saturating_add(1).min(kernel)
	})
}

/// See [`super::reach`].
pub fn reach(op: &Op, operands: &[TensorType], operand: usize) -> Reach {
	match op {
		Op::Conv { axes, .. } => match operand {
			0 => convolution_reach(axes, operands, 0, 1, false),
			1 => convolution_reach(axes, operands, 0, 1, true),
			_ => ONE,
		},
		Op::ConvTranspose { group, axes, .. } => transposed_reach(*group, axes, operands, operand),
		Op::AveragePool { axes, .. } => {
			let spans = axes.iter().map(|axis| span(&axis.window, axis.kernel.into()));
			let extents = operands.first().map(|x| x.shape.clone()).unwrap_or_default();
			fill([1, 1].into_iter().chain(spans), extents.iter())
		},
		_ => ONE,
	}
}

/// These spans, each at most its extent.
fn fill(spans: impl Iterator<Item = u64>, extents: impl Iterator<Item = u64>) -> Reach {
	let mut reach = ONE;
	let bounded = spans.zip(extents).map(|(span, extent)| span.min(extent));
	reach.iter_mut().zip(bounded).for_each(|(to, span)| *to = span);
	reach
}

/// What a convolution reads of its operand `x`, or of its kernel `w`.
pub(super) fn convolution_reach(
	axes: &[WindowAxis],
	operands: &[TensorType],
	x: usize,
	w: usize,
	of_kernel: bool,
) -> Reach {
	let (Some(x), Some(w)) = (operands.get(x), operands.get(w)) else { return ONE };
	if of_kernel {
		return fill([1].into_iter().chain(w.shape.iter().skip(1)), w.shape.iter());
	}
	let spans = axes.iter().zip(w.shape.iter().skip(2)).map(|(axis, kernel)| span(axis, kernel));
	fill([1, w.shape.extent(1)].into_iter().chain(spans), x.shape.iter())
}

fn transposed_reach(
	group: u32,
	axes: &[WindowAxis],
	operands: &[TensorType],
	operand: usize,
) -> Reach {
	let (Some(x), Some(w)) = (operands.first(), operands.get(1)) else { return ONE };
	let channels = w.shape.extent(0).checked_div(group.into()).unwrap_or(1);
	match operand {
		0 => {
			// Neighboring taps are a dilation apart, so that operand elements between them may be
			// skipped: the span counts them.
			let apart = axes.iter().zip(w.shape.iter().skip(2)).map(|(axis, kernel)| {
				let apart = span(axis, kernel).saturating_sub(1).checked_div(axis.stride.into());
				apart.unwrap_or(0).saturating_add(1)
			});
			fill([1, channels].into_iter().chain(apart), x.shape.iter())
		},
		1 => fill([channels, 1].into_iter().chain(w.shape.iter().skip(2)), w.shape.iter()),
		_ => ONE,
	}
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	op: &Op,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let (loops, start) = match op {
		Op::Conv { group, axes } => {
			convolution_walk(*group, axes, at, view(inputs, 0)?, view(inputs, 1)?)?
		},
		Op::ConvTranspose { group, axes, .. } => {
			transposed_walk(*group, axes, at, view(inputs, 0)?, view(inputs, 1)?)?
		},
		Op::AveragePool { axes, include_pad, .. } => return mean(axes, *include_pad, at, inputs),
		_ => return Err(Stop::Malformed),
	};
	let mut sum = Accumulator::new();
	walk(&loops, start, &mut |x, w| {
		sum.add_product(inputs.read_float(0, x)?, inputs.read_float(1, w)?);
		Ok(())
	})?;
	if inputs.count() > 2 {
		let place = view(inputs, 2)?.stride(0).wrapping_mul(at.get(1));
		sum.add(inputs.read_float(2, place)?);
	}
	Ok(Element::float(sum.round()))
}

/// The part of a window that lies inside an axis: the first kernel index, how many, and the
/// operand index of the first.
fn covered(axis: &WindowAxis, window: u64, kernel: u64, extent: u64) -> (u64, u64, u64) {
	let dilation = u64::from(axis.dilation).max(1);
	let (begin, before) = (window.saturating_mul(axis.stride.into()), u64::from(axis.before));
	// The kernel index k reads the operand index begin + k × dilation − before.
	let first = before.saturating_sub(begin).div_ceil(dilation);
	let end = extent.saturating_add(before).saturating_sub(begin).div_ceil(dilation).min(kernel);
	let from = begin.saturating_add(first.saturating_mul(dilation)).saturating_sub(before);
	(first, end.saturating_sub(first), from)
}

/// The loops over channels and window of one output of a convolution, and where they start.
pub(super) fn convolution_walk(
	group: u32,
	axes: &[WindowAxis],
	at: &Coordinates,
	x: &View,
	w: &View,
) -> Result<(Vec<Loop>, [u64; 2]), Stop> {
	let (output, per_group) = (at.get(1), w.kind.shape.extent(1));
	let outputs = w.kind.shape.extent(0).checked_div(group.into()).ok_or(Stop::Malformed)?;
	let channel = output.checked_div(outputs).ok_or(Stop::Malformed)?.wrapping_mul(per_group);
	let mut in_x = Coordinates::zero(x.kind.shape.rank());
	let mut in_w = Coordinates::zero(w.kind.shape.rank());
	in_x.set(0, at.get(0));
	in_x.set(1, channel);
	in_w.set(0, output);
	let mut loops = alloc::vec![Loop { count: per_group, steps: [x.stride(1), w.stride(1)] }];
	for (number, axis) in (2..).zip(axes) {
		let (kernel, extent) = (w.kind.shape.extent(number), x.kind.shape.extent(number));
		let (first, count, from) = covered(axis, at.get(number), kernel, extent);
		in_x.set(number, from);
		in_w.set(number, first);
		let step = x.stride(number).wrapping_mul(axis.dilation.into());
		loops.push(Loop { count, steps: [step, w.stride(number)] });
	}
	Ok((loops, [x.offset(&in_x), w.offset(&in_w)]))
}

/// The loops over channels and window of one output of a transposed convolution.
fn transposed_walk(
	group: u32,
	axes: &[WindowAxis],
	at: &Coordinates,
	x: &View,
	w: &View,
) -> Result<(Vec<Loop>, [u64; 2]), Stop> {
	let per_group = w.kind.shape.extent(1);
	let channels = w.kind.shape.extent(0).checked_div(group.into()).ok_or(Stop::Malformed)?;
	let part = at.get(1).checked_div(per_group).ok_or(Stop::Malformed)?;
	let output = at.get(1).checked_rem(per_group).ok_or(Stop::Malformed)?;
	let channel = part.wrapping_mul(channels);
	let mut in_x = Coordinates::zero(x.kind.shape.rank());
	let mut in_w = Coordinates::zero(w.kind.shape.rank());
	in_x.set(0, at.get(0));
	in_x.set(1, channel);
	in_w.set(0, channel);
	in_w.set(1, output);
	let mut loops = alloc::vec![Loop { count: channels, steps: [x.stride(1), w.stride(0)] }];
	for (number, axis) in (2..).zip(axes) {
		let (kernel, extent) = (w.kind.shape.extent(number), x.kind.shape.extent(number));
		let taps = taps(axis, at.get(number), kernel, extent);
		let Some(((index, tap), second)) = taps.0.map(|first| (first, taps.1)) else {
			return Ok((alloc::vec![Loop { count: 0, steps: [0, 0] }], [0, 0]));
		};
		in_x.set(number, index);
		in_w.set(number, tap);
		// The taps are evenly apart, and so are the operand indices, which fall.
		let (next_index, next_tap) = second.unwrap_or((index, tap));
		let steps = [
			x.stride(number).wrapping_mul(next_index.wrapping_sub(index)),
			w.stride(number).wrapping_mul(next_tap.wrapping_sub(tap)),
		];
		loops.push(Loop { count: taps.2, steps });
	}
	Ok((loops, [x.offset(&in_x), w.offset(&in_w)]))
}

/// An operand index and the kernel index that takes it to the output.
type Tap = (u64, u64);

/// The first two taps that fall on an output index, and the number of all.
fn taps(
	axis: &WindowAxis,
	output: u64,
	kernel: u64,
	extent: u64,
) -> (Option<Tap>, Option<Tap>, u64) {
	let position = output.saturating_add(axis.before.into());
	let tap = |tap: u64| {
		let rest = position.checked_sub(tap.saturating_mul(axis.dilation.into()))?;
		let index = rest.checked_div(axis.stride.into())?;
		let exact = rest.checked_rem(axis.stride.into()) == Some(0);
		(exact && index < extent).then_some((index, tap))
	};
	let mut all = (0..kernel).filter_map(tap);
	let (first, second) = (all.next(), all.next());
	let rest = all.count() as u64;
	let found = u64::from(first.is_some()).wrapping_add(second.is_some().into());
	(first, second, rest.wrapping_add(found))
}

/// The loops over one pooling window, where they start, and the divisor that counts padding.
pub(super) fn pool_walk(axes: &[PoolAxis], at: &Coordinates, x: &View) -> (Vec<Loop>, u64, u64) {
	let mut from = *at;
	let (mut loops, mut divisor) = (Vec::new(), 1_u64);
	for (number, axis) in (2..).zip(axes) {
		let (kernel, extent) = (u64::from(axis.kernel), x.kind.shape.extent(number));
		let (_, count, first) = covered(&axis.window, at.get(number), kernel, extent);
		from.set(number, first);
		let step = x.stride(number).wrapping_mul(axis.window.dilation.into());
		loops.push(Loop { count, steps: [step, 0] });
		// The window as far as it lies inside the axis and its padding.
		let padded = extent
			.saturating_add(axis.window.before.into())
			.saturating_add(axis.window.after.into());
		let all = WindowAxis { before: 0, after: 0, ..axis.window };
		let (_, within, _) = covered(&all, at.get(number), kernel, padded);
		divisor = divisor.saturating_mul(within);
	}
	(loops, x.offset(&from), divisor)
}

fn mean<I: Inputs + ?Sized>(
	axes: &[PoolAxis],
	include_pad: bool,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let (loops, start, padded) = pool_walk(axes, at, view(inputs, 0)?);
	let present = loops.iter().fold(1, |count: u64, each| count.saturating_mul(each.count));
	let divisor = if include_pad { padded } else { present };
	let mut sum = Accumulator::new();
	walk(&loops, [start, 0], &mut |offset, _| {
		sum.add(inputs.read_float(0, offset)?);
		Ok(())
	})?;
	let divisor = u32::try_from(divisor).map_err(|_| Stop::Malformed)?;
	Ok(Element::float(sum.round_quotient(divisor)))
}

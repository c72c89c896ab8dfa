//! Exact sums: matrix products and reductions over whole axes, rounded once (PROTOCOL P1.4).

use alloc::vec::Vec;

use super::{
	axis_of, check_axes, exactly, is, make, read_broadcast, require, view,
	walk::{walk, Loop},
	with_optional, Inputs, Reach, Stop, Terms, ONE,
};
use crate::{
	arith::Accumulator,
	graph::Invalid,
	limits::{ONE_OPERAND_TERMS, TWO_OPERAND_TERMS},
	op::Op,
	shape::{Coordinates, Shape},
	tensor::{DType, Element, TensorType, View},
};

/// Bytes of an exact sum.
const SUM_BYTES: u64 = 80;

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	match op {
		Op::MatMul => {
			let [a, b] = exactly(operands)?;
			is(a, DType::Float32)?;
			is(b, DType::Float32)?;
			Ok(TensorType::new(DType::Float32, product_shape(&a.shape, &b.shape)?))
		},
		Op::MatMulPartial => {
			let product = infer(&Op::MatMul, operands)?;
			make(DType::Uint8, product.shape.iter().chain([SUM_BYTES]))
		},
		Op::Gemm { transpose_a, transpose_b } => infer_gemm(operands, *transpose_a, *transpose_b),
		Op::ReduceSum { axes, keep } | Op::ReduceSumSquare { axes, keep } => {
			let [x] = exactly(operands)?;
			require(x.dtype != DType::Bool, Invalid::OperandType)?;
			reduced(x, axes, *keep)
		},
		Op::ReduceMean { axes, keep } => {
			let [x] = exactly(operands)?;
			is(x, DType::Float32)?;
			reduced(x, axes, *keep)
		},
		Op::ReduceSumPartial { axes } => {
			let [x] = exactly(operands)?;
			is(x, DType::Float32)?;
			make(DType::Uint8, reduced(x, axes, false)?.shape.iter().chain([SUM_BYTES]))
		},
		Op::RoundSums { divisor } => infer_round(operands, *divisor),
		Op::CumSum { axis, .. } => {
			let [x] = exactly(operands)?;
			axis_of(&x.shape, *axis)?;
			require(x.dtype != DType::Bool, Invalid::OperandType)?;
			Ok(x.clone())
		},
		_ => Err(Invalid::BadAttribute),
	}
}

/// The shape of the product of matrices in the last two axes, leading axes broadcast.
pub(super) fn product_shape(a: &Shape, b: &Shape) -> Result<Shape, Invalid> {
	let split = |shape: &Shape| {
		let lead = shape.rank().checked_sub(2).ok_or(Invalid::OperandShape)?;
		let batch = Shape::from_extents(shape.iter().take(lead)).ok_or(Invalid::TooLarge)?;
		Ok((batch, shape.extent(lead), shape.extent(lead.saturating_add(1))))
	};
	let ((a_batch, rows, inner), (b_batch, depth, columns)) = (split(a)?, split(b)?);
	require(inner == depth, Invalid::OperandShape)?;
	let batch = a_batch.broadcast(&b_batch).ok_or(Invalid::OperandShape)?;
	Shape::from_extents(batch.iter().chain([rows, columns])).ok_or(Invalid::TooLarge)
}

fn infer_gemm(
	operands: &[TensorType],
	transpose_a: bool,
	transpose_b: bool,
) -> Result<TensorType, Invalid> {
	let ([a, b], c) = with_optional(operands)?;
	is(a, DType::Float32)?;
	is(b, DType::Float32)?;
	require(a.shape.rank() == 2 && b.shape.rank() == 2, Invalid::OperandShape)?;
	let (rows, inner) = (a.shape.extent(transpose_a.into()), a.shape.extent((!transpose_a).into()));
	let (depth, columns) =
		(b.shape.extent(transpose_b.into()), b.shape.extent((!transpose_b).into()));
	require(inner == depth, Invalid::OperandShape)?;
	let output = make(DType::Float32, [rows, columns])?;
	if let Some(c) = c {
		is(c, DType::Float32)?;
		require(c.shape.broadcasts_to(&output.shape), Invalid::OperandShape)?;
	}
	Ok(output)
}

fn reduced(x: &TensorType, axes: &[u8], keep: bool) -> Result<TensorType, Invalid> {
	check_axes(&x.shape, axes)?;
	let gone = |axis: usize| axes.iter().any(|gone| usize::from(*gone) == axis);
	let extents = x.shape.iter().enumerate().filter_map(|(axis, extent)| {
		if !gone(axis) {
			Some(extent)
		} else {
			keep.then_some(1)
		}
	});
	make(x.dtype, extents)
}

fn infer_round(operands: &[TensorType], divisor: u32) -> Result<TensorType, Invalid> {
	require(divisor > 0, Invalid::BadAttribute)?;
	let first = operands.first().ok_or(Invalid::OperandCount)?;
	for operand in operands {
		is(operand, DType::Uint8)?;
		require(operand.shape == first.shape, Invalid::OperandShape)?;
	}
	let last = first.shape.rank().checked_sub(1).ok_or(Invalid::OperandShape)?;
	require(first.shape.get(last) == Some(SUM_BYTES), Invalid::OperandShape)?;
	make(DType::Float32, first.shape.iter().take(last))
}

/// See [`super::terms`].
pub fn terms(op: &Op, operands: &[TensorType]) -> Terms {
	let axes = operands.first().map_or(ONE, |_| reach(op, operands, 0));
	let count = axes.iter().fold(1_u64, |product, extent| product.saturating_mul(*extent));
	match op {
		Op::MatMul | Op::MatMulPartial | Op::Gemm { .. } => {
			Terms { count, limit: TWO_OPERAND_TERMS }
		},
		Op::RoundSums { .. } => Terms { count: operands.len() as u64, limit: ONE_OPERAND_TERMS },
		_ => Terms { count, limit: ONE_OPERAND_TERMS },
	}
}

/// See [`super::reach`].
pub fn reach(op: &Op, operands: &[TensorType], operand: usize) -> Reach {
	let Some(shape) = operands.get(operand).map(|kind| &kind.shape) else { return ONE };
	let last = shape.rank().wrapping_sub(1);
	let read = |axis: usize| match op {
		Op::MatMul | Op::MatMulPartial => {
			axis == if operand == 0 { last } else { shape.rank().wrapping_sub(2) }
		},
		Op::Gemm { transpose_a, .. } if operand == 0 => axis == usize::from(!transpose_a),
		Op::Gemm { transpose_b, .. } if operand == 1 => axis == usize::from(*transpose_b),
		Op::ReduceSum { axes, .. }
		| Op::ReduceMean { axes, .. }
		| Op::ReduceSumSquare { axes, .. }
		| Op::ReduceSumPartial { axes } => axes.iter().any(|read| usize::from(*read) == axis),
		Op::CumSum { axis: along, .. } => axis == usize::from(*along),
		Op::RoundSums { .. } => axis == last,
		_ => false,
	};
	let mut reach = ONE;
	for (axis, (span, extent)) in reach.iter_mut().zip(shape.iter()).enumerate() {
		*span = if read(axis) { extent } else { 1 };
	}
	reach
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	op: &Op,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	match op {
		Op::MatMul => Ok(Element::float(product(at, inputs)?.round())),
		Op::MatMulPartial => {
			let (place, byte) = split_last(at);
			Ok(byte_of(&product(&place, inputs)?, byte))
		},
		Op::Gemm { transpose_a, transpose_b } => gemm(*transpose_a, *transpose_b, at, inputs),
		Op::ReduceSum { axes, keep } => reduce(axes, *keep, false, at, inputs),
		Op::ReduceSumSquare { axes, keep } => reduce(axes, *keep, true, at, inputs),
		Op::ReduceMean { axes, keep } => {
			let (loops, start, count) = box_of(axes, *keep, at, view(inputs, 0)?);
			let count = u32::try_from(count).map_err(|_| Stop::Malformed)?;
			Ok(Element::float(sum(&loops, start, false, inputs)?.round_quotient(count)))
		},
		Op::ReduceSumPartial { axes } => {
			let (place, byte) = split_last(at);
			let (loops, start, _) = box_of(axes, false, &place, view(inputs, 0)?);
			Ok(byte_of(&sum(&loops, start, false, inputs)?, byte))
		},
		Op::RoundSums { divisor } => round_sums(*divisor, at, inputs),
		Op::CumSum { axis, exclusive, reverse } => {
			running(usize::from(*axis), *exclusive, *reverse, at, inputs)
		},
		_ => Err(Stop::Malformed),
	}
}

/// The exact sum that is one element of a matrix product.
fn product<I: Inputs + ?Sized>(at: &Coordinates, inputs: &mut I) -> Result<Accumulator, Stop> {
	let (step, start) = matrix_walk(at, view(inputs, 0)?, view(inputs, 1)?);
	dot(step, start, inputs, [0, 1])
}

/// The loop along the inner axis of a matrix product, and where it starts in `a` and `b`.
pub(super) fn matrix_walk(at: &Coordinates, a: &View, b: &View) -> (Loop, [u64; 2]) {
	let row_axis = at.rank().wrapping_sub(2);
	let mut in_a = *at;
	let mut in_b = *at;
	in_a.set(row_axis.wrapping_add(1), 0);
	in_b.set(row_axis, 0);
	let inner_a = a.kind.shape.rank().wrapping_sub(1);
	let inner_b = b.kind.shape.rank().wrapping_sub(2);
	let steps = [a.stride(inner_a), b.stride(inner_b)];
	let count = a.kind.shape.extent(inner_a);
	(Loop { count, steps }, [a.broadcast_offset(&in_a), b.broadcast_offset(&in_b)])
}

/// The exact sum of products along one loop.
fn dot<I: Inputs + ?Sized>(
	along: Loop,
	start: [u64; 2],
	inputs: &mut I,
	[left, right]: [usize; 2],
) -> Result<Accumulator, Stop> {
	let mut sum = Accumulator::new();
	walk(&[along], start, &mut |a, b| {
		sum.add_product(inputs.read_float(left, a)?, inputs.read_float(right, b)?);
		Ok(())
	})?;
	Ok(sum)
}

fn gemm<I: Inputs + ?Sized>(
	transpose_a: bool,
	transpose_b: bool,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let (a, b) = (view(inputs, 0)?, view(inputs, 1)?);
	let (row_axis, inner_a) = (usize::from(transpose_a), usize::from(!transpose_a));
	let (inner_b, column_axis) = (usize::from(transpose_b), usize::from(!transpose_b));
	let count = a.kind.shape.extent(inner_a);
	let along = Loop { count, steps: [a.stride(inner_a), b.stride(inner_b)] };
	let start =
		[a.stride(row_axis).wrapping_mul(at.get(0)), b.stride(column_axis).wrapping_mul(at.get(1))];
	let mut sum = dot(along, start, inputs, [0, 1])?;
	if inputs.count() > 2 {
		sum.add(read_broadcast(inputs, 2, at)?.to_f32());
	}
	Ok(Element::float(sum.round()))
}

/// The loops over reduced axes, where they start, and how many elements they visit.
fn box_of(axes: &[u8], keep: bool, at: &Coordinates, x: &View) -> (Vec<Loop>, [u64; 2], u64) {
	let mut from = Coordinates::zero(x.kind.shape.rank());
	let mut loops = Vec::new();
	let mut count = 1_u64;
	let mut kept = at.iter();
	for (axis, extent) in x.kind.shape.iter().enumerate() {
		if axes.iter().any(|gone| usize::from(*gone) == axis) {
			loops.push(Loop { count: extent, steps: [x.stride(axis), 0] });
			count = count.saturating_mul(extent);
			if keep {
				kept.next();
			}
		} else {
			from.set(axis, kept.next().unwrap_or(0));
		}
	}
	(loops, [x.offset(&from), 0], count)
}

/// The exact sum of elements, or of their squares.
fn sum<I: Inputs + ?Sized>(
	loops: &[Loop],
	start: [u64; 2],
	square: bool,
	inputs: &mut I,
) -> Result<Accumulator, Stop> {
	let mut sum = Accumulator::new();
	walk(loops, start, &mut |offset, _| {
		let value = inputs.read_float(0, offset)?;
		if square {
			sum.add_product(value, value);
		} else {
			sum.add(value);
		}
		Ok(())
	})?;
	Ok(sum)
}

/// The sum of integers, or of their squares, modulo 2^64.
fn integer_sum<I: Inputs + ?Sized>(
	loops: &[Loop],
	start: [u64; 2],
	square: bool,
	inputs: &mut I,
) -> Result<i64, Stop> {
	let mut sum = 0_i64;
	walk(loops, start, &mut |offset, _| {
		let value = inputs.read(0, offset)?.to_i64();
		sum = sum.wrapping_add(if square { value.wrapping_mul(value) } else { value });
		Ok(())
	})?;
	Ok(sum)
}

fn reduce<I: Inputs + ?Sized>(
	axes: &[u8],
	keep: bool,
	square: bool,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let x = view(inputs, 0)?;
	let dtype = x.kind.dtype;
	let (loops, start, _) = box_of(axes, keep, at, x);
	sum_as(dtype, &loops, start, square, inputs)
}

fn sum_as<I: Inputs + ?Sized>(
	dtype: DType,
	loops: &[Loop],
	start: [u64; 2],
	square: bool,
	inputs: &mut I,
) -> Result<Element, Stop> {
	if dtype == DType::Float32 {
		Ok(Element::float(sum(loops, start, square, inputs)?.round()))
	} else {
		Ok(Element::integer(dtype, integer_sum(loops, start, square, inputs)?))
	}
}

fn running<I: Inputs + ?Sized>(
	axis: usize,
	exclusive: bool,
	reverse: bool,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let x = view(inputs, 0)?;
	let (dtype, here, skipped) = (x.kind.dtype, at.get(axis), u64::from(exclusive));
	// Indices are below the extent, so that nothing wraps.
	let (first, count) = if reverse {
		let first = here.wrapping_add(skipped);
		(first, x.kind.shape.extent(axis).saturating_sub(first))
	} else {
		(0, here.wrapping_add(1).wrapping_sub(skipped))
	};
	let mut from = *at;
	from.set(axis, first);
	let along = Loop { count, steps: [x.stride(axis), 0] };
	let start = [x.offset(&from), 0];
	sum_as(dtype, &[along], start, false, inputs)
}

/// The coordinates without the last axis, and the index along it.
fn split_last(at: &Coordinates) -> (Coordinates, u64) {
	let last = at.rank().saturating_sub(1);
	let mut place = Coordinates::empty();
	at.iter().take(last).for_each(|value| place.push(value));
	(place, at.get(last))
}

/// One byte of an exact sum.
fn byte_of(sum: &Accumulator, byte: u64) -> Element {
	let at = usize::try_from(byte).unwrap_or(usize::MAX);
	let value = sum.to_bytes().get(at).copied().unwrap_or(0);
	Element::integer(DType::Uint8, value.into())
}

/// A fault if an operand's bytes are no exact sum, which no partial primitive produces.
fn round_sums<I: Inputs + ?Sized>(
	divisor: u32,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let mut sum = Accumulator::new();
	for operand in 0..inputs.count() {
		let mut bytes = [0; SUM_BYTES as usize];
		for (index, byte) in (0..).zip(bytes.iter_mut()) {
			let mut from = *at;
			from.push(index);
			let place = view(inputs, operand)?.offset(&from);
			*byte = inputs.read(operand, place)?.bits() as u8;
		}
		sum.add_accumulator(&Accumulator::from_bytes(&bytes).ok_or(Stop::Fault)?);
	}
	Ok(Element::float(sum.round_quotient(divisor)))
}

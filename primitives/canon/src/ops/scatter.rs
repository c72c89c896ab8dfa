//! Primitives that write updates at indices. An element looks for the updates that fall on it.
//!
//! An index outside the operand is a fault of every element that looks at it: for
//! [`Op::ScatterND`] of all elements, for [`Op::ScatterElements`] of those on its line.

use alloc::vec::Vec;

use super::{
	axis_of, exactly, index_into, is, read_at, require, scalar, view, Inputs, Reach, Stop, Terms,
	ONE,
};
use crate::{
	arith::Accumulator,
	graph::Invalid,
	limits::TWO_OPERAND_TERMS,
	op::{Op, Reduction},
	shape::{Coordinates, Shape},
	tensor::{DType, Element, TensorType},
};

/// See [`super::infer`].
pub fn infer(op: &Op, operands: &[TensorType]) -> Result<TensorType, Invalid> {
	let [x, indices, updates] = exactly(operands)?;
	require(indices.dtype.is_index(), Invalid::OperandType)?;
	is(updates, x.dtype)?;
	match op {
		Op::ScatterElements { axis, reduction } => {
			check_reduction(*reduction, x.dtype)?;
			let axis = axis_of(&x.shape, *axis)?;
			let within = |(at, (index, extent))| at == axis || index <= extent;
			let fits = indices.shape.rank() == x.shape.rank()
				&& updates.shape == indices.shape
				&& indices.shape.iter().zip(x.shape.iter()).enumerate().all(within);
			require(fits, Invalid::OperandShape)?;
		},
		Op::ScatterND { reduction } => {
			check_reduction(*reduction, x.dtype)?;
			let lead = indices.shape.rank().checked_sub(1).ok_or(Invalid::OperandShape)?;
			let tuple = tuple_length(&indices.shape);
			require(tuple > 0 && tuple <= x.shape.rank(), Invalid::OperandShape)?;
			let expected = indices.shape.iter().take(lead).chain(x.shape.iter().skip(tuple));
			require(expected.eq(updates.shape.iter()), Invalid::OperandShape)?;
		},
		_ => return Err(Invalid::BadAttribute),
	}
	Ok(x.clone())
}

/// Bools are only replaced.
fn check_reduction(reduction: Reduction, dtype: DType) -> Result<(), Invalid> {
	require(reduction == Reduction::Replace || dtype != DType::Bool, Invalid::OperandType)
}

fn tuple_length(indices: &Shape) -> usize {
	usize::try_from(indices.extent(indices.rank().wrapping_sub(1))).unwrap_or(usize::MAX)
}

/// See [`super::terms`].
pub fn terms(op: &Op, operands: &[TensorType]) -> Terms {
	let indices = operands.get(1).map(|operand| &operand.shape);
	let count = indices.map_or(0, |shape| match op {
		Op::ScatterElements { axis, .. } => shape.extent(usize::from(*axis)),
		_ => shape.count(),
	});
	Terms { count, limit: TWO_OPERAND_TERMS }
}

/// See [`super::reach`].
pub fn reach(op: &Op, operands: &[TensorType], operand: usize) -> Reach {
	let mut reach = ONE;
	let Some(indices) = operands.get(1).filter(|_| operand > 0) else { return reach };
	let lead = indices.shape.rank().saturating_sub(usize::from(operand == 2));
	for (at, (span, extent)) in reach.iter_mut().zip(indices.shape.iter()).enumerate() {
		let read = match op {
			Op::ScatterElements { axis, .. } => at == usize::from(*axis),
			_ => at < lead,
		};
		*span = if read { extent } else { 1 };
	}
	reach
}

/// See [`super::element`].
pub fn element<I: Inputs + ?Sized>(
	op: &Op,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	let shape = view(inputs, 0)?.kind.shape.clone();
	let indices = view(inputs, 1)?.kind.shape.clone();
	let (places, reduction) = match op {
		Op::ScatterElements { axis, reduction } => {
			(on_line(usize::from(*axis), &shape, &indices, at, inputs)?, *reduction)
		},
		Op::ScatterND { reduction } => (at_tuples(&shape, &indices, at, inputs)?, *reduction),
		_ => return Err(Stop::Malformed),
	};
	join(reduction, &places, at, inputs)
}

/// Where in the updates those lie that fall on `at`, in row-major order.
fn on_line<I: Inputs + ?Sized>(
	axis: usize,
	shape: &Shape,
	indices: &Shape,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Vec<Coordinates>, Stop> {
	let mut places = Vec::new();
	let covers = |(other, (at, extent))| other == axis || at < extent;
	if !at.iter().zip(indices.iter()).enumerate().all(covers) {
		return Ok(places);
	}
	for index in 0..indices.extent(axis) {
		let mut place = *at;
		place.set(axis, index);
		let value = read_at(inputs, 1, &place)?.to_i64();
		if index_into(value, shape.extent(axis))? == at.get(axis) {
			places.push(place);
		}
	}
	Ok(places)
}

/// Where in the updates those lie that fall on `at`, in row-major order.
fn at_tuples<I: Inputs + ?Sized>(
	shape: &Shape,
	indices: &Shape,
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Vec<Coordinates>, Stop> {
	let tuple = tuple_length(indices);
	let lead = indices.rank().saturating_sub(1);
	let tuples = Shape::from_extents(indices.iter().take(lead)).ok_or(Stop::Malformed)?;
	let mut places = Vec::new();
	for index in 0..tuples.count() {
		let mut place = Coordinates::of(index, &tuples);
		let mut falls = true;
		for (part, extent) in (0..).zip(shape.iter().take(tuple)) {
			let mut from = place;
			from.push(part);
			let value = read_at(inputs, 1, &from)?.to_i64();
			falls &= index_into(value, extent)? == at.get(part as usize);
		}
		if falls {
			at.iter().skip(tuple).for_each(|value| place.push(value));
			places.push(place);
		}
	}
	Ok(places)
}

fn join<I: Inputs + ?Sized>(
	reduction: Reduction,
	places: &[Coordinates],
	at: &Coordinates,
	inputs: &mut I,
) -> Result<Element, Stop> {
	if reduction == Reduction::Replace {
		return match places.last() {
			Some(place) => read_at(inputs, 2, place),
			None => read_at(inputs, 0, at),
		};
	}
	let mut value = read_at(inputs, 0, at)?;
	if reduction == Reduction::Add && value.dtype() == DType::Float32 && !places.is_empty() {
		let mut sum = Accumulator::new();
		sum.add(value.to_f32());
		for place in places {
			sum.add(read_at(inputs, 2, place)?.to_f32());
		}
		return Ok(Element::float(sum.round()));
	}
	for place in places {
		let update = read_at(inputs, 2, place)?;
		value = match reduction {
			Reduction::Add => scalar::binary(&Op::Add, value, update)?,
			Reduction::Mul => scalar::binary(&Op::Mul, value, update)?,
			Reduction::Max => scalar::greater(value, update),
			Reduction::Min => scalar::lesser(value, update),
			Reduction::Replace => update,
		};
	}
	Ok(value)
}

//! Operators that pick elements by index, or find the indices.

use assay_canon::{
	op::{Op, Reduction},
	symbol::Dim,
	tensor::DType,
};

use super::{axis_of, shape::reverse, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let value = match call.operator {
		"Gather" => {
			let x = call.input(0)?;
			let axis = small(call.axis(0, e.rank(x)?)?)?;
			e.push(Op::Gather { axis }, &[x, call.input(1)?])?
		},
		"GatherElements" => {
			let x = call.input(0)?;
			let axis = small(call.axis(0, e.rank(x)?)?)?;
			e.push(Op::GatherElements { axis }, &[x, call.input(1)?])?
		},
		"GatherND" => {
			let batch = call.attributes.int("batch_dims", 0)?;
			let batch = u8::try_from(batch).map_err(|_| Refusal::Bad("batch_dims"))?;
			e.push(Op::GatherND { batch }, &[call.input(0)?, call.input(1)?])?
		},
		"Scatter" | "ScatterElements" => {
			let x = call.input(0)?;
			let axis = small(call.axis(0, e.rank(x)?)?)?;
			let op = Op::ScatterElements { axis, reduction: reduction(call)? };
			e.push(op, &[x, call.input(1)?, call.input(2)?])?
		},
		"ScatterND" => {
			let op = Op::ScatterND { reduction: reduction(call)? };
			e.push(op, &[call.input(0)?, call.input(1)?, call.input(2)?])?
		},
		"OneHot" => one_hot(e, call)?,
		"ArgMax" => arg(e, call, true)?,
		"ArgMin" => arg(e, call, false)?,
		"TopK" => return top_k(e, call).map(Some),
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

fn reduction(call: &Call) -> Result<Reduction, Refusal> {
	Ok(match call.attributes.string("reduction", "none")? {
		"none" => Reduction::Replace,
		"add" => Reduction::Add,
		"mul" => Reduction::Mul,
		"max" => Reduction::Max,
		"min" => Reduction::Min,
		_ => return Err(Refusal::Bad("reduction")),
	})
}

fn one_hot(e: &mut Emitter, call: &Call) -> Made {
	let indices = e.cast(call.input(0)?, DType::Int64)?;
	let depth = call.input(1)?;
	let depth = match e.dtype(depth)? {
		DType::Float32 => {
			let depth = e.cast(depth, DType::Int64)?;
			e.as_dims(depth, "the depth")?
		},
		_ => e.as_dims(depth, "the depth")?,
	};
	let [depth] = depth.as_slice() else { return Err(Refusal::Bad("depth")) };
	let axis = small(call.axis(-1, e.rank(indices)?.saturating_add(1))?)?;
	e.push(Op::OneHot { axis, depth: depth.clone() }, &[indices, call.input(2)?])
}

fn arg(e: &mut Emitter, call: &Call, greatest: bool) -> Made {
	let x = call.input(0)?;
	let at = call.axis(0, e.rank(x)?)?;
	let (axis, keep) = (small(at)?, call.attributes.flag("keepdims", true)?);
	let op = if greatest { Op::ArgMax { axis, keep } } else { Op::ArgMin { axis, keep } };
	if !call.attributes.flag("select_last_index", false)? {
		return e.push(op, &[x]);
	}
	// The last of equals is the first from the end.
	let last = e.dim(x, at)?.checked_sub(&Dim::constant(1)).ok_or(Refusal::Bad("extent"))?;
	let reversed = reverse(e, x, &[at])?;
	let index = e.push(op, &[reversed])?;
	let last = super::shape::sizes(e, &[last])?;
	let last = e.reshape(last, &[])?;
	e.sub(last, index)
}

fn top_k(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let x = call.input(0)?;
	let axis = small(call.axis(-1, e.rank(x)?)?)?;
	let count = if call.opset < 10 {
		Dim::constant(call.attributes.int("k", 0)?)
	} else {
		let count = e.as_dims(call.input(1)?, "k")?;
		count.into_iter().next().ok_or(Refusal::Bad("k"))?
	};
	let largest = call.attributes.flag("largest", true)?;
	// Sorted output is one of those that an unsorted one may be.
	call.attributes.ignore("sorted");
	let indices = e.push(Op::TopK { axis, count, largest }, &[x])?;
	let values = e.push(Op::GatherElements { axis }, &[x, indices])?;
	Ok(vec![values, indices])
}

/// The greatest or least element along an axis, kept with extent 1: its index, then a gather.
pub(super) fn extreme(e: &mut Emitter, x: Value, axis: usize, greatest: bool) -> Made {
	let axis = small(axis_of(axis as i64, e.rank(x)?)?)?;
	if e.dim(x, usize::from(axis))? == Dim::constant(1) {
		return Ok(x);
	}
	let op =
		if greatest { Op::ArgMax { axis, keep: true } } else { Op::ArgMin { axis, keep: true } };
	let index = e.push(op, &[x])?;
	e.push(Op::GatherElements { axis }, &[x, index])
}

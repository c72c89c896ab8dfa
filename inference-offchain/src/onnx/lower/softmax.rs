//! Softmax and its kin: the greatest element is subtracted before anything is raised.

use assay_canon::{
	op::Op,
	symbol::Dim,
	tensor::{DType, Element},
};

use super::{
	reduce::{self, Kind},
	select::extreme,
	shape::product,
	Call,
};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let function: fn(&mut Emitter, Value, usize) -> Made = match call.operator {
		"Softmax" => softmax,
		"LogSoftmax" => log_softmax,
		"Hardmax" => hardmax,
		_ => return Ok(None),
	};
	let x = call.input(0)?;
	if call.opset >= 13 {
		let axis = call.axis(-1, e.rank(x)?)?;
		return Ok(Some(vec![function(e, x, axis)?]));
	}
	// Before operator set 13 all axes from `axis` on are one.
	let dims = e.dims(x)?;
	let axis = call.axis(1, dims.len())?;
	let (before, after) = dims.split_at_checked(axis).ok_or(Refusal::Bad("axis"))?;
	let rows: Vec<Dim> = before.iter().cloned().chain([product(after)?]).collect();
	let flat = e.reshape(x, &rows)?;
	let result = function(e, flat, rows.len() - 1)?;
	Ok(Some(vec![e.reshape(result, &dims)?]))
}

/// x less the greatest of its line.
fn shifted(e: &mut Emitter, x: Value, axis: usize) -> Made {
	let greatest = extreme(e, x, axis, true)?;
	e.sub(x, greatest)
}

/// With d = x − max x: exp(d) / Σ exp(d).
pub(super) fn softmax(e: &mut Emitter, x: Value, axis: usize) -> Made {
	let difference = shifted(e, x, axis)?;
	let raised = e.exp(difference)?;
	let total = reduce::reduce(e, raised, Kind::Sum, &[axis], true)?;
	e.div(raised, total)
}

/// With d = x − max x: d − log Σ exp(d).
pub(super) fn log_softmax(e: &mut Emitter, x: Value, axis: usize) -> Made {
	let difference = shifted(e, x, axis)?;
	let raised = e.exp(difference)?;
	let total = reduce::reduce(e, raised, Kind::Sum, &[axis], true)?;
	let logarithm = e.log(total)?;
	e.sub(difference, logarithm)
}

/// 1 at the first greatest element of a line, else 0.
fn hardmax(e: &mut Emitter, x: Value, axis: usize) -> Made {
	let depth = e.dim(x, axis)?;
	let axis = small(axis)?;
	let index = e.push(Op::ArgMax { axis, keep: false }, &[x])?;
	let dtype = DType::Float32;
	let values = e.elements(dtype, &[2], &[0, 1].map(|value| Element::integer(dtype, value)))?;
	e.push(Op::OneHot { axis, depth }, &[index, values])
}

//! Losses: gathered logarithms, weighted and added exactly.

use assay_canon::{op::Op, tensor::DType};

use super::{
	reduce::{reduce, Kind},
	softmax::log_softmax,
	Call,
};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	match call.operator {
		"NegativeLogLikelihoodLoss" => {
			let loss = negative_log_likelihood(e, call, call.input(0)?)?;
			Ok(Some(vec![loss]))
		},
		"SoftmaxCrossEntropyLoss" => {
			let logarithms = log_softmax(e, call.input(0)?, 1)?;
			let loss = negative_log_likelihood(e, call, logarithms)?;
			Ok(Some(vec![loss, logarithms]))
		},
		_ => Ok(None),
	}
}

/// −x at the target's class times the class's weight, 0 where the target is ignored; as it is,
/// added, or added and divided by the sum of the weights.
fn negative_log_likelihood(e: &mut Emitter, call: &Call, x: Value) -> Made {
	if e.dtype(x)? != DType::Float32 {
		return Err(Refusal::Unsupported("operands that are not float32"));
	}
	let target = e.cast(call.input(1)?, DType::Int64)?;
	let ignored = match call.attributes.maybe_int("ignore_index")? {
		Some(index) => {
			let index = e.integer(DType::Int64, index)?;
			Some(e.equal(target, index)?)
		},
		None => None,
	};
	let class = match ignored {
		Some(ignored) => {
			let first = e.integer(DType::Int64, 0)?;
			e.choose(ignored, first, target)?
		},
		None => target,
	};
	let index = e.unsqueeze(class, &[1])?;
	let picked = e.push(Op::GatherElements { axis: 1 }, &[x, index])?;
	let picked = e.squeeze(picked, &[1])?;
	let mut loss = e.neg(picked)?;
	let mut weights = match call.maybe(2) {
		Some(weights) => Some(e.push(Op::Gather { axis: 0 }, &[weights, class])?),
		None => None,
	};
	if let Some(weights) = weights {
		loss = e.mul(loss, weights)?;
	}
	if let Some(ignored) = ignored {
		let zero = e.float(0.0)?;
		loss = e.choose(ignored, zero, loss)?;
		let one = match weights {
			Some(weights) => weights,
			None => e.float(1.0)?,
		};
		weights = Some(e.choose(ignored, zero, one)?);
	}
	let axes: Vec<usize> = (0..e.rank(loss)?).collect();
	match call.attributes.string("reduction", "mean")? {
		"none" => Ok(loss),
		"sum" => reduce(e, loss, Kind::Sum, &axes, false),
		"mean" => match weights {
			Some(weights) => {
				let total = reduce(e, loss, Kind::Sum, &axes, false)?;
				let weight = reduce(e, weights, Kind::Sum, &axes, false)?;
				e.div(total, weight)
			},
			None => reduce(e, loss, Kind::Mean, &axes, false),
		},
		_ => Err(Refusal::Bad("reduction")),
	}
}

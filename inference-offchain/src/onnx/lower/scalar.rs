//! Operators that compute one element from one element of each operand.

use assay_canon::{
	arith::F32,
	op::Op,
	tensor::{DType, Element},
};

use super::Call;
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
	tensor::dtype_of,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	if let Some(op) = unary(call.operator) {
		return Ok(Some(vec![e.push(op, &[call.input(0)?])?]));
	}
	if let Some(op) = binary(call.operator) {
		return Ok(Some(vec![e.push(op, &[call.input(0)?, call.input(1)?])?]));
	}
	let value = match call.operator {
		"LeakyRelu" => {
			let alpha = call.attributes.float("alpha", 0.01)?.to_bits();
			e.push(Op::LeakyRelu { alpha }, &[call.input(0)?])?
		},
		"PRelu" => e.push(Op::PRelu, &[call.input(0)?, call.input(1)?])?,
		"Clip" => clip(e, call)?,
		"Min" => join(e, call, Op::Min)?,
		"Max" => join(e, call, Op::Max)?,
		"Sum" => sum(e, &call.all()?)?,
		"Mean" => {
			let all = call.all()?;
			let total = sum(e, &all)?;
			let count = e.integer(DType::Float32, all.len() as i64)?;
			e.div(total, count)?
		},
		"Mod" => {
			let truncated = call.attributes.flag("fmod", false)?;
			e.push(Op::Mod { truncated }, &[call.input(0)?, call.input(1)?])?
		},
		"BitShift" => {
			let op = match call.attributes.string("direction", "")? {
				"LEFT" => Op::ShiftLeft,
				"RIGHT" => Op::ShiftRight,
				_ => return Err(Refusal::Bad("direction")),
			};
			e.push(op, &[call.input(0)?, call.input(1)?])?
		},
		"IsInf" => {
			let negative = call.attributes.flag("detect_negative", true)?;
			let positive = call.attributes.flag("detect_positive", true)?;
			e.push(Op::IsInf { negative, positive }, &[call.input(0)?])?
		},
		"Cast" => {
			// These concern only eight-bit floats.
			call.attributes.ignore("saturate");
			call.attributes.ignore("round_mode");
			let to = i32::try_from(call.attributes.int("to", 0)?).unwrap_or(0);
			let to = dtype_of(to).map_err(Refusal::ElementType)?;
			e.cast(call.input(0)?, to)?
		},
		"CastLike" => {
			call.attributes.ignore("saturate");
			call.attributes.ignore("round_mode");
			let to = e.dtype(call.input(1)?)?;
			e.cast(call.input(0)?, to)?
		},
		"Where" => e.choose(call.input(0)?, call.input(1)?, call.input(2)?)?,
		"Identity" => call.input(0)?,
		"Dropout" => return dropout(e, call).map(Some),
		"Pow" => pow(e, call.input(0)?, call.input(1)?)?,
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

fn unary(operator: &str) -> Option<Op> {
	Some(match operator {
		"Neg" => Op::Neg,
		"Abs" => Op::Abs,
		"Sqrt" => Op::Sqrt,
		"Reciprocal" => Op::Reciprocal,
		"Relu" => Op::Relu,
		"Floor" => Op::Floor,
		"Ceil" => Op::Ceil,
		"Round" => Op::Round,
		"Sign" => Op::Sign,
		"Not" => Op::Not,
		"BitwiseNot" => Op::BitNot,
		"IsNaN" => Op::IsNaN,
		"Exp" => Op::Exp,
		"Log" => Op::Log,
		"Erf" => Op::Erf,
		"Tanh" => Op::Tanh,
		"Sin" => Op::Sin,
		"Cos" => Op::Cos,
		_ => return None,
	})
}

fn binary(operator: &str) -> Option<Op> {
	Some(match operator {
		"Add" => Op::Add,
		"Sub" => Op::Sub,
		"Mul" => Op::Mul,
		"Div" => Op::Div,
		"Equal" => Op::Equal,
		"Less" => Op::Less,
		"LessOrEqual" => Op::LessOrEqual,
		"Greater" => Op::Greater,
		"GreaterOrEqual" => Op::GreaterOrEqual,
		"And" => Op::And,
		"Or" => Op::Or,
		"Xor" => Op::Xor,
		"BitwiseAnd" => Op::BitAnd,
		"BitwiseOr" => Op::BitOr,
		"BitwiseXor" => Op::BitXor,
		_ => return None,
	})
}

/// The operands, joined from the left.
fn join(e: &mut Emitter, call: &Call, op: Op) -> Made {
	let all = call.all()?;
	let (first, rest) = all.split_first().ok_or(Refusal::Bad("operand count"))?;
	rest.iter().try_fold(*first, |joined, value| e.push(op.clone(), &[joined, *value]))
}

fn sum(e: &mut Emitter, all: &[Value]) -> Made {
	let (first, rest) = all.split_first().ok_or(Refusal::Bad("operand count"))?;
	rest.iter().try_fold(*first, |total, value| e.add(total, *value))
}

/// Bounds are attributes before operator set 11, operands since.
fn clip(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let dtype = e.dtype(x)?;
	let (mut low, mut high) = (call.maybe(1), call.maybe(2));
	if call.opset < 11 {
		if let Some(bound) = call.attributes.maybe_float("min")? {
			low = Some(e.float(bound)?);
		}
		if let Some(bound) = call.attributes.maybe_float("max")? {
			high = Some(e.float(bound)?);
		}
	}
	for bound in [low, high].into_iter().flatten() {
		if e.dtype(bound)? != dtype {
			return Err(Refusal::Bad("bound"));
		}
	}
	let mut clipped = x;
	if let (Some(low), Some(high)) = (low, high) {
		let (low, high) = (e.reshape(low, &[])?, e.reshape(high, &[])?);
		return e.push(Op::Clip, &[x, low, high]);
	}
	if let Some(low) = low {
		let low = e.reshape(low, &[])?;
		clipped = e.max(clipped, low)?;
	}
	if let Some(high) = high {
		let high = e.reshape(high, &[])?;
		clipped = e.min(clipped, high)?;
	}
	Ok(clipped)
}

/// The identity: versions are run for inference.
fn dropout(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	for ignored in ["ratio", "seed", "is_test"] {
		call.attributes.ignore(ignored);
	}
	let x = call.input(0)?;
	if let Some(training) = call.maybe(2) {
		let training = e.as_int(training, "training_mode")? != 0;
		let ratio = match call.maybe(1) {
			Some(ratio) => e.as_float(ratio, "ratio")?,
			None => F32::from_bits(0.5_f32.to_bits()),
		};
		if training && !ratio.is_zero() {
			return Err(Refusal::Unsupported("training mode"));
		}
	}
	let mut outputs = vec![x];
	if call.wants(1) {
		let dims = e.dims(x)?;
		let kept = e.scalar(Element::bool(true))?;
		outputs.push(e.expand(kept, &dims)?);
	}
	Ok(outputs)
}

/// The greatest exponent that is written out.
const MAX_EXPONENT: i64 = 64;

/// The most different exponents of one node.
const MAX_EXPONENTS: usize = 16;

/// Powers of fixed exponents: integers as a chain of products, halves by the square root.
fn pow(e: &mut Emitter, x: Value, exponent: Value) -> Made {
	let tensor = e.tensor(exponent).ok_or_else(|| e.not_fixed(exponent, "the exponent"))?;
	let mut twice = Vec::new();
	for index in 0..tensor.shape().count() {
		let element = tensor.at(index).ok_or(Refusal::Bad("exponent"))?;
		let doubled = match element.dtype() {
			DType::Float32 => {
				let value = f64::from(f32::from_bits(element.to_f32().to_bits())) * 2.0;
				let whole = value.fract() == 0.0 && value.abs() <= 2.0 * MAX_EXPONENT as f64;
				whole.then_some(value as i64).ok_or(Refusal::Unsupported("the exponent"))?
			},
			_ => element.to_i64().checked_mul(2).ok_or(Refusal::Unsupported("the exponent"))?,
		};
		if doubled.unsigned_abs() > MAX_EXPONENT.unsigned_abs() * 2 {
			return Err(Refusal::Unsupported("the exponent"));
		}
		twice.push(doubled);
	}
	let mut distinct = twice.clone();
	distinct.sort_unstable();
	distinct.dedup();
	if distinct.len() > MAX_EXPONENTS {
		return Err(Refusal::Unsupported("so many different exponents"));
	}
	let (first, rest) = distinct.split_first().ok_or(Refusal::Unsupported("no exponent"))?;
	let mut result = power(e, x, *first)?;
	for other in rest {
		let here: Vec<Element> = twice.iter().map(|each| Element::bool(each == other)).collect();
		let extents: Vec<usize> =
			tensor.shape().extents().iter().map(|extent| *extent as usize).collect();
		let here = e.elements(DType::Bool, &extents, &here)?;
		let powered = power(e, x, *other)?;
		result = e.choose(here, powered, result)?;
	}
	// The exponent's shape takes part in broadcasting even where it changes nothing.
	let rank = e.rank(result)?;
	let exponent_dims = e.dims(exponent)?;
	if rest.is_empty()
		&& (exponent_dims.len() > rank || exponent_dims.iter().any(|dim| dim.constant != 1))
	{
		let dtype = e.dtype(result)?;
		let zero = e.integer(dtype, 0)?;
		let zero = e.expand(zero, &exponent_dims)?;
		let any = e.scalar(Element::bool(true))?;
		result = e.choose(any, result, zero)?;
	}
	Ok(result)
}

/// `x` to the power of half of `twice`.
fn power(e: &mut Emitter, x: Value, twice: i64) -> Made {
	let dtype = e.dtype(x)?;
	if dtype != DType::Float32 && (twice < 0 || twice % 2 != 0) {
		return Err(Refusal::Unsupported("such an exponent of integers"));
	}
	let magnitude = twice.abs();
	if magnitude == 0 {
		let one = e.integer(dtype, 1)?;
		let dims = e.dims(x)?;
		return e.expand(one, &dims);
	}
	let mut result = None;
	if magnitude % 2 == 1 {
		result = Some(e.sqrt(x)?);
	}
	// From the lowest bit: x, x², x⁴, …, those multiplied whose bit is set.
	let (mut rest, mut square) = (magnitude / 2, x);
	while rest > 0 {
		if rest % 2 == 1 {
			result = Some(match result {
				Some(result) => e.mul(result, square)?,
				None => square,
			});
		}
		rest /= 2;
		if rest > 0 {
			square = e.mul(square, square)?;
		}
	}
	let result = result.ok_or(Refusal::Bad("exponent"))?;
	if twice < 0 {
		e.reciprocal(result)
	} else {
		Ok(result)
	}
}

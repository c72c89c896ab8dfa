//! Activations, each written so that no intermediate value overflows where the result does not.

use assay_canon::op::Op;

use super::Call;
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let attributes = &call.attributes;
	let x = |at| call.input(at);
	let value = match call.operator {
		"Sigmoid" => sigmoid(e, x(0)?)?,
		"HardSigmoid" => {
			let (alpha, beta) = (attributes.float("alpha", 0.2)?, attributes.float("beta", 0.5)?);
			hard_sigmoid(e, x(0)?, alpha, beta)?
		},
		"HardSwish" => {
			let gate = hard_sigmoid(e, x(0)?, 1.0 / 6.0, 0.5)?;
			e.mul(x(0)?, gate)?
		},
		"Swish" => {
			let scaled = e.mul_float(x(0)?, attributes.float("alpha", 1.0)?)?;
			let gate = sigmoid(e, scaled)?;
			e.mul(x(0)?, gate)?
		},
		"Softplus" => softplus(e, x(0)?)?,
		"Mish" => {
			let softened = softplus(e, x(0)?)?;
			let gate = e.tanh(softened)?;
			e.mul(x(0)?, gate)?
		},
		"Elu" => elu(e, x(0)?, attributes.float("alpha", 1.0)?, 1.0)?,
		"Celu" => {
			let alpha = attributes.float("alpha", 1.0)?;
			elu(e, x(0)?, alpha, alpha)?
		},
		"Selu" => {
			// The constants that the operator's definition states.
			let alpha = attributes.float("alpha", 1.673_263_2)?;
			let gamma = attributes.float("gamma", 1.050_701)?;
			let inner = elu(e, x(0)?, alpha, 1.0)?;
			e.mul_float(inner, gamma)?
		},
		"Gelu" => gelu(e, x(0)?, attributes.string("approximate", "none")?)?,
		"ThresholdedRelu" => thresholded_relu(e, x(0)?, attributes.float("alpha", 1.0)?)?,
		"Softsign" => softsign(e, x(0)?)?,
		"Shrink" => {
			let (bias, lambd) = (attributes.float("bias", 0.0)?, attributes.float("lambd", 0.5)?);
			shrink(e, x(0)?, bias, lambd)?
		},
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// With z = exp(−|x|), which is at most 1: 1 / (1 + z) from zero on, z / (1 + z) below.
pub(super) fn sigmoid(e: &mut Emitter, x: Value) -> Made {
	let magnitude = e.abs(x)?;
	let negated = e.neg(magnitude)?;
	let z = e.exp(negated)?;
	let (zero, one) = (e.float(0.0)?, e.float(1.0)?);
	let positive = e.greater_or_equal(x, zero)?;
	let above = e.choose(positive, one, z)?;
	let below = e.add(one, z)?;
	e.div(above, below)
}

/// max(0, min(1, alpha · x + beta)).
pub(super) fn hard_sigmoid(e: &mut Emitter, x: Value, alpha: f32, beta: f32) -> Made {
	let scaled = e.mul_float(x, alpha)?;
	let shifted = e.add_float(scaled, beta)?;
	let (zero, one) = (e.float(0.0)?, e.float(1.0)?);
	e.push(Op::Clip, &[shifted, zero, one])
}

/// max(x, 0) + log(1 + exp(−|x|)).
pub(super) fn softplus(e: &mut Emitter, x: Value) -> Made {
	let magnitude = e.abs(x)?;
	let negated = e.neg(magnitude)?;
	let z = e.exp(negated)?;
	let sum = e.add_float(z, 1.0)?;
	let correction = e.log(sum)?;
	let positive = e.relu(x)?;
	e.add(positive, correction)
}

/// x from zero on, alpha · (exp(x / width) − 1) below: max(x, 0) plus the same of min(x, 0), so
/// that the exponential never overflows. The difference from 1 is 2·t / (1 − t) with
/// t = tanh(x / (2 · width)), which does not cancel near zero.
pub(super) fn elu(e: &mut Emitter, x: Value, alpha: f32, width: f32) -> Made {
	let zero = e.float(0.0)?;
	let negative = e.min(x, zero)?;
	let scaled = if width.to_bits() == 1.0_f32.to_bits() {
		negative
	} else {
		let width = e.float(width)?;
		e.div(negative, width)?
	};
	let half = e.mul_float(scaled, 0.5)?;
	let t = e.tanh(half)?;
	let one = e.float(1.0)?;
	let below = e.sub(one, t)?;
	let twice = e.add(t, t)?;
	let difference = e.div(twice, below)?;
	let weighted = e.mul_float(difference, alpha)?;
	let positive = e.relu(x)?;
	e.add(positive, weighted)
}

/// x / 2 · (1 + erf(x / √2)), or with √(2/π) · (x + 0.044715 · x³) under tanh.
///
/// Below zero the sum cancels; what is lost is less than 2⁻²⁴ of |x|.
fn gelu(e: &mut Emitter, x: Value, approximate: &str) -> Made {
	let inner = match approximate {
		"none" => {
			let scaled = e.mul_float(x, std::f32::consts::FRAC_1_SQRT_2)?;
			e.erf(scaled)?
		},
		"tanh" => {
			let square = e.mul(x, x)?;
			let weighted = e.mul_float(square, 0.044_715)?;
			let factor = e.add_float(weighted, 1.0)?;
			let cubic = e.mul(x, factor)?;
			let scaled = e.mul_float(cubic, 0.797_884_6)?;
			e.tanh(scaled)?
		},
		_ => return Err(Refusal::Bad("approximate")),
	};
	let gate = e.add_float(inner, 1.0)?;
	let half = e.mul_float(x, 0.5)?;
	e.mul(half, gate)
}

/// x above alpha, else 0.
pub(super) fn thresholded_relu(e: &mut Emitter, x: Value, alpha: f32) -> Made {
	let (zero, alpha) = (e.float(0.0)?, e.float(alpha)?);
	let below = e.less_or_equal(x, alpha)?;
	e.choose(below, zero, x)
}

/// x / (1 + |x|).
pub(super) fn softsign(e: &mut Emitter, x: Value) -> Made {
	let magnitude = e.abs(x)?;
	let below = e.add_float(magnitude, 1.0)?;
	e.div(x, below)
}

/// x + bias below −lambd, x − bias above lambd, else 0.
fn shrink(e: &mut Emitter, x: Value, bias: f32, lambd: f32) -> Made {
	let dtype = e.dtype(x)?;
	if dtype != assay_canon::tensor::DType::Float32 {
		return Err(Refusal::Unsupported("an operand of integers"));
	}
	let (zero, bias) = (e.float(0.0)?, e.float(bias)?);
	let (upper, lower) = (e.float(lambd)?, e.float(-lambd)?);
	let (raised, lowered) = (e.add(x, bias)?, e.sub(x, bias)?);
	let (above, below) = (e.greater(x, upper)?, e.less(x, lower)?);
	let rest = e.choose(above, lowered, zero)?;
	e.choose(below, raised, rest)
}

//! Hyperbolic functions and tangents, from exponentials and logarithms that do not cancel.

use super::Call;
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let function: fn(&mut Emitter, Value) -> Made = match call.operator {
		"Tan" => tan,
		"Sinh" => sinh,
		"Cosh" => cosh,
		"Asinh" => asinh,
		"Acosh" => acosh,
		"Atanh" => atanh,
		"Atan" => atan,
		"Asin" => asin,
		"Acos" => acos,
		_ => return Ok(None),
	};
	Ok(Some(vec![function(e, call.input(0)?)?]))
}

/// sin x / cos x.
fn tan(e: &mut Emitter, x: Value) -> Made {
	let (above, below) = (e.sin(x)?, e.cos(x)?);
	e.div(above, below)
}

/// With h = exp(|x| / 2): h · (h / 2) + (1/2 / h) / h, whose parts overflow only with the result.
fn cosh(e: &mut Emitter, x: Value) -> Made {
	let magnitude = e.abs(x)?;
	let half = e.mul_float(magnitude, 0.5)?;
	let raised = e.exp(half)?;
	let halved = e.mul_float(raised, 0.5)?;
	let large = e.mul(raised, halved)?;
	let number = e.float(0.5)?;
	let small = e.div(number, raised)?;
	let small = e.div(small, raised)?;
	e.add(large, small)
}

/// tanh x · cosh x.
fn sinh(e: &mut Emitter, x: Value) -> Made {
	let (tangent, cosine) = (e.tanh(x)?, cosh(e, x)?);
	e.mul(tangent, cosine)
}

/// log(1 + u) without the loss of u in the sum: with w = 1 + u rounded, u where w is 1, else
/// u · (log w / (w − 1)).
fn log_plus_one(e: &mut Emitter, u: Value) -> Made {
	let one = e.float(1.0)?;
	let sum = e.add(u, one)?;
	let same = e.equal(sum, one)?;
	let step = e.sub(sum, one)?;
	let step = e.choose(same, one, step)?;
	let logarithm = e.log(sum)?;
	let slope = e.div(logarithm, step)?;
	let scaled = e.mul(u, slope)?;
	e.choose(same, u, scaled)
}

/// The function of |x| with the sign of x: |x|'s result times the sign.
fn odd(e: &mut Emitter, x: Value, function: fn(&mut Emitter, Value) -> Made) -> Made {
	let magnitude = e.abs(x)?;
	let result = function(e, magnitude)?;
	let sign = e.sign(x)?;
	e.mul(result, sign)
}

/// Where x is beyond 2^20, log x + log 2 instead, whose error is below a rounding.
fn or_logarithm(e: &mut Emitter, x: Value, near: Value) -> Made {
	let bound = e.float(1_048_576.0)?;
	let far = e.greater(x, bound)?;
	let logarithm = e.log(x)?;
	let logarithm = e.add_float(logarithm, std::f32::consts::LN_2)?;
	e.choose(far, logarithm, near)
}

/// log(1 + (x + x² / (1 + √(1 + x²)))) for x from 0 on.
fn asinh(e: &mut Emitter, x: Value) -> Made {
	odd(e, x, |e, x| {
		let square = e.mul(x, x)?;
		let sum = e.add_float(square, 1.0)?;
		let root = e.sqrt(sum)?;
		let below = e.add_float(root, 1.0)?;
		let part = e.div(square, below)?;
		let u = e.add(x, part)?;
		let near = log_plus_one(e, u)?;
		or_logarithm(e, x, near)
	})
}

/// With t = x − 1: log(1 + (t + √(t · (t + 2)))).
fn acosh(e: &mut Emitter, x: Value) -> Made {
	let t = e.add_float(x, -1.0)?;
	let sum = e.add_float(t, 2.0)?;
	let product = e.mul(t, sum)?;
	let root = e.sqrt(product)?;
	let u = e.add(t, root)?;
	let near = log_plus_one(e, u)?;
	or_logarithm(e, x, near)
}

/// log(1 + 2 · x / (1 − x)) / 2 for x from 0 on.
fn atanh(e: &mut Emitter, x: Value) -> Made {
	odd(e, x, |e, x| {
		let one = e.float(1.0)?;
		let rest = e.sub(one, x)?;
		let quotient = e.div(x, rest)?;
		let u = e.add(quotient, quotient)?;
		let logarithm = log_plus_one(e, u)?;
		e.mul_float(logarithm, 0.5)
	})
}

/// From 0 on: x and 1/x add up to a right angle, and the angle is halved twice, so that a short
/// series is left: tan(a/2) = t / (1 + √(1 + t²)).
fn atan(e: &mut Emitter, x: Value) -> Made {
	odd(e, x, |e, x| {
		let one = e.float(1.0)?;
		let large = e.greater(x, one)?;
		let inverse = e.reciprocal(x)?;
		let mut t = e.choose(large, inverse, x)?;
		for _ in 0..2 {
			let square = e.mul(t, t)?;
			let sum = e.add(square, one)?;
			let root = e.sqrt(sum)?;
			let below = e.add(root, one)?;
			t = e.div(t, below)?;
		}
		// t is at most 0.199: t − t³/3 + t⁵/5 − … up to t¹¹, by Horner in t².
		let square = e.mul(t, t)?;
		let mut series = e.float(-1.0 / 11.0)?;
		for factor in [1.0 / 9.0, -1.0 / 7.0, 1.0 / 5.0, -1.0 / 3.0] {
			let scaled = e.mul(series, square)?;
			series = e.add_float(scaled, factor)?;
		}
		let scaled = e.mul(series, square)?;
		let correction = e.mul(scaled, t)?;
		let angle = e.add(t, correction)?;
		let angle = e.mul_float(angle, 4.0)?;
		let right = e.float(std::f32::consts::FRAC_PI_2)?;
		let rest = e.sub(right, angle)?;
		e.choose(large, rest, angle)
	})
}

/// atan(x / √((1 − x) · (1 + x))).
fn asin(e: &mut Emitter, x: Value) -> Made {
	let one = e.float(1.0)?;
	let (less, more) = (e.sub(one, x)?, e.add(one, x)?);
	let product = e.mul(less, more)?;
	let root = e.sqrt(product)?;
	let tangent = e.div(x, root)?;
	atan(e, tangent)
}

/// 2 · atan(√((1 − x) / (1 + x))).
fn acos(e: &mut Emitter, x: Value) -> Made {
	let one = e.float(1.0)?;
	let (less, more) = (e.sub(one, x)?, e.add(one, x)?);
	let quotient = e.div(less, more)?;
	let root = e.sqrt(quotient)?;
	let half = atan(e, root)?;
	e.add(half, half)
}

//! Normalizations: the variance is the mean of squared deviations, in two passes.

use assay_canon::{
	op::{Op, PoolAxis, WindowAxis},
	symbol::Dim,
	tensor::DType,
};

use super::{
	axes_of,
	reduce::{reduce, Kind},
	shape::product,
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
	let value = match call.operator {
		"BatchNormalization" => batch(e, call)?,
		"InstanceNormalization" => instance(e, call)?,
		"GroupNormalization" => group(e, call)?,
		"LayerNormalization" => return layer(e, call).map(Some),
		"RMSNormalization" => root_mean_square(e, call)?,
		"LpNormalization" => lp(e, call)?,
		"MeanVarianceNormalization" => mean_variance(e, call)?,
		"LRN" => local_response(e, call)?,
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// Mean, deviations and √(variance + epsilon) over axes.
struct Moments {
	mean: Value,
	deviation: Value,
	root: Value,
}

fn moments(e: &mut Emitter, x: Value, axes: &[usize], epsilon: f32) -> Result<Moments, Refusal> {
	let mean = reduce(e, x, Kind::Mean, axes, true)?;
	let deviation = e.sub(x, mean)?;
	let square = e.mul(deviation, deviation)?;
	let variance = reduce(e, square, Kind::Mean, axes, true)?;
	let raised = e.add_float(variance, epsilon)?;
	let root = e.sqrt(raised)?;
	Ok(Moments { mean, deviation, root })
}

fn only_float_stash(call: &Call) -> Result<(), Refusal> {
	match call.attributes.int("stash_type", 1)? {
		1 => Ok(()),
		_ => Err(Refusal::Unsupported("a stash_type other than float32")),
	}
}

/// (x − mean) · (scale / √(variance + epsilon)) + bias, by channel.
fn batch(e: &mut Emitter, call: &Call) -> Made {
	call.attributes.ignore("momentum");
	if call.attributes.flag("training_mode", false)? {
		return Err(Refusal::Unsupported("training mode"));
	}
	if call.opset < 9 && !call.attributes.flag("spatial", true)? {
		return Err(Refusal::Unsupported("statistics of each element"));
	}
	if (1..5).any(|at| call.wants(at)) {
		return Err(Refusal::Unsupported("an output of training"));
	}
	let x = call.input(0)?;
	let epsilon = call.attributes.float("epsilon", 1e-5)?;
	let raised = e.add_float(call.input(4)?, epsilon)?;
	let root = e.sqrt(raised)?;
	let factor = e.div(call.input(1)?, root)?;
	let factor = e.per_channel(factor, x)?;
	let mean = e.per_channel(call.input(3)?, x)?;
	let bias = e.per_channel(call.input(2)?, x)?;
	let deviation = e.sub(x, mean)?;
	let scaled = e.mul(deviation, factor)?;
	e.add(scaled, bias)
}

/// Deviations over their root, times scale, plus bias, over all spatial axes.
fn instance(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let axes: Vec<usize> = (2..e.rank(x)?).collect();
	let moments = moments(e, x, &axes, call.attributes.float("epsilon", 1e-5)?)?;
	let normal = e.div(moments.deviation, moments.root)?;
	affine(e, normal, call.input(1)?, call.input(2)?)
}

/// Scale and bias by channel.
fn affine(e: &mut Emitter, x: Value, scale: Value, bias: Value) -> Made {
	let scale = e.per_channel(scale, x)?;
	let bias = e.per_channel(bias, x)?;
	let scaled = e.mul(x, scale)?;
	e.add(scaled, bias)
}

/// As an instance, over groups of channels. Before operator set 21 there is one scale a group.
fn group(e: &mut Emitter, call: &Call) -> Made {
	only_float_stash(call)?;
	let x = call.input(0)?;
	let dims = e.dims(x)?;
	let groups = call.attributes.int("num_groups", 0)?;
	if groups < 1 || dims.len() < 2 {
		return Err(Refusal::Bad("num_groups"));
	}
	let channels = e.extent(x, 1)?;
	if channels % groups != 0 {
		return Err(Refusal::Bad("num_groups"));
	}
	let inner = product(dims.get(2..).unwrap_or_default())?;
	let inner = inner.checked_scale(channels / groups).ok_or(Refusal::Bad("extents"))?;
	let rows = [e.dim(x, 0)?, Dim::constant(groups), inner];
	let grouped = e.reshape(x, &rows)?;
	let moments = moments(e, grouped, &[2], call.attributes.float("epsilon", 1e-5)?)?;
	let normal = e.div(moments.deviation, moments.root)?;
	let (scale, bias) = (call.input(1)?, call.input(2)?);
	if e.dim(scale, 0)? == Dim::constant(channels) {
		let normal = e.reshape(normal, &dims)?;
		return affine(e, normal, scale, bias);
	}
	let result = affine(e, normal, scale, bias)?;
	e.reshape(result, &dims)
}

/// Deviations over their root, times scale, plus bias, over the axes from `axis` on.
fn layer(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	only_float_stash(call)?;
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let axes: Vec<usize> = (call.axis(-1, rank)?..rank).collect();
	let moments = moments(e, x, &axes, call.attributes.float("epsilon", 1e-5)?)?;
	let normal = e.div(moments.deviation, moments.root)?;
	let mut result = e.mul(normal, call.input(1)?)?;
	if let Some(bias) = call.maybe(2) {
		result = e.add(result, bias)?;
	}
	let mut outputs = vec![result];
	if call.wants(1) || call.wants(2) {
		outputs.push(moments.mean);
		outputs.push(e.reciprocal(moments.root)?);
	}
	Ok(outputs)
}

/// x / √(mean of squares + epsilon) · scale.
fn root_mean_square(e: &mut Emitter, call: &Call) -> Made {
	only_float_stash(call)?;
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let axes: Vec<usize> = (call.axis(-1, rank)?..rank).collect();
	let square = e.mul(x, x)?;
	let mean = reduce(e, square, Kind::Mean, &axes, true)?;
	let raised = e.add_float(mean, call.attributes.float("epsilon", 1e-5)?)?;
	let root = e.sqrt(raised)?;
	let normal = e.div(x, root)?;
	e.mul(normal, call.input(1)?)
}

/// x over the norm of its line; 0 where that is 0.
fn lp(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let axis = call.axis(-1, e.rank(x)?)?;
	let kind = match call.attributes.int("p", 2)? {
		1 => Kind::L1,
		2 => Kind::L2,
		_ => return Err(Refusal::Bad("p")),
	};
	let norm = reduce(e, x, kind, &[axis], true)?;
	let zero = e.float(0.0)?;
	let nothing = e.equal(norm, zero)?;
	let one = e.float(1.0)?;
	let safe = e.choose(nothing, one, norm)?;
	e.div(x, safe)
}

/// Deviations over √variance plus 1e-9, which the operator's definition adds.
fn mean_variance(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let axes = call.attributes.ints("axes")?.unwrap_or(&[0, 2, 3]);
	let axes = axes_of(axes, e.rank(x)?)?;
	let moments = moments(e, x, &axes, 0.0)?;
	let below = e.add_float(moments.root, 1e-9)?;
	e.div(moments.deviation, below)
}

/// x / (bias + alpha · mean of squares over neighboring channels)^beta, beta a multiple of 1/4.
fn local_response(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let size = u32::try_from(call.attributes.int("size", 0)?).map_err(|_| Refusal::Bad("size"))?;
	let alpha = call.attributes.float("alpha", 1e-4)?;
	let beta = call.attributes.float("beta", 0.75)?;
	let bias = call.attributes.float("bias", 1.0)?;
	if size == 0 || e.dtype(x)? != DType::Float32 {
		return Err(Refusal::Bad("size"));
	}
	let dims = e.dims(x)?;
	let (lead, plane) = dims.split_at_checked(2).ok_or(Refusal::Bad("operand rank"))?;
	let [batch, channels] = lead else { return Err(Refusal::Bad("operand rank")) };
	let square = e.mul(x, x)?;
	let plane = product(plane)?;
	let flat = [batch.clone(), Dim::constant(1), channels.clone(), plane];
	let flat = e.reshape(square, &flat)?;
	// A mean that counts the padding is the sum over the window divided by its size.
	let before = (size - 1) / 2;
	let along = WindowAxis { before, after: size - 1 - before, ..WindowAxis::default() };
	let axes = vec![
		PoolAxis { kernel: size, window: along },
		PoolAxis { kernel: 1, window: WindowAxis::default() },
	];
	let mean = e.push(Op::AveragePool { axes, ceil: false, include_pad: true }, &[flat])?;
	let mean = e.reshape(mean, &dims)?;
	let scaled = e.mul_float(mean, alpha)?;
	let base = e.add_float(scaled, bias)?;
	let quarters = beta * 4.0;
	if quarters.fract() != 0.0 || !(1.0..=16.0).contains(&quarters) {
		return Err(Refusal::Unsupported("beta"));
	}
	let half = e.sqrt(base)?;
	let quarter = e.sqrt(half)?;
	let mut power: Option<Value> = None;
	let mut rest = quarters as u32;
	for (part, worth) in [(base, 4), (half, 2), (quarter, 1)] {
		while rest >= worth {
			rest -= worth;
			power = Some(match power {
				Some(power) => e.mul(power, part)?,
				None => part,
			});
		}
	}
	e.div(x, power.ok_or(Refusal::Unsupported("beta"))?)
}

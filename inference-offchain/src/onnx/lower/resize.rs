//! Resizing by fixed factors: along one axis after the other, each output element a weighted sum
//! of operand elements whose indices and weights are constants.

use assay_canon::{
	arith::F32,
	op::Op,
	symbol::Dim,
	tensor::{DType, Element},
};

use super::{axis_of, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// The greatest extent of a resized axis.
const MAX_EXTENT: f64 = 65_536.0;

/// The most elements that one output element is a sum of along one axis.
const MAX_TAPS: usize = 64;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	match call.operator {
		"Upsample" | "Resize" => resize(e, call).map(|value| Some(vec![value])),
		_ => Ok(None),
	}
}

/// How operand elements are chosen and weighed.
struct Method<'a> {
	mode: &'a str,
	coordinates: &'a str,
	nearest: &'a str,
	cubic: f64,
	exclude_outside: bool,
	antialias: bool,
}

/// One resized axis.
struct Axis {
	axis: usize,
	old: i64,
	new: i64,
	scale: f64,
}

fn resize(e: &mut Emitter, call: &Call) -> Made {
	let method = method(call)?;
	let mut x = call.input(0)?;
	let dtype = e.dtype(x)?;
	for axis in axes(e, call)? {
		if axis.old == axis.new && axis.scale == 1.0 {
			continue;
		}
		x = along(e, x, &axis, &method)?;
	}
	e.cast(x, dtype)
}

fn method<'a>(call: &'a Call) -> Result<Method<'a>, Refusal> {
	let attributes = &call.attributes;
	let old = call.operator == "Upsample" || call.opset < 11;
	let default = if old { "asymmetric" } else { "half_pixel" };
	let nearest = if old { "floor" } else { "round_prefer_floor" };
	let method = Method {
		mode: attributes.string("mode", "nearest")?,
		coordinates: attributes.string("coordinate_transformation_mode", default)?,
		nearest: attributes.string("nearest_mode", nearest)?,
		cubic: attributes.float("cubic_coeff_a", -0.75)?.into(),
		exclude_outside: attributes.flag("exclude_outside", false)?,
		antialias: attributes.flag("antialias", false)?,
	};
	attributes.ignore("extrapolation_value");
	if method.coordinates == "tf_crop_and_resize" {
		return Err(Refusal::Unsupported("tf_crop_and_resize"));
	}
	Ok(method)
}

/// The axes that change, from scales or sizes.
fn axes(e: &Emitter, call: &Call) -> Result<Vec<Axis>, Refusal> {
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let named: Vec<usize> = match call.attributes.ints("axes")? {
		Some(axes) => axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_, _>>()?,
		None => (0..rank).collect(),
	};
	let policy = call.attributes.string("keep_aspect_ratio_policy", "stretch")?;
	let old = call.operator == "Upsample" || call.opset < 11;
	let scales = if call.operator == "Upsample" && call.opset < 9 {
		let scales = call.attributes.floats("scales")?.ok_or(Refusal::Bad("scales"))?;
		scales.iter().map(|scale| f64::from(*scale)).collect()
	} else {
		floats(e, call.maybe(if old { 1 } else { 2 }))?
	};
	let mut found = Vec::new();
	if let Some(sizes) = call.maybe(3).filter(|_| scales.is_empty()) {
		let sizes = e.as_ints(sizes, "the sizes")?;
		let mut ratios = Vec::new();
		for (axis, size) in named.iter().zip(&sizes) {
			ratios.push(*size as f64 / e.extent(x, *axis)? as f64);
		}
		let common = match policy {
			"stretch" => None,
			"not_larger" => ratios.iter().copied().reduce(f64::min),
			"not_smaller" => ratios.iter().copied().reduce(f64::max),
			_ => return Err(Refusal::Bad("keep_aspect_ratio_policy")),
		};
		for ((axis, size), ratio) in named.iter().zip(&sizes).zip(ratios) {
			let old = e.extent(x, *axis)?;
			let scale = common.unwrap_or(ratio);
			let new = match common {
				Some(common) => (common * old as f64 + 0.5).floor() as i64,
				None => *size,
			};
			found.push(Axis { axis: *axis, old, new, scale });
		}
	} else {
		if scales.len() != named.len() {
			return Err(Refusal::Bad("scales"));
		}
		for (axis, scale) in named.iter().zip(scales) {
			if scale == 1.0 {
				continue;
			}
			let old = e.extent(x, *axis)?;
			found.push(Axis { axis: *axis, old, new: (old as f64 * scale).floor() as i64, scale });
		}
	}
	let valid = |axis: &Axis| {
		let bounded = axis.scale.is_finite() && axis.scale > 0.0 && axis.new as f64 <= MAX_EXTENT;
		bounded && axis.old >= 1 && axis.new >= 1
	};
	if found.iter().all(valid) {
		Ok(found)
	} else {
		Err(Refusal::Bad("scales"))
	}
}

fn floats(e: &Emitter, value: Option<Value>) -> Result<Vec<f64>, Refusal> {
	let Some(value) = value else { return Ok(Vec::new()) };
	let tensor = e.tensor(value).ok_or_else(|| e.not_fixed(value, "the scales"))?;
	let element = |index| {
		let element = tensor.at(index).filter(|element| element.dtype() == DType::Float32);
		Ok(f64::from(f32::from_bits(element.ok_or(Refusal::Bad("scales"))?.to_f32().to_bits())))
	};
	(0..tensor.shape().count()).map(element).collect()
}

/// Where an output index lies in the operand.
fn position(method: &Method, axis: &Axis, index: i64) -> Result<f64, Refusal> {
	let (at, old, scale) = (index as f64, axis.old as f64, axis.scale);
	// The extent before it was rounded to an integer.
	let (exact, new) = (scale * old, axis.new as f64);
	Ok(match method.coordinates {
		"half_pixel" => (at + 0.5) / scale - 0.5,
		"pytorch_half_pixel" if axis.new == 1 => -0.5,
		"pytorch_half_pixel" => (at + 0.5) / scale - 0.5,
		"asymmetric" => at / scale,
		"align_corners" if axis.new == 1 => 0.0,
		"align_corners" => at * (old - 1.0) / (exact - 1.0),
		"half_pixel_symmetric" => {
			let offset = old / 2.0 * (1.0 - new / exact);
			offset + (at + 0.5) / scale - 0.5
		},
		_ => return Err(Refusal::Bad("coordinate_transformation_mode")),
	})
}

/// The operand indices of one output element, possibly outside, with their weights.
fn taps(method: &Method, axis: &Axis, at: f64) -> Result<Vec<(i64, f64)>, Refusal> {
	let below = at.floor();
	let nearest = |index: f64| Ok(vec![(index as i64, 1.0)]);
	match (method.mode, method.nearest) {
		("nearest", "floor") => return nearest(below),
		("nearest", "ceil") => return nearest(at.ceil()),
		("nearest", "round_prefer_floor") => return nearest((at - 0.5).ceil()),
		("nearest", "round_prefer_ceil") => return nearest((at + 0.5).floor()),
		("nearest", _) => return Err(Refusal::Bad("nearest_mode")),
		_ => {},
	}
	// Antialiasing widens the kernel by as much as the axis shrinks.
	let shrink = if method.antialias { axis.scale.min(1.0) } else { 1.0 };
	let (reach, kernel): (f64, &dyn Fn(f64) -> f64) = match method.mode {
		"linear" => (1.0, &|x: f64| (1.0 - x.abs()).max(0.0)),
		"cubic" => (2.0, &|x: f64| cubic(x.abs(), method.cubic)),
		_ => return Err(Refusal::Bad("mode")),
	};
	if 2.0 * reach / shrink > MAX_TAPS as f64 {
		return Err(Refusal::Unsupported("so strong a reduction"));
	}
	let first = (at - reach / shrink).floor() as i64 + 1;
	let last = (at + reach / shrink).ceil() as i64 - 1;
	let first = first.min(below as i64);
	let mut taps: Vec<(i64, f64)> = (first..=last.max(below as i64))
		.map(|index| (index, kernel((index as f64 - at) * shrink)))
		.collect();
	if method.exclude_outside {
		taps.retain(|(index, _)| (0..axis.old).contains(index));
	}
	let total: f64 = taps.iter().map(|(_, weight)| weight).sum();
	if method.exclude_outside || method.antialias {
		taps.iter_mut().for_each(|(_, weight)| *weight /= total);
	}
	Ok(taps)
}

/// The cubic convolution kernel at a distance.
fn cubic(x: f64, a: f64) -> f64 {
	if x <= 1.0 {
		((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
	} else if x < 2.0 {
		((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
	} else {
		0.0
	}
}

/// Resizes one axis: for each tap a gather and a product, added from the first.
fn along(e: &mut Emitter, x: Value, axis: &Axis, method: &Method) -> Made {
	let mut columns: Vec<Vec<(i64, f64)>> = Vec::new();
	for index in 0..axis.new {
		let mut taps = taps(method, axis, position(method, axis, index)?)?;
		for (index, _) in &mut taps {
			*index = (*index).clamp(0, axis.old - 1);
		}
		columns.push(taps);
	}
	let depth = columns.iter().map(Vec::len).max().unwrap_or(0);
	let rank = e.rank(x)?;
	let small_axis = small(axis.axis)?;
	if method.mode == "nearest" {
		let indices: Vec<i64> =
			columns.iter().map(|taps| taps.first().map_or(0, |(index, _)| *index)).collect();
		let indices = e.vector(&indices)?;
		return e.push(Op::Gather { axis: small_axis }, &[x, indices]);
	}
	let x = e.cast(x, DType::Float32)?;
	let mut sum: Option<Value> = None;
	for tap in 0..depth {
		let at = |taps: &Vec<(i64, f64)>| {
			let last = taps.last().map_or(0, |(index, _)| *index);
			taps.get(tap).copied().unwrap_or((last, 0.0))
		};
		let (indices, weights): (Vec<i64>, Vec<f64>) = columns.iter().map(at).unzip();
		let indices = e.vector(&indices)?;
		let gathered = e.push(Op::Gather { axis: small_axis }, &[x, indices])?;
		let bits = weights.iter().map(|weight| F32::from_bits((*weight as f32).to_bits()));
		let elements: Vec<Element> = bits.map(Element::float).collect();
		let weights = e.elements(DType::Float32, &[elements.len()], &elements)?;
		let mut dims = vec![Dim::constant(1); rank];
		dims.iter_mut().skip(axis.axis).take(1).for_each(|dim| *dim = Dim::constant(axis.new));
		let weights = e.reshape(weights, &dims)?;
		let weighed = e.mul(gathered, weights)?;
		sum = Some(match sum {
			Some(sum) => e.add(sum, weighed)?,
			None => weighed,
		});
	}
	sum.ok_or(Refusal::Bad("scales"))
}

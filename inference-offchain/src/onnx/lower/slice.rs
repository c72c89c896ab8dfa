//! Operators that cut a tensor into parts, or put something around it.

use assay_canon::{
	op::{Op, PadMode, Padding, SliceAxis},
	symbol::Dim,
};

use super::{axis_of, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let value = match call.operator {
		"Split" => return split(e, call).map(Some),
		"Slice" => slice(e, call)?,
		"Pad" => pad(e, call)?,
		"CenterCropPad" => center_crop_pad(e, call)?,
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

fn split(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let x = call.input(0)?;
	let axis = call.axis(0, e.rank(x)?)?;
	let parts = match (call.opset < 13, call.maybe(1)) {
		(true, _) => {
			let parts = call.attributes.ints("split")?;
			parts.map(|parts| parts.iter().map(|part| Dim::constant(*part)).collect::<Vec<_>>())
		},
		(false, Some(parts)) => Some(e.as_dims(parts, "the split")?),
		(false, None) => None,
	};
	let parts = match parts {
		Some(parts) => parts,
		None => {
			let count = call.attributes.int("num_outputs", call.outputs.len() as i64)?;
			if !(1..=4096).contains(&count) {
				return Err(Refusal::Bad("num_outputs"));
			}
			let whole = e.dim(x, axis)?;
			match whole.checked_divide(count) {
				Some(part) => vec![part; count as usize],
				None => {
					let extent = e.extent(x, axis)?;
					let part = (extent + count - 1) / count;
					let part = |at: i64| Dim::constant(part.min(extent - at * part).max(0));
					(0..count).map(part).collect()
				},
			}
		},
	};
	let mut start = Dim::default();
	let mut outputs = Vec::new();
	for part in parts {
		let next = start.checked_add(&part).ok_or(Refusal::Bad("split"))?;
		outputs.push(e.slice(x, axis, start, part)?);
		start = next;
	}
	if start != e.dim(x, axis)? {
		return Err(Refusal::Bad("split"));
	}
	Ok(outputs)
}

/// What a Slice node states, one of each for each axis that it names.
struct Bounds {
	starts: Vec<Dim>,
	ends: Vec<Dim>,
	axes: Vec<i64>,
	steps: Vec<i64>,
}

/// Attributes before operator set 10, operands since.
fn bounds(e: &Emitter, call: &Call) -> Result<Bounds, Refusal> {
	let constants = |values: &[i64]| values.iter().map(|value| Dim::constant(*value)).collect();
	let (starts, ends, axes, steps): (Vec<Dim>, Vec<Dim>, _, _) = if call.opset < 10 {
		let starts = call.attributes.ints("starts")?.ok_or(Refusal::Bad("starts"))?;
		let ends = call.attributes.ints("ends")?.ok_or(Refusal::Bad("ends"))?;
		let axes = call.attributes.ints("axes")?.map(<[i64]>::to_vec);
		(constants(starts), constants(ends), axes, None)
	} else {
		let starts = e.as_dims(call.input(1)?, "the start")?;
		let ends = e.as_dims(call.input(2)?, "the end")?;
		let axes = call.maybe(3).map(|axes| e.as_ints(axes, "the axes")).transpose()?;
		let steps = call.maybe(4).map(|steps| e.as_ints(steps, "the steps")).transpose()?;
		(starts, ends, axes, steps)
	};
	let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
	let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
	let lengths = [ends.len(), axes.len(), steps.len()];
	if lengths.iter().any(|length| *length != starts.len()) {
		return Err(Refusal::Bad("operand shape"));
	}
	Ok(Bounds { starts, ends, axes, steps })
}

fn slice(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let Bounds { starts, ends, axes, steps } = bounds(e, call)?;
	let mut slices = Vec::new();
	for (((start, end), axis), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
		let axis = axis_of(*axis, rank)?;
		slices.push(slice_axis(e, e.dim(x, axis)?, axis, [start, end], *step)?);
	}
	slices.sort_by_key(|slice| slice.axis);
	slices.retain(|slice| {
		let whole = e.dim(x, usize::from(slice.axis)).ok();
		slice.start != Dim::default() || slice.step != 1 || Some(&slice.count) != whole.as_ref()
	});
	if slices.is_empty() {
		return Ok(x);
	}
	e.push(Op::Slice { axes: slices }, &[x])
}

fn slice_axis(
	e: &Emitter,
	extent: Dim,
	axis: usize,
	[start, end]: [&Dim; 2],
	step: i64,
) -> Result<SliceAxis, Refusal> {
	if step == 0 {
		return Err(Refusal::Bad("steps"));
	}
	let step = i32::try_from(step.clamp(-i64::from(i32::MAX), i32::MAX.into())).unwrap_or(1);
	let last = extent.checked_sub(&Dim::constant(1)).ok_or(Refusal::Bad("extent"))?;
	let (low, high) = (Dim::default(), extent.clone());
	let (start, span) = if step > 0 {
		let start = clamp(e, start, &extent, &low, &high)?;
		let end = clamp(e, end, &extent, &low, &high)?;
		let span = end.checked_sub(&start);
		(start, span)
	} else {
		let start = clamp(e, start, &extent, &Dim::constant(-1), &last)?;
		let end = clamp(e, end, &extent, &Dim::constant(-1), &last)?;
		let span = start.checked_sub(&end);
		(start, span)
	};
	let span = span.ok_or(Refusal::Bad("slice"))?;
	let stride = i64::from(step.unsigned_abs());
	let (least, most) = e.range(&span);
	let count = if most <= 0 {
		Dim::default()
	} else if span.is_constant() {
		Dim::constant((span.constant + stride - 1) / stride)
	} else if least >= 0 {
		span.checked_divide(stride).ok_or(Refusal::NotAffine("the length of the slice"))?
	} else {
		return Err(Refusal::NotAffine("the length of the slice"));
	};
	let start = if count == Dim::default() { Dim::default() } else { start };
	Ok(SliceAxis { axis: small(axis)?, start, count, step })
}

/// An index, possibly counted from the end, brought within bounds.
fn clamp(e: &Emitter, index: &Dim, extent: &Dim, low: &Dim, high: &Dim) -> Result<Dim, Refusal> {
	let undecided = || Refusal::NotAffine("a bound of the slice");
	let (least, most) = e.range(index);
	let index = if most < 0 {
		// The most negative numbers mean the front.
		let bounded = Dim { constant: index.constant.max(-(1 << 40)), ..index.clone() };
		bounded.checked_add(extent).ok_or_else(undecided)?
	} else if least >= 0 {
		Dim { constant: index.constant.min(1 << 40), ..index.clone() }
	} else {
		return Err(undecided());
	};
	let over_low = e.range(&index.checked_sub(low).ok_or_else(undecided)?);
	let over_high = e.range(&index.checked_sub(high).ok_or_else(undecided)?);
	if over_low.1 <= 0 {
		Ok(low.clone())
	} else if over_high.0 >= 0 {
		Ok(high.clone())
	} else if over_low.0 >= 0 && over_high.1 <= 0 {
		Ok(index)
	} else {
		Err(undecided())
	}
}

fn pad(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	let mode = match call.attributes.string("mode", "constant")? {
		"constant" => PadMode::Constant,
		"edge" => PadMode::Edge,
		"reflect" => PadMode::Reflect,
		"wrap" => PadMode::Wrap,
		_ => return Err(Refusal::Bad("mode")),
	};
	let (pads, value) = if call.opset < 11 {
		let pads = call.attributes.ints("pads")?.ok_or(Refusal::Bad("pads"))?.to_vec();
		(pads, Some(e.float(call.attributes.float("value", 0.0)?)?))
	} else {
		(e.as_ints(call.input(1)?, "the padding")?, call.maybe(2))
	};
	let axes = match call.maybe(3) {
		Some(axes) => e.as_ints(axes, "the axes")?,
		None => (0..rank as i64).collect(),
	};
	if pads.len() != axes.len().saturating_mul(2) {
		return Err(Refusal::Bad("pads"));
	}
	let mut all = vec![Padding::default(); rank];
	let (before, after) = pads.split_at(axes.len());
	for ((axis, before), after) in axes.iter().zip(before).zip(after) {
		let axis = axis_of(*axis, rank)?;
		let narrow = |pad: &i64| i32::try_from(*pad).map_err(|_| Refusal::Bad("pads"));
		let padding = Padding { before: narrow(before)?, after: narrow(after)? };
		all.iter_mut().skip(axis).take(1).for_each(|to| *to = padding);
	}
	pad_by(e, x, mode, all, value)
}

fn pad_by(
	e: &mut Emitter,
	x: Value,
	mode: PadMode,
	pads: Vec<Padding>,
	value: Option<Value>,
) -> Made {
	if pads.iter().all(|pad| *pad == Padding::default()) {
		return Ok(x);
	}
	let mut operands = vec![x];
	operands.extend(value.filter(|_| mode == PadMode::Constant));
	e.push(Op::Pad { mode, pads }, &operands)
}

/// Cuts or pads each axis about its middle.
fn center_crop_pad(e: &mut Emitter, call: &Call) -> Made {
	let mut x = call.input(0)?;
	let rank = e.rank(x)?;
	let targets = e.as_ints(call.input(1)?, "the shape")?;
	let axes: Vec<usize> = match call.attributes.ints("axes")? {
		Some(axes) => axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_, _>>()?,
		None => (0..rank).collect(),
	};
	if axes.len() != targets.len() {
		return Err(Refusal::Bad("axes"));
	}
	let mut pads = vec![Padding::default(); rank];
	for (axis, target) in axes.iter().zip(&targets) {
		let extent = e.extent(x, *axis)?;
		if !(0..=i64::from(i32::MAX)).contains(target) {
			return Err(Refusal::Bad("shape"));
		}
		if *target < extent {
			let start = (extent - target) / 2;
			x = e.slice_at(x, *axis, start, start + target)?;
		} else {
			let missing = i32::try_from(target - extent).map_err(|_| Refusal::Bad("shape"))?;
			let padding = Padding { before: missing / 2, after: missing - missing / 2 };
			pads.iter_mut().skip(*axis).take(1).for_each(|to| *to = padding);
		}
	}
	pad_by(e, x, PadMode::Constant, pads, None)
}

//! Operators that reshape, make and move whole tensors. Shapes are folded as sizes.

use assay_canon::{
	op::{DepthOrder, Op},
	shape::Shape,
	symbol::Dim,
	tensor::{DType, Element, Tensor},
};

use super::{axes_of, axis_of, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	fold::Known,
	shorthand::{small, small_axes, Made},
	tensor::{self, dtype_of},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let value = match call.operator {
		"Reshape" => reshape(e, call)?,
		"Squeeze" => squeeze(e, call)?,
		"Unsqueeze" => {
			let x = call.input(0)?;
			let axes = axes(e, call, 13)?.ok_or(Refusal::Bad("axes"))?;
			let axes = axes_of(&axes, e.rank(x)?.saturating_add(axes.len()))?;
			e.unsqueeze(x, &axes)?
		},
		"Flatten" => flatten(e, call)?,
		"Transpose" => {
			let x = call.input(0)?;
			let rank = e.rank(x)?;
			let order: Vec<usize> = match call.attributes.ints("perm")? {
				Some(order) => {
					order.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_, _>>()?
				},
				None => (0..rank).rev().collect(),
			};
			e.transpose(x, &order)?
		},
		"Concat" => {
			let all = call.all()?;
			let rank = e.rank(call.input(0)?)?;
			let axis = call.axis(i64::MAX, rank)?;
			e.concat(&all, axis)?
		},
		"Shape" => {
			let dims = e.dims(call.input(0)?)?;
			let rank = dims.len() as i64;
			let clamp = |at: i64| (if at < 0 { at + rank } else { at }).clamp(0, rank) as usize;
			let start = clamp(call.attributes.int("start", 0)?);
			let end = clamp(call.attributes.int("end", rank)?);
			sizes(e, dims.get(start..end.max(start)).unwrap_or_default())?
		},
		"Size" => {
			let mut size = e.integer(DType::Int64, 1)?;
			for dim in e.dims(call.input(0)?)? {
				let known =
					Known { dtype: DType::Int64, shape: Shape::scalar(), elements: vec![dim] };
				let extent = e.sizes(known)?;
				size = e.mul(size, extent)?;
			}
			size
		},
		"Constant" => constant(e, call)?,
		"ConstantOfShape" => {
			let dims = e.as_dims(call.input(0)?, "the shape")?;
			let value = match call.attributes.tensor("value")? {
				Some(proto) => tensor::read(proto, "value").map_err(refuse_tensor)?,
				None => Tensor::from_elements(
					DType::Float32,
					Shape::scalar(),
					&[Element::zero(DType::Float32)],
				)
				.ok_or(Refusal::Bad("value"))?,
			};
			let value = e.constant(value);
			let value = e.reshape(value, &[])?;
			e.expand(value, &dims)?
		},
		"Range" => range(e, call)?,
		"Expand" => {
			let x = call.input(0)?;
			let shape = e.as_dims(call.input(1)?, "the shape")?;
			let dims = broadcast(&e.dims(x)?, &shape)?;
			e.expand(x, &dims)?
		},
		"Tile" => {
			let repeats = e.as_dims(call.input(1)?, "the repeats")?;
			e.push(Op::Tile { repeats }, &[call.input(0)?])?
		},
		"EyeLike" => eye_like(e, call)?,
		"Trilu" => {
			let diagonal = match call.maybe(1) {
				Some(diagonal) => e.as_int(diagonal, "the diagonal")?,
				None => 0,
			};
			let upper = call.attributes.flag("upper", true)?;
			e.push(Op::Trilu { upper, diagonal }, &[call.input(0)?])?
		},
		"DepthToSpace" => {
			let order = match call.attributes.string("mode", "DCR")? {
				"DCR" => DepthOrder::BlockFirst,
				"CRD" => DepthOrder::ChannelFirst,
				_ => return Err(Refusal::Bad("mode")),
			};
			e.push(Op::DepthToSpace { block: block(call)?, order }, &[call.input(0)?])?
		},
		"SpaceToDepth" => e.push(Op::SpaceToDepth { block: block(call)? }, &[call.input(0)?])?,
		"CumSum" => {
			let x = call.input(0)?;
			let axis = axis_of(e.as_int(call.input(1)?, "the axis")?, e.rank(x)?)?;
			let exclusive = call.attributes.flag("exclusive", false)?;
			let reverse = call.attributes.flag("reverse", false)?;
			e.push(Op::CumSum { axis: small(axis)?, exclusive, reverse }, &[x])?
		},
		"ReverseSequence" => {
			let x = call.input(0)?;
			let rank = e.rank(x)?;
			let time = small(axis_of(call.attributes.int("time_axis", 0)?, rank)?)?;
			let batch = small(axis_of(call.attributes.int("batch_axis", 1)?, rank)?)?;
			e.push(Op::ReverseSequence { time, batch }, &[x, call.input(1)?])?
		},
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// A vector of sizes.
pub(super) fn sizes(e: &mut Emitter, dims: &[Dim]) -> Made {
	let shape = Shape::from_extents([dims.len() as u64]).ok_or(Refusal::Bad("sizes"))?;
	e.sizes(Known { dtype: DType::Int64, shape, elements: dims.to_vec() })
}

fn refuse_tensor(error: crate::onnx::ImportError) -> Refusal {
	match error {
		crate::onnx::ImportError::ElementType { dtype, .. } => Refusal::ElementType(dtype),
		_ => Refusal::Bad("tensor"),
	}
}

/// Axes: an attribute before operator set `since`, the second operand from then on.
pub(super) fn axes(e: &Emitter, call: &Call, since: i64) -> Result<Option<Vec<i64>>, Refusal> {
	if call.opset < since {
		return Ok(call.attributes.ints("axes")?.map(<[i64]>::to_vec));
	}
	call.maybe(1).map(|axes| e.as_ints(axes, "the axes")).transpose()
}

fn block(call: &Call) -> Result<u32, Refusal> {
	u32::try_from(call.attributes.int("blocksize", 0)?).map_err(|_| Refusal::Bad("blocksize"))
}

/// −1 stands for what is left over, 0 for the operand's extent unless `allowzero`.
fn reshape(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let old = e.dims(x)?;
	let keep_zero = call.attributes.flag("allowzero", false)?;
	let mut dims = e.as_dims(call.input(1)?, "the shape")?;
	let mut open = None;
	for (at, dim) in dims.iter_mut().enumerate() {
		if *dim == Dim::constant(0) && !keep_zero {
			*dim = old.get(at).cloned().ok_or(Refusal::Bad("shape"))?;
		} else if *dim == Dim::constant(-1) {
			if open.replace(at).is_some() {
				return Err(Refusal::Bad("shape"));
			}
			*dim = Dim::constant(1);
		}
	}
	if let Some(open) = open {
		let rest = quotient(&old, &dims)?;
		dims.iter_mut().skip(open).take(1).for_each(|dim| *dim = rest.clone());
	}
	e.reshape(x, &dims)
}

/// The product of sizes divided by the product of others: what is common cancels first.
fn quotient(above: &[Dim], below: &[Dim]) -> Result<Dim, Refusal> {
	let bad = || Refusal::NotAffine("the size left over");
	let (mut factor, mut divisor) = (1_i64, 1_i64);
	let mut rest: Vec<Dim> = Vec::new();
	for dim in above {
		let (content, dim) = primitive_part(dim);
		factor = factor.checked_mul(content).ok_or_else(bad)?;
		rest.extend(dim);
	}
	for dim in below {
		let (content, dim) = primitive_part(dim);
		divisor = divisor.checked_mul(content).ok_or_else(bad)?;
		if let Some(dim) = dim {
			let at = rest.iter().position(|other| *other == dim).ok_or_else(bad)?;
			rest.swap_remove(at);
		}
	}
	let whole = match rest.as_slice() {
		[] => Dim::constant(factor),
		[dim] => dim.checked_scale(factor).ok_or_else(bad)?,
		_ => return Err(bad()),
	};
	if divisor == 0 {
		return Err(Refusal::Bad("shape"));
	}
	whole.checked_divide(divisor).ok_or_else(bad)
}

/// A size as a number times a size whose parts have no common divisor; none if it is a number.
fn primitive_part(dim: &Dim) -> (i64, Option<Dim>) {
	if dim.is_constant() {
		return (dim.constant, None);
	}
	let parts = dim.coefficients.iter().chain([&dim.constant]);
	let common = parts.fold(0_i64, |common, part| {
		let (mut a, mut b) = (common.unsigned_abs(), part.unsigned_abs());
		while b != 0 {
			(a, b) = (b, a.checked_rem(b).unwrap_or(0));
		}
		i64::try_from(a).unwrap_or(1)
	});
	match dim.checked_divide(common) {
		Some(part) => (common, Some(part)),
		None => (1, Some(dim.clone())),
	}
}

fn squeeze(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let dims = e.dims(x)?;
	let axes = match axes(e, call, 13)? {
		Some(axes) => axes_of(&axes, dims.len())?,
		None => {
			let ones = dims.iter().enumerate().filter(|(_, dim)| **dim == Dim::constant(1));
			ones.map(|(axis, _)| axis).collect()
		},
	};
	let one = |axis: &usize| dims.get(*axis) == Some(&Dim::constant(1));
	if !axes.iter().all(one) {
		return Err(Refusal::Bad("axes"));
	}
	e.squeeze(x, &axes)
}

/// The product of sizes.
pub(super) fn product(dims: &[Dim]) -> Result<Dim, Refusal> {
	dims.iter().try_fold(Dim::constant(1), |product, dim| {
		product.checked_mul(dim).ok_or(Refusal::NotAffine("a product of extents"))
	})
}

fn flatten(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let dims = e.dims(x)?;
	let axis = axis_of(call.attributes.int("axis", 1)?, dims.len().saturating_add(1)).and_then(
		|axis| match call.attributes.int("axis", 1)? {
			// Counted from the back, the axis is one of the operand's.
			negative if negative < 0 => axis.checked_sub(1).ok_or(Refusal::Bad("axis")),
			_ => Ok(axis),
		},
	)?;
	let (before, after) = dims.split_at_checked(axis).ok_or(Refusal::Bad("axis"))?;
	e.reshape(x, &[product(before)?, product(after)?])
}

fn constant(e: &mut Emitter, call: &Call) -> Made {
	let attributes = &call.attributes;
	if let Some(proto) = attributes.tensor("value")? {
		let tensor = tensor::read(proto, "value").map_err(refuse_tensor)?;
		return Ok(e.constant(tensor));
	}
	if let Some(value) = attributes.maybe_float("value_float")? {
		return e.float(value);
	}
	if let Some(value) = attributes.maybe_int("value_int")? {
		return e.integer(DType::Int64, value);
	}
	if let Some(values) = attributes.ints("value_ints")? {
		return e.vector(values);
	}
	if let Some(values) = attributes.floats("value_floats")? {
		let bits = values.iter().map(|value| u64::from(value.to_bits()));
		let elements: Vec<Element> =
			bits.map(|bits| Element::from_bits(DType::Float32, bits)).collect();
		return e.elements(DType::Float32, &[values.len()], &elements);
	}
	Err(Refusal::Unsupported("a constant that is not a tensor of numbers"))
}

/// Start, limit and delta are fixed; the limit of integers may depend on symbols.
fn range(e: &mut Emitter, call: &Call) -> Made {
	let [start, limit, delta] = [call.input(0)?, call.input(1)?, call.input(2)?];
	let dtype = e.dtype(start)?;
	let count = if dtype == DType::Float32 {
		let mut bounds = Vec::new();
		for (value, what) in [(start, "the start"), (limit, "the limit"), (delta, "the step")] {
			bounds.push(f64::from(f32::from_bits(e.as_float(value, what)?.to_bits())));
		}
		let [start, limit, delta] = bounds.as_slice() else { return Err(Refusal::Bad("range")) };
		// The quotient of differences of float32, exact enough in float64 to be rounded up.
		let count = ((limit - start) / delta).ceil().max(0.0);
		if !count.is_finite() || count > 4_294_967_295.0 {
			return Err(Refusal::Bad("range"));
		}
		Dim::constant(count as i64)
	} else {
		let first = |dims: Vec<Dim>| dims.into_iter().next().ok_or(Refusal::Bad("range"));
		let begin = first(e.as_dims(start, "the start")?)?;
		let end = first(e.as_dims(limit, "the limit")?)?;
		let step = e.as_int(delta, "the step")?;
		let span = end.checked_sub(&begin).ok_or(Refusal::Bad("range"))?;
		match step {
			0 => return Err(Refusal::Bad("range")),
			_ if span.is_constant() => {
				// Rounded up: the Euclidean quotient by a negative number already is.
				let (span, by) = (i128::from(span.constant), i128::from(step));
				let up = span.div_euclid(by) + i128::from(step > 0 && span.rem_euclid(by) != 0);
				Dim::constant(i64::try_from(up.max(0)).map_err(|_| Refusal::Bad("range"))?)
			},
			_ => {
				let count = span.checked_divide(step);
				let count = count.filter(|count| e.range(count).0 >= 0);
				count.ok_or(Refusal::NotAffine("the length of the range"))?
			},
		}
	};
	let index = e.push(Op::Iota { dims: vec![count], axis: 0 }, &[])?;
	let index = e.cast(index, dtype)?;
	let delta = e.reshape(delta, &[])?;
	let start = e.reshape(start, &[])?;
	let scaled = e.mul(index, delta)?;
	e.add(start, scaled)
}

/// The shape that two shapes broadcast to.
pub(super) fn broadcast(left: &[Dim], right: &[Dim]) -> Result<Vec<Dim>, Refusal> {
	let rank = left.len().max(right.len());
	let one = Dim::constant(1);
	let at = |dims: &[Dim], axis: usize| {
		let axis = axis.checked_sub(rank.saturating_sub(dims.len()));
		axis.and_then(|axis| dims.get(axis).cloned()).unwrap_or(Dim::constant(1))
	};
	let join = |axis: usize| match (at(left, axis), at(right, axis)) {
		(left, right) if left == right || right == one => Ok(left),
		(left, right) if left == one => Ok(right),
		_ => Err(Refusal::Bad("shapes that do not broadcast")),
	};
	(0..rank).map(join).collect()
}

fn eye_like(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let dtype = match call.attributes.maybe_int("dtype")? {
		Some(number) => {
			dtype_of(i32::try_from(number).unwrap_or(0)).map_err(Refusal::ElementType)?
		},
		None => e.dtype(x)?,
	};
	let dims = e.dims(x)?;
	let [rows, columns] = dims.as_slice() else { return Err(Refusal::Bad("operand rank")) };
	let (rows, columns) = (rows.clone(), columns.clone());
	let diagonal = call.attributes.int("k", 0)?;
	e.push(Op::EyeLike { dtype, rows, columns, diagonal }, &[])
}

/// The value with the order along axes reversed.
pub(super) fn reverse(e: &mut Emitter, x: Value, axes: &[usize]) -> Made {
	e.push(Op::Reverse { axes: small_axes(axes)? }, &[x])
}

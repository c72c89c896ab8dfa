//! Matrix products and convolutions.

use assay_canon::{
	graph::MAX_OPERANDS,
	limits::TWO_OPERAND_TERMS,
	op::{Op, WindowAxis},
	tensor::DType,
};

use super::Call;
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let value = match call.operator {
		"MatMul" => mat_mul(e, call.input(0)?, call.input(1)?)?,
		"Gemm" => gemm(e, call)?,
		"Conv" => conv(e, call)?,
		"ConvTranspose" => conv_transpose(e, call)?,
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// The product by the rules of ONNX: a vector is a row on the left, a column on the right.
pub(super) fn mat_mul(e: &mut Emitter, a: Value, b: Value) -> Made {
	let (rank_a, rank_b) = (e.rank(a)?, e.rank(b)?);
	if rank_a == 0 || rank_b == 0 {
		return Err(Refusal::Bad("operand rank"));
	}
	let left = if rank_a == 1 { e.unsqueeze(a, &[0])? } else { a };
	let right = if rank_b == 1 { e.unsqueeze(b, &[1])? } else { b };
	let product = match e.dtype(a)? {
		DType::Float32 => product(e, left, right)?,
		_ => integer_product(e, left, right)?,
	};
	let rank = e.rank(product)?;
	let mut gone = Vec::new();
	if rank_a == 1 {
		gone.push(rank - 2);
	}
	if rank_b == 1 {
		gone.push(rank - 1);
	}
	e.squeeze(product, &gone)
}

/// A product of float32 matrices. Sums beyond the limit of one primitive are exact partial sums.
pub(super) fn product(e: &mut Emitter, a: Value, b: Value) -> Made {
	let (rank_a, rank_b) = (e.rank(a)?, e.rank(b)?);
	let inner = e.dim(a, rank_a.saturating_sub(1))?;
	let limit = TWO_OPERAND_TERMS as i64;
	if e.range(&inner).1 <= i128::from(limit) {
		return e.mat_mul(a, b);
	}
	let length = e.extent(a, rank_a.saturating_sub(1))?;
	if length > limit.saturating_mul(MAX_OPERANDS as i64) {
		return Err(Refusal::Unsupported("a sum of so many terms"));
	}
	let mut parts = Vec::new();
	let mut start = 0;
	while start < length {
		let end = start.saturating_add(limit).min(length);
		let left = e.slice_at(a, rank_a.saturating_sub(1), start, end)?;
		let right = e.slice_at(b, rank_b.saturating_sub(2), start, end)?;
		parts.push(e.push(Op::MatMulPartial, &[left, right])?);
		start = end;
	}
	e.push(Op::RoundSums { divisor: 1 }, &parts)
}

/// A product of integers: the products of each pair, added.
fn integer_product(e: &mut Emitter, a: Value, b: Value) -> Made {
	let rank = e.rank(a)?.max(e.rank(b)?);
	if rank >= assay_canon::shape::MAX_RANK {
		return Err(Refusal::Unsupported("such a rank"));
	}
	// [.., m, k, 1] times [.., 1, k, n].
	let left = e.unsqueeze(a, &[e.rank(a)?])?;
	let before = e.rank(b)?.saturating_sub(2);
	let right = e.unsqueeze(b, &[before])?;
	let pairs = e.mul(left, right)?;
	let axis = e.rank(pairs)?.saturating_sub(2);
	e.push(Op::ReduceSum { axes: vec![axis as u8], keep: false }, &[pairs])
}

/// alpha · A·B + beta · C, the factors applied to A's product and to C where they are not 1.
fn gemm(e: &mut Emitter, call: &Call) -> Made {
	let (a, b) = (call.input(0)?, call.input(1)?);
	let transpose_a = call.attributes.flag("transA", false)?;
	let transpose_b = call.attributes.flag("transB", false)?;
	let alpha = call.attributes.float("alpha", 1.0)?;
	let beta = call.attributes.float("beta", 1.0)?;
	let one = 1.0_f32.to_bits();
	let mut c = call.maybe(2).filter(|_| beta.to_bits() << 1 != 0);
	if e.dtype(a)? != DType::Float32 {
		return Err(Refusal::Unsupported("operands of integers"));
	}
	if let Some(bias) = c.filter(|_| beta.to_bits() != one) {
		c = Some(e.mul_float(bias, beta)?);
	}
	let inner = e.dim(a, usize::from(!transpose_a))?;
	let long = e.range(&inner).1 > i128::from(TWO_OPERAND_TERMS) - 1;
	if alpha.to_bits() == one && !long {
		let operands: Vec<Value> = [Some(a), Some(b), c].into_iter().flatten().collect();
		return e.push(Op::Gemm { transpose_a, transpose_b }, &operands);
	}
	let mut result = if long {
		let left = if transpose_a { e.transpose_last(a)? } else { a };
		let right = if transpose_b { e.transpose_last(b)? } else { b };
		product(e, left, right)?
	} else {
		e.push(Op::Gemm { transpose_a, transpose_b }, &[a, b])?
	};
	if alpha.to_bits() != one {
		result = e.mul_float(result, alpha)?;
	}
	match c {
		Some(c) => e.add(result, c),
		None => Ok(result),
	}
}

/// The attributes of a window over spatial axes.
pub(super) struct Window {
	/// Extent of the window along each axis.
	pub kernel: Vec<i64>,
	/// How it moves along each axis.
	pub axes: Vec<WindowAxis>,
}

/// The window that a node states, its padding computed if asked for.
pub(super) fn window(
	e: &Emitter,
	call: &Call,
	x: Value,
	kernel: Vec<i64>,
) -> Result<Window, Refusal> {
	let count = kernel.len();
	let narrow = |value: i64, what| u32::try_from(value).map_err(|_| Refusal::Bad(what));
	let ints = |name| -> Result<Vec<i64>, Refusal> {
		let given = call.attributes.ints(name)?.map(<[i64]>::to_vec);
		let values = given.filter(|given| !given.is_empty()).unwrap_or_else(|| vec![1; count]);
		if values.len() == count {
			Ok(values)
		} else {
			Err(Refusal::Bad(name))
		}
	};
	let (strides, dilations) = (ints("strides")?, ints("dilations")?);
	let pads = call.attributes.ints("pads")?.map(<[i64]>::to_vec).unwrap_or_default();
	let auto = call.attributes.string("auto_pad", "NOTSET")?;
	let mut axes = Vec::new();
	let each = strides.iter().zip(&dilations).zip(&kernel).enumerate();
	for (at, ((stride, dilation), kernel)) in each {
		// What follows multiplies two of these at most.
		let bounded = |value: &i64| (1..=i64::from(i32::MAX)).contains(value);
		if !bounded(stride) || !bounded(dilation) || !bounded(kernel) {
			return Err(Refusal::Bad("window"));
		}
		let (before, after) = match auto {
			"NOTSET" | "" if pads.is_empty() => (0, 0),
			"NOTSET" | "" if pads.len() == count.saturating_mul(2) => {
				let pad = |at: usize| pads.get(at).copied().unwrap_or(0);
				(pad(at), pad(at.saturating_add(count)))
			},
			"VALID" => (0, 0),
			"SAME_UPPER" | "SAME_LOWER" => {
				let extent = e.extent(x, at.saturating_add(2))?;
				let span = (kernel - 1) * dilation + 1;
				let windows = (extent + stride - 1) / stride;
				let total = ((windows - 1) * stride + span - extent).max(0);
				let less = total / 2;
				if auto == "SAME_UPPER" {
					(less, total - less)
				} else {
					(total - less, less)
				}
			},
			_ => return Err(Refusal::Bad("pads")),
		};
		axes.push(WindowAxis {
			stride: narrow(*stride, "strides")?,
			dilation: narrow(*dilation, "dilations")?,
			before: narrow(before, "pads")?,
			after: narrow(after, "pads")?,
		});
	}
	Ok(Window { kernel, axes })
}

/// The extents of a kernel's spatial axes, which must agree with the attribute if it is given.
pub(super) fn kernel_of(e: &Emitter, call: &Call, w: Value) -> Result<Vec<i64>, Refusal> {
	let rank = e.rank(w)?;
	let kernel: Result<Vec<i64>, Refusal> = (2..rank).map(|axis| e.extent(w, axis)).collect();
	let kernel = kernel?;
	match call.attributes.ints("kernel_shape")? {
		Some(stated) if stated != kernel.as_slice() => Err(Refusal::Bad("kernel_shape")),
		_ => Ok(kernel),
	}
}

pub(super) fn group(call: &Call) -> Result<u32, Refusal> {
	u32::try_from(call.attributes.int("group", 1)?).map_err(|_| Refusal::Bad("group"))
}

fn conv(e: &mut Emitter, call: &Call) -> Made {
	let (x, w) = (call.input(0)?, call.input(1)?);
	let kernel = kernel_of(e, call, w)?;
	let axes = window(e, call, x, kernel)?.axes;
	let operands: Vec<Value> = [Some(x), Some(w), call.maybe(2)].into_iter().flatten().collect();
	e.push(Op::Conv { group: group(call)?, axes }, &operands)
}

/// Padding is stated, or follows from the wanted extents.
fn conv_transpose(e: &mut Emitter, call: &Call) -> Made {
	let (x, w) = (call.input(0)?, call.input(1)?);
	let kernel = kernel_of(e, call, w)?;
	let count = kernel.len();
	let stated = call.attributes.ints("output_shape")?;
	let auto = call.attributes.string("auto_pad", "NOTSET")?;
	let extra = call.attributes.ints("output_padding")?.map(<[i64]>::to_vec);
	let extra = extra.unwrap_or_else(|| vec![0; count]);
	let mut axes = if auto.starts_with("SAME") {
		// Only strides and dilations are read here.
		let ints = |name| -> Result<Vec<i64>, Refusal> {
			Ok(call.attributes.ints(name)?.map_or_else(|| vec![1; count], <[i64]>::to_vec))
		};
		call.attributes.ignore("pads");
		let narrow = |value: i64| u32::try_from(value).map_err(|_| Refusal::Bad("window"));
		let (strides, dilations) = (ints("strides")?, ints("dilations")?);
		let axis = |(stride, dilation): (&i64, &i64)| {
			let (stride, dilation) = (narrow(*stride)?, narrow(*dilation)?);
			Ok(WindowAxis { stride, dilation, before: 0, after: 0 })
		};
		strides.iter().zip(&dilations).map(axis).collect::<Result<Vec<_>, Refusal>>()?
	} else {
		window(e, call, x, kernel.clone())?.axes
	};
	if axes.len() != count || extra.len() != count {
		return Err(Refusal::Bad("window"));
	}
	let mut output_padding = Vec::new();
	for (at, ((axis, extra), kernel)) in axes.iter_mut().zip(&extra).zip(&kernel).enumerate() {
		let bounded = |value: &i64| (0..=i64::from(i32::MAX)).contains(value);
		let mut added = *extra;
		if !bounded(&added) || !bounded(kernel) || axis.stride > 1 << 24 || axis.dilation > 1 << 24
		{
			return Err(Refusal::Unsupported("so large a window"));
		}
		if stated.is_some() || auto.starts_with("SAME") {
			let extent = e.extent(x, at.saturating_add(2))?;
			let stride = i64::from(axis.stride);
			// The wanted extents may be stated with or without batch and channels.
			let wanted = match stated {
				Some(stated) => {
					let from = stated.len().saturating_sub(count).saturating_add(at);
					let wanted = stated.get(from).filter(|wanted| bounded(wanted));
					*wanted.ok_or(Refusal::Bad("output_shape"))?
				},
				None => extent * stride,
			};
			let span = (kernel - 1) * i64::from(axis.dilation) + 1;
			let mut total = stride * (extent - 1) + added + span - wanted;
			if total < 0 {
				// Not even without padding: the output is extended instead.
				added -= total;
				total = 0;
			}
			let less = total / 2;
			let (before, after) =
				if auto == "SAME_UPPER" { (less, total - less) } else { (total - less, less) };
			let narrow = |value: i64| u32::try_from(value).map_err(|_| Refusal::Bad("pads"));
			(axis.before, axis.after) = (narrow(before)?, narrow(after)?);
		}
		output_padding.push(u32::try_from(added).map_err(|_| Refusal::Bad("output_padding"))?);
	}
	let operands: Vec<Value> = [Some(x), Some(w), call.maybe(2)].into_iter().flatten().collect();
	e.push(Op::ConvTranspose { group: group(call)?, axes, output_padding }, &operands)
}

//! Pooling. A greatest element is an index and a gather; a mean is exact.

use assay_canon::{
	op::{Op, PoolAxis},
	symbol::Dim,
	tensor::DType,
};

use super::{
	linear::window,
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
	let spatial = |e: &Emitter| -> Result<(Value, Vec<usize>), Refusal> {
		let x = call.input(0)?;
		Ok((x, (2..e.rank(x)?).collect()))
	};
	let value = match call.operator {
		"MaxPool" => return max_pool(e, call).map(Some),
		"AveragePool" => average_pool(e, call)?,
		"LpPool" => lp_pool(e, call)?,
		"GlobalAveragePool" => {
			let (x, axes) = spatial(e)?;
			reduce(e, x, Kind::Mean, &axes, true)?
		},
		"GlobalMaxPool" => {
			let (x, axes) = spatial(e)?;
			reduce(e, x, Kind::Max, &axes, true)?
		},
		"GlobalLpPool" => {
			let (x, axes) = spatial(e)?;
			let kind = match call.attributes.int("p", 2)? {
				1 => Kind::L1,
				2 => Kind::L2,
				_ => return Err(Refusal::Unsupported("p")),
			};
			reduce(e, x, kind, &axes, true)?
		},
		_ => return Ok(None),
	};
	Ok(Some(vec![value]))
}

/// The window of a pooling node.
fn axes(e: &Emitter, call: &Call) -> Result<(Vec<PoolAxis>, bool), Refusal> {
	let x = call.input(0)?;
	let kernel = call.attributes.ints("kernel_shape")?.ok_or(Refusal::Bad("kernel_shape"))?;
	if kernel.len().saturating_add(2) != e.rank(x)? {
		return Err(Refusal::Bad("kernel_shape"));
	}
	let window = window(e, call, x, kernel.to_vec())?;
	let axis = |(kernel, window): (&i64, _)| {
		let kernel = u32::try_from(*kernel).map_err(|_| Refusal::Bad("kernel_shape"))?;
		Ok(PoolAxis { kernel, window })
	};
	let axes: Result<Vec<PoolAxis>, Refusal> =
		window.kernel.iter().zip(window.axes).map(axis).collect();
	Ok((axes?, call.attributes.flag("ceil_mode", false)?))
}

/// The greatest elements, and their indices if they are wanted.
fn max_pool(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let x = call.input(0)?;
	let (axes, ceil) = axes(e, call)?;
	let column_major = call.attributes.flag("storage_order", false)?;
	let indices = e.push(Op::MaxPool { axes, ceil }, &[x])?;
	let dims = e.dims(x)?;
	let flat = e.reshape(x, &[product(&dims)?])?;
	let values = e.push(Op::Gather { axis: 0 }, &[flat, indices])?;
	let mut outputs = vec![values];
	if call.wants(1) {
		outputs.push(if column_major { transposed(e, &dims, indices)? } else { indices });
	}
	Ok(outputs)
}

/// Row-major indices as indices into the planes transposed.
fn transposed(e: &mut Emitter, dims: &[Dim], indices: Value) -> Made {
	let [_, _, rows, columns] = dims else {
		return Err(Refusal::Unsupported("storage_order of such a rank"));
	};
	if !rows.is_constant() || !columns.is_constant() {
		return Err(Refusal::NotAffine("the extents of the plane"));
	}
	let [rows, columns] = [rows, columns].map(|dim| dim.constant);
	let (height, width) = (e.integer(DType::Int64, rows)?, e.integer(DType::Int64, columns)?);
	let line = e.div(indices, width)?;
	let column = e.push(Op::Mod { truncated: true }, &[indices, width])?;
	let row = e.push(Op::Mod { truncated: true }, &[line, height])?;
	let plane = e.div(line, height)?;
	let plane = e.mul(plane, width)?;
	let major = e.add(plane, column)?;
	let major = e.mul(major, height)?;
	e.add(major, row)
}

fn average_pool(e: &mut Emitter, call: &Call) -> Made {
	let (axes, ceil) = axes(e, call)?;
	let include_pad = call.attributes.flag("count_include_pad", false)?;
	e.push(Op::AveragePool { axes, ceil, include_pad }, &[call.input(0)?])
}

/// The norm of each window: the mean of powers, padding counted, times the size of the window.
fn lp_pool(e: &mut Emitter, call: &Call) -> Made {
	let x = call.input(0)?;
	let power = call.attributes.int("p", 2)?;
	let (axes, ceil) = axes(e, call)?;
	if ceil {
		// A window cut off at the end would be divided by less than its size.
		return Err(Refusal::Unsupported("ceil_mode"));
	}
	let size: u64 = axes.iter().map(|axis| u64::from(axis.kernel)).product();
	let raised = match power {
		1 => e.abs(x)?,
		2 => e.mul(x, x)?,
		_ => return Err(Refusal::Unsupported("p")),
	};
	let mean = e.push(Op::AveragePool { axes, ceil, include_pad: true }, &[raised])?;
	let size = e.integer(DType::Float32, size as i64)?;
	let total = e.mul(mean, size)?;
	if power == 2 {
		e.sqrt(total)
	} else {
		Ok(total)
	}
}

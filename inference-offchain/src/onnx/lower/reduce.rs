//! Reductions over axes. Sums and means are exact; extremes are an index and a gather.

use assay_canon::{
	graph::MAX_OPERANDS, limits::ONE_OPERAND_TERMS, op::Op, symbol::Dim, tensor::DType,
};

use super::{axes_of, select::extreme, shape::product, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::{small, small_axes, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// What is made of the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
	/// Their sum.
	Sum,
	/// Their mean.
	Mean,
	/// The sum of their squares.
	SumSquare,
	/// Their product.
	Product,
	/// The greatest.
	Max,
	/// The least.
	Min,
	/// The sum of their magnitudes.
	L1,
	/// The root of the sum of their squares.
	L2,
	/// The logarithm of their sum.
	LogSum,
	/// The logarithm of the sum of their exponentials.
	LogSumExp,
}

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let kind = match call.operator {
		"ReduceSum" => Kind::Sum,
		"ReduceMean" => Kind::Mean,
		"ReduceSumSquare" => Kind::SumSquare,
		"ReduceProd" => Kind::Product,
		"ReduceMax" => Kind::Max,
		"ReduceMin" => Kind::Min,
		"ReduceL1" => Kind::L1,
		"ReduceL2" => Kind::L2,
		"ReduceLogSum" => Kind::LogSum,
		"ReduceLogSumExp" => Kind::LogSumExp,
		_ => return Ok(None),
	};
	let x = call.input(0)?;
	let rank = e.rank(x)?;
	// Axes became an operand in operator set 13 for sums, in 18 for the others.
	let since = if kind == Kind::Sum { 13 } else { 18 };
	let given = super::shape::axes(e, call, since)?;
	let noop = call.attributes.flag("noop_with_empty_axes", false)?;
	let keep = call.attributes.flag("keepdims", true)?;
	let axes = match given {
		Some(axes) if !axes.is_empty() => axes_of(&axes, rank)?,
		_ if noop => Vec::new(),
		_ => (0..rank).collect(),
	};
	Ok(Some(vec![reduce(e, x, kind, &axes, keep)?]))
}

/// The reduction of `x` over ascending axes, kept with extent 1 or not.
pub(super) fn reduce(e: &mut Emitter, x: Value, kind: Kind, axes: &[usize], keep: bool) -> Made {
	match kind {
		Kind::Sum => sum(e, x, axes, keep, false),
		Kind::Mean => mean(e, x, axes, keep),
		Kind::SumSquare => {
			if e.dtype(x)? == DType::Float32 && is_long(e, x, axes)? {
				let squares = e.mul(x, x)?;
				return sum(e, squares, axes, keep, false);
			}
			e.push(Op::ReduceSumSquare { axes: small_axes(axes)?, keep }, &[x])
		},
		Kind::L1 => {
			let magnitudes = e.abs(x)?;
			sum(e, magnitudes, axes, keep, false)
		},
		Kind::L2 => {
			let squares = reduce(e, x, Kind::SumSquare, axes, keep)?;
			let float = e.cast(squares, DType::Float32)?;
			let root = e.sqrt(float)?;
			let dtype = e.dtype(x)?;
			e.cast(root, dtype)
		},
		Kind::LogSum => {
			let total = sum(e, x, axes, keep, false)?;
			e.log(total)
		},
		Kind::LogSumExp => log_sum_exp(e, x, axes, keep),
		Kind::Product | Kind::Max | Kind::Min => fold_axes(e, x, kind, axes, keep),
	}
}

/// The number of elements that are reduced to one, if no symbol changes it.
fn count(e: &Emitter, x: Value, axes: &[usize]) -> Result<Option<i64>, Refusal> {
	let dims: Result<Vec<Dim>, Refusal> = axes.iter().map(|axis| e.dim(x, *axis)).collect();
	let product = product(&dims?).ok().filter(Dim::is_constant);
	Ok(product.map(|product| product.constant))
}

/// Whether one primitive cannot add so many float32.
fn is_long(e: &Emitter, x: Value, axes: &[usize]) -> Result<bool, Refusal> {
	let most = axes.iter().try_fold(1_i128, |product, axis| {
		Ok::<_, Refusal>(product.saturating_mul(e.range(&e.dim(x, *axis)?).1))
	})?;
	Ok(most > i128::from(ONE_OPERAND_TERMS))
}

fn mean(e: &mut Emitter, x: Value, axes: &[usize], keep: bool) -> Made {
	if e.dtype(x)? == DType::Float32 {
		return sum(e, x, axes, keep, true);
	}
	let count = count(e, x, axes)?.ok_or(Refusal::NotAffine("the number of elements"))?;
	let total = sum(e, x, axes, keep, false)?;
	let dtype = e.dtype(x)?;
	let count = e.integer(dtype, count)?;
	e.div(total, count)
}

/// The exact sum or mean, rounded once. Longer sums are exact partial sums, then rounded.
fn sum(e: &mut Emitter, x: Value, axes: &[usize], keep: bool, mean: bool) -> Made {
	if e.dtype(x)? != DType::Float32 || !is_long(e, x, axes)? {
		let axes = small_axes(axes)?;
		let op = if mean { Op::ReduceMean { axes, keep } } else { Op::ReduceSum { axes, keep } };
		return e.push(op, &[x]);
	}
	let count = count(e, x, axes)?.ok_or(Refusal::NotAffine("the length of a long sum"))?;
	if count > (ONE_OPERAND_TERMS as i64).saturating_mul(MAX_OPERANDS as i64) {
		return Err(Refusal::Unsupported("a sum of so many terms"));
	}
	let (line, result) = lines(e, x, axes, keep)?;
	let last = e.rank(line)?.saturating_sub(1);
	let mut parts = Vec::new();
	let mut start = 0;
	while start < count {
		let end = start.saturating_add(ONE_OPERAND_TERMS as i64).min(count);
		let part = e.slice_at(line, last, start, end)?;
		parts.push(e.push(Op::ReduceSumPartial { axes: vec![small(last)?] }, &[part])?);
		start = end;
	}
	let divisor = if mean { u32::try_from(count).unwrap_or(u32::MAX) } else { 1 };
	let rounded = e.push(Op::RoundSums { divisor }, &parts)?;
	e.reshape(rounded, &result)
}

/// `x` with the reduced axes moved behind the others and made one, and the shape of the result.
fn lines(
	e: &mut Emitter,
	x: Value,
	axes: &[usize],
	keep: bool,
) -> Result<(Value, Vec<Dim>), Refusal> {
	let dims = e.dims(x)?;
	let kept: Vec<usize> = (0..dims.len()).filter(|axis| !axes.contains(axis)).collect();
	let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
	let moved = e.transpose(x, &order)?;
	let pick = |axes: &[usize]| -> Vec<Dim> {
		axes.iter().filter_map(|axis| dims.get(*axis).cloned()).collect()
	};
	let mut flat = pick(&kept);
	flat.push(product(&pick(axes))?);
	let line = e.reshape(moved, &flat)?;
	let mut result = Vec::new();
	for (axis, dim) in dims.iter().enumerate() {
		match (axes.contains(&axis), keep) {
			(false, _) => result.push(dim.clone()),
			(true, true) => result.push(Dim::constant(1)),
			(true, false) => {},
		}
	}
	Ok((line, result))
}

/// Extremes and products: along one axis, which several axes are made first.
fn fold_axes(e: &mut Emitter, x: Value, kind: Kind, axes: &[usize], keep: bool) -> Made {
	if axes.is_empty() {
		return Ok(x);
	}
	if e.dtype(x)? == DType::Bool {
		let numbers = e.cast(x, DType::Uint8)?;
		let folded = fold_axes(e, numbers, kind, axes, keep)?;
		return e.cast(folded, DType::Bool);
	}
	let (line, result) = match axes {
		[axis] => {
			let mut result = e.dims(x)?;
			if keep {
				result.iter_mut().skip(*axis).take(1).for_each(|dim| *dim = Dim::constant(1));
			} else {
				result.remove(*axis);
			}
			(x, result)
		},
		_ => lines(e, x, axes, keep)?,
	};
	let axis = match axes {
		[axis] => *axis,
		_ => e.rank(line)?.saturating_sub(1),
	};
	let folded = match kind {
		Kind::Product => multiply(e, line, axis)?,
		_ if e.dim(line, axis)? == Dim::constant(0) => {
			return of_nothing(e, x, kind, &result);
		},
		_ => extreme(e, line, axis, kind == Kind::Max)?,
	};
	e.reshape(folded, &result)
}

/// The extreme of no elements: what any element exceeds.
fn of_nothing(e: &mut Emitter, x: Value, kind: Kind, dims: &[Dim]) -> Made {
	let dtype = e.dtype(x)?;
	let greatest = kind == Kind::Min;
	let bound = match dtype {
		DType::Float32 if greatest => e.float(f32::INFINITY)?,
		DType::Float32 => e.float(f32::NEG_INFINITY)?,
		DType::Uint8 if greatest => e.integer(dtype, u8::MAX.into())?,
		DType::Uint8 | DType::Bool => e.integer(dtype, 0)?,
		_ => {
			let bits = (dtype.size() as u32).saturating_mul(8);
			let top = i64::MAX >> (64_u32.saturating_sub(bits));
			e.integer(dtype, if greatest { top } else { -top - 1 })?
		},
	};
	e.expand(bound, dims)
}

/// The product along an axis: halves are multiplied until one is left, an odd one joining last.
fn multiply(e: &mut Emitter, x: Value, axis: usize) -> Made {
	let mut rest = x;
	let mut odd: Option<Value> = None;
	let mut length = e.extent(x, axis)?;
	if length == 0 {
		let mut dims = e.dims(x)?;
		dims.iter_mut().skip(axis).take(1).for_each(|dim| *dim = Dim::constant(1));
		let dtype = e.dtype(x)?;
		let one = e.integer(dtype, 1)?;
		return e.expand(one, &dims);
	}
	while length > 1 {
		if length % 2 == 1 {
			let last = e.slice_at(rest, axis, length - 1, length)?;
			odd = Some(match odd {
				Some(odd) => e.mul(odd, last)?,
				None => last,
			});
		}
		let half = length / 2;
		let first = e.slice_at(rest, axis, 0, half)?;
		let second = e.slice_at(rest, axis, half, half * 2)?;
		rest = e.mul(first, second)?;
		length = half;
	}
	match odd {
		Some(odd) => e.mul(rest, odd),
		None => Ok(rest),
	}
}

/// m + log Σ exp(x − m), m being the greatest element, or 0 where that is infinite.
fn log_sum_exp(e: &mut Emitter, x: Value, axes: &[usize], keep: bool) -> Made {
	if axes.is_empty() {
		return Ok(x);
	}
	let empty = count(e, x, axes)? == Some(0);
	let greatest = fold_axes(e, x, Kind::Max, axes, true)?;
	let infinite = e.push(Op::IsInf { negative: true, positive: true }, &[greatest])?;
	let zero = e.float(0.0)?;
	let shift = e.choose(infinite, zero, greatest)?;
	let difference = if empty { x } else { e.sub(x, shift)? };
	let raised = e.exp(difference)?;
	let total = sum(e, raised, axes, true, false)?;
	let logarithm = e.log(total)?;
	let result = e.add(shift, logarithm)?;
	if keep {
		Ok(result)
	} else {
		e.squeeze(result, axes)
	}
}

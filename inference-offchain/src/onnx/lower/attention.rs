//! Attention and the rotation of positions.

use assay_canon::{
	op::{Op, SliceAxis},
	shape::Shape,
	symbol::Dim,
	tensor::DType,
};

use super::{linear, softmax::softmax, Call};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	fold::Known,
	shorthand::{small, Made},
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	match call.operator {
		"Attention" => attention(e, call).map(Some),
		"RotaryEmbedding" => Ok(Some(vec![rotary(e, call)?])),
		_ => Ok(None),
	}
}

/// `[batch, sequence, heads · size]` as `[batch, heads, sequence, size]`.
fn split_heads(e: &mut Emitter, x: Value, heads: Option<i64>) -> Made {
	if e.rank(x)? == 4 {
		return Ok(x);
	}
	let dims = e.dims(x)?;
	let [batch, sequence, hidden] = dims.as_slice() else {
		return Err(Refusal::Bad("operand rank"));
	};
	let heads = heads.filter(|heads| *heads > 0).ok_or(Refusal::Bad("number of heads"))?;
	let size = hidden.checked_divide(heads).ok_or(Refusal::Bad("number of heads"))?;
	let split = [batch.clone(), sequence.clone(), Dim::constant(heads), size];
	let split = e.reshape(x, &split)?;
	e.transpose(split, &[0, 2, 1, 3])
}

/// softmax(cap(Q · Kᵀ · scale) + mask) · V, by head.
fn attention(e: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let attributes = &call.attributes;
	let (q_heads, kv_heads) =
		(attributes.maybe_int("q_num_heads")?, attributes.maybe_int("kv_num_heads")?);
	if !matches!(attributes.int("softmax_precision", 1)?, 0 | 1) {
		return Err(Refusal::Unsupported("a softmax_precision other than float32"));
	}
	let flat = e.rank(call.input(0)?)? == 3;
	let q = split_heads(e, call.input(0)?, q_heads)?;
	let mut k = split_heads(e, call.input(1)?, kv_heads)?;
	let mut v = split_heads(e, call.input(2)?, kv_heads)?;
	if e.dtype(q)? != DType::Float32 {
		return Err(Refusal::Unsupported("operands that are not float32"));
	}
	let mut past = Dim::default();
	if let Some(key) = call.maybe(4) {
		past = e.dim(key, 2)?;
		k = e.concat(&[key, k], 2)?;
	}
	if let Some(value) = call.maybe(5) {
		v = e.concat(&[value, v], 2)?;
	}
	let size = e.extent(q, 3)?;
	let scale = match attributes.maybe_float("scale")? {
		Some(scale) => scale,
		None => (1.0 / (size as f64).sqrt()) as f32,
	};
	let mode = attributes.int("qk_matmul_output_mode", 0)?;
	let transposed = e.transpose_last(k)?;
	let product = by_group(e, q, transposed)?;
	let mut scores = e.mul_float(product, scale)?;
	let mut shown = scores;
	let cap = attributes.float("softcap", 0.0)?;
	if cap > 0.0 {
		let number = e.float(cap)?;
		let scaled = e.div(scores, number)?;
		let bent = e.tanh(scaled)?;
		scores = e.mul(bent, number)?;
		if mode == 1 {
			shown = scores;
		}
	}
	for bias in biases(e, call, [&e.dim(q, 2)?, &e.dim(k, 2)?], &past)? {
		scores = e.add(scores, bias)?;
	}
	if mode == 2 {
		shown = scores;
	}
	let last = e.rank(scores)?.saturating_sub(1);
	let weights = softmax(e, scores, last)?;
	if mode == 3 {
		shown = weights;
	}
	let mut y = by_group(e, weights, v)?;
	if flat {
		let (batch, sequence) = (e.dim(y, 0)?, e.dim(y, 2)?);
		let hidden = e.extent(y, 1)?.saturating_mul(e.extent(y, 3)?);
		y = e.transpose(y, &[0, 2, 1, 3])?;
		y = e.reshape(y, &[batch, sequence, Dim::constant(hidden)])?;
	}
	Ok(vec![y, k, v, shown])
}

/// The product of each head of `a` with its head of `b`, which several heads may share.
fn by_group(e: &mut Emitter, a: Value, b: Value) -> Made {
	let (heads, groups) = (e.extent(a, 1)?, e.extent(b, 1)?);
	if heads == groups {
		return linear::product(e, a, b);
	}
	if groups < 1 || heads % groups != 0 {
		return Err(Refusal::Bad("number of heads"));
	}
	let dims = e.dims(a)?;
	let [batch, _, rows, columns] = dims.as_slice() else { return Err(Refusal::Bad("rank")) };
	let grouped = [
		batch.clone(),
		Dim::constant(groups),
		Dim::constant(heads / groups),
		rows.clone(),
		columns.clone(),
	];
	let a = e.reshape(a, &grouped)?;
	let b = e.unsqueeze(b, &[2])?;
	let product = linear::product(e, a, b)?;
	let result = [batch.clone(), Dim::constant(heads), rows.clone(), e.dim(product, 4)?];
	e.reshape(product, &result)
}

/// What is added to the scores: 0, −∞, or what a mask of float32 says.
fn biases(
	e: &mut Emitter,
	call: &Call,
	[queries, keys]: [&Dim; 2],
	past: &Dim,
) -> Result<Vec<Value>, Refusal> {
	let (zero, never) = (e.float(0.0)?, e.float(f32::NEG_INFINITY)?);
	let mut biases = Vec::new();
	if let Some(mask) = call.maybe(3) {
		let bias = match e.dtype(mask)? {
			DType::Bool => e.choose(mask, zero, never)?,
			_ => mask,
		};
		// A mask may be shorter than the keys: those beyond are never seen.
		let axis = e.rank(bias)?.checked_sub(1).ok_or(Refusal::Bad("mask"))?;
		let missing = keys.checked_sub(&e.dim(bias, axis)?).ok_or(Refusal::Bad("mask"))?;
		let broadcast = e.dim(bias, axis)? == Dim::constant(1);
		if missing == Dim::default() || broadcast {
			biases.push(bias);
		} else {
			let mut dims = e.dims(bias)?;
			dims.iter_mut().skip(axis).for_each(|dim| *dim = missing.clone());
			let rest = e.expand(never, &dims)?;
			biases.push(e.concat(&[bias, rest], axis)?);
		}
	}
	let columns = e.push(Op::Iota { dims: vec![Dim::constant(1), keys.clone()], axis: 1 }, &[])?;
	if call.attributes.flag("is_causal", false)? {
		let rows =
			e.push(Op::Iota { dims: vec![queries.clone(), Dim::constant(1)], axis: 0 }, &[])?;
		let past =
			Known { dtype: DType::Int64, shape: Shape::scalar(), elements: vec![past.clone()] };
		let past = e.sizes(past)?;
		let rows = e.add(rows, past)?;
		let later = e.greater(columns, rows)?;
		biases.push(e.choose(later, never, zero)?);
	}
	if let Some(lengths) = call.maybe(6) {
		let lengths = e.cast(lengths, DType::Int64)?;
		let lengths = e.unsqueeze(lengths, &[1, 2, 3])?;
		let present = e.less(columns, lengths)?;
		biases.push(e.choose(present, zero, never)?);
	}
	Ok(biases)
}

/// Pairs of elements rotated by the angles of their positions.
fn rotary(e: &mut Emitter, call: &Call) -> Made {
	let original = e.dims(call.input(0)?)?;
	let interleaved = call.attributes.flag("interleaved", false)?;
	let heads = call.attributes.maybe_int("num_heads")?;
	let x = split_heads(e, call.input(0)?, heads)?;
	let size = e.extent(x, 3)?;
	let rotated = match call.attributes.int("rotary_embedding_dim", 0)? {
		0 => size,
		part => part,
	};
	if rotated < 2 || rotated % 2 != 0 || rotated > size {
		return Err(Refusal::Bad("rotary_embedding_dim"));
	}
	let mut caches = Vec::new();
	for number in [1, 2] {
		let mut cache = call.input(number)?;
		if let Some(positions) = call.maybe(3) {
			cache = e.push(Op::Gather { axis: 0 }, &[cache, positions])?;
		}
		// [batch, sequence, half] beside [batch, heads, sequence, half].
		caches.push(e.unsqueeze(cache, &[1])?);
	}
	let [cosine, sine] = caches.as_slice() else { return Err(Refusal::Bad("caches")) };
	let turned = e.slice_at(x, 3, 0, rotated)?;
	let half = rotated / 2;
	let (first, second) = if interleaved {
		(every_second(e, turned, 0, half)?, every_second(e, turned, 1, half)?)
	} else {
		(e.slice_at(turned, 3, 0, half)?, e.slice_at(turned, 3, half, rotated)?)
	};
	let (a, b) = (e.mul(*cosine, first)?, e.mul(*sine, second)?);
	let real = e.sub(a, b)?;
	let (a, b) = (e.mul(*sine, first)?, e.mul(*cosine, second)?);
	let imaginary = e.add(a, b)?;
	let mut result = if interleaved {
		let dims = e.dims(turned)?;
		let (real, imaginary) = (e.unsqueeze(real, &[4])?, e.unsqueeze(imaginary, &[4])?);
		let pairs = e.concat(&[real, imaginary], 4)?;
		e.reshape(pairs, &dims)?
	} else {
		e.concat(&[real, imaginary], 3)?
	};
	if rotated < size {
		let rest = e.slice_at(x, 3, rotated, size)?;
		result = e.concat(&[result, rest], 3)?;
	}
	if original.len() == 3 {
		result = e.transpose(result, &[0, 2, 1, 3])?;
	}
	e.reshape(result, &original)
}

fn every_second(e: &mut Emitter, x: Value, start: i64, count: i64) -> Made {
	let (start, count) = (Dim::constant(start), Dim::constant(count));
	let axes = vec![SliceAxis { axis: small(3)?, start, count, step: 2 }];
	e.push(Op::Slice { axes }, &[x])
}

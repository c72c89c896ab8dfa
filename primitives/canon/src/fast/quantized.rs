//! Quantized primitives: sums of 8-bit products are exact in float64.

use core::ops::Range;

use rayon::prelude::*;

use super::{
	block::{Buffers, Panel},
	convolution::windows,
	job::{Job, CHUNK},
	matrix::batch,
	panel::Matrix,
	product::{compute, Product},
	rounding::canonical,
};
use crate::{
	arith::{float::requantize, F32},
	op::Op,
	tensor::{DType, Element, View},
};

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	match &job.node.op {
		Op::MatMulInteger => products(job, [0, 2], [1, 3], |_| Some(plain)),
		Op::ConvInteger { .. } => convolution(job, [0, 2], [1, 3], |_| Some(plain)),
		Op::QLinearMatMul => products(job, [0, 2], [3, 5], |_| {
			let scale = Scale::new(job)?;
			Some(move |sum, row, column| scale.apply(sum, row, column, row))
		}),
		Op::QLinearConv { .. } => convolution(job, [0, 2], [3, 5], |first| {
			let scale = Scale::new(job)?;
			let bias = parameters(job, 8);
			Some(move |sum: i64, row: usize, _: usize| {
				let channel = first.wrapping_add(row);
				let bias =
					bias.as_ref().and_then(|bias| pick(bias, channel)).map_or(0, Element::to_i64);
				scale.apply(sum.wrapping_add(bias), 0, channel, 0)
			})
		}),
		Op::QuantizeLinear { axis } => quantize(job, usize::from(*axis)),
		Op::DequantizeLinear { axis } => dequantize(job, usize::from(*axis)),
		_ => None,
	}
}

/// An int32 sum as it is.
fn plain(sum: i64, _row: usize, _column: usize) -> Element {
	Element::integer(DType::Int32, sum)
}

/// The scalar or vector that an operand is.
fn parameters(job: &Job, operand: usize) -> Option<Vec<Element>> {
	let tensor = job.operands.get(operand)?;
	(0..tensor.shape().count()).map(|index| tensor.at(index)).collect()
}

/// The parameter of an index: a scalar is that of each.
fn pick(parameters: &[Element], index: usize) -> Option<Element> {
	match parameters {
		[only] => Some(*only),
		all => all.get(index).copied(),
	}
}

/// How a sum becomes an output of QLinearMatMul or QLinearConv.
struct Scale {
	left: Vec<Element>,
	right: Vec<Element>,
	output: Vec<Element>,
	zero: Vec<Element>,
}

impl Scale {
	fn new(job: &Job) -> Option<Self> {
		let [left, right, output, zero] = [1, 4, 6, 7].map(|operand| parameters(job, operand));
		Some(Self { left: left?, right: right?, output: output?, zero: zero? })
	}

	fn apply(&self, sum: i64, left: usize, right: usize, output: usize) -> Element {
		let scale = |of: &[Element], index| pick(of, index).map_or(F32::NAN, Element::to_f32);
		let (left, right) = (scale(&self.left, left), scale(&self.right, right));
		let steps = requantize(sum, left, right, scale(&self.output, output));
		let zero = pick(&self.zero, output).unwrap_or(Element::zero(DType::Uint8));
		Element::saturated(zero.dtype(), steps.saturating_add(zero.to_i64()))
	}
}

/// Where along `axis` a physical offset is.
fn along(view: &View, axis: usize, offset: usize) -> usize {
	let at = (offset as u64).checked_div(view.stride(axis)).unwrap_or(0);
	at.checked_rem(view.kind.shape.extent(axis)).unwrap_or(0) as usize
}

/// An 8-bit operand less its zero point, which lies along `axis` unless it is a scalar.
fn centered(job: &Job, [operand, zero]: [usize; 2], axis: usize) -> Option<Vec<i16>> {
	let (tensor, view) = (job.operands.get(operand)?, job.view(operand)?);
	let zeros = parameters(job, zero)?;
	let signed = match tensor.dtype() {
		DType::Int8 => true,
		DType::Uint8 => false,
		_ => return None,
	};
	let value = |byte: u8| if signed { i16::from(byte as i8) } else { i16::from(byte) };
	let centered = |(offset, byte): (usize, &u8)| {
		let zero = pick(&zeros, along(view, axis, offset))?.to_i64() as i16;
		// Both have nine bits.
		Some(value(*byte).wrapping_sub(zero))
	};
	if let [zero] = zeros.as_slice() {
		let zero = zero.to_i64() as i16;
		return Some(tensor.data().iter().map(|byte| value(*byte).wrapping_sub(zero)).collect());
	}
	tensor.data().iter().enumerate().map(centered).collect()
}

/// What `element` makes of the sums of a block.
fn finish<A: Panel, B: Panel>(
	_: &Product<A, B>,
	rows: &Range<usize>,
	columns: &Range<usize>,
	buffers: &Buffers,
	element: &impl Fn(i64, usize, usize) -> Element,
) -> Vec<u64> {
	let lines = buffers.product.chunks_exact(columns.len().max(1));
	let line = |(row, line): (usize, &[f64])| -> Vec<u64> {
		// At most 2¹⁵ products of magnitude 2¹⁷: the sums are exact.
		let sums = columns.clone().zip(line);
		sums.map(|(column, sum)| element(*sum as i64, row, column).bits()).collect()
	};
	rows.clone().zip(lines).flat_map(line).collect()
}

/// The low bytes of elements.
fn bytes(elements: &[u64], dtype: DType) -> Vec<u8> {
	elements.iter().flat_map(|bits| bits.to_le_bytes().into_iter().take(dtype.size())).collect()
}

/// Products of 8-bit matrices.
fn products<F: Fn(i64, usize, usize) -> Element + Sync>(
	job: &Job,
	left: [usize; 2],
	right: [usize; 2],
	element: impl Fn(usize) -> Option<F>,
) -> Option<Vec<u8>> {
	let ([left_number, _], [right_number, _]) = (left, right);
	let (a, b) = (job.view(left_number)?, job.view(right_number)?);
	let a_values = centered(job, left, a.kind.shape.rank().checked_sub(2)?)?;
	let b_values = centered(job, right, b.kind.shape.rank().checked_sub(1)?)?;
	// Rows are counted within each matrix, as parameters are.
	let batch = batch(a, b, &job.target(), false)?;
	let ([row, a_step], [column, b_step]) = (batch.left, batch.right);
	let product = |([left, right], place): &([usize; 2], super::product::Place)| Product {
		left: Matrix { data: &a_values, start: *left, line: row, step: a_step },
		right: Matrix { data: &b_values, start: *right, line: column, step: b_step },
		bias: None,
		place: *place,
	};
	let products: Vec<_> = batch.starts.iter().map(product).collect();
	let element = element(0)?;
	let count = usize::try_from(job.output.shape.count()).ok()?;
	let elements = compute(batch.size, &products, count, |product, rows, columns, buffers| {
		Some(finish(product, rows, columns, buffers, &element))
	})?;
	Some(bytes(&elements, job.output.dtype))
}

/// Convolutions of 8-bit tensors.
fn convolution<F: Fn(i64, usize, usize) -> Element + Sync>(
	job: &Job,
	left: [usize; 2],
	right: [usize; 2],
	element: impl Fn(usize) -> Option<F> + Sync,
) -> Option<Vec<u8>> {
	let ([x, _], [w, _]) = (left, right);
	let windows = windows(&job.node.op, job, x, w)?;
	let (x_values, w_values) = (centered(job, left, 0)?, centered(job, right, 0)?);
	let count = usize::try_from(job.output.shape.count()).ok()?;
	let product = |part| Product {
		left: windows.kernel(&w_values, part),
		right: windows.patches(&x_values, part),
		bias: None,
		place: part.place,
	};
	let products: Vec<_> = windows.parts.iter().map(product).collect();
	// The first output channel of each group, found again by the place of its product.
	let firsts: Vec<(u64, usize)> =
		windows.parts.iter().map(|part| (part.place.index, part.first)).collect();
	let elements = compute(windows.size, &products, count, |product, rows, columns, buffers| {
		let first = firsts.iter().find(|(index, _)| *index == product.place.index)?.1;
		Some(finish(product, rows, columns, buffers, &element(first)?))
	})?;
	Some(bytes(&elements, job.output.dtype))
}

fn quantize(job: &Job, axis: usize) -> Option<Vec<u8>> {
	let (x, view) = (job.floats(0)?, job.view(0)?);
	if job.operands.first()?.layout() != &job.node.layout {
		return None;
	}
	let (scales, zeros) = (parameters(job, 1)?, parameters(job, 2)?);
	let mut output = vec![0; x.len()];
	let pieces = output.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).enumerate();
	let piece = |(number, (to, from)): (usize, (&mut [u8], &[[u8; 4]]))| {
		let first = number.checked_mul(CHUNK)?;
		for ((offset, to), from) in (first..).zip(to).zip(from) {
			let index = if scales.len() == 1 { 0 } else { along(view, axis, offset) };
			let (scale, zero) = (pick(&scales, index)?.to_f32(), pick(&zeros, index)?);
			let steps = steps(f32::from_le_bytes(*from), scale);
			*to =
				Element::saturated(zero.dtype(), steps.saturating_add(zero.to_i64())).bits() as u8;
		}
		Some(())
	};
	pieces.map(piece).collect::<Option<()>>()?;
	Some(output)
}

/// The float32 quotient rounded half to even: [`F32::quantize`].
fn steps(x: f32, scale: F32) -> i64 {
	(x / f32::from_bits(scale.to_bits())).round_ties_even() as i64
}

fn dequantize(job: &Job, axis: usize) -> Option<Vec<u8>> {
	let (tensor, view) = (job.operands.first()?, job.view(0)?);
	if !tensor.dtype().is_byte_integer() || tensor.layout() != &job.node.layout {
		return None;
	}
	let signed = tensor.dtype() == DType::Int8;
	let (scales, zeros) = (parameters(job, 1)?, parameters(job, 2)?);
	let mut output = vec![[0; 4]; tensor.data().len()];
	let pieces = output.par_chunks_mut(CHUNK).zip(tensor.data().par_chunks(CHUNK)).enumerate();
	let piece = |(number, (to, from)): (usize, (&mut [[u8; 4]], &[u8]))| {
		let first = number.checked_mul(CHUNK)?;
		for ((offset, to), from) in (first..).zip(to).zip(from) {
			let index = if scales.len() == 1 { 0 } else { along(view, axis, offset) };
			let scale = f32::from_bits(pick(&scales, index)?.to_f32().to_bits());
			let value = if signed { i16::from(*from as i8) } else { i16::from(*from) };
			let steps = value.wrapping_sub(pick(&zeros, index)?.to_i64() as i16);
			// Nine bits times 24: the product is exact, its conversion the one rounding.
			*to = canonical((f64::from(steps) * f64::from(scale)) as f32);
		}
		Some(())
	};
	pieces.map(piece).collect::<Option<()>>()?;
	Some(output.into_flattened())
}

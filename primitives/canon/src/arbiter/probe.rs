//! D7: the probe, a run of the same graph on inputs moved by a millionth (PROTOCOL P2.5).
//!
//! Where that moves an output by more than the tolerance, rounding explains a deviation, and nobody
//! is slashed for it. The inputs that are committed to stay those of the job: each float32 element
//! of theirs is moved as it is read.

use alloc::vec::Vec;

use crate::{
	arith::F32,
	commitment::{digest, tag, Hash, Hasher, CHUNK},
	tensor::{DType, Tensor},
};

#[cfg(test)]
mod tests;

/// 1 + 2⁻²⁰.
const UP: F32 = F32::from_bits(0x3f80_0008);
/// 1 − 2⁻²⁰.
const DOWN: F32 = F32::from_bits(0x3f7f_fff0);

/// Input `number` of a graph as the probe with this seed reads it. Inputs are row-major.
pub fn perturbed<H: Hasher>(tensor: &Tensor, seed: &Hash, number: u32) -> Tensor {
	if tensor.dtype() != DType::Float32 {
		return tensor.clone();
	}
	let mut data = Vec::with_capacity(tensor.data().len());
	for (index, chunk) in (0_u32..).zip(tensor.data().chunks(CHUNK)) {
		data.extend(perturb::<H>(chunk, seed, number, index));
	}
	let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
	// There are as many bytes as before.
	Tensor::with_layout(kind, layout, data).unwrap_or_else(|| tensor.clone())
}

/// A chunk of a float32 input as the probe reads it. One hash has a bit for each of its elements.
pub(super) fn perturb<H: Hasher>(chunk: &[u8], seed: &Hash, number: u32, index: u32) -> Vec<u8> {
	let signs = digest::<H>(tag::PROBE, &[seed, &number.to_le_bytes(), &index.to_le_bytes()]);
	let signs =
		signs.iter().flat_map(|byte| (0..8).map(move |bit| byte.wrapping_shr(bit) & 1 == 1));
	// No element lies in two chunks.
	let (elements, _) = chunk.as_chunks();
	let moved = elements.iter().zip(signs).flat_map(|(bytes, is_down)| {
		let element = F32::from_bits(u32::from_le_bytes(*bytes));
		element.mul(if is_down { DOWN } else { UP }).to_bits().to_le_bytes()
	});
	moved.collect()
}

//! The probe: a second run of a graph that shows where rounding explains a deviation (PROTOCOL P2.5).
//!
//! Whatever an operator reads of a float32 tensor, be it an input, an initializer or the output of
//! another, is moved by up to a small part of itself, each element by its own amount. That is far
//! more than any sound implementation of an operator is off, so that where implementations may
//! disagree the outputs of the probe lie elsewhere; and they do so whatever makes them disagree: an
//! input that amplifies, sums that cancel, weights that were chosen for it. Three moves are larger,
//! where implementations are known to be off by more:
//!
//! - what is smaller than 2⁻⁶³ becomes nothing or its double, because products of such underflow;
//! - what a sum reads from 2⁴⁸ on is NaN, because sums of products of such may overflow on their way
//!   although their exact value is small;
//! - what an exponential has made moves by up to 2⁻²² besides, because approximations of functions
//!   that saturate are cut off there.
//!
//! Commitments stay those of the tensors as they are: elements are moved as they are read.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	arith::F32,
	commitment::{digest, tag, Hash, Hasher, CHUNK},
	graph::{Graph, Node, Source},
	op::Op,
	tensor::{DType, Tensor},
	tolerance::Tolerance,
};

#[cfg(test)]
mod tests;

/// The elements whose moves one hash decides, a byte for each.
const BLOCK: usize = 32;
/// The blocks of a chunk.
const BLOCKS: u32 = (CHUNK / (BLOCK * size_of::<f32>())) as u32;

/// 2⁻⁶³: what is smaller is unreliable.
const TINY: F32 = F32::from_bits(0x2000_0000);
/// 2⁴⁸: sums of products of what is as large may overflow.
const HUGE: F32 = F32::from_bits(0x5780_0000);
/// 2⁻²⁹: what an exponential has made is moved by so much, times what a byte says, besides.
const CUT: F32 = F32::from_bits(0x3100_0000);

/// What decides how a probe moves what is read.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Moves {
	/// What decides the amount for each element: nobody knew it when the input was chosen.
	pub seed: Hash,
	/// An element is moved by less than 2 to minus this, times itself.
	pub amplitude: u8,
}

impl Moves {
	/// The moves of a version's probes.
	///
	/// Cancellation may amplify what float32 rounds by the square of what it amplifies a move by: of
	/// a variance, for example, that is computed as the mean of squares less the square of the mean.
	/// So that such a deviation beyond 64 times a tolerance is never without a move beyond the
	/// tolerance itself, moves grow with it: they are about the geometric mean of it and 2⁻²³.
	pub fn of(seed: Hash, tolerance: &Tolerance) -> Self {
		let exponent = |bound: F32| bound.to_bits().wrapping_shr(23) & 0xff;
		let tolerance = exponent(tolerance.relative).max(exponent(tolerance.absolute));
		// The tolerance is 2 to this, less 127.
		let amplitude = 150_u32.saturating_sub(tolerance) / 2;
		Self { seed, amplitude: amplitude.clamp(16, 20) as u8 }
	}
}

/// How an operator reads one of its operands in a probe.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
	/// What decides the moves.
	pub moves: &'a Moves,
	/// The operand.
	pub source: &'a Source,
	/// The operator that has made it, if one has.
	pub maker: Option<&'a Op>,
	/// The operator that reads it.
	pub reader: &'a Op,
}

impl Reading<'_> {
	/// The operand as it is read.
	pub fn tensor<H: Hasher>(&self, tensor: &Tensor) -> Tensor {
		if tensor.dtype() != DType::Float32 {
			return tensor.clone();
		}
		let mut data = Vec::with_capacity(tensor.data().len());
		for (index, chunk) in (0_u32..).zip(tensor.data().chunks(CHUNK)) {
			data.extend(self.chunk::<H>(chunk, index));
		}
		let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
		// There are as many bytes as before.
		Tensor::with_layout(kind, layout, data).unwrap_or_else(|| tensor.clone())
	}

	/// A chunk of a float32 operand as it is read. No element lies in two chunks.
	pub fn chunk<H: Hasher>(&self, bytes: &[u8], index: u32) -> Vec<u8> {
		let (source, first) = (self.source.encode(), index.saturating_mul(BLOCKS));
		let (elements, _) = bytes.as_chunks::<4>();
		let mut moved = Vec::with_capacity(bytes.len());
		for (block, elements) in (first..).zip(elements.chunks(BLOCK)) {
			let moves = digest::<H>(tag::PROBE, &[&self.moves.seed, &source, &block.to_le_bytes()]);
			for (bytes, by) in elements.iter().zip(moves) {
				let element = F32::from_bits(u32::from_le_bytes(*bytes));
				moved.extend(self.element(element, by).to_bits().to_le_bytes());
			}
		}
		moved
	}

	/// An element as it is read, moved by what a byte says.
	fn element(&self, element: F32, by: u8) -> F32 {
		let magnitude = element.abs();
		let below = |bound: F32| magnitude.compare(bound).is_some_and(|order| order.is_lt());
		if self.reader.adds_up() && !below(HUGE) {
			return F32::NAN;
		}
		if !element.is_finite() {
			return element;
		}
		let times = times(by);
		if matches!(self.maker, Some(Op::Exp)) {
			return element.add(element.mul(self.part(times)).add(times.mul(CUT)));
		}
		if below(TINY) {
			return if times.is_negative() { element.mul(F32::ZERO) } else { element.add(element) };
		}
		let moved = element.add(element.mul(self.part(times)));
		// The greatest stay what they are.
		if moved.is_finite() {
			moved
		} else {
			element
		}
	}

	/// So many parts of 128 of the amplitude. It is exact.
	fn part(&self, times: F32) -> F32 {
		let exponent = 120_u32.saturating_sub(self.moves.amplitude.into());
		times.mul(F32::from_bits(exponent.wrapping_shl(23)))
	}
}

/// The odd number between −127 and 127 that a byte says.
fn times(by: u8) -> F32 {
	let size = F32::from_i64(i64::from(by & 0x7f | 1));
	if by < 0x80 {
		size
	} else {
		size.neg()
	}
}

/// What a node reads in the probe with these moves, of its operands as they are.
pub fn operands<H: Hasher>(
	graph: &Graph,
	node: &Node,
	operands: &[&Tensor],
	moves: &Moves,
) -> Vec<Tensor> {
	let read = |(source, tensor): (&Source, &&Tensor)| {
		let maker = match source {
			Source::Slot(slot) => graph.nodes.get(slot.node as usize).map(|node| &node.op),
			Source::Input(_) | Source::Initializer(_) => None,
		};
		Reading { moves, source, maker, reader: &node.op }.tensor::<H>(tensor)
	};
	node.inputs.iter().zip(operands).map(read).collect()
}

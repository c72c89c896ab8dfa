//! One node to run: its operands, and the element function to fall back to.

use core::sync::atomic::{AtomicU64, Ordering};
use rayon::prelude::*;

use crate::{
	graph::Node,
	ops::{self, Inputs, Stop, Task},
	shape::Coordinates,
	symbol::Bindings,
	tensor::{DType, Element, Tensor, TensorType, View},
};

/// Elements that one thread computes at a time.
pub(super) const CHUNK: usize = 1 << 13;

/// A float32 in memory.
pub(super) type Word = [u8; 4];

/// How many elements were computed, and how many of them with more than float64.
#[derive(Debug, Default)]
pub(super) struct Counters {
	/// Elements of all slots.
	pub(super) elements: AtomicU64,
	/// Elements that float64 left undecided.
	pub(super) undecided: AtomicU64,
	/// Undecided elements that went to the exact definition.
	pub(super) exact: AtomicU64,
}

impl Counters {
	/// Counts one more.
	pub(super) fn count(counter: &AtomicU64) {
		counter.fetch_add(1, Ordering::Relaxed);
	}
}

/// A node, its operands and what it is to make of them.
pub(super) struct Job<'a> {
	/// The node.
	pub(super) node: &'a Node,
	/// The values of the symbols.
	pub(super) bindings: &'a Bindings,
	/// Type and shape of the output.
	pub(super) output: &'a TensorType,
	/// The tensors that the node reads.
	pub(super) operands: &'a [&'a Tensor],
	/// Where the elements of each lie.
	pub(super) views: Vec<View>,
	/// What is counted.
	pub(super) counters: &'a Counters,
}

impl<'a> Job<'a> {
	/// The place of each element of the output.
	pub(super) fn target(&self) -> View {
		View::new(self.output, &self.node.layout)
	}

	/// An operand's place of elements.
	pub(super) fn view(&self, operand: usize) -> Option<&View> {
		self.views.get(operand)
	}

	/// The elements of a float32 operand, in the order of its layout.
	pub(super) fn floats(&self, operand: usize) -> Option<&'a [Word]> {
		let tensor = self.operands.get(operand)?;
		(tensor.dtype() == DType::Float32).then(|| tensor.data().as_chunks().0)
	}

	/// The output's element at a row-major index, by the definition.
	pub(super) fn exact(&self, index: u64) -> Result<Element, Stop> {
		let task = Task { op: &self.node.op, bindings: self.bindings, output: self.output };
		ops::element(&task, index, &mut Reader { job: self })
	}

	/// A float32 of the output that float64 left undecided, by the definition.
	pub(super) fn undecided(&self, index: u64) -> Option<f32> {
		Counters::count(&self.counters.undecided);
		Counters::count(&self.counters.exact);
		self.exact(index).ok().map(|element| f32::from_bits(element.to_f32().to_bits()))
	}

	/// The whole output by the definition, or the first element that has no value and why.
	pub(super) fn by_definition(&self) -> Result<Vec<u8>, (u64, Stop)> {
		let size = self.output.dtype.size();
		let length = usize::try_from(self.output.bytes()).map_err(|_| (0, Stop::Malformed))?;
		let order = self.node.layout.order(self.output.shape.rank());
		let mut data = vec![0; length];
		let pieces = data.par_chunks_mut(CHUNK.wrapping_mul(size)).enumerate();
		let stops = pieces.filter_map(|(piece, data)| {
			let first = piece.wrapping_mul(CHUNK) as u64;
			let places = (first..).zip(data.chunks_exact_mut(size));
			places
				.filter_map(|(offset, place)| self.put(&order, offset, place).err())
				.min_by_key(|(index, _)| *index)
		});
		// The first in row-major order, whichever thread found one.
		match stops.min_by_key(|(index, _)| *index) {
			Some(stop) => Err(stop),
			None => Ok(data),
		}
	}

	/// Writes the element at a physical offset.
	fn put(&self, order: &[usize], offset: u64, place: &mut [u8]) -> Result<(), (u64, Stop)> {
		let index = if self.node.layout.is_row_major() {
			offset
		} else {
			let mut at = Coordinates::zero(self.output.shape.rank());
			let mut rest = offset;
			for axis in order.iter().rev() {
				let extent = self.output.shape.extent(*axis);
				at.set(*axis, rest.checked_rem(extent).unwrap_or(0));
				rest = rest.checked_div(extent).unwrap_or(0);
			}
			at.index(&self.output.shape)
		};
		let element = self.exact(index).map_err(|stop| (index, stop))?;
		if element.dtype() != self.output.dtype {
			return Err((index, Stop::Malformed));
		}
		place.iter_mut().zip(element.bits().to_le_bytes()).for_each(|(to, from)| *to = from);
		Ok(())
	}

	/// An operand's elements as integers, in row-major order.
	pub(super) fn integers(&self, operand: usize) -> Option<Vec<i64>> {
		let tensor = self.operands.get(operand)?;
		let all = (0..tensor.shape().count()).map(|index| Some(tensor.at(index)?.to_i64()));
		all.collect()
	}
}

/// Reads the operands of a job for the element function.
struct Reader<'a, 'b> {
	job: &'a Job<'b>,
}

impl Inputs for Reader<'_, '_> {
	fn count(&self) -> usize {
		self.job.operands.len()
	}

	fn view(&self, operand: usize) -> Option<&View> {
		self.job.views.get(operand)
	}

	#[inline]
	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop> {
		let tensor = self.job.operands.get(operand).ok_or(Stop::Missing)?;
		tensor.at_offset(offset).ok_or(Stop::Missing)
	}
}

//! Batch jobs: many independent items under one root (PROTOCOL P5.6).
//!
//! Each item is a job at batch 1 of its own, with a root of its inputs and a root of its outputs as
//! any job has. The roots of all items, 32 bytes each, are the rows of one uint8 tensor `[items, 32]`,
//! and the batch is committed to as the list of that one tensor. So whatever opens a chunk of a
//! tensor opens the roots of 32 items.

use crate::{
	availability::{answer, AnswerBytes, AnswerError, Committed, Place, Shown, Side},
	commitment::{faulted_root, tensors_root},
	ids::{JobId, Root},
	job::{Input, Output},
	tensor::{decode_tensors, DType, Tensor, TensorError, TensorSpec},
};
use alloc::vec::Vec;
use assay_canon::commitment::CHUNK;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The most items of a batch.
pub const MAX_ITEMS: u32 = 65_536;

/// The bytes of a root.
const ROOT: usize = 32;
/// The items whose roots one chunk holds.
const PER_CHUNK: u32 = (CHUNK / ROOT) as u32;

/// The roots of the inputs, or of the outputs, of a batch's items, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemRoots {
	tensor: Tensor,
}

impl ItemRoots {
	/// The list of these roots; `None` without any, or with more than [`MAX_ITEMS`].
	pub fn new(roots: &[Root]) -> Option<Self> {
		let items = u32::try_from(roots.len()).ok().filter(|items| is_batch(*items))?;
		let data = roots.iter().flat_map(|root| root.0).collect();
		let shape = alloc::vec![items, ROOT as u32];
		Tensor::new(DType::Uint8, shape, data).ok().map(|tensor| ItemRoots { tensor })
	}

	/// The commitment to the whole.
	pub fn root(&self) -> Root {
		tensors_root(core::slice::from_ref(&self.tensor))
	}

	/// What shows the root of an item: an encoded opening of its chunk. `None` without such an item.
	pub fn open(&self, index: u32) -> Option<Vec<u8>> {
		self.get(index)?;
		answer(core::slice::from_ref(&self.tensor), 1, &place(index))
	}

	/// The root of an item.
	pub fn get(&self, index: u32) -> Option<Root> {
		row(&self.tensor.data, index)
	}

	/// The answer to a demand for one of the chunks; `None` without such a chunk.
	pub fn about(&self, place: &Place) -> Option<Vec<u8>> {
		answer(core::slice::from_ref(&self.tensor), 1, place)
	}
}

/// An item of a batch that was answered, shown so that its result can be disputed.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct ItemOpening {
	/// The input of the item: inline, or by artifact where it is large.
	pub input: Input,
	/// The opening of its root under the root of the batch's inputs, as of [`ItemRoots::open`].
	pub input_proof: AnswerBytes,
	/// What the provider submitted of the item: inline, by artifact where it is large, or a fault.
	pub output: Output,
	/// The opening of its root under the root of the batch's outputs.
	pub output_proof: AnswerBytes,
}

/// An item of a batch that was opened, as clients read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ItemView {
	/// The number of the item in the batch.
	pub index: u32,
	/// The job that it is looked at as.
	pub job: JobId,
}

/// Whether so many items make a batch.
pub const fn is_batch(items: u32) -> bool {
	1 <= items && items <= MAX_ITEMS
}

/// What the root of a batch of so many items commits to.
pub fn committed(root: Root, items: u32) -> Committed {
	let shape = alloc::vec![items, ROOT as u32].try_into().unwrap_or_default();
	Committed { root, count: 1, kind: Some((DType::Uint8, shape)) }
}

/// The root of an item, as an encoded opening shows it under the root of its batch.
pub fn opened(root: Root, items: u32, index: u32, opening: &[u8]) -> Result<Root, AnswerError> {
	if index >= items {
		return Err(AnswerError::Elsewhere);
	}
	match committed(root, items).check(&place(index), opening)? {
		Shown::Chunk(bytes) => {
			let within = index.checked_rem(PER_CHUNK).ok_or(AnswerError::Elsewhere)?;
			row(&bytes, within).ok_or(AnswerError::Elsewhere)
		},
		Shown::Nothing => Err(AnswerError::Elsewhere),
	}
}

/// Where the root of an item lies. Whether it is of inputs or of outputs makes no difference.
fn place(index: u32) -> Place {
	let chunk = index.checked_div(PER_CHUNK).unwrap_or_default();
	Place { side: Side::Output, tensor: 0, chunk }
}

fn row(data: &[u8], index: u32) -> Option<Root> {
	let first = usize::try_from(index).ok()?.checked_mul(ROOT)?;
	let row = data.get(first..first.checked_add(ROOT)?)?;
	row.try_into().ok().map(Root)
}

/// What a provider answers to one item. The file of a batch's outputs is the SCALE encoding of a
/// `Vec` of these. The file of its inputs is the inputs of the items, each encoded as those of a job
/// by artifact are, one after the other: they have the same shapes, and so the same length.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ItemOutput {
	/// The SCALE encoding of `Vec<Tensor>`.
	Tensors(Vec<u8>),
	/// The run ends early, as of [`crate::job::Output::Fault`].
	Fault {
		/// Number of the slot of the canonical trace in which it ends.
		slot: u32,
		/// Row-major index of the slot's first element without a value.
		element: u64,
	},
}

impl ItemOutput {
	/// The root that the item is committed to by, if it is what the version declares.
	pub fn root(&self, specs: &[TensorSpec]) -> Result<Root, TensorError> {
		match self {
			ItemOutput::Tensors(bytes) => {
				decode_tensors(bytes, specs).map(|tensors| tensors_root(&tensors))
			},
			ItemOutput::Fault { slot, element } => Ok(faulted_root(*slot, *element)),
		}
	}
}

/// The outputs of a batch out of their file. What is allocated is bounded by the length of `bytes`.
pub fn decode_outputs(mut bytes: &[u8]) -> Option<Vec<ItemOutput>> {
	let items = Vec::<ItemOutput>::decode(&mut bytes).ok()?;
	bytes.is_empty().then_some(items)
}

/// The encoded inputs of an item out of the file of all; `None` without such an item, or of a file
/// that does not divide into so many.
pub fn item_of(inputs: &[u8], items: u32, index: u32) -> Option<&[u8]> {
	let (items, index) = (usize::try_from(items).ok()?, usize::try_from(index).ok()?);
	let whole = inputs.len().checked_rem(items)? == 0 && index < items;
	let length = inputs.len().checked_div(items).filter(|_| whole)?;
	let first = length.checked_mul(index)?;
	inputs.get(first..first.checked_add(length)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::availability::MAX_ANSWER;
	use proptest::prelude::*;

	fn roots(count: u32) -> Vec<Root> {
		(0..count).map(|at| Root([at as u8; 32])).collect()
	}

	#[test]
	fn every_item_is_opened_under_the_root_of_its_batch() {
		for count in [1, 31, 32, 33, 100, 10_000] {
			let list = ItemRoots::new(&roots(count)).unwrap();
			for index in (0..count).step_by(1 + count as usize / 50) {
				let opening = list.open(index).unwrap();
				assert!(opening.len() <= MAX_ANSWER as usize);
				let found = opened(list.root(), count, index, &opening);
				assert_eq!(found, Ok(Root([index as u8; 32])));
			}
		}
	}

	/// Somebody opens an item under the number of another one, or one that the batch has not.
	#[test]
	fn an_item_index_out_of_range_or_of_another_item_opens_nothing() {
		let list = ItemRoots::new(&roots(100)).unwrap();
		let opening = list.open(40).unwrap();
		assert_eq!(opened(list.root(), 100, 32, &opening), Ok(Root([32; 32])));
		assert_eq!(opened(list.root(), 100, 31, &opening), Err(AnswerError::Elsewhere));
		assert_eq!(opened(list.root(), 100, 100, &opening), Err(AnswerError::Elsewhere));
		assert_eq!(opened(list.root(), 100, u32::MAX, &opening), Err(AnswerError::Elsewhere));
		assert_eq!(list.open(100), None);
		assert_eq!(list.get(100), None);
	}

	/// A provider commits to fewer or more items than the request has.
	#[test]
	fn a_root_of_another_number_of_items_opens_nothing() {
		let list = ItemRoots::new(&roots(99)).unwrap();
		let opening = list.open(3).unwrap();
		assert_eq!(opened(list.root(), 100, 3, &opening), Err(AnswerError::WrongKind));
		assert_eq!(ItemRoots::new(&[]), None);
		assert_eq!(ItemRoots::new(&roots(MAX_ITEMS + 1)), None);
		assert!(ItemRoots::new(&roots(MAX_ITEMS)).is_some());
	}

	#[test]
	fn a_forged_opening_is_refused_at_every_byte() {
		let list = ItemRoots::new(&roots(70)).unwrap();
		let opening = list.open(65).unwrap();
		for at in 0..opening.len() {
			let mut forged = opening.clone();
			forged[at] ^= 1;
			assert!(opened(list.root(), 70, 65, &forged).is_err(), "byte {at}");
		}
	}

	#[test]
	fn the_file_of_inputs_is_cut_into_equal_items() {
		let bytes: Vec<u8> = (0..12).collect();
		assert_eq!(item_of(&bytes, 3, 1), Some(&bytes[4..8]));
		assert_eq!(item_of(&bytes, 3, 3), None);
		assert_eq!(item_of(&bytes, 5, 0), None);
		assert_eq!(item_of(&bytes, 0, 0), None);
	}

	proptest! {
		#[test]
		fn any_bytes_are_outputs_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
			if let Some(items) = decode_outputs(&bytes) {
				prop_assert_eq!(items.encode(), bytes);
			}
		}

		#[test]
		fn any_bytes_open_an_item_or_nothing(
			bytes in prop::collection::vec(any::<u8>(), 0..300),
			index in 0u32..100,
		) {
			let list = ItemRoots::new(&roots(100)).unwrap();
			prop_assert!(opened(list.root(), 100, index, &bytes).is_err());
		}
	}
}

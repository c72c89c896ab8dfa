//! What is demanded on chain because it could not be fetched, and what answers a demand.

use crate::{
	commitment::HostBlake2b256,
	ids::{DemandId, JobId, Root},
	tensor::{byte_length, DType, Shape, Tensor},
	Balance, BlockNumber,
};
use alloc::vec::Vec;
use assay_canon::{
	arbiter::{submitted, Malformed, RawTensor, Submitted, SubmittedList, SubmittedTensor},
	commitment::{chunk_count, Blake2b256, CHUNK},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The longest answer in bytes. A chunk of a tensor of the largest kind takes less than 2,200.
pub const MAX_ANSWER: u32 = 4_096;

/// The bytes of a chunk.
pub type ChunkBytes = BoundedVec<u8, ConstU32<{ CHUNK as u32 }>>;

/// An encoded [`assay_canon::arbiter::SubmissionProof`].
pub type AnswerBytes = BoundedVec<u8, ConstU32<MAX_ANSWER>>;

/// Which tensors of a job are meant.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Side {
	/// Those that the requester committed to.
	Input,
	/// Those that the provider submitted.
	Output,
}

impl fmt::Display for Side {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Side::Input => "input",
			Side::Output => "output",
		})
	}
}

impl FromStr for Side {
	type Err = UnknownSide;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		match text {
			"input" => Ok(Side::Input),
			"output" => Ok(Side::Output),
			_ => Err(UnknownSide),
		}
	}
}

/// Text that is neither `input` nor `output`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownSide;

impl fmt::Display for UnknownSide {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected input or output")
	}
}

impl core::error::Error for UnknownSide {}

/// A chunk of a job's input or output.
#[derive(
	Clone,
	Copy,
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
pub struct Place {
	/// Whether it is of the input or of the output.
	pub side: Side,
	/// The number of the tensor in its list.
	pub tensor: u32,
	/// The number of the chunk in the tensor.
	pub chunk: u32,
}

/// What the chain knows of the tensors that a place is among.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Committed {
	/// The root of the list.
	pub root: Root,
	/// How many tensors it has by the version's declaration.
	pub count: u32,
	/// The type and the shape of the tensor, of an input: the request states them.
	pub kind: Option<(DType, Shape)>,
}

/// What an answer shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
	/// The chunk.
	Chunk(Vec<u8>),
	/// That what was submitted has no such chunk, so that there is nothing to wait for: it is no
	/// list of as many tensors as the version declares, or the tensor is of no type that the
	/// canonical arithmetic has, or has not so many chunks.
	Nothing,
}

impl Committed {
	/// Check an encoded answer about a place.
	pub fn check(&self, place: &Place, answer: &[u8]) -> Result<Shown, AnswerError> {
		let found = submitted::<HostBlake2b256>(&self.root.0, self.count, answer)
			.map_err(AnswerError::Malformed)?;
		let tensor = match found {
			Submitted::Tensor(tensor) if tensor.number() == place.tensor => tensor,
			Submitted::Tensor(_) | Submitted::Root(_) => return Err(AnswerError::Elsewhere),
			Submitted::OtherCount | Submitted::Fault(_) => return self.nothing(),
		};
		let chunk = u64::from(place.chunk);
		if !self.admits(&tensor) || tensor.kind().is_none_or(|kind| chunk >= chunk_count(kind)) {
			return self.nothing();
		}
		let bytes = tensor.chunk(chunk).ok_or(AnswerError::Elsewhere)?;
		Ok(Shown::Chunk(bytes.to_vec()))
	}

	/// Of an input the chain knows that the chunk is there: nothing else answers.
	fn nothing(&self) -> Result<Shown, AnswerError> {
		if self.kind.is_some() {
			return Err(AnswerError::WrongKind);
		}
		Ok(Shown::Nothing)
	}

	fn admits(&self, tensor: &SubmittedTensor) -> bool {
		let of = |(dtype, shape): &(DType, Shape)| {
			tensor.kind().is_some_and(|kind| {
				Some(kind.dtype) == dtype.canonical() && kind.shape.extents() == shape.as_slice()
			})
		};
		self.kind.as_ref().is_none_or(of)
	}
}

/// Why an answer is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerError {
	/// It shows nothing that was committed to.
	Malformed(Malformed),
	/// It shows another place, or none.
	Elsewhere,
	/// It shows an input that is not as the request states it.
	WrongKind,
}

/// The chunks of a tensor of this type and shape; `None` when they cannot be counted.
pub fn chunks(dtype: DType, shape: &[u32]) -> Option<u64> {
	byte_length(dtype, shape).map(|bytes| bytes.div_ceil(CHUNK as u64))
}

/// The answers of whoever has the tensors that were committed to. However many are given, the
/// tensors are hashed once.
pub struct Answers<'a> {
	list: SubmittedList<'a, Blake2b256>,
	/// How many tensors the version declares.
	count: u32,
}

impl<'a> Answers<'a> {
	/// The answers about tensors, of which the version declares `count`.
	pub fn new(tensors: &'a [Tensor], count: u32) -> Self {
		let raw = |tensor: &'a Tensor| RawTensor {
			dtype: tensor.dtype as u8,
			extents: &tensor.shape,
			data: &tensor.data,
		};
		Self { list: SubmittedList::new(tensors.iter().map(raw).collect()), count }
	}

	/// The encoded answer about a place; `None` if these are no tensors that have one.
	pub fn about(&self, place: &Place) -> Option<Vec<u8>> {
		let tensors = self.list.tensors();
		if usize::try_from(self.count) != Ok(tensors.len()) {
			return Some(self.list.prove_count());
		}
		let tensor = tensors.get(usize::try_from(place.tensor).ok()?)?;
		// Sizes divide the length of a chunk, so that each chunk begins with an element.
		let element = tensor.kind().and_then(|kind| {
			let there = u64::from(place.chunk) < chunk_count(&kind);
			let first = u64::from(place.chunk).checked_mul(CHUNK as u64)?;
			first.checked_div(kind.dtype.size() as u64).filter(|_| there)
		});
		self.list.prove(place.tensor, element).ok()
	}
}

/// One answer, as of [`Answers::about`].
pub fn answer(tensors: &[Tensor], count: u32, place: &Place) -> Option<Vec<u8>> {
	Answers::new(tensors, count).about(place)
}

/// A demand as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct DemandView<AccountId> {
	/// The demand.
	pub id: DemandId,
	/// The job.
	pub job: JobId,
	/// Who demands and has a price held.
	pub demander: AccountId,
	/// At whose cost it is if nobody answers: the provider, of an output; else the requester.
	pub respondent: AccountId,
	/// What is demanded.
	pub place: Place,
	/// What an answer is paid for, half of it.
	pub price: Balance,
	/// The last block in which it can be answered.
	pub due: BlockNumber,
}

/// Which demands to list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(default)]
pub struct DemandFilter<AccountId> {
	/// Only those about this job.
	pub job: Option<JobId>,
	/// Only those that this account is to have an answer for: the provider, and the requester of an
	/// input.
	pub party: Option<AccountId>,
}

impl<AccountId> Default for DemandFilter<AccountId> {
	fn default() -> Self {
		Self { job: None, party: None }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commitment::{faulted_root, tensors_root};
	use assay_canon::arbiter::{Chunk, Contents, SubmissionProof};
	use proptest::prelude::*;

	fn tensor(dtype: DType, shape: &[u32]) -> Tensor {
		let length = byte_length(dtype, shape).unwrap();
		let data = (0..length).map(|at| (at % 251) as u8).collect();
		Tensor { dtype, shape: shape.to_vec().try_into().unwrap(), data }
	}

	fn list() -> Vec<Tensor> {
		let (floats, bytes) = (tensor(DType::Float32, &[2, 300]), tensor(DType::Uint8, &[3_000]));
		vec![floats, bytes, tensor(DType::Int64, &[0])]
	}

	fn output(tensors: &[Tensor]) -> Committed {
		Committed { root: tensors_root(tensors), count: 3, kind: None }
	}

	fn place(tensor: u32, chunk: u32) -> Place {
		Place { side: Side::Output, tensor, chunk }
	}

	fn input(tensors: &[Tensor], number: usize) -> Committed {
		let of = &tensors[number];
		Committed { kind: Some((of.dtype, of.shape.clone())), ..output(tensors) }
	}

	#[test]
	fn every_chunk_answers_for_its_place_alone() {
		let list = list();
		for (number, tensor) in (0..).zip(&list) {
			let chunks: Vec<&[u8]> = tensor.data.chunks(CHUNK).collect();
			assert_eq!(chunks.len() as u64, super::chunks(tensor.dtype, &tensor.shape).unwrap());
			for (index, chunk) in (0..).zip(chunks) {
				let proof = answer(&list, 3, &place(number, index)).unwrap();
				assert!(proof.len() < MAX_ANSWER as usize);
				let shown = Ok(Shown::Chunk(chunk.to_vec()));
				assert_eq!(output(&list).check(&place(number, index), &proof), shown);
				assert_eq!(
					input(&list, number as usize).check(&place(number, index), &proof),
					shown
				);
				for other in [place(number, index ^ 1), place(number ^ 1, index)] {
					let found = output(&list).check(&other, &proof);
					// The type that it shows alone may tell that there is no other chunk.
					let none = other.tensor == number
						&& u64::from(other.chunk)
							>= super::chunks(tensor.dtype, &tensor.shape).unwrap();
					assert_eq!(
						found,
						if none { Ok(Shown::Nothing) } else { Err(AnswerError::Elsewhere) }
					);
				}
			}
		}
	}

	#[test]
	fn a_chunk_that_no_output_has_is_shown_to_be_none() {
		let list = list();
		for place in [place(0, 3), place(1, 3), place(2, 0), place(1, u32::MAX)] {
			let proof = answer(&list, 3, &place).unwrap();
			assert_eq!(output(&list).check(&place, &proof), Ok(Shown::Nothing));
		}
		assert_eq!(answer(&list, 3, &place(3, 0)), None);
	}

	#[test]
	fn another_number_of_outputs_is_an_answer_whatever_was_demanded() {
		let short = &list()[..2];
		let proof = answer(short, 3, &place(0, 0)).unwrap();
		assert_eq!(output(short).check(&place(0, 0), &proof), Ok(Shown::Nothing));
		assert!(output(&list()).check(&place(0, 0), &proof).is_err());
	}

	#[test]
	fn a_fault_and_a_type_without_arithmetic_hold_no_chunk() {
		let root = faulted_root(2, 9);
		let proof = SubmissionProof::Fault { slot: 2, element: 9 }.encode();
		let committed = Committed { root, count: 3, kind: None };
		assert_eq!(committed.check(&place(0, 0), &proof), Ok(Shown::Nothing));

		let strange = vec![tensor(DType::Float64, &[300])];
		let committed = Committed { count: 1, ..output(&strange) };
		let proof = answer(&strange, 1, &place(0, 0)).unwrap();
		assert_eq!(committed.check(&place(0, 0), &proof), Ok(Shown::Nothing));
	}

	/// A requester commits to another tensor than it states, and answers with that.
	#[test]
	fn an_input_of_another_type_than_stated_answers_nothing() {
		let list = list();
		let stated = Some((DType::Float32, Shape::try_from(vec![2, 301]).unwrap()));
		let committed = Committed { kind: stated, ..output(&list) };
		let proof = answer(&list, 3, &place(0, 0)).unwrap();
		assert_eq!(committed.check(&place(0, 0), &proof), Err(AnswerError::WrongKind));
		let short = &list[..2];
		let committed = Committed { root: tensors_root(short), ..input(&list, 0) };
		let proof = answer(short, 3, &place(0, 0)).unwrap();
		assert_eq!(committed.check(&place(0, 0), &proof), Err(AnswerError::WrongKind));
	}

	#[test]
	fn a_type_alone_does_not_stand_for_a_chunk_that_is_there() {
		let list = list();
		let proof = answer(&list, 3, &place(0, 3)).unwrap();
		assert_eq!(output(&list).check(&place(0, 0), &proof), Err(AnswerError::Elsewhere));
	}

	#[test]
	fn changed_bytes_answer_nothing() {
		let list = list();
		let proof = answer(&list, 3, &place(1, 2)).unwrap();
		for at in 0..proof.len() {
			let mut forged = proof.clone();
			forged[at] ^= 1;
			let found = output(&list).check(&place(1, 2), &forged);
			assert!(found.is_err(), "byte {at}: {found:?}");
		}
	}

	#[test]
	fn a_chunk_of_another_length_answers_nothing() {
		let list = list();
		let proof = answer(&list, 3, &place(1, 2)).unwrap();
		let SubmissionProof::Tensor { number, dtype, extents, contents, path } =
			SubmissionProof::decode(&mut proof.as_slice()).unwrap()
		else {
			panic!("no tensor")
		};
		let Contents::Opened { chunk: Chunk { index, mut bytes }, siblings } = contents else {
			panic!("no chunk")
		};
		bytes.push(0);
		let contents = Contents::Opened { chunk: Chunk { index, bytes }, siblings };
		let longer = SubmissionProof::Tensor { number, dtype, extents, contents, path }.encode();
		let found = output(&list).check(&place(1, 2), &longer);
		assert_eq!(found, Err(AnswerError::Malformed(Malformed::WrongChunkLength)));
	}

	proptest! {
		#[test]
		fn any_bytes_are_an_answer_or_an_error(
			bytes in prop::collection::vec(any::<u8>(), 0..300),
			kind in 0_u8..3,
		) {
			let mut bytes = bytes;
			bytes.insert(0, kind);
			prop_assert!(output(&list()).check(&place(0, 0), &bytes).is_err());
		}
	}
}

//! Proofs of what a run delivers, and of what was submitted.

use alloc::vec::Vec;
use codec::Encode;

use super::{Opened, ProveError, Prover};
use crate::{
	arbiter::{
		output::{Contents, OutputProof, OutputRoot, RawTensor, SubmissionProof},
		proof::{Chunk, NodeProof, Opening},
	},
	commitment::{
		chunk_leaf, tensor_root_from, tensor_root_of, GraphHeader, Hash, Hasher, Tree, CHUNK,
	},
	graph::Source,
	shape::Coordinates,
	tensor::Tensor,
};

impl<H: Hasher> Prover<'_, H> {
	/// The encoded [`OutputProof`] of the element of a declared output at a row-major index, and of
	/// its row if rows run along `axis`. If the run ended early, it is [`Self::ending`].
	pub fn output(
		&self,
		number: u32,
		element: u64,
		axis: Option<u8>,
	) -> Result<Vec<u8>, ProveError> {
		if self.material.run.fault.is_some() {
			return self.ending();
		}
		let node = self.declared(number)?;
		let tensor = self.material.run.slots.get(node as usize).ok_or(ProveError::NoSuchNode)?;
		let opened = open_row(tensor, element, axis).ok_or(ProveError::NoSuchElement)?;
		self.output_proof(number, self.opening(&Source::node(node), opened)?)
	}

	/// The encoded [`OutputProof`] of the type of a declared output.
	pub fn output_kind(&self, number: u32) -> Result<Vec<u8>, ProveError> {
		self.output_proof(number, Opening::default())
	}

	/// The encoded [`OutputProof`] of where the run ended early, or that it did not.
	pub fn ending(&self) -> Result<Vec<u8>, ProveError> {
		let proof = match self.material.run.fault {
			Some(fault) => {
				let header = self.committed.header().clone();
				let trace_path = self.trace.multiproof(&[fault.slot.into()]);
				OutputProof::Fault { header, slot: fault.slot, element: fault.element, trace_path }
			},
			None => {
				let (header, tensor, trace_path) = self.last()?;
				OutputProof::Complete { header, tensor, trace_path }
			},
		};
		Ok(proof.encode())
	}

	/// The encoded [`OutputProof`] of all declared outputs by their roots. If the run ended early, it
	/// is [`Self::ending`].
	pub fn outputs(&self) -> Result<Vec<u8>, ProveError> {
		if self.material.run.fault.is_some() {
			return self.ending();
		}
		let (header, last, trace_path) = self.last()?;
		let slots = self.material.graph.outputs.iter();
		let outputs = slots.map(|slot| self.output_root(slot.node)).collect::<Result<_, _>>()?;
		Ok(OutputProof::Tensors { header, last, trace_path, outputs }.encode())
	}

	/// What shows that the run came to the end: the header, and the root and path of the last slot.
	fn last(&self) -> Result<(GraphHeader, Hash, Vec<Hash>), ProveError> {
		let last = self.slots.last().zip(self.material.run.slots.last());
		let (tree, tensor) = last.ok_or(ProveError::NoSuchNode)?;
		let tensor = tensor_root_of::<H>(tensor.kind(), &tree.root());
		let place = self.trace.count().saturating_sub(1);
		Ok((self.committed.header().clone(), tensor, self.trace.multiproof(&[place])))
	}

	fn output_root(&self, number: u32) -> Result<OutputRoot, ProveError> {
		let NodeProof { node, path, .. } = self.node_proof(number)?;
		let chunks = self.slot(number).ok_or(ProveError::NoSuchNode)?.root();
		let trace_path = self.trace.multiproof(&[number.into()]);
		Ok(OutputRoot { number, node, path, chunks, trace_path })
	}

	fn declared(&self, number: u32) -> Result<u32, ProveError> {
		let slot = self.material.graph.outputs.get(number as usize);
		slot.map(|slot| slot.node).ok_or(ProveError::NoSuchNode)
	}

	fn output_proof(&self, number: u32, opening: Opening) -> Result<Vec<u8>, ProveError> {
		let node = self.node_proof(self.declared(number)?)?;
		let path = self.committed.output_path(number);
		Ok(OutputProof::Tensor { node, number, path, opening }.encode())
	}
}

/// Reads an element, or the whole row that runs along an axis through it.
fn open_row(tensor: &Tensor, element: u64, axis: Option<u8>) -> Option<Opened<'_>> {
	let shape = tensor.shape();
	let mut at = (element < shape.count()).then(|| Coordinates::of(element, shape))?;
	let mut opened = Opened::new(tensor);
	let axis = axis.map_or(shape.rank(), usize::from);
	for along in 0..shape.extent(axis) {
		at.set(axis, along);
		opened.read(opened.view.offset(&at)).ok()?;
	}
	Some(opened)
}

/// A list of tensors that was submitted, with its trees: as many proofs as are asked for cost one
/// pass over its bytes.
pub struct SubmittedList<'a, H> {
	tensors: Vec<RawTensor<'a>>,
	/// The tree over each tensor's chunks.
	chunks: Vec<Tree<H>>,
	/// The tree over the list.
	list: Tree<H>,
}

impl<'a, H: Hasher> SubmittedList<'a, H> {
	/// The list of these tensors.
	pub fn new(tensors: Vec<RawTensor<'a>>) -> Self {
		let tree = |tensor: &RawTensor| {
			Tree::<H>::new(tensor.data.chunks(CHUNK).map(chunk_leaf::<H>).collect())
		};
		let chunks: Vec<_> = tensors.iter().map(tree).collect();
		let root = |(tensor, chunks): (&RawTensor, &Tree<H>)| -> Hash {
			tensor_root_from::<H>(tensor.dtype, tensor.extents, &chunks.root())
		};
		let list = Tree::new(tensors.iter().zip(&chunks).map(root).collect());
		Self { tensors, chunks, list }
	}

	/// The tensors.
	pub fn tensors(&self) -> &[RawTensor<'a>] {
		&self.tensors
	}

	/// The encoded [`SubmissionProof`] of a tensor: with the element at a row-major index, or of its
	/// type alone.
	pub fn prove(&self, number: u32, element: Option<u64>) -> Result<Vec<u8>, ProveError> {
		let at = number as usize;
		let (tensor, chunks) =
			self.tensors.get(at).zip(self.chunks.get(at)).ok_or(ProveError::NoSuchNode)?;
		let contents = match element {
			None => Contents::Root(chunks.root()),
			Some(element) => {
				open_element(tensor, chunks, element).ok_or(ProveError::NoSuchElement)?
			},
		};
		Ok(SubmissionProof::Tensor {
			number,
			dtype: tensor.dtype,
			extents: tensor.extents.to_vec(),
			contents,
			path: self.list.multiproof(&[number.into()]),
		}
		.encode())
	}

	/// The encoded [`SubmissionProof`] of how many tensors there are.
	pub fn prove_count(&self) -> Vec<u8> {
		// A list that is submitted has at most as many tensors as `u32` counts.
		let count = self.tensors.len() as u32;
		SubmissionProof::Count { count, tensors: self.list.root() }.encode()
	}
}

/// The encoded [`SubmissionProof`] of one tensor of a list, as of [`SubmittedList::prove`].
pub fn prove_submitted<H: Hasher>(
	tensors: &[RawTensor],
	number: u32,
	element: Option<u64>,
) -> Result<Vec<u8>, ProveError> {
	SubmittedList::<H>::new(tensors.to_vec()).prove(number, element)
}

/// The encoded [`SubmissionProof`] of how many tensors a list has.
pub fn prove_count<H: Hasher>(tensors: &[RawTensor]) -> Vec<u8> {
	SubmittedList::<H>::new(tensors.to_vec()).prove_count()
}

fn open_element<H: Hasher>(tensor: &RawTensor, tree: &Tree<H>, element: u64) -> Option<Contents> {
	let kind = tensor.kind().filter(|kind| element < kind.shape.count())?;
	let number = element.checked_mul(kind.dtype.size() as u64)?.checked_div(CHUNK as u64)?;
	let bytes = tensor.data.chunks(CHUNK).nth(usize::try_from(number).ok()?)?.to_vec();
	let chunk = Chunk { index: u32::try_from(number).ok()?, bytes };
	Some(Contents::Opened { chunk, siblings: tree.multiproof(&[number]) })
}

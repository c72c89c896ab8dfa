//! Batches as their two files: what a request commits to, what an answer has to be, and how one item
//! is opened. Nothing here talks to a chain; the formats are those of [`assay_primitives::batch`].

use assay_primitives::{
	availability::{AnswerBytes, Place},
	batch::{decode_outputs, item_of, ItemOpening, ItemOutput, ItemRoots, MAX_ITEMS},
	commitment::{tensor_root, tensors_root},
	job::{Input, Output, TensorHeader, MAX_JOB_ARTIFACT},
	model::{Artifact, Locator},
	tensor::{decode_tensors, encode_tensors, Shape, Tensor, TensorError, TensorSpec, MAX_TENSORS},
	ArtifactHash, Root,
};
use codec::{Compact, Decode, Encode};
use sp_core::{bounded::BoundedVec, ConstU32};

/// The shapes of the tensors of each item, in declared order.
pub type Shapes = BoundedVec<Shape, ConstU32<MAX_TENSORS>>;

/// Why files are not those of a batch, or show no item of it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
	/// No batch has so many items.
	#[error("a batch has 1 to {MAX_ITEMS} items, not {0}")]
	Count(usize),
	/// A file is larger than a job may have.
	#[error("the file has more than {MAX_JOB_ARTIFACT} bytes")]
	Size,
	/// The file of the inputs is not so many items of one length.
	#[error("the file of the inputs does not divide into {0} items")]
	Length(u32),
	/// The file of the outputs is no list of outputs.
	#[error("the file of the outputs is no list of outputs")]
	Malformed,
	/// The file of the outputs is a list of more or fewer items.
	#[error("the file has the outputs of {found} items, not of {items}")]
	Outputs {
		/// How many items the batch has.
		items: u32,
		/// How many there are.
		found: usize,
	},
	/// The shapes of an item are not those of all.
	#[error("item {0} has not the shapes that all items have")]
	Shapes(u32),
	/// An item is not as the version declares it.
	#[error("item {index}: {error}")]
	Item {
		/// The number of the item.
		index: u32,
		/// What is wrong with it.
		error: TensorError,
	},
	/// The items have another root.
	#[error("the items are not those that were committed to")]
	Root,
	/// The batch has no such item.
	#[error("the batch has no item {0}")]
	NoItem(u32),
}

/// The inputs of a batch: their file, and what commits to them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchInputs {
	file: Vec<u8>,
	artifact: Artifact,
	roots: ItemRoots,
	items: u32,
	shapes: Shapes,
}

impl BatchInputs {
	/// The batch of these items, each of which is as the version declares its inputs.
	pub fn new(items: impl IntoIterator<Item = Vec<Tensor>>) -> Result<Self, BatchError> {
		let (mut file, mut roots, mut shapes) = (Vec::new(), Vec::new(), None);
		for (index, item) in (0..).zip(items) {
			let own = shapes_of(index, &item)?;
			if *shapes.get_or_insert_with(|| own.clone()) != own {
				return Err(BatchError::Shapes(index));
			}
			roots.push(tensors_root(&item));
			file.extend(encode_tensors(&item));
			if index >= MAX_ITEMS {
				return Err(BatchError::Count(roots.len()));
			}
			if file.len() as u64 > MAX_JOB_ARTIFACT {
				return Err(BatchError::Size);
			}
		}
		Self::of(file, roots, shapes.unwrap_or_default())
	}

	/// The inputs that a request commits to, out of their file.
	pub fn check(
		file: Vec<u8>,
		specs: &[TensorSpec],
		root: Root,
		items: u32,
		shapes: &[Shape],
	) -> Result<Self, BatchError> {
		let mut roots = Vec::new();
		for index in 0..items {
			let bytes = item_of(&file, items, index).ok_or(BatchError::Length(items))?;
			let item =
				decode_tensors(bytes, specs).map_err(|error| BatchError::Item { index, error })?;
			if shapes_of(index, &item)?.as_slice() != shapes {
				return Err(BatchError::Shapes(index));
			}
			roots.push(tensors_root(&item));
		}
		let shapes = shapes.to_vec().try_into().map_err(|_| BatchError::Shapes(0))?;
		let batch = Self::of(file, roots, shapes)?;
		if batch.roots.root() == root {
			Ok(batch)
		} else {
			Err(BatchError::Root)
		}
	}

	fn of(file: Vec<u8>, roots: Vec<Root>, shapes: Shapes) -> Result<Self, BatchError> {
		let (count, artifact) = (roots.len(), artifact(&file));
		let roots = ItemRoots::new(&roots).ok_or(BatchError::Count(count))?;
		let items = u32::try_from(count).map_err(|_| BatchError::Count(count))?;
		Ok(BatchInputs { file, artifact, roots, items, shapes })
	}

	/// What is requested, once the file lies where the locator says.
	pub fn input(&self, locator: Locator) -> Input {
		Input::Batch {
			artifact: self.artifact,
			locator,
			root: self.roots.root(),
			items: self.items,
			shapes: self.shapes.clone(),
		}
	}

	/// The name of the file.
	pub fn artifact(&self) -> Artifact {
		self.artifact
	}

	/// The file.
	pub fn file(&self) -> &[u8] {
		&self.file
	}

	/// The file alone.
	pub fn into_file(self) -> Vec<u8> {
		self.file
	}

	/// The encoded tensors of an item.
	pub fn item(&self, index: u32) -> Option<&[u8]> {
		item_of(&self.file, self.items, index)
	}
}

/// The outputs of a batch, each as the version declares it, and what commits to them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchOutputs {
	outputs: Vec<ItemOutput>,
	roots: ItemRoots,
}

impl BatchOutputs {
	/// What a provider answers to the items.
	pub fn new(outputs: Vec<ItemOutput>, specs: &[TensorSpec]) -> Result<Self, BatchError> {
		let root = |(index, output): (u32, &ItemOutput)| {
			output.root(specs).map_err(|error| BatchError::Item { index, error })
		};
		let roots: Vec<Root> = (0..).zip(&outputs).map(root).collect::<Result<_, _>>()?;
		let roots = ItemRoots::new(&roots).ok_or(BatchError::Count(outputs.len()))?;
		Ok(BatchOutputs { outputs, roots })
	}

	/// The outputs that a provider committed to, out of their file.
	pub fn check(
		file: &[u8],
		specs: &[TensorSpec],
		root: Root,
		items: u32,
	) -> Result<Self, BatchError> {
		// Many empty outputs take far more memory than bytes: they are counted before they are read.
		let count = Compact::<u32>::decode(&mut &*file).map_err(|_| BatchError::Malformed)?;
		if count.0 != items {
			return Err(BatchError::Outputs { items, found: count.0 as usize });
		}
		let outputs = decode_outputs(file).ok_or(BatchError::Malformed)?;
		let outputs = Self::new(outputs, specs)?;
		if outputs.roots.root() == root {
			Ok(outputs)
		} else {
			Err(BatchError::Root)
		}
	}

	/// The file of the outputs.
	pub fn file(&self) -> Vec<u8> {
		self.outputs.encode()
	}

	/// What is answered, once the file is served.
	pub fn output(&self) -> Output {
		Output::Artifact { root: self.roots.root(), artifact: artifact(&self.file()) }
	}

	/// What is answered to each item, in their order.
	pub fn items(&self) -> &[ItemOutput] {
		&self.outputs
	}

	/// The answer to a demand for a chunk of the items' roots.
	pub fn about(&self, place: &Place) -> Option<Vec<u8>> {
		self.roots.about(place)
	}
}

/// What opens an item of a batch: it fits the call if both files are those of the batch.
pub fn opening(
	inputs: &BatchInputs,
	outputs: &BatchOutputs,
	index: u32,
) -> Result<ItemOpening, BatchError> {
	let none = || BatchError::NoItem(index);
	let answered = usize::try_from(index).ok().and_then(|index| outputs.outputs.get(index));
	Ok(ItemOpening {
		input: item_input(inputs.item(index).ok_or_else(none)?)?,
		input_proof: proof(&inputs.roots, index)?,
		output: item_output(answered.ok_or_else(none)?, &outputs.roots, index)?,
		output_proof: proof(&outputs.roots, index)?,
	})
}

/// The input of the job that an item is opened as. Where it is large, nobody has to fetch it: it is
/// a part of the batch's file.
fn item_input(bytes: &[u8]) -> Result<Input, BatchError> {
	if let Ok(inline) = bytes.to_vec().try_into() {
		return Ok(Input::Inline(inline));
	}
	let tensors = Vec::<Tensor>::decode(&mut &*bytes).map_err(|_| BatchError::Malformed)?;
	let header = |tensor: &Tensor| TensorHeader {
		shape: tensor.shape.clone(),
		root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
	};
	let tensors: Vec<TensorHeader> = tensors.iter().map(header).collect();
	Ok(Input::Artifact {
		artifact: artifact(bytes),
		locator: Locator::default(),
		tensors: tensors.try_into().map_err(|_| BatchError::Malformed)?,
	})
}

/// The output of that job.
fn item_output(output: &ItemOutput, roots: &ItemRoots, index: u32) -> Result<Output, BatchError> {
	match output {
		ItemOutput::Fault { slot, element } => Ok(Output::Fault { slot: *slot, element: *element }),
		ItemOutput::Tensors(bytes) => match bytes.clone().try_into() {
			Ok(inline) => Ok(Output::Inline(inline)),
			Err(bytes) => {
				let root = roots.get(index).ok_or(BatchError::NoItem(index))?;
				Ok(Output::Artifact { root, artifact: artifact(&bytes) })
			},
		},
	}
}

fn proof(roots: &ItemRoots, index: u32) -> Result<AnswerBytes, BatchError> {
	let opened = roots.open(index).and_then(|bytes| bytes.try_into().ok());
	opened.ok_or(BatchError::NoItem(index))
}

fn shapes_of(index: u32, item: &[Tensor]) -> Result<Shapes, BatchError> {
	let shapes: Vec<Shape> = item.iter().map(|tensor| tensor.shape.clone()).collect();
	shapes.try_into().map_err(|_| BatchError::Item { index, error: TensorError::WrongCount })
}

/// The name of a file.
fn artifact(bytes: &[u8]) -> Artifact {
	Artifact { hash: ArtifactHash(blake3::hash(bytes).into()), size: bytes.len() as u64 }
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		batch::opened,
		commitment::faulted_root,
		tensor::{DType, Dimension},
	};

	fn specs() -> Vec<TensorSpec> {
		vec![TensorSpec {
			name: b"x".to_vec().try_into().unwrap(),
			dtype: DType::Uint8,
			shape: vec![Dimension::UpTo(100_000)].try_into().unwrap(),
		}]
	}

	/// An item of so many bytes, which tell it from others.
	fn item(index: u8, length: u32) -> Vec<Tensor> {
		let data = vec![index; length as usize];
		vec![Tensor::new(DType::Uint8, vec![length], data).unwrap()]
	}

	fn inputs(items: u8, length: u32) -> BatchInputs {
		BatchInputs::new((0..items).map(|index| item(index, length))).unwrap()
	}

	fn outputs(items: u8, length: u32) -> BatchOutputs {
		let tensors = |index| ItemOutput::Tensors(encode_tensors(&item(index, length)));
		BatchOutputs::new((0..items).map(tensors).collect(), &specs()).unwrap()
	}

	/// The root, the items and the shapes that a request states.
	fn stated(batch: &BatchInputs) -> (Root, u32, Shapes) {
		match batch.input(Locator::default()) {
			Input::Batch { root, items, shapes, .. } => (root, items, shapes),
			other => panic!("a batch: {other:?}"),
		}
	}

	fn checked(file: Vec<u8>, of: &BatchInputs) -> Result<BatchInputs, BatchError> {
		let (root, items, shapes) = stated(of);
		BatchInputs::check(file, &specs(), root, items, &shapes)
	}

	fn root_of(outputs: &BatchOutputs) -> Root {
		match outputs.output() {
			Output::Artifact { root, .. } => root,
			other => panic!("an artifact: {other:?}"),
		}
	}

	#[test]
	fn both_files_of_a_batch_are_read_as_they_were_written() {
		let (inputs, outputs) = (inputs(40, 3), outputs(40, 5));
		assert_eq!(checked(inputs.file().to_vec(), &inputs), Ok(inputs.clone()));
		assert_eq!(inputs.artifact().size, inputs.file().len() as u64);
		let read = BatchOutputs::check(&outputs.file(), &specs(), root_of(&outputs), 40);
		assert_eq!(read, Ok(outputs));
	}

	#[test]
	fn items_of_other_shapes_and_batches_of_none_or_too_many_are_refused() {
		let uneven = [item(0, 3), item(1, 3), item(2, 4)];
		assert_eq!(BatchInputs::new(uneven), Err(BatchError::Shapes(2)));
		assert_eq!(BatchInputs::new([]), Err(BatchError::Count(0)));
		let many = std::iter::repeat_n(item(0, 1), MAX_ITEMS as usize + 9);
		assert_eq!(BatchInputs::new(many), Err(BatchError::Count(MAX_ITEMS as usize + 1)));
		assert_eq!(BatchOutputs::new(vec![], &specs()), Err(BatchError::Count(0)));
	}

	/// Somebody requests a batch whose file is another one, and says that the provider is wrong.
	#[test]
	fn a_file_that_the_request_does_not_commit_to_is_refused() {
		let batch = inputs(40, 3);
		let mut other = batch.file().to_vec();
		*other.last_mut().unwrap() ^= 1;
		assert_eq!(checked(other, &batch), Err(BatchError::Root));
		assert_eq!(checked(batch.file()[1..].to_vec(), &batch), Err(BatchError::Length(40)));
		// As long as it should be, and cut elsewhere.
		let (root, _, shapes) = stated(&batch);
		let halves = BatchInputs::check(batch.file().to_vec(), &specs(), root, 20, &shapes);
		let error = TensorError::Malformed;
		assert_eq!(halves, Err(BatchError::Item { index: 0, error }));
		let shapes = inputs(1, 4).shapes;
		let shaped = BatchInputs::check(batch.file().to_vec(), &specs(), root, 40, &shapes);
		assert_eq!(shaped, Err(BatchError::Shapes(0)));
		let none = BatchInputs::check(vec![], &specs(), root, 0, &shapes);
		assert_eq!(none, Err(BatchError::Count(0)));
	}

	/// A provider serves another file than it committed to.
	#[test]
	fn outputs_that_were_not_committed_to_are_refused() {
		let batch = outputs(40, 3);
		let (root, file) = (root_of(&batch), batch.file());
		let check = |file: &[u8], items| BatchOutputs::check(file, &specs(), root, items);
		assert_eq!(check(&outputs(40, 4).file(), 40), Err(BatchError::Root));
		assert_eq!(check(&file, 41), Err(BatchError::Outputs { items: 41, found: 40 }));
		assert_eq!(check(&file[..file.len() - 1], 40), Err(BatchError::Malformed));
		assert_eq!(check(&[], 40), Err(BatchError::Malformed));
		let bad = vec![ItemOutput::Tensors(vec![]), ItemOutput::Tensors(vec![])];
		let error = TensorError::Malformed;
		assert_eq!(check(&bad.encode(), 2), Err(BatchError::Item { index: 0, error }));
	}

	/// A provider serves a small file that says of itself to have very many items.
	#[test]
	fn outputs_that_nobody_asked_for_take_no_memory() {
		let file = [Compact(u32::MAX).encode(), vec![0; 100]].concat();
		let found = BatchOutputs::check(&file, &specs(), Root::default(), 40);
		assert_eq!(found, Err(BatchError::Outputs { items: 40, found: u32::MAX as usize }));
	}

	/// The root of an input, and that of an output, that a job by itself would have.
	fn roots(opening: &ItemOpening) -> (Root, Root) {
		let input = match &opening.input {
			Input::Inline(bytes) => tensors_root(&decode_tensors(bytes, &specs()).unwrap()),
			Input::Artifact { tensors, .. } => {
				let roots: Vec<Root> = tensors.iter().map(|tensor| tensor.root).collect();
				assay_primitives::commitment::roots_root(&roots)
			},
			other => panic!("an item: {other:?}"),
		};
		let output = match &opening.output {
			Output::Inline(bytes) => tensors_root(&decode_tensors(bytes, &specs()).unwrap()),
			Output::Artifact { root, .. } => *root,
			Output::Fault { slot, element } => faulted_root(*slot, *element),
			Output::InputMismatch => panic!("an output"),
		};
		(input, output)
	}

	/// Check an opening as the chain does.
	fn shows(opening: &ItemOpening, inputs: &BatchInputs, root: Root, index: u32) {
		let (input, output) = roots(opening);
		let items = inputs.items;
		let own = opened(inputs.roots.root(), items, index, &opening.input_proof);
		assert_eq!(own, Ok(input), "{index}");
		assert_eq!(opened(root, items, index, &opening.output_proof), Ok(output), "{index}");
	}

	#[test]
	fn every_item_is_opened_out_of_the_two_files() {
		for (items, input, output) in [(40, 3, 5), (3, 70_000, 5), (3, 3, 20_000)] {
			let (inputs, outputs) = (inputs(items, input), outputs(items, output));
			for index in 0..u32::from(items) {
				let opening = opening(&inputs, &outputs, index).unwrap();
				shows(&opening, &inputs, root_of(&outputs), index);
				let inline = matches!(opening.input, Input::Inline(_));
				assert_eq!(inline, input < 64 * 1024);
				let inline = matches!(opening.output, Output::Inline(_));
				assert_eq!(inline, output < 16 * 1024);
			}
			let missing = u32::from(items);
			assert_eq!(opening(&inputs, &outputs, missing), Err(BatchError::NoItem(missing)));
		}
	}

	#[test]
	fn an_item_that_ends_in_a_fault_is_opened_as_one() {
		let tensors = ItemOutput::Tensors(encode_tensors(&item(0, 3)));
		let fault = ItemOutput::Fault { slot: 2, element: 9 };
		let outputs = BatchOutputs::new(vec![tensors, fault], &specs()).unwrap();
		let inputs = inputs(2, 3);
		let opening = opening(&inputs, &outputs, 1).unwrap();
		assert_eq!(opening.output, Output::Fault { slot: 2, element: 9 });
		shows(&opening, &inputs, root_of(&outputs), 1);
	}

	#[test]
	fn what_a_large_item_names_is_its_part_of_the_file() {
		let (inputs, outputs) = (inputs(3, 70_000), outputs(3, 20_000));
		let opening = opening(&inputs, &outputs, 2).unwrap();
		let Input::Artifact { artifact: named, .. } = opening.input else { panic!("large") };
		assert_eq!(named, artifact(inputs.item(2).unwrap()));
		let Output::Artifact { artifact: named, .. } = opening.output else { panic!("large") };
		assert_eq!(named, artifact(&encode_tensors(&item(2, 20_000))));
	}
}

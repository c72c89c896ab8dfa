//! The files of a batch: the inputs of its items, and what was answered to them (PROTOCOL P5.6).
//!
//! A file is in memory as a whole, and no more than one item of it is decoded at a time.

use assay_primitives::{
	batch::{decode_outputs, item_of, ItemOutput, ItemRoots},
	commitment::{faulted_root, tensors_root},
	tensor::{decode_tensors, Shape, Tensor, TensorSpec},
	Root,
};
use codec::{Compact, Decode, Encode};

/// The most tensors of an output that is looked at. A version has no more than 16; many empty ones
/// take far more memory than bytes.
const MOST_OUTPUTS: u32 = 1024;

/// The inputs of a batch, which are what its request committed to.
pub struct ItemInputs {
	bytes: Vec<u8>,
	items: u32,
	roots: ItemRoots,
}

impl ItemInputs {
	/// Check a file; `None` if it is not what was committed to: as many items of equal length, each
	/// as the version declares it and of these shapes, and all under this root. Blocks.
	pub fn check(
		bytes: Vec<u8>,
		specs: &[TensorSpec],
		shapes: &[Shape],
		items: u32,
		root: Root,
	) -> Option<Self> {
		let root_of = |index| {
			let tensors = decode_tensors(item_of(&bytes, items, index)?, specs).ok()?;
			let shaped = tensors.iter().map(|tensor| &tensor.shape).eq(shapes);
			shaped.then(|| tensors_root(&tensors))
		};
		let roots: Vec<Root> = (0..items).map(root_of).collect::<Option<_>>()?;
		let roots = ItemRoots::new(&roots).filter(|roots| roots.root() == root)?;
		Some(ItemInputs { bytes, items, roots })
	}

	/// How many items there are.
	pub fn items(&self) -> u32 {
		self.items
	}

	/// The roots of the items.
	pub fn roots(&self) -> &ItemRoots {
		&self.roots
	}

	/// The encoded inputs of an item.
	pub fn bytes_of(&self, index: u32) -> Option<&[u8]> {
		item_of(&self.bytes, self.items, index)
	}

	/// The inputs of an item.
	pub fn tensors_of(&self, index: u32, specs: &[TensorSpec]) -> Option<Vec<Tensor>> {
		decode_tensors(self.bytes_of(index)?, specs).ok()
	}
}

/// What somebody has answered to a batch, as it was committed to.
pub struct ItemOutputs {
	items: Vec<ItemOutput>,
	roots: ItemRoots,
}

impl ItemOutputs {
	/// Check a file; `None` if it is not what was committed to. Whatever the version declares:
	/// somebody may have committed to something else, which can be disputed as well. Blocks.
	pub fn check(bytes: &[u8], items: u32, root: Root) -> Option<Self> {
		let items = outputs(bytes, items)?;
		let roots: Vec<Root> = items.iter().map(root_of).collect::<Option<_>>()?;
		let roots = ItemRoots::new(&roots).filter(|roots| roots.root() == root)?;
		Some(ItemOutputs { items, roots })
	}

	/// The roots of the items.
	pub fn roots(&self) -> &ItemRoots {
		&self.roots
	}

	/// What was answered to an item.
	pub fn get(&self, index: u32) -> Option<&ItemOutput> {
		self.items.get(usize::try_from(index).ok()?)
	}
}

/// What was answered to one item, out of the file of all. Nothing is checked.
pub fn output_of(bytes: &[u8], items: u32, index: u32) -> Option<ItemOutput> {
	let index = usize::try_from(index).ok()?;
	outputs(bytes, items)?.into_iter().nth(index)
}

/// The outputs of so many items. Many empty ones take far more memory than bytes: their number is
/// looked at before they are.
fn outputs(bytes: &[u8], items: u32) -> Option<Vec<ItemOutput>> {
	let count = Compact::<u32>::decode(&mut &*bytes).ok()?;
	(count.0 == items).then(|| decode_outputs(bytes))?
}

fn root_of(output: &ItemOutput) -> Option<Root> {
	match output {
		ItemOutput::Tensors(bytes) => submitted(bytes).map(|tensors| tensors_root(&tensors)),
		ItemOutput::Fault { slot, element } => Some(faulted_root(*slot, *element)),
	}
}

/// Tensors as somebody submitted them, whatever the version declares.
pub fn submitted(bytes: &[u8]) -> Option<Vec<Tensor>> {
	let mut rest = bytes;
	let count = Compact::<u32>::decode(&mut rest).ok().filter(|count| count.0 <= MOST_OUTPUTS)?;
	let tensors = (0..count.0).map(|_| Tensor::decode(&mut rest).ok()).collect::<Option<_>>();
	tensors.filter(|_| rest.is_empty())
}

/// The file of a batch's outputs in the making.
pub struct OutputFile {
	bytes: Vec<u8>,
	roots: Vec<Root>,
}

impl OutputFile {
	/// A file that is to have so many items.
	pub fn new(items: u32) -> Self {
		OutputFile { bytes: Compact(items).encode(), roots: Vec::new() }
	}

	/// Add the next item, which has this root.
	pub fn push(&mut self, output: &ItemOutput, root: Root) {
		output.encode_to(&mut self.bytes);
		self.roots.push(root);
	}

	/// How long it is so far.
	pub fn length(&self) -> u64 {
		self.bytes.len() as u64
	}

	/// Its root and its bytes, once all items are there; `None` without any.
	pub fn finish(self) -> Option<(Root, Vec<u8>)> {
		let roots = ItemRoots::new(&self.roots)?;
		Some((roots.root(), self.bytes))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::tensor::{encode_tensors, DType, Dimension};

	fn tensor(values: &[u8]) -> Tensor {
		Tensor::new(DType::Uint8, vec![values.len() as u32], values.to_vec()).unwrap()
	}

	fn specs() -> Vec<TensorSpec> {
		let (name, shape) = (b"x".to_vec().try_into().unwrap(), vec![Dimension::UpTo(9)]);
		vec![TensorSpec { name, dtype: DType::Uint8, shape: shape.try_into().unwrap() }]
	}

	fn shapes(length: u32) -> Vec<Shape> {
		vec![vec![length].try_into().unwrap()]
	}

	fn items(count: u8) -> Vec<Tensor> {
		(0..count).map(|at| tensor(&[at, 7])).collect()
	}

	fn file(items: &[Tensor]) -> Vec<u8> {
		items.iter().flat_map(|item| encode_tensors(std::slice::from_ref(item))).collect()
	}

	fn root(items: &[Tensor]) -> Root {
		let roots: Vec<Root> =
			items.iter().map(|item| tensors_root(std::slice::from_ref(item))).collect();
		ItemRoots::new(&roots).unwrap().root()
	}

	fn check(bytes: Vec<u8>, items: &[Tensor]) -> Option<ItemInputs> {
		ItemInputs::check(bytes, &specs(), &shapes(2), items.len() as u32, root(items))
	}

	#[test]
	fn the_inputs_of_each_item_are_those_that_were_committed_to() {
		let list = items(40);
		let inputs = check(file(&list), &list).unwrap();
		for (index, item) in (0..).zip(&list) {
			assert_eq!(inputs.tensors_of(index, &specs()), Some(vec![item.clone()]));
			let own = tensors_root(std::slice::from_ref(item));
			assert_eq!(inputs.roots().get(index), Some(own));
		}
		assert_eq!(inputs.bytes_of(40), None);
	}

	#[test]
	fn a_file_of_other_length_shape_type_or_root_is_none() {
		let list = items(3);
		let bytes = file(&list);
		assert!(check([&bytes[..], &[0]].concat(), &list).is_none());
		assert!(check(bytes[1..].to_vec(), &list).is_none());
		assert!(check(Vec::new(), &list).is_none());
		let mut other = list.clone();
		other[2].data[0] ^= 1;
		assert!(check(file(&other), &list).is_none());
		let mut retyped = list.clone();
		retyped[1].dtype = DType::Int8;
		assert!(check(file(&retyped), &retyped).is_none());
		let long: Vec<Tensor> = (0..3).map(|at| tensor(&[at, 7, 7])).collect();
		assert!(check(file(&long), &long).is_none(), "it is not of the shape that was stated");
		assert!(ItemInputs::check(bytes, &specs(), &shapes(2), 0, root(&list)).is_none());
	}

	fn output(item: &Tensor) -> (ItemOutput, Root) {
		let list = std::slice::from_ref(item);
		(ItemOutput::Tensors(encode_tensors(list)), tensors_root(list))
	}

	#[test]
	fn what_is_written_is_what_is_read() {
		let mut file = OutputFile::new(3);
		let fault = ItemOutput::Fault { slot: 4, element: 1 };
		let (first, root) = output(&tensor(&[1]));
		// Whatever somebody committed to can be looked at, declared or not.
		let (other, other_root) = output(&Tensor { dtype: DType::Float64, ..tensor(&[1]) });
		file.push(&first, root);
		file.push(&fault, faulted_root(4, 1));
		file.push(&other, other_root);
		let (root, bytes) = file.finish().unwrap();
		let read = ItemOutputs::check(&bytes, 3, root).unwrap();
		for (index, item) in (0..).zip([first, fault, other]) {
			assert_eq!(read.get(index), Some(&item));
			assert_eq!(output_of(&bytes, 3, index), Some(item));
		}
		assert_eq!(read.get(3), None);
		assert_eq!(output_of(&bytes, 3, 3), None);
		assert!(ItemOutputs::check(&bytes, 2, root).is_none());
		assert!(ItemOutputs::check(&bytes, 3, Root([1; 32])).is_none());
		assert!(ItemOutputs::check(&bytes[..bytes.len() - 1], 3, root).is_none());
		assert!(ItemOutputs::check(&[&bytes[..], &[0]].concat(), 3, root).is_none());
	}

	/// A small file that says of itself to have very many items.
	#[test]
	fn items_that_nobody_asked_for_take_no_memory() {
		let bytes = [Compact(u32::MAX).encode(), vec![0; 100]].concat();
		assert_eq!(output_of(&bytes, 2, 0), None);
	}

	#[test]
	fn submitted_tensors_are_read_whole_or_not_at_all() {
		let tensor = Tensor::new(DType::Bool, vec![1], vec![1]).unwrap();
		let bytes = encode_tensors(&[tensor.clone(), tensor.clone()]);
		assert_eq!(submitted(&bytes), Some(vec![tensor.clone(), tensor.clone()]));
		assert_eq!(submitted(&bytes[1..]), None);
		assert_eq!(submitted(&[&bytes[..], &[0]].concat()), None);
		assert_eq!(submitted(&encode_tensors(&vec![tensor; 1025])), None);
	}
}

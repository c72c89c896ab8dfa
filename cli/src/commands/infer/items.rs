//! The inputs of a batch as people pass them: files with an axis of items, or a folder of files.

use super::{given, usage};
use crate::{
	failure::Failure,
	tensors::{self, describe, refused, unlike},
};
use assay_primitives::{
	batch::{is_batch, MAX_ITEMS},
	job::MAX_JOB_ARTIFACT,
	tensor::{byte_length, DType, Shape, Tensor, TensorSpec},
};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// The inputs of a batch.
#[derive(Debug)]
pub struct Items {
	/// How many items there are.
	pub count: u32,
	/// The files that the items come from, where each has one of its own.
	pub files: Vec<String>,
	/// The declared inputs, in their order.
	inputs: Vec<Stack>,
}

/// One declared input of all items, one after the other, or of each alike.
#[derive(Debug)]
struct Stack {
	dtype: DType,
	/// The shape of one item.
	shape: Shape,
	data: Vec<u8>,
	is_same: bool,
}

impl Stack {
	fn item(&self, index: u32) -> Tensor {
		let length = byte_length(self.dtype, &self.shape).and_then(|bytes| bytes.try_into().ok());
		// It was counted when the value was read.
		let length: usize = length.unwrap_or(self.data.len());
		let first = if self.is_same { 0 } else { length * index as usize };
		let data = self.data[first..first + length].to_vec();
		Tensor { dtype: self.dtype, shape: self.shape.clone(), data }
	}
}

impl Items {
	/// The items of `NAME=VALUE` arguments: a value with one axis more than its declaration has the
	/// items along the first, any other is the same for every item.
	pub fn of_values(specs: &[TensorSpec], arguments: &[String]) -> Result<Self, Failure> {
		let (mut inputs, mut counted) = (Vec::new(), None::<(u32, &TensorSpec)>);
		for (spec, value) in specs.iter().zip(given(specs, arguments)?) {
			let (stack, items) = stack(tensors::read(value, spec)?, spec)?;
			inputs.push(stack);
			match (items, counted) {
				(Some(items), Some((before, first))) if items != before => {
					let first = String::from_utf8_lossy(&first.name);
					let message = format!("{items} items, but input `{first}` has {before}");
					return Err(refused(spec, &message));
				},
				(Some(items), _) => counted = Some((items, spec)),
				(None, _) => {},
			}
		}
		let none = || {
			let message = "no input has an axis of items, one more than its declaration, the first";
			usage(specs, message.into())
		};
		Self::of(counted.ok_or_else(none)?.0, Vec::new(), inputs)
	}

	/// The items of the files of a folder, in the order of their names.
	pub fn of_folder(specs: &[TensorSpec], folder: &Path) -> Result<Self, Failure> {
		let [spec] = specs else {
			let message = "--batch-dir is for versions with one input";
			return Err(usage(specs, message.into())
				.help("pass each input with an axis of items: --batch --input NAME=@FILE.npy"));
		};
		let fail = |message: String| refused(spec, &message);
		let (mut data, mut shape, mut names) = (Vec::new(), None::<Shape>, Vec::new());
		for (name, path) in files(folder).map_err(fail)? {
			let tensor = tensors::read_file(&path, spec.dtype).map_err(fail)?;
			if let Err(error) = spec.check(tensor.dtype, &tensor.shape) {
				return Err(fail(format!("{}: {}", path.display(), unlike(error, &tensor))));
			}
			if *shape.get_or_insert_with(|| tensor.shape.clone()) != tensor.shape {
				return Err(uneven(spec, names.first(), shape, &path, &tensor));
			}
			names.push(name);
			data.extend(tensor.data);
			ensure_size(data.len())?;
		}
		let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
		let Some(shape) = shape else {
			return Err(fail(format!("{} has no files", folder.display())));
		};
		Self::of(count, names, vec![Stack { dtype: spec.dtype, shape, data, is_same: false }])
	}

	fn of(count: u32, files: Vec<String>, inputs: Vec<Stack>) -> Result<Self, Failure> {
		if is_batch(count) {
			return Ok(Items { count, files, inputs });
		}
		let message = format!("a batch has 1 to {MAX_ITEMS} items, not {count}");
		Err(Failure::new("input", message).help("split it into several batches"))
	}

	/// The shapes of the inputs of each item.
	pub fn shapes(&self) -> Vec<Vec<u32>> {
		self.inputs.iter().map(|stack| stack.shape.to_vec()).collect()
	}

	/// The inputs of the items, one after the other.
	pub fn iter(&self) -> impl Iterator<Item = Vec<Tensor>> + '_ {
		(0..self.count)
			.map(move |index| self.inputs.iter().map(|stack| stack.item(index)).collect())
	}
}

/// Tell the items of a value apart; with their number, unless it has no axis of them.
fn stack(tensor: Tensor, spec: &TensorSpec) -> Result<(Stack, Option<u32>), Failure> {
	let (items, shape) = match tensor.shape.split_first() {
		Some((items, shape)) if shape.len() == spec.shape.len() => (Some(*items), shape.to_vec()),
		_ => (None, tensor.shape.to_vec()),
	};
	if let Err(error) = spec.check(tensor.dtype, &shape) {
		let name = String::from_utf8_lossy(&spec.name);
		return Err(refused(spec, &unlike(error, &tensor)).help(format!(
			"`{name}` is declared as {}: a value for a batch has an axis more, the first, of items",
			describe(spec)
		)));
	}
	let is_same = items.is_none();
	// As many axes as are declared.
	let shape = shape.try_into().unwrap_or_default();
	Ok((Stack { dtype: tensor.dtype, shape, data: tensor.data, is_same }, items))
}

/// The files of a folder that are not hidden, with their names, in the order of these.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
	let fail = |error| format!("cannot read {}: {error}", folder.display());
	let mut files = Vec::new();
	for entry in fs::read_dir(folder).map_err(fail)? {
		let entry = entry.map_err(fail)?;
		let name = entry.file_name().to_string_lossy().into_owned();
		if !name.starts_with('.') {
			files.push((name, entry.path()));
		}
	}
	files.sort();
	Ok(files)
}

/// The first file whose item has another shape.
fn uneven(
	spec: &TensorSpec,
	first: Option<&String>,
	shape: Option<Shape>,
	path: &Path,
	tensor: &Tensor,
) -> Failure {
	let (first, shape) = (first.cloned().unwrap_or_default(), shape.unwrap_or_default());
	let (own, shape) = (tensor.shape.to_vec(), shape.to_vec());
	let message = format!("{} has the shape {own:?}, {first} {shape:?}", path.display());
	refused(spec, &message).help("all items of a batch have one shape: make one of each shape")
}

fn ensure_size(bytes: usize) -> Result<(), Failure> {
	if bytes as u64 <= MAX_JOB_ARTIFACT {
		return Ok(());
	}
	let message = format!("the inputs of the batch have more than {MAX_JOB_ARTIFACT} bytes");
	Err(Failure::new("input", message).help("split it into several batches"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::npy;
	use assay_primitives::tensor::Dimension;

	fn spec(name: &[u8], shape: Vec<Dimension>) -> TensorSpec {
		TensorSpec {
			name: name.to_vec().try_into().unwrap(),
			dtype: DType::Int8,
			shape: shape.try_into().unwrap(),
		}
	}

	fn specs() -> Vec<TensorSpec> {
		vec![spec(b"a", vec![Dimension::UpTo(4)]), spec(b"b", vec![])]
	}

	fn texts(arguments: &[&str]) -> Vec<String> {
		arguments.iter().map(|text| (*text).to_owned()).collect()
	}

	fn of(arguments: &[&str]) -> Result<Items, Failure> {
		Items::of_values(&specs(), &texts(arguments))
	}

	fn tensor(shape: &[u32], data: &[u8]) -> Tensor {
		Tensor::new(DType::Int8, shape.to_vec(), data.to_vec()).unwrap()
	}

	#[test]
	fn the_first_axis_tells_the_items_apart() {
		let items = of(&["a=[[1,2],[3,4],[5,6]]", "b=[7,8,9]"]).unwrap();
		assert_eq!((items.count, items.shapes()), (3, vec![vec![2], vec![]]));
		let all: Vec<_> = items.iter().collect();
		assert_eq!(all[0], [tensor(&[2], &[1, 2]), tensor(&[], &[7])]);
		assert_eq!(all[2], [tensor(&[2], &[5, 6]), tensor(&[], &[9])]);
	}

	#[test]
	fn an_input_without_the_axis_is_the_same_for_every_item() {
		let items = of(&["a=[[1,2],[3,4]]", "b=7"]).unwrap();
		let last: Vec<_> = items.iter().map(|item| item[1].clone()).collect();
		assert_eq!(last, [tensor(&[], &[7]), tensor(&[], &[7])]);
	}

	#[test]
	fn items_that_do_not_fit_the_declaration_or_each_other_are_refused() {
		for (arguments, said) in [
			(["a=[[1,2],[3,4]]", "b=[7,8,9]"], "3 items, but input `a` has 2"),
			(["a=[1,2]", "b=7"], "no input has an axis of items"),
			(["a=[[1,2,3,4,5]]", "b=7"], "the declaration does not admit"),
			(["a=[[[1,2]]]", "b=7"], "an axis more"),
			(["a=[]", "b=7"], "the declaration does not admit"),
		] {
			let text = of(&arguments).unwrap_err().to_text();
			assert!(text.contains(said), "{text}");
		}
		assert!(of(&["a=[[1,2]]"]).unwrap_err().to_text().contains("input `b` is missing"));
	}

	#[test]
	fn a_batch_has_no_more_items_than_the_chain_admits() {
		let wide = |items: u32| {
			let data = vec![0; items as usize];
			let stack = stack(tensor(&[items], &data), &specs()[1]).unwrap();
			Items::of(stack.1.unwrap(), vec![], vec![stack.0])
		};
		assert_eq!(wide(MAX_ITEMS).unwrap().count, MAX_ITEMS);
		assert!(wide(MAX_ITEMS + 1).unwrap_err().to_text().contains("not 65537"));
	}

	/// A folder with files of these names and values.
	fn folder(files: &[(&str, Tensor)]) -> tempfile::TempDir {
		let folder = tempfile::tempdir().unwrap();
		for (name, tensor) in files {
			fs::write(folder.path().join(name), npy::write(tensor)).unwrap();
		}
		folder
	}

	#[test]
	fn the_files_of_a_folder_are_items_in_the_order_of_their_names() {
		let (one, two) = (tensor(&[2], &[1, 2]), tensor(&[2], &[3, 4]));
		let folder = folder(&[("2.npy", two.clone()), ("1.npy", one.clone()), (".x", one.clone())]);
		fs::write(folder.path().join("3.json"), "[5, 6]").unwrap();
		let items = Items::of_folder(&specs()[..1], folder.path()).unwrap();
		assert_eq!(items.files, ["1.npy", "2.npy", "3.json"]);
		let all: Vec<_> = items.iter().flatten().collect();
		assert_eq!(all, [one, two, tensor(&[2], &[5, 6])]);
	}

	#[test]
	fn the_first_file_of_another_shape_is_named() {
		let item = |length: u32| tensor(&[length], &vec![1; length as usize]);
		let folder = folder(&[("a.npy", item(2)), ("b.npy", item(2)), ("c.npy", item(3))]);
		let refused =
			|folder: &Path| Items::of_folder(&specs()[..1], folder).unwrap_err().to_text();
		let text = refused(folder.path());
		assert!(text.contains("c.npy has the shape [3], a.npy [2]"), "{text}");
		fs::write(folder.path().join("b.npy"), npy::write(&item(5))).unwrap();
		assert!(refused(folder.path()).contains("b.npy: a shape that"));
		fs::write(folder.path().join("b.npy"), "no array").unwrap();
		assert!(refused(folder.path()).contains("b.npy: not an .npy file"));
		fs::write(folder.path().join("B.txt"), "1").unwrap();
		assert!(refused(folder.path()).contains("B.txt ends in neither"));
		let empty = tempfile::tempdir().unwrap();
		assert!(refused(empty.path()).contains("has no files"));
		assert!(refused(Path::new("/no/such")).contains("cannot read /no/such"));
	}

	#[test]
	fn a_folder_is_no_batch_of_several_inputs() {
		let folder = tempfile::tempdir().unwrap();
		let text = Items::of_folder(&specs(), folder.path()).unwrap_err().to_text();
		assert!(text.contains("one input") && text.contains("--batch --input"), "{text}");
	}
}

//! Checks inputs and outputs against what a version declares.

use crate::{Config, Error};
use alloc::vec::Vec;
use assay_primitives::{
	batch::is_batch,
	commitment::{faulted_root, roots_root, tensor_root, tensors_root},
	custody::encrypted_size,
	job::{Input, JobKind, Output, OutputRecord, TensorHeader, MAX_JOB_ARTIFACT},
	model::VersionSpec,
	tensor::{byte_length, decode_tensors, elements, Shape, Tensor, TensorError, TensorSpec},
	Root,
};
use codec::{Compact, CompactLen};
use frame_support::ensure;

impl<T: Config> From<TensorError> for Error<T> {
	fn from(error: TensorError) -> Self {
		match error {
			TensorError::Malformed => Error::MalformedTensors,
			TensorError::WrongCount => Error::WrongTensorCount,
			TensorError::WrongType => Error::WrongTensorType,
			TensorError::WrongShape => Error::WrongTensorShape,
			TensorError::UnequalAxes => Error::UnequalAxes,
			TensorError::WrongLength | TensorError::TooLarge => Error::WrongTensorLength,
			TensorError::NotABool => Error::InvalidBool,
		}
	}
}

/// What an encoding adds to the bytes of tensors, at most, for each tensor.
pub(crate) const TENSOR_OVERHEAD: u64 = 64;

/// What a checked input comes to.
pub(crate) struct CheckedInput {
	/// The root of the list of tensors.
	pub root: Root,
	/// The units that it is charged for.
	pub units: u64,
	/// Whether it is that of a batch.
	pub kind: JobKind,
}

/// Check an input against the version, commit to it and count its units.
pub(crate) fn check_input<T: Config>(
	spec: &VersionSpec,
	input: &Input,
) -> Result<CheckedInput, Error<T>> {
	match input {
		Input::Inline(_) => {},
		Input::Artifact { artifact, locator, tensors } => {
			ensure!(core::str::from_utf8(locator).is_ok(), Error::<T>::InvalidLocator);
			let shapes: Vec<&Shape> = tensors.iter().map(|tensor| &tensor.shape).collect();
			let size = file_size::<T>(&spec.inputs, &shapes, 1)?;
			// What the roots bind is the content.
			let is_encrypted = encrypted_size(size) == Some(artifact.size);
			let fits = (artifact.size == size || is_encrypted) && artifact.size <= MAX_JOB_ARTIFACT;
			ensure!(fits, Error::<T>::InvalidArtifactSize);
		},
		Input::Batch { artifact, locator, root, items, shapes } => {
			ensure!(core::str::from_utf8(locator).is_ok(), Error::<T>::InvalidLocator);
			ensure!(is_batch(*items), Error::<T>::WrongItems);
			let all: Vec<&Shape> = shapes.iter().collect();
			let size = file_size::<T>(&spec.inputs, &all, *items)?;
			let fits = artifact.size == size && size <= MAX_JOB_ARTIFACT;
			ensure!(fits, Error::<T>::InvalidArtifactSize);
			ensure!(fits_file(&spec.outputs, *items), Error::<T>::WrongItems);
			let units = units::<T>(spec, shapes)?;
			let units = units.checked_mul((*items).into()).ok_or(Error::<T>::PriceOverflow)?;
			return Ok(CheckedInput { root: *root, units, kind: JobKind::Batch { items: *items } });
		},
	}
	let headers = headers::<T>(spec, input)?;
	let roots: Vec<Root> = headers.iter().map(|tensor| tensor.root).collect();
	let shapes: Vec<Shape> = headers.into_iter().map(|tensor| tensor.shape).collect();
	let units = units::<T>(spec, &shapes)?;
	Ok(CheckedInput { root: roots_root(&roots), units, kind: JobKind::Single })
}

/// The units that inputs of these shapes are charged for.
fn units<T: Config>(spec: &VersionSpec, shapes: &[Shape]) -> Result<u64, Error<T>> {
	spec.commitments.bind(shapes).map_err(Error::<T>::from)?;
	let counts: Option<Vec<u64>> = shapes.iter().map(|shape| elements(shape)).collect();
	let counts = counts.ok_or(Error::<T>::WrongTensorLength)?;
	spec.units(counts).ok_or(Error::<T>::PriceOverflow)
}

/// The shape and the root of each tensor of an input: of none of a batch, whose items have theirs.
pub(crate) fn headers<T: Config>(
	spec: &VersionSpec,
	input: &Input,
) -> Result<Vec<TensorHeader>, Error<T>> {
	match input {
		Input::Inline(bytes) => {
			let tensors = decode_tensors(bytes, &spec.inputs).map_err(Error::<T>::from)?;
			let header = |Tensor { dtype, shape, data }: Tensor| {
				let root = tensor_root(dtype, &shape, &data);
				TensorHeader { shape, root }
			};
			Ok(tensors.into_iter().map(header).collect())
		},
		Input::Artifact { tensors, .. } => Ok(tensors.to_vec()),
		Input::Batch { .. } => Ok(Vec::new()),
	}
}

/// Check that tensors of these shapes are what is declared. Returns the size of the file of so many
/// lists of them.
fn file_size<T: Config>(
	specs: &[TensorSpec],
	shapes: &[&Shape],
	lists: u32,
) -> Result<u64, Error<T>> {
	ensure!(specs.len() == shapes.len(), Error::<T>::WrongTensorCount);
	for (spec, shape) in specs.iter().zip(shapes) {
		spec.check(spec.dtype, shape).map_err(Error::<T>::from)?;
	}
	let size = encoded_size(specs, shapes).and_then(|size| size.checked_mul(lists.into()));
	size.ok_or(Error::<T>::InvalidArtifactSize)
}

/// Whether the largest outputs of so many items fit a file.
fn fits_file(specs: &[TensorSpec], items: u32) -> bool {
	let bytes = |sum: u64, spec: &TensorSpec| {
		sum.checked_add(spec.most_bytes()?)?.checked_add(TENSOR_OVERHEAD)
	};
	let each = specs.iter().try_fold(TENSOR_OVERHEAD, bytes);
	let all = each.and_then(|each| each.checked_mul(items.into()));
	all.is_some_and(|all| all <= MAX_JOB_ARTIFACT)
}

/// The size of the SCALE encoding of tensors of these types and shapes; `None` when too large.
fn encoded_size(specs: &[TensorSpec], shapes: &[&Shape]) -> Option<u64> {
	let count = u32::try_from(shapes.len()).ok()?;
	let mut size = u64::try_from(Compact::<u32>::compact_len(&count)).ok()?;
	for (spec, shape) in specs.iter().zip(shapes) {
		let data = byte_length(spec.dtype, shape)?;
		// One byte of type, the shape, the compact length, the data.
		let rank = u64::try_from(shape.len()).ok()?;
		let shape = rank.checked_mul(4)?.checked_add(1)?;
		let length = Compact::<u32>::compact_len(&u32::try_from(data).ok()?);
		size = size
			.checked_add(1)?
			.checked_add(shape)?
			.checked_add(u64::try_from(length).ok()?)?
			.checked_add(data)?;
	}
	Some(size)
}

/// Check an output against the version and commit to it; `None` for `InputMismatch`.
pub(crate) fn check_output<T: Config>(
	spec: &VersionSpec,
	output: &Output,
) -> Result<Option<OutputRecord>, Error<T>> {
	match output {
		Output::Inline(bytes) => {
			let tensors = decode_tensors(bytes, &spec.outputs).map_err(Error::<T>::from)?;
			Ok(Some(OutputRecord { root: tensors_root(&tensors), artifact: None }))
		},
		Output::Artifact { root, artifact } => {
			ensure!(
				artifact.size > 0 && artifact.size <= MAX_JOB_ARTIFACT,
				Error::<T>::InvalidArtifactSize
			);
			Ok(Some(OutputRecord { root: *root, artifact: Some(*artifact) }))
		},
		Output::Fault { slot, element } => {
			Ok(Some(OutputRecord { root: faulted_root(*slot, *element), artifact: None }))
		},
		Output::InputMismatch => Ok(None),
	}
}

//! Checks inputs and outputs against what a version declares.

use crate::{Config, Error};
use alloc::vec::Vec;
use assay_primitives::{
	commitment::{faulted_root, roots_root, tensor_root, tensors_root},
	job::{Input, Output, OutputRecord, TensorHeader, MAX_JOB_ARTIFACT},
	model::{Artifact, VersionSpec},
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

/// What a checked input comes to.
pub(crate) struct CheckedInput {
	/// The root of the list of tensors.
	pub root: Root,
	/// The units that it is charged for.
	pub units: u64,
}

/// Check an input against the version, commit to it and count its units.
pub(crate) fn check_input<T: Config>(
	spec: &VersionSpec,
	input: &Input,
) -> Result<CheckedInput, Error<T>> {
	if let Input::Artifact { artifact, locator, tensors } = input {
		ensure!(core::str::from_utf8(locator).is_ok(), Error::<T>::InvalidLocator);
		check_headers::<T>(&spec.inputs, tensors, artifact)?;
	}
	let headers = headers::<T>(spec, input)?;
	let roots: Vec<Root> = headers.iter().map(|tensor| tensor.root).collect();
	let shapes: Vec<Shape> = headers.into_iter().map(|tensor| tensor.shape).collect();
	let root = roots_root(&roots);
	spec.commitments.bind(&shapes).map_err(Error::<T>::from)?;
	let counts: Option<Vec<u64>> = shapes.iter().map(|shape| elements(shape)).collect();
	let counts = counts.ok_or(Error::<T>::WrongTensorLength)?;
	let units = spec.units(counts).ok_or(Error::<T>::PriceOverflow)?;
	Ok(CheckedInput { root, units })
}

/// The shape and the root of each tensor of an input.
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
	}
}

fn check_headers<T: Config>(
	specs: &[TensorSpec],
	tensors: &[TensorHeader],
	artifact: &Artifact,
) -> Result<(), Error<T>> {
	ensure!(specs.len() == tensors.len(), Error::<T>::WrongTensorCount);
	for (spec, tensor) in specs.iter().zip(tensors) {
		spec.check(spec.dtype, &tensor.shape).map_err(Error::<T>::from)?;
	}
	let size = encoded_size(specs, tensors).ok_or(Error::<T>::InvalidArtifactSize)?;
	ensure!(artifact.size == size && size <= MAX_JOB_ARTIFACT, Error::<T>::InvalidArtifactSize);
	Ok(())
}

/// The size of the SCALE encoding of tensors of these types and shapes; `None` when too large.
fn encoded_size(specs: &[TensorSpec], tensors: &[TensorHeader]) -> Option<u64> {
	let count = u32::try_from(tensors.len()).ok()?;
	let mut size = u64::try_from(Compact::<u32>::compact_len(&count)).ok()?;
	for (spec, tensor) in specs.iter().zip(tensors) {
		let data = byte_length(spec.dtype, &tensor.shape)?;
		// One byte of type, the shape, the compact length, the data.
		let rank = u64::try_from(tensor.shape.len()).ok()?;
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

//! Tensors of jobs as tensors of the canonical arithmetic, and back.

use assay_canon::{exact::row_major, shape::Shape, tensor};
use assay_primitives::tensor::{Tensor, TensorError};

/// The tensor in the canonical arithmetic, with the bytes as they are: reading makes them
/// canonical.
pub fn to_canonical(tensor: &Tensor) -> Result<tensor::Tensor, TensorError> {
	tensor.validate()?;
	let dtype = tensor.dtype.canonical().ok_or(TensorError::WrongType)?;
	let shape = Shape::new(&tensor.shape).ok_or(TensorError::TooLarge)?;
	tensor::Tensor::new(dtype, shape, tensor.data.clone()).ok_or(TensorError::WrongLength)
}

/// The tensor as jobs carry it, row-major.
pub fn from_canonical(tensor: tensor::Tensor) -> Result<Tensor, TensorError> {
	let tensor = if tensor.layout().is_row_major() {
		tensor
	} else {
		row_major(&tensor).ok_or(TensorError::WrongShape)?
	};
	let (dtype, shape) = (tensor.dtype().into(), tensor.shape().extents().to_vec());
	Tensor::new(dtype, shape, tensor.into_data())
}

//! What a version declares, for the importer; and what was imported, as versions declare it.

use super::{to_canonical, CanonicalError};
use crate::onnx::{self, Declaration, File, Port};
use assay_canon::symbol::{Dim, Symbol};
use assay_primitives::{
	canonical::Constant,
	model::VersionSpec,
	tensor::{Dimension, Tensor, TensorError, TensorSpec},
};

/// What the importer needs to know of a version. What the version leaves out, the import misses.
pub(super) fn of(file: &File, spec: &VersionSpec) -> Result<Declaration, CanonicalError> {
	let mut declaration = Declaration::default();
	for constant in &spec.constants {
		let name = text(&constant.name);
		let tensor = to_canonical(&tensor_of(constant))
			.map_err(|reason| CanonicalError::Constant { name: name.clone(), reason })?;
		declaration.fixed.insert(name, tensor);
	}
	for free in file.free_axes()? {
		let input = spec.inputs.iter().find(|input| text(&input.name) == free.input);
		let Some(dimension) = input.and_then(|input| input.shape.get(free.axis)) else { continue };
		let declared = match *dimension {
			Dimension::Fixed(length) => onnx::Dimension::Fixed(length),
			Dimension::UpTo(maximum) => onnx::Dimension::Free(Symbol { minimum: 1, maximum }),
		};
		match declaration.dimensions.insert(free.dimension.clone(), declared) {
			Some(earlier) if earlier != declared => {
				return Err(CanonicalError::OneDimension { dimension: free.dimension });
			},
			_ => {},
		}
	}
	Ok(declaration)
}

/// An input that a version sets, as a tensor.
fn tensor_of(constant: &Constant) -> Tensor {
	let Constant { dtype, shape, data, .. } = constant;
	Tensor { dtype: *dtype, shape: shape.clone(), data: data.to_vec() }
}

fn text(name: &[u8]) -> String {
	String::from_utf8_lossy(name).into_owned()
}

/// The symbol that a size is, if it is nothing else.
pub(super) fn symbol_of(dim: &Dim) -> Option<usize> {
	let last = dim.coefficients.len().checked_sub(1)?;
	(*dim == Dim::symbol(last)).then_some(last)
}

/// An input as the chain declares it.
pub(super) fn input(port: &Port, symbols: &[Symbol]) -> Result<TensorSpec, CanonicalError> {
	spec(port, |dim| match symbol_of(dim) {
		Some(at) => {
			// Jobs choose from one upward.
			let symbol = symbols.get(at).filter(|symbol| symbol.minimum == 1)?;
			Some(Dimension::UpTo(symbol.maximum))
		},
		None => constant(dim),
	})
}

/// An output as the chain declares it.
pub(super) fn output(port: &Port, symbols: &[Symbol]) -> Result<TensorSpec, CanonicalError> {
	spec(port, |dim| match constant(dim) {
		Some(fixed) => Some(fixed),
		None => {
			let (least, greatest) = range(dim, symbols)?;
			let greatest = u32::try_from(greatest).ok()?;
			(least >= 1).then_some(Dimension::UpTo(greatest))
		},
	})
}

fn constant(dim: &Dim) -> Option<Dimension> {
	let length = dim.is_constant().then(|| u32::try_from(dim.constant).ok());
	length.flatten().map(Dimension::Fixed)
}

/// The least and the greatest value of a size; `None` beyond 64 bits.
fn range(dim: &Dim, symbols: &[Symbol]) -> Option<(i64, i64)> {
	let mut range = (dim.constant, dim.constant);
	for (factor, symbol) in dim.coefficients.iter().zip(symbols) {
		let ends = [symbol.minimum, symbol.maximum];
		let [low, high] = ends.map(|end| factor.checked_mul(end.into()));
		let (low, high) = (low?, high?);
		range = (range.0.checked_add(low.min(high))?, range.1.checked_add(low.max(high))?);
	}
	Some(range)
}

fn spec(
	port: &Port,
	dimension: impl Fn(&Dim) -> Option<Dimension>,
) -> Result<TensorSpec, CanonicalError> {
	let refuse = |axis| CanonicalError::Undeclarable { name: port.name.clone(), axis };
	let sized = |(axis, dim)| dimension(dim).ok_or_else(|| refuse(axis));
	let shape: Vec<Dimension> =
		port.kind.dims.iter().enumerate().map(sized).collect::<Result<_, _>>()?;
	let rank = shape.len();
	let name = port.name.as_bytes().to_vec();
	Ok(TensorSpec {
		name: name.try_into().map_err(|_| CanonicalError::Name { name: port.name.clone() })?,
		dtype: port.kind.dtype.into(),
		shape: shape.try_into().map_err(|_| refuse(rank))?,
	})
}

/// Check an input and read the symbols that its axes are.
pub(super) fn bind(
	port: &Port,
	tensor: &Tensor,
	symbols: &[Symbol],
	bound: &mut [Option<u32>],
) -> Result<(), TensorError> {
	if tensor.dtype.canonical() != Some(port.kind.dtype) {
		return Err(TensorError::WrongType);
	}
	if tensor.shape.len() != port.kind.dims.len() {
		return Err(TensorError::WrongShape);
	}
	tensor.validate()?;
	for (dim, length) in port.kind.dims.iter().zip(&tensor.shape) {
		let Some(at) = symbol_of(dim) else { continue };
		let (symbol, bound) =
			symbols.get(at).zip(bound.get_mut(at)).ok_or(TensorError::WrongShape)?;
		if !(symbol.minimum..=symbol.maximum).contains(length) {
			return Err(TensorError::WrongShape);
		}
		if *bound.get_or_insert(*length) != *length {
			return Err(TensorError::UnequalAxes);
		}
	}
	Ok(())
}

//! What tests share.

use crate::{
	arbiter::tests::check_primitive,
	arith::F32,
	exact,
	graph::{Node, Source},
	op::Op,
	ops,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim, SymbolicType},
	tensor::{DType, Element, Tensor, TensorType},
};

/// What a node does with its operands.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
	/// The output.
	Tensor(Tensor),
	/// The index of the first element without a value.
	Fault(u64),
	/// The node is invalid.
	Invalid(crate::graph::Invalid),
}

impl Outcome {
	/// The output as float32.
	pub fn floats(self) -> Vec<f32> {
		let tensor = self.tensor();
		assert_eq!(tensor.dtype(), DType::Float32);
		(0..tensor.shape().count())
			.map(|index| f32::from_bits(tensor.at(index).unwrap().bits() as u32))
			.collect()
	}

	/// The output as integers.
	pub fn integers(self) -> Vec<i64> {
		let tensor = self.tensor();
		assert_ne!(tensor.dtype(), DType::Float32);
		(0..tensor.shape().count()).map(|index| tensor.at(index).unwrap().to_i64()).collect()
	}

	/// The extents of the output.
	pub fn extents(&self) -> Vec<u32> {
		match self {
			Self::Tensor(tensor) => tensor.shape().extents().to_vec(),
			other => panic!("no tensor but {other:?}"),
		}
	}

	fn tensor(self) -> Tensor {
		match self {
			Self::Tensor(tensor) => tensor,
			other => panic!("no tensor but {other:?}"),
		}
	}
}

/// A float32 tensor.
pub fn floats(extents: &[u32], values: &[f32]) -> Tensor {
	let elements: Vec<Element> =
		values.iter().map(|value| Element::float(F32::from_bits(value.to_bits()))).collect();
	Tensor::from_elements(DType::Float32, Shape::new(extents).unwrap(), &elements).unwrap()
}

/// A tensor of integers or bools.
pub fn integers(dtype: DType, extents: &[u32], values: &[i64]) -> Tensor {
	let elements: Vec<Element> =
		values.iter().map(|value| Element::integer(dtype, *value)).collect();
	Tensor::from_elements(dtype, Shape::new(extents).unwrap(), &elements).unwrap()
}

/// Runs one primitive, with every operand and the output in each of two layouts, which must agree,
/// and has the arbiter judge elements of it.
pub fn eval(op: Op, operands: &[Tensor]) -> Outcome {
	let kinds: Vec<TensorType> = operands.iter().map(|operand| operand.kind().clone()).collect();
	let output = match ops::infer(&op, &kinds, &Bindings::default()) {
		Ok(output) => output,
		Err(reason) => return Outcome::Invalid(reason),
	};
	let plain = eval_in(&op, operands, &output, Layout::row_major());
	let turned: Vec<Tensor> = operands
		.iter()
		.map(|operand| operand.relaid(&reversed(operand.shape().rank())).unwrap())
		.collect();
	let again = eval_in(&op, &turned, &output, reversed(output.shape.rank()));
	assert_eq!(plain, again, "layouts change the result of {op:?}");
	check_primitive(&op, &turned, reversed(output.shape.rank()));
	plain
}

fn eval_in(op: &Op, operands: &[Tensor], output: &TensorType, layout: Layout) -> Outcome {
	let dims = output.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
	let node = Node {
		op: op.clone(),
		inputs: (0..operands.len() as u32).map(Source::Input).collect(),
		layout,
		output: SymbolicType { dtype: output.dtype, dims },
	};
	let operands: Vec<&Tensor> = operands.iter().collect();
	match exact::run_node(&node, output, &Bindings::default(), &operands) {
		Ok(tensor) => Outcome::Tensor(exact::row_major(&tensor).unwrap()),
		Err((element, ops::Stop::Fault)) => Outcome::Fault(element),
		Err(other) => panic!("{op:?} stopped: {other:?}"),
	}
}

/// The order of axes that is the reverse of row-major.
pub fn reversed(rank: usize) -> Layout {
	let axes: Vec<u8> = (0..rank as u8).rev().collect();
	Layout::new(&axes).unwrap()
}

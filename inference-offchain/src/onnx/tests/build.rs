//! Small ONNX files, message by message.

use assay_canon::{
	exact,
	shape::Shape,
	symbol::{Bindings, Symbol},
	tensor::{DType, Tensor},
};
use prost::Message;

use crate::onnx::{
	import,
	proto::{
		AttributeProto, DimensionProto, GraphProto, Length, ModelProto, NodeProto,
		OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
		ValueInfoProto,
	},
	Declaration, Dimension, ImportError, Imported,
};

pub const FLOAT: i32 = 1;
pub const INT64: i32 = 7;
pub const BOOL: i32 = 9;

/// A dimension: a number, or a name.
pub fn dim(text: &str) -> DimensionProto {
	let value = match text.parse() {
		Ok(length) => Length::Fixed(length),
		Err(_) => Length::Symbol(text.into()),
	};
	DimensionProto { value: Some(value) }
}

pub fn value(name: &str, elem_type: i32, dims: &[&str]) -> ValueInfoProto {
	let shape = Some(TensorShapeProto { dim: dims.iter().map(|text| dim(text)).collect() });
	let tensor_type = Some(TensorTypeProto { elem_type, shape });
	ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

pub fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
	NodeProto {
		input: inputs.iter().map(|name| (*name).into()).collect(),
		output: outputs.iter().map(|name| (*name).into()).collect(),
		op_type: operator.into(),
		..NodeProto::default()
	}
}

pub fn with(mut node: NodeProto, attribute: AttributeProto) -> NodeProto {
	node.attribute.push(attribute);
	node
}

pub fn int(name: &str, i: i64) -> AttributeProto {
	AttributeProto { name: name.into(), i, r#type: 2, ..AttributeProto::default() }
}

pub fn float(name: &str, f: f32) -> AttributeProto {
	AttributeProto { name: name.into(), f, r#type: 1, ..AttributeProto::default() }
}

pub fn text(name: &str, s: &str) -> AttributeProto {
	AttributeProto { name: name.into(), s: s.into(), r#type: 3, ..AttributeProto::default() }
}

pub fn branch(name: &str, graph: GraphProto) -> AttributeProto {
	AttributeProto { name: name.into(), g: Some(graph), r#type: 5, ..AttributeProto::default() }
}

pub fn integers(name: &str, values: &[i64]) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: vec![values.len() as i64],
		data_type: INT64,
		int64_data: values.to_vec(),
		..TensorProto::default()
	}
}

pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.to_vec(),
		data_type: FLOAT,
		float_data: values.to_vec(),
		..TensorProto::default()
	}
}

pub fn graph(
	inputs: Vec<ValueInfoProto>,
	initializer: Vec<TensorProto>,
	node: Vec<NodeProto>,
	outputs: &[&str],
) -> GraphProto {
	let output = outputs.iter().map(|name| value(name, FLOAT, &[])).collect();
	GraphProto { node, initializer, input: inputs, output, ..GraphProto::default() }
}

pub fn model(graph: GraphProto, version: i64) -> ModelProto {
	ModelProto {
		ir_version: 8,
		graph: Some(graph),
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
		..ModelProto::default()
	}
}

/// Imports a graph of operator set 21 in which every named dimension is between 1 and 8.
pub fn import_graph(graph: GraphProto) -> Result<Imported, ImportError> {
	import_model(&model(graph, 21), &["batch", "sequence"])
}

pub fn import_model(model: &ModelProto, free: &[&str]) -> Result<Imported, ImportError> {
	let mut declaration = Declaration::default();
	for name in free {
		let symbol = Symbol { minimum: 1, maximum: 8 };
		declaration.dimensions.insert((*name).into(), Dimension::Free(symbol));
	}
	import(&model.encode_to_vec(), &declaration)
}

pub fn tensor(extents: &[u32], values: &[f32]) -> Tensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(DType::Float32, Shape::new(extents).unwrap(), data).unwrap()
}

pub fn values(tensor: &Tensor) -> Vec<f32> {
	let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
	tensor.data().chunks(4).map(float).collect()
}

/// The first output of a graph without symbols.
pub fn run(imported: &Imported, inputs: &[Tensor]) -> Tensor {
	let bindings = Bindings::default();
	let run = exact::run(&imported.graph, &bindings, inputs, &imported.initializers).unwrap();
	assert_eq!(run.fault, None);
	run.slots[imported.graph.outputs[0].node as usize].clone()
}

/// What one node makes of one operand of these values, as a row.
pub fn apply(node: NodeProto, operand: &[f32], constants: Vec<TensorProto>) -> Vec<f32> {
	let width = operand.len().to_string();
	let input = value("x", FLOAT, &["1", &width]);
	let imported = import_graph(graph(vec![input], constants, vec![node], &["y"])).unwrap();
	values(&run(&imported, &[tensor(&[1, operand.len() as u32], operand)]))
}

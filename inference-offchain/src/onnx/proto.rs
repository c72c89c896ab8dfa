//! The messages of an ONNX file, as far as they are read.
//!
//! Field numbers are those of `onnx.proto3`
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>). Fields that nothing here reads are
//! left out, and skipped when a file is decoded; fields that make a file be refused are in.

use prost::{Message, Oneof};

/// A whole file.
#[derive(Clone, PartialEq, Message)]
pub struct ModelProto {
	/// The version of the format.
	#[prost(int64, tag = "1")]
	pub ir_version: i64,
	/// The graph.
	#[prost(message, optional, tag = "7")]
	pub graph: Option<GraphProto>,
	/// The operator sets.
	#[prost(message, repeated, tag = "8")]
	pub opset_import: Vec<OperatorSetIdProto>,
	/// How the model was trained; read only to be refused.
	#[prost(message, repeated, tag = "20")]
	pub training_info: Vec<Ignored>,
	/// Functions of the model's own.
	#[prost(message, repeated, tag = "25")]
	pub functions: Vec<FunctionProto>,
}

/// A message of which only the presence matters.
#[derive(Clone, PartialEq, Message)]
pub struct Ignored {}

/// The version of an operator set.
#[derive(Clone, PartialEq, Message)]
pub struct OperatorSetIdProto {
	/// The domain; empty for ONNX's own.
	#[prost(string, tag = "1")]
	pub domain: String,
	/// The version.
	#[prost(int64, tag = "2")]
	pub version: i64,
}

/// A graph.
#[derive(Clone, PartialEq, Message)]
pub struct GraphProto {
	/// The nodes, in topological order.
	#[prost(message, repeated, tag = "1")]
	pub node: Vec<NodeProto>,
	/// The constants.
	#[prost(message, repeated, tag = "5")]
	pub initializer: Vec<TensorProto>,
	/// The inputs.
	#[prost(message, repeated, tag = "11")]
	pub input: Vec<ValueInfoProto>,
	/// The outputs.
	#[prost(message, repeated, tag = "12")]
	pub output: Vec<ValueInfoProto>,
	/// Sparse constants; read only to be refused.
	#[prost(message, repeated, tag = "15")]
	pub sparse_initializer: Vec<Ignored>,
}

/// A node.
#[derive(Clone, PartialEq, Message)]
pub struct NodeProto {
	/// The names of its inputs; an empty one is left out.
	#[prost(string, repeated, tag = "1")]
	pub input: Vec<String>,
	/// The names of its outputs.
	#[prost(string, repeated, tag = "2")]
	pub output: Vec<String>,
	/// Its own name.
	#[prost(string, tag = "3")]
	pub name: String,
	/// The operator.
	#[prost(string, tag = "4")]
	pub op_type: String,
	/// Its attributes.
	#[prost(message, repeated, tag = "5")]
	pub attribute: Vec<AttributeProto>,
	/// The operator's domain.
	#[prost(string, tag = "7")]
	pub domain: String,
}

/// A function of the model's own.
#[derive(Clone, PartialEq, Message)]
pub struct FunctionProto {
	/// Its name, by which nodes call it.
	#[prost(string, tag = "1")]
	pub name: String,
	/// The domain of that name.
	#[prost(string, tag = "10")]
	pub domain: String,
}

/// An attribute of a node.
#[derive(Clone, PartialEq, Message)]
pub struct AttributeProto {
	/// Its name.
	#[prost(string, tag = "1")]
	pub name: String,
	/// A number.
	#[prost(float, tag = "2")]
	pub f: f32,
	/// An integer.
	#[prost(int64, tag = "3")]
	pub i: i64,
	/// A text.
	#[prost(bytes = "vec", tag = "4")]
	pub s: Vec<u8>,
	/// A tensor.
	#[prost(message, optional, tag = "5")]
	pub t: Option<TensorProto>,
	/// A graph.
	#[prost(message, optional, tag = "6")]
	pub g: Option<GraphProto>,
	/// Numbers.
	#[prost(float, repeated, tag = "7")]
	pub floats: Vec<f32>,
	/// Integers.
	#[prost(int64, repeated, tag = "8")]
	pub ints: Vec<i64>,
	/// Texts.
	#[prost(bytes = "vec", repeated, tag = "9")]
	pub strings: Vec<Vec<u8>>,
	/// Which of the fields holds.
	#[prost(int32, tag = "20")]
	pub r#type: i32,
	/// The attribute of the surrounding function that holds.
	#[prost(string, tag = "21")]
	pub ref_attr_name: String,
}

/// A constant tensor.
#[derive(Clone, PartialEq, Message)]
pub struct TensorProto {
	/// Its shape.
	#[prost(int64, repeated, tag = "1")]
	pub dims: Vec<i64>,
	/// Its element type, as ONNX numbers them.
	#[prost(int32, tag = "2")]
	pub data_type: i32,
	/// Elements of float32.
	#[prost(float, repeated, tag = "4")]
	pub float_data: Vec<f32>,
	/// Elements of int32 and of the types that are narrower.
	#[prost(int32, repeated, tag = "5")]
	pub int32_data: Vec<i32>,
	/// Elements of int64.
	#[prost(int64, repeated, tag = "7")]
	pub int64_data: Vec<i64>,
	/// Its name.
	#[prost(string, tag = "8")]
	pub name: String,
	/// Elements of any type, little-endian.
	#[prost(bytes = "vec", tag = "9")]
	pub raw_data: Vec<u8>,
	/// Elements of float64.
	#[prost(double, repeated, tag = "10")]
	pub double_data: Vec<f64>,
	/// Elements of uint32 and uint64.
	#[prost(uint64, repeated, tag = "11")]
	pub uint64_data: Vec<u64>,
	/// Where the elements lie outside the file; read only to be refused.
	#[prost(message, repeated, tag = "13")]
	pub external_data: Vec<Ignored>,
	/// Whether the elements lie outside the file.
	#[prost(int32, tag = "14")]
	pub data_location: i32,
}

/// A declared input or output.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfoProto {
	/// Its name.
	#[prost(string, tag = "1")]
	pub name: String,
	/// Its type.
	#[prost(message, optional, tag = "2")]
	pub r#type: Option<TypeProto>,
}

/// A type; anything but a tensor is refused.
#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
	/// The type of a tensor.
	#[prost(message, optional, tag = "1")]
	pub tensor_type: Option<TensorTypeProto>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct TensorTypeProto {
	/// The element type, as ONNX numbers them.
	#[prost(int32, tag = "1")]
	pub elem_type: i32,
	/// The shape; none when even the rank is open.
	#[prost(message, optional, tag = "2")]
	pub shape: Option<TensorShapeProto>,
}

/// A declared shape.
#[derive(Clone, PartialEq, Message)]
pub struct TensorShapeProto {
	/// The dimensions.
	#[prost(message, repeated, tag = "1")]
	pub dim: Vec<DimensionProto>,
}

/// A declared dimension.
#[derive(Clone, PartialEq, Message)]
pub struct DimensionProto {
	/// Its length or its symbol.
	#[prost(oneof = "Length", tags = "1, 2")]
	pub value: Option<Length>,
}

/// What a dimension is.
#[derive(Clone, PartialEq, Oneof)]
pub enum Length {
	/// A length.
	#[prost(int64, tag = "1")]
	Fixed(i64),
	/// A symbol.
	#[prost(string, tag = "2")]
	Symbol(String),
}

//! Small ONNX files, written field by field.

use assay_primitives::tensor::{DType, Dimension, TensorSpec};

/// The wire type of a number, and of bytes, in a protobuf.
const VARINT: u64 = 0;
const BYTES: u64 = 2;
/// ONNX's number for float32.
const FLOAT: u64 = 1;
/// The side of the matrices of [`slow`].
const SIDE: u64 = 1024;

/// A protobuf message in the making.
#[derive(Clone, Default)]
struct Message(Vec<u8>);

impl Message {
	fn varint(&mut self, mut value: u64) {
		while value >= 0x80 {
			self.0.push((value & 0x7f) as u8 | 0x80);
			value >>= 7;
		}
		self.0.push(value as u8);
	}

	fn number(mut self, field: u64, value: u64) -> Self {
		self.varint(field << 3 | VARINT);
		self.varint(value);
		self
	}

	fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
		self.varint(field << 3 | BYTES);
		self.varint(value.as_ref().len() as u64);
		self.0.extend_from_slice(value.as_ref());
		self
	}

	fn message(self, field: u64, value: Message) -> Self {
		self.bytes(field, value.0)
	}
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
	inputs
		.iter()
		.fold(Message::default(), |node, input| node.bytes(1, input))
		.bytes(2, output)
		.bytes(4, operator)
}

/// A float32 value; a dimension of zero is left open.
fn value(name: &str, shape: &[u64]) -> Message {
	let dimensions = shape.iter().fold(Message::default(), |dimensions, length| {
		let dimension = match length {
			0 => Message::default().bytes(2, "n"),
			_ => Message::default().number(1, *length),
		};
		dimensions.message(1, dimension)
	});
	let tensor = Message::default().number(1, FLOAT).message(2, dimensions);
	Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}

fn model(nodes: Vec<Message>, initialiser: Option<Message>, shapes: [&[u64]; 2]) -> Vec<u8> {
	let graph = nodes.into_iter().fold(Message::default(), |graph, node| graph.message(1, node));
	let graph = graph.bytes(2, "graph");
	let graph = match initialiser {
		Some(tensor) => graph.message(5, tensor),
		None => graph,
	};
	let graph = graph.message(11, value("x", shapes[0])).message(12, value("y", shapes[1]));
	let opset = Message::default().bytes(1, "").number(2, 17);
	Message::default().number(1, 8).message(7, graph).message(8, opset).0
}

/// `y = x + x` for a row of any length.
pub fn doubling() -> Vec<u8> {
	model(vec![node("Add", &["x", "x"], "y")], None, [&[0], &[0]])
}

/// `y = x · x`, declared as [`doubling`] is.
pub fn squaring() -> Vec<u8> {
	model(vec![node("Mul", &["x", "x"], "y")], None, [&[0], &[0]])
}

/// A product of `factors` matrices that depend on `x`, summed up: tens of milliseconds a factor. For
/// `x` = 0 nothing is rounded, so that so long a chain stays within any tolerance.
pub fn slow(factors: usize) -> Vec<u8> {
	let element = 1.0 / SIDE as f32;
	let data: Vec<u8> = (0..SIDE * SIDE).flat_map(|_| element.to_le_bytes()).collect();
	let matrix = Message::default()
		.number(1, SIDE)
		.number(1, SIDE)
		.number(2, FLOAT)
		.bytes(8, "m")
		.bytes(9, data);
	let mut nodes = vec![node("Add", &["m", "x"], "p0")];
	for factor in 0..factors {
		let (left, product) = (format!("p{factor}"), format!("p{}", factor + 1));
		nodes.push(node("MatMul", &[&left, "p0"], &product));
	}
	nodes.push(node("ReduceSum", &[&format!("p{factors}")], "y"));
	model(nodes, Some(matrix), [&[1], &[1, 1]])
}

/// A declared float32 tensor.
pub fn float32(name: &str, shape: &[Dimension]) -> TensorSpec {
	TensorSpec {
		name: name.as_bytes().to_vec().try_into().expect("the name is short"),
		dtype: DType::Float32,
		shape: shape.to_vec().try_into().expect("the rank is small"),
	}
}

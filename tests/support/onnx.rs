//! ONNX files, written field by field.

pub mod mobilenet;

use assay_primitives::tensor::{DType, Dimension, TensorSpec};

/// The wire type of a number, and of bytes, in a protobuf.
const VARINT: u64 = 0;
const BYTES: u64 = 2;
/// ONNX's number for float32.
const FLOAT: u64 = 1;
/// ONNX's number for an attribute that is an integer.
const INTEGER: u64 = 2;
/// ONNX's number for an attribute that is a list of integers.
const INTEGERS: u64 = 7;
/// The side of the pictures of [`convolutional`].
const PICTURE: u64 = 16;
/// The classes of [`convolutional`].
const CLASSES: u64 = 10;
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

/// An attribute that is an integer.
fn integer(name: &str, value: u64) -> Message {
	Message::default().bytes(1, name).number(3, value).number(20, INTEGER)
}

/// An attribute that is a list of integers.
fn integers(name: &str, values: &[u64]) -> Message {
	let attribute = Message::default().bytes(1, name);
	values.iter().fold(attribute, |list, value| list.number(8, *value)).number(20, INTEGERS)
}

/// A float32 tensor of the model.
fn initialiser(name: &str, shape: &[u64], values: impl Iterator<Item = f32>) -> Message {
	let data: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
	let dims = shape.iter().fold(Message::default(), |tensor, length| tensor.number(1, *length));
	dims.number(2, FLOAT).bytes(8, name).bytes(9, data)
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

fn model(nodes: Vec<Message>, initialisers: Vec<Message>, shapes: [&[u64]; 2]) -> Vec<u8> {
	let graph = nodes.into_iter().fold(Message::default(), |graph, node| graph.message(1, node));
	let graph = graph.bytes(2, "graph");
	let graph = initialisers.into_iter().fold(graph, |graph, tensor| graph.message(5, tensor));
	let graph = graph.message(11, value("x", shapes[0])).message(12, value("y", shapes[1]));
	let opset = Message::default().bytes(1, "").number(2, 17);
	Message::default().number(1, 8).message(7, graph).message(8, opset).0
}

/// `y = x + x` for a row of any length.
pub fn doubling() -> Vec<u8> {
	model(vec![node("Add", &["x", "x"], "y")], vec![], [&[0], &[0]])
}

/// `y = x · x`, declared as [`doubling`] is.
pub fn squaring() -> Vec<u8> {
	model(vec![node("Mul", &["x", "x"], "y")], vec![], [&[0], &[0]])
}

/// A product of `factors` matrices that depend on `x`, summed up: tens of milliseconds a factor. For
/// `x` = 0 nothing is rounded, so that so long a chain stays within any tolerance.
pub fn slow(factors: usize) -> Vec<u8> {
	let matrix = initialiser("m", &[SIDE, SIDE], (0..SIDE * SIDE).map(|_| 1.0 / SIDE as f32));
	let mut nodes = vec![node("Add", &["m", "x"], "p0")];
	for factor in 0..factors {
		let (left, product) = (format!("p{factor}"), format!("p{}", factor + 1));
		nodes.push(node("MatMul", &[&left, "p0"], &product));
	}
	nodes.push(node("ReduceSum", &[&format!("p{factors}")], "y"));
	model(nodes, vec![matrix], [&[1], &[1, 1]])
}

/// The length of the rows of [`amplifying`].
const ROW: u64 = 64;
/// The numbers that [`amplifying`] gives.
const SUMS: u64 = 8;

/// Sums of a row. If its first number is above eight, the difference between other sums and the same
/// ones added up from last to first is multiplied and added: nothing in exact arithmetic, and what
/// float32 has rounded in any engine.
pub fn amplifying() -> Vec<u8> {
	let matrix = |name, seed: u64, order: fn(u64) -> u64| {
		initialiser(
			name,
			&[ROW, SUMS],
			(0..ROW * SUMS).map(move |index| weight(order(index) * seed)),
		)
	};
	let mirror =
		(0..ROW * ROW).map(|index| f32::from(u8::from(index / ROW + index % ROW == ROW - 1)));
	let first = (0..ROW).map(|index| f32::from(u8::from(index == 0)));
	let weights = vec![
		matrix("plain", 3, |index| index),
		matrix("forward", 5, |index| index),
		matrix("backward", 5, |index| (ROW - 1 - index / SUMS) * SUMS + index % SUMS),
		initialiser("mirror", &[ROW, ROW], mirror),
		initialiser("first", &[ROW, 1], first),
		initialiser("gate", &[1], std::iter::once(-8.0)),
		initialiser("times", &[1], std::iter::once(2f32.powi(40))),
	];
	let nodes = vec![
		node("MatMul", &["x", "plain"], "sums"),
		node("MatMul", &["x", "forward"], "one"),
		node("MatMul", &["x", "mirror"], "turned"),
		node("MatMul", &["turned", "backward"], "other"),
		node("Sub", &["one", "other"], "rest"),
		node("MatMul", &["x", "first"], "leading"),
		node("Add", &["leading", "gate"], "above"),
		node("Relu", &["above"], "open"),
		node("Mul", &["rest", "times"], "large"),
		node("Mul", &["large", "open"], "shown"),
		node("Add", &["sums", "shown"], "y"),
	];
	model(nodes, weights, [&[1, ROW], &[1, SUMS]])
}

/// The input and the output of [`amplifying`].
pub fn amplified() -> [TensorSpec; 2] {
	let row = |length| [Dimension::Fixed(1), Dimension::Fixed(length as u32)];
	[float32("x", &row(ROW)), float32("y", &row(SUMS))]
}

/// A small classifier of pictures of one channel: two convolutions, each with an activation and a
/// pool, and a linear layer.
pub fn convolutional() -> Vec<u8> {
	let square = |name: &str, side: u64| integers(name, &[side, side]);
	let convolution = |inputs: &[&str], output: &str| {
		let padded = node("Conv", inputs, output).message(5, integers("pads", &[1, 1, 1, 1]));
		padded.message(5, square("kernel_shape", 3))
	};
	let pool = |input: &str, output: &str| {
		let pool = node("MaxPool", &[input], output).message(5, square("kernel_shape", 2));
		pool.message(5, square("strides", 2))
	};
	let nodes = vec![
		convolution(&["x", "w1", "b1"], "c1"),
		node("Relu", &["c1"], "r1"),
		pool("r1", "p1"),
		convolution(&["p1", "w2", "b2"], "c2"),
		node("Relu", &["c2"], "r2"),
		pool("r2", "p2"),
		node("Flatten", &["p2"], "flat"),
		node("Gemm", &["flat", "w3", "b3"], "y"),
	];
	let (first, second) = (4, 8);
	let features = second * (PICTURE / 4) * (PICTURE / 4);
	let weights = [
		("w1", vec![first, 1, 3, 3]),
		("b1", vec![first]),
		("w2", vec![second, first, 3, 3]),
		("b2", vec![second]),
		("w3", vec![features, CLASSES]),
		("b3", vec![CLASSES]),
	];
	let weights = weights.iter().zip(1..).map(|((name, shape), seed)| {
		let count: u64 = shape.iter().product();
		initialiser(name, shape, (0..count).map(move |index| weight(index * seed)))
	});
	model(nodes, weights.collect(), [&[1, 1, PICTURE, PICTURE], &[1, CLASSES]])
}

/// A weight between minus one half and one half, that 8 bits do not hold.
fn weight(index: u64) -> f32 {
	let mixed = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
	mixed as f32 / (1 << 24) as f32 - 0.5
}

/// The input of [`convolutional`].
pub fn picture() -> TensorSpec {
	let side = Dimension::Fixed(PICTURE as u32);
	float32("x", &[Dimension::Fixed(1), Dimension::Fixed(1), side, side])
}

/// The output of [`convolutional`].
pub fn classes() -> TensorSpec {
	float32("y", &[Dimension::Fixed(1), Dimension::Fixed(CLASSES as u32)])
}

/// A declared float32 tensor.
pub fn float32(name: &str, shape: &[Dimension]) -> TensorSpec {
	TensorSpec {
		name: name.as_bytes().to_vec().try_into().expect("the name is short"),
		dtype: DType::Float32,
		shape: shape.to_vec().try_into().expect("the rank is small"),
	}
}

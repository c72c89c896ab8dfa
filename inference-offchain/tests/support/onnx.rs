//! Small ONNX files, written field by field.

use assay_primitives::tensor::DType;

/// The wire type of a number, and of bytes, in a protobuf.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

/// A protobuf message in the making.
#[derive(Default)]
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

/// ONNX's number for an element type.
fn number_of(dtype: DType) -> u64 {
	match dtype {
		DType::Float32 => 1,
		DType::Uint8 => 2,
		DType::Int8 => 3,
		DType::Uint16 => 4,
		DType::Int16 => 5,
		DType::Int32 => 6,
		DType::Int64 => 7,
		DType::Bool => 9,
		DType::Float16 => 10,
		DType::Float64 => 11,
		DType::Uint32 => 12,
		DType::Uint64 => 13,
	}
}

/// A declared value; a dimension of zero is left open.
fn value(name: &str, dtype: DType, shape: &[u64]) -> Message {
	let dimensions = shape.iter().fold(Message::default(), |dimensions, length| {
		let dimension = match length {
			0 => Message::default().bytes(2, "n"),
			_ => Message::default().number(1, *length),
		};
		dimensions.message(1, dimension)
	});
	let tensor = Message::default().number(1, number_of(dtype)).message(2, dimensions);
	Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
	inputs
		.iter()
		.fold(Message::default(), |node, input| node.bytes(1, input))
		.bytes(2, output)
		.bytes(4, operator)
}

fn model(graph: Message) -> Vec<u8> {
	let opset = Message::default().bytes(1, "").number(2, 17);
	Message::default().number(1, 8).message(7, graph).message(8, opset).0
}

/// `y = x` for one element type; a dimension of zero is left open.
pub fn identity(dtype: DType, shape: &[u64]) -> Vec<u8> {
	model(
		Message::default()
			.message(1, node("Identity", &["x"], "y"))
			.bytes(2, "identity")
			.message(11, value("x", dtype, shape))
			.message(12, value("y", dtype, shape)),
	)
}

/// `y = w[x]`, four float32 of 1024, where `w` is said to lie in another file.
pub fn with_external_data(location: &str) -> Vec<u8> {
	let entry = Message::default().bytes(1, "location").bytes(2, location);
	let weights = Message::default()
		.number(1, 1024)
		.number(2, number_of(DType::Float32))
		.bytes(8, "w")
		.message(13, entry)
		.number(14, 1);
	model(
		Message::default()
			.message(1, node("Gather", &["w", "x"], "y"))
			.bytes(2, "external")
			.message(5, weights)
			.message(11, value("x", DType::Int64, &[4]))
			.message(12, value("y", DType::Float32, &[4])),
	)
}

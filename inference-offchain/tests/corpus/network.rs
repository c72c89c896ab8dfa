//! The networks of the corpus: ONNX files that are written here, with weights from a seed.

use assay_primitives::tensor::DType;
use assay_worker::{
	onnx::proto::{
		AttributeProto, DimensionProto, GraphProto, Length, ModelProto, NodeProto,
		OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
		ValueInfoProto,
	},
	random::Random,
};
use prost::Message;

const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// How products are computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operands {
	/// Of float32.
	Whole,
	/// Of float32 with eleven significant bits, as TF32 has them.
	Short,
}

/// Normal numbers.
pub fn normal(random: &mut Random, count: usize) -> Vec<f32> {
	let tensor = random.tensor(DType::Float32, vec![count as u32], &(0..1)).unwrap();
	crate::numbers(&tensor)
}

/// A network in the making.
struct Network {
	nodes: Vec<NodeProto>,
	weights: Vec<TensorProto>,
	random: Random,
	operands: Operands,
}

impl Network {
	fn new(seed: u64, operands: Operands) -> Self {
		Network { nodes: Vec::new(), weights: Vec::new(), random: Random(seed), operands }
	}

	fn constant(&mut self, dims: &[i64], values: Vec<f32>) -> String {
		let name = format!("w{}", self.weights.len());
		self.weights.push(TensorProto {
			name: name.clone(),
			dims: dims.to_vec(),
			data_type: FLOAT,
			float_data: values,
			..TensorProto::default()
		});
		name
	}

	fn indices(&mut self, name: &str, values: Vec<i64>) -> String {
		self.weights.push(TensorProto {
			name: name.into(),
			dims: vec![values.len() as i64],
			data_type: INT64,
			int64_data: values,
			..TensorProto::default()
		});
		name.into()
	}

	/// Normal weights, smaller the more terms a sum of their products has.
	fn weights(&mut self, dims: &[i64], terms: i64) -> String {
		let deviation = (2.0 / terms as f32).sqrt();
		let count = dims.iter().product::<i64>() as usize;
		let values = normal(&mut self.random, count);
		self.constant(dims, values.into_iter().map(|value| value * deviation).collect())
	}

	fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[(&str, &[i64])]) -> String {
		let output = format!("n{}", self.nodes.len());
		let attribute = |(name, ints): &(&str, &[i64])| match **ints {
			// The attributes of one number that are used here are no lists.
			[i] => AttributeProto { name: (*name).into(), i, r#type: 2, ..Default::default() },
			_ => AttributeProto {
				name: (*name).into(),
				ints: ints.to_vec(),
				r#type: 7,
				..Default::default()
			},
		};
		self.nodes.push(NodeProto {
			input: inputs.iter().map(|name| (*name).into()).collect(),
			output: vec![output.clone()],
			op_type: operator.into(),
			attribute: attributes.iter().map(attribute).collect(),
			..NodeProto::default()
		});
		output
	}

	/// An operand of a product. What is left of x · (1 + 2¹³) − (x · (1 + 2¹³) − x) are the eleven
	/// leading bits of x, rounded to nearest.
	fn operand(&mut self, x: &str) -> String {
		if self.operands == Operands::Whole {
			return x.into();
		}
		let factor = self.constant(&[], vec![8193.0]);
		let raised = self.node("Mul", &[x, &factor], &[]);
		let low = self.node("Sub", &[&raised, x], &[]);
		self.node("Sub", &[&raised, &low], &[])
	}

	/// A product of two operands, and whatever else the operator takes.
	fn product(
		&mut self,
		operator: &str,
		[left, right]: [&str; 2],
		rest: &[&str],
		attributes: &[(&str, &[i64])],
	) -> String {
		let (left, right) = (self.operand(left), self.operand(right));
		let inputs = [&[left.as_str(), right.as_str()], rest].concat();
		self.node(operator, &inputs, attributes)
	}

	fn dense(&mut self, x: &str, from: i64, to: i64) -> String {
		let (weights, bias) = (self.weights(&[from, to], from), self.weights(&[to], 200));
		self.product("Gemm", [x, &weights], &[&bias], &[])
	}

	/// A product along the last of three axes.
	fn project(&mut self, x: &str, from: i64, to: i64) -> String {
		let weights = self.weights(&[from, to], 2 * from);
		self.product("MatMul", [x, &weights], &[], &[])
	}

	fn conv(&mut self, x: &str, from: i64, to: i64, pad: i64) -> String {
		let (weights, bias) = (self.weights(&[to, from, 3, 3], 9 * from), self.weights(&[to], 200));
		self.product("Conv", [x, &weights], &[&bias], &[("pads", &[pad, pad, pad, pad])])
	}

	fn layer_norm(&mut self, x: &str, width: i64) -> String {
		let gain = self.constant(&[width], vec![1.0; width as usize]);
		let bias = self.weights(&[width], 200);
		self.node("LayerNormalization", &[x, &gain, &bias], &[("axis", &[-1])])
	}

	/// x · (1 + erf(x / √2)) / 2
	fn gelu(&mut self, x: &str) -> String {
		let [root, one, half] =
			[std::f32::consts::SQRT_2, 1.0, 0.5].map(|value| self.constant(&[], vec![value]));
		let shrunk = self.node("Div", &[x, &root], &[]);
		let erf = self.node("Erf", &[&shrunk], &[]);
		let raised = self.node("Add", &[&erf, &one], &[]);
		let doubled = self.node("Mul", &[x, &raised], &[]);
		self.node("Mul", &[&doubled, &half], &[])
	}

	/// The file, whose output `y` is the last node's. The first axis of `x` and `y` is free.
	fn finish(mut self, input: &[i64], output: &[i64]) -> Vec<u8> {
		self.nodes.last_mut().unwrap().output = vec!["y".into()];
		let graph = GraphProto {
			node: self.nodes,
			initializer: self.weights,
			input: vec![value("x", input)],
			output: vec![value("y", output)],
			..GraphProto::default()
		};
		ModelProto {
			ir_version: 8,
			graph: Some(graph),
			opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
			..ModelProto::default()
		}
		.encode_to_vec()
	}
}

/// A float32 of rows with these lengths.
fn value(name: &str, row: &[i64]) -> ValueInfoProto {
	let lengths = row.iter().map(|length| Length::Fixed(*length));
	let dim = std::iter::once(Length::Symbol("n".into()))
		.chain(lengths)
		.map(|length| DimensionProto { value: Some(length) })
		.collect();
	let shape = Some(TensorShapeProto { dim });
	let tensor_type = Some(TensorTypeProto { elem_type: FLOAT, shape });
	ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

/// A classifier of 64 numbers: three hidden layers and ten classes.
pub fn perceptron(seed: u64, operands: Operands) -> Vec<u8> {
	let mut net = Network::new(seed, operands);
	let mut x = String::from("x");
	for (from, to) in [(64, 256), (256, 256), (256, 256)] {
		let sum = net.dense(&x, from, to);
		x = net.node("Relu", &[&sum], &[]);
	}
	net.dense(&x, 256, 10);
	net.finish(&[64], &[10])
}

/// A classifier of images: two convolutions, pools, and probabilities of ten classes.
pub fn convolutional(seed: u64, operands: Operands) -> Vec<u8> {
	let mut net = Network::new(seed, operands);
	let first = net.conv("x", 3, 8, 1);
	let first = net.node("Relu", &[&first], &[]);
	let window: [(&str, &[i64]); 2] = [("kernel_shape", &[2, 2]), ("strides", &[2, 2])];
	let pooled = net.node("MaxPool", &[&first], &window);
	let second = net.conv(&pooled, 8, 16, 1);
	let second = net.node("Relu", &[&second], &[]);
	let means = net.node("AveragePool", &[&second], &window);
	let flat = net.node("Flatten", &[&means], &[]);
	let logits = net.dense(&flat, 16 * 4 * 4, 10);
	net.node("Softmax", &[&logits], &[("axis", &[-1])]);
	net.finish(&[3, 16, 16], &[10])
}

/// A block of a transformer on sixteen words of 32 numbers.
pub fn transformer(seed: u64, operands: Operands) -> Vec<u8> {
	const WIDTH: i64 = 32;
	let mut net = Network::new(seed, operands);
	let normal = net.layer_norm("x", WIDTH);
	let [query, key, value] = [(); 3].map(|()| net.project(&normal, WIDTH, WIDTH));
	let key = net.node("Transpose", &[&key], &[("perm", &[0, 2, 1])]);
	let scores = net.product("MatMul", [&query, &key], &[], &[]);
	let root = net.constant(&[], vec![(WIDTH as f32).sqrt()]);
	let scores = net.node("Div", &[&scores, &root], &[]);
	let shares = net.node("Softmax", &[&scores], &[("axis", &[-1])]);
	let heard = net.product("MatMul", [&shares, &value], &[], &[]);
	let heard = net.project(&heard, WIDTH, WIDTH);
	let sum = net.node("Add", &["x", &heard], &[]);
	let normal = net.layer_norm(&sum, WIDTH);
	let wide = net.project(&normal, WIDTH, 2 * WIDTH);
	let wide = net.gelu(&wide);
	let narrow = net.project(&wide, 2 * WIDTH, WIDTH);
	let sum = net.node("Add", &[&sum, &narrow], &[]);
	net.layer_norm(&sum, WIDTH);
	net.finish(&[16, WIDTH], &[16, WIDTH])
}

/// One convolution, of 32 channels to as many.
pub fn convolution(seed: u64) -> Vec<u8> {
	let mut net = Network::new(seed, Operands::Whole);
	net.conv("x", 32, 32, 0);
	net.finish(&[32, 14, 14], &[32, 12, 12])
}

/// One layer normalization of what the requester sends.
pub fn normalization(width: i64) -> Vec<u8> {
	let mut net = Network::new(1, Operands::Whole);
	net.layer_norm("x", width);
	net.finish(&[width], &[width])
}

/// The same without factors or summands.
pub fn plain_normalization(width: i64) -> Vec<u8> {
	let mut net = Network::new(1, Operands::Whole);
	let (ones, zeros) = (vec![1.0; width as usize], vec![0.0; width as usize]);
	let (ones, zeros) = (net.constant(&[width], ones), net.constant(&[width], zeros));
	net.node("LayerNormalization", &["x", &ones, &zeros], &[("axis", &[-1])]);
	net.finish(&[width], &[width])
}

/// One softmax of what the requester sends.
pub fn softmax() -> Vec<u8> {
	let mut net = Network::new(2, Operands::Whole);
	net.node("Softmax", &["x"], &[("axis", &[-1])]);
	net.finish(&[256], &[256])
}

/// Sums of a thousand products.
pub fn sums() -> Vec<u8> {
	let mut net = Network::new(3, Operands::Whole);
	net.dense("x", 1024, 16);
	net.finish(&[1024], &[16])
}

/// Ten sums of 64 products, and what is left of one sum less the same in another order, many times
/// over, for as far as `x₀` is above 8.
pub fn trap() -> Vec<u8> {
	let mut net = Network::new(4, Operands::Whole);
	let plain = net.dense("x", 64, 10);
	let column = net.weights(&[64, 1], 64);
	let mut backward = net.weights.last().unwrap().float_data.clone();
	backward.reverse();
	let backward = net.constant(&[64, 1], backward);
	let order = net.indices("order", (0..64).rev().collect());
	let turned = net.node("Gather", &["x", &order], &[("axis", &[1])]);
	let [sum, same] = [("x", &column), (turned.as_str(), &backward)]
		.map(|(x, weights)| net.node("MatMul", &[x, weights], &[]));
	let rest = net.node("Sub", &[&sum, &same], &[]);
	let mut first = vec![0.0; 64];
	first[0] = 1.0;
	let (first, bias) = (net.constant(&[64, 1], first), net.constant(&[1], vec![-8.0]));
	let gate = net.node("Gemm", &["x", &first, &bias], &[]);
	let gate = net.node("Relu", &[&gate], &[]);
	let times = net.constant(&[], vec![2f32.powi(40)]);
	let rest = net.node("Mul", &[&rest, &times], &[]);
	let rest = net.node("Mul", &[&rest, &gate], &[]);
	net.node("Add", &[&plain, &rest], &[]);
	net.finish(&[64], &[10])
}

/// A sigmoid far down its tail, multiplied: what engines cut off there is seen.
pub fn tail() -> Vec<u8> {
	let mut net = Network::new(5, Operands::Whole);
	let far = net.constant(&[], vec![-30.0]);
	let far = net.node("Add", &["x", &far], &[]);
	let tail = net.node("Sigmoid", &[&far], &[]);
	let times = net.constant(&[], vec![2f32.powi(44)]);
	net.node("Mul", &[&tail, &times], &[]);
	net.finish(&[64], &[64])
}

/// Products that float32 cannot hold, whose exact sum it can, multiplied.
pub fn underflow() -> Vec<u8> {
	let mut net = Network::new(6, Operands::Whole);
	let tiny = net.constant(&[], vec![2f32.powi(-75)]);
	let weights = net.weights(&[1024, 8], 2);
	let (x, weights) =
		(net.node("Mul", &["x", &tiny], &[]), net.node("Mul", &[&weights, &tiny], &[]));
	let sum = net.node("MatMul", &[&x, &weights], &[]);
	let times = net.constant(&[], vec![2f32.powi(75)]);
	let sum = net.node("Mul", &[&sum, &times], &[]);
	net.node("Mul", &[&sum, &times], &[]);
	net.finish(&[1024], &[8])
}

//! A network of the shape and size of MobileNetV1 for pictures of 224 × 224, with made-up weights:
//! a convolution, thirteen pairs of a depthwise and a pointwise one, each convolution with a ReLU6,
//! then the mean of each channel and a linear layer. 4.2 million weights, 580 million terms.
//!
//! Normalizations are thought to be folded into the convolutions, as exporters do.

use super::{float32, initialiser, integer, integers, model, node, weight, Message};
use assay_primitives::tensor::{DType, Dimension, Tensor, TensorSpec};

/// The side of its pictures.
const SIDE: u64 = 224;
/// The channels of its pictures.
const COLORS: u64 = 3;
/// The channels of the first convolution.
const FIRST: u64 = 32;
/// The channels of each pair of convolutions, and the stride of its depthwise one.
const PAIRS: [(u64, u64); 13] = [
	(64, 1),
	(128, 2),
	(128, 1),
	(256, 2),
	(256, 1),
	(512, 2),
	(512, 1),
	(512, 1),
	(512, 1),
	(512, 1),
	(512, 1),
	(1024, 2),
	(1024, 1),
];
/// What it tells apart.
const CLASSES: u64 = 1000;

/// The shape of a picture.
const PICTURE: [u64; 4] = [1, COLORS, SIDE, SIDE];

/// Nodes and weights in the making.
#[derive(Default)]
struct Network {
	nodes: Vec<Message>,
	weights: Vec<Message>,
}

impl Network {
	/// Add weights of the spread that keeps a layer's outputs about as large as its inputs, of
	/// which each output reads `inputs`.
	fn weights(&mut self, shape: &[u64], inputs: u64) -> String {
		let (name, seed) = (format!("w{}", self.weights.len()), self.weights.len() as u64 + 1);
		let (count, spread) = (shape.iter().product(), (24.0 / inputs as f32).sqrt());
		let values = (0..count).map(|index: u64| spread * weight((index << 8) + seed));
		self.weights.push(initialiser(&name, shape, values));
		name
	}

	fn push(&mut self, node: impl FnOnce(&str) -> Message) -> String {
		let output = format!("n{}", self.nodes.len());
		self.nodes.push(node(&output));
		output
	}

	/// A convolution and its ReLU6: between all channels, or within each.
	fn layer(&mut self, x: &str, [from, to]: [u64; 2], [side, stride]: [u64; 2]) -> String {
		// A pair's depthwise convolution keeps its channels; its pointwise one has a kernel of one.
		let group = if from == to && side > 1 { from } else { 1 };
		let inputs = from / group * side * side;
		let weights = self.weights(&[to, from / group, side, side], inputs);
		let bias = self.weights(&[to], 24);
		let pad = side / 2;
		let convolved = self.push(|output| {
			node("Conv", &[x, &weights, &bias], output)
				.message(5, integers("kernel_shape", &[side, side]))
				.message(5, integers("pads", &[pad, pad, pad, pad]))
				.message(5, integers("strides", &[stride, stride]))
				.message(5, integer("group", group))
		});
		self.push(|output| node("Clip", &[&convolved, "zero", "six"], output))
	}
}

/// The file.
pub fn file() -> Vec<u8> {
	let mut network = Network::default();
	let mut x = network.layer("x", [COLORS, FIRST], [3, 2]);
	let mut from = FIRST;
	for (to, stride) in PAIRS {
		x = network.layer(&x, [from, from], [3, stride]);
		x = network.layer(&x, [from, to], [1, 1]);
		from = to;
	}
	let means = network.push(|output| node("GlobalAveragePool", &[&x], output));
	let flat = network.push(|output| node("Flatten", &[&means], output));
	let weights = network.weights(&[from, CLASSES], from);
	let bias = network.weights(&[CLASSES], 24);
	network.nodes.push(node("Gemm", &[&flat, &weights, &bias], "y"));
	let bounds = [("zero", 0.0), ("six", 6.0)];
	let bounds = bounds.map(|(name, bound)| initialiser(name, &[], [bound].into_iter()));
	network.weights.extend(bounds);
	model(network.nodes, network.weights, [&PICTURE, &[1, CLASSES]])
}

/// What a job gives it.
pub fn input() -> TensorSpec {
	float32("x", &PICTURE.map(|length| Dimension::Fixed(length as u32)))
}

/// A picture of noise.
pub fn picture() -> Tensor {
	let count = PICTURE.iter().product::<u64>();
	let pixels = (0..count).flat_map(|index| (4.0 * weight(index)).to_le_bytes()).collect();
	let shape = PICTURE.map(|length| length as u32).to_vec();
	Tensor::new(DType::Float32, shape, pixels).expect("as many bytes as the shape asks for")
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::market;
	use assay_worker::canonical::CanonicalModel;

	#[test]
	fn it_is_as_large_as_its_model() {
		let (file, input) = (file(), input());
		input.check(picture().dtype, &picture().shape).unwrap();
		let spec = market::canonical_declaration(&file, "", vec![input]).unwrap();
		let model = CanonicalModel::of_version(&file, &spec).unwrap();
		assert_eq!(model.weight_bytes() / 4, 4_221_034);
		assert_eq!(spec.commitments.cost.terms / 1_000_000, 579);
		let shape = &spec.outputs[0].shape;
		assert_eq!(shape.to_vec(), [Dimension::Fixed(1), Dimension::Fixed(1000)]);
	}
}

//! Real models, end to end in the canonical engine, beside ONNX Runtime on the same inputs.
//!
//! ONNX Runtime and the models are those that `scripts/setup.sh --tests` fetches; the ResNet-style
//! network is written here.

use assay_canon::graph::Graph;
use assay_primitives::{
	canonical::Constant,
	model::{Class, VersionSpec},
	tensor::{DType, Dimension, Tensor},
};
use assay_worker::{
	artifact::{artifact_of, VerifiedFile, VerifiedModel},
	batch::batch_of,
	canonical::{CanonicalModel, Options},
	config::Device,
	engine::{
		ort::{library_path, OrtEngine},
		Engine,
	},
	onnx::proto::{
		AttributeProto, DimensionProto, GraphProto, Length, ModelProto, NodeProto,
		OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
		ValueInfoProto,
	},
};
use prost::Message;
use std::path::PathBuf;
use Dimension::{Fixed, UpTo};

#[path = "support/versions.rs"]
mod versions;

use versions::{tensor_spec, version};

/// The bytes of a model that the tests fetch.
fn file(name: &str) -> Vec<u8> {
	let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
	let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap();
	let models = std::env::var_os("ASSAY_MODELS");
	let models = models.map_or(cache.join("assay/models"), PathBuf::from);
	let path = models.join(name).join("model.onnx");
	std::fs::read(&path)
		.unwrap_or_else(|_| panic!("no {}: run scripts/setup.sh --tests", path.display()))
}

fn floats(shape: &[u32], values: impl Iterator<Item = f32>) -> Tensor {
	let count: u32 = shape.iter().product();
	let data = values.take(count as usize).flat_map(f32::to_le_bytes).collect();
	Tensor::new(DType::Float32, shape.to_vec(), data).unwrap()
}

fn integers(shape: &[u32], values: impl Iterator<Item = i64>) -> Tensor {
	let count: u32 = shape.iter().product();
	let data = values.take(count as usize).flat_map(i64::to_le_bytes).collect();
	Tensor::new(DType::Int64, shape.to_vec(), data).unwrap()
}

/// Values between −1 and 1, the same on every machine.
fn noise(seed: u32) -> impl Iterator<Item = f32> {
	(0u32..).map(move |at| {
		let mut word = at.wrapping_add(seed.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0x9e37_79b9);
		word = (word ^ (word >> 15)).wrapping_mul(0x2c1b_3c6d);
		(word >> 8) as f32 / 8_388_608.0 - 1.0
	})
}

fn values(tensor: &Tensor) -> Vec<f32> {
	let (elements, _) = tensor.data.as_chunks();
	elements.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// The largest distance of ONNX Runtime's outputs from the canonical ones, and how many elements
/// were compared.
fn distance(bytes: &[u8], spec: &VersionSpec, inputs: &[Tensor]) -> (f32, usize) {
	let model = CanonicalModel::of_version(bytes, spec).unwrap();
	let canonical = model.run(inputs, &Options::default()).unwrap().outputs.unwrap();
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("model");
	std::fs::write(&path, bytes).unwrap();
	let file = VerifiedFile::check(&path, artifact_of(bytes)).unwrap().unwrap();
	let engine = OrtEngine::new(Device::Cpu, 1).with_library(library_path());
	let prepared = engine.prepare(&VerifiedModel { spec: spec.clone(), file }).unwrap();
	let reference = prepared.run(inputs).unwrap();
	assert_eq!(canonical.len(), reference.len());
	let (mut largest, mut count) = (0f32, 0);
	for (canonical, reference) in canonical.iter().zip(&reference) {
		assert_eq!((canonical.dtype, &canonical.shape), (reference.dtype, &reference.shape));
		for (left, right) in values(canonical).into_iter().zip(values(reference)) {
			assert!(left.is_finite() && right.is_finite());
			largest = largest.max((left - right).abs());
			count += 1;
		}
	}
	(largest, count)
}

#[test]
fn silero_vad_hears_what_onnx_runtime_hears() {
	let bytes = file("silero-vad");
	let constant = Constant {
		name: b"sr".to_vec().try_into().unwrap(),
		dtype: DType::Int64,
		shape: Default::default(),
		data: 16_000i64.to_le_bytes().to_vec().try_into().unwrap(),
	};
	let inputs = vec![
		tensor_spec("input", DType::Float32, &[UpTo(4), Fixed(576)]),
		tensor_spec("state", DType::Float32, &[Fixed(2), UpTo(4), Fixed(128)]),
	];
	let spec = version(&bytes, inputs, vec![constant]);
	// The batch is one symbol of both inputs, but not the first length of both.
	assert_eq!(batch_of(&imported(&bytes, &spec)), None);
	assert_eq!(spec.commitments.symbols.len(), 1);
	assert_eq!(spec.commitments.symbols[0].len(), 2);
	for batch in [1, 3] {
		let tone = (0..).map(|at: u32| (at as f32 * 0.17).sin() * 0.4);
		let sound =
			floats(&[batch, 576], tone.zip(noise(1)).map(|(tone, hiss)| tone + hiss / 10.0));
		let state = floats(&[2, batch, 128], noise(2).map(|value| value / 4.0));
		let (largest, count) = distance(&bytes, &spec, &[sound, state]);
		assert_eq!(count as u32, batch + 2 * batch * 128);
		assert!(largest < 2e-5, "{largest}");
	}
}

#[test]
fn minilm_embeds_as_onnx_runtime_does() {
	let bytes = file("minilm");
	let ids = |name| tensor_spec(name, DType::Int64, &[UpTo(8), UpTo(128)]);
	let inputs = ["input_ids", "attention_mask", "token_type_ids"].map(ids).to_vec();
	let spec = version(&bytes, inputs, vec![]);
	assert_eq!(spec.commitments.symbols.len(), 2);
	// Not all of its operators are known to keep the entries of a batch apart.
	assert_eq!(batch_of(&imported(&bytes, &spec)), None);
	// Only the weights are integers, and nothing of a job jumps.
	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	assert_eq!(model.strictest(), Class::Tolerant);
	let words = integers(&[2, 12], (0..).map(|at| 1000 + at * 97));
	let mask = integers(&[2, 12], (0..).map(|at| i64::from(at < 20)));
	let types = integers(&[2, 12], std::iter::repeat(0));
	let (largest, count) = distance(&bytes, &spec, &[words, mask, types]);
	assert_eq!(count, 2 * 12 * 384);
	assert!(largest < 1e-4, "{largest}");
}

/// The graph of a version.
fn imported(bytes: &[u8], spec: &VersionSpec) -> Graph {
	CanonicalModel::of_version(bytes, spec).unwrap().imported().graph.clone()
}

/// A declared float32 value.
fn value(name: &str, dims: &[i64]) -> ValueInfoProto {
	let dim = |length: &i64| DimensionProto { value: Some(Length::Fixed(*length)) };
	let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
	let tensor_type = Some(TensorTypeProto { elem_type: 1, shape });
	ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

/// Nodes and weights of a network in the making.
#[derive(Default)]
struct Network {
	nodes: Vec<NodeProto>,
	weights: Vec<TensorProto>,
}

impl Network {
	/// Add weights of about the size that keeps a layer's outputs near those of its inputs.
	fn weights(&mut self, dims: &[i64], middle: f32, spread: f32) -> String {
		let name = format!("w{}", self.weights.len());
		let count = dims.iter().product::<i64>() as usize;
		let seed = self.weights.len() as u32 + 10;
		self.weights.push(TensorProto {
			name: name.clone(),
			dims: dims.to_vec(),
			data_type: 1,
			float_data: noise(seed).take(count).map(|value| middle + spread * value).collect(),
			..TensorProto::default()
		});
		name
	}

	fn node(&mut self, operator: &str, inputs: &[&str], ints: &[(&str, &[i64])]) -> String {
		let output = format!("n{}", self.nodes.len());
		let attribute = |(name, ints): &(&str, &[i64])| AttributeProto {
			name: (*name).into(),
			ints: ints.to_vec(),
			r#type: 7,
			..AttributeProto::default()
		};
		self.nodes.push(NodeProto {
			input: inputs.iter().map(|name| (*name).into()).collect(),
			output: vec![output.clone()],
			op_type: operator.into(),
			attribute: ints.iter().map(attribute).collect(),
			..NodeProto::default()
		});
		output
	}

	/// A convolution with its batch normalization.
	fn layer(&mut self, x: &str, [from, to]: [i64; 2], kernel: i64, stride: i64) -> String {
		let spread = 1.5 / ((from * kernel * kernel) as f32).sqrt();
		let weights = self.weights(&[to, from, kernel, kernel], 0.0, spread);
		let pad = kernel / 2;
		let attributes: [(&str, &[i64]); 2] =
			[("pads", &[pad, pad, pad, pad]), ("strides", &[stride, stride])];
		let convolved = self.node("Conv", &[x, &weights], &attributes);
		let [scale, shift, mean, variance] = [(1.0, 0.2), (0.0, 0.3), (0.0, 0.2), (1.0, 0.5)]
			.map(|(middle, spread)| self.weights(&[to], middle, spread));
		self.node("BatchNormalization", &[&convolved, &scale, &shift, &mean, &variance], &[])
	}

	/// Two layers beside a way around them.
	fn block(&mut self, x: &str, [from, to]: [i64; 2], stride: i64) -> String {
		let inner = self.layer(x, [from, to], 3, stride);
		let inner = self.node("Relu", &[&inner], &[]);
		let inner = self.layer(&inner, [to, to], 3, 1);
		let around = if from == to { x.to_string() } else { self.layer(x, [from, to], 1, stride) };
		let sum = self.node("Add", &[&inner, &around], &[]);
		self.node("Relu", &[&sum], &[])
	}
}

/// The stem, three blocks and the head of a residual network for images of 64 × 64.
fn resnet() -> Vec<u8> {
	let mut net = Network::default();
	let stem = net.layer("x", [3, 16], 7, 2);
	let stem = net.node("Relu", &[&stem], &[]);
	let window: [(&str, &[i64]); 3] =
		[("kernel_shape", &[3, 3]), ("pads", &[1, 1, 1, 1]), ("strides", &[2, 2])];
	let pooled = net.node("MaxPool", &[&stem], &window);
	let first = net.block(&pooled, [16, 16], 1);
	let second = net.block(&first, [16, 32], 2);
	let third = net.block(&second, [32, 64], 2);
	let means = net.node("GlobalAveragePool", &[&third], &[]);
	let flat = net.node("Flatten", &[&means], &[]);
	let (weights, bias) = (net.weights(&[64, 10], 0.0, 0.2), net.weights(&[10], 0.0, 0.1));
	let logits = net.node("Gemm", &[&flat, &weights, &bias], &[]);
	let output = net.node("Softmax", &[&logits], &[]);
	let graph = GraphProto {
		node: net.nodes,
		initializer: net.weights,
		input: vec![value("x", &[2, 3, 64, 64])],
		output: vec![value(&output, &[2, 10])],
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

#[test]
fn a_residual_network_sees_what_onnx_runtime_sees() {
	let bytes = resnet();
	let shape = [Fixed(2), Fixed(3), Fixed(64), Fixed(64)];
	let spec = version(&bytes, vec![tensor_spec("x", DType::Float32, &shape)], vec![]);
	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	assert_eq!(model.strictest(), Class::Tolerant);
	let image = floats(&[2, 3, 64, 64], noise(3));
	let (largest, count) = distance(&bytes, &spec, &[image]);
	assert_eq!(count, 20);
	assert!(largest < 1e-6, "{largest}");
}

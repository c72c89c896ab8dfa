//! Which versions' jobs may share engine calls.
//!
//! ONNX Runtime and the magika model are those that `scripts/setup.sh` fetches.

use assay_primitives::{
	model::{Class, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor},
	VersionId,
};
use assay_worker::{
	batch::{batch_of, find, Batches, Joint},
	calibration::compare,
	canonical::{CanonicalModel, Options},
	config::Device,
	engine::{
		canonical::CanonicalEngine, ort::library_path, ByClass, Engine, EngineError, Runnable,
		VerifiedModel,
	},
	models::Models,
	onnx::proto::{
		AttributeProto, DimensionProto, GraphProto, Length, ModelProto, NodeProto,
		OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
		ValueInfoProto,
	},
	store::FileStore,
};
use prost::Message;
use std::{
	sync::{Arc, Mutex},
	time::Duration,
};
use tempfile::TempDir;

#[path = "support/magika.rs"]
mod magika;
#[path = "support/versions.rs"]
mod versions;

use versions::{tensor_spec, version};

/// Models of an engine in a folder, with a file that they have already.
async fn models(engine: impl Engine, bytes: &[u8], budget: u64) -> (Models, TempDir) {
	let folder = TempDir::new().unwrap();
	let store = FileStore::open(folder.path().join("artifacts"), 1 << 30, false).unwrap();
	let models = Models::new(Arc::new(engine), Arc::new(store), budget);
	models.publish(bytes.to_vec()).await.unwrap();
	(models, folder)
}

/// The canonical engine, which takes so long for a call of so many entries, and may add to them.
struct Timed {
	pause: fn(u32) -> u64,
	moves: bool,
}

struct Prepared(Box<dyn Runnable>, fn(u32) -> u64, bool);

impl Engine for Timed {
	fn name(&self) -> String {
		"timed".into()
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		Ok(Box::new(Prepared(CanonicalEngine::new(1).prepare(model)?, self.pause, self.moves)))
	}
}

impl Runnable for Prepared {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let entries = inputs[0].shape[0];
		std::thread::sleep(Duration::from_millis((self.1)(entries)));
		let mut outputs = self.0.run(inputs)?;
		if self.2 && entries > 1 {
			// The last element of the last entry.
			let data = &mut outputs[0].data;
			let at = data.len() - 4;
			data[at..].copy_from_slice(&1e3f32.to_le_bytes());
		}
		Ok(outputs)
	}

	fn memory(&self) -> u64 {
		1
	}
}

/// Takes as long for several entries as for one.
const FASTER: Timed = Timed { pause: |_| 5, moves: false };

fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
	NodeProto {
		input: inputs.iter().map(|name| (*name).into()).collect(),
		output: vec![output.into()],
		op_type: operator.into(),
		..NodeProto::default()
	}
}

fn with_ints(node: NodeProto, name: &str, ints: &[i64]) -> NodeProto {
	let attribute =
		AttributeProto { name: name.into(), ints: ints.to_vec(), r#type: 7, ..Default::default() };
	NodeProto { attribute: vec![attribute], ..node }
}

/// A graph from `x` to `y`, float32 of these lengths, of which zero is the batch.
fn graph(nodes: Vec<NodeProto>, input: &[i64], output: &[i64]) -> Vec<u8> {
	let value = |name: &str, lengths: &[i64]| {
		let length = |length: &i64| match length {
			0 => Length::Symbol("n".into()),
			length => Length::Fixed(*length),
		};
		let dim = lengths.iter().map(|of| DimensionProto { value: Some(length(of)) }).collect();
		let shape = Some(TensorShapeProto { dim });
		let tensor_type = Some(TensorTypeProto { elem_type: 1, shape });
		ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
	};
	let thousand = TensorProto {
		name: "thousand".into(),
		data_type: 1,
		float_data: vec![1e3],
		..TensorProto::default()
	};
	let graph = GraphProto {
		node: nodes,
		initializer: vec![thousand],
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

/// A version of class `Tolerant` of a graph whose batch is up to 64.
fn tolerant(bytes: &[u8], lengths: &[i64]) -> VersionSpec {
	let dimension = |length: &i64| match length {
		0 => Dimension::UpTo(64),
		length => Dimension::Fixed(*length as u32),
	};
	let shape: Vec<Dimension> = lengths.iter().map(dimension).collect();
	let spec = version(bytes, vec![tensor_spec("x", DType::Float32, &shape)], vec![]);
	let (absolute, relative) = (1e-5f32.to_bits(), 1e-4f32.to_bits());
	let tolerance = Some(Tolerance { absolute, relative, row_axis: 1 });
	VersionSpec { class: Class::Tolerant, tolerance, ..spec }
}

/// `y = softmax(x)` of rows of four, each an entry.
fn rows() -> (Vec<u8>, VersionSpec) {
	let bytes = graph(vec![node("Softmax", &["x"], "y")], &[0, 4], &[0, 4]);
	let spec = tolerant(&bytes, &[0, 4]);
	(bytes, spec)
}

async fn found(engine: impl Engine, bytes: &[u8], spec: &VersionSpec) -> Option<Joint> {
	let (models, _folder) = models(engine, bytes, 1 << 30).await;
	find(&models, spec, 8).await.unwrap()
}

#[tokio::test]
async fn jobs_share_calls_where_that_is_measured_to_be_right_and_faster() {
	let (bytes, spec) = rows();
	assert_eq!(found(FASTER, &bytes, &spec).await, Some(Joint { jobs: 8, entries: 64 }));
}

#[tokio::test]
async fn jobs_are_run_one_by_one_where_that_is_faster() {
	let (bytes, spec) = rows();
	let slower = Timed { pause: |entries| u64::from(entries * entries), moves: false };
	assert_eq!(found(slower, &bytes, &spec).await, None);
}

#[tokio::test]
async fn an_engine_that_computes_otherwise_together_is_given_one_job_at_a_time() {
	let (bytes, spec) = rows();
	assert_eq!(found(Timed { moves: true, ..FASTER }, &bytes, &spec).await, None);
}

#[tokio::test]
async fn only_versions_whose_bits_may_differ_are_run_together() {
	let (bytes, spec) = rows();
	let canonical = VersionSpec { class: Class::Canonical, tolerance: None, ..spec };
	assert_eq!(found(FASTER, &bytes, &canonical).await, None);
}

#[tokio::test]
async fn a_joint_call_takes_no_more_memory_than_the_budget() {
	let name = |at: usize| if at == 16 { "y".to_owned() } else { format!("n{at}") };
	let chained = |at: usize| {
		node("Sin", &[if at == 1 { "x".into() } else { name(at - 1) }.as_str()], &name(at))
	};
	let bytes = graph((1..=16).map(chained).collect(), &[0, 4], &[0, 4]);
	let spec = tolerant(&bytes, &[0, 4]);
	let within = |budget| {
		let (bytes, spec) = (bytes.clone(), spec.clone());
		async move {
			let (models, _folder) = models(FASTER, &bytes, budget).await;
			find(&models, &spec, 8).await.unwrap()
		}
	};
	let trace = spec.commitments.cost.trace_bytes;
	assert_eq!(trace, 16 * 1024);
	assert_eq!(within(trace).await, Some(Joint { jobs: 8, entries: 64 }));
	// A job of 64 rows of four floats holds 1 KiB, and as much again in its output.
	assert_eq!(within(trace / 2).await, Some(Joint { jobs: 4, entries: 32 }));
	assert_eq!(within(2048).await, None);
}

/// No input of a measurement has an element above a thousand, which alone would show it.
#[tokio::test]
async fn a_graph_that_mixes_its_batch_on_secret_inputs_is_never_given_several_jobs() {
	let shared_along = |axis: i64| {
		let nodes = vec![
			node("Sub", &["x", "thousand"], "s"),
			node("Relu", &["s"], "r"),
			with_ints(node("ReduceMax", &["r"], "m"), "axes", &[axis]),
			node("Add", &["x", "m"], "y"),
		];
		let bytes = graph(nodes, &[0, 4], &[0, 4]);
		let spec = tolerant(&bytes, &[0, 4]);
		async move { found(FASTER, &bytes, &spec).await }
	};
	assert_eq!(shared_along(0).await, None);
	assert!(shared_along(1).await.is_some());
}

fn batch_of_graph(nodes: Vec<NodeProto>, input: &[i64], output: &[i64]) -> Option<usize> {
	let bytes = graph(nodes, input, output);
	let spec = tolerant(&bytes, input);
	batch_of(&CanonicalModel::declared(&bytes, &spec).unwrap().imported().graph)
}

#[test]
fn entries_are_known_to_be_apart_where_the_graph_shows_it() {
	let of = |nodes| batch_of_graph(nodes, &[0, 4], &[0, 4]);
	assert_eq!(of(vec![node("Relu", &["x"], "y")]), Some(0));
	let turned = vec![
		with_ints(node("Transpose", &["x"], "t"), "perm", &[1, 0]),
		node("Sin", &["t"], "s"),
		with_ints(node("Transpose", &["s"], "y"), "perm", &[1, 0]),
	];
	assert_eq!(of(turned), Some(0));
	let reduced = with_ints(node("ReduceMean", &["x"], "m"), "axes", &[1]);
	assert_eq!(of(vec![reduced, node("Sub", &["x", "m"], "y")]), Some(0));

	// Every entry times every other: x xᵀ x.
	let products = vec![
		with_ints(node("Transpose", &["x"], "t"), "perm", &[1, 0]),
		node("MatMul", &["t", "x"], "p"),
		node("MatMul", &["x", "p"], "y"),
	];
	assert_eq!(of(products), None);
	let mixed = with_ints(node("ReduceMean", &["x"], "m"), "axes", &[0]);
	assert_eq!(of(vec![mixed, node("Sub", &["x", "m"], "y")]), None);
	let flattened = vec![node("Flatten", &["x"], "f"), node("Softmax", &["f"], "y")];
	assert_eq!(of(flattened), Some(0));
}

#[test]
fn images_are_apart_through_convolutions_and_pooling() {
	let pool =
		|input, output| with_ints(node("MaxPool", &[input], output), "kernel_shape", &[2, 2]);
	let nodes =
		vec![node("Relu", &["x"], "r"), pool("r", "p"), node("GlobalAveragePool", &["p"], "y")];
	assert_eq!(batch_of_graph(nodes, &[0, 3, 8, 8], &[0, 3, 1, 1]), Some(0));
}

#[test]
fn magika_may_be_run_for_several_jobs_at_once() {
	let (bytes, spec) = magika_version();
	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	assert_eq!(batch_of(&model.imported().graph), Some(0));
}

fn magika_version() -> (Vec<u8>, VersionSpec) {
	let bytes = magika::file();
	let [input, _] = magika::declared(64);
	let spec = version(&bytes, vec![input], vec![]);
	let (absolute, relative) = (1e-5f32.to_bits(), 1e-4f32.to_bits());
	let tolerance = Some(Tolerance { absolute, relative, row_axis: 1 });
	(bytes, VersionSpec { class: Class::Tolerant, tolerance, ..spec })
}

#[tokio::test]
async fn onnx_runtime_gives_every_job_its_own_result() {
	let (bytes, spec) = magika_version();
	let engine = ByClass::new(Device::Cpu, 1).with_library(library_path());
	let (models, _folder) = models(engine, &bytes, 1 << 30).await;
	let (batches, version) = (Batches::new(8), VersionId::default());
	batches.share(version, Joint { jobs: 8, entries: 64 });
	let line = batches.line(version).unwrap();
	let canonical = CanonicalModel::of_version(&bytes, &spec).unwrap();
	let calls = Mutex::new(Vec::new());
	let files: [&[u8]; 5] = [b"a", b"{0", b"<", b"#!x", b"%"];
	let run = |letters: &&[u8]| {
		let inputs: Arc<[Tensor]> = vec![magika::letters(letters)].into();
		let (line, models, spec, calls) = (&line, &models, &spec, &calls);
		async move {
			let outputs = line.run(models, spec, &inputs, |jobs| calls.lock().unwrap().push(jobs));
			(inputs.clone(), outputs.await.unwrap())
		}
	};
	for (inputs, outputs) in futures::future::join_all(files.iter().map(run)).await {
		let expected = canonical.run(&inputs, &Options::default()).unwrap().outputs.unwrap();
		compare(&spec, &outputs, &expected).unwrap();
	}
	let calls = calls.into_inner().unwrap();
	assert_eq!(calls.iter().sum::<usize>(), 5);
	assert!(calls.len() < 5, "{calls:?}");
	// It finds an answer in time, whichever it is.
	find(&models, &spec, 8).await.unwrap();
}
